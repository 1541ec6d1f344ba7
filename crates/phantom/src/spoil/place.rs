//! Where the foot lies in the file, and in which unit.

use geometry::{Point3, Vector3};
use nalgebra::{Unit, UnitQuaternion};
use serde::{Deserialize, Serialize};

use crate::random::Random;

/// The unit of a file's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileUnit {
    /// Millimeter.
    #[default]
    #[serde(rename = "mm")]
    Millimeter,
    /// Centimeter.
    #[serde(rename = "cm")]
    Centimeter,
    /// Meter.
    #[serde(rename = "m")]
    Meter,
    /// Inch.
    #[serde(rename = "in")]
    Inch,
}

impl FileUnit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Millimeter, Self::Centimeter, Self::Meter, Self::Inch];

    /// Millimeters per unit.
    #[must_use]
    pub const fn mm(self) -> f64 {
        match self {
            Self::Millimeter => 1.0,
            Self::Centimeter => 10.0,
            Self::Meter => 1000.0,
            Self::Inch => 25.4,
        }
    }

    /// `"mm"`, `"cm"`, `"m"` or `"in"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Millimeter => "mm",
            Self::Centimeter => "cm",
            Self::Meter => "m",
            Self::Inch => "in",
        }
    }
}

/// From the world frame of a phantom (mm) to the numbers of a file: a mirror in x = 0 if
/// `mirrored`, then the rotation, then the shift, then the unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Turn about the heel seat.
    pub rotation: UnitQuaternion<f64>,
    /// Shift after the turn, mm.
    pub shift_mm: Vector3,
    /// Whether the file shows the mirror image.
    pub mirrored: bool,
    /// The file's unit.
    pub unit: FileUnit,
}

impl Default for Placement {
    fn default() -> Self {
        Self {
            rotation: UnitQuaternion::identity(),
            shift_mm: Vector3::zeros(),
            mirrored: false,
            unit: FileUnit::Millimeter,
        }
    }
}

/// Shift of [`super::Spoiler::TurnedAnyWay`] along each axis, mm.
const FARTHEST_MM: f64 = 500.0;

impl Placement {
    /// Where a point of the world stands in the file.
    #[must_use]
    pub fn file_from_world(&self, point: &Point3) -> Point3 {
        let x = if self.mirrored { -point.x } else { point.x };
        let moved = self.rotation * Point3::new(x, point.y, point.z) + self.shift_mm;
        moved / self.unit.mm()
    }

    /// Where a point of the file stands in the world.
    #[must_use]
    pub fn world_from_file(&self, point: &Point3) -> Point3 {
        let moved = self.rotation.inverse() * (point * self.unit.mm() - self.shift_mm);
        Point3::new(if self.mirrored { -moved.x } else { moved.x }, moved.y, moved.z)
    }

    /// Turns all so far about an axis through the origin, then shifts it.
    pub(super) fn turn(&mut self, axis: Vector3, degrees: f64, shift_mm: Vector3) {
        let turn =
            UnitQuaternion::from_axis_angle(&Unit::new_normalize(axis), degrees.to_radians());
        self.rotation = turn * self.rotation;
        self.shift_mm = turn * self.shift_mm + shift_mm;
    }

    pub(super) fn turn_any_way(&mut self, random: &mut Random) {
        // Four normal numbers give a rotation, every one alike (Shoemake 1992, "Uniform random
        // rotations").
        let [w, i, j, k] = std::array::from_fn(|_| random.gaussian());
        let turn = UnitQuaternion::new_normalize(nalgebra::Quaternion::new(w, i, j, k));
        let shift = Vector3::from_fn(|_, _| random.between(-FARTHEST_MM, FARTHEST_MM));
        self.rotation = turn * self.rotation;
        self.shift_mm = turn * self.shift_mm + shift;
    }
}
