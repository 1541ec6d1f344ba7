//! One foot of the optimization as an object.

use serde_json::{Value, json};

use super::around::Surroundings;
use super::follow_up::FollowUp;
use super::{Tuned, benefit, doses, harm, on_file, prediction_json};
use crate::Job;
use crate::fitting::DecidedBy;

/// Everything about one foot.
pub(super) fn side(job: &Job<'_>, tuned: &Tuned) -> Value {
    let (fitted, optimum) = (&tuned.fitted, &tuned.fitted.optimum);
    let limits = &fitted.limits;
    let stance = fitted.model.stance();
    let first = &optimum.prediction.kam_peak1.likelihood;
    json!({
        "recommendation": optimum.recommendation,
        "why": optimum.why,
        "chosen": optimum.chosen,
        "doses": doses(&optimum.chosen),
        "searched": optimum.searched.iter().map(|one| one.key()).collect::<Vec<_>>(),
        "decisions": fitted.decision.doses.iter().map(|(key, value, by): &(_, _, DecidedBy)| {
            json!({ "key": key, "value": value, "decided_by": by.words() })
        }).collect::<Vec<_>>(),
        "on_file": on_file(tuned),
        "probability_of_benefit": benefit(fitted, first),
        "probability_of_harm": harm(fitted, first),
        "table": table(tuned),
        "prediction": prediction_json(&optimum.prediction),
        "measures": optimum.measures,
        "limits": limits,
        "active_limits": optimum.active_limits.iter().map(|limit| json!({
            "limit": limit,
            "words": limit.describe(limits),
            "exceeded": optimum.exceeded.contains(limit),
        })).collect::<Vec<_>>(),
        "neighbors": optimum.neighbors,
        "sensitivity": Surroundings::of(optimum, limits).sensitivity,
        "fronts": optimum.fronts,
        "dose_response": tuned.doses.iter().map(|dose| json!({
            "deg": dose.deg,
            "kam_peak1": dose.prediction.kam_peak1,
            "kam_peak2": dose.prediction.kam_peak2,
            "kam_impulse": dose.prediction.kam_impulse,
            "eversion_deg": dose.prediction.eversion.deg(),
            "cop_shift_mm": dose.prediction.cop_shift_mm,
        })).collect::<Vec<_>>(),
        "follow_up": tuned.follow_up.as_ref().map(FollowUp::json),
        "evaluations": optimum.evaluations,
        "baseline": {
            "activity": stance.activity,
            "sources": stance.sources,
            "quantities": stance.baseline(),
            "mass_kg": job.case.patient.mass_kg,
            "height_m": job.case.patient.height_m,
            "stance_time_s": stance.stance_time_s,
            "kam_pct_bwht": stance.kam_metrics().pct_bwht(&stance.person),
        },
        "findings": tuned.findings,
    })
}

/// Before, after, change with its interval and probabilities, for the three measures of the adduction moment.
fn table(tuned: &Tuned) -> Vec<Value> {
    let unit = tuned.fitted.model.stance().person.pct_bwht_nm();
    super::sheet::outcomes(&tuned.fitted.optimum.prediction)
        .into_iter()
        .map(|(key, name, measure, outcome)| {
            let likelihood = &outcome.likelihood;
            json!({
                "key": key,
                "name": name,
                "unit": measure,
                "before": outcome.before / unit,
                "after": outcome.after / unit,
                "change_pct": outcome.change_pct,
                "low_pct": likelihood.low_pct,
                "high_pct": likelihood.high_pct,
                "p_below_0": likelihood.below_0,
                "p_below_2": likelihood.below_2,
                "p_below_6": likelihood.below_6,
                "p_below_10": likelihood.below_10,
                "p_harm": harm(&tuned.fitted, likelihood),
            })
        })
        .collect()
}
