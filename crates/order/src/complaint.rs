//! Complaint rules: what a person says, what to check first, and the bounded change that the bench makes.

use serde::Serialize;

use crate::{OrderError, PRESCRIPTION, Parameter, Preset, table};

/// One rule of a complaint profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComplaintRule {
    /// Key on the command line, as `arch-presses`.
    pub complaint: String,
    /// What the person says.
    pub says: String,
    /// What to look at before anything is changed.
    pub first_checks: String,
    /// Prescription key that is changed.
    pub key: String,
    /// `"add"`: the change is added; `"toward-zero"`: the value's size is reduced by it.
    pub mode: String,
    /// Change at severity 1, in the key's unit.
    pub change_low: f64,
    /// Change at severity 10.
    pub change_high: f64,
    /// Smallest step that the bench can make; changes are rounded to it.
    pub step: f64,
    /// What speaks against it, or what else may help.
    pub caution: String,
    /// Where the amount comes from.
    pub source: String,
}

const COMPLAINT: &[Parameter] = &[
    Parameter::text("complaint", Preset::Required, "key of the rule", "lab"),
    Parameter::text("says", Preset::Required, "what the person says", "lab"),
    Parameter::text("first_checks", Preset::Required, "what to look at before a change", "lab"),
    Parameter::text("key", Preset::Required, "prescription key that is changed", "lab"),
    Parameter::choice(
        "mode",
        &["add", "toward-zero"],
        Preset::Text("add"),
        "how the change acts",
        "lab",
    ),
    Parameter::number(
        "change_low",
        (-10.0, 10.0, "in the key's unit"),
        Preset::Required,
        "change at severity 1",
        "lab",
    ),
    Parameter::number(
        "change_high",
        (-10.0, 10.0, "in the key's unit"),
        Preset::Required,
        "change at severity 10",
        "lab",
    ),
    Parameter::number(
        "step",
        (0.05, 5.0, "in the key's unit"),
        Preset::Number(0.5),
        "smallest step of the bench",
        "lab",
    ),
    Parameter::text("caution", Preset::Text(""), "what speaks against it", "lab"),
    Parameter::text("source", Preset::Required, "where the amount comes from", "lab"),
];

/// Reads a complaint profile: a list of `[[rule]]` tables.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_complaints(text: &str, place: &str) -> Result<Vec<ComplaintRule>, OrderError> {
    table::read_rule_list(text, place, COMPLAINT)?
        .into_iter()
        .map(|(place, values)| {
            let key = values.text("key").to_owned();
            if !PRESCRIPTION.iter().any(|parameter| parameter.key == key) {
                let allowed =
                    PRESCRIPTION.iter().map(|parameter| parameter.key.to_owned()).collect();
                return Err(OrderError::UnknownWord {
                    place,
                    key: "key".to_owned(),
                    value: key,
                    allowed,
                });
            }
            let text = |name: &str| values.text(name).to_owned();
            Ok(ComplaintRule {
                complaint: text("complaint"),
                says: text("says"),
                first_checks: text("first_checks"),
                key,
                mode: text("mode"),
                change_low: values.number("change_low"),
                change_high: values.number("change_high"),
                step: values.number("step"),
                caution: text("caution"),
                source: text("source"),
            })
        })
        .collect()
}
