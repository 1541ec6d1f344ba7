//! Reads a written program back and compares it with what was ordered.
//!
//! The reader is `gcode::print`, which shares no code with the writer. What the areas of walls,
//! skins and infill ask for is formed from areas, not from lines, so a line that is lost or doubled
//! shows as a difference of volume. Concentric infill is the exception: what narrow places hold is known by its rings
//! only.

use std::sync::mpsc::Receiver;

use gcode::print::Move;
use geometry::Vector3;
use serde::Serialize;

use crate::check::{self, CheckReport};
use crate::head::HeadWatch;
use crate::path::{Role, RoleVolumes};
use crate::program::filament_area;
use crate::settings::{COLDEST_NOZZLE_C, PrintOrder};

/// Extruded volume may differ from what walls and infill imply by this much, percent.
const LARGEST_DEVIATION_PCT: f64 = 2.0;

/// Rounding of written coordinates, mm.
const COORDINATE_ROUNDING_MM: f64 = 0.0005 + 1e-9;

/// The bed counts as warm this much below what was ordered, °C.
const BED_TOLERANCE_C: f64 = 1.0;

/// A reason lists this many faults at most.
const MOST_LISTED_FAULTS: usize = 3;

/// What a program should hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Expected {
    /// Area × layer height × density of the regions of each role, mm³.
    pub volumes_mm3: RoleVolumes,
    /// Number of layers.
    pub layers: usize,
}

/// What a program was found to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verification {
    /// Extruded while the head moves, by `;TYPE:`, mm³.
    pub extruded_mm3: RoleVolumes,
    /// What was expected, mm³.
    pub expected_mm3: RoleVolumes,
    /// Extruded over expected, roles that stay in the part, percent.
    pub deviation_pct: f64,
    /// Filament pushed out in all, retractions balanced, mm.
    pub filament_mm: f64,
    /// Moves that leave the printable space.
    pub outside_bed: usize,
    /// Extruding moves with a nozzle that is not known to be hot.
    pub cold_extrusion: usize,
    /// Extruding moves with the filament pulled back.
    pub retracted_extrusion: usize,
    /// Moves in which the head or the gantry strikes a part that was finished before.
    pub strikes: usize,
    /// Lines that cannot be followed.
    pub faults: Vec<String>,
    /// Number of layers.
    pub layers: usize,
    /// Time of all moves; heating and homing not counted, s.
    pub estimated_time_s: f64,
    /// Whether the program may be printed.
    pub accepted: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// Follows a program and says whether it does what was ordered. Never panics, whatever the text.
#[must_use]
pub fn verify(program: &str, order: &PrintOrder, expected: &Expected) -> Verification {
    read_back(program, order, expected).0
}

/// As [`verify`], with what [`crate::Checker`] says of the program: it is read once for both, who look at its moves side by
/// side.
pub(crate) fn read_back(
    program: &str,
    order: &PrintOrder,
    expected: &Expected,
) -> (Verification, CheckReport) {
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::sync_channel(MOST_STRETCHES);
        let check = scope.spawn(move || judge(receiver, order));
        let mut watch = Watch::new(order);
        let mut stretch = Stretch::default();
        let run = gcode::print::follow_as(program, order.printer.dialect, |step| {
            watch.see(step);
            if let Some(full) = stretch.push(step) {
                // Who judges hangs up in a panic only, which is passed on below.
                let _ = sender.send(full);
            }
        });
        let _ = sender.send(stretch);
        drop(sender);
        let check = check.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let report = check.judged(&run, order.printer.dialect);
        watch.found.estimated_time_s = report.time_s - run.dwell_s;
        (compared(watch, &run, order, expected), report)
    })
}

fn judge(stretches: Receiver<Stretch>, order: &PrintOrder) -> check::Watch {
    let mut check = check::Watch::new(&order.printer, &order.material);
    for Stretch { kind, moves } in stretches {
        for step in moves {
            check.see(&Move { kind: &kind, ..step });
        }
    }
    check
}

