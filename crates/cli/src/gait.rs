//! `solewright gait`: what the knee and the foot feel in a measured walk.

use std::path::{Path, PathBuf};

use pipeline::{
    ACTIVITIES, GaitFile, GaitOutcome, GaitRequest, JOINT_TRACKINGS, MOMENT_FRAMES, PressureFacts,
};
use vocabulary::Severity;

use crate::make::load_profiles;
use crate::{Refusal, files};

/// Analyze a gait trial: knee moments, forces, symmetry, or a pressure recording, or a sheet of numbers.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  solewright gait walk.c3d --static standing.c3d --out out/walk\n  \
solewright gait walk.trc walk_grf.mot --mass-kg 72.6 --json\n  \
solewright gait insole_left.asf insole_right.asf --mass-kg 80 --neuropathic\n\n\
Reads C3D, TRC, MOT/STO and Cortex .forces (several files of one trial are joined), pressure recordings (Tekscan .asf, novel\n\
.lst and .asc, grids of numbers) and sheets of numbers. Prints a sheet, and with --out writes\n\
gait.json and pictures. Exit code 0 done, 1 refused with a reason, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Files of one trial.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The same person standing still with all markers on; may be given several times for files that belong together.
    #[arg(long = "static", value_name = "FILE")]
    standing: Vec<PathBuf>,
    /// Marker set (profiles/markers); the best fitting one if not given.
    #[arg(long, value_name = "PROFILE")]
    markers: Option<String>,
    /// Body mass, kg, overrules the file's.
    #[arg(long, value_name = "M", value_parser = within::<15, 300>)]
    mass_kg: Option<f64>,
    /// Body height, m, overrules the file's.
    #[arg(long, value_name = "H", value_parser = within::<0, 3>)]
    height_m: Option<f64>,
    /// Axes in which joint moments are stated.
    #[arg(long, value_name = "AXES", value_parser = frame, default_value = MOMENT_FRAMES[0])]
    frame: String,
    /// How joints marked in the static trial are carried: by linked bones, or by each segment's own markers.
    #[arg(long, value_name = "WAY", value_parser = joints, default_value = JOINT_TRACKINGS[0])]
    joints: String,
    /// What the person does on a sheet of numbers; a trial shows it by itself.
    #[arg(long, value_name = "WORD", value_parser = ACTIVITIES)]
    activity: Option<String>,
    /// Distance of the cells of a pressure recording, mm, where its file does not say it.
    #[arg(long, value_name = "MM", value_parser = within::<0, 40>)]
    cell_mm: Option<f64>,
    /// Frames per second of a pressure recording, where its file does not say it.
    #[arg(long, value_name = "HZ", value_parser = within::<0, 10_000>)]
    rate_hz: Option<f64>,
    /// The feet have lost protective sensation (diabetic neuropathy): peaks over the limit for such feet are warnings.
    #[arg(long)]
    neuropathic: bool,
    /// Folder for gait.json and the pictures; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder with the lab's own profiles (markers/NAME.toml, …), before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Print one JSON object instead of a sheet.
    #[arg(long)]
    pub(crate) json: bool,
}

fn within<const LOW: u16, const HIGH: u16>(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("\"{text}\": {error}"))?;
    let (low, high) = (f64::from(LOW), f64::from(HIGH));
    if number > low && number <= high {
        Ok(number)
    } else {
        Err(format!("{number} is not above {low} and up to {high}"))
    }
}

fn frame(word: &str) -> Result<String, String> {
    let word = if word == "lab" { "laboratory" } else { word };
    if MOMENT_FRAMES.contains(&word) {
        Ok(word.to_owned())
    } else {
        Err(format!("use one of {}", MOMENT_FRAMES.join(", ")))
    }
}

fn joints(word: &str) -> Result<String, String> {
    if JOINT_TRACKINGS.contains(&word) {
        Ok(word.to_owned())
    } else {
        Err(format!("use one of {}", JOINT_TRACKINGS.join(", ")))
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    if let Some(out) = &arguments.out {
        files::check_out(out)?;
    }
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let request = GaitRequest {
        files: read(&arguments.files)?,
        standing: read(&arguments.standing)?,
        markers: arguments.markers.clone(),
        mass_kg: arguments.mass_kg,
        height_m: arguments.height_m,
        frame: Some(arguments.frame.clone()),
        joints: Some(arguments.joints.clone()),
        activity: arguments.activity.clone(),
        pressure: PressureFacts {
            cell_mm: arguments.cell_mm,
            rate_hz: arguments.rate_hz,
            neuropathic: arguments.neuropathic,
        },
        profiles: &profiles,
    };
    let outcome = pipeline::analyze_gait(&request)?;
    if let Some(out) = &arguments.out {
        let written: Vec<(String, &[u8])> =
            outcome.files.iter().map(|file| (file.path.clone(), file.bytes.as_slice())).collect();
        files::write_all(out, &written)?;
    }
    if arguments.json {
        say!("{}", outcome.json);
    } else {
        print_sheet(arguments, &outcome);
    }
    Ok(())
}

fn print_sheet(arguments: &Arguments, outcome: &GaitOutcome) {
    for line in &outcome.sheet {
        say!("{line}");
    }
    // The sheet of a pressure recording holds its own warnings, under the file that they are of.
    let is_said = |message: &str| outcome.sheet.iter().any(|line| line.ends_with(message));
    for finding in outcome.findings.iter().filter(|finding| finding.severity == Severity::Warning) {
        if !is_said(&finding.message) {
            say!("warning: {}", finding.message);
        }
    }
    if let Some(out) = &arguments.out {
        let names: Vec<&str> = outcome.files.iter().map(|file| file.path.as_str()).collect();
        say!("in {}: {}", out.display(), names.join(", "));
    }
}

/// Reads files, each called by its name without the folder.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<GaitFile>, Refusal> {
    paths.iter().map(|path| read_one(path, "gait file")).collect()
}

/// Reads one file; `place` says who names it.
pub(crate) fn read_one(path: &Path, place: &str) -> Result<GaitFile, Refusal> {
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let bytes = files::read(path, place, files::LARGEST_TRIAL)?;
    Ok(GaitFile { name, bytes })
}
