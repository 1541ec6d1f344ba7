//! A force plate made ready: baseline removed, filtered, sampled at the marker frames, contacts found.

use std::ops::Range;

use geometry::{Point3, Vector3};
use recording::{Plate, Wrench};
use vocabulary::Findings;

use crate::Settings;
use crate::filter::LowPass;

/// Length of the windows in which a plate is judged quiet, s.
const QUIET_WINDOW_S: f64 = 0.05;

/// A quiet window whose mean vertical force is above this may be a person standing, not an offset, N.
const LARGEST_OFFSET_N: f64 = 60.0;

/// Quiet windows further than this from their median force carry something, N.
const OFFSET_SPREAD_N: f64 = 8.0;

/// Total quiet time below which no offset is estimated, s.
const SHORTEST_QUIET_S: f64 = 0.1;

/// An offset below this is not worth a word, N.
const OFFSET_SAID_N: f64 = 0.5;

/// A contact must reach this many times the threshold to be one: hysteresis against noise near the threshold.
const CONTACT_HYSTERESIS: f64 = 2.0;

/// The force must stay below the threshold for this long to end a contact, s.
const RELEASE_S: f64 = 0.02;

/// A plate after baseline and filter.
#[derive(Clone, Debug)]
pub(crate) struct ReadyPlate {
    pub(crate) name: String,
    /// Corners of the top, mm, laboratory axes.
    pub(crate) corners: Option<[Point3; 4]>,
    /// Height of the top along the upward axis, mm; that of the laboratory's origin where the file does not say.
    pub(crate) height_mm: f64,
    /// Filtered wrench at every marker frame; `None` where the plate was not sampled.
    pub(crate) wrenches: Vec<Option<Wrench>>,
    /// Times on the plate, s, from crossing to crossing of the threshold of the unfiltered vertical force.
    pub(crate) contacts: Vec<Contact>,
}

/// One time on a plate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Contact {
    pub(crate) start_s: f64,
    pub(crate) end_s: f64,
    /// The recording began or ended while the plate was loaded.
    pub(crate) cut_at_start: bool,
    pub(crate) cut_at_end: bool,
    /// Highest unfiltered vertical force, N.
    pub(crate) peak_n: f64,
    /// Mean unfiltered vertical force, N.
    pub(crate) mean_n: f64,
}

impl Contact {
    pub(crate) fn duration_s(&self) -> f64 {
        self.end_s - self.start_s
    }
}

/// Times of the marker frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) start_s: f64,
    pub(crate) rate_hz: f64,
    pub(crate) frames: usize,
}

impl Clock {
    pub(crate) fn time(&self, frame: usize) -> f64 {
        self.start_s + frame as f64 / self.rate_hz
    }

    /// Place of a time among the frames, in frames.
    pub(crate) fn place(&self, time_s: f64) -> f64 {
        (time_s - self.start_s) * self.rate_hz
    }

    /// Frames at and between two times.
    pub(crate) fn frames_between(&self, start_s: f64, end_s: f64) -> Range<usize> {
        let first = self.place(start_s).ceil().max(0.0) as usize;
        let past = (self.place(end_s).floor() + 1.0).max(0.0) as usize;
        first.min(self.frames)..past.min(self.frames).max(first.min(self.frames))
    }
}

/// Makes a plate ready; says what was removed.
pub(crate) fn ready_plate(
    plate: &Plate,
    up: Vector3,
    clock: &Clock,
    settings: &Settings,
    findings: &mut Findings,
) -> ReadyPlate {
    let longest = (settings.longest_gap_s * plate.rate_hz).round() as usize;
    let (mut samples, lost) = bridged(&plate.wrenches, longest);
    if !lost.is_empty() {
        let count: usize = lost.iter().map(Range::len).sum();
        findings.warn(
            "trial",
            "trial-plate-lost",
            format!(
                "{} has no usable numbers in {count} of {} samples; they carry no load here.",
                plate.name,
                samples.len()
            ),
        );
    }
    let vertical = |sample: &[f64; 6]| Vector3::new(sample[0], sample[1], sample[2]).dot(&up);
    let offset =
        baseline(&samples, plate.rate_hz, vertical).or_else(|| named_baseline(plate, &samples));
    if let Some(offset) = offset {
        for sample in &mut samples {
            *sample = std::array::from_fn(|channel| sample[channel] - offset[channel]);
        }
        say_offset(&plate.name, vertical(&offset), settings, findings);
    } else if samples.iter().map(vertical).fold(f64::INFINITY, f64::min) > settings.contact_n {
        findings.warn(
            "trial",
            "trial-plate-never-unloaded",
            format!("{} is loaded through the whole trial, so an offset of its zero cannot be known and none was removed.", plate.name),
        );
    }
    let loads: Vec<f64> = samples.iter().map(vertical).collect();
    let contacts = contacts(&loads, plate, settings.contact_n);
    if let Some(filter) = LowPass::new(settings.cutoff_hz, plate.rate_hz) {
        filter.apply(&mut samples);
    }
    let corners = plate.corners;
    ReadyPlate {
        name: plate.name.clone(),
        corners,
        height_mm: corners.map_or(0.0, |corners| {
            corners.iter().map(|corner| corner.coords.dot(&up)).sum::<f64>() / 4.0
        }),
        wrenches: at_frames(&samples, &lost, plate, clock),
        contacts,
    }
}

