//! Zones of a sole by the words of the prescription.

use std::ops::Range;

use geometry::{Point3, TriMesh};
use order::{Dose, Prescription};
use printing::{Zone, Zones};
use vocabulary::{Findings, Side};

use crate::side::Fitted;
use crate::{Job, Refusal, pressure_zones};

/// Where the heel ends and where the ball begins, as shares of the length from the heel on.
///
/// Thirds of the foot without toes, as pressure laboratories divide it (Cavanagh and Rodgers 1987,
/// J. Biomech. 20); a shell ends behind the ball, so of its own length the shares are larger.
const HEEL_TO: f64 = 0.31;
const ARCH_TO: f64 = 0.64;

/// A zone that someone asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ZoneShape {
    /// `heel`, `arch`, `forefoot`, `medial`, `lateral`.
    Named(String),
    /// A free outline in the part's plane, mm.
    Outline(Vec<[f64; 2]>),
}

impl ZoneShape {
    /// The names that are known.
    pub const NAMES: [&'static str; 5] = ["heel", "arch", "forefoot", "medial", "lateral"];
}

/// A sole in its own plane: which way the toes are, and which side is medial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sole {
    low: Point3,
    high: Point3,
    /// Axis from heel to toes: 0 is x, 1 is y.
    along: usize,
    /// Length that the shares above are of, mm.
    length: f64,
    /// Whether the medial half is at the lower coordinates across; `None` where nobody said.
    medial_is_low: Option<bool>,
}

impl Sole {
    /// A shell as it is made: toes to y; a right one has its medial side at low x.
    pub(crate) fn of_shell(mesh: &TriMesh, foot_length_mm: f64, is_right: bool) -> Option<Self> {
        let (low, high) = mesh.bounds()?;
        Some(Self { low, high, along: 1, length: foot_length_mm, medial_is_low: Some(is_right) })
    }

    /// A model of which nothing is known: its longer side is from heel to toes.
    pub(crate) fn of_model(mesh: &TriMesh, is_right: Option<bool>) -> Option<Self> {
        let (low, high) = mesh.bounds()?;
        let along = usize::from(high.y - low.y > high.x - low.x);
        // With the toes to x, y runs to the left: the medial side of a right foot is at high y.
        let medial_is_low = is_right.map(|is_right| is_right == (along == 1));
        Some(Self { low, high, along, length: high[along] - low[along], medial_is_low })
    }

    fn outline(&self, along: Range<f64>, across: Range<f64>) -> Vec<[f64; 2]> {
        let corner = |a: f64, c: f64| if self.along == 1 { [c, a] } else { [a, c] };
        vec![
            corner(along.start, across.start),
            corner(along.end, across.start),
            corner(along.end, across.end),
            corner(along.start, across.end),
        ]
    }

    fn zone(&self, shape: &ZoneShape, fraction: f64, blend_mm: f64) -> Result<Zone, String> {
        let name = match shape {
            ZoneShape::Outline(outline_mm) => {
                let outline_mm = outline_mm.clone();
                return Ok(Zone { name: "outline".to_owned(), outline_mm, fraction });
            }
            ZoneShape::Named(name) => name,
        };
        let (first, other) = (self.along, 1 - self.along);
        // Beyond the part's own border nothing is to be blended.
        let out = 2.0 * blend_mm + 10.0;
        let start = self.low[first];
        let far = self.high[first] + out;
        let (left, right) = (self.low[other] - out, self.high[other] + out);
        let middle = f64::midpoint(left, right);
        let half = |medial: bool| -> Result<Range<f64>, String> {
            let is_low = self
                .medial_is_low
                .ok_or_else(|| format!("which side is {name}? say --side left or --side right"))?;
            Ok(if is_low == medial { left..middle } else { middle..right })
        };
        let (heel, arch) = (start + HEEL_TO * self.length, start + ARCH_TO * self.length);
        let whole = || start - out..far;
        let (along, across) = match name.as_str() {
            "heel" => (start - out..heel, left..right),
            "arch" => (heel..arch, left..right),
            "forefoot" => (arch..far.max(arch), left..right),
            "medial" => (whole(), half(true)?),
            "lateral" => (whole(), half(false)?),
            _ => {
                return Err(format!(
                    "no zone is called {name}; use one of {}",
                    ZoneShape::NAMES.join(", ")
                ));
            }
        };
        Ok(Zone { name: name.clone(), outline_mm: self.outline(along, across), fraction })
    }

