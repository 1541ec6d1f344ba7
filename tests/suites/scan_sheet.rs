//! `solewright scan` from outside: one object per foot in the promised form, pictures that show
//! something, and refusals with their reason.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says aloud what it skips"
)]

use std::fs;
use std::path::{Path, PathBuf};

use end_to_end::{printed, real_scans, root, scratch, solewright};
use serde_json::Value;

/// Runs `scan --json` and reads one object a line.
fn scan(arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = solewright(&[&["scan", "--json"], arguments].concat());
    let lines = printed(&output);
    let objects = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), objects)
}

const MEASUREMENTS: [&str; 16] = [
    "length_mm",
    "ball_width_mm",
    "heel_width_mm",
    "truncated_length_mm",
    "ball_girth_mm",
    "instep_girth_mm",
    "dorsum_height_mm",
    "arch_height_mm",
    "arch_height_index",
    "arch_index",
    "navicular_height_mm",
    "forefoot_angle_deg",
    "rearfoot_angle_deg",
    "arch_length_mm",
    "arch_apex_mm",
    "foot_axis_deg",
];

/// The form of the object, whatever the scan.
#[track_caller]
fn check_form(object: &Value) {
    let file = object["file"].as_str().unwrap();
    let verdict = object["verdict"].as_str().unwrap();
    assert!(["good", "usable", "refused"].contains(&verdict), "{file}: {verdict}");
    assert_eq!(object["reason"].is_null(), verdict == "good", "{file}: {}", object["reason"]);
    let checks = object["quality"].as_array().unwrap();
    assert!(!checks.is_empty(), "{file}");
    for check in checks {
        assert!(check["check"].is_string() && check["verdict"].is_string(), "{file}: {check}");
        assert!(check["value"].is_number() || check["value"].is_null(), "{file}: {check}");
        assert!(check["limit"].is_number() || check["limit"].is_null(), "{file}: {check}");
    }
    let refused = checks.iter().any(|check| check["verdict"] == "refused");
    assert_eq!(refused, verdict == "refused", "{file}");
    for (step, seconds) in object["timings_s"].as_object().unwrap() {
        assert!(seconds.as_f64().unwrap() >= 0.0, "{file}: {step}");
    }
    if object["measurements"].as_object().unwrap().is_empty() {
        assert_eq!(verdict, "refused", "{file}");
        return;
    }
    assert!(["left", "right"].contains(&object["side"].as_str().unwrap()), "{file}");
    assert!(["m", "cm", "mm", "in"].contains(&object["unit"].as_str().unwrap()), "{file}");
    assert!(object["weight_bearing"].as_str().unwrap().ends_with("weight-bearing"), "{file}");
    for key in MEASUREMENTS {
        let (value, detail) = (&object["measurements"][key], &object["measurement_details"][key]);
        assert!(value.is_number() || value.is_null(), "{file}: {key} is {value}");
        assert!(!detail["definition"].as_str().unwrap().is_empty(), "{file}: {key}");
        // What is missing says why, in the finding, too.
        assert!(value.is_number() || detail["remark"].is_string(), "{file}: {key}");
    }
    for (name, mark) in object["landmarks"].as_object().unwrap() {
        assert_eq!(mark["mm"].as_array().unwrap().len(), 3, "{file}: {name}");
        assert!((0.0..=1.0).contains(&mark["confidence"].as_f64().unwrap()), "{file}: {name}");
        let source = mark["source"].as_str().unwrap();
        assert!(["automatic", "by-hand", "assumed"].contains(&source), "{file}: {name}");
    }
}

fn number(object: &Value, key: &str) -> f64 {
    object["measurements"][key].as_f64().unwrap_or_else(|| panic!("{key} is not measured"))
}

#[track_caller]
fn near(object: &Value, key: &str, expected: f64, tolerance: f64) {
    let found = number(object, key);
    assert!((found - expected).abs() <= tolerance, "{key}: {found} is {expected}");
}

fn shipped(side: &str) -> String {
    root().join(format!("scans/phantom/{side}_foot.stl")).display().to_string()
}

fn real(set: &str) -> Option<Vec<PathBuf>> {
    let Some(folder) = real_scans() else {
        eprintln!("skipped: the real scans are not beside the checkout");
        return None;
    };
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join(set))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stl"))
        .collect();
    files.sort();
    Some(files)
}

fn scan_all(files: &[PathBuf], more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let paths: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    scan(&[&paths[..], more].concat())
}

