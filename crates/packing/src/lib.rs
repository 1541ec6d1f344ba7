//! Nests parts into the build volume of a powder-bed machine.
//!
//! ```text
//!  meshes ─ HeightMap (8 turns) ─ lowest place, one after the other, in each Plan ─ lowest plan ─ distances of the meshes
//!                                 (anywhere, or on a few towers)
//! ```
//!
//! Shells are graphs over their sole, so they nest like spoons: each part sinks, as it stands or upside
//! down, onto what lies below it until the spacing is just kept. Placed one after the other anywhere they
//! end up staggered, with holes between; on towers that fill the floor they do not. Both are built,
//! with several gaps between the towers, and the lowest is taken. The maps of heights are conservative, and the
//! spacing is proven afterwards between the meshes themselves. Left and right of a pair go in one
//! after the other and near each other. Lengths are mm; the frame is the build volume's, its near
//! left lower corner the origin.
//!
//! Does not do: tilted parts and parts on their edge, parts inside each other's hollows that cannot be reached from above.

mod distance;
mod heap;
mod height_map;
mod pack;
mod plan;
mod towers;

#[cfg(test)]
mod tests;

pub use distance::{Solid, distance_below};
pub use pack::{BuildVolume, PackError, PackPart, Packing, Placed, pack};
