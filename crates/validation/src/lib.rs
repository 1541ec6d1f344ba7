//! Compares the knee model with the published trials, row by row, and calibrates it again on demand.
//!
//! ```text
//! data/knee.toml        published figures ──┐
//! experiments           the model's figures ┴─► validate ─► rows with verdicts, failures said openly
//! data/calibration.toml targets, priors ──────► calibrate ─► posterior of the five lumped parameters
//! ```
//!
//! No row is dropped: what the model cannot show is listed as not modeled, with the reason. The model stands
//! on its own reference foot and normative stance (75 kg, 1.72 m), as its published check values do.
//!
//! Agreement with group means says nothing about one person; see the knee crate for that interval.

mod calibration;
mod experiments;
mod rows;
mod verdict;

pub use calibration::{CalibrationSettings, Posterior, Summary, calibrate};
pub use experiments::Experiments;
pub use knee::Refinements;
pub use rows::{Comparison, Failure, Row, Table, table};
pub use verdict::{CheckedComparison, CheckedFailure, CheckedRow, Validation, validate};
