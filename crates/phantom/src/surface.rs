//! Triangles on an implicit surface: surface nets on a well-composed sign grid.
//!
//! One vertex per grid cell that the surface crosses (S. Gibson, "Constrained elastic surface nets",
//! 1998), which gives even triangles. Where cubes would touch along an edge only, or at a corner
//! only, that surface would not be a manifold; there, outside nodes are taken in until none is left
//! (L. Latecki et al., "Well-composed sets", 1995). Vertices are then spread along the surface and
//! put onto it by Newton steps.
//!
//! Gaps thinner than a cell may close. Nodes whose surroundings the surface cannot reach are not
//! evaluated.

use std::ops::RangeInclusive;

use geometry::{Point3, TriMesh, Vector3};
use rayon::prelude::*;

use crate::search::STEEPEST_GRADIENT;

/// A body in space.
pub(crate) trait Solid: Sync {
    /// Negative inside; its gradient is not longer than [`STEEPEST_GRADIENT`].
    fn value(&self, point: &Point3) -> f64;

    /// Lowest and highest corner of a box that holds the body.
    fn bounds(&self) -> (Point3, Point3);
}

/// Cells along an edge of the blocks that are skipped or evaluated as a whole.
const BLOCK: usize = 4;

/// Rounds of spreading the vertices, and the share of the way to the neighbors' mean.
const SPREADING_ROUNDS: usize = 4;
const SPREADING_SHARE: f64 = 0.6;

/// Meshes the surface of `shape` with edges of about `edge_mm`.
pub(crate) fn extract(shape: &impl Solid, edge_mm: f64) -> TriMesh {
    let mut grid = Grid::sampled(shape, edge_mm);
    grid.make_well_composed();
    let (vertices, cells) = grid.vertices();
    let triangles = grid.triangles(&vertices, &cells);
    let mut mesh = TriMesh { vertices, triangles };
    spread(&mut mesh, shape, edge_mm);
    mesh
}

/// Field values on a grid that holds the foot with a margin of outside nodes all around.
struct Grid {
    origin: Point3,
    spacing: f64,
    /// Nodes along x, y, z.
    size: [usize; 3],
    /// x runs fastest, then y.
    values: Vec<f64>,
}

impl Grid {
    fn sampled(shape: &impl Solid, spacing: f64) -> Self {
        let (low, high) = shape.bounds();
        let margin = Vector3::repeat(2.0 * spacing);
        let extent = high - low + margin * 2.0;
        let blocks =
            [0, 1, 2].map(|axis| (extent[axis] / (spacing * BLOCK as f64)).ceil() as usize);
        let mut grid = Self {
            origin: low - margin,
            spacing,
            size: blocks.map(|count| count * BLOCK + 1),
            values: Vec::new(),
        };
        let far = grid.far_blocks(shape, blocks);
        let layers: Vec<Vec<f64>> =
            (0..grid.size[2]).into_par_iter().map(|k| grid.layer(shape, blocks, &far, k)).collect();
        grid.values = layers.concat();
        grid
    }

    /// For each block the value at its center if the surface cannot reach the block, else `None`.
    fn far_blocks(&self, shape: &impl Solid, blocks: [usize; 3]) -> Vec<Option<f64>> {
        let half = 0.5 * BLOCK as f64;
        let reach = STEEPEST_GRADIENT * 3.0_f64.sqrt() * half * self.spacing;
        let at = |block: usize| block as f64 * BLOCK as f64 + half;
        (0..blocks.iter().product::<usize>())
            .into_par_iter()
            .map(|index| {
                let (i, rest) = (index % blocks[0], index / blocks[0]);
                let (j, k) = (rest % blocks[1], rest / blocks[1]);
                let center = self.origin + Vector3::new(at(i), at(j), at(k)) * self.spacing;
                let value = shape.value(&center);
                (value.abs() > reach).then_some(value)
            })
            .collect()
    }

