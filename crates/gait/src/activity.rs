//! Which load case a stance is: walking, standing, running.
//!
//! Sources: handbook, knee model, section 6 (standing 0.5 body weights, running peaks of 2.3 to 2.8) and section 3
//! (running trials of 4.9 to 9.0 %BW·Ht); Munro 1987 (J. Biomech. 20:147) for force and contact time against speed: active
//! peak 2.51 body weights at 3 m/s and 2.83 at 5 m/s, contact 0.270 and 0.199 s, an impact peak at an eighth of
//! stance. The shapes of the running moments are those of a rearfoot striker, approximate, and said to be assumed
//! wherever they are used.

use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::metrics::{Quantity, within};
use crate::normative::{self, Table, at};
use crate::stance::{INSTANTS, Provenance, Sources, Stance, stance_with_instants};
use crate::{GaitError, GaitMetrics, Person, kam_metrics};

/// What a person does in a stance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// One foot after the other, never both in the air.
    #[default]
    Walking,
    /// Quietly on both feet.
    Standing,
    /// With both feet in the air between the steps, heel first.
    Running,
}

impl Activity {
    /// Every activity.
    pub const ALL: [Self; 3] = [Self::Walking, Self::Standing, Self::Running];

    /// The word in files and on sheets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Standing => "standing",
            Self::Running => "running",
        }
    }
}

/// The stance of a person in an activity, at the 51 instants of the calibration.
///
/// # Errors
/// [`GaitError::OutOfRange`] if mass, height, foot length or a metric is not one of that activity.
pub fn stance_of(
    activity: Activity,
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    findings: &mut Findings,
) -> Result<Stance, GaitError> {
    stance_of_with_instants(activity, person, metrics, foot_length_mm, INSTANTS, findings)
}

/// The same at `instants` evenly spaced instants, at least 11: the shape of curves beside measured ones.
///
/// # Errors
/// As [`stance_of`].
pub fn stance_of_with_instants(
    activity: Activity,
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    instants: usize,
    findings: &mut Findings,
) -> Result<Stance, GaitError> {
    if activity == Activity::Walking {
        return stance_with_instants(person, metrics, foot_length_mm, instants, findings);
    }
    let percent = percents(instants.max(11));
    check(activity, person, metrics, foot_length_mm, findings)?;
    Ok(if activity == Activity::Standing {
        standing(person, metrics, foot_length_mm, percent, findings)
    } else {
        running(person, metrics, foot_length_mm, percent, findings)
    })
}

fn percents(instants: usize) -> Vec<f64> {
    (0..instants).map(|i| 100.0 * i as f64 / (instants - 1) as f64).collect()
}

fn check(
    activity: Activity,
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    findings: &mut Findings,
) -> Result<(), GaitError> {
    person.check()?;
    metrics.check_for(activity, findings)?;
    within(Quantity { name: "foot_length_mm", unit: "mm", low: 80.0, high: 400.0 }, foot_length_mm)
}

/// Load on each foot in quiet standing, body weights.
const STANDING_BW: f64 = 0.5;

/// Adduction moment of quiet standing, %BW·Ht: 0.5 body weights at a frontal lever arm of about 26 mm, a good half of
/// walking's 46 mm, since the feet stand apart and the force leans inward. Approximate; ± 0.4 between persons.
const STANDING_ADDUCTION_PCT_BWHT: f64 = 0.75;

/// The center of pressure of a standing foot, shares of its length from the back of the heel: in front of the ankle,
/// where it balances the trunk.
const STANDING_COP_LENGTHS: f64 = 0.40;

/// The ankle's axis lies at a quarter of the foot's length from the back of the heel.
const ANKLE_LENGTHS: f64 = 0.25;

