//! The rules of a safe program, one move at a time.

use gcode::mill::{FaultKind, Move, MoveKind, Outcome};

use crate::inspection::{Deviation, Faults, GOUGE_LIMIT_MM, Lengths, Setup, Severity};
use crate::stock::Stock;
use crate::sweep::Chord;
use crate::{Cutter, Tool};

/// Moves steeper than this (80°) are plunges.
const PLUNGE_SLOPE: f64 = 5.67;
/// A plunge that bites this deep must run at the plunge feed, mm.
const PLUNGE_BITE_MM: f64 = 0.1;
/// A flat end goes straight down into no more than this, mm.
const LONGEST_FLAT_PLUNGE_MM: f64 = 1.0;
/// Shortest dwell after the spindle starts, s.
const LEAST_RUN_UP_S: f64 = 1.0;
/// Feeds through air longer than this are worth a word, mm, where they run clear of the blank.
const LONG_AIR_MM: f64 = 25.0;
/// So is a program that spends more than this share of its feed way in air.
const AIR_SHARE: f64 = 0.4;
/// A tip below the blank by less than this scratches the board it lies on, mm.
const SCRATCH_MM: f64 = 1.0;
/// Positions are written to a thousandth.
const ROUNDING_MM: f64 = 0.0011;
/// Programs whose size is off by about this factor have inches taken for millimeters.
const INCH_MM: f64 = 25.4;

/// What is known of a program's moves so far.
#[derive(Debug)]
pub(crate) struct MoveRules<'a> {
    setup: &'a Setup,
    bounds: Option<[[f64; 3]; 2]>,
    feed_bounds: Option<[[f64; 3]; 2]>,
    tools: Vec<u32>,
    is_first: bool,
    /// The spoil board may be drilled down to this, program coordinates, mm.
    board_floor: f64,
    /// Stock's top has nothing left that a holder at this height could meet: not looked at again.
    top: f64,
}

impl<'a> MoveRules<'a> {
    pub(crate) fn new(setup: &'a Setup) -> Self {
        let top = setup.block.map_or(0.0, |block| block.high[2]);
        let bottom = setup.block.map_or(0.0, |block| block.low[2]);
        let board_floor = bottom - setup.machine.spoil_board_mm;
        Self {
            setup,
            bounds: None,
            feed_bounds: None,
            tools: Vec::new(),
            is_first: true,
            board_floor,
            top,
        }
    }

    pub(crate) const fn bounds(&self) -> Option<[[f64; 3]; 2]> {
        self.bounds
    }

    pub(crate) fn tools(&self) -> Vec<u32> {
        self.tools.clone()
    }

