//! Turns the bytes of gait and pressure files into recordings in stated units and frames.
//!
//! ```text
//! C3D, TRC, MOT/STO, .forces ─► Motion    markers mm, forces N, moments Nm; axes of the laboratory
//! .asf, emed, CSV            ─► Pressure  cells kPa over time
//! ```
//!
//! A recording holds what was measured and nothing that was computed from it: gaps stay gaps, no filter
//! is applied, no side and no step is guessed. Which laboratory axis points up is inferred with evidence.

mod c3d;
mod forces;
mod join;
mod motion;
mod pressure;
mod read;
pub mod sample;
mod storage;
mod text;
mod trc;
mod up;

pub use join::join_motions;
pub use motion::{Curve, Event, EventKind, Marker, Motion, Plate, Subject, Wrench};
pub use pressure::{
    LARGEST_PRESSURE_FILE, MOST_CELLS, MOST_SAMPLES, Pressure, PressureError, PressureRequest,
    Sensor, View, is_pressure, read_pressure,
};
pub use read::{MotionError, MotionLimits, is_motion_file, read_motion};
