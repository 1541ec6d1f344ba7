//! The rim and the trim line.
//!
//! Around the heel the rim is the level line of the corrected sole at the cup's depth; along both sides its height
//! falls to the distal edge. From that line a horizontal land goes out, and the trim line runs on the land's outer
//! border, so that the ordered depth and thickness hold up to the edge.
//!
//! The perimeter is a sequence of rays from a spine: horizontal rays on the lateral side (distal to heel), a half
//! fan around the heel seat, horizontal rays on the medial side (heel to distal).

use std::f64::consts::PI;

use geometry::{ClosedCurve, Point2, Vector2, polygon};

use crate::formula::Formula;
use crate::smooth::{self, Track};
use crate::top_model::TopModel;
use crate::trim::Border;
use crate::{Doses, ShellError};

/// Spacing of the rays along the perimeter, mm (and of the fan's rays at a radius of 32 mm).
const RAY_STEP: f64 = 1.0;
/// Rays of the half fan around the heel.
const FAN_RAYS: usize = 100;
/// Smoothing of the level line along the perimeter, in rays.
const LEVEL_SMOOTHING: f64 = 5.0;
/// Smallest radius of curvature of the trim line, mm: what a lab's grinding drum and a 6 mm cutter still follow
/// (plain shells keep 5 and more; the corners of extensions under single rays need less).
const SMALLEST_RADIUS: f64 = 3.5;
/// How far the toe box lags behind the narrowing toes, mm.
const TOE_BOX: f64 = 22.0;
/// Spacing of the points through which the trim curve runs, mm.
const CURVE_STEP: f64 = 5.0;

/// Rim height and rim position along the perimeter of one design.
#[derive(Clone, Debug)]
pub(crate) struct Rim {
    /// Rim of the heel by angle, like `fan`.
    fan_level: Track,
    /// Distance from the spine to the land's inner border.
    medial: Track,
    lateral: Track,
    /// By angle, from lateral (0) over posterior to medial (pi).
    fan: Track,
    medial_level: Track,
    lateral_level: Track,
    pub(crate) land: f64,
    corner_blend: f64,
    /// Distal edge, y over x.
    distal: Track,
    /// Distal edge of a shell that ends behind the metatarsal heads, y over x.
    shelf: Track,
}

/// One ray of the perimeter: where it starts, where it goes, which rim height it looks for, how far it may go.
struct Ray {
    origin: Point2,
    direction: Vector2,
    level: f64,
    nearest: f64,
    farthest: f64,
}

impl Rim {
    /// No rim: the cap is nowhere reached. Stands in while the real rim is being found.
    pub(crate) fn unlimited() -> Self {
        let none = |value: f64| Track { start: 0.0, step: 1.0, values: vec![value] };
        Self {
            fan_level: none(f64::INFINITY),
            medial: none(1e3),
            lateral: none(1e3),
            fan: none(1e3),
            medial_level: none(1e6),
            lateral_level: none(1e6),
            land: 0.0,
            corner_blend: 1.0,
            distal: none(1e3),
            shelf: none(1e3),
        }
    }

    pub(crate) fn new(model: &TopModel, doses: &Doses) -> Self {
        let (settings, regions) = (&model.settings, &model.regions);
        let formula = Formula::of(model, doses);
        let shape = |point: Point2| formula.corrected(&model.node(point));
        let seat = model.lowest_in_heel(|_, node| formula.corrected(node));
        let cup_level = seat + doses.heel_cup_depth.0 + model.additions.cover;
        let profile = Profile::new(model, cup_level, &shape);
        let trim = &model.trim;
        let stations = ((trim.end(regions, settings) + 20.0) / RAY_STEP).ceil() as usize + 1;
        let reach = profile.trace(stations, &shape);
        let side = |values: Vec<f64>| Track { start: 0.0, step: RAY_STEP, values };
        let mut rim = Self {
            fan_level: Track {
                start: 0.0,
                step: PI / FAN_RAYS as f64,
                values: (0..=FAN_RAYS)
                    .map(|k| cup_level + trim.rim_raise(PI * k as f64 / FAN_RAYS as f64))
                    .collect(),
            },
            lateral: side(reach[..stations].iter().rev().copied().collect()),
            fan: Track {
                start: 0.0,
                step: PI / FAN_RAYS as f64,
                values: reach[stations - 1..stations + FAN_RAYS].to_vec(),
            },
            medial: side(reach[stations + FAN_RAYS - 1..].to_vec()),
            land: settings.rim_land.max(doses.thickness.0),
            corner_blend: settings.corner_blend,
            distal: Track {
                start: -120.0,
                step: 1.0,
                values: (-120..=120).map(|x| trim.edge(regions, settings, f64::from(x))).collect(),
            },
            shelf: Track {
                start: -120.0,
                step: 1.0,
                values: (-120..=120).map(|x| regions.distal_edge(settings, f64::from(x))).collect(),
            },
            ..Self::unlimited()
        };
        rim.medial_level = side(profile.levels(stations, &rim.medial, -1.0, rim.land, &shape));
        rim.lateral_level = side(profile.levels(stations, &rim.lateral, 1.0, rim.land, &shape));
        rim
    }

