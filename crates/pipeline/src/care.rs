//! What goes with a device: the lab's care profile for one person.

use order::{CareItem, CareProfile, ProfileKind};
use report::Row;
use serde_json::{Value, json};

use crate::{Job, Refusal};

/// Name of the care profile; a clinic edits its own copy.
pub(crate) const PROFILE: &str = "default";

/// The plan for the case's person, without what is not for the indication or speaks against a finding on file.
///
/// # Errors
/// [`Refusal`] if something is wrong in the profile.
pub(crate) fn plan(job: &Job<'_>) -> Result<CareProfile, Refusal> {
    let profile = job.profiles.read_care(PROFILE)?;
    Ok(profile.for_person(job.case.indication, &job.case.patient.cautions))
}

/// Titles and entries, in the order of a page; what else may be done only where no device is recommended.
fn sections(plan: &CareProfile, declined: bool) -> Vec<(&'static str, &[CareItem])> {
    let mut sections: Vec<(&str, &[CareItem])> = Vec::new();
    if declined {
        sections.push(("Instead of a tuned device", &plan.otherwise));
    }
    sections.extend([
        ("Wearing in", plan.wearing_in.as_slice()),
        ("Exercises", &plan.exercises),
        ("Reviews", &plan.reviews),
        ("See a physician first, or at once, with", &plan.referrals),
    ]);
    sections
}

/// The plan as titled rows of the report.
pub(crate) fn rows(plan: &CareProfile, declined: bool) -> Vec<(String, Vec<Row>)> {
    sections(plan, declined)
        .into_iter()
        .map(|(title, items)| {
            let row = |item: &CareItem| {
                Row::new(item.what.clone(), item.how.clone()).with_note(item.source.clone())
            };
            (title.to_owned(), items.iter().map(row).collect())
        })
        .collect()
}

/// The plan as lines for a terminal.
pub(crate) fn lines(plan: &CareProfile, declined: bool) -> Vec<String> {
    let mut lines = vec![format!("care plan ({}):", plan.name)];
    for (title, items) in sections(plan, declined) {
        lines.push(format!("  {title}:"));
        lines.extend(items.iter().map(|item| format!("    {}: {}", item.what, item.how)));
    }
    lines
}

/// The plan as an object.
pub(crate) fn json(plan: &CareProfile) -> Value {
    json!({ "profile": format!("{}/{PROFILE}.toml", ProfileKind::Care.folder()), "plan": plan })
}
