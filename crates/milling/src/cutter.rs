//! The shape of a turning tool, seen from its tip.
//!
//! ```text
//!    │        │     radius          Every common mill is one body of revolution (the "APT tool"):
//!    │        │                     a flat disk, a rounded corner that is tangent to it, a cone that is
//!     ╲      ╱      cone            tangent to the corner, and a cylinder.
//!      ╲_  _╱       corner          ball: disk 0, corner = radius; flat: corner 0; bull nose: both;
//!        ‾‾         disk            tapered ball: disk 0, corner = tip radius, and a cone; drill: a cone alone.
//! ```
//!
//! The lower side is a convex function of the distance from the axis ([`Cutter::height`]), which is all
//! that drop-cutter ([`crate::triangle_cutter`]) and simulation ([`crate::sweep`]) need to know.

use crate::{Tool, ToolShape};

/// A width is found by halving this often: to a millionth of a micrometer.
const HALVINGS: u32 = 40;

/// The cutting body of a tool; heights are over its tip, distances from its axis, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutter {
    /// Radius of the flat disk at the tip.
    disk: f64,
    /// Radius of the rounded corner.
    corner: f64,
    /// Slope (rise over run) at which the corner passes into the cone; infinite without a cone.
    slope: f64,
    /// Distance and height at which it does.
    cone: [f64; 2],
    /// Radius of the cylinder.
    radius: f64,
}

impl Cutter {
    /// The body of a tool.
    #[must_use]
    pub fn of(tool: &Tool) -> Self {
        let radius = tool.diameter_mm / 2.0;
        match tool.shape {
            ToolShape::Ball => Self::new(0.0, radius, f64::INFINITY, radius),
            ToolShape::Flat => Self::new(radius, 0.0, f64::INFINITY, radius),
            ToolShape::BullNose { corner_mm } => {
                Self::new(radius - corner_mm, corner_mm, f64::INFINITY, radius)
            }
            ToolShape::Tapered { tip_radius_mm, half_angle_rad } => {
                Self::new(0.0, tip_radius_mm, 1.0 / half_angle_rad.tan(), radius)
            }
            ToolShape::Drill { half_angle_rad } => {
                Self::new(0.0, 0.0, 1.0 / half_angle_rad.tan(), radius)
            }
        }
    }

    /// A ball of a radius.
    #[must_use]
    pub fn ball(radius: f64) -> Self {
        Self::new(0.0, radius, f64::INFINITY, radius)
    }

    /// A disk of a radius: a tool with a flat end, or a holder.
    #[must_use]
    pub(crate) fn disk_of(radius: f64) -> Self {
        Self::new(radius, 0.0, f64::INFINITY, radius)
    }

    fn new(disk: f64, corner: f64, slope: f64, radius: f64) -> Self {
        // On the corner the slope is tan θ at disk + corner sin θ, corner (1 − cos θ) high.
        let (sin, cos) = if slope.is_finite() {
            let length = slope.hypot(1.0);
            (slope / length, 1.0 / length)
        } else {
            (1.0, 0.0)
        };
        let cone = [disk + corner * sin, corner * (1.0 - cos)];
        Self { disk, corner, slope, cone, radius }
    }

    /// The body whose surface lies `allowance` mm outside of this one, moved down so that its tip
    /// is `allowance` mm lower: what must stay clear of a part on which an allowance is left.
    #[must_use]
    pub fn grown(&self, allowance: f64) -> Self {
        Self::new(self.disk, self.corner + allowance, self.slope, self.radius + allowance)
    }

    /// Radius of the cylinder, mm.
    #[must_use]
    pub const fn radius(&self) -> f64 {
        self.radius
    }

    /// Radius of the ball with which it cuts level ground: what its scallops depend on; 0 for a flat tool.
    #[must_use]
    pub const fn corner(&self) -> f64 {
        self.corner
    }

    /// Whether it is a ball and nothing else, for which much has a closed form.
    #[must_use]
    pub fn is_ball(&self) -> bool {
        self.disk <= 0.0 && self.slope.is_infinite() && (self.corner - self.radius).abs() <= 0.0
    }

    /// Whether its tip can be fed straight down into material: flat and bull-nosed tools cut badly there.
    #[must_use]
    pub fn can_plunge(&self) -> bool {
        self.disk <= 0.0
    }

    /// Height of the lower side at a distance from the axis; `None` beyond the radius.
    #[inline]
    #[must_use]
    pub fn height(&self, distance: f64) -> Option<f64> {
        (distance <= self.radius).then(|| self.height_within(distance))
    }

    /// The same where the distance is known to be within the radius.
    #[inline]
    pub(crate) fn height_within(&self, distance: f64) -> f64 {
        let on_corner = distance - self.disk;
        if on_corner <= 0.0 {
            0.0
        } else if distance <= self.cone[0] {
            self.corner - (self.corner * self.corner - on_corner * on_corner).max(0.0).sqrt()
        } else {
            self.cone[1] + (distance - self.cone[0]) * self.slope
        }
    }

