//! Stretching of flat triangles: the constant-strain triangle and an optimal one with drilling rotations.
//!
//! [`optimal`] is the template of Felippa (2003), "A study of optimal membrane triangles with drilling freedoms",
//! Comput. Methods Appl. Mech. Eng. 192:2125, DOI 10.1016/S0045-7825(03)00253-6, with the free parameters that make in-plane
//! bending exact for any aspect ratio (the paper's OPT element; also Alvin, de la Fuente, Haugen, Felippa 1992).
//! A curved shell bends by stretching its facets; the constant-strain triangle is too stiff there and needs a
//! made-up stiffness for the rotation about its normal.

use nalgebra::{Matrix3, SMatrix, SVector};

/// Strains (εx, εy, γxy) of the constant-strain triangle from (u, v) of its three corners.
pub(crate) fn constant_strain(corners: &[[f64; 2]; 3], area: f64) -> SMatrix<f64, 3, 6> {
    let [[x1, y1], [x2, y2], [x3, y3]] = *corners;
    SMatrix::<f64, 3, 6>::from_row_slice(&[
        y2 - y3,
        0.0,
        y3 - y1,
        0.0,
        y1 - y2,
        0.0, //
        0.0,
        x3 - x2,
        0.0,
        x1 - x3,
        0.0,
        x2 - x1, //
        x3 - x2,
        y2 - y3,
        x1 - x3,
        y3 - y1,
        x2 - x1,
        y1 - y2,
    ]) / (2.0 * area)
}

/// `α_b` of the basic stiffness (Felippa 2003, table of the OPT element).
const BASIC: f64 = 1.5;

/// β1 to β9 of the higher-order stiffness (same table).
const HIGHER: [f64; 9] = [1.0, 2.0, 1.0, 0.0, 1.0, -1.0, -1.0, -1.0, -2.0];

/// Least share of the higher-order stiffness: β0 = (1 - 4ν²)/2 falls to zero at ν = 0.5 (same paper).
const LEAST_HIGHER_SHARE: f64 = 0.01;

/// Geometry of a triangle as the paper writes it.
struct Triangle {
    /// x of corner i less x of corner j, for (1,2), (2,3), (3,1).
    x: [f64; 3],
    y: [f64; 3],
    area: f64,
}

impl Triangle {
    fn new(corners: &[[f64; 2]; 3], area: f64) -> Self {
        let [[x1, y1], [x2, y2], [x3, y3]] = *corners;
        Self { x: [x1 - x2, x2 - x3, x3 - x1], y: [y1 - y2, y2 - y3, y3 - y1], area }
    }

    /// Squared lengths of the sides 2-1, 3-2, 1-3.
    fn squared(&self) -> [f64; 3] {
        std::array::from_fn(|side| self.x[side].powi(2) + self.y[side].powi(2))
    }
}

/// Stiffness of the optimal triangle, per corner (u, v, θz); `stretch` is the plane-stress matrix times the
/// thickness, N/mm.
pub(crate) fn optimal(
    corners: &[[f64; 2]; 3],
    area: f64,
    stretch: &Matrix3<f64>,
    poisson: f64,
) -> SMatrix<f64, 9, 9> {
    let triangle = Triangle::new(corners, area);
    let lumping = lumping(&triangle);
    let basic = lumping * stretch * lumping.transpose() / area;
    let share = (0.5 * (1.0 - 4.0 * poisson * poisson)).max(LEAST_HIGHER_SHARE);
    let rotations = hierarchical_rotations(&triangle);
    let natural = natural_strains(&triangle);
    let natural_stretch = natural.transpose() * stretch * natural;
    let mut higher = Matrix3::zeros();
    for operator in middle_operators(&triangle) {
        higher += operator.transpose() * natural_stretch * operator;
    }
    higher *= area;
    basic + rotations.transpose() * higher * rotations * (0.75 * share)
}

/// Mean strains (εx, εy, γxy) of the optimal triangle from its nine freedoms.
pub(crate) fn mean_strain(corners: &[[f64; 2]; 3], area: f64) -> SMatrix<f64, 3, 9> {
    lumping(&Triangle::new(corners, area)).transpose() / area
}

