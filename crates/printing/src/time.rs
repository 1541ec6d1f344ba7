//! How long a program takes: every move with its acceleration, and corners passed at a safe speed.
//!
//! The model is that of Klipper's documentation ("Kinematics"): each move is a trapezoid of speed;
//! the speed at the corner between two moves follows from a junction deviation (Jeon 2011, GRBL's
//! planner), `corner_speed² (√2 - 1) / acceleration`, and from an arc that must touch both moves no
//! farther than their middles; short moves between a start and a stop may not reach the speed that a
//! lower "acceleration to deceleration" would not (`minimum_cruise_share`); the filament may change
//! its speed by a small jump only. All moves up to the next full stop are looked ahead. With a
//! `minimum_cruise_share` of 0 it is the model of Marlin 2 and `RepRapFirmware` with junction
//! deviation. Heating, homing and pauses are not counted.

use geometry::Vector3;

/// Moves looked ahead at most; a program without a single stop is cut here, which costs a stop.
const MOST_AHEAD: usize = 50_000;

/// Slower is no motion, mm/s; keeps times finite whatever a program asks for.
const SLOWEST_MM_S: f64 = 1e-3;

/// One move as the planner sees it; speeds are squared.
#[derive(Clone, Copy, Debug)]
struct Planned {
    length: f64,
    acceleration: f64,
    direction: Vector3,
    /// Filament per length; `None` for a move of the filament alone.
    filament_share: Option<f64>,
    deviation: f64,
    /// Highest speed along the move.
    cruise: f64,
    /// Highest speed at the corner where the move starts.
    entry: f64,
    /// What the speed can change over the move.
    change: f64,
    /// The same two with the gentler acceleration that limits short moves.
    smooth_entry: f64,
    smooth_change: f64,
}

/// What the machine can do.
#[derive(Clone, Copy, Debug)]
struct Limits {
    speed: f64,
    z_speed: f64,
    z_acceleration: f64,
    corner_speed: f64,
    cruise_share: f64,
    /// Speed and acceleration of the filament alone.
    filament_speed: f64,
    filament_acceleration: f64,
    filament_jump: f64,
}

/// Adds up the time of moves.
#[derive(Clone, Debug)]
pub(crate) struct Planner {
    limits: Limits,
    acceleration: f64,
    waiting: Vec<Planned>,
    done_s: f64,
}

impl Planner {
    pub(crate) fn new(printer: &crate::Printer) -> Self {
        // Klipper's default: what a line of four nozzle bores squared would ask for at full speed.
        let filament_area = std::f64::consts::FRAC_PI_4 * printer.filament_mm.powi(2);
        let share = 4.0 * printer.nozzle_mm.powi(2) / filament_area;
        Self {
            limits: Limits {
                speed: printer.max_speed_mm_s,
                z_speed: printer.max_z_speed_mm_s,
                z_acceleration: printer.max_z_acceleration_mm_s2,
                corner_speed: printer.corner_speed_mm_s,
                cruise_share: printer.minimum_cruise_share,
                filament_speed: printer.max_speed_mm_s * share,
                filament_acceleration: printer.acceleration_mm_s2 * share,
                filament_jump: printer.filament_jump_mm_s,
            },
            acceleration: printer.acceleration_mm_s2,
            waiting: Vec::new(),
            done_s: 0.0,
        }
    }

    /// From here on the program orders another acceleration.
    pub(crate) const fn set_acceleration(&mut self, acceleration: f64) {
        self.acceleration = acceleration;
    }

