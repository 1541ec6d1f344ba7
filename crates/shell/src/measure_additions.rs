//! Realised doses of everything but the nine: each against the same shell without it.

use geometry::{GraphSurface, Point2};
use vocabulary::Angle;

use crate::measure::{largest, rectangle, slope_across};
use crate::measure_trim;
use crate::patch::Patch;
use crate::shell::Finished;
use crate::top_model::TopModel;
use crate::{Applied, Operation, ShellError};

/// A patch whose weight is over this anywhere on the shell has its full dose there.
const FULL_WEIGHT: f64 = 0.97;
/// Half the length along which the arch is compared to find how far it moved, mm.
const ARCH_WINDOW: f64 = 14.0;

/// The realised dose of the operation at a place of the design; `None` for the nine, which have their own measures.
pub(crate) fn measure(shell: &Finished<'_>, index: usize) -> Result<Option<Applied>, ShellError> {
    let operation = &shell.design.operations()[index];
    if operation.dose() == 0.0 {
        return Ok(None);
    }
    if let Some(patch) = shell.model.additions.patches.iter().find(|patch| patch.index == index) {
        return patched(shell, operation, patch).map(Some);
    }
    if let Some((requested, realised, tolerance, note)) = measure_trim::measure(shell, index)? {
        return Ok(Some(trimmed(shell, operation, (requested, realised, tolerance), note)));
    }
    let (realised, note) = match operation {
        Operation::Cover { .. } => cover(shell, index)?,
        Operation::MedialArch { .. } | Operation::LateralArch { .. } => arch(shell, index)?,
        Operation::ArchApex { .. } => apex(shell, index)?,
        Operation::Inversion { .. } => inversion(shell, index)?,
        Operation::LateralSkive { .. } => lateral_skive(shell, index)?,
        _ => return Ok(None),
    };
    let mut applied = record(operation, realised, note.to_owned());
    if !applied.kept() && matches!(operation, Operation::Inversion { .. }) {
        applied.limited = Some(format!(
            "the rim of a {:.0} mm cup cuts off the raised side of the heel; deepen the cup (20 to 22 mm where skive and inversion are over 5)",
            shell.doses.heel_cup_depth.0
        ));
    }
    Ok(Some(applied))
}

/// Record of a measure on trim or underside, with the reason where less came out than ordered.
fn trimmed(
    shell: &Finished<'_>,
    operation: &Operation,
    (requested, realised, tolerance): (f64, f64, f64),
    note: String,
) -> Applied {
    let mut applied = Applied { requested, tolerance, ..record(operation, realised, note) };
    if matches!(operation, Operation::ShellLength { .. }) {
        applied.unit = "mm";
    }
    if applied.kept() {
        return applied;
    }
    applied.limited = match operation {
        Operation::Flange { .. } | Operation::LateralClip { .. } | Operation::CupRim { .. } => {
            Some("a wall follows the foot, whose side does not climb further there".to_owned())
        }
        Operation::Ribs { .. } | Operation::ArchFill { .. } => Some(format!(
            "the room under the arch ends at the floor, {:.1} mm below",
            shell.slab.top.height(shell.arch_apex()) - shell.doses.thickness.0
        )),
        Operation::ThicknessZone { .. } => {
            Some("a post or the flat of the seat lies under most of this part".to_owned())
        }
        Operation::GrindWidth { .. } | Operation::TrimHandle { .. } => {
            Some("the trim line is smoothed, and stays on the foot".to_owned())
        }
        _ => None,
    };
    applied
}

fn record(operation: &Operation, realised: f64, note: String) -> Applied {
    let spec = operation.spec();
    Applied {
        name: spec.key,
        requested: operation.dose(),
        realised,
        unit: spec.unit,
        tolerance: 0.1,
        note,
        ..Applied::default()
    }
}

/// The same device without one operation.
pub(crate) struct Without {
    pub(crate) model: TopModel,
    /// Its fitted neutral top, not settled.
    pub(crate) top: GraphSurface,
}

impl Without {
    pub(crate) fn new(shell: &Finished<'_>, index: usize) -> Result<Self, ShellError> {
        let design = shell.design.without(index);
        let model = TopModel::new(shell.foot, &shell.model.settings, &design)?;
        let top = shell.grid.top_of(&model, &design.doses())?;
        Ok(Self { model, top })
    }

