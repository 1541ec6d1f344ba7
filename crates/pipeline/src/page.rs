//! Fills the report's page from a made case.

use foot::measure::Measured;
use foot::quality;
use milling::OperationKind;
use order::{CareProfile, Case, WeightBearing};
use report::{
    FileRow, FindingRow, GaitTable, MakingView, MeasurementRow, Page, Row, SideSection, Statement,
};
use vocabulary::{Finding, Side, signed};

use crate::mark::Marked;
use crate::scan_sheet::checks_by_name;
use crate::scanned;
use crate::settings::Bench;
use crate::side::Made;
use crate::strength::Strength;
use crate::{Job, OutputFile, care, doses, knee_view, load_case, pictures, pressure_case, record};

/// The report.
pub(crate) fn html(
    job: &Job<'_>,
    (bench, plan): (&Bench, &CareProfile),
    made: &[Made],
    findings: &[(Option<Side>, Finding)],
    files: &[OutputFile],
) -> String {
    let case = &job.case;
    report::html(&Page {
        title: format!("Foot orthosis {}", case.patient.code),
        patient_code: case.patient.code.clone(),
        program_version: concat!("solewright ", env!("CARGO_PKG_VERSION")).to_owned(),
        indication: case.indication.word().to_owned(),
        activity: case.activity.clone(),
        patient: patient(case),
        summary: made.iter().flat_map(summary).collect(),
        sides: made.iter().map(|made| section(bench, made)).collect(),
        findings: findings.iter().map(finding_row).collect(),
        inputs: inputs(job),
        files: files.iter().map(file_row).collect(),
        timings: (!job.reproducible).then(|| timings(made)),
        care: care::rows(plan, made.iter().any(knee_view::declined)),
        record: revisions(case),
        limits: LIMITS.iter().map(|&limit| limit.to_owned()).collect(),
    })
}

/// What the page must say about its own words.
const LIMITS: [&str; 5] = [
    "The knee figures are a predicted change of load for this patient, with an interval; they are not a treatment claim \
     and say nothing about pain or disease.",
    "Persons differ: in published trials about a third of people with a lateral wedge loaded the knee more, not less. \
     Measure the gait again with the device.",
    "The model does not know variable-stiffness soles, shear in soft covers, or gait changes from training.",
    "Posts and wedges are predicted as the full-length wedges of the trials; a shell that ends behind the metatarsal heads does \
     less at the forefoot.",
    "A clinician decides; this page is a design aid.",
];

fn patient(case: &Case) -> Vec<Row> {
    let patient = &case.patient;
    let mut rows = vec![
        Row::new("Body mass", format!("{:.1} kg", patient.mass_kg)),
        Row::new("Body height", format!("{:.2} m", patient.height_m)),
    ];
    if !patient.cautions.is_empty() {
        let words: Vec<&str> = patient.cautions.iter().map(|caution| caution.word()).collect();
        rows.push(Row::new("On file", words.join(", ")));
    }
    rows
}

fn summary(made: &Made) -> Vec<Statement> {
    let design = &made.fitted.decision.base;
    let likelihood = &made.prediction.kam_peak1.likelihood;
    let text = format!(
        "Shell {:.1} mm thick, heel cup {:.0} mm, rearfoot post {}, forefoot post {}, arch {:.0} % of the loaded \
         clearance.",
        design.thickness.0,
        design.heel_cup_depth.0,
        post(design.rearfoot_post.deg()),
        post(design.forefoot_post.deg()),
        100.0 * design.arch_fraction,
    );
    let knee = format!(
        "Predicted change of the first knee adduction peak {} % (90 % interval {} to {} %), of rearfoot eversion {}°, \
         of the highest sole pressure {} %.",
        signed(likelihood.expected_pct, 1),
        signed(likelihood.low_pct, 1),
        signed(likelihood.high_pct, 1),
        signed(made.prediction.eversion.deg(), 1),
        signed(made.prediction.peak_pressure_change_pct, 0),
    );
    [text, knee].map(|text| Statement { side: Some(made.side), text }).into()
}

fn post(degrees: f64) -> String {
    match degrees {
        d if d > 0.0 => format!("{d:.1}° lateral"),
        d if d < 0.0 => format!("{:.1}° medial", -d),
        _ => "none".to_owned(),
    }
}

