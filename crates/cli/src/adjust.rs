//! `solewright adjust`: from a complaint to the next case file.

use std::path::PathBuf;

use adjust::Complaint;
use serde_json::json;
use vocabulary::Side;

use crate::make::{Earlier, Threads, load_job, load_profiles};
use crate::progress::Progress;
use crate::{Refusal, files};

/// Turn a complaint into a bounded change and write the next case file.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright adjust case.toml --foot left --complaint arch-presses --severity 6\n  \
solewright make case-2.toml --out out/case-2\n\n\
The new case freezes what was decided for this foot and records the change as [[revision]]."
)]
pub(crate) struct Arguments {
    /// The case file that the device was made from.
    case: PathBuf,
    /// Which foot.
    #[arg(long, value_parser = ["left", "right"])]
    foot: String,
    /// What the person says: a key of the complaint profile, as arch-presses.
    #[arg(long)]
    complaint: String,
    /// How bad, 1 to 10.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10))]
    severity: u32,
    /// The new case file; beside the old one with the next number when not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Complaint profile with the lab's rules.
    #[arg(long, default_value = "default")]
    rules: String,
    #[command(flatten)]
    earlier: Earlier,
    /// Folder with the lab's own profiles.
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
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let rules = profiles.read_complaints(&arguments.rules)?;
    let foot = if arguments.foot == "left" { Side::Left } else { Side::Right };
    let complaint =
        Complaint { foot, complaint: arguments.complaint.clone(), severity: arguments.severity };
    let mut job = load_job(&arguments.case, &profiles)?;
    arguments.earlier.apply(&arguments.case, &mut job)?;
    let progress = Progress::new(4, arguments.json);
    let design = pipeline::decide(&job, foot, &progress);
    progress.finish();
    let design = design?;
    let proposal = adjust::propose(&rules, &complaint, &design)?;
    let text = adjust::apply(&job.case_text, &proposal, &design)?;
    order::read_case(&text, "the adjusted case")?;
    let out =
        arguments.out.clone().unwrap_or_else(|| next_name(arguments, job.case.revisions.len()));
    check_folder(&arguments.case, &out)?;
    write_new_case(&out, &text)?;
    if arguments.json {
        say!("{}", json!({ "ok": true, "case": out, "proposal": proposal }));
    } else {
        say!(
            "{foot} foot: {} {} -> {} {}",
            proposal.key,
            proposal.from,
            proposal.to,
            proposal.unit
        );
        say!("why: {}", proposal.reason);
        say!("check first: {}", proposal.first_checks);
        say!("mind: {}", proposal.caution);
        if let Some(limited) = &proposal.limited {
            say!("limited: {limited}");
        }
        say!("written: {}", out.display());
    }
    Ok(())
}

/// `case.toml` → `case-2.toml`, `case-2.toml` → `case-3.toml`, by the number of revisions so far.
fn next_name(arguments: &Arguments, revisions: usize) -> PathBuf {
    let stem = arguments
        .case
        .file_stem()
        .map_or_else(|| "case".into(), |stem| stem.to_string_lossy().into_owned());
    let current = format!("-{}", revisions + 1);
    let base = if revisions > 0 { stem.strip_suffix(&current).unwrap_or(&stem) } else { &stem };
    let named = |number: usize| arguments.case.with_file_name(format!("{base}-{number}.toml"));
    // Another complaint about the same device may have taken the number.
    (revisions + 2..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(revisions + 2))
}

/// Scan paths are relative to the case file, so the new one must stand beside the old one.
fn check_folder(case: &std::path::Path, out: &std::path::Path) -> Result<(), Refusal> {
    let folder = |path: &std::path::Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or_else(|| std::path::Path::new(".")).canonicalize().ok()
    };
    if folder(out).is_some() && folder(out) == folder(case) {
        return Ok(());
    }
    let reason =
        "the new case must stand beside the old one, because its scan paths are relative to it";
    Err(Refusal(format!("--out {}: {reason}; name a file in the same folder", out.display())))
}

/// Refuses to write over an existing file: a case file is a record.
fn write_new_case(out: &std::path::Path, text: &str) -> Result<(), Refusal> {
    if out.exists() {
        return Err(Refusal(format!(
            "{} is there already; name another file with --out",
            out.display()
        )));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = out
        .file_name()
        .map_or_else(|| "case.toml".to_owned(), |name| name.to_string_lossy().into_owned());
    files::write_all(
        folder.unwrap_or_else(|| std::path::Path::new(".")),
        &[(name, text.as_bytes())],
    )
}
