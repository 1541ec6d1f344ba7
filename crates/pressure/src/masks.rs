//! The eight regions of a print.
//!
//! Levels and widths are those of nine-region masks on the 15 by 7 grid of a pedar insole (van der
//! Zwaard et al. 2014, J Foot Ankle Res 7:20, doi:10.1186/1757-1146-7-20): heel four rows of 15, midfoot
//! to row 8 (forefoot from 51-53 % in other protocols), metatarsals to row 12, toes beyond; metatarsal 1,
//! 2-3 and 4-5 take 2, 3 and 2 of 7 columns. Two borders are taken from the print where it shows them: the
//! toe line runs along the valley between ball and toes, and the hallux ends at the gap beside it.

use geometry::Point2;
use serde::Serialize;

use crate::{FootFrame, Print};

/// A part of the sole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Medial half of the heel.
    MedialHeel,
    /// Lateral half of the heel.
    LateralHeel,
    /// Between heel and ball.
    Midfoot,
    /// First metatarsal head.
    #[serde(rename = "metatarsal_1")]
    Metatarsal1,
    /// Second and third metatarsal head.
    #[serde(rename = "metatarsal_2_3")]
    Metatarsal23,
    /// Fourth and fifth metatarsal head.
    #[serde(rename = "metatarsal_4_5")]
    Metatarsal45,
    /// Great toe.
    Hallux,
    /// The other toes.
    Toes,
}

impl Region {
    /// All regions, from the heel to the toes.
    pub const ALL: [Self; 8] = [
        Self::MedialHeel,
        Self::LateralHeel,
        Self::Midfoot,
        Self::Metatarsal1,
        Self::Metatarsal23,
        Self::Metatarsal45,
        Self::Hallux,
        Self::Toes,
    ];

    /// Key in files: `"metatarsal_2_3"`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::MedialHeel => "medial_heel",
            Self::LateralHeel => "lateral_heel",
            Self::Midfoot => "midfoot",
            Self::Metatarsal1 => "metatarsal_1",
            Self::Metatarsal23 => "metatarsal_2_3",
            Self::Metatarsal45 => "metatarsal_4_5",
            Self::Hallux => "hallux",
            Self::Toes => "toes",
        }
    }

    /// Words for people: `"second and third metatarsal heads"`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::MedialHeel => "medial heel",
            Self::LateralHeel => "lateral heel",
            Self::Midfoot => "midfoot",
            Self::Metatarsal1 => "first metatarsal head",
            Self::Metatarsal23 => "second and third metatarsal heads",
            Self::Metatarsal45 => "fourth and fifth metatarsal heads",
            Self::Hallux => "hallux",
            Self::Toes => "lesser toes",
        }
    }
}

/// Ends of heel, midfoot and metatarsals as shares of the print's length.
pub(crate) const HEEL_END: f64 = 4.0 / 15.0;
pub(crate) const MIDFOOT_END: f64 = 8.0 / 15.0;
const METATARSAL_END: f64 = 12.0 / 15.0;
/// Ends of metatarsal 1 and of metatarsals 2-3 as shares of the ball's width from its medial border.
const WIDTH_ENDS: [f64; 2] = [2.0 / 7.0, 5.0 / 7.0];
/// Where the gap beside the hallux is looked for, and where it is taken if none is found (35 % in Lee et
/// al. 2014, J Foot Ankle Res 7:18, doi:10.1186/1757-1146-7-18).
const HALLUX_GAP: [f64; 2] = [0.22, 0.52];
const HALLUX_SHARE: f64 = 0.35;
/// Where the valley between ball and toes is looked for.
const TOE_LINE: [f64; 2] = [0.68, 0.92];
/// A valley is at most this share of the lower of its two hills.
const VALLEY: f64 = 0.75;
/// Distance of the samples along and across, mm.
const SAMPLE_MM: f64 = 1.25;
/// Strips across the ball in which the toe line is found.
const STRIPS: usize = 14;

/// Which cell belongs to which region, and the borders between them in the foot frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Masks {
    /// Region of every cell; `None` away from the foot and in cells not believed.
    pub regions: Vec<Option<Region>>,
    /// Medial and lateral border of the ball, mm.
    pub ball: [f64; 2],
    /// Middle of the heel, mm.
    pub heel_middle: f64,
    /// End of the heel, of the midfoot, mm.
    pub levels: [f64; 2],
    /// Points of the line between ball and toes, from medial to lateral.
    pub toe_line: Vec<Point2>,
    /// Border between hallux and other toes, mm.
    pub hallux_end: f64,
    /// Whether toe line and hallux gap were seen in the print.
    pub seen: [bool; 2],
}

