//! The mark of a part: keys of a mark profile, and what a case says about its own.

use toml::Table;

use crate::table::{self, Values};
use crate::{OrderError, Parameter, Preset, ProfileKind, ProfileStore};

const BENCH: &str = "bench practice";

/// Keys of a mark profile; a case may overrule each in `[mark]`.
pub const MARK: &[Parameter] = &[
    Parameter::text("name", Preset::Required, "name shown on sheets", "lab"),
    Parameter::choice(
        "style",
        &["sunk", "raised"],
        Preset::Text("sunk"),
        "whether the mark is sunk into the underside or raised from it",
        "sunk does not wear off and keeps the shell flat",
    ),
    Parameter::number(
        "depth_mm",
        (0.2, 1.0, "mm"),
        Preset::Number(0.4),
        "how far the mark is sunk or raised, along the normal of the underside",
        "0.3-0.5 usual; less than a printed layer does not show",
    ),
    Parameter::number(
        "text_height_mm",
        (3.0, 12.0, "mm"),
        Preset::Number(5.0),
        "height of the letters; made smaller, down to six strokes, where there is no place",
        BENCH,
    ),
    Parameter::number(
        "stroke_mm",
        (0.3, 2.0, "mm"),
        Preset::Number(0.6),
        "width of the letters' strokes, and least width of what is left between them",
        "a nozzle of 0.4 and an engraving cutter make 0.5 and more",
    ),
    Parameter::choice(
        "code",
        &["data-matrix", "none"],
        Preset::Text("data-matrix"),
        "machine-readable code beside the text: order and side",
        "ISO/IEC 16022; smaller than a QR code of the same text",
    ),
    Parameter::number(
        "code_cell_mm",
        (0.5, 3.0, "mm"),
        Preset::Number(1.0),
        "side of a cell of the code; made smaller with the text",
        "0.8-1.2 on printed parts",
    ),
    Parameter::number(
        "border_mm",
        (1.0, 15.0, "mm"),
        Preset::Number(3.0),
        "free width between the mark and the edges of the part",
        "edges are ground",
    ),
    Parameter::number(
        "steepest_deg",
        (5.0, 45.0, "deg"),
        Preset::Number(30.0),
        "steepest underside that is marked",
        "read from straight below",
    ),
    Parameter::number(
        "least_thickness_mm",
        (0.8, 4.0, "mm"),
        Preset::Number(2.0),
        "thickness that a sunk mark leaves",
        "thinnest shell that can be ordered",
    ),
];

/// Keys of `[mark]` in a case, besides those of a mark profile.
pub const MARK_ORDER: &[Parameter] = &[
    Parameter::text(
        "profile",
        Preset::Open,
        "mark profile, or \"none\"; the lab profile's when open",
        "profiles/marks",
    ),
    Parameter::text(
        "order",
        Preset::Open,
        "order number in text and code, before L or R; the patient's code when open",
        "what a lab's bench looks for first",
    ),
    Parameter::text(
        "line",
        Preset::Open,
        "second line of text, such as initials or a date",
        "nothing when open",
    ),
];

/// The word for no mark.
const NONE: &str = "none";

/// Longest text of a mark, letters.
const LONGEST_TEXT: usize = 40;

/// What a case says about its mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarkChoice {
    /// Order number, if it is not the patient's code.
    pub order: Option<String>,
    /// Second line of text.
    pub line: Option<String>,
    profile: Option<String>,
    own: Table,
    place: String,
}

