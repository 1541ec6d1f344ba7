//! Pictures of a print: chosen layers, and all of them together.

use geometry::{Point2, TriMesh};
use picture::{PathGroup, PreviewRoom, path_preview, series_color};
use printing::{PrintJob, PrintOrder, Role};

use crate::{PrintPart, assembled};

/// Groups of a picture: the label, its roles, and the width of its lines, px.
const GROUPS: [(&str, &[Role], f64); 5] = [
    ("outer wall", &[Role::OuterWall], 1.0),
    ("inner walls and thin lines", &[Role::InnerWall, Role::ThinLine], 0.8),
    ("skin", &[Role::Skin], 0.6),
    ("infill", &[Role::Infill], 0.7),
    (
        "support, raft, brim, skirt, prime",
        &[Role::Support, Role::SupportInterface, Role::Raft, Role::Brim, Role::Skirt, Role::Prime],
        0.5,
    ),
];

/// Names and drawings (SVG) of what lies on the bed, and of the layers that a job keeps for pictures.
#[must_use]
pub fn print_pictures(
    job: &PrintJob,
    parts: &[PrintPart],
    order: &PrintOrder,
) -> Vec<(String, String)> {
    let meshes: Vec<&TriMesh> = parts.iter().map(|part| &part.mesh).collect();
    let assembled = ("assembled.svg".to_owned(), assembled::picture(job, &meshes, order));
    std::iter::once(assembled).chain(layer_pictures(job, order)).collect()
}

fn layer_pictures(job: &PrintJob, order: &PrintOrder) -> Vec<(String, String)> {
    job.preview
        .iter()
        .map(|layer| {
            let groups: Vec<PathGroup> = GROUPS
                .iter()
                .enumerate()
                .map(|(index, (label, roles, width))| PathGroup {
                    label: (*label).to_owned(),
                    lines: layer
                        .lines
                        .iter()
                        .filter(|line| roles.contains(&line.role))
                        .map(|line| {
                            line.points_mm.iter().map(|&[x, y]| Point2::new(x, y)).collect()
                        })
                        .collect(),
                    color: series_color(index),
                    width: *width,
                    dashed: false,
                })
                .filter(|group| !group.lines.is_empty())
                .collect();
            let words = format!(
                "Layer {} of {} on {}, top at {:.2} mm, seen from above",
                layer.layer + 1,
                job.layers,
                order.printer.name,
                layer.top_mm
            );
            let name = format!("layer-{:04}.svg", layer.layer + 1);
            (name, path_preview(&groups, &words, PreviewRoom::File).svg.as_str().to_owned())
        })
        .collect()
}
