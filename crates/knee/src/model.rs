use gait::{FIRST_PEAK_PERCENT, KamMetrics, SECOND_PEAK_PERCENT, Stance, kam_metrics};
use vocabulary::Findings;

use crate::contact::{Contact, Equilibrium, Pose, Slopes, Solution, Turn};
use crate::press::Pressure;
use crate::pressure::Masks;
use crate::{Device, FootContact, Parameters, PressureMap};

/// Highest place under the foot at which a center of pressure is accepted, in foot lengths.
const COP_LIMIT_LENGTHS: f64 = 0.735;
/// Instants with less force than this share of body weight are left out.
const LEAST_FORCE_BW: f64 = 0.1;
/// Weight is taken over by this percent of stance.
const LOADING_PERCENT: f64 = 15.0;
/// The arch lowers no further than at this many body weights.
const LOWERING_LIMIT_BW: f64 = 1.2;
/// Highest in-shoe pressure of ordinary walking, kPa; more tells of a sole that was scanned hanging.
const ORDINARY_PRESSURE_KPA: f64 = 300.0;
/// Share of the loaded instants that may stay unsolved before a baseline is refused.
const UNSOLVED_SHARE: f64 = 0.1;

/// Why no knee model could be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum KneeError {
    /// Foot and stance cannot stand on the floor together.
    #[error(
        "the foot finds no balance at {} of {loaded} instants of stance (first at {:.0} %); check the sole's heights and the center of pressure",
        percent.len(),
        percent.first().copied().unwrap_or(f64::NAN)
    )]
    NoBalance {
        /// The instants without a solution, percent of stance.
        percent: Vec<f64>,
        /// Instants that were tried.
        loaded: usize,
    },
    /// A stance without a curve that the model needs.
    #[error("the stance has {instants} instants but its curve of {curve} has {found}")]
    CurveLength {
        /// Which curve.
        curve: &'static str,
        /// Instants of the stance.
        instants: usize,
        /// Values found.
        found: usize,
    },
    /// A stance in which the foot is never loaded.
    #[error(
        "the stance never loads the foot with more than 10 % of body weight; check the force's unit"
    )]
    NeverLoaded,
}

/// The contact model of one foot, fitted to its stance without a device.
#[derive(Clone, Debug)]
pub struct KneeModel {
    foot: FootContact,
    stance: Stance,
    parameters: Parameters,
    masks: Masks,
    baseline: Vec<Option<Baseline>>,
    pressure: PressureMap,
    unsolved_percent: Vec<f64>,
    first_peak: usize,
    second_peak: usize,
}

/// A fitted instant.
#[derive(Clone, Copy, Debug)]
struct Baseline {
    pose: Pose,
    /// Moment about the subtalar axis and twisting moment that the muscles hold, N·mm.
    subtalar_nmm: f64,
    twist_nmm: f64,
    /// N/mm.
    vertical_stiffness: f64,
}

/// What a device changes over a stance. All curves have one value per instant of the stance; the changes are
/// zero where the foot carries less than 10 % of body weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// External knee adduction moment with the device, Nm.
    pub adduction_moment_nm: Vec<f64>,
    /// External knee flexion moment with the device, Nm.
    pub flexion_moment_nm: Vec<f64>,
    /// Lateral shift of the center of pressure, mm.
    pub cop_shift_mm: Vec<f64>,
    /// Change of the force's lever arm about the knee, mm; negative unloads the medial side.
    pub lever_arm_change_mm: Vec<f64>,
    /// Change of frontal-plane rearfoot eversion, rad.
    pub eversion_rad: Vec<f64>,
    /// Change of internal rotation of the tibia, rad.
    pub tibial_rotation_rad: Vec<f64>,
    /// Change of the moment about the subtalar axis, Nm.
    pub subtalar_moment_nm: Vec<f64>,
    /// Twist of the forefoot against the rearfoot, rad.
    pub forefoot_twist_rad: Vec<f64>,
    /// Plantar pressure with the device.
    pub pressure: PressureMap,
    /// Change of the loading rate after heel strike, percent: a proxy.
    ///
    /// A foot that meets the ground at a given speed is loaded at that speed times the stiffness of what it
    /// meets, so that the rate changes as the vertical stiffness of tissue, device and shoe does; the mean over the first
    /// 15 % of stance.
    pub loading_rate_change_pct: f64,
    /// Instants (percent of stance) at which no equilibrium was found; they repeat the change before them.
    pub unsolved_percent: Vec<f64>,
}

