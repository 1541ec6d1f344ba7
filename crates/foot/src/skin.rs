//! The skin as weighted points, and its blunt extremes, found as a caliper's jaw would rest on them.
//!
//! The farthest single vertex of a scan is its noise, and on a coarse mesh a corner that happens to
//! lie there. So an extreme is the top of a polynomial fitted by robust least squares to the skin
//! around it (a local regression: J. Fan, I. Gijbels, Local Polynomial Modelling, 1996), moved until it
//! stands in the middle of its own neighborhood. The polynomial is cubic: skin is more curved on one side
//! of an extreme than on the other, which moves the top of a paraboloid by half a millimeter. On meshes
//! too coarse for ten numbers it is a paraboloid. The fit also says how surely the place is known: what
//! the residuals leave open, divided by the curvature.

use geometry::{Point3, Vector3};
use nalgebra::{Matrix2, SMatrix, SVector, Vector2};
use rayon::prelude::*;

use crate::ground::step;
use crate::grouped::Grouped;

/// A vertex with the share of the surface that it stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SkinPoint {
    pub(crate) place: Point3,
    /// Outward unit normal.
    pub(crate) normal: Vector3,
    /// A third of the area of the triangles around it, mm².
    pub(crate) area: f64,
}

/// The skin of a foot in the foot frame, sorted along y for quick looks.
#[derive(Debug)]
pub(crate) struct Skin {
    points: Vec<SkinPoint>,
    /// First point of every slab of [`SLAB_MM`] along y.
    starts: Vec<u32>,
    first_y: f64,
}

/// Thickness of the slabs along y, mm.
const SLAB_MM: f64 = 2.0;

/// Most slabs: a scan ten meters long is no foot, but must not eat memory.
const MOST_SLABS: usize = 5000;

/// A blunt extreme of the skin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extreme {
    pub(crate) place: Point3,
    /// Standard deviation of the place along the skin, mm.
    pub(crate) uncertainty: f64,
}

impl Extreme {
    fn less_sure(self, error: f64) -> Self {
        Self { uncertainty: self.uncertainty.hypot(error), ..self }
    }
}

/// Uncertainty of a cubic's top up to which it is taken as it is, as a share of the radius (0.2 mm of 10).
const SURE_SHARE: f64 = 0.02;

/// How much wider the neighborhood of a cubic is on rough skin.
const WIDE: f64 = 1.5;

/// Error of the wide cubic and of the paraboloid on phantoms without noise, as shares of the radius (0.25
/// and 0.6 mm of 10): what their few numbers cannot follow.
const WIDE_ERROR_SHARE: f64 = 0.025;
const PLAIN_ERROR_SHARE: f64 = 0.06;

impl Skin {
    pub(crate) fn of(vertices: &[Point3], triangles: &[[u32; 3]]) -> Self {
        let edge = mean_edge(vertices, triangles);
        let points = if edge < FINEST_EDGE_MM && triangles.len() > PLENTY_POINTS {
            middles(vertices, triangles)
        } else {
            let corners = corners(vertices, triangles);
            if edge > FINE_EDGE_MM {
                triangles.par_iter().flat_map_iter(|t| curved_samples(&corners, t)).collect()
            } else {
                corners
            }
        };
        Self::sorted(points.into_par_iter().filter(|point| point.area > 0.0).collect())
    }

