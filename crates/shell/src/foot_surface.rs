//! From the scanned plantar map to a sole that a shell can follow.
//!
//! 1. Lower Lipschitz envelope T(p) = min over q of H(q) + s·|p - q|: nowhere steeper than s, nowhere
//!    above the foot, and a natural wall outside the silhouette.
//! 2. Gaussian average against scanner noise.
//! 3. Morphological closing with a ball (Serra 1982): what a ball-nose of that radius can reach.

use foot::Foot;
use geometry::{HeightField, Point2, Rect};
use rayon::prelude::*;

use crate::smooth;
use crate::{ShellError, ShellSettings};

/// Heights over this are wall or ankle, not sole, mm.
const HIGHEST: f64 = 45.0;
/// How far the wall is continued outside the foot's silhouette, mm.
const MARGIN: f64 = 26.0;

/// The smooth sole over the area of a shell that ends at `distal`, with a margin all around, grown by a cover.
pub(crate) fn smooth_sole(
    foot: &Foot,
    settings: &ShellSettings,
    distal: f64,
    cover: f64,
) -> Result<HeightField, ShellError> {
    let map = &foot.plantar.heights;
    let padded = pad(map, distal + MARGIN);
    let slope = settings.steepest_wall.tan();
    let sigma = settings.sole_smoothing / map.spacing;
    let known = padded.heights.iter().filter(|height| height.is_finite()).count();
    let area_cm2 = known as f64 * map.spacing * map.spacing / 100.0;
    if area_cm2 < 50.0 {
        return Err(ShellError::Foot {
            reason: format!(
                "its plantar map shows only {area_cm2:.0} cm² behind the ball, 50 are needed"
            ),
        });
    }
    let envelope = lipschitz_envelope(&padded, slope);
    let averaged = average(&envelope, sigma);
    let sole = ball_closing(&averaged, settings.concave_radius);
    Ok(if cover > 0.0 { under_cover(&sole, cover) } else { sole })
}

/// The sole grown by a cover of this thickness, lowered or raised so that a flat seat keeps its height.
fn under_cover(sole: &HeightField, cover: f64) -> HeightField {
    // Quarter millimeters would be wanted for a thin cover; the envelope is taken on a grid fine enough for it.
    let fine = cover / 6.0;
    let reach = (cover / fine).floor() as isize;
    let mut cap = Vec::new();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let offset = geometry::Vector2::new(dx as f64, dy as f64) * fine;
            let square = cover * cover - offset.norm_squared();
            if square >= 0.0 {
                cap.push((offset, square.sqrt()));
            }
        }
    }
    let area = sole.area();
    let heights = map_nodes(sole, |column, row| {
        let node = sole.node(column, row);
        let lowest = cap.iter().fold(f64::INFINITY, |lowest: f64, (offset, rise)| {
            let place = node + offset;
            let inside = Point2::new(
                place.x.clamp(area.low.x, area.high.x - 1e-9),
                place.y.clamp(area.low.y, area.high.y - 1e-9),
            );
            lowest.min(sole.sample(inside).unwrap_or(f64::INFINITY) - rise)
        });
        lowest + cover
    });
    HeightField { heights, ..sole.clone() }
}

/// The map up to `y_end`, with unknown nodes added around it; only heights of the sole are kept.
fn pad(map: &HeightField, y_end: f64) -> HeightField {
    let border = (MARGIN / map.spacing).ceil();
    let low = map.node(0, 0) - geometry::Vector2::repeat(border * map.spacing);
    let high = Point2::new(map.area().high.x + border * map.spacing, y_end);
    HeightField::from_fn(Rect { low, high }, map.spacing, |node| {
        let column = ((node.x - map.origin.x) / map.spacing).round();
        let row = ((node.y - map.origin.y) / map.spacing).round();
        let inside =
            column >= 0.0 && row >= 0.0 && column < map.columns as f64 && row < map.rows as f64;
        let height = if inside { map.at(column as usize, row as usize) } else { f64::NAN };
        // Noise under the ground would push the whole shell up.
        if height < HIGHEST { height.max(0.0) } else { f64::NAN }
    })
}

/// Nowhere steeper than `slope`, nowhere above the field; unknown nodes become wall.
///
/// Every node remembers from which node its cone starts, and hands it on to its neighbors: two sweeps there and
/// back, as in Danielsson's distance map (1980, doi 10.1016/0146-664X(80)90054-4).
fn lipschitz_envelope(field: &HeightField, slope: f64) -> HeightField {
    let mut cones = Cones {
        columns: field.columns,
        rise: slope * field.spacing,
        apex: (0..field.heights.len()).collect(),
        start: field.heights.clone(),
        heights: field
            .heights
            .iter()
            .map(|height| if height.is_finite() { *height } else { f64::INFINITY })
            .collect(),
    };
    let (columns, rows) = (field.columns as isize, field.rows as isize);
    for _ in 0..2 {
        for row in 0..rows {
            for column in 0..columns {
                cones.take(row, column, &[(-1, -1), (-1, 0), (-1, 1), (0, -1)]);
            }
            for column in (0..columns).rev() {
                cones.take(row, column, &[(0, 1)]);
            }
        }
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                cones.take(row, column, &[(1, -1), (1, 0), (1, 1), (0, 1)]);
            }
            for column in 0..columns {
                cones.take(row, column, &[(0, -1)]);
            }
        }
    }
    let heights = cones.heights.iter().map(|height| height.min(HIGHEST)).collect();
    HeightField { heights, ..field.clone() }
}

