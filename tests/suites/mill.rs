//! Milling a model: the program, its set-up sheet, and the check of what was written.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use end_to_end::{complained, printed, scratch, solewright};
use geometry::{Point3, TriMesh};
use serde_json::Value;

/// A plate of 30 x 20 x 4 mm as a text STL.
fn plate(folder: &Path) -> PathBuf {
    let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(30.0, 20.0, 4.0));
    let mut text = "solid plate\n".to_owned();
    for corners in mesh.corner_points() {
        text.push_str("facet normal 0 0 0\nouter loop\n");
        for corner in corners {
            writeln!(text, "vertex {} {} {}", corner.x, corner.y, corner.z).unwrap();
        }
        text.push_str("endloop\nendfacet\n");
    }
    text.push_str("endsolid plate\n");
    let file = folder.join("plate.stl");
    fs::write(&file, text).unwrap();
    file
}

fn milled(folder: &Path, more: &[&str]) -> Value {
    let (model, out) = (plate(folder), folder.join("plate.nc"));
    let mut arguments = vec!["mill", model.to_str().unwrap(), "--json", "--out"];
    arguments.push(out.to_str().unwrap());
    arguments.extend(more);
    let output = solewright(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}{}", complained(&output), printed(&output));
    serde_json::from_str(&printed(&output)).unwrap()
}

#[test]
fn a_program_comes_with_the_sheet_that_lies_beside_the_machine() {
    let folder = scratch("mill-sheet");
    let said = milled(&folder, &[]);
    let sheet = fs::read_to_string(folder.join("plate-setup.html")).unwrap();
    assert!(said["sheet"].as_str().unwrap().ends_with("plate-setup.html"));
    let program = fs::read(folder.join("plate.nc")).unwrap();
    let hash = pipeline::fingerprint(&program);
    for words in [&hash, "plate.nc", "X0 Y0", "T1 Ball nose 6 mm", "Roughing", "Outline", "4 tabs"]
    {
        assert!(sheet.contains(words), "the sheet does not say {words}");
    }
    assert_eq!(sheet.matches("<figure").count(), 4);
    let again = scratch("mill-sheet-again");
    milled(&again, &[]);
    assert_eq!(fs::read_to_string(again.join("plate-setup.html")).unwrap(), sheet);
    fs::remove_dir_all(folder).unwrap();
    fs::remove_dir_all(again).unwrap();
}

#[test]
fn closer_passes_leave_less_and_take_longer() {
    let figures = |step: &str| {
        let folder = scratch(&format!("mill-step-{step}"));
        let said = milled(&folder, &["--step-over", step, "--spread", "even"]);
        fs::remove_dir_all(folder).unwrap();
        let check = said["programs"][0]["check"].clone();
        ["time_s", "left_mm"].map(|key| check[key].as_f64().unwrap())
    };
    let ([wide_s, wide_mm], [close_s, close_mm]) = (figures("1.0"), figures("0.3"));
    assert!(close_s > wide_s && close_mm < wide_mm, "{wide_s} {wide_mm} {close_s} {close_mm}");
}

#[test]
fn a_blank_that_is_turned_over_is_held_by_dowels_in_drilled_holes() {
    let folder = scratch("mill-dowels");
    let more = ["--workpiece", "shell", "--registration", "dowels", "--machine", "linuxcnc-router"];
    let said = milled(&folder, &more);
    let programs = said["programs"].as_array().unwrap();
    assert_eq!(programs.len(), 2, "{said}");
    let program = fs::read_to_string(folder.join("plate-side1.nc")).unwrap();
    assert!(program.contains("T7 M6") && program.contains("G98 G83 X"), "{program}");
    let sheet = fs::read_to_string(folder.join("plate-setup.html")).unwrap();
    for words in
        ["hole, to be drilled", "Put a dowel into each", "Keep X0 Y0 where it was", "Dowel holes"]
    {
        assert!(sheet.contains(words), "the sheet does not say {words}");
    }
    // The check reads the cycles back, and lets only the drill into the board.
    let checked = |machine: &str| {
        let file = folder.join("plate-side1.nc");
        let output = solewright(&["check", file.to_str().unwrap(), "--machine", machine]);
        printed(&output) + &complained(&output)
    };
    assert!(
        !checked("linuxcnc-router").contains("below the blank"),
        "{}",
        checked("linuxcnc-router")
    );
    assert!(checked("fanuc-mill").contains("below the blank"), "it has no board");
    fs::remove_dir_all(folder).unwrap();
}

