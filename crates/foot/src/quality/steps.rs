//! Steps: places along the foot where all beyond is shifted, because the foot moved during the scan.
//!
//! The borders of the foot and its lowest places run smoothly along it. Where the foot moved they jump:
//! both borders to the same side, or the lateral sole up or down.

use crate::below::View;

/// Stretch in which steps are sought, as shares of the length: behind it the heel rounds up, in front
/// of it the toes jump by themselves.
const STRETCH: [f64; 2] = [0.08, 0.66];

/// Rows on each side of a place through which lines are laid, and rows at the place that are left out:
/// the triangles over the step are stretched.
const WINDOWS: [usize; 2] = [9, 5];
const GAP: usize = 2;

/// Lowest nodes of a row's lateral half whose mean is its level.
const LOWEST_NODES: usize = 12;

/// What a row shows.
struct Row {
    left: f64,
    right: f64,
    level: f64,
}

/// The largest step, mm: sideways, or up and down.
pub(super) fn step_mm(view: &View, heel_back: f64, length: f64) -> f64 {
    let rows: Vec<Option<Row>> = (0..view.heights.rows)
        .map(|row| {
            let share = (view.heights.node(0, row).y - heel_back) / length;
            if (STRETCH[0]..=STRETCH[1]).contains(&share) { read(view, row) } else { None }
        })
        .collect();
    let first = WINDOWS[0] + GAP;
    (first..rows.len().saturating_sub(first))
        .filter_map(|place| {
            let jump = |value: fn(&Row) -> f64| jump(&rows, place, value);
            let (left, right) = (jump(|row| row.left)?, jump(|row| row.right)?);
            // A waist or a bulge moves the borders against each other.
            let sideways = if left * right > 0.0 { left.abs().min(right.abs()) } else { 0.0 };
            Some(sideways.hypot(jump(|row| row.level)?))
        })
        .fold(0.0, f64::max)
}

fn read(view: &View, row: usize) -> Option<Row> {
    let [left, right] = view.outline[row]?;
    let middle = (left + right) / 2.0;
    let field = &view.heights;
    let mut heights: Vec<f64> = (0..field.columns)
        .filter(|&column| field.node(column, row).x > middle)
        .map(|column| field.at(column, row))
        .filter(|height| !height.is_nan())
        .collect();
    heights.sort_by(f64::total_cmp);
    let lowest = heights.get(..LOWEST_NODES)?;
    Some(Row { left, right, level: lowest.iter().sum::<f64>() / LOWEST_NODES as f64 })
}

/// How far lines through the rows behind and before a place miss each other there: the least of the
/// windows, 0 if they do not agree on its direction. Lines over a bend of the foot, as behind the ball of a
/// hanging one, miss each other as well, but the less the shorter they are.
fn jump(rows: &[Option<Row>], place: usize, value: fn(&Row) -> f64) -> Option<f64> {
    let [wide, narrow] = WINDOWS.map(|window| jump_over(rows, place, window, value));
    let (wide, narrow) = (wide?, narrow?);
    if wide * narrow <= 0.0 {
        return Some(0.0);
    }
    Some(if wide.abs() < narrow.abs() { wide } else { narrow })
}

fn jump_over(
    rows: &[Option<Row>],
    place: usize,
    window: usize,
    value: fn(&Row) -> f64,
) -> Option<f64> {
    let at_place = |from: usize| {
        let mut sums = [0.0; 4];
        for row in from..from + window {
            let (at, value) = (row as f64 - place as f64, value(rows.get(row)?.as_ref()?));
            sums = [sums[0] + at, sums[1] + at * at, sums[2] + value, sums[3] + at * value];
        }
        let count = window as f64;
        let [at, squares, values, products] = sums.map(|sum| sum / count);
        let slope = (products - at * values) / (squares - at * at);
        Some(values - slope * at)
    };
    Some(at_place(place + GAP)? - at_place(place + 1 - GAP - window)?)
}
