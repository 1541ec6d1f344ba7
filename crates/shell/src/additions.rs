//! What a design does to the top besides the nine doses, turned into shapes over the foot plane.

use geometry::{HeightField, Point2};
use vocabulary::Angle;

use crate::patch::{self, Patch, Shape};
use crate::regions::Regions;
use crate::smooth::{self, Track};
use crate::{Design, Operation, PadSize, PressureGrid, SKIVE_PLANE_DEG};

/// An inversion of this and more is a Blake inversion: the arch is filled back to its original height (`ProLab`-348).
const BLAKE_FROM_DEG: f64 = 10.0;
/// Ramps of a metatarsal bar, back and front, mm: 30 degrees over 25 mm and 45 degrees over 10 mm in a study.
const BAR_RAMPS: (f64, f64) = (25.0, 10.0);
/// Length of a metatarsal bar's crest, mm.
const BAR_CREST: f64 = 4.0;
/// Smoothing of a pressure relief, mm: depth must not follow single sensor cells of 5 mm.
const PRESSURE_SMOOTHING: f64 = 4.0;

/// Everything but the nine doses and the trim. Neutral by default.
#[derive(Clone, Debug)]
pub(crate) struct Additions {
    /// Room for cover and cushion, mm.
    pub(crate) cover: f64,
    /// Tangent of the inversion, + raises the medial side; and whether the arch is filled back.
    pub(crate) inversion: f64,
    pub(crate) blake: bool,
    /// Raises of the positive's arches.
    pub(crate) bumps: Vec<Bump>,
    /// Move of the medial arch along y, mm.
    pub(crate) apex_shift: f64,
    /// Slope of the medial skive's plane.
    pub(crate) medial_plane: f64,
    /// Depth and slope of the lateral skive.
    pub(crate) lateral_skive: Option<(f64, f64)>,
    /// Where the lift ends, from the heel seat.
    pub(crate) lift_end: Option<f64>,
    pub(crate) patches: Vec<Patch>,
}

/// A raise of the medial or lateral arch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bump {
    pub(crate) height: f64,
    pub(crate) lateral: bool,
    pub(crate) apex: f64,
    pub(crate) extent: f64,
}

impl Additions {
    pub(crate) fn of(design: &Design, regions: &Regions) -> Self {
        let mut additions = Self {
            cover: 0.0,
            inversion: 0.0,
            blake: false,
            bumps: Vec::new(),
            apex_shift: 0.0,
            medial_plane: Angle::from_deg(SKIVE_PLANE_DEG).tan(),
            lateral_skive: None,
            lift_end: None,
            patches: Vec::new(),
        };
        for (index, operation) in design.operations().iter().enumerate() {
            // What is not ordered must change nothing, to the bit.
            if operation.dose() != 0.0 {
                additions.add(index, operation, regions);
            }
        }
        additions
    }

    fn add(&mut self, index: usize, operation: &Operation, regions: &Regions) {
        let middle = regions.arch_y();
        let bump = |height: f64, apex: f64, extent: f64, lateral: bool| Bump {
            height,
            lateral,
            apex: middle + apex,
            extent: extent.max(20.0),
        };
        match *operation {
            Operation::Cover { .. } => self.cover = operation.dose(),
            Operation::ArchApex { forward_mm } => self.apex_shift = forward_mm,
            Operation::MedialArch { raise_mm, apex_mm, extent_mm } => {
                self.bumps.push(bump(raise_mm, apex_mm, extent_mm, false));
            }
            Operation::LateralArch { raise_mm, apex_mm, extent_mm } => {
                self.bumps.push(bump(raise_mm, apex_mm, extent_mm, true));
            }
            Operation::Inversion { angle_deg } => {
                self.inversion = Angle::from_deg(angle_deg).tan();
                self.blake = angle_deg >= BLAKE_FROM_DEG - 1e-9;
            }
            Operation::MedialSkive { plane_deg, .. } => {
                self.medial_plane = Angle::from_deg(plane_deg).tan();
            }
            Operation::LateralSkive { depth_mm, plane_deg } => {
                self.lateral_skive = Some((depth_mm, Angle::from_deg(plane_deg).tan()));
            }
            Operation::HeelLift { taper_mm, .. } => self.lift_end = taper_mm,
            _ => {
                if let Some((height, shape)) = shape(operation, regions) {
                    self.patches.push(Patch { index, height, shape });
                }
            }
        }
    }

    /// Sum of the raises and sum of the lowerings at a place.
    pub(crate) fn patched(&self, point: Point2) -> (f64, f64) {
        let (mut raised, mut lowered) = (0.0, 0.0);
        for patch in &self.patches {
            let height = patch.at(point);
            if height > 0.0 {
                raised += height;
            } else {
                lowered += height;
            }
        }
        (raised, lowered)
    }