/// A flat end has no edges in its middle, and was refused where its ramps ran over steps of a shell.
#[test]
fn a_flat_end_roughs_a_shell_on_ramps() {
    let folder = scratch("mill-flat");
    let case = end_to_end::root().join("scans/phantom/case.toml");
    let out = folder.join("shell.nc");
    let output = solewright(&[
        "mill",
        case.to_str().unwrap(),
        "--json",
        "--out",
        out.to_str().unwrap(),
        "--machine",
        "linuxcnc-router",
        "--workpiece",
        "shell",
        "--cutting",
        "polypropylene",
        "--side",
        "left",
        "--rough-tool",
        "flat-10mm",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}{}", complained(&output), printed(&output));
    let said: Value = serde_json::from_str(&printed(&output)).unwrap();
    for program in said["programs"].as_array().unwrap() {
        let check = &program["check"];
        assert!(check["gouge_mm"].as_f64().unwrap() < 0.02, "{check}");
        assert!(check["tools"].as_array().unwrap().contains(&Value::from(9)), "{check}");
        assert!(check["fault_counts"]["plunge-without-center"].is_null(), "{check}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_program_is_checked_after_those_that_run_before_it() {
    let folder = scratch("mill-after");
    let said = milled(
        &folder,
        &["--workpiece", "insole", "--outline-tool", "flat-6mm", "--machine", "grbl-router"],
    );
    assert_eq!(said["programs"].as_array().unwrap().len(), 2, "{said}");
    let [main, outline] = ["plate.nc", "plate-outline.nc"].map(|name| folder.join(name));
    let (main, outline) = (main.to_str().unwrap(), outline.to_str().unwrap());
    let air = |more: &[&str]| {
        let output = solewright(&[&["check", outline, "--json"], more].concat());
        let found: Value = serde_json::from_str(&printed(&output)).unwrap();
        found["lengths"]["air_feed_mm"].as_f64().unwrap()
    };
    // What the first program has taken is air for the second.
    assert!(air(&["--after", main]) > air(&[]) + 1.0);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn clamps_of_the_machine_are_drawn_and_nothing_runs_into_them() {
    let (folder, profiles) = (scratch("mill-clamps"), scratch("mill-clamps-profiles"));
    let machines = profiles.join("machines");
    fs::create_dir_all(&machines).unwrap();
    let own = |clamp: &str| {
        let shipped =
            fs::read_to_string(end_to_end::root().join("profiles/machines/grbl-router.toml"));
        let text = format!("{}fixtures = [\"left clamp: {clamp}\"]\n", shipped.unwrap());
        fs::write(machines.join("clamped.toml"), text).unwrap();
    };
    let more = ["--machine", "clamped", "--profiles", profiles.to_str().unwrap()];
    own("x -20..-2, y L/2-8..L/2+8, z H..6");
    milled(&folder, &more);
    let sheet = fs::read_to_string(folder.join("plate-setup.html")).unwrap();
    assert!(sheet.contains("left clamp") && sheet.contains("clamp, stop"));
    let refused = |words: &str| {
        let (model, out) = (plate(&folder), folder.join("refused.nc"));
        let (model, out) = (model.to_str().unwrap(), out.to_str().unwrap());
        let output = solewright(&[&["mill", model, "--out", out], &more[..]].concat());
        let said = complained(&output);
        assert!(output.status.code() == Some(1) && said.contains(words), "{said}");
    };
    own("x -20..9, y L/2-8..L/2+8, z H..6");
    refused("runs into left clamp");
    own("x -20..9");
    refused("fixtures");
    fs::remove_dir_all(folder).unwrap();
    fs::remove_dir_all(profiles).unwrap();
}
