//! Any number of random prescriptions: `cargo run --release -p shell --example random_prescriptions -- 10000`.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a command")]

#[path = "../tests/prescriptions/mod.rs"]
mod prescriptions;

use std::collections::BTreeMap;

use prescriptions::{Dice, Fate, design, fate, feet};
use rayon::prelude::*;

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let (count, first) = (arguments.next().unwrap_or(10_000), arguments.next().unwrap_or(0));
    let feet = feet();
    let fates: Vec<(u64, Fate)> = (first..first + count)
        .into_par_iter()
        .map(|seed| {
            let (_, foot) = &feet[seed as usize % feet.len()];
            (seed, fate(foot, &design(&mut Dice::new(seed))))
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
