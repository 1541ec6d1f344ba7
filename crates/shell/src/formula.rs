//! Heights of the top from one place's fields and the doses.

use crate::top_model::TopModel;
use crate::{Doses, smooth};

/// Largest blend between a skive's plane and the seat, mm.
const PLANE_BLEND: f64 = 3.0;

/// How deep the face of an intrinsic post is cut into the heel, mm: a flat some 25 mm wide on a usual heel.
const INTRINSIC_FACET: f64 = 1.0;

/// What the formula needs to know of one place; independent of the doses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) x: f64,
    /// Height of the smooth sole.
    pub(crate) sole: f64,
    pub(crate) arch: f64,
    pub(crate) arch_weight: f64,
    pub(crate) forefoot: f64,
    pub(crate) heel: f64,
    pub(crate) lift: f64,
    /// Raise of the positive by inversion and arch raises.
    pub(crate) positive: f64,
    /// Raises and lowerings of the finished top.
    pub(crate) raised: f64,
    pub(crate) lowered: f64,
    /// Height of the rim's cap over the unraised sole.
    pub(crate) cap: f64,
}

/// Doses, turned into the numbers of the formula.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formula {
    rearfoot: Tilt,
    forefoot: Tilt,
    arch_fraction: f64,
    cast_fill: f64,
    navicular_drop: f64,
    planes: [Option<Plane>; 3],
    lift: f64,
    raise: f64,
    rim_blend: f64,
}

/// A wedge that raises everything on one side of its thin edge.
#[derive(Clone, Copy, Debug)]
struct Tilt {
    slope: f64,
    thin_edge: f64,
}

impl Tilt {
    /// Thin edge medial for lateral (+) posts, lateral for medial (-) posts.
    fn new(slope: f64, medial: f64, lateral: f64) -> Self {
        Self { slope, thin_edge: if slope < 0.0 { lateral } else { medial } }
    }

    fn rise(self, x: f64) -> f64 {
        self.slope * (x - self.thin_edge)
    }
}

/// A plane cut into the heel of the positive: `level` - x·slope, blended over `blend`.
#[derive(Clone, Copy, Debug)]
struct Plane {
    level: f64,
    slope: f64,
    blend: f64,
}

impl Plane {
    /// A plane that lies `depth` over the place where it first touches the heel.
    fn new(touch: f64, depth: f64, slope: f64) -> Option<Self> {
        (depth > 0.0).then(|| Self { level: touch + depth, slope, blend: depth.min(PLANE_BLEND) })
    }

    /// The higher of plane and seat, rounded where they meet.
    fn cut(&self, x: f64, height: f64) -> f64 {
        -smooth::minimum(-(self.level - x * self.slope), -height, self.blend)
    }
}

impl Formula {
    pub(crate) fn of(model: &TopModel, doses: &Doses) -> Self {
        let mut formula = Self::new(model, doses);
        formula.lift += model.stand;
        formula
    }

    fn new(model: &TopModel, doses: &Doses) -> Self {
        let (settings, regions, touch) = (&model.settings, &model.regions, model.touch);
        let (additions, wedge) = (&model.additions, model.support.wedge);
        let lateral = additions.lateral_skive;
        let heel = doses.rearfoot_post.tan() + wedge[0];
        let facet = if model.intrinsic() && heel != 0.0 { INTRINSIC_FACET } else { 0.0 };
        Self {
            rearfoot: Tilt::new(heel, regions.heel_medial, regions.heel_lateral),
            forefoot: Tilt::new(
                doses.forefoot_post.tan() + wedge[1],
                regions.first_head.x,
                regions.fifth_head.x,
            ),
            arch_fraction: doses.arch_fraction,
            cast_fill: doses.cast_fill.0,
            navicular_drop: settings.navicular_drop,
            planes: [
                Plane::new(touch[0], doses.medial_skive.0, additions.medial_plane),
                lateral.and_then(|(depth, slope)| Plane::new(touch[1], depth, -slope)),
                // The cut is level once the device is tilted.
                Plane::new(touch[2], facet, heel),
            ],
            lift: doses.heel_lift.0,
            raise: doses.thickness.0 + settings.seat_flat,
            rim_blend: settings.rim_blend,
        }
    }

    /// The sole with arch, fill, inversion and skives; before rim, lift and posts.
    pub(crate) fn corrected(&self, node: &Node) -> f64 {
        let mut height = node.sole;
        if node.arch_weight > 0.0 {
            let loaded = height - smooth::limited_drop(self.navicular_drop * node.arch, height);
            height += node.arch_weight * (self.arch_fraction * loaded - height);
            // Less than no fill (tight to the arch) raises the device, and nothing limits that but the order.
            height -= match self.cast_fill * node.arch_weight {
                tighter if tighter < 0.0 => tighter,
                fill => smooth::limited_drop(fill, height),
            };
        }
        height += node.positive;
        if node.heel > 0.0 {
            for plane in self.planes.into_iter().flatten() {
                height += node.heel * (plane.cut(node.x, height) - height);
            }
        }
        height
    }

    /// Rise by the posts.
    pub(crate) fn tilt(&self, node: &Node) -> f64 {
        let s = node.forefoot;
        (1.0 - s) * self.rearfoot.rise(node.x) + s * self.forefoot.rise(node.x)
    }

    /// Rise by everything that is not the foot's shape and not a post.
    pub(crate) fn raise(&self, node: &Node) -> f64 {
        self.raise + self.lift * node.lift
    }

    /// Height of the top without posts and without pads and reliefs.
    pub(crate) fn bare(&self, node: &Node) -> f64 {
        smooth::minimum(self.corrected(node), node.cap, self.rim_blend) + self.raise(node)
    }

    /// Height of the top without posts and without pads, which are solid: what the underside follows. Without a pad it
    /// is [`Self::neutral`] to the bit.
    pub(crate) fn solid(&self, node: &Node) -> f64 {
        self.bare(node) + node.lowered
    }

    /// Height of the top without posts.
    pub(crate) fn neutral(&self, node: &Node) -> f64 {
        self.bare(node) + (node.raised + node.lowered)
    }

    pub(crate) fn height(&self, node: &Node) -> f64 {
        self.neutral(node) + self.tilt(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `domain.md` 1.1: a 15 degree plane cut d deep runs out d / tan 15° = 3.73 d from its deepest place.
    #[test]
    fn a_skive_covers_as_much_of_a_flat_heel_as_geometry_says() {
        let slope = 15.0_f64.to_radians().tan();
        for (depth, reach) in [(2.0, 7.5), (4.0, 14.9), (6.0, 22.4)] {
            // A flat heel 60 mm wide: the plane touches its medial border first.
            let plane = Plane::new(-30.0 * slope, depth, slope).unwrap();
            assert!((plane.cut(-30.0, 0.0) - depth).abs() < 1e-9);
            let line = (depth - 0.5 * reach * slope, plane.cut(-30.0 + 0.5 * reach, 0.0));
            assert!((line.1 - line.0).abs() < 0.1 * depth, "{line:?}");
            // The blend starts where the plane is less than its own height away from the seat.
            let ends = |x: f64| plane.cut(-30.0 + x, 0.0) > 1e-9;
            let blend = depth.min(PLANE_BLEND) / slope;
            assert!(ends(reach - 0.1) && !ends(reach + blend + 0.1));
        }
        assert!(Plane::new(0.0, 0.0, slope).is_none());
    }
}
