use nalgebra::DMatrix;

use crate::spline_basis::{Nonzero, SplineBasis};
use crate::{HeightField, Point2, Point3, Vector3};

/// An axis-aligned rectangle of the plane, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// The corner with the smallest coordinates.
    pub low: Point2,
    /// The corner with the largest coordinates.
    pub high: Point2,
}

impl Rect {
    /// Extent along x.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high.x - self.low.x
    }

    /// Extent along y.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.high.y - self.low.y
    }

    /// Whether the point lies inside or on the border.
    #[must_use]
    pub fn contains(&self, point: Point2) -> bool {
        point.x >= self.low.x
            && point.x <= self.high.x
            && point.y >= self.low.y
            && point.y <= self.high.y
    }
}

/// Why heights could not be turned into a surface.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// A node of the field has no height.
    #[error("node (column {column}, row {row}) has no height; fill the field before fitting")]
    Unknown {
        /// Column of the node.
        column: usize,
        /// Row of the node.
        row: usize,
    },
    /// Fewer nodes than control heights.
    #[error("{nodes} nodes cannot fix {functions} control heights in one direction")]
    TooFewNodes {
        /// Nodes in that direction.
        nodes: usize,
        /// Control heights in that direction.
        functions: usize,
    },
}

/// A bicubic B-spline surface z = f(x, y) over a rectangle, clamped, with equal spans.
///
/// Its x and y parameters are the plane's own coordinates, so evaluating needs no inversion; as a
/// parametric surface its control points are ([`Self::control_point`]) the Greville points of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphSurface {
    pub(crate) x_basis: SplineBasis,
    pub(crate) y_basis: SplineBasis,
    /// Control heights, row (y) by row.
    control: Vec<f64>,
}

/// Height, slopes and second derivatives of a surface at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet {
    /// Height, mm.
    pub z: f64,
    /// dz/dx and dz/dy.
    pub gradient: [f64; 2],
    /// d²z/dx², d²z/dxdy, d²z/dy², per mm.
    pub hessian: [f64; 3],
}

impl GraphSurface {
    /// A surface with given control heights (row by row, `columns` × `rows`, each at least 4).
    ///
    /// # Panics
    /// If the number of heights is not `columns * rows` or the rectangle is empty.
    #[must_use]
    pub fn from_control(area: Rect, columns: usize, rows: usize, control: Vec<f64>) -> Self {
        assert_eq!(control.len(), columns * rows, "control heights do not match the grid");
        Self {
            x_basis: SplineBasis::new(area.low.x, area.high.x, columns),
            y_basis: SplineBasis::new(area.low.y, area.high.y, rows),
            control,
        }
    }

    /// Least-squares fit to a field without holes, over the field's own rectangle.
    ///
    /// `stiffness` weighs the squared second differences of neighboring control heights against the
    /// squared errors (P-splines: Eilers and Marx 1996, doi 10.1214/ss/1038425655); 0 fits best, 1e-3
    /// only keeps the problem well posed, 1 and more fairs. The grid makes the problem separable:
    /// two banded solves of size `columns` and `rows`.
    ///
    /// # Errors
    /// [`FitError`] if the field has holes or too few nodes.
    pub fn fit(
        field: &HeightField,
        columns: usize,
        rows: usize,
        stiffness: f64,
    ) -> Result<Self, FitError> {
        if let Some(unknown) = field.heights.iter().position(|height| !height.is_finite()) {
            return Err(FitError::Unknown {
                column: unknown % field.columns,
                row: unknown / field.columns,
            });
        }
        for (nodes, functions) in [(field.columns, columns), (field.rows, rows)] {
            if nodes < functions {
                return Err(FitError::TooFewNodes { nodes, functions });
            }
        }
        let area = field.area();
        let mut surface = Self::from_control(area, columns, rows, vec![0.0; columns * rows]);
        let along_x = Smoother::new(&surface.x_basis, field.columns, stiffness);
        let along_y = Smoother::new(&surface.y_basis, field.rows, stiffness);
        // Columns of the field first, all at once (rows × field.columns), then the rows that are left.
        let half = along_y.solve(&field.heights, field.columns);
        surface.control =
            half.chunks_exact(field.columns).flat_map(|row| along_x.solve(row, 1)).collect();
        Ok(surface)
    }

