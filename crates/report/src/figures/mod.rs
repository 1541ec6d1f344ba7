//! The standard pictures of a page. Shapes are given in the foot frame (every foot a right foot); the
//! side says how to turn them for the reader.

mod chart;
mod device;
mod foot;

pub use chart::{Pareto, kam_curve, pareto, pressure_pair};
pub use device::{LayerView, cross_sections, layers, shell_views, toolpath};
pub use foot::{foot_views, height_map, shell_curve, shell_map};

use geometry::TriMesh;
use picture::Svg;
use vocabulary::Side;

use crate::page::{Figure, Picture, Place};

/// A figure of the usual width whose words for the eye and the ear are the same.
fn figure(place: Place, title: &str, caption: &str, drawing: Svg, alt: String) -> Figure {
    Figure {
        place,
        title: title.to_owned(),
        caption: caption.to_owned(),
        picture: Picture::Drawing(drawing),
        wide: false,
        alt,
    }
}

/// The mesh as it really is: a left foot is turned back.
fn real_shape(side: Side, mesh: &TriMesh) -> TriMesh {
    match side {
        Side::Left => mesh.mirrored_x(),
        Side::Right => mesh.clone(),
    }
}

/// Words at the left and right border of a picture seen from above.
fn borders_from_above(side: Side) -> [String; 2] {
    match side {
        Side::Right => ["medial".to_owned(), "lateral".to_owned()],
        Side::Left => ["lateral".to_owned(), "medial".to_owned()],
    }
}

/// Words at the left and right border of a picture seen from below.
fn borders_from_below(side: Side) -> [String; 2] {
    let [left, right] = borders_from_above(side);
    [right, left]
}
