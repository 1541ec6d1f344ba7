//! A pressure file on its own: from bytes to numbers, pictures and a sheet.

use geometry::{HeightField, Point2};
use order::{OrderError, ProfileKind, ProfileStore};
use picture::{
    Band, Bar, BarChart, ColorMap, HeatMapStyle, LineChart, MapLine, MapMarker, Mark, Rgb, Series,
    Svg, bar_chart, heat_map, line_chart, series_color,
};
use pressure::{Analysis, AnalysisError, ExcessKind, Person, Region, Settings, Summary, analyze};
use recording::{PressureError, PressureRequest, read_pressure};
use vocabulary::{Findings, Side};

/// What a pressure file says of one foot.
#[derive(Clone, Debug)]
pub struct PressureSheet {
    /// Numbers, for JSON.
    pub summary: Summary,
    /// Everything behind them, in the foot frame.
    pub analysis: Analysis,
    /// Names such as `pressure_left_map` and their drawings.
    pub pictures: Vec<(String, Svg)>,
}

/// Why a pressure file gives no sheet.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PressureRefusal {
    /// The file.
    #[error(transparent)]
    File(#[from] PressureError),
    /// What it holds.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// The profile.
    #[error(transparent)]
    Profile(#[from] OrderError),
}

/// Reads and analyzes a pressure file: one sheet per foot in it.
///
/// `request.file_name` is the name in the summary; `profile` names one of `profiles/pressure`.
///
/// # Errors
/// [`PressureRefusal`] with the file's, the analysis' or the profile's own sentence.
pub fn pressure_sheets(
    bytes: &[u8],
    request: &PressureRequest,
    person: &Person,
    profiles: &ProfileStore,
    profile: &str,
) -> Result<Vec<PressureSheet>, PressureRefusal> {
    let values = profiles.read(ProfileKind::Pressure, profile)?;
    let settings = Settings::read(|key| values.number(key));
    let mut read_findings = Findings::new();
    let recordings = read_pressure(bytes, request, &mut read_findings)?;
    recordings
        .iter()
        .map(|recording| {
            let mut findings = read_findings.clone();
            let analysis = analyze(recording, person, &settings, &mut findings)?;
            let name = request.file_name.as_deref().unwrap_or("pressure recording");
            let summary = Summary::new(name, &analysis, &findings);
            let pictures = pictures(&analysis, &settings, person);
            Ok(PressureSheet { summary, analysis, pictures })
        })
        .collect()
}

impl PressureSheet {
    /// The sheet as lines of text for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let summary = &self.summary;
        let side = summary.side.map_or("unknown", Side::name);
        let mut lines = vec![format!(
            "{}: {} foot, {} ({}), print {:.0} x {:.0} mm",
            summary.file,
            side,
            summary.setting,
            summary.format,
            summary.length_mm,
            summary.ball_width_mm
        )];
        for step in &summary.steps {
            let used = if step.used { "used" } else { "left out" };
            lines.push(format!(
                "  step {:6.2} to {:6.2} s, peak {:4.0} N: {used}, {}",
                step.start_s, step.end_s, step.peak_force_n, step.reason
            ));
        }
        lines.push(format!(
            "  {:<18} {:>14} {:>14} {:>14} {:>9}",
            "region", "peak, kPa", "PTI, kPa s", "FTI, N s", "area, cm2"
        ));
        for (name, region) in &summary.regions {
            let pair = |mean: Option<f64>, sd: Option<f64>| match (mean, sd) {
                (Some(mean), Some(sd)) => format!("{mean:.0} ± {sd:.0}"),
                (Some(mean), None) => format!("{mean:.0}"),
                _ => "-".to_owned(),
            };
            lines.push(format!(
                "  {name:<18} {:>14} {:>14} {:>14} {:>9.1}",
                pair(Some(region.peak_kpa), region.peak_sd_kpa),
                pair(region.pressure_time_integral_kpa_s, region.pressure_time_integral_sd_kpa_s),
                pair(region.force_time_integral_n_s, region.force_time_integral_sd_n_s),
                region.contact_area_cm2
            ));
        }
        let number = |value: Option<f64>, places: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"))
        };
        lines.push(format!(
            "  arch index {}, CPEI {} %, medial-lateral index {}",
            number(summary.arch_index, 3),
            number(summary.cpei_pct, 1),
            number(summary.medial_lateral_index, 2)
        ));
        for finding in &summary.findings {
            lines.push(format!("  {:?}: {}", finding.severity, finding.message));
        }
        lines.join("\n") + "\n"
    }
}

