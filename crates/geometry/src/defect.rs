use std::collections::HashMap;

use crate::TriMesh;

/// The first thing that stops a mesh from bounding a solid.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Defect {
    /// No triangles at all.
    #[error("the mesh has no triangles")]
    Empty,
    /// A coordinate is infinite or not a number.
    #[error("vertex {vertex} is not finite")]
    NotFinite {
        /// Index of the vertex.
        vertex: usize,
    },
    /// A triangle has no area, or uses a vertex twice.
    #[error("triangle {triangle} has an area of {area_mm2:e} mm²")]
    Degenerate {
        /// Index of the triangle.
        triangle: usize,
        /// Its area.
        area_mm2: f64,
    },
    /// An edge has no partner: there is a hole.
    #[error("edge {from}→{to} has no triangle on its other side")]
    Open {
        /// First vertex.
        from: u32,
        /// Second vertex.
        to: u32,
    },
    /// The same directed edge belongs to several triangles: flipped or non-manifold.
    #[error("edge {from}→{to} is used by {count} triangles in the same direction")]
    Repeated {
        /// First vertex.
        from: u32,
        /// Second vertex.
        to: u32,
        /// How many triangles use it.
        count: u32,
    },
}

/// Area under which a triangle counts as degenerate. STL holds single precision: at 300 mm its grain
/// is 3e-5 mm, so a smaller triangle may collapse when it is written.
const DEGENERATE_AREA_MM2: f64 = 1e-9;

/// Checks that the mesh is finite, closed, consistently oriented and free of degenerate triangles.
///
/// Does not look for self-intersections.
///
/// # Errors
/// The first [`Defect`] in vertex, then triangle order.
pub fn check_closed(mesh: &TriMesh) -> Result<(), Defect> {
    if mesh.triangles.is_empty() {
        return Err(Defect::Empty);
    }
    if let Some(vertex) =
        mesh.vertices.iter().position(|point| !point.coords.iter().all(|c| c.is_finite()))
    {
        return Err(Defect::NotFinite { vertex });
    }
    let mut uses: HashMap<(u32, u32), u32> = HashMap::with_capacity(mesh.triangles.len() * 3);
    for (index, &[a, b, c]) in mesh.triangles.iter().enumerate() {
        let area_mm2 = mesh.scaled_normal(index).norm() / 2.0;
        if a == b || b == c || c == a || area_mm2 < DEGENERATE_AREA_MM2 {
            return Err(Defect::Degenerate { triangle: index, area_mm2 });
        }
        for edge in [(a, b), (b, c), (c, a)] {
            *uses.entry(edge).or_default() += 1;
        }
    }
    for &[a, b, c] in &mesh.triangles {
        for (from, to) in [(a, b), (b, c), (c, a)] {
            let count = uses[&(from, to)];
            if count > 1 {
                return Err(Defect::Repeated { from, to, count });
            }
            if !uses.contains_key(&(to, from)) {
                return Err(Defect::Open { from, to });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Point3;

    #[track_caller]
    fn check(edit: impl FnOnce(&mut TriMesh), expected: Result<(), Defect>) {
        let mut mesh = TriMesh::cuboid(Point3::origin(), Point3::new(1.0, 1.0, 1.0));
        edit(&mut mesh);
        assert_eq!(check_closed(&mesh), expected);
    }

    #[test]
    fn sound() {
        check(|_| {}, Ok(()));
    }

    #[test]
    fn hole() {
        check(
            |mesh| {
                mesh.triangles.pop();
            },
            Err(Defect::Open { from: 5, to: 7 }),
        );
    }

    #[test]
    fn flipped_triangle() {
        check(
            |mesh| mesh.triangles[0].swap(1, 2),
            Err(Defect::Repeated { from: 0, to: 1, count: 2 }),
        );
    }

    #[test]
    fn not_a_number() {
        check(|mesh| mesh.vertices[5].z = f64::NAN, Err(Defect::NotFinite { vertex: 5 }));
    }

    #[test]
    fn no_area() {
        check(
            |mesh| mesh.triangles[0] = [0, 2, 2],
            Err(Defect::Degenerate { triangle: 0, area_mm2: 0.0 }),
        );
    }
}
