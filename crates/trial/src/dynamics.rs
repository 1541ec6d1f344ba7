//! Moments at ankle and knee: the plain lever arm of the ground reaction force, and inverse dynamics of foot and shank.
//!
//! Newton and Euler, segment by segment from the ground up (Winter 2009, chapter 5; in space as Vaughan 1999,
//! Dynamics of Human Gait, chapter 3). Internal reactions of the proximal on the distal segment are found first; what
//! is reported is the external moment, their opposite, so that both methods agree for a weightless, resting leg.

use geometry::{Point3, Vector3};
use nalgebra::Matrix3;
use recording::Wrench;

use crate::SegmentTable;
use crate::leg::{Foot, Leg};
use crate::rigid::angular_velocity;
use crate::settings::SegmentNumbers;

/// Standard acceleration of gravity, m/s².
const GRAVITY: f64 = 9.806_65;

/// What the dynamics of one leg need besides its motion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inertia {
    pub(crate) mass_kg: f64,
    pub(crate) table: SegmentTable,
    pub(crate) up: Vector3,
    /// Time between frames, s.
    pub(crate) step_s: f64,
}

/// External moments at one frame, Nm, laboratory axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    /// About the knee, by inverse dynamics.
    pub(crate) knee: Vector3,
    /// About the ankle, by inverse dynamics.
    pub(crate) ankle: Vector3,
    /// About the knee, of the ground reaction force alone.
    pub(crate) knee_lever: Vector3,
}

/// A segment at one frame.
#[derive(Clone, Copy)]
struct Segment {
    /// Center of mass, m.
    center: Vector3,
    frame: Matrix3<f64>,
    /// Length to which the table's radii of gyration refer, m.
    length: f64,
    mass: f64,
    /// Radii of gyration about the columns of `frame`, shares of length.
    gyration: [f64; 3],
}

/// Moments at frame `i`; `None` unless the leg is seen at it and at its two neighbors on both sides.
pub(crate) fn moments(
    legs: &[Option<Leg>],
    wrench: &Wrench,
    i: usize,
    inertia: &Inertia,
) -> Option<Moments> {
    let leg = legs.get(i)?.as_ref()?;
    let window: [&Leg; 5] = [
        legs.get(i.checked_sub(2)?)?.as_ref()?,
        legs.get(i - 1)?.as_ref()?,
        leg,
        legs.get(i + 1)?.as_ref()?,
        legs.get(i + 2)?.as_ref()?,
    ];
    let [shank_numbers, foot_numbers] = inertia.table.numbers();
    let shanks = window.map(|leg| shank_segment(leg, &shank_numbers, inertia.mass_kg));
    let feet =
        window.map(|leg| leg.foot.map(|foot| foot_segment(leg, &foot, &foot_numbers, inertia)));
    let feet: [Segment; 5] = match feet {
        [Some(a), Some(b), Some(c), Some(d), Some(e)] => [a, b, c, d, e],
        _ => return None,
    };
    let (knee, ankle) = (leg.knee.coords * 1e-3, leg.ankle.coords * 1e-3);
    let gravity = -inertia.up * GRAVITY;
    // Foot: ground and shank act on it.
    let foot = &feet[2];
    let ankle_force = foot.mass * (acceleration(&feet, inertia.step_s) - gravity) - wrench.force;
    let ankle_moment = momentum_rate(&feet, inertia.step_s)
        - (ankle - foot.center).cross(&ankle_force)
        - wrench.moment_about(Point3::from(foot.center * 1e3));
    // Shank: foot (opposite of the above) and thigh act on it.
    let shank = &shanks[2];
    let knee_force = shank.mass * (acceleration(&shanks, inertia.step_s) - gravity) + ankle_force;
    let knee_moment = momentum_rate(&shanks, inertia.step_s)
        - (knee - shank.center).cross(&knee_force)
        + ankle_moment
        + (ankle - shank.center).cross(&ankle_force);
    Some(Moments {
        knee: -knee_moment,
        ankle: -ankle_moment,
        knee_lever: wrench.moment_about(leg.knee),
    })
}

