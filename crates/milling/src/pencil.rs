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
//! Creases are found and followed by [`crate::creases`]. A line is cut only where the lower side of the ball on it stays
//! farther than a scallop from the ball on every pass. What a smaller ball could take out of the valley is left to that.

use rayon::prelude::*;

use crate::creases::{Crease, Creases};
use crate::finishing::{SCALLOP_SHARE, finish_sampling, level_scallop};
use crate::ground::Ground;
use crate::linking::{Chain, Cut, Entry, nearest};
use crate::path::ToolPath;
use crate::raster::sample_way;
use crate::rim_passes::{Chords, Look, between, spans};
use crate::{Cutter, MillOrder};

/// A line on which the ball stays nearer to that of the passes than this share of what is allowed is not followed.
const FOLLOWED_SHARE: f64 = 0.5;

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
    let is_missed = |cut: &Chords, crease: &Crease, most: f64| {
        // From the lowest place of the ball to the ball's centers, which lie over the tips.
        let [x, y, z] = crease.lowest;
        !cut.comes_within(&crease.tip, [x, y, z - cutter.radius()], cutter.radius() + most)
    };
    let lines: Vec<Vec<Crease>> = creases
        .lines()
        .into_par_iter()
        .filter(|line| line.iter().any(|crease| is_missed(&cut, crease, FOLLOWED_SHARE * most)))
        .map(|line| creases.followed(&line))
        .collect();
    let mut waiting: Vec<Chain> = Vec::new();
    for line in lines {
        let places: Vec<[f64; 2]> =
            line.iter().map(|crease| [crease.tip[0], crease.tip[1]]).collect();
        let missed: Vec<Look> = line
            .iter()
            .zip(ways(&places))
            .filter(|(crease, _)| is_missed(&cut, crease, most))
            .map(|(crease, along)| Look { along, tip: crease.tip })
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

/// The way along a line up to each of its places, mm.
fn ways(places: &[[f64; 2]]) -> Vec<f64> {
    let mut along = 0.0;
    let mut before = places.first();
    let way = |place| {
        let [x, y] = before
            .replace(place)
            .map_or([0.0; 2], |from: &[f64; 2]| [place[0] - from[0], place[1] - from[1]]);
        along += x.hypot(y);
        along
    };
    places.iter().map(way).collect()
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
    fn lines_run_in_the_bottom_of_a_valley_from_end_to_end() {
        let (order, part) = (wide(), valley());
        let view = PlanView::new(&part, 10.0, 0.2);
        let limits = Limits { skirt: f64::INFINITY, floor: -50.0 };
        let ground = Ground::new(&part, &view, &order.tool, 0.0, limits);
        let creases = Creases::of(&ground, finish_sampling(&order), order.tool.radius_mm());
        let mut ends = [0.0_f64; 2];
        for line in creases.lines() {
            let line = creases.followed(&line);
            for crease in &line {
                let [x, y, z] = crease.tip;
                let (across, along) = (0.8 * x + 0.6 * y, 0.8 * y - 0.6 * x);
                ends = [ends[0].min(along), ends[1].max(along)];
                // Where the ball touches the rim with its upright side slopes are steep, and known a little less well.
                let close = if along.abs() < 20.0 { 1e-9 } else { 1e-4 };
                assert!(across.abs() < close, "{across} at {along}");
                // The ball touches both planes, which rise by 1/2.
                let expected = 3.0 * (1.25_f64.sqrt() - 1.0);
                assert!(along.abs() > 19.9 || (z - expected).abs() < 1e-9, "{z} at {along}");
            }
            for pair in line.windows(2) {
                let apart =
                    (pair[1].tip[0] - pair[0].tip[0]).hypot(pair[1].tip[1] - pair[0].tip[1]);
                assert!(apart < 0.3, "{apart}");
            }
        }
        // Over both rims, until the ball has rolled over them.
        assert!(ends[0] < -22.9 && ends[1] > 22.9, "{ends:?}");
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
}
