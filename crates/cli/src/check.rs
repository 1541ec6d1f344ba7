//! `solewright check`: what is wrong with a file that someone made.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::check_print::{self, PrintCheck};
use crate::make::load_profiles;
use crate::{Refusal, files};

/// Bytes that tell what a file is.
const HEAD: u64 = 64 << 10;

/// Check a program for a printer: layers, volumes, limits, heat, overhangs, time, weight.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright check print.gcode --printer marlin-generic --json\n\n\
Exit code 0 no faults, 1 faults or not readable, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// The file.
    file: PathBuf,
    /// Printer profile to judge a print program by; told from the program when not given.
    #[arg(long, value_name = "NAME")]
    printer: Option<String>,
    /// Material profile, for weight, cost and flow.
    #[arg(long, value_name = "NAME")]
    material: Option<String>,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the verb; whether no fault was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Refusal> {
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let path = arguments.file.as_path();
    if !check_print::looks_like_print(&head(path)?) {
        return Err(Refusal(format!(
            "{}: this is no program for a filament printer (no heating, no filament moves)",
            path.display()
        )));
    }
    let how = PrintCheck {
        profiles: &profiles,
        printer: arguments.printer.as_deref(),
        material: arguments.material.as_deref(),
    };
    let checked = check_print::check_print(path, &how)?;
    if arguments.json {
        say!("{}", check_print::json(path, &checked));
    } else {
        check_print::say_checked(path, &checked);
    }
    Ok(checked.report.faults.is_empty())
}

fn head(path: &Path) -> Result<String, Refusal> {
    files::check_readable(path)?;
    let wrong = |error: std::io::Error| Refusal(format!("cannot read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(wrong)?.take(HEAD).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
