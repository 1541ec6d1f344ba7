//! Points and analog samples out of the frames.

use geometry::Point3;

use super::layout::Layout;
use super::number::Numbers;
use crate::trc::position;

/// One point at every frame: its three numbers, scaled, and whether it was seen.
///
/// The fourth number holds cameras and residual; negative means not seen.
fn point(
    data: &[u8],
    layout: &Layout,
    numbers: Numbers,
    point: usize,
) -> impl Iterator<Item = Option<[f64; 3]>> {
    let size = layout.number_size();
    let scale = layout.point_scale;
    data.chunks_exact(layout.frame_size()).take(layout.frames).map(move |frame| {
        let bytes = &frame[4 * size * point..4 * size * (point + 1)];
        let at = match (scale, bytes) {
            (Some(scale), [a, b, c, d, e, f, g, h]) => {
                if numbers.i16([*g, *h]) < 0 {
                    return None;
                }
                [[*a, *b], [*c, *d], [*e, *f]].map(|word| f64::from(numbers.i16(word)) * scale)
            }
            (None, bytes) => {
                let number = |index: usize| numbers.f32_at(bytes, 4 * index).unwrap_or(f32::NAN);
                if number(3) < 0.0 {
                    return None;
                }
                [0, 1, 2].map(|axis| f64::from(number(axis)))
            }
            _ => return None,
        };
        at.iter().all(|coordinate| coordinate.is_finite()).then_some(at)
    })
}

/// Coordinates beyond this are damage, mm: a laboratory is not a kilometer long.
const FURTHEST_MM: f64 = 1e6;

/// A marker's path in mm.
pub(crate) fn positions(
    data: &[u8],
    layout: &Layout,
    numbers: Numbers,
    index: usize,
    mm_per_unit: f64,
) -> Vec<Option<Point3>> {
    point(data, layout, numbers, index)
        .map(|at| {
            let at = at?.map(|coordinate| coordinate * mm_per_unit);
            let is_near = at.iter().all(|coordinate| coordinate.abs() < FURTHEST_MM);
            position(at.map(Some)).filter(|_| is_near).map(Point3::from)
        })
        .collect()
}

/// A model's result at every frame, in its own unit.
pub(crate) fn curve(
    data: &[u8],
    layout: &Layout,
    numbers: Numbers,
    index: usize,
) -> Vec<Option<[f64; 3]>> {
    point(data, layout, numbers, index).collect()
}

/// How the numbers of one analog channel become physical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Channel {
    /// Place among the channels, from 0.
    pub(crate) index: usize,
    /// Number that means zero.
    pub(crate) offset: f64,
    /// Physical unit per number, general scale included.
    pub(crate) scale: f64,
    /// Whether 16-bit numbers are unsigned.
    pub(crate) is_unsigned: bool,
}

/// The samples of `N` channels side by side.
pub(crate) fn samples<const N: usize>(
    data: &[u8],
    layout: &Layout,
    numbers: Numbers,
    channels: [Channel; N],
) -> impl Iterator<Item = [f64; N]> {
    let size = layout.number_size();
    let is_integer = layout.point_scale.is_some();
    let points = 4 * layout.points * size;
    let row = (layout.channels * size).max(1);
    let frames = data.chunks_exact(layout.frame_size()).take(layout.frames);
    frames.flat_map(move |frame| frame[points..].chunks_exact(row)).map(move |sample| {
        channels.map(|channel| {
            let bytes = &sample[channel.index * size..(channel.index + 1) * size];
            let raw = match bytes {
                [a, b] if is_integer && channel.is_unsigned => f64::from(numbers.u16([*a, *b])),
                [a, b] if is_integer => f64::from(numbers.i16([*a, *b])),
                [a, b, c, d] => f64::from(numbers.f32([*a, *b, *c, *d])),
                _ => f64::NAN,
            };
            (raw - channel.offset) * channel.scale
        })
    })
}
