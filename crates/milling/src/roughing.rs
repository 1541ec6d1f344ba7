//! Roughing: level by level, parallel passes that never come nearer to the part than the allowance.
//!
//! At a level the tip stands at the level's height, or on the allowance surface (the drop-cutter's
//! surface for a ball grown by the allowance) where that is higher; only places are visited from which
//! the level above has not yet taken everything. So no stairs are left along the passes. The tool
//! enters each chain of passes on a ramp, where the level above has just made room for it.

use crate::ground::Ground;
use crate::path::{FeedClass, STEEP_SLOPE, Tip, ToolPath, simplified};
use crate::raster::{Sampling, Stretch, chains, link_inside, straight_passes, stretches};
use crate::{Cutter, Cutting, MillOrder, Tool};

/// Chords may come this much of the allowance nearer to the part.
pub(crate) const TOLERANCE_SHARE: f64 = 0.05;
/// Distance of samples before bisection, mm.
const STEP_ALONG_MM: f64 = 1.0;
/// Slope of entry ramps: about 10°, which soft and hard blanks both bear.
pub(crate) const RAMP_SLOPE: f64 = 0.18;
/// A ramp is run to and fro on at most this length, mm.
const LONGEST_RAMP_MM: f64 = 25.0;
/// A pass shorter than this is a point, mm: a ramp along it would never end.
const SHORTEST_RAMP_MM: f64 = 0.05;
/// Height over what the level above has left standing from which the ramp starts, mm.
const RAMP_CLEARANCE_MM: f64 = 0.5;
/// A tool without edges in its middle goes down on a ramp no shorter than this, mm.
const SHORTEST_RUN_MM: f64 = 2.0;
/// A link between passes longer than this is replaced by lifting the tool, in step-overs.
pub(crate) const LONGEST_LINK_STEPS: f64 = 3.0;
/// Less than this is nothing to take, mm.
pub(crate) const LEAST_DEPTH_MM: f64 = 1e-6;
/// Stretches shorter than this at a level are left to the next level or to finishing, mm.
const SHORTEST_STRETCH_MM: f64 = 0.2;

/// How far outside of the trim the axis goes, mm: one pass farther than a finishing pass may begin.
pub(crate) const fn reach(tool: &Tool, cutting: &Cutting) -> f64 {
    tool.radius_mm() + cutting.roughing_allowance_mm + cutting.roughing_step_over_mm
}

/// The same for whichever tool of an order goes farthest.
pub(crate) fn widest_reach(order: &MillOrder) -> f64 {
    let rougher = order.rougher.as_ref();
    let wider = rougher.map_or(0.0, |rougher| reach(&rougher.tool, &rougher.cutting));
    reach(&order.tool, &order.cutting).max(wider)
}

/// How roughing passes of an order's tool are sampled.
pub(crate) const fn rough_sampling(order: &MillOrder) -> Sampling {
    Sampling {
        reach: reach(&order.tool, &order.cutting),
        step_over: order.cutting.roughing_step_over_mm,
        step_along: STEP_ALONG_MM,
        tolerance: TOLERANCE_SHARE * order.cutting.roughing_allowance_mm,
    }
}

/// The roughing path around and over a part with the order's tool; `ground` leaves the allowance on it.
pub(crate) fn roughing(ground: &Ground<'_>, order: &MillOrder) -> ToolPath {
    let sampling = rough_sampling(order);
    let passes = straight_passes(ground.area(sampling.reach), sampling.step_over);
    let passes = stretches(ground, &passes, sampling);
    let heights = passes.iter().flat_map(|stretch| stretch.tips.iter().map(|tip| tip[2]));
    let lowest = heights.fold(0.0, f64::min);
    let mut path = ToolPath::default();
    let mut above = 0.0;
    let ridge = Cutter::of(&order.tool).height(sampling.step_over / 2.0).unwrap_or(0.0);
    let can_plunge = Cutter::of(&order.tool).can_plunge();
    while above > lowest {
        let level = above - order.cutting.roughing_step_down_mm;
        let layer = Layer { ground, sampling, above, level, ridge, can_plunge };
        let cuts = passes.iter().flat_map(|stretch| layer.cuts(stretch)).collect();
        for chain in chains(cuts) {
            layer.cut_chain(&chain, &mut path);
        }
        above = level;
    }
    path
}

