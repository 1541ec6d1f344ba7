use crate::chart::{Swatch, legend, legend_height, padded, range_of};
use crate::color::Rgb;
use crate::frame::{Axis, Frame, Scale};
use crate::markup::{Anchor, Drawing, Lettering, Paint, Stroke, Svg, text_width};

/// One line of a chart.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name in the legend; a line without a name has no entry there.
    pub label: String,
    /// Points in the axes' units, in the order of drawing.
    pub points: Vec<(f64, f64)>,
    /// Color of the line.
    pub color: Rgb,
    /// Whether the line is dashed.
    pub dashed: bool,
}

/// An area between two curves, such as an interval of prediction.
#[derive(Clone, Debug)]
pub struct Band {
    /// Name in the legend.
    pub label: String,
    /// Position, lower and upper value, in the axes' units.
    pub points: Vec<(f64, f64, f64)>,
    /// Color, drawn at a fifth of its strength.
    pub color: Rgb,
}

/// A point of a line with a word.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Position in the axes' units.
    pub at: (f64, f64),
    /// What is written over it.
    pub text: String,
}

/// A chart of lines over one pair of axes.
#[derive(Clone, Debug, Default)]
pub struct LineChart {
    /// Quantity and unit along x.
    pub x_title: String,
    /// Quantity and unit along y.
    pub y_title: String,
    /// Lines, drawn in this order.
    pub series: Vec<Series>,
    /// Areas, drawn under the lines.
    pub bands: Vec<Band>,
    /// Points with words.
    pub marks: Vec<Mark>,
    /// Values of y that the axis must show, for example 0.
    pub must_show: Vec<f64>,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 460.0;
const PLOT_HEIGHT: f64 = 220.0;

/// Draws a chart, 460 px wide.
#[must_use]
pub fn line_chart(chart: &LineChart) -> Svg {
    let entries = entries(chart);
    let (left, right) = (Frame::BESIDE, WIDTH - 14.0);
    let top = legend_height(&entries, left, right) + 8.0;
    let frame = frame(chart, [left, right], [top, top + PLOT_HEIGHT]);
    let mut drawing = Drawing::new(WIDTH, top + PLOT_HEIGHT + Frame::BELOW);
    legend(&mut drawing, &entries, left, right);
    frame.draw(&mut drawing);
    if frame.y.scale.low < 0.0 && frame.y.scale.high > 0.0 {
        let zero = frame.y.scale.px(0.0);
        drawing.line((left, zero), (right, zero), Stroke::new(Paint::MUTED, 1.0));
    }
    for band in &chart.bands {
        let upper = band.points.iter().map(|&(x, _, high)| frame.at(x, high));
        let lower = band.points.iter().rev().map(|&(x, low, _)| frame.at(x, low));
        drawing.polygon(&[upper.chain(lower).collect()], band_paint(band.color), None);
    }
    for series in &chart.series {
        let points: Vec<_> = series.points.iter().map(|&(x, y)| frame.at(x, y)).collect();
        drawing.polyline(&points, stroke(series));
    }
    for mark in &chart.marks {
        let (x, y) = frame.at(mark.at.0, mark.at.1);
        drawing.circle((x, y), 3.0, Paint::INK, None);
        let half = text_width(&mark.text, 11.5) / 2.0;
        let x = x.clamp(left + half, right - half);
        drawing.text((x, y - 8.0), Lettering::new(Anchor::Middle).ink().sized(11.5), &mark.text);
    }
    drawing.finish(&chart.description)
}

fn stroke(series: &Series) -> Stroke {
    let plain = Stroke::new(Paint::solid(series.color), 2.2);
    if series.dashed { plain.dashed() } else { plain }
}

const fn band_paint(color: Rgb) -> Paint {
    Paint::solid(color).with_opacity(0.2)
}

fn entries(chart: &LineChart) -> Vec<(String, Swatch)> {
    let named = chart.series.iter().filter(|series| !series.label.is_empty());
    let lines = named.map(|series| (series.label.clone(), Swatch::Line(stroke(series))));
    let areas =
        chart.bands.iter().map(|band| (band.label.clone(), Swatch::Area(band_paint(band.color))));
    lines.chain(areas).collect()
}

fn frame(chart: &LineChart, [left, right]: [f64; 2], [top, bottom]: [f64; 2]) -> Frame {
    let line_points = || chart.series.iter().flat_map(|series| series.points.iter().copied());
    let band_points = || chart.bands.iter().flat_map(|band| band.points.iter().copied());
    let xs = line_points().map(|(x, _)| x).chain(band_points().map(|(x, ..)| x));
    let ys = line_points()
        .map(|(_, y)| y)
        .chain(band_points().flat_map(|(_, low, high)| [low, high]))
        .chain(chart.must_show.iter().copied());
    let (x_low, x_high) = range_of(xs).unwrap_or((0.0, 1.0));
    let (y_low, y_high) = padded(range_of(ys).unwrap_or((0.0, 1.0)), 0.08);
    Frame {
        x: Axis {
            scale: Scale { low: x_low, high: x_high, low_px: left, high_px: right },
            title: chart.x_title.clone(),
            pieces: 5,
        },
        y: Axis {
            scale: Scale { low: y_low, high: y_high, low_px: bottom, high_px: top },
            title: chart.y_title.clone(),
            pieces: 6,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check_well_formed, series_color};

    fn chart() -> LineChart {
        let points: Vec<_> = (0..=20).map(|i| (f64::from(i), f64::from(i * i) - 30.0)).collect();
        LineChart {
            x_title: "stance, %".to_owned(),
            y_title: "moment, Nm".to_owned(),
            bands: vec![Band {
                label: "90 % & more".to_owned(),
                points: points.iter().map(|&(x, y)| (x, y - 9.0, y + 9.0)).collect(),
                color: series_color(0),
            }],
            marks: vec![Mark { at: (20.0, 370.0), text: "peak".to_owned() }],
            series: vec![Series {
                label: "before <".to_owned(),
                points,
                color: series_color(1),
                dashed: true,
            }],
            ..LineChart::default()
        }
    }

    #[test]
    fn well_formed_and_repeatable() {
        let drawn = line_chart(&chart());
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert_eq!(drawn, line_chart(&chart()));
        for words in ["before &lt;", "90 % &amp; more", "stance, %", "peak", ">400<"] {
            assert!(drawn.as_str().contains(words), "{words} is missing");
        }
    }

    #[test]
    fn a_chart_without_data_is_still_a_drawing() {
        assert_eq!(check_well_formed(line_chart(&LineChart::default()).as_str()), Ok(()));
    }
}
