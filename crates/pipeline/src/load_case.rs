//! Which load case a foot's device is designed for, and whether indication, alignment and gait agree.

use foot::Foot;
use gait::{Activity, GaitError, GaitMetrics, Person, Provenance, Stance, stance_of};
use geometry::{HeightField, Point2};
use order::{Caution, Indication};
use report::GaitTable;
use vocabulary::{Findings, Side};

use crate::gait_report::{self, Measured};
use crate::measured_stance::{measured_stance, no_stance, overrule};
use crate::{Job, Refusal};

/// The load case of an activity. Court sports land and push off as running does, only harder.
pub(crate) fn activity(word: &str) -> Activity {
    match word {
        "standing-work" => Activity::Standing,
        "running" | "court" => Activity::Running,
        _ => Activity::Walking,
    }
}

/// The stance of one side: measured where the trial has one, otherwise from numbers and norms.
pub(crate) fn stance(
    job: &Job<'_>,
    walk: Option<&Measured>,
    side: Side,
    length_mm: f64,
    findings: &mut Findings,
) -> Result<Stance, GaitError> {
    let patient = &job.case.patient;
    let person = Person { mass_kg: patient.mass_kg, height_m: patient.height_m };
    let metrics = gait_report::metrics(&job.case.gait[&side].metrics);
    let wanted = activity(&job.case.activity);
    let Some(walk) = walk else {
        return stance_of(wanted, &person, &metrics, length_mm, findings);
    };
    let Some(summary) = walk.analysis.side(side) else {
        findings.warn(
            "gait",
            "no-stance-of-this-side",
            format!(
                "{}: {}; norms and [gait.metrics] are used for this side.",
                walk.name,
                no_stance(&walk.analysis, side)
            ),
        );
        return stance_of(wanted, &person, &metrics, length_mm, findings);
    };
    let measured = if walk.analysis.walk.running { Activity::Running } else { Activity::Walking };
    if measured != wanted {
        findings.warn(
            "gait",
            "trial-of-another-activity",
            format!(
                "The activity is {}, but {} is a trial of {}, which is the load case; measure the activity itself or leave the trial out.",
                job.case.activity,
                walk.name,
                measured.name()
            ),
        );
    }
    // Numbers beside the trial are checked as ever; the norm itself is not worth a finding here.
    metrics.check_for(measured, findings)?;
    let none = GaitMetrics::default();
    let norm = stance_of(measured, &person, &none, length_mm, &mut Findings::new())?;
    let mut stance = measured_stance(summary, norm, length_mm, findings);
    overrule(&mut stance, &metrics, findings);
    Ok(stance)
}

/// Ordinary walking of a person whose numbers are of another activity: norms, turned as this foot turns and bent as this knee is.
pub(crate) fn walking_norm(job: &Job<'_>, side: Side, length_mm: f64) -> Result<Stance, GaitError> {
    let patient = &job.case.patient;
    let person = Person { mass_kg: patient.mass_kg, height_m: patient.height_m };
    let given = gait_report::metrics(&job.case.gait[&side].metrics);
    let metrics = GaitMetrics {
        foot_progression_deg: given.foot_progression_deg,
        knee_varus_deg: given.knee_varus_deg,
        ..GaitMetrics::default()
    };
    // That it is a norm is no news: the load case itself says what it starts from.
    stance_of(Activity::Walking, &person, &metrics, length_mm, &mut Findings::new())
}

/// A center of pressure of a loaded foot lies within this share of the sole's half width; beyond it the outermost tissue alone
/// would have to carry the body, and the knee model finds no balance.
const MOST_ACROSS: f64 = 0.7;

/// The knee model's contact ends in front at this share of the foot's length (handbook, knee model, section 2.2).
const FOREMOST: f64 = 0.735;

/// A path that is moved by less was within the error of laying trial and scan onto each other, mm.
const MOVED_MM: f64 = 5.0;

/// Holds a measured center of pressure between the borders of the scanned sole.
///
/// The foot's axis of a trial runs through markers on a shoe and that of the scan through the heads of the bones; a few degrees
/// between them carry the path over the border at push-off.
pub(crate) fn keep_on_sole(stance: &mut Stance, foot: &Foot, findings: &mut Findings) {
    if stance.sources.center_of_pressure != Provenance::Measured {
        return;
    }
    let back = foot.landmarks.heel_back.position.y;
    let length = foot.measurements.length_mm;
    let mut moved = 0.0_f64;
    for (anterior, lateral) in stance.cop_anterior_mm.iter().zip(&mut stance.cop_lateral_mm) {
        let at = anterior.clamp(0.05 * length, FOREMOST * length) + back;
        let Some([medial, outer]) = borders(&foot.plantar.heights, at) else { continue };
        let (middle, half) = (0.5 * (medial + outer), 0.5 * MOST_ACROSS * (outer - medial));
        let held = lateral.clamp(middle - half, middle + half);
        moved = moved.max((held - *lateral).abs());
        *lateral = held;
    }
    if moved > MOVED_MM {
        findings.warn("gait", "pressure-beside-sole", format!(
            "The measured center of pressure lies up to {moved:.0} mm nearer to the border of the scanned sole than a loaded foot can bear; it was held \
             back. Check whether recording and scan are of the same person and how the foot's markers lie."
        ));
    }
}

