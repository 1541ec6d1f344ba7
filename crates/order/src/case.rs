//! The case file: one person, the scans, the order.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::{Table, Value};
use vocabulary::Side;

use crate::gait_order::{
    GaitOrder, PressureOrder, TrialOrder, read_gait, read_pressure, read_trial,
};
use crate::knee::read_knee;
use crate::prescription;
use crate::revision::{Revision, read_revisions};
use crate::scan::read_scans;
use crate::table::{self, Values};
use crate::{MarkChoice, OrderError, Parameter, Prescription, Preset, ProfileStore, ScanOrder};

/// A checked case file.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Who it is for.
    pub patient: Patient,
    /// The scan of each ordered side; never empty.
    pub scans: BTreeMap<Side, ScanOrder>,
    /// What the device is for.
    pub indication: Indication,
    /// What the person does in it: `"everyday"`, `"standing-work"`, `"running"`, `"court"`.
    pub activity: String,
    /// What is known of the gait, per ordered side.
    pub gait: BTreeMap<Side, GaitOrder>,
    /// A measured walk, if the case names one.
    pub trial: Option<TrialOrder>,
    /// Pressure recordings, if the case names some.
    pub pressure: Option<PressureOrder>,
    /// What is known of foot posture and leg length, per ordered side.
    pub knee: BTreeMap<Side, Values>,
    /// What was ordered, per ordered side.
    pub prescription: BTreeMap<Side, Prescription>,
    /// How it is to be made.
    pub make: MakeOrder,
    /// What is said about its mark.
    pub mark: MarkChoice,
    /// Earlier adjustments, oldest first.
    pub revisions: Vec<Revision>,
}

/// The person, without a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// The lab's code.
    pub code: String,
    /// Body mass.
    pub mass_kg: f64,
    /// Body height.
    pub height_m: f64,
    /// Findings that forbid some corrections.
    pub cautions: Vec<Caution>,
}

/// How the device is made: names of profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct MakeOrder {
    /// Lab profile.
    pub lab: String,
    /// Milling machine profile.
    pub machine: String,
    /// Cutting tool profile.
    pub tool: String,
    /// Speeds and depths profile, by stock material.
    pub cutting: String,
    /// Printer profile.
    pub printer: String,
    /// Print material profile.
    pub material: String,
    /// Scan profile: the limits of the quality gate.
    pub scan_profile: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in the order of [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// From the word in files.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What the device is for; decides the optimizer's goal.
    Indication {
        /// Osteoarthritis of the inner knee compartment.
        MedialKneeOa = "medial-knee-oa",
        /// Osteoarthritis of the outer knee compartment.
        LateralKneeOa = "lateral-knee-oa",
        /// Pain behind or around the kneecap.
        PatellofemoralPain = "patellofemoral-pain",
        /// Symptomatic flexible flat foot.
        FlatFoot = "flat-foot",
        /// High-arched foot.
        Cavus = "cavus",
        /// Sport with high impact.
        ImpactSport = "impact-sport",
        /// None of these: a neutral device, or only what was ordered.
        NoIndication = "none",
    }
}

words! {
    /// How much weight the foot bore while it was scanned.
    WeightBearing {
        /// Standing on both feet.
        Full = "weight-bearing",
        /// Seated, foot on the plate.
        Semi = "semi-weight-bearing",
        /// Hanging, or in a foam box without load.
        Unloaded = "non-weight-bearing",
    }
}

