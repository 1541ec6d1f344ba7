//! The figures of the reference foot on many devices, as JSON: what `tests/referees/knee_model.py` compares with the reference
//! implementation.
//!
//! `cargo run -p knee --example reference_table`
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "an example stops where something is not as expected, and prints its result"
)]

use gait::{GaitMetrics, Person};
use knee::{
    Device, FootContact, KneeModel, Materials, Parameters, ReferenceFoot, ReferenceOrthosis,
};
use vocabulary::{Angle, Findings};

fn main() {
    let mut rows = Vec::new();
    for arch_mm in [22.0, 28.0, 10.0] {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let stance = gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new())
            .expect("a normative stance");
        let foot = FootContact::reference(&ReferenceFoot { arch_mm, ..ReferenceFoot::default() });
        let model = KneeModel::new(foot, stance, Parameters::default()).expect("it stands");
        for (name, orthosis) in devices() {
            rows.push(figures(&model, &format!("{name} on {arch_mm} mm"), &orthosis));
        }
    }
    println!("[\n  {}\n]", rows.join(",\n  "));
}

/// Name and device; the names are those of the referee.
fn devices() -> Vec<(String, ReferenceOrthosis)> {
    let wedge = |rearfoot: f64, forefoot: f64| ReferenceOrthosis {
        rearfoot_post: Angle::from_deg(rearfoot),
        forefoot_post: Angle::from_deg(forefoot),
        ..ReferenceOrthosis::default()
    };
    let arch = |orthosis: ReferenceOrthosis, fill: f64, shell: f64| ReferenceOrthosis {
        arch_fill: fill,
        materials: Materials { shell_kpa_per_mm: Some(shell), ..orthosis.materials },
        ..orthosis
    };
    let made_of = |orthosis: ReferenceOrthosis, materials: Materials| ReferenceOrthosis {
        materials,
        ..orthosis
    };
    let flat = wedge(0.0, 0.0);
    let usual = Materials::default();
    let mut devices: Vec<(String, ReferenceOrthosis)> =
        [-10, -8, -6, -4, -2, 2, 4, 5, 6, 7, 8, 10, 12]
            .map(|deg| (format!("full {deg}"), wedge(f64::from(deg), f64::from(deg))))
            .into();
    devices.extend(
        [
            ("heel 5", wedge(5.0, 0.0)),
            ("rigid shell 5", ReferenceOrthosis { transition: 0.62, ..wedge(5.0, 0.0) }),
            ("forefoot 5", wedge(0.0, 5.0)),
            ("opposed", wedge(4.0, -3.0)),
            ("arch 0.5", arch(flat, 0.5, 15.0)),
            ("arch 0.8 soft", arch(flat, 0.8, 15.0)),
            ("arch 0.8 stiff", arch(flat, 0.8, 60.0)),
            ("arch 1.0", arch(flat, 1.0, 200.0)),
            ("full 5 arch 0.5", arch(wedge(5.0, 5.0), 0.5, 40.0)),
            ("full 5 arch 0.8", arch(wedge(5.0, 5.0), 0.8, 60.0)),
            ("skive 4", ReferenceOrthosis { skive_mm: 4.0, ..flat }),
            (
                "soft post",
                made_of(wedge(5.0, 5.0), Materials { base_mpa: 0.5, post_mpa: 0.5, ..usual }),
            ),
            (
                "cover",
                made_of(wedge(5.0, 5.0), Materials { cover_mm: 6.0, cover_mpa: 0.4, ..usual }),
            ),
            ("lift 8", made_of(flat, Materials { lift_mm: 8.0, ..usual })),
            (
                "cup 15",
                ReferenceOrthosis {
                    cup_fill: 0.8,
                    ..made_of(wedge(5.0, 5.0), Materials { cup_mm: 15.0, ..usual })
                },
            ),
        ]
        .map(|(name, orthosis)| (name.to_owned(), orthosis)),
    );
    devices
}

fn figures(model: &KneeModel, name: &str, orthosis: &ReferenceOrthosis) -> String {
    let response = model.evaluate(&Device::reference_orthosis(model.foot(), orthosis));
    let before = model.stance().kam_metrics();
    let [kam1, kam2, kaai] = model.kam_metrics(&response.adduction_moment_nm).change_pct(&before);
    let peak = model.first_peak();
    format!(
        "{{\"name\": \"{name}\", \"kam1\": {kam1}, \"kam2\": {kam2}, \"kaai\": {kaai}, \"cop_mm\": {}, \"eversion_deg\": {}, \
         \"subtalar_nm\": {}, \"peak_kpa\": {}}}",
        response.cop_shift_mm[peak],
        response.eversion_rad[peak].to_degrees(),
        response.subtalar_moment_nm[peak],
        response.pressure.peak()
    )
}
