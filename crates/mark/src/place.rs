//! Where on an underside a rectangle finds place.
//!
//! Every node of a grid over the slab is free or has a reason why not; tables of sums then answer for any upright
//! rectangle at once whether it is free and how steep it is. The flattest free place wins.

use geometry::{HeightField, Point2, Rect, Vector2, polygon};

use crate::{MarkOrder, Refusals, Site};

/// Distance of the nodes, mm.
const SPACING_MM: f64 = 0.5;
/// A mark stays this far away from contact faces, mm.
const CONTACT_CLEARANCE_MM: f64 = 1.0;
/// What stays free under a raised mark over the floor, mm.
const FLOOR_CLEARANCE_MM: f64 = 0.3;

/// Why a node is not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Outside,
    Border,
    Contact,
    Steep,
    Thin,
    Floor,
}

/// Which nodes of the underside are free.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    origin: Point2,
    columns: usize,
    rows: usize,
    /// Sums of blocked nodes and of slopes over all nodes left of and under a node.
    blocked: Vec<u32>,
    slope: Vec<f64>,
    /// How much of the underside is lost to each reason.
    pub(crate) refusals: Refusals,
}

impl Ground {
    pub(crate) fn survey(order: &MarkOrder, site: &Site<'_>) -> Self {
        let outline = site.slab.outline.polyline(0.05, 2.0);
        let holes: Vec<Vec<Point2>> =
            site.slab.holes.iter().map(|hole| hole.polyline(0.05, 2.0)).collect();
        let (low, high) = outline
            .iter()
            .fold((outline[0], outline[0]), |(low, high), point| (low.inf(point), high.sup(point)));
        let grid = HeightField::from_fn(Rect { low, high }, SPACING_MM, |_| 0.0);
        let reason = |point: Point2| -> Option<Reason> {
            if !polygon::contains(&outline, point)
                || holes.iter().any(|hole| polygon::contains(hole, point))
            {
                return Some(Reason::Outside);
            }
            let mut borders = std::iter::once(&outline).chain(&holes);
            if borders.any(|line| polygon::distance_to_border(line, point) < order.border_mm) {
                return Some(Reason::Border);
            }
            let on_contact = |face: &Vec<Point2>| {
                polygon::contains(face, point)
                    || polygon::distance_to_border(face, point) < CONTACT_CLEARANCE_MM
            };
            if site.contacts.iter().any(on_contact) {
                return Some(Reason::Contact);
            }
            let [dx, dy] = site.slab.bottom.gradient(point);
            let slope = dx.hypot(dy);
            if slope > order.steepest_slope {
                return Some(Reason::Steep);
            }
            let raised = -order.depth_mm * slope.hypot(1.0);
            if raised > 0.0 && site.slab.bottom.height(point) < raised + FLOOR_CLEARANCE_MM {
                return Some(Reason::Floor);
            }
            let left = (site.thickness_mm)(point) - order.depth_mm.max(0.0);
            (left.is_nan() || left < order.least_thickness_mm).then_some(Reason::Thin)
        };
        Self::of(&grid, reason, |point| {
            let [dx, dy] = site.slab.bottom.gradient(point);
            dx.hypot(dy)
        })
    }

    fn of(
        grid: &HeightField,
        reason: impl Fn(Point2) -> Option<Reason>,
        slope: impl Fn(Point2) -> f64,
    ) -> Self {
        let (columns, rows) = (grid.columns, grid.rows);
        let width = columns + 1;
        let mut ground = Self {
            origin: grid.origin,
            columns,
            rows,
            blocked: vec![0; width * (rows + 1)],
            slope: vec![0.0; width * (rows + 1)],
            refusals: Refusals::default(),
        };
        let node_cm2 = SPACING_MM * SPACING_MM / 100.0;
        for row in 0..rows {
            for column in 0..columns {
                let point = grid.node(column, row);
                let why = reason(point);
                ground.refusals.count(why, node_cm2);
                let here = (row + 1) * width + column + 1;
                let (left, under, both) = (here - 1, here - width, here - width - 1);
                ground.blocked[here] = ground.blocked[left] + ground.blocked[under]
                    - ground.blocked[both]
                    + u32::from(why.is_some());
                ground.slope[here] =
                    ground.slope[left] + ground.slope[under] - ground.slope[both] + slope(point);
            }
        }
        ground
    }

