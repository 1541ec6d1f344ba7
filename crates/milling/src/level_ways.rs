//! Ways of the tool's tip along level lines of a wall: at which heights, and exactly on the ground.
//!
//! Level lines lie
//!
//! ```text
//!   Δz = d sin θ,  d = √(8 h / (1/R + κ))     h  highest scallop, R  radius of the ball
//!                                             θ, κ  slope and largest curvature of the tip's surface
//! ```
//!
//! below each other. The number of lines from the top down to a height is the integral of 1/Δz, and lines lie where it is whole. On
//! a wall whose slope differs along a line 1/Δz is that of most of it, so that lines are few in all: where the wall is less steep,
//! lines halfway between two are added ([`crate::waterline`]), and where it is steeper its scallop is smaller.

use rayon::prelude::*;

use crate::even_passes::Evenness;
use crate::ground::{Ground, Stand};
use crate::level_lines::{LevelLine, Way, apart, length_of, level_lines};
use crate::path::Tip;
use crate::raster::Sampling;
use crate::steep::{ENDS_RAD, Steep};
use crate::triangle_cutter::LastContact;

/// Heights are looked at in steps of this, mm.
const BIN_MM: f64 = 0.02;
/// 1 + R κ is kept within this: over the sharp edge of a cup lines lie farther apart, in narrow hollows closer.
const BENT: [f64; 2] = [0.1, 4.0];
/// Lines lie this share closer than planned: curvature is known from a grid.
const RESERVE: f64 = 0.03;
/// What a piece of a line in between costs, in lengths of a line: the tool has to come there and leave again.
const ADDED_COST: f64 = 1.5;
/// Lines below the lowest place of a wall: as many as lie between that and a rim which ends it.
const LINES_BELOW: usize = 2;
/// A tip this close to its level is on it, mm.
const LEVEL_MM: f64 = 0.0005;
/// Steps toward a level, and the longest of them, mm: lines over a grid are no farther off.
const STEPS: usize = 8;
const LONGEST_STEP_MM: f64 = 0.2;
/// Where no step leads to the level, a tip this far off it is cut all the same, mm.
const FARTHEST_OFF_MM: f64 = 0.02;
/// Tips closer than this are one, mm.
const SAME_MM: f64 = 0.001;
/// Chords are halved at most this often.
const MOST_HALVINGS: u32 = 6;
/// Whether a place belongs to a wall is looked at in these steps along lines, mm.
const LOOK_MM: f64 = 0.25;
/// Gaps of lines, and of passes, this short are cut too, and pieces this short are not, mm.
const BRIDGED_MM: f64 = 2.0;

/// A way along a level line.
#[derive(Clone, Debug)]
pub(crate) struct LevelWay {
    /// Number of the line from the top of its wall down.
    pub(crate) level: usize,
    /// Number of the wall.
    pub(crate) wall: u32,
    /// The higher side lies on the right hand; the last is the first where it is closed.
    pub(crate) tips: Vec<Tip>,
}

impl LevelWay {
    /// Whether it comes back to where it begins.
    pub(crate) fn is_closed(&self) -> bool {
        self.tips.len() > 2 && self.tips.first() == self.tips.last()
    }
}

