//! Clamped cubic B-spline bases with equal inner spans on an interval.
//!
//! Basis functions by Cox and de Boor (Piegl and Tiller, The NURBS Book, 2nd ed., algorithms A2.2 and
//! A2.3). The first and last knot have multiplicity four, as STEP files and CAD kernels expect.

/// A clamped cubic basis over `[low, high]` with `spans` equal spans and `spans + 3` functions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SplineBasis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    spans: usize,
    knots: Vec<f64>,
}

/// The four functions that do not vanish at a parameter, with two derivatives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nonzero {
    /// Index of the first of the four.
    pub(crate) first: usize,
    pub(crate) value: [f64; 4],
    pub(crate) slope: [f64; 4],
    pub(crate) curvature: [f64; 4],
}

impl SplineBasis {
    pub(crate) fn new(low: f64, high: f64, functions: usize) -> Self {
        assert!(
            functions >= 4 && high > low,
            "a cubic basis needs 4 functions and a positive interval"
        );
        let spans = functions - 3;
        let step = (high - low) / spans as f64;
        let inner =
            (0..=spans).map(|span| if span == spans { high } else { low + step * span as f64 });
        let knots = [low; 3].into_iter().chain(inner).chain([high; 3]).collect();
        Self { low, high, spans, knots }
    }

    pub(crate) fn functions(&self) -> usize {
        self.spans + 3
    }

    pub(crate) fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// Averages of three inner knots: control abscissae for which the spline of f(u) = u is exact.
    pub(crate) fn greville(&self, function: usize) -> f64 {
        (self.knots[function + 1] + self.knots[function + 2] + self.knots[function + 3]) / 3.0
    }

    /// Values at `u`, clamped into the interval.
    pub(crate) fn at(&self, u: f64) -> Nonzero {
        let u = u.clamp(self.low, self.high);
        let step = (self.high - self.low) / self.spans as f64;
        let span = (((u - self.low) / step) as usize).min(self.spans - 1);
        let knot = &self.knots[span..span + 8];
        // `triangle[d]` holds the functions of degree d that do not vanish on the span.
        let mut triangle = [[0.0; 4]; 4];
        triangle[0][0] = 1.0;
        for degree in 1..4 {
            for left in 0..degree {
                let (start, end) = (knot[4 + left - degree], knot[4 + left]);
                let share = triangle[degree - 1][left] / (end - start);
                triangle[degree][left] += (end - u) * share;
                triangle[degree][left + 1] += (u - start) * share;
            }
        }
        let slope = derivative(knot, 3, &triangle[2]);
        let lower = derivative(knot, 2, &triangle[1]);
        let curvature = derivative(knot, 3, &lower);
        Nonzero { first: span, value: triangle[3], slope, curvature }
    }
}

/// Derivatives of the functions of `degree` from the values (or derivatives) of those one degree lower.
fn derivative(knot: &[f64], degree: usize, lower: &[f64; 4]) -> [f64; 4] {
    let mut result = [0.0; 4];
    for left in 0..degree {
        let (start, end) = (knot[4 + left - degree], knot[4 + left]);
        let share = degree as f64 * lower[left] / (end - start);
        result[left] -= share;
        result[left + 1] += share;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_a_cubic_with_its_derivatives() {
        let basis = SplineBasis::new(-1.0, 4.0, 9);
        // Blossom of u³ at three consecutive inner knots gives its control values.
        let control: Vec<f64> =
            (0..9).map(|i| basis.knots[i + 1] * basis.knots[i + 2] * basis.knots[i + 3]).collect();
        for step in 0..=50 {
            let u = -1.0 + 0.1 * f64::from(step);
            let at = basis.at(u);
            let sum =
                |weights: [f64; 4]| (0..4).map(|k| weights[k] * control[at.first + k]).sum::<f64>();
            assert!((sum(at.value) - u * u * u).abs() < 1e-12);
            assert!((sum(at.slope) - 3.0 * u * u).abs() < 1e-11);
            assert!((sum(at.curvature) - 6.0 * u).abs() < 1e-10);
        }
    }
}
