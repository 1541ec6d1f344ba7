//! Lab habits as data: machines, tools, cutting values, printers, materials, labs.

use std::collections::BTreeMap;

use crate::table::{self, Values};
use crate::{
    CUTTING, CareProfile, CompatibilityRule, ComplaintRule, LAB, MACHINE, MARK, MARKERS, MATERIAL,
    OrderError, POWDER, PRESSURE, PRINTER, Parameter, SCAN_LIMITS, TOOL, read_care,
    read_complaints, read_rules,
};

/// What a profile describes; also the folder in which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileKind {
    /// Milling machines.
    Machine,
    /// Cutting tools.
    Tool,
    /// Speeds and depths.
    Cutting,
    /// Printers.
    Printer,
    /// Powder-bed machines.
    Powder,
    /// Print materials.
    Material,
    /// Labs.
    Lab,
    /// Limits of the scan's quality gate.
    Scan,
    /// Complaint rules.
    Complaints,
    /// Saved prescriptions.
    Prescription,
    /// Thresholds and norms of pressure recordings.
    Pressure,
    /// Marker sets of motion laboratories.
    Markers,
    /// Compatibility rules.
    Rules,
    /// Exercises, wearing in, reviews and referrals.
    Care,
    /// Marks on the underside.
    Mark,
}

impl ProfileKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Machine,
        Self::Tool,
        Self::Cutting,
        Self::Printer,
        Self::Powder,
        Self::Material,
        Self::Lab,
        Self::Scan,
        Self::Complaints,
        Self::Pressure,
        Self::Markers,
        Self::Prescription,
        Self::Rules,
        Self::Care,
        Self::Mark,
    ];

    /// Name of the folder under `profiles/`.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Machine => "machines",
            Self::Tool => "tools",
            Self::Cutting => "cutting",
            Self::Printer => "printers",
            Self::Powder => "powder",
            Self::Material => "materials",
            Self::Lab => "labs",
            Self::Scan => "scans",
            Self::Complaints => "complaints",
            Self::Prescription => "prescriptions",
            Self::Pressure => "pressure",
            Self::Markers => "markers",
            Self::Rules => "rules",
            Self::Care => "care",
            Self::Mark => "marks",
        }
    }

    /// The key under `[make]` of a case file that names a profile of this kind.
    #[must_use]
    pub const fn make_key(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Tool => "tool",
            Self::Cutting => "cutting",
            Self::Printer => "printer",
            Self::Powder => "powder",
            Self::Material => "material",
            Self::Lab => "lab",
            Self::Scan => "scan_profile",
            Self::Complaints => "complaints",
            Self::Prescription => "template",
            Self::Pressure => "pressure",
            Self::Markers => "markers",
            Self::Rules => "rules",
            Self::Care => "care",
            Self::Mark => "mark",
        }
    }

    /// The declared keys; a complaint profile is a list and has none at its top.
    #[must_use]
    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Machine => MACHINE,
            Self::Tool => TOOL,
            Self::Cutting => CUTTING,
            Self::Printer => PRINTER,
            Self::Powder => POWDER,
            Self::Material => MATERIAL,
            Self::Lab => LAB,
            Self::Scan => SCAN_LIMITS,
            Self::Complaints | Self::Prescription | Self::Rules | Self::Care => &[],
            Self::Pressure => PRESSURE,
            Self::Markers => MARKERS,
            Self::Mark => MARK,
        }
    }
}

/// The texts of all known profiles; a lab's own ones overrule those that ship with the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileStore {
    texts: BTreeMap<(ProfileKind, String), String>,
}

macro_rules! shipped {
    ($($kind:ident $folder:literal $name:literal;)+) => {
        [$((ProfileKind::$kind, $name, include_str!(concat!("../../../profiles/", $folder, "/", $name, ".toml")))),+]
    };
}

impl ProfileStore {
    /// The profiles that ship with the program (`profiles/`).
    #[must_use]
    pub fn shipped() -> Self {
        let shipped = shipped! {
            Machine "machines" "grbl-router";
            Machine "machines" "grblhal-router";
            Machine "machines" "linuxcnc-router";
            Machine "machines" "mach3-router";
            Machine "machines" "mach4-router";
            Machine "machines" "fanuc-mill";
            Machine "machines" "roland-mdx";
            Tool "tools" "ball-6mm";
            Tool "tools" "ball-4mm";
            Tool "tools" "ball-12mm";
            Tool "tools" "flat-6mm";
            Tool "tools" "flat-10mm";
            Tool "tools" "bull-nose-8mm";
            Tool "tools" "tapered-ball-3mm";
            Tool "tools" "drill-6mm";
            Tool "tools" "engraver-0.6mm";
            Cutting "cutting" "eva";
            Cutting "cutting" "eva-soft";
            Cutting "cutting" "polypropylene";
            Cutting "cutting" "polyethylene";
            Cutting "cutting" "cork";
            Cutting "cutting" "mdf";
            Cutting "cutting" "pu-foam";
            Cutting "cutting" "wax";
            Printer "printers" "marlin-tpu";
            Printer "printers" "marlin-generic";
            Printer "printers" "klipper-generic";
            Printer "printers" "prusa-mk4";
            Printer "printers" "reprap-generic";
            Printer "printers" "bambu-style";
            Powder "powder" "mjf-4200";
            Material "materials" "tpu-95a";
            Material "materials" "pla";
            Material "materials" "polypropylene";
            Material "materials" "pa12-cf";
            Lab "labs" "default";
            Scan "scans" "default";
            Complaints "complaints" "default";
            Rules "rules" "default";
            Prescription "prescriptions" "everyday";
            Prescription "prescriptions" "standing-work";
            Prescription "prescriptions" "sport";
            Pressure "pressure" "default";
            Care "care" "default";
            Mark "marks" "sunk";
            Mark "marks" "raised";
            Markers "markers" "plug-in-gait";
            Markers "markers" "helen-hayes-medial";
            Markers "markers" "gait2392";
            Markers "markers" "bmclab";
            Markers "markers" "fullbody-2009";
        };
        let texts = shipped
            .into_iter()
            .map(|(kind, name, text)| ((kind, name.to_owned()), text.to_owned()))
            .collect();
        Self { texts }
    }