/// Quiet standing: every instant is the same.
fn standing(
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    percent: Vec<f64>,
    findings: &mut Findings,
) -> Stance {
    let instants = percent.len();
    let constant = |value: f64| vec![value; instants];
    let force_n = STANDING_BW * person.weight_n();
    let aligned = alignment_pct_bwht(metrics, STANDING_BW);
    let given = metrics.kam_peak1_pct_bwht;
    let adduction = given.unwrap_or(STANDING_ADDUCTION_PCT_BWHT + aligned).max(0.05);
    let dorsiflexion = force_n * (STANDING_COP_LENGTHS - ANKLE_LENGTHS) * foot_length_mm / 1e3;
    // The joint is as stiff as walking has it while it carries half of the body, at about 7 % of stance.
    let stiffness = at(normative::SUBTALAR_STIFFNESS_NM_PER_RAD_KG, 7.0);
    let flexion = metrics.kfm_peak_nm_per_kg.unwrap_or(0.0);
    let sources = Sources {
        adduction_moment: from(given.is_some(), metrics.knee_varus_deg.is_some()),
        flexion_moment: from(metrics.kfm_peak_nm_per_kg.is_some(), false),
        ..Sources::all(Provenance::Normative)
    };
    let made = Stance {
        activity: Activity::Standing,
        person: *person,
        percent,
        stance_time_s: 1.0,
        vertical_force_n: constant(force_n),
        cop_anterior_mm: constant(STANDING_COP_LENGTHS * foot_length_mm),
        cop_lateral_mm: constant(2.0),
        adduction_moment_nm: constant(adduction * person.pct_bwht_nm()),
        flexion_moment_nm: constant(flexion * person.mass_kg),
        dorsiflexion_moment_nm: constant(dorsiflexion),
        knee_flexion_deg: constant(3.0),
        subtalar_stiffness_nm_per_rad: constant(stiffness * person.mass_kg),
        toe_out: Angle::from_deg(metrics.foot_progression_deg.unwrap_or(normative::TOE_OUT_DEG)),
        sources: with_toe_out(sources, metrics),
    };
    findings.warn(
        "gait",
        "gait-standing",
        format!(
            "The load case is quiet standing: 0.5 body weights on each foot, an adduction moment of {adduction:.2} %BW·Ht{}; \
             its impulse is that of one second.",
            if given.is_some() { "" } else { ", which is assumed (persons differ by 0.4)" }
        ),
    );
    made
}

/// Speed at which the running curves are drawn, m/s.
const RUNNING_SPEED_M_PER_S: f64 = 3.3;

/// Share of the active peak (Munro 1987; a heel-strike runner with an impact peak).
const RUNNING_FORCE: Table = &[
    (0.0, 0.02),
    (5.0, 0.30),
    (10.0, 0.57),
    (13.0, 0.62),
    (18.0, 0.60),
    (25.0, 0.76),
    (35.0, 0.94),
    (43.0, 1.0),
    (55.0, 0.93),
    (70.0, 0.66),
    (85.0, 0.28),
    (95.0, 0.06),
    (100.0, 0.01),
];

/// Share of the adduction peak.
const RUNNING_ADDUCTION: Table = &[
    (0.0, 0.0),
    (5.0, -0.05),
    (12.0, 0.42),
    (20.0, 0.78),
    (30.0, 0.97),
    (38.0, 1.0),
    (50.0, 0.88),
    (65.0, 0.55),
    (80.0, 0.20),
    (90.0, 0.04),
    (100.0, 0.0),
];

/// Adduction peak at [`RUNNING_SPEED_M_PER_S`], %BW·Ht: the lower half of the 4.9 to 9.0 of trials at about 5 m/s.
const RUNNING_ADDUCTION_PCT_BWHT: f64 = 6.0;

/// Share of the flexion peak.
const RUNNING_FLEXION: Table = &[
    (0.0, -0.1),
    (8.0, 0.05),
    (15.0, 0.28),
    (25.0, 0.65),
    (40.0, 1.0),
    (50.0, 0.93),
    (60.0, 0.68),
    (75.0, 0.22),
    (90.0, 0.02),
    (100.0, 0.0),
];

/// Flexion peak, Nm/kg (handbook, knee model, section 2.3: 2.9 in a fast run).
const RUNNING_FLEXION_NM_PER_KG: f64 = 2.9;

const RUNNING_COP_LENGTHS: Table = &[
    (0.0, 0.12),
    (10.0, 0.22),
    (20.0, 0.38),
    (30.0, 0.50),
    (45.0, 0.58),
    (60.0, 0.64),
    (80.0, 0.70),
    (100.0, 0.75),
];