/// Medial and lateral border of the sole at a distance along it, mm.
fn borders(heights: &HeightField, y: f64) -> Option<[f64; 2]> {
    let area = heights.area();
    let step = 1.0;
    let count = (area.width() / step) as usize;
    let mut inside = (0..=count)
        .map(|i| area.low.x + step * i as f64)
        .filter(|x| heights.sample(Point2::new(*x, y)).is_some());
    let first = inside.next()?;
    Some([first, inside.next_back().unwrap_or(first)])
}

/// An angle at which a knee is plainly bowed or knocked, degrees: two measurements of the same radiograph differ by 1.
const PLAIN_DEG: f64 = 3.0;

/// An angle that may still be measurement, degrees.
const SLIGHT_DEG: f64 = 1.0;

/// A varus from which a lateral wedge hardly helps, degrees (handbook, knee model, section 4: 3 to 5 of bone).
const BONY_VARUS_DEG: f64 = 5.0;

/// Refuses an indication that the knee's alignment contradicts, and says what only looks odd.
///
/// # Errors
/// [`Refusal::Gait`] in one sentence with both numbers and the way out.
pub(crate) fn check_alignment(
    job: &Job<'_>,
    side: Side,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    let case = &job.case;
    let varus = gait_report::metrics(&case.gait[&side].metrics).knee_varus_deg;
    let on_file = |caution| case.patient.cautions.contains(&caution);
    let refuse = |reason: String| {
        Err(Refusal::Gait {
            place: format!("{} [gait.metrics] {side} knee", job.case_name),
            reason,
        })
    };
    let word = case.indication.word();
    let Some(varus) = varus else {
        let odd = match case.indication {
            Indication::MedialKneeOa => on_file(Caution::ValgusKnee).then_some("valgus-knee"),
            Indication::LateralKneeOa => on_file(Caution::BonyVarus).then_some("bony-varus"),
            _ => None,
        };
        if let Some(caution) = odd {
            findings.warn("gait", "indication-against-alignment", format!(
                "The indication is {word} but {caution} is on file, which loads the other compartment; confirm it, and give knee_varus_deg."
            ));
        }
        return Ok(());
    };
    if varus > SLIGHT_DEG && on_file(Caution::ValgusKnee) {
        return refuse(format!(
            "valgus-knee is on file, but knee_varus_deg = {varus} is a varus knee; correct one of them"
        ));
    }
    if varus < -SLIGHT_DEG && on_file(Caution::BonyVarus) {
        return refuse(format!(
            "bony-varus is on file, but knee_varus_deg = {varus} is a valgus knee; correct one of them"
        ));
    }
    let against = match case.indication {
        Indication::MedialKneeOa => -varus,
        Indication::LateralKneeOa => varus,
        _ => return Ok(()),
    };
    let bent =
        if varus < 0.0 { "valgus knee loads the outer" } else { "varus knee loads the inner" };
    if against >= PLAIN_DEG {
        return refuse(format!(
            "the indication is {word}, but knee_varus_deg = {varus}: a {bent} compartment; correct the sign (+ is varus) or the indication"
        ));
    }
    if against > SLIGHT_DEG {
        findings.warn("gait", "indication-against-alignment", format!(
            "The indication is {word}, but knee_varus_deg = {varus}: a {bent} compartment; confirm both."
        ));
    }
    if varus >= BONY_VARUS_DEG && !on_file(Caution::BonyVarus) {
        findings.warn("gait", "large-varus", format!(
            "knee_varus_deg = {varus}: with more than 3 to 5° of bony varus a lateral wedge hardly helps; if it is bone, write bony-varus into cautions."
        ));
    }
    Ok(())
}

/// The table "measured / assumed" of a stance; `pressure` names the recording that gave the center of pressure.
pub(crate) fn table(stance: &Stance, pressure: Option<&str>) -> GaitTable {
    let rows = stance.baseline().into_iter().map(|row| {
        let value = row.value.map_or_else(
            || "curve".to_owned(),
            |value| format!("{value:.*} {}", row.decimals, row.unit),
        );
        let by_pressure = row.key == "cop_most_lateral_mm" || row.key == "stance_time_s";
        let basis = match pressure {
            Some(file) if by_pressure && row.source == Provenance::Measured => {
                format!("measured: {file}")
            }
            _ => row.basis,
        };
        vec![row.name.to_owned(), value, basis]
    });
    GaitTable {
        title: format!("Baseline of the prediction: {}", stance.activity.name()),
        heads: vec!["Quantity", "Value", "Measured or assumed"],
        rows: rows.collect(),
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activity_word_has_a_load_case() {
        for (word, expected) in [
            ("everyday", Activity::Walking),
            ("standing-work", Activity::Standing),
            ("running", Activity::Running),
            ("court", Activity::Running),
        ] {
            assert_eq!(activity(word), expected);
        }
    }
}
