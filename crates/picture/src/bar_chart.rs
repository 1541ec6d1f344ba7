use crate::chart::{Swatch, legend, legend_height, range_of};
use crate::color::Rgb;
use crate::frame::{Scale, decimals, nice_step, ticks};
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg, readable, text_width};

/// One value with its spread and what is usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// What is measured.
    pub label: String,
    /// Value, not below zero.
    pub value: f64,
    /// Half the length of the whisker, such as a standard deviation.
    pub spread: Option<f64>,
    /// Lower and upper end of what is usual.
    pub usual: Option<(f64, f64)>,
    /// Whether the bar stands out.
    pub marked: bool,
}

/// A chart of horizontal bars over one axis from zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarChart {
    /// Quantity and unit of the axis.
    pub title: String,
    /// Bars from top to bottom.
    pub bars: Vec<Bar>,
    /// Name of the spread in the legend; empty leaves it out.
    pub spread_label: String,
    /// Name of the usual range in the legend; empty leaves it out.
    pub usual_label: String,
    /// Name of marked bars in the legend; empty leaves it out.
    pub marked_label: String,
    /// A value drawn as a dashed line with its label.
    pub limit: Option<(f64, String)>,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 460.0;
const ROW: f64 = 25.0;
const BAR: f64 = 13.0;
/// Pieces between ticks.
const PIECES: usize = 6;
/// Room for the written value behind the longest bar, px.
const VALUE_ROOM: f64 = 46.0;
const PLAIN: Rgb = Rgb(0x2a, 0x7f, 0xc9);
const MARKED: Rgb = Rgb(0xd0, 0x66, 0x1a);

/// Draws one row per bar, 460 px wide; values are written behind the bars.
#[must_use]
pub fn bar_chart(chart: &BarChart) -> Svg {
    let entries = entries(chart);
    let longest = chart.bars.iter().map(|bar| text_width(&bar.label, BODY)).fold(40.0, f64::max);
    let (left, right) = ((longest + 12.0).min(WIDTH / 2.0), WIDTH - 14.0);
    let top = legend_height(&entries, 8.0, right) + 20.0;
    let ends = chart.bars.iter().flat_map(|bar| {
        let whisker = bar.value + bar.spread.unwrap_or(0.0);
        [bar.value, whisker, bar.usual.map_or(0.0, |(_, high)| high)]
    });
    let most = range_of(ends.chain(chart.limit.iter().map(|limit| limit.0)).chain([0.0]));
    let high = most.map_or(1.0, |(_, high)| if high > 0.0 { high } else { 1.0 });
    let scale = Scale { low: 0.0, high, low_px: left, high_px: right - VALUE_ROOM };
    let bottom = top + ROW * chart.bars.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 2.0 * BODY + 15.0);
    legend(&mut drawing, &entries, 8.0, right);
    draw_axis(&mut drawing, chart, &scale, [top, bottom]);
    for (index, bar) in chart.bars.iter().enumerate() {
        draw_bar(&mut drawing, bar, &scale, top + ROW * (index as f64 + 0.5));
    }
    if let Some((value, words)) = &chart.limit {
        let x = scale.px(*value);
        drawing.line((x, top - 4.0), (x, bottom), Stroke::new(Paint::INK, 1.2).dashed());
        drawing.text((x, top - 8.0), Lettering::new(Anchor::Middle).sized(11.0), words);
    }
    drawing.finish(&chart.description)
}

fn entries(chart: &BarChart) -> Vec<(String, Swatch)> {
    [
        (&chart.usual_label, Swatch::Area(usual_paint())),
        (&chart.spread_label, Swatch::Line(Stroke::new(Paint::INK, 1.4))),
        (&chart.marked_label, Swatch::Area(Paint::solid(MARKED))),
    ]
    .into_iter()
    .filter(|(words, _)| !words.is_empty())
    .map(|(words, swatch)| (words.clone(), swatch))
    .collect()
}

