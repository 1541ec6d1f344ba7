//! Lines and words of G-code, shared by the readers of mill and of printer programs.
//!
//! Follows the RS274/NGC block (NIST IR 6556, section 3.3): letter and number pairs in any case and
//! with any blanks between them, comments in `( )` or after `;`, `/`, `%`; and the checksum `*n` that
//! printers add. It differs on purpose in one place: a blank inside a number is a fault, because
//! controllers disagree whether `X1 2` is 12 or 1. Expressions (`#1`, `[…]`) are not read.
//!
//! Borrows from the program and keeps nothing: a 100 MB file costs no memory here.

use serde::Serialize;

/// One line of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u32,
    /// The line without its end.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// The tokens of this line.
    #[must_use]
    pub const fn tokens(&self) -> Tokens<'a> {
        Tokens { text: self.text, at: 0 }
    }
}

/// The lines of a program; `\n`, `\r\n` and a lone `\r` end a line, as they do on controllers.
#[must_use]
pub const fn lines(program: &str) -> Lines<'_> {
    Lines { rest: program, number: 0 }
}

/// Iterator over the lines of a program.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a str,
    number: u32,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let is_end = |byte: u8| byte == b'\n' || byte == b'\r';
        let end = self.rest.bytes().position(is_end).unwrap_or(self.rest.len());
        let (text, tail) = self.rest.split_at(end);
        self.rest = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or("");
        self.number = self.number.saturating_add(1);
        Some(Line { number: self.number, text })
    }
}

/// A letter with its number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// `A` to `Z`, whatever case the program has.
    pub letter: char,
    /// The finite number after the letter; `None` for a bare letter such as the X of `G28 X`.
    pub value: Option<f64>,
}

impl Word {
    /// The number in tenths where it is a code with at most one decimal: 382 for `G38.2`, 10 for `M1`.
    #[must_use]
    pub fn tenths(&self) -> Option<u32> {
        let tenths = self.value? * 10.0;
        let whole = tenths.round();
        let is_code = (0.0..=1e6).contains(&whole) && (tenths - whole).abs() < 1e-6;
        is_code.then_some(whole as u32)
    }
}

/// What a line is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// A letter with its number.
    Word(Word),
    /// The text of a comment, without its brackets or semicolon.
    Comment(&'a str),
    /// `%`, the mark around a program on a tape.
    Percent,
    /// `/` at the start: the line is left out where the operator says so.
    BlockDelete,
    /// `*n`: the checksum, which matched.
    Checksum(u8),
}

/// Why the rest of a line could not be read. Columns count bytes from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum WordFault {
    /// A character that starts no word.
    #[error("`{character}` at column {column} starts no word")]
    Unexpected {
        /// The character.
        character: char,
        /// Where it stands.
        column: usize,
    },
    /// A number that is not one.
    #[error("the number of {letter} at column {column} cannot be read")]
    BadNumber {
        /// The letter before it.
        letter: char,
        /// Where the letter stands.
        column: usize,
    },
    /// A bracket without its partner.
    #[error("the comment that opens at column {column} is not closed")]
    UnclosedComment {
        /// Where it opens.
        column: usize,
    },
    /// The line was damaged on its way.
    #[error("the checksum says {written}, the line gives {expected}")]
    Checksum {
        /// The number in the line.
        written: u32,
        /// The exclusive or of all bytes before `*`.
        expected: u8,
    },
}

/// Iterator over the tokens of a line; it ends after the first fault.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// What has not been read yet, for words whose argument is text (`M117 Hello`).
    #[must_use]
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_blanks(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn stop(&mut self, fault: WordFault) -> Result<Token<'a>, WordFault> {
        self.at = self.text.len();
        Err(fault)
    }

    fn comment(&mut self) -> Result<Token<'a>, WordFault> {
        let inside = &self.rest()[1..];
        match inside.find(')') {
            Some(end) => {
                self.at += end + 2;
                Ok(Token::Comment(&inside[..end]))
            }
            None => {
                let column = self.at + 1;
                self.stop(WordFault::UnclosedComment { column })
            }
        }
    }

    fn checksum(&mut self) -> Result<Token<'a>, WordFault> {
        let expected = self.text.as_bytes()[..self.at].iter().fold(0, |sum, byte| sum ^ byte);
        self.at += 1;
        let digits = self.take_number();
        match digits.parse::<u32>() {
            Ok(written) if written == u32::from(expected) => Ok(Token::Checksum(expected)),
            Ok(written) => self.stop(WordFault::Checksum { written, expected }),
            Err(_not_a_number) => {
                let column = self.at;
                self.stop(WordFault::BadNumber { letter: '*', column })
            }
        }
    }

    /// Takes sign, digits and points; whether they form a number is for the caller to see.
    fn take_number(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'))
            .count();
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self, letter: char) -> Result<Token<'a>, WordFault> {
        let column = self.at + 1;
        self.at += 1;
        self.skip_blanks();
        let written = self.take_number();
        if written.is_empty() {
            return Ok(Token::Word(Word { letter, value: None }));
        }
        match plain_decimal(written).or_else(|| written.parse().ok()) {
            Some(value) if value.is_finite() => {
                Ok(Token::Word(Word { letter, value: Some(value) }))
            }
            _ => self.stop(WordFault::BadNumber { letter, column }),
        }
    }
}

