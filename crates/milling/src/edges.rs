//! Edges of the surface that faces up: where it ends, and where it is bent to a crease.

use geometry::TriMesh;
use rayon::prelude::*;

/// Cosine of the angle (5°) from which on an edge is a crease.
const CREASE_COS: f64 = 0.996_194_698;

/// Directed edges of the triangles that face up, by the vertex that they leave.
pub(crate) struct FacingEdges<'a> {
    mesh: &'a TriMesh,
    /// How upright the normal of each triangle is.
    upright: &'a [f64],
    /// Least of those that face up.
    least: f64,
    /// First edge of each vertex in `leaving`, and the end of the last.
    starts: Vec<u32>,
    /// End and triangle, sorted for each vertex: a hash takes ten times as long.
    leaving: Vec<[u32; 2]>,
}

impl<'a> FacingEdges<'a> {
    /// Edges of the triangles whose normals are more than `least` upright.
    pub(crate) fn of(mesh: &'a TriMesh, upright: &'a [f64], least: f64) -> Self {
        let facing = || {
            let all = mesh.triangles.iter().zip(upright).enumerate();
            all.filter(|(_, (_, upright))| **upright >= least)
        };
        let mut starts = vec![0_u32; mesh.vertices.len() + 1];
        for (_, (corners, _)) in facing() {
            corners.iter().for_each(|from| starts[*from as usize + 1] += 1);
        }
        for vertex in 0..mesh.vertices.len() {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut leaving = vec![[0_u32; 2]; starts[mesh.vertices.len()] as usize];
        for (triangle, (corners, _)) in facing() {
            for [from, to] in around(*corners) {
                leaving[next[from as usize] as usize] = [to, triangle as u32];
                next[from as usize] += 1;
            }
        }
        for ends in starts.windows(2) {
            leaving[ends[0] as usize..ends[1] as usize].sort_unstable();
        }
        Self { mesh, upright, least, starts, leaving }
    }

    /// The triangle on the left of an edge, if it faces up.
    fn beside(&self, from: u32, to: u32) -> Option<usize> {
        let [first, end] = [from, from + 1].map(|vertex| self.starts[vertex as usize] as usize);
        let leaving = &self.leaving[first..end];
        let at = leaving.partition_point(|edge| edge[0] < to);
        leaving.get(at).filter(|edge| edge[0] == to).map(|edge| edge[1] as usize)
    }

    /// Edges between a triangle that faces up and one that does not, or nothing: vertices in the direction of the upper
    /// surface, which lies on the left, and how upright its normal is. In the order of triangles.
    pub(crate) fn rim(&self) -> Vec<([u32; 2], f64)> {
        let mut rim = Vec::new();
        for (corners, upright) in self.mesh.triangles.iter().zip(self.upright) {
            if *upright < self.least {
                continue;
            }
            for [from, to] in around(*corners) {
                if self.beside(to, from).is_none() {
                    rim.push(([from, to], *upright));
                }
            }
        }
        rim
    }

    /// Whether each vertex is on the rim.
    pub(crate) fn on_rim(&self, rim: &[([u32; 2], f64)]) -> Vec<bool> {
        let mut on_rim = vec![false; self.mesh.vertices.len()];
        rim.iter().flat_map(|(ends, _)| ends).for_each(|end| on_rim[*end as usize] = true);
        on_rim
    }

    /// Edges along which two triangles that face up bend up toward each other, and how upright the flatter one is: along
    /// its normal the more is left. In the order of triangles.
    pub(crate) fn creases(&self) -> Vec<([u32; 2], f64)> {
        let triangles = &self.mesh.triangles;
        (0..triangles.len())
            .into_par_iter()
            .filter(|triangle| self.upright[*triangle] >= self.least)
            .flat_map_iter(|triangle| {
                around(triangles[triangle]).into_iter().filter_map(move |[from, to]| {
                    // Each edge once.
                    let other = (from < to).then(|| self.beside(to, from))??;
                    let flatter = self.upright[triangle].max(self.upright[other]);
                    self.bends_up([from, to], [triangle, other]).then_some(([from, to], flatter))
                })
            })
            .collect()
    }

    fn bends_up(&self, ends: [u32; 2], [one, other]: [usize; 2]) -> bool {
        let vertex = |index: u32| self.mesh.vertices[index as usize];
        let apex = self.mesh.triangles[other].into_iter().find(|corner| !ends.contains(corner));
        let normal = self.mesh.scaled_normal(one);
        let rise = apex.map_or(0.0, |apex| (vertex(apex) - vertex(ends[0])).dot(&normal));
        if rise <= 0.0 {
            return false;
        }
        let beyond = self.mesh.scaled_normal(other);
        normal.dot(&beyond) < CREASE_COS * normal.norm() * beyond.norm()
    }
}

/// The edges of a triangle, counter-clockwise.
const fn around([a, b, c]: [u32; 3]) -> [[u32; 2]; 3] {
    [[a, b], [b, c], [c, a]]
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;

    /// Two rectangles that meet along y in a valley (`rise` up) or a ridge (`rise` down).
    fn bent(rise: f64) -> TriMesh {
        let corner = |x: f64, y: f64| Point3::new(x, y, rise * x.abs());
        let vertices = [-2.0, 0.0, 2.0].iter().flat_map(|x| [corner(*x, 0.0), corner(*x, 9.0)]);
        let triangles = vec![[0, 2, 3], [0, 3, 1], [2, 4, 5], [2, 5, 3]];
        TriMesh { vertices: vertices.collect(), triangles }
    }

    #[test]
    fn valleys_have_a_crease_and_ridges_have_none() {
        for (rise, expected) in [(0.5, vec![[2, 3]]), (-0.5, vec![]), (0.04, vec![]), (0.0, vec![])]
        {
            let mesh = bent(rise);
            let upright = 1.0 / (1.0 + rise * rise).sqrt();
            let all = vec![upright; 4];
            let edges = FacingEdges::of(&mesh, &all, 0.05);
            let found: Vec<[u32; 2]> = edges
                .creases()
                .into_iter()
                .map(|([from, to], flatter)| {
                    assert!((flatter - upright).abs() < 1e-12);
                    [from.min(to), from.max(to)]
                })
                .collect();
            assert_eq!(found, expected, "{rise}");
            assert_eq!(edges.rim().len(), 6);
        }
    }

    #[test]
    fn a_steep_neighbor_makes_a_rim_and_no_crease() {
        let mesh = bent(0.5);
        let edges = FacingEdges::of(&mesh, &[0.9, 0.9, 0.01, 0.01], 0.05);
        assert!(edges.creases().is_empty());
        let mut rim: Vec<[u32; 2]> = edges.rim().into_iter().map(|(ends, _)| ends).collect();
        rim.sort_unstable();
        assert_eq!(rim, [[0, 2], [1, 0], [2, 3], [3, 1]]);
    }
}
