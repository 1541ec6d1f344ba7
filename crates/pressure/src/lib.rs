//! Finds steps, regions and excessive load in a pressure recording.
//!
//! ```text
//!            ▲ y  toes         The foot frame, as everywhere: a right foot from above, x lateral,
//!     ┌──┬──────┐              y from the heel to the second toe, origin in the middle of the heel's
//!     │ha│ toes │  80 %..      contact (half a heel width in front of its back). A left foot is
//!     ├──┼───┬──┤              mirrored, so that medial is -x.
//!     │M1│2-3│45│  53..80 %
//!     ├──┴───┴──┤
//!     │ midfoot │  27..53 %    of the length of the print
//!     ├────┬────┤
//!     │ med│lat │  0..27 %
//!     └────┴────┘──▶ x
//! ```
//!
//! 1. `quality`: cells that cannot be believed: dead, stuck, lines of a broken trace.
//! 2. `steps`: contacts over time; those that the recording cuts are rejected with the reason.
//! 3. `print`, `frame`: the mean peak print, which end is the heel, which border is medial.
//! 4. `masks`: eight regions; the toe line and the gap beside the hallux follow the print.
//! 5. `regions`, `path`, `arch`: peak pressure, integrals, areas, center of pressure, indices.
//! 6. `excess`: places over a norm or a limit, in words.
//! 7. [`register`]: the print on the scanned foot of the same person.
//!
//! Does not promise: two feet in one picture are not told apart; a print of toes alone has no frame.

mod analysis;
mod arch;
mod excess;
mod frame;
mod masks;
mod path;
mod print;
mod quality;
mod regions;
mod registration;
mod settings;
mod steps;
mod summary;
#[cfg(test)]
mod tests;

pub use analysis::{Analysis, AnalysisError, Person, analyze};
pub use arch::{ArchIndex, ArchType};
pub use excess::{Excess, ExcessKind};
pub use frame::{Evidence, FootFrame};
pub use masks::{Masks, Region};
pub use path::{Cpei, PathPoint};
pub use print::Print;
pub use quality::Quality;
pub use regions::{RegionValues, Spread};
pub use registration::{Registration, RegistrationError, register};
pub use settings::{Norm, Settings};
pub use steps::Step;
pub use summary::{RegionSummary, StepSummary, Summary};
