//! Random prescriptions on phantom and real feet: each ends in a sound solid or in a refusal with a reason.
#![allow(clippy::print_stderr, clippy::expect_used, reason = "a skipped scan must be said")]

mod prescriptions;

use prescriptions::{Dice, Fate, design, fate, feet};
use rayon::prelude::*;

/// How many are tried here; `examples/random_prescriptions` takes any number.
const TRIED: u64 = 100;

#[test]
fn every_prescription_ends_in_a_solid_or_in_a_reason() {
    let feet = feet();
    let fates: Vec<(u64, Fate)> = (0..TRIED)
        .into_par_iter()
        .map(|seed| {
            let (_, foot) = &feet[seed as usize % feet.len()];
            (seed, fate(foot, &design(&mut Dice::new(seed))))
        })
        .collect();
    let broken: Vec<String> = fates
        .iter()
        .filter_map(|(seed, fate)| match fate {
            Fate::Broken(fault) => Some(format!("seed {seed}: {fault}")),
            _ => None,
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let refused: Vec<&str> = fates
        .iter()
        .filter_map(|(_, fate)| match fate {
            Fate::Refused(reason) => Some(reason.as_str()),
            _ => None,
        })
        .collect();
    assert!(2 * refused.len() < fates.len(), "too many refused:\n{}", refused.join("\n"));
}
