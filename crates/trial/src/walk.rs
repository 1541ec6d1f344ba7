//! Steps in time and space: cadence, speed, step length and width, double support.

use geometry::Vector3;
use serde::Serialize;
use vocabulary::Side;

use crate::curves::{Measure, Numbers, mean_and_deviation};
use crate::event::{EventKind, GaitEvent};
use crate::force::{Clock, Contact};
use crate::leg::Body;
use crate::marker_set::index_of;
use crate::stance::{Progression, Scene};

/// Times between strikes of one foot that can be a stride, s.
const STRIDE_S: std::ops::Range<f64> = 0.4..2.5;

/// A walk as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Walk {
    /// Speed over whole strides, m/s.
    pub speed_m_per_s: Option<f64>,
    /// Steps per minute.
    pub cadence_steps_per_min: Option<f64>,
    /// Time from strike to strike of one foot, s.
    pub stride_time_s: Option<f64>,
    /// Way from strike to strike of one foot, m.
    pub stride_length_m: Option<f64>,
    /// Share of the stride with both feet on the ground, percent.
    pub double_support_pct: Option<f64>,
    /// Both feet leave the ground between steps.
    pub running: bool,
}

const fn other(side: Side) -> Side {
    match side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    }
}

/// Looks events up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline<'a>(pub(crate) &'a [GaitEvent]);

impl Timeline<'_> {
    fn times(&self, side: Side, kind: EventKind) -> impl Iterator<Item = f64> + '_ {
        let wanted = move |event: &&GaitEvent| event.side == side && event.kind == kind;
        self.0.iter().filter(wanted).map(|event| event.time_s)
    }

    fn next(&self, side: Side, kind: EventKind, after_s: f64) -> Option<f64> {
        self.times(side, kind).find(|time| *time > after_s)
    }

    fn last(&self, side: Side, kind: EventKind, before_s: f64) -> Option<f64> {
        self.times(side, kind).take_while(|time| *time < before_s).last()
    }

    /// Strides of one foot: from strike to strike.
    pub(crate) fn strides(&self, side: Side) -> Vec<(f64, f64)> {
        let strikes: Vec<f64> = self.times(side, EventKind::FootStrike).collect();
        let pairs = strikes.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|(start, end)| STRIDE_S.contains(&(end - start))).collect()
    }

    /// Mean stride time over both feet, s.
    pub(crate) fn stride_time(&self) -> Option<f64> {
        let times: Vec<f64> = Side::BOTH
            .into_iter()
            .flat_map(|side| self.strides(side))
            .map(|(start, end)| end - start)
            .collect();
        mean_and_deviation(&times).0.or_else(|| self.step_time().map(|step| 2.0 * step))
    }

    /// Mean time between strikes of opposite feet, s, for trials too short for a whole stride.
    fn step_time(&self) -> Option<f64> {
        let mut strikes: Vec<(f64, Side)> = Side::BOTH
            .into_iter()
            .flat_map(|side| self.times(side, EventKind::FootStrike).map(move |time| (time, side)))
            .collect();
        strikes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let steps: Vec<f64> = strikes
            .windows(2)
            .filter(|pair| pair[0].1 != pair[1].1)
            .map(|pair| pair[1].0 - pair[0].0)
            .filter(|time| STRIDE_S.contains(&(2.0 * time)))
            .collect();
        mean_and_deviation(&steps).0
    }

    /// Times with both feet down at the begin and at the end of a stance, s; negative where both are in the air.
    fn double_supports(&self, side: Side, start_s: f64, end_s: f64) -> [Option<f64>; 2] {
        let first = self
            .next(other(side), EventKind::FootOff, start_s - 0.3)
            .map(|off| off - start_s)
            .filter(|time| (-0.3..0.6).contains(time));
        let second = self
            .last(other(side), EventKind::FootStrike, end_s + 0.3)
            .map(|strike| end_s - strike)
            .filter(|time| (-0.3..0.6).contains(time));
        [first, second]
    }
}

