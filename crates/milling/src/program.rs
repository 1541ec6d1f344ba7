//! Writes tool paths as a program that GRBL 1.1 reads.
//!
//! Conventions of a safe program: all modes stated first, up to the safe height before anything else,
//! spindle and its run-up before the first feed, retract before the spindle stops, one end. Lengths have
//! three decimals; words that would repeat the last value are left out; lines stay under 70 characters.

use std::fmt::Write as _;

use crate::path::{Step, ToolPath};
use crate::placement::Placement;
use crate::{MillOrder, ToolShape};

/// Time for the spindle to reach its speed, s.
const SPINDLE_RUN_UP_S: f64 = 3.0;
/// Longest comment, so that its line stays under 70 characters.
const LONGEST_COMMENT: usize = 66;

/// An operation under the name that the program's comments give it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a ToolPath,
}

/// The program's text.
pub(crate) fn written(
    operations: &[Operation<'_>],
    order: &MillOrder,
    placement: &Placement,
) -> String {
    let mut writer = Writer::new(order);
    writer.head(order, placement);
    for operation in operations {
        writer.comment(operation.name);
        for step in &operation.path.steps {
            writer.step(*step, order);
        }
    }
    writer.line(format_args!("G0 Z{}", Micrometers::from_mm(order.machine.safe_height_mm)));
    writer.line(format_args!("M5"));
    writer.line(format_args!("M30"));
    writer.text
}

/// A length as the program writes it: exact, so that equal positions are recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Micrometers(i64);

impl Micrometers {
    fn from_mm(length: f64) -> Self {
        // A length that is not finite becomes 0 here and is refused by the check of the program.
        Self((length * 1000.0).round() as i64)
    }
}

impl std::fmt::Display for Micrometers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let length = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03}", length / 1000, length % 1000)
    }
}

struct Writer {
    text: String,
    safe: Micrometers,
    at: [Option<Micrometers>; 3],
    motion: &'static str,
    feed: Option<u32>,
}

impl Writer {
    fn new(order: &MillOrder) -> Self {
        Self {
            text: String::new(),
            safe: Micrometers::from_mm(order.machine.safe_height_mm),
            at: [None; 3],
            motion: "",
            feed: None,
        }
    }

    fn line(&mut self, words: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{words}");
    }

    fn comment(&mut self, text: &str) {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || " .,:;-_+=/".contains(*c);
        let clean: String = text.chars().filter(allowed).take(LONGEST_COMMENT).collect();
        self.line(format_args!("({})", clean.trim_end()));
    }

    fn head(&mut self, order: &MillOrder, placement: &Placement) {
        let (tool, cutting) = (&order.tool, &order.cutting);
        let [width, length, height] = placement.blank_mm;
        let [x, y, z] = placement.blank_from_part.map(Micrometers::from_mm);
        let shape = match tool.shape {
            ToolShape::Ball => "ball nose",
        };
        self.comment(&format!("Solewright {}", order.label.trim()));
        self.comment(&format!("Machine: {}", order.machine.name));
        self.comment(&format!("Tool T{}: {shape} D{}", tool.number, tool.diameter_mm));
        self.comment(&format!("Tool length out of the holder: {} mm or more", tool.stickout_mm));
        self.comment(&format!("Blank: X {width} Y {length} Z {height} mm"));
        self.comment("Origin G54: front left corner of the blank, Z0 = its top");
        self.comment(&format!("Part in blank: X {x} Y {y} Z {z}"));
        self.comment(&format!("Step over {} mm, scallop s2/8r", cutting.finishing_step_over_mm));
        self.line(format_args!("G17 G21 G90 G94 G54"));
        self.line(format_args!("T{}", tool.number));
        let safe = self.safe;
        self.line(format_args!("G0 Z{safe}"));
        self.line(format_args!("M3 S{}", cutting.spindle_rpm.round() as u32));
        self.line(format_args!("G4 P{SPINDLE_RUN_UP_S}"));
        self.at = [None, None, Some(self.safe)];
        self.motion = "G0";
    }

    fn step(&mut self, step: Step, order: &MillOrder) {
        match step {
            Step::Retract => self.go("G0", [None, None, Some(self.safe)], None),
            Step::TraverseTo([x, y]) => {
                let place = [Some(x), Some(y), None].map(|c| c.map(Micrometers::from_mm));
                self.go("G0", place, None);
            }
            Step::FeedTo(tip, class) => {
                let feed = class.mm_per_min(&order.cutting).round() as u32;
                self.go("G1", tip.map(|c| Some(Micrometers::from_mm(c))), Some(feed));
            }
        }
    }

    fn go(&mut self, motion: &'static str, to: [Option<Micrometers>; 3], feed: Option<u32>) {
        let mut words = String::new();
        for axis in 0..3 {
            if let Some(target) = to[axis].filter(|target| self.at[axis] != Some(*target)) {
                let _ = write!(words, "{}{target}", ["X", "Y", "Z"][axis]);
                self.at[axis] = Some(target);
            }
        }
        if words.is_empty() {
            return;
        }
        if feed.is_some() && feed != self.feed {
            self.feed = feed;
            let _ = write!(words, "F{}", feed.unwrap_or_default());
        }
        let motion = if motion == self.motion { "" } else { motion };
        self.line(format_args!("{motion}{words}"));
        self.motion = if motion.is_empty() { self.motion } else { motion };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_three_decimals_and_no_negative_zero() {
        let written = |length| Micrometers::from_mm(length).to_string();
        assert_eq!(written(-0.0004), "0.000");
        assert_eq!(written(-0.0006), "-0.001");
        assert_eq!(written(12.34567), "12.346");
        assert_eq!(written(-100.0), "-100.000");
        assert_eq!(written(f64::NAN), "0.000");
    }
}
