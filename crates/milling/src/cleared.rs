//! What a tool has cleared of one level, seen from above, and how much of its rim is in material.
//!
//! A tool that has moved along a path has cleared every place that is no farther from the path than its radius r. So the
//! distance from the path over a grid says everything: material stands where it is more than r, and between nodes the
//! border is known to a hundredth of their distance, since distance is smooth there. The engagement of a tool is the angle
//! of the leading half of its rim that is in material. Along a straight edge of which it takes a width w, that is
//!
//! ```text
//!   cos α = 1 − w / r
//! ```
//!
//! and more in a hollow of the material, less around a bulge: what a step-over alone does not tell.

use geometry::{Rect, Vector2};

/// Nodes lie this share of the tool's radius apart.
const NODE_SHARE: f64 = 1.0 / 12.0;
/// Most nodes of one level: 64 MB.
const MOST_NODES: f64 = 1.6e7;
/// Places on the leading half of the rim that are looked at, besides the first.
const LOOKS: usize = 32;
/// Material is met this share of the radius inside of the rim: less is the grid's own error.
const SKIN_SHARE: f64 = 0.008;

/// The distance of places from the way of a tool, mm.
#[derive(Clone, Debug)]
pub(crate) struct Cleared {
    low: [f64; 2],
    spacing: f64,
    columns: usize,
    rows: usize,
    /// Row by row; no more than `cap`.
    away: Vec<f32>,
    cap: f64,
    radius: f64,
    /// What nodes were before the moves that may be taken back.
    before: Option<Vec<(u32, f32)>>,
}

impl Cleared {
    /// Untouched material inside of `block` and none outside of it, known as far as a tool of `radius` mm reaches from
    /// `area`, which holds every place of its axis.
    pub(crate) fn untouched(area: Rect, block: Rect, radius: f64) -> Self {
        let around = radius * (1.0 + 4.0 * NODE_SHARE);
        let (width, length) = (area.width() + 2.0 * around, area.height() + 2.0 * around);
        let spacing = (NODE_SHARE * radius).max((width * length / MOST_NODES).sqrt());
        let count = |length: f64| (length / spacing).ceil() as usize + 1;
        let (columns, rows) = (count(width), count(length));
        let low = [area.low.x - around, area.low.y - around];
        let cap = radius + 3.0 * spacing;
        let inside = |value: f64, low: f64, high: f64| (value - low).min(high - value);
        let mut away = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let along = inside(low[1] + spacing * row as f64, block.low.y, block.high.y);
            for column in 0..columns {
                let across = inside(low[0] + spacing * column as f64, block.low.x, block.high.x);
                away.push((radius + across.min(along)).clamp(0.0, cap) as f32);
            }
        }
        Self { low, spacing, columns, rows, away, cap, radius, before: None }
    }

    /// Distance of a place from the way so far, mm; no more than a little beyond the radius.
    pub(crate) fn away(&self, [x, y]: [f64; 2]) -> f64 {
        let along = |value: f64, low: f64, count: usize| {
            let at = ((value - low) / self.spacing).clamp(0.0, (count - 1) as f64);
            let node = (at as usize).min(count - 2);
            (node, at - node as f64)
        };
        let (column, right) = along(x, self.low[0], self.columns);
        let (row, back) = along(y, self.low[1], self.rows);
        let node = row * self.columns + column;
        let [a, b] = [self.away[node], self.away[node + 1]].map(f64::from);
        let [c, d] = [self.away[node + self.columns], self.away[node + self.columns + 1]];
        let [c, d] = [c, d].map(f64::from);
        let front = a + right * (b - a);
        front + back * (c + right * (d - c) - front)
    }

    /// Whether material stands at a place.
    pub(crate) fn is_uncut(&self, place: [f64; 2]) -> bool {
        self.away(place) > self.radius
    }

    /// Angle of the leading half of the rim that is in material, rad: 0 in the air, π in a slot. `heading` is a unit vector.
    pub(crate) fn engagement(&self, [x, y]: [f64; 2], heading: Vector2) -> f64 {
        let skin = self.radius * (1.0 + SKIN_SHARE);
        let over = |look: usize| {
            let (sin, cos) = LEADING[look];
            // From the right-hand side over the front to the left.
            let direction = [cos * heading.x - sin * heading.y, cos * heading.y + sin * heading.x];
            self.away([x + self.radius * direction[0], y + self.radius * direction[1]]) - skin
        };
        let step = std::f64::consts::PI / LOOKS as f64;
        let mut before = over(0);
        let mut engaged = 0.0;
        for look in 1..=LOOKS {
            let here = over(look);
            engaged += match (before > 0.0, here > 0.0) {
                (true, true) => 1.0,
                (true, false) => before / (before - here),
                (false, true) => here / (here - before),
                (false, false) => 0.0,
            };
            before = here;
        }
        engaged * step
    }

    /// Moves the tool along a straight line.
    pub(crate) fn move_along(&mut self, from: [f64; 2], to: [f64; 2]) {
        let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        let squared = dx * dx + dy * dy;
        let per_length = if squared > 0.0 { squared.recip() } else { 0.0 };
        let [columns, rows] = self.range(from, to, self.cap);
        for row in rows {
            let y = self.low[1] + self.spacing * row as f64 - from[1];
            for column in columns.clone() {
                let x = self.low[0] + self.spacing * column as f64 - from[0];
                let share = ((x * dx + y * dy) * per_length).clamp(0.0, 1.0);
                let (across, along) = (x - share * dx, y - share * dy);
                let away = &mut self.away[row * self.columns + column];
                // Squares first: few nodes come nearer.
                let nearest = across * across + along * along;
                if nearest < f64::from(*away) * f64::from(*away) {
                    if let Some(before) = &mut self.before {
                        before.push(((row * self.columns + column) as u32, *away));
                    }
                    *away = nearest.sqrt() as f32;
                }
            }
        }
    }

    /// From now on moves may be taken back.
    pub(crate) fn remember(&mut self) {
        self.before = Some(Vec::new());
    }

    /// Moves so far are not taken back any more.
    pub(crate) fn forget(&mut self) {
        self.before = None;
    }

    /// Takes back the moves since [`Self::remember`], unless they were forgotten.
    pub(crate) fn take_back(&mut self) {
        for (node, away) in self.before.take().into_iter().flatten().rev() {
            self.away[node as usize] = away;
        }
    }

    /// Columns and rows of the nodes around a line.
    fn range(&self, a: [f64; 2], b: [f64; 2], reach: f64) -> [std::ops::Range<usize>; 2] {
        let counts = [self.columns, self.rows];
        std::array::from_fn(|axis| {
            let node = |value: f64| (value - self.low[axis]) / self.spacing;
            let first = node(a[axis].min(b[axis]) - reach).ceil().max(0.0) as usize;
            let end = (node(a[axis].max(b[axis]) + reach).floor() + 1.0).max(0.0) as usize;
            first..end.min(counts[axis])
        })
    }
}

