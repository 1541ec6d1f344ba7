//! `solewright mill`: a case or a model as programs for a mill.

use std::path::{Path, PathBuf};

use order::ProfileStore;
use pipeline::{
    Finishing, MillJob, MillParts, MillRequest, Roughing, Separation, Spread, WorkPiece,
};
use serde_json::json;
use vocabulary::{Findings, Severity, Side};

use crate::make::{Earlier, Threads, load_job, load_profiles};
use crate::progress::Progress;
use crate::{Refusal, files};

/// Steps of a design that the progress bar counts, each side.
const STEPS: usize = 8;

/// Mill an insole, a shell or a mold: write the proven program of a mill.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  solewright mill scans/phantom/case.toml --machine linuxcnc-router --workpiece shell --out pair.nc\n  \
solewright mill insole.stl --machine grbl-router --cutting eva --out insole.nc\n\n\
Left and right of a case are nested on one blank. A shell is cut from both sides: F-side1.nc and F-side2.nc; where the\n\
machine cannot change tools, holes, roughing, mark and outline with other tools are programs of their own: F-side2-mark.nc.\n\
Beside the programs lies F-setup.html, the set-up sheet: blank, zero, tools, steps, times, pictures.\n\
Every program is read back and simulated before it is written; one that fails its own check is not written.\n\
Exit code 0 done, 1 refused with a reason, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// A case file (TOML), or a model (STL, 3MF, OBJ, PLY in mm, its top up).
    #[arg(value_name = "CASE|MODEL")]
    input: PathBuf,
    /// Machine profile.
    #[arg(long, value_name = "NAME", default_value = "grbl-router")]
    machine: String,
    /// Tool profile, for roughing and finishing; `ball-4mm` for a shell, whose posts have narrow corners, and `ball-6mm`
    /// otherwise when not given.
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Tool profile for roughing, a wider one such as ball-12mm; what it cannot reach, `--tool` takes before it finishes.
    #[arg(long, value_name = "NAME")]
    rough_tool: Option<String>,
    /// Tool profile for the outline; a flat end leaves no cove. The machine must be able to change tools.
    #[arg(long, value_name = "NAME")]
    outline_tool: Option<String>,
    /// Tool profile that engraves a shell's sunk mark into its underside, or none. Its round tip should be as wide as the
    /// mark's strokes.
    #[arg(long, value_name = "NAME|none", default_value = "engraver-0.6mm")]
    mark_tool: String,
    /// What holds a blank in its place when it is turned over: stops at its front left, or dowels in holes that are drilled first;
    /// what the machine's profile says when not given.
    #[arg(long, value_name = "stops|dowels", value_parser = registration)]
    registration: Option<String>,
    /// Cutting profile: speeds and depths for the blank's material.
    #[arg(long, value_name = "NAME", default_value = "eva")]
    cutting: String,
    /// Size of the blank, mm; the smallest that fits when not given.
    #[arg(long, value_name = "LxWxH", value_parser = size)]
    blank: Option<[f64; 3]>,
    /// What is made; a shell of a case and an insole of a model when not given.
    #[arg(long, value_name = "insole|shell|mold", value_parser = work_piece)]
    workpiece: Option<WorkPiece>,
    /// What holds the part in its block until the end: stay (a person cuts it free), tabs, or onion-skin.
    #[arg(long, value_name = "stay|tabs|onion-skin", default_value = "tabs", value_parser = separation)]
    hold: Separation,
    /// Distance of finishing passes seen from above, mm; the cutting profile's when not given.
    #[arg(long, value_name = "MM")]
    step_over: Option<f64>,
    /// How roughing passes run: parallel (to and fro, for foam), or constant-engagement (no more of the tool in material than the
    /// step-over asks for, climbing, for what melts or chips); what the cutting profile says when not given.
    #[arg(long, value_name = "parallel|constant-engagement", value_parser = roughing)]
    roughing: Option<Roughing>,
    /// Leave this much by passes between roughing and finishing, mm, so that finishing meets the same everywhere; 0 for no such
    /// passes; what the cutting profile says when not given.
    #[arg(long, value_name = "MM")]
    semi_finish: Option<f64>,
    /// Where finishing passes lie closer: even-scallop (on walls, so that scallops are as on level ground) or even (nowhere).
    #[arg(long, value_name = "even-scallop|even", default_value = "even-scallop", value_parser = spread)]
    spread: Spread,
    /// Where finishing passes run: parallel (to and fro), spiral (round and round from the rim inward), or waterline (along level
    /// lines on steep walls, parallel elsewhere). The last two need a ball nose.
    #[arg(long, value_name = "parallel|spiral|waterline", default_value = "parallel", value_parser = finishing)]
    finishing: Finishing,
    /// Accept this much material left on the surface, mm; 0.1 where the tool reaches and 0.5 where it does not (with a warning) when not given.
    #[arg(long, value_name = "MM")]
    allow_left: Option<f64>,
    /// Only this side of a case.
    #[arg(long, value_name = "left|right", value_parser = side)]
    side: Option<Side>,
    /// The program to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    earlier: Earlier,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `250x300x40`: width along x, length along y, height, mm.
