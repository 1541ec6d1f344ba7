//! Assembly of the facets, supports, and the sparse solution.

use std::collections::BTreeSet;

use faer::linalg::solvers::Solve;
use faer::sparse::linalg::solvers::{Llt, SymbolicLlt};
use faer::sparse::{Argsort, Pair, SparseColMat, SymbolicSparseColMat};
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

/// Entries of a facet's lower triangle.
const LOWER: usize = FACET * (FACET + 1) / 2;

/// A shell whose facets, supports and sparsity are known: it is factored for one thickness after another without
/// meshing, ordering or integrating again.
#[derive(Debug)]
pub struct Assembly {
    rows: Vec<usize>,
    free: usize,
    held: usize,
    /// Facet by facet, stiffness per cube of the thickness and per thickness, of the entries that are not held.
    entries: Vec<[f64; 2]>,
    /// Facet of which an entry is.
    facet_of: Vec<u32>,
    springs: Vec<f64>,
    pattern: SymbolicSparseColMat<usize>,
    order: Argsort<usize>,
    symbolic: SymbolicLlt<usize>,
}

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
    Assembly::new(surface, material, membrane, supports)?.factor(surface)
}

fn positive(what: &'static str, value: f64) -> Result<(), ModelError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(ModelError::NotPositive { what, value })
    }
}

impl Assembly {
    /// Integrates every facet and orders the system.
    ///
    /// # Errors
    /// [`ModelError`] for facets without area, impossible material, or too few supports.
    pub fn new(
        surface: &MidSurface,
        material: &Material,
        membrane: Membrane,
        supports: &Supports,
    ) -> Result<Self, ModelError> {
        positive("modulus_mpa", material.modulus_mpa)?;
        let mut rows = vec![0; surface.nodes.len() * DEGREES_OF_FREEDOM];
        for &(node, freedom) in &supports.held {
            rows[node * DEGREES_OF_FREEDOM + freedom as usize] = HELD;
        }
        let mut free = 0;
        for row in rows.iter_mut().filter(|row| **row != HELD) {
            *row = free;
            free += 1;
        }
        let facets = surface.triangles.len();
        let mut places = Vec::with_capacity(facets * LOWER);
        let mut entries = Vec::with_capacity(facets * LOWER);
        let mut facet_of = Vec::with_capacity(facets * LOWER);
        for index in 0..facets {
            let facet = surface.facet(index).ok_or(ModelError::NoArea { facet: index })?;
            let [bending, stretching] = facet.parts(material, membrane);
            let own = freedoms_of(surface, index).map(|freedom| rows[freedom]);
            for (i, &row) in own.iter().enumerate() {
                for (j, &column) in own.iter().enumerate() {
                    if row != HELD && column != HELD && row >= column {
                        places.push(Pair::new(row, column));
                        entries.push([bending[(i, j)], stretching[(i, j)]]);
                        facet_of.push(index as u32);
                    }
                }
            }
        }
        let mut springs = Vec::new();
        for &(node, freedom, rate) in &supports.springs {
            let row = rows[node * DEGREES_OF_FREEDOM + freedom as usize];
            if row != HELD {
                places.push(Pair::new(row, row));
                springs.push(rate);
            }
        }
        let held = supports.len();
        let not_held = ModelError::Free { held };
        let (pattern, order) = SymbolicSparseColMat::try_new_from_indices(free, free, &places)
            .map_err(|_no_matrix| not_held.clone())?;
        let symbolic = SymbolicLlt::try_new(pattern.as_ref(), faer::Side::Lower)
            .map_err(|_no_matrix| not_held)?;
        Ok(Self { rows, free, held, entries, facet_of, springs, pattern, order, symbolic })
    }

    /// Factors the shell with the thicknesses of `surface`, which must have the nodes and triangles that it was
    /// assembled from.
    ///
    /// # Errors
    /// [`ModelError`] for impossible thicknesses or too few supports.
    pub fn factor(&self, surface: &MidSurface) -> Result<Factored, ModelError> {
        for &thickness in &surface.thickness {
            positive("thickness_mm", thickness)?;
        }
        let powers: Vec<[f64; 2]> = (0..surface.triangles.len())
            .map(|index| {
                let thickness = surface.facet_thickness(index);
                [thickness.powi(3), thickness]
            })
            .collect();
        let of_facets = self.entries.iter().zip(&self.facet_of).map(|(entry, &facet)| {
            let powers = powers[facet as usize];
            entry[0] * powers[0] + entry[1] * powers[1]
        });
        let values: Vec<f64> = of_facets.chain(self.springs.iter().copied()).collect();
        let not_held = ModelError::Free { held: self.held };
        let matrix = SparseColMat::new_from_argsort(self.pattern.clone(), &self.order, &values)
            .map_err(|_no_memory| not_held.clone())?;
        let factor =
            Llt::try_new_with_symbolic(self.symbolic.clone(), matrix.as_ref(), faer::Side::Lower)
                .map_err(|_no_matrix| not_held.clone())?;
        let factored = Factored { rows: self.rows.clone(), free: self.free, factor };
        if factored.is_loose() { Err(not_held) } else { Ok(factored) }
    }
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
