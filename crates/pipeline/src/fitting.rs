//! What is still open in the order is decided: by the optimizer, the weight table, or the lab's default.

use foot::Foot;
use knee::KneeModel;
use optimize::{Candidate, Contraindication, Fixed, Indication, Limits, Optimum, Problem};
use order::{Caution, Dose, Kind, PRESCRIPTION, Prescription};
use shell::{Design, Doses, ShellSettings, TopModel};
use vocabulary::{Angle, Findings, Mm, Side};

use crate::operations::{self, rounded};
use crate::prediction::{self, Cover, Family};
use crate::settings::Bench;
use crate::{Job, Refusal};

/// What is asked of the optimizer.
pub(crate) struct Question<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) bench: &'a Bench,
    pub(crate) side: Side,
    pub(crate) foot: &'a Foot,
    pub(crate) model: &'a KneeModel,
    pub(crate) settings: ShellSettings,
}

/// A design with the origin of each dose.
pub(crate) struct Decision {
    /// The doses that every shell has.
    pub(crate) base: Doses,
    /// Everything that is done to the shell.
    pub(crate) design: Design,
    /// Prescription key, value in the key's unit, and who decided.
    pub(crate) doses: Vec<(&'static str, f64, DecidedBy)>,
}

/// Who decided a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecidedBy {
    Clinician,
    NotOrdered,
    Optimizer,
    Lab,
}

impl DecidedBy {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Clinician => "ordered",
            Self::NotOrdered => "not ordered",
            Self::Optimizer => "optimizer",
            Self::Lab => "lab default",
        }
    }
}

/// Decides everything that the prescription leaves open.
///
/// # Errors
/// [`Refusal`] if the foot cannot carry a shell or nothing can be recommended.
pub(crate) fn decide(
    question: &Question<'_>,
    findings: &mut Findings,
) -> Result<(Decision, Optimum, Limits), Refusal> {
    let refuse = |place: &str, reason: String| Refusal::Step {
        side: question.side,
        place: place.to_owned(),
        reason,
    };
    let patient = &question.job.case.patient;
    if patient.cautions.contains(&Caution::AcuteFractureOrInfection) {
        let reason =
            "an acute fracture or infection is on file: no device is designed before it has healed";
        return Err(refuse("[patient] cautions", reason.to_owned()));
    }
    let prescription = &question.job.case.prescription[&question.side];
    let base = base_doses(prescription, question.bench, patient.mass_kg);
    let top =
        TopModel::new(question.foot, &question.settings, &operations::design(base, prescription))
            .map_err(|error| refuse("shell", error.to_string()))?;
    let contact = question.model.foot();
    let places = prediction::places(contact, question.foot);
    let nodes = top.nodes(&places);
    let family = Family {
        contact,
        parameters: *question.model.parameters(),
        cover: Cover::new(question.foot, &places, &nodes.on_shell),
        nodes,
        top: &top,
        base,
        shell_modulus_mpa: question.bench.lab.number("shell_modulus_mpa"),
    };
    let problem = problem(question, prescription, findings);
    let optimum = optimize::optimize(question.model, &family, &problem, &|_| (), findings)
        .map_err(|error| refuse("optimizer", error.to_string()))?;
    Ok((decision(prescription, base, &optimum.chosen), optimum, problem.limits))
}

/// Every dose that does not need the optimizer; the others as ordered, or neutral.
fn base_doses(prescription: &Prescription, bench: &Bench, mass_kg: f64) -> Doses {
    let thickness_mm = bench.thickness_mm(mass_kg);
    let value = |key: &str, otherwise: f64| prescription.dose(key).value().unwrap_or(otherwise);
    let least_cup = if operations::is_ucbl(prescription) { operations::UCBL_CUP_MM } else { 0.0 };
    Doses {
        rearfoot_post: Angle::from_deg(value("rearfoot_post_deg", 0.0)),
        forefoot_post: Angle::from_deg(value("forefoot_post_deg", 0.0)),
        arch_fraction: value("arch_fraction", 0.5),
        cast_fill: Mm(bench.cast_fill_mm(prescription)),
        heel_cup_depth: Mm(value("heel_cup_depth_mm", 14.0).max(least_cup)),
        heel_lift: Mm(value("heel_lift_mm", 0.0)),
        medial_skive: Mm(value("medial_skive_mm", 0.0)),
        lateral_expansion: Mm(value("lateral_expansion_mm", 0.0)),
        thickness: Mm(value("shell_thickness_mm", thickness_mm)),
    }
}

fn problem(
    question: &Question<'_>,
    prescription: &Prescription,
    findings: &mut Findings,
) -> Problem {
    let case = &question.job.case;
    let mut problem = Problem::new(indication(case.indication), false);
    let angle = |key: &str| prescription.dose(key).value().map(Angle::from_deg);
    problem.fixed = Fixed {
        rearfoot_post: angle("rearfoot_post_deg"),
        forefoot_post: angle("forefoot_post_deg"),
        arch_fraction: prescription.dose("arch_fraction").value(),
    };
    problem.contraindications =
        case.patient.cautions.iter().map(|caution| contraindication(*caution)).collect();
    forbid_degenerate_pairs(prescription, &mut problem, findings);
    let most = match case.activity.as_str() {
        "running" => 4.0,
        "court" => 3.0,
        _ => return problem,
    };
    for bound in [&mut problem.bounds.rearfoot_deg, &mut problem.bounds.forefoot_deg] {
        bound[1] = bound[1].min(most).max(bound[0]);
    }
    findings.note("optimize", "activity-limits-posts", format!(
        "for {} the optimizer keeps lateral posts at or under {most} degrees (knee-model handbook, section 6)",
        case.activity
    ));
    problem
}

