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
    let length = foot.measurements.length_mm;
    let back = foot.landmarks.heel_back.position.y;
    // The end at which a place lies, if it does: they do not meet.
    let end_of = |place: &Point3| {
        if place.z >= CEILING_SHARE * length {
            return None;
        }
        let from_back = place.y - back;
        [End::Back, End::Front].into_iter().find(|end| match end {
            End::Back => from_back < END_SHARE * length,
            End::Front => length - from_back < END_SHARE * length,
        })
    };
    let mesh = &foot.mesh;
    let facets: Vec<(End, Facet)> = (0..mesh.triangles.len())
        .into_par_iter()
        .filter_map(|triangle| {
            let [a, b, c] = mesh.corners(triangle);
            let middle = Point3::from((a.coords + b.coords + c.coords) / 3.0);
            let end = end_of(&middle)?;
            let scaled = (b - a).cross(&(c - a));
            let normal = scaled.try_normalize(1e-12)?;
            let area = scaled.norm() / 2.0;
            end.is_faced(&normal).then_some((end, Facet { middle, normal, area }))
        })
        .collect();
    let open = |end: End| -> f64 {
        openings
            .iter()
            .filter(|opening| {
                end_of(&opening.middle) == Some(end) && end.is_faced(&opening.direction)
            })
            .map(|opening| 100.0 * opening.area_cm2)
            .sum()
    };
    let (behind, before): (Vec<_>, Vec<_>) =
        facets.into_iter().partition(|(end, _)| *end == End::Back);
    let facets = |part: Vec<(End, Facet)>| part.into_iter().map(|(_, facet)| facet).collect();
    [cut_pct(facets(behind), open(End::Back)), cut_pct(facets(before), open(End::Front))]
}

/// An end of the foot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Back,
    Front,
}

impl End {
    /// Whether a surface of that direction looks out of the foot there.
    fn is_faced(self, normal: &Vector3) -> bool {
        match self {
            Self::Back => normal.y < -FACING_COS,
            Self::Front => normal.y > FACING_COS,
        }
    }
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

/// Share of an end that is one flat cut or an opening, percent. `open`: area of its openings, mm².
fn cut_pct(mut facets: Vec<Facet>, open: f64) -> f64 {
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
