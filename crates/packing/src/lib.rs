//! Nests parts into the build volume of a powder-bed machine.
//!
//! ```text
//!  meshes ─ HeightMap (every quarter turn) ─ lowest place, one after the other ─ distances of the meshes
//! ```
//!
//! Shells are graphs over their sole, so they nest like spoons: each part sinks, as it stands, onto
//! what lies below it until the spacing is just kept. The maps of heights are conservative, and the
//! spacing is proven afterwards between the meshes themselves. Left and right of a pair go in one
//! after the other and near each other. Lengths are mm; the frame is the build volume's, its near
//! left lower corner the origin.
//!
//! Does not do: tilted parts, parts inside each other's hollows that cannot be reached from above.

mod distance;
mod height_map;
mod pack;

#[cfg(test)]
mod tests;

pub use distance::{Solid, distance_below};
pub use pack::{BuildVolume, PackError, PackPart, Packing, Placed, pack};
