//! `solewright scan`: what a scan shows, how far it can be trusted, and the measures of the foot.

use std::path::PathBuf;
use std::time::Instant;

use order::{ProfileKind, ScanKind, WeightBearing};
use pipeline::{ScanFile, ScanJob, ScanSheet, compare_sheets, scan_sheets, unreadable_sheet};
use vocabulary::Side;

use crate::make::{Threads, load_profiles};
use crate::{Refusal, files};

/// Read scans: side, unit, landmarks, measurements, and whether they can be used.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright scan left.stl right.stl --length-mm 262 --out out/scan\n\n\
Prints the sheet of every foot; with --out writes foot.json and pictures (top, side, height map,\n\
cross-sections, landmarks, quality) into DIR, or into a folder for each foot if there are several.\n\
Exit code 0 all usable, 1 any refused, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Scan files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which foot it is; told from the shape when not given.
    #[arg(long, value_name = "left|right", value_parser = side)]
    side: Option<Side>,
    /// Unit of the file's numbers; told from the size when not given.
    #[arg(long, value_name = "mm|cm|m|in", value_parser = ["mm", "cm", "m", "in"])]
    unit: Option<String>,
    /// Foot length measured by hand, mm: settles the unit and shows errors of scale.
    #[arg(long, value_name = "L", value_parser = length)]
    length_mm: Option<f64>,
    /// Load on the foot while it was scanned; told from the shape when not given.
    #[arg(long, value_name = "full|semi|none", value_parser = load)]
    weight_bearing: Option<WeightBearing>,
    /// What was scanned; told from the shape when not given.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<ScanKind>,
    /// Folder for foot.json and the pictures; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Scan profile with the limits of the quality gate.
    #[arg(long, value_name = "NAME", default_value = "default")]
    limits: String,
    /// Folder with the lab's own profiles (scans/NAME.toml, …), before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object a line, one for each foot, instead of sheets.
    #[arg(long)]
    pub(crate) json: bool,
}

fn side(word: &str) -> Result<Side, String> {
    Side::BOTH
        .into_iter()
        .find(|side| side.name() == word)
        .ok_or_else(|| "use left or right".to_owned())
}

fn length(word: &str) -> Result<f64, String> {
    let length: f64 =
        word.parse().map_err(|error| format!("a number of mm is wanted ({error})"))?;
    if (80.0..=400.0).contains(&length) {
        return Ok(length);
    }
    Err(format!("{length} mm is no foot length; feet have 80 to 400 mm"))
}

fn load(word: &str) -> Result<WeightBearing, String> {
    match word {
        "full" => Ok(WeightBearing::Full),
        "semi" => Ok(WeightBearing::Semi),
        "none" => Ok(WeightBearing::Unloaded),
        other => WeightBearing::from_word(other)
            .ok_or_else(|| format!("use full, semi, none, or {}", WeightBearing::WORDS.join(", "))),
    }
}

fn kind(word: &str) -> Result<ScanKind, String> {
    ScanKind::from_word(word).ok_or_else(|| format!("use one of {}", ScanKind::WORDS.join(", ")))
}

/// Runs the verb. Whether any file was refused is told by the result, its sheet by what is printed.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Refusal> {
    arguments.common.start()?;
    if let Some(out) = &arguments.out {
        files::check_out(out)?;
    }
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let limits = profiles.read(ProfileKind::Scan, &arguments.limits)?;
    let started = Instant::now();
    let seconds = || started.elapsed().as_secs_f64();
    let mut sheets: Vec<ScanSheet> = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        match files::read(path, "scan", files::LARGEST_SCAN) {
            Ok(bytes) => {
                let job = ScanJob {
                    file: ScanFile { name, bytes },
                    side: arguments.side,
                    unit: arguments.unit.clone(),
                    length_mm: arguments.length_mm,
                    weight_bearing: arguments.weight_bearing,
                    kind: arguments.kind,
                };
                sheets.extend(scan_sheets(&job, &limits, &seconds));
            }
            Err(Refusal(reason)) => sheets.push(unreadable_sheet(&name, &reason)),
        }
    }
    compare_sheets(&mut sheets);
    if let Some(out) = &arguments.out {
        write(out, &sheets)?;
    }
    for sheet in &sheets {
        if arguments.json {
            say!("{}", sheet.json());
        } else {
            sheet.lines().iter().for_each(|line| say!("{line}"));
            say!("");
        }
    }
    Ok(sheets.iter().all(|sheet| sheet.verdict() != pipeline::Verdict::Refused))
}

/// Writes the files of all sheets: of one foot into the folder itself, of several into one each.
fn write(out: &std::path::Path, sheets: &[ScanSheet]) -> Result<(), Refusal> {
    let mut all = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for sheet in sheets {
        let folder = if sheets.len() == 1 { String::new() } else { folder(sheet, &mut taken) };
        for file in sheet.files() {
            all.push((format!("{folder}{}", file.path), file.bytes));
        }
    }
    let borrowed: Vec<(String, &[u8])> =
        all.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    files::write_all(out, &borrowed)
}

/// A folder's name for a sheet that no other sheet has: the file's name, and the side.
fn folder(sheet: &ScanSheet, taken: &mut Vec<String>) -> String {
    let stem = std::path::Path::new(sheet.file())
        .file_stem()
        .map_or_else(|| "scan".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let side = sheet.side().map_or_else(String::new, |side| format!("-{side}"));
    let name = format!("{stem}{side}");
    let mut unique = name.clone();
    let mut count = 2;
    while taken.contains(&unique) {
        unique = format!("{name}-{count}");
        count += 1;
    }
    taken.push(unique.clone());
    format!("{unique}/")
}
