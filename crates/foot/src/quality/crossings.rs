//! Self-intersections: triangles that cut through others, where a scan was merged or smoothed badly.

use geometry::{Point3, TriMesh};
use rayon::prelude::*;

use super::probe::Cells;

/// Triangles that are looked at; of a larger mesh every so-manieth, so that the time stays bounded.
const PROBES: usize = 12_000;

/// Share of the triangles that cut through another one with which they share no corner, percent.
pub(super) fn crossing_pct(mesh: &TriMesh, cells: &Cells) -> f64 {
    let stride = mesh.triangles.len().div_ceil(PROBES).max(1);
    let probes: Vec<u32> = (0..mesh.triangles.len() as u32).step_by(stride).collect();
    let crossing = probes
        .par_iter()
        .filter(|&&probe| {
            let own = mesh.triangles[probe as usize];
            let corners = mesh.corners(probe as usize);
            let [a, b, c] = corners;
            let (low, high) = (a.inf(&b).inf(&c), a.sup(&b).sup(&c));
            cells.touching(low, high).any(|other| {
                let apart =
                    mesh.triangles[other as usize].iter().all(|corner| !own.contains(corner));
                apart && {
                    let others = mesh.corners(other as usize);
                    touch([low, high], others) && cross(corners, others)
                }
            })
        })
        .count();
    100.0 * crossing as f64 / probes.len().max(1) as f64
}

/// Whether the box around a triangle touches another box.
fn touch([low, high]: [Point3; 2], [a, b, c]: [Point3; 3]) -> bool {
    let (own_low, own_high) = (a.inf(&b).inf(&c), a.sup(&b).sup(&c));
    (0..3).all(|axis| own_low[axis] <= high[axis] && low[axis] <= own_high[axis])
}

/// Whether a side of either triangle passes through the inside of the other one.
fn cross(a: [Point3; 3], b: [Point3; 3]) -> bool {
    let passes = |[p, q, r]: [Point3; 3], triangle: [Point3; 3]| {
        [[p, q], [q, r], [r, p]].into_iter().any(|side| passes_through(side, triangle))
    };
    passes(a, b) || passes(b, a)
}

/// Whether a segment passes through the inside of a triangle. What only touches it does not.
fn passes_through([from, to]: [Point3; 2], [a, b, c]: [Point3; 3]) -> bool {
    let normal = (b - a).cross(&(c - a));
    let (before, behind) = (normal.dot(&(from - a)), normal.dot(&(to - a)));
    if before * behind >= 0.0 {
        return false;
    }
    let hit = from + (to - from) * (before / (before - behind));
    let inside = |p: Point3, q: Point3| (q - p).cross(&(hit - p)).dot(&normal) > 0.0;
    inside(a, b) && inside(b, c) && inside(c, a)
}

#[cfg(test)]
mod tests {
    use geometry::Vector3;

    use super::*;

    /// A sheet of squares of 2 mm, in the plane of two axes, through a middle.
    fn sheet(count: u32, middle: Point3, axes: [Vector3; 2], mesh: &mut TriMesh) {
        let first = mesh.vertices.len() as u32;
        let at = |index: u32| 2.0 * (f64::from(index) - f64::from(count) / 2.0);
        for row in 0..=count {
            for column in 0..=count {
                mesh.vertices.push(middle + axes[0] * at(column) + axes[1] * at(row));
            }
        }
        for row in 0..count {
            for column in 0..count {
                let a = first + row * (count + 1) + column;
                let above = a + count + 1;
                mesh.triangles.extend([[a, a + 1, above], [a + 1, above + 1, above]]);
            }
        }
    }

    #[test]
    fn one_sheet_does_not_cross_itself_and_two_do_along_a_line() {
        let mut mesh = TriMesh::default();
        sheet(40, Point3::new(0.3, 0.2, 0.0), [Vector3::x(), Vector3::y()], &mut mesh);
        assert!(crossing_pct(&mesh, &Cells::of_size(&mesh, 4.0)) <= 0.0);
        sheet(40, Point3::new(0.0, 0.7, 0.4), [Vector3::x(), Vector3::z()], &mut mesh);
        let expected =
            mesh.triangles
                .iter()
                .enumerate()
                .filter(|(index, triangle)| {
                    let corners = mesh.corners(*index);
                    let others =
                        mesh.triangles.iter().enumerate().filter(|(_, other)| {
                            other.iter().all(|corner| !triangle.contains(corner))
                        });
                    others.into_iter().any(|(other, _)| cross(corners, mesh.corners(other)))
                })
                .count();
        let found =
            crossing_pct(&mesh, &Cells::of_size(&mesh, 4.0)) * mesh.triangles.len() as f64 / 100.0;
        assert!((found - expected as f64).abs() < 1e-6, "{found} {expected}");
        // The line of 80 mm runs through a row of squares in each sheet.
        assert!((100..250).contains(&expected), "{expected}");
    }

    #[test]
    fn a_fine_mesh_is_looked_at_in_part() {
        let mut mesh = TriMesh::default();
        sheet(120, Point3::origin(), [Vector3::x(), Vector3::y()], &mut mesh);
        sheet(120, Point3::new(0.1, 0.3, 0.2), [Vector3::x(), Vector3::z()], &mut mesh);
        assert!(mesh.triangles.len() > 2 * PROBES);
        let percent = crossing_pct(&mesh, &Cells::of_size(&mesh, 4.0));
        assert!((0.3..1.5).contains(&percent), "{percent}");
    }
}
