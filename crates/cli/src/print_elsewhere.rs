//! `solewright print --slicer`: another program slices, this one orders and judges.

use std::process::Command;

use pipeline::{PrintOrder, PrintPart};
use vocabulary::Findings;

use crate::check_print::{self, PrintCheck};
use crate::make::load_profiles;
use crate::print::Arguments;
use crate::{Refusal, files};

/// Last characters of the program's messages that are shown.
const MOST_SHOWN: usize = 400;

/// Writes the project beside the wanted program, has it sliced, and judges what comes out.
pub(crate) fn run(
    slicer: &str,
    parts: &[PrintPart],
    order: &PrintOrder,
    arguments: &Arguments,
) -> Result<(), Refusal> {
    let bytes = pipeline::slicer_project(parts, order, &mut Findings::new())?;
    let project = arguments.project.clone().unwrap_or_else(|| arguments.out.with_extension("3mf"));
    files::write_one(&project, &bytes)?;
    let part = arguments.out.with_extension("part.gcode");
    let run = Command::new(slicer)
        .arg("--export-gcode")
        .arg("--dont-arrange")
        .arg("--output")
        .arg(&part)
        .arg(&project)
        .output();
    let output = run.map_err(|error| {
        Refusal(format!(
            "{slicer} cannot be run: {error}; install it, or open {} in it",
            project.display()
        ))
    })?;
    if !output.status.success() || !part.is_file() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned()
            + String::from_utf8_lossy(&output.stdout).trim();
        let shown: String =
            said.chars().rev().take(MOST_SHOWN).collect::<Vec<_>>().into_iter().rev().collect();
        return Err(Refusal(format!("{slicer} did not slice {}: {shown}", project.display())));
    }
    std::fs::rename(&part, &arguments.out)?;
    let profiles = load_profiles(arguments.profiles.as_deref())?;
    let how = PrintCheck {
        profiles: &profiles,
        printer: Some(&arguments.printer),
        material: Some(&arguments.material),
    };
    let checked = check_print::check_print(&arguments.out, &how)?;
    if arguments.json {
        let mut value = check_print::json(&arguments.out, &checked);
        value["slicer"] = serde_json::json!(slicer);
        value["project"] = serde_json::json!(project);
        say!("{value}");
    } else {
        say!("sliced by {slicer} from {}", project.display());
        check_print::say_checked(&arguments.out, &checked);
    }
    Ok(())
}
