//! Times what a change of one parameter costs: `cargo run --release -p shell --example change_one [THREADS]`.
//!
//! For every parameter: surfaces and display mesh (0.1 mm) after its dose was changed on the bench, the mean of several
//! runs; then their median and worst. Then what a finished shell needs. On one thread, the default,
//! times are those of the processor, so that other work on the machine is not counted.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a command")]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use foot::{Foot, FootRequest};
use phantom::PhantomSettings;
use shell::{
    Border, Construction, Design, Doses, Length, Operation, PadSize, PostStyle, SKIVE_PLANE_DEG,
    ShellSettings, Station, WedgeExtent, Workbench, Zone,
};
use vocabulary::{Findings, Side};

/// Runs of each step: the system counts in steps of some milliseconds.
const RUNS: usize = 20;
/// A changed dose is this share of the one before.
const CHANGE: f64 = 0.9;
/// What a display shows is so far from the surfaces, mm.
const DISPLAY: f64 = 0.1;

fn main() {
    let threads = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        let settings = PhantomSettings { resolution_mm: 2.0, ..PhantomSettings::default() };
        let phantom = phantom::generate(&settings).expect("settings in range");
        let request = FootRequest::new(Side::Right);
        let foot = foot::find_foot(&phantom.mesh, &request, &mut Findings::new()).expect("a foot");
        println!("{threads} thread(s)");
        every_parameter(&foot, threads);
        finished_shell(&foot, threads);
    });
}

fn mesh(slab: &geometry::Slab, tolerance_mm: f64) -> geometry::TriMesh {
    let settings = export::MeshSettings { tolerance_mm, ..export::MeshSettings::default() };
    export::tessellate(slab, &settings).expect("a solid")
}

