//! `solewright check`: what is wrong with a file that someone made.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;
use vocabulary::Findings;

use crate::check_mill::{self, MillArguments};
use crate::check_print::{self, PrintCheck};
use crate::make::{Threads, load_profiles};
use crate::{Refusal, files};

/// Bytes that tell what a file is.
const HEAD: u64 = 64 << 10;

/// Check a program for a mill or a printer, or the mesh of a part, that anybody made.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  solewright check insole.nc --machine grbl-router --blank 120x300x40 --against insole.stl\n  \
solewright check print.gcode --printer marlin-generic --json\n  solewright check insole.stl\n\n\
What a file is, is told from its content. Exit code 0 no faults, 1 faults or not readable, 2 wrong usage."
)]
pub(crate) struct Arguments {
    /// The file.
    file: PathBuf,
    /// Printer profile to judge a print program by; told from the program when not given.
    #[arg(long, value_name = "NAME")]
    printer: Option<String>,
    /// Material profile of a print, for weight, cost and flow.
    #[arg(long, value_name = "NAME")]
    material: Option<String>,
    #[command(flatten)]
    mill: MillArguments,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    #[command(flatten)]
    common: Threads,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the verb; whether no fault was found.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Refusal> {
    arguments.common.start()?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let path = arguments.file.as_path();
    let head = head(path)?;
    if looks_like_mesh(&head, std::fs::metadata(path).map_or(0, |facts| facts.len())) {
        return check_mesh(path, arguments.json);
    }
    let text = String::from_utf8_lossy(&head);
    if check_mill::looks_like_mill(&text) || !check_print::looks_like_print(&text) {
        let check = arguments.mill.prepared(&profiles, &text)?;
        let found = check_mill::check_mill(path, &arguments.mill, &check)?;
        if arguments.json {
            say!("{}", check_mill::json(path, &check, &found));
        } else {
            check_mill::say_found(path, &check, &found);
        }
        return Ok(found.accepted);
    }
    let how = PrintCheck {
        profiles: &profiles,
        printer: arguments.printer.as_deref(),
        material: arguments.material.as_deref(),
        overrules: &[],
    };
    let checked = check_print::check_print(path, &how)?;
    if arguments.json {
        say!("{}", check_print::json(path, &checked));
    } else {
        check_print::say_checked(path, &checked);
    }
    Ok(checked.report.faults.is_empty())
}

/// Whether the beginning of a file is that of an STL, PLY, OBJ or 3MF file.
fn looks_like_mesh(head: &[u8], length: u64) -> bool {
    let count =
        head.get(80..84).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let is_binary_stl = count.is_some_and(|count| 84 + 50 * u64::from(count) == length);
    let text = String::from_utf8_lossy(&head[..head.len().min(4096)]);
    let is_object = text.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() >= 4
            && words[0] == "v"
            && words[1..4].iter().all(|word| word.parse::<f64>().is_ok())
    });
    is_binary_stl
        || head.starts_with(b"PK")
        || head.starts_with(b"ply")
        || head.starts_with(b"solid")
        || is_object
}

fn check_mesh(path: &Path, as_json: bool) -> Result<bool, Refusal> {
    let bytes = files::read(path, "mesh", files::LARGEST_SCAN)?;
    let mut findings = Findings::new();
    let mesh = pipeline::read_model(&path.display().to_string(), &bytes, &mut findings)?;
    let found = pipeline::check_mesh(&mesh);
    let sound = found.is_sound();
    let verdict = if sound { "sound" } else { "faulty" };
    if as_json {
        say!(
            "{}",
            json!({ "file": path, "kind": "mesh", "verdict": verdict, "mesh": found, "findings": findings })
        );
        return Ok(sound);
    }
    let [x, y, z] = found.size_mm;
    say!("{}: mesh, {verdict}", path.display());
    say!(
        "  {} triangles, {x:.2} x {y:.2} x {z:.2} mm, {:.1} cm2",
        found.triangles,
        found.area_mm2 / 100.0
    );
    match &found.defect {
        Some(defect) => say!("  error: it bounds no solid: {defect}"),
        None if found.inside_out => say!("  error: its triangles face inward"),
        None => say!("  closed, {:.2} cm3", found.volume_mm3 / 1000.0),
    }
    for finding in findings.iter() {
        say!("  {}", finding.message);
    }
    Ok(sound)
}

fn head(path: &Path) -> Result<Vec<u8>, Refusal> {
    files::check_readable(path)?;
    let wrong = |error: std::io::Error| Refusal(format!("cannot read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(wrong)?.take(HEAD).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}
