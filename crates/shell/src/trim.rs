//! What a design does to the trim line: length, grind, walls, cut-outs, holes and handles.

use geometry::{ClosedCurve, Point2, Vector2};
use serde::{Deserialize, Serialize};

use crate::regions::Regions;
use crate::{Design, Operation, ShellError, ShellSettings, smooth};

/// A hole keeps at least this much shell around it, mm.
const HOLE_MARGIN: f64 = 8.0;
/// A wall that is raised stands this much further out for every mm of height (walls are at most 60 degrees steep).
const WALL_RUN: f64 = 0.7;
/// Share of a turn of the edge that lies inside the ray that it belongs to.
const INSIDE: f64 = 0.1;
/// Handles of the outer rays, lateral of their middles where the corner is still straight, as shares of the ball's width from its medial side.
const FIRST_RAY_MIDDLE: f64 = 0.20;
const FIFTH_RAY_MIDDLE: f64 = 0.82;
/// Half the width over which a handle moves the trim, mm.
const HANDLE_REACH: f64 = 32.0;
/// Half the angle over which a handle moves the trim of the heel, rad.
const HANDLE_FAN: f64 = 0.9;

/// A border of the foot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Border {
    /// Towards the other foot.
    Medial,
    /// Away from the other foot.
    Lateral,
}

/// Where the shell ends in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// Behind the metatarsal heads.
    #[default]
    Mets,
    /// In the sulcus between ball and toes.
    Sulcus,
    /// In front of the toes.
    Full,
}

/// A named place of the trim line that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Station {
    /// Distal edge under the first ray.
    DistalFirst,
    /// Distal edge under the third ray.
    DistalMiddle,
    /// Distal edge under the fifth ray.
    DistalFifth,
    /// Medial side at the arch.
    MedialArch,
    /// Medial side of the heel.
    MedialHeel,
    /// Back of the heel.
    Posterior,
    /// Lateral side of the heel.
    LateralHeel,
    /// Lateral side at the cuboid.
    LateralMidfoot,
}

impl Station {
    const fn is_distal(self) -> bool {
        matches!(self, Self::DistalFirst | Self::DistalMiddle | Self::DistalFifth)
    }
}

/// The trim's part of a design. Neutral by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trim {
    pub(crate) length: Length,
    grind: f64,
    /// Rim of the cup and flange of the midfoot, medial and lateral, mm.
    pub(crate) cup_rim: [f64; 2],
    flange: [f64; 2],
    clip: f64,
    cutout: [f64; 2],
    gait_plate: [f64; 2],
    first_ray: f64,
    handles: Vec<(Station, f64)>,
    holes: Vec<Hole>,
}

/// A hole under the heel.
#[derive(Clone, Copy, Debug)]
struct Hole {
    diameter: f64,
    forward: f64,
    horseshoe: bool,
}

impl Trim {
    pub(crate) fn of(design: &Design) -> Self {
        let mut trim = Self::default();
        let of = |border: Border| usize::from(border == Border::Lateral);
        for operation in design.operations().iter().filter(|one| one.dose() != 0.0) {
            match *operation {
                Operation::ShellLength { length } => trim.length = length,
                Operation::GrindWidth { wider_mm } => trim.grind = wider_mm,
                Operation::CupRim { border, raise_mm } => trim.cup_rim[of(border)] = raise_mm,
                Operation::Flange { border, raise_mm } => trim.flange[of(border)] = raise_mm,
                Operation::LateralClip { raise_mm } => trim.clip = raise_mm,
                Operation::RayCutout { border, depth_mm } => trim.cutout[of(border)] = depth_mm,
                Operation::GaitPlate { border, forward_mm } => {
                    trim.gait_plate[of(border)] = forward_mm;
                }
                Operation::TrimHandle { station, outward_mm } => {
                    trim.handles.push((station, outward_mm));
                }
                Operation::HeelHole { diameter_mm, forward_mm, horseshoe } => {
                    let hole = Hole { diameter: diameter_mm, forward: forward_mm, horseshoe };
                    trim.holes.push(hole);
                }
                Operation::Morton { length_mm, .. } => trim.first_ray = length_mm,
                _ => {}
            }
        }
        trim
    }

