//! C3D files of known content: every variant of the format gives the same trial, and damage is refused or said.

use geometry::{Point3, Vector3};
use recording::sample::{Processor, SampleC3d, Values};
use recording::{EventKind, Motion, MotionError, MotionLimits, Wrench, read_motion};
use vocabulary::{Findings, Side};

fn read(sample: &SampleC3d) -> (Result<Motion, MotionError>, Findings) {
    read_bytes(&sample.bytes())
}

fn read_bytes(bytes: &[u8]) -> (Result<Motion, MotionError>, Findings) {
    let mut findings = Findings::new();
    let motion = read_motion("walk.c3d", bytes, &MotionLimits::default(), &mut findings);
    (motion, findings)
}

fn text(words: &[&str]) -> Values {
    Values::Texts(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Largest difference of markers (mm), forces (N) and moments (Nm); visibility must agree.
fn difference(a: &Motion, b: &Motion) -> [f64; 3] {
    assert_eq!(
        (a.frames(), a.markers.len(), a.plates.len()),
        (b.frames(), b.markers.len(), b.plates.len())
    );
    let mut worst = [0.0_f64; 3];
    for (a, b) in a.markers.iter().zip(&b.markers) {
        assert_eq!(a.label, b.label);
        for (a, b) in a.positions.iter().zip(&b.positions) {
            assert_eq!(a.is_some(), b.is_some());
            if let (Some(a), Some(b)) = (a, b) {
                worst[0] = worst[0].max((a - b).norm());
            }
        }
    }
    for (a, b) in a.plates.iter().zip(&b.plates) {
        assert_eq!(a.wrenches.len(), b.wrenches.len());
        for (a, b) in a.wrenches.iter().zip(&b.wrenches) {
            worst[1] = worst[1].max((a.force - b.force).norm());
            worst[2] = worst[2].max((a.moment - b.moment).norm());
        }
    }
    worst
}

#[test]
fn every_processor_and_number_gives_the_same_trial() {
    let mut sample = SampleC3d::walk(9, 0.5);
    let expected = read(&sample).0.unwrap();
    assert_eq!(
        (expected.rate_hz, expected.frames(), expected.plates[0].rate_hz),
        (200.0, 100, 2000.0)
    );
    assert_eq!(expected.markers[6].positions[1], None);
    assert_eq!(expected.up, Vector3::z());
    for processor in Processor::ALL {
        for integer_scale in [None, Some(0.05)] {
            sample.processor = processor;
            sample.integer_scale = integer_scale;
            let worst = difference(&read(&sample).0.unwrap(), &expected);
            // Half a step of an integer in each of three components; forces act on an arm of 0.5 m.
            let limit =
                if integer_scale.is_some() { [0.05, 0.05, 0.03] } else { [1e-4, 1e-3, 1e-4] };
            for (worst, limit) in worst.iter().zip(limit) {
                assert!(*worst <= limit, "{processor:?} {integer_scale:?}: {worst} {limit}");
            }
        }
    }
}

#[test]
fn unsigned_and_signed_integers_with_offsets() {
    let mut sample = SampleC3d::walk(4, 0.1);
    sample.integer_scale = Some(0.05);
    let expected = read(&sample).0.unwrap();
    for (format, offset) in [("SIGNED", 2048), ("UNSIGNED", i16::MIN), ("UNSIGNED", 0x7fff)] {
        for channel in &mut sample.channels {
            channel.offset = offset;
        }
        sample.set("ANALOG", "FORMAT", text(&[format]));
        let worst = difference(&read(&sample).0.unwrap(), &expected);
        assert!(worst[1] < 0.1 && worst[2] < 0.05, "{format} {offset}: {worst:?}");
    }
}

#[test]
fn general_scale_multiplies() {
    let mut sample = SampleC3d::walk(4, 0.1);
    let expected = read(&sample).0.unwrap();
    sample.set("ANALOG", "GEN_SCALE", Values::Floats(vec![], vec![2.0]));
    let doubled = read(&sample).0.unwrap();
    for (one, two) in expected.plates[0].wrenches.iter().zip(&doubled.plates[0].wrenches) {
        assert!((one.force * 2.0 - two.force).norm() < 1e-9);
    }
}

#[test]
fn more_than_255_points() {
    let sample = SampleC3d::walk(600, 0.02);
    let motion = read(&sample).0.unwrap();
    assert_eq!(motion.markers.len(), 600);
    assert_eq!(motion.markers[599].label, "M599");
}

#[test]
fn long_trials_count_beyond_16_bits() {
    let mut sample = SampleC3d::walk(1, 400.0);
    sample.channels.clear();
    assert_eq!(sample.frames(), 80_000);
    sample.set("TRIAL", "ACTUAL_START_FIELD", Values::Integers(vec![2], vec![1, 0]));
    let end = [(80_000_u32 & 0xffff) as u16 as i16, 1];
    sample.set("TRIAL", "ACTUAL_END_FIELD", Values::Integers(vec![2], end.to_vec()));
    assert_eq!(read(&sample).0.unwrap().frames(), 80_000);
    sample.parameters.retain(|(group, _, _)| group != "TRIAL");
    sample.set("POINT", "LONG_FRAMES", Values::Floats(vec![], vec![80_000.0]));
    assert_eq!(read(&sample).0.unwrap().frames(), 80_000);
}

#[test]
fn prefixes_duplicates_and_results() {
    let mut sample = SampleC3d::walk(6, 0.1);
    for (point, label) in sample.points.iter_mut().zip([
        "Anna:RHEE",
        "Anna:LHEE",
        "RASI",
        "RASI",
        "LKneeMoment",
        "Own",
    ]) {
        point.label = label.to_owned();
    }
    sample.set("POINT", "MOMENT_UNITS", text(&["Nmm"]));
    sample.set("POINT", "SCALARS", text(&["Own"]));
    let (motion, findings) = read(&sample);
    let motion = motion.unwrap();
    let labels: Vec<&str> = motion.markers.iter().map(|marker| marker.label.as_str()).collect();
    assert_eq!(labels, ["RHEE", "LHEE", "RASI", "RASI"]);
    assert!(findings.has("repeated-labels"));
    let curves: Vec<(&str, &str)> =
        motion.curves.iter().map(|curve| (curve.label.as_str(), curve.unit.as_str())).collect();
    assert_eq!(curves, [("LKneeMoment", "Nmm"), ("Own", "")]);
}

/// The same press of a foot, as each type of plate writes it.
#[test]
fn plates_of_every_type() {
    // Corner 1 is at +x +y of the plate: here plate x is laboratory -y, plate y laboratory -x, z into the floor. Raised by 150 mm.
    let corners = [[0.0, 0.0], [0.0, 400.0], [600.0, 400.0], [600.0, 0.0]];
    let corners: Vec<f32> = corners.iter().flat_map(|[x, y]| [*x, *y, 150.0]).collect();
    let (force, cop, free) = ([20.0_f32, -30.0, -800.0], [50.0_f32, -120.0], 4000.0_f32);
    let force_lab = Vector3::new(30.0, -20.0, 800.0);
    let expected = Wrench::at_point(
        force_lab,
        Point3::new(300.0 + 120.0, 200.0 - 50.0, 150.0),
        Vector3::new(0.0, 0.0, -4.0),
    );
    let about_top =
        [cop[1] * force[2], -cop[0] * force[2], cop[0] * force[1] - cop[1] * force[0] + free];
    let about_sensor = |origin: [f32; 3]| {
        // From the sensor to the top: M_sensor = M_top + origin x F.
        let [x, y, z] = origin;
        let [fx, fy, fz] = force;
        let arm = [y * fz - z * fy, z * fx - x * fz, x * fy - y * fx];
        [about_top[0] + arm[0], about_top[1] + arm[1], about_top[2] + arm[2]]
    };
    let type_1 = vec![force[0], force[1], force[2], cop[0], cop[1], free];
    let origin = [1.0, -2.0, -40.0];
    let type_2 = [force, about_sensor(origin)].concat();
    // Four sensors at (+-a, +-b) that give the same resultants, 57 mm below the top.
    let (a, b, top) = (200.0_f32, 120.0_f32, -57.0_f32);
    let [mx, my, mz] = about_sensor([0.0, 0.0, top]);
    let (p, q) = (mx / b, my / a);
    let fz = [
        (force[2] + p - q) / 4.0,
        (force[2] + p + q) / 4.0,
        (force[2] - p + q) / 4.0,
        (force[2] - p - q) / 4.0,
    ];
    let fx34 = (force[0] + mz / b) / 2.0;
    let type_3 =
        vec![force[0] - fx34, fx34, force[1] / 2.0, force[1] / 2.0, fz[0], fz[1], fz[2], fz[3]];
    let halves: Vec<f32> = type_2.iter().map(|value| value / 2.0).collect();
    let cases = [
        (1, type_1, vec![0.0, 0.0, 0.0]),
        (2, type_2.clone(), origin.to_vec()),
        (2, type_2, vec![-1.0, 2.0, 40.0]),
        (3, type_3, vec![a, b, top]),
        (4, halves, origin.to_vec()),
    ];
    for (kind, values, origin) in cases {
        let mut sample = SampleC3d::walk(4, 0.01);
        let template = sample.channels[3].clone();
        sample.channels = values
            .iter()
            .map(|value| {
                let values = vec![*value; template.values.len()];
                recording::sample::SampleChannel { scale: 1.0, values, ..template.clone() }
            })
            .collect();
        let channels = values.len() as u8;
        let group = "FORCE_PLATFORM";
        sample.set(group, "USED", Values::Integers(vec![], vec![1]));
        sample.set(group, "TYPE", Values::Integers(vec![1], vec![kind]));
        sample.set(group, "CORNERS", Values::Floats(vec![3, 4, 1], corners.clone()));
        sample.set(group, "ORIGIN", Values::Floats(vec![3, 1], origin.clone()));
        sample.set(
            group,
            "CHANNEL",
            Values::Integers(vec![channels, 1], (1..=i16::from(channels)).collect()),
        );
        sample.set(group, "ZERO", Values::Integers(vec![2], vec![1, 2]));
        let twice: Vec<f32> = (0..36).map(|at| if at % 7 == 0 { 2.0 } else { 0.0 }).collect();
        sample.set(group, "CAL_MATRIX", Values::Floats(vec![6, 6, 1], twice));
        let plate = read(&sample).0.unwrap().plates.remove(0);
        assert_eq!(plate.unloaded, Some(0..20));
        let got = plate.wrenches[7];
        assert!((got.force - expected.force).norm() < 1e-3, "type {kind}: {got:?} {expected:?}");
        assert!((got.moment - expected.moment).norm() < 1e-3, "type {kind}: {got:?} {expected:?}");
    }
}

#[test]
fn a_matrix_that_is_not_diagonal_is_stored_by_columns() {
    let mut sample = SampleC3d::walk(4, 0.1);
    sample.channels[1].values.fill(0.0);
    let expected = read(&sample).0.unwrap().plates.remove(0).wrenches;
    // Row 1 (Fx), column 2 (Fy) of plate 1: it adds 3 Fy to Fx; here Fx is moved into Fy to begin with.
    sample.channels.swap(0, 1);
    let mut matrix = vec![0.0; 36];
    for diagonal in [2, 3, 4, 5] {
        matrix[7 * diagonal] = 1.0;
    }
    matrix[6] = 1.0;
    sample.set("FORCE_PLATFORM", "USED", Values::Integers(vec![], vec![1]));
    sample.set("FORCE_PLATFORM", "TYPE", Values::Integers(vec![1], vec![4]));
    sample.set("FORCE_PLATFORM", "CAL_MATRIX", Values::Floats(vec![6, 6, 1], matrix));
    let got = read(&sample).0.unwrap().plates.remove(0).wrenches;
    for (got, expected) in got.iter().zip(&expected) {
        assert!((got.force - expected.force).norm() < 1e-9);
    }
}

#[test]
fn plates_that_cannot_be_read_are_left_out_and_said() {
    let group = "FORCE_PLATFORM";
    for (name, values) in [
        ("TYPE", Values::Integers(vec![2], vec![2, 11])),
        ("CHANNEL", Values::Integers(vec![6, 2], (2..=13).collect())),
        ("CHANNEL", Values::Integers(vec![6, 2], [vec![1, 2, 3, 4, 5, 6], vec![0; 6]].concat())),
        (
            "CORNERS",
            Values::Floats(vec![3, 4, 2], [[0.0, 1.0, 2.0], [4.0, 1.0, 2.0]].concat().repeat(4)),
        ),
        ("TYPE", Values::Integers(vec![1], vec![2])),
    ] {
        let mut sample = SampleC3d::walk(4, 0.1);
        sample.set(group, name, values.clone());
        let (motion, findings) = read(&sample);
        assert!(motion.unwrap().plates.len() < 2, "{name} {values:?}");
        assert!(findings.has("plate-unreadable"), "{name} {values:?}");
    }
}

fn with_events(times: &[f32], contexts: &[&str], labels: &[&str]) -> SampleC3d {
    let mut sample = SampleC3d::walk(4, 1.0);
    sample.first_frame = 401; // 2 s
    let pairs: Vec<f32> =
        times.iter().flat_map(|time| [(time / 60.0).floor(), time % 60.0]).collect();
    sample.set("EVENT", "USED", Values::Integers(vec![], vec![times.len() as i16]));
    sample.set("EVENT", "TIMES", Values::Floats(vec![2, times.len() as u8], pairs));
    sample.set("EVENT", "CONTEXTS", text(contexts));
    sample.set("EVENT", "LABELS", text(labels));
    sample
}

#[test]
fn events_of_both_sides_in_order_of_time() {
    let sample = with_events(
        &[2.9, 2.1, 2.5],
        &["Left", "Right", "General"],
        &["Foot Off", "Foot Strike", "Event"],
    );
    let motion = read(&sample).0.unwrap();
    assert_eq!(motion.start_s, 2.0);
    let events: Vec<_> = motion.events.iter().map(|event| (event.side, event.kind)).collect();
    assert_eq!(
        events,
        [
            (Some(Side::Right), EventKind::FootStrike),
            (None, EventKind::General),
            (Some(Side::Left), EventKind::FootOff)
        ]
    );
}

#[test]
fn odd_event_sections() {
    // Fewer labels than times; no contexts; times from the first frame; times outside.
    let (motion, findings) = read(&with_events(&[2.1, 2.5], &["Left"], &["Foot Strike"]));
    assert_eq!(motion.unwrap().events.len(), 1);
    assert!(findings.has("events-incomplete"));
    let (motion, findings) = read(&with_events(&[0.1, 0.5], &[], &["RHS", "L_TO"]));
    let events = motion.unwrap().events;
    assert!(findings.has("events-moved") && (events[0].time_s - 2.1).abs() < 1e-6);
    assert_eq!(
        events.iter().map(|event| event.side).collect::<Vec<_>>(),
        [Some(Side::Right), Some(Side::Left)]
    );
    assert_eq!(events[1].kind, EventKind::FootOff);
    let (motion, findings) =
        read(&with_events(&[2.1, 9.0], &["Left", "Left"], &["Foot Strike", "Foot Off"]));
    assert!(findings.has("events-outside") && motion.unwrap().events.len() == 1);
    let mut bare = with_events(&[2.1], &["Left"], &["Foot Strike"]);
    bare.parameters.retain(|(_, name, _)| name != "TIMES");
    assert!(read(&bare).0.unwrap().events.is_empty());
}

#[test]
fn events_in_the_header() {
    let sample = SampleC3d::walk(4, 1.0);
    let mut bytes = sample.bytes();
    bytes[298..300].copy_from_slice(&12345_u16.to_le_bytes());
    bytes[300..302].copy_from_slice(&2_u16.to_le_bytes());
    bytes[304..308].copy_from_slice(&0.25_f32.to_le_bytes());
    bytes[308..312].copy_from_slice(&0.75_f32.to_le_bytes());
    bytes[396..404].copy_from_slice(b"RHS LTO ");
    let events = read_bytes(&bytes).0.unwrap().events;
    assert_eq!(
        (events[0].time_s, events[0].side, events[0].kind),
        (0.25, Some(Side::Right), EventKind::FootStrike)
    );
    assert_eq!(
        (events[1].time_s, events[1].side, events[1].kind),
        (0.75, Some(Side::Left), EventKind::FootOff)
    );
}

#[test]
fn body_size_in_any_unit_and_none() {
    for (height, meters) in
        [(1760.0, Some(1.76)), (176.0, Some(1.76)), (1.76, Some(1.76)), (9.0, None), (0.0, None)]
    {
        let mut sample = SampleC3d::walk(4, 0.1);
        sample.set("PROCESSING", "Bodymass", Values::Floats(vec![], vec![74.0]));
        sample.set("PROCESSING", "Height", Values::Floats(vec![], vec![height]));
        let (motion, findings) = read(&sample);
        let subject = motion.unwrap().subject;
        assert_eq!(subject.mass_kg, Some(74.0));
        assert_eq!(
            subject.height_m.map(|height| (height * 100.0).round()),
            meters.map(|height: f64| height * 100.0)
        );
        assert_eq!(findings.has("no-such-person"), height == 9.0);
    }
    assert!(read(&SampleC3d::walk(4, 0.1)).1.has("no-body-size"));
}

/// A change of the bytes and the words of the refusal.
type Damage = (fn(&mut Vec<u8>), &'static str);

#[test]
fn damage_is_refused_with_place_and_numbers() {
    let cases: [Damage; 9] = [
        (|bytes| bytes.truncate(300), "header needs 512 bytes and the file has 300"),
        (|bytes| bytes.truncate(512), "parameters needs 517 bytes"),
        (|bytes| bytes.truncate(bytes.len() - 5000), "promises 20 frames of"),
        (|bytes| bytes[515] = 99, "processor 99"),
        (|bytes| bytes[9] = 0x7f, "promises 32532 frames"),
        (|bytes| bytes[2..4].fill(0xff), "frames of"),
        (|bytes| bytes[518..].fill(0xfe), "damaged at byte "),
        (
            |bytes| bytes[12..16].copy_from_slice(&1.0_f32.to_le_bytes()),
            "integers (+) or floats (-)",
        ),
        (|bytes| bytes[16..18].fill(0), "address of its data"),
    ];
    for (damage, words) in cases {
        let mut bytes = SampleC3d::walk(4, 0.1).bytes();
        damage(&mut bytes);
        let error =
            read_bytes(&bytes).0.map(|motion| motion.frames()).expect_err(words).to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn limits_are_checked_before_anything_is_kept() {
    let bytes = SampleC3d::walk(40, 1.0).bytes();
    for limits in [
        MotionLimits { max_bytes: 1000, ..MotionLimits::default() },
        MotionLimits { max_values: 1000, ..MotionLimits::default() },
        MotionLimits { max_columns: 50, ..MotionLimits::default() },
    ] {
        assert!(read_motion("walk.c3d", &bytes, &limits, &mut Findings::new()).is_err());
    }
}