words! {
    /// Something on file that forbids or limits a correction (knee-model handbook, section 4).
    Caution {
        /// Valgus knee: never a lateral wedge.
        ValgusKnee = "valgus-knee",
        /// Chronic lateral instability or inversion sprains: no medial post.
        LateralAnkleInstability = "lateral-ankle-instability",
        /// Peroneal tendon pathology: no medial post.
        PeronealPathology = "peroneal-pathology",
        /// Posterior tibial tendon dysfunction: no lateral wedge.
        PosteriorTibialDysfunction = "posterior-tibial-dysfunction",
        /// Rigid or acute flat foot, or eversion at its end of range: no lateral wedge.
        RigidFlatFoot = "rigid-flat-foot",
        /// Deltoid laxity: no lateral wedge.
        DeltoidLaxity = "deltoid-laxity",
        /// Loss of protective sensation: no wedge without a pressure check.
        Neuropathy = "neuropathy",
        /// Patellofemoral osteoarthritis: lateral wedges were not tested.
        PatellofemoralOa = "patellofemoral-oa",
        /// Ankle or hindfoot osteoarthritis: no wedge.
        AnkleOa = "ankle-oa",
        /// Acute fracture or infection: no device.
        AcuteFractureOrInfection = "acute-fracture-or-infection",
        /// Bony varus over 3 to 5 degrees: unlikely to respond to a wedge.
        BonyVarus = "bony-varus",
        /// A child: no wedge.
        Child = "child",
    }
}

/// Keys of `[patient]`, besides `cautions`.
pub const PATIENT: &[Parameter] = &[
    Parameter::text(
        "code",
        Preset::Required,
        "the lab's code for the person, never a name",
        "records without names",
    ),
    Parameter::number(
        "mass_kg",
        (20.0, 250.0, "kg"),
        Preset::Required,
        "body mass",
        "adults and older children",
    ),
    Parameter::number(
        "height_m",
        (1.0, 2.3, "m"),
        Preset::Required,
        "body height",
        "adults and older children",
    ),
];

/// Body mass index of living persons, kg/m².
const BODY_MASS_INDEX: std::ops::RangeInclusive<f64> = 10.0..=90.0;

const ACTIVITIES: &[&str] = &["everyday", "standing-work", "running", "court"];

/// Keys of `[make]`.
pub const MAKE: &[Parameter] = &[
    Parameter::text(
        "lab",
        Preset::Text("default"),
        "lab profile with habits and defaults",
        "profiles/labs",
    ),
    Parameter::text(
        "machine",
        Preset::Text("grbl-router"),
        "milling machine profile",
        "profiles/machines",
    ),
    Parameter::text("tool", Preset::Text("ball-6mm"), "cutting tool profile", "profiles/tools"),
    Parameter::text(
        "cutting",
        Preset::Text("eva"),
        "speeds and depths by stock material",
        "profiles/cutting",
    ),
    Parameter::text("printer", Preset::Text("marlin-tpu"), "printer profile", "profiles/printers"),
    Parameter::text(
        "material",
        Preset::Text("tpu-95a"),
        "print material profile",
        "profiles/materials",
    ),
    Parameter::text(
        "scan_profile",
        Preset::Text("default"),
        "scan profile: limits of the quality gate",
        "profiles/scans",
    ),
];

pub(crate) const SIDES: [&str; 2] = ["left", "right"];

/// Reads and checks a case file; `place` is its name for messages.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_case(text: &str, place: &str) -> Result<Case, OrderError> {
    read_case_with(text, place, &ProfileStore::shipped())
}

/// Like [`read_case`], with a lab's own templates.
///
/// # Errors
/// [`OrderError`] with the first thing that is wrong.
pub fn read_case_with(text: &str, place: &str, store: &ProfileStore) -> Result<Case, OrderError> {
    let root = table::parse(text, place)?;
    let top = ["patient", "scan", "indication", "activity", "gait", "knee", "prescription", "make"];
    table::check_keys(&root, top.into_iter().chain(["mark", "revision"]), place)?;
    let scans = read_scans(&root, place)?;
    let sides: Vec<Side> = scans.keys().copied().collect();
    Ok(Case {
        patient: read_patient(&root, place)?,
        indication: read_indication(&root, place)?,
        activity: read_word(&root, "activity", ACTIVITIES, place)?
            .unwrap_or_else(|| "everyday".to_owned()),
        gait: read_gait(&root, &sides, place)?,
        trial: read_trial(&root, place)?,
        pressure: read_pressure(&root, place)?,
        knee: read_knee(&root, &sides, place)?,
        prescription: prescription::read_all(&root, &sides, store, place)?,
        make: read_make(&root, place)?,
        mark: MarkChoice::read(&root, place)?,
        revisions: read_revisions(&root, place)?,
        scans,
    })
}

