//! A gyroid of one density.
//!
//! It is the surface `sin x cos y + sin y cos z + sin z cos x = 0` (Schoen 1970, NASA TN D-5541); its section at a height
//! is a family of graphs over x or over y, solved here in closed form. Its area per volume is 3.0915 / period, so its
//! sections have on average π/4 times that length per area (a rule of stereology); the length at each height is summed
//! up and the lines made a few percent wider or narrower, so that every layer holds the ordered share.

use std::f64::consts::{FRAC_PI_4, TAU};
use std::ops::RangeInclusive;

use geometry::{Point2, polygon};

use super::{CURVE_TOLERANCE_SHARE, SHORTEST_CHORD_MM, Sparse};
use crate::path::{Path, Role};
use crate::region::kept_points;

/// Length of gyroid sections per area, times the period: π/4 × 3.0915.
pub(super) const GYROID_LENGTH: f64 = FRAC_PI_4 * 3.0915;

/// Steps of a gyroid curve per period.
const GYROID_STEPS: usize = 48;

/// One curve of a gyroid section in units where the period is 2π, over one period of its free
/// coordinate: `bound` as a function of `free`.
#[derive(Clone, Copy, Debug)]
pub(super) struct GyroidSection {
    pub(super) sin_z: f64,
    pub(super) cos_z: f64,
}

impl GyroidSection {
    /// Whether the curves are graphs over x; if not, over y.
    fn is_over_x(self) -> bool {
        self.cos_z.abs() >= self.sin_z.abs()
    }

    /// The bound coordinate of one of the two families.
    ///
    /// Over x: `sin x · cos y + cos z · sin y = -sin z cos x` is `r cos(y - φ) = c`; over y:
    /// `sin z · cos x + cos y · sin x = -cos z sin y` likewise. `|c| ≤ r` by the choice of the graph.
    fn bound(self, free: f64, second: bool) -> f64 {
        let (sin_free, cos_free) = free.sin_cos();
        let (of_cos, of_sin, right) = if self.is_over_x() {
            (sin_free, self.cos_z, -self.sin_z * cos_free)
        } else {
            (self.sin_z, cos_free, -self.cos_z * sin_free)
        };
        let half = (right / of_cos.hypot(of_sin)).clamp(-1.0, 1.0).acos();
        of_sin.atan2(of_cos) + if second { -half } else { half }
    }

    /// Length of both families over one period, in periods.
    pub(super) fn length(self) -> f64 {
        let step = TAU / GYROID_STEPS as f64;
        let length_of = |second: bool| -> f64 {
            (0..GYROID_STEPS)
                .map(|i| {
                    let from = self.bound(i as f64 * step, second);
                    let to = self.bound((i + 1) as f64 * step, second);
                    step.hypot(nearest_turn(to - from))
                })
                .sum()
        };
        (length_of(false) + length_of(true)) / TAU
    }
}

/// The same angle within half a turn of zero.
fn nearest_turn(angle: f64) -> f64 {
    angle - TAU * (angle / TAU).round()
}

/// Lines that end on the border of an area.
pub(super) fn gyroid(loops: &[Vec<Point2>], how: &Sparse) -> Vec<Path> {
    let period = how.pitch * GYROID_LENGTH / how.fraction;
    let (sin_z, cos_z) = (how.height / period * TAU).sin_cos();
    let section = GyroidSection { sin_z, cos_z };
    let over_x = section.is_over_x();
    let swap = |point: Point2| if over_x { point } else { Point2::new(point.y, point.x) };
    // From here on: x is the free coordinate, y the bound one.
    let loops: Vec<Vec<Point2>> =
        loops.iter().map(|corners| corners.iter().map(|&corner| swap(corner)).collect()).collect();
    let span = |pick: fn(&Point2) -> f64| {
        loops.iter().flatten().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |span, value| {
            (span.0.min(value), span.1.max(value))
        })
    };
    let ((free_low, free_high), (low, high)) = (span(|point| point.x), span(|point| point.y));
    if free_low >= free_high {
        return Vec::new();
    }
    let step = period / GYROID_STEPS as f64;
    let steps = (free_low / step).floor() as i64 - 1..=(free_high / step).ceil() as i64 + 1;
    let tolerance = CURVE_TOLERANCE_SHARE * how.pitch / how.fraction;
    // Which points matter is the same in every repeat.
    let families = [false, true].map(|second| {
        let curve = unrolled_curve(section, second, steps.clone(), period);
        let kept = kept_points(&curve, tolerance);
        (curve, kept)
    });
    let pitch = how.pitch * GYROID_LENGTH / (section.length() * kept_length(&families));
    let mut paths = Vec::new();
    for (curve, kept) in &families {
        let values = || curve.iter().map(|point| point.y);
        let (lowest, highest) =
            (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
        let first = ((low - highest) / period).floor() as i64;
        let last = ((high - lowest) / period).ceil() as i64;
        for repeat in first..=last {
            let shift = geometry::Vector2::new(0.0, repeat as f64 * period);
            let shifted: Vec<Point2> = curve.iter().map(|point| point + shift).collect();
            let band = lowest + shift.y..=highest + shift.y;
            for Inside { from, between, to } in clipped(&shifted, &band, &loops) {
                let first = kept.partition_point(|index| *index < between.start);
                let after = kept.partition_point(|index| *index < between.end);
                let mut points = Vec::with_capacity(after.saturating_sub(first) + 2);
                points.push(swap(from));
                points.extend(kept[first..after].iter().map(|&index| swap(shifted[index])));
                points.push(swap(to));
                paths.push(Path::even(Role::Infill, points, pitch));
            }
        }
    }
    paths.retain(|path| path.length() >= SHORTEST_CHORD_MM);
    paths
}

