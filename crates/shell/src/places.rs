//! Where the named places of a foot lie that no landmark marks.
//!
//! Shares of the ball's width and of the foot's length. Their source is bench practice and the proportions of
//! plantar pressure masks; every operation that uses one takes an offset in mm, so that a mark on the cast overrules it.

use geometry::Point2;

use crate::regions::Regions;

/// Middles of the five metatarsal heads across the ball, from the medial border.
const HEADS_ACROSS: [f64; 5] = [0.13, 0.36, 0.54, 0.71, 0.88];
/// How far each head lies in front of the line from the first to the fifth, in foot lengths (metatarsal parabola).
const HEADS_FORWARD: [f64; 5] = [0.0, 0.028, 0.028, 0.018, 0.0];
/// Border between the first and the second ray across the ball.
const FIRST_RAY_ENDS: f64 = 0.255;
/// Border between the fourth and the fifth ray across the ball.
const FIFTH_RAY_STARTS: f64 = 0.79;
/// The sulcus in front of the heads, in foot lengths.
const SULCUS_FORWARD: f64 = 0.075;
/// How far a full-length shell goes past the longest toe, mm; the rounding of its corners takes half of it back.
const TOE_ROOM: f64 = 10.0;
/// Rounding of a full-length shell in front, per mm: a radius of 70 mm.
const TOE_ROUND: f64 = 0.007;
/// Tuberosity of the navicular, along the foot.
const NAVICULAR: f64 = 0.40;
/// Base of the fifth metatarsal (styloid), along the foot.
const FIFTH_BASE: f64 = 0.375;
/// Medial tubercle of the calcaneus from the heel seat, mm medial and forward: where heel spurs sit.
const TUBERCLE: (f64, f64) = (-4.0, 6.0);

impl Regions {
    /// x at a share of the ball's width from its medial border.
    pub(crate) fn across_ball(&self, share: f64) -> f64 {
        self.first_head.x + share * (self.fifth_head.x - self.first_head.x)
    }

    /// y of the line through the metatarsal heads, over x; straight between the heads, held outside.
    pub(crate) fn head_line(&self, x: f64) -> f64 {
        let heads = [1, 2, 3, 4, 5].map(|number| self.head(number));
        if x <= heads[0].x {
            return heads[0].y;
        }
        for pair in heads.windows(2) {
            if x <= pair[1].x {
                let share = (x - pair[0].x) / (pair[1].x - pair[0].x);
                return pair[0].y + share * (pair[1].y - pair[0].y);
            }
        }
        heads[4].y
    }

    /// Middle of a metatarsal head, 1 (medial) to 5.
    pub(crate) fn head(&self, number: usize) -> Point2 {
        let index = number.clamp(1, 5) - 1;
        let share = HEADS_ACROSS[index];
        let line = self.first_head.y + share * (self.fifth_head.y - self.first_head.y);
        Point2::new(self.across_ball(share), line + HEADS_FORWARD[index] * self.length)
    }

    /// x of the border between first and second ray.
    pub(crate) fn first_ray_end(&self) -> f64 {
        self.across_ball(FIRST_RAY_ENDS)
    }

    /// x of the border between fourth and fifth ray.
    pub(crate) fn fifth_ray_start(&self) -> f64 {
        self.across_ball(FIFTH_RAY_STARTS)
    }

    /// Distal edge of a sulcus-length shell, y over x.
    pub(crate) fn sulcus_edge(&self, x: f64) -> f64 {
        let share = (x - self.first_head.x) / (self.fifth_head.x - self.first_head.x);
        let inside = share.clamp(-0.2, 1.2);
        let line = self.first_head.y + share * (self.fifth_head.y - self.first_head.y);
        line + (SULCUS_FORWARD + 4.0 * inside * (1.0 - inside) * 0.02) * self.length
    }

    /// Distal edge of a full-length shell, y over x: past the toes by a little, rounded to both sides.
    pub(crate) fn toe_edge(&self, x: f64) -> f64 {
        self.toe_tip.y + TOE_ROOM - TOE_ROUND * (x - self.toe_tip.x).powi(2)
    }

    /// y of the sulcus between ball and toes, over x.
    pub(crate) fn sulcus(&self, x: f64) -> f64 {
        self.head_line(x) + SULCUS_FORWARD * self.length
    }

    /// Under the tuberosity of the navicular, a little inside the medial border.
    pub(crate) fn navicular(&self) -> Point2 {
        let y = self.y_at(NAVICULAR);
        Point2::new(self.medial_border.at(y) + 9.0, y)
    }

    /// Under the base of the fifth metatarsal, a little inside the lateral border.
    pub(crate) fn fifth_base(&self) -> Point2 {
        let y = self.y_at(FIFTH_BASE);
        Point2::new(self.lateral_border.at(y) - 8.0, y)
    }

    /// Under the medial tubercle of the calcaneus.
    pub(crate) const fn tubercle(&self) -> Point2 {
        Point2::new(TUBERCLE.0, TUBERCLE.1)
    }

    /// x of one side of a toe, 1 (medial) to 5; the outer sides of the first and the last are off the foot.
    pub(crate) fn toe_side(&self, toe: u8, lateral: bool) -> f64 {
        const BETWEEN: [f64; 6] = [-0.6, 0.30, 0.48, 0.65, 0.81, 1.6];
        let index = usize::from(toe.clamp(1, 5)) - usize::from(!lateral);
        self.across_ball(BETWEEN[index])
    }

    /// Middle of the big toe between its joint and its tip, and half its width.
    pub(crate) fn hallux(&self) -> (Point2, f64) {
        let y = self.y_at(0.92);
        let width = 0.26 * (self.fifth_head.x - self.first_head.x);
        (Point2::new(self.medial_border.at(y) + width / 2.0, y), width / 2.0)
    }
}
