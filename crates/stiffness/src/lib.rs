//! Computes how far a shell bends under load and how hard its material works.
//!
//! ```text
//! slab ─ mid_surface ─► facets ─ element ─► K u = f ─ sparse Cholesky ─► deflection ─► stress
//!            thickness along the normal        supports, loads
//! ```
//!
//! Linear, small-displacement shell finite elements on flat triangles: bending by the discrete Kirchhoff
//! triangle ([`plate`]), stretching by a membrane triangle ([`Membrane`]). Lengths mm, forces N, stresses MPa
//! (N/mm²); nothing here knows what a foot is, the crate is tested with plates, beams and shells of known answer.
//!
//! Does not promise: transverse shear (a place as thick as it is wide is too stiff), contact that opens,
//! creep, large rotations; a deflection over about a third of the arch's height is an estimate.

mod arch_press;
mod facet;
mod membrane;
mod mid_surface;
mod model;
pub mod plate;
mod stiffness_map;
mod stress;

pub use arch_press::{
    ArchPress, Press, PressError, PressSettings, arch_press, thickness_change_for,
};
pub use facet::{DEGREES_OF_FREEDOM, Material, Membrane};
pub use mid_surface::{MidSurface, MidSurfaceError, mid_surface};
pub use model::{Assembly, Displacements, Factored, Freedom, ModelError, Supports, factor};
pub use stiffness_map::{StiffnessMap, stiffness_map};
pub use stress::{Stress, von_mises};
