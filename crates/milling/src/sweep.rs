//! What a ball leaves standing when it is swept along straight lines, exactly.
//!
//! Over a fixed place the lower side of a ball whose center moves along a line is a convex function of
//! the position on the line, so its minimum is in closed form (see [`SweptBall::lower_surface`]). Heights
//! over grid nodes and single points are therefore exact to rounding; nothing is sampled along the path.

use rayon::prelude::*;

use crate::path::Tip;

/// A straight piece of the tool's way, as positions of the tip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chord {
    pub(crate) from: Tip,
    pub(crate) to: Tip,
    /// Index of the move it belongs to.
    pub(crate) motion: u32,
}

/// A ball that is swept along a chord, with what does not change over a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SweptBall<'a> {
    chord: &'a Chord,
    radius: f64,
    /// Direction seen from above; zero for an upright chord.
    direction: [f64; 2],
    /// Length seen from above, mm.
    length: f64,
    /// Rise of the chord over its length seen from above.
    slope: f64,
    /// Sine of the chord's angle of rise.
    rise: f64,
}

impl<'a> SweptBall<'a> {
    pub(crate) fn new(chord: &'a Chord, radius: f64) -> Self {
        let [dx, dy, dz] = [0, 1, 2].map(|axis| chord.to[axis] - chord.from[axis]);
        let length = dx.hypot(dy);
        if length < 1e-9 {
            return Self { chord, radius, direction: [0.0; 2], length: 0.0, slope: 0.0, rise: 0.0 };
        }
        let slope = dz / length;
        let rise = slope / slope.hypot(1.0);
        Self { chord, radius, direction: [dx / length, dy / length], length, slope, rise }
    }

    /// Height of the lower side of all balls along the chord, over (x, y); `None` where none comes.
    pub(crate) fn lower_surface(&self, x: f64, y: f64) -> Option<f64> {
        let from = &self.chord.from;
        let (px, py) = (x - from[0], y - from[1]);
        if self.length <= 0.0 {
            let under = self.radius * self.radius - px * px - py * py;
            let lowest = from[2].min(self.chord.to[2]);
            return (under >= 0.0).then(|| lowest + self.radius - under.sqrt());
        }
        let along = px * self.direction[0] + py * self.direction[1];
        let across = px * self.direction[1] - py * self.direction[0];
        let circle_squared = self.radius * self.radius - across * across;
        if circle_squared < 0.0 {
            return None;
        }
        // The tip at distance t along the chord stands at z + slope t, its ball's lower side over the
        // place at r - √(circle² - (along - t)²) more; the derivative vanishes at one t.
        let behind = circle_squared.sqrt() * self.rise;
        let t = (along - behind).clamp(0.0, self.length);
        let under = circle_squared - (along - t) * (along - t);
        (under >= 0.0).then(|| from[2] + self.slope * t + self.radius - under.sqrt())
    }
}

impl Chord {
    /// Smallest and largest x of the ball's places on a line of constant y.
    fn x_range(&self, y: f64, radius: f64) -> Option<[f64; 2]> {
        let [from, to] =
            if self.from[1] <= self.to[1] { [self.from, self.to] } else { [self.to, self.from] };
        if y < from[1] - radius || y > to[1] + radius {
            return None;
        }
        let rise = to[1] - from[1];
        let x_at = |y: f64| {
            if rise < 1e-12 {
                return None;
            }
            Some(from[0] + ((y - from[1]) / rise).clamp(0.0, 1.0) * (to[0] - from[0]))
        };
        let low = x_at(y - radius).unwrap_or(from[0]);
        let high = x_at(y + radius).unwrap_or(to[0]);
        Some([low.min(high) - radius, low.max(high) + radius])
    }
}

/// What one chord did to the stock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bite {
    /// Index of the chord.
    pub(crate) chord: u32,
    /// Most material above the tool's lower side, along z, mm.
    pub(crate) depth: f64,
}

/// Heights of the material that is left of a block, over a grid from its corner.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    pub(crate) spacing: f64,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Row by row; 0 is the block's top.
    pub(crate) heights: Vec<f64>,
}

/// Rows of the grid that one task works on.
const BAND_ROWS: usize = 64;

