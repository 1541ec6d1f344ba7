//! `solewright make`: a whole case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use order::{ProfileKind, ProfileStore};
use pipeline::{GaitFile, Job, Outcome, PressureFiles, ScanFile, TrialFiles};
use serde_json::json;
use vocabulary::{Severity, Side};

use crate::progress::Progress;
use crate::{Refusal, files, gait};

/// Make a whole case: shells, machine programs, report and record.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  solewright make scans/phantom/case.toml --out out/phantom\n\n\
Writes for each ordered side DIR/<side>/shell.stl, shell.3mf, shell.step, mill.nc, mill-setup.html, print.gcode,\n\
and DIR/report.html and DIR/run.json. Exit code 0 done, 1 refused with a reason, 2 wrong usage.")]
pub(crate) struct Arguments {
    /// The case file (TOML); scan paths in it are relative to its folder.
    case: PathBuf,
    /// Folder for the results; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    earlier: Earlier,
    /// Folder with the lab's own profiles (machines/NAME.toml, printers/NAME.toml, …), before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Leave times out of run.json and report.html, so that two runs give the same bytes in every file.
    #[arg(long)]
    reproducible: bool,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

/// An optimization that was done before.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Earlier {
    /// The optimum.json of `optimize`: its doses hold where the case orders nothing. When not given, an optimum.json beside
    /// the case file counts if it was made for this very case.
    #[arg(long, value_name = "FILE")]
    optimum: Option<PathBuf>,
}

impl Earlier {
    /// Gives a job the named optimum, or the one that lies beside its case file.
    pub(crate) fn apply(&self, case: &Path, job: &mut Job<'_>) -> Result<(), Refusal> {
        if let Some(path) = &self.optimum {
            job.optimum = Some(read_optimum(path, job)?);
            return Ok(());
        }
        let beside = case.with_file_name("optimum.json");
        if !beside.is_file() {
            return Ok(());
        }
        match read_optimum(&beside, job) {
            Ok(optimum) if !optimum.case_changed => job.optimum = Some(optimum),
            Ok(_) => {
                job.unused_optimum = Some(format!(
                    "{} was made for another version of this case and is not used; run `optimize` again, or name it with --optimum.",
                    beside.display()
                ));
            }
            Err(Refusal(reason)) => {
                job.unused_optimum = Some(format!("{reason}; the file is not used."));
            }
        }
        Ok(())
    }
}

/// How many threads to use.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Threads {
    /// Number of threads; all cores when not given. The result does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl Threads {
    /// Starts the thread pool.
    pub(crate) fn start(self) -> Result<(), Refusal> {
        let threads = self.threads.map_or(0, usize::from);
        Ok(rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?)
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    arguments.common.start()?;
    files::check_out(&arguments.out)?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let mut job = load_job(&arguments.case, &profiles)?;
    job.reproducible = arguments.reproducible;
    arguments.earlier.apply(&arguments.case, &mut job)?;
    let progress = Progress::new(job.scans.len() * pipeline::STEPS.len(), arguments.json);
    let outcome = pipeline::make(&job, &progress);
    progress.finish();
    let outcome = outcome?;
    let written: Vec<(String, &[u8])> =
        outcome.files.iter().map(|file| (file.path.clone(), file.bytes.as_slice())).collect();
    files::write_all(&arguments.out, &written)?;
    if arguments.json {
        print_json(arguments, &outcome);
    } else {
        print_sentences(arguments, &outcome);
    }
    Ok(())
}

/// The profiles that ship with the program, overruled by those of a folder.
pub(crate) fn load_profiles(folder: Option<&Path>) -> Result<ProfileStore, Refusal> {
    let mut store = ProfileStore::shipped();
    let Some(folder) = folder else { return Ok(store) };
    if !folder.is_dir() {
        return Err(Refusal(format!("--profiles {}: no such folder", folder.display())));
    }
    for kind in ProfileKind::ALL {
        let Ok(entries) = std::fs::read_dir(folder.join(kind.folder())) else { continue };
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        {
            if let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) {
                store.insert(kind, name, files::read_text(path)?);
            }
        }
    }
    Ok(store)
}

