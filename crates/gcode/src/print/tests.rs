//! Programs line by line, and what becomes of them.

use proptest::prelude::*;

use super::*;

/// A move that outlives its line.
#[derive(Debug)]
struct Seen {
    from: [f64; 3],
    to: [f64; 3],
    filament_mm: f64,
    speed_mm_s: f64,
    nozzle_c: f64,
    kind: String,
    layers: usize,
}

fn moves_as(program: &str, firmware: Firmware) -> (Vec<Seen>, Run) {
    let mut found = Vec::new();
    let run = follow_as(program, firmware, |step| {
        found.push(Seen {
            from: step.from,
            to: step.to,
            filament_mm: step.filament_mm,
            speed_mm_s: step.speed_mm_s,
            nozzle_c: step.nozzle_c,
            kind: step.kind.to_owned(),
            layers: step.layers,
        });
    });
    (found, run)
}

fn moves(program: &str) -> (Vec<Seen>, Run) {
    moves_as(program, Firmware::Marlin)
}

#[test]
fn g90_switches_e_too() {
    let (found, run) = moves("G28\nM83\nG1 X1 E1 F600\nG90\nG1 X2 E1\nG1 X3 E1.5\n");
    assert_eq!(run.faults, []);
    let filament: Vec<f64> = found.iter().map(|step| step.filament_mm).collect();
    // After G90, E is absolute: it stands at 1 already, so `E1` pushes nothing.
    assert_eq!(filament, [1.0, 0.0, 0.5]);
    assert_eq!(found[2].from, [2.0, 0.0, 0.0]);
    assert!((found[2].speed_mm_s - 10.0).abs() < 1e-12);
}

#[test]
fn origins_move() {
    let (found, _) =
        moves("G28\nG1 X10 Y5 F60\nG92 X0 E7\nG1 X1 E8\nG91\nG1 X1 E1\nG28 X\nG90\nG1 X3\n");
    let ends: Vec<(f64, f64)> = found.iter().map(|step| (step.to[0], step.filament_mm)).collect();
    assert_eq!(ends, [(10.0, 0.0), (11.0, 1.0), (12.0, 1.0), (3.0, 0.0)]);
}

#[test]
fn only_awaited_heat_is_relied_on() {
    let program =
        "G28\nM83\nM104 S200\nG1 E1 F60\nM109 S200\nG1 E1\nM104 S210\nG1 E1\nM104 S0\nG1 E1";
    let (found, run) = moves(program);
    let heat: Vec<f64> = found.iter().map(|step| step.nozzle_c).collect();
    assert_eq!(heat, [0.0, 200.0, 200.0, 0.0]);
    assert!(run.nozzle_target_c.abs() < 1e-12);
}

#[test]
fn kinds_and_layers_come_from_comments() {
    let (found, run) = moves("G28\n;LAYER:0\n;TYPE:Skin\nG1 X1 F60 ; note\n;LAYER:1\nG1 X2");
    assert_eq!((found[0].kind.as_str(), found[0].layers), ("Skin", 1));
    assert_eq!((found[1].layers, run.layers), (2, 2));
}

#[test]
fn faults_name_their_line() {
    let cases = [
        ("G1 X1 F60", FaultKind::NotHomed),
        ("G28\nG1 X1", FaultKind::NoFeed),
        ("G1 X F60", FaultKind::NoNumber('X')),
        ("G28\nG1 X1 F0", FaultKind::FeedNotPositive),
        ("G28\nG1 F60 X99999999", FaultKind::TooFar('X')),
        ("X1", FaultKind::NoCommand),
        ("G1 X1 M104 S5", FaultKind::SeveralCommands),
        ("M109", FaultKind::NoNumber('S')),
        ("G61 X1 I1", FaultKind::UnknownCommand("G61".to_owned())),
        ("G28\nG1 F60 X1\nG2 X5 I1", FaultKind::BadArc),
    ];
    for (program, kind) in cases {
        let (_, run) = moves(program);
        assert_eq!(run.faults.len(), 1, "{program}: {:?}", run.faults);
        assert_eq!(run.faults[0].kind, kind, "{program}");
        assert_eq!(run.faults[0].line as usize, program.lines().count());
    }
    let (_, run) = moves("G28\nG1 X1 F600 Y{machine_depth}");
    assert!(matches!(run.faults[0].kind, FaultKind::Unreadable(_)));
}

#[test]
fn faults_beyond_the_limit_are_counted() {
    let (_, run) = moves(&"X1\n".repeat(150));
    assert_eq!((run.faults.len(), run.fault_count), (MOST_FAULTS, 150));
}

