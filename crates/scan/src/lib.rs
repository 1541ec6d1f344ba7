//! Reads a foot scan from the bytes of an STL file and cleans it into one mesh in mm.
//!
//! ```text
//! bytes ─ binary / ASCII ─► corner soup ─ weld ─► shared vertices ─ clean ─► pieces, outward ─ unit ─► mm
//! ```
//!
//! STL has no unit, no shared vertices and no promise of any kind, so every inference (unit, repaired
//! winding, dropped debris) is written to the findings, and the unit can be given by the caller.
//! A scan may hold both feet, a floor, a box: all substantial pieces are kept, side by side, as
//! [`ScanPiece`]s of one mesh. A floor that is fused to the foot is not cut away.

mod ascii;
mod binary;
mod clean;
mod error;
mod read;
mod request;
mod scan_mesh;
mod soup;
mod unit;
mod weld;

pub use error::ScanError;
pub use read::read_scan;
pub use request::{ScanLimits, ScanRequest};
pub use scan_mesh::{Facing, ScanMesh, ScanPiece};
pub use unit::{SizeFit, Unit, UnitCandidate, UnitReading, UnitSource};
