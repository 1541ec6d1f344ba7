//! Where the device stands on the shoe's floor: contact faces of posts, their sides, and the seat's flat.

use geometry::Point2;

use crate::regions::Regions;
use crate::rim::Rim;
use crate::top_model::TopModel;
use crate::{Doses, smooth};

/// Contact faces of one design; all at z = 0.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    heel: Option<Footprint>,
    forefoot_strip: Option<f64>,
    bevel: f64,
    rounding: f64,
    seat_flat: f64,
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
}

impl Landing {
    pub(crate) fn new(model: &TopModel, doses: &Doses) -> Self {
        let (settings, regions, rim) = (&model.settings, &model.regions, &model.rim);
        let posted = model.needs_face()
            || doses.rearfoot_post.rad() != 0.0
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
        });
        Self {
            heel,
            forefoot_strip: (doses.forefoot_post.rad() != 0.0).then_some(settings.forefoot_strip),
            bevel: settings.post_bevel.tan(),
            rounding: settings.post_rounding,
            seat_flat: settings.seat_flat,
        }
    }

    /// The underside at a place where the bare shell's underside is at `shell`: never higher.
    pub(crate) fn underside(&self, regions: &Regions, rim: &Rim, point: Point2, shell: f64) -> f64 {
        let mut underside = shell;
        if let Some(heel) = &self.heel {
            underside = self.stand(underside, heel.distance(point));
        } else {
            // Without a post the lowest part of the seat is filled to a flat on which the device stands still.
            let filled = 1.0 - smooth::step(2.0 * self.seat_flat, 6.0 * self.seat_flat, shell);
            underside -= regions.heel(point.y) * filled * shell;
        }
        if let Some(strip) = self.forefoot_strip {
            underside = self.stand(underside, rim.before_distal_edge(point) - strip);
        }
        underside
    }

    /// Fills down to a post with a contact face where `outside` is negative and bevelled sides beyond.
    fn stand(&self, shell: f64, outside: f64) -> f64 {
        let post = self.bevel * smooth::soft_distance(outside, self.rounding);
        smooth::minimum(shell, post, 2.0).max(shell.min(0.0))
    }

    /// Outline of the rearfoot post's contact face, counter-clockwise.
    pub(crate) fn heel_contact(&self) -> Option<Vec<Point2>> {
        self.heel.map(|heel| heel.outline())
    }

    /// Outline of the forefoot post's contact face inside the trim, counter-clockwise.
    pub(crate) fn forefoot_contact(&self, rim: &Rim) -> Option<Vec<Point2>> {
        let strip = self.forefoot_strip?;
        let (mut back, mut front) = (Vec::new(), Vec::new());
        for x in -80..=80 {
            let x = f64::from(x);
            let edge = rim.before_distal_edge(Point2::new(x, 0.0));
            let inside = |behind: f64| rim.inside(Point2::new(x, edge - behind)) > 0.0;
            let Some(first) = (0..=30).map(|k| strip * f64::from(k) / 30.0).find(|b| inside(*b))
            else {
                continue;
            };
            if !inside(strip) {
                continue;
            }
            back.push(Point2::new(x, edge - strip));
            front.push(Point2::new(x, edge - first));
        }
        front.reverse();
        back.extend(front);
        (back.len() >= 6).then_some(back)
    }

    /// Whether a post (not the seat's flat) lies under the place, with its sides.
    pub(crate) fn posted(&self, rim: &Rim, point: Point2) -> bool {
        let reach = 8.0;
        self.heel.is_some_and(|heel| heel.distance(point) < reach)
            || self
                .forefoot_strip
                .is_some_and(|strip| rim.before_distal_edge(point) - strip < reach)
    }
}
