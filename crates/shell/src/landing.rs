//! Where the device stands on the shoe's floor: contact faces of posts, their sides, and the seat's flat.

use geometry::Point2;

use crate::regions::Regions;
use crate::rim::Rim;
use crate::support::{Construction, PostFace, PostStyle};
use crate::top_model::TopModel;
use crate::{Doses, smooth};

/// A filler or full wedge keeps this distance from the trim, mm.
const FILL_INSET: f64 = 6.0;

/// Contact faces of one design; all at z = 0, but for the ground part of a post.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    heel: Option<Footprint>,
    forefoot_strip: Option<f64>,
    full: bool,
    arch_fill: f64,
    /// Slopes of the medial and the lateral half of the heel's face, against the medial edge.
    grind: [f64; 2],
    bevel: f64,
    rounding: f64,
    seat_flat: f64,
    ribs: Vec<[Point2; 2]>,
}

/// A rectangle with rounded corners.
#[derive(Clone, Copy, Debug)]
struct Footprint {
    middle: Point2,
    half_width: f64,
    half_length: f64,
    corner: f64,
}

impl Footprint {
    /// Signed distance, negative inside.
    fn distance(&self, point: Point2) -> f64 {
        let across = (point.x - self.middle.x).abs() - self.half_width + self.corner;
        let along = (point.y - self.middle.y).abs() - self.half_length + self.corner;
        across.max(0.0).hypot(along.max(0.0)) + across.max(along).min(0.0) - self.corner
    }

