//! Clears one level with constant engagement, seen from above.
//!
//! From where it enters, the tool winds outward with the material on its right (climb milling). At each step it turns so far
//! that its engagement is the ordered one; where the level ends, it follows the border, on which it is engaged less. When
//! nothing more is met, it goes back to the earliest place of its way beside which material stands, and begins another pass
//! there:
//!
//! ```text
//!   ╭───────────╮
//!   │ ╭───────╮ │      winds outward …
//!   │ │ ╭─╮ ) │ │
//!   │ │ │e╯ ) ) ) )    … and takes what is left in arcs from border to border
//!   │ │ ╰───╯ │ │
//!   ╰─╯       ╰─╯
//! ```
//!
//! Where no pass comes, it enters again.

use geometry::Vector2;

use crate::cleared::Cleared;
use crate::tip_grid::TipGrid;

/// Length of a step, as a share of the radius that cuts.
const STEP_SHARE: f64 = 0.125;
/// Most that the tool turns towards material at a step, rad: on a circle of 0.6 radii, so that it does not spin on the spot.
const MOST_TOWARDS: f64 = 0.21;
/// Most that it turns away from material, rad: along a border that it meets head-on.
const MOST_AWAY: f64 = 1.75;
/// Directions tried away from material until one stays on the level, rad apart.
const BORDER_TURN: f64 = 0.15;
/// A turn along a border is found by halving this often.
const HALVINGS: u32 = 6;
/// Engagement is held as closely as this, rad, or as closely as so many steps come to it.
const CLOSE_ENGAGEMENT: f64 = 0.01;
const CROSSING_STEPS: u32 = 6;
/// Less engagement than this is none, rad.
const LEAST_ENGAGEMENT: f64 = 0.1;
/// A pass begins only where it meets as much, rad: less are ridges, which the next level or finishing takes.
const FIRST_ENGAGEMENT: f64 = 0.25;
/// Ridges along the border that engage less are left, rad.
const LEAST_RIDGE: f64 = 0.02;
/// A pass ends after this way without material, in radii.
const IDLE_RADII: f64 = 1.0;
/// A pass that takes material on a shorter way than this is not worth going there, in radii.
const SHORTEST_RADII: f64 = 0.5;
/// Turns towards material in which a pass leaves an earlier one, rad.
const LEAVING: [f64; 6] = [0.35, 0.7, 1.05, 1.4, 1.75, 2.1];
/// Every so many steps of an earlier pass are tried.
const TRIED_STEPS: usize = 2;
/// Most stations of one pass: 100 m with a tool of 6 mm.
const MOST_STATIONS: usize = 300_000;
/// Widest helix, in radii: no core is left in its middle.
const WIDEST_HELIX: f64 = 0.8;
/// Narrowest one of a tool without edges in its middle, in radii; where there is less room, it does not go down.
const NARROWEST_HELIX: f64 = 0.3;
/// Share of the distance to the border, known from grid steps along rows and diagonals, that is surely there.
const SURE_SHARE: f64 = 0.92;
/// Most entries of one level: what more there would be are specks.
const MOST_ENTRIES: usize = 500;

/// Where the tip may stand at a level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level<'a> {
    pub(crate) tips: &'a TipGrid,
    /// Distance of places from the part seen from above, and how far from it the axis goes, mm.
    pub(crate) outside: &'a TipGrid,
    pub(crate) reach: f64,
    /// Height down to which the level above is cleared, mm.
    pub(crate) above: f64,
    /// Height of the tip, mm, where the part does not hold it higher.
    pub(crate) height: f64,
    /// Which side material is on.
    pub(crate) hand: Hand,
}

/// The side of a tool, seen along its way, on which material is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Climb milling, as the spindle turns clockwise.
    Right,
    /// The same in a plane of which x and y are exchanged.
    Left,
}

impl Hand {
    /// An angle away from the material as a counter-clockwise one.
    pub(crate) const fn away(self, angle: f64) -> f64 {
        match self {
            Self::Right => angle,
            Self::Left => -angle,
        }
    }
}

