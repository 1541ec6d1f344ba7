//! The mark on the underside: as ordered, in every file that shows shape, and nowhere if it was not ordered.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::fs;
use std::path::{Path, PathBuf};

use end_to_end::{complained, printed, root, scratch, solewright};
use geometry::check_closed;
use serde_json::Value;
use vocabulary::Findings;

/// Designs the shipped case with more lines; the folder of its files.
fn designed(test: &str, more: &str) -> PathBuf {
    let (case, out) = case_with(test, more);
    let arguments = [
        "design",
        case.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--format",
        "stl,3mf,step",
    ];
    let output = solewright(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}{}", complained(&output), printed(&output));
    out
}

fn case_with(test: &str, more: &str) -> (PathBuf, PathBuf) {
    let folder = scratch(test);
    let phantom = root().join("scans/phantom");
    for file in ["left_foot.stl", "right_foot.stl"] {
        fs::copy(phantom.join(file), folder.join(file)).unwrap();
    }
    let text = fs::read_to_string(phantom.join("case.toml")).unwrap();
    fs::write(folder.join("case.toml"), format!("{text}\n{more}\n")).unwrap();
    (folder.join("case.toml"), folder.join("out"))
}

fn record(out: &Path, side: &str) -> Value {
    serde_json::from_slice(&fs::read(out.join(side).join("design.json")).unwrap()).unwrap()
}

fn volume(out: &Path, file: &str) -> f64 {
    let limits = scan::ScanLimits::default();
    let bytes = fs::read(out.join(file)).unwrap();
    let mesh = scan::read_model(&bytes, None, &limits, &mut Findings::new()).unwrap();
    assert_eq!(check_closed(&mesh), Ok(()), "{file}");
    mesh.volume()
}

#[test]
fn text_and_code_are_as_deep_as_ordered_and_only_where_ordered() {
    let plain = designed("mark-plain", "");
    let none = designed("mark-none", "[mark]\nprofile = \"none\"\norder = \"X\"");
    let sunk = designed("mark-sunk", "[mark]\nprofile = \"sunk\"\nline = \"AB 2026-11\"");
    let raised =
        designed("mark-raised", "[mark]\nprofile = \"raised\"\norder = \"77/3\"\ndepth_mm = 0.3");
    for side in ["left", "right"] {
        let bytes = |out: &Path, file: &str| fs::read(out.join(side).join(file)).unwrap();
        for file in ["shell.stl", "shell.3mf", "shell.step", "design.json"] {
            assert!(bytes(&plain, file) == bytes(&none, file), "{side} {file}");
        }
        assert!(record(&plain, side).get("mark").is_none());
        // STEP has the shell without its mark, and the record says so.
        assert!(bytes(&plain, "shell.step") == bytes(&sunk, "shell.step"));
        let letter = side[..1].to_uppercase();
        for (out, order, depth, sign) in [(&sunk, "P-0001", 0.4, 1.0), (&raised, "77/3", 0.3, -1.0)]
        {
            let mark = record(out, side)["mark"].clone();
            assert_eq!(mark["lines"][0], format!("{order} {letter}"));
            assert_eq!(mark["read"], format!("{order} {letter}"), "read from the mesh");
            assert_eq!(mark["in_step_files"], false);
            for realised in ["least", "mean", "most"] {
                let off = mark["realised_depth_mm"][realised].as_f64().unwrap() - depth;
                assert!(off.abs() < 0.02, "{side} {realised}: off by {off}");
            }
            assert!(mark["thickness_left_mm"].as_f64().unwrap() >= 2.0);
            let stl = volume(out, &format!("{side}/shell.stl"));
            let taken = volume(&plain, &format!("{side}/shell.stl")) - stl;
            // Half of 14 cells squared, and strokes 0.6 mm wide: 100 to 300 mm² of pattern.
            assert!((90.0..300.0).contains(&(sign * taken / depth)), "{side}: {taken} mm³");
            let three_mf = volume(out, &format!("{side}/shell.3mf"));
            assert!((three_mf / stl - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn a_mark_without_a_place_is_refused_with_numbers_and_a_way_out() {
    for (test, more, words) in [
        (
            "mark-thin",
            "[mark]\nprofile = \"sunk\"\nleast_thickness_mm = 4",
            ["left foot, mark: the mark, ", "cm² are free", " thin", "or no mark"],
        ),
        (
            "mark-letter",
            "[mark]\nprofile = \"sunk\"\nline = \"Jörg\"",
            ["mark: the mark cannot show 'ö'", "ABC", "and blanks", ""],
        ),
    ] {
        let (case, out) = case_with(test, more);
        let output =
            solewright(&["design", case.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let complaint = complained(&output);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert_eq!(complaint.trim_end().lines().count(), 1, "one sentence: {complaint}");
        for word in words {
            assert!(complaint.contains(word), "`{word}` is missing in: {complaint}");
        }
    }
}
