//! Named places of the foot: which there are, where they lie, and how surely.

use geometry::Point3;
use serde::Serialize;

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Found in the scan by the program.
    Automatic,
    /// Given by hand in the case file.
    ByHand,
    /// Assumed from proportions because the scan does not show it.
    Assumed,
}

/// A named place on the foot, in the foot frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// Position in mm.
    pub position: Point3,
    /// 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// Where it came from.
    pub provenance: Provenance,
}

/// The name of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LandmarkName {
    /// Lowest point of the heel.
    HeelSeat,
    /// Most posterior point of the heel (pternion).
    HeelBack,
    /// Most medial point of the ball: the first metatarsal head.
    FirstMetatarsalHead,
    /// Most lateral point of the ball: the fifth metatarsal head.
    FifthMetatarsalHead,
    /// Highest point of the medial arch of the sole.
    ArchApex,
    /// Skin over the navicular's tuberosity, on the medial side.
    Navicular,
    /// Skin over the base of the fifth metatarsal, on the lateral border.
    FifthMetatarsalBase,
    /// Foremost point of all toes.
    ToeTip,
    /// Foremost point of the great toe.
    FirstToeTip,
    /// Foremost point of the second toe.
    SecondToeTip,
    /// Foremost point of the third toe.
    ThirdToeTip,
    /// Foremost point of the fourth toe.
    FourthToeTip,
    /// Foremost point of the fifth toe.
    FifthToeTip,
    /// Most medial point over the tibia's malleolus.
    MedialMalleolus,
    /// Most lateral point over the fibula's malleolus.
    LateralMalleolus,
    /// Middle of the back of the heel, where the Achilles line begins.
    AchillesLower,
    /// Middle of the back of the leg, where the Achilles line ends.
    AchillesUpper,
}

impl LandmarkName {
    /// All names, in the order of lists.
    pub const ALL: [Self; 17] = [
        Self::HeelSeat,
        Self::HeelBack,
        Self::FirstMetatarsalHead,
        Self::FifthMetatarsalHead,
        Self::ArchApex,
        Self::Navicular,
        Self::FifthMetatarsalBase,
        Self::ToeTip,
        Self::FirstToeTip,
        Self::SecondToeTip,
        Self::ThirdToeTip,
        Self::FourthToeTip,
        Self::FifthToeTip,
        Self::MedialMalleolus,
        Self::LateralMalleolus,
        Self::AchillesLower,
        Self::AchillesUpper,
    ];

    /// The name in files: `"heel_seat"`, ….
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::HeelSeat => "heel_seat",
            Self::HeelBack => "heel_back",
            Self::FirstMetatarsalHead => "first_metatarsal_head",
            Self::FifthMetatarsalHead => "fifth_metatarsal_head",
            Self::ArchApex => "arch_apex",
            Self::Navicular => "navicular",
            Self::FifthMetatarsalBase => "fifth_metatarsal_base",
            Self::ToeTip => "toe_tip",
            Self::FirstToeTip => "first_toe_tip",
            Self::SecondToeTip => "second_toe_tip",
            Self::ThirdToeTip => "third_toe_tip",
            Self::FourthToeTip => "fourth_toe_tip",
            Self::FifthToeTip => "fifth_toe_tip",
            Self::MedialMalleolus => "medial_malleolus",
            Self::LateralMalleolus => "lateral_malleolus",
            Self::AchillesLower => "achilles_lower",
            Self::AchillesUpper => "achilles_upper",
        }
    }

    /// The name whose [`LandmarkName::key`] this is.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.key() == key)
    }
}

/// The places of a foot; all on the skin, in the foot frame.
///
/// The first six are found on every foot (or it is refused); the others are `None` where the scan
/// does not show them: no toes on a cast, no ankle on a plantar surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks {
    /// Lowest point of the heel. By definition of the frame its x and y are 0.
    pub heel_seat: Landmark,
    /// Most posterior point of the heel.
    pub heel_back: Landmark,
    /// Most medial point of the ball: the first metatarsal head.
    pub first_metatarsal_head: Landmark,
    /// Most lateral point of the ball: the fifth metatarsal head.
    pub fifth_metatarsal_head: Landmark,
    /// Highest point of the medial arch of the sole.
    pub arch_apex: Landmark,
    /// Foremost point of the toes.
    pub toe_tip: Landmark,
    /// Skin over the navicular's tuberosity.
    pub navicular: Option<Landmark>,
    /// Skin over the base of the fifth metatarsal, on the lateral border.
    pub fifth_metatarsal_base: Option<Landmark>,
    /// Foremost points of the toes, great toe first.
    pub toe_tips: [Option<Landmark>; 5],
    /// Most medial point over the tibia's malleolus.
    pub medial_malleolus: Option<Landmark>,
    /// Most lateral point over the fibula's malleolus.
    pub lateral_malleolus: Option<Landmark>,
    /// The line that bisects heel and Achilles tendon seen from behind: lower and upper end.
    pub achilles_line: Option<[Landmark; 2]>,
}

