//! What a filament printer does with a program, as data.
//!
//! Follows the modal state of one [`Firmware`]: in Marlin `G90` and `G91` switch all axes and E, in
//! Klipper and `RepRapFirmware` they leave E alone. It trusts nothing: what a printer would ignore or
//! refuse is a fault with its line, and the program is followed to its end. Arcs are followed as
//! chords, firmware retraction as a move of the filament; commands that are not known here are
//! counted by name and change nothing.
//!
//! Positions are machine coordinates, mm. [`Follower`] takes line after line and keeps at most
//! [`MOST_FAULTS`] faults, so a program of any length is followed in the same memory.

mod arc;
mod block;
mod firmware;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use block::{Asked, Block};
pub use firmware::Firmware;

use crate::word::{Line, WordFault, lines};

/// Faults beyond this many are only counted.
pub const MOST_FAULTS: usize = 100;

/// Names of unknown commands beyond this many are only counted together.
const MOST_NAMES: usize = 100;

/// One motion of the head or of the filament.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move<'a> {
    /// Line of the program, from 1.
    pub line: u32,
    /// Where the nozzle was, mm.
    pub from: [f64; 3],
    /// Where it goes, mm.
    pub to: [f64; 3],
    /// Filament pushed out, mm; negative where it is pulled back.
    pub filament_mm: f64,
    /// Ordered speed along the line, mm/s.
    pub speed_mm_s: f64,
    /// Ordered acceleration, mm/s²; `None` where the program leaves it to the printer.
    pub acceleration_mm_s2: Option<f64>,
    /// Whether G0 made it.
    pub is_rapid: bool,
    /// Whether every axis had been homed.
    pub is_homed: bool,
    /// Temperature that the nozzle has at least, °C: what was last waited for, or less.
    pub nozzle_c: f64,
    /// Temperature that the bed has at least, °C.
    pub bed_c: f64,
    /// Part cooling, 0 to 1.
    pub fan: f64,
    /// Text of the last `;TYPE:` or `; FEATURE:` comment.
    pub kind: &'a str,
    /// Layer comments (`;LAYER:`, `;LAYER_CHANGE`, `; CHANGE_LAYER`) so far.
    pub layers: usize,
}

/// A line that a printer would not do as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Fault {
    /// Line of the program, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum FaultKind {
    /// The line cannot be read.
    #[error("{0}")]
    Unreadable(WordFault),
    /// A line with words but no command.
    #[error("no command")]
    NoCommand,
    /// Two commands on one line: Marlin reads the rest as arguments of the first.
    #[error("several commands on one line")]
    SeveralCommands,
    /// A command that is not known here; only [`follow`] takes it for a fault.
    #[error("{0} is not known to this reader")]
    UnknownCommand(String),
    /// An argument without its number.
    #[error("{0} has no number")]
    NoNumber(char),
    /// A move before any `G28`.
    #[error("the head moves before it was homed")]
    NotHomed,
    /// A move before any feed.
    #[error("the move has no feed")]
    NoFeed,
    /// A coordinate that no printer has; the move is not made.
    #[error("{0} is out of range")]
    TooFar(char),
    /// A feed that is no speed.
    #[error("the feed is not over 0")]
    FeedNotPositive,
    /// An arc without a center, or whose ends are not equally far from it.
    #[error("the arc has no center that fits both of its ends")]
    BadArc,
    /// The line is longer than any firmware reads.
    #[error("the line has over {0} characters")]
    TooLong(usize),
}

/// What a program leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// The first faults.
    pub faults: Vec<Fault>,
    /// All faults.
    pub fault_count: usize,
    /// Lines read.
    pub lines: u32,
    /// Layer comments.
    pub layers: usize,
    /// Ordered nozzle temperature at the end, °C.
    pub nozzle_target_c: f64,
    /// Ordered bed temperature at the end, °C.
    pub bed_target_c: f64,
    /// Fan at the end, 0 to 1.
    pub fan: f64,
    /// Whether the motors hold at the end.
    pub motors_on: bool,
    /// Whether a temperature was ordered at all.
    pub heats: bool,
    /// Ordered pauses (`G4`), s.
    pub dwell_s: f64,
    /// Commands that are not known here, and how often they stand.
    pub unknown: BTreeMap<String, u32>,
    /// Highest number of a tool that was chosen.
    pub highest_tool: u32,
}

