//! How long a machine takes, with its acceleration.
//!
//! The planner of GRBL 1.1 (`planner.c`): every piece runs at a trapezoid of speed; at a corner the speed
//! is limited so that a circle touching both pieces within the junction deviation could be run at the
//! allowed acceleration: v² = a δ sin(θ/2) / (1 − sin(θ/2)). Unlike GRBL we look ahead over the whole
//! program rather than 16 blocks and use one acceleration for all axes, so short times are a little low.

use crate::path::Tip;

/// GRBL's default `$11`, mm.
const JUNCTION_DEVIATION_MM: f64 = 0.01;

/// One straight piece with the speed it is asked to run at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) from: Tip,
    pub(crate) to: Tip,
    pub(crate) mm_per_s: f64,
}

/// Time to run all pieces one after another from rest to rest, s.
pub(crate) fn seconds(pieces: &[Piece], acceleration: f64) -> f64 {
    let moving: Vec<(f64, [f64; 3], f64)> = pieces.iter().filter_map(measured).collect();
    // Speed at the start of each piece, squared: limited by the corner, then by braking, then by
    // speeding up.
    let mut entry: Vec<f64> = vec![0.0; moving.len() + 1];
    for index in 1..moving.len() {
        let [before, after] = [&moving[index - 1], &moving[index]];
        let corner = corner_speed_squared(before.1, after.1, acceleration);
        entry[index] = corner.min(before.2.min(after.2).powi(2));
    }
    for index in (0..moving.len()).rev() {
        entry[index] = entry[index].min(entry[index + 1] + 2.0 * acceleration * moving[index].0);
    }
    let mut total = 0.0;
    for (index, (length, _, speed)) in moving.iter().enumerate() {
        let reachable = entry[index] + 2.0 * acceleration * length;
        entry[index + 1] = entry[index + 1].min(reachable);
        total += trapezoid([entry[index], entry[index + 1]], *length, *speed, acceleration);
    }
    total
}

/// Length, direction and speed of a piece that moves.
fn measured(piece: &Piece) -> Option<(f64, [f64; 3], f64)> {
    let step: [f64; 3] = std::array::from_fn(|axis| piece.to[axis] - piece.from[axis]);
    let length = step[0].hypot(step[1]).hypot(step[2]);
    let runs = length > 1e-9 && piece.mm_per_s > 0.0;
    runs.then(|| (length, step.map(|part| part / length), piece.mm_per_s))
}

fn corner_speed_squared(before: [f64; 3], after: [f64; 3], acceleration: f64) -> f64 {
    let cos_turn: f64 = before.iter().zip(after).map(|(a, b)| a * b).sum();
    // θ is the angle inside the corner: π for straight on, so sin(θ/2) = √((1 + cos turn) / 2).
    let half_sin = ((1.0 + cos_turn.clamp(-1.0, 1.0)) / 2.0).sqrt();
    acceleration * JUNCTION_DEVIATION_MM * half_sin / (1.0 - half_sin).max(1e-12)
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

    fn piece(from: Tip, to: Tip) -> Piece {
        Piece { from, to, mm_per_s: 50.0 }
    }

    #[test]
    fn a_long_line_takes_its_ramps_and_its_cruise() {
        // 50 mm/s at 500 mm/s²: 0.1 s and 2.5 mm for each ramp.
        let time = seconds(&[piece([0.0; 3], [100.0, 0.0, 0.0])], 500.0);
        assert!((time - (0.2 + 95.0 / 50.0)).abs() < 1e-9, "{time}");
    }

    #[test]
    fn splitting_a_straight_line_costs_nothing_and_a_corner_costs_time() {
        let whole = seconds(&[piece([0.0; 3], [100.0, 0.0, 0.0])], 500.0);
        let halves =
            [piece([0.0; 3], [50.0, 0.0, 0.0]), piece([50.0, 0.0, 0.0], [100.0, 0.0, 0.0])];
        assert!((seconds(&halves, 500.0) - whole).abs() < 1e-9);
        let corner =
            [piece([0.0; 3], [50.0, 0.0, 0.0]), piece([50.0, 0.0, 0.0], [50.0, 50.0, 0.0])];
        assert!(seconds(&corner, 500.0) > whole + 0.08);
    }

    #[test]
    fn a_short_line_never_reaches_its_speed() {
        // 1 mm at 500 mm/s²: up and down in 2 √(1/500) s.
        let time = seconds(&[piece([0.0; 3], [1.0, 0.0, 0.0])], 500.0);
        assert!((time - 2.0 * (1.0_f64 / 500.0).sqrt()).abs() < 1e-9, "{time}");
        assert!(seconds(&[], 500.0).abs() < 1e-12);
    }
}
