//! Which foot stands on which plate, and whether the contact is a clean stance.

use geometry::{Point3, Vector3};
use serde::Serialize;
use vocabulary::Side;

use crate::Settings;
use crate::force::{Clock, Contact, ReadyPlate, pressure_center};
use crate::leg::{Body, Foot};
use crate::marker_set::index_of;

/// A center of pressure further than this from the line heel to toe tip is not under that foot, mm.
///
/// Half the width of a broad foot or shoe (60 mm) and the error of markers and plates.
const UNDER_FOOT_MM: f64 = 80.0;

/// Share of the load that may lie elsewhere before the contact counts as that of two feet.
const ELSEWHERE_SHARE: f64 = 0.1;

/// The heel touches the ground this far in front of the marker on its back, mm.
const HEEL_BEHIND_CONTACT_MM: f64 = 15.0;

/// A footprint point may lie this far beyond the edge before the hit is partial: error of corners and markers, mm.
const EDGE_TOLERANCE_MM: f64 = 5.0;

/// The toe tip is often estimated, so it may lie further out, mm.
const TOE_TOLERANCE_MM: f64 = 25.0;

/// A foot slower than this stands, m/s.
const STANDING_SPEED: f64 = 0.4;

/// The other foot stands on the plate if it is this far inside for this long, mm and s.
const INSIDE_MM: f64 = 10.0;
const INSIDE_S: f64 = 0.04;

/// Two plates share a foot if its contacts overlap by more than this, s.
const SHARED_S: f64 = 0.03;

/// A stance whose mean vertical force is below this share of body weight missed part of the foot. Walking gives about
/// 0.8 from strike to toe-off.
const LEAST_MEAN_LOAD: f64 = 0.55;

/// Part of the contact, as shares, in which the whole foot is on the ground.
const FLAT: std::ops::Range<f64> = 0.2..0.45;

/// Why a contact is not used.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Rejection {
    /// The plate was loaded when the recording began.
    #[error("starts before the recording")]
    StartsBefore,
    /// The plate was loaded when the recording ended.
    #[error("ends after the recording")]
    EndsAfter,
    /// Shorter than a stance.
    #[error("too short: {seconds:.2} s on the plate")]
    TooShort {
        /// Time on the plate, s.
        seconds: f64,
    },
    /// Longer than a stance of walking.
    #[error("too long for a step: {seconds:.1} s on the plate, the person stands")]
    TooLong {
        /// Time on the plate, s.
        seconds: f64,
    },
    /// No foot's markers are near the center of pressure.
    #[error("no foot is near the center of pressure (nearest {nearest_mm:.0} mm)")]
    NoFoot {
        /// Mean distance of the nearest foot, mm; infinite if no foot was seen.
        nearest_mm: f64,
    },
    /// Both feet loaded the plate.
    #[error("two feet on the plate for {pct:.0} % of the contact")]
    TwoFeet {
        /// Share of the contact, %.
        pct: f64,
    },
    /// The foot reached over the plate's edge.
    #[error("partial hit: the {part} lies {beyond_mm:.0} mm beyond the plate's edge")]
    Partial {
        /// `heel`, `forefoot` or `toe tip`.
        part: &'static str,
        /// How far, mm.
        beyond_mm: f64,
    },
    /// The foot stood on two plates.
    #[error("crossing: the foot stands on {other} too")]
    TwoPlates {
        /// The other plate's name.
        other: String,
    },
    /// The force is too small for a whole foot.
    #[error("partial hit: the mean force is {pct:.0} % of body weight, a step gives about 80")]
    LowForce {
        /// Mean vertical force in percent of body weight.
        pct: f64,
    },
    /// The leg's markers are missing in a part of the stance.
    #[error("the leg's markers are missing in {pct:.0} % of the stance")]
    MarkersMissing {
        /// Share of instants without a knee moment, %.
        pct: f64,
    },
}

/// A contact with its foot.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) plate: usize,
    pub(crate) contact: Contact,
    pub(crate) side: Option<Side>,
    pub(crate) rejection: Option<Rejection>,
}

/// Finds the foot of every contact and judges it, by time; the weight of the body, N, is optional.
pub(crate) fn steps(
    plates: &[ReadyPlate],
    body: &Body,
    up: Vector3,
    clock: &Clock,
    settings: &Settings,
) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (place, plate) in plates.iter().enumerate() {
        for contact in &plate.contacts {
            let (side, rejection) = judge(plate, contact, body, up, clock, settings);
            steps.push(Step { plate: place, contact: *contact, side, rejection });
        }
    }
    steps.sort_by(|a, b| {
        a.contact.start_s.total_cmp(&b.contact.start_s).then(a.plate.cmp(&b.plate))
    });
    reject_shared_feet(&mut steps, plates);
    steps
}

