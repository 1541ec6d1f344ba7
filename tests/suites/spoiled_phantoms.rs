//! A short version of the acceptance over spoiled phantoms: one or two feet of each group of cases.
//!
//! The full version, over 300 scans, is run by
//! `cargo run --release -p end-to-end --example spoiled_phantoms`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where something is not as expected, and its table is worth reading"
)]

use end_to_end::spoiled_phantoms::{Extent, Suite, Table, run};

#[test]
fn what_is_reached_on_spoiled_phantoms_stays_reached() {
    let suite = Suite::shipped().unwrap();
    let table = Table::of(&suite, &run(&suite, Extent::Short));
    println!("{table}");
    let unexpected = table.unexpected();
    assert!(unexpected.is_empty(), "limits missed that were reached: {unexpected:#?}\n{table}");
}

#[test]
fn the_full_suite_holds_300_scans_of_every_kind() {
    let suite = Suite::shipped().unwrap();
    let cases = suite.cases(Extent::Full);
    assert!(cases.len() >= 300, "{}", cases.len());
    let short = suite.cases(Extent::Short);
    assert!((40..60).contains(&short.len()), "{}", short.len());
}
