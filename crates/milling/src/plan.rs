//! From a part and an order to a proven program.

use geometry::{HeightField, TriMesh};
use rayon::prelude::*;
use serde::Serialize;
use vocabulary::Findings;

use crate::arcs::{Closeness, fitted};
use crate::drilling;
use crate::engraving::Grooves;
use crate::ground::ROLLED_RADII;
use crate::inspection::{Inspection, Setup, inspect_on};
use crate::linking::SIMPLIFYING_SHARE;
use crate::outline::{Borders, Depth, OutlineCut, outline};
use crate::path::{Step, Tip, ToolPath, simplified};
use crate::placement::Placement;
use crate::plan_view::PlanView;
use crate::program::{Operation, written};
use crate::roughing::{TOLERANCE_SHARE, reach};
use crate::stock::Block;
use crate::summary::{OperationSummary, summary};
use crate::surface::{BED_CLEARANCE_MM, SurfacePaths, plan_view, surface_paths};
use crate::waterline::report_walls;
use crate::{
    Cutter, Fixture, Machine, MillError, MillOrder, Model, Roughing, Separation, Tool, ToolChange,
};

/// Preview lines stay this close to the path, mm.
const PREVIEW_TOLERANCE_MM: f64 = 0.2;
/// One operation of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Drills holes for dowels.
    Holes,
    /// Takes most of the material away, level by level.
    Roughing,
    /// Takes what a wider roughing tool has left more than the allowance, level by level.
    RestRoughing,
    /// Evens out what roughing has left.
    SemiFinishing,
    /// Cuts the surface to size.
    Finishing,
    /// Cuts along valleys that finishing passes leave too much in.
    Pencil,
    /// Cuts the part out of the block.
    Outline,
    /// Engraves the mark.
    Mark,
}

impl OperationKind {
    /// The name in programs and on sheets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holes => "Dowel holes",
            Self::Roughing => "Roughing",
            Self::RestRoughing => "Rest roughing",
            Self::SemiFinishing => "Semi-finishing",
            Self::Finishing => "Finishing",
            Self::Pencil => "Pencil",
            Self::Outline => "Outline",
            Self::Mark => "Mark",
        }
    }

    /// The word for it in names of files.
    const fn word(self) -> &'static str {
        match self {
            Self::Holes => "holes",
            Self::Roughing => "roughing",
            Self::RestRoughing => "rest-roughing",
            Self::SemiFinishing => "semi-finishing",
            Self::Finishing => "finishing",
            Self::Pencil => "pencil",
            Self::Outline => "outline",
            Self::Mark => "mark",
        }
    }
}

/// A piece of the tool's way between two lifts, thinned for pictures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewLine {
    /// The operation it belongs to.
    pub operation: OperationKind,
    /// Positions of the tip, mm, program coordinates.
    pub points: Vec<[f64; 3]>,
}

/// A program that passed its own check, with what a technician wants to know about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MillJob {
    /// The program's text.
    pub program: String,
    /// Which side of the part it mills, 1 or 2; 0 where there is only one.
    pub side: u32,
    /// The only kind of operation of a program that stands beside the main one of its side, because the machine cannot
    /// change tools.
    pub only: Option<OperationKind>,
    /// The blank and the part's place in it.
    pub placement: Placement,
    /// Time the machine takes, s, with its acceleration.
    pub estimated_time_s: f64,
    /// Time that roughing would take with the finishing tool alone, s; absent where no other tool has roughed, and on
    /// programs that do not finish.
    pub rough_alone_s: Option<f64>,
    /// Number of walls that were finished along level lines; absent where these were not ordered, and on programs that do
    /// not finish.
    pub walls: Option<usize>,
    /// Its operations in the order in which they run.
    pub operations: Vec<OperationSummary>,
    /// Middles of the holes for dowels, program coordinates, mm.
    pub holes: Vec<[f64; 2]>,
    /// Clamps and stops of the machine's profile, program coordinates, mm.
    pub fixtures: Vec<(String, Block)>,
    /// Borders of the parts seen from above, mm, program coordinates, for pictures; outer ones counter-clockwise.
    pub borders: Vec<Vec<[f64; 2]>>,
    /// The tool's way, for pictures.
    pub preview: Vec<PreviewLine>,
    /// What the check found.
    pub verification: Inspection,
}

