//! Pencil passes: along valleys in which the finishing ball touches the part at two places at once.
//!
//! Parallel passes that cross such a valley, or run beside it, turn back at its flanks and leave a cusp over its bottom.
//! Seen as a surface, the tips of the ball have a crease there: its slope jumps by Δ. Passes s apart then leave
//!
//! ```text
//!   s² / 8R + Δ s / 4        at most: the scallop of level ground, and as much again from Δ = s / 2R on
//! ```
//!
//! Narrow hollows, in which the slope turns by as much within a fraction of s, leave nearly the same and count as valleys.
//! Creases are looked for between the nodes of a grid, by halving what lies between two of them, and joined to lines. A
//! line is cut only where the lower side of the ball on it stays farther than a scallop from the ball on every pass. What a
//! smaller ball could take out of the valley is left to that.

use std::collections::BTreeMap;

use geometry::{Point3, Vector3};
use rayon::prelude::*;

use crate::finishing::{SCALLOP_SHARE, finish_sampling, level_scallop};
use crate::ground::Ground;
use crate::linking::{Chain, Cut, Entry, nearest};
use crate::path::{Tip, ToolPath};
use crate::raster::{Sampling, sample_way};
use crate::rim_passes::{Chords, Look, between, spans};
use crate::tip_grid::TipGrid;
use crate::triangle_cutter::LastContact;
use crate::{Cutter, MillOrder};

/// Distance of the nodes between which creases are looked for, mm, about: valleys are longer. No simple share of a usual
/// step-over, so that creases are not only found where passes cross them.
const GRID_MM: f64 = 0.8;
/// The slope must turn within this share of a step-over.
const TURNING_SHARE: f64 = 0.25;
/// A crease is known to this, mm.
const FOUND_MM: f64 = 0.02;
/// Distance over which a slope is taken, mm.
const BESIDE_MM: f64 = 0.002;

/// The way along the valleys of a part that `finished` leaves too much in; nothing for tools that are no balls.
pub(crate) fn pencil(ground: &Ground<'_>, order: &MillOrder, finished: &ToolPath) -> ToolPath {
    let tool = &order.tool;
    let (cutter, sampling) = (Cutter::of(tool), finish_sampling(order));
    if !cutter.is_ball() {
        return ToolPath::default();
    }
    let creases = Creases::of(ground, sampling, cutter.radius());
    let mut cut = Chords::near(creases.found.iter().map(|crease| &crease.tip));
    for chord in finished.chords(order.machine.safe_height_mm) {
        cut.add([chord.from, chord.to]);
    }
    let most = SCALLOP_SHARE * level_scallop(cutter.radius(), sampling.step_over);
    let mut waiting: Vec<Chain> = Vec::new();
    for line in creases.lines() {
        let places: Vec<[f64; 2]> =
            line.iter().map(|crease| [crease.tip[0], crease.tip[1]]).collect();
        let mut along = 0.0;
        let mut before = places[0];
        let looks = line.iter().map(|crease| {
            let [x, y, _] = crease.tip;
            along += (x - before[0]).hypot(y - before[1]);
            before = [x, y];
            Look { along, tip: crease.tip }
        });
        let missed: Vec<Look> = looks
            .zip(&line)
            .filter(|(look, crease)| {
                // From the lowest place of the ball to the ball's centers, which lie over the tips.
                let [x, y, z] = crease.lowest;
                let centers_under = [x, y, z - cutter.radius()];
                !cut.comes_within(&look.tip, centers_under, cutter.radius() + most)
            })
            .map(|(look, _)| look)
            .collect();
        for span in spans(&missed, |_| true) {
            for tips in sample_way(ground, &between(&places, span), sampling) {
                // Beside one line another need not be cut.
                tips.windows(2).for_each(|pair| cut.add([pair[0], pair[1]]));
                if tips.len() > 1 {
                    waiting.push(vec![tips]);
                }
            }
        }
    }
    let mut cut = Cut { ground, tool, order, sampling, path: ToolPath::default(), at: None };
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Finished);
    }
    cut.path
}

/// A place where the ball touches the part twice.
#[derive(Clone, Copy, Debug)]
struct Crease {
    tip: Tip,
    /// The place of the ball's lower side halfway between the two that touch.
    lowest: [f64; 3],
}

/// An edge between two nodes of the grid: column and row of the first, and whether it goes on along y.
type Edge = (usize, usize, bool);

/// Where the tip's surface has creases.
#[derive(Debug)]
struct Creases {
    found: Vec<Crease>,
    /// Creases by the edge of the grid on which they are.
    on: BTreeMap<Edge, usize>,
    columns: usize,
    rows: usize,
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

impl Creases {
    fn of(ground: &Ground<'_>, sampling: Sampling, radius: f64) -> Self {
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
        Self { found: edges.into_iter().map(|(_, crease)| crease).collect(), on, columns, rows }
    }

