//! Cuts the polygons of a file into triangles.
//!
//! Quads along the diagonal that keeps both halves on one side, the shorter one where both do; larger
//! polygons by cutting ears in the plane of their Newell normal, so that a concave polygon keeps its
//! shape. O(n²) for n corners.

use crate::vector::{cross, dot, minus};

/// Polygons with more corners are cut as a fan from their first corner: ears would take too long, and
/// no scanner writes such polygons.
const MOST_EARED_CORNERS: usize = 512;

/// Appends the triangles of one polygon with valid corners; fewer than three corners give none.
pub(crate) fn triangulate(vertices: &[[f64; 3]], corners: &[u32], triangles: &mut Vec<[u32; 3]>) {
    match *corners {
        [] | [_] | [_, _] => {}
        [a, b, c] => triangles.push([a, b, c]),
        [a, b, c, d] => {
            if splits_well(vertices, [a, b, c, d]) {
                triangles.extend([[a, b, c], [a, c, d]]);
            } else {
                triangles.extend([[b, c, d], [b, d, a]]);
            }
        }
        _ if corners.len() <= MOST_EARED_CORNERS => cut_ears(vertices, corners, triangles),
        _ => triangles.extend(corners[1..].windows(2).map(|pair| [corners[0], pair[0], pair[1]])),
    }
}

/// Whether the diagonal a–c is the better one of the quad.
fn splits_well(vertices: &[[f64; 3]], [a, b, c, d]: [u32; 4]) -> bool {
    let at = |index: u32| vertices[index as usize];
    let same_side = |first: [u32; 3], second: [u32; 3]| {
        let [first, second] =
            [first, second].map(|[a, b, c]| cross(minus(at(b), at(a)), minus(at(c), at(a))));
        dot(first, second) > 0.0
    };
    let (across_ac, across_bd) = (same_side([a, b, c], [a, c, d]), same_side([b, c, d], [b, d, a]));
    let length = |a: u32, b: u32| {
        let offset = minus(at(b), at(a));
        dot(offset, offset)
    };
    if across_ac == across_bd { length(a, c) <= length(b, d) } else { across_ac }
}

fn cut_ears(vertices: &[[f64; 3]], corners: &[u32], triangles: &mut Vec<[u32; 3]>) {
    let at = |index: u32| vertices[index as usize];
    let mut normal = [0.0; 3];
    for (index, &corner) in corners.iter().enumerate() {
        let next = corners[(index + 1) % corners.len()];
        let side = cross(minus(at(corner), at(corners[0])), minus(at(next), at(corners[0])));
        normal = [normal[0] + side[0], normal[1] + side[1], normal[2] + side[2]];
    }
    // Dropping the axis along which the normal is longest keeps the polygon's turn up to its sign.
    let axis = (0..3).max_by(|&a, &b| normal[a].abs().total_cmp(&normal[b].abs())).unwrap_or(2);
    let sign = normal[axis].signum();
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    let flat: Vec<[f64; 2]> = corners.iter().map(|&c| [at(c)[u], at(c)[v]]).collect();
    let turn = |a: usize, b: usize, c: usize| {
        let ([ax, ay], [bx, by], [cx, cy]) = (flat[a], flat[b], flat[c]);
        sign * ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    };
    let mut rest: Vec<usize> = (0..corners.len()).collect();
    while rest.len() > 3 {
        let count = rest.len();
        let is_ear = |&middle: &usize| {
            let (before, here, behind) =
                (rest[(middle + count - 1) % count], rest[middle], rest[(middle + 1) % count]);
            turn(before, here, behind) > 0.0
                && !rest.iter().any(|&other| {
                    ![before, here, behind].contains(&other)
                        && turn(before, here, other) >= 0.0
                        && turn(here, behind, other) >= 0.0
                        && turn(behind, before, other) >= 0.0
                })
        };
        // A polygon that crosses itself may have no ear: then any corner goes.
        let ear = (0..count).find(is_ear).unwrap_or(1);
        let (before, behind) = (rest[(ear + count - 1) % count], rest[(ear + 1) % count]);
        triangles.push([before, rest[ear], behind].map(|index| corners[index]));
        rest.remove(ear);
    }
    triangles.push([rest[0], rest[1], rest[2]].map(|index| corners[index]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_add_up_and_nothing_overlaps() {
        let polygons: [(&[[f64; 2]], f64); 4] = [
            (&[[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]], 12.0),
            // An arrow head: only one diagonal stays inside.
            (&[[0.0, 0.0], [4.0, -4.0], [1.0, 0.0], [4.0, 4.0]], 4.0),
            // An L.
            (&[[0.0, 0.0], [5.0, 0.0], [5.0, 1.0], [1.0, 1.0], [1.0, 5.0], [0.0, 5.0]], 9.0),
            // A comb with three teeth.
            (
                &[
                    [0.0, 0.0],
                    [5.0, 0.0],
                    [5.0, 4.0],
                    [4.0, 1.0],
                    [3.0, 4.0],
                    [2.0, 1.0],
                    [1.0, 4.0],
                    [0.0, 1.0],
                ],
                12.5,
            ),
        ];
        for (polygon, area) in polygons {
            for shift in 0..polygon.len() {
                // Standing on edge and turned, so that the plane is no coordinate plane.
                let vertices: Vec<[f64; 3]> =
                    polygon.iter().map(|&[x, y]| [x, 0.8 * y, 0.6 * y]).collect();
                let mut corners: Vec<u32> = (0..polygon.len() as u32).collect();
                corners.rotate_left(shift);
                let mut triangles = Vec::new();
                triangulate(&vertices, &corners, &mut triangles);
                assert_eq!(triangles.len(), polygon.len() - 2);
                let mut sum = 0.0;
                for [a, b, c] in triangles.iter().map(|t| t.map(|i| vertices[i as usize])) {
                    let normal = cross(minus(b, a), minus(c, a));
                    assert!(normal[2] >= 0.0, "turned over: {normal:?}");
                    sum += dot(normal, normal).sqrt() / 2.0;
                }
                assert!((sum - area).abs() < 1e-9, "{sum} {area}");
            }
        }
    }

    #[test]
    fn a_polygon_that_crosses_itself_still_ends() {
        let vertices =
            [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5; 3]];
        let mut triangles = Vec::new();
        triangulate(&vertices, &[0, 1, 2, 3, 4], &mut triangles);
        assert_eq!(triangles.len(), 3);
    }
}