/// What the solve of one stance gives, before it is turned into moments.
#[derive(Clone, Debug)]
pub(crate) struct Kinematics {
    pub(crate) cop_shift_mm: Vec<f64>,
    pub(crate) turn_rad: Vec<f64>,
    twist_rad: Vec<f64>,
    pressure: PressureMap,
    loading_rate_change_pct: f64,
    unsolved_percent: Vec<f64>,
    /// How shift and turn answer to the calibrated stiffnesses; empty unless asked for.
    pub(crate) slopes: Vec<Slopes>,
}

/// How the calibrated parameters are varied from one evaluation to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Variation {
    /// Factor on the posts' heights: transmission over the calibrated transmission.
    pub(crate) posts: f64,
    /// Factor on the subtalar stiffness.
    pub(crate) subtalar: f64,
    /// Factor on the midtarsal stiffness.
    pub(crate) midtarsal: f64,
}

impl Variation {
    /// The calibrated parameters.
    pub(crate) const NONE: Self = Self { posts: 1.0, subtalar: 1.0, midtarsal: 1.0 };
}

impl KneeModel {
    /// Fits the contact of a foot on the flat floor of its shoe to a stance.
    ///
    /// # Errors
    /// [`KneeError`] if more than a tenth of the loaded instants, or the first peak of the adduction moment,
    /// finds no balance; fewer are left out and named by [`Self::report`].
    pub fn new(
        foot: FootContact,
        stance: Stance,
        parameters: Parameters,
    ) -> Result<Self, KneeError> {
        check_lengths(&stance)?;
        let masks = Masks::new(&foot);
        let mut model = Self {
            first_peak: peak(&stance, |percent| FIRST_PEAK_PERCENT.contains(&percent)),
            second_peak: peak(&stance, |percent| SECOND_PEAK_PERCENT.contains(&percent)),
            pressure: PressureMap::new(foot.len()),
            baseline: Vec::with_capacity(stance.len()),
            unsolved_percent: Vec::new(),
            foot,
            stance,
            parameters,
            masks,
        };
        model.fit();
        let loaded = (0..model.stance.len()).filter(|instant| model.loaded(*instant)).count();
        if loaded == 0 {
            return Err(KneeError::NeverLoaded);
        }
        let unsolved = model.unsolved_percent.len();
        if unsolved as f64 > UNSOLVED_SHARE * loaded as f64
            || model.baseline[model.first_peak].is_none()
        {
            return Err(KneeError::NoBalance { percent: model.unsolved_percent, loaded });
        }
        Ok(model)
    }

    /// The stance without a device.
    #[must_use]
    pub fn stance(&self) -> &Stance {
        &self.stance
    }

    /// The foot.
    #[must_use]
    pub fn foot(&self) -> &FootContact {
        &self.foot
    }

    /// The constants in use.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The same fitted model with other values of the five calibrated parameters, which act on the change only:
    /// subtalar scale, midtarsal stiffness, transmission, re-aiming and knee following. Others are ignored.
    #[must_use]
    pub fn recalibrated(&self, parameters: &Parameters) -> Self {
        let mut model = self.clone();
        model.parameters = Parameters {
            subtalar_scale: parameters.subtalar_scale,
            midtarsal_nm_per_rad_kg: parameters.midtarsal_nm_per_rad_kg,
            transmission: parameters.transmission,
            reaiming: parameters.reaiming,
            knee_follows: parameters.knee_follows,
            ..self.parameters
        };
        model
    }

