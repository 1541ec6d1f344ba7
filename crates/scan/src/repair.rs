//! Drops triangles that are none, pulls spikes back, and closes small holes.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::patches::borders;
use crate::pieces::{DEBRIS, Pieces};
use crate::raw::Indexed;
use crate::topology::{OPEN, Topology, ends};
use crate::vector::{cross, dot, minus, plus, squared, times};

/// Removes triangles without area; returns how many.
pub(crate) fn drop_degenerate(mesh: &mut Indexed) -> usize {
    let vertices = &mesh.vertices;
    if mesh.triangles.par_iter().all(|&triangle| has_area(vertices, triangle)) {
        return 0;
    }
    let before = mesh.triangles.len();
    mesh.triangles.retain(|&triangle| has_area(vertices, triangle));
    before - mesh.triangles.len()
}

/// Removes triangles by their indices, which rise.
pub(crate) fn drop_listed(triangles: &mut Vec<[u32; 3]>, listed: &[u32]) {
    let mut next = listed.iter().copied().peekable();
    let mut index = 0;
    triangles.retain(|_| {
        let drop = next.next_if_eq(&index).is_some();
        index += 1;
        !drop
    });
}

/// Whether the triangle's height over its longest edge is more than rounding: single precision keeps
/// seven digits, so three corners on one line are off it by up to 1e-7 of their distance.
fn has_area(vertices: &[[f64; 3]], [a, b, c]: [u32; 3]) -> bool {
    if a == b || b == c || c == a {
        return false;
    }
    let [a, b, c] = [a, b, c].map(|index| vertices[index as usize]);
    let longest_squared = squared(a, b).max(squared(a, c)).max(squared(b, c));
    let normal = cross(minus(b, a), minus(c, a));
    dot(normal, normal).sqrt() > 1e-7 * longest_squared
}

/// What makes a vertex a spike.
#[derive(Clone, Copy)]
struct Steepness {
    /// How much farther it stands from the middle of its neighbors than these do on average.
    ratio: f64,
    /// By how much each of its sides is longer than the side across, at least: less than the ratio
    /// makes them, so that none is missed.
    longer: f64,
}

/// A cone with a full angle of 37°: toes and heels end rounder at any resolution.
const STEEP: Steepness = Steepness { ratio: 3.0, longer: 1.8 };

/// A cone with a right angle, for scans that are full of spikes: among them are many that stand out less.
const BLUNT: Steepness = Steepness { ratio: 1.0, longer: 1.0 };

/// Share of spikes among the vertices from which a scan is full of them.
pub(crate) const MANY_SPIKES: f64 = 0.01;

/// Spikes of several vertices shrink from their tips.
const SPIKE_PASSES: usize = 3;

/// Moves every vertex that stands out as a spike to the middle of its neighbors; returns how many.
pub(crate) fn pull_spikes(mesh: &mut Indexed) -> usize {
    let steep = pull_until_none(mesh, STEEP);
    if (steep as f64) < MANY_SPIKES * mesh.vertices.len() as f64 {
        return steep;
    }
    steep + pull_until_none(mesh, BLUNT)
}

fn pull_until_none(mesh: &mut Indexed, steepness: Steepness) -> usize {
    let mut pulled = 0;
    for _ in 0..SPIKE_PASSES {
        let suspects = suspects(mesh, steepness.longer);
        if suspects.is_empty() {
            break;
        }
        let moved = spikes_among(mesh, &suspects, steepness.ratio);
        if moved.is_empty() {
            break;
        }
        pulled += moved.len();
        for (vertex, place) in moved {
            mesh.vertices[vertex as usize] = place;
        }
    }
    pulled
}

/// Vertices in all of whose triangles both own sides are longer than the side across, by a factor.
fn suspects(mesh: &Indexed, longer: f64) -> Vec<u32> {
    let longer = longer * longer;
    let is_cleared: Vec<AtomicBool> =
        mesh.vertices.iter().map(|_| AtomicBool::new(false)).collect();
    let is_used: Vec<AtomicBool> = mesh.vertices.iter().map(|_| AtomicBool::new(false)).collect();
    mesh.triangles.par_iter().for_each(|triangle| {
        let [a, b, c] = triangle.map(|index| mesh.vertices[index as usize]);
        let (ab, bc, ca) = (squared(a, b), squared(b, c), squared(c, a));
        for (vertex, own, across) in [
            (triangle[0], ab.min(ca), bc),
            (triangle[1], ab.min(bc), ca),
            (triangle[2], bc.min(ca), ab),
        ] {
            if own <= longer * across {
                is_cleared[vertex as usize].store(true, Ordering::Relaxed);
            } else {
                is_used[vertex as usize].store(true, Ordering::Relaxed);
            }
        }
    });
    (0..mesh.vertices.len() as u32)
        .filter(|&vertex| {
            let at = vertex as usize;
            !is_cleared[at].load(Ordering::Relaxed) && is_used[at].load(Ordering::Relaxed)
        })
        .collect()
}

