use std::f64::consts::PI;

use geometry::{ClosedCurve, Point2, Slab, TriMesh};
use picture::{
    PathGroup, PictureSize, PreviewRoom, Section, SectionStyle, ShadeStyle, Shape, ThicknessLabel,
    View, ViewNotes, annotated_view, number, path_preview,
};
use rayon::prelude::*;
use vocabulary::Side;

use super::foot::side_views;
use super::{borders_from_above, borders_from_below, figure, real_shape};
use crate::page::{Figure, Place};

/// Drawing pixels per mm of all pictures of a device.
const SCALE: PictureSize = PictureSize::PerMm(1.6);
/// Step between the corners of a drawn cut, mm.
const CUT_STEP: f64 = 0.8;
/// How close to the edge of a cut a thickness is written, mm.
const EDGE: f64 = 6.0;

/// Where the eye stands for the oblique view of a right device, rad: behind the medial heel, above.
const OBLIQUE: (f64, f64) = (-0.72 * PI, 0.19 * PI);

/// The device from above, below, both sides, and obliquely. `mesh` is in the foot frame; `inked` tells which of its
/// triangles are a mark, and may be empty.
#[must_use]
pub fn shell_views(side: Side, mesh: &TriMesh, inked: &[bool]) -> Vec<Figure> {
    let mesh = real_shape(side, mesh);
    let shape = Shape::new(&mesh).inked(inked);
    let (medial, lateral) = side_views(side);
    let ends = |view: View| match view {
        View::Left => ["toes".to_owned(), "heel".to_owned()],
        _ => ["heel".to_owned(), "toes".to_owned()],
    };
    let azimuth = if side == Side::Left { PI - OBLIQUE.0 } else { OBLIQUE.0 };
    let oblique = View::Iso { azimuth, elevation: OBLIQUE.1 };
    [
        ("Shell from above", View::Top, borders_from_above(side)),
        ("Shell from below", View::Bottom, borders_from_below(side)),
        ("Shell, medial side", medial, ends(medial)),
        ("Shell, lateral side", lateral, ends(lateral)),
        ("Shell, from behind the medial heel", oblique, Default::default()),
    ]
    .into_par_iter()
    .map(|(title, view, borders)| {
        let description = format!("{title}, {side} device");
        let notes = ViewNotes {
            labels: Vec::new(),
            borders,
            scale_bar_mm: if view == oblique { 0.0 } else { 50.0 },
            description: description.clone(),
        };
        let rendering = shape.shaded(view, SCALE, &ShadeStyle::SHELL);
        figure(Place::Shell, title, "", annotated_view(&rendering, &notes), description)
    })
    .collect()
}

/// Cuts across the device at some distances in front of the heel seat (mm), and one along it through
/// the heel seat, with the thickness measured square to the surface. `slab` is in the foot frame.
#[must_use]
pub fn cross_sections(side: Side, slab: &Slab, stations_y_mm: &[f64]) -> Vec<Figure> {
    let borders: Vec<Vec<Point2>> = std::iter::once(&slab.outline)
        .chain(&slab.holes)
        .map(|curve: &ClosedCurve| curve.polyline(0.02, 1.0))
        .collect();
    let across: Vec<Section> = stations_y_mm
        .iter()
        .map(|&y| {
            let place = match y {
                y if y >= 0.5 => format!("{} mm in front of the heel seat", number(y, 0)),
                y if y <= -0.5 => format!("{} mm behind the heel seat", number(-y, 0)),
                _ => "At the heel seat".to_owned(),
            };
            section(slab, &borders, Cut::Across(y), place)
        })
        .filter(|section| !section.pieces.is_empty())
        .collect();
    let along = [section(slab, &borders, Cut::Along(0.0), "Through the heel seat".to_owned())];
    let caption =
        "True proportions; thickness in mm, square to the surface. The line is the ground.";
    let across_alt = format!("Cuts across the {side} device with their thickness");
    let along_alt = format!("Cut along the {side} device with its thickness");
    let across_style = SectionStyle {
        along: "x, mm".to_owned(),
        ends: borders_from_above(side),
        mirrored: side == Side::Left,
        description: across_alt.clone(),
    };
    let along_style = SectionStyle {
        along: "y, mm".to_owned(),
        ends: ["heel".to_owned(), "toes".to_owned()],
        mirrored: false,
        description: along_alt.clone(),
    };
    let drawn_across = picture::cross_sections(&across, &across_style);
    let drawn_along = picture::cross_sections(&along, &along_style);
    let figures = [
        figure(Place::Shell, "Cuts across", caption, drawn_across, across_alt),
        figure(Place::Shell, "Cut along", caption, drawn_along, along_alt),
    ];
    figures.map(|figure| Figure { wide: true, ..figure }).to_vec()
}

