/// The constants of the model. The default is the calibrated set of the handbook (knee model, section 2.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Inclination of the subtalar axis over the ground, rad; 42° (Isman and Inman 1969).
    pub subtalar_inclination: f64,
    /// Deviation of the subtalar axis to the medial side, rad; 23° (Isman and Inman 1969).
    pub subtalar_deviation: f64,
    /// Where the axis meets the ground, mm in front of the most posterior heel.
    pub subtalar_anterior_mm: f64,
    /// Where the axis meets the ground, mm lateral of the foot's axis.
    pub subtalar_lateral_mm: f64,
    /// Quasi-static share of the subtalar stiffness of a stance; calibrated.
    pub subtalar_scale: f64,
    /// Twisting stiffness of the midtarsal joint, Nm/(rad·kg); calibrated, weakly.
    pub midtarsal_nm_per_rad_kg: f64,
    /// Share of a post's angle that reaches the foot through shoe, sock and soft tissue; calibrated.
    pub transmission: f64,
    /// How far the ground reaction re-aims at the center of mass, 0 to 1; calibrated, weakly.
    pub reaiming: f64,
    /// How far the knee follows the ankle's medial shift, 0 to 1; calibrated, weakly.
    pub knee_follows: f64,
    /// Knee height over body height (Drillis and Contini).
    pub knee_height: f64,
    /// Height of the center of mass over body height.
    pub mass_center_height: f64,
    /// Height of the subtalar lever over the contact, over body height.
    pub subtalar_height: f64,
    /// Lowering of the arch at one body weight, mm; navicular drop.
    pub arch_flattening_mm: f64,
    /// Stiffness of midsole and sock liner, kPa/mm.
    pub shoe_kpa_per_mm: f64,
    /// Where the forefoot begins to twist, in foot lengths.
    pub midtarsal_at: f64,
    /// Where the toes begin to bend, in foot lengths.
    pub toe_joint_at: f64,
    /// Lateral position of the midtarsal axis, mm.
    pub midtarsal_lateral_mm: f64,
    /// Tibial internal rotation per rearfoot eversion.
    pub tibial_coupling: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            subtalar_inclination: 42_f64.to_radians(),
            subtalar_deviation: 23_f64.to_radians(),
            subtalar_anterior_mm: 30.0,
            subtalar_lateral_mm: 10.0,
            subtalar_scale: 0.213,
            midtarsal_nm_per_rad_kg: 0.70,
            transmission: 0.727,
            reaiming: 0.62,
            knee_follows: 0.35,
            knee_height: 0.285,
            mass_center_height: 0.56,
            subtalar_height: 0.051,
            arch_flattening_mm: 6.0,
            shoe_kpa_per_mm: 70.0,
            midtarsal_at: 0.50,
            toe_joint_at: 0.73,
            midtarsal_lateral_mm: 4.0,
            tibial_coupling: 0.65,
        }
    }
}

impl Parameters {
    /// The frontal-plane component of a rotation about the subtalar axis.
    #[must_use]
    pub fn frontal_share(&self) -> f64 {
        self.subtalar_inclination.cos() * self.subtalar_deviation.cos()
    }

    /// The component of the subtalar axis to the lateral side (negative: the axis points medially forward).
    pub(crate) fn lateral_share(&self) -> f64 {
        -self.subtalar_inclination.cos() * self.subtalar_deviation.sin()
    }
}

/// Posterior of the five calibrated parameters, in the order transmission, ln(subtalar scale),
/// ln(midtarsal stiffness), re-aiming, knee following: standard deviations and correlations, as the
/// handbook's calibration printed them.
pub(crate) mod posterior {
    pub(crate) const DEVIATIONS: [f64; 5] = [0.119, 0.459, 0.565, 0.203, 0.184];
    pub(crate) const CORRELATIONS: [[f64; 5]; 5] = [
        [1.0, -0.06, -0.3, 0.38, -0.47],
        [-0.06, 1.0, -0.01, 0.23, 0.13],
        [-0.3, -0.01, 1.0, 0.04, -0.15],
        [0.38, 0.23, 0.04, 1.0, 0.19],
        [-0.47, 0.13, -0.15, 0.19, 1.0],
    ];
}
