//! Large planes, and which of them do not belong to a foot.

use geometry::{Point3, TriMesh, Vector3};
use nalgebra::{Matrix3, SymmetricEigen};

/// A plane: normal · x = offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plane {
    /// Unit normal.
    pub(crate) normal: Vector3,
    pub(crate) offset: f64,
    /// Area that lies in it, mm².
    pub(crate) area: f64,
}

/// A bit of surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaneSample {
    place: Point3,
    normal: Vector3,
    area: f64,
}

/// What lies on one side of a plane.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beyond {
    pub(crate) area: f64,
    /// Distance within which 95 % of that area lies, mm.
    pub(crate) depth: f64,
}

impl Beyond {
    /// Area times depth, mm³: how much thing there is.
    pub(crate) fn bulk(&self) -> f64 {
        self.area * self.depth
    }
}

/// Both sides of a plane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    pub(crate) above: Beyond,
    pub(crate) below: Beyond,
}

/// Distance of the samples of large triangles, mm, and the number of triangles above which only
/// every second, third, … is looked at: planes are large.
const SAMPLE_MM: f64 = 5.0;
const MOST_TRIANGLES: usize = 60_000;
/// Most samples along an edge: a triangle of two meters is sampled more coarsely.
const MOST_PARTS: f64 = 100.0;

pub(crate) fn samples(mesh: &TriMesh) -> Vec<PlaneSample> {
    let stride = mesh.triangles.len().div_ceil(MOST_TRIANGLES).max(1);
    let mut samples = Vec::new();
    for [a, b, c] in mesh.corner_points().step_by(stride) {
        let face = (b - a).cross(&(c - a)) / 2.0;
        let area = face.norm();
        if area <= 0.0 {
            continue;
        }
        let longest = (b - a).norm().max((c - b).norm()).max((a - c).norm());
        let parts = (longest / SAMPLE_MM).ceil().clamp(1.0, MOST_PARTS);
        let share = area * stride as f64 / (parts * parts);
        for i in 0..parts as usize {
            for j in 0..2 * (parts as usize - i) - 1 {
                let third = if j % 2 == 0 { 1.0 / 3.0 } else { 2.0 / 3.0 };
                let u = (i as f64 + third) / parts;
                let v = ((j / 2) as f64 + third) / parts;
                let place = a + (b - a) * u + (c - a) * v;
                samples.push(PlaneSample { place, normal: face / area, area: share });
            }
        }
    }
    samples
}

/// Area from which a plane is looked at, mm²: the lid over an ankle has 30 to 60 cm².
const LEAST_AREA_MM2: f64 = 6000.0;

/// Most planes of a scene: floor, board, and the walls of a box.
const MOST_PLANES: usize = 8;

/// Cosine between a sample's normal and a plane's within which it may belong to it.
const ALIKE_COS: f64 = 0.966; // 15°

/// Distance from a plane within which a sample belongs to it, mm.
const NEAR_MM: f64 = 2.0;

/// Area beyond the silhouette of the rest from which a plane is none of a foot, mm².
const BEYOND_MM2: f64 = 5000.0;

/// The planes that do not belong to a foot, largest first.
pub(crate) fn scene_planes(samples: &[PlaneSample]) -> Vec<Plane> {
    let mut rest: Vec<PlaneSample> = samples.to_vec();
    let mut planes = Vec::new();
    for _ in 0..MOST_PLANES {
        let Some(plane) = largest_plane(&rest) else { break };
        if plane.area < LEAST_AREA_MM2 {
            break;
        }
        rest.retain(|sample| !plane.holds(sample));
        if beyond_silhouette(&plane, samples) > BEYOND_MM2 {
            planes.push(plane);
        }
    }
    planes
}

impl Plane {
    pub(crate) fn distance(&self, point: &Point3) -> f64 {
        self.normal.dot(&point.coords) - self.offset
    }

    pub(crate) fn flipped(&self) -> Self {
        Self { normal: -self.normal, offset: -self.offset, area: self.area }
    }

