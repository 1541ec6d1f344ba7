//! The pictures of a gait analysis.

use gait::{GaitMetrics, Person};
use picture::{
    Band, LineChart, Mark, PlanView, Rgb, Series, Svg, Vector, line_chart, plan_view, series_color,
};
use trial::{Analysis, Channel, Curves, SideSummary};
use vocabulary::{Findings, Side};

/// Gray of norms.
const NORM: Rgb = Rgb(120, 126, 132);

/// Spread of the first adduction peak between healthy adults, %BW·Ht (handbook, knee model, section 3).
const KAM_SPREAD_PCT_BWHT: f64 = 0.7;

/// Spread of the flexion moment between healthy adults, Nm/kg. No figure of the handbook: a third to a half of the normative
/// peak, as gait laboratories show it; for orientation only.
const KFM_SPREAD_NM_PER_KG: f64 = 0.2;

/// Every picture with its name.
pub(super) fn motion(analysis: &Analysis) -> Vec<(String, Svg)> {
    let mut drawn = Vec::new();
    if analysis.sides.iter().all(Option::is_none) {
        return drawn;
    }
    for moment in [&ADDUCTION, &FLEXION] {
        drawn.push((moment.file.to_owned(), moment_chart(analysis, moment)));
    }
    drawn.push(("grf".to_owned(), force_chart(analysis)));
    for summary in analysis.sides.iter().flatten() {
        let side = summary.side;
        drawn.push((format!("butterfly_{side}"), butterfly(summary)));
        if let Some(path) = pressure_path(summary) {
            drawn.push((format!("cop_{side}"), path));
        }
    }
    drawn
}

fn color(side: Side) -> Rgb {
    series_color(match side {
        Side::Left => 1,
        Side::Right => 0,
    })
}

/// Mean and standard deviation at every percent.
type Norm = Vec<(f64, f64)>;

/// A knee moment's chart.
struct Moment {
    file: &'static str,
    words: &'static str,
    channel: Channel,
    /// Norm and its spread at every percent, Nm/kg.
    norm: fn(&Person) -> Option<Norm>,
}

const ADDUCTION: Moment = Moment {
    file: "kam",
    words: "knee adduction moment",
    channel: Channel::KneeAdduction,
    norm: |person| {
        let stance = normative(person)?;
        let per_kg = person.pct_bwht_nm() / person.mass_kg;
        let peak = stance.kam_metrics().peak1_nm;
        let spread = |nm: f64| KAM_SPREAD_PCT_BWHT * per_kg * (nm / peak).clamp(0.2, 1.0);
        Some(
            stance
                .adduction_moment_nm
                .iter()
                .map(|nm| (nm / person.mass_kg, spread(*nm)))
                .collect(),
        )
    },
};

const FLEXION: Moment = Moment {
    file: "kfm",
    words: "knee flexion moment",
    channel: Channel::KneeFlexion,
    norm: |person| {
        let stance = normative(person)?;
        let per_kg = stance.flexion_moment_nm.iter().map(|nm| nm / person.mass_kg);
        Some(per_kg.map(|norm| (norm, KFM_SPREAD_NM_PER_KG)).collect())
    },
};

/// Foot length over body height (Winter 2009, figure 4.1); only the place of the pressure depends on it.
pub(super) const FOOT_OVER_HEIGHT_MM_PER_M: f64 = 152.0;

fn normative(person: &Person) -> Option<gait::Stance> {
    gait::stance_with_instants(
        person,
        &GaitMetrics::default(),
        FOOT_OVER_HEIGHT_MM_PER_M * person.height_m,
        trial::INSTANTS,
        &mut Findings::new(),
    )
    .ok()
}

/// Percent and value of every known instant.
fn points(curves: &Curves, channel: Channel, factor: f64) -> Vec<(f64, f64)> {
    let known = curves.get(channel).iter().enumerate();
    known.filter_map(|(percent, value)| Some((percent as f64, value.as_ref()? * factor))).collect()
}

/// Mean plus and minus standard deviation, where there are several stances.
fn spread(summary: &SideSummary, channel: Channel, factor: f64) -> Option<Band> {
    let deviation = summary.deviation_curves.get(channel);
    let points: Vec<(f64, f64, f64)> = summary
        .mean_curves
        .get(channel)
        .iter()
        .zip(deviation)
        .enumerate()
        .filter_map(|(percent, (mean, deviation))| {
            let (mean, deviation) = ((*mean)? * factor, (*deviation)? * factor);
            Some((percent as f64, mean - deviation, mean + deviation))
        })
        .collect();
    (!points.is_empty()).then(|| Band {
        label: format!("{} ± 1 SD", summary.side),
        points,
        color: color(summary.side),
    })
}

