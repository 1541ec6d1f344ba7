//! Finishing: parallel passes over the trimmed surface, cut to and fro.
//!
//! The tip follows the drop-cutter's surface, so the ball touches the part in every position. Passes go
//! on outside of the trim until the ball has rolled over the rim. On a wall that rises across the passes
//! they lie farther apart, and the scallop s² / (8 r) grows with the square of that distance s; where it
//! would be too high, a pass is cut between two others ([`fills`]).

use geometry::Slab;
use rayon::prelude::*;

use crate::drop_cutter::ROLLED_RADII;
use crate::path::{FeedClass, Tip, ToolPath, simplified};
use crate::placement::Placement;
use crate::raster::{
    Ground, GroundSettings, Sampling, Stretch, chains, link, sample_line, stretches,
};
use crate::region::Region;
use crate::{Cutting, MillOrder};

/// Share of the tolerance that sampling may use; simplifying gets a fifth, the rest is reserve.
const SAMPLING_SHARE: f64 = 0.3;
const SIMPLIFYING_SHARE: f64 = 0.2;
/// Distance of samples before bisection, mm: features of the surface are wider.
const STEP_ALONG_MM: f64 = 0.5;
/// A link between passes longer than this is replaced by lifting the tool, in tool diameters.
const LONGEST_LINK_DIAMETERS: f64 = 2.0;
/// Height over a finishing entry at which the feed becomes the plunge feed, in roughing step-overs:
/// more than roughing leaves standing between its passes on steep walls.
const ENTRY_STEP_OVERS: f64 = 2.0;

/// Passes that would leave a higher scallop than this get one between them, mm; the check allows 0.10.
const SCALLOP_LIMIT_MM: f64 = 0.07;
/// Passes in between begin this much before they are needed and end after it, mm.
const FILL_MARGIN_MM: f64 = 1.0;

/// The finishing path of the top of a part.
pub(crate) fn finishing(
    part: &Slab,
    region: &Region,
    order: &MillOrder,
    placement: &Placement,
) -> ToolPath {
    let radius = order.tool.radius_mm();
    let settings = GroundSettings {
        tool_radius: radius,
        allowance: 0.0,
        offset: placement.offset(),
        floor: crate::plan::lowest_tip(placement),
    };
    let ground = Ground::new(part, region, settings);
    let sampling = sampling(&order.cutting, ROLLED_RADII * radius);
    let passes = stretches(&ground, ground.area(region, sampling.reach), sampling);
    let mut path = ToolPath::default();
    let between = fills(&ground, &passes, sampling, radius);
    for chain in chains(passes).into_iter().chain(chains(between)) {
        cut_chain(&ground, &chain, order, &mut path);
    }
    path
}

/// Stretches half-way between two passes, where these would leave a scallop over [`SCALLOP_LIMIT_MM`].
fn fills(ground: &Ground<'_>, passes: &[Stretch], sampling: Sampling, radius: f64) -> Vec<Stretch> {
    let pairs: Vec<(&Stretch, &Stretch)> = passes
        .iter()
        .flat_map(|left| {
            let right = passes.iter().filter(|right| right.pass == left.pass + 1);
            right.map(move |right| (left, right))
        })
        .collect();
    let found: Vec<Vec<Stretch>> = pairs
        .into_par_iter()
        .map(|(left, right)| {
            let x = f64::midpoint(left.tips[0][0], right.tips[0][0]);
            let line = |[low, high]: [f64; 2]| sample_line(ground, [x, low], [x, high], sampling);
            let steep = steep_spans(left, right, 8.0 * radius * SCALLOP_LIMIT_MM);
            let tips = steep.into_iter().flat_map(line);
            tips.filter(|tips| tips.len() > 1)
                .map(|tips| Stretch { pass: left.pass, tips })
                .collect()
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Spans of y where the tips of two passes are farther apart than allowed, grown at both ends.
fn steep_spans(left: &Stretch, right: &Stretch, limit_squared: f64) -> Vec<[f64; 2]> {
    let mut spans: Vec<[f64; 2]> = Vec::new();
    for [x, y, z] in &left.tips {
        let Some(beside) = right.height_at(*y) else { continue };
        if (right.tips[0][0] - x).powi(2) + (beside - z).powi(2) <= limit_squared {
            continue;
        }
        let grown = [y - FILL_MARGIN_MM, y + FILL_MARGIN_MM];
        match spans.last_mut().filter(|span| span[1] >= grown[0]) {
            Some(span) => span[1] = grown[1],
            None => spans.push(grown),
        }
    }
    spans
}

fn sampling(cutting: &Cutting, reach: f64) -> Sampling {
    Sampling {
        reach,
        step_over: cutting.finishing_step_over_mm,
        step_along: STEP_ALONG_MM,
        tolerance: SAMPLING_SHARE * cutting.tolerance_mm,
    }
}

fn cut_chain(ground: &Ground<'_>, chain: &[Vec<Tip>], order: &MillOrder, path: &mut ToolPath) {
    let tolerance = SIMPLIFYING_SHARE * order.cutting.tolerance_mm;
    let longest_link = LONGEST_LINK_DIAMETERS * order.tool.diameter_mm;
    let sampling = sampling(&order.cutting, ROLLED_RADII * order.tool.radius_mm());
    let mut at: Option<Tip> = None;
    for tips in chain {
        let Some(start) = tips.first().copied() else { continue };
        let link = at.and_then(|from| link(ground, [from, start], longest_link, sampling));
        match link {
            Some(link) => path.feed_along(&simplified(&link, tolerance), FeedClass::Cut),
            None => {
                let cutting = &order.cutting;
                let left = cutting.roughing_allowance_mm
                    + ENTRY_STEP_OVERS * cutting.roughing_step_over_mm;
                path.approach([start[0], start[1]], start[2] + left);
                path.feed(start, FeedClass::Plunge);
            }
        }
        path.feed_along(&simplified(tips, tolerance)[1..], FeedClass::Cut);
        at = tips.last().copied();
    }
}
