//! Both legs as a chain of rigid bones, fitted to all markers at once.
//!
//! Global optimization (Lu and O'Connor 1999, J. Biomech. 32:129): at every frame the pose of pelvis, thighs, shanks and
//! feet whose markers, placed as in the standing trial, lie nearest to those seen, in the sense of least squares. The hip is
//! a ball, the knee a hinge about the line through its epicondyles, the ankle a hinge about the line through its
//! malleoli; the foot is one piece. Bones keep their lengths, so that the joints cannot come apart by the 20 mm that
//! skin lets a cluster slide. Every marker weighs the same.
//!
//! A free subtalar joint is left out on purpose: with it the foot's markers no longer hold the ankle, and on OpenSim's
//! gait2392 trial the adduction peaks left those of the program by 25 % instead of by 6 %.
//!
//! Levenberg-Marquardt with an analytic Jacobian, started from the frame before; two or three steps a frame.

use geometry::{Point3, Vector3};
use nalgebra::{Matrix3, Rotation3, SMatrix, SVector, Unit};
use vocabulary::Side;

use crate::rigid::fit;

/// Six of the pelvis; three of the hip, one of the knee and one of the ankle for each leg.
const FREEDOMS: usize = 16;

/// Freedoms of one leg.
const LEG_FREEDOMS: usize = 5;

type Square = SMatrix<f64, FREEDOMS, FREEDOMS>;
type Column = SVector<f64, FREEDOMS>;

/// Rounds after which a frame is left as it stands; far from the solution ten are enough.
const MOST_ROUNDS: usize = 30;

/// After a step below this the next would move no marker by more than some micrometers, rad and mm: the method converges by
/// two digits a step or more, and this one itself moves a toe by less than 0.1 mm.
const SMALLEST_STEP: f64 = 1e-4;

/// A marker, where it stood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    /// Index in the walking trial.
    pub(crate) index: usize,
    /// In the standing trial, mm, laboratory axes.
    pub(crate) stood: Point3,
}

/// One leg as it stood, mm, laboratory axes.
#[derive(Clone, Debug)]
pub(crate) struct LinkedLeg {
    pub(crate) hip: Point3,
    pub(crate) knee: Point3,
    pub(crate) ankle: Point3,
    /// Toward the right of the body.
    pub(crate) knee_axis: Vector3,
    /// Toward the right of the body.
    pub(crate) ankle_axis: Vector3,
    /// Markers of thigh, shank and foot.
    pub(crate) markers: [Vec<Placed>; 3],
}

impl LinkedLeg {
    /// Whether the markers seen hold all five freedoms: three on thigh and shank, one of them on the shank, and two on the
    /// foot.
    fn is_held(&self, is_seen: &impl Fn(usize) -> bool) -> bool {
        let seen = |segment: usize| {
            self.markers[segment].iter().filter(|placed| is_seen(placed.index)).count()
        };
        let (thigh, shank, foot) = (seen(0), seen(1), seen(2));
        shank >= 1 && thigh + shank >= 3 && foot >= 2
    }
}

/// Pelvis and legs as they stood.
#[derive(Clone, Debug)]
pub(crate) struct LinkedBody {
    /// At least three markers.
    pub(crate) pelvis: Vec<Placed>,
    /// Left and right; `None` where the standing trial does not show the leg.
    pub(crate) legs: [Option<LinkedLeg>; 2],
}

/// Joints of one leg at one frame, mm, laboratory axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedJoints {
    pub(crate) hip: Point3,
    pub(crate) knee: Point3,
    pub(crate) ankle: Point3,
    /// Axis of the knee toward the right.
    pub(crate) right: Vector3,
    /// Root-mean-square distance of the leg's markers from the fitted leg, mm.
    pub(crate) residual_mm: f64,
}

/// A rigid motion from where a segment stood to where it is.
#[derive(Clone, Copy, Debug)]
struct Moved {
    turn: Matrix3<f64>,
    shift: Vector3,
}

impl Moved {
    fn point(&self, stood: Point3) -> Point3 {
        Point3::from(self.turn * stood.coords + self.shift)
    }