#[test]
fn the_shipped_pair_is_good_and_true() {
    let (code, objects) = scan(&[&shipped("left"), &shipped("right")]);
    assert_eq!((code, objects.len()), (Some(0), 2));
    let truth: Value =
        serde_json::from_slice(&fs::read(root().join("scans/phantom/truth.json")).unwrap())
            .unwrap();
    for (object, side) in objects.iter().zip(["left", "right"]) {
        check_form(object);
        assert_eq!(object["verdict"], "good", "{}", object["reason"]);
        assert_eq!((&object["side"], &object["unit"]), (&Value::from(side), &Value::from("mm")));
        for (key, tolerance) in [
            ("length_mm", 0.5),
            ("ball_width_mm", 0.5),
            ("heel_width_mm", 0.5),
            ("arch_height_mm", 0.5),
            ("truncated_length_mm", 0.5),
        ] {
            near(object, key, truth[side][key].as_f64().unwrap(), tolerance);
        }
        assert_eq!(object["arch"]["type"], "normal");
        let difference = object["left_right"].as_array().unwrap();
        let arch = difference.iter().find(|entry| entry["key"] == "arch_height_mm").unwrap();
        assert!((arch["difference"].as_f64().unwrap() + 2.0).abs() < 0.3, "{arch}");
    }
}

#[test]
fn my_feet_have_no_sole_and_are_usable() {
    let Some(files) = real("my-feet") else { return };
    let (code, objects) = scan_all(&files, &[]);
    assert_eq!((code, objects.len()), (Some(0), 2));
    for (object, side) in objects.iter().zip(["left", "right"]) {
        check_form(object);
        assert_eq!(object["verdict"], "usable");
        assert!(object["reason"].as_str().unwrap().contains("Sole not imaged"));
        // A flat lid on top does not make a cast of a foot on a plate.
        assert_eq!(object["kind"], "foot");
        assert_eq!((&object["side"], &object["unit"]), (&Value::from(side), &Value::from("m")));
        near(object, "length_mm", 275.4, 0.7);
        // Measured by the data's keeper: dorsum 74.6 mm at half the length.
        near(object, "dorsum_height_mm", 74.6, 1.5);
        for key in ["arch_height_mm", "arch_index", "forefoot_angle_deg", "arch_length_mm"] {
            assert!(object["measurements"][key].is_null(), "{key}");
        }
    }
}

#[test]
fn the_makehuman_pair_is_mirrored() {
    let Some(files) = real("makehuman") else { return };
    let (code, objects) = scan_all(&files, &[]);
    assert_eq!((code, objects.len()), (Some(0), 2));
    objects.iter().for_each(check_form);
    assert_eq!((&objects[0]["side"], &objects[1]["side"]), (&"left".into(), &"right".into()));
    for key in MEASUREMENTS {
        let [left, right] = [0, 1].map(|index| objects[index]["measurements"][key].as_f64());
        match (left, right) {
            (Some(left), Some(right)) => assert!((left - right).abs() < 1e-3, "{key}"),
            (left, right) => assert_eq!(left, right, "{key}"),
        }
    }
    for (name, mark) in objects[0]["landmarks"].as_object().unwrap() {
        for axis in 0..3 {
            let other = objects[1]["landmarks"][name]["mm"][axis].as_f64().unwrap();
            assert!((mark["mm"][axis].as_f64().unwrap() - other).abs() < 0.1, "{name}");
        }
    }
}

#[test]
fn every_find_foot_passes_unloaded() {
    let Some(files) = real("find") else { return };
    let (code, objects) = scan_all(&files, &["--weight-bearing", "none"]);
    assert_eq!((code, objects.len()), (Some(0), files.len()));
    for object in &objects {
        check_form(object);
        assert_eq!((&object["side"], &object["unit"]), (&"left".into(), &"m".into()));
        assert_eq!(object["weight_bearing"], "non-weight-bearing");
        assert!(number(object, "arch_height_mm") > 8.0);
        assert!(object["sole"]["imaged"].as_bool().unwrap());
    }
}

