//! Inspection of a finished shell: where the foot touches it, its profiles, flatness, radii, bulk and material.

use foot::Foot;
use geometry::{GraphSurface, HeightField, Point2, polygon};

use crate::foot_surface::map_nodes;
use crate::measure::rectangle;
use crate::rim::smallest_radius;
use crate::shell::Shell;
use crate::thickness::bounds;

/// A sole this close to the shell touches it, mm: less than soft tissue gives under its own weight.
const TOUCHES: f64 = 1.0;
/// Share of the sole that may sink into the shell when the foot is laid on it: scanner noise is no contact.
const SUNK_SHARE: f64 = 0.01;
/// The sole is compared up to this height over the ground; beyond it is side wall, mm.
const SOLE_HEIGHT: f64 = 25.0;
/// Flatness is measured this far inside a post's contact face, where its rounding has ended, mm.
const INSIDE_FACE: f64 = 4.0;
/// Concave radii are looked for this far inside the trim, where the land has ended, mm.
const INSIDE_TRIM: f64 = 6.0;

/// What the finished surfaces show. Lengths mm, areas mm², volumes mm³, in the frame of the shell.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Distance of the foot's sole from the top, square to it, without posts: 0 where it touches, positive where it
    /// clears, negative where tissue must give way; `NaN` off the shell and where the scan shows no sole.
    pub clearance: HeightField,
    /// Area that touches.
    pub contact_area: f64,
    /// Share of the shell under the sole that touches, 0 to 1.
    pub contact_share: f64,
    /// Largest clearance under the sole.
    pub largest_clearance: f64,
    /// Heel cup across at the seat: place across and height over the seat, from medial to lateral.
    pub cup_profile: Vec<[f64; 2]>,
    /// Arch along the foot at its apex: place along and height over the seat, from the heel forward.
    pub arch_curve: Vec<[f64; 2]>,
    /// Largest distance of the rearfoot and the forefoot contact face from their plane; `None` without a face.
    pub post_flatness: [Option<f64>; 2],
    /// Smallest concave radius of the top.
    pub concave_radius: f64,
    /// Smallest radius of the trim line.
    pub trim_radius: f64,
    /// Height of the foot's bed over the shoe's floor under heel seat and middle of the distal edge, without cover.
    pub stack: [f64; 2],
    /// Width of the shell at the heel and at its widest place.
    pub width: [f64; 2],
    /// Length of the shell.
    pub length: f64,
    /// Highest place over the shoe's floor.
    pub height: f64,
    /// Area of the shell seen from above, without holes.
    pub plan_area: f64,
    /// Volume of the shell itself, of its ordered thickness; the rest of the slab is posts, fill and pads.
    pub shell_volume: f64,
}

/// Inspects a finished shell against the foot that it was built for.
#[must_use]
pub fn inspect(shell: &Shell, foot: &Foot) -> Inspection {
    let outline = shell.slab.outline.polyline(0.02, 2.0);
    let area = bounds(&outline, 0.0);
    let clearance = clearance(shell, foot, &outline);
    let spacing = clearance.spacing;
    let known: Vec<f64> = clearance.heights.iter().copied().filter(|gap| gap.is_finite()).collect();
    let touching = known.iter().filter(|gap| **gap <= TOUCHES).count() as f64;
    let seat = shell.slab.top.height(Point2::origin());
    let top = &shell.slab.top;
    let on_shell = |point: &Point2| polygon::contains(&outline, *point);
    let over_seat = |point: Point2, along: f64| [along, top.height(point) - seat];
    let (mut heel_width, mut width) = (0.0_f64, 0.0_f64);
    for y in steps(area.low.y, area.high.y) {
        let across = width_at(&outline, y);
        width = width.max(across);
        if (-15.0..=15.0).contains(&y) {
            heel_width = heel_width.max(across);
        }
    }
    let apex = shell.top_model.arch_apex();
    let distal = shell.top_model.distal_middle();
    Inspection {
        contact_area: touching * spacing * spacing,
        contact_share: touching / (known.len() as f64).max(1.0),
        largest_clearance: known.iter().copied().fold(0.0, f64::max),
        cup_profile: steps(area.low.x, area.high.x)
            .map(|x| Point2::new(x, 0.0))
            .filter(on_shell)
            .map(|point| over_seat(point, point.x))
            .collect(),
        arch_curve: steps(area.low.y, area.high.y)
            .map(|y| Point2::new(apex.x, y))
            .filter(on_shell)
            .map(|point| over_seat(point, point.y))
            .collect(),
        post_flatness: [&shell.rearfoot_contact, &shell.forefoot_contact]
            .map(|face| face.as_ref().and_then(|face| flatness(shell, face, &outline))),
        concave_radius: concave_radius(top, shell, &outline),
        trim_radius: std::iter::once(&shell.slab.outline)
            .chain(&shell.slab.holes)
            .map(|curve| smallest_radius(curve).0)
            .fold(f64::INFINITY, f64::min),
        stack: [seat, top.height(distal)],
        width: [heel_width, width],
        length: area.height(),
        height: rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
            .filter(on_shell)
            .map(|point| top.height(point))
            .fold(0.0, f64::max),
        plan_area: polygon::signed_area(&outline).abs()
            - shell
                .slab
                .holes
                .iter()
                .map(|hole| polygon::signed_area(&hole.polyline(0.02, 2.0)).abs())
                .sum::<f64>(),
        shell_volume: shell_volume(shell, &outline),
        clearance,
    }
}