    /// Height over which the rim does not let the sole rise: the land's level outside its inner border, rising
    /// inward so that it bites only near the rim.
    pub(crate) fn cap(&self, point: Point2) -> f64 {
        let (level, outward) = self.level_and_distance(point);
        level + inward_rise(-outward)
    }

    /// Rim level and distance outward of the land's inner border, along the point's ray.
    fn level_and_distance(&self, point: Point2) -> (f64, f64) {
        if point.y < 0.0 {
            let angle = (-point.y).atan2(point.x);
            return (self.fan_level.at(angle), point.coords.norm() - self.fan.at(angle));
        }
        let medial = -point.x - self.medial.at(point.y);
        let lateral = point.x - self.lateral.at(point.y);
        // The nearer border counts; far inside neither cap is reached, so that the change between them is unseen.
        if medial > lateral {
            (self.medial_level.at(point.y), medial)
        } else {
            (self.lateral_level.at(point.y), lateral)
        }
    }

    /// Positive inside the trim, roughly the distance from it in mm; corners rounded.
    pub(crate) fn inside(&self, point: Point2) -> f64 {
        let (_, outward) = self.level_and_distance(point);
        let sides = self.land - outward;
        smooth::minimum(sides, self.before_distal_edge(point), self.corner_blend)
    }

    /// Distance along y to where a shell behind the metatarsal heads would end, positive behind it.
    pub(crate) fn before_shelf(&self, point: Point2) -> f64 {
        self.shelf.at(point.x) - point.y
    }

    /// Distance along y to the distal edge, positive behind it.
    pub(crate) fn before_distal_edge(&self, point: Point2) -> f64 {
        self.distal.at(point.x) - point.y
    }

    /// The trim line, counter-clockwise.
    pub(crate) fn outline(&self) -> Result<ClosedCurve, ShellError> {
        let dense = self.trim_points();
        let perimeter = polygon::perimeter(&dense);
        let count = (perimeter / CURVE_STEP).round().max(16.0) as usize;
        let curve = ClosedCurve::through(&resample(&dense, perimeter, count));
        let (radius, place) = smallest_radius(&curve);
        if radius < SMALLEST_RADIUS {
            return Err(ShellError::Outline { radius, x: place.x, y: place.y });
        }
        if let Some(place) = first_crossing(&curve.polyline(0.05, 3.0)) {
            return Err(ShellError::Outline { radius: 0.0, x: place.x, y: place.y });
        }
        Ok(curve)
    }

