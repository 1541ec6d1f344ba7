//! Gives a sole that was not imaged an arch of ordered height.
//!
//! The shape is that of the synthetic foot of the knee model's reference implementation: over the
//! length a bell around 0.44 of it (the navicular), over the width an S-curve that is high medially
//! and low laterally, a low lateral arch, and edges that roll up. It is a plausible sole, not the
//! patient's: whatever depends on it must say so.

use geometry::{HeightField, Point2, Point3};

use crate::landmarks::medial_arch_line;
use crate::{Foot, Landmark, Provenance};

/// Where the arch is highest, as a share of the foot length from the heel's back.
const APEX_SHARE: f64 = 0.44;

/// Half width of the bell over the length, as a share of it.
const BELL_SHARE: f64 = 0.155;

/// Middle and width of the S-curve across, in half widths from the middle, medial negative.
const SLOPE_MIDDLE: f64 = -0.12;
const SLOPE_WIDTH: f64 = 0.22;

/// Height of the lateral arch as a share of the medial one (3.5 mm of 22).
const LATERAL_SHARE: f64 = 0.16;

/// Height of the rolled-up border as a share of the foot length (6 mm of 260).
const BORDER_ROLL_SHARE: f64 = 0.023;

/// Height of the rolled-up heel as a share of the foot length (4 mm of 260), and the share of the
/// length over which it rolls.
const HEEL_ROLL_SHARE: f64 = 0.0154;
const HEEL_ROLL_LENGTH: f64 = 0.06;

/// Rise over the old sole around which the new one fades in, mm.
const FADE_MM: f64 = 2.5;

/// Length of the window over which the outline is smoothed, as a share of the foot length: rows are
/// 1 mm apart and their ends jump by whole nodes.
const SMOOTHING_SHARE: f64 = 0.025;

/// Highest arch that is made, mm. Soles of the most arched feet rise less than this.
const HIGHEST_MM: f64 = 60.0;

/// Confidence of an apex that was ordered, not seen.
const ASSUMED: f64 = 0.3;

/// The same foot with an arch of `arch_height_mm` (mm over the ground, at most 60; what is no positive
/// number counts as 0) and rolled-up edges, wherever these are higher than the sole in the scan.
///
/// The height holds on the medial arch line (heel seat to first metatarsal head), as the measured
/// arch height of an imaged sole does. Raised nodes count as not imaged, the arch apex as assumed; the
/// foot's mesh stays as scanned.
#[must_use]
pub fn with_assumed_arch(foot: &Foot, arch_height_mm: f64) -> Foot {
    let mut arched = foot.clone();
    let target = if arch_height_mm > 0.0 { arch_height_mm.min(HIGHEST_MM) } else { 0.0 };
    let shape = ArchShape::of(foot);
    let line = medial_arch_line(&foot.landmarks);
    let amplitude = shape.amplitude(&foot.plantar.heights, &line, target);
    let field = &mut arched.plantar.heights;
    for row in 0..field.rows {
        for column in 0..field.columns {
            let place = field.node(column, row);
            let height = field.at(column, row);
            let rise = fade_in(shape.height(place, amplitude) - height);
            if rise > 0.0 {
                *field.at_mut(column, row) = height + rise;
                arched.plantar.imaged[row * field.columns + column] = false;
            }
        }
    }
    if let Some(position) = highest(&arched.plantar.heights, &line) {
        arched.landmarks.arch_apex =
            Landmark { position, confidence: ASSUMED, provenance: Provenance::Assumed };
    }
    arched.measurements.arch_height_mm = None;
    arched
}

/// The highest place of a height field over some points.
pub(crate) fn highest(heights: &HeightField, places: &[Point2]) -> Option<Point3> {
    places
        .iter()
        .filter_map(|place| Some(Point3::new(place.x, place.y, heights.sample(*place)?)))
        .reduce(|best, point| if point.z > best.z { point } else { best })
}

/// A rise that begins without a kink and tends to the plain difference less [`FADE_MM`]. Its curvature
/// is at most 2 / `FADE_MM` times the squared slope of the difference.
fn fade_in(difference: f64) -> f64 {
    if difference > 0.0 { difference * difference / (difference + FADE_MM) } else { 0.0 }
}

/// The foot's outline, by which places are named along and across.
struct ArchShape {
    back: f64,
    length: f64,
    first_row: f64,
    spacing: f64,
    /// Middle and half width of every row, smoothed along y, mm.
    rows: Vec<[f64; 2]>,
}

