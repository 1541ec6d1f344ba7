//! How parts lie on the bed: turned, side by side, in its middle.

use geometry::{Point3, TriMesh, Vector2, Vector3};
use nalgebra::{Rotation3, Unit};
use serde::Serialize;
use vocabulary::Findings;

use crate::PrintError;
use crate::settings::{Orientation, PrintOrder, Seam, Sequence};
use crate::zones::Zones;

/// Free space between parts beside their brims, mm.
const BETWEEN_PARTS_MM: f64 = 4.0;

/// Layers and supports cost this much beside the volume, as shares of it: see [`Candidate::cost`].
const MINUTES_PER_LAYER: f64 = 0.12;
const SUPPORT_DENSITY: f64 = 0.18;

/// A part to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Name for reports and objects.
    pub name: &'a str,
    /// Closed mesh in the part's own frame, its skin side up, mm.
    pub mesh: &'a TriMesh,
    /// Infill by zone, in the part's own plane; `None` for the same density everywhere.
    pub zones: Option<&'a Zones>,
}

/// Where a part went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placement {
    /// Name of the part.
    pub name: String,
    /// How it lies: `"flat"`, `"edge"`, `"tilted"`, `"upright"`.
    pub pose: &'static str,
    /// Angle about the part's y axis (x axis where it stands upright), degrees.
    pub tilt_deg: f64,
    /// Why it lies so.
    pub reason: String,
    /// Bed coordinates are `rotation · part + offset`, mm; rows of the matrix.
    pub rotation: [[f64; 3]; 3],
    /// As above.
    pub offset_mm: [f64; 3],
}

impl Placement {
    /// The place in the part of a place on the bed.
    #[must_use]
    pub fn part_from_bed(&self, point: Point3) -> Point3 {
        let away = point.coords - Vector3::from(self.offset_mm);
        let column = |axis: usize| (0..3).map(|row| self.rotation[row][axis] * away[row]).sum();
        Point3::new(column(0), column(1), column(2))
    }

    /// The place on the bed of a place in the part.
    #[must_use]
    pub fn bed_from_part(&self, point: &Point3) -> Point3 {
        let row = |axis: usize| {
            let rotation = &self.rotation[axis];
            rotation[0] * point.x
                + rotation[1] * point.y
                + rotation[2] * point.z
                + self.offset_mm[axis]
        };
        Point3::new(row(0), row(1), row(2))
    }
}

/// A pose that is weighed.
struct Candidate {
    pose: &'static str,
    axis: Unit<Vector3>,
    angle_deg: f64,
    /// Extra cost for layers that a bending shell pulls apart.
    weakness: f64,
    why: &'static str,
}

impl Candidate {
    fn about_y(pose: &'static str, angle_deg: f64, why: &'static str) -> Self {
        Self { pose, axis: Vector3::y_axis(), angle_deg, weakness: 1.0, why }
    }

    fn rotation(&self) -> Rotation3<f64> {
        Rotation3::from_axis_angle(&self.axis, self.angle_deg.to_radians())
    }

    /// Weight of a pose, lower is better: supports to be built (and broken off, and their marks),
    /// layers to be printed, and the strength of what comes out.
    fn cost(&self, weighed: &Weighed, order: &PrintOrder) -> f64 {
        let layers = weighed.height / order.settings.layer_height_mm;
        let flow = order.material.max_volumetric_mm3_s.min(6.0) * 60.0;
        let minutes = (weighed.volume + SUPPORT_DENSITY * weighed.support) / flow;
        (minutes + MINUTES_PER_LAYER * layers) * self.weakness
    }
}

/// What a pose asks for.
struct Weighed {
    height: f64,
    volume: f64,
    /// Volume under overhangs down to the bed, mm³.
    support: f64,
    low: Point3,
    high: Point3,
}

