//! Proves a written program: reads it back, removes material, and measures what is left.
//!
//! The program's text is followed by `gcode::mill`, so the writer is inside the loop. A ball of the
//! tool's radius is swept along every move ([`crate::sweep`], exact over each place) through a grid of
//! heights over the blank, in the order of the program: that finds rapids through material, bites deeper
//! than the flutes and fast plunges. Over every node inside the trim, and over points every 0.1 mm of
//! the trim itself, the height that is left is compared with the designed surface along its normal.
//!
//! Shares no method with what makes the path: no drop-cutter and no sampling along moves. Does not see the holder beyond its reach, clamps, and what bends.

use gcode::mill::{Controller, Fault, Interpretation, Move, MoveKind, interpret};
use geometry::{Point2, Slab};
use rayon::prelude::*;
use serde::Serialize;

use crate::MillOrder;
use crate::duration::{Piece, seconds};
use crate::placement::Placement;
use crate::region::Region;
use crate::sweep::{Bite, Chord, Stock, heights_left};

/// Deepest gouge that is accepted, mm.
pub const GOUGE_LIMIT_MM: f64 = 0.02;
/// Most material on the finished surface that is accepted, mm.
pub const LEFT_LIMIT_MM: f64 = 0.10;
/// Distance of grid nodes, mm.
const SPACING_MM: f64 = 0.25;
/// Chords of arcs stay this close to them, mm.
const ARC_TOLERANCE_MM: f64 = 0.001;
/// A rapid that touches this much material is one through stock, mm; written positions are rounded.
const TOUCH_MM: f64 = 0.002;
/// Moves steeper than this (80°) are plunges.
const PLUNGE_SLOPE: f64 = 5.67;
/// A plunge that bites this deep must run at the plunge feed, mm.
const PLUNGE_BITE_MM: f64 = 0.1;
/// Shortest dwell after the spindle starts, s.
const LEAST_RUN_UP_S: f64 = 1.0;
/// Places kept of one kind of fault.
const MOST_CONTACTS: usize = 100;

/// A place of the program where the tool meets material as it should not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Contact {
    /// Line of the program, from 1.
    pub line: u32,
    /// Depth of the bite, mm.
    pub depth_mm: f64,
}

/// How far the finished surface is from the designed one, along its normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Deviation {
    /// Deepest cut into the part, mm, not negative.
    pub worst_gouge_mm: f64,
    /// Where that is, in the part's coordinates, mm.
    pub worst_gouge_at: [f64; 2],
    /// 99 of 100 places are cut no deeper than this into the part, mm.
    pub p99_gouge_mm: f64,
    /// Most material left, mm.
    pub worst_left_mm: f64,
    /// Where that is, in the part's coordinates, mm.
    pub worst_left_at: [f64; 2],
    /// 99 of 100 places have no more material left than this, mm.
    pub p99_left_mm: f64,
    /// Mean of what is left, mm.
    pub mean_mm: f64,
    /// Number of places compared.
    pub places: usize,
}

/// What the check of a program found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    /// Whether the program may be run.
    pub accepted: bool,
    /// Why not, one sentence each.
    pub reasons: Vec<String>,
    /// The worse of interior and rim, mm.
    pub worst_gouge_mm: f64,
    /// The worse of interior and rim, mm.
    pub worst_left_mm: f64,
    /// The surface inside the trim, on a grid of 0.25 mm.
    pub interior: Deviation,
    /// The trim itself, every 0.1 mm.
    pub rim: Deviation,
    /// Rapid moves that touch material.
    pub rapid_through_stock: Vec<Contact>,
    /// Plunges into material that are faster than the plunge feed.
    pub fast_plunges: Vec<Contact>,
    /// Deepest bite of a feed move along z; line 0 if nothing was cut.
    pub deepest_bite: Contact,
    /// Axes on which the program needs more travel than the machine has: letter, mm needed, mm given.
    pub outside_travel: Vec<(char, f64, f64)>,
    /// What the interpreter found.
    pub faults: Vec<Fault>,
    /// Lowest position of the tip, mm; 0 is the blank's top.
    pub minimum_z_mm: f64,
    /// Time the machine takes, s, with its acceleration.
    pub machine_time_s: f64,
    /// Length of all feed moves, mm.
    pub feed_length_mm: f64,
    /// Number of moves.
    pub moves: usize,
}