impl Masks {
    pub(crate) fn new(print: &Print, frame: &FootFrame, believed: &[bool]) -> Option<Self> {
        let borders = |low: f64, high: f64| borders(print, frame, low, high);
        let ball = borders(MIDFOOT_END, METATARSAL_END)?;
        let heel = borders(0.02, HEEL_END)?;
        let (toe_line, toe_line_seen) = toe_line(print, frame, ball);
        let gap = hallux_gap(print, frame, ball, &toe_line);
        let mut masks = Self {
            regions: Vec::new(),
            ball,
            heel_middle: (heel[0] + heel[1]) / 2.0,
            levels: [frame.level(HEEL_END), frame.level(MIDFOOT_END)],
            toe_line,
            hallux_end: gap.unwrap_or(ball[0] + HALLUX_SHARE * (ball[1] - ball[0])),
            seen: [toe_line_seen, gap.is_some()],
        };
        // The rim of a print carries less than the contact pressure, but it is load of the foot.
        let near = |cell: usize| {
            print.contact[cell] || print.around(cell).any(|other| print.contact[other])
        };
        masks.regions = (0..print.kpa.len())
            .map(|cell| {
                let at = frame.foot_from_grid(print.place(cell));
                (believed[cell] && near(cell)).then(|| masks.region_at(at))
            })
            .collect();
        Some(masks)
    }

    /// The region at a point of the foot frame.
    #[must_use]
    pub fn region_at(&self, at: Point2) -> Region {
        if at.y < self.levels[0] {
            return if at.x < self.heel_middle { Region::MedialHeel } else { Region::LateralHeel };
        }
        if at.y < self.levels[1] {
            return Region::Midfoot;
        }
        if at.y > self.toe_level(at.x) {
            return if at.x < self.hallux_end { Region::Hallux } else { Region::Toes };
        }
        let [first, second] = self.column_ends();
        if at.x < first {
            Region::Metatarsal1
        } else if at.x < second {
            Region::Metatarsal23
        } else {
            Region::Metatarsal45
        }
    }

    /// Ends of metatarsal 1 and of metatarsals 2-3, mm.
    #[must_use]
    pub fn column_ends(&self) -> [f64; 2] {
        WIDTH_ENDS.map(|share| self.ball[0] + share * (self.ball[1] - self.ball[0]))
    }

    /// Where the toe line runs at an x, mm.
    #[must_use]
    pub fn toe_level(&self, x: f64) -> f64 {
        let next = self.toe_line.partition_point(|at| at.x < x);
        let line = &self.toe_line;
        match (next.checked_sub(1).and_then(|before| line.get(before)), line.get(next)) {
            (Some(a), Some(b)) => a.y + (x - a.x) / (b.x - a.x).max(1e-9) * (b.y - a.y),
            (Some(at), None) | (None, Some(at)) => at.y,
            (None, None) => f64::INFINITY,
        }
    }
}

/// Width of the ball's contact, mm; 0 if there is none.
pub(crate) fn ball_width(print: &Print, frame: &FootFrame) -> f64 {
    borders(print, frame, MIDFOOT_END, METATARSAL_END).map_or(0.0, |[low, high]| high - low)
}

/// Lowest and highest x of the contact between two shares of the length, mm, in the foot frame.
pub(crate) fn borders(print: &Print, frame: &FootFrame, low: f64, high: f64) -> Option<[f64; 2]> {
    let (low, high) = (frame.level(low), frame.level(high));
    let half = (print.cell_mm[0] + print.cell_mm[1]) / 4.0;
    let cells = print
        .contact_cells()
        .map(|cell| (frame.foot_from_grid(print.place(cell)), print.kpa[cell]))
        .filter(|(at, _)| at.y >= low && at.y <= high)
        .map(|(at, kpa)| (at.x, kpa));
    load_borders(cells.collect()).map(|[least, most]| [least - half, most + half])
}

/// Load beside a border that does not move it, as a share: a folded insole or a seam presses there.
const BORDER_LOAD: f64 = 0.01;

/// The lowest and highest x with all but [`BORDER_LOAD`] of the load between them.
pub(crate) fn load_borders(mut cells: Vec<(f64, f64)>) -> Option<[f64; 2]> {
    cells.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let beside = BORDER_LOAD * cells.iter().map(|(_, kpa)| kpa).sum::<f64>();
    let (mut low, mut high) = (0, cells.len().checked_sub(1)?);
    let mut sum = cells[low].1;
    while sum <= beside && low < high {
        low += 1;
        sum += cells[low].1;
    }
    sum = cells[high].1;
    while sum <= beside && low < high {
        high -= 1;
        sum += cells[high].1;
    }
    Some([cells[low].0, cells[high].0])
}

