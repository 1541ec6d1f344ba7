use serde::Serialize;

/// What a key may hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Kind {
    /// A number with unit and range.
    Number {
        /// Unit as shown to people; it is also the key's ending.
        unit: &'static str,
        /// Smallest allowed value.
        low: f64,
        /// Largest allowed value.
        high: f64,
    },
    /// A whole number with a range.
    Count {
        /// Smallest allowed value.
        low: u32,
        /// Largest allowed value.
        high: u32,
    },
    /// Any text.
    Text,
    /// One of a few words.
    Choice {
        /// The words.
        words: &'static [&'static str],
    },
    /// A list of texts, such as the labels that a marker may carry.
    Texts {
        /// Most texts in the list.
        most: u32,
    },
}

/// What holds if a key is not written.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The key must be written.
    Required,
    /// A number, in the key's unit.
    Number(f64),
    /// A word or text.
    Text(&'static str),
    /// Nothing: left open, for the optimizer or a later step to decide.
    Open,
}

/// One parameter's only entry: reader, help pages and forms derive from it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Key in files; ends with the unit.
    pub key: &'static str,
    /// Type, unit, range.
    #[serde(flatten)]
    pub kind: Kind,
    /// Default.
    pub preset: Preset,
    /// One sentence for the person who fills it in.
    pub help: &'static str,
    /// Where range and default come from.
    pub source: &'static str,
}

impl Parameter {
    /// What may be written, in words: `2 to 6 mm`.
    #[must_use]
    pub fn range_words(&self) -> String {
        match self.kind {
            Kind::Number { unit, low, high } => {
                format!("{low} to {high} {unit}").trim_end().to_owned()
            }
            Kind::Count { low, high } => format!("{low} to {high}"),
            Kind::Text => "text".to_owned(),
            Kind::Choice { words } => words.join(" | "),
            Kind::Texts { most } => format!("list of up to {most} texts"),
        }
    }

    /// What holds when nothing is written, in words.
    #[must_use]
    pub fn preset_words(&self) -> String {
        match self.preset {
            Preset::Required => "must be written".to_owned(),
            Preset::Number(number) => format!("default {number}"),
            Preset::Text(text) => format!("default \"{text}\""),
            Preset::Open => "open when not written".to_owned(),
        }
    }

    /// A number with a default.
    #[must_use]
    pub const fn number(
        key: &'static str,
        (low, high, unit): (f64, f64, &'static str),
        preset: Preset,
        help: &'static str,
        source: &'static str,
    ) -> Self {
        Self { key, kind: Kind::Number { unit, low, high }, preset, help, source }
    }

    /// A whole number with a default.
    #[must_use]
    pub const fn count(
        key: &'static str,
        (low, high): (u32, u32),
        preset: u32,
        help: &'static str,
        source: &'static str,
    ) -> Self {
        Self {
            key,
            kind: Kind::Count { low, high },
            preset: Preset::Number(preset as f64),
            help,
            source,
        }
    }

    /// A text.
    #[must_use]
    pub const fn text(
        key: &'static str,
        preset: Preset,
        help: &'static str,
        source: &'static str,
    ) -> Self {
        Self { key, kind: Kind::Text, preset, help, source }
    }

    /// One of a few words.
    #[must_use]
    pub const fn choice(
        key: &'static str,
        words: &'static [&'static str],
        preset: Preset,
        help: &'static str,
        source: &'static str,
    ) -> Self {
        Self { key, kind: Kind::Choice { words }, preset, help, source }
    }

    /// A list of texts; may be left out.
    #[must_use]
    pub const fn texts(
        key: &'static str,
        most: u32,
        help: &'static str,
        source: &'static str,
    ) -> Self {
        Self { key, kind: Kind::Texts { most }, preset: Preset::Open, help, source }
    }
}
