//! How far a shape's proportions are from those of feet.
//!
//! Fifteen numbers: the width of the silhouette at nine places of the length and, where the dorsum is
//! there, its height at six, all as shares of the length. Their means and spreads enclose ANSUR II
//! (ball 0.377, heel 0.273 of the length), nine statistical and artist's feet, two scanned ones and the
//! project's phantoms, from standing to unloaded; the spreads are wide enough for a child's short foot.

use crate::Foot;
use crate::measure::{Section, sections_across};

/// A place, and what feet have there.
#[derive(Clone, Copy)]
struct Profile {
    /// Share of the length from the most posterior heel.
    at: f64,
    /// Mean over the foot length.
    mean: f64,
    /// Spread between feet, over the foot length.
    deviation: f64,
}

const fn profile(at: f64, mean: f64, deviation: f64) -> Profile {
    Profile { at, mean, deviation }
}

/// Widths of the silhouette.
const WIDTHS: [Profile; 9] = [
    profile(0.04, 0.175, 0.035),
    profile(0.15, 0.262, 0.032),
    profile(0.30, 0.285, 0.036),
    profile(0.45, 0.330, 0.036),
    profile(0.60, 0.353, 0.034),
    profile(0.70, 0.355, 0.034),
    profile(0.80, 0.330, 0.034),
    profile(0.90, 0.235, 0.038),
    profile(0.96, 0.150, 0.045),
];

/// Heights of the dorsum over the ground.
const HEIGHTS: [Profile; 6] = [
    profile(0.50, 0.285, 0.038),
    profile(0.60, 0.230, 0.036),
    profile(0.70, 0.172, 0.032),
    profile(0.80, 0.135, 0.032),
    profile(0.90, 0.115, 0.038),
    profile(0.96, 0.105, 0.045),
];

/// Root mean square of the shape's distances from the mean foot, in spreads. Feet have 0.3 to 1.6.
pub(super) fn distance(foot: &Foot) -> f64 {
    let length = foot.measurements.length_mm;
    let square = |profile: &Profile, size: Option<f64>| {
        Some(((size? / length - profile.mean) / profile.deviation).powi(2))
    };
    let mut all: Vec<f64> =
        WIDTHS.iter().filter_map(|profile| square(profile, width(foot, profile.at))).collect();
    let sections = sections_across(foot, &HEIGHTS.map(|profile| profile.at));
    let dorsum = |section: &Section| if section.is_roofed() { section.top() } else { None };
    all.extend(
        HEIGHTS
            .iter()
            .zip(&sections)
            .filter_map(|(profile, section)| square(profile, dorsum(section))),
    );
    (all.iter().sum::<f64>() / all.len().max(1) as f64).sqrt()
}

/// Width of the silhouette at a share of the length, mm.
fn width(foot: &Foot, share: f64) -> Option<f64> {
    let field = &foot.plantar.heights;
    let y = foot.landmarks.heel_back.position.y + share * foot.measurements.length_mm;
    let row = ((y - field.origin.y) / field.spacing).round();
    let inside = row >= 0.0 && (row as usize) < field.rows;
    let known = |row: usize| (0..field.columns).filter(|&c| !field.at(c, row).is_nan()).count();
    inside.then(|| known(row as usize) as f64 * field.spacing)
}
