//! The parameter section: groups of named arrays.

use super::BLOCK;
use super::number::Numbers;
use crate::MotionError;
use crate::read::Report;

/// An array as it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Parameter<'a> {
    group: i8,
    name: &'a [u8],
    kind: Kind,
    /// Sizes, the fastest first; none for a single value.
    dimensions: &'a [u8],
    data: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Byte,
    Integer,
    Float,
}

impl Kind {
    const fn of(code: i8) -> Option<Self> {
        match code {
            -1 => Some(Self::Text),
            1 => Some(Self::Byte),
            2 => Some(Self::Integer),
            4 => Some(Self::Float),
            _ => None,
        }
    }

    const fn size(self) -> usize {
        match self {
            Self::Text | Self::Byte => 1,
            Self::Integer => 2,
            Self::Float => 4,
        }
    }
}

/// All groups and arrays; names compare without regard to case.
#[derive(Debug)]
pub(crate) struct Parameters<'a> {
    numbers: Numbers,
    groups: Vec<(i8, &'a [u8])>,
    parameters: Vec<Parameter<'a>>,
}

/// Longest chain of continued parameters (`LABELS`, `LABELS2`, … `LABELS999`): more than 65,535 points cannot be.
const MOST_CONTINUATIONS: usize = 999;

impl<'a> Parameters<'a> {
    /// Walks through the records of a section that begins at the first of `section`'s bytes.
    pub(crate) fn parse(
        section: &'a [u8],
        numbers: Numbers,
        report: &mut Report<'_>,
    ) -> Result<Self, MotionError> {
        let mut found = Self { numbers, groups: Vec::new(), parameters: Vec::new() };
        let mut at = 4;
        while let Some(next) = found.record(section, at)? {
            at = next;
        }
        let promised = usize::from(section[2]) * BLOCK;
        if at > promised.max(BLOCK) && section[2] != 0 && section[2] != 255 {
            report.note(
                "parameters-longer-than-promised",
                &format!("The parameters end at byte {at} of their section, which promises {promised}; all were read."),
            );
        }
        if found.groups.is_empty() {
            return Err(MotionError::NoPart { kind: "C3D", missing: "group of parameters" });
        }
        Ok(found)
    }

    /// Reads one record; `Some` offset of the next, or `None` after the last.
    fn record(&mut self, section: &'a [u8], at: usize) -> Result<Option<usize>, MotionError> {
        let broken = || MotionError::BrokenParameters { offset: at };
        // A section may end with the file, without a closing record.
        if at == section.len() {
            return Ok(None);
        }
        let length = section.get(at).ok_or_else(broken)?;
        let Some(id) = section.get(at + 1) else { return Ok(None) };
        let length = usize::from(length.cast_signed().unsigned_abs()); // negative means locked
        let id = id.cast_signed();
        if length == 0 || id == 0 {
            return Ok(None);
        }
        let name = section.get(at + 2..at + 2 + length).ok_or_else(broken)?;
        let link = at + 2 + length;
        let offset = usize::from(self.numbers.u16_at(section, link).ok_or_else(broken)?);
        let body = section.get(link + 2..).ok_or_else(broken)?;
        if id < 0 {
            self.groups.push((id, name));
        } else {
            self.parameters.push(parameter(id, name, body).ok_or_else(broken)?);
        }
        Ok((offset != 0).then_some(link + offset))
    }

