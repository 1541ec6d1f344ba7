//! How many passes lie between the border of the ground and every place of it, when passes go round the part.
//!
//! On the surface of the tool's tips, passes of even scallop lie
//!
//! ```text
//!   d = √(8 h / (1/R + κ))     h  highest scallop, R  radius of the ball
//!                              κ  largest curvature of the tip's surface, positive in hollows
//! ```
//!
//! apart. The number T of passes from the border grows by 1/d along the shortest way on the surface (|∇T| = 1/d), and passes are
//! the lines on which it is whole. T is found on the triangles between the nodes of a grid, in space, each node from the cheapest
//! way through the edges around it (Kimmel and Sethian 1998, doi 10.1073/pnas.95.15.8431), by sweeps over the grid in four
//! directions until nothing changes (Zhao 2005, doi 10.1090/S0025-5718-04-01678-3) rather than from a heap. Ways through obtuse
//! triangles, on slopes of over 60° askew to the grid, count as a little too long: passes lie closer there.

use crate::even_passes::Evenness;
use crate::ground::Ground;
use crate::level_lines::{AROUND, Lattice, LevelLine, apart, level_lines};
use crate::raster::Sampling;
use crate::tip_grid::TipGrid;
use crate::triangle_cutter::LastContact;

/// Nodes lie this far apart, as a share of the step-over, within what is fine enough for rims and not too many.
const NODE_SHARE: f64 = 0.7;
const NODES_MM: [f64; 2] = [0.2, 0.5];
/// Half the length over which curvature is taken, mm. Over half of that it is the mesh's own: rings are a twentieth longer in all and
/// have a third more moves.
pub(crate) const CURVED_OVER_MM: f64 = 1.0;
/// 1 + R κ is kept within this: passes over a sharp rim lie three times farther apart, those in narrow hollows half as far.
const BENT: [f64; 2] = [0.1, 4.0];
/// Where the ground is bent, passes lie this share closer than planned, so that few have to be added.
const RESERVE: f64 = 0.02;
/// The densest passes around count this far, mm, and are then evened out over as much again.
const SPREAD_MM: f64 = 1.0;
/// Sweeps end when T changes by less than this.
const SETTLED: f64 = 1e-7;
/// Most rounds of four sweeps; a part like a maze needs one for each turn of it.
const MOST_ROUNDS: usize = 60;

/// The number of passes from the border, over a grid.
#[derive(Debug)]
pub(crate) struct RingField {
    pub(crate) lattice: Lattice,
    /// Row by row; negative outside of the border.
    pub(crate) passes: Vec<f64>,
}

impl RingField {
    /// Passes from `border`, closed ways around all parts and in their holes, inward.
    pub(crate) fn new(
        ground: &Ground<'_>,
        border: &[Vec<[f64; 2]>],
        sampling: Sampling,
        evenness: Evenness,
    ) -> Self {
        let node_mm = (NODE_SHARE * sampling.step_over).clamp(NODES_MM[0], NODES_MM[1]);
        let tips = TipGrid::new(ground, sampling, [node_mm; 2]);
        let lattice = tips.lattice();
        let inside: Vec<bool> = inside(&lattice, border)
            .into_iter()
            .zip(tips.heights())
            .map(|(is_inside, height)| is_inside && !height.is_nan())
            .collect();
        let mut pace = pace(&lattice, tips.heights(), &inside, evenness);
        let last = LastContact::default();
        for node in (0..inside.len()).filter(|node| inside[*node]) {
            let place = lattice.place(node % lattice.columns, node / lattice.columns);
            if ground.is_over_part(place) {
                continue;
            }
            // Beside the part rings lie across the slope. Where the ball only rolls over a sharp rim they touch nothing but that, and
            // are not drawn together by the ground on the other side of it; where something else holds it they touch nothing.
            let stand = ground.stand(place, sampling.reach, &last);
            let curvature = match stand.and_then(|stand| stand.gradient) {
                Some(_) => Bent::of(&lattice, tips.heights(), (node, node_mm))
                    .map_or(0.0, |bent| bent.down_slope),
                None => f64::NEG_INFINITY,
            };
            pace[node] = evenness.level() * closer(evenness.corner, curvature);
        }
        let mut field = Self { lattice, passes: vec![f64::INFINITY; inside.len()] };
        field.start(ground, (border, sampling.reach), &tips, (&pace, &inside));
        field.sweep(tips.heights(), &pace, &inside);
        // What no way from the border reaches is no ground.
        for passes in field.passes.iter_mut().filter(|passes| passes.is_infinite()) {
            *passes = -1.0;
        }
        field
    }

