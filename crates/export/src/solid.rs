//! A slab as a boundary representation by `truck`: the one module that knows truck's types.
//!
//! Top and bottom are the slab's surfaces with their own control nets, trimmed by edges that lie on
//! them to 5e-5 mm; the walls are ruled between the edges. Every face carries its own outward
//! normal, so that no reader has to turn one. Only building and writing is left to truck: it neither
//! meshes nor cuts here, because it loses faces of such shells.

use geometry::{GraphSurface, Point3, Slab};
use truck_modeling as truck;

use crate::edge_spline::{WallArc, wall_arc};
use crate::trim::{TrimError, TrimLoop, trim_loops};

/// Why a slab could not be made into a solid.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolidError {
    /// The borders do not bound a region of the surfaces.
    #[error(transparent)]
    Trim(#[from] TrimError),
    /// The bottom is not under the top at the border.
    #[error(
        "the slab is {thickness_mm:.3} mm thick at its border at x {x:.2}, y {y:.2} mm; lower the \
         bottom or move the trim line"
    )]
    TooThin {
        /// Upright distance from bottom to top.
        thickness_mm: f64,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// An edge stays off its surface.
    #[error(
        "the edge stays {gap_mm:e} mm off the surface at x {x:.2}, y {y:.2} mm; smooth the surface \
         or the trim line there"
    )]
    Gap {
        /// Smallest gap that was reached.
        gap_mm: f64,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// The modeling library refused the parts.
    #[error("faces and edges do not join to a solid: {reason}; look at the trim line")]
    Topology {
        /// What the library said.
        reason: String,
    },
}

/// Arcs into which a border is cut. A closed edge would need a seam; some readers want no edge that
/// turns by more than 180 degrees.
const ARCS: usize = 4;

/// Thinner borders are refused, mm: as for the mesh.
const THINNEST_MM: f64 = 0.01;

/// Makes the solid of a slab: one outer shell, a wall of four faces for every border.
///
/// # Errors
/// [`SolidError`] if the slab bounds no solid.
pub fn solid(slab: &Slab) -> Result<truck::Solid, SolidError> {
    let loops = trim_loops(slab)?;
    let mut walls = Vec::new();
    let mut top_wires = Vec::new();
    let mut bottom_wires = Vec::new();
    for border in &loops {
        let arcs = arcs(slab, border)?;
        let ring = Ring::new(&arcs);
        walls.extend(ring.walls(&arcs)?);
        top_wires.push(ring.top.iter().cloned().collect::<truck::Wire>());
        // Seen from below, which is where this face looks, the material is on the other side.
        bottom_wires.push(ring.bottom.iter().cloned().collect::<truck::Wire>().inverse());
    }
    let mut faces = vec![
        face(top_wires, graph_surface(&slab.top, false))?,
        face(bottom_wires, graph_surface(&slab.bottom, true))?,
    ];
    faces.extend(walls);
    truck::Solid::try_new(vec![faces.into_iter().collect()]).map_err(topology)
}

fn arcs(slab: &Slab, border: &TrimLoop) -> Result<Vec<WallArc>, SolidError> {
    let count = border.segments.len();
    (0..ARCS)
        .map(|arc| {
            let range = arc * count / ARCS..(arc + 1) * count / ARCS;
            let arc = wall_arc(slab, border, range).map_err(|gap| SolidError::Gap {
                gap_mm: gap.gap_mm,
                x: gap.place.x,
                y: gap.place.y,
            })?;
            // A spline lies between its control points, so these bound the wall's height from below.
            let thinnest = arc
                .top
                .iter()
                .zip(&arc.bottom)
                .map(|(top, bottom)| (top.z - bottom.z, top))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            match thinnest {
                Some((thickness_mm, place)) if thickness_mm < THINNEST_MM => {
                    Err(SolidError::TooThin { thickness_mm, x: place.x, y: place.y })
                }
                _ => Ok(arc),
            }
        })
        .collect()
}

