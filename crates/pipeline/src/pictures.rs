//! The pictures of one side's report.

use geometry::{HeightField, Point2};
use milling::OperationKind;
use report::figures::{self, LayerView, Pareto};
use report::{Figure, PathGroup, series_color};

use crate::part_zones;
use crate::prediction;
use crate::pressure_case;
use crate::side::Made;

/// Distances in front of the heel seat at which the shell is cut for the report, as shares of the foot's length.
const CUTS: [f64; 4] = [0.0, 0.18, 0.33, 0.48];

/// Every picture of a side.
pub(crate) fn all(made: &Made) -> Vec<Figure> {
    let (side, foot) = (made.side, &made.fitted.foot);
    let named: Vec<_> = foot
        .landmarks
        .named()
        .map(|(name, mark)| (name.key().replace('_', " "), mark.position))
        .collect();
    let mut pictures = figures::foot_views(side, &foot.mesh, &named);
    pictures.push(figures::height_map(side, &sole(made), "Height of the sole over the ground"));
    // The mesh of a left shell is mirrored back into the foot frame, which the figures expect.
    let in_foot_frame = match side {
        vocabulary::Side::Right => made.mesh.clone(),
        vocabulary::Side::Left => made.mesh.mirrored_x(),
    };
    let inked = part_zones::marked(&made.slab, &made.mesh);
    pictures.extend(figures::shell_views(side, &in_foot_frame, &inked));
    let stations = CUTS.map(|share| share * foot.measurements.length_mm);
    pictures.extend(figures::cross_sections(side, &made.shell.slab, &stations));
    pictures.extend(made.inspected.figures(side));
    pictures.extend(made.strength.iter().flat_map(|strength| strength.figures(side)));
    if let Some(on_foot) = &made.fitted.pressure {
        pictures.extend(pressure_case::figures(on_foot, side));
    }
    pictures.extend(knee(made));
    pictures.push(mill_paths(&made.mill));
    pictures.extend(print(made));
    pictures
}

/// Heights over this are side walls, not sole; they would take the whole color scale, mm.
const HIGHEST_SOLE: f64 = 25.0;

fn sole(made: &Made) -> HeightField {
    let heights = &made.fitted.foot.plantar.heights;
    let limited = heights
        .heights
        .iter()
        .map(|height| if *height > HIGHEST_SOLE { f64::NAN } else { *height });
    HeightField { heights: limited.collect(), ..heights.clone() }
}

fn knee(made: &Made) -> Vec<Figure> {
    let band = &made.prediction.band;
    // Reports show moments in %BW·Ht, which compares persons; 1 %BW·Ht in Nm is the person's own.
    let unit = made.fitted.model.stance().person.pct_bwht_nm();
    let curve = |value: fn(&knee::BandPoint) -> f64| {
        band.iter().map(|point| value(point) / unit).collect::<Vec<f64>>()
    };
    let percent: Vec<f64> = band.iter().map(|point| point.percent).collect();
    let (before, after) = (curve(|point| point.before_nm), curve(|point| point.after_nm));
    let (low, high) = (curve(|point| point.low_nm), curve(|point| point.high_nm));
    let mut pictures = vec![figures::kam_curve(&percent, &before, &after, &low, &high, "%BW·Ht")];
    let places: Vec<Point2> = prediction::places(made.fitted.model.foot(), &made.fitted.foot);
    let [before, after] = &made.prediction.pressure;
    pictures.extend(figures::pressure_pair(made.side, &places, &before.peak_kpa, &after.peak_kpa));
    if let Some(designs) = weighed(made) {
        pictures.push(figures::pareto(made.side, &designs));
    }
    pictures
}

/// The designs that the optimizer weighed, if it had a choice.
fn weighed(made: &Made) -> Option<Pareto> {
    let optimum = &made.fitted.optimum;
    let point = |measures: &optimize::Measures| (measures.eversion_deg, measures.kam_impulse_pct);
    (!optimum.fronts.eversion.is_empty()).then(|| Pareto {
        x_title: "Change of rearfoot eversion (deg)".to_owned(),
        y_title: "Change of knee adduction impulse (%)".to_owned(),
        tried: optimum.tried.iter().map(point).collect(),
        front: optimum.fronts.eversion.iter().map(|one| point(&one.measures)).collect(),
        chosen: Some((made.prediction.eversion.deg(), made.prediction.kam_impulse.change_pct)),
    })
}

fn group(label: &str, index: usize, lines: Vec<Vec<Point2>>) -> PathGroup {
    PathGroup {
        label: label.to_owned(),
        lines,
        color: series_color(index),
        width: 0.6,
        dashed: false,
    }
}

/// The tool's way by kinds of operation.
pub(crate) fn mill_paths(job: &milling::MillJob) -> Figure {
    let kinds = [
        ("roughing", OperationKind::Roughing, 1),
        ("rest roughing", OperationKind::RestRoughing, 5),
        ("semi-finishing", OperationKind::SemiFinishing, 4),
        ("finishing", OperationKind::Finishing, 0),
        ("pencil", OperationKind::Pencil, 3),
        ("outline", OperationKind::Outline, 2),
        ("mark", OperationKind::Mark, 4),
        ("dowel holes", OperationKind::Holes, 3),
    ];
    let groups: Vec<PathGroup> = kinds
        .into_iter()
        .map(|(label, kind, index)| {
            let lines = job.preview.iter().filter(|line| line.operation == kind);
            let flat = |line: &milling::PreviewLine| {
                line.points.iter().map(|p| Point2::new(p[0], p[1])).collect()
            };
            group(label, index, lines.map(flat).collect())
        })
        .filter(|group| !group.lines.is_empty())
        .collect();
    figures::toolpath("Mill paths", &groups)
}

fn print(made: &Made) -> Vec<Figure> {
    let views: Vec<LayerView> = made
        .print
        .preview
        .iter()
        .map(|layer| LayerView {
            label: format!("Layer {}, z = {:.2} mm", layer.layer + 1, layer.top_mm),
            groups: printing::Role::ALL
                .into_iter()
                .enumerate()
                .filter_map(|(index, role)| {
                    let of_role = layer.lines.iter().filter(|line| line.role == role);
                    let lines: Vec<Vec<Point2>> = of_role
                        .map(|line| {
                            line.points_mm.iter().map(|&[x, y]| Point2::new(x, y)).collect()
                        })
                        .collect();
                    (!lines.is_empty()).then(|| group(role.name(), index, lines))
                })
                .collect(),
        })
        .collect();
    figures::layers(&views)
}
