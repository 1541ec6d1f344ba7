//! Trials of known answer, and changes of the laboratory that must not change it.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod walker;

use geometry::{Point3, Vector3};
use nalgebra::{Matrix3, Rotation3};
use recording::{Motion, Wrench};
use trial::{
    Analysis, Channel, Curves, INSTANTS, Input, Measure, MomentFrame, Rejection, Settings, analyze,
    choose_marker_set,
};
use vocabulary::{Findings, Side};

const STEPS: [(Side, i32); 3] = [(Side::Right, 1), (Side::Left, 1), (Side::Right, 2)];

fn trial_with(motion: &Motion, settings: &Settings) -> (Analysis, Findings) {
    let mut findings = Findings::new();
    let markers = walker::marker_set();
    let input = Input { motion, standing: None, markers: &markers, mass_kg: None, height_m: None };
    let analysis = analyze(&input, settings, &mut findings).unwrap();
    (analysis, findings)
}

fn trial(motion: &Motion) -> Analysis {
    trial_with(motion, &Settings::default()).0
}

fn known() -> Motion {
    walker::walk(5.0, 200.0, 1000.0, &STEPS)
}

#[track_caller]
fn check_same(a: &Curves, b: &Curves, tolerance: f64) {
    for channel in Channel::ALL {
        for (instant, (a, b)) in a.get(*channel).iter().zip(b.get(*channel)).enumerate() {
            match (a, b) {
                (Some(a), Some(b)) => {
                    assert!((a - b).abs() < tolerance, "{channel:?} at {instant}: {a} and {b}");
                }
                (None, None) => {}
                _ => panic!("{channel:?} at {instant}: {a:?} and {b:?}"),
            }
        }
    }
}

/// The moment of the known force about the known knee, in the known tibia, at 10 to 90 % of stance.
#[test]
fn the_lever_arm_moment_is_that_of_the_known_force() {
    let settings = Settings { cutoff_hz: 25.0, ..Settings::default() };
    let (analysis, _) = trial_with(&known(), &settings);
    let used: Vec<_> = analysis.stances.iter().filter(|stance| stance.used).collect();
    assert_eq!(
        used.len(),
        3,
        "{:?}",
        analysis.stances.iter().map(|s| &s.reason).collect::<Vec<_>>()
    );
    for stance in used {
        let side = stance.side.unwrap();
        let curves = stance.curves.as_ref().unwrap();
        for instant in 10..=90 {
            let time = stance.start_s + 0.01 * f64::from(instant) * (stance.end_s - stance.start_s);
            let leg = walker::leg(side, time);
            let (force, place, free) = walker::ground(side, time).unwrap();
            let moment = Wrench::at_point(force, place, free).moment_about(leg.knee);
            let up = (leg.knee - leg.ankle).normalize();
            let anterior = up.cross(&-Vector3::y()).normalize();
            let right = anterior.cross(&up);
            let sign = -walker::lateral(side);
            let expected = [sign * moment.dot(&anterior), -moment.dot(&right)];
            let channels = [Channel::KneeAdductionLever, Channel::KneeFlexionLever];
            for (channel, expected) in channels.into_iter().zip(expected) {
                let made = curves.get(channel)[instant as usize].unwrap();
                assert!((made - expected).abs() < 0.4, "{channel:?} {instant}: {made} {expected}");
            }
            let cop = curves.get(Channel::CopLateral)[instant as usize].unwrap();
            assert!((cop - 4.0).abs() < 0.5, "center of pressure {cop} mm lateral");
        }
        // The ends of the force are cut at 20 N: 0.43 % of stance on each side.
        assert!((stance.start_s - stance.end_s + 0.66).abs() < 0.02);
    }
}

