//! Pressure recordings of a case: read once, laid onto each scanned foot, and their center of pressure as baseline.
//!
//! A plate of a motion trial knows the center of pressure better than an insole, so that the path of a recording counts only
//! where no trial measured one. Forces of insoles miss shear and rim and stay out of the knee model; peaks by
//! region are shown beside the model's own.

use foot::Foot;
use gait::{Activity, Provenance, Stance};
use geometry::Point2;
use picture::{ColorMap, HeatMapStyle, MapLine, Rgb, heat_map};
use pressure::{PathPoint, Region, Registration, register};
use recording::PressureRequest;
use report::{Figure, GaitTable, Picture, Place};
use serde_json::{Value, json};
use vocabulary::{Findings, Side};

use crate::{GaitFile, Job, PressureSheet, Refusal, pressure_sheets};

/// The pressure recordings that a case names.
#[derive(Clone, Debug, PartialEq)]
pub struct PressureFiles {
    /// Files, each with its foot where the case says which.
    pub files: Vec<(Option<Side>, GaitFile)>,
    /// Distance of cells, mm, where the file does not say it.
    pub cell_mm: Option<f64>,
    /// Frames per second, where the file does not say it.
    pub rate_hz: Option<f64>,
    /// Pressure profile.
    pub profile: String,
}

/// The recording of one foot on its scan.
#[derive(Clone, Debug)]
pub(crate) struct OnFoot {
    pub(crate) sheet: PressureSheet,
    /// `None` if the scan does not show the sole.
    pub(crate) registration: Option<Registration>,
    /// Mean center of pressure in the scan's foot frame, mm.
    pub(crate) path: Vec<(f64, Point2)>,
}

/// A placement under this confidence is a guess; the path is then laid by heel and axis alone.
const SURE: f64 = 0.5;

/// Share of stance over which a path must be known to count as a baseline, percent.
const KNOWN_PERCENT: [f64; 2] = [15.0, 85.0];

/// Reads the recordings of a case: at most one of each ordered foot.
///
/// # Errors
/// [`Refusal::Gait`] names the file and the reason.
pub(crate) fn of_case(
    job: &Job<'_>,
    findings: &mut Findings,
) -> Result<Vec<PressureSheet>, Refusal> {
    let Some(named) = &job.pressure else { return Ok(Vec::new()) };
    let patient = &job.case.patient;
    let person = pressure::Person {
        mass_kg: Some(patient.mass_kg),
        neuropathic: patient.cautions.contains(&order::Caution::Neuropathy),
    };
    let mut kept: Vec<PressureSheet> = Vec::new();
    for (side, file) in &named.files {
        let request = PressureRequest {
            file_name: Some(file.name.clone()),
            side: *side,
            cell_mm: named.cell_mm.map(|cell| [cell; 2]),
            rate_hz: named.rate_hz,
            unit: None,
        };
        let sheets = pressure_sheets(&file.bytes, &request, &person, job.profiles, &named.profile);
        let sheets = sheets.map_err(|error| Refusal::Gait {
            place: format!("{} [gait] {}", job.case_name, file.name),
            reason: error.to_string(),
        })?;
        for sheet in sheets {
            keep(job, &file.name, sheet, &mut kept, findings);
        }
    }
    Ok(kept)
}

fn keep(
    job: &Job<'_>,
    name: &str,
    sheet: PressureSheet,
    kept: &mut Vec<PressureSheet>,
    findings: &mut Findings,
) {
    let Some(side) = sheet.analysis.side else {
        findings.warn("pressure", "pressure-side-unknown", format!(
            "{name}: neither the file nor the print tells which foot it is, so it is left out; name it under [gait.pressure] as left or right."
        ));
        return;
    };
    if kept.iter().any(|other| other.analysis.side == Some(side)) {
        findings.warn(
            "pressure",
            "pressure-repeated",
            format!(
                "{name}: a second recording of the {side} foot, left out; name one for each foot."
            ),
        );
    } else if job.scans.contains_key(&side) {
        kept.push(sheet);
    } else {
        findings.note(
            "pressure",
            "pressure-of-another-foot",
            format!("{name} is of the {side} foot, which is not ordered."),
        );
    }
}

