//! Roughing with constant engagement: level by level, no more of the tool's rim in material than its step-over asks for.
//!
//! Parallel passes ([`crate::roughing`]) begin every level with a slot, in which half of the rim cuts and chips have no way
//! out: that is what melts plastics and breaks tools. Here each level is cleared from within along passes of constant
//! engagement ([`crate::clearing`]); over slopes the tip follows the allowance surface, as in parallel roughing. What stands
//! between passes that turn, and on the border of the level, is left to [`crate::rest_roughing`].

use geometry::{Point2, Rect};
use rayon::prelude::*;

use crate::cleared::{Cleared, engagement_of};
use crate::clearing::{Hand, Level, Pass, Start, passes};
use crate::ground::Ground;
use crate::outline::Borders;
use crate::over_stock::OverStock;
use crate::path::{Tip, ToolPath, simplified};
use crate::raster::{Sampling, sample_way};
use crate::roughing::{LEAST_DEPTH_MM, RAMP_SLOPE, enterable, rough_sampling, with_crossings};
use crate::stock::{Block, STOCK_SPACING_MM, Stock};
use crate::tip_grid::TipGrid;
use crate::triangle_cutter::LastContact;
use crate::{Cutter, MillOrder};

/// Distance of the nodes from which the borders of levels are known, mm.
const NODE_MM: f64 = 0.5;
/// The part seen from above is known to as much, mm: passes end before the border by that, and one along it goes farthest out.
const SEEN_MM: f64 = 0.2;
/// Each level ends this much nearer to the part than the one above, mm, so that it never meets what arcs and chords along
/// the border of that have left: slivers as high as the block.
const DRAFT_MM: f64 = 0.06;
/// All levels together no more than this share of a step-over.
const DRAFT_SHARE: f64 = 0.5;
/// What narrows a level at its border in all is less than this share of a step-over; beyond it slivers may stand.
pub(crate) const NARROWED_SHARE: f64 = 0.6;
/// Chords of a helix are about this long, mm.
const HELIX_CHORD_MM: f64 = 0.5;
/// The step-over is taken for no more than this share of the tool's width.
const WIDEST_SHARE: f64 = 0.95;

/// The roughing path around and over a part with the order's tool in a blank of a size, and the material that it leaves;
/// `ground` leaves the allowance on the part.
pub(crate) fn constant_engagement(
    ground: &Ground<'_>,
    order: &MillOrder,
    borders: &Borders,
    (blank_mm, hand): ([f64; 3], Hand),
) -> (ToolPath, Stock) {
    let reach = rough_sampling(order).reach;
    // The border runs between nodes that are known.
    let sampling = Sampling { reach: reach + 2.0 * NODE_MM, ..rough_sampling(order) };
    let cutter = Cutter::of(&order.tool);
    let depth = order.cutting.roughing_step_down_mm;
    let tips = TipGrid::new(ground, sampling, [NODE_MM; 2]);
    let outside = TipGrid::outside(ground, sampling.reach, [NODE_MM; 2]);
    let lowest = tips.lowest().min(0.0);
    let levels = (-lowest / depth - LEAST_DEPTH_MM).ceil().max(0.0) as usize;
    let radius = cutter.width_at(depth);
    let width = sampling.step_over.min(2.0 * WIDEST_SHARE * radius);
    let engaged = engagement_of(width, radius);
    let draft = DRAFT_MM.min(DRAFT_SHARE * sampling.step_over / levels.max(1) as f64);
    let block = Rect { low: Point2::origin(), high: Point2::new(blank_mm[0], blank_mm[1]) };
    let area = ground.area(reach);
    let cut: Vec<Vec<(Pass, Vec<Tip>)>> = (0..levels)
        .into_par_iter()
        .map(|number| {
            let above = -depth * number as f64;
            let reach = reach - draft * number as f64;
            let borders = borders.ways_around(reach, hand == Hand::Left);
            let level = Level {
                tips: &tips,
                outside: &outside,
                reach: reach - SEEN_MM,
                above,
                height: above - depth,
                hand,
            };
            let untouched = Cleared::untouched(area, block, radius);
            let lift = Lift { ground, sampling, level: level.height };
            passes(level, &borders, untouched, (radius, engaged), cutter.can_plunge())
                .into_iter()
                .map(|pass| {
                    let tips = lift.tips(&pass.places);
                    (pass, tips)
                })
                .collect()
        })
        .collect();
    let stock = Stock::new(&Block::at_corner(blank_mm), STOCK_SPACING_MM);
    let mut over = OverStock::new(order, stock);
    for (pass, tips) in cut.iter().flatten() {
        // A helix has been given the room that it needs.
        let tips = match pass.start {
            Start::Helix { .. } => tips,
            Start::Beside | Start::Border => enterable(tips, cutter.can_plunge()),
        };
        let Some(&start) = tips.first() else { continue };
        match pass.start {
            Start::Helix { center, radius } => over.wind_down(start, |height| {
                helix((ground, sampling.reach), hand, (center, radius), [height, start[2]])
            }),
            Start::Beside => over.come_back(tips),
            Start::Border => over.come_down(tips),
        }
        over.along(tips);
        over.take_off();
    }
    over.into_parts()
}