    fn holds(&self, sample: &PlaneSample) -> bool {
        self.distance(&sample.place).abs() < NEAR_MM
            && sample.normal.dot(&self.normal).abs() > ALIKE_COS
    }

    /// Share of a mesh's area that lies in the plane.
    pub(crate) fn share_of(&self, mesh: &TriMesh) -> f64 {
        let (mut inside, mut all) = (0.0, 0.0);
        for sample in samples(mesh) {
            all += sample.area;
            inside += if self.holds(&sample) { sample.area } else { 0.0 };
        }
        inside / f64::max(all, f64::MIN_POSITIVE)
    }

    /// Whether a piece of the scan hangs together with the plane: the plane holds some of it that lies
    /// beyond the rest of the piece. A sole that stands on the plane, or a lid over a hollow, does not.
    pub(crate) fn reaches_beyond(&self, mesh: &TriMesh) -> bool {
        beyond_silhouette(self, &samples(mesh)) > BEYOND_MM2
    }

    /// What of a mesh lies farther than `margin` mm from the plane, on each side.
    pub(crate) fn sides_of(&self, mesh: &TriMesh, margin: f64) -> Sides {
        let samples = samples(mesh);
        let side = |sign: f64| {
            let mut beyond: Vec<(f64, f64)> = samples
                .iter()
                .map(|sample| (sign * self.distance(&sample.place), sample.area))
                .filter(|(distance, _)| *distance > margin)
                .collect();
            beyond.sort_by(|a, b| a.0.total_cmp(&b.0));
            let area: f64 = beyond.iter().map(|(_, area)| area).sum();
            let mut sum = 0.0;
            let depth = beyond
                .iter()
                .find(|(_, share)| {
                    sum += share;
                    sum >= 0.95 * area
                })
                .map_or(0.0, |(distance, _)| *distance);
            Beyond { area, depth }
        };
        Sides { above: side(1.0), below: side(-1.0) }
    }

    /// Two unit vectors in the plane.
    pub(crate) fn axes(&self) -> [Vector3; 2] {
        let mut helper = Vector3::zeros();
        helper[self.normal.iamin()] = 1.0;
        let across = self.normal.cross(&helper).normalize();
        [across, self.normal.cross(&across)]
    }
}

/// Steps of the direction grid along half an edge of its cube.
const DIRECTION_STEPS: f64 = 5.0;

/// Directions that are tried: those with the most area.
const DIRECTIONS_TRIED: usize = 10;

/// Thickness of the layers in which a direction's surface is counted, mm.
const LAYER_MM: f64 = 3.0;

/// The plane that holds the most area.
fn largest_plane(samples: &[PlaneSample]) -> Option<Plane> {
    let wide = 2 * DIRECTION_STEPS as usize + 1;
    let mut bins = vec![(0.0_f64, Vector3::zeros()); wide * wide * wide];
    for sample in samples {
        // A plane and its backside are one: the first coordinate that is not zero is positive.
        let largest = sample.normal[sample.normal.iamax()];
        let normal = if largest < 0.0 { -sample.normal } else { sample.normal };
        let cell = (normal / largest.abs() * DIRECTION_STEPS).map(|c| c.round() + DIRECTION_STEPS);
        let index = (cell.z as usize * wide + cell.y as usize) * wide + cell.x as usize;
        bins[index].0 += sample.area;
        bins[index].1 += normal * sample.area;
    }
    bins.sort_by(|a, b| b.0.total_cmp(&a.0));
    bins.iter()
        .take(DIRECTIONS_TRIED)
        .filter_map(|(_, sum)| refine(samples, sum.try_normalize(1e-9)?))
        .max_by(|a, b| a.area.total_cmp(&b.area))
}

/// Scales of the fit of a plane, mm.
const SCALES_MM: [f64; 6] = [6.0, 4.0, 3.0, 2.0, 1.5, 1.0];

