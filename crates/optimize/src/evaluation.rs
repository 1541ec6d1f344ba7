use knee::{
    Appraisal, Device, Effects, KneeModel, Likelihood, PressureMap, RegionLoad, Response,
    medial_contact,
};
use serde::Serialize;

use crate::variable::PerVariable;
use crate::words::FLAT_FOOT_EVERSION_DEG;
use crate::{Candidate, Indication, Variable};

/// What no candidate may exceed (handbook, knee model, section 4). Angles in degrees, as profiles write them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Largest increase of rearfoot eversion at the first adduction peak, degrees.
    pub eversion_deg: f64,
    /// Largest decrease of rearfoot eversion, degrees.
    pub inversion_deg: f64,
    /// Largest change of the subtalar moment, Nm.
    pub subtalar_moment_nm: f64,
    /// Largest increase of the knee flexion moment, percent.
    pub flexion_moment_pct: f64,
    /// Largest increase of the first adduction peak, percent; `None` where raising it is the goal.
    pub adduction_peak_pct: Option<f64>,
    /// Largest increase of the highest plantar pressure, percent.
    pub peak_pressure_pct: f64,
    /// Highest pressure under the arch, kPa.
    pub arch_pressure_kpa: f64,
    /// Largest difference of the two posts, degrees.
    pub post_difference_deg: f64,
    /// Highest rise of posts and lift under the heel, mm.
    pub stack_heel_mm: f64,
    /// Highest rise of posts under the forefoot, mm.
    pub stack_forefoot_mm: f64,
    /// Highest arch fraction together with a lateral post.
    pub arch_with_lateral_post: f64,
    /// Highest plantar pressure of a foot without protective sensation, kPa; `None` for others.
    pub neuropathic_pressure_kpa: Option<f64>,
    /// Least relief of every region that without a device exceeds that pressure, percent; `None` for others.
    pub risk_site_relief_pct: Option<f64>,
}

/// Highest in-shoe pressure that is accepted without protective sensation, kPa (Bus 2011).
const NEUROPATHIC_KPA: f64 = 200.0;

/// Relief that a site at risk needs, percent (Bus 2011; handbook, knee model, section 4).
const RISK_SITE_RELIEF_PCT: f64 = 25.0;

/// A limit, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Increase of eversion.
    Eversion,
    /// Decrease of eversion.
    Inversion,
    /// Subtalar moment.
    SubtalarMoment,
    /// Knee flexion moment.
    FlexionMoment,
    /// First adduction peak.
    AdductionPeak,
    /// Highest plantar pressure.
    PeakPressure,
    /// Pressure under the arch.
    ArchPressure,
    /// Difference of the posts.
    PostDifference,
    /// Rise under the heel.
    StackHeel,
    /// Rise under the forefoot.
    StackForefoot,
    /// High arch with a lateral post.
    ArchWithLateralPost,
    /// Medial skive together with a lateral rearfoot post.
    SkiveWithLateralPost,
    /// Highest plantar pressure of a foot without protective sensation.
    NeuropathicPressure,
    /// Relief of the sites at risk of a foot without protective sensation.
    RiskSiteRelief,
    /// No equilibrium on the device at some instant.
    Balance,
}

impl Limit {
    /// The limit in words, with its number.
    #[must_use]
    pub fn describe(self, limits: &Limits) -> String {
        match self {
            Self::Eversion => format!("rearfoot eversion of at most +{}°", limits.eversion_deg),
            Self::Inversion => format!("rearfoot inversion of at most {}°", limits.inversion_deg),
            Self::SubtalarMoment => {
                format!("subtalar moment within {} Nm", limits.subtalar_moment_nm)
            }
            Self::FlexionMoment => {
                format!("knee flexion moment of at most +{} %", limits.flexion_moment_pct)
            }
            Self::AdductionPeak => format!(
                "first adduction peak of at most +{} %",
                limits.adduction_peak_pct.unwrap_or(f64::INFINITY)
            ),
            Self::PeakPressure => {
                format!("plantar pressure of at most +{} %", limits.peak_pressure_pct)
            }
            Self::ArchPressure => {
                format!("arch pressure of at most {} kPa", limits.arch_pressure_kpa)
            }
            Self::PostDifference => {
                format!("posts within {}° of each other", limits.post_difference_deg)
            }
            Self::StackHeel => format!("heel rise of at most {} mm", limits.stack_heel_mm),
            Self::StackForefoot => {
                format!("forefoot rise of at most {} mm", limits.stack_forefoot_mm)
            }
            Self::ArchWithLateralPost => {
                format!("arch of at most {} with a lateral post", limits.arch_with_lateral_post)
            }
            Self::SkiveWithLateralPost => "no medial skive with a lateral post".to_owned(),
            Self::NeuropathicPressure => format!(
                "plantar pressure of at most {} kPa without protective sensation",
                limits.neuropathic_pressure_kpa.unwrap_or(f64::INFINITY)
            ),
            Self::RiskSiteRelief => format!(
                "relief of at least {} % where the pressure is too high without protective sensation",
                limits.risk_site_relief_pct.unwrap_or(0.0)
            ),
            Self::Balance => "balance at every instant of stance".to_owned(),
        }
    }
}

