//! What a three-axis mill does with a program, as data.
//!
//! Follows the modal state of RS274/NGC (NIST IR 6556; order of execution from its table 8) with the
//! words that GRBL 1.1 and LinuxCNC accept. The interpreter trusts nothing: what a controller would
//! refuse, what it would do without being told, and what is unsafe on every machine are faults with
//! their line, and the program is followed on to its end. Codes that move the origin or probe (G10,
//! G92, G38) and cycles other than drilling (G84 …) are faults of their own kind, because they are not followed.
//!
//! Positions are of the tool's tip in machine coordinates, mm. [`follow`] streams: it keeps one state
//! and at most [`MOST_FAULTS`] faults, whatever the length of the program.

mod block;
mod cycle;
mod dialect;

use serde::Serialize;

use crate::word::{Line, lines};
use block::{ArcEnds, Block, Code, Motion};
pub use dialect::Dialect;

/// The controller that runs the program.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Controller {
    /// The words it has.
    pub dialect: Dialect,
    /// Machine position of the zero of G54 to G59, mm.
    pub work_offsets_mm: [[f64; 3]; 6],
    /// Machine positions that G28 and G30 go to, mm.
    pub reference_mm: [[f64; 3]; 2],
    /// Machine position of the tip when the program starts, mm.
    pub start_mm: [f64; 3],
    /// Whether the P of G4 counts milliseconds rather than seconds.
    pub dwells_in_milliseconds: bool,
}

impl Controller {
    /// A controller whose G54 zero is the machine's zero, with the tip `clearance` mm above it.
    #[must_use]
    pub const fn at_work_zero(dialect: Dialect, clearance: f64) -> Self {
        Self {
            dialect,
            work_offsets_mm: [[0.0; 3]; 6],
            reference_mm: [[0.0, 0.0, clearance]; 2],
            start_mm: [0.0, 0.0, clearance],
            dwells_in_milliseconds: dialect.dwells_in_milliseconds(),
        }
    }
}

/// The plane of an arc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Plane {
    /// G17.
    Xy,
    /// G18.
    Zx,
    /// G19.
    Yz,
}

impl Plane {
    /// Indices of the two axes of the plane, in the order in which turning is counter-clockwise, and
    /// of the axis across it.
    #[must_use]
    pub const fn axes(self) -> [usize; 3] {
        match self {
            Self::Xy => [0, 1, 2],
            Self::Zx => [2, 0, 1],
            Self::Yz => [1, 2, 0],
        }
    }
}

/// The round part of a move; the third axis advances evenly with the angle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Arc {
    /// The plane it lies in.
    pub plane: Plane,
    /// Center in the plane's two axes, mm.
    pub center: [f64; 2],
    /// Angle swept, rad; positive is counter-clockwise seen against the third axis.
    pub sweep_rad: f64,
}

/// What kind of motion a move is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MoveKind {
    /// As fast as the machine can; some machines do not keep to the straight line.
    Rapid,
    /// In a straight line at the feed.
    Feed,
    /// Along an arc at the feed, clockwise.
    ArcCw,
    /// Along an arc at the feed, counter-clockwise.
    ArcCcw,
}

/// What the spindle does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Spindle {
    /// It stands.
    Off,
    /// M3.
    Clockwise,
    /// M4.
    Counterclockwise,
}

/// One motion of the tool's tip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// Line of the program, from 1.
    pub line: u32,
    /// Kind of motion.
    pub kind: MoveKind,
    /// Start, machine coordinates, mm.
    pub from: [f64; 3],
    /// End, machine coordinates, mm.
    pub to: [f64; 3],
    /// The round part, for arcs.
    pub arc: Option<Arc>,
    /// Feed along the path, mm/min; 0 for rapids and where the program forgot it.
    pub feed_mm_per_min: f64,
    /// State of the spindle.
    pub spindle: Spindle,
    /// Commanded speed, 1/min; 0 where none was given.
    pub spindle_rpm: f64,
    /// Number of the tool; 0 where none was named.
    pub tool: u32,
}

impl Move {
    /// Whether the spindle turns.
    #[must_use]
    pub fn spindle_on(&self) -> bool {
        self.spindle != Spindle::Off && self.spindle_rpm > 0.0
    }

