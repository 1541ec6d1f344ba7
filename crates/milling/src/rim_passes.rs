//! Passes around the rim, where those across the part leave too much.
//!
//! A rim that falls away steeply is rolled over by the ends of parallel passes. Where it runs askew to them, one pass ends farther out
//! than the next, and what is between their ends no pass has cut. Rings around the part seen from above,
//!
//! ```text
//!   d = R sin φ      φ  steepness that the tool touches at the rim, from 60° on in steps as long as a
//!                       step-over along its ball
//! ```
//!
//! are cut there, and only where they take something away: where the ball on a ring touches the part at a place that stays farther
//! from the ball on every pass than the scallop which is allowed. Around a sharp rim with an upright wall there is none.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::ground::{Ground, ROLLED_RADII};
use crate::outline::Borders;
use crate::path::{Tip, distance_to_chord};
use crate::raster::{Sampling, sample_way};
use crate::triangle_cutter::LastContact;

/// Steepness of the first ring, rad; what is less steep, passes across it reach.
const FIRST_STEEPNESS: f64 = 1.05;
/// Share of a step-over by which rings lie apart along the ball.
const RING_SHARE: f64 = 0.9;
/// A place on a ring that is no farther than this share of a step-over from a pass is not looked at more closely.
const NEAR_SHARE: f64 = 0.52;
/// The same in hollows.
const BETWEEN_SHARE: f64 = 0.3;
/// Passes that may have cut what a ring touches are looked for this far around its tip, mm.
const LOOKED_FOR_MM: f64 = 2.0;
/// Stretches of a ring begin this much before they are needed and end after it, mm.
const MARGIN_MM: f64 = 1.0;
/// Gaps as short as this are cut too, mm.
const BRIDGED_MM: f64 = 4.0;
/// Distance of the places of a ring that are looked at, mm.
const LOOK_MM: f64 = 1.0;
/// The same on lines between passes, where corners of these leave gaps hardly longer than passes lie apart, mm.
const LOOK_BETWEEN_MM: f64 = 0.35;
/// The part seen from above is known to a fraction of a millimeter: rings may lie this much farther out, mm.
pub(crate) const SEEN_MM: f64 = 0.4;
/// Most rings.
const MOST_RINGS: usize = 12;

/// Rings around the parts, closed, seen from above; with x and y exchanged if they are turned.
pub(crate) fn rings(
    (borders, is_turned): (&Borders, bool),
    radius: f64,
    step_over: f64,
) -> Vec<Vec<[f64; 2]>> {
    let last = ROLLED_RADII.asin();
    let steps = ((last - FIRST_STEEPNESS) * radius / (RING_SHARE * step_over)).ceil();
    let steps = (steps as usize).clamp(1, MOST_RINGS);
    let steepness =
        |step: usize| FIRST_STEEPNESS + (last - FIRST_STEEPNESS) * step as f64 / steps as f64;
    (0..=steps)
        .into_par_iter()
        .flat_map_iter(|step| borders.ways_around(radius * steepness(step).sin(), is_turned))
        .collect()
}

/// When a line is missed by passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Miss {
    /// Radius of the ball, mm.
    pub(crate) radius: f64,
    /// Most that passes may leave, mm.
    pub(crate) most: f64,
    /// Places whose tip is no farther than this from a pass are not looked at more closely, mm.
    pub(crate) near: f64,
    /// Places are looked at in these steps along a line, mm.
    pub(crate) look: f64,
}

impl Miss {
    /// Of lines around the rim.
    pub(crate) fn at_rim(radius: f64, most: f64, step_over: f64) -> Self {
        Self { radius, most, near: NEAR_SHARE * step_over, look: LOOK_MM }
    }

    /// Of lines between passes, also in hollows, where these lie closer.
    pub(crate) fn between_passes(radius: f64, most: f64, step_over: f64) -> Self {
        Self { radius, most, near: BETWEEN_SHARE * step_over, look: LOOK_BETWEEN_MM }
    }

