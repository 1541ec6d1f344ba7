//! How high each layer is: all alike, or thinner where the surface is nearly level.
//!
//! A layer of height h leaves steps of h |cos a| on a surface that lies at an angle a from the level
//! (the cusp of Dolenc and Mäkelä 1994, Computer-Aided Design 26(2), doi 10.1016/0010-4485(94)90032-9).
//! With adaptive layers no step is higher than the thinnest layer that was ordered, but for a small
//! share of the surface: an upright wall is printed in layers of the full height, a level one in the
//! thinnest.

use geometry::TriMesh;

use crate::settings::PrintOrder;

/// Height of a slice in which slopes are collected, mm: a third of the thinnest layer that may be ordered.
const SLICE_MM: f64 = 0.01;

/// Most slices: a print of two meters.
const MOST_SLICES: usize = 200_000;

/// Classes of |cos a|, a the angle from the level.
const SLOPES: usize = 32;

/// This share of the surface of a layer may have higher steps: edges that are rounded over a fraction of a
/// millimeter would make every layer thin.
const HIGHER_SHARE: f64 = 0.05;

/// A layer is at most this many times as high as the one below it, so that the flow changes gently.
const MOST_GROWTH: f64 = 1.25;

/// Heights are multiples of this, mm, as z axes step and programs round.
const GRAIN_MM: f64 = 0.01;

/// The layers of a print, from the bed up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LayerStack {
    /// Height of the top of each layer over the bed, mm, rising.
    tops: Vec<f64>,
}

impl LayerStack {
    /// The layers that a placed mesh reaches to the middle.
    pub(crate) fn of(placed: &TriMesh, order: &PrintOrder) -> Self {
        let height = placed.bounds().map_or(0.0, |(_, high)| high.z);
        let settings = &order.settings;
        let finest = settings.finest_layer_mm;
        let mut tops: Vec<f64> = Vec::new();
        let slopes = (finest > 0.0).then(|| Slopes::of(placed, height));
        let mut last = settings.first_layer_height_mm;
        let mut top = last;
        while top - last / 2.0 < height {
            tops.push(top);
            let most = settings.layer_height_mm;
            last = match &slopes {
                None => most,
                Some(slopes) => slopes.height_over(top, finest, most, last),
            };
            top = match &slopes {
                // A sum of many steps would drift from what every other slicer counts.
                None => settings.first_layer_height_mm + tops.len() as f64 * most,
                Some(_) => top + last,
            };
        }
        Self { tops }
    }

    /// So many layers of one height.
    #[cfg(test)]
    pub(crate) fn even(layers: usize, height: f64) -> Self {
        Self { tops: (1..=layers).map(|layer| layer as f64 * height).collect() }
    }

    /// Keeps its first layers.
    pub(crate) fn cut_to(&mut self, layers: usize) {
        self.tops.truncate(layers);
    }

    pub(crate) const fn len(&self) -> usize {
        self.tops.len()
    }

    /// Height over the bed of the top of a layer, mm.
    pub(crate) fn top(&self, layer: usize) -> f64 {
        self.tops[layer]
    }

    /// Height over the bed of the underside of a layer, mm.
    pub(crate) fn bottom(&self, layer: usize) -> f64 {
        if layer == 0 { 0.0 } else { self.tops[layer - 1] }
    }

    /// Height of a layer, mm.
    pub(crate) fn height(&self, layer: usize) -> f64 {
        self.tops[layer] - self.bottom(layer)
    }

    /// Heights at which the mesh is cut: the middles of the layers.
    pub(crate) fn middles(&self) -> Vec<f64> {
        (0..self.len()).map(|layer| f64::midpoint(self.bottom(layer), self.top(layer))).collect()
    }

    /// The first layer whose underside lies at least `gap` over the top of another one; may be one past the last.
    pub(crate) fn first_over(&self, layer: usize, gap: f64) -> usize {
        let from = self.top(layer) + gap - GRAIN_MM / 2.0;
        (layer + 1..self.len()).find(|&above| self.bottom(above) >= from).unwrap_or(self.len())
    }
}

/// Area of the surface by height and slope.
struct Slopes {
    /// For each slice the area of each class of slope, level last, mm².
    areas: Vec<[f32; SLOPES]>,
}

impl Slopes {
    fn of(mesh: &TriMesh, height: f64) -> Self {
        let slices = ((height / SLICE_MM).ceil() as usize + 1).min(MOST_SLICES);
        let mut areas = vec![[0.0_f32; SLOPES]; slices];
        let slice = |z: f64| ((z / SLICE_MM).max(0.0) as usize).min(slices - 1);
        for [a, b, c] in mesh.corner_points() {
            let normal = (b - a).cross(&(c - a));
            let twice = normal.norm();
            if twice <= 0.0 {
                continue;
            }
            let class = ((normal.z.abs() / twice * SLOPES as f64) as usize).min(SLOPES - 1);
            let (low, high) = (slice(a.z.min(b.z).min(c.z)), slice(a.z.max(b.z).max(c.z)));
            let share = (twice / 2.0) as f32 / (high - low + 1) as f32;
            for area in &mut areas[low..=high] {
                area[class] += share;
            }
        }
        Self { areas }
    }

