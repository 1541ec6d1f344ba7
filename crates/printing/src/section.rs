//! Cuts a mesh with horizontal planes into closed loops.
//!
//! A vertex on a plane counts as above it (a symbolic lift by less than any number), so a plane
//! crosses every triangle in no edge or in exactly two, and no case of touching is left. The
//! crossing point of an edge is computed once per edge, from its lower to its higher vertex index,
//! and loops are chained by edge identity, never by distance. A closed, consistently oriented mesh
//! therefore always gives closed loops, solid on their left. Triangles are sorted into the planes
//! that they cross beforehand: O(triangles + crossings), after Minetto et al. (2017), "An optimal
//! algorithm for 3D triangle mesh slicing", Computer-Aided Design 92.
//!
//! Meshes with holes up to [`LARGEST_GAP_MM`] are closed with a straight line; wider ones are
//! refused. Self-intersections are no concern here: `Region` resolves them.

use geometry::{Point2, TriMesh};
use rayon::prelude::*;

/// Ends of an open section this close are joined: scanner and CAD seams, no real opening.
const LARGEST_GAP_MM: f64 = 0.1;

/// Ends are joined by trying all pairs; a section with more open pieces than this is refused.
const MOST_OPEN_PIECES: usize = 500;

/// The mesh has a hole that a plane runs through.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenSection {
    /// Index of the plane.
    pub(crate) plane: usize,
    /// Where one of the ends lies.
    pub(crate) at: Point2,
    /// Distance to the nearest other end, mm.
    pub(crate) gap_mm: f64,
}

/// The loops of one plane, and how many gaps had to be closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    pub(crate) loops: Vec<Vec<Point2>>,
    pub(crate) closed_gaps: usize,
}

/// Cuts the mesh at each of the heights, which must rise.
///
/// A mesh whose triangles do not share vertices is welded first where that is needed.
pub(crate) fn cut(mesh: &TriMesh, heights: &[f64]) -> Result<Vec<Section>, OpenSection> {
    match cut_indexed(mesh, heights) {
        Ok(sections) if sections.iter().all(|section| section.closed_gaps == 0) => Ok(sections),
        _ => cut_indexed(&welded(mesh), heights),
    }
}

fn cut_indexed(mesh: &TriMesh, heights: &[f64]) -> Result<Vec<Section>, OpenSection> {
    let buckets = Buckets::sort(mesh, heights);
    let cut_plane = |plane: usize| {
        chain(mesh, heights[plane], crossings(mesh, heights[plane], buckets.of(plane)))
            .map_err(|(at, gap_mm)| OpenSection { plane, at, gap_mm })
    };
    (0..heights.len()).into_par_iter().map(cut_plane).collect()
}

/// The triangles that each plane crosses, in one flat list.
struct Buckets {
    starts: Vec<usize>,
    triangles: Vec<u32>,
}

impl Buckets {
    fn sort(mesh: &TriMesh, heights: &[f64]) -> Self {
        let spans: Vec<(usize, usize)> = mesh
            .corner_points()
            .map(|[a, b, c]| {
                let low = a.z.min(b.z).min(c.z);
                let high = a.z.max(b.z).max(c.z);
                // A plane crosses where low < plane ≤ high: vertices on the plane are above it.
                let from = heights.partition_point(|&height| height <= low);
                let to = heights.partition_point(|&height| height <= high);
                (from, to)
            })
            .collect();
        let mut starts = vec![0_usize; heights.len() + 1];
        for &(from, to) in &spans {
            for plane in from..to {
                starts[plane + 1] += 1;
            }
        }
        for plane in 0..heights.len() {
            starts[plane + 1] += starts[plane];
        }
        let mut next = starts.clone();
        let mut triangles = vec![0; starts[heights.len()]];
        for (triangle, &(from, to)) in spans.iter().enumerate() {
            for slot in &mut next[from..to] {
                triangles[*slot] = triangle as u32;
                *slot += 1;
            }
        }
        Self { starts, triangles }
    }

    fn of(&self, plane: usize) -> &[u32] {
        &self.triangles[self.starts[plane]..self.starts[plane + 1]]
    }
}

/// Where a plane runs through a triangle: from one edge to another, solid on the left.
#[derive(Clone, Copy, Debug)]
struct Crossing {
    from: EdgeKey,
    to: EdgeKey,
    is_used: bool,
}

