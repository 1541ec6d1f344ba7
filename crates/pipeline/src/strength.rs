//! How far the finished shell gives under the person, how hard its material works, and how thick it would be by that.

use geometry::HeightField;
use report::{Figure, MakingView, Row};
use serde_json::{Value, json};
use shell::Shell;
use stiffness::{ArchPress, Material, Press, PressError, PressSettings, StiffnessMap};
use vocabulary::{Findings, Side};

use crate::Job;
use crate::settings::Bench;

/// Facets of 4 mm are within 4 % of facets of 2 mm and take a quarter of the time of facets of 3 mm.
const EDGE_MM: f64 = 4.0;

/// No shell is proposed thinner, mm (knee-model handbook, section 5).
const THINNEST_MM: f64 = 2.0;

/// Spacing of the maps, mm.
const MAP_MM: f64 = 2.0;

/// Standard gravity, m/s².
const GRAVITY: f64 = 9.806_65;

/// A sinking this many times the wanted one is worth a warning.
const FAR_OFF: f64 = 1.5;

/// What the arch press says of one shell.
#[derive(Clone, Debug)]
pub(crate) struct Strength {
    press: ArchPress,
    body_weights: f64,
    rigidity: String,
    wanted_deflection_mm: f64,
    strength_mpa: f64,
    allowed_stress_mpa: f64,
    thickness_mm: f64,
    /// Thickness by weight, activity and rigidity, mm; the shape as it is.
    suggested_thickness_mm: f64,
}

/// Presses the shell; `None` with a warning if it cannot be.
pub(crate) fn strength(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    shell: &Shell,
    findings: &mut Findings,
) -> Option<Strength> {
    match try_strength(job, bench, side, shell) {
        Ok(strength) => {
            strength.report(bench, findings);
            Some(strength)
        }
        Err(error) => {
            findings.warn(
                "strength",
                "strength-unknown",
                format!("the strength of the shell is not known: {error}"),
            );
            None
        }
    }
}

fn try_strength(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    shell: &Shell,
) -> Result<Strength, PressError> {
    let (case, lab) = (&job.case, &bench.lab);
    let is_sport = matches!(case.activity.as_str(), "running" | "court");
    let body_weights = lab.number(if is_sport {
        "arch_force_sport_body_weights"
    } else {
        "arch_force_body_weights"
    });
    let rigidity = case.prescription[&side].word("rigidity").to_owned();
    let wanted_deflection_mm = lab.number(match rigidity.as_str() {
        "flexible" => "deflection_flexible_mm",
        "semi-flexible" => "deflection_semi_flexible_mm",
        "rigid" => "deflection_rigid_mm",
        _ => "deflection_semi_rigid_mm",
    });
    let material = Material {
        modulus_mpa: lab.number("shell_modulus_mpa"),
        poisson: lab.number("shell_poisson"),
    };
    let settings = PressSettings {
        edge_mm: EDGE_MM,
        force_n: body_weights * case.patient.mass_kg * GRAVITY,
        rests_within_mm: lab.number("floor_reach_mm"),
        ..PressSettings::default()
    };
    let load = |place| shell.top_model.arch_load(place);
    let rests = |place| shell.top_model.shoe_rest(place);
    let machine = Press::new(&shell.slab, &material, (load, rests), &settings)?;
    let press = machine.press()?;
    let change = machine.thickness_change_for(&press, wanted_deflection_mm)?;
    let extra =
        if case.activity == "standing-work" { lab.number("standing_work_extra_mm") } else { 0.0 };
    let thickness_mm = shell.design.doses().thickness.0;
    let allowed_stress_mpa = lab.number("shell_allowed_stress_mpa");
    let bearing_mm = bearing_mm(thickness_mm, press.high_stress_mpa, allowed_stress_mpa);
    let wanted_mm = (thickness_mm + change).max(bearing_mm) + extra;
    // Sheets come in steps: the next tenth of a millimeter that is stiff and strong enough.
    let suggested_thickness_mm = ((wanted_mm * 10.0 - 1e-6).ceil() / 10.0).max(THINNEST_MM);
    Ok(Strength {
        press,
        body_weights,
        rigidity,
        wanted_deflection_mm,
        strength_mpa: lab.number("shell_strength_mpa"),
        allowed_stress_mpa,
        thickness_mm,
        suggested_thickness_mm,
    })
}

/// The stress of a shell falls with this power of its thickness: 25 MPa at 2.5 mm, 11 at 4, 7.8 at 5 in the table of
/// shells of the handbook (knee model, section 5).
const STRESS_EXPONENT: f64 = 1.7;

/// The thickness at which a shell that is stressed so at its own would bear its load for long, mm.
fn bearing_mm(thickness_mm: f64, stress_mpa: f64, allowed_mpa: f64) -> f64 {
    thickness_mm * (stress_mpa / allowed_mpa).powf(1.0 / STRESS_EXPONENT)
}

impl Strength {
    /// The least thickness at which the shell bears its load for long, mm; the shape as it is.
    pub(crate) fn bearing_mm(&self) -> f64 {
        bearing_mm(self.thickness_mm, self.press.high_stress_mpa, self.allowed_stress_mpa)
    }

    fn safety_factor(&self) -> f64 {
        self.strength_mpa / self.press.high_stress_mpa
    }

