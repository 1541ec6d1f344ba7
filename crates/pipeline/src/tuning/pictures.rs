//! The pictures of an optimized foot.

use geometry::Point2;
use picture::{
    Band, LineChart, Mark, PlanView, Rgb, Series, Svg, line_chart, plan_view, series_color, tiles,
};
use report::figures::{self, Pareto};
use report::{Figure, Picture};

use optimize::{Measures, ParetoPoint};

use super::Tuned;
use crate::prediction;

/// Gray of what was before.
const BEFORE: Rgb = Rgb(0x77, 0x7f, 0x88);

/// Every picture with its name.
pub(super) fn all(tuned: &Tuned) -> Vec<(&'static str, Svg)> {
    let mut drawn = vec![
        ("kam", moment(tuned)),
        ("dose_response", dose_response(tuned)),
        ("pressure", pressure(tuned)),
        ("cop", path_of_pressure(tuned)),
    ];
    let fronts = &tuned.fitted.optimum.fronts;
    let words = [
        "change of rearfoot eversion, deg",
        "change of the highest sole pressure, %",
        "shell, cover, posts and lift under the heel, mm",
    ];
    drawn.extend(
        trade_off(tuned, words[0], &fronts.eversion, |m| m.eversion_deg)
            .map(|svg| ("pareto_eversion", svg)),
    );
    drawn.extend(
        trade_off(tuned, words[1], &fronts.pressure, |m| m.peak_pressure_pct)
            .map(|svg| ("pareto_pressure", svg)),
    );
    drawn.extend(
        trade_off(tuned, words[2], &fronts.bulk, |m| m.bulk_mm).map(|svg| ("pareto_bulk", svg)),
    );
    drawn
}

fn drawing(figure: Figure) -> Option<Svg> {
    match figure.picture {
        Picture::Drawing(svg) => Some(svg),
        Picture::Pixels(_) => None,
    }
}

/// The adduction moment without and with the device, with its interval.
fn moment(tuned: &Tuned) -> Svg {
    let unit = tuned.fitted.model.stance().person.pct_bwht_nm();
    let band = &tuned.fitted.optimum.prediction.band;
    let curve = |value: fn(&knee::BandPoint) -> f64| {
        band.iter().map(|point| value(point) / unit).collect::<Vec<f64>>()
    };
    let percent: Vec<f64> = band.iter().map(|point| point.percent).collect();
    let figure = figures::kam_curve(
        &percent,
        &curve(|point| point.before_nm),
        &curve(|point| point.after_nm),
        &curve(|point| point.low_nm),
        &curve(|point| point.high_nm),
        "%BW·Ht",
    );
    drawing(figure).unwrap_or_else(|| line_chart(&LineChart::default()))
}

/// First peak and impulse over the dose, with the interval of a person's first peak.
fn dose_response(tuned: &Tuned) -> Svg {
    let line = |value: fn(&knee::Prediction) -> f64| {
        tuned.doses.iter().map(|dose| (dose.deg, value(&dose.prediction))).collect::<Vec<_>>()
    };
    let series = |label: &str, points, index, dashed| Series {
        label: label.to_owned(),
        points,
        color: series_color(index),
        dashed,
    };
    let band = tuned.doses.iter().map(|dose| {
        let likelihood = dose.prediction.kam_peak1.likelihood;
        (dose.deg, likelihood.low_pct, likelihood.high_pct)
    });
    let [rearfoot, forefoot] = tuned.fitted.optimum.chosen.tilts_deg();
    let chosen = tuned.fitted.optimum.prediction.kam_peak1.change_pct;
    let mark = Mark { at: (0.5 * (rearfoot + forefoot), chosen), text: "chosen".to_owned() };
    line_chart(&LineChart {
        x_title: "posts of rearfoot and forefoot, deg, + lateral".to_owned(),
        y_title: "change of knee load, %".to_owned(),
        series: vec![
            series("first adduction peak", line(|p| p.kam_peak1.change_pct), 0, false),
            series("adduction impulse", line(|p| p.kam_impulse.change_pct), 2, true),
        ],
        bands: vec![Band {
            label: "90 % of persons, first peak".to_owned(),
            points: band.collect(),
            color: series_color(0),
        }],
        marks: vec![mark],
        must_show: vec![0.0],
        description: format!(
            "Predicted change of the {} knee's adduction moment over the angle of both posts, everything else as chosen",
            tuned.side
        ),
    })
}

