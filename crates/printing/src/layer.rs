//! What is printed in each layer: from outlines to ordered lines.

use std::f64::consts::FRAC_PI_4;

use geometry::{Point2, Vector2, polygon};
use rayon::prelude::*;

use crate::path::{Path, Role, RoleVolumes, order_nearest};
use crate::region::Region;
use crate::settings::{PrintOrder, SupportStyle};
use crate::skin::Division;
use crate::stack::LayerStack;
use crate::support::SupportLayer;
use crate::zones::DensityField;
use crate::{bead, brim, infill, raft, skin, support, thin_line, wall};

/// From this share on the inside is filled solidly; under `1 -` it, not at all.
const SOLID_FROM: f64 = 0.995;
/// Strips narrower than this, in pitches, are slim: lines to and fro would be too short.
const SLIM_PITCHES: f64 = 2.5;

/// On longer ways so much oozes that the next line would begin dry, mm.
const LONGEST_PRIMED_TRAVEL_MM: f64 = 20.0;

/// One layer, in the order of printing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    /// Counted from 0 on the bed; where parts are printed one by one, each starts again.
    pub(crate) number: usize,
    /// Height of the nozzle, mm over the bed.
    pub(crate) top: f64,
    /// Thickness, mm.
    pub(crate) height: f64,
    pub(crate) paths: Vec<Path>,
    /// What the areas to be filled ask for.
    pub(crate) expected: RoleVolumes,
    /// Volume of places too thin for any line, mm³.
    pub(crate) unprinted_mm3: f64,
}

impl Layer {
    /// What is laid to hold overhangs, mm³.
    fn support_mm3(&self) -> f64 {
        self.expected.of(Role::Support) + self.expected.of(Role::SupportInterface)
    }
}

/// All layers of a print, and what supports were for.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub(crate) layers: Vec<Layer>,
    pub(crate) overhang_mm2: f64,
    pub(crate) support_mm3: f64,
}

/// What holds for all layers beside the order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bed<'a> {
    /// Where seams go; `None` for the shortest way.
    pub(crate) seam: Option<Vector2>,
    /// Densities of the infill by zone.
    pub(crate) densities: &'a DensityField,
    /// Heights of the layers.
    pub(crate) stack: &'a LayerStack,
}

/// Plans every layer; `outlines` are in bed coordinates, from the bed up.
pub(crate) fn plan(outlines: &[Region], order: &PrintOrder, bed: &Bed<'_>) -> Layers {
    let settings = &order.settings;
    let supports = support::plan(outlines, bed.stack, settings.layer_height_mm, &settings.supports);
    let is_solid = settings.infill_fraction >= SOLID_FROM;
    let hidden = if is_solid {
        vec![Region::default(); outlines.len()]
    } else {
        skin::hidden(outlines, settings.bottom_layers, settings.top_layers)
    };
    let mut layers: Vec<Layer> = (0..outlines.len())
        .into_par_iter()
        .map(|index| {
            let job = LayerJob::new(index, order, bed);
            job.plan(&outlines[index], &supports.layers[index], &hidden[index])
        })
        .collect();
    let support_mm3 = layers.iter().map(Layer::support_mm3).sum();
    let raft = (settings.raft_layers > 0).then(|| {
        let first = outlines.first().cloned().unwrap_or_default();
        let held = supports.layers.first().map(SupportLayer::whole).unwrap_or_default();
        raft::lay(&first.union(&held), order)
    });
    if let Some(raft) = raft {
        raft::put_under(raft, &mut layers, settings.raft_gap_mm);
    }
    for (number, layer) in layers.iter_mut().enumerate() {
        layer.number = number;
    }
    Layers { layers, overhang_mm2: supports.overhang_mm2, support_mm3 }
}

