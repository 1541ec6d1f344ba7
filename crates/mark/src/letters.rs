//! A stroke alphabet: capital letters, digits and signs as polylines, drawn for engraving.
//!
//! Letters stand on a grid of which the capitals are 6 units high, most of them 4 wide; arcs are cut corners that round
//! strokes make smooth. Own drawing, after the proportions of technical lettering (ISO 3098): zero has a dot,
//! one has a foot, so that neither is taken for a letter.

use geometry::Point2;

/// Height of capitals, units.
pub(crate) const CAPITAL: f64 = 6.0;

/// Free width between two letters, units: one stroke and as much again.
const GAP: f64 = 2.0;

/// Every letter that can be set, besides the blank; small letters become capitals.
pub const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/:+,#()";

/// Strokes of a letter, each a polyline "x,y x,y …", parted by semicolons.
const STROKES: [(char, f64, &str); 46] = [
    ('A', 4.0, "0,0 2,6 4,0; 0.7,2 3.3,2"),
    ('B', 4.0, "0,3 3,3 4,4 4,5 3,6 0,6 0,0 3,0 4,1 4,2 3,3"),
    ('C', 4.0, "4,5 3,6 1,6 0,5 0,1 1,0 3,0 4,1"),
    ('D', 4.0, "0,0 0,6 2.5,6 4,4.5 4,1.5 2.5,0 0,0"),
    ('E', 4.0, "4,6 0,6 0,0 4,0; 0,3 3,3"),
    ('F', 4.0, "4,6 0,6 0,0; 0,3 3,3"),
    ('G', 4.0, "4,5 3,6 1,6 0,5 0,1 1,0 3,0 4,1 4,3 2.2,3"),
    ('H', 4.0, "0,0 0,6; 4,0 4,6; 0,3 4,3"),
    ('I', 2.0, "0,6 2,6; 1,6 1,0; 0,0 2,0"),
    ('J', 3.5, "1,6 3.5,6 3.5,1 2.5,0 1,0 0,1"),
    ('K', 4.0, "0,0 0,6; 4,6 0,2; 1.4,3.4 4,0"),
    ('L', 4.0, "0,6 0,0 4,0"),
    ('M', 5.0, "0,0 0,6 2.5,2.5 5,6 5,0"),
    ('N', 4.0, "0,0 0,6 4,0 4,6"),
    ('O', 4.0, "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0"),
    ('P', 4.0, "0,0 0,6 3,6 4,5 4,4 3,3 0,3"),
    ('Q', 4.0, "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0; 2.4,1.8 4.2,-0.4"),
    ('R', 4.0, "0,0 0,6 3,6 4,5 4,4 3,3 0,3; 2,3 4,0"),
    ('S', 4.0, "4,5 3,6 1,6 0,5 0,4 1,3 3,3 4,2 4,1 3,0 1,0 0,1"),
    ('T', 4.0, "0,6 4,6; 2,6 2,0"),
    ('U', 4.0, "0,6 0,1 1,0 3,0 4,1 4,6"),
    ('V', 4.0, "0,6 2,0 4,6"),
    ('W', 6.0, "0,6 1.5,0 3,4.5 4.5,0 6,6"),
    ('X', 4.0, "0,0 4,6; 0,6 4,0"),
    ('Y', 4.0, "0,6 2,3 4,6; 2,3 2,0"),
    ('Z', 4.0, "0,6 4,6 0,0 4,0"),
    ('0', 4.0, "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0; 2,2.8 2,3.2"),
    ('1', 3.0, "0,4.5 1.5,6 1.5,0; 0,0 3,0"),
    ('2', 4.0, "0,5 1,6 3,6 4,5 4,4 0,0 4,0"),
    ('3', 4.0, "0,5 1,6 3,6 4,5 4,4 3,3 1.5,3; 3,3 4,2 4,1 3,0 1,0 0,1"),
    ('4', 4.0, "3,0 3,6 0,2 4,2"),
    ('5', 4.0, "4,6 0,6 0,3.5 3,3.5 4,2.5 4,1 3,0 1,0 0,1"),
    ('6', 4.0, "3.5,6 2,6 0,4 0,1 1,0 3,0 4,1 4,2.5 3,3.5 0,3.5"),
    ('7', 4.0, "0,6 4,6 1.5,0"),
    ('8', 4.0, "1,3 0,4 0,5 1,6 3,6 4,5 4,4 3,3 1,3 0,2 0,1 1,0 3,0 4,1 4,2 3,3"),
    ('9', 4.0, "0.5,0 2,0 4,2 4,5 3,6 1,6 0,5 0,3.5 1,2.5 4,2.5"),
    ('-', 3.0, "0,3 3,3"),
    ('.', 0.4, "0,0 0.4,0"),
    ('_', 4.0, "0,0 4,0"),
    ('/', 3.0, "0,0 3,6"),
    (':', 0.4, "0,0.8 0.4,0.8; 0,4.2 0.4,4.2"),
    ('+', 3.0, "0,3 3,3; 1.5,1.5 1.5,4.5"),
    (',', 0.6, "0.6,0.2 0,-1"),
    ('#', 5.0, "1,0 2,6; 3,0 4,6; 0,2 4.6,2; 0.4,4 5,4"),
    ('(', 1.2, "1.2,6.5 0,5 0,1 1.2,-0.5"),
    (')', 1.2, "0,6.5 1.2,5 1.2,1 0,-0.5"),
];

