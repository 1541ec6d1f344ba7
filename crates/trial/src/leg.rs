//! Joint centers and segment frames of one leg at every frame.

use geometry::{Point3, Vector3};
use nalgebra::{Matrix3, Rotation3, Unit, center};
use recording::{Motion, Subject};
use vocabulary::{Findings, Side};

use crate::filter::LowPass;
use crate::force::Clock;
use crate::gap::smooth_path;
use crate::linked::LinkedJoints;
use crate::marker_set::{HipRegression, JointCenters, Resolved, ResolvedSide, Role, index_of};
use crate::pelvis::{HipRule, Pelvis, number_of};
use crate::rigid::{Pose, fit, frame_along};
use crate::standing::{self, Pair, Standing};
use crate::{Input, JointTracking, Settings};

/// Femoral epicondyles' breadth over body height: 9.52 of 170.18 cm (Ross and Wilson 1974, phantom).
const KNEE_WIDTH_PER_HEIGHT: f64 = 0.0559;

/// Malleoli's breadth over body height: 74 of 1756 mm for men, 67 of 1628 mm for women (ANSUR II, rounded).
const ANKLE_WIDTH_PER_HEIGHT: f64 = 0.0415;

/// Height assumed for joint widths where it is not known, m.
const ASSUMED_HEIGHT_M: f64 = 1.70;

/// A cluster that fits its standing shape worse than this has moved on the skin or was mislabeled, mm.
const LARGEST_CLUSTER_RESIDUAL_MM: f64 = 20.0;

/// One leg at one frame; positions in mm, laboratory axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    pub(crate) knee: Point3,
    pub(crate) ankle: Point3,
    /// Columns anterior, up along ankle to knee, right.
    pub(crate) shank: Matrix3<f64>,
    /// The same by the shank's own markers, free of the hinges of a linked leg: for angles against the foot.
    pub(crate) tibia: Matrix3<f64>,
    /// Columns anterior, up along knee to hip, right.
    pub(crate) thigh: Option<Matrix3<f64>>,
    pub(crate) foot: Option<Foot>,
}

/// One foot at one frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foot {
    pub(crate) heel: Point3,
    /// Second metatarsal head, or what stands nearest to it.
    pub(crate) forefoot: Point3,
    /// Tip of the toes, or an estimate of it.
    pub(crate) tip: Point3,
    /// Columns forward along the foot, up, right.
    pub(crate) frame: Matrix3<f64>,
    /// Whether the frame's tilt was measured by markers on both sides of the foot.
    pub(crate) tilt_measured: bool,
    /// The heel bone by its own markers: the standing foot's frame, carried along.
    pub(crate) rearfoot: Option<Matrix3<f64>>,
}

/// Heel to metatarsal heads over heel to toe tip (ANSUR II: ball-of-foot length 182 of 246 mm).
const FOREFOOT_SHARE: f64 = 0.74;

/// Both legs and the pelvis at every frame.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) legs: [Vec<Option<Leg>>; 2],
    /// Feet, also where the rest of the leg is not seen.
    pub(crate) feet: [Vec<Option<Foot>>; 2],
    pub(crate) pelvis: Vec<Option<Pelvis>>,
    /// How well clusters fitted, and how far thigh and shank disagree on the knee.
    pub(crate) fits: [Fit; 2],
}

/// Quality of the cluster fits of one leg.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fit {
    /// Root-mean-square residual of the shank's cluster, mm.
    pub(crate) shank_residual_mm: Option<f64>,
    /// Mean distance of the knee centers carried by thigh and by shank, mm.
    pub(crate) knee_disagreement_mm: Option<f64>,
    /// Root-mean-square distance of the leg's markers from the linked leg, mm.
    pub(crate) linked_residual_mm: Option<f64>,
}

/// Filtered marker paths by index of the recording; those that no role uses stay empty.
struct Paths(Vec<Vec<Option<Point3>>>);

impl Paths {
    fn at(&self, index: Option<usize>, frame: usize) -> Option<Point3> {
        self.0.get(index?)?.get(frame).copied().flatten()
    }
}

