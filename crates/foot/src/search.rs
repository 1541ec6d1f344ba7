//! Looks in the parts of a scan for feet: how each may stand, and whose side its shape is.

use geometry::{Point3, TriMesh, Vector3};
use nalgebra::{Isometry3, Rotation3, Translation3, UnitQuaternion};
use rayon::prelude::*;
use vocabulary::Side;

use crate::guess::{Guess, guesses};
use crate::pose::{Axis, FootFromScan, Stance, stand};
use crate::proportions::{self, strangeness};
use crate::request::FootLimits;
use crate::scene::Part;
use crate::side::SideEvidence;
use crate::sole::FLAT_MM;
use crate::{FootError, Scanned};

/// A part of the scan that stands like a foot, seen as a right one.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) part: Part,
    pub(crate) guess: Guess,
    /// How it stands, by its coarse mesh; both sides treated alike.
    pub(crate) upright: Stance,
    pub(crate) evidence: SideEvidence,
    /// How far its proportions are from a foot's; 0 for feet.
    strangeness: f64,
}

/// Side score from which the shape shows its side plainly; plain feet have 0.8 to 1.2.
pub(crate) const PLAIN_SIDE: f64 = 0.35;

/// Least height of an open sheet or an imprint over its length: no dorsum, no leg.
const SHEET_HEIGHT_RATIO: f64 = 0.03;

/// Most parts that are looked at, largest first.
const MOST_PARTS: usize = 6;

/// The feet among the parts, in their order; if there is none, the reason why the likeliest is none.
pub(crate) fn candidates(
    parts: Vec<Part>,
    limits: &FootLimits,
) -> Result<Vec<Candidate>, FootError> {
    let mut feet = Vec::new();
    let mut likeliest: Option<(f64, FootError)> = None;
    for part in parts.into_iter().take(MOST_PARTS) {
        let limits = limits_for(&part, limits);
        let Some(candidate) = candidate(part, &limits) else { continue };
        match check(&candidate, &limits) {
            Ok(()) => feet.push(candidate),
            Err(error) => {
                let strangeness = candidate.strangeness;
                if likeliest.as_ref().is_none_or(|(least, _)| strangeness < *least) {
                    likeliest = Some((strangeness, error));
                }
            }
        }
    }
    if feet.is_empty() {
        return Err(likeliest.map_or(FootError::Empty, |(_, error)| error));
    }
    Ok(feet)
}

/// What is accepted of a part: sheets need no height.
pub(crate) fn limits_for(part: &Part, limits: &FootLimits) -> FootLimits {
    let mut limits = *limits;
    if matches!(part.scanned, Some(Scanned::PlantarSurface | Scanned::FoamImprint)) {
        limits.height_ratio[0] = limits.height_ratio[0].min(SHEET_HEIGHT_RATIO);
    }
    limits
}

fn check(candidate: &Candidate, limits: &FootLimits) -> Result<(), FootError> {
    proportions::check(&candidate.upright, limits)?;
    let difference = candidate.evidence.score().abs();
    if difference < limits.side_difference {
        return Err(FootError::NotAFoot {
            measure: "difference between inner and outer side",
            value: difference,
            low: limits.side_difference,
            high: SideEvidence::MOST,
        });
    }
    Ok(())
}

impl Candidate {
    /// The side whose shape it has, however plainly.
    pub(crate) fn shaped(&self) -> Side {
        if self.evidence.score() > 0.0 { Side::Right } else { Side::Left }
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.evidence.score().abs() >= PLAIN_SIDE
    }

    /// The part's surface as a right foot, and where it starts from.
    pub(crate) fn as_right_foot(&self, side: Side) -> (TriMesh, FootFromScan) {
        let motion = self.upright.foot_from_scan;
        match side {
            Side::Right => (self.part.mesh.clone(), motion),
            Side::Left => (self.part.mesh.mirrored_x(), mirrored(&motion)),
        }
    }
}

