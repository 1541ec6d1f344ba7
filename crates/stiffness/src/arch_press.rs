//! The arch press: a load spread over the arch of a shell that rests in a shoe.
//!
//! There is no standard test of an orthosis' stiffness; this one follows the handbook's knee model (section
//! 5): heel post, lateral border and distal edge rest on the shoe and may slide, a force is spread over the
//! arch, and the mean deflection under it gives the stiffness K = F / mean deflection.

use geometry::{Point2, Slab};

use crate::facet::{Material, Membrane};
use crate::mid_surface::{MidSurface, MidSurfaceError, mid_surface};
use crate::model::{Assembly, Displacements, Freedom, ModelError, Supports};
use crate::stress::{Stress, von_mises};

/// How a shell is pressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressSettings {
    /// Edge length of the facets, mm.
    pub edge_mm: f64,
    /// Force on the arch, N.
    pub force_n: f64,
    /// A place of the underside this close to the floor z = 0 rests on it, mm: fully where it touches, fading to
    /// nothing here, so that the answer does not depend on where nodes fall.
    pub rests_within_mm: f64,
    /// Membrane of the facets.
    pub membrane: Membrane,
}

impl Default for PressSettings {
    /// The handbook's 200 N, on facets of 3 mm: within 2 % of facets half as long.
    fn default() -> Self {
        Self { edge_mm: 3.0, force_n: 200.0, rests_within_mm: 0.5, membrane: Membrane::Optimal }
    }
}

/// What the press finds.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchPress {
    /// The meshed middle of the shell.
    pub surface: MidSurface,
    /// Displacements under the force.
    pub displacements: Displacements,
    /// Stress of every facet.
    pub stresses: Vec<Stress>,
    /// Deflection under the load, weighted by it, mm.
    pub mean_deflection_mm: f64,
    /// Largest deflection, mm.
    pub largest_deflection_mm: f64,
    /// Force over mean deflection, N/mm.
    pub stiffness_n_per_mm: f64,
    /// Force on the arch, N.
    pub force_n: f64,
    /// Loaded area, mm².
    pub loaded_area_mm2: f64,
    /// Thickness under the load, weighted by it, mm.
    pub loaded_thickness_mm: f64,
    /// Von Mises stress that 2 % of the area exceed, MPa.
    pub high_stress_mpa: f64,
    /// Area that rests on the floor, mm².
    pub resting_area_mm2: f64,
}

/// Why a shell cannot be pressed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PressError {
    /// No mesh.
    #[error(transparent)]
    Surface(#[from] MidSurfaceError),
    /// No solution.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Nothing to press on.
    #[error(
        "the arch that is to be pressed covers no node of the shell; check the landmarks of the arch"
    )]
    NoArch,
    /// Nothing to rest on.
    #[error(
        "only {area_mm2:.0} mm² of the shell rest within {within_mm} mm of the floor, {LEAST_RESTING_MM2} are \
         needed; lower the shell to the floor"
    )]
    NoFloor {
        /// Area that rests, mm².
        area_mm2: f64,
        /// The limit.
        within_mm: f64,
    },
}

/// Share of the facets' area above [`ArchPress::high_stress_mpa`]: the handbook takes the 98th percentile,
/// since a point support has no finite stress.
const HIGH_STRESS_SHARE: f64 = 0.02;

/// Presses the arch of a slab; `weight` is the share of the load at a place of the plane, 0 outside the arch.
///
/// # Errors
/// [`PressError`] if the slab cannot be meshed, does not rest on the floor, or has no arch under the weight.
pub fn arch_press(
    slab: &Slab,
    material: &Material,
    weight: impl Fn(Point2) -> f64,
    settings: &PressSettings,
) -> Result<ArchPress, PressError> {
    Press::new(slab, material, (weight, |_| 0.0), settings)?.press()
}

/// A shell in the press: meshed, supported and ordered once, pressed as often as thicknesses are tried.
#[derive(Debug)]
pub struct Press {
    surface: MidSurface,
    material: Material,
    settings: PressSettings,
    loads: Vec<NodeLoad>,
    /// Sum of weight times area, mm².
    whole: f64,
    resting_area_mm2: f64,
    assembly: Assembly,
}

