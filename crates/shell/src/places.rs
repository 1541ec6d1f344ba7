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
}