/// Follows both legs through a trial.
pub(crate) fn follow(
    input: &Input<'_>,
    clock: &Clock,
    settings: &Settings,
    findings: &mut Findings,
) -> Body {
    let Input { motion, standing, markers: set, height_m, .. } = *input;
    let resolved = set.resolve(motion);
    let paths = smooth_paths(motion, &resolved, clock, settings, findings);
    let subject = standing.map_or(&motion.subject, |standing| {
        if motion.subject.numbers.is_empty() { &standing.subject } else { &motion.subject }
    });
    let (rule, fallback) = HipRule::new(set.hip, subject, set.marker_radius_mm);
    if let (Some(why), HipRegression::Davis) = (fallback, set.hip) {
        findings.note(
            "trial",
            "trial-hip-regression",
            format!("The hip centers follow Harrington 2007, since {why}."),
        );
    }
    let pelvis: Vec<Option<Pelvis>> =
        (0..clock.frames).map(|frame| pelvis_at(&paths, &resolved, frame)).collect();
    let mut body = Body {
        legs: [Vec::new(), Vec::new()],
        feet: [Vec::new(), Vec::new()],
        pelvis,
        fits: [Fit::default(); 2],
    };
    let mut linked = linked_tracks(input, &resolved, &paths, clock, settings, findings);
    for side in Side::BOTH {
        let index = index_of(side);
        let markers = &resolved.sides[index];
        let method = match set.joint_centers {
            JointCenters::Midpoint => Method::Midpoint(
                standing.map(|standing| Box::new(Standing::new(standing, set, side))),
            ),
            JointCenters::Chord => {
                let widths = joint_widths(subject, side, height_m, findings);
                Method::Chord {
                    half_widths: widths.map(|width| 0.5 * width + set.marker_radius_mm),
                    torsion: tibial_torsion(subject, side, findings),
                }
            }
        };
        let linked = linked[index].take();
        let mut follower =
            Follower { side, markers, paths: &paths, method, linked, fits: FitSums::default() };
        for frame in 0..clock.frames {
            let hip = body.pelvis[frame].map(|pelvis| pelvis.hip(side, &rule));
            let leg = follower.leg(frame, hip);
            let foot = match leg {
                Some(leg) => leg.foot,
                None => follower.foot(frame, None),
            };
            body.legs[index].push(leg);
            body.feet[index].push(foot);
        }
        body.fits[index] = follower.fits.fit();
    }
    body
}

/// A leg that is linked in fewer frames than this share of those in which its clusters are seen is followed by them.
const LEAST_LINKED: f64 = 0.8;

/// Joints of both legs by global optimization, where it was asked for and the standing trial allows it.
fn linked_tracks(
    input: &Input<'_>,
    resolved: &Resolved,
    paths: &Paths,
    clock: &Clock,
    settings: &Settings,
    findings: &mut Findings,
) -> [Option<Vec<Option<LinkedJoints>>>; 2] {
    let wanted = settings.joints == JointTracking::Linked
        && input.markers.joint_centers == JointCenters::Midpoint;
    let body = input
        .standing
        .filter(|_| wanted)
        .and_then(|standing| standing::linked_body(standing, input.markers, resolved));
    let Some(body) = body else { return [None, None] };
    let tracks = body.follow(clock.frames, &|index, frame| paths.at(Some(index), frame));
    let mut said = Vec::new();
    let tracks = tracks.map(|track| {
        let residuals: Vec<f64> = track.iter().flatten().map(|joints| joints.residual_mm).collect();
        let enough = residuals.len() as f64 >= LEAST_LINKED * clock.frames as f64;
        enough.then(|| {
            said.push(residuals.iter().sum::<f64>() / residuals.len().max(1) as f64);
            track
        })
    });
    if !said.is_empty() {
        let residuals: Vec<String> = said.iter().map(|mm| format!("{mm:.0}")).collect();
        findings.note(
            "trial",
            "trial-linked",
            format!("Knee and ankle follow a jointed leg of constant lengths (hip a ball, knee and ankle hinges, foot rigid) fitted to all markers, which lie {} mm from it on average; `clusters` follows each segment by itself.", residuals.join(" and ")),
        );
    }
    tracks
}