/// Places every millimeter.
fn steps(from: f64, to: f64) -> impl Iterator<Item = f64> {
    (0..=(to - from).max(0.0) as usize).map(move |k| from + k as f64)
}

/// Width of an outline at a place along the foot.
fn width_at(outline: &[Point2], y: f64) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (a, b) in polygon::edges(outline) {
        if (a.y > y) != (b.y > y) {
            let x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
            (low, high) = (low.min(x), high.max(x));
        }
    }
    (high - low).max(0.0)
}

/// The foot laid on the shell without posts, so that nearly nothing of it sinks in.
fn clearance(shell: &Shell, foot: &Foot, outline: &[Point2]) -> HeightField {
    let sole = &foot.plantar.heights;
    let frame = HeightField::from_fn(bounds(outline, 0.0), 1.0, |_| f64::NAN);
    let top = &shell.neutral_top;
    let gaps = map_nodes(&frame, |column, row| {
        let point = frame.node(column, row);
        let height = sole.sample(point).filter(|height| *height < SOLE_HEIGHT);
        match height {
            Some(height) if polygon::contains(outline, point) => height - top.height(point),
            _ => f64::NAN,
        }
    });
    let mut sorted: Vec<f64> = gaps.iter().copied().filter(|gap| gap.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let rest = sorted.get((SUNK_SHARE * sorted.len() as f64) as usize).copied().unwrap_or(0.0);
    let heights = map_nodes(&frame, |column, row| {
        let [dx, dy] = top.gradient(frame.node(column, row));
        (gaps[row * frame.columns + column] - rest) / (1.0 + dx * dx + dy * dy).sqrt()
    });
    HeightField { heights, ..frame }
}

/// Largest distance from the least-squares plane of a contact face.
fn flatness(shell: &Shell, face: &[Point2], outline: &[Point2]) -> Option<f64> {
    let area = bounds(face, 0.0);
    let places: Vec<(Point2, f64)> =
        rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
            .filter(|point| {
                polygon::contains(face, *point)
                    && polygon::distance_to_border(face, *point) > INSIDE_FACE
                    && polygon::contains(outline, *point)
            })
            .map(|point| (point, shell.slab.bottom.height(point)))
            .collect();
    if places.len() < 12 {
        return None;
    }
    let count = places.len() as f64;
    let mean = places.iter().map(|(_, z)| z).sum::<f64>() / count;
    let across = crate::measure::slope_across(&places);
    let turned: Vec<(Point2, f64)> =
        places.iter().map(|(point, z)| (Point2::new(point.y, point.x), *z)).collect();
    let along = crate::measure::slope_across(&turned);
    let middle = places.iter().map(|(point, _)| point.coords).sum::<geometry::Vector2>() / count;
    places
        .iter()
        .map(|(point, z)| {
            let offset = point.coords - middle;
            (z - mean - across * offset.x - along * offset.y).abs()
        })
        .max_by(f64::total_cmp)
}

/// Smallest radius with which the top bends up, mm.
fn concave_radius(top: &GraphSurface, shell: &Shell, outline: &[Point2]) -> f64 {
    let area = bounds(outline, 0.0);
    let sharpest = rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
        .filter(|point| shell.top_model.inside(*point) > INSIDE_TRIM)
        .map(|point| largest_curvature(top, point))
        .fold(0.0, f64::max);
    1.0 / sharpest.max(1e-6)
}

/// Larger principal curvature, positive where the surface bends up, per mm.
fn largest_curvature(surface: &GraphSurface, point: Point2) -> f64 {
    let jet = surface.jet(point);
    let ([p, q], [r, s, t]) = (jet.gradient, jet.hessian);
    let square = 1.0 + p * p + q * q;
    let mean = ((1.0 + q * q) * r - 2.0 * p * q * s + (1.0 + p * p) * t) / (2.0 * square.powf(1.5));
    let gauss = (r * t - s * s) / (square * square);
    mean + (mean * mean - gauss).max(0.0).sqrt()
}

/// Ordered thickness over the inclined area of the bare shell.
fn shell_volume(shell: &Shell, outline: &[Point2]) -> f64 {
    let area = bounds(outline, 0.0);
    let doses = shell.design.doses();
    let holes: Vec<Vec<Point2>> =
        shell.slab.holes.iter().map(|hole| hole.polyline(0.02, 2.0)).collect();
    rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
        .filter(|point| {
            polygon::contains(outline, *point)
                && !holes.iter().any(|hole| polygon::contains(hole, *point))
        })
        .map(|point| {
            let [dx, dy] = shell.neutral_top.gradient(point);
            let upright = shell.slab.top.height(point) - shell.slab.bottom.height(point);
            (shell.top_model.thickness(&doses, point.y) * (1.0 + dx * dx + dy * dy).sqrt())
                .min(upright)
        })
        .sum()
}