/// Sine and cosine of the places on the leading half of the rim, from -90° to 90°.
static LEADING: std::sync::LazyLock<[(f64, f64); LOOKS + 1]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|look| {
        let quarter = std::f64::consts::FRAC_PI_2;
        (quarter * (2.0 * look as f64 / LOOKS as f64 - 1.0)).sin_cos()
    })
});

/// Engagement along a straight edge of which a tool of `radius` mm takes `width` mm, rad.
pub(crate) fn engagement_of(width: f64, radius: f64) -> f64 {
    (1.0 - width / radius).clamp(-1.0, 1.0).acos()
}

#[cfg(test)]
mod tests {
    use geometry::Point2;

    use super::*;

    fn rect(low: [f64; 2], high: [f64; 2]) -> Rect {
        Rect { low: Point2::new(low[0], low[1]), high: Point2::new(high[0], high[1]) }
    }

    fn field(radius: f64) -> Cleared {
        let area = rect([0.0, 0.0], [40.0, 40.0]);
        Cleared::untouched(area, rect([-50.0; 2], [90.0; 2]), radius)
    }

    #[test]
    fn engagement_beside_a_straight_pass_is_that_of_the_width() {
        for radius in [1.0, 3.0, 6.0] {
            let mut cleared = field(radius);
            cleared.move_along([20.0, 0.0], [20.0, 40.0]);
            for share in [0.1, 0.4, 0.8, 1.2] {
                let width = share * radius;
                // Material is on the right.
                let found = cleared.engagement([20.0 + width, 20.0], Vector2::new(0.0, 1.0));
                let expected = engagement_of(width, radius);
                assert!((found - expected).abs() < 0.08, "{radius} {width}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_slot_engages_half_the_rim_and_its_way_back_nothing() {
        let mut cleared = field(3.0);
        cleared.move_along([20.0, 5.0], [20.0, 20.0]);
        let ahead = cleared.engagement([20.0, 20.3], Vector2::new(0.0, 1.0));
        assert!((ahead - std::f64::consts::PI).abs() < 0.5, "{ahead}");
        assert!(cleared.engagement([20.0, 19.0], Vector2::new(0.0, -1.0)) < 1e-9);
        assert!(cleared.is_uncut([23.2, 12.0]) && !cleared.is_uncut([22.8, 12.0]));
    }

    #[test]
    fn there_is_no_material_beside_the_block() {
        let area = rect([0.0, 0.0], [40.0, 40.0]);
        let cleared = Cleared::untouched(area, rect([10.0, -50.0], [90.0, 90.0]), 3.0);
        assert!(!cleared.is_uncut([9.9, 20.0]) && cleared.is_uncut([10.1, 20.0]));
        let found = cleared.engagement([9.0, 20.0], Vector2::new(0.0, 1.0));
        assert!((found - engagement_of(2.0, 3.0)).abs() < 0.08, "{found}");
    }
}