/// Lays the recording of a side onto its scanned foot.
pub(crate) fn on_foot(
    sheets: &[PressureSheet],
    side: Side,
    foot: &Foot,
    findings: &mut Findings,
) -> Option<OnFoot> {
    let sheet = sheets.iter().find(|sheet| sheet.analysis.side == Some(side))?.clone();
    findings.extend(sheet.summary.findings.clone());
    let registration = if foot.sole.imaged {
        match register(&sheet.analysis, &foot.plantar.heights, findings) {
            Ok(registration) => Some(registration),
            Err(error) => {
                findings.warn(
                    "pressure",
                    "not-registered",
                    format!("{error}; the print lies beside the scan by heel and axis only."),
                );
                None
            }
        }
    } else {
        findings.warn(
            "pressure",
            "not-registered",
            "The scan does not show the sole, so the print is laid by heel and axis only.",
        );
        None
    };
    let path = sheet.analysis.path.iter();
    let path = match registration.as_ref().filter(|placed| placed.confidence >= SURE) {
        Some(placed) => path.map(|point| (point.stance_pct, placed_point(placed, point))).collect(),
        None => {
            let back = foot.landmarks.heel_back.position.y - sheet.analysis.frame.extent[0];
            path.map(|point| (point.stance_pct, Point2::new(point.x_mm, point.y_mm + back)))
                .collect()
        }
    };
    Some(OnFoot { sheet, registration, path })
}

fn placed_point(placed: &Registration, point: &PathPoint) -> Point2 {
    let (sin, cos) = placed.turn.rad().sin_cos();
    Point2::new(cos * point.x_mm - sin * point.y_mm, sin * point.x_mm + cos * point.y_mm)
        + placed.shift
}

/// Takes the recording's center of pressure and stance time into a stance that did not measure them.
pub(crate) fn into_stance(
    on_foot: &OnFoot,
    foot: &Foot,
    stance: &mut Stance,
    findings: &mut Findings,
) {
    let file = &on_foot.sheet.summary.file;
    if stance.sources.center_of_pressure == Provenance::Measured {
        findings.note(
            "pressure",
            "pressure-beside-trial",
            format!(
                "The trial's plates give the center of pressure; that of {file} is shown only."
            ),
        );
        return;
    }
    let [from, to] = KNOWN_PERCENT;
    let covers = on_foot.path.first().is_some_and(|(at, _)| *at <= from)
        && on_foot.path.last().is_some_and(|(at, _)| *at >= to);
    if stance.activity == Activity::Standing || !covers {
        findings.note("pressure", "pressure-path-not-used", format!(
            "{file} gives no center of pressure over a whole step in {}, so the norm's is used.",
            stance.activity.name()
        ));
        return;
    }
    let back = foot.landmarks.heel_back.position.y;
    let length = foot.measurements.length_mm;
    for (i, percent) in stance.percent.iter().enumerate() {
        let at = along(&on_foot.path, *percent);
        stance.cop_anterior_mm[i] = (at.y - back).clamp(0.0, length);
        stance.cop_lateral_mm[i] = at.x;
    }
    stance.sources.center_of_pressure = Provenance::Measured;
    let durations: Vec<f64> =
        on_foot.sheet.analysis.used_steps().map(|step| step.end_s - step.start_s).collect();
    if stance.sources.stance_time != Provenance::Measured && !durations.is_empty() {
        stance.stance_time_s = durations.iter().sum::<f64>() / durations.len() as f64;
        stance.sources.stance_time = Provenance::Measured;
    }
    findings.note(
        "pressure",
        "pressure-path-used",
        format!(
            "Center of pressure and stance time of {} steps in {file} are the baseline; forces and moments are not, since an insole misses shear.",
            durations.len()
        ),
    );
}

/// The path at a percent of stance, linear, its ends held.
fn along(path: &[(f64, Point2)], percent: f64) -> Point2 {
    let next = path.partition_point(|(at, _)| *at < percent).min(path.len() - 1);
    let (from, to) = (path[next.saturating_sub(1)], path[next]);
    let share =
        if to.0 > from.0 { ((percent - from.0) / (to.0 - from.0)).clamp(0.0, 1.0) } else { 1.0 };
    from.1 + (to.1 - from.1) * share
}

/// Measured peaks by region beside the model's, where the masks are comparable.
pub(crate) fn table(on_foot: &OnFoot, before: &knee::PressureMap) -> GaitTable {
    let summary = &on_foot.sheet.summary;
    let rows = on_foot.sheet.analysis.regions.iter().map(|values| {
        let number = |value: Option<f64>, decimals: usize| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
        };
        let spread = values.peak_kpa.sd.map(|sd| format!(" ± {sd:.0}")).unwrap_or_default();
        let model = values
            .region
            .and_then(model_region)
            .map(|region| before.region(region).peak_pressure_kpa);
        vec![
            values.region.map_or("whole foot", Region::words).to_owned(),
            format!("{:.0}{spread}", values.peak_kpa.mean),
            number(values.pressure_time_integral_kpa_s.map(|integral| integral.mean), 0),
            format!("{:.1}", values.contact_area_cm2.mean),
            number(model, 0),
        ]
    });
    let limit = if on_foot.sheet.analysis.excessive.is_empty() {
        String::new()
    } else {
        let words: Vec<&str> =
            on_foot.sheet.analysis.excessive.iter().map(|excess| excess.words.as_str()).collect();
        format!(" Excessive: {}.", words.join("; "))
    };
    GaitTable {
        title: format!("Pressure, {}: {}", summary.setting, summary.file),
        heads: vec![
            "Region",
            "Peak, kPa",
            "Pressure-time integral, kPa·s",
            "Area, cm²",
            "Model without device, kPa",
        ],
        rows: rows.collect(),
        note: format!(
            "Means of {} steps; the model's regions are cut a little differently.{limit}",
            summary.steps.iter().filter(|step| step.used).count().max(1)
        ),
    }
}