#[test]
fn pictures_and_json_are_written_and_show_something() {
    let folder = scratch("scan-pictures");
    let (left, right) = (shipped("left"), shipped("right"));
    let out = folder.join("one");
    let (code, objects) = scan(&[&right, "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    check_pictures(&out, "right");
    let written: Value = serde_json::from_slice(&fs::read(out.join("foot.json")).unwrap()).unwrap();
    assert_eq!(written["measurements"], objects[0]["measurements"]);
    let out = folder.join("two");
    let (code, _) = scan(&[&left, &right, "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    check_pictures(&out.join("left_foot-left"), "left");
    check_pictures(&out.join("right_foot-right"), "right");
    fs::remove_dir_all(folder).unwrap();
}

/// Every picture names the side, has an image or lines, and differs from every other.
fn check_pictures(folder: &Path, side: &str) {
    let mut seen: Vec<String> = Vec::new();
    for (name, words) in [
        ("top.svg", "50 mm"),
        ("side.svg", "first metatarsal head"),
        ("height-map.svg", "height, mm"),
        ("cross-sections.svg", "mm across"),
        ("landmarks.svg", "heel back"),
        ("quality.svg", "Coverage of the sole"),
    ] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>"), "{name}");
        assert!(text.contains(&format!("{side} foot")), "{name} names the side");
        assert!(text.contains(words), "{name} lacks \"{words}\"");
        // A picture of nothing packs into a few hundred bytes.
        assert!(text.len() > 5_000, "{name}: {} bytes", text.len());
        assert!(text.contains("<image") || text.matches("<path").count() > 5, "{name}");
        assert!(!seen.contains(&text), "{name}");
        seen.push(text);
    }
}

#[test]
fn refused_files_print_their_object_too() {
    let folder = scratch("scan-refused");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).unwrap();
        folder.join(name).display().to_string()
    };
    let empty = write("empty.stl", b"");
    let words = write("words.stl", b"this is no scan at all, only words");
    let missing = folder.join("missing.stl").display().to_string();
    let good = shipped("left");
    let (code, objects) = scan(&[&empty, &good, &words, &missing, folder.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    let verdicts: Vec<&str> =
        objects.iter().map(|object| object["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["refused", "good", "refused", "refused", "refused"]);
    for object in &objects {
        check_form(object);
        let reason = object["reason"].as_str().unwrap_or_default();
        assert_eq!(reason.lines().count(), usize::from(object["verdict"] == "refused"), "{reason}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_wrong_side_is_refused() {
    let (code, objects) = scan(&[&shipped("left"), "--side", "right"]);
    assert_eq!(code, Some(1));
    check_form(&objects[0]);
    assert_eq!(objects[0]["quality"][0]["check"], "side");
    assert!(objects[0]["reason"].as_str().unwrap().contains("left"));
}

#[test]
fn the_length_by_hand_shows_errors_of_scale() {
    for (by_hand, verdict) in
        [("260", "good"), ("262", "good"), ("250", "usable"), ("230", "refused")]
    {
        let (code, objects) = scan(&[&shipped("right"), "--length-mm", by_hand]);
        check_form(&objects[0]);
        assert_eq!(objects[0]["verdict"], verdict, "{by_hand}: {}", objects[0]["reason"]);
        assert_eq!(code, Some(i32::from(verdict == "refused")));
        let checks = objects[0]["quality"].as_array().unwrap();
        let scale = checks.iter().find(|check| check["check"] == "scale_error_pct").unwrap();
        let expected = 100.0 * (260.0 / by_hand.parse::<f64>().unwrap() - 1.0).abs();
        assert!((scale["value"].as_f64().unwrap() - expected).abs() < 0.2, "{scale}");
    }
}

#[test]
fn the_length_by_hand_settles_the_unit() {
    // A foot of 12.0 in the file's numbers: 120 mm of a child in cm, or 305 mm in inches.
    let folder = scratch("scan-unit");
    let bytes = fs::read(shipped("right")).unwrap();
    let mut scaled = bytes[..84].to_vec();
    for facet in bytes[84..].chunks_exact(50) {
        let mut facet = facet.to_vec();
        for coordinate in facet[12..48].chunks_exact_mut(4) {
            let value =
                f32::from_le_bytes([coordinate[0], coordinate[1], coordinate[2], coordinate[3]]);
            coordinate.copy_from_slice(&(value * (12.0 / 260.0)).to_le_bytes());
        }
        scaled.extend(facet);
    }
    let file = folder.join("foot.stl").display().to_string();
    fs::write(&file, scaled).unwrap();
    let (_, objects) = scan(&[&file]);
    assert_eq!(objects[0]["verdict"], "refused", "the size alone does not tell the unit");
    check_form(&objects[0]);
    let question = objects[0]["reason"].as_str().unwrap();
    assert!(question.contains("centimeter") && question.contains("which is it?"), "{question}");
    for (unit, length) in [("in", 304.8), ("cm", 120.0)] {
        let (code, objects) = scan(&[&file, "--unit", unit]);
        assert_eq!(code, Some(0), "{unit}: {}", objects[0]["reason"]);
        near(&objects[0], "length_mm", length, 0.5);
    }
    for (by_hand, unit, length) in [("305", "in", 304.8), ("121", "cm", 120.0)] {
        let (code, objects) = scan(&[&file, "--length-mm", by_hand]);
        assert_eq!(code, Some(0), "{by_hand}: {}", objects[0]["reason"]);
        assert_eq!(objects[0]["unit"], unit, "{by_hand}");
        near(&objects[0], "length_mm", length, 0.5);
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn wrong_words_are_wrong_usage() {
    let foot = shipped("left");
    for arguments in [
        vec!["scan"],
        vec!["scan", &foot, "--side", "both"],
        vec!["scan", &foot, "--unit", "ft"],
        vec!["scan", &foot, "--length-mm", "26"],
        vec!["scan", &foot, "--weight-bearing", "some"],
        vec!["scan", &foot, "--kind", "shoe"],
    ] {
        assert_eq!(solewright(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}