fn weigh(mesh: &TriMesh, rotation: &Rotation3<f64>, overhang_deg: f64) -> Weighed {
    let turned: Vec<Point3> = mesh.vertices.iter().map(|point| rotation * point).collect();
    let far = f64::INFINITY;
    let (mut low, mut high) = (Point3::new(far, far, far), Point3::new(-far, -far, -far));
    for triangle in &mesh.triangles {
        for &corner in triangle {
            low = low.inf(&turned[corner as usize]);
            high = high.sup(&turned[corner as usize]);
        }
    }
    // A facet hangs where its normal points down more steeply than the angle from the vertical.
    let steep = overhang_deg.to_radians().sin();
    let (mut support, mut volume) = (0.0, 0.0);
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|corner| turned[corner as usize]);
        let normal = (b - a).cross(&(c - a));
        volume += a.coords.dot(&b.coords.cross(&c.coords)) / 6.0;
        let size = normal.norm();
        let middle = (a.z + b.z + c.z) / 3.0 - low.z;
        if size > 0.0 && -normal.z / size > steep && middle > 0.3 {
            support += -normal.z / 2.0 * middle;
        }
    }
    Weighed { height: high.z - low.z, volume: volume.abs(), support, low, high }
}

fn candidates(orientation: Orientation) -> Vec<Candidate> {
    let flat = || Candidate::about_y("flat", 0.0, "the sole lies on the bed");
    let edges = || {
        [
            Candidate::about_y(
                "edge",
                90.0,
                "it stands on its edge, so that no support touches the skin side",
            ),
            Candidate::about_y(
                "edge",
                -90.0,
                "it stands on its edge, so that no support touches the skin side",
            ),
        ]
    };
    match orientation {
        Orientation::Flat => vec![flat()],
        Orientation::Edge => edges().into(),
        Orientation::Tilted => [45.0, -45.0]
            .map(|angle| {
                Candidate::about_y("tilted", angle, "steps of the layers are small on both faces")
            })
            .into(),
        Orientation::Auto => {
            let mut all = vec![flat()];
            all.extend(edges());
            for angle in [30.0, 45.0, 60.0, 75.0] {
                for sign in [1.0, -1.0] {
                    let why = "steps of the layers are small and few supports are needed";
                    all.push(Candidate::about_y("tilted", sign * angle, why));
                }
            }
            all.push(Candidate {
                pose: "upright",
                axis: Vector3::x_axis(),
                angle_deg: 90.0,
                // Walking bends the arch across these layers: the joints carry about half.
                weakness: 1.6,
                why: "it stands on its heel and hardly needs supports",
            });
            all
        }
    }
}

/// A part in its chosen pose, lowest corner at the origin.
struct Posed {
    placement: Placement,
    size: Vector3,
}

/// How far the lowest layer reaches beyond a part on each side, mm.
fn foot_mm(order: &PrintOrder) -> f64 {
    let settings = &order.settings;
    if settings.raft_layers > 0 { settings.raft_margin_mm } else { settings.brim_mm }
}

/// What brim or raft and the flank of its last line add to a part's width, mm.
fn rim(order: &PrintOrder) -> f64 {
    let foot = foot_mm(order);
    if foot > 0.0 { 2.0 * (foot + order.settings.line_width_mm) } else { 0.0 }
}

/// Free space between the boxes of two parts, mm.
fn gap(order: &PrintOrder) -> f64 {
    let foot = foot_mm(order);
    match order.settings.sequence {
        Sequence::Together => BETWEEN_PARTS_MM + 2.0 * foot,
        // While the foot of one is laid, the head must pass beside the other.
        Sequence::OneByOne => order.printer.head_clearance_mm + foot + order.settings.line_width_mm,
    }
}

/// Width and depth of the bed that parts may take, so that their brim lies on it too, mm.
fn room(order: &PrintOrder) -> [f64; 2] {
    order.printer.bed_mm.map(|side| side - rim(order))
}

