//! The optimization as lines for a terminal.

use knee::{Outcome, Prediction};
use optimize::{Measures, Recommendation, Variable};
use vocabulary::signed;

use super::around::{Step, Surroundings};
use super::{Tuned, benefit, harm};
use crate::knee_view;

/// Points of a front that are printed.
const FRONT_LINES: usize = 6;

/// Every line.
pub(super) fn lines(tuned: &[Tuned]) -> Vec<String> {
    let mut lines = Vec::new();
    for tuned in tuned {
        lines.extend(foot(tuned));
        lines.push(String::new());
    }
    lines
}

/// Key, name, unit and figures of the three measures of the adduction moment.
pub(super) fn outcomes(
    prediction: &Prediction,
) -> [(&'static str, &'static str, &'static str, &Outcome); 3] {
    [
        ("kam_peak1", "adduction moment, 1st peak", "%BW*Ht", &prediction.kam_peak1),
        ("kam_peak2", "adduction moment, 2nd peak", "%BW*Ht", &prediction.kam_peak2),
        ("kam_impulse", "adduction impulse", "%BW*Ht*s", &prediction.kam_impulse),
    ]
}

fn foot(tuned: &Tuned) -> Vec<String> {
    let (fitted, optimum) = (&tuned.fitted, &tuned.fitted.optimum);
    let mut lines = vec![format!("{} foot: {}", tuned.side, optimum.why)];
    lines.push(format!("  baseline: {}", knee_view::baseline(fitted)));
    lines.extend(knee_table(tuned));
    lines.extend(cost_table(tuned));
    let first = &optimum.prediction.kam_peak1.likelihood;
    let word = match optimum.recommendation {
        Recommendation::Tuned => "this device is recommended for a trial",
        Recommendation::Neutral if fitted.sought_gain => "the neutral device is recommended",
        Recommendation::Neutral => "no change of load is sought",
    };
    lines.push(if fitted.for_knee {
        format!(
            "  probability of at least 2 % as aimed at {:.2}, of a change against it {:.2}: {word}",
            benefit(fitted, first),
            harm(fitted, first),
        )
    } else {
        format!(
            "  the load at the knee is not what it is for; probability that the first peak rises {:.2}: {word}",
            harm(fitted, first),
        )
    });
    lines.extend(around(tuned));
    lines.extend(fronts(tuned));
    if let Some(follow_up) = &tuned.follow_up {
        lines.extend(follow_up.lines());
    }
    lines.push(format!("  {} candidates evaluated", optimum.evaluations));
    lines
}

fn knee_table(tuned: &Tuned) -> Vec<String> {
    let unit = tuned.fitted.model.stance().person.pct_bwht_nm();
    let mut lines = vec![format!(
        "  {:<28}{:>8}{:>8}{:>10}{:>14}{:>8}{:>8}{:>8}{:>8}",
        "", "before", "after", "change", "90 % interval", "P(<-2)", "P(<-6)", "P(<-10)", "P(harm)"
    )];
    for (_, name, measure, outcome) in outcomes(&tuned.fitted.optimum.prediction) {
        let likelihood = &outcome.likelihood;
        lines.push(format!(
            "  {:<28}{:>8.2}{:>8.2}{:>8} %{:>14}{:>8.2}{:>8.2}{:>8.2}{:>8.2}  {measure}",
            name,
            outcome.before / unit,
            outcome.after / unit,
            signed(outcome.change_pct, 1),
            format!("{} to {}", signed(likelihood.low_pct, 0), signed(likelihood.high_pct, 0)),
            likelihood.below_2,
            likelihood.below_6,
            likelihood.below_10,
            harm(&tuned.fitted, likelihood),
        ));
    }
    lines
}

/// What ankle and sole pay, each with what is accepted.
fn cost_table(tuned: &Tuned) -> Vec<String> {
    let (prediction, limits) = (&tuned.fitted.optimum.prediction, &tuned.fitted.limits);
    let [before, after] = &prediction.pressure;
    let [medial, medial_after] = prediction.medial_contact.map(|contact| contact.peak1_n);
    let row =
        |name: &str, change: String, note: String| format!("  {name:<28}{change:>16}  {note}");
    vec![
        row(
            "medial contact force (proxy)",
            format!("{} %", signed(100.0 * (medial_after / medial - 1.0), 1)),
            format!("{medial:.0} to {medial_after:.0} N"),
        ),
        row(
            "knee flexion moment",
            format!("{} %", signed(prediction.flexion_moment_change_pct, 1)),
            format!("accepted up to +{} %; ±5 % between persons", limits.flexion_moment_pct),
        ),
        row(
            "rearfoot eversion",
            format!("{}°", signed(prediction.eversion.deg(), 2)),
            format!("accepted -{}° to +{}°", limits.inversion_deg, limits.eversion_deg),
        ),
        row(
            "tibial rotation, internal",
            format!("{}°", signed(prediction.tibial_rotation.deg(), 2)),
            String::new(),
        ),
        row(
            "subtalar moment",
            format!("{} Nm", signed(prediction.subtalar_moment_nm, 2)),
            format!("accepted within {} Nm", limits.subtalar_moment_nm),
        ),
        row(
            "loading rate (proxy)",
            format!("{} %", signed(prediction.loading_rate_change_pct, 1)),
            "as the stiffness of what the heel meets".to_owned(),
        ),
        row(
            "highest sole pressure",
            format!("{} %", signed(prediction.peak_pressure_change_pct, 1)),
            format!(
                "{:.0} to {:.0} kPa; accepted up to +{} %",
                before.peak(),
                after.peak(),
                limits.peak_pressure_pct
            ),
        ),
        row(
            "highest arch pressure",
            format!("{:.0} kPa", after.arch_peak_kpa),
            format!("accepted up to {} kPa", limits.arch_pressure_kpa),
        ),
        row(
            "bulk under the heel",
            format!("{:.1} mm", tuned.fitted.optimum.measures.bulk_mm),
            String::new(),
        ),
    ]
}

/// What limits the design, its neighbors, and what a unit of each variable does.
fn around(tuned: &Tuned) -> Vec<String> {
    let around = Surroundings::of(&tuned.fitted.optimum, &tuned.fitted.limits);
    let limited = match around.limited_by.as_slice() {
        [] => "nothing but the bounds of the variables".to_owned(),
        limits => limits.join(", "),
    };
    let mut lines = vec![format!("  limited by: {limited}")];
    let row = |step: &Step, decimals: usize| {
        let exceeded = match step.exceeds.as_slice() {
            [] => String::new(),
            limits => format!("  does not keep: {}", limits.join(", ")),
        };
        format!(
            "    {:<38}1st peak {:>6} %  impulse {:>6} %  eversion {:>6}°  pressure {:>6} %{exceeded}",
            step.words,
            signed(step.kam_peak1_pct, decimals),
            signed(step.kam_impulse_pct, decimals),
            signed(step.eversion_deg, 2),
            signed(step.peak_pressure_pct, decimals),
        )
    };
    for (title, steps, decimals) in [
        ("  neighbors (one step of one variable):", &around.neighbors, 1),
        ("  sensitivity (a unit of one variable):", &around.sensitivity, 2),
    ] {
        if !steps.is_empty() {
            lines.push(title.to_owned());
            lines.extend(steps.iter().map(|step| row(step, decimals)));
        }
    }
    lines
}

fn figures(measures: &Measures) -> String {
    format!(
        "1st peak {:>5} %  impulse {:>5} %  eversion {:>6}°  pressure {:>5} %  bulk {:>4.1} mm",
        signed(measures.kam_peak1_pct, 1),
        signed(measures.kam_impulse_pct, 1),
        signed(measures.eversion_deg, 2),
        signed(measures.peak_pressure_pct, 1),
        measures.bulk_mm,
    )
}

fn fronts(tuned: &Tuned) -> Vec<String> {
    let fronts = &tuned.fitted.optimum.fronts;
    let mut lines = Vec::new();
    for (name, front) in [
        ("eversion", &fronts.eversion),
        ("sole pressure", &fronts.pressure),
        ("bulk", &fronts.bulk),
    ] {
        if front.len() < 2 {
            continue;
        }
        lines.push(format!("  trade-off of knee gain against {name}, {} designs:", front.len()));
        for point in front.iter().step_by(front.len().div_ceil(FRONT_LINES)) {
            let candidate = &point.candidate;
            lines.push(format!(
                "    {:<38}{}",
                format!(
                    "posts {}/{}°, arch {:.2}",
                    signed(candidate.values[Variable::RearfootPost], 1),
                    signed(candidate.values[Variable::ForefootPost], 1),
                    candidate.arch_fraction()
                ),
                figures(&point.measures)
            ));
        }
    }
    lines
}
