//! Reads the clamps and stops of a machine's profile.
//!
//! `clamp: x -20..8, y L/2-15..L/2+15, z H..12`: a name, and for each axis from where to where, mm, in the coordinates of the
//! program (zero at the front left corner of the blank's top). `W`, `L` and `H` stand for the blank's right edge, its
//! back edge and its underside, `W/2` and `L/2` for its middle.

use milling::{Anchored, Fixture};
use order::OrderError;

/// Letter of each axis, and the letter for the far end of the blank along it.
const AXES: [(char, char); 3] = [('x', 'W'), ('y', 'L'), ('z', 'H')];
/// What is expected where a text is none.
const EXPECTED: &str =
    "a text such as \"clamp: x -20..8, y L/2-15..L/2+15, z H..12\" (W, L, H: size of the blank)";

/// The fixture that a text describes.
///
/// # Errors
/// [`OrderError::WrongType`] with the text and an example.
pub(crate) fn fixture(text: &str) -> Result<Fixture, OrderError> {
    read(text).ok_or_else(|| OrderError::WrongType {
        place: "machine profile".to_owned(),
        key: "fixtures".to_owned(),
        expected: EXPECTED.to_owned(),
        found: format!("\"{text}\""),
    })
}

fn read(text: &str) -> Option<Fixture> {
    let (name, ranges) = text.split_once(':')?;
    let mut found: [Option<(Anchored, Anchored)>; 3] = [None; 3];
    for range in ranges.split(',') {
        let range = range.trim();
        let letter = range.chars().next()?.to_ascii_lowercase();
        let axis = AXES.iter().position(|(axis, _)| *axis == letter)?;
        let (low, high) = range.get(1..)?.split_once("..")?;
        found[axis] = Some((anchored(low, AXES[axis].1)?, anchored(high, AXES[axis].1)?));
    }
    let [x, y, z] = found;
    let (x, y, z) = (x?, y?, z?);
    let fixture =
        Fixture { name: name.trim().to_owned(), low: [x.0, y.0, z.0], high: [x.1, y.1, z.1] };
    // Whatever the blank, a box must not be inside out.
    let block = fixture.beside([200.0, 300.0, 40.0]);
    let is_box = (0..3).all(|axis| block.low[axis] < block.high[axis]);
    (is_box && !fixture.name.is_empty()).then_some(fixture)
}

/// A length, the far end of the blank or its middle, or one of these and a length: `12`, `W`, `L/2-15`.
fn anchored(text: &str, far: char) -> Option<Anchored> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (share, rest) = match text.strip_prefix(far) {
        Some(rest) => rest.strip_prefix("/2").map_or((1.0, rest), |rest| (0.5, rest)),
        None => (0.0, text.as_str()),
    };
    let offset_mm: f64 = if rest.is_empty() && share > 0.0 { 0.0 } else { rest.parse().ok()? };
    (offset_mm.abs() < 5000.0).then_some(Anchored { share, offset_mm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_are_read_by_their_words() {
        let clamp = fixture("right clamp: x W-8..W+30, y L/2-15..L/2+15, z H..12.5").unwrap();
        let block = clamp.beside([100.0, 200.0, 40.0]);
        assert_eq!((block.low, block.high), ([92.0, 85.0, -40.0], [130.0, 115.0, 12.5]));
        assert_eq!(clamp.name, "right clamp");
        for wrong in [
            "",
            "clamp",
            "clamp: x 0..1, y 0..1",
            "clamp: x 0..1, y 0..1, z 5..1",
            "clamp: x L..L+1, y 0..1, z 0..1",
            "clamp: x 0..NaN, y 0..1, z 0..1",
            ": x 0..1, y 0..1, z 0..1",
        ] {
            let error = fixture(wrong).unwrap_err().to_string();
            assert!(error.contains("fixtures") && error.contains("L/2-15"), "{wrong}: {error}");
        }
    }
}
