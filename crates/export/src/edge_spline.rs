//! The two edges of a wall as cubic B-splines with common knots.
//!
//! In the plane a trim curve is a cubic spline itself and is reproduced exactly. The height over it,
//! a bicubic surface along a cubic curve, is interpolated by a C² cubic spline with the true end slopes;
//! intervals are halved until the measured miss is small enough (de Boor, A Practical Guide to Splines,
//! 2001, chapter IV; error of order h⁴ between knots of the surface and h³ across them).

use geometry::{Point2, Point3, Slab};

use crate::trim::{TrimLoop, bezier_point, bezier_tangent};

/// Largest upright distance of an edge from its surface, mm. OpenCASCADE's meshing and truck's own
/// start to lose faces at edges 1e-4 mm off; half of that is asked for, because it is only sampled.
const GAP_MM: f64 = 2.5e-5;

/// Intervals under this length, in Bézier segments, are not halved: truck takes knots within 1e-6 for one.
const SHORTEST: f64 = 1.0 / 4096.0;

/// x, y, height of the top, height of the bottom.
type Quad = nalgebra::Vector4<f64>;

/// Part of a border: both edges of the wall over it.
#[derive(Clone, Debug)]
pub(crate) struct WallArc {
    /// Clamped knots, in Bézier segments of the border.
    pub(crate) knots: Vec<f64>,
    pub(crate) top: Vec<Point3>,
    pub(crate) bottom: Vec<Point3>,
}

/// An edge could not be brought near enough to its surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gap {
    pub(crate) gap_mm: f64,
    pub(crate) place: Point2,
}

/// Fits the edges over the segments `range` of a border.
pub(crate) fn wall_arc(
    slab: &Slab,
    border: &TrimLoop,
    range: std::ops::Range<usize>,
) -> Result<WallArc, Gap> {
    let curve = Over { slab, border };
    // Two intervals a segment to begin with: less is never enough on a curved surface.
    let halves = 2 * range.start..=2 * range.end;
    let mut nodes: Vec<f64> = halves.map(|half| half as f64 * 0.5).collect();
    loop {
        let spline = Spline::through(&curve, nodes);
        let mut finer = Vec::with_capacity(2 * spline.nodes.len());
        let mut stuck: Option<Gap> = None;
        for interval in 0..spline.nodes.len() - 1 {
            let (from, to) = (spline.nodes[interval], spline.nodes[interval + 1]);
            finer.push(from);
            let gap = spline.gap(&curve, interval);
            // Written so that a height that is not a number counts as a gap.
            if gap <= GAP_MM {
                continue;
            }
            if to - from > SHORTEST {
                finer.push(0.5 * (from + to));
            } else if stuck.is_none_or(|worst| gap > worst.gap_mm) {
                stuck = Some(Gap { gap_mm: gap, place: curve.plane(from).0 });
            }
        }
        finer.push(spline.nodes[spline.nodes.len() - 1]);
        if finer.len() > spline.nodes.len() {
            nodes = finer;
        } else if let Some(gap) = stuck {
            return Err(gap);
        } else {
            return Ok(spline.arc());
        }
    }
}

/// A border together with the heights over it.
struct Over<'a> {
    slab: &'a Slab,
    border: &'a TrimLoop,
}

impl Over<'_> {
    fn plane(&self, parameter: f64) -> (Point2, geometry::Vector2) {
        let segments = &self.border.segments;
        let index = (parameter as usize).min(segments.len() - 1);
        let t = parameter - index as f64;
        (bezier_point(&segments[index], t), bezier_tangent(&segments[index], t))
    }

    fn value(&self, parameter: f64) -> Quad {
        let (point, _) = self.plane(parameter);
        let Slab { top, bottom, .. } = self.slab;
        Quad::new(point.x, point.y, top.height(point), bottom.height(point))
    }

    fn slope(&self, parameter: f64) -> Quad {
        let (point, tangent) = self.plane(parameter);
        let rise = |[dx, dy]: [f64; 2]| dx * tangent.x + dy * tangent.y;
        let Slab { top, bottom, .. } = self.slab;
        Quad::new(tangent.x, tangent.y, rise(top.gradient(point)), rise(bottom.gradient(point)))
    }
}

