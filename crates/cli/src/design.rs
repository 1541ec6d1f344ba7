//! `solewright design`: the shells of a case, without machine programs.

use std::path::PathBuf;

use pipeline::Format;
use serde_json::json;
use vocabulary::Severity;

use crate::make::{Earlier, Threads, load_job, load_profiles};
use crate::progress::Progress;
use crate::{Refusal, files};

/// Steps of a design that the progress bar counts, each side.
const STEPS: usize = 12;

/// Design the shells of a case without machine programs, and explain every correction.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  solewright design scans/phantom/case.toml --explain\n\n\
With --out it writes for each ordered side DIR/<side>/shell.stl, shell.3mf, shell.step (or the forms that --format names)\n\
and design.json.\n\
Exit code 0 done, 1 refused with a reason, 2 wrong usage.")]
pub(crate) struct Arguments {
    /// The case file (TOML); scan paths in it are relative to its folder.
    case: PathBuf,
    /// Say of every correction what was asked, what was done, and what limited it.
    #[arg(long)]
    explain: bool,
    /// Folder for the shells; made if it is not there. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Forms of the shell's files, separated by commas: stl, 3mf, step, step-ap203, obj, ply, glb, or all.
    #[arg(long, value_name = "FORMS", default_value = "stl,3mf,step")]
    format: String,
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

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    if let Some(out) = &arguments.out {
        files::check_out(out)?;
    }
    let formats = formats(&arguments.format)?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let mut job = load_job(&arguments.case, &profiles)?;
    arguments.earlier.apply(&arguments.case, &mut job)?;
    let progress = Progress::new(job.scans.len() * STEPS, arguments.json);
    let designed = pipeline::design(&job, &formats, &progress);
    progress.finish();
    let designed = designed?;
    if let Some(out) = &arguments.out {
        let written: Vec<(String, &[u8])> =
            designed.files.iter().map(|file| (file.path.clone(), file.bytes.as_slice())).collect();
        files::write_all(out, &written)?;
    }
    if arguments.json {
        let sides: Vec<_> = designed.records.values().collect();
        say!("{}", json!({ "ok": true, "out": arguments.out, "sides": sides }));
        return Ok(());
    }
    for (side, sentences) in &designed.explanations {
        say!("{side}: {} corrections", sentences.len());
        for sentence in sentences {
            let shown = if arguments.explain {
                sentence.as_str()
            } else {
                sentence.split(" (").next().unwrap_or(sentence)
            };
            say!("  {shown}");
        }
        for sentence in designed.strengths.get(side).into_iter().flatten() {
            say!("  strength: {sentence}");
        }
        if let Some(sentence) = designed.marks.get(side) {
            say!("  mark: {sentence}");
        }
    }
    for (side, finding) in
        designed.findings.iter().filter(|(_, finding)| finding.severity == Severity::Warning)
    {
        say!("warning: {side}: {} ({})", finding.message, finding.step);
    }
    if let Some(out) = &arguments.out {
        say!("{} files in {}", designed.files.len(), out.display());
    }
    Ok(())
}

/// The forms that a list of words names.
fn formats(list: &str) -> Result<Vec<Format>, Refusal> {
    if list.trim() == "all" {
        return Ok(Format::ALL.to_vec());
    }
    let mut formats = Vec::new();
    for word in list.split(',').map(str::trim) {
        let format = Format::from_word(word).ok_or_else(|| {
            let known: Vec<&str> = Format::ALL.into_iter().map(Format::word).collect();
            Refusal(format!("--format {word}: no such form; use {} or all", known.join(", ")))
        })?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    Ok(formats)
}
