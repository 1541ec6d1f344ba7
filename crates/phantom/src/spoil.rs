//! Spoils a phantom the way scanners, exporters and scanning habits do, and keeps the truth known.
//!
//! Spoilers are data: a list of them, a seed, and a phantom give the same scan on every machine.
//! They act in three groups, whatever their order in the list: those that make another surface
//! (cast, imprint, fused floor), those that change the surface in the world frame, in mm, in the
//! order of the list, and those that place it in the file (rotation, mirror, unit). So the truth
//! moves by one known [`Placement`] only.
//!
//! Every spoiler says what may be expected of a reader ([`Expectation`]); the expectation of several
//! is the worse of each.

mod expectation;
mod noise;
mod place;
mod remove;
mod scene;
mod surface_of;
mod triangles;
mod views;

pub use expectation::{Expectation, Verdict, Visible};
pub use place::{FileUnit, Placement};
pub(crate) use triangles::vertex_normals;

use geometry::{Point3, TriMesh};
use serde::{Deserialize, Serialize};
use vocabulary::Side;

use crate::random::Random;
use crate::{PhantomFoot, Truth};

/// Where on the foot a hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// Under the foot.
    Sole,
    /// Under the heel.
    Heel,
    /// Under the ball.
    Ball,
    /// Under the medial arch.
    Arch,
    /// On top of the foot.
    Instep,
    /// Anywhere on the skin.
    Anywhere,
}

/// One way in which a scan is worse than the foot. Lengths in mm of the world frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Spoiler {
    /// Independent noise of every vertex, in every direction.
    Noise {
        /// Standard deviation along each axis.
        sigma_mm: f64,
    },
    /// Noise along the normal that is alike at neighboring places: waves of a bad calibration.
    CorrelatedNoise {
        /// Standard deviation.
        sigma_mm: f64,
        /// Distance over which it changes.
        over_mm: f64,
    },
    /// Vertices that jump away.
    Spikes {
        /// Share of the vertices, 0 to 1.
        share: f64,
        /// Farthest jump.
        height_mm: f64,
    },
    /// Triangles that are missing around some places.
    Holes {
        /// How many.
        count: usize,
        /// Radius of each.
        radius_mm: f64,
        /// Where.
        region: Region,
    },
    /// No lid at the leg cut, as a scanner's picture ends.
    OpenTop {},
    /// Nothing of the sole: all that faces down below a height is missing.
    SoleMissing {
        /// The height.
        below_mm: f64,
    },
    /// The sole is a flat plane, as standing scanners close it.
    SoleFlat {},
    /// Only the sole and its border, as a scanner under a glass plate sees it.
    PlantarOnly {
        /// The border ends at this height.
        below_mm: f64,
    },
    /// The floor around the foot.
    Floor {
        /// How far it reaches beyond the foot.
        margin_mm: f64,
        /// One surface with the foot, or a plane of its own a bit below it.
        fused: bool,
    },
    /// The walls of a scanning box around the foot.
    BoxRim {
        /// Height of the walls.
        height_mm: f64,
    },
    /// An upright board.
    BackgroundBoard {
        /// Gap between heel and board.
        behind_mm: f64,
    },
    /// A post behind the leg and a rest under its calf.
    SupportStand {},
    /// The other foot, the mirror image, beside it.
    SecondFoot {
        /// Gap between the feet.
        gap_mm: f64,
    },
    /// The rearmost part is not in the picture.
    HeelCutOff {
        /// How much of the length is missing.
        by_mm: f64,
    },
    /// The foremost part is not in the picture.
    ToesCutOff {
        /// How much of the length is missing.
        by_mm: f64,
    },
    /// Pieces of dirt around the foot.
    Debris {
        /// How many.
        count: usize,
        /// Largest radius.
        radius_mm: f64,
    },
    /// Flaps: triangles on an edge that has two already.
    NonManifoldEdges {
        /// How many.
        count: usize,
    },
    /// Several views, each moved a little against the first, which sees the sole.
    Views {
        /// How many.
        count: usize,
        /// Largest shift of a view.
        shift_mm: f64,
        /// Largest turn of a view, degrees.
        turn_deg: f64,
    },
    /// The foot moved during the scan: all beyond a place along it is shifted.
    MotionStep {
        /// The place, as a fraction of the length from the heel's back.
        at_fraction: f64,
        /// Shift up or down (+ up).
        up_mm: f64,
        /// Shift across (+ to +x).
        across_mm: f64,
    },
    /// Fewer triangles: one vertex in each cube of this size.
    Decimated {
        /// Edge of the cube.
        cell_mm: f64,
    },
    /// Each triangle in four.
    Subdivided {},
    /// Every triangle with vertices of its own, which may differ a little.
    Unwelded {
        /// Largest distance between vertices that were one.
        apart_mm: f64,
    },
    /// Triangles that are there twice.
    Duplicated {
        /// Share of the triangles, 0 to 1.
        share: f64,
    },
    /// Triangles, their first corners and the vertices in any order.
    Shuffled {},
    /// The inside is written as the outside.
    InwardWinding {},
    /// Some triangles are turned over.
    MixedWinding {
        /// Share of the triangles, 0 to 1.
        share: f64,
    },
    /// No triangles, only the vertices.
    PointCloud {},
    /// The imprint in a foam box, seen from above.
    FoamImprint {
        /// How deep the heel went in.
        depth_mm: f64,
        /// The box's wall around it stands this much above the foam.
        rim_mm: f64,
    },
    /// A positive cast: plaster, cut flat below the ankle, toes grown together.
    PositiveCast {
        /// Height of the cut.
        height_mm: f64,
    },
    /// Turned about an axis through the heel seat, then shifted.
    Turned {
        /// The axis; any length but 0.
        axis: [f64; 3],
        /// The angle.
        degrees: f64,
        /// The shift.
        shift_mm: [f64; 3],
    },
    /// Turned and shifted (up to half a meter) in any way, decided by the seed.
    TurnedAnyWay {},
    /// A mirror image: the file shows the other foot.
    Mirrored {},
    /// The numbers of the file are in this unit.
    InUnit {
        /// The unit.
        unit: FileUnit,
    },
}

