//! Tool paths before they are written: positions of the tool's tip in program coordinates.

use gcode::mill::{Arc, Move, MoveKind, Plane, Spindle};

use crate::sweep::Chord;
use crate::{Cutting, Machine};

/// A position of the tip, mm, program coordinates.
pub(crate) type Tip = [f64; 3];

/// How fast a feed move goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedClass {
    /// Through air that was cleared before.
    Air,
    /// Through material along the surface.
    Cut,
    /// Down into material.
    Plunge,
}

impl FeedClass {
    /// Feed in mm/min.
    pub(crate) const fn mm_per_min(self, machine: &Machine, cutting: &Cutting) -> f64 {
        match self {
            Self::Air => machine.max_feed_mm_per_min,
            Self::Cut => cutting.feed_mm_per_min,
            Self::Plunge => cutting.plunge_mm_per_min,
        }
    }
}

/// One motion to a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Straight up to the safe height.
    Retract,
    /// At the safe height to a place.
    TraverseTo([f64; 2]),
    /// In a straight line at a feed.
    FeedTo(Tip, FeedClass),
    /// Around a center at a feed; only in finished paths ([`crate::arcs`]).
    ArcTo(Tip, Round, FeedClass),
    /// At the safe height to a place, a hole, and back to the safe height.
    Drill(Hole),
}

/// The round part of a step; the third axis advances evenly with the angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Round {
    pub(crate) plane: Plane,
    /// Center in the plane's two axes, program coordinates, mm.
    pub(crate) center: [f64; 2],
    /// Positive is counter-clockwise seen against the third axis.
    pub(crate) sweep_rad: f64,
}

impl Round {
    /// Places of the arc after its start, with chords as close to it as those of written lines.
    fn chords(self, from: Tip, to: Tip) -> Vec<Tip> {
        let Self { plane, center, sweep_rad } = self;
        let kind = if sweep_rad < 0.0 { MoveKind::ArcCw } else { MoveKind::ArcCcw };
        let motion = Move {
            line: 0,
            kind,
            from,
            to,
            arc: Some(Arc { plane, center, sweep_rad }),
            feed_mm_per_min: 0.0,
            spindle: Spindle::Off,
            spindle_rpm: 0.0,
            tool: 0,
        };
        motion.chords(CHORD_MM)
    }
}

/// Chords of arcs stay this close to them, mm.
const CHORD_MM: f64 = 0.001;

/// A hole straight down, program coordinates, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hole {
    pub(crate) place: [f64; 2],
    /// Height at which the feed begins.
    pub(crate) top: f64,
    /// Height of the drill's point at the end.
    pub(crate) bottom: f64,
    /// Depth after which the drill comes out of the hole.
    pub(crate) peck: Option<f64>,
}

/// How far over the ground of a hole the plunge feed begins again after a peck, mm.
const BACK_OFF_MM: f64 = 0.5;

impl Hole {
    /// The hole in steps that every controller has.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let Self { place: [x, y], top, bottom, peck } = *self;
        let mut steps = vec![
            Step::Retract,
            Step::TraverseTo([x, y]),
            Step::FeedTo([x, y, top], FeedClass::Air),
        ];
        let peck = peck.unwrap_or(top - bottom).max(SHALLOWEST_PECK_MM);
        let mut depth = top - peck;
        while depth > bottom {
            steps.push(Step::FeedTo([x, y, depth], FeedClass::Plunge));
            steps.push(Step::FeedTo([x, y, top], FeedClass::Air));
            steps.push(Step::FeedTo([x, y, (depth + BACK_OFF_MM).min(top)], FeedClass::Air));
            depth -= peck;
        }
        steps.push(Step::FeedTo([x, y, bottom], FeedClass::Plunge));
        steps.push(Step::Retract);
        steps
    }
}

/// Pecks are never shallower, mm: they would never end.
const SHALLOWEST_PECK_MM: f64 = 0.1;