    /// Most passes from the border to any place.
    pub(crate) fn most(&self) -> f64 {
        self.passes.iter().copied().fold(0.0, f64::max)
    }

    /// The lines that many passes from the border, with more on their right hand.
    pub(crate) fn lines(&self, passes: f64) -> Vec<LevelLine> {
        level_lines(&self.lattice, &self.passes, passes)
    }

    /// Passes at the nodes around the border, by how far they are from it; negative outside.
    fn start(
        &mut self,
        ground: &Ground<'_>,
        (border, reach): (&[Vec<[f64; 2]>], f64),
        tips: &TipGrid,
        (pace, inside): (&[f64], &[bool]),
    ) {
        // Foot of the shortest way to the border, and its length seen from above.
        let mut feet: Vec<Option<([f64; 2], f64)>> = vec![None; inside.len()];
        let lattice = self.lattice;
        let around = lattice.spacing.map(|spacing| 2.0 * spacing);
        for pair in border.iter().flat_map(|places| places.windows(2)) {
            for piece in pieces([pair[0], pair[1]], around[0]) {
                let low = [0, 1].map(|axis| piece[0][axis].min(piece[1][axis]) - around[axis]);
                let high = [0, 1].map(|axis| piece[0][axis].max(piece[1][axis]) + around[axis]);
                let ([left, front], [right, back]) = (lattice.nearest(low), lattice.nearest(high));
                for row in front..=back {
                    for column in left..=right {
                        let place = lattice.place(column, row);
                        let foot = nearest_on(piece, place);
                        let away = apart(foot, place);
                        let known = &mut feet[lattice.index(column, row)];
                        if known.is_none_or(|(_, known)| away < known) {
                            *known = Some((foot, away));
                        }
                    }
                }
            }
        }
        let last = LastContact::default();
        for (node, foot) in feet.into_iter().enumerate() {
            let Some(([x, y], away)) = foot else { continue };
            let height = tips.heights()[node];
            let rise = ground.tip(x, y, reach, &last).map_or(0.0, |tip| tip - height);
            let way = away.hypot(if rise.is_nan() { 0.0 } else { rise });
            self.passes[node] = if inside[node] { way * pace[node] } else { -way * pace[node] };
        }
    }

    /// Shortens the ways to all nodes inside until none can be shortened.
    fn sweep(&mut self, heights: &[f64], pace: &[f64], inside: &[bool]) {
        let Lattice { columns, rows, .. } = self.lattice;
        // A node is looked at again when one around it has changed.
        let mut is_waiting = inside.to_vec();
        for _round in 0..MOST_ROUNDS {
            let mut has_changed = false;
            for direction in 0..4 {
                for row in 0..rows {
                    let row = if direction < 2 { row } else { rows - 1 - row };
                    for column in 0..columns {
                        let column = if direction % 2 == 0 { column } else { columns - 1 - column };
                        let node = row * columns + column;
                        if !std::mem::take(&mut is_waiting[node]) {
                            continue;
                        }
                        let shortest = self.shortest(node, (heights, inside), pace[node]);
                        if shortest < self.passes[node] - SETTLED {
                            self.passes[node] = shortest;
                            has_changed = true;
                            for other in self.lattice.around(node).into_iter().flatten() {
                                is_waiting[other] = inside[other];
                            }
                        }
                    }
                }
            }
            if !has_changed {
                break;
            }
        }
    }

    /// Passes at a node by the cheapest way to it through the edges around it.
    fn shortest(&self, node: usize, (heights, inside): (&[f64], &[bool]), pace: f64) -> f64 {
        let spacing = self.lattice.spacing;
        let around = self.lattice.around(node);
        let ways: [Option<([f64; 3], f64)>; 8] = std::array::from_fn(|turn| {
            let other = around[turn].filter(|other| inside[*other])?;
            let [right, back] = AROUND[turn];
            let step = [
                right as f64 * spacing[0],
                back as f64 * spacing[1],
                heights[other] - heights[node],
            ];
            Some((step, self.passes[other])).filter(|(_, passes)| passes.is_finite())
        });
        let mut least = f64::INFINITY;
        for turn in 0..8 {
            let Some((step, passes)) = ways[turn] else { continue };
            least = least.min(passes + pace * norm(step));
            if let Some(other) = ways[(turn + 1) % 8] {
                least = least.min(through([(step, passes), other], pace));
            }
        }
        least
    }
}

