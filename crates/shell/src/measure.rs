//! Realised doses, measured on the finished surfaces.

use geometry::{GraphSurface, Point2, polygon};
use vocabulary::{Angle, Mm};

use crate::formula::Formula;
use crate::measure_additions::{self, Without};
use crate::measure_trim;
use crate::regions::Regions;
use crate::shell::Finished;
use crate::thickness::bounds;
use crate::{Applied, Doses, Operation, ShellError};

/// The measured arch height stands before the corrections that it follows from.
const ARCH_HEIGHT: u8 = 9;

/// All corrections in the order in which they are applied.
pub(crate) fn all(shell: &Finished<'_>) -> Result<Vec<Applied>, ShellError> {
    let mut list = vec![arch_height(shell)];
    list.extend(lateral_expansion(shell)?);
    list.extend(arch_fraction(shell)?);
    list.push(cast_fill(shell)?);
    list.push(skive(shell)?);
    list.push(heel_cup(shell));
    list.push(heel_lift(shell)?);
    list.push(rearfoot_post(shell));
    list.push(forefoot_post(shell));
    list.push(thickness(shell));
    // An addition that was not ordered is no operation; posts, cup, arch and thickness always are.
    let additions = ["cast_fill_mm", "medial_skive_mm", "heel_lift_mm"];
    list.retain(|dose| dose.requested != 0.0 || !additions.contains(&dose.name));
    for dose in &mut list {
        let ordered = shell.design.operations().iter().find(|one| one.spec().key == dose.name);
        dose.operation = ordered.cloned();
    }
    for (index, operation) in shell.design.operations().iter().enumerate() {
        if let Some(mut dose) = measure_additions::measure(shell, index)? {
            dose.operation = Some(operation.clone());
            list.push(dose);
        }
    }
    let stage = |dose: &Applied| dose.operation.as_ref().map_or(ARCH_HEIGHT, Operation::stage);
    list.sort_by_key(stage);
    Ok(list)
}

/// Nodes of a rectangle of the plane, 1 mm apart.
pub(crate) fn rectangle(x: [f64; 2], y: [f64; 2]) -> impl Iterator<Item = Point2> {
    let columns = (x[1] - x[0]).floor().max(0.0) as usize;
    let rows = (y[1] - y[0]).floor().max(0.0) as usize;
    (0..=rows).flat_map(move |row| {
        (0..=columns).map(move |column| Point2::new(x[0] + column as f64, y[0] + row as f64))
    })
}

/// Slope along x of the least-squares plane through values; 0 for too few points.
pub(crate) fn slope_across(samples: &[(Point2, f64)]) -> f64 {
    if samples.len() < 12 {
        return 0.0;
    }
    let count = samples.len() as f64;
    let mean = samples.iter().fold([0.0; 3], |sum, (p, z)| {
        [sum[0] + p.x / count, sum[1] + p.y / count, sum[2] + z / count]
    });
    let [mut xx, mut xy, mut yy, mut xz, mut yz] = [0.0; 5];
    for (point, z) in samples {
        let (x, y, z) = (point.x - mean[0], point.y - mean[1], z - mean[2]);
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xz += x * z;
        yz += y * z;
    }
    let determinant = xx * yy - xy * xy;
    if determinant <= 0.0 { 0.0 } else { (xz * yy - yz * xy) / determinant }
}