    /// Zones in the order in which they are asked for.
    pub(crate) fn zones(
        &self,
        asked: &[(ZoneShape, f64)],
        blend_mm: f64,
        place: &str,
    ) -> Result<Zones, Refusal> {
        let zones = asked
            .iter()
            .map(|(shape, fraction)| self.zone(shape, *fraction, blend_mm))
            .collect::<Result<Vec<Zone>, String>>()
            .map_err(|reason| Refusal::File { place: place.to_owned(), reason })?;
        Ok(Zones { zones, blend_mm })
    }
}

/// The zones of infill that a case orders for a side's finished shell: by name, and under what presses too much.
///
/// # Errors
/// [`Refusal::File`] as [`Sole::zones`].
pub(crate) fn of_case(
    job: &Job<'_>,
    side: Side,
    mesh: &TriMesh,
    fitted: &Fitted,
    findings: &mut Findings,
) -> Result<Option<Zones>, Refusal> {
    let prescription = &job.case.prescription[&side];
    let (mut asked, blend_mm) = ordered(prescription);
    if let Dose::Ordered(percent) = prescription.dose("infill_unload_pct") {
        let recording = fitted.pressure.as_ref();
        asked.extend(pressure_zones::unloaded(recording, side, percent / 100.0, findings));
    }
    let sole = Sole::of_shell(mesh, fitted.foot.measurements.length_mm, side == Side::Right);
    match sole.filter(|_| !asked.is_empty()) {
        Some(sole) => sole.zones(&asked, blend_mm, &format!("zones of the {side} shell")).map(Some),
        None => Ok(None),
    }
}

/// The zones that a prescription orders, with their densities, and the width of the blend, mm.
fn ordered(prescription: &Prescription) -> (Vec<(ZoneShape, f64)>, f64) {
    let asked = ZoneShape::NAMES
        .into_iter()
        .filter_map(|name| match prescription.dose(&format!("infill_{name}_pct")) {
            Dose::Ordered(percent) => Some((ZoneShape::Named(name.to_owned()), percent / 100.0)),
            _ => None,
        })
        .collect();
    (asked, prescription.dose("infill_blend_mm").value().unwrap_or(12.0))
}

#[cfg(test)]
mod tests {
    use geometry::Point2;

    use super::*;

    #[test]
    fn zones_lie_where_their_names_say() {
        let mesh = TriMesh::cuboid(Point3::new(-40.0, -30.0, 0.0), Point3::new(40.0, 150.0, 10.0));
        let asked: Vec<(ZoneShape, f64)> = [("heel", 0.5), ("forefoot", 0.2), ("medial", 0.8)]
            .map(|(name, fraction)| (ZoneShape::Named(name.to_owned()), fraction))
            .to_vec();
        for (is_right, medial) in [(true, -30.0), (false, 30.0)] {
            let sole = Sole::of_shell(&mesh, 200.0, is_right).unwrap();
            let zones = sole.zones(&asked, 10.0, "shell").unwrap();
            let at = |x: f64, y: f64| zones.density(Point2::new(x, y), 0.3);
            assert!((at(medial, 0.0) - 0.8).abs() < 1e-9);
            assert!((at(-medial, 0.0) - 0.5).abs() < 1e-9, "heel");
            assert!((at(-medial, 70.0) - 0.3).abs() < 1e-9, "arch: as the printer says");
            assert!((at(-medial, 120.0) - 0.2).abs() < 1e-9, "forefoot");
        }
    }

    #[test]
    fn a_model_of_an_unknown_foot_has_no_medial_side() {
        let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(180.0, 80.0, 10.0));
        let sole = Sole::of_model(&mesh, None).unwrap();
        let asked = [(ZoneShape::Named("medial".to_owned()), 0.5)];
        let error = sole.zones(&asked, 10.0, "insole.stl").unwrap_err().to_string();
        assert!(error.contains("--side"), "{error}");
        let asked = [(ZoneShape::Named("toe".to_owned()), 0.5)];
        let error = sole.zones(&asked, 10.0, "insole.stl").unwrap_err().to_string();
        assert!(error.contains("heel, arch"), "{error}");
    }
}
