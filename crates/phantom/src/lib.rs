//! Makes feet whose true measures are known, for sample scans and for tests of every later step.
//!
//! ```text
//!   z ▲      ┌──┐ leg cut               A foot as it stands in the world: millimeters, ground
//!     │     ╱    ╲                      z = 0, heel seat at the origin, second toe along +y.
//!     │    │  ●   ╲___                  Right foot: lateral side at +x. Left foot: at -x,
//!     │   (    arch    ╲___ooo          the exact mirror image of the right one.
//!     └────╰─●──╯─‾‾─╰──╯────▶ y
//! ```
//!
//! Method: an implicit body. Bones, muscles and pads are round cones and ellipsoids, joined by smooth
//! minima and fitted to the mean of a model learned from real feet (`skeleton`); a sole with its arch
//! vault, flat under load and round when it hangs (`sole`), cuts it from below. The result is scaled
//! until its own measures equal the settings (`shape`, `measured`) and is then meshed (`surface`).
//! Truth is found on the implicit shape, not on the mesh.
//!
//! Proportions follow ANSUR II (1,986 women: ball-of-foot length 0.739, breadth 0.377, heel breadth
//! 0.273, bimalleolar breadth 0.272, height of the lateral malleolus 0.255, ball girth 0.926 of the
//! foot length).
//!
//! [`spoil`] then makes of a foot what scanners make of it, with the truth still known, and [`mod@file`]
//! writes it in the formats that scanners write.
//!
//! Does not promise: no veins or single tendons, no deformed toes; rays do not move against each other.
//!
//! ```
//! use phantom::{PhantomSettings, generate};
//! let foot = generate(&PhantomSettings { resolution_mm: 4.0, ..Default::default() })?;
//! assert_eq!(geometry::check_closed(&foot.mesh), Ok(()));
//! assert!((foot.truth.length_mm - 260.0).abs() < 0.01);
//! # Ok::<(), phantom::PhantomError>(())
//! ```

mod field;
pub mod file;
mod measured;
mod random;
mod search;
mod sections;
mod settings;
mod shape;
mod skeleton;
mod skin;
mod sole;
pub mod spoil;
mod surface;
mod truth;

pub use settings::{Load, PhantomError, PhantomSettings, ToePattern, ToePosture};
pub use truth::Truth;

use geometry::TriMesh;
use vocabulary::Side;

/// A generated foot and what is true of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PhantomFoot {
    /// The skin, closed by a lid at the leg cut, outward oriented; millimeters, in the world frame.
    pub mesh: TriMesh,
    /// The true measures and places, in the same frame.
    pub truth: Truth,
}

/// Makes the foot that `settings` describe. Same settings, same bytes.
///
/// # Errors
/// A setting outside its range, or proportions that the shape cannot be scaled to.
pub fn generate(settings: &PhantomSettings) -> Result<PhantomFoot, PhantomError> {
    settings.check()?;
    let (shape, measured) = measured::scaled_to(settings)?;
    let mut right_mesh = surface::extract(&shape, settings.resolution_mm);
    skin::add_detail(&mut right_mesh, settings.skin_detail_mm);
    let mesh = match settings.side {
        Side::Right => right_mesh,
        Side::Left => right_mesh.mirrored_x(),
    };
    Ok(PhantomFoot { mesh, truth: Truth::new(shape, &measured, settings) })
}

#[cfg(test)]
mod tests;