/// Moves of one kind in a row, on their way to another thread.
#[derive(Debug, Default)]
struct Stretch {
    kind: String,
    /// Without their kind.
    moves: Vec<Move<'static>>,
}

/// Moves in a stretch, and stretches that wait for who judges them: a few MiB.
const MOST_MOVES: usize = 4096;
const MOST_STRETCHES: usize = 4;

impl Stretch {
    /// Takes a move; gives back the stretch before it where that is full or of another kind.
    fn push(&mut self, step: &Move<'_>) -> Option<Self> {
        let goes_on = self.kind == step.kind && self.moves.len() < MOST_MOVES;
        let full = (!goes_on).then(|| {
            let moves = Vec::with_capacity(MOST_MOVES);
            std::mem::replace(self, Self { kind: step.kind.to_owned(), moves })
        });
        self.moves.push(Move {
            kind: "",
            line: step.line,
            from: step.from,
            to: step.to,
            filament_mm: step.filament_mm,
            speed_mm_s: step.speed_mm_s,
            acceleration_mm_s2: step.acceleration_mm_s2,
            is_rapid: step.is_rapid,
            is_homed: step.is_homed,
            nozzle_c: step.nozzle_c,
            bed_c: step.bed_c,
            fan: step.fan,
            layers: step.layers,
        });
        full
    }
}

/// What was seen beside what was ordered.
fn compared(
    watch: Watch<'_>,
    run: &gcode::print::Run,
    order: &PrintOrder,
    expected: &Expected,
) -> Verification {
    let mut found = watch.found;
    found.layers = run.layers;
    found.faults = run.faults.iter().map(ToString::to_string).collect();
    found.expected_mm3 = expected.volumes_mm3;
    found.deviation_pct = percent_over(found.extruded_mm3.part(), expected.volumes_mm3.part());
    let mut reasons = volume_reasons(&found);
    let bed = order.printer.bed_mm;
    let mut refuse = |is_wrong: bool, reason: String| {
        if is_wrong {
            reasons.push(reason);
        }
    };
    refuse(
        found.outside_bed > 0,
        format!(
            "{} moves leave the bed of {} × {} mm or the height of {} mm, the first in line {}",
            found.outside_bed, bed[0], bed[1], order.printer.height_mm, watch.first_outside
        ),
    );
    refuse(
        found.cold_extrusion > 0,
        format!(
            "{} moves extrude before the nozzle or the bed is known to be hot, the first in line {}",
            found.cold_extrusion, watch.first_cold
        ),
    );
    refuse(
        found.strikes > 0,
        format!(
            "the head strikes a finished part in {} moves, by up to {:.1} mm, the first in line {}",
            found.strikes, watch.deepest_strike, watch.first_strike
        ),
    );
    refuse(
        found.retracted_extrusion > 0,
        format!("{} moves extrude with the filament pulled back", found.retracted_extrusion),
    );
    let listed = found.faults.iter().take(MOST_LISTED_FAULTS).cloned().collect::<Vec<_>>();
    refuse(
        run.fault_count > 0,
        format!("{} lines cannot be followed: {}", run.fault_count, listed.join("; ")),
    );
    refuse(
        found.layers != expected.layers,
        format!("{} layers, {} expected", found.layers, expected.layers),
    );
    refuse(run.nozzle_target_c > 0.0, "the nozzle stays hot at the end".to_owned());
    refuse(run.bed_target_c > 0.0, "the bed stays hot at the end".to_owned());
    found.accepted = reasons.is_empty();
    found.reasons = reasons;
    found
}

fn percent_over(found: f64, expected: f64) -> f64 {
    if expected > 0.0 { 100.0 * (found / expected - 1.0) } else { 0.0 }
}