impl Finished<'_> {
    /// Angle between the post's effect on the top and its contact face.
    fn post_angle(&self, places: &[Point2], contact: Option<Vec<Point2>>) -> Angle {
        let raised: Vec<(Point2, f64)> = places
            .iter()
            .map(|p| (*p, self.slab.top.height(*p) - self.neutral_top.height(*p)))
            .collect();
        let floor: Vec<(Point2, f64)> = contact.map_or_else(Vec::new, |outline| {
            let area = bounds(&outline, 0.0);
            rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
                .filter(|p| {
                    polygon::contains(&outline, *p)
                        && polygon::distance_to_border(&outline, *p) > 3.0
                        && polygon::contains(self.outline, *p)
                })
                .map(|p| (p, self.slab.bottom.height(p)))
                .collect()
        });
        Angle::from_rad(slope_across(&raised).atan() - slope_across(&floor).atan())
    }

    /// Tilt of the heel seat by posts and wedges.
    pub(crate) fn heel_tilt(&self) -> Angle {
        // A face that is ground on purpose is not the floor.
        let contact = self.landing.heel_contact().filter(|_| self.landing.ground_half().is_none());
        self.post_angle(&self.heel_places(), contact)
    }

    /// Tilt of the distal edge by posts and wedges.
    pub(crate) fn forefoot_tilt(&self) -> Angle {
        self.post_angle(&self.distal_places(), self.landing.forefoot_contact(&self.model.rim))
    }

    fn heel_places(&self) -> Vec<Point2> {
        rectangle([-15.0, 15.0], [-15.0, 15.0]).collect()
    }

    /// Places at the distal edge, 3 to 12 mm behind it.
    fn distal_places(&self) -> Vec<Point2> {
        let area = bounds(self.outline, 0.0);
        rectangle([area.low.x, area.high.x], [0.0, area.high.y])
            .filter(|p| {
                let behind = self.model.rim.before_distal_edge(*p);
                (3.0..12.0).contains(&behind) && self.model.rim.inside(*p) > 3.0
            })
            .collect()
    }

    /// Middle of the arch.
    pub(crate) fn arch_apex(&self) -> Point2 {
        self.model.arch_apex()
    }

    /// The same device without posts and with other doses.
    fn other(&self, change: impl Fn(&mut Doses)) -> Result<GraphSurface, ShellError> {
        let mut design = *self.doses;
        change(&mut design);
        self.grid.neutral_top(self.model, &design)
    }

    /// Neutral top as fitted, without the final settling on the floor, so that it compares with [`Self::other`].
    fn unchanged(&self) -> Result<GraphSurface, ShellError> {
        self.other(|_| {})
    }
}

fn rearfoot_post(shell: &Finished<'_>) -> Applied {
    let wedge = Angle::from_rad(shell.model.support.wedge[0].atan());
    let mut note =
        "tilt of the heel seat against the same shell without posts, less that of the contact face"
            .to_owned();
    if let Some(ground) = measure_trim::ground_angle(shell) {
        note.push_str(&format!("; its lateral half is ground to {ground:.1} degrees"));
    }
    Applied {
        name: "rearfoot_post_deg",
        requested: shell.doses.rearfoot_post.deg(),
        realised: (shell.heel_tilt() - wedge).deg(),
        unit: "deg",
        tolerance: 0.1,
        note,
        ..Applied::default()
    }
}

fn forefoot_post(shell: &Finished<'_>) -> Applied {
    let wedge = Angle::from_rad(shell.model.support.wedge[1].atan());
    Applied {
        name: "forefoot_post_deg",
        requested: shell.doses.forefoot_post.deg(),
        realised: (shell.forefoot_tilt() - wedge).deg(),
        unit: "deg",
        tolerance: 0.1,
        note: "tilt of the distal 12 mm against the same shell without posts, less that of the contact face".to_owned(),
        ..Applied::default()
    }
}

fn heel_cup(shell: &Finished<'_>) -> Applied {
    let top = &shell.slab.top;
    let raised: Vec<(Point2, f64)> = shell
        .heel_places()
        .into_iter()
        .map(|p| (p, top.height(p) - shell.neutral_top.height(p)))
        .collect();
    let tilt = slope_across(&raised);
    // Pads and reliefs in the cup are not the cup.
    let level = |point: Point2| {
        let (raised, lowered) = shell.model.additions.patched(point);
        top.height(point) - tilt * point.x - (raised + lowered)
    };
    let seat = rectangle([-25.0, 25.0], [-20.0, 20.0])
        .filter(|p| polygon::contains(shell.outline, *p))
        .map(level)
        .fold(f64::INFINITY, f64::min);
    let back = rim_back(shell.outline);
    Applied {
        name: "heel_cup_depth_mm",
        requested: shell.doses.heel_cup_depth.0,
        // The room for a cover is taken up when it lies in the cup.
        realised: level(back) - seat - shell.model.additions.cover,
        unit: "mm",
        tolerance: 0.1,
        note: "from the lowest point of the heel seat up to the posterior rim, square to the tilted seat, before any cover".to_owned(),
        ..Applied::default()
    }
}