/// The edges around one border, each in the direction that keeps the material on the left.
struct Ring {
    top: Vec<truck::Edge>,
    bottom: Vec<truck::Edge>,
    /// Upright edges at the starts of the arcs, from bottom to top.
    uprights: Vec<truck::Edge>,
}

impl Ring {
    fn new(arcs: &[WallArc]) -> Self {
        let starts = |points: fn(&WallArc) -> &Vec<Point3>| -> Vec<truck::Vertex> {
            arcs.iter().map(|arc| truck::Vertex::new(place(&points(arc)[0]))).collect()
        };
        let (top_corners, bottom_corners) = (starts(|arc| &arc.top), starts(|arc| &arc.bottom));
        let edges = |corners: &[truck::Vertex], points: fn(&WallArc) -> &Vec<Point3>| {
            arcs.iter()
                .enumerate()
                .map(|(index, arc)| {
                    let control = points(arc).iter().map(place).collect();
                    let curve = truck::BSplineCurve::new(arc.knots.clone().into(), control);
                    truck::Edge::new(
                        &corners[index],
                        &corners[(index + 1) % corners.len()],
                        truck::Curve::BSplineCurve(curve),
                    )
                })
                .collect()
        };
        let uprights = bottom_corners
            .iter()
            .zip(&top_corners)
            .map(|(low, high)| {
                let line = truck::Line(low.point(), high.point());
                truck::Edge::new(low, high, truck::Curve::Line(line))
            })
            .collect();
        Self {
            top: edges(&top_corners, |arc| &arc.top),
            bottom: edges(&bottom_corners, |arc| &arc.bottom),
            uprights,
        }
    }

    /// Ruled faces; along the border times upward is outward.
    fn walls(&self, arcs: &[WallArc]) -> Result<Vec<truck::Face>, SolidError> {
        arcs.iter()
            .enumerate()
            .map(|(index, arc)| {
                let next = (index + 1) % arcs.len();
                let wire: truck::Wire = [
                    self.bottom[index].clone(),
                    self.uprights[next].clone(),
                    self.top[index].inverse(),
                    self.uprights[index].inverse(),
                ]
                .into_iter()
                .collect();
                let net = arc
                    .bottom
                    .iter()
                    .zip(&arc.top)
                    .map(|(low, high)| vec![place(low), place(high)])
                    .collect();
                let upward = vec![0.0, 0.0, 1.0, 1.0];
                let knots = (arc.knots.clone().into(), upward.into());
                face(vec![wire], truck::BSplineSurface::new(knots, net))
            })
            .collect()
    }
}

/// The surface with its own control net and knots; with x and y swapped its normal points down.
fn graph_surface(
    surface: &GraphSurface,
    facing_down: bool,
) -> truck::BSplineSurface<truck::Point3> {
    let (columns, rows) = surface.control_size();
    let (x_knots, y_knots) = surface.knots();
    let knots = |along: &[f64]| truck::KnotVec::from(along.to_vec());
    let control = |column: usize, row: usize| place(&surface.control_point(column, row));
    if facing_down {
        let net = (0..rows).map(|row| (0..columns).map(|column| control(column, row)).collect());
        truck::BSplineSurface::new((knots(y_knots), knots(x_knots)), net.collect())
    } else {
        let net = (0..columns).map(|column| (0..rows).map(|row| control(column, row)).collect());
        truck::BSplineSurface::new((knots(x_knots), knots(y_knots)), net.collect())
    }
}

fn face(
    wires: Vec<truck::Wire>,
    surface: truck::BSplineSurface<truck::Point3>,
) -> Result<truck::Face, SolidError> {
    truck::Face::try_new(wires, truck::Surface::BSplineSurface(surface)).map_err(topology)
}

fn topology(error: impl std::fmt::Display) -> SolidError {
    SolidError::Topology { reason: error.to_string() }
}

fn place(point: &Point3) -> truck::Point3 {
    truck::Point3::new(point.x, point.y, point.z)
}
