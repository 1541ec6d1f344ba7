//! `run.json`: what went in, what came out, and everything in between that a lab must keep.

use order::{Case, Indication};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vocabulary::{Finding, Side};

use crate::settings::Bench;
use crate::side::Made;
use crate::strength::Strength;
use crate::{GaitFile, Job, OutputFile};

/// The clock's values, which a reproducible record leaves out.
pub(crate) struct Clock {
    pub(crate) total_s: f64,
    pub(crate) report_s: f64,
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The record as text, keys sorted.
pub(crate) fn json(
    job: &Job<'_>,
    bench: &Bench,
    made: &[Made],
    findings: &[(Option<Side>, Finding)],
    files: &[OutputFile],
    clock: Option<Clock>,
) -> String {
    let mut record = json!({
        "format": 1,
        "program": { "name": "solewright", "version": env!("CARGO_PKG_VERSION") },
        "case": case(&job.case, &job.case_name, &job.case_text),
        "inputs": inputs(job),
        "profiles": bench.used.iter().map(|(kind, name, text)| {
            json!({ "kind": kind, "name": name, "sha256": hash(text.as_bytes()) })
        }).collect::<Vec<_>>(),
        "seeds": {},
        "sides": made.iter().map(|made| (made.side.name().to_owned(), side(made))).collect::<serde_json::Map<_, _>>(),
        "findings": findings.iter().map(|(side, finding)| {
            let mut entry = json!(finding);
            entry["side"] = json!(side);
            entry
        }).collect::<Vec<_>>(),
        "outputs": files.iter().map(|file| {
            json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": file.sha256 })
        }).collect::<Vec<_>>(),
    });
    if let Some(clock) = clock {
        let sides: serde_json::Map<String, Value> = made
            .iter()
            .map(|made| {
                let steps: serde_json::Map<String, Value> = made
                    .times
                    .iter()
                    .map(|(step, seconds)| ((*step).to_owned(), json!(seconds)))
                    .collect();
                (made.side.name().to_owned(), Value::Object(steps))
            })
            .collect();
        record["clock"] =
            json!({ "total_s": clock.total_s, "report_s": clock.report_s, "steps_s": sides });
    }
    format!("{record:#}\n")
}

fn case(case: &Case, name: &str, text: &str) -> Value {
    let indication: Indication = case.indication;
    json!({
        "name": name,
        "sha256": hash(text.as_bytes()),
        "patient": {
            "code": case.patient.code,
            "mass_kg": case.patient.mass_kg,
            "height_m": case.patient.height_m,
            "cautions": case.patient.cautions,
        },
        "indication": indication,
        "activity": case.activity,
        "revisions": case.revisions,
    })
}

fn inputs(job: &Job<'_>) -> Vec<Value> {
    let entry = |what: Value, name: &str, bytes: &[u8]| {
        let mut entry = what;
        entry["name"] = name.into();
        entry["bytes"] = bytes.len().into();
        entry["sha256"] = hash(bytes).into();
        entry
    };
    let scans = job
        .scans
        .iter()
        .map(|(side, file)| entry(json!({ "side": side }), &file.name, &file.bytes));
    let of_trial = |what: &'static str, files: &[GaitFile]| -> Vec<Value> {
        files.iter().map(|file| entry(json!({ "of": what }), &file.name, &file.bytes)).collect()
    };
    let trial = job.trial.iter().flat_map(|trial| {
        [of_trial("trial", &trial.files), of_trial("static trial", &trial.standing)].concat()
    });
    let pressure = job.pressure.iter().flat_map(|pressure| {
        pressure.files.iter().map(|(side, file)| {
            entry(json!({ "of": "pressure", "side": side }), &file.name, &file.bytes)
        })
    });
    scans.chain(trial).chain(pressure).collect()
}

/// A side with its mark, if it has one: without one there is no such key.
fn side(made: &Made) -> Value {
    let mut side = unmarked_side(made);
    if let Some(mark) = &made.mark {
        side["mark"] = mark.json();
    }
    side
}

