//! Reads what was ordered: case files and lab profiles, every key checked against its one entry.
//!
//! A parameter is declared once ([`Parameter`]: key, unit, range, default, help, source). The reader,
//! the command line's `parameters` page and later the web form and the handbook all derive from it.
//! Unknown keys, wrong types and values out of range are refused with their place and the way out;
//! nothing is guessed and nothing is ignored.

mod amount;
mod care;
mod case;
mod complaint;
mod drawn;
mod error;
mod follow_up;
mod gait_order;
mod knee;
mod lab;
mod machine_keys;
mod mark;
mod markers;
mod parameter;
mod prescription;
mod prescription_keys;
mod pressure_profile;
mod print_profile;
mod profile;
mod revision;
mod rule;
mod scan;
mod scan_limits;
mod sheet;
mod table;
mod template;

pub use amount::in_inches;
pub use care::{CARE, CareItem, CareProfile, read_care};
pub use case::{
    Case, Caution, Indication, MAKE, MakeOrder, PATIENT, Patient, WeightBearing, read_case,
    read_case_with,
};
pub use complaint::{ComplaintRule, read_complaints};
pub use drawn::{DRAWN, DrawnKey, DrawnRegion, PressureRelief};
pub use error::OrderError;
pub use follow_up::{FOLLOW_UP, FollowUp, read_follow_up};
pub use gait_order::{GAIT, GAIT_METRICS, GaitOrder, PressureOrder, TrialOrder};
pub use knee::KNEE;
pub use lab::LAB;
pub use machine_keys::{CUTTING, MACHINE, TOOL};
pub use mark::{MARK, MARK_ORDER, MarkChoice};
pub use markers::MARKERS;
pub use parameter::{Kind, Parameter, Preset};
pub use prescription::{Dose, Prescription};
pub use prescription_keys::PRESCRIPTION;
pub use pressure_profile::PRESSURE;
pub use print_profile::{MATERIAL, POWDER, PRINTER};
pub use profile::{ProfileKind, ProfileStore};
pub use revision::Revision;
pub use rule::{CompatibilityRule, OrderFacts, read_rules};
pub use scan::{LANDMARKS, SCAN, ScanKind, ScanOrder};
pub use scan_limits::SCAN_LIMITS;
pub use sheet::{GaitSheet, looks_like_gait_sheet, read_gait_sheet};
pub use table::Values;
