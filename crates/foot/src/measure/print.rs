//! The contact print: where the sole touches the ground, without the toes, and its thirds.
//!
//! An inked or pressed print shows the skin that the ground carries. In a scan this is the skin within
//! a band over the ground. A loaded sole is flat where it is carried, so that a narrow band over the
//! level of that flat shows it, whatever the noise. An unloaded sole is round; there the band is as
//! deep as heel and ball pads give way under half the body weight, and the print is an estimate.

use geometry::HeightField;

use crate::{Foot, WeightBearing};

/// Depth of the band over the carried level, mm, by load. Skin leaves the ground steeply, so that a
/// millimeter and a half tells carried from free skin; a heel pad of about 18 mm gives way by some 4 mm
/// when standing on both feet, the ball by less.
const fn band_mm(load: WeightBearing) -> f64 {
    match load {
        WeightBearing::Full => 1.5,
        WeightBearing::Semi => 2.0,
        WeightBearing::Unloaded => 4.0,
    }
}

/// How surely the band is known, mm: one standard error.
pub(super) const fn band_error_mm(load: WeightBearing) -> f64 {
    match load {
        WeightBearing::Full => 0.3,
        WeightBearing::Semi => 0.6,
        WeightBearing::Unloaded => 1.2,
    }
}

/// Standard deviations of the noise by which the band is deepened.
const NOISE_SHARE: f64 = 1.5;

/// Height under which carried skin is sought, mm, and per mm of noise: the ground plane goes through
/// the lowest point, which noise puts some standard deviations under the skin.
const LOW_MM: f64 = 1.5;
const LOW_PER_NOISE: f64 = 4.0;

/// How far the ball's print may reach in front of the metatarsal line, as a share of the length; the
/// toes' prints begin behind it only where they touch the ball's.
const BALL_FRONT_SHARE: f64 = 0.075;

/// From where on a gap ends the ball's print, as a share of the length behind the metatarsal line.
const GAP_FROM_SHARE: f64 = 0.03;

/// Rows with fewer nodes of print do not count as its end, so that a speck does not lengthen it.
const LEAST_NODES_IN_ROW: usize = 3;

/// The contact print of a foot, on the nodes of its plantar map.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactPrint {
    /// Level of the carried skin over the ground plane, mm.
    pub level_mm: f64,
    /// Depth of the band over that level, mm.
    pub band_mm: f64,
    /// For every node of the plantar map whether it is in the print, toes included.
    pub touches: Vec<bool>,
    /// For every node whether it is in the toeless print.
    pub toeless: Vec<bool>,
    /// The y of the toeless print's back end, of the borders between its thirds, and of its front, mm.
    pub thirds_y: [f64; 4],
    /// Area of each third of the toeless print, heel first, cm².
    pub thirds_cm2: [f64; 3],
}

impl ContactPrint {
    /// The arch index of Cavanagh and Rodgers (1987): middle third over the whole toeless print.
    #[must_use]
    pub fn arch_index(&self) -> f64 {
        self.thirds_cm2[1] / self.thirds_cm2.iter().sum::<f64>()
    }
}

/// The print of an imaged sole; `None` if there is no print in all thirds of the foot.
pub(super) fn contact_print(foot: &Foot, noise_mm: f64, deeper_mm: f64) -> Option<ContactPrint> {
    let field = &foot.plantar.heights;
    let load = foot.weight_bearing;
    let level_mm = level(field, load, LOW_MM + LOW_PER_NOISE * noise_mm);
    let band_mm = (band_mm(load) + NOISE_SHARE * noise_mm + deeper_mm).max(0.2);
    let touches: Vec<bool> =
        field.heights.iter().map(|height| *height < level_mm + band_mm).collect();
    let toeless = without_toes(foot, &touches);
    let in_row = |row: usize| {
        toeless[row * field.columns..(row + 1) * field.columns].iter().filter(|node| **node).count()
    };
    let full = |row: &usize| in_row(*row) >= LEAST_NODES_IN_ROW;
    let (first, last) = ((0..field.rows).find(full)?, (0..field.rows).rfind(full)?);
    let [back, front] = [first, last].map(|row| field.node(0, row).y);
    let thirds_y = [0.0, 1.0, 2.0, 3.0].map(|third| back + third / 3.0 * (front - back));
    let mut nodes = [0.0; 3];
    for row in first..=last {
        share_out(&mut nodes, field.node(0, row).y, field.spacing, &thirds_y, in_row(row));
    }
    let thirds_cm2 = nodes.map(|count| count * field.spacing * field.spacing / 100.0);
    let whole = thirds_cm2[0] > 0.0 && thirds_cm2[2] > 0.0;
    whole.then_some(ContactPrint { level_mm, band_mm, touches, toeless, thirds_y, thirds_cm2 })
}