/// Width of a blank, units.
const BLANK: f64 = 1.5;

/// The strokes of a line of text, base line at y = 0, first letter at x = 0, in units, and its width.
///
/// # Errors
/// The first letter that cannot be set.
pub(crate) fn strokes(text: &str) -> Result<(Vec<Vec<Point2>>, f64), char> {
    let (mut lines, mut pen) = (Vec::new(), 0.0);
    for letter in text.chars() {
        if letter == ' ' {
            pen += BLANK + GAP;
            continue;
        }
        let capital = letter.to_ascii_uppercase();
        let (_, width, drawn) = STROKES.iter().find(|(name, ..)| *name == capital).ok_or(letter)?;
        lines.extend(polylines(drawn).map(|line| {
            line.into_iter().map(|point| Point2::new(point.x + pen, point.y)).collect()
        }));
        pen += width + GAP;
    }
    Ok((lines, (pen - GAP).max(0.0)))
}

fn polylines(drawn: &str) -> impl Iterator<Item = Vec<Point2>> + '_ {
    drawn.split(';').map(|line| {
        line.split_whitespace()
            .filter_map(|point| {
                let (x, y) = point.split_once(',')?;
                Some(Point2::new(x.parse().ok()?, y.parse().ok()?))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_drawn_within_its_width() {
        for letter in LETTERS.chars() {
            let (lines, width) = strokes(&letter.to_string()).unwrap();
            let (_, _, drawn) = STROKES.iter().find(|(name, ..)| *name == letter).unwrap();
            assert_eq!(
                lines.iter().map(Vec::len).sum::<usize>(),
                drawn.matches(',').count(),
                "{letter}: every number is read"
            );
            for point in lines.iter().flatten() {
                assert!((0.0..=width.max(4.2)).contains(&point.x), "{letter} {point}");
                assert!((-1.0..=6.5).contains(&point.y), "{letter} {point}");
            }
            assert!(lines.iter().all(|line| line.len() > 1), "{letter}");
        }
        assert_eq!(STROKES.len(), LETTERS.chars().count());
    }

    #[test]
    fn letters_stand_side_by_side_and_unknown_ones_are_named() {
        let (_, one) = strokes("P").unwrap();
        let (_, two) = strokes("p1").unwrap();
        assert!((two - (one + 2.0 + 3.0)).abs() < 1e-12);
        assert_eq!(strokes("Größe"), Err('ö'));
    }

    #[test]
    fn no_two_letters_look_alike() {
        for (index, (letter, _, drawn)) in STROKES.iter().enumerate() {
            for (other, _, same) in &STROKES[index + 1..] {
                assert_ne!(drawn, same, "{letter} {other}");
            }
        }
    }
}
