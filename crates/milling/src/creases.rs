//! Creases of the surface on which the tip of a ball stands: there the ball touches the part at two places at once.
//!
//! They are looked for between the nodes of a grid, by halving what lies between two of them, and joined to lines. A line
//! is then followed in small steps from side to side ([`Creases::followed`]), and beyond its ends, which lie between nodes:
//! a ball that stands e mm beside a crease whose slopes differ by Δ leaves e Δ / 2 more than it must.

use std::collections::BTreeMap;

use geometry::{Point3, Vector3};
use rayon::prelude::*;

use crate::ground::Ground;
use crate::path::Tip;
use crate::raster::Sampling;
use crate::tip_grid::TipGrid;
use crate::triangle_cutter::LastContact;

/// Distance of the nodes between which creases are looked for, mm, about: valleys are longer. No simple share of a usual
/// step-over, so that creases are not only found where passes cross them.
const GRID_MM: f64 = 0.8;
/// The slope must turn within this share of a step-over.
const TURNING_SHARE: f64 = 0.25;
/// A crease is closed in to this, mm; between, the ground on both sides of it is taken as level across.
const FOUND_MM: f64 = 0.02;
/// A line is followed in steps of this length, mm.
const STEP_MM: f64 = 0.2;
/// Beyond its ends it is followed this far, mm: farther on there would be a node beside it.
const BEYOND_MM: f64 = 1.5 * GRID_MM;
/// On each side of where a line is thought to go on it is looked for this far, mm.
const ASIDE_MM: f64 = 0.3;

/// A place where the ball touches the part twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crease {
    pub(crate) tip: Tip,
    /// The place of the ball's lower side halfway between the two that touch.
    pub(crate) lowest: [f64; 3],
}

/// An edge between two nodes of the grid: column and row of the first, and whether it goes on along y.
pub(crate) type Edge = (usize, usize, bool);

/// Where the tip's surface has creases.
pub(crate) struct Creases<'a> {
    grid: Grid<'a>,
    pub(crate) found: Vec<Crease>,
    /// Creases by the edge of the grid on which they are.
    on: BTreeMap<Edge, usize>,
}

/// The tip's surface over a grid.
struct Grid<'a> {
    ground: &'a Ground<'a>,
    reach: f64,
    radius: f64,
    /// Least turn of the slope, and the length within which it must be, mm.
    turn: f64,
    within: f64,
    tips: TipGrid,
}

impl<'a> Creases<'a> {
    /// Those for a ball of a radius.
    pub(crate) fn of(ground: &'a Ground<'a>, sampling: Sampling, radius: f64) -> Self {
        let tips = TipGrid::new(ground, sampling, [GRID_MM; 2]);
        let (columns, rows) = (tips.columns, tips.rows);
        let turn = sampling.step_over / (2.0 * radius);
        let within = TURNING_SHARE * sampling.step_over;
        let reach = sampling.reach;
        let grid = Grid { ground, reach, radius, turn, within, tips };
        let edges: Vec<(Edge, Crease)> = (0..rows)
            .into_par_iter()
            .flat_map_iter(|row| {
                let (grid, last) = (&grid, LastContact::default());
                (0..columns)
                    .flat_map(move |column| [(column, row, false), (column, row, true)])
                    .filter_map(move |edge| Some((edge, grid.crease_on(edge, &last)?)))
            })
            .collect();
        let on = edges.iter().enumerate().map(|(index, (edge, _))| (*edge, index)).collect();
        Self { found: edges.into_iter().map(|(_, crease)| crease).collect(), on, grid }
    }

    /// Creases joined to lines: those on the edges of one cell of the grid belong together.
    pub(crate) fn lines(&self) -> Vec<Vec<Crease>> {
        let tips: Vec<Tip> = self.found.iter().map(|crease| crease.tip).collect();
        let size = [self.grid.tips.columns, self.grid.tips.rows];
        lines_over(size, &self.on, &tips)
            .into_iter()
            .map(|line| line.into_iter().map(|index| self.found[index]).collect())
            .collect()
    }

    /// The same line in steps of [`STEP_MM`], each in the crease, and beyond its ends as far as the crease goes on between two nodes.
    pub(crate) fn followed(&self, line: &[Crease]) -> Vec<Crease> {
        let last = LastContact::default();
        let mut steps: Vec<Crease> = Vec::new();
        for pair in line.windows(2) {
            let ([dx, dy], length) = heading(pair[0].tip, pair[1].tip);
            let [x, y, _] = pair[0].tip;
            let pieces = (length / STEP_MM).round().max(1.0) as usize;
            steps.push(pair[0]);
            steps.extend((1..pieces).filter_map(|piece| {
                let way = length * piece as f64 / pieces as f64;
                self.grid.crease_beside([x + way * dx, y + way * dy], [dx, dy], &last)
            }));
        }
        steps.extend(line.last());
        let is_ring = steps.len() > 2 && steps[0].tip == steps[steps.len() - 1].tip;
        if is_ring {
            return steps;
        }
        for _end in 0..2 {
            self.go_on(&mut steps, &last);
            steps.reverse();
        }
        steps
    }

