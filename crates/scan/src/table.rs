//! Rows of numbers: XYZ, TXT, CSV, ASC and PTS files of points, with or without normals.
//!
//! A row is a point: three coordinates, then anything. Columns are parted by blanks, commas,
//! semicolons or tabs; where something else parts them, a comma may be the decimal point. A first row
//! of words names the columns; without one, columns four to six are normals if they are of unit length.

use crate::raw::Cloud;
use crate::text::{Lines, is_blank, number, unexpected};
use crate::{Format, ScanError, ScanLimits};

/// Rows that are looked at to tell the kind of file and its columns.
const SNIFFED_ROWS: usize = 100;

/// How far a normal's length may be from 1.
const UNIT_LENGTH_TOLERANCE: f64 = 0.02;

/// Whether the first rows are points.
pub(crate) fn looks_like_table(head: &[u8]) -> bool {
    let mut points = 0;
    let mut rows = rows(head).take(SNIFFED_ROWS).peekable();
    let style = Style::of(head);
    while let Some((_, row)) = rows.next() {
        let columns = style.numbers(row).take_while(Option::is_some).count();
        if columns >= 3 {
            points += 1;
        } else if points > 0 && rows.peek().is_some() {
            return false;
        }
    }
    // One point is no scan, but a file of one is still a table.
    points > 0
}

/// Reads all points.
pub(crate) fn read(bytes: &[u8], limits: &ScanLimits) -> Result<Cloud, ScanError> {
    let style = Style::of(bytes);
    let columns = Columns::of(bytes, style);
    let mut cloud = Cloud::default();
    for (line, row) in rows(bytes) {
        let mut position = [None; 3];
        let mut normal = [None; 3];
        let mut count = 0;
        for (column, value) in style.numbers(row).enumerate().take(MOST_COLUMNS) {
            count += 1;
            for axis in 0..3 {
                if columns.position[axis] == column {
                    position[axis] = value;
                }
                if columns.normal.is_some_and(|normal| normal[axis] == column) {
                    normal[axis] = value;
                }
            }
        }
        let [Some(x), Some(y), Some(z)] = position else {
            // A row of names, or the number of points that PTS files begin with.
            if cloud.points.is_empty() && (count < 3 || is_heading(row, style)) {
                continue;
            }
            return Err(unexpected(Format::Table, line, row, "a row of three or more numbers"));
        };
        cloud.points.push([x, y, z]);
        limits.check_points(cloud.points.len())?;
        if columns.normal.is_some() {
            cloud.normals.push(normal.map(|c| c.unwrap_or(f64::NAN) as f32));
        }
    }
    Ok(cloud)
}

/// Columns that are looked at; those behind hold colors and the like.
const MOST_COLUMNS: usize = 64;

/// Lines that are neither blank nor a comment.
fn rows(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    Lines::new(bytes)
        .map(|(line, text)| (line, text.trim_ascii()))
        .filter(|(_, text)| !(text.is_empty() || text.starts_with(b"#") || text.starts_with(b"//")))
}

/// Whether no column of the row is a number.
fn is_heading(row: &[u8], style: Style) -> bool {
    style.numbers(row).all(|value| value.is_none())
}

/// What parts the columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Blanks; "1.5 2.5 3.5".
    Blanks,
    /// Blanks, with decimal commas; "1,5 2,5 3,5".
    BlanksAndDecimalCommas,
    /// Commas; "1.5, 2.5, 3.5".
    Commas,
    /// Semicolons, with decimal points or commas; "1,5; 2,5; 3,5".
    Semicolons,
}

impl Style {
    /// The style of the first row that begins with a number and has three columns.
    fn of(bytes: &[u8]) -> Self {
        let is_data = |row: &[u8]| matches!(row.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.'));
        for (_, row) in rows(bytes).take(SNIFFED_ROWS).filter(|(_, row)| is_data(row)) {
            if row.contains(&b';') {
                return Self::Semicolons;
            }
            let in_blanks = row.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
            let (mut words, mut decimal, mut closing) = (0, 0, 0);
            for word in in_blanks {
                words += 1;
                closing += usize::from(word.ends_with(b","));
                decimal += usize::from(word.contains(&b',') && !word.ends_with(b","));
            }
            if words >= 3 && closing == 0 && decimal == 0 {
                return Self::Blanks;
            }
            if words >= 3 && closing == 0 {
                return Self::BlanksAndDecimalCommas;
            }
            if row.iter().filter(|byte| **byte == b',').count() >= 2 {
                return Self::Commas;
            }
        }
        Self::Blanks
    }

    /// The columns of a row; those that are no number are `None`.
    fn numbers(self, row: &[u8]) -> impl Iterator<Item = Option<f64>> {
        row.split(move |byte| match self {
            Self::Blanks | Self::BlanksAndDecimalCommas => is_blank(*byte),
            Self::Commas => *byte == b',',
            Self::Semicolons => *byte == b';',
        })
        .map(<[u8]>::trim_ascii)
        .filter(move |word| !word.is_empty() || matches!(self, Self::Commas | Self::Semicolons))
        .map(move |word| match self {
            Self::Blanks | Self::Commas => number(word),
            Self::BlanksAndDecimalCommas | Self::Semicolons => number(word)
                .or_else(|| number(&word.iter().map(point_for_comma).collect::<Vec<u8>>())),
        })
    }
}

const fn point_for_comma(byte: &u8) -> u8 {
    if *byte == b',' { b'.' } else { *byte }
}

/// Which columns hold what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    position: [usize; 3],
    normal: Option<[usize; 3]>,
}