/// Puts the passes of a level at their heights.
struct Lift<'a> {
    ground: &'a Ground<'a>,
    sampling: Sampling,
    level: f64,
}

impl Lift<'_> {
    /// Tips over places: at the level or on the allowance surface.
    fn tips(&self, places: &[[f64; 2]]) -> Vec<Tip> {
        let tolerance = self.sampling.tolerance;
        let flat: Vec<Tip> = places.iter().map(|&[x, y]| [x, y, 0.0]).collect();
        let kept: Vec<[f64; 2]> =
            simplified(&flat, tolerance).iter().map(|&[x, y, _]| [x, y]).collect();
        let mut tips = Vec::new();
        for way in sample_way(self.ground, &kept, self.sampling) {
            let crossed = with_crossings(&way, [self.level; 2]);
            tips.extend(crossed.into_iter().map(|[x, y, z]| [x, y, z.max(self.level)]));
        }
        simplified(&tips, tolerance)
    }
}

/// Down around a center as low as `to` mm and never below the ground; nothing where the helix has no width.
fn helix(
    (ground, reach): (&Ground<'_>, f64),
    hand: Hand,
    ([x, y], radius): ([f64; 2], f64),
    [from, to]: [f64; 2],
) -> Vec<Tip> {
    let around = std::f64::consts::TAU * radius;
    if around < HELIX_CHORD_MM {
        return Vec::new();
    }
    let turns = ((from - to) / (RAMP_SLOPE * around)).ceil().max(1.0);
    let chords = (around / HELIX_CHORD_MM).ceil();
    let last = LastContact::default();
    (1..=(turns * chords) as usize)
        .map(|chord| {
            let share = chord as f64 / (turns * chords);
            let (sin, cos) = hand.away(std::f64::consts::TAU * turns * share).sin_cos();
            let place = [x + radius * cos, y + radius * sin];
            let ground = ground.tip(place[0], place[1], reach, &last);
            let height = from + share * (to - from);
            [place[0], place[1], height.max(ground.unwrap_or(height))]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use gcode::mill::Dialect as Family;
    use geometry::{Point3, TriMesh};
    use vocabulary::Findings;

    use super::*;
    use crate::ToolShape::{BullNose, Flat};
    use crate::path::distance_to_chord;
    use crate::sample_parts::{bowl, dome, order, plate, router, shell};
    use crate::{Blank, MillJob, OperationKind, Rougher, Roughing, Tool, plan};

    fn ordered(roughing: Roughing) -> MillOrder {
        MillOrder { roughing, ..order() }
    }

    fn made(part: &TriMesh, order: &MillOrder) -> MillJob {
        plan(part, order, &mut Findings::new()).unwrap().remove(0)
    }

    /// A move of a program: from where to where, and its feed.
    fn moves(program: &str) -> Vec<([Tip; 2], f64)> {
        let (mut at, mut feed) = ([0.0; 3], 0.0);
        let mut moves = Vec::new();
        for line in program.lines() {
            let mut to = at;
            for (axis, letter) in ['X', 'Y', 'Z', 'F'].into_iter().enumerate() {
                let Some((_, rest)) = line.split_once(letter) else { continue };
                let end = rest.find(|c: char| c.is_ascii_uppercase()).unwrap_or(rest.len());
                let Ok(value) = rest[..end].parse::<f64>() else { continue };
                *to.get_mut(axis).unwrap_or(&mut feed) = value;
            }
            moves.push(([at, to], feed));
            at = to;
        }
        moves
    }

    /// Moves of the first level in the order of cutting, seen from above, each with the radius that the tool cuts at the top
    /// of the block.
    type Level = Vec<([Tip; 2], f64)>;

    /// Engagement in degrees at the top of the block along all cutting moves at the first level of a program's roughing: by
    /// the distances of places of the rim from all moves before, without a grid.
    fn engagements(job: &MillJob, order: &MillOrder) -> Vec<f64> {
        let roughing = job.program.split("(Roughing)").nth(1).unwrap();
        let roughing = roughing.split('(').next().unwrap();
        let (cutter, level) = (Cutter::of(&order.tool), -order.cutting.roughing_step_down_mm);
        let mut before = Level::new();
        let mut found = Vec::new();
        for ([from, to], feed) in moves(roughing) {
            let (low, high) = (from[2].min(to[2]), from[2].max(to[2]));
            if low < level - 1e-6 {
                break;
            }
            if high >= 0.0 {
                continue;
            }
            let flat = [from, to].map(|[x, y, _]| [x, y, 0.0]);
            if feed >= order.cutting.feed_mm_per_min && high <= level + 1e-6 {
                found.extend(along(flat, &before, cutter.radius()));
            }
            before.push((flat, cutter.width_at(-high)));
        }
        found.sort_by(f64::total_cmp);
        found
    }

    fn along([from, to]: [Tip; 2], before: &Level, radius: f64) -> Vec<f64> {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let steps = (dx.hypot(dy) / 0.5).ceil() as usize;
        (1..=steps)
            .map(|step| {
                let share = step as f64 / steps as f64;
                let here = [from[0] + share * dx, from[1] + share * dy, 0.0];
                let away = |chord: &[Tip; 2], place| distance_to_chord(chord[0], chord[1], place);
                let near = before.iter().filter(|(chord, _)| away(chord, here) < 2.1 * radius);
                let near: Level = near.copied().collect();
                let is_uncut = |degrees: &i32| {
                    let (sin, cos) = (dy.atan2(dx) + f64::from(*degrees).to_radians()).sin_cos();
                    let rim = radius + 0.02;
                    let place = [here[0] + rim * cos, here[1] + rim * sin, 0.0];
                    let is_cut =
                        |(chord, wide): &([Tip; 2], f64)| away(chord, place) <= wide + 0.01;
                    away(&[from, here], place) > radius + 0.01 && !near.iter().any(is_cut)
                };
                (-90..90).filter(is_uncut).count() as f64
            })
            .collect()
    }

    #[test]
    fn engagement_is_that_of_the_step_over_wherever_the_tool_goes() {
        let ordered_engagement = engagement_of(2.4, 3.0).to_degrees();
        let ordered = ordered(Roughing::ConstantEngagement);
        let found = engagements(&made(&shell(), &ordered), &ordered);
        let at = |share: f64| found[(share * (found.len() - 1) as f64) as usize];
        assert!((at(0.5) - ordered_engagement).abs() < 3.0, "{}", at(0.5));
        // On slopes the tool has cut less wide than it thinks.
        assert!(at(0.99) < ordered_engagement + 6.0 && at(1.0) < 110.0, "{} {}", at(0.99), at(1.0));
        let parallel = tests::ordered(Roughing::Parallel);
        let slotted = engagements(&made(&shell(), &parallel), &parallel);
        assert!(slotted[slotted.len() - 1] > 170.0);
    }

    #[test]
    fn no_level_leaves_more_to_the_next_than_parallel_passes_may() {
        let parts = [("plate", plate()), ("dome", dome()), ("bowl", bowl()), ("shell", shell())];
        for (name, part) in parts {
            // Arcs for one, lines for the others.
            let family = if name == "shell" { Family::LinuxCnc } else { Family::Grbl };
            let machine = router(family);
            let job = made(&part, &MillOrder { machine, ..ordered(Roughing::ConstantEngagement) });
            let found = &job.verification;
            // Beside a wall of 62° the outermost pass of the level above may have left half a level more.
            assert!(found.deepest_bite.depth_mm < 1.5 * 3.0, "{name} {:?}", found.deepest_bite);
            assert!(found.gouge_mm.unwrap() < 0.012 && found.left_mm.unwrap() < 0.06, "{name}");
        }
    }

    /// Seen along the passes of the first level, the block lies on the right, and on a wide blank, whose passes are planned
    /// with x and y exchanged, as well.
    #[test]
    fn tools_climb() {
        let part = bowl();
        let turned = part.map_vertices(|point| Point3::new(-point.y, point.x, point.z));
        let two = |part: &TriMesh, apart: f64| {
            let other = part.translated(geometry::Vector3::new(apart, 0.0, 0.0));
            let base = part.vertices.len() as u32;
            TriMesh {
                vertices: part.vertices.iter().chain(&other.vertices).copied().collect(),
                triangles: part
                    .triangles
                    .iter()
                    .copied()
                    .chain(
                        other.triangles.iter().map(|corners| corners.map(|corner| corner + base)),
                    )
                    .collect(),
            }
        };
        for part in [part, two(&turned, 60.0)] {
            let ordered = ordered(Roughing::ConstantEngagement);
            let job = made(&part, &ordered);
            let roughing = job.program.split("(Roughing)").nth(1).unwrap();
            let deep = moves(roughing.split('(').next().unwrap());
            let cuts = deep
                .iter()
                .filter(|([from, to], feed)| *feed == 2400.0 && from[2] == -3.0 && to[2] == -3.0);
            // Twice the area that the way sweeps around the middle of its part: counter-clockwise from within outward.
            let around = |[from, to]: &[Tip; 2]| {
                let [x, y, _] = job.placement.blank_from_part;
                let middle = if from[0] > x + 30.0 { [x + 60.0, y] } else { [x, y] };
                (from[0] - middle[0]) * (to[1] - middle[1])
                    - (from[1] - middle[1]) * (to[0] - middle[0])
            };
            let (ahead, back) = cuts
                .map(|(chord, _)| around(chord))
                .fold((0.0, 0.0), |(ahead, back), area: f64| {
                    (ahead + area.max(0.0), back - area.min(0.0))
                });
            assert!(ahead > 5.0 * back && ahead > 0.0, "{ahead} {back}");
        }
    }

    #[test]
    fn a_tight_blank_is_entered_from_its_side() {
        let blank = Blank { margin_mm: 0.5, ..order().blank };
        let order = MillOrder { blank, ..ordered(Roughing::ConstantEngagement) };
        let job = made(&plate(), &order);
        assert!(
            job.verification.deepest_bite.depth_mm < 4.5,
            "{:?}",
            job.verification.deepest_bite
        );
    }

    #[test]
    fn tools_without_edges_in_their_middle_enter_on_helices() {
        for shape in [Flat, BullNose { corner_mm: 3.0 }] {
            let alone = ordered(Roughing::ConstantEngagement);
            let tool = Tool { number: 3, shape, diameter_mm: 12.0, ..alone.tool.clone() };
            let cutting = crate::Cutting { roughing_step_over_mm: 4.8, ..alone.cutting.clone() };
            let order = MillOrder { rougher: Some(Rougher { tool, cutting }), ..alone };
            let jobs = plan(&bowl(), &order, &mut Findings::new()).unwrap();
            assert_eq!(jobs[0].only, Some(OperationKind::Roughing));
        }
    }
}
