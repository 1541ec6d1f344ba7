//! What is true of a phantom.

use geometry::{Point2, Point3, Vector3};
use serde::{Serialize, Serializer};
use vocabulary::{Angle, Side};

use crate::measured::{Measured, Places, support};
use crate::sections;
use crate::settings::{Load, PhantomSettings};
use crate::shape::FootShape;

/// Depth of the contact print's band, mm: the loaded skin is flat to 0.6 mm and then leaves the ground
/// steeply.
const CONTACT_BAND_MM: f64 = 1.0;

/// How far the ball's print reaches in front of the line through both metatarsal heads, as a share of
/// the length; the toes' prints begin there.
const BALL_FRONT_SHARE: f64 = 0.075;

/// What is true of a phantom: places in the world frame of its mesh, lengths in mm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Which foot.
    pub side: Side,
    /// Lowest point of the heel: the origin.
    #[serde(serialize_with = "coordinates")]
    pub heel_seat: Point3,
    /// Most posterior point of the heel.
    #[serde(serialize_with = "coordinates")]
    pub heel_back: Point3,
    /// Most medial point of the ball.
    #[serde(serialize_with = "coordinates")]
    pub first_metatarsal_head: Point3,
    /// Most lateral point of the ball.
    #[serde(serialize_with = "coordinates")]
    pub fifth_metatarsal_head: Point3,
    /// Highest point of the sole over the line from the heel seat to the middle of the first metatarsal
    /// head, 0.18 of the ball width inside the medial border. The sole goes on rising to the border.
    #[serde(serialize_with = "coordinates")]
    pub arch_apex: Point3,
    /// Medial skin over the navicular's tuberosity.
    #[serde(serialize_with = "coordinates")]
    pub navicular: Point3,
    /// Lateral skin over the base of the fifth metatarsal.
    #[serde(serialize_with = "coordinates")]
    pub fifth_metatarsal_base: Point3,
    /// Foremost point of all toes.
    #[serde(serialize_with = "coordinates")]
    pub toe_tip: Point3,
    /// Foremost point of each toe, great toe first.
    #[serde(serialize_with = "all_coordinates")]
    pub toe_tips: [Point3; 5],
    /// Most medial point over the tibia's malleolus, if the leg reaches 12 mm over it.
    #[serde(serialize_with = "some_coordinates")]
    pub medial_malleolus: Option<Point3>,
    /// Most lateral point over the fibula's malleolus, if the leg reaches 12 mm over it.
    #[serde(serialize_with = "some_coordinates")]
    pub lateral_malleolus: Option<Point3>,
    /// The line that bisects the back of heel and leg: hindmost skin at 0.09 of the length over the
    /// ground, and at half the length or 5 mm under the leg cut; if the leg is as high as 0.28 of it.
    #[serde(serialize_with = "line_coordinates")]
    pub achilles_line: Option<[Point3; 2]>,
    /// From the heel's back to the toe tip, along y.
    pub length_mm: f64,
    /// From first to fifth metatarsal head, along x.
    pub ball_width_mm: f64,
    /// Widest section of the heel between 0.05 and 0.16 of the length from its back, up to 0.13 of the
    /// length over the ground, along x.
    pub heel_width_mm: f64,
    /// From the heel's back to the first metatarsal head, along y.
    pub truncated_length_mm: f64,
    /// Height of the apex over the ground.
    pub arch_height_mm: f64,
    /// Lean of the Achilles line against the upright, seen from behind: positive valgus. Where the leg is
    /// cut too low for the line, as ordered.
    #[serde(skip)]
    pub rearfoot_angle: Angle,
    /// Tilt of the plane under the metatarsal heads: positive valgus. Against the heel's plane of contact
    /// if that is flat (a standing or seated foot), else against the square on the Achilles line.
    #[serde(skip)]
    pub forefoot_to_rearfoot: Angle,
    /// The right foot behind all this.
    #[serde(skip)]
    shape: FootShape,
    /// Edge length of the mesh, mm.
    #[serde(skip)]
    resolution_mm: f64,
}

