//! Pieces of surface that hang together, and views of one thing that overlap.

use std::collections::HashSet;

use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use super::Part;

/// The connected pieces of a mesh, largest area first; each with the vertices that it uses.
pub(crate) fn split(mesh: &TriMesh) -> Vec<TriMesh> {
    let mut parent: Vec<u32> = (0..mesh.vertices.len() as u32).collect();
    for [a, b, c] in &mesh.triangles {
        let (a, b, c) = (root(&mut parent, *a), root(&mut parent, *b), root(&mut parent, *c));
        let least = a.min(b).min(c);
        for other in [a, b, c] {
            parent[other as usize] = least;
        }
    }
    let Some(first) = mesh.triangles.first().map(|triangle| root(&mut parent, triangle[0])) else {
        return Vec::new();
    };
    // A vertex that no triangle uses is a root of its own.
    if (0..mesh.vertices.len() as u32).all(|vertex| root(&mut parent, vertex) == first) {
        return vec![mesh.clone()];
    }
    let mut index_of_root = vec![u32::MAX; mesh.vertices.len()];
    let mut pieces: Vec<TriMesh> = Vec::new();
    let mut place = vec![u32::MAX; mesh.vertices.len()];
    for triangle in &mesh.triangles {
        let root = root(&mut parent, triangle[0]) as usize;
        if index_of_root[root] == u32::MAX {
            index_of_root[root] = pieces.len() as u32;
            pieces.push(TriMesh::default());
        }
        let piece = &mut pieces[index_of_root[root] as usize];
        let corners = triangle.map(|vertex| {
            let known = &mut place[vertex as usize];
            if *known == u32::MAX {
                *known = piece.vertices.len() as u32;
                piece.vertices.push(mesh.vertices[vertex as usize]);
            }
            *known
        });
        piece.triangles.push(corners);
    }
    let mut sized: Vec<(f64, TriMesh)> =
        pieces.into_iter().map(|piece| (piece.area(), piece)).collect();
    sized.sort_by(|a, b| b.0.total_cmp(&a.0));
    sized.into_iter().map(|(_, piece)| piece).collect()
}

fn root(parent: &mut [u32], vertex: u32) -> u32 {
    let mut at = vertex;
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

/// Edge of the cells in which two surfaces count as being at the same place, mm: misaligned views are
/// a few millimeters apart.
const CELL_MM: f64 = 5.0;

/// Share of the smaller part's cells that both must fill to be views of one thing. Feet that touch
/// each other share less.
const SHARED: f64 = 0.06;

/// Puts together the parts that overlap; largest area first.
pub(crate) fn join(parts: Vec<Part>, findings: &mut Findings) -> Vec<Part> {
    if parts.len() < 2 {
        return parts;
    }
    let count = parts.len();
    let cells: Vec<HashSet<[i64; 3]>> = parts.iter().map(|part| cells(&part.mesh)).collect();
    let mut group: Vec<usize> = (0..count).collect();
    for a in 0..count {
        for b in a + 1..count {
            let least = cells[a].len().min(cells[b].len()).max(1);
            let shared = cells[a].intersection(&cells[b]).count();
            if shared as f64 > SHARED * least as f64 {
                let (keep, leave) = (group[a].min(group[b]), group[a].max(group[b]));
                for entry in &mut group {
                    if *entry == leave {
                        *entry = keep;
                    }
                }
            }
        }
    }
    let mut joined: Vec<Option<Part>> = vec![None; count];
    for (part, group) in parts.into_iter().zip(group) {
        match &mut joined[group] {
            Some(whole) => append(whole, part),
            empty => *empty = Some(part),
        }
    }
    let mut joined: Vec<Part> = joined.into_iter().flatten().collect();
    if joined.len() < count {
        findings.note(
            "foot",
            "pieces-joined",
            format!("{count} pieces that overlap were taken together as {}.", joined.len()),
        );
    }
    joined.sort_by(|a, b| b.mesh.area().total_cmp(&a.mesh.area()));
    joined
}

fn append(whole: &mut Part, part: Part) {
    let first = whole.mesh.vertices.len() as u32;
    whole.mesh.vertices.extend(part.mesh.vertices);
    whole.mesh.triangles.extend(part.mesh.triangles.iter().map(|t| t.map(|index| index + first)));
    whole.floor = whole.floor.or(part.floor);
    whole.scanned = whole.scanned.or(part.scanned);
}

/// The cells that a surface touches, widened by half a cell.
fn cells(mesh: &TriMesh) -> HashSet<[i64; 3]> {
    let mut filled = HashSet::new();
    let cell = |place: Point3| [0, 1, 2].map(|axis| (place[axis] / CELL_MM).floor() as i64);
    for [a, b, c] in mesh.corner_points() {
        let middle = Point3::from((a.coords + b.coords + c.coords) / 3.0);
        for place in [a, b, c, middle] {
            filled.insert(cell(place));
        }
    }
    filled
}