fn pose(part: &Part<'_>, order: &PrintOrder) -> Result<Posed, PrintError> {
    let settings = &order.settings;
    let [width, depth] = room(order);
    let mut best: Option<(f64, Candidate, Weighed, f64)> = None;
    let mut flat_support = None;
    let mut smallest = [f64::INFINITY; 3];
    for candidate in candidates(settings.orientation) {
        let weighed = weigh(part.mesh, &candidate.rotation(), settings.supports.overhang_deg);
        if candidate.pose == "flat" {
            flat_support = Some(weighed.support);
        }
        let size = weighed.high - weighed.low;
        let fits = |x: f64, y: f64| x <= width && y <= depth && size.z <= order.printer.height_mm;
        let turn = if fits(size.x, size.y) {
            0.0
        } else if fits(size.y, size.x) {
            90.0
        } else {
            if size.iter().product::<f64>() < smallest.iter().product::<f64>()
                || !smallest[0].is_finite()
            {
                smallest = size.into();
            }
            continue;
        };
        let cost = candidate.cost(&weighed, order);
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, candidate, weighed, turn));
        }
    }
    let Some((_, candidate, weighed, turn)) = best else {
        return Err(PrintError::TooLarge {
            part_mm: [smallest[0] + rim(order), smallest[1] + rim(order), smallest[2]],
            printer: order.printer.name.clone(),
            room_mm: [order.printer.bed_mm[0], order.printer.bed_mm[1], order.printer.height_mm],
        });
    };
    let rotation =
        Rotation3::from_axis_angle(&Vector3::z_axis(), turn.to_radians()) * candidate.rotation();
    let exact = rotation.matrix().map(|value| if value.abs() < 1e-12 { 0.0 } else { value });
    let turned = weigh(part.mesh, &rotation, settings.supports.overhang_deg);
    let reason = match (settings.orientation, flat_support) {
        (Orientation::Auto, Some(flat)) => format!(
            "{}: {:.1} cm³ under overhangs ({:.1} cm³ lying flat), {:.0} layers",
            candidate.why,
            weighed.support / 1000.0,
            flat / 1000.0,
            weighed.height / settings.layer_height_mm
        ),
        _ => format!("ordered so; {}", candidate.why),
    };
    Ok(Posed {
        placement: Placement {
            name: part.name.to_owned(),
            pose: candidate.pose,
            tilt_deg: candidate.angle_deg,
            reason,
            rotation: [0, 1, 2].map(|row| [exact[(row, 0)], exact[(row, 1)], exact[(row, 2)]]),
            offset_mm: [-turned.low.x, -turned.low.y, -turned.low.z],
        },
        size: turned.high - turned.low,
    })
}

/// Lowest corners of boxes laid in rows of a limited width; `None` where they do not fit.
fn rows(
    sizes: &[Vector3],
    gap: f64,
    [width, depth]: [f64; 2],
) -> Option<(Vec<[f64; 2]>, [f64; 2])> {
    let (mut corners, mut used) = (Vec::new(), [0.0_f64; 2]);
    let (mut x, mut y, mut row_depth) = (0.0, 0.0, 0.0_f64);
    for size in sizes {
        if x > 0.0 && x + size.x > width {
            (x, y, row_depth) = (0.0, y + row_depth + gap, 0.0);
        }
        corners.push([x, y]);
        used = [used[0].max(x + size.x), used[1].max(y + size.y)];
        x += size.x + gap;
        row_depth = row_depth.max(size.y);
    }
    (used[0] <= width && used[1] <= depth).then_some((corners, used))
}

