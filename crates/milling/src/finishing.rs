//! Finishing: parallel passes over the surface, cut to and fro, closer together where it is steep.
//!
//! The tip follows the drop-cutter's surface, so the tool touches the part in every position. Passes go
//! on outside of the part until the tool has rolled over the rim. Between two passes the scallop is
//!
//! ```text
//!   h = R − √(R² − g² / 4) + s       g  distance of the two tips, R radius of the tool's corner
//!                                    s  how far the tip between them lies below their middle
//! ```
//!
//! (the second term is the surface's curvature across the passes). Where h would pass the theory for level
//! ground at the ordered step-over by more than a tenth, a pass is cut between the two, and so on: the
//! scallop is the same on walls and on level ground, without making all passes as close as the steepest
//! wall needs them.

use rayon::prelude::*;

use crate::ground::{Ground, ROLLED_RADII};
use crate::path::{FeedClass, Tip, ToolPath, simplified};
use crate::raster::{Sampling, Stretch, chains, link, sample_line, stretches};
use crate::triangle_cutter::LastContact;
use crate::{Cutter, Cutting, MillOrder, Spread, Tool};

/// Share of the tolerance that sampling may use; simplifying gets a fifth, the rest is reserve.
const SAMPLING_SHARE: f64 = 0.3;
const SIMPLIFYING_SHARE: f64 = 0.2;
/// Distance of samples before bisection, mm: features of the surface are wider.
const STEP_ALONG_MM: f64 = 0.5;
/// A link between passes longer than this is replaced by lifting the tool, in tool diameters.
const LONGEST_LINK_DIAMETERS: f64 = 2.0;
/// Height over a finishing entry at which the feed becomes the plunge feed, in roughing step-overs, besides a
/// roughing level: more than roughing leaves standing between its passes on steep walls.
const ENTRY_STEP_OVERS: f64 = 2.0;
/// A hop keeps this far over what finishing passes have left, mm; its chords and samples as close to that.
const HOP_OVER_MM: f64 = 1.0;
const HOP_TOLERANCE_MM: f64 = 0.2;
const HOP_SAMPLES_MM: f64 = 2.0;
/// Standstills of a lift: over where it was, over where it goes, and coming down.
const LIFT_STOPS: f64 = 3.0;
/// Over the blank by this much there is only air, mm.
const OVER_BLANK_MM: f64 = 0.5;

/// Scallops may pass the theory of level ground by this share; the rest of a tenth is for chords.
const SCALLOP_SHARE: f64 = 1.06;
/// Distance of places at which the scallop between two passes is looked at, mm.
const LOOK_MM: f64 = 1.0;
/// Passes in between begin this much before they are needed and end after it, mm.
const FILL_MARGIN_MM: f64 = 1.0;
/// Passes in between go on over gaps as short as this, mm: that takes less time than a way around.
const BRIDGED_MM: f64 = 4.0;
/// Passes are halved at most this often: enough for a wall of 86°.
const MOST_HALVINGS: u32 = 4;

/// R − √(R² − (s/2)²): what passes `step` mm apart leave standing on level ground, mm.
pub(crate) fn level_scallop(corner: f64, step: f64) -> f64 {
    if corner <= 0.0 { 0.0 } else { corner - (corner * corner - step * step / 4.0).max(0.0).sqrt() }
}

/// The finishing path of a part.
pub(crate) fn finishing(ground: &Ground<'_>, tool: &Tool, order: &MillOrder) -> ToolPath {
    let cutter = Cutter::of(tool);
    let sampling = sampling(&order.cutting, ROLLED_RADII * cutter.radius());
    let passes = stretches(ground, ground.area(sampling.reach), sampling);
    let fills = if order.spread == Spread::EvenScallop && cutter.corner() > 0.0 {
        Fills { ground, sampling, corner: cutter.corner(), order }.between(&passes)
    } else {
        Vec::new()
    };
    let mut cut = Cut { ground, tool, order, sampling, path: ToolPath::default(), at: None };
    for chain in chains(passes) {
        cut.at = None;
        cut.chain(&chain, Entry::Roughed);
    }
    // The ground is free now but for scallops: the tool goes from one fill to the nearest without lifting.
    let mut waiting: Vec<Chain> = fills.into_iter().flat_map(chains).collect();
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Finished);
    }
    cut.path
}

/// Pieces of passes that are cut to and fro.
type Chain = Vec<Vec<Tip>>;

