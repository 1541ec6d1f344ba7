use foot::Foot;
use geometry::{HeightField, Point2};
use rayon::prelude::*;

use crate::additions::Additions;
use crate::formula::{Formula, Node};
use crate::regions::Regions;
use crate::rim::Rim;
use crate::support::{Construction, Support};
use crate::trim::Trim;
use crate::{Design, Doses, ShellError, ShellSettings, foot_surface, settings};

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
    pub(crate) additions: Additions,
    pub(crate) trim: Trim,
    pub(crate) support: Support,
    /// What an inversion lowers the lowest point of the heel by, mm (negative).
    inversion_drop: f64,
    /// Raise of the heel that keeps a relief in its seat over the floor, mm.
    pub(crate) stand: f64,
    /// Lowest of positive + x·slope in the heel, for medial skive, lateral skive and intrinsic rearfoot post: where
    /// its plane touches first.
    pub(crate) touch: [f64; 3],
    pub(crate) rim: Rim,
}

/// The sole is smoothed up to a multiple of this behind the shell's end, mm.
const SOLE_STEP: f64 = 25.0;

/// The arch's load ends where its basis falls under this (handbook's stiffness table).
const ARCH_MARGIN: f64 = 0.25;

/// The shoe holds the lateral border up from this share of the length on, over this share of the width; and the distal
/// edge over this many mm (handbook's stiffness table).
const SHOE_BORDER_FROM: f64 = 0.17;
const SHOE_BORDER: f64 = 0.125;
const SHOE_EDGE: f64 = 4.0;

/// Places for which heights are wanted again and again.
#[derive(Clone, Debug)]
pub struct NodeFields {
    nodes: Vec<Node>,
    /// For every place: whether the shell of the base design lies under it.
    pub on_shell: Vec<bool>,
}

impl TopModel {
    /// Prepares the foot's smooth sole, and rim and trim line of the base design.
    ///
    /// # Errors
    /// [`ShellError`] if the foot or the settings cannot carry a shell. The base design's limits are checked by
    /// [`crate::build`] only, so that an optimizer may look beyond them.
    pub fn new(foot: &Foot, settings: &ShellSettings, base: &Design) -> Result<Self, ShellError> {
        Self::on_sole(foot, settings, base, |end| foot_surface::smooth_sole(foot, settings, end))
    }

