//! Finishing in a spiral: round the part from the rim inward, in one way wherever the part allows it.
//!
//! Rings are the lines on which the number of passes from the border is whole ([`crate::ring_field`]). From one ring the tool goes
//! over to the next in the course of one turn: a share t of the turn later it is that share of the way to the nearest place of the
//! next ring. Where a ring falls apart into several, or meets the one around a hole, it is closed, and each of those that follow
//! begins a spiral of its own. Inward rather than outward, because the tool then comes down beside the part, and leaves it where
//! nothing is left to cut; with what is still to be cut on its right hand, so that it climbs.
//!
//! Along ridges of T, where ways from two sides of the border meet, rings have corners that lie farther apart than the rings. The
//! ridges, and the lines halfway between two rings, are cut where passes leave too much ([`crate::rim_passes::missed`]).

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::creases::{Edge, lines_over};
use crate::even_passes::Evenness;
use crate::finishing::{SCALLOP_SHARE, finish_sampling, level_scallop};
use crate::ground::Ground;
use crate::level_lines::{Way, apart, length_of, whole};
use crate::linking::{Chain, Cut, Entry, nearest};
use crate::neighbors::Beside;
use crate::outline::Borders;
use crate::path::{Tip, ToolPath, simplified};
use crate::raster::{Sampling, sample_way};
use crate::rim_passes::{Miss, SEEN_MM, missed};
use crate::ring_field::{RingField, nearest_on};
use crate::{Cutter, MillOrder};

/// Steepness of a rim over which the first ring has rolled, rad; what falls away more steeply is cut along the rim
/// ([`crate::rim_passes::rings`]), which begins there.
const FIRST_STEEPNESS: f64 = 1.0;
/// Places of a ring are left out where it stays this straight, mm.
const STRAIGHT_MM: f64 = 0.005;
/// Longest chord of a turn before it is sampled, mm: from chord to chord it comes nearer to the next ring.
const LONGEST_CHORD_MM: f64 = 1.0;
/// Rings shorter than this are left to the ridges, mm.
const SHORTEST_RING_MM: f64 = 1.0;
/// A ring whose neighbor is for this share of its length another is joined to it by a turn of the spiral.
const ALONE_SHARE: f64 = 0.97;
/// A turn goes no farther than this toward the next ring, in step-overs: at a corner that the next ring has not, and in a bay that
/// it does not reach, it stays with its own.
const FARTHEST_STEPS: f64 = 3.5;
/// How far from one ring to the next lines are that are cut where rings leave too much: halfway, and where a ring follows that does not
/// reach into a corner of the one before.
const SHARES_BETWEEN: [f64; 2] = [0.5, 0.85];
/// Slopes of T, in passes from node to node, must turn by this much at a ridge.
const LEAST_TURN: f64 = 0.2;

/// A ring, closed: its last place is its first.
type Ring = Way;

/// The finishing path of a part, which has `borders` (with x and y exchanged if it `is_turned`); `rim` are rings of
/// [`crate::rim_passes`].
pub(crate) fn spiral(
    ground: &Ground<'_>,
    order: &MillOrder,
    (borders, is_turned): (&Borders, bool),
    rim: &[Ring],
) -> ToolPath {
    let tool = &order.tool;
    let (radius, sampling) = (Cutter::of(tool).radius(), finish_sampling(order));
    // The part seen from above is known to a fraction of a millimeter, and the border lies close to where the ground ends.
    let sampling = Sampling { reach: sampling.reach + SEEN_MM, ..sampling };
    let scallop = level_scallop(radius, sampling.step_over);
    let border = borders.ways_around(radius * FIRST_STEEPNESS.sin(), is_turned);
    let field = RingField::new(ground, &border, sampling, Evenness { corner: radius, scallop });
    let rings = Rings::of(&field, &border, is_turned);
    let farthest = FARTHEST_STEPS * sampling.step_over;
    let ways: Vec<Vec<Tip>> = rings
        .spirals(farthest)
        .into_par_iter()
        .flat_map_iter(|turns| sampled(ground, &turns, sampling))
        .collect();
    let most = SCALLOP_SHARE * scallop;
    let between = between_rings(&field);
    let miss = Miss::between_passes(radius, most, sampling.step_over);
    let mut fills = missed(ground, &between, ways.iter().map(Vec::as_slice), sampling, miss);
    let cut = || ways.iter().chain(&fills).map(Vec::as_slice);
    let miss = Miss::at_rim(radius, most, sampling.step_over);
    let around_rim = missed(ground, rim, cut(), sampling, miss);
    fills.extend(around_rim);
    let mut cut = Cut { ground, tool, order, sampling, path: ToolPath::default(), at: None };
    for way in ways {
        cut.chain(&[way], Entry::Roughed);
    }
    let mut waiting: Vec<Chain> = fills.into_iter().map(|tips| vec![tips]).collect();
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Finished);
    }
    cut.path
}