fn smooth_paths(
    motion: &Motion,
    resolved: &Resolved,
    clock: &Clock,
    settings: &Settings,
    findings: &mut Findings,
) -> Paths {
    let longest = (settings.longest_gap_s * clock.rate_hz).round() as usize;
    let filter = LowPass::new(settings.cutoff_hz, clock.rate_hz);
    let mut used: Vec<usize> = resolved
        .sides
        .iter()
        .flat_map(|side| {
            let roles = Role::ALL.into_iter().filter_map(|role| side.get(role));
            let clusters = [&side.thigh, &side.shank, &side.foot, &side.rearfoot];
            roles.chain(clusters.into_iter().flatten().map(|(_, i)| *i))
        })
        .chain(resolved.sacrum)
        .collect();
    used.sort_unstable();
    used.dedup();
    let mut paths = vec![Vec::new(); motion.markers.len()];
    let mut filled = Vec::new();
    let mut left = Vec::new();
    for index in used {
        let marker = &motion.markers[index];
        let (path, gaps) = smooth_path(&marker.positions, longest, filter.as_ref());
        if gaps.filled > 0 {
            filled.push(format!("{} {}", marker.label, gaps.filled));
        }
        if gaps.left > 0 {
            left.push(format!("{} {}", marker.label, gaps.left));
        }
        paths[index] = path;
    }
    if !filled.is_empty() {
        findings.note(
            "trial",
            "trial-gaps-bridged",
            format!("Gaps of at most {:.2} s were bridged by a cubic spline (marker and frames of {}): {}.", settings.longest_gap_s, clock.frames, filled.join(", ")),
        );
    }
    if !left.is_empty() {
        findings.note(
            "trial",
            "trial-gaps-left",
            format!(
                "Frames without the marker, left empty (marker and frames of {}): {}.",
                clock.frames,
                left.join(", ")
            ),
        );
    }
    Paths(paths)
}

fn pelvis_at(paths: &Paths, resolved: &Resolved, frame: usize) -> Option<Pelvis> {
    let of = |side: usize, role| paths.at(resolved.sides[side].get(role), frame);
    let sacrum = match (of(0, Role::Psis), of(1, Role::Psis)) {
        (Some(left), Some(right)) => Some(center(&left, &right)),
        _ => paths.at(resolved.sacrum, frame),
    };
    Pelvis::new(of(0, Role::Asis)?, of(1, Role::Asis)?, sacrum?)
}

/// Widths of knee and ankle, mm: from the file, or from body height, which is said.
fn joint_widths(
    subject: &Subject,
    side: Side,
    height_m: Option<f64>,
    findings: &mut Findings,
) -> [f64; 2] {
    let letter = match side {
        Side::Left => "L",
        Side::Right => "R",
    };
    let height_mm = 1e3 * height_m.unwrap_or(ASSUMED_HEIGHT_M);
    [
        ("KneeWidth", KNEE_WIDTH_PER_HEIGHT, 60.0..180.0),
        ("AnkleWidth", ANKLE_WIDTH_PER_HEIGHT, 40.0..120.0),
    ]
    .map(|(name, share, range)| {
        let stated = number_of(subject, &format!("{letter}{name}"));
        if let Some(width) = stated.filter(|width| range.contains(width)) {
            return width;
        }
        let width = share * height_mm;
        let known = match height_m {
            Some(height) => format!("a body height of {height:.2} m"),
            None => format!("an assumed body height of {ASSUMED_HEIGHT_M:.2} m"),
        };
        findings.warn(
            "trial",
            "trial-joint-width-estimated",
            format!("The file has no {letter}{name} (mm); {width:.0} mm was estimated from {known}, which moves the joint's center by half its error."),
        );
        width
    })
}

