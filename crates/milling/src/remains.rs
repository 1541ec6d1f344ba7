//! What a simulated program leaves of its blank, as maps for pictures.

use geometry::{HeightField, Point2, Rect};

use crate::stock::{ProbeDeviation, Stock};

/// Distance of the nodes of the deviation's map, mm.
const DEVIATION_SPACING_MM: f64 = 1.0;
/// Most nodes of a map; above, its nodes lie farther apart.
const MOST_NODES: f64 = 4e6;

/// Maps of what is left after a program, seen from above, program coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Remains {
    /// Height of the material, mm.
    pub stock: HeightField,
    /// Largest deviation from the designed part around a node, along the normal, mm: + left, - cut into it; unknown
    /// (NaN) beside the part. Absent without a model.
    pub deviation: Option<HeightField>,
}

impl Remains {
    pub(crate) fn new(
        stock: Stock,
        deviations: Option<impl Iterator<Item = ProbeDeviation>>,
    ) -> Self {
        let stock = stock.into_field();
        let deviation = deviations.map(|found| deviation_map(found, stock.area()));
        Self { stock, deviation }
    }
}

fn deviation_map(found: impl Iterator<Item = ProbeDeviation>, area: Rect) -> HeightField {
    let spacing = DEVIATION_SPACING_MM.max((area.width() * area.height() / MOST_NODES).sqrt());
    let mut map = HeightField::from_fn(area, spacing, |_| f64::NAN);
    for probe in found {
        let place = Point2::new(probe.place[0], probe.place[1]) - map.origin;
        let [column, row] = [place.x, place.y].map(|along| (along / spacing).round());
        let inside =
            (0.0..map.columns as f64).contains(&column) && (0.0..map.rows as f64).contains(&row);
        if !inside {
            continue;
        }
        // A gap beside a rim is no cut into the part: only the gouge says that.
        let left = (probe.left + probe.unreachable).max(0.0);
        let here = if probe.gouge > left { -probe.gouge } else { left };
        let node = map.at_mut(column as usize, row as usize);
        if node.is_nan() || here.abs() > node.abs() {
            *node = here;
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(x: f64, gouge: f64, left: f64) -> ProbeDeviation {
        ProbeDeviation { place: [x, 2.0, 0.0], gouge, line: 0, left, unreachable: 0.0 }
    }

    #[test]
    fn a_node_shows_the_largest_deviation_around_it() {
        let area = Rect { low: Point2::origin(), high: Point2::new(10.0, 5.0) };
        let probes = [probe(2.9, 0.0, 0.01), probe(3.2, 0.0, 0.05), probe(7.0, 0.3, 0.02)];
        let map = deviation_map(probes.into_iter().chain([probe(99.0, 1.0, 0.0)]), area);
        assert_eq!((map.at(3, 2), map.at(7, 2)), (0.05, -0.3));
        assert!(map.at(0, 0).is_nan());
    }
}
