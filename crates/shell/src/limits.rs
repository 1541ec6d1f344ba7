//! What is refused and what is warned about before anything is built.

use vocabulary::Findings;

use crate::{Design, ShellError};

/// Refuses doses outside the hard limits and operations that are named twice; warns about unusual ones.
pub(crate) fn check(design: &Design, findings: &mut Findings) -> Result<(), ShellError> {
    let operations = design.operations();
    for (index, operation) in operations.iter().enumerate() {
        let (spec, value) = (operation.spec(), operation.dose());
        let [low, high] = spec.hard;
        // Degrees that went through radians come back a rounding error off.
        if !(low - 1e-9..=high + 1e-9).contains(&value) {
            let (key, way_out) = (spec.key, spec.way_out);
            return Err(ShellError::OutOfRange { key, value, low, high, way_out });
        }
        let twice = operations[..index].iter().any(|other| other.spec().key == spec.key);
        if twice && !operation.repeats() {
            return Err(ShellError::Twice { key: spec.key });
        }
        let [low, high] = spec.usual;
        if !(low - 1e-9..=high + 1e-9).contains(&value) {
            findings.warn(
                "shell",
                "dose-unusual",
                format!(
                    "{} = {value:.1} is outside the usual {low} to {high} {}: {}",
                    spec.key, spec.unit, spec.because
                ),
            );
        }
    }
    warn_about_combinations(design, findings);
    Ok(())
}

/// Doses that are usual each, and not together (`domain.md` 1.1, `knee-model.md` section 4).
fn warn_about_combinations(design: &Design, findings: &mut Findings) {
    let doses = design.doses();
    let (rearfoot, forefoot) = (doses.rearfoot_post.deg(), doses.forefoot_post.deg());
    let (skive, cup) = (doses.medial_skive.0, doses.heel_cup_depth.0);
    if (rearfoot - forefoot).abs() > 4.0 + 1e-9 {
        findings.warn("shell", "post-twist", format!("the posts twist the shell by {:.1} degrees (rearfoot {rearfoot:.1}, forefoot {forefoot:.1}); keep the difference within 4", (rearfoot - forefoot).abs()));
    }
    if skive > 0.0 && cup < 14.0 && !(cup >= 10.0 && skive <= 2.0) {
        findings.warn("shell", "skive-cup", format!("a {skive:.1} mm skive wants a heel cup of at least 14 mm (10 mm for 2 mm of skive), {cup:.1} mm is ordered; deepen the cup or reduce the skive"));
    }
}