    /// Plantar pressure in the shoe without a device.
    #[must_use]
    pub fn baseline_pressure(&self) -> &PressureMap {
        &self.pressure
    }

    /// The instant of the first peak of the adduction moment without a device.
    #[must_use]
    pub fn first_peak(&self) -> usize {
        self.first_peak
    }

    /// The instant of the second peak of the adduction moment without a device.
    #[must_use]
    pub fn second_peak(&self) -> usize {
        self.second_peak
    }

    /// Says what the fit left out, and where its pressures are not to be taken at face value.
    pub fn report(&self, findings: &mut Findings) {
        let peak = self.pressure.peak();
        if peak > ORDINARY_PRESSURE_KPA {
            findings.note(
                "knee",
                "knee-pressure-high",
                format!(
                    "Without a device the model finds {peak:.0} kPa under the sole, more than ordinary walking shows; a sole that was scanned unloaded is rounder than one that stands, so read its pressures as changes only.",
                ),
            );
        }
        if !self.unsolved_percent.is_empty() {
            findings.warn(
                "knee",
                "knee-baseline-unsolved",
                format!(
                    "The foot finds no balance on the floor at {} % of stance; these instants are left as measured.",
                    listed(&self.unsolved_percent)
                ),
            );
        }
    }

    /// What a device changes.
    ///
    /// # Panics
    /// If the device was made for another number of contact nodes.
    #[must_use]
    pub fn evaluate(&self, device: &Device) -> Response {
        self.response(device, self.kinematics(device, Variation::NONE))
    }

    /// Peaks and impulse of an adduction-moment curve over this stance.
    #[must_use]
    pub fn kam_metrics(&self, adduction_moment_nm: &[f64]) -> KamMetrics {
        kam_metrics(&self.stance.percent, adduction_moment_nm, self.stance.stance_time_s)
    }

    fn loaded(&self, instant: usize) -> bool {
        self.stance.vertical_force_n[instant] > LEAST_FORCE_BW * self.stance.person.weight_n()
    }

    fn cop_anterior_mm(&self, instant: usize) -> f64 {
        self.stance.cop_anterior_mm[instant].min(COP_LIMIT_LENGTHS * self.foot.length_mm)
    }

    fn lowering_mm(&self, instant: usize) -> f64 {
        let body_weights = self.stance.vertical_force_n[instant] / self.stance.person.weight_n();
        self.parameters.arch_flattening_mm * body_weights.min(LOWERING_LIMIT_BW)
    }

    /// Solves every loaded instant on the flat floor for rise, pitch and frontal tilt.
    fn fit(&mut self) {
        let floor = Device::flat(&self.foot, &self.parameters);
        let contact = Contact::<f64>::new(&self.foot, &floor, &self.parameters, 1.0);
        let mut lanes = Pressure::default();
        let mut pressure = PressureMap::new(self.foot.len());
        let mut warm: Option<Pose> = None;
        for instant in 0..self.stance.len() {
            if !self.loaded(instant) {
                self.baseline.push(None);
                warm = None;
                continue;
            }
            let solution = self.fit_instant(&contact, instant, warm, &mut lanes);
            if solution.converged {
                warm = Some(solution.pose);
                pressure.take(&self.masks, &lanes.kpa);
                self.baseline.push(Some(Baseline {
                    pose: solution.pose,
                    subtalar_nmm: solution.resultant.subtalar,
                    twist_nmm: solution.resultant.twist,
                    vertical_stiffness: solution.vertical_stiffness(),
                }));
            } else {
                self.unsolved_percent.push(self.stance.percent[instant]);
                self.baseline.push(None);
            }
        }
        self.pressure = pressure.finish(&self.masks);
    }

