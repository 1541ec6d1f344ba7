//! Tells the pieces of a mesh apart, drops debris, and lays the rest behind each other.

use crate::patches::Patches;
use crate::raw::Indexed;
use crate::topology::{OPEN, Topology};
use crate::vector::squared;
use crate::{Facing, ScanError, ScanLimits};

/// A surface that hangs together over edges, in the file's own numbers.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) area: f64,
    pub(crate) facing: Facing,
    pub(crate) is_inside_out: bool,
    pub(crate) is_one_sided: bool,
    pub(crate) open_edges: usize,
    /// Number of triangles, and how many of them, at the end, close holes.
    pub(crate) triangles: usize,
    pub(crate) filled: usize,
    pub(crate) vertices: usize,
}

/// The substantial pieces, and what was left out.
pub(crate) struct Pieces {
    /// Largest area first.
    pub(crate) kept: Vec<Piece>,
    /// For every triangle the kept piece that it belongs to, or [`DEBRIS`].
    pub(crate) of_triangle: Vec<u32>,
    pub(crate) debris: usize,
    /// Share of the surface that is debris, 0 to 1.
    pub(crate) debris_share: f64,
}

/// The triangle belongs to no kept piece.
pub(crate) const DEBRIS: u32 = u32::MAX;

/// Share of a piece's area that must know its outside for the piece to know it.
const LEAST_OUTWARD_SHARE: f64 = 0.9;

/// Joins patches that meet at knots, and keeps the pieces that are no debris.
pub(crate) fn substantial(
    patches: &Patches,
    topology: &Topology,
    limits: &ScanLimits,
) -> Result<Pieces, ScanError> {
    let mut above: Vec<u32> = (0..patches.all.len() as u32).collect();
    for &(a, b) in &topology.knotted {
        let [a, b] = [a, b].map(|t| root(&mut above, patches.of_triangle[t as usize]));
        above[a.max(b) as usize] = a.min(b);
    }
    let mut piece_of_patch = vec![0; above.len()];
    let mut pieces: Vec<(Piece, f64)> = Vec::new();
    for patch in 0..above.len() as u32 {
        let first = root(&mut above, patch);
        if first == patch {
            piece_of_patch[patch as usize] = pieces.len() as u32;
            pieces.push((Piece::new(), 0.0));
        } else {
            piece_of_patch[patch as usize] = piece_of_patch[first as usize];
        }
        let (piece, outward) = &mut pieces[piece_of_patch[patch as usize] as usize];
        let own = &patches.all[patch as usize];
        piece.area += own.area;
        piece.is_inside_out |= own.was_inside_out;
        piece.is_one_sided |= own.is_one_sided;
        *outward += if own.is_outward { own.area } else { 0.0 };
    }
    let total: f64 = pieces.iter().map(|(piece, _)| piece.area).sum();
    let mut order: Vec<u32> = (0..pieces.len() as u32)
        .filter(|&index| pieces[index as usize].0.area >= limits.min_piece_share * total)
        .collect();
    // A stable sort: pieces of equal area stay in the order of the file.
    order.sort_by(|&a, &b| pieces[b as usize].0.area.total_cmp(&pieces[a as usize].0.area));
    let share = order.iter().map(|&index| pieces[index as usize].0.area).sum::<f64>() / total;
    if order.is_empty() || share < limits.min_kept_share {
        return Err(ScanError::Fragments { pieces: pieces.len(), percent: 100.0 * share });
    }
    let mut kept_index = vec![DEBRIS; pieces.len()];
    for (new, &old) in order.iter().enumerate() {
        kept_index[old as usize] = new as u32;
    }
    let of_triangle: Vec<u32> = patches
        .of_triangle
        .iter()
        .map(|&patch| kept_index[piece_of_patch[patch as usize] as usize])
        .collect();
    let mut kept: Vec<Piece> = order
        .iter()
        .map(|&index| {
            let (mut piece, outward) = pieces[index as usize].clone();
            if outward >= LEAST_OUTWARD_SHARE * piece.area {
                piece.facing = Facing::Outward;
            }
            piece
        })
        .collect();
    for (triangle, &piece) in of_triangle.iter().enumerate() {
        if piece != DEBRIS {
            kept[piece as usize].triangles += 1;
            let own = &topology.partners[3 * triangle..3 * triangle + 3];
            kept[piece as usize].open_edges += own.iter().filter(|&&p| p == OPEN).count();
        }
    }
    let debris = pieces.len() - kept.len();
    Ok(Pieces { kept, of_triangle, debris, debris_share: 1.0 - share })
}