    /// Distal edge, y over x.
    pub(crate) fn edge(&self, regions: &Regions, settings: &ShellSettings, x: f64) -> f64 {
        let mets = regions.distal_edge(settings, x);
        let mut edge = match self.length {
            Length::Mets => mets,
            Length::Sulcus => regions.sulcus_edge(x),
            Length::Full => regions.toe_edge(x),
        };
        let (first, fifth) = (regions.first_ray_end(), regions.fifth_ray_start());
        // Most of the turn lies outside of the ray, so that the ray itself gets the whole dose.
        let medial = |reach: f64, x: f64| {
            1.0 - smooth::step(first - INSIDE * reach, first + (2.0 - INSIDE) * reach, x)
        };
        let lateral = |reach: f64, x: f64| {
            smooth::step(fifth - (2.0 - INSIDE) * reach, fifth + INSIDE * reach, x)
        };
        if self.length == Length::Mets && self.first_ray > 0.0 {
            // A Morton's extension takes the shell forward under the first ray.
            edge += self.first_ray * medial(turn(self.first_ray), x);
        }
        for (depth, weight) in [
            (self.cutout[0], medial(turn(self.cutout[0]), x)),
            (self.cutout[1], lateral(turn(self.cutout[1]), x)),
        ] {
            if depth > 0.0 {
                edge -= depth * weight;
            }
        }
        let middle = regions.across_ball(0.5);
        for (forward, sign) in [(self.gait_plate[0], -1.0), (self.gait_plate[1], 1.0)] {
            if forward > 0.0 {
                let reach = turn(forward);
                edge += forward * smooth::step(-reach, reach, sign * (x - middle));
            }
        }
        for (station, outward) in &self.handles {
            // The outer heads lie in the rounding of the corners.
            let at = match station {
                Station::DistalFirst => regions.across_ball(FIRST_RAY_MIDDLE),
                Station::DistalMiddle => regions.head(3).x,
                Station::DistalFifth => regions.across_ball(FIFTH_RAY_MIDDLE),
                _ => continue,
            };
            edge += outward * bell((x - at) / HANDLE_REACH);
        }
        edge
    }

    /// Where a cut-out or gait plate of one side has its whole dose: x.
    pub(crate) fn whole(regions: &Regions, border: Border, dose: f64, gait_plate: bool) -> f64 {
        let (reach, sign) = (turn(dose), if border == Border::Medial { -1.0 } else { 1.0 });
        if gait_plate {
            return regions.across_ball(0.5) + sign * reach;
        }
        let ray = match border {
            Border::Medial => regions.first_ray_end(),
            Border::Lateral => regions.fifth_ray_start(),
        };
        ray + sign * INSIDE * reach
    }

    /// Move of the medial edge's corner by the grind, mm outward; whole from 30 mm behind the distal edge on.
    pub(crate) fn grind_at(&self, regions: &Regions, y: f64) -> f64 {
        if self.grind == 0.0 {
            return 0.0;
        }
        self.grind * smooth::step(regions.arch_y(), regions.first_head.y - 40.0, y)
    }

    /// The most distal place that the trim can reach, y.
    pub(crate) fn end(&self, regions: &Regions, settings: &ShellSettings) -> f64 {
        let dragged = self.handles.iter().any(|(station, _)| station.is_distal());
        if !self.has_plate() && !dragged {
            return regions.distal_end(settings);
        }
        (-70..=70)
            .map(|x| self.edge(regions, settings, f64::from(x)))
            .fold(regions.distal_end(settings), f64::max)
    }

    /// Whether the shell goes on as a plate under ball and toes; a dragged edge is no plate.
    fn has_plate(&self) -> bool {
        self.length != Length::Mets || self.gait_plate != [0.0; 2] || self.first_ray != 0.0
    }

    /// How much a place lies on a flat plate in front of the metatarsal edge, 0 to 1.
    pub(crate) fn plate(&self, regions: &Regions, settings: &ShellSettings, point: Point2) -> f64 {
        if !self.has_plate() {
            return 0.0;
        }
        smooth::step(-4.0, 14.0, point.y - regions.distal_edge(settings, point.x))
    }

