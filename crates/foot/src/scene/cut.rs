//! Cuts meshes along planes and closes what a floor left open.

use std::collections::HashMap;

use geometry::{Point3, TriMesh};

use super::Plane;

/// The part of a mesh that lies more than `margin` mm in front of a plane, cut exactly.
pub(crate) fn beyond(mesh: &TriMesh, plane: &Plane, margin: f64) -> TriMesh {
    let distance: Vec<f64> =
        mesh.vertices.iter().map(|vertex| plane.distance(vertex) - margin).collect();
    let mut cut = TriMesh { vertices: mesh.vertices.clone(), triangles: Vec::new() };
    let mut on_edge: HashMap<(u32, u32), u32> = HashMap::new();
    for triangle in &mesh.triangles {
        let inside = triangle.map(|index| distance[index as usize] > 0.0);
        if inside == [true; 3] {
            cut.triangles.push(*triangle);
            continue;
        }
        if inside == [false; 3] {
            continue;
        }
        let mut corners: Vec<u32> = Vec::with_capacity(4);
        for side in 0..3 {
            let (a, b) = (triangle[side], triangle[(side + 1) % 3]);
            if inside[side] {
                corners.push(a);
            }
            if inside[side] != inside[(side + 1) % 3] {
                let key = (a.min(b), a.max(b));
                corners.push(*on_edge.entry(key).or_insert_with(|| {
                    let (p, q) = (cut.vertices[key.0 as usize], cut.vertices[key.1 as usize]);
                    let (from, to) = (distance[key.0 as usize], distance[key.1 as usize]);
                    cut.vertices.push(p + (q - p) * (from / (from - to)));
                    cut.vertices.len() as u32 - 1
                }));
            }
        }
        for last in 2..corners.len() {
            cut.triangles.push([corners[0], corners[last - 1], corners[last]]);
        }
    }
    cut
}

/// A mesh that was closed.
pub(crate) struct Closed {
    pub(crate) mesh: TriMesh,
    /// Area of the closing, mm².
    pub(crate) capped_mm2: f64,
}

/// Width of the strips that close an opening, and longest side of their triangles, mm.
const STRIP_MM: f64 = 2.0;
const PIECE_MM: f64 = 6.0;

/// Closes the opening that a cut `margin` mm over a plane left, with strips in the plane itself, facing
/// away from the foot.
pub(crate) fn close_at(mesh: &TriMesh, plane: &Plane, margin: f64) -> Closed {
    let [across, along] = plane.axes();
    let flat = |point: &Point3| [point.coords.dot(&across), point.coords.dot(&along)];
    let border: Vec<[[f64; 2]; 2]> = open_edges(mesh)
        .into_iter()
        .map(|[a, b]| [mesh.vertices[a as usize], mesh.vertices[b as usize]])
        .filter(|ends| ends.iter().all(|p| (plane.distance(p) - margin).abs() < 0.01))
        .map(|[a, b]| [flat(&a), flat(&b)])
        .collect();
    let mut closed = mesh.clone();
    let mut capped_mm2 = 0.0;
    let [low, high] = border
        .iter()
        .flatten()
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high]: [f64; 2], at| {
            [low.min(at[1]), high.max(at[1])]
        });
    let rows = ((high - low) / STRIP_MM).clamp(0.0, 1e4) as usize;
    for row in 0..rows {
        let middle = low + (row as f64 + 0.5) * STRIP_MM;
        let mut crossings: Vec<f64> = border
            .iter()
            .filter(|[a, b]| (a[1] <= middle) != (b[1] <= middle))
            .map(|[a, b]| a[0] + (b[0] - a[0]) * (middle - a[1]) / (b[1] - a[1]))
            .collect();
        crossings.sort_by(f64::total_cmp);
        for span in crossings.chunks_exact(2) {
            let place =
                |u: f64, v: f64| Point3::from(across * u + along * v + plane.normal * plane.offset);
            let pieces = ((span[1] - span[0]) / PIECE_MM).ceil().max(1.0);
            for piece in 0..pieces as usize {
                let [from, to] =
                    [piece, piece + 1].map(|at| span[0] + (span[1] - span[0]) * at as f64 / pieces);
                let (near, far) = (middle - STRIP_MM / 2.0, middle + STRIP_MM / 2.0);
                let first = closed.vertices.len() as u32;
                closed.vertices.extend([
                    place(from, near),
                    place(to, near),
                    place(to, far),
                    place(from, far),
                ]);
                // Across × along is the normal, which points to the foot; the strips face away.
                closed
                    .triangles
                    .extend([[first, first + 2, first + 1], [first, first + 3, first + 2]]);
                capped_mm2 += (to - from) * STRIP_MM;
            }
        }
    }
    Closed { mesh: closed, capped_mm2 }
}

/// Edges with one triangle only.
fn open_edges(mesh: &TriMesh) -> Vec<[u32; 2]> {
    let mut edges: Vec<[u32; 2]> = mesh
        .triangles
        .iter()
        .flat_map(|&[a, b, c]| [[a, b], [b, c], [c, a]])
        .map(|[a, b]| [a.min(b), a.max(b)])
        .collect();
    edges.sort_unstable();
    edges.chunk_by(|a, b| a == b).filter(|same| same.len() == 1).map(|same| same[0]).collect()
}

/// Mean of the middles of the open edges, weighted by their lengths; `None` for a closed mesh.
pub(crate) fn border_mean(mesh: &TriMesh) -> Option<Point3> {
    let (mut sum, mut weight) = (geometry::Vector3::zeros(), 0.0);
    for [a, b] in open_edges(mesh) {
        let [p, q] = [a, b].map(|index| mesh.vertices[index as usize]);
        let length = (q - p).norm();
        sum += (p.coords + q.coords) * (length / 2.0);
        weight += length;
    }
    (weight > 0.0).then(|| Point3::from(sum / weight))
}