/// What an unloaded plate reads: the median of every channel over the quiet times without a person.
///
/// A window is quiet if its vertical force varies little compared with the plate's noise. `None` where the plate
/// is never unloaded for long enough.
fn baseline(
    samples: &[[f64; 6]],
    rate_hz: f64,
    vertical: impl Fn(&[f64; 6]) -> f64,
) -> Option<[f64; 6]> {
    let length = (QUIET_WINDOW_S * rate_hz).round().max(4.0) as usize;
    let windows: Vec<(usize, f64, f64)> = samples
        .chunks_exact(length)
        .enumerate()
        .map(|(place, window)| {
            let mean = window.iter().map(&vertical).sum::<f64>() / length as f64;
            let spread = window.iter().map(|s| (vertical(s) - mean).powi(2)).sum::<f64>();
            (place, mean, (spread / length as f64).sqrt())
        })
        .filter(|(_, mean, _)| mean.abs() < LARGEST_OFFSET_N)
        .collect();
    if windows.is_empty() {
        return None;
    }
    // The calmest tenth shows the noise of the plate.
    let mut spreads: Vec<f64> = windows.iter().map(|window| window.2).collect();
    spreads.sort_by(f64::total_cmp);
    let noise = spreads[spreads.len() / 10].max(0.3);
    let quiet: Vec<_> = windows.into_iter().filter(|window| window.2 < 3.0 * noise).collect();
    let middle = median(quiet.iter().map(|window| window.1).collect())?;
    let empty: Vec<usize> = quiet
        .iter()
        .filter(|window| (window.1 - middle).abs() < OFFSET_SPREAD_N)
        .map(|window| window.0)
        .collect();
    if (empty.len() * length) as f64 / rate_hz < SHORTEST_QUIET_S {
        return None;
    }
    let mut offset = [0.0; 6];
    for (channel, value) in offset.iter_mut().enumerate() {
        let readings = empty.iter().flat_map(|place| {
            samples[place * length..(place + 1) * length].iter().map(|sample| sample[channel])
        });
        *value = median(readings.collect())?;
    }
    Some(offset)
}

/// The mean over the samples that the file names as unloaded, if it names any and they carry nobody.
fn named_baseline(plate: &Plate, samples: &[[f64; 6]]) -> Option<[f64; 6]> {
    let named = samples.get(plate.unloaded.clone()?).filter(|named| !named.is_empty())?;
    let count = named.len() as f64;
    let mean: [f64; 6] =
        std::array::from_fn(|channel| named.iter().map(|s| s[channel]).sum::<f64>() / count);
    (Vector3::new(mean[0], mean[1], mean[2]).norm() < LARGEST_OFFSET_N).then_some(mean)
}

