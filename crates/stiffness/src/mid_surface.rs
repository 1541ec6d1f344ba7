//! The surface in the middle of a slab, as triangles with a thickness at every corner.
//!
//! Even points on the border, a triangular lattice inside, one constrained Delaunay triangulation (`spade`):
//! bending elements want triangles of one size rather than a surface that is followed to a micrometer.

use geometry::{Point2, Point3, Slab, polygon};
use spade::{ConstrainedDelaunayTriangulation, Triangulation as _};

/// Triangles in space with a thickness.
#[derive(Clone, Debug, PartialEq)]
pub struct MidSurface {
    /// Corners, mm.
    pub nodes: Vec<Point3>,
    /// Indices of three corners each.
    pub triangles: Vec<[u32; 3]>,
    /// Thickness along the normal at every node, mm.
    pub thickness: Vec<f64>,
}

/// Why a slab has no mid-surface.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MidSurfaceError {
    /// The edge length is no usable number.
    #[error("edge_mm is {edge_mm}, it must be between 0.5 and 50")]
    EdgeLength {
        /// What was asked for.
        edge_mm: f64,
    },
    /// The mesh would be too large to solve.
    #[error(
        "a mesh of {edge_mm} mm edges would need about {nodes:.0} nodes, more than {limit}; take longer edges"
    )]
    TooFine {
        /// What was asked for.
        edge_mm: f64,
        /// Expected number of nodes.
        nodes: f64,
        /// Most nodes.
        limit: usize,
    },
    /// The borders cross or bound nothing.
    #[error(
        "the trim line bounds no region that can be meshed with {edge_mm} mm edges near x {x:.1}, y {y:.1} mm"
    )]
    Border {
        /// What was asked for.
        edge_mm: f64,
        /// Where.
        x: f64,
        /// Where.
        y: f64,
    },
}

/// More would take gigabytes in the factored matrix.
const MOST_NODES: usize = 40_000;

/// Points of the lattice nearer to the border than this share of the edge length would make slivers.
const CLEAR_OF_BORDER: f64 = 0.55;

/// Meshes the middle of a slab with triangles of about `edge_mm`.
///
/// # Errors
/// [`MidSurfaceError`] for an edge length out of range or borders that bound no region.
pub fn mid_surface(slab: &Slab, edge_mm: f64) -> Result<MidSurface, MidSurfaceError> {
    if !(0.5..=50.0).contains(&edge_mm) {
        return Err(MidSurfaceError::EdgeLength { edge_mm });
    }
    let borders: Vec<Vec<Point2>> = std::iter::once(&slab.outline)
        .chain(&slab.holes)
        .map(|curve| even_points(&curve.polyline(0.02 * edge_mm, edge_mm / 4.0), edge_mm))
        .collect();
    let expected = polygon::signed_area(&borders[0]).abs() / (edge_mm * edge_mm * LATTICE_ROW);
    if expected > MOST_NODES as f64 {
        return Err(MidSurfaceError::TooFine { edge_mm, nodes: expected, limit: MOST_NODES });
    }
    let (plane, triangles) = triangulate(&borders, edge_mm)?;
    let mut nodes = Vec::with_capacity(plane.len());
    let mut thickness = Vec::with_capacity(plane.len());
    for point in plane {
        let (top, bottom) = (slab.top.jet(point), slab.bottom.jet(point));
        nodes.push(Point3::new(point.x, point.y, 0.5 * (top.z + bottom.z)));
        let slope: f64 =
            (0..2).map(|axis| (0.5 * (top.gradient[axis] + bottom.gradient[axis])).powi(2)).sum();
        thickness.push((top.z - bottom.z) / (1.0 + slope).sqrt());
    }
    Ok(MidSurface { nodes, triangles, thickness })
}

/// Height of an equilateral triangle over its edge.
const LATTICE_ROW: f64 = 0.866_025_403_784_438_6;

/// Points on a closed line at even distances of about `step`.
fn even_points(line: &[Point2], step: f64) -> Vec<Point2> {
    let length = polygon::perimeter(line);
    let count = (length / step).round().max(8.0);
    let spacing = length / count;
    let mut points = Vec::with_capacity(count as usize);
    let mut next = 0.0;
    let mut walked = 0.0;
    for (a, b) in polygon::edges(line) {
        let edge = (b - a).norm();
        while next < walked + edge && (points.len() as f64) < count {
            points.push(a + (b - a) * ((next - walked) / edge));
            next += spacing;
        }
        walked += edge;
    }
    points
}

/// Corners and triangles of a region between borders.
type Plane = (Vec<Point2>, Vec<[u32; 3]>);

fn triangulate(borders: &[Vec<Point2>], edge_mm: f64) -> Result<Plane, MidSurfaceError> {
    let mut mesh = ConstrainedDelaunayTriangulation::<spade::Point2<f64>>::new();
    let fault = |point: Point2| MidSurfaceError::Border { edge_mm, x: point.x, y: point.y };
    for border in borders {
        let handles = border
            .iter()
            .map(|&point| {
                mesh.insert(spade::Point2::new(point.x, point.y))
                    .map_err(|_not_finite| fault(point))
            })
            .collect::<Result<Vec<_>, _>>()?;
        for k in 0..handles.len() {
            let (from, to) = (handles[k], handles[(k + 1) % handles.len()]);
            if from == to || !mesh.can_add_constraint(from, to) {
                return Err(fault(border[k]));
            }
            mesh.add_constraint(from, to);
        }
    }
    for point in lattice(borders, edge_mm) {
        mesh.insert(spade::Point2::new(point.x, point.y)).map_err(|_not_finite| fault(point))?;
    }
    let points = mesh
        .vertices()
        .map(|vertex| Point2::new(vertex.position().x, vertex.position().y))
        .collect();
    let triangles: Vec<[u32; 3]> = mesh
        .inner_faces()
        .filter(|face| {
            let middle = face.center();
            is_inside(borders, Point2::new(middle.x, middle.y))
        })
        .map(|face| face.vertices().map(|vertex| vertex.fix().index() as u32))
        .collect();
    if triangles.is_empty() {
        return Err(fault(borders[0][0]));
    }
    Ok((points, triangles))
}

fn is_inside(borders: &[Vec<Point2>], point: Point2) -> bool {
    polygon::contains(&borders[0], point)
        && !borders[1..].iter().any(|hole| polygon::contains(hole, point))
}

/// Points of a triangular lattice inside the borders and clear of them.
fn lattice(borders: &[Vec<Point2>], edge_mm: f64) -> Vec<Point2> {
    let outer = &borders[0];
    let range = |axis: usize| {
        outer.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
            (low.min(point[axis]), high.max(point[axis]))
        })
    };
    let ((left, right), (near, far)) = (range(0), range(1));
    let row_height = edge_mm * LATTICE_ROW;
    let (rows, columns) =
        (((far - near) / row_height) as usize + 1, ((right - left) / edge_mm) as usize + 1);
    let mut points = Vec::new();
    for row in 0..rows {
        let shift = if row % 2 == 0 { 0.0 } else { 0.5 * edge_mm };
        for column in 0..columns {
            let point =
                Point2::new(left + shift + column as f64 * edge_mm, near + row as f64 * row_height);
            let clear = borders.iter().all(|border| {
                polygon::distance_to_border(border, point) > CLEAR_OF_BORDER * edge_mm
            });
            if clear && is_inside(borders, point) {
                points.push(point);
            }
        }
    }
    points
}