/// Cones of one slope that stand on the nodes of a field; the lowest counts.
struct Cones {
    columns: usize,
    rise: f64,
    apex: Vec<usize>,
    start: Vec<f64>,
    heights: Vec<f64>,
}

impl Cones {
    /// Lets the node take over a neighbor's cone where that is lower.
    fn take(&mut self, row: isize, column: isize, neighbors: &[(isize, isize)]) {
        let columns = self.columns as isize;
        let rows = self.heights.len() as isize / columns;
        let here = (row * columns + column) as usize;
        for (down, right) in neighbors {
            let (other_row, other_column) = (row + down, column + right);
            if !(0..rows).contains(&other_row) || !(0..columns).contains(&other_column) {
                continue;
            }
            let other = (other_row * columns + other_column) as usize;
            if self.heights[other] == f64::INFINITY {
                continue;
            }
            let apex = self.apex[other];
            let across = (apex / self.columns) as f64 - row as f64;
            let along = (apex % self.columns) as f64 - column as f64;
            let height = self.start[apex] + self.rise * across.hypot(along);
            if height < self.heights[here] {
                self.heights[here] = height;
                self.apex[here] = apex;
            }
        }
    }
}

/// Gaussian average, one direction after the other; `sigma` in nodes.
pub(crate) fn average(field: &HeightField, sigma: f64) -> HeightField {
    let weights = smooth::gaussian_weights(sigma);
    let reach = weights.len() / 2;
    let along = |field: &HeightField, step: [usize; 2]| {
        map_nodes(field, |column, row| {
            let mut sum = 0.0;
            for (k, weight) in weights.iter().enumerate() {
                let other = (column + k * step[0]).saturating_sub(reach * step[0]);
                let other_row = (row + k * step[1]).saturating_sub(reach * step[1]);
                sum +=
                    weight * field.at(other.min(field.columns - 1), other_row.min(field.rows - 1));
            }
            sum
        })
    };
    let half = HeightField { heights: along(field, [1, 0]), ..field.clone() };
    HeightField { heights: along(&half, [0, 1]), ..field.clone() }
}

/// Fills what a ball of this radius, coming from above, cannot reach.
fn ball_closing(field: &HeightField, radius: f64) -> HeightField {
    let cap = ball_cap(radius, field.spacing);
    let extreme = |field: &HeightField, sign: f64| {
        map_nodes(field, |column, row| {
            let mut best = f64::NEG_INFINITY;
            for &(dx, dy, height) in &cap {
                let other = (column as isize + dx).clamp(0, field.columns as isize - 1) as usize;
                let other_row = (row as isize + dy).clamp(0, field.rows as isize - 1) as usize;
                best = best.max(sign * field.at(other, other_row) + height);
            }
            sign * best
        })
    };
    let centers = HeightField { heights: extreme(field, 1.0), ..field.clone() };
    HeightField { heights: extreme(&centers, -1.0), ..field.clone() }
}

/// Offsets in nodes and heights of a ball's cap over its center.
fn ball_cap(radius: f64, spacing: f64) -> Vec<(isize, isize, f64)> {
    let reach = (radius / spacing).floor() as isize;
    let mut cap = Vec::new();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let square = radius * radius - ((dx * dx + dy * dy) as f64) * spacing * spacing;
            if square >= 0.0 {
                cap.push((dx, dy, square.sqrt()));
            }
        }
    }
    cap
}

/// Evaluates every node, rows in parallel; the order of the result does not depend on threads.
pub(crate) fn map_nodes<T: Send>(
    field: &HeightField,
    value: impl Fn(usize, usize) -> T + Sync,
) -> Vec<T> {
    (0..field.rows)
        .into_par_iter()
        .flat_map_iter(|row| {
            (0..field.columns).map(|column| value(column, row)).collect::<Vec<T>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area() -> Rect {
        Rect { low: Point2::new(0.0, 0.0), high: Point2::new(30.0, 30.0) }
    }

    #[test]
    fn the_envelope_is_a_wall_outside_and_never_above() {
        let bowl = |p: Point2| if p.x < 20.0 { (p.x - 10.0).powi(2) * 0.2 } else { f64::NAN };
        let field = HeightField::from_fn(area(), 1.0, bowl);
        let envelope = lipschitz_envelope(&field, 1.5);
        for row in 0..field.rows {
            for column in 0..field.columns {
                let (here, foot) = (envelope.at(column, row), field.at(column, row));
                assert!(foot.is_nan() || here <= foot, "wall digs into the foot");
                if column > 0 {
                    assert!((here - envelope.at(column - 1, row)).abs() <= 1.5 + 1e-9, "too steep");
                }
            }
        }
        assert!((envelope.at(29, 10) - envelope.at(28, 10) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn closing_leaves_planes_and_fills_a_groove() {
        let plane = HeightField::from_fn(area(), 1.0, |p| 0.7 * p.x - 0.3 * p.y);
        let closed = ball_closing(&plane, 3.2);
        for row in 8..22 {
            for column in 8..22 {
                assert!((closed.at(column, row) - plane.at(column, row)).abs() < 1e-9);
            }
        }
        let groove =
            HeightField::from_fn(
                area(),
                1.0,
                |p| if (p.x - 15.0).abs() < 1.5 { -4.0 } else { 0.0 },
            );
        assert!(ball_closing(&groove, 3.2).at(15, 15) > -1.0);
    }
}