/// The heights at which a wall is cut, from the top down: beyond what it needs at both ends.
pub(crate) fn levels(steep: &Steep, wall: u32, evenness: Evenness) -> Vec<f64> {
    let nodes: Vec<usize> = (0..steep.slopes.len())
        .filter(|node| steep.walls[*node] == wall && steep.slopes[*node] > 0.0)
        .collect();
    let heights = || nodes.iter().map(|node| steep.heights[*node]);
    let (low, high) =
        heights().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), z| (a.min(z), b.max(z)));
    if low > high {
        return Vec::new();
    }
    let bins = ((high - low) / BIN_MM).ceil() as usize + 1;
    let (corner, level) = (evenness.corner, evenness.level());
    let sine = |slope: f64| slope / slope.hypot(1.0);
    // Lines per mm that each node at a height needs.
    let mut needs: Vec<Vec<f64>> = vec![Vec::new(); bins];
    for node in nodes {
        let slope = steep.slopes[node].max(ENDS_RAD.tan());
        let bent = (1.0 + corner * steep.curvature(node)).clamp(BENT[0], BENT[1]);
        let here = level * bent.sqrt() * (1.0 + RESERVE) / sine(slope);
        // The node stands for the ground halfway to the next.
        let around = 0.5 * slope * steep.lattice.spacing[0].max(steep.lattice.spacing[1]);
        let bin = |z: f64| ((high - z) / BIN_MM).clamp(0.0, bins as f64 - 1.0) as usize;
        let z = steep.heights[node];
        for bin in &mut needs[bin(z + around)..=bin(z - around)] {
            bin.push(here);
        }
    }
    let needed: Vec<f64> = needs.into_iter().map(cheapest).collect();
    let fewest = level / sine(ENDS_RAD);
    let mut found = vec![high + 1.0 / needed[0].max(fewest)];
    let mut count = 0.0;
    let mut next = 0.0;
    for (bin, needed) in needed.iter().enumerate() {
        // Where the wall has no node, what is least needed.
        let after = count + BIN_MM * if *needed > 0.0 { *needed } else { fewest };
        while next < after {
            found.push(high - BIN_MM * (bin as f64 + (next - count) / (after - count)));
            next += 1.0;
        }
        count = after;
    }
    // Down to a rim that ends the wall it is not known as steep.
    let last = needed[bins - 1].max(fewest);
    for _beyond in 0..LINES_BELOW {
        found.push(found[found.len() - 1] - 1.0 / last);
    }
    found
}

/// Lines per mm at a height whose places need so many: as few as are cut in all, when lines halfway between two are added where that
/// is not enough. 0 where there are no places.
pub(crate) fn cheapest(mut needs: Vec<f64>) -> f64 {
    needs.sort_unstable_by(f64::total_cmp);
    let count = needs.len() as f64;
    let cost = |(index, lines): (usize, &f64)| {
        // Those after it need more, but never more than twice as many.
        (lines * (1.0 + ADDED_COST * (count - 1.0 - index as f64) / count), *lines)
    };
    let costs = needs.iter().enumerate().map(cost);
    costs.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |(_, lines)| lines)
}

/// The lines of a wall at some heights, seen from above, with their numbers.
pub(crate) fn lines_of(steep: &Steep, wall: u32, levels: &[f64]) -> Vec<(usize, LevelLine)> {
    let found: Vec<Vec<(usize, LevelLine)>> = levels
        .par_iter()
        .enumerate()
        .map(|(number, level)| {
            let lines = level_lines(&steep.lattice, &steep.heights, *level).into_iter();
            let of_wall = lines.flat_map(|line| within(line, |place| steep.wall_at(place) == wall));
            of_wall.map(|line| (number, line)).collect()
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// The pieces of a line that are where they should be.
fn within(line: LevelLine, is_there: impl Fn([f64; 2]) -> bool) -> Vec<LevelLine> {
    let LevelLine { mut places, is_closed } = line;
    if is_closed {
        // Begins where it should not be, if it is anywhere.
        match places.iter().position(|place| !is_there(*place)) {
            Some(first) => places.rotate_left(first),
            None => return vec![LevelLine { places, is_closed }],
        }
        places.extend(places.first().copied());
    }
    split(&places, is_there)
        .0
        .into_iter()
        .map(|places| LevelLine { places, is_closed: false })
        .collect()
}

/// The pieces of a way that are where they should be, and the others; short ones go with what is around them.
pub(crate) fn split(
    places: &[[f64; 2]],
    is_there: impl Fn([f64; 2]) -> bool,
) -> (Vec<Way>, Vec<Way>) {
    let mut pieces: Vec<(bool, Way)> = Vec::new();
    for ends in places.windows(2) {
        let count = (apart(ends[0], ends[1]) / LOOK_MM).ceil().max(1.0) as usize;
        for step in 0..count {
            let at = |step: usize| {
                let share = step as f64 / count as f64;
                [0, 1].map(|axis| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]))
            };
            let (from, to) = (at(step), at(step + 1));
            let is_kept = is_there([0, 1].map(|axis| f64::midpoint(from[axis], to[axis])));
            match pieces.last_mut().filter(|(before, _)| *before == is_kept) {
                Some((_, piece)) => piece.push(to),
                None => pieces.push((is_kept, vec![from, to])),
            }
        }
    }
    // First gaps, then what is left of pieces; both only where there is something on both sides.
    for short in [false, true] {
        let last = pieces.len().saturating_sub(1);
        for (index, (is_kept, piece)) in pieces.iter_mut().enumerate() {
            let is_between = index > 0 && index < last;
            if *is_kept == short && length_of(piece) < BRIDGED_MM && (short || is_between) {
                *is_kept = !short;
            }
        }
        pieces = pieces.into_iter().fold(Vec::new(), |mut joined, (is_kept, piece)| {
            match joined.last_mut() {
                Some((before, places)) if *before == is_kept => {
                    let places: &mut Way = places;
                    places.extend(&piece[1..]);
                }
                _ => joined.push((is_kept, piece)),
            }
            joined
        });
    }
    let (kept, others): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|(is_kept, _)| *is_kept);
    let places = |pieces: Vec<(bool, Way)>| pieces.into_iter().map(|(_, places)| places);
    (places(kept).collect(), places(others).collect())
}

