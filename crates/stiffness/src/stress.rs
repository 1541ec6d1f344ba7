//! Stress in the skins of a bent shell.

use nalgebra::{SVector, Vector3};

use crate::facet::{BENDING, Material, Membrane, STRETCHING};
use crate::mid_surface::MidSurface;
use crate::model::Displacements;
use crate::{membrane, plate};

/// Stress of one facet, mean over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stress {
    /// Larger von Mises stress of the two skins, MPa.
    pub von_mises_mpa: f64,
    /// mm², for shares of the surface.
    pub area_mm2: f64,
}

/// Von Mises stress of every facet, at its middle, in the skin where it is larger.
#[must_use]
pub fn von_mises(
    surface: &MidSurface,
    material: &Material,
    membrane_kind: Membrane,
    displacements: &Displacements,
) -> Vec<Stress> {
    let plane = material.plane_stress();
    (0..surface.triangles.len())
        .filter_map(|index| {
            let facet = surface.facet(index)?;
            let own = facet.own(&displacements.of_facet(surface, index));
            let bent: SVector<f64, 9> = SVector::from_fn(|k, _| own[BENDING[k]]);
            let stretched: SVector<f64, 9> = SVector::from_fn(|k, _| own[STRETCHING[k]]);
            let curvature = plate::MIDDLES
                .iter()
                .map(|&at| plate::curvature(&facet.corners, at) * bent)
                .sum::<Vector3<f64>>()
                / 3.0;
            let strain = match membrane_kind {
                Membrane::Optimal => membrane::mean_strain(&facet.corners, facet.area) * stretched,
                Membrane::ConstantStrain => {
                    let plane_only: SVector<f64, 6> =
                        SVector::from_fn(|k, _| stretched[k / 2 * 3 + k % 2]);
                    membrane::constant_strain(&facet.corners, facet.area) * plane_only
                }
            };
            let half = surface.facet_thickness(index) / 2.0;
            let skin = |sign: f64| equivalent(&(plane * (strain + curvature * (sign * half))));
            Some(Stress { von_mises_mpa: skin(1.0).max(skin(-1.0)), area_mm2: facet.area })
        })
        .collect()
}

/// Von Mises stress of a plane stress (σx, σy, τxy).
fn equivalent(stress: &Vector3<f64>) -> f64 {
    let [x, y, shear] = [stress.x, stress.y, stress.z];
    (x * x - x * y + y * y + 3.0 * shear * shear).sqrt()
}
