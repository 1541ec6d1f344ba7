//! A motion trial: markers, force plates, events.

use std::ops::Range;

use geometry::{Point3, Vector3};
use vocabulary::Side;

/// One trial of a motion laboratory, from one or several files of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// Marker frames per second; 0 if there are no markers.
    pub rate_hz: f64,
    /// Time of the first marker frame, s; plates and curves have their own.
    pub start_s: f64,
    /// Upward unit vector in the axes of the laboratory, normally an axis.
    pub up: Vector3,
    /// Markers in the file's order, all with the same number of frames; labels may repeat.
    pub markers: Vec<Marker>,
    /// Force plates in the file's order.
    pub plates: Vec<Plate>,
    /// Events that the file names, by time.
    pub events: Vec<Event>,
    /// What the file says of the person.
    pub subject: Subject,
    /// Curves that another program computed and stored (angles, moments); never used as input of ours, but a
    /// referee.
    pub curves: Vec<Curve>,
}

impl Motion {
    /// Number of marker frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.markers.first().map_or(0, |marker| marker.positions.len())
    }

    /// The first marker of this label; labels compare exactly.
    #[must_use]
    pub fn find_marker(&self, label: &str) -> Option<&Marker> {
        self.markers.iter().find(|marker| marker.label == label)
    }

    /// The first curve of this label; labels compare exactly.
    #[must_use]
    pub fn find_curve(&self, label: &str) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.label == label)
    }
}

/// The path of one marker.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Name as written, without the subject's prefix.
    pub label: String,
    /// Position at every frame in mm, laboratory axes; `None` where it was not seen.
    pub positions: Vec<Option<Point3>>,
}

/// What one force plate measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// Name for messages: `"plate 1"` or the file's own.
    pub name: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample, s, on the clock of [`Motion::start_s`].
    pub start_s: f64,
    /// Corners of the top in mm, laboratory axes, in order around it; `None` if the file does not say.
    pub corners: Option<[Point3; 4]>,
    /// Samples during which nobody stood on the plate, if the file names them; their mean is the baseline.
    pub unloaded: Option<Range<usize>>,
    /// What the plate did to the foot; not filtered, baseline not removed. All components of a sample are `NaN`
    /// where the file has no usable numbers.
    pub wrenches: Vec<Wrench>,
}

/// A force with its moment about the origin of the laboratory, acting **on the foot**.
///
/// A moment about a fixed point is known also where the force is too small for a center of pressure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrench {
    /// Force, N.
    pub force: Vector3,
    /// Moment about the laboratory's origin, Nm.
    pub moment: Vector3,
}

impl Wrench {
    /// A sample of which nothing is known.
    pub const UNKNOWN: Self = Self {
        force: Vector3::new(f64::NAN, f64::NAN, f64::NAN),
        moment: Vector3::new(f64::NAN, f64::NAN, f64::NAN),
    };

    /// From a force, the point in mm at which it acts, and the free moment in Nm about that point.
    #[must_use]
    pub fn at_point(force: Vector3, point: Point3, free_moment: Vector3) -> Self {
        Self { force, moment: free_moment + (point.coords * 1e-3).cross(&force) }
    }

    /// The moment about another point (mm), Nm.
    #[must_use]
    pub fn moment_about(&self, point: Point3) -> Vector3 {
        self.moment - (point.coords * 1e-3).cross(&self.force)
    }

    /// Whether every component is a number.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.force.iter().chain(self.moment.iter()).all(|component| component.is_finite())
    }
}

/// A moment that the file marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, s, on the clock of [`Motion::start_s`].
    pub time_s: f64,
    /// Which foot; `None` for general events.
    pub side: Option<Side>,
    /// What happened.
    pub kind: EventKind,
}

/// What an event marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The foot meets the ground.
    FootStrike,
    /// The foot leaves the ground.
    FootOff,
    /// Anything else.
    General,
}

/// What a file says of the person; all optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// Body mass, kg.
    pub mass_kg: Option<f64>,
    /// Body height, m.
    pub height_m: Option<f64>,
    /// Other numbers of the person under the file's names and in its units, in the file's order: the
    /// parameters of group PROCESSING of a C3D, such as `LKneeWidth` (mm) or `RThighRotation`.
    pub numbers: Vec<(String, f64)>,
}

/// A named curve that another program stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Name as written, without the subject's prefix.
    pub label: String,
    /// Unit as written or as the header says (`"deg"`, `"rad"`, `"Nmm/kg"`); empty if the file does not say.
    pub unit: String,
    /// Values per second.
    pub rate_hz: f64,
    /// Time of the first value, s, on the clock of [`Motion::start_s`].
    pub start_s: f64,
    /// Up to three components, a single one in the first place; `None` where there is no value.
    pub values: Vec<Option<[f64; 3]>>,
}