    fn sorted(unsorted: Vec<SkinPoint>) -> Self {
        let [low, high] = unsorted
            .iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high]: [f64; 2], point| {
                [low.min(point.place.y), high.max(point.place.y)]
            });
        let count = ((high - low) / SLAB_MM).clamp(0.0, MOST_SLABS as f64) as usize + 1;
        let slab = |point: &SkinPoint| (((point.place.y - low) / SLAB_MM) as usize).min(count - 1);
        let by_slab = Grouped::of(count, &unsorted, |point, sink| sink(slab(point) as u32));
        let (starts, order) = by_slab.into_parts();
        let points = order.into_par_iter().map(|index| unsorted[index as usize]).collect();
        Self { points, starts, first_y: low }
    }

    /// The points whose y lies about within a range: all of those, and a few beside it.
    pub(crate) fn between(&self, [near, far]: [f64; 2]) -> &[SkinPoint] {
        let last = self.starts.len() - 1;
        let slab = |y: f64| ((y - self.first_y) / SLAB_MM).clamp(0.0, last as f64) as usize;
        let [from, to] = [slab(near), (slab(far) + 1).min(last)].map(|slab| self.starts[slab]);
        &self.points[from as usize..to as usize]
    }

    /// Height of the highest point, mm.
    pub(crate) fn highest(&self) -> f64 {
        self.points.iter().map(|point| point.place.z).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Area that faces up within 3 mm of a height, mm².
    pub(crate) fn flat_area_at(&self, height: f64) -> f64 {
        self.points
            .iter()
            .filter(|p| p.normal.z > 0.97 && (p.place.z - height).abs() < 3.0)
            .map(|p| p.area)
            .sum()
    }

    /// The blunt extreme along the unit vector `direction`, near `start`, judged by the skin within about
    /// `radius` mm. `None` if there is too little skin, or none that is curved like an extreme.
    ///
    /// On smooth skin a cubic shows it best. On rough skin its many numbers are unsure; then the surest of
    /// it, a cubic over more skin and a paraboloid is taken, each with the error that it makes on feet
    /// without noise.
    pub(crate) fn extreme(
        &self,
        start: Point3,
        direction: Vector3,
        radius: f64,
    ) -> Option<Extreme> {
        let near = self.climb(start, direction, radius, FACING, LocalFit::cubic);
        if near.is_some_and(|extreme| extreme.uncertainty < SURE_SHARE * radius) {
            return near;
        }
        let wide = self
            .climb(start, direction, WIDE * radius, FACING_WIDE, LocalFit::cubic)
            .map(|extreme| extreme.less_sure(WIDE_ERROR_SHARE * radius));
        let plain = self
            .climb(start, direction, radius, FACING, LocalFit::quadratic)
            .map(|extreme| extreme.less_sure(PLAIN_ERROR_SHARE * radius));
        [near, wide, plain]
            .into_iter()
            .flatten()
            .min_by(|a, b| a.uncertainty.total_cmp(&b.uncertainty))
    }

    /// Moves to the top of the polynomial that `fit` lays through the skin, until it is its middle.
    fn climb(
        &self,
        start: Point3,
        direction: Vector3,
        radius: f64,
        facing: [f64; 2],
        fit: fn(&[PatchPoint], f64) -> Option<LocalFit>,
    ) -> Option<Extreme> {
        let (u, v) = across(direction);
        let mut center = start;
        let mut found = None;
        for round in 0..MOST_MOVES {
            let patch = self.patch(center, [direction, u, v], radius, facing);
            let fit = fit(&patch, radius)?;
            let (way, on_top) = fit.step(0.5 * radius);
            center += u * way.x + v * way.y + direction * fit.height(way);
            if on_top {
                found = Some(Extreme { place: center, uncertainty: fit.uncertainty(way) });
            }
            if way.norm() < SETTLED_MM {
                break;
            }
            if round + 1 == MOST_MOVES && way.norm() > 0.1 * radius {
                return None;
            }
        }
        found.filter(|extreme: &Extreme| (extreme.place - start).norm() < 3.0 * radius)
    }

    /// How far the section at the y of `start` reaches along `direction` (which lies across y), and where:
    /// the top of the fitted surface's cut at that y. `None` as for [`Skin::extreme`].
    pub(crate) fn section_reach(
        &self,
        start: Point3,
        direction: Vector3,
        radius: f64,
    ) -> Option<Point3> {
        let upward = direction.cross(&Vector3::y()).normalize();
        let mut center = start;
        for _ in 0..MOST_MOVES {
            let axes = [direction, Vector3::y(), upward];
            let patch = self.patch(center, axes, radius, FACING);
            let fit = LocalFit::quadratic(&patch, radius)?;
            let middle = Vector2::zeros();
            let (slope, bend) = (fit.gradient(middle).y, fit.curvature(middle)[(1, 1)]);
            let way = if bend < 0.0 { -slope / bend } else { slope.signum() * radius };
            let step = Vector2::new(0.0, way.clamp(-0.5 * radius, 0.5 * radius));
            center += upward * step.y + direction * fit.height(step);
            if step.norm() < SETTLED_MM {
                return ((center - start).norm() < radius).then_some(center);
            }
        }
        None
    }

    /// The skin around a place that faces along a direction, in coordinates along and across it.
    fn patch(
        &self,
        center: Point3,
        [along, u, v]: [Vector3; 3],
        radius: f64,
        facing: [f64; 2],
    ) -> Vec<PatchPoint> {
        self.between([center.y - 1.5 * radius, center.y + 1.5 * radius])
            .iter()
            .filter_map(|point| {
                let offset = point.place - center;
                let place = Vector2::new(offset.dot(&u), offset.dot(&v));
                let height = offset.dot(&along);
                let share = place.norm_squared() / (radius * radius);
                let depth = height * height / (radius * radius);
                if share >= 1.0 || depth >= 1.0 {
                    return None;
                }
                let facing = step(facing[0], facing[1], point.normal.dot(&along));
                let fade = (1.0 - share).max(0.0) * (1.0 - depth).max(0.0);
                let weight = point.area * facing * fade * fade;
                (weight > 0.0).then_some(PatchPoint { place, height, weight })
            })
            .collect()
    }
}

