use picture::{Raster, Svg};
use vocabulary::{Severity, Side};

/// Everything that the page says.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What the page is about, such as "Foot orthoses, left and right".
    pub title: String,
    /// The case's code; never a name.
    pub patient_code: String,
    /// Version of the program, as in the record.
    pub program_version: String,
    /// Why the device was ordered, in words.
    pub indication: String,
    /// What the device is for, in words.
    pub activity: String,
    /// Body mass, height, shoe: what else was ordered for.
    pub patient: Vec<Row>,
    /// What was made, one sentence each.
    pub summary: Vec<Statement>,
    /// One entry for each ordered side.
    pub sides: Vec<SideSection>,
    /// Warnings and notes of all steps, in their order.
    pub findings: Vec<FindingRow>,
    /// Files that were read.
    pub inputs: Vec<FileRow>,
    /// Files that were written.
    pub files: Vec<FileRow>,
    /// Name and seconds of each step; `None` in a reproducible run.
    pub timings: Option<Vec<(String, f64)>>,
    /// What goes with the device: titled rows (wearing in, exercises, reviews, signs for a physician); may be empty.
    pub care: Vec<(String, Vec<Row>)>,
    /// Further lines of the record: lab profile, machine, seed.
    pub record: Vec<Row>,
    /// What the page may not be taken for; shown at its end, after the standing sentence.
    pub limits: Vec<String>,
}

/// A name, a value, and what has to be known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// Value with unit.
    pub value: String,
    /// Source, evidence or doubt; may be empty.
    pub note: String,
}

impl Row {
    /// A row without a note.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), note: String::new() }
    }

    /// The same row with a note.
    #[must_use]
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

/// A sentence of the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The side that it is about; `None` for the case as a whole.
    pub side: Option<Side>,
    /// The sentence.
    pub text: String,
}

/// What the page says about one foot and its device.
#[derive(Clone, Debug)]
pub struct SideSection {
    /// Which foot.
    pub side: Side,
    /// What the scan was and what was found in it.
    pub scan: Vec<Row>,
    /// Pictures; each says in which chapter it stands.
    pub pictures: Vec<Figure>,
    /// Lengths and ratios of the foot.
    pub measurements: Vec<MeasurementRow>,
    /// Every correction, ordered and made.
    pub doses: Vec<DoseRow>,
    /// What the knee is predicted to carry; `None` if it was not asked.
    pub prediction: Option<PredictionView>,
    /// What is known of the gait: measured and assumed, pressure by region.
    pub gait: Vec<GaitTable>,
    /// How the device is made, one entry for each machine.
    pub making: Vec<MakingView>,
    /// Why this design was chosen among others; empty if everything was ordered.
    pub chosen_because: Vec<String>,
    /// What the search saw around the design: worth of each correction, neighbors.
    pub around_choice: Vec<GaitTable>,
}

impl SideSection {
    /// A section that says nothing yet.
    #[must_use]
    pub const fn new(side: Side) -> Self {
        Self {
            side,
            scan: Vec::new(),
            pictures: Vec::new(),
            measurements: Vec::new(),
            doses: Vec::new(),
            prediction: None,
            gait: Vec::new(),
            making: Vec::new(),
            chosen_because: Vec::new(),
            around_choice: Vec::new(),
        }
    }
}

/// A table of numbers in words: of the gait, or of what lies around the chosen design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaitTable {
    /// Title over it.
    pub title: String,
    /// Heads of the columns.
    pub heads: Vec<&'static str>,
    /// Cells, row by row; the first of a row is its name.
    pub rows: Vec<Vec<String>>,
    /// A sentence under it; may be empty.
    pub note: String,
}

/// The chapter in which a picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The foot.
    Foot,
    /// The shell.
    Shell,
    /// The gait as measured.
    Gait,
    /// The knee and the pressure under the foot.
    Knee,
    /// Milling and printing.
    Making,
}

/// What a figure shows.
#[derive(Clone, Debug)]
pub enum Picture {
    /// A drawing.
    Drawing(Svg),
    /// A picture of pixels.
    Pixels(Raster),
}