    /// The rectangle over which the surface is defined.
    #[must_use]
    pub fn area(&self) -> Rect {
        Rect {
            low: Point2::new(self.x_basis.low, self.y_basis.low),
            high: Point2::new(self.x_basis.high, self.y_basis.high),
        }
    }

    /// Number of control heights along x and along y.
    #[must_use]
    pub fn control_size(&self) -> (usize, usize) {
        (self.x_basis.functions(), self.y_basis.functions())
    }

    /// Control point (column, row) of the surface as a parametric B-spline.
    #[must_use]
    pub fn control_point(&self, column: usize, row: usize) -> Point3 {
        let z = self.control[row * self.x_basis.functions() + column];
        Point3::new(self.x_basis.greville(column), self.y_basis.greville(row), z)
    }

    /// Clamped knots along x and along y, in mm.
    #[must_use]
    pub fn knots(&self) -> (&[f64], &[f64]) {
        (self.x_basis.knots(), self.y_basis.knots())
    }

    /// Height at a point; a point outside the rectangle takes the nearest border's height.
    #[must_use]
    pub fn height(&self, point: Point2) -> f64 {
        let ((column, x), (row, y)) = (self.x_basis.values(point.x), self.y_basis.values(point.y));
        self.combine((column, &x), (row, &y))
    }

    /// Heights of this and another surface at a point.
    pub(crate) fn heights_with(&self, other: &Self, point: Point2) -> [f64; 2] {
        let (x, y) = (&self.x_basis, &self.y_basis);
        if !(x.is_like(&other.x_basis) && y.is_like(&other.y_basis)) {
            return [self.height(point), other.height(point)];
        }
        let ((column, x), (row, y)) = (x.values(point.x), y.values(point.y));
        [self, other].map(|surface| surface.combine((column, &x), (row, &y)))
    }

    /// Slopes dz/dx and dz/dy at a point.
    #[must_use]
    pub fn gradient(&self, point: Point2) -> [f64; 2] {
        self.jet(point).gradient
    }

    /// Second derivatives d²z/dx², d²z/dxdy, d²z/dy² at a point, per mm.
    #[must_use]
    pub fn hessian(&self, point: Point2) -> [f64; 3] {
        self.jet(point).hessian
    }

    /// Unit normal that points up.
    #[must_use]
    pub fn normal(&self, point: Point2) -> Vector3 {
        let [dx, dy] = self.gradient(point);
        Vector3::new(-dx, -dy, 1.0).normalize()
    }

    /// The point of the surface over (x, y).
    #[must_use]
    pub fn lift(&self, point: Point2) -> Point3 {
        Point3::new(point.x, point.y, self.height(point))
    }

    /// The mirror image in x = 0.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        let mut control = self.control.clone();
        for row in control.chunks_exact_mut(self.x_basis.functions()) {
            row.reverse();
        }
        let area = self.area();
        let mirrored = Rect {
            low: Point2::new(-area.high.x, area.low.y),
            high: Point2::new(-area.low.x, area.high.y),
        };
        Self::from_control(mirrored, self.x_basis.functions(), self.y_basis.functions(), control)
    }

    /// The same surface, raised by `offset` mm.
    #[must_use]
    pub fn raised(&self, offset: f64) -> Self {
        let mut raised = self.clone();
        raised.control.iter_mut().for_each(|height| *height += offset);
        raised
    }

    /// Height, slopes and second derivatives at a point, for the cost of one look at the basis.
    #[must_use]
    pub fn jet(&self, point: Point2) -> Jet {
        let (x, y) = (self.x_basis.at(point.x), self.y_basis.at(point.y));
        let columns = self.x_basis.functions();
        let (mut value, mut slope, mut curvature) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        for k in 0..4 {
            let start = (y.first + k) * columns + x.first;
            let heights = &self.control[start..start + 4];
            value[k] = weighted(&x.value, heights);
            slope[k] = weighted(&x.slope, heights);
            curvature[k] = weighted(&x.curvature, heights);
        }
        Jet {
            z: weighted(&y.value, &value),
            gradient: [weighted(&y.value, &slope), weighted(&y.slope, &value)],
            hessian: [
                weighted(&y.value, &curvature),
                weighted(&y.slope, &slope),
                weighted(&y.curvature, &value),
            ],
        }
    }

    /// Weighted sum of four times four control heights, from the given column and row on.
    #[inline]
    pub(crate) fn combine(
        &self,
        (column, x_weights): (usize, &[f64; 4]),
        (row, y_weights): (usize, &[f64; 4]),
    ) -> f64 {
        let columns = self.x_basis.functions();
        let of_rows: [f64; 4] = std::array::from_fn(|k| {
            let start = (row + k) * columns + column;
            weighted(x_weights, &self.control[start..start + 4])
        });
        weighted(y_weights, &of_rows)
    }
}

