//! Normals for smooth shading that keep sharp edges sharp.

use geometry::{TriMesh, Vector3};
use rayon::prelude::*;

/// Faces whose normals differ by more than this share no shading: a shell's rim stays an edge while
/// a scan's coarse skin (up to about 30 degrees between neighbors) looks smooth. Cosine of 40°.
const SMOOTH_COSINE: f64 = 0.766;

/// A unit normal for each corner of each triangle: the area-weighted mean over the triangles around
/// the corner's vertex that lie within 40° of this one. Triangles with an index out of range or
/// without area get a zero normal.
pub(crate) fn corner_normals(mesh: &TriMesh) -> Vec<[Vector3; 3]> {
    let vertices = mesh.vertices.len();
    let valid = |triangle: &[u32; 3]| triangle.iter().all(|&index| (index as usize) < vertices);
    let scaled: Vec<Vector3> = (0..mesh.triangles.len())
        .into_par_iter()
        .map(|index| {
            if valid(&mesh.triangles[index]) { mesh.scaled_normal(index) } else { Vector3::zeros() }
        })
        .collect();
    let unit: Vec<Vector3> = scaled.iter().map(|&normal| unit_or_zero(normal)).collect();
    let around = Around::new(mesh);
    mesh.triangles
        .par_iter()
        .enumerate()
        .map(|(own, triangle)| {
            triangle.map(|vertex| {
                let sum = around
                    .triangles(vertex as usize)
                    .iter()
                    .map(|&other| other as usize)
                    .filter(|&other| unit[other].dot(&unit[own]) > SMOOTH_COSINE)
                    .fold(Vector3::zeros(), |sum, other| sum + scaled[other]);
                let mean = unit_or_zero(sum);
                if mean == Vector3::zeros() { unit[own] } else { mean }
            })
        })
        .collect()
}

fn unit_or_zero(vector: Vector3) -> Vector3 {
    vector
        .try_normalize(1e-300)
        .filter(|unit| unit.iter().all(|c| c.is_finite()))
        .unwrap_or_default()
}

/// The triangles around each vertex, in one list.
struct Around {
    starts: Vec<u32>,
    triangles: Vec<u32>,
}

impl Around {
    fn new(mesh: &TriMesh) -> Self {
        let vertices = mesh.vertices.len();
        let corners = || {
            (0_u32..)
                .zip(&mesh.triangles)
                .flat_map(|(own, triangle)| triangle.iter().map(move |&v| (own, v as usize)))
                .filter(move |&(_, vertex)| vertex < vertices)
        };
        let mut starts = vec![0_u32; vertices + 1];
        for (_, vertex) in corners() {
            starts[vertex + 1] += 1;
        }
        for index in 0..vertices {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut triangles = vec![0; starts[vertices] as usize];
        for (own, vertex) in corners() {
            triangles[next[vertex] as usize] = own;
            next[vertex] += 1;
        }
        Self { starts, triangles }
    }

    fn triangles(&self, vertex: usize) -> &[u32] {
        match (self.starts.get(vertex), self.starts.get(vertex + 1)) {
            (Some(&start), Some(&end)) => &self.triangles[start as usize..end as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Point3;

    #[test]
    fn a_box_keeps_its_edges() {
        let cuboid = TriMesh::cuboid(Point3::origin(), Point3::new(1.0, 2.0, 3.0));
        for (index, corners) in corner_normals(&cuboid).iter().enumerate() {
            let flat = cuboid.scaled_normal(index).normalize();
            assert!(corners.iter().all(|normal| (normal - flat).norm() < 1e-12));
        }
    }

    #[test]
    fn a_gentle_fold_is_smoothed() {
        let fold = TriMesh {
            vertices: [(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.2), (-1.0, 0.0, 0.2)]
                .map(|(x, y, z)| Point3::new(x, y, z))
                .to_vec(),
            triangles: vec![[0, 2, 1], [0, 1, 3]],
        };
        let normals = corner_normals(&fold);
        assert!((normals[0][0] - Vector3::z()).norm() < 1e-12, "the mean on the fold is upright");
        assert!((normals[0][1] - Vector3::z()).norm() > 0.1, "away from the fold it is not");
    }

    #[test]
    fn broken_triangles_do_no_harm() {
        let mesh =
            TriMesh { vertices: vec![Point3::origin(); 3], triangles: vec![[0, 1, 2], [0, 1, 9]] };
        assert!(corner_normals(&mesh).iter().flatten().all(|normal| *normal == Vector3::zeros()));
    }
}
