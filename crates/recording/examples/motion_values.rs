//! Prints what was read from a motion file, one value per line, for comparison with other programs.
//!
//! ```text
//! cargo run --release -p recording --example motion_values -- walk.c3d
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints")]

use std::fmt::Write as _;

use recording::{Motion, MotionLimits, read_motion};
use vocabulary::Findings;

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut findings = Findings::new();
        match read_motion(&path, &bytes, &MotionLimits::default(), &mut findings) {
            Ok(motion) => print!("{}", listed(&motion)),
            Err(error) => {
                eprintln!("{path}: {error}");
                std::process::exit(1);
            }
        }
        for finding in &findings {
            eprintln!("{:?} {}: {}", finding.severity, finding.code, finding.message);
        }
    }
}

fn listed(motion: &Motion) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{line}"); // writing to a String cannot fail
    };
    line(format_args!("trial\t{}\t{}\t{}", motion.rate_hz, motion.start_s, motion.frames()));
    line(format_args!("up\t{}\t{}\t{}", motion.up.x, motion.up.y, motion.up.z));
    line(format_args!("subject\t{:?}\t{:?}", motion.subject.mass_kg, motion.subject.height_m));
    for event in &motion.events {
        line(format_args!("event\t{}\t{:?}\t{:?}", event.time_s, event.side, event.kind));
    }
    for marker in &motion.markers {
        line(format_args!("marker\t{}", marker.label));
        for position in &marker.positions {
            match position {
                Some(at) => line(format_args!("\t{}\t{}\t{}", at.x, at.y, at.z)),
                None => line(format_args!("\tnan\tnan\tnan")),
            }
        }
    }
    for curve in &motion.curves {
        line(format_args!("curve\t{}\t{}", curve.label, curve.unit));
        for value in &curve.values {
            let [a, b, c] = value.unwrap_or([f64::NAN; 3]);
            line(format_args!("\t{a}\t{b}\t{c}"));
        }
    }
    for plate in &motion.plates {
        line(format_args!(
            "plate\t{}\t{}\t{}\t{:?}",
            plate.name, plate.rate_hz, plate.start_s, plate.unloaded
        ));
        for wrench in &plate.wrenches {
            let (f, m) = (wrench.force, wrench.moment);
            line(format_args!("\t{}\t{}\t{}\t{}\t{}\t{}", f.x, f.y, f.z, m.x, m.y, m.z));
        }
    }
    text
}
