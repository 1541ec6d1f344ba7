use foot::Foot;
use geometry::{HeightField, Point2};
use rayon::prelude::*;

use crate::regions::Regions;
use crate::rim::Rim;
use crate::{Design, Doses, ShellError, ShellSettings, foot_surface, settings, smooth};

/// The formula of the device's top: what the spline surface is fitted to, and cheap enough for an optimizer.
///
/// Heights are those of the finished shell in the foot frame (z = 0 is the floor of the shoe), less the constant
/// [`crate::Shell::settled`] and within the fit's 0.2 mm. Posts, lift, arch
/// fraction, cast fill, skive and thickness are read from the doses at every call; the rim (cup depth, trim line)
/// and the lateral expansion are those of the base design. Distal of the trim line the formula goes on as if a
/// forefoot extension of the same thickness followed: the knee model's posts are full-length.
#[derive(Clone, Debug)]
pub struct TopModel {
    pub(crate) settings: ShellSettings,
    pub(crate) regions: Regions,
    sole: HeightField,
    expansion: f64,
    /// Lowest of sole + x·tan(skive plane) in the heel: where a skive's plane touches first.
    skive_touch: f64,
    pub(crate) rim: Rim,
}

/// What the formula needs to know of one place; independent of the doses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) x: f64,
    /// Height of the smooth sole.
    pub(crate) sole: f64,
    pub(crate) arch: f64,
    pub(crate) arch_weight: f64,
    pub(crate) forefoot: f64,
    heel: f64,
    lift: f64,
    /// Height of the rim's cap over the unraised sole.
    cap: f64,
}

/// Places for which heights are wanted again and again.
#[derive(Clone, Debug)]
pub struct NodeFields {
    nodes: Vec<Node>,
    /// For every place: whether the shell of the base design lies under it.
    pub on_shell: Vec<bool>,
}

impl NodeFields {
    pub(crate) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }
}

/// Doses, turned into the numbers of the formula.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formula {
    rearfoot: Tilt,
    forefoot: Tilt,
    arch_fraction: f64,
    cast_fill: f64,
    navicular_drop: f64,
    skive: Option<Skive>,
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

/// Kirby's plane: `level` - x·slope, blended over `blend`.
#[derive(Clone, Copy, Debug)]
struct Skive {
    level: f64,
    slope: f64,
    blend: f64,
}

impl Formula {
    pub(crate) fn of(model: &TopModel, doses: &Doses) -> Self {
        Self::new(&model.settings, &model.regions, model.skive_touch, doses)
    }

    fn new(settings: &ShellSettings, regions: &Regions, touch: f64, doses: &Doses) -> Self {
        let depth = doses.medial_skive.0;
        let skive = (depth > 0.0).then(|| Skive {
            level: touch + depth,
            slope: settings.skive_plane.tan(),
            blend: depth.min(3.0),
        });
        Self {
            rearfoot: Tilt::new(
                doses.rearfoot_post.tan(),
                regions.heel_medial,
                regions.heel_lateral,
            ),
            forefoot: Tilt::new(
                doses.forefoot_post.tan(),
                regions.first_head.x,
                regions.fifth_head.x,
            ),
            arch_fraction: doses.arch_fraction,
            cast_fill: doses.cast_fill.0,
            navicular_drop: settings.navicular_drop,
            skive,
            lift: doses.heel_lift.0,
            raise: doses.thickness.0 + settings.seat_flat,
            rim_blend: settings.rim_blend,
        }
    }

    /// The sole with arch, fill and skive; before rim, lift and posts.
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
        if let Some(skive) = self.skive
            && node.heel > 0.0
        {
            let plane = skive.level - node.x * skive.slope;
            height += node.heel * (-smooth::minimum(-plane, -height, skive.blend) - height);
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

    /// Height of the top without posts.
    pub(crate) fn neutral(&self, node: &Node) -> f64 {
        smooth::minimum(self.corrected(node), node.cap, self.rim_blend) + self.raise(node)
    }

    fn height(&self, node: &Node) -> f64 {
        self.neutral(node) + self.tilt(node)
    }
}

impl TopModel {
    /// Prepares the foot's smooth sole, and rim and trim line of the base design.
    ///
    /// # Errors
    /// [`ShellError`] if the foot or the settings cannot carry a shell. The base design's limits are checked by
    /// [`crate::build`] only, so that an optimizer may look beyond them.
    pub fn new(foot: &Foot, settings: &ShellSettings, base: &Design) -> Result<Self, ShellError> {
        settings::check(settings)?;
        let doses = base.doses();
        let regions = Regions::of(foot)?;
        let sole = foot_surface::smooth_sole(foot, settings, regions.distal_end(settings))?;
        let mut model = Self {
            settings: *settings,
            skive_touch: 0.0,
            expansion: doses.lateral_expansion.0,
            rim: Rim::unlimited(),
            regions,
            sole,
        };
        model.skive_touch =
            model.lowest_in_heel(|point, sole| sole + point.x * settings.skive_plane.tan());
        model.rim = Rim::new(&model, &doses);
        Ok(model)
    }

    /// Height of the top at one place. For many places use [`Self::nodes`].
    #[must_use]
    pub fn height(&self, doses: &Doses, point: Point2) -> f64 {
        Formula::of(self, doses).height(&self.node(point))
    }

    /// Everything about these places that does not depend on the doses.
    #[must_use]
    pub fn nodes(&self, points: &[Point2]) -> NodeFields {
        NodeFields {
            nodes: points.par_iter().map(|point| self.node(*point)).collect(),
            on_shell: points.iter().map(|point| self.rim.inside(*point) > 0.0).collect(),
        }
    }

    /// Heights at prepared places, into `out` (cleared first).
    pub fn heights(&self, nodes: &NodeFields, doses: &Doses, out: &mut Vec<f64>) {
        let formula = Formula::of(self, doses);
        out.clear();
        out.extend(nodes.nodes.iter().map(|node| formula.height(node)));
    }

    /// Height of the smooth sole where no expansion was ordered.
    pub(crate) fn sole_before_expansion(&self, point: Point2) -> f64 {
        self.sole_at(point)
    }

    pub(crate) fn node(&self, point: Point2) -> Node {
        let regions = &self.regions;
        let on_foot = regions.before_expansion(point, self.expansion);
        Node {
            x: point.x,
            sole: self.sole_at(on_foot),
            arch: regions.arch(point),
            arch_weight: regions.arch_weight(point),
            forefoot: regions.forefoot(point.y),
            heel: regions.heel(point.y),
            lift: regions.lift(point.y),
            cap: self.rim.cap(point),
        }
    }

    /// Lowest value over the heel seat, given place and sole height.
    pub(crate) fn lowest_in_heel(&self, value: impl Fn(Point2, f64) -> f64) -> f64 {
        let regions = &self.regions;
        let mut lowest = f64::INFINITY;
        for y in -15..=15 {
            for x in (regions.heel_medial as i32)..=(regions.heel_lateral as i32) {
                let point = Point2::new(f64::from(x), f64::from(y));
                let on_foot = regions.before_expansion(point, self.expansion);
                lowest = lowest.min(value(point, self.sole_at(on_foot)));
            }
        }
        lowest
    }

    /// The smooth sole; outside its grid the nearest border's height.
    fn sole_at(&self, point: Point2) -> f64 {
        let area = self.sole.area();
        let inside = Point2::new(
            point.x.clamp(area.low.x, area.high.x - 1e-9),
            point.y.clamp(area.low.y, area.high.y - 1e-9),
        );
        self.sole.sample(inside).unwrap_or(0.0)
    }
}
