//! Text and code set side by side or one over the other, as a person reads them.

use clipper2_rust::core::{FillRule, Path64, Paths64, Point64};
use clipper2_rust::{EndType, JoinType, inflate_paths_64, simplify_paths, union_subjects_64};
use datamatrix::{DataMatrix, SymbolList};
use geometry::{Point2, Vector2};

use crate::cells::Cells;
use crate::letters::{self, CAPITAL};
use crate::{MarkError, MarkOrder};

/// The grid on which strokes are widened: 0.1 µm.
const UNITS_PER_MM: f64 = 10_000.0;
/// Chords of round stroke ends stay this close to the arc, mm.
const ARC_TOLERANCE_MM: f64 = 0.01;
/// From one base line to the next, letter heights.
const LINE_PITCH: f64 = 1.7;
/// Light cells around a code, which readers need.
const QUIET_CELLS: f64 = 1.0;

/// Whether the text stands beside the code or under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrangement {
    /// Text to the right of the code.
    Beside,
    /// Text under the code.
    Under,
}

/// Text and code in their own frame: x along the reading, y up, lower left corner at the origin, mm.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Middle lines of the letters' strokes.
    pub(crate) strokes: Vec<Vec<Point2>>,
    /// Borders of the dark cells.
    pub(crate) cells: Vec<Vec<Point2>>,
    /// Lower left corner of the code.
    pub(crate) code_corner: Point2,
    /// Side of a cell.
    pub(crate) cell_mm: f64,
    /// Width of a stroke.
    pub(crate) stroke_mm: f64,
}

/// The parts of an order that do not depend on its size.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    /// Strokes of every line and its width, in units of the alphabet.
    lines: Vec<(Vec<Vec<Point2>>, f64)>,
    pub(crate) code: Option<Cells>,
}

impl Contents {
    pub(crate) fn of(order: &MarkOrder) -> Result<Self, MarkError> {
        let lines: Result<Vec<_>, char> =
            order.lines.iter().map(|line| letters::strokes(line)).collect();
        let lines = lines.map_err(|letter| MarkError::Letter { letter })?;
        let code = order.code.as_deref().map(cells_of).transpose()?;
        if code.is_none() && lines.iter().all(|(strokes, _)| strokes.is_empty()) {
            return Err(MarkError::Empty);
        }
        Ok(Self { lines, code })
    }

    /// The order at a share of its full size.
    pub(crate) fn block(&self, order: &MarkOrder, scale: f64, arrangement: Arrangement) -> Block {
        let stroke_mm = order.stroke_mm;
        let unit = scale * order.text_height_mm / CAPITAL;
        let cell_mm = scale * order.cell_mm;
        let side = self.code.as_ref().map_or(0.0, |code| code.side as f64 + 2.0 * QUIET_CELLS);
        let code_mm = side * cell_mm;
        let widest = self.lines.iter().map(|(_, width)| *width).fold(0.0, f64::max);
        let text_width = widest * unit + stroke_mm;
        let pitch = LINE_PITCH * CAPITAL * unit;
        let text_height =
            (self.lines.len() as f64 - 1.0).mul_add(pitch, CAPITAL * unit) + stroke_mm;
        // The first base line is the upper one.
        let first = text_height - 0.5 * stroke_mm - CAPITAL * unit;
        let gap = if self.code.is_some() { unit } else { 0.0 };
        let (text, code_corner, width, height) = match arrangement {
            Arrangement::Beside => {
                let height = text_height.max(code_mm);
                let text = Vector2::new(code_mm + gap, 0.5 * (height - text_height));
                (
                    text,
                    Vector2::new(0.0, 0.5 * (height - code_mm)),
                    code_mm + gap + text_width,
                    height,
                )
            }
            Arrangement::Under => {
                let width = text_width.max(code_mm);
                let text = Vector2::new(0.5 * (width - text_width), 0.0);
                let code = Vector2::new(0.5 * (width - code_mm), text_height + gap);
                (text, code, width, text_height + gap + code_mm)
            }
        };
        let strokes = self
            .lines
            .iter()
            .enumerate()
            .flat_map(|(index, (strokes, _))| {
                let base = text + Vector2::new(0.5 * stroke_mm, first - index as f64 * pitch);
                strokes.iter().map(move |line| {
                    line.iter().map(|point| Point2::from(base + point.coords * unit)).collect()
                })
            })
            .collect();
        let code_corner = Point2::from(code_corner + Vector2::repeat(QUIET_CELLS * cell_mm));
        let place = |corner: &Point2| code_corner + corner.coords * cell_mm;
        let borders = self.code.as_ref().map_or_else(Vec::new, Cells::borders);
        let cells = borders.iter().map(|border| border.iter().map(place).collect()).collect();
        Block { width, height, strokes, cells, code_corner, cell_mm, stroke_mm }
    }
}