/// One level of roughing.
struct Layer<'a> {
    ground: &'a Ground<'a>,
    sampling: Sampling,
    /// Height down to which the blank is already cleared.
    above: f64,
    /// Height of the tip at this level.
    level: f64,
    /// Height of the ridges between passes.
    ridge: f64,
    can_plunge: bool,
}

impl Layer<'_> {
    /// The parts of a stretch where this level has something to take, at their heights.
    fn cuts(&self, stretch: &Stretch) -> Vec<Stretch> {
        let mut pieces: Vec<Vec<Tip>> = Vec::new();
        let mut open = false;
        for pair in with_crossings(&stretch.tips, [self.above, self.level]).windows(2) {
            let takes = pair[0][2].min(pair[1][2]) < self.above - LEAST_DEPTH_MM;
            let [from, to] = [pair[0], pair[1]].map(|[x, y, z]| [x, y, z.max(self.level)]);
            match pieces.last_mut().filter(|_| open) {
                Some(piece) if takes => piece.push(to),
                _ if takes => pieces.push(vec![from, to]),
                _ => {}
            }
            open = takes;
        }
        let length = |tips: &[Tip]| tips.last().map_or(0.0, |last| last[1] - tips[0][1]);
        pieces
            .into_iter()
            .filter(|tips| length(tips) >= SHORTEST_STRETCH_MM)
            .map(|tips| simplified(&tips, self.sampling.tolerance))
            .map(|tips| Stretch { pass: stretch.pass, tips })
            .collect()
    }

    fn cut_chain(&self, chain: &[Vec<Tip>], path: &mut ToolPath) {
        let longest_link = LONGEST_LINK_STEPS * self.sampling.step_over;
        let mut at: Option<Tip> = None;
        let can_plunge = self.can_plunge;
        for tips in chain {
            let mut tips = &tips[..];
            let link = at
                .and_then(|from| link_inside(self.ground, from, tips, longest_link, self.sampling));
            let is_there = link.is_some_and(|link| {
                cut_along(&simplified(&link, self.sampling.tolerance), can_plunge, path)
            });
            if !is_there {
                at = at.and_then(|_| path.last_tip());
                tips = enterable(tips, can_plunge);
                let Some(start) = tips.first() else { continue };
                let height = self.above + self.ridge + RAMP_CLEARANCE_MM;
                path.approach([start[0], start[1]], height);
                let way =
                    if can_plunge { ramp(tips, height) } else { ramp_before_step(tips, height) };
                path.feed_along(&way, FeedClass::Plunge);
            }
            cut_along(tips, can_plunge, path);
            at = path.last_tip();
        }
    }
}

/// The part of a pass along which the tool can go down: all of it for one that plunges. One without edges in its middle
/// needs the room of a ramp; where a step or the end of the pass comes sooner, what lies before that is left out, for the
/// tool that roughs the rest or for finishing.
pub(crate) fn enterable(tips: &[Tip], can_plunge: bool) -> &[Tip] {
    let mut rest = tips;
    while !can_plunge && !rest.is_empty() {
        let (run, end) = level_run(rest);
        if run >= SHORTEST_RUN_MM {
            break;
        }
        rest = &rest[end..];
    }
    rest
}

/// Length of the beginning of a pass up to a step or its end, mm, seen from above; and the index of the first tip after it.
fn level_run(tips: &[Tip]) -> (f64, usize) {
    let mut length = 0.0;
    for (index, pair) in tips.windows(2).enumerate() {
        let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        if (pair[1][2] - pair[0][2]).abs() > STEEP_SLOPE * step {
            return (length, index + 1);
        }
        length += step;
    }
    (length, tips.len())
}

/// A ramp for a tool that has no edges in its middle: it turns before a step, down which the tool would fall.
pub(crate) fn ramp_before_step(tips: &[Tip], height: f64) -> Vec<Tip> {
    ramp(&tips[..level_run(tips).1], height)
}

