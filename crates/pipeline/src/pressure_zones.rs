//! Zones of infill under places of excessive pressure, out of the recording that lies on the scanned foot.

use std::f64::consts::{PI, TAU};

use geometry::{HeightField, Point2, Vector2};
use pressure::{Excess, Registration};
use vocabulary::{Findings, Side};

use crate::ZoneShape;
use crate::pressure_case::OnFoot;

/// A placement under this confidence would soften the wrong place.
const SURE: f64 = 0.5;
/// A peak is looked for this far around its place in the recording, mm: about two sensor cells.
const PEAK_WITHIN_MM: f64 = 12.0;
/// What presses as much as the limit belongs to the place; where the mean of all steps stays under it, this share of its
/// own peak.
const PEAK_SHARE: f64 = 0.8;
/// Margin around what presses, mm, and the least and largest radius of a zone.
const MARGIN_MM: f64 = 4.0;
const RADIUS_MM: std::ops::RangeInclusive<f64> = 8.0..=30.0;
const CORNERS: u32 = 32;

/// A round zone of `fraction` under each place of excessive pressure, in the plane of the side's own shell; what has been
/// found, or why there is none, goes to `findings`.
pub(crate) fn unloaded(
    on_foot: Option<&OnFoot>,
    side: Side,
    fraction: f64,
    findings: &mut Findings,
) -> Vec<(ZoneShape, f64)> {
    let mut none = |why: &str| {
        findings.warn(
            "printing",
            "nothing-unloaded",
            format!("infill_unload_pct is ordered, and no zone made for the {side} foot: {why}"),
        );
        Vec::new()
    };
    let Some(on_foot) = on_foot else {
        return none("the case names no pressure recording of it under [gait] pressure");
    };
    let Some(placed) = on_foot.registration.as_ref().filter(|placed| placed.confidence >= SURE)
    else {
        return none("its recording could not be laid onto the scan with certainty");
    };
    let excessive = &on_foot.sheet.analysis.excessive;
    if excessive.is_empty() {
        return none("no place of its recording presses more than is usual");
    }
    let mut places: Vec<(Point2, f64)> = Vec::new();
    for excess in excessive {
        let Some((center, radius)) = place_of(excess, placed) else { continue };
        // One place may pass two limits, or be the border of two regions.
        if places.iter().any(|(other, reach)| (other - center).norm() < *reach) {
            continue;
        }
        findings.note(
            "printing",
            "unloaded",
            format!(
                "Infill of {:.0} % under the {} within {radius:.0} mm, where {:.0} kPa are measured and {:.0} are the limit.",
                100.0 * fraction,
                excess.region.words(),
                excess.peak_kpa,
                excess.limit_kpa
            ),
        );
        places.push((center, radius));
    }
    places.iter().map(|&(center, radius)| (disk(center, radius, side), fraction)).collect()
}

/// Middle and radius of what presses too much around a peak, foot frame.
fn place_of(excess: &Excess, placed: &Registration) -> Option<(Point2, f64)> {
    let (sin, cos) = placed.turn.rad().sin_cos();
    let [x, y] = excess.at_mm;
    let at = Point2::new(cos * x - sin * y, sin * x + cos * y) + placed.shift;
    let field = &placed.pressure;
    let pressed = |column: usize, row: usize| {
        Some(field.at(column, row)).filter(|pressure| pressure.is_finite())
    };
    let peak = (0..field.rows)
        .flat_map(|row| (0..field.columns).map(move |column| (column, row)))
        .filter(|&(column, row)| (field.node(column, row) - at).norm() <= PEAK_WITHIN_MM)
        .filter_map(|(column, row)| Some((pressed(column, row)?, column, row)))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let least = excess.limit_kpa.min(PEAK_SHARE * peak.0);
    let nodes = together(field, [peak.1, peak.2], least);
    let sum: Vector2 = nodes.iter().map(|&[column, row]| field.node(column, row).coords).sum();
    let area = nodes.len() as f64 * field.spacing * field.spacing;
    let radius = ((area / PI).sqrt() + MARGIN_MM).clamp(*RADIUS_MM.start(), *RADIUS_MM.end());
    Some((Point2::from(sum / nodes.len() as f64), radius))
}