/// Mean edge under which a triangle lies on the skin to 0.005 mm (on a radius of 10 mm), mm.
const FINEST_EDGE_MM: f64 = 0.8;

/// Points that stand for the skin of so fine a mesh; more show a blunt extreme no better.
const PLENTY_POINTS: usize = 300_000;

/// The middles of every so-manieth triangle, each of which stands for those beside it.
fn middles(vertices: &[Point3], triangles: &[[u32; 3]]) -> Vec<SkinPoint> {
    let stride = triangles.len().div_ceil(PLENTY_POINTS);
    triangles
        .par_iter()
        .step_by(stride)
        .filter_map(|triangle| {
            let [a, b, c] = triangle.map(|index| vertices[index as usize]);
            let face = (b - a).cross(&(c - a)) / 2.0;
            Some(SkinPoint {
                place: Point3::from((a.coords + b.coords + c.coords) / 3.0),
                normal: face.try_normalize(0.0)?,
                area: face.norm() * stride as f64,
            })
        })
        .collect()
}

/// Mean edge up to which the vertices alone show the skin, mm; coarser meshes are sampled between
/// their vertices.
const FINE_EDGE_MM: f64 = 2.2;

/// Distance of the samples of a coarse mesh, mm, and most samples along an edge.
const SAMPLE_MM: f64 = 2.0;
const MOST_SAMPLES: f64 = 8.0;

/// Edges that are measured; more do not change a mean.
const MOST_EDGES: usize = 50_000;

fn mean_edge(vertices: &[Point3], triangles: &[[u32; 3]]) -> f64 {
    let stride = triangles.len().div_ceil(MOST_EDGES).max(1);
    let edges = triangles.iter().step_by(stride);
    let count = edges.len().max(1) as f64;
    edges.map(|&[a, b, _]| (vertices[a as usize] - vertices[b as usize]).norm()).sum::<f64>()
        / count
}

/// The vertices as points of the skin.
fn corners(vertices: &[Point3], triangles: &[[u32; 3]]) -> Vec<SkinPoint> {
    let faces: Vec<(Vector3, f64)> = triangles
        .par_iter()
        .map(|triangle| {
            let [a, b, c] = triangle.map(|index| vertices[index as usize]);
            let face = (b - a).cross(&(c - a)) / 6.0;
            (face, face.norm())
        })
        .collect();
    // Each thread adds up a stretch of the vertices, so that sums have one order.
    let stretch = vertices.len().div_ceil(rayon::current_num_threads()).max(1);
    let mut around = vec![(Vector3::zeros(), 0.0_f64); vertices.len()];
    around.par_chunks_mut(stretch).enumerate().for_each(|(part, around)| {
        let first = part * stretch;
        for (triangle, (face, area)) in triangles.iter().zip(&faces) {
            for &index in triangle {
                if let Some(sum) = around.get_mut((index as usize).wrapping_sub(first)) {
                    sum.0 += face;
                    sum.1 += area;
                }
            }
        }
    });
    let normal = |face: &Vector3| face.try_normalize(0.0).unwrap_or_else(Vector3::zeros);
    vertices
        .par_iter()
        .zip(around)
        .map(|(place, (face, area))| SkinPoint { place: *place, normal: normal(&face), area })
        .collect()
}

/// How far a sample follows the tangent planes of the corners, 0 to 1, as the authors of Phong
/// tessellation advise (T. Boubekeur, M. Alexa, ACM Transactions on Graphics 27, 2008).
const CURVING: f64 = 0.75;