    /// Raise of the rim of one side over what it would be, mm.
    pub(crate) fn wall(&self, regions: &Regions, border: Border, y: f64) -> f64 {
        let side = usize::from(border == Border::Lateral);
        let window = |from: [f64; 2], to: [f64; 2]| {
            smooth::step(regions.y_at(from[0]), regions.y_at(from[1]), y)
                * (1.0 - smooth::step(regions.y_at(to[0]), regions.y_at(to[1]), y))
        };
        let mut raise = 0.0;
        if self.flange[side] != 0.0 {
            raise += self.flange[side] * window([0.16, 0.32], [0.46, 0.64]);
        }
        if self.clip != 0.0 && border == Border::Lateral {
            raise += self.clip * window([0.24, 0.34], [0.42, 0.52]);
        }
        raise
    }

    /// How much further out the trim may stand for its raised walls, mm.
    pub(crate) fn room(&self, regions: &Regions, border: Border, y: f64) -> f64 {
        WALL_RUN * self.wall(regions, border, y).max(0.0)
    }

    /// Outward move of one side by handles, mm.
    pub(crate) fn side_move(&self, regions: &Regions, border: Border, y: f64) -> f64 {
        let mut moved = 0.0;
        for (station, outward) in &self.handles {
            let at = match (station, border) {
                (Station::MedialArch, Border::Medial) => regions.arch_y(),
                (Station::LateralMidfoot, Border::Lateral) => regions.y_at(0.38),
                // The heel's handles go on from the fan into the sides.
                (Station::MedialHeel, Border::Medial) | (Station::LateralHeel, Border::Lateral) => {
                    0.0
                }
                _ => continue,
            };
            moved += outward * bell((y - at) / HANDLE_REACH);
        }
        moved
    }

    /// Outward move of the heel's trim by handles at an angle of the fan, mm.
    pub(crate) fn fan_move(&self, angle: f64) -> f64 {
        let mut moved = 0.0;
        for (station, outward) in &self.handles {
            let at = match station {
                Station::LateralHeel => 0.0,
                Station::Posterior => std::f64::consts::FRAC_PI_2,
                Station::MedialHeel => std::f64::consts::PI,
                _ => continue,
            };
            moved += outward * bell((angle - at) / HANDLE_FAN);
        }
        moved
    }

    /// Raise of the cup's rim at an angle of the fan, from lateral (0) over posterior to medial (pi), mm.
    pub(crate) fn rim_raise(&self, angle: f64) -> f64 {
        let across = angle.cos();
        let weight = smooth::step(0.15, 1.0, across.abs());
        self.cup_rim[usize::from(across > 0.0)] * weight
    }

    /// The holes, clockwise, each at least a margin inside the trim.
    pub(crate) fn hole_curves(
        &self,
        regions: &Regions,
        inside: impl Fn(Point2) -> f64,
    ) -> Result<Vec<ClosedCurve>, ShellError> {
        let middle = regions.tubercle();
        self.holes
            .iter()
            .map(|hole| {
                let (radius, count) = (hole.diameter / 2.0, 32);
                // A horseshoe is open to the front: the hole goes on by half its width.
                let longer = if hole.horseshoe { hole.diameter / 2.0 } else { 0.0 };
                let points: Vec<Point2> = (0..count)
                    .map(|k| {
                        let angle = -std::f64::consts::TAU * f64::from(k) / f64::from(count);
                        let forward = if angle.sin() > 1e-9 { longer } else { 0.0 };
                        middle
                            + Vector2::new(
                                radius * angle.cos(),
                                radius * angle.sin() + hole.forward + forward,
                            )
                    })
                    .collect();
                let least = points.iter().map(|p| inside(*p)).fold(f64::INFINITY, f64::min);
                if least < HOLE_MARGIN {
                    return Err(ShellError::Operation {
                        key: "heel_hole_mm",
                        reason: format!(
                            "a hole of {:.0} mm leaves {least:.1} mm of shell beside it, {HOLE_MARGIN} are needed",
                            hole.diameter
                        ),
                        way_out: "order a smaller hole or a heel_spur_pocket_mm",
                    });
                }
                Ok(ClosedCurve::through(&points))
            })
            .collect()
    }
}

/// 1 at 0, nothing from 1 on.
fn bell(distance: f64) -> f64 {
    1.0 - smooth::step(0.0, 1.0, distance.abs())
}

/// Half the width over which an edge may step by a height: a quintic step over 2 w bends with 5.77 h / 4 w², and the
/// trim's radius must stay over 5 mm, with a reserve of one half.
fn turn(height: f64) -> f64 {
    (5.77 * height.max(1.0) * 8.0 / 4.0).sqrt().max(6.0)
}
