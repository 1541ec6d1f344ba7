//! What else is in the picture: floors, boards, boxes, stands, a second foot.
//!
//! Large planes are found first ([`plane`]). One that reaches beyond the silhouette of everything
//! else is a floor, a board or a wall; a sole closed by a plane or the lid over an ankle is not. A
//! piece that is mostly such a plane is left out; a piece that hangs together with one is cut along
//! it ([`cut`]), and where a foot stood on it the opening is closed at the floor, for the levels'
//! sake, and counts as not imaged. A hollow in a plane is an imprint in foam: its surface is the sole.
//! What is left is put together where surfaces overlap, as views of one foot do.

mod cut;
mod pieces;
mod plane;

use geometry::{Point3, TriMesh, Vector3};
use rayon::prelude::*;
use vocabulary::Findings;

pub(crate) use plane::Plane;

use crate::Scanned;
use plane::scene_planes;

/// Something in the picture that may be a foot.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) mesh: TriMesh,
    /// The floor along which it was cut and closed; scan frame.
    pub(crate) floor: Option<Plane>,
    /// What kind of thing it is, as far as the surroundings show it.
    pub(crate) scanned: Option<Scanned>,
}

/// Smallest area of a piece that is looked at, mm², and as a share of the largest piece's.
const LEAST_PIECE_MM2: f64 = 500.0;
const LEAST_PIECE_SHARE: f64 = 0.02;

/// Share of a piece's area on scene planes from which nothing of it is foot.
const MOSTLY_PLANE: f64 = 0.85;

/// Distance from a plane up to which surface belongs to it, mm: scanners round the edge between
/// foot and floor.
const CUT_MM: f64 = 3.0;

/// Depth up to which what lies beyond a plane is a hollow in foam and not a foot on a floor, mm: a
/// foam box is 40 to 50 mm deep, and the lowest foot with its dorsum is higher than that.
const DEEPEST_IMPRINT_MM: f64 = 52.0;

/// Share of an open sheet's area that its faces leave when summed up as vectors: 0 for a closed
/// surface, 1 for a flat sheet; a foot open at the ankle has less than 0.2.
const SHEET_SHARE: f64 = 0.35;

/// Splits a scan into parts that may be feet, largest first; never empty for a scan with area.
pub(crate) fn parts(
    scan: &TriMesh,
    scanned: Option<Scanned>,
    findings: &mut Findings,
) -> Vec<Part> {
    let samples = plane::samples(scan);
    let planes = scene_planes(&samples);
    let mut kept: Vec<Part> = Vec::new();
    let mut dropped = 0_usize;
    for piece in pieces::split(scan) {
        let on_planes = planes.iter().map(|plane| plane.share_of(&piece)).sum::<f64>();
        if on_planes > MOSTLY_PLANE {
            dropped += 1;
            continue;
        }
        kept.extend(without_planes(piece, &planes, scanned, findings));
    }
    if dropped > 0 {
        findings.note(
            "foot",
            "scene-planes",
            format!(
                "{dropped} piece(s) of the scan are flat and reach beyond the foot; they were left out as floor,                  board or wall."
            ),
        );
    }
    if kept.is_empty() {
        // Everything is plane: let the search say that this is no foot.
        return vec![Part { mesh: scan.clone(), floor: None, scanned }];
    }
    let largest = kept.iter().map(|part| part.mesh.area()).fold(0.0, f64::max);
    let least = LEAST_PIECE_MM2.max(LEAST_PIECE_SHARE * largest).min(largest);
    let count = kept.len();
    kept.retain(|part| part.mesh.area() >= least);
    if kept.len() < count {
        findings.note(
            "foot",
            "debris-left-out",
            format!("{} small piece(s) beside the foot were left out.", count - kept.len()),
        );
    }
    let mut joined = pieces::join(kept, findings);
    for part in &mut joined {
        orient_sheet(part, findings);
    }
    joined
}

/// One piece without the scene's planes: cut along those that it hangs together with.
fn without_planes(
    piece: TriMesh,
    planes: &[Plane],
    scanned: Option<Scanned>,
    findings: &mut Findings,
) -> Vec<Part> {
    let mut parts = vec![Part { mesh: piece, floor: None, scanned }];
    for plane in planes {
        let mut next = Vec::new();
        for part in parts {
            let on_plane = plane.share_of(&part.mesh) * part.mesh.area();
            if on_plane < LEAST_PIECE_MM2 || !plane.reaches_beyond(&part.mesh) {
                next.push(part);
                continue;
            }
            next.extend(cut_along(&part, plane, scanned, findings));
        }
        parts = next;
    }
    parts
}

