//! Programs with known faults, as data in `tests/cases`.

use proptest::prelude::*;
use serde::Deserialize;

use crate::{CheckReport, Checker, Dialect, Material, Printer};

#[derive(Debug, Deserialize)]
struct Corpus {
    good_start: String,
    good_body: String,
    good_end: String,
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    verdict: String,
    codes: Vec<String>,
    program: String,
}

fn check_as(program: &str, dialect: Dialect) -> CheckReport {
    let printer = Printer { dialect, ..Printer::marlin_generic() };
    let mut checker = Checker::new(&printer, &Material::pla());
    program.lines().for_each(|line| checker.line(line));
    checker.finish()
}

fn check(program: &str) -> CheckReport {
    check_as(program, Dialect::Marlin)
}

fn corpus() -> Corpus {
    toml::from_str(include_str!("../../../../tests/cases/print_programs.toml")).unwrap()
}

#[test]
fn every_known_fault_is_found() {
    let corpus = corpus();
    for case in &corpus.case {
        let program = case
            .program
            .replace("{start}", &corpus.good_start)
            .replace("{body}", &corpus.good_body)
            .replace("{end}", &corpus.good_end);
        let report = check(&program);
        assert_eq!(report.verdict, case.verdict, "{}: {report:#?}", case.name);
        for code in &case.codes {
            let mut all = report.faults.iter().chain(&report.warnings);
            assert!(all.any(|fault| fault.code == code), "{}: no {code} in {report:#?}", case.name);
        }
    }
}

#[test]
fn the_sound_program_is_measured() {
    let corpus = corpus();
    let report = check(&[corpus.good_start, corpus.good_body, corpus.good_end].concat());
    assert_eq!(report.layers, 2);
    let area = std::f64::consts::PI * 1.75 * 1.75 / 4.0;
    assert!((report.total_mm3 - 8.0 * 0.7 * area).abs() < 1e-9);
    assert!((report.volume_mm3["outer-wall"] - report.total_mm3).abs() < 1e-9);
    assert!((report.filament_g - 5.6 * area * 1.24 / 1000.0).abs() < 1e-9);
    let bounds = report.bounds.unwrap();
    assert_eq!((bounds.low_mm, bounds.high_mm), ([100.0, 100.0, 0.2], [120.0, 120.0, 0.4]));
    // 160 mm of walls at 20 mm/s, and the ways there and back.
    assert!((8.0..12.0).contains(&report.time_s), "{}", report.time_s);
}

#[test]
fn own_programs_of_every_dialect_are_sound() {
    use geometry::{Point3, TriMesh};
    let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(20.0, 15.0, 3.0));
    for dialect in Dialect::ALL {
        let mut order = crate::PrintOrder {
            printer: Printer { dialect, ..Printer::marlin_generic() },
            material: Material { pressure_advance_s: Some(0.04), ..Material::pla() },
            settings: crate::PrintSettings::default(),
        };
        order.settings.skirt_lines = 2;
        let job = crate::plan(&mesh, &order, &mut vocabulary::Findings::new()).unwrap();
        let report = check_as(&job.program, dialect);
        assert_eq!(report.verdict, "ok", "{dialect:?}: {report:#?}");
        assert_eq!(report.layers, job.layers);
        assert!((report.time_s - job.estimated_time_s).abs() < 1e-6);
        let own = job.extruded_mm3.total();
        assert!((report.total_mm3 - own).abs() < 1e-6, "{dialect:?}: {} {own}", report.total_mm3);
        let word = match dialect {
            Dialect::Klipper => "SET_PRESSURE_ADVANCE ADVANCE=0.04",
            Dialect::RepRapFirmware => "M572 D0 S0.04",
            Dialect::Prusa => "M572 S0.04",
            Dialect::Marlin | Dialect::Bambu => "M900 K0.04",
        };
        assert!(job.program.contains(word), "{dialect:?}");
        assert!(job.program.contains("M73 P0 R"), "{dialect:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "\\PC{0,300}", dialect in 0..5_usize) {
        let report = check_as(&text, Dialect::ALL[dialect]);
        prop_assert!(report.time_s.is_finite());
    }

    #[test]
    fn damaged_programs_are_judged_with_finite_numbers(
        lines in prop::collection::vec(
            "(G(0|1|2|3|4|10|11|28|90|91|92|20|21)|M(82|83|104|109|106|204|207|220|221)|T[0-9]|;TYPE:Skin)( ?[XYZEFSPIJR](-?[0-9]{0,9}\\.?[0-9]{0,3}))*",
            0..60,
        ),
        dialect in 0..5_usize,
    ) {
        let report = check_as(&lines.join("\n"), Dialect::ALL[dialect]);
        prop_assert!(report.time_s.is_finite() && report.total_mm3.is_finite());
        prop_assert!(report.travel_mm.is_finite() && report.filament_g.is_finite());
    }
}