    /// The motion that turns and takes `stood` to `now`.
    fn about(turn: Matrix3<f64>, stood: Point3, now: Point3) -> Self {
        Self { turn, shift: now.coords - turn * stood.coords }
    }
}

/// What is sought at a frame.
#[derive(Clone, Copy, Debug)]
struct Pose {
    pelvis: Moved,
    legs: [LegPose; 2],
}

/// Joint angles of one leg, from standing.
#[derive(Clone, Copy, Debug)]
struct LegPose {
    hip: Matrix3<f64>,
    knee: f64,
    ankle: f64,
}

/// Where thigh, shank and foot of a leg are, with the joints' centers and axes.
struct Chain {
    segments: [Moved; 3],
    hip: Point3,
    knee: Point3,
    ankle: Point3,
    knee_axis: Vector3,
    ankle_axis: Vector3,
}

fn turn_about(axis: Vector3, angle: f64) -> Matrix3<f64> {
    Rotation3::from_axis_angle(&Unit::new_normalize(axis), angle).into_inner()
}

impl Chain {
    fn new(leg: &LinkedLeg, pelvis: &Moved, pose: &LegPose) -> Self {
        let hip = pelvis.point(leg.hip);
        let thigh = Moved::about(pelvis.turn * pose.hip, leg.hip, hip);
        let knee = thigh.point(leg.knee);
        let shank = Moved::about(thigh.turn * turn_about(leg.knee_axis, pose.knee), leg.knee, knee);
        let ankle = shank.point(leg.ankle);
        let foot =
            Moved::about(shank.turn * turn_about(leg.ankle_axis, pose.ankle), leg.ankle, ankle);
        Self {
            hip,
            knee,
            ankle,
            knee_axis: (thigh.turn * leg.knee_axis).normalize(),
            ankle_axis: (shank.turn * leg.ankle_axis).normalize(),
            segments: [thigh, shank, foot],
        }
    }
}

/// Normal equations of a round.
struct Normal {
    square: Square,
    right: Column,
    cost: f64,
}

impl Normal {
    /// Adds one marker; `columns` are its derivatives by the freedoms named.
    fn add(&mut self, apart: Vector3, columns: &[(usize, Vector3)]) {
        self.cost += apart.norm_squared();
        for (i, (row, derivative)) in columns.iter().enumerate() {
            self.right[*row] += derivative.dot(&apart);
            for (other, second) in &columns[..=i] {
                let product = derivative.dot(second);
                self.square[(*row, *other)] += product;
                if row != other {
                    self.square[(*other, *row)] += product;
                }
            }
        }
    }
}

impl LinkedBody {
    /// Follows the body through `frames` frames; `seen` gives a marker's place by index and frame.
    ///
    /// A leg is `None` at frames where too few of its markers, or fewer than three of the pelvis, are seen.
    pub(crate) fn follow(
        &self,
        frames: usize,
        seen: &impl Fn(usize, usize) -> Option<Point3>,
    ) -> [Vec<Option<LinkedJoints>>; 2] {
        let mut tracks = [Vec::with_capacity(frames), Vec::with_capacity(frames)];
        let mut last: Option<Pose> = None;
        for frame in 0..frames {
            let at = |index: usize| seen(index, frame);
            let held = [0, 1].map(|side: usize| {
                self.legs[side].as_ref().filter(|leg| leg.is_held(&|index| at(index).is_some()))
            });
            let start = match last {
                Some(pose) if self.pelvis_seen(&at) >= 3 => Some(pose),
                _ => self.start(&at),
            };
            last = start.map(|start| self.solve(start, held, &at));
            for (side, track) in tracks.iter_mut().enumerate() {
                track.push(last.zip(held[side]).map(|(pose, leg)| {
                    let chain = Chain::new(leg, &pose.pelvis, &pose.legs[side]);
                    LinkedJoints {
                        hip: chain.hip,
                        knee: chain.knee,
                        ankle: chain.ankle,
                        right: chain.knee_axis,
                        residual_mm: residual(leg, &chain, &at),
                    }
                }));
            }
        }
        tracks
    }

