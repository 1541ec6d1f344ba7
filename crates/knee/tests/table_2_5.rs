//! The check values of the handbook's knee model (table 2.5 and the reference implementation's printed figures).

use gait::{GaitMetrics, Person};
use knee::{
    Device, FootContact, KneeModel, Materials, Parameters, ReferenceFoot, ReferenceOrthosis, Region,
};
use vocabulary::{Angle, Findings};

/// Figures at the first adduction peak, as the table prints them.
#[derive(Clone, Copy, Debug)]
struct Figures {
    kam1: f64,
    kam2: f64,
    kaai: f64,
    cop_mm: f64,
    arm_mm: f64,
    eversion_deg: f64,
    subtalar_nm: f64,
}

fn model(foot: ReferenceFoot, instants: usize) -> KneeModel {
    let person = Person { mass_kg: 75.0, height_m: 1.72 };
    let (metrics, length) = (GaitMetrics::default(), foot.length_mm);
    let stance =
        gait::stance_with_instants(&person, &metrics, length, instants, &mut Findings::new());
    let stance = stance.expect("a normative stance");
    KneeModel::new(FootContact::reference(&foot), stance, Parameters::default())
        .expect("the reference foot stands")
}

fn figures(model: &KneeModel, orthosis: &ReferenceOrthosis) -> Figures {
    let device = Device::reference_orthosis(model.foot(), orthosis);
    let response = model.evaluate(&device);
    assert!(response.unsolved_percent.is_empty());
    let before = model.stance().kam_metrics();
    let [kam1, kam2, kaai] = model.kam_metrics(&response.adduction_moment_nm).change_pct(&before);
    let peak = model.first_peak();
    Figures {
        kam1,
        kam2,
        kaai,
        cop_mm: response.cop_shift_mm[peak],
        arm_mm: response.lever_arm_change_mm[peak],
        eversion_deg: response.eversion_rad[peak].to_degrees(),
        subtalar_nm: response.subtalar_moment_nm[peak],
    }
}

fn wedge(rearfoot_deg: f64, forefoot_deg: f64) -> ReferenceOrthosis {
    ReferenceOrthosis {
        rearfoot_post: Angle::from_deg(rearfoot_deg),
        forefoot_post: Angle::from_deg(forefoot_deg),
        ..ReferenceOrthosis::default()
    }
}

fn arch(orthosis: ReferenceOrthosis, fill: f64, shell: f64) -> ReferenceOrthosis {
    let materials = Materials { shell_kpa_per_mm: Some(shell), ..orthosis.materials };
    ReferenceOrthosis { arch_fill: fill, materials, ..orthosis }
}

/// Within 2 % of the printed value, or within the half digit to which it was printed.
#[track_caller]
fn near(found: f64, printed: f64, half_digit: f64, what: &str) {
    let limit = (0.02 * printed.abs()).max(half_digit * 1.05);
    assert!((found - printed).abs() <= limit, "{what}: {found:.4}, table {printed}");
}

#[test]
fn full_length_wedges() {
    let model = model(ReferenceFoot::default(), 51);
    let printed = |row: [f64; 8]| {
        let [deg, kam1, kam2, kaai, cop_mm, arm_mm, eversion_deg, subtalar_nm] = row;
        (deg, Figures { kam1, kam2, kaai, cop_mm, arm_mm, eversion_deg, subtalar_nm })
    };
    for (deg, row) in [
        [-6.0, 6.9, 8.1, 8.8, -3.49, 3.19, -1.52, -1.88],
        [2.0, -2.3, -2.7, -2.9, 1.18, -1.07, 0.51, 0.63],
        [5.0, -5.7, -6.7, -7.2, 2.90, -2.65, 1.26, 1.56],
        [7.0, -7.9, -9.4, -10.1, 4.01, -3.66, 1.75, 2.16],
        [10.0, -11.1, -13.3, -14.1, 5.64, -5.14, 2.46, 3.04],
    ]
    .map(printed)
    {
        let found = figures(&model, &wedge(deg, deg));
        near(found.kam1, row.kam1, 0.05, &format!("{deg}° KAM1"));
        near(found.kam2, row.kam2, 0.05, &format!("{deg}° KAM2"));
        near(found.kaai, row.kaai, 0.05, &format!("{deg}° KAAI"));
        near(found.cop_mm, row.cop_mm, 0.005, &format!("{deg}° COP"));
        near(found.arm_mm, row.arm_mm, 0.005, &format!("{deg}° arm"));
        near(found.eversion_deg, row.eversion_deg, 0.005, &format!("{deg}° eversion"));
        near(found.subtalar_nm, row.subtalar_nm, 0.005, &format!("{deg}° subtalar moment"));
    }
}

