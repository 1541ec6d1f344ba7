use geometry::{HeightField, Point3, TriMesh};
use picture::{
    HeatMapStyle, Label, LineChart, PictureSize, Series, ShadeStyle, Shape, View, ViewNotes,
    annotated_view, heat_map, line_chart, series_color,
};
use rayon::prelude::*;
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
    let shape = Shape::new(&mesh);
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
    .into_par_iter()
    .map(|(title, view, borders)| {
        let rendering = shape.shaded(view, SCALE, &ShadeStyle::FOOT);
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

/// A quantity over the shell as a map, seen from above: title, unit, and the step of contour lines if there are any.
#[must_use]
pub fn shell_map(
    side: Side,
    field: &HeightField,
    (title, unit, contour_step): (&str, &str, Option<f64>),
) -> Figure {
    let description = format!("{title}, {side} shell: map in {unit}, seen from above");
    let style = HeatMapStyle {
        quantity: format!("{}, {unit}", title.to_lowercase()),
        contour_step,
        mirrored: side == Side::Left,
        borders: borders_from_above(side),
        description: description.clone(),
        ..HeatMapStyle::default()
    };
    figure(Place::Shell, title, "", heat_map(field, &style), description)
}

/// A curve on the shell: title, what runs along x, and points of place and height over the heel seat, mm.
#[must_use]
pub fn shell_curve(side: Side, title: &str, along: &str, points: &[(f64, f64)]) -> Figure {
    let description = format!("{title}, {side} shell: height over the heel seat in mm");
    let chart = LineChart {
        x_title: along.to_owned(),
        y_title: "over the heel seat, mm".to_owned(),
        series: vec![Series {
            label: String::new(),
            points: points.to_vec(),
            color: series_color(0),
            dashed: false,
        }],
        must_show: vec![0.0],
        description: description.clone(),
        ..LineChart::default()
    };
    figure(Place::Shell, title, "", line_chart(&chart), description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Picture;
    use geometry::{Point2, Rect};
    use picture::check_well_formed;

    fn drawing(figure: &Figure) -> &str {
        let Picture::Drawing(svg) = &figure.picture else { panic!("not a drawing") };
        assert_eq!(check_well_formed(svg.as_str()), Ok(()));
        svg.as_str()
    }

    fn block() -> TriMesh {
        TriMesh::cuboid(Point3::new(-40.0, -30.0, 0.0), Point3::new(45.0, 230.0, 60.0))
    }

    #[test]
    fn landmarks_stand_only_where_they_are_seen() {
        let landmarks = [
            ("under <the> heel".to_owned(), Point3::new(0.0, 0.0, 0.0)),
            ("medial head".to_owned(), Point3::new(-40.0, 160.0, 20.0)),
        ];
        let [above, below, medial, lateral] =
            foot_views(Side::Right, &block(), &landmarks).try_into().unwrap();
        let heel = "under &lt;the&gt; heel";
        assert!(!drawing(&above).contains(heel) && drawing(&below).contains(heel));
        assert!(drawing(&medial).contains("medial head"));
        assert!(!drawing(&lateral).contains("medial head"));
    }

    #[test]
    fn a_left_foot_is_turned_back_with_its_landmarks() {
        let landmarks = [("medial head".to_owned(), Point3::new(-40.0, 160.0, 59.0))];
        let position = |side| {
            let figures = foot_views(side, &block(), &landmarks);
            let text = drawing(&figures[0]).to_owned();
            let width: f64 = between(&text, "viewBox=\"0 0 ", " ").parse().unwrap();
            let mark: f64 = between(&text, "<circle cx=\"", "\"").parse().unwrap();
            mark / width
        };
        assert!(position(Side::Right) < 0.45, "medial is at the left of a right foot");
        assert!((position(Side::Right) + position(Side::Left) - 1.0).abs() < 0.01);
    }

    fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
        text.split_once(before).unwrap().1.split_once(after).unwrap().0
    }

    #[test]
    fn a_map_names_both_borders_and_repeats_itself() {
        let area = Rect { low: Point2::new(-40.0, -20.0), high: Point2::new(40.0, 100.0) };
        let field = HeightField::from_fn(area, 2.0, |p| p.y / 10.0);
        let figure = height_map(Side::Left, &field, "Sole");
        let words = drawing(&figure);
        assert!(words.find("lateral").unwrap() < words.find("medial").unwrap());
        assert_eq!(words, drawing(&height_map(Side::Left, &field, "Sole")));
    }
}
