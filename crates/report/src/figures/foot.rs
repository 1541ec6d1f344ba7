use geometry::{HeightField, Point3, TriMesh};
use picture::{
    HeatMapStyle, Label, PictureSize, ShadeStyle, View, ViewNotes, annotated_view, heat_map, shaded,
};
use vocabulary::Side;

use super::{borders_from_above, borders_from_below, figure, real_shape};
use crate::page::{Figure, Place};

/// Drawing pixels per mm of all foot pictures: a long foot fits the width of a phone.
const SCALE: PictureSize = PictureSize::PerMm(1.15);

/// The foot from above, below, and both sides, with its landmarks.
///
/// `mesh` and `landmarks` are in the foot frame; a left foot is turned back for the picture.
#[must_use]
pub fn foot_views(side: Side, mesh: &TriMesh, landmarks: &[(String, Point3)]) -> Vec<Figure> {
    let mesh = real_shape(side, mesh);
    let labels: Vec<Label> = landmarks
        .iter()
        .map(|(text, place)| {
            let x = if side == Side::Left { -place.x } else { place.x };
            Label { text: text.clone(), position: Point3::new(x, place.y, place.z) }
        })
        .collect();
    let (medial, lateral) = side_views(side);
    let [toes_left, toes_right] =
        [["toes".to_owned(), "heel".to_owned()], ["heel".to_owned(), "toes".to_owned()]];
    let ends = |view: View| if view == View::Left { toes_left.clone() } else { toes_right.clone() };
    [
        ("From above", View::Top, borders_from_above(side)),
        ("Sole, from below", View::Bottom, borders_from_below(side)),
        ("Medial side", medial, ends(medial)),
        ("Lateral side", lateral, ends(lateral)),
    ]
    .into_iter()
    .map(|(title, view, borders)| {
        let rendering = shaded(&mesh, view, SCALE, &ShadeStyle::FOOT);
        let seen = labels.iter().filter(|label| rendering.sees(&label.position, 2.5));
        let description = format!("Scan of the {side} foot: {}", title.to_lowercase());
        let notes = ViewNotes {
            labels: seen.cloned().collect(),
            borders,
            scale_bar_mm: 50.0,
            description: description.clone(),
        };
        let drawing = annotated_view(&rendering, &notes);
        let wide = !matches!(view, View::Top | View::Bottom);
        Figure { wide, ..figure(Place::Foot, title, "", drawing, description) }
    })
    .collect()
}

/// The view from the medial and the one from the lateral side.
pub(super) const fn side_views(side: Side) -> (View, View) {
    match side {
        Side::Right => (View::Left, View::Right),
        Side::Left => (View::Right, View::Left),
    }
}

/// Heights over the ground plane as a map with contour lines every 2 mm, seen from above.
#[must_use]
pub fn height_map(side: Side, field: &HeightField, title: &str) -> Figure {
    let description =
        format!("{title}, {side} foot: map of heights in mm over the ground, seen from above");
    let style = HeatMapStyle {
        quantity: "height, mm".to_owned(),
        contour_step: Some(2.0),
        mirrored: side == Side::Left,
        borders: borders_from_above(side),
        description: description.clone(),
        ..HeatMapStyle::default()
    };
    let caption = "Contour lines every 2 mm, the first at 1 mm; dark is low.";
    figure(Place::Foot, title, caption, heat_map(field, &style), description)
}