/// Rings of a part, from the border inward.
struct Rings {
    rings: Vec<Ring>,
    /// Which rings follow on each.
    inner: Vec<Vec<usize>>,
    /// Whether the only ring that follows on a ring lies along all of both.
    is_joined: Vec<bool>,
    /// Those on which the others follow.
    first: Vec<usize>,
}

impl Rings {
    fn of(field: &RingField, border: &[Ring], is_turned: bool) -> Self {
        let levels = field.most().floor() as usize;
        let mut by_level: Vec<Vec<Ring>> = (1..=levels)
            .into_par_iter()
            .map(|level| {
                let lines = field.lines(level as f64).into_iter().map(whole);
                lines.filter(|places| length_of(places) > SHORTEST_RING_MM).collect()
            })
            .collect();
        // Borders have the part on their left hand, and when x and y are exchanged on their right.
        let mut border = border.to_vec();
        if !is_turned {
            border.iter_mut().for_each(|ring| ring.reverse());
        }
        by_level.insert(0, border);
        let mut found =
            Self { rings: Vec::new(), inner: Vec::new(), is_joined: Vec::new(), first: Vec::new() };
        let mut before = 0..0;
        for rings in by_level {
            let here = found.rings.len()..found.rings.len() + rings.len();
            found.rings.extend(rings);
            found.inner.resize(here.end, Vec::new());
            found.is_joined.resize(here.end, false);
            let beside = Beside::of(&found.rings, before.clone());
            for ring in here.clone() {
                match beside.most_of(&found.rings[ring]) {
                    Some((outer, share)) => {
                        found.inner[outer].push(ring);
                        found.is_joined[outer] =
                            found.inner[outer].len() == 1 && share >= ALONE_SHARE;
                    }
                    None => found.first.push(ring),
                }
            }
            before = here;
        }
        for ring in &mut found.rings {
            // Where x and y are exchanged right and left are too.
            if is_turned {
                ring.reverse();
            }
            *ring = straightened(ring);
        }
        found
    }

    /// The turns of every spiral, in the order in which they are cut.
    fn spirals(&self, farthest: f64) -> Vec<Vec<Ring>> {
        let mut spirals = Vec::new();
        let mut at: Option<[f64; 2]> = None;
        let mut waiting = self.first.clone();
        // A part is cut to its end before the next.
        let mut later: Vec<Vec<usize>> = Vec::new();
        loop {
            let Some(next) = self.take_nearest(&mut waiting, at) else {
                match later.pop() {
                    Some(others) => waiting = others,
                    None => break,
                }
                continue;
            };
            let (turns, last) = self.spiral_from((next, at), farthest);
            at = turns.last().and_then(|turn| turn.last()).copied();
            spirals.push(turns);
            later.push(std::mem::replace(&mut waiting, self.inner[last].clone()));
        }
        spirals
    }

    /// Takes out the ring that comes nearest to a place.
    fn take_nearest(&self, waiting: &mut Vec<usize>, at: Option<[f64; 2]>) -> Option<usize> {
        let away = |ring: usize| at.map_or(0.0, |at| foot(&self.rings[ring], at).1);
        let found =
            (0..waiting.len()).min_by(|a, b| away(waiting[*a]).total_cmp(&away(waiting[*b])))?;
        Some(waiting.remove(found))
    }

    /// The turns from a ring inward as far as one ring follows on another, and the last of these.
    fn spiral_from(
        &self,
        (first, at): (usize, Option<[f64; 2]>),
        farthest: f64,
    ) -> (Vec<Ring>, usize) {
        let begins = |ring: &Ring, at: [f64; 2]| begun_at(ring, at);
        let mut outer =
            at.map_or_else(|| self.rings[first].clone(), |at| begins(&self.rings[first], at));
        let mut turns = vec![outer.clone()];
        let mut last = first;
        let mut pairs: Vec<[Ring; 2]> = Vec::new();
        while let ([next], true) = (&self.inner[last][..], self.is_joined[last]) {
            let inner = begins(&self.rings[*next], outer[0]);
            pairs.push([outer, inner.clone()]);
            (outer, last) = (inner, *next);
        }
        let joined: Vec<Ring> =
            pairs.par_iter().map(|[outer, inner]| turn([outer, inner], farthest)).collect();
        let is_alone = joined.is_empty();
        turns.extend(joined);
        if !is_alone {
            turns.push(outer);
        }
        (turns, last)
    }
}

/// A ring without places between which it is straight.
fn straightened(ring: &Ring) -> Ring {
    let flat: Vec<Tip> = ring.iter().map(|&[x, y]| [x, y, 0.0]).collect();
    simplified(&flat, STRAIGHT_MM).into_iter().map(|[x, y, _]| [x, y]).collect()
}

/// Which piece of a ring comes nearest to a place, how near, and where.
fn foot(ring: &Ring, place: [f64; 2]) -> (usize, f64, [f64; 2]) {
    let mut found = (0, f64::INFINITY, place);
    for (piece, ends) in ring.windows(2).enumerate() {
        let foot = nearest_on([ends[0], ends[1]], place);
        let away = apart(foot, place);
        if away < found.1 {
            found = (piece, away, foot);
        }
    }
    found
}