/// The valley between ball and toes in strips across the ball; the usual share where none is seen.
fn toe_line(print: &Print, frame: &FootFrame, ball: [f64; 2]) -> (Vec<Point2>, bool) {
    let width = ball[1] - ball[0];
    let strip_x = |strip: usize| ball[0] + (strip as f64 + 0.5) / STRIPS as f64 * width;
    let valleys: Vec<Option<f64>> = (0..STRIPS)
        .map(|strip| valley(&profile(print, frame, strip_x(strip), width / STRIPS as f64)))
        .collect();
    let seen: Vec<Point2> = (0..STRIPS)
        .filter_map(|strip| valleys[strip].map(|y| Point2::new(strip_x(strip), y)))
        .collect();
    // Two or three valleys may be noise between sensors.
    if seen.len() < STRIPS / 3 {
        let flat = frame.level(METATARSAL_END);
        return (ball.map(|x| Point2::new(x, flat)).to_vec(), false);
    }
    let smooth = |index: usize| {
        let (from, to) = (index.saturating_sub(2), (index + 3).min(seen.len()));
        let mut ys: Vec<f64> = seen[from..to].iter().map(|at| at.y).collect();
        ys.sort_by(f64::total_cmp);
        Point2::new(seen[index].x, ys[ys.len() / 2])
    };
    ((0..seen.len()).map(smooth).collect(), true)
}

/// Pressure along a strip from the ball to the toes, with its levels.
fn profile(print: &Print, frame: &FootFrame, x: f64, width: f64) -> Vec<(f64, f64)> {
    let (from, to) = (frame.level(0.56), frame.level(1.0));
    let count = ((to - from) / SAMPLE_MM) as usize;
    (0..=count)
        .map(|step| {
            let y = from + step as f64 * SAMPLE_MM;
            let across = [-0.3, 0.0, 0.3]
                .map(|share| print.sample(frame.grid_from_foot(Point2::new(x + share * width, y))));
            (y, across.iter().sum::<f64>() / 3.0)
        })
        .collect()
}

fn valley(profile: &[(f64, f64)]) -> Option<f64> {
    let (first, last) = (profile.first()?.0, profile.last()?.0);
    let level = |share: f64| first + (share - 0.56) / (1.0 - 0.56) * (last - first);
    let (low, high) = (level(TOE_LINE[0]), level(TOE_LINE[1]));
    let inside = || profile.iter().filter(|(y, _)| (low..=high).contains(y));
    let lowest = inside().map(|(_, kpa)| *kpa).fold(f64::INFINITY, f64::min);
    // A valley of several equal samples is taken at its middle.
    let at: Vec<f64> = inside().filter(|(_, kpa)| *kpa <= lowest + 1.0).map(|(y, _)| *y).collect();
    let middle = *at.get(at.len() / 2)?;
    let hill = |range: &mut dyn Iterator<Item = &(f64, f64)>| {
        range.map(|(_, kpa)| *kpa).fold(0.0, f64::max)
    };
    let ball = hill(&mut profile.iter().filter(|(y, _)| *y < middle));
    let toe = hill(&mut profile.iter().filter(|(y, _)| *y > middle));
    (lowest < VALLEY * ball.min(toe) && toe > 0.0).then_some(middle)
}

/// The gap between hallux and second toe, mm.
fn hallux_gap(
    print: &Print,
    frame: &FootFrame,
    ball: [f64; 2],
    toe_line: &[Point2],
) -> Option<f64> {
    let width = ball[1] - ball[0];
    let front = frame.extent[1];
    let load = |x: f64| {
        let from = toe_line.iter().min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs()))?.y;
        let count = ((front - from) / SAMPLE_MM).max(0.0) as usize;
        let sum: f64 = (1..=count)
            .map(|step| from + step as f64 * SAMPLE_MM)
            .map(|y| print.sample(frame.grid_from_foot(Point2::new(x, y))))
            .sum();
        Some(sum)
    };
    let count = (width / SAMPLE_MM) as usize;
    let loads: Vec<(f64, f64)> = (0..=count)
        .filter_map(|step| {
            let x = ball[0] + step as f64 * SAMPLE_MM;
            load(x).map(|load| (x, load))
        })
        .collect();
    let share = |x: f64| (x - ball[0]) / width;
    let (gap, least) = loads
        .iter()
        .filter(|(x, _)| (HALLUX_GAP[0]..=HALLUX_GAP[1]).contains(&share(*x)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .copied()?;
    let most = |medial: bool| {
        loads
            .iter()
            .filter(|(x, _)| (*x < gap) == medial)
            .map(|(_, load)| *load)
            .fold(0.0, f64::max)
    };
    (least < VALLEY * most(true).min(most(false))).then_some(gap)
}
