//! The shell of a case without machine programs: what was asked, what was done, and the files of its shape.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::json;
use vocabulary::{Finding, Findings, Side};

use crate::fitting::Reach;
use crate::observer::{Observer, Stopwatch};
use crate::settings::Bench;
use crate::strength::Strength;
use crate::{Format, Job, OutputFile, Refusal, record, side, units};

/// A designed case.
#[derive(Clone, Debug, PartialEq)]
pub struct Designed {
    /// The shell in every wanted form and `design.json`, of every side.
    pub files: Vec<OutputFile>,
    /// Everything that was found on the way, with its side.
    pub findings: Vec<(Side, Finding)>,
    /// For every side what became of each operation, in the sequence of the bench: one sentence each.
    pub explanations: BTreeMap<Side, Vec<String>>,
    /// What every side's shell does under the person: one sentence each.
    pub strengths: BTreeMap<Side, Vec<String>>,
    /// What stands on every marked side and how it came out: one sentence each.
    pub marks: BTreeMap<Side, String>,
    /// The content of every side's `design.json`.
    pub records: BTreeMap<Side, serde_json::Value>,
}

/// Designs the shell of every ordered side; its files in these forms.
///
/// # Errors
/// [`Refusal`] with the first reason, left before right, that stops the work.
pub fn design(
    job: &Job<'_>,
    formats: &[Format],
    observer: &dyn Observer,
) -> Result<Designed, Refusal> {
    let bench = Bench::read(job)?;
    let sides: Vec<Side> = job.scans.keys().copied().collect();
    let results: Vec<_> =
        sides.par_iter().map(|side| one(job, &bench, (*side, formats), observer)).collect();
    let mut designed = Designed {
        files: Vec::new(),
        findings: Vec::new(),
        explanations: BTreeMap::new(),
        strengths: BTreeMap::new(),
        marks: BTreeMap::new(),
        records: BTreeMap::new(),
    };
    for (side, result) in sides.into_iter().zip(results) {
        let (shaped, findings) = result?;
        let shell = &shaped.shell;
        let explained: Vec<String> =
            shell.applied.iter().map(|applied| units::explain(&bench, applied)).collect();
        let doses: Vec<_> = shell
            .applied
            .iter()
            .map(|applied| {
                let mut entry = json!(applied);
                entry["within"] = json!(applied.kept());
                entry["explanation"] = json!(units::explain(&bench, applied));
                entry
            })
            .collect();
        let mut record = json!({
            "side": side,
            "design": shell.design,
            "doses": doses,
            "minimum_thickness_mm": shell.thinnest.thickness,
            "volume_mm3": export::slab_volume(&shaped.slab),
            "inspection": shaped.inspected.json(),
            "strength": shaped.strength.as_ref().map(Strength::json),
            "findings": findings,
        });
        if let Some(mark) = &shaped.mark {
            record["mark"] = mark.json();
            designed.marks.insert(side, mark.sentence());
        }
        let mut files = shaped.files;
        files.push(("design.json".to_owned(), format!("{record:#}\n").into_bytes()));
        designed.files.extend(files.into_iter().map(|(name, bytes)| OutputFile {
            path: format!("{side}/{name}"),
            sha256: record::hash(&bytes),
            bytes,
        }));
        designed.findings.extend(findings.iter().map(|finding| (side, finding.clone())));
        designed.explanations.insert(side, explained);
        designed
            .strengths
            .insert(side, shaped.strength.as_ref().map_or_else(Vec::new, Strength::sentences));
        designed.records.insert(side, record);
    }
    Ok(designed)
}

fn one(
    job: &Job<'_>,
    bench: &Bench,
    (side, formats): (Side, &[Format]),
    observer: &dyn Observer,
) -> Result<(side::Shaped, Findings), Refusal> {
    let mut watch = Stopwatch::new(observer, side);
    let mut findings = Findings::new();
    let fitted = side::fit(job, bench, Reach::PostsAndArch, &mut watch, &mut findings)?;
    let shaped = side::shape(job, bench, &fitted, formats, (&mut watch, &mut findings))?;
    Ok((shaped, findings))
}