fn unmarked_side(made: &Made) -> Value {
    let fitted = &made.fitted;
    let landmarks = &fitted.foot.landmarks;
    let landmark = |mark: &foot::Landmark| {
        let p = mark.position;
        json!({ "mm": [p.x, p.y, p.z], "confidence": mark.confidence, "source": mark.provenance })
    };
    json!({
        "scan": {
            "unit": fitted.scan.unit.unit.symbol(),
            "unit_evidence": fitted.scan.unit.evidence,
            "triangles": fitted.scan.triangles_in_file,
            "weight_bearing": fitted.state,
        },
        "measurements": crate::scan_sheet::values(&fitted.sheet),
        "arch": crate::scan_sheet::arch(&fitted.sheet),
        "quality": crate::scan_sheet::rounded_checks(&fitted.checks),
        "sole": fitted.foot.sole,
        "assumed_arch_mm": fitted.assumed_arch_mm,
        "landmarks": landmarks.named().map(|(name, mark)| (name.key().to_owned(), landmark(&mark))).collect::<serde_json::Map<_, _>>(),
        "gait": {
            "activity": fitted.model.stance().activity,
            "sources": fitted.model.stance().sources,
            "stance_time_s": fitted.model.stance().stance_time_s,
            "baseline": fitted.model.stance().baseline(),
        },
        "pressure": fitted.pressure.as_ref().map(crate::pressure_case::json),
        "decisions": fitted.decision.doses.iter().map(|(key, value, by)| {
            json!({ "key": key, "value": value, "decided_by": by.words() })
        }).collect::<Vec<_>>(),
        "design": made.shell.design,
        "doses": made.shell.applied.iter().map(|operation| {
            let mut entry = json!(operation);
            entry["within"] = json!(operation.kept());
            entry
        }).collect::<Vec<_>>(),
        "optimum": optimum(made),
        "prediction": prediction(&made.prediction),
        "shell": {
            "volume_mm3": export::slab_volume(&made.slab),
            "mesh_volume_mm3": made.mesh.volume(),
            "mesh_triangles": made.mesh.triangles.len(),
            "mesh_deviation_mm": made.mesh_deviation_mm,
            "minimum_thickness_mm": made.shell.thinnest.thickness,
        },
        "inspection": made.inspected.json(),
        "strength": made.strength.as_ref().map(Strength::json),
        "mill": mill(made),
        "print": print(made),
    })
}

fn optimum(made: &Made) -> Value {
    let optimum = &made.fitted.optimum;
    json!({
        "why": optimum.why,
        "evaluations": optimum.evaluations,
        "recommendation": optimum.recommendation,
        "active_limits": optimum.active_limits,
        "searched": optimum.searched.iter().map(|variable| variable.key()).collect::<Vec<_>>(),
        "chosen": optimum.chosen,
        "fronts": optimum.fronts,
    })
}

/// A prediction with its uncertainty and its cost.
pub(crate) fn prediction(prediction: &knee::Prediction) -> Value {
    let [before, after] = &prediction.pressure;
    let regions: serde_json::Map<String, Value> = knee::Region::ALL
        .into_iter()
        .map(|region| {
            let load = |map: &knee::PressureMap| {
                let load = map.region(region);
                json!({ "peak_pressure_kpa": load.peak_pressure_kpa, "peak_force_n": load.peak_force_n })
            };
            (region.name().to_owned(), json!({ "before": load(before), "after": load(after) }))
        })
        .collect();
    json!({
        "model": "knee contact model, knee-model handbook section 2",
        "kam_peak1": prediction.kam_peak1,
        "kam_peak2": prediction.kam_peak2,
        "kam_impulse": prediction.kam_impulse,
        "kam_band": prediction.band,
        "flexion_moment_change_pct": prediction.flexion_moment_change_pct,
        "eversion_deg": prediction.eversion.deg(),
        "largest_eversion_deg": prediction.largest_eversion.deg(),
        "tibial_rotation_deg": prediction.tibial_rotation.deg(),
        "subtalar_moment_nm": prediction.subtalar_moment_nm,
        "cop_shift_mm": prediction.cop_shift_mm,
        "lever_arm_change_mm": prediction.lever_arm_change_mm,
        "loading_rate_change_pct": prediction.loading_rate_change_pct,
        "peak_pressure_change_pct": prediction.peak_pressure_change_pct,
        "pressure_regions": regions,
        "medial_contact_n": prediction.medial_contact.map(|contact| json!([contact.peak1_n, contact.peak2_n])),
        "patellofemoral_stress_mpa": prediction.patellofemoral.map(|stress| stress.stress_mpa),
        "beyond_evidence": prediction.beyond_evidence,
    })
}

fn mill(made: &Made) -> Value {
    let mill = &made.mill;
    json!({
        "placement": mill.placement,
        "machine_time_s": mill.estimated_time_s,
        "operations": mill.operations,
        "check": mill.verification,
    })
}

fn print(made: &Made) -> Value {
    let print = &made.print;
    let check = &print.verification;
    json!({
        "layers": print.layers,
        "filament_mm": print.filament_mm,
        "mass_g": print.mass_g,
        "print_time_s": print.estimated_time_s,
        "bed_from_part_mm": [print.bed_from_part.x, print.bed_from_part.y, print.bed_from_part.z],
        "check": {
            "accepted": check.accepted,
            "extruded_mm3": check.extruded_mm3,
            "expected_mm3": check.expected_mm3,
            "deviation_pct": check.deviation_pct,
            "outside_bed": check.outside_bed,
            "cold_extrusion": check.cold_extrusion,
            "faults": check.faults,
        },
    })
}