fn moment_chart(analysis: &Analysis, moment: &Moment) -> Svg {
    let (factor, unit) = analysis.mass_kg.map_or((1.0, "Nm"), |mass| (1.0 / mass, "Nm/kg"));
    let mut chart = LineChart {
        x_title: "stance, %".to_owned(),
        y_title: format!("external {}, {unit}", moment.words),
        must_show: vec![0.0],
        description: format!("{} over stance, left and right", moment.words),
        ..LineChart::default()
    };
    let norm_height = analysis.height_m.unwrap_or(1.7);
    let person = analysis.mass_kg.map(|mass_kg| Person { mass_kg, height_m: norm_height });
    if let Some(norm) = person.as_ref().and_then(|person| (moment.norm)(person)) {
        let norm = norm.iter().enumerate();
        chart.bands.push(Band {
            label: "adults' norm ± 1 SD".to_owned(),
            points: norm.map(|(i, (mean, sd))| (i as f64, mean - sd, mean + sd)).collect(),
            color: NORM,
        });
    }
    let mut peaks = Vec::new();
    for summary in analysis.sides.iter().flatten() {
        let points = points(&summary.mean_curves, moment.channel, factor);
        chart.bands.extend(spread(summary, moment.channel, factor));
        peaks.extend(first_peak(&points).map(|peak| (summary.side, peak)));
        chart.series.push(Series {
            label: side_label(summary),
            points,
            color: color(summary.side),
            dashed: summary.side == Side::Left,
        });
    }
    chart.marks = peak_marks(&peaks);
    line_chart(&chart)
}

fn side_label(summary: &SideSummary) -> String {
    let plural = if summary.strides == 1 { "stance" } else { "stances" };
    format!("{}, {} {plural}", summary.side, summary.strides)
}

/// The first peak as the sheet finds it, if the curve falls behind it.
fn first_peak(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let window = points.iter().filter(|(percent, _)| (8.0..=50.0).contains(percent));
    let peak = window.copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (peak.0 > 8.0 && peak.0 < 50.0).then_some(peak)
}

/// Marks of the peaks; one mark for both sides where two would cover each other.
fn peak_marks(peaks: &[(Side, (f64, f64))]) -> Vec<Mark> {
    if let [(first_side, first), (second_side, second)] = peaks
        && (first.0 - second.0).abs() < 10.0
        && (first.1 - second.1).abs() < 0.25 * first.1.abs().max(second.1.abs())
    {
        let highest = if first.1 > second.1 { *first } else { *second };
        let text = format!("{first_side} {:.2}, {second_side} {:.2}", first.1, second.1);
        return vec![Mark { at: highest, text }];
    }
    peaks.iter().map(|(_, at)| Mark { at: *at, text: format!("{:.2}", at.1) }).collect()
}

fn force_chart(analysis: &Analysis) -> Svg {
    let weight = analysis.mass_kg.map(|mass| mass * gait::GRAVITY_M_PER_S2);
    let (factor, unit) = weight.map_or((1.0, "N"), |weight| (100.0 / weight, "% of body weight"));
    let mut chart = LineChart {
        x_title: "stance, %".to_owned(),
        y_title: format!("force on the foot, {unit}"),
        must_show: vec![0.0],
        description: "ground reaction force over stance, left and right".to_owned(),
        ..LineChart::default()
    };
    let channels = [
        (Channel::ForceVertical, "up", false),
        (Channel::ForceAnterior, "forward", true),
        (Channel::ForceLateral, "lateral", true),
    ];
    for (nth, summary) in analysis.sides.iter().flatten().enumerate() {
        for (channel, words, dashed) in channels {
            let points = points(&summary.mean_curves, channel, factor);
            // Components are named in the plot, on the first side's curves; the legend has the sides.
            if let (Some(at), 0) = (points.iter().find(|(percent, _)| *percent >= 85.0), nth) {
                chart.marks.push(Mark { at: *at, text: words.to_owned() });
            }
            let label = if dashed { String::new() } else { side_label(summary) };
            chart.series.push(Series { label, points, color: color(summary.side), dashed });
        }
    }
    chart.series.retain(|series| !series.points.is_empty());
    line_chart(&chart)
}

/// Millimeters that a newton is drawn as.
const MM_PER_N: f64 = 1.0;

