//! A made-up walker whose joints, forces and moments are known.
//!
//! Walks along x at 0.9 m/s, z up, y to the left. Feet stay flat; knees bend in the plane of walking.
#![allow(dead_code, reason = "each suite uses its part")]

use geometry::{Point3, Vector3};
use recording::{Marker, Motion, Plate, Subject, Wrench};
use trial::{HipRegression, JointCenters, MarkerSet, Role};
use vocabulary::Side;

pub(crate) const MASS_KG: f64 = 80.0;
pub(crate) const STRIDE_S: f64 = 1.1;
pub(crate) const SPEED_MM_PER_S: f64 = 900.0;
pub(crate) const STANCE_SHARE: f64 = 0.6;
/// Thigh and shank, mm.
const LINK_MM: f64 = 420.0;

/// Lateral sign in y: the left is +.
pub(crate) fn lateral(side: Side) -> f64 {
    match side {
        Side::Left => 1.0,
        Side::Right => -1.0,
    }
}

/// The left foot strikes half a stride after the right.
pub(crate) fn strike_s(side: Side, step: i32) -> f64 {
    let offset = match side {
        Side::Left => 0.5,
        Side::Right => 0.0,
    };
    (f64::from(step) + offset) * STRIDE_S
}

/// The joints of one leg.
pub(crate) struct Leg {
    pub(crate) hip: Point3,
    pub(crate) knee: Point3,
    pub(crate) ankle: Point3,
    pub(crate) heel: Point3,
}

/// Where the heel marker rests in a step.
pub(crate) fn print(side: Side, step: i32) -> Point3 {
    let middle = strike_s(side, step) + 0.5 * STANCE_SHARE * STRIDE_S;
    Point3::new(SPEED_MM_PER_S * middle - 50.0, 60.0 * lateral(side), 30.0)
}

pub(crate) fn leg(side: Side, time: f64) -> Leg {
    let step = ((time - strike_s(side, 0)) / STRIDE_S).floor();
    let phase = (time - strike_s(side, 0)) / STRIDE_S - step;
    let from = print(side, step as i32);
    let swing = ((phase - STANCE_SHARE) / (1.0 - STANCE_SHARE)).max(0.0);
    let smooth = swing * swing * swing * (10.0 + swing * (6.0 * swing - 15.0));
    let lift = 60.0 * (std::f64::consts::PI * swing).sin().powi(2);
    let heel = from + Vector3::new(smooth * SPEED_MM_PER_S * STRIDE_S, 0.0, lift);
    let ankle = heel + Vector3::new(50.0, 0.0, 60.0);
    let hip = Point3::new(SPEED_MM_PER_S * time, 85.0 * lateral(side), 850.0);
    let along = ankle - hip;
    let half = 0.5 * along.norm();
    let bend = (LINK_MM * LINK_MM - half * half).max(0.0).sqrt();
    let unit = along.normalize();
    let front = Vector3::x() - unit * unit.x;
    let knee = hip + 0.5 * along + front.normalize() * bend;
    Leg { hip, knee, ankle, heel }
}

/// The ground reaction on one foot, and where it acts; `None` in swing.
pub(crate) fn ground(side: Side, time: f64) -> Option<(Vector3, Point3, Vector3)> {
    let step = ((time - strike_s(side, 0)) / STRIDE_S).floor();
    let share = ((time - strike_s(side, 0)) / STRIDE_S - step) / STANCE_SHARE;
    if !(0.0..1.0).contains(&share) {
        return None;
    }
    let wave = |n: f64| (n * std::f64::consts::PI * share).sin();
    let vertical = 930.0 * (wave(1.0) + 0.25 * wave(3.0));
    let force = Vector3::new(-110.0 * wave(2.0), -45.0 * lateral(side) * wave(1.0), vertical);
    let heel = print(side, step as i32);
    let place = Point3::new(heel.x + 20.0 + 170.0 * share, heel.y + 4.0 * lateral(side), 0.0);
    Some((force, place, Vector3::new(0.0, 0.0, -4.0 * lateral(side) * wave(2.0))))
}

