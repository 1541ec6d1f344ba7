//! Wavefront OBJ: vertices and faces of any number of objects; everything else is passed over.
//!
//! Our own reader and not `tobj`: that one refuses a file for one material name that is not UTF-8,
//! copies the vertices once per object, cuts every polygon as a fan, and names no line in its errors.

use std::borrow::Cow;

use crate::error::Place;
use crate::polygon::triangulate;
use crate::raw::{Cloud, Indexed, Shape};
use crate::text::{Lines, number, unexpected, words_of};
use crate::{Format, ScanError, ScanLimits};

/// Words that begin a line of an OBJ file.
const KEYWORDS: [&[u8]; 12] =
    [b"v", b"vn", b"vt", b"vp", b"f", b"l", b"p", b"o", b"g", b"s", b"mtllib", b"usemtl"];

/// Lines that are looked at to tell an OBJ file.
const SNIFFED_LINES: usize = 200;

/// Whether the first lines are those of an OBJ file: each known, and a vertex among them.
pub(crate) fn looks_like_obj(head: &[u8]) -> bool {
    let mut has_vertex = false;
    for (_, line) in Lines::new(head).take(SNIFFED_LINES) {
        match words_of(line).next() {
            None => {}
            Some(word) if word.starts_with(b"#") => {}
            Some(b"v") => has_vertex = true,
            Some(word) if KEYWORDS.contains(&word) => {}
            // The last line of the head may be cut anywhere.
            Some(_) => return has_vertex,
        }
    }
    has_vertex
}

/// Reads all vertices and faces; a file without faces is a point cloud.
pub(crate) fn read(bytes: &[u8], limits: &ScanLimits) -> Result<Shape, ScanError> {
    let mut mesh = Indexed::default();
    let mut normals: Vec<[f32; 3]> = Vec::new();
    let mut corners: Vec<u32> = Vec::new();
    let mut lines = Lines::new(bytes);
    while let Some((line, text)) = lines.next() {
        let text = continued(text, &mut lines);
        let mut words = words_of(&text);
        match words.next() {
            Some(b"v") => {
                mesh.vertices.push(three_numbers(&mut words, line, &text)?);
                limits.check_points(mesh.vertices.len())?;
            }
            Some(b"vn") => {
                normals.push(three_numbers(&mut words, line, &text)?.map(|c| c as f32));
                limits.check_points(normals.len())?;
            }
            Some(b"f" | b"fo") => {
                corners.clear();
                for word in words {
                    corners.push(vertex_index(word, line, mesh.vertices.len())?);
                }
                triangulate(&mesh.vertices, &corners, &mut mesh.triangles);
                limits.check_triangles(mesh.triangles.len() as u64)?;
            }
            _ => {}
        }
    }
    if mesh.triangles.is_empty() {
        if normals.len() != mesh.vertices.len() {
            normals.clear();
        }
        return Ok(Shape::Cloud(Cloud { points: mesh.vertices, normals }));
    }
    Ok(Shape::Indexed(mesh))
}

/// The line together with those that follow it behind a backslash.
fn continued<'a>(text: &'a [u8], lines: &mut Lines<'a>) -> Cow<'a, [u8]> {
    let Some(first) = text.strip_suffix(b"\\") else { return Cow::Borrowed(text) };
    let mut whole = first.to_vec();
    for (_, next) in lines {
        whole.push(b' ');
        match next.strip_suffix(b"\\") {
            Some(next) => whole.extend_from_slice(next),
            None => {
                whole.extend_from_slice(next);
                break;
            }
        }
    }
    Cow::Owned(whole)
}

fn three_numbers<'a>(
    words: &mut impl Iterator<Item = &'a [u8]>,
    line: usize,
    text: &[u8],
) -> Result<[f64; 3], ScanError> {
    let mut numbers = [0.0; 3];
    for coordinate in &mut numbers {
        let word =
            words.next().ok_or_else(|| unexpected(Format::Obj, line, text, "three coordinates"))?;
        *coordinate =
            number(word).ok_or_else(|| unexpected(Format::Obj, line, word, "a number"))?;
    }
    Ok(numbers)
}

/// The vertex that "7", "7/1", "7//3" or "-1" names, counted from 0.
fn vertex_index(word: &[u8], line: usize, vertices: usize) -> Result<u32, ScanError> {
    let digits = word.split(|byte| *byte == b'/').next().unwrap_or(word);
    let index: i64 = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| unexpected(Format::Obj, line, word, "a vertex number"))?;
    let from_zero = if index < 0 { index.saturating_add(vertices as i64) } else { index - 1 };
    if (0..vertices as i64).contains(&from_zero) {
        Ok(from_zero as u32)
    } else {
        Err(ScanError::BadIndex { format: Format::Obj, place: Place::Line(line), index, vertices })
    }
}
