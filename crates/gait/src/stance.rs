//! One stance of one foot, from norms and single numbers.
//!
//! Speed: where it is given, the vertical force's departure from body weight between its two peaks grows with
//! the Froude number v²/(g·leg), as for an inverted pendulum (Alexander 1984, Am. Sci. 72:348); the frontal
//! lever arm is kept, so that the adduction moment follows the force; stance time falls with v^0.58 (Grieve
//! and Gear 1966, Ergonomics 9:379). That agrees in direction with Khan 2017: speed raises the first peak,
//! slow walking raises the impulse.

use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::activity::alignment_pct_bwht;
use crate::metrics::{Quantity, within};
use crate::normative::{self, at, smooth};
use crate::{Activity, GaitError, GaitMetrics, KamMetrics, Person, kam_metrics};

/// Instants of a stance that the knee model was calibrated with, one every 2 %.
pub const INSTANTS: usize = 51;

/// Where a curve or number came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Measured on this person.
    Measured,
    /// A normative shape, scaled to numbers measured on this person.
    ScaledToMetrics,
    /// A norm, moved by a rule to the person's speed or alignment: nobody measured the quantity itself.
    AdaptedNorm,
    /// A norm, scaled to body size only.
    Normative,
}

impl Provenance {
    /// Whether the quantity itself was measured on this person, as a curve or by its peak.
    #[must_use]
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Measured | Self::ScaledToMetrics)
    }
}

/// Where each part of a stance came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sources {
    /// Vertical force.
    pub vertical_force: Provenance,
    /// Center of pressure.
    pub center_of_pressure: Provenance,
    /// Knee adduction moment.
    pub adduction_moment: Provenance,
    /// Knee flexion moment.
    pub flexion_moment: Provenance,
    /// Stance time.
    pub stance_time: Provenance,
    /// Foot progression angle.
    pub toe_out: Provenance,
    /// Knee flexion.
    pub knee_flexion: Provenance,
    /// Ankle dorsiflexion moment.
    pub dorsiflexion_moment: Provenance,
}

impl Sources {
    /// Everything from one source.
    #[must_use]
    pub const fn all(source: Provenance) -> Self {
        Self {
            vertical_force: source,
            center_of_pressure: source,
            adduction_moment: source,
            flexion_moment: source,
            stance_time: source,
            toe_out: source,
            knee_flexion: source,
            dorsiflexion_moment: source,
        }
    }
}

/// One stance of one foot. All curves have one value per instant; the frame is that of the foot, x from the
/// most posterior heel to the toes, y lateral.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stance {
    /// What the person does.
    pub activity: Activity,
    /// Whose stance it is.
    pub person: Person,
    /// Percent of stance, 0 to 100, evenly spaced.
    pub percent: Vec<f64>,
    /// Time from heel strike to toe-off, s.
    pub stance_time_s: f64,
    /// Vertical ground reaction force, N.
    pub vertical_force_n: Vec<f64>,
    /// Center of pressure along the foot from the most posterior heel, mm.
    pub cop_anterior_mm: Vec<f64>,
    /// Center of pressure across the foot, + lateral, mm.
    pub cop_lateral_mm: Vec<f64>,
    /// External knee adduction moment, Nm, + adduction.
    pub adduction_moment_nm: Vec<f64>,
    /// External knee flexion moment, Nm, + flexion.
    pub flexion_moment_nm: Vec<f64>,
    /// External ankle dorsiflexion moment, Nm, + dorsiflexion.
    pub dorsiflexion_moment_nm: Vec<f64>,
    /// Knee flexion, degrees.
    pub knee_flexion_deg: Vec<f64>,
    /// Stiffness of the subtalar joint before the knee model's calibrated scale, Nm/rad.
    pub subtalar_stiffness_nm_per_rad: Vec<f64>,
    /// Angle of the foot to the line of progression, + toe-out.
    #[serde(skip)]
    pub toe_out: Angle,
    /// Where the curves came from.
    pub sources: Sources,
}