    /// The flattest free place of an upright rectangle: its lower left corner and its mean slope.
    pub(crate) fn best(&self, width: f64, height: f64) -> Option<(Point2, f64)> {
        let nodes = |length: f64| (length / SPACING_MM).ceil() as usize + 1;
        let (across, along) = (nodes(width), nodes(height));
        if across > self.columns || along > self.rows {
            return None;
        }
        let mut best: Option<(Point2, f64)> = None;
        for row in 0..=self.rows - along {
            for column in 0..=self.columns - across {
                let corners = [(column, row), (column + across, row + along)];
                if self.blocked_in(corners) > 0 {
                    continue;
                }
                let mean = self.slope_in(corners) / (across * along) as f64;
                if best.is_none_or(|(_, least)| mean < least - 1e-9) {
                    let corner = self.origin + SPACING_MM * Vector2::new(column as f64, row as f64);
                    // The rectangle is somewhat smaller than its nodes: it goes into their middle.
                    let spare = Vector2::new(
                        (across - 1) as f64 * SPACING_MM - width,
                        (along - 1) as f64 * SPACING_MM - height,
                    );
                    best = Some((corner + 0.5 * spare, mean));
                }
            }
        }
        best
    }

    fn blocked_in(&self, [(left, low), (right, high)]: [(usize, usize); 2]) -> u32 {
        let at = |column: usize, row: usize| self.blocked[row * (self.columns + 1) + column];
        at(right, high) + at(left, low) - at(left, high) - at(right, low)
    }

    fn slope_in(&self, [(left, low), (right, high)]: [(usize, usize); 2]) -> f64 {
        let at = |column: usize, row: usize| self.slope[row * (self.columns + 1) + column];
        at(right, high) + at(left, low) - at(left, high) - at(right, low)
    }
}

impl Refusals {
    fn count(&mut self, reason: Option<Reason>, area_cm2: f64) {
        let field = match reason {
            None => &mut self.free_cm2,
            Some(Reason::Outside) => return,
            Some(Reason::Border) => &mut self.border_cm2,
            Some(Reason::Contact) => &mut self.contact_cm2,
            Some(Reason::Steep) => &mut self.steep_cm2,
            Some(Reason::Thin) => &mut self.thin_cm2,
            Some(Reason::Floor) => &mut self.floor_cm2,
        };
        *field += area_cm2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flattest_free_place() {
        let area = Rect { low: Point2::new(-10.0, 0.0), high: Point2::new(10.0, 30.0) };
        let grid = HeightField::from_fn(area, SPACING_MM, |_| 0.0);
        // Blocked in a bar across; the ground gets flatter upward.
        let bar = |point: Point2| (12.0..18.0).contains(&point.y).then_some(Reason::Contact);
        let ground = Ground::of(&grid, bar, |point| 1.0 - point.y / 40.0);
        let (corner, slope) = ground.best(16.2, 9.7).unwrap();
        assert!((corner.y - 20.15).abs() < 1e-9 && corner.x >= -10.0 && corner.x + 16.2 <= 10.0);
        assert!((slope - (1.0 - 25.0 / 40.0)).abs() < 1e-9, "{slope}");
        assert_eq!(ground.best(10.0, 13.0), None, "no piece is that long");
        assert_eq!(ground.best(21.0, 2.0), None);
        assert!((ground.refusals.contact_cm2 - 12.0 * 41.0 * 0.0025).abs() < 1e-9);
    }
}