#[test]
fn times_and_lengths_of_the_walk_are_known() {
    let analysis = trial(&known());
    assert!((analysis.walk.speed_m_per_s.unwrap() - 0.9).abs() < 0.01);
    assert!((analysis.walk.cadence_steps_per_min.unwrap() - 109.1).abs() < 0.5);
    assert!((analysis.walk.stride_length_m.unwrap() - 0.99).abs() < 0.02);
    // Each foot is down for 60 % of the stride, so both are down for 20 %.
    assert!((analysis.walk.double_support_pct.unwrap() - 20.0).abs() < 2.0);
    assert!(!analysis.walk.running);
    let left = analysis.side(Side::Left).unwrap();
    assert!((left.mean.get(Measure::StepLength).unwrap() - 0.495).abs() < 0.01);
    assert!((left.mean.get(Measure::StepWidth).unwrap() - 0.12).abs() < 1e-3);
    assert!(left.mean.get(Measure::FootProgression).unwrap().abs() < 0.1);
    assert_eq!(analysis.side(Side::Right).unwrap().strides, 2);
    assert!(analysis.asymmetries.is_empty(), "{:?}", analysis.asymmetries);
}

#[test]
fn a_turned_shifted_or_tipped_laboratory_changes_nothing() {
    let first = trial(&known());
    let quarter = std::f64::consts::FRAC_PI_2;
    for (turn, shift) in [
        (Rotation3::from_axis_angle(&Vector3::z_axis(), 0.7), Vector3::new(3000.0, -900.0, 0.0)),
        // y up, as in OpenSim.
        (Rotation3::from_axis_angle(&Vector3::x_axis(), -quarter), Vector3::zeros()),
        (Rotation3::from_euler_angles(quarter, 0.0, quarter), Vector3::zeros()),
    ] {
        let other = trial(&walker::moved(&known(), turn, shift));
        assert_eq!(first.stances.len(), other.stances.len());
        for (a, b) in first.stances.iter().zip(&other.stances) {
            assert_eq!(a.side, b.side);
            check_same(a.curves.as_ref().unwrap(), b.curves.as_ref().unwrap(), 1e-6);
        }
    }
}

/// The walker is the same on both sides, so the left stance equals the right one half a stride earlier.
#[test]
fn left_and_right_follow_one_rule() {
    let frames = MomentFrame::ALL.map(|frame| Settings { frame, ..Settings::default() });
    for settings in frames {
        let (analysis, _) = trial_with(&known(), &settings);
        let [left, right] = [Side::Left, Side::Right].map(|side| analysis.side(side).unwrap());
        check_same(&left.mean_curves, &right.mean_curves, 0.05);
        let adducts = left.mean_curves.get(Channel::KneeAdduction)[25].unwrap();
        assert!(adducts > 10.0, "{:?}: {adducts} Nm", settings.frame);
    }
}

/// Labels of a left-handed laboratory: the mirror image with the labels as they are.
#[test]
fn a_mirrored_laboratory_is_recognized() {
    let mut image = known();
    let flip = Matrix3::from_diagonal(&Vector3::new(1.0, -1.0, 1.0));
    for marker in &mut image.markers {
        marker.positions.iter_mut().flatten().for_each(|p| *p = Point3::from(flip * p.coords));
    }
    for plate in &mut image.plates {
        plate.corners = plate.corners.map(|corners| corners.map(|p| Point3::from(flip * p.coords)));
        for wrench in &mut plate.wrenches {
            *wrench = Wrench { force: flip * wrench.force, moment: -(flip * wrench.moment) };
        }
    }
    let (mirrored, findings) = trial_with(&image, &Settings::default());
    assert!(findings.has("trial-mirrored"));
    for (a, b) in trial(&known()).stances.iter().zip(&mirrored.stances) {
        assert_eq!(a.side, b.side);
        check_same(a.curves.as_ref().unwrap(), b.curves.as_ref().unwrap(), 1e-6);
    }
}

#[test]
fn same_input_same_bytes() {
    assert_eq!(trial(&known()), trial(&known()));
}

#[track_caller]
fn check_rejected(motion: &Motion, place: usize, is_expected: fn(&Rejection) -> bool) {
    let analysis = trial(motion);
    let stance = &analysis.stances[place];
    assert!(!stance.used && stance.curves.is_none());
    assert!(stance.rejection.as_ref().is_some_and(is_expected), "{:?}", stance.reason);
}

