//! Puts pieces of passes together to one path, without lifting the tool where that takes longer than staying down.
//!
//! From the end of one piece the tool goes to the nearest one that waits. Where the ground is known on the
//! straight way there, it goes along the ground: cutting, where roughing has left its allowance, and close
//! over it at the machine's fastest feed, where finishing has been. It is lifted where that is sooner there.

use crate::ground::Ground;
use crate::path::{FeedClass, Tip, ToolPath, simplified};
use crate::raster::{Sampling, link, sample_line};
use crate::roughing::ramp_before_step;
use crate::triangle_cutter::LastContact;
use crate::{Cutter, MillOrder, Tool};

/// Share of the tolerance that simplifying may use.
pub(crate) const SIMPLIFYING_SHARE: f64 = 0.2;
/// A link between passes longer than this is replaced by lifting the tool, in tool diameters.
const LONGEST_LINK_DIAMETERS: f64 = 2.0;
/// Height over a finishing entry at which the feed becomes the plunge feed, in roughing step-overs, besides a
/// roughing level: more than roughing leaves standing between its passes on steep walls.
const ENTRY_STEP_OVERS: f64 = 2.0;
/// A hop keeps this far over what finishing passes have left, mm; its chords and samples are as close to that, and what is
/// left beside it is looked at in these steps.
const HOP_OVER_MM: f64 = 1.0;
const HOP_TOLERANCE_MM: f64 = 0.2;
const HOP_SAMPLING_MM: f64 = 0.05;
const HOP_SAMPLES_MM: f64 = 1.0;
/// Standstills of a lift: over where it was, over where it goes, and coming down.
pub(crate) const LIFT_STOPS: f64 = 3.0;
/// Over the blank by this much there is only air, mm.
const OVER_BLANK_MM: f64 = 0.5;

/// Pieces of passes that are cut to and fro.
pub(crate) type Chain = Vec<Vec<Tip>>;

/// Takes out the chain that begins or ends nearest to where the tool is, turned so that it begins there.
pub(crate) fn nearest(waiting: &mut Vec<Chain>, at: Option<Tip>) -> Option<Chain> {
    let distance = |tip: &Tip| {
        at.map_or(0.0, |at| (0..3).map(|axis| (tip[axis] - at[axis]).powi(2)).sum::<f64>())
    };
    let ends = |chain: &Chain| {
        let first = chain.first().and_then(|piece| piece.first()).map_or(f64::MAX, distance);
        let last = chain.last().and_then(|piece| piece.last()).map_or(f64::MAX, distance);
        (first.min(last), last < first)
    };
    let found = waiting
        .iter()
        .enumerate()
        .map(|(index, chain)| (index, ends(chain)))
        .min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let (index, (_, is_turned)) = found;
    let mut chain = waiting.swap_remove(index);
    if is_turned {
        chain.reverse();
        chain.iter_mut().for_each(|piece| piece.reverse());
    }
    Some(chain)
}

/// Takes out the line that begins or ends nearest to where the tool is, turned so that it begins there.
pub(crate) fn nearest_line(waiting: &mut Vec<Vec<Tip>>, at: Option<Tip>) -> Option<Vec<Tip>> {
    let mut chains: Vec<Chain> = waiting.drain(..).map(|line| vec![line]).collect();
    let found = nearest(&mut chains, at);
    waiting.extend(chains.into_iter().flatten());
    found.and_then(|mut chain| chain.pop())
}

/// What stands over the ground where the tool comes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// What roughing has left.
    Roughed,
    /// No more than scallops.
    Finished,
}

/// The finishing path as it grows.
pub(crate) struct Cut<'a> {
    pub(crate) ground: &'a Ground<'a>,
    pub(crate) tool: &'a Tool,
    pub(crate) order: &'a MillOrder,
    pub(crate) sampling: Sampling,
    pub(crate) path: ToolPath,
    /// Where the tool is, on the ground.
    pub(crate) at: Option<Tip>,
}

