//! Slices a mesh and writes a program for a filament printer.
//!
//! ```text
//!  mesh ─ section ─ outline ┬ wall ── thin_line ┐
//!                           ├ skin ── infill    ├ layer ─ program ─ verify ─ PrintJob
//!                           ├ support ─ tree    │
//!                           └ brim, raft        ┘    (region over offset: all areas)
//! ```
//!
//! Every layer is cut at its middle height, so that slopes gain and lose the same volume. Lengths
//! are mm; the frame is the bed's, its near left corner the origin. Parts lie as ordered (flat, on
//! edge, tilted) around the middle of the bed, with supports under their overhangs.
//!
//! Does not do: arcs, combing, ironing.

mod bead;
mod brim;
mod check;
mod dialect;
mod error;
mod head;
mod infill;
mod job;
mod layer;
mod offset;
mod outline;
mod path;
mod place;
mod program;
mod raft;
mod region;
mod section;
mod settings;
mod skin;
mod stack;
mod support;
mod template;
mod thin_line;
mod thumbnail;
mod time;
mod tree;
mod verify;
mod wall;
mod zones;

#[cfg(test)]
mod bed_tests;
#[cfg(test)]
mod tests;

pub use check::{Bounds, CheckReport, Checker, Fault as CheckFault};
pub use error::PrintError;
pub use job::{PreviewLayer, PreviewLine, PrintJob, arrange, plan, plan_parts, sequences};
pub use path::{Role, RoleVolumes};
pub use place::{Part, Placement};
pub use settings::{
    Dialect, InfillPattern, Material, Orientation, PrintOrder, PrintSettings, Printer, Seam,
    Sequence, Speeds, SupportStyle, Supports,
};
pub use template::PLACEHOLDERS;
pub use thumbnail::Thumbnail;
pub use verify::{Expected, Verification, verify};
pub use zones::{NARROWEST_BLEND_MM, Zone, Zones};
