//! SVG text: numbers with fixed decimals, escaped words, and paths.

use std::fmt::Write as _;

use crate::color::Rgb;
use crate::raster::Raster;

/// A finished drawing. Only this crate makes them, so a page may embed one as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Svg {
    text: String,
    /// Width and height, whole drawing pixels.
    size: (u32, u32),
}

impl Svg {
    /// The XML text, from `<svg` to `</svg>`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Width and height, drawing pixels.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        (f64::from(self.size.0), f64::from(self.size.1))
    }
}

/// `text` with the five characters that XML and HTML reserve written as entities, and without
/// control characters (XML 1.0 has no way to write them).
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => {}
            other => safe.push(other),
        }
    }
    safe
}

/// A number with at most `decimals` decimals, without trailing zeros and without a negative zero.
/// What is not finite becomes an en dash.
#[must_use]
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let short =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A number as people read it: with a real minus sign.
pub(crate) fn readable(value: f64, decimals: usize) -> String {
    number(value, decimals).replace('-', "−")
}

/// What a line or a word is painted with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paint {
    /// `None` takes the page's text color.
    pub(crate) color: Option<Rgb>,
    /// 0 (not seen) to 1.
    pub(crate) opacity: f64,
}

impl Paint {
    pub(crate) const INK: Self = Self { color: None, opacity: 1.0 };
    pub(crate) const MUTED: Self = Self { color: None, opacity: 0.72 };
    pub(crate) const FAINT: Self = Self { color: None, opacity: 0.16 };

    pub(crate) const fn solid(color: Rgb) -> Self {
        Self { color: Some(color), opacity: 1.0 }
    }

    pub(crate) const fn with_opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    fn attributes(self, what: &str) -> String {
        let color = self.color.map_or_else(|| "currentColor".to_owned(), Rgb::hex);
        let mut text = format!(" {what}=\"{color}\"");
        if self.opacity < 1.0 {
            let _ = write!(text, " {what}-opacity=\"{}\"", number(self.opacity, 2));
        }
        text
    }
}

/// A line's paint, width in px, and dashes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stroke {
    pub(crate) paint: Paint,
    pub(crate) width: f64,
    pub(crate) dashed: bool,
}

impl Stroke {
    pub(crate) const fn new(paint: Paint, width: f64) -> Self {
        Self { paint, width, dashed: false }
    }

    pub(crate) const fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }

    fn attributes(self) -> String {
        let mut text = self.paint.attributes("stroke");
        let _ = write!(text, " stroke-width=\"{}\"", number(self.width, 2));
        if self.dashed {
            text.push_str(" stroke-dasharray=\"5 4\"");
        }
        text
    }
}

/// Where a word is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A word's look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lettering {
    pub(crate) anchor: Anchor,
    pub(crate) size: f64,
    pub(crate) paint: Paint,
    pub(crate) bold: bool,
}

impl Lettering {
    pub(crate) const fn new(anchor: Anchor) -> Self {
        Self { anchor, size: BODY, paint: Paint::MUTED, bold: false }
    }

    pub(crate) const fn ink(self) -> Self {
        Self { paint: Paint::INK, ..self }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, paint: Paint::INK, ..self }
    }

    pub(crate) const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }
}

/// Size of words in px of the drawing; drawings are laid out 360 to 480 px wide.
pub(crate) const BODY: f64 = 12.5;

/// Width that a text takes, px: an average letter is 0.54 of its height wide.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.54
}

/// A drawing that grows; positions in px from the top left.
#[derive(Debug)]
pub(crate) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

