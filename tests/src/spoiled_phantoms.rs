//! The acceptance suite over spoiled phantoms: feet with known truth, spoiled as scanners do, written
//! to bytes, read by the real readers, and compared with the truth.
//!
//! The cases are data: `cases/spoiled_phantoms.toml` names feet and groups of spoilers; a case is one
//! of each. What must be reached stands in [`limits`]; a group may name limits that are not reached
//! yet (`not_yet`), which the suite reports, and only those.

mod case;
mod error;
pub mod limits;
mod reading;
mod table;

pub use case::{Case, Extent, Group, Suite};
pub use error::Errors;
pub use reading::{Outcome, Read};
pub use table::{Row, Table};

use rayon::prelude::*;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Result {
    /// The case.
    pub case: Case,
    /// What the readers said.
    pub outcome: Outcome,
    /// How far that is from the truth; `None` if there is no foot to compare.
    pub errors: Option<Errors>,
}

/// Runs all cases of a suite; results stand in the order of the cases.
///
/// # Panics
/// If a case cannot be made: the suite's own data are wrong.
#[must_use]
pub fn run(suite: &Suite, extent: Extent) -> Vec<Result> {
    run_cases(suite, suite.cases(extent))
}

/// Runs some cases of a suite; results stand in their order.
///
/// # Panics
/// If a case cannot be made: the suite's own data are wrong.
#[must_use]
pub fn run_cases(suite: &Suite, cases: Vec<Case>) -> Vec<Result> {
    let phantoms = suite.phantoms(&cases);
    let limits = reading::shipped_limits();
    cases
        .into_par_iter()
        .map(|case| {
            let foot = &phantoms[&case.foot];
            let scan = phantom::spoil::spoil(foot, &case.spoilers, case.seed)
                .unwrap_or_else(|error| panic!("{}: {error}", case.name()));
            let outcome = reading::read(&case, &scan, &limits);
            let errors = outcome.foot.as_ref().map(|read| Errors::of(read, &scan, &case));
            Result { case, outcome, errors }
        })
        .collect()
}
