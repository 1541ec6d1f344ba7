//! What the bench measures on a finished shell, as numbers and pictures.

use geometry::HeightField;
use report::{Figure, MakingView, Row};
use serde_json::{Value, json};
use shell::{Inspection, Shell};
use vocabulary::Side;

use crate::settings::Bench;

/// Inspection with the masses that follow from the lab's materials.
#[derive(Clone, Debug)]
pub(crate) struct Inspected {
    measured: Inspection,
    thickness: HeightField,
    /// Of the shell, of what lies under and on it, and of the cover, g.
    mass_g: [f64; 3],
    /// Of all of it made in one piece of the shell's material, g.
    one_piece_g: f64,
    cover_mm: f64,
}

/// Inspects a finished shell of `volume_mm3`.
pub(crate) fn inspect(
    bench: &Bench,
    shell: &Shell,
    foot: &foot::Foot,
    volume_mm3: f64,
) -> Inspected {
    let measured = shell::inspect(shell, foot);
    let grams = |key: &str, mm3: f64| bench.lab.number(key) * mm3 / 1000.0;
    let cover_mm = shell.top_model.cover_mm();
    let others = (volume_mm3 - measured.shell_volume).max(0.0);
    Inspected {
        mass_g: [
            grams("shell_density_g_per_cm3", measured.shell_volume.min(volume_mm3)),
            grams("post_density_g_per_cm3", others),
            grams("cover_density_g_per_cm3", cover_mm * measured.plan_area),
        ],
        one_piece_g: grams("shell_density_g_per_cm3", volume_mm3),
        thickness: shell.thickness.clone(),
        cover_mm,
        measured,
    }
}

/// Thousandths are more than a scanner sees.
fn short(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

impl Inspected {
    /// For records. Curves are points of place and height over the heel seat, mm.
    pub(crate) fn json(&self) -> Value {
        let found = &self.measured;
        let curve = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
            points.iter().step_by(2).map(|point| point.map(short)).collect()
        };
        let [rearfoot, forefoot] = found.post_flatness.map(|flatness| flatness.map(short));
        let [heel, forefoot_stack] = found.stack.map(|height| short(height + self.cover_mm));
        let [heel_width, width] = found.width.map(short);
        json!({
            "contact_area_mm2": short(found.contact_area),
            "contact_share": short(found.contact_share),
            "largest_clearance_mm": short(found.largest_clearance),
            "cup_profile_mm": curve(&found.cup_profile),
            "arch_curve_mm": curve(&found.arch_curve),
            "rearfoot_post_flatness_mm": rearfoot,
            "forefoot_post_flatness_mm": forefoot,
            "smallest_concave_radius_mm": short(found.concave_radius),
            "smallest_trim_radius_mm": short(found.trim_radius),
            "stack_height_mm": { "heel": heel, "forefoot": forefoot_stack, "cover": self.cover_mm },
            "size_mm": { "length": short(found.length), "width": width, "heel_width": heel_width, "height": short(found.height) },
            "mass_g": {
                "shell": short(self.mass_g[0]),
                "posts_and_pads": short(self.mass_g[1]),
                "cover": short(self.mass_g[2]),
                "in_one_piece": short(self.one_piece_g),
            },
        })
    }

    /// Rows of the report.
    pub(crate) fn view(&self) -> MakingView {
        let found = &self.measured;
        let flat = |name: &str, flatness: Option<f64>| {
            flatness.map(|mm| {
                Row::new(format!("Flatness of the {name} post"), format!("{mm:.2} mm"))
                    .with_note("largest distance from its plane, 4 mm inside its border")
            })
        };
        let [heel, forefoot] = found.stack.map(|height| height + self.cover_mm);
        let rows = [
            Row::new(
                "Contact",
                format!(
                    "{:.0} cm², {:.0} % of the sole",
                    found.contact_area / 100.0,
                    100.0 * found.contact_share
                ),
            )
            .with_note(format!(
                "within 1 mm of the scanned foot laid on it; largest clearance {:.1} mm",
                found.largest_clearance
            )),
            Row::new("Stack height", format!("heel {heel:.1} mm, distal edge {forefoot:.1} mm"))
                .with_note("bed over the shoe's floor, cover counted"),
            Row::new(
                "Size",
                format!(
                    "{:.0} × {:.0} mm, heel {:.0} mm wide, {:.0} mm high",
                    found.length, found.width[1], found.width[0], found.height
                ),
            ),
            Row::new(
                "Smallest radii",
                format!(
                    "{:.1} mm in the bed, {:.1} mm of the trim",
                    found.concave_radius, found.trim_radius
                ),
            ),
            Row::new("Mass", format!("{:.0} g", self.mass_g.iter().sum::<f64>())).with_note(
                format!(
                    "shell {:.0} g, posts and pads {:.0} g, cover {:.0} g; in one piece {:.0} g",
                    self.mass_g[0], self.mass_g[1], self.mass_g[2], self.one_piece_g
                ),
            ),
        ];
        let [rearfoot, forefoot] = found.post_flatness;
        let rows = rows
            .into_iter()
            .chain(flat("rearfoot", rearfoot))
            .chain(flat("forefoot", forefoot))
            .collect();
        MakingView { title: "Inspection of the shell".to_owned(), rows }
    }

    /// Pictures of the report.
    pub(crate) fn figures(&self, side: Side) -> Vec<Figure> {
        let found = &self.measured;
        let line = |points: &[[f64; 2]]| points.iter().map(|[at, z]| (*at, *z)).collect::<Vec<_>>();
        vec![
            report::figures::shell_map(side, &self.thickness, ("Thickness", "mm", Some(1.0))),
            report::figures::shell_map(
                side,
                &found.clearance,
                ("Clearance under the foot", "mm", Some(2.0)),
            ),
            report::figures::shell_curve(
                side,
                "Heel cup across at the seat",
                "medial to lateral, mm",
                &line(&found.cup_profile),
            ),
            report::figures::shell_curve(
                side,
                "Arch along the foot at its apex",
                "from the heel seat forward, mm",
                &line(&found.arch_curve),
            ),
        ]
    }
}
