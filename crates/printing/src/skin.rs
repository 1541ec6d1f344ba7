//! Which parts of the inside are solid skin and which are sparse infill.
//!
//! A place of a layer is hidden if it lies inside every layer from `bottom_layers` below to
//! `top_layers` above. The intersections of all these windows are formed with three intersections a
//! layer, whatever the window's length, from running intersections to both ends of blocks of that
//! length (van Herk 1992, Pattern Recognition Letters 13).

use rayon::prelude::*;

use crate::region::Region;

/// The hidden part of every layer.
pub(crate) fn hidden(outlines: &[Region], bottom_layers: usize, top_layers: usize) -> Vec<Region> {
    let count = outlines.len();
    let window = bottom_layers + top_layers + 1;
    if window > count {
        return vec![Region::default(); count];
    }
    let running = |layers: Vec<usize>| -> Vec<(usize, Region)> {
        let mut all: Option<Region> = None;
        let step = |layer: usize| {
            let next = match &all {
                Some(all) => all.intersection(&outlines[layer]),
                None => outlines[layer].clone(),
            };
            all = Some(next.clone());
            (layer, next)
        };
        layers.into_iter().map(step).collect()
    };
    let blocks: Vec<usize> = (0..count).step_by(window).collect();
    let of_block = |&start: &usize| {
        let end = (start + window).min(count);
        (running((start..end).collect()), running((start..end).rev().collect()))
    };
    let runs: Vec<_> = blocks.par_iter().map(of_block).collect();
    let (mut from_start, mut to_end) =
        (vec![Region::default(); count], vec![Region::default(); count]);
    for (forward, backward) in runs {
        forward.into_iter().for_each(|(layer, region)| from_start[layer] = region);
        backward.into_iter().for_each(|(layer, region)| to_end[layer] = region);
    }
    (0..count)
        .into_par_iter()
        .map(|layer| {
            if layer < bottom_layers || layer + top_layers >= count {
                return Region::default();
            }
            let (first, last) = (layer - bottom_layers, layer + top_layers);
            if first % window == 0 {
                // The window is a block; its last running intersection is the answer.
                from_start[last].clone()
            } else {
                to_end[first].intersection(&from_start[last])
            }
        })
        .collect()
}

/// The inside of a layer, divided.
#[derive(Debug, Default)]
pub(crate) struct Division {
    pub(crate) solid: Region,
    pub(crate) sparse: Region,
}

/// Divides the inside of a layer; narrow leftovers of one kind go to the other.
///
/// Skins reach one pitch beyond what has to be covered, so that they rest on something.
pub(crate) fn divide(inside: Region, hidden: &Region, pitch: f64) -> Division {
    let exposed = inside.minus(&[hidden]).opened(pitch / 2.0);
    if exposed.is_empty() {
        return Division { solid: Region::default(), sparse: inside };
    }
    let covered = exposed.grown(pitch);
    let sparse = inside.minus(&[&covered]).opened(1.5 * pitch);
    let solid = inside.minus(&[&sparse]);
    Division { solid, sparse }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    #[test]
    fn windows_agree_with_intersecting_one_by_one() {
        let outlines: Vec<Region> = (0..23)
            .map(|i| {
                let shift = f64::from((i * 7) % 5);
                rectangle([shift, 0.0], [20.0 - f64::from(i % 3), 10.0 + shift])
            })
            .collect();
        for (bottom, top) in [(0, 0), (1, 2), (3, 0), (4, 4), (11, 11), (30, 1)] {
            let found = hidden(&outlines, bottom, top);
            for (layer, region) in found.iter().enumerate() {
                let area = if layer < bottom || layer + top >= outlines.len() {
                    0.0
                } else {
                    outlines[layer - bottom..=layer + top]
                        .iter()
                        .fold(rectangle([-99.0, -99.0], [99.0, 99.0]), |all, next| {
                            all.intersection(next)
                        })
                        .area()
                };
                assert!((region.area() - area).abs() < 1e-6, "{bottom} {top}, layer {layer}");
            }
        }
    }

    #[test]
    fn division_covers_the_inside_once() {
        let inside = rectangle([0.0, 0.0], [30.0, 20.0]);
        let hidden = rectangle([10.0, -5.0], [40.0, 19.9]);
        let division = divide(inside, &hidden, 0.4);
        assert!((division.solid.area() + division.sparse.area() - 600.0).abs() < 1e-6);
        assert!((division.solid.area() - 208.0).abs() < 1.0, "a 10.4 mm strip, no sliver");
        assert!(division.solid.intersection(&division.sparse).area() < 1e-6);
    }
}