/// An edge by its lower and its higher vertex index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct EdgeKey(u32, u32);

impl EdgeKey {
    fn new(a: u32, b: u32) -> Self {
        Self(a.min(b), a.max(b))
    }

    /// Where the plane crosses the edge; the same bits whichever triangle asks.
    fn point(self, mesh: &TriMesh, height: f64) -> Point2 {
        let (a, b) = (mesh.vertices[self.0 as usize], mesh.vertices[self.1 as usize]);
        let t = ((height - a.z) / (b.z - a.z)).clamp(0.0, 1.0);
        Point2::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
    }
}

/// All crossings of a plane, sorted by the edge where they start.
fn crossings(mesh: &TriMesh, height: f64, triangles: &[u32]) -> Vec<Crossing> {
    let is_above = |vertex: u32| mesh.vertices[vertex as usize].z >= height;
    let mut found: Vec<Crossing> = triangles
        .iter()
        .filter_map(|&triangle| {
            let [a, b, c] = mesh.triangles[triangle as usize];
            let edges = [(a, b), (b, c), (c, a)];
            // Seen from outside, the border runs from the edge that descends to the one that climbs.
            let descends = edges.iter().find(|&&(p, q)| is_above(p) && !is_above(q))?;
            let climbs = edges.iter().find(|&&(p, q)| !is_above(p) && is_above(q))?;
            let from = EdgeKey::new(descends.0, descends.1);
            let to = EdgeKey::new(climbs.0, climbs.1);
            Some(Crossing { from, to, is_used: false })
        })
        .collect();
    found.sort_by_key(|crossing| crossing.from);
    found
}

/// Index of an unused crossing that starts at an edge.
fn next_crossing(crossings: &[Crossing], from: EdgeKey) -> Option<usize> {
    let first = crossings.partition_point(|crossing| crossing.from < from);
    (first..crossings.len())
        .take_while(|&index| crossings[index].from == from)
        .find(|&index| !crossings[index].is_used)
}

/// Follows crossings from edge to edge until they return or end.
fn follow(crossings: &mut [Crossing], start: usize) -> (Vec<EdgeKey>, bool) {
    let first_edge = crossings[start].from;
    let mut edges = vec![first_edge];
    let mut at = start;
    loop {
        crossings[at].is_used = true;
        let edge = crossings[at].to;
        if edge == first_edge {
            return (edges, true);
        }
        edges.push(edge);
        match next_crossing(crossings, edge) {
            Some(next) => at = next,
            None => return (edges, false),
        }
    }
}

fn chain(
    mesh: &TriMesh,
    height: f64,
    mut crossings: Vec<Crossing>,
) -> Result<Section, (Point2, f64)> {
    let points = |edges: Vec<EdgeKey>| -> Vec<Point2> {
        edges.into_iter().map(|edge| edge.point(mesh, height)).collect()
    };
    let mut ends: Vec<EdgeKey> = crossings.iter().map(|crossing| crossing.to).collect();
    ends.sort_unstable();
    let mut pieces = Vec::new();
    let mut section = Section::default();
    let (beginnings, rest): (Vec<usize>, Vec<usize>) = (0..crossings.len())
        .partition(|&index| ends.binary_search(&crossings[index].from).is_err());
    for start in beginnings.into_iter().chain(rest) {
        if crossings[start].is_used {
            continue;
        }
        let (edges, is_closed) = follow(&mut crossings, start);
        if is_closed {
            section.loops.push(points(edges));
        } else {
            pieces.push(points(edges));
        }
    }
    join_pieces(pieces, &mut section)?;
    Ok(section)
}

/// Closes open pieces over small gaps; the end and the width of the first gap that is too wide.
fn join_pieces(mut pieces: Vec<Vec<Point2>>, section: &mut Section) -> Result<(), (Point2, f64)> {
    if pieces.len() > MOST_OPEN_PIECES {
        return Err((pieces[0][0], f64::INFINITY));
    }
    while let Some(mut current) = pieces.pop() {
        loop {
            let end = current[current.len() - 1];
            let mut nearest = ((current[0] - end).norm(), None);
            for (index, piece) in pieces.iter().enumerate() {
                let gap = (piece[0] - end).norm();
                if gap < nearest.0 {
                    nearest = (gap, Some(index));
                }
            }
            if nearest.0 > LARGEST_GAP_MM {
                return Err((end, nearest.0));
            }
            section.closed_gaps += 1;
            match nearest.1 {
                Some(index) => current.extend(pieces.swap_remove(index)),
                None => break,
            }
        }
        section.loops.push(current);
    }
    Ok(())
}

