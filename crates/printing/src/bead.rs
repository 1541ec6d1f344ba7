//! The cross-section of a printed line: a rectangle with half-round sides.
//!
//! A line of width `w` in a layer of height `h` has the area `h (w - h) + π h² / 4`. Lines that lie
//! side by side without gap or overlap of volume are therefore `w - h (1 - π/4)` apart: their pitch.
//! This is the model of the common slicers (libslic3r `Flow.cpp`), so their settings carry over.
//! Inside this crate a line is described by its pitch: pitch × height × length is its volume.

use std::f64::consts::FRAC_PI_4;

/// Distance between neighboring lines of width `width_mm`, mm.
pub(crate) fn pitch(width_mm: f64, height_mm: f64) -> f64 {
    width_mm - height_mm * (1.0 - FRAC_PI_4)
}

/// Width of the line that fills a strip of `pitch_mm`, mm.
pub(crate) fn width(pitch_mm: f64, height_mm: f64) -> f64 {
    pitch_mm + height_mm * (1.0 - FRAC_PI_4)
}

/// Most by which the crest of an outer wall stands out over the border, mm.
const MOST_OUT_MM: f64 = 0.006;

/// How far the border of what lines fill lies inside the border of a part with walls, mm.
///
/// The half-round flank of an outer line is not filled: over its height it lies `(w - pitch) / 2` inside its
/// crest in the mean, 0.02 mm at layers of 0.2 mm. The crest stands out over the border by at most 0.006 mm, a quarter
/// of that; what its flanks lack (1 % of a shell of 3 mm that stands on its edge) the walls inside hold in its place, as
/// lines that press against each other without voids do.
pub(crate) fn inset(width_mm: f64, height_mm: f64) -> f64 {
    let flank = (width_mm - pitch(width_mm, height_mm)) / 2.0;
    (flank - MOST_OUT_MM).max(0.0)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn pitch_times_height_is_the_area_of_the_rounded_rectangle() {
        let (w, h) = (0.45, 0.2);
        let area = h * (w - h) + PI * h * h / 4.0;
        assert!((pitch(w, h) * h - area).abs() < 1e-15);
        assert!((width(pitch(w, h), h) - w).abs() < 1e-15);
    }
}