/// The steps of one operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolPath {
    pub(crate) steps: Vec<Step>,
}

impl ToolPath {
    pub(crate) fn feed(&mut self, to: Tip, class: FeedClass) {
        self.steps.push(Step::FeedTo(to, class));
    }

    pub(crate) fn feed_along(&mut self, tips: &[Tip], class: FeedClass) {
        self.steps.extend(tips.iter().map(|tip| Step::FeedTo(*tip, class)));
    }

    /// Where the tool is after the last step, if that is a feed.
    pub(crate) fn last_tip(&self) -> Option<Tip> {
        match self.steps.last()? {
            Step::FeedTo(tip, _) | Step::ArcTo(tip, ..) => Some(*tip),
            _ => None,
        }
    }

    /// At the safe height over a place, then down through cleared air to `height`.
    pub(crate) fn approach(&mut self, place: [f64; 2], height: f64) {
        self.steps.push(Step::Retract);
        self.steps.push(Step::TraverseTo(place));
        self.feed([place[0], place[1], height], FeedClass::Air);
    }

    /// The steps with every hole taken apart and every arc as its chords.
    pub(crate) fn plain_steps(&self) -> Vec<Step> {
        let mut plain = Vec::with_capacity(self.steps.len());
        let mut at: Option<Tip> = None;
        for step in &self.steps {
            match step {
                Step::Drill(hole) => plain.extend(hole.steps()),
                Step::ArcTo(to, round, class) => {
                    let chords = round.chords(at.unwrap_or(*to), *to);
                    plain.extend(chords.into_iter().map(|tip| Step::FeedTo(tip, *class)));
                }
                other => plain.push(*other),
            }
            at = match step {
                Step::FeedTo(tip, _) | Step::ArcTo(tip, ..) => Some(*tip),
                _ => None,
            };
        }
        plain
    }

    /// What a tool sweeps along the path at a feed, from the safe height on.
    pub(crate) fn chords(&self, safe_height: f64) -> Vec<Chord> {
        self.chords_from(None, safe_height)
    }

    /// The same for a path that goes on where the tool is.
    pub(crate) fn chords_from(&self, mut at: Option<Tip>, safe_height: f64) -> Vec<Chord> {
        let mut chords = Vec::new();
        for step in self.plain_steps() {
            at = match step {
                Step::Retract => at.map(|[x, y, _]| [x, y, safe_height]),
                Step::TraverseTo([x, y]) => Some([x, y, safe_height]),
                Step::FeedTo(to, _) => {
                    let from = at.unwrap_or([to[0], to[1], safe_height]);
                    chords.push(Chord { from, to, motion: chords.len() as u32, line: 0 });
                    Some(to)
                }
                Step::ArcTo(..) | Step::Drill(_) => at,
            };
        }
        chords
    }

    /// Number of moves: an arc is one.
    pub(crate) fn moves(&self) -> usize {
        let moves = |step: &Step| match step {
            Step::Drill(hole) => hole.steps().len(),
            _ => 1,
        };
        self.steps.iter().map(moves).sum()
    }

    /// The same path with x and y exchanged.
    pub(crate) fn turned(mut self) -> Self {
        for step in &mut self.steps {
            match step {
                Step::TraverseTo(place) => place.swap(0, 1),
                Step::FeedTo(tip, _) => tip.swap(0, 1),
                Step::ArcTo(..) => unreachable!("paths are turned before arcs are fitted"),
                Step::Drill(hole) => hole.place.swap(0, 1),
                Step::Retract => {}
            }
        }
        self
    }

    /// Makes plunges of cutting moves that go steeply down: the ground has steps beside hollow trims.
    pub(crate) fn slow_down_descents(&mut self) {
        let mut before: Option<Tip> = None;
        for step in &mut self.steps {
            let Step::FeedTo(tip, class) = step else { continue };
            if let Some(from) = before.filter(|_| *class == FeedClass::Cut) {
                let level = (tip[0] - from[0]).hypot(tip[1] - from[1]);
                if from[2] - tip[2] > STEEP_SLOPE * level {
                    *class = FeedClass::Plunge;
                }
            }
            before = Some(*tip);
        }
    }
}