/// Turns the parts as ordered and lays them side by side in the middle of the bed; gives back the meshes where they lie.
///
/// # Errors
/// [`PrintError::TooLarge`] where a part, or [`PrintError::PartsTooLarge`] where all of them together do not fit.
pub(crate) fn place(
    parts: &[Part<'_>],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<(Vec<Placement>, Vec<TriMesh>), PrintError> {
    let mut posed = Vec::new();
    for part in parts {
        posed.push(pose(part, order)?);
    }
    let sizes: Vec<Vector3> = posed.iter().map(|posed| posed.size).collect();
    let bed = order.printer.bed_mm;
    let (corners, used) =
        rows(&sizes, gap(order), room(order)).ok_or_else(|| PrintError::PartsTooLarge {
            parts: parts.len(),
            printer: order.printer.name.clone(),
            bed_mm: bed,
            gap_mm: gap(order),
        })?;
    let mut placed = Vec::new();
    let mut placements = Vec::new();
    for ((posed, corner), part) in posed.into_iter().zip(corners).zip(parts) {
        let mut placement = posed.placement;
        for axis in 0..2 {
            placement.offset_mm[axis] += corner[axis] + (bed[axis] - used[axis]) / 2.0;
        }
        let mut mesh = TriMesh {
            vertices: part.mesh.vertices.iter().map(|p| placement.bed_from_part(p)).collect(),
            triangles: part.mesh.triangles.clone(),
        };
        if part.mesh.volume() < 0.0 {
            mesh.flip();
            findings.note("printing", "mesh-inside-out", "The mesh was inside out and was turned.");
        }
        placed.push(mesh);
        placements.push(placement);
    }
    Ok((placements, placed))
}

/// Meshes as one.
pub(crate) fn together(meshes: &[TriMesh]) -> TriMesh {
    let mut all = TriMesh::default();
    for mesh in meshes {
        let first = all.vertices.len() as u32;
        all.vertices.extend_from_slice(&mesh.vertices);
        all.triangles
            .extend(mesh.triangles.iter().map(|corners| corners.map(|corner| corner + first)));
    }
    all
}

/// Where seams go in the plane of the bed; `None` for the shortest way.
pub(crate) fn seam_direction(seam: Seam, placements: &[Placement]) -> Option<Vector2> {
    let back = Vector2::new(0.0, 1.0);
    match seam {
        Seam::Back => Some(back),
        Seam::Front => Some(-back),
        Seam::Nearest => None,
        Seam::AwayFromSkin => {
            // The skin is on the part's upper side.
            let skin = placements
                .first()
                .map_or(Vector2::zeros(), |p| Vector2::new(p.rotation[0][2], p.rotation[1][2]));
            Some(if skin.norm() > 0.2 { -skin.normalize() } else { back })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Material, PrintSettings, Printer};

    fn order(orientation: Orientation) -> PrintOrder {
        PrintOrder {
            printer: Printer::marlin_generic(),
            material: Material::pla(),
            settings: PrintSettings { orientation, ..PrintSettings::default() },
        }
    }

    fn plate(x: f64, y: f64, z: f64) -> TriMesh {
        TriMesh::cuboid(Point3::new(-3.0, 5.0, 1.0), Point3::new(x - 3.0, y + 5.0, z + 1.0))
    }

    #[test]
    fn a_pair_lies_side_by_side_and_apart() {
        let (left, right) = (plate(80.0, 180.0, 20.0), plate(82.0, 181.0, 20.0));
        let parts = [
            Part { name: "left", mesh: &left, zones: None },
            Part { name: "right", mesh: &right, zones: None },
        ];
        let order = order(Orientation::Flat);
        let (placements, placed) = place(&parts, &order, &mut Findings::new()).unwrap();
        let all = together(&placed);
        assert_eq!(placements.len(), 2);
        let (low, high) = all.bounds().unwrap();
        assert!(low.z.abs() < 1e-9 && (high.z - 20.0).abs() < 1e-9);
        assert!(((low.x + high.x) / 2.0 - 125.0).abs() < 1e-9);
        assert!((all.volume() - left.volume() - right.volume()).abs() < 1e-6);
        let gap = placements[1].offset_mm[0] - placements[0].offset_mm[0] - 80.0;
        assert!(gap >= 8.0, "two brims of 4 mm between them: {gap}");
        for (placement, point) in placements.iter().zip([left.vertices[3], right.vertices[5]]) {
            let back = placement.part_from_bed(placement.bed_from_part(&point));
            assert!((back - point).norm() < 1e-9);
        }
    }

    #[test]
    fn a_plate_on_edge_stands_high_and_its_seam_is_at_its_back_side() {
        let mesh = plate(80.0, 180.0, 3.0);
        let parts = [Part { name: "plate", mesh: &mesh, zones: None }];
        let (placements, placed) =
            place(&parts, &order(Orientation::Edge), &mut Findings::new()).unwrap();
        let all = &placed[0];
        let (low, high) = all.bounds().unwrap();
        assert!((high.z - low.z - 80.0).abs() < 1e-9);
        let seam = seam_direction(Seam::AwayFromSkin, &placements).unwrap();
        assert!(seam.x.abs() > 0.99, "{seam}");
        assert!(all.volume() > 0.0);
    }

    #[test]
    fn auto_lays_a_plate_flat_and_says_why() {
        let mesh = plate(80.0, 180.0, 3.0);
        let parts = [Part { name: "plate", mesh: &mesh, zones: None }];
        let (placements, _) =
            place(&parts, &order(Orientation::Auto), &mut Findings::new()).unwrap();
        assert_eq!(placements[0].pose, "flat");
        assert!(placements[0].reason.contains("layers"), "{}", placements[0].reason);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mesh = plate(240.0, 150.0, 3.0);
        let parts = [
            Part { name: "a", mesh: &mesh, zones: None },
            Part { name: "b", mesh: &mesh, zones: None },
        ];
        let error = place(&parts, &order(Orientation::Flat), &mut Findings::new()).unwrap_err();
        assert!(matches!(error, PrintError::PartsTooLarge { parts: 2, .. }));
    }
}
