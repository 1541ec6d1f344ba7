use gait::KamMetrics;
use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::likelihood::{ADAPTATION_SD_PCT, NINETY, RESPONSE_SD, discrepancy_sd};
use crate::model::{Kinematics, Variation, listed};
use crate::parameters::posterior;
use crate::{
    BandPoint, Device, KneeModel, Likelihood, MedialContact, PatellofemoralStress, PressureMap,
    Response, medial_contact, patellofemoral_stress,
};

/// One knee load without and with a device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Without a device: Nm for peaks, Nm·s for the impulse.
    pub before: f64,
    /// Expected with the device, in the same unit.
    pub after: f64,
    /// Expected change in percent of `before`.
    pub change_pct: f64,
    /// Expected change in %BW·Ht (or %BW·Ht·s), which depends less on the person than the percentage.
    pub change_pct_bwht: f64,
    /// How sure that is.
    pub likelihood: Likelihood,
}

/// The predicted effect of a device on one foot's stance, with its cost at ankle and sole.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// First peak of the knee adduction moment.
    pub kam_peak1: Outcome,
    /// Second peak of the knee adduction moment.
    pub kam_peak2: Outcome,
    /// Impulse of the knee adduction moment.
    pub kam_impulse: Outcome,
    /// The adduction moment over stance with its 90 % interval.
    pub band: Vec<BandPoint>,
    /// Medial contact force, a proxy, without and with the device.
    pub medial_contact: [MedialContact; 2],
    /// Patellofemoral stress, a proxy, without and with the device.
    pub patellofemoral: [PatellofemoralStress; 2],
    /// Change of the highest knee flexion moment, percent; posts have no reliable mean effect on it (±5 %).
    pub flexion_moment_change_pct: f64,
    /// Change of rearfoot eversion at the first adduction peak.
    pub eversion: Angle,
    /// Change of rearfoot eversion where it is largest.
    pub largest_eversion: Angle,
    /// Change of internal tibial rotation at the first adduction peak.
    pub tibial_rotation: Angle,
    /// Change of the subtalar moment at the first adduction peak, Nm.
    pub subtalar_moment_nm: f64,
    /// Lateral shift of the center of pressure at the first adduction peak, mm.
    pub cop_shift_mm: f64,
    /// Change of the lever arm at the first adduction peak, mm.
    pub lever_arm_change_mm: f64,
    /// Plantar pressure without and with the device.
    pub pressure: [PressureMap; 2],
    /// Change of the loading rate after heel strike, percent: a proxy ([`crate::Response::loading_rate_change_pct`]).
    pub loading_rate_change_pct: f64,
    /// Change of the highest pressure anywhere, percent.
    pub peak_pressure_change_pct: f64,
    /// Whether a post is larger than trials have tested well (7°): the interval is widened.
    pub beyond_evidence: bool,
    /// Instants (percent of stance) at which no equilibrium was found with the device.
    pub unsolved_percent: Vec<f64>,
}

impl Prediction {
    /// Says where the prediction is weak.
    pub fn report(&self, findings: &mut Findings) {
        if self.beyond_evidence {
            findings.warn(
                "knee",
                "knee-beyond-evidence",
                "A post is larger than 7°: trials found a smaller gain there than this model, and less comfort; the interval is widened.",
            );
        }
        if !self.unsolved_percent.is_empty() {
            findings.warn(
                "knee",
                "knee-device-unsolved",
                format!(
                    "The foot finds no balance on the device at {} % of stance; the change before was carried on.",
                    listed(&self.unsolved_percent)
                ),
            );
        }
    }
}

/// First adduction peak on which the change in percent was calibrated, %BW·Ht.
const CALIBRATED_PEAK_PCT_BWHT: f64 = 2.88;

/// SD in percent of what is not known of a person whose moment is far from the calibrated one.
///
/// The model keeps the absolute change, so that its percentage goes with one over the moment; a constant percentage is the other
/// extreme, and evidence between the two is partial (Erhart 2008: the moment explains 12 % of the variance of the absolute
/// change). Half of the distance between them is taken, at most as for a moment of twice or half the usual one.
fn baseline_sd(change_pct: f64, peak_pct_bwht: f64) -> f64 {
    let ratio = (peak_pct_bwht / CALIBRATED_PEAK_PCT_BWHT).clamp(0.5, 2.0);
    0.5 * change_pct.abs() * (1.0 - ratio).abs()
}

