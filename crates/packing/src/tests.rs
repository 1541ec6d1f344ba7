//! Boxes and spoons in a build volume.

use geometry::{Point3, TriMesh};
use proptest::prelude::*;

use crate::{BuildVolume, PackError, PackPart, Placed, pack};

fn volume() -> BuildVolume {
    BuildVolume { size_mm: [200.0, 150.0, 120.0], spacing_mm: 5.0, wall_margin_mm: 5.0 }
}

fn cuboid(x: f64, y: f64, z: f64) -> TriMesh {
    TriMesh::cuboid(Point3::new(-3.0, 7.0, 2.0), Point3::new(x - 3.0, y + 7.0, z + 2.0))
}

/// A bowl-like sheet 3 mm thick: `rise` mm higher at its sides than along its middle.
fn spoon(length: f64, width: f64, rise: f64) -> TriMesh {
    let (nx, ny) = (24_u32, 40_u32);
    let mut mesh = TriMesh::default();
    for thickness in [0.0, 3.0] {
        for j in 0..=ny {
            for i in 0..=nx {
                let x = width * f64::from(i) / f64::from(nx);
                let y = length * f64::from(j) / f64::from(ny);
                let side = 2.0 * x / width - 1.0;
                mesh.vertices.push(Point3::new(x, y, rise * side * side + thickness));
            }
        }
    }
    let layer = (nx + 1) * (ny + 1);
    let at = |i: u32, j: u32| j * (nx + 1) + i;
    let mut quad = |a: u32, b: u32, c: u32, d: u32| mesh.triangles.extend([[a, b, c], [a, c, d]]);
    for j in 0..ny {
        for i in 0..nx {
            quad(at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j));
            let up = |i, j| layer + at(i, j);
            quad(up(i, j), up(i + 1, j), up(i + 1, j + 1), up(i, j + 1));
        }
    }
    let mut wall = |a: u32, b: u32| quad(a, b, layer + b, layer + a);
    (0..nx).for_each(|i| {
        wall(at(i, 0), at(i + 1, 0));
        wall(at(i + 1, ny), at(i, ny));
    });
    (0..ny).for_each(|j| {
        wall(at(nx, j), at(nx, j + 1));
        wall(at(0, j + 1), at(0, j));
    });
    mesh
}

#[test]
fn spoons_nest_with_little_more_than_the_spacing_between_them() {
    let mesh = spoon(100.0, 60.0, 15.0);
    let names: Vec<String> = (0..12).map(|index| format!("spoon {index}")).collect();
    let parts: Vec<PackPart<'_>> = names
        .iter()
        .enumerate()
        .map(|(index, name)| PackPart { name, mesh: &mesh, pair: index / 2 })
        .collect();
    let packing = pack(&parts, &volume(), &|_, _| {}).unwrap();
    assert_eq!(packing.placed.len(), 12);
    // Two stand side by side, so six lie on each other: 18 mm for the first, and for each other one
    // its thickness and the spacing, both along the vertical of the 45 degrees at its sides, and one
    // and a half cells of the maps.
    let step = 3.0 + 5.0 * std::f64::consts::SQRT_2 + 1.5;
    let stacks = 10.0 + 18.0 + 5.0 * step;
    // Part after part to the lowest place staggers the stacks, and pairs stay together: a tenth higher than
    // two stacks laid by hand.
    assert!(packing.height_mm < 1.12 * stacks, "{} of {stacks}", packing.height_mm);
    let least = packing.least_distance_mm.unwrap();
    assert!((5.0 - 1e-3..6.5).contains(&least), "{least}");
    assert!(packing.widest_pair_mm < 75.0, "{}", packing.widest_pair_mm);
}