/// Runs a program in simulation and judges it against the part and the order.
#[must_use]
pub fn verify(
    program: &str,
    part: &Slab,
    order: &MillOrder,
    placement: &Placement,
) -> Verification {
    let run = Run::new(program, order, placement);
    let region = Region::new(part);
    let (interior, rim) = rayon::join(
        || deviation(&run.interior_gaps(part, &region, placement)),
        || deviation(&run.rim_gaps(part, &region, placement)),
    );
    let moves = &run.program.moves;
    let mut verification = Verification {
        accepted: false,
        reasons: Vec::new(),
        worst_gouge_mm: interior.worst_gouge_mm.max(rim.worst_gouge_mm),
        worst_left_mm: interior.worst_left_mm.max(rim.worst_left_mm),
        interior,
        rim,
        rapid_through_stock: run.contacts(|bite, _| bite.0.kind == MoveKind::Rapid),
        fast_plunges: run.contacts(|bite, order| bite.is_fast_plunge(order)),
        deepest_bite: run.deepest_bite(),
        outside_travel: outside_travel(moves, order),
        minimum_z_mm: run.chords.iter().map(|chord| chord.to[2]).fold(0.0, f64::min),
        machine_time_s: run.seconds(),
        feed_length_mm: moves.iter().filter(|motion| cuts(motion)).map(Move::length_mm).sum(),
        moves: moves.len(),
        faults: Vec::new(),
    };
    verification.faults.clone_from(&run.program.faults);
    verification.reasons = reasons(&verification, &run, placement);
    verification.accepted = verification.reasons.is_empty();
    verification
}

fn cuts(motion: &Move) -> bool {
    motion.kind != MoveKind::Rapid
}

/// A program after its simulation.
struct Run<'a> {
    order: &'a MillOrder,
    program: Interpretation,
    chords: Vec<Chord>,
    stock: Stock,
    bites: Vec<Bite>,
}

/// A bite with the move and the chord that made it.
struct BiteOf<'a>(&'a Move, &'a Chord, f64);

impl BiteOf<'_> {
    fn is_fast_plunge(&self, order: &MillOrder) -> bool {
        let Self(motion, chord, depth) = self;
        let [dx, dy, dz] = [0, 1, 2].map(|axis| chord.to[axis] - chord.from[axis]);
        let fast = motion.feed_mm_per_min > 1.01 * order.cutting.plunge_mm_per_min;
        cuts(motion) && fast && *depth > PLUNGE_BITE_MM && -dz > PLUNGE_SLOPE * dx.hypot(dy)
    }
}

impl<'a> Run<'a> {
    fn new(text: &str, order: &'a MillOrder, placement: &Placement) -> Self {
        let clearance = order.machine.safe_height_mm;
        let controller = Controller::at_work_zero(order.machine.dialect.controller(), clearance);
        let program = interpret(text, &controller);
        let chords = chords_of(&program.moves);
        let [width, length, _] = placement.blank_mm;
        let mut stock = Stock::block(width, length, SPACING_MM);
        let bites = stock.cut(&chords, order.tool.radius_mm(), TOUCH_MM);
        Self { order, program, chords, stock, bites }
    }

    fn bites(&self) -> impl Iterator<Item = BiteOf<'_>> {
        self.bites.iter().map(|bite| {
            let chord = &self.chords[bite.chord as usize];
            BiteOf(&self.program.moves[chord.motion as usize], chord, bite.depth)
        })
    }

    fn contacts(&self, wanted: impl Fn(&BiteOf<'_>, &MillOrder) -> bool) -> Vec<Contact> {
        self.bites()
            .filter(|bite| wanted(bite, self.order))
            .take(MOST_CONTACTS)
            .map(|BiteOf(motion, _, depth_mm)| Contact { line: motion.line, depth_mm })
            .collect()
    }

    fn deepest_bite(&self) -> Contact {
        self.bites()
            .filter(|bite| cuts(bite.0))
            .max_by(|a, b| a.2.total_cmp(&b.2))
            .map_or(Contact::default(), |bite| Contact { line: bite.0.line, depth_mm: bite.2 })
    }

    /// What is left over every grid node inside the trim: place in the part, and gap along the normal.
    fn interior_gaps(&self, part: &Slab, region: &Region, placement: &Placement) -> Vec<Gap> {
        let stock = &self.stock;
        let rows: Vec<Vec<Gap>> = (0..stock.rows)
            .into_par_iter()
            .map(|row| {
                let gap = |column: usize| {
                    let x = column as f64 * stock.spacing - placement.blank_from_part[0];
                    let y = row as f64 * stock.spacing - placement.blank_from_part[1];
                    let height = stock.heights[row * stock.columns + column];
                    region
                        .contains(Point2::new(x, y))
                        .then(|| Gap::new(part, [x, y], height - placement.blank_from_part[2]))
                };
                (0..stock.columns).filter_map(gap).collect()
            })
            .collect();
        rows.into_iter().flatten().collect()
    }

    fn rim_gaps(&self, part: &Slab, region: &Region, placement: &Placement) -> Vec<Gap> {
        let [dx, dy, dz] = placement.blank_from_part;
        let places: Vec<[f64; 2]> =
            region.edges().iter().map(|(start, _)| [start.x + dx, start.y + dy]).collect();
        let left = heights_left(&places, &self.chords, self.order.tool.radius_mm());
        let place_in_part = |[x, y]: [f64; 2]| [x - dx, y - dy];
        places
            .into_iter()
            .zip(left)
            .map(|(place, height)| Gap::new(part, place_in_part(place), height - dz))
            .collect()
    }

    fn seconds(&self) -> f64 {
        let machine = &self.order.machine;
        let pieces: Vec<Piece> = self
            .chords
            .iter()
            .map(|chord| {
                let motion = &self.program.moves[chord.motion as usize];
                let per_minute =
                    if cuts(motion) { motion.feed_mm_per_min } else { machine.rapid_mm_per_min };
                Piece { from: chord.from, to: chord.to, mm_per_s: per_minute / 60.0 }
            })
            .collect();
        seconds(&pieces, machine.acceleration_mm_per_s2) + self.program.outcome.dwell_s
    }
}