impl KneeModel {
    /// Predicts the effect of a device with its uncertainty on three levels: parameters, individual response,
    /// and what the model leaves out.
    ///
    /// # Panics
    /// If the device was made for another number of contact nodes.
    #[must_use]
    pub fn predict(&self, device: &Device) -> Prediction {
        let kinematics = self.kinematics(device, Variation::NONE);
        let parameter_sd = self.parameter_deviations(device, &kinematics);
        let response = self.response(device, kinematics);
        let stance = self.stance();
        let before = stance.kam_metrics();
        let after = self.kam_metrics(&response.adduction_moment_nm);
        let [kam_peak1, kam_peak2, kam_impulse] =
            self.outcomes(&before, &after, &parameter_sd, device.largest_post.deg());
        let peak = self.first_peak();
        let kfm = [&stance.flexion_moment_nm, &response.flexion_moment_nm];
        let highest = kfm.map(|curve| curve.iter().copied().fold(f64::MIN, f64::max));
        let pressure_before = self.baseline_pressure().clone();
        let largest_eversion =
            response.eversion_rad.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
        Prediction {
            kam_peak1,
            kam_peak2,
            kam_impulse,
            band: self.band(&response, device, before.peak1_nm),
            medial_contact: [
                medial_contact(stance, &stance.adduction_moment_nm, kfm[0]),
                medial_contact(stance, &response.adduction_moment_nm, kfm[1]),
            ],
            patellofemoral: kfm.map(|curve| patellofemoral_stress(&stance.knee_flexion_deg, curve)),
            flexion_moment_change_pct: 100.0 * (highest[1] / highest[0] - 1.0),
            eversion: Angle::from_rad(response.eversion_rad[peak]),
            largest_eversion: Angle::from_rad(largest_eversion.unwrap_or(0.0)),
            tibial_rotation: Angle::from_rad(response.tibial_rotation_rad[peak]),
            subtalar_moment_nm: response.subtalar_moment_nm[peak],
            cop_shift_mm: response.cop_shift_mm[peak],
            lever_arm_change_mm: response.lever_arm_change_mm[peak],
            peak_pressure_change_pct: 100.0
                * (response.pressure.peak() / pressure_before.peak() - 1.0),
            loading_rate_change_pct: response.loading_rate_change_pct,
            pressure: [pressure_before, response.pressure],
            beyond_evidence: device.largest_post.deg().abs() > 7.0,
            unsolved_percent: response.unsolved_percent,
        }
    }

    fn outcomes(
        &self,
        before: &KamMetrics,
        after: &KamMetrics,
        parameter_sd: &[f64; 3],
        largest_post_deg: f64,
    ) -> [Outcome; 3] {
        let person = &self.stance().person;
        let change_pct = after.change_pct(before);
        let (before_pct, after_pct) = (before.pct_bwht(person), after.pct_bwht(person));
        let values = [
            (before.peak1_nm, after.peak1_nm),
            (before.peak2_nm, after.peak2_nm),
            (before.impulse_nms, after.impulse_nms),
        ];
        std::array::from_fn(|which| {
            let change_pct = change_pct[which];
            let error = discrepancy_sd(change_pct, largest_post_deg)
                .hypot(parameter_sd[which])
                .hypot(baseline_sd(change_pct, before_pct[0]));
            Outcome {
                before: values[which].0,
                after: values[which].1,
                change_pct,
                change_pct_bwht: after_pct[which] - before_pct[which],
                likelihood: Likelihood::of_change(change_pct, error),
            }
        })
    }

    /// Level 1: SD in percent of the three changes from the posterior of the calibrated parameters, to first
    /// order: one step of a standard deviation in each, combined with their correlations.
    fn parameter_deviations(&self, device: &Device, solved: &Kinematics) -> [f64; 3] {
        let p = self.parameters();
        let [transmission, subtalar, midtarsal, reaiming, follows] = posterior::DEVIATIONS;
        let before = self.stance().kam_metrics();
        let change = |kinematics: &Kinematics, reaiming: f64, follows: f64| {
            let kam = self.adduction_moment(device, kinematics, reaiming, follows);
            self.kam_metrics(&kam).change_pct(&before)
        };
        let varied = |variation: Variation| {
            change(&self.kinematics(device, variation), p.reaiming, p.knee_follows)
        };
        let none = Variation::NONE;
        let posts = (p.transmission + transmission) / p.transmission;
        let base = change(solved, p.reaiming, p.knee_follows);
        let stepped = [
            varied(Variation { posts, ..none }),
            varied(Variation { subtalar: subtalar.exp(), ..none }),
            varied(Variation { midtarsal: midtarsal.exp(), ..none }),
            change(solved, p.reaiming + reaiming, p.knee_follows),
            change(solved, p.reaiming, p.knee_follows + follows),
        ];
        std::array::from_fn(|which| {
            let steps = stepped.map(|stepped| stepped[which] - base[which]);
            let mut variance = 0.0;
            for (row, a) in steps.iter().enumerate() {
                for (column, b) in steps.iter().enumerate() {
                    variance += a * b * posterior::CORRELATIONS[row][column];
                }
            }
            variance.max(0.0).sqrt()
        })
    }