    /// Whether passes miss what a ball with its tip at a place touches.
    fn is_at(self, ground: &Ground<'_>, cut: &Chords, (tip, last): (&Tip, &LastContact)) -> bool {
        let Self { radius, most, near, .. } = self;
        !cut.comes_within(tip, *tip, near)
            && ground.contact(*tip, last).is_some_and(|touched| {
                // From the touched place to the ball's centers, which lie over the tips.
                let [x, y, z] = touched;
                !cut.comes_within(tip, [x, y, z - radius], radius + most)
            })
    }
}

/// Stretches of lines where passes leave too much and a ball on the line does not.
pub(crate) fn missed<'a>(
    ground: &Ground<'_>,
    rings: &[Vec<[f64; 2]>],
    passes: impl Iterator<Item = &'a [Tip]>,
    sampling: Sampling,
    miss: Miss,
) -> Vec<Vec<Tip>> {
    let sampling = Sampling { reach: sampling.reach + SEEN_MM, ..sampling };
    let mut looks: Vec<Vec<Look>> =
        rings.par_iter().map(|ring| looks(ground, ring, (sampling.reach, miss.look))).collect();
    let mut cut = Chords::near(looks.iter().flatten().map(|look| &look.tip));
    for tips in passes {
        tips.windows(2).for_each(|pair| cut.add([pair[0], pair[1]]));
    }
    looks.par_iter_mut().for_each(|looks| {
        let last = LastContact::default();
        looks.retain(|look| miss.is_at(ground, &cut, (&look.tip, &last)));
    });
    let last = LastContact::default();
    let mut found = Vec::new();
    for (ring, looks) in rings.iter().zip(&looks) {
        // What one ring cuts the next need not.
        for span in spans(looks, |tip| miss.is_at(ground, &cut, (tip, &last))) {
            for tips in sample_way(ground, &between(ring, span), sampling) {
                tips.windows(2).for_each(|pair| cut.add([pair[0], pair[1]]));
                if tips.len() > 1 {
                    found.push(tips);
                }
            }
        }
    }
    found
}

/// A place of a ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Way along the ring, mm.
    pub(crate) along: f64,
    pub(crate) tip: Tip,
}

/// Places of a ring no farther apart than `step` mm, where there is ground.
fn looks(ground: &Ground<'_>, ring: &[[f64; 2]], (reach, step): (f64, f64)) -> Vec<Look> {
    let last = LastContact::default();
    let mut looks = Vec::new();
    let (mut along, mut next) = (0.0, 0.0);
    for pair in ring.windows(2) {
        let [[a, b], [c, d]] = [pair[0], pair[1]];
        let length = (c - a).hypot(d - b);
        while next <= along + length {
            let share = if length > 0.0 { (next - along) / length } else { 0.0 };
            let (x, y) = (a + share * (c - a), b + share * (d - b));
            if let Some(z) = ground.tip(x, y, reach, &last) {
                looks.push(Look { along: next, tip: [x, y, z] });
            }
            next += step;
        }
        along += length;
    }
    looks
}

/// Where along a ring it is missed, grown at both ends and joined over short gaps.
pub(crate) fn spans(looks: &[Look], is_missed: impl Fn(&Tip) -> bool) -> Vec<[f64; 2]> {
    let mut spans: Vec<[f64; 2]> = Vec::new();
    for look in looks.iter().filter(|look| is_missed(&look.tip)) {
        match spans.last_mut().filter(|span| span[1] + BRIDGED_MM >= look.along) {
            Some(span) => span[1] = look.along + MARGIN_MM,
            None => spans.push([look.along - MARGIN_MM, look.along + MARGIN_MM]),
        }
    }
    spans
}

/// The part of a ring between two ways along it.
pub(crate) fn between(ring: &[[f64; 2]], [low, high]: [f64; 2]) -> Vec<[f64; 2]> {
    let mut places = Vec::new();
    let mut along = 0.0;
    for pair in ring.windows(2) {
        let [[a, b], [c, d]] = [pair[0], pair[1]];
        let length = (c - a).hypot(d - b);
        let end = along + length;
        if length > 0.0 && end >= low && along <= high {
            let at = |way: f64| {
                let share = ((way - along) / length).clamp(0.0, 1.0);
                [a + share * (c - a), b + share * (d - b)]
            };
            if places.is_empty() {
                places.push(at(low));
            }
            places.push(at(high));
        }
        along = end;
    }
    places
}