fn shank_segment(leg: &Leg, numbers: &SegmentNumbers, mass_kg: f64) -> Segment {
    let (knee, ankle) = (leg.knee.coords * 1e-3, leg.ankle.coords * 1e-3);
    let [sideways, transverse, long] = numbers.gyration;
    Segment {
        center: knee + (ankle - knee) * numbers.center,
        frame: leg.shank,
        length: (ankle - knee).norm(),
        mass: numbers.mass * mass_kg,
        gyration: [transverse, long, sideways],
    }
}

fn foot_segment(leg: &Leg, foot: &Foot, numbers: &SegmentNumbers, inertia: &Inertia) -> Segment {
    let (from, to) = if inertia.table.foot_starts_at_ankle() {
        (leg.ankle, foot.forefoot)
    } else {
        (foot.heel, foot.tip)
    };
    let (from, to) = (from.coords * 1e-3, to.coords * 1e-3);
    let [sideways, transverse, long] = numbers.gyration;
    Segment {
        center: from + (to - from) * numbers.center,
        frame: foot.frame,
        length: (to - from).norm(),
        mass: numbers.mass * inertia.mass_kg,
        gyration: [long, transverse, sideways],
    }
}

/// Acceleration of the center of mass, m/s², by central differences.
fn acceleration(window: &[Segment; 5], step_s: f64) -> Vector3 {
    (window[1].center - 2.0 * window[2].center + window[3].center) / (step_s * step_s)
}

