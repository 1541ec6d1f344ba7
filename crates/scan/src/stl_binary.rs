//! Binary STL: 80 bytes of header, a triangle count, 50 bytes per triangle.

use std::io::{Cursor, Read, Seek, SeekFrom};

use rayon::prelude::*;
use vocabulary::Findings;

use crate::raw::Corners;
use crate::{Format, ScanError, ScanLimits};

const HEADER_BYTES: usize = 80;
const PREFIX_BYTES: usize = HEADER_BYTES + 4;
const TRIANGLE_BYTES: usize = 50;

/// Triangles that one thread reads at a time.
const BLOCK_TRIANGLES: usize = 65_536;

/// The triangle count that the file's head promises; `None` if the file is shorter than a head.
pub(crate) fn promised_triangles(bytes: &[u8]) -> Option<u32> {
    let count = bytes.get(HEADER_BYTES..PREFIX_BYTES)?;
    Some(u32::from_le_bytes(count.try_into().ok()?))
}

/// Length in bytes of a binary file of so many triangles.
pub(crate) fn length_of(triangles: u32) -> u64 {
    PREFIX_BYTES as u64 + TRIANGLE_BYTES as u64 * u64::from(triangles)
}

/// Reads a binary file that promises `count` triangles.
pub(crate) fn read(
    bytes: &[u8],
    count: u32,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Vec<Corners>, ScanError> {
    let expected = length_of(count);
    let got = bytes.len() as u64;
    if got < expected {
        return Err(ScanError::Truncated {
            format: Format::StlBinary,
            what: "triangles",
            promised: u64::from(count),
            expected,
            got,
        });
    }
    limits.check_triangles(u64::from(count))?;
    if got > expected {
        findings.warn(
            "scan",
            "trailing-bytes",
            format!(
                "The file has {} bytes behind its {count} triangles ({expected} of {got} bytes); they \
                 were ignored; export the scan again if a part of the foot is missing.",
                got - expected
            ),
        );
    }
    let body = &bytes[PREFIX_BYTES..PREFIX_BYTES + count as usize * TRIANGLE_BYTES];
    let mut soup = vec![Corners::default(); count as usize];
    let blocks = soup.par_chunks_mut(BLOCK_TRIANGLES);
    blocks
        .zip(body.par_chunks(BLOCK_TRIANGLES * TRIANGLE_BYTES))
        .try_for_each(|(target, block)| read_block(block, target))
        .map_err(|cause| ScanError::Unreadable { cause: cause.to_string() })?;
    Ok(soup)
}

/// Reads whole triangles without a head.
fn read_block(block: &[u8], target: &mut [Corners]) -> Result<(), std::io::Error> {
    let mut source = Headed::new(target.len() as u32, block);
    for (corners, triangle) in target.iter_mut().zip(stl_io::create_stl_reader(&mut source)?) {
        *corners = triangle?.vertices.map(<[f32; 3]>::from);
    }
    Ok(())
}

/// A block of triangles behind a blank head with their count.
///
/// `stl_io` takes every file whose header begins with "solid " for ASCII; behind a blank header it
/// reads any binary file, and blocks of one file can be read on several threads.
struct Headed<'a> {
    head: Cursor<[u8; PREFIX_BYTES]>,
    body: Cursor<&'a [u8]>,
}

impl<'a> Headed<'a> {
    fn new(triangles: u32, body: &'a [u8]) -> Self {
        let mut head = [0; PREFIX_BYTES];
        head[HEADER_BYTES..].copy_from_slice(&triangles.to_le_bytes());
        Self { head: Cursor::new(head), body: Cursor::new(body) }
    }
}

impl Read for Headed<'_> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        match self.head.read(target)? {
            0 => self.body.read(target),
            count => Ok(count),
        }
    }
}

impl Seek for Headed<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let length = (PREFIX_BYTES + self.body.get_ref().len()) as u64;
        let here = self.head.position() + self.body.position();
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => length.checked_add_signed(offset),
            SeekFrom::Current(offset) => here.checked_add_signed(offset),
        };
        let target = target.ok_or(std::io::ErrorKind::InvalidInput)?;
        self.head.set_position(target.min(PREFIX_BYTES as u64));
        self.body.set_position(target.saturating_sub(PREFIX_BYTES as u64));
        Ok(target)
    }
}