    /// Raise of the positive's arches at a place.
    pub(crate) fn arch_raise(&self, regions: &Regions, point: Point2) -> f64 {
        self.bumps
            .iter()
            .map(|bump| {
                let along = 1.0 - smooth::step(0.0, bump.extent, (point.y - bump.apex).abs());
                let across = if bump.lateral {
                    regions.lateral_column(point)
                } else {
                    regions.medial_column(point)
                };
                bump.height * along * across
            })
            .sum()
    }

    /// How much of an inversion acts at a place along the foot.
    pub(crate) fn inverted(&self, regions: &Regions, y: f64) -> f64 {
        // Heel alone for Blake, its ramp running out before the arch's apex; else heel and arch.
        let (start, end) = if self.blake { (0.20, 0.45) } else { (0.45, 0.65) };
        1.0 - smooth::step(regions.y_at(start), regions.y_at(end), y)
    }
}

/// Height at full weight and shape of an operation that is a patch.
fn shape(operation: &Operation, regions: &Regions) -> Option<(f64, Shape)> {
    Some(match operation {
        Operation::MetatarsalPad { height_mm, behind_mm, lateral_mm, size } => {
            let x = regions.head(3).x + lateral_mm;
            let peak = Point2::new(x, regions.head_line(x) - behind_mm);
            let (across, front, back) = match size {
                PadSize::Small => (12.0, 11.0, 21.0),
                PadSize::Medium => (15.0, 13.0, 27.0),
                PadSize::Large => (18.0, 15.0, 33.0),
            };
            (*height_mm, Shape::Dome { peak, across, front, back })
        }
        Operation::NeuromaPad { height_mm, between, behind_mm } => {
            let [one, other] = between.map(|head| regions.head(usize::from(head)));
            let peak = Point2::new(
                (one.x + other.x) / 2.0,
                regions.head_line((one.x + other.x) / 2.0) - behind_mm,
            );
            (*height_mm, Shape::Dome { peak, across: 9.0, front: 9.0, back: 14.0 })
        }
        Operation::MetatarsalBar { height_mm, behind_mm } => {
            let sides = [regions.head(1).x - 6.0, regions.head(5).x + 6.0];
            let line = line(|x| regions.head_line(x) - behind_mm - BAR_RAMPS.1 - BAR_CREST);
            let (back, front) = BAR_RAMPS;
            (*height_mm, Shape::Bar { line, back, plateau: BAR_CREST, front, sides })
        }
        Operation::FasciaGroove { depth_mm, width_mm, lateral_mm } => {
            let head = regions.head(1);
            let from = Point2::new(-6.0 + lateral_mm, regions.y_at(0.24));
            let to = Point2::new(head.x + 2.0 + lateral_mm, head.y - 4.0);
            let blend = patch::blend(5.0, *depth_mm);
            let core = (width_mm / 2.0 - blend / 2.0).max(0.0);
            (-depth_mm, Shape::Channel { from, to, core, blend })
        }
        Operation::NavicularRelief { depth_mm, forward_mm, radius_mm, blend_mm } => {
            let at = regions.navicular() + geometry::Vector2::new(0.0, *forward_mm);
            (-depth_mm, disc(at, *radius_mm, patch::blend(*blend_mm, *depth_mm)))
        }
        Operation::FifthBaseRelief { depth_mm, forward_mm, radius_mm, blend_mm } => {
            let at = regions.fifth_base() + geometry::Vector2::new(0.0, *forward_mm);
            (-depth_mm, disc(at, *radius_mm, patch::blend(*blend_mm, *depth_mm)))
        }
        Operation::HeelSpurPocket { depth_mm, diameter_mm, forward_mm, lateral_mm } => {
            let at = regions.tubercle() + geometry::Vector2::new(*lateral_mm, *forward_mm);
            let blend = patch::blend(6.0, *depth_mm);
            (-depth_mm, disc(at, (diameter_mm / 2.0 - blend / 2.0).max(1.0), blend))
        }
        Operation::Region { height_mm, corners_mm, blend_mm } => {
            let corners = corners_mm.iter().map(|[x, y]| Point2::new(*x, *y)).collect();
            (*height_mm, Shape::Region { corners, blend: patch::blend(*blend_mm, *height_mm) })
        }
        Operation::PressureRelief { deepest_mm, table_kpa, map } => {
            (-deepest_mm, Shape::Map(pressed(table_kpa, map)))
        }
        _ => return extension(operation, regions),
    })
}

