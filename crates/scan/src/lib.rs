//! Reads a foot scan from the bytes of an STL file and cleans it into one oriented mesh in mm.
//!
//! ```text
//! bytes ─ binary / ASCII ─► corner soup ─ weld ─► shared vertices ─ clean ─► one piece, outward ─ unit ─► mm
//! ```
//!
//! STL has no unit, no shared vertices and no promise of any kind, so every inference (unit, repaired
//! winding, dropped pieces) is written to the findings, and the unit can be given by the caller.
//! Limits: one foot per file; no hole is filled; a floor that is fused to the foot is not cut away.

mod ascii;
mod binary;
mod clean;
mod read;
mod soup;
mod unit;
mod weld;

pub use read::{ScanError, ScanLimits, ScanMesh, ScanRequest, read_scan};
pub use unit::Unit;
