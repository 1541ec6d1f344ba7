//! From the measured stances of a trial to the stance that the knee model takes.
//!
//! Curves and times that the trial knows replace the normative ones; what it does not know stays a norm, and every part says
//! where it came from. Numbers of `[gait.metrics]` beside a trial overrule it: the measured curve keeps its shape and is
//! scaled to them.

use gait::{GaitMetrics, Provenance, Stance};
use trial::{Channel, Measure, SideSummary};
use vocabulary::{Angle, Findings, Side};

/// A curve of which less than this share is known stays normative.
const LEAST_KNOWN: f64 = 0.9;

/// The pressure may lie this far beyond the scanned foot (shoe, marker of the heel) without being said, mm.
const BEYOND_FOOT_MM: f64 = 15.0;

/// The stance of one side: `norm`, with everything that was measured in its place.
pub(crate) fn measured_stance(
    summary: &SideSummary,
    norm: Stance,
    foot_length_mm: f64,
    findings: &mut Findings,
) -> Stance {
    let mut stance = norm;
    let mut kept: Vec<&str> = Vec::new();
    let instants = stance.percent.clone();
    let mut take = |channel: Channel, name: &'static str, curve: &mut Vec<f64>| {
        let measured = resampled(summary.mean_curves.get(channel), &instants);
        let found = measured.is_some();
        match measured {
            Some(measured) => *curve = measured,
            None => kept.push(name),
        }
        found
    };
    let measured = |found: bool, was: Provenance| if found { Provenance::Measured } else { was };
    let sources = &mut stance.sources;
    let force = take(Channel::ForceVertical, "vertical force", &mut stance.vertical_force_n);
    sources.vertical_force = measured(force, sources.vertical_force);
    let anterior = take(
        Channel::CopAnterior,
        "center of pressure along the foot",
        &mut stance.cop_anterior_mm,
    );
    let lateral =
        take(Channel::CopLateral, "center of pressure across the foot", &mut stance.cop_lateral_mm);
    sources.center_of_pressure = measured(anterior && lateral, sources.center_of_pressure);
    let adduction =
        take(Channel::KneeAdduction, "adduction moment", &mut stance.adduction_moment_nm);
    sources.adduction_moment = measured(adduction, sources.adduction_moment);
    let flexion = take(Channel::KneeFlexion, "flexion moment", &mut stance.flexion_moment_nm);
    sources.flexion_moment = measured(flexion, sources.flexion_moment);
    let ankle =
        take(Channel::AnkleDorsiflexion, "ankle moment", &mut stance.dorsiflexion_moment_nm);
    sources.dorsiflexion_moment = measured(ankle, sources.dorsiflexion_moment);
    let bend = take(Channel::KneeFlexionAngle, "knee flexion", &mut stance.knee_flexion_deg);
    sources.knee_flexion = measured(bend, sources.knee_flexion);
    if let Some(time) = summary.mean.get(Measure::StanceTime) {
        stance.stance_time_s = time;
        sources.stance_time = Provenance::Measured;
    }
    if let Some(angle) = summary.mean.get(Measure::FootProgression) {
        stance.toe_out = Angle::from_deg(angle);
        sources.toe_out = Provenance::Measured;
    }
    for force in &mut stance.vertical_force_n {
        *force = force.max(0.0);
    }
    keep_on_foot(&mut stance, foot_length_mm, findings);
    say(summary, &stance, &kept, findings);
    stance
}

