//! What a reader takes out of a file, in the file's own numbers.

use crate::{Format, Unit};

/// Three corners of a triangle.
pub(crate) type Corners = [[f32; 3]; 3];

/// A scan as the file has it.
pub(crate) struct RawScan {
    pub(crate) format: Format,
    pub(crate) shape: Shape,
    /// The unit that the file names.
    pub(crate) unit: Option<Unit>,
}

/// The shape of a scan as the file has it. Coordinates may be no finite numbers.
pub(crate) enum Shape {
    /// Triangles that share no corners.
    Soup(Vec<Corners>),
    /// Triangles over vertices.
    Indexed(Indexed),
    /// Points without triangles.
    Cloud(Cloud),
}

/// Triangles over vertices; every index is valid, but triangles may be degenerate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Indexed {
    pub(crate) vertices: Vec<[f64; 3]>,
    pub(crate) triangles: Vec<[u32; 3]>,
}

/// Points of a surface.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cloud {
    pub(crate) points: Vec<[f64; 3]>,
    /// For every point the outward direction that the file gives, of any length; empty if it gives
    /// none.
    pub(crate) normals: Vec<[f32; 3]>,
}
