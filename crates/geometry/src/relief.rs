use crate::{GraphSurface, Point2, Rect, polygon};

/// A pattern that is set off from a surface: text or a code, sunk into it or raised from it, with upright walls.
///
/// The distance is the same everywhere, along the surface's normal.
#[derive(Clone, Debug, PartialEq)]
pub struct Relief {
    loops: Vec<Vec<Point2>>,
    depth_mm: f64,
    area: Rect,
}

impl Relief {
    /// The pattern that lies inside an odd number of the loops; `None` if no loop encloses anything.
    ///
    /// `depth_mm` counts into the material: negative is raised. Loops repeat no corner and touch neither
    /// themselves nor each other; a mesher refuses those that do.
    #[must_use]
    pub fn new(loops: Vec<Vec<Point2>>, depth_mm: f64) -> Option<Self> {
        let mut loops: Vec<Vec<Point2>> =
            loops.into_iter().filter(|corners| polygon::signed_area(corners) != 0.0).collect();
        let around: Vec<usize> = loops
            .iter()
            .map(|one| loops.iter().filter(|other| polygon::contains(other, one[0])).count())
            .collect();
        for (corners, around) in loops.iter_mut().zip(around) {
            // A loop's own corner may count as inside of it or not: its side alone decides.
            let own = usize::from(polygon::contains(corners, corners[0]));
            if (polygon::signed_area(corners) > 0.0) != (around - own).is_multiple_of(2) {
                corners.reverse();
            }
        }
        let first = *loops.first()?.first()?;
        let (low, high) = loops
            .iter()
            .flatten()
            .fold((first, first), |(low, high), point| (low.inf(point), high.sup(point)));
        Some(Self { loops, depth_mm, area: Rect { low, high } })
    }

    /// Borders of the pattern, counter-clockwise around it and clockwise around what is left out of it.
    #[must_use]
    pub fn loops(&self) -> &[Vec<Point2>] {
        &self.loops
    }

    /// How far the pattern is sunk into the material, mm; negative if it is raised.
    #[must_use]
    pub const fn depth_mm(&self) -> f64 {
        self.depth_mm
    }

    /// The smallest rectangle around the pattern.
    #[must_use]
    pub const fn area(&self) -> Rect {
        self.area
    }

    /// Whether a point lies in the pattern.
    #[must_use]
    pub fn contains(&self, point: Point2) -> bool {
        self.area.contains(point)
            && self.loops.iter().fold(false, |inside, one| inside ^ polygon::contains(one, point))
    }

    /// Height of the pattern's own face over a place of the underside that it is set into.
    #[must_use]
    pub fn face_height(&self, underside: &GraphSurface, point: Point2) -> f64 {
        let jet = underside.jet(point);
        jet.z + self.depth_mm * slant(jet.gradient)
    }

    /// Volume that the pattern takes from the part, mm³; negative if it adds to it.
    ///
    /// Over the fan of triangles from one corner of the pattern to every edge, counted with their signs: the
    /// slope of the underside hardly changes over a mark, so that a few points of each are exact enough.
    #[must_use]
    pub fn volume(&self, underside: &GraphSurface) -> f64 {
        /// Pieces of a triangle's side; the middles of the pieces are looked at.
        const PIECES: u32 = 6;
        let hub = self.area.low;
        let rise = |point: Point2| self.depth_mm * slant(underside.gradient(point));
        let of_triangle = |a: Point2, b: Point2| {
            let (mut sum, mut count) = (0.0, 0);
            for i in 0..PIECES {
                for j in 0..PIECES - i {
                    let share = |step: u32| (f64::from(step) + 1.0 / 3.0) / f64::from(PIECES);
                    sum += rise(hub + (a - hub) * share(i) + (b - hub) * share(j));
                    count += 1;
                }
            }
            0.5 * (a - hub).perp(&(b - hub)) * sum / f64::from(count)
        };
        self.loops.iter().flat_map(|one| polygon::edges(one)).map(|(a, b)| of_triangle(a, b)).sum()
    }

    /// The mirror image in x = 0, as of a shape: text then reads backward.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        let mirrored = |corners: &Vec<Point2>| {
            corners.iter().rev().map(|point| Point2::new(-point.x, point.y)).collect()
        };
        let Rect { low, high } = self.area;
        Self {
            loops: self.loops.iter().map(mirrored).collect(),
            depth_mm: self.depth_mm,
            area: Rect { low: Point2::new(-high.x, low.y), high: Point2::new(-low.x, high.y) },
        }
    }
}

/// Upright distance over distance along the normal.
fn slant([dx, dy]: [f64; 2]) -> f64 {
    (1.0 + dx * dx + dy * dy).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeightField;

    fn square(side: f64) -> Vec<Point2> {
        let half = 0.5 * side;
        [(-half, -half), (half, -half), (half, half), (-half, half)]
            .map(|(x, y)| Point2::new(x + 10.0, y))
            .to_vec()
    }

    #[test]
    fn a_frame_is_its_square_without_the_inner_one() {
        let mut backward = square(4.0);
        backward.reverse();
        for outer in [square(4.0), backward] {
            let frame = Relief::new(vec![square(2.0), outer], 0.5).unwrap();
            let areas: Vec<f64> =
                frame.loops().iter().map(|one| polygon::signed_area(one)).collect();
            assert_eq!(areas, [-4.0, 16.0], "the hole runs the other way");
            assert!(frame.contains(Point2::new(11.5, 0.0)));
            assert!(!frame.contains(Point2::new(10.5, 0.0)));
            assert!(frame.mirrored_x().contains(Point2::new(-11.5, 0.0)));
            let area = Rect { low: Point2::new(-20.0, -20.0), high: Point2::new(20.0, 20.0) };
            let slope = HeightField::from_fn(area, 1.0, |p| 0.75 * p.x);
            let slope = GraphSurface::fit(&slope, 8, 8, 0.0).unwrap();
            assert!((frame.volume(&slope) - 12.0 * 0.5 * 1.25).abs() < 1e-6);
            let face = frame.face_height(&slope, Point2::new(11.5, 0.0));
            assert!((face - (0.75 * 11.5 + 0.5 * 1.25)).abs() < 1e-6);
        }
    }

    #[test]
    fn nothing_is_no_pattern() {
        assert_eq!(Relief::new(Vec::new(), 0.4), None);
        assert_eq!(Relief::new(vec![vec![Point2::origin(); 3]], 0.4), None);
    }
}
