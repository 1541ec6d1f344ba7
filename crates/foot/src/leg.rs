//! Places of ankle and leg, where the scan reaches so high.

use geometry::{Point3, Vector3};
use rayon::prelude::*;

use crate::Landmark;
use crate::landmarks::{Body, Region, found};
use crate::skin::Extreme;

/// Where the malleoli are sought, in shares of the length: the tip of the fibula stands over 0.2 of
/// it behind the middle, the tibia's farther forward and higher. Higher up the calf begins.
const MALLEOLUS_REGION: Region = Region { y: [0.10, 0.38], z: [0.20, 0.40] };

/// Neighborhood of a malleolus, as a share of the length (9 mm of 260).
const MALLEOLUS_RADIUS: f64 = 0.035;

/// Parts of the region from each of which a bump is climbed to: over the whole region the farthest skin is
/// often that over the navicular, at the region's lower front corner, which leads out of it.
const MALLEOLUS_COLUMNS: usize = 3;
const MALLEOLUS_LAYERS: usize = 4;

/// Uncertainty from which a bump is no malleolus, mm.
const VAGUE_MM: f64 = 6.0;

/// The bump over the ankle bone on the side of `outward`; `None` if the scan ends below it or is
/// smooth there.
pub(crate) fn malleolus(body: &Body<'_>, outward: Vector3) -> Option<Landmark> {
    let length = body.length();
    let inside = |range: [f64; 2], at: f64| (range[0]..=range[1]).contains(&at);
    let y = MALLEOLUS_REGION.y.map(|share| body.y_at(share));
    let z = MALLEOLUS_REGION.z.map(|share| share * length);
    let cell = |range: [f64; 2], count: usize, number: usize| {
        let width = (range[1] - range[0]) / count as f64;
        [range[0] + number as f64 * width, range[0] + (number + 1) as f64 * width]
    };
    let bump_of = |number: usize| {
        let region = Region {
            y: cell(MALLEOLUS_REGION.y, MALLEOLUS_COLUMNS, number % MALLEOLUS_COLUMNS),
            z: cell(MALLEOLUS_REGION.z, MALLEOLUS_LAYERS, number / MALLEOLUS_COLUMNS),
        };
        let start = body.farthest(region, outward)?;
        body.skin.extreme(start, outward, MALLEOLUS_RADIUS * length)
    };
    let bumps: Vec<Extreme> = (0..MALLEOLUS_COLUMNS * MALLEOLUS_LAYERS)
        .into_par_iter()
        .filter_map(bump_of)
        .filter(|bump| inside(y, bump.place.y) && inside(z, bump.place.z))
        .filter(|bump| bump.uncertainty < VAGUE_MM)
        .collect();
    let reach = |bump: &Extreme| bump.place.coords.dot(&outward);
    let bump = bumps.into_iter().reduce(|a, b| if reach(&b) > reach(&a) { b } else { a })?;
    Some(found(bump.place, bump.uncertainty))
}

/// Heights of the leg from which its lean is told, as shares of the length, and of the scan's top; below
/// it the foot widens.
const LEG_FROM: f64 = 0.22;
const LEAST_LEG: f64 = 0.10;

/// How the leg leans over the level foot, as dx/dz of the middle of its skin: positive to the lateral
/// side, toward which the ankle then closes: the foot is everted. `None` if too little of the leg was scanned.
pub(crate) fn lean(body: &Body<'_>) -> Option<f64> {
    let length = body.length();
    let [low, high] = [LEG_FROM * length, body.skin.highest() - RIM_MM];
    if high - low < LEAST_LEG * length {
        return None;
    }
    // Lids face up: only walls count.
    let walls = || {
        body.skin
            .between([body.y_at(-0.2), body.y_at(0.6)])
            .iter()
            .filter(|p| (low..=high).contains(&p.place.z) && p.normal.z.abs() < LEG_WALL)
    };
    let area: f64 = walls().map(|p| p.area).sum();
    if area <= 0.0 {
        return None;
    }
    let mean =
        |value: fn(&Point3) -> f64| walls().map(|p| p.area * value(&p.place)).sum::<f64>() / area;
    let (x, z) = (mean(|p| p.x), mean(|p| p.z));
    let spread: f64 = walls().map(|p| p.area * (p.place.z - z).powi(2)).sum();
    let along: f64 = walls().map(|p| p.area * (p.place.z - z) * (p.place.x - x)).sum();
    (spread > 0.0).then(|| along / spread)
}

/// Greatest |z| of the unit normal of a leg's wall.
const LEG_WALL: f64 = 0.7;

/// Heights between which the Achilles tendon's ridge is followed, in shares of the length: from the
/// upper calcaneus to a third of the shank.
const TENDON_HEIGHTS: [f64; 2] = [0.20, 0.50];

