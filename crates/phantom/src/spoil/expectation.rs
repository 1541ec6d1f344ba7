//! What may be asked of a reader for each spoiler.

use serde::{Deserialize, Serialize};

use super::{FileUnit, Region, Spoiler};

/// What a reader says of a whole scan, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// A foot with all its measures.
    Good,
    /// A foot, with a warning.
    Usable,
    /// No foot can be made of it.
    Refused,
}

/// Which parts of the foot the scan still shows as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Visible {
    /// The sole with its arch.
    pub sole: bool,
    /// The back of the heel.
    pub heel: bool,
    /// The toes.
    pub toes: bool,
    /// The back of the foot, for girths.
    pub instep: bool,
    /// The ankle and the leg.
    pub leg: bool,
}

/// What may be asked of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// Whether the limits for scans of full quality hold (lengths and arch height within 0.5 mm).
    pub full_quality: bool,
    /// The best verdict that is right.
    pub best: Verdict,
    /// The worst verdict that is right.
    pub worst: Verdict,
    /// What can be seen and thus be measured.
    pub visible: Visible,
}

impl Visible {
    const ALL: Self = Self { sole: true, heel: true, toes: true, instep: true, leg: true };
}

impl Expectation {
    /// Of a scan without any fault.
    pub const FULL: Self = Self {
        full_quality: true,
        best: Verdict::Good,
        worst: Verdict::Good,
        visible: Visible::ALL,
    };

    /// A scan of full quality about which a reader may have a word to say.
    const MENTIONED: Self = Self { worst: Verdict::Usable, ..Self::FULL };

    /// The limits do not hold any more, and a reader may say so.
    const WORSE: Self = Self { full_quality: false, ..Self::MENTIONED };

    /// A reader must say so.
    const WARNED: Self = Self { best: Verdict::Usable, ..Self::WORSE };

    /// A reader must say so or refuse.
    const WARNED_OR_REFUSED: Self = Self { worst: Verdict::Refused, ..Self::WARNED };

    /// What may be asked when both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (a, b) = (self.visible, other.visible);
        Self {
            full_quality: self.full_quality && other.full_quality,
            best: self.best.max(other.best),
            worst: self.worst.max(other.worst),
            visible: Visible {
                sole: a.sole && b.sole,
                heel: a.heel && b.heel,
                toes: a.toes && b.toes,
                instep: a.instep && b.instep,
                leg: a.leg && b.leg,
            },
        }
    }

    /// Whether a verdict is one of the right ones.
    #[must_use]
    pub fn allows(&self, verdict: Verdict) -> bool {
        (self.best..=self.worst).contains(&verdict)
    }
}

/// Noise of a good handheld scanner (accuracy classes of structured light are 0.1 to 0.3 mm); up to
/// it a scan is of full quality.
const FULL_QUALITY_NOISE_MM: f64 = 0.2;
/// Waves are worse than noise of the same size, since no average removes them.
const FULL_QUALITY_WAVES_MM: f64 = 0.1;
/// From here on the half millimeter of a length is under one standard deviation of a single point.
const WARNED_NOISE_MM: f64 = 0.6;
/// From here on nothing is left of toes and arch.
const HOPELESS_NOISE_MM: f64 = 2.0;
/// Meshes with edges up to this follow a foot within about 0.1 mm.
const FULL_QUALITY_EDGE_MM: f64 = 3.0;
/// Edges from which the toes are no longer told apart.
const WARNED_EDGE_MM: f64 = 8.0;
/// A hole up to this radius is closed by its surroundings within half a millimeter.
const HARMLESS_HOLE_MM: f64 = 4.0;
/// Holes from this radius hide the arch or the heel's seat.
const WARNED_HOLE_MM: f64 = 12.0;
/// Steps and shifts up to this are within the limits of full quality.
const HARMLESS_SHIFT_MM: f64 = 0.2;
/// Steps and shifts from here on are seen with the eye.
const WARNED_SHIFT_MM: f64 = 1.0;
/// Steps from here on put landmarks of one half farther off than any landmark may be.
const HOPELESS_SHIFT_MM: f64 = 5.0;
/// Edges from which heads and toes fall between the vertices: places are off by more than any may be.
const HOPELESS_EDGE_MM: f64 = 12.0;
/// A cut that leaves this much out changes the length by more than the limit.
const HARMLESS_CUT_MM: f64 = 0.3;
/// A cut that a reader must notice.
const WARNED_CUT_MM: f64 = 5.0;