    /// Dense points of the trim: distal fan from lateral to medial, medial side, heel, lateral side.
    fn trim_points(&self) -> Vec<Point2> {
        let middle =
            (self.lateral.at(self.distal.at(0.0)) - self.medial.at(self.distal.at(0.0))) / 2.0;
        let half_width = 60;
        let lowest = (-half_width..=half_width)
            .map(|x| self.distal.at(middle + f64::from(x)))
            .fold(f64::INFINITY, f64::min);
        // The distal fan's middle, far enough behind the edge that the corners' blend has ended.
        let front = Point2::new(middle, lowest - self.corner_blend);
        let mut points = Vec::new();
        for k in 0..=240 {
            let angle = PI * f64::from(k) / 240.0;
            points.push(self.border_along(front, Vector2::new(angle.cos(), angle.sin())));
        }
        let stations = (front.y / RAY_STEP).floor() as usize;
        for k in (1..stations).rev() {
            let y = k as f64 * RAY_STEP;
            points.push(Point2::new(-(self.medial.at(y) + self.land), y));
        }
        for k in (0..=FAN_RAYS).rev() {
            let angle = PI * k as f64 / FAN_RAYS as f64;
            let radius = self.fan.at(angle) + self.land;
            points.push(Point2::new(radius * angle.cos(), -radius * angle.sin()));
        }
        for k in 1..stations {
            let y = k as f64 * RAY_STEP;
            points.push(Point2::new(self.lateral.at(y) + self.land, y));
        }
        points
    }

    /// Where a ray from inside leaves the trim, by bisection.
    pub(crate) fn border_along(&self, origin: Point2, direction: Vector2) -> Point2 {
        let (mut low, mut high) = (0.0, 150.0);
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            if self.inside(origin + direction * middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        origin + direction * low
    }

    /// The most posterior point of the trim on the heel's axis.
    pub(crate) fn back(&self) -> Point2 {
        Point2::new(0.0, -(self.fan.at(PI / 2.0) + self.land))
    }
}

/// Wanted rim heights and plan limits along both sides.
struct Profile<'a> {
    model: &'a TopModel,
    cup_level: f64,
    /// Medial rim at the arch, over the seat.
    arch_level: f64,
    lateral_wall: f64,
    distal_wall: f64,
    heel_end: f64,
    arch_y: f64,
    distal_y: f64,
}

impl<'a> Profile<'a> {
    fn new(model: &'a TopModel, cup_level: f64, shape: &dyn Fn(Point2) -> f64) -> Self {
        let (settings, regions) = (&model.settings, &model.regions);
        let arch_y = regions.arch_y();
        let border = Point2::new(regions.medial_border.at(arch_y) + 2.0, arch_y);
        let highest = settings.medial_wall_limit.max(0.6 * cup_level);
        Self {
            model,
            cup_level,
            arch_level: shape(border).clamp(0.6 * cup_level, highest),
            lateral_wall: settings.lateral_wall.min(cup_level),
            distal_wall: settings.distal_wall,
            heel_end: 0.02 * regions.y_at(1.0),
            arch_y,
            distal_y: regions.distal_end(settings),
        }
    }

    /// Distances from the spine to the level line along the whole perimeter, smoothed: lateral side, fan, medial side.
    fn trace(&self, stations: usize, shape: &dyn Fn(Point2) -> f64) -> Vec<f64> {
        let y = |k: usize| k as f64 * RAY_STEP;
        let lateral = (0..stations).rev().map(|k| self.lateral_ray(y(k)));
        let fan = (1..FAN_RAYS).map(|k| self.fan_ray(PI * k as f64 / FAN_RAYS as f64));
        let medial = (0..stations).map(|k| self.medial_ray(y(k)));
        let reach: Vec<f64> =
            lateral.chain(fan).chain(medial).map(|ray| ray.outermost_crossing(shape)).collect();
        let mut reach = smooth::gaussian(&reach, LEVEL_SMOOTHING);
        self.move_handles(&mut reach, stations);
        reach
    }

    /// Moves the traced line outward where a handle was dragged.
    fn move_handles(&self, reach: &mut [f64], stations: usize) {
        let (trim, regions) = (&self.model.trim, &self.model.regions);
        for (k, reach) in reach.iter_mut().enumerate() {
            *reach += if k < stations {
                let y = (stations - 1 - k) as f64 * RAY_STEP;
                trim.side_move(regions, Border::Lateral, y)
            } else if k < stations + FAN_RAYS - 1 {
                trim.fan_move(PI * (k + 1 - stations) as f64 / FAN_RAYS as f64)
            } else {
                let y = (k + 1 - stations - FAN_RAYS) as f64 * RAY_STEP;
                trim.side_move(regions, Border::Medial, y)
            };
        }
    }