    /// Adds or overrules one profile.
    pub fn insert(&mut self, kind: ProfileKind, name: &str, text: String) {
        self.texts.insert((kind, name.to_owned()), text);
    }

    /// Reads one profile.
    ///
    /// # Errors
    /// [`OrderError`] if it is not known (naming those that are) or something in it is wrong.
    pub fn read(&self, kind: ProfileKind, name: &str) -> Result<Values, OrderError> {
        let place = place(kind, name);
        table::read(kind.parameters(), &table::parse(self.text(kind, name)?, &place)?, &place)
    }

    /// Reads one profile with some of its keys overruled, each as text that is read as a TOML value
    /// where it is one, and as a word where it is not.
    ///
    /// # Errors
    /// As [`ProfileStore::read`]; the overruled keys are checked like the written ones.
    pub fn read_with(
        &self,
        kind: ProfileKind,
        name: &str,
        overrules: &[(String, String)],
    ) -> Result<Values, OrderError> {
        let mut place = place(kind, name);
        let mut table = table::parse(self.text(kind, name)?, &place)?;
        for (key, text) in overrules {
            table.insert(key.clone(), table::value_of(text));
            place = format!("--set {key}={text}");
        }
        table::read(kind.parameters(), &table, &place)
    }

    /// Reads a complaint profile.
    ///
    /// # Errors
    /// [`OrderError`] if it is not known or something in it is wrong.
    pub fn read_complaints(&self, name: &str) -> Result<Vec<ComplaintRule>, OrderError> {
        read_complaints(
            self.text(ProfileKind::Complaints, name)?,
            &place(ProfileKind::Complaints, name),
        )
    }

    /// Reads a profile of compatibility rules.
    ///
    /// # Errors
    /// [`OrderError`] if it is not known or something in it is wrong.
    pub fn read_rules(&self, name: &str) -> Result<Vec<CompatibilityRule>, OrderError> {
        read_rules(self.text(ProfileKind::Rules, name)?, &place(ProfileKind::Rules, name))
    }

    /// Reads a care profile.
    ///
    /// # Errors
    /// [`OrderError`] if it is not known or something in it is wrong.
    pub fn read_care(&self, name: &str) -> Result<CareProfile, OrderError> {
        read_care(self.text(ProfileKind::Care, name)?, &place(ProfileKind::Care, name))
    }

    /// Names of the known profiles of a kind, sorted.
    #[must_use]
    pub fn names(&self, kind: ProfileKind) -> Vec<&str> {
        self.texts
            .keys()
            .filter(|(other, _)| *other == kind)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    /// The text of a profile, for the record's hashes.
    ///
    /// # Errors
    /// [`OrderError::UnknownWord`] if it is not known.
    pub fn text(&self, kind: ProfileKind, name: &str) -> Result<&str, OrderError> {
        self.texts.get(&(kind, name.to_owned())).map(String::as_str).ok_or_else(|| {
            OrderError::UnknownWord {
                place: "[make]".to_owned(),
                key: kind.make_key().to_owned(),
                value: name.to_owned(),
                allowed: self.names(kind).into_iter().map(str::to_owned).collect(),
            }
        })
    }
}

fn place(kind: ProfileKind, name: &str) -> String {
    format!("profiles/{}/{name}.toml", kind.folder())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preset;

    #[test]
    fn every_shipped_profile_reads() {
        let store = ProfileStore::shipped();
        for kind in ProfileKind::ALL {
            let names = store.names(kind);
            assert!(!names.is_empty(), "{kind:?}");
            for name in names {
                match kind {
                    ProfileKind::Complaints => {
                        assert!(!store.read_complaints(name).unwrap().is_empty())
                    }
                    ProfileKind::Rules => assert!(!store.read_rules(name).unwrap().is_empty()),
                    ProfileKind::Care => assert!(store.read_care(name).is_ok()),
                    ProfileKind::Prescription => {
                        assert!(!crate::template::read(&store, name, "test").unwrap().is_empty());
                    }
                    _ => assert!(!store.read(kind, name).unwrap().text("name").is_empty()),
                }
            }
        }
    }

    #[test]
    fn an_unknown_profile_names_the_known_ones() {
        let error =
            ProfileStore::shipped().read(ProfileKind::Machine, "haas").unwrap_err().to_string();
        assert!(error.contains("grbl-router"), "{error}");
    }

    #[test]
    fn every_parameter_explains_itself() {
        let tables = [
            MACHINE,
            TOOL,
            CUTTING,
            PRINTER,
            POWDER,
            MATERIAL,
            LAB,
            SCAN_LIMITS,
            PRESSURE,
            crate::SCAN,
            MARK,
            crate::MARK_ORDER,
            MARKERS,
            crate::PRESCRIPTION,
        ];
        for parameter in tables.into_iter().flatten() {
            assert!(
                !parameter.help.is_empty() && !parameter.source.is_empty(),
                "{}",
                parameter.key
            );
            if let (crate::Kind::Number { low, high, .. }, Preset::Number(preset)) =
                (parameter.kind, parameter.preset)
            {
                assert!((low..=high).contains(&preset), "{}", parameter.key);
            }
        }
    }
}