/// Times of a change of each parameter, and their median and worst.
fn every_parameter(foot: &Foot, threads: usize) {
    let mut times: Vec<(f64, &'static str)> = Vec::new();
    for (needs, operation) in parameters() {
        let of = |operation: Operation| {
            let ordered: Vec<Operation> = needs.iter().cloned().chain([operation]).collect();
            let other = |usual: &Operation| {
                ordered.iter().all(|ordered| ordered.spec().key != usual.spec().key)
            };
            let usual = Design::from(Doses::default());
            let kept: Vec<Operation> =
                usual.operations().iter().filter(|one| other(one)).cloned().collect();
            Design::new(kept.into_iter().chain(ordered).collect())
        };
        let (key, dose) = (operation.spec().key, operation.dose());
        let designs = [of(operation.clone()), of(operation.with_dose(CHANGE * dose))];
        let mut bench = Workbench::new(foot, ShellSettings::default());
        let mut mean = [0.0; 2];
        for run in 0..=RUNS {
            let start = now(threads);
            let slab = bench.surfaces(&designs[run % 2]).expect("a usual design");
            let between = now(threads);
            drop(mesh(&slab, DISPLAY));
            let spent = [between - start, now(threads) - between];
            // The first run lays the foot on the bench.
            if run > 0 {
                mean = [0, 1]
                    .map(|part| mean[part] + 1000.0 * spent[part].as_secs_f64() / RUNS as f64);
            }
        }
        println!("{key}: {:.0} ms surfaces, {:.0} ms display mesh", mean[0], mean[1]);
        times.push((mean[0] + mean[1], key));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "surfaces and display mesh of {} parameters: median {:.0} ms, worst {:.0} ms ({})",
        times.len(),
        median.0,
        worst.0,
        worst.1
    );
}

fn finished_shell(foot: &Foot, threads: usize) {
    let design = Design::from(Doses::default()).with(pad(4.0));
    let build = || {
        let habits = ShellSettings::default();
        shell::build(foot, &design, &habits, &mut Findings::new()).expect("a usual design")
    };
    let slab = build().slab;
    let fine = mesh(&slab, 0.02);
    let coarse = mesh(&slab, DISPLAY).triangles.len();
    println!("{} triangles at 0.02 mm, {coarse} at {DISPLAY} mm", fine.triangles.len());
    let part = export::PartMetadata::default();
    let step = export::StepMetadata::default();
    let time = |what: &str, work: &dyn Fn()| time(what, threads, work);
    time("surfaces, every dose measured", &|| drop(build()));
    time("mesh for files, 0.02 mm", &|| drop(mesh(&slab, 0.02)));
    time("STL", &|| drop(export::stl_bytes(&fine)));
    time("3MF", &|| {
        drop(export::threemf_bytes(&fine, None, &part).expect("a package"));
    });
    time("STEP", &|| drop(export::step_text(&slab, &step).expect("a solid")));
}

fn time(what: &str, threads: usize, work: &dyn Fn()) {
    let start = now(threads);
    (0..RUNS).for_each(|_| work());
    let spent = (now(threads) - start) / RUNS as u32;
    println!("{what}: {:.0} ms", 1000.0 * spent.as_secs_f64());
}

/// Time of the processor that this thread has used, where the system tells and it is the only one; else time of day.
fn now(threads: usize) -> Duration {
    thread_local!(static BEGUN: RefCell<Instant> = RefCell::new(Instant::now()));
    let used = || {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        told.split_whitespace().next()?.parse().ok()
    };
    let used = if threads == 1 { used() } else { None };
    used.map_or_else(|| BEGUN.with_borrow(Instant::elapsed), Duration::from_nanos)
}

fn pad(height_mm: f64) -> Operation {
    Operation::MetatarsalPad { height_mm, behind_mm: 20.0, lateral_mm: 0.0, size: PadSize::Medium }
}

/// Every parameter with a dose, and what it needs besides.
#[allow(clippy::too_many_lines, reason = "a flat list of like things")]
fn parameters() -> Vec<(Vec<Operation>, Operation)> {
    let full = || vec![Operation::ShellLength { length: Length::Full }];
    let style = PostStyle::default();
    let alone = vec![
        Operation::Cover { cover_mm: 3.0, cushion_mm: 0.0 },
        Operation::LateralExpansion { widening_mm: 3.0 },
        Operation::ArchFraction { share: 0.6 },
        Operation::CastFill { fill_mm: 3.2 },
        Operation::MedialArch { raise_mm: 4.0, apex_mm: 0.0, extent_mm: 45.0 },
        Operation::LateralArch { raise_mm: 3.0, apex_mm: 0.0, extent_mm: 35.0 },
        Operation::ArchApex { forward_mm: 6.0 },
        Operation::Inversion { angle_deg: 6.0 },
        Operation::MedialSkive { depth_mm: 4.0, plane_deg: SKIVE_PLANE_DEG },
        Operation::LateralSkive { depth_mm: 4.0, plane_deg: SKIVE_PLANE_DEG },
        Operation::HeelCup { depth_mm: 14.0 },
        Operation::CupRim { border: Border::Medial, raise_mm: 4.0 },
        Operation::GrindWidth { wider_mm: -3.0 },
        Operation::Flange { border: Border::Medial, raise_mm: 6.0 },
        Operation::LateralClip { raise_mm: 6.0 },
        Operation::RayCutout { border: Border::Medial, depth_mm: 15.0 },
        Operation::GaitPlate { border: Border::Lateral, forward_mm: 20.0 },
        Operation::TrimHandle { station: Station::MedialArch, outward_mm: -4.0 },
        Operation::HeelHole { diameter_mm: 26.0, forward_mm: 0.0, horseshoe: false },
        Operation::Morton { height_mm: 3.0, length_mm: 40.0 },
        pad(4.0),
        Operation::MetatarsalBar { height_mm: 4.0, behind_mm: 10.0 },
        Operation::NeuromaPad { height_mm: 3.0, between: [3, 4], behind_mm: 10.0 },
        Operation::FasciaGroove { depth_mm: 2.0, width_mm: 10.0, lateral_mm: 0.0 },
        Operation::HeelSpurPocket {
            depth_mm: 3.0,
            diameter_mm: 25.0,
            forward_mm: 0.0,
            lateral_mm: 0.0,
        },
        Operation::HeelLift { raise_mm: 6.0, taper_mm: None },
        Operation::RearfootPost { angle_deg: -4.0, style },
        Operation::ForefootPost { angle_deg: -3.0, construction: Construction::Extrinsic },
        Operation::Wedge { angle_deg: 4.0, extent: WedgeExtent::Full },
        Operation::ArchFill { share: 0.8 },
        Operation::Thickness { shell_mm: 3.5 },
        Operation::ThicknessZone { zone: Zone::Arch, change_mm: 1.0 },
        Operation::Ribs { height_mm: 2.0, count: 2 },
    ];
    let in_front = vec![
        Operation::ReverseMorton { height_mm: 3.0 },
        Operation::KineticWedge { height_mm: 3.0 },
        Operation::CluffyWedge { height_mm: 4.0 },
        Operation::ToeCrest { height_mm: 6.0 },
        Operation::ToeFiller { height_mm: 12.0, first: 3, last: 5 },
    ];
    let alone = alone.into_iter().map(|operation| (Vec::new(), operation));
    alone.chain(in_front.into_iter().map(|operation| (full(), operation))).collect()
}
