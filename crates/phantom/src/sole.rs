//! The weight-bearing sole: height of the skin over the ground wherever the body presses down.
//!
//! Written in the skeleton's coordinates (a right foot of 260 mm, heel seat at the origin), heights
//! in mm of the finished foot.

use crate::field::{smooth_minimum, smooth_step};
use crate::settings::Load;

/// How much higher than the heel seat the loaded skin may lie, mm. A standing foot is flat to a few
/// tenths; the rise away from the origin makes the heel seat a single point.
const CONTACT_RISE_MM: f64 = 0.25;

/// The vault ends here: front of the heel pad, and behind the ball, y in mm.
const VAULT_START_MM: f64 = 20.0;
const VAULT_END_MM: f64 = 148.0;

/// The arch is measured over the line from the heel seat to the middle of the first metatarsal head;
/// x per y of that line. It lies inside the medial border, to which the sole goes on rising.
pub(crate) const ARCH_LINE_SLOPE: f64 = -0.165;

/// Width of an average vault from the arch line to the lateral strip of contact at mid-foot, mm.
const AVERAGE_VAULT_WIDTH_MM: f64 = 28.0;
/// The height of that vault, mm.
const AVERAGE_ARCH_HEIGHT_MM: f64 = 16.0;
/// No vault is wider than this: the lateral border stays on the ground. None is narrower than that: its
/// edge would come near the arch line, which lies a few millimeters beside the nominal one on feet of
/// other proportions.
const GREATEST_VAULT_WIDTH_MM: f64 = 38.0;
const LEAST_VAULT_WIDTH_MM: f64 = 17.0;

/// Where the rise to the medial border ends, in widths of the vault, and how high it is there, in
/// heights over the arch line. Real soles are highest at the border and turn into the side wall there.
const BORDER_WIDTHS: f64 = 1.8;

/// Rise of round pads: radii of heel pad and ball, mm, as of hanging feet of FIND, and the height of
/// the sole between them.
const HEEL_RADII_MM: [f64; 2] = [34.0, 44.0];
const BALL_RADIUS_MM: f64 = 36.0;
const BETWEEN_PADS_MM: f64 = 4.0;

/// The arch as ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sole {
    /// Height of the vault at its apex, mm.
    pub(crate) arch_height: f64,
    /// y of the apex in the skeleton's coordinates, mm.
    pub(crate) apex: f64,
    /// From the arch line to the lateral strip of contact at mid-foot, skeleton mm.
    vault_width: f64,
    /// 0 for a standing foot, 1 for a hanging one.
    roundness: f64,
}

impl Sole {
    /// A sole with an arch of `arch_height` mm on a foot of `height_scale` times the skeleton's
    /// size.
    ///
    /// A low arch spreads its contact medially, a high one draws it to the lateral border; the
    /// square root keeps the arch index in its three classes (flat over 0.26, high under 0.21).
    pub(crate) fn new(arch_height: f64, apex: f64, height_scale: f64, load: Load) -> Self {
        let relative = arch_height / height_scale / AVERAGE_ARCH_HEIGHT_MM;
        let vault_width = (AVERAGE_VAULT_WIDTH_MM * relative.sqrt())
            .clamp(LEAST_VAULT_WIDTH_MM, GREATEST_VAULT_WIDTH_MM);
        let roundness = match load {
            Load::Full => 0.0,
            Load::Semi => 0.3,
            Load::Unloaded => 1.0,
        };
        Self { arch_height, apex, vault_width, roundness }
    }

    /// Height of the skin that faces the ground at (x, y), mm. 0 at the origin, positive elsewhere,
    /// about `arch_height` at the apex.
    pub(crate) fn height(&self, x: f64, y: f64) -> f64 {
        let along = self.along(y);
        let across = self.across(x, y);
        // Over the arch line the vault is higher than 1 and leaves nothing of the pads.
        let vault = (along * across).min(1.0);
        let pads = contact(x, y) + self.roundness * round_pads(x, y);
        pads * (1.0 - vault) + self.arch_height * along * across
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

    /// Profile of the vault across the foot: 0 on the lateral strip, 1 over the arch line, rising on to
    /// the medial border.
    fn across(&self, x: f64, y: f64) -> f64 {
        // The strip of contact narrows towards mid-foot and widens to heel and ball.
        let waist = smooth_step(25.0, 70.0, y) * (1.0 - smooth_step(80.0, 150.0, y));
        let width = self.vault_width * (0.63 + 0.37 * waist);
        let widths = 1.0 - (x - ARCH_LINE_SLOPE * y) / width;
        hill(widths / BORDER_WIDTHS) / hill(1.0 / BORDER_WIDTHS)
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

/// How much higher the skin of a hanging foot is than on the ground: round pads under heel and ball, and
/// what lies between and before them.
fn round_pads(x: f64, y: f64) -> f64 {
    let [across, along] = HEEL_RADII_MM;
    let heel = x * x / (2.0 * across) + y * y / (2.0 * along);
    // The heads stand on a line from (-22, 152) to (36, 134), which both touch the ground.
    let from_heads = y - (152.0 - 0.31 * (x + 22.0));
    let ball = from_heads * from_heads / (2.0 * BALL_RADIUS_MM);
    let pads = smooth_minimum(heel, ball, 4.0);
    smooth_minimum(pads, BETWEEN_PADS_MM, 4.0).max(0.0)
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
    fn the_heel_seat_is_lowest_and_the_arch_rises_to_the_medial_border() {
        for load in [Load::Full, Load::Semi, Load::Unloaded] {
            let sole = Sole::new(17.0, 79.0, 1.0, load);
            assert!(sole.height(0.0, 0.0).abs() < 1e-15);
            let line = |y: f64| ARCH_LINE_SLOPE * y;
            assert!((sole.height(line(79.0), 79.0) - 17.0).abs() < 1e-9);
            for row in -70..=460 {
                let y = 0.5 * f64::from(row);
                assert!(sole.height(line(y), y) < 17.0 || row == 158, "{y}");
                for column in -120..=120 {
                    let x = 0.5 * f64::from(column);
                    let height = sole.height(x, y);
                    assert!(height > 0.0 || (column == 0 && row == 0), "({x}, {y}) {height}");
                }
            }
            let across: Vec<f64> =
                (0..40).map(|step| sole.height(-f64::from(step), 79.0)).collect();
            assert!(across.windows(2).all(|pair| pair[1] >= pair[0]), "{across:?}");
        }
    }
}