    fn fit_instant(
        &self,
        contact: &Contact<f64>,
        instant: usize,
        warm: Option<Pose>,
        lanes: &mut Pressure<f64>,
    ) -> Solution {
        let force = self.stance.vertical_force_n[instant];
        let along = self.cop_anterior_mm(instant);
        let equilibrium = Equilibrium {
            turn: Turn::Tilt,
            target: [force, force * along, force * self.stance.cop_lateral_mm[instant], 0.0],
            stiffness: [0.0; 2],
            tilt: 0.0,
            lowering: self.lowering_mm(instant),
            // Far below the tolerance of an evaluation, so that no device is no change.
            tolerance: (1e-7, 1e-6),
        };
        let start = warm.unwrap_or_else(|| Pose {
            rise: -3.0,
            pitch: 0.02 * (along - 0.45 * self.foot.length_mm).signum(),
            ..Pose::default()
        });
        contact.solve(start, &equilibrium, lanes)
    }

    /// Solves every fitted instant on a device.
    pub(crate) fn kinematics(&self, device: &Device, variation: Variation) -> Kinematics {
        self.solved(device, variation, false)
    }

    /// The same, with the derivatives to the calibrated stiffnesses if `slopes` is set.
    pub(crate) fn solved(&self, device: &Device, variation: Variation, slopes: bool) -> Kinematics {
        assert_eq!(device.heights_mm.len(), self.foot.len(), "a device for this foot");
        let instants = self.stance.len();
        let contact = Contact::<f32>::new(&self.foot, device, &self.parameters, variation.posts);
        let mut lanes = Pressure::default();
        let mut result = Kinematics {
            cop_shift_mm: vec![0.0; instants],
            turn_rad: vec![0.0; instants],
            twist_rad: vec![0.0; instants],
            pressure: PressureMap::new(self.foot.len()),
            loading_rate_change_pct: 0.0,
            unsolved_percent: Vec::new(),
            slopes: vec![Slopes::default(); if slopes { instants } else { 0 }],
        };
        let mut change = Pose { rise: mean_height(device), ..Pose::default() };
        let (mut before, mut change_is_guess) = (change, true);
        let mut shift = 0.0;
        let (mut stiffness, mut stiffness_before) = (0.0, 0.0);
        for instant in 0..instants {
            let Some(baseline) = self.baseline[instant] else { continue };
            // The change goes on as it went from the instant before.
            let start = Pose {
                rise: baseline.pose.rise + 2.0 * change.rise - before.rise,
                pitch: baseline.pose.pitch + 2.0 * change.pitch - before.pitch,
                turn: 2.0 * change.turn - before.turn,
                twist: 2.0 * change.twist - before.twist,
            };
            let equilibrium = self.equilibrium(instant, &baseline, variation);
            let solution = contact.solve(start, &equilibrium, &mut lanes);
            if solution.converged {
                // The guess before the first instant is none to go on from.
                let guessed = std::mem::replace(&mut change_is_guess, false);
                before = change;
                change = Pose {
                    rise: solution.pose.rise - baseline.pose.rise,
                    pitch: solution.pose.pitch - baseline.pose.pitch,
                    ..solution.pose
                };
                if guessed {
                    before = change;
                }
                let resultant = solution.resultant;
                shift = resultant.across / resultant.force - self.stance.cop_lateral_mm[instant];
                result.pressure.take(&self.masks, &lanes.kpa);
                if self.stance.percent[instant] <= LOADING_PERCENT {
                    stiffness += solution.vertical_stiffness();
                    stiffness_before += baseline.vertical_stiffness;
                }
                if slopes {
                    result.slopes[instant] = contact.slopes(&solution, &equilibrium, &lanes);
                }
            } else {
                result.unsolved_percent.push(self.stance.percent[instant]);
            }
            result.cop_shift_mm[instant] = shift;
            result.turn_rad[instant] = change.turn;
            result.twist_rad[instant] = change.twist;
        }
        result.pressure = result.pressure.finish(&self.masks);
        if stiffness_before > 0.0 {
            result.loading_rate_change_pct = 100.0 * (stiffness / stiffness_before - 1.0);
        }
        result
    }