/// Powers of ten up to the longest number of [`plain_decimal`].
const POWERS_OF_TEN: [f64; MOST_DIGITS + 1] =
    [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number of up to 15 digits is a quotient of two integers that an `f64` holds exactly, so that one division rounds it
/// right.
const MOST_DIGITS: usize = 15;

/// The value of a short number, the same as that of `parse` in a third of its time; `None` for what is longer or wrong.
fn plain_decimal(written: &str) -> Option<f64> {
    let (sign, digits) = match written.as_bytes() {
        [b'-', digits @ ..] => (-1.0, digits),
        [b'+', digits @ ..] => (1.0, digits),
        digits => (1.0, digits),
    };
    let (mut whole, mut count, mut decimals) = (0_u64, 0, None);
    for &byte in digits {
        match byte {
            b'0'..=b'9' if count < MOST_DIGITS => {
                whole = 10 * whole + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if decimals.is_none() => decimals = Some(count),
            _ => return None,
        }
    }
    let decimals = count - decimals.unwrap_or(count);
    (count > 0).then(|| sign * whole as f64 / POWERS_OF_TEN[decimals])
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, WordFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blanks();
        let character = match *self.text.as_bytes().get(self.at)? {
            byte if byte.is_ascii() => char::from(byte),
            _ => self.rest().chars().next()?,
        };
        let mut single = |token| {
            self.at += 1;
            Ok(token)
        };
        Some(match character {
            '(' => self.comment(),
            ';' => {
                let text = &self.rest()[1..];
                self.at = self.text.len();
                Ok(Token::Comment(text))
            }
            '%' => single(Token::Percent),
            '/' => single(Token::BlockDelete),
            '*' => self.checksum(),
            letter if letter.is_ascii_alphabetic() => self.word(letter.to_ascii_uppercase()),
            _ => {
                let column = self.at + 1;
                self.stop(WordFault::Unexpected { character, column })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<(char, Option<f64>)> {
        Line { number: 1, text }
            .tokens()
            .filter_map(|token| match token {
                Ok(Token::Word(word)) => Some((word.letter, word.value)),
                _ => None,
            })
            .collect()
    }

    fn fault(text: &str) -> Option<WordFault> {
        Line { number: 1, text }.tokens().find_map(Result::err)
    }

    #[test]
    fn words_in_any_case_and_spacing() {
        let expected = vec![('G', Some(1.0)), ('X', Some(-0.5)), ('Y', Some(12.0))];
        for text in
            ["G1 X-0.5 Y12", "g1x-.5y+12.", " G 01\tX -0.50Y12 (end) ; Z3", "G1(a)X-.5(b)Y12"]
        {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words("G28 X Y"), [('G', Some(28.0)), ('X', None), ('Y', None)]);
        // E is an axis of printers, so `1E5` is not a hundred thousand.
        assert_eq!(words("X1E5"), [('X', Some(1.0)), ('E', Some(5.0))]);
    }

    #[test]
    fn codes_in_tenths() {
        let tenths = |value| Word { letter: 'G', value }.tenths();
        assert_eq!(tenths(Some(38.2)), Some(382));
        assert_eq!(tenths(Some(91.1)), Some(911));
        assert_eq!(tenths(Some(1.05)), None);
        assert_eq!(tenths(Some(-1.0)), None);
        assert_eq!(tenths(None), None);
    }

    #[test]
    fn faults_point_at_their_column() {
        assert_eq!(fault("X1.2.3"), Some(WordFault::BadNumber { letter: 'X', column: 1 }));
        assert_eq!(fault("G1 X--1"), Some(WordFault::BadNumber { letter: 'X', column: 4 }));
        assert_eq!(fault("X1 2"), Some(WordFault::Unexpected { character: '2', column: 4 }));
        assert_eq!(fault("G1 #3"), Some(WordFault::Unexpected { character: '#', column: 4 }));
        assert_eq!(fault("G1 (open"), Some(WordFault::UnclosedComment { column: 4 }));
        assert_eq!(fault(&format!("X{}", "9".repeat(400))).map(|_| ()), Some(()));
        assert_eq!(fault("X1 °"), Some(WordFault::Unexpected { character: '°', column: 4 }));
    }

    #[test]
    fn checksums_are_verified() {
        let body = "N3 T0";
        let sum = body.bytes().fold(0_u8, |sum, byte| sum ^ byte);
        assert_eq!(fault(&format!("{body}*{sum}")), None);
        let written = u32::from(sum) + 1;
        assert_eq!(
            fault(&format!("{body}*{written}")),
            Some(WordFault::Checksum { written, expected: sum })
        );
    }

    #[test]
    fn every_line_end_counts_once() {
        let found: Vec<(u32, &str)> =
            lines("a\nb\r\nc\rd\n\ne").map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, ""), (6, "e")]);
        assert_eq!(lines("").count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_to_its_end(text in "\\PC{0,80}") {
            for line in lines(&text) {
                prop_assert!(line.tokens().count() <= line.text.len());
            }
        }

        #[test]
        fn short_numbers_are_those_of_the_standard_reader(text in "[-+]?[0-9]{0,9}\\.?[0-9]{0,9}") {
            if let Some(value) = plain_decimal(&text) {
                prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
            } else {
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                prop_assert!(digits == 0 || digits > MOST_DIGITS, "{}", text);
            }
        }

        #[test]
        fn numbers_survive_the_round_trip(value in -9999.0..9999.0_f64) {
            let rounded = (value * 1000.0).round() / 1000.0;
            prop_assert_eq!(words(&format!("X{rounded:.3}")), [('X', Some(rounded))]);
        }
    }
}
