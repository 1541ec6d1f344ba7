//! Clamps and stops on the table, and whether a tool runs into them.
//!
//! A fixture is an upright box, taken as solid down to the table. Of a tool its cutting part (as a cylinder), its shank and its holder
//! are looked at along every move, rapid or not; a tool that is lower than the box's top while it is nearer than its
//! radius has hit it.

use gcode::mill::Move;
use serde::Serialize;

use crate::inspection::Faults;
use crate::stock::Block;
use crate::sweep::Chord;
use crate::{Cutter, Tool};

/// A coordinate of a fixture: a share of the blank's size along the axis, and a length, mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Anchored {
    /// 0 at the left, front or top of the blank; 1 at its right, back or underside.
    pub share: f64,
    /// Added to it, mm; positive to the right, back or up.
    pub offset_mm: f64,
}

/// Something that stands on the table, placed by the blank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fixture {
    /// Name shown on sheets.
    pub name: String,
    /// Smallest x, y, z.
    pub low: [Anchored; 3],
    /// Largest x, y, z.
    pub high: [Anchored; 3],
}

impl Fixture {
    /// Its box beside a blank with its zero at the front left corner of the top, program coordinates, mm.
    #[must_use]
    pub fn beside(&self, blank_mm: [f64; 3]) -> Block {
        let at = |anchors: &[Anchored; 3]| {
            std::array::from_fn(|axis| {
                let way = if axis == 2 { -1.0 } else { 1.0 };
                way * anchors[axis].share * blank_mm[axis] + anchors[axis].offset_mm
            })
        };
        Block { low: at(&self.low), high: at(&self.high) }
    }
}

/// A tool that comes this much nearer than it may has not done so, mm: written positions are rounded.
const ROUNDING_MM: f64 = 0.002;
/// Halvings with which the stretch of a move beside a box is found.
const HALVINGS: u32 = 40;

/// Reports moves that run into a fixture, each box and part of the tool once per move.
pub(crate) fn collide(
    fixtures: &[(String, Block)],
    chords: &[Chord],
    moves: &[Move],
    tool: &Tool,
    faults: &mut Faults,
) {
    let parts = [
        ("tool", Cutter::of(tool).radius(), 0.0),
        ("shank", tool.shank_diameter_mm / 2.0, tool.flute_length_mm),
        ("holder", tool.holder_diameter_mm / 2.0, tool.stickout_mm),
    ];
    for (name, block) in fixtures {
        for chord in chords {
            for (part, radius, height) in parts {
                let Some(lowest) = lowest_beside(chord, block, radius - ROUNDING_MM) else {
                    continue;
                };
                let deep = block.high[2] - (lowest + height);
                if deep > ROUNDING_MM {
                    let line = moves[chord.motion as usize].line;
                    let message = format!(
                        "the {part} runs into {name}, {deep:.1} mm below its top; move it, or the part"
                    );
                    faults.error(line, "fixture-collision", message);
                    break;
                }
            }
        }
    }
}

/// Lowest height of the tip while it is nearer than `radius` mm to a box seen from above; `None` if it never is.
fn lowest_beside(chord: &Chord, block: &Block, radius: f64) -> Option<f64> {
    let at =
        |share: f64, axis: usize| chord.from[axis] + share * (chord.to[axis] - chord.from[axis]);
    // The distance from a box is a convex function of the share of a straight way.
    let distance = |share: f64| {
        let away = |axis: usize| {
            let here = at(share, axis);
            (block.low[axis] - here).max(here - block.high[axis]).max(0.0)
        };
        away(0).hypot(away(1))
    };
    // Far away, which nearly all are: no search.
    let is_far = (0..2).any(|axis| {
        let (low, high) =
            (chord.from[axis].min(chord.to[axis]), chord.from[axis].max(chord.to[axis]));
        high < block.low[axis] - radius || low > block.high[axis] + radius
    });
    if is_far {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if distance(a) < distance(b) {
            high = b;
        } else {
            low = a;
        }
    }
    let nearest = [0.0, f64::midpoint(low, high), 1.0]
        .into_iter()
        .min_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
    if distance(nearest) >= radius {
        return None;
    }
    // From the nearest place towards both ends, as long as it is near.
    let last_near = |end: f64| {
        if distance(end) < radius {
            return end;
        }
        let (mut near, mut far) = (nearest, end);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(near, far);
            if distance(middle) < radius { near = middle } else { far = middle }
        }
        near
    };
    Some(at(last_near(0.0), 2).min(at(last_near(1.0), 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(from: [f64; 3], to: [f64; 3]) -> Chord {
        Chord { from, to, motion: 0, line: 1 }
    }

    #[test]
    fn the_lowest_place_beside_a_box() {
        let block = Block { low: [10.0, -5.0, -20.0], high: [30.0, 5.0, 12.0] };
        // Down a slope along x past the box: lowest where it leaves the radius at the far end.
        let down = chord([0.0, 8.0, 10.0], [100.0, 8.0, -90.0]);
        let lowest = lowest_beside(&down, &block, 5.0).unwrap();
        assert!(
            (lowest - (10.0 - 34.0)).abs() < 1e-6,
            "3 mm beside it, 4 mm past its end: {lowest}"
        );
        assert_eq!(lowest_beside(&down, &block, 2.9), None);
        // Past a corner, 5 mm away along the diagonal.
        let past = chord([34.0, 8.0, 1.0], [34.0, 8.0, -1.0]);
        assert_eq!(lowest_beside(&past, &block, 4.99), None);
        assert_eq!(lowest_beside(&past, &block, 5.01), Some(-1.0));
    }

    #[test]
    fn fixtures_follow_the_blank() {
        let at = |share, offset_mm| Anchored { share, offset_mm };
        let fixture = Fixture {
            name: "clamp".to_owned(),
            low: [at(1.0, -8.0), at(0.5, -15.0), at(1.0, 0.0)],
            high: [at(1.0, 30.0), at(0.5, 15.0), at(0.0, 12.0)],
        };
        let block = fixture.beside([100.0, 200.0, 40.0]);
        assert_eq!((block.low, block.high), ([92.0, 85.0, -40.0], [130.0, 115.0, 12.0]));
    }
}