fn read_patient(root: &Table, place: &str) -> Result<Patient, OrderError> {
    let place = format!("{place} [patient]");
    let missing = || OrderError::Incomplete {
        place: place.clone(),
        what: "the table is missing; give code, mass_kg and height_m".to_owned(),
    };
    let mut own = table::section(root, "patient", &place)?.ok_or_else(missing)?.clone();
    own.remove("indication");
    own.remove("activity");
    let cautions =
        own.remove("cautions").map_or(Ok(Vec::new()), |value| read_cautions(&value, &place))?;
    let values = table::read(PATIENT, &own, &place)?;
    let code = values.text("code").to_owned();
    if code.trim().is_empty() || code.chars().count() > 64 || code.chars().any(char::is_control) {
        return Err(OrderError::WrongType {
            place,
            key: "code".to_owned(),
            expected: "1 to 64 printable characters".to_owned(),
            found: format!("{} characters", code.chars().count()),
        });
    }
    let (mass_kg, height_m) = (values.number("mass_kg"), values.number("height_m"));
    let index = mass_kg / (height_m * height_m);
    if !BODY_MASS_INDEX.contains(&index) {
        let what = format!(
            "mass_kg = {mass_kg} and height_m = {height_m} give a body mass index of {index:.1}, outside {} to {}; \
             check both units",
            BODY_MASS_INDEX.start(),
            BODY_MASS_INDEX.end()
        );
        return Err(OrderError::Incomplete { place, what });
    }
    Ok(Patient { code, mass_kg, height_m, cautions })
}

fn read_cautions(value: &Value, place: &str) -> Result<Vec<Caution>, OrderError> {
    let list = value.as_array().ok_or_else(|| OrderError::WrongType {
        place: place.to_owned(),
        key: "cautions".to_owned(),
        expected: "a list of words".to_owned(),
        found: table::describe(value),
    })?;
    list.iter()
        .map(|item| {
            let word = table::text("cautions", item, place)?;
            Caution::from_word(&word).ok_or_else(|| OrderError::UnknownWord {
                place: place.to_owned(),
                key: "cautions".to_owned(),
                value: word,
                allowed: Caution::WORDS.iter().map(|&word| word.to_owned()).collect(),
            })
        })
        .collect()
}

fn read_indication(root: &Table, place: &str) -> Result<Indication, OrderError> {
    let word = read_word(root, "indication", Indication::WORDS, place)?;
    Ok(word.and_then(|word| Indication::from_word(&word)).unwrap_or(Indication::NoIndication))
}

/// A word that stands at the top level, or, as keys that follow `[patient]` or `[scan]` do in TOML,
/// inside one of these tables. Said twice it must be the same.
fn read_word(
    root: &Table,
    key: &'static str,
    allowed: &[&str],
    place: &str,
) -> Result<Option<String>, OrderError> {
    let mut found: Option<String> = None;
    let nested = ["patient", "scan"].iter().filter_map(|name| root.get(*name)?.as_table());
    for own in std::iter::once(root).chain(nested) {
        let Some(value) = own.get(key) else { continue };
        let word = word(key, value, allowed, place)?;
        match found {
            Some(first) if first != word => {
                return Err(OrderError::Contradiction {
                    place: place.to_owned(),
                    key,
                    first,
                    second: word,
                });
            }
            _ => found = Some(word),
        }
    }
    Ok(found)
}

fn word(key: &str, value: &Value, allowed: &[&str], place: &str) -> Result<String, OrderError> {
    let word = table::text(key, value, place)?;
    if allowed.contains(&word.as_str()) {
        return Ok(word);
    }
    let allowed = allowed.iter().map(|&word| word.to_owned()).collect();
    Err(OrderError::UnknownWord {
        place: place.to_owned(),
        key: key.to_owned(),
        value: word,
        allowed,
    })
}

