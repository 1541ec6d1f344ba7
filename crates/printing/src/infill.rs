//! Fills areas with lines: solid skins, and sparse grids, lines and gyroids.
//!
//! Straight lines are the chords of the area along a family of parallels whose place is fixed to
//! the bed, so that layers lie on each other. A gyroid is the surface
//! `sin x cos y + sin y cos z + sin z cos x = 0` (Schoen 1970, NASA TN D-5541); its section at a
//! height is a family of graphs over x or over y, solved here in closed form. Its area per volume is
//! 3.0915 / period, so its sections have on average π/4 times that length per area (a rule of
//! stereology); the length at each height is summed up and the lines made a few percent wider or
//! narrower, so that every layer holds the ordered share.

mod blended_field;
mod graded;

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, TAU};
use std::ops::RangeInclusive;

use geometry::{Point2, polygon};

use crate::path::{Path, Role};
use crate::region::{Region, kept_points};
use crate::settings::InfillPattern;

pub(crate) use graded::sparse as graded;

/// Chords shorter than this are not printed, mm.
const SHORTEST_CHORD_MM: f64 = 0.3;

/// A piece counts as filled from this share on.
const FILLED_SHARE: f64 = 0.97;
/// A solid line may be made this much wider or narrower to fill its piece exactly.
const STRIP_SCALE: RangeInclusive<f64> = 0.8..=1.25;

/// Curves keep this distance from their mathematical form, as a share of the distance of the lines: chords shorten
/// a curve, and dense infill has tight curves. 0.03 is 0.05 mm at a density of 25 %.
const CURVE_TOLERANCE_SHARE: f64 = 0.03;

/// Distance of the ties across the lines of a support, in distances of those lines.
const TIE_SPACINGS: f64 = 4.0;

/// From this radius on a branch of a tree has two rings, mm.
const THICK_BRANCH_RADIUS_MM: f64 = 1.5;

/// Length of gyroid sections per area, times the period: π/4 × 3.0915.
const GYROID_LENGTH: f64 = FRAC_PI_4 * 3.0915;

/// Steps of a gyroid curve per period.
const GYROID_STEPS: usize = 48;

/// A family of parallel lines, fixed to the bed.
#[derive(Clone, Copy, Debug)]
struct Parallels {
    sin: f64,
    cos: f64,
    spacing: f64,
}

impl Parallels {
    fn new(angle: f64, spacing: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { sin, cos, spacing }
    }

    /// Along the lines, across the lines.
    fn turned(&self, point: Point2) -> (f64, f64) {
        (point.x * self.cos + point.y * self.sin, point.y * self.cos - point.x * self.sin)
    }

    fn point(&self, along: f64, across: f64) -> Point2 {
        Point2::new(along * self.cos - across * self.sin, along * self.sin + across * self.cos)
    }

    fn across(&self, line: i64) -> f64 {
        (line as f64 + 0.5) * self.spacing
    }

    /// For every line that meets the area, from the lowest on: where it is inside.
    fn chords(&self, loops: &[Vec<Point2>]) -> (i64, Vec<Vec<[f64; 2]>>) {
        let turned: Vec<Vec<(f64, f64)>> = loops
            .iter()
            .map(|corners| corners.iter().map(|&corner| self.turned(corner)).collect())
            .collect();
        let all = || turned.iter().flatten().map(|&(_, across)| across);
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        if low >= high {
            return (0, Vec::new());
        }
        let line_at = |across: f64| (across / self.spacing - 0.5).floor() as i64 + 1;
        let first = line_at(low);
        let mut hits: Vec<Vec<f64>> = vec![Vec::new(); (line_at(high) - first).max(0) as usize];
        for corners in &turned {
            for (i, &(u, v)) in corners.iter().enumerate() {
                let (u_next, v_next) = corners[(i + 1) % corners.len()];
                // Half open, so that a corner on a line counts for one of its edges only.
                for line in line_at(v.min(v_next))..line_at(v.max(v_next)) {
                    let t = (self.across(line) - v) / (v_next - v);
                    if let Some(hit) = hits.get_mut((line - first) as usize) {
                        hit.push(u + (u_next - u) * t);
                    }
                }
            }
        }
        let pairs = |mut hit: Vec<f64>| {
            hit.sort_by(f64::total_cmp);
            hit.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
        };
        (first, hits.into_iter().map(pairs).collect())
    }
}

/// Fills one piece solidly with a line that runs to and fro.
///
/// Chords end half a pitch before the border; the links between neighbors make up for exactly that
/// loss, at any angle of the border.
pub(crate) fn solid(piece: &Region, angle: f64, pitch: f64) -> Vec<Path> {
    let parallels = Parallels::new(angle, pitch);
    let mut paths = to_and_fro(&parallels, &piece.grown(-pitch / 2.0).loops(), Role::Skin, pitch);
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    if filled > 0.0 {
        let scale = (piece.area() / filled).clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
        paths.iter_mut().for_each(|path| path.scale_strip(scale));
    }
    paths
}

