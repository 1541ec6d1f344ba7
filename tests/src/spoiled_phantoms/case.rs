//! Feet and groups of spoilers, as the file of cases has them.

use std::collections::BTreeMap;

use phantom::file::ScanFormat;
use phantom::spoil::{FileUnit, Spoiler};
use phantom::{Load, PhantomFoot, PhantomSettings, ToePattern, ToePosture, generate};
use rayon::prelude::*;
use serde::Deserialize;
use vocabulary::{Angle, Side};

/// How much of a suite is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One or two feet of each group.
    Short,
    /// Every foot of every group.
    Full,
}

/// All feet and groups.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    foot: Vec<FootCase>,
    group: Vec<Group>,
}

/// A foot, by what differs from the default phantom.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FootCase {
    name: String,
    side: Side,
    length_mm: f64,
    /// Ball width, as a share of the length.
    #[serde(default = "average_ball_share")]
    ball_share: f64,
    /// Heel width, as a share of the length.
    #[serde(default = "average_heel_share")]
    heel_share: f64,
    arch_height_mm: f64,
    #[serde(default)]
    forefoot_deg: f64,
    #[serde(default)]
    rearfoot_deg: f64,
    #[serde(default)]
    toe_pattern: ToePattern,
    #[serde(default)]
    toes: ToePosture,
    #[serde(default)]
    load: Load,
    #[serde(default)]
    skin_detail_mm: f64,
    leg_height_mm: f64,
}

fn average_ball_share() -> f64 {
    let average = PhantomSettings::default();
    average.ball_width_mm / average.length_mm
}

fn average_heel_share() -> f64 {
    let average = PhantomSettings::default();
    average.heel_width_mm / average.length_mm
}

/// One way to spoil a scan, and how it is ordered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What is wrong with the scan.
    pub name: String,
    /// How it is spoiled. Unless `as_it_stands`, the scan is turned in any way as well.
    #[serde(default)]
    pub spoilers: Vec<Spoiler>,
    /// The file's format.
    #[serde(default)]
    pub format: ScanFormat,
    /// Whether the foot keeps its place in the world.
    #[serde(default)]
    pub as_it_stands: bool,
    /// Which side the order says.
    #[serde(default)]
    pub ordered: Ordered,
    /// The unit that the order says; none to have it found.
    pub given_unit: Option<FileUnit>,
    /// Names of feet; all when empty.
    #[serde(default)]
    feet: Vec<String>,
    /// Names of the feet in the short run.
    #[serde(default = "first_foot")]
    short: Vec<String>,
    /// Limits that are not reached yet.
    #[serde(default)]
    pub not_yet: Vec<String>,
}

/// Which side the order says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ordered {
    /// The one that the file shows.
    #[default]
    Right,
    /// The other one: a contradiction, to be refused.
    Wrong,
    /// Nothing: the reader tells it.
    Unsaid,
}

fn first_foot() -> Vec<String> {
    vec!["average".to_owned()]
}

/// One scan of one foot.
#[derive(Clone, Debug)]
pub struct Case {
    /// The group's place in the suite.
    pub group: usize,
    /// What is wrong with the scan.
    pub fault: String,
    /// Name of the foot.
    pub foot: String,
    /// How it is spoiled.
    pub spoilers: Vec<Spoiler>,
    /// Seed of the spoilers.
    pub seed: u64,
    /// The file's format.
    pub format: ScanFormat,
    /// Which side the order says.
    pub ordered: Ordered,
    /// The unit that the order says.
    pub given_unit: Option<FileUnit>,
}

impl Case {
    /// For messages.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}, {} foot", self.fault, self.foot)
    }
}

impl Suite {
    /// Reads the cases that lie in the suite's folder.
    ///
    /// # Errors
    /// A file that is not there, or a wrong word in it.
    pub fn shipped() -> Result<Self, String> {
        let path = crate::root().join("tests/cases/spoiled_phantoms.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let suite: Self =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for group in &suite.group {
            for name in group.feet.iter().chain(&group.short) {
                if !suite.foot.iter().any(|foot| foot.name == *name) {
                    return Err(format!("group \"{}\": there is no foot \"{name}\"", group.name));
                }
            }
            if let Some(limit) =
                group.not_yet.iter().find(|name| !super::limits::NAMES.contains(&name.as_str()))
            {
                return Err(format!("group \"{}\": there is no limit \"{limit}\"", group.name));
            }
        }
        Ok(suite)
    }

    /// All groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.group
    }

    /// All cases of an extent, group by group.
    #[must_use]
    pub fn cases(&self, extent: Extent) -> Vec<Case> {
        let mut cases = Vec::new();
        for (index, group) in self.group.iter().enumerate() {
            for (number, foot) in self.foot.iter().enumerate() {
                let wanted = match extent {
                    Extent::Short => group.short.contains(&foot.name),
                    Extent::Full => group.feet.is_empty() || group.feet.contains(&foot.name),
                };
                if wanted {
                    let mut spoilers = group.spoilers.clone();
                    if !group.as_it_stands {
                        spoilers.push(Spoiler::TurnedAnyWay {});
                    }
                    cases.push(Case {
                        group: index,
                        fault: group.name.clone(),
                        foot: foot.name.clone(),
                        spoilers,
                        seed: (1000 * index + number) as u64,
                        format: group.format,
                        ordered: group.ordered,
                        given_unit: group.given_unit,
                    });
                }
            }
        }
        cases
    }

    /// The feet that the cases need, each made once.
    ///
    /// # Panics
    /// If a foot cannot be made: the suite's own data are wrong.
    #[must_use]
    pub fn phantoms(&self, cases: &[Case]) -> BTreeMap<String, PhantomFoot> {
        self.foot
            .par_iter()
            .filter(|foot| cases.iter().any(|case| case.foot == foot.name))
            .map(|foot| {
                let phantom = generate(&foot.settings())
                    .unwrap_or_else(|error| panic!("foot \"{}\": {error}", foot.name));
                (foot.name.clone(), phantom)
            })
            .collect()
    }
}

impl FootCase {
    fn settings(&self) -> PhantomSettings {
        PhantomSettings {
            side: self.side,
            length_mm: self.length_mm,
            ball_width_mm: self.ball_share * self.length_mm,
            heel_width_mm: self.heel_share * self.length_mm,
            arch_height_mm: self.arch_height_mm,
            forefoot_angle: Angle::from_deg(self.forefoot_deg),
            rearfoot_angle: Angle::from_deg(self.rearfoot_deg),
            toe_pattern: self.toe_pattern,
            toe_posture: self.toes,
            load: self.load,
            skin_detail_mm: self.skin_detail_mm,
            leg_height_mm: self.leg_height_mm,
            ..PhantomSettings::default()
        }
    }
}