/// Straight pieces of all moves.
fn chords_of(moves: &[Move]) -> Vec<Chord> {
    let mut chords = Vec::with_capacity(moves.len());
    for (index, motion) in moves.iter().enumerate() {
        let mut from = motion.from;
        for to in motion.chords(ARC_TOLERANCE_MM) {
            chords.push(Chord { from, to, motion: index as u32 });
            from = to;
        }
    }
    chords
}

/// Distance of the finished from the designed surface at one place; positive is material left.
#[derive(Clone, Copy, Debug)]
struct Gap {
    place: [f64; 2],
    millimeters: f64,
}

impl Gap {
    /// A vertical gap times the normal's upright part is the distance along the normal, to first order.
    fn new(part: &Slab, place: [f64; 2], height: f64) -> Self {
        let jet = part.top.jet(Point2::from(place));
        let [dx, dy] = jet.gradient;
        let upright = 1.0 / (1.0 + dx * dx + dy * dy).sqrt();
        Self { place, millimeters: (height - jet.z) * upright }
    }
}

fn deviation(gaps: &[Gap]) -> Deviation {
    let mut sorted: Vec<Gap> = gaps.to_vec();
    sorted.par_sort_by(|a, b| a.millimeters.total_cmp(&b.millimeters));
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return Deviation::default();
    };
    let percentile = |share: f64| sorted[(share * (sorted.len() - 1) as f64) as usize].millimeters;
    let sum: f64 = sorted.iter().map(|gap| gap.millimeters).sum();
    Deviation {
        worst_gouge_mm: (-lowest.millimeters).max(0.0),
        worst_gouge_at: lowest.place,
        p99_gouge_mm: (-percentile(0.01)).max(0.0),
        worst_left_mm: highest.millimeters.max(0.0),
        worst_left_at: highest.place,
        p99_left_mm: percentile(0.99).max(0.0),
        mean_mm: sum / sorted.len() as f64,
        places: sorted.len(),
    }
}

fn outside_travel(moves: &[Move], order: &MillOrder) -> Vec<(char, f64, f64)> {
    let needed = |axis: usize| {
        let ends = moves.iter().flat_map(|motion| [motion.from[axis], motion.to[axis]]);
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        (high - low).max(0.0)
    };
    ['x', 'y', 'z']
        .into_iter()
        .enumerate()
        .map(|(axis, letter)| (letter, needed(axis), order.machine.travel_mm[axis]))
        .filter(|(_, needed, given)| needed > given)
        .collect()
}

/// Everything that speaks against running the program.
fn reasons(found: &Verification, run: &Run<'_>, placement: &Placement) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(first) = found.faults.first() {
        let count = run.program.outcome.fault_count;
        reasons
            .push(format!("{count} faults, the first on line {}: {}", first.line, first.message));
    }
    surface_reasons(found, &mut reasons);
    motion_reasons(found, run, placement, &mut reasons);
    setting_reasons(run, &mut reasons);
    reasons
}