proptest! {
    #[test]
    fn any_text_is_followed_without_panic(text in "\\PC{0,200}") {
        follow(&text, |_| {});
    }

    #[test]
    fn damaged_programs_are_followed_with_finite_moves(
        lines in prop::collection::vec(
            "(G(0|1|28|90|91|92|20|21)|M(82|83|104|109|106))( ?[XYZEFS](-?[0-9]{0,9}\\.?[0-9]{0,3}))*",
            0..40,
        )
    ) {
        let program = lines.join("\n");
        follow(&program, |step| {
            assert!(step.to.iter().chain([&step.filament_mm]).all(|value| value.is_finite()));
            assert!(step.speed_mm_s > 0.0);
        });
    }
}

#[test]
fn g90_leaves_e_alone_in_klipper_and_reprapfirmware() {
    let program = "G28\nM83\nG1 X1 E1 F600\nG90\nG1 X2 E1\n";
    for (firmware, pushed) in [
        (Firmware::Marlin, 0.0),
        (Firmware::Prusa, 0.0),
        (Firmware::Bambu, 0.0),
        (Firmware::Klipper, 1.0),
        (Firmware::RepRapFirmware, 1.0),
    ] {
        let (found, run) = moves_as(program, firmware);
        assert_eq!(run.faults, []);
        assert!((found[1].filament_mm - pushed).abs() < 1e-12, "{firmware:?}");
    }
}

#[test]
fn arcs_are_followed_as_chords() {
    // Half a circle of radius 5, then a whole one by I and J.
    for arc in ["G3 X10 Y0 I5 J0 E3", "G2 X10 Y0 R5 E3", "G3 X0 Y0 I5 J0 E6"] {
        let (found, run) = moves(&format!("G28\nG90\nM83\nG1 F600\n{arc}\n"));
        assert_eq!(run.faults, [], "{arc}");
        let length: f64 = found
            .iter()
            .map(|step| (step.to[0] - step.from[0]).hypot(step.to[1] - step.from[1]))
            .sum();
        let filament: f64 = found.iter().map(|step| step.filament_mm).sum();
        let expected = 5.0 * std::f64::consts::PI * filament / 3.0;
        assert!((length / expected - 1.0).abs() < 2e-3, "{arc}: {length}");
        assert!(found.iter().all(|step| ((step.to[0] - 5.0).hypot(step.to[1]) - 5.0).abs() < 1e-9));
    }
}

#[test]
fn firmware_retraction_moves_filament_and_tools_of_reprapfirmware_do_not() {
    let (found, run) = moves("G28\nM207 S2 F1200\nG1 X1 F600\nG10\nG10\nG11\nG11\n");
    assert_eq!(run.faults, []);
    let filament: Vec<f64> = found.iter().map(|step| step.filament_mm).collect();
    assert_eq!(filament, [0.0, -2.0, 2.0]);
    let (found, run) =
        moves_as("G28\nG10 P0 S210 R150\nM116\nM83\nG1 X1 E1 F600\n", Firmware::RepRapFirmware);
    assert_eq!((run.faults.len(), found.len()), (0, 1));
    assert!((found[0].nozzle_c - 210.0).abs() < 1e-9);
}

#[test]
fn named_commands_of_klipper_are_followed() {
    let program = "START_PRINT BED=60 EXTRUDER=215\nSET_VELOCITY_LIMIT ACCEL=3000\nMY_PURGE\nM83\nG1 X1 E1 F600\nEND_PRINT\n";
    let (found, run) = moves_as(program, Firmware::Klipper);
    assert_eq!(run.faults, []);
    assert!((found[0].nozzle_c - 215.0).abs() < 1e-9);
    assert_eq!(run.unknown.get("MY_PURGE"), Some(&1));
    assert!(run.nozzle_target_c.abs() < 1e-9);
}

#[test]
fn the_firmware_is_told_from_the_text() {
    for (head, tail, firmware) in [
        (";FLAVOR:Marlin\n", "", Some(Firmware::Marlin)),
        ("; generated by PrusaSlicer\n", "; gcode_flavor = klipper\n", Some(Firmware::Klipper)),
        ("G28\n", "; gcode_flavor = marlin2\n", Some(Firmware::Marlin)),
        ("; BambuStudio 01.09\n", "", Some(Firmware::Bambu)),
        ("START_PRINT BED=60\n", "", Some(Firmware::Klipper)),
        ("; gcode_flavor = reprapfirmware\n", "", Some(Firmware::RepRapFirmware)),
        ("G28\nG1 X1\n", "M84\n", None),
    ] {
        assert_eq!(Firmware::named_in(head, tail), firmware, "{head}{tail}");
    }
}

#[test]
fn text_arguments_are_no_faults() {
    let program = "M862.3 P \"MK4\" ; model\nM117 Layer 3/10 (50%)\nM486 Apart, left\nM1002 gcode_claim_action : 0\nM73 P3 R12\n";
    let (_, run) = moves_as(program, Firmware::Bambu);
    assert_eq!(run.faults, []);
}
