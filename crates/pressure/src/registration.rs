//! Lays a print onto the scanned sole of the same foot.
//!
//! The sole touches the ground where it is lowest. The height under which the scan has as much area as
//! the print has contact is taken as the contact's border, so that scans with and without load fit
//! alike. The print is moved and turned in the plane until it covers that contact best (normalized
//! correlation of the two soft-edged areas); a second search with free size tells how far the two
//! disagree in length, as they do if a cell size is wrong or the files belong to different people.

use geometry::{HeightField, Point2, Vector2};
use vocabulary::{Angle, Findings};

use crate::quality::STEP;
use crate::{Analysis, Print};

/// Where a print lies on a scanned foot.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Shift of the print's origin in the scan's foot frame, mm.
    pub shift: Vector2,
    /// Turn of the print, toes to medial positive (counterclockwise).
    pub turn: Angle,
    /// Size of the scanned contact over that of the print; 1 if both agree. Not applied.
    pub scale: f64,
    /// Correlation of the two contacts, 0 to 1.
    pub correlation: f64,
    /// Root mean square distance of the print's border from the scanned contact's border, mm.
    pub residual_mm: f64,
    /// Share of the load that lies beside the scanned foot.
    pub beside_share: f64,
    /// 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// Mean peak pressure over the scan's nodes, kPa; `NaN` beside the foot.
    pub pressure: HeightField,
}

/// Why a print cannot be laid onto a scan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RegistrationError {
    /// The map has hardly any foot in it.
    #[error(
        "the map of the sole shows {area_cm2:.0} cm2 of foot, the print touches {print_cm2:.0} cm2"
    )]
    NoSole {
        /// Area of the map's foot, cm².
        area_cm2: f64,
        /// Area of the print, cm².
        print_cm2: f64,
    },
}

/// Distance of the samples on which contacts are compared, mm: half a usual cell.
const SAMPLE_MM: f64 = 2.5;
/// Half the height over which a contact fades, mm: soft tissue under a walking foot gives more.
const FADE_MM: f64 = 1.5;
/// Pressure at which a cell counts as wholly in contact, kPa; under it the border fades.
const FULL_KPA: f64 = 30.0;
/// Search around the position in which both frames agree: shifts in mm, turns in degrees.
const REACH: [f64; 3] = [12.0, 28.0, 10.0];
/// Steps of the first search.
const COARSE: [f64; 3] = [4.0, 4.0, 2.5];
/// Where refining ends.
const FINE: [f64; 4] = [0.05, 0.05, 0.05, 0.0005];
/// Sizes that are tried.
const SCALES: (f64, f64) = (0.85, 1.15);
/// Size differences over which a technician should look.
const SCALE_LIMIT: f64 = 0.05;
/// A placement under this confidence is a guess.
const SURE: f64 = 0.5;

/// Shift x, y (mm), turn (degrees) and scale of a print.
type Pose = [f64; 4];

/// Lays the print of `analysis` onto a sole.
///
/// `heights` are those of the sole over the ground in the foot frame (a left foot mirrored), mm, `NaN` beside the
/// foot, as in `foot::PlantarMap`.
///
/// # Errors
/// [`RegistrationError`] if the map holds less foot than the print touches.
pub fn register(
    analysis: &Analysis,
    heights: &HeightField,
    findings: &mut Findings,
) -> Result<Registration, RegistrationError> {
    let cover = Cover::new(analysis, heights)?;
    let rigid = cover.best_placement();
    let correlation = cover.correlation(&rigid);
    let scaled = cover.refined(rigid, [0.5, 0.5, 0.5, 0.02]);
    let beside_share = cover.beside_share(&rigid);
    let residual_mm = cover.border_distance(&rigid);
    let scale = scaled[3];
    let fit = ((correlation - 0.5) / 0.4).clamp(0.0, 1.0);
    let size = (1.0 - (scale - 1.0).abs() / 0.15).clamp(0.0, 1.0);
    let confidence = fit * size * (1.0 - beside_share).clamp(0.0, 1.0);
    let registration = Registration {
        shift: Vector2::new(rigid[0], rigid[1]),
        turn: Angle::from_deg(rigid[2]),
        scale,
        correlation,
        residual_mm,
        beside_share,
        confidence,
        pressure: cover.pressure(heights, &rigid),
    };
    registration.report(findings);
    Ok(registration)
}

