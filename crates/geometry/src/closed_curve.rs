use crate::{Point2, Vector2};

/// A closed plane curve: a uniform periodic cubic B-spline.
///
/// The parameter runs from 0 to the number of control points, one unit a span, and wraps around.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedCurve {
    control: Vec<Point2>,
}

impl ClosedCurve {
    /// The curve with the given control points (at least 4).
    ///
    /// # Panics
    /// If there are fewer than 4 control points.
    #[must_use]
    pub fn from_control(control: Vec<Point2>) -> Self {
        assert!(control.len() >= 4, "a closed cubic needs 4 control points");
        Self { control }
    }

    /// The curve that passes through the given points (at least 4) at whole parameters.
    ///
    /// Solves the cyclic system `c[i-1] + 4 c[i] + c[i+1] = 6 p[i]` by the Sherman-Morrison formula.
    ///
    /// # Panics
    /// If there are fewer than 4 points.
    #[must_use]
    pub fn through(points: &[Point2]) -> Self {
        let coordinate = |axis: usize| {
            solve_cyclic_141(&points.iter().map(|p| 6.0 * p[axis]).collect::<Vec<_>>())
        };
        let (xs, ys) = (coordinate(0), coordinate(1));
        Self::from_control(xs.into_iter().zip(ys).map(|(x, y)| Point2::new(x, y)).collect())
    }

    /// Number of spans, which is the length of the parameter interval.
    #[must_use]
    pub fn spans(&self) -> usize {
        self.control.len()
    }

    /// Point at a parameter; any real number, it wraps.
    #[must_use]
    pub fn point(&self, parameter: f64) -> Point2 {
        let (control, t) = self.span(parameter);
        let weights = [
            (1.0 - t).powi(3) / 6.0,
            (3.0 * t.powi(3) - 6.0 * t * t + 4.0) / 6.0,
            (-3.0 * t.powi(3) + 3.0 * t * t + 3.0 * t + 1.0) / 6.0,
            t.powi(3) / 6.0,
        ];
        Point2::from(combine(&control, weights))
    }

    /// First derivative at a parameter.
    #[must_use]
    pub fn tangent(&self, parameter: f64) -> Vector2 {
        let (control, t) = self.span(parameter);
        let weights = [
            -(1.0 - t).powi(2) / 2.0,
            (3.0 * t * t - 4.0 * t) / 2.0,
            (-3.0 * t * t + 2.0 * t + 1.0) / 2.0,
            t * t / 2.0,
        ];
        combine(&control, weights)
    }

    /// Every span as a cubic Bézier segment, in order; together they are the curve exactly.
    #[must_use]
    pub fn bezier_segments(&self) -> Vec<[Point2; 4]> {
        (0..self.spans())
            .map(|span| {
                let start = self.point(span as f64);
                let end = self.point((span + 1) as f64);
                let out = start + self.tangent(span as f64) / 3.0;
                let back = end - self.tangent((span + 1) as f64) / 3.0;
                [start, out, back, end]
            })
            .collect()
    }

    /// Points on the curve whose chords stay within `tolerance` mm of it and are at most
    /// `longest` mm long; the first point is not repeated at the end.
    #[must_use]
    pub fn polyline(&self, tolerance: f64, longest: f64) -> Vec<Point2> {
        let mut points = Vec::new();
        for [a, b, c, d] in self.bezier_segments() {
            // Chord error of n equal pieces of a cubic is at most 6 M / (8 n²), M its largest second
            // control difference (Wang 1984; in Goldman, Pyramid Algorithms, 2003).
            let bend = (c.coords - 2.0 * b.coords + a.coords)
                .norm()
                .max((d.coords - 2.0 * c.coords + b.coords).norm());
            let by_tolerance = (6.0 * bend / (8.0 * tolerance)).sqrt();
            let length = (b - a).norm() + (c - b).norm() + (d - c).norm();
            let pieces = by_tolerance.max(length / longest).ceil().max(1.0) as usize;
            points.extend(
                (0..pieces).map(|piece| bezier_point(&[a, b, c, d], piece as f64 / pieces as f64)),
            );
        }
        points
    }

