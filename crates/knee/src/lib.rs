//! The knee model: from the top surface of an orthosis to the predicted change of load at the knee.
//!
//! ```text
//!   stance (gait) ──┐
//!   FootContact ────┼─► KneeModel::new      fits the contact to the unaided stance, instant by instant
//!   Parameters ─────┘        │
//!   Device ─────────────► evaluate          4 equilibrium equations per instant, Newton, warm start
//!                            │
//!                         predict           change of load, 90 % interval, probabilities, cost at the ankle
//! ```
//!
//! *Differential equilibrium* (handbook, knee model, section 2): the stance fixes vertical force and center of
//! pressure; the contact model is fitted to them and the joint moments that it implies are held; only the
//! **change** that a device causes is predicted, so that errors of anatomy cancel to first order. Contact is a
//! bed of springs (hardening tissue in series with shoe, posts and shell) under a foot that may sink, pitch,
//! turn about the subtalar axis, and twist its forefoot.
//!
//! [`KneeModel::appraise`] gives the changes with their derivatives to the calibrated parameters for the price of one
//! evaluation: what a search over devices needs.
//!
//! Frame: x anterior from the most posterior heel, y lateral, z up; mm, N, kPa, rad. Stiffness of a layer is
//! kPa/mm, the same number as MPa/m. The program's foot frame has x lateral and y anterior from the heel seat:
//! the caller swaps.
//!
//! # Limits, openly
//! Five lumped parameters are calibrated on *group means* of trials, so a person's response is uncertain by
//! more than the mean effect ([`Likelihood`]). No shear between springs: relief by conforming insoles is
//! under-predicted. Shear in the foam alone does not mend it: a layer with a third of its modulus against shear, tried on a
//! round heel with the contact's own tissue, moved the relief of a flat insole by half a percent and lowered that of a
//! conforming one, so it was not taken in. No saturation of dose, unless [`Refinements`] are asked for: beyond 7 degrees the interval is widened. Shoes that are stiffer on
//! one side work by another mechanism and must not be judged with this model. It predicts load, not pain.

mod appraisal;
mod contact;
mod device;
mod foot_contact;
mod joint_loads;
mod likelihood;
mod model;
mod parameters;
mod prediction;
mod press;
mod pressure;
mod update;

pub use appraisal::{Appraisal, Effects};
pub use device::{Device, DeviceShape, Materials, ReferenceOrthosis, shell_stiffness_kpa_per_mm};
pub use foot_contact::{FootContact, FootContactError, GRID_MM, ReferenceFoot, edge_roll_mm};
pub use joint_loads::{MedialContact, PatellofemoralStress, medial_contact, patellofemoral_stress};
pub use likelihood::{BandPoint, Likelihood};
pub use model::{KneeError, KneeModel, Response};
pub use parameters::{Parameters, Refinements};
pub use prediction::{Outcome, Prediction};
pub use pressure::{PressureMap, Region, RegionLoad};
pub use update::{Dose, PersonalResponse};
