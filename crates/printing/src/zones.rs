//! Infill density by zone, blended across the borders of the zones.
//!
//! A zone is an outline over the sole with a density. Across its border the density changes smoothly
//! over a blend width, half of it on either side, and no line follows the border: other slicers cut
//! the part there and lay walls along the cut, which a foot feels as a ridge. Later zones overrule
//! earlier ones where they overlap.

use geometry::{Point2, Point3, polygon};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::place::Placement;

/// Narrowest blend: under two lines a change of density is a border again, mm.
pub const NARROWEST_BLEND_MM: f64 = 2.0;

/// Side of a cell of the map of densities, mm.
const CELL_MM: f64 = 1.0;

/// Most cells along a side of the map.
const MOST_CELLS: usize = 1500;

/// An area of the sole with its own density.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Name for reports: `"heel"`, `"arch"`, or anything.
    pub name: String,
    /// Closed outline in the part's own plane, mm; does not repeat its first point.
    pub outline_mm: Vec<[f64; 2]>,
    /// Share of the inside that is filled there, 0 to 1.
    pub fraction: f64,
}

/// The zones of one part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Zones {
    /// Later ones overrule earlier ones.
    pub zones: Vec<Zone>,
    /// Width over which the density changes at a border, mm.
    pub blend_mm: f64,
}

impl Zones {
    /// Density at a place of the part's plane, where `base` holds outside all zones.
    #[must_use]
    pub fn density(&self, place: Point2, base: f64) -> f64 {
        self.density_in(&self.outlines(), place, base)
    }

    /// The same with the zones' outlines at hand.
    fn density_in(&self, outlines: &[Vec<Point2>], place: Point2, base: f64) -> f64 {
        let blend = self.blend_mm.max(NARROWEST_BLEND_MM);
        self.zones.iter().zip(outlines).fold(base, |density, (zone, corners)| {
            density + (zone.fraction - density) * share_inside(corners, place, blend)
        })
    }

    fn outlines(&self) -> Vec<Vec<Point2>> {
        let corners =
            |zone: &Zone| zone.outline_mm.iter().map(|&[x, y]| Point2::new(x, y)).collect();
        self.zones.iter().map(corners).collect()
    }

    fn levels(&self) -> impl Iterator<Item = f64> + '_ {
        self.zones.iter().map(|zone| zone.fraction)
    }
}

/// 1 well inside an outline, 0 well outside, smooth between.
fn share_inside(corners: &[Point2], place: Point2, blend: f64) -> f64 {
    if corners.len() < 3 {
        return 0.0;
    }
    let away = polygon::distance_to_border(corners, place);
    let inside = if polygon::contains(corners, place) { away } else { -away };
    let t = (0.5 + inside / blend).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A map of one part's densities over its own plane.
#[derive(Clone, Debug)]
struct Map {
    low: Point2,
    cell: f64,
    size: [usize; 2],
    values: Vec<f32>,
}

impl Map {
    fn new(zones: &Zones, base: f64, low: Point2, high: Point2) -> Self {
        let extent = high - low;
        let cell = (extent.x.max(extent.y) / MOST_CELLS as f64).max(CELL_MM);
        let size = [extent.x, extent.y].map(|length| (length / cell).ceil() as usize + 2);
        let outlines = zones.outlines();
        let values = (0..size[0] * size[1])
            .into_par_iter()
            .map(|corner| {
                let (row, column) = (corner / size[0], corner % size[0]);
                let place = Point2::new(low.x + cell * column as f64, low.y + cell * row as f64);
                zones.density_in(&outlines, place, base) as f32
            })
            .collect();
        Self { low, cell, size, values }
    }

    fn at(&self, place: Point2) -> f64 {
        let along = |value: f64, count: usize| {
            let value = (value / self.cell).clamp(0.0, count as f64 - 1.001);
            (value.floor() as usize, value.fract())
        };
        let (column, s) = along(place.x - self.low.x, self.size[0]);
        let (row, t) = along(place.y - self.low.y, self.size[1]);
        let value = |column: usize, row: usize| f64::from(self.values[row * self.size[0] + column]);
        let low = value(column, row) * (1.0 - s) + value(column + 1, row) * s;
        let high = value(column, row + 1) * (1.0 - s) + value(column + 1, row + 1) * s;
        low * (1.0 - t) + high * t
    }
}

/// The densities of everything on the bed.
#[derive(Clone, Debug)]
pub(crate) struct DensityField {
    base: f64,
    parts: Vec<PlacedMap>,
    /// Densities that are held over an area, rising.
    levels: Vec<f64>,
}

#[derive(Clone, Debug)]
struct PlacedMap {
    placement: Placement,
    /// Bounds on the bed.
    low: Point2,
    high: Point2,
    map: Map,
}

/// A part on the bed with its zones, and its bounds in its own frame.
pub(crate) struct ZonedPart<'a> {
    pub(crate) placement: &'a Placement,
    pub(crate) zones: &'a Zones,
    pub(crate) low: Point3,
    pub(crate) high: Point3,
}