/// The cheapest way from a place through the edge between two others, which are given by the steps to them and by what they have.
///
/// What the way costs is passes(t) + pace |a + t (b − a)|; it is least where both change alike.
fn through([(a, from), (b, to)]: [([f64; 3], f64); 2], pace: f64) -> f64 {
    let edge: [f64; 3] = std::array::from_fn(|axis| b[axis] - a[axis]);
    let dot = |p: [f64; 3], q: [f64; 3]| p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
    let length = norm(edge);
    if length <= 0.0 {
        return f64::INFINITY;
    }
    let gain = (to - from) / (pace * length);
    if !(-1.0..=1.0).contains(&gain) {
        return f64::INFINITY;
    }
    // Foot of the perpendicular on the edge, and its length.
    let foot = -dot(a, edge) / length;
    let height = (dot(a, a) - foot * foot).max(0.0).sqrt();
    let along = (foot - height * gain / (1.0 - gain * gain).max(1e-12).sqrt()).clamp(0.0, length);
    from + (to - from) * along / length + pace * height.hypot(along - foot)
}

fn norm([x, y, z]: [f64; 3]) -> f64 {
    (x * x + y * y + z * z).sqrt()
}

/// A straight way in pieces that are no longer than `most`.
fn pieces([from, to]: [[f64; 2]; 2], most: f64) -> impl Iterator<Item = [[f64; 2]; 2]> {
    let count = (apart(from, to) / most).ceil().clamp(1.0, 1e5) as usize;
    let at = move |piece: usize| {
        let share = piece as f64 / count as f64;
        [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]))
    };
    (0..count).map(move |piece| [at(piece), at(piece + 1)])
}

/// The place of a straight piece that is nearest to another place.
pub(crate) fn nearest_on([from, to]: [[f64; 2]; 2], place: [f64; 2]) -> [f64; 2] {
    let chord = [to[0] - from[0], to[1] - from[1]];
    let squared = chord[0] * chord[0] + chord[1] * chord[1];
    let along = (place[0] - from[0]) * chord[0] + (place[1] - from[1]) * chord[1];
    let share = if squared > 0.0 { (along / squared).clamp(0.0, 1.0) } else { 0.0 };
    [from[0] + share * chord[0], from[1] + share * chord[1]]
}

/// Which nodes lie within closed ways, those of holes counted off.
fn inside(lattice: &Lattice, border: &[Vec<[f64; 2]>]) -> Vec<bool> {
    let mut inside = vec![false; lattice.columns * lattice.rows];
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); lattice.rows];
    for pair in border.iter().flat_map(|places| places.windows(2)) {
        let [from, to] =
            if pair[0][1] <= pair[1][1] { [pair[0], pair[1]] } else { [pair[1], pair[0]] };
        let row_of = |y: f64| ((y - lattice.low[1]) / lattice.spacing[1]).ceil().max(0.0) as usize;
        let (first, end) = (row_of(from[1]), row_of(to[1]).min(lattice.rows));
        for (row, crossings) in crossings.iter_mut().enumerate().take(end).skip(first) {
            let y = lattice.place(0, row)[1];
            let share = (y - from[1]) / (to[1] - from[1]);
            crossings.push(from[0] + share * (to[0] - from[0]));
        }
    }
    for (row, mut crossings) in crossings.into_iter().enumerate() {
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let column_of =
                |x: f64| ((x - lattice.low[0]) / lattice.spacing[0]).ceil().max(0.0) as usize;
            for column in column_of(pair[0])..column_of(pair[1]).min(lattice.columns) {
                inside[lattice.index(column, row)] = true;
            }
        }
    }
    inside
}

/// Passes per mm on the surface at every node: the most around it, evened out.
fn pace(lattice: &Lattice, heights: &[f64], inside: &[bool], evenness: Evenness) -> Vec<f64> {
    let (corner, level) = (evenness.corner, evenness.level());
    let nodes = 0..heights.len();
    let needed: Vec<f64> = nodes
        .map(|node| {
            if !inside[node] {
                return 1.0;
            }
            let bent = Bent::of(lattice, heights, (node, CURVED_OVER_MM));
            closer(corner, bent.map_or(0.0, |bent| bent.largest))
        })
        .collect();
    let around = lattice.spacing.map(|spacing| (SPREAD_MM / spacing).round() as usize);
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let densest = along_rows_and_columns(lattice, &needed, around, most);
    let even = along_rows_and_columns(lattice, &densest, around, mean);
    even.into_iter().map(|closer| level * closer).collect()
}

