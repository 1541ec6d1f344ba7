//! Which label stands for which place on the body: data, not code.

use recording::Motion;
use serde::Serialize;
use vocabulary::{Findings, Side};

use crate::TrialError;

/// A place on the body that markers may mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anterior superior iliac spine.
    Asis,
    /// Posterior superior iliac spine.
    Psis,
    /// Sacrum, midway between the posterior spines; of no side.
    Sacrum,
    /// Lateral epicondyle of the femur.
    KneeLateral,
    /// Medial epicondyle of the femur.
    KneeMedial,
    /// Lateral malleolus.
    AnkleLateral,
    /// Medial malleolus.
    AnkleMedial,
    /// Back of the heel.
    Heel,
    /// Front of the foot on its long axis: second metatarsal head, or the tip of the toes.
    Toe,
    /// First metatarsal head.
    FirstMetatarsal,
    /// Second metatarsal head.
    SecondMetatarsal,
    /// Fifth metatarsal head.
    FifthMetatarsal,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 12] = [
        Self::Asis,
        Self::Psis,
        Self::Sacrum,
        Self::KneeLateral,
        Self::KneeMedial,
        Self::AnkleLateral,
        Self::AnkleMedial,
        Self::Heel,
        Self::Toe,
        Self::FirstMetatarsal,
        Self::SecondMetatarsal,
        Self::FifthMetatarsal,
    ];

    /// The key of a marker profile.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asis => "asis",
            Self::Psis => "psis",
            Self::Sacrum => "sacrum",
            Self::KneeLateral => "knee_lateral",
            Self::KneeMedial => "knee_medial",
            Self::AnkleLateral => "ankle_lateral",
            Self::AnkleMedial => "ankle_medial",
            Self::Heel => "heel",
            Self::Toe => "toe",
            Self::FirstMetatarsal => "first_metatarsal",
            Self::SecondMetatarsal => "second_metatarsal",
            Self::FifthMetatarsal => "fifth_metatarsal",
        }
    }
}

/// How the knee and ankle centers are found from the markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JointCenters {
    /// Midway between the medial and the lateral marker, in the trial or carried over from the static trial.
    Midpoint,
    /// From the lateral marker, a wand and half the joint's width (Davis 1991; Plug-in Gait's chord function).
    Chord,
}

/// Regression for the hip center from pelvis markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HipRegression {
    /// Harrington 2007 (J. Biomech. 40:595), from pelvis width and depth.
    Harrington,
    /// Bell 1989 (Hum. Mov. Sci. 8:3) and 1990, from pelvis width.
    Bell,
    /// Davis 1991 (Hum. Mov. Sci. 10:575), from leg length; as Plug-in Gait.
    Davis,
}

/// A marker set: for every role the labels that may stand for it, best first.
///
/// `{s}` in a label stands for the side's letter ([`MarkerSet::letters`]), and `#2` at its end for the second
/// marker of that label, since files repeat labels. Case, spaces and punctuation do not matter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarkerSet {
    /// Name for people, also the profile's.
    pub name: String,
    /// What stands for `{s}` on the left and on the right.
    pub letters: [String; 2],
    /// Labels of every role, in the order of preference.
    pub labels: Vec<(Role, Vec<String>)>,
    /// Markers that move with the thigh; for [`JointCenters::Chord`] the first is the wand.
    pub thigh: Vec<String>,
    /// Markers that move with the shank; for [`JointCenters::Chord`] the first is the wand.
    pub shank: Vec<String>,
    /// Markers that move with the foot besides those of its roles.
    pub foot: Vec<String>,
    /// Markers that move with the heel bone, for rearfoot eversion; at least three or none.
    pub rearfoot: Vec<String>,
    /// How joint centers are found.
    pub joint_centers: JointCenters,
    /// How the hip center is found.
    pub hip: HipRegression,
    /// Radius of a marker with its base, from skin to center, mm.
    pub marker_radius_mm: f64,
}

