//! The pictures of one side's report.

use std::f64::consts::TAU;

use geometry::{HeightField, Point2, Vector2};
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

/// Two corners that turn by more are the end of a pass, rad.
const U_TURN_RAD: f64 = 2.6;

fn group(label: &str, index: usize, lines: Vec<Vec<Point2>>) -> PathGroup {
    PathGroup {
        label: label.to_owned(),
        lines,
        color: series_color(index),
        width: 0.6,
        dashed: false,
    }
}

/// A way from above, in a piece for each pass to and fro or each turn: where one line of several is drawn, all parts show.
fn turns(points: &[[f64; 3]]) -> Vec<Vec<Point2>> {
    let mut pieces: Vec<Vec<Point2>> = Vec::new();
    let mut piece: Vec<Point2> = Vec::new();
    // How far the piece has turned in all, and at its last two corners.
    let (mut turned, mut before) = (0.0_f64, 0.0_f64);
    for point in points.iter().map(|point| Point2::new(point[0], point[1])) {
        if let [.., from, at] = piece[..]
            && let Some(turn) = turn_between(at - from, point - at)
        {
            turned += turn;
            if turned.abs() >= TAU || (before + turn).abs() > U_TURN_RAD {
                pieces.push(std::mem::replace(&mut piece, vec![at]));
                (turned, before) = (0.0, 0.0);
            } else {
                before = turn;
            }
        }
        piece.push(point);
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// Angle from one way to another, rad, counter-clockwise; absent where one has no length.
fn turn_between(a: Vector2, b: Vector2) -> Option<f64> {
    (a.norm() > 0.0 && b.norm() > 0.0).then(|| a.perp(&b).atan2(a.dot(&b)))
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
            group(label, index, lines.flat_map(|line| turns(&line.points)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a pair of insoles one foot showed its roughing only and the other its finishing only: a way without a lift is one line.
    #[test]
    fn ways_fall_into_passes_and_turns() {
        let passes: Vec<[f64; 3]> = (0..10)
            .flat_map(|pass| {
                let x = 0.5 * f64::from(pass);
                let ends = if pass % 2 == 0 { [0.0, 80.0] } else { [80.0, 0.0] };
                ends.map(|y| [x, y, 0.0])
            })
            .collect();
        let pieces = turns(&passes);
        assert_eq!(pieces.len(), 10, "{pieces:?}");
        let spiral: Vec<[f64; 3]> = (0..=400)
            .map(|step| {
                let (angle, radius) = (TAU * f64::from(step) / 40.0, 50.0 - 0.1 * f64::from(step));
                [radius * angle.cos(), radius * angle.sin(), 0.0]
            })
            .collect();
        let rounds = turns(&spiral);
        assert!((10..=11).contains(&rounds.len()), "{}", rounds.len());
        for pieces in [pieces, rounds] {
            assert!(pieces.windows(2).all(|pair| pair[0].last() == pair[1].first()));
        }
    }
}
