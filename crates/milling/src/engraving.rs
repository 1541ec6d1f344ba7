//! A mark engraved into a surface: lines that a small round tip follows at a depth.
//!
//! ```text
//!        ·  axis            Under every place of a line the center of the tip lies r − d along the surface's
//!      ╭─┼─╮     n          normal n over it, so that its deepest point is d below the surface, along the
//!   ___│ │ │___ ↗           normal (r radius of the tip, d depth).
//!      ╰─●─╯
//! ```
//!
//! The check compares places at the ground of the lines with that depth, and leaves the surface within the width of
//! the tip out.

use geometry::{Point2, TriMesh, Vector3, polygon};
use serde::Serialize;

use crate::path::{FeedClass, Step, Tip, ToolPath, simplified};
use crate::plan_view::PlanView;
use crate::stock::Probe;
use crate::{Cutter, MillError, Tool};

/// What is engraved, and with what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Engraving {
    /// The tool; its tip is round.
    pub tool: Tool,
    /// Lines seen from above, coordinates of the part, mm. Closed ones end where they begin.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// Depth below the surface, along its normal, mm.
    pub depth_mm: f64,
}

/// Lines on the surface of a part, program coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grooves {
    lines: Vec<Vec<Ground>>,
    /// Distance from a line within which the tool takes surface away, mm.
    reach: f64,
    depth: f64,
    radius: f64,
}

/// A place of the surface under a line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ground {
    place: [f64; 3],
    normal: [f64; 3],
}

/// Distance of the places of a line, mm.
const SPACING_MM: f64 = 0.2;
/// Grid on which the surface under the lines is looked up, mm.
const VIEW_MM: f64 = 0.1;
/// Steepest surface that is engraved, rise over run: 40°.
const STEEPEST: f64 = 0.84;
/// Height over the highest place of the lines at which the tool goes from one to the next, mm.
const HOP_MM: f64 = 1.0;
/// Height over a line at which the plunge feed begins, mm.
const ENTRY_MM: f64 = 0.3;
/// Share of the path's tolerance that leaving out places may use.
const SIMPLIFYING_SHARE: f64 = 0.2;
/// Places of the surface this much farther away than the tool reaches are compared again, mm: meshes and steps.
const MARGIN_MM: f64 = 0.1;

impl Engraving {
    /// The lines moved and, for the underside of a turned blank, mirrored with the part.
    pub(crate) fn placed(&self, place: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        let lines = self.lines.iter().map(|line| line.iter().map(|at| place(*at)).collect());
        Self { lines: lines.collect(), ..self.clone() }
    }
}

impl Grooves {
    /// The lines of an engraving, in program coordinates, on the upper side of a part.
    ///
    /// # Errors
    /// [`MillError::MarkBesideSurface`] where a line is not over the part, or the part is too steep there.
    pub(crate) fn on(part: &TriMesh, engraving: &Engraving) -> Result<Self, MillError> {
        let near = around(part, &engraving.lines);
        let view = PlanView::new(&near, 1.0, VIEW_MM);
        let mut lines = Vec::new();
        for line in &engraving.lines {
            let mut grounds = Vec::new();
            for [x, y] in fine(line) {
                let beside = MillError::MarkBesideSurface { x, y };
                let ground = surface(&near, &view, [x, y]).ok_or(beside.clone())?;
                let [dx, dy, up] = ground.normal;
                if dx.hypot(dy) > STEEPEST * up {
                    return Err(beside);
                }
                grounds.push(ground);
            }
            if grounds.len() > 1 {
                lines.push(grounds);
            }
        }
        let cutter = Cutter::of(&engraving.tool);
        let (depth, radius) = (engraving.depth_mm, cutter.corner());
        Ok(Self { lines, reach: reach(&cutter, depth) + MARGIN_MM, depth, radius })
    }

    fn tip(&self, ground: &Ground) -> Tip {
        let along: [f64; 3] = std::array::from_fn(|axis| {
            ground.place[axis] + (self.radius - self.depth) * ground.normal[axis]
        });
        [along[0], along[1], along[2] - self.radius]
    }

    /// The way of the tool: from each line to the nearest that waits, close over the surface.
    pub(crate) fn path(&self, tolerance: f64) -> ToolPath {
        let mut path = ToolPath::default();
        let heights = self.lines.iter().flatten().map(|ground| ground.place[2]);
        let over = heights.fold(f64::NEG_INFINITY, f64::max) + HOP_MM;
        let mut waiting: Vec<Vec<Tip>> =
            self.lines.iter().map(|line| line.iter().map(|at| self.tip(at)).collect()).collect();
        let mut at: Option<Tip> = None;
        while let Some(line) = crate::linking::nearest_line(&mut waiting, at) {
            let line = simplified(&line, SIMPLIFYING_SHARE * tolerance);
            let [x, y, z] = line[0];
            match at {
                None => path.approach([x, y], over),
                Some([from_x, from_y, _]) => {
                    path.feed([from_x, from_y, over], FeedClass::Air);
                    path.feed([x, y, over], FeedClass::Air);
                }
            }
            path.feed([x, y, z + self.depth + ENTRY_MM], FeedClass::Air);
            path.feed_along(&line, FeedClass::Plunge);
            at = line.last().copied();
        }
        path.steps.push(Step::Retract);
        path
    }

