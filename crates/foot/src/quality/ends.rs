//! Heel and toes: does the foot end there by itself, or was it cut?
//!
//! A heel or a row of toes is round: its surface that looks backward or forward lies in no plane. A cut
//! by the border of the scanner's field, or by a person, is one plane or an opening.

use geometry::{Point3, Vector3};
use rayon::prelude::*;

use super::openings::Opening;
use crate::Foot;

/// Stretch at each end that counts as the end, as a share of the length.
const END_SHARE: f64 = 0.2;

/// Height up to which a surface counts as foot, as a share of the length.
const CEILING_SHARE: f64 = 0.22;

/// Least cosine between a surface's direction and that of the end for it to look that way (50°).
const FACING_COS: f64 = 0.64;

/// A surface lies in a plane within this angle (cosine of 5°) and distance, mm.
const PLANE_COS: f64 = 0.996;
const PLANE_MM: f64 = 0.6;

/// Largest triangles whose planes are tried: a cut that is shut by a lid has few and large ones.
const TRIED: usize = 60;

/// How much of the back and of the front end is one flat cut or an opening, percent.
pub(super) fn cuts(foot: &Foot, openings: &[Opening]) -> [f64; 2] {
    [-1.0, 1.0].map(|direction| cut_pct(foot, openings, direction))
}

/// A piece of surface at an end.
struct Facet {
    middle: Point3,
    normal: Vector3,
    area: f64,
}

/// Facets that are looked at one by one, and about so many more of the small ones.
const MANY: usize = 4000;

/// Of facets, largest first, the largest, and of very many smaller ones every so-manieth, which stands for
/// those of its size.
fn thinned(mut facets: Vec<Facet>) -> Vec<Facet> {
    if facets.len() < 2 * MANY {
        return facets;
    }
    let small = facets.split_off(MANY);
    let stride = small.len().div_ceil(MANY);
    let alike = |facet: Facet| Facet { area: facet.area * stride as f64, ..facet };
    facets.extend(small.into_iter().step_by(stride).map(alike));
    facets
}

fn cut_pct(foot: &Foot, openings: &[Opening], direction: f64) -> f64 {
    let length = foot.measurements.length_mm;
    let back = foot.landmarks.heel_back.position.y;
    let at_end = |place: &Point3| {
        let from_end = if direction < 0.0 { place.y - back } else { back + length - place.y };
        from_end < END_SHARE * length && place.z < CEILING_SHARE * length
    };
    let facing = |normal: &Vector3| direction * normal.y > FACING_COS;
    let mesh = &foot.mesh;
    let mut facets: Vec<Facet> = (0..mesh.triangles.len())
        .into_par_iter()
        .filter_map(|triangle| {
            let [a, b, c] = mesh.corners(triangle);
            let middle = Point3::from((a.coords + b.coords + c.coords) / 3.0);
            if !at_end(&middle) {
                return None;
            }
            let scaled = (b - a).cross(&(c - a));
            let area = scaled.norm() / 2.0;
            let normal = scaled.try_normalize(1e-12)?;
            facing(&normal).then_some(Facet { middle, normal, area })
        })
        .collect();
    let open: f64 = openings
        .iter()
        .filter(|opening| at_end(&opening.middle) && facing(&opening.direction))
        .map(|opening| 100.0 * opening.area_cm2)
        .sum();
    facets.par_sort_by(|a, b| b.area.total_cmp(&a.area));
    let facets = thinned(facets);
    let whole: f64 = facets.iter().map(|facet| facet.area).sum();
    let stride = facets.len().div_ceil(TRIED).max(1);
    let tried: Vec<&Facet> =
        facets.iter().take(TRIED / 2).chain(facets.iter().step_by(stride)).collect();
    let flat = tried
        .into_par_iter()
        .map(|plane| {
            let lies = |facet: &&Facet| {
                facet.normal.dot(&plane.normal) > PLANE_COS
                    && (facet.middle - plane.middle).dot(&plane.normal).abs() < PLANE_MM
            };
            facets.iter().filter(lies).map(|facet| facet.area).sum::<f64>()
        })
        .reduce(|| 0.0, f64::max);
    100.0 * (flat + open) / (whole + open).max(f64::MIN_POSITIVE)
}
