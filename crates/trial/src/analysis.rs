//! The whole way from a recording to stances, means and symmetry.

use gait::Person;
use geometry::Point3;
use recording::{Motion, Plate};
use serde::Serialize;
use vocabulary::{Findings, Side};

use crate::contact::{self, Rejection, Step};
use crate::curves::{Curves, Numbers, Scale};
use crate::dynamics::Inertia;
use crate::event::{GaitEvent, events};
use crate::force::{Clock, ReadyPlate, ready_plate};
use crate::handedness::unmirrored;
use crate::leg::{Body, follow};
use crate::marker_set::{MarkerSet, index_of};
use crate::stance::Scene;
use crate::standing::say_lengths;
use crate::summary::{SideSummary, summarize};
use crate::symmetry::{self, Symmetry};
use crate::walk::{self, Timeline, Walk};
use crate::{JointTracking, MomentFrame, SegmentTable, Settings, TrialError, angle};

/// A stance with more instants without a knee moment than this is not used, share.
const MOST_UNKNOWN: f64 = 0.05;

/// Standard acceleration of gravity, m/s².
const GRAVITY: f64 = 9.806_65;

/// What is to be analyzed.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The walk.
    pub motion: &'a Motion,
    /// The person standing still with all markers on, from which joint centers are carried over.
    pub standing: Option<&'a Motion>,
    /// Which label stands where ([`crate::choose_marker_set`]).
    pub markers: &'a MarkerSet,
    /// Body mass, kg, if it is known better than by the file.
    pub mass_kg: Option<f64>,
    /// Body height, m, if it is known better than by the file.
    pub height_m: Option<f64>,
}

/// Where a number of the person comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Given with the call.
    Given,
    /// Written in the file.
    File,
    /// Inferred from the forces.
    Forces,
}

/// A trial, analyzed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// Body mass, kg.
    pub mass_kg: Option<f64>,
    /// Where the mass comes from.
    pub mass_origin: Option<Origin>,
    /// Body height, m.
    pub height_m: Option<f64>,
    /// Name of the marker set.
    pub marker_set: String,
    /// Axes of the joint moments.
    pub frame: MomentFrame,
    /// How joints of the static trial were to be carried.
    pub joints: JointTracking,
    /// Segment masses and inertias.
    pub segments: SegmentTable,
    /// Cut-off of the filter for markers and forces, Hz.
    pub cutoff_hz: f64,
    /// Every contact with a plate, by time.
    pub stances: Vec<TrialStance>,
    /// Means of the left and of the right side.
    pub sides: [Option<SideSummary>; 2],
    /// Strikes and offs, by time.
    pub events: Vec<GaitEvent>,
    /// The walk as a whole.
    pub walk: Walk,
    /// Left against right.
    pub symmetry: Vec<Symmetry>,
    /// Limp, uneven loading and altered step in words; empty if nothing stands out.
    pub asymmetries: Vec<String>,
    /// Knee centers of the left and of the right leg at every marker frame, mm, laboratory axes; mirrored where the
    /// laboratory was (`trial-mirrored`).
    #[serde(skip)]
    pub knee_centers: [Vec<Option<Point3>>; 2],
    /// How good the data are.
    pub quality: Vec<Quality>,
}

/// One contact of a foot with a plate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialStance {
    /// Which foot; `None` if no foot could be told.
    pub side: Option<Side>,
    /// Name of the plate.
    pub plate: String,
    /// Strike, s on the trial's clock.
    pub start_s: f64,
    /// Toe-off, s.
    pub end_s: f64,
    /// Whether it counts in the means.
    pub used: bool,
    /// Why it does not.
    pub reason: Option<String>,
    /// The same as data.
    #[serde(skip)]
    pub rejection: Option<Rejection>,
    /// Peaks, times, angles; empty if not used.
    #[serde(flatten)]
    pub numbers: Numbers,
    /// Curves over 0 to 100 % of stance; `None` if not used.
    pub curves: Option<Curves>,
}

/// One number on the quality of the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// What it is, with its unit at the end.
    pub key: &'static str,
    /// Which foot, if it is of one.
    pub side: Option<Side>,
    /// The number.
    pub value: f64,
}

impl Analysis {
    /// Means of one side.
    #[must_use]
    pub const fn side(&self, side: Side) -> Option<&SideSummary> {
        self.sides[index_of(side)].as_ref()
    }
}