/// The trim's most posterior point, found on the finished outline.
fn rim_back(outline: &[Point2]) -> Point2 {
    outline.iter().copied().fold(Point2::origin(), |back, p| if p.y < back.y { p } else { back })
}

fn arch_height(shell: &Finished<'_>) -> Applied {
    let (model, apex) = (shell.model, shell.arch_apex());
    let doses = Formula::of(model, shell.doses);
    let node = model.node(apex);
    let seat = model.node(Point2::origin());
    let realised = shell.neutral_top.height(apex)
        - shell.neutral_top.height(Point2::origin())
        - (doses.raise(&node) - doses.raise(&seat));
    Applied {
        name: "arch_height_mm",
        requested: doses.neutral(&node)
            - doses.raise(&node)
            - (doses.neutral(&seat) - doses.raise(&seat)),
        realised,
        unit: "mm",
        tolerance: 0.1,
        note: format!(
            "height of the arch over the heel seat's middle at x = {:.0}, y = {:.0} mm, without posts and lift; the order follows from arch_fraction and cast_fill",
            apex.x, apex.y
        ),
        ..Applied::default()
    }
}

/// Share of the clearance that is filled; `None` where the loaded arch is too low to say.
fn arch_fraction(shell: &Finished<'_>) -> Result<Option<Applied>, ShellError> {
    let apex = shell.arch_apex();
    let node = shell.model.node(apex);
    let unfilled = Doses { cast_fill: Mm(0.0), ..*shell.doses };
    // Of the foot alone: nothing and all of the clearance. The rim's cap is that of the ordered arch.
    let of_foot = |fraction: f64| {
        let other = Doses { arch_fraction: fraction, ..unfilled };
        let doses = Formula::of(shell.model, &other);
        doses.corrected(&node) + doses.raise(&node)
    };
    let (flat, full) = (of_foot(0.0), of_foot(1.0));
    let patches = node.raised + node.lowered;
    let own = shell.grid.neutral_top(shell.model, &unfilled)?.height(apex) - patches;
    Ok((full - flat > 1.0).then(|| Applied {
        name: "arch_fraction",
        requested: shell.doses.arch_fraction,
        realised: (own - flat) / (full - flat),
        unit: "1",
        tolerance: 0.05,
        note: format!(
            "share of the loaded arch's {:.1} mm of clearance at its middle",
            full - flat
        ),
        ..Applied::default()
    }))
}

fn cast_fill(shell: &Finished<'_>) -> Result<Applied, ShellError> {
    let requested = shell.doses.cast_fill.0;
    let without = shell.other(|design| design.cast_fill = Mm(0.0))?;
    let with = shell.unchanged()?;
    let sign = requested.signum();
    let realised = sign * largest(shell, |p| sign * (without.height(p) - with.height(p)), |_| true);
    let mut operation = Applied {
        name: "cast_fill_mm",
        requested,
        realised,
        unit: "mm",
        tolerance: 0.1,
        note: "largest lowering of the arch against the same shell without cast fill".to_owned(),
        ..Applied::default()
    };
    if !operation.kept() {
        let unfilled = Doses { cast_fill: Mm(0.0), ..*shell.doses };
        let doses = Formula::of(shell.model, &unfilled);
        // Where the fill is fully developed; elsewhere its blend takes less than the dose.
        let available = largest(
            shell,
            |p| doses.corrected(&shell.model.node(p)),
            |p| Regions::arch_weight(shell.model.regions.arch(p)) > 0.95,
        );
        operation.limited = Some(format!(
            "the arch at this arch_fraction is only {available:.1} mm high, and no fill lowers it under the floor of the shoe"
        ));
    }
    Ok(operation)
}

fn skive(shell: &Finished<'_>) -> Result<Applied, ShellError> {
    let without = shell.other(|design| design.medial_skive = Mm(0.0))?;
    let with = shell.unchanged()?;
    let raised = largest(shell, |p| with.height(p) - without.height(p), |p| p.y.abs() < 25.0);
    Ok(Applied {
        name: "medial_skive_mm",
        requested: shell.doses.medial_skive.0,
        realised: raised,
        unit: "mm",
        tolerance: 0.1,
        note: "largest raise inside the heel cup against the same shell without skive".to_owned(),
        ..Applied::default()
    })
}