impl Level<'_> {
    /// Height of the tip over a place of the level; absent beside it.
    fn tip(&self, place: [f64; 2]) -> Option<f64> {
        self.outside.at(place).filter(|outside| *outside <= self.reach)?;
        self.ground(place).map(|height| height.max(self.height))
    }

    /// Height of the ground over a place where the level has something to take, on the border too.
    fn ground(&self, place: [f64; 2]) -> Option<f64> {
        self.tips.at(place).filter(|height| *height < self.above)
    }

    fn holds(&self, place: [f64; 2]) -> bool {
        self.tip(place).is_some()
    }
}

/// How the tool comes to the start of a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// Down a helix through material, counter-clockwise, of a radius in mm (clockwise where material is on the left); straight where that is 0.
    Helix { center: [f64; 2], radius: f64 },
    /// Where the tool has been at this level before.
    Beside,
    /// At the border, beside what is cleared.
    Border,
}

/// A pass at a level.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) start: Start,
    pub(crate) places: Vec<[f64; 2]>,
}

/// A place of a pass, and where the tool went from there, rad.
#[derive(Clone, Copy, Debug)]
struct Station {
    place: [f64; 2],
    heading: f64,
}

/// A pass as its stations are tried for others to begin there.
#[derive(Debug)]
struct Way {
    stations: Vec<Station>,
    next: usize,
}

impl Way {
    const fn is_waiting(&self) -> bool {
        self.next < self.stations.len()
    }
}

/// The passes that clear a level; `engaged` is the engagement in rad, `radius` that of the tool at the level's depth in mm.
/// `borders` are closed lines around the parts as far out as the axis goes, with the outside on the side of the material.
pub(crate) fn passes(
    level: Level<'_>,
    borders: &[Vec<[f64; 2]>],
    untouched: Cleared,
    (radius, engaged): (f64, f64),
    can_plunge: bool,
) -> Vec<Pass> {
    let step = STEP_SHARE * radius;
    let narrowest = if can_plunge { 0.0 } else { NARROWEST_HELIX * radius };
    let mut clearing = Clearing { level, cleared: untouched, radius, step, engaged, narrowest };
    let mut passes: Vec<Pass> = Vec::new();
    let mut ways: Vec<Way> = Vec::new();
    let mut entries = 0;
    let deep = level.tips.inside(|place| level.tip(place).is_some_and(|tip| tip <= level.height));
    let shallow = level.tips.inside(|place| level.holds(place));
    // Over slopes a helix would fall down steps.
    let entered = if can_plunge { vec![deep, shallow] } else { vec![deep] };
    for inside in entered {
        while let Some((center, room)) = clearing.entry(&inside) {
            entries += 1;
            if entries > MOST_ENTRIES {
                return passes;
            }
            let (pass, stations) = clearing.enter(center, room);
            passes.push(pass);
            ways.push(Way { stations, next: 0 });
            clearing.widen(&mut ways, &mut passes);
        }
    }
    for border in borders {
        passes.extend(clearing.along_border(border));
    }
    passes
}

/// The work at one level.
struct Clearing<'a> {
    level: Level<'a>,
    cleared: Cleared,
    radius: f64,
    step: f64,
    /// Engagement that is held, rad.
    engaged: f64,
    /// Radius of the narrowest helix on which it goes down, mm.
    narrowest: f64,
}

