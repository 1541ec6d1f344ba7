//! How far a mesh is from the slab that it stands for: measured, not asked for.
//!
//! Triangles are sampled on a barycentric grid. A sample's distance from a surface is its upright
//! distance times the cosine of the slope there, which is the distance along the normal up to the
//! second order; walls are measured in the plane against the trim curves and the borders of a relief.

use geometry::{BorderIndex, Point2, Point3, Relief, Slab, TriMesh, Vector3, polygon};
use rayon::prelude::*;

/// Distance of a mesh from its slab.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// Largest distance, mm.
    pub max_mm: f64,
    /// Mean distance, weighted by area, mm.
    pub mean_mm: f64,
    /// Where the largest distance was found.
    pub place: Point3,
}

/// A triangle whose unit normal has a smaller upright part belongs to the wall. The steepest surfaces
/// in use lean 80 degrees (0.17).
const WALL_NORMAL_Z: f64 = 1e-4;

/// Chord tolerance of the polyline that stands for a trim curve, mm.
const CURVE_TOLERANCE_MM: f64 = 1e-5;

/// Where walls are farther off than this, it is all the same: the distance reads as this, mm.
const FARTHEST_WALL_MM: f64 = 10.0;

/// Measures a mesh against its slab on about `samples`² / 2 points of every triangle.
///
/// The mesh lies in the slab's frame; triangles that face up are held against the top, those that
/// face down against the bottom or the face of its relief, upright ones against the trim curves and the relief's borders.
#[must_use]
pub fn deviation(mesh: &TriMesh, slab: &Slab, samples: usize) -> Deviation {
    let lines: Vec<Vec<Point2>> = std::iter::once(&slab.outline)
        .chain(&slab.holes)
        .map(|curve| curve.polyline(CURVE_TOLERANCE_MM, 1.0))
        .collect();
    let of_relief = slab.relief.as_ref().map_or(&[][..], Relief::loops);
    let index =
        BorderIndex::new(lines.iter().chain(of_relief).flat_map(|line| polygon::edges(line)));
    let of_triangle: Vec<(f64, f64, f64, Point3)> = (0..mesh.triangles.len())
        .into_par_iter()
        .map(|triangle| {
            let normal = mesh.scaled_normal(triangle);
            let corners = mesh.corners(triangle);
            let (max, mean, place) = if normal.z.abs() <= WALL_NORMAL_Z * normal.norm() {
                sampled(&corners, samples, |point| {
                    index.distance(point.xy(), FARTHEST_WALL_MM).unwrap_or(FARTHEST_WALL_MM)
                })
            } else if normal.z > 0.0 {
                sampled_triangle(&corners, |point| slab.top.height(point), samples)
            } else {
                let middle =
                    Point3::from(corners.map(|corner| corner.coords / 3.0).iter().sum::<Vector3>());
                match slab.relief.as_ref().filter(|relief| relief.contains(middle.xy())) {
                    Some(relief) => {
                        let face = |point| relief.face_height(&slab.bottom, point);
                        sampled_triangle(&corners, face, samples)
                    }
                    None => sampled_triangle(&corners, |point| slab.bottom.height(point), samples),
                }
            };
            (max, mean, normal.norm(), place)
        })
        .collect();
    let weight: f64 = of_triangle.iter().map(|found| found.2).sum();
    let worst = of_triangle.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    Deviation {
        max_mm: worst.map_or(0.0, |found| found.0),
        mean_mm: of_triangle.iter().map(|found| found.1 * found.2).sum::<f64>()
            / weight.max(f64::MIN_POSITIVE),
        place: worst.map_or_else(Point3::origin, |found| found.3),
    }
}

/// Largest and mean distance of a triangle from a surface, and where the largest is.
pub(crate) fn sampled_triangle(
    corners: &[Point3; 3],
    height: impl Fn(Point2) -> f64,
    samples: usize,
) -> (f64, f64, Point3) {
    // The slope changes little over one triangle, so that its own slope serves all samples.
    let normal = (corners[1] - corners[0]).cross(&(corners[2] - corners[0]));
    let cosine = normal.z.abs() / normal.norm().max(f64::MIN_POSITIVE);
    sampled(corners, samples, |point| (height(point.xy()) - point.z).abs() * cosine)
}

/// Largest distance of a triangle over another from the upper and the lower surface at the middles of the edges that are
/// asked for and at their own: where a plane that meets a surface of even curvature in three points is farthest from it.
pub(crate) fn largest_at_middles(
    above: &[Point3; 3],
    below: &[Point3; 3],
    edges: [bool; 3],
    heights: impl Fn(Point2) -> [f64; 2],
) -> f64 {
    let middles = |[a, b, c]: &[Point3; 3]| {
        let own = Point3::from((a.coords + b.coords + c.coords) / 3.0);
        [nalgebra::center(a, b), nalgebra::center(b, c), nalgebra::center(c, a), own]
    };
    let cosine = |[a, b, c]: &[Point3; 3]| {
        let normal = (b - a).cross(&(c - a));
        normal.z.abs() / normal.norm().max(f64::MIN_POSITIVE)
    };
    let mut farthest = [0.0_f64; 2];
    let asked = edges.into_iter().chain([true]);
    for ((upper, lower), asked) in middles(above).into_iter().zip(middles(below)).zip(asked) {
        if asked {
            let found = heights(upper.xy());
            farthest[0] = farthest[0].max((found[0] - upper.z).abs());
            farthest[1] = farthest[1].max((found[1] - lower.z).abs());
        }
    }
    (farthest[0] * cosine(above)).max(farthest[1] * cosine(below))
}

fn sampled(
    corners: &[Point3; 3],
    samples: usize,
    distance: impl Fn(Point3) -> f64,
) -> (f64, f64, Point3) {
    let [a, b, c] = corners;
    let pieces = samples.max(2);
    let (mut max, mut sum, mut count, mut place) = (0.0, 0.0, 0_u32, *a);
    for i in 0..=pieces {
        for j in 0..=pieces - i {
            let (u, v) = (i as f64 / pieces as f64, j as f64 / pieces as f64);
            let point = a + (b - a) * u + (c - a) * v;
            let here = distance(point);
            sum += here;
            count += 1;
            if here > max {
                (max, place) = (here, point);
            }
        }
    }
    (max, sum / f64::from(count), place)
}
