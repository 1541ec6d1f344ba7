use crate::color::Rgb;
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg};

/// How a gauge's value is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Within the limit.
    Good,
    /// Beyond the first limit.
    Warning,
    /// Beyond the last limit.
    Bad,
}

/// A value beside its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// What it is.
    pub label: String,
    /// Value with unit, and what has to be said.
    pub words: String,
    /// The value.
    pub value: f64,
    /// Up to here (or from here) it is good.
    pub good: f64,
    /// Beyond this it is bad; `None` if it never is.
    pub bad: Option<f64>,
    /// Whether small values are the bad ones.
    pub low_is_bad: bool,
    /// The judgment.
    pub mark: Mark,
}

const WIDTH: f64 = 520.0;
const ROW: f64 = 40.0;
const TOP: f64 = 6.0;
const MARGIN: f64 = 12.0;
const BAR: f64 = 9.0;
const GOOD: Rgb = Rgb(0x2e, 0x8b, 0x57);
const WARNING: Rgb = Rgb(0xd9, 0x8e, 0x04);
const BAD: Rgb = Rgb(0xc2, 0x3b, 0x22);

impl Mark {
    const fn color(self) -> Rgb {
        match self {
            Self::Good => GOOD,
            Self::Warning => WARNING,
            Self::Bad => BAD,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "usable",
            Self::Bad => "refused",
        }
    }
}

/// Values as marks over bars that are green where the value would be good, amber where it would be
/// usable, and red where it would be bad. Every bar has its own scale; the judgment stands in words, too.
#[must_use]
pub fn gauges(rows: &[Gauge], description: &str) -> Svg {
    let mut drawing = Drawing::new(WIDTH, TOP + ROW * rows.len() as f64 + 8.0);
    for (index, row) in rows.iter().enumerate() {
        draw(&mut drawing, row, TOP + ROW * index as f64);
    }
    drawing.finish(description)
}

fn draw(drawing: &mut Drawing, row: &Gauge, top: f64) {
    let look = Lettering::new(Anchor::Start).ink();
    drawing.text((MARGIN, top + BODY + 1.0), look, &row.label);
    let words = format!("{} · {}", row.words, row.mark.words());
    let right = Lettering { anchor: Anchor::End, ..look };
    drawing.text((WIDTH - MARGIN, top + BODY + 1.0), right, &words);
    let [low, high] = ends(row);
    let px = |value: f64| {
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    };
    let y = top + BODY + 8.0;
    let (good, bad) = (px(row.good), row.bad.map(px));
    let zones = if row.low_is_bad {
        let bad = bad.unwrap_or(MARGIN);
        [(MARGIN, bad, BAD), (bad, good, WARNING), (good, WIDTH - MARGIN, GOOD)]
    } else {
        let bad = bad.unwrap_or(WIDTH - MARGIN);
        [(MARGIN, good, GOOD), (good, bad, WARNING), (bad, WIDTH - MARGIN, BAD)]
    };
    for (from, to, color) in zones {
        if to > from {
            let paint = Paint::solid(color).with_opacity(0.35);
            drawing.rectangle((from, y), (to - from, BAR), paint);
        }
    }
    let ring = Stroke::new(Paint::solid(Rgb(255, 255, 255)), 2.0);
    let at = (px(row.value), y + BAR / 2.0);
    drawing.circle(at, 6.5, Paint::solid(row.mark.color()), Some(ring));
}

/// Ends of a bar: zero or a little under the bad limit, to a little beyond the farthest of value and
/// limits.
fn ends(row: &Gauge) -> [f64; 2] {
    let farthest = row.bad.unwrap_or(row.good).max(row.good);
    if row.low_is_bad {
        let low = row.bad.unwrap_or(row.good).min(row.value);
        return [(low - 0.25 * (row.good - low).abs()).max(0.0), row.good.max(row.value) * 1.02];
    }
    // A value far beyond the limits stands at the bar's end.
    [0.0, (1.15 * farthest).max(row.good * 1.5).max(1e-9)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    fn row(value: f64, mark: Mark) -> Gauge {
        Gauge {
            label: "Noise <mm>".to_owned(),
            words: format!("{value} mm"),
            value,
            good: 0.5,
            bad: Some(2.0),
            low_is_bad: false,
            mark,
        }
    }

    #[test]
    fn every_row_has_its_words_and_color() {
        let rows = [row(0.1, Mark::Good), row(1.0, Mark::Warning), row(90.0, Mark::Bad)];
        let drawn = gauges(&rows, "quality");
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        for words in ["Noise &lt;mm&gt;", "0.1 mm · good", "1 mm · usable", "90 mm · refused"] {
            assert!(drawn.as_str().contains(words), "{words}");
        }
    }

    #[test]
    fn the_mark_stands_in_its_zone() {
        let at = |value: f64| {
            let drawn = gauges(&[row(value, Mark::Good)], "");
            let text = drawn.as_str().split_once("<circle cx=\"").unwrap().1.to_owned();
            text.split_once('"').unwrap().0.parse::<f64>().unwrap()
        };
        assert!(at(0.2) < at(0.5) && at(0.5) < at(1.0) && at(1.0) < at(2.0));
        assert!(at(1e9) <= WIDTH - MARGIN, "a value beyond all stands at the end");
    }
}
