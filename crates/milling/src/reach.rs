//! How much of what is left on a surface no tool could have taken.
//!
//! A ball of 3 mm leaves a cove in a corner of 1 mm radius, whatever its path. The lowest that material over a
//! place can become is the lowest lower side of the tool over all positions that touch the part and do not
//! cut into it, which drop-cutter gives ([`TriangleCutter`]):
//!
//! ```text
//!   reach(p) = min over axes a, |a − p| ≤ R, of  tip(a) + h(|a − p|)
//! ```
//!
//! It is looked for on rings around the place and then by steps that are halved. What is not found makes
//! the tool's reach seem less; so this only ever explains what the simulation measured, and never takes the place
//! of a gouge or of what is left.

use geometry::{Point2, TriMesh, Vector2};
use rayon::prelude::*;

use crate::Cutter;
use crate::triangle_cutter::{LastContact, TriangleCutter};

/// Rings of positions that are tried first, as shares of the tool's radius, and positions on each.
const RINGS: [f64; 4] = [0.25, 0.5, 0.75, 0.95];
const PLACES_ON_RING: u32 = 12;
/// Steps are halved from a quarter of the radius this often: below 1 µm for a tool of 6 mm.
const HALVINGS: u32 = 10;
/// Places looked at; a program that leaves more was not finished at all.
const MOST_PLACES: usize = 20_000;

/// What tools can reach of a part.
#[derive(Debug)]
pub(crate) struct Reach {
    cutters: Vec<TriangleCutter>,
}

impl Reach {
    /// A part in program coordinates and the tools that cut it.
    pub(crate) fn new(part: &TriMesh, cutters: &[Cutter]) -> Self {
        Self { cutters: cutters.iter().map(|cutter| TriangleCutter::new(part, *cutter)).collect() }
    }

    /// Heights that material over places can be taken down to, mm; `None` where there are too many places.
    pub(crate) fn lowest(&self, places: &[[f64; 3]]) -> Option<Vec<f64>> {
        if places.len() > MOST_PLACES {
            return None;
        }
        Some(places.par_iter().map(|place| self.lowest_at(*place)).collect())
    }

    fn lowest_at(&self, [x, y, z]: [f64; 3]) -> f64 {
        let place = Point2::new(x, y);
        let heights = self.cutters.iter().map(|cutter| lowest_of(cutter, place));
        heights.fold(f64::INFINITY, f64::min).max(z)
    }
}

/// The lowest that one tool's lower side can come over a place.
fn lowest_of(drop: &TriangleCutter, place: Point2) -> f64 {
    let cutter = drop.cutter();
    let radius = cutter.radius();
    let last = LastContact::default();
    let over = |offset: Vector2| {
        let height = cutter.height(offset.norm())?;
        drop.tip_beside(place + offset, &last).map(|tip| tip + height)
    };
    let on_rings = RINGS.into_iter().flat_map(|share| {
        (0..PLACES_ON_RING).map(move |turn| {
            let angle = std::f64::consts::TAU * f64::from(turn) / f64::from(PLACES_ON_RING);
            Vector2::new(angle.cos(), angle.sin()) * (share * radius)
        })
    });
    let mut best = (f64::INFINITY, Vector2::zeros());
    for offset in std::iter::once(Vector2::zeros()).chain(on_rings) {
        if let Some(height) = over(offset).filter(|height| *height < best.0) {
            best = (height, offset);
        }
    }
    let mut step = radius / 4.0;
    for _ in 0..HALVINGS {
        // As long as a step of this length helps, at most across the whole tool.
        for _ in 0..8 {
            let around = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]];
            let before = best.0;
            for [dx, dy] in around {
                let offset = best.1 + Vector2::new(dx, dy) * step;
                if let Some(height) = over(offset).filter(|height| *height < best.0) {
                    best = (height, offset);
                }
            }
            if best.0 >= before {
                break;
            }
        }
        step /= 2.0;
    }
    best.0
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;

    /// Ground at z = 0 and a wall of 10 mm at x = 0, as boxes.
    fn corner() -> TriMesh {
        let ground = TriMesh::cuboid(Point3::new(-20.0, -20.0, -1.0), Point3::new(20.0, 20.0, 0.0));
        let wall = TriMesh::cuboid(Point3::new(-20.0, -20.0, -1.0), Point3::new(0.0, 20.0, 10.0));
        let base = ground.vertices.len() as u32;
        let vertices = ground.vertices.iter().chain(&wall.vertices).copied().collect();
        let moved = wall.triangles.iter().map(|corners| corners.map(|index| index + base));
        let triangles = ground.triangles.iter().copied().chain(moved).collect();
        TriMesh { vertices, triangles }
    }

    #[test]
    fn a_ball_leaves_its_cove_at_the_foot_of_a_wall_and_nothing_elsewhere() {
        let reach = Reach::new(&corner(), &[Cutter::ball(3.0)]);
        let places: Vec<[f64; 3]> = [0.5, 1.0, 2.0, 3.0, 6.0].map(|x| [x, 0.0, 0.0]).into();
        let found = reach.lowest(&places).unwrap();
        for ([x, ..], height) in places.iter().zip(found) {
            // The ball touches ground and wall with its center at (3, 3).
            let cove = 3.0 - (9.0 - (3.0 - x.min(3.0)).powi(2)).max(0.0).sqrt();
            assert!((height - cove).abs() < 5e-3, "{x}: {height} {cove}");
        }
    }

    #[test]
    fn a_flat_end_reaches_the_foot_of_a_wall() {
        let reach = Reach::new(&corner(), &[Cutter::ball(3.0), Cutter::disk_of(3.0)]);
        let found = reach.lowest(&[[0.5, 0.0, 0.0], [5.0, 3.0, 0.0]]).unwrap();
        assert!(found.iter().all(|height| height.abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn too_many_places_are_not_looked_at() {
        let reach = Reach::new(&corner(), &[Cutter::ball(3.0)]);
        assert_eq!(reach.lowest(&vec![[0.0; 3]; MOST_PLACES + 1]), None);
    }
}
