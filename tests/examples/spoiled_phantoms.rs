//! The acceptance over spoiled phantoms, whole: prints a table and ends with 1 if a limit is missed
//! that is not named as not reached yet.
//!
//! `cargo run --release -p end-to-end --example spoiled_phantoms`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for people")]

use std::process::ExitCode;

use end_to_end::spoiled_phantoms::{Extent, Suite, Table, run};

fn main() -> ExitCode {
    let suite = match Suite::shipped() {
        Ok(suite) => suite,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let table = Table::of(&suite, &run(&suite, Extent::Full));
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