/// Samples of a triangle, moved off it to the curved skin that its corners' normals suggest.
fn curved_samples(corners: &[SkinPoint], triangle: &[u32; 3]) -> Vec<SkinPoint> {
    let [a, b, c] = triangle.map(|index| corners[index as usize]);
    let longest =
        (b.place - a.place).norm().max((c.place - b.place).norm()).max((a.place - c.place).norm());
    let area = (b.place - a.place).cross(&(c.place - a.place)).norm() / 2.0;
    let parts = (longest / SAMPLE_MM).ceil().clamp(1.0, MOST_SAMPLES) as usize;
    let share = 1.0 / parts as f64;
    let mut samples = Vec::with_capacity(parts * parts);
    for i in 0..parts {
        for j in 0..2 * (parts - i) - 1 {
            // Middles of the small triangles, upright (even) and turned over (odd) ones in turn.
            let (column, third) = ((j / 2) as f64, if j % 2 == 0 { 1.0 / 3.0 } else { 2.0 / 3.0 });
            let (u, v) = ((i as f64 + third) * share, (column + third) * share);
            let weights = [1.0 - u - v, u, v];
            let flat = a.place.coords * weights[0] + b.place.coords * u + c.place.coords * v;
            let mut curved = Vector3::zeros();
            let mut normal = Vector3::zeros();
            for (corner, weight) in [a, b, c].iter().zip(weights) {
                let over = (flat - corner.place.coords).dot(&corner.normal);
                curved += (flat - corner.normal * over) * weight;
                normal += corner.normal * weight;
            }
            samples.push(SkinPoint {
                place: Point3::from(flat + (curved - flat) * CURVING),
                normal: normal.try_normalize(0.0).unwrap_or_else(Vector3::zeros),
                area: area * share * share,
            });
        }
    }
    samples
}

/// Most moves of the neighborhood.
const MOST_MOVES: usize = 25;

/// Move under which an extreme stands, mm.
const SETTLED_MM: f64 = 0.002;

/// Cosines between a normal and the direction between which skin begins to belong to an extreme: walls
/// that turn away and the far side do not.
const FACING: [f64; 2] = [0.2, 0.5];

/// The same for a wide neighborhood, which is long where the skin is flat: along a metatarsal head, whose
/// section across is far more curved than any cubic.
const FACING_WIDE: [f64; 2] = [0.55, 0.85];

/// Fewest points under a polynomial, in times its numbers.
const FEWEST_POINTS: f64 = 1.4;

/// Reweightings against outliers.
const ROBUST_ROUNDS: usize = 3;

/// Residual at which a point's weight falls to zero, in median absolute residuals (Tukey's biweight).
const CUT_OFF: f64 = 6.0;

#[derive(Clone, Copy, Debug)]
struct PatchPoint {
    place: Vector2<f64>,
    height: f64,
    weight: f64,
}

/// height = c · (1, u, v, u², uv, v², u³, u²v, uv², v³)
struct LocalFit {
    coefficients: SVector<f64, 10>,
    /// Covariance of the coefficients of u and v.
    slope_covariance: Matrix2<f64>,
}

/// Exponents of u and v in the terms.
const EXPONENTS: [[i32; 2]; 10] =
    [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2], [3, 0], [2, 1], [1, 2], [0, 3]];

impl LocalFit {
    fn cubic(points: &[PatchPoint], radius: f64) -> Option<Self> {
        Self::fit::<10>(points, radius)
    }

    fn quadratic(points: &[PatchPoint], radius: f64) -> Option<Self> {
        Self::fit::<6>(points, radius)
    }

