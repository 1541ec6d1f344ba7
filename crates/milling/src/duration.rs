//! How long a machine takes, with its acceleration.
//!
//! The planner of GRBL 1.1 (`planner.c`): every piece runs at a trapezoid of speed; at a corner the speed
//! is limited so that a circle touching both pieces within the junction deviation could be run at the
//! allowed acceleration: v² = a δ sin(θ/2) / (1 − sin(θ/2)). Unlike GRBL we look ahead over the whole
//! program rather than 16 blocks and use one acceleration for all axes, so short times are a little low.

use std::collections::VecDeque;

use crate::path::Tip;

/// Pieces that are looked ahead at, at least: far more than any machine needs to stop.
const LOOK_AHEAD: usize = 4096;

/// A piece that moves, before its speeds are known.
#[derive(Clone, Copy, Debug)]
struct Piece {
    length: f64,
    direction: [f64; 3],
    /// Speed it is asked to run at, mm/s.
    speed: f64,
    /// Square of the speed that the corner at its start allows.
    corner: f64,
    /// Whose time it is.
    class: usize,
}

/// Adds up the time of a program piece by piece, in bounded memory.
#[derive(Clone, Debug)]
pub(crate) struct Planner {
    acceleration: f64,
    deviation: f64,
    waiting: VecDeque<Piece>,
    /// Square of the speed at the start of the first waiting piece.
    entry: f64,
    /// Time of each class of pieces so far, s.
    seconds: [f64; 2],
}

impl Planner {
    /// A machine at rest. Acceleration in mm/s², junction deviation in mm.
    pub(crate) fn new(acceleration: f64, deviation: f64) -> Self {
        Self { acceleration, deviation, waiting: VecDeque::new(), entry: 0.0, seconds: [0.0; 2] }
    }

    /// Goes on to `to` at a speed, in mm/s.
    pub(crate) fn go(&mut self, from: Tip, to: Tip, speed: f64, class: usize) {
        let step: [f64; 3] = std::array::from_fn(|axis| to[axis] - from[axis]);
        let length = step[0].hypot(step[1]).hypot(step[2]);
        if !(length > 1e-9 && speed > 0.0 && length.is_finite()) {
            return;
        }
        let direction = step.map(|part| part / length);
        let corner = self.waiting.back().map_or(0.0, |before| {
            let allowed = corner_speed_squared(
                before.direction,
                direction,
                self.acceleration,
                self.deviation,
            );
            allowed.min(before.speed.min(speed).powi(2))
        });
        self.waiting.push_back(Piece { length, direction, speed, corner, class });
        if self.waiting.len() > 2 * LOOK_AHEAD {
            self.settle(LOOK_AHEAD);
        }
    }

    /// Comes to rest, as for a dwell.
    pub(crate) fn stop(&mut self) {
        self.settle(self.waiting.len());
        self.entry = 0.0;
    }

    /// Time of each class so far, s, when the machine has come to rest.
    pub(crate) fn seconds(&mut self) -> [f64; 2] {
        self.stop();
        self.seconds
    }

    /// Adds the time of the first `count` waiting pieces; those after them are known as far as braking
    /// reaches, and the machine stands at the end of the last.
    fn settle(&mut self, count: usize) {
        let mut exits = vec![0.0; self.waiting.len()];
        let mut after = 0.0_f64;
        for (index, piece) in self.waiting.iter().enumerate().rev() {
            exits[index] = after;
            after = piece.corner.min(after + 2.0 * self.acceleration * piece.length);
        }
        for exit in exits.into_iter().take(count) {
            let Some(piece) = self.waiting.pop_front() else { break };
            let reachable = self.entry + 2.0 * self.acceleration * piece.length;
            let exit = exit.min(reachable);
            let speeds = [self.entry, exit];
            self.seconds[piece.class] +=
                trapezoid(speeds, piece.length, piece.speed, self.acceleration);
            self.entry = exit;
        }
    }
}

fn corner_speed_squared(
    before: [f64; 3],
    after: [f64; 3],
    acceleration: f64,
    deviation: f64,
) -> f64 {
    let cos_turn: f64 = before.iter().zip(after).map(|(a, b)| a * b).sum();
    // θ is the angle inside the corner: π for straight on, so sin(θ/2) = √((1 + cos turn) / 2).
    let half_sin = ((1.0 + cos_turn.clamp(-1.0, 1.0)) / 2.0).sqrt();
    acceleration * deviation * half_sin / (1.0 - half_sin).max(1e-12)
}

/// Time of one piece between two squared speeds.
fn trapezoid([start, end]: [f64; 2], length: f64, speed: f64, acceleration: f64) -> f64 {
    let peak = (f64::midpoint(start, end) + acceleration * length).min(speed * speed).max(end);
    let ramps = (2.0 * peak - start - end) / (2.0 * acceleration);
    let [start, end, peak] = [start, end, peak].map(f64::sqrt);
    (2.0 * peak - start - end) / acceleration + (length - ramps).max(0.0) / peak
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(corners: &[Tip], acceleration: f64) -> f64 {
        let mut planner = Planner::new(acceleration, 0.01);
        for pair in corners.windows(2) {
            planner.go(pair[0], pair[1], 50.0, 0);
        }
        planner.seconds()[0]
    }

    #[test]
    fn a_long_line_takes_its_ramps_and_its_cruise() {
        // 50 mm/s at 500 mm/s²: 0.1 s and 2.5 mm for each ramp.
        let time = seconds(&[[0.0; 3], [100.0, 0.0, 0.0]], 500.0);
        assert!((time - (0.2 + 95.0 / 50.0)).abs() < 1e-9, "{time}");
    }

    #[test]
    fn splitting_a_straight_line_costs_nothing_and_a_corner_costs_time() {
        let whole = seconds(&[[0.0; 3], [100.0, 0.0, 0.0]], 500.0);
        let halves = [[0.0; 3], [50.0, 0.0, 0.0], [100.0, 0.0, 0.0]];
        assert!((seconds(&halves, 500.0) - whole).abs() < 1e-9);
        let corner = [[0.0; 3], [50.0, 0.0, 0.0], [50.0, 50.0, 0.0]];
        assert!(seconds(&corner, 500.0) > whole + 0.08);
    }

    #[test]
    fn a_short_line_never_reaches_its_speed() {
        // 1 mm at 500 mm/s²: up and down in 2 √(1/500) s.
        let time = seconds(&[[0.0; 3], [1.0, 0.0, 0.0]], 500.0);
        assert!((time - 2.0 * (1.0_f64 / 500.0).sqrt()).abs() < 1e-9, "{time}");
        assert!(seconds(&[], 500.0).abs() < 1e-12);
    }

    #[test]
    fn settling_on_the_way_costs_nothing() {
        // A long wavy line, many times longer than what is looked ahead at.
        let corners: Vec<Tip> = (0..30_000)
            .map(|index| {
                let x = 0.2 * f64::from(index);
                [x, (0.05 * x).sin() * 10.0, if index % 997 == 0 { 1.0 } else { 0.0 }]
            })
            .collect();
        let streamed = seconds(&corners, 400.0);
        // The same program cut in two at a standstill takes at most the stop longer.
        let middle = 15_000;
        let halves = seconds(&corners[..=middle], 400.0) + seconds(&corners[middle..], 400.0);
        assert!(halves > streamed && halves - streamed < 0.3, "{halves} {streamed}");
    }
}