impl Stance {
    /// Number of instants.
    #[must_use]
    pub fn len(&self) -> usize {
        self.percent.len()
    }

    /// Whether there is no instant at all; never so for a stance made by this crate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.percent.is_empty()
    }

    /// Peaks and impulse of its adduction moment.
    #[must_use]
    pub fn kam_metrics(&self) -> KamMetrics {
        kam_metrics(&self.percent, &self.adduction_moment_nm, self.stance_time_s)
    }

    /// Lever arm of the vertical force about the knee in the frontal plane, mm; `NaN` below 10 % of body weight.
    #[must_use]
    pub fn lever_arm_mm(&self) -> Vec<f64> {
        let least = 0.1 * self.person.weight_n();
        self.adduction_moment_nm
            .iter()
            .zip(&self.vertical_force_n)
            .map(|(kam, force)| if *force > least { 1e3 * kam / force } else { f64::NAN })
            .collect()
    }
}

/// The stance of a person, at the 51 instants of the calibration.
///
/// # Errors
/// [`GaitError::OutOfRange`] if mass, height, foot length or a metric is not one of a walking person.
pub fn stance(
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    findings: &mut Findings,
) -> Result<Stance, GaitError> {
    stance_with_instants(person, metrics, foot_length_mm, INSTANTS, findings)
}

/// The stance of a person at `instants` evenly spaced instants (at least 11), for studies of convergence.
///
/// The curves are smoothed over five neighbors, as the reference does, hence over a time that depends on
/// `instants`.
///
/// # Errors
/// As [`stance`].
pub fn stance_with_instants(
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    instants: usize,
    findings: &mut Findings,
) -> Result<Stance, GaitError> {
    person.check()?;
    metrics.check(findings)?;
    within(
        Quantity { name: "foot_length_mm", unit: "mm", low: 80.0, high: 400.0 },
        foot_length_mm,
    )?;
    let instants = instants.max(11);
    let percent: Vec<f64> =
        (0..instants).map(|i| 100.0 * i as f64 / (instants - 1) as f64).collect();
    let sample = |table, factor: f64| -> Vec<f64> {
        percent.iter().map(|t| factor * at(table, *t)).collect()
    };

    let comfortable: Vec<f64> = smooth(&sample(normative::VERTICAL_FORCE_BW, 1.0));
    let swing = force_swing(person, metrics);
    let force_bw: Vec<f64> = swing_force(&percent, &comfortable, swing);
    let stance_time_s = stance_time(metrics);
    let adduction =
        AdductionNorm { percent: &percent, comfortable: &comfortable, force: &force_bw };
    let adduction_moment_nm = adduction.scaled(person, metrics, stance_time_s, findings);

    let stance = Stance {
        activity: Activity::Walking,
        person: *person,
        stance_time_s,
        vertical_force_n: force_bw.iter().map(|force| force * person.weight_n()).collect(),
        cop_anterior_mm: sample(normative::COP_ANTERIOR_LENGTHS, foot_length_mm),
        cop_lateral_mm: sample(normative::COP_LATERAL_MM, 1.0),
        adduction_moment_nm,
        flexion_moment_nm: flexion_moment(person, metrics, &percent),
        dorsiflexion_moment_nm: sample(normative::DORSIFLEXION_MOMENT_NM_PER_KG, person.mass_kg),
        knee_flexion_deg: sample(normative::KNEE_FLEXION_DEG, 1.0),
        subtalar_stiffness_nm_per_rad: sample(
            normative::SUBTALAR_STIFFNESS_NM_PER_RAD_KG,
            person.mass_kg,
        ),
        toe_out: Angle::from_deg(metrics.foot_progression_deg.unwrap_or(normative::TOE_OUT_DEG)),
        sources: sources(metrics),
        percent,
    };
    say_what_was_assumed(&stance, metrics, findings);
    Ok(stance)
}

