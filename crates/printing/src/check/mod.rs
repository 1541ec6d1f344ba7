//! Judges anybody's print program: what it lays, whether it may be printed, how long it takes.
//!
//! ```text
//!  lines ─ gcode::print::Follower ─ moves ─┬ time, volume by role, bounds, heat, flow
//!                                          └ layers: overhangs, islands in the air, crossed walls
//! ```
//!
//! Takes one line after the other and keeps no moves, so the memory does not depend on the program's
//! length. A fault is what spoils a print or a machine; a warning is what a person should look at.
//! Does not see: the model that the program was made from.

mod kind;
mod layers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use gcode::print::{FaultKind, Follower, Move, Run};
use geometry::Vector3;
use serde::Serialize;

use crate::head::HeadWatch;
use crate::settings::{COLDEST_NOZZLE_C, Material, Printer};
use crate::time::Planner;
use layers::LayerGrid;

/// Rounding of written coordinates, mm.
const ROUNDING_MM: f64 = 0.011;

/// Extrusion with more than this pulled back leaves a gap, mm of filament.
const PULLED_BACK_MM: f64 = 0.3;

/// A line of more than this many squared nozzle bores cannot be laid: Klipper's limit.
const THICKEST_LINE_BORES: f64 = 4.0;

/// Overhangs under this are corners of the grid, mm².
const SMALLEST_OVERHANG_MM2: f64 = 20.0;

/// Islands in the air under this are, too, mm².
const SMALLEST_FLOATING_MM2: f64 = 4.0;

/// The part lies on the bed if its first line is not higher than this many nozzle bores.
const HIGHEST_FIRST_LAYER_BORES: f64 = 1.5;

/// Heights are counted as layers on this grid, 1/mm; more of them than this are one.
const LAYERS_PER_MM: f64 = 1000.0;
const MOST_LAYERS: usize = 200_000;

/// Travels longer than this are looked at, mm.
const SHORTEST_TRAVEL_MM: f64 = 2.0;

/// Something wrong, where it is first, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Stable name.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// First line, from 1; 0 where no line is to blame.
    pub line: u32,
    /// How many lines.
    pub count: usize,
}

/// Lowest and highest coordinates, mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// x, y, z.
    pub low_mm: [f64; 3],
    /// x, y, z.
    pub high_mm: [f64; 3],
}

/// What a program does, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// `"ok"`, `"warnings"` or `"faults"`.
    pub verdict: &'static str,
    /// What spoils a print or a machine.
    pub faults: Vec<Fault>,
    /// What a person should look at.
    pub warnings: Vec<Fault>,
    /// The firmware whose rules were followed.
    pub firmware: &'static str,
    /// Heights at which something is laid.
    pub layers: usize,
    /// Extruded while the head moves, by role, mm³.
    pub volume_mm3: BTreeMap<&'static str, f64>,
    /// All of it, mm³.
    pub total_mm3: f64,
    /// Time of all moves and pauses; heating and homing not counted, s.
    pub time_s: f64,
    /// Filament pushed out in all, retractions balanced, mm.
    pub filament_mm: f64,
    /// Its mass, g.
    pub filament_g: f64,
    /// Its cost in the lab's currency; `None` where the material has no price.
    pub cost: Option<f64>,
    /// Where filament is laid; `None` where none is.
    pub bounds: Option<Bounds>,
    /// Length of all travels, mm.
    pub travel_mm: f64,
    /// How often the filament is pulled back.
    pub retractions: usize,
    /// Hottest ordered nozzle while extruding, °C.
    pub nozzle_c: f64,
    /// Lines of overhangs and bridges that rest on nothing, mm².
    pub overhang_mm2: f64,
    /// Lines that begin in the air, mm².
    pub floating_mm2: f64,
    /// Travels on the layer's height through its outer walls.
    pub crossed_walls: usize,
    /// Lines read.
    pub lines: u32,
    /// Commands that are not known here, and how often they stand.
    pub unknown_commands: BTreeMap<String, u32>,
}

/// Reads a program line by line.
#[derive(Clone, Debug)]
pub struct Checker {
    follower: Follower,
    watch: Watch,
    firmware: crate::Dialect,
}