fn pictures(analysis: &Analysis, settings: &Settings, person: &Person) -> Vec<(String, Svg)> {
    let side = analysis.side.map_or("foot", Side::name);
    let mut drawn = vec![
        (format!("pressure_{side}_map"), pressure_map(analysis)),
        (format!("pressure_{side}_regions"), region_bars(analysis, settings, person)),
    ];
    if analysis.rate_hz > 0.0 {
        drawn.push((format!("pressure_{side}_force"), force_chart(analysis)));
        drawn.push((format!("pressure_{side}_integrals"), integral_bars(analysis)));
    }
    drawn
}

/// Distance of the picture's nodes, mm: fine enough that borders of cells do not show as stairs.
const NODE_MM: f64 = 1.5;
const BORDER: Rgb = Rgb(0x1b, 0x22, 0x2b);
const PATH: Rgb = Rgb(0x0e, 0x8f, 0xd6);

/// Mean peak pressure with the regions' borders, the way of the center of pressure, and the highest places.
#[must_use]
pub fn pressure_map(analysis: &Analysis) -> Svg {
    let field = analysis.pressure_field(NODE_MM);
    let mut lines = region_borders(analysis, &field);
    let path: Vec<Point2> =
        analysis.path.iter().map(|point| Point2::new(point.x_mm, point.y_mm)).collect();
    if path.len() > 1 {
        lines.push(MapLine { points: path, color: PATH, width: 2.4, dashed: false });
    }
    let peaks = highest_places(analysis);
    let side = analysis.side;
    let style = HeatMapStyle {
        colors: ColorMap::Heat,
        range: None,
        quantity: "peak, kPa".to_owned(),
        mirrored: side == Some(Side::Left),
        borders: match side {
            Some(Side::Left) => ["lateral".to_owned(), "medial".to_owned()],
            _ => ["medial".to_owned(), "lateral".to_owned()],
        },
        height: 520.0,
        lines,
        markers: peaks,
        description: format!(
            "Mean peak pressure under the {} foot with regions and center of pressure",
            side.map_or("", Side::name)
        ),
        ..HeatMapStyle::default()
    };
    heat_map(&field, &style)
}

/// The places of the highest pressures that are over a limit, else the highest one.
fn highest_places(analysis: &Analysis) -> Vec<MapMarker> {
    let marker = |cell: usize, kpa: f64| MapMarker {
        at: analysis.frame.foot_from_grid(analysis.print.place(cell)),
        text: format!("{kpa:.0}"),
    };
    let excessive: Vec<Region> = analysis.excessive.iter().map(|excess| excess.region).collect();
    let mut found: Vec<MapMarker> = analysis
        .regions
        .iter()
        .filter(|value| value.region.is_some_and(|region| excessive.contains(&region)))
        .filter_map(|value| value.peak_cell.map(|cell| marker(cell, value.peak_kpa.mean)))
        .collect();
    if found.is_empty() {
        let values = analysis.regions.iter().filter(|value| value.region.is_some());
        let highest = values.max_by(|a, b| a.peak_kpa.mean.total_cmp(&b.peak_kpa.mean));
        found.extend(
            highest.and_then(|value| value.peak_cell.map(|cell| marker(cell, value.peak_kpa.mean))),
        );
    }
    found
}

