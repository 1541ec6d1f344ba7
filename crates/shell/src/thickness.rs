//! Thickness of a slab: nearest distance from one surface to the other.

use geometry::{
    BorderIndex, ClosedCurve, GraphSurface, HeightField, OverGrid, Point2, Point3, Rect, Slab,
    Vector2, polygon,
};

use crate::foot_surface::map_nodes;

/// Nearest points of two surfaces are looked for this far away, mm.
const FARTHEST: f64 = 9.0;
/// After so small a step of Newton's method the next is a millionth of a millimeter, and the distance off by less.
const SMALL_STEP: f64 = 1e-3;

/// The thinnest place that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thinnest {
    /// Thickness, mm.
    pub thickness: f64,
    /// Its place.
    pub place: Point2,
}

/// Thickness at every node inside the trim, `NaN` outside: the smaller of the nearest distances from the
/// bottom to the top and from the top to the bottom over that place, mm.
///
/// Negative where the bottom lies over the top.
#[must_use]
pub fn thickness_map(slab: &Slab, spacing: f64) -> HeightField {
    let outline = slab.outline.polyline(0.02, 2.0);
    let line = |hole: &ClosedCurve| hole.polyline(0.02, 2.0);
    let holes: Vec<Vec<Point2>> = slab.holes.iter().map(line).collect();
    let border = BorderIndex::new(
        std::iter::once(&outline).chain(&holes).flat_map(|line| polygon::edges(line)),
    );
    let grid = HeightField::from_fn(bounds(&outline, 0.0), spacing, |_| f64::NAN);
    let (top, bottom) = (Sampled::new(&slab.top), Sampled::new(&slab.bottom));
    let heights = map_nodes(&grid, |column, row| {
        let point = grid.node(column, row);
        if border.contains(point) { thickness_at(&top, &bottom, point) } else { f64::NAN }
    });
    HeightField { heights, ..grid }
}

/// The thinnest node of [`thickness_map`].
#[must_use]
pub fn minimum_thickness(slab: &Slab, spacing: f64) -> Thinnest {
    thinnest(&thickness_map(slab, spacing))
}

pub(crate) fn thinnest(map: &HeightField) -> Thinnest {
    let mut found = Thinnest { thickness: f64::INFINITY, place: Point2::origin() };
    for row in 0..map.rows {
        for column in 0..map.columns {
            if map.at(column, row) < found.thickness {
                found = Thinnest { thickness: map.at(column, row), place: map.node(column, row) };
            }
        }
    }
    found
}

/// The node that misses what is wanted there by most, if any does.
pub(crate) fn thinner_than(map: &HeightField, wanted: impl Fn(Point2) -> f64) -> Option<Thinnest> {
    let mut worst: Option<(f64, Thinnest)> = None;
    for row in 0..map.rows {
        for column in 0..map.columns {
            let (thickness, place) = (map.at(column, row), map.node(column, row));
            let missing = wanted(place) - thickness;
            if missing > worst.map_or(0.0, |(most, _)| most) {
                worst = Some((missing, Thinnest { thickness, place }));
            }
        }
    }
    worst.map(|(_, thin)| thin)
}

fn thickness_at(top: &Sampled<'_>, bottom: &Sampled<'_>, point: Point2) -> f64 {
    let (above, below) = (top.surface.lift(point), bottom.surface.lift(point));
    if below.z >= above.z {
        return above.z - below.z;
    }
    top.distance(below).min(bottom.distance(above))
}

/// A rectangle around points, widened.
pub(crate) fn bounds(points: &[Point2], margin: f64) -> Rect {
    let first = points.first().copied().unwrap_or_else(Point2::origin);
    let (low, high) =
        points.iter().fold((first, first), |(low, high), point| (low.inf(point), high.sup(point)));
    Rect { low: low - Vector2::repeat(margin), high: high + Vector2::repeat(margin) }
}

/// A surface with its heights on a grid, from which the search for the nearest point starts.
pub(crate) struct Sampled<'a> {
    surface: &'a GraphSurface,
    grid: HeightField,
}

impl<'a> Sampled<'a> {
    pub(crate) fn new(surface: &'a GraphSurface) -> Self {
        let empty = HeightField::from_fn(surface.area(), 1.0, |_| 0.0);
        let heights = OverGrid::new(surface, &empty).heights();
        Self { surface, grid: HeightField { heights, ..empty } }
    }

    /// Distance from a point in space to the surface.
    pub(crate) fn distance(&self, from: Point3) -> f64 {
        let under = from.xy();
        let gap = (self.surface.height(under) - from.z).abs();
        let start = self.nearest_node(under, from.z, gap);
        gap.min(nearest(self.surface, from, start))
    }

