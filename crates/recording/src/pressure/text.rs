//! What the readers of pressure texts share: lines with their numbers, cells, units.

use super::PressureError;

/// A line without its end, with its number counted from 1.
pub(super) type Line<'a> = (usize, &'a str);

/// The lines of a file; `\n`, `\r\n` and `\r` end one, a form feed stands at its begin.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let ends_with_return = !text.contains('\n');
    let end = if ends_with_return { '\r' } else { '\n' };
    (1..).zip(text.split(end).map(|line| line.strip_suffix('\r').unwrap_or(line)))
}

/// Highest pressure that is taken for a measurement, kPa: 40 times the highest peak under a foot that
/// the literature reports, and low enough that sums over a file stay exact enough.
const MOST_KPA: f64 = 50_000.0;

/// A finite number; a comma may stand for the decimal point if `decimal_comma`.
pub(super) fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    // "inf" and "nan" parse as numbers; digits tell them apart.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || text.len() > 40 {
        return None;
    }
    let parsed = if decimal_comma && text.contains(',') {
        text.replace(',', ".").parse::<f64>()
    } else {
        text.parse::<f64>()
    };
    parsed.ok().filter(|value| value.is_finite())
}

/// The first number in a text such as `"5.08 mm"`, and what follows it.
pub(super) fn leading_number(text: &str) -> Option<(f64, &str)> {
    let first_digit = text.find(|c: char| c.is_ascii_digit())?;
    let sign = text[..first_digit].trim_end_matches(['.', '-', '+']).len();
    let text = &text[sign..];
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
        .unwrap_or(text.len());
    // "5e" of "5em" is not an exponent.
    let digits = text[..end].trim_end_matches(['e', 'E', '+', '-', '.']);
    number(digits, false).map(|value| (value, text[digits.len()..].trim()))
}

/// How many kPa one of the unit is; `None` for words that are no unit of pressure (raw counts).
pub(super) fn kpa_per(unit: &str) -> Option<f64> {
    let plain: String =
        unit.chars().filter(|c| !matches!(c, ' ' | '^' | '[' | ']' | '(' | ')' | '.')).collect();
    // NIST SP 811 (2008), appendix B.8.
    Some(match plain.to_lowercase().replace('²', "2").as_str() {
        "kpa" | "kilopascal" | "kilopascals" => 1.0,
        "pa" => 1e-3,
        "mpa" => 1e3,
        "n/cm2" => 10.0,
        "n/mm2" => 1e3,
        "psi" | "lbf/in2" => 6.894_757,
        "mmhg" | "torr" => 0.133_322_4,
        "bar" => 100.0,
        "mbar" | "hpa" => 0.1,
        "kg/cm2" | "kgf/cm2" | "kp/cm2" => 98.066_5,
        "g/cm2" | "gf/cm2" => 0.098_066_5,
        _ => return None,
    })
}

/// How many mm one of the unit is.
pub(super) fn mm_per(unit: &str) -> Option<f64> {
    let word: String = unit.chars().take_while(char::is_ascii_alphabetic).collect();
    Some(match word.to_lowercase().as_str() {
        "mm" | "millimeters" | "millimetres" => 1.0,
        "cm" | "centimeters" | "centimetres" => 10.0,
        "m" | "meters" | "metres" => 1000.0,
        "in" | "inch" | "inches" => 25.4,
        _ => return None,
    })
}

/// A pressure in kPa; those below zero (noise under a removed baseline) count as zero.
pub(super) fn pressure(
    text: &str,
    factor: f64,
    decimal_comma: bool,
    line: usize,
) -> Result<f32, PressureError> {
    let bad = || PressureError::BadNumber { line, found: excerpt(text) };
    let kpa = number(text, decimal_comma).ok_or_else(bad)? * factor;
    if kpa > MOST_KPA { Err(bad()) } else { Ok(kpa.max(0.0) as f32) }
}

/// The begin of a text from a file, for messages.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(30).collect()
}
