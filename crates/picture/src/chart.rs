//! What several charts share: value ranges and the legend.

use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, text_width};

/// Lowest and highest of the finite values; `None` if there are none.
pub(crate) fn range_of(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// The range, widened by `share` of itself on both sides and never empty.
pub(crate) fn padded((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let span = if high > low { high - low } else { low.abs().max(1.0) };
    (low - share * span, high + share * span)
}

/// How an entry of the legend is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Swatch {
    Line(Stroke),
    Area(Paint),
    Dot(Paint),
}

/// Width of a swatch with the gap behind it, px.
const SWATCH: f64 = 26.0;

/// Writes the legend in rows above the plot and returns its height.
pub(crate) fn legend(
    drawing: &mut Drawing,
    entries: &[(String, Swatch)],
    left: f64,
    right: f64,
) -> f64 {
    let places = legend_places(entries, left, right);
    for ((words, swatch), &(x, row)) in entries.iter().zip(&places) {
        let y = 10.0 + 18.0 * row as f64;
        match *swatch {
            Swatch::Line(stroke) => drawing.line((x, y), (x + 20.0, y), stroke),
            Swatch::Area(paint) => drawing.rectangle((x, y - 5.0), (20.0, 10.0), paint),
            Swatch::Dot(paint) => drawing.circle((x + 10.0, y), 4.5, paint, None),
        }
        drawing.text((x + SWATCH, y + 4.5), Lettering::new(Anchor::Start), words);
    }
    places.last().map_or(0.0, |&(_, row)| 18.0 * (row + 1) as f64 + 6.0)
}

/// Height that [`legend`] takes.
pub(crate) fn legend_height(entries: &[(String, Swatch)], left: f64, right: f64) -> f64 {
    let places = legend_places(entries, left, right);
    places.last().map_or(0.0, |&(_, row)| 18.0 * (row + 1) as f64 + 6.0)
}

fn legend_places(entries: &[(String, Swatch)], left: f64, right: f64) -> Vec<(f64, usize)> {
    let (mut x, mut row) = (left, 0);
    entries
        .iter()
        .map(|(words, _)| {
            let width = SWATCH + text_width(words, BODY) + 14.0;
            if x > left && x + width > right + 14.0 {
                (x, row) = (left, row + 1);
            }
            let place = (x, row);
            x += width;
            place
        })
        .collect()
}
