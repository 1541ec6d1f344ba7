//! What was found, in sentences for a technician.

use vocabulary::Findings;

use crate::WeightBearing;
use crate::ground::Ground;
use crate::guess::Guess;
use crate::pose::Stance;
use crate::sole::{FLAT_MM, Sole};

/// Toe evidence under which heel and toes may be mixed up; plain feet have 0.5 and more.
const CLEAR_TOE_EVIDENCE: f64 = 0.25;

/// Roll of the forefoot against the heel from which it is said: in healthy feet it is within 8°, and a
/// few degrees are measuring error.
const TOLD_FOREFOOT_ROLL_DEG: f64 = 4.0;

/// Roll from which the scan should be looked at: the forefoot was hardly held in neutral.
const ODD_FOREFOOT_ROLL_DEG: f64 = 12.0;

pub(crate) fn report_ground(ground: &Ground, findings: &mut Findings) {
    let roll = ground.forefoot_roll.to_degrees();
    if roll.abs() < TOLD_FOREFOOT_ROLL_DEG {
        return;
    }
    let (word, raised) = if roll > 0.0 { ("varus", "medial") } else { ("valgus", "lateral") };
    let leveled = match (ground.loaded > 0.5, ground.upright > 0.5) {
        (true, _) => "the ground is that of the standing heel",
        (false, true) => "the foot is leveled by its upright heel",
        (false, false) => "the foot is leveled by its metatarsal heads, so that its heel leans",
    };
    let message = format!(
        "The forefoot is in {:.0}° of {word} against the heel ({raised} border raised); {leveled}.",
        roll.abs()
    );
    if roll.abs() < ODD_FOREFOOT_ROLL_DEG {
        findings.note("foot", "forefoot-tilted", message);
    } else {
        findings.warn(
            "foot",
            "forefoot-tilted",
            message + " Check that the foot was held in neutral while it was scanned.",
        );
    }
}

pub(crate) fn report_stance(guess: &Guess, upright: &Stance, findings: &mut Findings) {
    let up = upright.foot_from_scan.rotation.inverse() * geometry::Vector3::z();
    let forward = upright.foot_from_scan.rotation.inverse() * geometry::Vector3::y();
    let place = |v: geometry::Vector3| format!("({:+.2}, {:+.2}, {:+.2})", v.x, v.y, v.z);
    let message = format!(
        "The foot stands on {:.0} cm² of near-level surface; in the scan up is {} and forward is {} \
         (toe evidence {:.2}, plain from {CLEAR_TOE_EVIDENCE}).",
        guess.resting_area / 100.0,
        place(up),
        place(forward),
        guess.toe_evidence
    );
    if guess.toe_evidence < CLEAR_TOE_EVIDENCE {
        findings.warn("foot", "orientation-uncertain", message);
    } else {
        findings.note("foot", "orientation", message);
    }
}

/// Area of filled holes from which a technician should look, cm²: a heel-pad's contact is about 20.
const LARGE_HOLES_CM2: f64 = 5.0;

pub(crate) fn report_sole(sole: &Sole, findings: &mut Findings) {
    let evidence = &sole.evidence;
    if sole.filled_cm2 > 0.0 {
        let message = format!(
            "Holes of {:.1} cm² in the sole were filled in ({:.0} % of the silhouette).",
            sole.filled_cm2,
            100.0 * sole.filled_cm2 / sole.silhouette_cm2
        );
        if sole.filled_cm2 > LARGE_HOLES_CM2 {
            findings.warn("foot", "sole-holes", message + " Look at the height map.");
        } else {
            findings.note("foot", "sole-holes", message);
        }
    }
    if !evidence.imaged {
        findings.warn(
            "foot",
            "sole-not-imaged",
            format!(
                "The sole was not imaged: {:.0} cm², {:.0} % of the silhouette, lie within {FLAT_MM} mm of the \
                 ground, where a footprint covers about half; the arch must come from the prescription.",
                evidence.flat_area_cm2,
                100.0 * evidence.flat_share
            ),
        );
    }
}

/// Lean of the leg over the level foot from which it is said: the ankle and the joint under it turn a
/// foot inward by 20° and outward by 10° at most; standing straight, a leg leans by less than 8°.
const TOLD_LEAN_DEG: f64 = 12.0;

/// Says that the foot was scanned turned in or out against its leg.
pub(crate) fn report_lean(lean: Option<f64>, findings: &mut Findings) {
    let degrees = lean.map_or(0.0, f64::atan).to_degrees();
    if degrees.abs() < TOLD_LEAN_DEG {
        return;
    }
    let (word, side) =
        if degrees > 0.0 { ("eversion", "outward") } else { ("inversion", "inward") };
    findings.warn(
        "foot",
        "foot-not-neutral",
        format!(
            "The leg leans {:.0}° {side} over the level foot: the foot was scanned in {word}; heel and \
             forefoot were leveled together, scan it again in neutral if its angles matter.",
            degrees.abs()
        ),
    );
}

/// Says how much weight the foot bore, where the request does not, and where the shape contradicts it.
pub(crate) fn weight_bearing(
    said: Option<WeightBearing>,
    ground: &Ground,
    findings: &mut Findings,
) -> WeightBearing {
    let standing = ground.loaded > 0.5;
    let shape = if standing { WeightBearing::Full } else { WeightBearing::Unloaded };
    let area = format!(
        "{:.0} cm² of the heel lie in one plane; a hanging heel has under 5, a standing one over 9",
        ground.heel_flat_cm2
    );
    match said {
        None => findings.note(
            "foot",
            "weight-bearing-recognized",
            format!(
                "The foot was scanned {} ({area}).",
                if standing { "bearing weight" } else { "without bearing weight" }
            ),
        ),
        Some(WeightBearing::Full) if ground.loaded < 0.1 => findings.warn(
            "foot",
            "weight-bearing-doubtful",
            format!(
                "The case says weight-bearing, but the heel is round ({area}); check the case."
            ),
        ),
        Some(WeightBearing::Unloaded) if ground.loaded > 0.9 => findings.warn(
            "foot",
            "weight-bearing-doubtful",
            format!(
                "The case says non-weight-bearing, but the heel is flat ({area}); check the case."
            ),
        ),
        Some(_) => {}
    }
    said.unwrap_or(shape)
}