/// The spikes among some vertices, each with the middle of its neighbors.
fn spikes_among(mesh: &Indexed, suspects: &[u32], ratio: f64) -> Vec<(u32, [f64; 3])> {
    let mut rings: Vec<(Vec<u32>, usize)> = vec![(Vec::new(), 0); suspects.len()];
    for triangle in &mesh.triangles {
        for (corner, vertex) in triangle.iter().enumerate() {
            if let Ok(index) = suspects.binary_search(vertex) {
                let ring = &mut rings[index];
                ring.0.extend([triangle[(corner + 1) % 3], triangle[(corner + 2) % 3]]);
                ring.1 += 1;
            }
        }
    }
    suspects
        .iter()
        .zip(rings)
        .filter_map(|(&vertex, (mut ring, triangles))| {
            ring.sort_unstable();
            ring.dedup();
            // Two triangles or an open fan are no spike of a surface but its ragged border.
            if triangles < 3 || ring.len() != triangles {
                return None;
            }
            let at = |index: &u32| mesh.vertices[*index as usize];
            let share = 1.0 / ring.len() as f64;
            let middle =
                times(ring.iter().fold([0.0; 3], |sum, index| plus(sum, at(index))), share);
            let radius = share * ring.iter().map(|i| squared(at(i), middle).sqrt()).sum::<f64>();
            let height = squared(mesh.vertices[vertex as usize], middle).sqrt();
            (height > ratio * radius).then_some((vertex, middle))
        })
        .collect()
}

/// What [`fill_holes`] did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filled {
    /// Holes closed.
    pub(crate) holes: usize,
    /// Openings left as they are.
    pub(crate) left_open: usize,
}

/// Largest size of a hole as a share of its piece's extent: what is larger may be the piece's outer
/// border.
const MOST_HOLE_SHARE: f64 = 0.25;

/// Closes the holes of kept pieces that are not wider than `widest`, each by triangles around the
/// middle of its border. New triangles stand at the end of the mesh.
pub(crate) fn fill_holes(
    mesh: &mut Indexed,
    topology: &Topology,
    pieces: &mut Pieces,
    extent: f64,
    widest: f64,
) -> Filled {
    let mut filled = Filled::default();
    let widest = widest.min(MOST_HOLE_SHARE * extent);
    for border in borders(mesh, topology) {
        let piece = pieces.of_triangle[border[0] as usize / 3];
        if piece == DEBRIS {
            continue;
        }
        let corners: Vec<u32> =
            border.iter().map(|&half_edge| ends(&mesh.triangles, half_edge)[0]).collect();
        if !is_hole(&border, &corners, topology) || width(mesh, &corners) > widest {
            filled.left_open += 1;
            continue;
        }
        let before = mesh.triangles.len();
        close(mesh, &corners);
        let added = mesh.triangles.len() - before;
        pieces.of_triangle.resize(mesh.triangles.len(), piece);
        let own = &mut pieces.kept[piece as usize];
        own.triangles += added;
        own.filled += added;
        own.open_edges -= border.len();
        filled.holes += 1;
    }
    filled
}

/// Whether the border is a plain ring of at least three open edges that visits no vertex twice.
fn is_hole(border: &[u32], corners: &[u32], topology: &Topology) -> bool {
    let mut sorted = corners.to_vec();
    sorted.sort_unstable();
    border.len() >= 3
        && border.iter().all(|&half_edge| topology.partners[half_edge as usize] == OPEN)
        && sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// Diagonal of the box around some vertices.
fn width(mesh: &Indexed, corners: &[u32]) -> f64 {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for corner in corners {
        for axis in 0..3 {
            low[axis] = low[axis].min(mesh.vertices[*corner as usize][axis]);
            high[axis] = high[axis].max(mesh.vertices[*corner as usize][axis]);
        }
    }
    squared(low, high).sqrt()
}

/// Adds triangles inside a border that runs along the given corners; they run against it.
fn close(mesh: &mut Indexed, corners: &[u32]) {
    if let [a, b, c] = *corners {
        mesh.triangles.push([a, c, b]);
        return;
    }
    let sum = corners.iter().fold([0.0; 3], |sum, &c| plus(sum, mesh.vertices[c as usize]));
    let middle = mesh.vertices.len() as u32;
    mesh.vertices.push(times(sum, 1.0 / corners.len() as f64));
    for (index, &from) in corners.iter().enumerate() {
        let to = corners[(index + 1) % corners.len()];
        mesh.triangles.push([to, from, middle]);
    }
}
