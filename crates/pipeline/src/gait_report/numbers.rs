//! A sheet of gait numbers on its own: what normative curves, scaled to them, say.

use gait::{Activity, GaitMetrics, Person, Provenance, Stance};
use order::{GaitSheet, Values, read_gait_sheet};
use serde_json::{Map, Value, json};
use trial::Measure;
use vocabulary::{Findings, Side};

use super::made::Made;
use super::pictures::FOOT_OVER_HEIGHT_MM_PER_M;
use super::{GaitFile, GaitRequest};
use crate::Refusal;

/// Share of the stride that one foot is on the ground in walking (Perry 1992, Gait Analysis, chapter 1).
const STANCE_OF_STRIDE: f64 = 0.62;

/// The written metrics in the words of the gait step.
pub(crate) fn metrics(written: &Values) -> GaitMetrics {
    GaitMetrics {
        kam_peak1_pct_bwht: written.optional_number("kam_peak1_pct_bwht"),
        kam_peak2_pct_bwht: written.optional_number("kam_peak2_pct_bwht"),
        kam_impulse_nms_per_kg: written.optional_number("kam_impulse_nms_per_kg"),
        kfm_peak_nm_per_kg: written.optional_number("kfm_peak_nm_per_kg"),
        walking_speed_m_per_s: written.optional_number("walking_speed_m_per_s"),
        foot_progression_deg: written.optional_number("foot_progression_deg"),
        stance_time_s: written.optional_number("stance_time_s"),
        knee_varus_deg: written.optional_number("knee_varus_deg"),
    }
}

/// Adds a sheet: to a trial its numbers alone, otherwise one stance of each side from norms.
pub(super) fn add(
    made: &mut Made,
    file: &GaitFile,
    request: &GaitRequest<'_>,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    let refused = |reason: String| Refusal::Gait { place: file.name.clone(), reason };
    let text = String::from_utf8_lossy(&file.bytes);
    let sheet = read_gait_sheet(&text, &file.name)?;
    for note in &sheet.notes {
        findings.note("gait", "sheet-converted", format!("{}: {note}", file.name));
    }
    if made.object.contains_key("stances") {
        findings.note(
            "gait",
            "sheet-beside-trial",
            format!("{}: its numbers stand beside the trial and change nothing in it.", file.name),
        );
        made.object.insert("metrics".to_owned(), written(&sheet));
        return Ok(());
    }
    let person = match (request.mass_kg, request.height_m) {
        (Some(mass_kg), Some(height_m)) => Some(Person { mass_kg, height_m }),
        _ => {
            findings.warn(
                "gait",
                "no-body-size",
                format!(
                    "{}: without --mass-kg and --height-m the sheet gives no curves.",
                    file.name
                ),
            );
            None
        }
    };
    let activity = Activity::ALL
        .into_iter()
        .find(|activity| request.activity.as_deref() == Some(activity.name()))
        .unwrap_or_default();
    let mut stances = Vec::new();
    let mut both = Vec::new();
    made.lines.push(format!("{}: a sheet of numbers", file.name));
    for side in Side::BOTH {
        let mut numbers = metrics(&sheet.metrics[&side]);
        if activity == Activity::Walking {
            stance_time_from_cadence(&mut numbers, &sheet, side, findings);
        }
        both.push(numbers);
        numbers.check_for(activity, findings).map_err(|error| refused(error.to_string()))?;
        if let Some(person) = &person {
            let stance = normative(activity, person, &numbers, findings)
                .map_err(|error| refused(error.to_string()))?;
            made.lines.push(line(side, &stance));
            made.lines.extend(measured_or_assumed(&stance));
            stances.push(stance_json(side, &stance));
        }
    }
    let (symmetry, asymmetries) = trial::compare_sides(&sides_that_differ(&both, person.as_ref()));
    made.lines.extend(asymmetries.iter().map(|words| format!("asymmetry: {words}")));
    for words in asymmetries {
        findings.note("gait", "asymmetry", words);
    }
    let object = &mut made.object;
    object.insert("activity".to_owned(), activity.name().into());
    object.insert("trial".to_owned(), file.name.as_str().into());
    object.insert("mass_kg".to_owned(), json!(request.mass_kg));
    object.insert("height_m".to_owned(), json!(request.height_m));
    object.insert("stances".to_owned(), stances.into());
    object.insert("symmetry".to_owned(), json!(symmetry));
    object.insert("quality".to_owned(), Value::Array(Vec::new()));
    object.insert("metrics".to_owned(), written(&sheet));
    Ok(())
}

fn stance_time_from_cadence(
    numbers: &mut GaitMetrics,
    sheet: &GaitSheet,
    side: Side,
    findings: &mut Findings,
) {
    let (Some(cadence), None) = (sheet.cadence_steps_per_min, numbers.stance_time_s) else {
        return;
    };
    let stance_time_s = STANCE_OF_STRIDE * 120.0 / cadence;
    numbers.stance_time_s = Some(stance_time_s);
    if side == Side::Left {
        findings.note(
            "gait",
            "stance-time-from-cadence",
            format!("A cadence of {cadence:.0} steps/min gives a stance of {stance_time_s:.2} s at 62 % of the stride."),
        );
    }
}

