//! Programs that are not ours read the files: OpenCASCADE the STEP, trimesh and manifold3d the STL and 3MF.
//!
//! Runs `tests/referees/parts.py` with the Python named by `SOLEWRIGHT_REFEREE_PYTHON`, else `python3`;
//! skips with a message where that or its packages are missing.
#![allow(clippy::print_stderr, reason = "a skipped referee must be seen")]

use std::path::{Path, PathBuf};
use std::process::Command;

use export::{
    MeshSettings, PartMetadata, StepMetadata, slab_volume, step_text, stl_bytes, tessellate,
    threemf_bytes,
};
use geometry::Slab;

mod slabs;

/// Exit code of the script when a package is missing.
const SKIPPED: i32 = 77;

/// The solid is exact but for its edges; the mesh has chords.
const STEP_VOLUME: &str = "1e-5";
const MESH_VOLUME: &str = "2e-4";

fn files(name: &str, slab: &Slab) -> [PathBuf; 3] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mesh = tessellate(slab, &MeshSettings::default()).unwrap();
    let part = PartMetadata { title: name.to_owned(), ..PartMetadata::default() };
    let step = StepMetadata { name: name.to_owned(), ..StepMetadata::default() };
    [
        ("step", step_text(slab, &step).unwrap().into_bytes()),
        ("stl", stl_bytes(&mesh)),
        ("3mf", threemf_bytes(&mesh, &part).unwrap()),
    ]
    .map(|(ending, bytes)| {
        let path = folder.join(format!("{name}.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        path
    })
}

#[track_caller]
fn judge(slab: &Slab, relative: &str, paths: &[PathBuf]) {
    let python =
        std::env::var("SOLEWRIGHT_REFEREE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/referees/parts.py");
    let volume = slab_volume(slab).to_string();
    let judged = Command::new(&python)
        .args([script, "--volume", &volume, "--relative", relative])
        .args(paths)
        .output();
    let output = match judged {
        Ok(output) => output,
        Err(error) => return eprintln!("SKIPPED: no referee, {python} does not start: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(SKIPPED) {
        return eprintln!("{said}");
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn independent_programs_accept_every_file() {
    for (name, slab) in [
        ("plate", slabs::plate()),
        ("holed_plate", slabs::holed_plate()),
        ("dome", slabs::dome()),
        ("orthosis", slabs::orthosis()),
        ("orthosis_left", slabs::orthosis().mirrored_x()),
    ] {
        let paths = files(name, &slab);
        judge(&slab, STEP_VOLUME, &paths[..1]);
        judge(&slab, MESH_VOLUME, &paths[1..]);
    }
}
