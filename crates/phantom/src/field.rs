//! Signed fields: negative inside, positive outside, gradient length at most about 1.
//!
//! Round cone and polynomial smooth minimum after I. Quilez, "Distance functions" and "Smooth
//! minimum" (cubic polynomial form, twice differentiable). An ellipsoid is a sphere in stretched
//! coordinates times its least radius: a lower bound of the distance, not the distance.

use geometry::{Point3, Vector3};

/// Minimum of `a` and `b`, rounded where they differ by less than `blend`; elsewhere exactly the
/// minimum.
pub(crate) fn smooth_minimum(a: f64, b: f64, blend: f64) -> f64 {
    // Either may be infinite; both at once make a NaN that `max` drops.
    let near = (blend - (a - b).abs()).max(0.0) / blend;
    a.min(b) - near * near * near * blend / 6.0
}

/// Maximum, rounded in the same way.
pub(crate) fn smooth_maximum(a: f64, b: f64, blend: f64) -> f64 {
    -smooth_minimum(-a, -b, blend)
}

/// 0 up to `from`, 1 after `to`, in between a quintic with zero slope and curvature at both ends.
pub(crate) fn smooth_step(from: f64, to: f64, at: f64) -> f64 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * t * (t * (6.0 * t - 15.0) + 10.0)
}

/// The hull of two balls in coordinates stretched about `start`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RoundCone {
    start: Point3,
    axis: Vector3,
    /// 1 / half-width along x, y, z per unit of radius.
    narrowing: Vector3,
    /// Least half-width per unit of radius.
    least_stretch: f64,
    start_radius: f64,
    end_radius: f64,
    /// Radius of a ball around the middle of the axis that holds the unstretched cone.
    hull_radius: f64,
}

impl RoundCone {
    /// From a ball at `start` to a ball at `end`.
    pub(crate) fn new(start: [f64; 3], start_radius: f64, end: [f64; 3], end_radius: f64) -> Self {
        let start = Point3::from(start);
        let axis = Point3::from(end) - start;
        let narrowing = Vector3::repeat(1.0);
        let hull_radius = hull_radius(&axis, start_radius, end_radius);
        Self { start, axis, narrowing, least_stretch: 1.0, start_radius, end_radius, hull_radius }
    }

    /// An ellipsoid.
    pub(crate) fn ellipsoid(center: [f64; 3], radii: [f64; 3]) -> Self {
        let radius = radii.into_iter().fold(f64::INFINITY, f64::min);
        let ball = Self::new(center, radius, center, radius);
        ball.stretched(radii.map(|along| along / radius))
    }

    /// The same cone with cross-sections stretched along x, y, z; its axis stays where it is.
    pub(crate) fn stretched(self, stretch: [f64; 3]) -> Self {
        let narrowing = Vector3::from(stretch.map(f64::recip));
        let least_stretch = stretch.into_iter().fold(f64::INFINITY, f64::min);
        let axis = self.axis.component_mul(&narrowing);
        let hull_radius = hull_radius(&axis, self.start_radius, self.end_radius);
        Self { axis, narrowing, least_stretch, hull_radius, ..self }
    }

    /// Field value at `point`.
    #[cfg(test)]
    pub(crate) fn value(&self, point: &Point3) -> f64 {
        self.distance(&self.offset(point)) * self.least_stretch
    }

    /// Field value at `point`, or `None` if it is certainly not below `limit`: a ball around the
    /// cone tells most far points quickly.
    pub(crate) fn value_below(&self, point: &Point3, limit: f64) -> Option<f64> {
        let offset = self.offset(point);
        let reach = limit / self.least_stretch + self.hull_radius;
        let far = (offset - self.axis * 0.5).norm_squared() >= reach * reach.max(0.0);
        (!far).then(|| self.distance(&offset) * self.least_stretch)
    }

    /// `point` relative to the start, in coordinates where the cone is round.
    fn offset(&self, point: &Point3) -> Vector3 {
        (point - self.start).component_mul(&self.narrowing)
    }

    /// Distance to the unstretched cone from a point given relative to its start.
    fn distance(&self, offset: &Vector3) -> f64 {
        let shrink = self.start_radius - self.end_radius;
        let length_squared = self.axis.norm_squared();
        let slant_squared = length_squared - shrink * shrink;
        if slant_squared <= 0.0 {
            // One ball holds the other.
            let at_start = offset.norm() - self.start_radius;
            return at_start.min((offset - self.axis).norm() - self.end_radius);
        }
        let along = offset.dot(&self.axis);
        let beyond = along - length_squared;
        let across_squared = (offset * length_squared - self.axis * along).norm_squared();
        let along_squared = along * along * length_squared;
        let beyond_squared = beyond * beyond * length_squared;
        let side = shrink.signum() * shrink * shrink * across_squared;
        if beyond.signum() * slant_squared * beyond_squared > side {
            (across_squared + beyond_squared).sqrt() / length_squared - self.end_radius
        } else if along.signum() * slant_squared * along_squared < side {
            (across_squared + along_squared).sqrt() / length_squared - self.start_radius
        } else {
            ((across_squared * slant_squared / length_squared).sqrt() + along * shrink)
                / length_squared
                - self.start_radius
        }
    }
}

fn hull_radius(axis: &Vector3, start_radius: f64, end_radius: f64) -> f64 {
    0.5 * axis.norm() + start_radius.max(end_radius)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_minimum_is_the_minimum_away_from_the_seam() {
        for (a, b) in [(1.0, 4.1), (4.1, 1.0), (-3.0, 0.0)] {
            assert!((smooth_minimum(a, b, 3.0) - a.min(b)).abs() < 1e-15);
        }
        assert!((smooth_minimum(2.0, 2.0, 3.0) - 1.5).abs() < 1e-15, "blend / 6 deep at the seam");
    }

    #[test]
    fn a_round_cone_is_the_union_of_its_balls() {
        let cone = RoundCone::new([1.0, 2.0, 3.0], 5.0, [4.0, 12.0, 1.0], 2.0);
        for index in 0..200 {
            let turn = f64::from(index);
            let point = Point3::new(
                12.0 * (1.3 * turn).sin(),
                5.0 + 15.0 * (0.7 * turn).cos(),
                10.0 * (0.9 * turn).sin(),
            );
            let sampled = (0..=4000)
                .map(|step| {
                    let t = f64::from(step) / 4000.0;
                    let center = Point3::from(cone.start + cone.axis * t);
                    (point - center).norm() - (5.0 - 3.0 * t)
                })
                .fold(f64::INFINITY, f64::min);
            assert!((cone.value(&point) - sampled).abs() < 1e-4, "{point}: {sampled}");
        }
    }

    #[test]
    fn an_ellipsoid_ends_at_its_radii() {
        let ellipsoid = RoundCone::ellipsoid([1.0, 0.0, -2.0], [3.0, 4.0, 5.0]);
        for point in [[4.0, 0.0, -2.0], [1.0, -4.0, -2.0], [1.0, 0.0, 3.0]] {
            assert!(ellipsoid.value(&Point3::from(point)).abs() < 1e-12);
        }
        assert!((ellipsoid.value(&Point3::new(1.0, 0.0, -2.0)) + 3.0).abs() < 1e-12);
    }
}