impl Drawing {
    pub(crate) const fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// The markup so far.
    pub(crate) const fn body_mut(&mut self) -> &mut String {
        &mut self.body
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        let _ = write!(
            self.body,
            "<path d=\"{}\" fill=\"none\"{}/>",
            path_data(&[from, to], false),
            stroke.attributes()
        );
    }

    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        self.polylines(&[points.to_vec()], stroke);
    }

    /// Several lines of one look in one element.
    pub(crate) fn polylines(&mut self, lines: &[Vec<(f64, f64)>], stroke: Stroke) {
        let data: String = lines.iter().map(|line| path_data(line, false)).collect();
        if !data.is_empty() {
            let _ = write!(
                self.body,
                "<path d=\"{data}\" fill=\"none\" stroke-linejoin=\"round\"{}/>",
                stroke.attributes()
            );
        }
    }

    /// A filled outline; several rings are filled by the even-odd rule.
    pub(crate) fn polygon(&mut self, rings: &[Vec<(f64, f64)>], fill: Paint, edge: Option<Stroke>) {
        let data: String = rings.iter().map(|ring| path_data(ring, true)).collect();
        if !data.is_empty() {
            let _ = write!(
                self.body,
                "<path d=\"{data}\" fill-rule=\"evenodd\"{}{}/>",
                fill.attributes("fill"),
                edge.map(Stroke::attributes).unwrap_or_default()
            );
        }
    }

    pub(crate) fn rectangle(&mut self, low: (f64, f64), size: (f64, f64), fill: Paint) {
        let _ = write!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>",
            number(low.0, 1),
            number(low.1, 1),
            number(size.0.max(0.0), 1),
            number(size.1.max(0.0), 1),
            fill.attributes("fill")
        );
    }

    pub(crate) fn circle(
        &mut self,
        center: (f64, f64),
        radius: f64,
        fill: Paint,
        edge: Option<Stroke>,
    ) {
        let _ = write!(
            self.body,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}/>",
            number(center.0, 1),
            number(center.1, 1),
            number(radius, 1),
            fill.attributes("fill"),
            edge.map(Stroke::attributes).unwrap_or_default()
        );
    }

    pub(crate) fn text(&mut self, at: (f64, f64), look: Lettering, words: &str) {
        self.write_text(at, look, words, "");
    }

    /// A word that runs upward.
    pub(crate) fn upward_text(&mut self, at: (f64, f64), look: Lettering, words: &str) {
        let turn = format!(" transform=\"rotate(-90 {} {})\"", number(at.0, 1), number(at.1, 1));
        self.write_text(at, look, words, &turn);
    }

    fn write_text(&mut self, at: (f64, f64), look: Lettering, words: &str, more: &str) {
        let anchor = match look.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let size = if (look.size - BODY).abs() < 0.05 {
            String::new()
        } else {
            format!(" font-size=\"{}\"", number(look.size, 1))
        };
        let _ = write!(
            self.body,
            "<text x=\"{}\" y=\"{}\"{anchor}{size}{}{}{more}>{}</text>",
            number(at.0, 1),
            number(at.1, 1),
            if look.bold { " font-weight=\"600\"" } else { "" },
            look.paint.attributes("fill"),
            escaped(words)
        );
    }

    /// A word on a pale plate of its own, so that it reads over a picture.
    pub(crate) fn plated_text(&mut self, at: (f64, f64), look: Lettering, words: &str) {
        let width = text_width(words, look.size) + 8.0;
        let left = match look.anchor {
            Anchor::Start => at.0 - 4.0,
            Anchor::Middle => at.0 - width / 2.0,
            Anchor::End => at.0 - width + 4.0,
        };
        let _ = write!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\" fill=\"#fff\" fill-opacity=\"0.86\"/>",
            number(left, 1),
            number(at.1 - look.size, 1),
            number(width, 1),
            number(look.size + 5.0, 1)
        );
        let dark = Lettering { paint: Paint::solid(Rgb(0x1b, 0x22, 0x2b)), ..look };
        self.text(at, dark, words);
    }

    /// A picture of pixels; `crisp` keeps its pixels as squares.
    pub(crate) fn image(
        &mut self,
        raster: &Raster,
        low: (f64, f64),
        size: (f64, f64),
        crisp: bool,
    ) {
        let _ = write!(
            self.body,
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\"{} href=\"{}\"/>",
            number(low.0, 1),
            number(low.1, 1),
            number(size.0, 1),
            number(size.1, 1),
            if crisp { " style=\"image-rendering:pixelated\"" } else { "" },
            raster.data_uri()
        );
    }

    /// Closes the drawing; `title` is what a screen reader says.
    pub(crate) fn finish(self, title: &str) -> Svg {
        let size = [self.width, self.height].map(|extent| extent.round().max(0.0) as u32);
        let [width, height] = size;
        Svg {
            size: (width, height),
            text: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
                 height=\"{height}\" role=\"img\" aria-label=\"{}\" font-family=\"system-ui,sans-serif\" \
                 font-size=\"{BODY}\">{}</svg>",
                escaped(title),
                self.body
            ),
        }
    }
}

