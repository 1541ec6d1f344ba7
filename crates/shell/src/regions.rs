//! Where heel, arch, transition and ball of one foot lie.

use foot::Foot;
use geometry::{HeightField, Point2};

use crate::smooth::{self, Track};
use crate::{ShellError, ShellSettings};

/// Heights over this belong to the side of the foot, not to its sole's border, mm.
const BORDER_HEIGHT: f64 = 42.0;

/// Named places and weights on one foot. Shares of the length count from the back of the heel.
#[derive(Clone, Debug)]
pub(crate) struct Regions {
    back: f64,
    pub(crate) length: f64,
    /// Borders of the heel (x), medial negative.
    pub(crate) heel_medial: f64,
    pub(crate) heel_lateral: f64,
    /// First and fifth metatarsal head.
    pub(crate) first_head: Point2,
    pub(crate) fifth_head: Point2,
    /// Tip of the longest toe.
    pub(crate) toe_tip: Point2,
    /// Borders of the sole along y, medial and lateral.
    pub(crate) medial_border: Track,
    pub(crate) lateral_border: Track,
}

impl Regions {
    pub(crate) fn of(foot: &Foot) -> Result<Self, ShellError> {
        let marks = &foot.landmarks;
        let (first, fifth) =
            (marks.first_metatarsal_head.position, marks.fifth_metatarsal_head.position);
        let half_heel = foot.measurements.heel_width_mm / 2.0;
        let (medial_border, lateral_border) = borders(&foot.plantar.heights)?;
        let heel_middle = (medial_border.at(0.0) + lateral_border.at(0.0)) / 2.0;
        let regions = Self {
            back: marks.heel_back.position.y,
            length: foot.measurements.length_mm,
            heel_medial: heel_middle - half_heel,
            heel_lateral: heel_middle + half_heel,
            first_head: first.xy(),
            fifth_head: fifth.xy(),
            toe_tip: marks.toe_tip.position.xy(),
            medial_border,
            lateral_border,
        };
        regions.refuse_nonsense()?;
        Ok(regions)
    }

    fn refuse_nonsense(&self) -> Result<(), ShellError> {
        let (first, fifth) = (self.first_head, self.fifth_head);
        let finite = [first.x, first.y, fifth.x, fifth.y].iter().all(|place| place.is_finite());
        let toe = self.toe_tip.y - self.back;
        let reason = if !(self.toe_tip.x.abs() < 100.0
            && toe > 0.8 * self.length
            && toe < 1.2 * self.length)
        {
            format!("the tip of its toes lies {toe:.1} mm from its back")
        } else if !finite {
            "a metatarsal head has no place".to_owned()
        } else if !(120.0..=400.0).contains(&self.length) {
            format!("its length is {:.1} mm, 120 to 400 are expected", self.length)
        } else if !(30.0..=130.0).contains(&(self.heel_lateral - self.heel_medial)) {
            format!("its heel is {:.1} mm wide", self.heel_lateral - self.heel_medial)
        } else if !(self.heel_medial < -10.0 && self.heel_lateral > 10.0) {
            format!(
                "its heel spans x = {:.1} to {:.1} mm, the heel seat (0) is not between",
                self.heel_medial, self.heel_lateral
            )
        } else if !(40.0..200.0).contains(&(fifth.x - first.x)) {
            format!("its metatarsal heads are {:.1} mm apart across", fifth.x - first.x)
        } else if !(first.y.min(fifth.y) > 0.3 * self.length && first.y.max(fifth.y) < self.length)
        {
            format!(
                "its metatarsal heads lie at y = {:.1} and {:.1} mm on a foot {:.1} mm long",
                first.y, fifth.y, self.length
            )
        } else if !(self.back < -5.0 && self.back > -0.3 * self.length) {
            format!("the back of its heel lies at y = {:.1} mm", self.back)
        } else {
            return Ok(());
        };
        Err(ShellError::Foot { reason })
    }

    /// y at a share of the foot's length from the back of the heel.
    pub(crate) fn y_at(&self, share: f64) -> f64 {
        self.back + share * self.length
    }

    /// Highest point of the arch along y: 0.44 of the length (`orthomodel.py`, `synth_foot`).
    pub(crate) fn arch_y(&self) -> f64 {
        self.y_at(0.44)
    }

    /// Arch basis, 0 to 1: a bell along y, strongest at the medial border (`orthomodel.py`, `synth_foot`),
    /// and exactly 0 under heel and ball.
    pub(crate) fn arch(&self, point: Point2) -> f64 {
        let share = (point.y - self.back) / self.length;
        if !(0.16..0.68).contains(&share) {
            return 0.0;
        }
        let bell = (-((share - 0.44) / 0.155).powi(2)).exp();
        let compact = smooth::step(0.16, 0.34, share) * (1.0 - smooth::step(0.52, 0.68, share));
        bell * compact * self.medial_weight(point)
    }

    /// How much of the arch corrections (arch fraction, cast fill) applies, given [`Self::arch`]: like it but with a broad top
    /// on which they are fully developed.
    pub(crate) fn arch_weight(arch: f64) -> f64 {
        smooth::step(0.0, 0.8, arch)
    }

