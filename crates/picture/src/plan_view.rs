use crate::chart::{Swatch, legend, legend_height, padded, range_of};
use crate::color::Rgb;
use crate::frame::{Axis, Frame, Scale};
use crate::line_chart::{Mark, Series};
use crate::markup::{Anchor, Drawing, Lettering, Paint, Stroke, Svg, text_width};

/// A line from one point to another, such as a force from where it acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vector {
    /// Where it begins.
    pub from: (f64, f64),
    /// Where it ends.
    pub to: (f64, f64),
    /// Its color, drawn at half its strength.
    pub color: Rgb,
}

/// Lines, outlines and vectors in one plane at the same scale along both axes, so that angles are true.
#[derive(Clone, Debug, Default)]
pub struct PlanView {
    /// Quantity and unit along x.
    pub x_title: String,
    /// Quantity and unit along y.
    pub y_title: String,
    /// Closed outlines, drawn first and faintly.
    pub outlines: Vec<Vec<(f64, f64)>>,
    /// Vectors, drawn under the lines.
    pub vectors: Vec<Vector>,
    /// Lines.
    pub series: Vec<Series>,
    /// Points with words.
    pub marks: Vec<Mark>,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 460.0;
/// Plots are scaled to the smaller of the width and this height.
const MOST_HEIGHT: f64 = 520.0;
/// Room for words beside a narrow plot.
const LEAST_PLOT_WIDTH: f64 = 150.0;

/// Draws the plane, at most 460 px wide and as high as its content wants.
#[must_use]
pub fn plan_view(plan: &PlanView) -> Svg {
    let points = || {
        let outlines = plan.outlines.iter().flatten().copied();
        let vectors = plan.vectors.iter().flat_map(|vector| [vector.from, vector.to]);
        let series = plan.series.iter().flat_map(|series| series.points.iter().copied());
        outlines.chain(vectors).chain(series)
    };
    let x = padded(range_of(points().map(|point| point.0)).unwrap_or((0.0, 1.0)), 0.06);
    let y = padded(range_of(points().map(|point| point.1)).unwrap_or((0.0, 1.0)), 0.04);
    let left = Frame::BESIDE;
    let px_per_unit = ((WIDTH - 14.0 - left) / (x.1 - x.0)).min(MOST_HEIGHT / (y.1 - y.0));
    // A narrow plot gets more of the plane beside it rather than another scale.
    let missing = (LEAST_PLOT_WIDTH / px_per_unit - (x.1 - x.0)).max(0.0) / 2.0;
    let x = (x.0 - missing, x.1 + missing);
    let right = left + px_per_unit * (x.1 - x.0);
    let height = px_per_unit * (y.1 - y.0);
    let entries: Vec<(String, Swatch)> = plan
        .series
        .iter()
        .filter(|series| !series.label.is_empty())
        .map(|series| (series.label.clone(), Swatch::Line(stroke(series))))
        .collect();
    let legend_right = right.max(left + LEAST_PLOT_WIDTH);
    let top = legend_height(&entries, left, legend_right) + 8.0;
    let frame = Frame {
        x: Axis {
            scale: Scale { low: x.0, high: x.1, low_px: left, high_px: right },
            title: plan.x_title.clone(),
            pieces: ((right - left) / 55.0) as usize,
        },
        y: Axis {
            scale: Scale { low: y.0, high: y.1, low_px: top + height, high_px: top },
            title: plan.y_title.clone(),
            pieces: (height / 40.0) as usize,
        },
    };
    let mut drawing = Drawing::new(WIDTH.min(right + 14.0), top + height + Frame::BELOW);
    legend(&mut drawing, &entries, left, legend_right);
    frame.draw(&mut drawing);
    content(&mut drawing, plan, &frame, [left, right]);
    drawing.finish(&plan.description)
}

fn content(drawing: &mut Drawing, plan: &PlanView, frame: &Frame, [left, right]: [f64; 2]) {
    let at = |&(x, y): &(f64, f64)| frame.at(x, y);
    let edge = Stroke::new(Paint::MUTED, 1.2).dashed();
    for outline in &plan.outlines {
        let points: Vec<_> = outline.iter().map(at).collect();
        drawing.polygon(&[points], Paint::INK.with_opacity(0.05), Some(edge));
    }
    for vector in &plan.vectors {
        let paint = Paint::solid(vector.color).with_opacity(0.5);
        drawing.line(at(&vector.from), at(&vector.to), Stroke::new(paint, 1.0));
    }
    for series in &plan.series {
        let points: Vec<_> = series.points.iter().map(at).collect();
        drawing.polyline(&points, stroke(series));
    }
    for mark in &plan.marks {
        let (x, y) = at(&mark.at);
        drawing.circle((x, y), 3.0, Paint::INK, None);
        let half = text_width(&mark.text, 11.5) / 2.0;
        let x = x.clamp(left + half, (right - half).max(left + half));
        drawing.text((x, y - 8.0), Lettering::new(Anchor::Middle).ink().sized(11.5), &mark.text);
    }
}

fn stroke(series: &Series) -> Stroke {
    let plain = Stroke::new(Paint::solid(series.color), 2.2);
    if series.dashed { plain.dashed() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check_well_formed, series_color};

    #[test]
    fn well_formed_and_of_one_scale() {
        let plan = PlanView {
            vectors: vec![Vector { from: (0.0, 0.0), to: (30.0, 900.0), color: series_color(0) }],
            series: vec![Series {
                label: "left & right".to_owned(),
                points: vec![(0.0, 0.0), (100.0, 100.0)],
                color: series_color(1),
                dashed: false,
            }],
            outlines: vec![vec![(0.0, 0.0), (90.0, 0.0), (90.0, 250.0)]],
            ..PlanView::default()
        };
        let drawn = plan_view(&plan);
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert!(drawn.as_str().contains("left &amp; right"));
        assert_eq!(check_well_formed(plan_view(&PlanView::default()).as_str()), Ok(()));
    }
}