    /// Leaves out the probes that the engraving changes, and adds those of its ground.
    pub(crate) fn change(&self, probes: &mut Vec<Probe>) {
        let mut cells: std::collections::HashMap<[i32; 2], Vec<[f64; 2]>> =
            std::collections::HashMap::new();
        let cell = |place: [f64; 2]| place.map(|along| (along / CELL_MM).floor() as i32);
        for ground in self.lines.iter().flatten() {
            let place = [ground.place[0], ground.place[1]];
            cells.entry(cell(place)).or_default().push(place);
        }
        let near = self.reach + 0.5 * SPACING_MM;
        probes.retain(|probe| {
            let [x, y, _] = probe.place;
            let [column, row] = cell([x, y]);
            let around = (-1..=1).flat_map(|i| (-1..=1).map(move |j| [column + i, row + j]));
            !around
                .filter_map(|cell| cells.get(&cell))
                .flatten()
                .any(|[a, b]| (a - x).hypot(b - y) < near)
        });
        probes.extend(self.lines.iter().flatten().map(|ground| Probe {
            place: std::array::from_fn(|axis| {
                ground.place[axis] - self.depth * ground.normal[axis]
            }),
            upright: ground.normal[2],
            is_rim: false,
        }));
    }
}

/// Cells in which lines are looked up, mm: more than the widest tool tip reaches.
const CELL_MM: f64 = 4.0;

/// How far from its axis a tool takes surface away that is as steep as is allowed, mm.
fn reach(cutter: &Cutter, depth: f64) -> f64 {
    let steps = 400;
    let sunk = depth * STEEPEST.hypot(1.0) + (cutter.corner() - depth).abs() * STEEPEST;
    let farthest = (0..=steps)
        .map(|step| cutter.radius() * f64::from(step) / f64::from(steps))
        .filter(|away| cutter.height_within(*away) <= sunk + STEEPEST * away)
        .fold(0.0, f64::max);
    farthest + (cutter.corner() - depth).abs()
}

/// The triangles around the lines only: a fine view of the whole part would cost seconds.
fn around(part: &TriMesh, lines: &[Vec<[f64; 2]>]) -> TriMesh {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for place in lines.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(place[axis] - CELL_MM);
            high[axis] = high[axis].max(place[axis] + CELL_MM);
        }
    }
    let is_near = |corners: &[u32; 3]| {
        let corners = corners.map(|index| part.vertices[index as usize]);
        (0..2).all(|axis| {
            corners.iter().any(|corner| corner[axis] > low[axis])
                && corners.iter().any(|corner| corner[axis] < high[axis])
        })
    };
    let near: Vec<[u32; 3]> = part.triangles.iter().copied().filter(is_near).collect();
    // Only the vertices that are used: the view's area is that of the mesh.
    let mut vertices = Vec::new();
    let mut index_of = std::collections::HashMap::new();
    let triangles = near
        .into_iter()
        .map(|corners| {
            corners.map(|index| {
                *index_of.entry(index).or_insert_with(|| {
                    vertices.push(part.vertices[index as usize]);
                    (vertices.len() - 1) as u32
                })
            })
        })
        .collect();
    TriMesh { vertices, triangles }
}

/// The highest place of the mesh at (x, y), on the triangle that is seen at the nearest node or one beside it.
fn surface(mesh: &TriMesh, view: &PlanView, [x, y]: [f64; 2]) -> Option<Ground> {
    let seen = view.seen_around(x, y);
    let on = |triangle: u32| -> Option<Ground> {
        let corners = mesh.corners(triangle as usize);
        let flat = corners.map(|corner| corner.xy());
        let place = Point2::new(x, y);
        let inside = polygon::contains(&flat, place)
            || polygon::edges(&flat).any(|(a, b)| polygon::distance_to_segment(a, b, place) < 1e-9);
        let normal: Vector3 = mesh.scaled_normal(triangle as usize).try_normalize(0.0)?;
        if !inside || normal.z <= 0.0 {
            return None;
        }
        let from = corners[0];
        let z = from.z - (normal.x * (x - from.x) + normal.y * (y - from.y)) / normal.z;
        Some(Ground { place: [x, y, z], normal: normal.into() })
    };
    let exact = seen.iter().filter_map(|triangle| on(*triangle));
    let found = exact.max_by(|a, b| a.place[2].total_cmp(&b.place[2]));
    // Between nodes a triangle may be seen at none of them: the plane of its neighbor is as close as the mesh.
    found.or_else(|| {
        let triangle = *seen.first()?;
        let from = mesh.corners(triangle as usize)[0];
        let normal: Vector3 = mesh.scaled_normal(triangle as usize).try_normalize(0.0)?;
        let z = from.z - (normal.x * (x - from.x) + normal.y * (y - from.y)) / normal.z;
        (normal.z > 0.0).then(|| Ground { place: [x, y, z], normal: normal.into() })
    })
}

/// A line with places no farther apart than [`SPACING_MM`].
fn fine(line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = line.first().copied().into_iter().collect();
    for pair in line.windows(2) {
        let [[a, b], [c, d]] = [pair[0], pair[1]];
        let pieces = ((c - a).hypot(d - b) / SPACING_MM).ceil().max(1.0) as usize;
        places.extend((1..=pieces).map(|piece| {
            let share = piece as f64 / pieces as f64;
            [a + share * (c - a), b + share * (d - b)]
        }));
    }
    places
}