    /// Creases joined to lines: those on the edges of one cell of the grid belong together.
    fn lines(&self) -> Vec<Vec<Crease>> {
        let mut beside: Vec<Vec<usize>> = vec![Vec::new(); self.found.len()];
        for row in 0..self.rows {
            for column in 0..self.columns {
                let around = [
                    (column, row, false),
                    (column, row, true),
                    (column, row + 1, false),
                    (column + 1, row, true),
                ];
                let here: Vec<usize> =
                    around.iter().filter_map(|edge| self.on.get(edge).copied()).collect();
                for [a, b] in self.joined(here) {
                    beside[a].push(b);
                    beside[b].push(a);
                }
            }
        }
        walked(beside)
            .into_iter()
            .map(|line| line.into_iter().map(|index| self.found[index]).collect())
            .collect()
    }

    /// The shortest joints that hold the creases of a cell together.
    fn joined(&self, mut free: Vec<usize>) -> Vec<[usize; 2]> {
        let apart = |a: usize, b: usize| {
            let [a, b] = [a, b].map(|index| self.found[index].tip);
            (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>()
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
        let (x, y) = (low_x + column as f64 * dx, low_y + row as f64 * dy);
        let place = |along: f64| if is_along_y { (x, y + along) } else { (x + along, y) };
        let tip = |along: f64| {
            let (x, y) = place(along);
            self.ground.tip(x, y, self.reach, last).map(|z| [x, y, z])
        };
        let slope = |along: f64| {
            Some((tip(along + BESIDE_MM)?[2] - tip(along - BESIDE_MM)?[2]) / (2.0 * BESIDE_MM))
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
        let [a, b] = beside.map(|(along, _)| tip(along));
        let found = tip(f64::midpoint(ends[0].0, ends[1].0))?;
        self.touching_twice(found, [a?, b?], last)
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
    use geometry::{Point3, TriMesh};
    use vocabulary::Findings;

    use super::*;
    use crate::finishing::finishing;
    use crate::ground::Limits;
    use crate::plan_view::PlanView;
    use crate::sample_parts::{dome, order, router};
    use crate::{MillJob, Model, OperationKind, inspect, plan, setup};

    /// A block whose top is two planes that meet in a valley of 40 mm, askew to the passes.
    fn valley() -> TriMesh {
        let profile = [[-16.0, 8.0], [0.0, 0.0], [16.0, 8.0], [16.0, -4.0], [-16.0, -4.0]];
        let corner = |[across, z]: [f64; 2], along: f64| {
            Point3::new(0.8 * across - 0.6 * along, 0.6 * across + 0.8 * along, z)
        };
        let vertices =
            [-20.0, 20.0].iter().flat_map(|along| profile.map(|at| corner(at, *along))).collect();
        let mut triangles = vec![[0, 4, 1], [1, 4, 3], [1, 3, 2], [5, 6, 9], [6, 8, 9], [6, 7, 8]];
        for at in 0..5_u32 {
            let next = (at + 1) % 5;
            triangles.extend([[at, next, next + 5], [at, next + 5, at + 5]]);
        }
        TriMesh { vertices, triangles }
    }

    /// Passes so far apart that the scallops between them, 42 µm, are told from what the path's tolerance leaves.
    fn wide() -> MillOrder {
        let mut wide = MillOrder { machine: router(gcode::mill::Dialect::LinuxCnc), ..order() };
        wide.cutting.finishing_step_over_mm = 1.0;
        wide.unreachable_limit_mm = 1.0;
        wide
    }

    fn made(part: &TriMesh) -> MillJob {
        plan(part, &wide(), &mut Findings::new()).unwrap().remove(0)
    }

    #[test]
    fn a_valley_that_passes_leave_too_much_in_is_cut_along() {
        // Passes that lie evenly, without any between them.
        let order = MillOrder { spread: crate::Spread::Even, ..wide() };
        let part = valley();
        let view = PlanView::new(&part, 10.0, 0.2);
        let limits = Limits { skirt: f64::INFINITY, floor: -50.0 };
        let ground = Ground::new(&part, &view, &order.tool, 0.0, limits);
        let path = pencil(&ground, &order, &finishing(&ground, &order, &[]));
        let length: f64 = path
            .chords(8.0)
            .iter()
            .map(|chord| (chord.to[0] - chord.from[0]).hypot(chord.to[1] - chord.from[1]))
            .sum();
        // Along the valley, once.
        assert!((30.0..50.0).contains(&length), "{length}");
    }

    #[test]
    fn little_is_left_in_a_valley() {
        let job = made(&valley());
        let ordered = MillOrder { left_limit_mm: 0.03, ..wide() };
        let model = Model::new(valley().translated(job.placement.offset()));
        let found = inspect(&job.program, &setup(&ordered, &job.placement), Some(&model));
        // Where the tool reaches; evenly spread passes without more leave half as much again.
        let scallop = level_scallop(3.0, 1.0);
        let left = found.interior.unwrap().worst_left_mm;
        assert!(left < 1.2 * scallop, "{left} {scallop}");
        assert!(job.verification.gouge_mm.unwrap() < 0.012);
    }

    #[test]
    fn ground_without_valleys_gets_no_pencil() {
        assert_eq!(made(&dome()).moves_of(OperationKind::Pencil), 0);
    }

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
