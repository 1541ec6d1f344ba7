//! What the standing trial tells: where every marker stood, and with it the joints.

use geometry::{Point3, Vector3};
use nalgebra::{Matrix3, center};
use recording::Motion;
use vocabulary::{Findings, Side};

use crate::leg::foot_frame;
use crate::linked::{LinkedBody, LinkedLeg, Placed, axis};
use crate::marker_set::{MarkerSet, Resolved, Role, index_of};
use crate::pelvis::{HipRule, Pelvis};

/// Lateral and medial marker of a joint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) lateral: Point3,
    pub(crate) medial: Point3,
}

impl Pair {
    pub(crate) fn middle(&self) -> Point3 {
        center(&self.lateral, &self.medial)
    }

    /// Toward the right of the body.
    pub(crate) fn right(&self, side: Side) -> Vector3 {
        match side {
            Side::Left => self.medial - self.lateral,
            Side::Right => self.lateral - self.medial,
        }
    }
}

/// One leg's markers in the standing trial, mm.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    roles: [Option<Point3>; Role::ALL.len()],
    pub(crate) thigh: Vec<(String, Point3)>,
    pub(crate) shank: Vec<(String, Point3)>,
    pub(crate) feet: Vec<(String, Point3)>,
    pub(crate) rearfoot: Vec<(String, Point3)>,
    /// The foot's frame: columns forward, up, right.
    pub(crate) foot: Option<Matrix3<f64>>,
}

impl Standing {
    pub(crate) fn new(motion: &Motion, set: &MarkerSet, side: Side) -> Self {
        let resolved = set.resolve(motion);
        let markers = &resolved.sides[index_of(side)];
        let still = |index: usize| mean_position(&motion.markers[index].positions);
        let cluster = |labels: &[(String, usize)]| {
            labels
                .iter()
                .filter_map(|(label, index)| Some((label.clone(), still(*index)?)))
                .collect()
        };
        Self {
            roles: Role::ALL.map(|role| still(markers.get(role)?)),
            thigh: cluster(&markers.thigh),
            shank: cluster(&markers.shank),
            feet: cluster(&markers.foot),
            rearfoot: cluster(&markers.rearfoot),
            foot: None,
        }
        .with_foot(side)
    }

    /// Forward from heel to forefoot, sideways along the knee's width.
    fn with_foot(mut self, side: Side) -> Self {
        let heads = self.get(Role::FirstMetatarsal).zip(self.get(Role::FifthMetatarsal));
        let front = self
            .get(Role::SecondMetatarsal)
            .or(heads.map(|(first, fifth)| center(&first, &fifth)))
            .or(self.get(Role::Toe));
        let knee = self.get(Role::KneeLateral).zip(self.get(Role::KneeMedial));
        self.foot = front.zip(self.get(Role::Heel)).zip(knee).and_then(
            |((front, heel), (lateral, medial))| {
                foot_frame(front - heel, Pair { lateral, medial }.right(side))
            },
        );
        self
    }

    pub(crate) fn get(&self, role: Role) -> Option<Point3> {
        self.roles[role as usize]
    }
}

fn mean_position(positions: &[Option<Point3>]) -> Option<Point3> {
    let seen: Vec<Vector3> = positions
        .iter()
        .flatten()
        .map(|p| p.coords)
        .filter(|p| p.iter().all(|c| c.is_finite()))
        .collect();
    (!seen.is_empty()).then(|| Point3::from(seen.iter().sum::<Vector3>() / seen.len() as f64))
}

/// Pelvis and legs as they stood, with the markers that both trials show; `None` without three markers of the pelvis.
pub(crate) fn linked_body(
    standing: &Motion,
    set: &MarkerSet,
    walking: &Resolved,
) -> Option<LinkedBody> {
    let stood = set.resolve(standing);
    let legs = Side::BOTH.map(|side| Standing::new(standing, set, side));
    let sacrum = match [0, 1].map(|side: usize| legs[side].get(Role::Psis)) {
        [Some(left), Some(right)] => center(&left, &right),
        _ => mean_position(&standing.markers[stood.sacrum?].positions)?,
    };
    let pelvis = Pelvis::new(legs[0].get(Role::Asis)?, legs[1].get(Role::Asis)?, sacrum)?;
    let (rule, _) = HipRule::new(set.hip, &standing.subject, set.marker_radius_mm);
    let mut placed = Vec::new();
    for side in [0, 1] {
        for role in [Role::Asis, Role::Psis] {
            placed.extend(both(legs[side].get(role), walking.sides[side].get(role)));
        }
    }
    let still = |index: usize| mean_position(&standing.markers[index].positions);
    placed.extend(both(stood.sacrum.and_then(still), walking.sacrum));
    let legs = Side::BOTH
        .map(|side| linked_leg(&legs[index_of(side)], walking, pelvis.hip(side, &rule), side));
    (placed.len() >= 3).then_some(LinkedBody { pelvis: placed, legs })
}

