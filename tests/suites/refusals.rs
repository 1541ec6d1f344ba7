//! Bad input is refused with one sentence that names the place and what to do; nothing is left behind.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says aloud what it skips"
)]

use std::fs;
use std::path::Path;

use end_to_end::{complained, scratch, solewright};
use nalgebra::Point3;

const PATIENT: &str = "[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n";

/// Makes a case whose left scan is `scan` and expects a refusal that contains every one of `words`.
#[track_caller]
fn refused(test: &str, scan: &[u8], addition: &str, words: &[&str]) {
    let folder = scratch(test);
    fs::write(folder.join("foot.stl"), scan).unwrap();
    refused_case(&folder, &format!("{PATIENT}[scan]\nleft = \"foot.stl\"\n{addition}"), words);
    fs::remove_dir_all(folder).unwrap();
}

#[track_caller]
fn refused_case(folder: &Path, case: &str, words: &[&str]) {
    let (file, out) = (folder.join("case.toml"), folder.join("out"));
    fs::write(&file, case).unwrap();
    let output = solewright(&["make", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let complaint = complained(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.trim_end().lines().count(), 1, "one sentence: {complaint}");
    for word in words {
        assert!(complaint.contains(word), "`{word}` is missing in: {complaint}");
    }
    assert!(!out.exists() || fs::read_dir(&out).unwrap().next().is_none(), "something was written");
}

fn stl(triangles: &[[Point3<f64>; 3]]) -> Vec<u8> {
    let mut bytes = vec![b' '; 80];
    bytes.extend(u32::try_from(triangles.len()).unwrap().to_le_bytes());
    for corners in triangles {
        bytes.extend([0; 12]);
        for coordinate in corners.iter().flat_map(|corner| corner.coords.iter()) {
            bytes.extend((*coordinate as f32).to_le_bytes());
        }
        bytes.extend([0; 2]);
    }
    bytes
}

/// A sphere of triangles.
fn sphere(radius: f64) -> Vec<u8> {
    let (rings, sectors) = (40, 80);
    let point = |ring: usize, sector: usize| {
        let polar = std::f64::consts::PI * ring as f64 / f64::from(rings as u32);
        let around = std::f64::consts::TAU * (sector % sectors) as f64 / sectors as f64;
        Point3::new(
            radius * polar.sin() * around.cos(),
            radius * polar.sin() * around.sin(),
            radius * polar.cos(),
        )
    };
    let mut triangles = Vec::new();
    for ring in 0..rings {
        for sector in 0..sectors {
            let [a, b] = [point(ring, sector), point(ring + 1, sector)];
            let [c, d] = [point(ring + 1, sector + 1), point(ring, sector + 1)];
            triangles.extend([[a, b, c], [a, c, d]]);
        }
    }
    stl(&triangles)
}

#[test]
fn missing_case_file() {
    let output = solewright(&["make", "no/such/case.toml", "--out", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complained(&output).contains("no/such/case.toml"));
}

#[test]
fn missing_scan_file() {
    let folder = scratch("missing-scan");
    refused_case(
        &folder,
        &format!("{PATIENT}[scan]\nleft = \"gone.stl\"\n"),
        &["[scan] left", "gone.stl"],
    );
}

#[test]
fn truncated_stl() {
    let mut bytes = sphere(60.0);
    bytes.truncate(5000);
    refused("truncated", &bytes, "", &["left", "foot.stl", "5000"]);
}

#[test]
fn a_text_file_named_stl() {
    refused("text", b"Dear lab, please find the scan attached.\n", "", &["foot.stl", "STL"]);
}

#[test]
fn an_empty_mesh() {
    refused("empty", &stl(&[]), "", &["foot.stl", "triangle"]);
    refused("no-bytes", b"", "", &["foot.stl", "empty"]);
}

#[test]
fn a_scan_a_quarter_of_a_millimeter_long() {
    refused("tiny", &sphere(0.13), "unit = \"mm\"\n", &["foot.stl", "0.26", "mm"]);
    refused("tinier", &sphere(0.000_13), "", &["foot.stl"]);
}

#[test]
fn a_sphere_instead_of_a_foot() {
    refused("sphere", &sphere(130.0), "", &["foot.stl", "foot"]);
}

#[test]
fn a_box_instead_of_a_foot() {
    let mesh =
        geometry::TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(90.0, 250.0, 60.0));
    refused("box", &stl(&mesh.corner_points().collect::<Vec<_>>()), "", &["foot.stl"]);
}

#[test]
fn wrong_keys_units_and_doses() {
    let scan = sphere(130.0);
    refused(
        "key",
        &scan,
        "[prescription]\nrearfoot_posting_deg = 4\n",
        &["did you mean `rearfoot_post_deg`?"],
    );
    refused("unit", &scan, "unit = \"furlong\"\n", &["furlong", "use one of m, cm, mm, in"]);
    refused("post", &scan, "[prescription]\nrearfoot_post_deg = 40\n", &["40 deg", "-8 to 8 deg"]);
    refused("machine", &scan, "[make]\nmachine = \"haas\"\n", &["haas", "grbl-router"]);
    refused("toml", &scan, "[prescription\n", &["case.toml", "line"]);
}

#[test]
fn json_refusals_are_json() {
    let output = solewright(&["make", "no/such/case.toml", "--out", "nowhere", "--json"]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["ok"], false);
    assert!(answer["error"].as_str().unwrap().contains("no/such/case.toml"));
}

#[test]
fn wrong_usage_is_exit_code_two() {
    assert_eq!(solewright(&["make"]).status.code(), Some(2));
    assert_eq!(solewright(&["bake"]).status.code(), Some(2));
    assert_eq!(solewright(&["adjust", "c.toml", "--foot", "middle"]).status.code(), Some(2));
}

#[test]
fn every_verb_shows_an_example() {
    for verb in ["make", "adjust", "phantom", "parameters", "scan", "gait", "design", "validate"] {
        let output = solewright(&[verb, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{verb}");
        let help = end_to_end::printed(&output);
        // One example or several.
        let examples = help.split("Example").nth(1).unwrap_or_else(|| panic!("{verb}: {help}"));
        assert!(examples.contains(&format!("solewright {verb}")), "{verb}: {help}");
    }
}

/// Scanners write gigabytes by mistake: such a file is refused by its size, before it is read. The file of
/// this test has holes and takes no room on the disk.
#[test]
fn a_scan_of_many_gigabytes_is_refused_at_once() {
    let folder = scratch("gigabytes");
    let path = folder.join("foot.stl");
    fs::File::create(&path).unwrap().set_len(6 << 30).unwrap();
    let started = std::time::Instant::now();
    let output = solewright(&["scan", "--json", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let sheet: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sheet["verdict"], "refused");
    let reason = sheet["reason"].as_str().unwrap();
    assert!(reason.contains("6442450944 bytes is over the limit"), "{reason}");
    assert!(started.elapsed().as_secs() < 10, "it was read");
    fs::remove_dir_all(folder).unwrap();
}
