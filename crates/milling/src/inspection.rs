//! Reads a program, anybody's, as its machine would, removes the material, and says what is wrong.
//!
//! ```text
//!   lines ─ gcode::mill ─ moves ─┬─ limits of the machine, rapids, plunges
//!                                ├─ time, with acceleration            (crate::duration)
//!                                ├─ stock: bites, air, holder          (crate::stock)
//!                                └─ places of the model: gouge, left   (crate::stock)
//! ```
//!
//! Lines are taken as they come and moves are worked off in batches, so that the length of a program
//! costs no memory. Shares no method with what makes the path: no drop-cutter, no sampling along moves.
//!
//! Does not see what bends. Coordinates are the program's own (G54).

use std::collections::BTreeMap;

use gcode::mill::{Controller, FaultKind, Follower, Move, MoveKind};
use gcode::word::Line;
use geometry::HeightField;
use serde::Serialize;

use crate::duration::Planner;
use crate::reach::Reach;
use crate::remains::Remains;
use crate::rules::MoveRules;
use crate::stock::{Block, Probes, STOCK_SPACING_MM, Stock};
use crate::sweep::Chord;
use crate::{Cutter, Machine, Model, Tool};

/// Deepest gouge that is accepted, mm.
pub const GOUGE_LIMIT_MM: f64 = 0.02;
/// Most material on the finished surface that is accepted, mm.
pub const LEFT_LIMIT_MM: f64 = 0.10;
/// Most material that is accepted where the tool cannot reach, mm: what a sander takes off in passing.
pub const UNREACHABLE_LIMIT_MM: f64 = 0.5;
/// Chords of arcs stay this close to them, mm.
const ARC_TOLERANCE_MM: f64 = 0.001;
/// A bite that is deeper than this is one, mm; written positions are rounded.
const TOUCH_MM: f64 = 0.002;
/// Chords that are worked off together.
const BATCH: usize = 16_384;
/// Faults kept of one code; more are counted.
const MOST_OF_A_CODE: usize = 20;
/// Home of the spindle over the zero of the program, where a machine's own zero is used, mm over the safe height.
const HOME_OVER_SAFE_MM: f64 = 20.0;

/// Whether a fault forbids to run the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It does.
    Error,
    /// It is for a person to judge.
    Warning,
}

/// Something wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgramFault {
    /// Line of the program, from 1; 0 where no line is to blame.
    pub line: u32,
    /// The word for its kind.
    pub code: &'static str,
    /// Whether it forbids to run the program.
    pub severity: Severity,
    /// What is wrong, with the numbers.
    pub message: String,
}

/// What a program is run with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The machine.
    pub machine: Machine,
    /// The tools that may be in the spindle; a program that names none runs with the first.
    pub tools: Vec<Tool>,
    /// The blank; without it nothing is removed, and rapids are judged by Z0.
    pub block: Option<Block>,
    /// Clamps and stops, named, program coordinates.
    pub fixtures: Vec<(String, Block)>,
    /// Fastest feed straight down into material, mm/min.
    pub plunge_mm_per_min: Option<f64>,
    /// Most material that may be left on the model where a tool reaches, mm.
    pub left_limit_mm: f64,
    /// Most where none does, mm.
    pub unreachable_limit_mm: f64,
    /// Whether the rules of programs made here hold: tools as ordered, millimeters, time for the
    /// spindle, straight up first.
    pub strict: bool,
}

/// How far the finished surface is from the designed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Deviation {
    /// Deepest cut into the part, mm, not negative.
    pub worst_gouge_mm: f64,
    /// Where that is, program coordinates, mm.
    pub worst_gouge_at: [f64; 3],
    /// Line of the program that made it.
    pub worst_gouge_line: u32,
    /// Most material left along the normal where the tools reach, mm.
    pub worst_left_mm: f64,
    /// Where that is, program coordinates, mm.
    pub worst_left_at: [f64; 3],
    /// Most material left where no tool reaches, such as in a corner narrower than the tool, mm; looked for where
    /// more is left than is allowed.
    pub worst_unreachable_mm: f64,
    /// Where that is, program coordinates, mm.
    pub worst_unreachable_at: [f64; 3],
    /// 99 of 100 places have no more material left than this, mm.
    pub p99_left_mm: f64,
    /// Mean of what is left, mm.
    pub mean_mm: f64,
    /// Number of places compared.
    pub places: usize,
}

/// Lengths of a program's ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Lengths {
    /// At a feed, mm.
    pub feed_mm: f64,
    /// At a feed without touching material, mm.
    pub air_feed_mm: f64,
    /// Rapid, mm.
    pub rapid_mm: f64,
}

/// A place of the program where the tool meets material.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Contact {
    /// Line of the program, from 1; 0 for none.
    pub line: u32,
    /// Depth of the bite along z, mm.
    pub depth_mm: f64,
}