/// Takes out the chain that begins or ends nearest to where the tool is, turned so that it begins there.
fn nearest(waiting: &mut Vec<Chain>, at: Option<Tip>) -> Option<Chain> {
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

/// Passes between passes, where these would leave too much standing.
struct Fills<'a> {
    ground: &'a Ground<'a>,
    sampling: Sampling,
    corner: f64,
    order: &'a MillOrder,
}

impl Fills<'_> {
    /// One list of stretches for each halving, each in the order of passes.
    fn between(&self, passes: &[Stretch]) -> Vec<Vec<Stretch>> {
        let pairs: Vec<(&Stretch, &Stretch)> = passes
            .iter()
            .enumerate()
            .flat_map(|(at, left)| {
                let later = &passes[at + 1..];
                let right = later.iter().take_while(|right| right.pass <= left.pass + 1);
                right.filter(|right| right.pass == left.pass + 1).map(move |right| (left, right))
            })
            .collect();
        let found: Vec<Vec<Vec<Stretch>>> = pairs
            .into_par_iter()
            .map(|(left, right)| {
                let mut layers = vec![Vec::new(); MOST_HALVINGS as usize];
                self.halve(left, right, 0, left.pass, &mut layers);
                layers
            })
            .collect();
        let mut layers = vec![Vec::new(); MOST_HALVINGS as usize];
        for pair in found {
            for (layer, stretches) in layers.iter_mut().zip(pair) {
                layer.extend(stretches);
            }
        }
        for layer in &mut layers {
            layer.sort_by_key(|stretch: &Stretch| stretch.pass);
        }
        layers
    }

    /// Adds what is needed between two passes; `number` counts the gaps of this halving.
    fn halve(
        &self,
        left: &Stretch,
        right: &Stretch,
        halving: u32,
        number: usize,
        layers: &mut [Vec<Stretch>],
    ) {
        if halving >= MOST_HALVINGS {
            return;
        }
        let x = f64::midpoint(left.tips[0][0], right.tips[0][0]);
        for [low, high] in self.rough_spans(left, right, x) {
            for tips in sample_line(self.ground, [x, low], [x, high], self.sampling) {
                if tips.len() < 2 {
                    continue;
                }
                let middle = Stretch { pass: number, tips };
                self.halve(left, &middle, halving + 1, 2 * number, layers);
                self.halve(&middle, right, halving + 1, 2 * number + 1, layers);
                layers[halving as usize].push(middle);
            }
        }
    }

    /// Spans of y where two passes leave too much between them, grown at both ends.
    fn rough_spans(&self, left: &Stretch, right: &Stretch, x: f64) -> Vec<[f64; 2]> {
        let step = self.order.cutting.finishing_step_over_mm;
        let limit = SCALLOP_SHARE * level_scallop(self.corner, step);
        let mut spans: Vec<[f64; 2]> = Vec::new();
        let ends =
            |stretch: &Stretch| [stretch.tips[0][1], stretch.tips[stretch.tips.len() - 1][1]];
        let ([a, b], [c, d]) = (ends(left), ends(right));
        let (low, high) = (a.max(c), b.min(d));
        let looks = ((high - low) / LOOK_MM).ceil().max(0.0) as u32;
        let last = LastContact::default();
        for look in 0..=looks {
            let y = low + (high - low) * f64::from(look) / f64::from(looks.max(1));
            if self.scallop(left, right, [x, y], &last).is_none_or(|height| height <= limit) {
                continue;
            }
            let grown = [(y - FILL_MARGIN_MM).max(low), (y + FILL_MARGIN_MM).min(high)];
            match spans.last_mut().filter(|span| span[1] + BRIDGED_MM >= grown[0]) {
                Some(span) => span[1] = grown[1],
                None => spans.push(grown),
            }
        }
        spans
    }

    fn scallop(
        &self,
        left: &Stretch,
        right: &Stretch,
        [x, y]: [f64; 2],
        last: &LastContact,
    ) -> Option<f64> {
        let (a, b) = (left.height_at(y)?, right.height_at(y)?);
        let between = self.ground.tip(x, y, self.sampling.reach, last)?;
        let across = right.tips[0][0] - left.tips[0][0];
        let gap = across.hypot(b - a);
        let sag = (f64::midpoint(a, b) - between) * across / gap;
        // Where the middle lies far above the passes, no material is left there by either.
        Some(if gap < 2.0 * self.corner { level_scallop(self.corner, gap) + sag } else { gap })
    }
}

fn sampling(cutting: &Cutting, reach: f64) -> Sampling {
    Sampling {
        reach,
        step_over: cutting.finishing_step_over_mm,
        step_along: STEP_ALONG_MM,
        tolerance: SAMPLING_SHARE * cutting.tolerance_mm,
    }
}

