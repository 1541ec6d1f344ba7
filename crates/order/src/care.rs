//! Care profiles: exercises with their dose, wearing in, reviews, signs that must be seen by a physician, and what else may be
//! done, each with its source.

use serde::Serialize;
use toml::{Table, Value};

use crate::case::{Caution, Indication};
use crate::{OrderError, Parameter, Preset, table};

/// One entry of a care profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CareItem {
    /// Name, or the sign to look for.
    pub what: String,
    /// Dose, date, or what to do.
    pub how: String,
    /// Indications that it is for; all if empty.
    pub indications: Vec<String>,
    /// Findings on file that speak against it.
    pub not_with: Vec<String>,
    /// Where it comes from.
    pub source: String,
}

/// A care profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CareProfile {
    /// Name shown on the plan.
    pub name: String,
    /// Getting used to the device.
    pub wearing_in: Vec<CareItem>,
    /// Exercises with their dose.
    pub exercises: Vec<CareItem>,
    /// When to come back, and for what.
    pub reviews: Vec<CareItem>,
    /// Signs that must be seen by a physician.
    pub referrals: Vec<CareItem>,
    /// What else may lower the load, where a device is not recommended.
    pub otherwise: Vec<CareItem>,
}

/// Keys of every entry of a care profile.
pub const CARE: &[Parameter] = &[
    Parameter::text("what", Preset::Required, "name, or the sign to look for", "lab"),
    Parameter::text("how", Preset::Required, "dose, date, or what to do", "lab"),
    Parameter::texts("indications", 10, "indications that it is for; all if not written", "lab"),
    Parameter::texts("not_with", 20, "findings on file that speak against it", "lab"),
    Parameter::text("source", Preset::Required, "where it comes from", "lab"),
];

/// Most entries of a list.
const MOST: usize = 60;

const LISTS: [&str; 5] = ["wearing_in", "exercise", "review", "referral", "otherwise"];

/// Reads a care profile.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_care(text: &str, place: &str) -> Result<CareProfile, OrderError> {
    let root = table::parse(text, place)?;
    table::check_keys(&root, LISTS.into_iter().chain(["name"]), place)?;
    let incomplete = |what: String| OrderError::Incomplete { place: place.to_owned(), what };
    let name = root
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| incomplete("`name` is missing".to_owned()))?;
    let list = |key: &str| -> Result<Vec<CareItem>, OrderError> {
        let items = root
            .get(key)
            .and_then(Value::as_array)
            .filter(|items| !items.is_empty() && items.len() <= MOST)
            .ok_or_else(|| incomplete(format!("1 to {MOST} tables [[{key}]] are wanted")))?;
        let read = |(index, item): (usize, &Value)| {
            let place = format!("{place} [[{key}]] {}", index + 1);
            match item.as_table() {
                Some(item) => read_item(item, &place),
                None => Err(incomplete(format!("`{key}` is a list of tables, written [[{key}]]"))),
            }
        };
        items.iter().enumerate().map(read).collect()
    };
    Ok(CareProfile {
        name: name.to_owned(),
        wearing_in: list("wearing_in")?,
        exercises: list("exercise")?,
        reviews: list("review")?,
        referrals: list("referral")?,
        otherwise: list("otherwise")?,
    })
}

fn read_item(item: &Table, place: &str) -> Result<CareItem, OrderError> {
    let values = table::read(CARE, item, place)?;
    for (key, allowed) in [("indications", Indication::WORDS), ("not_with", Caution::WORDS)] {
        if let Some(word) = values.list(key).iter().find(|word| !allowed.contains(&word.as_str())) {
            return Err(OrderError::UnknownWord {
                place: place.to_owned(),
                key: key.to_owned(),
                value: word.clone(),
                allowed: allowed.iter().map(|&word| word.to_owned()).collect(),
            });
        }
    }
    Ok(CareItem {
        what: values.text("what").to_owned(),
        how: values.text("how").to_owned(),
        indications: values.list("indications").to_vec(),
        not_with: values.list("not_with").to_vec(),
        source: values.text("source").to_owned(),
    })
}

impl CareProfile {
    /// The profile for one person: what is not for this indication, or speaks against a finding on file, left out.
    #[must_use]
    pub fn for_person(&self, indication: Indication, cautions: &[Caution]) -> Self {
        let fits = |item: &CareItem| {
            let named = item.indications.iter().any(|word| word == indication.word());
            let against = |word: &String| cautions.iter().any(|caution| caution.word() == word);
            (item.indications.is_empty() || named) && !item.not_with.iter().any(against)
        };
        let kept = |items: &[CareItem]| items.iter().filter(|item| fits(item)).cloned().collect();
        Self {
            name: self.name.clone(),
            wearing_in: kept(&self.wearing_in),
            exercises: kept(&self.exercises),
            reviews: kept(&self.reviews),
            referrals: kept(&self.referrals),
            otherwise: kept(&self.otherwise),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ProfileKind, ProfileStore};

    fn shipped() -> CareProfile {
        let store = ProfileStore::shipped();
        read_care(store.text(ProfileKind::Care, "default").unwrap(), "care").unwrap()
    }

    /// Every indication gets exercises, reviews and alternatives; every entry names its source.
    #[test]
    fn the_shipped_plan_serves_every_indication() {
        let profile = shipped();
        for indication in Indication::ALL {
            let plan = profile.for_person(*indication, &[]);
            assert!(plan.exercises.len() >= 3, "{indication:?}");
            assert!(plan.reviews.len() >= 2 && plan.referrals.len() >= 8);
            assert!(!plan.otherwise.is_empty() && !plan.wearing_in.is_empty());
        }
        let children = profile.for_person(Indication::FlatFoot, &[Caution::Child]);
        assert!(
            children.exercises.len()
                < profile.for_person(Indication::FlatFoot, &[]).exercises.len()
        );
    }

    #[test]
    fn slips_are_named() {
        let store = ProfileStore::shipped();
        let text = store.text(ProfileKind::Care, "default").unwrap();
        let wrong = text.replacen("medial-knee-oa", "medial-knee", 1);
        let error = read_care(&wrong, "care").unwrap_err().to_string();
        assert!(error.contains("medial-knee-oa") && error.starts_with("care [["), "{error}");
        let error = read_care("name = \"x\"", "care").unwrap_err().to_string();
        assert!(error.contains("[[wearing_in]]"), "{error}");
    }
}
