//! Amounts as people write them: `"1/8 in"`, `"1 1/2 in"`, `"4 mm"`, `"3 deg"`.

/// Millimeters in an inch.
const INCH: f64 = 25.4;

/// The amount in `unit` (`"mm"` or `"deg"`), if the text is a number with a unit that fits.
pub(crate) fn parse(text: &str, unit: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|letter: char| letter.is_alphabetic() || "\"°".contains(letter))?;
    let (number, written) = (text[..split].trim(), text[split..].trim());
    let factor = match (written, unit) {
        ("mm", "mm") | ("deg" | "°" | "degrees", "deg") => 1.0,
        ("in" | "inch" | "\"", "mm") => INCH,
        ("cm", "mm") => 10.0,
        _ => return None,
    };
    Some(factor * mixed(number)?)
}

/// `"3"`, `"0.125"`, `"1/8"`, `"1 1/2"`, `"-1/16"`.
fn mixed(text: &str) -> Option<f64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest.trim()));
    let value = match text.split_whitespace().collect::<Vec<_>>()[..] {
        [one] => fraction(one)?,
        [whole, part] if part.contains('/') => plain(whole)? + fraction(part)?,
        _ => return None,
    };
    Some(sign * value)
}

fn fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        None => plain(text),
        Some((above, below)) => {
            let (above, below) = (plain(above)?, plain(below)?);
            (below > 0.0).then(|| above / below)
        }
    }
}

/// Digits with at most one point: no signs, exponents or words that a number parser would take.
fn plain(text: &str) -> Option<f64> {
    let digits = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    if digits && text.len() <= 12 { text.parse().ok() } else { None }
}

/// An amount of mm for people who think in inches: the nearest sixteenth, if it is near.
#[must_use]
pub fn in_inches(mm: f64) -> String {
    let sixteenths = (mm / INCH * 16.0).round();
    if (sixteenths / 16.0 * INCH - mm).abs() > 0.1 || sixteenths.abs() > 160.0 {
        return format!("{:.3} in", mm / INCH);
    }
    let mut below = 16_i64;
    let mut above = sixteenths as i64;
    while above % 2 == 0 && below > 1 {
        above /= 2;
        below /= 2;
    }
    let (sign, above) = (if above < 0 { "-" } else { "" }, above.abs());
    match (above / below, above % below) {
        (whole, 0) => format!("{sign}{whole} in"),
        (0, part) => format!("{sign}{part}/{below} in"),
        (whole, part) => format!("{sign}{whole} {part}/{below} in"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_8_inches_and_millimeters() {
        for (text, unit, value) in [
            ("1/8 in", "mm", 3.175),
            ("3/16 in", "mm", 4.7625),
            ("5/32 in", "mm", 3.96875),
            ("1 1/2 in", "mm", 38.1),
            ("0.125in", "mm", 3.175),
            ("-1/16 in", "mm", -1.5875),
            ("1/4\"", "mm", 6.35),
            ("4 mm", "mm", 4.0),
            ("-4 deg", "deg", -4.0),
            ("4°", "deg", 4.0),
        ] {
            let read = parse(text, unit).unwrap_or(f64::NAN);
            assert!((read - value).abs() < 1e-12, "{text}: {read}");
        }
        for wrong in
            ["1/0 in", "4 deg", "1/8", "in", "1e3 mm", "nan mm", "1/2/3 in", "--1 mm", "٣ mm", ""]
        {
            assert_eq!(parse(wrong, "mm"), None, "{wrong}");
        }
    }

    #[test]
    fn shown_as_the_lab_writes_them() {
        for (mm, text) in [
            (3.175, "1/8 in"),
            (3.2, "1/8 in"),
            (4.8, "3/16 in"),
            (25.4, "1 in"),
            (38.1, "1 1/2 in"),
            (-1.6, "-1/16 in"),
            (0.0, "0 in"),
            (4.0, "0.157 in"),
        ] {
            assert_eq!(in_inches(mm), text, "{mm}");
        }
    }
}