    /// Goes on beyond the last of some steps. The last steps are shorter: at the end of a valley a ball leaves less the
    /// farther it has rolled over the rim.
    fn go_on(&self, steps: &mut Vec<Crease>, last: &LastContact) {
        let (mut step, mut left) = (STEP_MM, BEYOND_MM);
        while step > FOUND_MM && left > 0.0 {
            let [.., before, at] = &steps[..] else { return };
            let ([dx, dy], _) = heading(before.tip, at.tip);
            let place = [at.tip[0] + step * dx, at.tip[1] + step * dy];
            let found = self.grid.crease_beside(place, [dx, dy], last);
            let way = |next: &Crease| {
                let [x, y] = [next.tip[0] - at.tip[0], next.tip[1] - at.tip[1]];
                x * dx + y * dy
            };
            match found.filter(|next| way(next) > step / 2.0) {
                Some(next) => {
                    steps.push(next);
                    left -= step;
                }
                None => step /= 2.0,
            }
        }
    }
}

/// Places on edges of a grid of so many columns and rows joined to lines: those on the edges of one cell belong together.
pub(crate) fn lines_over(
    [columns, rows]: [usize; 2],
    on: &BTreeMap<Edge, usize>,
    tips: &[Tip],
) -> Vec<Vec<usize>> {
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); tips.len()];
    for row in 0..rows {
        for column in 0..columns {
            let around = [
                (column, row, false),
                (column, row, true),
                (column, row + 1, false),
                (column + 1, row, true),
            ];
            let here: Vec<usize> = around.iter().filter_map(|edge| on.get(edge).copied()).collect();
            for [a, b] in joined(here, tips) {
                beside[a].push(b);
                beside[b].push(a);
            }
        }
    }
    walked(beside)
}

/// The shortest joints that hold some places together.
fn joined(mut free: Vec<usize>, tips: &[Tip]) -> Vec<[usize; 2]> {
    let apart = |a: usize, b: usize| {
        (0..3).map(|axis| (tips[a][axis] - tips[b][axis]).powi(2)).sum::<f64>()
    };
    let mut held: Vec<usize> = free.pop().into_iter().collect();
    let mut joints = Vec::new();
    while !free.is_empty() {
        let pairs = free
            .iter()
            .enumerate()
            .flat_map(|(at, new)| held.iter().map(move |old| (at, [*old, *new])));
        let Some((at, joint)) =
            pairs.min_by(|a, b| apart(a.1[0], a.1[1]).total_cmp(&apart(b.1[0], b.1[1])))
        else {
            break;
        };
        held.push(free.swap_remove(at));
        joints.push(joint);
    }
    joints
}

/// Direction from one tip to another seen from above, and their distance.
fn heading(from: Tip, to: Tip) -> ([f64; 2], f64) {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length = dx.hypot(dy);
    if length > 0.0 { ([dx / length, dy / length], length) } else { ([0.0; 2], 0.0) }
}

/// Lines of a graph given by the neighbors of each node: from ends and branches first, then rings.
fn walked(mut beside: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut lines = Vec::new();
    let is_end: Vec<bool> = beside.iter().map(|others| others.len() != 2).collect();
    let ends = (0..beside.len()).filter(|node| is_end[*node]);
    for start in ends.chain((0..beside.len()).filter(|node| !is_end[*node])) {
        while let Some(mut to) = beside[start].pop() {
            let mut line = vec![start];
            let mut from = start;
            loop {
                beside[to].retain(|other| *other != from);
                line.push(to);
                if is_end[to] || to == start {
                    break;
                }
                let Some(next) = beside[to].pop() else { break };
                (from, to) = (to, next);
            }
            lines.push(line);
        }
    }
    lines
}

