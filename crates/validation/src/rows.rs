//! The published table, as data.

use serde::{Deserialize, Serialize};

/// Published figures and the failures that are stated openly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// One published result each.
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
    /// What the model is known not to do.
    #[serde(rename = "failure")]
    pub failures: Vec<Failure>,
}

/// One published result.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Number of the row in the handbook's table.
    pub id: u32,
    /// Authors, year, journal.
    pub source: String,
    /// Digital object identifier, where one is known.
    #[serde(default)]
    pub doi: Option<String>,
    /// Number of people, as published.
    pub n: String,
    /// Who they were.
    pub population: String,
    /// What they wore or did.
    pub intervention: String,
    /// What was measured.
    pub outcome: String,
    /// Unit of published and model values.
    pub unit: String,
    /// Value without the intervention, where it matters.
    #[serde(default)]
    pub baseline: Option<String>,
    /// What is known of the spread, and why this is taken as agreement.
    pub spread: String,
    /// How the figure is known: V read, S well known, A approximate.
    pub certainty: String,
    /// Whether the figure was used in the calibration or held out.
    pub role: String,
    /// What a reader must know besides.
    #[serde(default)]
    pub note: Option<String>,
    /// Figures to compare; empty where the model has none.
    #[serde(default, rename = "compare", skip_serializing)]
    pub comparisons: Vec<Comparison>,
}

/// One figure of a row and the model's experiment that answers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Name of the experiment, see [`crate::Experiments::value`].
    pub experiment: String,
    /// Published value; its sign, where only the sign is compared.
    pub published: f64,
    /// The model agrees within this.
    #[serde(default)]
    pub half_width: Option<f64>,
    /// `"sign"` if only the direction is compared.
    #[serde(default)]
    pub by: Option<String>,
}

/// A failure that is stated openly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What fails, in words.
    pub statement: String,
    /// What trials found.
    pub published: f64,
    /// The experiment that shows it.
    pub experiment: String,
}

/// The handbook's table.
///
/// # Panics
/// Never: the table is part of the program, and a test reads it.
#[must_use]
#[expect(clippy::expect_used, reason = "the table is compiled in and read by a test")]
pub fn table() -> Table {
    toml::from_str(include_str!("../data/knee.toml")).expect("the table of published results")
}
