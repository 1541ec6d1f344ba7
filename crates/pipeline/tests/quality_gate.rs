//! The quality gate on spoiled phantoms: every fault is named by its check, and a good scan by none.

use order::{ProfileKind, ProfileStore};
use phantom::file::{ScanFormat, scan_bytes};
use phantom::spoil::{Region, Spoiler, spoil};
use phantom::{PhantomSettings, generate};
use pipeline::{ScanFile, ScanJob, ScanSheet, Verdict, scan_sheets};
use vocabulary::Side;

/// A phantom with one fault, and what must be said of it.
struct Case {
    name: &'static str,
    spoilers: Vec<Spoiler>,
    /// The best and the worst verdict that are right.
    verdicts: [Verdict; 2],
    /// The check that must not be good; empty where none need be.
    check: &'static str,
}

fn case(name: &'static str, spoiler: Spoiler, verdicts: [Verdict; 2], check: &'static str) -> Case {
    Case { name, spoilers: vec![spoiler], verdicts, check }
}

fn cases() -> Vec<Case> {
    use Verdict::{Good, Refused, Usable};
    let motion = |up_mm, across_mm| Spoiler::MotionStep { at_fraction: 0.35, up_mm, across_mm };
    let hole = |radius_mm, region| Spoiler::Holes { count: 1, radius_mm, region };
    vec![
        Case { name: "clean", spoilers: Vec::new(), verdicts: [Good, Good], check: "" },
        case("open top", Spoiler::OpenTop {}, [Good, Good], ""),
        case("turned", Spoiler::TurnedAnyWay {}, [Good, Good], ""),
        case("noise 0.2", Spoiler::Noise { sigma_mm: 0.2 }, [Good, Good], ""),
        case("noise 0.7", Spoiler::Noise { sigma_mm: 0.7 }, [Usable, Usable], "noise_mm"),
        case("noise 3", Spoiler::Noise { sigma_mm: 3.0 }, [Usable, Refused], "noise_mm"),
        case("decimated 9", Spoiler::Decimated { cell_mm: 9.0 }, [Usable, Usable], "resolution_mm"),
        case("small hole", hole(3.0, Region::Arch), [Good, Usable], ""),
        case("hole in the arch", hole(14.0, Region::Arch), [Usable, Usable], "hole_area_cm2"),
        case("hole under the heel", hole(14.0, Region::Heel), [Usable, Usable], "hole_area_cm2"),
        case("flat sole", Spoiler::SoleFlat {}, [Usable, Usable], "flat_sole_pct"),
        case("heel cut 8", Spoiler::HeelCutOff { by_mm: 8.0 }, [Usable, Refused], "heel_cut_pct"),
        case("heel cut 20", Spoiler::HeelCutOff { by_mm: 20.0 }, [Usable, Refused], "heel_cut_pct"),
        case("toes cut 6", Spoiler::ToesCutOff { by_mm: 6.0 }, [Usable, Refused], "toes_cut_pct"),
        case("toes cut 25", Spoiler::ToesCutOff { by_mm: 25.0 }, [Usable, Refused], "toes_cut_pct"),
        case("moved across 2", motion(0.0, 2.0), [Usable, Refused], "motion_step_mm"),
        case("moved up 2", motion(2.0, 0.0), [Usable, Refused], "motion_step_mm"),
    ]
}

fn read(bytes: Vec<u8>) -> ScanSheet {
    read_all(bytes, Some(Side::Right)).remove(0)
}

fn read_all(bytes: Vec<u8>, side: Option<Side>) -> Vec<ScanSheet> {
    let job = ScanJob {
        file: ScanFile { name: "phantom.stl".to_owned(), bytes },
        side,
        unit: None,
        length_mm: None,
        weight_bearing: None,
        kind: None,
    };
    let limits = ProfileStore::shipped().read(ProfileKind::Scan, "default");
    let limits = limits.expect("the shipped limits");
    scan_sheets(&job, &limits, &|| 0.0)
}

#[test]
fn faults_are_named_and_good_scans_are_good() {
    let foot = generate(&PhantomSettings { resolution_mm: 2.5, ..PhantomSettings::default() });
    let foot = foot.unwrap();
    let mut wrong = Vec::new();
    for case in cases() {
        let scan = spoil(&foot, &case.spoilers, 7).unwrap();
        let sheet = read(scan_bytes(&scan.mesh, ScanFormat::StlBinary));
        let json = sheet.json();
        let checks = json["quality"].as_array().unwrap();
        let numbers: Vec<String> = checks
            .iter()
            .map(|check| format!("{} {}", check["check"].as_str().unwrap(), check["value"]))
            .collect();
        println!("{}: {} {}", case.name, sheet.verdict().name(), numbers.join(", "));
        let named = case.check.is_empty()
            || checks.iter().any(|c| c["check"] == case.check && c["verdict"] != "good");
        let [best, worst] = case.verdicts;
        if !(best..=worst).contains(&sheet.verdict()) || !named {
            let reason = sheet.reason().unwrap_or_default();
            wrong.push(format!("{}: {} {reason}", case.name, sheet.verdict().name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_file_with_both_feet_gives_a_sheet_for_each() {
    let foot = generate(&PhantomSettings { resolution_mm: 3.0, ..PhantomSettings::default() });
    let scan = spoil(&foot.unwrap(), &[Spoiler::SecondFoot { gap_mm: 60.0 }], 7).unwrap();
    let mut sheets = read_all(scan_bytes(&scan.mesh, ScanFormat::StlBinary), None);
    let sides: Vec<_> = sheets.iter().map(ScanSheet::side).collect();
    assert_eq!(sides, [Some(Side::Left), Some(Side::Right)]);
    pipeline::compare_sheets(&mut sheets);
    for sheet in &sheets {
        assert_ne!(sheet.verdict(), Verdict::Refused, "{:?}", sheet.reason());
        let differences = sheet.json()["left_right"].as_array().unwrap().clone();
        assert!(differences.len() > 5);
        assert!(differences.iter().all(|difference| difference["within"] == true));
    }
}