#[test]
fn design_elements() {
    let model = model(ReferenceFoot::default(), 51);
    let plain = ReferenceOrthosis::default();
    let materials = |mpa| Materials { base_mpa: mpa, post_mpa: mpa, ..Materials::default() };
    let soft = |post_mpa| ReferenceOrthosis { materials: materials(post_mpa), ..wedge(5.0, 5.0) };
    let lift = Materials { lift_mm: 8.0, ..Materials::default() };
    let cup = Materials { cup_mm: 15.0, ..Materials::default() };
    for (name, orthosis, [kam1, kam2, kaai, eversion]) in [
        ("LW5 heel only", wedge(5.0, 0.0), [-3.2, -1.9, -3.1, 0.70]),
        (
            "RF post 5 on a rigid shell",
            ReferenceOrthosis { transition: 0.62, ..wedge(5.0, 0.0) },
            [-5.1, -3.9, -5.3, 1.12],
        ),
        ("FF post 5 only", wedge(0.0, 5.0), [-2.6, -5.1, -4.4, 0.58]),
        ("arch 0.5 soft", arch(plain, 0.5, 15.0), [0.2, 0.2, 0.2, -0.05]),
        ("arch 0.8 soft", arch(plain, 0.8, 15.0), [1.8, 1.8, 1.6, -0.40]),
        ("arch 0.8 stiff", arch(plain, 0.8, 60.0), [2.4, 2.4, 2.0, -0.52]),
        ("arch 1.0 rigid", arch(plain, 1.0, 200.0), [4.9, 5.4, 5.2, -1.07]),
        ("LW5 + arch 0.5", arch(wedge(5.0, 5.0), 0.5, 40.0), [-5.5, -6.6, -7.1, 1.22]),
        ("LW5 + arch 0.8 stiff", arch(wedge(5.0, 5.0), 0.8, 60.0), [-4.0, -5.1, -5.9, 0.87]),
        ("skive 4 mm", ReferenceOrthosis { skive_mm: 4.0, ..plain }, [1.2, 0.5, 1.1, -0.26]),
        ("LW5 in 1 MPa EVA", soft(1.0), [-5.4, -6.4, -6.9, 1.19]),
        ("LW5 in 0.5 MPa EVA", soft(0.5), [-4.9, -6.0, -6.4, 1.08]),
        ("LW5 on a rigid post", soft(50.0), [-5.9, -6.9, -7.4, 1.30]),
        ("heel lift 8 mm", ReferenceOrthosis { materials: lift, ..plain }, [2.9, 2.9, 2.9, -0.03]),
        (
            "LW5 in a 15 mm cup",
            ReferenceOrthosis { cup_fill: 0.8, materials: cup, ..wedge(5.0, 5.0) },
            [-5.3, -7.3, -7.3, 1.17],
        ),
    ] {
        let found = figures(&model, &orthosis);
        near(found.kam1, kam1, 0.05, &format!("{name} KAM1"));
        near(found.kam2, kam2, 0.05, &format!("{name} KAM2"));
        near(found.kaai, kaai, 0.05, &format!("{name} KAAI"));
        near(found.eversion_deg, eversion, 0.005, &format!("{name} eversion"));
    }
}

/// Baseline in the shoe: heel 224, forefoot 168, toes 126, midfoot 116 kPa.
#[test]
fn baseline_pressures() {
    let model = model(ReferenceFoot::default(), 51);
    let pressure = model.baseline_pressure();
    for (region, printed) in [
        (Region::MedialHeel, 223.0),
        (Region::LateralHeel, 224.0),
        (Region::Midfoot, 116.0),
        (Region::MedialForefoot, 165.0),
        (Region::LateralForefoot, 168.0),
        (Region::Toes, 126.0),
    ] {
        near(pressure.region(region).peak_pressure_kpa, printed, 0.5, region.name());
    }
}

/// A 5° wedge moves load to the outside: forces by region against an evaluation of a flat insole.
#[test]
fn a_wedge_moves_force_laterally() {
    let model = model(ReferenceFoot::default(), 51);
    let pressure = |orthosis: &ReferenceOrthosis| {
        model.evaluate(&Device::reference_orthosis(model.foot(), orthosis)).pressure
    };
    let (flat, wedged) = (pressure(&ReferenceOrthosis::default()), pressure(&wedge(5.0, 5.0)));
    for (region, printed) in [
        (Region::MedialHeel, -10.0),
        (Region::LateralHeel, 5.0),
        (Region::Midfoot, 21.0),
        (Region::MedialForefoot, -5.0),
        (Region::LateralForefoot, 10.0),
        (Region::Toes, -7.0),
    ] {
        let force = |map: &knee::PressureMap| map.region(region).peak_force_n;
        near(100.0 * (force(&wedged) / force(&flat) - 1.0), printed, 0.5, region.name());
    }
}

