//! What a measured change says about this person's next one (handbook, knee model, section 2.6).

use serde::Serialize;

use crate::likelihood::{ADAPTATION_SD_PCT, NINETY, RESPONSE_SD, normal_cdf};

/// Repeatability of one session in a gait laboratory, percent.
const SESSION_SD_PCT: f64 = 4.0;

/// A person's own answer to the mean mechanism (g) and to any device (b), as far as it is known.
///
/// True change = g·m + b for a device whose mean change is m. A linear Gaussian state: each measured change
/// updates it in closed form. One measurement cannot tell g from b; two or three doses can.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PersonalResponse {
    /// Expected g and b (percent).
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
}

/// What is expected of a dose for this person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dose {
    /// Expected change, percent.
    pub expected_pct: f64,
    /// Lower limit of the 90 % interval.
    pub low_pct: f64,
    /// Upper limit of the 90 % interval.
    pub high_pct: f64,
    /// Probability that the load falls by more than 2 %; below one half the dose is not worth another trial.
    pub below_2: f64,
    /// Probability that it rises by more than 2 %: the gain where the lateral side is to be unloaded.
    pub above_2: f64,
}

impl Default for PersonalResponse {
    /// Before any measurement: g ~ N(1, 0.8²), b ~ N(0, 5²).
    fn default() -> Self {
        Self {
            mean: [1.0, 0.0],
            covariance: [
                [RESPONSE_SD * RESPONSE_SD, 0.0],
                [0.0, ADAPTATION_SD_PCT * ADAPTATION_SD_PCT],
            ],
        }
    }
}

impl PersonalResponse {
    /// Expected g (times the mean mechanism) and b (percent).
    #[must_use]
    pub fn mean(&self) -> [f64; 2] {
        self.mean
    }

    /// Standard deviations of g and b (percent).
    #[must_use]
    pub fn deviations(&self) -> [f64; 2] {
        [0, 1].map(|i| self.covariance[i][i].max(0.0).sqrt())
    }

    /// Takes in several measured changes, each with its device's mean change: pairs of model and measurement, in
    /// percent. Errors of sessions are independent, so the order does not matter.
    #[must_use]
    pub fn updated_by(&self, measured: &[(f64, f64)]) -> Self {
        measured.iter().fold(*self, |person, (model, found)| person.updated(*model, *found))
    }

    /// Takes in a change measured with the device on, for a device whose mean change is `model_pct`.
    #[must_use]
    pub fn updated(&self, model_pct: f64, measured_pct: f64) -> Self {
        let h = [model_pct, 1.0];
        let noise = SESSION_SD_PCT.powi(2) + (0.10 * model_pct.abs() + 0.3).powi(2);
        let covariance_h = self.times(h);
        let variance = h[0] * covariance_h[0] + h[1] * covariance_h[1] + noise;
        let gain = covariance_h.map(|term| term / variance);
        let surprise = measured_pct - (h[0] * self.mean[0] + h[1] * self.mean[1]);
        Self {
            mean: std::array::from_fn(|i| self.mean[i] + gain[i] * surprise),
            covariance: std::array::from_fn(|i| {
                std::array::from_fn(|j| self.covariance[i][j] - gain[i] * covariance_h[j])
            }),
        }
    }

    /// What to expect of a device whose mean change is `model_pct`.
    #[must_use]
    pub fn dose(&self, model_pct: f64) -> Dose {
        let h = [model_pct, 1.0];
        let expected_pct = h[0] * self.mean[0] + h[1] * self.mean[1];
        let covariance_h = self.times(h);
        let variance = h[0] * covariance_h[0] + h[1] * covariance_h[1];
        let sd = (variance + (0.10 * model_pct).powi(2)).sqrt();
        Dose {
            expected_pct,
            low_pct: expected_pct - NINETY * sd,
            high_pct: expected_pct + NINETY * sd,
            below_2: normal_cdf((-2.0 - expected_pct) / sd),
            above_2: normal_cdf((expected_pct - 2.0) / sd),
        }
    }

