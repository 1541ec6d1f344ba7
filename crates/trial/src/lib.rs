//! Analyzes a motion trial: events, joint centers, moments and symmetry of its stances.
//!
//! ```text
//! Motion ─┬─ markers ─ gaps, filter ─ joint centers, frames ─┬─ inverse dynamics ─ stances ─ means, symmetry
//!         └─ plates ── baseline, filter ─ contacts, feet ────┘                      └─ gait::Stance
//! ```
//!
//! Positions are mm, forces N, moments Nm, in the axes of the laboratory; the upward axis is the recording's. Segment
//! frames have columns anterior, up (along the bone) and right, for both legs; the signs of moments are turned for
//! the left, so that + is adduction, flexion, internal rotation, dorsiflexion and inversion on both. Moments are
//! external. Methods and their papers stand in the modules that use them.
//!
//! # Limits
//! Skin moves over bone by 10 to 20 mm; a jointed leg fitted to all markers keeps the bones' lengths but not the truth. The toes are not a segment
//! of their own. Contacts of one foot with two plates are rejected, not added up.

mod analysis;
mod angle;
mod contact;
mod curves;
mod dynamics;
mod error;
mod event;
mod filter;
mod force;
mod gap;
mod handedness;
mod leg;
mod linked;
mod marker_set;
mod pelvis;
mod rigid;
mod settings;
mod stance;
mod standing;
mod summary;
mod symmetry;
mod walk;

pub use analysis::{Analysis, Input, Origin, Quality, TrialStance, analyze};
pub use contact::Rejection;
pub use curves::{Channel, Curves, INSTANTS, Measure, Numbers};
pub use error::TrialError;
pub use event::{EventKind, EventSource, GaitEvent};
pub use marker_set::{HipRegression, JointCenters, MarkerSet, Role, choose_marker_set};
pub use settings::{JointTracking, MomentFrame, SegmentTable, Settings};
pub use summary::SideSummary;
pub use symmetry::{Symmetry, compare_sides};
pub use walk::Walk;
