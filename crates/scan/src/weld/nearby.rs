//! For every vertex the first earlier vertex within a tolerance.

use std::collections::HashMap;

use crate::partition::Partitions;

use super::{Hash, partition_of, partitions_for};

/// Edge of a search cell in tolerances. Large enough that few vertices need to look into the
/// neighboring cells, small enough that a cell holds few vertices of the finest scans.
const CELL_TOLERANCES: f64 = 32.0;

/// From so many vertices in one cell on, all are searched in the dense way.
const CROWD: usize = 64;

/// Most pairs in reach per vertex before all are searched in the dense way.
const PAIRS_PER_VERTEX: usize = 4;

/// For every vertex the index of the first earlier vertex in reach that is itself kept, or its own;
/// `None` if all are kept.
pub(super) fn first_in_reach(vertices: &[[f64; 3]], tolerance: f64) -> Option<Vec<u32>> {
    let Some(pairs) = pairs_in_reach(vertices, tolerance) else {
        return Some(dense_first_in_reach(vertices, tolerance));
    };
    if pairs.is_empty() {
        return None;
    }
    let mut first: Vec<u32> = (0..vertices.len() as u32).collect();
    for (later, earlier) in pairs {
        // In order of the later, then the earlier one: the first that is kept wins.
        let (is_free, is_kept) =
            (first[later as usize] == later, first[earlier as usize] == earlier);
        if is_free && is_kept {
            first[later as usize] = earlier;
        }
    }
    Some(first)
}

/// All pairs of vertices in reach as (later, earlier), in order; `None` where too many crowd together.
fn pairs_in_reach(vertices: &[[f64; 3]], tolerance: f64) -> Option<Vec<(u32, u32)>> {
    let cell = CELL_TOLERANCES * tolerance;
    let hash = Hash::new();
    let count = partitions_for(vertices.len());
    let partitions = Partitions::of(vertices.len(), count, |index, sink| {
        for_cells_in_reach(vertices[index], tolerance, cell, |cell| {
            let hash = hash.of(cell.map(|c| c as u64));
            sink(partition_of(hash, count), (hash, index as u32));
        });
    });
    let found = partitions.map(|mut records| {
        records.sort_unstable();
        let mut pairs = Vec::new();
        for crowd in records.chunk_by(|a, b| a.0 == b.0) {
            if crowd.len() > CROWD {
                return None;
            }
            for (place, &(_, later)) in crowd.iter().enumerate() {
                for &(_, earlier) in &crowd[..place] {
                    if is_within(vertices[later as usize], vertices[earlier as usize], tolerance) {
                        pairs.push((later, earlier));
                    }
                }
            }
            if pairs.len() > PAIRS_PER_VERTEX * records.len() {
                return None;
            }
        }
        Some(pairs)
    });
    let mut pairs = found.into_iter().collect::<Option<Vec<_>>>()?.concat();
    pairs.sort_unstable();
    pairs.dedup();
    Some(pairs)
}

fn is_within(a: [f64; 3], b: [f64; 3], tolerance: f64) -> bool {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>() <= tolerance * tolerance
}

/// Visits the cells that the cube of the tolerance around the vertex touches: one to eight.
fn for_cells_in_reach(
    vertex: [f64; 3],
    tolerance: f64,
    cell: f64,
    mut visit: impl FnMut([i64; 3]),
) {
    // Far out, where a cell is finer than the numbers, `as` saturates and all share a cell.
    let low = vertex.map(|c| ((c - tolerance) / cell).floor() as i64);
    let high = vertex.map(|c| ((c + tolerance) / cell).floor() as i64);
    for x in low[0]..=high[0] {
        for y in low[1]..=high[1] {
            for z in low[2]..=high[2] {
                visit([x, y, z]);
            }
        }
    }
}

/// Edge of a search cell of the dense way in tolerances: so small that no more than a few dozen kept
/// vertices fit into it.
const DENSE_CELL_TOLERANCES: f64 = 2.0;

const NO_VERTEX: u32 = u32::MAX;

/// The same one after the other, keeping lists of the kept vertices only: slower for an ordinary
/// scan, but no crowd makes it slow.
fn dense_first_in_reach(vertices: &[[f64; 3]], tolerance: f64) -> Vec<u32> {
    let cell = DENSE_CELL_TOLERANCES * tolerance;
    let mut last_in: HashMap<[i64; 3], u32> = HashMap::with_capacity(vertices.len());
    // For each kept vertex the one that was kept in its cell before it.
    let mut before = vec![NO_VERTEX; vertices.len()];
    let mut first = Vec::with_capacity(vertices.len());
    for (index, &vertex) in vertices.iter().enumerate() {
        let mut found = NO_VERTEX;
        for_cells_in_reach(vertex, tolerance, cell, |cell| {
            let mut other = last_in.get(&cell).copied().unwrap_or(NO_VERTEX);
            while other != NO_VERTEX {
                if is_within(vertices[other as usize], vertex, tolerance) {
                    found = found.min(other);
                }
                other = before[other as usize];
            }
        });
        if found == NO_VERTEX {
            found = index as u32;
            let own = vertex.map(|c| (c / cell).floor() as i64);
            before[index] = last_in.insert(own, found).unwrap_or(NO_VERTEX);
        }
        first.push(found);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        let mut state = 5_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        // Many pairs and some chains of three and more within the tolerance.
        let vertices: Vec<[f64; 3]> =
            (0..5000).map(|_| [random(), random(), 0.001 * random()]).collect();
        let mut joined = 0;
        for tolerance in [0.001, 0.002] {
            let sparse = first_in_reach(&vertices, tolerance).unwrap();
            assert!(pairs_in_reach(&vertices, tolerance).is_some());
            assert_eq!(sparse, dense_first_in_reach(&vertices, tolerance));
            joined += (0..sparse.len()).filter(|&index| sparse[index] != index as u32).count();
        }
        assert!(joined > 100, "{joined}");
        assert_eq!(first_in_reach(&vertices, 1e-9), None);
    }

    #[test]
    fn a_crowd_takes_no_time() {
        let vertices: Vec<[f64; 3]> =
            (0..200_000).map(|i| [f64::from(i) * 1e-12, 0.0, 0.0]).collect();
        assert_eq!(pairs_in_reach(&vertices, 1.0), None);
        assert!(first_in_reach(&vertices, 1.0).unwrap().iter().all(|&first| first == 0));
    }
}