    fn outline(&self) -> Vec<Point2> {
        let quarter = std::f64::consts::FRAC_PI_2;
        let corners = [(1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let mut points = Vec::new();
        for (quadrant, (x, y)) in corners.into_iter().enumerate() {
            let center = Point2::new(
                self.middle.x + x * (self.half_width - self.corner),
                self.middle.y + y * (self.half_length - self.corner),
            );
            for k in 0..=8 {
                let angle = quarter * (quadrant as f64 - 1.0 + f64::from(k) / 8.0);
                points.push(Point2::new(
                    center.x + self.corner * angle.cos(),
                    center.y + self.corner * angle.sin(),
                ));
            }
        }
        points
    }

    /// The part of the full face that a style leaves; `raised` is the sign of x of the higher side.
    fn reduced(mut self, face: PostFace, raised: f64) -> Self {
        match face {
            PostFace::Full => {}
            PostFace::Strip => {
                self.half_width *= 0.5;
                self.corner = 0.75 * self.half_width;
            }
            PostFace::Quarter => {
                self.middle.x += raised * 0.35 * self.half_width;
                self.half_width *= 0.65;
                self.middle.y -= 0.35 * self.half_length;
                self.half_length *= 0.65;
                self.corner = 0.7 * self.half_width.min(self.half_length);
            }
        }
        self
    }
}

impl Landing {
    pub(crate) fn new(model: &TopModel, doses: &Doses) -> Self {
        let (settings, regions, rim) = (&model.settings, &model.regions, &model.rim);
        let support = &model.support;
        let style = support.post;
        let body =
            doses.rearfoot_post.rad() != 0.0 && style.construction == Construction::Extrinsic;
        let posted = model.needs_face()
            || body
            || support.wedge[0] != 0.0
            || doses.heel_lift.0 > 0.0
            || doses.medial_skive.0 > 0.0;
        let heel = posted.then(|| {
            // As wide as the sole of the heel cup, from inside the posterior rim to the front of the calcaneus.
            let half_width = 0.40 * (regions.heel_lateral - regions.heel_medial);
            let (back, front) = (rim.back().y + 9.0, regions.y_at(0.27));
            Footprint {
                middle: Point2::new(
                    (regions.heel_lateral + regions.heel_medial) / 2.0,
                    (back + front) / 2.0,
                ),
                half_width,
                half_length: (front - back) / 2.0,
                corner: 0.75 * half_width,
            }
            .reduced(style.face, doses.rearfoot_post.rad().signum())
        });
        let strip = (doses.forefoot_post.rad() != 0.0
            && support.forefoot == Construction::Extrinsic)
            || support.wedge[1] != 0.0;
        Self {
            heel,
            forefoot_strip: strip.then_some(settings.forefoot_strip),
            full: support.full_wedge,
            arch_fill: support.arch_fill,
            grind: ground(style),
            bevel: settings.post_bevel.tan(),
            rounding: settings.post_rounding,
            seat_flat: settings.seat_flat,
            ribs: support.rib_lines(regions),
        }
    }

    /// The underside at a place where the bare shell's underside is at `shell`: never higher.
    pub(crate) fn underside(&self, model: &TopModel, point: Point2, shell: f64) -> f64 {
        let (regions, rim) = (&model.regions, &model.rim);
        let mut underside = shell;
        if !self.ribs.is_empty() {
            let rib = model.support.rib(&self.ribs, point);
            underside = (underside - rib).max(shell.min(0.0));
        }
        if self.arch_fill > 0.0 {
            let filled = self.stand(shell, Self::beside_arch(regions, rim, point), 0.0);
            underside = underside.min(shell - self.arch_fill * (shell - filled));
        }
        if let Some(heel) = &self.heel {
            underside = self.stand(underside, heel.distance(point), self.ground_off(heel, point.x));
        } else {
            // Without a post the lowest part of the seat is filled to a flat on which the device stands still.
            let filled = 1.0 - smooth::step(2.0 * self.seat_flat, 6.0 * self.seat_flat, shell);
            underside -= regions.heel(point.y) * filled * shell;
        }
        if let Some(strip) = self.forefoot_strip {
            underside = self.stand(underside, rim.before_shelf(point) - strip, 0.0);
        }
        if self.full {
            underside = self.stand(underside, FILL_INSET - rim.inside(point), 0.0);
        }
        let plate = model.trim.plate(regions, &model.settings, point);
        if plate > 0.0 && self.forefoot_strip.is_none() {
            // A plate in front of the shell lies on the floor.
            let filled = 1.0 - smooth::step(4.0 * self.seat_flat, 12.0 * self.seat_flat, shell);
            underside -= plate * filled * underside.max(0.0);
        }
        underside
    }

    /// Distance outside of the filler under the arch.
    fn beside_arch(regions: &Regions, rim: &Rim, point: Point2) -> f64 {
        let ends = (regions.y_at(0.20) - point.y).max(point.y - regions.y_at(0.60));
        ends.max(FILL_INSET - rim.inside(point))
    }

    /// Fills down to a post with a contact face at `face` where `outside` is negative and bevelled sides beyond.
    fn stand(&self, shell: f64, outside: f64, face: f64) -> f64 {
        let post = face + self.bevel * smooth::soft_distance(outside, self.rounding);
        smooth::minimum(shell, post, 2.0).max(shell.min(0.0))
    }

    /// Height of the heel's face over the floor where it is ground, mm.
    fn ground_off(&self, heel: &Footprint, x: f64) -> f64 {
        let [medial, lateral] = self.grind;
        if medial == 0.0 && lateral == 0.0 {
            return 0.0;
        }
        let from_edge = x - (heel.middle.x - heel.half_width);
        let from_hinge = (x - heel.middle.x).max(0.0);
        (medial * from_edge + (lateral - medial) * from_hinge).max(0.0)
    }

    /// Outline of the rearfoot post's contact face, counter-clockwise; of a ground one the medial half.
    pub(crate) fn heel_contact(&self) -> Option<Vec<Point2>> {
        let mut heel = self.heel?;
        if self.grind != [0.0; 2] {
            heel.middle.x -= heel.half_width / 2.0;
            heel.half_width /= 2.0;
            heel.corner = heel.corner.min(0.75 * heel.half_width);
        }
        Some(heel.outline())
    }

    /// The lateral half of a ground face: x from the hinge to the edge, y of its middle.
    pub(crate) fn ground_half(&self) -> Option<([f64; 2], f64)> {
        let heel = self.heel.filter(|_| self.grind != [0.0; 2])?;
        Some(([heel.middle.x, heel.middle.x + heel.half_width], heel.middle.y))
    }

    /// Outline of the forefoot post's contact face inside the trim, counter-clockwise.
    pub(crate) fn forefoot_contact(&self, rim: &Rim) -> Option<Vec<Point2>> {
        let strip = self.forefoot_strip?;
        let (mut back, mut front) = (Vec::new(), Vec::new());
        for x in -80..=80 {
            let x = f64::from(x);
            let edge = rim.before_distal_edge(Point2::new(x, 0.0));
            // In front of a shell that ends behind the heads the face goes on to the edge.
            let length = (edge - rim.before_shelf(Point2::new(x, 0.0))) + strip;
            let inside = |behind: f64| rim.inside(Point2::new(x, edge - behind)) > 0.0;
            let Some(first) = (0..=30).map(|k| length * f64::from(k) / 30.0).find(|b| inside(*b))
            else {
                continue;
            };
            if length < 3.0 || !inside(length) {
                continue;
            }
            back.push(Point2::new(x, edge - length));
            front.push(Point2::new(x, edge - first));
        }
        front.reverse();
        back.extend(front);
        (back.len() >= 6).then_some(back)
    }

    /// Whether a post (not the seat's flat), rib or filler lies under the place, with its sides.
    pub(crate) fn posted(&self, model: &TopModel, point: Point2) -> bool {
        let reach = 8.0;
        let rim = &model.rim;
        self.full
            || self.heel.is_some_and(|heel| heel.distance(point) < reach)
            || self.forefoot_strip.is_some_and(|strip| rim.before_shelf(point) - strip < reach)
            || (self.arch_fill > 0.0 && Self::beside_arch(&model.regions, rim, point) < reach)
            || model.support.rib(&self.ribs, point) > 0.0
            || model.trim.plate(&model.regions, &model.settings, point) > 0.0
    }
}

/// Slopes of the two halves of a face: "a/b" grinds the lateral half by a, and the heel rolls in by b from there.
fn ground(style: PostStyle) -> [f64; 2] {
    if style.grind_deg == 0.0 {
        return [0.0; 2];
    }
    let slope = |deg: f64| vocabulary::Angle::from_deg(deg).tan();
    [slope((style.grind_deg - style.motion_deg).max(0.0)), slope(style.grind_deg)]
}