/// A vertical plane that cuts the device.
#[derive(Clone, Copy)]
enum Cut {
    /// y = this, position along x.
    Across(f64),
    /// x = this, position along y.
    Along(f64),
}

impl Cut {
    const fn point(self, at: f64) -> Point2 {
        match self {
            Self::Across(y) => Point2::new(at, y),
            Self::Along(x) => Point2::new(x, at),
        }
    }

    /// Position along the cut and signed distance from it.
    fn split(self, point: Point2) -> (f64, f64) {
        match self {
            Self::Across(y) => (point.x, point.y - y),
            Self::Along(x) => (point.y, point.x - x),
        }
    }
}

fn section(slab: &Slab, borders: &[Vec<Point2>], cut: Cut, title: String) -> Section {
    let spans = inside_spans(borders, cut);
    let mut labels = Vec::new();
    let pieces = spans
        .iter()
        .map(|&(from, to)| {
            let steps = ((to - from) / CUT_STEP).ceil().max(1.0) as usize;
            labels.extend(label_positions(from, to).into_iter().filter_map(|at| {
                let thickness = thickness(slab, cut.point(at))?;
                Some(ThicknessLabel { at, thickness })
            }));
            (0..=steps)
                .map(|step| {
                    let at = from + (to - from) * step as f64 / steps as f64;
                    let point = cut.point(at);
                    (at, slab.bottom.height(point), slab.top.height(point))
                })
                .collect()
        })
        .collect();
    Section { title, pieces, labels }
}

/// Where the cut runs inside the trim: between every first and second crossing of a border.
fn inside_spans(borders: &[Vec<Point2>], cut: Cut) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = borders
        .iter()
        .flat_map(|border| geometry::polygon::edges(border))
        .filter_map(|(a, b)| {
            let ((from, above), (to, below)) = (cut.split(a), cut.split(b));
            ((above > 0.0) != (below > 0.0)).then(|| from + (to - from) * above / (above - below))
        })
        .collect();
    crossings.sort_by(f64::total_cmp);
    crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])).filter(|(a, b)| b - a > 0.2).collect()
}

/// Both ends, a little inside, and points between them about 30 mm apart.
fn label_positions(from: f64, to: f64) -> Vec<f64> {
    let (first, last) = (from + EDGE, to - EDGE);
    if last <= first {
        return vec![f64::midpoint(from, to)];
    }
    let pieces = ((last - first) / 30.0).round().max(1.0);
    (0..=pieces as usize).map(|index| first + (last - first) * index as f64 / pieces).collect()
}

/// Distance from the top surface over `point` to the bottom surface, mm; `None` where the foot of the
/// perpendicular is not found.
///
/// Fixed-point iteration: the perpendicular on the bottom's tangent plane gives the next place. It
/// settles in a few steps because a shell is thin against its radii of curvature.
fn thickness(slab: &Slab, point: Point2) -> Option<f64> {
    let from = slab.top.lift(point);
    let mut below = point;
    for _ in 0..30 {
        let foot = slab.bottom.lift(below);
        let normal = slab.bottom.normal(below);
        let moved = from - normal * (from - foot).dot(&normal);
        let next = Point2::new(moved.x, moved.y);
        if (next - below).norm() < 1e-6 {
            return Some((from - foot).norm());
        }
        below = next;
    }
    None
}

/// The mill's path from above, in the part's own coordinates (a left device is given as a left one).
#[must_use]
pub fn toolpath(title: &str, groups: &[PathGroup]) -> Figure {
    let alt = format!("{title}: tool path from above");
    path_figure(title, "Tool center from above, in workpiece coordinates.", groups, alt)
}

/// A printed layer.
#[derive(Clone, Debug)]
pub struct LayerView {
    /// Its number and height, such as "Layer 12, z = 2.4 mm".
    pub label: String,
    /// Its lines: walls, infill, brim.
    pub groups: Vec<PathGroup>,
}

/// Printed layers from above, one figure each, in the part's own coordinates.
#[must_use]
pub fn layers(layers: &[LayerView]) -> Vec<Figure> {
    layers
        .iter()
        .map(|layer| {
            let alt = format!("{}: printed lines from above", layer.label);
            path_figure(
                &layer.label,
                "Printed lines from above, in bed coordinates.",
                &layer.groups,
                alt,
            )
        })
        .collect()
}

