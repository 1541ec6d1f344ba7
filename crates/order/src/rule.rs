//! Compatibility rules: doses that are right each, and not together or not for this person.
//!
//! A rule is data (`profiles/rules`): conditions that must all hold, an exception, and what is then said. A lab
//! keeps its own list and decides which rules refuse and which warn.

use crate::{Caution, Indication, Kind, OrderError, PRESCRIPTION, Parameter, Preset, table};

/// Most terms of a sum and most conditions of a rule.
const MOST_TERMS: usize = 8;

/// One rule of a rules profile.
#[derive(Clone, Debug, PartialEq)]
pub struct CompatibilityRule {
    /// Its name, as `skive-cup`.
    pub rule: String,
    /// Whether the order is refused; else a warning is said.
    pub refuses: bool,
    /// What speaks against it.
    pub reason: String,
    /// What to order instead.
    pub way_out: String,
    /// Where the rule comes from.
    pub source: String,
    when: Vec<Condition>,
    unless: Vec<Condition>,
    /// The conditions as they are written.
    when_text: Vec<String>,
    unless_text: Vec<String>,
}

/// What is known of one foot's order when the rules are asked.
pub trait OrderFacts {
    /// The decided dose of a key, in the key's unit; 0 if it is not ordered.
    fn dose(&self, key: &str) -> f64;
    /// The word of a key of the prescription, or of `indication`, `activity`, `arch_type`; empty if it is not known.
    fn word(&self, key: &str) -> String;
    /// Whether a finding is on file.
    fn caution(&self, caution: Caution) -> bool;
}