/// What the inspection of a program found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Whether no fault forbids to run it.
    pub accepted: bool,
    /// Faults, in the order of lines; at most twenty of one code.
    pub faults: Vec<ProgramFault>,
    /// Number of all faults by code.
    pub fault_counts: BTreeMap<&'static str, usize>,
    /// Time the machine takes, s, with its acceleration.
    pub time_s: f64,
    /// Share of it at a feed, s.
    pub feed_time_s: f64,
    /// Lowest and highest position of the tip, program coordinates, mm; absent without moves.
    pub bounds: Option<[[f64; 3]; 2]>,
    /// Lengths of its ways.
    pub lengths: Lengths,
    /// Deepest bite of a feed move.
    pub deepest_bite: Contact,
    /// The worse of interior and rim, mm; absent without a model.
    pub gouge_mm: Option<f64>,
    /// The worse of interior and rim, mm; absent without a model.
    pub left_mm: Option<f64>,
    /// The surface.
    pub interior: Option<Deviation>,
    /// Its rim.
    pub rim: Option<Deviation>,
    /// Numbers of the tools that cut.
    pub tools: Vec<u32>,
    /// Number of moves.
    pub moves: usize,
    /// Number of lines.
    pub lines: u32,
    /// Maps of what is left of the blank; absent without one. Not part of records.
    #[serde(skip)]
    pub remains: Option<Remains>,
}

impl Inspection {
    /// Why the program may not be run, one sentence each.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let errors = self.faults.iter().filter(|fault| fault.severity == Severity::Error);
        errors
            .map(|fault| match fault.line {
                0 => fault.message.clone(),
                line => format!("line {line}: {}", fault.message),
            })
            .collect()
    }
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    kept: Vec<ProgramFault>,
    counts: BTreeMap<&'static str, usize>,
}

impl Faults {
    pub(crate) fn add(
        &mut self,
        severity: Severity,
        line: u32,
        code: &'static str,
        message: String,
    ) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= MOST_OF_A_CODE {
            self.kept.push(ProgramFault { line, code, severity, message });
        }
    }

    pub(crate) fn error(&mut self, line: u32, code: &'static str, message: String) {
        self.add(Severity::Error, line, code, message);
    }

    pub(crate) fn warn(&mut self, line: u32, code: &'static str, message: String) {
        self.add(Severity::Warning, line, code, message);
    }

    pub(crate) fn count(&self, code: &str) -> usize {
        self.counts.get(code).copied().unwrap_or(0)
    }
}

/// The controller that a program runs on: home of the spindle is some way over the safe height.
#[must_use]
pub fn controller(machine: &Machine) -> Controller {
    let home = machine.safe_height_mm + HOME_OVER_SAFE_MM;
    let dialect = &machine.dialect;
    Controller {
        work_offsets_mm: [[0.0, 0.0, -home]; 6],
        reference_mm: [[0.0; 3]; 2],
        start_mm: [0.0; 3],
        dwells_in_milliseconds: dialect.dwells_in_milliseconds,
        ..Controller::at_work_zero(dialect.controller, home)
    }
}

/// An inspection under way.
#[derive(Debug)]
pub struct Inspector<'a> {
    setup: &'a Setup,
    follower: Follower<'a>,
    model: Option<&'a Model>,
    /// Height of the program's zero, machine coordinates.
    zero: f64,
    planner: Planner,
    stock: Option<Stock>,
    probes: Option<Probes>,
    moves: Vec<Move>,
    chords: Vec<Chord>,
    rules: MoveRules<'a>,
    faults: Faults,
    moves_done: usize,
    lengths: Lengths,
    deepest: Contact,
}

impl<'a> Inspector<'a> {
    /// Begins an inspection. `controller` is [`controller`]'s, and outlives it.
    #[must_use]
    pub fn new(setup: &'a Setup, controller: &'a Controller, model: Option<&'a Model>) -> Self {
        let top = setup.block.map_or(0.0, |block| block.high[2]);
        let machine = &setup.machine;
        Self {
            setup,
            follower: Follower::new(controller),
            model,
            zero: controller.work_offsets_mm[0][2],
            planner: Planner::new(machine.acceleration_mm_per_s2, machine.junction_deviation_mm),
            stock: setup.block.map(|block| Stock::new(&block, STOCK_SPACING_MM)),
            probes: model.map(|model| Probes::new(model.probes(), top)),
            moves: Vec::new(),
            chords: Vec::new(),
            rules: MoveRules::new(setup),
            faults: Faults::default(),
            moves_done: 0,
            lengths: Lengths::default(),
            deepest: Contact::default(),
        }
    }

    /// Begins with material as another program has left it (the map of its [`Remains`]) rather than a whole blank.
    #[must_use]
    pub fn on(self, stock: &HeightField) -> Self {
        Self { stock: Some(Stock::of_field(stock)), ..self }
    }