impl Clearing<'_> {
    /// The uncut place that is farthest from the border, and how far that is, mm.
    fn entry(&self, inside: &[f64]) -> Option<([f64; 2], f64)> {
        let tips = self.level.tips;
        let nodes = inside.iter().enumerate().filter(|(_, room)| **room > 0.0);
        let uncut = nodes.filter(|(node, _)| self.cleared.is_uncut(tips.place(*node)));
        let (node, room) = uncut.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
        let room = SURE_SHARE * (room - 1.0).max(0.0) * tips.spacing[0];
        (room >= self.narrowest).then(|| (tips.place(node), room))
    }

    /// Goes down a helix and winds outward from it.
    fn enter(&mut self, center: [f64; 2], room: f64) -> (Pass, Vec<Station>) {
        let helix = room.min(WIDEST_HELIX * self.radius);
        let [x, y] = center;
        let turns = (std::f64::consts::TAU * helix / self.step).ceil().max(1.0) as usize;
        let mut way: Vec<Station> = (0..=turns)
            .map(|turn| {
                let angle = self.away(std::f64::consts::TAU * turn as f64 / turns as f64);
                let (sin, cos) = angle.sin_cos();
                let heading = angle + self.away(std::f64::consts::FRAC_PI_2);
                Station { place: [x + helix * cos, y + helix * sin], heading }
            })
            .collect();
        for pair in way.windows(2) {
            self.cleared.move_along(pair[0].place, pair[1].place);
        }
        self.cleared.move_along(way[turns].place, way[turns].place);
        let on = self.walk(way[turns]);
        way.extend(on.into_iter().flatten().skip(1));
        (Pass { start: Start::Helix { center, radius: helix }, places: places(&way) }, way)
    }

    /// Takes what stands beside earlier ways, the newest first, until nothing does.
    fn widen(&mut self, ways: &mut Vec<Way>, passes: &mut Vec<Pass>) {
        let mut found = ways.len();
        loop {
            while let Some(newest) = ways.iter().rposition(Way::is_waiting) {
                let way = &mut ways[newest];
                let station = way.stations[way.next];
                match self.leave(station) {
                    Some((pass, stations)) => {
                        passes.push(pass);
                        ways.push(Way { stations, next: 0 });
                    }
                    None => way.next += TRIED_STEPS,
                }
            }
            if ways.len() == found {
                return;
            }
            // Where too much was met at once there may be less now.
            found = ways.len();
            ways.iter_mut().for_each(|way| way.next = 0);
        }
    }

    /// Passes along a border where ends of others have left ridges: those would stand as high as the whole block in the end.
    fn along_border(&mut self, border: &[[f64; 2]]) -> Vec<Pass> {
        let stations = stations(border, self.step);
        let meets: Vec<bool> = stations
            .iter()
            .map(|station| {
                self.level.ground(station.place).is_some()
                    && self.cleared.engagement(station.place, unit(station.heading)) > LEAST_RIDGE
            })
            .collect();
        let margin = (self.radius / self.step).ceil() as usize;
        let mut passes: Vec<Pass> = Vec::new();
        for [first, end] in spans(&meets, margin) {
            let run = stations[first..end].iter().map(|station| station.place);
            let run: Vec<[f64; 2]> =
                run.filter(|place| self.level.ground(*place).is_some()).collect();
            if run.len() < 2 {
                continue;
            }
            for pair in run.windows(2) {
                self.cleared.move_along(pair[0], pair[1]);
            }
            passes.push(Pass { start: Start::Border, places: run });
        }
        passes
    }

    /// A pass that leaves an earlier one at a station, if that is worth it.
    fn leave(&mut self, station: Station) -> Option<(Pass, Vec<Station>)> {
        let heading =
            LEAVING.into_iter().map(|turn| station.heading - self.away(turn)).find(|&heading| {
                let next = along(station.place, heading, self.step);
                let engaged = || self.cleared.engagement(next, unit(heading));
                self.level.holds(next) && (FIRST_ENGAGEMENT..=self.engaged).contains(&engaged())
            })?;
        let way = self.walk(Station { heading, ..station })?;
        Some((Pass { start: Start::Beside, places: places(&way) }, way))
    }

    /// Goes on from a station with constant engagement, until it meets nothing more; absent where it meets next to nothing.
    fn walk(&mut self, start: Station) -> Option<Vec<Station>> {
        let mut way = vec![start];
        let mut worked = 0;
        let shortest = (SHORTEST_RADII * self.radius / self.step).ceil() as usize;
        let idle = (IDLE_RADII * self.radius / self.step).ceil() as usize;
        self.cleared.remember();
        while way.len() < MOST_STATIONS && way.len() - worked <= idle {
            let last = way[way.len() - 1];
            let Some((heading, engaged)) = self.turn(last) else { break };
            let last_index = way.len() - 1;
            way[last_index].heading = heading;
            let place = along(last.place, heading, self.step);
            self.cleared.move_along(last.place, place);
            way.push(Station { place, heading });
            if engaged >= LEAST_ENGAGEMENT {
                worked = way.len() - 1;
            }
            if worked == shortest {
                self.cleared.forget();
            }
        }
        // What was idle at the end touched nothing.
        way.truncate(worked + 1);
        if worked < shortest {
            self.cleared.take_back();
            return None;
        }
        Some(way)
    }

    const fn away(&self, angle: f64) -> f64 {
        self.level.hand.away(angle)
    }

    /// The heading of the next step from a station, and the engagement after it.
    fn turn(&self, from: Station) -> Option<(f64, f64)> {
        let heading = |turn: f64| from.heading + self.away(turn);
        let next = |turn: f64| along(from.place, heading(turn), self.step);
        let engagement = |turn: f64| self.cleared.engagement(next(turn), unit(heading(turn)));
        let over = |turn: f64| (turn, engagement(turn) - self.engaged);
        let ahead = over(0.0);
        let (mut turn, mut engaged) = if ahead.1 > 0.0 {
            let away = over(MOST_AWAY);
            if away.1 > 0.0 {
                return None;
            }
            crossing(over, ahead, away)
        } else {
            let towards = over(-MOST_TOWARDS);
            if towards.1 > 0.0 { crossing(over, towards, ahead) } else { towards }
        };
        let holds = |turn: f64| self.level.holds(next(turn));
        if !holds(turn) {
            let mut left = turn + BORDER_TURN;
            while !holds(left) {
                left += BORDER_TURN;
                if left > MOST_AWAY {
                    return None;
                }
            }
            turn = halved(left - BORDER_TURN, left, holds);
            engaged = over(turn).1;
        }
        Some((heading(turn), engaged + self.engaged))
    }
}

