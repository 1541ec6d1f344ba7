//! The center of pressure on its way under the foot.

use geometry::Point2;
use recording::Pressure;
use serde::Serialize;

use crate::{FootFrame, Masks, Print, Settings, Spread, Step};

/// The mean center of pressure at one moment of stance, foot frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PathPoint {
    /// Percent of stance, 0 to 100.
    pub stance_pct: f64,
    /// Lateral of the foot's axis, mm.
    pub x_mm: f64,
    /// In front of the heel's middle, mm.
    pub y_mm: f64,
}

/// Center of pressure excursion index (Song et al. 1996, J Am Podiatr Med Assoc 86:16): the distance of
/// the path from the line through its ends at the anterior third of the print, in percent of the
/// print's width there. Lateral is positive; a low index goes with pronation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cpei {
    /// The index, %.
    pub pct: Spread,
    /// Ends of the line through the ends of the mean path, mm.
    pub line: [Point2; 2],
    /// Level at which the distance is taken, mm.
    pub level: f64,
}

/// Level of the anterior third.
const ANTERIOR_THIRD: f64 = 2.0 / 3.0;
/// A path that does not run over this share of the print's length has no excursion.
const LEAST_WAY: f64 = 0.4;
/// Fewest cells across the print at the level of the anterior third, mm.
const LEAST_WIDTH_MM: f64 = 30.0;

/// The center of pressure of one frame in the plane of the grid; `None` if the force is too small to
/// know it. Only cells that `counts` says are taken.
pub(crate) fn center(
    recording: &Pressure,
    print: &Print,
    counts: impl Fn(usize) -> bool,
    frame: usize,
    least_n: f64,
) -> Option<Point2> {
    let (mut sum, mut x, mut y) = (0.0, 0.0, 0.0);
    let cells = recording.frame(frame).iter().enumerate();
    for (cell, kpa) in cells.filter(|(cell, kpa)| **kpa > 0.0 && counts(*cell)) {
        let (at, kpa) = (print.place(cell), f64::from(*kpa));
        (sum, x, y) = (sum + kpa, x + kpa * at.x, y + kpa * at.y);
    }
    (sum * print.cell_area_mm2() * 1e-3 >= least_n).then(|| Point2::new(x / sum, y / sum))
}

/// Mean path over the used steps at 0, 1, … 100 % of stance, where at least half of them know it. Only cells that `counts` says are taken.
pub(crate) fn mean_path(paths: &[Vec<Option<Point2>>]) -> Vec<PathPoint> {
    (0..=100_u32)
        .filter_map(|percent| {
            let at: Vec<Point2> = paths
                .iter()
                .filter_map(|path| resampled(path, f64::from(percent) / 100.0))
                .collect();
            if at.is_empty() || at.len() * 2 < paths.len() {
                return None;
            }
            let count = at.len() as f64;
            Some(PathPoint {
                stance_pct: f64::from(percent),
                x_mm: at.iter().map(|point| point.x).sum::<f64>() / count,
                y_mm: at.iter().map(|point| point.y).sum::<f64>() / count,
            })
        })
        .collect()
}

/// Linear between frames; `None` beside a frame without a known center.
fn resampled(path: &[Option<Point2>], share: f64) -> Option<Point2> {
    let at = share * (path.len().checked_sub(1)?) as f64;
    let before = (at as usize).min(path.len() - 1);
    let after = (before + 1).min(path.len() - 1);
    let part = at - before as f64;
    let first = path[before]?;
    if part < 1e-9 {
        return Some(first);
    }
    Some(first + (path[after]? - first) * part)
}

/// The paths of the used steps in the foot frame.
pub(crate) fn paths(
    recording: &Pressure,
    print: &Print,
    frame: &FootFrame,
    masks: &Masks,
    steps: &[Step],
    settings: &Settings,
) -> Vec<Vec<Option<Point2>>> {
    steps
        .iter()
        .filter(|step| step.used)
        .map(|step| {
            step.frames()
                .map(|index| {
                    let counts = |cell: usize| masks.regions[cell].is_some();
                    center(recording, print, counts, index, settings.path_force_n)
                })
                .map(|at| at.map(|at| frame.foot_from_grid(at)))
                .collect()
        })
        .collect()
}

/// The index of every step's path and their mean; `None` if no path runs through the foot.
pub(crate) fn cpei(
    paths: &[Vec<Option<Point2>>],
    mean: &[PathPoint],
    print: &Print,
    frame: &FootFrame,
) -> Option<Cpei> {
    let level = frame.level(ANTERIOR_THIRD);
    let half_row = 0.5 * print.cell_mm[0].max(print.cell_mm[1]) / frame.length();
    let [medial, lateral] =
        crate::masks::borders(print, frame, ANTERIOR_THIRD - half_row, ANTERIOR_THIRD + half_row)?;
    let width = lateral - medial;
    if width < LEAST_WIDTH_MM {
        return None;
    }
    let of_path =
        |points: &[Point2]| excursion(points, level, frame.length()).map(|mm| 100.0 * mm / width);
    let each: Vec<f64> = paths
        .iter()
        .filter_map(|path| of_path(&path.iter().copied().flatten().collect::<Vec<_>>()))
        .collect();
    let ends = [mean.first()?, mean.last()?].map(|point| Point2::new(point.x_mm, point.y_mm));
    Some(Cpei { pct: Spread::of(&each)?, line: ends, level })
}

/// Distance of a path from the line through its ends where it first crosses `level`, mm; lateral positive.
fn excursion(path: &[Point2], level: f64, length: f64) -> Option<f64> {
    let (first, last) = (*path.first()?, *path.last()?);
    let way = last - first;
    if way.y < LEAST_WAY * length {
        return None;
    }
    let pair = path.windows(2).find(|pair| pair[0].y <= level && pair[1].y > level)?;
    let part = (level - pair[0].y) / (pair[1].y - pair[0].y);
    let crossing = pair[0] + (pair[1] - pair[0]) * part;
    // Perpendicular to the line: the cross product over its length.
    Some(((crossing - first).x * way.y - (crossing - first).y * way.x) / way.norm())
}