    /// The highest layer over `bottom` whose steps are no higher than `finest`, between that and `most`, mm.
    fn height_over(&self, bottom: f64, finest: f64, most: f64, before: f64) -> f64 {
        let most = most.min(before * MOST_GROWTH).max(finest);
        let mut sums = [0.0_f64; SLOPES];
        let mut allowed = finest;
        let slice = |z: f64| (z / SLICE_MM).max(0.0) as usize;
        let mut done = slice(bottom);
        // The layer grows while what it would hold allows it.
        while allowed + GRAIN_MM <= most + 1e-9 {
            let wanted = allowed + GRAIN_MM;
            let end = slice(bottom + wanted).min(self.areas.len().saturating_sub(1));
            for area in self.areas.get(done..=end).unwrap_or_default() {
                for (sum, area) in sums.iter_mut().zip(area) {
                    *sum += f64::from(*area);
                }
            }
            done = done.max(end + 1);
            if Self::step(&sums, wanted) > finest + 1e-9 {
                break;
            }
            allowed = wanted;
        }
        allowed
    }

    /// The step that all but a small share of the surface stays under, mm.
    fn step(sums: &[f64; SLOPES], height: f64) -> f64 {
        let mut rest = HIGHER_SHARE * sums.iter().sum::<f64>();
        for (class, area) in sums.iter().enumerate().rev() {
            rest -= area;
            if rest < 0.0 {
                return height * (class + 1) as f64 / SLOPES as f64;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;
    use crate::settings::{Material, PrintSettings, Printer};

    fn order(finest_layer_mm: f64) -> PrintOrder {
        let settings = PrintSettings {
            finest_layer_mm,
            layer_height_mm: 0.3,
            first_layer_height_mm: 0.2,
            ..PrintSettings::default()
        };
        PrintOrder { printer: Printer::marlin_generic(), material: Material::pla(), settings }
    }

    /// A roof: upright to 10 mm, then sides that rise by one in four to a ridge at 15 mm.
    fn roof() -> TriMesh {
        let (low, high) = (Point3::new(0.0, 0.0, 0.0), Point3::new(40.0, 30.0, 10.0));
        let mut mesh = TriMesh::cuboid(low, high);
        for vertex in &mut mesh.vertices {
            if vertex.z > 5.0 && vertex.x > 20.0 {
                vertex.z = 20.0;
            }
        }
        mesh
    }

    #[test]
    fn even_layers_are_those_of_the_settings() {
        let stack = LayerStack::of(&roof(), &order(0.0));
        assert!((stack.top(0) - 0.2).abs() < 1e-12 && (stack.top(10) - 3.2).abs() < 1e-12);
        assert!((stack.height(5) - 0.3).abs() < 1e-12);
        let last = stack.len() - 1;
        assert!(f64::midpoint(stack.bottom(last), stack.top(last)) < 20.0);
        assert!(stack.top(last) + 0.15 >= 20.0);
        assert_eq!(stack.first_over(3, 0.3), 5);
        assert_eq!(stack.first_over(3, 0.0), 4);
    }

    #[test]
    fn layers_are_thin_where_the_surface_is_nearly_level() {
        let stack = LayerStack::of(&roof(), &order(0.1));
        let heights: Vec<f64> = (0..stack.len()).map(|layer| stack.height(layer)).collect();
        let within = |low: f64, high: f64| {
            let inside = |layer: &usize| stack.bottom(*layer) >= low && stack.top(*layer) <= high;
            (0..heights.len()).filter(inside).map(|layer| heights[layer]).collect::<Vec<_>>()
        };
        // Upright walls in full layers, the slope of 14° in layers that step by at most 0.1 mm.
        assert!(within(2.0, 9.5).iter().all(|height| (height - 0.3).abs() < 1e-9));
        let slope = (10.0_f64 / 40.0).atan().cos();
        let above = within(10.5, 19.0);
        assert!(above.len() > 60 && above.iter().all(|height| height * slope < 0.105), "{above:?}");
        for pair in heights.windows(2) {
            assert!(pair[1] <= MOST_GROWTH * pair[0] + 1e-9, "{pair:?}");
        }
        let total: f64 = heights.iter().sum();
        assert!((total - 20.0).abs() < 0.16, "{total}");
    }
}