    /// Position at a share of the way from 0 to 1, mm.
    #[must_use]
    pub fn point_at(&self, share: f64) -> [f64; 3] {
        let straight =
            std::array::from_fn(|axis| self.from[axis] + share * (self.to[axis] - self.from[axis]));
        let Some(arc) = self.arc.filter(|_| share < 1.0) else { return straight };
        let [first, second, _] = arc.plane.axes();
        let [u, v] = [self.from[first] - arc.center[0], self.from[second] - arc.center[1]];
        let (sin, cos) = (share * arc.sweep_rad).sin_cos();
        let mut point = straight;
        point[first] = arc.center[0] + u * cos - v * sin;
        point[second] = arc.center[1] + u * sin + v * cos;
        point
    }

    /// Length of the path, mm.
    #[must_use]
    pub fn length_mm(&self) -> f64 {
        let step: [f64; 3] = std::array::from_fn(|axis| self.to[axis] - self.from[axis]);
        let Some(arc) = self.arc else { return step[0].hypot(step[1]).hypot(step[2]) };
        let [first, second, across] = arc.plane.axes();
        let radius = (self.from[first] - arc.center[0]).hypot(self.from[second] - arc.center[1]);
        (radius * arc.sweep_rad).hypot(step[across])
    }

    /// Points of the path after its start whose chords stay within `tolerance` mm of it.
    #[must_use]
    pub fn chords(&self, tolerance: f64) -> Vec<[f64; 3]> {
        let Some(arc) = self.arc else { return vec![self.to] };
        let [first, second, _] = arc.plane.axes();
        let radius = (self.from[first] - arc.center[0]).hypot(self.from[second] - arc.center[1]);
        let widest = 2.0 * (1.0 - (tolerance / radius).min(1.0)).acos();
        let pieces = (arc.sweep_rad.abs() / widest.max(1e-3)).ceil().max(1.0) as u32;
        (1..=pieces).map(|piece| self.point_at(f64::from(piece) / f64::from(pieces))).collect()
    }
}

/// The kinds of things that are wrong with programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A character or number that cannot be read.
    Unreadable,
    /// A word that the controller refuses.
    Unsupported,
    /// A word that the controller has and this interpreter does not follow.
    NotFollowed,
    /// One letter twice on a line.
    RepeatedWord,
    /// Two codes of one modal group on a line.
    ModalConflict,
    /// A number out of range for its letter.
    BadValue,
    /// A cutting move without a feed.
    MissingFeed,
    /// A word without which its code means nothing, such as the P of G4.
    MissingWord,
    /// An arc that is none.
    BadArc,
    /// Axis words without a motion that takes them, or a motion that may not stand here.
    NoMotion,
    /// A word that nothing on its line uses.
    UnusedWord,
    /// A cutting move with the spindle off or without a speed.
    SpindleOff,
    /// A motion that relies on what the controller was left in: units, distance mode, plane.
    UnstatedMode,
    /// A line longer than the controller's buffer.
    LineTooLong,
    /// Words after the end of the program.
    AfterEnd,
    /// No M2 or M30.
    NoEnd,
}

impl FaultKind {
    /// The word by which a fault is known in reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unsupported => "unsupported",
            Self::NotFollowed => "not-followed",
            Self::RepeatedWord => "repeated-word",
            Self::ModalConflict => "modal-conflict",
            Self::BadValue => "bad-value",
            Self::MissingFeed => "missing-feed",
            Self::MissingWord => "missing-word",
            Self::BadArc => "bad-arc",
            Self::NoMotion => "no-motion",
            Self::UnusedWord => "unused-word",
            Self::SpindleOff => "spindle-off",
            Self::UnstatedMode => "unstated-mode",
            Self::LineTooLong => "line-too-long",
            Self::AfterEnd => "after-end",
            Self::NoEnd => "no-end",
        }
    }
}

/// One fault of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Line of the program, from 1.
    pub line: u32,
    /// Its kind.
    pub kind: FaultKind,
    /// What is wrong, with the numbers.
    pub message: String,
}

