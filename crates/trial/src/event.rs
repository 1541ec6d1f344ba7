//! Foot strikes and foot offs: from force where a foot is on a plate, from markers elsewhere.
//!
//! Markers: a foot strikes where its heel is furthest in front of the pelvis and leaves where its toe is furthest behind
//! it (Zeni 2008, Gait Posture 27:710, coordinate method, right for floors and treadmills). Its constant lead or lag
//! is taken out with the events that force has timed too.

use geometry::Vector3;
use serde::Serialize;
use vocabulary::{Findings, Side};

use crate::contact::{Rejection, Step};
use crate::force::Clock;
use crate::leg::Body;
use crate::marker_set::index_of;

/// A strike or an off of one foot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GaitEvent {
    /// When, s, on the trial's clock.
    pub time_s: f64,
    /// Which foot.
    pub side: Side,
    /// Whether it comes down.
    pub kind: EventKind,
    /// How it was timed.
    pub source: EventSource,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The foot meets the ground.
    FootStrike,
    /// The foot leaves the ground.
    FootOff,
}

/// What an event was timed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventSource {
    /// The force crossed the threshold.
    Force,
    /// The heel or toe turned back against the pelvis.
    Markers,
}

/// Extremes closer than this belong to one step, s: nobody strides faster than 2.5 times a second.
const SHORTEST_STRIDE_S: f64 = 0.4;

/// A swing of heel or toe against the pelvis smaller than this is no step, mm.
const SMALLEST_SWING_MM: f64 = 100.0;

/// A marker event and a force event this close are the same, s.
const SAME_EVENT_S: f64 = 0.12;

/// Net movement beyond which a person walks across the laboratory, mm; less is a treadmill or standing.
const CROSSES_LABORATORY_MM: f64 = 500.0;

/// Finds all events, by time.
pub(crate) fn events(
    steps: &[Step],
    body: &Body,
    up: Vector3,
    clock: &Clock,
    findings: &mut Findings,
) -> Vec<GaitEvent> {
    let by_force = force_events(steps);
    let mut by_markers = marker_events(body, up, clock);
    for kind in [EventKind::FootStrike, EventKind::FootOff] {
        let mut lags: Vec<f64> = by_markers
            .iter()
            .filter(|event| event.kind == kind)
            .filter_map(|event| Some(same(&by_force, event)?.time_s - event.time_s))
            .collect();
        lags.sort_by(f64::total_cmp);
        let Some(lag) = lags.get(lags.len() / 2).copied() else { continue };
        by_markers.iter_mut().filter(|e| e.kind == kind).for_each(|e| e.time_s += lag);
        findings.note(
            "trial",
            "trial-marker-events",
            format!(
                "{} off the plates are timed by markers (Zeni 2008), moved by {:+.0} ms, the median against {} timed by force.",
                match kind {
                    EventKind::FootStrike => "Foot strikes",
                    EventKind::FootOff => "Foot offs",
                },
                1e3 * lag,
                lags.len()
            ),
        );
    }
    let mut all = by_force.clone();
    all.extend(by_markers.into_iter().filter(|event| same(&by_force, event).is_none()));
    all.sort_by(|a, b| {
        a.time_s.total_cmp(&b.time_s).then(a.side.cmp(&b.side)).then(a.kind.cmp(&b.kind))
    });
    all
}

fn same<'a>(events: &'a [GaitEvent], wanted: &GaitEvent) -> Option<&'a GaitEvent> {
    events.iter().find(|event| {
        event.side == wanted.side
            && event.kind == wanted.kind
            && (event.time_s - wanted.time_s).abs() < SAME_EVENT_S
    })
}

/// Begins and ends of contacts of one known foot; where another foot or plate mixes in, the times are not this foot's.
fn force_events(steps: &[Step]) -> Vec<GaitEvent> {
    let mut events = Vec::new();
    for step in steps {
        let Some(side) = step.side else { continue };
        let (starts, ends) = match step.rejection {
            None | Some(Rejection::MarkersMissing { .. }) => (true, true),
            Some(Rejection::StartsBefore) => (false, !step.contact.cut_at_end),
            Some(Rejection::EndsAfter) => (true, false),
            Some(_) => (false, false),
        };
        let mut put = |time_s, kind| {
            events.push(GaitEvent { time_s, side, kind, source: EventSource::Force });
        };
        if starts {
            put(step.contact.start_s, EventKind::FootStrike);
        }
        if ends {
            put(step.contact.end_s, EventKind::FootOff);
        }
    }
    events
}