const RUNNING_COP_LATERAL_MM: Table =
    &[(0.0, 8.0), (15.0, 6.0), (30.0, 4.0), (50.0, 2.0), (70.0, 0.0), (85.0, -4.0), (100.0, -10.0)];

const RUNNING_KNEE_FLEXION_DEG: Table =
    &[(0.0, 14.0), (15.0, 27.0), (40.0, 42.0), (60.0, 38.0), (80.0, 25.0), (100.0, 17.0)];

const RUNNING_DORSIFLEXION_NM_PER_KG: Table = &[
    (0.0, 0.0),
    (10.0, -0.15),
    (25.0, 0.7),
    (40.0, 1.7),
    (55.0, 2.6),
    (65.0, 2.5),
    (80.0, 1.3),
    (92.0, 0.3),
    (100.0, 0.0),
];

/// Active peak of the vertical force, body weights, at a speed; the handbook's 2.3 to 2.8.
fn running_peak_bw(speed: f64) -> f64 {
    (2.51 + 0.16 * (speed - 3.0)).clamp(2.3, 2.8)
}

/// Time on the ground at a speed, s.
fn running_contact_s(speed: f64) -> f64 {
    (0.270 - 0.0355 * (speed - 3.0)).clamp(0.16, 0.32)
}

fn running(
    person: &Person,
    metrics: &GaitMetrics,
    foot_length_mm: f64,
    percent: Vec<f64>,
    findings: &mut Findings,
) -> Stance {
    let sample =
        |table: Table, factor: f64| percent.iter().map(|t| factor * at(table, *t)).collect();
    let speed = metrics.walking_speed_m_per_s.unwrap_or(RUNNING_SPEED_M_PER_S);
    let peak_bw = running_peak_bw(speed);
    let stance_time_s = metrics.stance_time_s.unwrap_or_else(|| running_contact_s(speed));
    let impulse =
        metrics.kam_impulse_nms_per_kg.map(|per_kg| per_kg * person.mass_kg / person.pct_bwht_nm());
    let norm = RUNNING_ADDUCTION_PCT_BWHT * peak_bw / running_peak_bw(RUNNING_SPEED_M_PER_S)
        + alignment_pct_bwht(metrics, peak_bw);
    let peak = metrics.kam_peak1_pct_bwht.unwrap_or_else(|| {
        let shape: Vec<f64> = sample(RUNNING_ADDUCTION, 1.0);
        let whole = kam_metrics(&percent, &shape, stance_time_s).impulse_nms;
        impulse.map_or(norm, |impulse| impulse / whole)
    });
    let flexion = metrics.kfm_peak_nm_per_kg.unwrap_or(RUNNING_FLEXION_NM_PER_KG);
    let measured = metrics.kam_peak1_pct_bwht.is_some() || impulse.is_some();
    let adapted = metrics.walking_speed_m_per_s.is_some();
    let sources = Sources {
        vertical_force: from(false, adapted),
        adduction_moment: from(measured, adapted || metrics.knee_varus_deg.is_some()),
        flexion_moment: from(metrics.kfm_peak_nm_per_kg.is_some(), false),
        stance_time: match metrics.stance_time_s {
            Some(_) => Provenance::Measured,
            None => from(false, adapted),
        },
        ..Sources::all(Provenance::Normative)
    };
    let made = Stance {
        activity: Activity::Running,
        person: *person,
        stance_time_s,
        vertical_force_n: sample(RUNNING_FORCE, peak_bw * person.weight_n()),
        cop_anterior_mm: sample(RUNNING_COP_LENGTHS, foot_length_mm),
        cop_lateral_mm: sample(RUNNING_COP_LATERAL_MM, 1.0),
        adduction_moment_nm: sample(RUNNING_ADDUCTION, peak * person.pct_bwht_nm()),
        flexion_moment_nm: sample(RUNNING_FLEXION, flexion * person.mass_kg),
        dorsiflexion_moment_nm: sample(RUNNING_DORSIFLEXION_NM_PER_KG, person.mass_kg),
        knee_flexion_deg: sample(RUNNING_KNEE_FLEXION_DEG, 1.0),
        subtalar_stiffness_nm_per_rad: sample(
            normative::SUBTALAR_STIFFNESS_NM_PER_RAD_KG,
            person.mass_kg,
        ),
        toe_out: Angle::from_deg(metrics.foot_progression_deg.unwrap_or(normative::TOE_OUT_DEG)),
        sources: with_toe_out(sources, metrics),
        percent,
    };
    findings.warn(
        "gait",
        "gait-running",
        format!(
            "The load case is running at {speed:.1} m/s{}: vertical peak {peak_bw:.2} body weights, contact {stance_time_s:.2} s, adduction peak {peak:.1} %BW·Ht{}; \
             the knee model was calibrated on walking, so read the change in running as a direction.",
            if adapted { "" } else { " (assumed)" },
            if measured { "" } else { " (assumed; trials show 4.9 to 9.0)" }
        ),
    );
    made
}

