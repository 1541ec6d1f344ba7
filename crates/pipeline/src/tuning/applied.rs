//! `optimum.json`: what an optimization decided, written for `make` and read back from it.

use std::collections::BTreeMap;

use optimize::Variable;
use serde_json::{Value, json};
use vocabulary::Side;

use super::around::Surroundings;
use super::{Tuned, doses};
use crate::record::hash;
use crate::{Job, Refusal};

/// First word of the file, so that another JSON is not taken for it.
const FORMAT: &str = "solewright-optimum-1";

/// The doses that an earlier optimization decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppliedOptimum {
    /// For every side, doses by prescription key.
    pub sides: BTreeMap<Side, BTreeMap<String, f64>>,
    /// What the search saw around each side's design, for the report.
    pub(crate) around: BTreeMap<Side, Surroundings>,
    /// Name of the file, for messages.
    pub name: String,
    /// Whether the case file has changed since.
    pub case_changed: bool,
}

/// The file's content.
pub(super) fn written(job: &Job<'_>, tuned: &[Tuned]) -> Value {
    let sides: serde_json::Map<String, Value> = tuned
        .iter()
        .map(|tuned| {
            let optimum = &tuned.fitted.optimum;
            let side = json!({
                "doses": doses(&optimum.chosen),
                "searched": optimum.searched.iter().map(|one| one.key()).collect::<Vec<_>>(),
                "recommendation": optimum.recommendation,
                "why": optimum.why,
                "around": Surroundings::of(optimum, &tuned.fitted.limits),
            });
            (tuned.side.name().to_owned(), side)
        })
        .collect();
    json!({
        "format": FORMAT,
        "program": env!("CARGO_PKG_VERSION"),
        "patient_code": job.case.patient.code,
        "case_sha256": hash(job.case_text.as_bytes()),
        "sides": sides,
    })
}

impl AppliedOptimum {
    /// Reads the file `name` for a case.
    ///
    /// # Errors
    /// [`Refusal::Optimum`] if it is none, is of another person, or holds a number that no device is built with.
    pub fn read(text: &str, name: &str, job: &Job<'_>) -> Result<Self, Refusal> {
        let refuse = |reason: String| Refusal::Optimum { place: name.to_owned(), reason };
        let root: Value = serde_json::from_str(text).map_err(|error| {
            refuse(format!("no JSON ({error}); give the optimum.json that `optimize` wrote"))
        })?;
        if root["format"] != FORMAT {
            return Err(refuse(format!(
                "\"format\" is not \"{FORMAT}\"; give the optimum.json that `optimize` wrote"
            )));
        }
        let (theirs, ours) = (root["patient_code"].as_str().unwrap_or(""), &job.case.patient.code);
        if theirs != ours {
            return Err(refuse(format!(
                "it was made for \"{theirs}\" and the case is \"{ours}\"; run `optimize` for this case"
            )));
        }
        let (mut sides, mut around) = (BTreeMap::new(), BTreeMap::new());
        for side in job.scans.keys() {
            let Some(doses) = root["sides"][side.name()]["doses"].as_object() else {
                return Err(refuse(format!(
                    "it holds no doses for the {side} foot; run `optimize` with both feet in the case"
                )));
            };
            let mut read = BTreeMap::new();
            for (key, value) in doses {
                let known = Variable::ALL.iter().find(|variable| variable.key() == key);
                let (Some(variable), Some(number)) = (known, value.as_f64()) else {
                    return Err(refuse(format!("{side} doses: {key} = {value} is no dose")));
                };
                let [low, high] = variable.order_limits();
                if !(low..=high).contains(&number) {
                    return Err(refuse(format!(
                        "{side} doses: {key} = {number} is outside {low} to {high}; run `optimize` again"
                    )));
                }
                read.insert(key.clone(), number);
            }
            sides.insert(*side, read);
            // A file of an older version has none; what cannot be read is not shown.
            let seen = root["sides"][side.name()]["around"].clone();
            around.extend(serde_json::from_value(seen).ok().map(|seen| (*side, seen)));
        }
        let case_changed = root["case_sha256"] != hash(job.case_text.as_bytes()).as_str();
        Ok(Self { sides, around, name: name.to_owned(), case_changed })
    }
}
