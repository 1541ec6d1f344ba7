//! Turns profile values into the settings of the steps: the only place where both are known.

use milling::MillOrder;
use order::{CompatibilityRule, Dose, Prescription, ProfileKind, Values, WeightBearing};
use printing::PrintOrder;
use shell::ShellSettings;
use vocabulary::Findings;

use crate::gait_report::{self, Measured};
use crate::mill_settings::mill_order;
use crate::{Job, PressureSheet, Refusal, pressure_case, print_settings};

/// Everything that the profiles of a case decide, read once before the work starts.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) lab: Values,
    /// Limits of the scan's quality gate.
    pub(crate) scan_limits: Values,
    /// What the lab holds orders against.
    pub(crate) rules: Vec<CompatibilityRule>,
    pub(crate) mill: MillOrder,
    /// How parts are marked, if they are.
    pub(crate) mark: Option<Values>,
    pub(crate) print: PrintOrder,
    /// Name of the stock material.
    pub(crate) stock: String,
    /// Kind, name and text of every profile that was read.
    pub(crate) used: Vec<(&'static str, String, String)>,
    /// The measured walk, analyzed.
    pub(crate) walk: Option<Measured>,
    /// Pressure recordings, at most one of each ordered foot.
    pub(crate) pressure: Vec<PressureSheet>,
    /// What was found in walk and recordings.
    pub(crate) walk_findings: Findings,
}

impl Bench {
    pub(crate) fn read(job: &Job<'_>) -> Result<Self, Refusal> {
        let (store, make) = (job.profiles, &job.case.make);
        let named = [
            (ProfileKind::Lab, &make.lab),
            (ProfileKind::Machine, &make.machine),
            (ProfileKind::Tool, &make.tool),
            (ProfileKind::Cutting, &make.cutting),
            (ProfileKind::Printer, &make.printer),
            (ProfileKind::Material, &make.material),
            (ProfileKind::Scan, &make.scan_profile),
        ];
        let lab = store.read(ProfileKind::Lab, &make.lab)?;
        let rules_name = lab.text("rules").to_owned();
        let rules = store.read_rules(&rules_name)?;
        let mut used = Vec::new();
        for (kind, name) in named.into_iter().chain([(ProfileKind::Rules, &rules_name)]) {
            used.push((kind.folder(), name.clone(), store.text(kind, name)?.to_owned()));
        }
        let mark = match job.case.mark.profile(lab.text("mark")) {
            Some(name) => {
                let values = job.case.mark.values(name, store)?;
                let kind = ProfileKind::Mark;
                used.push((kind.folder(), name.to_owned(), store.text(kind, name)?.to_owned()));
                Some(values)
            }
            None => None,
        };
        let mut walk_findings = Findings::new();
        let walk = gait_report::of_case(job, &mut walk_findings)?;
        let pressure = pressure_case::of_case(job, &mut walk_findings)?;
        if let Some(named) = &job.pressure {
            let kind = ProfileKind::Pressure;
            let text = store.text(kind, &named.profile)?.to_owned();
            used.push((kind.folder(), named.profile.clone(), text));
        }
        Ok(Self {
            mark,
            walk,
            pressure,
            walk_findings,
            lab,
            rules,
            scan_limits: store.read(ProfileKind::Scan, &make.scan_profile)?,
            mill: mill_order(store, &make.machine, &make.tool, &make.cutting)?,
            print: print_settings::print_order(store, &make.printer, &make.material, &[])?,
            stock: store.read(ProfileKind::Cutting, &make.cutting)?.text("name").to_owned(),
            used,
        })
    }

    /// Shell thickness by body mass, where the prescription leaves it open.
    pub(crate) fn thickness_mm(&self, mass_kg: f64) -> f64 {
        let key = match mass_kg {
            mass if mass <= 77.0 => "thickness_to_77_kg_mm",
            mass if mass <= 95.0 => "thickness_to_95_kg_mm",
            mass if mass <= 113.0 => "thickness_to_113_kg_mm",
            _ => "thickness_over_113_kg_mm",
        };
        self.lab.number(key)
    }

    /// Cast fill as ordered, or by the lab's word for it.
    pub(crate) fn cast_fill_mm(&self, prescription: &Prescription) -> f64 {
        let by_mm = prescription.dose("cast_fill_mm");
        let key = match prescription.word("cast_dressing") {
            "tight" => "dressing_tight_mm",
            "minimum" => "dressing_minimum_mm",
            "moderate" => "dressing_moderate_mm",
            "maximum" => "dressing_maximum_mm",
            _ => return by_mm.value().unwrap_or(0.0),
        };
        // An amount in mm is more exact than a word.
        match by_mm {
            Dose::Ordered(fill) => fill,
            Dose::NotOrdered => 0.0,
            _ => self.lab.number(key),
        }
    }

    /// Arch height of a foot whose sole was not seen: ordered, or by the lab's ratio; and whether it was ordered.
    pub(crate) fn arch_height_mm(
        &self,
        prescription: &Prescription,
        length_mm: f64,
    ) -> (f64, bool) {
        match prescription.dose("arch_height_mm") {
            Dose::Ordered(height) => (height, true),
            _ => (self.lab.number("assumed_arch_ratio") * length_mm, false),
        }
    }

    pub(crate) fn shell_settings(&self, state: WeightBearing) -> ShellSettings {
        let usual = ShellSettings::default();
        ShellSettings {
            distal_edge_behind_first_head: self.lab.number("distal_edge_first_mm"),
            distal_edge_behind_fifth_head: self.lab.number("distal_edge_fifth_mm"),
            // The navicular sinks by the share of body weight that the scan did not yet show.
            navicular_drop: usual.navicular_drop * (1.0 - body_weights(state)),
            ..usual
        }
    }
}

/// Load on one foot during the scan, in body weights.
pub(crate) const fn body_weights(state: WeightBearing) -> f64 {
    match state {
        WeightBearing::Full => 0.5,
        WeightBearing::Semi => 0.25,
        WeightBearing::Unloaded => 0.0,
    }
}
