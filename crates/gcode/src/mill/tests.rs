use proptest::prelude::*;

use super::*;

const HEAD: &str = "G21 G17 G90 G94 G54\nT1\nM3 S10000\nG4 P2\n";
const TAIL: &str = "M5\nM30\n";

fn grbl() -> Controller {
    Controller::at_work_zero(Dialect::Grbl, 10.0)
}

fn linux_cnc() -> Controller {
    Controller::at_work_zero(Dialect::LinuxCnc, 10.0)
}

fn run(body: &str, controller: &Controller) -> Interpretation {
    interpret(&format!("{HEAD}{body}\n{TAIL}"), controller)
}

fn ends(body: &str) -> Vec<[f64; 3]> {
    let run = run(body, &grbl());
    assert_eq!(run.faults, [], "{body}");
    run.moves.iter().map(|motion| motion.to).collect()
}

fn near(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
}

#[test]
fn modal_motion_units_and_distance() {
    assert_eq!(
        ends("G0 X1 Y2 Z3\nX4\nG1 F100 Y5\nG91 X1 Z-1\nG90 G20 X1\nG21 X0"),
        [
            [1.0, 2.0, 3.0],
            [4.0, 2.0, 3.0],
            [4.0, 5.0, 3.0],
            [5.0, 5.0, 2.0],
            [25.4, 5.0, 2.0],
            [0.0, 5.0, 2.0],
        ]
    );
    let run = run("G20 G1 X1 F10", &grbl());
    assert!(run.outcome.uses_inches);
    assert!((run.moves[0].feed_mm_per_min - 254.0).abs() < 1e-9);
}

#[test]
fn work_offsets_and_machine_coordinates() {
    let mut controller = grbl();
    controller.work_offsets_mm[0] = [100.0, 200.0, -50.0];
    controller.work_offsets_mm[1] = [10.0, 0.0, 0.0];
    let run = run("G0 X1 Y1 Z1\nG55 X1\nG53 Z-1\nG28 X5\nG30", &controller);
    assert_eq!(run.faults, []);
    let ends: Vec<[f64; 3]> = run.moves.iter().map(|motion| motion.to).collect();
    assert_eq!(
        ends,
        [
            [101.0, 201.0, -49.0],
            [11.0, 201.0, -49.0],
            [11.0, 201.0, -1.0],
            [15.0, 201.0, -1.0],
            [0.0, 201.0, -1.0],
            [0.0, 0.0, 10.0],
        ]
    );
}

#[test]
fn arcs_in_every_plane_by_center_and_by_radius() {
    // Quarter circles of radius 10 about the start's neighbor; middle points known by hand.
    let half = 10.0 * std::f64::consts::FRAC_1_SQRT_2;
    let cases = [
        ("G0 X10 Y0 Z0\nG3 X0 Y10 I-10 J0 F100", [half, half, 0.0]),
        ("G0 X10 Y0 Z0\nG3 X0 Y10 R10 F100", [half, half, 0.0]),
        ("G0 X0 Y10 Z0\nG2 X10 Y0 I0 J-10 F100", [half, half, 0.0]),
        ("G0 X0 Y10 Z0\nG2 X10 Y0 R10 F100", [half, half, 0.0]),
        // Three quarters the other way round.
        ("G0 X10 Y0 Z0\nG2 X0 Y10 R-10 F100", [-half, -half, 0.0]),
        ("G18 G0 X0 Y0 Z10\nG3 X10 Z0 I0 K-10 F100", [half, 0.0, half]),
        ("G19 G0 X0 Y10 Z0\nG3 Y0 Z10 J-10 K0 F100", [0.0, half, half]),
        // A helix: the third axis advances evenly.
        ("G0 X10 Y0 Z0\nG3 X0 Y10 Z-4 I-10 F100", [half, half, -2.0]),
    ];
    for (body, middle) in cases {
        let run = run(body, &grbl());
        assert_eq!(run.faults, [], "{body}");
        let arc = run.moves.last().unwrap();
        assert!(near(arc.point_at(0.5), middle), "{body}: {:?}", arc.point_at(0.5));
        for point in arc.chords(0.01) {
            assert!(point.iter().all(|c| c.is_finite()));
        }
    }
    let circle = run("G0 X10 Y0 Z0\nG2 X10 Y0 I-10 F100", &grbl());
    let length = circle.moves.last().unwrap().length_mm();
    assert!((length - 20.0 * std::f64::consts::PI).abs() < 1e-9, "{length}");
    let absolute = run("G0 X10 Y5 Z0\nG90.1 G3 X0 Y15 I0 J5 F100", &linux_cnc());
    assert!(near(absolute.moves.last().unwrap().point_at(0.5), [half, 5.0 + half, 0.0]));
}

