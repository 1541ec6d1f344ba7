use crate::{Format, Unit};

const NONE_OF_OURS: &str = "not an STL, OBJ, PLY, 3MF or XYZ file";

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file, counted from 1.
    Line(usize),
    /// A face of a binary file, counted from 1.
    Face(usize),
    /// A triangle of the 3MF object with this number, counted from 1.
    Triangle {
        /// The object's number.
        object: u32,
        /// The triangle, counted from 1.
        triangle: usize,
    },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Face(face) => write!(f, "face {face}"),
            Self::Triangle { object, triangle } => {
                write!(f, "triangle {triangle} of object {object}")
            }
        }
    }
}

/// Why a scan cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScanError {
    /// No bytes.
    #[error("the scan file is empty; export the scan again")]
    EmptyFile,
    /// Plainly another kind of file.
    #[error("the scan is {kind}, {}; export the scan as one of these", NONE_OF_OURS)]
    OtherKind {
        /// What it seems to be.
        kind: &'static str,
    },
    /// No text of a known kind, and shorter than the head of a binary STL file.
    #[error("the scan has {bytes} bytes, too few for a scan; export the scan again")]
    TooShort {
        /// Length of the file.
        bytes: usize,
    },
    /// A file that ends before all that its head promises.
    #[error(
        "the {format} file is cut off: its head promises {promised} {what}, which take {expected} bytes, \
         but the file has {got}; copy or export it again"
    )]
    Truncated {
        /// Kind of file.
        format: Format,
        /// What is promised: `"triangles"`, `"vertices"`, …
        what: &'static str,
        /// How many are promised.
        promised: u64,
        /// Bytes that the file must at least have for these.
        expected: u64,
        /// Bytes in the file.
        got: u64,
    },
    /// Binary data that the STL library does not read.
    #[error("the binary STL file cannot be read: {cause}")]
    Unreadable {
        /// The library's words.
        cause: String,
    },
    /// A text file with a wrong word.
    #[error(
        "line {line} of the {format} file has \"{got}\" where {expected} should stand; export the scan again"
    )]
    BadText {
        /// Kind of file.
        format: Format,
        /// Line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// A text file that ends early.
    #[error(
        "the {format} file ends inside {what} that begins in line {line}; copy or export it again"
    )]
    EndsInside {
        /// Kind of file.
        format: Format,
        /// What is incomplete: `"the facet"`, …
        what: &'static str,
        /// Line, counted from 1.
        line: usize,
    },
    /// A face of vertices that are not in the file.
    #[error(
        "{place} of the {format} file names vertex {index}, but only {vertices} vertices stand before it; export \
         the scan again"
    )]
    BadIndex {
        /// Kind of file.
        format: Format,
        /// Where.
        place: Place,
        /// The number in the file.
        index: i64,
        /// Vertices that it can choose from.
        vertices: usize,
    },
    /// A PLY head that does not describe a surface.
    #[error("line {line} of the PLY file's head {problem}; export the scan again")]
    BadPlyHead {
        /// Line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A 3MF package that cannot be unpacked or does not follow its own rules.
    #[error("the 3MF file cannot be read: {problem}; export the scan again")]
    BadPackage {
        /// Part, place and fault.
        problem: String,
    },
    /// Larger inside than the limit.
    #[error("the scan has more than {limit} {what}, the limit; reduce it before loading")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// More than the limit.
    #[error(
        "the scan has {triangles} triangles, more than the limit of {limit}; reduce it before loading"
    )]
    TooManyTriangles {
        /// Triangles in the file, as far as counted.
        triangles: u64,
        /// The limit.
        limit: usize,
    },
    /// Nothing in it.
    #[error("the scan file holds no triangle; export the scan again")]
    NoTriangles,
    /// Nothing but triangles without area.
    #[error("none of the {triangles} triangles of the scan has an area; export the scan again")]
    NoSurface {
        /// Triangles in the file.
        triangles: usize,
    },
    /// A cloud that is no surface.
    #[error(
        "the scan has only {points} different points, too few for a surface; export the scan as a mesh or with \
         more points"
    )]
    TooFewPoints {
        /// Different points near each other.
        points: usize,
    },
    /// Too many broken coordinates.
    #[error(
        "{broken} of the scan's {count} {what} have a coordinate that is no finite number; export \
         the scan again"
    )]
    NotFinite {
        /// Triangles or points with such a coordinate.
        broken: usize,
        /// Triangles or points in the file.
        count: usize,
        /// `"triangles"` or `"points"`.
        what: &'static str,
    },
    /// Nearly all of the surface is crumbs.
    #[error(
        "the scan falls into {pieces} pieces, and those that are large enough to be a part of a foot hold only \
         {percent:.0} % of the surface; merge the scan into one surface and export it again"
    )]
    Fragments {
        /// Number of pieces.
        pieces: usize,
        /// Share of the substantial pieces, percent.
        percent: f64,
    },
    /// Two pieces side by side that are about equally large.
    #[error(
        "the scan holds two separate shapes of similar size, the second with {percent:.0} % of the first \
         one's surface; export each foot to its own file"
    )]
    TwoFeet {
        /// Area of the second in percent of the first.
        percent: f64,
    },
    /// No unit makes it a foot.
    #[error(
        "the scan's longest extent is {extent:.6} in the file's own numbers, which is no foot in mm, cm, m or \
         inches (expected 80 to 650 mm, up to 2000 mm with a floor or board); check what was scanned and in which unit"
    )]
    NoUnitFits {
        /// Longest extent in the file's unit.
        extent: f64,
    },
    /// Two units make it a foot.
    #[error(
        "the scan's longest extent of {extent:.3} can be {first_mm:.0} mm (unit {first}) or {second_mm:.0} mm \
         (unit {second}): which is it? Give the unit (--unit, or unit in the case file) or the foot's length by hand"
    )]
    AmbiguousUnit {
        /// Longest extent in the file's unit.
        extent: f64,
        /// One reading.
        first: Unit,
        /// Its length in mm.
        first_mm: f64,
        /// The other reading.
        second: Unit,
        /// Its length in mm.
        second_mm: f64,
    },
    /// The given unit makes it no foot.
    #[error(
        "with the given unit {unit} the scan's longest extent is {extent_mm:.4} mm (expected 80 to 650 mm for a \
         foot, up to 2000 mm with a floor or board); {advice}"
    )]
    WrongUnit {
        /// The given unit.
        unit: Unit,
        /// Longest extent, mm.
        extent_mm: f64,
        /// What to do.
        advice: String,
    },
}
