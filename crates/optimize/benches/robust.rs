//! A robust optimization of the reference foot with 5,000 evaluations over all variables; the goal is under 3 s on two cores.
//!
//! `cargo bench -p optimize`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops where something is not as expected, and prints what it measured"
)]

use std::time::Instant;

use gait::{GaitMetrics, Person};
use knee::{
    Device, FootContact, KneeModel, Materials, Parameters, ReferenceFoot, ReferenceOrthosis,
};
use optimize::{Candidate, DeviceFamily, Indication, Problem, Robust, Variable, optimize};
use vocabulary::Findings;

struct Family(FootContact);

impl DeviceFamily for Family {
    fn device(&self, candidate: &Candidate) -> Device {
        let value = |variable| candidate.values[variable];
        let orthosis = ReferenceOrthosis {
            rearfoot_post: candidate.rearfoot_post(),
            forefoot_post: candidate.forefoot_post(),
            arch_fill: candidate.arch_fraction(),
            skive_mm: value(Variable::MedialSkive),
            cup_fill: 0.6,
            materials: Materials {
                shell_kpa_per_mm: Some(12.0 * (value(Variable::Thickness) / 3.0).powf(2.31)),
                base_mm: value(Variable::Thickness),
                cover_mm: value(Variable::Cover),
                cover_mpa: value(Variable::CoverModulus),
                post_mpa: value(Variable::PostModulus),
                cup_mm: value(Variable::HeelCup),
                ..Materials::default()
            },
            ..ReferenceOrthosis::default()
        };
        Device::reference_orthosis(&self.0, &orthosis)
    }
}

fn main() {
    let person = Person { mass_kg: 75.0, height_m: 1.72 };
    let stance =
        gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
    let foot = FootContact::reference(&ReferenceFoot::default());
    let model = KneeModel::new(foot.clone(), stance, Parameters::default()).unwrap();
    let family = Family(foot);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for (indication, robust) in [
            (Indication::MedialKneeOa, Robust::MeanAndDeviation),
            (Indication::MedialKneeOa, Robust::Chance),
            (Indication::FlatFoot, Robust::MeanAndDeviation),
            (Indication::MedialKneeOa, Robust::Nominal),
        ] {
            let mut problem =
                Problem { evaluations: 5000, robust, ..Problem::new(indication, false) };
            for variable in Variable::ALL {
                problem.fixed.values[variable] = None;
            }
            let start = Instant::now();
            let run = || optimize(&model, &family, &problem, &|_| {}, &mut Findings::new());
            let found = pool.install(run).unwrap();
            println!(
                "{threads} thread(s), {indication:?}, {robust:?}: {:.2} s, {} evaluations (goal 3 s on two cores)",
                start.elapsed().as_secs_f64(),
                found.evaluations
            );
        }
    }
}