#[test]
fn inverse_time_feed() {
    let run = run("G93 G1 X30 F2\nG94 X0 F500", &grbl());
    assert_eq!(run.faults, []);
    let length = run.moves[0].length_mm();
    assert!((run.moves[0].feed_mm_per_min - 2.0 * length).abs() < 1e-9);
    assert!((run.moves[1].feed_mm_per_min - 500.0).abs() < 1e-9);
}

#[test]
fn spindle_tool_and_dwell_are_kept() {
    let run = run("G0 Z5\nG1 Z1 F100", &grbl());
    assert_eq!(run.moves[1].tool, 1);
    assert!(run.moves[1].spindle_on());
    assert_eq!(run.outcome.spindle_run_up_s, Some(2.0));
    assert!(run.outcome.ends_with_spindle_off);
    assert_eq!(run.outcome.lines, 8);
}

/// A body between head and tail, and the one fault that GRBL's reader must find in it.
const BAD_FOR_GRBL: &[(&str, FaultKind)] = &[
    ("G1 X1", FaultKind::MissingFeed),
    ("G1 X1 F0", FaultKind::MissingFeed),
    ("G93 G1 X1", FaultKind::MissingFeed),
    ("G1 F100 X1\nG93\nG94\nX2", FaultKind::MissingFeed),
    ("M5\nG1 X1 F100", FaultKind::SpindleOff),
    ("S0\nG1 X1 F100", FaultKind::SpindleOff),
    ("G1 XNaN.0 F100", FaultKind::Unreadable),
    ("G0 X1 2", FaultKind::Unreadable),
    ("G0 X[1+2]", FaultKind::Unreadable),
    ("(open", FaultKind::Unreadable),
    ("G43 H1", FaultKind::Unsupported),
    ("T1 M6", FaultKind::Unsupported),
    ("G81 X1 Y1 Z-1 R2 F100", FaultKind::Unsupported),
    ("G41 D1", FaultKind::Unsupported),
    ("G90.1", FaultKind::Unsupported),
    ("G64 P0.01", FaultKind::Unsupported),
    ("O100", FaultKind::Unsupported),
    ("%", FaultKind::Unsupported),
    ("G0 A10", FaultKind::Unsupported),
    ("N1 G0 X1*99", FaultKind::Unreadable),
    ("G92 X0", FaultKind::NotFollowed),
    ("G38.2 Z-10 F50", FaultKind::NotFollowed),
    ("G0 G1 X1 F100", FaultKind::ModalConflict),
    ("G20 G21", FaultKind::ModalConflict),
    ("G28 G53 G0 X1", FaultKind::ModalConflict),
    ("G0 X1 X2", FaultKind::RepeatedWord),
    ("G1 X1 F-100", FaultKind::BadValue),
    ("G0 X99999999999", FaultKind::BadValue),
    ("T1.5", FaultKind::BadValue),
    ("G4", FaultKind::MissingWord),
    ("G2 X10 Y0 F100", FaultKind::BadArc),
    ("G2 X10 Y0 I3 J0 F100", FaultKind::BadArc),
    ("G2 X10 Y0 R4 F100", FaultKind::BadArc),
    ("G2 X0 Y0 R4 F100", FaultKind::BadArc),
    ("G2 X10 I5 R5 F100", FaultKind::BadArc),
    ("G80\nX1", FaultKind::NoMotion),
    ("G53 G2 X1 Y1 I1 F100", FaultKind::NoMotion),
    ("G0 X1 I2", FaultKind::UnusedWord),
    ("G0 X1 P2", FaultKind::UnusedWord),
    ("M5\nM30\nG0 X1", FaultKind::AfterEnd),
];

