//! The bottom: true offset of the fitted top, posts under it, thick enough after its own fit.

use geometry::{BorderIndex, GraphSurface, HeightField, OverGrid, Point2, Point3, Vector2};

use crate::foot_surface::map_nodes;
use crate::thickness::Sampled;
use crate::{ShellError, ShellSettings};

/// Rounds of thickening after the fit.
const ROUNDS: usize = 8;
/// How much more than the shortfall the target is lowered: the fit gives back a part.
const EAGERNESS: f64 = 1.3;
/// Shortfall of thickness that may stay, mm.
const SHORTFALL: f64 = 0.02;
/// Less than this is not made up for, mm.
const UNFELT: f64 = 0.5 * SHORTFALL;
/// After a smaller step of Newton's method the offset is off by less than a millionth of a millimeter.
const SMALL_STEP: f64 = 1e-3;

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
/// `thickness` may differ along y. `fill` turns the height of the bare underside at a place into that with posts; it only lowers. The target is
/// lowered where the fit comes nearer than `thickness` to the top, up to [`ROUNDS`] times.
pub(crate) fn bottom(
    top: &GraphSurface,
    grid: &HeightField,
    border: &BorderIndex,
    thickness: &(dyn Fn(f64) -> f64 + Sync),
    settings: &ShellSettings,
    fill: &(dyn Fn(Point2, f64) -> f64 + Sync),
) -> Result<GraphSurface, ShellError> {
    let caps: Vec<Cap> =
        (0..grid.rows).map(|row| Cap::new(thickness(grid.node(0, row).y), grid.spacing)).collect();
    let offsets = map_nodes(grid, |column, row| offset_below(top, grid, (column, row), &caps[row]));
    let bare: Vec<f64> = offsets.iter().map(|offset| offset.height).collect();
    let node = |index: usize| grid.node(index % grid.columns, index / grid.columns);
    // Medial of a post's thin edge a low shell can reach under the floor; posts then stand as much deeper.
    let sunk = (0..bare.len())
        .filter(|index| bare[*index] < 0.0 && border.contains(node(*index)))
        .fold(0.0, |deepest: f64, index| deepest.max(-bare[index]));
    let mut target = HeightField {
        heights: map_nodes(grid, |column, row| {
            let shell = bare[row * grid.columns + column];
            fill(grid.node(column, row), shell + sunk) - sunk
        }),
        ..grid.clone()
    };
    let mut gaps = Gaps::new(top, grid, border, thickness);
    gaps.seen = offsets.iter().map(Offset::seen).collect();
    let mut surface = fit(&target, settings)?;
    for _ in 0..ROUNDS {
        let shortfall = gaps.shortfall(&surface);
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
            if most < UNFELT { 0.0 } else { EAGERNESS * most }
        });
        target.heights.iter_mut().zip(lowered).for_each(|(height, drop)| *height -= drop);
        surface = fit(&target, settings)?;
    }
    Ok(surface)
}

/// How near one bottom after the other comes to the top, at the nodes of a grid.
struct Gaps<'a> {
    sampled: Sampled<'a>,
    grid: &'a HeightField,
    /// Ordered thickness at the nodes, `NaN` where none is asked for.
    thickness: Vec<f64>,
    /// Height of the bottom whose thickness was last looked at, and what was missing (negative: to spare).
    seen: Vec<[f64; 2]>,
}

impl<'a> Gaps<'a> {
    fn new(
        top: &'a GraphSurface,
        grid: &'a HeightField,
        border: &BorderIndex,
        thickness: &(dyn Fn(f64) -> f64 + Sync),
    ) -> Self {
        // Seen from the top's edge, the nearest point of the bottom may lie a thickness outside the trim line.
        let guarded = map_nodes(grid, |column, row| {
            let point = grid.node(column, row);
            let thickness = thickness(point.y);
            let near = border.contains(point)
                || border.distance(point, thickness).is_some_and(|off| off < thickness);
            if near { thickness } else { f64::NAN }
        });
        let seen = vec![[0.0, f64::INFINITY]; guarded.len()];
        Self { sampled: Sampled::new(top), grid, thickness: guarded, seen }
    }