fn cut_along(
    part: &Part,
    plane: &Plane,
    scanned: Option<Scanned>,
    findings: &mut Findings,
) -> Vec<Part> {
    let sides = plane.sides_of(&part.mesh, CUT_MM);
    // The rim of a foam box may have more area than the hollow, but it is not as high.
    let is_above = sides.above.bulk() >= sides.below.bulk();
    let facing = if is_above { *plane } else { plane.flipped() };
    let main = if is_above { &sides.above } else { &sides.below };
    let shallow = main.depth < DEEPEST_IMPRINT_MM;
    let is_imprint = match scanned {
        Some(Scanned::FoamImprint) => true,
        Some(_) => false,
        None => shallow,
    };
    let beyond = cut::beyond(&part.mesh, &facing, CUT_MM);
    if is_imprint {
        findings.warn(
            "foot",
            "foam-imprint",
            format!(
                "The scan is taken as an imprint in foam: a hollow of {:.0} mm in a plane of {:.0} cm²; its \
                 surface is the sole. Foam shows nothing over the foot's widest outline and springs back: \
                 lengths and widths are sure to 2 mm only.",
                main.depth,
                plane.area / 100.0
            ),
        );
        return pieces::split(&beyond)
            .into_iter()
            .map(|mesh| Part {
                mesh: facing_toward(mesh, facing.normal),
                floor: None,
                scanned: Some(Scanned::FoamImprint),
            })
            .collect();
    }
    let mut parts = Vec::new();
    for mesh in pieces::split(&beyond) {
        let closed = cut::close_at(&mesh, &facing, CUT_MM);
        let floor = if closed.capped_mm2 > LEAST_PIECE_MM2 {
            findings.warn(
                "foot",
                "floor-cut",
                format!(
                    "The foot is one surface with a floor of {:.0} cm² and was cut {CUT_MM} mm over it; {:.0} cm² \
                     of the sole were not imaged.",
                    plane.area / 100.0,
                    closed.capped_mm2 / 100.0
                ),
            );
            Some(facing)
        } else {
            part.floor
        };
        parts.push(Part { mesh: closed.mesh, floor, scanned: part.scanned });
    }
    parts
}

/// The sum of a sheet's faces, and its length as a share of the area.
fn face_sum(mesh: &TriMesh) -> (Vector3, f64) {
    let normals: Vec<Vector3> = (0..mesh.triangles.len())
        .into_par_iter()
        .map(|index| mesh.scaled_normal(index) / 2.0)
        .collect();
    let sum: Vector3 = normals.into_iter().sum();
    let share = sum.norm() / mesh.area().max(f64::MIN_POSITIVE);
    (sum, share)
}

fn facing_toward(mut mesh: TriMesh, direction: Vector3) -> TriMesh {
    if face_sum(&mesh).0.dot(&direction) < 0.0 {
        mesh.flip();
    }
    mesh
}

/// Turns an open sheet so that it faces away from the foot: a sole's border curls up around the foot,
/// so it lies behind the middle of the surface.
fn orient_sheet(part: &mut Part, findings: &mut Findings) {
    let (sum, share) = face_sum(&part.mesh);
    if share < SHEET_SHARE || part.scanned == Some(Scanned::FoamImprint) {
        return;
    }
    if part.scanned.is_none() {
        part.scanned = Some(Scanned::PlantarSurface);
    }
    let out = sum.normalize();
    let border = cut::border_mean(&part.mesh).map(|mean| mean.coords.dot(&out));
    let middle = area_mean(&part.mesh).coords.dot(&out);
    let turned = border.is_some_and(|border| border > middle);
    if turned {
        part.mesh.flip();
    }
    findings.note(
        "foot",
        "plantar-surface",
        format!(
            "The scan is an open sheet ({:.0} % of its area does not face another part): only the sole was \
             scanned{}.",
            100.0 * share,
            if turned { ", with its triangles inside out, which was corrected" } else { "" }
        ),
    );
}

fn area_mean(mesh: &TriMesh) -> Point3 {
    let (mut sum, mut weight) = (Vector3::zeros(), 0.0);
    for [a, b, c] in mesh.corner_points() {
        let area = (b - a).cross(&(c - a)).norm() / 2.0;
        sum += (a.coords + b.coords + c.coords) * (area / 3.0);
        weight += area;
    }
    Point3::from(sum / f64::max(weight, f64::MIN_POSITIVE))
}

#[cfg(test)]
mod tests;
