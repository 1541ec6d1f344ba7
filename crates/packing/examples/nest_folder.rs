//! Packs every binary STL file of a folder (mm) for a build of 380 × 284 × 380 mm with spacing and margin of 5 mm.
//!
//! `cargo run --release -p packing --example nest_folder FOLDER` prints what
//! `tests/referees/packing_spectral.py FOLDER` prints for a published packer. Files that follow each
//! other by name, two and two, are pairs. Where not all fit, the last pairs are left out.

#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use geometry::{Point3, TriMesh};
use packing::{BuildVolume, PackError, PackPart, pack};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    let meshes = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<PackPart<'_>> = meshes
        .iter()
        .enumerate()
        .map(|(index, mesh)| PackPart { name: "part", mesh, pair: index / 2 })
        .collect();
    let volume =
        BuildVolume { size_mm: [380.0, 284.0, 380.0], spacing_mm: 5.0, wall_margin_mm: 5.0 };
    let progress = |_: usize, _: usize| {};
    let mut started = Instant::now();
    let (count, packing) = match pack(&parts, &volume, &progress) {
        Err(PackError::Full { fit, .. }) => {
            started = Instant::now();
            (fit, pack(&parts[..fit], &volume, &progress)?)
        }
        packing => (parts.len(), packing?),
    };
    println!(
        "{count} of {} parts, height {:.0} mm, density {:.1} % of the used height, least distance {:.3} mm, \
         pairs at most {:.0} mm apart, {:.0} s",
        parts.len(),
        packing.height_mm,
        100.0 * packing.density,
        packing.least_distance_mm.unwrap_or(f64::INFINITY),
        packing.widest_pair_mm,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A binary STL file; equal corners become one.
fn read(path: &Path) -> Result<TriMesh, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let mut mesh = TriMesh::default();
    let mut known = HashMap::new();
    for facet in bytes.get(84..).ok_or("no binary STL file")?.chunks_exact(50) {
        let mut triangle = [0; 3];
        for (corner, place) in triangle.iter_mut().zip(facet[12..48].chunks_exact(12)) {
            let number = |at: usize| f32::from_le_bytes([0, 1, 2, 3].map(|byte| place[at + byte]));
            let next = u32::try_from(mesh.vertices.len())?;
            *corner = *known.entry(place.to_vec()).or_insert(next);
            if *corner == next {
                mesh.vertices.push(Point3::from([0, 4, 8].map(|at| f64::from(number(at)))));
            }
        }
        mesh.triangles.push(triangle);
    }
    Ok(mesh)
}
