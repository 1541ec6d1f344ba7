//! Turns a complaint into one bounded, reversible change of the order.
//!
//! [`propose`] takes the lab's rule for the complaint and the design as it was made, and says what
//! would change, by how much, and what to check first. [`apply`] writes it into a new case file: what
//! the optimizer had decided is frozen, so that only the proposed change differs, and a `[[revision]]`
//! keeps value before, value after and reason, so that it can be taken back.
//!
//! Does not judge the complaint: the first checks are for a person.

use std::collections::BTreeMap;

use order::{ComplaintRule, Kind, PRESCRIPTION};
use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use vocabulary::Side;

/// What a person said about one foot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which foot.
    pub foot: Side,
    /// Key of the rule, as `arch-presses`.
    pub complaint: String,
    /// 1 to 10.
    pub severity: u32,
}

/// A change that the rule proposes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// Which foot.
    pub foot: Side,
    /// Key of the rule.
    pub complaint: String,
    /// 1 to 10.
    pub severity: u32,
    /// Prescription key that changes.
    pub key: String,
    /// Unit of the values.
    pub unit: String,
    /// Value of the design as it was made.
    pub from: f64,
    /// Value of the next design.
    pub to: f64,
    /// Why, in one sentence.
    pub reason: String,
    /// What to look at before anything is made.
    pub first_checks: String,
    /// What speaks against it, or what else may help.
    pub caution: String,
    /// Said if a limit made the change smaller than the rule wanted.
    pub limited: Option<String>,
}

/// Why no change can be proposed or written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AdjustError {
    /// No rule for this complaint.
    #[error("complaint `{complaint}` is not in the lab's rules; use one of {}", .known.join(", "))]
    UnknownComplaint {
        /// What was asked for.
        complaint: String,
        /// What is known.
        known: Vec<String>,
    },
    /// Severity outside its scale.
    #[error("severity {severity} is outside 1 to 10")]
    Severity {
        /// What was given.
        severity: u32,
    },
    /// The foot is not part of the case.
    #[error("the case has no {foot} foot; its design values are not known")]
    NoSuchFoot {
        /// The foot.
        foot: Side,
    },
    /// The value is already at its limit.
    #[error("{complaint}: `{key}` is already {value} {unit} and cannot go further; {caution}")]
    AtLimit {
        /// Key of the rule.
        complaint: String,
        /// Key that should change.
        key: String,
        /// Its value.
        value: f64,
        /// Its unit.
        unit: String,
        /// What else may help.
        caution: String,
    },
    /// The case file is not TOML, or not of a case's form.
    #[error("case file: {reason}")]
    CaseFile {
        /// What is wrong.
        reason: String,
    },
}

/// Proposes the change that the lab's rule makes for a complaint.
///
/// `design` holds the values of the design as it was made, by prescription key, in the key's unit.
///
/// # Errors
/// [`AdjustError`] if there is no rule, the severity is off its scale, or nothing can change.
pub fn propose(
    rules: &[ComplaintRule],
    complaint: &Complaint,
    design: &BTreeMap<&'static str, f64>,
) -> Result<Proposal, AdjustError> {
    if !(1..=10).contains(&complaint.severity) {
        return Err(AdjustError::Severity { severity: complaint.severity });
    }
    let unknown = || AdjustError::UnknownComplaint {
        complaint: complaint.complaint.clone(),
        known: rules.iter().map(|rule| rule.complaint.clone()).collect(),
    };
    let rule =
        rules.iter().find(|rule| rule.complaint == complaint.complaint).ok_or_else(unknown)?;
    let from =
        *design.get(rule.key.as_str()).ok_or(AdjustError::NoSuchFoot { foot: complaint.foot })?;
    let (unit, low, high) = range(&rule.key);
    let wanted = wanted_value(rule, complaint.severity, from);
    let to = wanted.clamp(low, high);
    if (to - from).abs() < rule.step / 2.0 {
        return Err(AdjustError::AtLimit {
            complaint: rule.complaint.clone(),
            key: rule.key.clone(),
            value: from,
            unit: unit.to_owned(),
            caution: rule.caution.clone(),
        });
    }
    let limited = ((to - wanted).abs() > 1e-9).then(|| {
        format!("the rule wants {wanted} {unit}, the limit for `{}` is {to} {unit}", rule.key)
    });
    Ok(Proposal {
        foot: complaint.foot,
        complaint: rule.complaint.clone(),
        severity: complaint.severity,
        key: rule.key.clone(),
        unit: unit.to_owned(),
        from,
        to,
        reason: format!("{} (severity {}): {}", rule.says, complaint.severity, rule.source),
        first_checks: rule.first_checks.clone(),
        caution: rule.caution.clone(),
        limited,
    })
}

