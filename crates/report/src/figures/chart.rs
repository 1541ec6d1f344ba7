use geometry::{HeightField, Point2, Rect};
use picture::{
    Band, ColorMap, HeatMapStyle, LineChart, Mark, Rgb, Scatter, ScatterGroup, Series, heat_map,
    line_chart, number, scatter, series_color,
};
use vocabulary::Side;

use super::{borders_from_above, figure};
use crate::page::{Figure, Place};

/// Gray of what was before.
const BEFORE: Rgb = Rgb(0x77, 0x7f, 0x88);

/// The knee adduction moment over stance, before and predicted with the device, with the 90 %
/// interval of the prediction. All slices belong to the same instants (`percent` of stance); `unit` is
/// that of the moments, such as "%BW·Ht".
#[must_use]
pub fn kam_curve(
    percent: &[f64],
    before: &[f64],
    after: &[f64],
    low: &[f64],
    high: &[f64],
    unit: &str,
) -> Figure {
    let line = |values: &[f64]| percent.iter().copied().zip(values.iter().copied()).collect();
    let series = |label: &str, values: &[f64], color: Rgb, dashed: bool| Series {
        label: label.to_owned(),
        points: line(values),
        color,
        dashed,
    };
    let alt = "Knee adduction moment over the stance phase, before and predicted with the device, \
               with a 90 % interval"
        .to_owned();
    let band = percent.iter().zip(low.iter().zip(high)).map(|(&x, (&low, &high))| (x, low, high));
    let chart = LineChart {
        x_title: "stance, %".to_owned(),
        y_title: format!("knee adduction moment, {unit}"),
        series: vec![
            series("before", before, BEFORE, true),
            series("predicted with device", after, series_color(0), false),
        ],
        bands: vec![Band {
            label: "90 % interval".to_owned(),
            points: band.collect(),
            color: series_color(0),
        }],
        marks: peak_marks(percent, before),
        must_show: vec![0.0],
        description: alt.clone(),
    };
    let caption = "Positive loads the medial side of the knee.";
    let drawn = line_chart(&chart);
    Figure {
        wide: true,
        ..figure(Place::Knee, "Knee adduction moment over one step", caption, drawn, alt)
    }
}

/// Marks the peaks of early and late stance (8–50 % and 50–95 %) on the curve.
fn peak_marks(percent: &[f64], moment: &[f64]) -> Vec<Mark> {
    [("1st peak", 8.0..50.0), ("2nd peak", 50.0..95.0)]
        .into_iter()
        .filter_map(|(name, phase)| {
            let inside = percent.iter().zip(moment).filter(|(at, _)| phase.contains(*at));
            let (&at, &peak) = inside.max_by(|a, b| a.1.total_cmp(b.1))?;
            Some(Mark { at: (at, peak), text: format!("{name} {}", number(peak, 2)) })
        })
        .collect()
}

/// Peak pressure under the foot before and predicted with the device on one color scale, and its
/// change. Nodes are in the foot frame (mm, on a square grid); pressures in kPa belong to the nodes.
#[must_use]
pub fn pressure_pair(
    side: Side,
    nodes: &[Point2],
    before_kpa: &[f64],
    after_kpa: &[f64],
) -> Vec<Figure> {
    let count = nodes.len().min(before_kpa.len()).min(after_kpa.len());
    let change: Vec<f64> = before_kpa.iter().zip(after_kpa).map(|(a, b)| b - a).collect();
    let most =
        before_kpa.iter().chain(after_kpa).copied().filter(|p| p.is_finite()).fold(0.0, f64::max);
    let step = picture::nice_step(most.max(1.0), 5);
    let shared = Some((0.0, (most.max(1.0) / step).ceil() * step));
    let maps = [
        ("Peak pressure before", before_kpa, ColorMap::Heat, shared),
        ("Peak pressure predicted", after_kpa, ColorMap::Heat, shared),
        ("Change of peak pressure", change.as_slice(), ColorMap::Difference, None),
    ];
    maps.into_iter()
        .map(|(title, values, colors, range)| {
            let alt = format!("{title} under the {side} foot in kPa, seen from above");
            let style = HeatMapStyle {
                colors,
                range,
                quantity: "kPa".to_owned(),
                cells: true,
                height: 320.0,
                mirrored: side == Side::Left,
                borders: borders_from_above(side),
                description: alt.clone(),
                ..HeatMapStyle::default()
            };
            let caption = match colors {
                ColorMap::Difference => "Blue: less than before; orange: more.",
                _ => "Largest pressure of each place over the step; both maps share one scale.",
            };
            let field = gridded(&nodes[..count], &values[..count]);
            figure(Place::Knee, title, caption, heat_map(&field, &style), alt)
        })
        .collect()
}