/// Peak force on the arch over the fill, behind shells of 12 to 200 kPa/mm.
#[test]
fn arch_loads() {
    let model = model(ReferenceFoot::default(), 51);
    for (fill, shell, force_n, pressure_kpa) in [
        (0.5, 12.0, 7.0, 21.0),
        (0.7, 60.0, 36.0, 33.0),
        (0.8, 30.0, 49.0, 40.0),
        (0.9, 12.0, 51.0, 42.0),
        (1.0, 200.0, 102.0, 95.0),
    ] {
        let orthosis = arch(ReferenceOrthosis::default(), fill, shell);
        let device = Device::reference_orthosis(model.foot(), &orthosis);
        let pressure = model.evaluate(&device).pressure;
        near(pressure.arch_peak_force_n, force_n, 0.5, &format!("force at fill {fill}"));
        near(pressure.arch_peak_kpa, pressure_kpa, 0.5, &format!("pressure at fill {fill}"));
    }
}

/// Planus feet answer to an arch support more than cavus feet; a wedge works alike on both.
#[test]
fn planus_and_cavus() {
    for (arch_mm, wedge_kam1, [kam1, kam2, eversion]) in [
        (28.0, -5.7, [1.6, 1.5, -0.35]),
        (22.0, -5.7, [2.4, 2.4, -0.52]),
        (10.0, -5.7, [3.4, 4.0, -0.75]),
    ] {
        let model = model(ReferenceFoot { arch_mm, ..ReferenceFoot::default() }, 51);
        near(figures(&model, &wedge(5.0, 5.0)).kam1, wedge_kam1, 0.05, "wedge");
        let found = figures(&model, &arch(ReferenceOrthosis::default(), 0.8, 60.0));
        near(found.kam1, kam1, 0.05, &format!("arch of {arch_mm} mm KAM1"));
        near(found.kam2, kam2, 0.05, &format!("arch of {arch_mm} mm KAM2"));
        near(found.eversion_deg, eversion, 0.005, &format!("arch of {arch_mm} mm eversion"));
    }
}

/// Table 2.5: finer grids and more instants leave the first peak where it is.
#[test]
fn grid_and_instants_converge() {
    for (grid_mm, instants, nodes, printed) in [
        (5.0, 51, 738, -5.73),
        (5.0, 101, 738, -5.65),
        (3.5, 51, 1505, -5.70),
        (2.5, 101, 2951, -5.64),
    ] {
        let model = model(ReferenceFoot { grid_mm, ..ReferenceFoot::default() }, instants);
        assert_eq!(model.foot().len(), nodes);
        let found = figures(&model, &wedge(5.0, 5.0));
        near(found.kam1, printed, 0.005, &format!("{grid_mm} mm, {instants} instants"));
    }
}

/// Section 2.6 for LW5, and the medial contact force of table 2.5's held-out checks.
#[test]
fn the_five_degree_wedge_as_a_prediction() {
    let model = model(ReferenceFoot::default(), 51);
    let device = Device::reference_orthosis(model.foot(), &wedge(5.0, 5.0));
    let prediction = model.predict(&device);
    let found = prediction.kam_peak1.likelihood;
    near(found.expected_pct, -5.7, 0.05, "expected");
    for (found, printed, what) in [
        (found.below_0, 0.80, "P(<0)"),
        (found.below_2, 0.71, "P(<-2)"),
        (found.below_6, 0.48, "P(<-6)"),
        (found.below_10, 0.25, "P(<-10)"),
    ] {
        assert!((found - printed).abs() < 0.03, "{what}: {found}");
    }
    assert!((found.sd_pct - 6.8).abs() < 0.2 && (found.low_pct + 17.0).abs() < 0.7, "{found:?}");
    let [before, after] = prediction.medial_contact;
    let change = 100.0 * (after.peak1_n / before.peak1_n - 1.0);
    near(change, -1.9, 0.05, "medial contact force");
    near(prediction.kam_peak1.change_pct / prediction.cop_shift_mm, -1.98, 0.005, "% per mm");
    let peak = prediction.band[model.first_peak()];
    assert!(peak.low_nm < peak.after_nm && peak.after_nm < peak.before_nm);
    assert!(peak.high_nm > peak.before_nm, "the interval of one person includes no gain");
    assert!(!prediction.beyond_evidence);
}
