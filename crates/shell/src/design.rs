//! What is ordered for one foot: the list of its corrections, and the nine doses that every shell has.

use serde::{Deserialize, Serialize};
use vocabulary::{Angle, Mm};

use crate::{Construction, Operation, PostStyle, SKIVE_PLANE_DEG};

/// The doses that every shell has, as the formula of its top reads them.
///
/// They are split off from the list because an optimizer varies them thousands of times over one foot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doses {
    /// Wedge under the heel; the heel seat is tilted by this angle. + lateral (valgus), - medial (varus).
    pub rearfoot_post: Angle,
    /// Wedge at the distal edge of the shell.
    pub forefoot_post: Angle,
    /// Share of the foot's loaded arch clearance that the shell fills, 0 to 1.
    pub arch_fraction: f64,
    /// Material added to the arch of the positive: more of it *lowers* the arch of the device, less than none
    /// (tight to the arch) raises it.
    pub cast_fill: Mm,
    /// From the lowest point of the heel seat up to the posterior rim, before any cover.
    pub heel_cup_depth: Mm,
    /// Raise of the heel, which tapers to the ball.
    pub heel_lift: Mm,
    /// Depth of a Kirby skive; it raises the medial side of the device's heel cup.
    pub medial_skive: Mm,
    /// Widening of the heel cup to the lateral side.
    pub lateral_expansion: Mm,
    /// Distance between top and bottom.
    pub thickness: Mm,
}

impl Default for Doses {
    /// A neutral device: no posts, 14 mm cup (`ProLab` standard, `domain.md` 1.1), 3.2 mm thick (`CLab`, up to 77 kg).
    fn default() -> Self {
        Self {
            rearfoot_post: Angle::ZERO,
            forefoot_post: Angle::ZERO,
            arch_fraction: 0.8,
            cast_fill: Mm(0.0),
            heel_cup_depth: Mm(14.0),
            heel_lift: Mm(0.0),
            medial_skive: Mm(0.0),
            lateral_expansion: Mm(0.0),
            thickness: Mm(3.2),
        }
    }
}

/// The corrections of one shell, all decided: foot, design and lab habits give the same shell, to the bit.
///
/// Operations of different stages are carried out in the sequence of the bench (positive, skive, rim, additions,
/// lift, posts, thickness); those of one stage in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Design {
    operations: Vec<Operation>,
}

impl Design {
    /// A design of these operations, sorted into the sequence of the bench.
    #[must_use]
    pub fn new(mut operations: Vec<Operation>) -> Self {
        operations.sort_by_key(Operation::stage);
        Self { operations }
    }

    /// The design with one more operation.
    #[must_use]
    pub fn with(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        Self::new(self.operations)
    }

    /// The design without the operation at a place of [`Self::operations`].
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut operations = self.operations.clone();
        operations.remove(index);
        Self { operations }
    }

    /// The operations in the sequence in which they are carried out.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The nine doses; those that the list does not name have the default's.
    #[must_use]
    pub fn doses(&self) -> Doses {
        let mut doses = Doses::default();
        for operation in &self.operations {
            match *operation {
                Operation::LateralExpansion { widening_mm } => {
                    doses.lateral_expansion = Mm(widening_mm);
                }
                Operation::ArchFraction { share } => doses.arch_fraction = share,
                Operation::CastFill { fill_mm } => doses.cast_fill = Mm(fill_mm),
                Operation::MedialSkive { depth_mm, .. } => doses.medial_skive = Mm(depth_mm),
                Operation::HeelCup { depth_mm } => doses.heel_cup_depth = Mm(depth_mm),
                Operation::HeelLift { raise_mm, .. } => doses.heel_lift = Mm(raise_mm),
                Operation::RearfootPost { angle_deg, .. } => {
                    doses.rearfoot_post = Angle::from_deg(angle_deg);
                }
                Operation::ForefootPost { angle_deg, .. } => {
                    doses.forefoot_post = Angle::from_deg(angle_deg);
                }
                Operation::Thickness { shell_mm } => doses.thickness = Mm(shell_mm),
                _ => {}
            }
        }
        doses
    }
}

impl From<Doses> for Design {
    fn from(doses: Doses) -> Self {
        Self::new(vec![
            Operation::LateralExpansion { widening_mm: doses.lateral_expansion.0 },
            Operation::ArchFraction { share: doses.arch_fraction },
            Operation::CastFill { fill_mm: doses.cast_fill.0 },
            Operation::MedialSkive { depth_mm: doses.medial_skive.0, plane_deg: SKIVE_PLANE_DEG },
            Operation::HeelCup { depth_mm: doses.heel_cup_depth.0 },
            Operation::HeelLift { raise_mm: doses.heel_lift.0, taper_mm: None },
            Operation::RearfootPost {
                angle_deg: doses.rearfoot_post.deg(),
                style: PostStyle::default(),
            },
            Operation::ForefootPost {
                angle_deg: doses.forefoot_post.deg(),
                construction: Construction::default(),
            },
            Operation::Thickness { shell_mm: doses.thickness.0 },
        ])
    }
}
