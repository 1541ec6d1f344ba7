//! Which triangles meet at which edges.
//!
//! The edge of a triangle from its corner k to the next is the half-edge 3 t + k.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::partition::Partitions;

/// The half-edge has no partner: the surface ends there.
pub(crate) const OPEN: u32 = u32::MAX;

/// Three or more triangles meet at the edge.
pub(crate) const KNOT: u32 = u32::MAX - 1;

/// Vertices per partition: their edges take about 300 kB.
const PARTITION_VERTICES: usize = 8192;

/// The partners of all half-edges.
pub(crate) struct Topology {
    /// For every half-edge the one of the only other triangle at its edge, whichever way that runs,
    /// or [`OPEN`], or [`KNOT`].
    pub(crate) partners: Vec<u32>,
    /// Pairs of triangles that meet at knots: each triangle with the next one.
    pub(crate) knotted: Vec<(u32, u32)>,
    /// Triangles with the same three vertices as an earlier one, in order.
    pub(crate) repeated: Vec<u32>,
    /// Whether all partners run in opposite directions along their edge, as in a surface with one
    /// winding.
    pub(crate) is_even: bool,
}

/// The corner after corner k of the same triangle.
pub(crate) const fn next(half_edge: u32) -> u32 {
    if half_edge % 3 == 2 { half_edge - 2 } else { half_edge + 1 }
}

/// The vertices from and to which a half-edge runs.
pub(crate) fn ends(triangles: &[[u32; 3]], half_edge: u32) -> [u32; 2] {
    let triangle = triangles[half_edge as usize / 3];
    [triangle[half_edge as usize % 3], triangle[next(half_edge) as usize % 3]]
}

/// One use of an edge.
#[derive(Clone, Copy)]
struct Use {
    low: u32,
    high: u32,
    half_edge: u32,
}

impl Topology {
    /// Finds all partners. No triangle may use a vertex twice.
    pub(crate) fn of(triangles: &[[u32; 3]], vertices: usize) -> Self {
        let count = vertices.div_ceil(PARTITION_VERTICES).max(1);
        let partitions = Partitions::of(triangles.len(), count, |index, sink| {
            let [a, b, c] = triangles[index];
            for (corner, (from, to)) in [(a, b), (b, c), (c, a)].into_iter().enumerate() {
                let (low, high) = (from.min(to), from.max(to));
                let half_edge = (3 * index + corner) as u32;
                sink(low as usize / PARTITION_VERTICES, Use { low, high, half_edge });
            }
        });
        let partners: Vec<AtomicU32> =
            (0..3 * triangles.len()).map(|_| AtomicU32::new(OPEN)).collect();
        let odd = partitions.map(|uses| match_partners(uses, triangles, &partners));
        let mut knotted = Vec::new();
        let mut repeated = Vec::new();
        let is_even = !odd.iter().any(|own| own.has_against);
        for mut own in odd {
            knotted.append(&mut own.knotted);
            repeated.append(&mut own.repeated);
        }
        repeated.sort_unstable();
        repeated.dedup();
        let partners = partners.into_iter().map(AtomicU32::into_inner).collect();
        Self { partners, knotted, repeated, is_even }
    }

    /// Follows triangles that were turned: their half-edges run in the opposite order.
    pub(crate) fn turn(&mut self, is_turned: &[bool]) {
        self.is_even = false;
        let moved = |half_edge: u32| {
            let triangle = half_edge / 3;
            if half_edge < KNOT && is_turned[triangle as usize] {
                3 * triangle + 2 - half_edge % 3
            } else {
                half_edge
            }
        };
        for partner in &mut self.partners {
            *partner = moved(*partner);
        }
        for (own, turned) in self.partners.as_chunks_mut::<3>().0.iter_mut().zip(is_turned) {
            if *turned {
                own.swap(0, 2);
            }
        }
    }
}

/// What is no plain pair of triangles.
#[derive(Default)]
struct Odd {
    knotted: Vec<(u32, u32)>,
    repeated: Vec<u32>,
    /// Whether two partners run in the same direction.
    has_against: bool,
}

fn match_partners(uses: Vec<Use>, triangles: &[[u32; 3]], partners: &[AtomicU32]) -> Odd {
    let mut odd = Odd::default();
    let Some(base) = uses.first().map(|one| one.low as usize / PARTITION_VERTICES) else {
        return odd;
    };
    // By the lower vertex first, as its values are few; what is left to sort is short then.
    let base = base * PARTITION_VERTICES;
    let mut starts = vec![0_u32; PARTITION_VERTICES + 1];
    for one in &uses {
        starts[one.low as usize - base + 1] += 1;
    }
    for index in 0..PARTITION_VERTICES {
        starts[index + 1] += starts[index];
    }
    let mut fill = starts.clone();
    let mut sorted = vec![(0_u32, 0_u32); uses.len()];
    for one in uses {
        let slot = &mut fill[one.low as usize - base];
        sorted[*slot as usize] = (one.high, one.half_edge);
        *slot += 1;
    }
    for range in starts.windows(2) {
        let around = &mut sorted[range[0] as usize..range[1] as usize];
        around.sort_unstable();
        for edge in around.chunk_by(|a, b| a.0 == b.0) {
            match *edge {
                [_] => {}
                [(_, a), (_, b)] => {
                    partners[a as usize].store(b, Ordering::Relaxed);
                    partners[b as usize].store(a, Ordering::Relaxed);
                    odd.has_against |= start(triangles, a) == start(triangles, b);
                    if third(triangles, a) == third(triangles, b) {
                        odd.repeated.push(a.max(b) / 3);
                    }
                }
                _ => {
                    let mut thirds: Vec<(u32, u32)> =
                        edge.iter().map(|&(_, h)| (third(triangles, h), h / 3)).collect();
                    thirds.sort_unstable();
                    let again = thirds.windows(2).filter(|pair| pair[0].0 == pair[1].0);
                    odd.repeated.extend(again.map(|pair| pair[1].1));
                    for &(_, half_edge) in edge {
                        partners[half_edge as usize].store(KNOT, Ordering::Relaxed);
                    }
                    odd.knotted.extend(edge.windows(2).map(|pair| (pair[0].1 / 3, pair[1].1 / 3)));
                }
            }
        }
    }
    odd
}

/// The vertex from which a half-edge runs.
fn start(triangles: &[[u32; 3]], half_edge: u32) -> u32 {
    triangles[half_edge as usize / 3][half_edge as usize % 3]
}

/// The vertex of the half-edge's triangle that is not on it.
fn third(triangles: &[[u32; 3]], half_edge: u32) -> u32 {
    triangles[half_edge as usize / 3][(half_edge as usize + 2) % 3]
}
