//! What a tool leaves standing when it is swept along straight lines, exactly.
//!
//! Over a fixed place the lower side of a tool whose tip moves along a line is a convex function of the
//! position on the line. For a ball its minimum is in closed form; for the other tools it is found to
//! rounding ([`SweptTool::lower_surface`]). Heights over grid nodes and single points are therefore
//! exact; nothing is sampled along the path.

use crate::Cutter;
use crate::path::Tip;

/// A straight piece of the tool's way, as positions of the tip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chord {
    pub(crate) from: Tip,
    pub(crate) to: Tip,
    /// Index of the move it belongs to.
    pub(crate) motion: u32,
    /// Line of the program that says it.
    pub(crate) line: u32,
}

/// A tool that is swept along a chord, with what does not change over a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SweptTool<'a> {
    chord: &'a Chord,
    cutter: &'a Cutter,
    is_ball: bool,
    radius: f64,
    /// Direction seen from above; zero for an upright chord.
    direction: [f64; 2],
    /// Length seen from above, mm.
    length: f64,
    /// Rise of the chord over its length seen from above.
    slope: f64,
    /// Sine of the chord's angle of rise.
    rise: f64,
    /// How far the parabola of `bowl` comes below the tip of a chord that rises as this does, mm.
    sunk: f64,
    /// Half the least curvature of the lower side: 1 / 2r for a ball, which lies above that parabola.
    bowl: f64,
}

/// A place seen along and across a chord.
#[derive(Clone, Copy, Debug)]
struct Seen {
    along: f64,
    across: f64,
    /// Part of the chord from which the tool reaches the place.
    from: f64,
    to: f64,
}

impl<'a> SweptTool<'a> {
    pub(crate) fn new(chord: &'a Chord, cutter: &'a Cutter) -> Self {
        let [dx, dy, dz] = [0, 1, 2].map(|axis| chord.to[axis] - chord.from[axis]);
        // Far quicker than `hypot`, which guards against sizes that ways do not have.
        let length = (dx * dx + dy * dy).sqrt();
        let is_upright = length < 1e-9;
        let slope = if is_upright { 0.0 } else { dz / length };
        let bowl = if cutter.is_ball() { 0.5 / cutter.radius() } else { 0.0 };
        Self {
            chord,
            cutter,
            is_ball: cutter.is_ball(),
            radius: cutter.radius(),
            direction: if is_upright { [0.0; 2] } else { [dx / length, dy / length] },
            length: if is_upright { 0.0 } else { length },
            slope,
            rise: slope / (slope * slope + 1.0).sqrt(),
            sunk: if bowl > 0.0 { 0.25 * slope * slope / bowl } else { 0.0 },
            bowl,
        }
    }

    /// Line of the program.
    pub(crate) const fn line(&self) -> u32 {
        self.chord.line
    }

    /// The lowest tip of the chord, mm.
    fn lowest(&self) -> f64 {
        self.chord.from[2].min(self.chord.to[2])
    }

    /// Whether the lower side is known to stay above a height over every place within `radius` mm of (x, y), found without
    /// a root: most places under a tool have been cut lower before, and need no more than this.
    #[inline]
    pub(crate) fn stays_above(&self, height: f64, [x, y]: [f64; 2], radius: f64) -> bool {
        let (px, py) = (x - self.chord.from[0], y - self.chord.from[1]);
        if self.length <= 0.0 {
            let distance = ((px * px + py * py).sqrt() - radius).max(0.0);
            return height <= self.lowest() + self.rise_at(distance * distance);
        }
        let along = px * self.direction[0] + py * self.direction[1];
        let across = ((px * self.direction[1] - py * self.direction[0]).abs() - radius).max(0.0);
        let beyond = ((along - along.clamp(0.0, self.length)).abs() - radius).max(0.0);
        if height <= self.lowest() + self.rise_at(across * across + beyond * beyond) {
            return true;
        }
        if self.bowl <= 0.0 {
            return false;
        }
        // The lowest that the parabola comes on the endless line through the chord.
        let start = self.chord.from[2] + self.slope * along - self.slope.abs() * radius;
        height <= start - self.sunk + self.rise_at(across * across)
    }

