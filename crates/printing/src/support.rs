//! Supports under overhangs: where the part would be printed on air.
//!
//! What a layer adds beyond the layer under it, by more than the overhang angle allows, hangs over;
//! that area is carried down to the bed or to the part, keeping a gap to the part on all sides. The
//! gaps are what lets the support break off. The uppermost layers of a support are its interface, laid
//! densely so that the part does not sag between the lines. Trees carry only places of an overhang down
//! ([`crate::tree`]).

use geometry::polygon;
use rayon::prelude::*;

use crate::region::Region;
use crate::settings::{SupportStyle, Supports};
use crate::stack::LayerStack;
use crate::{tree, wall};

/// Islands with a border shorter than this hold no line, mm.
const SHORTEST_ISLAND_PERIMETER_MM: f64 = 0.8;

/// Supports need not follow the part closely, mm.
const OUTLINE_TOLERANCE_MM: f64 = 0.03;

/// Overhanging specks smaller than this hold themselves, mm².
const SMALLEST_OVERHANG_MM2: f64 = 0.25;

/// Supports reach this far under the layer that an overhang hangs on, so that the supports of
/// neighboring layers join without cracks, mm.
const OVERLAP_MM: f64 = 0.6;

/// Islands and holes smaller than this are dropped from what is carried down, mm².
const SMALLEST_SPECK_MM2: f64 = 0.5;

/// A support narrower than twice this would fall over, mm.
const NARROWEST_RADIUS_MM: f64 = 0.3;

/// A support smaller than this on its layer is left out, mm².
const SMALLEST_SUPPORT_MM2: f64 = 1.0;

/// The support of one layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct SupportLayer {
    /// What carries: laid with wide spaces.
    pub(crate) body: Region,
    /// What the part is laid on: laid densely.
    pub(crate) interface: Region,
}

impl SupportLayer {
    /// Both together.
    pub(crate) fn whole(&self) -> Region {
        self.body.union(&self.interface)
    }
}

/// What hangs over in each layer, and what would hold it up.
#[derive(Debug, Default)]
pub(crate) struct SupportPlan {
    /// What is laid in each layer.
    pub(crate) layers: Vec<SupportLayer>,
    /// Area of all overhangs, seen from below, mm².
    pub(crate) overhang_mm2: f64,
}

/// Finds overhangs, and the supports under them where these are ordered.
///
/// Gaps are so many layers of the ordered height, `full_height`, whatever the heights of the stack.
pub(crate) fn plan(
    outlines: &[Region],
    stack: &LayerStack,
    full_height: f64,
    how: &Supports,
) -> SupportPlan {
    // What is too thin for a line bears nothing, and needs no support.
    let printed = |outline: &Region| {
        outline.simplified(OUTLINE_TOLERANCE_MM).opened(wall::THINNEST_RADIUS_MM)
    };
    let coarse: Vec<Region> = outlines.par_iter().map(printed).collect();
    let lean = how.overhang_deg.to_radians().tan();
    let (mut held, areas): (Vec<Region>, Vec<f64>) = (0..coarse.len())
        .into_par_iter()
        .map(|layer| match layer {
            0 => (Region::default(), 0.0),
            _ => overhang(&coarse[layer], &coarse[layer - 1], lean * stack.height(layer)),
        })
        .unzip();
    let overhang_mm2 = areas.iter().sum();
    let layers = if how.enabled && overhang_mm2 > 0.0 {
        let gap = how.gap_layers as f64 * full_height;
        let next_over: Vec<usize> =
            (0..coarse.len()).map(|layer| stack.first_over(layer, gap)).collect();
        let near_bed = next_over.first().map_or(0, |next| *next);
        if let Some(held) = held.get_mut(near_bed) {
            let reach = |layer: usize| lean * stack.height(layer);
            *held = (1..near_bed).fold(held.clone(), |held, layer| {
                held.union(&islands(&coarse[layer], &coarse[layer - 1].grown(reach(layer))))
            });
        }
        let hung = Hung { coarse, held, next_over };
        match how.style {
            SupportStyle::Grid => columns(&hung, how),
            SupportStyle::Tree => tree::grown(&hung, stack, how),
        }
    } else {
        vec![SupportLayer::default(); outlines.len()]
    };
    SupportPlan { layers, overhang_mm2 }
}

/// The part and its overhangs, layer by layer.
#[derive(Debug)]
pub(crate) struct Hung {
    /// The part, roughly.
    pub(crate) coarse: Vec<Region>,
    /// What of it wants a support under it.
    pub(crate) held: Vec<Region>,
    /// The first layer that is a gap above each.
    pub(crate) next_over: Vec<usize>,
}

impl Hung {
    pub(crate) const fn len(&self) -> usize {
        self.coarse.len()
    }