/// Faults kept of one program; a program that is not G-code has one on every line.
pub const MOST_FAULTS: usize = 1000;

/// What a program does besides moving.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// The first [`MOST_FAULTS`] faults, in the order of lines.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub fault_count: usize,
    /// Time spent in G4, s.
    pub dwell_s: f64,
    /// Shortest dwell between a start of the spindle and the next cutting move, s; `None` if none cuts.
    pub spindle_run_up_s: Option<f64>,
    /// Whether a motion was given in inches.
    pub uses_inches: bool,
    /// Whether the program ends with M2 or M30 with the spindle off.
    pub ends_with_spindle_off: bool,
    /// Lines of the program.
    pub lines: u32,
}

/// The whole of a program as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Interpretation {
    /// Every motion, in order.
    pub moves: Vec<Move>,
    /// The first [`MOST_FAULTS`] faults, in the order of lines.
    pub faults: Vec<Fault>,
    /// What it does besides moving.
    pub outcome: Outcome,
}

/// Follows a program and keeps all its moves.
#[must_use]
pub fn interpret(program: &str, controller: &Controller) -> Interpretation {
    let mut moves = Vec::new();
    let mut outcome = follow(program, controller, &mut |motion| moves.push(motion));
    let faults = std::mem::take(&mut outcome.faults);
    Interpretation { moves, faults, outcome }
}

/// Follows a program and hands over each move as it comes.
pub fn follow(program: &str, controller: &Controller, on_move: &mut dyn FnMut(Move)) -> Outcome {
    let mut follower = Follower::new(controller);
    for line in lines(program) {
        follower.line(line, on_move);
    }
    follower.finish()
}

/// Follows a program line by line, for programs that are not held in memory.
#[derive(Debug)]
pub struct Follower<'a> {
    mill: Mill<'a>,
}

impl<'a> Follower<'a> {
    /// A controller that has read nothing yet.
    #[must_use]
    pub fn new(controller: &'a Controller) -> Self {
        Self { mill: Mill::new(controller) }
    }

    /// Does what the next line says.
    pub fn line(&mut self, line: Line<'_>, on_move: &mut dyn FnMut(Move)) {
        let mill = &mut self.mill;
        mill.outcome.lines = line.number;
        match Block::read(line, mill.controller) {
            Ok(None) => {}
            Ok(Some(block)) if mill.ended => {
                mill.fault(block.line, FaultKind::AfterEnd, "words after the end of the program");
            }
            Ok(Some(block)) => mill.execute(block, on_move),
            Err(fault) => mill.keep(fault),
        }
    }

    /// Reports a fault that the bytes had before they were a line.
    pub fn unreadable(&mut self, line: u32, message: &str) {
        self.mill.outcome.lines = line;
        self.mill.fault(line, FaultKind::Unreadable, message);
    }

    /// The end of the file.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if !self.mill.ended {
            let last = self.mill.outcome.lines;
            self.mill.fault(last, FaultKind::NoEnd, "the program has no M2 or M30");
        }
        self.mill.outcome
    }
}

/// The modal state while a program runs.
#[derive(Debug)]
struct Mill<'a> {
    controller: &'a Controller,
    position: [f64; 3],
    motion: Option<Motion>,
    plane: Option<Plane>,
    unit_mm: Option<f64>,
    incremental: Option<bool>,
    arc_center_absolute: bool,
    inverse_time: Option<bool>,
    work_offset: usize,
    feed: Option<f64>,
    spindle: Spindle,
    spindle_rpm: f64,
    /// Dwell since the spindle was started; `None` once the tool has cut.
    run_up_s: Option<f64>,
    tool_ahead: u32,
    tool: u32,
    /// Words of the drilling cycle that runs.
    kept: cycle::Kept,
    /// G98: cycles return to where they began.
    returns_to_initial: bool,
    unstated_reported: bool,
    ended: bool,
    outcome: Outcome,
}