/// The lumping matrix L (9×3), which turns a constant stress into corner forces.
fn lumping(triangle: &Triangle) -> SMatrix<f64, 9, 3> {
    let [x12, x23, x31] = triangle.x;
    let [y12, y23, y31] = triangle.y;
    let (x21, x32, x13) = (-x12, -x23, -x31);
    let (y21, y32, y13) = (-y12, -y23, -y31);
    let (sixth, third) = (BASIC / 6.0, BASIC / 3.0);
    SMatrix::<f64, 9, 3>::from_row_slice(&[
        y23,
        0.0,
        x32,
        0.0,
        x32,
        y23,
        sixth * y23 * (y13 - y21),
        sixth * x32 * (x31 - x12),
        third * (x31 * y13 - x12 * y21),
        y31,
        0.0,
        x13,
        0.0,
        x13,
        y31,
        sixth * y31 * (y21 - y32),
        sixth * x13 * (x12 - x23),
        third * (x12 * y21 - x23 * y32),
        y12,
        0.0,
        x21,
        0.0,
        x21,
        y12,
        sixth * y12 * (y32 - y13),
        sixth * x21 * (x23 - x31),
        third * (x23 * y32 - x31 * y13),
    ]) / 2.0
}

/// Corner rotations less that of the constant-strain triangle.
fn hierarchical_rotations(triangle: &Triangle) -> SMatrix<f64, 3, 9> {
    let [x12, x23, x31] = triangle.x;
    let [y12, y23, y31] = triangle.y;
    let mean: SVector<f64, 9> =
        SVector::from([-x23, -y23, 0.0, -x31, -y31, 0.0, -x12, -y12, 0.0]) / (4.0 * triangle.area);
    SMatrix::<f64, 3, 9>::from_fn(|corner, freedom| {
        mean[freedom] + if freedom == 3 * corner + 2 { 1.0 } else { 0.0 }
    })
}

/// From strains along the three sides to (εx, εy, γxy).
fn natural_strains(triangle: &Triangle) -> Matrix3<f64> {
    let [x12, x23, x31] = triangle.x;
    let [y12, y23, y31] = triangle.y;
    let (x21, x32, x13) = (-x12, -x23, -x31);
    let (y21, y32, y13) = (-y12, -y23, -y31);
    let [l21, l32, l13] = triangle.squared();
    Matrix3::new(
        y23 * y13 * l21,
        y31 * y21 * l32,
        y12 * y32 * l13,
        x23 * x13 * l21,
        x31 * x21 * l32,
        x12 * x32 * l13,
        (y23 * x31 + x32 * y13) * l21,
        (y31 * x12 + x13 * y21) * l32,
        (y12 * x23 + x21 * y32) * l13,
    ) / (4.0 * triangle.area * triangle.area)
}