    /// Values of the nodes of layer `k`.
    fn layer(
        &self,
        shape: &impl Solid,
        blocks: [usize; 3],
        far: &[Option<f64>],
        k: usize,
    ) -> Vec<f64> {
        let around = |node: usize, axis: usize| -> RangeInclusive<usize> {
            let first = node.saturating_sub(1) / BLOCK;
            first..=(node / BLOCK).min(blocks[axis] - 1)
        };
        let mut values = Vec::with_capacity(self.size[0] * self.size[1]);
        for j in 0..self.size[1] {
            for i in 0..self.size[0] {
                // All blocks that the node belongs to must be far; they then agree on the sign.
                let mut value = None;
                'near: for bk in around(k, 2) {
                    for bj in around(j, 1) {
                        for bi in around(i, 0) {
                            value = far[(bk * blocks[1] + bj) * blocks[0] + bi];
                            if value.is_none() {
                                break 'near;
                            }
                        }
                    }
                }
                values.push(value.unwrap_or_else(|| shape.value(&self.node(i, j, k))));
            }
        }
        values
    }

    fn node(&self, i: usize, j: usize, k: usize) -> Point3 {
        self.origin + Vector3::new(i as f64, j as f64, k as f64) * self.spacing
    }

    /// Steps in `values` to the next node along x, y, z.
    fn strides(&self) -> [usize; 3] {
        [1, self.size[0], self.size[0] * self.size[1]]
    }

    /// Index of every node that is the lowest corner of a cell.
    fn cell_corners(&self) -> impl Iterator<Item = usize> + use<> {
        let [nx, ny, nz] = self.size;
        (0..nz - 1).flat_map(move |k| {
            (0..ny - 1).flat_map(move |j| (0..nx - 1).map(move |i| (k * ny + j) * nx + i))
        })
    }

    /// The eight corners of the cell at a lowest corner; bit 0 of the position is x, 1 y, 2 z.
    fn corners(&self, lowest: usize) -> [usize; 8] {
        let [x, y, z] = self.strides();
        std::array::from_fn(|c| lowest + (c & 1) * x + (c >> 1 & 1) * y + (c >> 2 & 1) * z)
    }

    /// Takes outside nodes in until no cell holds a critical configuration. Every change adds a
    /// node, so this ends.
    fn make_well_composed(&mut self) {
        let mut pending: Vec<usize> = self.cell_corners().collect();
        while !pending.is_empty() {
            let mut changed = Vec::new();
            for &lowest in &pending {
                let corners = self.corners(lowest);
                while let Some(outside) = critical_node(corners.map(|c| self.values[c])) {
                    let node = corners[outside];
                    self.values[node] = -f64::MIN_POSITIVE;
                    changed.push(node);
                }
            }
            pending = changed.into_iter().flat_map(|node| self.cells_around(node)).collect();
            pending.sort_unstable();
            pending.dedup();
        }
    }

    /// Lowest corners of the eight cells that share a node. Nodes on the grid's border never change:
    /// they are outside by a margin of two cells.
    fn cells_around(&self, node: usize) -> [usize; 8] {
        let [x, y, z] = self.strides();
        std::array::from_fn(|c| node - (c & 1) * x - (c >> 1 & 1) * y - (c >> 2 & 1) * z)
    }

    /// One vertex per crossed cell, at the mean of the crossings of its edges, and per cell (by its
    /// lowest corner) the vertex's index.
    fn vertices(&self) -> (Vec<Point3>, Vec<u32>) {
        let mut vertices = Vec::new();
        let mut cells = vec![u32::MAX; self.values.len()];
        for lowest in self.cell_corners() {
            let values = self.corners(lowest).map(|c| self.values[c]);
            let inside = values.iter().filter(|value| **value < 0.0).count();
            if inside == 0 || inside == 8 {
                continue;
            }
            cells[lowest] = vertices.len() as u32;
            let [nx, ny, _] = self.size;
            let corner = self.node(lowest % nx, lowest / nx % ny, lowest / (nx * ny));
            vertices.push(corner + mean_crossing(values) * self.spacing);
        }
        (vertices, cells)
    }

    /// Two triangles around every grid edge that the surface crosses.
    fn triangles(&self, vertices: &[Point3], cells: &[u32]) -> Vec<[u32; 3]> {
        let strides = self.strides();
        let mut triangles = Vec::new();
        for node in self.cell_corners() {
            for axis in 0..3 {
                let here_inside = self.values[node] < 0.0;
                if here_inside == (self.values[node + strides[axis]] < 0.0) {
                    continue;
                }
                // Counter-clockwise around the axis: outward if the axis leaves the body here.
                let (u, v) = (strides[(axis + 1) % 3], strides[(axis + 2) % 3]);
                let mut quad = [node - u - v, node - v, node, node - u].map(|cell| cells[cell]);
                if !here_inside {
                    quad.reverse();
                }
                triangles.extend(split(quad, vertices));
            }
        }
        triangles
    }
}

