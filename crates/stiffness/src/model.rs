//! Assembly of the facets, supports, and the sparse solution.

use std::collections::BTreeSet;

use faer::linalg::solvers::Solve;
use faer::sparse::{SparseColMat, Triplet, linalg::solvers::Llt};
use nalgebra::SVector;

use crate::facet::{DEGREES_OF_FREEDOM, FACET, Facet, Material, Membrane};
use crate::mid_surface::MidSurface;

/// A degree of freedom of a node, in the axes of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freedom {
    /// Displacement along x.
    X,
    /// Displacement along y.
    Y,
    /// Displacement along z.
    Z,
    /// Rotation about x.
    RotationX,
    /// Rotation about y.
    RotationY,
    /// Rotation about z.
    RotationZ,
}

/// Which freedoms are held: at zero, or by a spring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Supports {
    held: BTreeSet<(usize, Freedom)>,
    springs: Vec<(usize, Freedom, f64)>,
}

impl Supports {
    /// Nothing is held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds one freedom of a node.
    pub fn hold(&mut self, node: usize, freedom: Freedom) {
        self.held.insert((node, freedom));
    }

    /// Ties a displacement of a node to its place by a spring, N/mm (a rotation: N·mm/rad).
    pub fn spring(&mut self, node: usize, freedom: Freedom, rate: f64) {
        self.springs.push((node, freedom, rate));
    }

    /// Number of held freedoms and springs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len() + self.springs.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why a shell cannot be solved.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A triangle without area.
    #[error("facet {facet} of the mid-surface has no area; mesh it again")]
    NoArea {
        /// Index of the facet.
        facet: usize,
    },
    /// A thickness or modulus that is no material.
    #[error("{what} is {value}, it must be a positive number")]
    NotPositive {
        /// Which quantity, with its unit.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The supports leave the shell free to move.
    #[error("the shell is not held: its {held} supports leave a motion free; hold more nodes")]
    Free {
        /// Number of held freedoms and springs.
        held: usize,
    },
}

/// A shell whose stiffness matrix is factored: loads can be tried at the cost of a substitution each.
#[derive(Debug)]
pub struct Factored {
    /// For every freedom of the model its row in the reduced system, or `usize::MAX` if it is held.
    rows: Vec<usize>,
    free: usize,
    factor: Llt<usize, f64>,
}

/// Displacements (mm) and rotations (rad) of every node.
#[derive(Clone, Debug, PartialEq)]
pub struct Displacements {
    /// x, y, z, then rotations about x, y, z.
    pub nodes: Vec<[f64; DEGREES_OF_FREEDOM]>,
}

const HELD: usize = usize::MAX;

/// Assembles and factors the stiffness of a shell.
///
/// # Errors
/// [`ModelError`] for facets without area, impossible material, or too few supports.
pub fn factor(
    surface: &MidSurface,
    material: &Material,
    membrane: Membrane,
    supports: &Supports,
) -> Result<Factored, ModelError> {
    positive("modulus_mpa", material.modulus_mpa)?;
    for &thickness in &surface.thickness {
        positive("thickness_mm", thickness)?;
    }
    let freedoms = surface.nodes.len() * DEGREES_OF_FREEDOM;
    let mut rows = vec![0; freedoms];
    for &(node, freedom) in &supports.held {
        rows[node * DEGREES_OF_FREEDOM + freedom as usize] = HELD;
    }
    let mut free = 0;
    for row in rows.iter_mut().filter(|row| **row != HELD) {
        *row = free;
        free += 1;
    }
    let mut triplets = assemble(surface, material, membrane, &rows)?;
    for &(node, freedom, rate) in &supports.springs {
        let row = rows[node * DEGREES_OF_FREEDOM + freedom as usize];
        if row != HELD {
            triplets.push(Triplet::new(row, row, rate));
        }
    }
    let not_held = ModelError::Free { held: supports.len() };
    let matrix = SparseColMat::try_new_from_triplets(free, free, &triplets)
        .map_err(|_no_matrix| not_held.clone())?;
    let factor = matrix.sp_cholesky(faer::Side::Lower).map_err(|_no_matrix| not_held.clone())?;
    let factored = Factored { rows, free, factor };
    if factored.is_loose() { Err(not_held) } else { Ok(factored) }
}

fn positive(what: &'static str, value: f64) -> Result<(), ModelError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(ModelError::NotPositive { what, value })
    }
}

