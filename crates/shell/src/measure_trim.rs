//! Realised doses of trim and underside: the finished outline and bottom against the same shell without the operation.

use geometry::{GraphSurface, Point2, polygon};
use vocabulary::Angle;

use crate::measure::slope_across;
use crate::measure_additions::Without;
use crate::shell::Finished;
use crate::support::Support;
use crate::trim::Trim;
use crate::{Border, Length, Operation, ShellError, Station, WedgeExtent, Zone};

/// Where a vertical line cuts an outline last.
fn edge_y(outline: &[Point2], x: f64) -> f64 {
    cuts(outline, |p| p.x - x, |p| p.y).fold(f64::NEG_INFINITY, f64::max)
}

/// Where a horizontal line cuts an outline last on one side; distance from x = 0.
fn side_x(outline: &[Point2], y: f64, border: Border) -> f64 {
    let sign = if border == Border::Medial { -1.0 } else { 1.0 };
    cuts(outline, |p| p.y - y, |p| sign * p.x).fold(f64::NEG_INFINITY, f64::max)
}

/// Values where a closed polygon crosses the zero of a function.
fn cuts(
    outline: &[Point2],
    over: impl Fn(Point2) -> f64,
    value: impl Fn(Point2) -> f64,
) -> impl Iterator<Item = f64> {
    polygon::edges(outline).filter_map(move |(a, b)| {
        let (from, to) = (over(a), over(b));
        ((from > 0.0) != (to > 0.0)).then(|| {
            let share = from / (from - to);
            value(a) + share * (value(b) - value(a))
        })
    })
}

/// The finished shell beside the one without an operation.
struct Pair<'a, 'b> {
    shell: &'a Finished<'b>,
    without: Without,
    before: Vec<Point2>,
}

impl<'a, 'b> Pair<'a, 'b> {
    fn new(shell: &'a Finished<'b>, index: usize) -> Result<Self, ShellError> {
        let without = Without::new(shell, index)?;
        let before = without.model.rim.outline()?.polyline(0.02, 2.0);
        Ok(Self { shell, without, before })
    }

    /// Largest move (of that sign) of the distal edge between two places.
    fn edge_move(&self, x: [f64; 2], sign: f64) -> f64 {
        steps(x)
            .map(|x| sign * (edge_y(self.shell.outline, x) - edge_y(&self.before, x)))
            .filter(|change| change.is_finite())
            .fold(0.0, f64::max)
    }

    /// Largest outward move (of that sign) of a side between two places.
    fn side_move(&self, border: Border, y: [f64; 2], sign: f64) -> f64 {
        steps(y)
            .map(|y| {
                sign * (side_x(self.shell.outline, y, border) - side_x(&self.before, y, border))
            })
            .filter(|change| change.is_finite())
            .fold(0.0, f64::max)
    }

    /// Largest raise (of that sign) of the rim of a side between two places.
    fn rim_raise(&self, border: Border, y: [f64; 2], sign: f64) -> f64 {
        let at = |outline: &[Point2], top: &GraphSurface, y: f64| {
            let out = side_x(outline, y, border) - 0.3;
            top.height(Point2::new(if border == Border::Medial { -out } else { out }, y))
        };
        let shell = self.shell;
        steps(y)
            .map(|y| {
                let with = at(shell.outline, shell.neutral_top, y) - shell.settled;
                sign * (with - at(&self.before, &self.without.top, y))
            })
            .filter(|change| change.is_finite())
            .fold(0.0, f64::max)
    }
}

/// Places every millimeter from one to the other.
fn steps(range: [f64; 2]) -> impl Iterator<Item = f64> {
    let count = (range[1] - range[0]).max(0.0) as usize;
    (0..=count).map(move |k| range[0] + k as f64)
}

