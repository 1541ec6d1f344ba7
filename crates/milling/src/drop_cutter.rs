//! Drop-cutter for a ball on a trimmed spline surface: how low may the tool stand over a place?
//!
//! ```text
//!            center          The ball is let down over (x, y) until it touches. Its center is then at
//!           /  ·  \          the largest of f(q) + √(ρ² − |q − (x, y)|²) over the points q of the
//!    ──────╲_____╱───        surface under the ball. Inside the trim the contact q has the surface's
//!        contact q           normal pointing at the center; on the trim it is a contact with an edge.
//! ```
//!
//! Contacts with the surface: the largest value over grid nodes ρ/6 apart in each quadrant is refined by
//! Newton's method on q + ρ n(q) = (x, y) (both horizontal), to far below 1 µm; where Newton leaves the
//! basin, a pattern search closes in to 1 µm. Contacts with the border: closed form for a ball over a
//! straight edge (Chuang, Chen and Yau 2002, doi 10.1007/s001700200174, edge contact), for every
//! chord of the trim curves.
//!
//! The surface beyond the trim does not exist for the tool: it rolls over the rim and down its wall.
//! Two contacts in one quadrant closer than the refinement margin can hide each other; walls that
//! narrow do not occur on shells, and the check of the written program would find the gouge.

use geometry::{GraphSurface, Point2, Slab, Vector2};
use rayon::prelude::*;

use crate::region::Region;

/// Nodes per radius: fine enough that Newton's method starts inside its basin on 70° walls.
const NODES_PER_RADIUS: f64 = 6.0;

/// Most that refinement adds to the best node, as a share of the radius: (0.71/6)² / (2 cos³ 68°).
const REFINEMENT_SHARE: f64 = 0.15;

/// Where a ball comes to rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rest {
    /// Height of the ball's center, mm.
    pub(crate) center_z: f64,
    /// How far the tool's axis stands outside of the trim, mm; 0 inside.
    pub(crate) outside_mm: f64,
}

/// A trimmed surface, prepared for one radius of ball.
#[derive(Debug)]
pub(crate) struct DropCutter<'a> {
    surface: &'a GraphSurface,
    region: &'a Region,
    /// Heights over the corners of the trim, by edge: start and end.
    edge_heights: Vec<[f64; 2]>,
    radius: f64,
    spacing: f64,
    origin: Point2,
    columns: usize,
    rows: usize,
    /// Surface heights at the nodes, `NaN` outside of the trim.
    nodes: Vec<f64>,
}

impl<'a> DropCutter<'a> {
    /// Prepares the top of a part for a ball of `radius` mm.
    pub(crate) fn new(part: &'a Slab, region: &'a Region, radius: f64) -> Self {
        let surface = &part.top;
        let spacing = (radius / NODES_PER_RADIUS).clamp(0.1, 1.0);
        let area = region.area();
        let columns = (area.width() / spacing) as usize + 2;
        let rows = (area.height() / spacing) as usize + 2;
        let node = |column: usize, row: usize| {
            area.low + Vector2::new(column as f64, row as f64) * spacing
        };
        let nodes = (0..rows)
            .into_par_iter()
            .flat_map_iter(|row| {
                (0..columns).map(move |column| {
                    let point = node(column, row);
                    if region.contains(point) { surface.height(point) } else { f64::NAN }
                })
            })
            .collect();
        let edge_heights = region
            .edges()
            .par_iter()
            .map(|(start, end)| [surface.height(*start), surface.height(*end)])
            .collect();
        let origin = area.low;
        Self { surface, region, edge_heights, radius, spacing, origin, columns, rows, nodes }
    }