    /// Raise of the finished neutral top against this one.
    fn raise(&self, shell: &Finished<'_>, point: Point2) -> f64 {
        shell.neutral_top.height(point) - shell.settled - self.top.height(point)
    }
}

fn patched(
    shell: &Finished<'_>,
    operation: &Operation,
    patch: &Patch,
) -> Result<Applied, ShellError> {
    let without = shell.grid.top_without_patch(shell.model, shell.doses, patch)?;
    let sign = patch.height.signum();
    let difference =
        |p: Point2| sign * (shell.neutral_top.height(p) - shell.settled - without.height(p));
    let realised = largest(shell, difference, |p| patch.shape.weight(p) > 0.0);
    let full = largest(shell, |p| patch.shape.weight(p), |_| true);
    let area = patch.shape.bounds();
    let kind = if sign > 0.0 { "raise" } else { "lowering" };
    let mut applied = record(
        operation,
        realised * operation.dose().signum(),
        format!(
            "largest {kind} on the shell against the same shell without it, x = {:.0} to {:.0}, y = {:.0} to {:.0} mm",
            area.low.x, area.high.x, area.low.y, area.high.y
        ),
    );
    if full < FULL_WEIGHT {
        applied.limited = Some(format!(
            "its fullest place lies outside the shell, which gets {:.0} % of it; move it or order a longer shell",
            100.0 * full
        ));
    }
    Ok(applied)
}

fn cover(shell: &Finished<'_>, index: usize) -> Result<(f64, &'static str), ShellError> {
    let without = Without::new(shell, index)?;
    let depth = |model: &TopModel, top: &GraphSurface| {
        let seat = rectangle([-20.0, 20.0], [-20.0, 20.0])
            .map(|p| top.height(p))
            .fold(f64::INFINITY, f64::min);
        top.height(model.rim.back() + geometry::Vector2::new(0.0, 0.5)) - seat
    };
    let added = depth(shell.model, shell.neutral_top) - depth(&without.model, &without.top);
    Ok((
        added,
        "depth that the cup of the shell has more, so that it is as ordered under the cover",
    ))
}

fn arch(shell: &Finished<'_>, index: usize) -> Result<(f64, &'static str), ShellError> {
    let without = Without::new(shell, index)?;
    let sign = shell.design.operations()[index].dose().signum();
    let most = largest(shell, |p| sign * without.raise(shell, p), |_| true);
    Ok((sign * most, "largest change of the arch against the same shell without it"))
}

/// How far the finished arch lies in front of the other: the shift that makes both alike around the middle.
fn apex(shell: &Finished<'_>, index: usize) -> Result<(f64, &'static str), ShellError> {
    let without = Without::new(shell, index)?;
    let middle = shell.arch_apex();
    let mismatch = |shift: f64| -> f64 {
        (-14..=14)
            .map(|k| {
                let y = middle.y + f64::from(k) * ARCH_WINDOW / 14.0;
                let (here, there) = (Point2::new(middle.x, y), Point2::new(middle.x, y - shift));
                let height = shell.neutral_top.height(here) - shell.settled;
                (height - without.top.height(there)).powi(2)
            })
            .sum()
    };
    let best = (-750..=750)
        .map(|k| f64::from(k) * 0.02)
        .min_by(|a, b| mismatch(*a).total_cmp(&mismatch(*b)))
        .unwrap_or(0.0);
    Ok((best, "move of the arch's curve against the same shell without it"))
}

fn inversion(shell: &Finished<'_>, index: usize) -> Result<(f64, &'static str), ShellError> {
    let without = Without::new(shell, index)?;
    let raises: Vec<(Point2, f64)> =
        rectangle([-15.0, 15.0], [-8.0, 8.0]).map(|p| (p, without.raise(shell, p))).collect();
    let tilt = Angle::from_rad(-slope_across(&raises).atan()).deg();
    Ok((tilt, "tilt of the heel seat against the same shell without inversion"))
}

fn lateral_skive(shell: &Finished<'_>, index: usize) -> Result<(f64, &'static str), ShellError> {
    let without = Without::new(shell, index)?;
    let raised = largest(shell, |p| without.raise(shell, p), |p| p.y.abs() < 25.0);
    Ok((raised, "largest raise inside the heel cup against the same shell without skive"))
}