impl Press {
    /// Puts a slab into the press; `weight` is the share of the load at a place of the plane, 0 outside the arch, and
    /// `rests` the share of a place that rests whatever its gap to the floor is: where the shoe comes up to it.
    ///
    /// # Errors
    /// [`PressError`] if the slab cannot be meshed, does not rest on the floor, or has no arch under the weight.
    pub fn new(
        slab: &Slab,
        material: &Material,
        (weight, rests): (impl Fn(Point2) -> f64, impl Fn(Point2) -> f64),
        settings: &PressSettings,
    ) -> Result<Self, PressError> {
        let surface = mid_surface(slab, settings.edge_mm)?;
        let resting = resting(slab, &surface, rests, settings);
        let loads = loads(&surface, weight);
        let whole: f64 = loads.iter().map(|load| load.weight * load.area).sum();
        if whole <= 0.0 {
            return Err(PressError::NoArch);
        }
        let resting_area_mm2: f64 = resting.iter().map(|(_, area)| area).sum();
        if resting_area_mm2 < LEAST_RESTING_MM2 {
            let within_mm = settings.rests_within_mm;
            return Err(PressError::NoFloor { area_mm2: resting_area_mm2, within_mm });
        }
        let supports = floor(&surface, &resting);
        let assembly = Assembly::new(&surface, material, settings.membrane, &supports)?;
        let (material, settings) = (*material, *settings);
        Ok(Self { surface, material, settings, loads, whole, resting_area_mm2, assembly })
    }

    /// Presses the shell as it is.
    ///
    /// # Errors
    /// [`PressError::Model`] if its supports leave it free to move.
    pub fn press(&self) -> Result<ArchPress, PressError> {
        let (surface, settings) = (&self.surface, &self.settings);
        let displacements = self.displacements(surface)?;
        let mean_deflection_mm = self.mean_deflection(&displacements);
        let largest_deflection_mm =
            displacements.nodes.iter().map(|freedoms| -freedoms[2]).fold(0.0, f64::max);
        let stresses = von_mises(surface, &self.material, settings.membrane, &displacements);
        Ok(ArchPress {
            high_stress_mpa: exceeded_by(&stresses, HIGH_STRESS_SHARE),
            stiffness_n_per_mm: settings.force_n / mean_deflection_mm,
            loaded_area_mm2: self.loads.iter().map(|load| load.area).sum(),
            loaded_thickness_mm: self.loaded_thickness(),
            resting_area_mm2: self.resting_area_mm2,
            force_n: settings.force_n,
            surface: surface.clone(),
            displacements,
            stresses,
            mean_deflection_mm,
            largest_deflection_mm,
        })
    }

    fn share(&self, load: &NodeLoad) -> f64 {
        load.weight * load.area / self.whole
    }

    fn displacements(&self, surface: &MidSurface) -> Result<Displacements, PressError> {
        let force = |load: &NodeLoad| [0.0, 0.0, -self.settings.force_n * self.share(load)];
        let forces: Vec<(usize, [f64; 3])> =
            self.loads.iter().map(|load| (load.node, force(load))).collect();
        Ok(self.assembly.factor(surface)?.solve(&forces))
    }

    fn mean_deflection(&self, displacements: &Displacements) -> f64 {
        self.loads.iter().map(|load| -self.share(load) * displacements.nodes[load.node][2]).sum()
    }

    /// Thickness under the load, weighted by it, mm.
    fn loaded_thickness(&self) -> f64 {
        self.loads.iter().map(|load| self.share(load) * self.surface.thickness[load.node]).sum()
    }

    /// By how much the shell must be thicker everywhere (thinner: below 0), mm, for the arch of this shape to sink by
    /// `deflection_mm` on average; `now` is what it does as it is.
    ///
    /// The middle of the shell stays where it is and posts keep what they add. The answer is cut to -3 to +6 mm, and
    /// no place gets thinner than 1.5 mm.
    ///
    /// # Errors
    /// [`PressError::Model`] if a solution fails.
    pub fn thickness_change_for(
        &self,
        now: &ArchPress,
        deflection_mm: f64,
    ) -> Result<f64, PressError> {
        let log_sinks = |change: f64| -> Result<f64, PressError> {
            let mut changed = self.surface.clone();
            for value in &mut changed.thickness {
                *value = (*value + change).max(THINNEST_MM.min(*value));
            }
            Ok(self.mean_deflection(&self.displacements(&changed)?).ln())
        };
        // K grows with a power of the thickness (2.31 for the handbook's shell): that gives the first guess, and the
        // power that the guess shows gives the next. One guess is the rule.
        let [low, high] = PROPOSED_CHANGE_MM;
        let (wanted, start) = (deflection_mm.ln(), now.loaded_thickness_mm);
        let reach = |power: f64, from: (f64, f64)| {
            let factor = ((from.1 - wanted) / power).exp();
            ((start + from.0) * factor - start).clamp(low, high)
        };
        let (mut last, mut next) = (
            (0.0, now.mean_deflection_mm.ln()),
            reach(USUAL_POWER, (0.0, now.mean_deflection_mm.ln())),
        );
        for _ in 0..MOST_STEPS {
            if (next - last.0).abs() < PROPOSED_WITHIN_MM {
                break;
            }
            let tried = (next, log_sinks(next)?);
            let thicker = ((start + tried.0) / (start + last.0)).ln();
            let power = (last.1 - tried.1) / thicker;
            let better =
                reach(if power.is_finite() { power.clamp(1.0, 3.5) } else { USUAL_POWER }, tried);
            // So near to its neighbor a power law is as good as another solution.
            let near = (better - next).abs() < NEAR_MM;
            (last, next) = (tried, better);
            if near {
                break;
            }
        }
        Ok(next)
    }
}