impl Registration {
    fn report(&self, findings: &mut Findings) {
        let fit = format!(
            "print laid onto the scan: shifted {:.1} mm lateral and {:.1} mm forward, turned {:.1} degrees; borders {:.1} mm \
             apart, confidence {:.2}",
            self.shift.x,
            self.shift.y,
            self.turn.deg(),
            self.residual_mm,
            self.confidence
        );
        if self.confidence < SURE {
            findings.warn(
                STEP,
                "registration-uncertain",
                format!("{fit}: look at the picture before using it"),
            );
        } else {
            findings.note(STEP, "registration", fit);
        }
        if (self.scale - 1.0).abs() > SCALE_LIMIT {
            let words = format!(
                "the scanned contact is {:+.0} % larger than the print: check the cell size, and whether both are the same foot",
                100.0 * (self.scale - 1.0)
            );
            findings.warn(STEP, "registration-scale", words);
        }
    }
}

/// The scanned contact on samples, and the print that should cover it.
struct Cover<'a> {
    analysis: &'a Analysis,
    /// The print without cells that belong to no region.
    print: Print,
    /// Samples of the map: place, and height where there is foot.
    samples: Vec<(Point2, Option<f64>)>,
    /// Heights of the samples, lowest first.
    sorted: Vec<f64>,
    /// Number of samples that the print's contact covers.
    print_samples: f64,
}

impl<'a> Cover<'a> {
    fn new(analysis: &'a Analysis, heights: &HeightField) -> Result<Self, RegistrationError> {
        let mut print = analysis.print.clone();
        for (kpa, region) in print.kpa.iter_mut().zip(&analysis.masks.regions) {
            if region.is_none() {
                *kpa = 0.0;
            }
        }
        let soft_cells: f64 = print.kpa.iter().map(|kpa| softened(*kpa)).sum();
        let print_mm2 = soft_cells * print.cell_area_mm2();
        let step = SAMPLE_MM;
        let area = heights.area();
        // One ring beyond the map, so that load beside the foot costs.
        let columns = (area.width() / step) as usize + 9;
        let rows = (area.height() / step) as usize + 9;
        let places = (0..rows).flat_map(|row| {
            (0..columns).map(move |column| {
                area.low + Vector2::new((column as f64 - 4.0) * step, (row as f64 - 4.0) * step)
            })
        });
        let samples: Vec<(Point2, Option<f64>)> =
            places.map(|at| (at, heights.sample(at))).collect();
        let mut sorted: Vec<f64> = samples.iter().filter_map(|(_, height)| *height).collect();
        sorted.sort_by(f64::total_cmp);
        let print_samples = print_mm2 / (step * step);
        if sorted.len() as f64 <= print_samples {
            let area_cm2 = sorted.len() as f64 * step * step / 100.0;
            return Err(RegistrationError::NoSole { area_cm2, print_cm2: print_mm2 / 100.0 });
        }
        Ok(Self { analysis, print, samples, sorted, print_samples })
    }

    /// Height under which the scan has the area of the print at a scale, mm.
    fn border(&self, scale: f64) -> f64 {
        let index = (self.print_samples * scale * scale) as usize;
        self.sorted[index.min(self.sorted.len() - 1)]
    }

    /// Scanned contact at a sample, 0 to 1.
    fn contact(height: Option<f64>, border: f64) -> f64 {
        height.map_or(0.0, |height| (0.5 + (border - height) / (2.0 * FADE_MM)).clamp(0.0, 1.0))
    }

    /// Pressure of the print at a point of the scan's foot frame, kPa.
    fn pressure_at(&self, at: Point2, pose: &Pose) -> f64 {
        let [x, y, turn, scale] = *pose;
        let (sin, cos) = turn.to_radians().sin_cos();
        let from = (at - Point2::new(x, y)) / scale;
        let in_foot = Point2::new(cos * from.x + sin * from.y, cos * from.y - sin * from.x);
        self.print.sample(self.analysis.frame.grid_from_foot(in_foot))
    }

    fn correlation(&self, pose: &Pose) -> f64 {
        let border = self.border(pose[3]);
        let (mut both, mut prints, mut contacts) = (0.0, 0.0, 0.0);
        for (at, height) in &self.samples {
            let print = softened(self.pressure_at(*at, pose));
            let contact = Self::contact(*height, border);
            both += print * contact;
            prints += print * print;
            contacts += contact * contact;
        }
        let norm = f64::sqrt(prints * contacts);
        if norm > 0.0 { both / norm } else { 0.0 }
    }

