use datamatrix::DataMatrix;
use geometry::{Point2, Relief, Slab, Vector2};

use crate::LETTERS;
use crate::block::{Arrangement, Block, Contents};
use crate::cells::Cells;
use crate::letters::CAPITAL;
use crate::place::Ground;

/// What is to stand on a part, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkOrder {
    /// Lines of text, the upper one first; small letters become capitals.
    pub lines: Vec<String>,
    /// What the Data Matrix says, if one is wanted.
    pub code: Option<String>,
    /// How far the mark is sunk along the normal, mm; negative is raised.
    pub depth_mm: f64,
    /// Height of capitals, mm.
    pub text_height_mm: f64,
    /// Width of a stroke, mm: the nozzle or the tool. No letter and no cell gets so small that its detail is finer.
    pub stroke_mm: f64,
    /// Side of a cell of the code, mm.
    pub cell_mm: f64,
    /// Free width beside trim line and cut-outs, mm.
    pub border_mm: f64,
    /// Steepest underside that is marked, rise over run.
    pub steepest_slope: f64,
    /// What must be left over a sunk mark, mm.
    pub least_thickness_mm: f64,
}

/// The part that is to be marked.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The part as it is made.
    pub slab: &'a Slab,
    /// Faces that must stay whole, as polygons.
    pub contacts: &'a [Vec<Point2>],
    /// Thickness of the part over a place, mm; not a number where it is not known.
    pub thickness_mm: &'a dyn Fn(Point2) -> f64,
}

impl std::fmt::Debug for Site<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("contacts", &self.contacts.len()).finish_non_exhaustive()
    }
}

/// How much of an underside cannot be marked, by the first reason that holds, cm².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Refusals {
    /// Free.
    pub free_cm2: f64,
    /// Too near to trim line or cut-outs.
    pub border_cm2: f64,
    /// Contact faces of posts.
    pub contact_cm2: f64,
    /// Too steep.
    pub steep_cm2: f64,
    /// Too thin.
    pub thin_cm2: f64,
    /// Too near to the floor for a raised mark.
    pub floor_cm2: f64,
}

impl std::fmt::Display for Refusals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} cm² are free", self.free_cm2)?;
        for (area, reason) in [
            (self.border_cm2, "near the border"),
            (self.contact_cm2, "on posts"),
            (self.steep_cm2, "steep"),
            (self.thin_cm2, "thin"),
            (self.floor_cm2, "near the floor"),
        ] {
            if area >= 0.5 {
                write!(f, ", {area:.0} {reason}")?;
            }
        }
        Ok(())
    }
}

/// Why a part cannot be marked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MarkError {
    /// Nothing is to be written.
    #[error("the mark has neither text nor code; give it one of them, or order none")]
    Empty,
    /// A letter that the alphabet lacks.
    #[error("the mark cannot show '{letter}'; write it with {LETTERS} and blanks")]
    Letter {
        /// The letter.
        letter: char,
    },
    /// The code is too long.
    #[error("{letters} letters are too many for a Data Matrix; write a shorter order")]
    Code {
        /// Number of letters.
        letters: usize,
    },
    /// No place is large enough.
    #[error(
        "the mark, {width_mm:.1} x {height_mm:.1} mm at its smallest, finds no place on the underside ({refusals}); \
         order less text, no code, finer strokes or a smaller depth, or no mark"
    )]
    NoPlace {
        /// Width along the reading, mm.
        width_mm: f64,
        /// Height, mm.
        height_mm: f64,
        /// What the underside is lost to.
        refusals: Refusals,
    },
}

/// A mark in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The pattern for the slab.
    pub relief: Relief,
    /// Middle lines of the letters' strokes, in the plane of the part, mm: what an engraver follows.
    pub strokes: Vec<Vec<Point2>>,
    /// Borders of the code's dark cells, in the plane of the part, mm.
    cells: Vec<Vec<Point2>>,
    /// Middle of the mark.
    pub center: Point2,
    /// Direction of reading as seen from above, a unit vector.
    pub reading: Vector2,
    /// Width along the reading and height, mm.
    pub size_mm: [f64; 2],
    /// Height of capitals as it came out, mm.
    pub text_height_mm: f64,
    /// Width of strokes, mm.
    pub stroke_mm: f64,
    /// Side of a cell as it came out, mm, and cells along a side of the code.
    pub code: Option<(f64, usize)>,
    /// Mean slope of the underside there, rise over run.
    pub slope: f64,
    /// Middles of the code's cells, row by row, the upper row first.
    cell_middles: Vec<Point2>,
}

impl Mark {
    /// Lines that an engraver follows with a tool whose groove is `groove_mm` wide: the middle lines of the letters'
    /// strokes, and rings in the dark cells of the code, half a groove inside of their borders and on inward. Rings end where they
    /// begin. A cell narrower than the groove has one line along its middle.
    #[must_use]
    pub fn engraved_lines(&self, groove_mm: f64) -> Vec<Vec<Point2>> {
        let rings = crate::block::rings(&self.cells, groove_mm);
        self.strokes.iter().cloned().chain(rings).collect()
    }