impl Checker {
    /// Judges by a printer's bed, limits and firmware, and by a material's density, flow and price.
    #[must_use]
    pub fn new(printer: &Printer, material: &Material) -> Self {
        Self {
            follower: Follower::new(printer.dialect),
            watch: Watch::new(printer, material),
            firmware: printer.dialect,
        }
    }

    /// Takes the next line, without its end. Never panics, whatever the text.
    pub fn line(&mut self, text: &str) {
        let watch = &mut self.watch;
        self.follower.line(text, &mut |step| watch.see(step));
    }

    /// The judgment.
    #[must_use]
    pub fn finish(self) -> CheckReport {
        self.watch.judged(&self.follower.finish(), self.firmware)
    }
}

impl CheckReport {
    /// The same program with so many lines more at its head.
    pub(crate) fn move_down(&mut self, lines: u32) {
        self.lines += lines;
        for fault in self.faults.iter_mut().chain(&mut self.warnings) {
            fault.line += if fault.line > 0 { lines } else { 0 };
        }
    }
}

/// Counts of one kind of wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: usize,
    first: u32,
    worst: f64,
}

/// What is noticed while a program runs.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    printer: Printer,
    material: Material,
    planner: Planner,
    grid: LayerGrid,
    head: HeadWatch,
    filament_area: f64,
    tallies: BTreeMap<&'static str, Tally>,
    volumes: BTreeMap<&'static str, f64>,
    heights: BTreeSet<i64>,
    /// Height and, for the first layer, fan of what is being laid.
    layer_z: Option<f64>,
    bounds: Option<Bounds>,
    /// Filament pulled back, mm.
    pulled_back: f64,
    filament_mm: f64,
    travel_mm: f64,
    retractions: usize,
    nozzle_c: f64,
    overhang_mm2: f64,
    floating_mm2: f64,
    lowest_part_z: f64,
    is_travelling: bool,
    /// The last word for a role, and the role.
    kind: (String, &'static str),
}

impl Watch {
    pub(crate) fn new(printer: &Printer, material: &Material) -> Self {
        let [left, front, right, back] = printer.reach_mm;
        let [width, depth] = printer.bed_mm;
        Self {
            planner: Planner::new(printer),
            grid: LayerGrid::new([-left, -front], [width + right, depth + back]),
            head: HeadWatch::new(printer),
            filament_area: std::f64::consts::FRAC_PI_4 * printer.filament_mm.powi(2),
            printer: printer.clone(),
            material: material.clone(),
            tallies: BTreeMap::new(),
            volumes: BTreeMap::new(),
            heights: BTreeSet::new(),
            layer_z: None,
            bounds: None,
            pulled_back: 0.0,
            filament_mm: 0.0,
            travel_mm: 0.0,
            retractions: 0,
            nozzle_c: 0.0,
            overhang_mm2: 0.0,
            floating_mm2: 0.0,
            lowest_part_z: f64::INFINITY,
            is_travelling: false,
            kind: (String::new(), kind::role_of("")),
        }
    }

    /// The judgment, when the program has run.
    pub(crate) fn judged(mut self, run: &Run, firmware: crate::Dialect) -> CheckReport {
        self.finish_layer();
        self.report(run, firmware)
    }