/// Borders between regions, drawn only where there is foot.
fn region_borders(analysis: &Analysis, field: &HeightField) -> Vec<MapLine> {
    let masks = &analysis.masks;
    let [heel_end, midfoot_end] = masks.levels;
    let area = field.area();
    let across = |y: f64| [Point2::new(area.low.x, y), Point2::new(area.high.x, y)];
    let along = |x: f64, from: f64, to: f64| [Point2::new(x, from), Point2::new(x, to)];
    let [first, second] = masks.column_ends();
    let toe = |x: f64| masks.toe_level(x);
    let mut polylines: Vec<Vec<Point2>> = vec![
        across(heel_end).to_vec(),
        across(midfoot_end).to_vec(),
        along(masks.heel_middle, area.low.y, heel_end).to_vec(),
        along(first, midfoot_end, toe(first)).to_vec(),
        along(second, midfoot_end, toe(second)).to_vec(),
        along(masks.hallux_end, toe(masks.hallux_end), area.high.y).to_vec(),
    ];
    let ends = [area.low.x, area.high.x].map(|x| Point2::new(x, toe(x)));
    polylines.push([&ends[..1], &masks.toe_line, &ends[1..]].concat());
    polylines.iter().flat_map(|line| on_foot(line, field)).collect()
}

/// The parts of a line over nodes with pressure.
fn on_foot(line: &[Point2], field: &HeightField) -> Vec<MapLine> {
    let mut parts: Vec<Vec<Point2>> = vec![Vec::new()];
    for pair in line.windows(2) {
        let count = ((pair[1] - pair[0]).norm() / NODE_MM).ceil().max(1.0);
        for step in 0..=count as usize {
            let at = pair[0] + (pair[1] - pair[0]) * (step as f64 / count);
            match (field.sample(at), parts.last_mut()) {
                (Some(_), Some(part)) => part.push(at),
                (None, Some(part)) if !part.is_empty() => parts.push(Vec::new()),
                _ => {}
            }
        }
    }
    let drawn = parts.into_iter().filter(|part| part.len() > 1);
    drawn.map(|points| MapLine { points, color: BORDER, width: 0.9, dashed: false }).collect()
}

/// Force over time with the steps that count.
#[must_use]
pub fn force_chart(analysis: &Analysis) -> Svg {
    let frame_s = 1.0 / analysis.rate_hz.max(1e-9);
    let points =
        analysis.force_n.iter().enumerate().map(|(frame, force)| (frame as f64 * frame_s, *force));
    let most = analysis.force_n.iter().copied().fold(0.0, f64::max);
    let bands = [(true, "used", series_color(2)), (false, "left out", series_color(1))];
    let bands = bands.into_iter().filter_map(|(used, label, color)| {
        let steps: Vec<_> = analysis.steps.iter().filter(|step| step.used == used).collect();
        let corners = steps.iter().flat_map(|step| {
            let (start, end) = (step.start_s, step.end_s);
            [(start, 0.0, 0.0), (start, 0.0, most), (end, 0.0, most), (end, 0.0, 0.0)]
        });
        let label = format!("{} {label}", steps.len());
        (!steps.is_empty()).then(|| Band { label, points: corners.collect(), color })
    });
    let marks = analysis.used_steps().map(|step| Mark {
        at: (peak_time(analysis, step.frames()) * frame_s, step.peak_force_n),
        text: format!("{:.0}", step.peak_force_n),
    });
    line_chart(&LineChart {
        x_title: "time, s".to_owned(),
        y_title: "force, N".to_owned(),
        series: vec![Series {
            label: "force".to_owned(),
            points: points.collect(),
            color: series_color(0),
            dashed: false,
        }],
        bands: bands.collect(),
        marks: marks.collect(),
        must_show: vec![0.0],
        description: "Force of the foot over time with the steps found".to_owned(),
    })
}