    fn times(&self, h: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|i| self.covariance[i][0] * h[0] + self.covariance[i][1] * h[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The update table of section 2.6: measured, g, b, next LW5, next LW7, P(LW7 < -2 %).
    #[test]
    fn the_update_table_of_the_handbook() {
        let (lw5, lw7) = (-5.73, -7.93);
        for (measured, g, b, next5, next7, below) in [
            (-12.0, 1.37, -2.5, -10.3, -13.3, 1.00),
            (-6.0, 1.02, -0.1, -5.9, -8.2, 0.92),
            (0.0, 0.67, 2.3, -1.5, -3.0, 0.59),
            (4.0, 0.43, 3.9, 1.4, 0.4, 0.29),
        ] {
            let person = PersonalResponse::default().updated(lw5, measured);
            let [found_g, found_b] = person.mean();
            assert!((found_g - g).abs() < 0.006, "{measured}: {found_g}");
            assert!((found_b - b).abs() < 0.06, "{measured}: {found_b}");
            assert!((person.dose(lw5).expected_pct - next5).abs() < 0.06);
            let seven = person.dose(lw7);
            assert!((seven.expected_pct - next7).abs() < 0.08, "{seven:?}");
            assert!((seven.below_2 - below).abs() < 0.006, "{seven:?}");
        }
    }

    /// Two doses tell a person who does not respond from one who adapts to any device.
    #[test]
    fn two_doses_separate_response_from_adaptation() {
        let start = PersonalResponse::default();
        let one = start.updated(-7.9, -2.0);
        let two = start.updated(0.0, 6.0).updated(-7.9, -2.0);
        // A flat device that raises the load by 6 % explains the wedge's small gain by adaptation.
        assert!(two.mean()[0] > one.mean()[0] && two.mean()[1] > one.mean()[1] + 2.0);
        let correlation = |p: &PersonalResponse| {
            p.covariance[0][1] / (p.covariance[0][0] * p.covariance[1][1]).sqrt()
        };
        assert!(correlation(&two) < correlation(&one) - 0.1);
        assert!(two.covariance[1][1] < 0.5 * one.covariance[1][1]);
    }

    /// One after the other is the closed form for all at once: K = S·Hᵀ·(H·S·Hᵀ + R)⁻¹ with a row of H per dose.
    #[test]
    fn several_doses_are_one_closed_form() {
        use nalgebra::{Matrix2, Matrix3, Matrix3x2, Vector2, Vector3};
        let measured = [(0.2, 3.0), (-3.4, -1.0), (-5.7, -7.0)];
        let person = PersonalResponse::default().updated_by(&measured);
        let prior = Matrix2::from_diagonal(&Vector2::new(0.64, 25.0));
        let rows =
            Matrix3x2::from_fn(|row, column| if column == 0 { measured[row].0 } else { 1.0 });
        let noise = Matrix3::from_diagonal(&Vector3::from_fn(|row, _| {
            16.0 + (0.10 * f64::abs(measured[row].0) + 0.3_f64).powi(2)
        }));
        let gain = prior
            * rows.transpose()
            * (rows * prior * rows.transpose() + noise).try_inverse().unwrap();
        let start = Vector2::new(1.0, 0.0);
        let found = Vector3::from_fn(|row, _| measured[row].1);
        let mean = start + gain * (found - rows * start);
        let covariance = prior - gain * rows * prior;
        for i in 0..2 {
            assert!((person.mean()[i] - mean[i]).abs() < 1e-12, "{mean}");
            assert!((person.deviations()[i].powi(2) - covariance[(i, i)]).abs() < 1e-12);
        }
        let reversed = [measured[2], measured[1], measured[0]];
        let other = PersonalResponse::default().updated_by(&reversed);
        assert!((other.mean()[0] - person.mean()[0]).abs() < 1e-12);
        let dose = person.dose(-5.7);
        assert!(dose.below_2 > 0.5 && dose.above_2 < 0.1, "{dose:?}");
    }
}