    /// A move of the head by `step` mm, or of the filament alone where `step` is zero.
    pub(crate) fn add(&mut self, step: Vector3, filament_mm: f64, speed: f64) {
        let length = step.norm();
        let speed = speed.max(SLOWEST_MM_S);
        if length < 1e-9 {
            let length = filament_mm.abs();
            if length > 0.0 {
                self.add_filament(length, speed);
            }
            return;
        }
        let direction = step / length;
        let limits = &self.limits;
        let mut cruise = speed.min(limits.speed);
        let mut acceleration = self.acceleration;
        let climb = direction.z.abs();
        if climb > 1e-9 {
            cruise = cruise.min(limits.z_speed / climb);
            acceleration = acceleration.min(limits.z_acceleration / climb);
        }
        let change = 2.0 * length * acceleration;
        let gentle = 2.0 * length * self.acceleration * (1.0 - limits.cruise_share);
        let mut planned = Planned {
            length,
            acceleration,
            direction,
            filament_share: Some(filament_mm / length),
            deviation: limits.corner_speed.powi(2) * (std::f64::consts::SQRT_2 - 1.0)
                / self.acceleration,
            cruise: cruise * cruise,
            entry: 0.0,
            change,
            smooth_entry: 0.0,
            smooth_change: gentle.min(change),
        };
        if let Some(last) = self.waiting.last() {
            planned.meet(last, limits.filament_jump);
        }
        if planned.entry <= 0.0 {
            self.settle();
        }
        self.push(planned);
    }

    /// The filament alone; the head stands still before and after.
    fn add_filament(&mut self, length: f64, speed: f64) {
        self.settle();
        let speed = speed.min(self.limits.filament_speed);
        let acceleration = self.limits.filament_acceleration;
        let change = 2.0 * length * acceleration;
        let gentle = 2.0 * length * self.acceleration * (1.0 - self.limits.cruise_share);
        self.push(Planned {
            length,
            acceleration,
            direction: Vector3::zeros(),
            filament_share: None,
            deviation: 0.0,
            cruise: speed * speed,
            entry: 0.0,
            change,
            smooth_entry: 0.0,
            smooth_change: gentle.min(change),
        });
    }

    fn push(&mut self, planned: Planned) {
        if self.waiting.len() >= MOST_AHEAD {
            self.settle();
        }
        self.waiting.push(planned);
    }

    /// Time of all moves from rest to rest, s.
    pub(crate) fn finish(mut self) -> f64 {
        self.settle();
        self.done_s
    }

    /// Comes to rest: plans the moves that wait, and adds their time.
    ///
    /// From the last move back to the first, the speed at every corner is what the moves behind it
    /// can still lose. The peak speed of a run of moves is where the gentle acceleration from its
    /// start meets the gentle deceleration to its end; moves that only gain speed wait for the peak
    /// after them to be known.
    fn settle(&mut self) {
        let (mut after, mut smooth_after, mut peak) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut rising: Vec<(usize, f64, f64)> = Vec::new();
        let mut time = 0.0;
        for index in (0..self.waiting.len()).rev() {
            let planned = &self.waiting[index];
            let reachable = after + planned.change;
            let start = planned.entry.min(reachable);
            let smooth_reachable = smooth_after + planned.smooth_change;
            let smooth_start = planned.smooth_entry.min(smooth_reachable);
            if smooth_start < smooth_reachable {
                if smooth_start + planned.smooth_change > smooth_after || !rising.is_empty() {
                    peak = planned.cruise.min((smooth_start + smooth_reachable) / 2.0);
                    let mut limit = peak;
                    for (later, start, end) in rising.drain(..).rev() {
                        limit = limit.min(start);
                        time += self.waiting[later].time(start.min(limit), limit, end.min(limit));
                    }
                }
                let cruise = f64::midpoint(start, reachable).min(planned.cruise).min(peak);
                time += planned.time(start.min(cruise), cruise, after.min(cruise));
            } else {
                rising.push((index, start, after));
            }
            after = start;
            smooth_after = smooth_start;
        }
        self.waiting.clear();
        self.done_s += time;
    }
}