impl MillJob {
    /// What tells its file from those of the other programs of the job: `side1`, `side2-mark`; empty for the main
    /// program of a part that is milled from one side.
    #[must_use]
    pub fn suffix(&self) -> String {
        let side = (self.side > 0).then(|| format!("side{}", self.side));
        let only = self.only.map(|kind| kind.word().to_owned());
        side.into_iter().chain(only).collect::<Vec<_>>().join("-")
    }

    /// Number of moves of one kind of operation.
    #[must_use]
    pub fn moves_of(&self, kind: OperationKind) -> usize {
        let found = self.operations.iter().filter(|operation| operation.kind == kind);
        found.map(|operation| operation.moves).sum()
    }
}

/// Plans roughing, rest roughing, finishing and the ordered outline of the top of a part, writes the program, and proves it.
///
/// The part is in machine orientation (x to the right, y away from the operator, z up; a left device is
/// already mirrored); only its place is changed. Its underside is not milled. Several parts side by side
/// in one mesh are cut from one blank. Where the machine cannot change tools, each tool gets its own program, to be run
/// in their order.
///
/// # Errors
/// [`MillError`] if the order or the part cannot be milled, or if a written program fails its check.
pub fn plan(
    part: &TriMesh,
    order: &MillOrder,
    findings: &mut Findings,
) -> Result<Vec<MillJob>, MillError> {
    order.check()?;
    let placement = Placement::new(part, &order.blank)?;
    let model = Model::new(part.translated(placement.offset()));
    report(order, &placement, findings);
    let bottom = -placement.blank_mm[2];
    let outline = (order.separation != Separation::Stay).then_some(Depth::Level(bottom));
    // The mark is on the underside, which is not milled here.
    let order = MillOrder { engraving: None, dowels: None, ..order.clone() };
    let cut = SideCut { skirt: f64::INFINITY, outline, ..SideCut::default() };
    let jobs = side(&model, &order, placement, &cut)?;
    report_rougher(&jobs, &order, findings);
    report_walls(&jobs, findings);
    Ok(jobs)
}

/// Says what a roughing tool of its own saves, or that it takes longer.
pub(crate) fn report_rougher(jobs: &[MillJob], order: &MillOrder, findings: &mut Findings) {
    let Some(rougher) = &order.rougher else { return };
    let time_of = |kind: OperationKind| -> f64 {
        let all = jobs.iter().flat_map(|job| &job.operations);
        all.filter(|operation| operation.kind == kind).map(|operation| operation.time_s).sum()
    };
    let rough = time_of(OperationKind::Roughing) / 60.0;
    let rest = time_of(OperationKind::RestRoughing) / 60.0;
    let alone = jobs.iter().filter_map(|job| job.rough_alone_s).sum::<f64>() / 60.0;
    let times = format!(
        "roughing with T{} {} takes {rough:.1} min and rest roughing {rest:.1} min, besides the change of tools; T{} {} \
         alone would take {alone:.1} min",
        rougher.tool.number, rougher.tool.name, order.tool.number, order.tool.name
    );
    if rough + rest < alone {
        findings.note(
            "milling",
            "rougher",
            format!("{times}: {:.1} min less", alone - rough - rest),
        );
    } else {
        findings.warn(
            "milling",
            "rougher-slower",
            format!(
                "{times}: leave the roughing tool out, or name a wider one or one with a round tip"
            ),
        );
    }
}

/// How one side is cut.
#[derive(Default)]
pub(crate) struct SideCut<'a> {
    /// 1 or 2; 0 where there is only one.
    pub(crate) number: u32,
    /// Depth of the trench beside the part under its rim, mm, at most.
    pub(crate) skirt: f64,
    /// Depth of the outline; absent where it is not cut on this side.
    pub(crate) outline: Option<Depth<'a>>,
    /// Holes for dowels, program coordinates of this side.
    pub(crate) holes: &'a [[f64; 2]],
    /// Whether they are drilled on this side.
    pub(crate) drills: bool,
}