/// Puts what is found of the values around each node in its place, along rows and then along columns.
fn along_rows_and_columns(
    lattice: &Lattice,
    values: &[f64],
    around: [usize; 2],
    found: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    let Lattice { columns, rows, .. } = *lattice;
    let window = |at: usize, around: usize, count: usize| {
        at.saturating_sub(around)..(at + around + 1).min(count)
    };
    let of_rows: Vec<f64> = values
        .chunks(columns)
        .flat_map(|row| (0..columns).map(|column| found(&row[window(column, around[0], columns)])))
        .collect();
    let mut in_column = Vec::new();
    (0..values.len())
        .map(|node| {
            let (column, row) = (node % columns, node / columns);
            in_column.clear();
            in_column
                .extend(window(row, around[1], rows).map(|row| of_rows[row * columns + column]));
            found(&in_column)
        })
        .collect()
}

/// How many times closer than on level ground passes lie where the tip's surface has a curvature across them.
fn closer(corner: f64, curvature: f64) -> f64 {
    let closer = (1.0 + corner * curvature).clamp(BENT[0], BENT[1]).sqrt();
    closer * (1.0 + RESERVE * ((closer - 1.0).abs() / RESERVE).min(1.0))
}

/// Curvatures of heights over a grid, 1/mm, positive in hollows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bent {
    /// The larger of the two principal ones.
    pub(crate) largest: f64,
    /// Along the slope; the largest where there is none.
    pub(crate) down_slope: f64,
}

impl Bent {
    /// Those at a node, over about `half` mm to each side; `None` beside unknown nodes.
    pub(crate) fn of(
        lattice: &Lattice,
        heights: &[f64],
        (node, half): (usize, f64),
    ) -> Option<Self> {
        let (column, row) = (node % lattice.columns, node / lattice.columns);
        let wide = lattice.spacing.map(|spacing| (half / spacing).round().max(1.0) as isize);
        let at = |right: isize, back: isize| {
            let column = column.checked_add_signed(right * wide[0])?;
            let row = row.checked_add_signed(back * wide[1])?;
            let is_on = column < lattice.columns && row < lattice.rows;
            is_on.then(|| heights[lattice.index(column, row)]).filter(|height| !height.is_nan())
        };
        let here = at(0, 0)?;
        let [dx, dy] = [0, 1].map(|axis| lattice.spacing[axis] * wide[axis] as f64);
        let (left, right, front, back) = (at(-1, 0)?, at(1, 0)?, at(0, -1)?, at(0, 1)?);
        let (p, q) = ((right - left) / (2.0 * dx), (back - front) / (2.0 * dy));
        let (along_x, along_y) =
            ((left + right - 2.0 * here) / (dx * dx), (front + back - 2.0 * here) / (dy * dy));
        let twist = match (at(1, 1), at(-1, -1), at(1, -1), at(-1, 1)) {
            (Some(a), Some(b), Some(c), Some(d)) => (a + b - c - d) / (4.0 * dx * dy),
            _ => 0.0,
        };
        let squared = 1.0 + p * p + q * q;
        let mean = ((1.0 + q * q) * along_x - 2.0 * p * q * twist + (1.0 + p * p) * along_y)
            / (2.0 * squared.powf(1.5));
        let gauss = (along_x * along_y - twist * twist) / (squared * squared);
        let largest = mean + (mean * mean - gauss).max(0.0).sqrt();
        let slope = p * p + q * q;
        let down_slope = if slope > 0.0 {
            (along_x * p * p + 2.0 * twist * p * q + along_y * q * q) / (slope * squared.powf(1.5))
        } else {
            largest
        };
        Some(Self { largest, down_slope })
    }
}

#[cfg(test)]
mod tests {
    use geometry::{Point3, TriMesh};

    use super::*;
    use crate::finishing::{finish_sampling, level_scallop};
    use crate::ground::Limits;
    use crate::plan_view::PlanView;
    use crate::sample_parts::{ellipse, order, part, plate};

    /// Passes of half a millimeter on level ground from a border.
    fn field(part: &TriMesh, border: &[[f64; 2]]) -> RingField {
        let order = order();
        let view = PlanView::new(part, 10.0, 0.2);
        let limits = Limits { skirt: f64::INFINITY, floor: -50.0 };
        let ground = Ground::new(part, &view, &order.tool, 0.0, limits);
        let evenness = Evenness { corner: 3.0, scallop: level_scallop(3.0, 0.5) };
        let border: Vec<[f64; 2]> = border.iter().chain(border.first()).copied().collect();
        RingField::new(&ground, &[border], finish_sampling(&order), evenness)
    }