    /// What the code says if it is read from a part: `dark` tells whether the part shows the pattern at a place.
    /// `None` if there is no code or it cannot be read.
    #[must_use]
    pub fn read_code(&self, dark: impl Fn(Point2) -> bool) -> Option<String> {
        let (_, side) = self.code?;
        let cells: Vec<bool> = self.cell_middles.iter().map(|middle| dark(*middle)).collect();
        String::from_utf8(DataMatrix::decode(&cells, side).ok()?).ok()
    }
}

/// Sizes that are tried, as shares of the ordered one.
const SCALES: [f64; 7] = [1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6];

/// Finds the flattest place for a mark at the largest size that has one.
///
/// # Errors
/// [`MarkError`] if the text cannot be set or no place is large enough.
pub fn mark(order: &MarkOrder, site: &Site<'_>) -> Result<Mark, MarkError> {
    let contents = Contents::of(order)?;
    let ground = Ground::survey(order, site);
    let arrangements: &[Arrangement] = match (&contents.code, order.lines.is_empty()) {
        (Some(_), false) => &[Arrangement::Beside, Arrangement::Under],
        _ => &[Arrangement::Beside],
    };
    let mut smallest = [0.0; 2];
    for scale in SCALES {
        if scale < 1.0 && !is_legible(order, &contents, scale) {
            break;
        }
        let blocks: Vec<Block> =
            arrangements.iter().map(|way| contents.block(order, scale, *way)).collect();
        smallest = [blocks[0].width, blocks[0].height];
        let mut best: Option<(f64, &Block, usize, Point2)> = None;
        for block in &blocks {
            for quarter in 0..4 {
                let (width, height) = match quarter % 2 {
                    0 => (block.width, block.height),
                    _ => (block.height, block.width),
                };
                let Some((corner, slope)) = ground.best(width, height) else { continue };
                if best.is_none_or(|(least, ..)| slope < least - 1e-9) {
                    let center = corner + 0.5 * Vector2::new(width, height);
                    best = Some((slope, block, quarter, center));
                }
            }
        }
        if let Some((slope, block, quarter, center)) = best {
            return Ok(placed(order, &contents, block, (scale, slope), (quarter, center)));
        }
    }
    let [width_mm, height_mm] = smallest;
    Err(MarkError::NoPlace { width_mm, height_mm, refusals: ground.refusals })
}

/// Whether strokes and what is left free between them are no finer than ordered.
fn is_legible(order: &MarkOrder, contents: &Contents, scale: f64) -> bool {
    let text = order.lines.is_empty() || scale * order.text_height_mm / CAPITAL >= order.stroke_mm;
    let code = contents.code.is_none() || scale * order.cell_mm >= order.stroke_mm;
    text && code
}

fn placed(
    order: &MarkOrder,
    contents: &Contents,
    block: &Block,
    (scale, slope): (f64, f64),
    (quarter, center): (usize, Point2),
) -> Mark {
    // Seen from below the reading goes to the left of above.
    let reading = [(-1.0, 0.0), (0.0, -1.0), (1.0, 0.0), (0.0, 1.0)]
        .map(|(x, y)| Vector2::new(x, y))[quarter];
    let up = Vector2::new(reading.y, -reading.x);
    let middle = Point2::new(0.5 * block.width, 0.5 * block.height);
    let place = |point: &Point2| {
        let from_middle = point - middle;
        center + from_middle.x * reading + from_middle.y * up
    };
    let all = |lines: &[Vec<Point2>]| -> Vec<Vec<Point2>> {
        lines.iter().map(|line| line.iter().map(place).collect()).collect()
    };
    let side = contents.code.as_ref().map_or(0, |code| code.side);
    let cell_middles = (0..side)
        .rev()
        .flat_map(|row| (0..side).map(move |column| (column, row)))
        .map(|(column, row)| {
            let offset = Vector2::new(column as f64 + 0.5, row as f64 + 0.5) * block.cell_mm;
            place(&(block.code_corner + offset))
        })
        .collect();
    let relief = Relief::new(all(&block.loops()), order.depth_mm)
        .unwrap_or_else(|| unreachable!("a mark that is not empty has strokes or cells"));
    Mark {
        relief,
        strokes: all(&block.strokes),
        cells: all(&block.cells),
        center,
        reading,
        size_mm: [block.width, block.height],
        text_height_mm: scale * order.text_height_mm,
        stroke_mm: order.stroke_mm,
        code: contents.code.as_ref().map(|Cells { side, .. }| (block.cell_mm, *side)),
        slope,
        cell_middles,
    }
}
