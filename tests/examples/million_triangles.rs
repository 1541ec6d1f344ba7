//! Times a scan of a million triangles from its file to the measured foot, on two threads, and tells the
//! memory; ends with 1 if either is over the limit (1.5 s, 12 times the file).
//!
//! `cargo run --release -p end-to-end --example million_triangles`
//!
//! The scan is a phantom foot, cut finer until it has a million triangles and at most a tenth more, as binary
//! STL. Both limits mean what the verb does: reading, finding the foot, the quality gate, and measuring.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for people")]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use order::{ProfileKind, ProfileStore};
use phantom::file::{ScanFormat, scan_bytes};
use phantom::spoil::{Spoiler, spoil};
use phantom::{PhantomSettings, generate};
use pipeline::{ScanFile, ScanJob, scan_sheets};

const MOST_SECONDS: f64 = 1.5;
const MOST_FILES: f64 = 12.0;

const TRIANGLES: usize = 1_000_000;

/// Edge of the phantom's triangles before each is cut into four, and these again: then there are 1,055,740.
const RESOLUTION_MM: f64 = 1.75;

/// Runs of which the fastest counts: others may be at work on the machine.
const RUNS: usize = 4;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, file] = &arguments[..]
        && mode == "--read"
    {
        return read(Path::new(file));
    }
    let foot = generate(&PhantomSettings { resolution_mm: RESOLUTION_MM, ..Default::default() })?;
    let mut finer = Vec::new();
    while foot.mesh.triangles.len() << (2 * finer.len()) < TRIANGLES {
        finer.push(Spoiler::Subdivided {});
    }
    let scan = spoil(&foot, &finer, 1)?;
    let triangles = scan.mesh.triangles.len();
    if triangles > TRIANGLES + TRIANGLES / 10 {
        return Err(
            format!("the scan has {triangles} triangles, which times more than a million").into()
        );
    }
    let name = format!("solewright-million-triangles-{}.stl", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, scan_bytes(&scan.mesh, ScanFormat::StlBinary))?;
    // A process of its own, so that its memory is that of reading alone.
    let status = Command::new(std::env::current_exe()?).arg("--read").arg(&file).status();
    std::fs::remove_file(&file)?;
    Ok(if status?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let limits = ProfileStore::shipped().read(ProfileKind::Scan, "default")?;
    let length = std::fs::metadata(file)?.len();
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    let mut fastest = (f64::INFINITY, String::new());
    for _ in 0..RUNS {
        let start = Instant::now();
        let job = ScanJob {
            file: ScanFile { name: "foot.stl".to_owned(), bytes: std::fs::read(file)? },
            side: None,
            unit: None,
            length_mm: None,
            weight_bearing: None,
            kind: None,
        };
        let seconds = || start.elapsed().as_secs_f64();
        let sheet = threads
            .install(|| scan_sheets(&job, &limits, &|| start.elapsed().as_secs_f64()))
            .remove(0);
        if sheet.measures().is_none() {
            return Err(format!("no foot was found: {:?}", sheet.reason()).into());
        }
        if seconds() < fastest.0 {
            fastest = (seconds(), sheet.json()["timings_s"].to_string());
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(f64::NAN);
    let times = 1024.0 * peak / length as f64;
    println!(
        "{} triangles, {:.2} s from file to foot (limit {MOST_SECONDS} s): {}; peak memory {:.0} MB, {times:.1} times the \
         file (limit {MOST_FILES})",
        (length - 84) / 50,
        fastest.0,
        fastest.1,
        peak / 1024.0
    );
    let is_good = fastest.0 <= MOST_SECONDS && times <= MOST_FILES;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