/// Height of the calcaneus' middle at the back of the heel, as a share of the length.
const HEEL_HEIGHT: f64 = 0.09;

/// Least height that the scan must show of the tendon, as a share of the length.
const LEAST_TENDON: f64 = 0.08;

/// Share of a layer that rounding may take.
const ROUNDING: f64 = 1e-6;

/// Distance from the top of the scan that is not looked at, mm: rims of cuts and lids.
const RIM_MM: f64 = 5.0;

/// Half the width of the band in which the ridge is sought, and thickness of a layer, as shares of
/// the length.
const BAND_SHARE: f64 = 0.09;
const LAYER_SHARE: f64 = 0.02;

/// The line that bisects heel and tendon seen from behind: its lower end at the back of the heel, its
/// upper end at the highest layer in which the tendon's ridge shows.
pub(crate) fn achilles_line(body: &Body<'_>, heel_back: Point3) -> Option<[Landmark; 2]> {
    let length = body.length();
    let top = body.skin.highest() - RIM_MM;
    let [low, high] = TENDON_HEIGHTS.map(|share| share * length);
    let high = high.min(top);
    if high - low < LEAST_TENDON * length {
        return None;
    }
    let layer = LAYER_SHARE * length;
    let lower = ridge(body, HEEL_HEIGHT * length, 1.5 * layer, heel_back.x)?;
    let mut ridges: Vec<Point3> = Vec::new();
    let mut near = lower.x;
    // The highest layer may lie on the limit itself: rounding must not take it from one of two feet.
    let layers = ((high - low) / layer + ROUNDING) as usize;
    for height in (0..=layers).map(|number| low + number as f64 * layer) {
        if let Some(place) = ridge(body, height, layer, near) {
            near = place.x;
            ridges.push(place);
        }
    }
    let upper = top_of_line(&ridges, high, layer)?;
    Some([found(lower, 1.5), found(upper, 2.0)])
}

/// The ridge at the back of a layer: top of a parabola through the skin that faces backward, first in the
/// whole band, then in its middle, as the leg is rounder on its outer side.
fn ridge(body: &Body<'_>, height: f64, thickness: f64, near: f64) -> Option<Point3> {
    let wide = BAND_SHARE * body.length();
    let about = ridge_within(body, height, thickness, near, wide)?;
    ridge_within(body, height, thickness, about.x, wide / 2.0).or(Some(about))
}

fn ridge_within(
    body: &Body<'_>,
    height: f64,
    thickness: f64,
    near: f64,
    band: f64,
) -> Option<Point3> {
    let mut square = nalgebra::Matrix3::zeros();
    let mut right = Vector3::zeros();
    let reach = [body.y_at(-0.1), body.y_at(0.3)];
    for point in body.skin.between(reach) {
        let off = point.place.x - near;
        let share = (point.place.z - height) / thickness;
        if off.abs() > band || share.abs() > 1.0 || point.normal.y > -0.6 {
            continue;
        }
        let terms = Vector3::new(1.0, off, off * off);
        let weight = point.area * (1.0 - share * share);
        square += terms * terms.transpose() * weight;
        right += terms * (weight * point.place.y);
    }
    let solution: Vector3 = square.try_inverse()? * right;
    let shift = -solution.y / (2.0 * solution.z);
    // Backward is -y: a ridge is a minimum.
    (solution.z > 0.0 && shift.abs() < band).then(|| {
        let y = solution.x + shift * (solution.y + solution.z * shift);
        Point3::new(near + shift, y, height)
    })
}

/// Layers at the top through which the line's upper end is laid: the tendon's ridge is bent farther down.
const TOP_LAYERS: usize = 6;

/// Upper end of the least-squares line through the highest of the ridge's places, by height: at `high`
/// where the ridge was followed up to within a `layer` of it.
fn top_of_line(places: &[Point3], high: f64, layer: f64) -> Option<Point3> {
    let places = &places[places.len().saturating_sub(TOP_LAYERS)..];
    let count = places.len() as f64;
    let mean = places.iter().map(|p| p.coords).sum::<Vector3>() / count;
    let variance: f64 = places.iter().map(|p| (p.z - mean.z).powi(2)).sum();
    let last = places.last()?.z;
    let upper = if high - last < layer { high } else { last };
    if places.len() < 3 || variance <= 0.0 {
        return None;
    }
    let slope = |axis: usize| {
        places.iter().map(|p| (p[axis] - mean[axis]) * (p.z - mean.z)).sum::<f64>() / variance
    };
    let rise = upper - mean.z;
    Some(Point3::new(mean.x + slope(0) * rise, mean.y + slope(1) * rise, upper))
}