/// Length of the chords that are kept, as a share of the length of their curves.
fn kept_length(families: &[(Vec<Point2>, Vec<usize>)]) -> f64 {
    let length = |from: Point2, to: Point2| (to - from).norm();
    let (mut kept, mut all) = (0.0, 0.0);
    for (curve, indices) in families {
        all += curve.windows(2).map(|pair| length(pair[0], pair[1])).sum::<f64>();
        kept += indices.windows(2).map(|pair| length(curve[pair[0]], curve[pair[1]])).sum::<f64>();
    }
    kept / all
}

/// One curve of a family over a range of steps, in mm, without jumps of a period.
fn unrolled_curve(
    section: GyroidSection,
    second: bool,
    steps: RangeInclusive<i64>,
    period: f64,
) -> Vec<Point2> {
    let mut last: Option<f64> = None;
    steps
        .map(|step| {
            let free = step as f64 / GYROID_STEPS as f64;
            let raw = section.bound(free.fract() * TAU, second);
            let bound = last.map_or(raw, |last| last + nearest_turn(raw - last));
            last = Some(bound);
            Point2::new(free * period, bound / TAU * period)
        })
        .collect()
}

/// A part of a line: an end, the line's own points that follow by their indices, an end.
struct Inside {
    from: Point2,
    between: std::ops::Range<usize>,
    to: Point2,
}

/// The parts of a line inside loops (even-odd).
///
/// The line is split where it crosses the border; a point in the middle of each part tells whether
/// it is kept, so that a crossing lost to rounding spoils one part and not the rest of the line.
/// `band` is the range of the line's y.
fn clipped(line: &[Point2], band: &RangeInclusive<f64>, loops: &[Vec<Point2>]) -> Vec<Inside> {
    let is_inside = |point: Point2| {
        loops.iter().filter(|corners| polygon::contains(corners, point)).count() % 2 == 1
    };
    let point_at =
        |(segment, t): (usize, f64)| line[segment] + (line[segment + 1] - line[segment]) * t;
    if line.len() < 2 {
        return Vec::new();
    }
    let mut cuts = vec![(0, 0.0)];
    cuts.extend(line_crossings(line, band, loops));
    cuts.push((line.len() - 2, 1.0));
    let mut parts = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let part = Inside { from: point_at(from), between: from.0 + 1..to.0 + 1, to: point_at(to) };
        let own = &line[part.between.clone()];
        let middle = own.len().div_ceil(2);
        let before = if middle > 0 { own[middle - 1] } else { part.from };
        let after = own.get(middle).copied().unwrap_or(part.to);
        if is_inside(nalgebra::center(&before, &after)) {
            parts.push(part);
        }
    }
    parts
}

/// Where a line that rises in x crosses loops: segment and place in it, in the order of the line.
fn line_crossings(
    line: &[Point2],
    band: &RangeInclusive<f64>,
    loops: &[Vec<Point2>],
) -> Vec<(usize, f64)> {
    let mut crossings = Vec::new();
    if line.len() < 2 {
        return crossings;
    }
    let (start, step) = (line[0].x, line[1].x - line[0].x);
    let segment_of = |x: f64| (((x - start) / step).floor().max(0.0) as usize).min(line.len() - 2);
    for (a, b) in loops.iter().flat_map(|corners| polygon::edges(corners)) {
        if a.y.max(b.y) < *band.start() || a.y.min(b.y) > *band.end() {
            continue;
        }
        let edge = b - a;
        for segment in segment_of(a.x.min(b.x))..=segment_of(a.x.max(b.x)) {
            let (p, q) = (line[segment], line[segment + 1]);
            let along = q - p;
            let side = |point: Point2| along.perp(&(point - p)) >= 0.0;
            let other = |point: Point2| edge.perp(&(point - a)) >= 0.0;
            if side(a) == side(b) || other(p) == other(q) {
                continue;
            }
            let t = edge.perp(&(a - p)) / edge.perp(&along);
            crossings.push((segment, t.clamp(0.0, 1.0)));
        }
    }
    crossings.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infill::patterned;
    use crate::infill::tests::{PITCH, with_hole};
    use crate::settings::InfillPattern;

    #[test]
    fn gyroid_lines_lie_on_the_gyroid_and_inside() {
        let region = with_hole();
        let loops = region.loops();
        for height in [0.1, 0.9, 1.7, 3.3] {
            let how = Sparse {
                pattern: InfillPattern::Gyroid,
                fraction: 0.2,
                pitch: PITCH,
                layer: 3,
                height,
            };
            let period = PITCH * GYROID_LENGTH / 0.2;
            let z = height / period * TAU;
            let paths = patterned(&region, &how);
            assert!(paths.len() > 10);
            for path in &paths {
                for point in &path.points {
                    let (x, y) = (point.x / period * TAU, point.y / period * TAU);
                    let value = x.sin() * y.cos() + y.sin() * z.cos() + z.sin() * x.cos();
                    assert!(value.abs() < 0.02, "{value} at {point}");
                }
                for pair in path.points.windows(2) {
                    let middle = nalgebra::center(&pair[0], &pair[1]);
                    let inside =
                        loops.iter().filter(|c| polygon::contains(c, middle)).count() % 2 == 1;
                    let border = loops.iter().map(|c| polygon::distance_to_border(c, middle));
                    assert!(inside || border.fold(f64::MAX, f64::min) < 0.02, "{middle}");
                }
            }
        }
    }
}
