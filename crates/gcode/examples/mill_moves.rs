//! The moves of a mill program as this crate follows them, one on a line, for comparison with another interpreter:
//! `cargo run -p gcode --example mill_moves -- FILE.nc`.
//!
//! ```text
//! traverse X Y Z      feed X Y Z FEED      arc X Y Z CENTER CENTER TURN FEED      mm, G54; mm/min
//!
//! The center is in the axes of the arc's plane (YZ for G19, ZX for G18); TURN is 1 counter-clockwise and -1 clockwise.
//! ```
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a command for a person")]

use gcode::mill::{Controller, Dialect, MoveKind, interpret};

/// Where the spindle stands at the start, over the program's zero: where `rs274` has it.
const START_MM: f64 = 0.0;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("name a program");
    let text = std::fs::read_to_string(&file).expect("the program can be read");
    let controller = Controller::at_work_zero(Dialect::LinuxCnc, START_MM);
    let found = interpret(&text, &controller);
    for fault in &found.faults {
        println!("fault {} {}", fault.line, fault.message);
    }
    for motion in &found.moves {
        let [x, y, z] = motion.to;
        let feed = motion.feed_mm_per_min;
        match motion.kind {
            MoveKind::Rapid => println!("traverse {x:.4} {y:.4} {z:.4}"),
            MoveKind::Feed => println!("feed {x:.4} {y:.4} {z:.4} {feed:.4}"),
            MoveKind::ArcCw | MoveKind::ArcCcw => {
                let turn = if motion.kind == MoveKind::ArcCw { -1 } else { 1 };
                let [a, b] = motion.arc.map_or([f64::NAN; 2], |arc| arc.center);
                println!("arc {x:.4} {y:.4} {z:.4} {a:.4} {b:.4} {turn} {feed:.4}");
            }
        }
    }
}
