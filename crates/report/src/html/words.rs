//! Numbers and short markup as readers see them.

use picture::{escaped, number};

/// A number with exactly `decimals` decimals and a real minus sign.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.replace('-', "") } else { text.replace('-', "−") }
}

/// The same with a plus sign for what is above zero.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let above_zero = value > 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0');
    if above_zero { format!("+{text}") } else { text }
}

/// A unit with the space that belongs before it.
pub(super) fn unit(unit: &str) -> String {
    match unit {
        "" => String::new(),
        "deg" | "°" => "°".to_owned(),
        other => format!("\u{a0}{}", escaped(other)),
    }
}

/// A probability as a percentage, never 0 or 100: a model is not that sure.
pub(super) fn probability(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    let percent = 100.0 * share;
    match percent {
        p if p < 1.0 => "under 1\u{a0}%".to_owned(),
        p if p > 99.0 => "over 99\u{a0}%".to_owned(),
        p => format!("{}\u{a0}%", number(p, 0)),
    }
}

/// A file size for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes}\u{a0}B"),
        1_000..1_000_000 => format!("{}\u{a0}kB", fixed(bytes as f64 / 1e3, 1)),
        _ => format!("{}\u{a0}MB", fixed(bytes as f64 / 1e6, 1)),
    }
}

pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A remark under a value; nothing if there is none.
pub(super) fn remark(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!("<small>{}</small>", escaped(note)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_decimals() {
        for (value, decimals, expected) in [
            (3.0, 1, "+3.0"),
            (-2.04, 1, "−2.0"),
            (-0.04, 1, "0.0"),
            (0.04, 1, "0.0"),
            (f64::NAN, 1, "–"),
        ] {
            assert_eq!(signed(value, decimals), expected);
        }
    }

    #[test]
    fn probabilities_are_never_certain() {
        for (share, expected) in
            [(0.0, "under 1\u{a0}%"), (0.714, "71\u{a0}%"), (1.0, "over 99\u{a0}%")]
        {
            assert_eq!(probability(share), expected);
        }
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, expected) in
            [(999, "999\u{a0}B"), (12_345, "12.3\u{a0}kB"), (2_500_000, "2.5\u{a0}MB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }
}
