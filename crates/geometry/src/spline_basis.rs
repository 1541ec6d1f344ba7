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
    /// Spans per unit of the parameter.
    per: f64,
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
        Self { low, high, spans, per: spans as f64 / (high - low), knots }
    }

    /// Whether it is the same basis: limits and number of spans say everything.
    #[inline]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.low == other.low && self.high == other.high && self.spans == other.spans
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

    /// Values and derivatives at `u`, clamped into the interval.
    pub(crate) fn at(&self, u: f64) -> Nonzero {
        let (span, t) = self.locate(u);
        if self.is_uniform(span) {
            let (per, s) = (self.per, 1.0 - t);
            return Nonzero {
                first: span,
                value: uniform_values(t),
                slope: [-s * s, 3.0 * t * t - 4.0 * t, -3.0 * t * t + 2.0 * t + 1.0, t * t]
                    .map(|d| 0.5 * per * d),
                curvature: [s, 3.0 * t - 2.0, 1.0 - 3.0 * t, t].map(|d| per * per * d),
            };
        }
        let knot = &self.knots[span..span + 8];
        let triangle = self.triangle(span, u);
        let slope = derivative(knot, 3, &triangle[2]);
        let lower = derivative(knot, 2, &triangle[1]);
        let curvature = derivative(knot, 3, &lower);
        Nonzero { first: span, value: triangle[3], slope, curvature }
    }

    /// Index of the first of the four functions that do not vanish at `u`, and their values.
    #[inline]
    pub(crate) fn values(&self, u: f64) -> (usize, [f64; 4]) {
        let (span, t) = self.locate(u);
        if self.is_uniform(span) {
            return (span, uniform_values(t));
        }
        (span, self.triangle(span, u)[3])
    }

    /// The span that holds `u`, and where in it, 0 to 1.
    fn locate(&self, u: f64) -> (usize, f64) {
        let place = (u.clamp(self.low, self.high) - self.low) * self.per;
        let span = (place as usize).min(self.spans - 1);
        (span, place - span as f64)
    }

    /// Whether no repeated end knot reaches into a span: then the closed form of equal knots holds.
    const fn is_uniform(&self, span: usize) -> bool {
        span >= 2 && span + 3 <= self.spans
    }

    /// `triangle[d]` holds the functions of degree d that do not vanish on the span.
    fn triangle(&self, span: usize, u: f64) -> [[f64; 4]; 4] {
        let u = u.clamp(self.low, self.high);
        let knot = &self.knots[span..span + 8];
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
        triangle
    }
}

/// Cubic functions over equal knots at `t` of their common span.
#[inline]
fn uniform_values(t: f64) -> [f64; 4] {
    let (s, t2) = (1.0 - t, t * t);
    let t3 = t2 * t;
    [s * s * s, 3.0 * t3 - 6.0 * t2 + 4.0, -3.0 * t3 + 3.0 * t2 + 3.0 * t + 1.0, t3]
        .map(|value| value * (1.0 / 6.0))
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
        let basis = SplineBasis::new(-1.0, 4.0, 12);
        // Blossom of u³ at three consecutive inner knots gives its control values.
        let control: Vec<f64> =
            (0..12).map(|i| basis.knots[i + 1] * basis.knots[i + 2] * basis.knots[i + 3]).collect();
        for step in 0..=50 {
            let u = -1.0 + 0.1 * f64::from(step);
            let at = basis.at(u);
            let sum =
                |weights: [f64; 4]| (0..4).map(|k| weights[k] * control[at.first + k]).sum::<f64>();
            assert_eq!(basis.values(u), (at.first, at.value));
            assert!((sum(at.value) - u * u * u).abs() < 1e-12);
            assert!((sum(at.slope) - 3.0 * u * u).abs() < 1e-11);
            assert!((sum(at.curvature) - 6.0 * u).abs() < 1e-10);
        }
    }
}