/// The motion of a mirrored scan that puts it where the mirror image of the moved scan is.
fn mirrored(motion: &FootFromScan) -> FootFromScan {
    let mut rotation = motion.rotation.to_rotation_matrix().into_inner();
    for (row, column) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
        rotation[(row, column)] = -rotation[(row, column)];
    }
    let shift = motion.translation.vector;
    Isometry3::from_parts(
        Translation3::new(-shift.x, shift.y, shift.z),
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rotation)),
    )
}

/// Grid of the looks while the way to stand is sought, as a share of the longest extent (3 mm of 300).
const COARSE_SPACING_SHARE: f64 = 1.0 / 100.0;

/// Height of the first look, as a share of the scan's longest extent: the foot's length is not known.
const FIRST_CEILING_SHARE: f64 = 0.16;

/// Strangeness up to which a way to stand is worth comparing with others.
const WORTH_A_LOOK: f64 = 0.0;

/// Stands a part on each guess and takes the first that has a foot's proportions, or the one that comes
/// nearest. A flat underside is believed only if the scan does not stand as a foot on its other side,
/// too: a cast lies best on its flat top. So is an end that hardly looks like toes: a low cast that lies on
/// its flat top has its toes where they are least seen.
fn candidate(part: Part, limits: &FootLimits) -> Option<Candidate> {
    let coarse = coarsened(&part.mesh, FEW_TRIANGLES, CELL_SHARE);
    let (extent, guesses) = guesses(&coarse);
    let spacing = COARSE_SPACING_SHARE * extent;
    let ceiling = FIRST_CEILING_SHARE * extent;
    let mut best: Option<([f64; 3], Guess, Stance, SideEvidence)> = None;
    for guess in with_reversed(&guesses) {
        let stance = stand(&coarse, guess.foot_from_scan, ceiling, spacing, Axis::Middle);
        let Some(stance) = stance else { continue };
        let Some(evidence) = SideEvidence::of(&stance.view) else { continue };
        let strangeness = strangeness(&stance, limits);
        let is_foot = strangeness <= WORTH_A_LOOK;
        let plain = is_foot && evidence.score().abs() >= PLAIN_SIDE;
        let flat = is_flat(&stance, limits.flat_share);
        let doubt = f64::from(u8::from(flat)) + 2.0 * f64::from(u8::from(!plain));
        let unclear = f64::from(u8::from(guess.toe_evidence.abs() < UNCLEAR_TOES));
        let rank = if is_foot { [strangeness, doubt, unclear] } else { [strangeness, 0.0, 0.0] };
        let is_better = best.as_ref().is_none_or(|(least, _, known, _)| {
            // A foot of plain side on a plane gives way to the sole of a cast only.
            let lies_flat = least[0] <= 0.0 && least[1] < 2.0;
            rank < *least && (!lies_flat || (is_opposite(known, &stance) && is_sole(&stance)))
        });
        if is_better {
            best = Some((rank, guess, stance, evidence));
        }
        if rank == [0.0; 3] {
            break;
        }
    }
    let ([strangeness, ..], guess, upright, evidence) = best?;
    Some(Candidate { part, guess, upright, evidence, strangeness })
}

/// Share of a sole that is lower than a share of the length, its arch and walls included; the back of a
/// foot that stands on its head is higher.
const SOLE_SHARE: f64 = 0.7;
const SOLE_HEIGHT: f64 = 0.07;

fn is_sole(stance: &Stance) -> bool {
    let mut heights: Vec<f64> =
        stance.view.heights.heights.iter().copied().filter(|height| !height.is_nan()).collect();
    heights.sort_by(f64::total_cmp);
    let at = (SOLE_SHARE * heights.len() as f64) as usize;
    heights.get(at).is_some_and(|high| high - heights[0] < SOLE_HEIGHT * stance.view.length())
}

