//! How long a program takes: every move with its acceleration, and corners passed at a safe speed.
//!
//! Each move is a trapezoid of speed. The speed at the corner between two moves follows from a
//! junction deviation (Jeon 2011, GRBL's planner; used by Klipper and Marlin 2): the corner is
//! rounded by an arc that the acceleration can hold. The deviation is derived from the speed at a
//! right angle as Klipper's `toolhead.py` does: `corner_speed² (√2 - 1) / acceleration`. All moves
//! are looked ahead. Heating, homing and the lag of the extruder are not counted.

use geometry::Vector3;

/// One move as the planner sees it.
#[derive(Clone, Copy, Debug)]
struct Planned {
    length: f64,
    speed: f64,
    /// Highest speed at the corner where the move starts.
    entry: f64,
}

/// Adds up the time of moves.
#[derive(Clone, Debug)]
pub(crate) struct Planner {
    acceleration: f64,
    junction_deviation: f64,
    max_speed: f64,
    max_z_speed: f64,
    moves: Vec<Planned>,
    /// Direction of the last move; `None` after a move of the filament alone.
    heading: Option<Vector3>,
}

impl Planner {
    pub(crate) fn new(printer: &crate::Printer) -> Self {
        let corner = printer.corner_speed_mm_s;
        Self {
            acceleration: printer.acceleration_mm_s2,
            junction_deviation: corner * corner * (std::f64::consts::SQRT_2 - 1.0)
                / printer.acceleration_mm_s2,
            max_speed: printer.max_speed_mm_s,
            max_z_speed: printer.max_z_speed_mm_s,
            moves: Vec::new(),
            heading: None,
        }
    }

    /// A move of the head by `step` mm, or of the filament alone where `step` is zero.
    pub(crate) fn add(&mut self, step: Vector3, filament_mm: f64, speed: f64) {
        let length = step.norm();
        if length < 1e-9 {
            let length = filament_mm.abs();
            if length > 0.0 && speed > 0.0 {
                self.moves.push(Planned { length, speed, entry: 0.0 });
                self.heading = None;
            }
            return;
        }
        let direction = step / length;
        let mut speed = speed.min(self.max_speed);
        if direction.z.abs() > 0.0 {
            speed = speed.min(self.max_z_speed / direction.z.abs());
        }
        if speed <= 0.0 {
            return;
        }
        let entry = self.heading.map_or(0.0, |last| self.corner_speed(last, direction));
        let entry = self.moves.last().map_or(0.0, |last| entry.min(last.speed).min(speed));
        self.moves.push(Planned { length, speed, entry });
        self.heading = Some(direction);
    }

    fn corner_speed(&self, last: Vector3, next: Vector3) -> f64 {
        let cos_angle = -last.dot(&next);
        if cos_angle < -0.999_999 {
            return f64::INFINITY;
        }
        let sin_half = ((1.0 - cos_angle.min(1.0)) / 2.0).sqrt();
        (self.acceleration * self.junction_deviation * sin_half / (1.0 - sin_half)).sqrt()
    }

    /// Time of all moves from rest to rest, s.
    pub(crate) fn finish(mut self) -> f64 {
        let twice = 2.0 * self.acceleration;
        let reachable = |from: f64, length: f64| (from * from + twice * length).sqrt();
        let mut after = 0.0;
        for planned in self.moves.iter_mut().rev() {
            planned.entry = planned.entry.min(reachable(after, planned.length));
            after = planned.entry;
        }
        let mut time = 0.0;
        let mut entry = 0.0;
        for (index, planned) in self.moves.iter().enumerate() {
            let next = self.moves.get(index + 1).map_or(0.0, |next| next.entry);
            let exit = next.min(reachable(entry, planned.length));
            time += trapezoid_time(planned, entry, exit, self.acceleration);
            entry = exit;
        }
        time
    }
}

fn trapezoid_time(planned: &Planned, entry: f64, exit: f64, acceleration: f64) -> f64 {
    let (length, cruise) = (planned.length, planned.speed);
    let ramps =
        (2.0 * cruise * cruise - entry * entry - exit * exit).max(0.0) / (2.0 * acceleration);
    if ramps <= length {
        return (2.0 * cruise - entry - exit) / acceleration + (length - ramps) / cruise;
    }
    let peak = (acceleration * length + (entry * entry + exit * exit) / 2.0).sqrt();
    (2.0 * peak - entry - exit).max(0.0) / acceleration
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Printer;

    fn time(steps: &[([f64; 3], f64)]) -> f64 {
        let printer = Printer { acceleration_mm_s2: 1000.0, ..Printer::marlin_generic() };
        let mut planner = Planner::new(&printer);
        for &([x, y, z], speed) in steps {
            planner.add(Vector3::new(x, y, z), 0.0, speed);
        }
        planner.finish()
    }

    #[test]
    fn one_move_is_a_trapezoid() {
        // 100 mm/s at 1000 mm/s²: two ramps of 0.1 s and 5 mm, the rest at full speed.
        assert!((time(&[([110.0, 0.0, 0.0], 100.0)]) - 1.2).abs() < 1e-9);
        // 2.5 mm do not reach it: peak 50 mm/s.
        assert!((time(&[([2.5, 0.0, 0.0], 100.0)]) - 0.1).abs() < 1e-9);
    }

    #[test]
    fn straight_on_costs_nothing_and_turning_back_stops() {
        let whole = time(&[([100.0, 0.0, 0.0], 80.0)]);
        let halves = time(&[([50.0, 0.0, 0.0], 80.0), ([50.0, 0.0, 0.0], 80.0)]);
        assert!((whole - halves).abs() < 1e-9);
        let back = time(&[([50.0, 0.0, 0.0], 80.0), ([-50.0, 0.0, 0.0], 80.0)]);
        assert!((back - 2.0 * time(&[([50.0, 0.0, 0.0], 80.0)])).abs() < 1e-9);
    }

    #[test]
    fn a_right_angle_is_passed_at_the_corner_speed() {
        let corner =
            Planner::new(&Printer::marlin_generic()).corner_speed(Vector3::x(), Vector3::y());
        assert!((corner - 5.0).abs() < 1e-9, "{corner}");
    }

    #[test]
    fn the_z_axis_is_slow() {
        assert!(time(&[([0.0, 0.0, 12.0], 100.0)]) > 1.0);
    }
}