impl Grid<'_> {
    fn at(&self, column: usize, row: usize) -> Option<f64> {
        let heights = (row < self.tips.rows).then(|| self.tips.row(row))?;
        heights.get(column).copied().filter(|tip| !tip.is_nan())
    }

    /// Whether the grid's own heights turn up at an end of an edge by half of what a crease on it would.
    fn may_turn(&self, (column, row, is_along_y): Edge) -> bool {
        let (dx, dy) = if is_along_y { (0, 1) } else { (1, 0) };
        let at = |steps: usize| {
            let (column, row) =
                ((column + steps * dx).checked_sub(dx), (row + steps * dy).checked_sub(dy));
            self.at(column?, row?)
        };
        let turns = |first: usize| {
            let [a, b, c] = [at(first)?, at(first + 1)?, at(first + 2)?];
            Some(a + c - 2.0 * b)
        };
        let least = 0.5 * self.turn * self.tips.spacing[usize::from(is_along_y)];
        [turns(0), turns(1)].into_iter().flatten().any(|turn| turn > least)
    }

    /// The crease between two nodes.
    fn crease_on(&self, edge: Edge, last: &LastContact) -> Option<Crease> {
        if !self.may_turn(edge) {
            return None;
        }
        let (column, row, is_along_y) = edge;
        let length = self.tips.spacing[usize::from(is_along_y)];
        let ([low_x, low_y], [dx, dy]) = (self.tips.low, self.tips.spacing);
        let start = [low_x + column as f64 * dx, low_y + row as f64 * dy];
        let direction = if is_along_y { [0.0, 1.0] } else { [1.0, 0.0] };
        self.crease_between(start, direction, length, last)
    }

    /// The crease near a place on a line that runs in a direction.
    fn crease_beside(
        &self,
        [x, y]: [f64; 2],
        [dx, dy]: [f64; 2],
        last: &LastContact,
    ) -> Option<Crease> {
        let across = [-dy, dx];
        let start = [x - ASIDE_MM * across[0], y - ASIDE_MM * across[1]];
        self.crease_between(start, across, 2.0 * ASIDE_MM, last)
    }

    /// The sharpest crease on a straight line from a place.
    fn crease_between(
        &self,
        [x, y]: [f64; 2],
        [dx, dy]: [f64; 2],
        length: f64,
        last: &LastContact,
    ) -> Option<Crease> {
        let tip = |along: f64| {
            let (x, y) = (x + along * dx, y + along * dy);
            self.ground.tip(x, y, self.reach, last).map(|z| [x, y, z])
        };
        let slope = |along: f64| {
            let place = [x + along * dx, y + along * dy];
            let [along_x, along_y] = self.ground.stand(place, self.reach, last)?.gradient?;
            Some(along_x * dx + along_y * dy)
        };
        let mut ends = [(0.0, slope(0.0)?), (length, slope(length)?)];
        let mut beside = ends;
        while ends[1].0 - ends[0].0 > FOUND_MM {
            if ends[1].0 - ends[0].0 > self.within {
                if ends[1].1 - ends[0].1 < self.turn {
                    return None;
                }
                beside = ends;
            }
            let middle = f64::midpoint(ends[0].0, ends[1].0);
            let between = slope(middle)?;
            let is_before = between - ends[0].1 > ends[1].1 - between;
            ends[usize::from(is_before)] = (middle, between);
        }
        let [(low, falling), (high, rising)] = ends;
        // Where the ground on both sides would meet, if each went on as it comes.
        let rise = tip(high)?[2] - tip(low)?[2];
        let met = (rise + falling * low - rising * high) / (falling - rising);
        let at = if rising > falling { met.clamp(low, high) } else { f64::midpoint(low, high) };
        let [a, b] = beside.map(|(along, _)| tip(along));
        self.touching_twice(tip(at)?, [a?, b?], last)
    }

    /// A crease with two places beside it.
    fn touching_twice(&self, tip: Tip, beside: [Tip; 2], last: &LastContact) -> Option<Crease> {
        let normal = |tip: Tip| {
            let center = Point3::new(tip[0], tip[1], tip[2] + self.radius);
            Some((center - Point3::from(self.ground.contact(tip, last)?)) / self.radius)
        };
        let up: Vector3 = (normal(beside[0])? + normal(beside[1])?).try_normalize(0.0)?;
        let center = Point3::new(tip[0], tip[1], tip[2] + self.radius);
        Some(Crease { tip, lowest: (center - up * self.radius).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_walked_from_their_ends_and_rings_are_closed() {
        let beside = |joints: &[[usize; 2]], count: usize| {
            let mut beside = vec![Vec::new(); count];
            for [a, b] in joints {
                beside[*a].push(*b);
                beside[*b].push(*a);
            }
            beside
        };
        assert_eq!(walked(beside(&[[2, 0], [0, 1]], 4)), [[1, 0, 2]]);
        assert_eq!(walked(beside(&[[0, 1], [1, 2], [2, 0]], 3)), [[0, 2, 1, 0]]);
        let branch = walked(beside(&[[0, 1], [1, 2], [1, 3]], 4));
        assert_eq!(branch.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
    }
}