    fn pelvis_seen(&self, at: &impl Fn(usize) -> Option<Point3>) -> usize {
        self.pelvis.iter().filter(|placed| at(placed.index).is_some()).count()
    }

    /// The pelvis by its own markers, the legs as they stood.
    fn start(&self, at: &impl Fn(usize) -> Option<Point3>) -> Option<Pose> {
        let (stood, now): (Vec<Point3>, Vec<Point3>) =
            self.pelvis.iter().filter_map(|placed| Some((placed.stood, at(placed.index)?))).unzip();
        let (pose, _) = fit(&stood, &now)?;
        let still = LegPose { hip: Matrix3::identity(), knee: 0.0, ankle: 0.0 };
        let pelvis = Moved::about(pose.turn, stood[0], pose.place(stood[0]));
        Some(Pose { pelvis, legs: [still; 2] })
    }

    fn solve(
        &self,
        start: Pose,
        held: [Option<&LinkedLeg>; 2],
        at: &impl Fn(usize) -> Option<Point3>,
    ) -> Pose {
        let mut pose = start;
        let mut normal = self.normal(&pose, held, at);
        let mut damping = 1e-6;
        for _ in 0..MOST_ROUNDS {
            let mut damped = normal.square;
            for i in 0..FREEDOMS {
                // Freedoms that no marker holds stay where they are.
                damped[(i, i)] += damping * damped[(i, i)] + 1e-9;
            }
            let Some(step) = damped.cholesky().map(|factor| factor.solve(&normal.right)) else {
                break;
            };
            let tried = self.stepped(&pose, held, &step);
            let next = self.normal(&tried, held, at);
            if next.cost <= normal.cost {
                let done = step.amax() < SMALLEST_STEP;
                (pose, normal, damping) = (tried, next, 0.1 * damping);
                if done {
                    break;
                }
            } else if step.amax() < SMALLEST_STEP || damping > 1e6 {
                break;
            } else {
                damping = 10.0 * damping.max(1e-6);
            }
        }
        pose
    }

    fn normal(
        &self,
        pose: &Pose,
        held: [Option<&LinkedLeg>; 2],
        at: &impl Fn(usize) -> Option<Point3>,
    ) -> Normal {
        let mut normal = Normal { square: Square::zeros(), right: Column::zeros(), cost: 0.0 };
        let center = self.center(pose);
        let mut columns: Vec<(usize, Vector3)> = Vec::with_capacity(6 + LEG_FREEDOMS);
        let of_pelvis = |place: Point3, columns: &mut Vec<(usize, Vector3)>| {
            columns.clear();
            for axis in 0..3 {
                let unit = Vector3::ith(axis, 1.0);
                columns.push((axis, unit));
                columns.push((3 + axis, unit.cross(&(place - center))));
            }
        };
        for placed in &self.pelvis {
            if let Some(seen) = at(placed.index) {
                let place = pose.pelvis.point(placed.stood);
                of_pelvis(place, &mut columns);
                normal.add(seen - place, &columns);
            }
        }
        for (side, leg) in held.into_iter().enumerate() {
            let Some(leg) = leg else { continue };
            let chain = Chain::new(leg, &pose.pelvis, &pose.legs[side]);
            let first = 6 + LEG_FREEDOMS * side;
            for (segment, markers) in leg.markers.iter().enumerate() {
                for placed in markers {
                    let Some(seen) = at(placed.index) else { continue };
                    let place = chain.segments[segment].point(placed.stood);
                    of_pelvis(place, &mut columns);
                    for axis in 0..3 {
                        let unit = Vector3::ith(axis, 1.0);
                        columns.push((first + axis, unit.cross(&(place - chain.hip))));
                    }
                    if segment >= 1 {
                        columns.push((first + 3, chain.knee_axis.cross(&(place - chain.knee))));
                    }
                    if segment >= 2 {
                        columns.push((first + 4, chain.ankle_axis.cross(&(place - chain.ankle))));
                    }
                    normal.add(seen - place, &columns);
                }
            }
        }
        normal
    }

    /// Where the pelvis turns about: the first of its markers.
    fn center(&self, pose: &Pose) -> Point3 {
        self.pelvis.first().map_or(Point3::origin(), |placed| pose.pelvis.point(placed.stood))
    }