const fn from(measured: bool, adapted: bool) -> Provenance {
    match (measured, adapted) {
        (true, _) => Provenance::ScaledToMetrics,
        (false, true) => Provenance::AdaptedNorm,
        (false, false) => Provenance::Normative,
    }
}

const fn with_toe_out(sources: Sources, metrics: &GaitMetrics) -> Sources {
    let toe_out = match metrics.foot_progression_deg {
        Some(_) => Provenance::Measured,
        None => Provenance::Normative,
    };
    Sources { toe_out, ..sources }
}

/// Hip-knee-ankle angle of the norms, degrees varus (Bellemans 2012, Clin. Orthop. Relat. Res. 470:45: 1.3 ± 2.3).
const USUAL_VARUS_DEG: f64 = 1.3;

/// Distance of the knee from the line between hip and ankle for a degree of varus, shares of body height: thigh and shank
/// of 0.245 and 0.246 H (Drillis-Contini) give 0.123 H·sin 1°.
const LEVER_PER_DEGREE: f64 = 0.1228 * 0.017_452_4;

/// What the alignment adds to a normative adduction moment under a load in body weights, %BW·Ht.
///
/// Geometry of the frontal plane: the knee lies further out by [`LEVER_PER_DEGREE`] while the force keeps its line. Lever arms from full-leg
/// radiographs explained 0.88 to 0.90 of the variance of measured peaks (2021, J. Exp. Orthop.,
/// doi 10.1186/s40634-021-00324-3). A person who leans the trunk or toes out shows less.
pub(crate) fn alignment_pct_bwht(metrics: &GaitMetrics, load_bw: f64) -> f64 {
    metrics
        .knee_varus_deg
        .map_or(0.0, |varus| 100.0 * LEVER_PER_DEGREE * (varus - USUAL_VARUS_DEG) * load_bw)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADULT: Person = Person { mass_kg: 75.0, height_m: 1.72 };

    fn made(activity: Activity, metrics: GaitMetrics) -> Stance {
        stance_of(activity, &ADULT, &metrics, 260.0, &mut Findings::new()).unwrap()
    }

    fn peak_bw(stance: &Stance) -> f64 {
        stance.vertical_force_n.iter().copied().fold(0.0, f64::max) / ADULT.weight_n()
    }

    /// Handbook, section 6: 1.1 to 1.2 in walking, 0.5 static in standing, 2.3 to 2.8 in running at any speed.
    #[test]
    fn every_activity_carries_its_load() {
        let none = GaitMetrics::default();
        assert!((1.0..1.2).contains(&peak_bw(&made(Activity::Walking, none))));
        let standing = made(Activity::Standing, none);
        assert!(standing.vertical_force_n.iter().all(|n| *n == 0.5 * ADULT.weight_n()));
        for speed in [2.0, 3.3, 5.0, 6.5] {
            let metrics = GaitMetrics { walking_speed_m_per_s: Some(speed), ..none };
            let running = made(Activity::Running, metrics);
            assert!((2.3..=2.8).contains(&peak_bw(&running)), "{speed}");
            assert!((0.15..0.35).contains(&running.stance_time_s));
        }
    }

    #[test]
    fn every_stance_has_finite_curves_on_the_foot() {
        for activity in Activity::ALL {
            let stance = made(activity, GaitMetrics::default());
            assert_eq!((stance.activity, stance.len()), (activity, INSTANTS));
            let curves = [
                &stance.vertical_force_n,
                &stance.cop_anterior_mm,
                &stance.cop_lateral_mm,
                &stance.adduction_moment_nm,
                &stance.flexion_moment_nm,
                &stance.dorsiflexion_moment_nm,
                &stance.knee_flexion_deg,
                &stance.subtalar_stiffness_nm_per_rad,
            ];
            assert!(curves.iter().all(|c| c.len() == INSTANTS && c.iter().all(|v| v.is_finite())));
            assert!(stance.cop_anterior_mm.iter().all(|at| (0.0..260.0).contains(at)));
            assert!(stance.kam_metrics().peak1_nm > 0.0 && stance.kam_metrics().peak2_nm > 0.0);
        }
    }

    #[test]
    fn measured_numbers_of_running_and_standing_are_met() {
        let metrics = GaitMetrics {
            kam_peak1_pct_bwht: Some(7.0),
            kfm_peak_nm_per_kg: Some(2.2),
            stance_time_s: Some(0.24),
            ..GaitMetrics::default()
        };
        let running = made(Activity::Running, metrics);
        assert!((running.kam_metrics().pct_bwht(&ADULT)[0] - 7.0).abs() < 0.05);
        assert_eq!(running.sources.adduction_moment, Provenance::ScaledToMetrics);
        assert_eq!(running.sources.center_of_pressure, Provenance::Normative);
        // A speed or an angle moves the norm; it measures no moment.
        for moved in [
            GaitMetrics { walking_speed_m_per_s: Some(2.1), ..GaitMetrics::default() },
            GaitMetrics { knee_varus_deg: Some(5.0), ..GaitMetrics::default() },
        ] {
            for activity in [Activity::Walking, Activity::Running] {
                let source = made(activity, moved).sources.adduction_moment;
                assert_eq!(source, Provenance::AdaptedNorm, "{activity:?}");
                assert!(!source.is_measured());
            }
        }
        let impulse = GaitMetrics { kam_impulse_nms_per_kg: Some(0.1), ..GaitMetrics::default() };
        let running = made(Activity::Running, impulse);
        assert!((running.kam_metrics().per_kg(&ADULT)[2] - 0.1).abs() < 1e-9);
    }

    /// 5 degrees more varus put the knee 18 mm outward in a person of 1.72 m.
    #[test]
    fn alignment_moves_the_norm_and_gives_way_to_a_measured_peak() {
        for activity in Activity::ALL {
            let peak = |varus: Option<f64>, measured: Option<f64>| {
                let metrics = GaitMetrics {
                    knee_varus_deg: varus,
                    kam_peak1_pct_bwht: measured,
                    ..GaitMetrics::default()
                };
                made(activity, metrics).kam_metrics().pct_bwht(&ADULT)[0]
            };
            assert!((peak(None, None) - peak(Some(1.3), None)).abs() < 1e-9);
            assert!(peak(Some(6.3), None) > peak(None, None) + 0.3, "{activity:?}");
            assert!(peak(Some(-3.0), None) < peak(None, None) - 0.2);
            assert!((peak(Some(6.3), Some(4.0)) - 4.0).abs() < 0.03, "{activity:?}");
        }
        let lever_mm = 1e3 * LEVER_PER_DEGREE * 5.0 * 1.72;
        assert!((lever_mm - 18.4).abs() < 0.2, "{lever_mm}");
    }

    #[test]
    fn limits_follow_the_activity() {
        let refused = |activity: Activity, metrics: GaitMetrics| {
            stance_of(activity, &ADULT, &metrics, 260.0, &mut Findings::new()).is_err()
        };
        let none = GaitMetrics::default();
        let fast = GaitMetrics { walking_speed_m_per_s: Some(4.0), ..none };
        assert!(refused(Activity::Walking, fast) && !refused(Activity::Running, fast));
        let slow = GaitMetrics { walking_speed_m_per_s: Some(1.2), ..none };
        assert!(refused(Activity::Running, slow));
        for activity in Activity::ALL {
            let twenty = GaitMetrics { kam_peak1_pct_bwht: Some(20.0), ..none };
            assert!(refused(activity, twenty));
        }
    }
}
