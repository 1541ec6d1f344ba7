//! `solewright print`: a shell or a model as a program for a filament printer.

use std::path::{Path, PathBuf};

use order::ProfileKind;
use pipeline::{PrintJob, PrintOrder, PrintPart, PrintRequest, ZoneShape};
use serde_json::json;
use vocabulary::{Findings, Severity, Side};

use crate::make::{Earlier, Threads, load_job, load_profiles};
use crate::progress::Progress;
use crate::{Refusal, files, print_elsewhere};

/// Steps of a design that the progress bar counts, each side.
const STEPS: usize = 8;

/// Print shells of a case, or models: write the program of a filament printer.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  solewright print scans/phantom/case.toml --printer marlin-generic --out pair.gcode\n  \
solewright print insole.stl --printer klipper-generic --material tpu-95a \\\n    --set infill_pct=30 --set infill=gyroid --orient auto --out insole.gcode\n\n\
The program is read back before it is written, and judged as `solewright check` judges any.\n\
Keys for --set: `solewright parameters printers` and `solewright parameters materials`.\n\
Exit code 0 done, 1 refused with a reason, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// A case file (TOML), or models (STL, 3MF, OBJ, PLY in mm) that are printed side by side.
    #[arg(required = true, value_name = "CASE|MODEL")]
    inputs: Vec<PathBuf>,
    /// Printer profile.
    #[arg(long, value_name = "NAME", default_value = "marlin-generic")]
    pub(crate) printer: String,
    /// Material profile.
    #[arg(long, value_name = "NAME", default_value = "pla")]
    pub(crate) material: String,
    /// How parts lie on the bed.
    #[arg(long, value_name = "flat|edge|tilted|auto", value_parser = ["flat", "edge", "tilted", "auto"])]
    orient: Option<String>,
    /// A key of the printer's or the material's profile with another value; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) overrules: Vec<(String, String)>,
    /// Infill of a zone: `heel=40`, `arch`, `forefoot`, `medial`, `lateral`, or an outline in mm as in
    /// `0,0;30,0;30,50=60`; percent; later ones overrule earlier ones; may be repeated.
    #[arg(long = "zone", value_name = "ZONE=PCT", value_parser = zone)]
    zones: Vec<(ZoneShape, f64)>,
    /// Width over which the infill changes at the border of a zone, mm.
    #[arg(long, value_name = "MM", value_parser = blend)]
    blend_mm: Option<f64>,
    /// Slice with an installed program instead; it gets the settings, and the zones as modifiers.
    #[arg(long, value_name = "prusa-slicer|cura-engine", value_parser = ["prusa-slicer", "cura-engine"])]
    slicer: Option<String>,
    /// Also write the print as a project for other slicers (3MF with settings and modifiers).
    #[arg(long, value_name = "FILE")]
    pub(crate) project: Option<PathBuf>,
    /// Folder for pictures of layers and of the whole bed (SVG).
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Only this side of a case; of a model, which foot it is for.
    #[arg(long, value_name = "left|right", value_parser = side)]
    side: Option<Side>,
    /// The program to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    earlier: Earlier,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

fn side(word: &str) -> Result<Side, String> {
    Side::BOTH
        .into_iter()
        .find(|side| side.name() == word)
        .ok_or_else(|| "use left or right".to_owned())
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| "write KEY=VALUE, such as layer_height_mm=0.2".to_owned())
}

fn zone(text: &str) -> Result<(ZoneShape, f64), String> {
    let (shape, percent) = text.rsplit_once('=').ok_or("write ZONE=PCT, such as heel=40")?;
    let percent: f64 =
        percent.trim().parse().map_err(|error| format!("{percent} is no percentage: {error}"))?;
    if !(1.0..=99.0).contains(&percent) {
        return Err(format!("{percent} % is no infill of a zone; use 1 to 99"));
    }
    if !shape.contains(',') {
        return Ok((ZoneShape::Named(shape.trim().to_owned()), percent / 100.0));
    }
    let number = |text: &str| -> Option<f64> {
        text.trim().parse().ok().filter(|value: &f64| value.abs() < 1e4)
    };
    let corner = |text: &str| {
        let (x, y) = text.split_once(',')?;
        Some([number(x)?, number(y)?])
    };
    let outline: Option<Vec<[f64; 2]>> = shape.split(';').map(corner).collect();
    let outline = outline.filter(|outline| (3..=500).contains(&outline.len()));
    let outline = outline.ok_or("write an outline as x,y;x,y;x,y in mm")?;
    Ok((ZoneShape::Outline(outline), percent / 100.0))
}

