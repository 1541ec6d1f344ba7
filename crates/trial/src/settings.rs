use serde::Serialize;

/// How a trial is analyzed. The defaults are those of the handbook's knee model, section 3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Cut-off of the zero-lag fourth-order Butterworth filter, Hz, the same for markers and forces (otherwise
    /// the impact makes moments that are not there; Kristianslund 2012, J. Biomech. 45:666); 3 to 30.
    pub cutoff_hz: f64,
    /// Longest gap of a marker that is bridged, s; 0 to 0.5.
    pub longest_gap_s: f64,
    /// Vertical force above which a foot is on the plate, N; 5 to 100.
    pub contact_n: f64,
    /// Shortest time on a plate that is a stance, s.
    pub shortest_stance_s: f64,
    /// Vertical force below which no center of pressure is given, N.
    pub pressure_center_n: f64,
    /// Axes in which joint moments are expressed.
    pub frame: MomentFrame,
    /// Masses, centers and inertias of foot and shank.
    pub segments: SegmentTable,
    /// How joints marked in the standing trial only are carried through the walk.
    pub joints: JointTracking,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cutoff_hz: 8.0,
            longest_gap_s: 0.1,
            contact_n: 20.0,
            shortest_stance_s: 0.15,
            pressure_center_n: 50.0,
            frame: MomentFrame::Tibia,
            segments: SegmentTable::Dempster,
            joints: JointTracking::Linked,
        }
    }
}

/// Axes in which a joint moment is expressed; the choice moves a peak adduction moment by up to a fifth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MomentFrame {
    /// The tibia's own axes: long axis ankle to knee, sideways along the knee's or the ankle's width.
    #[default]
    Tibia,
    /// Line of progression, up, and right.
    Laboratory,
    /// Joint coordinate system (Grood and Suntay 1983, J. Biomech. Eng. 105:136): flexion about the thigh's sideways
    /// axis, rotation about the tibia's long axis, adduction about the floating axis; the moment is projected.
    JointCoordinate,
}

impl MomentFrame {
    /// Every frame.
    pub const ALL: [Self; 3] = [Self::Tibia, Self::Laboratory, Self::JointCoordinate];

    /// The word of the command line and of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tibia => "tibia",
            Self::Laboratory => "laboratory",
            Self::JointCoordinate => "joint-coordinate",
        }
    }
}

/// How joint centers marked in the standing trial are carried through the walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JointTracking {
    /// By a chain of rigid bones fitted to all markers at once (Lu and O'Connor 1999), as OpenSim's inverse kinematics;
    /// clusters where the standing trial does not show pelvis, knee and ankle.
    #[default]
    Linked,
    /// Thigh and shank each by their own markers (Söderkvist and Wedin 1993).
    Clusters,
}

impl JointTracking {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Linked, Self::Clusters];

    /// The word of the command line and of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Clusters => "clusters",
        }
    }
}

/// Whose masses, centers and inertias of the foot and the shank are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentTable {
    /// Dempster's cadavers as Winter 2009 prints them (Biomechanics and Motor Control of Human Movement,
    /// table 4.1), which Plug-in Gait uses too.
    #[default]
    Dempster,
    /// De Leva 1996 (J. Biomech. 29:1223), table 4, women.
    DeLevaFemale,
    /// De Leva 1996, table 4, men.
    DeLevaMale,
}

impl SegmentTable {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Dempster, Self::DeLevaFemale, Self::DeLevaMale];

    /// The word of the command line and of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dempster => "dempster",
            Self::DeLevaFemale => "de-leva-female",
            Self::DeLevaMale => "de-leva-male",
        }
    }

    /// The two segments' numbers.
    pub(crate) const fn numbers(self) -> [SegmentNumbers; 2] {
        // Shank from knee to ankle center; foot per table. Gyration is about the sideways, the sagittal-plane
        // transverse and the long axis, as shares of segment length. Winter prints one radius for the
        // transverse axes; the long axis, of little weight, is de Leva's.
        match self {
            Self::Dempster => [
                SegmentNumbers { mass: 0.0465, center: 0.433, gyration: [0.302, 0.302, 0.102] },
                SegmentNumbers { mass: 0.0145, center: 0.50, gyration: [0.475, 0.475, 0.124] },
            ],
            Self::DeLevaFemale => [
                SegmentNumbers { mass: 0.0481, center: 0.4352, gyration: [0.267, 0.263, 0.092] },
                SegmentNumbers { mass: 0.0129, center: 0.4014, gyration: [0.299, 0.279, 0.139] },
            ],
            Self::DeLevaMale => [
                SegmentNumbers { mass: 0.0433, center: 0.4395, gyration: [0.251, 0.246, 0.102] },
                SegmentNumbers { mass: 0.0137, center: 0.4415, gyration: [0.257, 0.245, 0.124] },
            ],
        }
    }

    /// Whether the foot is measured from ankle to forefoot (Dempster) or from heel to toe tip (de Leva).
    pub(crate) const fn foot_starts_at_ankle(self) -> bool {
        matches!(self, Self::Dempster)
    }
}

/// One segment's share of the body and of its own length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentNumbers {
    /// Share of body mass.
    pub(crate) mass: f64,
    /// Place of the center from the proximal end (the heel, for de Leva's foot), share of length.
    pub(crate) center: f64,
    /// Radii of gyration about the sideways, the other transverse and the long axis, share of length.
    pub(crate) gyration: [f64; 3],
}
