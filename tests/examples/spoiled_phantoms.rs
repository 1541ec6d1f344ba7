//! The acceptance over spoiled phantoms, whole: prints a table and ends with 1 if a limit is missed
//! that is not named as not reached yet.
//!
//! `cargo run --release -p end-to-end --example spoiled_phantoms`
//!
//! Words name groups: only those whose name holds one of them are run, and every case of them is
//! printed with all of its differences from the truth.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for people")]

use std::process::ExitCode;

use end_to_end::spoiled_phantoms::{Extent, Result, Suite, Table, run_cases};

fn main() -> ExitCode {
    let suite = match Suite::shipped() {
        Ok(suite) => suite,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let mut cases = suite.cases(Extent::Full);
    cases.retain(|case| wanted(&case.name()));
    let results = run_cases(&suite, cases);
    if !words.is_empty() {
        results.iter().for_each(print_case);
    }
    let table = Table::of(&suite, &results);
    println!("{table}");
    for sentence in table.reached_by_now() {
        println!("  reached by now: {sentence}");
    }
    let unexpected = table.unexpected();
    for sentence in &unexpected {
        println!("  MISSED: {sentence}");
    }
    if unexpected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every difference from the truth, along the axes of the frame that was found.
fn print_case(result: &Result) {
    println!("{}: {:?} {}", result.case.name(), result.outcome.verdict, result.outcome.reason);
    let quality: Vec<String> =
        result.outcome.quality.iter().map(|(check, value)| format!("{check} {value:.2}")).collect();
    println!("  {}", quality.join(", "));
    let Some(errors) = &result.errors else { return };
    let three = |[x, y, z]: [f64; 3]| format!("({x:+.2}, {y:+.2}, {z:+.2})");
    println!(
        "  frame {:.2}° {}  {:.2} mm {}",
        errors.frame_deg,
        three(errors.turn_deg),
        errors.frame_mm,
        three(errors.origin_mm)
    );
    let lengths: Vec<String> =
        errors.lengths_mm.iter().map(|(name, error)| format!("{name} {error:+.2}")).collect();
    println!("  {}, arch {:+.2}", lengths.join(", "), errors.arch_mm.unwrap_or(f64::NAN));
    let measures: Vec<String> =
        errors.measures.iter().map(|(key, error)| format!("{key} {error:+.3}")).collect();
    println!("  {}", measures.join(", "));
    for (name, offset) in &errors.offsets_mm {
        println!("    {:<24} {}", name.key(), three(*offset));
    }
}
