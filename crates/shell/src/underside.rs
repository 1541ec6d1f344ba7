//! The bottom: true offset of the fitted top, posts under it, thick enough after its own fit.

use geometry::{GraphSurface, HeightField, Point2, Vector2, polygon};

use crate::foot_surface::map_nodes;
use crate::thickness::Sampled;
use crate::{ShellError, ShellSettings};

/// Rounds of thickening after the fit.
const ROUNDS: usize = 8;
/// How much more than the shortfall the target is lowered: the fit gives back a part.
const EAGERNESS: f64 = 1.3;
/// Shortfall of thickness that may stay, mm.
const SHORTFALL: f64 = 0.02;
/// Control heights in one direction for a length.
pub(crate) fn functions(length: f64, settings: &ShellSettings) -> usize {
    (length / settings.knot_spacing).round() as usize + 3
}

/// Fits a field with the settings' knot spacing.
pub(crate) fn fit(
    field: &HeightField,
    settings: &ShellSettings,
) -> Result<GraphSurface, ShellError> {
    let area = field.area();
    let (columns, rows) = (functions(area.width(), settings), functions(area.height(), settings));
    Ok(GraphSurface::fit(field, columns, rows, 1e-4)?)
}

/// The bottom surface.
///
/// `thickness` may differ from place to place. `fill` turns the height of the bare underside at a place into that with posts; it only lowers. The target is
/// lowered where the fit comes nearer than `thickness` to the top, up to [`ROUNDS`] times.
pub(crate) fn bottom(
    top: &GraphSurface,
    grid: &HeightField,
    outline: &[Point2],
    thickness: &(dyn Fn(Point2) -> f64 + Sync),
    settings: &ShellSettings,
    fill: &(dyn Fn(Point2, f64) -> f64 + Sync),
) -> Result<GraphSurface, ShellError> {
    let sampled = Sampled::new(top);
    let bare = map_nodes(grid, |column, row| {
        offset_below(top, grid, (column, row), thickness(grid.node(column, row)))
    });
    let node = |index: usize| grid.node(index % grid.columns, index / grid.columns);
    // Medial of a post's thin edge a low shell can reach under the floor; posts then stand as much deeper.
    let sunk = (0..bare.len())
        .filter(|index| bare[*index] < 0.0 && polygon::contains(outline, node(*index)))
        .fold(0.0, |deepest: f64, index| deepest.max(-bare[index]));
    let mut target = HeightField {
        heights: map_nodes(grid, |column, row| {
            let shell = bare[row * grid.columns + column];
            fill(grid.node(column, row), shell + sunk) - sunk
        }),
        ..grid.clone()
    };
    // Seen from the top's edge, the nearest point of the bottom may lie a thickness outside the trim line.
    let guarded = map_nodes(grid, |column, row| {
        let point = grid.node(column, row);
        let near = polygon::contains(outline, point)
            || polygon::distance_to_border(outline, point) < thickness(point);
        if near { 1.0 } else { 0.0 }
    });
    let mut surface = fit(&target, settings)?;
    for _ in 0..ROUNDS {
        let shortfall = HeightField {
            heights: map_nodes(grid, |column, row| {
                if guarded[row * grid.columns + column] == 0.0 {
                    return 0.0;
                }
                let point = grid.node(column, row);
                let jet = surface.jet(point);
                let thickness = thickness(point);
                // Under a post there is more than enough: no slope is steep enough to bring the top near.
                if grid.at(column, row) - jet.z > 3.0 * thickness {
                    return 0.0;
                }
                let missing = thickness - sampled.distance(surface.lift(point));
                let [dx, dy] = jet.gradient;
                missing.max(0.0) * (1.0 + dx * dx + dy * dy).sqrt()
            }),
            ..grid.clone()
        };
        if shortfall.heights.iter().all(|missing| *missing < SHORTFALL) {
            break;
        }
        let lowered = map_nodes(grid, |column, row| {
            // A spline cannot follow one node: its neighbors go along.
            let mut most: f64 = 0.0;
            for other_row in row.saturating_sub(1)..=(row + 1).min(grid.rows - 1) {
                for other in column.saturating_sub(1)..=(column + 1).min(grid.columns - 1) {
                    most = most.max(shortfall.at(other, other_row));
                }
            }
            if most < 0.5 * SHORTFALL { 0.0 } else { EAGERNESS * most }
        });
        target.heights.iter_mut().zip(lowered).for_each(|(height, drop)| *height -= drop);
        surface = fit(&target, settings)?;
    }
    Ok(surface)
}

/// Lower envelope of the spheres of radius `thickness` around the top, over one node.
///
/// The best node of the grid starts a Newton minimization of T(q) - √(t² - |q - p|²) over q.
fn offset_below(
    top: &GraphSurface,
    grid: &HeightField,
    (column, row): (usize, usize),
    thickness: f64,
) -> f64 {
    let point = grid.node(column, row);
    let reach = (thickness / grid.spacing).floor() as usize;
    let mut best = (f64::INFINITY, Vector2::zeros());
    for other_row in row.saturating_sub(reach)..=(row + reach).min(grid.rows - 1) {
        for other in column.saturating_sub(reach)..=(column + reach).min(grid.columns - 1) {
            let offset = grid.node(other, other_row) - point;
            let square = thickness * thickness - offset.norm_squared();
            if square > 0.0 {
                let height = grid.at(other, other_row) - square.sqrt();
                if height < best.0 {
                    best = (height, offset);
                }
            }
        }
    }
    refine_offset(top, point, thickness, best)
}

fn refine_offset(
    top: &GraphSurface,
    point: Point2,
    thickness: f64,
    (coarse, start): (f64, Vector2),
) -> f64 {
    let mut offset = start * (0.98 * thickness / start.norm().max(1e-9)).min(1.0);
    let mut lowest = coarse;
    for _ in 0..6 {
        let root = (thickness * thickness - offset.norm_squared()).sqrt();
        let place = point + offset;
        let jet = top.jet(place);
        lowest = lowest.min(jet.z - root);
        let ([sx, sy], [sxx, sxy, syy]) = (jet.gradient, jet.hessian);
        let slope = Vector2::new(sx + offset.x / root, sy + offset.y / root);
        let cube = root.powi(3);
        let mut xx = sxx + 1.0 / root + offset.x * offset.x / cube;
        let mut xy = sxy + offset.x * offset.y / cube;
        let mut yy = syy + 1.0 / root + offset.y * offset.y / cube;
        if xx <= 0.0 || xx * yy - xy * xy <= 1e-6 {
            // The top bends down more sharply than the sphere: go down by the sphere's own curvature.
            (xx, xy, yy) = (1.0 / root, 0.0, 1.0 / root);
        }
        let determinant = xx * yy - xy * xy;
        let move_by = Vector2::new(
            -(yy * slope.x - xy * slope.y) / determinant,
            -(xx * slope.y - xy * slope.x) / determinant,
        );
        if move_by.norm() < 1e-5 {
            break;
        }
        let next = offset + move_by * (0.8 / move_by.norm()).min(1.0);
        offset = next * (0.995 * thickness / next.norm().max(1e-9)).min(1.0);
    }
    lowest
}