    fn equilibrium(&self, instant: usize, held: &Baseline, variation: Variation) -> Equilibrium {
        let force = self.stance.vertical_force_n[instant];
        let subtalar = self.subtalar_stiffness(instant) * variation.subtalar;
        let midtarsal = self.parameters.midtarsal_nm_per_rad_kg
            * self.stance.person.mass_kg
            * variation.midtarsal;
        Equilibrium {
            turn: Turn::Subtalar,
            target: [
                force,
                force * self.cop_anterior_mm(instant),
                held.subtalar_nmm,
                held.twist_nmm,
            ],
            stiffness: [1e3 * subtalar, 1e3 * midtarsal],
            tilt: held.pose.turn,
            lowering: self.lowering_mm(instant),
            tolerance: (2e-4, 2e-2),
        }
    }

    /// Quasi-static stiffness of the subtalar joint at an instant, Nm/rad.
    fn subtalar_stiffness(&self, instant: usize) -> f64 {
        self.stance.subtalar_stiffness_nm_per_rad[instant] * self.parameters.subtalar_scale
    }

    /// The adduction moment that a change of contact makes, Nm, for given re-aiming and knee following.
    pub(crate) fn adduction_moment(
        &self,
        device: &Device,
        kinematics: &Kinematics,
        reaiming: f64,
        knee_follows: f64,
    ) -> Vec<f64> {
        let lift = 1.0 + 0.0035 * device.lift_mm;
        self.lever_arm_change(kinematics, reaiming, knee_follows)
            .iter()
            .zip(&self.stance.vertical_force_n)
            .zip(&self.stance.adduction_moment_nm)
            .map(|((arm_mm, force), kam)| (kam + force * arm_mm * 1e-3) * lift)
            .collect()
    }

    /// Change of the lever arm, mm: the line of force moves laterally with the center of pressure but re-aims
    /// at the center of mass, and the knee follows the ankle medially.
    pub(crate) fn lever_arm_change(
        &self,
        kinematics: &Kinematics,
        reaiming: f64,
        follows: f64,
    ) -> Vec<f64> {
        let p = &self.parameters;
        let line = self.stance.toe_out.rad().cos()
            * (1.0 - reaiming * p.knee_height / p.mass_center_height);
        let height_mm = 1e3 * self.stance.person.height_m;
        let knee = follows * p.subtalar_height * height_mm * p.frontal_share();
        kinematics
            .cop_shift_mm
            .iter()
            .zip(&kinematics.turn_rad)
            .map(|(shift, turn)| -(shift * line + turn * knee))
            .collect()
    }

    pub(crate) fn response(&self, device: &Device, kinematics: Kinematics) -> Response {
        let p = &self.parameters;
        let eversion: Vec<f64> =
            kinematics.turn_rad.iter().map(|turn| turn * p.eversion_share()).collect();
        let flexion = 1.0 + 0.004 * device.lift_mm;
        Response {
            adduction_moment_nm: self.adduction_moment(
                device,
                &kinematics,
                p.reaiming,
                p.knee_follows,
            ),
            flexion_moment_nm: self.stance.flexion_moment_nm.iter().map(|m| m * flexion).collect(),
            lever_arm_change_mm: self.lever_arm_change(&kinematics, p.reaiming, p.knee_follows),
            tibial_rotation_rad: eversion.iter().map(|turn| turn * p.tibial_coupling).collect(),
            eversion_rad: eversion,
            subtalar_moment_nm: kinematics
                .turn_rad
                .iter()
                .enumerate()
                .map(|(instant, turn)| turn * self.subtalar_stiffness(instant))
                .collect(),
            forefoot_twist_rad: kinematics.twist_rad,
            cop_shift_mm: kinematics.cop_shift_mm,
            pressure: kinematics.pressure,
            loading_rate_change_pct: kinematics.loading_rate_change_pct,
            unsolved_percent: kinematics.unsolved_percent,
        }
    }
}