/// Whether two ways to stand have each other's top below.
fn is_opposite(a: &Stance, b: &Stance) -> bool {
    let [up_a, up_b] = [a, b].map(|s| s.foot_from_scan.rotation.inverse() * Vector3::z());
    up_a.dot(&up_b) < -0.8
}

/// Toe evidence under which heel and toes are tried both ways round.
const UNCLEAR_TOES: f64 = 0.35;

/// The guesses, each followed by itself turned round where it does not know its toes.
fn with_reversed(guesses: &[Guess]) -> Vec<Guess> {
    let turn = Isometry3::rotation(Vector3::z() * std::f64::consts::PI);
    guesses
        .iter()
        .flat_map(|guess| {
            let reversed = (guess.toe_evidence < UNCLEAR_TOES).then(|| Guess {
                foot_from_scan: turn * guess.foot_from_scan,
                toe_evidence: -guess.toe_evidence,
                ..*guess
            });
            std::iter::once(*guess).chain(reversed)
        })
        .collect()
}

/// Whether the underside is a plane over more than a share of the silhouette.
fn is_flat(stance: &Stance, flat_share: f64) -> bool {
    let heights = || stance.view.heights.heights.iter().filter(|height| !height.is_nan());
    let lowest = heights().copied().fold(f64::INFINITY, f64::min);
    let flat = heights().filter(|height| **height < lowest + FLAT_MM).count();
    flat as f64 > flat_share * heights().count() as f64
}

/// Triangles up to which a mesh is searched as it is.
const FEW_TRIANGLES: usize = 24_000;

/// Cell of the coarse mesh, as a share of the longest extent of its box (4 mm of 320).
const CELL_SHARE: f64 = 1.0 / 80.0;

/// The mesh with one vertex, the mean, for all that lie in one cell of a grid (J. Rossignac, P. Borrel,
/// Multi-resolution 3D approximations, 1993): enough to find how a foot stands. `cell_share` is the cell's
/// edge as a share of the longest extent; a mesh of at most `few` triangles stays as it is.
pub(crate) fn coarsened(mesh: &TriMesh, few: usize, cell_share: f64) -> TriMesh {
    let Some((low, high)) = mesh.bounds().filter(|_| mesh.triangles.len() > few) else {
        return mesh.clone();
    };
    let cell = cell_share * (high - low).max();
    let counts = [0, 1, 2].map(|axis| ((high[axis] - low[axis]) / cell) as usize + 1);
    // Of the box's cells few are touched, and with them few pages of the table.
    let mut known = vec![0_u32; counts.iter().product()];
    let mut sums: Vec<(Vector3, f64)> = Vec::new();
    let places: Vec<u32> = mesh
        .vertices
        .iter()
        .map(|vertex| {
            let [x, y, z] = [0, 1, 2].map(|axis| ((vertex[axis] - low[axis]) / cell) as usize);
            let number = &mut known[(x * counts[1] + y) * counts[2] + z];
            if *number == 0 {
                sums.push((Vector3::zeros(), 0.0));
                *number = sums.len() as u32;
            }
            let index = *number - 1;
            sums[index as usize].0 += vertex.coords;
            sums[index as usize].1 += 1.0;
            index
        })
        .collect();
    let triangles = mesh
        .triangles
        .par_iter()
        .map(|triangle| triangle.map(|index| places[index as usize]))
        .filter(|[a, b, c]| a != b && b != c && c != a)
        .collect();
    let vertices = sums.into_iter().map(|(sum, count)| Point3::from(sum / count)).collect();
    TriMesh { vertices, triangles }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrored_motion_moves_the_mirror_image() {
        let motion = Isometry3::new(Vector3::new(3.0, -5.0, 7.0), Vector3::new(0.4, -1.1, 0.8));
        let flip = |p: Point3| Point3::new(-p.x, p.y, p.z);
        let place = Point3::new(11.0, 2.0, -4.0);
        let expected = flip(motion * place);
        assert!((mirrored(&motion) * flip(place) - expected).norm() < 1e-12);
    }
}