/// Rejects steps whose force is too small for a whole foot.
pub(crate) fn reject_low_forces(steps: &mut [Step], weight_n: f64) {
    for step in steps.iter_mut().filter(|step| step.rejection.is_none()) {
        let share = step.contact.mean_n / weight_n;
        if share < LEAST_MEAN_LOAD {
            step.rejection = Some(Rejection::LowForce { pct: 100.0 * share });
        }
    }
}

/// Longest contact that is a step and not standing, s.
const LONGEST_STANCE_S: f64 = 2.0;

fn judge(
    plate: &ReadyPlate,
    contact: &Contact,
    body: &Body,
    up: Vector3,
    clock: &Clock,
    settings: &Settings,
) -> (Option<Side>, Option<Rejection>) {
    let trace = Trace::new(plate, contact, body, up, clock, settings);
    let distances = Side::BOTH.map(|side| trace.mean_distance(side));
    let side = if distances[0] <= distances[1] { Side::Left } else { Side::Right };
    let nearest_mm = distances[index_of(side)];
    let found = (nearest_mm <= UNDER_FOOT_MM).then_some(side);
    let rejection = if contact.cut_at_start {
        Some(Rejection::StartsBefore)
    } else if contact.cut_at_end {
        Some(Rejection::EndsAfter)
    } else if contact.duration_s() < settings.shortest_stance_s {
        Some(Rejection::TooShort { seconds: contact.duration_s() })
    } else if contact.duration_s() > LONGEST_STANCE_S {
        Some(Rejection::TooLong { seconds: contact.duration_s() })
    } else if found.is_none() {
        Some(trace.shared().unwrap_or(Rejection::NoFoot { nearest_mm }))
    } else {
        trace.two_feet(side).or_else(|| trace.partial(side))
    };
    (found, rejection)
}

/// Where a part of the foot is.
type PlaceOnFoot = fn(&Foot) -> Point3;

/// One frame of a contact.
struct Instant {
    /// Upward force, N.
    load: f64,
    pressure_center: Option<Point3>,
    feet: [Option<Foot>; 2],
    /// Speed of the feet along the ground, m/s.
    speeds: [Option<f64>; 2],
}

/// A contact frame by frame.
struct Trace<'a> {
    plate: &'a ReadyPlate,
    up: Vector3,
    step_s: f64,
    instants: Vec<Instant>,
}

impl<'a> Trace<'a> {
    fn new(
        plate: &'a ReadyPlate,
        contact: &Contact,
        body: &Body,
        up: Vector3,
        clock: &Clock,
        settings: &Settings,
    ) -> Self {
        let frames = clock.frames_between(contact.start_s, contact.end_s);
        let instants = frames
            .filter_map(|frame| {
                let wrench = plate.wrenches[frame]?;
                let feet = [body.feet[0][frame], body.feet[1][frame]];
                let speeds = [0, 1].map(|side| {
                    let before = body.feet[side].get(frame.checked_sub(1)?)?.as_ref()?;
                    let after = body.feet[side].get(frame + 1)?.as_ref()?;
                    let moved = (after.forefoot - before.forefoot)
                        .norm()
                        .min((after.heel - before.heel).norm());
                    Some(moved * 1e-3 * clock.rate_hz / 2.0)
                });
                Some(Instant {
                    load: wrench.force.dot(&up),
                    pressure_center: pressure_center(
                        &wrench,
                        up,
                        plate.height_mm,
                        settings.pressure_center_n,
                    ),
                    feet,
                    speeds,
                })
            })
            .collect();
        Self { plate, up, step_s: 1.0 / clock.rate_hz, instants }
    }

    /// Distance of the center of pressure from a foot's line along the ground, mm.
    fn distance(&self, instant: &Instant, side: Side) -> Option<f64> {
        let foot = instant.feet[index_of(side)]?;
        let flat = |v: Vector3| v - self.up * v.dot(&self.up);
        let along = flat(foot.tip - foot.heel);
        let to_center = flat(instant.pressure_center? - foot.heel);
        let share = (to_center.dot(&along) / along.norm_squared().max(1.0)).clamp(0.0, 1.0);
        Some((to_center - along * share).norm())
    }

    /// Mean distance weighted by load; infinite if the foot is seen for less than half of the load.
    fn mean_distance(&self, side: Side) -> f64 {
        let (mut sum, mut seen, mut all) = (0.0, 0.0, 0.0);
        for instant in self.instants.iter().filter(|instant| instant.pressure_center.is_some()) {
            all += instant.load;
            if let Some(distance) = self.distance(instant, side) {
                sum += instant.load * distance;
                seen += instant.load;
            }
        }
        if seen > 0.5 * all { sum / seen } else { f64::INFINITY }
    }

