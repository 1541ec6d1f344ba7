//! The plantar map: heights of the sole over the ground, and whether the scanner saw the sole.

use geometry::HeightField;

use crate::below::View;
use crate::{PlantarMap, SoleEvidence};

/// Height over the ground up to which the sole counts as flat, mm: a loaded sole's skin touches a
/// glass plate within this of the plate, given scanner noise of about 1 mm.
pub(crate) const FLAT_MM: f64 = 2.5;

/// What a look from below says about the sole.
#[derive(Clone, Debug)]
pub(crate) struct Sole {
    pub(crate) plantar: PlantarMap,
    pub(crate) evidence: SoleEvidence,
    /// Area inside the silhouette that was filled in, cm².
    pub(crate) filled_cm2: f64,
    /// Area of the silhouette, cm².
    pub(crate) silhouette_cm2: f64,
}

/// Share of the silhouette that may be filled in before the sole counts as not imaged.
const MOST_FILLED_SHARE: f64 = 0.25;

/// Half the band around a floor in which a node shows the closing of a cut, mm.
const FLOOR_BAND_MM: f64 = 0.2;

/// Turns a look from below into the plantar map. `floor` is the height at which the foot was cut off a
/// floor and closed, mm: what is seen there is no skin.
pub(crate) fn map_sole(view: View, flat_share_limit: f64, floor: Option<f64>) -> Sole {
    let mut heights = view.heights;
    for (height, from_inside) in heights.heights.iter_mut().zip(&view.from_inside) {
        if *from_inside {
            *height = f64::NAN;
        }
    }
    let holes = holes(&heights, &view.from_inside);
    let mut imaged: Vec<bool> = heights.heights.iter().map(|height| !height.is_nan()).collect();
    fill(&mut heights, &holes);

    let node_cm2 = heights.spacing * heights.spacing / 100.0;
    let area = |count: usize| count as f64 * node_cm2;
    let silhouette_cm2 = area(heights.heights.iter().filter(|height| !height.is_nan()).count());
    let flat_area_cm2 = area(heights.heights.iter().filter(|height| **height < FLAT_MM).count());
    let mut closed = 0;
    if let Some(floor) = floor {
        for (imaged, height) in imaged.iter_mut().zip(&heights.heights) {
            if *imaged && (height - floor).abs() < FLOOR_BAND_MM {
                *imaged = false;
                closed += 1;
            }
        }
    }
    let filled_cm2 = area(holes.len() + closed);
    let flat_share = flat_area_cm2 / silhouette_cm2.max(f64::MIN_POSITIVE);
    let seen = flat_share < flat_share_limit && filled_cm2 < MOST_FILLED_SHARE * silhouette_cm2;
    if !seen {
        for (imaged, height) in imaged.iter_mut().zip(&heights.heights) {
            *imaged &= *height >= FLAT_MM;
        }
    }
    Sole {
        plantar: PlantarMap { heights, imaged },
        evidence: SoleEvidence { imaged: seen, flat_area_cm2, flat_share },
        filled_cm2,
        silhouette_cm2,
    }
}

/// Unknown nodes that belong to the foot, rising: the surface is seen from inside there, or known
/// nodes surround it.
fn holes(heights: &HeightField, from_inside: &[bool]) -> Vec<usize> {
    let (columns, rows) = (heights.columns, heights.rows);
    let unknown = |index: usize| heights.heights[index].is_nan() && !from_inside[index];
    let mut outside = vec![false; columns * rows];
    // The field has an empty border, so that everything outside hangs together with node 0.
    let mut waiting = vec![0_usize];
    outside[0] = true;
    while let Some(index) = waiting.pop() {
        for neighbor in neighbors(index, columns, rows) {
            if unknown(neighbor) && !outside[neighbor] {
                outside[neighbor] = true;
                waiting.push(neighbor);
            }
        }
    }
    (0..columns * rows)
        .filter(|&index| heights.heights[index].is_nan() && !outside[index])
        .collect()
}

fn neighbors(index: usize, columns: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (column, row) = (index % columns, index / columns);
    [
        (column > 0).then(|| index - 1),
        (column + 1 < columns).then(|| index + 1),
        (row > 0).then(|| index - columns),
        (row + 1 < rows).then(|| index + columns),
    ]
    .into_iter()
    .flatten()
}