/// Rate of change of the angular momentum about the center of mass, Nm.
fn momentum_rate(window: &[Segment; 5], step_s: f64) -> Vector3 {
    let turning =
        |i: usize| angular_velocity(&window[i - 1].frame, &window[i + 1].frame, 2.0 * step_s);
    let segment = &window[2];
    let scale = segment.mass * segment.length * segment.length;
    let principal = Vector3::from(segment.gyration.map(|radius| scale * radius * radius));
    let tensor = segment.frame * Matrix3::from_diagonal(&principal) * segment.frame.transpose();
    let velocity = turning(2);
    let change = (turning(3) - turning(1)) / (2.0 * step_s);
    tensor * change + velocity.cross(&(tensor * velocity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Rotation3;

    const UP: Vector3 = Vector3::new(0.0, 1.0, 0.0);

    fn inertia(mass_kg: f64) -> Inertia {
        Inertia { mass_kg, table: SegmentTable::Dempster, up: UP, step_s: 0.01 }
    }

    /// A right leg with the knee at `knee` (mm), turned by `turn` about it.
    fn leg(knee: Point3, turn: Rotation3<f64>) -> Leg {
        let at = |x, y, z| knee + turn * Vector3::new(x, y, z);
        let (ankle, heel, forefoot) =
            (at(0.0, -420.0, 0.0), at(-60.0, -470.0, 0.0), at(120.0, -470.0, 0.0));
        let frame = turn.into_inner();
        let foot = Foot {
            heel,
            forefoot,
            tip: at(190.0, -480.0, 0.0),
            frame,
            tilt_measured: false,
            rearfoot: None,
        };
        Leg { knee, ankle, shank: frame, tibia: frame, thigh: None, foot: Some(foot) }
    }

    fn still() -> Vec<Option<Leg>> {
        vec![Some(leg(Point3::new(0.0, 500.0, 0.0), Rotation3::identity())); 5]
    }

    /// 700 N straight up, 40 mm medial and 30 mm behind the right knee: 28 Nm of adduction, 21 Nm of flexion.
    #[test]
    fn a_static_load_beside_the_knee() {
        let force = Vector3::new(0.0, 700.0, 0.0);
        let wrench = Wrench::at_point(force, Point3::new(-30.0, 0.0, -40.0), Vector3::zeros());
        let made = moments(&still(), &wrench, 2, &inertia(1e-9)).unwrap();
        for moment in [made.knee, made.knee_lever, made.ankle] {
            assert!((moment - Vector3::new(28.0, 0.0, -21.0)).norm() < 1e-6, "{moment}");
        }
    }

    /// At rest the weight of shank and foot lowers what the knee feels: only the part of the foot lies before it.
    #[test]
    fn a_hanging_leg_loads_the_knee_with_its_foot_only() {
        let nothing = Wrench { force: Vector3::zeros(), moment: Vector3::zeros() };
        let made = moments(&still(), &nothing, 2, &inertia(80.0)).unwrap();
        // The foot's center is midway between ankle (x = 0) and forefoot (x = 120 mm).
        let expected = -0.0145 * 80.0 * GRAVITY * 0.060;
        assert!((made.knee - Vector3::new(0.0, 0.0, expected)).norm() < 1e-9, "{}", made.knee);
        assert!((made.ankle.z - expected).abs() < 1e-9);
    }

    /// A leg that swings freely about its knee as a physical pendulum has no moment there.
    #[test]
    fn a_pendulum_swings_without_a_knee_moment() {
        let mass_kg = 80.0;
        let step = 0.002;
        // Inertia about the knee and first moment of mass of the rigid leg, from the same table.
        let rest = leg(Point3::origin(), Rotation3::identity());
        let [shank, foot] = SegmentTable::Dempster.numbers();
        let shank = shank_segment(&rest, &shank, mass_kg);
        let foot = foot_segment(&rest, &rest.foot.unwrap(), &foot, &inertia(mass_kg));
        let (mut about_knee, mut first) = (0.0, Vector3::zeros());
        for segment in [shank, foot] {
            let own = (segment.length * segment.gyration[2]).powi(2);
            about_knee += segment.mass * (segment.center.norm_squared() + own);
            first += segment.mass * segment.center;
        }
        // θ'' = −g (first moment, turned by θ, horizontal part) / I, Runge-Kutta with small steps.
        let acceleration = |angle: f64| {
            let turned = Rotation3::from_axis_angle(&Vector3::z_axis(), angle) * first;
            -GRAVITY * turned.x / about_knee
        };
        let (mut angle, mut speed) = (0.6_f64, 0.0_f64);
        let mut angles = Vec::new();
        for _ in 0..300 {
            angles.push(angle);
            for _ in 0..20 {
                let h = step / 20.0;
                let k1 = (speed, acceleration(angle));
                let k2 = (speed + 0.5 * h * k1.1, acceleration(angle + 0.5 * h * k1.0));
                let k3 = (speed + 0.5 * h * k2.1, acceleration(angle + 0.5 * h * k2.0));
                let k4 = (speed + h * k3.1, acceleration(angle + h * k3.0));
                angle += h / 6.0 * (k1.0 + 2.0 * k2.0 + 2.0 * k3.0 + k4.0);
                speed += h / 6.0 * (k1.1 + 2.0 * k2.1 + 2.0 * k3.1 + k4.1);
            }
        }
        let legs: Vec<Option<Leg>> = angles
            .iter()
            .map(|angle| {
                let turn = Rotation3::from_axis_angle(&Vector3::z_axis(), *angle);
                Some(leg(Point3::new(0.0, 500.0, 0.0), turn))
            })
            .collect();
        let nothing = Wrench { force: Vector3::zeros(), moment: Vector3::zeros() };
        let inertia = Inertia { step_s: step, ..inertia(mass_kg) };
        let weight = first.norm() * GRAVITY;
        for i in 2..angles.len() - 2 {
            let made = moments(&legs, &nothing, i, &inertia).unwrap();
            assert!(made.knee.norm() < 2e-4 * weight, "{i}: {} of {weight}", made.knee.norm());
        }
        assert!(angles.iter().any(|angle| *angle < -0.3), "it swung");
    }

    #[test]
    fn a_gap_beside_the_frame_leaves_no_moment() {
        let mut legs = still();
        legs[4] = None;
        let nothing = Wrench { force: Vector3::zeros(), moment: Vector3::zeros() };
        assert!(moments(&legs, &nothing, 2, &inertia(80.0)).is_none());
        assert!(moments(&still(), &nothing, 1, &inertia(80.0)).is_none());
    }
}
