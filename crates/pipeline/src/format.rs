//! The file forms of a shell's shape.

use geometry::{Slab, TriMesh};
use rayon::prelude::*;
use vocabulary::Side;

use crate::Refusal;
use export::{PartMetadata, StepMetadata, StepSchema, Zones};

/// A file form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Binary STL.
    Stl,
    /// 3MF with unit, name and a color for every zone.
    ThreeMf,
    /// STEP, AP214.
    Step,
    /// STEP, AP203, for older programs.
    StepAp203,
    /// Wavefront OBJ with a group for every zone.
    Obj,
    /// Binary PLY with a color for every face.
    Ply,
    /// Binary glTF, for viewers.
    Glb,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 7] =
        [Self::Stl, Self::ThreeMf, Self::Step, Self::StepAp203, Self::Obj, Self::Ply, Self::Glb];

    /// What is written where nothing else is asked for.
    pub const USUAL: [Self; 3] = [Self::Stl, Self::ThreeMf, Self::Step];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stl => "stl",
            Self::ThreeMf => "3mf",
            Self::Step => "step",
            Self::StepAp203 => "step-ap203",
            Self::Obj => "obj",
            Self::Ply => "ply",
            Self::Glb => "glb",
        }
    }

    /// From the word on the command line.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Stl => "shell.stl",
            Self::ThreeMf => "shell.3mf",
            Self::Step => "shell.step",
            Self::StepAp203 => "shell.ap203.step",
            Self::Obj => "shell.obj",
            Self::Ply => "shell.ply",
            Self::Glb => "shell.glb",
        }
    }
}

/// A shell's shape with what its files say about it.
pub(crate) struct Part<'a> {
    pub(crate) code: &'a str,
    pub(crate) side: Side,
    pub(crate) slab: &'a Slab,
    pub(crate) mesh: &'a TriMesh,
    pub(crate) zones: &'a Zones,
}

impl Part<'_> {
    /// The files of the shape, in the order of `formats`.
    pub(crate) fn files(&self, formats: &[Format]) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
        let bytes: Vec<Result<Vec<u8>, Refusal>> =
            formats.par_iter().map(|format| self.bytes(*format)).collect();
        let named = formats.iter().zip(bytes);
        named.map(|(format, bytes)| Ok((format.file_name().to_owned(), bytes?))).collect()
    }

    fn title(&self) -> String {
        format!("{} {} orthosis shell", self.code, self.side)
    }

    fn bytes(&self, format: Format) -> Result<Vec<u8>, Refusal> {
        let (side, title) = (self.side, self.title());
        let refusal =
            |reason: String| Refusal::Step { side, place: format.file_name().to_owned(), reason };
        match format {
            Format::Stl => Ok(export::titled_stl_bytes(self.mesh, &title)),
            Format::Obj => Ok(export::obj_text(self.mesh, self.zones, &title).into_bytes()),
            Format::Ply => Ok(export::ply_bytes(self.mesh, self.zones, &title)),
            Format::Glb => Ok(export::glb_bytes(self.mesh, self.zones, &title)),
            Format::ThreeMf => {
                let part = PartMetadata {
                    title,
                    part_number: format!("{}-{side}", self.code),
                    designer: String::new(),
                    description: format!("shell of a foot orthosis, {side} foot, millimeters"),
                    application: concat!("solewright ", env!("CARGO_PKG_VERSION")).to_owned(),
                };
                export::threemf_bytes(self.mesh, Some(self.zones), &part)
                    .map_err(|error| refusal(error.to_string()))
            }
            Format::Step | Format::StepAp203 => {
                let schema = match format {
                    Format::StepAp203 => StepSchema::Ap203,
                    _ => StepSchema::Ap214,
                };
                let step = StepMetadata { schema, name: title, ..StepMetadata::default() };
                export::step_text(self.slab, &step)
                    .map(String::into_bytes)
                    .map_err(|error| refusal(error.to_string()))
            }
        }
    }
}
