//! The farthest point of a surface in a direction, within a stretch of the foot.

use geometry::{Point3, Vector3};
use rayon::prelude::*;

/// Part of a foot: a stretch along y, under a ceiling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// Lowest and highest y, mm.
    pub(crate) y: [f64; 2],
    /// Highest z, mm.
    pub(crate) ceiling: f64,
}

/// The point of the surface within the stretch that lies farthest along `direction`, exact: triangles
/// are cut at the stretch's borders. Of equally far points the one with the least coordinates wins.
pub(crate) fn farthest(
    vertices: &[Point3],
    triangles: &[[u32; 3]],
    stretch: Stretch,
    direction: Vector3,
) -> Option<Point3> {
    let reach = |point: &Point3| point.coords.dot(&direction);
    let better = |a: Point3, b: Point3| {
        let key = |p: &Point3| [reach(p), -p.x, -p.y, -p.z];
        if key(&b) > key(&a) { b } else { a }
    };
    triangles
        .par_chunks(4096)
        .map(|block| {
            let mut best: Option<Point3> = None;
            for triangle in block {
                let corners = triangle.map(|index| vertices[index as usize]);
                // Cutting never reaches farther than the corners, and most triangles fall behind.
                let hopeless =
                    best.is_some_and(|best| corners.iter().all(|c| reach(c) < reach(&best)));
                if hopeless {
                    continue;
                }
                for point in cut(&corners, stretch) {
                    best = Some(best.map_or(point, |best| better(best, point)));
                }
            }
            best
        })
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .reduce(better)
}

/// The corners of the part of a triangle that lies within the stretch.
fn cut(corners: &[Point3; 3], stretch: Stretch) -> Vec<Point3> {
    let [near, far] = stretch.y;
    let behind_near = |p: &Point3| p.y - near;
    let before_far = |p: &Point3| far - p.y;
    let under = |p: &Point3| stretch.ceiling - p.z;
    let part = keep_positive(corners, behind_near);
    let part = keep_positive(&part, before_far);
    keep_positive(&part, under)
}

/// One step of Sutherland and Hodgman's polygon clipping (Communications of the ACM 17, 1974).
fn keep_positive(corners: &[Point3], signed: impl Fn(&Point3) -> f64) -> Vec<Point3> {
    let mut kept = Vec::with_capacity(corners.len() + 1);
    for (index, here) in corners.iter().enumerate() {
        let next = &corners[(index + 1) % corners.len()];
        let (a, b) = (signed(here), signed(next));
        if a >= 0.0 {
            kept.push(*here);
        }
        if (a < 0.0) != (b < 0.0) {
            kept.push(here + (next - here) * (a / (a - b)));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use geometry::TriMesh;

    use super::*;

    #[test]
    fn triangles_are_cut_at_the_borders() {
        // A wedge whose side runs from x = 5 at y = 0 to x = 15 at y = 10.
        let mut wedge = TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(5.0, 10.0, 8.0));
        for vertex in &mut wedge.vertices {
            if vertex.x > 0.0 {
                vertex.x += vertex.y;
            }
        }
        let stretch = Stretch { y: [2.0, 6.5], ceiling: 3.0 };
        let at =
            |direction| farthest(&wedge.vertices, &wedge.triangles, stretch, direction).unwrap();
        assert!((at(Vector3::x()) - Point3::new(11.5, 6.5, 0.0)).norm() < 1e-12);
        assert!((at(-Vector3::y()).y - 2.0).abs() < 1e-12);
        assert!((at(Vector3::z()).z - 3.0).abs() < 1e-12);
        let beside = Stretch { y: [11.0, 12.0], ceiling: 3.0 };
        assert!(farthest(&wedge.vertices, &wedge.triangles, beside, Vector3::x()).is_none());
    }
}