/// Ordered and realised dose, tolerance, and how it was measured; `None` for other operations.
pub(crate) fn measure(
    shell: &Finished<'_>,
    index: usize,
) -> Result<Option<(f64, f64, f64, String)>, ShellError> {
    let operation = &shell.design.operations()[index];
    let dose = operation.dose();
    let (sign, regions) = (dose.signum(), &shell.model.regions);
    let shares = |from: f64, to: f64| [regions.y_at(from), regions.y_at(to)];
    let against = "against the same shell without it";
    let (realised, tolerance, note) = match *operation {
        Operation::ShellLength { .. } => return Ok(Some(length(shell))),
        Operation::HeelHole { .. } => (hole_width(shell), 0.1, "width of the hole".to_owned()),
        Operation::Wedge { extent, .. } => return Ok(Some(wedge(shell, extent, dose))),
        Operation::ArchFill { .. } => (filled(shell), 0.1, "at the apex of the arch".to_owned()),
        Operation::ThicknessZone { zone, .. } => (
            zone_change(shell, zone),
            0.1,
            "median of the part, less the ordered thickness".to_owned(),
        ),
        Operation::Ribs { .. } => (
            rib_height(shell),
            0.1,
            "median along the crests, under the shell's thickness".to_owned(),
        ),
        Operation::GrindWidth { .. } => {
            let pair = Pair::new(shell, index)?;
            let y = regions.first_head.y - 36.0;
            let change = pair.side_move(Border::Medial, [y, y + 2.0], sign);
            (sign * change, 0.1, format!("move of the medial edge behind its corner {against}"))
        }
        Operation::CupRim { border, .. } => {
            let pair = Pair::new(shell, index)?;
            let change = pair.rim_raise(border, [-6.0, 6.0], sign);
            (sign * change, 0.1, format!("rim beside the heel seat {against}"))
        }
        Operation::Flange { border, .. } => {
            let raise = Pair::new(shell, index)?.rim_raise(border, shares(0.25, 0.6), 1.0);
            (raise, 0.1, format!("largest raise of the midfoot's rim {against}"))
        }
        Operation::LateralClip { .. } => {
            let raise = Pair::new(shell, index)?.rim_raise(Border::Lateral, shares(0.28, 0.5), 1.0);
            (raise, 0.1, format!("largest raise of the lateral rim {against}"))
        }
        Operation::RayCutout { border, .. } => {
            let pair = Pair::new(shell, index)?;
            let x = Trim::whole(regions, border, dose, false);
            let back = pair.edge_move([x, x], -1.0);
            (back, 0.1, format!("move of the distal edge at x = {x:.0} mm {against}"))
        }
        Operation::GaitPlate { border, .. } => {
            let pair = Pair::new(shell, index)?;
            let x = Trim::whole(regions, border, dose, true);
            let forward = pair.edge_move([x, x], 1.0);
            (forward, 0.1, format!("move of the distal edge at x = {x:.0} mm {against}"))
        }
        Operation::TrimHandle { station, .. } => {
            let change = handle(&Pair::new(shell, index)?, station, sign);
            (sign * change, 0.1, format!("largest move of the trim at the handle {against}"))
        }
        _ => return Ok(None),
    };
    Ok(Some((dose, realised, tolerance, note)))
}

fn half(shell: &Finished<'_>, border: Border) -> [f64; 2] {
    let at = |share: f64| shell.model.regions.across_ball(share);
    match border {
        Border::Medial => [at(0.08), at(0.4)],
        Border::Lateral => [at(0.55), at(0.95)],
    }
}

fn handle(pair: &Pair<'_, '_>, station: Station, sign: f64) -> f64 {
    let regions = &pair.shell.model.regions;
    let around = |y: f64| [y - 12.0, y + 12.0];
    match station {
        Station::DistalFirst => pair.edge_move(half(pair.shell, Border::Medial), sign),
        Station::DistalFifth => pair.edge_move(half(pair.shell, Border::Lateral), sign),
        Station::DistalMiddle => {
            pair.edge_move([regions.across_ball(0.35), regions.across_ball(0.7)], sign)
        }
        Station::MedialArch => pair.side_move(Border::Medial, around(regions.arch_y()), sign),
        Station::LateralMidfoot => {
            pair.side_move(Border::Lateral, around(regions.y_at(0.38)), sign)
        }
        Station::MedialHeel => pair.side_move(Border::Medial, around(0.0), sign),
        Station::LateralHeel => pair.side_move(Border::Lateral, around(0.0), sign),
        Station::Posterior => {
            let back =
                |outline: &[Point2]| outline.iter().map(|p| -p.y).fold(f64::NEG_INFINITY, f64::max);
            sign * (back(pair.shell.outline) - back(&pair.before))
        }
    }
}