fn path_figure(title: &str, what: &str, groups: &[PathGroup], alt: String) -> Figure {
    let preview = path_preview(groups, &alt, PreviewRoom::Page);
    let caption = match preview.every {
        1 => what.to_owned(),
        every => format!("{what} One line of {every} is drawn."),
    };
    figure(Place::Making, title, &caption, preview.svg, alt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::{GraphSurface, HeightField, Rect};

    /// A trough of constant thickness along y, turned about the y axis, over a circle with a hole.
    fn slab() -> Slab {
        let area = Rect { low: Point2::new(-40.0, -40.0), high: Point2::new(40.0, 40.0) };
        let radius = 90.0;
        let surface = |radius: f64| {
            let field =
                HeightField::from_fn(area, 1.0, |p| 95.0 - (radius * radius - p.x * p.x).sqrt());
            GraphSurface::fit(&field, 40, 10, 0.0).unwrap()
        };
        let circle = |radius: f64| {
            let point = |i: u32| {
                let angle = std::f64::consts::TAU * f64::from(i) / 24.0;
                Point2::new(radius * angle.cos(), radius * angle.sin())
            };
            ClosedCurve::through(&(0..24).map(point).collect::<Vec<_>>())
        };
        Slab {
            top: surface(radius),
            bottom: surface(radius + 3.0),
            outline: circle(35.0),
            holes: vec![circle(6.0)],
            relief: None,
        }
    }

    #[test]
    fn thickness_is_square_to_the_surface() {
        for x in [0.0, 12.0, 25.0, -30.0] {
            let found = thickness(&slab(), Point2::new(x, 3.0)).unwrap();
            assert!((found - 3.0).abs() < 0.01, "cylinders 3 mm apart, at x = {x}: {found}");
            let upright =
                slab().top.height(Point2::new(x, 3.0)) - slab().bottom.height(Point2::new(x, 3.0));
            assert!(upright > found - 1e-9);
        }
    }

    #[test]
    fn a_cut_stops_at_border_and_hole() {
        let borders: Vec<_> =
            [&slab().outline, &slab().holes[0]].map(|c| c.polyline(0.01, 1.0)).into();
        let spans = inside_spans(&borders, Cut::Across(0.0));
        let expected = [(-35.0, -6.0), (6.0, 35.0)];
        assert_eq!(spans.len(), 2, "{spans:?}");
        for (found, expected) in spans.iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 0.05 && (found.1 - expected.1).abs() < 0.05);
        }
        let beside = inside_spans(&borders, Cut::Along(20.0));
        assert_eq!(beside.len(), 1, "the hole is passed by: {beside:?}");
    }

    #[test]
    fn stations_beside_the_device_are_left_out() {
        let [across, _] = cross_sections(Side::Right, &slab(), &[20.0, 300.0]).try_into().unwrap();
        let crate::Picture::Drawing(drawing) = across.picture else { panic!("not a drawing") };
        assert!(drawing.as_str().contains("20 mm in front of the heel seat"));
        assert!(!drawing.as_str().contains("300 mm"));
    }

    #[test]
    fn a_device_is_shown_from_five_places() {
        let block = TriMesh::cuboid(
            geometry::Point3::new(-40.0, -30.0, 0.0),
            geometry::Point3::new(40.0, 150.0, 20.0),
        );
        for side in Side::BOTH {
            let figures = shell_views(side, &block, &[]);
            assert_eq!(figures.len(), 5);
            for figure in figures {
                let crate::Picture::Drawing(drawing) = figure.picture else {
                    panic!("not a drawing")
                };
                assert_eq!(picture::check_well_formed(drawing.as_str()), Ok(()));
                assert!(figure.alt.contains(side.name()), "the alt text says which side");
            }
        }
    }

    #[test]
    fn a_thinned_preview_says_so() {
        let zigzag = |row: u32| {
            (0..300)
                .map(|i| Point2::new(f64::from(i), f64::from(row) + 3.0 * f64::from(i % 2)))
                .collect()
        };
        let group = |rows: u32| PathGroup {
            label: "finishing".to_owned(),
            lines: (0..rows).map(zigzag).collect(),
            color: picture::series_color(0),
            width: 0.6,
            dashed: false,
        };
        assert!(toolpath("few", &[group(5)]).caption.ends_with("coordinates."));
        assert!(toolpath("many", &[group(100)]).caption.contains("One line of 3 is drawn."));
    }
}
