//! Neighborhoods of a mesh: which triangles meet in a vertex, which edges have one triangle only.

use geometry::TriMesh;
use rayon::prelude::*;

use crate::grouped::Grouped;

/// The neighborhoods of a mesh's vertices, as far as they are looked at.
pub(super) struct Surface {
    /// Triangles by vertex; none of vertices that are not looked at.
    around: Grouped,
    /// Edges with one triangle only, in the direction of that triangle.
    pub(super) open: Vec<[u32; 2]>,
}

impl Surface {
    /// The open edges of a mesh, and the two rings around some vertices: most of a fine mesh has neither.
    pub(super) fn of(mesh: &TriMesh, looked_at: impl Iterator<Item = u32>) -> Self {
        let is_uneven = uneven(mesh);
        let mut is_kept = is_uneven.clone();
        let mut is_middle = vec![false; mesh.vertices.len()];
        for vertex in looked_at {
            is_middle[vertex as usize] = true;
        }
        for corners in &mesh.triangles {
            if corners.iter().any(|corner| is_middle[*corner as usize]) {
                corners.iter().for_each(|corner| is_kept[*corner as usize] = true);
            }
        }
        let around = Grouped::of(mesh.vertices.len(), &mesh.triangles, |corners, sink| {
            corners
                .iter()
                .filter(|corner| is_kept[**corner as usize])
                .for_each(|corner| sink(*corner));
        });
        let mut surface = Self { around, open: Vec::new() };
        surface.open = surface.open_edges(mesh, &is_uneven);
        surface
    }

    /// The triangles that meet in a vertex.
    pub(super) fn around(&self, vertex: u32) -> &[u32] {
        self.around.of_group(vertex as usize)
    }

    /// Both ends of an edge with one triangle only are uneven.
    fn open_edges(&self, mesh: &TriMesh, is_uneven: &[bool]) -> Vec<[u32; 2]> {
        let has = |triangle: u32, from: u32, to: u32| {
            let [a, b, c] = mesh.triangles[triangle as usize];
            [[a, b], [b, c], [c, a]].contains(&[from, to])
        };
        mesh.triangles
            .par_iter()
            .flat_map_iter(|&[a, b, c]| {
                [[a, b], [b, c], [c, a]].into_iter().filter(|&[from, to]| {
                    is_uneven[from as usize]
                        && is_uneven[to as usize]
                        && !self.around(from).iter().any(|&triangle| has(triangle, to, from))
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

/// Whether the edges that run to a vertex are not the ones that run from it, by a sum of scrambled numbers
/// of their other ends: around a vertex inside the surface each edge runs both ways.
fn uneven(mesh: &TriMesh) -> Vec<bool> {
    let mut sums = vec![0_u64; mesh.vertices.len()];
    for corners in &mesh.triangles {
        let [a, b, c] = corners.map(scrambled);
        for (corner, gain) in
            corners.iter().zip([b.wrapping_sub(c), c.wrapping_sub(a), a.wrapping_sub(b)])
        {
            let sum = &mut sums[*corner as usize];
            *sum = sum.wrapping_add(gain);
        }
    }
    sums.into_iter().map(|sum| sum != 0).collect()
}

/// A number whose sums do not cancel by chance (the finalizer of `SplitMix64`, G. Steele et al., OOPSLA 2014).
const fn scrambled(vertex: u32) -> u64 {
    let mut z = (vertex as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
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