impl Spoiler {
    /// What may be asked of a reader of a scan with this fault alone.
    #[must_use]
    pub fn expectation(&self) -> Expectation {
        let graded = |value: f64, full: f64, warned: f64| {
            if value <= full {
                Expectation::MENTIONED
            } else if value < warned {
                Expectation::WORSE
            } else {
                Expectation::WARNED
            }
        };
        let without = |expectation: Expectation, hide: fn(&mut Visible)| {
            let mut expectation = expectation;
            hide(&mut expectation.visible);
            expectation
        };
        match *self {
            Self::Noise { sigma_mm } | Self::CorrelatedNoise { sigma_mm, .. }
                if sigma_mm >= HOPELESS_NOISE_MM =>
            {
                Expectation::WARNED_OR_REFUSED
            }
            Self::Noise { sigma_mm } => graded(sigma_mm, FULL_QUALITY_NOISE_MM, WARNED_NOISE_MM),
            // Waves that are longer than a bone's bump are the surface of another foot: residuals of smooth
            // patches of 16 and 24 mm are the same with waves of 1 mm and without (0.08 and 0.24 mm against
            // 0.07 and 0.22 mm; scans of real feet have 0.09 to 0.22 and 0.17 to 0.32 mm). Only a standing
            // heel, which is flat, may show them, so that no reader can be asked to warn.
            Self::CorrelatedNoise { sigma_mm, .. } => {
                graded(sigma_mm, FULL_QUALITY_WAVES_MM, f64::INFINITY)
            }
            Self::Spikes { share, .. } => graded(share, 0.001, 0.01),
            Self::Holes { radius_mm, region, .. } => holes(radius_mm, region),
            Self::SoleMissing { .. } | Self::SoleFlat {} => {
                without(Expectation::WARNED_OR_REFUSED, |visible| visible.sole = false)
            }
            Self::PlantarOnly { .. } => without(Expectation::MENTIONED, |visible| {
                (visible.instep, visible.leg) = (false, false);
            }),
            Self::Floor { fused: true, .. } => {
                without(Expectation::WARNED_OR_REFUSED, |visible| visible.sole = false)
            }
            Self::SupportStand {} => without(Expectation::MENTIONED, |visible| visible.leg = false),
            // A reader may ask for one foot a file, and whether a foot of 12 units is an adult's in inches or
            // a child's in centimeters.
            Self::SecondFoot { .. } | Self::InUnit { unit: FileUnit::Inch } => {
                Expectation { worst: Verdict::Refused, ..Expectation::MENTIONED }
            }
            Self::HeelCutOff { by_mm } => without(cut(by_mm), |visible| visible.heel = false),
            Self::ToesCutOff { by_mm } => without(cut(by_mm), |visible| visible.toes = false),
            Self::Views { shift_mm, turn_deg, .. } => {
                // A degree moves the far end of a foot by 4 mm.
                graded(shift_mm.max(4.0 * turn_deg), HARMLESS_SHIFT_MM, WARNED_SHIFT_MM)
            }
            Self::MotionStep { up_mm, across_mm, .. }
                if up_mm.hypot(across_mm) >= HOPELESS_SHIFT_MM =>
            {
                Expectation::WARNED_OR_REFUSED
            }
            Self::Decimated { cell_mm } if cell_mm >= HOPELESS_EDGE_MM => {
                Expectation::WARNED_OR_REFUSED
            }
            Self::MotionStep { up_mm, across_mm, .. } => {
                graded(up_mm.hypot(across_mm), HARMLESS_SHIFT_MM, WARNED_SHIFT_MM)
            }
            Self::Decimated { cell_mm } => graded(cell_mm, FULL_QUALITY_EDGE_MM, WARNED_EDGE_MM),
            Self::FoamImprint { .. } => without(Expectation::WARNED, |visible| {
                (visible.instep, visible.leg) = (false, false);
            }),
            Self::PositiveCast { .. } => without(Expectation::WORSE, |visible| {
                (visible.toes, visible.leg) = (false, false);
            }),
            Self::PointCloud {} => Expectation::WORSE,
            Self::OpenTop {}
            | Self::Turned { .. }
            | Self::TurnedAnyWay {}
            | Self::Mirrored {}
            | Self::Subdivided {}
            | Self::Shuffled {} => Expectation::FULL,
            Self::Floor { fused: false, .. }
            | Self::BoxRim { .. }
            | Self::BackgroundBoard { .. }
            | Self::Debris { .. }
            | Self::NonManifoldEdges { .. }
            | Self::Unwelded { .. }
            | Self::Duplicated { .. }
            | Self::InwardWinding {}
            | Self::MixedWinding { .. }
            | Self::InUnit { .. } => Expectation::MENTIONED,
        }
    }
}

fn holes(radius_mm: f64, region: Region) -> Expectation {
    if radius_mm <= HARMLESS_HOLE_MM {
        return Expectation::MENTIONED;
    }
    let under = !matches!(region, Region::Instep | Region::Anywhere);
    if under && radius_mm >= WARNED_HOLE_MM { Expectation::WARNED } else { Expectation::WORSE }
}

fn cut(by_mm: f64) -> Expectation {
    if by_mm <= HARMLESS_CUT_MM {
        Expectation::MENTIONED
    } else if by_mm < WARNED_CUT_MM {
        Expectation::WORSE
    } else {
        Expectation::WARNED_OR_REFUSED
    }
}
