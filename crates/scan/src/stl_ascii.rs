//! ASCII STL, read by words: any case, any white space, several solids, no length promised.

use vocabulary::Findings;

use crate::raw::Corners;
use crate::text::{Word, Words};
use crate::{Format, ScanError, ScanLimits};

const FORMAT: Format = Format::StlAscii;

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
            limits.check_triangles(soup.len() as u64)?;
        } else if word.is("solid") {
            solids += 1;
            solids_open += 1;
            skip_name(&mut words);
        } else if word.is("endsolid") {
            solids_open = solids_open.saturating_sub(1);
            skip_name(&mut words);
        } else {
            return Err(word.unexpected(FORMAT, "\"facet\", \"solid\" or \"endsolid\""));
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
    expect(words, "normal", line)?;
    for _ in 0..3 {
        some(words, line)?;
    }
    expect(words, "outer", line)?;
    expect(words, "loop", line)?;
    let mut corners = [[0.0; 3]; 3];
    for corner in &mut corners {
        expect(words, "vertex", line)?;
        for coordinate in corner {
            let word = some(words, line)?;
            *coordinate = word.number(FORMAT)? as f32;
        }
    }
    expect(words, "endloop", line)?;
    expect(words, "endfacet", line)?;
    Ok(corners)
}

/// The next word, or an error that names the facet in which the file ends.
fn some<'a>(words: &mut Words<'a>, facet_line: usize) -> Result<Word<'a>, ScanError> {
    words.next().ok_or(ScanError::EndsInside {
        format: FORMAT,
        what: "the facet",
        line: facet_line,
    })
}

fn expect(
    words: &mut Words<'_>,
    keyword: &'static str,
    facet_line: usize,
) -> Result<(), ScanError> {
    let word = some(words, facet_line)?;
    if word.is(keyword) { Ok(()) } else { Err(word.unexpected(FORMAT, keyword)) }
}

/// Skips a solid's name: the rest of the line, or up to "facet normal" where a writer put
/// everything into one line.
fn skip_name(words: &mut Words<'_>) {
    let line = words.line;
    loop {
        let mut ahead = words.clone();
        match ahead.next() {
            None => return,
            Some(word) if word.line != line => return,
            Some(word) if word.is("facet") => {
                if ahead.clone().next().is_some_and(|word| word.is("normal")) {
                    return;
                }
            }
            Some(_) => {}
        }
        *words = ahead;
    }
}
