//! `solewright pack`: a build box full of shells for a powder-bed machine.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use order::{ProfileKind, ProfileStore};
use pipeline::{Packed, PowderMachine, PrintPart};
use serde_json::json;
use vocabulary::{Findings, Severity};

use crate::make::{Earlier, Threads, load_job, load_profiles};
use crate::print::{pair, read_model};
use crate::progress::{Progress, Steps};
use crate::{Refusal, files};

/// Nest shells of many cases into the build volume of a powder-bed machine.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright pack a/case.toml b/case.toml c-left.stl c-right.stl \\\n    --printer mjf-4200 --out build.3mf\n\n\
Writes one 3MF with every part in its place, named and colored by side. Models whose paths differ in\n\
`left` and `right` only are pairs. The least distance between parts is measured between their meshes.\n\
Exit code 0 done, 1 refused with a reason, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// Case files (TOML), and models (STL, 3MF, OBJ, PLY in mm).
    #[arg(required = true, value_name = "CASE|MODEL")]
    inputs: Vec<PathBuf>,
    /// Powder-bed machine profile.
    #[arg(long, value_name = "NAME", default_value = "mjf-4200")]
    printer: String,
    /// A key of the machine's profile with another value, such as `spacing_mm=4`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    overrules: Vec<(String, String)>,
    /// How many of everything.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    copies: u16,
    /// The 3MF file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
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
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    if profiles.names(ProfileKind::Printer).contains(&arguments.printer.as_str()) {
        return Err(Refusal(format!(
            "{} is a filament printer; use `solewright print`, or one of {}",
            arguments.printer,
            profiles.names(ProfileKind::Powder).join(", ")
        )));
    }
    let machine = PowderMachine::read(&profiles, &arguments.printer, &arguments.overrules)?;
    let mut findings = Findings::new();
    let parts = read_parts(arguments, &profiles, &mut findings)?;
    let started = Instant::now();
    let steps = Mutex::new(Steps::new(2 * parts.len(), arguments.json));
    let packed = pipeline::pack_parts(&parts, &machine, &|_, _, step| {
        if let Ok(steps) = steps.lock() {
            steps.step(step);
        }
    });
    if let Ok(steps) = steps.lock() {
        steps.finish();
    }
    let packed = packed?;
    let seconds = started.elapsed().as_secs_f64();
    files::write_one(&arguments.out, &packed.bytes)?;
    if arguments.json {
        print_json(arguments, &machine, &packed, seconds);
    } else {
        print_sentences(arguments, &machine, &packed, seconds);
        for finding in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
            say!("warning: {} ({})", finding.message, finding.step);
        }
    }
    Ok(())
}

fn read_parts(
    arguments: &Arguments,
    profiles: &ProfileStore,
    findings: &mut Findings,
) -> Result<Vec<PrintPart>, Refusal> {
    let mut parts = Vec::new();
    for path in &arguments.inputs {
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
            let mut job = load_job(path, profiles)?;
            Earlier::default().apply(path, &mut job)?;
            let progress = Progress::new(job.scans.len() * 8, arguments.json);
            let designed = pipeline::case_parts(&job, None, &progress, findings);
            progress.finish();
            parts.extend(designed?);
        } else {
            let part = read_model(path, findings)?;
            parts.push(PrintPart { name: name_of(path), ..part });
        }
    }
    let single = parts.clone();
    for copy in 2..=arguments.copies {
        parts.extend(
            single
                .iter()
                .map(|part| PrintPart { name: format!("{} #{copy}", part.name), ..part.clone() }),
        );
    }
    distinct(&mut parts);
    Ok(parts)
}

/// A model's name: its file, with the folders above it where the file is called as `make` calls them.
fn name_of(path: &Path) -> String {
    let word =
        |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let stem = word(path.file_stem()).unwrap_or_else(|| "model".to_owned());
    let folder = path.parent();
    let side =
        word(folder.and_then(Path::file_name)).filter(|side| side == "left" || side == "right");
    match side {
        Some(side) => {
            let case = word(folder.and_then(Path::parent).and_then(Path::file_name));
            format!("{} {side}", case.unwrap_or(stem))
        }
        None => stem,
    }
}

/// Two cases of the same code must not become one pair of four.
fn distinct(parts: &mut [PrintPart]) {
    for index in 1..parts.len() {
        let name = parts[index].name.clone();
        let count = parts[..index].iter().filter(|part| {
            part.name == name
                || part.name.strip_prefix(&name).is_some_and(|rest| rest.starts_with(" ("))
        });
        let count = count.count();
        if count > 0 {
            parts[index].name = format!("{name} ({})", count + 1);
        }
    }
}

fn print_sentences(arguments: &Arguments, machine: &PowderMachine, packed: &Packed, seconds: f64) {
    let packing = &packed.packing;
    say!(
        "{}: {} parts ({} pairs) in {} of {}",
        arguments.out.display(),
        packed.names.len(),
        packed.pairs,
        machine.material,
        machine.name
    );
    say!(
        "  height {:.1} of {} mm; density {:.1} % of the used height; {:.1} cm³, {:.0} g; packed in {seconds:.1} s",
        packing.height_mm,
        machine.volume.size_mm[2],
        100.0 * packing.density,
        packed.volume_mm3 / 1000.0,
        packed.mass_g
    );
    match packing.least_distance_mm {
        Some(least) => say!(
            "  least distance between parts {least:.2} mm ({} mm asked), pairs at most {:.0} mm apart",
            machine.volume.spacing_mm,
            packing.widest_pair_mm
        ),
        None => say!("  no two parts are nearer than {} mm", 1.5 * machine.volume.spacing_mm),
    }
}

fn print_json(arguments: &Arguments, machine: &PowderMachine, packed: &Packed, seconds: f64) {
    let placed: Vec<_> = packed
        .packing
        .placed
        .iter()
        .map(|placed| {
            json!({
                "name": packed.names[placed.part],
                "upside_down": placed.upside_down,
                "quarters": placed.quarters,
                "offset_mm": placed.offset_mm,
            })
        })
        .collect();
    say!(
        "{}",
        json!({
            "ok": true,
            "out": arguments.out,
            "machine": machine,
            "parts": packed.names.len(),
            "pairs": packed.pairs,
            "height_mm": packed.packing.height_mm,
            "density": packed.packing.density,
            "least_distance_mm": packed.packing.least_distance_mm,
            "widest_pair_mm": packed.packing.widest_pair_mm,
            "volume_mm3": packed.volume_mm3,
            "mass_g": packed.mass_g,
            "seconds": seconds,
            "placed": placed,
        })
    );
}
