//! The words that every step shares: quantities, sides, and findings.
//!
//! ```text
//!        y  toes            The foot frame, a right foot seen from above.
//!        ▲                  Origin: heel seat (lowest point of the heel),
//!   ┌────┴────┐             dropped on the ground plane. Millimeters.
//!   │ M1   M5 │             x to the outside (lateral), y to the toes, z up.
//!   │         │             A left foot is mirrored (x → -x) on the way in
//!   └───●─────┘▶ x          and mirrored back on the way out.
//! ```
//!
//! Inside the program lengths are mm, angles rad, forces N, times s, moments Nm, pressures kPa.
//! Degrees and percent exist in files and on the screen only, with the unit in the key.

mod finding;
mod gait_metric;
mod quantity;
mod side;

pub use finding::{Finding, Findings, Severity};
pub use gait_metric::GaitMetric;
pub use quantity::{Angle, Mm, signed};
pub use side::Side;
