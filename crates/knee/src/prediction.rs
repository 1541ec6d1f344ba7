use gait::KamMetrics;
use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::likelihood::{ADAPTATION_SD_PCT, NINETY, RESPONSE_SD, discrepancy_sd};
use crate::model::{Variation, listed};
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

impl KneeModel {
    /// Predicts the effect of a device with its uncertainty on three levels: parameters, individual response,
    /// and what the model leaves out.
    ///
    /// # Panics
    /// If the device was made for another number of contact nodes.
    #[must_use]
    pub fn predict(&self, device: &Device) -> Prediction {
        let kinematics = self.kinematics(device, Variation::NONE);
        let parameter_sd = self.parameter_deviations(device);
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
            let error = discrepancy_sd(change_pct, largest_post_deg).hypot(parameter_sd[which]);
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
    fn parameter_deviations(&self, device: &Device) -> [f64; 3] {
        let p = self.parameters();
        let [transmission, subtalar, midtarsal, reaiming, follows] = posterior::DEVIATIONS;
        let before = self.stance().kam_metrics();
        let change = |variation: Variation, reaiming: f64, follows: f64| {
            let kinematics = self.kinematics(device, variation);
            let kam = self.adduction_moment(device, &kinematics, reaiming, follows);
            self.kam_metrics(&kam).change_pct(&before)
        };
        let none = Variation::NONE;
        let posts = (p.transmission + transmission) / p.transmission;
        let base = change(none, p.reaiming, p.knee_follows);
        let stepped = [
            change(Variation { posts, ..none }, p.reaiming, p.knee_follows),
            change(Variation { subtalar: subtalar.exp(), ..none }, p.reaiming, p.knee_follows),
            change(Variation { midtarsal: midtarsal.exp(), ..none }, p.reaiming, p.knee_follows),
            change(none, p.reaiming + reaiming, p.knee_follows),
            change(none, p.reaiming, p.knee_follows + follows),
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
