//! The area of a part in each of its layers, and what of its lowest point is too thin to lie on the bed.

use geometry::{Point2, TriMesh, Vector3};
use rayon::prelude::*;
use vocabulary::Findings;

use crate::region::{Region, simplified_loop};
use crate::section::Section;
use crate::settings::PrintOrder;
use crate::stack::LayerStack;
use crate::wall::{self, WallOrder};
use crate::{PrintError, bead, section, thin_line};

/// Outlines keep this distance from the mesh, mm: a third of what a printer resolves.
const OUTLINE_TOLERANCE_MM: f64 = 0.005;

/// Islands and holes smaller than this are not printed, mm².
const SMALLEST_ISLAND_MM2: f64 = 0.02;

/// A part is lowered into the bed in so many steps of the first layer's height, at most by all of it.
const SINKING_STEPS: usize = 8;

/// The part's area in every layer that it reaches to the middle, the uppermost not empty.
///
/// # Errors
/// [`PrintError::Open`], its place in the part's own frame by `bed_from_part`.
pub(crate) fn of_layers(
    placed: &TriMesh,
    stack: &LayerStack,
    bed_from_part: Vector3,
    findings: &mut Findings,
) -> Result<Vec<Region>, PrintError> {
    let heights = stack.middles();
    let sections = section::cut(placed, &heights).map_err(|open| PrintError::Open {
        height_mm: heights[open.plane],
        x: open.at.x - bed_from_part.x,
        y: open.at.y - bed_from_part.y,
        gap_mm: open.gap_mm,
    })?;
    let gaps: usize = sections.iter().map(|section| section.closed_gaps).sum();
    if gaps > 0 {
        findings.warn(
            "printing",
            "mesh-gaps-closed",
            format!(
                "The mesh has cracks: {gaps} gaps of its sections were closed; look at the layers."
            ),
        );
    }
    let mut outlines: Vec<Region> = sections.par_iter().map(of_section).collect();
    while outlines.last().is_some_and(Region::is_empty) {
        outlines.pop();
    }
    Ok(outlines)
}

fn of_section(section: &Section) -> Region {
    let loops: Vec<Vec<Point2>> = section
        .loops
        .iter()
        .map(|corners| simplified_loop(corners, OUTLINE_TOLERANCE_MM))
        .collect();
    Region::from_loops(&loops).without_specks(SMALLEST_ISLAND_MM2)
}

/// How far a part that touches the bed must be lowered so that its first layer holds a line, mm: 0 where it does, and where
/// no lowering by up to a layer would help.
pub(crate) fn sunk_mm(placed: &TriMesh, order: &PrintOrder) -> f64 {
    let first_layer_mm = order.settings.first_layer_height_mm;
    let depth = |step: usize| first_layer_mm * step as f64 / SINKING_STEPS as f64;
    let holds_a_line = |step: &usize| {
        let sections = section::cut(placed, &[first_layer_mm / 2.0 + depth(*step)]);
        let strip = sections.ok().and_then(|sections| sections.first().map(of_section));
        strip.is_some_and(|strip| strip.pieces().iter().any(|piece| holds_a_line(piece, order)))
    };
    (0..=SINKING_STEPS).find(holds_a_line).map_or(0.0, depth)
}

/// Whether any line is laid in a piece of the first layer.
fn holds_a_line(piece: &Region, order: &PrintOrder) -> bool {
    let (line_width_mm, height_mm) =
        (order.settings.line_width_mm, order.settings.first_layer_height_mm);
    let how = WallOrder { count: 1, line_width_mm, height_mm, seam: None };
    let walls = wall::lay(piece, &how, Point2::origin());
    let pitch = bead::pitch(line_width_mm, height_mm);
    !walls.paths.is_empty()
        || walls.thin.into_iter().any(|strip| !thin_line::fill(strip, pitch).0.is_empty())
}