/// Height and shape of what lies under ball and toes.
fn extension(operation: &Operation, regions: &Regions) -> Option<(f64, Shape)> {
    /// Far outside of every foot, mm.
    const OUT: f64 = 90.0;
    let first = regions.first_ray_end();
    let area = |x: [f64; 2], back: &dyn Fn(f64) -> f64, front: &dyn Fn(f64) -> f64| {
        let steps = [0.0, 0.25, 0.5, 0.75, 1.0];
        let at = |share: f64| x[0] + share * (x[1] - x[0]);
        let behind = steps.into_iter().map(|share| Point2::new(at(share), back(at(share))));
        let ahead = steps.into_iter().rev().map(|share| Point2::new(at(share), front(at(share))));
        behind.chain(ahead).collect::<Vec<Point2>>()
    };
    let platform = |corners: Vec<Point2>, height: f64| {
        (height, Shape::Region { corners, blend: patch::blend(6.0, height) })
    };
    // A blend goes on outside of an area: the area's inner border lies half of one inside the ray's.
    let apart = |height: f64| patch::blend(6.0, height) / 2.0;
    Some(match *operation {
        Operation::Morton { height_mm, length_mm } => {
            let head = regions.head(1);
            let front = head.y - 12.0 + length_mm;
            let x = [head.x - OUT, first - apart(height_mm)];
            platform(area(x, &|_| head.y - 8.0, &|_| front), height_mm)
        }
        Operation::ReverseMorton { height_mm } => {
            let x = [first + apart(height_mm), first + OUT + 60.0];
            let back = |x: f64| regions.head_line(x) - 8.0;
            platform(area(x, &back, &|x| regions.head_line(x) + 14.0), height_mm)
        }
        Operation::KineticWedge { height_mm } => {
            // Around the first head: lateral of it, and in front of it under the toe.
            let head = regions.head(1);
            let (side, toe) = (first + apart(height_mm), head.y + 20.0);
            let far = first + OUT + 60.0;
            let corners = vec![
                Point2::new(side, head.y - 8.0),
                Point2::new(far, regions.head_line(far) - 8.0),
                Point2::new(far, OUT + 250.0),
                Point2::new(head.x - OUT, OUT + 250.0),
                Point2::new(head.x - OUT, toe),
                Point2::new(side, toe),
            ];
            platform(corners, height_mm)
        }
        Operation::CluffyWedge { height_mm } => {
            let (middle, half) = regions.hallux();
            let [start, end] = [regions.y_at(0.82), regions.y_at(0.95)];
            let x = [middle.x - OUT, middle.x + half - 3.0];
            let corners = area(x, &|_| start, &|_| end + OUT);
            (height_mm, Shape::Ramp { corners, blend: patch::blend(6.0, height_mm), start, end })
        }
        Operation::ToeCrest { height_mm } => {
            let line = line(|x| regions.sulcus(x) + 2.0);
            let sides = [regions.across_ball(0.33), regions.across_ball(0.80)];
            let ramp = patch::blend(7.0, height_mm);
            (height_mm, Shape::Bar { line, back: ramp, plateau: 3.0, front: ramp, sides })
        }
        Operation::ToeFiller { height_mm, first, last } => {
            let [from, to] = [regions.toe_side(first, false), regions.toe_side(last, true)];
            let back = |x: f64| regions.sulcus(x) + patch::blend(6.0, height_mm);
            platform(area([from, to], &back, &|_| OUT + 250.0), height_mm)
        }
        _ => return None,
    })
}

const fn disc(at: Point2, radius: f64, blend: f64) -> Shape {
    Shape::Channel { from: at, to: at, core: radius, blend }
}

/// y over x, every millimeter.
pub(crate) fn line(y: impl Fn(f64) -> f64) -> Track {
    Track { start: -120.0, step: 1.0, values: (-120..=120).map(|x| y(f64::from(x))).collect() }
}

/// Shares of the deepest relief from pressures, smoothed.
fn pressed(table: &[[f64; 2]], map: &PressureGrid) -> HeightField {
    let share = |kpa: f64| {
        let above = table.iter().position(|[pressure, _]| *pressure > kpa);
        match above {
            Some(0) => 0.0,
            None => table.last().map_or(0.0, |[_, share]| *share),
            Some(next) => {
                let ([from, low], [to, high]) = (table[next - 1], table[next]);
                low + (high - low) * (kpa - from) / (to - from)
            }
        }
    };
    let rows = map.kpa.len() / map.columns;
    let field = HeightField {
        origin: Point2::new(map.origin_mm[0], map.origin_mm[1]),
        spacing: map.spacing_mm,
        columns: map.columns,
        rows,
        heights: map.kpa.iter().map(|kpa| share(*kpa)).collect(),
    };
    // On a 1 mm grid with a border, so that the blend runs out to exactly nothing.
    let border = 4.0 * PRESSURE_SMOOTHING;
    let area = field.area();
    let wide = geometry::Rect {
        low: area.low - geometry::Vector2::repeat(border),
        high: area.high + geometry::Vector2::repeat(border),
    };
    let fine = HeightField::from_fn(wide, 1.0, |point| field.sample(point).unwrap_or(0.0));
    crate::foot_surface::average(&fine, PRESSURE_SMOOTHING)
}