    /// Ends one program and begins another that runs after it on the same blank as it lies: the material and what was
    /// cut of the model stay, faults, time and modes begin anew.
    #[must_use]
    pub fn begin_next(mut self, controller: &'a Controller) -> Self {
        self.work_off();
        let (stock, probes) = (self.stock.take(), self.probes.take());
        let (setup, model) = (self.setup, self.model);
        Self { stock, probes, model, ..Self::new(setup, controller, None) }
    }

    /// Takes the next line.
    pub fn line(&mut self, line: Line<'_>) {
        let (moves, zero) = (&mut self.moves, self.zero);
        let before = moves.len();
        self.follower.line(line, &mut |mut motion| {
            motion.from[2] -= zero;
            motion.to[2] -= zero;
            if let Some(arc) = &mut motion.arc {
                match arc.plane {
                    gcode::mill::Plane::Xy => {}
                    gcode::mill::Plane::Zx => arc.center[0] -= zero,
                    gcode::mill::Plane::Yz => arc.center[1] -= zero,
                }
            }
            moves.push(motion);
        });
        for index in before..self.moves.len() {
            let motion = &self.moves[index];
            if index > before || !self.moves[..index].is_empty() {
                let other_tool = self.moves[0].tool != motion.tool;
                if other_tool {
                    let later = self.moves.split_off(index);
                    self.work_off();
                    self.moves = later;
                    break;
                }
            }
        }
        if self.moves.len() >= BATCH {
            self.work_off();
        }
    }

    /// Takes a line that is no text.
    pub fn unreadable(&mut self, number: u32, message: &str) {
        self.follower.unreadable(number, message);
    }

    fn tool(&self, number: u32) -> Option<&'a Tool> {
        let tools = &self.setup.tools;
        tools.iter().find(|tool| tool.number == number).or_else(|| tools.first())
    }

    /// Simulates the waiting moves, which are all made with one tool.
    fn work_off(&mut self) {
        let Some(first) = self.moves.first() else { return };
        let tool = self.tool(first.tool);
        let moves = std::mem::take(&mut self.moves);
        self.chords.clear();
        for (index, motion) in moves.iter().enumerate() {
            let mut from = motion.from;
            for to in motion.chords(ARC_TOLERANCE_MM) {
                self.chords.push(Chord { from, to, motion: index as u32, line: motion.line });
                from = to;
            }
        }
        self.run_clock(&moves);
        for motion in &moves {
            let length = motion.length_mm();
            let is_rapid = motion.kind == MoveKind::Rapid;
            *(if is_rapid { &mut self.lengths.rapid_mm } else { &mut self.lengths.feed_mm }) +=
                length;
            self.rules.judge(motion, &mut self.faults);
        }
        if let Some(tool) = tool {
            self.remove(&moves, tool);
        }
        self.moves_done += moves.len();
        self.moves = moves;
        self.moves.clear();
    }

    fn run_clock(&mut self, moves: &[Move]) {
        let rapid = self.setup.machine.rapid_mm_per_min;
        for chord in &self.chords {
            let motion = &moves[chord.motion as usize];
            let is_rapid = motion.kind == MoveKind::Rapid;
            let per_minute = if is_rapid {
                rapid
            } else {
                motion.feed_mm_per_min.min(rapid.max(self.setup.machine.max_feed_mm_per_min))
            };
            self.planner.go(chord.from, chord.to, per_minute / 60.0, usize::from(is_rapid));
        }
    }

    fn remove(&mut self, moves: &[Move], tool: &Tool) {
        let cutter = Cutter::of(tool);
        crate::fixture::collide(&self.setup.fixtures, &self.chords, moves, tool, &mut self.faults);
        if let Some(stock) = &mut self.stock {
            self.rules.collide(stock, &self.chords, moves, tool, &mut self.faults);
            let bites = stock.cut(&self.chords, &cutter, TOUCH_MM);
            let mut bitten = vec![false; moves.len()];
            for bite in &bites {
                let chord = &self.chords[bite.chord as usize];
                let motion = &moves[chord.motion as usize];
                bitten[chord.motion as usize] = true;
                self.rules.judge_bite(motion, chord, bite.depth, tool, &mut self.faults);
                if motion.kind != MoveKind::Rapid && bite.depth > self.deepest.depth_mm {
                    self.deepest = Contact { line: motion.line, depth_mm: bite.depth };
                }
            }
            for (motion, bitten) in moves.iter().zip(bitten) {
                if !bitten && motion.kind != MoveKind::Rapid {
                    self.lengths.air_feed_mm += motion.length_mm();
                    self.rules.judge_air(motion, &mut self.faults);
                }
            }
        }
        if let Some(probes) = &mut self.probes {
            // Rapids are judged by the stock; what they would do to the part is the same as a feed's.
            probes.cut(&self.chords, &cutter);
        }
    }

    /// Tells what the tools could not reach from what they could have taken.
    fn explain_what_is_left(&mut self) {
        let numbers = self.rules.tools();
        let cutters: Vec<Cutter> = self
            .setup
            .tools
            .iter()
            .filter(|tool| numbers.contains(&tool.number))
            .map(Cutter::of)
            .collect();
        if let (Some(probes), Some(model)) = (&mut self.probes, self.model) {
            probes.explain(self.setup.left_limit_mm, |places| {
                Reach::new(model.mesh(), &cutters).lowest(places)
            });
        }
    }

    /// The end of the file.
    #[must_use]
    pub fn finish(mut self) -> Inspection {
        self.work_off();
        self.explain_what_is_left();
        let outcome = self.follower.finish();
        for fault in &outcome.faults {
            let severity = self.rules.severity_of(fault.kind);
            self.faults.add(severity, fault.line, fault.kind.code(), fault.message.clone());
        }
        let more = outcome.fault_count.saturating_sub(outcome.faults.len());
        if more > 0 {
            self.faults.error(0, FaultKind::Unreadable.code(), format!("and {more} faults more"));
        }
        self.rules.judge_whole(&outcome, &self.lengths, &mut self.faults);
        let deviations = self
            .probes
            .as_ref()
            .map(|probes| [false, true].map(|is_rim| deviation(probes, is_rim)));
        if let Some([interior, rim]) = &deviations {
            for (name, found) in [("surface", interior), ("rim", rim)] {
                self.rules.judge_surface(name, found, &mut self.faults);
            }
        }
        let remains = self.stock.take().map(|stock| {
            let found = self.probes.as_ref();
            Remains::new(
                stock,
                found.map(|probes| probes.deviations(false).chain(probes.deviations(true))),
            )
        });
        let [feed, rapid] = self.planner.seconds();
        let Faults { mut kept, counts } = self.faults;
        kept.sort_by_key(|fault| fault.line);
        let worst = |pick: fn(&Deviation) -> f64| {
            deviations.as_ref().map(|[interior, rim]| pick(interior).max(pick(rim)))
        };
        Inspection {
            accepted: !kept.iter().any(|fault| fault.severity == Severity::Error),
            faults: kept,
            fault_counts: counts,
            time_s: feed + rapid + outcome.dwell_s,
            feed_time_s: feed,
            bounds: self.rules.bounds(),
            lengths: self.lengths,
            deepest_bite: self.deepest,
            gouge_mm: worst(|found| found.worst_gouge_mm),
            left_mm: worst(|found| found.worst_left_mm),
            interior: deviations.as_ref().map(|found| found[0]),
            rim: deviations.as_ref().map(|found| found[1]),
            tools: self.rules.tools(),
            moves: self.moves_done,
            lines: outcome.lines,
            remains,
        }
    }
}