/// A path through the points in tenths of a pixel, relative after the first point: short and free of
/// drift, because the rounding is done on absolute positions. Points that are not finite are left out.
fn path_data(points: &[(f64, f64)], closed: bool) -> String {
    let tenths = points
        .iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .map(|&(x, y)| ((x * 10.0).round() as i64, (y * 10.0).round() as i64));
    let mut data = String::new();
    let mut last: Option<(i64, i64)> = None;
    for (x, y) in tenths {
        match last {
            None => {
                let _ = write!(data, "M{} {}", tenth(x), tenth(y));
            }
            Some((last_x, last_y)) if (x, y) != (last_x, last_y) => {
                let _ = write!(data, "l{} {}", tenth(x - last_x), tenth(y - last_y));
            }
            Some(_) => {}
        }
        last = Some((x, y));
    }
    if closed && !data.is_empty() {
        data.push('z');
    }
    data
}

fn tenth(value: i64) -> String {
    number(value as f64 / 10.0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    #[test]
    fn numbers_are_short_and_have_no_negative_zero() {
        for (value, decimals, expected) in [
            (1.50, 2, "1.5"),
            (-0.04, 1, "0"),
            (100.0, 0, "100"),
            (100.0, 1, "100"),
            (-2.25, 1, "-2.2"),
            (f64::NAN, 1, "–"),
        ] {
            assert_eq!(number(value, decimals), expected);
        }
    }

    #[test]
    fn hostile_words_are_harmless() {
        let safe = escaped("<script>alert('x')</script>&\"\u{0}\u{8}");
        assert_eq!(safe, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
    }

    #[test]
    fn relative_paths_do_not_drift() {
        let points: Vec<(f64, f64)> = (0..1000).map(|i| (f64::from(i) * 0.34, 0.0)).collect();
        let sum: f64 = path_data(&points, false)
            .split(['M', 'l'])
            .skip(1)
            .map(|pair| pair.split(' ').next().unwrap().parse::<f64>().unwrap())
            .sum();
        assert!((sum - 339.7).abs() < 1e-6, "last point is 999 × 0.34 = 339.66, in tenths: {sum}");
    }

    #[test]
    fn a_drawing_is_well_formed_whatever_the_words() {
        let mut drawing = Drawing::new(100.0, 50.0);
        drawing.text((1.0, 2.0), Lettering::new(Anchor::End).bold(), "a < b & \"c\"");
        drawing.plated_text((1.0, 2.0), Lettering::new(Anchor::Middle), "]]><!--");
        drawing.upward_text((1.0, 2.0), Lettering::new(Anchor::Start).sized(9.0), "\u{1b}[0m");
        drawing.image(&Raster::new(2, 2), (0.0, 0.0), (9.0, 9.0), true);
        drawing.polyline(&[(0.0, f64::NAN), (1.0, 2.0)], Stroke::new(Paint::INK, 1.0).dashed());
        assert_eq!(check_well_formed(drawing.finish("<title> & more").as_str()), Ok(()));
    }
}
