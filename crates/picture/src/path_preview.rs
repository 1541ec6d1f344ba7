use geometry::Point2;

use crate::chart::{Swatch, legend, legend_height, range_of};
use crate::color::Rgb;
use crate::frame::{Axis, Frame, Scale};
use crate::markup::{Drawing, Paint, Stroke, Svg};

/// Lines of one kind: cutting moves, rapid moves, walls, infill.
#[derive(Clone, Debug)]
pub struct PathGroup {
    /// Name in the legend.
    pub label: String,
    /// Lines in the plane, mm.
    pub lines: Vec<Vec<Point2>>,
    /// Color of the lines.
    pub color: Rgb,
    /// Width of the lines, px.
    pub width: f64,
    /// Whether the lines are dashed.
    pub dashed: bool,
}

/// A drawing with the number of lines that it could show.
#[derive(Clone, Debug)]
pub struct PathPreview {
    /// The drawing.
    pub svg: Svg,
    /// 1 if every line is drawn, n if every n-th is.
    pub every: usize,
}

/// How much room a preview has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewRoom {
    /// One of many figures of a page.
    Page,
    /// A file of its own, to be looked at closely.
    File,
}

impl PreviewRoom {
    /// Most corners: about 8 bytes each.
    const fn corners(self) -> usize {
        match self {
            Self::Page => 12_000,
            Self::File => 250_000,
        }
    }

    /// Largest plot, px.
    const fn most_px(self) -> (f64, f64) {
        match self {
            Self::Page => (360.0, 430.0),
            Self::File => (1080.0, 1290.0),
        }
    }
}

/// How far the drawn line may leave the true one, px.
const SIMPLIFIED_BY_PX: f64 = 0.25;

/// Draws tool paths or printed lines from above, in true proportion with axes in mm.
///
/// Lines are simplified to a quarter of a pixel; of groups that are still too much for the room, every
/// second, third, … line is drawn, and the result says so. Groups with few corners, such as walls, stay whole.
#[must_use]
pub fn path_preview(groups: &[PathGroup], description: &str, room: PreviewRoom) -> PathPreview {
    let points = || groups.iter().flat_map(|group| group.lines.iter().flatten());
    let x = range_of(points().map(|point| point.x)).unwrap_or((0.0, 1.0));
    let y = range_of(points().map(|point| point.y)).unwrap_or((0.0, 1.0));
    let extent = [(x.1 - x.0).max(1e-6), (y.1 - y.0).max(1e-6)];
    let most = room.most_px();
    let per_mm = (most.0 / extent[0]).min(most.1 / extent[1]);
    let entries: Vec<_> = groups
        .iter()
        .map(|group| (group.label.clone(), Swatch::Line(stroke(group, 2.0))))
        .collect();
    let (left, width) = (Frame::BESIDE, extent[0] * per_mm);
    let total = (left + width + 14.0).max(360.0);
    let top = legend_height(&entries, 6.0, total - 6.0) + 8.0;
    let bottom = top + extent[1] * per_mm;
    let frame = Frame {
        x: Axis {
            scale: Scale { low: x.0, high: x.1, low_px: left, high_px: left + width },
            title: "x, mm".to_owned(),
            pieces: (width / 60.0).max(2.0) as usize,
        },
        y: Axis {
            scale: Scale { low: y.0, high: y.1, low_px: bottom, high_px: top },
            title: "y, mm".to_owned(),
            pieces: 8,
        },
    };
    let mut drawing = Drawing::new(total, bottom + Frame::BELOW);
    legend(&mut drawing, &entries, 6.0, total - 6.0);
    frame.draw(&mut drawing);
    let drawn: Vec<Vec<Vec<(f64, f64)>>> =
        groups.iter().map(|group| on_page(group, &frame)).collect();
    let corners: Vec<usize> = drawn.iter().map(|lines| lines.iter().map(Vec::len).sum()).collect();
    let steps = thinned(&corners, room.corners());
    for ((group, lines), step) in groups.iter().zip(&drawn).zip(&steps) {
        let kept: Vec<_> = lines.iter().step_by(*step).cloned().collect();
        drawing.polylines(&kept, stroke(group, group.width));
    }
    let every = steps.into_iter().max().unwrap_or(1);
    PathPreview { svg: drawing.finish(description), every }
}

