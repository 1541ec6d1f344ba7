//! Plain shapes that every step understands: meshes, height fields, spline surfaces, slabs.
//!
//! Lengths are mm. Nothing here knows what a foot is; the crate is tested with boxes and domes.
//! A [`Slab`] is the one truth of a shell's shape: two [`GraphSurface`]s over the foot plane and
//! the [`ClosedCurve`]s that trim them, and the [`Relief`] of a mark in the lower one. Meshes, solids, tool paths and pictures are derived from it.
//!
//! Does not promise: no overhangs (a surface is a graph z = f(x, y)), no exact arithmetic.

mod border_index;
mod closed_curve;
mod defect;
mod graph_surface;
mod height_field;
mod mesh;
mod over_grid;
pub mod polygon;
mod relief;
mod slab;
mod spline_basis;

pub use border_index::BorderIndex;
pub use closed_curve::ClosedCurve;
pub use defect::{Defect, check_closed};
pub use graph_surface::{FitError, GraphSurface, Jet, Rect};
pub use height_field::HeightField;
pub use mesh::TriMesh;
pub use over_grid::OverGrid;
pub use relief::Relief;
pub use slab::Slab;

/// A point of the plane, mm.
pub type Point2 = nalgebra::Point2<f64>;
/// A direction or offset in the plane, mm.
pub type Vector2 = nalgebra::Vector2<f64>;
/// A point in space, mm.
pub type Point3 = nalgebra::Point3<f64>;
/// A direction or offset in space, mm.
pub type Vector3 = nalgebra::Vector3<f64>;