impl Block {
    /// Closed borders of strokes and cells.
    pub(crate) fn loops(&self) -> Vec<Vec<Point2>> {
        let grid = |point: &Point2| {
            Point64::new(
                (point.x * UNITS_PER_MM).round() as i64,
                (point.y * UNITS_PER_MM).round() as i64,
            )
        };
        let lines: Paths64 =
            self.strokes.iter().map(|line| line.iter().map(grid).collect::<Path64>()).collect();
        let radius = 0.5 * self.stroke_mm * UNITS_PER_MM;
        let arc = ARC_TOLERANCE_MM * UNITS_PER_MM;
        let wide = inflate_paths_64(&lines, radius, JoinType::Round, EndType::Round, 2.0, arc);
        let united = union_subjects_64(&wide, FillRule::NonZero);
        let plain = simplify_paths(&united, 0.5 * arc, true);
        let of_text = plain.iter().map(|path| {
            path.iter()
                .map(|point| Point2::new(point.x as f64, point.y as f64) / UNITS_PER_MM)
                .collect()
        });
        of_text.chain(self.cells.iter().cloned()).collect()
    }
}

/// Share of a groove's width by which rings in a cell lie apart: their grooves overlap.
const RING_SHARE: f64 = 0.6;
/// Where a cell is narrower than a groove its innermost ring lies this close to its middle line, mm.
const INNERMOST_MM: f64 = 0.02;
/// Most rings inside of each other.
const MOST_RINGS: usize = 50;

/// Rings inside of borders that a groove of a width fills.
pub(crate) fn rings(borders: &[Vec<Point2>], groove_mm: f64) -> Vec<Vec<Point2>> {
    let grid = |point: &Point2| {
        Point64::new(
            (point.x * UNITS_PER_MM).round() as i64,
            (point.y * UNITS_PER_MM).round() as i64,
        )
    };
    let cells: Paths64 = borders.iter().map(|border| border.iter().map(grid).collect()).collect();
    let inside = |by: f64| {
        let arc = ARC_TOLERANCE_MM * UNITS_PER_MM;
        let by = -by * UNITS_PER_MM;
        inflate_paths_64(&cells, by, JoinType::Miter, EndType::Polygon, 2.0, arc)
    };
    let mut rings: Vec<Vec<Point2>> = Vec::new();
    let mut by = 0.5 * groove_mm;
    for number in 0..MOST_RINGS {
        let mut found = inside(by);
        while found.is_empty() && number == 0 && by > INNERMOST_MM {
            by -= INNERMOST_MM;
            found = inside(by);
        }
        if found.is_empty() {
            break;
        }
        rings.extend(found.iter().map(|ring| {
            let place =
                |point: &Point64| Point2::new(point.x as f64, point.y as f64) / UNITS_PER_MM;
            ring.iter().chain(ring.first()).map(place).collect()
        }));
        by += RING_SHARE * groove_mm;
    }
    rings
}

/// The dark cells of a text's Data Matrix.
fn cells_of(text: &str) -> Result<Cells, MarkError> {
    let squares = SymbolList::default().enforce_square();
    let code = DataMatrix::encode(text.as_bytes(), squares)
        .map_err(|_too_long| MarkError::Code { letters: text.chars().count() })?;
    let bitmap = code.bitmap();
    let side = bitmap.width();
    let mut dark = vec![false; side * side];
    for (x, y) in bitmap.pixels() {
        dark[y * side + x] = true;
    }
    Ok(Cells { side, dark })
}
