//! The weight-bearing sole: height of the skin over the ground wherever the body presses down.
//!
//! Written in the skeleton's coordinates (a right foot of 260 mm, heel seat at the origin), heights
//! in mm of the finished foot.

use crate::field::smooth_step;

/// How much higher than the heel seat the loaded skin may lie, mm. A standing foot is flat to a few
/// tenths; the rise away from the origin makes the heel seat a single point.
const CONTACT_RISE_MM: f64 = 0.25;

/// The vault ends here: front of the heel pad, and behind the ball, y in mm.
const VAULT_START_MM: f64 = 20.0;
const VAULT_END_MM: f64 = 146.0;

/// x of the vault's crest. It lies inside the medial border so that the apex is a point of the
/// sole and not of the medial wall.
pub(crate) const CREST_MM: f64 = -14.0;

/// Width of an average vault from its crest to the lateral strip of contact at mid-foot, mm.
const AVERAGE_VAULT_WIDTH_MM: f64 = 35.0;
/// The height of that vault, mm.
const AVERAGE_ARCH_HEIGHT_MM: f64 = 16.0;
/// No vault is wider than this: the lateral border stays on the ground.
const GREATEST_VAULT_WIDTH_MM: f64 = 42.0;

/// The arch as ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sole {
    /// Height of the vault at its apex, mm.
    pub(crate) arch_height: f64,
    /// y of the apex in the skeleton's coordinates, mm.
    pub(crate) apex: f64,
    /// From the crest to the lateral strip of contact at mid-foot, skeleton mm.
    vault_width: f64,
}

impl Sole {
    /// A sole with an arch of `arch_height` mm on a foot of `height_scale` times the skeleton's
    /// size.
    ///
    /// A low arch spreads its contact medially, a high one draws it to the lateral border; the
    /// square root keeps the arch index in its three classes (flat over 0.26, high under 0.21).
    pub(crate) fn new(arch_height: f64, apex: f64, height_scale: f64) -> Self {
        let relative = arch_height / height_scale / AVERAGE_ARCH_HEIGHT_MM;
        let vault_width = (AVERAGE_VAULT_WIDTH_MM * relative.sqrt()).min(GREATEST_VAULT_WIDTH_MM);
        Self { arch_height, apex, vault_width }
    }

    /// Height of the loaded skin at (x, y), mm. 0 at the origin, positive elsewhere, exactly
    /// `arch_height` at the apex, which is the vault's only maximum.
    pub(crate) fn height(&self, x: f64, y: f64) -> f64 {
        let vault = self.along(y) * self.across(x, y);
        contact(x, y) * (1.0 - vault) + self.arch_height * vault
    }

    /// Profile of the vault from heel to ball: 0 to 1 to 0.
    fn along(&self, y: f64) -> f64 {
        let t = if y < self.apex {
            (y - VAULT_START_MM) / (self.apex - VAULT_START_MM)
        } else {
            (VAULT_END_MM - y) / (VAULT_END_MM - self.apex)
        };
        hill(t)
    }

    /// Profile of the vault across the foot: 0 on the lateral strip, 1 at the crest, slightly lower
    /// towards the medial border, where the abductor hallucis hangs.
    fn across(&self, x: f64, y: f64) -> f64 {
        if x <= CREST_MM {
            return 1.0 - 0.12 * hill((CREST_MM - x) / 26.0);
        }
        // The strip of contact narrows towards mid-foot and widens to heel and ball.
        let waist = smooth_step(25.0, 70.0, y) * (1.0 - smooth_step(80.0, 150.0, y));
        let width = self.vault_width * (0.63 + 0.37 * waist);
        hill(1.0 - (x - CREST_MM) / width)
    }
}

/// Height of the loaded skin without the arch.
fn contact(x: f64, y: f64) -> f64 {
    let from_seat = 1.0 - (-(x * x + y * y) / (16.0 * 16.0)).exp();
    let ball = (-((y - 145.0) / 30.0).powi(2)).exp();
    // The lateral column stands a little higher than heel and ball.
    let lateral_arch = 0.35 * hill((y - 25.0) / 38.0) * hill((115.0 - y) / 40.0);
    CONTACT_RISE_MM * from_seat * (1.0 - 0.7 * ball) + lateral_arch
}

/// 0 for t ≤ 0, 1 at and after t = 1, cubic in between: unlike a quintic it is curved at the top,
/// so that a maximum is a point.
fn hill(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heel_seat_is_lowest_and_the_apex_is_highest() {
        let sole = Sole::new(17.0, 79.0, 1.0);
        assert!(sole.height(0.0, 0.0).abs() < 1e-15);
        assert!((sole.height(CREST_MM, 79.0) - 17.0).abs() < 1e-12);
        for column in -120..=120 {
            for row in -70..=460 {
                let (x, y) = (0.5 * f64::from(column), 0.5 * f64::from(row));
                let height = sole.height(x, y);
                assert!(height > 0.0 || (column == 0 && row == 0), "({x}, {y})");
                assert!(height < 17.0 || (column == -28 && row == 158), "({x}, {y})");
            }
        }
    }
}