const fn usual_paint() -> Paint {
    Paint::solid(Rgb(0x77, 0x7f, 0x88)).with_opacity(0.3)
}

fn draw_axis(drawing: &mut Drawing, chart: &BarChart, scale: &Scale, [top, bottom]: [f64; 2]) {
    let places = decimals(nice_step(scale.high, PIECES));
    for value in ticks(0.0, scale.high, PIECES) {
        let x = scale.px(value);
        drawing.line((x, top), (x, bottom), Stroke::new(Paint::FAINT, 1.0));
        let at = (x, bottom + BODY + 4.0);
        drawing.text(at, Lettering::new(Anchor::Middle), &readable(value, places));
    }
    let middle = ((scale.low_px + scale.high_px) / 2.0, bottom + 2.0 * BODY + 9.0);
    drawing.text(middle, Lettering::new(Anchor::Middle), &chart.title);
}

fn draw_bar(drawing: &mut Drawing, bar: &Bar, scale: &Scale, y: f64) {
    if let Some((low, high)) = bar.usual {
        let from = scale.px(low.max(0.0));
        drawing.rectangle(
            (from, y - ROW * 0.44),
            (scale.px(high) - from, ROW * 0.88),
            usual_paint(),
        );
    }
    let value = if bar.value.is_finite() { bar.value.max(0.0) } else { 0.0 };
    let color = if bar.marked { MARKED } else { PLAIN };
    let zero = scale.px(0.0);
    drawing.rectangle((zero, y - BAR / 2.0), (scale.px(value) - zero, BAR), Paint::solid(color));
    let mut end = scale.px(value);
    if let Some(spread) = bar.spread.filter(|spread| spread.is_finite()) {
        let ends = [(value - spread).max(0.0), value + spread].map(|value| scale.px(value));
        let stroke = Stroke::new(Paint::INK, 1.4);
        drawing.line((ends[0], y), (ends[1], y), stroke);
        ends.iter().for_each(|&x| drawing.line((x, y - 4.0), (x, y + 4.0), stroke));
        end = end.max(ends[1]);
    }
    let look = Lettering::new(Anchor::End).ink();
    drawing.text((zero - 6.0, y + 4.5), look, &bar.label);
    let look = Lettering { anchor: Anchor::Start, bold: bar.marked, ..look };
    let places = if value < 10.0 { 1 } else { 0 };
    drawing.text((end + 5.0, y + 4.5), look, &readable(bar.value, places));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    #[test]
    fn bars_whiskers_and_ranges_are_drawn() {
        let bar = Bar {
            label: "heel <medial>".to_owned(),
            value: 310.4,
            spread: Some(20.0),
            usual: Some((159.0, 467.0)),
            marked: true,
        };
        let chart = BarChart {
            title: "peak pressure, kPa".to_owned(),
            bars: vec![bar, Bar { label: "toes".to_owned(), value: 9.26, ..Bar::default() }],
            spread_label: "SD between steps".to_owned(),
            usual_label: "usual".to_owned(),
            limit: Some((200.0, "limit".to_owned())),
            ..BarChart::default()
        };
        let drawn = bar_chart(&chart);
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        for words in
            ["heel &lt;medial&gt;", ">310<", ">9.3<", "SD between steps", ">limit<", ">400<"]
        {
            assert!(drawn.as_str().contains(words), "{words} is missing");
        }
        assert_eq!(drawn, bar_chart(&chart));
    }

    #[test]
    fn odd_values_are_still_a_drawing() {
        let odd =
            [f64::NAN, -5.0, 0.0].map(|value| Bar { value, spread: Some(value), ..Bar::default() });
        let chart = BarChart { bars: odd.to_vec(), ..BarChart::default() };
        assert_eq!(check_well_formed(bar_chart(&chart).as_str()), Ok(()));
        assert_eq!(check_well_formed(bar_chart(&BarChart::default()).as_str()), Ok(()));
    }
}
