//! Tells a right foot from a left one by its shape.
//!
//! Four differences between the two sides of the foot, each scaled so that a plain right foot has
//! about +1 and its mirror image about -1. The pose must treat both sides alike
//! ([`crate::pose::Axis::Middle`]).

use vocabulary::Side;

use crate::below::View;

/// What the shape says about the side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SideEvidence {
    /// Toes: how far the front of the foot lies to -x of the ball's middle.
    pub(crate) toes: f64,
    /// Waist: how much deeper the outline is drawn in at -x between heel and ball.
    pub(crate) waist: f64,
    /// Arch: how much higher the sole is at -x in the midfoot.
    pub(crate) arch: f64,
    /// Ball: how much farther forward it is widest at -x than at +x.
    pub(crate) ball: f64,
}

/// Mean difference of plain feet by which each is scaled: toes and waist as shares of the ball
/// width, arch and ball as shares of the length.
const TOES_SCALE: f64 = 0.08;
const WAIST_SCALE: f64 = 0.12;
const ARCH_SCALE: f64 = 0.03;
const BALL_SCALE: f64 = 0.08;

impl SideEvidence {
    /// Highest score: one odd difference may not outvote three plain ones.
    pub(crate) const MOST: f64 = 1.5;

    pub(crate) fn of(view: &View) -> Option<Self> {
        let length = view.length();
        let [heel, ball] = [0.16, 0.70].map(|share| view.extent_at(view.y_at(share)));
        let (heel, ball) = (heel?, ball?);
        let ball_width = (ball[1] - ball[0]).max(f64::MIN_POSITIVE);
        let ball_middle = (ball[0] + ball[1]) / 2.0;

        let toes = mean(view.sections([0.86, 0.96]).map(|(_, [low, high])| (low + high) / 2.0))?;
        let drawn_in = mean(view.sections([0.34, 0.56]).map(|(y, [low, high])| {
            let share = (y - view.y_at(0.16)) / (view.y_at(0.70) - view.y_at(0.16));
            let chord = [0, 1].map(|side| heel[side] + share * (ball[side] - heel[side]));
            (low - chord[0]) - (chord[1] - high)
        }))?;
        let forward_of = |sign: f64, side: usize| {
            view.sections([0.54, 0.82])
                .map(|(y, extent)| (sign * extent[side], y))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, y)| y)
        };
        let ball_step = forward_of(-1.0, 0)? - forward_of(1.0, 1)?;
        Some(Self {
            toes: clamp((ball_middle - toes) / ball_width / TOES_SCALE),
            waist: clamp(drawn_in / ball_width / WAIST_SCALE),
            arch: clamp(arch_difference(view)? / length / ARCH_SCALE),
            ball: clamp(ball_step / length / BALL_SCALE),
        })
    }

    /// The same evidence for the shape seen as a foot of a side: mirrored for a left one.
    pub(crate) fn seen_as(&self, side: Side) -> Self {
        let sign = match side {
            Side::Right => 1.0,
            Side::Left => -1.0,
        };
        Self {
            toes: sign * self.toes,
            waist: sign * self.waist,
            arch: sign * self.arch,
            ball: sign * self.ball,
        }
    }

    /// Mean of the four: about +1 for a plain right foot, -1 for a plain left one.
    pub(crate) fn score(&self) -> f64 {
        (self.toes + self.waist + self.arch + self.ball) / 4.0
    }
}

impl std::fmt::Display for SideEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { toes, waist, arch, ball } = self;
        write!(f, "toes {toes:+.1}, waist {waist:+.1}, arch {arch:+.1}, ball {ball:+.1}")
    }
}

fn clamp(evidence: f64) -> f64 {
    evidence.clamp(-SideEvidence::MOST, SideEvidence::MOST)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Mean height of the sole at -x less that at +x, between 0.30 and 0.56 of the length and away from
/// the border, mm.
fn arch_difference(view: &View) -> Option<f64> {
    let field = &view.heights;
    let half = |shares: [f64; 2]| {
        let heights = (0..field.rows).flat_map(|row| {
            let y = field.node(0, row).y;
            let inside = (view.y_at(0.30)..=view.y_at(0.56)).contains(&y);
            let extent = view.outline[row].filter(|_| inside).unwrap_or([1.0, 0.0]);
            let reach = shares.map(|share| extent[0] + share * (extent[1] - extent[0]));
            (0..field.columns).filter_map(move |column| {
                let height = field.at(column, row);
                let within = (reach[0]..=reach[1]).contains(&field.node(column, row).x);
                (inside && within && !height.is_nan()).then_some(height)
            })
        });
        mean(heights)
    };
    Some(half([0.1, 0.45])? - half([0.55, 0.9])?)
}