    /// What cannot be followed, or is unsafe whatever the machine, forbids; habits of others do not.
    pub(crate) fn severity_of(&self, kind: FaultKind) -> Severity {
        let is_grbl = self.setup.machine.dialect.controller == gcode::mill::Dialect::Grbl;
        match kind {
            FaultKind::UnstatedMode | FaultKind::UnusedWord if !self.setup.strict => {
                Severity::Warning
            }
            FaultKind::NoEnd if !self.setup.strict && is_grbl => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What a move says by itself.
    pub(crate) fn judge(&mut self, motion: &Move, faults: &mut Faults) {
        let is_rapid = motion.kind == MoveKind::Rapid;
        for end in [motion.from, motion.to] {
            grow(&mut self.bounds, end);
        }
        let moves_level = (motion.from[0], motion.from[1]) != (motion.to[0], motion.to[1]);
        if self.is_first && moves_level && motion.to[2] <= motion.from[2] {
            let message = "the first motion is not straight up to the safe height".to_owned();
            self.note(faults, motion.line, "first-motion", message);
        }
        self.is_first = false;
        let line = motion.line;
        if is_rapid {
            let low = motion.from[2].min(motion.to[2]);
            if moves_level && low < self.top - ROUNDING_MM && self.over_block(motion) {
                let message =
                    format!("a rapid move crosses at Z {low:.3}, below the top of the blank");
                faults.warn(line, "rapid-at-depth", message);
            }
            return;
        }
        for end in [motion.from, motion.to] {
            grow(&mut self.feed_bounds, end);
        }
        if !self.tools.contains(&motion.tool) && self.tools.len() < 100 {
            self.tools.push(motion.tool);
            self.judge_tool(motion, faults);
        }
        let machine = &self.setup.machine;
        let (feed, limit) = (motion.feed_mm_per_min, machine.max_feed_mm_per_min);
        if feed > 1.001 * limit {
            let message = format!("feed {feed:.0} mm/min, the machine runs {limit:.0}");
            faults.error(line, "feed-too-fast", message);
        }
        let [slowest, fastest] = machine.spindle_rpm_range;
        let speed = motion.spindle_rpm;
        if motion.spindle_on() && !(slowest..=fastest).contains(&speed) {
            let message =
                format!("spindle at {speed:.0} rpm, the machine has {slowest:.0} to {fastest:.0}");
            faults.error(line, "spindle-speed", message);
        }
        if let Some(block) = self.setup.block {
            let lowest = motion.from[2].min(motion.to[2]);
            let is_hole = !moves_level && self.is_drill(motion.tool);
            // A drill goes into the board that is there for it.
            let floor = if is_hole { self.board_floor } else { block.low[2] };
            let below = if lowest < floor - ROUNDING_MM { block.low[2] - lowest } else { 0.0 };
            if below > ROUNDING_MM {
                let message = format!("the tip goes {below:.2} mm below the blank");
                let is_scratch = !self.setup.strict && below <= SCRATCH_MM;
                let severity = if is_scratch { Severity::Warning } else { Severity::Error };
                faults.add(severity, line, "below-blank", message);
            }
        }
    }

    /// Something that programs made here must not have, and others should not.
    fn note(&self, faults: &mut Faults, line: u32, code: &'static str, message: String) {
        let severity = if self.setup.strict { Severity::Error } else { Severity::Warning };
        faults.add(severity, line, code, message);
    }

    fn is_drill(&self, number: u32) -> bool {
        self.setup.tools.iter().any(|tool| tool.number == number && tool.is_drill())
    }

    fn judge_tool(&self, motion: &Move, faults: &mut Faults) {
        let tools = &self.setup.tools;
        // A controller without T runs with what is in the spindle.
        let is_silent = motion.tool == 0
            && tools.len() == 1
            && self.setup.machine.dialect.controller == gcode::mill::Dialect::Roland;
        if is_silent || tools.is_empty() || tools.iter().any(|tool| tool.number == motion.tool) {
            return;
        }
        let known: Vec<String> = tools.iter().map(|tool| format!("T{}", tool.number)).collect();
        let message = format!(
            "cuts with tool {}, known are {}; checked with {}",
            motion.tool,
            known.join(", "),
            tools[0].name
        );
        self.note(faults, motion.line, "unknown-tool", message);
    }

    fn over_block(&self, motion: &Move) -> bool {
        let Some(block) = self.setup.block else { return true };
        (0..2).all(|axis| {
            let (low, high) =
                (motion.from[axis].min(motion.to[axis]), motion.from[axis].max(motion.to[axis]));
            high > block.low[axis] && low < block.high[axis]
        })
    }

    /// What a move says by the material it takes.
    pub(crate) fn judge_bite(
        &self,
        motion: &Move,
        chord: &Chord,
        depth: f64,
        tool: &Tool,
        faults: &mut Faults,
    ) {
        let line = motion.line;
        if motion.kind == MoveKind::Rapid {
            faults.error(
                line,
                "rapid-through-stock",
                format!("a rapid move through stock, {depth:.3} mm deep"),
            );
            return;
        }
        let [dx, dy, dz] = [0, 1, 2].map(|axis| chord.to[axis] - chord.from[axis]);
        let is_plunge = -dz > PLUNGE_SLOPE * dx.hypot(dy) && depth > PLUNGE_BITE_MM;
        if let Some(limit) = self.setup.plunge_mm_per_min
            && is_plunge
            && motion.feed_mm_per_min > 1.01 * limit
        {
            let feed = motion.feed_mm_per_min;
            let message = format!(
                "a plunge faster than the plunge feed, {feed:.0} mm/min, {depth:.3} mm deep; {limit:.0} are allowed"
            );
            faults.error(line, "fast-plunge", message);
        }
        let goes_sideways = dx.hypot(dy) > ROUNDING_MM;
        if tool.is_drill() && goes_sideways && depth > PLUNGE_BITE_MM {
            let message = format!("a drill cuts sideways, {depth:.3} mm deep");
            faults.error(line, "drill-sideways", message);
        }
        // Flat and bull-nosed ends have no edges in their middle; a little of it is what every tool bears.
        if is_plunge && !Cutter::of(tool).can_plunge() && depth > LONGEST_FLAT_PLUNGE_MM {
            let message = format!(
                "a {} goes straight down into {depth:.1} mm of material, which it cannot; enter along a ramp",
                tool.shape.name()
            );
            self.note(faults, line, "plunge-without-center", message);
        }
        if depth > tool.flute_length_mm {
            let flutes = tool.flute_length_mm;
            let message =
                format!("a bite of {depth:.1} mm is deeper than the flutes ({flutes:.1} mm)");
            faults.error(line, "beyond-flutes", message);
        }
    }

    /// A feed that touched nothing.
    pub(crate) fn judge_air(&self, motion: &Move, faults: &mut Faults) {
        let length = motion.length_mm();
        let clear = motion.from[2].min(motion.to[2]) > self.top + ROUNDING_MM;
        if clear && length > LONG_AIR_MM {
            let message = format!("a feed move runs {length:.0} mm through air over the blank");
            faults.warn(motion.line, "feed-in-air", message);
        }
    }

    /// Shank and holder against the material as it stood before the chords.
    pub(crate) fn collide(
        &self,
        stock: &Stock,
        chords: &[Chord],
        moves: &[Move],
        tool: &Tool,
        faults: &mut Faults,
    ) {
        let parts = [
            ("shank", "shank-collision", tool.shank_diameter_mm, tool.flute_length_mm),
            ("holder", "holder-collision", tool.holder_diameter_mm, tool.stickout_mm),
        ];
        let widest = Cutter::of(tool).radius();
        for (name, code, diameter, height) in parts {
            let radius = diameter / 2.0;
            if radius <= widest + ROUNDING_MM {
                continue;
            }
            for chord in chords {
                let lowest = chord.from[2].min(chord.to[2]) + height;
                if lowest >= self.top - ROUNDING_MM {
                    continue;
                }
                let highest = stock.highest_near(chord, radius);
                // What the flutes themselves take away on this move does not stand in the way.
                if highest > lowest + ROUNDING_MM {
                    let line = moves[chord.motion as usize].line;
                    let message = format!(
                        "the {name} ({diameter:.1} mm wide, {height:.1} mm over the tip) runs {:.2} mm deep into material",
                        highest - lowest
                    );
                    faults.error(line, code, message);
                    if faults.count(code) > 100 {
                        break;
                    }
                }
            }
        }
    }

    /// What only the whole program shows.
    pub(crate) fn judge_whole(&self, outcome: &Outcome, lengths: &Lengths, faults: &mut Faults) {
        if self.setup.strict && outcome.uses_inches {
            faults.error(
                0,
                "inches",
                "the program is in inches; write millimeters (G21)".to_owned(),
            );
        }
        if outcome.spindle_run_up_s.is_some_and(|dwell| dwell < LEAST_RUN_UP_S) {
            let message =
                format!("the spindle gets less than {LEAST_RUN_UP_S} s (G4) before it cuts");
            self.note(faults, 0, "spindle-run-up", message);
        }
        if !outcome.ends_with_spindle_off {
            let message = "the program does not end with the spindle off (M5, M30)".to_owned();
            self.note(faults, 0, "spindle-left-on", message);
        }
        self.judge_travel(faults);
        self.judge_units(faults);
        if self.setup.block.is_some()
            && lengths.air_feed_mm > AIR_SHARE * lengths.feed_mm
            && lengths.feed_mm > 0.0
        {
            let message = format!(
                "{:.0} of {:.0} mm at a feed touch no material",
                lengths.air_feed_mm, lengths.feed_mm
            );
            faults.warn(0, "feed-in-air", message);
        }
    }

    fn judge_travel(&self, faults: &mut Faults) {
        let Some([low, high]) = self.bounds else { return };
        for (axis, letter) in ['x', 'y', 'z'].into_iter().enumerate() {
            let (needed, given) = (high[axis] - low[axis], self.setup.machine.travel_mm[axis]);
            if needed > given {
                let message = format!(
                    "the program moves {needed:.1} mm along {letter}, the machine travels {given:.1} mm"
                );
                faults.error(0, "over-travel", message);
            }
        }
    }

    /// A program a twenty-fifth of its blank, or twenty-five times as large, was written in the other unit.
    fn judge_units(&self, faults: &mut Faults) {
        let (Some([low, high]), Some(block)) = (self.feed_bounds, self.setup.block) else { return };
        let size = block.size();
        let shares = [0, 1].map(|axis| (high[axis] - low[axis]) / size[axis]);
        let small = shares.iter().all(|share| *share < 2.0 / INCH_MM && *share > 0.2 / INCH_MM);
        let large = shares.iter().all(|share| *share > 0.2 * INCH_MM);
        if small || large {
            let message = format!(
                "the program works {:.1} x {:.1} mm of a blank of {:.0} x {:.0} mm: {}",
                high[0] - low[0],
                high[1] - low[1],
                size[0],
                size[1],
                if small {
                    "its numbers are inches taken for millimeters (G20 is missing)"
                } else {
                    "its numbers are millimeters taken for inches (G21 is missing)"
                }
            );
            faults.error(0, "units", message);
        }
    }

    /// What the finished surface says.
    pub(crate) fn judge_surface(&self, name: &str, found: &Deviation, faults: &mut Faults) {
        if found.places == 0 && name == "surface" {
            faults.error(
                0,
                "nothing-compared",
                format!("no place of the {name} could be compared"),
            );
        }
        if found.worst_gouge_mm > GOUGE_LIMIT_MM {
            let [x, y, z] = found.worst_gouge_at;
            let message = format!(
                "the {name} is gouged by {:.3} mm at ({x:.1}, {y:.1}, {z:.1}), {GOUGE_LIMIT_MM} mm are allowed",
                found.worst_gouge_mm
            );
            faults.error(found.worst_gouge_line, "gouge", message);
        }
        let limit = self.setup.left_limit_mm;
        if found.worst_left_mm > limit {
            let [x, y, z] = found.worst_left_at;
            let message = format!(
                "{:.3} mm are left on the {name} at ({x:.1}, {y:.1}, {z:.1}), {limit} mm are allowed",
                found.worst_left_mm
            );
            faults.error(0, "material-left", message);
        }
        self.judge_unreachable(name, found, faults);
    }

    /// What no tool could have taken is for a file or a sander, up to a point.
    fn judge_unreachable(&self, name: &str, found: &Deviation, faults: &mut Faults) {
        if found.worst_unreachable_mm <= self.setup.left_limit_mm {
            return;
        }
        let limit = self.setup.unreachable_limit_mm;
        let [x, y, z] = found.worst_unreachable_at;
        let message = format!(
            "the tool does not reach into a corner of the {name} at ({x:.1}, {y:.1}, {z:.1}) and leaves {:.3} mm there, \
             {limit} mm are allowed; file it, or take a smaller tool",
            found.worst_unreachable_mm
        );
        let is_much = found.worst_unreachable_mm > limit;
        let severity = if is_much { Severity::Error } else { Severity::Warning };
        faults.add(severity, 0, "unreachable", message);
    }
}

fn grow(bounds: &mut Option<[[f64; 3]; 2]>, point: [f64; 3]) {
    let [low, high] = bounds.get_or_insert([point, point]);
    for axis in 0..3 {
        low[axis] = low[axis].min(point[axis]);
        high[axis] = high[axis].max(point[axis]);
    }
}