    /// Where the ball rests with its axis over `axis`; `None` where the part is farther than `reach` mm.
    ///
    /// Beyond 0.95 radii outside of the trim the ball is stopped as deep below the nearest rim as it
    /// is there: the skirt around the part is as deep as finishing needs it and no deeper.
    pub(crate) fn rest(&self, axis: Point2, reach: f64) -> Option<Rest> {
        let border = self.rest_on_border(axis, reach.max(self.radius));
        let center_z = border.center_z.max(self.rest_on_surface(axis));
        let nearest = border.nearest_mm;
        if nearest.is_finite() && !self.region.contains(axis) {
            let skirt = border.nearest_z + SKIRT_RADII * self.radius;
            let is_skirt = nearest > ROLLED_RADII * self.radius;
            let center_z = if is_skirt { center_z.max(skirt) } else { center_z };
            return (nearest <= reach).then_some(Rest { center_z, outside_mm: nearest });
        }
        (center_z > f64::NEG_INFINITY).then_some(Rest { center_z, outside_mm: 0.0 })
    }

    fn rest_on_surface(&self, axis: Point2) -> f64 {
        let mut candidates = self.best_nodes(axis);
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut highest = f64::NEG_INFINITY;
        let mut settled: Option<Point2> = None;
        for (start, value) in candidates {
            let hopeless = value + REFINEMENT_SHARE * self.radius < highest;
            let same_basin = settled.is_some_and(|q| (q - start).norm() < 2.0 * self.spacing);
            if value == f64::NEG_INFINITY || hopeless || same_basin {
                continue;
            }
            let (contact, refined) = self.refine(axis, start, value);
            highest = highest.max(refined);
            settled.get_or_insert(contact);
        }
        highest
    }

    /// The best node and its value in each quadrant around the axis.
    fn best_nodes(&self, axis: Point2) -> [(Point2, f64); 4] {
        let mut best = [(axis, f64::NEG_INFINITY); 4];
        let reach = (axis - self.origin) / self.spacing;
        let cells = self.radius / self.spacing;
        let range = |center: f64, count: usize| {
            let low = (center - cells).ceil().max(0.0) as usize;
            let high = (center + cells).floor().min(count as f64 - 1.0);
            low..(high + 1.0).max(0.0) as usize
        };
        let radius_squared = self.radius * self.radius;
        for row in range(reach.y, self.rows) {
            let dy = self.spacing * (row as f64 - reach.y);
            for column in range(reach.x, self.columns) {
                let dx = self.spacing * (column as f64 - reach.x);
                let under = radius_squared - dx * dx - dy * dy;
                let height = self.nodes[row * self.columns + column];
                if under >= 0.0 && !height.is_nan() {
                    let value = height + under.sqrt();
                    let quadrant = usize::from(dx > 0.0) + 2 * usize::from(dy > 0.0);
                    if value > best[quadrant].1 {
                        best[quadrant] = (axis + Vector2::new(dx, dy), value);
                    }
                }
            }
        }
        best
    }

    /// The contact near `start` and the center height it asks for; the start's own where the contact
    /// lies beyond the trim, because then an edge decides.
    fn refine(&self, axis: Point2, start: Point2, value: f64) -> (Point2, f64) {
        let (contact, refined) = match self.newton(axis, start) {
            Some((contact, refined)) if refined >= value => (contact, refined),
            _ => self.pattern_search(axis, start, value),
        };
        if self.region.contains(contact) { (contact, refined) } else { (start, value) }
    }

    /// Newton's method on q + ρ n(q) − axis = 0, horizontally.
    fn newton(&self, axis: Point2, start: Point2) -> Option<(Point2, f64)> {
        let mut contact = start;
        for _ in 0..MOST_NEWTON_STEPS {
            let jet = self.surface.jet(contact);
            let [fx, fy] = jet.gradient;
            let [fxx, fxy, fyy] = jet.hessian;
            let w = (1.0 + fx * fx + fy * fy).sqrt();
            let scale = self.radius / w;
            let residual = contact - axis - scale * Vector2::new(fx, fy);
            if residual.norm() < NEWTON_RESIDUAL_MM {
                return Some((contact, jet.z + scale));
            }
            // d(fx / w): the gradient's change less what the change of w takes back.
            let along = [fx * fxx + fy * fxy, fx * fxy + fy * fyy].map(|sum| sum / (w * w));
            let jacobian = nalgebra::Matrix2::new(
                1.0 - scale * (fxx - fx * along[0]),
                -scale * (fxy - fx * along[1]),
                -scale * (fxy - fy * along[0]),
                1.0 - scale * (fyy - fy * along[1]),
            );
            let step = jacobian.try_inverse()? * residual;
            if step.norm() > self.radius {
                return None;
            }
            contact -= step;
        }
        None
    }

