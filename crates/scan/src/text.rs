//! Words and lines of text files, with the line that each stands in.

use crate::{Format, ScanError};

/// One word and the line that it stands in, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) line: usize,
}

/// Bytes of a word that an error shows.
const SHOWN_BYTES: usize = 24;

impl Word<'_> {
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword.as_bytes())
    }

    pub(crate) fn number(&self, format: Format) -> Result<f64, ScanError> {
        number(self.text).ok_or_else(|| self.unexpected(format, "a number"))
    }

    pub(crate) fn unexpected(&self, format: Format, expected: &'static str) -> ScanError {
        unexpected(format, self.line, self.text, expected)
    }
}

/// What a text says as a number: "1", "-2.5", "3e-4", also "nan" and "inf".
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The error of a line that has something else than it should.
pub(crate) fn unexpected(
    format: Format,
    line: usize,
    text: &[u8],
    expected: &'static str,
) -> ScanError {
    let shown = &text[..text.len().min(SHOWN_BYTES)];
    let got = String::from_utf8_lossy(shown).escape_debug().to_string();
    ScanError::BadText { format, line, expected, got }
}

/// The beginning of a text from a file, fit for one line of an error.
pub(crate) fn shown(text: &str, most_characters: usize) -> String {
    let plain = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    text.chars().take(most_characters).map(plain).collect()
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text without the mark that some editors put before it.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Whether the byte stands between words.
pub(crate) const fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// The words of a file, in order.
#[derive(Clone)]
pub(crate) struct Words<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) line: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: without_mark(bytes), line: 1 }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let mut start = 0;
        loop {
            match self.rest.get(start)? {
                b'\n' => self.line += 1,
                byte if is_blank(*byte) => {}
                _ => break,
            }
            start += 1;
        }
        let length = self.rest[start..]
            .iter()
            .position(|byte| is_blank(*byte))
            .unwrap_or(self.rest.len() - start);
        let text = &self.rest[start..start + length];
        self.rest = &self.rest[start + length..];
        Some(Word { text, line: self.line })
    }
}

/// The lines of a file with their numbers, counted from 1; "\r\n", "\n" and "\r" end a line.
#[derive(Clone)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: without_mark(bytes), line: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (line, behind) = match end {
            None => (self.rest, &[][..]),
            Some(end) => {
                let both = self.rest[end] == b'\r' && self.rest.get(end + 1) == Some(&b'\n');
                (&self.rest[..end], &self.rest[end + 1 + usize::from(both)..])
            }
        };
        self.rest = behind;
        self.line += 1;
        Some((self.line, line))
    }
}

/// The words of one line.
pub(crate) fn words_of(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_end_in_three_ways() {
        let lines: Vec<_> = Lines::new(b"\xef\xbb\xbfa b\r\n\r\nc\rd\n\ne").collect();
        let expected: [(usize, &[u8]); 6] =
            [(1, b"a b"), (2, b""), (3, b"c"), (4, b"d"), (5, b""), (6, b"e")];
        assert_eq!(lines, expected);
        assert_eq!(words_of(b"  a\t b ").collect::<Vec<_>>(), [b"a", b"b"]);
    }
}
