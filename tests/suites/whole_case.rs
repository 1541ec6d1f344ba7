//! The whole way, on the shipped case and on the real scans: what is made is sound, exact and repeatable.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says aloud what it skips"
)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use end_to_end::{complained, printed, real_scans, root, scratch, solewright};
use geometry::{TriMesh, check_closed};
use nalgebra::Point3;
use serde_json::Value;

/// Files of every side, and what their first bytes must be.
const SIDE_FILES: [(&str, &[u8]); 6] = [
    ("shell.stl", b""),
    ("shell.3mf", b"PK"),
    ("shell.step", b"ISO-10303-21;"),
    ("mill.nc", b""),
    ("mill-setup.html", b"<!doctype html>"),
    ("print.gcode", b""),
];

fn make(case: &Path, out: &Path, more: &[&str]) -> Value {
    let arguments =
        [&["make", case.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat();
    let output = solewright(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}{}", complained(&output), printed(&output));
    assert!(complained(&output).is_empty(), "no progress bar in a pipe: {}", complained(&output));
    serde_json::from_slice(&fs::read(out.join("run.json")).unwrap()).unwrap()
}

/// A binary STL with vertices joined where all bits are equal.
fn read_stl(path: &Path) -> TriMesh {
    let bytes = fs::read(path).unwrap();
    let count = u32::from_le_bytes(bytes[80..84].try_into().unwrap()) as usize;
    assert_eq!(bytes.len(), 84 + 50 * count, "{}", path.display());
    let mut index_of: HashMap<[u32; 3], u32> = HashMap::new();
    let mut mesh = TriMesh::default();
    for record in bytes[84..].chunks_exact(50) {
        let corner = |corner: usize| -> [u32; 3] {
            std::array::from_fn(|axis| {
                let at = 12 + 12 * corner + 4 * axis;
                u32::from_le_bytes(record[at..at + 4].try_into().unwrap())
            })
        };
        let triangle = [0, 1, 2].map(|number| {
            let bits = corner(number);
            *index_of.entry(bits).or_insert_with(|| {
                let [x, y, z] = bits.map(|bits| f64::from(f32::from_bits(bits)));
                mesh.vertices.push(Point3::new(x, y, z));
                u32::try_from(mesh.vertices.len() - 1).unwrap()
            })
        });
        mesh.triangles.push(triangle);
    }
    mesh
}

/// Checks everything that holds for every made case.
#[track_caller]
fn check_made(out: &Path, record: &Value, sides: &[&str]) {
    assert_eq!(record["sides"].as_object().unwrap().len(), sides.len());
    for side in sides {
        for (name, start) in SIDE_FILES {
            let bytes = fs::read(out.join(side).join(name)).unwrap();
            assert!(bytes.len() > 1000 && bytes.starts_with(start), "{side}/{name}");
        }
        let entry = &record["sides"][side];
        let mesh = read_stl(&out.join(side).join("shell.stl"));
        assert_eq!(check_closed(&mesh), Ok(()), "{side}");
        let exact = entry["shell"]["volume_mm3"].as_f64().unwrap();
        assert!(
            (mesh.volume() / exact - 1.0).abs() < 1e-3,
            "{side}: mesh {} mm³, surfaces {exact} mm³",
            mesh.volume()
        );
        assert!(entry["shell"]["mesh_deviation_mm"].as_f64().unwrap() <= 0.02, "{side}");
        check_doses(side, entry);
        let mill = &entry["mill"]["check"];
        assert!(mill["gouge_mm"].as_f64().unwrap() <= 0.02, "{side}");
        assert!(mill["left_mm"].as_f64().unwrap() <= 0.10, "{side}");
        assert_eq!(mill["fault_counts"]["rapid-through-stock"], Value::Null, "{side}");
        let print = &entry["print"]["check"];
        assert!(print["deviation_pct"].as_f64().unwrap().abs() <= 2.0, "{side}");
        assert_eq!(print["outside_bed"], 0, "{side}");
    }
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(
        html.to_ascii_lowercase().starts_with("<!doctype html>") && html.len() < 4_000_000,
        "{} bytes",
        html.len()
    );
    for outside in ["src=\"http", "href=\"http", "<script", "url(http"] {
        assert!(!html.contains(outside), "the report loads nothing: {outside}");
    }
}

fn check_doses(side: &str, entry: &Value) {
    let tolerance = |unit: &str, name: &str| match (unit, name) {
        ("deg", _) => 0.1,
        (_, "heel_cup_depth_mm") => 0.2,
        (_, "shell_thickness_mm") => 0.05,
        _ => f64::INFINITY,
    };
    let doses = entry["doses"].as_array().unwrap();
    for wanted in
        ["rearfoot_post_deg", "forefoot_post_deg", "heel_cup_depth_mm", "shell_thickness_mm"]
    {
        let dose = doses
            .iter()
            .find(|dose| dose["name"] == wanted)
            .unwrap_or_else(|| panic!("{side}: no {wanted}"));
        let difference =
            (dose["requested"].as_f64().unwrap() - dose["realised"].as_f64().unwrap()).abs();
        assert!(difference <= tolerance(dose["unit"].as_str().unwrap(), wanted), "{side}: {dose}");
    }
    let thickness =
        doses.iter().find(|dose| dose["name"] == "shell_thickness_mm").unwrap()["requested"]
            .as_f64()
            .unwrap();
    assert!(entry["shell"]["minimum_thickness_mm"].as_f64().unwrap() >= thickness - 0.05, "{side}");
}

fn finding<'a>(record: &'a Value, code: &str) -> Option<&'a Value> {
    record["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code)
}

#[test]
fn the_shipped_case_is_made_and_repeats_byte_for_byte() {
    let folder = scratch("shipped");
    let case = root().join("scans/phantom/case.toml");
    let (one, two) = (folder.join("one"), folder.join("two"));
    let record = make(&case, &one, &["--reproducible", "--threads", "1"]);
    check_made(&one, &record, &["left", "right"]);
    assert!(record.get("clock").is_none());
    make(&case, &two, &["--reproducible", "--threads", "2"]);
    for path in files_under(&one) {
        let same = fs::read(one.join(&path)).unwrap() == fs::read(two.join(&path)).unwrap();
        assert!(same, "{} differs between 1 and 2 threads", path.display());
    }
    fs::remove_dir_all(folder).unwrap();
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_path_buf());
            }
        }
    }
    found.sort();
    assert!(found.len() >= 7, "{found:?}");
    found
}