/// Shares the nodes of a row out to the thirds that it lies in: a border may cut it.
fn share_out(nodes: &mut [f64; 3], y: f64, spacing: f64, borders: &[f64; 4], count: usize) {
    for (third, total) in nodes.iter_mut().enumerate() {
        let low = if third == 0 { f64::NEG_INFINITY } else { borders[third] };
        let high = if third == 2 { f64::INFINITY } else { borders[third + 1] };
        let part = (high.min(y + spacing / 2.0) - low.max(y - spacing / 2.0)) / spacing;
        *total += count as f64 * part.clamp(0.0, 1.0);
    }
}

/// Level of the carried skin, mm: of a loaded sole the height at which most of it lies (its half-sample
/// mode), of a round one its lowest percents.
fn level(field: &HeightField, load: WeightBearing, under_mm: f64) -> f64 {
    let mut low: Vec<f64> =
        field.heights.iter().copied().filter(|height| *height < under_mm).collect();
    low.sort_by(f64::total_cmp);
    if low.is_empty() {
        return 0.0;
    }
    match load {
        WeightBearing::Full | WeightBearing::Semi => half_sample_mode(&low),
        WeightBearing::Unloaded => low[low.len() / 50],
    }
}

/// The densest place of sorted values: the densest half, and again (Bickel and Frühwirth 2006,
/// Comput Stat Data Anal 50:3500).
fn half_sample_mode(sorted: &[f64]) -> f64 {
    let mut rest = sorted;
    // A few hundred nodes still make a steady mean; the last steps of the rule chase single values.
    while rest.len() > 400 {
        let half = rest.len().div_ceil(2);
        let width = |from: usize| rest[from + half - 1] - rest[from];
        let best = (0..=rest.len() - half).min_by(|a, b| width(*a).total_cmp(&width(*b)));
        let from = best.unwrap_or(0);
        rest = &rest[from..from + half];
    }
    rest.iter().sum::<f64>() / rest.len() as f64
}

/// The print without the toes: in every column up to the first gap in front of the metatarsal line,
/// and no farther than the ball's pad reaches.
fn without_toes(foot: &Foot, touches: &[bool]) -> Vec<bool> {
    let field = &foot.plantar.heights;
    let [first, fifth] = foot.landmarks.metatarsal_line();
    let length = foot.measurements.length_mm;
    let mut toeless = touches.to_vec();
    for column in 0..field.columns {
        let x = field.node(column, 0).x;
        let share = ((x - first.x) / (fifth.x - first.x)).clamp(0.0, 1.0);
        let line = first.y + share * (fifth.y - first.y);
        let [gap_from, front] = [line - GAP_FROM_SHARE * length, line + BALL_FRONT_SHARE * length];
        let (mut met, mut ended) = (false, false);
        for row in 0..field.rows {
            let y = field.node(column, row).y;
            let index = row * field.columns + column;
            if y >= gap_from {
                met |= touches[index];
                ended |= met && !touches[index];
            }
            if ended || y > front {
                toeless[index] = false;
            }
        }
    }
    toeless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_where_most_lie() {
        // A thousand values around 1.2 and a thousand spread up to 5.
        let mut values: Vec<f64> = (0..1000).map(|i| 1.1 + 0.2 * f64::from(i) / 1000.0).collect();
        values.extend((0..1000).map(|i| 5.0 * f64::from(i) / 1000.0));
        values.sort_by(f64::total_cmp);
        let mode = half_sample_mode(&values);
        assert!((mode - 1.2).abs() < 0.08, "{mode}");
    }

    #[test]
    fn a_row_on_a_border_belongs_to_both_thirds() {
        let mut nodes = [0.0; 3];
        share_out(&mut nodes, 10.0, 1.0, &[0.0, 10.25, 20.0, 30.0], 8);
        assert_eq!(nodes, [6.0, 2.0, 0.0]);
    }
}
