//! Saved prescriptions: a template names its doses, and may inherit those of another.

use toml::Table;

use crate::{OrderError, PRESCRIPTION, ProfileKind, ProfileStore, table};

/// Templates inherit at most so many times.
const LONGEST_CHAIN: usize = 8;

/// The prescription keys of a template with those that it inherits; its own win. `named_in` is who asks for it.
///
/// # Errors
/// [`OrderError`] if it is not known, something in it is wrong, or it inherits in a circle.
pub(crate) fn read(store: &ProfileStore, name: &str, named_in: &str) -> Result<Table, OrderError> {
    let mut named_in = named_in.to_owned();
    let mut merged = Table::new();
    let mut next = Some(name.to_owned());
    let mut chain = Vec::new();
    while let Some(name) = next {
        let place = format!("profiles/{}/{name}.toml", ProfileKind::Prescription.folder());
        if chain.contains(&name) || chain.len() >= LONGEST_CHAIN {
            let what = format!("inherits in a circle or too deep: {}", chain.join(" from "));
            return Err(OrderError::Incomplete { place, what });
        }
        let text = store.text(ProfileKind::Prescription, &name).map_err(|error| match error {
            OrderError::UnknownWord { key, value, allowed, .. } => {
                OrderError::UnknownWord { place: named_in.clone(), key, value, allowed }
            }
            other => other,
        })?;
        let root = table::parse(text, &place)?;
        table::check_keys(&root, ["name", "inherits", "prescription"].into_iter(), &place)?;
        for key in ["name", "inherits"] {
            if let Some(value) = root.get(key) {
                table::text(key, value, &place)?;
            }
        }
        if let Some(own) = table::section(&root, "prescription", &place)? {
            let place = format!("{place} [prescription]");
            table::check_keys(own, PRESCRIPTION.iter().map(|parameter| parameter.key), &place)?;
            for (key, value) in own {
                merged.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        next = root.get("inherits").and_then(|value| value.as_str()).map(str::to_owned);
        named_in = place;
        chain.push(name);
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_inherits_and_its_own_doses_win() {
        let merged = read(&ProfileStore::shipped(), "standing-work", "c").unwrap();
        assert_eq!(merged["cover_mm"].as_float(), Some(3.2));
        assert_eq!(merged["heel_cup_depth_mm"].as_float(), Some(14.0));
    }

    #[test]
    fn a_circle_is_refused() {
        let mut store = ProfileStore::shipped();
        for (name, parent) in [("a", "b"), ("b", "a")] {
            store.insert(ProfileKind::Prescription, name, format!("inherits = \"{parent}\"\n"));
        }
        let error = read(&store, "a", "c").unwrap_err().to_string();
        assert!(error.contains("circle"), "{error}");
    }

    #[test]
    fn an_unknown_template_names_the_known_ones() {
        let error = read(&ProfileStore::shipped(), "hiking", "c").unwrap_err().to_string();
        assert!(error.contains("everyday") && error.contains("template"), "{error}");
    }
}