#[test]
fn the_shipped_feet_are_those_that_the_phantom_makes() {
    let folder = scratch("phantom");
    let output =
        solewright(&["phantom", "--out", folder.to_str().unwrap(), "--left-arch-lower-mm", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    for name in ["left_foot.stl", "right_foot.stl", "truth.json"] {
        let same = fs::read(folder.join(name)).unwrap()
            == fs::read(root().join("scans/phantom").join(name)).unwrap();
        assert!(same, "{name} differs; run the command of scans/README.md");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_adjusted_case_differs_in_the_adjusted_dose_only() {
    let folder = scratch("adjust");
    for name in ["case.toml", "left_foot.stl", "right_foot.stl"] {
        fs::copy(root().join("scans/phantom").join(name), folder.join(name)).unwrap();
    }
    let case = folder.join("case.toml");
    let output = solewright(&[
        "adjust",
        case.to_str().unwrap(),
        "--foot",
        "left",
        "--complaint",
        "arch-presses",
        "--severity",
        "6",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["proposal"]["key"], "cast_fill_mm");
    let before = make(&case, &folder.join("before"), &["--reproducible"]);
    let after = make(&folder.join("case-2.toml"), &folder.join("after"), &["--reproducible"]);
    let decisions = |record: &Value, side: &str| -> Vec<(String, f64)> {
        let list = record["sides"][side]["decisions"].as_array().unwrap();
        list.iter()
            .map(|d| (d["key"].as_str().unwrap().to_owned(), d["value"].as_f64().unwrap()))
            .collect()
    };
    for ((key, old), (_, new)) in
        decisions(&before, "left").into_iter().zip(decisions(&after, "left"))
    {
        let expected = if key == "cast_fill_mm" { old + 1.5 } else { old };
        assert!((new - expected).abs() < 1e-6, "{key}: {old} became {new}");
    }
    assert_eq!(decisions(&before, "right"), decisions(&after, "right"));
    let arch = |record: &Value| {
        let doses = record["sides"]["left"]["doses"].as_array().unwrap();
        doses.iter().find(|dose| dose["name"] == "arch_height_mm").unwrap()["realised"]
            .as_f64()
            .unwrap()
    };
    assert!(
        arch(&after) < arch(&before) - 0.5,
        "more cast fill lowers the arch: {} to {}",
        arch(&before),
        arch(&after)
    );
    let same = |name: &str| {
        fs::read(folder.join("before/right").join(name)).unwrap()
            == fs::read(folder.join("after/right").join(name)).unwrap()
    };
    assert!(same("shell.stl") && same("mill.nc"), "the other foot is not touched");
    assert_eq!(after["case"]["revisions"].as_array().unwrap().len(), 1);
    fs::remove_dir_all(folder).unwrap();
}

/// A case on real scans, if they are there.
fn real_case(test: &str, scan_lines: &str) -> Option<(PathBuf, Value)> {
    let Some(scans) = real_scans() else {
        eprintln!(
            "SKIPPED: {test}: the real scans are not beside this checkout (../shared/data/scans)"
        );
        return None;
    };
    let folder = scratch(test);
    let scans = scans.canonicalize().unwrap();
    let lines = scan_lines.replace("SCANS", scans.to_str().unwrap());
    let case = folder.join("case.toml");
    fs::write(
        &case,
        format!("[patient]\ncode = \"T-1\"\nmass_kg = 80\nheight_m = 1.8\n[scan]\n{lines}"),
    )
    .unwrap();
    let record = make(&case, &folder.join("out"), &[]);
    assert!(record["clock"]["total_s"].as_f64().unwrap() > 0.0);
    Some((folder, record))
}

#[test]
fn a_real_pair_whose_sole_was_not_imaged() {
    let lines = "left = \"SCANS/my-feet/left_foot.stl\"\nright = \"SCANS/my-feet/right_foot.stl\"\n\
                 indication = \"medial-knee-oa\"\n[prescription]\narch_height_mm = 22\n";
    let Some((folder, record)) = real_case("my-feet", lines) else { return };
    check_made(&folder.join("out"), &record, &["left", "right"]);
    assert!(finding(&record, "sole-not-imaged").is_some(), "the missing sole is said");
    for side in ["left", "right"] {
        let entry = &record["sides"][side];
        assert_eq!(entry["scan"]["unit"], "m");
        assert_eq!(entry["sole"]["imaged"], false);
        assert_eq!(entry["assumed_arch_mm"], 22.0, "the arch comes from the prescription");
        let length = entry["measurements"]["length_mm"].as_f64().unwrap();
        assert!((length - 275.4).abs() < 1.5, "{side}: {length}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_real_foot_with_an_arch_and_lifted_toes() {
    let lines = "left = \"SCANS/find/find_mean.stl\"\nweight_bearing = \"non-weight-bearing\"\n";
    let Some((folder, record)) = real_case("find", lines) else { return };
    check_made(&folder.join("out"), &record, &["left"]);
    let entry = &record["sides"]["left"];
    assert_eq!(entry["sole"]["imaged"], true);
    assert!(entry["measurements"]["arch_height_mm"].as_f64().unwrap() > 8.0);
    assert!(finding(&record, "sole-not-imaged").is_none());
    fs::remove_dir_all(folder).unwrap();
}