/// The keys of a table for one side: those for both, overruled by those of its `left` or `right` table.
pub(crate) fn merged(both: &Table, side: Side, place: &str) -> Result<Table, OrderError> {
    let mut merged = both.clone();
    for name in SIDES {
        table::section(both, name, place)?;
        merged.remove(name);
    }
    if let Some(one) = table::section(both, side.name(), place)? {
        merged.extend(one.clone());
    }
    Ok(merged)
}

fn read_make(root: &Table, place: &str) -> Result<MakeOrder, OrderError> {
    let place = format!("{place} [make]");
    let empty = Table::new();
    let values =
        table::read(MAKE, table::section(root, "make", &place)?.unwrap_or(&empty), &place)?;
    let name = |key: &str| values.text(key).to_owned();
    Ok(MakeOrder {
        lab: name("lab"),
        machine: name("machine"),
        tool: name("tool"),
        cutting: name("cutting"),
        printer: name("printer"),
        material: name("material"),
        scan_profile: name("scan_profile"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dose, PRESCRIPTION};

    const SMALL: &str =
        "[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\n";

    #[track_caller]
    fn refused(addition: &str, sentence: &str) {
        let error = read_case(&format!("{SMALL}{addition}"), "case.toml").unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
        assert!(error.starts_with("case.toml"), "the place comes first: {error}");
        assert_eq!(error.lines().count(), 1, "one sentence: {error}");
    }

    #[test]
    fn smallest_case() {
        let case = read_case(SMALL, "case.toml").unwrap();
        assert_eq!(case.scans.len(), 1);
        assert_eq!(case.indication, Indication::NoIndication);
        let prescription = &case.prescription[&Side::Left];
        assert_eq!(prescription.dose("rearfoot_post_deg"), Dose::Open);
        assert_eq!(prescription.dose("heel_cup_depth_mm"), Dose::LabDefault(14.0));
    }

    #[test]
    fn indication_after_the_scan_table_belongs_to_the_case() {
        let case =
            read_case(&format!("{SMALL}indication = \"cavus\"\nactivity = \"running\"\n"), "c")
                .unwrap();
        assert_eq!(case.indication, Indication::Cavus);
        assert_eq!(case.activity, "running");
    }

    #[test]
    fn not_ordered_is_not_undecided() {
        let text = format!(
            "{SMALL}[prescription]\nrearfoot_post_deg = \"none\"\nforefoot_post_deg = \"open\"\n"
        );
        let prescription = read_case(&text, "c").unwrap().prescription[&Side::Left].clone();
        assert_eq!(prescription.dose("rearfoot_post_deg"), Dose::NotOrdered);
        assert_eq!(prescription.dose("forefoot_post_deg"), Dose::Open);
    }

    #[test]
    fn one_foot_overrules_both() {
        let text = format!(
            "{SMALL}[prescription]\nheel_cup_depth_mm = 12\n[prescription.left]\nheel_cup_depth_mm = 16\n"
        );
        assert_eq!(
            read_case(&text, "c").unwrap().prescription[&Side::Left].dose("heel_cup_depth_mm"),
            Dose::Ordered(16.0)
        );
    }

    #[test]
    fn trap_10_not_ordered_not_decided_and_a_value_stay_apart_for_every_dose() {
        for parameter in PRESCRIPTION {
            let crate::Kind::Number { high, .. } = parameter.kind else { continue };
            let read = |value: &str| {
                let text = format!("{SMALL}[prescription]\n{} = {value}\n", parameter.key);
                read_case(&text, "c").map(|case| case.prescription[&Side::Left].dose(parameter.key))
            };
            assert_eq!(read(&format!("{high:?}")), Ok(Dose::Ordered(high)), "{}", parameter.key);
            if let Ok(none) = read("\"none\"") {
                assert_eq!(none, Dose::NotOrdered, "{}", parameter.key);
            }
            if parameter.preset == Preset::Open {
                assert_eq!(read("\"open\""), Ok(Dose::Open), "{}", parameter.key);
            } else {
                assert!(read("\"open\"").is_err(), "{}", parameter.key);
            }
        }
    }

    #[test]
    fn trap_8_inches_are_read_and_trap_9_feet_differ() {
        let text = format!(
            "{SMALL}right = \"r.stl\"\n[prescription]\ntemplate = \"sport\"\nmedial_skive_mm = \"1/8 in\"\n\
             [prescription.right]\nmedial_skive_mm = \"none\"\n"
        );
        let case = read_case(&text, "c").unwrap();
        let skive = |side| case.prescription[&side].dose("medial_skive_mm");
        assert_eq!(skive(Side::Left), Dose::Ordered(3.175));
        assert_eq!(skive(Side::Right), Dose::NotOrdered);
        for side in Side::BOTH {
            assert_eq!(case.prescription[&side].dose("heel_cup_depth_mm"), Dose::Ordered(16.0));
            assert_eq!(case.prescription[&side].word("cast_dressing"), "maximum");
        }
    }

    #[test]
    fn a_post_of_forty_degrees() {
        refused(
            "[prescription]\nrearfoot_post_deg = 40\n",
            "`rearfoot_post_deg` = 40 deg is outside -8 to 8 deg",
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        refused("[prescription]\nrearfot_post_deg = 4\n", "did you mean `rearfoot_post_deg`?");
        refused("[prescription]\nheel_cup_depth_in = 0.5\n", "did you mean `heel_cup_depth_mm`?");
        refused(
            "[prescription]\ntemplate = \"hiking\"\n",
            "use one of everyday, sport, standing-work",
        );
        refused("[prescription]\nshell_length = \"long\"\n", "use one of mets, sulcus, full");
        refused("unit = \"furlong\"\n", "use one of m, cm, mm, in");
        refused("[prescription.middle]\n", "unknown key `middle`");
    }

    #[test]
    fn wrong_types_and_contradictions() {
        refused("[prescription]\nheel_cup_depth_mm = \"deep\"\n", "use one of a number");
        refused("[prescription]\nheel_cup_depth_mm = true\n", "must be a number in mm, found true");
        refused("[make]\nmachine = 7\n", "must be a text in quotes, found the number 7");
        refused("indication = \"knee\"\n", "`indication` = \"knee\" is not known");
        refused("[gait]\ntrial = 3\n", "`trial` is a path or a list of paths");
        refused("[gait]\ntrial = []\n", "`trial` is a path or a list of paths");
        refused("[gait]\nstatic = \"stand.c3d\"\n", "belong to a `trial`");
        refused("[gait.metrics]\nkam_peak1_pct_bwht = 20\n", "is outside 0.2 to 9 %BW*Ht");
    }

    #[test]
    fn broken_toml_names_the_line() {
        let error = read_case("[patient\ncode = 1", "case.toml").unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }

    #[test]
    fn mutated_cases_never_panic() {
        let full = format!(
            "{SMALL}indication = \"cavus\"\n[gait.metrics]\nkam_peak1_pct_bwht = 3\n[gait.metrics.left]\nstance_time_s = 0.7\n\
             [prescription]\nrearfoot_post_deg = 4.0\n[prescription.left]\nheel_lift_mm = 2\n[make]\nmachine = \"m\"\n\
             [[revision]]\nfoot = \"left\"\ncomplaint = \"x\"\nkey = \"k\"\nfrom = 1\nto = 2\nreason = \"r\"\n"
        );
        read_case(&full, "c").unwrap();
        let bytes = full.as_bytes();
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        for _ in 0..4000 {
            let mut mutated = bytes.to_vec();
            for _ in 0..1 + random() % 4 {
                let at = random() % mutated.len().max(1);
                if at >= mutated.len() {
                    break;
                }
                match random() % 4 {
                    0 => mutated[at] = (random() % 256) as u8,
                    1 => drop(mutated.remove(at)),
                    2 => mutated.insert(at, b"[]\"=.-\n{"[random() % 8]),
                    _ => mutated.truncate(at.max(1)),
                }
            }
            if let Ok(text) = String::from_utf8(mutated) {
                let _ = read_case(&text, "case.toml");
            }
        }
    }
}