/// The force from where it acts, every second percent: the butterfly of Pedotti 1977 (IEEE Trans. Biomed. Eng. 24:53).
fn butterfly(summary: &SideSummary) -> Svg {
    let curves = &summary.mean_curves;
    let at = |channel: Channel, percent: usize| curves.get(channel).get(percent).copied().flatten();
    let vectors: Vec<Vector> = (0..trial::INSTANTS)
        .step_by(2)
        .filter_map(|percent| {
            let from = at(Channel::CopAnterior, percent)?;
            let forward = at(Channel::ForceAnterior, percent)?;
            let up = at(Channel::ForceVertical, percent)?;
            let to = (from + MM_PER_N * forward, MM_PER_N * up);
            Some(Vector { from: (from, 0.0), to, color: color(summary.side) })
        })
        .collect();
    let heads = Series {
        label: format!("{}, mean force every 2 % of stance", summary.side),
        points: vectors.iter().map(|vector| vector.to).collect(),
        color: color(summary.side),
        dashed: false,
    };
    plan_view(&PlanView {
        x_title: "pressure center from the heel, mm".to_owned(),
        y_title: "force, N (1 N drawn as 1 mm)".to_owned(),
        vectors,
        series: vec![heads],
        description: format!(
            "{} ground reaction force from where it acts, seen from the side",
            summary.side
        ),
        ..PlanView::default()
    })
}

/// The path of the center of pressure in a schematic foot of the side, seen from above.
fn pressure_path(summary: &SideSummary) -> Option<Svg> {
    let curves = &summary.mean_curves;
    // Lateral is to the right of a right foot seen from above.
    let sign = if summary.side == Side::Right { 1.0 } else { -1.0 };
    let known: Vec<(usize, (f64, f64))> = (0..trial::INSTANTS)
        .filter_map(|percent| {
            let lateral = curves.get(Channel::CopLateral).get(percent).copied().flatten()?;
            let anterior = curves.get(Channel::CopAnterior).get(percent).copied().flatten()?;
            Some((percent, (sign * lateral, anterior)))
        })
        .collect();
    let furthest = known.iter().map(|(_, (_, anterior))| *anterior).fold(f64::NAN, f64::max);
    if !furthest.is_finite() {
        return None;
    }
    let marks = known
        .iter()
        .filter(|(percent, _)| percent % 25 == 0)
        .map(|(percent, at)| Mark { at: *at, text: format!("{percent} %") })
        .collect();
    let points: Vec<(f64, f64)> = known.iter().map(|(_, at)| *at).collect();
    // Pressure leaves the foot at about four fifths of its length.
    let length = (furthest / 0.82).clamp(180.0, 320.0);
    let outline = OUTLINE.iter().map(|(x, y)| (sign * x * length, y * length)).collect();
    let outline = with_cut_corners(with_cut_corners(outline));
    Some(plan_view(&PlanView {
        x_title: format!(
            "{}, mm",
            if sign > 0.0 { "medial − to lateral +" } else { "lateral − to medial +" }
        ),
        y_title: "from the most posterior heel, mm".to_owned(),
        outlines: vec![outline],
        series: vec![Series {
            label: format!("{}; outline schematic", summary.side),
            points,
            color: color(summary.side),
            dashed: false,
        }],
        marks,
        description: format!(
            "path of the center of pressure under the {} foot, seen from above",
            summary.side
        ),
        ..PlanView::default()
    }))
}

/// A closed polygon whose corners are cut at a quarter of their edges (Chaikin 1974).
fn with_cut_corners(polygon: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let next = polygon.iter().cycle().skip(1);
    let between = |a: &(f64, f64), b: &(f64, f64), share: f64| {
        (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1))
    };
    polygon.iter().zip(next).flat_map(|(a, b)| [between(a, b, 0.25), between(a, b, 0.75)]).collect()
}

/// A right foot's outline over its length, x lateral from the line heel to second toe; proportions of the phantom foot.
const OUTLINE: [(f64, f64); 24] = [
    (0.0, 0.0),
    (0.07, 0.015),
    (0.115, 0.06),
    (0.128, 0.13),
    (0.13, 0.22),
    (0.14, 0.34),
    (0.16, 0.46),
    (0.185, 0.58),
    (0.195, 0.66),
    (0.185, 0.75),
    (0.155, 0.84),
    (0.11, 0.91),
    (0.05, 0.965),
    (-0.03, 0.995),
    (-0.11, 0.99),
    (-0.16, 0.94),
    (-0.178, 0.86),
    (-0.19, 0.76),
    (-0.185, 0.68),
    (-0.14, 0.56),
    (-0.105, 0.42),
    (-0.11, 0.26),
    (-0.125, 0.13),
    (-0.09, 0.035),
];