    fn report(&self, bench: &Bench, findings: &mut Findings) {
        let (stress, allowed) = (self.press.high_stress_mpa, self.allowed_stress_mpa);
        if stress > allowed {
            findings.warn("strength", "stress-over-allowed", format!(
                "the shell works at {stress:.1} MPa under {:.0} N on the arch, {allowed:.1} MPa are borne for long; {}",
                self.press.force_n,
                self.thicker()
            ));
        }
        let least = bench.lab.number("least_safety_factor");
        if self.safety_factor() < least {
            findings.warn("strength", "safety-factor", format!(
                "the material's strength of {:.0} MPa is {:.1} times the stress of {stress:.1} MPa, {least} is the \
                 least; {}",
                self.strength_mpa,
                self.safety_factor(),
                self.thicker()
            ));
        }
        let (sinks, wanted) = (self.press.mean_deflection_mm, self.wanted_deflection_mm);
        if sinks > FAR_OFF * wanted || sinks < wanted / FAR_OFF {
            findings.note("strength", "deflection-off", format!(
                "the arch sinks by {sinks:.1} mm under {:.0} N, a {} shell by {wanted:.1} mm; {}",
                self.press.force_n,
                self.rigidity,
                self.thicker()
            ));
        }
    }

    fn thicker(&self) -> String {
        format!(
            "{:.1} mm would do instead of {:.1} mm (shell_thickness_mm), or choose another material",
            self.suggested_thickness_mm, self.thickness_mm
        )
    }

    /// For records.
    pub(crate) fn json(&self) -> Value {
        let press = &self.press;
        json!({
            "force_n": press.force_n,
            "force_body_weights": self.body_weights,
            "mean_deflection_mm": press.mean_deflection_mm,
            "largest_deflection_mm": press.largest_deflection_mm,
            "stiffness_n_per_mm": press.stiffness_n_per_mm,
            "stress_mpa": press.high_stress_mpa,
            "allowed_stress_mpa": self.allowed_stress_mpa,
            "strength_mpa": self.strength_mpa,
            "safety_factor": self.safety_factor(),
            "rigidity": self.rigidity,
            "wanted_deflection_mm": self.wanted_deflection_mm,
            "thickness_mm": self.thickness_mm,
            "suggested_thickness_mm": self.suggested_thickness_mm,
            "loaded_area_mm2": press.loaded_area_mm2,
            "resting_area_mm2": press.resting_area_mm2,
            "model": "shell finite elements (DKT and optimal membrane, 4 mm), knee-model handbook section 5",
        })
    }

    /// One sentence each, for `--explain`.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let press = &self.press;
        vec![
            format!(
                "under {:.0} N on the arch ({} body weights) it sinks by {:.2} mm on average and {:.2} mm at most ({:.0} \
                 N/mm); a {} shell sinks by {:.1} mm",
                press.force_n,
                self.body_weights,
                press.mean_deflection_mm,
                press.largest_deflection_mm,
                press.stiffness_n_per_mm,
                self.rigidity,
                self.wanted_deflection_mm
            ),
            format!(
                "98 % of it stay under {:.1} MPa; {:.1} MPa are borne for long, strength over stress is {:.1}",
                press.high_stress_mpa,
                self.allowed_stress_mpa,
                self.safety_factor()
            ),
            format!(
                "by weight, activity and rigidity this shape would be {:.1} mm thick; it is {:.1} mm",
                self.suggested_thickness_mm, self.thickness_mm
            ),
        ]
    }

    /// Rows of the report.
    pub(crate) fn view(&self) -> MakingView {
        let press = &self.press;
        let rows = vec![
            Row::new("Force on the arch", format!("{:.0} N", press.force_n))
                .with_note(format!("{} body weights, by activity", self.body_weights)),
            Row::new(
                "Arch sinks",
                format!(
                    "{:.2} mm on average, {:.2} mm at most",
                    press.mean_deflection_mm, press.largest_deflection_mm
                ),
            )
            .with_note(format!("{} shells: {:.1} mm", self.rigidity, self.wanted_deflection_mm)),
            Row::new("Stiffness", format!("{:.0} N/mm", press.stiffness_n_per_mm)),
            Row::new("Stress", format!("{:.1} MPa", press.high_stress_mpa)).with_note(format!(
                "2 % of the shell lie over it; {:.1} MPa are borne for long",
                self.allowed_stress_mpa
            )),
            Row::new("Safety factor", format!("{:.1}", self.safety_factor()))
                .with_note(format!("strength of {:.0} MPa over that stress", self.strength_mpa)),
            Row::new("Thickness", format!("{:.1} mm", self.thickness_mm)).with_note(format!(
                "by weight, activity and rigidity {:.1} mm",
                self.suggested_thickness_mm
            )),
        ];
        MakingView { title: "Strength of the shell".to_owned(), rows }
    }

    /// How the shell gives way place by place, for the contact with the foot.
    pub(crate) fn stiffness_map(&self) -> StiffnessMap {
        self.press.stiffness_map(MAP_MM)
    }

    /// Where the shell sinks, in the foot frame.
    pub(crate) fn deflection_map(&self) -> HeightField {
        self.press.deflection_map(MAP_MM)
    }

    /// Pictures of the report.
    pub(crate) fn figures(&self, side: Side) -> Vec<Figure> {
        vec![report::figures::shell_map(
            side,
            &self.deflection_map(),
            ("Sinking under the person", "mm", None),
        )]
    }
}
