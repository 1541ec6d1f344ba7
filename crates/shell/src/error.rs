/// Why no shell could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShellError {
    /// A dose outside what the program makes.
    #[error("{key} = {value} is outside {low} to {high}; {way_out}")]
    OutOfRange {
        /// Key of the prescription, with its unit.
        key: &'static str,
        /// What was ordered.
        value: f64,
        /// Smallest dose.
        low: f64,
        /// Largest dose.
        high: f64,
        /// What to do.
        way_out: &'static str,
    },
    /// An operation that may stand in a design once only.
    #[error("{key} is ordered twice; give it once")]
    Twice {
        /// Key of the prescription.
        key: &'static str,
    },
    /// An operation that cannot be carried out on this foot or with these numbers.
    #[error("{key}: {reason}; {way_out}")]
    Operation {
        /// Key of the prescription.
        key: &'static str,
        /// What is wrong, with its numbers.
        reason: String,
        /// What to do.
        way_out: &'static str,
    },
    /// A lab habit that is no usable number.
    #[error("shell setting {key} = {value} is outside {low} to {high}; correct the lab profile")]
    Setting {
        /// Name of the setting.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// The foot's map or landmarks cannot carry a shell.
    #[error("the foot cannot carry a shell: {reason}; check the scan and its landmarks")]
    Foot {
        /// What is wrong, with its numbers.
        reason: String,
    },
    /// The trim line came out with a loop, a kink or outside the foot.
    #[error(
        "the trim line would have a radius of {radius:.1} mm near x = {x:.0}, y = {y:.0} mm; check the landmarks of the ball"
    )]
    Outline {
        /// Smallest radius, mm; 0 for a loop.
        radius: f64,
        /// Its place.
        x: f64,
        /// Its place.
        y: f64,
    },
    /// The fitted surfaces come closer than ordered.
    #[error(
        "the shell would be only {found:.2} mm thick near x = {x:.0}, y = {y:.0} mm where {ordered:.2} mm are ordered; lower the cup or choose a thinner shell"
    )]
    Thin {
        /// Thinnest place, mm.
        found: f64,
        /// Ordered thickness, mm.
        ordered: f64,
        /// Its place.
        x: f64,
        /// Its place.
        y: f64,
    },
    /// The heights could not be turned into a spline surface.
    #[error("the shell's surface could not be fitted: {0}")]
    Fit(#[from] geometry::FitError),
}