    fn find(&self, group: &str, name: &str) -> Option<&Parameter<'a>> {
        self.parameters
            .iter()
            .find(|parameter| same(parameter.name, name) && self.is_group(parameter.group, group))
    }

    /// Whether a parameter's group has this name; groups of the same name belong together. Numbers of groups are negative,
    /// those of their parameters positive.
    fn is_group(&self, id: i8, name: &str) -> bool {
        self.groups
            .iter()
            .any(|(group_id, group)| group_id.checked_neg() == Some(id) && same(group, name))
    }

    /// The array and its continuations.
    fn chain(&self, group: &str, name: &str) -> impl Iterator<Item = &Parameter<'a>> {
        let mut next = self.find(group, name);
        let mut number = 1;
        let (group, name) = (group.to_owned(), name.to_owned());
        std::iter::from_fn(move || {
            let this = next?;
            number += 1;
            next = if number <= MOST_CONTINUATIONS {
                self.find(&group, &format!("{name}{number}"))
            } else {
                None
            };
            Some(this)
        })
    }

    /// The texts of an array and its continuations, trimmed; empty if there is none.
    pub(crate) fn texts(&self, group: &str, name: &str) -> Vec<String> {
        self.chain(group, name).flat_map(Parameter::texts).collect()
    }

    /// The first text of an array, or an empty one.
    pub(crate) fn text(&self, group: &str, name: &str) -> String {
        self.find(group, name).and_then(|parameter| parameter.texts().next()).unwrap_or_default()
    }

    /// The numbers of an array and its continuations; integers as they are signed. Empty if there is none.
    pub(crate) fn numbers(&self, group: &str, name: &str) -> Vec<f64> {
        self.chain(group, name).flat_map(|parameter| parameter.numbers(self.numbers)).collect()
    }

    /// The first number of an array.
    pub(crate) fn number(&self, group: &str, name: &str) -> Option<f64> {
        self.find(group, name)?.numbers(self.numbers).next()
    }

    /// Name and first number of every array of numbers in a group, in the file's order.
    pub(crate) fn all_numbers(&self, group: &str) -> Vec<(String, f64)> {
        self.parameters
            .iter()
            .filter(|parameter| self.is_group(parameter.group, group))
            .filter_map(|parameter| {
                let name = String::from_utf8_lossy(parameter.name).trim().to_owned();
                Some((name, parameter.numbers(self.numbers).next()?))
            })
            .collect()
    }

    /// The first number of an array, where integers count as unsigned.
    pub(crate) fn count(&self, group: &str, name: &str) -> Option<usize> {
        let value = self.number(group, name)?;
        let value = if value < 0.0 { value + 65_536.0 } else { value };
        (value.is_finite() && (0.0..1e9).contains(&value)).then_some(value as usize)
    }

    /// The sizes of an array, the fastest first.
    pub(crate) fn sizes(&self, group: &str, name: &str) -> Vec<usize> {
        self.find(group, name)
            .map(|parameter| parameter.dimensions.iter().map(|size| usize::from(*size)).collect())
            .unwrap_or_default()
    }
}

fn same(name: &[u8], wanted: &str) -> bool {
    name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes())
}

fn parameter<'a>(group: i8, name: &'a [u8], body: &'a [u8]) -> Option<Parameter<'a>> {
    let kind = Kind::of(body.first()?.cast_signed())?;
    let count = usize::from(*body.get(1)?);
    let dimensions = body.get(2..2 + count)?;
    let values =
        dimensions.iter().try_fold(1_usize, |all, size| all.checked_mul(usize::from(*size)))?;
    let length = values.checked_mul(kind.size())?;
    let data = body.get(2 + count..)?.get(..length)?;
    Some(Parameter { group, name, kind, dimensions, data })
}

impl Parameter<'_> {
    fn texts(&self) -> impl Iterator<Item = String> + '_ {
        let length = match (self.kind, self.dimensions.first()) {
            (Kind::Text, Some(length)) => usize::from(*length).max(1),
            _ => 1,
        };
        let data = if self.kind == Kind::Text { self.data } else { &[] };
        data.chunks(length).map(|text| {
            // Latin-1 where it is not UTF-8; text ends at the first zero byte.
            let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
            let text = std::str::from_utf8(text).map_or_else(
                |_| text.iter().map(|byte| char::from(*byte)).collect(),
                str::to_owned,
            );
            text.trim().to_owned()
        })
    }

    fn numbers(&self, numbers: Numbers) -> impl Iterator<Item = f64> + '_ {
        let data = if self.kind == Kind::Text { &[] } else { self.data };
        let kind = self.kind;
        data.chunks_exact(kind.size()).map(move |bytes| match (kind, bytes) {
            (Kind::Integer, [a, b]) => f64::from(numbers.i16([*a, *b])),
            (Kind::Float, [a, b, c, d]) => f64::from(numbers.f32([*a, *b, *c, *d])),
            (_, bytes) => f64::from(bytes[0]),
        })
    }
}
