use crate::chart::range_of;
use crate::color::Rgb;
use crate::frame::{Scale, ticks};
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg, readable};

/// A thickness written on a section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThicknessLabel {
    /// Position along the section, mm.
    pub at: f64,
    /// Thickness, mm.
    pub thickness: f64,
}

/// A cut through a part: two lines over the same positions.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Written above the cut.
    pub title: String,
    /// The pieces of the cut, each as position along the section, lower and upper height, mm.
    pub pieces: Vec<Vec<(f64, f64, f64)>>,
    /// Thicknesses to write.
    pub labels: Vec<ThicknessLabel>,
}

/// How sections are shown.
#[derive(Clone, Debug, Default)]
pub struct SectionStyle {
    /// Quantity along the section, with its unit.
    pub along: String,
    /// Words at the left and at the right end.
    pub ends: [String; 2],
    /// Whether the position runs to the left.
    pub mirrored: bool,
    /// What a screen reader says.
    pub description: String,
}

const WIDTH: f64 = 460.0;
const MARGIN: f64 = 40.0;
/// Most px per mm, so that a short cut does not fill a page.
const MOST_SCALE: f64 = 5.0;
const FILL: Rgb = Rgb(0x6b, 0x93, 0xb8);

/// Draws cuts one under the other at one true scale (heights are not exaggerated), with the ground
/// line z = 0 and thicknesses in mm.
#[must_use]
pub fn cross_sections(sections: &[Section], style: &SectionStyle) -> Svg {
    let points = || sections.iter().flat_map(|section| section.pieces.iter().flatten());
    let (from, to) = range_of(points().map(|point| point.0)).unwrap_or((0.0, 1.0));
    let per_mm = ((WIDTH - 2.0 * MARGIN) / (to - from).max(1.0)).min(MOST_SCALE);
    let half = (to - from) * per_mm / 2.0;
    let (left, right) = (WIDTH / 2.0 - half, WIDTH / 2.0 + half);
    let (low_px, high_px) = if style.mirrored { (right, left) } else { (left, right) };
    let along = Scale { low: from, high: to, low_px, high_px };
    let heights: Vec<(f64, f64)> = sections.iter().map(height_range).collect();
    let rows: f64 =
        heights.iter().map(|(low, high)| (high - low) * per_mm + TITLE + LABELS + GAP).sum();
    let mut drawing = Drawing::new(WIDTH, rows + 2.0 * BODY + 16.0);
    let mut top = 0.0;
    for (section, &(low, high)) in sections.iter().zip(&heights) {
        let ground = top + TITLE + LABELS + high * per_mm;
        let up = Scale { low: 0.0, high: 1.0, low_px: ground, high_px: ground - per_mm };
        draw_section(&mut drawing, section, &along, &up, top);
        top += (high - low) * per_mm + TITLE + LABELS + GAP;
    }
    draw_along(&mut drawing, style, &along, top);
    drawing.finish(&style.description)
}

/// Room for the title of a cut, px.
const TITLE: f64 = 18.0;
/// Room for thickness labels over a cut, px.
const LABELS: f64 = 18.0;
/// Room between cuts, px.
const GAP: f64 = 16.0;

/// Heights that the drawing of a cut spans; the ground is always part of it.
fn height_range(section: &Section) -> (f64, f64) {
    let heights = section.pieces.iter().flatten().flat_map(|&(_, low, high)| [low, high]);
    range_of(heights.chain([0.0])).unwrap_or((0.0, 1.0))
}

fn draw_section(drawing: &mut Drawing, section: &Section, along: &Scale, up: &Scale, top: f64) {
    drawing.text((6.0, top + BODY + 2.0), Lettering::new(Anchor::Start).bold(), &section.title);
    let ground = up.px(0.0);
    let (left, right) = (along.low_px.min(along.high_px), along.low_px.max(along.high_px));
    drawing.line((left - 12.0, ground), (right + 12.0, ground), Stroke::new(Paint::MUTED, 1.0));
    let edge = Stroke::new(Paint::INK, 1.2);
    for piece in &section.pieces {
        let upper = piece.iter().map(|&(at, _, high)| (along.px(at), up.px(high)));
        let lower = piece.iter().rev().map(|&(at, low, _)| (along.px(at), up.px(low)));
        let ring = upper.chain(lower).collect();
        drawing.polygon(&[ring], Paint::solid(FILL).with_opacity(0.75), Some(edge));
    }
    for label in &section.labels {
        let Some((low, high)) = heights_at(section, label.at) else { continue };
        let x = along.px(label.at);
        let tick = Stroke::new(Paint::INK, 1.0);
        drawing.line((x, up.px(low)), (x, up.px(high) - 6.0), tick);
        // Always one decimal: 3.0 says more than 3.
        let words = format!("{:.1}", label.thickness);
        drawing.text((x, up.px(high) - 9.0), Lettering::new(Anchor::Middle).ink(), &words);
    }
}

/// Lower and upper height of the cut at a position, between its corners.
fn heights_at(section: &Section, at: f64) -> Option<(f64, f64)> {
    section.pieces.iter().flat_map(|piece| piece.windows(2)).find_map(|pair| {
        let ((from, low, high), (to, next_low, next_high)) = (pair[0], pair[1]);
        let inside = at >= from.min(to) && at <= from.max(to) && from.total_cmp(&to).is_ne();
        inside.then(|| {
            let share = (at - from) / (to - from);
            (low + share * (next_low - low), high + share * (next_high - high))
        })
    })
}

fn draw_along(drawing: &mut Drawing, style: &SectionStyle, along: &Scale, top: f64) {
    for value in ticks(along.low, along.high, 6) {
        let x = along.px(value);
        drawing.line((x, top - 6.0), (x, top - 1.0), Stroke::new(Paint::MUTED, 1.0));
        let words = readable(value, 0);
        drawing.text((x, top + BODY), Lettering::new(Anchor::Middle), &words);
    }
    let y = top + 2.0 * BODY + 6.0;
    drawing.text((WIDTH / 2.0, y), Lettering::new(Anchor::Middle), &style.along);
    drawing.text((6.0, y), Lettering::new(Anchor::Start).ink(), &style.ends[0]);
    drawing.text((WIDTH - 6.0, y), Lettering::new(Anchor::End).ink(), &style.ends[1]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    fn cup() -> Section {
        let height = |x: f64| x * x / 60.0;
        Section {
            title: "heel & cup".to_owned(),
            pieces: vec![
                (-30..=30)
                    .map(|x| (f64::from(x), height(f64::from(x)), height(f64::from(x)) + 3.0))
                    .collect(),
            ],
            labels: vec![ThicknessLabel { at: 0.5, thickness: 3.04 }],
        }
    }

    #[test]
    fn heights_are_interpolated() {
        let (low, high) = heights_at(&cup(), 0.5).unwrap();
        assert!((low - 1.0 / 120.0).abs() < 1e-12 && (high - low - 3.0).abs() < 1e-12);
        assert_eq!(heights_at(&cup(), 31.0), None);
    }

    #[test]
    fn well_formed_with_thickness() {
        let drawn = cross_sections(&[cup(), Section::default()], &SectionStyle::default());
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert!(drawn.as_str().contains(">3.0<"), "3.04 with one decimal");
        assert!(drawn.as_str().contains("heel &amp; cup"));
    }
}
