//! Real trials, read where they stand; tests skip and say so where they do not.

use std::path::Path;

use geometry::{Point3, Vector3};
use recording::{Motion, MotionLimits, join_motions, read_motion};
use vocabulary::Findings;

#[allow(clippy::print_stderr, reason = "a skipped test must say so")]
fn bytes(file: &str) -> Option<Vec<u8>> {
    let path =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/gait")).join(file);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    bytes
}

fn read(file: &str) -> Option<(Motion, Findings)> {
    let mut findings = Findings::new();
    let motion = read_motion(file, &bytes(file)?, &MotionLimits::default(), &mut findings);
    Some((motion.unwrap_or_else(|error| panic!("{file}: {error}")), findings))
}

/// Center of pressure on a level, mm.
fn center_of_pressure(wrench: &recording::Wrench, up: usize, level: f64) -> Point3 {
    let mut origin = Point3::origin();
    origin[up] = level;
    let moment = wrench.moment_about(origin);
    let axis = Vector3::ith(up, 1.0);
    Point3::from(axis.cross(&moment) / wrench.force[up] * 1e3 + origin.coords)
}

#[test]
fn opensim_markers_and_forces() {
    let Some((markers, _)) = read("gait2392/subject01_walk1.trc") else { return };
    let Some((forces, findings)) = read("gait2392/subject01_walk1_grf.mot") else { return };
    assert_eq!((markers.frames(), markers.markers.len(), markers.rate_hz), (151, 41, 60.0));
    assert_eq!(markers.up, Vector3::y());
    assert_eq!(
        markers.find_marker("R.ASIS").unwrap().positions[0],
        Some(Point3::new(617.247_62, 1_055.275_02, 170.781_98))
    );
    assert_eq!((forces.plates.len(), forces.plates[0].rate_hz), (2, 600.0));
    assert!(forces.curves.is_empty() && !findings.has("no-free-torque"));

    let mut findings = Findings::new();
    let parts = vec![("walk.trc".to_owned(), markers), ("grf.mot".to_owned(), forces)];
    let trial = join_motions(parts, &mut findings).unwrap();
    assert_eq!((trial.frames(), trial.plates.len(), trial.up), (151, 2, Vector3::y()));
    let first = trial.plates[0].wrenches[0];
    assert_eq!(first.force, Vector3::new(101.511_976_7, 745.466_114_2, -47.448_705_54));
    let cop = center_of_pressure(&first, 1, -7.5);
    assert!((cop - Point3::new(378.982_85, -7.5, 127.746_52)).norm() < 1e-6, "{cop}");
}

#[test]
fn opensim_tables_of_a_c3d_file() {
    let Some((motion, findings)) = read("opensim-c3d/std_cop_walking2_grfs.sto") else { return };
    assert_eq!((motion.plates.len(), motion.plates[0].wrenches.len()), (2, 101));
    assert_eq!(motion.up, Vector3::z());
    assert!((motion.plates[0].rate_hz - 20.0).abs() < 0.05);
    assert!(findings.has("plate-units"));
    // The same numbers about the plates' centers.
    let Some((about_center, _)) = read("opensim-c3d/std_walking2_grfs.sto") else { return };
    let pairs = motion.plates.iter().zip(&about_center.plates);
    for (at_cop, at_center) in pairs.flat_map(|(a, b)| a.wrenches.iter().zip(&b.wrenches)) {
        assert!((at_cop.force - at_center.force).norm() < 1e-6);
        assert!((at_cop.moment - at_center.moment).norm() < 1e-3, "{at_cop:?} {at_center:?}");
    }
    let Some((markers, findings)) = read("opensim-c3d/std_walking2_markers.trc") else { return };
    assert_eq!((markers.markers.len(), markers.markers[0].label.as_str()), (44, "RTH1"));
    assert!((markers.rate_hz - 25.0).abs() < 1e-9, "{}", markers.rate_hz);
    assert!(findings.has("rate-not-as-promised"));
}

