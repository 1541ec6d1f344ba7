//! Drawings as self-contained bytes: shaded views of meshes, height maps, charts, sections.
//!
//! | question | function |
//! |---|---|
//! | What does this mesh look like from there? | [`shaded`], [`Rendering`], [`annotated_view`] |
//! | How high is it where? | [`heat_map()`] |
//! | How does a value run over time? | [`line_chart()`] |
//! | How thick is the part here? | [`cross_sections`] |
//! | Where does a force act, and which way? | [`plan_view()`] |
//! | Where does the tool go? | [`path_preview()`] |
//! | Which designs were weighed against each other? | [`scatter()`] |
//! | How do parts compare with each other and with a norm? | [`bar_chart()`] |
//! | How sure is a predicted change? | [`interval_plot()`] |
//! | Is a value within its limits? | [`gauges()`] |
//! | How do several drawings stand on one sheet? | [`tiles()`] |
//!
//! Every drawing is an [`Svg`]: well-formed XML without scripts, without identifiers that could
//! clash on a page, and without anything loaded from elsewhere. Lines and text take the page's text
//! color (`currentColor`), so a drawing reads on light and on dark paper. Coordinates are written to
//! a tenth of a pixel, so that equal input gives equal bytes.
//!
//! Does not promise: a drawing is for reading, not for measuring on the screen; the numbers stand in
//! the labels.

mod bar_chart;
mod chart;
mod color;
mod frame;
mod gauges;
mod heat_map;
mod interval_plot;
mod line_chart;
mod markup;
mod normals;
mod path_preview;
mod plan_view;
mod raster;
mod render;
mod scatter;
mod section;
mod tiles;
mod view;
mod well_formed;

pub use bar_chart::{Bar, BarChart, bar_chart};
pub use color::{ColorMap, Rgb, series_color};
pub use frame::{nice_step, ticks};
pub use gauges::{Gauge, Mark as GaugeMark, gauges};
pub use heat_map::{HeatMapStyle, MapLine, MapMarker, heat_map};
pub use interval_plot::{Interval, IntervalStyle, interval_plot};
pub use line_chart::{Band, LineChart, Mark, Series, line_chart};
pub use markup::{Svg, escaped, number};
pub use path_preview::{PathGroup, PathPreview, PreviewRoom, path_preview};
pub use plan_view::{PlanView, Vector, plan_view};
pub use raster::Raster;
pub use render::{PictureSize, Rendering, ShadeStyle, Shape, shaded};
pub use scatter::{Scatter, ScatterGroup, scatter};
pub use section::{Section, SectionStyle, ThicknessLabel, cross_sections};
pub use tiles::tiles;
pub use view::{Label, Projection, View, ViewNotes, annotated_view};
pub use well_formed::{MarkupError, check_well_formed};