impl Planned {
    /// Limits the speed at the corner from the move before.
    fn meet(&mut self, last: &Self, filament_jump: f64) {
        let (Some(share), Some(last_share)) = (self.filament_share, last.filament_share) else {
            return;
        };
        let mut entry = self.cruise.min(last.cruise).min(last.entry + last.change);
        let difference = (share - last_share).abs();
        if difference > 0.0 {
            entry = entry.min((filament_jump / difference).powi(2));
        }
        let cos_corner = -self.direction.dot(&last.direction);
        let sin_half = (0.5 * (1.0 - cos_corner)).max(0.0).sqrt();
        let cos_half = (0.5 * (1.0 + cos_corner)).max(0.0).sqrt();
        if sin_half < 1.0 && cos_half > 0.0 {
            let by_deviation = sin_half / (1.0 - sin_half);
            let by_middle = 0.25 * sin_half / cos_half;
            entry = entry
                .min(by_deviation * self.deviation * self.acceleration)
                .min(by_deviation * last.deviation * last.acceleration)
                .min(by_middle * self.change)
                .min(by_middle * last.change);
        }
        self.entry = entry;
        self.smooth_entry = entry.min(last.smooth_entry + last.smooth_change);
    }

    /// Time of a trapezoid between squared speeds, s.
    fn time(&self, start: f64, cruise: f64, end: f64) -> f64 {
        let (v0, v, v1) = (start.sqrt(), cruise.sqrt(), end.sqrt());
        if v <= 0.0 {
            return 0.0;
        }
        let ramps = (2.0 * cruise - start - end) / (2.0 * self.acceleration);
        (2.0 * v - v0 - v1) / self.acceleration + (self.length - ramps).max(0.0) / v
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Printer;

    fn time(steps: &[([f64; 3], f64)]) -> f64 {
        let printer = Printer { acceleration_mm_s2: 1000.0, ..Printer::marlin_generic() };
        time_on(&printer, steps)
    }

    fn time_on(printer: &Printer, steps: &[([f64; 3], f64)]) -> f64 {
        let mut planner = Planner::new(printer);
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
    fn a_share_of_every_short_move_is_cruised() {
        // Half the acceleration to deceleration: peak² = 1000 · 0.5 · 2.5, then 1.25 mm at 35.4 mm/s.
        let printer = Printer {
            acceleration_mm_s2: 1000.0,
            minimum_cruise_share: 0.5,
            ..Printer::marlin_generic()
        };
        let peak = 1250.0_f64.sqrt();
        let expected = 2.0 * peak / 1000.0 + 1.25 / peak;
        assert!((time_on(&printer, &[([2.5, 0.0, 0.0], 100.0)]) - expected).abs() < 1e-9);
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
        let printer = Printer { acceleration_mm_s2: 1000.0, ..Printer::marlin_generic() };
        let mut planner = Planner::new(&printer);
        planner.add(Vector3::new(50.0, 0.0, 0.0), 0.0, 100.0);
        planner.add(Vector3::new(0.0, 50.0, 0.0), 0.0, 100.0);
        let corner = planner.waiting[1].entry.sqrt();
        assert!((corner - 5.0).abs() < 1e-9, "{corner}");
    }

    #[test]
    fn the_z_axis_is_slow() {
        assert!(time(&[([0.0, 0.0, 12.0], 100.0)]) > 1.0);
    }

    #[test]
    fn a_sudden_change_of_flow_slows_the_corner() {
        let printer = Printer { acceleration_mm_s2: 1000.0, ..Printer::marlin_generic() };
        let with = |second: f64| {
            let mut planner = Planner::new(&printer);
            planner.add(Vector3::new(50.0, 0.0, 0.0), 1.0, 100.0);
            planner.add(Vector3::new(50.0, 0.0, 0.0), second, 100.0);
            planner.finish()
        };
        assert!((with(1.0) - time(&[([100.0, 0.0, 0.0], 100.0)])).abs() < 1e-9);
        assert!(with(3.0) > with(1.0) + 0.01);
    }
}
