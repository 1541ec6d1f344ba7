use crate::chart::range_of;
use crate::color::Rgb;
use crate::frame::{Scale, decimals, nice_step, ticks};
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg, readable};

/// An expected value with the interval in which the true one lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// What changes.
    pub label: String,
    /// Lower end.
    pub low: f64,
    /// Expected value.
    pub expected: f64,
    /// Upper end.
    pub high: f64,
}

/// Axis and meaning of an interval plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntervalStyle {
    /// Quantity and unit of the axis.
    pub title: String,
    /// A value below which the change counts; drawn as a dashed line with its label.
    pub threshold: Option<(f64, String)>,
    /// Words over the part below and above zero, such as "less load" and "more load".
    pub sides: [String; 2],
    /// Decimals of the written numbers.
    pub decimals: usize,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 480.0;
const ROW: f64 = 46.0;
const BELOW_ZERO: Rgb = Rgb(0x2a, 0x7f, 0xc9);
const ABOVE_ZERO: Rgb = Rgb(0xd0, 0x66, 0x1a);

/// Draws one row per interval around a common zero, 480 px wide: the dot is the expected value, the bar
/// the interval, blue below zero and orange above.
#[must_use]
pub fn interval_plot(intervals: &[Interval], style: &IntervalStyle) -> Svg {
    let values = intervals.iter().flat_map(|row| [row.low, row.expected, row.high]);
    let limit = style.threshold.iter().map(|(value, _)| *value);
    let (low, high) = range_of(values.chain(limit).chain([0.0])).unwrap_or((-1.0, 1.0));
    let room = 0.04 * (high - low).max(1e-9);
    let scale =
        Scale { low: low - room, high: high + room, low_px: MARGIN, high_px: WIDTH - MARGIN };
    let bottom = TOP + ROW * intervals.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 2.0 * BODY + 17.0);
    draw_words(&mut drawing, style, &scale, bottom);
    for (index, interval) in intervals.iter().enumerate() {
        let top = TOP + ROW * index as f64;
        draw_lines(&mut drawing, style, &scale, top);
        draw_row(&mut drawing, interval, &scale, style.decimals, top);
    }
    drawing.finish(&style.description)
}

const TOP: f64 = 24.0;
const MARGIN: f64 = 12.0;
/// Pieces between ticks.
const PIECES: usize = 7;

/// Tick labels, the axis' title, and the meaning of the two sides.
fn draw_words(drawing: &mut Drawing, style: &IntervalStyle, scale: &Scale, bottom: f64) {
    let places = decimals(nice_step(scale.high - scale.low, PIECES));
    for value in ticks(scale.low, scale.high, PIECES) {
        let at = (scale.px(value), bottom + BODY + 2.0);
        drawing.text(at, Lettering::new(Anchor::Middle), &signed(value, places));
    }
    let zero = scale.px(0.0);
    for (words, step, anchor) in
        [(&style.sides[0], -8.0, Anchor::End), (&style.sides[1], 8.0, Anchor::Start)]
    {
        drawing.text((zero + step, BODY + 1.0), Lettering::new(anchor), words);
    }
    let middle = (WIDTH / 2.0, bottom + 2.0 * BODY + 8.0);
    drawing.text(middle, Lettering::new(Anchor::Middle), &style.title);
}

/// The grid behind one bar; the words over the bar stay free of lines.
fn draw_lines(drawing: &mut Drawing, style: &IntervalStyle, scale: &Scale, top: f64) {
    let (from, to) = (top + 20.0, top + ROW - 2.0);
    for value in ticks(scale.low, scale.high, PIECES) {
        let x = scale.px(value);
        drawing.line((x, from), (x, to), Stroke::new(Paint::FAINT, 1.0));
    }
    let zero = scale.px(0.0);
    drawing.line((zero, from), (zero, to), Stroke::new(Paint::INK, 1.5));
    if let Some((value, words)) = &style.threshold {
        let x = scale.px(*value);
        drawing.line((x, from), (x, to), Stroke::new(Paint::INK, 1.2).dashed());
        drawing.text((x - 4.0, from), Lettering::new(Anchor::End).sized(11.0), words);
    }
}

fn draw_row(drawing: &mut Drawing, row: &Interval, scale: &Scale, places: usize, top: f64) {
    let y = top + 31.0;
    let (low, high) = (row.low.min(row.high), row.low.max(row.high));
    // The ends are written without decimals: nobody knows them better.
    let numbers =
        format!("{} ({} to {})", signed(row.expected, places), signed(low, 0), signed(high, 0));
    let look = Lettering::new(Anchor::Start).ink();
    drawing.text((MARGIN, top + 14.0), look, &row.label);
    let look = Lettering { anchor: Anchor::End, ..look };
    drawing.text((WIDTH - MARGIN, top + 14.0), look, &numbers);
    for (from, to, color) in [(low, high.min(0.0), BELOW_ZERO), (low.max(0.0), high, ABOVE_ZERO)] {
        if to > from {
            let at = (scale.px(from), y - 5.0);
            let size = (scale.px(to) - scale.px(from), 10.0);
            drawing.rectangle(at, size, Paint::solid(color).with_opacity(0.8));
        }
    }
    let ring = Stroke::new(Paint::solid(Rgb(255, 255, 255)), 2.0);
    let dot = Paint::solid(Rgb(0x1b, 0x22, 0x2b));
    drawing.circle((scale.px(row.expected), y), 6.0, dot, Some(ring));
}

fn signed(value: f64, places: usize) -> String {
    let words = readable(value, places);
    if value > 0.0 && words != "0" { format!("+{words}") } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    #[test]
    fn numbers_and_thresholds_are_written() {
        let row = Interval { label: "KAM <1>".to_owned(), low: -17.0, expected: -5.7, high: 5.2 };
        let style = IntervalStyle {
            threshold: Some((-2.0, "counts".to_owned())),
            decimals: 1,
            ..IntervalStyle::default()
        };
        let drawn = interval_plot(&[row], &style);
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert!(drawn.as_str().contains("KAM &lt;1&gt;</text>"));
        assert!(drawn.as_str().contains("−5.7 (−17 to +5)"));
        let colors = [BELOW_ZERO, ABOVE_ZERO].map(Rgb::hex);
        assert!(colors.iter().all(|color| drawn.as_str().contains(color.as_str())));
    }

    #[test]
    fn an_interval_below_zero_has_no_orange() {
        let row = Interval { label: String::new(), low: -9.0, expected: -5.0, high: -1.0 };
        let drawn = interval_plot(&[row], &IntervalStyle::default());
        assert!(!drawn.as_str().contains(&ABOVE_ZERO.hex()));
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
    }
}
