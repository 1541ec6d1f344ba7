//! The verb `gait` and cases with a measured walk, on real trials and on files made here.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says aloud what it skips"
)]

use std::fs;
use std::path::PathBuf;

use end_to_end::{complained, printed, real_gait, root, scratch, solewright};
use serde_json::Value;

fn trial(test: &str, file: &str) -> Option<String> {
    let found = real_gait().map(|folder| folder.join(file)).filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {test}: ../shared/data/gait/{file} is not beside this checkout");
    }
    found.map(|path| path.to_str().unwrap().to_owned())
}

fn json(arguments: &[&str]) -> Value {
    let output = solewright(&[&["gait", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", complained(&output), printed(&output));
    serde_json::from_str(&printed(&output)).unwrap()
}

/// Body mass, height and the side's first used stance.
fn used<'a>(result: &'a Value, side: &str) -> &'a Value {
    let stances = result["stances"].as_array().unwrap();
    let is_wanted = |stance: &&Value| stance["used"] == true && stance["side"] == side;
    stances.iter().find(is_wanted).unwrap_or_else(|| panic!("no {side} stance: {result:.0}"))
}

#[test]
fn markers_and_forces_of_one_walk() {
    let test = "markers_and_forces_of_one_walk";
    let Some(markers) = trial(test, "gait2392/subject01_walk1.trc") else { return };
    let forces = trial(test, "gait2392/subject01_walk1_grf.mot").unwrap();
    let standing = trial(test, "gait2392/subject01_static.trc").unwrap();
    let result = json(&[&markers, &forces, "--static", &standing, "--mass-kg", "72.6"]);
    for key in ["trial", "mass_kg", "height_m", "stances", "symmetry", "findings", "quality"] {
        assert!(result.get(key).is_some(), "{key}");
    }
    assert_eq!(result["mass_kg"], 72.6);
    assert_eq!(result["height_m"], Value::Null);
    for side in ["left", "right"] {
        let stance = used(&result, side);
        assert_eq!(stance["curves"]["kam_nm"].as_array().unwrap().len(), 101);
        let peak = stance["kam_peak1_nm_per_kg"].as_f64().unwrap();
        assert!((0.1..0.6).contains(&peak), "{side} {peak}");
        assert_eq!(stance["kam_peak1_pct_bwht"], Value::Null, "no height, no %BW*Ht");
        assert!(stance["foot_progression_deg"].is_f64());
    }
    let unused =
        result["stances"].as_array().unwrap().iter().find(|stance| stance["used"] == false);
    assert!(unused.unwrap()["reason"].as_str().unwrap().len() > 5);
}

#[test]
fn the_frame_of_moments_is_stated_and_changes_them() {
    let test = "the_frame_of_moments_is_stated_and_changes_them";
    let Some(walk) = trial(test, "btk-pig/PiG_Motion3_FF.c3d") else { return };
    let peak = |frame: &str| {
        let result = json(&[&walk, "--frame", frame]);
        assert_eq!(result["height_m"], 1.76);
        let stance = used(&result, "left");
        assert!(stance["kam_peak1_pct_bwht"].is_f64());
        (result["frame"].clone(), stance["kam_peak1_nm_per_kg"].as_f64().unwrap())
    };
    let (tibia, laboratory) = (peak("tibia"), peak("lab"));
    assert_eq!((tibia.0, laboratory.0), ("tibia".into(), "laboratory".into()));
    assert!((tibia.1 - laboratory.1).abs() > 1e-3);
}

#[test]
fn sheet_json_and_pictures_in_a_folder() {
    let test = "sheet_json_and_pictures_in_a_folder";
    let Some(walk) = trial(test, "btk-pig/PiG_Motion3_FF.c3d") else { return };
    let folder = scratch(test);
    let out = folder.join("out");
    let output = solewright(&["gait", &walk, "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    assert!(printed(&output).contains("74.0 kg, 1.76 m; marker set plug-in-gait"));
    let names =
        ["gait.json", "kam.svg", "kfm.svg", "grf.svg", "butterfly_left.svg", "cop_right.svg"];
    for name in names {
        let text =
            fs::read_to_string(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(text.starts_with(if name.ends_with("svg") { "<svg" } else { "{" }), "{name}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_treadmill_sheet_and_a_pressure_grid() {
    let folder = scratch("a_treadmill_sheet_and_a_pressure_grid");
    let sheet = folder.join("treadmill.csv");
    fs::write(&sheet, "speed,4.5,km/h\ncadence,110\nfoot progression angle left,12\n").unwrap();
    let result = json(&[sheet.to_str().unwrap(), "--mass-kg", "70", "--height-m", "1.7"]);
    assert_eq!(result["metrics"]["left"]["walking_speed_m_per_s"], 1.25);
    let angle = used(&result, "left")["foot_progression_deg"].as_f64().unwrap();
    assert!((angle - 12.0).abs() < 1e-9, "{angle}");
    assert_eq!(used(&result, "right")["curves"]["kam_nm"].as_array().unwrap().len(), 101);
    fs::remove_dir_all(folder).unwrap();
    let test = "a_treadmill_sheet_and_a_pressure_grid";
    let Some(insole) = trial(test, "../pressure/fscan/walk_L.asf") else { return };
    let result = json(&[&insole]);
    assert_eq!(result["side"], "left");
    assert!(result["regions"]["medial_heel"]["peak_kpa"].is_f64());
}

#[test]
fn refusals_are_one_sentence() {
    let test = "refusals_are_one_sentence";
    let folder = scratch(test);
    let refused = |arguments: &[&str], words: &str| {
        let output = solewright(&[&["gait"], arguments].concat());
        let complaint = complained(&output);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert_eq!(complaint.trim_end().lines().count(), 1, "one sentence: {complaint}");
        assert!(complaint.contains(words), "`{words}` is missing in: {complaint}");
    };
    let cut = folder.join("cut.c3d");
    fs::write(&cut, [2, 0x50, 3, 0]).unwrap();
    refused(&[cut.to_str().unwrap()], "header needs 512 bytes");
    refused(&["nowhere.c3d"], "nowhere.c3d");
    let noise = folder.join("noise.csv");
    fs::write(&noise, "a;b\n").unwrap();
    refused(&[noise.to_str().unwrap()], "no motion file");
    if let Some(forces) = trial(test, "gait2392/subject01_walk1_grf.mot") {
        refused(&[&forces], "no markers");
        let other = trial(test, "btk-pig/PiG_Motion3_FF.c3d").unwrap();
        refused(&[&other, &forces], "both hold force plates");
        refused(&[&other, "--markers", "nobody"], "known are");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// A case with the phantom's feet and a trial.
fn case_with(test: &str, gait: &str) -> PathBuf {
    let folder = scratch(test);
    let phantom = root().join("scans/phantom");
    let scans: String = ["left", "right"]
        .map(|side| format!("{side} = {:?}\n", phantom.join(format!("{side}_foot.stl"))))
        .concat();
    let case = format!(
        "indication = \"medial-knee-oa\"\n[patient]\ncode = \"P-1\"\nmass_kg = 74\nheight_m = 1.76\n[scan]\n{scans}{gait}"
    );
    fs::write(folder.join("case.toml"), case).unwrap();
    folder
}

#[test]
fn a_case_takes_the_measured_stance() {
    let test = "a_case_takes_the_measured_stance";
    let Some(walk) = trial(test, "btk-pig/PiG_Motion3_FF.c3d") else { return };
    let metrics = "[gait.metrics.right]\nkam_peak1_pct_bwht = 3.0\n";
    let folder = case_with(test, &format!("[gait]\ntrial = {walk:?}\n{metrics}"));
    let (case, out) = (folder.join("case.toml"), folder.join("out"));
    let output = solewright(&["make", case.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let record: Value = serde_json::from_slice(&fs::read(out.join("run.json")).unwrap()).unwrap();
    let text = record.to_string();
    assert!(text.contains("metrics-overrule-trial") && text.contains("gait-measured"));
    assert!(!text.contains("gait-normative"), "a norm was used beside a trial");
    let inputs = record["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|input| input["of"] == "trial" && input["sha256"].is_string()));
    for (side, moment) in [("left", "measured"), ("right", "scaled-to-metrics")] {
        let gait = &record["sides"][side]["gait"];
        assert_eq!(gait["sources"]["adduction_moment"], moment, "{side}: {gait}");
        assert_eq!(gait["sources"]["vertical_force"], "measured", "{side}");
        assert!((gait["stance_time_s"].as_f64().unwrap() - 0.66).abs() < 0.02, "{side}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_trial_without_a_usable_stance_is_refused() {
    let test = "a_trial_without_a_usable_stance_is_refused";
    let Some(standing) = trial(test, "btk-pig/PiG_Calibration3_FF.c3d") else { return };
    let folder = case_with(test, &format!("[gait]\ntrial = {standing:?}\n"));
    let (case, out) = (folder.join("case.toml"), folder.join("out"));
    let output = solewright(&["make", case.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let complaint = complained(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("no left foot stood on a plate"), "{complaint}");
    assert!(!out.exists(), "something was written");
    fs::remove_dir_all(folder).unwrap();
}

/// An insole recording of three steps on a 270 mm foot: heel, lateral midfoot, ball and toes load one after the other.
fn insole(side: &str) -> String {
    let spots = [
        ([0.0, 20.0], 24.0, 0.15, 260.0),
        ([12.0, 90.0], 20.0, 0.4, 90.0),
        ([-18.0, 165.0], 22.0, 0.65, 240.0),
        ([16.0, 160.0], 22.0, 0.6, 200.0),
        ([-22.0, 222.0], 14.0, 0.85, 180.0),
        ([8.0, 218.0], 14.0, 0.85, 90.0),
    ];
    let lateral = if side == "right" { 1.0 } else { -1.0 };
    let frame = |part: Option<f64>| -> String {
        let cell = |x: f64, y: f64| {
            let kpa: f64 = spots
                .iter()
                .map(|([at_x, at_y], radius, when, peak)| {
                    let far =
                        ((x * lateral - at_x).powi(2) + (y - at_y).powi(2)) / (radius * radius);
                    let load = part.map_or(0.0, |part| (-((part - when) / 0.22_f64).powi(2)).exp());
                    peak * load * (1.3 - far).max(0.0)
                })
                .sum();
            format!("{kpa:.0}")
        };
        let row = |y: f64| {
            let cells: Vec<String> =
                (0..22).map(|column| cell(5.0 * (f64::from(column) - 10.5), y)).collect();
            cells.join(",") + "\n"
        };
        (0..54).map(|line| row(245.0 - 5.0 * f64::from(line))).collect()
    };
    let mut frames = Vec::new();
    for _ in 0..3 {
        frames.extend((0..20).map(|_| frame(None)));
        frames.extend((0..35).map(|i| frame(Some((f64::from(i) + 0.5) / 35.0))));
    }
    frames.push(frame(None));
    format!("# unit=kPa, side={side}\n{}", frames.join("\n"))
}

/// The record of a case that was made.
fn record(folder: &std::path::Path) -> Value {
    let (case, out) = (folder.join("case.toml"), folder.join("out"));
    let output = solewright(&["make", case.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    serde_json::from_slice(&fs::read(out.join("run.json")).unwrap()).unwrap()
}

/// What a quantity of the table "measured / assumed" rests on.
fn source<'a>(record: &'a Value, side: &str, key: &str) -> &'a Value {
    let rows = record["sides"][side]["gait"]["baseline"].as_array().unwrap();
    &rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key}"))["source"]
}

/// A case with the left foot alone.
fn left_only(folder: &std::path::Path) {
    let case = fs::read_to_string(folder.join("case.toml")).unwrap();
    let kept: String =
        case.lines().filter(|line| !line.starts_with("right")).map(|l| format!("{l}\n")).collect();
    fs::write(folder.join("case.toml"), kept).unwrap();
}

/// What a design found, by side and code.
fn designed(folder: &std::path::Path) -> Vec<(String, String)> {
    let output = solewright(&["design", folder.join("case.toml").to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let result: Value = serde_json::from_str(&printed(&output)).unwrap();
    let mut found = Vec::new();
    for side in result["sides"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings = side["findings"].as_array().unwrap();
        found.extend(findings.iter().map(|one| (text(&side["side"]), text(&one["code"]))));
    }
    found
}

/// Pictures, table and entry of a recording; its center of pressure is the baseline. The limit of 200 kPa for feet without
/// protective sensation counts when the case says so.
#[test]
fn a_case_shows_its_pressure_recording_and_walks_along_it() {
    let folder = case_with(
        "a_case_shows_its_pressure_recording_and_walks_along_it",
        "[gait]\npressure_cell_mm = 5\npressure_rate_hz = 50\npressure = [\"l.csv\", \"r.csv\"]\n",
    );
    left_only(&folder);
    let plain = fs::read_to_string(folder.join("case.toml")).unwrap();
    let neuropathic = plain.replace("[scan]", "cautions = [\"neuropathy\"]\n[scan]")
        + "[prescription]\ninfill_unload_pct = 12\n";
    fs::write(folder.join("case.toml"), neuropathic).unwrap();
    for (side, file) in [("left", "l.csv"), ("right", "r.csv")] {
        fs::write(folder.join(file), insole(side)).unwrap();
    }
    let record = record(&folder);
    assert_eq!(source(&record, "left", "cop_most_lateral_mm"), "measured");
    assert_eq!(source(&record, "left", "stance_time_s"), "measured");
    assert_eq!(source(&record, "left", "kam_peak1_pct_bwht"), "normative");
    let pressure = &record["sides"]["left"]["pressure"];
    assert_eq!(pressure["recording"]["side"], "left");
    assert!(pressure["recording"]["regions"]["medial_heel"]["peak_kpa"].as_f64().unwrap() > 100.0);
    assert!(pressure.to_string().contains("above-neuropathic-limit"));
    assert!(pressure["registration"]["confidence"].is_f64());
    let path = pressure["path_on_foot_pct_mm_mm"].as_array().unwrap();
    let forward = |point: &Value| point[2].as_f64().unwrap();
    assert!(forward(path.last().unwrap()) - forward(&path[0]) > 120.0, "heel to toes");
    let inputs = record["inputs"].as_array().unwrap();
    assert_eq!(inputs.iter().filter(|input| input["of"] == "pressure").count(), 2);
    let findings = record["findings"].to_string();
    assert!(findings.contains("pressure-of-another-foot"));
    assert!(findings.contains("\"unloaded\"") && findings.contains("Infill of 12 % under the"));
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    for words in ["Pressure on the scanned foot", "measured: l.csv", "assumed: norm for body size"]
    {
        assert!(page.contains(words), "{words}");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// A sheet is of what the caller says it is of, its numbers are held to that, and its sides are compared.
#[test]
fn a_sheet_of_another_activity() {
    let folder = scratch("a_sheet_of_another_activity");
    let file = folder.join("sheet.toml");
    fs::write(
        &file,
        "walking_speed_m_per_s = 3.5\n[left]\nkam_peak1_pct_bwht = 5\n[right]\nkam_peak1_pct_bwht = 8.5\n",
    )
    .unwrap();
    let arguments = [file.to_str().unwrap(), "--mass-kg", "70", "--height-m", "1.7"];
    let with = |activity: &'static str| [&arguments[..], &["--activity", activity]].concat();
    let running = json(&with("running"));
    assert_eq!(running["activity"], "running");
    let stance = &running["stances"][1];
    assert_eq!(stance["kam_peak1_pct_bwht"].as_f64().map(f64::round), Some(9.0), "{stance}");
    assert_eq!(stance["curves"]["kam_nm"].as_array().unwrap().len(), 101);
    let force = stance["curves"]["grf_vertical_n"].as_array().unwrap();
    let peak = force.iter().filter_map(Value::as_f64).fold(0.0, f64::max) / (70.0 * 9.806_65);
    assert!((2.3..2.8).contains(&peak), "{peak} body weights");
    let symmetry = &running["symmetry"][0];
    assert_eq!(symmetry["measure"], "kam_peak1_nm");
    assert!((symmetry["symmetry_index_pct"].as_f64().unwrap() - 51.85).abs() < 0.1, "{symmetry}");
    assert!(running["findings"].to_string().contains("Uneven knee loading"));
    let walking = solewright(&[&["gait"][..], &with("walking")].concat());
    assert_eq!(walking.status.code(), Some(1));
    assert!(complained(&walking).contains("running"), "{}", complained(&walking));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_neuropathic_limit_counts_on_call() {
    let folder = scratch("the_neuropathic_limit_counts_on_call");
    let file = folder.join("l.csv");
    fs::write(&file, insole("left")).unwrap();
    let arguments = [file.to_str().unwrap(), "--cell-mm", "5", "--rate-hz", "50"];
    let limit = |result: &Value| result.to_string().contains("above-neuropathic-limit");
    assert!(!limit(&json(&arguments)));
    assert!(limit(&json(&[&arguments[..], &["--neuropathic"]].concat())));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_side_that_the_trial_misses_is_said_and_the_wrong_leg_refused() {
    let test = "a_side_that_the_trial_misses_is_said_and_the_wrong_leg_refused";
    // Its left heel lands beside the plate.
    let Some(walk) = trial(test, "opensim-c3d/walking2.c3d") else { return };
    let folder = case_with(test, &format!("[gait]\ntrial = {walk:?}\n"));
    let found = designed(&folder);
    let sides_with = |wanted: &str| -> Vec<&str> {
        found.iter().filter(|(_, code)| code == wanted).map(|(side, _)| side.as_str()).collect()
    };
    assert_eq!(sides_with("no-stance-of-this-side"), ["left"]);
    assert_eq!(sides_with("gait-measured"), ["right"]);
    assert_eq!(sides_with("gait-normative"), ["left"]);
    // Its path leaves the phantom's sole at push-off; that once refused the case.
    assert_eq!(sides_with("pressure-beside-sole"), ["right"]);
    left_only(&folder);
    refused_case(&folder, "no left stance can be used");
    fs::remove_dir_all(folder).unwrap();
}

#[track_caller]
fn refused_case(folder: &std::path::Path, words: &str) {
    let (case, out) = (folder.join("case.toml"), folder.join("out"));
    let output = solewright(&["make", case.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let complaint = complained(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.trim_end().lines().count(), 1, "one sentence: {complaint}");
    assert!(complaint.contains(words), "`{words}` is missing in: {complaint}");
    assert!(!out.exists(), "something was written");
}

#[test]
fn impossible_and_contradictory_gait_is_refused() {
    let test = "impossible_and_contradictory_gait_is_refused";
    let folder = case_with(test, "");
    let whole = fs::read_to_string(folder.join("case.toml")).unwrap();
    let metric = |key: &str| format!("{whole}[gait.metrics]\n{key}\n");
    for (case, words) in [
        (whole.replace("mass_kg = 74", "mass_kg = -74"), "`mass_kg` = -74 kg is outside"),
        (whole.replace("mass_kg = 74\n", ""), "mass_kg"),
        (metric("kam_peak1_pct_bwht = 20"), "outside 0.2 to 9 %BW*Ht"),
        (metric("walking_speed_m_per_s = 4.5"), "km/h"),
        (
            metric("knee_varus_deg = -6"),
            "the indication is medial-knee-oa, but knee_varus_deg = -6",
        ),
        (
            metric("knee_varus_deg = 4").replace("[scan]", "cautions = [\"valgus-knee\"]\n[scan]"),
            "valgus-knee is on file, but knee_varus_deg = 4",
        ),
        (format!("{whole}[gait]\npressure = \"gone.asf\"\n"), "gone.asf"),
    ] {
        fs::write(folder.join("case.toml"), case).unwrap();
        refused_case(&folder, words);
    }
    fs::remove_dir_all(folder).unwrap();
}

/// The activity sets the load case; what is assumed in it is said.
#[test]
fn running_and_standing_are_load_cases() {
    let folder = case_with("running_and_standing_are_load_cases", "");
    left_only(&folder);
    let whole = fs::read_to_string(folder.join("case.toml")).unwrap();
    for (word, code) in [("running", "gait-running"), ("standing-work", "gait-standing")] {
        fs::write(folder.join("case.toml"), format!("activity = {word:?}\n{whole}")).unwrap();
        assert!(designed(&folder).iter().any(|(_, found)| found == code), "{word}");
    }
    fs::remove_dir_all(folder).unwrap();
}