/// An outside corner to take in so that the inside corners of a cell hang together by faces, and so
/// do the outside ones; `None` if they do.
///
/// Two configurations are critical: on a face, one diagonal inside and the other outside; in a
/// cell, two opposite corners that differ from the six others. Of the outside corners involved the
/// one nearest to the surface is named.
fn critical_node(values: [f64; 8]) -> Option<usize> {
    let inside = values.map(|value| value < 0.0);
    if inside == [inside[0]; 8] {
        return None;
    }
    let nearest = |corners: &[usize]| {
        corners.iter().copied().min_by(|&a, &b| values[a].total_cmp(&values[b]))
    };
    for [a, b, c, d] in FACES {
        if inside[a] == inside[d] && inside[b] == inside[c] && inside[a] != inside[b] {
            return if inside[a] { nearest(&[b, c]) } else { nearest(&[a, d]) };
        }
    }
    for corner in 0..4 {
        let opposite = 7 - corner;
        let others: Vec<usize> = (0..8).filter(|&c| c != corner && c != opposite).collect();
        if inside[corner] == inside[opposite] && others.iter().all(|&c| inside[c] != inside[corner])
        {
            return if inside[corner] { nearest(&others) } else { nearest(&[corner, opposite]) };
        }
    }
    None
}

/// Corners of the six faces of a cell; first and last are diagonal.
const FACES: [[usize; 4]; 6] =
    [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 4, 5], [2, 3, 6, 7], [0, 2, 4, 6], [1, 3, 5, 7]];

/// Mean of the points where the cell's edges cross the surface, in cell units.
fn mean_crossing(values: [f64; 8]) -> Vector3 {
    let position =
        |c: usize| Vector3::new((c & 1) as f64, (c >> 1 & 1) as f64, (c >> 2 & 1) as f64);
    let (mut sum, mut count) = (Vector3::zeros(), 0.0);
    for corner in 0..8_usize {
        for axis in [1, 2, 4] {
            let other = corner | axis;
            if other != corner && (values[corner] < 0.0) != (values[other] < 0.0) {
                let share = values[corner] / (values[corner] - values[other]);
                sum += position(corner).lerp(&position(other), share);
                count += 1.0;
            }
        }
    }
    sum / count
}

/// Splits a quad along its shorter diagonal.
fn split([a, b, c, d]: [u32; 4], vertices: &[Point3]) -> [[u32; 3]; 2] {
    let diagonal = |from: u32, to: u32| (vertices[from as usize] - vertices[to as usize]).norm();
    if diagonal(a, c) <= diagonal(b, d) { [[a, b, c], [a, c, d]] } else { [[a, b, d], [b, c, d]] }
}

/// Evens out the triangles: moves every vertex along the surface towards its neighbors' mean, and
/// onto the surface.
fn spread(mesh: &mut TriMesh, shape: &impl Solid, edge_mm: f64) {
    for _ in 0..SPREADING_ROUNDS {
        let mut sums = vec![(Vector3::zeros(), 0.0); mesh.vertices.len()];
        for &[a, b, c] in &mesh.triangles {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                let sum = &mut sums[from as usize];
                sum.0 += mesh.vertices[to as usize].coords;
                sum.1 += 1.0;
            }
        }
        mesh.vertices = mesh
            .vertices
            .par_iter()
            .zip(&sums)
            .map(|(vertex, (sum, count))| {
                let wanted = (sum / *count - vertex.coords) * SPREADING_SHARE;
                let slope = gradient(shape, vertex);
                let normal = slope.normalize();
                let moved = vertex + wanted - normal * wanted.dot(&normal);
                newton_step(shape, moved, &slope, edge_mm)
            })
            .collect();
    }
    mesh.vertices = mesh.vertices.par_iter().map(|v| onto_surface(shape, *v, edge_mm)).collect();
}

/// Two Newton steps with a fresh gradient each, and two more with the last one.
fn onto_surface(shape: &impl Solid, start: Point3, edge_mm: f64) -> Point3 {
    let near = newton_step(shape, start, &gradient(shape, &start), edge_mm);
    let slope = gradient(shape, &near);
    (0..3).fold(near, |point, _| newton_step(shape, point, &slope, edge_mm))
}