/// The value that the rule wants, rounded to the bench's step, before limits.
fn wanted_value(rule: &ComplaintRule, severity: u32, from: f64) -> f64 {
    let share = f64::from(severity - 1) / 9.0;
    let change = rule.change_low + share * (rule.change_high - rule.change_low);
    let stepped = (change / rule.step).round() * rule.step;
    let wanted = match rule.mode.as_str() {
        "toward-zero" => from.signum() * (from.abs() - stepped.abs()).max(0.0),
        _ => from + stepped,
    };
    // Binary fractions such as 0.1 + 0.2 would reach the file with 17 digits.
    (wanted * 1e6).round() / 1e6
}

fn range(key: &str) -> (&'static str, f64, f64) {
    PRESCRIPTION
        .iter()
        .find(|parameter| parameter.key == key)
        .and_then(|parameter| match parameter.kind {
            Kind::Number { unit, low, high } => Some((unit, low, high)),
            _ => None,
        })
        .unwrap_or(("", f64::NEG_INFINITY, f64::INFINITY))
}

/// Writes the proposal into a copy of the case file, keeping its comments and order.
///
/// `frozen` holds what the earlier design decided for this foot; keys that the file leaves open are
/// written with these values, so that the next `make` differs in the proposed key only.
///
/// # Errors
/// [`AdjustError::CaseFile`] if the text is not a case file.
pub fn apply(
    case_text: &str,
    proposal: &Proposal,
    frozen: &BTreeMap<&'static str, f64>,
) -> Result<String, AdjustError> {
    let wrong = |reason: String| AdjustError::CaseFile { reason };
    let mut document: DocumentMut = case_text.parse().map_err(|error: toml_edit::TomlError| {
        wrong(error.to_string().lines().collect::<Vec<_>>().join(" "))
    })?;
    let prescription = sub_table(document.as_table_mut(), "prescription").map_err(wrong)?;
    let foot = sub_table(prescription, proposal.foot.name()).map_err(wrong)?;
    for (key, number) in frozen {
        foot.insert(key, value((number * 1e6).round() / 1e6));
    }
    foot.insert(&proposal.key, value(proposal.to));
    let mut revision = Table::new();
    revision.insert("foot", value(proposal.foot.name()));
    revision.insert("complaint", value(proposal.complaint.as_str()));
    revision.insert("severity", value(i64::from(proposal.severity)));
    revision.insert("key", value(proposal.key.as_str()));
    revision.insert("from", value(proposal.from));
    revision.insert("to", value(proposal.to));
    revision.insert("reason", value(proposal.reason.as_str()));
    let list = document.entry("revision").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    list.as_array_of_tables_mut()
        .ok_or_else(|| wrong("`revision` must be tables written as [[revision]]".to_owned()))?
        .push(revision);
    Ok(document.to_string())
}

fn sub_table<'a>(parent: &'a mut Table, key: &str) -> Result<&'a mut Table, String> {
    let mut fresh = Table::new();
    fresh.set_implicit(true);
    parent
        .entry(key)
        .or_insert(Item::Table(fresh))
        .as_table_mut()
        .ok_or_else(|| format!("`{key}` must be a table, written as [{key}]"))
}

