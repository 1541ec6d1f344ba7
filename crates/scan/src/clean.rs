//! Turns welded triangles into one piece of surface, oriented outward.

use rayon::prelude::*;

use crate::Facing;
use crate::raw::Indexed;

/// Removes triangles without area and repeated ones; returns how many of each.
pub(crate) fn drop_useless(welded: &mut Indexed) -> (usize, usize) {
    let before = welded.triangles.len();
    let vertices = &welded.vertices;
    welded.triangles.retain(|&triangle| has_area(vertices, triangle));
    let degenerate = before - welded.triangles.len();

    let mut keyed: Vec<([u32; 3], u32)> = welded
        .triangles
        .par_iter()
        .enumerate()
        .map(|(index, &triangle)| (sorted(triangle), index as u32))
        .collect();
    keyed.par_sort_unstable();
    let mut repeated: Vec<u32> =
        keyed.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).collect();
    repeated.sort_unstable();
    let mut next = repeated.iter().copied().peekable();
    let mut index = 0;
    welded.triangles.retain(|_| {
        let drop = next.next_if_eq(&index).is_some();
        index += 1;
        !drop
    });
    (degenerate, repeated.len())
}

fn sorted(mut triangle: [u32; 3]) -> [u32; 3] {
    triangle.sort_unstable();
    triangle
}

/// Whether the triangle's height over its longest edge is more than rounding: STL's single precision
/// keeps seven digits, so three corners on one line are off it by up to 1e-7 of their distance.
fn has_area(vertices: &[[f64; 3]], [a, b, c]: [u32; 3]) -> bool {
    if a == b || b == c || c == a {
        return false;
    }
    let [a, b, c] = [a, b, c].map(|index| vertices[index as usize]);
    let (ab, ac, bc) = (minus(b, a), minus(c, a), minus(c, b));
    let longest_squared = dot(ab, ab).max(dot(ac, ac)).max(dot(bc, bc));
    let normal = cross(ab, ac);
    dot(normal, normal).sqrt() > 1e-7 * longest_squared
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn area(vertices: &[[f64; 3]], triangle: [u32; 3]) -> f64 {
    let [a, b, c] = triangle.map(|index| vertices[index as usize]);
    let normal = cross(minus(b, a), minus(c, a));
    dot(normal, normal).sqrt() / 2.0
}

/// One use of an edge by a triangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct EdgeUse {
    /// The higher of the edge's two vertices.
    high: u32,
    triangle: u32,
    /// Whether the triangle runs from the lower to the higher vertex.
    rising: bool,
}

/// The edges of a mesh, each with all triangles that use it.
pub(crate) struct Edges {
    /// Sorted by lower, then higher vertex.
    uses: Vec<EdgeUse>,
    /// Where the uses of an edge begin; one more entry than there are edges.
    starts: Vec<usize>,
}

impl Edges {
    pub(crate) fn of(triangles: &[[u32; 3]], vertices: usize) -> Self {
        let mut bucket_starts = vec![0_usize; vertices + 1];
        for &triangle in triangles {
            for (from, to) in edges_of(triangle) {
                bucket_starts[from.min(to) as usize + 1] += 1;
            }
        }
        for vertex in 0..vertices {
            bucket_starts[vertex + 1] += bucket_starts[vertex];
        }
        let mut fill = bucket_starts.clone();
        let mut uses = vec![EdgeUse { high: 0, triangle: 0, rising: false }; 3 * triangles.len()];
        for (index, &triangle) in triangles.iter().enumerate() {
            for (from, to) in edges_of(triangle) {
                let slot = &mut fill[from.min(to) as usize];
                uses[*slot] =
                    EdgeUse { high: from.max(to), triangle: index as u32, rising: from < to };
                *slot += 1;
            }
        }
        let mut starts = Vec::with_capacity(uses.len() / 2 + 1);
        for vertex in 0..vertices {
            let bucket = &mut uses[bucket_starts[vertex]..bucket_starts[vertex + 1]];
            bucket.sort_unstable();
            for (offset, edge) in bucket.iter().enumerate() {
                if offset == 0 || bucket[offset - 1].high != edge.high {
                    starts.push(bucket_starts[vertex] + offset);
                }
            }
        }
        starts.push(uses.len());
        Self { uses, starts }
    }