impl<'a> Mill<'a> {
    fn new(controller: &'a Controller) -> Self {
        Self {
            controller,
            position: controller.start_mm,
            motion: None,
            plane: None,
            unit_mm: None,
            incremental: None,
            arc_center_absolute: false,
            inverse_time: None,
            work_offset: 0,
            feed: None,
            spindle: Spindle::Off,
            spindle_rpm: 0.0,
            run_up_s: None,
            tool_ahead: 0,
            tool: 0,
            kept: cycle::Kept::default(),
            returns_to_initial: true,
            unstated_reported: false,
            ended: false,
            outcome: Outcome::default(),
        }
    }

    fn fault(&mut self, line: u32, kind: FaultKind, message: impl Into<String>) {
        self.keep(Fault { line, kind, message: message.into() });
    }

    fn keep(&mut self, fault: Fault) {
        self.outcome.fault_count += 1;
        if self.outcome.faults.len() < MOST_FAULTS {
            self.outcome.faults.push(fault);
        }
    }

    /// Executes a block in the order of RS274/NGC table 8.
    fn execute(&mut self, mut block: Block, on_move: &mut dyn FnMut(Move)) {
        block.value('N');
        block.value('O');
        self.set_modes(&block);
        self.set_machine(&mut block);
        match block.non_modal() {
            Some(Code::Dwell) => self.dwell(&mut block),
            Some(Code::Reference(which)) => self.go_to_reference(&mut block, which, on_move),
            other => self.move_axes(&mut block, other.is_some(), on_move),
        }
        if let Some(letter) = block.unused() {
            self.fault(block.line, FaultKind::UnusedWord, format!("nothing uses the {letter}"));
        }
        if block.has(Code::End) {
            self.ended = true;
            self.outcome.ends_with_spindle_off = self.spindle == Spindle::Off;
        }
    }

    fn set_modes(&mut self, block: &Block) {
        for code in block.codes() {
            match code {
                Code::InverseTime(inverse) => {
                    // A feed per minute and a time per move are not the same number.
                    if inverse != (self.inverse_time == Some(true)) {
                        self.feed = None;
                    }
                    self.inverse_time = Some(inverse);
                }
                Code::Units(millimeters) => self.unit_mm = Some(millimeters),
                Code::Plane(plane) => self.plane = Some(plane),
                Code::Incremental(incremental) => self.incremental = Some(incremental),
                Code::ArcCenterAbsolute(absolute) => self.arc_center_absolute = absolute,
                Code::WorkOffset(offset) => self.work_offset = offset,
                Code::ReturnLevel(to_initial) => self.returns_to_initial = to_initial,
                Code::Motion(motion) => {
                    // A row of holes ends with any other motion; another cycle goes on with its words.
                    if !matches!(motion, Motion::Cycle(_)) {
                        self.kept = cycle::Kept::default();
                    }
                    self.motion = Some(motion);
                }
                _ => {}
            }
        }
    }

    /// Feed, speed, tool, and spindle.
    fn set_machine(&mut self, block: &mut Block) {
        if let Some(feed) = block.value('F') {
            let inverse = self.inverse_time == Some(true);
            self.feed = Some(if inverse { feed } else { feed * self.unit_mm.unwrap_or(1.0) });
        } else if self.inverse_time == Some(true) {
            self.feed = None;
        }
        self.spindle_rpm = block.value('S').unwrap_or(self.spindle_rpm);
        self.tool_ahead = block.value('T').map_or(self.tool_ahead, |tool| tool as u32);
        // Without M6, naming the tool is all a program can do.
        if block.has(Code::ToolChange) || !self.controller.dialect.changes_tools() {
            self.tool = self.tool_ahead;
        }
        if block.has(Code::LengthOffset(true)) {
            block.value('H');
        }
        if block.has(Code::PathControl) {
            block.value('P');
        }
        for code in block.codes() {
            if let Code::Spindle(spindle) = code {
                if spindle != self.spindle && spindle != Spindle::Off {
                    self.run_up_s = Some(0.0);
                }
                self.spindle = spindle;
            }
        }
    }