    /// What a support whose top is this layer would hold.
    pub(crate) fn over(&self, layer: usize) -> &[Region] {
        // Thin layers may share the layer of a support that is a gap below them.
        let end = self.next_over.get(layer + 1).map_or(self.len(), |next| *next);
        self.held.get(self.next_over[layer]..end).unwrap_or_default()
    }

    /// Where no support may stand: beside the part, and right above it.
    pub(crate) fn blocked(&self, side_gap_mm: f64) -> Vec<Region> {
        (0..self.len())
            .into_par_iter()
            .map(|layer| {
                let beside = self.coarse[layer].grown(side_gap_mm);
                let too_near = |below: &usize| self.next_over[*below] > layer;
                (0..layer)
                    .rev()
                    .take_while(too_near)
                    .fold(beside, |blocked, below| blocked.union(&self.coarse[below]))
            })
            .collect()
    }
}

/// Where a layer needs a support under it, and the area that it adds beyond the layer below there.
fn overhang(layer: &Region, below: &Region, reach: f64) -> (Region, f64) {
    let bearing = below.grown(reach);
    let over = layer.minus(&[&bearing]);
    if over.is_empty() {
        return (over, 0.0);
    }
    let slim = slim_islands(layer, &bearing);
    let hanging = over.without_specks(SMALLEST_OVERHANG_MM2);
    let area = hanging.union(&slim).grown(reach).intersection(layer).minus(&[below]).area();
    let held = hanging.grown(reach + OVERLAP_MM).intersection(layer);
    (held.union(&slim.grown(OVERLAP_MM)), area)
}

/// Places of a layer with nothing under them or beside them. Nearer to the bed than the gap there is no room for a support
/// with its gap, and the first layer holds them without: better a support that has to be cut off than lines in the air.
fn islands(layer: &Region, bearing: &Region) -> Region {
    layer
        .clone()
        .pieces()
        .into_iter()
        .filter(|piece| perimeter(piece) >= SHORTEST_ISLAND_PERIMETER_MM)
        .filter(|piece| piece.intersection(bearing).is_empty())
        .fold(Region::default(), |all, piece| all.union(&piece.grown(OVERLAP_MM)))
}

/// Places of a layer with nothing under them or beside them that are narrower than a support, but long enough for a line: a
/// support under them must reach out beside them.
fn slim_islands(layer: &Region, bearing: &Region) -> Region {
    let mut slim = Region::default();
    for piece in layer.clone().pieces() {
        let is_island = piece.intersection(bearing).is_empty();
        let is_line = || perimeter(&piece) >= SHORTEST_ISLAND_PERIMETER_MM;
        if is_island && is_line() {
            slim = slim.union(&piece.minus(&[&piece.opened(OVERLAP_MM)]));
        }
    }
    slim
}

/// Length of all borders, mm.
fn perimeter(region: &Region) -> f64 {
    region.loops().iter().map(|corners| polygon::perimeter(corners)).sum()
}

/// Upright columns under everything that is held.
fn columns(hung: &Hung, how: &Supports) -> Vec<SupportLayer> {
    // What is carried down ends at the part itself only: on a slope, the side gap may leave no room
    // right under an overhang, but further down there is.
    let mut carried = vec![Region::default(); hung.len()];
    let mut current = Region::default();
    for layer in (0..hung.len()).rev() {
        for held in hung.over(layer) {
            current = current.union(held);
        }
        current = current
            .minus(&[&hung.coarse[layer]])
            .without_specks(SMALLEST_SPECK_MM2)
            .simplified(OUTLINE_TOLERANCE_MM);
        carried[layer] = current.clone();
    }
    let standing: Vec<Region> = carried
        .into_par_iter()
        .zip(hung.blocked(how.side_gap_mm))
        .map(|(region, blocked)| standing(&region.minus(&[&blocked])))
        .collect();
    let layers = 0..standing.len();
    layers.into_par_iter().map(|layer| topped(&standing, layer, how.interface_layers)).collect()
}

/// Without what is too small or too narrow to stand.
pub(crate) fn standing(region: &Region) -> Region {
    region
        .opened(NARROWEST_RADIUS_MM)
        .without_specks(SMALLEST_SUPPORT_MM2)
        .simplified(OUTLINE_TOLERANCE_MM)
}

/// A layer of columns, with what lies within so many layers of its top as interface.
fn topped(standing: &[Region], layer: usize, interface_layers: usize) -> SupportLayer {
    let whole = &standing[layer];
    if interface_layers == 0 || whole.is_empty() {
        return SupportLayer { body: whole.clone(), interface: Region::default() };
    }
    let interface = match standing.get(layer + interface_layers) {
        None => whole.clone(),
        Some(above) => standing_interface(&whole.minus(&[above])),
    };
    SupportLayer { body: whole.minus(&[&interface]), interface }
}