/// The scan of a phantom and what is true of it.
#[derive(Clone, Debug)]
pub struct SpoiledScan {
    /// The surface as the file shows it: moved, mirrored, in the file's unit. Triangles may be none
    /// (a point cloud), inward, repeated, and anything else that the spoilers do.
    pub mesh: TriMesh,
    /// What is true of the foot, in the world frame, in mm, before [`Self::placement`].
    pub truth: Truth,
    /// From the world frame of the truth to the file.
    pub placement: Placement,
    /// The foot that the file shows: the truth's, or the other one if it is mirrored.
    pub shown_side: Side,
    /// The other foot in the same file, if there is one: from a point of the truth, by a mirror in
    /// x = 0 and this shift along x (mm, world frame).
    pub second_foot_shift_mm: Option<f64>,
    /// What may be asked of a reader.
    pub expectation: Expectation,
}

/// A foot on its way to becoming a scan.
struct Draft<'a> {
    mesh: TriMesh,
    truth: &'a Truth,
    placement: Placement,
    second_foot_shift_mm: Option<f64>,
    random: Random,
}

/// Why a spoiler cannot be applied.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpoilError {
    /// A number outside its range.
    #[error("{spoiler}: {name} is {value}, it must be between {least} and {most}")]
    OutOfRange {
        /// Which spoiler.
        spoiler: &'static str,
        /// Which of its numbers.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Lower end.
        least: f64,
        /// Upper end.
        most: f64,
    },
    /// Two spoilers that each make another surface.
    #[error("{first} and {second} each replace the surface; choose one")]
    TwoSurfaces {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

/// Spoils a phantom. Same foot, spoilers and seed: same scan.
///
/// # Errors
/// A number out of its range, or two spoilers that exclude each other.
pub fn spoil(
    foot: &PhantomFoot,
    spoilers: &[Spoiler],
    seed: u64,
) -> Result<SpoiledScan, SpoilError> {
    let mut surfaces = spoilers.iter().filter(|spoiler| spoiler.makes_surface());
    let surface = surfaces.next();
    if let (Some(first), Some(second)) = (surface, surfaces.next()) {
        return Err(SpoilError::TwoSurfaces { first: first.name(), second: second.name() });
    }
    for spoiler in spoilers {
        spoiler.check()?;
    }
    let mesh = match surface {
        Some(spoiler) => surface_of::surface(foot, spoiler),
        None => foot.mesh.clone(),
    };
    let mut draft = Draft {
        mesh,
        truth: &foot.truth,
        placement: Placement::default(),
        second_foot_shift_mm: None,
        random: Random::new(seed),
    };
    for spoiler in spoilers {
        draft.apply(spoiler);
    }
    let Draft { mesh, placement, second_foot_shift_mm, .. } = draft;
    let mut mesh = mesh.map_vertices(|point| placement.file_from_world(point));
    let mut shown_side = foot.truth.side;
    if placement.mirrored {
        // A reader should see outward triangles, as a mirroring program writes them.
        mesh.flip();
        shown_side = other(shown_side);
    }
    let expectation = spoilers
        .iter()
        .fold(Expectation::FULL, |expectation, spoiler| expectation.and(spoiler.expectation()));
    let truth = foot.truth.clone();
    Ok(SpoiledScan { mesh, truth, placement, shown_side, second_foot_shift_mm, expectation })
}

const fn other(side: Side) -> Side {
    match side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    }
}

