//! From a part and an order to a proven program.

use geometry::{Point3, TriMesh};
use serde::Serialize;
use vocabulary::Findings;

use crate::finishing::finishing;
use crate::ground::{Ground, Limits, ROLLED_RADII};
use crate::inspection::{Inspection, Setup, inspect};
use crate::outline::{Borders, Depth, OutlineCut, outline};
use crate::path::{Step, Tip, ToolPath, simplified};
use crate::placement::Placement;
use crate::plan_view::PlanView;
use crate::program::{Operation, written};
use crate::roughing::{reach, roughing};
use crate::stock::Block;
use crate::summary::{OperationSummary, summary};
use crate::{Cutter, MillError, MillOrder, Model, Separation, ToolChange};

/// The tip stays this far over the underside of the blank, mm: no cutting into the machine's bed.
const BED_CLEARANCE_MM: f64 = 1.0;
/// Preview lines stay this close to the path, mm.
const PREVIEW_TOLERANCE_MM: f64 = 0.2;
/// Distance of the lines that decide along which axis passes run, mm.
const RUN_SPACING_MM: f64 = 1.0;
/// Grid on which the part is seen from above, mm.
const VIEW_SPACING_MM: f64 = 0.2;

/// One operation of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Takes most of the material away, level by level.
    Roughing,
    /// Cuts the surface to size.
    Finishing,
    /// Cuts the part out of the block.
    Outline,
}

impl OperationKind {
    /// The name in programs and on sheets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Roughing => "Roughing",
            Self::Finishing => "Finishing",
            Self::Outline => "Outline",
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
    /// The blank and the part's place in it.
    pub placement: Placement,
    /// Time the machine takes, s, with its acceleration.
    pub estimated_time_s: f64,
    /// Its operations in the order in which they run.
    pub operations: Vec<OperationSummary>,
    /// Borders of the parts seen from above, mm, program coordinates, for pictures; outer ones counter-clockwise.
    pub borders: Vec<Vec<[f64; 2]>>,
    /// The tool's way, for pictures.
    pub preview: Vec<PreviewLine>,
    /// What the check found.
    pub verification: Inspection,
}

impl MillJob {
    /// Number of moves of one kind of operation.
    #[must_use]
    pub fn moves_of(&self, kind: OperationKind) -> usize {
        let found = self.operations.iter().filter(|operation| operation.kind == kind);
        found.map(|operation| operation.moves).sum()
    }
}

/// Plans roughing, finishing and the ordered outline of the top of a part, writes the program, and proves it.
///
/// The part is in machine orientation (x to the right, y away from the operator, z up; a left device is
/// already mirrored); only its place is changed. Its underside is not milled. Several parts side by side
/// in one mesh are cut from one blank.
///
/// # Errors
/// [`MillError`] if the order or the part cannot be milled, or if the written program fails its check.
pub fn plan(
    part: &TriMesh,
    order: &MillOrder,
    findings: &mut Findings,
) -> Result<MillJob, MillError> {
    order.check()?;
    let placement = Placement::new(part, &order.blank)?;
    let model = Model::new(part.translated(placement.offset()));
    report(order, &placement, findings);
    let bottom = -placement.blank_mm[2];
    let outline = (order.separation != Separation::Stay).then_some(Depth::Level(bottom));
    side(&model, order, placement, &SideCut { skirt: f64::INFINITY, outline })
}