#[inline]
fn weighted(weights: &[f64; 4], values: &[f64]) -> f64 {
    weights[0] * values[0]
        + weights[1] * values[1]
        + weights[2] * values[2]
        + weights[3] * values[3]
}

/// One direction of the separable fit: a banded normal matrix, factored once.
struct Smoother {
    rows: Vec<Nonzero>,
    functions: usize,
    /// Lower Cholesky factor, four entries a row: `L[i][i-3..=i]`.
    factor: Vec<[f64; 4]>,
}

impl Smoother {
    fn new(basis: &SplineBasis, nodes: usize, stiffness: f64) -> Self {
        let step = (basis.high - basis.low) / (nodes - 1) as f64;
        let rows: Vec<Nonzero> =
            (0..nodes).map(|node| basis.at(basis.low + step * node as f64)).collect();
        let functions = basis.functions();
        // Scale of the penalty: data rows per function, so that `stiffness` means the same at any spacing.
        let weight = (stiffness + 1e-9) * nodes as f64 / functions as f64;
        let mut normal = DMatrix::<f64>::zeros(functions, 4);
        for row in &rows {
            for i in 0..4 {
                for j in 0..=i {
                    normal[(row.first + i, 3 + j - i)] += row.value[i] * row.value[j];
                }
            }
        }
        let difference = [1.0, -2.0, 1.0];
        for first in 0..functions - 2 {
            for i in 0..3 {
                for j in 0..=i {
                    normal[(first + i, 3 + j - i)] += weight * difference[i] * difference[j];
                }
            }
        }
        Self { rows, functions, factor: banded_cholesky(&normal) }
    }

    /// Solves for `width` right sides at once, which lie side by side in every row of `data`.
    fn solve(&self, data: &[f64], width: usize) -> Vec<f64> {
        let mut right = vec![0.0; self.functions * width];
        for (row, values) in self.rows.iter().zip(data.chunks_exact(width)) {
            for k in 0..4 {
                let into = &mut right[(row.first + k) * width..(row.first + k + 1) * width];
                add(into, row.value[k], values);
            }
        }
        for i in 0..self.functions {
            let (before, rest) = right.split_at_mut(i * width);
            for j in i.saturating_sub(3)..i {
                add(
                    &mut rest[..width],
                    -self.factor[i][3 + j - i],
                    &before[j * width..(j + 1) * width],
                );
            }
            rest[..width].iter_mut().for_each(|value| *value /= self.factor[i][3]);
        }
        for i in (0..self.functions).rev() {
            let (start, after) = right.split_at_mut((i + 1) * width);
            let here = &mut start[i * width..];
            for j in i + 1..(i + 4).min(self.functions) {
                let there = &after[(j - i - 1) * width..(j - i) * width];
                add(here, -self.factor[j][3 + i - j], there);
            }
            here.iter_mut().for_each(|value| *value /= self.factor[i][3]);
        }
        right
    }
}

/// Adds `weight` times `values` to `into`.
fn add(into: &mut [f64], weight: f64, values: &[f64]) {
    into.iter_mut().zip(values).for_each(|(into, value)| *into += weight * value);
}