    /// Climbs by ever smaller steps; slower than Newton's method and never lower than its start.
    fn pattern_search(&self, axis: Point2, start: Point2, value: f64) -> (Point2, f64) {
        let (mut place, mut best) = (start, value);
        let mut step = self.spacing / 2.0;
        while step > PATTERN_STEP_MM {
            let around = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
            let next = around
                .map(|(x, y)| place + Vector2::new(x, y) * step)
                .map(|q| (q, self.center_over(axis, q)))
                .into_iter()
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .filter(|(_, height)| *height > best);
            match next {
                Some((q, height)) => (place, best) = (q, height),
                None => step /= 2.0,
            }
        }
        (place, best)
    }

    /// Height of the center of a ball over `axis` that touches the surface over `q`.
    fn center_over(&self, axis: Point2, q: Point2) -> f64 {
        let under = self.radius * self.radius - (q - axis).norm_squared();
        if under < 0.0 {
            return f64::NEG_INFINITY;
        }
        self.surface.height(q) + under.sqrt()
    }

    /// What the border within `reach` mm means for a ball over `axis`.
    fn rest_on_border(&self, axis: Point2, reach: f64) -> Border {
        let mut border = Border {
            center_z: f64::NEG_INFINITY,
            nearest_mm: f64::INFINITY,
            nearest_z: f64::NEG_INFINITY,
        };
        self.region.each_edge_near(axis, reach, |index, (start, end)| {
            let along = end - start;
            let length = along.norm();
            if length <= 0.0 {
                return;
            }
            let [start_z, end_z] = self.edge_heights[index];
            let slope = (end_z - start_z) / length;
            let from_start = axis - start;
            let foot = from_start.dot(&along) / length;
            let across = from_start.perp(&along) / length;
            let nearest = foot.clamp(0.0, length);
            let beside = foot - nearest;
            let distance_squared = across * across + beside * beside;
            if distance_squared < border.nearest_mm * border.nearest_mm {
                border.nearest_mm = distance_squared.sqrt();
                border.nearest_z = start_z + slope * nearest;
            }
            let squared = self.radius * self.radius - across * across;
            if squared < 0.0 {
                return;
            }
            // In the upright plane of the edge the ball is a circle; it touches where it is parallel.
            let contact = foot + squared.sqrt() * slope / (1.0 + slope * slope).sqrt();
            let touched = contact.clamp(0.0, length);
            let under = squared - (touched - foot).powi(2);
            if under >= 0.0 {
                border.center_z = border.center_z.max(start_z + slope * touched + under.sqrt());
            }
        });
        border
    }
}

/// What the border means for a ball over a place.
#[derive(Clone, Copy, Debug)]
struct Border {
    /// Height of a center that rests on the border.
    center_z: f64,
    /// Distance of the nearest point of the border, seen from above, and its height.
    nearest_mm: f64,
    nearest_z: f64,
}

/// How far outside of the trim, in radii, the ball has rolled over the rim far enough: a rim that falls
/// outward at up to 72° has been touched.
pub(crate) const ROLLED_RADII: f64 = 0.95;
/// Height of the center over the rim there: √(1 − 0.95²).
const SKIRT_RADII: f64 = 0.312_249_9;

/// Contacts are found to this residual, mm; the height is flat there, so its error is its square.
const NEWTON_RESIDUAL_MM: f64 = 1e-6;
/// Quadratic convergence needs about four.
const MOST_NEWTON_STEPS: usize = 12;
/// Smallest step of the pattern search, mm: its height error is below 1 µm on 65° walls.
const PATTERN_STEP_MM: f64 = 2e-4;