impl Limits {
    /// The limits of section 4 for an indication.
    #[must_use]
    pub fn of(indication: Indication, pronated: bool) -> Self {
        let medial_pronated = indication == Indication::MedialKneeOa && pronated;
        Self {
            eversion_deg: match indication {
                _ if medial_pronated => 0.5,
                Indication::Cavus => 1.0,
                _ => 1.5,
            },
            // The flat foot's goal is 1 to 2 degrees less eversion; 2.5 is the handbook's outer limit.
            inversion_deg: if indication == Indication::FlatFoot { 2.0 } else { 1.5 },
            subtalar_moment_nm: 2.0,
            flexion_moment_pct: 2.0,
            adduction_peak_pct: match indication {
                Indication::LateralKneeOa => None,
                Indication::PatellofemoralPain => Some(4.0),
                _ => Some(5.0),
            },
            peak_pressure_pct: 8.0,
            arch_pressure_kpa: 70.0,
            post_difference_deg: 4.0,
            stack_heel_mm: 14.0,
            stack_forefoot_mm: 10.0,
            arch_with_lateral_post: if pronated { 1.0 } else { 0.6 },
            neuropathic_pressure_kpa: None,
            risk_site_relief_pct: None,
        }
    }

    /// The same for a foot without protective sensation.
    #[must_use]
    pub const fn neuropathic(mut self) -> Self {
        self.neuropathic_pressure_kpa = Some(NEUROPATHIC_KPA);
        self.risk_site_relief_pct = Some(RISK_SITE_RELIEF_PCT);
        self
    }
}

/// What a candidate does, as far as the search needs it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measures {
    /// Change of the first adduction peak, percent.
    pub kam_peak1_pct: f64,
    /// Change of the second adduction peak, percent.
    pub kam_peak2_pct: f64,
    /// Change of the adduction impulse, percent.
    pub kam_impulse_pct: f64,
    /// Change of rearfoot eversion at the first adduction peak, degrees.
    pub eversion_deg: f64,
    /// Change of the subtalar moment at the first adduction peak, Nm.
    pub subtalar_moment_nm: f64,
    /// Change of the highest knee flexion moment, percent.
    pub flexion_moment_pct: f64,
    /// Change of the highest plantar pressure, percent.
    pub peak_pressure_pct: f64,
    /// Highest plantar pressure, kPa.
    pub peak_pressure_kpa: f64,
    /// Highest pressure under the arch, kPa.
    pub arch_pressure_kpa: f64,
    /// Least relief among the regions that without a device bear more than a foot without sensation may, percent; `None` if none does.
    pub risk_site_relief_pct: Option<f64>,
    /// Change of the highest force in the medial compartment, a proxy, percent.
    pub medial_contact_pct: f64,
    /// Change of the loading rate after heel strike, a proxy, percent.
    pub loading_rate_pct: f64,
    /// Shell, cover, posts and lift under the heel together, mm: what the shoe must hold.
    pub bulk_mm: f64,
    /// Rise under the heel, mm.
    pub stack_heel_mm: f64,
    /// Rise under the forefoot, mm.
    pub stack_forefoot_mm: f64,
    /// Whether equilibrium was found at every instant.
    pub balanced: bool,
}

impl Measures {
    /// Evaluates a candidate's device.
    #[must_use]
    pub fn of(model: &KneeModel, device: &Device, candidate: &Candidate) -> Self {
        Self::of_response(model, &model.evaluate(device), device, candidate)
    }