fn sources(metrics: &GaitMetrics) -> Sources {
    let either = |given: bool, yes, no| if given { yes } else { no };
    let speed = metrics.walking_speed_m_per_s.is_some();
    let adapted = speed || metrics.knee_varus_deg.is_some();
    let kam = metrics.kam_peak1_pct_bwht.is_some()
        || metrics.kam_peak2_pct_bwht.is_some()
        || metrics.kam_impulse_nms_per_kg.is_some();
    Sources {
        vertical_force: either(speed, Provenance::AdaptedNorm, Provenance::Normative),
        adduction_moment: if kam {
            Provenance::ScaledToMetrics
        } else {
            either(adapted, Provenance::AdaptedNorm, Provenance::Normative)
        },
        flexion_moment: either(
            metrics.kfm_peak_nm_per_kg.is_some(),
            Provenance::ScaledToMetrics,
            Provenance::Normative,
        ),
        stance_time: if metrics.stance_time_s.is_some() {
            Provenance::Measured
        } else {
            either(speed, Provenance::AdaptedNorm, Provenance::Normative)
        },
        toe_out: either(
            metrics.foot_progression_deg.is_some(),
            Provenance::Measured,
            Provenance::Normative,
        ),
        ..Sources::all(Provenance::Normative)
    }
}

/// How much the force swings about body weight between its peaks, 1 at the comfortable speed.
///
/// Ratio of Froude numbers; held to 0.3..1.8, about 0.7 to 1.75 m/s, where curves of walking were published.
fn force_swing(person: &Person, metrics: &GaitMetrics) -> f64 {
    metrics.walking_speed_m_per_s.map_or(1.0, |speed| {
        let speed_ratio = speed / normative::REFERENCE_SPEED_M_PER_S;
        let leg_ratio = person.height_m / normative::REFERENCE_HEIGHT_M;
        (speed_ratio * speed_ratio / leg_ratio).clamp(0.3, 1.8)
    })
}

/// Multiplies the departure from body weight by `swing`, from the first to the last crossing of body weight.
fn swing_force(percent: &[f64], force: &[f64], swing: f64) -> Vec<f64> {
    let above = |force: &f64| *force >= 1.0;
    let (Some(first), Some(last)) = (force.iter().position(above), force.iter().rposition(above))
    else {
        return force.to_vec();
    };
    (0..percent.len())
        .map(
            |i| {
                if (first..=last).contains(&i) { 1.0 + swing * (force[i] - 1.0) } else { force[i] }
            },
        )
        .collect()
}

fn stance_time(metrics: &GaitMetrics) -> f64 {
    metrics.stance_time_s.unwrap_or_else(|| {
        metrics.walking_speed_m_per_s.map_or(normative::STANCE_TIME_S, |speed| {
            normative::STANCE_TIME_S * (speed / normative::REFERENCE_SPEED_M_PER_S).powf(-0.58)
        })
    })
}

fn flexion_moment(person: &Person, metrics: &GaitMetrics, percent: &[f64]) -> Vec<f64> {
    let per_kg: Vec<f64> =
        percent.iter().map(|t| at(normative::FLEXION_MOMENT_NM_PER_KG, *t)).collect();
    let peak = per_kg.iter().copied().fold(f64::MIN, f64::max);
    let factor = metrics.kfm_peak_nm_per_kg.map_or(1.0, |measured| measured / peak);
    per_kg.iter().map(|moment| moment * factor * person.mass_kg).collect()
}

/// The normative adduction moment and the forces it belongs to.
struct AdductionNorm<'a> {
    percent: &'a [f64],
    comfortable: &'a [f64],
    force: &'a [f64],
}

