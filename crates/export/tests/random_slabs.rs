//! Random slabs: whatever the waves, the outline and the holes, the mesh is good and the solid closes.

use export::{MeshSettings, deviation, slab_volume, solid, tessellate};
use geometry::{GraphSurface, Point2, Rect, Slab, check_closed};
use proptest::prelude::*;

mod slabs;

/// Amplitude (mm), waves per 100 mm along x and y, phase.
type Wave = (f64, f64, f64, f64);

fn wave() -> impl Strategy<Value = Wave> {
    (0.0..6.0, -2.5..2.5, -2.5..2.5, 0.0..std::f64::consts::TAU)
}

prop_compose! {
    fn any_slab()(
        waves in prop::collection::vec(wave(), 1..5),
        thickness in 0.8..6.0,
        taper in -0.4..0.4,
        radius in 18.0..45.0,
        stretch in 1.0..2.2,
        lobes in prop::collection::vec((0.0..0.12, 0.0..std::f64::consts::TAU), 3),
        points in 12_usize..40,
        hole in prop::option::of((0.1..0.5, 0.0..std::f64::consts::TAU)),
        functions in (8_usize..50, 8_usize..70),
    ) -> Slab {
        let outline = slabs::ring(Point2::origin(), points, 1.0, |angle| {
            let lobed: f64 = lobes
                .iter()
                .zip(2..)
                .map(|((depth, phase), count)| depth * (f64::from(count) * angle + phase).cos())
                .sum();
            let long = angle.cos().hypot(angle.sin() / stretch).recip();
            radius * long * (1.0 + lobed)
        });
        let holes = hole
            .map(|(size, angle): (f64, f64)| {
                let center = 0.2 * radius * nalgebra::Vector2::new(angle.cos(), angle.sin());
                slabs::ring(Point2::from(center), 12, -1.0, |_| size * 0.6 * radius)
            })
            .into_iter()
            .collect();
        let half: f64 = 1.4 * radius * stretch + 5.0;
        let area = Rect { low: Point2::new(-half, -half), high: Point2::new(half, half) };
        let height = |point: Point2| -> f64 {
            waves
                .iter()
                .map(|(size, along_x, along_y, phase)| {
                    let turn = 0.01 * (along_x * point.x + along_y * point.y);
                    size * (std::f64::consts::TAU * turn + phase).sin()
                })
                .sum()
        };
        let surface = |below: &dyn Fn(Point2) -> f64| {
            let (columns, rows) = functions;
            let mut control = Vec::with_capacity(columns * rows);
            for row in 0..rows {
                for column in 0..columns {
                    let share = |index: usize, count: usize| index as f64 / (count - 1) as f64;
                    let place = Point2::new(
                        area.low.x + share(column, columns) * area.width(),
                        area.low.y + share(row, rows) * area.height(),
                    );
                    control.push(height(place) - below(place));
                }
            }
            GraphSurface::from_control(area, columns, rows, control)
        };
        let top = surface(&|_| 0.0);
        let bottom = surface(&|place| thickness * (1.0 + taper * place.y / half));
        Slab { top, bottom, outline, holes, relief: None }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mesh_and_solid_are_good(slab in any_slab()) {
        let settings = MeshSettings::default();
        let mesh = tessellate(&slab, &settings).unwrap();
        prop_assert_eq!(check_closed(&mesh), Ok(()));
        let off = mesh.volume() / slab_volume(&slab) - 1.0;
        prop_assert!(off.abs() < 2e-4, "volume off by {:e}", off);
        let miss = deviation(&mesh, &slab, 5);
        prop_assert!(miss.max_mm <= settings.tolerance_mm * 1.02, "{:?}", miss);
        prop_assert_eq!(solid(&slab).unwrap().boundaries()[0].len(), 6 + 4 * slab.holes.len());
    }
}