    fn dwell(&mut self, block: &mut Block) {
        let unit = if self.controller.dwells_in_milliseconds { 1e-3 } else { 1.0 };
        // Fanuc's X counts seconds whatever its P counts.
        let is_fanuc = self.controller.dialect == Dialect::Fanuc;
        let by_x = if is_fanuc { block.value('X') } else { None };
        match by_x.or_else(|| block.value('P').map(|pause| pause * unit)) {
            Some(seconds) => {
                self.outcome.dwell_s += seconds;
                if let Some(run_up) = &mut self.run_up_s {
                    *run_up += seconds;
                }
            }
            None => self.fault(block.line, FaultKind::MissingWord, "G4 needs P, the seconds"),
        }
    }

    fn go_to_reference(&mut self, block: &mut Block, which: usize, on_move: &mut dyn FnMut(Move)) {
        let reference = self.controller.reference_mm[which];
        let has_axes = block.has_any("XYZ");
        let Some(through) = self.target(block, false) else { return };
        let goal = if has_axes {
            self.straight(block.line, MoveKind::Rapid, through, on_move);
            // Only the named axes go on to the reference position.
            std::array::from_fn(|axis| {
                if block.has_any(["X", "Y", "Z"][axis]) { reference[axis] } else { through[axis] }
            })
        } else {
            reference
        };
        self.straight(block.line, MoveKind::Rapid, goal, on_move);
    }

    /// The end that the axis words ask for, machine coordinates; `None` after a fault.
    fn target(&mut self, block: &mut Block, machine: bool) -> Option<[f64; 3]> {
        self.require_modes(block.line);
        let unit = self.unit_mm.unwrap_or(1.0);
        self.outcome.uses_inches |= unit > 1.0;
        let offset =
            if machine { [0.0; 3] } else { self.controller.work_offsets_mm[self.work_offset] };
        let mut target = self.position;
        for (axis, letter) in ['X', 'Y', 'Z'].into_iter().enumerate() {
            if let Some(value) = block.value(letter) {
                let incremental = self.incremental == Some(true) && !machine;
                let base = if incremental { self.position[axis] } else { offset[axis] };
                target[axis] = base + unit * value;
            }
        }
        let reachable = target.iter().all(|coordinate| coordinate.abs() <= FARTHEST_MM);
        if !reachable {
            self.fault(block.line, FaultKind::BadValue, "the move ends outside of any machine");
        }
        reachable.then_some(target)
    }

    /// A program must say what its numbers mean before it moves.
    fn require_modes(&mut self, line: u32) {
        if self.unstated_reported {
            return;
        }
        self.unstated_reported = true;
        let missing: Vec<&str> = [
            (self.unit_mm.is_none(), "units (G21)"),
            (self.incremental.is_none(), "distance mode (G90)"),
        ]
        .into_iter()
        .filter_map(|(is_missing, name)| is_missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            let message = format!("the first motion comes before {}", missing.join(" and "));
            self.fault(line, FaultKind::UnstatedMode, message);
        }
    }

    fn move_axes(&mut self, block: &mut Block, machine: bool, on_move: &mut dyn FnMut(Move)) {
        let arc_stands_here =
            matches!(self.motion, Some(Motion::Arc { .. })) && block.has_any("IJKR");
        if !block.has_any("XYZ") && !arc_stands_here {
            if machine {
                self.fault(block.line, FaultKind::NoMotion, "G53 has no axis words");
            }
            return;
        }
        match self.motion {
            Some(Motion::Rapid) => {
                if let Some(target) = self.target(block, machine) {
                    self.straight(block.line, MoveKind::Rapid, target, on_move);
                }
            }
            Some(Motion::Feed) => {
                if let Some(target) = self.target(block, machine) {
                    self.straight(block.line, MoveKind::Feed, target, on_move);
                }
            }
            Some(Motion::Arc { clockwise }) if !machine => {
                self.arc(block, clockwise, on_move);
            }
            Some(Motion::Cycle(kind)) if !machine => self.cycle(block, kind, on_move),
            _ => {
                let message = "axis words without a motion mode that may take them";
                self.fault(block.line, FaultKind::NoMotion, message);
                // Reported once: the words are not unused as well.
                for letter in "XYZIJKR".chars() {
                    block.value(letter);
                }
            }
        }
    }

    fn straight(&mut self, line: u32, kind: MoveKind, to: [f64; 3], on_move: &mut dyn FnMut(Move)) {
        let motion = self.motion_to(line, kind, to, None);
        self.emit(motion, on_move);
    }