    /// Heights of the rim along one side (`sign` of x), smoothed along y.
    ///
    /// Where the level line would run too far inside, the rim is as high as the sole is there. Where the sole does
    /// not climb to the wanted level, the rim is as high as the sole at the trim line: the cap then lies a blend
    /// higher and is not felt.
    fn levels(
        &self,
        stations: usize,
        reach: &Track,
        sign: f64,
        land: f64,
        shape: &dyn Fn(Point2) -> f64,
    ) -> Vec<f64> {
        let values: Vec<f64> = (0..stations)
            .map(|k| {
                let y = k as f64 * RAY_STEP;
                let wanted = if sign < 0.0 { self.medial_level(y) } else { self.lateral_level(y) };
                let inner = shape(Point2::new(sign * reach.at(y), y));
                let trim = shape(Point2::new(sign * (reach.at(y) + land), y));
                // Around the heel the wanted level is the ordered cup: nothing may raise it.
                let ahead = smooth::step(self.heel_end, self.heel_end + 25.0, y);
                (wanted + ahead * (inner - wanted).max(0.0))
                    .min(trim + self.model.settings.rim_blend)
            })
            .collect();
        smooth::gaussian(&values, LEVEL_SMOOTHING)
    }

    fn medial_level(&self, y: f64) -> f64 {
        let to_arch = smooth::step(self.heel_end, self.arch_y, y);
        let to_distal = smooth::step(self.arch_y - 5.0, self.distal_y, y);
        let cup = self.cup_level + self.model.trim.cup_rim[0];
        let level = cup + to_arch * (self.arch_level - cup);
        level
            + to_distal * (self.distal_wall - level)
            + self.model.trim.wall(&self.model.regions, Border::Medial, y)
    }

    fn lateral_level(&self, y: f64) -> f64 {
        let to_middle = smooth::step(self.heel_end, self.arch_y, y);
        let to_distal = smooth::step(self.arch_y - 5.0, self.distal_y, y);
        let cup = self.cup_level + self.model.trim.cup_rim[1];
        let level = cup + to_middle * (self.lateral_wall - cup);
        level
            + to_distal * (self.distal_wall - level)
            + self.model.trim.wall(&self.model.regions, Border::Lateral, y)
    }

    /// How far outside the foot's border the level line may be looked for: the cup's wall stands outside, the
    /// midfoot's inside.
    fn outside(y: f64, heel_end: f64, arch_y: f64) -> f64 {
        12.0 - 12.0 * smooth::step(heel_end, arch_y, y)
    }

    /// Where the border of the foot is looked up: under the toes somewhat behind, so that the trim is a toe box around
    /// them and no outline of them.
    fn behind_toes(&self, y: f64) -> f64 {
        let (trim, regions) = (&self.model.trim, &self.model.regions);
        y - TOE_BOX * trim.plate(regions, &self.model.settings, Point2::new(0.0, y))
    }

    fn lateral_ray(&self, y: f64) -> Ray {
        let regions = &self.model.regions;
        let corner = regions.fifth_head.x - 2.0;
        let border = regions.lateral_border.at(self.behind_toes(y));
        let forward = smooth::step(self.arch_y, self.distal_y - 10.0, y);
        let limit = border.min(border + forward * (corner - border))
            + Self::outside(y, self.heel_end, self.arch_y)
            + self.model.trim.room(regions, Border::Lateral, y);
        self.side_ray(y, 1.0, self.lateral_level(y), limit)
    }

    fn medial_ray(&self, y: f64) -> Ray {
        let regions = &self.model.regions;
        let ball = regions.fifth_head.x - regions.first_head.x;
        let trim = &self.model.trim;
        let corner = -(regions.first_head.x + self.model.settings.first_ray_bisection * ball);
        let border = -regions.medial_border.at(self.behind_toes(y));
        let forward = smooth::step(self.arch_y, self.distal_y - 5.0, y);
        let limit = border
            + forward * (corner - border)
            + trim.grind_at(regions, y)
            + Self::outside(y, self.heel_end, self.arch_y)
            + trim.room(regions, Border::Medial, y);
        // A plate in front of the shell goes to the border of the toes, not to a grind line.
        let plate = trim.plate(regions, &self.model.settings, Point2::new(-corner, y));
        let limit = limit + plate * (border - limit);
        self.side_ray(y, -1.0, self.medial_level(y), limit)
    }