    /// Two feet one after the other, neither of which stands near the center of pressure all the time.
    fn shared(&self) -> Option<Rejection> {
        let (mut under, mut all) = ([0.0; 2], 0.0);
        for instant in self.instants.iter().filter(|instant| instant.pressure_center.is_some()) {
            all += instant.load;
            for side in Side::BOTH {
                if self.distance(instant, side).is_some_and(|mm| mm <= UNDER_FOOT_MM) {
                    under[index_of(side)] += instant.load;
                }
            }
        }
        let least = under[0].min(under[1]);
        (least > ELSEWHERE_SHARE * all).then(|| Rejection::TwoFeet { pct: 100.0 * least / all })
    }

    fn two_feet(&self, side: Side) -> Option<Rejection> {
        let other = if side == Side::Left { Side::Right } else { Side::Left };
        let (mut elsewhere, mut all) = (0.0, 0.0);
        for instant in &self.instants {
            if let Some(distance) = self.distance(instant, side) {
                all += instant.load;
                if distance > UNDER_FOOT_MM {
                    elsewhere += instant.load;
                }
            }
        }
        if elsewhere > ELSEWHERE_SHARE * all {
            return Some(Rejection::TwoFeet { pct: 100.0 * elsewhere / all });
        }
        let stands_inside = |instant: &&Instant| {
            let index = index_of(other);
            let (Some(foot), Some(speed)) = (instant.feet[index], instant.speeds[index]) else {
                return false;
            };
            let inside = |point| self.inside(point).is_some_and(|mm| mm > INSIDE_MM);
            speed < STANDING_SPEED && (inside(foot.heel) || inside(foot.forefoot))
        };
        let frames = self.instants.iter().filter(stands_inside).count();
        (frames as f64 * self.step_s > INSIDE_S)
            .then(|| Rejection::TwoFeet { pct: 100.0 * frames as f64 / self.instants.len() as f64 })
    }

    /// How far a point lies inside the plate's edges, mm, negative outside; `None` without corners.
    fn inside(&self, point: Point3) -> Option<f64> {
        let corners = self.plate.corners?;
        let middle = corners.iter().map(|corner| corner.coords).sum::<Vector3>() / 4.0;
        let distances = (0..4).map(|i| {
            let (from, to) = (corners[i].coords, corners[(i + 1) % 4].coords);
            let normal = self.up.cross(&(to - from)).try_normalize(1e-9);
            let normal = normal.unwrap_or_else(Vector3::zeros);
            // Toward the middle, whichever way the corners run.
            let inward = normal * normal.dot(&(middle - from)).signum();
            inward.dot(&(point.coords - from))
        });
        Some(distances.fold(f64::INFINITY, f64::min))
    }

    fn partial(&self, side: Side) -> Option<Rejection> {
        let count = self.instants.len() as f64;
        let flat = (FLAT.start * count) as usize..(FLAT.end * count).ceil() as usize;
        let parts: [(&'static str, f64, PlaceOnFoot); 3] = [
            ("heel", EDGE_TOLERANCE_MM, |foot| {
                foot.heel + foot.frame.column(0) * HEEL_BEHIND_CONTACT_MM
            }),
            ("forefoot", EDGE_TOLERANCE_MM, |foot| foot.forefoot),
            ("toe tip", TOE_TOLERANCE_MM, |foot| foot.tip),
        ];
        parts.into_iter().find_map(|(part, tolerance, place)| {
            let mut inside: Vec<f64> = self
                .instants
                .get(flat.clone())?
                .iter()
                .filter_map(|instant| self.inside(place(instant.feet[index_of(side)].as_ref()?)))
                .collect();
            inside.sort_by(f64::total_cmp);
            let beyond_mm = -*inside.get(inside.len() / 2)?;
            (beyond_mm > tolerance).then_some(Rejection::Partial { part, beyond_mm })
        })
    }
}

/// Rejects the contacts of a foot that stands on two plates at once.
fn reject_shared_feet(steps: &mut [Step], plates: &[ReadyPlate]) {
    for i in 0..steps.len() {
        for j in i + 1..steps.len() {
            let (a, b) = (&steps[i], &steps[j]);
            let overlap =
                a.contact.end_s.min(b.contact.end_s) - a.contact.start_s.max(b.contact.start_s);
            if a.plate == b.plate || a.side.is_none() || a.side != b.side || overlap < SHARED_S {
                continue;
            }
            let names = [a.plate, b.plate].map(|plate| plates[plate].name.clone());
            let [first, second] = names;
            for (step, other) in [(i, second), (j, first)] {
                // A foot beyond the edge of the one plate is the same news as a foot on the other.
                if matches!(steps[step].rejection, None | Some(Rejection::Partial { .. })) {
                    steps[step].rejection = Some(Rejection::TwoPlates { other });
                }
            }
        }
    }
}
