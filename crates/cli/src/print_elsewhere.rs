//! `solewright print --slicer`: another program slices, this one orders and judges.

use std::path::{Path, PathBuf};
use std::process::Command;

use pipeline::{PrintOrder, PrintPart};
use vocabulary::Findings;

use crate::check_print::{self, PrintCheck};
use crate::make::load_profiles;
use crate::print::Arguments;
use crate::{Refusal, files};

/// Last characters of the program's messages that are shown.
const MOST_SHOWN: usize = 400;

/// Folder with `CuraEngine`'s definitions, where its package puts them; its own variable overrules it.
const CURA_DEFINITIONS: &str = "/usr/share/cura/resources/definitions";
const CURA_SEARCH_PATH: &str = "CURA_ENGINE_SEARCH_PATH";
/// The definition whose values hold for what is not ordered.
const CURA_PRINTER: &str = "fdmprinter.def.json";

/// Another program that is ready to slice.
struct Ready {
    command: Command,
    /// What it gets, for messages.
    input: PathBuf,
    /// Folder to remove when it is done.
    scratch: Option<PathBuf>,
}

/// Hands the print over, has it sliced, and judges what comes out.
pub(crate) fn run(
    slicer: &str,
    parts: &[PrintPart],
    order: &PrintOrder,
    arguments: &Arguments,
) -> Result<(), Refusal> {
    let part = arguments.out.with_extension("part.gcode");
    let mut ready = match slicer {
        "cura-engine" => cura(parts, order, arguments, &part)?,
        _ => prusa(parts, order, arguments, &part)?,
    };
    let run = ready.command.output();
    if let Some(folder) = &ready.scratch {
        std::fs::remove_dir_all(folder)?;
    }
    let output = run.map_err(|error| {
        Refusal(format!(
            "{} cannot be run: {error}; install it, or print without --slicer",
            ready.command.get_program().display()
        ))
    })?;
    if !output.status.success() || !part.is_file() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned()
            + String::from_utf8_lossy(&output.stdout).trim();
        let shown: String =
            said.chars().rev().take(MOST_SHOWN).collect::<Vec<_>>().into_iter().rev().collect();
        return Err(Refusal(format!("{slicer} did not slice {}: {shown}", ready.input.display())));
    }
    std::fs::rename(&part, &arguments.out)?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let how = PrintCheck {
        profiles: &profiles,
        printer: Some(&arguments.printer),
        material: Some(&arguments.material),
        overrules: &arguments.overrules,
    };
    let checked = check_print::check_print(&arguments.out, &how)?;
    if arguments.json {
        let mut value = check_print::json(&arguments.out, &checked);
        value["slicer"] = serde_json::json!(slicer);
        if ready.scratch.is_none() {
            value["project"] = serde_json::json!(ready.input);
        }
        say!("{value}");
    } else {
        say!("sliced by {slicer} from {}", ready.input.display());
        check_print::say_checked(&arguments.out, &checked);
    }
    Ok(())
}

/// Writes a project with settings and modifiers for `PrusaSlicer`; it stays beside the program.
fn prusa(
    parts: &[PrintPart],
    order: &PrintOrder,
    arguments: &Arguments,
    part: &Path,
) -> Result<Ready, Refusal> {
    let bytes = pipeline::slicer_project(parts, order, &mut Findings::new())?;
    let input = arguments.project.clone().unwrap_or_else(|| arguments.out.with_extension("3mf"));
    files::write_one(&input, &bytes)?;
    let mut command = Command::new("prusa-slicer");
    command.arg("--export-gcode").arg("--dont-arrange").arg("--output").arg(part).arg(&input);
    Ok(Ready { command, input, scratch: None })
}

/// Writes meshes for `CuraEngine`; settings go onto its command line.
fn cura(
    parts: &[PrintPart],
    order: &PrintOrder,
    arguments: &Arguments,
    part: &Path,
) -> Result<Ready, Refusal> {
    let job = pipeline::cura_job(parts, order, &mut Findings::new())?;
    let searched = std::env::var(CURA_SEARCH_PATH).unwrap_or_else(|_| CURA_DEFINITIONS.to_owned());
    let found = std::env::split_paths(&searched)
        .map(|folder| folder.join(CURA_PRINTER))
        .find(|path| path.is_file());
    let definition = found.ok_or_else(|| {
        Refusal(format!(
            "{CURA_PRINTER} is not in {searched}; install Cura, or name the folder of its definitions in {CURA_SEARCH_PATH}"
        ))
    })?;
    let scratch = arguments.out.with_extension("cura");
    if scratch.exists() {
        return Err(Refusal(format!(
            "{} is in the way of the meshes for CuraEngine; remove it",
            scratch.display()
        )));
    }
    std::fs::create_dir_all(&scratch)?;
    let mut command = Command::new("CuraEngine");
    command.env(CURA_SEARCH_PATH, &searched);
    command.arg("slice").arg("-j").arg(definition);
    let pairs = |command: &mut Command, settings: &pipeline::CuraSettings| {
        for (key, value) in settings {
            command.arg("-s").arg(format!("{key}={value}"));
        }
    };
    // For the print, and for its extruder, whose own definition would overrule them.
    pairs(&mut command, &job.settings);
    command.arg("-e0");
    pairs(&mut command, &job.settings);
    for (index, mesh) in job.meshes.iter().enumerate() {
        let path = scratch.join(format!("{index}.stl"));
        std::fs::write(&path, &mesh.stl)?;
        command.arg("-l").arg(path);
        pairs(&mut command, &mesh.settings);
    }
    command.arg("-o").arg(part);
    Ok(Ready { command, input: scratch.clone(), scratch: Some(scratch) })
}