fn trade_off(
    tuned: &Tuned,
    title: &str,
    front: &[ParetoPoint],
    cost: fn(&Measures) -> f64,
) -> Option<Svg> {
    if front.is_empty() {
        return None;
    }
    let optimum = &tuned.fitted.optimum;
    let point = |measures: &Measures| (cost(measures), measures.kam_impulse_pct);
    let designs = Pareto {
        x_title: title.to_owned(),
        y_title: "change of knee adduction impulse, %".to_owned(),
        tried: optimum.tried.iter().map(point).collect(),
        front: front.iter().map(|one| point(&one.measures)).collect(),
        chosen: Some(point(&optimum.measures)),
    };
    drawing(figures::pareto(tuned.side, &designs))
}

fn pressure(tuned: &Tuned) -> Svg {
    let places: Vec<Point2> = prediction::places(tuned.fitted.model.foot(), &tuned.fitted.foot);
    let [before, after] = &tuned.fitted.optimum.prediction.pressure;
    let maps: Vec<(String, Svg)> =
        figures::pressure_pair(tuned.side, &places, &before.peak_kpa, &after.peak_kpa)
            .into_iter()
            .filter_map(|figure| {
                let title = figure.title.clone();
                drawing(figure).map(|svg| (title, svg))
            })
            .collect();
    let words = format!("Peak pressure under the {} foot, before and with the device", tuned.side);
    tiles(&[maps], &words)
}

/// Where the pressure acts from heel strike to toe-off, on the outline of the contact.
fn path_of_pressure(tuned: &Tuned) -> Svg {
    let (model, response) = (&tuned.fitted.model, &tuned.response);
    let (stance, foot) = (model.stance(), model.foot());
    // A left foot is drawn as it is seen from above.
    let sign = if tuned.side == vocabulary::Side::Left { -1.0 } else { 1.0 };
    let loaded: Vec<usize> = (0..stance.len())
        .filter(|at| stance.vertical_force_n[*at] > 0.1 * stance.person.weight_n())
        .collect();
    let path = |shifted: bool| -> Vec<(f64, f64)> {
        let at = |instant: &usize| {
            let shift = if shifted { response.cop_shift_mm[*instant] } else { 0.0 };
            (sign * (stance.cop_lateral_mm[*instant] + shift), stance.cop_anterior_mm[*instant])
        };
        loaded.iter().map(at).collect()
    };
    let series = |label: &str, points, color, dashed| Series {
        label: label.to_owned(),
        points,
        color,
        dashed,
    };
    let peak = model.first_peak();
    let there = (
        sign * (stance.cop_lateral_mm[peak] + response.cop_shift_mm[peak]),
        stance.cop_anterior_mm[peak],
    );
    let words = format!("{} mm", vocabulary::signed(response.cop_shift_mm[peak], 1));
    plan_view(&PlanView {
        x_title: if sign < 0.0 { "lateral | medial, mm" } else { "medial | lateral, mm" }
            .to_owned(),
        y_title: "from the heel, mm".to_owned(),
        outlines: vec![outline(foot, sign)],
        vectors: Vec::new(),
        series: vec![
            series("without device", path(false), BEFORE, true),
            series("with device", path(true), series_color(0), false),
        ],
        marks: vec![Mark { at: there, text: format!("1st peak {words}") }],
        description: format!(
            "Center of pressure under the {} foot over one step, without and with the device",
            tuned.side
        ),
    })
}

/// The border of the contact nodes: medial side forward, lateral side back.
fn outline(foot: &knee::FootContact, sign: f64) -> Vec<(f64, f64)> {
    let (mut medial, mut lateral) = (Vec::new(), Vec::new());
    let mut first = 0;
    while first < foot.len() {
        let x = foot.x_mm[first];
        let end = first + foot.x_mm[first..].partition_point(|other| *other <= x);
        medial.push((sign * foot.y_mm[first], x));
        lateral.push((sign * foot.y_mm[end - 1], x));
        first = end;
    }
    medial.into_iter().chain(lateral.into_iter().rev()).collect()
}
