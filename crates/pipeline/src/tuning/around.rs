//! What lies around a chosen design: what limits it, what a unit of each variable does, and its neighbors, in the words of a
//! technician; written with the optimum, so that the report of a later `make` can show it.

use optimize::{Limits, Measures, Neighbor, Optimum, Variable};
use report::GaitTable;
use serde::{Deserialize, Serialize};
use vocabulary::signed;

/// What lies around the chosen design, as the search's model sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Surroundings {
    /// The limits that it meets, in words.
    pub(crate) limited_by: Vec<String>,
    /// The change of each measure by a unit of each searched variable.
    pub(crate) sensitivity: Vec<Step>,
    /// One orderable step of one variable: the measures there.
    pub(crate) neighbors: Vec<Step>,
}

/// A step away from the chosen design, or a unit of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Key of the variable.
    pub(crate) variable: String,
    /// What is done, in words.
    pub(crate) words: String,
    /// First adduction peak, percent.
    pub(crate) kam_peak1_pct: f64,
    /// Adduction impulse, percent.
    pub(crate) kam_impulse_pct: f64,
    /// Rearfoot eversion, degrees.
    pub(crate) eversion_deg: f64,
    /// Highest sole pressure, percent.
    pub(crate) peak_pressure_pct: f64,
    /// Limits exceeded there, in words; empty if none is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exceeds: Vec<String>,
}

impl Surroundings {
    /// Around what a search found.
    pub(crate) fn of(optimum: &Optimum, limits: &Limits) -> Self {
        let limited_by = optimum.active_limits.iter().map(|limit| {
            let exceeded = if optimum.exceeded.contains(limit) { " (not kept)" } else { "" };
            format!("{}{exceeded}", limit.describe(limits))
        });
        Self {
            limited_by: limited_by.collect(),
            sensitivity: optimum
                .searched
                .iter()
                .filter_map(|variable| sensitivity(optimum, *variable))
                .collect(),
            neighbors: optimum
                .neighbors
                .iter()
                .filter_map(|neighbor| stepped(optimum, neighbor, limits))
                .collect(),
        }
    }

    /// The tables of a report; none where nothing was searched.
    pub(crate) fn tables(&self) -> Vec<GaitTable> {
        let heads =
            |first| vec![first, "First peak, %", "Impulse, %", "Eversion, °", "Sole pressure, %"];
        let cells = |step: &Step, decimals: usize| {
            let mut cells = vec![step.words.clone()];
            cells.extend(
                [
                    step.kam_peak1_pct,
                    step.kam_impulse_pct,
                    step.eversion_deg,
                    step.peak_pressure_pct,
                ]
                .map(|number| signed(number, decimals)),
            );
            cells
        };
        let neighbors = GaitTable {
            title: "One step more or less of each correction".to_owned(),
            heads: heads("One step away"),
            rows: self
                .neighbors
                .iter()
                .map(|step| {
                    let mut cells = cells(step, 1);
                    if !step.exceeds.is_empty() {
                        cells[0].push_str(&format!(" (does not keep: {})", step.exceeds.join(", ")));
                    }
                    cells
                })
                .collect(),
            note: "Predicted changes against walking without the device, as the search saw them. A step that keeps every limit \
                   and changes little is as good a choice."
                .to_owned(),
        };
        let sensitivity = GaitTable {
            title: "What each correction is worth".to_owned(),
            heads: heads("A unit more"),
            rows: self.sensitivity.iter().map(|step| cells(step, 2)).collect(),
            note: "Changes per unit, near the chosen design.".to_owned(),
        };
        [sensitivity, neighbors].into_iter().filter(|table| !table.rows.is_empty()).collect()
    }
}

fn step(
    variable: Variable,
    words: String,
    [kam_peak1_pct, kam_impulse_pct, eversion_deg, peak_pressure_pct]: [f64; 4],
) -> Step {
    let variable = variable.key().to_owned();
    Step {
        variable,
        words,
        kam_peak1_pct,
        kam_impulse_pct,
        eversion_deg,
        peak_pressure_pct,
        exceeds: Vec::new(),
    }
}

fn shown(measures: &Measures) -> [f64; 4] {
    let Measures { kam_peak1_pct, kam_impulse_pct, eversion_deg, peak_pressure_pct, .. } =
        *measures;
    [kam_peak1_pct, kam_impulse_pct, eversion_deg, peak_pressure_pct]
}

/// A value of a variable in words: "rearfoot post 4.5° lateral", "arch 0.40".
fn valued(variable: Variable, value: f64) -> String {
    let (name, unit) = variable.words();
    match variable {
        Variable::RearfootPost | Variable::ForefootPost if value.abs() < 0.05 => {
            format!("{name} none")
        }
        Variable::RearfootPost | Variable::ForefootPost => {
            let direction = if value > 0.0 { "lateral" } else { "medial" };
            format!("{name} {:.1}° {direction}", value.abs())
        }
        Variable::ArchFraction => format!("{name} {value:.2}"),
        _ => format!("{name} {value:.1} {unit}"),
    }
}

fn stepped(optimum: &Optimum, neighbor: &Neighbor, limits: &Limits) -> Option<Step> {
    let there = &neighbor.candidate.values;
    let apart =
        |variable: &Variable| (there[*variable] - optimum.chosen.values[*variable]).abs() > 1e-9;
    let variable = Variable::ALL.into_iter().find(apart)?;
    let words = valued(variable, there[variable]);
    Some(Step {
        exceeds: neighbor.exceeded.iter().map(|limit| limit.describe(limits)).collect(),
        ..step(variable, words, shown(&neighbor.measures))
    })
}

/// What a unit more of a variable does (a tenth of the arch), by the candidates one step below and above.
fn sensitivity(optimum: &Optimum, variable: Variable) -> Option<Step> {
    let here = optimum.chosen.values[variable];
    let at = |above: bool| {
        let beside = optimum.neighbors.iter().find(|neighbor| {
            let there = neighbor.candidate.values[variable];
            if above { there > here } else { there < here }
        });
        beside
            .map_or((here, optimum.measures), |one| (one.candidate.values[variable], one.measures))
    };
    let ((low, before), (high, after)) = (at(false), at(true));
    let (name, unit) = variable.words();
    let (words, scale) = match variable {
        Variable::RearfootPost | Variable::ForefootPost => {
            (format!("{name}, 1° toward lateral"), 1.0)
        }
        Variable::ArchFraction => (format!("{name}, 0.1 of the loaded clearance"), 0.1),
        _ => (format!("{name}, 1 {unit}"), 1.0),
    };
    let (before, after) = (shown(&before), shown(&after));
    let slope = |which: usize| scale * (after[which] - before[which]) / (high - low);
    (high > low).then(|| step(variable, words, [0, 1, 2, 3].map(slope)))
}
