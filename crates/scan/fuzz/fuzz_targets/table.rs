#![no_main]

#[path = "../../tests/soundness/mod.rs"]
mod soundness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| soundness::check(bytes));