    fn stepped(&self, pose: &Pose, held: [Option<&LinkedLeg>; 2], step: &Column) -> Pose {
        let part = |from: usize| Vector3::new(step[from], step[from + 1], step[from + 2]);
        let center = self.center(pose);
        let turn = Rotation3::from_scaled_axis(part(3)).into_inner();
        let stood = self.pelvis.first().map_or(Point3::origin(), |placed| placed.stood);
        let pelvis = Moved::about(turn * pose.pelvis.turn, stood, center + part(0));
        let mut legs = pose.legs;
        for (side, leg) in legs.iter_mut().enumerate().filter(|(side, _)| held[*side].is_some()) {
            let first = 6 + LEG_FREEDOMS * side;
            let turn = Rotation3::from_scaled_axis(part(first)).into_inner();
            // The step is about the laboratory's axes; the pose is kept in those of the pelvis.
            leg.hip = pelvis.turn.transpose() * turn * pelvis.turn * leg.hip;
            leg.knee += step[first + 3];
            leg.ankle += step[first + 4];
        }
        Pose { pelvis, legs }
    }
}

fn residual(leg: &LinkedLeg, chain: &Chain, at: &impl Fn(usize) -> Option<Point3>) -> f64 {
    let apart = leg.markers.iter().zip(&chain.segments).flat_map(|(markers, segment)| {
        markers.iter().filter_map(|placed| {
            Some((at(placed.index)? - segment.point(placed.stood)).norm_squared())
        })
    });
    let (sum, count) = apart.fold((0.0, 0), |(sum, count), square| (sum + square, count + 1));
    (sum / f64::from(count.max(1))).sqrt()
}

