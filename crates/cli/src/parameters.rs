//! `solewright parameters`: every key with its unit, range, default and source.

use std::path::{Path, PathBuf};

use order::{
    CARE, Caution, DRAWN, FOLLOW_UP, GAIT, GAIT_METRICS, Indication, KNEE, LANDMARKS, MAKE,
    MARK_ORDER, PATIENT, PRESCRIPTION, Parameter, ProfileKind, SCAN,
};
use phantom::PhantomSettings;
use phantom::file::{ScanFormat, scan_bytes};
use serde_json::json;
use vocabulary::Side;

use crate::make::load_profiles;
use crate::{Refusal, files};

/// List every key of case files and profiles with unit, range, default and source.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  solewright parameters prescription\n  solewright parameters --handbook handbook"
)]
pub(crate) struct Arguments {
    /// Only this table: patient, scan, gait, gait.metrics, knee, prescription, make, mark, follow-up, care, machines, tools, cutting,
    /// printers, materials, labs, scans, marks or pressure.
    table: Option<String>,
    /// Write the handbook of the prescription (prescription.html and pictures) into this folder.
    #[arg(long, value_name = "DIR")]
    handbook: Option<PathBuf>,
    /// Folder with the lab's own profiles, before the shipped ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// Print one JSON object instead of a page.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    if let Some(folder) = &arguments.handbook {
        return write_handbook(arguments, folder);
    }
    let profiles = ProfileKind::ALL.into_iter().map(|kind| (kind.folder(), kind.parameters()));
    let case: [(&str, &[Parameter]); 10] = [
        ("patient", PATIENT),
        ("scan", SCAN),
        ("gait", GAIT),
        ("gait.metrics", GAIT_METRICS),
        ("knee", KNEE),
        ("prescription", PRESCRIPTION),
        ("make", MAKE),
        ("mark", MARK_ORDER),
        ("follow-up", FOLLOW_UP),
        ("care", CARE),
    ];
    let all: Vec<(&str, &[Parameter])> =
        case.into_iter().chain(profiles.filter(|(_, parameters)| !parameters.is_empty())).collect();
    let chosen: Vec<_> = all
        .iter()
        .filter(|(name, _)| arguments.table.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        return Err(Refusal(format!("no table of that name; use one of {}", names.join(", "))));
    }
    if arguments.json {
        let tables: serde_json::Map<String, serde_json::Value> = chosen
            .iter()
            .map(|(name, parameters)| ((*name).to_owned(), json!(parameters)))
            .collect();
        say!("{}", json!(tables));
        return Ok(());
    }
    for (name, parameters) in chosen {
        say!("[{name}]");
        for (key, words, help) in words(name) {
            say!("  {key} ({})", words.join(" | "));
            say!("      {help}");
        }
        for parameter in *parameters {
            say!("  {} ({}; {})", parameter.key, parameter.range_words(), parameter.preset_words());
            say!("      {} [{}]", parameter.help, parameter.source);
        }
    }
    Ok(())
}

/// Writes the handbook, with a phantom foot for its pictures.
fn write_handbook(arguments: &Arguments, folder: &Path) -> Result<(), Refusal> {
    files::check_out(folder)?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let settings = PhantomSettings { side: Side::Right, ..PhantomSettings::default() };
    let foot = phantom::generate(&settings)?;
    let scan = scan_bytes(&foot.mesh, ScanFormat::StlBinary);
    let written = pipeline::handbook(scan, &profiles)?;
    let named: Vec<(String, &[u8])> =
        written.iter().map(|file| (file.path.clone(), file.bytes.as_slice())).collect();
    files::write_all(folder, &named)?;
    if arguments.json {
        say!("{}", json!({ "ok": true, "out": folder, "files": written.len() }));
    } else {
        say!(
            "{} files in {}; open {}",
            written.len(),
            folder.display(),
            folder.join("prescription.html").display()
        );
    }
    Ok(())
}

/// Keys that hold words or paths, which are not in the tables of numbers.
fn words(table: &str) -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
    match table {
        "patient" => vec![(
            "cautions",
            Caution::WORDS.to_vec(),
            "list of findings that forbid some corrections",
        )],
        "gait" => vec![
            (
                "trial",
                vec!["path", "list of paths"],
                "files of a measured walk, relative to the case file",
            ),
            (
                "static",
                vec!["path", "list of paths"],
                "the person standing still with all markers on",
            ),
            (
                "markers",
                vec!["name"],
                "marker set (profiles/markers); the best fitting one when not written",
            ),
            (
                "pressure",
                vec!["path", "list of paths", "table with left and right"],
                "pressure recordings (.asf, .lst, .asc, grids of numbers) of the ordered feet",
            ),
        ],
        "prescription" => {
            let template = (
                "template",
                vec!["name of a saved prescription"],
                "profiles/prescriptions/NAME.toml, whose doses hold where none is written; it may inherit another",
            );
            let drawn = DRAWN.iter().map(|one| (one.key, one.entries.to_vec(), one.help));
            std::iter::once(template).chain(drawn).collect()
        }
        "mark" => vec![(
            "depth_mm, text_height_mm, ...",
            vec!["every key of a mark profile but its name"],
            "goes before the profile's; see `solewright parameters marks`",
        )],
        "scan" => vec![
            (
                "left.landmarks, right.landmarks",
                LANDMARKS.to_vec(),
                "landmarks by hand, each NAME = [x, y, z] in the scan file's coordinates and unit",
            ),
            (
                "indication",
                Indication::WORDS.to_vec(),
                "what the device is for; at the top of the file or here",
            ),
            (
                "activity",
                vec!["everyday", "standing-work", "running", "court"],
                "at the top of the file or here",
            ),
        ],
        _ => Vec::new(),
    }
}