impl AdductionNorm<'_> {
    /// The curve in %BW·Ht for peak heights given before smoothing.
    fn curve(&self, peaks: [f64; 2]) -> Vec<f64> {
        let drawn: Vec<f64> = self
            .percent
            .iter()
            .map(|t| {
                let early = 1.0 / (1.0 + ((t - 50.0) / 6.0).exp());
                at(normative::ADDUCTION_SHAPE, *t) * (early * peaks[0] + (1.0 - early) * peaks[1])
            })
            .collect();
        smooth(&drawn)
            .iter()
            .zip(self.force.iter().zip(self.comfortable))
            .map(|(kam, (force, comfortable))| kam * force / comfortable)
            .collect()
    }

    /// The curve in Nm whose peaks or impulse are those measured, where any were.
    fn scaled(
        &self,
        person: &Person,
        metrics: &GaitMetrics,
        stance_time_s: f64,
        findings: &mut Findings,
    ) -> Vec<f64> {
        let unit = person.pct_bwht_nm();
        let norm = kam_metrics(
            self.percent,
            &self.curve(normative::ADDUCTION_PEAKS_PCT_BWHT),
            stance_time_s,
        );
        let impulse = metrics.kam_impulse_nms_per_kg.map(|per_kg| per_kg * person.mass_kg / unit);
        let ratio = norm.peak2_nm / norm.peak1_nm;
        let target = match (metrics.kam_peak1_pct_bwht, metrics.kam_peak2_pct_bwht) {
            (Some(first), Some(second)) => [first, second],
            (Some(first), None) => [first, first * ratio],
            (None, Some(second)) => [second / ratio, second],
            (None, None) => {
                let factor = impulse.map_or_else(
                    || alignment_factor(metrics, self.force, norm.peak1_nm),
                    |impulse| impulse / norm.impulse_nms,
                );
                [norm.peak1_nm * factor, norm.peak2_nm * factor]
            }
        };
        let curve = self.with_peaks(target);
        let made = kam_metrics(self.percent, &curve, stance_time_s);
        if (made.peak1_nm / target[0] - 1.0).abs().max((made.peak2_nm / target[1] - 1.0).abs())
            > 0.01
        {
            findings.warn(
                "gait",
                "gait-peaks-not-met",
                format!(
                    "Adduction peaks of {:.2} and {:.2} %BW·Ht are too unequal for the normative shape, which gives {:.2} and {:.2}; check them or give a trial.",
                    target[0], target[1], made.peak1_nm, made.peak2_nm
                ),
            );
        }
        if let Some(impulse) = impulse {
            let made = made.impulse_nms;
            if (made / impulse - 1.0).abs() > 0.1 {
                findings.warn(
                    "gait",
                    "gait-impulse-disagrees",
                    format!(
                        "The measured adduction impulse of {impulse:.2} %BW·Ht·s and a curve through the measured peaks ({made:.2} %BW·Ht·s) differ by {:+.0} %; the curve keeps the peaks, check the stance time.",
                        100.0 * (made / impulse - 1.0)
                    ),
                );
            }
        }
        curve.iter().map(|kam| kam * unit).collect()
    }

    /// The curve in %BW·Ht whose smoothed peaks are `target`.
    ///
    /// Each peak depends almost only on its own height, so a fixed-point iteration settles within a few rounds.
    fn with_peaks(&self, target: [f64; 2]) -> Vec<f64> {
        let mut heights = target;
        for _ in 0..30 {
            let made = kam_metrics(self.percent, &self.curve(heights), 1.0);
            heights[0] *= target[0] / made.peak1_nm;
            heights[1] *= target[1] / made.peak2_nm;
        }
        self.curve(heights)
    }
}

/// A knee in more varus carries a larger share of the same force; a valgus knee never less than a fifth of the norm.
fn alignment_factor(metrics: &GaitMetrics, force_bw: &[f64], norm_pct_bwht: f64) -> f64 {
    /// Below this the curve's shape would no longer be that of an adduction moment.
    const LEAST: f64 = 0.2;
    let peak_bw = force_bw.iter().copied().fold(0.0, f64::max);
    (1.0 + alignment_pct_bwht(metrics, peak_bw) / norm_pct_bwht).max(LEAST)
}