/// Nodes with at least `least` that hang together with the first.
fn together(field: &HeightField, first: [usize; 2], least: f64) -> Vec<[usize; 2]> {
    let mut seen = vec![false; field.columns * field.rows];
    let mut waiting = vec![first];
    let mut nodes = Vec::new();
    seen[first[1] * field.columns + first[0]] = true;
    while let Some([column, row]) = waiting.pop() {
        nodes.push([column, row]);
        let around = [
            (column.wrapping_sub(1), row),
            (column + 1, row),
            (column, row.wrapping_sub(1)),
            (column, row + 1),
        ];
        for (column, row) in around {
            if column >= field.columns || row >= field.rows {
                continue;
            }
            let known = &mut seen[row * field.columns + column];
            if !*known && field.at(column, row) >= least {
                *known = true;
                waiting.push([column, row]);
            }
        }
    }
    nodes
}

/// A disk in the plane of the side's own shell, which for a left foot is the mirrored foot frame.
fn disk(center: Point2, radius: f64, side: Side) -> ZoneShape {
    let x = if side == Side::Left { -center.x } else { center.x };
    let corners = (0..CORNERS).map(|corner| {
        let angle = TAU * f64::from(corner) / f64::from(CORNERS);
        [x + radius * angle.cos(), center.y + radius * angle.sin()]
    });
    ZoneShape::Outline(corners.collect())
}

#[cfg(test)]
mod tests {
    use geometry::{Rect, polygon};
    use pressure::{ExcessKind, Region};
    use vocabulary::Angle;

    use super::*;

    /// A print with a hill of 300 kPa at (20, 150), 8 mm wide, on a sole at 80 kPa, laid 5 mm forward.
    fn placed() -> Registration {
        let area = Rect { low: Point2::new(-40.0, -20.0), high: Point2::new(40.0, 220.0) };
        let hill = Point2::new(20.0, 155.0);
        let pressure = HeightField::from_fn(area, 1.0, |place| {
            80.0 + 220.0 * (-(place - hill).norm_squared() / (2.0 * 8.0 * 8.0)).exp()
        });
        Registration {
            shift: Vector2::new(0.0, 5.0),
            turn: Angle::from_deg(0.0),
            scale: 1.0,
            correlation: 1.0,
            residual_mm: 1.0,
            beside_share: 0.0,
            confidence: 1.0,
            pressure,
        }
    }

    fn excess() -> Excess {
        Excess {
            region: Region::Metatarsal45,
            kind: ExcessKind::AboveNorm,
            peak_kpa: 300.0,
            limit_kpa: 200.0,
            at_mm: [18.0, 149.0],
            words: String::new(),
        }
    }

    #[test]
    fn a_zone_lies_around_what_presses_too_much() {
        let (center, radius) = place_of(&excess(), &placed()).unwrap();
        assert!((center - Point2::new(20.0, 155.0)).norm() < 0.2, "{center}");
        // 120 of 220 kPa over the sole: 8 √(2 ln(220/120)) = 8.8 mm, and the margin.
        assert!((radius - 12.8).abs() < 0.5, "{radius}");
    }

    #[test]
    fn a_left_foot_has_its_zone_on_its_own_lateral_side() {
        for (side, x) in [(Side::Right, 20.0), (Side::Left, -20.0)] {
            let ZoneShape::Outline(corners) = disk(Point2::new(20.0, 155.0), 10.0, side) else {
                panic!("an outline")
            };
            let corners: Vec<Point2> = corners.iter().map(|&[x, y]| Point2::new(x, y)).collect();
            assert!(polygon::contains(&corners, Point2::new(x, 155.0)));
            assert!(polygon::contains(&corners, Point2::new(x + 8.0, 155.0)));
            assert!(!polygon::contains(&corners, Point2::new(x + 12.0, 155.0)));
            assert!(polygon::signed_area(&corners) > 0.0);
        }
    }
}
