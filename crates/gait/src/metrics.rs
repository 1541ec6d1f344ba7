use serde::{Deserialize, Serialize};
use vocabulary::{Findings, GaitMetric};

use crate::{Activity, GRAVITY_M_PER_S2};

/// Body size, which turns a moment into %BW·Ht and back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Body mass in kg, 15 to 300.
    pub mass_kg: f64,
    /// Standing height in m, 0.9 to 2.3.
    pub height_m: f64,
}

impl Person {
    /// Body weight in N.
    #[must_use]
    pub fn weight_n(&self) -> f64 {
        self.mass_kg * GRAVITY_M_PER_S2
    }

    /// The moment in Nm that is one percent of body weight times height.
    #[must_use]
    pub fn pct_bwht_nm(&self) -> f64 {
        self.weight_n() * self.height_m / 100.0
    }

    /// Checks that mass and height can belong to a person.
    ///
    /// # Errors
    /// [`GaitError::OutOfRange`] names the number, its limits and the likely slip of unit.
    pub fn check(&self) -> Result<(), GaitError> {
        within(Quantity { name: "mass_kg", unit: "kg", low: 15.0, high: 300.0 }, self.mass_kg)?;
        within(Quantity { name: "height_m", unit: "m", low: 0.9, high: 2.3 }, self.height_m)
    }
}

/// The single numbers of a gait sheet, all optional; the keys of `[gait.metrics]` in a case file.
///
/// Moments are external and + is adduction (or flexion); measured in the usual shoe, in the activity that the stance is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaitMetrics {
    /// First peak of the knee adduction moment, %BW·Ht, 0.2 to 8 (running 9).
    pub kam_peak1_pct_bwht: Option<f64>,
    /// Second peak of the knee adduction moment, %BW·Ht, 0.2 to 8 (running 9).
    pub kam_peak2_pct_bwht: Option<f64>,
    /// Impulse of the positive knee adduction moment over stance, Nm·s/kg, 0.01 to 1.
    pub kam_impulse_nms_per_kg: Option<f64>,
    /// Peak of the knee flexion moment, Nm/kg, 0.02 to 2 (running 3.5).
    pub kfm_peak_nm_per_kg: Option<f64>,
    /// Speed, m/s, walking 0.3 to 2.2, running 1.8 to 7.
    pub walking_speed_m_per_s: Option<f64>,
    /// Foot progression angle in degrees, + toe-out, -30 to 45.
    pub foot_progression_deg: Option<f64>,
    /// Time from heel strike to toe-off, s, walking 0.3 to 2, running 0.12 to 0.5.
    pub stance_time_s: Option<f64>,
    /// Hip-knee-ankle angle in standing, degrees, + varus, -20 to 20; moves a normative adduction moment.
    pub knee_varus_deg: Option<f64>,
}

impl GaitMetrics {
    /// Checks every given number against what a walking person can show.
    ///
    /// A moment that looks as if it were in another unit is let pass with a warning.
    ///
    /// # Errors
    /// [`GaitError::OutOfRange`] names the first number that cannot be, its limits and what to check.
    pub fn check(&self, findings: &mut Findings) -> Result<(), GaitError> {
        self.check_for(Activity::Walking, findings)
    }

    /// The same for another activity: a runner's moments are larger, her contacts shorter.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_for(&self, activity: Activity, findings: &mut Findings) -> Result<(), GaitError> {
        let running = activity == Activity::Running;
        let range = |metric: GaitMetric, unit| {
            let [low, high] = if running { metric.running } else { metric.walking };
            Quantity { name: metric.key, unit, low, high }
        };
        let all = [
            (range(GaitMetric::KAM_PEAK1, "%BW·Ht"), self.kam_peak1_pct_bwht),
            (range(GaitMetric::KAM_PEAK2, "%BW·Ht"), self.kam_peak2_pct_bwht),
            (range(GaitMetric::KAM_IMPULSE, "Nm·s/kg"), self.kam_impulse_nms_per_kg),
            (range(GaitMetric::KFM_PEAK, "Nm/kg"), self.kfm_peak_nm_per_kg),
            (range(GaitMetric::SPEED, "m/s"), self.walking_speed_m_per_s),
            (range(GaitMetric::FOOT_PROGRESSION, "°"), self.foot_progression_deg),
            (range(GaitMetric::STANCE_TIME, "s"), self.stance_time_s),
            (range(GaitMetric::KNEE_VARUS, "°"), self.knee_varus_deg),
        ];
        for (quantity, value) in all {
            if let Some(value) = value {
                within(quantity, value)?;
            }
        }
        let usual = match activity {
            Activity::Walking => [1.0, 1.4, 4.5],
            Activity::Standing => [0.0, 0.2, 2.0],
            Activity::Running => [3.5, 4.9, 9.0],
        };
        let [least, low, high] = usual;
        if let Some(peak) = self.kam_peak1_pct_bwht.filter(|&peak| peak < least) {
            let slip = if running { "measured in walking" } else { "noted in Nm/kg" };
            findings.warn(
                "gait",
                "gait-kam-low",
                format!(
                    "kam_peak1_pct_bwht is {peak:.2} %BW·Ht, where adults show {low} to {high} {}; check that it was not {slip}.",
                    activity.name()
                ),
            );
        }
        Ok(())
    }
}

