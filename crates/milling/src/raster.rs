//! Parallel passes along y: heights of the tool's tip over each pass, and the order of cutting them.

use geometry::Rect;
use rayon::prelude::*;

use crate::ground::{Ground, Stand};
use crate::path::Tip;
use crate::triangle_cutter::LastContact;

/// How passes are sampled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampling {
    /// How far the tool's axis goes outside of the trim, mm.
    pub(crate) reach: f64,
    /// Distance of passes, mm.
    pub(crate) step_over: f64,
    /// Longest distance of samples along a pass, mm.
    pub(crate) step_along: f64,
    /// Chords between samples stay this close to the true path, mm.
    pub(crate) tolerance: f64,
}

/// A stretch of one pass without gaps, towards +y.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    /// Number of the pass, from the left.
    pub(crate) pass: usize,
    pub(crate) tips: Vec<Tip>,
}

impl Stretch {
    fn in_cutting_direction(mut self) -> Vec<Tip> {
        if !self.pass.is_multiple_of(2) {
            self.tips.reverse();
        }
        self.tips
    }

    /// x and height of the tip at a y inside of the stretch, between its samples.
    pub(crate) fn at(&self, y: f64) -> Option<[f64; 2]> {
        let after = self.tips.partition_point(|tip| tip[1] < y).max(1);
        let [right, left] = [self.tips.get(after)?, self.tips.get(after - 1)?];
        let length = right[1] - left[1];
        let share = if length > 0.0 { ((y - left[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
        let between = |axis: usize| left[axis] + share * (right[axis] - left[axis]);
        Some([between(0), between(2)])
    }

    fn overlaps(&self, other: &Self) -> bool {
        let span = |stretch: &Self| Some((stretch.tips.first()?[1], stretch.tips.last()?[1]));
        match (span(self), span(other)) {
            (Some((a, b)), Some((c, d))) => a <= d && c <= b,
            _ => false,
        }
    }
}

/// A pass seen from above, towards +y.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pass {
    /// Passes whose numbers follow each other lie beside each other.
    pub(crate) number: usize,
    /// Its corners.
    pub(crate) places: Vec<[f64; 2]>,
}

/// Straight passes over an area, spread evenly, so that the last is no farther from its neighbor than the others.
pub(crate) fn straight_passes(area: Rect, step_over: f64) -> Vec<Pass> {
    let count = (area.width() / step_over).ceil() as usize;
    let spacing = area.width() / count.max(1) as f64;
    (0..=count)
        .map(|number| {
            let x = area.low.x + spacing * number as f64;
            Pass { number, places: vec![[x, area.low.y], [x, area.high.y]] }
        })
        .collect()
}

/// Samples the ground along every pass; stretches in the order of passes, then along y.
pub(crate) fn stretches(ground: &Ground<'_>, passes: &[Pass], sampling: Sampling) -> Vec<Stretch> {
    let sampled: Vec<Vec<Stretch>> = passes
        .par_iter()
        .map(|pass| {
            let found = sample_way(ground, &pass.places, sampling);
            found.into_iter().map(|tips| Stretch { pass: pass.number, tips }).collect()
        })
        .collect();
    sampled.into_iter().flatten().collect()
}

/// A place of a way that is looked at.
#[derive(Clone, Copy, Debug)]
struct Sample {
    place: [f64; 2],
    /// Length of the way up to it, mm.
    along: f64,
    /// The tip there; absent where there is no ground.
    stand: Option<Stand>,
}

impl Sample {
    fn height(&self) -> Option<f64> {
        self.stand.map(|stand| stand.tip)
    }

    fn tip(&self) -> Option<Tip> {
        let [x, y] = self.place;
        self.height().map(|z| [x, y, z])
    }

    /// Slope of the ground in a direction; `None` where that is not known.
    fn slope(&self, [dx, dy]: [f64; 2]) -> Option<f64> {
        let [along_x, along_y] = self.stand?.gradient?;
        Some(along_x * dx + along_y * dy)
    }
}

/// Samples the ground along a way of straight pieces seen from above; one path for each part of it with ground.
pub(crate) fn sample_way(
    ground: &Ground<'_>,
    places: &[[f64; 2]],
    sampling: Sampling,
) -> Vec<Vec<Tip>> {
    let last = LastContact::default();
    let stand_at = |place: [f64; 2]| ground.stand(place, sampling.reach, &last);
    let mut sampled: Vec<Sample> = Vec::new();
    let mut before = 0.0;
    for ends in places.windows(2) {
        let length = (ends[1][0] - ends[0][0]).hypot(ends[1][1] - ends[0][1]);
        // A corner is looked at once, and a piece without length not at all.
        let first = usize::from(!sampled.is_empty());
        let steps = (length / sampling.step_along).ceil() as usize;
        sampled.extend((first..=steps).map(|step| {
            let share = step as f64 / steps.max(1) as f64;
            let place = between(ends[0], ends[1], share);
            Sample { place, along: before + share * length, stand: stand_at(place) }
        }));
        before += length;
    }
    let mut paths: Vec<Vec<Tip>> = Vec::new();
    for (index, here) in sampled.iter().enumerate() {
        let Some(tip) = here.tip() else { continue };
        let before = index.checked_sub(1).map(|before| sampled[before]);
        match (before.filter(|before| before.stand.is_some()), paths.last_mut()) {
            (Some(_), Some(path))
                if most_off(&sampled, index).is_some_and(|most| most <= sampling.tolerance) =>
            {
                path.push(tip);
            }
            (Some(before), Some(path)) => {
                bisect(&stand_at, [before, *here], 1.0, sampling.tolerance, path);
            }
            _ => paths.push(vec![tip]),
        }
    }
    paths
}

/// The place a share of the way from one to another.
fn between(from: [f64; 2], to: [f64; 2], share: f64) -> [f64; 2] {
    [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
}

/// How far the path between a sample and the one before it may be off its chord, mm: by the slopes of the ground at both, or
/// else by the samples around them; `None` where neither is known.
fn most_off(sampled: &[Sample], index: usize) -> Option<f64> {
    between_slopes([sampled[index.checked_sub(1)?], *sampled.get(index)?]).or_else(|| {
        let slope = |to: usize| {
            let [from, to] = [sampled.get(to.checked_sub(1)?)?, sampled.get(to)?];
            Some((to.height()? - from.height()?) / (to.along - from.along))
        };
        let length = sampled[index].along - sampled[index - 1].along;
        let [before, here, after] = [slope(index - 1)?, slope(index)?, slope(index + 1)?];
        let [p, q] = [(here - before) * length, (after - here) * length];
        let most = p.abs().max(q.abs());
        Some(if p * q > 0.0 { 0.5 * most } else { most })
    })
}

/// How far the path between two samples may be off its chord, mm, by the slopes of the ground at both.
///
/// Let the slope turn by a(t) along the length h between the two, all one way. The slopes at both ends differ from that of
/// the chord by p / h = ∫ a (h − t) / h² and q / h = ∫ a t / h². The path is off the chord by no more than if it turned at
/// one place only, which is p q / (p + q). Where the two differ in sign the path turns to and fro, as over the facets of a mesh,
/// and half of the larger one counts.
fn between_slopes([from, to]: [Sample; 2]) -> Option<f64> {
    let length = to.along - from.along;
    let direction = [0, 1].map(|axis| (to.place[axis] - from.place[axis]) / length);
    let rise = to.height()? - from.height()?;
    let (p, q) = (rise - from.slope(direction)? * length, to.slope(direction)? * length - rise);
    Some(if p * q > 0.0 { (p * q / (p + q)).abs() } else { 0.5 * p.abs().max(q.abs()) })
}

/// Samples the ground along a straight line seen from above; one path for each part of it with ground.
pub(crate) fn sample_line(
    ground: &Ground<'_>,
    from: [f64; 2],
    to: [f64; 2],
    sampling: Sampling,
) -> Vec<Vec<Tip>> {
    sample_way(ground, &[from, to], sampling)
}

/// Appends the points after the start that the path needs between two samples, which lie `share` of the way between two
/// that were looked at first apart.
fn bisect(
    stand_at: &impl Fn([f64; 2]) -> Option<Stand>,
    [start, end]: [Sample; 2],
    share: f64,
    tolerance: f64,
    path: &mut Vec<Tip>,
) {
    let place = between(start.place, end.place, 0.5);
    let middle =
        Sample { place, along: f64::midpoint(start.along, end.along), stand: stand_at(place) };
    let off = |height: f64| {
        let chord = start.height().zip(end.height()).map(|(a, b)| f64::midpoint(a, b));
        chord.is_some_and(|chord| (height - chord).abs() > tolerance)
    };
    let halves = [[start, middle], [middle, end]];
    if share <= SMALLEST_SHARE || !middle.height().is_some_and(off) {
        path.extend(middle.tip().into_iter().chain(end.tip()));
        return;
    }
    for [start, end] in halves {
        if between_slopes([start, end]).is_some_and(|most| most <= tolerance) {
            path.extend(end.tip());
        } else {
            bisect(stand_at, [start, end], share / 2.0, tolerance, path);
        }
    }
}

/// Bisection ends here even at a step of the ground: 0.1 µm of the longest distance of samples.
const SMALLEST_SHARE: f64 = 1e-4;

/// A place where a pass ends may be this much beside the ground that is known, mm.
const ROUNDING_MM: f64 = 0.01;

/// A path from the end of a roughing pass to the start of `next`: along whichever of the two passes goes on farther, and
/// straight across where both have been cut at the levels above. Beside their ends the whole block still stands. `None` if
/// they are far apart, or where there is no ground all the way.
pub(crate) fn link_inside(
    ground: &Ground<'_>,
    from: Tip,
    next: &[Tip],
    longest: f64,
    sampling: Sampling,
) -> Option<Vec<Tip>> {
    let start = *next.first()?;
    let length = (start[0] - from[0]).hypot(start[1] - from[1]);
    if length > longest {
        return None;
    }
    let is_inside = (start[1] - from[1]) * (next.last()?[1] - start[1]) > 0.0;
    let corner = if is_inside { [from[0], start[1]] } else { [start[0], from[1]] };
    let within = Sampling { reach: sampling.reach + ROUNDING_MM, ..sampling };
    let ways = sample_way(ground, &[[from[0], from[1]], corner, [start[0], start[1]]], within);
    let [way] = &ways[..] else { return None };
    let apart = |a: Option<&Tip>, b: Tip| a.map_or(f64::MAX, |a| (a[0] - b[0]).hypot(a[1] - b[1]));
    if apart(way.first(), from).max(apart(way.last(), start)) > ROUNDING_MM {
        return None;
    }
    let lowest = from[2].min(start[2]);
    let inner = way.get(1..way.len() - 1).unwrap_or_default();
    let inner = inner.iter().map(|&[x, y, z]| [x, y, z.max(lowest)]);
    Some(std::iter::once(from).chain(inner).chain([start]).collect())
}

/// A path from the end of one pass to the start of the next: on the ground, and never below the straight
/// line between the two where the ground falls away between them. `None` if they are far apart.
pub(crate) fn link(
    ground: &Ground<'_>,
    [from, to]: [Tip; 2],
    longest: f64,
    sampling: Sampling,
) -> Option<Vec<Tip>> {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    if length > longest {
        return None;
    }
    // A link may cut across a hollow of the trim: the ground must be known all the way.
    let sampling = Sampling { reach: sampling.reach + longest, ..sampling };
    let mut tips = vec![from];
    for piece in sample_line(ground, [from[0], from[1]], [to[0], to[1]], sampling) {
        tips.extend(piece.into_iter().map(|[x, y, z]| {
            let share = if length > 0.0 { (x - from[0]).hypot(y - from[1]) / length } else { 1.0 };
            [x, y, z.max(from[2] + share * (to[2] - from[2]))]
        }));
    }
    tips.push(to);
    Some(tips)
}

/// Puts stretches of neighboring passes that lie side by side into chains, to be cut to and fro
/// without lifting the tool.
///
/// Odd passes run towards -y, whatever chain they are in: so two passes are always joined at the same
/// end, and a level of roughing never cuts a corner that the levels above left standing.
pub(crate) fn chains(stretches: Vec<Stretch>) -> Vec<Vec<Vec<Tip>>> {
    let mut waiting: Vec<Option<Stretch>> = stretches.into_iter().map(Some).collect();
    let mut chains = Vec::new();
    for first in 0..waiting.len() {
        let mut chain = Vec::new();
        let mut at = first;
        while let Some(stretch) = waiting[at].take() {
            let next = next_beside(&waiting, &stretch, at + 1);
            chain.push(stretch.in_cutting_direction());
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        if !chain.is_empty() {
            chains.push(chain);
        }
    }
    chains
}

/// The first waiting stretch of the next pass beside `last`.
fn next_beside(waiting: &[Option<Stretch>], last: &Stretch, search: usize) -> Option<usize> {
    let rest = waiting.iter().enumerate().skip(search);
    rest.filter_map(|(at, stretch)| Some((at, stretch.as_ref()?)))
        .skip_while(|(_, stretch)| stretch.pass <= last.pass)
        .take_while(|(_, stretch)| stretch.pass == last.pass + 1)
        .find(|(_, stretch)| stretch.overlaps(last))
        .map(|(at, _)| at)
}
