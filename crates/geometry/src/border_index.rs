//! Many point-in-region and distance questions about the same borders.
//!
//! Edges are sorted into horizontal bands, so that a question looks only at edges of its own height.

use crate::{Point2, polygon};

/// Height of a band, mm: a shell's border has edges of 0.3 to 3 mm, a few of which meet a band.
const BAND_HEIGHT_MM: f64 = 1.0;

/// Most bands; wider borders get higher bands.
const MOST_BANDS: f64 = 4096.0;

/// Edges of closed borders, sorted by height.
#[derive(Clone, Debug)]
pub struct BorderIndex {
    low_y: f64,
    band_height: f64,
    bands: Vec<Vec<(Point2, Point2)>>,
}

impl BorderIndex {
    /// Sorts edges; those of every border together must close it.
    #[must_use]
    pub fn new(edges: impl Iterator<Item = (Point2, Point2)>) -> Self {
        let edges: Vec<_> = edges.collect();
        let heights = || edges.iter().flat_map(|(a, b)| [a.y, b.y]);
        let low_y = heights().fold(f64::INFINITY, f64::min);
        let high_y = heights().fold(f64::NEG_INFINITY, f64::max);
        let extent = (high_y - low_y).max(0.0);
        let band_height = BAND_HEIGHT_MM.max(extent / MOST_BANDS);
        let mut index = Self {
            low_y,
            band_height,
            bands: vec![Vec::new(); (extent / band_height) as usize + 1],
        };
        for (a, b) in edges {
            for band in index.band(a.y.min(b.y))..=index.band(a.y.max(b.y)) {
                index.bands[band].push((a, b));
            }
        }
        index
    }

    /// The index of one closed polygon, given by its corners without repeating the first.
    #[must_use]
    pub fn of(corners: &[Point2]) -> Self {
        Self::new(polygon::edges(corners))
    }

    /// Whether the point is inside by the even-odd rule over all borders.
    #[must_use]
    pub fn contains(&self, point: Point2) -> bool {
        self.bands[self.band(point.y)].iter().fold(false, |inside, (a, b)| {
            let crosses = (a.y > point.y) != (b.y > point.y)
                && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x;
            inside ^ crosses
        })
    }

    /// Distance to the nearest edge, or `None` if it is more than `within` mm away.
    #[must_use]
    pub fn distance(&self, point: Point2, within: f64) -> Option<f64> {
        self.bands[self.band(point.y - within)..=self.band(point.y + within)]
            .iter()
            .flatten()
            .filter(|(a, b)| point.x >= a.x.min(b.x) - within && point.x <= a.x.max(b.x) + within)
            .map(|&(a, b)| polygon::distance_to_segment(a, b, point))
            .filter(|&distance| distance <= within)
            .min_by(f64::total_cmp)
    }

    fn band(&self, y: f64) -> usize {
        (((y - self.low_y) / self.band_height).max(0.0) as usize).min(self.bands.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_plain_polygon() {
        let corners: Vec<Point2> = (0..37)
            .map(|i| {
                let angle = std::f64::consts::TAU * f64::from(i) / 37.0;
                let radius = 20.0 + 8.0 * (3.0 * angle).sin();
                Point2::new(radius * angle.cos(), radius * angle.sin())
            })
            .collect();
        let index = BorderIndex::new(polygon::edges(&corners));
        for i in -30..30 {
            for j in -30..30 {
                let point = Point2::new(f64::from(i) + 0.31, f64::from(j) + 0.17);
                assert_eq!(index.contains(point), polygon::contains(&corners, point));
                let distance = polygon::distance_to_border(&corners, point);
                match index.distance(point, 3.0) {
                    Some(found) => assert!((found - distance).abs() < 1e-12),
                    None => assert!(distance > 3.0),
                }
            }
        }
    }
}