/// Analyzes a trial.
///
/// # Errors
/// [`TrialError`] if there are no markers, a setting is out of range, or the mass cannot be known.
pub fn analyze(
    input: &Input<'_>,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<Analysis, TrialError> {
    settings.check()?;
    let image = unmirrored(input.motion, input.standing, input.markers, findings);
    let input = &image.as_ref().map_or(*input, |(motion, standing)| Input {
        motion,
        standing: standing.as_ref(),
        ..*input
    });
    let motion = input.motion;
    if motion.frames() == 0 || motion.rate_hz.is_nan() || motion.rate_hz <= 0.0 {
        return Err(TrialError::NoMarkers);
    }
    let clock = Clock { start_s: motion.start_s, rate_hz: motion.rate_hz, frames: motion.frames() };
    let up = motion.up;
    let height_m = height(input)?;
    let body = follow(&Input { height_m, ..*input }, &clock, settings, findings);
    say_fits(&body, findings);
    if let Some(standing) = input.standing {
        say_lengths(standing, input.markers, findings);
    }
    let plates: Vec<ReadyPlate> = motion
        .plates
        .iter()
        .map(|plate| ready_plate(plate, up, &clock, settings, findings))
        .collect();
    let mut steps = contact::steps(&plates, &body, up, &clock, settings);
    let timed = events(&steps, &body, up, &clock, findings);
    let mass = mass(input, &steps, Timeline(&timed), findings)?;
    if let Some((mass_kg, _)) = mass {
        contact::reject_low_forces(&mut steps, mass_kg * GRAVITY);
    }
    let scale = scale(mass.map(|(mass_kg, _)| mass_kg), height_m)?;
    let scene = Scene {
        body: &body,
        up,
        clock: &clock,
        settings,
        inertia: Inertia {
            mass_kg: scale.mass_kg.unwrap_or(0.0),
            table: settings.segments,
            up,
            step_s: 1.0 / clock.rate_hz,
        },
        scale,
        standing: standing_angles(input, settings),
        marker_radius_mm: input.markers.marker_radius_mm,
    };
    let stances = stances(&scene, &plates, steps, Timeline(&timed));
    let used = used(&stances);
    let walk = walk::walk(&scene, Timeline(&timed), &used);
    let sides = Side::BOTH.map(|side| summarize(&stances, side, scale));
    let symmetry = match &sides {
        [Some(left), Some(right)] => symmetry::symmetry(left, right),
        _ => Vec::new(),
    };
    say_stances(&stances, motion, &walk, findings);
    Ok(Analysis {
        mass_kg: scale.mass_kg,
        mass_origin: mass.map(|(_, origin)| origin),
        height_m,
        marker_set: input.markers.name.clone(),
        frame: settings.frame,
        joints: settings.joints,
        segments: settings.segments,
        cutoff_hz: settings.cutoff_hz,
        asymmetries: symmetry::words(&symmetry),
        stances,
        sides,
        events: timed,
        walk,
        symmetry,
        knee_centers: [0, 1]
            .map(|side: usize| body.legs[side].iter().map(|leg| leg.map(|leg| leg.knee)).collect()),
        quality: quality(&body),
    })
}

fn height(input: &Input<'_>) -> Result<Option<f64>, TrialError> {
    let stated = input
        .height_m
        .or(input.motion.subject.height_m)
        .or_else(|| input.standing.and_then(|standing| standing.subject.height_m));
    if let Some(height_m) = stated {
        Person { mass_kg: 70.0, height_m }.check()?;
    }
    Ok(stated)
}

fn scale(mass_kg: Option<f64>, height_m: Option<f64>) -> Result<Scale, TrialError> {
    let person = mass_kg.zip(height_m).map(|(mass_kg, height_m)| Person { mass_kg, height_m });
    if let Some(mass_kg) = mass_kg {
        person.unwrap_or(Person { mass_kg, height_m: 1.7 }).check()?;
    }
    Ok(Scale { mass_kg, pct_bwht_nm: person.map(|person| person.pct_bwht_nm()) })
}

