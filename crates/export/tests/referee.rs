//! Programs that are not ours read the files: OpenCASCADE the STEP, trimesh and manifold3d the STL and 3MF.
//!
//! Runs `tests/referees/parts.py` with the Python named by `SOLEWRIGHT_REFEREE_PYTHON`, else `python3`;
//! skips with a message where that or its packages are missing.
#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test; a skipped referee must be seen"
)]

use std::path::Path;
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
const STEP_VOLUME: f64 = 1e-6;
const MESH_VOLUME: f64 = 2e-4;

/// Writes the files of a part and says what volume each should have.
fn claims(name: &str, slab: &Slab) -> [String; 3] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mesh = tessellate(slab, &MeshSettings::default()).unwrap();
    let part = PartMetadata { title: name.to_owned(), ..PartMetadata::default() };
    let step = StepMetadata { name: name.to_owned(), ..StepMetadata::default() };
    let volume = slab_volume(slab);
    [
        ("step", step_text(slab, &step).unwrap().into_bytes(), STEP_VOLUME),
        ("stl", stl_bytes(&mesh), MESH_VOLUME),
        ("3mf", threemf_bytes(&mesh, &part).unwrap(), MESH_VOLUME),
    ]
    .map(|(ending, bytes, relative)| {
        let path = folder.join(format!("{name}.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        format!("{}={volume}:{relative}", path.display())
    })
}

#[test]
fn independent_programs_accept_every_file() {
    let claims: Vec<String> = [
        ("plate", slabs::plate()),
        ("holed_plate", slabs::holed_plate()),
        ("dome", slabs::dome()),
        ("orthosis", slabs::orthosis()),
        ("orthosis_left", slabs::orthosis().mirrored_x()),
    ]
    .iter()
    .flat_map(|(name, slab)| claims(name, slab))
    .collect();
    let python =
        std::env::var("SOLEWRIGHT_REFEREE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/referees/parts.py");
    let output = match Command::new(&python).arg(script).args(claims).output() {
        Ok(output) => output,
        Err(error) => return eprintln!("SKIPPED: no referee, {python} does not start: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(SKIPPED) {
        return eprintln!("{said}");
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}
