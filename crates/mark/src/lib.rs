//! Sets an order's text and its machine-readable code as a pattern, and finds a place for it on an underside.
//!
//! ```text
//!  lines ── letters (strokes) ──┐
//!                               ├─ Block (mm, read from left to right) ─ place ─ Relief of a Slab
//!  code ─── Data Matrix cells ──┘                                       ▲
//!                     borders, contact faces, slope, thickness ────────┘
//! ```
//!
//! Letters are strokes of one width, as a nozzle or a tool makes them; the code is a Data Matrix (ECC 200) of the
//! crate `datamatrix`, the smallest code that a phone reads. The mark is read from below: seen from above it is a mirror
//! image. Lengths are mm, in the slab's own frame, which must be the one that is made: a mark on a mirrored slab
//! reads backward.
//!
//! Does not do: lower case, letters outside `A` to `Z`, digits and a few signs; text that follows a bend.

mod block;
mod cells;
mod letters;
mod order;
mod place;

pub use letters::LETTERS;
pub use order::{Mark, MarkError, MarkOrder, Refusals, Site, mark};