/// Plans both sides of a part: first its top, then, with the blank turned over about the axis along y, its
/// underside and the outline.
///
/// The blank comes to lie against the same front left corner stops on both sides, so that its width decides
/// where the second side is: `x → width − x`, `z → −height − z`. Between the two sides a web as thick as the
/// rim less both trenches holds the part until the outline is cut.
///
/// # Errors
/// [`MillError`] as for [`plan`]; also where a rim is thinner than the web.
pub fn plan_two_sided(
    part: &TriMesh,
    order: &MillOrder,
    findings: &mut Findings,
) -> Result<[MillJob; 2], MillError> {
    order.check()?;
    let placement = Placement::new(part, &order.blank)?;
    let [width, _, height] = placement.blank_mm;
    let top = Model::new(part.translated(placement.offset()));
    let under = Model::new(turned_over(top.mesh(), width, height));
    // What the second side's tool must not break through: the far side, seen from below.
    let below = under.mesh().map_vertices(|point| Point3::new(point.x, point.y, -point.z));
    let margin = reach(&order.tool, order) + order.tool.diameter_mm;
    let far = PlanView::new(&below, margin, VIEW_SPACING_MM);
    let near = PlanView::new(under.mesh(), margin, VIEW_SPACING_MM);
    let rim = thinnest_rim(&near, &far);
    // The top rises towards its rim and the underside falls: it is there that the tool has to roll over.
    let skirts = [TOP_SKIRT_MM, rim - WEB_MM - TOP_SKIRT_MM];
    if skirts[1] < 0.0 {
        return Err(MillError::Part {
            reason: format!(
                "its rim is {rim:.2} mm thick; {:.1} mm are needed to hold it while it is milled on both sides",
                WEB_MM + TOP_SKIRT_MM
            ),
        });
    }
    let tool = order.outline_tool.as_ref().unwrap_or(&order.tool);
    let corner = Cutter::of(tool).height_within(tool.radius_mm());
    let outline = (order.separation != Separation::Stay).then_some(Depth::FarRim {
        far: &far,
        below: corner + OUTLINE_OVERCUT_MM,
        trench: skirts[0],
        floor: FAR_SKIN_MM - height,
    });
    let skin = order.blank.skin_above_mm.min(order.blank.skin_below_mm);
    if outline.is_some() && skin < corner + OUTLINE_OVERCUT_MM {
        findings.warn(
            "milling",
            "cove-at-the-rim",
            format!(
                "The blank has {skin:.1} mm over and under the part; the {} needs {:.1} mm to cut the rim through: trim \
                 what it leaves, take a thicker blank, or a flat end for the outline",
                tool.name,
                corner + OUTLINE_OVERCUT_MM
            ),
        );
    }
    let named =
        |side: &str| MillOrder { label: format!("{} {side}", order.label), ..order.clone() };
    let (first, second) = rayon::join(
        || {
            side(
                &top,
                &named("side 1 top"),
                placement,
                &SideCut { skirt: skirts[0], outline: None },
            )
        },
        || {
            side(
                &under,
                &named("side 2 underside"),
                turned_placement(&placement),
                &SideCut { skirt: skirts[1], outline },
            )
        },
    );
    findings.note(
        "milling",
        "flip",
        format!(
            "Side 2: turn the blank over about the axis along Y and push it against the same stops at the front left; \
             its width must be {width:.2} mm: every 0.1 mm of error moves the underside by 0.1 mm"
        ),
    );
    Ok([first?, second?])
}

/// How one side is cut.
struct SideCut<'a> {
    /// Depth of the trench beside the part under its rim, mm, at most.
    skirt: f64,
    /// Depth of the outline; absent where it is not cut on this side.
    outline: Option<Depth<'a>>,
}

/// Depth of the trench beside the rim on the first side, mm.
const TOP_SKIRT_MM: f64 = 0.3;
/// Material between the trenches of both sides, mm.
const WEB_MM: f64 = 1.0;
/// The outline leaves this much of the blank's far face, mm.
const FAR_SKIN_MM: f64 = 0.1;
/// How far the outline goes below what it must reach, mm.
const OUTLINE_OVERCUT_MM: f64 = 0.2;

/// The part as it lies after the blank was turned over about the axis along y.
fn turned_over(part: &TriMesh, width: f64, height: f64) -> TriMesh {
    part.map_vertices(|point| Point3::new(width - point.x, point.y, -height - point.z))
}

/// The placement as the second side's program states it: of the part turned over.
fn turned_placement(placement: &Placement) -> Placement {
    let [width, _, height] = placement.blank_mm;
    let [x, y, z] = placement.blank_from_part;
    Placement { blank_from_part: [width - x, y, -height - z], ..*placement }
}

/// Smallest thickness at the border, mm.
fn thinnest_rim(near: &PlanView, far: &PlanView) -> f64 {
    near.border()
        .filter_map(|[x, y, top]| far.outside(x, y).map(|(_, below)| top + below))
        .fold(f64::INFINITY, f64::min)
}

/// Plans, writes and proves the program of one side of a part in program coordinates.
fn side(
    model: &Model,
    order: &MillOrder,
    placement: Placement,
    cut: &SideCut<'_>,
) -> Result<MillJob, MillError> {
    let [rough, finish] = paths(model.mesh(), order, &placement, cut.skirt);
    let tool = &order.tool;
    let mut operations = vec![
        Operation { kind: OperationKind::Roughing, path: &rough, tool },
        Operation { kind: OperationKind::Finishing, path: &finish, tool },
    ];
    let outline_tool = order.outline_tool.as_ref().unwrap_or(tool);
    let borders = Borders::of(model.mesh());
    let around;
    if let Some(depth) = cut.outline {
        let margin = 2.0 * outline_tool.radius_mm() + 2.0;
        let view = PlanView::new(model.mesh(), margin, VIEW_SPACING_MM);
        let rolled = Cutter::of(tool).height_within(ROLLED_RADII * tool.radius_mm());
        let cut = OutlineCut {
            view: &view,
            skirt: cut.skirt.min(rolled),
            finished_floor: BED_CLEARANCE_MM - placement.blank_mm[2],
            depth,
        };
        let mut path = outline(&borders, &cut, outline_tool, order);
        path.slow_down_descents();
        around = path;
        operations.push(Operation {
            kind: OperationKind::Outline,
            path: &around,
            tool: outline_tool,
        });
    }
    check_tools(&operations, order)?;
    check_reach(&operations, order)?;
    let program = written(&operations, order, &placement);
    let verification = inspect(&program, &setup(order, &placement), Some(model));
    if !verification.accepted {
        return Err(MillError::Rejected { reasons: verification.reasons() });
    }
    Ok(MillJob {
        placement,
        estimated_time_s: verification.time_s,
        operations: operations.iter().map(|operation| summary(operation, order)).collect(),
        borders: borders
            .loops()
            .iter()
            .map(|corners| corners.iter().map(|place| [place.x, place.y]).collect())
            .collect(),
        preview: operations
            .iter()
            .flat_map(|operation| preview(operation.kind, operation.path))
            .collect(),
        program,
        verification,
    })
}

