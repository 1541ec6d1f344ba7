//! Makes what comes out equal to what was ordered: a correction whose realised dose is off is ordered a little
//! differently and the shell built again.
//!
//! Walls, trim and ribs are smoothed after their dose was put in, which takes some of it away; how much depends on the
//! foot. What cannot be reached (a wall where the foot's side ends) stays as it is, and says why.

use crate::{Applied, Design, Operation};

/// A dose this close needs no second try, mm or degrees.
const CLOSE: f64 = 0.04;
/// The order inside the program may differ from the written one by this much, or by [`FARTHEST_SHARE`] of it.
const FARTHEST: f64 = 2.0;
const FARTHEST_SHARE: f64 = 1.5;

/// Whether a correction's dose may be tuned: those that are smoothed after they were put in.
const fn tunable(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::LateralExpansion { .. }
            | Operation::ArchApex { .. }
            | Operation::Inversion { .. }
            | Operation::MedialArch { .. }
            | Operation::LateralArch { .. }
            | Operation::CupRim { .. }
            | Operation::GrindWidth { .. }
            | Operation::Flange { .. }
            | Operation::LateralClip { .. }
            | Operation::RayCutout { .. }
            | Operation::GaitPlate { .. }
            | Operation::TrimHandle { .. }
            | Operation::Ribs { .. }
    )
}

/// For every operation of a design the measure of its dose, if it has one.
fn measures<'a>(design: &Design, applied: &'a [Applied]) -> Vec<Option<&'a Applied>> {
    let mut free: Vec<&Applied> = applied.iter().filter(|dose| dose.operation.is_some()).collect();
    design
        .operations()
        .iter()
        .map(|operation| {
            let at = free.iter().position(|dose| dose.operation.as_ref() == Some(operation))?;
            Some(free.remove(at))
        })
        .collect()
}

/// Largest miss of the tunable doses of the `ordered` design, of which `tuned` was built.
pub(crate) fn miss(ordered: &Design, tuned: &Design, applied: &[Applied]) -> f64 {
    ordered
        .operations()
        .iter()
        .zip(measures(tuned, applied))
        .filter(|(operation, _)| tunable(operation))
        .filter_map(|(operation, dose)| Some((operation.dose() - dose?.realised).abs()))
        .fold(0.0, f64::max)
}

/// The next design to build, or `None` if every tunable dose is close or cannot come closer.
pub(crate) fn next(ordered: &Design, tuned: &Design, applied: &[Applied]) -> Option<Design> {
    let mut changed = false;
    let operations = ordered
        .operations()
        .iter()
        .zip(tuned.operations())
        .zip(measures(tuned, applied))
        .map(|((wanted, built), dose)| {
            let Some(dose) = dose.filter(|_| tunable(wanted)) else { return built.clone() };
            let missing = wanted.dose() - dose.realised;
            let farthest = FARTHEST.max(FARTHEST_SHARE * wanted.dose().abs());
            let least = wanted.dose() - farthest;
            // A dose that comes out as a share of itself is divided by that share.
            let share = dose.realised / built.dose();
            let step = if (0.3..3.0).contains(&share) { missing / share } else { missing };
            let better = (built.dose() + step).clamp(least, wanted.dose() + farthest);
            if missing.abs() <= CLOSE || (better - built.dose()).abs() < 1e-6 || better == 0.0 {
                return built.clone();
            }
            changed = true;
            built.clone().with_dose(better)
        })
        .collect();
    changed.then(|| Design::new(operations))
}

/// The design in the middle between two that differ in their doses.
pub(crate) fn halfway(from: &Design, to: &Design) -> Design {
    let pairs = from.operations().iter().zip(to.operations());
    Design::new(
        pairs
            .map(|(from, to)| {
                if from == to {
                    from.clone()
                } else {
                    from.clone().with_dose(0.5 * (from.dose() + to.dose()))
                }
            })
            .collect(),
    )
}

/// Measures of a tuned design as answers to the ordered one.
pub(crate) fn answers(ordered: &Design, tuned: &Design, applied: &mut [Applied]) {
    for (wanted, built) in ordered.operations().iter().zip(tuned.operations()) {
        if wanted == built {
            continue;
        }
        let of = applied.iter_mut().find(|dose| dose.operation.as_ref() == Some(built));
        if let Some(dose) = of {
            dose.requested = wanted.dose();
            dose.operation = Some(wanted.clone());
            if dose.kept() {
                dose.limited = None;
            }
        }
    }
}
