//! Joins corners that stand at the same place into shared vertices.
//!
//! First exactly, by bit pattern, so that equal corners stay together whatever comes later; then
//! within a tolerance, over a grid of cells: a vertex takes the first earlier vertex in reach.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::raw::{Corners, Indexed};

/// Welding tolerance as a share of the diagonal of the bounding box: 0.006 mm for a foot of 300 mm.
/// Scanners repeat the corners of neighboring triangles to within 0.005 mm.
const TOLERANCE_SHARE: f64 = 2e-5;

/// Edge of a search cell in tolerances. Small enough that a cell holds few vertices, large enough
/// that most vertices need not look into the neighboring cells.
const CELL_TOLERANCES: f64 = 8.0;

/// Welds finite corners. Vertices are numbered in the order in which the file first names them.
pub(crate) fn weld(soup: &[Corners]) -> Indexed {
    weld_vertices(weld_exactly(soup))
}

/// Welds finite vertices.
pub(crate) fn weld_vertices(mesh: Indexed) -> Indexed {
    let tolerance = TOLERANCE_SHARE * diagonal(&mesh.vertices);
    weld_nearby(mesh, tolerance)
}

fn weld_exactly(soup: &[Corners]) -> Indexed {
    let mut index_of: FastMap<[u32; 3], u32> = FastMap::default();
    index_of.reserve(soup.len() / 2);
    let mut vertices = Vec::with_capacity(soup.len() / 2);
    let triangles = soup
        .iter()
        .map(|corners| {
            corners.map(|corner| {
                // Adding zero turns -0.0 into 0.0, so that both are one place.
                let corner = corner.map(|coordinate| coordinate + 0.0);
                *index_of.entry(corner.map(f32::to_bits)).or_insert_with(|| {
                    vertices.push(corner.map(f64::from));
                    (vertices.len() - 1) as u32
                })
            })
        })
        .collect();
    Indexed { vertices, triangles }
}

fn diagonal(vertices: &[[f64; 3]]) -> f64 {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for vertex in vertices {
        for axis in 0..3 {
            low[axis] = low[axis].min(vertex[axis]);
            high[axis] = high[axis].max(vertex[axis]);
        }
    }
    (0..3).map(|axis| (high[axis] - low[axis]).max(0.0).powi(2)).sum::<f64>().sqrt()
}

fn weld_nearby(exact: Indexed, tolerance: f64) -> Indexed {
    if tolerance <= 0.0 || !tolerance.is_finite() {
        return exact;
    }
    let mut grid = CellGrid::new(tolerance, exact.vertices.len());
    let kept_index: Vec<u32> = exact.vertices.iter().map(|&vertex| grid.join(vertex)).collect();
    let triangles = exact
        .triangles
        .iter()
        .map(|triangle| triangle.map(|index| kept_index[index as usize]))
        .collect();
    Indexed { vertices: grid.vertices, triangles }
}

/// Kept vertices, found by place.
struct CellGrid {
    tolerance: f64,
    cell: f64,
    /// The last vertex that was kept in each cell.
    last_in: FastMap<[i32; 3], u32>,
    vertices: Vec<[f64; 3]>,
    /// For each vertex the one that was kept in its cell before it, or [`NO_VERTEX`].
    before: Vec<u32>,
}

const NO_VERTEX: u32 = u32::MAX;

impl CellGrid {
    fn new(tolerance: f64, expected: usize) -> Self {
        let mut last_in = FastMap::default();
        last_in.reserve(expected);
        Self {
            tolerance,
            cell: CELL_TOLERANCES * tolerance,
            last_in,
            vertices: Vec::with_capacity(expected),
            before: Vec::with_capacity(expected),
        }
    }

    /// The index of the kept vertex within the tolerance, keeping this one if there is none.
    fn join(&mut self, vertex: [f64; 3]) -> u32 {
        // The bounding box is about 1/2e-5/8 = 6250 cells wide, so cells fit i32 unless the scan
        // stands a quarter of a million of its own sizes from the origin; then `as` saturates and
        // everything shares a cell, which is slow but right.
        let low = vertex.map(|c| ((c - self.tolerance) / self.cell).floor() as i32);
        let high = vertex.map(|c| ((c + self.tolerance) / self.cell).floor() as i32);
        let mut found = NO_VERTEX;
        for x in low[0]..=high[0] {
            for y in low[1]..=high[1] {
                for z in low[2]..=high[2] {
                    found = found.min(self.first_in_reach([x, y, z], vertex));
                }
            }
        }
        if found != NO_VERTEX {
            return found;
        }
        let index = self.vertices.len() as u32;
        let own = vertex.map(|c| (c / self.cell).floor() as i32);
        let before = self.last_in.insert(own, index).unwrap_or(NO_VERTEX);
        self.vertices.push(vertex);
        self.before.push(before);
        index
    }

    fn first_in_reach(&self, cell: [i32; 3], vertex: [f64; 3]) -> u32 {
        let mut first = NO_VERTEX;
        let mut index = self.last_in.get(&cell).copied().unwrap_or(NO_VERTEX);
        while index != NO_VERTEX {
            let other = self.vertices[index as usize];
            let distance_squared: f64 =
                (0..3).map(|axis| (other[axis] - vertex[axis]).powi(2)).sum();
            if distance_squared <= self.tolerance * self.tolerance {
                first = index;
            }
            index = self.before[index as usize];
        }
        first
    }
}

/// A map with a fast hash. Its order is never used, only its look-ups.
type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// Multiplies and folds, word by word. Bit patterns of coordinates differ in their high bits, so the
/// high half of each product is folded back into the low one.
#[derive(Clone, Copy, Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for word in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..word.len()].copy_from_slice(word);
            self.write_u64(u64::from_le_bytes(padded));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_i32(&mut self, word: i32) {
        self.write_u64(u64::from(word as u32));
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strip of squares of size 1 along x, two triangles each, whose corners are jittered.
    fn strip(squares: usize, jitter: f32) -> Vec<Corners> {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32 * 2.0 * jitter
        };
        let mut corner = |x: usize, y: f32| [x as f32 + noise(), y + noise(), noise()];
        (0..squares)
            .flat_map(|x| {
                [
                    [corner(x, 0.0), corner(x + 1, 0.0), corner(x, 1.0)],
                    [corner(x + 1, 0.0), corner(x + 1, 1.0), corner(x, 1.0)],
                ]
            })
            .collect()
    }

    #[test]
    fn jitter_within_the_tolerance_is_welded() {
        let squares = 200;
        // Two jittered corners are at most 2 √3 jitter apart; the tolerance is 2e-5 · 200.
        let welded = weld(&strip(squares, 0.001));
        assert_eq!(welded.vertices.len(), 2 * (squares + 1));
        let welded = weld(&strip(squares, 0.1));
        assert!(welded.vertices.len() > 4 * squares, "coarser differences are kept");
    }

    #[test]
    fn plus_and_minus_zero_are_one_place() {
        let soup = [
            [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            [[-0.0, -0.0, 0.0], [0.0, 1.0, -0.0], [-1.0, 0.0, 0.0]],
        ];
        assert_eq!(weld(&soup).triangles, [[0, 1, 2], [0, 2, 3]]);
    }

    #[test]
    fn one_place_has_one_vertex() {
        let soup = vec![[[3.0, 3.0, 3.0]; 3]; 5];
        let welded = weld(&soup);
        assert_eq!(welded.vertices, [[3.0; 3]]);
        assert_eq!(welded.triangles, [[0; 3]; 5]);
    }
}