/// Steeper than this (76°) is a plunge; passes roll down a rim at up to 72°.
pub(crate) const STEEP_SLOPE: f64 = 4.0;

/// Leaves out points of an open path that lie within `tolerance` mm of the chord that replaces them
/// (Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727).
pub(crate) fn simplified(tips: &[Tip], tolerance: f64) -> Vec<Tip> {
    let mut keep = vec![false; tips.len()];
    let mut open = vec![(0, tips.len().saturating_sub(1))];
    while let Some((first, last)) = open.pop() {
        if let Some(end) = keep.get_mut(last) {
            *end = true;
            keep[first] = true;
        }
        if last > first + 1
            && let Some(between) = farthest_off(tips, [first, last], tolerance)
        {
            open.push((first, between));
            open.push((between, last));
        }
    }
    tips.iter().zip(keep).filter_map(|(tip, kept)| kept.then_some(*tip)).collect()
}

/// The tip between two others that is farthest from the chord between them, if it is farther than `tolerance` mm.
fn farthest_off(tips: &[Tip], [first, last]: [usize; 2], tolerance: f64) -> Option<usize> {
    let (start, end) = (tips[first], tips[last]);
    let chord: Tip = std::array::from_fn(|axis| end[axis] - start[axis]);
    let length_squared: f64 = chord.iter().map(|part| part * part).sum();
    let per_length = if length_squared > 0.0 { length_squared.recip() } else { 0.0 };
    let (mut farthest, mut most) = (None, tolerance * tolerance);
    for (index, tip) in tips.iter().enumerate().take(last).skip(first + 1) {
        let from_start: Tip = std::array::from_fn(|axis| tip[axis] - start[axis]);
        let along: f64 = (0..3).map(|axis| from_start[axis] * chord[axis]).sum();
        let share = (along * per_length).clamp(0.0, 1.0);
        // Squares, and one division for all: this looks at every tip of a program several times.
        let squared: f64 =
            (0..3).map(|axis| (from_start[axis] - share * chord[axis]).powi(2)).sum();
        if squared > most {
            (farthest, most) = (Some(index), squared);
        }
    }
    farthest
}

/// Distance of a point from a piece of a line, mm.
pub(crate) fn distance_to_chord(start: Tip, end: Tip, point: Tip) -> f64 {
    let [start, end, point] = [start, end, point].map(geometry::Vector3::from);
    let chord = end - start;
    let length_squared = chord.norm_squared();
    let share = if length_squared > 0.0 {
        ((point - start).dot(&chord) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point - start - chord * share).norm()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplified_paths_stay_within_tolerance() {
        let tips: Vec<Tip> = (0..=1000)
            .map(|i| {
                let y = f64::from(i) * 0.05;
                [1.0, y, 3.0 * (0.2 * y).sin()]
            })
            .collect();
        let short = simplified(&tips, 0.005);
        assert!(short.len() < 250 && short.len() > 20, "{}", short.len());
        assert_eq!((short[0], short[short.len() - 1]), (tips[0], tips[1000]));
        for tip in &tips {
            let nearest = short
                .windows(2)
                .map(|chord| distance_to_chord(chord[0], chord[1], *tip))
                .fold(f64::INFINITY, f64::min);
            assert!(nearest <= 0.005 + 1e-12, "{nearest}");
        }
    }

    #[test]
    fn short_paths_survive() {
        assert_eq!(simplified(&[], 0.1), Vec::<Tip>::new());
        assert_eq!(simplified(&[[1.0; 3]], 0.1), vec![[1.0; 3]]);
        assert_eq!(simplified(&[[0.0; 3], [1.0; 3]], 0.1).len(), 2);
    }
}
