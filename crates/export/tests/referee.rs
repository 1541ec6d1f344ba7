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
    MeshSettings, PartMetadata, StepMetadata, StepSchema, Zone, Zones, glb_bytes, obj_text,
    ply_bytes, slab_volume, step_text, stl_bytes, tessellate, threemf_bytes,
};
use geometry::{Slab, TriMesh};

mod slabs;

/// Exit code of the script when a package is missing.
const SKIPPED: i32 = 77;

/// The solid is exact but for its edges; the mesh has chords.
const STEP_VOLUME: f64 = 1e-6;
const MESH_VOLUME: f64 = 2e-4;

/// Writes the files of a part and says what volume each should have.
fn claims(name: &str, slab: &Slab) -> [String; 7] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mesh = tessellate(slab, &MeshSettings::default()).unwrap();
    let part = PartMetadata { title: name.to_owned(), ..PartMetadata::default() };
    let step = StepMetadata { name: name.to_owned(), ..StepMetadata::default() };
    let older = StepMetadata { schema: StepSchema::Ap203, ..step.clone() };
    let volume = slab_volume(slab);
    let zones = zones(&mesh);
    [
        ("ap203.step", step_text(slab, &older).unwrap().into_bytes(), STEP_VOLUME),
        ("obj", obj_text(&mesh, &zones, name).into_bytes(), MESH_VOLUME),
        ("ply", ply_bytes(&mesh, &zones, name), MESH_VOLUME),
        ("glb", glb_bytes(&mesh, &zones, name), MESH_VOLUME),
        ("step", step_text(slab, &step).unwrap().into_bytes(), STEP_VOLUME),
        ("stl", stl_bytes(&mesh), MESH_VOLUME),
        ("3mf", threemf_bytes(&mesh, Some(&zones), &part).unwrap(), MESH_VOLUME),
    ]
    .map(|(ending, bytes, relative)| {
        let path = folder.join(format!("{name}.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        format!("{}={volume}:{relative}", path.display())
    })
}

/// Top, underside and wall in colors of their own.
fn zones(mesh: &TriMesh) -> Zones {
    let zone = |name: &str, color| Zone { name: name.to_owned(), color };
    let zones = vec![
        zone("top", [230, 230, 225]),
        zone("underside & more", [90, 120, 160]),
        zone("wall", [180, 60, 60]),
    ];
    let of_triangle = (0..mesh.triangles.len())
        .map(|triangle| match mesh.scaled_normal(triangle).normalize().z {
            z if z > 1e-4 => 0,
            z if z < -1e-4 => 1,
            _ => 2,
        })
        .collect();
    Zones::new(zones, of_triangle, mesh).unwrap()
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