    /// Distance from the axis up to which the lower side is no higher than `height` mm: how wide the tool cuts at that depth.
    pub(crate) fn width_at(&self, height: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.radius);
        if self.height_within(high) <= height {
            return high;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.height_within(middle) <= height {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Rise over run of the lower side at a distance; at a kink the steeper one.
    pub(crate) fn slope_at(&self, distance: f64) -> f64 {
        let on_corner = distance - self.disk;
        if on_corner < 0.0 {
            0.0
        } else if distance < self.cone[0] {
            on_corner / (self.corner * self.corner - on_corner * on_corner).sqrt()
        } else if distance < self.radius {
            self.slope
        } else {
            f64::INFINITY
        }
    }

    /// Distance from the axis at which the lower side touches a plane of this slope (rise over run).
    pub(crate) fn contact(&self, slope: f64) -> f64 {
        if slope >= self.slope {
            self.radius
        } else {
            (self.disk + self.corner * slope / slope.hypot(1.0)).min(self.radius)
        }
    }

    /// How deep a point lies inside of the body: its distance from the surface; negative outside.
    ///
    /// `distance` is from the axis, `height` over the tip. The body goes on upward without end.
    #[must_use]
    pub fn depth(&self, distance: f64, height: f64) -> f64 {
        // A convex body: the depth is the least over its faces, each where it faces the point.
        let mut depth = height.min(self.radius - distance);
        let has_cone = self.slope.is_finite();
        if has_cone {
            let over = height - self.cone[1] - (distance - self.cone[0]) * self.slope;
            depth = depth.min(over / self.slope.hypot(1.0));
        }
        let faces_corner = distance > self.disk && height < self.corner;
        if faces_corner && !(has_cone && self.is_beside_cone(distance, height)) {
            let (across, under) = (distance - self.disk, self.corner - height);
            depth = depth.min(self.corner - (across * across + under * under).sqrt());
        }
        depth
    }

    /// Whether the cone rather than the corner is nearest, seen along the cone's normal.
    fn is_beside_cone(&self, distance: f64, height: f64) -> bool {
        (distance - self.cone[0]) + (height - self.cone[1]) * self.slope > 0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all() -> [Cutter; 4] {
        [
            Cutter::ball(3.0),
            Cutter::new(3.0, 0.0, f64::INFINITY, 3.0),
            Cutter::new(2.0, 1.0, f64::INFINITY, 3.0),
            Cutter::new(0.0, 1.0, 1.0 / 10.0_f64.to_radians().tan(), 3.0),
        ]
    }

    #[test]
    fn known_heights() {
        let [ball, flat, bull, tapered] = all();
        assert!((ball.height(3.0).unwrap() - 3.0).abs() < 1e-12);
        assert!((ball.height(1.8).unwrap() - 0.6).abs() < 1e-12, "3 - sqrt(9 - 3.24)");
        assert_eq!((flat.height(3.0), flat.height(3.1)), (Some(0.0), None));
        assert!((bull.height(2.6).unwrap() - 0.2).abs() < 1e-12, "1 - sqrt(1 - 0.36)");
        // A cone of 10° on each side rises 1/tan 10° and is tangent to the tip.
        let end = [10.0_f64.to_radians().cos(), 1.0 - 10.0_f64.to_radians().sin()];
        assert!((tapered.height(end[0]).unwrap() - end[1]).abs() < 1e-12);
        let rise = tapered.height(2.5).unwrap() - tapered.height(2.0).unwrap();
        assert!((rise - 0.5 / 10.0_f64.to_radians().tan()).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn the_lower_side_is_convex_and_its_slope_and_contact_agree(
            which in 0..4_usize, a in 0.0..3.0_f64, b in 0.0..3.0_f64, slope in 0.01..5.0_f64,
        ) {
            let cutter = all()[which];
            let height = |d: f64| cutter.height_within(d);
            prop_assert!(height(f64::midpoint(a, b)) <= f64::midpoint(height(a), height(b)) + 1e-12);
            // A plane of the slope pushed up from below first touches at the contact distance.
            let contact = cutter.contact(slope);
            let gap = |d: f64| height(d) - slope * d;
            prop_assert!(gap(contact) <= gap(a) + 1e-12, "{} {}", gap(contact), gap(a));
            prop_assert!(cutter.slope_at(a) >= 0.0);
        }

        #[test]
        fn depth_is_the_distance_to_the_nearest_point_of_the_profile(
            which in 0..4_usize, distance in 0.0..3.4_f64, height in -0.5..3.0_f64,
        ) {
            let cutter = all()[which];
            let inside = cutter.height(distance).is_some_and(|low| height > low);
            let mut nearest = f64::INFINITY;
            for step in 0..=60_000 {
                let d = 3.0 * f64::from(step) / 60_000.0;
                nearest = nearest.min((d - distance).hypot(cutter.height_within(d) - height));
            }
            if height > cutter.height_within(3.0) {
                nearest = nearest.min((3.0 - distance).abs());
            }
            if inside {
                let depth = cutter.depth(distance, height);
                prop_assert!((depth - nearest).abs() < 2e-3, "{cutter:?} {depth} {nearest}");
            } else {
                prop_assert!(cutter.depth(distance, height) <= 1e-9);
            }
        }
    }
}