/// Puts the prime line in front of the first of all layers, where there is room beside everything on the bed.
pub(crate) fn add_prime(layers: &mut [Layer], order: &PrintOrder) -> bool {
    let on_bed = layers.iter().filter(|layer| layer.number == 0);
    let low = on_bed
        .flat_map(|layer| &layer.paths)
        .flat_map(|path| &path.points)
        .fold(Point2::new(f64::INFINITY, f64::INFINITY), |low, point| low.inf(point));
    let Some(first) = layers.first_mut() else { return false };
    let pitch = bead::pitch(order.settings.line_width_mm, first.height);
    let Some(line) = brim::prime(order.printer.bed_mm, low, pitch) else { return false };
    first.expected.add(Role::Prime, line.strip_area() * first.height);
    first.paths.insert(0, line);
    true
}

/// The settings that hold for one layer.
#[derive(Clone, Copy, Debug)]
struct LayerJob<'a> {
    order: &'a PrintOrder,
    index: usize,
    height: f64,
    top: f64,
    pitch: f64,
    bed: &'a Bed<'a>,
}

impl<'a> LayerJob<'a> {
    fn new(index: usize, order: &'a PrintOrder, bed: &'a Bed<'a>) -> Self {
        let height = bed.stack.height(index);
        let pitch = bead::pitch(order.settings.line_width_mm, height);
        Self { order, index, height, top: bed.stack.top(index), pitch, bed }
    }

    fn plan(&self, outline: &Region, support: &SupportLayer, hidden: &Region) -> Layer {
        let mut layer = Layer { top: self.top, height: self.height, ..Layer::default() };
        let mut at = Point2::origin();
        let settings = &self.order.settings;
        if self.index == 0 && settings.raft_layers == 0 {
            let standing = outline.union(&support.whole());
            let (paths, area) =
                brim::skirt(&standing, settings.brim_mm, settings.skirt_lines, self.pitch);
            self.print(&mut layer, paths, &[(Role::Skirt, area)], &mut at);
            let (paths, area) = match settings.supports.style {
                SupportStyle::Grid => brim::lay(&standing, settings.brim_mm, self.pitch),
                SupportStyle::Tree => {
                    let trees = support.whole();
                    brim::around_trees(outline, &trees, settings.brim_mm, self.pitch)
                }
            };
            self.print(&mut layer, paths, &[(Role::Brim, area)], &mut at);
        }
        self.lay_support(&mut layer, support, outline, &mut at);
        for piece in outline.clone().pieces() {
            self.plan_piece(&mut layer, &piece, hidden, &mut at);
        }
        layer
    }

    /// What is asked for are the lines: their ends and links vary with the outline.
    fn lay_support(
        &self,
        layer: &mut Layer,
        support: &SupportLayer,
        outline: &Region,
        at: &mut Point2,
    ) {
        let how = &self.order.settings.supports;
        let body = match how.style {
            SupportStyle::Grid => infill::support(&support.body, how.spacing_mm, self.pitch),
            SupportStyle::Tree => infill::branches(&support.body, self.pitch),
        };
        let interface =
            infill::support_interface(&support.interface, how.interface_spacing_mm, self.pitch);
        for (role, lines) in [(Role::Support, body), (Role::SupportInterface, interface)] {
            let area = lines.iter().map(Path::strip_area).sum();
            let (mut lines, end) = order_nearest(lines, *at);
            *at = end;
            keep_primed(&mut lines, &outline.loops());
            self.print(layer, lines, &[(role, area)], at);
        }
    }

    fn plan_piece(&self, layer: &mut Layer, piece: &Region, hidden: &Region, at: &mut Point2) {
        let settings = &self.order.settings;
        let how = wall::WallOrder {
            count: settings.walls,
            line_width_mm: settings.line_width_mm,
            height_mm: self.height,
            seam: self.bed.seam,
        };
        let walls = wall::lay(piece, &how, *at);
        let wall_areas = [(Role::OuterWall, walls.outer_area), (Role::InnerWall, walls.inner_area)];
        self.print(layer, walls.paths, &wall_areas, at);
        self.fill_thin(layer, walls.thin, at);
        layer.unprinted_mm3 += walls.unprinted_area * self.height;
        let Division { solid, sparse } = self.divide(walls.inside, hidden);
        let angle = if self.index.is_multiple_of(2) { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 };
        let mut fill = SolidFill::default();
        solid.pieces().iter().for_each(|piece| fill.lay(piece, angle, self.pitch));
        let SolidFill { skin, area, slim } = fill;
        self.fill_thin(layer, slim, at);
        let (skin, end) = order_nearest(skin, *at);
        *at = end;
        self.print(layer, skin, &[(Role::Skin, area)], at);
        self.fill_sparsely(layer, &sparse, at);
    }