#[test]
fn every_known_bad_line_is_caught_with_its_kind() {
    for (body, expected) in BAD_FOR_GRBL {
        let run = run(body, &grbl());
        let kinds: Vec<FaultKind> = run.faults.iter().map(|fault| fault.kind).collect();
        assert!(kinds.contains(expected), "{body:?}: {:?}", run.faults);
        let in_body = 5..=4 + body.lines().count() as u32;
        assert!(in_body.contains(&run.faults[0].line), "{body:?}: {:?}", run.faults);
    }
}

#[test]
fn linux_cnc_has_words_that_grbl_has_not() {
    for body in ["G43 H1", "T2 M6", "G40 G49 G80", "G64 P0.01", "G90.1"] {
        let faults = run(body, &linux_cnc()).faults;
        // The tolerance of G64 is for its controller; it changes no move here.
        let serious = faults.iter().filter(|fault| fault.kind != FaultKind::UnusedWord);
        assert_eq!(serious.count(), 0, "{body}: {faults:?}");
    }
}

#[test]
fn drilling_cycles_are_the_moves_they_stand_for() {
    let moves = |body: &str| {
        let run = run(body, &linux_cnc());
        assert_eq!(run.faults, [], "{body}");
        let ends = run.moves.iter().map(|motion| {
            let [x, y, z] = motion.to;
            (motion.kind == MoveKind::Rapid, x, y, (1000.0 * z).round() / 1000.0)
        });
        ends.collect::<Vec<_>>()
    };
    // Two holes in one go, back to where the row began.
    let holes = moves("G0 Z8\nG98 G81 X5 Y6 Z-4 R2 F100\nX9\nG80");
    let first = [(true, 5.0, 6.0, 8.0), (true, 5.0, 6.0, 2.0), (false, 5.0, 6.0, -4.0)];
    let second = [(true, 9.0, 6.0, 8.0), (true, 9.0, 6.0, 2.0), (false, 9.0, 6.0, -4.0)];
    assert_eq!(holes[1..4], first);
    assert_eq!((holes[4], &holes[5..8]), ((true, 5.0, 6.0, 8.0), &second[..]));
    assert_eq!(holes.len(), 9);
    // Back to R only, and from hole to hole at that height.
    let low = moves("G0 Z8\nG99 G81 X5 Y6 Z-4 R2 F100\nX9\nG80");
    assert_eq!(low[4..6], [(true, 5.0, 6.0, 2.0), (true, 9.0, 6.0, 2.0)]);
    // Pecks go out of the hole, or only a little back.
    let deep = moves("G0 Z8\nG98 G83 X0 Y0 Z-4 R2 Q2.5 F100\nG80");
    let heights =
        |moves: &[(bool, f64, f64, f64)]| moves.iter().map(|one| one.3).collect::<Vec<_>>();
    assert_eq!(heights(&deep), [8.0, 2.0, -0.5, 2.0, -0.246, -3.0, 2.0, -2.746, -4.0, 8.0]);
    let chips = moves("G0 Z8\nG98 G73 X0 Y0 Z-4 R2 Q2.5 F100\nG80");
    assert_eq!(heights(&chips), [8.0, 2.0, -0.5, -0.246, -3.0, -2.746, -4.0, 8.0]);
    // In steps from where the tip is: R from the initial level, Z from R.
    let steps = moves("G0 Z8\nG91 G81 X5 Y0 Z-6 R-6 L3 F100\nG80 G90");
    let bottoms = steps.iter().filter(|one| !one.0).map(|one| (one.1, one.3));
    assert_eq!(bottoms.collect::<Vec<_>>(), [(5.0, -4.0), (10.0, -4.0), (15.0, -4.0)]);
    assert_eq!(run("G0 Z8\nG82 X5 Z-4 R2 P1.5 F100\nG80", &linux_cnc()).outcome.dwell_s, 3.5);
}