fn normative(
    activity: Activity,
    person: &Person,
    numbers: &GaitMetrics,
    findings: &mut Findings,
) -> Result<Stance, gait::GaitError> {
    let foot_mm = FOOT_OVER_HEIGHT_MM_PER_M * person.height_m;
    let instants = trial::INSTANTS;
    gait::stance_of_with_instants(activity, person, numbers, foot_mm, instants, findings)
}

/// The numbers that the sheet gives for each side apart, in the units of the trial's measures; moments need the person's size.
fn sides_that_differ(sides: &[GaitMetrics], person: Option<&Person>) -> Vec<(Measure, [f64; 2])> {
    let [left, right] = sides else { return Vec::new() };
    let pct_bwht_nm = person.map(Person::pct_bwht_nm);
    let mass_kg = person.map(|person| person.mass_kg);
    let of = |metrics: &GaitMetrics, measure: Measure| match measure {
        Measure::StanceTime => metrics.stance_time_s,
        Measure::KamPeak1 => Some(metrics.kam_peak1_pct_bwht? * pct_bwht_nm?),
        Measure::KamPeak2 => Some(metrics.kam_peak2_pct_bwht? * pct_bwht_nm?),
        Measure::KamImpulse => Some(metrics.kam_impulse_nms_per_kg? * mass_kg?),
        _ => Some(metrics.kfm_peak_nm_per_kg? * mass_kg?),
    };
    let pair = |measure| Some((measure, [of(left, measure)?, of(right, measure)?]));
    let given = [
        Measure::StanceTime,
        Measure::KamPeak1,
        Measure::KamPeak2,
        Measure::KamImpulse,
        Measure::KfmPeak,
    ];
    // A number that was written once for both sides compares nothing.
    given.into_iter().filter_map(pair).filter(|(_, [left, right])| left != right).collect()
}

fn line(side: Side, stance: &Stance) -> String {
    let moments = stance.kam_metrics();
    let [peak1, peak2, impulse] = moments.per_kg(&stance.person);
    format!(
        "{:<6} normative curves of {} scaled to the sheet: adduction peaks {peak1:.3} and {peak2:.3} Nm/kg ({:.2} %BW*Ht), impulse \
         {impulse:.3} Nm*s/kg, stance {:.2} s, toe-out {:.0} deg",
        side.name(),
        stance.activity.name(),
        moments.pct_bwht(&stance.person)[0],
        stance.stance_time_s,
        stance.toe_out.deg()
    )
}

/// What of a stance rests on the sheet and what on norms, a line each.
fn measured_or_assumed(stance: &Stance) -> Vec<String> {
    let rows = stance.baseline();
    let sources = [
        Provenance::Measured,
        Provenance::ScaledToMetrics,
        Provenance::AdaptedNorm,
        Provenance::Normative,
    ];
    sources
        .into_iter()
        .filter_map(|source| {
            let names: Vec<String> = rows
                .iter()
                .filter(|row| row.source == source)
                .map(|row| row.name.to_lowercase())
                .collect();
            (!names.is_empty()).then(|| format!("       {}: {}", source.words(), names.join("; ")))
        })
        .collect()
}

fn stance_json(side: Side, stance: &Stance) -> Value {
    let moments = stance.kam_metrics();
    let [peak1, peak2, impulse] = moments.per_kg(&stance.person);
    let half = stance.flexion_moment_nm.len() / 2;
    let kfm = stance.flexion_moment_nm[..=half].iter().copied().fold(f64::MIN, f64::max);
    json!({
        "side": side,
        "start_s": 0.0,
        "end_s": stance.stance_time_s,
        "used": true,
        "reason": "normative curves scaled to the sheet's numbers; nothing was measured over time",
        "kam_peak1_nm_per_kg": peak1,
        "kam_peak2_nm_per_kg": peak2,
        "kam_peak1_pct_bwht": moments.pct_bwht(&stance.person)[0],
        "kam_impulse_nms_per_kg": impulse,
        "kfm_peak_nm_per_kg": kfm / stance.person.mass_kg,
        "foot_progression_deg": stance.toe_out.deg(),
        "sources": stance.sources,
        "baseline": stance.baseline(),
        "curves": {
            "grf_vertical_n": stance.vertical_force_n,
            "kam_nm": stance.adduction_moment_nm,
            "kfm_nm": stance.flexion_moment_nm,
        },
    })
}

/// The sheet's own numbers by side.
fn written(sheet: &GaitSheet) -> Value {
    let mut object = Map::new();
    for (side, values) in &sheet.metrics {
        let known = order::GAIT_METRICS
            .iter()
            .filter_map(|key| Some((key.key.to_owned(), json!(values.optional_number(key.key)?))));
        object.insert(side.name().to_owned(), Value::Object(known.collect()));
    }
    object.insert("cadence_steps_per_min".to_owned(), json!(sheet.cadence_steps_per_min));
    Value::Object(object)
}