/// A picture with its words.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Where it stands.
    pub place: Place,
    /// A few words.
    pub title: String,
    /// What to look at; may be empty.
    pub caption: String,
    /// The picture.
    pub picture: Picture,
    /// Whether it takes the whole width of its side.
    pub wide: bool,
    /// What a reader who does not see the picture is told.
    pub alt: String,
}

/// A measured length or ratio.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasurementRow {
    /// Its name.
    pub name: String,
    /// Its value; `None` if it could not be measured.
    pub value: Option<f64>,
    /// Decimals shown.
    pub decimals: usize,
    /// Its unit.
    pub unit: String,
    /// Usual values, such as "62–74"; may be empty.
    pub normal_range: String,
    /// How it is measured, and why not if it was not.
    pub definition: String,
}

/// Who decided a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// The prescription says so.
    Ordered,
    /// The optimizer chose it.
    Optimizer,
    /// The lab's profile says so where the prescription does not.
    LabDefault,
}

impl DecidedBy {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Optimizer => "optimizer",
            Self::LabDefault => "lab default",
        }
    }
}

/// One correction: what was asked for and what the finished surface has.
#[derive(Clone, Debug, PartialEq)]
pub struct DoseRow {
    /// Its name.
    pub name: String,
    /// What was asked for; `None` if nothing was.
    pub requested: Option<f64>,
    /// What was measured on the finished surface; `None` if it cannot be measured.
    pub realised: Option<f64>,
    /// Unit of both; `"deg"` is shown as °.
    pub unit: String,
    /// Decimals shown.
    pub decimals: usize,
    /// Whether the sign means lateral (+) or medial (-) and must be shown.
    pub signed: bool,
    /// Whether the two agree within the tolerance of this dose.
    pub within: bool,
    /// Who decided it.
    pub decided_by: DecidedBy,
    /// Tolerance, how it was measured, why it was changed; may be empty.
    pub note: String,
}

/// Whether a predicted quantity is what the device is for or what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Load at the knee.
    Knee,
    /// Ankle, pressure, and other places that pay.
    Cost,
}

/// A predicted quantity before and with the device.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionRow {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Without the device; `None` where only a change is predicted.
    pub before: Option<f64>,
    /// With the device.
    pub after: Option<f64>,
    /// Decimals of both.
    pub decimals: usize,
    /// Change in percent of `before`, or in `unit` if there is no `before`.
    pub change: f64,
    /// 90 % interval of the change, where one is known.
    pub interval: Option<(f64, f64)>,
    /// Where it counts.
    pub role: Role,
    /// What it means and up to where it is accepted; may be empty.
    pub note: String,
}

/// What the knee is predicted to carry, with its uncertainty and its price.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictionView {
    /// What the headline number is a change of, such as "first peak of the knee adduction moment".
    pub quantity: String,
    /// Expected change, %.
    pub expected_change_pct: f64,
    /// Lower end of the 90 % interval of prediction, %.
    pub low_pct: f64,
    /// Upper end of the 90 % interval of prediction, %.
    pub high_pct: f64,
    /// Probability (0 to 1) that the true change is below -2 %.
    pub probability_of_benefit: f64,
    /// Probability (0 to 1) that the true change is above 0.
    pub probability_of_harm: f64,
    /// Why the program declines to recommend; `None` if it does not.
    pub declined: Option<String>,
    /// From which gait the prediction starts: measured, given, or normative.
    pub baseline: String,
    /// All predicted quantities, knee and cost.
    pub rows: Vec<PredictionRow>,
}

/// How the device is made on one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MakingView {
    /// The way and the machine, such as "Milling on grbl-router".
    pub title: String,
    /// Time, material, blank, tools, temperatures.
    pub rows: Vec<Row>,
}

/// A warning or a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// How much it matters.
    pub severity: Severity,
    /// The step that found it.
    pub step: String,
    /// The side; `None` for the case as a whole.
    pub side: Option<Side>,
    /// One sentence.
    pub message: String,
}

/// A file with its fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRow {
    /// Its path, relative to the case or to the output folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}
