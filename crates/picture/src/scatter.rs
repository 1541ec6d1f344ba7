use crate::chart::{Swatch, legend, legend_height, padded, range_of};
use crate::color::Rgb;
use crate::frame::{Axis, Frame, Scale};
use crate::markup::{Drawing, Paint, Stroke, Svg};

/// Points of one kind.
#[derive(Clone, Debug)]
pub struct ScatterGroup {
    /// Name in the legend.
    pub label: String,
    /// Points in the axes' units.
    pub points: Vec<(f64, f64)>,
    /// Color of the points.
    pub color: Rgb,
    /// Radius of a point, px.
    pub radius: f64,
    /// Whether the points are joined by a line in their order (a front).
    pub joined: bool,
}

/// A chart of points, such as designs weighed against two aims.
#[derive(Clone, Debug, Default)]
pub struct Scatter {
    /// Quantity and unit along x.
    pub x_title: String,
    /// Quantity and unit along y.
    pub y_title: String,
    /// Kinds of points, the last drawn on top.
    pub groups: Vec<ScatterGroup>,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 460.0;
const PLOT_HEIGHT: f64 = 240.0;

/// Draws the points, 460 px wide.
#[must_use]
pub fn scatter(chart: &Scatter) -> Svg {
    let entries: Vec<_> = chart
        .groups
        .iter()
        .map(|group| (group.label.clone(), Swatch::Dot(Paint::solid(group.color))))
        .collect();
    let (left, right) = (Frame::BESIDE, WIDTH - 14.0);
    let top = legend_height(&entries, left, right) + 8.0;
    let mut drawing = Drawing::new(WIDTH, top + PLOT_HEIGHT + Frame::BELOW);
    legend(&mut drawing, &entries, left, right);
    let frame = frame(chart, [left, right], [top, top + PLOT_HEIGHT]);
    frame.draw(&mut drawing);
    for group in &chart.groups {
        let points: Vec<_> = group.points.iter().map(|&(x, y)| frame.at(x, y)).collect();
        if group.joined {
            drawing.polyline(&points, Stroke::new(Paint::solid(group.color), 1.5));
        }
        let paint = Paint::solid(group.color);
        let edge = Stroke::new(Paint::solid(Rgb(255, 255, 255)), 1.0);
        for &point in points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
            drawing.circle(point, group.radius, paint, (group.radius > 4.0).then_some(edge));
        }
    }
    drawing.finish(&chart.description)
}

fn frame(chart: &Scatter, [left, right]: [f64; 2], [top, bottom]: [f64; 2]) -> Frame {
    let points = || chart.groups.iter().flat_map(|group| group.points.iter());
    let x = padded(range_of(points().map(|point| point.0)).unwrap_or((0.0, 1.0)), 0.06);
    let y = padded(range_of(points().map(|point| point.1)).unwrap_or((0.0, 1.0)), 0.08);
    Frame {
        x: Axis {
            scale: Scale { low: x.0, high: x.1, low_px: left, high_px: right },
            title: chart.x_title.clone(),
            pieces: 6,
        },
        y: Axis {
            scale: Scale { low: y.0, high: y.1, low_px: bottom, high_px: top },
            title: chart.y_title.clone(),
            pieces: 6,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check_well_formed, series_color};

    #[test]
    fn every_finite_point_is_drawn() {
        let group = ScatterGroup {
            label: "tried".to_owned(),
            points: vec![(0.0, 1.0), (1.0, 2.0), (f64::NAN, 0.0)],
            color: series_color(0),
            radius: 2.0,
            joined: true,
        };
        let drawn = scatter(&Scatter { groups: vec![group], ..Scatter::default() });
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert_eq!(drawn.as_str().matches("<circle").count(), 3, "two points and the legend");
    }
}
