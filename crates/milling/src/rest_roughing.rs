//! Rest roughing: the finishing tool takes what a wider tool could not reach, and nothing else.
//!
//! What that has left is known from the simulated stock, ridges between its passes and levels included. At each level the
//! tool stands as in [`crate::roughing`], at the level's height or on the allowance surface, and a stretch of a pass is
//! cut where it takes more than ordinary roughing leaves:
//!
//! ```text
//!   bite(a) = max over p under the tool of  stock(p) − (tip(a) + h(|p − a|))     a  axis, h  its lower side
//!   bite(a) > ridge of passes                                                    on the passes
//!   bite(a) > depth of a level                                                   halfway between them
//! ```
//!
//! So the finishing pass meets the allowance, the ridges of roughing, and never more than a level's depth on top. Between
//! stretches the tool goes over the stock as it stands.

use crate::ground::Ground;
use crate::linking::{Chain, nearest};
use crate::over_stock::OverStock;
use crate::path::{Tip, ToolPath, simplified};
use crate::raster::{Pass, Sampling, Stretch, chains, link_inside, straight_passes, stretches};
use crate::roughing::{LONGEST_LINK_STEPS, enterable, rough_sampling, with_crossings};
use crate::stock::Stock;
use crate::{Cutter, MillOrder};

/// Stretches begin this much before they are needed and end after it, mm.
const MARGIN_MM: f64 = 1.5;
/// Gaps as short as this are cut too, mm: that takes less time than a way around.
const BRIDGED_MM: f64 = 12.0;

/// How much the tool may leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// On its passes, mm along z over the allowance.
    on_passes: f64,
    /// Between them, mm.
    between: f64,
    /// How much nearer to the part than in roughing its passes end, mm.
    inset: f64,
}

impl Rest {
    /// What roughing leaves on level ground after the tool of the order `rough`, or would with the tool of `order`: ridges
    /// between passes. Finishing takes those at any rate.
    pub(crate) fn after(rough: &MillOrder, order: &MillOrder) -> Self {
        let ridge = |order: &MillOrder| {
            let half = order.cutting.roughing_step_over_mm / 2.0;
            Cutter::of(&order.tool).height(half).unwrap_or(0.0)
        };
        let on_passes = ridge(rough).max(ridge(order)) + order.cutting.tolerance_mm;
        Self { on_passes, between: on_passes.max(order.cutting.roughing_step_down_mm), inset: 0.0 }
    }

    /// What parallel roughing with the order's tool leaves anywhere: the depth of a level; `inset` mm within the border.
    pub(crate) fn of_level(order: &MillOrder, inset: f64) -> Self {
        let Self { between, .. } = Self::after(order, order);
        Self { on_passes: between, between, inset }
    }
}

/// The way over what `stock` has more than roughing leaves; `ground` leaves the allowance on the part.
pub(crate) fn rest_roughing(
    ground: &Ground<'_>,
    order: &MillOrder,
    stock: Stock,
    rest: Rest,
) -> ToolPath {
    let sampling = rough_sampling(order);
    let sampling = Sampling { reach: sampling.reach - rest.inset, ..sampling };
    let passes = straight_passes(ground.area(sampling.reach), sampling.step_over);
    let halfway: Vec<Pass> = passes
        .windows(2)
        .map(|pair| {
            let middle = |end: usize| {
                let [a, b] = [pair[0].places[end], pair[1].places[end]];
                [f64::midpoint(a[0], b[0]), a[1]]
            };
            Pass { number: pair[0].number, places: vec![middle(0), middle(1)] }
        })
        .collect();
    let rounds = [(passes, rest.on_passes), (halfway, rest.between)]
        .map(|(passes, most)| (stretches(ground, &passes, sampling), most));
    let heights = rounds[0].0.iter().flat_map(|stretch| stretch.tips.iter().map(|tip| tip[2]));
    let lowest = heights.fold(0.0, f64::min);
    let over = OverStock::new(order, stock);
    let mut level = Level { ground, sampling, over };
    let mut above = 0.0;
    while above > lowest {
        let height = above - order.cutting.roughing_step_down_mm;
        for (stretches, most) in &rounds {
            level.cut(stretches, [above, height], *most);
        }
        above = height;
    }
    level.over.into_parts().0
}

/// The work at one level after the other.
struct Level<'a> {
    ground: &'a Ground<'a>,
    sampling: Sampling,
    /// Its stock is as it stood before the stretches that are being cut.
    over: OverStock<'a>,
}

