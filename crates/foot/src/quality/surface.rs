//! Neighborhoods of a mesh: which triangles meet in a vertex, which edges have one triangle only.

use geometry::TriMesh;
use rayon::prelude::*;

use crate::grouped::Grouped;

/// A mesh's neighborhoods.
pub(super) struct Surface {
    /// Triangles by vertex.
    around: Grouped,
    /// Edges with one triangle only, in the direction of that triangle.
    pub(super) open: Vec<[u32; 2]>,
}

impl Surface {
    pub(super) fn of(mesh: &TriMesh) -> Self {
        let around = Grouped::of(mesh.vertices.len(), &mesh.triangles, |corners, sink| {
            corners.iter().for_each(|corner| sink(*corner));
        });
        let mut surface = Self { around, open: Vec::new() };
        surface.open = surface.open_edges(mesh);
        surface
    }

    /// The triangles that meet in a vertex.
    pub(super) fn around(&self, vertex: u32) -> &[u32] {
        self.around.of_group(vertex as usize)
    }

    fn open_edges(&self, mesh: &TriMesh) -> Vec<[u32; 2]> {
        let has = |triangle: u32, from: u32, to: u32| {
            let [a, b, c] = mesh.triangles[triangle as usize];
            [[a, b], [b, c], [c, a]].contains(&[from, to])
        };
        mesh.triangles
            .par_iter()
            .flat_map_iter(|&[a, b, c]| {
                [[a, b], [b, c], [c, a]].into_iter().filter(|&[from, to]| {
                    !self.around(from).iter().any(|&triangle| has(triangle, to, from))
                })
            })
            .collect()
    }

    /// Vertices that share a triangle with `vertex`, or with one of these, without itself; sorted.
    pub(super) fn two_rings(&self, mesh: &TriMesh, vertex: u32) -> Vec<u32> {
        let ring = |vertex: u32| {
            self.around(vertex).iter().flat_map(|&triangle| mesh.triangles[triangle as usize])
        };
        let mut near: Vec<u32> = ring(vertex).collect();
        near.sort_unstable();
        near.dedup();
        let mut both: Vec<u32> = near.iter().flat_map(|&near| ring(near)).collect();
        both.sort_unstable();
        both.dedup();
        both.retain(|&other| other != vertex);
        both
    }
}

/// Median length of the edges of at most [`MOST_EDGES`] triangles, mm.
pub(super) fn median_edge(mesh: &TriMesh) -> Option<f64> {
    let stride = mesh.triangles.len().div_ceil(MOST_EDGES).max(1);
    let mut lengths: Vec<f64> = mesh
        .triangles
        .iter()
        .step_by(stride)
        .flat_map(|&[a, b, c]| [[a, b], [b, c], [c, a]])
        .map(|edge| {
            let [from, to] = edge.map(|index| mesh.vertices[index as usize]);
            (to - from).norm()
        })
        .collect();
    median(&mut lengths)
}

/// Triangles whose edges are measured; more do not change a median.
const MOST_EDGES: usize = 50_000;

/// The middle value; `None` of nothing.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
