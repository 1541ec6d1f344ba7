//! Any number of random prescriptions on twenty feet:
//! `cargo run --release -p shell --example random_prescriptions -- 10000 [FIRST [FOLDER]]`.
//!
//! With a folder every fiftieth solid is written there as STL, for `python3 tests/referees/self_intersections.py FOLDER`.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a command")]

#[path = "../tests/prescriptions/mod.rs"]
mod prescriptions;

use std::collections::BTreeMap;

use prescriptions::{Dice, Fate, design, fate, feet, more_phantoms, solid};
use rayon::prelude::*;
use shell::ShellSettings;
use vocabulary::Findings;

/// One solid in so many is written.
const SAMPLE: u64 = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise: u64| {
        arguments.get(place).and_then(|word| word.parse().ok()).unwrap_or(otherwise)
    };
    let (count, first) = (number(0, 10_000), number(1, 0));
    let folder = arguments.get(2);
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).expect("the folder can be made");
    }
    let feet: Vec<_> = feet().into_iter().chain(more_phantoms()).collect();
    let fates: Vec<(u64, Fate)> = (first..first + count)
        .into_par_iter()
        .map(|seed| {
            let (_, foot) = &feet[seed as usize % feet.len()];
            let design = design(&mut Dice::new(seed));
            let fate = fate(foot, &design);
            if let (Some(folder), Fate::Made, 0) = (folder, &fate, seed % SAMPLE) {
                let settings = ShellSettings::default();
                let shell = shell::build(foot, &design, &settings, &mut Findings::new());
                let mesh = solid(&shell.expect("it was built before").slab).expect("a solid");
                let name = format!("{folder}/seed_{seed}.stl");
                std::fs::write(name, export::stl_bytes(&mesh)).expect("written");
            }
            (seed, fate)
        })
        .collect();
    let (mut made, mut broken) = (0, 0);
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (seed, fate) in fates {
        match fate {
            Fate::Made => made += 1,
            Fate::Refused(reason) => {
                // Like reasons differ in their numbers.
                let form: String =
                    reason.chars().filter(|letter| !letter.is_ascii_digit()).collect();
                reasons.entry(form).or_insert((0, seed)).0 += 1;
            }
            Fate::Broken(fault) => {
                broken += 1;
                println!("BROKEN seed {seed}: {fault}");
            }
        }
    }
    println!("{count} prescriptions on {} feet: {made} made, {broken} broken", feet.len());
    for (reason, (times, seed)) in reasons {
        println!("{times} refused (seed {seed}): {reason}");
    }
    assert!(broken == 0, "{broken} are neither a solid nor a refusal");
}
