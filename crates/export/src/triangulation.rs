//! Constrained Delaunay triangulation of the region between borders, by `spade`.

use geometry::{Point2, polygon};
use spade::{ConstrainedDelaunayTriangulation, HasPosition, Triangulation};

/// Triangles over the plane, counter-clockwise.
#[derive(Clone, Debug)]
pub(crate) struct PlaneTriangles {
    pub(crate) vertices: Vec<Point2>,
    pub(crate) triangles: Vec<[u32; 3]>,
    /// Edges of the borders, in order, with the region on their left.
    pub(crate) border_edges: Vec<[u32; 2]>,
}

#[derive(Clone, Copy, Debug)]
struct Site(Point2);

impl HasPosition for Site {
    type Scalar = f64;

    fn position(&self) -> spade::Point2<f64> {
        spade::Point2::new(self.0.x, self.0.y)
    }
}

/// Triangulates the region that the borders enclose (even-odd), using the inner points.
///
/// # Errors
/// A place where two borders touch or cross.
pub(crate) fn triangulate(
    borders: Vec<Vec<Point2>>,
    inner: Vec<Point2>,
) -> Result<PlaneTriangles, Point2> {
    let mut border_edges: Vec<[u32; 2]> = Vec::new();
    let mut vertices: Vec<Point2> = Vec::new();
    for border in borders {
        let (first, count) = (vertices.len() as u32, border.len() as u32);
        if count < 3 || polygon::signed_area(&border) == 0.0 {
            return Err(border[0]);
        }
        border_edges.extend((0..count).map(|k| [first + k, first + (k + 1) % count]));
        vertices.extend(border);
    }
    vertices.extend(inner);
    if let Some(place) = repeated(&vertices) {
        return Err(place);
    }
    let constraints = border_edges.iter().map(|edge| edge.map(|index| index as usize)).collect();
    let mut conflict = None;
    let triangulation = ConstrainedDelaunayTriangulation::<Site>::try_bulk_load_cdt(
        vertices.iter().copied().map(Site).collect(),
        constraints,
        |[from, _]| conflict = conflict.or(Some(from)),
    )
    .map_err(|_invalid| vertices[0])?;
    if let Some(index) = conflict {
        return Err(vertices[index]);
    }
    let triangles = inside(&triangulation);
    Ok(PlaneTriangles { vertices, triangles, border_edges })
}

/// A point that occurs twice.
fn repeated(points: &[Point2]) -> Option<Point2> {
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Faces that are reached from outside by crossing an odd number of border edges.
fn inside(triangulation: &ConstrainedDelaunayTriangulation<Site>) -> Vec<[u32; 3]> {
    let outer = triangulation.outer_face().fix();
    let mut parity: Vec<Option<bool>> = vec![None; triangulation.num_all_faces()];
    parity[outer.index()] = Some(false);
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
        let behind = parity[edge.rev().face().fix().index()].unwrap_or(false);
        parity[face] = Some(behind ^ edge.is_constraint_edge());
        open.extend([edge.next().rev().fix(), edge.prev().rev().fix()]);
    }
    triangulation
        .inner_faces()
        .filter(|face| parity[face.fix().index()] == Some(true))
        .map(|face| face.vertices().map(|vertex| vertex.fix().index() as u32))
        .collect()
}