impl SpoiledScan {
    /// Named places of the foot in the file's numbers.
    #[must_use]
    pub fn landmarks_in_file(&self) -> Vec<(&'static str, Point3)> {
        self.truth
            .landmarks()
            .into_iter()
            .map(|(name, place)| (name, self.placement.file_from_world(&place)))
            .collect()
    }
}

impl Spoiler {
    /// Its name, as it is written in files.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Noise { .. } => "noise",
            Self::CorrelatedNoise { .. } => "correlated-noise",
            Self::Spikes { .. } => "spikes",
            Self::Holes { .. } => "holes",
            Self::OpenTop {} => "open-top",
            Self::SoleMissing { .. } => "sole-missing",
            Self::SoleFlat {} => "sole-flat",
            Self::PlantarOnly { .. } => "plantar-only",
            Self::Floor { .. } => "floor",
            Self::BoxRim { .. } => "box-rim",
            Self::BackgroundBoard { .. } => "background-board",
            Self::SupportStand {} => "support-stand",
            Self::SecondFoot { .. } => "second-foot",
            Self::HeelCutOff { .. } => "heel-cut-off",
            Self::ToesCutOff { .. } => "toes-cut-off",
            Self::Debris { .. } => "debris",
            Self::NonManifoldEdges { .. } => "non-manifold-edges",
            Self::Views { .. } => "views",
            Self::MotionStep { .. } => "motion-step",
            Self::Decimated { .. } => "decimated",
            Self::Subdivided {} => "subdivided",
            Self::Unwelded { .. } => "unwelded",
            Self::Duplicated { .. } => "duplicated",
            Self::Shuffled {} => "shuffled",
            Self::InwardWinding {} => "inward-winding",
            Self::MixedWinding { .. } => "mixed-winding",
            Self::PointCloud {} => "point-cloud",
            Self::FoamImprint { .. } => "foam-imprint",
            Self::PositiveCast { .. } => "positive-cast",
            Self::Turned { .. } => "turned",
            Self::TurnedAnyWay {} => "turned-any-way",
            Self::Mirrored {} => "mirrored",
            Self::InUnit { .. } => "in-unit",
        }
    }

    /// Whether it replaces the phantom's surface by another one.
    const fn makes_surface(&self) -> bool {
        matches!(
            self,
            Self::FoamImprint { .. } | Self::PositiveCast { .. } | Self::Floor { fused: true, .. }
        )
    }

    /// The first number that is out of its range.
    fn check(&self) -> Result<(), SpoilError> {
        let within = |name: &'static str, value: f64, [least, most]: [f64; 2]| {
            if value >= least && value <= most {
                Ok(())
            } else {
                Err(SpoilError::OutOfRange { spoiler: self.name(), name, value, least, most })
            }
        };
        match *self {
            Self::Noise { sigma_mm } => within("sigma_mm", sigma_mm, [0.0, 10.0]),
            Self::CorrelatedNoise { sigma_mm, over_mm } => {
                within("sigma_mm", sigma_mm, [0.0, 10.0])?;
                within("over_mm", over_mm, [1.0, 500.0])
            }
            Self::Spikes { share, height_mm } => {
                within("share", share, [0.0, 1.0])?;
                within("height_mm", height_mm, [0.0, 1000.0])
            }
            Self::Holes { count, radius_mm, .. } => {
                within("count", count as f64, [0.0, 1000.0])?;
                within("radius_mm", radius_mm, [0.0, 200.0])
            }
            Self::SoleMissing { below_mm } | Self::PlantarOnly { below_mm } => {
                within("below_mm", below_mm, [1.0, 80.0])
            }
            Self::Floor { margin_mm, .. } => within("margin_mm", margin_mm, [10.0, 300.0]),
            Self::BoxRim { height_mm } => within("height_mm", height_mm, [5.0, 200.0]),
            Self::BackgroundBoard { behind_mm } => within("behind_mm", behind_mm, [5.0, 500.0]),
            Self::SecondFoot { gap_mm } => within("gap_mm", gap_mm, [5.0, 500.0]),
            Self::HeelCutOff { by_mm } | Self::ToesCutOff { by_mm } => {
                within("by_mm", by_mm, [0.0, 200.0])
            }
            Self::Debris { count, radius_mm } => {
                within("count", count as f64, [0.0, 10_000.0])?;
                within("radius_mm", radius_mm, [0.1, 50.0])
            }
            Self::NonManifoldEdges { count } => within("count", count as f64, [0.0, 100_000.0]),
            Self::Views { count, shift_mm, turn_deg } => {
                within("count", count as f64, [2.0, 12.0])?;
                within("shift_mm", shift_mm, [0.0, 50.0])?;
                within("turn_deg", turn_deg, [0.0, 30.0])
            }
            Self::MotionStep { at_fraction, up_mm, across_mm } => {
                within("at_fraction", at_fraction, [0.0, 1.0])?;
                within("up_mm", up_mm, [-50.0, 50.0])?;
                within("across_mm", across_mm, [-50.0, 50.0])
            }
            Self::Decimated { cell_mm } => within("cell_mm", cell_mm, [0.5, 40.0]),
            Self::Unwelded { apart_mm } => within("apart_mm", apart_mm, [0.0, 1.0]),
            Self::Duplicated { share } | Self::MixedWinding { share } => {
                within("share", share, [0.0, 1.0])
            }
            Self::FoamImprint { depth_mm, rim_mm } => {
                within("depth_mm", depth_mm, [15.0, 45.0])?;
                within("rim_mm", rim_mm, [0.0, 100.0])
            }
            Self::PositiveCast { height_mm } => within("height_mm", height_mm, [35.0, 120.0]),
            Self::Turned { axis, degrees, .. } => {
                let length = axis.iter().map(|c| c * c).sum::<f64>().sqrt();
                within("length of the axis", length, [1e-6, 1e6])?;
                within("degrees", degrees, [-360.0, 360.0])
            }
            Self::OpenTop {}
            | Self::SoleFlat {}
            | Self::SupportStand {}
            | Self::Subdivided {}
            | Self::Shuffled {}
            | Self::InwardWinding {}
            | Self::PointCloud {}
            | Self::TurnedAnyWay {}
            | Self::Mirrored {}
            | Self::InUnit { .. } => Ok(()),
        }
    }
}