/// Whether lines hold what a piece asks for: a strip little wider than a line has no room for lines to and fro.
pub(crate) fn holds(paths: &[Path], piece: &Region) -> bool {
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    filled >= FILLED_SHARE * piece.area()
}

/// Lines of a support: parallels that are linked at their ends, with ties across, so that they
/// stand up.
pub(crate) fn support(region: &Region, spacing: f64, pitch: f64) -> Vec<Path> {
    let loops = region.loops();
    let across = Parallels::new(FRAC_PI_2, TIE_SPACINGS * spacing);
    let mut paths = to_and_fro(&Parallels::new(0.0, spacing), &loops, Role::Support, pitch);
    paths.extend(chords_alone(&loops, &across, Role::Support, pitch));
    paths
}

/// Lines to and fro with spaces between them, a line's width `pitch`, in millimeters.
pub(crate) fn spaced(piece: &Region, angle: f64, spacing: f64, pitch: f64) -> Vec<Path> {
    to_and_fro(&Parallels::new(angle, spacing), &piece.loops(), Role::Skin, pitch)
}

/// Dense lines of a support's interface, across the lines of its body.
pub(crate) fn support_interface(region: &Region, spacing: f64, pitch: f64) -> Vec<Path> {
    let across = Parallels::new(FRAC_PI_2, spacing);
    to_and_fro(&across, &region.loops(), Role::SupportInterface, pitch)
}

/// Rings along the borders of a tree's branches, two where they are thick; their inside stays empty.
pub(crate) fn branches(region: &Region, pitch: f64) -> Vec<Path> {
    let thick = region.opened(THICK_BRANCH_RADIUS_MM);
    let rings = [region.grown(-0.5 * pitch), thick.grown(-1.5 * pitch)];
    let borders = rings.iter().flat_map(Region::loops);
    borders.map(|corners| Path::ring(Role::Support, corners, pitch)).collect()
}

fn to_and_fro(parallels: &Parallels, loops: &[Vec<Point2>], role: Role, pitch: f64) -> Vec<Path> {
    let (first, lines) = parallels.chords(loops);
    // Lines under way: where the last chord lies, and on which side the line left it.
    let mut open: Vec<([f64; 2], bool, Vec<Point2>)> = Vec::new();
    let mut done = Vec::new();
    let reach = 3.0 * parallels.spacing;
    for (row, chords) in lines.into_iter().enumerate() {
        let across = parallels.across(first + row as i64);
        let mut still_open = Vec::new();
        for chord in chords {
            let continues = open.iter().position(|(last, at_end, _)| {
                let side = usize::from(*at_end);
                let overlap = last[0] < chord[1] && chord[0] < last[1];
                overlap && (last[side] - chord[side]).abs() < reach
            });
            let (mut at_end, mut points) = continues.map_or_else(
                || (false, Vec::new()),
                |index| {
                    let (_, at_end, points) = open.swap_remove(index);
                    (at_end, points)
                },
            );
            // A line that left its last chord at the far end enters this one at the far end.
            let side = usize::from(at_end);
            points.push(parallels.point(chord[side], across));
            points.push(parallels.point(chord[1 - side], across));
            at_end = !at_end;
            still_open.push((chord, at_end, points));
        }
        done.extend(open.into_iter().map(|(_, _, points)| points));
        open = still_open;
    }
    done.extend(open.into_iter().map(|(_, _, points)| points));
    done.into_iter()
        .map(|points| Path::even(role, points, pitch))
        .filter(|path| path.length() >= SHORTEST_CHORD_MM)
        .collect()
}

/// What sparse infill is laid with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sparse {
    pub(crate) pattern: InfillPattern,
    /// Share of the volume, over 0 and under 1.
    pub(crate) fraction: f64,
    pub(crate) pitch: f64,
    /// Counted from 0.
    pub(crate) layer: usize,
    /// Height of the middle of the layer over the bed, mm.
    pub(crate) height: f64,
}

/// Fills a region sparsely; the lines end on its border, against the wall. Gives back the lines and the area that they
/// have to fill, mm².
pub(crate) fn sparse(region: &Region, how: &Sparse) -> (Vec<Path>, f64) {
    let loops = region.loops();
    let turns = if how.layer.is_multiple_of(2) { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 };
    let paths = match how.pattern {
        InfillPattern::Gyroid => gyroid(&loops, how),
        InfillPattern::Lines => {
            let lines = Parallels::new(turns, how.pitch / how.fraction);
            chords_alone(&loops, &lines, Role::Infill, how.pitch)
        }
        InfillPattern::Grid => crossed(region, &[FRAC_PI_4, 3.0 * FRAC_PI_4], how),
        InfillPattern::Triangles => crossed(
            region,
            &[0.0, std::f64::consts::FRAC_PI_3, 2.0 * std::f64::consts::FRAC_PI_3],
            how,
        ),
        InfillPattern::Concentric => return concentric(region, how),
    };
    (paths, region.area() * how.fraction)
}