    fn fill_thin(&self, layer: &mut Layer, strips: Vec<Region>, at: &mut Point2) {
        let mut lines = Vec::new();
        let mut area = 0.0;
        for strip in strips {
            let strip_area = strip.area();
            let (paths, filled) = thin_line::fill(strip, self.pitch);
            layer.unprinted_mm3 += (strip_area - filled).max(0.0) * self.height;
            area += filled;
            lines.extend(paths);
        }
        let (lines, end) = order_nearest(lines, *at);
        *at = end;
        self.print(layer, lines, &[(Role::ThinLine, area)], at);
    }

    fn divide(&self, inside: Region, hidden: &Region) -> Division {
        if self.order.settings.infill_fraction >= SOLID_FROM {
            return Division { solid: inside, sparse: Region::default() };
        }
        skin::divide(inside, hidden, self.pitch)
    }

    fn fill_sparsely(&self, layer: &mut Layer, sparse: &Region, at: &mut Point2) {
        let settings = &self.order.settings;
        let is_even = self.bed.densities.is_even();
        if sparse.is_empty() || (is_even && settings.infill_fraction <= 1.0 - SOLID_FROM) {
            return;
        }
        let how = infill::Sparse {
            pattern: settings.infill_pattern,
            fraction: settings.infill_fraction,
            pitch: self.pitch,
            layer: self.index,
            height: self.top - self.height / 2.0,
        };
        let (lines, area) = if is_even {
            infill::sparse(sparse, &how)
        } else {
            infill::graded(sparse, &how, self.bed.densities)
        };
        let (mut lines, end) = order_nearest(lines, *at);
        *at = end;
        keep_primed(&mut lines, &sparse.loops());
        self.print(layer, lines, &[(Role::Infill, area)], at);
    }

    /// Appends lines and what they are expected to hold.
    fn print(&self, layer: &mut Layer, paths: Vec<Path>, areas: &[(Role, f64)], at: &mut Point2) {
        for &(role, area) in areas {
            layer.expected.add(role, area * self.height);
        }
        if let Some(end) = paths.last().and_then(|path| path.points.last()) {
            *at = *end;
        }
        layer.paths.extend(paths);
    }
}

/// The lines of solid places.
#[derive(Debug, Default)]
struct SolidFill {
    skin: Vec<Path>,
    /// What the lines have to fill, mm².
    area: f64,
    /// Strips for one line along their middle.
    slim: Vec<Region>,
}

impl SolidFill {
    /// Fills a piece with lines to and fro. What has no room for them is slim, or gets a line around its border, and what
    /// that leaves is filled in its turn.
    fn lay(&mut self, piece: &Region, angle: f64, pitch: f64) {
        if self.lay_to_and_fro(piece, angle, pitch) {
            return;
        }
        let broad = piece.opened(SLIM_PITCHES * pitch / 2.0);
        self.slim.push(piece.minus(&[&broad]));
        for part in broad.pieces() {
            if self.lay_to_and_fro(&part, angle, pitch) {
                continue;
            }
            let inner = part.grown(-pitch);
            let area = part.area() - inner.area();
            self.skin.extend(infill::around(&part, area, pitch));
            self.area += area;
            inner.pieces().iter().for_each(|rest| self.lay(rest, angle, pitch));
        }
    }

    /// False, and nothing laid, where such lines do not hold what the piece asks for.
    fn lay_to_and_fro(&mut self, piece: &Region, angle: f64, pitch: f64) -> bool {
        let lines = infill::solid(piece, angle, pitch);
        let holds = infill::holds(&lines, piece);
        if holds {
            self.area += piece.area();
            self.skin.extend(lines);
        }
        holds
    }
}