impl Level<'_> {
    /// Cuts the parts of stretches where the tool takes more than `most` mm, and takes that off the stock.
    fn cut(&mut self, stretches: &[Stretch], heights: [f64; 2], most: f64) {
        let found = stretches.iter().flat_map(|stretch| self.needed(stretch, heights, most));
        let mut waiting: Vec<Chain> = chains(found.collect());
        while let Some(chain) = nearest(&mut waiting, self.over.at()) {
            self.chain(&chain);
        }
        self.over.take_off();
    }

    /// Where a stretch takes more than `most` mm at a level, grown at both ends and joined over short gaps.
    fn needed(&self, stretch: &Stretch, heights: [f64; 2], most: f64) -> Vec<Stretch> {
        let tips: Vec<Tip> = with_crossings(&stretch.tips, heights)
            .into_iter()
            .map(|[x, y, z]| [x, y, z.max(heights[1])])
            .collect();
        let mut spans: Vec<[f64; 2]> = Vec::new();
        for [x, y, z] in &tips {
            if self.over.clear_tip([*x, *y]) - z <= most {
                continue;
            }
            match spans.last_mut().filter(|span| span[1] + BRIDGED_MM >= *y - MARGIN_MM) {
                Some(span) => span[1] = y + MARGIN_MM,
                None => spans.push([y - MARGIN_MM, y + MARGIN_MM]),
            }
        }
        let within = |[low, high]: [f64; 2]| -> Vec<Tip> {
            tips.iter().filter(|tip| (low..=high).contains(&tip[1])).copied().collect()
        };
        spans
            .into_iter()
            .map(|span| simplified(&within(span), self.sampling.tolerance))
            .filter(|tips| tips.len() > 1)
            .map(|tips| Stretch { pass: stretch.pass, tips })
            .collect()
    }

    fn chain(&mut self, chain: &[Vec<Tip>]) {
        let longest = LONGEST_LINK_STEPS * self.sampling.step_over;
        let can_plunge = self.over.cutter().can_plunge();
        for (index, tips) in chain.iter().enumerate() {
            let mut tips = &tips[..];
            let beside = self.over.at().filter(|_| index > 0);
            let link = beside
                .and_then(|from| link_inside(self.ground, from, tips, longest, self.sampling));
            let is_there = link
                .is_some_and(|link| self.over.along(&simplified(&link, self.sampling.tolerance)));
            if !is_there {
                tips = enterable(tips, can_plunge);
                if tips.is_empty() {
                    continue;
                }
                self.over.come_down(tips);
            }
            self.over.along(tips);
        }
    }
}

#[cfg(test)]
mod tests {
    use gcode::mill::Dialect as Family;
    use geometry::{Point2, TriMesh};
    use vocabulary::Findings;

    use crate::sample_parts::{bowl, drill, order, part, plate, router, shell};
    use crate::{
        Inspection, MillError, MillJob, MillOrder, Model, OperationKind, Placement, Rougher, Tool,
        ToolShape, inspect_on, plan, setup,
    };

    /// The order of a 6 mm ball with a roughing tool of 12 mm.
    fn with_rougher(shape: ToolShape, family: Family) -> MillOrder {
        let alone = MillOrder { machine: router(family), ..order() };
        let name = "Wide tool".to_owned();
        let tool = Tool { number: 3, name, shape, diameter_mm: 12.0, ..alone.tool.clone() };
        let cutting = crate::Cutting { roughing_step_over_mm: 4.8, ..alone.cutting.clone() };
        MillOrder { rougher: Some(Rougher { tool, cutting }), ..alone }
    }

    fn times(job: &MillJob, kind: OperationKind) -> f64 {
        let all = job.operations.iter().filter(|operation| operation.kind == kind);
        all.map(|operation| operation.time_s).sum()
    }

    /// A level plate in which a groove runs that is narrower than the wide tool.
    fn grooved() -> TriMesh {
        part([20.0, 35.0], |p: Point2| 4.0 - 6.0 * (-(p.x / 7.0).powi(2)).exp())
    }

    /// What the last program of a plan bites, from its finishing on, mm.
    fn finishing_bite(part: &TriMesh, order: &MillOrder) -> f64 {
        let made = plan(part, order, &mut Findings::new()).unwrap();
        let [.., job] = &made[..] else { panic!("no program") };
        let (head, finishing) = job.program.split_once("(Finishing)").unwrap();
        let placement = Placement::new(part, &order.blank).unwrap();
        let model = Model::new(part.translated(placement.offset()));
        let setup = setup(order, &placement);
        let checked = |program: &str, before: Option<&Inspection>| {
            let stock = before.and_then(|found| found.remains.as_ref());
            inspect_on(program, &setup, Some(&model), stock.map(|remains| &remains.stock))
        };
        let first = (made.len() > 1).then(|| checked(&made[0].program, None));
        let rough = checked(&format!("{head}G0 Z8.000\nM5\nM30\n"), first.as_ref());
        let start = head.split("(Roughing)").next().unwrap();
        let start = start.split("(Rest roughing)").next().unwrap();
        checked(&format!("{start}{finishing}"), Some(&rough)).deepest_bite.depth_mm
    }

