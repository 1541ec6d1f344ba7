//! Finds in a print which end is the heel, which border is medial, and the long axis of the foot.
//!
//! The axis runs from the middle of the heel through the second metatarsal head, which lies at 45 % of
//! the ball's width from the medial border, as in crate `foot`. Each kind of evidence for an end or a
//! border is scaled so that a plain print has about 1; the mean decides and its size is the confidence.

use geometry::{Point2, Vector2};
use serde::Serialize;

use crate::Print;
use crate::masks::load_borders;

/// Where the foot lies on the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FootFrame {
    /// Middle of the heel's contact in the plane of the grid, mm.
    pub origin: Point2,
    /// Unit vector from the heel to the second toe in the plane of the grid.
    pub axis: Vector2,
    /// Unit vector to the lateral border.
    pub lateral: Vector2,
    /// Back of the heel and front of the toes along the axis, mm from the origin.
    pub extent: [f64; 2],
    /// Why the heel is taken to be there.
    pub heel: Evidence,
    /// Why the medial border is taken to be there.
    pub medial: Evidence,
}

/// How surely a direction was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// Mean of the evidence: 1 for a plain print, 0 for none.
    pub score: f64,
}

impl Evidence {
    /// Below this a direction is a guess.
    pub(crate) const LEAST: f64 = 0.25;

    /// Whether the print alone tells.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.score >= Self::LEAST
    }
}

impl FootFrame {
    /// A point of the grid's plane in the foot frame, mm.
    #[must_use]
    pub fn foot_from_grid(&self, at: Point2) -> Point2 {
        let from = at - self.origin;
        Point2::new(from.dot(&self.lateral), from.dot(&self.axis))
    }

    /// A point of the foot frame in the grid's plane, mm.
    #[must_use]
    pub fn grid_from_foot(&self, at: Point2) -> Point2 {
        self.origin + self.lateral * at.x + self.axis * at.y
    }

    /// Length of the print along its axis, mm.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.extent[1] - self.extent[0]
    }

    /// The level at a share of the length from the heel's back, mm.
    #[must_use]
    pub fn level(&self, share: f64) -> f64 {
        self.extent[0] + share * self.length()
    }

    /// Whether the foot is a right one if the grid is seen from above.
    #[must_use]
    pub fn is_right_from_above(&self) -> bool {
        // From above, turning from the toes to a right foot's lateral border is turning clockwise.
        self.axis.perp(&self.lateral) < 0.0
    }
}

/// Levels of the heel's middle and of the ball, as shares of the length.
const HEEL_SHARE: f64 = 0.15;
const BALL_SHARE: f64 = 0.70;
/// The second metatarsal head's share of the ball's width from the medial border.
const SECOND_HEAD_SHARE: f64 = 0.45;
/// Fewest cells of a print that has a frame.
const LEAST_CELLS: usize = 24;
/// Rounds of fitting the axis; it settles to 0.1 degrees in three or four.
const ROUNDS: usize = 8;

/// What is known besides the print.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    /// Way of the center of pressure from the first to the last part of the steps, mm, grid plane.
    pub(crate) progression: Option<Vector2>,
    /// The lateral direction is to the right of the walking direction: a right foot seen from above.
    pub(crate) lateral_at_right: Option<bool>,
}

/// Finds the frame; `None` if the print is too small to have one.
pub(crate) fn find_frame(print: &Print, hints: Hints) -> Option<FootFrame> {
    let places: Vec<Point2> = print.contact_cells().map(|cell| print.place(cell)).collect();
    if places.len() < LEAST_CELLS {
        return None;
    }
    let (middle, principal) = principal_axis(&places);
    let forward = Section::new(print, middle, principal, right_of(principal));
    let score = heel_score(&forward, hints.progression);
    let axis = if score < 0.0 { -principal } else { principal };
    let heel = Evidence { score: score.abs() };
    let level = Section::new(print, middle, axis, right_of(axis));
    let medial_score = medial_score(&level);
    let lateral_at_right = match hints.lateral_at_right {
        // What is said gives way only to a print that plainly speaks against it.
        Some(said)
            if (said == (medial_score > 0.0)) || medial_score.abs() < 2.0 * Evidence::LEAST =>
        {
            said
        }
        _ => medial_score > 0.0,
    };
    let medial = Evidence { score: if lateral_at_right { medial_score } else { -medial_score } };
    settle(print, middle, axis, lateral_at_right, heel, medial)
}