impl DensityField {
    pub(crate) fn new(base: f64, parts: &[ZonedPart<'_>]) -> Self {
        let mut levels = vec![base];
        let maps = parts
            .iter()
            .map(|part| {
                levels.extend(part.zones.levels());
                let corners = (0..8).map(|index| {
                    let pick = |axis: usize| {
                        if index >> axis & 1 == 0 { part.low[axis] } else { part.high[axis] }
                    };
                    part.placement.bed_from_part(&Point3::new(pick(0), pick(1), pick(2))).xy()
                });
                let far = f64::INFINITY;
                let start = (Point2::new(far, far), Point2::new(-far, -far));
                let (low, high) = corners.fold(start, |(low, high), c| (low.inf(&c), high.sup(&c)));
                let map = Map::new(part.zones, base, part.low.xy(), part.high.xy());
                PlacedMap { placement: part.placement.clone(), low, high, map }
            })
            .collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup_by(|a, b| (*a - *b).abs() < 1e-3);
        Self { base, parts: maps, levels }
    }

    /// Whether any part has a zone.
    pub(crate) fn is_even(&self) -> bool {
        self.levels.len() < 2
    }

    /// Densities that are held over an area, rising.
    pub(crate) fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// Density at a place on the bed.
    pub(crate) fn at(&self, place: Point2, height: f64) -> f64 {
        let is_over = |part: &&PlacedMap| {
            (part.low.x..=part.high.x).contains(&place.x)
                && (part.low.y..=part.high.y).contains(&place.y)
        };
        self.parts.iter().find(is_over).map_or(self.base, |part| {
            let own = part.placement.part_from_bed(Point3::new(place.x, place.y, height));
            part.map.at(own.xy())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> Zones {
        let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high]];
        Zones {
            zones: vec![
                Zone { name: "wide".to_owned(), outline_mm: square(0.0, 60.0), fraction: 0.4 },
                Zone { name: "inner".to_owned(), outline_mm: square(20.0, 40.0), fraction: 0.1 },
            ],
            blend_mm: 6.0,
        }
    }

    #[test]
    fn densities_hold_inside_and_blend_at_the_borders() {
        let at = |x: f64| zones().density(Point2::new(x, 30.0), 0.2);
        assert!((at(-20.0) - 0.2).abs() < 1e-12);
        assert!((at(10.0) - 0.4).abs() < 1e-12);
        assert!((at(30.0) - 0.1).abs() < 1e-12);
        assert!((at(0.0) - 0.3).abs() < 1e-12, "half way on the border");
        let steps: Vec<f64> = (0..120).map(|i| at(-10.0 + 0.5 * f64::from(i))).collect();
        let steepest = steps.windows(2).map(|p| (p[1] - p[0]).abs()).fold(0.0, f64::max);
        assert!(steepest < 0.04, "no jump: {steepest}");
    }

    #[test]
    fn the_map_follows_the_zones_on_the_bed() {
        let placement = Placement {
            name: "part".to_owned(),
            pose: "flat",
            tilt_deg: 0.0,
            reason: String::new(),
            rotation: [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
            offset_mm: [100.0, 50.0, 0.0],
        };
        let zones = zones();
        let part = ZonedPart {
            placement: &placement,
            zones: &zones,
            low: Point3::new(-10.0, -10.0, 0.0),
            high: Point3::new(80.0, 70.0, 5.0),
        };
        let field = DensityField::new(0.2, &[part]);
        assert_eq!(field.levels(), [0.1, 0.2, 0.4]);
        for (x, y) in [(5.0, 5.0), (30.0, 30.0), (70.0, 60.0), (0.0, 30.0), (21.5, 33.0)] {
            let bed = placement.bed_from_part(&Point3::new(x, y, 1.0));
            let expected = zones.density(Point2::new(x, y), 0.2);
            assert!((field.at(bed.xy(), 1.0) - expected).abs() < 0.02, "{x} {y}");
        }
        assert!((field.at(Point2::new(0.0, 0.0), 1.0) - 0.2).abs() < 1e-12, "beside the part");
    }
}