    /// The adduction moment over stance with the 90 % interval of a person's true curve.
    fn band(&self, response: &Response, device: &Device, peak_nm: f64) -> Vec<BandPoint> {
        let stance = self.stance();
        let beyond = discrepancy_sd(0.0, device.largest_post.deg()) / 100.0 * peak_nm;
        (0..stance.len())
            .map(|instant| {
                let before_nm = stance.adduction_moment_nm[instant];
                let after_nm = response.adduction_moment_nm[instant];
                let change = after_nm - before_nm;
                let response_sd = RESPONSE_SD * change;
                let adaptation_sd = ADAPTATION_SD_PCT / 100.0 * before_nm;
                let weight = stance.vertical_force_n[instant] / stance.person.weight_n();
                let discrepancy_sd = 0.10 * change.abs() + beyond * weight.min(1.0);
                let sd = response_sd.hypot(adaptation_sd).hypot(discrepancy_sd);
                BandPoint {
                    percent: stance.percent[instant],
                    before_nm,
                    after_nm,
                    low_nm: after_nm - NINETY * sd,
                    high_nm: after_nm + NINETY * sd,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use gait::{GaitMetrics, Person};

    use super::*;
    use crate::{FootContact, Parameters, ReferenceFoot, ReferenceOrthosis};

    fn model() -> KneeModel {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let stance =
            gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
        let foot = FootContact::reference(&ReferenceFoot::default());
        KneeModel::new(foot, stance, Parameters::default()).unwrap()
    }

    fn wedge(model: &KneeModel, deg: f64) -> Device {
        let post = Angle::from_deg(deg);
        let orthosis = ReferenceOrthosis {
            rearfoot_post: post,
            forefoot_post: post,
            ..ReferenceOrthosis::default()
        };
        Device::reference_orthosis(model.foot(), &orthosis)
    }

    /// The reference's posterior predictive SD for a 5° wedge, by sampling: 0.53, 0.79, 0.68 %.
    #[test]
    fn parameters_spread_the_prediction_as_in_the_calibration() {
        let model = model();
        let device = wedge(&model, 5.0);
        let solved = model.kinematics(&device, Variation::NONE);
        let found = model.parameter_deviations(&device, &solved);
        for (found, sampled) in found.into_iter().zip([0.53, 0.79, 0.68]) {
            assert!((found - sampled).abs() < 0.25, "{found} {sampled}");
        }
    }

    #[test]
    fn beyond_seven_degrees_the_interval_widens_and_it_is_said() {
        let model = model();
        let width = |deg: f64| {
            let prediction = model.predict(&wedge(&model, deg));
            let likelihood = prediction.kam_peak1.likelihood;
            (likelihood.high_pct - likelihood.low_pct, prediction)
        };
        let (seven, inside) = width(7.0);
        let (nine, beyond) = width(9.0);
        assert!(nine > seven + 2.0, "{seven} {nine}");
        let mut findings = Findings::new();
        inside.report(&mut findings);
        assert_eq!(findings, Findings::new());
        beyond.report(&mut findings);
        assert!(findings.has("knee-beyond-evidence"));
    }

    /// The band is as wide as the interval of the first peak, there where the peak is.
    #[test]
    fn the_band_agrees_with_the_interval_of_the_peak() {
        let model = model();
        let prediction = model.predict(&wedge(&model, 5.0));
        let peak = prediction.band[model.first_peak()];
        let pct = |nm: f64| 100.0 * (nm / peak.before_nm - 1.0);
        let likelihood = prediction.kam_peak1.likelihood;
        assert!((pct(peak.low_nm) - likelihood.low_pct).abs() < 1.0);
        assert!((pct(peak.high_nm) - likelihood.high_pct).abs() < 1.0);
        let outside =
            |point: &&BandPoint| point.low_nm > point.after_nm || point.high_nm < point.after_nm;
        assert_eq!(prediction.band.iter().filter(outside).count(), 0);
    }

    /// A person whose moment is half the usual one gets twice the percentage, and less certainty of it.
    #[test]
    fn an_unusual_moment_widens_the_interval() {
        assert!(baseline_sd(-6.0, 2.88) < 1e-12);
        assert!((baseline_sd(-12.0, 1.44) - 3.0).abs() < 1e-12);
        assert_eq!(baseline_sd(-3.0, 5.76), baseline_sd(-3.0, 9.0));
    }
}
