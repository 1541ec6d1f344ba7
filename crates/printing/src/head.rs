//! Whether the head strikes a part that was finished before: parts that are printed one by one.
//!
//! A finished part is known by its box. The head is a cylinder around the nozzle that reaches up to the gantry, and the
//! gantry sweeps over the whole bed.

use crate::settings::Printer;

/// A new part begins where the nozzle comes down by more than this, to less than this over the bed, mm.
const NEW_PART_MM: f64 = 1.0;
/// Rounding of written coordinates, mm.
const ROUNDING_MM: f64 = 0.05;

/// What has been laid between two beginnings at the bed.
#[derive(Clone, Copy, Debug)]
struct Body {
    low: [f64; 2],
    high: [f64; 2],
    top: f64,
}

impl Body {
    const NOTHING: Self = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2], top: 0.0 };

    fn add(&mut self, place: [f64; 3]) {
        for (axis, value) in place[..2].iter().enumerate() {
            self.low[axis] = self.low[axis].min(*value);
            self.high[axis] = self.high[axis].max(*value);
        }
        self.top = self.top.max(place[2]);
    }

    /// The least distance of a straight way from the box, seen from above, mm; for ways that are long against the head
    /// sampled, so at most a tenth of the head's reach too large.
    fn distance(&self, from: [f64; 3], to: [f64; 3], reach: f64) -> f64 {
        let way = [to[0] - from[0], to[1] - from[1]];
        let steps = (way[0].hypot(way[1]) / (reach / 10.0)).ceil().clamp(1.0, 10_000.0);
        (0..=steps as usize)
            .map(|step| {
                let share = step as f64 / steps;
                let beside = [0, 1].map(|axis| {
                    let at = from[axis] + share * way[axis];
                    (self.low[axis] - at).max(at - self.high[axis]).max(0.0)
                });
                beside[0].hypot(beside[1])
            })
            .fold(f64::INFINITY, f64::min)
    }
}

/// Follows a program's moves and notices strikes.
#[derive(Clone, Debug)]
pub(crate) struct HeadWatch {
    clearance_mm: f64,
    gantry_mm: f64,
    finished: Vec<Body>,
    current: Body,
    at: f64,
}

impl HeadWatch {
    pub(crate) const fn new(printer: &Printer) -> Self {
        Self {
            clearance_mm: printer.head_clearance_mm,
            gantry_mm: printer.gantry_height_mm,
            finished: Vec::new(),
            current: Body::NOTHING,
            at: 0.0,
        }
    }

    /// Takes the next move; how deep the head or the gantry strikes into the room of a finished part, mm.
    ///
    /// `is_laid`: whether it lays something that stands in the head's way, not only flat lines on the bed.
    pub(crate) fn see(&mut self, from: [f64; 3], to: [f64; 3], is_laid: bool) -> Option<f64> {
        if is_laid {
            if to[2] < NEW_PART_MM && self.at > to[2] + NEW_PART_MM {
                self.finished.push(std::mem::replace(&mut self.current, Body::NOTHING));
            }
            self.at = to[2];
            self.current.add(from);
            self.current.add(to);
        }
        let low = from[2].min(to[2]);
        let moves = from[..2] != to[..2];
        let struck = self.finished.iter().filter(|body| moves && low < body.top - ROUNDING_MM);
        struck
            .map(|body| {
                let gantry = body.top - low - self.gantry_mm;
                gantry.max(self.clearance_mm - body.distance(from, to, self.clearance_mm))
            })
            .filter(|depth| *depth > ROUNDING_MM)
            .reduce(f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cube of 20 mm at the origin, then a line beside it at a distance and a height.
    fn strike(distance: f64, height: f64, cube: f64) -> Option<f64> {
        let mut watch = HeadWatch::new(&Printer {
            head_clearance_mm: 50.0,
            gantry_height_mm: 25.0,
            ..Printer::marlin_generic()
        });
        for layer in 1..=(cube / 0.2) as u32 {
            let z = 0.2 * f64::from(layer);
            assert_eq!(watch.see([0.0, 0.0, z], [20.0, 20.0, z], true), None);
        }
        let x = 20.0 + distance;
        assert!(watch.see([x, 0.0, 30.0], [x, 9.0, 30.0], false).is_none(), "over everything");
        watch.see([x, 0.0, 0.2], [x, 9.0, 0.2], true);
        watch.see([x, 0.0, height], [x, 9.0, height], true)
    }

    #[test]
    fn the_head_needs_room_beside_a_finished_part() {
        // Distance, height, height of the cube; how deep it strikes.
        for (distance, height, cube, depth) in [
            (60.0, 0.2, 20.0, None),
            (50.0, 0.2, 20.0, None),
            (40.0, 0.2, 20.0, Some(10.0)),
            (40.0, 19.0, 20.0, Some(10.0)),
            (40.0, 20.0, 20.0, None),
            (60.0, 0.4, 28.0, Some(2.6)),
            (60.0, 4.0, 28.0, None),
        ] {
            let found = strike(distance, height, cube);
            match depth {
                None => assert_eq!(found, None, "{distance} {height} {cube}"),
                Some(depth) => {
                    let found = found.unwrap_or_default();
                    assert!((found - depth).abs() < 0.21, "{distance} {height}: {found}");
                }
            }
        }
    }
}
