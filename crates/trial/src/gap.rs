//! Gaps in a marker's path: short ones are bridged, long ones stay.

use geometry::Point3;

use crate::filter::LowPass;

/// Known positions on each side of a gap through which the bridging spline runs.
const SUPPORT: usize = 5;

/// Fewer frames in a row than this give no velocity worth having, and are dropped.
const SHORTEST_RUN: usize = 6;

/// What became of a marker's gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// Frames that were bridged.
    pub(crate) filled: usize,
    /// Frames that stay empty.
    pub(crate) left: usize,
    /// Longest gap that was bridged, frames.
    pub(crate) longest_filled: usize,
}

/// A marker's path with gaps of at most `longest` frames bridged by a natural cubic spline through the
/// nearest five positions on each side, and low-pass filtered between the gaps that stay.
///
/// Nothing is invented before the first or after the last sighting.
pub(crate) fn smooth_path(
    positions: &[Option<Point3>],
    longest: usize,
    filter: Option<&LowPass>,
) -> (Vec<Option<Point3>>, Gaps) {
    let finite =
        |position: &Option<Point3>| position.filter(|p| p.coords.iter().all(|c| c.is_finite()));
    let mut path: Vec<Option<Point3>> = positions.iter().map(finite).collect();
    let seen = path.iter().flatten().count();
    let mut gaps = Gaps::default();
    for gap in inner_gaps(&path) {
        if gap.len() <= longest {
            gaps.filled += gap.len();
            gaps.longest_filled = gaps.longest_filled.max(gap.len());
            bridge(&mut path, gap);
        }
    }
    for run in runs(&path) {
        if run.len() < SHORTEST_RUN && run.len() < path.len() {
            path[run].fill(None);
            continue;
        }
        if let Some(filter) = filter {
            let mut samples: Vec<[f64; 3]> =
                path[run.clone()].iter().flatten().map(|p| [p.x, p.y, p.z]).collect();
            filter.apply(&mut samples);
            for (place, sample) in path[run].iter_mut().zip(samples) {
                *place = Some(Point3::from(sample));
            }
        }
    }
    gaps.left = path.len() - path.iter().flatten().count();
    debug_assert!(seen == 0 || gaps.left <= path.len());
    (path, gaps)
}

/// Stretches without a gap.
pub(crate) fn runs(path: &[Option<Point3>]) -> Vec<std::ops::Range<usize>> {
    stretches(path, true)
}

/// Gaps that lie between two sightings.
fn inner_gaps(path: &[Option<Point3>]) -> Vec<std::ops::Range<usize>> {
    let mut gaps = stretches(path, false);
    gaps.retain(|gap| gap.start > 0 && gap.end < path.len());
    gaps
}

fn stretches(path: &[Option<Point3>], seen: bool) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (i, position) in path.iter().enumerate() {
        match (position.is_some() == seen, start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                found.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(from..path.len());
    }
    found
}

/// Fills one gap from its neighbors.
fn bridge(path: &mut [Option<Point3>], gap: std::ops::Range<usize>) {
    let before = (0..gap.start).rev().filter(|&i| path[i].is_some()).take(SUPPORT);
    let mut knots: Vec<usize> = before.collect();
    knots.reverse();
    knots.extend((gap.end..path.len()).filter(|&i| path[i].is_some()).take(SUPPORT));
    let times: Vec<f64> = knots.iter().map(|&i| i as f64).collect();
    for axis in 0..3 {
        let values: Vec<f64> = knots.iter().filter_map(|&i| path[i]).map(|p| p[axis]).collect();
        let bends = second_derivatives(&times, &values);
        for i in gap.clone() {
            let value = spline_at(&times, &values, &bends, i as f64);
            path[i].get_or_insert_with(Point3::origin)[axis] = value;
        }
    }
}

/// Second derivatives of the natural cubic spline at its knots (Thomas algorithm).
fn second_derivatives(times: &[f64], values: &[f64]) -> Vec<f64> {
    let count = times.len();
    let mut bends = vec![0.0; count];
    if count < 3 {
        return bends;
    }
    let mut upper = vec![0.0; count];
    for i in 1..count - 1 {
        let (h0, h1) = (times[i] - times[i - 1], times[i + 1] - times[i]);
        let slope_change = (values[i + 1] - values[i]) / h1 - (values[i] - values[i - 1]) / h0;
        let pivot = 2.0 * (h0 + h1) - h0 * upper[i - 1];
        upper[i] = h1 / pivot;
        bends[i] = (6.0 * slope_change - h0 * bends[i - 1]) / pivot;
    }
    for i in (1..count - 1).rev() {
        bends[i] -= upper[i] * bends[i + 1];
    }
    bends
}

fn spline_at(times: &[f64], values: &[f64], bends: &[f64], time: f64) -> f64 {
    let i = times.partition_point(|&t| t <= time).clamp(1, times.len() - 1);
    let h = times[i] - times[i - 1];
    let (a, b) = ((times[i] - time) / h, (time - times[i - 1]) / h);
    a * values[i - 1]
        + b * values[i]
        + ((a.powi(3) - a) * bends[i - 1] + (b.powi(3) - b) * bends[i]) * h * h / 6.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(frames: usize) -> Vec<Option<Point3>> {
        (0..frames)
            .map(|i| {
                let t = i as f64 / 100.0;
                Some(Point3::new(900.0 * t, 80.0 * (4.0 * t).sin(), 40.0 * (7.0 * t).cos()))
            })
            .collect()
    }

    #[test]
    fn short_gaps_are_bridged_on_the_curve_and_long_ones_stay() {
        let truth = path(200);
        let mut holed = truth.clone();
        holed[50..60].fill(None);
        holed[100..140].fill(None);
        holed[..3].fill(None);
        let (made, gaps) = smooth_path(&holed, 20, None);
        assert_eq!(gaps, Gaps { filled: 10, left: 43, longest_filled: 10 });
        for i in 50..60 {
            assert!((made[i].unwrap() - truth[i].unwrap()).norm() < 0.05, "frame {i}");
        }
        assert!(made[100..140].iter().chain(&made[..3]).all(Option::is_none));
    }

    #[test]
    fn lone_sightings_and_numbers_that_are_none_are_dropped() {
        let mut holed = path(100);
        holed[40..70].fill(None);
        holed[55] = Some(Point3::new(1.0, 2.0, 3.0));
        holed[80] = Some(Point3::new(f64::NAN, 0.0, 0.0));
        let (made, gaps) = smooth_path(&holed, 5, None);
        assert!(made[55].is_none() && made[80].is_some());
        assert_eq!((gaps.filled, gaps.left), (1, 30));
    }

    #[test]
    fn a_path_without_a_sighting_stays_empty() {
        let (made, gaps) = smooth_path(&[None; 30], 5, LowPass::new(6.0, 100.0).as_ref());
        assert!(made.iter().all(Option::is_none));
        assert_eq!(gaps.left, 30);
    }
}