/// Indices of the markers of a recording that a set names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) sacrum: Option<usize>,
    pub(crate) sides: [ResolvedSide; 2],
}

/// Indices of one side's markers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ResolvedSide {
    roles: [Option<usize>; Role::ALL.len()],
    pub(crate) thigh: Vec<(String, usize)>,
    pub(crate) shank: Vec<(String, usize)>,
    pub(crate) foot: Vec<(String, usize)>,
    pub(crate) rearfoot: Vec<(String, usize)>,
}

impl ResolvedSide {
    pub(crate) fn get(&self, role: Role) -> Option<usize> {
        self.roles[role as usize]
    }

    /// Whether a marker shows the front of the foot.
    pub(crate) fn has_forefoot(&self) -> bool {
        self.get(Role::Toe).or(self.get(Role::SecondMetatarsal)).is_some()
            || (self.get(Role::FirstMetatarsal).is_some()
                && self.get(Role::FifthMetatarsal).is_some())
    }
}

/// 0 for the left, 1 for the right: the order of [`Side::BOTH`].
pub(crate) const fn index_of(side: Side) -> usize {
    match side {
        Side::Left => 0,
        Side::Right => 1,
    }
}

impl MarkerSet {
    /// Looks every label up in a recording.
    pub(crate) fn resolve(&self, motion: &Motion) -> Resolved {
        let names: Vec<String> = motion.markers.iter().map(|marker| plain(&marker.label)).collect();
        let mut resolved = Resolved::default();
        for (side, letter) in self.letters.iter().enumerate() {
            let find = |label: &str| find(&names, &label.replace("{s}", letter));
            let cluster = |labels: &[String]| {
                labels.iter().filter_map(|label| Some((label.clone(), find(label)?))).collect()
            };
            let made = &mut resolved.sides[side];
            made.thigh = cluster(&self.thigh);
            made.shank = cluster(&self.shank);
            made.foot = cluster(&self.foot);
            made.rearfoot = cluster(&self.rearfoot);
            for (role, labels) in &self.labels {
                made.roles[*role as usize] = labels.iter().find_map(|label| find(label));
            }
        }
        resolved.sacrum = resolved.sides[0].get(Role::Sacrum);
        resolved
    }

    /// What the analysis of a trial needs and neither recording has, as `role (labels)`; empty if all is there.
    pub(crate) fn missing(&self, motion: &Motion, standing: Option<&Motion>) -> Vec<String> {
        let trial = self.resolve(motion);
        let standing = standing.map(|standing| self.resolve(standing));
        let mut missing = Vec::new();
        for side in Side::BOTH {
            let here = &trial.sides[index_of(side)];
            let there = standing.as_ref().map(|standing| &standing.sides[index_of(side)]);
            let mut want = |is_there: bool, role: Role| {
                if !is_there {
                    missing.push(format!("{} {} ({})", side, role.key(), self.wanted(role, side)));
                }
            };
            want(here.get(Role::Heel).is_some(), Role::Heel);
            want(here.has_forefoot(), Role::Toe);
            match self.joint_centers {
                JointCenters::Midpoint => {
                    // A marker of the static trial alone is carried by the shank's markers.
                    let carried = here.shank.len() >= 3;
                    for role in
                        [Role::KneeLateral, Role::KneeMedial, Role::AnkleLateral, Role::AnkleMedial]
                    {
                        let stands = there.is_some_and(|there| there.get(role).is_some());
                        want(here.get(role).is_some() || (carried && stands), role);
                    }
                }
                JointCenters::Chord => {
                    for role in [Role::KneeLateral, Role::AnkleLateral, Role::Asis] {
                        want(here.get(role).is_some(), role);
                    }
                    want(here.get(Role::Psis).is_some() || trial.sacrum.is_some(), Role::Sacrum);
                    for (wand, labels) in [(&here.thigh, &self.thigh), (&here.shank, &self.shank)] {
                        if wand.is_empty() {
                            missing.push(format!("{side} wand ({})", self.spelled(labels, side)));
                        }
                    }
                }
            }
        }
        missing.dedup();
        missing
    }

