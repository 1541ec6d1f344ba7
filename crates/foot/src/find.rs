use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use vocabulary::{Findings, Side};

use crate::landmarks::{Body, find_landmarks, measure, uncertainty};
use crate::pose::{
    Axis, ByHand, CEILING_SHARE, FootFromScan as Motion, Stance, finish, led_by_hand, stand,
};
use crate::scene::{Part, Plane, parts};
use crate::search::{Candidate, PLAIN_SIDE, candidates, coarsened, limits_for};
use crate::skin::Skin;
use crate::sole::map_sole;
use crate::{
    Doubt, Foot, FootError, FootFromScan, FootRequest, Landmark, LandmarkName, Landmarks,
    Provenance, Scanned, leg, proportions, report,
};

/// Grid of the plantar map, mm.
const MAP_SPACING_MM: f64 = 1.0;

/// Finds the foot in a scan: takes out what is no foot, stands it on the ground, points it forward, and
/// measures it.
///
/// The scan is in mm, welded and oriented outward, in any position and direction; it may be open, and
/// hold several pieces. Where it holds both feet, the one of `request.side` is found.
///
/// # Errors
/// [`FootError`]: nothing in the scan, a length or proportions that no foot has, a shape that is plainly
/// that of the other foot, or a side that neither request nor shape tells.
pub fn find_foot(
    scan: &TriMesh,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Foot, FootError> {
    let mut feet = search(scan, request, findings)?;
    let Some(side) = request.side else {
        if feet.len() > 1 {
            return Err(FootError::SeveralFeet { count: feet.len() });
        }
        let candidate = feet.swap_remove(0);
        let side = recognized(&candidate)?;
        return complete(candidate, side, request, findings);
    };
    // Of several feet the one that is shaped as ordered; the largest comes first.
    let wanted = feet.iter().position(|candidate| candidate.shaped() == side).unwrap_or(0);
    if feet.len() > 1 {
        findings.note(
            "foot",
            "other-foot-left-out",
            format!("The scan holds {} feet; the {side} one was taken.", feet.len()),
        );
    }
    complete(feet.swap_remove(wanted), side, request, findings)
}

/// Finds every foot in a scan: one, or both where the scan holds a left and a right foot. Left first.
/// Where `request.side` is given, only that foot is found.
///
/// # Errors
/// As [`find_foot`].
pub fn find_feet(
    scan: &TriMesh,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Vec<Foot>, FootError> {
    if request.side.is_some() {
        return find_foot(scan, request, findings).map(|foot| vec![foot]);
    }
    let mut feet = Vec::new();
    for candidate in search(scan, request, findings)? {
        let side = recognized(&candidate)?;
        feet.push(complete(candidate, side, request, findings)?);
    }
    feet.sort_by_key(|foot: &Foot| foot.side);
    Ok(feet)
}

fn search(
    scan: &TriMesh,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Vec<Candidate>, FootError> {
    check_input(scan)?;
    candidates(parts(scan, request.scanned, findings), &request.limits)
}

fn check_input(scan: &TriMesh) -> Result<(), FootError> {
    let is_finite = |vertex: &Point3| vertex.coords.iter().all(|c| c.is_finite());
    if let Some(vertex) = scan.vertices.par_iter().position_first(|vertex| !is_finite(vertex)) {
        return Err(FootError::NotFinite { vertex });
    }
    if scan.triangles.is_empty() || scan.area() <= 0.0 {
        return Err(FootError::Empty);
    }
    Ok(())
}

/// The side that the shape shows, or the question.
fn recognized(candidate: &Candidate) -> Result<Side, FootError> {
    if candidate.is_plain() {
        return Ok(candidate.shaped());
    }
    Err(FootError::SideUnknown {
        score: candidate.evidence.score(),
        plain: PLAIN_SIDE,
        evidence: candidate.evidence.to_string(),
    })
}

/// Side score under which the shape contradicts the side of the request.
const SIDE_CONTRADICTS: f64 = -0.5;

/// Compares the shape with what a foot of the side has.
fn check_side(candidate: &Candidate, side: Side, findings: &mut Findings) -> Result<(), FootError> {
    let score = match side {
        Side::Right => candidate.evidence.score(),
        Side::Left => -candidate.evidence.score(),
    };
    let evidence = format!("side score {score:+.2}: {}", candidate.evidence.seen_as(side));
    if score < SIDE_CONTRADICTS {
        let shaped = candidate.shaped();
        return Err(FootError::WrongSide { requested: side, shaped, evidence });
    }
    if score < PLAIN_SIDE {
        findings.warn(
            "foot",
            "side-uncertain",
            format!(
                "The shape does not show plainly that this is a {side} foot (plain from {PLAIN_SIDE:+.2}; \
                 {evidence}); compare the picture with the foot."
            ),
        );
    } else {
        findings.note(
            "foot",
            "side-agrees",
            format!("The shape is that of a {side} foot ({evidence})."),
        );
    }
    Ok(())
}

/// From a candidate to a foot: exact pose, plantar map, landmarks, measures.
fn complete(
    candidate: Candidate,
    side: Side,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Foot, FootError> {
    report::report_stance(&candidate.guess, &candidate.upright, findings);
    check_side(&candidate, side, findings)?;
    let (mesh, start) = candidate.as_right_foot(side);
    let part = candidate.part;
    let stance = exact_stance(&mesh, start, candidate.upright.view.length())?;
    proportions::check(&stance, &limits_for(&part, &request.limits))?;
    let stance = as_marked(&mesh, stance, side, request, findings)?;
    let foot_from_scan =
        FootFromScan { mirrored: side == Side::Left, motion: stance.foot_from_scan };
    let floor = part.floor.map(|plane| placed_height(&plane, &foot_from_scan));
    let sole = map_sole(stance.view.clone(), request.limits.flat_share, floor);
    report::report_sole(&sole, findings);
    let ground = stance.ground.ok_or(FootError::Empty)?;
    report::report_ground(&ground, findings);
    let is_imprint = part.scanned == Some(Scanned::FoamImprint);
    let triangles =
        if is_imprint { sole_of_imprint(&stance, &mesh) } else { mesh.triangles.clone() };
    let skin = Skin::of(&stance.vertices, &triangles);
    let body = Body { stance: &stance, skin: &skin };
    let mut landmarks = find_landmarks(&body, &sole).ok_or(FootError::Empty)?;
    for (name, scanned) in &request.by_hand {
        let position = foot_from_scan.place(scanned);
        landmarks
            .set(*name, Landmark { position, confidence: 1.0, provenance: Provenance::ByHand });
    }
    let measurements = measure(&landmarks, &body, &sole);
    let doubt = Doubt {
        seat_mm: if landmarks.heel_seat.provenance == Provenance::ByHand {
            0.0
        } else {
            ground.seat_doubt
        },
        roll_deg: ground.roll_doubt.to_degrees(),
        heads_mm: heads_doubt(&landmarks),
    };
    report::report_lean(leg::lean(&body), findings);
    let toes_seen = landmarks.toes_seen();
    let scanned = request.scanned.unwrap_or_else(|| {
        // The underside of a cast is a sole; a plane there is a foot on a plate, shut from below.
        let may_be_cast = sole.evidence.imaged;
        recognized_kind(&part, &body, may_be_cast.then_some(toes_seen), findings)
    });
    Ok(Foot {
        side,
        weight_bearing: report::weight_bearing(request.weight_bearing, &ground, findings),
        scanned,
        foot_from_scan,
        mesh: TriMesh { vertices: stance.vertices, triangles: mesh.triangles },
        landmarks,
        measurements,
        plantar: sole.plantar,
        sole: sole.evidence,
        doubt,
    })
}

/// How far under the foam's face an imprint ends, mm: the foam is torn there.
const TORN_FOAM_MM: f64 = 4.0;

/// The triangles of an imprint that touched the foot. Foam shows no undercut: over the foot's widest
/// outline its walls are upright, and their upper edge is no part of the foot.
fn sole_of_imprint(stance: &Stance, mesh: &TriMesh) -> Vec<[u32; 3]> {
    let height = |index: u32| stance.vertices[index as usize].z;
    let top = stance.vertices.iter().map(|vertex| vertex.z).fold(f64::NEG_INFINITY, f64::max);
    let touched = |t: &&[u32; 3]| t.iter().all(|&index| height(index) < top - TORN_FOAM_MM);
    mesh.triangles.iter().filter(touched).copied().collect()
}

/// The larger of the uncertainties of both metatarsal heads, mm; those by hand are certain.
fn heads_doubt(landmarks: &Landmarks) -> f64 {
    [landmarks.first_metatarsal_head, landmarks.fifth_metatarsal_head]
        .iter()
        .filter(|head| head.provenance != Provenance::ByHand)
        .map(|head| uncertainty(head.confidence))
        .fold(0.0, f64::max)
}

/// Corrects the coarse pose on the whole mesh, on the map's own grid, which does not depend on how the
/// scan came.
fn exact_stance(mesh: &TriMesh, start: Motion, length: f64) -> Result<Stance, FootError> {
    let ceiling = CEILING_SHARE * length;
    let low = low_part(mesh, &start, ceiling + LOW_MARGIN_MM);
    let finely = coarsened(&low, PLENTY_TRIANGLES, FINE_CELL_SHARE);
    let stood = |low: &TriMesh| stand(low, start, ceiling, MAP_SPACING_MM, Axis::SecondMetatarsal);
    let is_near =
        |stance: &Stance| stance.foot_from_scan.rotation.angle_to(&start.rotation) < MOST_TURN_RAD;
    // On a surface so rough that the ground is lost on it, the cells' means show it.
    stood(&finely)
        .filter(is_near)
        .or_else(|| stood(&coarsened(&low, 0, ROUGH_CELL_SHARE)))
        .and_then(|stance| finish(mesh, &stance, MAP_SPACING_MM))
        .ok_or(FootError::Empty)
}

/// The stance with its frame led by the landmarks that are by hand.
fn as_marked(
    mesh: &TriMesh,
    stance: Stance,
    side: Side,
    request: &FootRequest,
    findings: &mut Findings,
) -> Result<Stance, FootError> {
    let found = FootFromScan { mirrored: side == Side::Left, motion: stance.foot_from_scan };
    let place = |name| request.by_hand.get(&name).map(|scanned| found.place(scanned));
    let by_hand = ByHand {
        heel_seat: place(LandmarkName::HeelSeat),
        first_head: place(LandmarkName::FirstMetatarsalHead),
        fifth_head: place(LandmarkName::FifthMetatarsalHead),
        second_toe: place(LandmarkName::SecondToeTip),
    };
    let led = led_by_hand(mesh, stance, MAP_SPACING_MM, &by_hand).ok_or(FootError::Empty)?;
    let turn = led.foot_from_scan.rotation.angle_to(&found.motion.rotation).to_degrees();
    let seat = led.foot_from_scan * (found.motion.inverse() * Point3::origin());
    let shift = seat.coords.norm();
    if turn > 0.0 || shift > 0.0 {
        findings.note(
            "foot",
            "frame-by-hand",
            format!(
                "Landmarks by hand turn the foot's axis by {turn:.1}° and move its heel seat by {shift:.1} mm \
                 against what the shape shows."
            ),
        );
    }
    Ok(led)
}

/// Triangles of the lower part up to which all of them are stood on the ground. More show no more on a map
/// of 1 mm; they are thinned to cells of that size (of a box of 300 mm).
const PLENTY_TRIANGLES: usize = 150_000;
const FINE_CELL_SHARE: f64 = 1.0 / 300.0;

/// Cells of a surface that is too rough to stand by itself (4 mm of 300).
const ROUGH_CELL_SHARE: f64 = 1.0 / 75.0;

/// How far the exact pose may turn from the coarse one, whose axis is another one: on phantoms up to 3.4°.
const MOST_TURN_RAD: f64 = 0.2;

/// How much higher the part is cut out than is looked at, mm: a coarse pose errs by less.
const LOW_MARGIN_MM: f64 = 15.0;

/// The triangles, with their vertices, that reach under a height over the lowest point: all that carries and guides a foot.
fn low_part(mesh: &TriMesh, pose: &Motion, height: f64) -> TriMesh {
    let heights: Vec<f64> = mesh.vertices.par_iter().map(|vertex| (pose * vertex).z).collect();
    let ceiling = heights.iter().copied().fold(f64::INFINITY, f64::min) + height;
    let is_low = |t: &&[u32; 3]| t.iter().any(|&index| heights[index as usize] < ceiling);
    let mut triangles: Vec<[u32; 3]> = mesh.triangles.par_iter().filter(is_low).copied().collect();
    let mut place = vec![u32::MAX; mesh.vertices.len()];
    let mut vertices = Vec::new();
    for corner in triangles.as_flattened_mut() {
        let known = &mut place[*corner as usize];
        if *known == u32::MAX {
            *known = vertices.len() as u32;
            vertices.push(mesh.vertices[*corner as usize]);
        }
        *corner = *known;
    }
    TriMesh { vertices, triangles }
}

/// Height over the foot's ground of a plane of the scan: those along which a foot was cut are its floor.
fn placed_height(plane: &Plane, foot_from_scan: &FootFromScan) -> f64 {
    let mut on_plane = Point3::from(plane.normal * plane.offset);
    // The point of the plane that is nearest to the heel seat.
    let seat = foot_from_scan.place_back(&Point3::origin());
    on_plane += (seat - on_plane) - plane.normal * plane.normal.dot(&(seat - on_plane));
    foot_from_scan.place(&on_plane).z
}

/// What makes a closed lump a cast: a flat top over a share of the silhouette, so low as a share of the
/// length that it would cut the ankle bones, or a little higher with toes that are grown together, so
/// that at most two peaks are told apart.
const CAST_TOP_SHARE: f64 = 0.15;
const LOW_CAST_HEIGHT: f64 = 0.30;
const CAST_HEIGHT: f64 = 0.42;
const CAST_TOES: usize = 2;

/// What was scanned. `toes_seen`: how many toes are told apart; `None` for what cannot be a cast.
fn recognized_kind(
    part: &Part,
    body: &Body<'_>,
    toes_seen: Option<usize>,
    findings: &mut Findings,
) -> Scanned {
    if let Some(scanned) = part.scanned {
        return scanned;
    }
    let top = body.skin.highest();
    let flat_top = body.skin.flat_area_at(top);
    let silhouette = body.silhouette_mm2();
    let height = top / body.length();
    let is_low = toes_seen.is_some_and(|toes| {
        height < LOW_CAST_HEIGHT || (height < CAST_HEIGHT && toes <= CAST_TOES)
    });
    if is_low && flat_top > CAST_TOP_SHARE * silhouette {
        findings.note(
            "foot",
            "positive-cast",
            format!(
                "The scan is taken as a positive cast: it ends {top:.0} mm over the sole in a flat top of \
                 {:.0} cm².",
                flat_top / 100.0
            ),
        );
        return Scanned::PositiveCast;
    }
    Scanned::Foot
}