fn blend(text: &str) -> Result<f64, String> {
    let value: f64 =
        text.parse().map_err(|error| format!("a number of mm is wanted, not `{text}`: {error}"))?;
    if (2.0..=60.0).contains(&value) { Ok(value) } else { Err("use 2 to 60 mm".to_owned()) }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    if profiles.names(ProfileKind::Powder).contains(&arguments.printer.as_str()) {
        return Err(Refusal(format!(
            "{} is a powder-bed machine; use `solewright pack`",
            arguments.printer
        )));
    }
    let mut overrules = arguments.overrules.clone();
    overrules.extend(arguments.orient.iter().map(|word| ("orient".to_owned(), word.clone())));
    let request = PrintRequest {
        profiles: &profiles,
        printer: &arguments.printer,
        material: &arguments.material,
        overrules: &overrules,
    };
    let order = request.order()?;
    let mut findings = Findings::new();
    let mut parts = read_parts(arguments, &profiles, &mut findings)?;
    if !arguments.zones.is_empty() {
        let zoned = |part: PrintPart| {
            let side = arguments.side.or_else(|| side_in(&part.name));
            pipeline::with_zones(part, &arguments.zones, arguments.blend_mm, side)
        };
        parts = parts.into_iter().map(zoned).collect::<Result<_, _>>()?;
    }
    if let Some(path) = &arguments.project {
        let bytes = pipeline::slicer_project(&parts, &order, &mut findings)?;
        files::write_one(path, &bytes)?;
    }
    if let Some(slicer) = &arguments.slicer {
        return print_elsewhere::run(slicer, &parts, &order, arguments);
    }
    let job = pipeline::print_parts(&parts, &order, &mut findings)?;
    files::write_one(&arguments.out, job.program.as_bytes())?;
    if let Some(folder) = &arguments.pictures {
        files::check_out(folder)?;
        let pictures = pipeline::print_pictures(&job, &parts, &order);
        let named: Vec<(String, &[u8])> =
            pictures.iter().map(|(name, svg)| (name.clone(), svg.as_bytes())).collect();
        files::write_all(folder, &named)?;
    }
    if arguments.json {
        print_json(arguments, &job, &findings);
    } else {
        print_sentences(arguments, &order, &job, &findings);
    }
    Ok(())
}

/// The side that a part's name says.
fn side_in(name: &str) -> Option<Side> {
    let lower = name.to_lowercase();
    match (lower.contains("left"), lower.contains("right")) {
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        _ => None,
    }
}

/// The parts of a case, or the models.
fn read_parts(
    arguments: &Arguments,
    profiles: &order::ProfileStore,
    findings: &mut Findings,
) -> Result<Vec<PrintPart>, Refusal> {
    let is_case =
        |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    let mut parts = Vec::new();
    for path in &arguments.inputs {
        if is_case(path) {
            let mut job = load_job(path, profiles)?;
            arguments.earlier.apply(path, &mut job)?;
            let progress = Progress::new(job.scans.len() * STEPS, arguments.json);
            let designed = pipeline::case_parts(&job, arguments.side, &progress, findings);
            progress.finish();
            parts.extend(designed?);
        } else {
            parts.push(read_model(path, findings)?);
        }
    }
    Ok(parts)
}

/// Reads a model, named by its file.
pub(crate) fn read_model(path: &Path, findings: &mut Findings) -> Result<PrintPart, Refusal> {
    let bytes = files::read(path, "model", files::LARGEST_SCAN)?;
    let name = path
        .file_name()
        .map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(pipeline::read_part(&name, &bytes, findings)?)
}

/// A time for people.
pub(crate) fn hours(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    if minutes < 60.0 {
        format!("{minutes:.0} min")
    } else {
        format!("{:.0} h {:02.0} min", (minutes / 60.0).floor(), minutes % 60.0)
    }
}

fn print_sentences(arguments: &Arguments, order: &PrintOrder, job: &PrintJob, findings: &Findings) {
    say!(
        "{}: {} on {} in {}",
        arguments.out.display(),
        job.placements.iter().map(|place| place.name.as_str()).collect::<Vec<_>>().join(", "),
        order.printer.name,
        order.material.name
    );
    for place in &job.placements {
        say!("  {}: lies {}: {}", place.name, place.pose, place.reason);
    }
    say!(
        "  {} layers, {}, {:.1} g of filament ({:.2} m){}",
        job.layers,
        hours(job.estimated_time_s),
        job.mass_g,
        job.filament_mm / 1000.0,
        job.report.cost.map_or_else(String::new, |cost| format!(", costs {cost:.2}"))
    );
    let volumes: Vec<String> = job
        .report
        .volume_mm3
        .iter()
        .map(|(role, volume)| format!("{role} {:.2}", volume / 1000.0))
        .collect();
    say!("  cm³: {}", volumes.join(", "));
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Note) {
        if finding.step == "printing" {
            say!("  note: {}", finding.message);
        }
    }
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
        say!("warning: {} ({})", finding.message, finding.step);
    }
    for warning in job.report.faults.iter().chain(&job.report.warnings) {
        say!("warning: {} (check)", warning.message);
    }
}

fn print_json(arguments: &Arguments, job: &PrintJob, findings: &Findings) {
    let findings: Vec<_> = findings.iter().collect();
    say!(
        "{}",
        json!({
            "ok": true,
            "out": arguments.out,
            "layers": job.layers,
            "time_s": job.estimated_time_s,
            "filament_g": job.mass_g,
            "filament_mm": job.filament_mm,
            "volume_mm3": job.extruded_mm3,
            "deviation_pct": job.verification.deviation_pct,
            "placements": job.placements,
            "check": job.report,
            "findings": findings,
        })
    );
}
