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

/// What a bottom is made for.
pub(crate) struct Underside<'a> {
    /// The top that it lies under.
    pub(crate) top: &'a GraphSurface,
    /// Heights of the top.
    pub(crate) grid: &'a HeightField,
    /// The trim line, and its edges.
    pub(crate) outline: &'a [Point2],
    pub(crate) border: &'a BorderIndex,
    /// Ordered thickness over y.
    pub(crate) thickness: &'a (dyn Fn(f64) -> f64 + Sync),
    pub(crate) settings: &'a ShellSettings,
    /// Turns the height of the bare underside at a place into that with posts; only lowers.
    pub(crate) fill: &'a (dyn Fn(Point2, f64) -> f64 + Sync),
}

/// A bottom with everything that it was made from, of one foot and one set of habits.
#[derive(Debug)]
pub(crate) struct KeptBottom {
    top: GraphSurface,
    thickness: Vec<f64>,
    offsets: Vec<Offset>,
    outline: Vec<Point2>,
    target: Vec<f64>,
    bottom: GraphSurface,
}

impl Underside<'_> {
    /// The bottom surface; what a kept one shares with it is not made again.
    ///
    /// The target is lowered where the fit comes nearer than the thickness to the top, up to [`ROUNDS`] times.
    pub(crate) fn bottom(&self, kept: &mut Option<KeptBottom>) -> Result<GraphSurface, ShellError> {
        let grid = self.grid;
        let thickness: Vec<f64> =
            (0..grid.rows).map(|row| (self.thickness)(grid.node(0, row).y)).collect();
        let before =
            kept.take().filter(|kept| kept.top == *self.top && kept.thickness == thickness);
        let (offsets, before) = match before {
            Some(kept) => (kept.offsets, Some((kept.outline, kept.target, kept.bottom))),
            None => (self.offsets(&thickness), None),
        };
        let target = self.target(&offsets);
        let same = before
            .filter(|(outline, heights, _)| outline == self.outline && *heights == target)
            .map(|(_, _, bottom)| bottom);
        let bottom = match same {
            Some(bottom) => bottom,
            None => self.thick_enough(&thickness, &offsets, &target)?,
        };
        *kept = Some(KeptBottom {
            top: self.top.clone(),
            thickness,
            offsets,
            outline: self.outline.to_vec(),
            target,
            bottom: bottom.clone(),
        });
        Ok(bottom)
    }

    fn offsets(&self, thickness: &[f64]) -> Vec<Offset> {
        let grid = self.grid;
        let caps: Vec<Cap> =
            thickness.iter().map(|thickness| Cap::new(*thickness, grid.spacing)).collect();
        map_nodes(grid, |column, row| offset_below(self.top, grid, (column, row), &caps[row]))
    }

    /// Heights of the underside with posts.
    fn target(&self, offsets: &[Offset]) -> Vec<f64> {
        let grid = self.grid;
        let node = |index: usize| grid.node(index % grid.columns, index / grid.columns);
        // Medial of a post's thin edge a low shell can reach under the floor; posts then stand as much deeper.
        let sunk = offsets
            .iter()
            .enumerate()
            .filter(|(index, bare)| bare.height < 0.0 && self.border.contains(node(*index)))
            .fold(0.0, |deepest: f64, (_, bare)| deepest.max(-bare.height));
        map_nodes(grid, |column, row| {
            let shell = offsets[row * grid.columns + column].height;
            (self.fill)(grid.node(column, row), shell + sunk) - sunk
        })
    }

    /// A surface near the target that leaves the ordered thickness everywhere.
    fn thick_enough(
        &self,
        thickness: &[f64],
        offsets: &[Offset],
        target: &[f64],
    ) -> Result<GraphSurface, ShellError> {
        let grid = self.grid;
        let mut target = HeightField { heights: target.to_vec(), ..grid.clone() };
        let mut gaps = self.gaps(thickness, offsets);
        let mut surface = fit(&target, self.settings)?;
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
            surface = fit(&target, self.settings)?;
        }
        Ok(surface)
    }

    fn gaps(&self, thickness: &[f64], offsets: &[Offset]) -> Gaps<'_> {
        // Seen from the top's edge, the nearest point of the bottom may lie a thickness outside the trim line.
        let thickness = map_nodes(self.grid, |column, row| {
            let (point, thickness) = (self.grid.node(column, row), thickness[row]);
            let near = self.border.contains(point)
                || self.border.distance(point, thickness).is_some_and(|off| off < thickness);
            if near { thickness } else { f64::NAN }
        });
        let seen = offsets.iter().map(Offset::seen).collect();
        Gaps { sampled: Sampled::new(self.top), grid: self.grid, thickness, seen }
    }
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

impl Gaps<'_> {
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
    /// In nodes.
    reach: usize,
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
        Self { thickness, reach: reach as usize, nodes }
    }
}

/// Height of the underside over a node, and whether it was found to the end.
#[derive(Debug)]
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
    let (first, last) = (cap.reach, |count: usize| count.saturating_sub(cap.reach));
    if (first..last(grid.columns)).contains(&column) && (first..last(grid.rows)).contains(&row) {
        let here = row * grid.columns + column;
        for &(nodes @ [right, down], root) in &cap.nodes {
            let there = here.wrapping_add_signed(down * grid.columns as isize + right);
            let height = grid.heights[there] - root;
            if height < best.0 {
                best = (height, nodes);
            }
        }
    } else {
        for &(nodes @ [right, down], root) in &cap.nodes {
            let other = column.checked_add_signed(right).filter(|other| *other < grid.columns);
            let other_row = row.checked_add_signed(down).filter(|other| *other < grid.rows);
            if let (Some(other), Some(other_row)) = (other, other_row) {
                let height = grid.at(other, other_row) - root;
                if height < best.0 {
                    best = (height, nodes);
                }
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