    #[test]
    fn only_what_the_wide_tool_cannot_reach_is_roughed_again() {
        for family in [Family::LinuxCnc, Family::Grbl] {
            let ordered = with_rougher(ToolShape::Ball, family);
            let jobs = plan(&grooved(), &ordered, &mut Findings::new()).unwrap();
            let kinds: Vec<(String, Vec<OperationKind>)> = jobs
                .iter()
                .map(|job| (job.suffix(), job.operations.iter().map(|found| found.kind).collect()))
                .collect();
            let [rough, rest, finish] =
                [OperationKind::Roughing, OperationKind::RestRoughing, OperationKind::Finishing];
            let expected = match family {
                Family::Grbl => {
                    vec![("roughing".to_owned(), vec![rough]), (String::new(), vec![rest, finish])]
                }
                _ => vec![(String::new(), vec![rough, rest, finish])],
            };
            assert_eq!(kinds, expected);
            let job = jobs.last().unwrap();
            let found = &job.verification;
            assert!(found.gouge_mm.unwrap() < 0.012 && found.left_mm.unwrap() < 0.03, "{found:?}");
            assert!(is_rest_beside(job, |across| across < 10.0));
        }
        let ordered = with_rougher(ToolShape::Ball, Family::LinuxCnc);
        let level = plan(&plate(), &ordered, &mut Findings::new()).unwrap();
        assert!(is_rest_beside(&level[0], |_| false));
    }

    /// Whether rest roughing stays in a groove, given by the distance from the part's middle, and beside the rim.
    fn is_rest_beside(job: &MillJob, is_groove: impl Fn(f64) -> bool) -> bool {
        let [x, y, _] = job.placement.blank_from_part;
        let all = job.preview.iter().filter(|line| line.operation == OperationKind::RestRoughing);
        all.flat_map(|line| &line.points).all(|[at, along, _]| {
            let across = (at - x).abs();
            is_groove(across) || (across / 20.0).hypot((along - y) / 35.0) > 0.8
        })
    }

    #[test]
    fn finishing_meets_no_more_than_after_roughing_with_its_own_tool() {
        let cases = [
            (ToolShape::Flat, grooved()),
            (ToolShape::Ball, bowl()),
            (ToolShape::BullNose { corner_mm: 3.0 }, grooved()),
        ];
        for (shape, part) in cases {
            let ordered = with_rougher(shape, Family::Grbl);
            let alone = MillOrder { rougher: None, ..ordered.clone() };
            let [with, without] = [&ordered, &alone].map(|order| finishing_bite(&part, order));
            assert!(with < 1.1 * without, "{shape:?}: {with} {without}");
        }
    }

    #[test]
    fn a_wide_tool_saves_time_and_a_loss_is_said() {
        let ordered = with_rougher(ToolShape::Ball, Family::LinuxCnc);
        let mut findings = Findings::new();
        let jobs = plan(&shell(), &ordered, &mut findings).unwrap();
        let alone = jobs[0].rough_alone_s.unwrap();
        let both =
            times(&jobs[0], OperationKind::Roughing) + times(&jobs[0], OperationKind::RestRoughing);
        assert!(both < 0.8 * alone, "{both} {alone}");
        assert!(findings.has("rougher") && !findings.has("rougher-slower"));
        let mut slow = ordered;
        slow.rougher.as_mut().unwrap().cutting.feed_mm_per_min = 800.0;
        let mut findings = Findings::new();
        plan(&bowl(), &slow, &mut findings).unwrap();
        assert!(findings.has("rougher-slower"));
    }

    #[test]
    fn each_tool_runs_at_its_own_feed() {
        let mut ordered = with_rougher(ToolShape::Ball, Family::LinuxCnc);
        let rougher = ordered.rougher.as_mut().unwrap();
        rougher.cutting.feed_mm_per_min = 3100.0;
        rougher.tool.highest_rpm = Some(9000.0);
        let jobs = plan(&grooved(), &ordered, &mut Findings::new()).unwrap();
        let (rough, later) = jobs[0].program.split_once("(Rest roughing)").unwrap();
        assert!(rough.contains("F3100") && rough.contains("S9000") && !rough.contains("F2400"));
        assert!(later.contains("F2400") && !later.contains("F3100"));
    }

    #[test]
    fn tools_that_cannot_rough_are_refused() {
        let ordered = with_rougher(ToolShape::Ball, Family::Grbl);
        let refused = |change: fn(&mut Rougher)| {
            let mut spoiled = ordered.clone();
            change(spoiled.rougher.as_mut().unwrap());
            plan(&bowl(), &spoiled, &mut Findings::new()).unwrap_err()
        };
        let error = refused(|rougher| rougher.tool.number = 1);
        assert!(matches!(error, MillError::SameNumber { number: 1, .. }), "{error}");
        let error = refused(|rougher| rougher.tool = drill()).to_string();
        assert!(error.starts_with("roughing with Drill 6 mm: "), "{error}");
        let error = refused(|rougher| rougher.cutting.roughing_step_over_mm = 14.0).to_string();
        assert!(error.contains("Wide tool") && error.contains("expected 0.1 to 12"), "{error}");
    }
}
