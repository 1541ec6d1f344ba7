//! A raft: a few layers under the whole print that hold it down and even out the bed, to be torn off.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use crate::layer::Layer;
use crate::path::{Path, Role};
use crate::region::Region;
use crate::settings::PrintOrder;
use crate::{bead, brim, infill};

/// Distance of the lowest layer's lines, in pitches: it gives where the bed is not even.
const BASE_SPACING_PITCHES: f64 = 2.0;
/// Gaps and bays narrower than this are covered, mm, so that the raft comes off in one piece.
const CLOSED_MM: f64 = 6.0;

/// The layers of a raft under everything that stands on it, from the bed up.
pub(crate) fn lay(standing: &Region, order: &PrintOrder) -> Vec<Layer> {
    let settings = &order.settings;
    let margin = settings.raft_margin_mm;
    let area = standing.without_holes().grown(margin + CLOSED_MM).grown(-CLOSED_MM).without_holes();
    let mut top = 0.0;
    (0..settings.raft_layers)
        .map(|index| {
            let height =
                if index == 0 { settings.first_layer_height_mm } else { settings.layer_height_mm };
            top += height;
            let pitch = bead::pitch(settings.line_width_mm, height);
            let mut layer = Layer { top, height, ..Layer::default() };
            if index == 0 {
                let (paths, area) = brim::skirt(&area, 0.0, settings.skirt_lines, pitch);
                layer.expected.add(Role::Skirt, area * height);
                layer.paths.extend(paths);
            }
            add_lines(&mut layer, &area, index, pitch);
            layer
        })
        .collect()
}

/// A border, and lines inside it: wide apart in the lowest layer, side by side in the others.
fn add_lines(layer: &mut Layer, area: &Region, index: usize, pitch: f64) {
    let border = area.grown(-pitch / 2.0).loops().into_iter();
    let mut paths: Vec<Path> =
        border.map(|corners| Path::ring(Role::Raft, corners, pitch)).collect();
    let inside = area.grown(-pitch);
    let angle = if index.is_multiple_of(2) { FRAC_PI_4 } else { FRAC_PI_4 + FRAC_PI_2 };
    for piece in inside.pieces() {
        let mut lines = if index == 0 {
            infill::spaced(&piece, angle, BASE_SPACING_PITCHES * pitch, pitch)
        } else {
            infill::solid(&piece, angle, pitch)
        };
        lines.iter_mut().for_each(|line| line.role = Role::Raft);
        paths.extend(lines);
    }
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    layer.expected.add(Role::Raft, filled * layer.height);
    layer.paths.extend(paths);
}

/// Lifts the layers of a print onto its raft.
pub(crate) fn put_under(raft: Vec<Layer>, layers: &mut Vec<Layer>, gap_mm: f64) {
    let lift = raft.last().map_or(0.0, |layer| layer.top + gap_mm);
    for layer in layers.iter_mut() {
        layer.top += lift;
    }
    layers.splice(0..0, raft);
}

/// Height of the part's underside over the bed, mm.
pub(crate) fn lift(order: &PrintOrder) -> f64 {
    let settings = &order.settings;
    match settings.raft_layers {
        0 => 0.0,
        layers => {
            settings.first_layer_height_mm
                + (layers - 1) as f64 * settings.layer_height_mm
                + settings.raft_gap_mm
        }
    }
}