/// The tips along a line at a level, each where the ground is exactly as high as that; several where the ground has gaps.
pub(crate) fn on_level(
    ground: &Ground<'_>,
    line: &LevelLine,
    level: f64,
    sampling: Sampling,
) -> Vec<Vec<Tip>> {
    let last = LastContact::default();
    let stand_at = |place: [f64; 2]| ground.stand(place, sampling.reach, &last);
    let settled: Vec<Option<Tip>> =
        line.places.iter().map(|place| settled(&stand_at, *place, level)).collect();
    let mut ways: Vec<Vec<Tip>> = Vec::new();
    for tips in settled.split(Option::is_none) {
        let is_whole = line.is_closed && tips.len() == line.places.len();
        let mut tips: Vec<Tip> = tips.iter().flatten().copied().collect();
        // Where a line passes close by a node it crosses two edges in one place.
        tips.dedup_by(|a, b| apart([a[0], a[1]], [b[0], b[1]]) < SAME_MM);
        let ends = if is_whole { tips.first().copied() } else { None };
        let Some(first) = tips.first() else { continue };
        let mut way = vec![*first];
        for pair in tips.iter().copied().chain(ends).collect::<Vec<Tip>>().windows(2) {
            halve(&stand_at, [pair[0], pair[1]], (level, sampling.tolerance), 0, &mut way);
        }
        if way.len() > 1 {
            ways.push(way);
        }
    }
    ways
}

/// Appends what a way needs after the first of two tips.
fn halve(
    stand_at: &impl Fn([f64; 2]) -> Option<Stand>,
    [from, to]: [Tip; 2],
    (level, tolerance): (f64, f64),
    halvings: u32,
    way: &mut Vec<Tip>,
) {
    let middle = [0, 1].map(|axis| f64::midpoint(from[axis], to[axis]));
    let is_off = |stand: Stand| {
        let [p, q] = stand.gradient.unwrap_or([0.0; 2]);
        let off = stand.tip - f64::midpoint(from[2], to[2]);
        // Along the normal of the ground.
        off.abs() / (1.0 + p * p + q * q).sqrt() > tolerance
    };
    if halvings < MOST_HALVINGS
        && stand_at(middle).is_some_and(is_off)
        && let Some(between) = settled(stand_at, middle, level)
    {
        halve(stand_at, [from, between], (level, tolerance), halvings + 1, way);
        halve(stand_at, [between, to], (level, tolerance), halvings + 1, way);
    } else {
        way.push(to);
    }
}

/// The tip at a level near a place: steps along the slope of the ground, as long as it takes if that were even.
fn settled(
    stand_at: &impl Fn([f64; 2]) -> Option<Stand>,
    place: [f64; 2],
    level: f64,
) -> Option<Tip> {
    let mut at = place;
    let mut nearest: Option<(f64, Tip)> = None;
    for _step in 0..STEPS {
        let Some(stand) = stand_at(at) else { break };
        let off = level - stand.tip;
        if nearest.is_none_or(|(least, _)| off.abs() < least) {
            nearest = Some((off.abs(), [at[0], at[1], stand.tip]));
        }
        if off.abs() <= LEVEL_MM {
            break;
        }
        let Some([p, q]) = stand.gradient else { break };
        let slope = p.hypot(q);
        if slope <= 0.0 {
            break;
        }
        let way = (off / slope).clamp(-LONGEST_STEP_MM, LONGEST_STEP_MM);
        at = [at[0] + way * p / slope, at[1] + way * q / slope];
    }
    nearest.filter(|(off, _)| *off <= FARTHEST_OFF_MM).map(|(_, tip)| tip)
}