/// What programs of an order are proven with.
#[must_use]
pub fn setup(order: &MillOrder, placement: &Placement) -> Setup {
    Setup {
        machine: order.machine.clone(),
        tools: std::iter::once(&order.tool).chain(&order.outline_tool).cloned().collect(),
        block: Some(Block::at_corner(placement.blank_mm)),
        plunge_mm_per_min: Some(order.cutting.plunge_mm_per_min),
        left_limit_mm: order.left_limit_mm,
        unreachable_limit_mm: order.unreachable_limit_mm,
        strict: true,
    }
}

/// Roughing and finishing of a part in program coordinates. Passes run where they are fewest: along a part, also where
/// several lie side by side on a wide blank.
pub(crate) fn paths(
    part: &TriMesh,
    order: &MillOrder,
    placement: &Placement,
    skirt: f64,
) -> [ToolPath; 2] {
    let [along_x, along_y] = PlanView::new(part, 0.0, RUN_SPACING_MM).runs();
    let is_wide = along_x < along_y;
    let turned;
    let part = if is_wide {
        turned = part.map_vertices(|point| Point3::new(point.y, point.x, point.z));
        &turned
    } else {
        part
    };
    let tool = &order.tool;
    let margin = reach(tool, order).max(ROLLED_RADII * tool.radius_mm()) + 1.0;
    let view = PlanView::new(part, margin, VIEW_SPACING_MM);
    let limits = Limits { skirt, floor: BED_CLEARANCE_MM - placement.blank_mm[2] };
    let allowance = order.cutting.roughing_allowance_mm;
    let (rough, finish) = rayon::join(
        || roughing(&Ground::new(part, &view, tool, allowance, limits), tool, order),
        || finishing(&Ground::new(part, &view, tool, 0.0, limits), tool, order),
    );
    [rough, finish].map(|mut path| {
        path.slow_down_descents();
        if is_wide { path.turned() } else { path }
    })
}

fn tips(path: &ToolPath) -> impl Iterator<Item = Tip> {
    path.steps.iter().filter_map(|step| match step {
        Step::FeedTo(tip, _) => Some(*tip),
        Step::Retract | Step::TraverseTo(_) => None,
    })
}

/// Refuses two tools where the controller has no way of changing them.
fn check_tools(operations: &[Operation<'_>], order: &MillOrder) -> Result<(), MillError> {
    let numbers = operations.iter().map(|operation| operation.tool.number);
    let (first, last) = (numbers.clone().min(), numbers.max());
    if first != last && order.machine.dialect.tool_change == ToolChange::None {
        return Err(MillError::OneTool { machine: order.machine.name.clone() });
    }
    Ok(())
}

/// Refuses what the machine or the tool cannot reach, before the program is written.
fn check_reach(operations: &[Operation<'_>], order: &MillOrder) -> Result<(), MillError> {
    let bound = |axis: usize| {
        let values =
            operations.iter().flat_map(|operation| tips(operation.path)).map(move |tip| tip[axis]);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let (deepest, _) = bound(2);
    for (axis, letter) in ['x', 'y', 'z'].into_iter().enumerate() {
        let (low, high) = bound(axis);
        let high = if axis == 2 { order.machine.safe_height_mm } else { high };
        let given = order.machine.travel_mm[axis];
        if high - low > given {
            return Err(MillError::Travel { axis: letter, needed: high - low, given });
        }
    }
    let lengths = operations.iter().map(|operation| operation.tool.stickout_mm);
    let stickout = lengths.fold(f64::INFINITY, f64::min);
    if -deepest > stickout {
        return Err(MillError::Reach { depth: -deepest, stickout });
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
    let needed = reach(&order.tool, order) + order.tool.radius_mm();
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
    let runs = path.steps.split(|step| !matches!(step, Step::FeedTo(..)));
    runs.map(|run| {
        let run = ToolPath { steps: run.to_vec() };
        simplified(&tips(&run).collect::<Vec<_>>(), PREVIEW_TOLERANCE_MM)
    })
    .filter(|points| points.len() > 1)
    .map(|points| PreviewLine { operation, points })
    .collect()
}
