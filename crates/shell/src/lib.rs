//! Builds the parametric shell of a foot orthosis: two spline surfaces and a trim line.
//!
//! Method, in the order in which a lab works on a positive cast:
//! 1. [`TopModel`] takes the foot's plantar map and makes a smooth sole of it that no wall digs into,
//!    and on which every correction is a formula of the place (arch, cast fill, skive, lift, posts).
//! 2. The rim: a horizontal land around the heel at the ordered cup depth that falls along both
//!    sides to the distal edge; its outer border is the trim line.
//! 3. The top is fitted as a bicubic B-spline; the bottom is the true offset of that *fitted* top
//!    (lower envelope of spheres), with posts under it, and is corrected until it is thick enough.
//! 4. Every dose is measured again on the finished surfaces ([`Applied`]); where smoothing took some of it away, the
//!    shell is built again with that much more.
//!
//! What is built is data: a [`Design`] is an ordered list of typed [`Operation`]s.
//!
//! Lengths are mm in the foot frame of a right foot: medial is -x, lateral is +x, z = 0 is the floor
//! of the shoe on which posts rest.
//!
//! Does not promise: walls steeper than the steepest graph slope of [`ShellSettings`]; reliefs are measured upright,
//! not square to a wall; a cushion, a filler or a plug of another material is part of the shape or not made.

mod additions;
mod applied;
mod design;
mod error;
mod foot_surface;
mod formula;
mod inspect;
mod landing;
mod limits;
mod measure;
mod measure_additions;
mod measure_trim;
mod operation;
mod patch;
mod places;
mod regions;
mod rim;
mod settings;
mod shell;
mod smooth;
mod spec;
mod support;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod tests;
mod thickness;
mod top_model;
mod trim;
mod tuning;
mod underside;

pub use applied::Applied;
pub use design::{Design, Doses};
pub use error::ShellError;
pub use inspect::{Inspection, inspect};
pub use operation::{Operation, PadSize, PressureGrid, SKIVE_PLANE_DEG};
pub use settings::ShellSettings;
pub use shell::{Shell, Workbench, build};
pub use spec::Spec;
pub use support::{Construction, PostFace, PostStyle, WedgeExtent, Zone};
pub use thickness::{Thinnest, minimum_thickness, thickness_map};
pub use top_model::{NodeFields, TopModel};
pub use trim::{Border, Length, Station};
