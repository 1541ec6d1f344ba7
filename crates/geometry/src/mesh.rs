use rayon::prelude::*;

use crate::{Point3, Vector3};

/// Triangles that one thread adds up at a time.
const TRIANGLES_OF_A_PART: usize = 16_384;

/// Triangles over shared vertices; counter-clockwise seen from outside.
///
/// Nothing is promised about closedness: see [`crate::check_closed`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriMesh {
    /// Corner points, mm.
    pub vertices: Vec<Point3>,
    /// Three indices into `vertices` each.
    pub triangles: Vec<[u32; 3]>,
}

impl TriMesh {
    /// The corner points of one triangle.
    #[must_use]
    pub fn corners(&self, triangle: usize) -> [Point3; 3] {
        self.triangles[triangle].map(|index| self.vertices[index as usize])
    }

    /// The corner points of every triangle.
    pub fn corner_points(&self) -> impl ExactSizeIterator<Item = [Point3; 3]> + '_ {
        self.triangles.iter().map(|triangle| triangle.map(|index| self.vertices[index as usize]))
    }

    /// Lowest and highest coordinates; `None` if there are no vertices.
    #[must_use]
    pub fn bounds(&self) -> Option<(Point3, Point3)> {
        let first = *self.vertices.first()?;
        Some(
            self.vertices
                .iter()
                .fold((first, first), |(low, high), point| (low.inf(point), high.sup(point))),
        )
    }

    /// Enclosed volume in mm³ by the divergence theorem; only meaningful for a closed mesh.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.corner_points().map(|[a, b, c]| a.coords.dot(&b.coords.cross(&c.coords)) / 6.0).sum()
    }

    /// Surface area in mm².
    #[must_use]
    pub fn area(&self) -> f64 {
        self.area_of(&self.triangles)
    }

    /// Area of some triangles over its vertices, mm².
    ///
    /// # Panics
    /// If a triangle has a vertex that is not there.
    #[must_use]
    pub fn area_of(&self, triangles: &[[u32; 3]]) -> f64 {
        let area = |triangle: &[u32; 3]| {
            let [a, b, c] = triangle.map(|index| self.vertices[index as usize]);
            (b - a).cross(&(c - a)).norm() / 2.0
        };
        // Sums of fixed parts, so that the last digit does not depend on the number of threads.
        let parts: Vec<f64> = triangles
            .par_chunks(TRIANGLES_OF_A_PART)
            .map(|part| part.iter().map(area).sum())
            .collect();
        parts.into_iter().sum()
    }

    /// The same shape with every vertex moved by `place`.
    #[must_use]
    pub fn map_vertices(&self, place: impl Fn(&Point3) -> Point3) -> Self {
        Self {
            vertices: self.vertices.iter().map(place).collect(),
            triangles: self.triangles.clone(),
        }
    }

    /// The mirror image in the plane x = 0, still oriented outward.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        let mut mirrored = self.map_vertices(|point| Point3::new(-point.x, point.y, point.z));
        mirrored.flip();
        mirrored
    }

    /// The same shape, moved.
    #[must_use]
    pub fn translated(&self, offset: Vector3) -> Self {
        self.map_vertices(|point| point + offset)
    }

    /// Turns every triangle inside out.
    pub fn flip(&mut self) {
        for triangle in &mut self.triangles {
            triangle.swap(1, 2);
        }
    }

    /// Area-weighted normal of one triangle (length = twice the area, mm²).
    #[must_use]
    pub fn scaled_normal(&self, triangle: usize) -> Vector3 {
        let [a, b, c] = self.corners(triangle);
        (b - a).cross(&(c - a))
    }

    /// An axis-aligned box, for tests of the steps that take any mesh.
    #[must_use]
    pub fn cuboid(low: Point3, high: Point3) -> Self {
        let corner = |index: usize| {
            Point3::new(
                if index & 1 == 0 { low.x } else { high.x },
                if index & 2 == 0 { low.y } else { high.y },
                if index & 4 == 0 { low.z } else { high.z },
            )
        };
        Self {
            vertices: (0..8).map(corner).collect(),
            triangles: vec![
                [0, 2, 1],
                [1, 2, 3],
                [4, 5, 6],
                [5, 7, 6],
                [0, 1, 4],
                [1, 5, 4],
                [2, 6, 3],
                [3, 6, 7],
                [0, 4, 2],
                [2, 4, 6],
                [1, 3, 5],
                [3, 7, 5],
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_closed;

    #[test]
    fn a_box_is_closed_and_has_its_volume() {
        let cuboid = TriMesh::cuboid(Point3::new(-1.0, 0.0, 2.0), Point3::new(3.0, 5.0, 4.0));
        assert_eq!(check_closed(&cuboid), Ok(()));
        assert!((cuboid.volume() - 40.0).abs() < 1e-12, "4 × 5 × 2");
        assert!((cuboid.area() - 76.0).abs() < 1e-12, "2 (20 + 8 + 10)");
    }

    #[test]
    fn mirroring_keeps_the_volume_positive() {
        let cuboid =
            TriMesh::cuboid(Point3::new(1.0, 0.0, 0.0), Point3::new(2.0, 1.0, 1.0)).mirrored_x();
        assert_eq!(check_closed(&cuboid), Ok(()));
        assert!((cuboid.volume() - 1.0).abs() < 1e-12);
    }
}