    /// For every edge the triangles that use it.
    fn groups(&self) -> impl Iterator<Item = &[EdgeUse]> {
        self.starts.windows(2).map(|range| &self.uses[range[0]..range[1]])
    }

    /// How many edges have one triangle only.
    pub(crate) fn open(&self) -> usize {
        self.groups().filter(|group| group.len() == 1).count()
    }
}

fn edges_of([a, b, c]: [u32; 3]) -> [(u32, u32); 3] {
    [(a, b), (b, c), (c, a)]
}

/// A connected piece of a mesh.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    /// Surface area in the file's unit squared.
    pub(crate) area: f64,
    /// Indices of its triangles, rising.
    pub(crate) triangles: Vec<u32>,
}

/// The pieces that hang together over edges, largest area first.
pub(crate) fn pieces(welded: &Indexed, edges: &Edges) -> Vec<Piece> {
    let mut parent: Vec<u32> = (0..welded.triangles.len() as u32).collect();
    for group in edges.groups() {
        for pair in group.windows(2) {
            let (a, b) = (root(&mut parent, pair[0].triangle), root(&mut parent, pair[1].triangle));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut piece_of_root = vec![u32::MAX; parent.len()];
    let mut pieces: Vec<Piece> = Vec::new();
    for triangle in 0..parent.len() as u32 {
        let root = root(&mut parent, triangle) as usize;
        if piece_of_root[root] == u32::MAX {
            piece_of_root[root] = pieces.len() as u32;
            pieces.push(Piece { area: 0.0, triangles: Vec::new() });
        }
        let piece = &mut pieces[piece_of_root[root] as usize];
        let corners = welded.triangles[triangle as usize];
        piece.area += area(&welded.vertices, corners);
        piece.triangles.push(triangle);
    }
    pieces.sort_by(|a, b| b.area.total_cmp(&a.area));
    pieces
}

/// The representative of a set, halving the path on the way.
fn root(parent: &mut [u32], mut index: u32) -> u32 {
    while parent[index as usize] != index {
        let above = parent[parent[index as usize] as usize];
        parent[index as usize] = above;
        index = above;
    }
    index
}

/// The piece's triangles over its own vertices, numbered in the order in which they are first used.
pub(crate) fn extract(welded: &Indexed, piece: &Piece) -> Indexed {
    let mut new_index = vec![u32::MAX; welded.vertices.len()];
    let mut vertices = Vec::new();
    let triangles = piece
        .triangles
        .iter()
        .map(|&triangle| {
            welded.triangles[triangle as usize].map(|old| {
                let new = &mut new_index[old as usize];
                if *new == u32::MAX {
                    *new = vertices.len() as u32;
                    vertices.push(welded.vertices[old as usize]);
                }
                *new
            })
        })
        .collect();
    Indexed { vertices, triangles }
}

/// What [`orient`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// Triangles that ran against the rest.
    pub(crate) turned: usize,
    /// What the winding says now.
    pub(crate) facing: Facing,
    /// Whether the whole surface was inside out.
    pub(crate) inside_out: bool,
    /// Whether the surface has one side only, so that no orientation is right.
    pub(crate) one_sided: bool,
}

/// Gives all triangles of one connected piece the same orientation, then turns it outward.
pub(crate) fn orient(piece: &mut Indexed, edges: &Edges) -> Orientation {
    let count = piece.triangles.len();
    let neighbors = neighbors(edges, count);
    let mut turn: Vec<Option<bool>> = vec![None; count];
    let mut one_sided = false;
    let mut waiting = Vec::new();
    for seed in 0..count {
        if turn[seed].is_some() {
            continue;
        }
        turn[seed] = Some(false);
        waiting.push(seed as u32);
        while let Some(triangle) = waiting.pop() {
            let here = turn[triangle as usize] == Some(true);
            for &(neighbor, opposed) in neighbors[triangle as usize].iter().flatten() {
                let wanted = here != opposed;
                match turn[neighbor as usize] {
                    None => {
                        turn[neighbor as usize] = Some(wanted);
                        waiting.push(neighbor);
                    }
                    Some(is) => one_sided |= is != wanted,
                }
            }
        }
    }
    let turned = turn.iter().filter(|turn| **turn == Some(true)).count();
    // Turning the minority gives the same surface up to its side, and the finding a fair number.
    let majority = turned * 2 > count;
    for (triangle, turn) in piece.triangles.iter_mut().zip(&turn) {
        if (*turn == Some(true)) != majority {
            triangle.swap(1, 2);
        }
    }
    let closing = Closing::of(piece, edges);
    let facing =
        if closing.share < MOST_CLOSING_SHARE { Facing::Outward } else { Facing::AsInFile };
    let inside_out = facing == Facing::Outward && closing.volume < 0.0;
    if inside_out {
        for triangle in &mut piece.triangles {
            triangle.swap(1, 2);
        }
    }
    Orientation { turned: turned.min(count - turned), facing, inside_out, one_sided }
}

/// Largest area of the surface that would close a piece, as a share of the piece's own area, with
/// which the piece still tells inside from outside. A foot cut above the ankle needs 0.05, a foot
/// without its dorsum about 0.35, a sole alone 0.8, a flat sheet 1.
const MOST_CLOSING_SHARE: f64 = 0.3;

/// For every triangle the up to three neighbors over edges that exactly two triangles share, and
/// whether the two run along the edge in the same direction, so that one of them must be turned.
fn neighbors(edges: &Edges, triangles: usize) -> Vec<[Option<(u32, bool)>; 3]> {
    let mut neighbors = vec![[None; 3]; triangles];
    let mut add = |from: u32, to: u32, opposed: bool| {
        if let Some(slot) = neighbors[from as usize].iter_mut().find(|slot| slot.is_none()) {
            *slot = Some((to, opposed));
        }
    };
    for group in edges.groups() {
        if let [a, b] = group {
            let opposed = a.rising == b.rising;
            add(a.triangle, b.triangle, opposed);
            add(b.triangle, a.triangle, opposed);
        }
    }
    neighbors
}

/// What closes a piece: a fan over its open border from the border's center.
struct Closing {
    /// Area of the fan as a share of the piece's own area.
    share: f64,
    /// Volume enclosed by piece and fan: exact for one opening, such as a cut above the ankle.
    volume: f64,
}

impl Closing {
    fn of(piece: &Indexed, edges: &Edges) -> Self {
        let at = |index: u32| piece.vertices[index as usize];
        let border: Vec<[[f64; 3]; 2]> = edges
            .groups()
            .filter_map(|group| match group {
                &[only] => edges_of(piece.triangles[only.triangle as usize])
                    .into_iter()
                    .find(|&(from, to)| from.max(to) == only.high && (from < to) == only.rising)
                    .map(|(from, to)| [at(from), at(to)]),
                _ => None,
            })
            .collect();
        let count = (2 * border.len()).max(1) as f64;
        let mut center = if border.is_empty() { piece.vertices[0] } else { [0.0; 3] };
        for point in border.as_flattened() {
            for axis in 0..3 {
                center[axis] += point[axis] / count;
            }
        }
        let fan: f64 = border
            .iter()
            .map(|&[from, to]| {
                let normal = cross(minus(from, center), minus(to, center));
                dot(normal, normal).sqrt() / 2.0
            })
            .sum();
        let (mut own, mut volume) = (0.0, 0.0);
        for &triangle in &piece.triangles {
            own += area(&piece.vertices, triangle);
            let [a, b, c] = triangle.map(|index| minus(at(index), center));
            volume += dot(a, cross(b, c)) / 6.0;
        }
        Self { share: fan / own, volume }
    }
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
            let offset = minus(vertex, from);
            let squared = dot(offset, offset);
            if squared > farthest.0 {
                farthest = (squared, vertex);
            }
        }
        longest = longest.max(farthest.0.sqrt());
        from = farthest.1;
    }
    longest
}
