//! One stance from strike to toe-off: curves over 0 to 100 %, peaks, and what the foot did.

use geometry::{Point3, Vector3};
use nalgebra::Matrix3;
use vocabulary::Side;

use crate::angle::{self, lateral_sign};
use crate::curves::{Channel, Curves, INSTANTS, Measure, Numbers, Scale, between};
use crate::dynamics::{Inertia, Moments, moments};
use crate::force::{Clock, Contact, ReadyPlate, pressure_center};
use crate::leg::{Body, Leg};
use crate::marker_set::index_of;
use crate::{MomentFrame, Settings};

/// Part of stance, in percent, over which the foot progression angle is averaged (handbook, knee model, section 3).
const PROGRESSION_PERCENT: std::ops::RangeInclusive<f64> = 15.0..=80.0;

/// Part of stance, as shares, in which the whole foot rests on the ground: its footprint.
const FOOTPRINT: std::ops::Range<f64> = 0.2..0.45;

/// A resting foot faster than this rides on a belt, m/s.
const BELT_SPEED: f64 = 0.15;

/// Movement over a stance below which there is no line of progression, mm.
const SHORTEST_PROGRESSION_MM: f64 = 150.0;

/// A frame beyond the stance on each side, so that its ends can be interpolated.
const MARGIN_FRAMES: usize = 2;

/// What all stances of a trial share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) body: &'a Body,
    pub(crate) up: Vector3,
    pub(crate) clock: &'a Clock,
    pub(crate) settings: &'a Settings,
    pub(crate) inertia: Inertia,
    pub(crate) scale: Scale,
    /// Eversion and tibial rotation in the static trial, by side, degrees.
    pub(crate) standing: [Option<[f64; 2]>; 2],
    /// From the heel marker's center to the most posterior point of the heel, mm.
    pub(crate) marker_radius_mm: f64,
}

/// The line of progression of one stance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progression {
    /// Horizontal unit vector of walking.
    pub(crate) forward: Vector3,
    /// Velocity of the ground under the foot (a belt), mm/s.
    pub(crate) ground: Vector3,
}

