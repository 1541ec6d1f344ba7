//! Makes the files of a part from its [`geometry::Slab`]: mesh, STL, 3MF, OBJ, PLY, glTF, solid and STEP.
//!
//! ```text
//!              ┌─ tessellate ─ TriMesh ─┬─ stl_bytes
//!   Slab ──────┤               + Zones  ├─ threemf_bytes
//!              │                        └─ obj_text, ply_bytes, glb_bytes
//!              └─ solid (truck) ────────── step_text
//! ```
//!
//! Mesh and solid are made from the slab independently of each other; [`slab_volume`] and
//! [`deviation()`] say how well each agrees with it. Lengths are mm, in the slab's own frame: mirror
//! a slab before it comes here.
//!
//! Does not promise: a slab with overhangs, or surfaces other than graphs z = f(x, y).

mod cells;
mod deviation;
mod edge_spline;
mod glb;
mod obj;
mod plane_points;
mod ply;
mod size_field;
mod solid;
mod step;
mod step_control;
mod stl;
mod tessellate;
mod three_mf;
mod three_mf_build;
mod three_mf_project;
mod triangulation;
mod trim;
mod volume;
mod zones;

pub use deviation::{Deviation, deviation};
pub use glb::glb_bytes;
pub use obj::obj_text;
pub use ply::ply_bytes;
pub use solid::{SolidError, solid};
pub use step::{StepError, StepMetadata, StepSchema, step_text};
pub use stl::{stl_bytes, titled_stl_bytes};
pub use tessellate::{MeshSettings, TessellateError, tessellate};
pub use three_mf::{ExportError, PartMetadata, threemf_bytes};
pub use three_mf_build::{BuildPart, threemf_build_bytes};
pub use three_mf_project::{Modifier, ProjectPart, threemf_project_bytes};
pub use trim::{Border, TrimError};
pub use volume::slab_volume;
pub use zones::{Zone, Zones, ZonesError};