impl ArchShape {
    fn of(foot: &Foot) -> Self {
        let field = &foot.plantar.heights;
        let length = foot.measurements.length_mm;
        let ends: Vec<Option<[f64; 2]>> = (0..field.rows).map(|row| row_ends(field, row)).collect();
        let deviation = SMOOTHING_SHARE * length / field.spacing;
        let least_half_width = 0.3 * foot.measurements.heel_width_mm;
        let rows = smooth(&ends, deviation)
            .into_iter()
            .map(|[low, high]| [(low + high) / 2.0, ((high - low) / 2.0).max(least_half_width)])
            .collect();
        Self {
            back: foot.landmarks.heel_back.position.y,
            length,
            first_row: field.origin.y,
            spacing: field.spacing,
            rows,
        }
    }

    /// Share of the length from the heel's back, and place across in half widths from the middle.
    fn along_and_across(&self, place: Point2) -> (f64, f64) {
        let row =
            ((place.y - self.first_row) / self.spacing).clamp(0.0, (self.rows.len() - 1) as f64);
        let (near, share) = (row as usize, row.fract());
        let far = (near + 1).min(self.rows.len() - 1);
        let [middle, half] =
            [0, 1].map(|i| self.rows[near][i] + share * (self.rows[far][i] - self.rows[near][i]));
        ((place.y - self.back) / self.length, (place.x - middle) / half)
    }

    /// Arch of amplitude 1: medial and lateral arch together.
    fn arch(&self, place: Point2) -> f64 {
        let (along, across) = self.along_and_across(place);
        let bell = (-((along - APEX_SHARE) / BELL_SHARE).powi(2)).exp();
        let medial = 1.0 / (1.0 + ((across - SLOPE_MIDDLE) / SLOPE_WIDTH).exp());
        bell * (medial + LATERAL_SHARE * (1.0 - medial))
    }

    /// How far the edges roll up, mm.
    fn roll(&self, place: Point2) -> f64 {
        let (along, across) = self.along_and_across(place);
        let heel = ((HEEL_ROLL_LENGTH - along) / HEEL_ROLL_LENGTH).clamp(0.0, 1.0);
        self.length * (BORDER_ROLL_SHARE * across.powi(4) + HEEL_ROLL_SHARE * heel * heel)
    }

    fn height(&self, place: Point2, amplitude: f64) -> f64 {
        self.roll(place) + amplitude * self.arch(place)
    }

    /// The amplitude with which the raised sole reaches `target` on a line and not more, by bisection.
    /// 0 where the sole is higher already.
    fn amplitude(&self, heights: &HeightField, line: &[Point2], target: f64) -> f64 {
        let reach = |amplitude: f64| {
            line.iter()
                .filter_map(|place| {
                    let old = heights.sample(*place)?;
                    Some(old + fade_in(self.height(*place, amplitude) - old))
                })
                .fold(f64::NEG_INFINITY, f64::max)
        };
        // The arch of amplitude 1 is about 0.8 at its apex, so this is more than enough.
        let (mut low, mut high) = (0.0, 2.0 * HIGHEST_MM);
        for _ in 0..BISECTIONS {
            let middle = (low + high) / 2.0;
            if reach(middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// Halvings of the amplitude's range: 120 mm to 1e-7 mm.
const BISECTIONS: usize = 30;

/// Lowest and highest x of the known nodes of a row.
fn row_ends(field: &HeightField, row: usize) -> Option<[f64; 2]> {
    let known = |column: &usize| !field.at(*column, row).is_nan();
    let first = (0..field.columns).find(known)?;
    let last = (0..field.columns).rfind(known)?;
    Some([field.node(first, row).x, field.node(last, row).x])
}

/// Means over the rows around each row, weighted by a Gaussian of so many rows.
fn smooth(ends: &[Option<[f64; 2]>], deviation: f64) -> Vec<[f64; 2]> {
    let reach = (3.0 * deviation).ceil() as usize;
    let mut last = [0.0, 0.0];
    (0..ends.len())
        .map(|row| {
            let around = row.saturating_sub(reach)..(row + reach + 1).min(ends.len());
            let mut sum = [0.0; 2];
            let mut weight = 0.0;
            for (other, ends) in around.clone().zip(&ends[around]) {
                if let Some([low, high]) = ends {
                    let offset = (other as f64 - row as f64) / deviation;
                    let share = (-0.5 * offset * offset).exp();
                    sum = [sum[0] + share * low, sum[1] + share * high];
                    weight += share;
                }
            }
            if weight > 0.0 {
                last = sum.map(|sum| sum / weight);
            }
            last
        })
        .collect()
}
