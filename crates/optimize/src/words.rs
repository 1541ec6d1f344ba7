//! The sentences about a recommendation. They speak of predicted load, never of pain or disease.

use knee::Prediction;
use vocabulary::{Angle, signed};

use crate::search::Recommendation;
use crate::{Candidate, Indication, Limit, Problem};

/// A post in words: "4.5° lateral", "no post".
pub(crate) fn post(angle: Angle) -> String {
    let deg = angle.deg();
    if deg.abs() < 0.05 {
        "no post".to_owned()
    } else {
        format!("{:.1}° {}", deg.abs(), if deg > 0.0 { "lateral" } else { "medial" })
    }
}

/// Why this candidate: what it is predicted to do, how surely, at what cost, and what stops at it.
pub(crate) fn why(
    problem: &Problem,
    candidate: &Candidate,
    prediction: &Prediction,
    recommendation: Recommendation,
    active: &[Limit],
) -> String {
    let device = format!(
        "rearfoot {}, forefoot {}, arch {:.2}",
        post(candidate.rearfoot_post),
        post(candidate.forefoot_post),
        candidate.arch_fraction
    );
    let fixed = &problem.fixed;
    let all_ordered = fixed.rearfoot_post.is_some()
        && fixed.forefoot_post.is_some()
        && fixed.arch_fraction.is_some();
    let opening = match recommendation {
        _ if all_ordered => format!("As ordered: {device}"),
        Recommendation::Neutral if candidate.is_unposted() => {
            format!("The neutral device is recommended ({device})")
        }
        Recommendation::Neutral => {
            format!("Nothing beyond what was ordered is recommended ({device})")
        }
        Recommendation::Tuned => format!("Chosen to {}: {device}", goal(problem.indication)),
    };
    let peak = &prediction.kam_peak1;
    let effect = format!(
        "predicted change of the knee adduction moment: first peak {} % (90 % interval {} to {} %), impulse {} %; rearfoot eversion {}°, highest plantar pressure {} %",
        signed(peak.change_pct, 1),
        signed(peak.likelihood.low_pct, 0),
        signed(peak.likelihood.high_pct, 0),
        signed(prediction.kam_impulse.change_pct, 1),
        signed(prediction.eversion.deg(), 1),
        signed(prediction.peak_pressure_change_pct, 0)
    );
    let stops = if active.is_empty() {
        String::new()
    } else {
        let limits: Vec<String> =
            active.iter().map(|limit| limit.describe(&problem.limits)).collect();
        format!("; what holds it there: {}", limits.join(", "))
    };
    format!("{opening}; {effect}{stops}.")
}

fn goal(indication: Indication) -> &'static str {
    match indication {
        Indication::MedialKneeOa => "lower the knee adduction moment",
        Indication::LateralKneeOa => "raise the knee adduction moment",
        Indication::PatellofemoralPain => "lower rearfoot eversion and tibial rotation",
        Indication::FlatFoot => "lower rearfoot eversion by about 1.5°",
        Indication::Cavus => "lower the highest plantar pressure and spread it",
        Indication::ImpactSport => "lower the highest plantar pressure without posts",
        Indication::None => "be neutral",
    }
}