/// The same mesh with vertices of equal coordinates made one.
fn welded(mesh: &TriMesh) -> TriMesh {
    let key = |vertex: u32| {
        let point = mesh.vertices[vertex as usize];
        // Adding zero makes the two zeros of floating point one.
        [point.x, point.y, point.z].map(|coordinate| (coordinate + 0.0).to_bits())
    };
    let mut order: Vec<u32> = (0..mesh.vertices.len() as u32).collect();
    order.sort_by_key(|&vertex| key(vertex));
    let mut first_of = vec![0_u32; mesh.vertices.len()];
    let mut first = 0;
    for (rank, &vertex) in order.iter().enumerate() {
        if rank == 0 || key(vertex) != key(first) {
            first = vertex;
        }
        first_of[vertex as usize] = first;
    }
    TriMesh {
        vertices: mesh.vertices.clone(),
        triangles: mesh
            .triangles
            .iter()
            .map(|triangle| triangle.map(|vertex| first_of[vertex as usize]))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use geometry::{Point3, polygon};

    use super::*;

    fn unit_box() -> TriMesh {
        TriMesh::cuboid(Point3::origin(), Point3::new(4.0, 3.0, 2.0))
    }

    #[test]
    fn a_box_gives_one_loop_of_its_area_at_any_height() {
        // 0 and 2 are the faces themselves: a vertex on the plane is above it, so the lower face
        // gives nothing and the upper face gives the section just below it.
        let sections = cut(&unit_box(), &[0.0, 1e-12, 1.0, 2.0, 2.1]).unwrap();
        let areas: Vec<f64> = sections
            .iter()
            .map(|section| section.loops.iter().map(|corners| polygon::signed_area(corners)).sum())
            .collect();
        assert_eq!(areas, [0.0, 12.0, 12.0, 12.0, 0.0]);
    }

    #[test]
    fn planes_through_vertices_give_closed_loops() {
        // An octahedron cut exactly through its four middle vertices.
        let vertices = [
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, -1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.0, 0.0, -1.0],
        ]
        .map(|[x, y, z]| Point3::new(x, y, z))
        .to_vec();
        let triangles = (0..4)
            .flat_map(|i| [[i, (i + 1) % 4, 4], [(i + 1) % 4, i, 5]])
            .collect::<Vec<[u32; 3]>>();
        let sections = cut(&TriMesh { vertices, triangles }, &[-0.5, 0.0, 0.5]).unwrap();
        let area = |index: usize| polygon::signed_area(&sections[index].loops[0]);
        assert!((area(0) - 0.5).abs() < 1e-12);
        assert!((area(1) - 2.0).abs() < 1e-12);
        assert!((area(2) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn triangles_that_share_no_vertices_are_welded() {
        let cuboid = unit_box();
        let vertices: Vec<Point3> = cuboid.corner_points().flatten().collect();
        let triangles = (0..12).map(|i| [3 * i, 3 * i + 1, 3 * i + 2]).collect();
        let sections = cut(&TriMesh { vertices, triangles }, &[1.0]).unwrap();
        assert_eq!(sections[0].loops.len(), 1);
        assert_eq!(sections[0].closed_gaps, 0);
    }

    #[test]
    fn a_hole_is_refused_with_its_width() {
        let mut open = unit_box();
        open.triangles.truncate(10);
        let fault = cut(&open, &[1.0]).unwrap_err();
        assert_eq!(fault.plane, 0);
        assert!((fault.gap_mm - 3.0).abs() < 1e-9, "{fault:?}");
    }

    #[test]
    fn a_crack_is_closed() {
        let mut cracked = unit_box();
        cracked.vertices.extend_from_within(..);
        for vertex in &mut cracked.vertices[8..] {
            vertex.x += 0.01;
        }
        for triangle in &mut cracked.triangles[..4] {
            *triangle = triangle.map(|vertex| vertex + 8);
        }
        for triangle in &mut cracked.triangles[10..] {
            *triangle = triangle.map(|vertex| vertex + 8);
        }
        let sections = cut(&cracked, &[1.0]).unwrap();
        assert_eq!((sections[0].loops.len(), sections[0].closed_gaps), (1, 2));
    }
}
