//! Writes the files of the test slabs into a folder and says how long each step took and how well they agree.
//!
//! `cargo run --release -p export --example sample_parts -- /tmp/parts`
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program for the terminal"
)]

use std::time::Instant;

use export::{MeshSettings, PartMetadata, StepMetadata};

#[path = "../tests/slabs/mod.rs"]
mod slabs;

fn main() {
    let folder =
        std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "parts".into()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, slab) in [
        ("plate", slabs::plate()),
        ("holed_plate", slabs::holed_plate()),
        ("dome", slabs::dome()),
        ("orthosis", slabs::orthosis()),
    ] {
        let timed = Instant::now();
        let volume = export::slab_volume(&slab);
        println!("{name}: {volume:.4} mm³ by quadrature in {:.1?}", timed.elapsed());

        let timed = Instant::now();
        let mesh = export::tessellate(&slab, &MeshSettings::default()).unwrap();
        let took = timed.elapsed();
        let deviation = export::deviation(&mesh, &slab, 8);
        println!(
            "  mesh: {} triangles in {took:.1?}, volume off by {:.2e}, deviation {:.4} mm at {:.1?}, mean {:.4}",
            mesh.triangles.len(),
            mesh.volume() / volume - 1.0,
            deviation.max_mm,
            deviation.place.coords.as_slice(),
            deviation.mean_mm
        );
        std::fs::write(folder.join(format!("{name}.stl")), export::stl_bytes(&mesh)).unwrap();

        let timed = Instant::now();
        let meta = PartMetadata { title: name.to_owned(), ..PartMetadata::default() };
        let package = export::threemf_bytes(&mesh, &meta).unwrap();
        println!("  3MF: {} kB in {:.1?}", package.len() / 1000, timed.elapsed());
        std::fs::write(folder.join(format!("{name}.3mf")), package).unwrap();

        let timed = Instant::now();
        let meta = StepMetadata { name: name.to_owned(), ..StepMetadata::default() };
        let step = export::step_text(&slab, &meta).unwrap();
        println!("  STEP: {} kB in {:.1?}", step.len() / 1000, timed.elapsed());
        std::fs::write(folder.join(format!("{name}.step")), step).unwrap();
    }
}
