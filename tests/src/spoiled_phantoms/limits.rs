//! What a reading must reach, as the acceptance of issue 3 has it.

/// Largest angle between the frame and the true one, degrees.
pub const FRAME_DEG: f64 = 1.0;
/// Largest distance between the frame's origin and the true one, mm.
pub const FRAME_MM: f64 = 1.0;
/// Median distance of landmarks from their true places, mm.
pub const LANDMARK_MEDIAN_MM: f64 = 2.0;
/// The same at the 95th percentile, mm.
pub const LANDMARK_P95_MM: f64 = 5.0;
/// Largest error of a length, mm.
pub const LENGTH_MM: f64 = 0.5;
/// Largest error of the arch height, mm.
pub const ARCH_MM: f64 = 0.5;

/// Names of the limits, as `not_yet` of a group of cases has them.
pub const NAMES: [&str; 8] =
    ["frame", "landmarks", "lengths", "arch", "side", "unit", "verdict", "silent"];