/// Pairs that the knee model's optimizer would exploit (knee-model handbook, section 4).
fn forbid_degenerate_pairs(
    prescription: &Prescription,
    problem: &mut Problem,
    findings: &mut Findings,
) {
    let ordered = |key: &str| prescription.dose(key).value().unwrap_or(0.0);
    let medial_knee = problem.indication == Indication::MedialKneeOa;
    if ordered("medial_skive_mm") > 0.0 {
        let [low, high] = &mut problem.bounds.rearfoot_deg;
        *high = high.min(0.0).max(*low);
        findings.note(
            "optimize",
            "skive-excludes-lateral-post",
            "a medial skive is ordered, so the optimizer \
            considers no lateral rearfoot post: the two work against each other"
                .to_owned(),
        );
        if medial_knee {
            findings.warn(
                "optimize",
                "skive-against-indication",
                "a medial skive is ordered for medial knee \
                osteoarthritis; it moves load to the medial side, confirm it with the clinician"
                    .to_owned(),
            );
        }
    }
}

const fn indication(ordered: order::Indication) -> Indication {
    match ordered {
        order::Indication::MedialKneeOa => Indication::MedialKneeOa,
        order::Indication::LateralKneeOa => Indication::LateralKneeOa,
        order::Indication::PatellofemoralPain => Indication::PatellofemoralPain,
        order::Indication::FlatFoot => Indication::FlatFoot,
        order::Indication::Cavus => Indication::Cavus,
        order::Indication::ImpactSport => Indication::ImpactSport,
        order::Indication::NoIndication => Indication::None,
    }
}

const fn contraindication(caution: Caution) -> Contraindication {
    match caution {
        Caution::ValgusKnee => Contraindication::ValgusKnee,
        Caution::LateralAnkleInstability => Contraindication::LateralInstability,
        Caution::PeronealPathology => Contraindication::PeronealPathology,
        Caution::PosteriorTibialDysfunction => Contraindication::PosteriorTibialDysfunction,
        Caution::RigidFlatFoot => Contraindication::RigidFlatFoot,
        Caution::DeltoidLaxity => Contraindication::DeltoidLaxity,
        Caution::Neuropathy => Contraindication::Neuropathy,
        Caution::PatellofemoralOa => Contraindication::PatellofemoralOa,
        Caution::AnkleOa => Contraindication::AnkleOa,
        Caution::AcuteFractureOrInfection => Contraindication::AcuteFractureOrInfection,
        Caution::BonyVarus => Contraindication::BonyVarus,
        Caution::Child => Contraindication::Child,
    }
}

/// The design with what the optimizer chose, and who decided each dose.
fn decision(prescription: &Prescription, base: Doses, chosen: &Candidate) -> Decision {
    let base = Doses {
        rearfoot_post: chosen.rearfoot_post,
        forefoot_post: chosen.forefoot_post,
        arch_fraction: chosen.arch_fraction,
        ..base
    };
    let values = [
        ("arch_fraction", base.arch_fraction, DecidedBy::Optimizer),
        ("cast_fill_mm", base.cast_fill.0, DecidedBy::Lab),
        ("lateral_expansion_mm", base.lateral_expansion.0, DecidedBy::Lab),
        ("heel_cup_depth_mm", base.heel_cup_depth.0, DecidedBy::Lab),
        ("medial_skive_mm", base.medial_skive.0, DecidedBy::Lab),
        // Radians and back would leave 3.4999999999999996.
        ("rearfoot_post_deg", rounded(base.rearfoot_post.deg()), DecidedBy::Optimizer),
        ("forefoot_post_deg", rounded(base.forefoot_post.deg()), DecidedBy::Optimizer),
        ("heel_lift_mm", base.heel_lift.0, DecidedBy::Lab),
        ("shell_thickness_mm", base.thickness.0, DecidedBy::Lab),
    ];
    let named = values.map(|(key, _, _)| key);
    let others = PRESCRIPTION
        .iter()
        .filter(|one| !named.contains(&one.key) && !matches!(one.kind, Kind::Choice { .. }))
        // The scan's arch is no dose of the device.
        .filter(|one| one.key != "arch_height_mm")
        .filter_map(|one| Some((one.key, prescription.dose(one.key).value()?, DecidedBy::Lab)));
    let doses = values
        .into_iter()
        .chain(others)
        .map(|(key, value, open)| match prescription.dose(key) {
            Dose::Ordered(_) => (key, value, DecidedBy::Clinician),
            Dose::NotOrdered => (key, value, DecidedBy::NotOrdered),
            Dose::LabDefault(_) => (key, value, DecidedBy::Lab),
            Dose::Open => (key, value, open),
        })
        .collect();
    Decision { base, design: operations::design(base, prescription), doses }
}