/// The lower triangle of the reduced stiffness matrix.
fn assemble(
    surface: &MidSurface,
    material: &Material,
    membrane: Membrane,
    rows: &[usize],
) -> Result<Vec<Triplet<usize, usize, f64>>, ModelError> {
    let mut triplets = Vec::with_capacity(surface.triangles.len() * FACET * (FACET + 1) / 2);
    for index in 0..surface.triangles.len() {
        let facet = surface.facet(index).ok_or(ModelError::NoArea { facet: index })?;
        let stiffness = facet.stiffness(material, surface.facet_thickness(index), membrane);
        let places = freedoms_of(surface, index).map(|freedom| rows[freedom]);
        for (i, &row) in places.iter().enumerate() {
            for (j, &column) in places.iter().enumerate() {
                if row != HELD && column != HELD && row >= column {
                    triplets.push(Triplet::new(row, column, stiffness[(i, j)]));
                }
            }
        }
    }
    Ok(triplets)
}

/// The freedoms of a facet's corners in the model.
pub(crate) fn freedoms_of(surface: &MidSurface, facet: usize) -> [usize; FACET] {
    let corners = surface.triangles[facet];
    std::array::from_fn(|k| {
        corners[k / DEGREES_OF_FREEDOM] as usize * DEGREES_OF_FREEDOM + k % DEGREES_OF_FREEDOM
    })
}

impl Factored {
    /// Displacements under forces (N) at the nodes, each along x, y, z.
    #[must_use]
    pub fn solve(&self, forces: &[(usize, [f64; 3])]) -> Displacements {
        let mut right = faer::Mat::<f64>::zeros(self.free, 1);
        for &(node, force) in forces {
            for (axis, component) in force.into_iter().enumerate() {
                let row = self.rows[node * DEGREES_OF_FREEDOM + axis];
                if row != HELD {
                    right[(row, 0)] += component;
                }
            }
        }
        self.factor.solve_in_place(&mut right);
        let value = |row: usize| if row == HELD { 0.0 } else { right[(row, 0)] };
        let nodes = self
            .rows
            .chunks_exact(DEGREES_OF_FREEDOM)
            .map(|rows| std::array::from_fn(|k| value(rows[k])))
            .collect();
        Displacements { nodes }
    }

    /// Whether a small load moves the shell without bound: rounding lets a singular matrix through.
    fn is_loose(&self) -> bool {
        let probe: Vec<(usize, [f64; 3])> = (0..self.rows.len() / DEGREES_OF_FREEDOM)
            .map(|node| (node, [1e-3, 1.7e-3, 2.3e-3]))
            .collect();
        let largest = self.solve(&probe).nodes.iter().flatten().fold(0.0_f64, |largest, value| {
            if value.is_nan() { f64::INFINITY } else { largest.max(value.abs()) }
        });
        largest > LOOSE_MM
    }
}

/// A shell that a few newtons move a kilometer is not held.
const LOOSE_MM: f64 = 1e6;

impl Displacements {
    /// The freedoms of a facet, in the axes of the model.
    pub(crate) fn of_facet(&self, surface: &MidSurface, facet: usize) -> SVector<f64, FACET> {
        let corners = surface.triangles[facet];
        SVector::from_fn(|k, _| {
            self.nodes[corners[k / DEGREES_OF_FREEDOM] as usize][k % DEGREES_OF_FREEDOM]
        })
    }
}

impl MidSurface {
    pub(crate) fn facet(&self, index: usize) -> Option<Facet> {
        Facet::new(self.triangles[index].map(|node| self.nodes[node as usize]))
    }

    pub(crate) fn facet_thickness(&self, index: usize) -> f64 {
        self.triangles[index].iter().map(|&node| self.thickness[node as usize]).sum::<f64>() / 3.0
    }
}