/// Plans, writes and proves the programs of one side of a part in program coordinates: one, or one for each tool where
/// the machine cannot change them.
pub(crate) fn side(
    model: &Model,
    order: &MillOrder,
    placement: Placement,
    cut: &SideCut<'_>,
) -> Result<Vec<MillJob>, MillError> {
    let tool = &order.tool;
    let borders = Borders::of(model.mesh());
    let view = plan_view(model.mesh(), order);
    let grooves = match &order.engraving {
        Some(engraving) => Some(Grooves::on(model.mesh(), engraving)?),
        None => None,
    };
    let mut paths: Vec<(OperationKind, ToolPath, &Tool)> = Vec::new();
    if let Some(dowels) = order.dowels.as_ref().filter(|_| cut.drills) {
        let path = drilling::drilled(cut.holes, dowels, placement.blank_mm[2]);
        paths.push((OperationKind::Holes, path, &dowels.tool));
    }
    let SurfacePaths { paths: surface, rough_alone, walls } =
        surface_paths(model.mesh(), (&view, &borders), order, (placement.blank_mm, cut.skirt));
    let rough_tool = order.rougher.as_ref().map_or(tool, |rougher| &rougher.tool);
    paths.extend(surface.into_iter().map(|(kind, path)| {
        let tool = if kind == OperationKind::Roughing { rough_tool } else { tool };
        (kind, path, tool)
    }));
    if let Some(depth) = cut.outline {
        let outline_tool = order.outline_tool.as_ref().unwrap_or(tool);
        let path = outline_path((&view, &borders), order, (&placement, cut.skirt, depth));
        paths.push((OperationKind::Outline, path, outline_tool));
    }
    if let (Some(grooves), Some(engraving)) = (&grooves, &order.engraving) {
        let path = grooves.path(order.cutting.tolerance_mm);
        paths.push((OperationKind::Mark, path, &engraving.tool));
        let last = paths.len() - 1;
        if cut.outline.is_some() && is_marked_first(&paths, order) {
            paths.swap(last - 1, last);
        }
    }
    round(&mut paths, order);

    let operations: Vec<Operation<'_>> =
        paths.iter().map(|(kind, path, tool)| Operation { kind: *kind, path, tool }).collect();
    check_reach(&operations, order, &placement)?;
    let borders: Vec<Vec<[f64; 2]>> = borders
        .loops()
        .iter()
        .map(|corners| corners.iter().map(|place| [place.x, place.y]).collect())
        .collect();
    // At the speeds of the finishing tool.
    let alone = |path| Operation { kind: OperationKind::RestRoughing, path, tool };
    let rough_alone_s = rough_alone.as_ref().map(|path| summary(&alone(path), order).time_s);
    let mut jobs: Vec<MillJob> = Vec::new();
    for operations in programs(&operations, order) {
        let before = jobs.last().and_then(|job: &MillJob| job.verification.remains.as_ref());
        let mut job = proven(
            &operations,
            order,
            &placement,
            Proof {
                model: judged(model, grooves.as_ref(), &operations),
                stock: before.map(|remains| &remains.stock),
            },
        )?;
        job.side = cut.number;
        job.holes = cut.holes.to_vec();
        job.borders.clone_from(&borders);
        job.rough_alone_s = rough_alone_s.filter(|_| job.only.is_none());
        job.walls = walls.filter(|_| job.only.is_none());
        jobs.push(job);
    }
    Ok(jobs)
}

/// Whether the last of the operations, the mark, is engraved before the outline, which comes before it in the list: while
/// the whole block still holds the part. Where tools are changed by hand that must cost no further change.
fn is_marked_first<T>(paths: &[(OperationKind, T, &Tool)], order: &MillOrder) -> bool {
    let mut numbers: Vec<u32> = paths.iter().map(|(_, _, tool)| tool.number).collect();
    let changes = |numbers: &[u32]| numbers.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let after = changes(&numbers);
    let last = numbers.len() - 1;
    numbers.swap(last - 1, last);
    order.machine.dialect.tool_change == ToolChange::M6 || changes(&numbers) <= after
}