    /// What a solved device does.
    pub(crate) fn of_response(
        model: &KneeModel,
        response: &Response,
        device: &Device,
        candidate: &Candidate,
    ) -> Self {
        let before = model.stance().kam_metrics();
        let [kam_peak1_pct, kam_peak2_pct, kam_impulse_pct] =
            model.kam_metrics(&response.adduction_moment_nm).change_pct(&before);
        let highest = |curve: &[f64]| curve.iter().copied().fold(f64::MIN, f64::max);
        let flexion =
            highest(&response.flexion_moment_nm) / highest(&model.stance().flexion_moment_nm);
        let peak = model.first_peak();
        let stance = model.stance();
        let medial = |kam: &[f64], kfm: &[f64]| medial_contact(stance, kam, kfm).peak1_n;
        let medial_before = medial(&stance.adduction_moment_nm, &stance.flexion_moment_nm);
        let medial_after = medial(&response.adduction_moment_nm, &response.flexion_moment_nm);
        Self {
            kam_peak1_pct,
            kam_peak2_pct,
            kam_impulse_pct,
            eversion_deg: response.eversion_rad[peak].to_degrees(),
            subtalar_moment_nm: response.subtalar_moment_nm[peak],
            flexion_moment_pct: 100.0 * (flexion - 1.0),
            peak_pressure_pct: 100.0
                * (response.pressure.peak() / model.baseline_pressure().peak() - 1.0),
            peak_pressure_kpa: response.pressure.peak(),
            arch_pressure_kpa: response.pressure.arch_peak_kpa,
            risk_site_relief_pct: risk_site_relief(model.baseline_pressure(), &response.pressure),
            medial_contact_pct: 100.0 * (medial_after / medial_before - 1.0),
            loading_rate_pct: response.loading_rate_change_pct,
            bulk_mm: candidate.values[Variable::Thickness]
                + candidate.values[Variable::Cover]
                + device.stack_heel_mm,
            stack_heel_mm: device.stack_heel_mm,
            stack_forefoot_mm: device.stack_forefoot_mm,
            balanced: response.unsolved_percent.is_empty(),
        }
    }

    /// The same with the loads of another sample of the parameters.
    fn with(mut self, effects: &Effects) -> Self {
        [self.kam_peak1_pct, self.kam_peak2_pct, self.kam_impulse_pct] = effects.kam_pct;
        self.eversion_deg = effects.eversion_rad.to_degrees();
        self
    }

    /// What is minimized for an indication, in percent of load or its equivalent (handbook, section 4).
    #[must_use]
    pub fn goal(&self, indication: Indication, candidate: &Candidate) -> f64 {
        match indication {
            Indication::MedialKneeOa => self.kam_impulse_pct + 0.5 * self.kam_peak1_pct,
            Indication::LateralKneeOa => -self.kam_impulse_pct,
            Indication::PatellofemoralPain => {
                4.0 * self.eversion_deg + self.flexion_moment_pct.max(0.0)
            }
            Indication::FlatFoot => {
                // The adduction moment is held by its limit; a heavier weight here kept the eversion at half of its aim.
                3.0 * (self.eversion_deg - FLAT_FOOT_EVERSION_DEG).abs()
                    + 0.1 * self.kam_peak1_pct.max(0.0)
            }
            Indication::Cavus => self.peak_pressure_pct + 0.3 * self.kam_impulse_pct,
            // Loading rate first, pressure beside it.
            Indication::ImpactSport => self.loading_rate_pct + 0.5 * self.peak_pressure_pct,
            Indication::None => 10.0 * (candidate.arch_fraction() - 0.5).abs(),
        }
    }

    /// The limits that the candidate exceeds, each with its excess as a share of the limit.
    #[must_use]
    pub fn exceeded(&self, candidate: &Candidate, limits: &Limits) -> Vec<(Limit, f64)> {
        let over = |value: f64, limit: f64| (value - limit) / limit.abs().max(0.1);
        let [rearfoot, forefoot] = candidate.tilts_deg();
        let lateral = rearfoot > 1e-9 || forefoot > 1e-9;
        let arch = if lateral { candidate.arch_fraction() } else { 0.0 };
        let skive = candidate.values[Variable::MedialSkive];
        let peak = limits.adduction_peak_pct.unwrap_or(f64::INFINITY);
        let neuropathic = limits.neuropathic_pressure_kpa.unwrap_or(f64::INFINITY);
        let open =
            |value: f64, limit: f64| if limit.is_finite() { over(value, limit) } else { 0.0 };
        [
            (Limit::Eversion, over(self.eversion_deg, limits.eversion_deg)),
            (Limit::Inversion, over(-self.eversion_deg, limits.inversion_deg)),
            (Limit::SubtalarMoment, over(self.subtalar_moment_nm.abs(), limits.subtalar_moment_nm)),
            (Limit::FlexionMoment, over(self.flexion_moment_pct, limits.flexion_moment_pct)),
            (Limit::AdductionPeak, open(self.kam_peak1_pct, peak)),
            (Limit::PeakPressure, over(self.peak_pressure_pct, limits.peak_pressure_pct)),
            (Limit::ArchPressure, over(self.arch_pressure_kpa, limits.arch_pressure_kpa)),
            (Limit::PostDifference, over((rearfoot - forefoot).abs(), limits.post_difference_deg)),
            (Limit::StackHeel, over(self.stack_heel_mm, limits.stack_heel_mm)),
            (Limit::StackForefoot, over(self.stack_forefoot_mm, limits.stack_forefoot_mm)),
            (Limit::ArchWithLateralPost, over(arch, limits.arch_with_lateral_post)),
            (Limit::SkiveWithLateralPost, if rearfoot > 1e-9 { skive } else { 0.0 }),
            (Limit::NeuropathicPressure, open(self.peak_pressure_kpa, neuropathic)),
            (Limit::RiskSiteRelief, self.relief_missing(limits)),
            (Limit::Balance, if self.balanced { 0.0 } else { 10.0 }),
        ]
        .into_iter()
        // The slack is that of degrees turned into radians and back.
        .filter(|(_, excess)| *excess > 1e-9)
        .collect()
    }
}