impl Cut<'_> {
    /// Cuts the pieces of a chain, one after the other.
    pub(crate) fn chain(&mut self, chain: &[Vec<Tip>], entry: Entry) {
        let tolerance = SIMPLIFYING_SHARE * self.order.cutting.tolerance_mm;
        for tips in chain {
            let Some(start) = tips.first().copied() else { continue };
            self.go_to(tips, start, entry);
            if self.order.machine.dialect.arc_tolerance_mm.is_some() {
                // Arcs are fitted to what was sampled, and lines between them with the same tolerance.
                self.path.feed_along(&tips[1..], FeedClass::Cut);
            } else {
                self.path.feed_along(&simplified(tips, tolerance)[1..], FeedClass::Cut);
            }
            self.at = tips.last().copied();
        }
    }

    /// Goes to the start of a piece: on the ground where that is near, close over finished ground where that takes
    /// less time than lifting, and else through the air.
    fn go_to(&mut self, tips: &[Tip], start: Tip, entry: Entry) {
        let longest = LONGEST_LINK_DIAMETERS * self.tool.diameter_mm;
        let from = self.at;
        if let Some(link) =
            from.and_then(|at| link(self.ground, [at, start], longest, self.sampling))
        {
            let tolerance = SIMPLIFYING_SHARE * self.order.cutting.tolerance_mm;
            self.path.feed_along(&simplified(&link, tolerance), FeedClass::Cut);
            return;
        }
        match (from.and_then(|at| self.way([at, start], entry)), entry) {
            (Some(way), Entry::Roughed) => {
                let tolerance = SIMPLIFYING_SHARE * self.order.cutting.tolerance_mm;
                self.path.feed_along(&simplified(&way, tolerance), FeedClass::Cut);
            }
            (Some(way), Entry::Finished) => {
                let over: Vec<Tip> = way
                    .iter()
                    .map(|&[x, y, z]| [x, y, self.entry_height([x, y, z], entry)])
                    .collect();
                self.path.feed_along(&simplified(&over, HOP_TOLERANCE_MM), FeedClass::Air);
                self.descend(tips, self.entry_height(start, entry));
            }
            (None, _) => {
                let height = self.entry_height(start, entry);
                self.path.approach([start[0], start[1]], height);
                self.descend(tips, height);
            }
        }
    }

    /// Down to the start of a piece: straight, or on a ramp along it with a tool that has no edges in its middle.
    fn descend(&mut self, tips: &[Tip], height: f64) {
        if Cutter::of(self.tool).can_plunge() {
            self.path.feed(tips[0], FeedClass::Plunge);
        } else {
            self.path.feed_along(&ramp_before_step(tips, height), FeedClass::Plunge);
        }
    }

    /// Height over the start of a piece from which the tool goes down at the plunge feed.
    fn entry_height(&self, start: Tip, entry: Entry) -> f64 {
        let cutting = &self.order.cutting;
        let left = match entry {
            // Beside a wall what stands is as high as the roughing pass above, and the tool's side meets it.
            Entry::Roughed => {
                let step = cutting.roughing_step_over_mm;
                let beside = self.rise(start, step) + Cutter::of(self.tool).corner();
                let ridges = beside.max(ENTRY_STEP_OVERS * step);
                cutting.roughing_allowance_mm + cutting.roughing_step_down_mm + ridges
            }
            // On a wall a scallop stands as high as the pass above it; where passes end askew to a rim, that lies along them.
            Entry::Finished => self.rise(start, cutting.finishing_step_over_mm) + HOP_OVER_MM,
        };
        (start[2] + left).min(OVER_BLANK_MM).max(start[2])
    }

    /// How far the ground rises within a step to all four sides, mm.
    fn rise(&self, [x, y, z]: Tip, step: f64) -> f64 {
        let last = LastContact::default();
        let beside = [[-step, 0.0], [step, 0.0], [0.0, -step], [0.0, step]]
            .map(|[dx, dy]| self.ground.tip(x + dx, y + dy, self.sampling.reach, &last));
        beside.into_iter().flatten().fold(z, f64::max) - z
    }

    /// A straight way on the ground; `None` where there is no ground all the way or where lifting is faster.
    fn way(&self, [from, to]: [Tip; 2], entry: Entry) -> Option<Vec<Tip>> {
        let (machine, cutting) = (&self.order.machine, &self.order.cutting);
        let length = (to[0] - from[0]).hypot(to[1] - from[1]);
        let lift = 2.0 * machine.safe_height_mm - from[2] - to[2];
        let rapid = machine.rapid_mm_per_min / 60.0;
        let stops = LIFT_STOPS * rapid / machine.acceleration_mm_per_s2;
        let down = (self.entry_height(to, entry) - to[2]) / (cutting.plunge_mm_per_min / 60.0);
        let (feed, sampling) = match entry {
            Entry::Roughed => (cutting.feed_mm_per_min, self.sampling),
            Entry::Finished => (
                machine.max_feed_mm_per_min,
                Sampling {
                    step_along: HOP_SAMPLES_MM,
                    tolerance: HOP_SAMPLING_MM,
                    ..self.sampling
                },
            ),
        };
        if length / (feed / 60.0) > (lift + length) / rapid + stops + down {
            return None;
        }
        let ways = sample_line(self.ground, [from[0], from[1]], [to[0], to[1]], sampling);
        let [way] = &ways[..] else { return None };
        let apart = |a: &Tip, b: &Tip| (a[0] - b[0]).hypot(a[1] - b[1]);
        let [first, .., last] = &way[..] else { return None };
        let is_whole = apart(first, &from) < 1e-6 && apart(last, &to) < 1e-6;
        is_whole.then(|| way.clone())
    }
}