const fn model_region(region: Region) -> Option<knee::Region> {
    match region {
        Region::MedialHeel => Some(knee::Region::MedialHeel),
        Region::LateralHeel => Some(knee::Region::LateralHeel),
        Region::Midfoot => Some(knee::Region::Midfoot),
        Region::Metatarsal1 => Some(knee::Region::MedialForefoot),
        Region::Metatarsal45 => Some(knee::Region::LateralForefoot),
        Region::Toes => Some(knee::Region::Toes),
        Region::Metatarsal23 | Region::Hallux => None,
    }
}

const PATH_COLOR: Rgb = Rgb(0x0e, 0x8f, 0xd6);

/// The recording's own pictures, and the print on the scanned sole.
pub(crate) fn figures(on_foot: &OnFoot, side: Side) -> Vec<Figure> {
    let figure = |title: &str, caption: String, picture: picture::Svg| Figure {
        place: Place::Gait,
        title: title.to_owned(),
        alt: caption.clone(),
        caption,
        picture: Picture::Drawing(picture),
        wide: false,
    };
    let file = &on_foot.sheet.summary.file;
    let mut all = Vec::new();
    if let Some(placed) = &on_foot.registration {
        let points: Vec<Point2> = on_foot.path.iter().map(|(_, at)| *at).collect();
        let lines = (points.len() > 1).then_some(MapLine {
            points,
            color: PATH_COLOR,
            width: 2.4,
            dashed: false,
        });
        let style = HeatMapStyle {
            colors: ColorMap::Heat,
            quantity: "peak, kPa".to_owned(),
            mirrored: side == Side::Left,
            borders: match side {
                Side::Left => ["lateral".to_owned(), "medial".to_owned()],
                Side::Right => ["medial".to_owned(), "lateral".to_owned()],
            },
            lines: lines.into_iter().collect(),
            description: format!("Pressure of {file} on the scanned {side} foot"),
            ..HeatMapStyle::default()
        };
        all.push(figure(
            "Pressure on the scanned foot",
            format!(
                "Mean peak pressure of {file} laid onto the scan (borders {:.0} mm apart, confidence {:.2}) with the way of the center of pressure",
                placed.residual_mm, placed.confidence
            ),
            heat_map(&placed.pressure, &style),
        ));
    }
    for (name, svg) in &on_foot.sheet.pictures {
        let (title, words) = match name.rsplit('_').next() {
            Some("map") => {
                ("Pressure recording", "mean peak pressure with regions and center of pressure")
            }
            Some("regions") => ("Peaks by region", "peak pressure by region beside the norm"),
            Some("force") => ("Steps", "force over time with the steps that count"),
            _ => ("Integrals by region", "pressure-time integral by region"),
        };
        all.push(figure(title, format!("{file}: {words}"), svg.clone()));
    }
    all
}

/// The entry of the record.
pub(crate) fn json(on_foot: &OnFoot) -> Value {
    let registration = on_foot.registration.as_ref().map(|placed| {
        json!({
            "shift_mm": [placed.shift.x, placed.shift.y],
            "turn_deg": placed.turn.deg(),
            "scale": placed.scale,
            "correlation": placed.correlation,
            "residual_mm": placed.residual_mm,
            "beside_share": placed.beside_share,
            "confidence": placed.confidence,
        })
    });
    let path: Vec<[f64; 3]> =
        on_foot.path.iter().map(|(percent, at)| [*percent, at.x, at.y]).collect();
    json!({
        "recording": on_foot.sheet.summary,
        "registration": registration,
        "path_on_foot_pct_mm_mm": path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_linear_and_held_at_its_ends() {
        let path = [(10.0, Point2::new(0.0, 20.0)), (90.0, Point2::new(8.0, 180.0))];
        for (percent, expected) in
            [(0.0, [0.0, 20.0]), (10.0, [0.0, 20.0]), (50.0, [4.0, 100.0]), (100.0, [8.0, 180.0])]
        {
            let at = along(&path, percent);
            assert!((at.x - expected[0]).abs() + (at.y - expected[1]).abs() < 1e-9, "{percent}");
        }
    }
}