impl Measures {
    /// The share of the demanded relief of sites at risk that is missing.
    fn relief_missing(&self, limits: &Limits) -> f64 {
        match (limits.risk_site_relief_pct, self.risk_site_relief_pct) {
            (Some(least), Some(relief)) => ((least - relief) / least).max(0.0),
            _ => 0.0,
        }
    }
}

/// The least relief among the regions at risk: those that bear more than is accepted without protective sensation.
fn risk_site_relief(before: &PressureMap, after: &PressureMap) -> Option<f64> {
    let relief = |(before, after): (&RegionLoad, &RegionLoad)| {
        100.0 * (1.0 - after.peak_pressure_kpa / before.peak_pressure_kpa)
    };
    let regions = before.regions.iter().zip(&after.regions);
    regions
        .filter(|(before, _)| before.peak_pressure_kpa > NEUROPATHIC_KPA)
        .map(relief)
        .min_by(f64::total_cmp)
}

/// How the search weighs what it is not sure of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Robust {
    /// Mean plus one standard deviation of the goal over the posterior of the calibrated parameters.
    #[default]
    MeanAndDeviation,
    /// For knee osteoarthritis: the probability (in percent) that a person's true change is less than 2 % as aimed
    /// at; for other indications as [`Self::MeanAndDeviation`].
    Chance,
    /// The goal for the calibrated parameters alone.
    Nominal,
}

/// The goal with its uncertainty, to be minimized.
pub(crate) fn robust_goal(
    measures: &Measures,
    appraisal: &Appraisal,
    (indication, robust): (Indication, Robust),
    candidate: &Candidate,
) -> f64 {
    let mean_and_deviation = || {
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for effects in appraisal.samples() {
            let goal = measures.with(&effects).goal(indication, candidate);
            count += 1.0;
            sum += goal;
            squares += goal * goal;
        }
        let mean: f64 = sum / count;
        let variance: f64 = squares / count - mean * mean;
        mean + variance.max(0.0).sqrt()
    };
    let tilts = candidate.tilts_deg();
    let change = measures.kam_peak1_pct;
    let error = || {
        let largest = tilts[0].abs().max(tilts[1].abs());
        Likelihood::discrepancy_pct(change, largest).hypot(appraisal.deviations_pct()[0])
    };
    match (robust, indication) {
        (Robust::Nominal, _) => measures.goal(indication, candidate),
        (Robust::Chance, Indication::MedialKneeOa) => {
            100.0 * (1.0 - Likelihood::chance_below(change, error(), -2.0))
        }
        (Robust::Chance, Indication::LateralKneeOa) => {
            100.0 * Likelihood::chance_below(change, error(), 2.0)
        }
        _ => mean_and_deviation(),
    }
}

/// What a candidate costs besides its goal, in the same unit: a point of comfort for every degree beyond 7, and a
/// weak pull to the usual prescription.
pub(crate) fn comfort(candidate: &Candidate, usual: &PerVariable<f64>) -> f64 {
    let tilts = candidate.tilts_deg();
    let beyond: f64 = tilts.iter().map(|deg| (deg.abs() - 7.0).max(0.0)).sum();
    let pull = |variable: Variable| {
        let value = match variable {
            Variable::RearfootPost => tilts[0],
            Variable::ForefootPost => tilts[1],
            other => candidate.values[other],
        };
        variable.pull() * (value - usual[variable]).abs()
    };
    beyond + Variable::ALL.into_iter().map(pull).sum::<f64>()
}