/// Change per sweep under which a filled surface stands, mm.
const SETTLED_MM: f64 = 1e-5;

/// Most sweeps; the widest hole (a whole sole of 300 nodes) needs about two per node of width.
const MOST_SWEEPS: usize = 1000;

/// Factor of successive over-relaxation: near the best one for holes of 30 to 100 nodes.
const RELAXATION: f64 = 1.9;

/// Fills the nodes with the surface of a soap film over the known nodes (Laplace's equation, solved
/// by successive over-relaxation): smooth inside, without new highs or lows. Where a hole reaches
/// the silhouette's border, the film ends there level.
fn fill(heights: &mut HeightField, holes: &[usize]) {
    let known: Vec<f64> =
        heights.heights.iter().copied().filter(|height| !height.is_nan()).collect();
    if holes.is_empty() || known.is_empty() {
        return;
    }
    let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
    let (columns, rows) = (heights.columns, heights.rows);
    let film: Vec<(usize, Vec<usize>)> = {
        let mut is_hole = vec![false; columns * rows];
        for &index in holes {
            is_hole[index] = true;
        }
        let belongs = |index: &usize| is_hole[*index] || !heights.heights[*index].is_nan();
        holes.iter().map(|&i| (i, neighbors(i, columns, rows).filter(belongs).collect())).collect()
    };
    for &index in holes {
        heights.heights[index] = lowest;
    }
    for _ in 0..MOST_SWEEPS {
        let mut change = 0.0_f64;
        for (index, around) in &film {
            if around.is_empty() {
                continue;
            }
            let mean =
                around.iter().map(|&i| heights.heights[i]).sum::<f64>() / around.len() as f64;
            let step = RELAXATION * (mean - heights.heights[*index]);
            heights.heights[*index] += step;
            change = change.max(step.abs());
        }
        if change < SETTLED_MM {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use geometry::{Point2, Point3, Rect, TriMesh};

    use super::*;
    use crate::below::look;

    #[test]
    fn a_hole_in_a_plane_is_filled_with_the_plane() {
        let area = Rect { low: Point2::new(0.0, 0.0), high: Point2::new(60.0, 40.0) };
        let plane = |p: Point2| 0.2 * p.x - 0.1 * p.y + 5.0;
        let mut field = HeightField::from_fn(area, 1.0, |p| {
            let inside = (2.0..=58.0).contains(&p.x) && (2.0..=38.0).contains(&p.y);
            let hole = (p - Point2::new(30.0, 20.0)).norm() < 12.0;
            if inside && !hole { plane(p) } else { f64::NAN }
        });
        let holes = holes(&field, &vec![false; field.heights.len()]);
        assert_eq!(holes.len(), 437, "nodes under 12 mm from a node");
        fill(&mut field, &holes);
        for row in 2..=38 {
            for column in 2..=58 {
                let error = field.at(column, row) - plane(field.node(column, row));
                assert!(error.abs() < 0.01, "{error}");
            }
        }
        assert!(field.at(0, 0).is_nan());
    }

    #[test]
    fn a_flat_floor_is_no_imaged_sole() {
        let cuboid = TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(50.0, 100.0, 40.0));
        let view = look(&cuboid.vertices, &cuboid.triangles, 1.0, 20.0).unwrap();
        let sole = map_sole(view, 0.7, None);
        assert!(!sole.evidence.imaged);
        assert!((sole.evidence.flat_share - 1.0).abs() < 1e-12);
        // 51 × 100 nodes, each with its square millimeter.
        assert!((sole.evidence.flat_area_cm2 - 51.0).abs() < 0.01);
        assert!(!sole.plantar.imaged.contains(&true));
    }

    #[test]
    fn an_open_sole_is_filled_and_counts_as_not_imaged() {
        let mut open = TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(50.0, 100.0, 40.0));
        open.triangles.drain(..2);
        let mut lowered = open.clone();
        lowered.vertices[5].z = 15.0;
        let view = look(&lowered.vertices, &lowered.triangles, 1.0, 100.0).unwrap();
        let sole = map_sole(view, 0.7, None);
        assert!(!sole.evidence.imaged);
        assert!(sole.filled_cm2 > 0.9 * sole.silhouette_cm2);
    }
}