/// What stands over the ground where the tool comes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// What roughing has left.
    Roughed,
    /// No more than scallops.
    Finished,
}

/// The finishing path as it grows.
struct Cut<'a> {
    ground: &'a Ground<'a>,
    tool: &'a Tool,
    order: &'a MillOrder,
    sampling: Sampling,
    path: ToolPath,
    /// Where the tool is, on the ground.
    at: Option<Tip>,
}

impl Cut<'_> {
    fn chain(&mut self, chain: &[Vec<Tip>], entry: Entry) {
        let tolerance = SIMPLIFYING_SHARE * self.order.cutting.tolerance_mm;
        for tips in chain {
            let Some(start) = tips.first().copied() else { continue };
            self.go_to(start, entry);
            self.path.feed_along(&simplified(tips, tolerance)[1..], FeedClass::Cut);
            self.at = tips.last().copied();
        }
    }

    /// Goes to the start of a piece: on the ground where that is near, close over finished ground where that takes
    /// less time than lifting, and else through the air.
    fn go_to(&mut self, start: Tip, entry: Entry) {
        let longest = LONGEST_LINK_DIAMETERS * self.tool.diameter_mm;
        let from = self.at;
        if let Some(link) =
            from.and_then(|at| link(self.ground, [at, start], longest, self.sampling))
        {
            let tolerance = SIMPLIFYING_SHARE * self.order.cutting.tolerance_mm;
            self.path.feed_along(&simplified(&link, tolerance), FeedClass::Cut);
            return;
        }
        let hop = from.filter(|_| entry == Entry::Finished).and_then(|at| self.hop([at, start]));
        if let Some(hop) = hop {
            self.path.feed_along(&hop, FeedClass::Air);
        } else {
            self.path.approach([start[0], start[1]], self.entry_height(start, entry));
        }
        self.path.feed(start, FeedClass::Plunge);
    }

    /// Height over the start of a piece from which the tool goes down at the plunge feed.
    fn entry_height(&self, start: Tip, entry: Entry) -> f64 {
        let cutting = &self.order.cutting;
        let left = match entry {
            Entry::Roughed => {
                cutting.roughing_allowance_mm
                    + cutting.roughing_step_down_mm
                    + ENTRY_STEP_OVERS * cutting.roughing_step_over_mm
            }
            // On a wall a scallop stands as high as the pass above it.
            Entry::Finished => {
                let beside = [-0.5, 0.5].map(|share| {
                    let x = start[0] + share * cutting.finishing_step_over_mm;
                    let reach = self.sampling.reach;
                    self.ground.tip(x, start[1], reach, &LastContact::default())
                });
                beside.into_iter().flatten().fold(start[2], f64::max) - start[2] + HOP_OVER_MM
            }
        };
        (start[2] + left).min(OVER_BLANK_MM).max(start[2])
    }

    /// A way over finished ground, [`HOP_OVER_MM`] over it; `None` where there is none or where lifting is faster.
    fn hop(&self, [from, to]: [Tip; 2]) -> Option<Vec<Tip>> {
        let machine = &self.order.machine;
        let length = (to[0] - from[0]).hypot(to[1] - from[1]);
        let lift = 2.0 * machine.safe_height_mm - from[2] - to[2];
        let rapid = machine.rapid_mm_per_min / 60.0;
        let stops = LIFT_STOPS * rapid / machine.acceleration_mm_per_s2;
        let lifted_s = (lift + length) / rapid + stops;
        if length / (self.order.cutting.feed_mm_per_min / 60.0) > lifted_s {
            return None;
        }
        let sampling =
            Sampling { step_along: HOP_SAMPLES_MM, tolerance: HOP_TOLERANCE_MM, ..self.sampling };
        let [way] = &sample_line(self.ground, [from[0], from[1]], [to[0], to[1]], sampling)[..]
        else {
            return None;
        };
        let [first, .., last] = &way[..] else { return None };
        let apart = |a: &Tip, b: &Tip| (a[0] - b[0]).hypot(a[1] - b[1]);
        if apart(first, &from) > HOP_TOLERANCE_MM || apart(last, &to) > HOP_TOLERANCE_MM {
            return None;
        }
        let over: Vec<Tip> = way
            .iter()
            .map(|&[x, y, z]| [x, y, self.entry_height([x, y, z], Entry::Finished)])
            .collect();
        Some(simplified(&over, HOP_TOLERANCE_MM))
    }
}
