//! Axes with round numbers around a rectangle in which a chart is drawn.

use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, readable, text_width};

/// The step 1, 2 or 5 times a power of ten that cuts `span` into at most about `most` pieces.
///
/// 1 for a span that is not positive and finite.
#[must_use]
pub fn nice_step(span: f64, most: usize) -> f64 {
    if !(span.is_finite() && span > 0.0) {
        return 1.0;
    }
    let raw = span / most.max(1) as f64;
    let power = 10_f64.powi(raw.log10().floor() as i32);
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// Multiples of [`nice_step`] that lie in `low..=high`, at most about `most + 1` of them.
#[must_use]
pub fn ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let step = nice_step(high - low, most);
    if !(low.is_finite() && high.is_finite()) || high <= low {
        return Vec::new();
    }
    let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
    (first..=last).map(|index| index as f64 * step).collect()
}

/// Decimals that a multiple of `step` needs.
pub(crate) fn decimals(step: f64) -> usize {
    (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize
}

/// Maps values to pixels along one axis; either may run backward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) low_px: f64,
    pub(crate) high_px: f64,
}

impl Scale {
    pub(crate) fn px(&self, value: f64) -> f64 {
        let span = self.high - self.low;
        let share = if span.abs() > 0.0 { (value - self.low) / span } else { 0.5 };
        self.low_px + share * (self.high_px - self.low_px)
    }
}

/// One axis: its scale and what is written along it.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    /// Quantity and unit.
    pub(crate) title: String,
    /// At most about this many pieces between ticks.
    pub(crate) pieces: usize,
}

impl Axis {
    fn step(&self) -> f64 {
        nice_step((self.scale.high - self.scale.low).abs(), self.pieces)
    }

    fn ticks(&self) -> Vec<f64> {
        let (low, high) = (self.scale.low, self.scale.high);
        ticks(low.min(high), low.max(high), self.pieces)
    }

    fn words(&self, value: f64) -> String {
        readable(value, decimals(self.step()))
    }
}

/// Grid, tick labels and titles of two axes.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Frame {
    pub(crate) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.scale.px(x), self.y.scale.px(y))
    }

    /// Draws grid lines and words; call it before the data.
    pub(crate) fn draw(&self, drawing: &mut Drawing) {
        let (x, y) = (&self.x.scale, &self.y.scale);
        let (left, right) = (x.low_px.min(x.high_px), x.low_px.max(x.high_px));
        let (top, bottom) = (y.low_px.min(y.high_px), y.low_px.max(y.high_px));
        let grid = Stroke::new(Paint::FAINT, 1.0);
        let mut widest: f64 = 0.0;
        for value in self.y.ticks() {
            let words = self.y.words(value);
            widest = widest.max(text_width(&words, BODY));
            drawing.line((left, y.px(value)), (right, y.px(value)), grid);
            let at = (left - 6.0, y.px(value) + 4.0);
            drawing.text(at, Lettering::new(Anchor::End), &words);
        }
        for value in self.x.ticks() {
            drawing.line((x.px(value), top), (x.px(value), bottom), grid);
            let at = (x.px(value), bottom + BODY + 4.0);
            drawing.text(at, Lettering::new(Anchor::Middle), &self.x.words(value));
        }
        let x_title = ((left + right) / 2.0, bottom + 2.0 * BODY + 9.0);
        drawing.text(x_title, Lettering::new(Anchor::Middle), &self.x.title);
        let y_title = (left - widest - 13.0, (top + bottom) / 2.0);
        drawing.upward_text(y_title, Lettering::new(Anchor::Middle), &self.y.title);
    }

    /// Room under the plot that [`Self::draw`] needs, px.
    pub(crate) const BELOW: f64 = 2.0 * BODY + 15.0;
    /// Room left of the plot that [`Self::draw`] needs, px, for labels of up to five signs.
    pub(crate) const BESIDE: f64 = 58.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_one_two_five() {
        for (span, most, expected) in
            [(10.0, 5, 2.0), (1.0, 10, 0.1), (7.0, 5, 2.0), (240.0, 5, 50.0), (0.0, 5, 1.0)]
        {
            let step = nice_step(span, most);
            assert!((step - expected).abs() < 1e-12 * expected, "{span} by {most}: {step}");
        }
    }

    #[test]
    fn ticks_stay_inside_and_are_few() {
        for (low, high) in [(-3.7, 12.2), (0.0, 0.007), (-250.0, -10.0), (1e6, 1.1e6)] {
            let found = ticks(low, high, 6);
            assert!((2..=7).contains(&found.len()), "{low}..{high}: {found:?}");
            let slack = 1e-6 * (high - low);
            assert!(found.iter().all(|&tick| tick >= low - slack && tick <= high + slack));
        }
        assert_eq!(ticks(1.0, f64::INFINITY, 5), Vec::<f64>::new());
    }

    #[test]
    fn decimals_follow_the_step() {
        for (step, expected) in [(10.0, 0), (1.0, 0), (0.5, 1), (0.2, 1), (0.02, 2), (0.1, 1)] {
            assert_eq!(decimals(step), expected, "step {step}");
        }
    }
}