    fn side_ray(&self, y: f64, sign: f64, level: f64, limit: f64) -> Ray {
        let land = self.model.settings.rim_land;
        // The limit is for the trim line; the land's inner border lies inside it.
        let farthest = (limit - land).max(8.0);
        let inset = 5.0 + Self::outside(y, self.heel_end, self.arch_y);
        Ray {
            origin: Point2::new(0.0, y),
            direction: Vector2::new(sign, 0.0),
            level,
            nearest: (farthest - inset).max(6.0),
            farthest,
        }
    }

    fn fan_ray(&self, angle: f64) -> Ray {
        Ray {
            origin: Point2::origin(),
            direction: Vector2::new(angle.cos(), -angle.sin()),
            level: self.cup_level + self.model.trim.rim_raise(angle),
            nearest: 8.0,
            farthest: 75.0,
        }
    }
}

impl Ray {
    /// Distance at which the shape, coming from outside, first sinks under the level; within the limits.
    fn outermost_crossing(&self, shape: &dyn Fn(Point2) -> f64) -> f64 {
        let step = 0.5;
        let over = |distance: f64| shape(self.origin + self.direction * distance) - self.level;
        let mut outer = (self.farthest, over(self.farthest));
        if outer.1 <= 0.0 {
            return self.farthest;
        }
        while outer.0 - step > self.nearest {
            let inner = (outer.0 - step, over(outer.0 - step));
            if inner.1 <= 0.0 {
                return inner.0 + step * inner.1 / (inner.1 - outer.1);
            }
            outer = inner;
        }
        self.nearest
    }
}

/// Rise of the cap inside the land's inner border: soft at first, then steeper than 45 degrees.
fn inward_rise(inward: f64) -> f64 {
    1.2 * smooth::soft_distance(inward, 4.0)
}

/// Points at equal distances along a closed polygon.
fn resample(corners: &[Point2], perimeter: f64, count: usize) -> Vec<Point2> {
    let step = perimeter / count as f64;
    let mut points = Vec::with_capacity(count);
    let mut walked = 0.0;
    for (a, b) in polygon::edges(corners) {
        let length = (b - a).norm();
        while points.len() < count && points.len() as f64 * step < walked + length {
            let share = (points.len() as f64 * step - walked) / length;
            points.push(a + (b - a) * share.max(0.0));
        }
        walked += length;
    }
    points
}

/// Smallest radius of curvature and its place; 0 where the curve turns back on itself.
pub(crate) fn smallest_radius(curve: &ClosedCurve) -> (f64, Point2) {
    let pieces = curve.spans() * 8;
    let mut smallest = (f64::INFINITY, curve.point(0.0));
    for k in 0..pieces {
        let parameter = k as f64 / 8.0;
        let h = 1e-3;
        let (before, after) = (curve.tangent(parameter - h), curve.tangent(parameter + h));
        let tangent = curve.tangent(parameter);
        let turn = tangent.perp(&((after - before) / (2.0 * h))).abs();
        let radius = tangent.norm().powi(3) / turn.max(1e-12);
        if radius < smallest.0 {
            smallest = (radius, curve.point(parameter));
        }
    }
    smallest
}

/// A place where two edges of a closed polygon cross that are not neighbors.
fn first_crossing(corners: &[Point2]) -> Option<Point2> {
    let edges: Vec<(Point2, Point2)> = polygon::edges(corners).collect();
    let side = |a: Point2, b: Point2, p: Point2| (b - a).perp(&(p - a)) > 0.0;
    for (k, (a, b)) in edges.iter().enumerate() {
        let neighbors_end = if k == 0 { edges.len() - 1 } else { edges.len() };
        for (c, d) in edges.iter().take(neighbors_end).skip(k + 2) {
            if side(*a, *b, *c) != side(*a, *b, *d) && side(*c, *d, *a) != side(*c, *d, *b) {
                return Some(*a);
            }
        }
    }
    None
}