#[test]
fn a_foot_over_the_edge_is_a_partial_hit() {
    for (shift, part) in [(200.0, "heel"), (-300.0, "forefoot")] {
        let mut motion = known();
        motion.plates[1].corners = motion.plates[1]
            .corners
            .map(|corners| corners.map(|corner| corner + Vector3::new(shift, 0.0, 0.0)));
        check_rejected(&motion, 1, |r| matches!(r, Rejection::Partial { .. }));
        let reason = trial(&motion).stances[1].reason.clone().unwrap();
        assert!(reason.contains(part) && reason.contains("mm beyond"), "{reason}");
    }
}

#[test]
fn two_feet_on_one_plate_are_told_by_force_and_by_markers() {
    // One plate carries the right and the left step after it.
    let mut motion = known();
    let left = motion.plates.remove(1);
    for (wrench, other) in motion.plates[0].wrenches.iter_mut().zip(&left.wrenches) {
        wrench.force += other.force;
        wrench.moment += other.moment;
    }
    for corners in [motion.plates[0].corners, None] {
        motion.plates[0].corners = corners;
        check_rejected(&motion, 0, |r| matches!(r, Rejection::TwoFeet { .. }));
    }
}

#[test]
fn one_foot_on_two_plates_is_a_crossing() {
    let mut motion = known();
    let mut second = motion.plates[1].clone();
    second.name = "plate 4".to_owned();
    for wrench in motion.plates[1].wrenches.iter_mut().chain(&mut second.wrenches) {
        wrench.force *= 0.5;
        wrench.moment *= 0.5;
    }
    motion.plates.push(second);
    check_rejected(&motion, 1, |r| matches!(r, Rejection::TwoPlates { .. }));
}

#[test]
fn a_recording_that_cuts_a_stance_says_so() {
    let mut motion = known();
    for plate in &mut motion.plates {
        // The right step at 1.1 s has begun, the one at 2.2 s has not ended.
        plate.start_s = 1.3;
        plate.wrenches = plate.wrenches[1300..2500].to_vec();
    }
    check_rejected(&motion, 0, |r| *r == Rejection::StartsBefore);
    check_rejected(&motion, 2, |r| *r == Rejection::EndsAfter);
    assert!(trial(&motion).stances[1].used);
}

#[test]
fn a_long_gap_rejects_the_stance_and_a_short_one_hardly_matters() {
    let whole = trial(&known());
    let holed = |frames: std::ops::Range<usize>| {
        let mut motion = known();
        let marker = motion.markers.iter_mut().find(|marker| marker.label == "RKM").unwrap();
        marker.positions[frames].fill(None);
        motion
    };
    check_rejected(&holed(270..310), 0, |r| matches!(r, Rejection::MarkersMissing { .. }));
    let bridged = trial(&holed(280..295));
    let [a, b] = [&whole, &bridged].map(|analysis| analysis.stances[0].curves.clone().unwrap());
    for instant in 0..INSTANTS {
        let [a, b] =
            [&a, &b].map(|curves| curves.get(Channel::KneeAdductionLever)[instant].unwrap());
        assert!((a - b).abs() < 0.5, "{instant}: {a} {b}");
    }
}

#[test]
fn no_center_of_pressure_without_force() {
    let analysis = trial(&known());
    let curves = analysis.stances[0].curves.as_ref().unwrap();
    for instant in 0..INSTANTS {
        let force = curves.get(Channel::ForceVertical)[instant].unwrap();
        let place = curves.get(Channel::CopAnterior)[instant];
        assert!(place.is_none() || force > 45.0, "{force} N at {instant} %");
        if let Some(place) = place {
            assert!((-20.0..230.0).contains(&place), "{place} mm at {instant} %");
        }
    }
}

