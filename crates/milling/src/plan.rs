//! From a part and an order to a proven program.

use geometry::Slab;
use serde::Serialize;
use vocabulary::Findings;

use crate::finishing::finishing;
use crate::path::{Step, Tip, ToolPath, simplified};
use crate::placement::Placement;
use crate::program::{Operation, written};
use crate::region::Region;
use crate::roughing::{reach, roughing};
use crate::verification::{Verification, verify};
use crate::{MillError, MillOrder};

/// The tip stays this far over the underside of the blank, mm: no cutting into the machine's bed.
const BED_CLEARANCE_MM: f64 = 1.0;
/// Preview lines stay this close to the path, mm.
const PREVIEW_TOLERANCE_MM: f64 = 0.2;

/// One operation of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Takes most of the material away, level by level.
    Roughing,
    /// Cuts the surface to size.
    Finishing,
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
    /// Number of roughing moves.
    pub roughing_moves: usize,
    /// Number of finishing moves.
    pub finishing_moves: usize,
    /// The tool's way, for pictures.
    pub preview: Vec<PreviewLine>,
    /// What the check found.
    pub verification: Verification,
}

/// Plans roughing and finishing of the top of a part, writes the program, and proves it.
///
/// The part is in machine orientation (x to the right, y away from the operator, z up; a left device is
/// already mirrored); only its place is changed. Its underside is not milled.
///
/// # Errors
/// [`MillError`] if the order or the part cannot be milled, or if the written program fails its check.
pub fn plan(part: &Slab, order: &MillOrder, findings: &mut Findings) -> Result<MillJob, MillError> {
    order.check()?;
    let placement = Placement::new(part, &order.blank)?;
    let region = Region::new(part);
    let (mut rough, mut finish) = rayon::join(
        || roughing(part, &region, order, &placement),
        || finishing(part, &region, order, &placement),
    );
    rough.slow_down_descents();
    finish.slow_down_descents();
    check_reach(&[&rough, &finish], order)?;
    let operations = [
        Operation { name: "Roughing", path: &rough },
        Operation { name: "Finishing", path: &finish },
    ];
    let program = written(&operations, order, &placement);
    let verification = verify(&program, part, order, &placement);
    if !verification.accepted {
        return Err(MillError::Rejected { reasons: verification.reasons });
    }
    report(order, &placement, findings);
    let mut preview = preview(OperationKind::Roughing, &rough);
    preview.extend(self::preview(OperationKind::Finishing, &finish));
    Ok(MillJob {
        program,
        placement,
        estimated_time_s: verification.machine_time_s,
        roughing_moves: rough.steps.len(),
        finishing_moves: finish.steps.len(),
        preview,
        verification,
    })
}

/// The tip goes no lower than this, program coordinates, mm.
pub(crate) fn lowest_tip(placement: &Placement) -> f64 {
    BED_CLEARANCE_MM - placement.blank_mm[2]
}

fn tips(path: &ToolPath) -> impl Iterator<Item = Tip> {
    path.steps.iter().filter_map(|step| match step {
        Step::FeedTo(tip, _) => Some(*tip),
        Step::Retract | Step::TraverseTo(_) => None,
    })
}

/// Refuses what the machine or the tool cannot reach, before the program is written.
fn check_reach(paths: &[&ToolPath], order: &MillOrder) -> Result<(), MillError> {
    let bound = |axis: usize| {
        let values = paths.iter().flat_map(|path| tips(path)).map(move |tip| tip[axis]);
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
    let stickout = order.tool.stickout_mm;
    if -deepest > stickout {
        return Err(MillError::Reach { depth: -deepest, stickout });
    }
    Ok(())
}

fn report(order: &MillOrder, placement: &Placement, findings: &mut Findings) {
    let [width, length, height] = placement.blank_mm;
    findings.note(
        "milling",
        "underside-not-milled",
        format!(
            "Only the top is milled, from a blank of {width:.0} x {length:.0} x {height:.0} mm; \
             cut the part free and finish its underside by hand"
        ),
    );
    let needed = reach(order) + order.tool.radius_mm();
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
