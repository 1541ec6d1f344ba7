//! Mills a part from a block, on three axes, and proves the program; checks the programs of others.
//!
//! ```text
//!      Z0, top of the blank        x to the right, y away from the operator, z up; X0 Y0 is the
//!    ●───────────────┐             front left corner of the blank. The part hangs a stated skin under
//!    │  ╲_       _╱  │             the top; its underside is left to the band saw and the sander.
//!    │    ╲_____╱    │
//!    └───────────────┘  blank
//! ```
//!
//! [`plan()`] roughs level by level, with a wider tool first where one is ordered, and finishes by passes of even scallop
//! (parallel, in a spiral, or along level lines where it is steep: [`Finishing`]), both from the triangles of the part by drop-cutter ([`TriangleCutter`], exact for every shape of tool), writes the
//! program in the machine's dialect, and has [`inspect`] read the text back: no program leaves this
//! crate that gouges the part by more than [`GOUGE_LIMIT_MM`], leaves more than [`LEFT_LIMIT_MM`] on it,
//! or moves fast through material. [`Inspector`] does the same for anybody's program, as a stream.
//!
//! Takes plain geometry and knows no feet. Does not promise: undercuts are not cut.

mod arcs;
mod cleared;
mod clearing;
mod constant_engagement;
mod creases;
mod cutter;
mod dialect;
mod drilling;
mod duration;
mod edges;
mod engraving;
mod error;
mod even_passes;
mod finishing;
mod fixture;
mod ground;
mod inspection;
mod level_lines;
mod level_ways;
mod linking;
mod model;
mod neighbors;
mod order;
mod outline;
mod over_stock;
mod path;
mod pencil;
mod placement;
mod plan;
mod plan_view;
mod program;
mod raster;
mod reach;
mod remains;
mod rest_roughing;
mod rim_passes;
mod ring_field;
mod roughing;
mod rules;
mod semi_finishing;
mod spiral;
mod steep;
mod stock;
mod summary;
mod surface;
mod sweep;
mod tip_grid;
mod triangle_cutter;
mod two_sided;
mod waterline;

pub use cutter::Cutter;
pub use dialect::{Dialect, SafeStart, ToolChange};
pub use engraving::Engraving;
pub use error::MillError;
pub use fixture::{Anchored, Fixture};
pub use inspection::{
    Contact, Deviation, GOUGE_LIMIT_MM, Inspection, Inspector, LEFT_LIMIT_MM, Lengths,
    ProgramFault, Setup, Severity, UNREACHABLE_LIMIT_MM, controller, inspect, inspect_on,
};
pub use model::Model;
pub use order::{
    Blank, Cutting, Dowels, Finishing, Machine, MillOrder, Rougher, Roughing, SemiFinishing,
    Separation, Spread, Tool, ToolShape,
};
pub use placement::Placement;
pub use plan::{MillJob, OperationKind, PreviewLine, plan, setup};
pub use remains::Remains;
pub use stock::Block;
pub use summary::OperationSummary;
pub use triangle_cutter::{LastContact, TriangleCutter};
pub use two_sided::plan_two_sided;

#[cfg(test)]
mod finishing_tests;
#[cfg(test)]
mod sample_parts;
#[cfg(test)]
mod tests;