/// Inspects a program that is in memory.
#[must_use]
pub fn inspect(program: &str, setup: &Setup, model: Option<&Model>) -> Inspection {
    inspect_on(program, setup, model, None)
}

/// Inspects a program in memory that runs after others; `stock` is the material that they have left.
#[must_use]
pub fn inspect_on(
    program: &str,
    setup: &Setup,
    model: Option<&Model>,
    stock: Option<&HeightField>,
) -> Inspection {
    let controller = controller(&setup.machine);
    let mut inspector = Inspector::new(setup, &controller, model);
    if let Some(stock) = stock {
        inspector = inspector.on(stock);
    }
    for line in gcode::word::lines(program) {
        inspector.line(line);
    }
    inspector.finish()
}

fn deviation(probes: &Probes, is_rim: bool) -> Deviation {
    let mut found = Deviation::default();
    let mut left: Vec<f64> = Vec::new();
    for probe in probes.deviations(is_rim) {
        if probe.gouge > found.worst_gouge_mm {
            found.worst_gouge_mm = probe.gouge;
            found.worst_gouge_at = probe.place;
            found.worst_gouge_line = probe.line;
        }
        if probe.left > found.worst_left_mm {
            found.worst_left_mm = probe.left;
            found.worst_left_at = probe.place;
        }
        if probe.unreachable > found.worst_unreachable_mm {
            found.worst_unreachable_mm = probe.unreachable;
            found.worst_unreachable_at = probe.place;
        }
        left.push(probe.left);
    }
    found.places = left.len();
    if !left.is_empty() {
        found.mean_mm = left.iter().sum::<f64>() / left.len() as f64;
        let at = (0.99 * (left.len() - 1) as f64) as usize;
        let (_, p99, _) = left.select_nth_unstable_by(at, f64::total_cmp);
        found.p99_left_mm = p99.max(0.0);
    }
    found
}