    /// What the lower side rises at least in a distance, given squared: the first two terms of a ball's series.
    #[inline]
    fn rise_at(&self, squared: f64) -> f64 {
        let first = self.bowl * squared;
        first + self.bowl * first * first
    }

    /// `None` where the tool does not come.
    #[inline]
    fn seen(&self, x: f64, y: f64) -> Option<Seen> {
        let (px, py) = (x - self.chord.from[0], y - self.chord.from[1]);
        let along = px * self.direction[0] + py * self.direction[1];
        let across = px * self.direction[1] - py * self.direction[0];
        let half_squared = self.radius * self.radius - across * across;
        if half_squared < 0.0 {
            return None;
        }
        let half = half_squared.sqrt();
        let (from, to) = ((along - half).max(0.0), (along + half).min(self.length));
        (from <= to).then_some(Seen { along, across, from, to })
    }

    /// Height of the lower side of all tools along the chord, over (x, y); `None` where none comes.
    #[inline]
    pub(crate) fn lower_surface(&self, x: f64, y: f64) -> Option<f64> {
        if self.length <= 0.0 {
            let distance = (x - self.chord.from[0]).hypot(y - self.chord.from[1]);
            return self.cutter.height(distance).map(|height| self.lowest() + height);
        }
        let seen = self.seen(x, y)?;
        if self.is_ball {
            // The tip at distance t along the chord stands at z + slope t, its ball's lower side over
            // the place at r - √(circle² - (along - t)²) more; the derivative vanishes at one t.
            let circle_squared = self.radius * self.radius - seen.across * seen.across;
            let t = (seen.along - circle_squared.sqrt() * self.rise).clamp(seen.from, seen.to);
            let under = (circle_squared - (seen.along - t) * (seen.along - t)).max(0.0);
            return Some(self.chord.from[2] + self.slope * t + self.radius - under.sqrt());
        }
        let t = self.lowest_at(&seen);
        let distance = seen.across.hypot(t - seen.along).min(self.radius);
        Some(self.chord.from[2] + self.slope * t + self.cutter.height_within(distance))
    }

    /// Where on the chord the tool's lower side is lowest over a place: zero of a rising derivative.
    fn lowest_at(&self, seen: &Seen) -> f64 {
        if self.slope == 0.0 {
            return seen.along.clamp(seen.from, seen.to);
        }
        let rises = |t: f64| {
            let distance = seen.across.hypot(t - seen.along);
            let outward = if distance > 0.0 { (t - seen.along) / distance } else { 0.0 };
            let steep = if outward == 0.0 { 0.0 } else { self.cutter.slope_at(distance) * outward };
            self.slope + steep > 0.0
        };
        if rises(seen.from) {
            return seen.from;
        }
        let (mut falling, mut rising) = (seen.from, seen.to);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(falling, rising);
            if rises(middle) { rising = middle } else { falling = middle }
        }
        let value = |t: f64| {
            let distance = seen.across.hypot(t - seen.along).min(self.radius);
            self.slope * t + self.cutter.height_within(distance)
        };
        if value(rising) <= value(falling) { rising } else { falling }
    }

    /// How deep a point is inside of the tool in its worst position, mm; `None` if it never is.
    ///
    /// The depth in a convex body is concave along a line, so thirds close in on the largest.
    pub(crate) fn depth(&self, [x, y, z]: [f64; 3]) -> Option<f64> {
        let (mut low, mut high, along, across) = if self.length <= 0.0 {
            (0.0, 0.0, 0.0, (x - self.chord.from[0]).hypot(y - self.chord.from[1]))
        } else {
            let seen = self.seen(x, y)?;
            (seen.from, seen.to, seen.along, seen.across)
        };
        let start = if self.length <= 0.0 { self.lowest() } else { self.chord.from[2] };
        // Far quicker than `hypot`, which guards against sizes that tools do not have.
        let depth_at = |t: f64| {
            let distance = (across * across + (t - along) * (t - along)).sqrt();
            self.cutter.depth(distance, z - start - self.slope * t)
        };
        while high - low > DEPTH_STEP_MM {
            let third = (high - low) / 3.0;
            if depth_at(low + third) < depth_at(high - third) {
                low += third
            } else {
                high -= third
            }
        }
        let depth = depth_at(f64::midpoint(low, high));
        (depth > 0.0).then_some(depth)
    }
}