pub(crate) fn size(text: &str) -> Result<[f64; 3], String> {
    let wrong = || "write width x length x height in mm, such as 250x300x40".to_owned();
    let numbers: Vec<f64> = text
        .split(['x', 'X', '*'])
        .map(|number| number.trim().parse::<f64>().map_err(|_not_a_number| wrong()))
        .collect::<Result<_, _>>()?;
    let size: [f64; 3] = numbers.try_into().map_err(|_too_many| wrong())?;
    if size.iter().all(|length| (1.0..=3000.0).contains(length)) { Ok(size) } else { Err(wrong()) }
}

fn side(word: &str) -> Result<Side, String> {
    let known = Side::BOTH.into_iter().find(|side| side.name() == word);
    known.ok_or_else(|| "use left or right".to_owned())
}

fn work_piece(word: &str) -> Result<WorkPiece, String> {
    match word {
        "insole" => Ok(WorkPiece::Insole),
        "shell" => Ok(WorkPiece::Shell),
        "mold" | "mould" => Ok(WorkPiece::Mold),
        _ => Err("use insole, shell or mold".to_owned()),
    }
}

fn registration(word: &str) -> Result<String, String> {
    match word {
        "stops" | "dowels" => Ok(word.to_owned()),
        _ => Err("use stops or dowels".to_owned()),
    }
}

fn roughing(word: &str) -> Result<Roughing, String> {
    match word {
        "parallel" => Ok(Roughing::Parallel),
        "constant-engagement" => Ok(Roughing::ConstantEngagement),
        _ => Err("use parallel or constant-engagement".to_owned()),
    }
}

fn spread(word: &str) -> Result<Spread, String> {
    match word {
        "even-scallop" => Ok(Spread::EvenScallop),
        "even" => Ok(Spread::Even),
        _ => Err("use even-scallop or even".to_owned()),
    }
}

fn finishing(word: &str) -> Result<Finishing, String> {
    match word {
        "parallel" => Ok(Finishing::Parallel),
        "spiral" => Ok(Finishing::Spiral),
        "waterline" => Ok(Finishing::Waterline),
        _ => Err("use parallel, spiral or waterline".to_owned()),
    }
}

