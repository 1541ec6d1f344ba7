//! Drilling cycles (G73, G81, G82, G83) as the moves that they stand for.
//!
//! ```text
//!   initial ──●─ ─ ─ ─ ─ ─●──   G98 returns here, G99 to R
//!             ┊ rapid     ┊
//!       R ────●────┐  ┌───●     G83: out to R after each peck, and rapidly back to a little over
//!                  │  │         the ground of the hole; G73: back by that little only
//!  bottom ─────────┴──┘  feed
//! ```
//!
//! Words are kept from one hole to the next until G80 or another motion (RS274/NGC 3.5.16, NIST IR 6556; LinuxCNC
//! 2.9; Fanuc). Only along z, in the plane G17.

use super::block::Block;
use super::{FaultKind, Mill, Move, MoveKind, Plane};

/// How a hole is drilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cycle {
    /// G81: in one go; G82: and a dwell on the ground.
    Drill { dwells: bool },
    /// G83: in pecks, out of the hole after each; G73: only a little back.
    Peck { is_deep: bool },
}

/// What is kept from one hole to the next; heights as written, in mm.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// Machine height at which the first hole of the row found the tip.
    initial: Option<f64>,
    retract: Option<f64>,
    bottom: Option<f64>,
    peck: Option<f64>,
    dwell: Option<f64>,
}

/// How far over the ground of the hole the feed begins again (LinuxCNC: 0.010 inch; a parameter elsewhere).
const BACK_OFF_MM: f64 = 0.254;
/// Most pecks of one hole, and most holes of one line.
const MOST_PECKS: f64 = 2000.0;
const MOST_REPEATS: f64 = 1000.0;

/// Heights of the holes of a line, machine coordinates.
#[derive(Clone, Copy, Debug)]
struct Heights {
    initial: f64,
    retract: f64,
    bottom: f64,
    peck: f64,
}

impl Mill<'_> {
    /// Drills where a line with axis words asks for it.
    pub(super) fn cycle(&mut self, block: &mut Block, kind: Cycle, on_move: &mut dyn FnMut(Move)) {
        let line = block.line;
        self.require_modes(line);
        let unit = self.unit_mm.unwrap_or(1.0);
        self.outcome.uses_inches |= unit > 1.0;
        let keep = |kept: &mut Option<f64>, word: Option<f64>, unit: f64| {
            *kept = word.map(|value| unit * value).or(*kept);
        };
        keep(&mut self.kept.retract, block.value('R'), unit);
        keep(&mut self.kept.bottom, block.value('Z'), unit);
        keep(&mut self.kept.peck, block.value('Q'), unit);
        keep(&mut self.kept.dwell, block.value('P'), 1.0);
        let words = ['X', 'Y'].map(|letter| block.value(letter).map(|value| unit * value));
        let repeats = ['L', 'K'].into_iter().find_map(|letter| block.value(letter)).unwrap_or(1.0);
        let heights = match self.heights(kind) {
            Ok(heights) => heights,
            Err((fault, message)) => return self.fault(line, fault, message),
        };
        if !(0.0..=MOST_REPEATS).contains(&repeats) {
            return self.fault(line, FaultKind::BadValue, format!("{repeats} holes of one line"));
        }
        let offset = self.controller.work_offsets_mm[self.work_offset];
        for _ in 0..repeats as usize {
            let place = [0, 1].map(|axis| match (words[axis], self.incremental) {
                (None, _) => self.position[axis],
                (Some(step), Some(true)) => self.position[axis] + step,
                (Some(to), _) => offset[axis] + to,
            });
            if place.iter().any(|coordinate| coordinate.abs() > super::FARTHEST_MM) {
                let message = "the hole lies outside of any machine";
                return self.fault(line, FaultKind::BadValue, message);
            }
            self.drill(line, kind, place, heights, on_move);
        }
    }

    /// The heights of the holes of a line, from what is kept.
    fn heights(&mut self, kind: Cycle) -> Result<Heights, (FaultKind, String)> {
        let missing =
            |word: &str| (FaultKind::MissingWord, format!("a drilling cycle needs {word}"));
        if self.plane.is_some_and(|plane| plane != Plane::Xy) {
            let message = "drilling cycles in G18 and G19 are not followed".to_owned();
            return Err((FaultKind::NotFollowed, message));
        }
        let initial = *self.kept.initial.get_or_insert(self.position[2]);
        let retract = self.kept.retract.ok_or_else(|| missing("R, where it starts"))?;
        let bottom = self.kept.bottom.ok_or_else(|| missing("Z, the ground of the hole"))?;
        let (retract, bottom) = if self.incremental == Some(true) {
            (initial + retract, initial + retract + bottom)
        } else {
            let zero = self.controller.work_offsets_mm[self.work_offset][2];
            (zero + retract, zero + bottom)
        };
        if bottom > retract || bottom.abs().max(retract.abs()) > super::FARTHEST_MM {
            let message = format!("the ground {bottom:.3} lies over R {retract:.3}");
            return Err((FaultKind::BadValue, message));
        }
        let peck = match kind {
            Cycle::Drill { .. } => retract - bottom,
            Cycle::Peck { .. } => {
                self.kept.peck.ok_or_else(|| missing("Q, the depth of a peck"))?
            }
        };
        let is_peck = matches!(kind, Cycle::Peck { .. });
        if is_peck && (peck <= 0.0 || (retract - bottom) / peck > MOST_PECKS) {
            return Err((FaultKind::BadValue, format!("pecks of {peck} mm")));
        }
        if kind == (Cycle::Drill { dwells: true }) && self.kept.dwell.is_none() {
            return Err(missing("P, the dwell"));
        }
        Ok(Heights { initial, retract, bottom, peck })
    }

    /// The moves of one hole.
    fn drill(
        &mut self,
        line: u32,
        kind: Cycle,
        [x, y]: [f64; 2],
        heights: Heights,
        on_move: &mut dyn FnMut(Move),
    ) {
        let Heights { initial, retract, bottom, peck } = heights;
        let mut go = |mill: &mut Self, kind: MoveKind, to: [f64; 3]| {
            if to != mill.position {
                mill.straight(line, kind, to, on_move);
            }
        };
        if self.position[2] < retract {
            let [x, y, _] = self.position;
            go(self, MoveKind::Rapid, [x, y, retract]);
        }
        let height = self.position[2];
        go(self, MoveKind::Rapid, [x, y, height]);
        go(self, MoveKind::Rapid, [x, y, retract]);
        if let Cycle::Peck { is_deep } = kind {
            let mut depth = retract - peck;
            while depth > bottom {
                go(self, MoveKind::Feed, [x, y, depth]);
                if is_deep {
                    go(self, MoveKind::Rapid, [x, y, retract]);
                }
                let again = (depth + BACK_OFF_MM).min(retract);
                go(self, MoveKind::Rapid, [x, y, again]);
                depth -= peck;
            }
        }
        go(self, MoveKind::Feed, [x, y, bottom]);
        if kind == (Cycle::Drill { dwells: true }) {
            let unit = if self.controller.dwells_in_milliseconds { 1e-3 } else { 1.0 };
            self.outcome.dwell_s += unit * self.kept.dwell.unwrap_or_default();
        }
        let clear = if self.returns_to_initial { initial.max(retract) } else { retract };
        go(self, MoveKind::Rapid, [x, y, clear]);
    }
}
