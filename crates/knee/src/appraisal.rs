//! A device's effect with its derivatives to the calibrated parameters: what a robust search needs of each
//! candidate, for the price of one solve.

use crate::contact::Slopes;
use crate::model::Variation;
use crate::parameters::posterior::{self, PARAMETERS};
use crate::{Device, KneeModel, Response};

/// Changes of knee load and eversion that a device makes, with their derivatives.
#[derive(Clone, Debug, PartialEq)]
pub struct Appraisal {
    /// Everything that the device changes, for the calibrated parameters.
    pub response: Response,
    /// The changes for the calibrated parameters.
    pub expected: Effects,
    /// Their derivatives to transmission, ln(subtalar scale), ln(midtarsal stiffness), re-aiming and knee following.
    pub gradients: [Effects; PARAMETERS],
}

/// The changes that the calibrated parameters act on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effects {
    /// Change of the first adduction peak, the second one, and the adduction impulse, percent.
    pub kam_pct: [f64; 3],
    /// Change of rearfoot eversion at the first adduction peak, rad.
    pub eversion_rad: f64,
}

impl Effects {
    fn plus(mut self, step: f64, slope: &Self) -> Self {
        for (sum, slope) in self.kam_pct.iter_mut().zip(slope.kam_pct) {
            *sum += step * slope;
        }
        self.eversion_rad += step * slope.eversion_rad;
        self
    }
}

impl Appraisal {
    /// The effects for every sample of the parameters' posterior, to first order.
    pub fn samples(&self) -> impl Iterator<Item = Effects> {
        posterior::samples().iter().map(|deviation| self.at(deviation))
    }

    /// The effects for parameters that deviate this much from the calibrated ones, to first order.
    #[must_use]
    pub fn at(&self, deviation: &[f64; PARAMETERS]) -> Effects {
        let steps = deviation.iter().zip(&self.gradients);
        steps.fold(self.expected, |sum, (step, slope)| sum.plus(*step, slope))
    }

    /// Standard deviations of the three changes of the adduction moment over the posterior, percent.
    #[must_use]
    pub fn deviations_pct(&self) -> [f64; 3] {
        std::array::from_fn(|which| {
            posterior::deviation(&self.gradients.map(|slope| slope.kam_pct[which]))
        })
    }
}

/// Step of the differences over curves that are known to first order, in units of the parameters.
const STEP: f64 = 1e-3;

impl KneeModel {
    /// What a device changes, with the derivatives to the calibrated parameters by implicit differentiation.
    ///
    /// # Panics
    /// If the device was made for another number of contact nodes.
    #[must_use]
    pub fn appraise(&self, device: &Device) -> Appraisal {
        let solved = self.solved(device, Variation::NONE, true);
        let before = self.stance().kam_metrics();
        let arms = self.arm_gradients(&solved.slopes, (&solved.cop_shift_mm, &solved.turn_rad));
        let turns = self.turn_gradients(&solved.slopes);
        let response = self.response(device, solved);
        let change = |curve: &[f64]| self.kam_metrics(curve).change_pct(&before);
        let kam_pct = change(&response.adduction_moment_nm);
        let lift = 1.0 + 0.0035 * device.lift_mm;
        let peak = self.first_peak();
        let gradients = std::array::from_fn(|parameter| {
            let arm: &[f64] = &arms[parameter];
            let moved: Vec<f64> = response
                .adduction_moment_nm
                .iter()
                .zip(arm)
                .zip(&self.stance().vertical_force_n)
                .map(|((kam, arm), force)| kam + STEP * force * arm * 1e-3 * lift)
                .collect();
            let moved = change(&moved);
            Effects {
                kam_pct: std::array::from_fn(|which| (moved[which] - kam_pct[which]) / STEP),
                eversion_rad: turns[parameter][peak] * self.parameters().eversion_share(),
            }
        });
        let expected = Effects { kam_pct, eversion_rad: response.eversion_rad[peak] };
        Appraisal { response, expected, gradients }
    }

