//! Where a shell gives way: deflection and stress over the plane, and the local stiffness that a contact model reads.

use geometry::{HeightField, Point2, Rect, Slab};

use crate::arch_press::{ArchPress, PressError, PressSettings, arch_press};
use crate::facet::Material;

/// How far the places of a shell give way under the foot.
///
/// A shell is no bed of springs: every place sinks by the load on all of them. The map holds what each sinks while
/// the whole arch is pressed, so that a contact model which takes places for springs of this stiffness gets the
/// shell's deflection right under that load, and nearly so under loads like it.
#[derive(Clone, Debug, PartialEq)]
pub struct StiffnessMap {
    /// Sinking under a mean pressure of 1 kPa over the loaded area, mm/kPa, over the plane of the slab; `NaN` where
    /// there is no shell. Nearly 0 where it rests on the floor.
    pub mm_per_kpa: HeightField,
    /// Mean pressure over mean sinking of the loaded area, kPa/mm: the one number of a uniform arch.
    pub mean_kpa_per_mm: f64,
}

/// No place is taken for stiffer, kPa/mm: 5 mm of hard foam give as much.
const STIFFEST_KPA_PER_MM: f64 = 10_000.0;

impl StiffnessMap {
    /// Stiffness at a place, kPa/mm, at most 10 000; `None` where there is no shell.
    #[must_use]
    pub fn kpa_per_mm(&self, place: Point2) -> Option<f64> {
        let sinking = self.mm_per_kpa.sample(place)?;
        Some(1.0 / sinking.max(1.0 / STIFFEST_KPA_PER_MM))
    }
}

/// The local stiffness of a slab whose arch is pressed; `weight` as in [`arch_press`], `spacing_mm` of the map.
///
/// The slab may be that of either foot: places are those of its plane. About 0.1 s at facets of 4 mm.
///
/// # Errors
/// As [`arch_press`].
pub fn stiffness_map(
    slab: &Slab,
    material: &Material,
    weight: impl Fn(Point2) -> f64,
    settings: &PressSettings,
    spacing_mm: f64,
) -> Result<StiffnessMap, PressError> {
    Ok(arch_press(slab, material, weight, settings)?.stiffness_map(spacing_mm))
}

impl ArchPress {
    /// Local stiffness of the pressed shell on a grid of this spacing, mm.
    #[must_use]
    pub fn stiffness_map(&self, spacing_mm: f64) -> StiffnessMap {
        let mean_kpa = 1000.0 * self.force_n / self.loaded_area_mm2;
        let mut mm_per_kpa = self.deflection_map(spacing_mm);
        mm_per_kpa.heights.iter_mut().for_each(|sinking| *sinking /= mean_kpa);
        StiffnessMap { mm_per_kpa, mean_kpa_per_mm: mean_kpa / self.mean_deflection_mm }
    }

    /// How far every place of the plane sinks, mm; `NaN` where there is no shell.
    #[must_use]
    pub fn deflection_map(&self, spacing_mm: f64) -> HeightField {
        self.over_plane(spacing_mm, |_, corners, shares| {
            (0..3).map(|k| -shares[k] * self.displacements.nodes[corners[k] as usize][2]).sum()
        })
    }

    /// Larger von Mises stress of the two skins at every place of the plane, MPa; `NaN` where there is no shell.
    #[must_use]
    pub fn stress_map(&self, spacing_mm: f64) -> HeightField {
        self.over_plane(spacing_mm, |facet, _, _| self.stresses[facet].von_mises_mpa)
    }

    /// A value of every node of a grid, from the facet over it and its place there.
    fn over_plane(
        &self,
        spacing_mm: f64,
        value: impl Fn(usize, [u32; 3], [f64; 3]) -> f64,
    ) -> HeightField {
        let nodes = &self.surface.nodes;
        let first = nodes.first().map_or_else(Point2::origin, |node| node.xy());
        let (low, high) = nodes
            .iter()
            .fold((first, first), |(low, high), node| (low.inf(&node.xy()), high.sup(&node.xy())));
        let mut field = HeightField::from_fn(Rect { low, high }, spacing_mm, |_| f64::NAN);
        for (facet, &corners) in self.surface.triangles.iter().enumerate() {
            let [a, b, c] = corners.map(|corner| nodes[corner as usize].xy());
            let twice = (b - a).perp(&(c - a));
            let place = |point: Point2| (point - low) / spacing_mm;
            let (from, to) = (place(a.inf(&b).inf(&c)), place(a.sup(&b).sup(&c)));
            for row in from.y.ceil() as usize..=(to.y.floor().max(0.0) as usize).min(field.rows - 1)
            {
                for column in
                    from.x.ceil() as usize..=(to.x.floor().max(0.0) as usize).min(field.columns - 1)
                {
                    let point = field.node(column, row);
                    let second = (point - a).perp(&(c - a)) / twice;
                    let third = (b - a).perp(&(point - a)) / twice;
                    let shares = [1.0 - second - third, second, third];
                    if shares.iter().all(|share| *share >= -1e-9) {
                        *field.at_mut(column, row) = value(facet, corners, shares);
                    }
                }
            }
        }
        field
    }
}
