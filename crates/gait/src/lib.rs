//! From what is known of a person's gait to one stance of one foot: the curves that the knee model needs.
//!
//! A laboratory measures these curves; without one they come from norms, scaled to the person's mass and
//! height and to whatever single numbers are known ([`GaitMetrics`]). The norms are those of the handbook's
//! knee model (section 2.4, `norm_stance`): curves of vertical force, center of pressure and knee moments of
//! adults who walk at a comfortable speed, checked there against open motion-capture data.
//!
//! Standing and running are load cases of their own ([`Activity`]), with curves that are assumed more than measured.
//!
//! What was measured and what was assumed travels with every curve ([`Provenance`]), stands in one table
//! ([`Stance::baseline`]) and is said in findings.
//!
//! # Limits
//! A walk faster than 2.2 m/s is refused, because people run there. A normative adduction moment
//! has a spread of about 0.7 %BW·Ht between persons, which a single number from a gait laboratory removes.

mod activity;
mod baseline;
mod metrics;
mod moment;
mod normative;
mod stance;

pub use activity::{Activity, stance_of, stance_of_with_instants};
pub use baseline::BaselineRow;
pub use metrics::{GaitError, GaitMetrics, Person};
pub use moment::{FIRST_PEAK_PERCENT, KamMetrics, SECOND_PEAK_PERCENT, kam_metrics};
pub use stance::{INSTANTS, Provenance, Sources, Stance, stance, stance_with_instants};

/// Acceleration of gravity, m/s², as the calibration of the knee model used it.
pub const GRAVITY_M_PER_S2: f64 = 9.81;