/// Operators from hierarchical rotations to strains along the sides, at the middles of the sides.
fn middle_operators(triangle: &Triangle) -> [Matrix3<f64>; 3] {
    let [b1, b2, b3, b4, b5, b6, b7, b8, b9] = HIGHER;
    let [l21, l32, l13] = triangle.squared();
    let scale = 2.0 * triangle.area / 3.0;
    let rows = |a: [f64; 3], b: [f64; 3], c: [f64; 3]| {
        let row = |values: [f64; 3], squared: f64| values.map(|value| scale * value / squared);
        let (a, b, c) = (row(a, l21), row(b, l32), row(c, l13));
        Matrix3::new(a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2])
    };
    let at_1 = rows([b1, b2, b3], [b4, b5, b6], [b7, b8, b9]);
    let at_2 = rows([b9, b7, b8], [b3, b1, b2], [b6, b4, b5]);
    let at_3 = rows([b5, b6, b4], [b8, b9, b7], [b2, b3, b1]);
    [(at_1 + at_2) / 2.0, (at_2 + at_3) / 2.0, (at_3 + at_1) / 2.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [[f64; 2]; 3] = [[0.0, 0.0], [3.0, 0.4], [0.7, 2.0]];

    fn area() -> f64 {
        let [[x1, y1], [x2, y2], [x3, y3]] = CORNERS;
        0.5 * ((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1))
    }

    fn plane_stress(poisson: f64) -> Matrix3<f64> {
        let p = poisson;
        Matrix3::new(1.0, p, 0.0, p, 1.0, 0.0, 0.0, 0.0, (1.0 - p) / 2.0) / (1.0 - p * p)
    }

    /// Displacements u = a + Gx at the corners, with the rotation that belongs to them.
    fn linear_field(g: [[f64; 2]; 2]) -> SVector<f64, 9> {
        SVector::from_fn(|freedom, _| {
            let [x, y] = CORNERS[freedom / 3];
            match freedom % 3 {
                0 => g[0][0] * x + g[0][1] * y,
                1 => g[1][0] * x + g[1][1] * y,
                _ => 0.5 * (g[1][0] - g[0][1]),
            }
        })
    }

    #[test]
    fn a_rigid_rotation_costs_nothing() {
        let stiffness = optimal(&CORNERS, area(), &plane_stress(0.3), 0.3);
        let force = stiffness * linear_field([[0.0, -0.01], [0.01, 0.0]]);
        assert!(force.amax() < 1e-14, "{force}");
    }

    #[test]
    fn a_constant_strain_has_its_energy() {
        let stiffness = optimal(&CORNERS, area(), &plane_stress(0.3), 0.3);
        let field = linear_field([[0.01, 0.004], [-0.002, 0.02]]);
        let strain = nalgebra::Vector3::new(0.01, 0.02, 0.002);
        let exact = (strain.transpose() * plane_stress(0.3) * strain)[0] * area();
        let energy = (field.transpose() * stiffness * field)[0];
        assert!((energy / exact - 1.0).abs() < 1e-12, "{energy} {exact}");
        let found = mean_strain(&CORNERS, area()) * field;
        assert!((found - strain).amax() < 1e-14, "{found}");
    }

    #[test]
    fn only_three_rigid_motions_are_free() {
        let stiffness = optimal(&CORNERS, area(), &plane_stress(0.3), 0.3);
        let eigen = stiffness.symmetric_eigenvalues();
        let free = eigen.iter().filter(|value| value.abs() < 1e-12).count();
        assert_eq!(free, 3, "{eigen}");
        assert!(eigen.iter().all(|&value| value > -1e-12), "{eigen}");
    }

    /// In-plane bending of a strip one element high: the ratio of energies is 1 for every aspect ratio.
    #[test]
    fn in_plane_bending_is_exact_for_long_elements() {
        for length in [1.0, 2.0, 4.0, 8.0] {
            let poisson = 0.25;
            // u = κxy, v = -κx²/2 - νκy²/2: pure bending about z of a strip from y = -1/2 to 1/2.
            let corner = |x: f64, y: f64| (x, y, [x * y, -0.5 * x * x - 0.5 * poisson * y * y, -x]);
            let quad =
                [corner(0.0, -0.5), corner(length, -0.5), corner(length, 0.5), corner(0.0, 0.5)];
            let energy: f64 = [[0, 1, 2], [0, 2, 3], [0, 1, 3], [1, 2, 3]]
                .iter()
                .map(|triangle| {
                    let corners = triangle.map(|k: usize| [quad[k].0, quad[k].1]);
                    let field = SVector::<f64, 9>::from_fn(|f, _| quad[triangle[f / 3]].2[f % 3]);
                    let stiffness =
                        optimal(&corners, length / 2.0, &plane_stress(poisson), poisson);
                    0.5 * (field.transpose() * stiffness * field)[0]
                })
                .sum::<f64>()
                / 2.0;
            let exact = 0.5 * length / 12.0;
            let ratio = energy / exact;
            assert!((ratio - 1.0).abs() < 0.02, "length {length}: {ratio}");
        }
    }
}