/// A condition of a rule.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    /// A sum of doses, or its size, against a number.
    Sum { terms: Vec<(f64, &'static str)>, is_size: bool, comparison: Comparison, limit: f64 },
    /// A key has one of these words.
    Word { key: String, words: Vec<String> },
    /// One of these is on file.
    OnFile(Vec<Caution>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

const RULE: &[Parameter] = &[
    Parameter::text("rule", Preset::Required, "name of the rule", "lab"),
    Parameter::choice(
        "severity",
        &["warn", "refuse"],
        Preset::Text("warn"),
        "whether the order is carried out with a warning, or refused",
        "lab",
    ),
    Parameter::texts(
        "when",
        MOST_TERMS as u32,
        "conditions that must all hold: `key + key > number`, `|key - key| > number`, `word_key = word, word`, \
         `caution = word, word`",
        "lab",
    ),
    Parameter::texts("unless", MOST_TERMS as u32, "exception: these all hold", "lab"),
    Parameter::text("reason", Preset::Required, "what speaks against it", "lab"),
    Parameter::text("way_out", Preset::Required, "what to order instead", "lab"),
    Parameter::text("source", Preset::Required, "where the rule comes from", "lab"),
];

/// Words that a condition may ask for besides those of the prescription.
const OTHER_WORDS: [(&str, &[&str]); 3] = [
    ("indication", Indication::WORDS),
    ("activity", &["everyday", "standing-work", "running", "court"]),
    ("arch_type", &["flat", "normal", "high-arched"]),
];

/// Reads a rules profile: a list of `[[rule]]` tables.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_rules(text: &str, place: &str) -> Result<Vec<CompatibilityRule>, OrderError> {
    table::read_rule_list(text, place, RULE)?
        .into_iter()
        .map(|(place, values)| {
            let conditions = |key: &str| {
                values
                    .list(key)
                    .iter()
                    .map(|text| condition(text).map_err(|what| fault(&place, text, &what)))
                    .collect::<Result<Vec<_>, _>>()
            };
            let (when, unless) = (conditions("when")?, conditions("unless")?);
            if when.is_empty() {
                return Err(fault(&place, "when", "at least one condition is needed"));
            }
            let text = |name: &str| values.text(name).to_owned();
            Ok(CompatibilityRule {
                rule: text("rule"),
                refuses: values.text("severity") == "refuse",
                reason: text("reason"),
                way_out: text("way_out"),
                source: text("source"),
                when,
                unless,
                when_text: values.list("when").to_vec(),
                unless_text: values.list("unless").to_vec(),
            })
        })
        .collect()
}

fn fault(place: &str, text: &str, what: &str) -> OrderError {
    OrderError::Incomplete { place: place.to_owned(), what: format!("`{text}`: {what}") }
}

fn condition(text: &str) -> Result<Condition, String> {
    for (sign, comparison) in [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::More),
    ] {
        if let Some((sum, limit)) = text.split_once(sign) {
            let limit = limit.trim().parse::<f64>().ok().filter(|limit| limit.is_finite());
            let limit = limit.ok_or("the right side is a number")?;
            let sum = sum.trim();
            let inner = sum.strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
            let terms = terms(inner.unwrap_or(sum))?;
            return Ok(Condition::Sum { terms, is_size: inner.is_some(), comparison, limit });
        }
    }
    let (key, words) = text.split_once('=').ok_or("a comparison (<, <=, >, >=) or = is missing")?;
    let (key, words) = (key.trim(), words.split(',').map(|word| word.trim().to_owned()));
    let words: Vec<String> = words.collect();
    if key == "caution" {
        let of = |word: &String| {
            Caution::from_word(word)
                .ok_or_else(|| format!("{word} is none of {}", Caution::WORDS.join(", ")))
        };
        return Ok(Condition::OnFile(words.iter().map(of).collect::<Result<_, _>>()?));
    }
    let own = PRESCRIPTION.iter().find_map(|parameter| match parameter.kind {
        Kind::Choice { words } if parameter.key == key => Some(words),
        _ => None,
    });
    let other = OTHER_WORDS.iter().find(|(name, _)| *name == key).map(|(_, words)| *words);
    let allowed = own.or(other).ok_or_else(|| format!("`{key}` holds no word"))?;
    if let Some(word) = words.iter().find(|word| !allowed.contains(&word.as_str())) {
        return Err(format!("{word} is none of {}", allowed.join(", ")));
    }
    Ok(Condition::Word { key: key.to_owned(), words })
}

/// `a + b - c`: signs and keys.
fn terms(text: &str) -> Result<Vec<(f64, &'static str)>, String> {
    let mut terms = Vec::new();
    let mut sign = 1.0;
    for word in text.replace('+', " + ").replace('-', " - ").split_whitespace() {
        match word {
            "+" => {}
            "-" => sign = -sign,
            key => {
                let known = PRESCRIPTION.iter().find(|parameter| {
                    parameter.key == key && !matches!(parameter.kind, Kind::Choice { .. })
                });
                let known = known.ok_or_else(|| format!("`{key}` is no dose of a prescription"))?;
                terms.push((sign, known.key));
                sign = 1.0;
            }
        }
    }
    if terms.is_empty() || terms.len() > MOST_TERMS {
        return Err(format!("1 to {MOST_TERMS} keys stand on the left side"));
    }
    Ok(terms)
}

impl Condition {
    fn holds(&self, facts: &dyn OrderFacts) -> bool {
        match self {
            Self::Sum { terms, is_size, comparison, limit } => {
                let sum: f64 = terms.iter().map(|(sign, key)| sign * facts.dose(key)).sum();
                let value = if *is_size { sum.abs() } else { sum };
                // Doses come as tenths of mm and degrees that went through radians.
                let over = value - limit;
                match comparison {
                    Comparison::Less => over < -1e-9,
                    Comparison::AtMost => over <= 1e-9,
                    Comparison::More => over > 1e-9,
                    Comparison::AtLeast => over >= -1e-9,
                }
            }
            Self::Word { key, words } => words.contains(&facts.word(key)),
            Self::OnFile(cautions) => cautions.iter().any(|caution| facts.caution(*caution)),
        }
    }

    /// The values that the condition asks for, in words.
    fn values(&self, facts: &dyn OrderFacts) -> Vec<String> {
        match self {
            Self::Sum { terms, .. } => terms
                .iter()
                .filter(|(_, key)| terms.len() == 1 || facts.dose(key) != 0.0)
                .map(|(_, key)| format!("{key} = {}", (facts.dose(key) * 100.0).round() / 100.0))
                .collect(),
            Self::Word { key, .. } => vec![format!("{key} = {}", facts.word(key))],
            Self::OnFile(cautions) => {
                let on_file = cautions.iter().filter(|caution| facts.caution(**caution));
                on_file.map(|caution| format!("{} is on file", caution.word())).collect()
            }
        }
    }
}

impl CompatibilityRule {
    /// Whether one of its conditions asks for a key of the prescription.
    #[must_use]
    pub fn asks_for(&self, key: &str) -> bool {
        self.when.iter().any(|condition| match condition {
            Condition::Sum { terms, .. } => terms.iter().any(|(_, other)| *other == key),
            Condition::Word { key: other, .. } => other == key,
            Condition::OnFile(_) => false,
        })
    }

    /// The rule in one sentence, for a handbook.
    #[must_use]
    pub fn words(&self) -> String {
        let does = if self.refuses { "refused" } else { "warned about" };
        let unless = if self.unless_text.is_empty() {
            String::new()
        } else {
            format!(", unless {}", self.unless_text.join(" and "))
        };
        format!(
            "{}: {}{unless} is {does}: {}; {} [{}]",
            self.rule,
            self.when_text.join(" and "),
            self.reason,
            self.way_out,
            self.source
        )
    }

    /// What the rule says of an order, in one sentence; `None` if it does not apply.
    #[must_use]
    pub fn says(&self, facts: &dyn OrderFacts) -> Option<String> {
        let all = |conditions: &[Condition]| conditions.iter().all(|one| one.holds(facts));
        if !all(&self.when) || (!self.unless.is_empty() && all(&self.unless)) {
            return None;
        }
        let mut values: Vec<String> = Vec::new();
        for value in self.when.iter().flat_map(|condition| condition.values(facts)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Some(format!(
            "{}: {}; {} [rule {}, {}]",
            values.join(", "),
            self.reason,
            self.way_out,
            self.rule,
            self.source
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{ProfileKind, ProfileStore};

    /// An order as a test writes it: `key = number`, `key = word`, `caution = word`.
    struct Written(BTreeMap<String, String>);

    impl OrderFacts for Written {
        fn dose(&self, key: &str) -> f64 {
            let usual = if key == "heel_cup_depth_mm" { 14.0 } else { 0.0 };
            self.0.get(key).map_or(usual, |value| value.parse().unwrap())
        }
        fn word(&self, key: &str) -> String {
            self.0.get(key).cloned().unwrap_or_default()
        }
        fn caution(&self, caution: Caution) -> bool {
            self.word("caution") == caution.word()
        }
    }

    /// Orders and the rules that must speak of each: `tests/rules.toml` of this crate.
    #[test]
    fn every_shipped_rule_speaks_where_it_must_and_only_there() {
        let rules = ProfileStore::shipped().read_rules("default").unwrap();
        let cases: toml::Table = include_str!("../tests/rules.toml").parse().unwrap();
        let mut spoken: Vec<String> = Vec::new();
        for case in cases["case"].as_array().unwrap() {
            let order = case["order"].as_table().unwrap();
            let facts = Written(
                order
                    .iter()
                    .map(|(key, value)| {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        (key.clone(), text)
                    })
                    .collect(),
            );
            let said: Vec<&str> = rules
                .iter()
                .filter(|rule| rule.says(&facts).is_some())
                .map(|rule| rule.rule.as_str())
                .collect();
            let wanted: Vec<&str> =
                case["rules"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            assert_eq!(said, wanted, "{order:?}");
            spoken.extend(said.into_iter().map(str::to_owned));
        }
        for rule in &rules {
            assert!(spoken.contains(&rule.rule), "no case for rule {}", rule.rule);
        }
    }

    #[test]
    fn a_rule_names_numbers_reason_and_way_out() {
        let rules = ProfileStore::shipped().read_rules("default").unwrap();
        let facts = Written(BTreeMap::from([
            ("medial_skive_mm".to_owned(), "4".to_owned()),
            ("heel_cup_depth_mm".to_owned(), "12".to_owned()),
        ]));
        let said = rules.iter().find_map(|rule| rule.says(&facts)).unwrap();
        assert!(said.starts_with("medial_skive_mm = 4, heel_cup_depth_mm = 12: "), "{said}");
        assert_eq!(said.lines().count(), 1);
    }

    #[test]
    fn slips_in_a_rules_profile_are_named() {
        let rule = |when: &str| {
            format!(
                "[[rule]]\nrule = \"r\"\nwhen = [\"{when}\"]\nreason = \"r\"\nway_out = \"w\"\nsource = \"s\"\n"
            )
        };
        for (when, word) in [
            ("heel_cup > 3", "`heel_cup` is no dose"),
            ("heel_cup_depth_mm > deep", "the right side is a number"),
            ("heel_cup_depth_mm", "is missing"),
            ("caution = hurry", "hurry is none of"),
            ("indication = hurry", "hurry is none of"),
            ("> 3", "keys stand on the left side"),
        ] {
            let error = read_rules(&rule(when), "rules.toml").unwrap_err().to_string();
            assert!(error.contains(word) && error.starts_with("rules.toml"), "{when}: {error}");
        }
        assert!(read_rules(&rule("|rearfoot_post_deg - forefoot_post_deg| > 4"), "r").is_ok());
        assert_eq!(ProfileKind::Rules.folder(), "rules");
    }
}