impl MarkChoice {
    /// Reads `[mark]`.
    pub(crate) fn read(root: &Table, place: &str) -> Result<Self, OrderError> {
        let place = format!("{place} [mark]");
        let mut own = table::section(root, "mark", &place)?.cloned().unwrap_or_default();
        let own_keys = || MARK.iter().filter(|parameter| parameter.key != "name").copied();
        let keys = own_keys().map(|parameter| parameter.key).collect::<Vec<_>>();
        let words = MARK_ORDER.iter().map(|parameter| parameter.key);
        table::check_keys(&own, keys.iter().copied().chain(words.clone()), &place)?;
        let said: Table = words.filter_map(|key| own.remove_entry(key)).collect();
        let said = table::read(MARK_ORDER, &said, &place)?;
        // A wrong value is refused here, with its place in the case.
        table::read(&own_keys().collect::<Vec<_>>(), &own, &place)?;
        let text = |key: &'static str| -> Result<Option<String>, OrderError> {
            let Some(text) = said.optional_text(key) else { return Ok(None) };
            let letters = text.chars().count();
            if text.trim().is_empty()
                || letters > LONGEST_TEXT
                || text.chars().any(char::is_control)
            {
                return Err(OrderError::WrongType {
                    place: place.clone(),
                    key: key.to_owned(),
                    expected: format!("1 to {LONGEST_TEXT} printable letters"),
                    found: format!("{letters} letters"),
                });
            }
            Ok(Some(text.to_owned()))
        };
        let (order, line) = (text("order")?, text("line")?);
        let profile = said.optional_text("profile").map(str::to_owned);
        Ok(Self { order, line, profile, own, place })
    }

    /// Name of the profile that holds: the case's, or else the lab's; `None` if there is to be no mark.
    #[must_use]
    pub fn profile<'a>(&'a self, of_lab: &'a str) -> Option<&'a str> {
        Some(self.profile.as_deref().unwrap_or(of_lab)).filter(|name| *name != NONE)
    }

    /// The keys of that profile with those of the case before them.
    ///
    /// # Errors
    /// [`OrderError`] if the profile is not known or something in it is wrong.
    pub fn values(&self, name: &str, store: &ProfileStore) -> Result<Values, OrderError> {
        let place = format!("profiles/{}/{name}.toml", ProfileKind::Mark.folder());
        let text = store.text(ProfileKind::Mark, name).map_err(|error| match error {
            OrderError::UnknownWord { value, mut allowed, .. } => {
                allowed.push(NONE.to_owned());
                let (place, key) = match &self.profile {
                    Some(_) => (self.place.clone(), "profile"),
                    None => ("lab profile".to_owned(), "mark"),
                };
                OrderError::UnknownWord { place, key: key.to_owned(), value, allowed }
            }
            other => other,
        })?;
        let mut merged = table::parse(text, &place)?;
        table::read(MARK, &merged, &place)?;
        merged.extend(self.own.clone());
        table::read(MARK, &merged, &self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: &str) -> Result<MarkChoice, OrderError> {
        MarkChoice::read(&text.parse().unwrap(), "case.toml")
    }

    #[test]
    fn the_case_goes_before_the_profile_and_the_profile_before_the_lab() {
        let store = ProfileStore::shipped();
        assert_eq!(choice("").unwrap().profile("none"), None);
        assert_eq!(choice("").unwrap().profile("sunk"), Some("sunk"));
        assert_eq!(choice("[mark]\nprofile = \"none\"").unwrap().profile("sunk"), None);
        let own = choice("[mark]\nprofile = \"raised\"\ndepth_mm = 0.3\nline = \"AB\"").unwrap();
        let values = own.values(own.profile("none").unwrap(), &store).unwrap();
        assert_eq!(values.text("style"), "raised");
        assert_eq!(values.number("depth_mm"), 0.3);
        assert_eq!((own.order, own.line.as_deref()), (None, Some("AB")));
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        for (text, sentence) in [
            ("[mark]\ndepth_mm = 3", "`depth_mm` = 3 mm is outside 0.2 to 1 mm"),
            ("[mark]\ndept_mm = 0.3", "did you mean `depth_mm`?"),
            ("[mark]\nname = \"x\"", "unknown key `name`"),
            ("[mark]\nline = \"\"", "1 to 40 printable letters"),
            ("[mark]\ncode = \"qr\"", "use one of data-matrix, none"),
        ] {
            let error = choice(text).unwrap_err().to_string();
            assert!(error.starts_with("case.toml [mark]"), "{error}");
            assert!(error.contains(sentence), "{error}");
        }
        let unknown = choice("[mark]\nprofile = \"laser\"").unwrap();
        let error = unknown.values("laser", &ProfileStore::shipped()).unwrap_err().to_string();
        assert!(error.contains("use one of raised, sunk, none"), "{error}");
    }
}
