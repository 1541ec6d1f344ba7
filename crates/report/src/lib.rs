//! One self-contained HTML page about a made case, for the technician and the clinician; and one that lies beside
//! a machine.
//!
//! [`Page`] is what the page says, as plain data; [`html()`] writes it; [`figures`] draws the standard
//! pictures. [`SetupSheet`] and [`setup_html`] are the same for a job on a mill. The page loads nothing, needs no script, prints on A4, and reads on light and dark
//! screens. It is well-formed XML after its first line, and all text is escaped: a patient code is
//! whatever somebody typed.
//!
//! Wording follows the rule that the program predicts *a change of load for this patient, with an
//! interval*: the page shows the ankle and pressure cost beside the knee gain, says from which gait the
//! prediction starts, and never says that a device treats.
//!
//! Lengths are mm. Sides appear here because a page is a door of the program: the figures take shapes
//! in the foot frame and turn a left foot back.

pub mod figures;
mod html;
mod page;
mod setup_sheet;

pub use html::{html, setup_html};
pub use page::{
    DecidedBy, DoseRow, Figure, FileRow, FindingRow, GaitTable, MakingView, MeasurementRow, Page,
    Picture, Place, PredictionRow, PredictionView, Role, Row, SideSection, Statement,
};
pub use picture::{PathGroup, Raster, Rgb, Svg, series_color};
pub use setup_sheet::{OperationRow, ProgramSheet, SetupSheet};
