//! Puts a foot scan into the foot frame, finds its landmarks, and measures it.
//!
//! ```text
//!        y  toes            A right foot seen from above. Origin: heel seat (lowest
//!        ▲                  point of the heel) dropped on the ground plane.
//!   ┌────┴────┐             x lateral, y to the second toe, z up; millimetres.
//!   │ M1   M5 │             A left foot is mirrored (x → -x) on the way in, so that
//!   │         │             medial is -x and lateral is +x for every foot.
//!   └───●─────┘▶ x
//! ```

mod anatomy;
mod below;
mod extreme;
mod find;
mod guess;
mod landmarks;
mod pose;
mod proportions;
mod request;
mod side;
mod sole;

pub use anatomy::{Foot, Landmark, Landmarks, Measurements, PlantarMap, Provenance, SoleEvidence};
pub use find::find_foot;
pub use request::{FootError, FootLimits, FootRequest};