/// Mean height of a device's top over the nodes, mm: where a first guess of the foot's rise starts.
fn mean_height(device: &Device) -> f64 {
    device.heights_mm.iter().sum::<f64>() / device.heights_mm.len().max(1) as f64
}

/// The instant of the highest adduction moment within a part of stance.
fn peak(stance: &Stance, inside: impl Fn(f64) -> bool) -> usize {
    let instants = (0..stance.len()).filter(|i| inside(stance.percent[*i]));
    instants
        .max_by(|a, b| stance.adduction_moment_nm[*a].total_cmp(&stance.adduction_moment_nm[*b]))
        .unwrap_or(0)
}

fn check_lengths(stance: &Stance) -> Result<(), KneeError> {
    let instants = stance.len();
    for (curve, found) in [
        ("vertical force", stance.vertical_force_n.len()),
        ("center of pressure along the foot", stance.cop_anterior_mm.len()),
        ("center of pressure across the foot", stance.cop_lateral_mm.len()),
        ("adduction moment", stance.adduction_moment_nm.len()),
        ("flexion moment", stance.flexion_moment_nm.len()),
        ("ankle moment", stance.dorsiflexion_moment_nm.len()),
        ("knee flexion", stance.knee_flexion_deg.len()),
        ("subtalar stiffness", stance.subtalar_stiffness_nm_per_rad.len()),
    ] {
        if found != instants {
            return Err(KneeError::CurveLength { curve, instants, found });
        }
    }
    if instants == 0 { Err(KneeError::NeverLoaded) } else { Ok(()) }
}

