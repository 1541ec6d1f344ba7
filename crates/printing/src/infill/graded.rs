//! Sparse infill whose density changes from place to place, without a border line anywhere.
//!
//! Straight lines and rings are laid as densely as the densest place wants; each has a threshold from
//! the van der Corput sequence (1935), and is printed where the local density asks for it. So any
//! run of neighbors holds the local share evenly, and in a blend line after line ends at its own
//! place. Gyroids of the two nearest densities are blended as fields (a weighted sum, as in graded
//! triply periodic surfaces: Maskery et al. 2018, Polymer 152) and their common zero line is traced.

use geometry::Point2;

use super::blended_field::{BlendedField, Extent, LEAST_DENSITY, Level, between};
use super::joined::{LONGEST_SPACINGS, joined};
use super::{CURVE_TOLERANCE_SHARE, Parallels, Room, SHORTEST_CHORD_MM, STRIP_SCALE, Sparse};
use crate::path::{Path, Role};
use crate::region::{Region, simplified_line};
use crate::settings::InfillPattern;
use crate::zones::DensityField;

/// Densities are sampled this far apart along lines, mm.
const SAMPLING_MM: f64 = 1.0;

/// Thresholds repeat after this many lines: a power of two.
const THRESHOLDS: u64 = 32;

/// Cells of the traced field in a period of its densest gyroid. Where a section is most curved its radius is 2 / turns
/// (at `tan y = -sin x`), so that chords of 1/8 leave it by 0.006 periods: 0.015 mm at a density of 40 %.
const CELLS_PER_PERIOD: f64 = 8.0;

/// Lines of an area with zones, joined along the walls, and the area that they should fill, mm².
pub(crate) fn sparse(region: &Region, how: &Sparse, field: &DensityField) -> (Vec<Path>, f64) {
    if how.pattern == InfillPattern::Concentric {
        return patterned(region, how, field);
    }
    let local = |place: Point2| field.at(place, how.height).max(LEAST_DENSITY);
    let Room { broad, narrow } = Room::within(region, how.pitch);
    let (lines, mut wanted) = patterned(&broad, how, field);
    let longest = |place: Point2| LONGEST_SPACINGS * how.pitch / local(place);
    let (mut paths, joints) = joined(lines, &broad.loops(), how.pitch, longest);
    wanted += joints;
    if !narrow.is_empty() {
        let (lines, area) = patterned(&narrow, how, field);
        paths.extend(lines);
        wanted += area;
    }
    (paths, wanted)
}

/// Lines that end on the border of a region or where the density falls, and the area that they should fill, mm².
fn patterned(region: &Region, how: &Sparse, field: &DensityField) -> (Vec<Path>, f64) {
    let local = |place: Point2| field.at(place, how.height);
    let densest = field.levels().iter().copied().fold(0.0, f64::max);
    let mut wanted = wanted_area(region, &local);
    let turns = std::f64::consts::FRAC_PI_4 * if how.layer.is_multiple_of(2) { 1.0 } else { 3.0 };
    let crossed = |angles: &[f64]| -> Vec<Path> {
        let loops = region.loops();
        let spacing = angles.len() as f64 * how.pitch / densest;
        let family = |&angle: &f64| {
            thinned_chords(&loops, &Parallels::new(angle, spacing), how, &|p| local(p) / densest)
        };
        angles.iter().flat_map(family).collect()
    };
    let third = std::f64::consts::FRAC_PI_3;
    let mut paths = match how.pattern {
        InfillPattern::Lines => crossed(&[turns]),
        InfillPattern::Grid => {
            crossed(&[std::f64::consts::FRAC_PI_4, 3.0 * std::f64::consts::FRAC_PI_4])
        }
        InfillPattern::Triangles => crossed(&[0.0, third, 2.0 * third]),
        InfillPattern::Concentric => thinned_rings(region, how, densest, &local),
        InfillPattern::Gyroid => blended_gyroid(region, how, field),
    };
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    if filled > 0.0 {
        let scale = (wanted / filled).clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
        paths.iter_mut().for_each(|path| path.scale_strip(scale));
        if how.pattern == InfillPattern::Concentric {
            // Where a region is narrower than the rings' distance there is room for none.
            wanted = wanted.min(filled * scale);
        }
    } else if how.pattern == InfillPattern::Concentric {
        wanted = 0.0;
    }
    (paths, wanted)
}

/// The integral of the density over an area, mm².
fn wanted_area(region: &Region, local: &impl Fn(Point2) -> f64) -> f64 {
    let parallels = Parallels::new(0.0, SAMPLING_MM);
    let (first, lines) = parallels.chords(&region.loops());
    let (mut sum, mut length) = (0.0, 0.0);
    for (row, chords) in lines.into_iter().enumerate() {
        let across = parallels.across(first + row as i64);
        for [from, to] in chords {
            let steps = ((to - from) / SAMPLING_MM).ceil().max(1.0);
            let step = (to - from) / steps;
            for index in 0..steps as usize {
                let along = from + (index as f64 + 0.5) * step;
                sum += step * local(parallels.point(along, across));
            }
            length += to - from;
        }
    }
    if length > 0.0 { region.area() * sum / length } else { 0.0 }
}

