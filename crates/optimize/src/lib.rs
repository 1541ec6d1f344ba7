//! Tunes posts, arch, thickness, cup, skive and cover for a knee, within limits at ankle and sole.
//!
//! ```text
//!   Indication ─► Bounds, goal     what may be varied, and what is better (handbook, knee model, section 4)
//!   Fixed      ─► ordered by the clinician: stays
//!   Contraindications ─► take directions of posting away
//!        │
//!   every orderable candidate, or a low-discrepancy sample of them ─► best ones ─► pattern search
//!        │                                              (posts 0.5°, arch 0.05, …)       │
//!        │                                                        around the fronts ◀────┘
//!   Optimum: chosen, prediction, why, what limits it, Pareto fronts, neighbors
//! ```
//!
//! Candidates lie on the lattice of what a laboratory can order from the first sample on, so nothing is
//! rounded afterwards. Limits are limits: a candidate that breaks one loses against every candidate that
//! breaks none. The search has no random numbers and its result does not depend on the number of threads.
//!
//! # What it does not say
//! It predicts a change of load with an interval; it does not say that pain or disease will change. Where the
//! chance of a gain is under one half it recommends the neutral device.

mod bounds;
mod evaluation;
mod fronts;
mod indication;
mod pair;
mod problem;
mod search;
mod variable;
mod words;

pub use bounds::{Bounds, Customs, usual};
pub use evaluation::{Limit, Limits, Measures, Robust};
pub use fronts::{Fronts, ParetoPoint};
pub use indication::{Contraindication, Indication};
pub use pair::{Alternative, choose_pair};
pub use problem::{DeviceFamily, OptimizeError, Problem};
pub use search::{Neighbor, Optimum, Recommendation, Stances, optimize};
pub use variable::{Candidate, Fixed, PerVariable, Variable};