fn section(bench: &Bench, made: &Made) -> SideSection {
    SideSection {
        scan: scan_rows(made),
        pictures: pictures::all(made),
        measurements: measurements(made),
        doses: doses::rows(bench, made),
        gait: gait(made),
        prediction: Some(knee_view::prediction(made)),
        making: [milling(bench, made), printing(bench, made), solid(made)]
            .into_iter()
            .chain([made.inspected.view()])
            .chain(made.strength.as_ref().map(Strength::view))
            .chain(made.mark.as_ref().map(Marked::view))
            .collect(),
        chosen_because: knee_view::reasons(made),
        around_choice: made.fitted.around.tables(),
        ..SideSection::new(made.side)
    }
}

/// What is known of the gait: measured and assumed, and the pressure recording.
fn gait(made: &Made) -> Vec<GaitTable> {
    let fitted = &made.fitted;
    let pressure = fitted.pressure.as_ref();
    let walked = fitted.walked;
    let named = pressure.filter(|_| !walked).map(|on_foot| on_foot.sheet.summary.file.as_str());
    let baseline = load_case::table(fitted.model.stance(), named);
    let [before, _] = &made.prediction.pressure;
    let recorded = pressure.map(|on_foot| pressure_case::table(on_foot, before));
    std::iter::once(baseline).chain(recorded).collect()
}

fn scan_rows(made: &Made) -> Vec<Row> {
    let (scan, sole) = (&made.fitted.scan, &made.fitted.foot.sole);
    let state = match made.fitted.state {
        WeightBearing::Full => "weight-bearing (standing on both feet)",
        WeightBearing::Semi => "semi-weight-bearing (seated)",
        WeightBearing::Unloaded => "non-weight-bearing",
    };
    let seen = if sole.imaged { "imaged" } else { "NOT imaged: a flat plane" };
    let flat = format!(
        "{:.0} cm² within 2.5 mm of the ground, {:.0} % of the outline",
        sole.flat_area_cm2,
        100.0 * sole.flat_share
    );
    let mut rows = vec![
        Row::new("Unit", scan.unit.unit.name()).with_note(scan.unit.evidence.clone()),
        Row::new("Triangles", scan.triangles_in_file.to_string()),
        Row::new("Load during the scan", state),
        Row::new("Sole", seen).with_note(flat),
    ];
    if let Some(height) = made.fitted.assumed_arch_mm {
        rows.push(Row::new("Arch of the foot", format!("{height:.1} mm, not from the scan")));
    }
    rows.extend(quality_rows(made));
    rows
}

fn measurements(made: &Made) -> Vec<MeasurementRow> {
    let length = made.fitted.foot.measurements.length_mm;
    let load = scanned::load(made.fitted.state);
    let row = |measured: &Measured| {
        let entry = measured.name.entry();
        let definition = match &measured.remark {
            Some(remark) => format!("{}; {remark}", entry.definition),
            None => format!("{}; ± {:.*}", entry.definition, entry.decimals, measured.deviation),
        };
        MeasurementRow {
            name: entry.name.to_owned(),
            value: measured.value,
            decimals: entry.decimals,
            unit: entry.unit.to_owned(),
            normal_range: entry.usual(load, length),
            definition,
        }
    };
    made.fitted.sheet.iter().map(row).collect()
}

/// The arch's type and the quality gate, after what the scan was.
fn quality_rows(made: &Made) -> Vec<Row> {
    let arch = made.fitted.sheet.arch.as_ref().map(|arch| {
        let [flat, normal, high] = arch.probabilities.map(|share| 100.0 * share);
        Row::new(
            "Type of arch",
            format!(
                "{} (flat {flat:.0} %, normal {normal:.0} %, high-arched {high:.0} %)",
                arch.arch_type.name()
            ),
        )
        .with_note(arch.basis.clone())
    });
    let checks = checks_by_name(&made.fitted.checks).filter_map(|(name, check)| {
        let entry = name.entry();
        let (value, limit) = (check.value?, check.limit?);
        let (decimals, unit) = (entry.decimals, quality::unit_words(entry.unit));
        let up_to = if entry.low_is_bad { "from" } else { "up to" };
        let note = format!("{}; good {up_to} {limit}{unit}", entry.definition);
        let value = format!("{value:.decimals$}{unit}, {}", check.verdict.name());
        Some(Row::new(format!("Quality: {}", entry.name.to_lowercase()), value).with_note(note))
    });
    arch.into_iter().chain(checks).collect()
}