impl Draft<'_> {
    fn apply(&mut self, spoiler: &Spoiler) {
        let Self { mesh, truth, random, .. } = self;
        match *spoiler {
            Spoiler::Noise { sigma_mm } => noise::independent(mesh, sigma_mm, random),
            Spoiler::CorrelatedNoise { sigma_mm, over_mm } => {
                noise::correlated(mesh, sigma_mm, over_mm, random);
            }
            Spoiler::Spikes { share, height_mm } => noise::spikes(mesh, share, height_mm, random),
            Spoiler::Holes { count, radius_mm, region } => {
                remove::holes(mesh, truth, remove::Holes { count, radius_mm, region }, random);
            }
            Spoiler::OpenTop {} => remove::open_top(mesh),
            Spoiler::SoleMissing { below_mm } => remove::sole(mesh, below_mm),
            Spoiler::SoleFlat {} => remove::flatten_sole(mesh),
            Spoiler::PlantarOnly { below_mm } => remove::all_but_sole(mesh, below_mm),
            Spoiler::Floor { margin_mm, fused: false } => scene::floor(mesh, margin_mm),
            Spoiler::BoxRim { height_mm } => scene::box_rim(mesh, height_mm),
            Spoiler::BackgroundBoard { behind_mm } => scene::board(mesh, behind_mm),
            Spoiler::SupportStand {} => scene::stand(mesh),
            Spoiler::SecondFoot { gap_mm } => {
                self.second_foot_shift_mm = Some(scene::second_foot(mesh, truth.side, gap_mm));
            }
            Spoiler::HeelCutOff { by_mm } => remove::behind(mesh, truth.heel_back.y + by_mm),
            Spoiler::ToesCutOff { by_mm } => remove::before(mesh, truth.toe_tip.y - by_mm),
            Spoiler::Debris { count, radius_mm } => scene::debris(mesh, count, radius_mm, random),
            Spoiler::NonManifoldEdges { count } => triangles::add_flaps(mesh, count, random),
            Spoiler::Views { count, shift_mm, turn_deg } => {
                views::misalign(mesh, count, shift_mm, turn_deg, random);
            }
            Spoiler::MotionStep { at_fraction, up_mm, across_mm } => {
                let from = truth.heel_back.y + at_fraction * truth.length_mm;
                views::motion_step(mesh, from, [across_mm, up_mm]);
            }
            Spoiler::Decimated { cell_mm } => triangles::decimate(mesh, cell_mm),
            Spoiler::Subdivided {} => triangles::subdivide(mesh),
            Spoiler::Unwelded { apart_mm } => triangles::unweld(mesh, apart_mm, random),
            Spoiler::Duplicated { share } => triangles::duplicate(mesh, share, random),
            Spoiler::Shuffled {} => triangles::shuffle(mesh, random),
            Spoiler::InwardWinding {} => mesh.flip(),
            Spoiler::MixedWinding { share } => triangles::turn_some(mesh, share, random),
            Spoiler::PointCloud {} => mesh.triangles.clear(),
            Spoiler::Turned { axis, degrees, shift_mm } => {
                self.placement.turn(axis.into(), degrees, shift_mm.into());
            }
            Spoiler::TurnedAnyWay {} => self.placement.turn_any_way(random),
            Spoiler::Mirrored {} => self.placement.mirrored = !self.placement.mirrored,
            Spoiler::InUnit { unit } => self.placement.unit = unit,
            // Made before.
            Spoiler::Floor { fused: true, .. }
            | Spoiler::FoamImprint { .. }
            | Spoiler::PositiveCast { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