/// The axis of a joint through its two markers, toward the right of the body.
pub(crate) fn axis(lateral: Point3, medial: Point3, side: Side) -> Option<Vector3> {
    let right = match side {
        Side::Left => medial - lateral,
        Side::Right => lateral - medial,
    };
    right.try_normalize(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two legs of a standing person; markers 0 to 2 are the pelvis's, then eight for each leg.
    fn body() -> LinkedBody {
        let place =
            |index: usize, x: f64, y: f64, z: f64| Placed { index, stood: Point3::new(x, y, z) };
        let leg = |side: usize| {
            let z: f64 = if side == 0 { -90.0 } else { 90.0 };
            let out = z.signum();
            let first = 3 + 8 * side;
            LinkedLeg {
                hip: Point3::new(0.0, 900.0, z),
                knee: Point3::new(5.0, 480.0, z),
                ankle: Point3::new(-10.0, 80.0, z),
                knee_axis: Vector3::new(0.05, 0.02, 1.0).normalize(),
                ankle_axis: Vector3::new(-0.2, 0.05, 1.0).normalize(),
                markers: [
                    vec![
                        place(first, 20.0, 700.0, z + 80.0 * out),
                        place(first + 1, 90.0, 640.0, z),
                        place(first + 2, 10.0, 600.0, z + 70.0 * out),
                    ],
                    vec![
                        place(first + 3, -20.0, 400.0, z + 60.0 * out),
                        place(first + 4, 50.0, 330.0, z + 10.0 * out),
                    ],
                    vec![
                        place(first + 5, -60.0, 40.0, z),
                        place(first + 6, 130.0, 30.0, z + 40.0 * out),
                        place(first + 7, 140.0, 30.0, z - 40.0 * out),
                    ],
                ],
            }
        };
        LinkedBody {
            pelvis: vec![
                place(0, 80.0, 990.0, -120.0),
                place(1, 80.0, 990.0, 120.0),
                place(2, -110.0, 1000.0, 0.0),
            ],
            legs: [Some(leg(0)), Some(leg(1))],
        }
    }

    /// A walking pose at a time, by turns that the model allows.
    fn pose(body: &LinkedBody, time: f64) -> Pose {
        let turn = Rotation3::from_euler_angles(0.05 * time.sin(), 0.6 + 0.1 * time.cos(), 0.04);
        let stood = body.pelvis[0].stood;
        let leg = |phase: f64| LegPose {
            hip: Rotation3::from_euler_angles(0.08, 0.1 * phase.cos(), 0.5 * phase.sin())
                .into_inner(),
            knee: -0.5 + 0.4 * phase.cos(),
            ankle: 0.2 * phase.sin(),
        };
        Pose {
            pelvis: Moved::about(
                turn.into_inner(),
                stood,
                stood + Vector3::new(1200.0 * time, 20.0 * time.sin(), -40.0),
            ),
            legs: [leg(4.0 * time), leg(4.0 * time + std::f64::consts::PI)],
        }
    }

    fn markers(body: &LinkedBody, pose: &Pose) -> Vec<Point3> {
        let mut placed: Vec<(usize, Point3)> =
            body.pelvis.iter().map(|p| (p.index, pose.pelvis.point(p.stood))).collect();
        for (side, leg) in body.legs.iter().enumerate() {
            let leg = leg.as_ref().unwrap();
            let chain = Chain::new(leg, &pose.pelvis, &pose.legs[side]);
            for (markers, segment) in leg.markers.iter().zip(&chain.segments) {
                placed.extend(markers.iter().map(|p| (p.index, segment.point(p.stood))));
            }
        }
        placed.sort_by_key(|(index, _)| *index);
        placed.into_iter().map(|(_, place)| place).collect()
    }

    #[test]
    fn a_jointed_walk_is_recovered_and_gaps_are_left() {
        let body = body();
        let times: Vec<f64> = (0..60).map(|i| 0.02 * f64::from(i)).collect();
        let walk: Vec<Vec<Point3>> =
            times.iter().map(|t| markers(&body, &pose(&body, *t))).collect();
        // From frame 30 on one thigh marker is lost; at frame 40 the left foot and at 50 the pelvis.
        let seen = |index: usize, frame: usize| {
            let lost = (index == 3 && frame >= 30)
                || ((8..11).contains(&index) && frame == 40)
                || (index < 2 && frame == 50);
            (!lost).then(|| walk[frame][index])
        };
        let tracks = body.follow(times.len(), &seen);
        for (side, track) in tracks.iter().enumerate() {
            for (frame, joints) in track.iter().enumerate() {
                let Some(joints) = joints else {
                    assert!(frame == 50 || (side == 0 && frame == 40), "{side} {frame}");
                    continue;
                };
                let true_pose = pose(&body, times[frame]);
                let leg = body.legs[side].as_ref().unwrap();
                let truth = Chain::new(leg, &true_pose.pelvis, &true_pose.legs[side]);
                assert!((joints.knee - truth.knee).norm() < 1e-3, "{side} {frame}");
                assert!((joints.ankle - truth.ankle).norm() < 1e-3);
                assert!((joints.right - truth.knee_axis).norm() < 1e-5);
                assert!(joints.residual_mm < 1e-3);
            }
        }
    }

    /// Skin that slides by 10 mm on a shank moves a cluster's ankle by more than the chain's.
    #[test]
    fn bones_keep_their_lengths_when_skin_slides() {
        let body = body();
        let slid = |time: f64| {
            let mut places = markers(&body, &pose(&body, time));
            let swing = Vector3::new(8.0 * (9.0 * time).sin(), 6.0, 10.0 * (5.0 * time).cos());
            places[6] += swing;
            places[7] -= swing * 0.5;
            places
        };
        let walk: Vec<Vec<Point3>> = (0..40).map(|i| slid(0.03 * f64::from(i))).collect();
        let [left, _] = body.follow(walk.len(), &|index, frame| Some(walk[frame][index]));
        let leg = body.legs[0].as_ref().unwrap();
        for (frame, joints) in left.iter().enumerate() {
            let joints = joints.unwrap();
            assert!(
                ((joints.knee - joints.ankle).norm() - (leg.knee - leg.ankle).norm()).abs() < 1e-9
            );
            let truth = pose(&body, 0.03 * frame as f64);
            let truth = Chain::new(leg, &truth.pelvis, &truth.legs[0]);
            assert!((joints.knee - truth.knee).norm() < 8.0, "{frame}");
        }
    }
}