fn surface_reasons(found: &Verification, reasons: &mut Vec<String>) {
    for (name, deviation) in [("surface", &found.interior), ("rim", &found.rim)] {
        let Deviation { worst_gouge_mm, worst_left_mm, places, .. } = *deviation;
        if places == 0 {
            reasons.push(format!("no place of the {name} could be compared"));
        }
        if worst_gouge_mm > GOUGE_LIMIT_MM {
            let [x, y] = deviation.worst_gouge_at;
            reasons.push(format!(
                "the {name} is gouged by {worst_gouge_mm:.3} mm at ({x:.1}, {y:.1}), \
                 {GOUGE_LIMIT_MM} mm are allowed"
            ));
        }
        if worst_left_mm > LEFT_LIMIT_MM {
            let [x, y] = deviation.worst_left_at;
            reasons.push(format!(
                "{worst_left_mm:.3} mm are left on the {name} at ({x:.1}, {y:.1}), \
                 {LEFT_LIMIT_MM} mm are allowed"
            ));
        }
    }
}

fn motion_reasons(
    found: &Verification,
    run: &Run<'_>,
    placement: &Placement,
    reasons: &mut Vec<String>,
) {
    for (name, contacts) in [
        ("a rapid move through stock", &found.rapid_through_stock),
        ("a plunge faster than the plunge feed", &found.fast_plunges),
    ] {
        if let Some(Contact { line, depth_mm }) = contacts.first() {
            reasons.push(format!("line {line}: {name}, {depth_mm:.3} mm deep"));
        }
    }
    for (axis, needed, given) in &found.outside_travel {
        reasons.push(format!(
            "the program moves {needed:.1} mm along {axis}, the machine travels {given:.1} mm"
        ));
    }
    let tool = &run.order.tool;
    if found.deepest_bite.depth_mm > tool.flute_length_mm {
        let (bite, flutes) = (found.deepest_bite.depth_mm, tool.flute_length_mm);
        reasons.push(format!("a bite of {bite:.1} mm is deeper than the flutes ({flutes:.1} mm)"));
    }
    let depth = -found.minimum_z_mm;
    if depth > placement.blank_mm[2] {
        let height = placement.blank_mm[2];
        reasons.push(format!("the tool goes {depth:.2} mm deep, the blank is {height:.2} mm high"));
    }
    if depth > tool.stickout_mm {
        let length = tool.stickout_mm;
        reasons.push(format!("the tool goes {depth:.2} mm deep but sticks out {length:.2} mm"));
    }
}

fn setting_reasons(run: &Run<'_>, reasons: &mut Vec<String>) {
    let (order, outcome) = (run.order, &run.program.outcome);
    if outcome.uses_inches {
        reasons.push("the program is in inches; write millimeters (G21)".to_owned());
    }
    if outcome.spindle_run_up_s.is_some_and(|dwell| dwell < LEAST_RUN_UP_S) {
        reasons.push(format!("the spindle gets less than {LEAST_RUN_UP_S} s (G4) before it cuts"));
    }
    if !outcome.ends_with_spindle_off {
        reasons.push("the program does not end with the spindle off (M5, M30)".to_owned());
    }
    let moves = &run.program.moves;
    if let Some(first) = moves.first()
        && (first.from[0], first.from[1]) != (first.to[0], first.to[1])
    {
        let line = first.line;
        reasons
            .push(format!("line {line}: the first motion is not straight up to the safe height"));
    }
    let limit = order.machine.max_feed_mm_per_min;
    if let Some(motion) = moves.iter().find(|motion| motion.feed_mm_per_min > 1.001 * limit) {
        let (line, feed) = (motion.line, motion.feed_mm_per_min);
        reasons.push(format!("line {line}: feed {feed:.0} mm/min, the machine runs {limit:.0}"));
    }
    if let Some(motion) =
        moves.iter().find(|motion| cuts(motion) && motion.tool != order.tool.number)
    {
        let (line, tool, ordered) = (motion.line, motion.tool, order.tool.number);
        reasons.push(format!("line {line}: cuts with tool {tool}, ordered is tool {ordered}"));
    }
    let [slowest, fastest] = order.machine.spindle_rpm_range;
    let turns_wrong =
        |motion: &&Move| motion.spindle_on() && !(slowest..=fastest).contains(&motion.spindle_rpm);
    if let Some(motion) = moves.iter().find(turns_wrong) {
        let (line, speed) = (motion.line, motion.spindle_rpm);
        reasons.push(format!(
            "line {line}: spindle at {speed:.0} rpm, the machine has {slowest:.0} to {fastest:.0}"
        ));
    }
}