/// Reads what an earlier optimization decided for a case.
pub(crate) fn read_optimum(
    path: &Path,
    job: &Job<'_>,
) -> Result<pipeline::AppliedOptimum, Refusal> {
    let text = files::read_text(path)?;
    Ok(pipeline::AppliedOptimum::read(&text, &path.display().to_string(), job)?)
}

/// Reads the case file and the scans that it names.
pub(crate) fn load_job<'a>(case: &Path, profiles: &'a ProfileStore) -> Result<Job<'a>, Refusal> {
    let case_text = files::read_text(case)?;
    let case_name = case
        .file_name()
        .map_or_else(|| "case".to_owned(), |name| name.to_string_lossy().into_owned());
    let folder = case.parent().unwrap_or_else(|| Path::new(""));
    let order = order::read_case_with(&case_text, &case_name, profiles)?;
    let mut scans = BTreeMap::new();
    for (&side, scan) in &order.scans {
        let place = format!("{case_name} [scan] {side}");
        let bytes = files::read(&folder.join(&scan.path), &place, files::LARGEST_SCAN)?;
        scans.insert(side, ScanFile { name: scan.path.clone(), bytes });
    }
    let trial = order.trial.as_ref().map(|trial| {
        let read = |paths: &[String]| -> Result<Vec<GaitFile>, Refusal> {
            let place = format!("{case_name} [gait]");
            paths.iter().map(|path| gait::read_one(&folder.join(path), &place)).collect()
        };
        Ok::<_, Refusal>(TrialFiles {
            files: read(&trial.files)?,
            standing: read(&trial.standing)?,
            markers: trial.markers.clone(),
        })
    });
    let trial = trial.transpose()?;
    let pressure = order.pressure.as_ref().map(|named| {
        let place = format!("{case_name} [gait]");
        let read = |(side, path): &(Option<Side>, String)| {
            gait::read_one(&folder.join(path), &place).map(|file| (*side, file))
        };
        Ok::<_, Refusal>(PressureFiles {
            files: named.files.iter().map(read).collect::<Result<_, _>>()?,
            cell_mm: named.cell_mm,
            rate_hz: named.rate_hz,
            profile: named.profile.clone(),
        })
    });
    let pressure = pressure.transpose()?;
    Ok(Job {
        case: order,
        case_text,
        case_name,
        scans,
        trial,
        optimum: None,
        unused_optimum: None,
        pressure,
        refined: false,
        robust: pipeline::Robust::default(),
        evaluations: None,
        profiles,
        reproducible: false,
    })
}

fn print_sentences(arguments: &Arguments, outcome: &Outcome) {
    for line in &outcome.summary {
        say!("{line}");
    }
    for (side, finding) in
        outcome.findings.iter().filter(|(_, finding)| finding.severity == Severity::Warning)
    {
        say!(
            "warning: {}: {} ({})",
            side.map_or("case", |side| side.name()),
            finding.message,
            finding.step
        );
    }
    say!(
        "{} files in {}; open {}",
        outcome.files.len(),
        arguments.out.display(),
        arguments.out.join("report.html").display()
    );
}

fn print_json(arguments: &Arguments, outcome: &Outcome) {
    let files: Vec<_> = outcome
        .files
        .iter()
        .map(|file| json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": file.sha256 }))
        .collect();
    let findings: Vec<_> = outcome
        .findings
        .iter()
        .map(|(side, finding)| json!({ "side": side, "finding": finding }))
        .collect();
    say!(
        "{}",
        json!({ "ok": true, "out": arguments.out, "summary": outcome.summary, "files": files, "findings": findings })
    );
}
