//! One flat shell element in space: bending plus membrane, turned into the axes of the model.

use geometry::Point3;
use nalgebra::{Matrix3, SMatrix, SVector};

use crate::{membrane, plate};

/// Degrees of freedom of a node: three displacements (mm), three rotations (rad).
pub const DEGREES_OF_FREEDOM: usize = 6;

/// Freedoms of a facet.
pub(crate) const FACET: usize = 3 * DEGREES_OF_FREEDOM;

/// A material that is equally stiff in every direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Material {
    /// Young's modulus, MPa.
    pub modulus_mpa: f64,
    /// Poisson's ratio, below 0.5; plastics 0.35 to 0.42.
    pub poisson: f64,
}

impl Material {
    /// The plane-stress matrix, MPa.
    #[must_use]
    pub fn plane_stress(&self) -> Matrix3<f64> {
        let p = self.poisson;
        Matrix3::new(1.0, p, 0.0, p, 1.0, 0.0, 0.0, 0.0, (1.0 - p) / 2.0)
            * (self.modulus_mpa / (1.0 - p * p))
    }
}

/// How the facet stretches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Membrane {
    /// Felippa's optimal triangle with drilling rotations: accurate on coarse meshes.
    #[default]
    Optimal,
    /// The constant-strain triangle with a token stiffness against drilling: the handbook's reference.
    ConstantStrain,
}

/// Drilling stiffness of [`Membrane::ConstantStrain`] as a share of E·t·A: enough to make the matrix regular,
/// far too little to carry load.
const TOKEN_DRILLING: f64 = 1e-5;

/// A facet's own axes and shape.
#[derive(Clone, Debug)]
pub(crate) struct Facet {
    /// Rows: the facet's x along its first edge, y, and z along its normal.
    pub(crate) axes: Matrix3<f64>,
    /// Corners in the facet's plane, mm.
    pub(crate) corners: [[f64; 2]; 3],
    /// mm².
    pub(crate) area: f64,
}

impl Facet {
    /// `None` if the triangle has no area.
    pub(crate) fn new([a, b, c]: [Point3; 3]) -> Option<Self> {
        let x = (b - a).try_normalize(1e-12)?;
        let normal = (b - a).cross(&(c - a));
        let z = normal.try_normalize(1e-12)?;
        let y = z.cross(&x);
        let axes = Matrix3::from_rows(&[x.transpose(), y.transpose(), z.transpose()]);
        let corners = [a, b, c].map(|corner| {
            let offset = axes * (corner - a);
            [offset.x, offset.y]
        });
        Some(Self { axes, corners, area: 0.5 * normal.norm() })
    }

    /// Stiffness in the axes of the model (N/mm, N, Nmm) per cube of the thickness (bending) and per thickness
    /// (stretching): K = t³ · bending + t · stretching.
    pub(crate) fn parts(
        &self,
        material: &Material,
        membrane: Membrane,
    ) -> [SMatrix<f64, FACET, FACET>; 2] {
        let plane = material.plane_stress();
        let bending = plate::stiffness(&self.corners, self.area, &(plane / 12.0));
        let stretching = self.stretching(material, membrane);
        [(bending, BENDING), (stretching, STRETCHING)].map(|(part, places)| {
            let mut local = SMatrix::<f64, FACET, FACET>::zeros();
            add(&mut local, &part, places);
            self.turned(&local)
        })
    }

    /// Stretching of a shell 1 mm thick.
    fn stretching(&self, material: &Material, membrane: Membrane) -> SMatrix<f64, 9, 9> {
        let stretch = material.plane_stress();
        match membrane {
            Membrane::Optimal => {
                membrane::optimal(&self.corners, self.area, &stretch, material.poisson)
            }
            Membrane::ConstantStrain => {
                let strain = membrane::constant_strain(&self.corners, self.area);
                let plane = strain.transpose() * stretch * strain * self.area;
                let drilling = TOKEN_DRILLING * material.modulus_mpa * self.area;
                SMatrix::<f64, 9, 9>::from_fn(|row, column| match (row % 3 == 2, column % 3 == 2) {
                    (false, false) => plane[(row / 3 * 2 + row % 3, column / 3 * 2 + column % 3)],
                    (true, true) if row == column => drilling,
                    _ => 0.0,
                })
            }
        }
    }

    /// Tᵀ K T, block by block: T is the same 3×3 rotation six times.
    fn turned(&self, local: &SMatrix<f64, FACET, FACET>) -> SMatrix<f64, FACET, FACET> {
        let mut turned = SMatrix::<f64, FACET, FACET>::zeros();
        for row in (0..FACET).step_by(3) {
            for column in (0..FACET).step_by(3) {
                let block = local.fixed_view::<3, 3>(row, column);
                let block = self.axes.transpose() * block * self.axes;
                turned.fixed_view_mut::<3, 3>(row, column).copy_from(&block);
            }
        }
        turned
    }

    /// The facet's freedoms in its own axes.
    pub(crate) fn own(&self, freedoms: &SVector<f64, FACET>) -> SVector<f64, FACET> {
        let mut own = SVector::<f64, FACET>::zeros();
        for row in (0..FACET).step_by(3) {
            own.fixed_rows_mut::<3>(row).copy_from(&(self.axes * freedoms.fixed_rows::<3>(row)));
        }
        own
    }
}

/// Where the plate's (w, θx, θy) stand among the freedoms of a facet.
pub(crate) const BENDING: [usize; 9] = [2, 3, 4, 8, 9, 10, 14, 15, 16];

/// Where the membrane's (u, v, θz) stand.
pub(crate) const STRETCHING: [usize; 9] = [0, 1, 5, 6, 7, 11, 12, 13, 17];

fn add(whole: &mut SMatrix<f64, FACET, FACET>, part: &SMatrix<f64, 9, 9>, places: [usize; 9]) {
    for (row, &to_row) in places.iter().enumerate() {
        for (column, &to_column) in places.iter().enumerate() {
            whole[(to_row, to_column)] += part[(row, column)];
        }
    }
}