/// Body mass: given, from the file, or inferred from force, which is said. `None` if there is no force at all.
fn mass(
    input: &Input<'_>,
    steps: &[Step],
    timeline: Timeline<'_>,
    findings: &mut Findings,
) -> Result<Option<(f64, Origin)>, TrialError> {
    if let Some(mass_kg) = input.mass_kg {
        return Ok(Some((mass_kg, Origin::Given)));
    }
    let stated = input
        .motion
        .subject
        .mass_kg
        .or_else(|| input.standing.and_then(|standing| standing.subject.mass_kg));
    if let Some(mass_kg) = stated {
        return Ok(Some((mass_kg, Origin::File)));
    }
    if let Some(mass_kg) = input.standing.and_then(standing_mass) {
        findings.warn(
            "trial",
            "trial-mass-inferred",
            format!("The files have no body mass; {mass_kg:.1} kg stood on the plates in the static trial. Give it (--mass-kg) to overrule."),
        );
        return Ok(Some((mass_kg, Origin::Forces)));
    }
    let clean: Vec<&Step> = steps.iter().filter(|step| step.rejection.is_none()).collect();
    if steps.is_empty() {
        return Ok(None);
    }
    // Over a stride of steady walking the feet together push up by weight times stride time.
    let impulse = |side: Side| {
        let all: Vec<f64> = clean
            .iter()
            .filter(|step| step.side == Some(side))
            .map(|step| step.contact.mean_n * step.contact.duration_s())
            .collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    };
    let both = match Side::BOTH.map(impulse) {
        [Some(left), Some(right)] => Some(left + right),
        [left, right] => left.or(right).map(|one| 2.0 * one),
    };
    let no_mass = |reason: &str| TrialError::NoMass { reason: reason.to_owned() };
    let both = both.ok_or_else(|| no_mass("no clean stance"))?;
    let stride = timeline.stride_time().ok_or_else(|| no_mass("no stride was timed"))?;
    let mass_kg = both / (stride * GRAVITY);
    findings.warn(
        "trial",
        "trial-mass-inferred",
        format!("The files have no body mass; {mass_kg:.1} kg follows from the vertical impulse of {} clean stances over a stride of {stride:.2} s, good to a few percent in steady walking. Give it (--mass-kg) to overrule.", clean.len()),
    );
    Ok(Some((mass_kg, Origin::Forces)))
}

/// Mass of a person who stands on the plates through a static trial, kg.
fn standing_mass(standing: &Motion) -> Option<f64> {
    let load = |plate: &Plate| {
        let sum: f64 = plate.wrenches.iter().map(|wrench| wrench.force.dot(&standing.up)).sum();
        sum / plate.wrenches.len().max(1) as f64
    };
    let mass_kg = standing.plates.iter().map(load).sum::<f64>() / GRAVITY;
    (20.0..250.0).contains(&mass_kg).then_some(mass_kg)
}

/// Mean eversion and tibial rotation in the static trial, degrees.
fn standing_angles(input: &Input<'_>, settings: &Settings) -> [Option<[f64; 2]>; 2] {
    let Some(standing) = input.standing.filter(|s| s.frames() > 0 && s.rate_hz > 0.0) else {
        return [None; 2];
    };
    let clock =
        Clock { start_s: standing.start_s, rate_hz: standing.rate_hz, frames: standing.frames() };
    // What is missing there was or will be said of the walk.
    let mut unsaid = Findings::new();
    let height_m = input.height_m.or(standing.subject.height_m);
    let still = Input { motion: standing, height_m, ..*input };
    // Angles against the foot are those of the shank's own markers, so that nothing needs to be linked.
    let settings = Settings { joints: JointTracking::Clusters, ..*settings };
    let body = follow(&still, &clock, &settings, &mut unsaid);
    Side::BOTH.map(|side| {
        let angles: Vec<[f64; 2]> = body.legs[index_of(side)]
            .iter()
            .flatten()
            .filter_map(|leg| {
                let foot = leg.foot.filter(|foot| foot.tilt_measured)?;
                Some(angle::foot(&leg.tibia, &foot.rearfoot.unwrap_or(foot.frame), side))
            })
            .collect();
        let count = angles.len() as f64;
        let mean = |i: usize| angles.iter().map(|pair| pair[i]).sum::<f64>() / count;
        (!angles.is_empty()).then(|| [mean(0), mean(1)])
    })
}

fn stances(
    scene: &Scene<'_>,
    plates: &[ReadyPlate],
    steps: Vec<Step>,
    timeline: Timeline<'_>,
) -> Vec<TrialStance> {
    steps
        .into_iter()
        .map(|step| {
            let plate = &plates[step.plate];
            let mut made = TrialStance {
                side: step.side,
                plate: plate.name.clone(),
                start_s: step.contact.start_s,
                end_s: step.contact.end_s,
                used: false,
                reason: None,
                rejection: step.rejection,
                numbers: Numbers::default(),
                curves: None,
            };
            if let (None, Some(side)) = (&made.rejection, step.side) {
                let (curves, mut numbers, unknown) = scene.stance(plate, &step.contact, side);
                if unknown > MOST_UNKNOWN {
                    made.rejection = Some(Rejection::MarkersMissing { pct: 100.0 * unknown });
                } else {
                    let line = scene.progression(side, made.start_s, made.end_s);
                    walk::put_step(&mut numbers, scene, timeline, side, &step.contact, line);
                    (made.used, made.numbers, made.curves) = (true, numbers, Some(curves));
                }
            }
            made.reason = made.rejection.as_ref().map(ToString::to_string);
            made
        })
        .collect()
}