fn both(stood: Option<Point3>, index: Option<usize>) -> Option<Placed> {
    Some(Placed { stood: stood?, index: index? })
}

fn linked_leg(
    standing: &Standing,
    walking: &Resolved,
    hip: Point3,
    side: Side,
) -> Option<LinkedLeg> {
    let pair = |lateral, medial| {
        Some(Pair { lateral: standing.get(lateral)?, medial: standing.get(medial)? })
    };
    let knee = pair(Role::KneeLateral, Role::KneeMedial)?;
    let ankle = pair(Role::AnkleLateral, Role::AnkleMedial)?;
    let there = &walking.sides[index_of(side)];
    let knee_roles = [Role::KneeLateral, Role::KneeMedial];
    let ankle_roles = [Role::AnkleLateral, Role::AnkleMedial];
    let foot_roles = [
        Role::Heel,
        Role::Toe,
        Role::FirstMetatarsal,
        Role::SecondMetatarsal,
        Role::FifthMetatarsal,
    ];
    let roles = |roles: &[Role]| -> Vec<Placed> {
        roles.iter().filter_map(|role| both(standing.get(*role), there.get(*role))).collect()
    };
    let [at_knee, at_ankle, at_foot] =
        [roles(&knee_roles), roles(&ankle_roles), roles(&foot_roles)];
    // A marker on a joint may be listed with both segments; the epicondyles are the femur's, the malleoli the tibia's.
    let taken = |index: usize, own: &[Placed]| own.iter().any(|placed| placed.index == index);
    let cluster = |stood: &[(String, Point3)],
                   walking: &[(String, usize)],
                   own: &[Placed],
                   other: &[Placed]| {
        let mut placed = own.to_vec();
        for (label, index) in walking {
            let stood = stood.iter().find(|(name, _)| name == label);
            if let Some((_, stood)) = stood
                && !taken(*index, own)
                && !taken(*index, other)
            {
                placed.push(Placed { index: *index, stood: *stood });
            }
        }
        placed
    };
    let thigh = cluster(&standing.thigh, &there.thigh, &at_knee, &at_ankle);
    let shank = cluster(&standing.shank, &there.shank, &at_ankle, &at_knee);
    let foot = cluster(&standing.feet, &there.foot, &at_foot, &[]);
    Some(LinkedLeg {
        hip,
        knee: knee.middle(),
        ankle: ankle.middle(),
        knee_axis: axis(knee.lateral, knee.medial, side)?,
        ankle_axis: axis(ankle.lateral, ankle.medial, side)?,
        markers: [thigh, shank, foot],
    })
}

/// Left and right bones differ by less in nearly everybody (Knutson 2005, Chiropr. Osteopat. 13:11: leg lengths by 5 mm on average); more is a marker that stands high or low.
const BONES_DIFFER_MM: f64 = 12.0;

/// Says where the standing trial gives a shank on one side that is longer than the other's: the knee's center is then off by
/// about half of the difference along the bone.
pub(crate) fn say_lengths(standing: &Motion, set: &MarkerSet, findings: &mut Findings) {
    let length = |side: Side| {
        let leg = Standing::new(standing, set, side);
        let middle = |lateral, medial| {
            Some(Pair { lateral: leg.get(lateral)?, medial: leg.get(medial)? }.middle())
        };
        let knee = middle(Role::KneeLateral, Role::KneeMedial)?;
        let ankle = middle(Role::AnkleLateral, Role::AnkleMedial)?;
        Some((knee - ankle).norm())
    };
    if let [Some(left), Some(right)] = Side::BOTH.map(length)
        && (left - right).abs() > BONES_DIFFER_MM
    {
        findings.warn(
            "trial",
            "trial-unequal-shanks",
            format!("By the markers of the static trial the left shank is {left:.0} mm long and the right one {right:.0} mm; bones rarely differ so much, so a knee or ankle marker stands {:.0} mm too high or too low. An adduction moment moves by 1 Nm for every 15 to 20 mm along the bone and every 1.5 mm across it; check the palpation.", (left - right).abs()),
        );
    }
}