fn peak_time(analysis: &Analysis, frames: std::ops::RangeInclusive<usize>) -> f64 {
    let highest = frames.max_by(|&a, &b| analysis.force_n[a].total_cmp(&analysis.force_n[b]));
    highest.unwrap_or(0) as f64
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Peak pressure of every region beside its norm.
#[must_use]
pub fn region_bars(analysis: &Analysis, settings: &Settings, person: &Person) -> Svg {
    let bars: Vec<Bar> = analysis
        .regions
        .iter()
        .filter_map(|value| value.region.map(|region| (region, value)))
        .map(|(region, value)| {
            let norm = settings.norm(region);
            let half = settings.excess_sd * norm.sd_kpa;
            Bar {
                label: capitalized(short_words(region)),
                value: value.peak_kpa.mean,
                spread: value.peak_kpa.sd,
                usual: Some(((norm.mean_kpa - half).max(0.0), norm.mean_kpa + half)),
                marked: analysis.excessive.iter().any(|excess| excess.region == region),
            }
        })
        .collect();
    let has_spread = bars.iter().any(|bar| bar.spread.is_some());
    let marked = analysis.excessive.iter().any(|excess| excess.kind == ExcessKind::AboveNorm);
    bar_chart(&BarChart {
        title: "peak pressure, kPa".to_owned(),
        usual_label: format!("healthy, barefoot ± {} SD", settings.excess_sd),
        spread_label: if has_spread { "SD between steps".to_owned() } else { String::new() },
        marked_label: if marked { "over the norm".to_owned() } else { String::new() },
        limit: person
            .neuropathic
            .then(|| (settings.neuropathic_limit_kpa, "neuropathic limit".to_owned())),
        bars,
        description: "Peak pressure by region beside the norm".to_owned(),
    })
}

/// Pressure-time integral of every region.
#[must_use]
pub fn integral_bars(analysis: &Analysis) -> Svg {
    let bars: Vec<Bar> = analysis
        .regions
        .iter()
        .filter_map(|value| Some((value.region?, value.pressure_time_integral_kpa_s?)))
        .map(|(region, integral)| Bar {
            label: capitalized(short_words(region)),
            value: integral.mean,
            spread: integral.sd,
            ..Bar::default()
        })
        .collect();
    let has_spread = bars.iter().any(|bar| bar.spread.is_some());
    bar_chart(&BarChart {
        title: "pressure-time integral, kPa s".to_owned(),
        spread_label: if has_spread { "SD between steps".to_owned() } else { String::new() },
        bars,
        description: "Pressure-time integral by region".to_owned(),
        ..BarChart::default()
    })
}

/// Words that fit beside a bar.
const fn short_words(region: Region) -> &'static str {
    match region {
        Region::Metatarsal1 => "metatarsal 1",
        Region::Metatarsal23 => "metatarsals 2-3",
        Region::Metatarsal45 => "metatarsals 4-5",
        other => other.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A foot of three blobs in one frame: heel, ball, toe.
    fn grid() -> String {
        let blob = |x: f64, y: f64, (cx, cy): (f64, f64), r: f64| {
            (400.0 - 300.0 * ((x - cx).powi(2) + (y - cy).powi(2)) / (r * r)).max(0.0)
        };
        let row = |y: f64| -> String {
            let cells: Vec<String> = (0..20)
                .map(|x| {
                    let x = f64::from(x);
                    let kpa = [
                        ((10.0, 46.0), 5.0),
                        ((12.0, 32.0), 4.0),
                        ((10.0, 18.0), 8.0),
                        ((6.0, 5.0), 3.0),
                    ]
                    .map(|(at, r)| blob(x, y, at, r));
                    format!("{:.0}", kpa.into_iter().fold(0.0, f64::max))
                })
                .collect();
            cells.join(",")
        };
        let rows: Vec<String> = (0..55).map(|y| row(f64::from(y))).collect();
        format!("# cell_mm = 5, unit = kPa, side = right\n{}\n", rows.join("\n"))
    }

    #[test]
    fn a_grid_becomes_a_sheet_with_pictures() {
        let profiles = ProfileStore::shipped();
        let request =
            PressureRequest { file_name: Some("map.csv".to_owned()), ..PressureRequest::default() };
        let person = Person::default();
        let sheets =
            pressure_sheets(grid().as_bytes(), &request, &person, &profiles, "default").unwrap();
        let [sheet] = sheets.as_slice() else { panic!("one foot") };
        let names: Vec<&str> = sheet.pictures.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["pressure_right_map", "pressure_right_regions"]);
        assert!(
            sheet.pictures.iter().all(|(_, svg)| picture::check_well_formed(svg.as_str()).is_ok())
        );
        let text = sheet.text();
        for words in ["map.csv: right foot", "metatarsal_2_3", "arch index"] {
            assert!(text.contains(words), "{words} is missing in:\n{text}");
        }
        let refused =
            pressure_sheets(b"1,2\n", &request, &person, &profiles, "default").unwrap_err();
        assert!(refused.to_string().contains("no frame"), "{refused}");
    }
}