fn used(stances: &[TrialStance]) -> Vec<(Side, crate::force::Contact)> {
    stances
        .iter()
        .filter(|stance| stance.used)
        .filter_map(|stance| {
            let contact = crate::force::Contact {
                start_s: stance.start_s,
                end_s: stance.end_s,
                cut_at_start: false,
                cut_at_end: false,
                peak_n: 0.0,
                mean_n: 0.0,
            };
            Some((stance.side?, contact))
        })
        .collect()
}

fn say_fits(body: &Body, findings: &mut Findings) {
    /// Thigh and shank that disagree on the knee by more than skin moves (Leardini 2005, Gait Posture 21:212), mm.
    const LARGE_DISAGREEMENT_MM: f64 = 25.0;
    for side in Side::BOTH {
        let fit = body.fits[index_of(side)];
        if let Some(apart) = fit.knee_disagreement_mm.filter(|mm| *mm > LARGE_DISAGREEMENT_MM) {
            findings.warn(
                "trial",
                "trial-knee-disagreement",
                format!("The {side} knee carried by the thigh's markers and by the shank's lie {apart:.0} mm apart on average; check the labels and that no marker moved between the static trial and the walk."),
            );
        }
    }
}

fn quality(body: &Body) -> Vec<Quality> {
    let mut all = Vec::new();
    for side in Side::BOTH {
        let fit = body.fits[index_of(side)];
        for (key, value) in [
            ("shank_cluster_residual_mm", fit.shank_residual_mm),
            ("knee_center_disagreement_mm", fit.knee_disagreement_mm),
            ("linked_residual_mm", fit.linked_residual_mm),
        ] {
            all.extend(value.map(|value| Quality { key, side: Some(side), value }));
        }
        let legs = &body.legs[index_of(side)];
        let seen = legs.iter().flatten().count() as f64 / legs.len().max(1) as f64;
        all.push(Quality { key: "leg_seen_pct", side: Some(side), value: 100.0 * seen });
    }
    all
}

fn say_stances(stances: &[TrialStance], motion: &Motion, walk: &Walk, findings: &mut Findings) {
    if motion.plates.is_empty() {
        findings.warn(
            "trial",
            "trial-no-plates",
            "The trial has no force plates, so there are no moments; steps are timed by markers only.",
        );
        return;
    }
    if motion.plates.iter().any(|plate| plate.corners.is_none()) {
        findings.note(
            "trial",
            "trial-plate-borders-unknown",
            "The file does not hold the borders of its plates, so a foot that stood partly beside one is told only by too low a force.",
        );
    }
    let used = stances.iter().filter(|stance| stance.used).count();
    if used == 0 {
        let reasons: Vec<String> = stances
            .iter()
            .map(|stance| {
                let reason = stance.reason.as_deref().unwrap_or("no foot");
                format!("{} at {:.2} s: {reason}", stance.plate, stance.start_s)
            })
            .take(8)
            .collect();
        let reasons = if reasons.is_empty() {
            "no foot touched a plate".to_owned()
        } else {
            reasons.join("; ")
        };
        findings.warn("trial", "trial-no-stance", format!("No stance can be used ({reasons})."));
    } else {
        findings.note(
            "trial",
            "trial-stances",
            format!("{used} of {} contacts with the plates are clean stances.", stances.len()),
        );
    }
    if walk.running {
        findings.warn(
            "trial",
            "trial-running",
            "Both feet are in the air between the steps: this is running, to which the norms and limits of walking do not apply.",
        );
    }
}

impl Settings {
    fn check(&self) -> Result<(), TrialError> {
        let all = [
            ("cutoff_hz", self.cutoff_hz, 3.0, 30.0),
            ("longest_gap_s", self.longest_gap_s, 0.0, 0.5),
            ("contact_n", self.contact_n, 5.0, 100.0),
            ("shortest_stance_s", self.shortest_stance_s, 0.05, 0.5),
            ("pressure_center_n", self.pressure_center_n, 10.0, 200.0),
        ];
        match all.into_iter().find(|(_, value, low, high)| !(*low..=*high).contains(value)) {
            Some((name, value, low, high)) => Err(TrialError::Setting { name, value, low, high }),
            None => Ok(()),
        }
    }
}