/// Marks lines that are reached without crossing a border: between supports beside the part, and between lines of infill
/// inside its walls a string hangs where nobody sees or feels it, and pulling back would only grind the filament.
fn keep_primed(lines: &mut [Path], border: &[Vec<Point2>]) {
    let mut at: Option<Point2> = None;
    for line in lines {
        let to = line.points[0];
        line.stays_primed = at.is_some_and(|from| {
            (to - from).norm() <= LONGEST_PRIMED_TRAVEL_MM && !crosses(border, from, to)
        });
        at = line.points.last().copied();
    }
}

/// Whether a straight way crosses a border.
fn crosses(border: &[Vec<Point2>], from: Point2, to: Point2) -> bool {
    let (low, high) = (from.inf(&to), from.sup(&to));
    let way = to - from;
    border.iter().flat_map(|corners| polygon::edges(corners)).any(|(a, b)| {
        let beside = a.x.max(b.x) < low.x || a.x.min(b.x) > high.x;
        if beside || a.y.max(b.y) < low.y || a.y.min(b.y) > high.y {
            return false;
        }
        let edge = b - a;
        let side = |point: Point2| way.perp(&(point - from)) >= 0.0;
        let other = |point: Point2| edge.perp(&(point - a)) >= 0.0;
        side(a) != side(b) && other(from) != other(to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by `random_prints`: strips between walls, hardly wider than those that are slim, were filled by four fifths.
    #[test]
    fn strips_of_any_width_are_filled() {
        let pitch = 0.407;
        for width in [1.0, 1.05, 1.13, 1.3, 1.6, 2.0, 2.6, 4.0] {
            for angle in [FRAC_PI_4, 3.0 * FRAC_PI_4, 0.1] {
                let outer = crate::region::tests::rectangle([0.0, 0.0], [60.0, 40.0]);
                let strip = outer.minus(&[&outer.grown(-width)]);
                let mut fill = SolidFill::default();
                fill.lay(&strip, angle, pitch);
                let held: f64 = fill.skin.iter().map(Path::strip_area).sum();
                assert!((held / fill.area.max(1e-9) - 1.0).abs() < 0.031 || fill.skin.is_empty());
                let (mut thin, mut slim) = (0.0, 0.0);
                for strip in fill.slim {
                    slim += strip.area();
                    let (paths, _) = thin_line::fill(strip, pitch);
                    thin += paths.iter().map(Path::strip_area).sum::<f64>();
                }
                assert!((fill.area + slim - strip.area()).abs() < 0.05, "{width}");
                let share = (held + thin) / strip.area();
                assert!((0.97..1.01).contains(&share), "{width} mm at {angle}: {share}");
            }
        }
    }

    #[test]
    fn the_filament_is_kept_where_no_border_is_crossed() {
        let border = [
            [0.0, 0.0],
            [40.0, 0.0],
            [40.0, 30.0],
            [20.0, 30.0],
            [20.0, 10.0],
            [18.0, 10.0],
            [18.0, 30.0],
            [0.0, 30.0],
        ];
        let border = vec![border.map(|[x, y]| Point2::new(x, y)).to_vec()];
        // From the end of one line to the start of the next.
        for (from, to, is_kept) in [
            ([2.0, 20.0], [10.0, 25.0], true),
            ([16.0, 5.0], [30.0, 8.0], true),
            ([16.0, 20.0], [22.0, 20.0], false),
            ([2.0, 5.0], [30.0, 5.0], false),
        ] {
            let line = |points: [[f64; 2]; 2]| {
                Path::even(Role::Infill, points.map(|[x, y]| Point2::new(x, y)).to_vec(), 0.4)
            };
            let mut lines = [line([[1.0, 1.0], from]), line([to, [39.0, 1.0]])];
            keep_primed(&mut lines, &border);
            assert_eq!([lines[0].stays_primed, lines[1].stays_primed], [false, is_kept], "{to:?}");
        }
    }
}