/// Towards the surface along `slope`, the gradient nearby, by no more than an edge.
fn newton_step(shape: &impl Solid, point: Point3, slope: &Vector3, edge_mm: f64) -> Point3 {
    let step = slope * (shape.value(&point) / slope.norm_squared().max(1e-6));
    point - step.cap_magnitude(edge_mm)
}

/// Gradient of the field by differences between the corners of a small tetrahedron, which are
/// exact to second order like central differences but need four values.
fn gradient(shape: &impl Solid, point: &Point3) -> Vector3 {
    const STEP_MM: f64 = 1e-4;
    let corners = [[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]];
    let sum: Vector3 = corners
        .iter()
        .map(|corner| {
            let corner = Vector3::from(*corner);
            corner * shape.value(&(point + corner * STEP_MM))
        })
        .sum();
    sum / (4.0 * STEP_MM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PhantomSettings;
    use crate::measured::scaled_to;
    use crate::shape::FootShape;

    fn shape() -> FootShape {
        scaled_to(&PhantomSettings::default()).unwrap().0
    }

    /// Whether all corners for which `wanted` holds hang together along edges of the cell.
    fn connected(wanted: impl Fn(usize) -> bool) -> bool {
        let Some(first) = (0..8).find(|&c| wanted(c)) else { return true };
        let mut reached = vec![first];
        let mut next = 0;
        while next < reached.len() {
            for other in [1, 2, 4].map(|axis| reached[next] ^ axis) {
                if wanted(other) && !reached.contains(&other) {
                    reached.push(other);
                }
            }
            next += 1;
        }
        (0..8).all(|c| !wanted(c) || reached.contains(&c))
    }

    #[test]
    fn a_cell_is_critical_exactly_if_one_of_its_sides_falls_apart() {
        for mask in 0..256_u32 {
            let inside = |c: usize| mask >> c & 1 == 1;
            let values = std::array::from_fn(|c| if inside(c) { -1.0 } else { 1.0 });
            let sound = connected(inside) && connected(|c| !inside(c));
            let critical = critical_node(values);
            assert_eq!(critical.is_none(), sound, "{mask:08b}");
            assert!(critical.is_none_or(|corner| !inside(corner)), "{mask:08b}");
        }
    }

    #[test]
    fn skipped_blocks_hold_no_surface() {
        let shape = shape();
        let grid = Grid::sampled(&shape, 4.0);
        let [nx, ny, nz] = grid.size;
        let mut inside = 0;
        for index in 0..nx * ny * nz {
            let node = grid.node(index % nx, index / nx % ny, index / (nx * ny));
            assert_eq!(grid.values[index] < 0.0, shape.value(&node) < 0.0, "{node}");
            inside += usize::from(grid.values[index] < 0.0);
        }
        assert!(inside > 5000, "the foot is there");
    }

    #[test]
    fn no_field_is_steeper_than_the_bound() {
        // The highest vault on the narrowest foot.
        let settings = PhantomSettings {
            length_mm: 273.0,
            ball_width_mm: 91.0,
            heel_width_mm: 61.0,
            arch_height_mm: 30.0,
            arch_apex_fraction: 0.39,
            forefoot_angle: vocabulary::Angle::from_deg(-10.0),
            ..Default::default()
        };
        let shape = scaled_to(&settings).unwrap().0;
        let steepest = (0..40 * 100 * 40)
            .map(|index| {
                let (i, j, k) = (index % 40, index / 40 % 100, index / 4000);
                let at = [i, j, k].map(f64::from);
                let at = Point3::new(3.0 * at[0] - 60.0, 3.0 * at[1] - 50.0, 3.0 * at[2] - 3.0);
                gradient(&shape, &at).norm()
            })
            .fold(0.0, f64::max);
        assert!((1.0..STEEPEST_GRADIENT).contains(&steepest), "{steepest}");
    }

    #[test]
    fn vertices_lie_on_the_surface_and_triangles_face_outward() {
        let shape = shape();
        let mesh = extract(&shape, 3.0);
        for vertex in &mesh.vertices {
            assert!(shape.value(vertex).abs() < 1e-6, "{vertex}: {}", shape.value(vertex));
        }
        let inward = (0..mesh.triangles.len())
            .filter(|&index| {
                let [a, b, c] = mesh.corners(index);
                let middle = a + ((b - a) + (c - a)) / 3.0;
                mesh.scaled_normal(index).dot(&gradient(&shape, &middle)) <= 0.0
            })
            .count();
        assert_eq!(inward, 0);
    }
}