#[cfg(test)]
mod tests {
    use order::{Dose, ProfileStore, read_case};

    use super::*;

    const CASE: &str = "# keep me\n[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\nright = \"r.stl\"\n\n[prescription]\nheel_cup_depth_mm = 12.0 # both\n";

    fn design() -> BTreeMap<&'static str, f64> {
        BTreeMap::from([
            ("cast_fill_mm", 0.0),
            ("rearfoot_post_deg", 3.5),
            ("forefoot_post_deg", 3.0),
            ("arch_fraction", 0.6),
            ("heel_cup_depth_mm", 12.0),
            ("shell_thickness_mm", 3.2),
        ])
    }

    fn complaint(name: &str, severity: u32) -> Complaint {
        Complaint { foot: Side::Left, complaint: name.to_owned(), severity }
    }

    fn rules() -> Vec<ComplaintRule> {
        ProfileStore::shipped().read_complaints("default").unwrap()
    }

    #[test]
    fn arch_presses_adds_cast_fill_which_lowers_the_arch() {
        for (severity, fill) in [(1, 1.0), (6, 1.5), (10, 2.0)] {
            let proposal =
                propose(&rules(), &complaint("arch-presses", severity), &design()).unwrap();
            assert_eq!(
                (proposal.key.as_str(), proposal.from, proposal.to),
                ("cast_fill_mm", 0.0, fill)
            );
            assert!(proposal.first_checks.contains("settling"));
        }
    }

    #[test]
    fn every_shipped_rule_is_bounded() {
        for rule in rules() {
            for severity in 1..=10 {
                let Ok(proposal) = propose(
                    std::slice::from_ref(&rule),
                    &complaint(&rule.complaint, severity),
                    &design(),
                ) else {
                    continue;
                };
                let (_, low, high) = range(&rule.key);
                assert!((low..=high).contains(&proposal.to), "{rule:?}");
                let largest = rule.change_low.abs().max(rule.change_high.abs());
                assert!((proposal.to - proposal.from).abs() <= largest + 1e-9, "{rule:?}");
            }
        }
    }

    #[test]
    fn the_new_case_reads_back_with_only_this_change() {
        let proposal = propose(&rules(), &complaint("arch-presses", 6), &design()).unwrap();
        let text = apply(CASE, &proposal, &design()).unwrap();
        assert!(text.starts_with("# keep me"), "{text}");
        let case = read_case(&text, "new").unwrap();
        let left = &case.prescription[&Side::Left];
        assert_eq!(left.dose("cast_fill_mm"), Dose::Ordered(1.5));
        assert_eq!(
            left.dose("rearfoot_post_deg"),
            Dose::Ordered(3.5),
            "what the optimizer decided is frozen"
        );
        assert_eq!(case.prescription[&Side::Right].dose("cast_fill_mm"), Dose::LabDefault(0.0));
        assert_eq!(case.prescription[&Side::Right].dose("rearfoot_post_deg"), Dose::Open);
        assert_eq!(case.revisions.len(), 1);
        assert_eq!((case.revisions[0].from, case.revisions[0].to), (0.0, 1.5));
        // A second visit.
        let again = apply(&text, &proposal, &design()).unwrap();
        assert_eq!(read_case(&again, "new").unwrap().revisions.len(), 2);
    }

    #[test]
    fn refusals_say_the_way_out() {
        let unknown =
            propose(&rules(), &complaint("it-hurts", 5), &design()).unwrap_err().to_string();
        assert!(unknown.contains("arch-presses"), "{unknown}");
        assert_eq!(
            propose(&rules(), &complaint("arch-presses", 0), &design()),
            Err(AdjustError::Severity { severity: 0 })
        );
        let mut full = design();
        full.insert("cast_fill_mm", 8.0);
        let limit =
            propose(&rules(), &complaint("arch-presses", 5), &full).unwrap_err().to_string();
        assert!(limit.contains("already 8 mm"), "{limit}");
    }
}