impl Piece {
    const fn new() -> Self {
        Self {
            area: 0.0,
            facing: Facing::AsInFile,
            is_inside_out: false,
            is_one_sided: false,
            open_edges: 0,
            triangles: 0,
            filled: 0,
            vertices: 0,
        }
    }
}

/// The representative of a set, halving the path on the way.
fn root(above: &mut [u32], mut index: u32) -> u32 {
    while above[index as usize] != index {
        let higher = above[above[index as usize] as usize];
        above[index as usize] = higher;
        index = higher;
    }
    index
}

/// The kept triangles, piece by piece, in the order in which they stand, over vertices that each
/// piece has for itself, numbered as they are first used.
pub(crate) fn laid_out(mesh: Indexed, pieces: &mut Pieces) -> Indexed {
    if let [only] = &mut pieces.kept[..]
        && only.triangles == mesh.triangles.len()
        && is_in_order(&mesh)
    {
        only.vertices = mesh.vertices.len();
        return mesh;
    }
    let mut starts = vec![0; pieces.kept.len() + 1];
    for (index, piece) in pieces.kept.iter().enumerate() {
        starts[index + 1] = starts[index] + piece.triangles;
    }
    let mut fill = starts.clone();
    let mut triangles = vec![[0; 3]; starts[pieces.kept.len()]];
    for (triangle, &piece) in mesh.triangles.iter().zip(&pieces.of_triangle) {
        if piece != DEBRIS {
            triangles[fill[piece as usize]] = *triangle;
            fill[piece as usize] += 1;
        }
    }
    // For every old vertex the piece that used it last and its number there.
    let mut numbers = vec![(DEBRIS, 0_u32); mesh.vertices.len()];
    let mut vertices = Vec::with_capacity(mesh.vertices.len());
    for (index, piece) in pieces.kept.iter_mut().enumerate() {
        let first = vertices.len();
        for corner in triangles[starts[index]..starts[index + 1]].as_flattened_mut() {
            let (owner, number) = &mut numbers[*corner as usize];
            if *owner != index as u32 {
                *owner = index as u32;
                *number = vertices.len() as u32;
                vertices.push(mesh.vertices[*corner as usize]);
            }
            *corner = *number;
        }
        piece.vertices = vertices.len() - first;
    }
    Indexed { vertices, triangles }
}

/// Whether every vertex is used, and first used in the order of the vertices.
fn is_in_order(mesh: &Indexed) -> bool {
    let mut seen = 0;
    for &corner in mesh.triangles.as_flattened() {
        if corner > seen {
            return false;
        }
        seen = seen.max(corner + 1);
    }
    seen as usize == mesh.vertices.len()
}

/// The longest distance between two vertices, by walking to the farthest vertex three times. Within
/// a few percent for any shape, whichever way it is turned.
pub(crate) fn longest_extent(vertices: &[[f64; 3]]) -> f64 {
    let Some(&first) = vertices.first() else { return 0.0 };
    let mut from = first;
    let mut longest = 0.0_f64;
    for _ in 0..3 {
        let mut farthest = (0.0, from);
        for &vertex in vertices {
            let distance = squared(vertex, from);
            if distance > farthest.0 {
                farthest = (distance, vertex);
            }
        }
        longest = longest.max(farthest.0.sqrt());
        from = farthest.1;
    }
    longest
}
