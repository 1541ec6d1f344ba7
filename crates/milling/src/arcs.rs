//! Arcs in place of many short lines.
//!
//! ```text
//!        B      An arc runs from A to B around a center on the bisector of AB, the one that least squares over the
//!      ·        points between give; the third axis advances evenly with the angle, as controllers do it. It
//!     ·  ╲      takes the place of the lines where every point lies within the tolerance of it and it bulges no
//!    ·    ● C   more than that over the chords between them. Ends and center are those that are
//!    A          written, to a thousandth.
//! ```
//!
//! From each place the longest line and the longest arc in every plane are looked for, by doubling and halving; the one that
//! goes farthest is taken.

use gcode::mill::Plane;
use rayon::prelude::*;

use crate::path::{FeedClass, Round, Step, Tip, ToolPath};

/// How close the written path stays to the planned one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closeness {
    /// Arcs, mm.
    pub(crate) arc_mm: f64,
    /// Lines, mm.
    pub(crate) line_mm: f64,
}

/// Radii of arcs, mm: smaller ones are corners, larger ones lines.
const RADII_MM: std::ops::RangeInclusive<f64> = 0.2..=2000.0;
/// Largest angle of an arc, rad: well under half a turn, so that rounding never turns it around.
const WIDEST: f64 = 2.8;
/// Radii at the two ends differ by no more, mm (GRBL refuses 0.005).
const RADII_APART_MM: f64 = 0.003;
/// An arc takes the place of at least this many lines.
const LEAST_LINES: usize = 3;
/// Most lines that one arc takes the place of.
const MOST_LINES: usize = 4096;

/// The path with arcs where it cuts along the surface.
pub(crate) fn fitted(path: &ToolPath, closeness: Closeness) -> ToolPath {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at: Option<Tip> = None;
    for step in &path.steps {
        match (*step, at) {
            (Step::FeedTo(tip, FeedClass::Cut), Some(from)) => match pieces.last_mut() {
                Some(Piece::Run(run)) if !is_corner(run, tip) => run.push(tip),
                _ => pieces.push(Piece::Run(vec![from, tip])),
            },
            (step, _) => pieces.push(Piece::Step(step)),
        }
        at = match *step {
            Step::FeedTo(tip, _) => Some(tip),
            _ => None,
        };
    }
    let fitted: Vec<ToolPath> = pieces
        .par_iter()
        .map(|piece| {
            let mut path = ToolPath::default();
            match piece {
                Piece::Run(run) => put(run, closeness, &mut path),
                Piece::Step(step) => path.steps.push(*step),
            }
            path
        })
        .collect();
    ToolPath { steps: fitted.into_iter().flat_map(|path| path.steps).collect() }
}

/// A part of a path that is fitted by itself.
enum Piece {
    /// Places that are cut one after the other, the first of which the tool has reached.
    Run(Vec<Tip>),
    /// A step that stays as it is.
    Step(Step),
}

/// Whether a run turns by more than 60° on its way to a tip, as at the ends of passes: nothing that is fitted goes around
/// that.
fn is_corner(run: &[Tip], to: Tip) -> bool {
    let [.., before, at] = run else { return false };
    let [before, at, to] = [*before, *at, to].map(geometry::Vector3::from);
    let (first, second) = (at - before, to - at);
    first.dot(&second) < 0.5 * first.norm() * second.norm()
}

/// Appends lines and arcs through a run of points, whose first is where the tool is.
fn put(run: &[Tip], closeness: Closeness, path: &mut ToolPath) {
    let run: Vec<Tip> = run.iter().map(|tip| tip.map(written)).collect();
    let mut from = 0;
    while from + 1 < run.len() {
        let rest = &run[from..(from + MOST_LINES).min(run.len())];
        let line = farthest(rest, 2, |points| is_line(points, closeness.line_mm).then_some(()));
        let line_end = line.map_or(1, |(end, ())| end);
        let arcs = [Plane::Xy, Plane::Yz, Plane::Zx].into_iter().filter_map(|plane| {
            farthest(rest, LEAST_LINES + 1, |points| arc(points, plane, closeness.arc_mm))
        });
        match arcs
            .max_by_key(|(end, _)| *end)
            .filter(|(end, _)| *end > line_end.max(LEAST_LINES - 1))
        {
            Some((end, round)) => {
                path.steps.push(Step::ArcTo(rest[end], round, FeedClass::Cut));
                from += end;
            }
            None => {
                path.feed(rest[line_end], FeedClass::Cut);
                from += line_end;
            }
        }
    }
}