fn length(shell: &Finished<'_>) -> (f64, f64, f64, String) {
    let model = shell.model;
    let x = match model.trim.length {
        Length::Full => model.regions.toe_tip.x,
        _ => model.regions.head(2).x,
    };
    let base = model.regions.distal_edge(&model.settings, x);
    let forward = geometry::Vector2::new(0.0, 1.0);
    let wanted = model.rim.border_along(Point2::new(x, base - 20.0), forward).y - base;
    let realised = edge_y(shell.outline, x) - base;
    (
        wanted,
        realised,
        0.3,
        format!("distal edge at x = {x:.0} mm, in front of a shell that ends behind the heads"),
    )
}

fn hole_width(shell: &Finished<'_>) -> f64 {
    shell.slab.holes.first().map_or(0.0, |hole| {
        let points = hole.polyline(0.01, 1.0);
        let area = crate::thickness::bounds(&points, 0.0);
        area.width()
    })
}

/// Tilt of all that lies under the device, less that of the post.
fn wedge(shell: &Finished<'_>, extent: WedgeExtent, dose: f64) -> (f64, f64, f64, String) {
    let (total, post, place) = if extent == WedgeExtent::Forefoot {
        (shell.forefoot_tilt(), shell.doses.forefoot_post, "distal edge")
    } else {
        (shell.heel_tilt(), shell.doses.rearfoot_post, "heel seat")
    };
    let realised = (total - post).deg();
    (
        dose,
        realised,
        0.1,
        format!("tilt of the {place} against the same shell without wedge and post, less the post"),
    )
}

/// Share of the room under the arch's apex that is filled.
fn filled(shell: &Finished<'_>) -> f64 {
    let apex = shell.arch_apex();
    let room = bare(shell, apex);
    1.0 - shell.slab.bottom.height(apex) / room.max(0.1)
}

/// Height of a shell's underside without anything under it, by the slope of its top.
fn bare(shell: &Finished<'_>, point: Point2) -> f64 {
    let [dx, dy] = shell.slab.top.gradient(point);
    let thickness = shell.model.thickness(shell.doses, point.y);
    shell.slab.top.height(point) - thickness * (1.0 + dx * dx + dy * dy).sqrt()
}

fn zone_change(shell: &Finished<'_>, zone: Zone) -> f64 {
    let (map, middle) = (shell.thickness, Support::zone_middle(&shell.model.regions, zone));
    let mut values = Vec::new();
    for row in 0..map.rows {
        for column in 0..map.columns {
            let (value, place) = (map.at(column, row), map.node(column, row));
            let bare = zone == Zone::Heel || !shell.landing.posted(shell.model, place);
            if value.is_finite() && (place.y - middle).abs() < 6.0 && bare {
                values.push(value);
            }
        }
    }
    median(values) - shell.doses.thickness.0
}

fn rib_height(shell: &Finished<'_>) -> f64 {
    let lines = shell.model.support.rib_lines(&shell.model.regions);
    let mut heights = Vec::new();
    for [from, to] in lines {
        for k in 3..=9 {
            let point = from + (to - from) * (f64::from(k) / 12.0);
            heights.push(bare(shell, point) - shell.slab.bottom.height(point));
        }
    }
    median(heights)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Slope of the ground half of a rearfoot post's face, degrees.
pub(crate) fn ground_angle(shell: &Finished<'_>) -> Option<f64> {
    let ([from, to], y) = shell.landing.ground_half()?;
    let samples: Vec<(Point2, f64)> = steps([from + 2.0, to - 2.0])
        .flat_map(|x| [-4.0, 0.0, 4.0].map(|dy| Point2::new(x, y + dy)))
        .map(|point| (point, shell.slab.bottom.height(point)))
        .collect();
    Some(Angle::from_rad(slope_across(&samples).atan()).deg())
}
