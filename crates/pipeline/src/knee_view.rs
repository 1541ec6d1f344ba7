//! What the report says of the knee: the prediction, its price, and why this design.

use gait::Provenance;
use optimize::Recommendation;
use report::{PredictionRow, PredictionView, Role};

use vocabulary::signed;

use crate::fitting::Decision;
use crate::side::{Fitted, Made};

/// The prediction with its baseline in words.
pub(crate) fn prediction(made: &Made) -> PredictionView {
    let prediction = &made.prediction;
    let likelihood = &prediction.kam_peak1.likelihood;
    PredictionView {
        quantity: match made.fitted.raises {
            false => "first peak of the knee adduction moment".to_owned(),
            true => "first peak of the knee adduction moment (here the aim is to raise it, which unloads the outer \
                     side of the knee)"
                .to_owned(),
        },
        expected_change_pct: likelihood.expected_pct,
        low_pct: likelihood.low_pct,
        high_pct: likelihood.high_pct,
        probability_of_benefit: likelihood.below_2,
        probability_of_harm: 1.0 - likelihood.below_0,
        declined: declined(made).then(|| made.fitted.optimum.why.clone()),
        baseline: baseline(&made.fitted).to_owned(),
        rows: prediction_rows(made),
    }
}

/// Where the prediction starts from, in words.
pub(crate) fn baseline(fitted: &Fitted) -> &'static str {
    match fitted.model.stance().sources.adduction_moment {
        Provenance::Normative => {
            "normative curves for this mass and height: nobody measured this person's gait"
        }
        Provenance::AdaptedNorm => {
            "normative curves for this mass and height, moved to this person's speed or alignment: nobody measured this \
             person's moments"
        }
        Provenance::Measured => "the measured walk of the case file",
        Provenance::ScaledToMetrics if fitted.walked => {
            "the measured walk of the case file, scaled to its gait metrics"
        }
        _ => "the gait metrics of the case file, on normative curve shapes",
    }
}

/// Why this design: the optimizer's sentence and what stood in the way of more.
pub(crate) fn reasons(made: &Made) -> Vec<String> {
    let fitted = &made.fitted;
    let limits = fitted.around.limited_by.iter().map(|limit| format!("Limited by: {limit}."));
    let Decision { cover, post_mpa, .. } = &fitted.decision;
    let materials = format!(
        "Counted with a cover of {:.1} mm and {:.1} MPa; posts of {post_mpa} MPa.",
        cover.thickness_mm, cover.modulus_mpa
    );
    [fitted.optimum.why.clone(), materials].into_iter().chain(limits).collect()
}

/// Where the chance of a gain is under one half, the program recommends the neutral device.
pub(crate) fn declined(made: &Made) -> bool {
    made.fitted.optimum.recommendation == Recommendation::Neutral && made.fitted.sought_gain
}

fn prediction_rows(made: &Made) -> Vec<PredictionRow> {
    let mut rows = knee_rows(made);
    rows.extend(cost_rows(made));
    rows
}

/// What the device is for.
fn knee_rows(made: &Made) -> Vec<PredictionRow> {
    let prediction = &made.prediction;
    let unit = made.fitted.model.stance().person.pct_bwht_nm();
    let moment = |name: &str, unit_name: &str, outcome: &knee::Outcome| PredictionRow {
        before: Some(outcome.before / unit),
        after: Some(outcome.after / unit),
        decimals: 2,
        interval: Some((outcome.likelihood.low_pct, outcome.likelihood.high_pct)),
        ..change(name, unit_name, outcome.change_pct, Role::Knee, "")
    };
    let force = prediction.medial_contact.map(|contact| contact.peak1_n);
    let stress = prediction.patellofemoral.map(|stress| stress.stress_mpa);
    vec![
        moment("Knee adduction moment, first peak", "%BW·Ht", &prediction.kam_peak1),
        moment("Knee adduction moment, second peak", "%BW·Ht", &prediction.kam_peak2),
        moment("Knee adduction impulse", "%BW·Ht·s", &prediction.kam_impulse),
        PredictionRow {
            note: "moment and force are not the same: see the flexion moment too".to_owned(),
            ..pair("Medial contact force (proxy)", "N", force, Role::Knee)
        },
        PredictionRow {
            decimals: 2,
            note: "changes only with the flexion moment".to_owned(),
            ..pair("Patellofemoral stress (proxy)", "MPa", stress, Role::Knee)
        },
    ]
}

/// What ankle and sole pay for it.
fn cost_rows(made: &Made) -> Vec<PredictionRow> {
    let prediction = &made.prediction;
    let limits = &made.fitted.limits;
    let [before, after] = &prediction.pressure;
    let cost =
        |name: &str, unit: &str, by: f64, note: String| change(name, unit, by, Role::Cost, &note);
    vec![
        cost(
            "Knee flexion moment",
            "%",
            prediction.flexion_moment_change_pct,
            format!("accepted up to +{} %; ±5 % between persons", limits.flexion_moment_pct),
        ),
        cost(
            "Rearfoot eversion",
            "°",
            prediction.eversion.deg(),
            format!(
                "at the first peak; accepted up to +{}°; largest over stance {}°",
                limits.eversion_deg,
                signed(prediction.largest_eversion.deg(), 1)
            ),
        ),
        cost(
            "Subtalar moment",
            "Nm",
            prediction.subtalar_moment_nm,
            format!("accepted up to {} Nm", limits.subtalar_moment_nm),
        ),
        cost(
            "Loading rate after heel strike (proxy)",
            "%",
            prediction.loading_rate_change_pct,
            "as the stiffness of what the heel meets".to_owned(),
        ),
        PredictionRow {
            note: format!("accepted up to +{} %", limits.peak_pressure_pct),
            ..pair("Highest sole pressure", "kPa", [before.peak(), after.peak()], Role::Cost)
        },
        PredictionRow {
            note: format!("accepted up to {} kPa", limits.arch_pressure_kpa),
            ..pair(
                "Highest arch pressure",
                "kPa",
                [before.arch_peak_kpa, after.arch_peak_kpa],
                Role::Cost,
            )
        },
    ]
}

/// A quantity of which only the change is predicted.
fn change(name: &str, unit: &str, change: f64, role: Role, note: &str) -> PredictionRow {
    PredictionRow {
        name: name.to_owned(),
        unit: unit.to_owned(),
        before: None,
        after: None,
        decimals: 1,
        change,
        interval: None,
        role,
        note: note.to_owned(),
    }
}

/// A quantity without and with the device.
fn pair(name: &str, unit: &str, [before, after]: [f64; 2], role: Role) -> PredictionRow {
    PredictionRow {
        before: Some(before),
        after: Some(after),
        decimals: 0,
        ..change(name, unit, 100.0 * (after / before - 1.0), role, "")
    }
}