/// Where a value crosses zero between two places where it is above and below: by the rule of false position in the form of
/// Dowell and Jarratt 1971 (doi 10.1007/BF01934364), which halves the weight of an end that stays.
fn crossing(
    value: impl Fn(f64) -> (f64, f64),
    mut above: (f64, f64),
    mut below: (f64, f64),
) -> (f64, f64) {
    let mut last = 0.0;
    let mut found = below;
    for _ in 0..CROSSING_STEPS {
        let share = above.1 / (above.1 - below.1);
        found = value(above.0 + share * (below.0 - above.0));
        if found.1.abs() <= CLOSE_ENGAGEMENT {
            break;
        }
        if found.1 > 0.0 {
            above = found;
            below.1 *= if last > 0.0 { 0.5 } else { 1.0 };
        } else {
            below = found;
            above.1 *= if last < 0.0 { 0.5 } else { 1.0 };
        }
        last = found.1;
    }
    found
}

/// Stations no more than a step apart along a line.
fn stations(line: &[[f64; 2]], step: f64) -> Vec<Station> {
    let mut stations = Vec::new();
    for pair in line.windows(2) {
        let [dx, dy] = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
        let steps = (dx.hypot(dy) / step).ceil() as usize;
        let heading = dy.atan2(dx);
        stations.extend((1..=steps).map(|at| {
            let share = at as f64 / steps as f64;
            Station { place: [pair[0][0] + share * dx, pair[0][1] + share * dy], heading }
        }));
    }
    stations
}

/// Runs of what is true, longer by a margin at both ends and joined where they meet: first, and after the last.
fn spans(is_true: &[bool], margin: usize) -> Vec<[usize; 2]> {
    let mut spans: Vec<[usize; 2]> = Vec::new();
    for at in (0..is_true.len()).filter(|at| is_true[*at]) {
        let (first, end) = (at.saturating_sub(margin), (at + margin + 1).min(is_true.len()));
        match spans.last_mut().filter(|span| span[1] >= first) {
            Some(span) => span[1] = end,
            None => spans.push([first, end]),
        }
    }
    spans
}

/// The lowest value between two, known to within the halvings, for which something is true as it is for `high`.
fn halved(mut low: f64, mut high: f64, is_true: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if is_true(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn unit(heading: f64) -> Vector2 {
    let (sin, cos) = heading.sin_cos();
    Vector2::new(cos, sin)
}

fn along([x, y]: [f64; 2], heading: f64, length: f64) -> [f64; 2] {
    let (sin, cos) = heading.sin_cos();
    [x + length * cos, y + length * sin]
}

fn places(way: &[Station]) -> Vec<[f64; 2]> {
    way.iter().map(|station| station.place).collect()
}