/// Of each group every how manieth line is drawn, so that all of them together have about `most` corners: those that
/// need less than an even share leave the rest to the others.
fn thinned(corners: &[usize], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..corners.len()).collect();
    order.sort_by_key(|group| (corners[*group], *group));
    let mut steps = vec![1; corners.len()];
    let mut rest = most;
    for (done, group) in order.into_iter().enumerate() {
        let share = (rest / (corners.len() - done)).max(1);
        steps[group] = corners[group].div_ceil(share).max(1);
        rest -= (corners[group] / steps[group]).min(rest);
    }
    steps
}

fn stroke(group: &PathGroup, width: f64) -> Stroke {
    let plain = Stroke::new(Paint::solid(group.color), width);
    if group.dashed { plain.dashed() } else { plain }
}

fn on_page(group: &PathGroup, frame: &Frame) -> Vec<Vec<(f64, f64)>> {
    group
        .lines
        .iter()
        .map(|line| {
            let placed: Vec<_> = line
                .iter()
                .filter(|point| point.x.is_finite() && point.y.is_finite())
                .map(|point| frame.at(point.x, point.y))
                .collect();
            simplified(&placed, SIMPLIFIED_BY_PX)
        })
        .filter(|line| line.len() > 1)
        .collect()
}

/// Ramer's and Douglas and Peucker's simplification (1972, 1973): keeps the corners that lie farther
/// than `tolerance` from the chord. Iterative, so that a long path cannot exhaust the stack.
fn simplified(line: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let mut kept = vec![false; line.len()];
    kept[0] = true;
    kept[line.len() - 1] = true;
    let mut pieces = vec![(0, line.len() - 1)];
    while let Some((first, last)) = pieces.pop() {
        let chord = |index: usize| {
            let to_point = |point: (f64, f64)| Point2::new(point.0, point.1);
            geometry::polygon::distance_to_segment(
                to_point(line[first]),
                to_point(line[last]),
                to_point(line[index]),
            )
        };
        let farthest = (first + 1..last)
            .map(|index| (index, chord(index)))
            .fold((first, 0.0), |best, next| if next.1 > best.1 { next } else { best });
        if farthest.1 > tolerance {
            kept[farthest.0] = true;
            pieces.push((first, farthest.0));
            pieces.push((farthest.0, last));
        }
    }
    line.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(point, _)| *point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check_well_formed, series_color};

    fn group(lines: Vec<Vec<Point2>>) -> PathGroup {
        PathGroup {
            label: "finishing".to_owned(),
            lines,
            color: series_color(0),
            width: 0.8,
            dashed: false,
        }
    }

    #[test]
    fn simplified_line_stays_near() {
        let wave: Vec<_> =
            (0..2000).map(|i| (f64::from(i) * 0.1, (f64::from(i) * 0.05).sin() * 20.0)).collect();
        let short = simplified(&wave, 0.25);
        assert!(short.len() < 300, "{} of 2000 corners", short.len());
        let as_point = |p: &(f64, f64)| Point2::new(p.0, p.1);
        for point in &wave {
            let nearest = short
                .windows(2)
                .map(|pair| {
                    let (a, b) = (as_point(&pair[0]), as_point(&pair[1]));
                    geometry::polygon::distance_to_segment(a, b, as_point(point))
                })
                .fold(f64::INFINITY, f64::min);
            assert!(nearest <= 0.25 + 1e-9);
        }
    }

    #[test]
    fn a_long_program_is_thinned_and_says_so() {
        let wave = |row: i32| {
            (0..400)
                .map(|i| Point2::new(f64::from(i), f64::from(row) + 2.0 * f64::from(i % 2)))
                .collect()
        };
        let preview =
            path_preview(&[group((0..100).map(wave).collect())], "path", PreviewRoom::Page);
        assert!(preview.every >= 3, "40,000 corners, every {}", preview.every);
        assert_eq!(check_well_formed(preview.svg.as_str()), Ok(()));
        assert!(preview.svg.as_str().len() < 200_000);
    }

    #[test]
    fn small_groups_stay_whole_beside_large_ones() {
        for (corners, steps) in [
            (vec![100, 200, 300], vec![1, 1, 1]),
            (vec![100, 100_000], vec![1, 9]),
            (vec![100_000, 3_000, 3_000], vec![17, 1, 1]),
            (vec![24_000, 24_000], vec![4, 4]),
        ] {
            assert_eq!(thinned(&corners, 12_000), steps, "{corners:?}");
        }
    }

    #[test]
    fn nothing_to_draw() {
        let preview = path_preview(&[], "nothing", PreviewRoom::File);
        assert_eq!((check_well_formed(preview.svg.as_str()), preview.every), (Ok(()), 1));
    }
}