/// Strips that are narrower than a line or two stay with the body.
fn standing_interface(region: &Region) -> Region {
    region.opened(NARROWEST_RADIUS_MM).without_specks(SMALLEST_SPECK_MM2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    /// Two posts of 10 layers with a deck of 5 layers across.
    fn bridge() -> Vec<Region> {
        let posts = rectangle([0.0, 0.0], [5.0, 10.0]).union(&rectangle([25.0, 0.0], [30.0, 10.0]));
        let deck = rectangle([0.0, 0.0], [30.0, 10.0]);
        [vec![posts; 10], vec![deck; 5]].concat()
    }

    #[test]
    fn a_bridge_is_held_up_to_one_layer_below_its_deck() {
        let how = Supports { enabled: true, ..Supports::default() };
        let plan = plan(&bridge(), &LayerStack::even(15, 0.2), 0.2, &how);
        assert!((plan.overhang_mm2 - 200.0).abs() < 1.0, "20 × 10: {}", plan.overhang_mm2);
        for (layer, support) in plan.layers.iter().enumerate() {
            // 0.5 mm side gaps to both posts; the two uppermost layers are the interface.
            let (body, interface) = match layer {
                0..7 => (190.0, 0.0),
                7..9 => (0.0, 190.0),
                _ => (0.0, 0.0),
            };
            assert!((support.body.area() - body).abs() < 2.0, "layer {layer}");
            assert!((support.interface.area() - interface).abs() < 2.0, "layer {layer}");
        }
    }

    #[test]
    fn steep_slopes_need_no_support_and_shallow_ones_do() {
        let cone = |step: f64| -> Vec<Region> {
            (0..20)
                .map(|i| {
                    let r = 10.0 + step * f64::from(i);
                    rectangle([-r, -r], [r, r])
                })
                .collect()
        };
        let how = Supports::default();
        assert!(
            plan(&cone(0.15), &LayerStack::even(20, 0.2), 0.2, &how).overhang_mm2 < 1e-9,
            "37° from the vertical"
        );
        let shallow = plan(&cone(0.6), &LayerStack::even(20, 0.2), 0.2, &how);
        assert!(shallow.overhang_mm2 > 500.0, "72° from the vertical");
        assert!(shallow.layers[0].whole().area() > 500.0);
    }

    /// Found by `random_prints`: a fin whose area was taken for a speck was printed in the air, in lines of 3.6 mm².
    #[test]
    fn a_slim_island_is_held_all_along() {
        let foot = rectangle([0.0, 0.0], [20.0, 20.0]);
        let fin = rectangle([30.0, 0.0], [30.12, 2.0]);
        let outlines = [vec![foot.clone(); 10], vec![foot.union(&fin); 5]].concat();
        let how = Supports::default();
        let found = plan(&outlines, &LayerStack::even(15, 0.2), 0.2, &how);
        for layer in 0..9 {
            let support = found.layers[layer].whole();
            assert!(fin.minus(&[&support]).is_empty(), "layer {layer}");
            assert!(support.area() < 8.0, "{}", support.area());
        }
        assert!(found.layers[9].whole().is_empty(), "a layer of air");
    }

    /// Found by `random_prints`: islands that begin in the second layer were printed in the air, on the bed's side of the
    /// gap.
    #[test]
    fn what_begins_within_the_gap_over_the_bed_is_held() {
        let foot = rectangle([0.0, 0.0], [20.0, 20.0]);
        let low = rectangle([30.0, 0.0], [33.0, 2.0]);
        for style in SupportStyle::ALL {
            for gap_layers in [1, 2] {
                let outlines = [vec![foot.clone()], vec![foot.union(&low); 5]].concat();
                let how = Supports { style, gap_layers, ..Supports::default() };
                let found = plan(&outlines, &LayerStack::even(6, 0.2), 0.2, &how);
                let first = found.layers[0].whole();
                assert!(low.minus(&[&first.grown(0.7)]).area() < 1.0, "{style:?} {gap_layers}");
                assert!(first.intersection(&foot).is_empty() && first.area() < 14.0);
                assert!(found.layers[1..].iter().all(|layer| layer.whole().is_empty()));
            }
        }
    }

    #[test]
    fn without_supports_the_overhang_is_still_measured() {
        let how = Supports { enabled: false, ..Supports::default() };
        let plan = plan(&bridge(), &LayerStack::even(15, 0.2), 0.2, &how);
        assert!(plan.overhang_mm2 > 190.0);
        assert!(plan.layers.iter().all(|layer| layer.whole().is_empty()));
    }
}