/// Puts arcs in place of short lines, where the controller takes them.
fn round(paths: &mut [(OperationKind, ToolPath, &Tool)], order: &MillOrder) {
    let Some(arc_mm) = order.machine.dialect.arc_tolerance_mm else { return };
    let line_mm = SIMPLIFYING_SHARE * order.cutting.tolerance_mm;
    paths.par_iter_mut().for_each(|(kind, path, _)| {
        // Roughing leaves its allowance: an arc as close to it as its chords are. What constant engagement has cleared it
        // goes through at the fastest feed: only where the program has cleared the same.
        let is_parallel = order.roughing == Roughing::Parallel;
        let arc_mm = match kind {
            OperationKind::Roughing | OperationKind::RestRoughing if is_parallel => {
                arc_mm.max(TOLERANCE_SHARE * order.cutting.roughing_allowance_mm)
            }
            _ => arc_mm,
        };
        *path = fitted(path, Closeness { arc_mm, line_mm });
    });
}

/// The operations of each program: all of them, or those of one tool after the other.
fn programs<'a>(operations: &[Operation<'a>], order: &MillOrder) -> Vec<Vec<Operation<'a>>> {
    if order.machine.dialect.tool_change != ToolChange::None {
        return vec![operations.to_vec()];
    }
    operations
        .chunk_by(|a, b| a.tool.number == b.tool.number)
        .map(<[Operation<'a>]>::to_vec)
        .collect()
}

/// The part as the check of some of its operations sees it.
fn judged(model: &Model, grooves: Option<&Grooves>, operations: &[Operation<'_>]) -> Model {
    let has = |kind| operations.iter().any(|operation| operation.kind == kind);
    let part =
        if has(OperationKind::Finishing) { model.clone() } else { model.clone().made_by_others() };
    match grooves {
        Some(grooves) if has(OperationKind::Mark) => part.engraved(grooves.clone()),
        _ => part,
    }
}

/// What a program is judged by.
struct Proof<'a> {
    model: Model,
    /// Material that the programs before it have left; a whole blank where it is the first.
    stock: Option<&'a HeightField>,
}

/// Writes the program of some operations and proves it.
fn proven(
    operations: &[Operation<'_>],
    order: &MillOrder,
    placement: &Placement,
    proof: Proof<'_>,
) -> Result<MillJob, MillError> {
    let setup = setup(order, placement);
    let program = written(operations, order, placement);
    let (verification, (operations_summed, preview)) = rayon::join(
        || inspect_on(&program, &setup, Some(&proof.model), proof.stock),
        || {
            let seen: Vec<(OperationSummary, Vec<PreviewLine>)> = operations
                .par_iter()
                .map(|operation| {
                    (summary(operation, order), preview(operation.kind, operation.path))
                })
                .collect();
            let (summed, lines): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
            (summed, lines.concat())
        },
    );
    if !verification.accepted {
        return Err(MillError::Rejected { reasons: verification.reasons() });
    }
    let is_main = operations.iter().any(|operation| operation.kind == OperationKind::Finishing);
    Ok(MillJob {
        side: 0,
        only: operations.first().map(|operation| operation.kind).filter(|_| !is_main),
        placement: *placement,
        estimated_time_s: verification.time_s,
        rough_alone_s: None,
        walls: None,
        operations: operations_summed,
        holes: Vec::new(),
        fixtures: setup.fixtures,
        borders: Vec::new(),
        preview,
        program,
        verification,
    })
}

/// The way around the parts of a side.
fn outline_path(
    (view, borders): (&PlanView, &Borders),
    order: &MillOrder,
    (placement, skirt, depth): (&Placement, f64, Depth<'_>),
) -> ToolPath {
    let tool = &order.tool;
    let outline_tool = order.outline_tool.as_ref().unwrap_or(tool);
    let rolled = Cutter::of(tool).height_within(ROLLED_RADII * tool.radius_mm());
    let cut = OutlineCut {
        view,
        skirt: skirt.min(rolled),
        finished_floor: BED_CLEARANCE_MM - placement.blank_mm[2],
        depth,
    };
    let mut path = outline(borders, &cut, outline_tool, order);
    path.slow_down_descents();
    path
}

/// What programs of an order are proven with.
#[must_use]
pub fn setup(order: &MillOrder, placement: &Placement) -> Setup {
    let rough = order.cutting_of(OperationKind::Roughing).plunge_mm_per_min;
    let plunge_mm_per_min = order.cutting.plunge_mm_per_min.max(rough);
    Setup {
        machine: order.machine.clone(),
        tools: order.tools(),
        block: Some(Block::at_corner(placement.blank_mm)),
        fixtures: fixtures(&order.machine, placement.blank_mm),
        plunge_mm_per_min: Some(plunge_mm_per_min),
        left_limit_mm: order.left_limit_mm,
        unreachable_limit_mm: order.unreachable_limit_mm,
        strict: true,
    }
}

/// The fixtures of a machine around a blank, program coordinates.
fn fixtures(machine: &Machine, blank_mm: [f64; 3]) -> Vec<(String, Block)> {
    let placed = |fixture: &Fixture| (fixture.name.clone(), fixture.beside(blank_mm));
    machine.fixtures.iter().map(placed).collect()
}

fn tips(path: &ToolPath) -> impl Iterator<Item = Tip> {
    path.plain_steps().into_iter().filter_map(|step| match step {
        Step::FeedTo(tip, _) => Some(tip),
        _ => None,
    })
}

/// Refuses what the machine or a tool cannot reach, before the program is written.
fn check_reach(
    operations: &[Operation<'_>],
    order: &MillOrder,
    placement: &Placement,
) -> Result<(), MillError> {
    let mut bounds = [(f64::INFINITY, f64::NEG_INFINITY); 3];
    for operation in operations {
        let mut deepest = 0.0_f64;
        for tip in tips(operation.path) {
            deepest = deepest.max(-tip[2]);
            for (bound, along) in bounds.iter_mut().zip(tip) {
                *bound = (bound.0.min(along), bound.1.max(along));
            }
        }
        // What a drill does in the board under the blank its holder does not see.
        let needed = deepest.min(placement.blank_mm[2] + order.machine.spoil_board_mm);
        let stickout = operation.tool.stickout_mm;
        if needed > stickout {
            return Err(MillError::Reach { depth: needed, stickout });
        }
    }
    for (axis, letter) in ['x', 'y', 'z'].into_iter().enumerate() {
        let (low, high) = bounds[axis];
        let high = if axis == 2 { order.machine.safe_height_mm } else { high };
        let given = order.machine.travel_mm[axis];
        if high - low > given {
            return Err(MillError::Travel { axis: letter, needed: high - low, given });
        }
    }
    Ok(())
}

fn report(order: &MillOrder, placement: &Placement, findings: &mut Findings) {
    let [width, length, height] = placement.blank_mm;
    let after = match order.separation {
        Separation::Stay => "cut the part free and finish its underside by hand",
        Separation::Tabs { .. } => "cut its tabs and trim them",
        Separation::OnionSkin { .. } => "trim the skin that is left around it",
    };
    findings.note(
        "milling",
        "underside-not-milled",
        format!("Only the top is milled, from a blank of {width:.0} x {length:.0} x {height:.0} mm; {after}"),
    );
    let reached = |order: &MillOrder| reach(&order.tool, &order.cutting) + order.tool.radius_mm();
    let needed = reached(order).max(reached(&order.for_roughing()));
    if order.blank.margin_mm < needed {
        let margin = order.blank.margin_mm;
        findings.warn(
            "milling",
            "tool-leaves-blank",
            format!(
                "The blank has {margin:.1} mm around the part and the tool needs {needed:.1} mm; \
                 keep clamps {needed:.0} mm away from the part"
            ),
        );
    }
}

fn preview(operation: OperationKind, path: &ToolPath) -> Vec<PreviewLine> {
    let steps = path.plain_steps();
    let runs = steps.split(|step| !matches!(step, Step::FeedTo(..)));
    runs.map(|run| {
        let run = ToolPath { steps: run.to_vec() };
        simplified(&tips(&run).collect::<Vec<_>>(), PREVIEW_TOLERANCE_MM)
    })
    .filter(|points| points.len() > 1)
    .map(|points| PreviewLine { operation, points })
    .collect()
}
