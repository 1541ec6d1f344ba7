//! Puts a foot scan into the foot frame, finds its landmarks, and measures it.
//!
//! ```text
//!        y  toes            A right foot seen from above. Origin: heel seat (lowest
//!        ▲                  point of the heel) dropped on the ground plane.
//!   ┌────┴────┐             x lateral, y to the second toe, z up; millimeters.
//!   │ M1   M5 │             A left foot is mirrored (x → -x) on the way in, so that
//!   │         │             medial is -x and lateral is +x for every foot.
//!   └───●─────┘▶ x
//! ```
//!
//! The frame, in one definition that phantoms follow as well (`tests/phantoms.rs` compares):
//!
//! - *ground*: the plane under heel and ball. A standing heel's contact levels it from side to side, on a
//!   hanging foot the two sides of the ball do;
//! - *heel seat*: the middle of the heel's contact; of a round heel, its lowest point;
//! - *axis*: from the heel seat to the second metatarsal head, which stands at 0.443 of the way across from
//!   the first to the fifth head. It points to about the second toe, however the toes are held;
//! - *first and fifth metatarsal head*: where the ball reaches farthest to the medial and the lateral side,
//!   along x of this frame.
//!
//! Method, step by step:
//!
//! 1. `scene`: floors, boards, stands and dirt are taken out, feet fused with a floor are cut off it,
//!    hollows in foam become soles, views that overlap are put together.
//! 2. `search`, `guess`: directions in which much of the surface could rest on the ground, tried on a
//!    coarse mesh until one stands like a foot.
//! 3. `pose`, `ground`: on each, the foot is stood on heel and ball, as a standing heel or a hanging
//!    foot asks for, and turned until its axis runs along +y.
//! 4. `proportions`: the first stance with a foot's proportions is taken; ranges enclose those of
//!    ANSUR II (Gordon et al. 2014, anthropometric survey of US Army personnel).
//! 5. `side`: toes, waist, arch and ball tell a right foot from a left one.
//! 6. `below`, `sole`: exact heights of the sole on a 1 mm grid; holes are filled; a sole that lies
//!    within 2.5 mm of the ground nearly everywhere was not imaged.
//! 7. `skin`, `landmarks`, `toes`, `leg`: blunt extremes of the skin, places by proportion, and the
//!    apex of the arch between heel seat and first head.
//!
//! Limits: the seat of a heel that is flattened by standing is the middle of its contact and known to
//! 1 mm on a clean scan, to 2 to 3 mm on a noisy one; planes are told from feet by reaching beyond them,
//! so a floor that ends at the foot's silhouette stays a flat sole.

mod anatomy;
mod assumed_arch;
mod below;
mod find;
mod ground;
mod grouped;
mod guess;
mod landmark;
mod landmarks;
mod leg;
pub mod measure;
mod pose;
mod proportions;
pub mod quality;
mod report;
mod request;
mod scene;
mod search;
mod side;
mod skin;
mod sole;
mod toes;

pub use anatomy::{Doubt, Foot, FootFromScan, Measurements, PlantarMap, SoleEvidence};
pub use assumed_arch::with_assumed_arch;
pub use find::{find_feet, find_foot};
pub use landmark::{Landmark, LandmarkName, Landmarks, Provenance};
pub use request::{FootError, FootLimits, FootRequest, Scanned, WeightBearing};