fn heel_lift(shell: &Finished<'_>) -> Result<Applied, ShellError> {
    let without = shell.other(|design| design.heel_lift = Mm(0.0))?;
    let with = shell.unchanged()?;
    let seat = Point2::origin();
    Ok(Applied {
        name: "heel_lift_mm",
        requested: shell.doses.heel_lift.0,
        realised: with.height(seat) - without.height(seat),
        unit: "mm",
        tolerance: 0.1,
        note: "raise of the heel seat against the same shell without lift".to_owned(),
        ..Applied::default()
    })
}

/// Where a height over x, from 0 outward, first reaches a level.
fn wall_at(level: f64, height: impl Fn(f64) -> f64) -> f64 {
    let step = 0.5;
    let mut before = height(0.0);
    for k in 1..160 {
        let x = f64::from(k) * step;
        let here = height(x);
        if here >= level {
            return x - step * (here - level) / (here - before).max(1e-9);
        }
        before = here;
    }
    80.0
}

fn lateral_expansion(shell: &Finished<'_>) -> Result<Option<Applied>, ShellError> {
    let operations = shell.design.operations();
    let Some(index) = operations.iter().position(
        |one| matches!(one, Operation::LateralExpansion { widening_mm } if *widening_mm != 0.0),
    ) else {
        return Ok(None);
    };
    let level = shell.doses.heel_cup_depth.0 / 2.0;
    let raise = {
        let formula = Formula::of(shell.model, shell.doses);
        formula.raise(&shell.model.node(Point2::origin()))
    };
    let without = Without::new(shell, index)?;
    // Where the wall of the cup reaches half the cup's depth, with and without the expansion.
    let wall = |top: &GraphSurface, settled: f64| {
        wall_at(level, |x| top.height(Point2::new(x, 0.0)) - settled - raise)
    };
    Ok(Some(Applied {
        name: "lateral_expansion_mm",
        requested: shell.doses.lateral_expansion.0,
        realised: wall(shell.neutral_top, shell.settled) - wall(&without.top, 0.0),
        unit: "mm",
        tolerance: 0.1,
        note: "lateral wall of the cup at half its depth, against the same shell without it"
            .to_owned(),
        ..Applied::default()
    }))
}

fn thickness(shell: &Finished<'_>) -> Applied {
    let map = shell.thickness;
    let mut unposted = Vec::new();
    for row in 0..map.rows {
        for column in 0..map.columns {
            let (value, place) = (map.at(column, row), map.node(column, row));
            if value.is_finite() && !shell.landing.posted(shell.model, place) {
                let change = shell.model.support.thickness_change(&shell.model.regions, place.y);
                unposted.push(value - change);
            }
        }
    }
    unposted.sort_by(f64::total_cmp);
    let least = unposted.first().copied();
    // Where something lies under all of the shell only its least thickness can be told.
    let all = map.heights.iter().copied().filter(|value| value.is_finite());
    let least = least.unwrap_or_else(|| all.fold(shell.doses.thickness.0, f64::min));
    Applied {
        name: "shell_thickness_mm",
        requested: shell.doses.thickness.0,
        realised: unposted.get(unposted.len() / 2).copied().unwrap_or(least),
        unit: "mm",
        tolerance: 0.05,
        note: format!("median outside the posts; the thinnest place has {least:.2} mm"),
        ..Applied::default()
    }
}

/// Largest value on the shell, 1 mm apart, where `wanted`.
pub(crate) fn largest(
    shell: &Finished<'_>,
    value: impl Fn(Point2) -> f64,
    wanted: impl Fn(Point2) -> bool,
) -> f64 {
    let area = bounds(shell.outline, 0.0);
    rectangle([area.low.x, area.high.x], [area.low.y, area.high.y])
        .filter(|p| wanted(*p) && shell.model.rim.inside(*p) > 0.0)
        .map(value)
        .fold(0.0, f64::max)
}
