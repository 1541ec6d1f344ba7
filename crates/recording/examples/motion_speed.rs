//! Writes a sample trial and times its reading; `tests/referees/c3d_speed.py` compares that with another program.
//!
//! ```text
//! cargo run --release -p recording --example motion_speed -- FILE.c3d
//! ```
//!
//! If the file is not there, a trial of 60 s, 50 markers at 200 Hz and two plates at 2 kHz is written to it first. Prints the
//! seconds of each of seven readings, bytes in memory to trial, as one JSON list.

#![allow(clippy::print_stdout, reason = "an example that prints")]

use std::time::Instant;

use recording::sample::SampleC3d;
use recording::{MotionLimits, read_motion};
use vocabulary::Findings;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).expect("the name of a file");
    if !std::path::Path::new(&path).exists() {
        std::fs::write(&path, SampleC3d::walk(50, 60.0).bytes())?;
    }
    let times: Vec<String> = (0..7)
        .map(|_| {
            let start = Instant::now();
            let bytes = std::fs::read(&path).expect("the file was there");
            let motion = read_motion(&path, &bytes, &MotionLimits::default(), &mut Findings::new());
            let motion = motion.unwrap_or_else(|error| panic!("{path}: {error}"));
            let seconds = start.elapsed().as_secs_f64();
            assert!(motion.frames() > 0);
            format!("{seconds:.6}")
        })
        .collect();
    println!("[{}]", times.join(", "));
    Ok(())
}