/// External torsion of the tibia, rad, if the file states it; offsets of the wands are said, since they are not applied.
fn tibial_torsion(subject: &Subject, side: Side, findings: &mut Findings) -> Option<f64> {
    /// A turned wand below this is within the error of placing it, rad.
    const WAND_OFFSET_SAID: f64 = 0.03;
    let letter = match side {
        Side::Left => "L",
        Side::Right => "R",
    };
    for name in ["ThighRotation", "ShankRotation"] {
        let offset = number_of(subject, &format!("{letter}{name}")).unwrap_or(0.0);
        if offset.abs() > WAND_OFFSET_SAID {
            findings.warn(
                "trial",
                "trial-wand-offset",
                format!("The file states {letter}{name} of {:.1}° for a wand; it was not applied, the wand is believed as it stands.", offset.to_degrees()),
            );
        }
    }
    // Programs differ in the sign; the ankle's axis is turned outward in nearly everybody.
    number_of(subject, &format!("{letter}TibialTorsion")).map(f64::abs).filter(|t| *t < 1.0)
}

/// How the joint centers of one leg are found.
enum Method {
    /// From markers on both sides of the joint, seen or carried from the standing trial.
    Midpoint(Option<Box<Standing>>),
    /// From wands and widths, as Plug-in Gait.
    Chord {
        /// Half widths of knee and ankle with the marker's radius, mm.
        half_widths: [f64; 2],
        /// By how much the ankle's axis is turned outward against the knee's, rad, if the file states it.
        torsion: Option<f64>,
    },
}

#[derive(Default)]
struct FitSums {
    shank: (f64, usize),
    knee: (f64, usize),
    linked: (f64, usize),
}

impl FitSums {
    fn fit(&self) -> Fit {
        let mean = |(sum, count): (f64, usize)| (count > 0).then(|| sum / count as f64);
        Fit {
            shank_residual_mm: mean(self.shank).map(f64::sqrt),
            knee_disagreement_mm: mean(self.knee),
            linked_residual_mm: mean(self.linked).map(f64::sqrt),
        }
    }
}

struct Joints {
    knee: Point3,
    ankle: Point3,
    /// Sideways direction of the shank and of the thigh, toward the right.
    shank_right: Vector3,
    thigh_right: Vector3,
}

/// Follows one leg.
struct Follower<'a> {
    side: Side,
    markers: &'a ResolvedSide,
    paths: &'a Paths,
    method: Method,
    /// The linked leg at every frame, if it is followed that way.
    linked: Option<Vec<Option<LinkedJoints>>>,
    fits: FitSums,
}