    /// 1 under the medial arch, 0 from the middle of the foot on.
    pub(crate) fn medial_column(&self, point: Point2) -> f64 {
        smooth::step(0.05, 0.75, self.medial_weight(point))
    }

    /// 1 under the lateral column, 0 from the middle of the foot on.
    pub(crate) fn lateral_column(&self, point: Point2) -> f64 {
        let (medial, lateral) = (self.medial_border.at(point.y), self.lateral_border.at(point.y));
        smooth::step(0.50, 0.85, (point.x - medial) / (lateral - medial).max(10.0))
    }

    fn medial_weight(&self, point: Point2) -> f64 {
        let (medial, lateral) = (self.medial_border.at(point.y), self.lateral_border.at(point.y));
        let half = ((lateral - medial) / 2.0).max(5.0);
        let across = ((point.x - (medial + lateral) / 2.0) / half).clamp(-1.3, 1.3);
        1.0 / (1.0 + ((across + 0.12) / 0.22).exp())
    }

    /// 0 in the rearfoot, 1 in the forefoot.
    ///
    /// The reference model uses a logistic at 0.42 of the length with scale 0.045; this step has nearly the
    /// same middle (0.405) and slope, but it is compact, so that both posts are fully developed where they are
    /// measured: the heel seat (below 0.27 of the length) and the distal edge (above 0.54).
    pub(crate) fn forefoot(&self, y: f64) -> f64 {
        smooth::step(self.y_at(0.27), self.y_at(0.54), y)
    }

    /// 1 over the heel seat, 0 from the front of the calcaneus on.
    pub(crate) fn heel(&self, y: f64) -> f64 {
        1.0 - smooth::step(0.07 * self.length, 0.17 * self.length, y)
    }

    /// 1 over the heel, falling to 0 at the ball or at a given y.
    pub(crate) fn lift(&self, y: f64, end: Option<f64>) -> f64 {
        let ball = (self.first_head.y + self.fifth_head.y) / 2.0;
        let end = end.map_or(ball, |end| end.max(0.25 * self.length));
        1.0 - smooth::step(0.07 * self.length, end, y)
    }

    /// Where a point of the widened cup lies on the foot: lateral points move in by up to `expansion`.
    pub(crate) fn before_expansion(&self, point: Point2, expansion: f64) -> Point2 {
        let window = 1.0 - smooth::step(0.1 * self.length, 0.3 * self.length, point.y);
        let share = smooth::step(0.0, 0.8 * self.heel_lateral, point.x);
        Point2::new(point.x - expansion * window * share, point.y)
    }

    /// Where a point of a shell whose medial arch was moved forward by `shift` lies on the foot.
    pub(crate) fn before_apex_shift(&self, point: Point2, shift: f64) -> Point2 {
        if shift == 0.0 {
            return point;
        }
        // Full over the arch's top, nothing at heel and ball; the flanks are long enough that no place is passed twice.
        let window = smooth::step(self.y_at(0.16), self.y_at(0.36), point.y)
            * (1.0 - smooth::step(self.y_at(0.50), self.y_at(0.68), point.y));
        Point2::new(point.x, point.y - shift * window * self.medial_column(point))
    }

    /// The straight distal edge, bulged: y over x.
    pub(crate) fn distal_edge(&self, settings: &ShellSettings, x: f64) -> f64 {
        let (medial, lateral) = (self.first_head.x, self.fifth_head.x);
        let first = self.first_head.y - settings.distal_edge_behind_first_head;
        let fifth = self.fifth_head.y - settings.distal_edge_behind_fifth_head;
        let share = (x - medial) / (lateral - medial);
        let inside = share.clamp(-0.2, 1.2);
        first + share * (fifth - first) + 4.0 * inside * (1.0 - inside) * settings.distal_edge_bulge
    }

    /// Most distal point that the trim can reach, y.
    pub(crate) fn distal_end(&self, settings: &ShellSettings) -> f64 {
        (self.first_head.y - settings.distal_edge_behind_first_head)
            .max(self.fifth_head.y - settings.distal_edge_behind_fifth_head)
            + settings.distal_edge_bulge
    }
}

/// Borders of the sole for every row of the map, smoothed along y.
fn borders(map: &HeightField) -> Result<(Track, Track), ShellError> {
    let mut medial = Vec::new();
    let mut lateral = Vec::new();
    let mut start = None;
    for row in 0..map.rows {
        let sole = |column: &usize| map.at(*column, row) < BORDER_HEIGHT;
        let first = (0..map.columns).find(sole);
        let last = (0..map.columns).rev().find(sole);
        let (Some(first), Some(last)) = (first, last) else {
            if start.is_some() {
                break;
            }
            continue;
        };
        start.get_or_insert(map.node(0, row).y);
        medial.push(map.node(first, row).x);
        lateral.push(map.node(last, row).x);
    }
    let (Some(start), true) = (start, medial.len() > 60) else {
        return Err(ShellError::Foot {
            reason: format!("its plantar map has only {} rows with a sole", medial.len()),
        });
    };
    let sigma = 3.0 / map.spacing;
    let track = |values: &[f64]| Track {
        start,
        step: map.spacing,
        values: smooth::gaussian(values, sigma),
    };
    Ok((track(&medial), track(&lateral)))
}
