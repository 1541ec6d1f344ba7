//! `solewright parameters`: every key with its unit, range, default and source.

use order::{Kind, PRESCRIPTION, Parameter, Preset, ProfileKind};
use serde_json::json;

use crate::Refusal;

/// List every key of case files and profiles with unit, range, default and source.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  solewright parameters prescription")]
pub(crate) struct Arguments {
    /// Only this table: prescription, machines, tools, cutting, printers, materials or labs.
    table: Option<String>,
    /// Print one JSON object instead of a page.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let profiles = ProfileKind::ALL.into_iter().map(|kind| (kind.folder(), kind.parameters()));
    let all: Vec<(&str, &[Parameter])> = std::iter::once(("prescription", PRESCRIPTION))
        .chain(profiles.filter(|(_, parameters)| !parameters.is_empty()))
        .collect();
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
        for parameter in *parameters {
            say!("  {} ({}; {})", parameter.key, range(parameter), preset(parameter));
            say!("      {} [{}]", parameter.help, parameter.source);
        }
    }
    Ok(())
}

fn range(parameter: &Parameter) -> String {
    match parameter.kind {
        Kind::Number { unit, low, high } => format!("{low} to {high} {unit}").trim_end().to_owned(),
        Kind::Count { low, high } => format!("{low} to {high}"),
        Kind::Text => "text".to_owned(),
        Kind::Choice { words } => words.join(" | "),
    }
}

fn preset(parameter: &Parameter) -> String {
    match parameter.preset {
        Preset::Required => "must be written".to_owned(),
        Preset::Number(number) => format!("default {number}"),
        Preset::Text(text) => format!("default \"{text}\""),
        Preset::Open => "open when not written".to_owned(),
    }
}
