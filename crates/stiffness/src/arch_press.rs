//! The arch press: a load spread over the arch of a shell that rests in a shoe.
//!
//! There is no standard test of an orthosis' stiffness; this one follows the handbook's knee model (section
//! 5): heel post, lateral border and distal edge rest on the shoe and may slide, a force is spread over the
//! arch, and the mean deflection under it gives the stiffness K = F / mean deflection.

use geometry::{Point2, Slab};

use crate::facet::{Material, Membrane};
use crate::mid_surface::{MidSurface, MidSurfaceError, mid_surface};
use crate::model::{Displacements, Freedom, ModelError, Supports, factor};
use crate::stress::{Stress, von_mises};

/// How a shell is pressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressSettings {
    /// Edge length of the facets, mm.
    pub edge_mm: f64,
    /// Force on the arch, N.
    pub force_n: f64,
    /// A place of the underside this close to the floor z = 0 rests on it, mm.
    pub rests_within_mm: f64,
    /// Membrane of the facets.
    pub membrane: Membrane,
}

impl Default for PressSettings {
    /// The handbook's 200 N on facets of 4 mm.
    fn default() -> Self {
        Self { edge_mm: 4.0, force_n: 200.0, rests_within_mm: 0.5, membrane: Membrane::Optimal }
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
    /// Loaded area, mm².
    pub loaded_area_mm2: f64,
    /// Von Mises stress that 2 % of the area exceed, MPa.
    pub high_stress_mpa: f64,
    /// Number of nodes that rest on the floor.
    pub resting_nodes: usize,
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
        "only {nodes} nodes of the shell rest within {within_mm} mm of the floor, 3 are needed; lower the shell to the floor"
    )]
    NoFloor {
        /// Nodes that rest.
        nodes: usize,
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
    let surface = mid_surface(slab, settings.edge_mm)?;
    let resting: Vec<usize> = (0..surface.nodes.len())
        .filter(|&node| slab.bottom.height(surface.nodes[node].xy()) < settings.rests_within_mm)
        .collect();
    let loads = loads(&surface, weight);
    press(surface, &resting, &loads, material, settings)
}

/// Share of the area around every node, times the weight there.
fn loads(surface: &MidSurface, weight: impl Fn(Point2) -> f64) -> Vec<NodeLoad> {
    let mut area = vec![0.0; surface.nodes.len()];
    for (index, triangle) in surface.triangles.iter().enumerate() {
        let share = surface.facet(index).map_or(0.0, |facet| facet.area / 3.0);
        for &node in triangle {
            area[node as usize] += share;
        }
    }
    area.into_iter()
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
pub(crate) struct NodeLoad {
    pub(crate) node: usize,
    pub(crate) area: f64,
    pub(crate) weight: f64,
}

pub(crate) fn press(
    surface: MidSurface,
    resting: &[usize],
    loads: &[NodeLoad],
    material: &Material,
    settings: &PressSettings,
) -> Result<ArchPress, PressError> {
    let whole: f64 = loads.iter().map(|load| load.weight * load.area).sum();
    if whole <= 0.0 {
        return Err(PressError::NoArch);
    }
    if resting.len() < 3 {
        let within_mm = settings.rests_within_mm;
        return Err(PressError::NoFloor { nodes: resting.len(), within_mm });
    }
    let supports = floor(&surface, resting);
    let factored = factor(&surface, material, settings.membrane, &supports)?;
    let share = |load: &NodeLoad| load.weight * load.area / whole;
    let forces: Vec<(usize, [f64; 3])> =
        loads.iter().map(|load| (load.node, [0.0, 0.0, -settings.force_n * share(load)])).collect();
    let displacements = factored.solve(&forces);
    let down = |node: usize| -displacements.nodes[node][2];
    let mean_deflection_mm: f64 = loads.iter().map(|load| share(load) * down(load.node)).sum();
    let largest_deflection_mm = (0..surface.nodes.len()).map(down).fold(0.0, f64::max);
    let stresses = von_mises(&surface, material, settings.membrane, &displacements);
    Ok(ArchPress {
        high_stress_mpa: exceeded_by(&stresses, HIGH_STRESS_SHARE),
        stiffness_n_per_mm: settings.force_n / mean_deflection_mm,
        loaded_area_mm2: loads.iter().map(|load| load.area).sum(),
        resting_nodes: resting.len(),
        surface,
        displacements,
        stresses,
        mean_deflection_mm,
        largest_deflection_mm,
    })
}

/// Resting nodes cannot sink but slide; two nodes far apart along y keep the shell from sliding and turning.
fn floor(surface: &MidSurface, resting: &[usize]) -> Supports {
    let mut supports = Supports::new();
    for &node in resting {
        supports.hold(node, Freedom::Z);
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