fn separation(word: &str) -> Result<Separation, String> {
    match word {
        "stay" => Ok(Separation::Stay),
        // Four bridges of 6 x 1.5 mm hold EVA and polypropylene, and a knife cuts them.
        "tabs" => Ok(Separation::Tabs { count: 4, width_mm: 6.0, height_mm: 1.5 }),
        "onion-skin" => Ok(Separation::OnionSkin { thickness_mm: 0.4 }),
        _ => Err("use stay, tabs or onion-skin".to_owned()),
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let is_case = arguments.input.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    let usual = if is_case { WorkPiece::Shell } else { WorkPiece::Insole };
    let work_piece = arguments.workpiece.unwrap_or(usual);
    let mut findings = Findings::new();
    let parts = parts(arguments, &profiles, (is_case, work_piece), &mut findings)?;
    let request = MillRequest {
        profiles: &profiles,
        machine: &arguments.machine,
        tool: arguments.tool.as_deref().unwrap_or(match work_piece {
            WorkPiece::Shell => "ball-4mm",
            WorkPiece::Insole | WorkPiece::Mold => "ball-6mm",
        }),
        rough_tool: arguments.rough_tool.as_deref(),
        outline_tool: arguments.outline_tool.as_deref(),
        cutting: &arguments.cutting,
        blank_mm: arguments.blank,
        work_piece,
        separation: arguments.hold,
        roughing: arguments.roughing,
        semi_finish_mm: arguments.semi_finish,
        spread: arguments.spread,
        finishing: arguments.finishing,
        step_over_mm: arguments.step_over,
        allow_left_mm: arguments.allow_left,
        registration: arguments.registration.as_deref(),
        mark_tool: Some(arguments.mark_tool.as_str()).filter(|name| *name != "none"),
        label: parts.names.join(" + "),
    };
    let jobs = pipeline::mill_parts(&parts, &request, &mut findings)?;
    let paths: Vec<PathBuf> =
        jobs.iter().map(|job| out_path(&arguments.out, &job.suffix())).collect();
    let folder = match arguments.out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name_of = |path: &PathBuf| {
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let names: Vec<String> = paths.iter().map(name_of).collect();
    let sheet = sheet_path(&arguments.out);
    let sheet_text = pipeline::mill_sheet(&parts, &request, &jobs, &names, &findings)?;
    let mut written: Vec<(String, &[u8])> =
        names.into_iter().zip(&jobs).map(|(name, job)| (name, job.program.as_bytes())).collect();
    written.push((name_of(&sheet), sheet_text.as_bytes()));
    files::write_all(folder, &written)?;
    if arguments.json {
        let programs: Vec<_> = paths.iter().zip(&jobs).map(|(path, job)| json!({
            "out": path, "placement": job.placement, "moves": job.verification.moves, "check": job.verification,
        })).collect();
        say!(
            "{}",
            json!({ "ok": true, "workpiece": work_piece, "parts": parts.names, "programs": programs, "sheet": sheet, "findings": findings })
        );
        return Ok(());
    }
    for (path, job) in paths.iter().zip(&jobs) {
        print_sentences(path, job);
    }
    say!("set-up sheet: {}", sheet.display());
    for finding in findings.iter() {
        let word = if finding.severity == Severity::Warning { "warning" } else { "note" };
        say!("{word}: {} ({})", finding.message, finding.step);
    }
    Ok(())
}

/// The parts of a case, or the model of a file.
fn parts(
    arguments: &Arguments,
    profiles: &ProfileStore,
    (is_case, work_piece): (bool, WorkPiece),
    findings: &mut Findings,
) -> Result<MillParts, Refusal> {
    if is_case {
        let mut job = load_job(&arguments.input, profiles)?;
        arguments.earlier.apply(&arguments.input, &mut job)?;
        let progress = Progress::new(job.scans.len() * STEPS, arguments.json);
        let parts =
            pipeline::case_mill_parts(&job, work_piece, arguments.side, &progress, findings);
        progress.finish();
        Ok(parts?)
    } else {
        let name = arguments.input.display().to_string();
        let bytes = files::read(&arguments.input, "model", files::LARGEST_SCAN)?;
        let stem = arguments
            .input
            .file_stem()
            .map_or(name.clone(), |stem| stem.to_string_lossy().into_owned());
        Ok(MillParts::of_model(stem, pipeline::read_model(&name, &bytes, findings)?))
    }
}

/// Where the set-up sheet lies: beside the program.
fn sheet_path(out: &Path) -> PathBuf {
    let stem = out.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    out.with_file_name(format!("{stem}-setup.html"))
}

/// The path itself, or with what tells a program from the others of the job: `pair-side1.nc`.
fn out_path(out: &Path, suffix: &str) -> PathBuf {
    if suffix.is_empty() {
        return out.to_owned();
    }
    let part = |part: Option<&std::ffi::OsStr>| {
        part.map_or_else(String::new, |part| part.to_string_lossy().into_owned())
    };
    let (stem, end) = (part(out.file_stem()), part(out.extension()));
    let dot = if end.is_empty() { "" } else { "." };
    out.with_file_name(format!("{stem}-{suffix}{dot}{end}"))
}

fn print_sentences(path: &Path, job: &MillJob) {
    let [width, length, height] = job.placement.blank_mm;
    let check = &job.verification;
    say!(
        "{}: blank {width:.0} x {length:.0} x {height:.0} mm, {:.0} min, {} moves, {:.1} m at a feed",
        path.display(),
        job.estimated_time_s / 60.0,
        check.moves,
        check.lengths.feed_mm / 1000.0
    );
    say!(
        "  proven: gouge at most {:.3} mm, left at most {:.3} mm, no rapid through stock",
        check.gouge_mm.unwrap_or_default(),
        check.left_mm.unwrap_or_default()
    );
}
