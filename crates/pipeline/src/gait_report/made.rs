//! What a gait analysis has gathered, and the one JSON object of it.

use picture::Svg;
use serde_json::{Map, Value, json};
use vocabulary::Findings;

use super::{Measured, pictures, sheet};
use crate::PressureSheet;

/// Keys that every stance has, `null` where the number is not known.
const STANCE_KEYS: [&str; 6] = [
    "kam_peak1_nm_per_kg",
    "kam_peak2_nm_per_kg",
    "kam_peak1_pct_bwht",
    "kam_impulse_nms_per_kg",
    "kfm_peak_nm_per_kg",
    "foot_progression_deg",
];

/// Results of all files of a request.
#[derive(Default)]
pub(super) struct Made {
    /// The trial's or the sheet's object.
    pub(super) object: Map<String, Value>,
    pub(super) lines: Vec<String>,
    pub(super) pictures: Vec<(String, Svg)>,
    pub(super) pressure_findings: Vec<Findings>,
    pressure: Vec<Value>,
}

impl Made {
    /// Adds an analyzed trial.
    pub(super) fn add_motion(&mut self, measured: &Measured) {
        self.object.insert("trial".to_owned(), measured.name.as_str().into());
        if let Value::Object(analysis) = json!(measured.analysis) {
            self.object.extend(analysis);
        }
        if let Some(Value::Array(stances)) = self.object.get_mut("stances") {
            for stance in stances.iter_mut().filter_map(Value::as_object_mut) {
                for key in STANCE_KEYS {
                    stance.entry(key).or_insert(Value::Null);
                }
            }
        }
        self.lines.extend(sheet::motion(measured));
        self.pictures.extend(pictures::motion(&measured.analysis));
    }

    /// Adds the feet of a pressure recording.
    pub(super) fn add_pressure(&mut self, sheets: &[PressureSheet]) {
        for sheet in sheets {
            if !self.lines.is_empty() {
                self.lines.push(String::new());
            }
            self.lines.extend(sheet.text().lines().map(str::to_owned));
            for (name, svg) in &sheet.pictures {
                let repeated = self.pictures.iter().filter(|(other, _)| other == name).count();
                let name =
                    if repeated == 0 { name.clone() } else { format!("{name}_{}", repeated + 1) };
                self.pictures.push((name, svg.clone()));
            }
            self.pressure.push(json!(sheet.summary));
            self.pressure_findings.push(sheet.summary.findings.clone());
        }
    }

    /// The object: the trial's with a list `pressure` beside it, or a single pressure recording's own.
    pub(super) fn json(&self, findings: &Findings) -> Value {
        let mut object = Map::new();
        object.insert("ok".to_owned(), true.into());
        match (self.object.is_empty(), self.pressure.as_slice()) {
            (true, [Value::Object(one)]) => {
                object.extend(one.clone());
                return Value::Object(object);
            }
            (_, []) => object.extend(self.object.clone()),
            (_, several) => {
                object.extend(self.object.clone());
                object.insert("pressure".to_owned(), several.into());
            }
        }
        object.insert("findings".to_owned(), json!(findings));
        Value::Object(object)
    }
}