/// The part as a whole, and every role that is more than a trace of it.
fn volume_reasons(found: &Verification) -> Vec<String> {
    let (extruded, expected) = (&found.extruded_mm3, &found.expected_mm3);
    let mut reasons = Vec::new();
    let mut compare = |name: &str, found_mm3: f64, expected_mm3: f64, allowed_mm3: f64| {
        if (found_mm3 - expected_mm3).abs() > allowed_mm3 {
            reasons.push(format!(
                "{name}: {found_mm3:.1} mm³ extruded, {expected_mm3:.1} mm³ expected"
            ));
        }
    };
    let share = LARGEST_DEVIATION_PCT / 100.0;
    let total = expected.total();
    compare("part", extruded.part(), expected.part(), share * expected.part());
    for role in Role::ALL {
        // A role with little volume may be off by more of its own, if it hardly shows in the whole.
        let allowed = share * expected.of(role).max(total / 2.0);
        compare(role.name(), extruded.of(role), expected.of(role), allowed);
    }
    reasons
}

/// What is noticed while a program runs.
struct Watch<'a> {
    order: &'a PrintOrder,
    found: Verification,
    filament_area: f64,
    /// Filament pulled back, mm.
    retracted: f64,
    first_outside: u32,
    first_cold: u32,
    head: HeadWatch,
    first_strike: u32,
    /// How far the head reaches into the room of a finished part, mm.
    deepest_strike: f64,
}

impl<'a> Watch<'a> {
    fn new(order: &'a PrintOrder) -> Self {
        Self {
            order,
            found: Verification::default(),
            filament_area: filament_area(order),
            retracted: 0.0,
            first_outside: 0,
            first_cold: 0,
            head: HeadWatch::new(&order.printer),
            first_strike: 0,
            deepest_strike: 0.0,
        }
    }

    fn see(&mut self, step: &Move<'_>) {
        let [from, to] = [step.from, step.to].map(|[x, y, z]| Vector3::new(x, y, z));
        self.found.filament_mm += step.filament_mm;
        if !self.is_inside(step.to) {
            count(&mut self.found.outside_bed, &mut self.first_outside, step.line);
        }
        let in_plane = (to - from).xy().norm() > 0.0;
        let role = Role::from_name(step.kind);
        let is_laid = in_plane
            && step.filament_mm > 0.0
            && !matches!(role, Some(Role::Brim | Role::Skirt | Role::Prime));
        if let Some(depth) = self.head.see(step.from, step.to, is_laid) {
            count(&mut self.found.strikes, &mut self.first_strike, step.line);
            self.deepest_strike = self.deepest_strike.max(depth);
        }
        if step.filament_mm > 0.0 && self.is_cold(step) {
            count(&mut self.found.cold_extrusion, &mut self.first_cold, step.line);
        }
        if !in_plane {
            self.retracted = (self.retracted - step.filament_mm).max(0.0);
            return;
        }
        if step.filament_mm > 0.0 {
            self.found.retracted_extrusion += usize::from(self.retracted > 1e-6);
        }
        // Extrusion of an unknown kind counts as part of nothing; it shows in the filament alone.
        if let Some(role) = role {
            self.found.extruded_mm3.add(role, step.filament_mm * self.filament_area);
        }
    }

    fn is_inside(&self, [x, y, z]: [f64; 3]) -> bool {
        let printer = &self.order.printer;
        let [left, front, right, back] = printer.reach_mm;
        let within = |value: f64, low: f64, high: f64| {
            (-low - COORDINATE_ROUNDING_MM..=high + COORDINATE_ROUNDING_MM).contains(&value)
        };
        within(x, left, printer.bed_mm[0] + right)
            && within(y, front, printer.bed_mm[1] + back)
            && within(z, 0.0, printer.height_mm)
    }

    fn is_cold(&self, step: &Move<'_>) -> bool {
        step.nozzle_c < COLDEST_NOZZLE_C || step.bed_c < self.order.material.bed_c - BED_TOLERANCE_C
    }
}

fn count(counter: &mut usize, first_line: &mut u32, line: u32) {
    if *counter == 0 {
        *first_line = line;
    }
    *counter += 1;
}