impl Landmarks {
    /// The metatarsal line: from the first to the fifth metatarsal head, mm.
    #[must_use]
    pub const fn metatarsal_line(&self) -> [Point3; 2] {
        [self.first_metatarsal_head.position, self.fifth_metatarsal_head.position]
    }

    /// A place by its name.
    #[must_use]
    pub fn get(&self, name: LandmarkName) -> Option<Landmark> {
        match name {
            LandmarkName::HeelSeat => Some(self.heel_seat),
            LandmarkName::HeelBack => Some(self.heel_back),
            LandmarkName::FirstMetatarsalHead => Some(self.first_metatarsal_head),
            LandmarkName::FifthMetatarsalHead => Some(self.fifth_metatarsal_head),
            LandmarkName::ArchApex => Some(self.arch_apex),
            LandmarkName::ToeTip => Some(self.toe_tip),
            LandmarkName::Navicular => self.navicular,
            LandmarkName::FifthMetatarsalBase => self.fifth_metatarsal_base,
            LandmarkName::FirstToeTip => self.toe_tips[0],
            LandmarkName::SecondToeTip => self.toe_tips[1],
            LandmarkName::ThirdToeTip => self.toe_tips[2],
            LandmarkName::FourthToeTip => self.toe_tips[3],
            LandmarkName::FifthToeTip => self.toe_tips[4],
            LandmarkName::MedialMalleolus => self.medial_malleolus,
            LandmarkName::LateralMalleolus => self.lateral_malleolus,
            LandmarkName::AchillesLower => self.achilles_line.map(|line| line[0]),
            LandmarkName::AchillesUpper => self.achilles_line.map(|line| line[1]),
        }
    }

    /// Every place that was found, in the order of [`LandmarkName::ALL`].
    pub fn named(&self) -> impl Iterator<Item = (LandmarkName, Landmark)> + '_ {
        LandmarkName::ALL.into_iter().filter_map(|name| Some((name, self.get(name)?)))
    }

    /// Puts a place where the caller says. One end of the Achilles line alone makes no line: it is
    /// kept only if the other is known.
    pub(crate) fn set(&mut self, name: LandmarkName, landmark: Landmark) {
        match name {
            LandmarkName::HeelSeat => self.heel_seat = landmark,
            LandmarkName::HeelBack => self.heel_back = landmark,
            LandmarkName::FirstMetatarsalHead => self.first_metatarsal_head = landmark,
            LandmarkName::FifthMetatarsalHead => self.fifth_metatarsal_head = landmark,
            LandmarkName::ArchApex => self.arch_apex = landmark,
            LandmarkName::ToeTip => self.toe_tip = landmark,
            LandmarkName::Navicular => self.navicular = Some(landmark),
            LandmarkName::FifthMetatarsalBase => self.fifth_metatarsal_base = Some(landmark),
            LandmarkName::FirstToeTip => self.toe_tips[0] = Some(landmark),
            LandmarkName::SecondToeTip => self.toe_tips[1] = Some(landmark),
            LandmarkName::ThirdToeTip => self.toe_tips[2] = Some(landmark),
            LandmarkName::FourthToeTip => self.toe_tips[3] = Some(landmark),
            LandmarkName::FifthToeTip => self.toe_tips[4] = Some(landmark),
            LandmarkName::MedialMalleolus => self.medial_malleolus = Some(landmark),
            LandmarkName::LateralMalleolus => self.lateral_malleolus = Some(landmark),
            LandmarkName::AchillesLower => {
                self.achilles_line = self.achilles_line.map(|[_, upper]| [landmark, upper]);
            }
            LandmarkName::AchillesUpper => {
                self.achilles_line = self.achilles_line.map(|[lower, _]| [lower, landmark]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names() {
        for name in LandmarkName::ALL {
            assert_eq!(LandmarkName::from_key(name.key()), Some(name));
        }
        assert_eq!(LandmarkName::from_key("knee"), None);
    }
}