/// Why no stance could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GaitError {
    /// A number that no walking person shows.
    #[error("{name} is {value} {unit}, expected {low} to {high} {unit}; {advice}")]
    OutOfRange {
        /// The key in the case file.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Lowest number accepted.
        low: f64,
        /// Highest number accepted.
        high: f64,
        /// Unit of all three.
        unit: &'static str,
        /// What to check.
        advice: &'static str,
    },
}

/// A number's name, unit and limits.
#[derive(Clone, Copy)]
pub(crate) struct Quantity {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Refuses a value outside its limits, and one that is not a number.
pub(crate) fn within(quantity: Quantity, value: f64) -> Result<(), GaitError> {
    let Quantity { name, unit, low, high } = quantity;
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(GaitError::OutOfRange { name, value, low, high, unit, advice: advice(name, value) })
}

/// The slip that most often lies behind an impossible number.
fn advice(name: &str, value: f64) -> &'static str {
    match name {
        _ if !value.is_finite() => "give a number or leave the key out",
        "height_m" if value > 90.0 => "was the height given in centimeters?",
        "mass_kg" if value > 300.0 => "was the mass given in grams or pounds?",
        "foot_length_mm" if value < 1.0 => "is the scan in meters?",
        "walking_speed_m_per_s" if value > 7.0 => "was the speed given in km/h?",
        "walking_speed_m_per_s" if value > 2.2 => {
            "the load case is walking; was the speed given in km/h, or is the activity running?"
        }
        "walking_speed_m_per_s" if value > 0.3 => {
            "the load case is running; give the speed of the run, or another activity"
        }
        _ if name.starts_with("kam_peak") && (8.0..=9.0).contains(&value) => {
            "the load case is walking, and only running shows more; check the unit and the activity"
        }
        _ if name.starts_with("kam_") => "check the unit and the sign (+ is adduction)",
        _ => "check the unit and the sign",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADULT: Person = Person { mass_kg: 75.0, height_m: 1.72 };

    #[test]
    fn impossible_persons_are_refused() {
        for (mass_kg, height_m, word) in [
            (-70.0, 1.72, "mass_kg is -70 kg"),
            (75_000.0, 1.72, "grams"),
            (75.0, 172.0, "centimeters"),
            (f64::NAN, 1.72, "leave the key out"),
        ] {
            let message = Person { mass_kg, height_m }.check().unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
        assert_eq!(ADULT.check(), Ok(()));
    }

    #[test]
    fn impossible_metrics_are_refused() {
        let none = GaitMetrics::default();
        for (metrics, word) in [
            (GaitMetrics { kam_peak1_pct_bwht: Some(20.0), ..none }, "expected 0.2 to 8 %BW·Ht"),
            (GaitMetrics { kam_peak2_pct_bwht: Some(-2.0), ..none }, "kam_peak2_pct_bwht"),
            (GaitMetrics { walking_speed_m_per_s: Some(4.8), ..none }, "km/h"),
            (GaitMetrics { stance_time_s: Some(700.0), ..none }, "stance_time_s"),
            (GaitMetrics { foot_progression_deg: Some(90.0), ..none }, "foot_progression_deg"),
        ] {
            let message = metrics.check(&mut Findings::new()).unwrap_err().to_string();
            assert!(message.contains(word), "{message}");
        }
        assert_eq!(none.check(&mut Findings::new()), Ok(()));
    }

    #[test]
    fn a_peak_that_looks_like_nm_per_kg_is_flagged() {
        let metrics = GaitMetrics { kam_peak1_pct_bwht: Some(0.45), ..GaitMetrics::default() };
        let mut findings = Findings::new();
        metrics.check(&mut findings).unwrap();
        assert!(findings.has("gait-kam-low"));
    }
}
