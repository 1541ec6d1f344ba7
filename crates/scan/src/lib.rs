//! Reads a foot scan from the bytes of a file and cleans it into one mesh in mm.
//!
//! ```text
//! bytes ─ kind from content ─► STL OBJ PLY 3MF: triangles ─┐
//!                              PLY XYZ CSV: points ─ surface ┴ weld ─ clean ─► pieces, outward ─ unit ─► mm
//! ```
//!
//! Most of these files have no unit, no shared vertices and no promise of any kind, so every inference
//! (unit, repaired winding, dropped debris) is written to the findings, and the unit can be given by
//! the caller. A scan may hold both feet, a floor, a box: all substantial pieces are kept, side by
//! side, as [`ScanPiece`]s of one mesh. Spikes are pulled back and holes up to a few millimeters are
//! closed; the triangles that close them are marked as not imaged.
//!
//! Every count in a file is checked against what the file can hold before memory is taken for it;
//! [`ScanLimits`] has the rest. Does not promise: a floor that is fused to the foot is not cut away,
//! self-intersections stay, and where three or more sheets meet at an edge the mesh stays so.

mod cloud;
mod error;
mod model;
mod obj;
mod partition;
mod patches;
mod pieces;
mod ply;
mod polygon;
mod raw;
mod read;
mod repair;
mod request;
mod scan_mesh;
mod source;
mod stl_ascii;
mod stl_binary;
mod table;
mod text;
mod three_mf;
mod topology;
mod unit;
mod vector;
mod weld;

pub use cloud::CloudEvidence;
pub use error::{Place, ScanError};
pub use model::read_model;
pub use read::read_scan;
pub use request::{ScanLimits, ScanRequest};
pub use scan_mesh::{Facing, ScanMesh, ScanPiece};
pub use source::Format;
pub use unit::{SizeFit, Unit, UnitCandidate, UnitReading, UnitSource};
