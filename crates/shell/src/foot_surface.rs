//! From the scanned plantar map to a sole that a shell can follow.
//!
//! 1. Lower Lipschitz envelope T(p) = min over q of H(q) + s·|p - q|: nowhere steeper than s, nowhere
//!    above the foot, and a natural wall outside the silhouette.
//! 2. Gaussian average against scanner noise.
//! 3. Morphological closing with a ball (Serra 1982): what a ball-nose of that radius can reach.

use foot::Foot;
use geometry::{HeightField, Point2, Rect, Vector2};
use rayon::prelude::*;

use crate::smooth;
use crate::{ShellError, ShellSettings};

/// Heights over this are wall or ankle, not sole, mm.
const HIGHEST: f64 = 45.0;
/// How far the wall is continued outside the foot's silhouette, mm.
const MARGIN: f64 = 26.0;

/// The smooth sole over the area of a shell that ends at `distal`, with a margin all around.
pub(crate) fn smooth_sole(
    foot: &Foot,
    settings: &ShellSettings,
    distal: f64,
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
    Ok(ball_closing(&averaged, settings.concave_radius))
}

/// The sole grown by a cover of this thickness, lowered or raised so that a flat seat keeps its height.
pub(crate) fn under_cover(sole: &HeightField, cover: f64) -> HeightField {
    // Quarter millimeters would be wanted for a thin cover; the envelope is taken on a grid fine enough for it.
    let fine = cover / 6.0;
    let steps = (cover / fine).floor() as isize;
    let margin = (cover / sole.spacing).ceil() as usize + 1;
    let padded = held(sole, margin);
    let mut lowest =
        HeightField { heights: vec![f64::INFINITY; sole.heights.len()], ..sole.clone() };
    for dy in -steps..=steps {
        for dx in -steps..=steps {
            let offset = Vector2::new(dx as f64, dy as f64) * fine;
            let square = cover * cover - offset.norm_squared();
            if square >= 0.0 {
                lower_to_shifted(&mut lowest, (&padded, margin), offset, square.sqrt());
            }
        }
    }
    lowest.heights.iter_mut().for_each(|height| *height += cover);
    lowest
}

/// A field with its border's heights held over more nodes on every side.
fn held(field: &HeightField, margin: usize) -> HeightField {
    let inside = |index: usize, count: usize| index.saturating_sub(margin).min(count - 1);
    let (columns, rows) = (field.columns + 2 * margin, field.rows + 2 * margin);
    let heights = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (column, row)))
        .map(|(column, row)| field.at(inside(column, field.columns), inside(row, field.rows)))
        .collect();
    let origin = field.origin - Vector2::repeat(margin as f64 * field.spacing);
    HeightField { origin, columns, rows, heights, ..*field }
}

/// Lowers a field to another one, seen `offset` away and `down` lower; all nodes lie alike between those of the other, so
/// that the weights of its four neighbors are the same everywhere.
fn lower_to_shifted(
    lowest: &mut HeightField,
    (padded, margin): (&HeightField, usize),
    offset: Vector2,
    down: f64,
) {
    let place = offset / padded.spacing;
    let [s, t] = [place.x - place.x.floor(), place.y - place.y.floor()];
    let first = |along: f64| (margin as isize + along.floor() as isize) as usize;
    let (column, row) = (first(place.x), first(place.y));
    let columns = lowest.columns;
    for (index, line) in lowest.heights.chunks_exact_mut(columns).enumerate() {
        let from = |row: usize| &padded.heights[row * padded.columns + column..][..=columns];
        let (near, far) = (from(row + index), from(row + index + 1));
        for ((height, near), far) in line.iter_mut().zip(near.windows(2)).zip(far.windows(2)) {
            let here = (1.0 - t) * ((1.0 - s) * near[0] + s * near[1])
                + t * ((1.0 - s) * far[0] + s * far[1]);
            *height = height.min(here - down);
        }
    }
}

/// The map up to `y_end`, with unknown nodes added around it; only heights of the sole are kept.
fn pad(map: &HeightField, y_end: f64) -> HeightField {
    let border = (MARGIN / map.spacing).ceil();
    let low = map.node(0, 0) - Vector2::repeat(border * map.spacing);
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

/// Evaluates every node in parallel, row by row; the order of the result does not depend on threads.
pub(crate) fn map_nodes<T: Send>(
    field: &HeightField,
    value: impl Fn(usize, usize) -> T + Sync,
) -> Vec<T> {
    let columns = field.columns;
    (0..field.rows * columns)
        .into_par_iter()
        .map(|index| value(index % columns, index / columns))
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