/// Turns the axis until it runs through the middle of the heel and the second metatarsal head.
fn settle(
    print: &Print,
    middle: Point2,
    mut axis: Vector2,
    lateral_at_right: bool,
    heel: Evidence,
    medial: Evidence,
) -> Option<FootFrame> {
    let mut origin = middle;
    let mut extent = [0.0; 2];
    let lateral_of =
        |axis: Vector2| if lateral_at_right { right_of(axis) } else { -right_of(axis) };
    for _ in 0..ROUNDS {
        let section = Section::new(print, origin, axis, lateral_of(axis));
        let heel_at = section.borders(HEEL_SHARE - 0.05, HEEL_SHARE + 0.05)?;
        let ball_at = section.borders(BALL_SHARE - 0.10, BALL_SHARE + 0.08)?;
        let heel_x = (heel_at[0] + heel_at[1]) / 2.0;
        let head_x = ball_at[0] + SECOND_HEAD_SHARE * (ball_at[1] - ball_at[0]);
        // The heel's contact is about as long as wide at its back, so its middle is half a width in.
        let seat =
            section.extent[0] + ((heel_at[1] - heel_at[0]) / 2.0).min(0.2 * section.length());
        let at = |x: f64, y: f64| origin + section.lateral * x + section.axis * y;
        let heel_point = at(heel_x, section.level(HEEL_SHARE));
        let new_axis = (at(head_x, section.level(BALL_SHARE)) - heel_point).try_normalize(1e-9)?;
        let shift = seat - section.level(HEEL_SHARE);
        origin = heel_point + new_axis * shift;
        axis = new_axis;
        extent = Section::new(print, origin, axis, lateral_of(axis)).extent;
    }
    Some(FootFrame { origin, axis, lateral: lateral_of(axis), extent, heel, medial })
}

/// The direction to the right of a direction.
fn right_of(axis: Vector2) -> Vector2 {
    Vector2::new(axis.y, -axis.x)
}