    /// [`Self::new`] with the smooth sole from elsewhere, given where the shell ends.
    pub(crate) fn on_sole(
        foot: &Foot,
        settings: &ShellSettings,
        base: &Design,
        sole: impl FnOnce(f64) -> Result<HeightField, ShellError>,
    ) -> Result<Self, ShellError> {
        settings::check(settings)?;
        let doses = base.doses();
        let regions = Regions::of(foot)?;
        let additions = Additions::of(base, &regions);
        let trim = Trim::of(base);
        // In steps, so that a little longer shell lies on the same sole.
        let end = (trim.end(&regions, settings) / SOLE_STEP).ceil() * SOLE_STEP;
        let sole = match additions.cover {
            cover if cover > 0.0 => foot_surface::under_cover(&sole(end)?, cover),
            _ => sole(end)?,
        };
        let mut model = Self {
            settings: *settings,
            inversion_drop: 0.0,
            stand: 0.0,
            touch: [0.0; 3],
            expansion: doses.lateral_expansion.0,
            rim: Rim::unlimited(),
            regions,
            sole,
            additions,
            trim,
            support: Support::of(base),
        };
        if model.additions.inversion != 0.0 {
            model.inversion_drop = model.lowest_in_heel(|_, node| node.sole + node.positive);
        }
        let lateral = model.additions.lateral_skive.map_or(0.0, |(_, slope)| slope);
        let post = doses.rearfoot_post.tan() + model.support.wedge[0];
        model.touch = [model.additions.medial_plane, -lateral, post].map(|slope| {
            model.lowest_in_heel(|point, node| node.sole + node.positive + point.x * slope)
        });
        if model.additions.patches.iter().any(|patch| patch.height < 0.0) {
            let formula = Formula::of(&model, &doses);
            let lowest = model.lowest_in_heel(|_, node| formula.corrected(node) + node.lowered);
            model.stand = (-lowest - settings.seat_flat).max(0.0);
        }
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

    /// What pads (+) and reliefs (-) change at a place, mm.
    #[must_use]
    pub fn addition(&self, point: Point2) -> f64 {
        let (raised, lowered) = self.additions.patched(point);
        raised + lowered
    }

    /// Thickness of cover and cushion that will lie on the shell, mm.
    #[must_use]
    pub const fn cover_mm(&self) -> f64 {
        self.additions.cover
    }

    /// Middle of the arch on the shell, where its basis is largest.
    pub(crate) fn arch_apex(&self) -> Point2 {
        let y = self.regions.arch_y();
        let inside = |x: &f64| self.rim.inside(Point2::new(*x, y)) > self.rim.land + 10.0;
        let x = (-60..0).map(f64::from).find(inside).unwrap_or(-20.0);
        Point2::new(x, y)
    }

    /// Place under the third head, 6 mm behind the distal edge.
    pub(crate) fn distal_middle(&self) -> Point2 {
        let x = self.regions.head(3).x;
        let edge = self.rim.before_distal_edge(Point2::new(x, 0.0));
        Point2::new(x, edge - 6.0)
    }

    /// Positive inside the trim, roughly the distance from it in mm.
    pub(crate) fn inside(&self, point: Point2) -> f64 {
        self.rim.inside(point)
    }

    /// How much of the foot's load on the arch a place takes, 0 to 1: the arch basis of the knee model's reference,
    /// without its thin margin.
    #[must_use]
    pub fn arch_load(&self, point: Point2) -> f64 {
        let share =
            self.regions.arch(self.regions.before_apex_shift(point, self.additions.apex_shift));
        if share > ARCH_MARGIN { share } else { 0.0 }
    }

    /// How much of a place of the shell the shoe holds up besides what lies on its floor, 0 to 1: along the lateral
    /// border and from the distal edge of a shell behind the heads forward, as in the knee-model handbook's section 5.
    #[must_use]
    pub fn shoe_rest(&self, point: Point2) -> f64 {
        let (regions, rim) = (&self.regions, &self.rim);
        let edge = |distance: f64, width: f64| ((width + 1.0 - distance) / 2.0).clamp(0.0, 1.0);
        let width = regions.lateral_border.at(point.y) - regions.medial_border.at(point.y);
        let beside = if point.x > 0.0 && point.y > regions.y_at(SHOE_BORDER_FROM) {
            edge(rim.inside(point), SHOE_BORDER * width)
        } else {
            0.0
        };
        beside.max(edge(rim.before_shelf(point), SHOE_EDGE))
    }

    /// Ordered thickness at a place along the foot, mm.
    pub(crate) fn thickness(&self, doses: &Doses, y: f64) -> f64 {
        doses.thickness.0 + self.support.thickness_change(&self.regions, y)
    }

    /// Whether the heel's tilt is ground into the positive.
    pub(crate) fn intrinsic(&self) -> bool {
        self.support.post.construction == Construction::Intrinsic
    }

    /// Whether the heel needs a flat face to stand on, besides what posts, lift and medial skive ask for.
    pub(crate) const fn needs_face(&self) -> bool {
        self.stand > 0.0
            || self.additions.inversion != 0.0
            || self.additions.lateral_skive.is_some()
    }

    pub(crate) fn node(&self, point: Point2) -> Node {
        let regions = &self.regions;
        let on_foot = self.on_foot(point);
        let additions = &self.additions;
        let mut positive = 0.0;
        if !additions.bumps.is_empty() {
            positive += additions.arch_raise(regions, point);
        }
        if additions.inversion != 0.0 {
            positive -= (additions.inversion * point.x + self.inversion_drop)
                * additions.inverted(regions, point.y);
        }
        let (raised, lowered) = additions.patched(point);
        // Toes and ball lie on a flat plate, whatever the scan shows of lifted toes.
        let plate = self.trim.plate(regions, &self.settings, point);
        // The corrections of the arch move with it.
        let arch = regions.arch(regions.before_apex_shift(point, additions.apex_shift));
        Node {
            x: point.x,
            sole: self.sole_at(on_foot) * (1.0 - plate),
            arch,
            arch_weight: Regions::arch_weight(arch),
            forefoot: regions.forefoot(point.y),
            heel: regions.heel(point.y),
            lift: regions.lift(point.y, additions.lift_end),
            positive,
            raised,
            lowered,
            cap: self.rim.cap(point),
        }
    }

    /// Where a point of the shell lies on the foot.
    fn on_foot(&self, point: Point2) -> Point2 {
        let widened = self.regions.before_expansion(point, self.expansion);
        self.regions.before_apex_shift(widened, self.additions.apex_shift)
    }

    /// Lowest value over the heel seat, given place and fields.
    pub(crate) fn lowest_in_heel(&self, value: impl Fn(Point2, &Node) -> f64) -> f64 {
        let regions = &self.regions;
        let mut lowest = f64::INFINITY;
        for y in -15..=15 {
            for x in (regions.heel_medial as i32)..=(regions.heel_lateral as i32) {
                let point = Point2::new(f64::from(x), f64::from(y));
                lowest = lowest.min(value(point, &self.node(point)));
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
