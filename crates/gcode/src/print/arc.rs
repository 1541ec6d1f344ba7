//! An arc of `G2` and `G3` in the plane, as chords.

use std::f64::consts::TAU;

/// Chords keep this distance from the arc, mm.
const CHORD_ERROR_MM: f64 = 0.01;

/// The radii at both ends of an arc may differ this much, mm; slicers round to a micrometer.
const RADIUS_TOLERANCE_MM: f64 = 0.05;

/// No arc is split into more chords than this.
const MOST_CHORDS: f64 = 4096.0;

/// From one place around a center to another; z rises evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    from: [f64; 3],
    to: [f64; 3],
    center: [f64; 2],
    radius: f64,
    /// Angle turned, counter-clockwise positive, rad.
    turn: f64,
}

impl Arc {
    /// `None` where the words give no center that fits both ends.
    pub(super) fn new(
        [from, to]: [[f64; 3]; 2],
        [i, j, r]: [Option<f64>; 3],
        clockwise: bool,
    ) -> Option<Self> {
        let center = match (i, j, r) {
            (None, None, Some(radius)) => center_by_radius(from, to, radius, clockwise)?,
            (None, None, None) => return None,
            (i, j, _) => [from[0] + i.unwrap_or(0.0), from[1] + j.unwrap_or(0.0)],
        };
        let radius = (from[0] - center[0]).hypot(from[1] - center[1]);
        let other = (to[0] - center[0]).hypot(to[1] - center[1]);
        if radius < 1e-6 || (radius - other).abs() > RADIUS_TOLERANCE_MM {
            return None;
        }
        let angle = |point: [f64; 3]| (point[1] - center[1]).atan2(point[0] - center[0]);
        let mut turn = (angle(to) - angle(from)).rem_euclid(TAU);
        if clockwise {
            turn -= TAU;
        }
        // A whole turn where both ends are the same place.
        if turn.abs() < 1e-9 || (clockwise && turn <= -TAU + 1e-9) {
            turn = if clockwise { -TAU } else { TAU };
        }
        Some(Self { from, to, center, radius, turn })
    }

    /// Ends of the chords; the last is exactly where the arc ends.
    pub(super) fn chords(&self) -> Vec<[f64; 3]> {
        let step = 2.0 * (1.0 - CHORD_ERROR_MM / self.radius).clamp(-1.0, 1.0).acos();
        let count = (self.turn.abs() / step.max(1e-3)).ceil().clamp(1.0, MOST_CHORDS) as usize;
        let start = (self.from[1] - self.center[1]).atan2(self.from[0] - self.center[0]);
        let mut points: Vec<[f64; 3]> = (1..count)
            .map(|index| {
                let share = index as f64 / count as f64;
                let (sin, cos) = (start + self.turn * share).sin_cos();
                [
                    self.center[0] + self.radius * cos,
                    self.center[1] + self.radius * sin,
                    self.from[2] + (self.to[2] - self.from[2]) * share,
                ]
            })
            .collect();
        points.push(self.to);
        points
    }
}

/// The center of an arc given by its radius: the shorter way round for a positive one.
fn center_by_radius(
    from: [f64; 3],
    to: [f64; 3],
    radius: f64,
    clockwise: bool,
) -> Option<[f64; 2]> {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let chord = dx.hypot(dy);
    let beyond = radius * radius - chord * chord / 4.0;
    if chord < 1e-6 || beyond < -RADIUS_TOLERANCE_MM {
        return None;
    }
    let height = beyond.max(0.0).sqrt() / chord;
    let side = if clockwise == (radius > 0.0) { 1.0 } else { -1.0 };
    Some([
        f64::midpoint(from[0], to[0]) + side * height * dy,
        f64::midpoint(from[1], to[1]) - side * height * dx,
    ])
}
