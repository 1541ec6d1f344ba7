//! The decided order against the lab's compatibility rules.

use order::{Case, Caution, Kind, OrderFacts, PRESCRIPTION, Prescription};
use vocabulary::{Findings, Side};

use crate::fitting::Decision;
use crate::settings::Bench;
use crate::{Job, Refusal};

/// What the rules may ask of one foot's order.
struct Facts<'a> {
    case: &'a Case,
    prescription: &'a Prescription,
    decision: &'a Decision,
    arch_type: Option<&'static str>,
}

impl OrderFacts for Facts<'_> {
    fn dose(&self, key: &str) -> f64 {
        let decided = self.decision.doses.iter().find(|(name, _, _)| *name == key);
        decided.map_or(0.0, |(_, value, _)| *value)
    }

    fn word(&self, key: &str) -> String {
        match key {
            "indication" => self.case.indication.word().to_owned(),
            "activity" => self.case.activity.clone(),
            "arch_type" => self.arch_type.unwrap_or_default().to_owned(),
            _ => {
                let is_word = PRESCRIPTION.iter().any(|parameter| {
                    parameter.key == key && matches!(parameter.kind, Kind::Choice { .. })
                });
                if is_word { self.prescription.word(key).to_owned() } else { String::new() }
            }
        }
    }

    fn caution(&self, caution: Caution) -> bool {
        self.case.patient.cautions.contains(&caution)
    }
}

/// Says what the lab's rules say of the decided order.
///
/// # Errors
/// [`Refusal`] with the first rule that refuses it.
pub(crate) fn check(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    decision: &Decision,
    arch_type: Option<&'static str>,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    let facts =
        Facts { case: &job.case, prescription: &job.case.prescription[&side], decision, arch_type };
    for rule in &bench.rules {
        let Some(reason) = rule.says(&facts) else { continue };
        if rule.refuses {
            return Err(Refusal::Step { side, place: "[prescription]".to_owned(), reason });
        }
        findings.warn("order", "compatibility", reason);
    }
    Ok(())
}