/// The share of the densest fill from which on a line is printed, over 0 and under 1.
fn threshold(line: i64) -> f64 {
    let index = line.rem_euclid(THRESHOLDS as i64) as u64;
    let bits = THRESHOLDS.trailing_zeros();
    let reversed = index.reverse_bits() >> (u64::BITS - bits);
    (reversed as f64 + 0.5) / THRESHOLDS as f64
}

/// The parts of a line where the density reaches its threshold.
fn kept_parts(points: &[Point2], limit: f64, share: &impl Fn(Point2) -> f64) -> Vec<Vec<Point2>> {
    let mut parts: Vec<Vec<Point2>> = Vec::new();
    let mut current: Vec<Point2> = Vec::new();
    for pair in points.windows(2) {
        let steps = ((pair[1] - pair[0]).norm() / SAMPLING_MM).ceil().max(1.0) as usize;
        for index in 0..steps {
            let at = |index: usize| pair[0] + (pair[1] - pair[0]) * (index as f64 / steps as f64);
            let (from, to) = (at(index), at(index + 1));
            if share(nalgebra::center(&from, &to)) >= limit {
                if current.is_empty() {
                    current.push(from);
                }
                current.push(to);
            } else if !current.is_empty() {
                parts.push(std::mem::take(&mut current));
            }
        }
    }
    if !current.is_empty() {
        parts.push(current);
    }
    parts.into_iter().map(|part| simplified_line(&part, 1e-3)).collect()
}

fn thinned_chords(
    loops: &[Vec<Point2>],
    parallels: &Parallels,
    how: &Sparse,
    share: &impl Fn(Point2) -> f64,
) -> Vec<Path> {
    let (first, lines) = parallels.chords(loops);
    let mut paths = Vec::new();
    for (row, chords) in lines.into_iter().enumerate() {
        let line = first + row as i64;
        let across = parallels.across(line);
        for [from, to] in chords {
            let ends = [parallels.point(from, across), parallels.point(to, across)];
            for points in kept_parts(&ends, threshold(line), share) {
                paths.push(Path::even(Role::Infill, points, how.pitch));
            }
        }
    }
    paths.retain(|path| path.length() >= SHORTEST_CHORD_MM);
    paths
}

fn thinned_rings(
    region: &Region,
    how: &Sparse,
    densest: f64,
    local: &impl Fn(Point2) -> f64,
) -> Vec<Path> {
    let spacing = how.pitch / densest;
    let (mut paths, mut line) = (Vec::new(), 0);
    let mut ring = region.grown(-spacing / 2.0);
    while !ring.is_empty() {
        for mut corners in ring.loops() {
            corners.extend(corners.first().copied());
            for points in kept_parts(&corners, threshold(line), &|p| local(p) / densest) {
                paths.push(Path::even(Role::Infill, points, how.pitch));
            }
        }
        ring = ring.grown(-spacing);
        line += 1;
    }
    paths.retain(|path| path.length() >= SHORTEST_CHORD_MM);
    paths
}

fn blended_gyroid(region: &Region, how: &Sparse, field: &DensityField) -> Vec<Path> {
    let levels: Vec<Level> =
        field.levels().iter().map(|&density| Level::new(density, how)).collect();
    let Some(densest) = levels.last() else { return Vec::new() };
    let loops = region.loops();
    let Some(extent) = Extent::of(&loops, densest.period() / CELLS_PER_PERIOD) else {
        return Vec::new();
    };
    let grid = BlendedField::sample(extent, &levels, how.height, field);
    let lines: Vec<Vec<Point2>> =
        grid.zero_lines().iter().map(|line| thinned(line, how, field)).collect();
    let mut paths = Vec::new();
    for points in region.clipped_lines(&lines) {
        let pitches = points
            .windows(2)
            .map(|pair| {
                let middle = nalgebra::center(&pair[0], &pair[1]);
                let (first, second, share) = between(&levels, field.at(middle, how.height));
                levels[first].pitch * (1.0 - share) + levels[second].pitch * share
            })
            .collect();
        paths.push(Path::varying(Role::Infill, points, pitches));
    }
    paths.retain(|path| path.points.len() > 1 && path.length() >= SHORTEST_CHORD_MM);
    paths
}

/// Points of a traced line that are looked at together: a few periods, over which the density hardly changes.
const THINNED_TOGETHER: usize = 48;

