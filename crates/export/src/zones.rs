//! Parts of a mesh that are shown in their own colors.

use geometry::TriMesh;

/// A part of a mesh with its color.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Name, for instance `"rearfoot post"`.
    pub name: String,
    /// Red, green, blue of the sRGB space.
    pub color: [u8; 3],
}

/// Which part every triangle of a mesh belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zones {
    zones: Vec<Zone>,
    of_triangle: Vec<u8>,
}

/// The zones do not fit the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{zones} zones for {marks} of {triangles} triangles: every triangle needs one of 1 to 255 zones"
)]
pub struct ZonesError {
    zones: usize,
    marks: usize,
    triangles: usize,
}

impl Zones {
    /// Zones of a mesh; `of_triangle` holds an index into `zones` for every triangle.
    ///
    /// # Errors
    /// [`ZonesError`] if an index names no zone or a triangle has none.
    pub fn new(zones: Vec<Zone>, of_triangle: Vec<u8>, mesh: &TriMesh) -> Result<Self, ZonesError> {
        let known = of_triangle.iter().all(|&zone| usize::from(zone) < zones.len());
        let (marks, triangles) = (of_triangle.len(), mesh.triangles.len());
        if !known || marks != triangles || zones.is_empty() || zones.len() > 255 {
            return Err(ZonesError { zones: zones.len(), marks, triangles });
        }
        Ok(Self { zones, of_triangle })
    }

    /// The zones, in their order.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// Zone of a triangle.
    #[must_use]
    pub fn of(&self, triangle: usize) -> u8 {
        self.of_triangle[triangle]
    }

    /// Zones that have triangles, each with the indices of its triangles, in order.
    pub(crate) fn parts(&self) -> Vec<(&Zone, Vec<usize>)> {
        let mut parts: Vec<(&Zone, Vec<usize>)> =
            self.zones.iter().map(|zone| (zone, Vec::new())).collect();
        for (triangle, &zone) in self.of_triangle.iter().enumerate() {
            parts[usize::from(zone)].1.push(triangle);
        }
        parts.retain(|(_, triangles)| !triangles.is_empty());
        parts
    }
}