impl Stock {
    /// An untouched block of width × length.
    pub(crate) fn block(width: f64, length: f64, spacing: f64) -> Self {
        let columns = (width / spacing).floor() as usize + 1;
        let rows = (length / spacing).floor() as usize + 1;
        Self { spacing, columns, rows, heights: vec![0.0; columns * rows] }
    }

    /// Takes away what a ball of `radius` mm sweeps along the chords, in their order. Gives back every
    /// bite deeper than `least` mm, ordered by chord.
    pub(crate) fn cut(&mut self, chords: &[Chord], radius: f64, least: f64) -> Vec<Bite> {
        let (columns, spacing) = (self.columns, self.spacing);
        let bands: Vec<Vec<Bite>> = self
            .heights
            .par_chunks_mut(BAND_ROWS * columns)
            .enumerate()
            .map(|(band, heights)| {
                let band = Band { first_row: band * BAND_ROWS, columns, spacing, heights };
                band.cut(chords, radius, least)
            })
            .collect();
        let mut bites: Vec<Bite> = bands.into_iter().flatten().collect();
        bites.sort_by(|a, b| a.chord.cmp(&b.chord).then(b.depth.total_cmp(&a.depth)));
        bites.dedup_by_key(|bite| bite.chord);
        bites
    }
}

/// Some rows of the stock.
struct Band<'a> {
    first_row: usize,
    columns: usize,
    spacing: f64,
    heights: &'a mut [f64],
}

impl Band<'_> {
    fn cut(mut self, chords: &[Chord], radius: f64, least: f64) -> Vec<Bite> {
        let mut bites = Vec::new();
        for (index, chord) in chords.iter().enumerate() {
            let depth = self.cut_chord(chord, radius);
            if depth > least {
                bites.push(Bite { chord: index as u32, depth });
            }
        }
        bites
    }

    fn cut_chord(&mut self, chord: &Chord, radius: f64) -> f64 {
        let rows = self.heights.len() / self.columns;
        let low = chord.from[1].min(chord.to[1]) - radius;
        let high = chord.from[1].max(chord.to[1]) + radius;
        let row_of = |y: f64| y / self.spacing - self.first_row as f64;
        let first = row_of(low).ceil().max(0.0) as usize;
        let end = ((row_of(high).floor() + 1.0).max(0.0) as usize).min(rows);
        let ball = SweptBall::new(chord, radius);
        let mut depth = 0.0_f64;
        for row in first..end {
            let y = (self.first_row + row) as f64 * self.spacing;
            let Some([left, right]) = chord.x_range(y, radius) else { continue };
            let start = (left / self.spacing).ceil().max(0.0) as usize;
            let end = ((right / self.spacing).floor() + 1.0).max(0.0) as usize;
            for column in start..end.min(self.columns) {
                let x = column as f64 * self.spacing;
                if let Some(lower) = ball.lower_surface(x, y) {
                    let height = &mut self.heights[row * self.columns + column];
                    depth = depth.max(*height - lower);
                    *height = height.min(lower);
                }
            }
        }
        depth
    }
}

/// Heights left over single places, from the top of the block (0) down; the order of chords is
/// of no matter for them.
pub(crate) fn heights_left(places: &[[f64; 2]], chords: &[Chord], radius: f64) -> Vec<f64> {
    let bins = ChordBins::new(places, chords, radius);
    places
        .par_iter()
        .map(|[x, y]| {
            let lower = |index: &u32| {
                SweptBall::new(&chords[*index as usize], radius).lower_surface(*x, *y)
            };
            bins.at([*x, *y]).iter().filter_map(lower).fold(0.0, f64::min)
        })
        .collect()
}

/// Side of the bins, mm.
const BIN_MM: f64 = 2.0;

/// Chords by the places that they may reach.
struct ChordBins {
    low: [f64; 2],
    columns: usize,
    bins: Vec<Vec<u32>>,
}

