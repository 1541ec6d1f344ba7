use crate::{ScanError, Unit};

/// What the caller knows about a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScanRequest {
    /// The unit of the file's numbers; `None` to take the file's word or infer it from the size.
    pub unit: Option<Unit>,
    /// What is accepted.
    pub limits: ScanLimits,
}

/// What is accepted as a scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanLimits {
    /// Most triangles that a file may have.
    pub max_triangles: usize,
    /// Most points that a file may have, vertices of triangles included.
    pub max_points: usize,
    /// Most bytes that the parts of a 3MF file may have when they are unpacked, together. They are
    /// read as a stream and never held as a whole.
    pub max_unpacked_bytes: u64,
    /// Deepest nesting of objects in a 3MF file.
    pub max_nesting: usize,
    /// Largest share of triangles (or points of a cloud) with a coordinate that is no finite number, 0 to 1.
    pub max_non_finite_share: f64,
    /// Smallest share of the whole surface's area that a piece must have to be kept, 0 to 1. Smaller
    /// pieces are debris.
    pub min_piece_share: f64,
    /// Widest hole that is closed, mm: the diagonal of the box around its border. 0 closes none.
    pub max_hole_mm: f64,
    /// Smallest share of the whole surface's area that the kept pieces must have together, 0 to 1.
    pub min_kept_share: f64,
}

impl Default for ScanLimits {
    fn default() -> Self {
        Self {
            max_triangles: 5_000_000,
            // As many as that many triangles have when they share no corners.
            max_points: 15_000_000,
            // Five million triangles of 3MF take about 400 MB.
            max_unpacked_bytes: 512 << 20,
            max_nesting: 16,
            max_non_finite_share: 0.01,
            // Of a foot with ankle, 1000 cm², this is the area of a small toe nail; on a floor of
            // 2 m by 2 m it is 80 cm², a fourteenth of the foot.
            min_piece_share: 0.002,
            // In a sole of 30 mm radius a flat patch of this width is 0.1 mm off; a wider hole may be
            // something that was not seen, and is for the height map to mark.
            max_hole_mm: 5.0,
            min_kept_share: 0.5,
        }
    }
}

impl ScanLimits {
    pub(crate) const fn check_triangles(&self, triangles: u64) -> Result<(), ScanError> {
        if triangles <= self.max_triangles as u64 {
            return Ok(());
        }
        Err(ScanError::TooManyTriangles { triangles, limit: self.max_triangles })
    }

    pub(crate) const fn check_points(&self, points: usize) -> Result<(), ScanError> {
        if points <= self.max_points {
            return Ok(());
        }
        Err(ScanError::TooMuch { what: "points", limit: self.max_points as u64 })
    }
}