/// Coordinates beyond this are faults, mm: sums stay finite and exact to a nanometer.
const FARTHEST_MM: f64 = 1e6;

/// Longest line that is read, characters; firmwares stop at 96 to 256.
const LONGEST_LINE: usize = 4096;

/// Filament moved by `G10` and `G11` where no `M207` says how far, mm.
const FIRMWARE_RETRACTION_MM: f64 = 1.0;

/// Speed of `G10` and `G11` where no `M207` says it, mm/s.
const FIRMWARE_RETRACTION_MM_S: f64 = 35.0;

/// Tool numbers from here on are signals of the Bambu dialect (`T255`, `T1000`), no tools.
const HIGHEST_TOOL: u32 = 64;

/// Follows a program for Marlin and hands every move to `visit`; unknown commands are faults.
pub fn follow(program: &str, visit: impl FnMut(&Move<'_>)) -> Run {
    follow_as(program, Firmware::Marlin, visit)
}

/// Follows a program for a firmware and hands every move to `visit`; unknown commands are faults.
pub fn follow_as(program: &str, firmware: Firmware, mut visit: impl FnMut(&Move<'_>)) -> Run {
    let mut follower = Follower::new(firmware);
    follower.is_strict = true;
    for line in lines(program) {
        follower.line(line.text, &mut visit);
    }
    follower.finish()
}

/// Follows a program line by line.
#[derive(Clone, Debug)]
pub struct Follower {
    firmware: Firmware,
    is_strict: bool,
    run: Run,
    /// Machine position, mm.
    position: [f64; 3],
    /// Logical position of E, mm.
    extruder: f64,
    /// What to add to a programmed position to get the machine's, mm.
    offset: [f64; 3],
    is_relative: bool,
    is_extruder_relative: bool,
    /// mm in a programmed unit.
    unit: f64,
    speed_mm_s: Option<f64>,
    acceleration_mm_s2: Option<f64>,
    /// Factors of `M220` and `M221`.
    speed_factor: f64,
    flow_factor: f64,
    is_homed: bool,
    is_pulled_back: bool,
    firmware_retraction: [f64; 2],
    nozzle_c: f64,
    bed_c: f64,
    kind: String,
}

const AXES: [char; 3] = ['X', 'Y', 'Z'];

impl Follower {
    /// Before the first line: nothing homed, nothing warm.
    #[must_use]
    pub fn new(firmware: Firmware) -> Self {
        Self {
            firmware,
            is_strict: false,
            run: Run { motors_on: true, ..Run::default() },
            position: [0.0; 3],
            extruder: 0.0,
            offset: [0.0; 3],
            is_relative: false,
            is_extruder_relative: false,
            unit: 1.0,
            speed_mm_s: None,
            acceleration_mm_s2: None,
            speed_factor: 1.0,
            flow_factor: 1.0,
            is_homed: false,
            is_pulled_back: false,
            firmware_retraction: [FIRMWARE_RETRACTION_MM, FIRMWARE_RETRACTION_MM_S],
            nozzle_c: 0.0,
            bed_c: 0.0,
            kind: String::new(),
        }
    }

    /// Takes the next line, without its end.
    pub fn line(&mut self, text: &str, visit: &mut impl FnMut(&Move<'_>)) {
        self.run.lines = self.run.lines.saturating_add(1);
        let line = Line { number: self.run.lines, text };
        if text.len() > LONGEST_LINE && !text.trim_start().starts_with(';') {
            self.fault(line.number, FaultKind::TooLong(LONGEST_LINE));
            return;
        }
        let outcome = match block::read(&line, self.firmware) {
            Ok(Asked::Command(block)) => self.obey(&block, line.number, visit),
            Ok(Asked::Named(name, rest)) => {
                self.obey_name(name, rest);
                Ok(())
            }
            Ok(Asked::Nothing) => Ok(()),
            Err(kind) => Err(kind),
        };
        if let Err(kind) = outcome {
            self.fault(line.number, kind);
        }
        if let Some((_, comment)) = text.split_once(';') {
            self.note(comment);
        }
    }

    /// What the program leaves behind.
    #[must_use]
    pub fn finish(self) -> Run {
        self.run
    }

    fn fault(&mut self, line: u32, kind: FaultKind) {
        self.run.fault_count += 1;
        if self.run.faults.len() < MOST_FAULTS {
            self.run.faults.push(Fault { line, kind });
        }
    }

    fn unknown(&mut self, name: String) -> Result<(), FaultKind> {
        if self.is_strict {
            return Err(FaultKind::UnknownCommand(name));
        }
        let is_full = self.run.unknown.len() >= MOST_NAMES;
        let key = if is_full && !self.run.unknown.contains_key(&name) {
            "others".to_owned()
        } else {
            name
        };
        let count = self.run.unknown.entry(key).or_default();
        *count = count.saturating_add(1);
        Ok(())
    }

    fn note(&mut self, comment: &str) {
        let comment = comment.trim_start();
        let kind = comment.strip_prefix("TYPE:").or_else(|| comment.strip_prefix("FEATURE:"));
        if let Some(kind) = kind {
            self.kind.clear();
            self.kind.extend(kind.trim().chars().take(60));
        } else if comment.starts_with("LAYER:")
            || comment.starts_with("LAYER_CHANGE")
            || comment.starts_with("CHANGE_LAYER")
        {
            self.run.layers += 1;
        }
    }

    fn obey(
        &mut self,
        block: &Block,
        line: u32,
        visit: &mut impl FnMut(&Move<'_>),
    ) -> Result<(), FaultKind> {
        match (block.letter, block.tenths) {
            ('G', 0 | 10) => return self.go(block, line, visit),
            ('G', code @ (20 | 30)) => return self.arc(block, line, code == 20, visit),
            ('G', 40) => {
                let seconds = match (block.number('S')?, block.number('P')?) {
                    (Some(seconds), _) => seconds,
                    (None, millis) => millis.unwrap_or(0.0) / 1000.0,
                };
                self.run.dwell_s += seconds.clamp(0.0, 86_400.0);
            }
            ('G', code @ (100 | 110)) => self.retract(block, line, code == 100, visit),
            ('G', 200) => self.unit = 25.4,
            ('G', 210) => self.unit = 1.0,
            ('G', 280) => self.home(block),
            ('G', code @ (900 | 910)) => {
                self.is_relative = code == 910;
                if self.firmware.switches_extruder_with_g90() {
                    self.is_extruder_relative = code == 910;
                }
            }
            ('G', 920) => self.set_position(block)?,
            ('M', code @ (820 | 830)) => self.is_extruder_relative = code == 830,
            ('M', 840 | 180) => self.run.motors_on = false,
            ('M', 170) => self.run.motors_on = true,
            ('M', 1060) => self.set_fan(block)?,
            ('M', 1070) => self.run.fan = 0.0,
            ('M', code @ (1040 | 1090)) => self.heat_nozzle(block, code == 1090)?,
            ('M', code @ (1400 | 1900)) => self.heat_bed(block, code == 1900)?,
            ('M', 5680) => self.heat_tool(block)?,
            ('M', 1160) => {
                self.nozzle_c = self.run.nozzle_target_c;
                self.bed_c = self.run.bed_target_c;
            }
            ('M', 2040) => self.set_acceleration(block)?,
            ('M', 2070) => {
                let [length, speed] = self.firmware_retraction;
                let length = block.number('S')?.map_or(length, |value| value.clamp(0.0, 100.0));
                let speed = block.number('F')?.map_or(speed, |feed| (feed / 60.0).clamp(0.1, 1e3));
                self.firmware_retraction = [length, speed];
            }
            ('M', code @ (2200 | 2210)) => {
                let factor = block.number('S')?.map_or(1.0, |percent| percent / 100.0);
                let factor = factor.clamp(0.01, 10.0);
                if code == 2200 { self.speed_factor = factor } else { self.flow_factor = factor }
            }
            ('T', tenths) => {
                let tool = tenths / 10;
                if tool < HIGHEST_TOOL {
                    self.run.highest_tool = self.run.highest_tool.max(tool);
                }
            }
            (letter, tenths) if has_no_motion(letter, tenths) => {}
            (letter, tenths) => {
                return self.unknown(format!("{letter}{}", f64::from(tenths) / 10.0));
            }
        }
        Ok(())
    }

    /// A command by name: Klipper's own, and the macros that most printers define.
    fn obey_name(&mut self, name: &str, rest: &str) {
        let upper = name.get(..name.len().min(60)).unwrap_or("").to_ascii_uppercase();
        match upper.as_str() {
            "SET_VELOCITY_LIMIT" => {
                if let Some(acceleration) = block::parameter(rest, &["ACCEL"]) {
                    self.acceleration_mm_s2 = Some(acceleration.clamp(1.0, 1e6));
                }
            }
            "START_PRINT" | "PRINT_START" => {
                self.is_homed = true;
                self.is_relative = false;
                self.run.heats = true;
                let keys = ["EXTRUDER", "EXTRUDER_TEMP", "HOTEND", "NOZZLE", "TOOL_TEMP"];
                let nozzle = block::parameter(rest, &keys).unwrap_or(0.0);
                let bed = block::parameter(rest, &["BED", "BED_TEMP"]).unwrap_or(0.0);
                (self.nozzle_c, self.run.nozzle_target_c) = (nozzle, nozzle);
                (self.bed_c, self.run.bed_target_c) = (bed, bed);
            }
            "END_PRINT" | "PRINT_END" | "TURN_OFF_HEATERS" => {
                (self.nozzle_c, self.run.nozzle_target_c) = (0.0, 0.0);
                (self.bed_c, self.run.bed_target_c) = (0.0, 0.0);
            }
            "SET_PRESSURE_ADVANCE"
            | "EXCLUDE_OBJECT_DEFINE"
            | "EXCLUDE_OBJECT_START"
            | "EXCLUDE_OBJECT_END"
            | "SET_PRINT_STATS_INFO"
            | "BED_MESH_CALIBRATE"
            | "BED_MESH_CLEAR"
            | "BED_MESH_PROFILE"
            | "SET_GCODE_OFFSET"
            | "SAVE_GCODE_STATE"
            | "RESTORE_GCODE_STATE"
            | "RESPOND"
            | "CLEAR_PAUSE"
            | "TEMPERATURE_WAIT" => {}
            _ => {
                // Macros are the printer's own; none is a fault.
                let strict = std::mem::replace(&mut self.is_strict, false);
                let _ = self.unknown(upper);
                self.is_strict = strict;
            }
        }
    }

    /// Where the words of a move lead, and the filament that it pushes.
    fn target(&mut self, block: &Block) -> Result<([f64; 3], f64), FaultKind> {
        if let Some(feed) = block.number('F')? {
            if feed <= 0.0 {
                return Err(FaultKind::FeedNotPositive);
            }
            self.speed_mm_s = Some(feed * self.unit / 60.0);
        }
        let from = self.position;
        let mut to = from;
        for (axis, letter) in AXES.into_iter().enumerate() {
            if let Some(value) = block.number(letter)? {
                let start = if self.is_relative { from[axis] } else { self.offset[axis] };
                to[axis] = start + value * self.unit;
                if to[axis].abs() > FARTHEST_MM {
                    return Err(FaultKind::TooFar(letter));
                }
            }
        }
        let mut filament_mm = 0.0;
        if let Some(value) = block.number('E')? {
            let start = if self.is_extruder_relative { 0.0 } else { self.extruder };
            filament_mm = value * self.unit - start;
            if filament_mm.abs() > FARTHEST_MM {
                return Err(FaultKind::TooFar('E'));
            }
            // Relative steps of a hostile program may add up to any sum.
            self.extruder = (self.extruder + filament_mm) % 1e9;
        }
        Ok((to, filament_mm * self.flow_factor))
    }

    fn go(
        &mut self,
        block: &Block,
        line: u32,
        visit: &mut impl FnMut(&Move<'_>),
    ) -> Result<(), FaultKind> {
        let (to, filament_mm) = self.target(block)?;
        self.step(to, filament_mm, (line, block.tenths == 0), visit)
    }

    fn arc(
        &mut self,
        block: &Block,
        line: u32,
        clockwise: bool,
        visit: &mut impl FnMut(&Move<'_>),
    ) -> Result<(), FaultKind> {
        let from = self.position;
        let (to, filament_mm) = self.target(block)?;
        let number =
            |letter| block.number(letter).map(|value| value.map(|value| value * self.unit));
        let (i, j, r) = (number('I')?, number('J')?, number('R')?);
        let arc = arc::Arc::new([from, to], [i, j, r], clockwise).ok_or(FaultKind::BadArc)?;
        let chords = arc.chords();
        let share = filament_mm / chords.len() as f64;
        chords.into_iter().try_for_each(|point| self.step(point, share, (line, false), visit))
    }

    fn step(
        &mut self,
        to: [f64; 3],
        filament_mm: f64,
        (line, is_rapid): (u32, bool),
        visit: &mut impl FnMut(&Move<'_>),
    ) -> Result<(), FaultKind> {
        let from = std::mem::replace(&mut self.position, to);
        if to == from && filament_mm.abs() <= 0.0 {
            return Ok(());
        }
        let speed_mm_s = self.speed_mm_s.ok_or(FaultKind::NoFeed)? * self.speed_factor;
        visit(&Move {
            line,
            from,
            to,
            filament_mm,
            speed_mm_s,
            acceleration_mm_s2: self.acceleration_mm_s2,
            is_rapid,
            is_homed: self.is_homed,
            nozzle_c: self.nozzle_c,
            bed_c: self.bed_c,
            fan: self.run.fan,
            kind: &self.kind,
            layers: self.run.layers,
        });
        if to != from && !self.is_homed { Err(FaultKind::NotHomed) } else { Ok(()) }
    }

    /// Firmware retraction; in `RepRapFirmware` `G10` with arguments sets a tool.
    fn retract(&mut self, block: &Block, line: u32, back: bool, visit: &mut impl FnMut(&Move<'_>)) {
        if back && block.has('P') {
            if let (Ok(Some(target)), Ok(_)) = (block.number('S'), block.number('R')) {
                self.run.heats = true;
                self.run.nozzle_target_c = target.clamp(0.0, 1000.0);
            }
            return;
        }
        if std::mem::replace(&mut self.is_pulled_back, back) == back {
            return;
        }
        let [length, speed] = self.firmware_retraction;
        let ordered = self.speed_mm_s.replace(speed);
        let filament = if back { -length } else { length };
        // A move of the filament alone can be refused for no reason.
        let _ = self.step(self.position, filament, (line, false), visit);
        self.speed_mm_s = ordered;
    }

    fn home(&mut self, block: &Block) {
        let all = !AXES.into_iter().any(|axis| block.has(axis));
        for (axis, letter) in AXES.into_iter().enumerate() {
            if all || block.has(letter) {
                self.position[axis] = 0.0;
                self.offset[axis] = 0.0;
            }
        }
        self.is_homed |= all;
    }

    fn set_position(&mut self, block: &Block) -> Result<(), FaultKind> {
        for (axis, letter) in AXES.into_iter().enumerate() {
            if let Some(value) = within_reach(block, letter)? {
                self.offset[axis] = self.position[axis] - value * self.unit;
            }
        }
        if let Some(value) = within_reach(block, 'E')? {
            self.extruder = value * self.unit;
        }
        Ok(())
    }

    fn set_fan(&mut self, block: &Block) -> Result<(), FaultKind> {
        // Fans beyond the first (P1, P2, …) cool boards and chambers.
        if block.number('P')?.is_none_or(|fan| fan <= 0.0) {
            let value = block.number('S')?.unwrap_or(255.0);
            let is_share = self.firmware == Firmware::RepRapFirmware && value <= 1.0;
            self.run.fan = if is_share { value } else { value / 255.0 }.clamp(0.0, 1.0);
        }
        Ok(())
    }

    /// `M204`: S sets all; P prints and T travels, of which the slower holds here.
    fn set_acceleration(&mut self, block: &Block) -> Result<(), FaultKind> {
        let ordered = match (block.number('S')?, block.number('P')?, block.number('T')?) {
            (Some(all), _, _) => Some(all),
            (None, Some(print), Some(travel)) => Some(print.min(travel)),
            (None, print, _) => print,
        };
        if let Some(acceleration) = ordered.filter(|value| *value > 0.0) {
            self.acceleration_mm_s2 = Some(acceleration.clamp(1.0, 1e6));
        }
        Ok(())
    }

    fn heat_nozzle(&mut self, block: &Block, waits: bool) -> Result<(), FaultKind> {
        let target = wanted(block)?;
        self.run.heats = true;
        self.run.nozzle_target_c = target;
        self.nozzle_c = if waits { target } else { self.nozzle_c.min(target) };
        Ok(())
    }

    fn heat_bed(&mut self, block: &Block, waits: bool) -> Result<(), FaultKind> {
        let target = wanted(block)?;
        self.run.heats = true;
        self.run.bed_target_c = target;
        self.bed_c = if waits { target } else { self.bed_c.min(target) };
        Ok(())
    }

    /// `M568 P0 S` of `RepRapFirmware`: a tool's temperature, waited for by `M116`.
    fn heat_tool(&mut self, block: &Block) -> Result<(), FaultKind> {
        if let Some(target) = block.number('S')? {
            self.run.heats = true;
            self.run.nozzle_target_c = target.clamp(0.0, 1000.0);
            self.nozzle_c = self.nozzle_c.min(target);
        }
        Ok(())
    }
}

/// Commands without motion, heat or cooling: progress, reports, messages, limits, leveling,
/// pressure advance, objects, waiting; of all firmwares.
fn has_no_motion(letter: char, tenths: u32) -> bool {
    match letter {
        'G' => matches!(tenths, 170..=190 | 290..=292 | 320 | 340 | 800 | 800..=810 | 540..=590),
        _ => matches!(
            tenths / 10,
            0 | 1 | 20..=39 | 73 | 75..=78 | 85 | 92 | 105 | 108 | 110..=119 | 123 | 141..=145
                | 149..=155 | 191 | 200..=203 | 205 | 206 | 208..=218 | 226 | 240 | 250 | 260
                | 280..=282 | 290 | 300..=305 | 307 | 355 | 360..=366 | 400..=425 | 428 | 430
                | 486 | 500..=505 | 524 | 540 | 550..=599 | 600..=605 | 620..=630 | 665 | 666
                | 701..=710 | 851 | 862 | 863 | 900 | 906..=919 | 928 | 960 | 970..=999
                | 1002..=1007
        ),
    }
}

fn within_reach(block: &Block, letter: char) -> Result<Option<f64>, FaultKind> {
    match block.number(letter)? {
        Some(value) if value.abs() > FARTHEST_MM => Err(FaultKind::TooFar(letter)),
        value => Ok(value),
    }
}

/// The temperature after S (wait while heating) or R (wait either way), °C.
fn wanted(block: &Block) -> Result<f64, FaultKind> {
    match (block.number('S')?, block.number('R')?) {
        (Some(target), _) | (None, Some(target)) => Ok(target.clamp(0.0, 1000.0)),
        (None, None) => Err(FaultKind::NoNumber('S')),
    }
}
