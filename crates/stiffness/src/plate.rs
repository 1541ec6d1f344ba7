//! The discrete Kirchhoff triangle for bending of thin plates.
//!
//! Batoz, Bathe, Ho (1980), "A study of three-node triangular plate bending elements", Int. J. Numer. Methods
//! Eng. 15:1771, DOI 10.1002/nme.1620151205, section 3 and appendix. The rotations are quadratic over the triangle and tied to the
//! deflection along the edges by the Kirchhoff condition; the result converges to thin-plate theory from below
//! or above and has no shear locking.
//!
//! Degrees of freedom per corner: deflection w, rotation about x (= ∂w/∂y), rotation about y (= -∂w/∂x).

use nalgebra::{Matrix3, SMatrix, SVector};

/// Curvatures (κx, κy, 2κxy) from the nine degrees of freedom.
pub type Curvature = SMatrix<f64, 3, 9>;

/// Where the curvature is evaluated: middles of the edges, at which three points integrate a quadratic exactly.
pub(crate) const MIDDLES: [[f64; 2]; 3] = [[0.5, 0.0], [0.5, 0.5], [0.0, 0.5]];

/// Coefficients of one edge of the triangle (Batoz 1980, eq. 27-28 and appendix).
#[derive(Clone, Copy)]
struct Edge {
    p: f64,
    t: f64,
    q: f64,
    r: f64,
}

impl Edge {
    /// `dx`, `dy`: from the end of the edge to its start.
    fn new(dx: f64, dy: f64) -> Self {
        let squared = dx * dx + dy * dy;
        Self {
            p: -6.0 * dx / squared,
            t: -6.0 * dy / squared,
            q: 3.0 * dx * dy / squared,
            r: 3.0 * dy * dy / squared,
        }
    }
}

/// The curvature operator of a triangle with corners in its own plane, at area coordinates (ξ, η) of the
/// second and third corner.
#[must_use]
pub fn curvature(corners: &[[f64; 2]; 3], [xi, eta]: [f64; 2]) -> Curvature {
    let [[x1, y1], [x2, y2], [x3, y3]] = *corners;
    let (x12, x31) = (x1 - x2, x3 - x1);
    let (y12, y31) = (y1 - y2, y3 - y1);
    let twice_area = x31 * y12 - x12 * y31;
    // The paper numbers the edges after the corner that they face: 4 = 2-3, 5 = 3-1, 6 = 1-2.
    let (e4, e5, e6) = (Edge::new(x2 - x3, y2 - y3), Edge::new(x31, y31), Edge::new(x12, y12));
    let (a, b) = (1.0 - 2.0 * xi, 1.0 - 2.0 * eta);
    let sum = xi + eta;

    // Derivatives of the rotation functions βx (h) and βy (g) with respect to ξ and η.
    let h_xi = SVector::<f64, 9>::from([
        e6.p * a + (e5.p - e6.p) * eta,
        e6.q * a - (e5.q + e6.q) * eta,
        -4.0 + 6.0 * sum + e6.r * a - eta * (e5.r + e6.r),
        -e6.p * a + eta * (e4.p + e6.p),
        e6.q * a - eta * (e6.q - e4.q),
        -2.0 + 6.0 * xi + e6.r * a + eta * (e4.r - e6.r),
        -eta * (e5.p + e4.p),
        eta * (e4.q - e5.q),
        -eta * (e5.r - e4.r),
    ]);
    let g_xi = SVector::<f64, 9>::from([
        e6.t * a + (e5.t - e6.t) * eta,
        1.0 + e6.r * a - eta * (e5.r + e6.r),
        -e6.q * a + eta * (e5.q + e6.q),
        -e6.t * a + eta * (e4.t + e6.t),
        -1.0 + e6.r * a + eta * (e4.r - e6.r),
        -e6.q * a - eta * (e4.q - e6.q),
        -eta * (e4.t + e5.t),
        eta * (e4.r - e5.r),
        -eta * (e4.q - e5.q),
    ]);
    let h_eta = SVector::<f64, 9>::from([
        -e5.p * b - xi * (e6.p - e5.p),
        e5.q * b - xi * (e5.q + e6.q),
        -4.0 + 6.0 * sum + e5.r * b - xi * (e5.r + e6.r),
        xi * (e4.p + e6.p),
        xi * (e4.q - e6.q),
        -xi * (e6.r - e4.r),
        e5.p * b - xi * (e4.p + e5.p),
        e5.q * b + xi * (e4.q - e5.q),
        -2.0 + 6.0 * eta + e5.r * b + xi * (e4.r - e5.r),
    ]);
    let g_eta = SVector::<f64, 9>::from([
        -e5.t * b - xi * (e6.t - e5.t),
        1.0 + e5.r * b - xi * (e5.r + e6.r),
        -e5.q * b + xi * (e5.q + e6.q),
        xi * (e4.t + e6.t),
        xi * (e4.r - e6.r),
        -xi * (e4.q - e6.q),
        e5.t * b - xi * (e4.t + e5.t),
        -1.0 + e5.r * b + xi * (e4.r - e5.r),
        -e5.q * b - xi * (e4.q - e5.q),
    ]);
    let rows = [
        h_xi * y31 + h_eta * y12,
        -(g_xi * x31) - g_eta * x12,
        -(h_xi * x31) - h_eta * x12 + g_xi * y31 + g_eta * y12,
    ];
    Curvature::from_fn(|row, column| rows[row][column] / twice_area)
}

/// Bending stiffness, N·mm per unit rotation; `bending` is the plate's 3×3 bending stiffness
/// (E t³ / 12(1-ν²) for an isotropic plate), N·mm.
pub(crate) fn stiffness(
    corners: &[[f64; 2]; 3],
    area: f64,
    bending: &Matrix3<f64>,
) -> SMatrix<f64, 9, 9> {
    MIDDLES
        .iter()
        .map(|&at| {
            let operator = curvature(corners, at);
            operator.transpose() * bending * operator * (area / 3.0)
        })
        .sum()
}
