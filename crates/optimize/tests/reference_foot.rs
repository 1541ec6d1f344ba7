//! The search on the reference foot of the knee model.

use std::sync::Mutex;

use gait::{GaitMetrics, Person};
use knee::{
    Device, FootContact, KneeModel, Materials, Parameters, ReferenceFoot, ReferenceOrthosis,
};
use optimize::{
    Candidate, Contraindication, DeviceFamily, Fixed, Indication, Limit, Optimum, Problem,
    Recommendation, optimize,
};
use vocabulary::{Angle, Findings};

struct Family {
    foot: FootContact,
    lift_mm: f64,
}

impl DeviceFamily for Family {
    fn device(&self, candidate: &Candidate) -> Device {
        let orthosis = ReferenceOrthosis {
            rearfoot_post: candidate.rearfoot_post,
            forefoot_post: candidate.forefoot_post,
            arch_fill: candidate.arch_fraction,
            materials: Materials {
                shell_kpa_per_mm: Some(30.0),
                cup_mm: 12.0,
                lift_mm: self.lift_mm,
                ..Materials::default()
            },
            cup_fill: 0.6,
            ..ReferenceOrthosis::default()
        };
        Device::reference_orthosis(&self.foot, &orthosis)
    }
}

fn model(metrics: GaitMetrics) -> KneeModel {
    let person = Person { mass_kg: 75.0, height_m: 1.72 };
    let stance = gait::stance(&person, &metrics, 260.0, &mut Findings::new());
    let foot = FootContact::reference(&ReferenceFoot::default());
    KneeModel::new(foot, stance.expect("a norm"), Parameters::default()).expect("it stands")
}

fn solved(problem: &Problem, metrics: GaitMetrics) -> (Optimum, Findings) {
    let model = model(metrics);
    let family = Family { foot: model.foot().clone(), lift_mm: 0.0 };
    let mut findings = Findings::new();
    let optimum = optimize(&model, &family, problem, &|_| {}, &mut findings);
    (optimum.expect("a recommendation"), findings)
}

/// The handbook's problem with fewer evaluations, for speed.
fn problem(indication: Indication) -> Problem {
    Problem { evaluations: 150, ..Problem::new(indication, false) }
}

fn assert_orderable(candidate: &Candidate) {
    for post in [candidate.rearfoot_post, candidate.forefoot_post] {
        let halves = post.deg() * 2.0;
        assert!((halves - halves.round()).abs() < 1e-9, "{candidate:?}");
    }
    let twentieths = candidate.arch_fraction * 20.0;
    assert!((twentieths - twentieths.round()).abs() < 1e-9, "{candidate:?}");
}

/// Section 4, demo of the reference: medial OA about 7/6 degrees lateral, KAM1 -6.8, KAAI -9.1 at +1.5 degrees;
/// front from -8.5 % at +1.44° to -5.7 % at +0.86°, about 6 % per degree.
#[test]
fn medial_oa_is_in_the_ballpark_of_the_demo() {
    let (optimum, findings) = solved(&problem(Indication::MedialKneeOa), GaitMetrics::default());
    let prediction = &optimum.prediction;
    assert_orderable(&optimum.chosen);
    assert_eq!(optimum.recommendation, Recommendation::Tuned);
    assert!((-10.0..-8.0).contains(&prediction.kam_impulse.change_pct), "{}", optimum.why);
    assert!((-8.0..-6.0).contains(&prediction.kam_peak1.change_pct), "{}", optimum.why);
    assert!((1.2..=1.5).contains(&prediction.eversion.deg()), "{}", optimum.why);
    assert!(!findings.has("optimize-limits-exceeded"));
    assert!(!optimum.active_limits.is_empty() && !optimum.neighbors.is_empty());
    assert!(optimum.why.contains("90 % interval"), "{}", optimum.why);

    for (eversion, impulse) in [(1.44, -8.5), (1.12, -7.2), (0.86, -5.7)] {
        let within = optimum.front.iter().find(|point| point.eversion_deg <= eversion);
        let found = within.expect("a point of the front").kam_impulse_pct;
        assert!((found - impulse).abs() < 0.8, "at {eversion}°: {found}");
    }
    for pair in optimum.front.windows(2) {
        assert!(pair[1].kam_impulse_pct >= pair[0].kam_impulse_pct);
        assert!(pair[1].eversion_deg < pair[0].eversion_deg);
    }
}

#[test]
fn every_indication_keeps_its_limits_and_directions() {
    for (indication, least_eversion, most_eversion) in [
        (Indication::LateralKneeOa, -1.5, 0.0),
        (Indication::PatellofemoralPain, -1.5, 0.0),
        (Indication::FlatFoot, -2.0, 0.0),
        (Indication::Cavus, -1.5, 1.0),
        (Indication::ImpactSport, -1.0, 0.1),
        (Indication::None, -1.0, 0.1),
    ] {
        let (optimum, findings) = solved(&problem(indication), GaitMetrics::default());
        assert_orderable(&optimum.chosen);
        let eversion = optimum.prediction.eversion.deg();
        assert!((least_eversion..=most_eversion).contains(&eversion), "{}", optimum.why);
        assert!(!findings.has("optimize-limits-exceeded"), "{}", optimum.why);
        let posts = [optimum.chosen.rearfoot_post.deg(), optimum.chosen.forefoot_post.deg()];
        match indication {
            Indication::LateralKneeOa => {
                assert!(posts.iter().all(|post| *post <= 0.0), "{}", optimum.why);
                assert!(optimum.prediction.kam_impulse.change_pct > 2.0, "{}", optimum.why);
            }
            Indication::ImpactSport | Indication::None => assert!(optimum.chosen.is_unposted()),
            _ => {}
        }
    }
}