/// A curve at the wanted percents; unknown ends take the nearest known value, gaps inside a line between their ends.
fn resampled(curve: &[Option<f64>], percents: &[f64]) -> Option<Vec<f64>> {
    let known: Vec<(f64, f64)> = curve
        .iter()
        .enumerate()
        .filter_map(|(percent, value)| Some((percent as f64, (*value)?)))
        .collect();
    if curve.is_empty() || (known.len() as f64) < LEAST_KNOWN * curve.len() as f64 {
        return None;
    }
    let at = |percent: f64| {
        let next = known.partition_point(|(other, _)| *other < percent).min(known.len() - 1);
        let (x1, y1) = known[next];
        let (x0, y0) = known[next.saturating_sub(1)];
        let share = if x1 > x0 { ((percent - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { 1.0 };
        y0 + share * (y1 - y0)
    };
    Some(percents.iter().map(|percent| at(*percent)).collect())
}

/// The knee model's contact ends with the scanned foot; a shoe's sole and a marker on the heel's skin reach further.
fn keep_on_foot(stance: &mut Stance, foot_length_mm: f64, findings: &mut Findings) {
    let beyond =
        stance.cop_anterior_mm.iter().map(|at| (-at).max(at - foot_length_mm)).fold(0.0, f64::max);
    for at in &mut stance.cop_anterior_mm {
        *at = at.clamp(0.0, foot_length_mm);
    }
    if beyond > BEYOND_FOOT_MM {
        findings.warn(
            "gait",
            "pressure-beyond-foot",
            format!(
                "The measured center of pressure lies up to {beyond:.0} mm beyond the scanned foot of {foot_length_mm:.0} mm; it \
                 was held to the foot's ends. Check whether trial and scan are of the same person."
            ),
        );
    }
}

fn say(summary: &SideSummary, stance: &Stance, kept: &[&str], findings: &mut Findings) {
    let [peak1, peak2, _] = stance.kam_metrics().pct_bwht(&stance.person);
    let strides = summary.strides;
    let plural = if strides == 1 { "stance" } else { "stances" };
    let norms = match kept {
        [] => String::new(),
        kept => format!(" Not measured, hence normative: {}.", kept.join(", ")),
    };
    findings.note(
        "gait",
        "gait-measured",
        format!(
            "Mean of {strides} measured {plural}: adduction peaks {peak1:.2} and {peak2:.2} %BW·Ht, stance {:.2} s, toe-out {:.0}°.{norms}",
            stance.stance_time_s,
            stance.toe_out.deg()
        ),
    );
}

/// Scales a measured stance to numbers written beside the trial, and says so.
pub(crate) fn overrule(stance: &mut Stance, written: &GaitMetrics, findings: &mut Findings) {
    let unit = stance.person.pct_bwht_nm();
    let made = stance.kam_metrics();
    let [peak1, peak2, _] = made.pct_bwht(&stance.person);
    let mut changes = Vec::new();
    let mut change = |key: &str, from: f64, to: f64| {
        changes.push(format!("{key} {from:.2} by {to:.2}"));
        to / from
    };
    let first = written.kam_peak1_pct_bwht.map(|to| change("kam_peak1_pct_bwht", peak1, to));
    let second = written.kam_peak2_pct_bwht.map(|to| change("kam_peak2_pct_bwht", peak2, to));
    let mut factors = [first.or(second), second.or(first)];
    if let (Some(to), [None, None]) = (written.kam_impulse_nms_per_kg, factors) {
        let per_kg = made.impulse_nms / stance.person.mass_kg;
        factors = [Some(change("kam_impulse_nms_per_kg", per_kg, to)); 2];
    }
    if let [Some(first), Some(second)] = factors
        && first.is_finite()
        && second.is_finite()
        && unit > 0.0
    {
        for (moment, percent) in stance.adduction_moment_nm.iter_mut().zip(&stance.percent) {
            // The change-over between the peaks is that of the normative curves.
            let early = 1.0 / (1.0 + ((percent - 50.0) / 6.0).exp());
            *moment *= early * first + (1.0 - early) * second;
        }
        stance.sources.adduction_moment = Provenance::ScaledToMetrics;
    }
    if let Some(to) = written.kfm_peak_nm_per_kg {
        let half = stance.flexion_moment_nm.len() / 2;
        let peak = stance.flexion_moment_nm[..=half].iter().copied().fold(f64::MIN, f64::max);
        let factor = change("kfm_peak_nm_per_kg", peak / stance.person.mass_kg, to);
        if factor.is_finite() && factor > 0.0 {
            stance.flexion_moment_nm.iter_mut().for_each(|moment| *moment *= factor);
            stance.sources.flexion_moment = Provenance::ScaledToMetrics;
        }
    }
    if let Some(to) = written.stance_time_s {
        change("stance_time_s", stance.stance_time_s, to);
        stance.stance_time_s = to;
    }
    if let Some(to) = written.foot_progression_deg {
        change("foot_progression_deg", stance.toe_out.deg(), to);
        stance.toe_out = Angle::from_deg(to);
    }
    if !changes.is_empty() {
        findings.warn(
            "gait",
            "metrics-overrule-trial",
            format!("[gait.metrics] overrules the measured trial: {}.", changes.join(", ")),
        );
    }
    if written.walking_speed_m_per_s.is_some() {
        findings.note(
            "gait",
            "speed-beside-trial",
            "walking_speed_m_per_s is not used beside a trial, which holds curves at its own speed.",
        );
    }
}

/// Why a side has no usable stance, in words.
pub(crate) fn no_stance(analysis: &trial::Analysis, side: Side) -> String {
    let reasons: Vec<String> = analysis
        .stances
        .iter()
        .filter(|stance| stance.side == Some(side))
        .map(|stance| {
            let reason = stance.reason.as_deref().unwrap_or("not used");
            format!("{:.2} s: {reason}", stance.start_s)
        })
        .collect();
    if reasons.is_empty() {
        format!("no {side} foot stood on a plate")
    } else {
        format!("no {side} stance can be used ({})", reasons.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use gait::Person;

    use super::*;

    const ADULT: Person = Person { mass_kg: 75.0, height_m: 1.72 };

    fn norm() -> Stance {
        gait::stance(&ADULT, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap()
    }

    #[test]
    fn curves_are_taken_at_the_instants_of_the_model() {
        let curve: Vec<Option<f64>> =
            (0..101).map(|i| (!(50..53).contains(&i) && i > 2).then(|| f64::from(i))).collect();
        let got = resampled(&curve, &[0.0, 2.0, 10.0, 51.0, 100.0]).unwrap();
        assert_eq!(got, [3.0, 3.0, 10.0, 51.0, 100.0]);
        let sparse: Vec<Option<f64>> = (0..101).map(|i| (i % 2 == 0).then_some(1.0)).collect();
        assert_eq!(resampled(&sparse, &[0.0]), None);
        assert_eq!(resampled(&[], &[0.0]), None);
    }

    #[test]
    fn written_numbers_scale_the_measured_curve() {
        let mut stance = norm();
        let mut findings = Findings::new();
        let written = GaitMetrics {
            kam_peak1_pct_bwht: Some(4.0),
            kfm_peak_nm_per_kg: Some(1.0),
            stance_time_s: Some(0.8),
            ..GaitMetrics::default()
        };
        overrule(&mut stance, &written, &mut findings);
        let [peak1, ..] = stance.kam_metrics().pct_bwht(&ADULT);
        assert!((peak1 - 4.0).abs() < 1e-6, "{peak1}");
        let peak = stance.flexion_moment_nm.iter().copied().fold(f64::MIN, f64::max);
        assert!((peak - 75.0).abs() < 1e-9, "{peak}");
        assert_eq!(stance.stance_time_s, 0.8);
        assert_eq!(stance.sources.adduction_moment, Provenance::ScaledToMetrics);
        assert!(findings.has("metrics-overrule-trial"));
        let mut both = norm();
        let written = GaitMetrics {
            kam_peak1_pct_bwht: Some(3.5),
            kam_peak2_pct_bwht: Some(2.0),
            ..GaitMetrics::default()
        };
        overrule(&mut both, &written, &mut findings);
        let [peak1, peak2, _] = both.kam_metrics().pct_bwht(&ADULT);
        assert!((peak1 - 3.5).abs() < 0.05 && (peak2 - 2.0).abs() < 0.05, "{peak1} {peak2}");
    }

    #[test]
    fn nothing_written_changes_nothing() {
        let (mut stance, mut findings) = (norm(), Findings::new());
        overrule(&mut stance, &GaitMetrics::default(), &mut findings);
        assert_eq!(stance, norm());
        assert_eq!(findings.iter().count(), 0);
    }

    #[test]
    fn pressure_is_held_to_the_foot() {
        let (mut stance, mut findings) = (norm(), Findings::new());
        stance.cop_anterior_mm[0] = -30.0;
        keep_on_foot(&mut stance, 260.0, &mut findings);
        assert_eq!(stance.cop_anterior_mm[0], 0.0);
        assert!(findings.has("pressure-beyond-foot"));
    }
}