/// Middle of the places and the direction in which they spread most.
fn principal_axis(places: &[Point2]) -> (Point2, Vector2) {
    let count = places.len() as f64;
    let middle = places.iter().fold(Vector2::zeros(), |sum, at| sum + at.coords) / count;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for at in places {
        let from = at.coords - middle;
        (xx, xy, yy) = (xx + from.x * from.x, xy + from.x * from.y, yy + from.y * from.y);
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    (middle.into(), Vector2::new(angle.cos(), angle.sin()))
}

/// The print's contact seen along an axis: x to the right (or lateral), y along the axis.
struct Section {
    axis: Vector2,
    lateral: Vector2,
    extent: [f64; 2],
    /// Position and pressure of the contact's cells.
    cells: Vec<(Point2, f64)>,
    /// Half a cell, mm: borders lie that far beyond the cells' middles.
    half_cell: f64,
}

impl Section {
    fn new(print: &Print, origin: Point2, axis: Vector2, lateral: Vector2) -> Self {
        let cells: Vec<(Point2, f64)> = print
            .contact_cells()
            .map(|cell| {
                let from = print.place(cell) - origin;
                (Point2::new(from.dot(&lateral), from.dot(&axis)), print.kpa[cell])
            })
            .collect();
        let half_cell = (print.cell_mm[0] + print.cell_mm[1]) / 4.0;
        let ys = || cells.iter().map(|(at, _)| at.y);
        let low = ys().fold(f64::INFINITY, f64::min) - half_cell;
        let high = ys().fold(f64::NEG_INFINITY, f64::max) + half_cell;
        Self { axis, lateral, extent: [low, high], cells, half_cell }
    }

    fn length(&self) -> f64 {
        self.extent[1] - self.extent[0]
    }

    fn level(&self, share: f64) -> f64 {
        self.extent[0] + share * self.length()
    }

    fn between(&self, low: f64, high: f64) -> impl Iterator<Item = &(Point2, f64)> {
        let (low, high) = (self.level(low), self.level(high));
        self.cells.iter().filter(move |(at, _)| at.y >= low && at.y <= high)
    }

    /// Medial and lateral border of the load between two levels, mm.
    fn borders(&self, low: f64, high: f64) -> Option<[f64; 2]> {
        let cells = self.between(low, high).map(|(at, kpa)| (at.x, *kpa)).collect();
        load_borders(cells).map(|[low, high]| [low - self.half_cell, high + self.half_cell])
    }

    fn width(&self, low: f64, high: f64) -> f64 {
        self.borders(low, high).map_or(0.0, |[low, high]| high - low)
    }

    /// Mean x between two levels, weighted by pressure or not.
    fn mean_x(&self, low: f64, high: f64, weighted: bool) -> Option<f64> {
        let (sum, weight) = self.between(low, high).fold((0.0, 0.0), |(sum, total), (at, kpa)| {
            let weight = if weighted { *kpa } else { 1.0 };
            (sum + at.x * weight, total + weight)
        });
        (weight > 0.0).then(|| sum / weight)
    }
}

/// Positive if the axis runs from heel to toes.
fn heel_score(section: &Section, progression: Option<Vector2>) -> f64 {
    // The ball is wider than the heel by about a third (ANSUR II breadths 0.377 and 0.273 of the length).
    let (back, front) = (section.width(0.05, 0.35), section.width(0.62, 0.92));
    let width = (front - back) / back.max(front).max(1.0) / 0.25;
    // Toes are gaps and low pressures: the outermost tenth carries less area than the heel's round.
    let area = |low: f64, high: f64| section.between(low, high).count() as f64;
    let (back, front) = (area(0.0, 0.12), area(0.88, 1.0));
    let ends = (back - front) / (back + front).max(1.0) / 0.4;
    let shape = clamp(width) + 0.5 * clamp(ends);
    match progression {
        // The center of pressure runs half the length in a walking step; this tells more than the shape.
        Some(way) => {
            let travelled = way.dot(&section.axis) / section.length() / 0.35;
            (2.0 * clamp(travelled) + shape) / 3.5
        }
        None => shape / 1.5,
    }
}

/// Positive if the lateral border is at the right of the axis.
fn medial_score(section: &Section) -> f64 {
    let (Some(heel), Some(ball)) = (section.borders(0.08, 0.22), section.borders(0.58, 0.78))
    else {
        return 0.0;
    };
    let (heel_x, ball_x) = ((heel[0] + heel[1]) / 2.0, (ball[0] + ball[1]) / 2.0);
    let ball_width = (ball[1] - ball[0]).max(1.0);
    // The arch leaves only the lateral border on the ground.
    let chord = |share: f64| heel_x + (share - 0.15) / (0.68 - 0.15) * (ball_x - heel_x);
    let arch =
        section.mean_x(0.34, 0.54, true).map_or(0.0, |x| (x - chord(0.44)) / ball_width / 0.18);
    // The hallux presses more than all other toes, so the toes' load lies medial.
    let toes =
        section.mean_x(0.86, 1.0, true).map_or(0.0, |x| (chord(0.9) - x) / ball_width / 0.12);
    // The front is oblique: hallux and first head stand before fifth toe and head.
    let front = |low: f64, high: f64| {
        section
            .cells
            .iter()
            .filter(|(at, _)| (low..=high).contains(&((at.x - ball[0]) / ball_width)))
            .map(|(at, _)| at.y)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let (left, right) = (front(0.02, 0.35), front(0.65, 0.98));
    let oblique = if left.is_finite() && right.is_finite() {
        (left - right) / section.length() / 0.10
    } else {
        0.0
    };
    (1.5 * clamp(arch) + clamp(toes) + 1.5 * clamp(oblique)) / 4.0
}

/// One odd difference may not outvote the others.
fn clamp(evidence: f64) -> f64 {
    evidence.clamp(-1.5, 1.5)
}
