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
//! (the second term is the surface's curvature across the passes). Passes are laid so that h is the same
//! everywhere ([`crate::even_passes`]). Where it would still pass the theory for level ground at the ordered step-over by
//! more than a tenth, a pass is cut between the two, and so on; what lies beyond the ends of passes at the rim is cut along it
//! ([`crate::rim_passes`]).

use rayon::prelude::*;

use crate::even_passes::{Evenness, even_passes};
use crate::ground::{Ground, ROLLED_RADII};
use crate::linking::{Chain, Cut, Entry, nearest};
use crate::path::ToolPath;
use crate::raster::{Sampling, Stretch, chains, sample_way, straight_passes, stretches};
use crate::rim_passes::{Miss, missed};
use crate::steep::Steep;
use crate::triangle_cutter::LastContact;
use crate::{Cutter, MillOrder, Spread};

/// Share of the tolerance that sampling may use; simplifying gets a fifth ([`crate::linking`]), the rest is reserve.
const SAMPLING_SHARE: f64 = 0.3;
/// Distance of samples before bisection, mm: features of the surface are wider.
const STEP_ALONG_MM: f64 = 0.5;
/// Scallops may pass the theory of level ground by this share; the rest of a tenth is for chords.
pub(crate) const SCALLOP_SHARE: f64 = 1.06;
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

/// The finishing path of a part; `rings` are those of [`crate::rim_passes`].
pub(crate) fn finishing(
    ground: &Ground<'_>,
    order: &MillOrder,
    rings: &[Vec<[f64; 2]>],
) -> ToolPath {
    let tool = &order.tool;
    let cutter = Cutter::of(tool);
    let sampling = finish_sampling(order);
    let is_even = order.spread == Spread::EvenScallop && cutter.corner() > 0.0;
    let scallop = level_scallop(cutter.corner(), sampling.step_over);
    let passes = if is_even {
        even_passes(ground, sampling, Evenness { corner: cutter.corner(), scallop })
    } else {
        straight_passes(ground.area(sampling.reach), sampling.step_over)
    };
    let passes = stretches(ground, &passes, sampling);
    let fills = if is_even {
        Fills { ground, sampling, corner: cutter.corner(), order, walls: None }.between(&passes)
    } else {
        Vec::new()
    };
    let around_rim = if is_even && cutter.is_ball() {
        let cut = passes.iter().chain(fills.iter().flatten()).map(|stretch| &stretch.tips[..]);
        let most = SCALLOP_SHARE * scallop;
        missed(
            ground,
            rings,
            cut,
            sampling,
            Miss::at_rim(cutter.radius(), most, sampling.step_over),
        )
    } else {
        Vec::new()
    };
    let mut cut = Cut { ground, tool, order, sampling, path: ToolPath::default(), at: None };
    let mut waiting = chains(passes);
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Roughed);
    }
    // The ground is free now but for scallops: the tool goes from one fill to the nearest without lifting.
    let mut waiting: Vec<Chain> = fills.into_iter().flat_map(chains).collect();
    waiting.extend(around_rim.into_iter().map(|tips| vec![tips]));
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Finished);
    }
    cut.path
}

/// Passes between passes, where these would leave too much standing.
pub(crate) struct Fills<'a> {
    pub(crate) ground: &'a Ground<'a>,
    pub(crate) sampling: Sampling,
    pub(crate) corner: f64,
    pub(crate) order: &'a MillOrder,
    /// Where level lines are cut instead.
    pub(crate) walls: Option<&'a Steep>,
}

impl Fills<'_> {
    /// One list of stretches for each halving, each in the order of passes.
    pub(crate) fn between(&self, passes: &[Stretch]) -> Vec<Vec<Stretch>> {
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
        for [low, high] in self.rough_spans(left, right) {
            let steps = ((high - low) / LOOK_MM).ceil().max(1.0) as usize;
            let places: Vec<[f64; 2]> = (0..=steps)
                .filter_map(|step| {
                    let y = low + (high - low) * step as f64 / steps as f64;
                    Some([middle(left, right, y)?, y])
                })
                .collect();
            for tips in sample_way(self.ground, &places, self.sampling) {
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
    fn rough_spans(&self, left: &Stretch, right: &Stretch) -> Vec<[f64; 2]> {
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
            if self.scallop(left, right, y, &last).is_none_or(|height| height <= limit) {
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

    fn scallop(&self, left: &Stretch, right: &Stretch, y: f64, last: &LastContact) -> Option<f64> {
        let ([left_x, a], [right_x, b]) = (left.at(y)?, right.at(y)?);
        let is_cut_level = |walls: &Steep| walls.is_wall([f64::midpoint(left_x, right_x), y]);
        if self.walls.is_some_and(is_cut_level) {
            return None;
        }
        let between =
            self.ground.tip(f64::midpoint(left_x, right_x), y, self.sampling.reach, last)?;
        let across = right_x - left_x;
        let gap = across.hypot(b - a);
        let sag = (f64::midpoint(a, b) - between) * across / gap;
        // Where the middle lies far above the passes, no material is left there by either.
        Some(if gap < 2.0 * self.corner { level_scallop(self.corner, gap) + sag } else { gap })
    }
}

/// x halfway between two passes.
fn middle(left: &Stretch, right: &Stretch, y: f64) -> Option<f64> {
    Some(f64::midpoint(left.at(y)?[0], right.at(y)?[0]))
}

/// How finishing passes of an order are sampled.
pub(crate) fn finish_sampling(order: &MillOrder) -> Sampling {
    let cutting = &order.cutting;
    Sampling {
        reach: ROLLED_RADII * Cutter::of(&order.tool).radius(),
        step_over: cutting.finishing_step_over_mm,
        step_along: STEP_ALONG_MM,
        tolerance: SAMPLING_SHARE * cutting.tolerance_mm,
    }
}