    /// Number of markers of a recording that this set names.
    fn known(&self, motion: &Motion) -> usize {
        let resolved = self.resolve(motion);
        let mut indices: Vec<usize> = resolved
            .sides
            .iter()
            .flat_map(|side| {
                let clusters = [&side.thigh, &side.shank, &side.foot, &side.rearfoot];
                side.roles
                    .iter()
                    .flatten()
                    .copied()
                    .chain(clusters.into_iter().flatten().map(|(_, index)| *index))
                    .collect::<Vec<_>>()
            })
            .collect();
        indices.sort_unstable();
        indices.dedup();
        indices.len()
    }

    fn wanted(&self, role: Role, side: Side) -> String {
        let labels = self.labels.iter().find(|(other, _)| *other == role);
        labels.map_or_else(|| "no label in the set".to_owned(), |(_, l)| self.spelled(l, side))
    }

    fn spelled(&self, labels: &[String], side: Side) -> String {
        let letter = &self.letters[index_of(side)];
        let spelled: Vec<String> =
            labels.iter().map(|label| label.replace("{s}", letter)).collect();
        if spelled.is_empty() { "no label in the set".to_owned() } else { spelled.join(" or ") }
    }
}

/// The marker set of a trial: the one of that name, or the one that fits the labels best, which is said.
///
/// # Errors
/// [`TrialError::MissingMarkers`] or [`TrialError::NoMarkerSet`] name what is not there.
pub fn choose_marker_set<'a>(
    sets: &'a [MarkerSet],
    named: Option<&str>,
    motion: &Motion,
    standing: Option<&Motion>,
    findings: &mut Findings,
) -> Result<&'a MarkerSet, TrialError> {
    if motion.markers.is_empty() {
        return Err(TrialError::NoMarkers);
    }
    if let Some(set) = named.and_then(|name| sets.iter().find(|set| set.name == name)) {
        let missing = set.missing(motion, standing);
        if missing.is_empty() {
            return Ok(set);
        }
        return Err(TrialError::MissingMarkers {
            set: set.name.clone(),
            missing: missing.join(", "),
            labels: some_labels(motion),
        });
    }
    // Fewest missing first, then most markers known; the order of the sets decides between equals.
    let ranked = sets.iter().enumerate().min_by_key(|(place, set)| {
        let lacking = set.missing(motion, standing).len();
        (lacking, usize::MAX - set.known(motion), *place)
    });
    let Some((_, set)) = ranked else {
        return Err(no_set(motion, "none", "a set".to_owned()));
    };
    let missing = set.missing(motion, standing);
    if !missing.is_empty() {
        return Err(no_set(motion, &set.name, missing.join(", ")));
    }
    findings.note(
        "trial",
        "trial-marker-set",
        format!(
            "Marker set {} was recognized: it names {} of the {} markers; name another one (--markers) to overrule.",
            set.name,
            set.known(motion),
            motion.markers.len()
        ),
    );
    Ok(set)
}

fn no_set(motion: &Motion, nearest: &str, missing: String) -> TrialError {
    TrialError::NoMarkerSet { labels: some_labels(motion), nearest: nearest.to_owned(), missing }
}

/// The first labels of a recording, for messages.
fn some_labels(motion: &Motion) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = motion
        .markers
        .iter()
        .take(SHOWN)
        .map(|marker| marker.label.chars().take(24).collect())
        .collect();
    let rest = motion.markers.len().saturating_sub(SHOWN);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

/// A label without case, spaces and punctuation.
fn plain(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Index of a label, `#2` meaning its second marker.
fn find(names: &[String], label: &str) -> Option<usize> {
    let (label, nth) = match label.rsplit_once('#') {
        Some((label, nth)) => (label, nth.parse::<usize>().ok()?.checked_sub(1)?),
        None => (label, 0),
    };
    let wanted = plain(label);
    names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(i, _)| i).nth(nth)
}
