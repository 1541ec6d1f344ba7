//! How high a part reaches, and how low, over a grid of cells.

use geometry::{Point3, TriMesh};

/// Side of a cell, mm.
pub(crate) const CELL_MM: f64 = 1.0;

/// Outside the part.
pub(crate) const NOTHING: f32 = f32::INFINITY;

/// A part's underside with the spacing around it, and its top, in one of its turns.
///
/// Cell (0, 0) holds the place (0, 0) of the turned part, whose lowest corner is the origin; the
/// underside reaches `margin` cells farther on every side.
#[derive(Clone, Debug)]
pub(crate) struct HeightMap {
    /// Columns and rows of the part itself.
    pub(crate) size: [usize; 2],
    /// Highest point of each cell; minus infinity outside.
    pub(crate) top: Vec<f32>,
    /// Cells that the spacing adds on every side.
    pub(crate) margin: usize,
    /// Lowest place of each cell that another part may reach up to; [`NOTHING`] outside.
    pub(crate) free_below: Vec<f32>,
    /// Height of the whole part.
    pub(crate) height: f64,
    /// The turned part's lowest corner in its own frame, and the turn.
    pub(crate) low: Point3,
    pub(crate) turn: Turn,
}

/// How a part lies: upside down or not, then turned about the z axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// Half a turn about the x axis comes first.
    pub(crate) is_upside_down: bool,
    /// Quarter turns, counter-clockwise from above.
    pub(crate) quarters: u8,
}

impl Turn {
    /// Every turn, the upright ones first.
    pub(crate) const ALL: [Self; 8] = {
        let mut all = [Self { is_upside_down: false, quarters: 0 }; 8];
        let mut index = 0;
        while index < 8 {
            all[index] = Self { is_upside_down: index >= 4, quarters: index as u8 % 4 };
            index += 1;
        }
        all
    };
}

/// A point turned about the origin.
pub(crate) fn turned(point: Point3, turn: Turn) -> Point3 {
    let point = if turn.is_upside_down { Point3::new(point.x, -point.y, -point.z) } else { point };
    match turn.quarters % 4 {
        0 => point,
        1 => Point3::new(-point.y, point.x, point.z),
        2 => Point3::new(-point.x, -point.y, point.z),
        _ => Point3::new(point.y, -point.x, point.z),
    }
}

impl HeightMap {
    pub(crate) fn new(mesh: &TriMesh, turn: Turn, spacing_mm: f64) -> Self {
        let vertices: Vec<Point3> =
            mesh.vertices.iter().map(|&point| turned(point, turn)).collect();
        let far = f64::INFINITY;
        let (mut low, mut high) = (Point3::new(far, far, far), Point3::new(-far, -far, -far));
        for &corner in mesh.triangles.iter().flatten() {
            low = low.inf(&vertices[corner as usize]);
            high = high.sup(&vertices[corner as usize]);
        }
        let extent = high - low;
        let size = [extent.x, extent.y].map(|length| (length / CELL_MM).floor() as usize + 1);
        let mut map = Self {
            size,
            top: vec![f32::NEG_INFINITY; size[0] * size[1]],
            margin: (spacing_mm / CELL_MM).ceil() as usize + 1,
            free_below: Vec::new(),
            height: extent.z,
            low,
            turn,
        };
        let mut bottom = vec![NOTHING; size[0] * size[1]];
        for triangle in &mesh.triangles {
            let corners = triangle.map(|corner| Point3::from(vertices[corner as usize] - low));
            map.cover(corners, &mut bottom);
        }
        map.free_below = map.lowered(&bottom, spacing_mm);
        map
    }

    /// Marks the cells of a triangle; large ones are quartered until they span a cell or two.
    fn cover(&mut self, triangle: [Point3; 3], bottom: &mut [f32]) {
        let mut waiting = vec![triangle];
        while let Some([a, b, c]) = waiting.pop() {
            let (low, high) = (a.inf(&b).inf(&c), a.sup(&b).sup(&c));
            let is_small = (high.x - low.x).max(high.y - low.y) <= 2.0 * CELL_MM;
            let is_level = high.z - low.z <= 0.0 && (high.x - low.x).min(high.y - low.y) <= 0.0;
            if !is_small && !is_level {
                let [ab, bc, ca] = [(a, b), (b, c), (c, a)].map(|(p, q)| nalgebra::center(&p, &q));
                waiting.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
                continue;
            }
            let cell =
                |value: f64, most: usize| ((value / CELL_MM).max(0.0) as usize).min(most - 1);
            let columns = cell(low.x, self.size[0])..=cell(high.x, self.size[0]);
            for row in cell(low.y, self.size[1])..=cell(high.y, self.size[1]) {
                for column in columns.clone() {
                    let index = row * self.size[0] + column;
                    self.top[index] = self.top[index].max(high.z as f32);
                    bottom[index] = bottom[index].min(low.z as f32);
                }
            }
        }
    }

    /// The underside lowered by the spacing in all directions: a ball of that radius rolls under it.
    ///
    /// Two places in cells `n` apart may be `n - 1` cells apart only.
    fn lowered(&self, bottom: &[f32], spacing_mm: f64) -> Vec<f32> {
        let reach = self.margin as isize;
        let mut ball = Vec::new();
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let gap = |cells: isize| (cells.abs() - 1).max(0) as f64 * CELL_MM;
                let level = spacing_mm * spacing_mm - gap(dx).powi(2) - gap(dy).powi(2);
                if level > 0.0 {
                    ball.push((dx, dy, level.sqrt() as f32));
                }
            }
        }
        let [columns, rows] = self.size;
        let width = columns + 2 * self.margin;
        let mut lowered = vec![NOTHING; width * (rows + 2 * self.margin)];
        for row in 0..rows {
            for column in 0..columns {
                let height = bottom[row * columns + column];
                if height == NOTHING {
                    continue;
                }
                for &(dx, dy, down) in &ball {
                    let x = (column + self.margin).wrapping_add_signed(dx);
                    let y = (row + self.margin).wrapping_add_signed(dy);
                    let place = &mut lowered[y * width + x];
                    *place = place.min(height - down);
                }
            }
        }
        lowered
    }
}
