//! The volume of a slab from its surfaces and trim curves themselves, without any mesh.
//!
//! By Green's theorem the integral of the thickness over the trimmed region is the integral of
//! F dy along its borders, F(x, y) being the thickness integrated from the left to x. F is a polynomial
//! between knots, for which Gauss-Legendre with two points is exact; along the Bézier segments of
//! the borders six points on short pieces leave a relative error under 1e-7, because F is only C² in y.

use geometry::{GraphSurface, Point2, Slab};
use rayon::prelude::*;

use crate::trim::{bezier_point, bezier_tangent, oriented_loops};

/// Nodes and weights of the Gauss-Legendre rule with six points on -1..1 (Abramowitz and Stegun, table 25.4).
const SIX_POINTS: [(f64, f64); 6] = [
    (-0.932_469_514_203_152, 0.171_324_492_379_170_36),
    (-0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (-0.238_619_186_083_196_9, 0.467_913_934_572_691_04),
    (0.238_619_186_083_196_9, 0.467_913_934_572_691_04),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (0.932_469_514_203_152, 0.171_324_492_379_170_36),
];

/// Pieces of a Bézier segment. With 5 to 15 mm long segments a piece is about half a knot span; halving
/// them once more changes the volume of the steepest test shell by 2e-8 of it.
const PIECES: usize = 12;

/// Volume of a slab, mm³. Means nothing where [`crate::tessellate()`] refuses the slab.
#[must_use]
pub fn slab_volume(slab: &Slab) -> f64 {
    let segments: Vec<[Point2; 4]> =
        oriented_loops(slab).into_iter().flat_map(|border| border.segments).collect();
    let shares: Vec<f64> =
        segments.par_iter().map(|segment| along_segment(slab, segment)).collect();
    let mark = slab.relief.as_ref().map_or(0.0, |relief| relief.volume(&slab.bottom));
    shares.iter().sum::<f64>() - mark
}

fn along_segment(slab: &Slab, segment: &[Point2; 4]) -> f64 {
    let half = 0.5 / PIECES as f64;
    let mut sum = 0.0;
    for piece in 0..PIECES {
        let middle = (2 * piece + 1) as f64 * half;
        for (node, weight) in SIX_POINTS {
            let t = middle + half * node;
            let point = bezier_point(segment, t);
            let thickness = left_of(&slab.top, point) - left_of(&slab.bottom, point);
            sum += weight * half * thickness * bezier_tangent(segment, t).y;
        }
    }
    sum
}

/// Heights integrated along x from the left border of the surface to a point, mm².
///
/// Top and bottom may begin at different places: each adds a function of y alone, whose integral
/// F dy around closed borders vanishes.
fn left_of(surface: &GraphSurface, point: Point2) -> f64 {
    let node = 1.0 / 3.0_f64.sqrt();
    let (knots, _) = surface.knots();
    let mut sum = 0.0;
    for span in knots.windows(2) {
        let (low, high) = (span[0], span[1].min(point.x));
        if high <= low {
            continue;
        }
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let at = |x: f64| surface.height(Point2::new(x, point.y));
        sum += half * (at(middle - half * node) + at(middle + half * node));
    }
    sum
}
