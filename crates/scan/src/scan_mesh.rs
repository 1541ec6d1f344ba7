use std::ops::Range;

use geometry::{Point3, TriMesh};

use crate::{CloudEvidence, Format, ScanError, Unit, UnitCandidate, UnitReading, UnitSource};

/// A cleaned scan: everything substantial that the file holds, piece by piece.
///
/// A piece is a surface that hangs together over edges. Both feet, a floor, a box, a board or a
/// stand may be among them; telling them apart is the business of who knows feet.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanMesh {
    /// All pieces in mm, welded, without degenerate or repeated triangles; may be open. Position and
    /// direction are the file's.
    pub mesh: TriMesh,
    /// The pieces, largest area first; never empty. They share no vertex, and their ranges cover
    /// all triangles and all vertices in order.
    pub pieces: Vec<ScanPiece>,
    /// The unit of the file's numbers.
    pub unit: UnitReading,
    /// Longest distance between two points of the mesh, mm.
    pub longest_extent_mm: f64,
    /// Kind of file.
    pub format: Format,
    /// Triangles in the file; for a point cloud, of the surface that was laid through it.
    pub triangles_in_file: usize,
    /// How well the surface fits, if it was laid through points.
    pub cloud: Option<CloudEvidence>,
    /// Edges with one triangle only, in all pieces: the border of openings.
    pub open_edges: usize,
}

/// A connected piece of a [`ScanMesh`].
#[derive(Clone, Debug, PartialEq)]
pub struct ScanPiece {
    /// Its triangles in the mesh.
    pub triangles: Range<usize>,
    /// Those of its triangles, at the end, that were not in the file: they close small holes.
    pub filled: Range<usize>,
    /// Its vertices in the mesh.
    pub vertices: Range<usize>,
    /// Surface area, mm².
    pub area_mm2: f64,
    /// Lowest coordinates, mm.
    pub low: Point3,
    /// Highest coordinates, mm.
    pub high: Point3,
    /// Edges with one triangle only.
    pub open_edges: usize,
    /// What its winding says.
    pub facing: Facing,
}

/// What the winding of a piece says. It is the same over the whole piece either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// Counter-clockwise seen from outside: the piece is closed, or so nearly closed that its shape
    /// tells inside from outside.
    Outward,
    /// An open sheet, such as a floor or a sole alone, with the file's own winding: most of its
    /// triangles run as they do in the file.
    AsInFile,
}

impl ScanMesh {
    /// One piece as a mesh of its own.
    ///
    /// # Panics
    /// If there is no such piece.
    #[must_use]
    pub fn piece_mesh(&self, index: usize) -> TriMesh {
        let piece = &self.pieces[index];
        let first = piece.vertices.start as u32;
        TriMesh {
            vertices: self.mesh.vertices[piece.vertices.clone()].to_vec(),
            triangles: self.mesh.triangles[piece.triangles.clone()]
                .iter()
                .map(|triangle| triangle.map(|vertex| vertex - first))
                .collect(),
        }
    }

    /// The same scan with its numbers read in another unit, because the shape found in it (the
    /// length of a foot, say) tells so; `evidence` says how, in one sentence.
    #[must_use]
    pub fn in_unit(mut self, unit: Unit, evidence: String) -> Self {
        let factor = unit.mm_per_unit() / self.unit.unit.mm_per_unit();
        if unit != self.unit.unit {
            for vertex in &mut self.mesh.vertices {
                *vertex *= factor;
            }
            for piece in &mut self.pieces {
                piece.low *= factor;
                piece.high *= factor;
                piece.area_mm2 *= factor * factor;
            }
            self.longest_extent_mm *= factor;
            self.cloud = self.cloud.map(|cloud| cloud.scaled(factor));
        }
        self.unit =
            UnitReading { unit, source: UnitSource::Shape, settled: true, evidence, ..self.unit };
        self
    }

    /// The scan itself if its unit is settled.
    ///
    /// # Errors
    /// [`ScanError::AmbiguousUnit`], which asks for the unit.
    pub fn settled(self) -> Result<Self, ScanError> {
        if self.unit.settled {
            return Ok(self);
        }
        let [first, second] = match self.unit.candidates[..] {
            [first, second, ..] => [first, second],
            _ => {
                [UnitCandidate {
                    unit: self.unit.unit,
                    extent_mm: self.longest_extent_mm,
                    fit: crate::SizeFit::Rare,
                }; 2]
            }
        };
        Err(ScanError::AmbiguousUnit {
            extent: self.longest_extent_mm / self.unit.unit.mm_per_unit(),
            first: first.unit,
            first_mm: first.extent_mm,
            second: second.unit,
            second_mm: second.extent_mm,
        })
    }

    /// The only foot of a scan of one foot: its largest piece.
    ///
    /// # Errors
    /// [`ScanError::TwoFeet`] if the next piece is about as large and
    /// stands beside it.
    pub fn single_foot(&self) -> Result<TriMesh, ScanError> {
        let foot = &self.pieces[0];
        if let Some(second) = self.pieces.get(1)
            && second.area_mm2 >= SECOND_FOOT_SHARE * foot.area_mm2
            && second.share_inside(foot) < INNER_WALL_SHARE
        {
            return Err(ScanError::TwoFeet { percent: 100.0 * second.area_mm2 / foot.area_mm2 });
        }
        Ok(self.piece_mesh(0))
    }
}

/// Area of the second piece, as a share of the first's, from which it may be a second foot.
const SECOND_FOOT_SHARE: f64 = 0.4;

/// Share of the second piece's bounding box inside the first's from which it is taken for an inner
/// wall of the same foot and not for a second foot.
const INNER_WALL_SHARE: f64 = 0.8;

impl ScanPiece {
    /// Share of this piece's bounding box that lies in the other's, 0 to 1.
    #[must_use]
    pub fn share_inside(&self, other: &Self) -> f64 {
        (0..3)
            .map(|axis| {
                let overlap =
                    self.high[axis].min(other.high[axis]) - self.low[axis].max(other.low[axis]);
                let size = self.high[axis] - self.low[axis];
                if size > 0.0 {
                    (overlap / size).clamp(0.0, 1.0)
                } else {
                    f64::from(overlap >= 0.0)
                }
            })
            .product()
    }
}
