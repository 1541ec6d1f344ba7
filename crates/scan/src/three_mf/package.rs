//! The ZIP package around the models of a 3MF file.

use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::model::{Model, ModelReader};
use crate::text::shown;
use crate::{ScanError, ScanLimits};

/// Most bytes of one XML tag, comment or text. A vertex takes 60.
const MOST_TAG_BYTES: u64 = 1 << 20;

/// Deepest nesting of XML elements; a model has five.
const MOST_XML_DEPTH: usize = 64;

/// Characters of a part's name and of the cause of a fault that an error shows: both may quote the file.
const MOST_NAME_CHARACTERS: usize = 40;
const MOST_CAUSE_CHARACTERS: usize = 90;

/// An opened package.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: &'a ScanLimits,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &'a ScanLimits) -> Result<Self, ScanError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|cause| {
            let cause = shown(&cause.to_string(), MOST_CAUSE_CHARACTERS);
            ScanError::BadPackage { problem: format!("its ZIP directory is damaged ({cause})") }
        })?;
        Ok(Self { archive, limits, left: limits.max_unpacked_bytes })
    }

    /// The name of the part with the build list: the one that the package's relations name, else
    /// the one with the usual name, else the only model there is.
    pub(super) fn root_part(&mut self) -> Result<String, ScanError> {
        let names: Vec<String> = self
            .archive
            .file_names()
            .filter_map(Result::ok)
            .map(|name| name.into_owned())
            .collect();
        let find = |wanted: &str| {
            names.iter().find(|name| tidy(name).eq_ignore_ascii_case(&tidy(wanted))).cloned()
        };
        if let Some(relations) = find("_rels/.rels") {
            let mut target = None;
            self.walk(&relations, |event| {
                if let Tag::Begin(tag) = event
                    && tag.local_name().as_ref() == "Relationship"
                    && attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/3dmodel"))
                {
                    target = target.take().or_else(|| attribute(tag, "Target"));
                }
                Ok(())
            })?;
            if let Some(found) = target.and_then(|target| find(&target)) {
                return Ok(tidy(&found));
            }
        }
        let any_model = || names.iter().find(|name| name.to_ascii_lowercase().ends_with(".model"));
        find("3D/3dmodel.model")
            .or_else(|| any_model().cloned())
            .map(|name| tidy(&name))
            .ok_or_else(|| ScanError::BadPackage {
                problem: "it is a ZIP archive without a 3D model in it".to_owned(),
            })
    }

    /// Reads one part as a model.
    pub(super) fn model(&mut self, part: &str) -> Result<Model, ScanError> {
        let name = self
            .archive
            .file_names()
            .filter_map(Result::ok)
            .find(|name| tidy(name).eq_ignore_ascii_case(&tidy(part)))
            .map(|name| name.into_owned())
            .ok_or_else(|| ScanError::BadPackage {
                problem: format!("its part \"{}\" is missing", shown(part, MOST_NAME_CHARACTERS)),
            })?;
        let mut reader = ModelReader::new(self.limits);
        self.walk(&name, |tag| reader.take(tag))?;
        Ok(reader.finish())
    }

    /// Hands every tag of an XML part to `visit`, unpacking as it goes.
    fn walk(
        &mut self,
        name: &str,
        mut visit: impl FnMut(Tag<'_>) -> Result<(), ScanError>,
    ) -> Result<(), ScanError> {
        let bad = |cause: &dyn std::fmt::Display, at: u64| ScanError::BadPackage {
            problem: format!(
                "its part \"{}\" is damaged near byte {at} ({})",
                shown(name, MOST_NAME_CHARACTERS),
                shown(&cause.to_string(), MOST_CAUSE_CHARACTERS)
            ),
        };
        let left = self.left;
        let too_much = ScanError::TooMuch {
            what: "unpacked bytes of 3MF",
            limit: self.limits.max_unpacked_bytes,
        };
        let file = self.archive.by_name(name).map_err(|cause| bad(&cause, 0))?;
        let mut limited = Metered {
            inner: BufReader::with_capacity(1 << 16, file.take(left)),
            read: 0,
            tag_end: MOST_TAG_BYTES,
        };
        let mut xml = Reader::from_reader(&mut limited);
        let (mut buffer, mut depth) = (Vec::new(), 0_usize);
        loop {
            buffer.clear();
            let at = xml.buffer_position();
            xml.get_mut().tag_end = at + MOST_TAG_BYTES;
            let event = match xml.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(_) if xml.get_ref().read >= left => return Err(too_much),
                Err(cause) => return Err(bad(&cause, at)),
            };
            match &event {
                Event::Start(tag) => {
                    depth += 1;
                    if depth > MOST_XML_DEPTH {
                        return Err(bad(&"its elements are nested too deep", at));
                    }
                    visit(Tag::Begin(tag))?;
                }
                Event::Empty(tag) => {
                    visit(Tag::Begin(tag))?;
                    visit(Tag::End(tag.local_name().as_ref()))?;
                }
                Event::End(tag) => {
                    depth = depth.saturating_sub(1);
                    visit(Tag::End(tag.local_name().as_ref()))?;
                }
                Event::DocType(_) => {
                    return Err(bad(&"it has a document type, which 3MF forbids", at));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let read = limited.read;
        self.left -= read;
        if self.left == 0 {
            return Err(too_much);
        }
        if depth > 0 {
            return Err(bad(&"it ends inside an element", read));
        }
        Ok(())
    }
}

/// What [`Package::walk`] meets.
pub(super) enum Tag<'a> {
    /// A tag that opens an element, or an empty element.
    Begin(&'a BytesStart<'a>),
    /// The end of an element of this local name.
    End(&'a str),
}

/// The value of an attribute, by its local name.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value.into_owned())
}

/// A part's name without the slash before it.
pub(super) fn tidy(name: &str) -> String {
    name.trim_start_matches('/').to_owned()
}

/// Counts what is read, and refuses to go on inside one endless tag.
struct Metered<R> {
    inner: R,
    read: u64,
    /// The place up to which the present tag may reach.
    tag_end: u64,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(target)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.read > self.tag_end {
            return Err(std::io::Error::other("a tag of more than a megabyte"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.read += count as u64;
        self.inner.consume(count);
    }
}