#[test]
fn drilling_cycles_without_sense_are_faults() {
    for (body, expected) in [
        ("G81 X1 Z-1 F100", FaultKind::MissingWord),
        ("G81 X1 R1 F100", FaultKind::MissingWord),
        ("G83 X1 Z-1 R1 F100", FaultKind::MissingWord),
        ("G82 X1 Z-1 R1 F100", FaultKind::MissingWord),
        ("G83 X1 Z-1 R1 Q0 F100", FaultKind::BadValue),
        ("G83 X1 Z-1 R1 Q0.00001 F100", FaultKind::BadValue),
        ("G81 X1 Z3 R1 F100", FaultKind::BadValue),
        ("G81 X1 Z-1 R1 L1000000 F100", FaultKind::BadValue),
        ("G18 G81 X1 Z-1 R1 F100", FaultKind::NotFollowed),
        ("G84 X1 Z-1 R1 F100", FaultKind::NotFollowed),
        ("G81 X1 Z-1 R1", FaultKind::MissingFeed),
        // Another motion ends the row, and with it what was said of it.
        ("G81 X1 Z-1 R1 F100\nG0 X2\nG81 X3", FaultKind::MissingWord),
    ] {
        let kinds: Vec<FaultKind> =
            run(body, &linux_cnc()).faults.iter().map(|fault| fault.kind).collect();
        assert!(kinds.contains(&expected), "{body}: {kinds:?}");
    }
}

#[test]
fn what_a_program_leaves_unsaid() {
    let kinds = |program: &str| {
        interpret(program, &grbl()).faults.iter().map(|fault| fault.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds("G0 X1\nM30"), [FaultKind::UnstatedMode]);
    assert_eq!(kinds("G21\nG0 X1\nM30"), [FaultKind::UnstatedMode]);
    assert_eq!(kinds("G21 G90\nG0 X1"), [FaultKind::NoEnd]);
    assert_eq!(kinds(""), [FaultKind::NoEnd]);
    let long = format!("G21 G90 ({})\nM30", "x".repeat(90));
    assert_eq!(kinds(&long), [FaultKind::LineTooLong]);
}

#[test]
fn faults_of_a_long_wrong_file_are_counted_but_not_all_kept() {
    let outcome = interpret(&"?\n".repeat(5000), &grbl()).outcome;
    assert_eq!(outcome.fault_count, 5001);
}

/// A sound program with every construction, to be damaged.
const SOUND: &str = "G21 G17 G90 G94 G54\nT1\nG0 Z10\nM3 S12000\nG4 P2\nG0 X5 Y5\nG1 Z-1 F200\n\
                     G3 X0 Y10 I-5 J0\nG2 X10 Y0 R10\nG91 G1 X1 F1000\nG90 G28 Z5\nM5\nM30\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_programs_never_panic_and_stay_finite(
        edits in prop::collection::vec((0..SOUND.len(), "[ -~\\n]{0,3}"), 1..6),
    ) {
        let mut program = SOUND.to_owned();
        for (at, text) in edits {
            let at = at.min(program.len());
            let end = (at + text.len() / 2).min(program.len());
            program.replace_range(at..end, &text);
        }
        for controller in [grbl(), linux_cnc()] {
            let run = interpret(&program, &controller);
            prop_assert!(run.faults.len() <= MOST_FAULTS);
            for motion in &run.moves {
                prop_assert!(motion.to.iter().all(|c| c.is_finite()));
                prop_assert!(motion.length_mm().is_finite());
                prop_assert!(motion.feed_mm_per_min.is_finite());
                prop_assert!(motion.chords(0.01).len() < 10_000);
            }
        }
    }

    #[test]
    fn any_text_is_followed_to_its_end(program in "\\PC{0,200}") {
        prop_assert!(interpret(&program, &grbl()).outcome.fault_count > 0);
    }
}

#[test]
fn the_undamaged_program_is_sound() {
    assert_eq!(interpret(SOUND, &grbl()).faults, []);
}