#[test]
fn what_is_ordered_stays() {
    let fixed = Fixed {
        rearfoot_post: Some(Angle::from_deg(3.7)),
        forefoot_post: None,
        arch_fraction: Some(0.42),
    };
    let problem = Problem { fixed, ..problem(Indication::MedialKneeOa) };
    let (optimum, _) = solved(&problem, GaitMetrics::default());
    assert_eq!(Some(optimum.chosen.rearfoot_post), fixed.rearfoot_post);
    assert_eq!(Some(optimum.chosen.arch_fraction), fixed.arch_fraction);
    assert!(optimum.chosen.forefoot_post.deg() > 2.0, "{}", optimum.why);
    assert!(optimum.front.iter().all(|p| p.candidate.arch_fraction == 0.42));
}

#[test]
fn orders_against_the_indication_stay_and_are_said() {
    let fixed = Fixed {
        rearfoot_post: Some(Angle::from_deg(6.0)),
        forefoot_post: Some(Angle::ZERO),
        arch_fraction: None,
    };
    let (optimum, findings) = solved(
        &Problem {
            fixed,
            contraindications: vec![Contraindication::ValgusKnee],
            ..problem(Indication::LateralKneeOa)
        },
        GaitMetrics::default(),
    );
    assert_eq!(Some(optimum.chosen.rearfoot_post), fixed.rearfoot_post);
    for code in [
        "optimize-order-against-indication",
        "optimize-order-contraindicated",
        "optimize-abstains",
        "optimize-limits-exceeded",
    ] {
        assert!(findings.has(code), "{code}: {findings:?}");
    }
    assert!(optimum.active_limits.contains(&Limit::PostDifference));
}

#[test]
fn a_contraindication_leaves_no_wedge_and_abstains() {
    let (optimum, findings) = solved(
        &Problem {
            contraindications: vec![Contraindication::RigidFlatFoot],
            ..problem(Indication::MedialKneeOa)
        },
        GaitMetrics::default(),
    );
    assert!(optimum.chosen.is_unposted(), "{}", optimum.why);
    assert_eq!(optimum.recommendation, Recommendation::Neutral);
    assert!(findings.has("optimize-abstains") && findings.has("optimize-contraindication"));
    assert!(optimum.why.contains("neutral device"), "{}", optimum.why);
}

/// The gain in percent is smaller where the moment is large: at 8 %BW·Ht a trial is not worth it.
#[test]
fn a_gain_too_small_to_expect_is_not_recommended() {
    let metrics = GaitMetrics {
        kam_peak1_pct_bwht: Some(8.0),
        kam_peak2_pct_bwht: Some(6.0),
        ..GaitMetrics::default()
    };
    let pronated = Problem { evaluations: 150, ..Problem::new(Indication::MedialKneeOa, true) };
    let (optimum, findings) = solved(&pronated, metrics);
    assert_eq!(optimum.recommendation, Recommendation::Neutral, "{}", optimum.why);
    assert!(optimum.chosen.is_unposted() && findings.has("optimize-abstains"));
}

#[test]
fn a_lift_against_the_indication_is_said() {
    let model = model(GaitMetrics::default());
    let family = Family { foot: model.foot().clone(), lift_mm: 8.0 };
    let problem = Problem { evaluations: 20, ..problem(Indication::MedialKneeOa) };
    let mut findings = Findings::new();
    let found = optimize(&model, &family, &problem, &|_| {}, &mut findings).expect("a result");
    assert!(findings.has("optimize-lift"));
    assert!(found.active_limits.contains(&Limit::FlexionMoment), "+3.2 % of the flexion moment");
}

#[test]
fn one_and_two_threads_find_the_same() {
    let problem = problem(Indication::MedialKneeOa);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| solved(&problem, GaitMetrics::default()))
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn progress_reaches_the_end() {
    let model = model(GaitMetrics::default());
    let family = Family { foot: model.foot().clone(), lift_mm: 0.0 };
    let calls = Mutex::new(Vec::new());
    let problem = Problem { evaluations: 10, ..problem(Indication::FlatFoot) };
    let progress = |done: f64| calls.lock().expect("no panic").push(done);
    optimize(&model, &family, &problem, &progress, &mut Findings::new()).expect("a result");
    let calls = calls.into_inner().expect("no panic");
    assert!(calls.iter().all(|done| (0.0..=1.0).contains(done)));
    assert_eq!(calls.last(), Some(&1.0));
}

#[test]
fn orders_that_cannot_be_built_are_refused() {
    let model = model(GaitMetrics::default());
    let family = Family { foot: model.foot().clone(), lift_mm: 0.0 };
    let mut problem = problem(Indication::MedialKneeOa);
    problem.fixed.rearfoot_post = Some(Angle::from_deg(40.0));
    let refused = optimize(&model, &family, &problem, &|_| {}, &mut Findings::new());
    let message = refused.expect_err("a post of 40°").to_string();
    assert!(message.contains("rearfoot_post_deg is 40"), "{message}");
    problem.fixed = Fixed::default();
    problem.bounds.arch_fraction = [0.6, 0.4];
    let refused = optimize(&model, &family, &problem, &|_| {}, &mut Findings::new());
    assert!(refused.expect_err("empty bounds").to_string().contains("arch, 0.6 to 0.4"));
}