impl Follower<'_> {
    fn at(&self, role: Role, frame: usize) -> Option<Point3> {
        self.paths.at(self.markers.get(role), frame)
    }

    fn leg(&mut self, frame: usize, hip: Option<Point3>) -> Option<Leg> {
        let joints = match self.method {
            Method::Midpoint(_) => self.midpoint(frame),
            Method::Chord { half_widths, torsion } => self.chord(frame, hip?, half_widths, torsion),
        }?;
        let tibia = frame_along(joints.knee - joints.ankle, joints.shank_right)?;
        let foot = self.foot(frame, Some(tibia.column(2).into()));
        if let Some(track) = &self.linked {
            let linked = track[frame]?;
            self.fits.linked.0 += linked.residual_mm * linked.residual_mm;
            self.fits.linked.1 += 1;
            return Some(Leg {
                knee: linked.knee,
                ankle: linked.ankle,
                shank: frame_along(linked.knee - linked.ankle, linked.right)?,
                tibia,
                thigh: frame_along(linked.hip - linked.knee, linked.right),
                foot,
            });
        }
        Some(Leg {
            knee: joints.knee,
            ankle: joints.ankle,
            shank: tibia,
            tibia,
            thigh: hip.and_then(|hip| frame_along(hip - joints.knee, joints.thigh_right)),
            foot,
        })
    }

    /// Joint centers midway between markers that are seen or carried by a cluster.
    fn midpoint(&mut self, frame: usize) -> Option<Joints> {
        let (mut shank_pose, mut thigh_pose) = (None, None);
        if let Method::Midpoint(Some(standing)) = &self.method {
            shank_pose = self.cluster(&standing.shank, &self.markers.shank, frame);
            thigh_pose = self.cluster(&standing.thigh, &self.markers.thigh, frame);
        }
        let carried = |pose: Option<(Pose, f64)>, lateral, medial| {
            let Method::Midpoint(Some(standing)) = &self.method else { return None };
            let (pose, _) = pose?;
            Some(Pair {
                lateral: pose.place(standing.get(lateral)?),
                medial: pose.place(standing.get(medial)?),
            })
        };
        let seen = |lateral, medial| {
            Some(Pair { lateral: self.at(lateral, frame)?, medial: self.at(medial, frame)? })
        };
        let ankle = carried(shank_pose, Role::AnkleLateral, Role::AnkleMedial)
            .or_else(|| seen(Role::AnkleLateral, Role::AnkleMedial))?;
        let by_shank = carried(shank_pose, Role::KneeLateral, Role::KneeMedial);
        let by_thigh = carried(thigh_pose, Role::KneeLateral, Role::KneeMedial);
        let by_eye = seen(Role::KneeLateral, Role::KneeMedial);
        let shank_knee = by_shank.or(by_eye).or(by_thigh)?;
        let thigh_knee = by_thigh.or(by_eye).unwrap_or(shank_knee);
        let knee = center(&shank_knee.middle(), &thigh_knee.middle());
        if let Some((_, residual)) = shank_pose {
            self.fits.shank.0 += residual * residual;
            self.fits.shank.1 += 1;
        }
        if let (Some(shank), Some(thigh)) = (by_shank, by_thigh) {
            self.fits.knee.0 += (shank.middle() - thigh.middle()).norm();
            self.fits.knee.1 += 1;
        }
        Some(Joints {
            knee,
            ankle: ankle.middle(),
            shank_right: shank_knee.right(self.side),
            thigh_right: thigh_knee.right(self.side),
        })
    }

    /// Where a cluster of the standing trial is now.
    fn cluster(
        &self,
        standing: &[(String, Point3)],
        markers: &[(String, usize)],
        frame: usize,
    ) -> Option<(Pose, f64)> {
        let (mut reference, mut now) = (Vec::with_capacity(6), Vec::with_capacity(6));
        for (label, index) in markers {
            let stood = standing.iter().find(|(other, _)| other == label);
            if let (Some((_, stood)), Some(seen)) = (stood, self.paths.at(Some(*index), frame)) {
                reference.push(*stood);
                now.push(seen);
            }
        }
        fit(&reference, &now).filter(|(_, residual)| *residual < LARGEST_CLUSTER_RESIDUAL_MM)
    }

    /// Joint centers of Plug-in Gait.
    ///
    /// The shank's sideways axis is the ankle's, turned back by the torsion that the file states (Plug-in Gait's
    /// untorsioned tibia); without one it is the knee's, since an unknown torsion of 20 to 30° would turn a flexion
    /// moment into one of adduction.
    fn chord(
        &self,
        frame: usize,
        hip: Point3,
        half_widths: [f64; 2],
        torsion: Option<f64>,
    ) -> Option<Joints> {
        let wand = |cluster: &[(String, usize)]| {
            self.paths.at(cluster.first().map(|(_, index)| *index), frame)
        };
        let lateral_knee = self.at(Role::KneeLateral, frame)?;
        let lateral_ankle = self.at(Role::AnkleLateral, frame)?;
        let knee = chord(hip, lateral_knee, wand(&self.markers.thigh)?, half_widths[0])?;
        let ankle = chord(knee, lateral_ankle, wand(&self.markers.shank)?, half_widths[1])?;
        let right = |lateral: Point3, middle: Point3| match self.side {
            Side::Left => middle - lateral,
            Side::Right => lateral - middle,
        };
        let thigh_right = right(lateral_knee, knee);
        let shank_right = match torsion {
            Some(torsion) => {
                // Outward is clockwise from above on the right, so back is the other way.
                let back = match self.side {
                    Side::Left => -torsion,
                    Side::Right => torsion,
                };
                let long = Unit::new_normalize(knee - ankle);
                Rotation3::from_axis_angle(&long, back) * right(lateral_ankle, ankle)
            }
            None => thigh_right,
        };
        Some(Joints { knee, ankle, shank_right, thigh_right })
    }

    fn foot(&self, frame: usize, shank_right: Option<Vector3>) -> Option<Foot> {
        let heel = self.at(Role::Heel, frame)?;
        let first = self.at(Role::FirstMetatarsal, frame);
        let fifth = self.at(Role::FifthMetatarsal, frame);
        let toe = self.at(Role::Toe, frame);
        let across = match (first, fifth, self.side) {
            (Some(first), Some(fifth), Side::Right) => Some(fifth - first),
            (Some(first), Some(fifth), Side::Left) => Some(first - fifth),
            _ => None,
        };
        let heads = first.zip(fifth).map(|(first, fifth)| center(&first, &fifth));
        let forefoot = self.at(Role::SecondMetatarsal, frame).or(heads).or(toe)?;
        let marked_tip =
            toe.filter(|_| self.markers.get(Role::SecondMetatarsal).is_some() || heads.is_some());
        let tip = marked_tip.unwrap_or_else(|| heel + (forefoot - heel) / FOREFOOT_SHARE);
        let rearfoot = match &self.method {
            Method::Midpoint(Some(standing)) => self
                .cluster(&standing.rearfoot, &self.markers.rearfoot, frame)
                .zip(standing.foot)
                .map(|((pose, _), foot)| pose.turn * foot),
            _ => None,
        };
        Some(Foot {
            heel,
            forefoot,
            tip,
            frame: foot_frame(forefoot - heel, across.or(shank_right)?)?,
            tilt_measured: across.is_some() || rearfoot.is_some(),
            rearfoot,
        })
    }
}

