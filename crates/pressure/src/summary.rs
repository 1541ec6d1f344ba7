//! The analysis as it is written to files.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use vocabulary::{Findings, Side};

use crate::{Analysis, ArchType, Excess, PathPoint, Quality, RegionValues, Spread};

/// What a recording says, for JSON; keys carry their units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// File as named by the caller.
    pub file: String,
    /// Kind of file.
    pub format: &'static str,
    /// `"in-shoe"` or `"barefoot"`.
    pub setting: &'static str,
    /// Which foot; `null` if neither the file nor the print tells.
    pub side: Option<Side>,
    /// Length of the print along its axis.
    pub length_mm: f64,
    /// Width of the ball.
    pub ball_width_mm: f64,
    /// Every contact, with the reason why it does not count.
    pub steps: Vec<StepSummary>,
    /// Values by region and in `total`, means over the used steps.
    #[serde(serialize_with = "by_name")]
    pub regions: Vec<(&'static str, RegionSummary)>,
    /// Area of the middle third of the toeless print over its whole area.
    pub arch_index: Option<f64>,
    /// What the index says.
    pub arch_type: Option<ArchType>,
    /// Center of pressure excursion index; low goes with pronation.
    pub cpei_pct: Option<f64>,
    /// Its standard deviation between steps.
    pub cpei_sd_pct: Option<f64>,
    /// (lateral - medial) / (lateral + medial) load on both sides of the axis.
    pub medial_lateral_index: Option<f64>,
    /// Mean center of pressure over stance.
    pub cop_path: Vec<PathPoint>,
    /// Places of excessive load.
    pub excessive: Vec<Excess>,
    /// What was inferred or wants a look.
    pub findings: Findings,
    /// How far the recording can be trusted.
    pub quality: Quality,
}

/// One contact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepSummary {
    /// Begin, s.
    pub start_s: f64,
    /// End, s.
    pub end_s: f64,
    /// Whether it counts.
    pub used: bool,
    /// Why not, or `"complete"`.
    pub reason: String,
    /// Greatest force, N.
    pub peak_force_n: f64,
}

/// Values of a region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RegionSummary {
    /// Greatest pressure.
    pub peak_kpa: f64,
    /// Its standard deviation between steps.
    pub peak_sd_kpa: Option<f64>,
    /// Integral of the region's greatest pressure.
    pub pressure_time_integral_kpa_s: Option<f64>,
    /// Its standard deviation.
    pub pressure_time_integral_sd_kpa_s: Option<f64>,
    /// Integral of the region's force.
    pub force_time_integral_n_s: Option<f64>,
    /// Its standard deviation.
    pub force_time_integral_sd_n_s: Option<f64>,
    /// Greatest force.
    pub peak_force_n: f64,
    /// Area in contact.
    pub contact_area_cm2: f64,
    /// Its standard deviation.
    pub contact_area_sd_cm2: Option<f64>,
}

impl RegionSummary {
    fn new(values: &RegionValues) -> Self {
        let mean = |spread: Option<Spread>| spread.map(|spread| spread.mean);
        let sd = |spread: Option<Spread>| spread.and_then(|spread| spread.sd);
        Self {
            peak_kpa: values.peak_kpa.mean,
            peak_sd_kpa: values.peak_kpa.sd,
            pressure_time_integral_kpa_s: mean(values.pressure_time_integral_kpa_s),
            pressure_time_integral_sd_kpa_s: sd(values.pressure_time_integral_kpa_s),
            force_time_integral_n_s: mean(values.force_time_integral_n_s),
            force_time_integral_sd_n_s: sd(values.force_time_integral_n_s),
            peak_force_n: values.peak_force_n.mean,
            contact_area_cm2: values.contact_area_cm2.mean,
            contact_area_sd_cm2: values.contact_area_cm2.sd,
        }
    }
}

impl Summary {
    /// Of an analysis and everything that was said while reading and analyzing the file.
    #[must_use]
    pub fn new(file: &str, analysis: &Analysis, findings: &Findings) -> Self {
        let steps = analysis.steps.iter().map(|step| StepSummary {
            start_s: step.start_s,
            end_s: step.end_s,
            used: step.used,
            reason: step.reason.clone(),
            peak_force_n: step.peak_force_n,
        });
        let regions = analysis.regions.iter().map(|values| {
            (values.region.map_or("total", crate::Region::key), RegionSummary::new(values))
        });
        Self {
            file: file.to_owned(),
            format: analysis.format,
            setting: analysis.sensor.setting(),
            side: analysis.side,
            length_mm: analysis.frame.length(),
            ball_width_mm: analysis.masks.ball[1] - analysis.masks.ball[0],
            steps: steps.collect(),
            regions: regions.collect(),
            arch_index: analysis.arch.map(|arch| arch.index),
            arch_type: analysis.arch.map(|arch| arch.arch),
            cpei_pct: analysis.cpei.map(|cpei| cpei.pct.mean),
            cpei_sd_pct: analysis.cpei.and_then(|cpei| cpei.pct.sd),
            medial_lateral_index: analysis.medial_lateral_index.map(|index| index.mean),
            cop_path: analysis.path.clone(),
            excessive: analysis.excessive.clone(),
            findings: findings.clone(),
            quality: analysis.quality.clone(),
        }
    }
}

/// A map whose keys keep their order, heel to toes.
fn by_name<S: Serializer>(
    regions: &[(&'static str, RegionSummary)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(regions.len()))?;
    for (name, values) in regions {
        map.serialize_entry(name, values)?;
    }
    map.end()
}
