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
