//! The published table beside the model's figures.

use serde::Serialize;

use crate::experiments::Experiments;
use crate::rows::{Comparison, Row, table};

/// The whole comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Validation {
    /// Every row of the table.
    pub rows: Vec<CheckedRow>,
    /// Every failure that is stated openly, with today's figure.
    pub failures: Vec<CheckedFailure>,
}

/// A row with the model's answer.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedRow {
    /// The published result.
    #[serde(flatten)]
    pub row: Row,
    /// Published values in words.
    pub published: String,
    /// The model's values in words; empty if it has none.
    pub model: String,
    /// The worst verdict of its comparisons, or why there is none.
    pub verdict: String,
    /// Each figure.
    pub comparisons: Vec<CheckedComparison>,
}

/// One figure, published and modeled.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedComparison {
    /// Name of the experiment.
    pub experiment: String,
    /// Published value; for comparisons by sign its sign is what counts.
    pub published: f64,
    /// Agreement is within this; `None` for comparisons by sign.
    pub half_width: Option<f64>,
    /// The model's value.
    pub model: f64,
    /// `agrees`, `too small`, `too large` or `wrong sign`.
    pub verdict: &'static str,
}

/// A failure that is stated openly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedFailure {
    /// What fails, in words.
    pub statement: String,
    /// What trials found.
    pub published: f64,
    /// What the model says.
    pub model: f64,
}

/// Verdicts from best to worst.
const AGREES: &str = "agrees";
const TOO_SMALL: &str = "too small";
const TOO_LARGE: &str = "too large";
const WRONG_SIGN: &str = "wrong sign";

/// Runs every experiment of the table.
///
/// # Panics
/// If the table names an experiment that does not exist; a test runs them all.
#[must_use]
pub fn validate(experiments: &Experiments) -> Validation {
    let table = table();
    let value = |name: &str| {
        experiments.value(name).unwrap_or_else(|| panic!("no experiment is called {name}"))
    };
    let rows = table.rows.into_iter().map(|row| checked(row, &value)).collect();
    let failures = table
        .failures
        .into_iter()
        .map(|failure| CheckedFailure {
            model: value(&failure.experiment),
            statement: failure.statement,
            published: failure.published,
        })
        .collect();
    Validation { rows, failures }
}

fn checked(row: Row, value: &impl Fn(&str) -> f64) -> CheckedRow {
    let comparisons: Vec<CheckedComparison> =
        row.comparisons.iter().map(|comparison| compared(comparison, value)).collect();
    let joined = |each: &dyn Fn(&CheckedComparison) -> String| {
        comparisons.iter().map(each).collect::<Vec<_>>().join(", ")
    };
    let published = joined(&|c| match c.half_width {
        Some(half_width) => format!("{} ± {half_width}", c.published),
        None if c.published < 0.0 => "falls".to_owned(),
        None => "rises".to_owned(),
    });
    let model = joined(&|c| figure(c.model));
    let worst = [WRONG_SIGN, TOO_LARGE, TOO_SMALL, AGREES]
        .into_iter()
        .find(|verdict| comparisons.iter().any(|c| c.verdict == *verdict));
    let verdict = match worst {
        Some(verdict) => verdict.to_owned(),
        None => format!("no figure ({})", row.role),
    };
    CheckedRow { row, published, model, verdict, comparisons }
}

fn compared(comparison: &Comparison, value: &impl Fn(&str) -> f64) -> CheckedComparison {
    let (published, model) = (comparison.published, value(&comparison.experiment));
    let verdict = match comparison.half_width {
        // A model that hardly moves agrees with "no significant change", not with a direction.
        None if published * model > 0.0 => AGREES,
        None => WRONG_SIGN,
        Some(half_width) if (model - published).abs() <= half_width => AGREES,
        Some(_) if published * model < 0.0 => WRONG_SIGN,
        Some(_) if model.abs() < published.abs() => TOO_SMALL,
        Some(_) => TOO_LARGE,
    };
    CheckedComparison {
        experiment: comparison.experiment.clone(),
        published,
        half_width: comparison.half_width,
        model,
        verdict,
    }
}

/// Two decimals for shares and slopes, one for percent.
fn figure(value: f64) -> String {
    if value.abs() < 1.5 { format!("{value:.2}") } else { format!("{value:.1}") }
}