    /// The mirror image in x = 0, run through in the opposite sense so that its turn is kept.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        Self { control: self.control.iter().rev().map(|p| Point2::new(-p.x, p.y)).collect() }
    }

    fn span(&self, parameter: f64) -> ([Point2; 4], f64) {
        let count = self.control.len();
        let wrapped = parameter.rem_euclid(count as f64);
        let first = (wrapped as usize).min(count - 1);
        let control = std::array::from_fn(|k| self.control[(first + k + count - 1) % count]);
        (control, wrapped - first as f64)
    }
}

fn combine(control: &[Point2; 4], weights: [f64; 4]) -> Vector2 {
    control.iter().zip(weights).map(|(point, weight)| point.coords * weight).sum()
}

fn bezier_point(&[a, b, c, d]: &[Point2; 4], t: f64) -> Point2 {
    let s = 1.0 - t;
    Point2::from(
        a.coords * (s * s * s)
            + b.coords * (3.0 * s * s * t)
            + c.coords * (3.0 * s * t * t)
            + d.coords * (t * t * t),
    )
}

/// Solves `x[i-1] + 4 x[i] + x[i+1] = right[i]` with wrapped indices.
fn solve_cyclic_141(right: &[f64]) -> Vec<f64> {
    let count = right.len();
    assert!(count >= 4, "a closed cubic needs 4 points");
    // Matrix = tridiagonal + u vᵀ with u = (g, 0, …, 0, 1), v = (1, 0, …, 0, 1/g).
    let g = -4.0;
    let mut diagonal = vec![4.0; count];
    diagonal[0] -= g;
    diagonal[count - 1] -= 1.0 / g;
    let tridiagonal = |right: &[f64]| {
        let mut upper = vec![0.0; count];
        let mut solution = vec![0.0; count];
        let mut pivot = diagonal[0];
        solution[0] = right[0] / pivot;
        for i in 1..count {
            upper[i - 1] = 1.0 / pivot;
            pivot = diagonal[i] - upper[i - 1];
            solution[i] = (right[i] - solution[i - 1]) / pivot;
        }
        for i in (0..count - 1).rev() {
            solution[i] -= upper[i] * solution[i + 1];
        }
        solution
    };
    let plain = tridiagonal(right);
    let mut corner = vec![0.0; count];
    corner[0] = g;
    corner[count - 1] = 1.0;
    let correction = tridiagonal(&corner);
    let factor =
        (plain[0] + plain[count - 1] / g) / (1.0 + correction[0] + correction[count - 1] / g);
    plain.iter().zip(&correction).map(|(p, c)| p - factor * c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polygon;

    fn circle(count: usize, radius: f64) -> ClosedCurve {
        let points: Vec<Point2> = (0..count)
            .map(|i| {
                let angle = std::f64::consts::TAU * i as f64 / count as f64;
                Point2::new(radius * angle.cos(), radius * angle.sin())
            })
            .collect();
        ClosedCurve::through(&points)
    }

    #[test]
    fn passes_through_its_points() {
        let curve = circle(16, 10.0);
        for i in 0..16 {
            assert!((curve.point(f64::from(i)).coords.norm() - 10.0).abs() < 1e-12);
        }
        assert!((curve.point(3.0) - curve.point(19.0)).norm() < 1e-12, "the parameter wraps");
    }

    #[test]
    fn polyline_keeps_its_tolerance() {
        let curve = circle(24, 40.0);
        let points = curve.polyline(0.01, 5.0);
        let area = polygon::signed_area(&points);
        assert!((area - std::f64::consts::PI * 1600.0).abs() < 0.01 * 251.4, "area {area}");
        for step in 0..2400 {
            let on_curve = curve.point(f64::from(step) * 0.01);
            assert!(polygon::distance_to_border(&points, on_curve) < 0.01);
        }
    }

    #[test]
    fn mirrored_curve_keeps_its_turn() {
        let curve = circle(12, 5.0);
        let area = |c: &ClosedCurve| polygon::signed_area(&c.polyline(0.01, 1.0));
        assert!((area(&curve) - area(&curve.mirrored_x())).abs() < 1e-9);
    }
}
