//! The shipped pair from bytes to files, and the same with each foot alone.
//!
//! `cargo bench -p pipeline`. The limit that the project keeps: a whole pair in under 10 s on two cores;
//! `run.json` of every case has the time of each step.
#![allow(clippy::unwrap_used, reason = "a benchmark stops where its sample case is broken")]

use std::collections::BTreeMap;
use std::path::Path;

use order::{ProfileStore, read_case};
use pipeline::{Job, ScanFile, Unobserved, make};
use vocabulary::Side;

fn main() {
    divan::main();
}

fn job<'a>(profiles: &'a ProfileStore, sides: &[Side]) -> Job<'a> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scans/phantom");
    let case_text = std::fs::read_to_string(folder.join("case.toml")).unwrap();
    let mut case = read_case(&case_text, "case.toml").unwrap();
    case.scans.retain(|side, _| sides.contains(side));
    let scans: BTreeMap<Side, ScanFile> = case
        .scans
        .iter()
        .map(|(side, scan)| {
            let bytes = std::fs::read(folder.join(&scan.path)).unwrap();
            (*side, ScanFile { name: scan.path.clone(), bytes })
        })
        .collect();
    let case_name = "case.toml".to_owned();
    Job {
        case,
        case_text,
        case_name,
        scans,
        trial: None,
        optimum: None,
        unused_optimum: None,
        pressure: None,
        refined: false,
        robust: pipeline::Robust::default(),
        evaluations: None,
        profiles,
        reproducible: true,
    }
}

#[divan::bench(sample_count = 5)]
fn pair(bencher: divan::Bencher<'_, '_>) {
    let profiles = ProfileStore::shipped();
    let job = job(&profiles, &Side::BOTH);
    bencher.bench(|| make(&job, &Unobserved).unwrap());
}

#[divan::bench(sample_count = 5)]
fn one_foot(bencher: divan::Bencher<'_, '_>) {
    let profiles = ProfileStore::shipped();
    let job = job(&profiles, &[Side::Right]);
    bencher.bench(|| make(&job, &Unobserved).unwrap());
}