/// Percents of stance in words: "12, 14, 16".
pub(crate) fn listed(percent: &[f64]) -> String {
    percent.iter().map(|percent| format!("{percent:.0}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use gait::{GaitMetrics, Person};
    use vocabulary::Angle;

    use super::*;
    use crate::{ReferenceFoot, ReferenceOrthosis};

    fn stance() -> Stance {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap()
    }

    fn model() -> KneeModel {
        let foot = FootContact::reference(&ReferenceFoot::default());
        KneeModel::new(foot, stance(), Parameters::default()).unwrap()
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

    #[test]
    fn no_device_is_no_change() {
        let model = model();
        let response = model.evaluate(&Device::flat(model.foot(), model.parameters()));
        for (with, without) in
            response.adduction_moment_nm.iter().zip(&stance().adduction_moment_nm)
        {
            assert!((with - without).abs() < 1e-4);
        }
        assert!(response.eversion_rad.iter().all(|turn| turn.abs() < 1e-6));
        let peak = response.pressure.peak();
        assert!((peak - model.baseline_pressure().peak()).abs() < 1e-2);
        assert!(response.unsolved_percent.is_empty());
    }

    /// A softer cover is met less hard, a harder one harder, no device as before.
    #[test]
    fn the_loading_rate_goes_with_what_the_heel_meets() {
        let model = model();
        let rate = |cover_mpa: f64, cover_mm: f64| {
            let materials = crate::Materials { cover_mpa, cover_mm, ..Default::default() };
            let orthosis = ReferenceOrthosis { materials, ..ReferenceOrthosis::default() };
            let device = Device::reference_orthosis(model.foot(), &orthosis);
            model.evaluate(&device).loading_rate_change_pct
        };
        let none = model.evaluate(&Device::flat(model.foot(), model.parameters()));
        assert!(none.loading_rate_change_pct.abs() < 1e-2, "{}", none.loading_rate_change_pct);
        let rates = [rate(0.4, 6.0), rate(0.4, 3.0), rate(1.0, 3.0), rate(50.0, 3.0)];
        assert!(rates.is_sorted() && rates[3] < 0.0, "{rates:?}");
        assert!(rates[0] < rates[3] - 5.0, "{rates:?}");
    }

    #[test]
    fn more_lateral_wedge_is_less_adduction() {
        let model = model();
        let peaks = [-8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 12.0].map(|deg| {
            let response = model.evaluate(&wedge(&model, deg));
            (model.kam_metrics(&response.adduction_moment_nm), response)
        });
        for pair in peaks.windows(2) {
            assert!(pair[1].0.peak1_nm < pair[0].0.peak1_nm);
            assert!(pair[1].0.impulse_nms < pair[0].0.impulse_nms);
            let peak = model.first_peak();
            assert!(pair[1].1.eversion_rad[peak] > pair[0].1.eversion_rad[peak]);
        }
    }

    /// The foundation's frontal stiffness and the subtalar joint in parallel turn a wedge into a shift of
    /// pressure: `0.8 τ (π/180) K_f K_e / (K_f + K_e) / F` per degree with `K_f` = 75 Nm/rad (table 2.5).
    #[test]
    fn the_shift_per_degree_agrees_with_the_hand_check() {
        let model = model();
        let instant = model.first_peak();
        let p = model.parameters();
        let foundation = 75.0;
        let joint = model.subtalar_stiffness(instant) / p.frontal_share().powi(2);
        let force = stance().vertical_force_n[instant];
        let by_hand = 0.8 * p.transmission * 1_f64.to_radians() * foundation * joint
            / (foundation + joint)
            / force
            * 1e3;
        let shift = model.evaluate(&wedge(&model, 2.0)).cop_shift_mm[instant] / 2.0;
        assert!((by_hand / shift - 1.0).abs() < 0.25, "{by_hand} {shift}");
    }

    #[test]
    fn a_stance_off_the_foot_is_refused() {
        let mut stance = stance();
        stance.cop_lateral_mm.fill(80.0);
        let foot = FootContact::reference(&ReferenceFoot::default());
        let error =
            KneeModel::new(foot.clone(), stance.clone(), Parameters::default()).unwrap_err();
        assert!(matches!(&error, KneeError::NoBalance { loaded: 45.., .. }), "{error}");
        stance.flexion_moment_nm.pop();
        let error = KneeModel::new(foot, stance, Parameters::default()).unwrap_err();
        assert!(error.to_string().contains("flexion moment has 50"), "{error}");
    }

    #[test]
    fn a_round_sole_is_said_to_press_hard() {
        let mut foot = FootContact::reference(&ReferenceFoot::default());
        let mut findings = Findings::new();
        let plain = KneeModel::new(foot.clone(), stance(), Parameters::default()).unwrap();
        plain.report(&mut findings);
        assert_eq!(findings, Findings::new());
        for node in 0..foot.len() {
            foot.height_mm[node] += 25.0 * foot.across[node].powi(2);
        }
        let round = KneeModel::new(foot, stance(), Parameters::default()).unwrap();
        round.report(&mut findings);
        assert!(findings.has("knee-pressure-high"));
    }

    /// Toes lifted by 15 mm, as in scans of a hanging foot, and a sole without an arch.
    #[test]
    fn odd_soles_find_their_balance() {
        for (toes_mm, arch_mm) in [(15.0, 22.0), (0.0, 0.0), (25.0, 35.0)] {
            let shape = ReferenceFoot { arch_mm, ..ReferenceFoot::default() };
            let mut foot = FootContact::reference(&shape);
            for node in 0..foot.len() {
                let lift = ((foot.along(node) - 0.72) / 0.28).max(0.0);
                foot.height_mm[node] += toes_mm * lift;
            }
            let model = KneeModel::new(foot, stance(), Parameters::default()).unwrap();
            assert!(model.unsolved_percent.is_empty(), "{toes_mm} {arch_mm}");
            let response = model.evaluate(&wedge(&model, 5.0));
            assert!(response.unsolved_percent.is_empty(), "{toes_mm} {arch_mm}");
            let [change, ..] = model
                .kam_metrics(&response.adduction_moment_nm)
                .change_pct(&model.stance().kam_metrics());
            assert!((-9.0..-3.0).contains(&change), "{toes_mm} {arch_mm}: {change}");
        }
    }

    /// With a device the force still acts where it acted along the foot, and every equation is solved, at every instant.
    #[test]
    fn force_and_its_place_along_the_foot_are_kept() {
        let model = model();
        let device = wedge(&model, 7.0);
        let contact = Contact::<f32>::new(&model.foot, &device, &model.parameters, 1.0);
        let mut lanes = Pressure::default();
        let mut checked = 0;
        for instant in 0..model.stance.len() {
            let Some(held) = model.baseline[instant] else { continue };
            let at = model.equilibrium(instant, &held, Variation::NONE);
            let solution = contact.solve(held.pose, &at, &mut lanes);
            let (found, force) = (solution.resultant, model.stance.vertical_force_n[instant]);
            assert!(solution.converged);
            assert!((found.force / force - 1.0).abs() < 2.1e-4, "{instant}");
            let along = found.along / found.force - model.cop_anterior_mm(instant);
            assert!(along.abs() < 0.08, "{instant}: {along} mm");
            let subtalar =
                found.subtalar - held.subtalar_nmm - at.stiffness[0] * solution.pose.turn;
            let twist = found.twist - held.twist_nmm - at.stiffness[1] * solution.pose.twist;
            assert!(subtalar.abs() <= 0.021 * force && twist.abs() <= 0.021 * force, "{instant}");
            checked += 1;
        }
        assert!(checked > 40, "{checked}");
    }

    /// Everything mirrored, axes included: the same turn and shift to the other side.
    #[test]
    fn a_mirrored_world_answers_mirrored() {
        let plain = model();
        let p = Parameters::default();
        let parameters = Parameters {
            subtalar_deviation: -p.subtalar_deviation,
            subtalar_lateral_mm: -p.subtalar_lateral_mm,
            midtarsal_lateral_mm: -p.midtarsal_lateral_mm,
            ..p
        };
        let foot = plain.foot();
        // Rows stay in their order, and y increases within a row.
        let mut order: Vec<usize> = (0..foot.len()).collect();
        order.sort_by(|a, b| {
            foot.x_mm[*a].total_cmp(&foot.x_mm[*b]).then(foot.y_mm[*b].total_cmp(&foot.y_mm[*a]))
        });
        let pick = |values: &[f64]| order.iter().map(|node| values[*node]).collect::<Vec<f64>>();
        let flip = |values: &[f64]| order.iter().map(|node| -values[*node]).collect::<Vec<f64>>();
        let mirrored_foot = FootContact {
            x_mm: pick(&foot.x_mm),
            y_mm: flip(&foot.y_mm),
            across: flip(&foot.across),
            height_mm: pick(&foot.height_mm),
            arch_basis: pick(&foot.arch_basis),
            tissue_linear: pick(&foot.tissue_linear),
            tissue_hardening: pick(&foot.tissue_hardening),
            arch_structure: pick(&foot.arch_structure),
            ..foot.clone()
        };
        let mut mirrored_stance = stance();
        mirrored_stance.cop_lateral_mm.iter_mut().for_each(|y| *y = -*y);
        let mirror = KneeModel::new(mirrored_foot, mirrored_stance, parameters).unwrap();
        let device = wedge(&plain, 5.0);
        let mirrored_device = Device {
            heights_mm: pick(&device.heights_mm),
            post_heights_mm: pick(&device.post_heights_mm),
            stiffness_kpa_per_mm: pick(&device.stiffness_kpa_per_mm),
            confinement: pick(&device.confinement),
            ..device.clone()
        };
        let (one, other) = (plain.evaluate(&device), mirror.evaluate(&mirrored_device));
        for instant in 0..plain.stance().len() {
            assert!((one.cop_shift_mm[instant] + other.cop_shift_mm[instant]).abs() < 0.02);
            assert!((one.eversion_rad[instant] + other.eversion_rad[instant]).abs() < 1e-4);
        }
        let peak = one.pressure.peak() - other.pressure.peak();
        assert!(peak.abs() < 0.2, "{peak}");
    }
}
