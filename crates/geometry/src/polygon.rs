//! Closed polygons in the plane, given by their corners without repeating the first.

use crate::Point2;

/// Area in mm²; positive when the corners run counter-clockwise.
#[must_use]
pub fn signed_area(corners: &[Point2]) -> f64 {
    edges(corners).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() / 2.0
}

/// Whether a point lies inside (even-odd rule).
#[must_use]
pub fn contains(corners: &[Point2], point: Point2) -> bool {
    edges(corners).fold(false, |inside, (a, b)| {
        let crosses = (a.y > point.y) != (b.y > point.y)
            && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x;
        inside ^ crosses
    })
}

/// Distance of a point from the border, mm; positive on both sides. Infinite for no corners.
#[must_use]
pub fn distance_to_border(corners: &[Point2], point: Point2) -> f64 {
    edges(corners).map(|(a, b)| distance_to_segment(a, b, point)).fold(f64::INFINITY, f64::min)
}

/// Distance of a point from the segment a–b, mm.
#[must_use]
pub fn distance_to_segment(a: Point2, b: Point2, point: Point2) -> f64 {
    let along = b - a;
    let length_squared = along.norm_squared();
    let t = if length_squared > 0.0 {
        ((point - a).dot(&along) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point - (a + along * t)).norm()
}

/// Length of the border, mm.
#[must_use]
pub fn perimeter(corners: &[Point2]) -> f64 {
    edges(corners).map(|(a, b)| (b - a).norm()).sum()
}

/// Consecutive corners, the last joined to the first.
pub fn edges(corners: &[Point2]) -> impl Iterator<Item = (Point2, Point2)> + '_ {
    (0..corners.len()).map(|i| (corners[i], corners[(i + 1) % corners.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Vec<Point2> {
        [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)].map(|(x, y)| Point2::new(x, y)).to_vec()
    }

    #[test]
    fn square_facts() {
        assert!((signed_area(&square()) - 4.0).abs() < 1e-12);
        assert!((perimeter(&square()) - 8.0).abs() < 1e-12);
        assert!(contains(&square(), Point2::new(1.9, 0.1)));
        assert!(!contains(&square(), Point2::new(2.1, 0.1)));
        assert!((distance_to_border(&square(), Point2::new(1.0, 1.5)) - 0.5).abs() < 1e-12);
    }
}