impl Scene<'_> {
    fn flat(&self, v: Vector3) -> Vector3 {
        v - self.up * v.dot(&self.up)
    }

    /// A point that moves with the trunk: the pelvis, or midway between the knees.
    pub(crate) fn trunk(&self, frame: usize) -> Option<Point3> {
        let pelvis = self.body.pelvis.get(frame).copied().flatten().map(|pelvis| pelvis.origin);
        pelvis.or_else(|| {
            let [left, right] =
                [0, 1].map(|side: usize| self.body.legs[side].get(frame).copied().flatten());
            Some(nalgebra::center(&left?.knee, &right?.knee))
        })
    }

    /// Line of progression between strike and toe-off of a foot; `None` if the trunk does not move on.
    pub(crate) fn progression(&self, side: Side, start_s: f64, end_s: f64) -> Option<Progression> {
        let ground = self.ground_velocity(side, start_s, end_s);
        let frames = self.clock.frames_between(start_s, end_s);
        let seen = |frame: &usize| self.trunk(*frame).is_some();
        let (first, last) = (frames.clone().find(seen)?, frames.rev().find(seen)?);
        let seconds = (last - first) as f64 / self.clock.rate_hz;
        let moved = self.flat(self.trunk(last)? - self.trunk(first)?) - ground * seconds;
        (moved.norm() > SHORTEST_PROGRESSION_MM)
            .then(|| Progression { forward: moved.normalize(), ground })
    }

    /// Velocity of the resting foot, mm/s; zero on a floor.
    fn ground_velocity(&self, side: Side, start_s: f64, end_s: f64) -> Vector3 {
        let length = end_s - start_s;
        let frames = self
            .clock
            .frames_between(start_s + FOOTPRINT.start * length, start_s + FOOTPRINT.end * length);
        let feet = &self.body.feet[index_of(side)];
        let mut ends = frames.filter_map(|frame| Some((frame, feet[frame]?)));
        let (Some((i, from)), Some((j, to))) = (ends.next(), ends.next_back()) else {
            return Vector3::zeros();
        };
        let moved = 0.5 * ((to.heel - from.heel) + (to.forefoot - from.forefoot));
        let velocity = self.flat(moved) * self.clock.rate_hz / (j - i) as f64;
        if velocity.norm() > 1e3 * BELT_SPEED { velocity } else { Vector3::zeros() }
    }

    /// Curves and numbers of one stance, and the share of instants without a knee moment.
    pub(crate) fn stance(
        &self,
        plate: &ReadyPlate,
        contact: &Contact,
        side: Side,
    ) -> (Curves, Numbers, f64) {
        let progression = self.progression(side, contact.start_s, contact.end_s);
        let print = self.footprint(side, contact, progression);
        let inner = self.clock.frames_between(contact.start_s, contact.end_s);
        let frames = inner.start.saturating_sub(MARGIN_FRAMES)
            ..(inner.end + MARGIN_FRAMES).min(self.clock.frames);
        let rows: Vec<Row> = frames
            .clone()
            .map(|frame| self.row(plate, side, frame, progression, print.as_ref()))
            .collect();
        let columns: Vec<Vec<Option<f64>>> = Channel::ALL
            .iter()
            .map(|channel| rows.iter().map(|row| row[*channel as usize]).collect())
            .collect();
        let length = contact.duration_s();
        let curves = Curves::from_fn(|channel, instant| {
            let time = contact.start_s + length * instant as f64 / (INSTANTS - 1) as f64;
            between(&columns[channel as usize], self.clock.place(time) - frames.start as f64)
        });
        let unknown = curves.get(Channel::KneeAdduction).iter().filter(|v| v.is_none()).count();
        let mut numbers = self.peaks(&curves, length);
        numbers.put(Measure::FootProgression, self.foot_progression(side, contact, progression));
        (curves, numbers, unknown as f64 / INSTANTS as f64)
    }

    fn row(
        &self,
        plate: &ReadyPlate,
        side: Side,
        frame: usize,
        progression: Option<Progression>,
        print: Option<&Footprint>,
    ) -> Row {
        let mut row: Row = [None; CHANNELS];
        let sign = lateral_sign(side);
        let legs = &self.body.legs[index_of(side)];
        let leg = legs[frame].as_ref();
        let mut put = |channel: Channel, value: Option<f64>| row[channel as usize] = value;
        if let Some(wrench) = plate.wrenches[frame] {
            put(Channel::ForceVertical, Some(wrench.force.dot(&self.up)));
            if let Some(Progression { forward, .. }) = progression {
                let right = forward.cross(&self.up);
                put(Channel::ForceAnterior, Some(wrench.force.dot(&forward)));
                put(Channel::ForceLateral, Some(sign * wrench.force.dot(&right)));
            }
            let place =
                pressure_center(&wrench, self.up, plate.height_mm, self.settings.pressure_center_n);
            if let (Some(place), Some(print)) = (place, print) {
                let [anterior, lateral] = print.place(place, self.clock.time(frame), sign);
                put(Channel::CopAnterior, Some(anterior));
                put(Channel::CopLateral, Some(lateral));
            }
            if let (Some(leg), Some(made)) = (leg, moments(legs, &wrench, frame, &self.inertia)) {
                self.put_moments(leg, &made, sign, progression, &mut put);
                let frontal =
                    wrench.force - leg.shank.column(2) * wrench.force.dot(&leg.shank.column(2));
                let lever = leg.shank.column(0).dot(&made.knee_lever) * sign;
                put(
                    Channel::LeverArm,
                    (wrench.force.dot(&self.up) >= self.settings.pressure_center_n)
                        .then(|| 1e3 * lever / frontal.norm()),
                );
            }
        }
        if let Some(leg) = leg {
            if let Some(thigh) = &leg.thigh {
                let [flexion, adduction] = angle::knee(thigh, &leg.shank, side);
                put(Channel::KneeFlexionAngle, Some(flexion));
                put(Channel::KneeAdductionAngle, Some(adduction));
            }
            if let Some(foot) = leg.foot.filter(|foot| foot.tilt_measured) {
                let [eversion, tibia] =
                    angle::foot(&leg.tibia, &foot.rearfoot.unwrap_or(foot.frame), side);
                let [zero_eversion, zero_tibia] = self.standing[index_of(side)].unwrap_or_default();
                put(Channel::FootEversion, Some(eversion - zero_eversion));
                put(Channel::TibialRotation, Some(tibia - zero_tibia));
            }
        }
        row
    }

    /// Knee and ankle moments in the frame that was asked for.
    fn put_moments(
        &self,
        leg: &Leg,
        made: &Moments,
        sign: f64,
        progression: Option<Progression>,
        put: &mut dyn FnMut(Channel, Option<f64>),
    ) {
        let axes = self.knee_axes(leg, progression);
        let about = |axes: Option<[Vector3; 3]>, axis: usize, moment: &Vector3| {
            axes.map(|axes| axes[axis].dot(moment))
        };
        let turned = |value: Option<f64>, sign: f64| value.map(|value| sign * value);
        put(Channel::KneeAdduction, turned(about(axes, 0, &made.knee), sign));
        put(Channel::KneeRotation, turned(about(axes, 1, &made.knee), sign));
        put(Channel::KneeFlexion, turned(about(axes, 2, &made.knee), -1.0));
        put(Channel::KneeAdductionLever, turned(about(axes, 0, &made.knee_lever), sign));
        put(Channel::KneeFlexionLever, turned(about(axes, 2, &made.knee_lever), -1.0));
        let ankle = match self.settings.frame {
            MomentFrame::Laboratory => axes,
            // Dorsiflexion about the shank's sideways axis, inversion about the foot's long axis.
            MomentFrame::Tibia | MomentFrame::JointCoordinate => leg.foot.map(|foot| {
                [foot.frame.column(0), leg.shank.column(1), leg.shank.column(2)].map(Vector3::from)
            }),
        };
        put(Channel::AnkleInversion, turned(about(ankle, 0, &made.ankle), sign));
        put(Channel::AnkleDorsiflexion, about(ankle, 2, &made.ankle));
    }

    /// Axes of adduction, rotation and extension of a right knee.
    fn knee_axes(&self, leg: &Leg, progression: Option<Progression>) -> Option<[Vector3; 3]> {
        let columns = |frame: &Matrix3<f64>| [0, 1, 2].map(|i| Vector3::from(frame.column(i)));
        match self.settings.frame {
            MomentFrame::Tibia => Some(columns(&leg.shank)),
            MomentFrame::Laboratory => {
                let forward = progression?.forward;
                Some([forward, self.up, forward.cross(&self.up)])
            }
            MomentFrame::JointCoordinate => {
                let thigh = leg.thigh?;
                let (flexion, long) =
                    (Vector3::from(thigh.column(2)), Vector3::from(leg.shank.column(1)));
                Some([long.cross(&flexion).try_normalize(1e-6)?, long, flexion])
            }
        }
    }

    fn peaks(&self, curves: &Curves, length_s: f64) -> Numbers {
        let mut numbers = Numbers::new(self.scale);
        let whole = 0..INSTANTS;
        let (first_half, second_half) = (8..51, 50..96);
        let highest = |channel, range: std::ops::Range<usize>| {
            curves.get(channel)[range].iter().flatten().copied().reduce(f64::max)
        };
        let lowest = |channel, range: std::ops::Range<usize>| {
            curves.get(channel)[range].iter().flatten().copied().reduce(f64::min)
        };
        let kam = |channel| {
            let curve = curves.get(channel);
            let known: Vec<(f64, f64)> =
                curve.iter().enumerate().filter_map(|(i, v)| Some((i as f64, (*v)?))).collect();
            let (percent, values): (Vec<f64>, Vec<f64>) = known.into_iter().unzip();
            gait::kam_metrics(&percent, &values, length_s)
        };
        let (full, lever) = (kam(Channel::KneeAdduction), kam(Channel::KneeAdductionLever));
        let at_peak = curves
            .get(Channel::KneeAdduction)
            .iter()
            .position(|value| *value == Some(full.peak1_nm));
        numbers.put(Measure::KamPeak1, Some(full.peak1_nm));
        numbers.put(Measure::KamPeak2, Some(full.peak2_nm));
        numbers.put(Measure::KamImpulse, Some(full.impulse_nms));
        numbers.put(Measure::KamPeak1Lever, Some(lever.peak1_nm));
        numbers.put(
            Measure::LeverArmPeak1,
            at_peak.and_then(|instant| curves.get(Channel::LeverArm)[instant]),
        );
        numbers.put(Measure::KfmPeak, highest(Channel::KneeFlexion, first_half.clone()));
        numbers.put(
            Measure::KemPeak,
            lowest(Channel::KneeFlexion, second_half.clone()).map(|value| -value),
        );
        numbers.put(Measure::KrmPeak, highest(Channel::KneeRotation, whole.clone()));
        numbers.put(Measure::DorsiflexionPeak, highest(Channel::AnkleDorsiflexion, whole.clone()));
        numbers.put(
            Measure::EversionMomentPeak,
            lowest(Channel::AnkleInversion, whole.clone()).map(|value| -value),
        );
        numbers.put(Measure::InversionMomentPeak, highest(Channel::AnkleInversion, whole.clone()));
        numbers.put(Measure::ForcePeak1, highest(Channel::ForceVertical, first_half.clone()));
        numbers.put(Measure::ForcePeak2, highest(Channel::ForceVertical, second_half));
        numbers.put(Measure::KneeFlexionPeak, highest(Channel::KneeFlexionAngle, first_half));
        numbers.put(Measure::EversionPeak, highest(Channel::FootEversion, whole.clone()));
        let range = highest(Channel::TibialRotation, whole.clone())
            .zip(lowest(Channel::TibialRotation, whole));
        numbers.put(Measure::TibialRotationRange, range.map(|(high, low)| high - low));
        numbers.put(Measure::StanceTime, Some(length_s));
        numbers
    }

    /// Mean angle of the foot to the line of progression, degrees, + toe-out.
    fn foot_progression(
        &self,
        side: Side,
        contact: &Contact,
        progression: Option<Progression>,
    ) -> Option<f64> {
        let forward = progression?.forward;
        let right = forward.cross(&self.up);
        let length = contact.duration_s();
        let at = |percent: f64| contact.start_s + 0.01 * percent * length;
        let (sum, count) = self
            .clock
            .frames_between(at(*PROGRESSION_PERCENT.start()), at(*PROGRESSION_PERCENT.end()))
            .filter_map(|frame| {
                let foot = self.body.feet[index_of(side)][frame]?;
                let along = foot.forefoot - foot.heel;
                Some(along.dot(&right).atan2(along.dot(&forward)))
            })
            .fold((0.0, 0), |(sum, count), angle| (sum + angle, count + 1));
        (count > 0).then(|| lateral_sign(side) * (sum / f64::from(count)).to_degrees())
    }

    /// Where the foot rests, from its flat part of stance.
    fn footprint(
        &self,
        side: Side,
        contact: &Contact,
        progression: Option<Progression>,
    ) -> Option<Footprint> {
        let length = contact.duration_s();
        let [start, end] =
            [FOOTPRINT.start, FOOTPRINT.end].map(|share| contact.start_s + share * length);
        let feet: Vec<_> = self
            .clock
            .frames_between(start, end)
            .filter_map(|frame| self.body.feet[index_of(side)][frame])
            .collect();
        let count = feet.len() as f64;
        let mean = |place: fn(&crate::leg::Foot) -> Point3| {
            feet.iter().map(|foot| place(foot).coords).sum::<Vector3>() / count
        };
        let (heel, forefoot) = (mean(|foot| foot.heel), mean(|foot| foot.forefoot));
        let forward = self.flat(forefoot - heel).try_normalize(1e-6)?;
        Some(Footprint {
            heel: heel + forward * self.marker_radius_mm,
            forward,
            right: forward.cross(&self.up),
            ground: progression.map_or_else(Vector3::zeros, |progression| progression.ground),
            time_s: 0.5 * (start + end),
        })
    }
}

const CHANNELS: usize = Channel::ALL.len();
type Row = [Option<f64>; CHANNELS];

/// The resting foot, seen from above.
struct Footprint {
    /// Most posterior point of the heel at `time_s`, mm.
    heel: Vector3,
    forward: Vector3,
    right: Vector3,
    /// Velocity of the belt under it, mm/s.
    ground: Vector3,
    time_s: f64,
}

impl Footprint {
    /// Along the foot from the heel and lateral of its axis, mm.
    fn place(&self, point: Point3, time_s: f64, lateral_sign: f64) -> [f64; 2] {
        let from_heel = point.coords - (self.heel + self.ground * (time_s - self.time_s));
        [from_heel.dot(&self.forward), lateral_sign * from_heel.dot(&self.right)]
    }
}
