//! What is still open in the order is decided: by the optimizer, the weight table, or the lab's default.

use std::collections::BTreeMap;

use foot::Foot;
use geometry::Point2;
use knee::{Device, KneeModel};
use optimize::{
    Candidate, Contraindication, Customs, DeviceFamily, Fixed, Indication, Limits, Optimum,
    PerVariable, Problem, Robust, Stances, Variable,
};
use order::{Caution, Dose, Kind, PRESCRIPTION, Prescription};
use shell::{Design, Doses, ShellSettings, TopModel};
use vocabulary::{Angle, Findings, Mm, Side};

use crate::gait_report;
use crate::operations::{self, rounded};
use crate::prediction::{self, Cover, Family, Layer};
use crate::settings::Bench;
use crate::strength;
use crate::{Job, Refusal};

/// What is asked of the optimizer.
pub(crate) struct Question<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) bench: &'a Bench,
    pub(crate) side: Side,
    pub(crate) foot: &'a Foot,
    pub(crate) model: &'a KneeModel,
    /// The same foot walking, where the load case is standing.
    pub(crate) walking: Option<&'a KneeModel>,
    pub(crate) settings: ShellSettings,
    /// What the optimizer may change.
    pub(crate) reach: Reach,
    /// How uncertainty is weighed.
    pub(crate) robust: Robust,
    /// What the pair of feet agreed on.
    pub(crate) prefer: Option<PerVariable<f64>>,
    /// Doses of an earlier optimization, by prescription key, that hold where nothing is ordered.
    pub(crate) applied: Option<&'a BTreeMap<String, f64>>,
}

/// How far the optimizer may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Posts and arch; everything else as the lab makes it.
    PostsAndArch,
    /// Everything that the clinician did not order.
    Everything,
}

/// A design with the origin of each dose.
pub(crate) struct Decision {
    /// The doses that every shell has.
    pub(crate) base: Doses,
    /// Everything that is done to the shell.
    pub(crate) design: Design,
    /// The cover that the prediction counts with; the lab glues it on.
    pub(crate) cover: Layer,
    /// What the posts are made of, MPa.
    pub(crate) post_mpa: f64,
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

/// Everything that the search needs: the shell's formula under the contact nodes, and the problem.
pub(crate) struct Prepared {
    top: TopModel,
    places: Vec<Point2>,
    cover: Cover,
    pub(crate) base: Doses,
    wedge: [Angle; 2],
    shell_modulus_mpa: f64,
    pub(crate) problem: Problem,
    pressed: Option<Pressed>,
}

impl Prepared {
    /// Prepares the search for one foot.
    ///
    /// # Errors
    /// [`Refusal`] if the foot cannot carry a shell.
    pub(crate) fn new(question: &Question<'_>, findings: &mut Findings) -> Result<Self, Refusal> {
        let patient = &question.job.case.patient;
        if patient.cautions.contains(&Caution::AcuteFractureOrInfection) {
            let reason = "an acute fracture or infection is on file: no device is designed before it has healed";
            return Err(refuse(question.side, "[patient] cautions", reason.to_owned()));
        }
        let prescription = &question.job.case.prescription[&question.side];
        let mut problem = problem(question, prescription, findings);
        let base = base_doses(question, prescription);
        let design = operations::design(base, prescription);
        let top = TopModel::new(question.foot, &question.settings, &design)
            .map_err(|error| refuse(question.side, "shell", error.to_string()))?;
        let places = prediction::places(question.model.foot(), question.foot);
        let on_shell = top.nodes(&places).on_shell;
        let cover = Cover::new(question.foot, &places, &on_shell);
        let shell_modulus_mpa = question.bench.lab.number("shell_modulus_mpa");
        let wedge = operations::wedge(prescription);
        let pressed = pressed(question, &problem, &places);
        if let Some(pressed) = pressed.as_ref().filter(|_| question.reach == Reach::Everything) {
            keep_strong(pressed, &mut problem, findings);
        }
        Ok(Self { top, places, cover, base, wedge, shell_modulus_mpa, problem, pressed })
    }