/// A coordinate as it is written, mm.
fn written(length: f64) -> f64 {
    (length * 1000.0).round() / 1000.0
}

/// The largest index, from `first` on, up to which the points are replaced, and by what; tried by doubling, then by
/// halving.
fn farthest<T>(
    points: &[Tip],
    first: usize,
    fit: impl Fn(&[Tip]) -> Option<T>,
) -> Option<(usize, T)> {
    let last = points.len() - 1;
    let mut best: Option<(usize, T)> = None;
    let mut step = first;
    let mut failed = last + 1;
    while step <= last {
        match fit(&points[..=step]) {
            Some(found) => {
                best = Some((step, found));
                if step == last {
                    break;
                }
                step = (2 * step).min(last);
            }
            None => {
                failed = step;
                break;
            }
        }
    }
    let (mut low, mut high) = (best.as_ref()?.0, failed);
    while low + 1 < high && high <= last {
        let middle = usize::midpoint(low, high);
        match fit(&points[..=middle]) {
            Some(found) => {
                best = Some((middle, found));
                low = middle;
            }
            None => high = middle,
        }
    }
    best
}

/// Whether all points lie close to the line from the first to the last.
fn is_line(points: &[Tip], tolerance: f64) -> bool {
    let (first, last) = (points[0], points[points.len() - 1]);
    points.iter().all(|point| crate::path::distance_to_chord(first, last, *point) <= tolerance)
}