impl ChordBins {
    fn new(places: &[[f64; 2]], chords: &[Chord], radius: f64) -> Self {
        let bound = |axis: usize| {
            let values = places.iter().map(|place| place[axis]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((left, right), (front, back)) = (bound(0), bound(1));
        let count = |length: f64| (length / BIN_MM).clamp(0.0, 1e4) as usize + 1;
        let (columns, rows) = (count(right - left), count(back - front));
        let mut bins = vec![Vec::new(); columns * rows];
        for (index, chord) in chords.iter().enumerate() {
            let range = |axis: usize, low: f64, count: usize| {
                let from = chord.from[axis].min(chord.to[axis]) - radius - low;
                let to = chord.from[axis].max(chord.to[axis]) + radius - low;
                let end = (to / BIN_MM).floor() + 1.0;
                ((from / BIN_MM).max(0.0) as usize).min(count)..(end.max(0.0) as usize).min(count)
            };
            let across = range(0, left, columns);
            for row in range(1, front, rows) {
                for column in across.clone() {
                    bins[row * columns + column].push(index as u32);
                }
            }
        }
        Self { low: [left, front], columns, bins }
    }

    fn at(&self, place: [f64; 2]) -> &[u32] {
        let [column, row] = [0, 1].map(|axis| ((place[axis] - self.low[axis]) / BIN_MM) as usize);
        self.bins.get(row * self.columns + column).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lower side by brute force: many balls along the chord.
    fn sampled(chord: &Chord, x: f64, y: f64, radius: f64) -> Option<f64> {
        (0..=20_000)
            .filter_map(|step| {
                let t = f64::from(step) / 20_000.0;
                let at = |axis: usize| chord.from[axis] + t * (chord.to[axis] - chord.from[axis]);
                let under = radius * radius - (x - at(0)).powi(2) - (y - at(1)).powi(2);
                (under >= 0.0).then(|| at(2) + radius - under.sqrt())
            })
            .reduce(f64::min)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn the_closed_form_is_the_envelope_of_all_balls(
            from in prop::array::uniform3(-5.0..5.0_f64),
            to in prop::array::uniform3(-5.0..5.0_f64),
            x in -8.0..8.0_f64,
            y in -8.0..8.0_f64,
        ) {
            let chord = Chord { from, to, motion: 0 };
            match (SweptBall::new(&chord, 3.0).lower_surface(x, y), sampled(&chord, x, y, 3.0)) {
                (Some(exact), Some(sampled)) => {
                    prop_assert!(exact <= sampled + 1e-9 && exact > sampled - 0.02, "{exact} {sampled}");
                }
                // Only the very border of the swept region may be missed by sampling.
                (Some(exact), None) => prop_assert!(exact > from[2].min(to[2]) + 2.5),
                (exact, sampled) => prop_assert_eq!(exact, sampled),
            }
        }

        #[test]
        fn single_places_and_grid_nodes_agree(
            tips in prop::collection::vec(prop::array::uniform3(0.0..20.0_f64), 2..6),
        ) {
            let lowered: Vec<Tip> = tips.iter().map(|[x, y, z]| [*x, *y, -z]).collect();
            let chords: Vec<Chord> = lowered
                .windows(2)
                .map(|pair| Chord { from: pair[0], to: pair[1], motion: 0 })
                .collect();
            let mut stock = Stock::block(20.0, 20.0, 1.0);
            stock.cut(&chords, 2.0, 0.0);
            let places: Vec<[f64; 2]> =
                (0..stock.heights.len()).map(|i| [(i % 21) as f64, (i / 21) as f64]).collect();
            let single = heights_left(&places, &chords, 2.0);
            for (node, height) in stock.heights.iter().zip(&single) {
                prop_assert!((node - height).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn bites_are_what_each_chord_takes() {
        let mut stock = Stock::block(20.0, 200.0, 0.5);
        let pass = |z: f64, motion| Chord { from: [10.0, 10.0, z], to: [10.0, 190.0, z], motion };
        let bites = stock.cut(&[pass(-1.0, 0), pass(-1.0, 1), pass(-4.0, 2)], 3.0, 0.01);
        assert_eq!(bites.len(), 2);
        assert_eq!((bites[0].chord, bites[1].chord), (0, 2));
        assert!((bites[0].depth - 1.0).abs() < 1e-12);
        assert!((bites[1].depth - 3.0).abs() < 1e-9);
    }
}
