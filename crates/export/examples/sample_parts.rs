//! Writes the files of the test slabs into a folder and says how long each step took and how well they agree.
//!
//! `cargo run --release -p export --example sample_parts -- /tmp/parts`
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program for the terminal"
)]

use std::time::{Duration, Instant};

use export::{MeshSettings, PartMetadata, StepMetadata};

#[path = "../tests/slabs/mod.rs"]
mod slabs;

/// Time on a processor of all threads, which a busy machine does not stretch (Linux; else the wall clock).
struct Spent(Duration, Instant);

impl Spent {
    fn start() -> Self {
        Self(Self::of_threads().unwrap_or_default(), Instant::now())
    }

    fn elapsed(&self) -> String {
        let wall = self.1.elapsed();
        let cpu = Self::of_threads().map_or(wall, |now| now - self.0);
        format!("{cpu:.1?} CPU, {wall:.1?} wall")
    }

    fn of_threads() -> Option<Duration> {
        let tasks = std::fs::read_dir("/proc/self/task").ok()?;
        let nanoseconds = tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
            .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok());
        Some(Duration::from_nanos(nanoseconds.sum()))
    }
}

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
        let timed = Spent::start();
        let volume = export::slab_volume(&slab);
        println!("{name}: {volume:.4} mm³ by quadrature in {}", timed.elapsed());

        let timed = Spent::start();
        let mesh = export::tessellate(&slab, &MeshSettings::default()).unwrap();
        let took = timed.elapsed();
        let deviation = export::deviation(&mesh, &slab, 8);
        println!(
            "  mesh: {} triangles in {took}, volume off by {:.2e}, deviation {:.4} mm at {:.1?}, mean {:.4}",
            mesh.triangles.len(),
            mesh.volume() / volume - 1.0,
            deviation.max_mm,
            deviation.place.coords.as_slice(),
            deviation.mean_mm
        );
        std::fs::write(folder.join(format!("{name}.stl")), export::stl_bytes(&mesh)).unwrap();

        let timed = Spent::start();
        let meta = PartMetadata { title: name.to_owned(), ..PartMetadata::default() };
        let package = export::threemf_bytes(&mesh, None, &meta).unwrap();
        println!("  3MF: {} kB in {}", package.len() / 1000, timed.elapsed());
        std::fs::write(folder.join(format!("{name}.3mf")), package).unwrap();

        let timed = Spent::start();
        let meta = StepMetadata { name: name.to_owned(), ..StepMetadata::default() };
        let step = export::step_text(&slab, &meta).unwrap();
        println!("  STEP: {} kB in {}", step.len() / 1000, timed.elapsed());
        std::fs::write(folder.join(format!("{name}.step")), step).unwrap();
    }
}