/// How far every node rests on the floor: area times closeness, mm².
fn resting(
    slab: &Slab,
    surface: &MidSurface,
    rests: impl Fn(Point2) -> f64,
    settings: &PressSettings,
) -> Vec<(usize, f64)> {
    node_areas(surface)
        .into_iter()
        .enumerate()
        .map(|(node, area)| {
            let place = surface.nodes[node].xy();
            let near = 1.0 - slab.bottom.height(place) / settings.rests_within_mm;
            (node, area * near.max(rests(place)).clamp(0.0, 1.0))
        })
        .filter(|&(_, area)| area > 0.0)
        .collect()
}

/// A third of every facet's area belongs to each of its corners, mm².
fn node_areas(surface: &MidSurface) -> Vec<f64> {
    let mut areas = vec![0.0; surface.nodes.len()];
    for (index, triangle) in surface.triangles.iter().enumerate() {
        let share = surface.facet(index).map_or(0.0, |facet| facet.area / 3.0);
        for &node in triangle {
            areas[node as usize] += share;
        }
    }
    areas
}

/// The nodes that carry load.
fn loads(surface: &MidSurface, weight: impl Fn(Point2) -> f64) -> Vec<NodeLoad> {
    node_areas(surface)
        .into_iter()
        .enumerate()
        .map(|(node, area)| NodeLoad {
            node,
            area,
            weight: weight(surface.nodes[node].xy()).max(0.0),
        })
        .filter(|load| load.weight > 0.0 && load.area > 0.0)
        .collect()
}

/// A node's part of the load.
#[derive(Clone, Copy, Debug)]
struct NodeLoad {
    node: usize,
    area: f64,
    weight: f64,
}

/// A floor that yields a hundredth of a millimeter under 0.1 MPa: rigid beside any shell; the shoe's own give is
/// counted by the knee model, N/mm³.
const FLOOR_N_PER_MM3: f64 = 10.0;

/// Less than a fingertip on the floor is no rest, mm².
const LEAST_RESTING_MM2: f64 = 50.0;

/// Resting places cannot sink or lift (the foot holds them down) but slide; two nodes far apart along y keep the
/// shell from sliding and turning.
fn floor(surface: &MidSurface, resting: &[(usize, f64)]) -> Supports {
    let mut supports = Supports::new();
    for &(node, area) in resting {
        supports.spring(node, Freedom::Z, FLOOR_N_PER_MM3 * area);
    }
    let by_y = |&a: &usize, &b: &usize| surface.nodes[a].y.total_cmp(&surface.nodes[b].y);
    let nodes: Vec<usize> = (0..surface.nodes.len()).collect();
    if let (Some(&back), Some(&front)) =
        (nodes.iter().min_by(|a, b| by_y(a, b)), nodes.iter().max_by(|a, b| by_y(a, b)))
    {
        supports.hold(back, Freedom::X);
        supports.hold(back, Freedom::Y);
        supports.hold(front, Freedom::X);
    }
    supports
}

/// The stress that this share of the area exceeds.
fn exceeded_by(stresses: &[Stress], share: f64) -> f64 {
    let mut sorted = stresses.to_vec();
    sorted.sort_by(|a, b| b.von_mises_mpa.total_cmp(&a.von_mises_mpa));
    let whole: f64 = sorted.iter().map(|stress| stress.area_mm2).sum();
    let mut above = 0.0;
    for stress in &sorted {
        above += stress.area_mm2;
        if above >= share * whole {
            return stress.von_mises_mpa;
        }
    }
    0.0
}

/// How much thinner or thicker a shell may be proposed, mm.
const PROPOSED_CHANGE_MM: [f64; 2] = [-3.0, 6.0];

/// No place is thought thinner than this, mm: the handbook's least wall at an edge.
const THINNEST_MM: f64 = 1.5;

/// Where the search ends, mm: sheets come in steps of 0.2 mm and more.
const PROPOSED_WITHIN_MM: f64 = 0.03;

/// A guess this close to the one before is not solved again, mm.
const NEAR_MM: f64 = 0.3;

/// Power of the thickness with which the stiffness of a usual shell grows (knee-model handbook, section 5).
const USUAL_POWER: f64 = 2.31;

/// Steps of the search; one is usual.
const MOST_STEPS: usize = 5;

/// [`Press::thickness_change_for`] of a slab that is not yet in the press.
///
/// # Errors
/// As [`arch_press`].
pub fn thickness_change_for(
    slab: &Slab,
    material: &Material,
    weight: impl Fn(Point2) -> f64,
    deflection_mm: f64,
    settings: &PressSettings,
) -> Result<f64, PressError> {
    let press = Press::new(slab, material, (weight, |_| 0.0), settings)?;
    press.thickness_change_for(&press.press()?, deflection_mm)
}