    /// Nodes inside of the border with their passes.
    fn nodes(field: &RingField) -> impl Iterator<Item = ([f64; 2], f64)> + '_ {
        let lattice = field.lattice;
        let place =
            move |node: usize| lattice.place(node % lattice.columns, node / lattice.columns);
        let all = field.passes.iter().enumerate().map(move |(node, passes)| (place(node), *passes));
        all.filter(|(_, passes)| *passes > 0.0)
    }

    #[test]
    fn passes_on_a_plane_are_the_distance_from_its_border() {
        let square = [[-9.0, -20.0], [9.0, -20.0], [9.0, 20.0], [-9.0, 20.0]];
        let field = field(&plate(), &square);
        let mut count = 0;
        for ([x, y], passes) in nodes(&field) {
            let away = (9.0 - x.abs()).min(20.0 - y.abs());
            assert!((0.5 * passes - away).abs() < 0.01 + 0.01 * away, "{x} {y}: {passes} {away}");
            count += 1;
        }
        assert!(count > 2000, "{count}");
        // In front of a corner that points inward ways fan out around it.
        let notched =
            [[-9.0, -20.0], [9.0, -20.0], [9.0, 20.0], [0.0, 20.0], [0.0, 0.0], [-9.0, 0.0]];
        let field = self::field(&plate(), &notched);
        let [x, y] = [1.5, -2.0];
        let near = |at: [f64; 2]| apart(at, [x, y]);
        let found = nodes(&field).min_by(|a, b| near(a.0).total_cmp(&near(b.0))).unwrap();
        let away = found.0[0].hypot(found.0[1]);
        assert!((0.5 * found.1 - away).abs() < 0.03 * away, "{found:?} {away}");
    }

    #[test]
    fn passes_on_a_slope_count_its_length() {
        // A slope of 60° along x, which is twice as long as it looks.
        let corner = |x: f64, y: f64| Point3::new(x, y, 3.0_f64.sqrt() * x);
        let vertices =
            vec![corner(0.0, 0.0), corner(20.0, 0.0), corner(20.0, 40.0), corner(0.0, 40.0)];
        let slope = TriMesh { vertices, triangles: vec![[0, 1, 2], [0, 2, 3]] };
        let field = field(&slope, &[[5.0, 5.0], [15.0, 5.0], [15.0, 35.0], [5.0, 35.0]]);
        for ([x, y], passes) in nodes(&field) {
            let away = (2.0 * (5.0 - (x - 10.0).abs())).min(15.0 - (y - 20.0).abs());
            assert!((0.5 * passes - away).abs() < 0.01 + 0.02 * away, "{x} {y}: {passes} {away}");
        }
    }

    #[test]
    fn curvatures_of_a_ball_and_of_a_cylinder_are_known() {
        let lattice = Lattice { low: [-4.0; 2], spacing: [0.25, 0.2], columns: 33, rows: 41 };
        let heights = |height: fn([f64; 2]) -> f64| -> Vec<f64> {
            let place = |node: usize| lattice.place(node % lattice.columns, node / lattice.columns);
            (0..lattice.columns * lattice.rows).map(|node| height(place(node))).collect()
        };
        let node = lattice.index(26, 28);
        let ball = heights(|[x, y]| (100.0 - x * x - y * y).sqrt());
        let bent = Bent::of(&lattice, &ball, (node, 0.25)).unwrap();
        assert!(
            (bent.largest + 0.1).abs() < 1e-3 && (bent.down_slope + 0.1).abs() < 1e-3,
            "{bent:?}"
        );
        // Bent along x only; its rulings are straight.
        let roof = heights(|[x, _]| (100.0 - x * x).sqrt());
        let bent = Bent::of(&lattice, &roof, (node, 0.25)).unwrap();
        assert!(bent.largest.abs() < 1e-9 && (bent.down_slope + 0.1).abs() < 1e-3, "{bent:?}");
        assert!(Bent::of(&lattice, &roof, (0, 0.25)).is_none());
    }

    #[test]
    fn passes_on_a_cone_are_its_slant_height() {
        let cone = part([14.0, 14.0], |p| 14.0 - p.coords.norm());
        let border: Vec<[f64; 2]> =
            ellipse([0.0, 0.0], [12.0, 12.0]).iter().map(|corner| [corner.x, corner.y]).collect();
        let field = field(&cone, &border);
        // Within 2.2 mm of the axis the ball stands on the point.
        for ([x, y], passes) in nodes(&field).filter(|([x, y], _)| x.hypot(*y) > 5.0) {
            let away = (12.0 - x.hypot(y)) * 2.0_f64.sqrt();
            // A cone is bent along its rounds, which makes passes no denser up and down it.
            assert!((0.5 * passes - away).abs() < 0.02 + 0.04 * away, "{x} {y}: {passes} {away}");
        }
    }
}