    fn motion_to(&self, line: u32, kind: MoveKind, to: [f64; 3], arc: Option<Arc>) -> Move {
        Move {
            line,
            kind,
            from: self.position,
            to,
            arc,
            feed_mm_per_min: 0.0,
            spindle: self.spindle,
            spindle_rpm: self.spindle_rpm,
            tool: self.tool,
        }
    }

    fn emit(&mut self, mut motion: Move, on_move: &mut dyn FnMut(Move)) {
        self.position = motion.to;
        if motion.kind != MoveKind::Rapid {
            let line = motion.line;
            match self.feed.filter(|feed| *feed > 0.0) {
                Some(per_minute) if self.inverse_time == Some(true) => {
                    motion.feed_mm_per_min = per_minute * motion.length_mm();
                }
                Some(feed) => motion.feed_mm_per_min = feed,
                None => self.fault(line, FaultKind::MissingFeed, "a cutting move has no feed (F)"),
            }
            if !motion.spindle_on() {
                let message = "a cutting move with the spindle off or without a speed (M3 S)";
                self.fault(line, FaultKind::SpindleOff, message);
            }
            if let Some(run_up) = self.run_up_s.take() {
                let shortest = self.outcome.spindle_run_up_s.unwrap_or(f64::INFINITY).min(run_up);
                self.outcome.spindle_run_up_s = Some(shortest);
            }
        }
        on_move(motion);
    }

    fn arc(&mut self, block: &mut Block, clockwise: bool, on_move: &mut dyn FnMut(Move)) {
        let line = block.line;
        let Some(to) = self.target(block, false) else { return };
        if block.value('P').is_some_and(|turns| (turns - 1.0).abs() > 1e-9) {
            self.fault(line, FaultKind::NotFollowed, "arcs of several turns (P) are not followed");
        }
        if self.plane.is_none() {
            self.fault(line, FaultKind::UnstatedMode, "an arc comes before its plane (G17)");
        }
        let plane = self.plane.unwrap_or(Plane::Xy);
        let [first, second, _] = plane.axes();
        let ends = ArcEnds {
            from: [self.position[first], self.position[second]],
            to: [to[first], to[second]],
            clockwise,
        };
        match self.shape_arc(block, plane, ends) {
            Ok(arc) => {
                let kind = if clockwise { MoveKind::ArcCw } else { MoveKind::ArcCcw };
                let motion = self.motion_to(line, kind, to, Some(arc));
                self.emit(motion, on_move);
            }
            Err(message) => {
                self.fault(line, FaultKind::BadArc, message);
                self.position = to;
            }
        }
    }

    fn shape_arc(&self, block: &mut Block, plane: Plane, ends: ArcEnds) -> Result<Arc, String> {
        let unit = self.unit_mm.unwrap_or(1.0);
        let radius = block.value('R');
        let [first, second, _] = plane.axes();
        let center_words = [first, second].map(|axis| block.value(['I', 'J', 'K'][axis]));
        match (radius, center_words) {
            (Some(radius), [None, None]) => ends.with_radius(unit * radius, plane),
            (None, [None, None]) => Err("an arc needs its center (I J K) or radius (R)".to_owned()),
            (Some(_), _) => Err("an arc has both a center and a radius".to_owned()),
            (None, [Some(u), Some(v)]) if self.arc_center_absolute => {
                let offset = self.controller.work_offsets_mm[self.work_offset];
                ends.around([offset[first] + unit * u, offset[second] + unit * v], plane)
            }
            (None, _) if self.arc_center_absolute => {
                Err("an absolute center (G90.1) needs both its words".to_owned())
            }
            (None, [u, v]) => {
                let (u, v) = (unit * u.unwrap_or(0.0), unit * v.unwrap_or(0.0));
                ends.around([ends.from[0] + u, ends.from[1] + v], plane)
            }
        }
    }
}

/// Positions beyond this are slips and would overflow later arithmetic: 1 km.
const FARTHEST_MM: f64 = 1e6;

#[cfg(test)]
mod tests;