/// The arc from the first point to the last that is close to all between, in a plane.
fn arc(points: &[Tip], plane: Plane, tolerance: f64) -> Option<Round> {
    if points.len() <= LEAST_LINES {
        return None;
    }
    let [u, v, w] = plane.axes();
    let flat = |tip: &Tip| [tip[u], tip[v]];
    let (first, last) = (points[0], points[points.len() - 1]);
    let (a, b) = (flat(&first), flat(&last));
    let chord = [b[0] - a[0], b[1] - a[1]];
    let length = chord[0].hypot(chord[1]);
    if length < 10.0 * tolerance {
        return None;
    }
    let normal = [-chord[1] / length, chord[0] / length];
    let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let (mut over, mut under) = (0.0, 0.0);
    for point in &points[1..points.len() - 1] {
        let [x, y] = flat(point);
        let [dx, dy] = [x - middle[0], y - middle[1]];
        let across = 2.0 * (dx * normal[0] + dy * normal[1]);
        over += (dx * dx + dy * dy - length * length / 4.0) * across;
        under += across * across;
    }
    if under <= 0.0 {
        return None;
    }
    let away = over / under;
    // The center is written as its distance from the start.
    let center = [0, 1].map(|axis| a[axis] + written(middle[axis] + away * normal[axis] - a[axis]));
    let from_center = |point: [f64; 2]| [point[0] - center[0], point[1] - center[1]];
    let radius_of = |point: [f64; 2]| {
        let [x, y] = from_center(point);
        x.hypot(y)
    };
    let radius = radius_of(a);
    if !RADII_MM.contains(&radius) || (radius_of(b) - radius).abs() > RADII_APART_MM {
        return None;
    }
    let start = from_center(a);
    // Angles from the start are small enough never to pass half a turn.
    let angle_of = |point: [f64; 2]| {
        let [x, y] = from_center(point);
        (start[0] * y - start[1] * x).atan2(start[0] * x + start[1] * y)
    };
    let sweep = angle_of(b);
    if sweep.abs() > WIDEST || sweep.abs() * radius < length / 2.0 {
        return None;
    }
    let mut before = 0.0;
    for point in &points[1..] {
        let angle = angle_of(flat(point));
        let step = (angle - before) * sweep.signum();
        let bulge = radius * (1.0 - (step / 2.0).cos());
        let beside = radius_of(flat(point)) - radius;
        let along = first[w] + angle / sweep * (last[w] - first[w]);
        if step <= 0.0 || bulge > tolerance || beside.hypot(point[w] - along) > tolerance {
            return None;
        }
        before = angle;
    }
    Some(Round { plane, center, sweep_rad: sweep })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSE: Closeness = Closeness { arc_mm: 0.002, line_mm: 0.001 };

    fn path(tips: impl Iterator<Item = Tip>) -> ToolPath {
        let mut path = ToolPath::default();
        for (index, tip) in tips.enumerate() {
            path.feed(tip, if index == 0 { FeedClass::Plunge } else { FeedClass::Cut });
        }
        path
    }

    /// How far the places of one path are from the other at most.
    fn apart(from: &ToolPath, to: &ToolPath) -> f64 {
        let tips = |path: &ToolPath| -> Vec<Tip> {
            let tip = |step: Step| match step {
                Step::FeedTo(tip, _) => Some(tip),
                _ => None,
            };
            path.plain_steps().into_iter().filter_map(tip).collect()
        };
        let to = tips(to);
        let nearest = |tip: &Tip| {
            to.windows(2)
                .map(|pair| crate::path::distance_to_chord(pair[0], pair[1], *tip))
                .fold(f64::INFINITY, f64::min)
        };
        tips(from).iter().map(nearest).fold(0.0, f64::max)
    }

    #[test]
    fn arcs_in_every_plane_take_the_place_of_their_chords() {
        for plane in [Plane::Xy, Plane::Yz, Plane::Zx] {
            let [u, v, w] = plane.axes();
            let along = (0..=400).map(|step| {
                let angle = 0.006 * f64::from(step);
                let mut tip = [0.0; 3];
                (tip[u], tip[v], tip[w]) = (20.0 * angle.cos(), 20.0 * angle.sin(), 0.5 * angle);
                tip
            });
            let lines = path(along);
            let arcs = fitted(&lines, CLOSE);
            assert_eq!(arcs.steps.len(), 2, "{plane:?}");
            let Step::ArcTo(_, round, _) = arcs.steps[1] else { panic!("{plane:?}") };
            assert!(round.center.iter().all(|along| along.abs() < 0.002) && round.sweep_rad > 2.3);
            assert!(apart(&lines, &arcs) < 0.0035 && apart(&arcs, &lines) < 0.0035);
        }
    }

    #[test]
    fn what_is_no_arc_stays_within_the_tolerance() {
        // A wave with a straight end, a corner, and a step.
        let wave = (0..3000).map(|step| {
            let y = 0.02 * f64::from(step);
            let z = if y < 40.0 { 3.0 * (0.3 * y).sin() } else { 3.0 * 12.0_f64.sin() };
            [0.02 * (0.1 * y).cos(), y, z + if y > 50.0 { y - 50.0 } else { 0.0 }]
        });
        let lines = path(wave);
        let arcs = fitted(&lines, CLOSE);
        let only_lines = fitted(&lines, Closeness { arc_mm: 0.0, ..CLOSE });
        assert!(
            arcs.steps.len() * 2 < only_lines.steps.len(),
            "{} {}",
            arcs.steps.len(),
            only_lines.steps.len()
        );
        let there = apart(&lines, &arcs);
        assert!(
            there < 0.0035 && apart(&arcs, &lines) < 0.0045,
            "{there} {}",
            apart(&arcs, &lines)
        );
        assert_eq!(fitted(&ToolPath::default(), CLOSE).steps.len(), 0);
    }

    #[test]
    fn other_feeds_and_lifts_are_left_as_they_are() {
        let mut mixed = path((0..50).map(|step| [f64::from(step), 0.0, 0.0]));
        mixed.steps.push(Step::Retract);
        mixed.steps.push(Step::TraverseTo([3.0, 4.0]));
        mixed.feed([3.0, 4.0, -1.0], FeedClass::Plunge);
        let fit = fitted(&mixed, CLOSE);
        assert_eq!(fit.steps.len(), 5);
        assert_eq!(fit.steps[2..], mixed.steps[50..]);
    }
}