/// The samples with unusable ones bridged linearly, and the stretches that are too long for that, which read zero: a
/// filter must not meet numbers that are none.
fn bridged(wrenches: &[Wrench], longest: usize) -> (Vec<[f64; 6]>, Vec<Range<usize>>) {
    let known = |wrench: &Wrench| wrench.is_known();
    let mut samples: Vec<[f64; 6]> = wrenches
        .iter()
        .map(|wrench| {
            let (f, m) = (wrench.force, wrench.moment);
            if known(wrench) { [f.x, f.y, f.z, m.x, m.y, m.z] } else { [0.0; 6] }
        })
        .collect();
    let mut lost = Vec::new();
    let mut i = 0;
    while i < wrenches.len() {
        if known(&wrenches[i]) {
            i += 1;
            continue;
        }
        let start = i;
        while i < wrenches.len() && !known(&wrenches[i]) {
            i += 1;
        }
        if start == 0 || i == wrenches.len() || i - start > longest {
            lost.push(start..i);
            continue;
        }
        let (before, after) = (samples[start - 1], samples[i]);
        for (place, sample) in samples[start..i].iter_mut().enumerate() {
            let share = (place + 1) as f64 / (i - start + 1) as f64;
            *sample = std::array::from_fn(|channel| {
                before[channel] + share * (after[channel] - before[channel])
            });
        }
    }
    (samples, lost)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

fn say_offset(name: &str, vertical_n: f64, settings: &Settings, findings: &mut Findings) {
    let message = format!(
        "{name} reads {vertical_n:.1} N upward while nobody stands on it; this offset of all channels was removed."
    );
    if vertical_n.abs() >= settings.contact_n {
        findings.warn("trial", "trial-plate-offset", message);
    } else if vertical_n.abs() >= OFFSET_SAID_N {
        findings.note("trial", "trial-plate-offset", message);
    }
}

/// Times at which a foot is on the plate.
fn contacts(loads: &[f64], plate: &Plate, threshold_n: f64) -> Vec<Contact> {
    let release = (RELEASE_S * plate.rate_hz).ceil().max(1.0) as usize;
    let time = |place: f64| plate.start_s + place / plate.rate_hz;
    let mut found = Vec::new();
    let mut i = 0;
    while i < loads.len() {
        if loads[i] < threshold_n {
            i += 1;
            continue;
        }
        let start = i;
        let mut last = i;
        while i < loads.len() && i - last <= release {
            if loads[i] >= threshold_n {
                last = i;
            }
            i += 1;
        }
        let span = &loads[start..=last];
        let peak = span.iter().copied().fold(0.0, f64::max);
        if peak < CONTACT_HYSTERESIS * threshold_n {
            continue;
        }
        // Where the force crosses the threshold between two samples.
        let crossing = |below: usize, above: usize| {
            let share = (threshold_n - loads[below]) / (loads[above] - loads[below]);
            below as f64 + share.clamp(0.0, 1.0) * (above as f64 - below as f64)
        };
        let cut_at_start = start == 0;
        let cut_at_end = last + 1 == loads.len();
        found.push(Contact {
            start_s: time(if cut_at_start { 0.0 } else { crossing(start - 1, start) }),
            end_s: time(if cut_at_end { last as f64 } else { crossing(last + 1, last) }),
            cut_at_start,
            cut_at_end,
            peak_n: peak,
            mean_n: span.iter().sum::<f64>() / span.len() as f64,
        });
    }
    found
}

/// Filtered wrenches at the marker frames, linear between samples.
fn at_frames(
    samples: &[[f64; 6]],
    lost: &[Range<usize>],
    plate: &Plate,
    clock: &Clock,
) -> Vec<Option<Wrench>> {
    (0..clock.frames)
        .map(|frame| {
            let place = (clock.time(frame) - plate.start_s) * plate.rate_hz;
            // A frame may lie a rounding error before the first or after the last sample.
            let nearest = place.round();
            let place = if (place - nearest).abs() < 1e-3 { nearest } else { place };
            if place.is_nan() || place < 0.0 {
                return None;
            }
            let before = place.floor() as usize;
            if lost.iter().any(|range| range.contains(&before) || range.start == before + 1) {
                return None;
            }
            let share = place - place.floor();
            let first = samples.get(before)?;
            let second = if share > 0.0 { samples.get(before + 1)? } else { first };
            let value: [f64; 6] =
                std::array::from_fn(|c| first[c] + share * (second[c] - first[c]));
            Some(Wrench {
                force: Vector3::new(value[0], value[1], value[2]),
                moment: Vector3::new(value[3], value[4], value[5]),
            })
        })
        .collect()
}

/// The point of a horizontal plane at which a wrench acts without a tilting moment, mm.
///
/// `None` below `least_n` of upward force, where the point cannot be known.
pub(crate) fn pressure_center(
    wrench: &Wrench,
    up: Vector3,
    height_mm: f64,
    least_n: f64,
) -> Option<Point3> {
    let load = wrench.force.dot(&up);
    if load < least_n {
        return None;
    }
    let place = (up.cross(&(wrench.moment * 1e3)) + wrench.force * height_mm) / load;
    Some(Point3::from(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Vector3 = Vector3::new(0.0, 0.0, 1.0);

    fn plate(loads: &[f64], rate_hz: f64) -> Plate {
        let at = Point3::new(300.0, 200.0, 0.0);
        let wrenches = loads
            .iter()
            .map(|load| Wrench::at_point(Vector3::new(0.0, 0.0, *load), at, Vector3::zeros()))
            .collect();
        Plate {
            name: "plate 1".to_owned(),
            rate_hz,
            start_s: 0.0,
            corners: None,
            unloaded: None,
            wrenches,
        }
    }

    fn half_sine(rate_hz: f64, offset: f64, noise: f64) -> Vec<f64> {
        (0..(2.0 * rate_hz) as usize)
            .map(|i| {
                let t = i as f64 / rate_hz;
                let wiggle = noise * ((i * 7919 % 101) as f64 / 50.0 - 1.0);
                let load = if (0.5..1.2).contains(&t) {
                    800.0 * (std::f64::consts::PI * (t - 0.5) / 0.7).sin()
                } else {
                    0.0
                };
                offset + load + wiggle
            })
            .collect()
    }

    #[test]
    fn an_offset_is_removed_and_said_and_the_contact_is_found() {
        let clock = Clock { start_s: 0.0, rate_hz: 100.0, frames: 200 };
        for (offset, noise, code) in
            [(0.0, 0.0, false), (-19.0, 1.0, true), (25.0, 2.0, true), (0.2, 4.0, false)]
        {
            let mut findings = Findings::new();
            let made = ready_plate(
                &plate(&half_sine(1000.0, offset, noise), 1000.0),
                UP,
                &clock,
                &Settings::default(),
                &mut findings,
            );
            assert_eq!(findings.has("trial-plate-offset"), code, "{offset} {findings:?}");
            let [contact] = made.contacts[..] else { panic!("{:?}", made.contacts) };
            // 20 N of 800 N are reached after 0.7 s·asin(0.025)/π.
            assert!((contact.start_s - 0.5056).abs() < 2e-3, "{contact:?}");
            assert!((contact.end_s - 1.1944).abs() < 2e-3, "{contact:?}");
            assert!(!contact.cut_at_start && !contact.cut_at_end);
            let middle = made.wrenches[85].unwrap();
            let place = pressure_center(&middle, UP, 0.0, 50.0).unwrap();
            assert!((place - Point3::new(300.0, 200.0, 0.0)).norm() < 3.0, "{place}");
        }
    }

    #[test]
    fn lost_samples_are_bridged_or_said() {
        let clock = Clock { start_s: 0.0, rate_hz: 100.0, frames: 200 };
        let whole = plate(&half_sine(1000.0, 0.0, 0.0), 1000.0);
        let ready = |lost: Range<usize>, findings: &mut Findings| {
            let mut holed = whole.clone();
            holed.wrenches[lost].fill(Wrench::UNKNOWN);
            ready_plate(&holed, UP, &clock, &Settings::default(), findings)
        };
        let mut findings = Findings::new();
        let bridged = ready(840..860, &mut findings);
        assert!(!findings.has("trial-plate-lost") && bridged.contacts.len() == 1);
        assert!((bridged.wrenches[85].unwrap().force.z - 790.0).abs() < 12.0);
        let lost = ready(1500..1900, &mut findings);
        assert!(findings.has("trial-plate-lost") && lost.contacts.len() == 1);
        assert!(lost.wrenches[170].is_none() && lost.wrenches[120].is_some());
    }

    #[test]
    fn noise_near_the_threshold_is_no_contact() {
        let loads: Vec<f64> =
            (0..4000).map(|i| 19.0 + 6.0 * ((i % 7) as f64 / 3.0 - 1.0)).collect();
        assert!(contacts(&loads, &plate(&loads, 1000.0), 20.0).is_empty());
    }

    #[test]
    fn a_contact_that_the_recording_cuts_is_marked() {
        let loads = half_sine(1000.0, 0.0, 0.0);
        let cut = &loads[700..1000];
        let [contact] = contacts(cut, &plate(cut, 1000.0), 20.0)[..] else { panic!() };
        assert!(contact.cut_at_start && contact.cut_at_end);
    }

    #[test]
    fn a_raised_plate_has_its_pressure_center_on_its_top() {
        let at = Point3::new(300.0, 200.0, 45.0);
        let force = Vector3::new(-80.0, 30.0, 700.0);
        let wrench = Wrench::at_point(force, at, Vector3::new(0.0, 0.0, 6.0));
        let place = pressure_center(&wrench, UP, 45.0, 50.0).unwrap();
        assert!((place - at).norm() < 1e-9, "{place}");
        assert!(pressure_center(&wrench, UP, 45.0, 701.0).is_none());
    }
}