    /// The role that a word names; most moves have the word of the one before.
    fn role(&mut self, word: &str) -> &'static str {
        if self.kind.0 != word {
            self.kind = (word.to_owned(), kind::role_of(word));
        }
        self.kind.1
    }

    fn tally(&mut self, code: &'static str, line: u32, size: f64) {
        let tally = self.tallies.entry(code).or_default();
        if tally.count == 0 {
            tally.first = line;
        }
        tally.count += 1;
        tally.worst = tally.worst.max(size);
    }

    pub(crate) fn see(&mut self, step: &Move<'_>) {
        let moved = Vector3::from(step.to) - Vector3::from(step.from);
        if let Some(acceleration) = step.acceleration_mm_s2 {
            self.planner.set_acceleration(acceleration);
        }
        self.planner.add(moved, step.filament_mm, step.speed_mm_s);
        self.filament_mm += step.filament_mm;
        self.see_place(step);
        let in_plane = moved.xy().norm();
        let role = self.role(step.kind);
        let is_laid = in_plane > 0.0
            && step.filament_mm > 0.0
            && (!kind::is_beside_part(role) || kind::is_support(role));
        if let Some(depth) = self.head.see(step.from, step.to, is_laid) {
            self.tally("head-strikes", step.line, depth);
        }
        if in_plane > 0.0 && step.filament_mm > 0.0 {
            self.see_line(step, role, in_plane);
            self.is_travelling = false;
            return;
        }
        if step.filament_mm < 0.0 {
            self.retractions += usize::from(self.pulled_back <= 0.0);
        } else if step.filament_mm > 0.0 && step.nozzle_c < COLDEST_NOZZLE_C {
            self.tally("cold-extrusion", step.line, COLDEST_NOZZLE_C - step.nozzle_c);
        }
        self.pulled_back = (self.pulled_back - step.filament_mm).max(0.0);
        if in_plane > 0.0 {
            self.travel_mm += in_plane;
            self.see_travel(step, in_plane);
        }
    }

    fn see_place(&mut self, step: &Move<'_>) {
        let printer = &self.printer;
        let [left, front, right, back] = printer.reach_mm;
        let beyond = |value: f64, low: f64, high: f64| (low - value).max(value - high);
        let beside = beyond(step.to[0], -left, printer.bed_mm[0] + right).max(beyond(
            step.to[1],
            -front,
            printer.bed_mm[1] + back,
        ));
        let height = printer.height_mm;
        if beside > ROUNDING_MM {
            self.tally("outside-bed", step.line, beside);
        }
        if step.to[2] > height + ROUNDING_MM {
            self.tally("above-height", step.line, step.to[2] - height);
        }
        let is_low = step.to[2] < -ROUNDING_MM && step.to[0..2] != step.from[0..2];
        if is_low && step.is_homed {
            self.tally("below-bed", step.line, -step.to[2]);
        }
    }

    /// A line that is laid.
    fn see_line(&mut self, step: &Move<'_>, role: &'static str, length: f64) {
        let volume = step.filament_mm * self.filament_area;
        *self.volumes.entry(role).or_default() += volume;
        if step.nozzle_c < COLDEST_NOZZLE_C {
            self.tally("cold-extrusion", step.line, COLDEST_NOZZLE_C - step.nozzle_c);
        }
        self.nozzle_c = self.nozzle_c.max(step.nozzle_c);
        if self.pulled_back > PULLED_BACK_MM {
            self.tally("pulled-back-extrusion", step.line, self.pulled_back);
        }
        self.pulled_back = 0.0;
        let bore = self.printer.nozzle_mm;
        let thickest = THICKEST_LINE_BORES * bore * bore;
        // A dot of plastic is no line; firmwares let it pass.
        if volume / length > thickest && volume > thickest * bore {
            self.tally("too-thick-line", step.line, volume / length);
        }
        let flow = volume / length * step.speed_mm_s.min(self.printer.max_speed_mm_s);
        if flow > 1.05 * self.material.max_volumetric_mm3_s {
            self.tally("flow-over-limit", step.line, flow);
        }
        self.enter_layer(step, role);
        if !kind::is_beside_part(role) || kind::is_support(role) {
            self.grid.draw(step.from, step.to, role);
            // A part may stand on a raft; whether it floats over it, the layers tell.
            self.lowest_part_z = self.lowest_part_z.min(step.to[2]);
        }
        for point in [step.from, step.to] {
            let bounds = self.bounds.get_or_insert(Bounds { low_mm: point, high_mm: point });
            for (axis, value) in point.into_iter().enumerate() {
                bounds.low_mm[axis] = bounds.low_mm[axis].min(value);
                bounds.high_mm[axis] = bounds.high_mm[axis].max(value);
            }
        }
    }

    fn enter_layer(&mut self, step: &Move<'_>, role: &'static str) {
        let z = step.to[2];
        if self.layer_z.is_some_and(|layer| (layer - z).abs() < 1e-6) {
            return;
        }
        self.finish_layer();
        if self.layer_z.is_some_and(|layer| z < layer - 1e-6) {
            self.grid.start_over();
        }
        if self.layer_z.is_none() && step.fan > 0.0 && role != "prime" {
            self.tally("fan-on-first-layer", step.line, 100.0 * step.fan);
        }
        self.layer_z = Some(z);
        if self.heights.len() < MOST_LAYERS {
            self.heights.insert((z * LAYERS_PER_MM).round() as i64);
        }
    }

    fn finish_layer(&mut self) {
        if let Some(top) = self.layer_z {
            let hanging = self.grid.finish_layer(top);
            self.overhang_mm2 += hanging.overhang_mm2;
            self.floating_mm2 += hanging.floating_mm2;
        }
    }

    fn see_travel(&mut self, step: &Move<'_>, length: f64) {
        let on_layer = self
            .layer_z
            .is_some_and(|layer| step.from[2] < layer + 0.01 && step.to[2] < layer + 0.01);
        if on_layer && length > SHORTEST_TRAVEL_MM && self.grid.crosses_wall(step.from, step.to) {
            self.tally("crossed-wall", step.line, length);
        }
    }

    /// A fault or a warning with the numbers of its tally; nothing where there is none.
    fn say(&self, list: &mut Vec<Fault>, code: &'static str, words: impl Fn(&Tally) -> String) {
        if let Some(tally) = self.tallies.get(code) {
            let (line, count) = (tally.first, tally.count);
            list.push(Fault { code, message: words(tally), line, count });
        }
    }

    fn report(mut self, run: &Run, firmware: crate::Dialect) -> CheckReport {
        let planner = std::mem::replace(&mut self.planner, Planner::new(&self.printer));
        let faults = self.faults(run);
        let warnings = self.warnings(run);
        let total_mm3: f64 = self.volumes.values().sum();
        let filament_g =
            self.filament_mm * self.filament_area / 1000.0 * self.material.density_g_cm3;
        let price = self.material.price_per_kg;
        CheckReport {
            verdict: match (faults.is_empty(), warnings.is_empty()) {
                (false, _) => "faults",
                (true, false) => "warnings",
                (true, true) => "ok",
            },
            faults,
            warnings,
            firmware: firmware.word(),
            layers: self.heights.len(),
            total_mm3,
            time_s: planner.finish() + run.dwell_s,
            filament_mm: self.filament_mm,
            filament_g,
            cost: (price > 0.0).then_some(filament_g / 1000.0 * price),
            bounds: self.bounds,
            travel_mm: self.travel_mm,
            retractions: self.retractions,
            nozzle_c: self.nozzle_c,
            overhang_mm2: self.overhang_mm2,
            floating_mm2: self.floating_mm2,
            crossed_walls: self.tallies.get("crossed-wall").map_or(0, |tally| tally.count),
            lines: run.lines,
            unknown_commands: run.unknown.clone(),
            volume_mm3: self.volumes,
        }
    }

    fn faults(&self, run: &Run) -> Vec<Fault> {
        let mut list = line_faults(run);
        let printer = &self.printer;
        self.say(&mut list, "outside-bed", |tally| {
            format!(
                "{} moves leave the bed of {} × {} mm, by up to {:.1} mm; move the part, or name \
                 the right printer",
                tally.count, printer.bed_mm[0], printer.bed_mm[1], tally.worst
            )
        });
        self.say(&mut list, "above-height", |tally| {
            format!(
                "{} moves go higher than {} mm, by up to {:.1} mm; lay the part down, or take a \
                 higher printer",
                tally.count, printer.height_mm, tally.worst
            )
        });
        self.say(&mut list, "below-bed", |tally| {
            format!("{} moves run up to {:.2} mm under the bed", tally.count, tally.worst)
        });
        self.say(&mut list, "cold-extrusion", |tally| {
            format!(
                "{} moves extrude before the nozzle is known to have {COLDEST_NOZZLE_C} °C; wait \
                 for it (M109)",
                tally.count
            )
        });
        self.say(&mut list, "too-thick-line", |tally| {
            format!(
                "{} lines are too thick for a nozzle of {} mm, up to {:.2} mm²; E may be absolute \
                 where relative was meant (M82, M83)",
                tally.count, printer.nozzle_mm, tally.worst
            )
        });
        self.say(&mut list, "head-strikes", |tally| {
            format!(
                "the head or the gantry of {} strikes a finished part in {} moves, by up to {:.1} mm; set parts \
                 further apart, or print them together",
                printer.name, tally.count, tally.worst
            )
        });
        let mut add = |is_wrong: bool, code: &'static str, message: String| {
            if is_wrong {
                list.push(Fault { code, message, line: 0, count: 1 });
            }
        };
        add(
            self.volumes.is_empty(),
            "nothing-printed",
            "no move extrudes anything; is this a print program?".to_owned(),
        );
        let high = HIGHEST_FIRST_LAYER_BORES * printer.nozzle_mm;
        add(
            self.lowest_part_z.is_finite() && self.lowest_part_z > high,
            "starts-in-the-air",
            format!("the lowest line of the part is {:.2} mm over the bed", self.lowest_part_z),
        );
        add(
            self.floating_mm2 > SMALLEST_FLOATING_MM2,
            "floating-lines",
            format!(
                "lines of {:.0} mm² begin in the air, with nothing under or beside them; support \
                 them, or turn the part",
                self.floating_mm2
            ),
        );
        add(
            run.nozzle_target_c > 0.0,
            "nozzle-left-hot",
            format!(
                "the nozzle stays at {} °C at the end; is the file whole?",
                run.nozzle_target_c
            ),
        );
        list
    }

    fn warnings(&self, run: &Run) -> Vec<Fault> {
        let mut list = Vec::new();
        self.say(&mut list, "pulled-back-extrusion", |tally| {
            format!(
                "{} lines begin with up to {:.1} mm of filament pulled back; they start with a gap",
                tally.count, tally.worst
            )
        });
        self.say(&mut list, "flow-over-limit", |tally| {
            format!(
                "{} lines ask for more than {} melts ({} mm³/s), up to {:.1} mm³/s",
                tally.count, self.material.name, self.material.max_volumetric_mm3_s, tally.worst
            )
        });
        self.say(&mut list, "fan-on-first-layer", |tally| {
            format!(
                "the fan runs at {:.0} % on the first layer; the part may come off",
                tally.worst
            )
        });
        self.say(&mut list, "crossed-wall", |tally| {
            format!(
                "{} travels run through outer walls of their own layer without lifting",
                tally.count
            )
        });
        let mut add = |is_wrong: bool, code: &'static str, message: String| {
            if is_wrong {
                list.push(Fault { code, message, line: 0, count: 1 });
            }
        };
        add(
            self.overhang_mm2 > SMALLEST_OVERHANG_MM2,
            "overhang",
            format!(
                "lines of {:.0} mm² rest on nothing (overhangs and bridges)",
                self.overhang_mm2
            ),
        );
        add(
            run.bed_target_c > 0.0,
            "bed-left-hot",
            format!("the bed stays at {} °C at the end", run.bed_target_c),
        );
        add(run.fan > 0.0, "fan-left-on", "the fan runs on at the end".to_owned());
        add(
            run.highest_tool > 0,
            "several-tools",
            format!("the program changes tools (up to T{}); one is judged", run.highest_tool),
        );
        let unknown: u32 = run.unknown.values().sum();
        let names: Vec<&str> = run.unknown.keys().take(8).map(String::as_str).collect();
        add(
            unknown > 0,
            "unknown-commands",
            format!("{unknown} commands are not known to this reader: {}", names.join(", ")),
        );
        list
    }
}

/// Lines that cannot be followed, one entry for each kind.
fn line_faults(run: &Run) -> Vec<Fault> {
    let mut list: Vec<Fault> = Vec::new();
    for fault in &run.faults {
        let code = match fault.kind {
            FaultKind::NotHomed => "not-homed",
            FaultKind::NoFeed | FaultKind::FeedNotPositive => "no-feed",
            FaultKind::BadArc => "bad-arc",
            FaultKind::TooFar(_) => "out-of-range",
            _ => "unreadable-line",
        };
        match list.iter_mut().find(|known| known.code == code) {
            Some(known) => known.count += 1,
            None => {
                list.push(Fault { code, message: fault.to_string(), line: fault.line, count: 1 })
            }
        }
    }
    let listed: usize = list.iter().map(|fault| fault.count).sum();
    if let Some(last) = list.last_mut().filter(|_| run.fault_count > listed) {
        last.count += run.fault_count - listed;
    }
    list
}