/// A ring that begins where it comes nearest to a place.
fn begun_at(ring: &Ring, place: [f64; 2]) -> Ring {
    let (piece, _, foot) = foot(ring, place);
    let mut begun = vec![foot];
    begun.extend(&ring[piece + 1..]);
    begun.extend(&ring[1..=piece.min(ring.len() - 1)]);
    begun.push(foot);
    begun.dedup();
    begun
}

/// A turn that begins on one ring and ends on the next.
fn turn([outer, inner]: [&Ring; 2], farthest: f64) -> Ring {
    let length = length_of(outer);
    let mut places = Vec::with_capacity(outer.len());
    let mut along = 0.0;
    let toward = |place: [f64; 2], along: f64| {
        let (_, away, near) = foot(inner, place);
        let share = along / length * (farthest / away).min(1.0);
        [0, 1].map(|axis| place[axis] + share * (near[axis] - place[axis]))
    };
    places.extend(outer.first().copied());
    for ends in outer.windows(2) {
        let way = apart(ends[0], ends[1]);
        let count = (way / LONGEST_CHORD_MM).ceil().max(1.0) as usize;
        places.extend((1..=count).map(|step| {
            let share = step as f64 / count as f64;
            let place = [0, 1].map(|axis| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]));
            toward(place, along + share * way)
        }));
        along += way;
    }
    // The way on begins where the next ring does.
    if let (Some(last), Some(first)) = (places.last_mut(), inner.first()) {
        *last = *first;
    }
    places
}

/// The tips along turns that follow each other; several ways where the ground has gaps.
fn sampled(ground: &Ground<'_>, turns: &[Ring], sampling: Sampling) -> Vec<Vec<Tip>> {
    let found: Vec<Vec<Vec<Tip>>> =
        turns.par_iter().map(|turn| sample_way(ground, turn, sampling)).collect();
    let mut ways: Vec<Vec<Tip>> = Vec::new();
    for way in found.into_iter().flatten() {
        match ways.last_mut() {
            Some(before) if before.last() == way.first() => before.extend(&way[1..]),
            _ => ways.push(way),
        }
    }
    ways.retain(|way| way.len() > 1);
    ways
}

/// Lines to be cut where rings leave too much: the ridges of T, and those between two rings.
fn between_rings(field: &RingField) -> Vec<Ring> {
    let levels = field.most().ceil() as usize;
    let between: Vec<Vec<Ring>> = (0..SHARES_BETWEEN.len() * levels)
        .into_par_iter()
        .map(|index| {
            let share = SHARES_BETWEEN[index / levels];
            let lines = field.lines((index % levels) as f64 + share).into_iter().map(whole);
            lines.map(|ring| straightened(&ring)).collect()
        })
        .collect();
    ridges(field).into_iter().chain(between.into_iter().flatten()).collect()
}

/// The lines along which ways from two sides of the border meet.
fn ridges(field: &RingField) -> Vec<Ring> {
    let lattice = field.lattice;
    let mut on: BTreeMap<Edge, usize> = BTreeMap::new();
    let mut tips: Vec<Tip> = Vec::new();
    for row in 0..lattice.rows {
        for column in 0..lattice.columns {
            for is_along_y in [false, true] {
                let Some(share) = ridge_on(field, (column, row, is_along_y)) else { continue };
                let [mut x, mut y] = lattice.place(column, row);
                if is_along_y {
                    y += share * lattice.spacing[1];
                } else {
                    x += share * lattice.spacing[0];
                }
                on.insert((column, row, is_along_y), tips.len());
                tips.push([x, y, 0.0]);
            }
        }
    }
    let lines = lines_over([lattice.columns, lattice.rows], &on, &tips).into_iter();
    let lines = lines.map(|line| line.into_iter().map(|index| [tips[index][0], tips[index][1]]));
    lines.map(|line| straightened(&line.collect())).filter(|line| line.len() > 1).collect()
}

/// Where on an edge of the grid T is highest, if slopes on both sides meet there.
fn ridge_on(field: &RingField, (column, row, is_along_y): Edge) -> Option<f64> {
    let lattice = field.lattice;
    let at = |step: usize| {
        let (column, row) = if is_along_y {
            (column, (row + step).checked_sub(1)?)
        } else {
            ((column + step).checked_sub(1)?, row)
        };
        let is_on = column < lattice.columns && row < lattice.rows;
        is_on.then(|| field.passes[lattice.index(column, row)]).filter(|passes| *passes > 0.0)
    };
    let [a, b, c, d] = [at(0)?, at(1)?, at(2)?, at(3)?];
    let (rises, falls) = (b - a, d - c);
    if rises <= 0.0 || falls >= 0.0 || rises - falls < LEAST_TURN {
        return None;
    }
    // Where the slopes on both sides meet.
    let share = (c - b - falls) / (rises - falls);
    (-1e-9..1.0 - 1e-9).contains(&share).then_some(share.max(0.0))
}
