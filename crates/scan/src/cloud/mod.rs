//! Lays a surface through a point cloud.
//!
//! 1. Repeated points are joined, dense clouds are thinned by averaging within cells, and points that
//!    stand alone are dropped.
//! 2. [`normals`]: direction from the neighbors, one side for each connected part.
//! 3. [`surface`]: the zero set of an averaged distance, drawn as a net of quads.
//!
//! The surface is open where there are no points: it ends within about one spacing of the last
//! ones. Sheets closer together than two spacings merge.

mod normals;
mod surface;
mod tree;

use vocabulary::Findings;

use crate::ScanError;
use crate::raw::{Cloud, Indexed};

use surface::Field;
use tree::Tree;

/// What is known of a surface that was laid through points, in mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloudEvidence {
    /// Points in the file.
    pub points: usize,
    /// Points that stood alone and were dropped.
    pub outliers: usize,
    /// Usual distance to the sixth-nearest point, which is about 1.4 times the spacing; finer
    /// detail is not seen.
    pub resolution_mm: f64,
    /// Mean distance of the points to the surface.
    pub mean_distance_mm: f64,
    /// The distance that 95 % of the points keep.
    pub p95_distance_mm: f64,
}

impl CloudEvidence {
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            resolution_mm: self.resolution_mm * factor,
            mean_distance_mm: self.mean_distance_mm * factor,
            p95_distance_mm: self.p95_distance_mm * factor,
            ..self
        }
    }
}

/// Fewest points that make a surface.
const FEWEST_POINTS: usize = 100;

/// Points above which a cloud is thinned. On a foot with ankle, 1000 cm², this leaves a spacing of
/// 0.6 mm, finer than scanners measure.
const MOST_KEPT_POINTS: usize = 300_000;

/// Neighbors whose distance tells the spacing around a point.
const SPACING_NEIGHBORS: usize = 6;

/// A point whose neighbors are so many times farther away than usual stands alone.
const OUTLIER_RATIO: f64 = 4.0;

/// Lays a surface through the finite points of a cloud. The evidence is in the file's own numbers.
pub(crate) fn surface_of(
    cloud: Cloud,
    findings: &mut Findings,
) -> Result<(Indexed, CloudEvidence), ScanError> {
    let points = cloud.points.len();
    let cloud = thinned(cloud);
    if cloud.points.len() < FEWEST_POINTS {
        return Err(ScanError::TooFewPoints { points: cloud.points.len() });
    }
    let (spacings, usual) = spacings(&Tree::build(&cloud.points).0);
    let (tree, given, outliers) = without_outliers(&cloud, &spacings, usual);
    if tree.points().len() < FEWEST_POINTS || usual <= 0.0 {
        return Err(ScanError::TooFewPoints { points: tree.points().len() });
    }
    if outliers > 0 {
        findings.note(
            "scan",
            "outliers-dropped",
            format!("{outliers} points of {points} stood alone and were dropped."),
        );
    }
    let normals = normals::normals(&tree, &given, OUTLIER_RATIO * usual);
    let field = Field { tree: &tree, normals: &normals, radius: usual };
    let mesh = surface::net(&field);
    let (mean, p95) = field.distances();
    let evidence = CloudEvidence {
        points,
        outliers,
        resolution_mm: usual,
        mean_distance_mm: mean,
        p95_distance_mm: p95,
    };
    Ok((mesh, evidence))
}

/// For every point of the tree the distance to its sixth neighbor, and the median of these.
fn spacings(tree: &Tree) -> (Vec<f64>, f64) {
    use rayon::prelude::*;
    let spacings: Vec<f64> = tree
        .points()
        .par_iter()
        .map_init(Vec::new, |found, &place| {
            tree.nearest(place, SPACING_NEIGHBORS + 1, f64::INFINITY, found);
            found.last().map_or(0.0, |last| last.0.sqrt())
        })
        .collect();
    let mut sorted = spacings.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted[sorted.len() / 2];
    (spacings, usual)
}

/// A tree of the points that do not stand alone, their given normals, and how many were dropped.
fn without_outliers(cloud: &Cloud, spacings: &[f64], usual: f64) -> (Tree, Vec<[f32; 3]>, usize) {
    // `spacings` runs in the order of a tree over all points.
    let (_, order) = Tree::build(&cloud.points);
    let kept: Vec<u32> = order
        .into_iter()
        .zip(spacings)
        .filter(|&(_, &spacing)| spacing <= OUTLIER_RATIO * usual)
        .map(|(index, _)| index)
        .collect();
    let points: Vec<[f64; 3]> = kept.iter().map(|&index| cloud.points[index as usize]).collect();
    let outliers = cloud.points.len() - points.len();
    let (tree, order) = Tree::build(&points);
    let given = if cloud.normals.is_empty() {
        Vec::new()
    } else {
        order.iter().map(|&index| cloud.normals[kept[index as usize] as usize]).collect()
    };
    (tree, given, outliers)
}

/// Joins repeated points; averages within cells where there are more than [`MOST_KEPT_POINTS`].
fn thinned(cloud: Cloud) -> Cloud {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for point in &cloud.points {
        for axis in 0..3 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let size = (0..3).map(|axis| high[axis] - low[axis]).fold(0.0, f64::max);
    // Points that differ by less than a millionth of the cloud's size are one point.
    let mut cell = (size * 1e-6).max(f64::MIN_POSITIVE);
    let mut thin = averaged(&cloud, low, cell);
    if thin.points.len() > MOST_KEPT_POINTS {
        // The points of a surface fill cells by their area; from the count at one size follows the
        // size for the wanted count.
        cell = size / 256.0;
        let filled = averaged(&cloud, low, cell).points.len();
        cell *= (filled as f64 / MOST_KEPT_POINTS as f64).sqrt();
        thin = averaged(&cloud, low, cell);
    }
    thin
}

/// One point per filled cell: the mean of those in it.
fn averaged(cloud: &Cloud, low: [f64; 3], cell: f64) -> Cloud {
    use rayon::prelude::*;
    let key_of = |point: &[f64; 3]| [0, 1, 2].map(|axis| ((point[axis] - low[axis]) / cell) as u32);
    let mut keyed: Vec<([u32; 3], u32)> = cloud
        .points
        .par_iter()
        .enumerate()
        .map(|(index, point)| (key_of(point), index as u32))
        .collect();
    keyed.par_sort_unstable();
    let mut thin = Cloud::default();
    for group in keyed.chunk_by(|a, b| a.0 == b.0) {
        let share = 1.0 / group.len() as f64;
        let (mut point, mut normal) = ([0.0; 3], [0.0; 3]);
        for &(_, index) in group {
            for axis in 0..3 {
                point[axis] += cloud.points[index as usize][axis] * share;
                if let Some(given) = cloud.normals.get(index as usize) {
                    normal[axis] += given[axis];
                }
            }
        }
        thin.points.push(point);
        if !cloud.normals.is_empty() {
            thin.normals.push(normal);
        }
    }
    thin
}