/// Halves a meter below 1e-9 mm.
const HALVINGS: u32 = 40;
/// The deepest position is known to this along the chord; the depth is flat there.
const DEPTH_STEP_MM: f64 = 1e-3;

impl Chord {
    /// Smallest and largest x of the tool's places on a line of constant y.
    pub(crate) fn x_range(&self, y: f64, radius: f64) -> Option<[f64; 2]> {
        let [from, to] =
            if self.from[1] <= self.to[1] { [self.from, self.to] } else { [self.to, self.from] };
        if y < from[1] - radius || y > to[1] + radius {
            return None;
        }
        let rise = to[1] - from[1];
        let x_at = |y: f64| {
            if rise < 1e-12 {
                return None;
            }
            Some(from[0] + ((y - from[1]) / rise).clamp(0.0, 1.0) * (to[0] - from[0]))
        };
        let low = x_at(y - radius).unwrap_or(from[0]);
        let high = x_at(y + radius).unwrap_or(to[0]);
        Some([low.min(high) - radius, low.max(high) + radius])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample_parts::cutters;

    /// Values at many positions along the chord.
    fn positions(chord: &Chord) -> impl Iterator<Item = Tip> + '_ {
        (0..=20_000).map(|step| {
            let t = f64::from(step) / 20_000.0;
            std::array::from_fn(|axis| chord.from[axis] + t * (chord.to[axis] - chord.from[axis]))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_lower_side_is_the_envelope_of_all_positions(
            which in 0..4_usize,
            from in prop::array::uniform3(-5.0..5.0_f64),
            to in prop::array::uniform3(-5.0..5.0_f64),
            x in -8.0..8.0_f64,
            y in -8.0..8.0_f64,
        ) {
            let (chord, cutter) = (Chord { from, to, motion: 0, line: 1 }, cutters()[which]);
            let sampled = positions(&chord)
                .filter_map(|tip| Some(tip[2] + cutter.height((x - tip[0]).hypot(y - tip[1]))?))
                .reduce(f64::min);
            match (SweptTool::new(&chord, &cutter).lower_surface(x, y), sampled) {
                (Some(exact), Some(sampled)) => {
                    prop_assert!(exact <= sampled + 1e-9 && exact > sampled - 0.06, "{exact} {sampled}");
                }
                // Only the very border of the swept region may be missed by sampling.
                (Some(_), None) => {}
                (exact, sampled) => prop_assert_eq!(exact, sampled),
            }
            let swept = SweptTool::new(&chord, &cutter);
            if let Some(exact) = swept.lower_surface(x, y) {
                prop_assert!(!swept.stays_above(exact + 1e-9, [x, y], 0.0), "{exact}");
                prop_assert!(!swept.stays_above(exact + 1e-9, [x + 0.3, y - 0.4], 0.5), "{exact}");
            }
        }

        #[test]
        fn the_depth_is_that_of_the_deepest_position(
            which in 0..4_usize,
            from in prop::array::uniform3(-5.0..5.0_f64),
            to in prop::array::uniform3(-5.0..5.0_f64),
            point in prop::array::uniform3(-6.0..6.0_f64),
        ) {
            let (chord, cutter) = (Chord { from, to, motion: 0, line: 1 }, cutters()[which]);
            let sampled = positions(&chord)
                .map(|tip| cutter.depth((point[0] - tip[0]).hypot(point[1] - tip[1]), point[2] - tip[2]))
                .fold(0.0, f64::max);
            let found = SweptTool::new(&chord, &cutter).depth(point).unwrap_or(0.0);
            prop_assert!((found - sampled).abs() < 2e-3, "{cutter:?} {found} {sampled}");
        }
    }
}