impl Truth {
    /// What `measured` says of `shape`, a right foot; mirrored for a left one.
    pub(crate) fn new(shape: FootShape, measured: &Measured, settings: &PhantomSettings) -> Self {
        let side = settings.side;
        let placed = |point: Point3| match side {
            Side::Right => point,
            Side::Left => Point3::new(-point.x, point.y, point.z),
        };
        let places = Places::of(&shape, measured);
        let rearfoot_angle = places.achilles.map_or(settings.rearfoot_angle, |[lower, upper]| {
            Angle::from_deg((lower.x - upper.x).atan2(upper.z - lower.z).to_degrees())
        });
        Self {
            side,
            heel_seat: Point3::origin(),
            heel_back: placed(measured.heel_back),
            first_metatarsal_head: placed(measured.first_head),
            fifth_metatarsal_head: placed(measured.fifth_head),
            arch_apex: placed(measured.arch_apex),
            navicular: placed(places.navicular),
            fifth_metatarsal_base: placed(places.fifth_base),
            toe_tip: placed(measured.toe_tip()),
            toe_tips: measured.toe_tips.map(placed),
            medial_malleolus: places.medial_malleolus.map(placed),
            lateral_malleolus: places.lateral_malleolus.map(placed),
            achilles_line: places.achilles.map(|ends| ends.map(placed)),
            length_mm: measured.length(),
            ball_width_mm: measured.ball_width(),
            heel_width_mm: measured.heel_width,
            truncated_length_mm: measured.first_head.y - measured.heel_back.y,
            arch_height_mm: measured.arch_apex.z,
            rearfoot_angle,
            forefoot_to_rearfoot: match settings.load {
                Load::Full | Load::Semi => settings.forefoot_angle,
                Load::Unloaded => {
                    Angle::from_deg(settings.forefoot_angle.deg() - rearfoot_angle.deg())
                }
            },
            shape,
            resolution_mm: settings.resolution_mm,
        }
    }

    /// Every landmark that the phantom shows, with its name.
    #[must_use]
    pub fn landmarks(&self) -> Vec<(&'static str, Point3)> {
        let [first, second, third, fourth, fifth] = self.toe_tips;
        let mut places = vec![
            ("heel_seat", self.heel_seat),
            ("heel_back", self.heel_back),
            ("first_metatarsal_head", self.first_metatarsal_head),
            ("fifth_metatarsal_head", self.fifth_metatarsal_head),
            ("arch_apex", self.arch_apex),
            ("navicular", self.navicular),
            ("fifth_metatarsal_base", self.fifth_metatarsal_base),
            ("toe_tip", self.toe_tip),
            ("first_toe_tip", first),
            ("second_toe_tip", second),
            ("third_toe_tip", third),
            ("fourth_toe_tip", fourth),
            ("fifth_toe_tip", fifth),
        ];
        places.extend(self.medial_malleolus.map(|place| ("medial_malleolus", place)));
        places.extend(self.lateral_malleolus.map(|place| ("lateral_malleolus", place)));
        if let Some([lower, upper]) = self.achilles_line {
            places.extend([("achilles_lower", lower), ("achilles_upper", upper)]);
        }
        places
    }

    /// Height of the navicular's skin over the ground, mm.
    #[must_use]
    pub fn navicular_height_mm(&self) -> f64 {
        self.navicular.z
    }

    /// Height of the dorsum at half the foot length, mm.
    #[must_use]
    pub fn dorsum_height_mm(&self) -> f64 {
        let at = self.middle_of_length();
        let height =
            |&[x]: &[f64; 1]| support(&self.shape, Vector3::z(), Point3::new(x, at.y, 0.0));
        crate::search::climb([at.x], 2.0, 1e-4, height).1
    }

    /// Arch height index: dorsum height at half the foot length over the length from heel to first
    /// metatarsal head (D. S. Williams et al., Physical Therapy 80:864, 2000,
    /// doi:10.1093/ptj/80.9.864).
    #[must_use]
    pub fn arch_height_index(&self) -> f64 {
        self.dorsum_height_mm() / (self.first_metatarsal_head.y - self.heel_back.y)
    }