/// Three markers on the heel bone, which is 6° more everted in the walk than in standing.
#[test]
fn rearfoot_eversion_is_that_of_the_heel_bone() {
    let mut markers = walker::marker_set();
    markers.rearfoot = ["{s}H1", "{s}H2", "{s}H3"].map(str::to_owned).to_vec();
    let with_heel = |motion: &mut Motion, everted_deg: f64| {
        for (side, letter) in [(Side::Left, "L"), (Side::Right, "R")] {
            // Eversion tips the top of the right heel bone inward: about x, which points forward.
            let angle = walker::lateral(side) * everted_deg.to_radians();
            let turn = Rotation3::from_axis_angle(&Vector3::x_axis(), angle);
            let heel = format!("{letter}HE");
            let path = motion.markers.iter().find(|m| m.label == heel).unwrap().positions.clone();
            for (i, offset) in
                [[0.0, 20.0, 10.0], [0.0, -20.0, 15.0], [30.0, 0.0, 25.0]].iter().enumerate()
            {
                let offset = turn * Vector3::from(*offset);
                let positions = path.iter().map(|p| p.map(|p| p + offset)).collect();
                motion
                    .markers
                    .push(recording::Marker { label: format!("{letter}H{}", i + 1), positions });
            }
        }
    };
    let mut standing = known();
    for marker in &mut standing.markers {
        // Both feet are flat at 1.15 s.
        marker.positions = vec![marker.positions[230]; 50];
    }
    standing.plates.clear();
    with_heel(&mut standing, 0.0);
    let curves = [0.0, 6.0].map(|everted_deg| {
        let mut motion = known();
        with_heel(&mut motion, everted_deg);
        let input = Input {
            motion: &motion,
            standing: Some(&standing),
            markers: &markers,
            mass_kg: None,
            height_m: None,
        };
        let analysis = analyze(&input, &Settings::default(), &mut Findings::new()).unwrap();
        analysis.stances.iter().map(|stance| stance.curves.clone().unwrap()).collect::<Vec<_>>()
    });
    for (neutral, everted) in curves[0].iter().zip(&curves[1]) {
        for instant in 0..INSTANTS {
            let [a, b] = [neutral, everted].map(|c| c.get(Channel::FootEversion)[instant].unwrap());
            // The shank itself tips sideways by a degree while the hip passes over the foot.
            assert!(a.abs() < 1.0, "{a}° at {instant} %");
            assert!((b - a - 6.0).abs() < 0.1, "{a}° and {b}° at {instant} %");
        }
    }
}

#[test]
fn missing_markers_are_named() {
    let mut motion = known();
    motion.markers.retain(|marker| marker.label != "LKM");
    let sets = [walker::marker_set()];
    let mut findings = Findings::new();
    for named in [None, Some("walker")] {
        let error = choose_marker_set(&sets, named, &motion, None, &mut findings).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("left knee_medial (LKM)"), "{message}");
    }
    // An optional one only costs what needs it.
    let mut motion = known();
    motion.markers.retain(|marker| !marker.label.ends_with("PSI"));
    let analysis = trial(&motion);
    assert!(analysis.stances.iter().all(|stance| stance.used));
    assert!(analysis.stances[0].numbers.get(Measure::KamPeak1).is_some());
    assert!(analysis.stances[0].numbers.get(Measure::KneeFlexionPeak).is_none());
}

#[test]
fn a_mass_that_nobody_gave_is_inferred_and_said() {
    let mut motion = known();
    motion.subject.mass_kg = None;
    let (analysis, findings) = trial_with(&motion, &Settings::default());
    assert!(findings.has("trial-mass-inferred"));
    // Two stances of 930 N (2/π + 0.25·2/3π) for 0.66 s in 1.1 s.
    let mean = 930.0 * (2.0 + 0.5 / 3.0) / std::f64::consts::PI;
    let expected = 2.0 * mean * 0.66 / 1.1 / 9.806_65;
    assert!((analysis.mass_kg.unwrap() / expected - 1.0).abs() < 0.01, "{:?}", analysis.mass_kg);
}
