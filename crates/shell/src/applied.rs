//! What became of an operation.

use serde::Serialize;
use vocabulary::Findings;

use crate::{Operation, Spec};

/// One correction: what was ordered and what the finished surfaces show.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Applied {
    /// Key of the prescription, with its unit.
    pub name: &'static str,
    /// Ordered dose, in `unit`.
    pub requested: f64,
    /// Dose measured on the finished B-spline surfaces, in `unit`.
    pub realised: f64,
    /// `"deg"`, `"mm"` or `"1"`.
    pub unit: &'static str,
    /// Largest difference that counts as kept.
    pub tolerance: f64,
    /// How it was measured.
    pub note: String,
    /// Why less than the order could be done, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited: Option<String>,
    /// The operation as ordered; `None` for a measure that follows from several.
    #[serde(skip)]
    pub operation: Option<Operation>,
}

impl Applied {
    /// Whether the realised dose is the ordered one, within the tolerance.
    #[must_use]
    pub fn kept(&self) -> bool {
        (self.realised - self.requested).abs() <= self.tolerance
    }

    /// What was asked, what was done, and between what limits, in words.
    #[must_use]
    pub fn explain(&self) -> String {
        let unit = if self.unit == "1" { "" } else { self.unit };
        let number = |value: f64| format!("{value:.2} {unit}").trim_end().to_owned();
        let mut text = format!(
            "{}: asked {}, did {} ({})",
            self.name,
            number(self.requested),
            number(self.realised),
            self.note
        );
        if let Some(reason) = &self.limited {
            text.push_str(&format!("; limited: {reason}"));
        } else if !self.kept() {
            text.push_str(&format!("; more than {} off the order", number(self.tolerance)));
        }
        if let Some(Spec { hard, usual, because, .. }) =
            self.operation.as_ref().map(Operation::spec)
        {
            text.push_str(&format!(
                "; at least {} and at most {}",
                number(hard[0]),
                number(hard[1])
            ));
            if usual != hard {
                text.push_str(&format!(
                    ", usually {} to {}: {because}",
                    number(usual[0]),
                    number(usual[1])
                ));
            }
        }
        text
    }
}

/// Warns about every dose that was not realised.
pub(crate) fn report_missed(applied: &[Applied], findings: &mut Findings) {
    for dose in applied.iter().filter(|dose| !dose.kept()) {
        let why = dose.limited.as_ref().unwrap_or(&dose.note);
        findings.warn(
            "shell",
            "dose-missed",
            format!(
                "{} was ordered as {:.2} and came out as {:.2} {} ({why}); change the order or the scan's landmarks",
                dose.name, dose.requested, dose.realised, dose.unit
            ),
        );
    }
}
