//! The sentences about a recommendation. They speak of predicted load, never of pain or disease.

use knee::Prediction;
use vocabulary::{Angle, signed};

use crate::search::Recommendation;
use crate::{Candidate, Indication, Limit, Problem, Variable};

/// A post in words: "4.5° lateral", "no post".
pub(crate) fn post(angle: Angle) -> String {
    let deg = angle.deg();
    if deg.abs() < 0.05 {
        "no post".to_owned()
    } else {
        format!("{:.1}° {}", deg.abs(), if deg > 0.0 { "lateral" } else { "medial" })
    }
}

/// The device in words: posts, wedge and arch, and whatever else the search was free to choose.
fn device(candidate: &Candidate, searched: &[Variable]) -> String {
    let mut parts = vec![
        format!("rearfoot {}", post(candidate.rearfoot_post())),
        format!("forefoot {}", post(candidate.forefoot_post())),
        format!("arch {:.2}", candidate.arch_fraction()),
    ];
    if candidate.wedge != [Angle::ZERO; 2] {
        let [rearfoot, forefoot] = candidate.wedge.map(post);
        parts.push(format!("on an ordered wedge (rearfoot {rearfoot}, forefoot {forefoot})"));
    }
    let shown = [Variable::RearfootPost, Variable::ForefootPost, Variable::ArchFraction];
    for variable in searched.iter().filter(|variable| !shown.contains(variable)) {
        let (name, unit) = variable.words();
        parts.push(format!("{name} {:.1} {unit}", candidate.values[*variable]));
    }
    parts.join(", ")
}

/// Why this candidate: what it is predicted to do, how surely, at what cost, and what stops at it.
pub(crate) fn why(
    problem: &Problem,
    (candidate, searched): (&Candidate, &[Variable]),
    prediction: &Prediction,
    recommendation: Recommendation,
    active: &[Limit],
) -> String {
    let device = device(candidate, searched);
    let opening = match recommendation {
        _ if searched.is_empty() => format!("As ordered or decided before: {device}"),
        Recommendation::Neutral if candidate.is_unposted() => {
            format!("The neutral device is recommended ({device})")
        }
        Recommendation::Neutral => {
            format!("Nothing beyond what was ordered is recommended ({device})")
        }
        Recommendation::Tuned => format!("Chosen to {}: {device}", goal(problem.indication)),
    };
    let missed = match recommendation {
        Recommendation::Tuned if !searched.is_empty() => shortfall(problem.indication, prediction),
        _ => None,
    };
    let peak = &prediction.kam_peak1;
    let rate = match problem.indication {
        Indication::ImpactSport => {
            format!(", loading rate {} %", signed(prediction.loading_rate_change_pct, 0))
        }
        _ => String::new(),
    };
    let effect = format!(
        "predicted change of the knee adduction moment: first peak {} % (90 % interval {} to {} %), impulse {} %; rearfoot eversion {}°, highest plantar pressure {} %{rate}",
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
    let missed = missed.map_or_else(String::new, |missed| format!("; {missed}"));
    format!("{opening}; {effect}{missed}{stops}.")
}

/// Eversion that a flat foot's device is aimed at, degrees: the handbook's -1 to -2.
pub(crate) const FLAT_FOOT_EVERSION_DEG: f64 = -1.5;

/// How far the prediction stays behind the aim, in words; `None` where it serves it.
fn shortfall(indication: Indication, prediction: &Prediction) -> Option<String> {
    let eversion = prediction.eversion.deg();
    let serves = match indication {
        Indication::MedialKneeOa => prediction.kam_impulse.change_pct < 0.0,
        Indication::LateralKneeOa => prediction.kam_impulse.change_pct > 0.0,
        Indication::PatellofemoralPain => eversion < 0.0,
        Indication::FlatFoot if eversion > -0.95 => {
            return Some(format!(
                "of the {:.1}° less eversion that were aimed at, {:.1}° are predicted within the limits",
                -FLAT_FOOT_EVERSION_DEG,
                (-eversion).max(0.0)
            ));
        }
        Indication::FlatFoot | Indication::None => true,
        Indication::Cavus => prediction.peak_pressure_change_pct < 0.0,
        Indication::ImpactSport => prediction.loading_rate_change_pct < 0.0,
    };
    (!serves).then(|| "no device within the limits is predicted to reach the aim".to_owned())
}

fn goal(indication: Indication) -> &'static str {
    match indication {
        Indication::MedialKneeOa => "lower the knee adduction moment",
        Indication::LateralKneeOa => "raise the knee adduction moment",
        Indication::PatellofemoralPain => "lower rearfoot eversion and tibial rotation",
        Indication::FlatFoot => "lower rearfoot eversion, aiming at 1.5° less",
        Indication::Cavus => "lower the highest plantar pressure and spread it",
        Indication::ImpactSport => {
            "lower the loading rate and the highest plantar pressure without posts"
        }
        Indication::None => "be neutral",
    }
}
