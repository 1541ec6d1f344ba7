//! One evaluation of the reference foot (738 nodes, 51 instants), the goal is under 0.5 ms on one core, beside the
//! reference implementation in the same run.
//!
//! `cargo bench -p knee`. The reference is timed if `REFERENCE_PYTHON` names a Python with numpy and numba, and
//! `../shared/reference/knee` is there; it says so if not.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops where something is not as expected, and prints what it measured"
)]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gait::{GaitMetrics, Person};
use knee::{Device, FootContact, KneeModel, Parameters, ReferenceFoot, ReferenceOrthosis};
use vocabulary::{Angle, Findings};

/// What the reference does 200 times, timed after a first call that compiles it.
const REFERENCE: &str = "
import sys, time
sys.path.insert(0, sys.argv[1])
from orthomodel import *
f = synth_foot(); M = Model(f, norm_stance(foot=f)); o = orthosis(f, 5, 5, tau=Params.tau)
M.evaluate(o)
times = []
for _ in range(200):
    t = time.perf_counter(); M.evaluate(o); times.append(time.perf_counter() - t)
times.sort()
print(f'{1e3 * times[0]:.3f} {1e3 * times[100]:.3f}')
";

fn main() {
    let person = Person { mass_kg: 75.0, height_m: 1.72 };
    let stance =
        gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
    let foot = FootContact::reference(&ReferenceFoot::default());
    let fitting = stance.clone();
    let model = KneeModel::new(foot.clone(), stance, Parameters::default()).unwrap();
    let wedge = ReferenceOrthosis {
        rearfoot_post: Angle::from_deg(5.0),
        forefoot_post: Angle::from_deg(5.0),
        ..ReferenceOrthosis::default()
    };
    let device = Device::reference_orthosis(model.foot(), &wedge);
    println!("738 nodes, 51 instants, one core; fastest and median of 400, ms");
    timed("evaluate (goal 0.5)", || drop(model.evaluate(&device)));
    timed("appraise: with all gradients", || drop(model.appraise(&device)));
    timed("predict: with its uncertainty", || drop(model.predict(&device)));
    timed("device from its order", || drop(Device::reference_orthosis(model.foot(), &wedge)));
    timed("fit of the baseline", || {
        drop(KneeModel::new(foot.clone(), fitting.clone(), Parameters::default()));
    });
    reference();
}

fn timed(what: &str, mut work: impl FnMut()) {
    let mut times: Vec<f64> = (0..400)
        .map(|_| {
            let start = Instant::now();
            work();
            1e3 * start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("  {what:<34} {:>7.3} {:>7.3}", times[0], times[200]);
}

fn reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/knee");
    let python = std::env::var("REFERENCE_PYTHON").unwrap_or_default();
    if python.is_empty() || !folder.is_dir() {
        println!(
            "  skipped: the reference implementation (set REFERENCE_PYTHON to a Python with numba)"
        );
        return;
    }
    // Its folder may be read-only: numba's cache goes elsewhere.
    let cache = std::env::temp_dir().join("reference-knee-cache");
    let output = Command::new(python)
        .args(["-c", REFERENCE])
        .arg(&folder)
        .env("NUMBA_CACHE_DIR", cache)
        .env("NUMBA_NUM_THREADS", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let words = String::from_utf8_lossy(&output.stdout).into_owned();
            let times: Vec<f64> =
                words.split_whitespace().map(|word| word.parse().unwrap()).collect();
            println!(
                "  {:<34} {:>7.3} {:>7.3}",
                "reference implementation (numba)", times[0], times[1]
            );
        }
        Ok(output) => {
            println!(
                "  skipped: the reference does not run: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Err(error) => println!("  skipped: the reference does not run: {error}"),
    }
}
