//! Places that carry more than is usual or safe, in words.

use geometry::Point2;
use recording::Sensor;
use serde::Serialize;

use crate::{FootFrame, Person, Print, Region, RegionValues, Settings};

/// What a pressure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExcessKind {
    /// Mean plus some standard deviations of healthy walkers.
    AboveNorm,
    /// The limit for feet without protective sensation.
    AboveNeuropathicLimit,
}

/// One place of excessive load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excess {
    /// Which region.
    pub region: Region,
    /// What is exceeded.
    pub kind: ExcessKind,
    /// Mean peak pressure there, kPa.
    pub peak_kpa: f64,
    /// The limit, kPa.
    pub limit_kpa: f64,
    /// Where the peak lies: lateral of the axis and in front of the heel's middle, mm.
    pub at_mm: [f64; 2],
    /// One sentence.
    pub words: String,
}

pub(crate) fn find_excess(
    values: &[RegionValues],
    print: &Print,
    frame: &FootFrame,
    sensor: Sensor,
    person: &Person,
    settings: &Settings,
) -> Vec<Excess> {
    let mut found = Vec::new();
    for (region, value) in
        values.iter().filter_map(|value| value.region.map(|region| (region, value)))
    {
        let peak = value.peak_kpa.mean;
        let at = value
            .peak_cell
            .map_or_else(Point2::origin, |cell| frame.foot_from_grid(print.place(cell)));
        let place = format!(
            "{:.0} mm {} the heel's middle, {:.0} mm {} of the axis",
            at.y.abs(),
            if at.y < 0.0 { "behind" } else { "in front of" },
            at.x.abs(),
            if at.x < 0.0 { "medial" } else { "lateral" }
        );
        let mut push = |kind: ExcessKind, limit_kpa: f64, words: String| {
            found.push(Excess {
                region,
                kind,
                peak_kpa: peak,
                limit_kpa,
                at_mm: [at.x, at.y],
                words,
            });
        };
        let norm = settings.norm(region);
        let limit = norm.mean_kpa + settings.excess_sd * norm.sd_kpa;
        // An insole fills the arch, so a barefoot norm of the midfoot says nothing in a shoe.
        let comparable = sensor == Sensor::Plate || region != Region::Midfoot;
        if comparable && peak > limit {
            let words = format!(
                "{}: {peak:.0} kPa, {:.1} standard deviations over the barefoot norm of {:.0} ± {:.0} kPa ({place})",
                region.words(),
                (peak - norm.mean_kpa) / norm.sd_kpa,
                norm.mean_kpa,
                norm.sd_kpa
            );
            push(ExcessKind::AboveNorm, limit, words);
        }
        let neuropathic = settings.neuropathic_limit_kpa;
        if person.neuropathic && peak > neuropathic {
            let words = format!(
                "{}: {peak:.0} kPa, over the {neuropathic:.0} kPa that a foot without protective sensation should \
                 not exceed ({place})",
                region.words()
            );
            push(ExcessKind::AboveNeuropathicLimit, neuropathic, words);
        }
    }
    found
}