fn say_what_was_assumed(stance: &Stance, metrics: &GaitMetrics, findings: &mut Findings) {
    let [peak1, peak2, impulse] = stance.kam_metrics().pct_bwht(&stance.person);
    let curve =
        format!("first peak {peak1:.2}, second {peak2:.2} %BW·Ht, impulse {impulse:.2} %BW·Ht·s");
    let measured = [
        ("first adduction peak", metrics.kam_peak1_pct_bwht.is_some()),
        ("second adduction peak", metrics.kam_peak2_pct_bwht.is_some()),
        ("adduction impulse", metrics.kam_impulse_nms_per_kg.is_some()),
        ("flexion peak", metrics.kfm_peak_nm_per_kg.is_some()),
        ("walking speed", metrics.walking_speed_m_per_s.is_some()),
        ("foot progression", metrics.foot_progression_deg.is_some()),
        ("stance time", metrics.stance_time_s.is_some()),
        ("knee alignment", metrics.knee_varus_deg.is_some()),
    ];
    let given: Vec<&str> =
        measured.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    if given.is_empty() {
        findings.warn(
            "gait",
            "gait-normative",
            format!(
                "No gait was measured: all curves are norms scaled to {} kg and {} m ({curve}; such a norm misses a person's own moment by about 0.7 %BW·Ht); give [gait.metrics] to sharpen the prediction.",
                stance.person.mass_kg, stance.person.height_m
            ),
        );
        return;
    }
    findings.note(
        "gait",
        "gait-from-metrics",
        format!(
            "Measured: {}. Normative shapes scaled to them and to body size: force, center of pressure, knee and ankle curves ({curve}).",
            given.join(", ")
        ),
    );
    let no_moment = metrics.kam_peak1_pct_bwht.is_none()
        && metrics.kam_peak2_pct_bwht.is_none()
        && metrics.kam_impulse_nms_per_kg.is_none();
    if let (Some(varus), true) = (metrics.knee_varus_deg, no_moment) {
        findings.note(
            "gait",
            "gait-alignment-rule",
            format!(
                "The normative adduction moment was moved to a knee of {varus:.1}° varus by the frontal plane's geometry, {:.2} %BW·Ht a degree from the usual 1.3°; a person who leans the trunk shows less.",
                alignment_pct_bwht(&GaitMetrics { knee_varus_deg: Some(2.3), ..*metrics }, 1.1)
            ),
        );
    }
    if let (Some(speed), None) = (metrics.walking_speed_m_per_s, metrics.kam_peak1_pct_bwht) {
        findings.note(
            "gait",
            "gait-speed-rule",
            format!(
                "The curves were adjusted to {speed:.2} m/s by the force swing of an inverted pendulum at a kept knee lever arm, a rule of physics and not a measurement."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADULT: Person = Person { mass_kg: 75.0, height_m: 1.72 };

    fn made(metrics: GaitMetrics) -> (Stance, Findings) {
        let mut findings = Findings::new();
        let stance = stance(&ADULT, &metrics, 260.0, &mut findings).unwrap();
        (stance, findings)
    }

    /// Table 2.5: KAM1 2.88, KAM2 2.18 %BW·Ht, impulse 1.21 %BW·Ht·s; lever arm 46 mm, 788 N at the first peak.
    #[test]
    fn the_norm_is_that_of_the_handbook() {
        let (stance, findings) = made(GaitMetrics::default());
        let [peak1, peak2, impulse] = stance.kam_metrics().pct_bwht(&ADULT);
        assert!((peak1 - 2.876_789).abs() < 1e-5, "{peak1}");
        assert!((peak2 - 2.176_642).abs() < 1e-5, "{peak2}");
        assert!((impulse - 1.211_507).abs() < 1e-5, "{impulse}");
        let first =
            (0..51).find(|i| stance.adduction_moment_nm[*i] == stance.kam_metrics().peak1_nm);
        let first = first.unwrap();
        assert!((stance.vertical_force_n[first] - 788.0).abs() < 1.0);
        assert!((stance.lever_arm_mm()[first] - 46.0).abs() < 0.5);
        assert!(findings.has("gait-normative"));
        assert_eq!(stance.sources.adduction_moment, Provenance::Normative);
    }

    #[test]
    fn measured_peaks_are_met() {
        for (first, second) in [(3.4, 2.0), (1.4, 3.3), (2.5, 2.5)] {
            let (stance, findings) = made(GaitMetrics {
                kam_peak1_pct_bwht: Some(first),
                kam_peak2_pct_bwht: Some(second),
                ..GaitMetrics::default()
            });
            let [peak1, peak2, _] = stance.kam_metrics().pct_bwht(&ADULT);
            assert!((peak1 - first).abs() < 1e-6 && (peak2 - second).abs() < 1e-6);
            assert!(findings.has("gait-from-metrics") && !findings.has("gait-normative"));
        }
    }

    #[test]
    fn peaks_out_of_the_shapes_reach_are_said() {
        let (_, findings) = made(GaitMetrics {
            kam_peak1_pct_bwht: Some(6.0),
            kam_peak2_pct_bwht: Some(0.2),
            ..GaitMetrics::default()
        });
        assert!(findings.has("gait-peaks-not-met"));
    }

    #[test]
    fn a_single_peak_scales_the_whole_curve() {
        let (norm, _) = made(GaitMetrics::default());
        let (stance, _) =
            made(GaitMetrics { kam_peak1_pct_bwht: Some(3.5), ..GaitMetrics::default() });
        let factor = 3.5 / norm.kam_metrics().pct_bwht(&ADULT)[0];
        for (scaled, norm) in stance.adduction_moment_nm.iter().zip(&norm.adduction_moment_nm) {
            assert!((scaled - norm * factor).abs() < 1e-6);
        }
    }

    #[test]
    fn a_measured_impulse_is_met_and_a_contradiction_is_said() {
        let alone = GaitMetrics { kam_impulse_nms_per_kg: Some(0.17), ..GaitMetrics::default() };
        let (stance, _) = made(alone);
        assert!((stance.kam_metrics().per_kg(&ADULT)[2] - 0.17).abs() < 1e-9);
        let (_, findings) = made(GaitMetrics { kam_peak1_pct_bwht: Some(5.0), ..alone });
        assert!(findings.has("gait-impulse-disagrees"));
    }

    #[test]
    fn speed_raises_the_first_peak_and_lowers_the_impulse() {
        let at = |speed| {
            let metrics =
                GaitMetrics { walking_speed_m_per_s: Some(speed), ..GaitMetrics::default() };
            made(metrics).0
        };
        let speeds = [0.9, 1.1, 1.3, 1.5, 1.7].map(at);
        for pair in speeds.windows(2) {
            let (slow, fast) = (pair[0].kam_metrics(), pair[1].kam_metrics());
            assert!(fast.peak1_nm > slow.peak1_nm);
            assert!(fast.impulse_nms < slow.impulse_nms);
        }
        let (norm, _) = made(GaitMetrics::default());
        for (at_reference, norm) in speeds[2].vertical_force_n.iter().zip(&norm.vertical_force_n) {
            assert!((at_reference - norm).abs() < 1e-9);
        }
    }

    #[test]
    fn moments_grow_with_body_size() {
        let heavy = Person { mass_kg: 90.0, height_m: 1.80 };
        let stance = stance(&heavy, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
        let [peak1, ..] = stance.kam_metrics().pct_bwht(&heavy);
        assert!((peak1 - 2.876_789).abs() < 1e-5);
    }

    #[test]
    fn a_foot_in_meters_is_refused() {
        let error = stance(&ADULT, &GaitMetrics::default(), 0.26, &mut Findings::new());
        assert!(error.unwrap_err().to_string().contains("meters"));
    }
}
