//! ASCII STL, read by words: any case, any white space, several solids, no length promised.

use vocabulary::Findings;

use crate::soup::Corners;
use crate::{ScanError, ScanLimits};

/// How far into a file the first facet must begin; solid names longer than this are not met.
const SNIFFED_BYTES: usize = 4096;

/// Whether the file begins with "solid", goes on with a facet or its end, and holds no zero byte
/// before that.
pub(crate) fn looks_like_ascii_stl(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let mut words = Words::new(head);
    let begins = words.next().is_some_and(|word| word.is("solid"));
    begins
        && !head.contains(&0)
        && words.any(|word| word.is("facet") || word.is("endsolid") || word.is("endfacet"))
}

/// Reads every facet of every solid.
pub(crate) fn read(
    bytes: &[u8],
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Vec<Corners>, ScanError> {
    let mut words = Words::new(bytes);
    let mut soup: Vec<Corners> = Vec::new();
    let mut solids_open = 0_u64;
    let mut solids = 0_u64;
    while let Some(word) = words.next() {
        if word.is("facet") {
            soup.push(facet(&mut words, word.line)?);
            if soup.len() > limits.max_triangles {
                return Err(ScanError::TooManyTriangles {
                    triangles: soup.len() as u64,
                    limit: limits.max_triangles,
                });
            }
        } else if word.is("solid") {
            solids += 1;
            solids_open += 1;
            words.skip_name();
        } else if word.is("endsolid") {
            solids_open = solids_open.saturating_sub(1);
            words.skip_name();
        } else {
            return Err(word.unexpected("\"facet\", \"solid\" or \"endsolid\""));
        }
    }
    if solids > 1 {
        findings.note(
            "scan",
            "several-solids",
            format!("The ASCII file holds {solids} solids; all of them were read."),
        );
    }
    if solids_open > 0 {
        findings.warn(
            "scan",
            "no-endsolid",
            format!(
                "The ASCII file ends without \"endsolid\" after {} facets; export the scan again if a \
                 part of the foot is missing.",
                soup.len()
            ),
        );
    }
    Ok(soup)
}

/// Reads `normal nx ny nz outer loop vertex x y z vertex x y z vertex x y z endloop endfacet`; the
/// word "facet" has been read. The normal is ignored: it follows from the corners.
fn facet(words: &mut Words<'_>, line: usize) -> Result<Corners, ScanError> {
    words.expect("normal", line)?;
    for _ in 0..3 {
        words.some(line)?;
    }
    words.expect("outer", line)?;
    words.expect("loop", line)?;
    let mut corners = [[0.0; 3]; 3];
    for corner in &mut corners {
        words.expect("vertex", line)?;
        for coordinate in corner {
            let word = words.some(line)?;
            *coordinate = word.number().ok_or_else(|| word.unexpected("a number"))?;
        }
    }
    words.expect("endloop", line)?;
    words.expect("endfacet", line)?;
    Ok(corners)
}

/// One word and the line that it stands in, counted from 1.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a [u8],
    line: usize,
}

impl Word<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword.as_bytes())
    }

    fn number(&self) -> Option<f32> {
        std::str::from_utf8(self.text).ok()?.parse().ok()
    }

    fn unexpected(&self, expected: &'static str) -> ScanError {
        let shown = &self.text[..self.text.len().min(24)];
        ScanError::BadText {
            line: self.line,
            expected,
            got: String::from_utf8_lossy(shown).escape_debug().to_string(),
        }
    }
}

/// The words of a file, in order.
struct Words<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Words<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), line: 1 }
    }

    /// The next word, or an error that names the facet in which the file ends.
    fn some(&mut self, facet_line: usize) -> Result<Word<'a>, ScanError> {
        self.next().ok_or(ScanError::EndsInFacet { line: facet_line })
    }

    fn expect(&mut self, keyword: &'static str, facet_line: usize) -> Result<(), ScanError> {
        let word = self.some(facet_line)?;
        if word.is(keyword) { Ok(()) } else { Err(word.unexpected(keyword)) }
    }

    /// Skips a solid's name: the rest of the line, or up to "facet normal" where a writer put
    /// everything into one line.
    fn skip_name(&mut self) {
        let line = self.line;
        loop {
            let mut ahead = Words { rest: self.rest, line: self.line };
            match ahead.next() {
                None => return,
                Some(word) if word.line != line => return,
                Some(word) if word.is("facet") => {
                    let mut behind = Words { rest: ahead.rest, line: ahead.line };
                    if behind.next().is_some_and(|word| word.is("normal")) {
                        return;
                    }
                }
                Some(_) => {}
            }
            *self = ahead;
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let mut start = 0;
        loop {
            match self.rest.get(start)? {
                b'\n' => self.line += 1,
                byte if byte.is_ascii_whitespace() || *byte == 0x0b => {}
                _ => break,
            }
            start += 1;
        }
        let length = self.rest[start..]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || *byte == 0x0b)
            .unwrap_or(self.rest.len() - start);
        let text = &self.rest[start..start + length];
        self.rest = &self.rest[start + length..];
        Some(Word { text, line: self.line })
    }
}