    /// Fits the first `N` terms.
    fn fit<const N: usize>(points: &[PatchPoint], radius: f64) -> Option<Self> {
        if (points.len() as f64) < FEWEST_POINTS * N as f64 {
            return None;
        }
        // In shares of the radius, so that the sums are well scaled.
        let terms = |point: &PatchPoint| {
            let (u, v) = (point.place.x / radius, point.place.y / radius);
            SVector::<f64, N>::from_fn(|term, _| {
                let [of_u, of_v] = EXPONENTS[term];
                u.powi(of_u) * v.powi(of_v)
            })
        };
        let terms: Vec<SVector<f64, N>> = points.iter().map(terms).collect();
        let mut trust = vec![1.0_f64; points.len()];
        let mut solution = SVector::<f64, N>::zeros();
        let mut inverse = SMatrix::<f64, N, N>::zeros();
        let mut variance = 0.0;
        for round in 0..ROBUST_ROUNDS {
            let mut square = SMatrix::<f64, N, N>::zeros();
            let mut right = SVector::<f64, N>::zeros();
            for ((point, terms), trust) in points.iter().zip(&terms).zip(&trust) {
                square += terms * terms.transpose() * (point.weight * trust);
                right += terms * (point.weight * trust * point.height);
            }
            inverse = square.try_inverse()?;
            solution = inverse * right;
            let residuals: Vec<f64> = points
                .iter()
                .zip(&terms)
                .map(|(point, terms)| point.height - terms.dot(&solution))
                .collect();
            let mut sizes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
            let middle = sizes.len() / 2;
            let median = *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
            let cut = (CUT_OFF * median).max(1e-6);
            let (mut sum, mut weight, mut squared) = (0.0, 0.0, 0.0);
            for ((point, residual), trust) in points.iter().zip(residuals).zip(&mut trust) {
                let share = (residual / cut).min(1.0);
                let all = point.weight * *trust;
                sum += all * residual * residual;
                weight += all;
                squared += all * all;
                if round + 1 < ROBUST_ROUNDS {
                    let left = (1.0 - share * share).max(0.0);
                    *trust = left * left;
                }
            }
            // The points' weights are areas: the sum of their squares over their sum is the weight of
            // one of so many equal points.
            variance = sum / weight * (squared / weight);
        }
        let mut coefficients = SVector::<f64, 10>::zeros();
        for (term, value) in solution.iter().enumerate() {
            let [of_u, of_v] = EXPONENTS[term];
            coefficients[term] = value / radius.powi(of_u + of_v);
        }
        let slope_covariance =
            inverse.fixed_view::<2, 2>(1, 1).into_owned() * (variance / (radius * radius));
        let is_finite = coefficients.iter().chain(&slope_covariance).all(|value| value.is_finite());
        is_finite.then_some(Self { coefficients, slope_covariance })
    }

    fn gradient(&self, at: Vector2<f64>) -> Vector2<f64> {
        let [_, u, v, uu, uv, vv, uuu, uuv, uvv, vvv] = self.coefficients.into();
        let (x, y) = (at.x, at.y);
        Vector2::new(
            u + 2.0 * uu * x + uv * y + 3.0 * uuu * x * x + 2.0 * uuv * x * y + uvv * y * y,
            v + uv * x + 2.0 * vv * y + uuv * x * x + 2.0 * uvv * x * y + 3.0 * vvv * y * y,
        )
    }

    fn curvature(&self, at: Vector2<f64>) -> Matrix2<f64> {
        let [_, _, _, uu, uv, vv, uuu, uuv, uvv, vvv] = self.coefficients.into();
        let mixed = uv + 2.0 * (uuv * at.x + uvv * at.y);
        Matrix2::new(
            2.0 * (uu + 3.0 * uuu * at.x + uuv * at.y),
            mixed,
            mixed,
            2.0 * (vv + uvv * at.x + 3.0 * vvv * at.y),
        )
    }

    fn height(&self, at: Vector2<f64>) -> f64 {
        EXPONENTS
            .iter()
            .zip(&self.coefficients)
            .map(|([of_u, of_v], value)| value * at.x.powi(*of_u) * at.y.powi(*of_v))
            .sum()
    }

    /// The way to the top, at most so long, and whether there is a top.
    fn step(&self, longest: f64) -> (Vector2<f64>, bool) {
        let mut way = Vector2::zeros();
        for _ in 0..NEWTON_ROUNDS {
            let curvature = self.curvature(way);
            let has_top = curvature.determinant() > 0.0 && curvature.trace() < 0.0;
            let inverse = curvature.try_inverse().filter(|_| has_top);
            let Some(inverse) = inverse else {
                let upward = self.gradient(way).try_normalize(1e-12);
                return (upward.map_or_else(Vector2::zeros, |up| up * longest), false);
            };
            way -= inverse * self.gradient(way);
            let size = way.norm();
            if size > longest {
                return (way * (longest / size), false);
            }
        }
        (way, true)
    }

    /// Standard deviation of the place of the top, which lies at `top`, mm: the covariance of the slope
    /// through the curvature.
    fn uncertainty(&self, top: Vector2<f64>) -> f64 {
        let Some(inverse) = self.curvature(top).try_inverse() else { return f64::INFINITY };
        (inverse * self.slope_covariance * inverse.transpose()).trace().max(0.0).sqrt()
    }
}

/// Newton's steps to the top of a polynomial.
const NEWTON_ROUNDS: usize = 4;

