//! Mills the top of a part from a block, on three axes with a ball-nosed tool, and proves the program.
//!
//! ```text
//!      Z0, top of the blank        x to the right, y away from the operator, z up; X0 Y0 is the
//!    ●───────────────┐             front left corner of the blank. The part hangs a stated skin under
//!    │  ╲_       _╱  │             the top; its underside is left to the band saw and the sander.
//!    │    ╲_____╱    │
//!    └───────────────┘  blank
//! ```
//!
//! [`plan()`] roughs level by level and finishes by parallel passes, both from the true surface by
//! drop-cutter, writes the program in the machine's dialect, and has [`verify()`] read the text back: no
//! program leaves this crate that gouges the designed surface by more than [`GOUGE_LIMIT_MM`], leaves
//! more than [`LEFT_LIMIT_MM`] inside the trim, or moves fast through material.
//!
//! Takes plain geometry and knows no feet. Does not promise: clamps are not seen, undercuts are not cut.

mod drop_cutter;
mod duration;
mod error;
mod finishing;
mod order;
mod path;
mod placement;
mod plan;
mod program;
mod raster;
mod region;
mod roughing;
mod sweep;
mod verification;

pub use error::MillError;
pub use order::{Blank, Cutting, Dialect, Machine, MillOrder, Tool, ToolShape};
pub use placement::Placement;
pub use plan::{MillJob, OperationKind, PreviewLine, plan};
pub use verification::{Contact, Deviation, GOUGE_LIMIT_MM, LEFT_LIMIT_MM, Verification, verify};

#[cfg(test)]
mod sample_parts;
#[cfg(test)]
mod tests;