#[test]
fn every_part_stays_off_the_walls() {
    let (a, b) = (cuboid(60.0, 40.0, 20.0), cuboid(35.0, 90.0, 12.0));
    let parts: Vec<PackPart<'_>> = (0..6)
        .map(|index| PackPart {
            name: "box",
            mesh: if index % 2 == 0 { &a } else { &b },
            pair: index,
        })
        .collect();
    let packing = pack(&parts, &volume(), &|_, _| {}).unwrap();
    for placed in &packing.placed {
        for point in parts[placed.part].mesh.vertices.iter().map(|&point| placed.apply(point)) {
            for axis in 0..3 {
                let high = volume().size_mm[axis] - 5.0;
                assert!((5.0 - 1e-9..=high + 1e-9).contains(&point[axis]), "{point}");
            }
        }
    }
    assert!(packing.height_mm <= 120.0 && packing.density > 0.1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let large = cuboid(195.0, 40.0, 20.0);
    let error = pack(&[PackPart { name: "long", mesh: &large, pair: 0 }], &volume(), &|_, _| {})
        .unwrap_err();
    assert!(matches!(error, PackError::TooLarge { .. }), "{error}");
    let mesh = cuboid(150.0, 120.0, 30.0);
    let parts: Vec<PackPart<'_>> =
        (0..5).map(|pair| PackPart { name: "slab", mesh: &mesh, pair }).collect();
    let error = pack(&parts, &volume(), &|_, _| {}).unwrap_err();
    assert!(matches!(error, PackError::Full { fit: 3, .. }), "{error}");
    let empty = TriMesh::default();
    let error = pack(&[PackPart { name: "none", mesh: &empty, pair: 0 }], &volume(), &|_, _| {})
        .unwrap_err();
    assert!(matches!(error, PackError::NoSurface { .. }));
}

#[test]
fn wedges_lie_slope_to_slope() {
    // 3 mm thick at one side and 21 mm at the other, flat below: two make a box, slope to slope.
    let mut mesh = cuboid(60.0, 100.0, 3.0);
    mesh.vertices.iter_mut().filter(|p| p.x > 0.0 && p.z > 4.0).for_each(|p| p.z += 18.0);
    let parts: Vec<PackPart<'_>> =
        (0..12).map(|index| PackPart { name: "wedge", mesh: &mesh, pair: index / 2 }).collect();
    // Room for three towers, and for the cells that the maps are coarser by.
    let wide = BuildVolume { size_mm: [206.0, 150.0, 120.0], ..volume() };
    let packing = pack(&parts, &wide, &|_, _| {}).unwrap();
    assert!(packing.placed.iter().any(|placed| placed.upside_down));
    // Upright ones alone reach 10 + 4 × 21 + 3 × 5 = 109 mm in three towers. Two boxes laid by hand on
    // each tower would reach 77 mm; part after part to the lowest place does not find that.
    assert!(packing.height_mm < 0.9 * 109.0, "{}", packing.height_mm);
}

#[test]
fn the_rotation_of_a_placed_part_is_what_moves_its_points() {
    let mesh = cuboid(60.0, 40.0, 20.0);
    for (upside_down, quarters) in (0..8_u8).map(|index| (index >= 4, index % 4)) {
        let placed = Placed { part: 0, upside_down, quarters, offset_mm: [1.0, -2.0, 3.0] };
        let rotation = nalgebra::Matrix3::from_fn(|row, column| placed.rotation()[row][column]);
        assert!((rotation.determinant() - 1.0).abs() < 1e-12);
        for &point in &mesh.vertices {
            let moved = rotation * point + geometry::Vector3::new(1.0, -2.0, 3.0);
            assert!((placed.apply(point) - moved).norm() < 1e-12);
        }
    }
}

#[test]
fn the_packing_is_the_same_on_any_number_of_threads() {
    let (a, b) = (spoon(80.0, 40.0, 9.0), spoon(70.0, 45.0, 14.0));
    let parts: Vec<PackPart<'_>> = (0..8)
        .map(|index| PackPart {
            name: "s",
            mesh: if index % 2 == 0 { &a } else { &b },
            pair: index / 2,
        })
        .collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| pack(&parts, &volume(), &|_, _| {}).unwrap())
    };
    assert_eq!(on(1), on(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn random_parts_keep_the_spacing(
        sizes in prop::collection::vec((5.0..60.0_f64, 5.0..60.0_f64, 1.0..25.0_f64), 1..8),
        spacing in 1.0..8.0_f64,
    ) {
        let meshes: Vec<TriMesh> = sizes
            .iter()
            .enumerate()
            .map(|(index, &(x, y, z))| if index % 2 == 0 { cuboid(x, y, z) } else { spoon(x, y, z) })
            .collect();
        let parts: Vec<PackPart<'_>> = meshes
            .iter()
            .enumerate()
            .map(|(pair, mesh)| PackPart { name: "part", mesh, pair })
            .collect();
        let volume = BuildVolume { spacing_mm: spacing, ..volume() };
        // `pack` itself proves the distance; any error but a full volume is one.
        match pack(&parts, &volume, &|_, _| {}) {
            Ok(_) | Err(PackError::Full { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
