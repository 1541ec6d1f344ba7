//! The table of published results: nothing dropped, every figure answered, failures said.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test says aloud what it skips, and shows the table when it fails"
)]

use std::path::Path;

use validation::{
    CalibrationSettings, CheckedRow, Experiments, Refinements, calibrate, table, validate,
};

fn row(rows: &[CheckedRow], id: u32) -> &CheckedRow {
    rows.iter().find(|checked| checked.row.id == id).expect("a row of the table")
}

#[test]
fn no_row_is_dropped() {
    let ids: Vec<u32> = table().rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, (1..=28).collect::<Vec<u32>>());
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/handbook/knee_validation.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the handbook's table of published results is not there");
        return;
    };
    let published: Vec<u32> =
        text.lines().skip(1).filter_map(|line| line.split(',').next()?.parse().ok()).collect();
    assert_eq!(ids, published);
}

/// The handbook's own column of model predictions, within its printed digit.
#[test]
fn the_model_says_what_the_handbook_printed() {
    let rows = validate(&Experiments::new()).rows;
    let check = |id: u32, which: usize, printed: f64, within: f64| {
        let found = row(&rows, id).comparisons[which].model;
        assert!((found - printed).abs() <= within, "row {id}: {found}, printed {printed}");
    };
    for (id, which, printed, within) in [
        (1, 0, -5.7, 0.06),
        (2, 0, -7.2, 0.06),
        (7, 0, -11.1, 0.06),
        (8, 0, 3.2 / 5.7, 0.02),
        (9, 2, 0.70, 0.01),
        (10, 0, 2.4, 0.06),
        (10, 1, 5.4, 0.06),
        (11, 0, 0.2, 0.06),
        (12, 0, 0.15, 0.006),
        (14, 0, 0.25, 0.006),
        (15, 0, -1.98, 0.006),
        (15, 1, -0.65, 0.02),
        (16, 0, -1.9, 0.06),
        (17, 0, -1.0, 0.6),
        (17, 1, 9.0, 0.6),
        (17, 2, 28.0, 0.6),
        (18, 0, 5.0, 0.6),
        (18, 1, 10.0, 0.6),
        (18, 2, -10.0, 0.6),
        (18, 3, -5.0, 0.6),
        (20, 0, -16.0, 0.6),
        (20, 1, -24.0, 0.9),
        (21, 0, -0.8, 0.06),
        (25, 0, 0.23, 0.02),
        (25, 1, 0.33, 0.02),
        (27, 0, 6.9, 0.06),
    ] {
        check(id, which, printed, within);
    }
}

#[test]
fn what_the_model_cannot_do_is_said() {
    let found = validate(&Experiments::new());
    for (id, verdict) in
        [(1, "agrees"), (12, "too small"), (20, "too small"), (21, "too small"), (23, "too small")]
    {
        assert_eq!(row(&found.rows, id).verdict, verdict, "row {id}");
    }
    for id in [22, 24, 28] {
        let checked = row(&found.rows, id);
        assert!(checked.verdict.starts_with("no figure"), "row {id}: {}", checked.verdict);
        assert!(checked.row.note.is_some(), "row {id} has no reason");
    }
    assert_eq!(found.failures.len(), 6);
    for failure in &found.failures[..4] {
        assert!(failure.model.abs() < failure.published.abs(), "{failure:?}");
    }
}

/// The refinements bring two rows nearer to what was published, leave every other figure alone, and stay a switch.
#[test]
fn refinements_keep_the_other_rows() {
    let plain = validate(&Experiments::new()).rows;
    let refined = validate(&Experiments::refined(Refinements::DEFENSIBLE)).rows;
    let mut nearer = Vec::new();
    for (plain, refined) in plain.iter().zip(&refined) {
        assert_eq!(plain.row.id, refined.row.id);
        for (was, is) in plain.comparisons.iter().zip(&refined.comparisons) {
            if (was.model - is.model).abs() < 1e-9 {
                continue;
            }
            let off = |model: f64| (model - was.published).abs();
            assert!(off(is.model) < off(was.model), "row {}: {}", plain.row.id, is.model);
            nearer.push(plain.row.id);
        }
    }
    assert_eq!(nearer, [7, 12, 14]);
}

/// A short chain finds the posterior of the handbook's within the error of so few samples.
#[test]
fn the_calibration_can_be_rerun() {
    let settings = CalibrationSettings { steps: 1000, warm_up: 400, seed: 1 };
    let experiments = Experiments::new();
    let posterior = calibrate(&experiments, &settings, |_| ());
    let again = calibrate(&experiments, &CalibrationSettings { steps: 40, ..settings }, |_| ());
    let same = calibrate(&experiments, &CalibrationSettings { steps: 40, ..settings }, |_| ());
    assert_eq!(again.parameters, same.parameters, "a chain is a function of its seed");
    assert!((0.2..0.6).contains(&posterior.acceptance), "{}", posterior.acceptance);
    // Printed means and deviations; a chain of 600 has about 30 independent samples.
    for (found, (mean, sd)) in posterior.parameters.iter().zip([
        (0.727, 0.119),
        (-1.547, 0.459),
        (-0.353, 0.565),
        (0.618, 0.203),
        (0.349, 0.184),
    ]) {
        println!("{found:?}, printed {mean} ± {sd}");
        assert!((found.mean - mean).abs() < 0.6 * sd, "{found:?}");
        assert!((0.6..1.5).contains(&(found.sd / sd)), "{found:?}");
    }
}