/// The plane across a direction where most surface lies, fitted to it.
fn refine(samples: &[PlaneSample], direction: Vector3) -> Option<Plane> {
    let alike: Vec<&PlaneSample> = samples
        .iter()
        .filter(|sample| sample.normal.dot(&direction).abs() > ALIKE_COS - 0.03)
        .collect();
    let along = |sample: &PlaneSample| sample.place.coords.dot(&direction);
    let [low, high] = alike.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], s| {
        [low.min(along(s)), high.max(along(s))]
    });
    let count = ((high - low) / LAYER_MM).clamp(0.0, 1e5) as usize + 1;
    let mut layers = vec![0.0_f64; count + 1];
    for sample in &alike {
        layers[(((along(sample) - low) / LAYER_MM) as usize).min(count)] += sample.area;
    }
    let pair = |layer: usize| layers[layer] + layers[layer + 1];
    let best = (0..count).max_by(|&a, &b| pair(a).total_cmp(&pair(b)))?;
    let mut plane =
        Plane { normal: direction, offset: low + (best + 1) as f64 * LAYER_MM, area: 0.0 };
    for scale in SCALES_MM {
        plane = refit(&alike, &plane, scale)?;
    }
    plane.area = samples.iter().filter(|sample| plane.holds(sample)).map(|s| s.area).sum();
    Some(plane)
}

fn refit(samples: &[&PlaneSample], plane: &Plane, scale: f64) -> Option<Plane> {
    let weigh = |sample: &PlaneSample| {
        let off = plane.distance(&sample.place) / scale;
        let alike = f64::from(sample.normal.dot(&plane.normal).abs() > ALIKE_COS);
        alike * sample.area * (-off * off).exp()
    };
    let reference = samples.first()?.place;
    let (mut sum, mut square, mut weight) = (Vector3::zeros(), Matrix3::zeros(), 0.0);
    for sample in samples {
        let share = weigh(sample);
        let place = sample.place - reference;
        sum += place * share;
        square += place * place.transpose() * share;
        weight += share;
    }
    if weight <= 0.0 {
        return None;
    }
    let mean = sum / weight;
    let eigen = SymmetricEigen::new(square / weight - mean * mean.transpose());
    let normal: Vector3 = eigen.eigenvectors.column(eigen.eigenvalues.imin()).into_owned();
    let normal = if normal.dot(&plane.normal) < 0.0 { -normal } else { normal };
    Some(Plane { normal, offset: normal.dot(&(reference.coords + mean)), area: plane.area })
}

/// Cells of the silhouettes, mm, and how far the silhouette of the rest is widened, in cells.
const CELL_MM: f64 = 6.0;
const WIDENED: usize = 2;

/// Most cells along a side: scenes of many meters are looked at more coarsely.
const MOST_CELLS: f64 = 600.0;

/// Area of a plane beyond the silhouette of everything that does not lie in it, mm².
fn beyond_silhouette(plane: &Plane, samples: &[PlaneSample]) -> f64 {
    let [u, v] = plane.axes();
    let flat = |sample: &PlaneSample| [u, v].map(|axis| sample.place.coords.dot(&axis));
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for sample in samples {
        let at = flat(sample);
        for axis in 0..2 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    }
    let size = (high[0] - low[0]).max(high[1] - low[1]);
    let cell = CELL_MM.max(size / MOST_CELLS);
    let count = [0, 1].map(|axis| ((high[axis] - low[axis]) / cell) as usize + 1);
    let mut in_plane = vec![false; count[0] * count[1]];
    let mut covered = in_plane.clone();
    for sample in samples {
        let at = flat(sample);
        let [i, j] =
            [0, 1].map(|axis| (((at[axis] - low[axis]) / cell) as usize).min(count[axis] - 1));
        if plane.holds(sample) {
            in_plane[j * count[0] + i] = true;
        } else if plane.distance(&sample.place).abs() > NEAR_MM {
            for row in j.saturating_sub(WIDENED)..=(j + WIDENED).min(count[1] - 1) {
                for column in i.saturating_sub(WIDENED)..=(i + WIDENED).min(count[0] - 1) {
                    covered[row * count[0] + column] = true;
                }
            }
        }
    }
    let beyond = in_plane.iter().zip(&covered).filter(|(plane, rest)| **plane && !**rest).count();
    beyond as f64 * cell * cell
}