/// Several families of parallels in every layer, which share the density.
fn crossed(region: &Region, angles: &[f64], how: &Sparse) -> Vec<Path> {
    let (loops, area) = (region.loops(), region.area());
    let spacing = angles.len() as f64 * how.pitch / how.fraction;
    let family = |angle: &f64| {
        chords_alone(&loops, &Parallels::new(*angle, spacing), Role::Infill, how.pitch)
    };
    let wanted = how.fraction * area;
    let mut paths: Vec<Path> = angles.iter().flat_map(family).collect();
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    // The families stand on the same places in every layer, so a loss at the border adds up.
    if filled > 0.0 {
        let scale = (wanted / filled).clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
        paths.iter_mut().for_each(|path| path.scale_strip(scale));
    }
    paths
}

/// Rings along the border, the first half their distance inside. Where a region is narrower than that there is room
/// for none: the area to fill is what the rings hold, as wide or narrow as they can be made.
fn concentric(region: &Region, how: &Sparse) -> (Vec<Path>, f64) {
    let spacing = how.pitch / how.fraction;
    let (mut paths, mut length) = (Vec::new(), 0.0);
    let mut ring = region.grown(-spacing / 2.0);
    while !ring.is_empty() {
        // Two sides of a ring closer than a line would be printed over each other.
        for mut corners in ring.opened(how.pitch / 2.0).loops() {
            let around = polygon::perimeter(&corners);
            if around < SHORTEST_CHORD_MM {
                continue;
            }
            length += around;
            corners.extend(corners.first().copied());
            paths.push(Path::even(Role::Infill, corners, how.pitch));
        }
        ring = ring.grown(-spacing);
    }
    let held = length * how.pitch;
    let wanted = region.area() * how.fraction;
    let scale = if held > 0.0 { wanted / held } else { 1.0 };
    let scale = scale.clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
    paths.iter_mut().for_each(|path| path.scale_strip(scale));
    (paths, held * scale)
}

fn chords_alone(loops: &[Vec<Point2>], parallels: &Parallels, role: Role, pitch: f64) -> Vec<Path> {
    let (first, lines) = parallels.chords(loops);
    let mut paths = Vec::new();
    for (row, chords) in lines.into_iter().enumerate() {
        let across = parallels.across(first + row as i64);
        for [from, to] in chords {
            if to - from >= SHORTEST_CHORD_MM {
                let points = vec![parallels.point(from, across), parallels.point(to, across)];
                paths.push(Path::even(role, points, pitch));
            }
        }
    }
    paths
}

/// One curve of a gyroid section in units where the period is 2π, over one period of its free
/// coordinate: `bound` as a function of `free`.
#[derive(Clone, Copy, Debug)]
struct GyroidSection {
    sin_z: f64,
    cos_z: f64,
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
    fn length(self) -> f64 {
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

fn gyroid(loops: &[Vec<Point2>], how: &Sparse) -> Vec<Path> {
    let period = how.pitch * GYROID_LENGTH / how.fraction;
    let (sin_z, cos_z) = (how.height / period * TAU).sin_cos();
    let section = GyroidSection { sin_z, cos_z };
    let pitch = how.pitch * GYROID_LENGTH / section.length();
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
    let mut paths = Vec::new();
    for second in [false, true] {
        let curve = unrolled_curve(section, second, steps.clone(), period);
        // Which points matter is the same in every repeat.
        let kept = kept_points(&curve, tolerance);
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
    use crate::region::tests::rectangle;

    const PITCH: f64 = 0.407;

    fn with_hole() -> Region {
        rectangle([0.0, 0.0], [60.0, 40.0]).minus(&[&rectangle([20.0, 10.0], [35.0, 30.0])])
    }

    fn filled(paths: &[Path]) -> f64 {
        paths.iter().map(Path::strip_area).sum()
    }

    #[test]
    fn solid_fill_needs_almost_no_correction() {
        for (region, angle) in [
            (with_hole(), FRAC_PI_4),
            (with_hole(), 0.3),
            (rectangle([0.0, 0.0], [3.0, 30.0]), 0.8),
        ] {
            let parallels = Parallels::new(angle, PITCH);
            let loops = region.grown(-PITCH / 2.0).loops();
            let raw = filled(&to_and_fro(&parallels, &loops, Role::Skin, PITCH));
            let off = raw / region.area() - 1.0;
            assert!(off.abs() < 0.03, "{:.2} % off", 100.0 * off);
            let exact = filled(&solid(&region, angle, PITCH)) / region.area() - 1.0;
            assert!(exact.abs() < 1e-9);
        }
    }

    #[test]
    fn sparse_fill_has_the_ordered_share() {
        for pattern in InfillPattern::ALL {
            for fraction in [0.1, 0.2, 0.5] {
                let mut total = 0.0;
                for layer in 0..20 {
                    let height = 0.1 + 0.2 * layer as f64;
                    let how = Sparse { pattern, fraction, pitch: PITCH, layer, height };
                    total += filled(&sparse(&with_hole(), &how).0);
                }
                let share = total / 20.0 / with_hole().area();
                assert!((share / fraction - 1.0).abs() < 0.02, "{pattern:?} {fraction}: {share}");
            }
        }
    }

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
            let (paths, _) = sparse(&region, &how);
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