    /// Girth at half the foot length: tape around the upright section across the long axis, mm.
    #[must_use]
    pub fn instep_girth_mm(&self) -> f64 {
        sections::girth(&self.shape, self.middle_of_length(), Vector3::x())
    }

    /// Girth of the ball: tape around the upright section through both metatarsal heads, mm.
    #[must_use]
    pub fn ball_girth_mm(&self) -> f64 {
        let [first, fifth] =
            [self.first_metatarsal_head, self.fifth_metatarsal_head].map(|p| self.right(p));
        let middle = nalgebra::center(&first, &fifth);
        let across = Vector3::new(fifth.x - first.x, fifth.y - first.y, 0.0).normalize();
        sections::girth(&self.shape, middle, across)
    }

    /// Arch index of the contact print: share of its middle third in its area without toes, the print
    /// being all skin within 1 mm of the ground (P. R. Cavanagh, M. M. Rodgers, Journal of Biomechanics
    /// 20:547, 1987, doi:10.1016/0021-9290(87)90255-7). Means little for an unloaded foot.
    #[must_use]
    pub fn arch_index(&self) -> f64 {
        let [first, fifth] =
            [self.first_metatarsal_head, self.fifth_metatarsal_head].map(|p| self.right(p));
        let slope = (fifth.y - first.y) / (fifth.x - first.x);
        let ahead = BALL_FRONT_SHARE * self.length_mm;
        sections::arch_index(&self.shape, CONTACT_BAND_MM, |x| {
            first.y + slope * (x - first.x) + ahead
        })
    }

    /// Height of the sole over the ground plane at a point of it, seen straight from below, mm;
    /// `None` beside the foot. World frame, from the implicit surface: exact to 1e-9 mm.
    ///
    /// The side walls count too: near the silhouette the height rises steeply.
    #[must_use]
    pub fn plantar_height(&self, point: Point2) -> Option<f64> {
        match self.side {
            Side::Right => self.shape.plantar_height(point),
            Side::Left => self.shape.plantar_height(Point2::new(-point.x, point.y)),
        }
    }

    /// +1 where the lateral side is at +x (a right foot), -1 for a left foot.
    #[must_use]
    pub const fn outward(&self) -> f64 {
        match self.side {
            Side::Right => 1.0,
            Side::Left => -1.0,
        }
    }

    /// The right foot behind the truth.
    pub(crate) const fn shape(&self) -> &FootShape {
        &self.shape
    }

    /// Edge length of the phantom's mesh, mm.
    pub(crate) const fn resolution_mm(&self) -> f64 {
        self.resolution_mm
    }

    /// A point of the world on the right foot.
    fn right(&self, point: Point3) -> Point3 {
        Point3::new(point.x * self.outward(), point.y, point.z)
    }

    /// A point inside the right foot at half its length.
    fn middle_of_length(&self) -> Point3 {
        let y = self.heel_back.y + 0.5 * self.length_mm;
        Point3::new(0.0, y, self.arch_height_mm + 0.07 * self.length_mm)
    }
}

/// Writes a point as `[x, y, z]`.
fn coordinates<S: Serializer>(point: &Point3, serializer: S) -> Result<S::Ok, S::Error> {
    [point.x, point.y, point.z].serialize(serializer)
}

fn all_coordinates<S: Serializer>(points: &[Point3; 5], serializer: S) -> Result<S::Ok, S::Error> {
    points.map(|p| [p.x, p.y, p.z]).serialize(serializer)
}

fn some_coordinates<S: Serializer>(
    point: &Option<Point3>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    point.map(|p| [p.x, p.y, p.z]).serialize(serializer)
}

fn line_coordinates<S: Serializer>(
    line: &Option<[Point3; 2]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    line.map(|ends| ends.map(|p| [p.x, p.y, p.z])).serialize(serializer)
}