/// Cuts along tips, the first of which the tool has reached. Where they fall steeply, a tool that has no edges in its
/// middle goes on at its height to where it has room for a ramp, and ends where there is none: whether it came to the last.
pub(crate) fn cut_along(tips: &[Tip], can_plunge: bool, path: &mut ToolPath) -> bool {
    let mut rest = tips;
    while let [from, to, ..] = *rest {
        let level = (to[0] - from[0]).hypot(to[1] - from[1]);
        if can_plunge || from[2] - to[2] <= STEEP_SLOPE * level {
            path.feed(to, FeedClass::Cut);
            rest = &rest[1..];
            continue;
        }
        let below = enterable(&rest[1..], can_plunge);
        if below.is_empty() {
            return false;
        }
        let mut over = from[2];
        for [x, y, z] in &rest[1..=rest.len() - below.len()] {
            over = over.max(*z);
            path.feed([*x, *y, over], FeedClass::Cut);
        }
        path.feed_along(&ramp_before_step(below, over), FeedClass::Plunge);
        rest = below;
    }
    true
}

/// The path with a point wherever it passes one of the heights, so that none of its pieces does.
pub(crate) fn with_crossings(tips: &[Tip], heights: [f64; 2]) -> Vec<Tip> {
    let mut path = Vec::with_capacity(tips.len());
    path.extend(tips.first());
    for pair in tips.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let mut shares: Vec<(f64, f64)> = heights
            .into_iter()
            .filter(|height| (from[2] < *height) != (to[2] < *height))
            .map(|height| ((height - from[2]) / (to[2] - from[2]), height))
            .collect();
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at = |share: f64, axis: usize| from[axis] + share * (to[axis] - from[axis]);
        path.extend(shares.into_iter().map(|(share, z)| [at(share, 0), at(share, 1), z]));
        path.push(to);
    }
    path
}

/// Goes down from `height` over the start of a pass to the pass, to and fro along its beginning, and
/// back to its start; never below the pass itself. Straight down where the pass is a mere point.
pub(crate) fn ramp(tips: &[Tip], height: f64) -> Vec<Tip> {
    // Half the way that the slope asks for, there and back; a little more, so that it is enough.
    let half = 0.5 * (height - tips[0][2]).max(0.0) / RAMP_SLOPE;
    let longest = (half * (1.0 + 1e-6)).clamp(SHORTEST_RUN_MM, LONGEST_RAMP_MM);
    let mut run = vec![tips[0]];
    let mut length = 0.0;
    for pair in tips.windows(2) {
        let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        // Up a step and back it would fall off it.
        if pair[1][2] - pair[0][2] > STEEP_SLOPE * step {
            break;
        }
        if length + step > longest {
            let share = (longest - length) / step;
            run.push(std::array::from_fn(|axis| {
                pair[0][axis] + share * (pair[1][axis] - pair[0][axis])
            }));
            length = longest;
            break;
        }
        length += step;
        run.push(pair[1]);
    }
    if length < SHORTEST_RAMP_MM {
        return vec![tips[0]];
    }
    let mut down = Vec::new();
    let mut z = height;
    let mut at = 0;
    let mut forward = true;
    while at != 0 || z > run[0][2] {
        let next = if forward { at + 1 } else { at - 1 };
        let [from, to] = [run[at], run[next]];
        z -= RAMP_SLOPE * (to[0] - from[0]).hypot(to[1] - from[1]);
        down.push([to[0], to[1], z.max(to[2])]);
        at = next;
        let turned = at == 0 || at + 1 == run.len();
        forward = if turned { at == 0 } else { forward };
    }
    down
}

#[cfg(test)]
mod tests {
    use super::*;

    fn straight(length: f64, z: f64) -> Vec<Tip> {
        vec![[2.0, 0.0, z], [2.0, length / 3.0, z], [2.0, length, z]]
    }

    #[test]
    fn ramps_reach_the_pass_at_their_slope_and_come_back() {
        for length in [0.2, 4.0, 100.0] {
            let tips = straight(length, -3.0);
            let down = ramp(&tips, 0.5);
            assert_eq!(*down.last().unwrap(), tips[0]);
            let mut before = [2.0, 0.0, 0.5];
            for tip in down {
                let run = (tip[1] - before[1]).abs();
                assert!(before[2] - tip[2] <= RAMP_SLOPE * run + 1e-9);
                assert!(tip[2] >= -3.0 - 1e-12 && tip[1] <= LONGEST_RAMP_MM + 1e-9);
                before = tip;
            }
        }
    }

