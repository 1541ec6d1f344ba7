//! `solewright optimize`: what to order for a knee, how much it is predicted to help, how surely, and at what cost.

use std::path::PathBuf;

use vocabulary::Severity;

use crate::make::{Threads, load_job, load_profiles};
use crate::progress::Progress;
use crate::{Refusal, files};

/// Choose posts, arch, thickness, cup, skive and cover for the knee, and say how surely and at what cost.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright optimize scans/phantom/case.toml --out out/optimum\n  \
solewright make scans/phantom/case.toml --optimum out/optimum/optimum.json --out out/phantom\n\n\
What is ordered stays. With --out it writes DIR/optimum.json, which `make --optimum` applies, and pictures for each\n\
foot (knee moment, dose and response, trade-offs, pressure, center of pressure).\n\
Exit code 0 done (also where the neutral device is recommended), 1 refused with a reason, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// The case file (TOML); scan paths in it are relative to its folder.
    case: PathBuf,
    /// Folder for optimum.json and the pictures; made if it is not there. Without it nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of a sheet.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    if let Some(out) = &arguments.out {
        files::check_out(out)?;
    }
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let job = load_job(&arguments.case, &profiles)?;
    let progress = Progress::new(job.scans.len() * pipeline::OPTIMIZE_STEPS, arguments.json);
    let optimized = pipeline::optimize(&job, &progress);
    progress.finish();
    let optimized = optimized?;
    if let Some(out) = &arguments.out {
        let written: Vec<(String, &[u8])> =
            optimized.files.iter().map(|file| (file.path.clone(), file.bytes.as_slice())).collect();
        files::write_all(out, &written)?;
    }
    if arguments.json {
        say!("{}", optimized.json);
        return Ok(());
    }
    for line in &optimized.sheet {
        say!("{line}");
    }
    for (side, finding) in
        optimized.findings.iter().filter(|(_, finding)| finding.severity == Severity::Warning)
    {
        say!("warning: {side}: {} ({})", finding.message, finding.step);
    }
    if let Some(out) = &arguments.out {
        say!("{} files in {}", optimized.files.len(), out.display());
    }
    Ok(())
}