fn marker_events(body: &Body, up: Vector3, clock: &Clock) -> Vec<GaitEvent> {
    let Some(forward) = walking_direction(body, up) else { return Vec::new() };
    let mut events = Vec::new();
    for side in Side::BOTH {
        let feet = &body.feet[index_of(side)];
        let relative = |toe: bool| -> Vec<Option<f64>> {
            feet.iter()
                .zip(&body.pelvis)
                .map(|(foot, pelvis)| {
                    let foot = foot.as_ref()?;
                    let point = if toe { foot.forefoot } else { foot.heel };
                    Some((point - pelvis.as_ref()?.origin).dot(&forward))
                })
                .collect()
        };
        let least = (SHORTEST_STRIDE_S * clock.rate_hz).ceil() as usize;
        for (toe, kind) in [(false, EventKind::FootStrike), (true, EventKind::FootOff)] {
            let signal: Vec<Option<f64>> = relative(toe)
                .into_iter()
                .map(|value| value.map(|value| if toe { -value } else { value }))
                .collect();
            events.extend(peaks(&signal, least).into_iter().map(|place| GaitEvent {
                time_s: clock.start_s + place / clock.rate_hz,
                side,
                kind,
                source: EventSource::Markers,
            }));
        }
    }
    events
}

/// The direction in which a person walks over the whole trial: net movement of the pelvis, or where it faces on a
/// treadmill. `None` without a pelvis.
pub(crate) fn walking_direction(body: &Body, up: Vector3) -> Option<Vector3> {
    let flat = |v: Vector3| v - up * v.dot(&up);
    let mut seen = body.pelvis.iter().flatten();
    let first = seen.next()?;
    let last = body.pelvis.iter().rev().flatten().next()?;
    let moved = flat(last.origin - first.origin);
    if moved.norm() > CROSSES_LABORATORY_MM {
        return Some(moved.normalize());
    }
    let faces: Vector3 =
        body.pelvis.iter().flatten().map(|p| Vector3::from(p.frame.column(0))).sum();
    flat(faces).try_normalize(1e-6)
}

/// Places (in samples, by parabola between them) of maxima that stand out and are `least` samples apart.
fn peaks(signal: &[Option<f64>], least: usize) -> Vec<f64> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for i in 1..signal.len().saturating_sub(1) {
        let (Some(before), Some(here), Some(after)) = (signal[i - 1], signal[i], signal[i + 1])
        else {
            continue;
        };
        if here <= before || here < after || !stands_out(signal, i, least) {
            continue;
        }
        let bend = before - 2.0 * here + after;
        let place = i as f64 + if bend < 0.0 { 0.5 * (before - after) / bend } else { 0.0 };
        match found.last_mut() {
            Some(last) if i - last.0 < least => {
                if signal[last.0] < Some(here) {
                    *last = (i, place);
                }
            }
            _ => found.push((i, place)),
        }
    }
    found.into_iter().map(|(_, place)| place).collect()
}

/// Whether the signal falls by [`SMALLEST_SWING_MM`] on both sides before it rises above sample `i`; a side that the
/// recording cuts short of a step does not speak against it.
fn stands_out(signal: &[Option<f64>], i: usize, least: usize) -> bool {
    let Some(here) = signal[i] else { return false };
    let falls = |samples: &mut dyn Iterator<Item = &Option<f64>>| {
        let mut fell = 0.0_f64;
        let mut length = 0;
        for value in samples {
            let Some(value) = value else { break };
            if *value > here {
                return fell > SMALLEST_SWING_MM;
            }
            fell = fell.max(here - value);
            length += 1;
            if fell > SMALLEST_SWING_MM {
                return true;
            }
        }
        // Cut by the recording's end: trust it only if half a stride was seen.
        length >= least / 2 && fell > 0.5 * SMALLEST_SWING_MM
    };
    falls(&mut signal[..i].iter().rev()) && falls(&mut signal[i + 1..].iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maxima_of_a_swing_are_found_between_samples() {
        let signal: Vec<Option<f64>> = (0..300)
            .map(|i| {
                let t = f64::from(i) / 100.0;
                Some(300.0 * (2.0 * std::f64::consts::PI * (t - 0.3037) / 1.1).cos())
            })
            .collect();
        let found = peaks(&signal, 40);
        assert_eq!(found.len(), 3, "{found:?}");
        for (n, place) in found.iter().enumerate() {
            assert!((place / 100.0 - (0.3037 + 1.1 * n as f64)).abs() < 1e-3, "{found:?}");
        }
    }

    #[test]
    fn sway_is_no_step() {
        let signal: Vec<Option<f64>> =
            (0..300).map(|i| Some(20.0 * (f64::from(i) / 15.0).sin())).collect();
        assert!(peaks(&signal, 40).is_empty());
        assert!(peaks(&[], 40).is_empty());
    }
}