    /// The node nearest in space, among those that can be nearer than the vertical gap.
    fn nearest_node(&self, under: Point2, z: f64, gap: f64) -> Point2 {
        let grid = &self.grid;
        let place = (under - grid.origin) / grid.spacing;
        let reach = gap.min(FARTHEST) / grid.spacing;
        let range = |middle: f64, reach: f64, count: usize| {
            let low = (middle - reach).ceil().max(0.0) as usize;
            let end = (middle + reach).floor().max(0.0) as usize + 1;
            low..end.min(count)
        };
        let mut best = (f64::INFINITY, under);
        let rows = range(place.y, reach, grid.rows);
        let middle = (place.y as usize).clamp(rows.start, rows.end.max(rows.start));
        // From the middle outward, so that what is found early spares the rest.
        for row in (middle..rows.end).chain((rows.start..middle).rev()) {
            let along = (place.y - row as f64) * grid.spacing;
            let left = best.0 - along * along;
            if left <= 0.0 {
                continue;
            }
            let columns = range(place.x, reach.min(left.sqrt() / grid.spacing), grid.columns);
            for column in columns {
                let across = (place.x - column as f64) * grid.spacing;
                let over = grid.at(column, row) - z;
                let square = across * across + along * along + over * over;
                if square < best.0 {
                    best = (square, grid.node(column, row));
                }
            }
        }
        best.1
    }
}

/// Newton's method for the nearest point of a graph surface, from a start near it; returns the distance.
fn nearest(surface: &GraphSurface, from: Point3, start: Point2) -> f64 {
    let mut at = start;
    let mut smallest = f64::INFINITY;
    for _ in 0..6 {
        let jet = surface.jet(at);
        let ([sx, sy], [sxx, sxy, syy]) = (jet.gradient, jet.hessian);
        let over = jet.z - from.z;
        let offset = at - from.xy();
        smallest = smallest.min((offset.norm_squared() + over * over).sqrt());
        let slope = Vector2::new(offset.x + over * sx, offset.y + over * sy);
        let mut matrix =
            [1.0 + sx * sx + over * sxx, sx * sy + over * sxy, 1.0 + sy * sy + over * syy];
        if matrix[0] * matrix[2] - matrix[1] * matrix[1] < 0.1 || matrix[0] <= 0.0 {
            // Not convex here: without the curvature terms (Gauss-Newton) the step goes down for certain.
            matrix = [1.0 + sx * sx, sx * sy, 1.0 + sy * sy];
        }
        let determinant = matrix[0] * matrix[2] - matrix[1] * matrix[1];
        let move_by = Vector2::new(
            -(matrix[2] * slope.x - matrix[1] * slope.y) / determinant,
            -(matrix[0] * slope.y - matrix[1] * slope.x) / determinant,
        );
        let length = move_by.norm();
        at += move_by * (1.0 / length.max(1e-12)).min(1.0);
        if length < SMALL_STEP {
            break;
        }
    }
    let last = Vector2::new(at.x - from.x, at.y - from.y).norm_squared()
        + (surface.height(at) - from.z).powi(2);
    smallest.min(last.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::ClosedCurve;

    fn area() -> Rect {
        Rect { low: Point2::new(-30.0, -30.0), high: Point2::new(30.0, 30.0) }
    }

    fn fitted(height: impl Fn(Point2) -> f64) -> GraphSurface {
        let field = HeightField::from_fn(area(), 0.5, height);
        GraphSurface::fit(&field, 40, 40, 0.0).unwrap()
    }

    fn circle(radius: f64) -> ClosedCurve {
        let corner = |k: i32| {
            let angle = std::f64::consts::TAU * f64::from(k) / 24.0;
            Point2::new(radius * angle.cos(), radius * angle.sin())
        };
        ClosedCurve::through(&(0..24).map(corner).collect::<Vec<_>>())
    }

    #[test]
    fn thickness_of_a_tilted_plate_and_of_a_dome() {
        let sphere =
            |radius: f64| move |p: Point2| (radius * radius - p.coords.norm_squared()).sqrt();
        for (top, bottom, expected) in [
            (fitted(|p| 1.5 * p.x + 4.0), fitted(|p| 1.5 * p.x), 4.0 / 3.25_f64.sqrt()),
            (fitted(sphere(60.0)), fitted(sphere(57.0)), 3.0),
        ] {
            let slab = Slab { top, bottom, outline: circle(20.0), holes: Vec::new(), relief: None };
            for thickness in thickness_map(&slab, 1.0).heights.iter().filter(|t| t.is_finite()) {
                assert!((thickness - expected).abs() < 2e-3, "{thickness} {expected}");
            }
        }
    }

    #[test]
    fn crossed_surfaces_are_negative() {
        let slab = Slab {
            top: fitted(|p| 2.0 - 0.2 * p.x),
            bottom: fitted(|_| 0.0),
            outline: circle(20.0),
            holes: Vec::new(),
            relief: None,
        };
        let found = minimum_thickness(&slab, 1.0);
        assert!(found.thickness < -1.5 && found.place.x > 17.0);
    }
}