pub(crate) fn minutes(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

fn milling(bench: &Bench, made: &Made) -> MakingView {
    let (mill, check) = (&made.mill, &made.mill.verification);
    let [x, y, z] = mill.placement.blank_mm;
    let [dx, dy, dz] = mill.placement.blank_from_part;
    let rows = vec![
        Row::new("Machine", bench.mill.machine.name.clone()),
        Row::new("Tool", bench.mill.tool.name.clone()),
        Row::new("Stock", bench.stock.clone()),
        Row::new("Blank", format!("{x:.0} × {y:.0} × {z:.0} mm"))
            .with_note("only the top is milled; the part stays in the block"),
        Row::new("Program zero", "front left corner of the blank's top face").with_note(format!(
            "the heel seat lies at X{dx:.1} Y{dy:.1}, the floor of the part at Z{dz:.1}"
        )),
        Row::new("Time", minutes(mill.estimated_time_s))
            .with_note("with the machine's acceleration"),
        Row::new(
            "Moves",
            format!(
                "{} roughing, {} finishing",
                mill.moves_of(OperationKind::Roughing),
                mill.moves_of(OperationKind::Finishing)
            ),
        ),
        Row::new(
            "Proof",
            format!(
                "gouge at most {:.3} mm, left at most {:.3} mm",
                check.gouge_mm.unwrap_or_default(),
                check.left_mm.unwrap_or_default()
            ),
        )
        .with_note(format!(
            "the written program read back and swept over {} places; {} rapid moves through stock",
            [check.interior, check.rim].iter().flatten().map(|found| found.places).sum::<usize>(),
            check.fault_counts.get("rapid-through-stock").unwrap_or(&0)
        )),
    ];
    MakingView { title: "Milling: mill.nc".to_owned(), rows }
}

fn printing(bench: &Bench, made: &Made) -> MakingView {
    let (print, check) = (&made.print, &made.print.verification);
    let rows = vec![
        Row::new("Printer", bench.print.printer.name.clone()),
        Row::new("Material", bench.print.material.name.clone()),
        Row::new("Layers", print.layers.to_string()),
        Row::new("Time", minutes(print.estimated_time_s))
            .with_note("moves only; heating and homing not counted"),
        Row::new("Filament", format!("{:.1} m, {:.0} g", print.filament_mm / 1000.0, print.mass_g)),
        Row::new(
            "Proof",
            format!(
                "extruded volume {} % off what walls and infill imply",
                signed(check.deviation_pct, 2)
            ),
        )
        .with_note(format!(
            "the written program read back; {} moves outside the bed, {} cold extrusions",
            check.outside_bed, check.cold_extrusion
        )),
    ];
    MakingView { title: "Printing: print.gcode".to_owned(), rows }
}

fn solid(made: &Made) -> MakingView {
    let rows = vec![
        Row::new(
            "Mesh",
            format!(
                "{} triangles, at most {:.3} mm from the surfaces",
                made.mesh.triangles.len(),
                made.mesh_deviation_mm
            ),
        ),
        Row::new("Volume", format!("{:.1} cm³", made.mesh.volume() / 1000.0)),
        Row::new("Thinnest place", format!("{:.2} mm", made.shell.thinnest.thickness)),
    ];
    MakingView { title: "Shape: shell.stl, shell.3mf, shell.step".to_owned(), rows }
}

fn finding_row((side, finding): &(Option<Side>, Finding)) -> FindingRow {
    FindingRow {
        severity: finding.severity,
        step: finding.step.to_owned(),
        side: *side,
        message: finding.message.clone(),
    }
}

fn inputs(job: &Job<'_>) -> Vec<FileRow> {
    let row = |path: &str, bytes: &[u8]| FileRow {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256: record::hash(bytes),
    };
    let scans = job.scans.values().map(|file| row(&file.name, &file.bytes));
    let trial = job.trial.iter().flat_map(|trial| trial.files.iter().chain(&trial.standing));
    let pressure = job.pressure.iter().flat_map(|pressure| pressure.files.iter().map(|(_, f)| f));
    let gait = trial.chain(pressure).map(|file| row(&file.name, &file.bytes));
    let case = row(&job.case_name, job.case_text.as_bytes());
    std::iter::once(case).chain(scans).chain(gait).collect()
}

fn file_row(file: &OutputFile) -> FileRow {
    FileRow { path: file.path.clone(), bytes: file.bytes.len() as u64, sha256: file.sha256.clone() }
}

fn timings(made: &[Made]) -> Vec<(String, f64)> {
    made.iter()
        .flat_map(|made| {
            made.times.iter().map(|(step, seconds)| (format!("{}: {step}", made.side), *seconds))
        })
        .collect()
}

fn revisions(case: &Case) -> Vec<Row> {
    case.revisions
        .iter()
        .map(|revision| {
            let change = format!("{} {} → {}", revision.key, revision.from, revision.to);
            Row::new(format!("Adjusted, {} foot", revision.foot), change)
                .with_note(revision.reason.clone())
        })
        .collect()
}