/// Cholesky factor of a symmetric positive definite matrix with three subdiagonals.
fn banded_cholesky(normal: &DMatrix<f64>) -> Vec<[f64; 4]> {
    let size = normal.nrows();
    let mut factor = vec![[0.0; 4]; size];
    for i in 0..size {
        for j in i.saturating_sub(3)..=i {
            let mut sum = normal[(i, 3 + j - i)];
            for k in i.saturating_sub(3)..j {
                if j - k <= 3 {
                    sum -= factor[i][3 + k - i] * factor[j][3 + k - j];
                }
            }
            factor[i][3 + j - i] =
                if i == j { sum.max(f64::MIN_POSITIVE).sqrt() } else { sum / factor[j][3] };
        }
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area() -> Rect {
        Rect { low: Point2::new(-30.0, -10.0), high: Point2::new(20.0, 60.0) }
    }

    #[test]
    fn fit_reproduces_a_bicubic() {
        let shape = |p: Point2| 1e-3 * p.x * p.x * p.y - 0.2 * p.x + 1e-4 * p.y.powi(3);
        let field = HeightField::from_fn(area(), 1.0, shape);
        let surface = GraphSurface::fit(&field, 12, 15, 0.0).unwrap();
        for (x, y) in [(-29.3, 44.1), (0.0, 0.0), (19.9, -9.7)] {
            let point = Point2::new(x, y);
            assert!(
                (surface.height(point) - shape(point)).abs() < 1e-4,
                "{} {}",
                surface.height(point),
                shape(point)
            );
            let jet = surface.jet(point);
            assert!((jet.z - surface.height(point)).abs() < 1e-12);
            assert!((jet.hessian[0] - 2e-3 * y).abs() < 1e-4);
            let [dx, dy] = jet.gradient;
            assert!((dx - (2e-3 * x * y - 0.2)).abs() < 1e-4);
            assert!((dy - (1e-3 * x * x + 3e-4 * y * y)).abs() < 1e-4);
        }
    }

    #[test]
    fn a_plane_survives_any_stiffness() {
        let field = HeightField::from_fn(area(), 0.5, |p| 0.3 * p.x - 0.1 * p.y + 2.0);
        let surface = GraphSurface::fit(&field, 20, 20, 100.0).unwrap();
        // A plane has no second differences except where clamped Greville spacing shrinks at the border.
        let middle = Point2::new(-5.0, 25.0);
        assert!((surface.height(middle) - (0.3 * -5.0 - 2.5 + 2.0)).abs() < 1e-2);
    }

    #[test]
    fn control_points_lie_over_their_greville_abscissae() {
        let field = HeightField::from_fn(area(), 1.0, |p| p.x);
        let surface = GraphSurface::fit(&field, 10, 10, 0.0).unwrap();
        for column in 0..10 {
            let point = surface.control_point(column, 4);
            assert!((point.x - point.z).abs() < 1e-6);
        }
    }

    #[test]
    fn heights_of_two_are_those_of_each() {
        let fitted = |columns: usize, shape: fn(Point2) -> f64| {
            GraphSurface::fit(&HeightField::from_fn(area(), 1.0, shape), columns, 9, 0.0).unwrap()
        };
        let one = fitted(12, |p| (0.2 * p.x).sin() * p.y);
        for other in [fitted(12, |p| p.x - p.y), fitted(11, |p| p.x - p.y)] {
            for (x, y) in [(-29.9, 59.0), (0.3, 17.0), (25.0, 0.0)] {
                let point = Point2::new(x, y);
                assert_eq!(
                    one.heights_with(&other, point),
                    [one.height(point), other.height(point)]
                );
            }
        }
    }

    #[test]
    fn mirror_image() {
        let field = HeightField::from_fn(area(), 1.0, |p| (0.1 * p.x).sin() + 0.01 * p.y * p.x);
        let surface = GraphSurface::fit(&field, 20, 20, 0.0).unwrap();
        let here = surface.height(Point2::new(12.3, 7.0));
        assert!((surface.mirrored_x().height(Point2::new(-12.3, 7.0)) - here).abs() < 1e-12);
    }

    #[test]
    fn a_hole_is_refused_with_its_place() {
        let mut field = HeightField::from_fn(area(), 1.0, |p| p.x);
        *field.at_mut(3, 2) = f64::NAN;
        assert_eq!(
            GraphSurface::fit(&field, 8, 8, 0.0),
            Err(FitError::Unknown { column: 3, row: 2 })
        );
    }
}