    /// The best rigid placement: a grid of places, then refined.
    fn best_placement(&self) -> Pose {
        let count = |axis: usize| (REACH[axis] / COARSE[axis]).round() as i32;
        let mut best = ([0.0, 0.0, 0.0, 1.0], f64::NEG_INFINITY);
        for x in -count(0)..=count(0) {
            for y in -count(1)..=count(1) {
                for turn in -count(2)..=count(2) {
                    let steps = [x, y, turn].map(f64::from);
                    let pose =
                        [steps[0] * COARSE[0], steps[1] * COARSE[1], steps[2] * COARSE[2], 1.0];
                    let found = self.correlation(&pose);
                    if found > best.1 {
                        best = (pose, found);
                    }
                }
            }
        }
        self.refined(best.0, [COARSE[0] / 2.0, COARSE[1] / 2.0, COARSE[2] / 2.0, 0.0])
    }

    /// Compass search with the given first steps; a step of 0 keeps that value.
    fn refined(&self, start: Pose, first: Pose) -> Pose {
        let mut pose = start;
        let mut best = self.correlation(&pose);
        let mut steps = first;
        while (0..4).any(|axis| steps[axis] > FINE[axis]) {
            let mut improved = false;
            for axis in (0..4).filter(|axis| steps[*axis] > 0.0) {
                for sign in [-1.0, 1.0] {
                    let mut tried = pose;
                    tried[axis] += sign * steps[axis];
                    tried[3] = tried[3].clamp(SCALES.0, SCALES.1);
                    let found = self.correlation(&tried);
                    if found > best + 1e-9 {
                        (pose, best, improved) = (tried, found, true);
                    }
                }
            }
            if !improved {
                steps = steps.map(|step| step / 2.0);
            }
        }
        pose
    }

    /// Share of the load beside the scanned foot.
    fn beside_share(&self, pose: &Pose) -> f64 {
        let (mut all, mut beside) = (0.0, 0.0);
        for (at, height) in &self.samples {
            let kpa = self.pressure_at(*at, pose);
            all += kpa;
            if height.is_none() {
                beside += kpa;
            }
        }
        if all > 0.0 { beside / all } else { 0.0 }
    }

    /// Root mean square distance from the print's border to the scanned contact's border, mm.
    fn border_distance(&self, pose: &Pose) -> f64 {
        let width = self
            .samples
            .iter()
            .position(|(at, _)| at.y > self.samples[0].0.y)
            .unwrap_or(self.samples.len());
        let print: Vec<f64> =
            self.samples.iter().map(|(at, _)| softened(self.pressure_at(*at, pose))).collect();
        let border = |inside: &dyn Fn(usize) -> bool| -> Vec<Point2> {
            (0..self.samples.len())
                .filter(|&index| inside(index))
                .filter(|&index| {
                    let near = [
                        index.checked_sub(1),
                        Some(index + 1),
                        index.checked_sub(width),
                        Some(index + width),
                    ];
                    near.into_iter()
                        .flatten()
                        .any(|other| other < self.samples.len() && !inside(other))
                })
                .map(|index| self.samples[index].0)
                .collect()
        };
        let own = border(&|index| print[index] >= 0.5);
        let level = self.border(pose[3]);
        let scanned = border(&|index| Self::contact(self.samples[index].1, level) >= 0.5);
        let square: f64 = own
            .iter()
            .map(|at| {
                scanned
                    .iter()
                    .map(|other| (other - at).norm_squared())
                    .fold(f64::INFINITY, f64::min)
            })
            .sum();
        (square / own.len().max(1) as f64).sqrt()
    }

    fn pressure(&self, heights: &HeightField, pose: &Pose) -> HeightField {
        let mut field = heights.clone();
        for row in 0..field.rows {
            for column in 0..field.columns {
                let at = field.node(column, row);
                let height = field.at_mut(column, row);
                if height.is_finite() {
                    *height = self.pressure_at(at, pose);
                }
            }
        }
        field
    }
}

/// How much of a cell with this pressure is in contact, 0 to 1.
fn softened(kpa: f64) -> f64 {
    (kpa / FULL_KPA).clamp(0.0, 1.0)
}
