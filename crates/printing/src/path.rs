//! Lines to be printed, and the roles they play.

use geometry::Point2;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What a printed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The visible wall.
    OuterWall,
    /// Walls inside it.
    InnerWall,
    /// Lines of varying width where two walls do not fit.
    ThinLine,
    /// Solid skin under or over a surface, or all of a solid part.
    Skin,
    /// Sparse infill.
    Infill,
    /// Lines around the first layer that hold it down.
    Brim,
    /// Lines around the first layer that do not touch it.
    Skirt,
    /// Material under overhangs, to be broken off.
    Support,
    /// The dense uppermost layers of that.
    SupportInterface,
    /// Layers under the whole print, to be torn off.
    Raft,
    /// The line at the edge of the bed that fills the nozzle.
    Prime,
}

impl Role {
    /// All roles, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::OuterWall,
        Self::InnerWall,
        Self::ThinLine,
        Self::Skin,
        Self::Infill,
        Self::Brim,
        Self::Skirt,
        Self::Support,
        Self::SupportInterface,
        Self::Raft,
        Self::Prime,
    ];

    /// The name in `;TYPE:` comments, which G-code viewers color by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OuterWall => "Wall-Outer",
            Self::InnerWall => "Wall-Inner",
            Self::ThinLine => "Gap-Fill",
            Self::Skin => "Skin",
            Self::Infill => "Fill",
            Self::Brim => "Brim",
            Self::Skirt => "Skirt",
            Self::Support => "Support",
            Self::SupportInterface => "Support-Interface",
            Self::Raft => "Raft",
            Self::Prime => "Prime",
        }
    }

    /// The role of a `;TYPE:` name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the line holds up an overhang.
    #[must_use]
    pub const fn is_support(self) -> bool {
        matches!(self, Self::Support | Self::SupportInterface)
    }

    /// Whether the line stays in the finished part.
    #[must_use]
    pub const fn is_part(self) -> bool {
        !matches!(
            self,
            Self::Brim
                | Self::Skirt
                | Self::Support
                | Self::SupportInterface
                | Self::Raft
                | Self::Prime
        )
    }
}

/// A volume for each role, mm³.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RoleVolumes {
    mm3: [f64; Role::ALL.len()],
}

impl RoleVolumes {
    /// The volume of one role, mm³.
    #[must_use]
    pub const fn of(&self, role: Role) -> f64 {
        self.mm3[role as usize]
    }

    /// Adds to one role.
    pub fn add(&mut self, role: Role, volume_mm3: f64) {
        self.mm3[role as usize] += volume_mm3;
    }

    /// Adds every role of another account.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for role in Role::ALL {
            self.add(role, other.of(role));
        }
    }

    /// All roles together, mm³.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.mm3.iter().sum()
    }

    /// The roles that stay in the finished part, mm³.
    #[must_use]
    pub fn part(&self) -> f64 {
        Role::ALL.into_iter().filter(|role| role.is_part()).map(|role| self.of(role)).sum()
    }
}

impl Serialize for RoleVolumes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Role::ALL.len()))?;
        for role in Role::ALL {
            map.serialize_entry(&role, &self.of(role))?;
        }
        map.end()
    }
}

/// One line to be printed without lifting, in bed coordinates, mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) role: Role,
    /// At least two; a closed line repeats its first point at the end.
    pub(crate) points: Vec<Point2>,
    pub(crate) strip: Strip,
    /// Whether a string on the way to it would hang where nobody sees or feels it: the filament is not pulled back.
    pub(crate) stays_primed: bool,
}

/// Width of the strip that a line fills: its pitch (see `bead`), mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Strip {
    /// The same all along.
    Even(f64),
    /// One for each segment.
    Varying(Vec<f64>),
}

impl Path {
    pub(crate) const fn even(role: Role, points: Vec<Point2>, pitch_mm: f64) -> Self {
        Self { role, points, strip: Strip::Even(pitch_mm), stays_primed: false }
    }

