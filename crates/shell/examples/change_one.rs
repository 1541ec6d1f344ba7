//! Times what a change of one parameter costs: `cargo run --release -p shell --example change_one [THREADS]`.
//!
//! Prints the least of several runs of: surfaces with every dose measured, display mesh (0.1 mm), mesh for the files
//! (0.02 mm), and the files themselves.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a command")]

use std::time::Instant;

use foot::FootRequest;
use phantom::PhantomSettings;
use shell::{Design, Doses, Operation, ShellSettings};
use vocabulary::{Findings, Side};

/// Runs of each step; the least time is that of a free machine.
const RUNS: usize = 9;

fn main() {
    let threads = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| measure(threads));
}

fn measure(threads: usize) {
    let settings = PhantomSettings { resolution_mm: 2.0, ..PhantomSettings::default() };
    let phantom = phantom::generate(&settings).expect("settings in range");
    let request = FootRequest::new(Side::Right);
    let foot = foot::find_foot(&phantom.mesh, &request, &mut Findings::new()).expect("a foot");
    let habits = ShellSettings::default();
    let design = |pad: f64| {
        Design::from(Doses::default()).with(Operation::MetatarsalPad {
            height_mm: pad,
            behind_mm: 20.0,
            lateral_mm: 0.0,
            size: shell::PadSize::Medium,
        })
    };
    let build = |pad: f64| {
        shell::build(&foot, &design(pad), &habits, &mut Findings::new()).expect("a usual design")
    };
    let slab = build(3.0).slab;
    let mesh = |tolerance_mm: f64| {
        let settings = export::MeshSettings { tolerance_mm, ..export::MeshSettings::default() };
        export::tessellate(&slab, &settings).expect("a solid")
    };
    let fine = mesh(0.02);
    println!(
        "{threads} thread(s), {} triangles at 0.02 mm, {} at 0.1 mm",
        fine.triangles.len(),
        mesh(0.1).triangles.len()
    );
    let part = export::PartMetadata::default();
    let step = export::StepMetadata::default();
    let bench = std::cell::RefCell::new(shell::Workbench::new(&foot, habits));
    time("surfaces for display", || {
        drop(bench.borrow_mut().surfaces(&design(4.0)).expect("a usual design"));
    });
    time("surfaces, every dose measured", || drop(build(4.0)));
    time("display mesh, 0.1 mm", || drop(mesh(0.1)));
    time("mesh for files, 0.02 mm", || drop(mesh(0.02)));
    time("STL", || drop(export::stl_bytes(&fine)));
    time("3MF", || {
        drop(export::threemf_bytes(&fine, None, &part).expect("a package"));
    });
    time("STEP", || drop(export::step_text(&slab, &step).expect("a solid")));
}

fn time(what: &str, work: impl Fn()) {
    let least = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("{what}: {:.0} ms", 1000.0 * least);
}
