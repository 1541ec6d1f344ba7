//! From where a shape is seen, and where its points then stand in the picture.

use geometry::{Point3, Vector3};

use crate::color::Rgb;
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg, number, text_width};
use crate::render::Rendering;

/// From where a mesh is seen, in parallel projection. Toes (+y) point up in the plan views.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View {
    /// From +z, x to the right.
    Top,
    /// From -z, x to the left: what one sees when the foot is lifted.
    Bottom,
    /// From -x (the medial side of a right foot), toes to the left.
    Left,
    /// From +x (the lateral side of a right foot), toes to the right.
    Right,
    /// From +y, at the toes, x to the left.
    Front,
    /// From -y, at the heel, x to the right.
    Back,
    /// From any direction.
    Iso {
        /// Direction of the eye around z, rad: 0 stands at +x, π/2 at +y.
        azimuth: f64,
        /// Height of the eye over the ground plane, rad: π/2 is above.
        elevation: f64,
    },
}

impl View {
    /// Unit vectors to the right, up, and toward the eye.
    #[must_use]
    pub fn axes(self) -> [Vector3; 3] {
        let (x, y, z) = (Vector3::x(), Vector3::y(), Vector3::z());
        match self {
            Self::Top => [x, y, z],
            Self::Bottom => [-x, y, -z],
            Self::Left => [-y, z, -x],
            Self::Right => [y, z, x],
            Self::Front => [-x, z, y],
            Self::Back => [x, z, -y],
            Self::Iso { azimuth, elevation } => {
                let (sin, cos) = azimuth.sin_cos();
                let toward =
                    Vector3::new(cos * elevation.cos(), sin * elevation.cos(), elevation.sin());
                let right = Vector3::new(-sin, cos, 0.0);
                [right, toward.cross(&right), toward]
            }
        }
    }
}

/// Where points of space stand in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// Unit vectors to the right, up, and toward the eye.
    pub axes: [Vector3; 3],
    /// Pixels per mm.
    pub scale: f64,
    /// Position along right (mm) of the picture's left border and along up of its top border.
    pub corner: [f64; 2],
}

impl Projection {
    /// Column and row of a point, px from the top left.
    #[must_use]
    pub fn pixel(&self, point: &Point3) -> (f64, f64) {
        let [right, up, _] = &self.axes;
        (
            (point.coords.dot(right) - self.corner[0]) * self.scale,
            (self.corner[1] - point.coords.dot(up)) * self.scale,
        )
    }

    /// Position along the line of sight, mm; larger is nearer to the eye.
    #[must_use]
    pub fn nearness(&self, point: &Point3) -> f64 {
        point.coords.dot(&self.axes[2])
    }
}

/// A named point to mark on a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is written beside the mark.
    pub text: String,
    /// Where it is, mm.
    pub position: Point3,
}

/// What is drawn over a shaded view.
#[derive(Clone, Debug, Default)]
pub struct ViewNotes {
    /// Points to mark; a point behind the surface gets an open mark.
    pub labels: Vec<Label>,
    /// Words at the left and at the right border, such as "medial" and "lateral".
    pub borders: [String; 2],
    /// Length of the scale bar, mm; 0 draws none.
    pub scale_bar_mm: f64,
    /// What a screen reader says.
    pub description: String,
}

/// How far a landmark may lie under the drawn surface and still count as seen, mm. Landmarks stand on
/// the scan's skin, the picture's depth is that of a pixel's middle on a slope.
const SEEN_WITHIN_MM: f64 = 2.5;

/// A shaded view with marks, words at its borders and a scale bar.
#[must_use]
pub fn annotated_view(rendering: &Rendering, notes: &ViewNotes) -> Svg {
    let zoom = f64::from(rendering.oversampling);
    let width = f64::from(rendering.raster.width()) / zoom;
    let height = f64::from(rendering.raster.height()) / zoom;
    let side = border_room(notes, width).max(label_room(rendering, notes, width)).ceil();
    let below =
        if notes.scale_bar_mm > 0.0 || !notes.borders.concat().is_empty() { 30.0 } else { 0.0 };
    let mut drawing = Drawing::new(width + 2.0 * side, height + below);
    drawing.image(&rendering.raster, (side, 0.0), (width, height), false);
    let place = |point: &Point3| {
        let (x, y) = rendering.projection.pixel(point);
        (side + x / zoom, y / zoom)
    };
    draw_labels(&mut drawing, rendering, notes, place, [width + 2.0 * side, height]);
    let words_at = height + 20.0;
    for (words, x, anchor) in [
        (&notes.borders[0], 2.0, Anchor::Start),
        (&notes.borders[1], width + 2.0 * side - 2.0, Anchor::End),
    ] {
        drawing.text((x, words_at), Lettering::new(anchor), words);
    }
    if notes.scale_bar_mm > 0.0 {
        let half = notes.scale_bar_mm * rendering.projection.scale / zoom / 2.0;
        let middle = side + width / 2.0;
        let bar = Stroke::new(Paint::MUTED, 1.5);
        drawing.polyline(
            &[
                (middle - half, height + 3.0),
                (middle - half, height + 8.0),
                (middle + half, height + 8.0),
                (middle + half, height + 3.0),
            ],
            bar,
        );
        let words = format!("{} mm", number(notes.scale_bar_mm, 0));
        drawing.text((middle, height + 22.0), Lettering::new(Anchor::Middle), &words);
    }
    drawing.finish(&notes.description)
}