/// Values on nodes of a square grid as a field; the spacing is the smallest step between nodes.
fn gridded(nodes: &[Point2], values: &[f64]) -> HeightField {
    let spacing = smallest_step(nodes.iter().map(|node| node.x))
        .into_iter()
        .chain(smallest_step(nodes.iter().map(|node| node.y)))
        .fold(f64::INFINITY, f64::min);
    let spacing = if spacing.is_finite() { spacing } else { 5.0 };
    let low = nodes.iter().copied().reduce(|a, b| a.inf(&b)).unwrap_or_else(Point2::origin);
    let high = nodes.iter().copied().reduce(|a, b| a.sup(&b)).unwrap_or(low);
    let mut field = HeightField::from_fn(Rect { low, high }, spacing, |_| f64::NAN);
    for (node, &value) in nodes.iter().zip(values) {
        let column = ((node.x - low.x) / spacing).round() as usize;
        let row = ((node.y - low.y) / spacing).round() as usize;
        if column < field.columns && row < field.rows {
            *field.at_mut(column, row) = value;
        }
    }
    field
}

/// The smallest difference between values that is not rounding, mm. At least 1: finer nodes than
/// that are not drawn apart.
fn smallest_step(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|step| *step > 0.05)
        .reduce(f64::min)
        .map(|step| step.max(1.0))
}

/// Designs that were weighed: two aims, both to be small.
#[derive(Clone, Debug, Default)]
pub struct Pareto {
    /// Quantity and unit along x.
    pub x_title: String,
    /// Quantity and unit along y.
    pub y_title: String,
    /// All designs that were tried and allowed.
    pub tried: Vec<(f64, f64)>,
    /// The designs that no other beats in both aims, in the order of x.
    pub front: Vec<(f64, f64)>,
    /// The chosen design.
    pub chosen: Option<(f64, f64)>,
}

/// The designs that were weighed against each other, and the chosen one.
#[must_use]
pub fn pareto(side: Side, designs: &Pareto) -> Figure {
    let group = |label: &str, points: Vec<(f64, f64)>, color: Rgb, radius: f64| ScatterGroup {
        label: label.to_owned(),
        points,
        color,
        radius,
        joined: false,
    };
    let mut groups = Vec::new();
    if !designs.tried.is_empty() {
        groups.push(group("tried", thinned(&designs.tried), BEFORE, 1.6));
    }
    groups.push(ScatterGroup {
        joined: true,
        ..group("best trade-offs", designs.front.clone(), series_color(0), 3.0)
    });
    groups.extend(designs.chosen.map(|point| group("chosen", vec![point], series_color(1), 6.5)));
    let alt = format!(
        "Designs weighed for the {side} foot: {} against {}",
        designs.y_title, designs.x_title
    );
    let chart = Scatter {
        x_title: designs.x_title.clone(),
        y_title: designs.y_title.clone(),
        groups,
        description: alt.clone(),
    };
    let caption = "Each dot is a design; toward the lower left is better in both respects.";
    Figure { wide: true, ..figure(Place::Knee, "Designs weighed", caption, scatter(&chart), alt) }
}

/// At most 600 of the points, evenly picked: a page needs no more.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.iter().step_by(points.len().div_ceil(600).max(1)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_find_their_cells() {
        let nodes: Vec<Point2> = [(-10.0, 5.0), (-5.0, 5.0), (5.0, 5.0), (0.0, 15.0)]
            .map(|(x, y)| Point2::new(x, y))
            .to_vec();
        let field = gridded(&nodes, &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!((field.columns, field.rows), (4, 3));
        assert!((field.at(3, 0) - 3.0).abs() < 1e-12 && (field.at(2, 2) - 4.0).abs() < 1e-12);
        assert!(field.at(0, 1).is_nan());
    }

    #[test]
    fn peaks_are_found_in_their_phases() {
        let percent: Vec<f64> = (0..=100).map(f64::from).collect();
        let moment: Vec<f64> =
            percent.iter().map(|t| if *t < 3.0 { 9.0 } else { (t / 100.0 * 9.0).sin() }).collect();
        let marks = peak_marks(&percent, &moment);
        assert!((marks[0].at.0 - 17.0).abs() < 1.5, "not the spike at heel strike: {marks:?}");
        assert!((marks[1].at.0 - 87.0).abs() < 1.5, "{marks:?}");
    }

    #[test]
    fn pressure_without_nodes_draws_nothing_but_stands() {
        assert_eq!(pressure_pair(Side::Left, &[], &[], &[]).len(), 3);
    }
}