/// Chords of passes, found by where they are seen from above.
pub(crate) struct Chords {
    /// By cell; cells that no ring comes near are not there.
    cells: HashMap<[i32; 2], Vec<[Tip; 2]>>,
}

/// The cell of a place; cells are as wide as chords are looked for.
fn cell([x, y, _]: &Tip) -> [i32; 2] {
    [x, y].map(|along| (along / LOOKED_FOR_MM).floor() as i32)
}

/// The cells around that of a place.
fn around(tip: &Tip) -> [[i32; 2]; 9] {
    let [x, y] = cell(tip);
    std::array::from_fn(|index| [x + (index % 3) as i32 - 1, y + (index / 3) as i32 - 1])
}

impl Chords {
    pub(crate) fn near<'a>(tips: impl Iterator<Item = &'a Tip>) -> Self {
        let mut cells = HashMap::new();
        for tip in tips {
            for cell in around(tip) {
                cells.entry(cell).or_insert_with(Vec::new);
            }
        }
        Self { cells }
    }

    pub(crate) fn add(&mut self, [from, to]: [Tip; 2]) {
        let length = (to[0] - from[0]).hypot(to[1] - from[1]);
        let pieces = (2.0 * length / LOOKED_FOR_MM).ceil().clamp(1.0, 1e5) as usize;
        let mut before = None;
        for piece in 0..=pieces {
            let share = piece as f64 / pieces as f64;
            let tip = std::array::from_fn(|axis| from[axis] + share * (to[axis] - from[axis]));
            let here = cell(&tip);
            if before != Some(here)
                && let Some(chords) = self.cells.get_mut(&here)
            {
                chords.push([from, to]);
            }
            before = Some(here);
        }
    }

    /// Whether a chord around a tip comes within `reach` mm of a place.
    pub(crate) fn comes_within(&self, tip: &Tip, place: [f64; 3], reach: f64) -> bool {
        // Nearly all chords are told apart by one axis alone.
        let is_beside = |[from, to]: &[Tip; 2]| {
            (0..3).any(|axis| {
                let (a, b, here) = (from[axis], to[axis], place[axis]);
                (here < a - reach && here < b - reach) || (here > a + reach && here > b + reach)
            })
        };
        around(tip)
            .iter()
            .filter_map(|cell| self.cells.get(cell))
            .flatten()
            .any(|chord| !is_beside(chord) && distance_to_chord(chord[0], chord[1], place) <= reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_far_from_every_pass_is_missed() {
        // Passes along y, 0.5 mm apart, up to y = 0 on the left of x = 3 and up to y = -2 beside it.
        let passes: Vec<Vec<Tip>> = (0..20)
            .map(|pass| {
                let x = 0.5 * f64::from(pass);
                [-9.0, if x < 3.0 { 0.0 } else { -2.0 }].map(|y| [x, y, 0.0]).into()
            })
            .collect();
        let looks: Vec<Look> = (0..=90)
            .map(|step| 0.1 * f64::from(step))
            .map(|along| Look { along, tip: [along, -0.1, 0.0] })
            .collect();
        let mut cut = Chords::near(looks.iter().map(|look| &look.tip));
        for tips in &passes {
            tips.windows(2).for_each(|pair| cut.add([pair[0], pair[1]]));
        }
        let found = spans(&looks, |tip| !cut.comes_within(tip, *tip, 0.28));
        let [[low, high]] = found[..] else { panic!("{found:?}") };
        assert!((low - 1.8).abs() < 0.15 && (high - 10.0).abs() < 1e-9, "{low} {high}");
        let ring = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 0.0]];
        assert_eq!(between(&ring, [3.0, 5.0]), [[3.0, 0.0], [4.0, 0.0], [4.0, 1.0]]);
        assert_eq!(between(&ring, [-1.0, 2.0]), [[0.0, 0.0], [2.0, 0.0]]);
    }
}