/// Columns forward, up, and right, the last as near to `right` as it can be.
pub(crate) fn foot_frame(forward: Vector3, right: Vector3) -> Option<Matrix3<f64>> {
    let forward = forward.try_normalize(1e-6)?;
    let up = right.cross(&forward).try_normalize(1e-6)?;
    Some(Matrix3::from_columns(&[forward, up, forward.cross(&up)]))
}

/// The point at `half_width` from `lateral` that sees `proximal` and `lateral` under a right angle, in their plane with
/// `wand`, on the far side from the wand (Davis 1991; Plug-in Gait's chord function).
///
/// `None` if the three lie on a line or the joint is wider than the segment is long.
fn chord(proximal: Point3, lateral: Point3, wand: Point3, half_width: f64) -> Option<Point3> {
    let along = proximal - lateral;
    let cosine = half_width / along.norm();
    if cosine.is_nan() || cosine >= 1.0 {
        return None;
    }
    let along = along.normalize();
    let to_wand = wand - lateral;
    let outward = (to_wand - along * to_wand.dot(&along)).try_normalize(1e-6)?;
    Some(lateral + (along * cosine - outward * (1.0 - cosine * cosine).sqrt()) * half_width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chord_sees_the_segment_under_a_right_angle() {
        let (hip, lateral) = (Point3::new(0.0, 900.0, 80.0), Point3::new(10.0, 480.0, 130.0));
        let wand = Point3::new(20.0, 700.0, 180.0);
        let knee = chord(hip, lateral, wand, 58.0).unwrap();
        assert!(((knee - lateral).norm() - 58.0).abs() < 1e-9);
        assert!((hip - knee).dot(&(lateral - knee)).abs() < 1e-6);
        assert!(knee.z < lateral.z, "{knee} is medial");
        assert!(chord(hip, lateral, center(&hip, &lateral), 58.0).is_none());
        assert!(chord(hip, lateral, wand, 600.0).is_none());
    }
}
