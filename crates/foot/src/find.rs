use geometry::{Point3, TriMesh};
use vocabulary::{Findings, Side};

use crate::ground::Ground;
use crate::guess::{Guess, guesses};
use crate::landmarks::{Body, find_landmarks, measure};
use crate::pose::{Axis, CEILING_SHARE, Stance, finish, stand};
use crate::proportions::{self, strangeness};
use crate::request::FootLimits;
use crate::side::SideEvidence;
use crate::skin::Skin;
use crate::sole::{FLAT_MM, Sole, map_sole};
use crate::{
    Foot, FootError, FootFromScan, FootRequest, Landmark, Provenance, Scanned, WeightBearing,
};

/// Grid of the looks while the way to stand is sought, as a share of the longest extent (2 mm of 280).
const COARSE_SPACING_SHARE: f64 = 1.0 / 140.0;

/// Grid of the plantar map, mm.
const MAP_SPACING_MM: f64 = 1.0;

/// Height of the first look, as a share of the scan's longest extent: the foot's length is not known.
const FIRST_CEILING_SHARE: f64 = 0.16;

/// Finds the foot in a scan: stands it on the ground, points it forward, and measures it.
///
/// The scan is in mm, welded and oriented outward, in any position and direction; it may be open.
///
/// # Errors
/// [`FootError`]: nothing in the scan, a length or proportions that no foot has, or a shape that is
/// plainly that of the other foot.
pub fn find_foot(
    scan: &TriMesh,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Foot, FootError> {
    check_input(scan)?;
    let side = match request.side {
        Some(side) => side,
        None => recognize_side(scan, request)?,
    };
    let mirrored = match side {
        Side::Left => &scan.mirrored_x(),
        Side::Right => scan,
    };
    let (extent, guesses) = guesses(mirrored);
    let (guess, upright) = choose_stance(mirrored, &guesses, extent, &request.limits)?;
    proportions::check(&upright, &request.limits)?;
    report_stance(&guess, &upright, findings);
    check_side(&upright, side, request, findings)?;

    let start = upright.foot_from_scan;
    let ceiling = CEILING_SHARE * upright.view.length();
    let spacing = COARSE_SPACING_SHARE * extent;
    let stance = stand(mirrored, start, ceiling, spacing, Axis::SecondToe)
        .and_then(|stance| {
            // On the map's own grid, which does not depend on how the scan came.
            let start = stance.foot_from_scan;
            stand(mirrored, start, ceiling, MAP_SPACING_MM, Axis::SecondToe)
        })
        .and_then(|stance| finish(mirrored, &stance, MAP_SPACING_MM))
        .ok_or(FootError::Empty)?;
    proportions::check(&stance, &request.limits)?;
    if let Some(ground) = &stance.ground {
        report_ground(ground, findings);
    }
    let sole = map_sole(stance.view.clone(), request.limits.flat_share);
    report_sole(&sole, findings);
    let skin = Skin::of(&stance.vertices, &mirrored.triangles);
    let body = Body { stance: &stance, skin: &skin };
    let mut landmarks = find_landmarks(&body, &sole).ok_or(FootError::Empty)?;
    let foot_from_scan =
        FootFromScan { mirrored: side == Side::Left, motion: stance.foot_from_scan };
    for (name, scanned) in &request.by_hand {
        let position = foot_from_scan.place(scanned);
        landmarks
            .set(*name, Landmark { position, confidence: 1.0, provenance: Provenance::ByHand });
    }
    let measurements = measure(&landmarks, &body, &sole);
    Ok(Foot {
        side,
        weight_bearing: request.weight_bearing.unwrap_or(WeightBearing::Full),
        scanned: request.scanned.unwrap_or(Scanned::Foot),
        foot_from_scan,
        mesh: TriMesh { vertices: stance.vertices, triangles: mirrored.triangles.clone() },
        landmarks,
        measurements,
        plantar: sole.plantar,
        sole: sole.evidence,
    })
}

/// Finds every foot in a scan: one, or both where the scan holds a left and a right foot in separate
/// pieces. Left first. `request.side` is that of the only foot wanted; `None` finds all.
///
/// # Errors
/// As [`find_foot`].
pub fn find_feet(
    scan: &TriMesh,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Vec<Foot>, FootError> {
    find_foot(scan, request, findings).map(|foot| vec![foot])
}

/// Tells the side of a scan from its shape, seen as a right foot.
fn recognize_side(scan: &TriMesh, request: &FootRequest) -> Result<Side, FootError> {
    let (extent, guesses) = guesses(scan);
    let (_, upright) = choose_stance(scan, &guesses, extent, &request.limits)?;
    proportions::check(&upright, &request.limits)?;
    let evidence = SideEvidence::of(&upright.view).ok_or(FootError::Empty)?;
    let score = evidence.score();
    if score.abs() < SIDE_AGREES {
        return Err(FootError::SideUnknown {
            score,
            plain: SIDE_AGREES,
            evidence: evidence.to_string(),
        });
    }
    Ok(if score > 0.0 { Side::Right } else { Side::Left })
}

fn check_input(scan: &TriMesh) -> Result<(), FootError> {
    let is_finite = |vertex: &Point3| vertex.coords.iter().all(|c| c.is_finite());
    if let Some(vertex) = scan.vertices.iter().position(|vertex| !is_finite(vertex)) {
        return Err(FootError::NotFinite { vertex });
    }
    if scan.triangles.is_empty() || scan.area() <= 0.0 {
        return Err(FootError::Empty);
    }
    Ok(())
}

/// Stands the scan on each guess and takes the first that has a foot's proportions, or the one that
/// comes nearest.
fn choose_stance(
    scan: &TriMesh,
    guesses: &[Guess],
    extent: f64,
    limits: &FootLimits,
) -> Result<(Guess, Stance), FootError> {
    let mut nearest: Option<(f64, Guess, Stance)> = None;
    for guess in guesses {
        let spacing = COARSE_SPACING_SHARE * extent;
        let ceiling = FIRST_CEILING_SHARE * extent;
        let stance = stand(scan, guess.foot_from_scan, ceiling, spacing, Axis::Middle);
        let Some(stance) = stance else { continue };
        let strangeness = strangeness(&stance, limits);
        if nearest.as_ref().is_none_or(|(least, ..)| strangeness < *least) {
            nearest = Some((strangeness, *guess, stance));
        }
        if strangeness <= 0.0 {
            break;
        }
    }
    nearest.map(|(_, guess, stance)| (guess, stance)).ok_or(FootError::Empty)
}

/// Toe evidence under which heel and toes may be mixed up; plain feet have 0.5 and more.
const CLEAR_TOE_EVIDENCE: f64 = 0.25;

/// Roll of the forefoot against the heel from which it is said: in healthy feet it is within 8°, and a
/// few degrees are measuring error.
const TOLD_FOREFOOT_ROLL_DEG: f64 = 4.0;

/// Roll from which the scan should be looked at: the forefoot was hardly held in neutral.
const ODD_FOREFOOT_ROLL_DEG: f64 = 12.0;

fn report_ground(ground: &Ground, findings: &mut Findings) {
    let roll = ground.forefoot_roll.to_degrees();
    if roll.abs() < TOLD_FOREFOOT_ROLL_DEG {
        return;
    }
    let (word, raised) = if roll > 0.0 { ("varus", "medial") } else { ("valgus", "lateral") };
    let leveled = match (ground.loaded > 0.5, ground.upright > 0.5) {
        (true, _) => "the ground is that of the standing heel",
        (false, true) => "the foot is leveled by its upright heel",
        (false, false) => "the foot is leveled by its metatarsal heads, so that its heel leans",
    };
    let message = format!(
        "The forefoot is in {:.0}° of {word} against the heel ({raised} border raised); {leveled}.",
        roll.abs()
    );
    if roll.abs() < ODD_FOREFOOT_ROLL_DEG {
        findings.note("foot", "forefoot-tilted", message);
    } else {
        findings.warn(
            "foot",
            "forefoot-tilted",
            message + " Check that the foot was held in neutral while it was scanned.",
        );
    }
}

fn report_stance(guess: &Guess, upright: &Stance, findings: &mut Findings) {
    let up = upright.foot_from_scan.rotation.inverse() * geometry::Vector3::z();
    let forward = upright.foot_from_scan.rotation.inverse() * geometry::Vector3::y();
    let place = |v: geometry::Vector3| format!("({:+.2}, {:+.2}, {:+.2})", v.x, v.y, v.z);
    let message = format!(
        "The foot stands on {:.0} cm² of near-level surface; in the scan up is {} and forward is {} \
         (toe evidence {:.2}, plain from {CLEAR_TOE_EVIDENCE}).",
        guess.resting_area / 100.0,
        place(up),
        place(forward),
        guess.toe_evidence
    );
    if guess.toe_evidence < CLEAR_TOE_EVIDENCE {
        findings.warn("foot", "orientation-uncertain", message);
    } else {
        findings.note("foot", "orientation", message);
    }
}

/// Side score from which the shape agrees with the side of the request; plain feet have 0.8 to 1.2.
const SIDE_AGREES: f64 = 0.35;

/// Side score under which the shape contradicts it.
const SIDE_CONTRADICTS: f64 = -0.5;

/// Compares the shape, mirrored to a right foot as the request says, with what a right foot has.
fn check_side(
    upright: &Stance,
    side: Side,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<(), FootError> {
    let evidence = SideEvidence::of(&upright.view).ok_or(FootError::Empty)?;
    let score = evidence.score();
    if score.abs() < request.limits.side_difference {
        return Err(FootError::NotAFoot {
            measure: "difference between inner and outer side",
            value: score.abs(),
            low: request.limits.side_difference,
            high: SideEvidence::MOST,
        });
    }
    if score < SIDE_CONTRADICTS {
        let shaped = match side {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        };
        let evidence = format!("side score {score:+.2}: {evidence}");
        return Err(FootError::WrongSide { requested: side, shaped, evidence });
    }
    if score < SIDE_AGREES {
        findings.warn(
            "foot",
            "side-uncertain",
            format!(
                "The shape does not show plainly that this is a {side} foot (side score {score:+.2}, plain \
                 from {SIDE_AGREES:+.2}: {evidence}); compare the picture with the foot."
            ),
        );
    } else {
        findings.note(
            "foot",
            "side-agrees",
            format!("The shape is that of a {side} foot (side score {score:+.2}: {evidence})."),
        );
    }
    Ok(())
}

/// Area of filled holes from which a technician should look, cm²: a heel-pad's contact is about 20.
const LARGE_HOLES_CM2: f64 = 5.0;

fn report_sole(sole: &Sole, findings: &mut Findings) {
    let evidence = &sole.evidence;
    if sole.filled_cm2 > 0.0 {
        let message = format!(
            "Holes of {:.1} cm² in the sole were filled in ({:.0} % of the silhouette).",
            sole.filled_cm2,
            100.0 * sole.filled_cm2 / sole.silhouette_cm2
        );
        if sole.filled_cm2 > LARGE_HOLES_CM2 {
            findings.warn("foot", "sole-holes", message + " Look at the height map.");
        } else {
            findings.note("foot", "sole-holes", message);
        }
    }
    if !evidence.imaged {
        findings.warn(
            "foot",
            "sole-not-imaged",
            format!(
                "The sole was not imaged: {:.0} cm², {:.0} % of the silhouette, lie within {FLAT_MM} mm of the \
                 ground, where a footprint covers about half; the arch must come from the prescription.",
                evidence.flat_area_cm2,
                100.0 * evidence.flat_share
            ),
        );
    }
}