/// OpenSim's own reading of the same C3D file, every 25th frame or 100th sample of it, with 8 digits after the point.
#[test]
fn c3d_equals_what_opensim_reads() {
    let Some((trial, _)) = read("opensim-c3d/walking2.c3d") else { return };
    let Some((forces, _)) = read("opensim-c3d/std_cop_walking2_grfs.sto") else { return };
    let Some((markers, _)) = read("opensim-c3d/std_walking2_markers.trc") else { return };
    assert_eq!((trial.rate_hz, trial.frames(), trial.start_s), (250.0, 1249, 0.0));
    let mut seen = 0;
    for (mine, theirs) in trial.markers.iter().zip(&markers.markers) {
        assert_eq!(mine.label, theirs.label);
        for (frame, position) in theirs.positions.iter().enumerate() {
            match (mine.positions.get(10 * frame), position) {
                (Some(Some(mine)), Some(theirs)) => {
                    seen += 1;
                    // The table has five digits of every number, rounded from four decimals.
                    for (mine, theirs) in mine.iter().zip(theirs.iter()) {
                        let half_digit =
                            6e-5 + 0.5 * 10_f64.powf(theirs.abs().log10().floor() - 4.0);
                        assert!((mine - theirs).abs() <= half_digit, "{frame}: {mine} {theirs}");
                    }
                }
                // The table goes on for a row of gaps behind the last frame.
                (mine, theirs) => assert_eq!(mine.unwrap_or(&None), theirs, "frame {frame}"),
            }
        }
    }
    assert!(seen > 2500, "{seen}");
    let mut loaded = 0;
    for (mine, theirs) in trial.plates.iter().zip(&forces.plates) {
        assert_eq!(mine.rate_hz, 2000.0);
        for (row, theirs) in theirs.wrenches.iter().enumerate() {
            let Some(mine) = mine.wrenches.get(100 * row) else { continue };
            assert!((mine.force - theirs.force).norm() < 1e-3, "{row}: {mine:?} {theirs:?}");
            assert!((mine.moment - theirs.moment).norm() < 1e-3, "{row}: {mine:?} {theirs:?}");
            if theirs.force.z > 50.0 {
                loaded += 1;
                let at = [mine, theirs].map(|wrench| center_of_pressure(wrench, 2, 0.0));
                assert!((at[0] - at[1]).norm() < 0.01, "{row}: {at:?}");
            }
        }
    }
    assert!(loaded > 15, "{loaded}");
}

#[test]
fn c3d_of_plug_in_gait() {
    let Some((trial, findings)) = read("btk-pig/PiG_Motion3_FF.c3d") else { return };
    assert_eq!((trial.rate_hz, trial.frames(), trial.start_s), (100.0, 293, 7.24));
    assert_eq!((trial.subject.mass_kg, trial.subject.height_m), (Some(74.0), Some(1.76)));
    let knee_width = trial.subject.numbers.iter().find(|(name, _)| name == "LKneeWidth");
    assert_eq!(knee_width.map(|(_, width)| *width), Some(102.0));
    assert_eq!((trial.plates.len(), trial.plates[0].rate_hz), (3, 1000.0));
    assert_eq!(trial.events.len(), 12);
    assert_eq!(trial.events[0].side, Some(vocabulary::Side::Right));
    assert_eq!(trial.events[0].kind, recording::EventKind::FootStrike);
    let knee = trial.find_curve("LKneeMoment").unwrap();
    assert_eq!((knee.unit.as_str(), knee.values.len()), ("Nmm", 293));
    assert!(trial.find_marker("LKneeMoment").is_none() && trial.find_marker("LASI").is_some());
    assert!(!findings.has("no-body-size"));
    let Some((trial, findings)) = read("btk-pig/PlugInC3D.c3d") else { return };
    assert!(findings.has("no-body-size") && trial.subject.mass_kg.is_none());
    assert_eq!(trial.plates[0].unloaded, Some(0..200));
    assert!(trial.find_curve("LKneeAngles").is_some_and(|knee| knee.unit == "deg"));
    let Some((trial, findings)) = read("bmclab/Gait.c3d") else { return };
    assert!(findings.has("repeated-labels"));
    assert_eq!((trial.markers.len(), trial.plates.len()), (33, 2));
}

#[test]
fn cortex_markers_and_forces() {
    let Some((markers, _)) = read("bmclab/walk1.trc") else { return };
    let Some((forces, _)) = read("bmclab/walk1.forces") else { return };
    assert_eq!((markers.frames(), markers.markers.len(), markers.rate_hz), (364, 28, 150.0));
    assert_eq!((forces.plates.len(), forces.plates[0].wrenches.len()), (7, 1092));
    assert_eq!((markers.up, forces.up), (Vector3::y(), Vector3::y()));
}

#[test]
fn generalized_forces_are_curves() {
    let Some((motion, _)) = read("gait2392/id_opensim46.sto") else { return };
    assert!(motion.plates.is_empty());
    let knee = motion.find_curve("knee_angle_r_moment").unwrap();
    assert_eq!((knee.unit.as_str(), knee.values.len(), knee.rate_hz), ("Nm", 73, 60.0));
}