/// Room beside the picture so that the words under it do not touch each other.
fn border_room(notes: &ViewNotes, width: f64) -> f64 {
    let words: f64 = notes.borders.iter().map(|words| text_width(words, BODY)).sum();
    let bar = if notes.scale_bar_mm > 0.0 { 60.0 } else { 10.0 };
    ((words + bar + 24.0 - width) / 2.0).max(0.0)
}

/// Size of the words at marks, px.
const LABEL: f64 = 11.0;
/// From a mark to its word, px.
const TO_WORD: f64 = 10.0;

/// Room beside a picture `width` px wide so that all words at marks fit, each outward of its mark.
fn label_room(rendering: &Rendering, notes: &ViewNotes, width: f64) -> f64 {
    let zoom = f64::from(rendering.oversampling);
    let beyond = notes.labels.iter().map(|label| {
        let x = rendering.projection.pixel(&label.position).0 / zoom;
        let long = text_width(&label.text, LABEL) + TO_WORD + 6.0;
        if x < width / 2.0 { long - x } else { x + long - width }
    });
    beyond.fold(0.0, f64::max)
}

/// Marks with words outward of them; words on one side keep a distance from each other.
fn draw_labels(
    drawing: &mut Drawing,
    rendering: &Rendering,
    notes: &ViewNotes,
    place: impl Fn(&Point3) -> (f64, f64),
    [width, height]: [f64; 2],
) {
    let ring = Stroke::new(Paint::solid(Rgb(255, 255, 255)), 1.5);
    let mark = Paint::solid(Rgb(0xc2, 0x3b, 0x22));
    let mut taken = [Vec::new(), Vec::new()];
    for label in &notes.labels {
        let (x, y) = place(&label.position);
        let outward = if x < width / 2.0 { -1.0 } else { 1.0 };
        let anchor = if outward < 0.0 { Anchor::End } else { Anchor::Start };
        let column = &mut taken[usize::from(outward > 0.0)];
        let line = free_line(column, (y + 4.0).clamp(LABEL + 2.0, height - 5.0), height);
        let word_at = (x + outward * TO_WORD, line);
        if (line - y - 4.0).abs() > 2.0 {
            let leader = Stroke::new(mark.with_opacity(0.8), 1.0);
            drawing.line((x, y), (word_at.0, line - 4.0), leader);
        }
        if rendering.sees(&label.position, SEEN_WITHIN_MM) {
            drawing.circle((x, y), 4.0, mark, Some(ring));
        } else {
            let open = Stroke::new(mark, 1.8);
            drawing.circle((x, y), 3.6, Paint::solid(Rgb(255, 255, 255)), Some(open));
        }
        drawing.plated_text(word_at, Lettering::new(anchor).sized(LABEL), &label.text);
    }
}

/// The nearest height at which a word does not run into one that is written already.
fn free_line(taken: &mut Vec<f64>, wanted: f64, height: f64) -> f64 {
    let free = |at: f64| taken.iter().all(|other| (other - at).abs() >= 17.0);
    let found = (0..80)
        .flat_map(|step| [wanted + 3.0 * f64::from(step), wanted - 3.0 * f64::from(step)])
        .find(|&at| at >= LABEL + 2.0 && at <= height - 4.0 && free(at))
        .unwrap_or(wanted);
    taken.push(found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_is_a_right_handed_frame() {
        let iso = View::Iso { azimuth: 0.7, elevation: 0.4 };
        for view in [View::Top, View::Bottom, View::Left, View::Right, View::Front, View::Back, iso]
        {
            let [right, up, toward] = view.axes();
            assert!((right.cross(&up) - toward).norm() < 1e-12, "{view:?} is mirrored");
            assert!((right.norm() - 1.0).abs() < 1e-12 && (up.norm() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn words_move_apart() {
        let mut taken = Vec::new();
        let lines: Vec<f64> = (0..4).map(|_| free_line(&mut taken, 100.0, 200.0)).collect();
        for (index, line) in lines.iter().enumerate() {
            assert!(lines[..index].iter().all(|other| (other - line).abs() >= 17.0), "{lines:?}");
        }
    }
}
