use crate::Unit;

/// Why a scan cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScanError {
    /// No bytes.
    #[error("the scan file is empty; export the scan again")]
    EmptyFile,
    /// Plainly another kind of file.
    #[error("the scan is {kind}, not an STL file; export the scan as STL")]
    NotStl {
        /// What it seems to be.
        kind: &'static str,
    },
    /// No ASCII STL, and shorter than the head of a binary one.
    #[error("the scan has {bytes} bytes, too few for an STL file; export the scan again")]
    TooShort {
        /// Length of the file.
        bytes: usize,
    },
    /// A binary file that ends early.
    #[error(
        "the STL file is cut off: its head promises {triangles} triangles, which take {expected} bytes, \
         but the file has {got}; copy or export it again"
    )]
    Truncated {
        /// Promised triangles.
        triangles: u32,
        /// Bytes that these take.
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
    /// An ASCII file with a wrong word.
    #[error(
        "line {line} of the ASCII STL file has \"{got}\" where {expected} should stand; export the scan again"
    )]
    BadText {
        /// Line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// An ASCII file that ends early.
    #[error(
        "the ASCII STL file ends inside the facet that begins in line {line}; copy or export it again"
    )]
    EndsInFacet {
        /// Line, counted from 1.
        line: usize,
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
    #[error("the STL file holds no triangle; export the scan again")]
    NoTriangles,
    /// Nothing but triangles without area.
    #[error("none of the {triangles} triangles of the scan has an area; export the scan again")]
    NoSurface {
        /// Triangles in the file.
        triangles: usize,
    },
    /// Too many broken coordinates.
    #[error(
        "{broken} of the scan's {triangles} triangles have a coordinate that is no finite number; export \
         the scan again"
    )]
    NotFinite {
        /// Triangles with such a coordinate.
        broken: usize,
        /// Triangles in the file.
        triangles: usize,
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
         (unit {second}); give the unit in the case file"
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
