//! How far a reading is from the truth.

use foot::LandmarkName;
use geometry::{Point3, Vector3};
use nalgebra::{Matrix3, Rotation3};
use phantom::spoil::{SpoiledScan, Visible};

use super::{Case, Read, limits};

/// Differences between a reading and the truth, of what the scan shows.
#[derive(Clone, Debug)]
pub struct Errors {
    /// Angle between the frame and the true one, degrees.
    pub frame_deg: f64,
    /// Distance between the frame's origin and the true one, mm.
    pub frame_mm: f64,
    /// Turn of the frame about its own x (toes up), y (lateral border down) and z (toes medial), degrees.
    pub turn_deg: [f64; 3],
    /// Where the true origin lies in the frame, mm.
    pub origin_mm: [f64; 3],
    /// Distance of each landmark from its true place, mm.
    pub landmarks_mm: Vec<(LandmarkName, f64)>,
    /// How each landmark differs from its true place along the axes of the frame that was found, mm.
    pub offsets_mm: Vec<(LandmarkName, [f64; 3])>,
    /// Differences of the lengths, mm.
    pub lengths_mm: Vec<(&'static str, f64)>,
    /// Difference of the arch height, mm, if the scan shows the sole.
    pub arch_mm: Option<f64>,
    /// Differences of angles, heights and the arch height index, by key, where the scan shows them.
    pub measures: Vec<(&'static str, f64)>,
    /// Whether the foot was taken for what it is.
    pub side_right: bool,
    /// Whether the file's numbers were taken for what they are.
    pub unit_right: bool,
}

impl Errors {
    /// Compares.
    #[must_use]
    pub fn of(read: &Read, scan: &SpoiledScan, _case: &Case) -> Self {
        let truth = &scan.truth;
        // From the truth's world frame through the file to the frame that was found.
        let found = |world: &Point3| {
            let in_file = scan.placement.file_from_world(world);
            read.foot_from_scan.place(&(in_file * read.unit.mm()))
        };
        let visible = scan.expectation.visible;
        let FrameError { degrees: frame_deg, turn_deg, origin_mm } =
            frame_error(&found, truth.outward());
        let frame_mm = Vector3::from(origin_mm).norm();
        let true_places = truth.landmarks();
        let offsets_mm = read
            .landmarks
            .iter()
            .filter(|(name, _)| shows(visible, *name))
            .filter_map(|(name, place)| {
                let (_, world) = true_places.iter().find(|(key, _)| *key == name.key())?;
                Some((*name, (place - found(world)).into()))
            })
            .collect();
        let landmarks_mm = read
            .landmarks
            .iter()
            .filter(|(name, _)| shows(visible, *name))
            .filter_map(|(name, place)| {
                let (_, world) = true_places.iter().find(|(key, _)| *key == name.key())?;
                let error = match (name, truth.achilles_line) {
                    // Any two places of a line name it.
                    (LandmarkName::AchillesLower | LandmarkName::AchillesUpper, Some(line)) => {
                        distance_to_line(place, line.map(|end| found(&end)))
                    }
                    _ => (place - found(world)).norm(),
                };
                Some((*name, error))
            })
            .collect();
        let measured = &read.measurements;
        let mut lengths_mm = vec![("ball width", measured.ball_width_mm - truth.ball_width_mm)];
        if visible.heel {
            lengths_mm.push(("heel width", measured.heel_width_mm - truth.heel_width_mm));
            let error = measured.truncated_length_mm - truth.truncated_length_mm;
            lengths_mm.push(("truncated length", error));
        }
        if visible.heel && visible.toes {
            lengths_mm.push(("length", measured.length_mm - truth.length_mm));
        }
        let arch_mm = measured
            .arch_height_mm
            .filter(|_| visible.sole)
            .map(|height| height - truth.arch_height_mm);
        let of = |key: &str| read.measures.iter().find(|(name, _)| *name == key).map(|(_, v)| *v);
        let measures = [
            ("rearfoot_angle_deg", truth.rearfoot_angle.deg(), visible.leg && visible.heel),
            ("forefoot_angle_deg", truth.forefoot_to_rearfoot.deg(), visible.sole),
            ("navicular_height_mm", truth.navicular_height_mm(), visible.instep),
            ("dorsum_height_mm", truth.dorsum_height_mm(), visible.instep),
            ("arch_height_index", truth.arch_height_index(), visible.instep && visible.heel),
        ]
        .into_iter()
        .filter(|(_, _, visible)| *visible)
        .filter_map(|(key, truth, _)| Some((key, of(key)? - truth)))
        .collect();
        Self {
            measures,
            frame_deg,
            frame_mm,
            turn_deg,
            origin_mm,
            landmarks_mm,
            offsets_mm,
            lengths_mm,
            arch_mm,
            side_right: read.side == scan.shown_side,
            unit_right: read.unit == scan.placement.unit,
        }
    }

    /// The first limit that this reading misses, with its numbers. A landmark counts as missed beyond
    /// the limit of the 95th percentile.
    #[must_use]
    pub fn miss(&self) -> Option<String> {
        if !self.side_right {
            return Some("wrong side".to_owned());
        }
        if !self.unit_right {
            return Some("wrong unit".to_owned());
        }
        if self.frame_deg > limits::FRAME_DEG || self.frame_mm > limits::FRAME_MM {
            return Some(format!("frame {:.2}° {:.2} mm", self.frame_deg, self.frame_mm));
        }
        if let Some(arch) = self.arch_mm.filter(|arch| arch.abs() > limits::ARCH_MM) {
            return Some(format!("arch {arch:+.2} mm"));
        }
        if let Some((name, error)) =
            self.lengths_mm.iter().find(|(_, error)| error.abs() > limits::LENGTH_MM)
        {
            return Some(format!("{name} {error:+.2} mm"));
        }
        let (name, error) =
            self.landmarks_mm.iter().find(|(_, error)| *error > limits::LANDMARK_P95_MM)?;
        Some(format!("{} {error:.1} mm", name.key()))
    }
}

fn distance_to_line(place: &Point3, [from, to]: [Point3; 2]) -> f64 {
    let along = (to - from).normalize();
    let off = place - from;
    (off - along * off.dot(&along)).norm()
}

/// How a frame differs from the true one.
struct FrameError {
    /// Whole angle, degrees.
    degrees: f64,
    /// As a turn about each axis, degrees.
    turn_deg: [f64; 3],
    /// The true origin in the frame, mm.
    origin_mm: [f64; 3],
}

/// Difference between the frame of a right foot in truth and as found.
fn frame_error(found: &impl Fn(&Point3) -> Point3, outward: f64) -> FrameError {
    // A reference length of a tenth of a meter keeps the digits.
    const REACH_MM: f64 = 100.0;
    let origin = found(&Point3::origin());
    let axes = [Vector3::x() * outward, Vector3::y(), Vector3::z()]
        .map(|axis| ((found(&Point3::from(axis * REACH_MM)) - origin) / REACH_MM).normalize());
    let turn = Matrix3::from_columns(&axes);
    let origin_mm = origin.coords.into();
    if turn.determinant() < 0.0 {
        return FrameError { degrees: 180.0, turn_deg: [180.0; 3], origin_mm };
    }
    let turn = Rotation3::from_matrix_unchecked(turn);
    let turn_deg = turn.scaled_axis().map(f64::to_degrees).into();
    FrameError { degrees: turn.angle().to_degrees(), turn_deg, origin_mm }
}

/// Whether a landmark can be seen in a scan.
const fn shows(visible: Visible, name: LandmarkName) -> bool {
    match name {
        LandmarkName::HeelSeat | LandmarkName::ArchApex => visible.sole,
        LandmarkName::HeelBack | LandmarkName::AchillesLower => visible.heel,
        LandmarkName::FirstMetatarsalHead | LandmarkName::FifthMetatarsalHead => true,
        LandmarkName::Navicular | LandmarkName::FifthMetatarsalBase => visible.instep,
        LandmarkName::ToeTip
        | LandmarkName::FirstToeTip
        | LandmarkName::SecondToeTip
        | LandmarkName::ThirdToeTip
        | LandmarkName::FourthToeTip
        | LandmarkName::FifthToeTip => visible.toes,
        LandmarkName::MedialMalleolus
        | LandmarkName::LateralMalleolus
        | LandmarkName::AchillesUpper => visible.leg,
    }
}