/// Markers at `rate_hz`, one plate of 1 kHz (or `plate_hz`) under each of the given steps.
pub(crate) fn walk(seconds: f64, rate_hz: f64, plate_hz: f64, plated: &[(Side, i32)]) -> Motion {
    let frames = (seconds * rate_hz) as usize;
    let mut markers = Vec::new();
    let mut mark = |label: String, place: &dyn Fn(f64) -> Point3| {
        let positions = (0..frames).map(|i| Some(place(i as f64 / rate_hz))).collect();
        markers.push(Marker { label, positions });
    };
    for side in Side::BOTH {
        let s = if side == Side::Left { "L" } else { "R" };
        let out = Vector3::new(0.0, lateral(side), 0.0);
        let on = |place: fn(&Leg) -> Point3, offset: Vector3| {
            move |time: f64| place(&leg(side, time)) + offset
        };
        let pelvis = |x: f64, y: f64, z: f64| {
            move |time: f64| Point3::new(SPEED_MM_PER_S * time + x, y * lateral(side), 850.0 + z)
        };
        mark(format!("{s}ASI"), &pelvis(60.0, 120.0, 90.0));
        mark(format!("{s}PSI"), &pelvis(-100.0, 45.0, 95.0));
        mark(format!("{s}KL"), &on(|leg| leg.knee, out * 52.0));
        mark(format!("{s}KM"), &on(|leg| leg.knee, out * -52.0));
        mark(format!("{s}AL"), &on(|leg| leg.ankle, out * 36.0));
        mark(format!("{s}AM"), &on(|leg| leg.ankle, out * -36.0));
        mark(format!("{s}HE"), &on(|leg| leg.heel, Vector3::zeros()));
        mark(format!("{s}M1"), &on(|leg| leg.heel, Vector3::new(180.0, 0.0, 0.0) - out * 40.0));
        mark(format!("{s}M2"), &on(|leg| leg.heel, Vector3::new(185.0, 0.0, 0.0)));
        mark(format!("{s}M5"), &on(|leg| leg.heel, Vector3::new(160.0, 0.0, 0.0) + out * 45.0));
    }
    let plates = plated
        .iter()
        .enumerate()
        .map(|(i, (side, step))| plate(i, *side, *step, seconds, plate_hz))
        .collect();
    Motion {
        rate_hz,
        start_s: 0.0,
        up: Vector3::z(),
        markers,
        plates,
        events: Vec::new(),
        subject: Subject { mass_kg: Some(MASS_KG), height_m: Some(1.75), ..Subject::default() },
        curves: Vec::new(),
    }
}

/// A plate of 600 × 200 mm under one step, which feels only that step.
fn plate(place: usize, side: Side, step: i32, seconds: f64, rate_hz: f64) -> Plate {
    let heel = print(side, step);
    let corner = |x: f64, y: f64| Point3::new(heel.x + x, heel.y + y, 0.0);
    let (start, end) = (strike_s(side, step), strike_s(side, step) + STANCE_SHARE * STRIDE_S);
    let wrenches = (0..(seconds * rate_hz) as usize)
        .map(|i| {
            let time = i as f64 / rate_hz;
            let here = (start..end).contains(&time).then(|| ground(side, time)).flatten();
            here.map_or(
                Wrench { force: Vector3::zeros(), moment: Vector3::zeros() },
                |(force, point, free)| Wrench::at_point(force, point, free),
            )
        })
        .collect();
    Plate {
        name: format!("plate {}", place + 1),
        rate_hz,
        start_s: 0.0,
        corners: Some([
            corner(-150.0, -55.0),
            corner(450.0, -55.0),
            corner(450.0, 55.0),
            corner(-150.0, 55.0),
        ]),
        unloaded: None,
        wrenches,
    }
}

pub(crate) fn marker_set() -> MarkerSet {
    let label = |text: &str| vec![text.to_owned()];
    MarkerSet {
        name: "walker".to_owned(),
        letters: ["L".to_owned(), "R".to_owned()],
        labels: vec![
            (Role::Asis, label("{s}ASI")),
            (Role::Psis, label("{s}PSI")),
            (Role::KneeLateral, label("{s}KL")),
            (Role::KneeMedial, label("{s}KM")),
            (Role::AnkleLateral, label("{s}AL")),
            (Role::AnkleMedial, label("{s}AM")),
            (Role::Heel, label("{s}HE")),
            (Role::FirstMetatarsal, label("{s}M1")),
            (Role::SecondMetatarsal, label("{s}M2")),
            (Role::FifthMetatarsal, label("{s}M5")),
        ],
        thigh: Vec::new(),
        shank: Vec::new(),
        foot: Vec::new(),
        rearfoot: Vec::new(),
        joint_centers: JointCenters::Midpoint,
        hip: HipRegression::Harrington,
        marker_radius_mm: 7.0,
    }
}

/// The same trial in other axes: every position becomes `turn p + shift`.
pub(crate) fn moved(motion: &Motion, turn: nalgebra::Rotation3<f64>, shift: Vector3) -> Motion {
    let point = |p: Point3| turn * p + shift;
    let mut other = motion.clone();
    other.up = turn * motion.up;
    for marker in &mut other.markers {
        marker.positions.iter_mut().flatten().for_each(|p| *p = point(*p));
    }
    for plate in &mut other.plates {
        plate.corners = plate.corners.map(|corners| corners.map(point));
        for wrench in &mut plate.wrenches {
            let force = turn * wrench.force;
            wrench.moment = turn * wrench.moment + (shift * 1e-3).cross(&force);
            wrench.force = force;
        }
    }
    other
}
