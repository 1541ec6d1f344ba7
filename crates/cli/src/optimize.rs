//! `solewright optimize`: what to order for a knee, how much it is predicted to help, how surely, and at what cost.

use std::path::PathBuf;

use pipeline::Robust;
use vocabulary::Severity;

use crate::make::{Threads, load_job, load_profiles, read_optimum};
use crate::progress::Progress;
use crate::{Refusal, files, gait};

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
    /// Trials with the device on (C3D, TRC, MOT), or sheets of numbers (TOML with `[[measured]]` tables); may be given several
    /// times. The person's own answer is updated, with advice to go on, change the dose or stop.
    #[arg(long, value_name = "FILE")]
    follow_up: Vec<PathBuf>,
    /// The optimum.json of the device that is worn: its doses stay, as what is ordered does.
    #[arg(long, value_name = "FILE")]
    optimum: Option<PathBuf>,
    /// How the search weighs what it is not sure of.
    #[arg(long, value_enum, default_value_t)]
    robust: Weighing,
    /// How many candidates each foot's search evaluates at most; 2500 when not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(50..=100_000))]
    evaluations: Option<u32>,
    /// The knee model: as the reference implementation, or with refinements (dose saturates beyond 7°, eversion against the
    /// leaning shank).
    #[arg(long, value_enum, default_value_t)]
    model: Model,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of a sheet.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the search weighs what it is not sure of.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Weighing {
    /// Mean plus one standard deviation over the posterior of the calibrated parameters.
    #[default]
    MeanAndDeviation,
    /// The probability that the knee gains less than 2 %.
    Chance,
    /// The calibrated parameters alone.
    Nominal,
}

/// Which knee model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Model {
    /// As the reference implementation.
    #[default]
    Reference,
    /// With the refinements that can be defended.
    Refined,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    if let Some(out) = &arguments.out {
        files::check_out(out)?;
    }
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let mut job = load_job(&arguments.case, &profiles)?;
    job.refined = arguments.model == Model::Refined;
    job.evaluations = arguments.evaluations.map(|count| count as usize);
    job.robust = match arguments.robust {
        Weighing::MeanAndDeviation => Robust::MeanAndDeviation,
        Weighing::Chance => Robust::Chance,
        Weighing::Nominal => Robust::Nominal,
    };
    if let Some(path) = &arguments.optimum {
        job.optimum = Some(read_optimum(path, &job)?);
    }
    let follow_up = arguments
        .follow_up
        .iter()
        .map(|path| gait::read_one(path, "--follow-up"))
        .collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::new(job.scans.len() * pipeline::OPTIMIZE_STEPS, arguments.json);
    let optimized = pipeline::optimize(&job, &follow_up, &progress);
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