    /// A line with a pitch for each segment.
    pub(crate) const fn varying(role: Role, points: Vec<Point2>, pitches_mm: Vec<f64>) -> Self {
        Self { role, points, strip: Strip::Varying(pitches_mm), stays_primed: false }
    }

    /// A closed line along all of these corners.
    pub(crate) fn ring(role: Role, mut corners: Vec<Point2>, pitch_mm: f64) -> Self {
        corners.extend(corners.first().copied());
        Self::even(role, corners, pitch_mm)
    }

    /// Pitch of one segment, mm.
    pub(crate) fn pitch(&self, segment: usize) -> f64 {
        match &self.strip {
            Strip::Even(pitch) => *pitch,
            Strip::Varying(pitches) => pitches[segment],
        }
    }

    /// Length in the plane, mm.
    pub(crate) fn length(&self) -> f64 {
        self.points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum()
    }

    /// Area of the strip that the line fills, mm².
    pub(crate) fn strip_area(&self) -> f64 {
        let segments = self.points.windows(2).enumerate();
        segments.map(|(i, pair)| (pair[1] - pair[0]).norm() * self.pitch(i)).sum()
    }

    /// Makes the line wider or narrower by a factor.
    pub(crate) fn scale_strip(&mut self, factor: f64) {
        match &mut self.strip {
            Strip::Even(pitch) => *pitch *= factor,
            Strip::Varying(pitches) => pitches.iter_mut().for_each(|pitch| *pitch *= factor),
        }
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.points.len() > 2 && self.points.first() == self.points.last()
    }

    pub(crate) fn reverse(&mut self) {
        self.points.reverse();
        if let Strip::Varying(pitches) = &mut self.strip {
            pitches.reverse();
        }
    }
}

/// Puts lines into an order with short travels: always the nearest free end next.
///
/// Greedy, O(n²); returns the place where the last line ends.
pub(crate) fn order_nearest(mut paths: Vec<Path>, mut at: Point2) -> (Vec<Path>, Point2) {
    let mut ordered = Vec::with_capacity(paths.len());
    while let Some((index, reversed)) = nearest_end(&paths, at) {
        let mut path = paths.swap_remove(index);
        if reversed {
            path.reverse();
        }
        at = path.points[path.points.len() - 1];
        ordered.push(path);
    }
    (ordered, at)
}

fn nearest_end(paths: &[Path], at: Point2) -> Option<(usize, bool)> {
    let mut best = None;
    let mut best_distance = f64::INFINITY;
    for (index, path) in paths.iter().enumerate() {
        let ends = [(path.points[0], false), (path.points[path.points.len() - 1], true)];
        for (end, reversed) in ends {
            let distance = (end - at).norm_squared();
            if distance < best_distance {
                best_distance = distance;
                best = Some((index, reversed));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_roles() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Wall"), None);
    }

    #[test]
    fn the_nearest_end_comes_first() {
        let line = |from: f64, to: f64| {
            Path::even(Role::Infill, vec![Point2::new(from, 0.0), Point2::new(to, 0.0)], 0.4)
        };
        let (ordered, end) =
            order_nearest(vec![line(9.0, 7.0), line(3.0, 1.0), line(4.0, 6.0)], Point2::origin());
        let starts: Vec<f64> = ordered.iter().map(|path| path.points[0].x).collect();
        assert_eq!(starts, [1.0, 4.0, 7.0]);
        assert!((end.x - 9.0).abs() < 1e-12);
    }

    #[test]
    fn varying_strips_turn_with_their_line() {
        let points = [0.0, 1.0, 3.0].map(|x| Point2::new(x, 0.0)).to_vec();
        let mut path = Path::varying(Role::ThinLine, points, vec![0.2, 0.4]);
        assert!((path.strip_area() - 1.0).abs() < 1e-12, "1 × 0.2 + 2 × 0.4");
        path.reverse();
        assert!((path.strip_area() - 1.0).abs() < 1e-12);
        path.scale_strip(2.0);
        assert!((path.strip_area() - 2.0).abs() < 1e-12);
    }
}
