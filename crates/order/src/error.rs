/// Why an order cannot be taken: the place, what stands there, and what to write instead.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OrderError {
    /// The text is not TOML.
    #[error("{place}: not valid TOML: {reason}")]
    Syntax {
        /// Name of the file.
        place: String,
        /// What the TOML reader says, with line and column.
        reason: String,
    },
    /// A key that nobody declared.
    #[error("{place}: unknown key `{key}`{}", suggestion(.nearest))]
    UnknownKey {
        /// Table in which it stands.
        place: String,
        /// The key.
        key: String,
        /// The declared key that looks most like it.
        nearest: Option<String>,
    },
    /// A key that must be there is not.
    #[error("{place}: `{key}` is missing; it is {help}")]
    Missing {
        /// Table in which it should stand.
        place: String,
        /// The key.
        key: &'static str,
        /// What it means.
        help: &'static str,
    },
    /// A value of the wrong type.
    #[error("{place}: `{key}` must be {expected}, found {found}")]
    WrongType {
        /// Table in which it stands.
        place: String,
        /// The key.
        key: String,
        /// What would be right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A number outside its range.
    #[error(
        "{place}: `{key}` = {} is outside {low} to {}; write a value inside this range",
        quantity(*.value, .unit),
        quantity(*.high, .unit)
    )]
    OutOfRange {
        /// Table in which it stands.
        place: String,
        /// The key.
        key: &'static str,
        /// The number.
        value: f64,
        /// Its unit.
        unit: &'static str,
        /// Smallest allowed.
        low: f64,
        /// Largest allowed.
        high: f64,
    },
    /// A word that is not one of the known ones.
    #[error("{place}: `{key}` = \"{value}\" is not known; use one of {}", .allowed.join(", "))]
    UnknownWord {
        /// Table in which it stands.
        place: String,
        /// The key.
        key: String,
        /// The word.
        value: String,
        /// The known words.
        allowed: Vec<String>,
    },
    /// The same thing is said twice and differs.
    #[error("{place}: `{key}` is \"{first}\" and \"{second}\"; say it once")]
    Contradiction {
        /// The file.
        place: String,
        /// The key.
        key: &'static str,
        /// What is said first.
        first: String,
        /// What is said later.
        second: String,
    },
    /// A whole group is missing.
    #[error("{place}: {what}")]
    Incomplete {
        /// The file.
        place: String,
        /// What is missing and how to give it.
        what: String,
    },
    /// Larger than any order can be.
    #[error("{place}: {bytes} bytes is too large; a file of this kind has at most {limit}")]
    TooLarge {
        /// The file.
        place: String,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// A number with its unit; numbers that no scale has are shortened.
fn quantity(value: f64, unit: &str) -> String {
    let number = if value.abs() < 1e6 { value.to_string() } else { format!("{value:e}") };
    format!("{number} {unit}").trim_end().to_owned()
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(
        || "; remove it, or see `solewright parameters` for the known keys".to_owned(),
        |key| format!("; did you mean `{key}`?"),
    )
}