/// A C² cubic in Hermite form.
struct Spline {
    nodes: Vec<f64>,
    values: Vec<Quad>,
    slopes: Vec<Quad>,
}

impl Spline {
    /// Interpolates at the nodes; the slopes at both ends are those of the curve.
    fn through(curve: &Over<'_>, nodes: Vec<f64>) -> Self {
        let last = nodes.len() - 1;
        let values: Vec<Quad> = nodes.iter().map(|&node| curve.value(node)).collect();
        let step = |i: usize| nodes[i + 1] - nodes[i];
        let rise = |i: usize| (values[i + 1] - values[i]) / step(i);
        // Continuity of the second derivative: a tridiagonal system for the slopes, by elimination.
        let mut slopes = vec![Quad::zeros(); nodes.len()];
        slopes[0] = curve.slope(nodes[0]);
        slopes[last] = curve.slope(nodes[last]);
        let mut upper = vec![0.0; nodes.len()];
        for i in 1..last {
            let (before, after) = (step(i - 1), step(i));
            let right = 3.0 * (rise(i - 1) * after + rise(i) * before);
            let pivot = 2.0 * (before + after) - after * upper[i - 1];
            upper[i] = before / pivot;
            slopes[i] = (right - slopes[i - 1] * after) / pivot;
        }
        for i in (1..last).rev() {
            let next = slopes[i + 1];
            slopes[i] -= next * upper[i];
        }
        Self { nodes, values, slopes }
    }

    /// Largest upright miss over one interval.
    fn gap(&self, curve: &Over<'_>, interval: usize) -> f64 {
        let (from, to) = (self.nodes[interval], self.nodes[interval + 1]);
        let step = to - from;
        let [p, q] = [self.values[interval], self.values[interval + 1]];
        let [m, n] = [self.slopes[interval] * step, self.slopes[interval + 1] * step];
        let mut largest: f64 = 0.0;
        for t in [0.2, 0.35, 0.5, 0.65, 0.8] {
            let s = 1.0 - t;
            let spline = p * (s * s * (1.0 + 2.0 * t)) + m * (s * s * t) - n * (s * t * t)
                + q * (t * t * (1.0 + 2.0 * s));
            let miss = spline - curve.value(from + step * t);
            let upright = miss.z.abs().max(miss.w.abs());
            largest = if upright.is_nan() { f64::INFINITY } else { largest.max(upright) };
        }
        largest
    }

    /// Knots and control points. An inner control point is the blossom at three consecutive nodes
    /// (Ramshaw 1989), here of the cubic to the right of the middle one.
    fn arc(&self) -> WallArc {
        let last = self.nodes.len() - 1;
        let mut control = vec![self.values[0]];
        for i in 0..=last {
            let before = if i == 0 { 0.0 } else { self.nodes[i - 1] - self.nodes[i] };
            let after = if i == last { 0.0 } else { self.nodes[i + 1] - self.nodes[i] };
            let half_second = if i == last {
                Quad::zeros()
            } else {
                let rise = (self.values[i + 1] - self.values[i]) / after;
                (3.0 * rise - 2.0 * self.slopes[i] - self.slopes[i + 1]) / after
            };
            control.push(
                self.values[i]
                    + self.slopes[i] * ((before + after) / 3.0)
                    + half_second * (before * after / 3.0),
            );
        }
        control.push(self.values[last]);
        let ends = |node: f64| [node; 3];
        let knots = ends(self.nodes[0])
            .into_iter()
            .chain(self.nodes.iter().copied())
            .chain(ends(self.nodes[last]))
            .collect();
        WallArc {
            knots,
            top: control.iter().map(|c| Point3::new(c.x, c.y, c.z)).collect(),
            bottom: control.iter().map(|c| Point3::new(c.x, c.y, c.w)).collect(),
        }
    }
}