    /// Searches, and decides by what was found.
    ///
    /// # Errors
    /// [`Refusal`] if nothing can be recommended.
    pub(crate) fn decided(
        &self,
        question: &Question<'_>,
        findings: &mut Findings,
    ) -> Result<(Decision, Optimum), Refusal> {
        let problem = Problem { prefer: question.prefer, ..self.problem.clone() };
        let family = self.family(question.model);
        let stances = Stances { model: question.model, also: question.walking };
        let optimum = optimize::optimize(stances, &family, &problem, &|_| (), findings)
            .map_err(|error| refuse(question.side, "optimizer", error.to_string()))?;
        let prescription = &question.job.case.prescription[&question.side];
        Ok((decision(question, prescription, self.base, &optimum.chosen), optimum))
    }

    /// One device of the family.
    pub(crate) fn device(&self, model: &KneeModel, candidate: &Candidate) -> Device {
        self.family(model).device(candidate)
    }

    /// The devices that may be chosen from.
    pub(crate) fn family<'a>(&'a self, model: &'a KneeModel) -> Family<'a> {
        Family {
            contact: model.foot(),
            parameters: *model.parameters(),
            cover: self.cover.clone(),
            nodes: self.top.nodes(&self.places),
            top: &self.top,
            base: self.base,
            wedge: self.wedge,
            shell_modulus_mpa: self.shell_modulus_mpa,
            pressed: self
                .pressed
                .as_ref()
                .map(|pressed| (pressed.shells.as_slice(), pressed.thickness_mm)),
        }
    }
}

/// For a search over everything, and to judge what one chose, the usual shell is built once and pressed, so that every candidate stands on a shell that
/// gives way where a shell does. Posts and arch alone are searched on the handbook's constant: `make` presses the
/// shell that it builds.
fn pressed(question: &Question<'_>, problem: &Problem, places: &[Point2]) -> Option<Pressed> {
    if question.reach != Reach::Everything && question.applied.is_none() {
        return None;
    }
    let prescription = &question.job.case.prescription[&question.side];
    let usual =
        |variable: Variable| problem.fixed.values[variable].unwrap_or(problem.usual[variable]);
    let base = base_doses(question, prescription);
    let doses = Doses {
        arch_fraction: usual(Variable::ArchFraction),
        thickness: Mm(usual(Variable::Thickness)),
        ..base
    };
    let design = operations::design(doses, prescription);
    let unsaid = &mut Findings::new();
    let shell = shell::build(question.foot, &design, &question.settings, unsaid).ok()?;
    let strength = strength::strength(question.job, question.bench, question.side, &shell, unsaid)?;
    Some(Pressed {
        shells: prediction::shells(&strength.stiffness_map(), places),
        thickness_mm: doses.thickness.0,
        bearing_mm: strength.bearing_mm(),
    })
}

/// The usual shell under the arch press.
struct Pressed {
    /// Stiffness under every contact node, kPa/mm.
    shells: Vec<f64>,
    thickness_mm: f64,
    /// The least thickness at which it bears its load for long, mm.
    bearing_mm: f64,
}

/// Lets the search choose no shell that its material does not bear (knee-model handbook, section 4: a guard on shell stress).
fn keep_strong(pressed: &Pressed, problem: &mut Problem, findings: &mut Findings) {
    let least = (10.0 * pressed.bearing_mm - 1e-6).ceil() / 10.0;
    let [low, high] = &mut problem.bounds.ranges[Variable::Thickness];
    if problem.fixed.values[Variable::Thickness].is_some() || least <= *low {
        return;
    }
    *low = least.min(Variable::Thickness.order_limits()[1]);
    *high = high.max(*low);
    problem.usual[Variable::Thickness] = problem.usual[Variable::Thickness].max(*low);
    findings.note(
        "optimize",
        "shell-stress-bounds-thickness",
        format!(
            "A shell under {low:.1} mm would be stressed beyond what its material bears for long, so none is considered."
        ),
    );
}

fn refuse(side: Side, place: &str, reason: String) -> Refusal {
    Refusal::Step { side, place: place.to_owned(), reason }
}

/// Decides everything that the prescription leaves open.
///
/// # Errors
/// [`Refusal`] if the foot cannot carry a shell or nothing can be recommended.
pub(crate) fn decide(
    question: &Question<'_>,
    findings: &mut Findings,
) -> Result<(Decision, Optimum, Limits), Refusal> {
    let prepared = Prepared::new(question, findings)?;
    let (decision, optimum) = prepared.decided(question, findings)?;
    Ok((decision, optimum, prepared.problem.limits))
}

/// Highest lift inside a shoe, mm.
const HIGHEST_LIFT_MM: f64 = 12.0;

/// The lift of a shorter leg: half of the difference, and no more than a shoe holds.
fn leg_length_lift_mm(question: &Question<'_>) -> f64 {
    let shorter = question.job.case.knee[&question.side].optional_number("leg_shorter_mm");
    (0.5 * shorter.unwrap_or(0.0)).round().min(HIGHEST_LIFT_MM)
}

/// Every dose that does not need the optimizer; the others as ordered, or neutral.
fn base_doses(question: &Question<'_>, prescription: &Prescription) -> Doses {
    let patient = &question.job.case.patient;
    doses_without_optimizer(
        prescription,
        question.bench,
        patient.mass_kg,
        leg_length_lift_mm(question),
    )
}

/// [`base_doses`] of a person of this mass, with the lift where none is ordered.
pub(crate) fn doses_without_optimizer(
    prescription: &Prescription,
    bench: &Bench,
    mass_kg: f64,
    lift_mm: f64,
) -> Doses {
    let thickness_mm = bench.thickness_mm(mass_kg);
    let value = |key: &str, otherwise: f64| prescription.dose(key).value().unwrap_or(otherwise);
    let least_cup = if operations::is_ucbl(prescription) { operations::UCBL_CUP_MM } else { 0.0 };
    Doses {
        rearfoot_post: Angle::from_deg(value("rearfoot_post_deg", 0.0)),
        forefoot_post: Angle::from_deg(value("forefoot_post_deg", 0.0)),
        arch_fraction: value("arch_fraction", 0.5),
        cast_fill: Mm(bench.cast_fill_mm(prescription)),
        heel_cup_depth: Mm(value("heel_cup_depth_mm", 14.0).max(least_cup)),
        heel_lift: Mm(match prescription.dose("heel_lift_mm") {
            Dose::Ordered(lift) => lift,
            Dose::NotOrdered => 0.0,
            Dose::Open | Dose::LabDefault(_) => lift_mm,
        }),
        medial_skive: Mm(value("medial_skive_mm", 0.0)),
        lateral_expansion: Mm(value("lateral_expansion_mm", 0.0)),
        thickness: Mm(value("shell_thickness_mm", thickness_mm)),
    }
}

/// Candidates of a search over everything.
const EVALUATIONS: usize = 2500;

/// The cover that is ordered, or else the reference's: 3 mm of 1 MPa.
fn cover(prescription: &Prescription) -> Layer {
    let ordered = |key: &str| prescription.dose(key).value().unwrap_or(0.0);
    let thickness_mm = ordered("cover_mm") + ordered("cushion_mm");
    let usual = Customs::default();
    Layer {
        thickness_mm: if thickness_mm > 0.0 { thickness_mm } else { usual.cover_mm },
        modulus_mpa: usual.cover_mpa,
    }
}

/// What stays: everything that is ordered, what an earlier optimization decided, and, unless the search is over
/// everything, what the lab does as a rule.
fn fixed(question: &Question<'_>, prescription: &Prescription, base: Doses) -> Fixed {
    let cover = cover(prescription);
    let everything = question.reach == Reach::Everything;
    let values = PerVariable::from_fn(|variable| {
        let otherwise = match variable {
            Variable::RearfootPost | Variable::ForefootPost | Variable::ArchFraction => None,
            Variable::Thickness => Some(base.thickness.0),
            Variable::HeelCup => Some(base.heel_cup_depth.0),
            Variable::HeelLift => Some(base.heel_lift.0),
            Variable::MedialSkive => Some(base.medial_skive.0),
            Variable::Cover => Some(cover.thickness_mm),
            Variable::CoverModulus => Some(cover.modulus_mpa),
            Variable::PostModulus => Some(Customs::default().post_mpa),
        };
        let otherwise = otherwise.filter(|_| !everything);
        let applied = question.applied.and_then(|doses| doses.get(variable.key()).copied());
        // What cover and posts are made of is no key of the order form.
        let ordered = |key: &str| prescription.dose(key).value().unwrap_or(0.0) > 0.0;
        match variable {
            Variable::CoverModulus | Variable::PostModulus => return applied.or(otherwise),
            Variable::Cover if ordered("cover_mm") || ordered("cushion_mm") => {
                return Some(cover.thickness_mm);
            }
            Variable::Cover => return applied.or(otherwise),
            Variable::HeelCup if operations::is_ucbl(prescription) => {
                return Some(base.heel_cup_depth.0);
            }
            Variable::HeelLift if base.heel_lift.0 > 0.0 => return Some(base.heel_lift.0),
            _ => {}
        }
        match prescription.dose(variable.key()) {
            Dose::Ordered(value) => Some(value),
            Dose::NotOrdered => Some(0.0),
            Dose::Open | Dose::LabDefault(_) => applied.or(otherwise),
        }
    });
    Fixed { values, wedge: operations::wedge(prescription) }
}

fn problem(
    question: &Question<'_>,
    prescription: &Prescription,
    findings: &mut Findings,
) -> Problem {
    let case = &question.job.case;
    let base = base_doses(question, prescription);
    let cover = cover(prescription);
    let customs = Customs {
        thickness_mm: base.thickness.0,
        heel_cup_mm: base.heel_cup_depth.0,
        cover_mm: cover.thickness_mm,
        cover_mpa: cover.modulus_mpa,
        ..Customs::default()
    };
    let knee = Knee::of(question);
    let mut problem = Problem::with_customs(indication(case.indication), knee.pronated, &customs);
    (problem.robust, problem.prefer) = (question.robust, question.prefer);
    problem.fixed = fixed(question, prescription, base);
    if question.applied.is_some() {
        problem.slack = APPLIED_SLACK;
    }
    problem.contraindications =
        case.patient.cautions.iter().map(|caution| contraindication(*caution)).collect();
    problem.contraindications.extend(knee.against);
    problem.contraindications.dedup();
    if case.patient.cautions.contains(&Caution::Neuropathy) {
        problem.limits = problem.limits.neuropathic();
    }
    if question.reach == Reach::Everything {
        problem.evaluations = question.job.evaluations.unwrap_or(EVALUATIONS);
    }
    forbid_degenerate_pairs(prescription, &mut problem, findings);
    bound_by_activity(&case.activity, &mut problem, findings);
    problem
}

/// What an activity asks of a device (knee-model handbook, section 6).
fn bound_by_activity(activity: &str, problem: &mut Problem, findings: &mut Findings) {
    let mut keep = |variable: Variable, [least, most]: [f64; 2]| {
        let [low, high] = &mut problem.bounds.ranges[variable];
        *high = high.min(most).max(*low);
        *low = low.max(least).min(*high);
    };
    let most = match activity {
        "running" => 4.0,
        "court" => {
            keep(Variable::HeelCup, [14.0, f64::INFINITY]);
            3.0
        }
        "standing-work" => {
            keep(Variable::ArchFraction, [0.0, 0.7]);
            keep(Variable::Cover, [4.0, 5.0]);
            findings.note("optimize", "standing-work-walks-too", "standing work: what ankle and sole may bear is held to in walking as well, since nobody only stands; \
                 arch at or under 0.7, cover of 4 to 5 mm (knee-model handbook, section 6)");
            return;
        }
        _ => return,
    };
    for variable in [Variable::RearfootPost, Variable::ForefootPost] {
        keep(variable, [f64::NEG_INFINITY, most]);
    }
    findings.note("optimize", "activity-limits-posts", format!(
        "for {activity} the optimizer keeps lateral posts at or under {most} degrees (knee-model handbook, section 6)"
    ));
}

/// An optimum often lies on a limit, and was found on the pressed shell of the usual thickness; the shell of the chosen thickness
/// moves the figures by less than this share.
const APPLIED_SLACK: f64 = 0.03;

/// Valgus of a knee from which a lateral wedge is forbidden, and varus from which one is unlikely to help, degrees.
const VALGUS_KNEE_DEG: f64 = -3.0;
const UNLIKELY_VARUS_DEG: f64 = 5.0;
/// Foot posture index from which a foot pronates.
const PRONATED_FPI: f64 = 6.0;

/// What foot posture and alignment of one side mean for the search.
struct Knee {
    pronated: bool,
    against: Option<Contraindication>,
}

impl Knee {
    /// `load_case` has refused what contradicts the indication.
    fn of(question: &Question<'_>) -> Self {
        let (case, side) = (&question.job.case, question.side);
        let index = case.knee[&side].optional_number("foot_posture_index");
        let against = match gait_report::metrics(&case.gait[&side].metrics).knee_varus_deg {
            Some(deg) if deg <= VALGUS_KNEE_DEG => Some(Contraindication::ValgusKnee),
            Some(deg) if deg >= UNLIKELY_VARUS_DEG => Some(Contraindication::BonyVarus),
            _ => None,
        };
        Self { pronated: index.is_some_and(|index| index >= PRONATED_FPI), against }
    }
}

/// Pairs that the knee model's optimizer would exploit (knee-model handbook, section 4).
fn forbid_degenerate_pairs(
    prescription: &Prescription,
    problem: &mut Problem,
    findings: &mut Findings,
) {
    let ordered = |key: &str| prescription.dose(key).value().unwrap_or(0.0);
    if ordered("medial_skive_mm") > 0.0 {
        let [low, high] = &mut problem.bounds.ranges[Variable::RearfootPost];
        *high = high.min(0.0).max(*low);
        findings.note(
            "optimize",
            "skive-excludes-lateral-post",
            "a medial skive is ordered, so the optimizer \
            considers no lateral rearfoot post: the two work against each other"
                .to_owned(),
        );
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
fn decision(
    question: &Question<'_>,
    prescription: &Prescription,
    base: Doses,
    chosen: &Candidate,
) -> Decision {
    let base = prediction::doses_of(chosen, base);
    let searched = |key: &str| {
        let applied = question.applied.is_some_and(|doses| doses.contains_key(key));
        if question.reach == Reach::Everything || applied {
            DecidedBy::Optimizer
        } else {
            DecidedBy::Lab
        }
    };
    let values = [
        ("arch_fraction", base.arch_fraction, DecidedBy::Optimizer),
        ("cast_fill_mm", base.cast_fill.0, DecidedBy::Lab),
        ("lateral_expansion_mm", base.lateral_expansion.0, DecidedBy::Lab),
        ("heel_cup_depth_mm", base.heel_cup_depth.0, searched("heel_cup_depth_mm")),
        ("medial_skive_mm", base.medial_skive.0, searched("medial_skive_mm")),
        // Radians and back would leave 3.4999999999999996.
        ("rearfoot_post_deg", rounded(base.rearfoot_post.deg()), DecidedBy::Optimizer),
        ("forefoot_post_deg", rounded(base.forefoot_post.deg()), DecidedBy::Optimizer),
        ("heel_lift_mm", base.heel_lift.0, searched("heel_lift_mm")),
        ("shell_thickness_mm", base.thickness.0, searched("shell_thickness_mm")),
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
            Dose::LabDefault(_) | Dose::Open => (key, value, open),
        })
        .collect();
    let cover = prediction::cover_of(chosen);
    let post_mpa = chosen.values[Variable::PostModulus];
    Decision { base, design: operations::design(base, prescription), cover, post_mpa, doses }
}