/// Two unit vectors across a direction, the same for the mirror image in x = 0.
fn across(direction: Vector3) -> (Vector3, Vector3) {
    let helper = if direction.z.abs() < 0.9 { Vector3::z() } else { Vector3::y() };
    let u = direction.cross(&helper).normalize();
    (u, direction.cross(&u))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A patch of an ellipsoid's front (+y), with noise that is the same in every run.
    fn bump(noise: f64) -> (Vec<Point3>, Vec<[u32; 3]>) {
        let mut state = 5_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let mut vertices = Vec::new();
        for row in 0..31_i32 {
            for column in 0..31_i32 {
                let (x, z) = (f64::from(column) - 13.4, f64::from(row) - 16.3);
                let y = 40.0 - x * x / 60.0 - z * z / 40.0;
                vertices.push(Point3::new(x, y + noise * random(), z));
            }
        }
        let mut triangles = Vec::new();
        for row in 0..30_u32 {
            for column in 0..30_u32 {
                let here = row * 31 + column;
                triangles.extend([[here, here + 31, here + 1], [here + 1, here + 31, here + 32]]);
            }
        }
        (vertices, triangles)
    }

    #[test]
    fn a_blunt_extreme_is_found_between_the_vertices_and_under_noise() {
        for (noise, tolerance) in [(0.0, 0.01), (0.5, 0.6)] {
            let (vertices, triangles) = bump(noise);
            let skin = Skin::of(&vertices, &triangles);
            let start = Point3::new(4.0, 38.0, -5.0);
            let extreme = skin.extreme(start, Vector3::y(), 8.0).unwrap();
            let error = (extreme.place - Point3::new(0.0, 40.0, 0.0)).norm();
            assert!(error < tolerance, "{noise}: {error}");
            assert!(extreme.uncertainty < tolerance, "{noise}: {}", extreme.uncertainty);
            assert!((extreme.place.y - 40.0).abs() < 0.1 * noise + 0.001, "{}", extreme.place);
        }
    }

    #[test]
    fn a_coarse_ball_is_sampled_where_it_is() {
        // An octahedron's corners on a ball of 30 mm, cut in 16 twice: edges of about 6 mm.
        let mut mesh =
            geometry::TriMesh::cuboid(Point3::new(-1.0, -1.0, -1.0), Point3::new(1.0, 1.0, 1.0));
        for _ in 0..3 {
            let old = std::mem::take(&mut mesh.triangles);
            for [a, b, c] in old {
                let mut middle = |i: u32, j: u32| {
                    let sum = mesh.vertices[i as usize].coords + mesh.vertices[j as usize].coords;
                    mesh.vertices.push(Point3::from(sum / 2.0));
                    mesh.vertices.len() as u32 - 1
                };
                let (d, e, f) = (middle(a, b), middle(b, c), middle(c, a));
                mesh.triangles.extend([[a, d, f], [d, b, e], [f, e, c], [d, e, f]]);
            }
        }
        let ball = mesh.map_vertices(|p| Point3::from(p.coords.normalize() * 30.0));
        // Welded, so that corners have one normal.
        let mut vertices: Vec<Point3> = Vec::new();
        let index: Vec<u32> = ball
            .vertices
            .iter()
            .map(|p| match vertices.iter().position(|q| (q - p).norm() < 1e-9) {
                Some(known) => known as u32,
                None => {
                    vertices.push(*p);
                    vertices.len() as u32 - 1
                }
            })
            .collect();
        let triangles: Vec<[u32; 3]> =
            ball.triangles.iter().map(|t| t.map(|i| index[i as usize])).collect();
        let skin = Skin::of(&vertices, &triangles);
        assert!(skin.points.len() > 2 * triangles.len());
        let off = |p: &SkinPoint| (p.place.coords.norm() - 30.0).abs();
        let mean = skin.points.iter().map(off).sum::<f64>() / skin.points.len() as f64;
        assert!(mean < 0.1, "{mean}: flat facets are off by 0.2 mm on average");
        let area: f64 = skin.points.iter().map(|p| p.area).sum();
        let flat = geometry::TriMesh { vertices, triangles }.area();
        assert!((area - flat).abs() < 1e-6 * flat);
    }

    #[test]
    fn a_spike_is_no_extreme() {
        let (mut vertices, triangles) = bump(0.1);
        vertices[15 * 31 + 14].y += 5.0;
        let skin = Skin::of(&vertices, &triangles);
        let extreme = skin.extreme(Point3::new(1.0, 40.0, 1.0), Vector3::y(), 8.0).unwrap();
        assert!((extreme.place.y - 40.0).abs() < 0.1, "{}", extreme.place);
    }
}