    /// A level pass of two points was taken for a mere point, and a flat end plunged to its depth.
    #[test]
    fn a_pass_of_two_points_has_a_ramp() {
        let down = ramp(&[[2.0, 0.0, -3.0], [2.0, 47.0, -3.0]], 0.5);
        let [middle, end] = down[..] else { panic!("{down:?}") };
        assert!((middle[1] - 3.5 / RAMP_SLOPE / 2.0).abs() < 1e-4, "once there and back");
        assert!((middle[2] + 1.25).abs() < 1e-4 && end == [2.0, 0.0, -3.0], "{down:?}");
    }

    #[test]
    fn a_tool_without_edges_in_its_middle_goes_down_steps_on_ramps() {
        let step = [[0.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 5.1, -3.0], [0.0, 30.0, -3.0]];
        let mut path = ToolPath::default();
        assert!(cut_along(&step, false, &mut path));
        let tips: Vec<Tip> = path.chords(8.0).iter().map(|chord| chord.to).collect();
        let steepest = tips
            .windows(2)
            .map(|pair| (pair[0][2] - pair[1][2]) / (pair[1][1] - pair[0][1]).abs().max(1e-9));
        assert!(steepest.fold(0.0, f64::max) < RAMP_SLOPE + 1e-9, "{tips:?}");
        assert_eq!(tips.last(), step.last());
        let mut path = ToolPath::default();
        assert!(!cut_along(&step[..3], false, &mut path));
        assert_eq!(path.last_tip(), Some(step[1]));
        let mut path = ToolPath::default();
        assert!(cut_along(&step, true, &mut path));
        assert_eq!(path.steps.len(), 3);
    }

    /// A pass under a steep rise had no ramp, and one over a step fell down it: a flat end plunged to its depth.
    #[test]
    fn ramps_begin_and_end_between_steps() {
        let bottom = [[0.0, 0.0, -6.0], [0.0, 0.5, -6.0], [0.0, 0.6, -3.0], [0.0, 9.0, -3.0]];
        assert_eq!(enterable(&bottom, false), &bottom[2..]);
        assert_eq!(enterable(&bottom, true), &bottom);
        assert!(enterable(&bottom[..2], false).is_empty());
        let fall = [[0.0, 0.0, -1.0], [0.0, 5.0, -1.2], [0.0, 5.1, -6.0], [0.0, 40.0, -6.0]];
        let down = ramp_before_step(&fall, 1.0);
        assert!(down.iter().all(|tip| tip[1] <= 5.0), "{down:?}");
        assert_eq!(down.last(), fall.first());
        // Over two falls that are close together it goes on at its height.
        let steps = [[0.0, 0.0, 0.0], [0.0, 0.1, -2.0], [0.0, 1.0, -2.0], [0.0, 1.1, -4.0]];
        let mut path = ToolPath::default();
        assert!(cut_along(&[&steps[..], &[[0.0, 20.0, -4.0]]].concat(), false, &mut path));
        let tips: Vec<Tip> = path.chords(8.0).iter().map(|chord| chord.to).collect();
        assert!(tips.windows(2).all(|pair| {
            pair[0][2] - pair[1][2] <= RAMP_SLOPE * (pair[1][1] - pair[0][1]).abs() + 1e-9
        }));
        assert_eq!(tips.last(), Some(&[0.0, 20.0, -4.0]));
    }

    #[test]
    fn crossings_come_in_the_order_of_travel() {
        let (high, low) = ([0.0, 0.0, 1.0], [0.0, 4.0, -3.0]);
        let (first, second) = ([0.0, 1.0, 0.0], [0.0, 3.0, -2.0]);
        assert_eq!(with_crossings(&[high, low], [0.0, -2.0]), [high, first, second, low]);
        assert_eq!(with_crossings(&[low, high], [0.0, -2.0]), [low, second, first, high]);
        assert_eq!(with_crossings(&[[0.0; 3], [1.0, 0.0, 0.0]], [0.0, -1.0]).len(), 2);
    }
}
