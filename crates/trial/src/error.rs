/// Why a trial cannot be analyzed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrialError {
    /// A setting that makes no sense.
    #[error("{name} is {value}, expected {low} to {high}")]
    Setting {
        /// Name of the setting, with its unit.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Smallest allowed.
        low: f64,
        /// Largest allowed.
        high: f64,
    },
    /// The recording has no markers.
    #[error("the trial has no markers; give the file with marker positions (.c3d or .trc)")]
    NoMarkers,
    /// No known set fits the labels.
    #[error(
        "no known marker set fits the labels {labels}; the nearest, {nearest}, lacks {missing}; name a set that fits or write one under profiles/markers"
    )]
    NoMarkerSet {
        /// Some labels of the file.
        labels: String,
        /// The set that fits best.
        nearest: String,
        /// What it needs and the file lacks.
        missing: String,
    },
    /// The named set needs markers that the file has not.
    #[error(
        "marker set {set} needs {missing}, which neither the trial nor the static trial has; the trial has {labels}"
    )]
    MissingMarkers {
        /// Name of the set.
        set: String,
        /// Roles and the labels looked for.
        missing: String,
        /// Some labels of the file.
        labels: String,
    },
    /// Body mass is needed for moments and cannot be known.
    #[error(
        "the body mass is not in the file and cannot be inferred from the forces ({reason}); give it (--mass-kg)"
    )]
    NoMass {
        /// Why not.
        reason: String,
    },
    /// Mass or height is not that of a person.
    #[error(transparent)]
    Person(#[from] gait::GaitError),
}