    /// What a bottom lacks at every node, along the upright, mm; less than [`UNFELT`] may read as nothing.
    fn shortfall(&mut self, bottom: &GraphSurface) -> HeightField {
        let over = OverGrid::new(bottom, self.grid);
        let looks = map_nodes(self.grid, |column, row| self.look(&over, column, row));
        self.seen = looks.iter().map(|look| look.seen).collect();
        let heights = looks.into_iter().map(|look| look.shortfall).collect();
        HeightField { heights, ..self.grid.clone() }
    }

    fn look(&self, over: &OverGrid<'_>, column: usize, row: usize) -> Look {
        let index = row * self.grid.columns + column;
        let (thickness, seen) = (self.thickness[index], self.seen[index]);
        if thickness.is_nan() {
            return Look { seen, shortfall: 0.0 };
        }
        let z = over.height(column, row);
        // Under a post there is more than enough: no slope is steep enough to bring the top near.
        if self.grid.at(column, row) - z > 3.0 * thickness {
            return Look { seen, shortfall: 0.0 };
        }
        let [dx, dy] = over.gradient(column, row);
        let upright = (1.0 + dx * dx + dy * dy).sqrt();
        // Nearer to the top than before by no more than it rose; further down nothing is nearer.
        let [height, missing] = seen;
        if (missing + (z - height).max(0.0)) * upright < UNFELT {
            return Look { seen, shortfall: 0.0 };
        }
        let point = self.grid.node(column, row);
        let missing = thickness - self.sampled.distance(Point3::new(point.x, point.y, z));
        Look { seen: [z, missing], shortfall: missing.max(0.0) * upright }
    }
}

/// One node's thickness: what to remember, and what is missing.
struct Look {
    seen: [f64; 2],
    shortfall: f64,
}

/// The lower cap of a sphere over the nodes of a grid: offsets in nodes, and heights over its middle.
struct Cap {
    thickness: f64,
    nodes: Vec<([isize; 2], f64)>,
}

impl Cap {
    fn new(thickness: f64, spacing: f64) -> Self {
        let reach = (thickness / spacing).floor() as isize;
        let mut nodes = Vec::new();
        for down in -reach..=reach {
            for right in -reach..=reach {
                let offset = Vector2::new(right as f64, down as f64) * spacing;
                let square = thickness * thickness - offset.norm_squared();
                if square > 0.0 {
                    nodes.push(([right, down], square.sqrt()));
                }
            }
        }
        Self { thickness, nodes }
    }
}

/// Height of the underside over a node, and whether it was found to the end.
struct Offset {
    height: f64,
    settled: bool,
}

impl Offset {
    /// As [`Gaps::seen`]: an offset lacks nothing.
    const fn seen(&self) -> [f64; 2] {
        [self.height, if self.settled { 0.0 } else { f64::INFINITY }]
    }
}

/// Lower envelope of the spheres of radius `thickness` around the top, over one node.
///
/// The best node of the grid starts a Newton minimization of T(q) - √(t² - |q - p|²) over q.
fn offset_below(
    top: &GraphSurface,
    grid: &HeightField,
    (column, row): (usize, usize),
    cap: &Cap,
) -> Offset {
    let mut best = (f64::INFINITY, [0, 0]);
    for &([right, down], root) in &cap.nodes {
        let (Some(other), Some(other_row)) =
            (column.checked_add_signed(right), row.checked_add_signed(down))
        else {
            continue;
        };
        if other < grid.columns && other_row < grid.rows {
            let height = grid.at(other, other_row) - root;
            if height < best.0 {
                best = (height, [right, down]);
            }
        }
    }
    let start = Vector2::from(best.1.map(|nodes| nodes as f64 * grid.spacing));
    refine_offset(top, grid.node(column, row), cap.thickness, (best.0, start))
}

fn refine_offset(
    top: &GraphSurface,
    point: Point2,
    thickness: f64,
    (coarse, start): (f64, Vector2),
) -> Offset {
    let mut offset = start * (0.98 * thickness / start.norm().max(1e-9)).min(1.0);
    let mut found = Offset { height: coarse, settled: false };
    for _ in 0..6 {
        let root = (thickness * thickness - offset.norm_squared()).sqrt();
        let place = point + offset;
        let jet = top.jet(place);
        found.height = found.height.min(jet.z - root);
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
        if move_by.norm() < SMALL_STEP {
            found.settled = true;
            break;
        }
        let next = offset + move_by * (0.8 / move_by.norm()).min(1.0);
        offset = next * (0.995 * thickness / next.norm().max(1e-9)).min(1.0);
    }
    found
}