    /// Derivatives of the lever arm at every instant, mm.
    fn arm_gradients(
        &self,
        slopes: &[Slopes],
        (shifts, turns): (&[f64], &[f64]),
    ) -> [Vec<f64>; PARAMETERS] {
        let p = self.parameters();
        let heights = p.knee_height / p.mass_center_height;
        let cosine = self.stance().toe_out.rad().cos();
        let line = cosine * (1.0 - p.reaiming * heights);
        let leg = p.subtalar_height * 1e3 * self.stance().person.height_m * p.frontal_share();
        let solved = |which: usize, per: f64| -> Vec<f64> {
            let arm = |slope: &Slopes| {
                -(slope.cop_mm[which] * line + slope.turn[which] * leg * p.knee_follows) / per
            };
            slopes.iter().map(arm).collect()
        };
        [
            // The contact knows the logarithm of the posts' share.
            solved(0, p.transmission),
            solved(1, 1.0),
            solved(2, 1.0),
            shifts.iter().map(|shift| shift * cosine * heights).collect(),
            turns.iter().map(|turn| -turn * leg).collect(),
        ]
    }

    /// Derivatives of the turn about the subtalar axis at every instant, rad.
    fn turn_gradients(&self, slopes: &[Slopes]) -> [Vec<f64>; PARAMETERS] {
        let solved =
            |which: usize, per: f64| slopes.iter().map(|slope| slope.turn[which] / per).collect();
        let none = vec![0.0; slopes.len()];
        [
            solved(0, self.parameters().transmission),
            solved(1, 1.0),
            solved(2, 1.0),
            none.clone(),
            none,
        ]
    }
}

#[cfg(test)]
mod tests {
    use gait::{GaitMetrics, Person};
    use vocabulary::{Angle, Findings};

    use super::*;
    use crate::{FootContact, Materials, Parameters, ReferenceFoot, ReferenceOrthosis};

    fn model() -> KneeModel {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let stance =
            gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
        let foot = FootContact::reference(&ReferenceFoot::default());
        KneeModel::new(foot, stance, Parameters::default()).unwrap()
    }

    fn device(model: &KneeModel, transmission: f64) -> Device {
        let orthosis = ReferenceOrthosis {
            rearfoot_post: Angle::from_deg(5.0),
            forefoot_post: Angle::from_deg(4.0),
            transmission,
            arch_fill: 0.7,
            materials: Materials { shell_kpa_per_mm: Some(30.0), ..Materials::default() },
            ..ReferenceOrthosis::default()
        };
        Device::reference_orthosis(model.foot(), &orthosis)
    }

    /// Every gradient against the difference of two full solves with the parameter moved to both sides.
    #[test]
    fn gradients_are_those_of_finite_differences() {
        let model = model();
        let usual = *model.parameters();
        let appraisal = model.appraise(&device(&model, usual.transmission));
        let moved = |parameter: usize, step: f64| {
            let mut moved = usual;
            match parameter {
                0 => moved.transmission += step,
                1 => moved.subtalar_scale *= step.exp(),
                2 => moved.midtarsal_nm_per_rad_kg *= step.exp(),
                3 => moved.reaiming += step,
                _ => moved.knee_follows += step,
            }
            let other = model.recalibrated(&moved);
            other.appraise(&device(&model, moved.transmission)).expected
        };
        for (parameter, step) in [0.05, 0.1, 0.1, 0.1, 0.1].into_iter().enumerate() {
            let (ahead, behind) = (moved(parameter, step), moved(parameter, -step));
            for which in 0..3 {
                let numeric = (ahead.kam_pct[which] - behind.kam_pct[which]) / (2.0 * step);
                let found = appraisal.gradients[parameter].kam_pct[which];
                let error = (found - numeric).abs();
                assert!(
                    error < 0.05 * numeric.abs() + 0.05,
                    "{parameter} {which}: {found} {numeric}"
                );
            }
            let numeric = (ahead.eversion_rad - behind.eversion_rad) / (2.0 * step);
            let found = appraisal.gradients[parameter].eversion_rad;
            assert!((found - numeric).abs() < 0.05 * numeric.abs() + 1e-4, "{found} {numeric}");
        }
    }

    /// The samples spread the prediction as the posterior does, and their mean is the prediction.
    #[test]
    fn samples_have_the_posteriors_mean_and_spread() {
        let model = model();
        let appraisal = model.appraise(&device(&model, model.parameters().transmission));
        let changes: Vec<f64> = appraisal.samples().map(|effects| effects.kam_pct[2]).collect();
        let mean = changes.iter().sum::<f64>() / changes.len() as f64;
        let variance =
            changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / changes.len() as f64;
        assert!((mean - appraisal.expected.kam_pct[2]).abs() < 1e-9, "{mean}");
        let expected = appraisal.deviations_pct()[2];
        assert!((variance.sqrt() / expected - 1.0).abs() < 0.1, "{} {expected}", variance.sqrt());
    }
}
