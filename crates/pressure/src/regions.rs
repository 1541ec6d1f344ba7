//! Pressure, force and area of every region, step by step.

use recording::Pressure;
use serde::Serialize;

use crate::{Region, Settings, Step};

/// Mean over the used steps and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation between steps; `None` for fewer than two.
    pub sd: Option<f64>,
}

impl Spread {
    /// Of some values; `None` if there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let sd = (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        (!values.is_empty()).then_some(Self { mean, sd })
    }
}

/// What a region carries; `region` is `None` for the whole foot.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionValues {
    /// Which region.
    pub region: Option<Region>,
    /// Greatest pressure of any of its cells, kPa.
    pub peak_kpa: Spread,
    /// Integral over time of the greatest pressure in the region, kPa s; `None` without time.
    pub pressure_time_integral_kpa_s: Option<Spread>,
    /// Integral over time of its force, N s; `None` without time.
    pub force_time_integral_n_s: Option<Spread>,
    /// Greatest force, N.
    pub peak_force_n: Spread,
    /// Area that was ever in contact during a step, cm².
    pub contact_area_cm2: Spread,
    /// Cell of the highest mean peak.
    pub peak_cell: Option<usize>,
}

/// One step's values of one region.
#[derive(Clone, Copy, Debug, Default)]
struct Once {
    peak: f64,
    pressure_integral: f64,
    force_integral: f64,
    peak_force: f64,
    area: f64,
}

/// Values of all regions and, last, of all believed cells of the sensor.
pub(crate) fn region_values(
    recording: &Pressure,
    steps: &[Step],
    regions: &[Option<Region>],
    print_kpa: &[f64],
    believed: &[bool],
    settings: &Settings,
) -> Vec<RegionValues> {
    let mut spans: Vec<std::ops::RangeInclusive<usize>> =
        steps.iter().filter(|step| step.used).map(Step::frames).collect();
    if spans.is_empty() {
        spans.push(0..=recording.frames() - 1);
    }
    let timed = recording.rate_hz > 0.0 && steps.iter().any(|step| step.used);
    let per_step: Vec<[Once; 9]> = spans
        .into_iter()
        .map(|span| one_step(recording, span, regions, believed, settings))
        .collect();
    let kinds = Region::ALL.into_iter().map(Some).chain([None]);
    kinds
        .enumerate()
        .map(|(index, region)| {
            let spread = |of: fn(&Once) -> f64| {
                let values: Vec<f64> = per_step.iter().map(|step| of(&step[index])).collect();
                Spread::of(&values).unwrap_or(Spread { mean: 0.0, sd: None })
            };
            let peak_cell = (0..print_kpa.len())
                .filter(|&cell| region.is_none() || regions[cell] == region)
                .filter(|&cell| print_kpa[cell] > 0.0)
                .max_by(|&a, &b| print_kpa[a].total_cmp(&print_kpa[b]).then(b.cmp(&a)));
            RegionValues {
                region,
                peak_kpa: spread(|once| once.peak),
                pressure_time_integral_kpa_s: timed.then(|| spread(|once| once.pressure_integral)),
                force_time_integral_n_s: timed.then(|| spread(|once| once.force_integral)),
                peak_force_n: spread(|once| once.peak_force),
                contact_area_cm2: spread(|once| once.area),
                peak_cell,
            }
        })
        .collect()
}

/// Integrals are sums over the frames of a step times the time of a frame.
fn one_step(
    recording: &Pressure,
    span: std::ops::RangeInclusive<usize>,
    regions: &[Option<Region>],
    believed: &[bool],
    settings: &Settings,
) -> [Once; 9] {
    let area_mm2 = recording.cell_area_mm2();
    let frame_s = if recording.rate_hz > 0.0 { 1.0 / recording.rate_hz } else { 0.0 };
    let mut found = [Once::default(); 9];
    let mut touched = vec![false; recording.cells()];
    for frame in span {
        let (mut peak, mut force) = ([0.0_f64; 9], [0.0_f64; 9]);
        for (cell, kpa) in recording.frame(frame).iter().map(|kpa| f64::from(*kpa)).enumerate() {
            if kpa <= 0.0 || !believed[cell] {
                continue;
            }
            touched[cell] |= kpa >= settings.contact_kpa;
            for index in regions[cell].map(|region| region as usize).into_iter().chain([8]) {
                peak[index] = peak[index].max(kpa);
                force[index] += kpa * area_mm2 * 1e-3;
            }
        }
        for (once, (peak, force)) in found.iter_mut().zip(peak.into_iter().zip(force)) {
            once.peak = once.peak.max(peak);
            once.peak_force = once.peak_force.max(force);
            once.pressure_integral += peak * frame_s;
            once.force_integral += force * frame_s;
        }
    }
    for (cell, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
        for index in regions[cell].map(|region| region as usize).into_iter().chain([8]) {
            found[index].area += area_mm2 / 100.0;
        }
    }
    found
}