/// A traced line with as many points as the density around each asks for.
fn thinned(line: &[Point2], how: &Sparse, field: &DensityField) -> Vec<Point2> {
    let mut kept: Vec<Point2> = Vec::new();
    let mut first = 0;
    while first + 1 < line.len() {
        let last = (first + THINNED_TOGETHER).min(line.len() - 1);
        let stretch = &line[first..=last];
        let density = field.at(stretch[stretch.len() / 2], how.height).max(LEAST_DENSITY);
        let points = simplified_line(stretch, CURVE_TOLERANCE_SHARE * how.pitch / density);
        kept.extend(points.into_iter().skip(usize::from(!kept.is_empty())));
        first = last;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Placement;
    use crate::region::tests::rectangle;
    use crate::zones::{Zone, ZonedPart, Zones};
    use geometry::Point3;

    const PITCH: f64 = 0.407;

    fn field() -> DensityField {
        let placement = Placement {
            name: "part".to_owned(),
            pose: "flat",
            tilt_deg: 0.0,
            reason: String::new(),
            rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            offset_mm: [0.0; 3],
        };
        let zones = Zones {
            zones: vec![Zone {
                name: "heel".to_owned(),
                outline_mm: vec![[-20.0, -20.0], [50.0, -20.0], [50.0, 80.0], [-20.0, 80.0]],
                fraction: 0.4,
            }],
            blend_mm: 10.0,
        };
        let part = ZonedPart {
            placement: &placement,
            zones: &zones,
            low: Point3::origin(),
            high: Point3::new(120.0, 60.0, 10.0),
        };
        DensityField::new(0.15, &[part])
    }

    /// Filled share of a strip of the rectangle over 16 layers.
    fn share(pattern: InfillPattern, from: f64, to: f64) -> f64 {
        let region = rectangle([0.0, 0.0], [120.0, 60.0]);
        let strip = rectangle([from, 0.0], [to, 60.0]);
        let mut filled = 0.0;
        for layer in 0..16 {
            let how = Sparse {
                pattern,
                fraction: 0.15,
                pitch: PITCH,
                layer,
                height: 0.1 + 0.2 * layer as f64,
            };
            let (paths, _) = sparse(&region, &how, &field());
            for path in paths {
                for (segment, pair) in path.points.windows(2).enumerate() {
                    for part in strip.clipped_lines(&[pair.to_vec()]) {
                        let length: f64 = part.windows(2).map(|p| (p[1] - p[0]).norm()).sum();
                        filled += length * path.pitch(segment);
                    }
                }
            }
        }
        filled / 16.0 / strip.area()
    }

    #[test]
    fn each_zone_holds_its_density_and_the_blend_lies_between() {
        for pattern in [
            InfillPattern::Gyroid,
            InfillPattern::Grid,
            InfillPattern::Lines,
            InfillPattern::Triangles,
        ] {
            let (dense, blend, thin) = (
                share(pattern, 2.0, 42.0),
                share(pattern, 46.0, 54.0),
                share(pattern, 60.0, 118.0),
            );
            assert!((dense / 0.4 - 1.0).abs() < 0.06, "{pattern:?}: {dense}");
            assert!((thin / 0.15 - 1.0).abs() < 0.10, "{pattern:?}: {thin}");
            assert!(
                blend > 1.2 * thin && blend < 0.95 * dense,
                "{pattern:?}: {thin} {blend} {dense}"
            );
        }
    }

    #[test]
    fn no_line_follows_the_border_of_a_zone() {
        // Within 1 mm of the border and along it: less than a tenth of the lines there.
        let region = rectangle([0.0, 0.0], [120.0, 60.0]);
        let near = rectangle([49.0, 2.0], [51.0, 58.0]);
        for pattern in [InfillPattern::Gyroid, InfillPattern::Grid, InfillPattern::Lines] {
            let (mut along, mut all) = (0.0, 0.0);
            for layer in 0..10 {
                let how = Sparse {
                    pattern,
                    fraction: 0.15,
                    pitch: PITCH,
                    layer,
                    height: 0.1 + 0.2 * layer as f64,
                };
                for path in sparse(&region, &how, &field()).0 {
                    for pair in path.points.windows(2) {
                        let step = pair[1] - pair[0];
                        for part in near.clipped_lines(&[pair.to_vec()]) {
                            let length: f64 = part.windows(2).map(|p| (p[1] - p[0]).norm()).sum();
                            all += length;
                            if step.x.abs() < 0.1 * step.y.abs() {
                                along += length;
                            }
                        }
                    }
                }
            }
            assert!(along < 0.25 * all, "{pattern:?}: {along:.1} of {all:.1} mm");
        }
    }

    #[test]
    fn thresholds_share_out_evenly() {
        for share in [0.25, 0.5, 0.75] {
            let kept: Vec<i64> = (-64..64).filter(|&line| threshold(line) <= share).collect();
            assert!((kept.len() as f64 / 128.0 - share).abs() < 0.02);
            let widest = kept.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(widest as f64 <= (1.0 / share).ceil(), "{share}: {widest}");
        }
    }
}
