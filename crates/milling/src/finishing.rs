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
/// Over the blank by this much there is only air, mm.
const OVER_BLANK_MM: f64 = 0.5;

/// Scallops may pass the theory of level ground by this share; the rest of a tenth is for chords.
const SCALLOP_SHARE: f64 = 1.06;
/// Distance of places at which the scallop between two passes is looked at, mm.
const LOOK_MM: f64 = 1.0;
/// Passes in between begin this much before they are needed and end after it, mm.
const FILL_MARGIN_MM: f64 = 1.0;
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
    let mut layers = vec![passes];
    if order.spread == Spread::EvenScallop && cutter.corner() > 0.0 {
        let fills = Fills { ground, sampling, corner: cutter.corner(), order };
        layers.extend(fills.between(&layers[0]));
    }
    let mut path = ToolPath::default();
    for chain in layers.into_iter().flat_map(chains) {
        cut_chain(ground, &chain, tool, order, &mut path);
    }
    path
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
            match spans.last_mut().filter(|span| span[1] >= grown[0]) {
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

fn cut_chain(
    ground: &Ground<'_>,
    chain: &[Vec<Tip>],
    tool: &Tool,
    order: &MillOrder,
    path: &mut ToolPath,
) {
    let tolerance = SIMPLIFYING_SHARE * order.cutting.tolerance_mm;
    let longest_link = LONGEST_LINK_DIAMETERS * tool.diameter_mm;
    let sampling = sampling(&order.cutting, ROLLED_RADII * tool.radius_mm());
    let mut at: Option<Tip> = None;
    for tips in chain {
        let Some(start) = tips.first().copied() else { continue };
        let link = at.and_then(|from| link(ground, [from, start], longest_link, sampling));
        match link {
            Some(link) => path.feed_along(&simplified(&link, tolerance), FeedClass::Cut),
            None => {
                let cutting = &order.cutting;
                let left = cutting.roughing_allowance_mm
                    + cutting.roughing_step_down_mm
                    + ENTRY_STEP_OVERS * cutting.roughing_step_over_mm;
                let height = (start[2] + left).min(OVER_BLANK_MM).max(start[2]);
                path.approach([start[0], start[1]], height);
                path.feed(start, FeedClass::Plunge);
            }
        }
        path.feed_along(&simplified(tips, tolerance)[1..], FeedClass::Cut);
        at = tips.last().copied();
    }
}
