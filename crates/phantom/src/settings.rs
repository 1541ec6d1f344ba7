use serde::{Deserialize, Serialize};
use vocabulary::{Angle, Side};

/// Which toes are the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToePattern {
    /// The great toe, the others one after the other shorter.
    #[default]
    Egyptian,
    /// The second toe.
    Greek,
    /// The first three or four end about alike.
    Square,
}

/// How the toes are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToePosture {
    /// Their pads at the ground.
    #[default]
    Resting,
    /// Turned up from the ball.
    Lifted,
    /// The lesser toes clawed: knuckles up, pads drawn back.
    Curled,
}

/// How much of the body's weight the foot bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Load {
    /// Standing: pads are flat, the instep is low.
    #[default]
    Full,
    /// Seated.
    Semi,
    /// Hanging: pads are round.
    Unloaded,
}

/// What the foot shall measure. Lengths in mm.
///
/// The default is an average adult foot, 260 mm long, with the ratios of ANSUR II.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhantomSettings {
    /// Which foot.
    pub side: Side,
    /// From the most posterior heel to the foremost toe, along y; 180 to 330.
    pub length_mm: f64,
    /// From first to fifth metatarsal head, along x; 0.33 to 0.44 of the length.
    pub ball_width_mm: f64,
    /// Widest section of the heel, along x; 0.22 to 0.31 of the length.
    pub heel_width_mm: f64,
    /// Height of the sole over the ground at the arch apex; 3 to 30, and at most 0.11 of the length.
    pub arch_height_mm: f64,
    /// Where the apex stands, from the most posterior heel, as a fraction of the length;
    /// 0.39 to 0.49.
    pub arch_apex_fraction: f64,
    /// Forefoot against rearfoot: positive valgus (lateral border raised), negative varus (medial
    /// border raised); -10° to +10°.
    pub forefoot_angle: Angle,
    /// Heel and leg against the upright, seen from behind: positive valgus (the leg leans to the medial
    /// side), negative varus; -12° to +12°.
    pub rearfoot_angle: Angle,
    /// Which toes are the longest.
    pub toe_pattern: ToePattern,
    /// How the toes are held.
    pub toe_posture: ToePosture,
    /// How much weight the foot bears.
    pub load: Load,
    /// Height of the skin's folds and creases; 0 to 0.5. They move the mesh only: truth is of the foot
    /// without them.
    pub skin_detail_mm: f64,
    /// Height of the leg cut over the ground; 0.31 to 0.7 of the length.
    pub leg_height_mm: f64,
    /// Edge length of the mesh; 1 to 4.
    pub resolution_mm: f64,
}

impl Default for PhantomSettings {
    fn default() -> Self {
        Self {
            side: Side::Right,
            length_mm: 260.0,
            ball_width_mm: 98.0,
            heel_width_mm: 70.0,
            arch_height_mm: 16.0,
            arch_apex_fraction: 0.43,
            forefoot_angle: Angle::ZERO,
            rearfoot_angle: Angle::ZERO,
            toe_pattern: ToePattern::default(),
            toe_posture: ToePosture::default(),
            load: Load::default(),
            skin_detail_mm: 0.0,
            leg_height_mm: 130.0,
            resolution_mm: 2.0,
        }
    }
}

/// Why a foot cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PhantomError {
    /// A setting is outside its range.
    #[error("{setting} is {value}, it must be between {least} and {most}{condition}")]
    OutOfRange {
        /// The setting's name with its unit.
        setting: &'static str,
        /// What was asked for.
        value: f64,
        /// Lower end of the range.
        least: f64,
        /// Upper end of the range.
        most: f64,
        /// What the range depends on, or empty.
        condition: &'static str,
    },
    /// The shape could not be brought to a measure.
    #[error(
        "the foot cannot be brought to {measure} = {wanted_mm} mm, it comes out at {reached_mm:.3} mm; \
         choose proportions nearer to the default"
    )]
    NotReached {
        /// Name of the measure.
        measure: &'static str,
        /// What was asked for.
        wanted_mm: f64,
        /// What came out.
        reached_mm: f64,
    },
}

impl PhantomSettings {
    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), PhantomError> {
        let length = self.length_mm;
        let of_length = " for this length";
        within("length_mm", length, [180.0, 330.0], "")?;
        within("ball_width_mm", self.ball_width_mm, [0.33, 0.44].map(|r| r * length), of_length)?;
        within("heel_width_mm", self.heel_width_mm, [0.22, 0.31].map(|r| r * length), of_length)?;
        let highest_arch = (0.11 * length).min(30.0);
        within("arch_height_mm", self.arch_height_mm, [3.0, highest_arch], of_length)?;
        within("arch_apex_fraction", self.arch_apex_fraction, [0.39, 0.49], "")?;
        within("forefoot_angle_deg", self.forefoot_angle.deg(), [-10.0, 10.0], "")?;
        within("rearfoot_angle_deg", self.rearfoot_angle.deg(), [-12.0, 12.0], "")?;
        within("skin_detail_mm", self.skin_detail_mm, [0.0, 0.5], "")?;
        within("leg_height_mm", self.leg_height_mm, [0.31, 0.7].map(|r| r * length), of_length)?;
        within("resolution_mm", self.resolution_mm, [1.0, 4.0], "")
    }
}

/// Refuses a value outside `[least, most]`, or not a number. The ends count as inside although
/// their decimal form may not be exact.
fn within(
    setting: &'static str,
    value: f64,
    [least, most]: [f64; 2],
    condition: &'static str,
) -> Result<(), PhantomError> {
    if value >= least - 1e-9 && value <= most + 1e-9 {
        return Ok(());
    }
    Err(PhantomError::OutOfRange { setting, value, least, most, condition })
}