impl Columns {
    fn of(bytes: &[u8], style: Style) -> Self {
        Self::named(bytes, style).unwrap_or_else(|| {
            let mut normals = rows(bytes)
                .filter(|(_, row)| !is_heading(row, style))
                .take(SNIFFED_ROWS)
                .map(|(_, row)| {
                    style.numbers(row).collect::<Option<Vec<f64>>>().unwrap_or_default()
                })
                .filter(|row| row.len() >= 3)
                .peekable();
            let is_unit = |row: Vec<f64>| {
                row.len() >= 6
                    && (row[3..6].iter().map(|c| c * c).sum::<f64>().sqrt() - 1.0).abs()
                        < UNIT_LENGTH_TOLERANCE
            };
            let with_normals = normals.peek().is_some() && normals.all(is_unit);
            Self { position: [0, 1, 2], normal: with_normals.then_some([3, 4, 5]) }
        })
    }

    /// The columns by the names in the first row; `None` if it has none for x, y and z.
    fn named(bytes: &[u8], style: Style) -> Option<Self> {
        let (_, text) = Lines::new(bytes).find(|(_, text)| !text.trim_ascii().is_empty())?;
        let text = text.trim_ascii();
        let text = text.strip_prefix(b"//").or(text.strip_prefix(b"#")).unwrap_or(text);
        let lower = text.trim_ascii().to_ascii_lowercase();
        let names: Vec<&[u8]> = lower
            .split(|byte| match style {
                Style::Commas => *byte == b',',
                Style::Semicolons => *byte == b';',
                _ => is_blank(*byte),
            })
            .map(|name| name.trim_ascii().trim_ascii_start())
            .map(|name| {
                name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")).unwrap_or(name)
            })
            .filter(|name| !name.is_empty())
            .collect();
        let find = |wanted: [&[u8]; 3]| -> Option<[usize; 3]> {
            let mut found = [0; 3];
            for (column, name) in found.iter_mut().zip(wanted) {
                *column = names.iter().position(|one| {
                    *one == name
                        || one.strip_prefix(name).is_some_and(|rest| {
                            matches!(rest.first(), Some(b'[' | b'(' | b'_' | b' '))
                        })
                })?;
            }
            Some(found)
        };
        let position = find([b"x", b"y", b"z"])?;
        Some(Self { position, normal: find([b"nx", b"ny", b"nz"]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_be_written_in_many_ways() {
        let plain = [[1.5, -2.0, 30.0], [0.25, 4.0, 5.0]];
        let cases = [
            "1.5 -2 30\n0.25 4 5\n",
            "# a comment\n1.5\t-2.0\t30\r\n\r\n0.25\t4\t5",
            "1.5,-2,30\n0.25,4,5\n",
            "1.5, -2, 30, 255, 0, 0\n0.25, 4, 5, 1, 2, 3\n",
            "1,5; -2; 30\n0,25; 4; 5\n",
            "1,5 -2,0 30,0\n0,25 4,0 5,0\n",
            "x,y,z\n1.5,-2,30\n0.25,4,5\n",
            "z;x;y\n30;1,5;-2\n5;0,25;4\n",
            "//X Y Z R G B\n1.5 -2 30 1 2 3\n0.25 4 5 1 2 3\n",
            "2\n1.5 -2 30 0.5\n0.25 4 5 0.5\n",
            "\u{feff}X [mm],Y [mm],Z [mm],name\n1.5,-2,30,a\n0.25,4,5,b\n",
        ];
        for text in cases {
            let bytes = text.as_bytes();
            assert!(looks_like_table(bytes), "{text}");
            let cloud = read(bytes, &ScanLimits::default()).unwrap();
            assert_eq!(cloud.points, plain, "{text}");
            assert!(cloud.normals.is_empty(), "{text}");
        }
    }

    #[test]
    fn normals_are_known_by_name_or_length() {
        for text in [
            "1 2 3 0 0 1\n4 5 6 0.6 0.8 0\n",
            "x,y,z,intensity,nx,ny,nz\n1,2,3,9,0,0,1\n4,5,6,9,0.6,0.8,0\n",
        ] {
            let cloud = read(text.as_bytes(), &ScanLimits::default()).unwrap();
            assert_eq!(cloud.normals, [[0.0, 0.0, 1.0], [0.6, 0.8, 0.0]], "{text}");
        }
    }

    #[test]
    fn other_text_is_no_table() {
        for text in
            ["Dear lab,\n1 2 3\nregards\nJohn", "10 20\n30 40\n", "hello world", "{\"x\": 1}"]
        {
            assert!(!looks_like_table(text.as_bytes()), "{text}");
        }
        let error = read(b"1 2 3\n4 five 6\n7 8 9\n", &ScanLimits::default()).unwrap_err();
        assert!(error.to_string().contains("line 2 of the XYZ file"), "{error}");
    }
}
