//! The command line of Solewright: thin verbs over the library crates.
//!
//! Exit codes: 0 done, 1 refused with a reason that a person can act on, 2 wrong usage.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line is where things are printed"
)]

/// Prints a line; a reader that has gone away (`| head`) is no fault.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($words)*);
    }};
}

mod adjust;
mod check;
mod check_mill;
mod check_print;
mod design;
mod files;
mod gait;
mod make;
mod mill;
mod optimize;
mod pack;
mod parameters;
mod phantom;
mod print;
mod print_elsewhere;
mod progress;
mod scan;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// From a 3D foot scan and gait measurements to a custom foot orthosis.
#[derive(Debug, Parser)]
#[command(name = "solewright", version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a whole case: shells, machine programs, report and record.
    Make(make::Arguments),
    /// Design the shells of a case without machine programs, and explain every correction.
    Design(design::Arguments),
    /// Choose what is open for the knee: gain, certainty, cost, trade-offs.
    Optimize(optimize::Arguments),
    /// Print shells of a case, or models: write the program of a filament printer.
    Print(print::Arguments),
    /// Nest shells of many cases into the build volume of a powder-bed machine.
    Pack(pack::Arguments),
    /// Check a program for a mill or a printer, or the mesh of a part, that anybody made.
    Check(check::Arguments),
    /// Mill a case or a model: write the proven programs of a mill.
    Mill(mill::Arguments),
    /// Turn a complaint into a bounded change and write the next case file.
    Adjust(adjust::Arguments),
    /// Analyze a gait trial: knee moments, forces, symmetry.
    Gait(gait::Arguments),
    /// Generate a pair of sample feet with known truth.
    Phantom(phantom::Arguments),
    /// Read scans: side, unit, landmarks, measurements, and whether they can be used.
    Scan(scan::Arguments),
    /// List every key of case files and profiles with unit, range, default and source.
    Parameters(parameters::Arguments),
    /// Compare the knee model with published trials, or calibrate it again.
    Validate(validate::Arguments),
}

/// A reason to stop that a person can act on, in one sentence.
#[derive(Debug)]
struct Refusal(String);

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

fn main() -> ExitCode {
    files::clean_up_when_interrupted();
    let (json, result) = match Arguments::parse().verb {
        Verb::Make(arguments) => (arguments.json, make::run(&arguments)),
        Verb::Scan(arguments) => match scan::run(&arguments) {
            // Every refused scan has said its reason on its own sheet.
            Ok(all_usable) => return ExitCode::from(u8::from(!all_usable)),
            Err(refusal) => (arguments.json, Err(refusal)),
        },
        Verb::Check(arguments) => match check::run(&arguments) {
            // The faults have been said.
            Ok(is_clean) => return ExitCode::from(u8::from(!is_clean)),
            Err(refusal) => (arguments.json, Err(refusal)),
        },
        Verb::Pack(arguments) => (arguments.json, pack::run(&arguments)),
        Verb::Print(arguments) => (arguments.json, print::run(&arguments)),
        Verb::Design(arguments) => (arguments.json, design::run(&arguments)),
        Verb::Optimize(arguments) => (arguments.json, optimize::run(&arguments)),
        Verb::Mill(arguments) => (arguments.json, mill::run(&arguments)),
        Verb::Adjust(arguments) => (arguments.json, adjust::run(&arguments)),
        Verb::Gait(arguments) => (arguments.json, gait::run(&arguments)),
        Verb::Phantom(arguments) => (arguments.json, phantom::run(&arguments)),
        Verb::Parameters(arguments) => (arguments.json, parameters::run(&arguments)),
        Verb::Validate(arguments) => (arguments.json, validate::run(&arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal(reason)) => {
            if json {
                say!("{}", serde_json::json!({ "ok": false, "error": reason }));
            } else {
                eprintln!("refused: {reason}");
            }
            ExitCode::from(1)
        }
    }
}
