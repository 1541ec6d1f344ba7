//! Writes tool paths as a program for one kind of controller.
//!
//! Conventions of a safe program: all modes stated first, straight up before anything else, spindle and
//! its run-up before the first feed, retract before the spindle stops, one end. Lengths have three
//! decimals, always with their point; words that would repeat the last value are left out.

use std::fmt::Write as _;

use gcode::mill::Plane;

use crate::path::{FeedClass, Hole, Round, Step, Tip, ToolPath};
use crate::placement::Placement;
use crate::{Cutting, Dialect, MillOrder, OperationKind, SafeStart, Tool, ToolChange};

/// Time for the spindle to reach its speed, s.
const SPINDLE_RUN_UP_S: u32 = 3;

/// An operation under the name that the program's comments give it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) kind: OperationKind,
    pub(crate) path: &'a ToolPath,
    pub(crate) tool: &'a Tool,
}

/// The program's text.
pub(crate) fn written(
    operations: &[Operation<'_>],
    order: &MillOrder,
    placement: &Placement,
) -> String {
    let mut writer = Writer::new(order);
    writer.head(operations, placement);
    let mut in_spindle: Option<u32> = None;
    for operation in operations {
        writer.cutting = order.cutting_of(operation.kind);
        if in_spindle != Some(operation.tool.number) {
            writer.load(operation, in_spindle.is_some());
            in_spindle = Some(operation.tool.number);
        }
        writer.comment(operation.kind.name());
        let has_cycles = writer.dialect.drilling_cycles;
        for step in &operation.path.steps {
            match step {
                Step::Drill(hole) if has_cycles => writer.cycle(hole),
                Step::Drill(hole) => hole.steps().into_iter().for_each(|step| writer.step(step)),
                other => writer.step(*other),
            }
        }
        writer.end_cycles();
    }
    writer.tail();
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

struct Writer<'a> {
    order: &'a MillOrder,
    dialect: &'a Dialect,
    /// Speeds of the operation that is written.
    cutting: &'a Cutting,
    text: String,
    line_number: u32,
    safe: Micrometers,
    at: [Option<Micrometers>; 3],
    motion: &'static str,
    feed: Option<u32>,
    /// Top, bottom and peck of the drilling cycle in force.
    cycle: Option<(f64, f64, Option<f64>)>,
    plane: Plane,
}

impl<'a> Writer<'a> {
    fn new(order: &'a MillOrder) -> Self {
        Self {
            order,
            dialect: &order.machine.dialect,
            cutting: &order.cutting,
            text: String::new(),
            line_number: 0,
            safe: Micrometers::from_mm(order.machine.safe_height_mm),
            at: [None; 3],
            motion: "",
            feed: None,
            cycle: None,
            plane: Plane::Xy,
        }
    }

    /// One line of words, with its number where the controller is used to them.
    fn line(&mut self, words: &str) {
        if let Some(step) = self.dialect.line_number_step {
            // Four digits are what old controls have: the count begins again.
            self.line_number = (self.line_number + step) % 10_000;
            let gap = if self.dialect.word_gaps { " " } else { "" };
            let _ = write!(self.text, "N{}{gap}", self.line_number);
        }
        self.text.push_str(words);
        self.text.push('\n');
    }

    fn comment(&mut self, text: &str) {
        if self.dialect.comments {
            let clean = self.clean(text);
            self.text.push_str(&clean);
            self.text.push('\n');
        }
    }

    /// A comment of characters that every controller has, short enough for a line.
    fn clean(&self, text: &str) -> String {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || " .,:;-_+=/".contains(*c);
        // Brackets and a line number's width are left.
        let longest = self.dialect.longest_line.saturating_sub(14).min(66);
        let short: String = text.chars().filter(allowed).take(longest).collect();
        let short = short.trim_end();
        if self.dialect.capitals {
            format!("({})", short.to_uppercase())
        } else {
            format!("({short})")
        }
    }

    fn head(&mut self, operations: &[Operation<'_>], placement: &Placement) {
        let order = self.order;
        if self.dialect.percent {
            self.text.push_str("%\n");
        }
        let title = format!("Solewright {}", order.label.trim());
        match self.dialect.program_number {
            Some(number) if self.dialect.comments => {
                let _ = writeln!(self.text, "O{number:04} {}", self.clean(&title));
            }
            Some(number) => {
                let _ = writeln!(self.text, "O{number:04}");
            }
            None => self.comment(&title),
        }
        let [width, length, height] = placement.blank_mm;
        let [x, y, z] = placement.blank_from_part.map(Micrometers::from_mm);
        self.comment(&format!("Machine: {}", order.machine.name));
        let mut named: Vec<u32> = Vec::new();
        for Operation { tool, .. } in operations {
            if !named.contains(&tool.number) {
                named.push(tool.number);
                let shape = tool.shape.name();
                self.comment(&format!("Tool T{}: {shape} D{}", tool.number, tool.diameter_mm));
                let out = tool.stickout_mm;
                self.comment(&format!("Tool length out of the holder: {out} mm or more"));
            }
        }
        self.comment(&format!("Blank: X {width} Y {length} Z {height} mm"));
        self.comment("Origin G54: front left corner of the blank, Z0 = its top");
        self.comment(&format!("Part in blank: X {x} Y {y} Z {z}"));
        let step = order.cutting.finishing_step_over_mm;
        self.comment(&format!("Step over {step} mm, scallop s2/8r"));
        self.line(self.dialect.modes());
        if let Some(tolerance) = self.dialect.blend_tolerance_mm {
            self.line(&format!("G64 P{}", Micrometers::from_mm(tolerance)));
        }
    }

    /// Straight up, as far as the machine's own zero is known.
    fn rise(&mut self) {
        match self.dialect.safe_start {
            SafeStart::Clearance => self.line(&format!("G0 Z{}", self.safe)),
            SafeStart::MachineZero => self.line("G53 G0 Z0.000"),
            SafeStart::Reference => {
                self.line("G91 G28 Z0.000");
                self.line("G90");
            }
        }
        let is_known = self.dialect.safe_start == SafeStart::Clearance;
        self.at[2] = is_known.then_some(self.safe);
        // G28 is no motion mode: the next motion states its own.
        self.motion = if self.dialect.safe_start == SafeStart::Reference { "" } else { "G0" };
    }

    /// Brings a tool into the spindle and the spindle to its speed.
    fn load(&mut self, operation: &Operation<'_>, is_running: bool) {
        let tool = operation.tool;
        if is_running {
            self.go("G0", [None, None, Some(self.safe)], None);
            self.line("M5");
        }
        let number = tool.number;
        let is_named = self.dialect.controller != gcode::mill::Dialect::Roland;
        if self.dialect.tool_change == ToolChange::None && is_named && !is_running {
            self.line(&format!("T{number}"));
        }
        self.rise();
        match self.dialect.tool_change {
            ToolChange::None => {}
            ToolChange::M6 => self.line(&format!("T{number} M6")),
            ToolChange::Stop => {
                self.comment(&format!("Put in T{number}: {}, set its length", tool.name));
                if is_named {
                    self.line(&format!("T{number}"));
                }
                self.line("M0");
            }
        }
        if self.dialect.length_offset {
            self.line(&format!("G43 H{number}"));
        }
        let speed = self.order.spindle_rpm(operation.kind, tool).round() as u32;
        self.line(&format!("M3 S{speed}"));
        let pause = SPINDLE_RUN_UP_S * if self.dialect.dwells_in_milliseconds { 1000 } else { 1 };
        self.line(&format!("G4 P{pause}"));
        self.feed = None;
    }

    fn tail(&mut self) {
        self.line(&format!("G0 Z{}", self.safe));
        self.set_plane(Plane::Xy);
        self.line("M5");
        if self.dialect.safe_start != SafeStart::Clearance {
            self.rise();
        }
        self.line("M30");
        if self.dialect.percent {
            self.text.push_str("%\n");
        }
    }

    /// A hole as a cycle that returns to the safe height; the words of the hole before it are kept.
    fn cycle(&mut self, hole: &Hole) {
        let gap = if self.dialect.word_gaps { " " } else { "" };
        let place = hole.place.map(Micrometers::from_mm);
        if self.cycle == Some((hole.top, hole.bottom, hole.peck)) {
            self.line(&format!("X{}{gap}Y{}", place[0], place[1]));
        } else {
            self.end_cycles();
            self.set_plane(Plane::Xy);
            self.go("G0", [None, None, Some(self.safe)], None);
            let [top, bottom] = [hole.top, hole.bottom].map(Micrometers::from_mm);
            let (code, peck) = match hole.peck {
                Some(peck) => ("G83", format!("{gap}Q{}", Micrometers::from_mm(peck))),
                None => ("G81", String::new()),
            };
            let feed =
                FeedClass::Plunge.mm_per_min(&self.order.machine, self.cutting).round() as u32;
            let point = if self.dialect.capitals { "." } else { "" };
            self.line(&format!(
                "G98{gap}{code}{gap}X{}{gap}Y{}{gap}Z{bottom}{gap}R{top}{peck}{gap}F{feed}{point}",
                place[0], place[1]
            ));
            self.feed = Some(feed);
            self.cycle = Some((hole.top, hole.bottom, hole.peck));
        }
        self.at = [Some(place[0]), Some(place[1]), Some(self.safe)];
        self.motion = "";
    }

    /// Takes back the cycle that is in force.
    fn end_cycles(&mut self) {
        if self.cycle.take().is_some() {
            self.line("G80");
            self.motion = "";
        }
    }

    fn step(&mut self, step: Step) {
        self.end_cycles();
        match step {
            Step::Retract => self.go("G0", [None, None, Some(self.safe)], None),
            Step::TraverseTo([x, y]) => {
                let place = [Some(x), Some(y), None].map(|c| c.map(Micrometers::from_mm));
                self.go("G0", place, None);
            }
            Step::Drill(_) => {}
            Step::ArcTo(tip, round, class) => self.arc(tip, round, class),
            Step::FeedTo(tip, class) => {
                self.go("G1", tip.map(|c| Some(Micrometers::from_mm(c))), Some(class));
            }
        }
    }

    /// An arc with its plane, center by its distance from the start.
    fn arc(&mut self, to: Tip, round: Round, class: FeedClass) {
        let gap = if self.dialect.word_gaps { " " } else { "" };
        let [first, second, across] = round.plane.axes();
        let mut words = String::new();
        for axis in 0..3 {
            let target = Micrometers::from_mm(to[axis]);
            if axis != across || self.at[axis] != Some(target) {
                let _ = write!(words, "{gap}{}{target}", ["X", "Y", "Z"][axis]);
            }
        }
        let mut offsets: Vec<(usize, f64)> = [first, second]
            .into_iter()
            .zip(round.center)
            .map(|(axis, center)| {
                let from = self.at[axis].map_or(0.0, |at| at.0 as f64 / 1000.0);
                (axis, center - from)
            })
            .collect();
        offsets.sort_by_key(|(axis, _)| *axis);
        for (axis, offset) in offsets {
            let _ = write!(words, "{gap}{}{}", ["I", "J", "K"][axis], Micrometers::from_mm(offset));
        }
        self.at = to.map(|along| Some(Micrometers::from_mm(along)));
        let feed = self.feed_word(Some(class));
        let motion = if round.sweep_rad < 0.0 { "G2" } else { "G3" };
        self.set_plane(round.plane);
        let code =
            if self.motion == motion { words.trim_start() } else { &format!("{motion}{words}") };
        self.line(&format!("{code}{feed}"));
        self.motion = motion;
    }

    fn set_plane(&mut self, plane: Plane) {
        if self.plane != plane {
            self.plane = plane;
            self.line(match plane {
                Plane::Xy => "G17",
                Plane::Zx => "G18",
                Plane::Yz => "G19",
            });
        }
    }

    /// The word of a feed that is not in force yet.
    fn feed_word(&mut self, class: Option<FeedClass>) -> String {
        let feed =
            class.map(|class| class.mm_per_min(&self.order.machine, self.cutting).round() as u32);
        if feed.is_none() || feed == self.feed {
            return String::new();
        }
        self.feed = feed;
        let gap = if self.dialect.word_gaps { " " } else { "" };
        let point = if self.dialect.capitals { "." } else { "" };
        format!("{gap}F{}{point}", feed.unwrap_or_default())
    }

    fn go(&mut self, motion: &'static str, to: [Option<Micrometers>; 3], feed: Option<FeedClass>) {
        let gap = if self.dialect.word_gaps { " " } else { "" };
        let mut words = String::new();
        for axis in 0..3 {
            if let Some(target) = to[axis].filter(|target| self.at[axis] != Some(*target)) {
                let _ = write!(words, "{gap}{}{target}", ["X", "Y", "Z"][axis]);
                self.at[axis] = Some(target);
            }
        }
        if words.is_empty() {
            return;
        }
        words.push_str(&self.feed_word(feed));
        if motion == self.motion {
            self.line(words.trim_start());
        } else {
            self.line(&format!("{motion}{words}"));
            self.motion = motion;
        }
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