/// Adds the numbers of a stance that need the other foot.
pub(crate) fn put_step(
    numbers: &mut Numbers,
    scene: &Scene<'_>,
    timeline: Timeline<'_>,
    side: Side,
    contact: &Contact,
    progression: Option<Progression>,
) {
    let (start_s, end_s) = (contact.start_s, contact.end_s);
    if let [Some(first), Some(second)] = timeline.double_supports(side, start_s, end_s) {
        numbers.put(Measure::DoubleSupport, Some((first + second).max(0.0)));
    }
    let before = timeline.last(other(side), EventKind::FootStrike, start_s);
    let step = before.map(|before| start_s - before).filter(|t| STRIDE_S.contains(&(2.0 * t)));
    numbers.put(Measure::StepTime, step);
    if let Some(progression) = progression {
        if step.is_some() {
            let apart = heels_apart(scene.body, scene.clock, side, start_s);
            let right = progression.forward.cross(&scene.up);
            let sign = crate::angle::lateral_sign(side);
            numbers.put(
                Measure::StepLength,
                apart.map(|apart| 1e-3 * apart.dot(&progression.forward)),
            );
            numbers.put(Measure::StepWidth, apart.map(|apart| 1e-3 * sign * apart.dot(&right)));
        }
        numbers.put(Measure::Speed, speed(scene, start_s, end_s, progression));
    }
}

/// From the other heel to this one at a strike, mm.
fn heels_apart(body: &Body, clock: &Clock, side: Side, time_s: f64) -> Option<Vector3> {
    let frame = clock.place(time_s).round();
    if frame < 0.0 {
        return None;
    }
    let heel = |side| body.feet[index_of(side)].get(frame as usize)?.map(|foot| foot.heel);
    Some(heel(side)? - heel(other(side))?)
}

/// Speed of the trunk over the ground between two times, m/s.
fn speed(scene: &Scene<'_>, start_s: f64, end_s: f64, progression: Progression) -> Option<f64> {
    let frames = scene.clock.frames_between(start_s, end_s);
    let mut seen = frames.filter_map(|frame| Some((frame, scene.trunk(frame)?)));
    let (first, last) = (seen.next()?, seen.next_back()?);
    let seconds = (last.0 - first.0) as f64 / scene.clock.rate_hz;
    let moved = (last.1 - first.1) - progression.ground * seconds;
    (seconds > 0.2).then(|| 1e-3 * moved.dot(&progression.forward) / seconds)
}

/// The walk as a whole. `stances` are the used ones: side and contact.
pub(crate) fn walk(scene: &Scene<'_>, timeline: Timeline<'_>, stances: &[(Side, Contact)]) -> Walk {
    let stride_time_s = timeline.stride_time();
    let mut strides: Vec<(Side, f64, f64)> = Side::BOTH
        .into_iter()
        .flat_map(|side| timeline.strides(side).into_iter().map(move |(s, e)| (side, s, e)))
        .collect();
    if strides.is_empty() {
        strides = stances.iter().map(|(side, c)| (*side, c.start_s, c.end_s)).collect();
    }
    let speeds: Vec<f64> = strides
        .iter()
        .filter_map(|(side, start, end)| {
            let off = timeline.next(*side, EventKind::FootOff, *start).unwrap_or(*end).min(*end);
            let line = scene.progression(*side, *start, off)?;
            speed(scene, *start, *end, line)
        })
        .collect();
    let speed_m_per_s = mean_and_deviation(&speeds).0;
    let supports: Vec<[f64; 2]> = stances
        .iter()
        .filter_map(|(side, c)| {
            let [first, second] = timeline.double_supports(*side, c.start_s, c.end_s);
            Some([first?, second?])
        })
        .collect();
    let both: Vec<f64> = supports.iter().map(|[a, b]| a + b).collect();
    let double_support_s = mean_and_deviation(&both).0;
    Walk {
        speed_m_per_s,
        cadence_steps_per_min: stride_time_s.map(|time| 120.0 / time),
        stride_time_s,
        stride_length_m: speed_m_per_s.zip(stride_time_s).map(|(speed, time)| speed * time),
        double_support_pct: double_support_s
            .zip(stride_time_s)
            .map(|(support, time)| 100.0 * support.max(0.0) / time),
        running: double_support_s.is_some_and(|support| support < 0.0),
    }
}
