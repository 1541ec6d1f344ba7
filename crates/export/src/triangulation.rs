//! Constrained Delaunay triangulation of the region between borders, by `spade`.

use std::collections::HashSet;
use std::ops::Range;

use geometry::{Point2, polygon};
use spade::{ConstrainedDelaunayTriangulation, HasPosition, Triangulation};

use crate::cells::Filling;

/// Triangles over the plane, counter-clockwise.
#[derive(Clone, Debug)]
pub(crate) struct PlaneTriangles {
    pub(crate) vertices: Vec<Point2>,
    pub(crate) triangles: Vec<[u32; 3]>,
    /// Edges of the borders, in order, with the region on their left.
    pub(crate) border_edges: Vec<[u32; 2]>,
    /// Vertices on the borders of the relief.
    pub(crate) relief_vertices: Range<u32>,
    /// Edges of the relief's borders, with the pattern on their left.
    pub(crate) relief_edges: Vec<[u32; 2]>,
    /// For every triangle whether it lies in the relief's pattern.
    pub(crate) patterned: Vec<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Site(Point2);

impl HasPosition for Site {
    type Scalar = f64;

    fn position(&self) -> spade::Point2<f64> {
        spade::Point2::new(self.0.x, self.0.y)
    }
}

/// Triangulates the region that the borders enclose (even-odd), but for what its filling has triangulated; the lines of
/// a relief inside it become edges.
///
/// # Errors
/// A place where two borders touch or cross.
pub(crate) fn triangulate(
    borders: Vec<Vec<Point2>>,
    relief: Vec<Vec<Point2>>,
    filling: Filling,
) -> Result<PlaneTriangles, Point2> {
    let mut border_edges: Vec<[u32; 2]> = Vec::new();
    let mut vertices: Vec<Point2> = Vec::new();
    let mut first_of_relief = 0;
    let border_count = borders.len();
    for (index, line) in borders.into_iter().chain(relief).enumerate() {
        let (first, count) = (vertices.len() as u32, line.len() as u32);
        if count < 3 || polygon::signed_area(&line) == 0.0 {
            return Err(line[0]);
        }
        border_edges.extend((0..count).map(|k| [first + k, first + (k + 1) % count]));
        vertices.extend(line);
        if index < border_count {
            first_of_relief = vertices.len() as u32;
        }
    }
    let relief_vertices = first_of_relief..vertices.len() as u32;
    // Points of the filling keep their distance from lines and from each other.
    if let Some(place) = repeated(&vertices) {
        return Err(place);
    }
    let first_inner = relief_vertices.end;
    let mut sites: Vec<Site> = vertices.iter().copied().map(Site).collect();
    let mut site_of = vec![0; filling.points.len()];
    for &id in &filling.open {
        site_of[id as usize] = sites.len();
        sites.push(Site(filling.points[id as usize]));
    }
    let around = filling.rim.iter().map(|edge| edge.map(|id| site_of[id as usize]));
    let lines = border_edges.iter().map(|edge| edge.map(|index| index as usize));
    let constraints = lines.chain(around).collect();
    let mut conflict = None;
    let triangulation = ConstrainedDelaunayTriangulation::<Site>::try_bulk_load_cdt(
        sites,
        constraints,
        |[from, _]| conflict = conflict.or(Some(from)),
    )
    .map_err(|_invalid| vertices[0])?;
    if let Some(index) = conflict {
        let inner = index.checked_sub(first_inner as usize);
        return Err(inner.map_or_else(
            || vertices[index],
            |inner| filling.points[filling.open[inner] as usize],
        ));
    }
    let lines: HashSet<[u32; 2]> = border_edges
        .split_off(first_of_relief as usize)
        .into_iter()
        .map(|[from, to]| [from.min(to), from.max(to)])
        .collect();
    let faces = inside(&triangulation, [first_of_relief, first_inner]);
    let relief_edges = faces
        .iter()
        .filter(|(_, patterned)| *patterned)
        .flat_map(|&([a, b, c], _)| [[a, b], [b, c], [c, a]])
        .filter(|&[from, to]| lines.contains(&[from.min(to), from.max(to)]))
        .collect();
    let vertex = |site: u32| match site.checked_sub(first_inner) {
        Some(inner) => first_inner + filling.open[inner as usize],
        None => site,
    };
    let mut triangles: Vec<[u32; 3]> = faces.iter().map(|(face, _)| face.map(vertex)).collect();
    triangles.extend(filling.triangles.iter().map(|inner| inner.map(|id| first_inner + id)));
    let mut patterned: Vec<bool> = faces.iter().map(|(_, patterned)| *patterned).collect();
    patterned.extend(&filling.patterned);
    vertices.extend(filling.points);
    Ok(PlaneTriangles {
        vertices,
        triangles,
        border_edges,
        relief_vertices,
        relief_edges,
        patterned,
    })
}

/// A point that occurs twice.
fn repeated(points: &[Point2]) -> Option<Point2> {
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Faces that are reached from outside by crossing an odd number of border edges and an even number of edges of the
/// filling, each with whether an odd number of edges of the relief was crossed too. Vertices of the relief and of the
/// filling are numbered from the given numbers on.
fn inside(
    triangulation: &ConstrainedDelaunayTriangulation<Site>,
    [first_of_relief, first_inner]: [u32; 2],
) -> Vec<([u32; 3], bool)> {
    let outer = triangulation.outer_face().fix();
    let mut parity: Vec<Option<[bool; 3]>> = vec![None; triangulation.num_all_faces()];
    parity[outer.index()] = Some([false; 3]);
    let mut open: Vec<_> = Vec::new();
    for edge in triangulation.convex_hull() {
        open.push(if edge.face().fix() == outer { edge.rev().fix() } else { edge.fix() });
    }
    // `open` holds edges by which a face may be entered; the face behind the edge is known.
    while let Some(fixed) = open.pop() {
        let edge = triangulation.directed_edge(fixed);
        let face = edge.face().fix().index();
        if parity[face].is_some() {
            continue;
        }
        let mut crossed = parity[edge.rev().face().fix().index()].unwrap_or([false; 3]);
        if edge.is_constraint_edge() {
            let from = edge.from().fix().index() as u32;
            // Lines join points of their own kind only.
            let kind = usize::from(from >= first_of_relief) + usize::from(from >= first_inner);
            crossed[kind] ^= true;
        }
        parity[face] = Some(crossed);
        open.extend([edge.next().rev().fix(), edge.prev().rev().fix()]);
    }
    triangulation
        .inner_faces()
        .filter_map(|face| {
            let [material, patterned, filled] = parity[face.fix().index()]?;
            let corners = face.vertices().map(|vertex| vertex.fix().index() as u32);
            (material && !filled).then_some((corners, patterned))
        })
        .collect()
}
