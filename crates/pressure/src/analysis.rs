//! All steps of the analysis in their order.

use geometry::{HeightField, Point2, Rect, Vector2};
use recording::{Pressure, View};
use vocabulary::{Findings, Side};

use crate::frame::{Hints, find_frame};
use crate::masks::{Masks, ball_width};
use crate::quality::{STEP, believed_cells, judge_steps, report};
use crate::{
    ArchIndex, Cpei, Excess, FootFrame, PathPoint, Print, Quality, RegionValues, Settings, Spread,
    Step, arch, excess, path, regions, steps,
};

/// What is known of the person.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Person {
    /// Body mass, kg.
    pub mass_kg: Option<f64>,
    /// Whether protective sensation is lost (diabetic neuropathy): the limit for such feet then counts.
    pub neuropathic: bool,
}

/// Why a recording cannot be analyzed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// Nothing is loaded enough to be a foot.
    #[error(
        "only {cells} cells carry more than {contact_kpa} kPa; a foot needs at least 24: is it the right file and unit?"
    )]
    NoFoot {
        /// Cells of the outline.
        cells: usize,
        /// Contact pressure.
        contact_kpa: f64,
    },
    /// The print has not the size of a foot.
    #[error(
        "the print is {length_mm:.0} by {width_mm:.0} mm, a foot 120 to 360 by 40 to 150: check the cell size, and cut \
         recordings with several feet into one foot each"
    )]
    NotAFoot {
        /// Length along the axis, mm.
        length_mm: f64,
        /// Width of the ball, mm.
        width_mm: f64,
    },
}

/// Everything that is found in a recording.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Which foot: as said, else from the print where the grid is seen from above.
    pub side: Option<Side>,
    /// Kind of file.
    pub format: &'static str,
    /// Where the cells lie.
    pub sensor: recording::Sensor,
    /// Frames per second, 0 for a single map.
    pub rate_hz: f64,
    /// Force of every frame, N, without cells that are not believed.
    pub force_n: Vec<f64>,
    /// Contacts in order.
    pub steps: Vec<Step>,
    /// Mean peak print on the grid.
    pub print: Print,
    /// Where the foot lies on the grid.
    pub frame: FootFrame,
    /// Regions of the print.
    pub masks: Masks,
    /// Values of the regions, and last of the whole foot.
    pub regions: Vec<RegionValues>,
    /// Mean center of pressure.
    pub path: Vec<PathPoint>,
    /// Excursion of the center of pressure.
    pub cpei: Option<Cpei>,
    /// Arch index.
    pub arch: Option<ArchIndex>,
    /// (lateral - medial) / (lateral + medial) load on both sides of the axis, -1 to 1.
    pub medial_lateral_index: Option<Spread>,
    /// Places of excessive load.
    pub excessive: Vec<Excess>,
    /// How far the recording can be trusted.
    pub quality: Quality,
}

/// Sizes of grown and children's feet, mm: length and ball width.
const FOOT_MM: [(f64, f64); 2] = [(120.0, 360.0), (40.0, 150.0)];

/// Analyzes a recording of one foot.
///
/// # Errors
/// [`AnalysisError`] if there is no print of a foot in it.
pub fn analyze(
    recording: &Pressure,
    person: &Person,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<Analysis, AnalysisError> {
    let mut quality = Quality::default();
    let believed = believed_cells(recording, settings, &mut quality);
    let newton = recording.cell_area_mm2() * 1e-3;
    let force_of = |frame: usize, counts: &dyn Fn(usize) -> bool| {
        let cells = recording.frame(frame).iter().enumerate().filter(|(cell, _)| counts(*cell));
        cells.map(|(_, kpa)| f64::from(*kpa)).sum::<f64>() * newton
    };
    let force_n: Vec<f64> =
        (0..recording.frames()).map(|frame| force_of(frame, &|cell| believed[cell])).collect();
    quality.highest_force_n =
        (0..recording.frames()).map(|frame| force_of(frame, &|_| true)).fold(0.0, f64::max);
    let steps = if recording.frames() > 1 {
        steps::find_steps(&force_n, recording.rate_hz, settings)
    } else {
        Vec::new()
    };
    judge_steps(recording, &force_n, &steps, person, settings, &mut quality);
    report(&quality, recording, person, settings, findings);
    say_steps(recording, &steps, findings);
    let print = Print::new(recording, &steps, &believed, settings);
    let hints = Hints {
        progression: progression(recording, &print, &believed, &steps, settings),
        lateral_at_right: match (recording.side, recording.view) {
            (Some(side), View::FromAbove) => Some(side == Side::Right),
            _ => None,
        },
    };
    let no_foot = AnalysisError::NoFoot {
        cells: print.contact_cells().count(),
        contact_kpa: settings.contact_kpa,
    };
    let frame = find_frame(&print, hints).ok_or(no_foot.clone())?;
    let length_mm = frame.length();
    let width_mm = ball_width(&print, &frame);
    let fits = [length_mm, width_mm]
        .iter()
        .zip(FOOT_MM)
        .all(|(size, (low, high))| (low..=high).contains(size));
    if !fits {
        return Err(AnalysisError::NotAFoot { length_mm, width_mm });
    }
    let masks = Masks::new(&print, &frame, &believed).ok_or(no_foot)?;
    let side = settle_side(recording, &frame, findings);
    let values =
        regions::region_values(recording, &steps, &masks.regions, &print.kpa, &believed, settings);
    let paths = path::paths(recording, &print, &frame, &masks, &steps, settings);
    let mean_path = path::mean_path(&paths);
    let analysis = Analysis {
        side,
        format: recording.format,
        sensor: recording.sensor,
        rate_hz: recording.rate_hz,
        cpei: path::cpei(&paths, &mean_path, &print, &frame),
        path: mean_path,
        arch: arch::arch_index(&print, &frame, &masks),
        medial_lateral_index: medial_lateral_index(recording, &print, &frame, &masks, &steps),
        excessive: excess::find_excess(&values, &print, &frame, recording.sensor, person, settings),
        regions: values,
        force_n,
        steps,
        print,
        frame,
        masks,
        quality,
    };
    analysis.say_found(settings, findings);
    Ok(analysis)
}

fn say_steps(recording: &Pressure, steps: &[Step], findings: &mut Findings) {
    let used = steps.iter().filter(|step| step.used).count();
    if recording.frames() > 1 && used == 0 {
        let words = format!(
            "none of {} contacts is a whole step; peaks and areas are those of the whole recording, without integrals \
             over time",
            steps.len()
        );
        findings.warn(STEP, "no-whole-step", words);
    }
}

/// Way of the center of pressure from the first to the last quarter of the steps.
fn progression(
    recording: &Pressure,
    print: &Print,
    believed: &[bool],
    steps: &[Step],
    settings: &Settings,
) -> Option<Vector2> {
    let mut way = Vector2::zeros();
    let mut count = 0.0;
    for step in steps.iter().filter(|step| step.used) {
        let path: Vec<Point2> = step
            .frames()
            .filter_map(|frame| {
                path::center(recording, print, |cell| believed[cell], frame, settings.path_force_n)
            })
            .collect();
        let quarter = path.len() / 4;
        if quarter == 0 {
            continue;
        }
        let mean = |points: &[Point2]| {
            points.iter().fold(Vector2::zeros(), |sum, at| sum + at.coords) / points.len() as f64
        };
        way += mean(&path[path.len() - quarter..]) - mean(&path[..quarter]);
        count += 1.0;
    }
    (count > 0.0).then(|| way / count)
}

/// Compares what is said of the side with what the print shows.
fn settle_side(recording: &Pressure, frame: &FootFrame, findings: &mut Findings) -> Option<Side> {
    let shown = if frame.is_right_from_above() { Side::Right } else { Side::Left };
    if !frame.heel.is_sure() {
        let words =
            format!("which end is the heel is a guess (evidence {:.2} of 1)", frame.heel.score);
        findings.warn(STEP, "heel-uncertain", words);
    }
    if recording.view == View::Unknown {
        if recording.side.is_none() {
            let words = "the file does not say which foot it is, nor whether the grid is seen from above or below; medial \
                         and lateral are found from the print";
            findings.warn(STEP, "side-unknown", words);
        }
        if !frame.medial.is_sure() {
            let words = format!(
                "which border is medial is a guess (evidence {:.2} of 1)",
                frame.medial.score
            );
            findings.warn(STEP, "medial-uncertain", words);
        }
        return recording.side;
    }
    match recording.side {
        Some(said) if said != shown => {
            let words = format!(
                "said to be the {said} foot, but the print is that of a {shown} one (evidence {:.2} of 1); medial and \
                 lateral follow the print: check the file",
                frame.medial.score
            );
            findings.warn(STEP, "side-contradicted", words);
        }
        Some(said) if frame.medial.score < 0.0 => {
            let words = format!(
                "the print speaks weakly against a {said} foot (evidence {:.2}); kept as said",
                frame.medial.score
            );
            findings.warn(STEP, "medial-uncertain", words);
        }
        None => {
            let words = format!(
                "taken as the {shown} foot from its print (evidence {:.2} of 1)",
                frame.medial.score
            );
            findings.note(STEP, "side-from-print", words);
        }
        Some(_) => {}
    }
    Some(recording.side.unwrap_or(shown))
}

fn medial_lateral_index(
    recording: &Pressure,
    print: &Print,
    frame: &FootFrame,
    masks: &Masks,
    steps: &[Step],
) -> Option<Spread> {
    let xs: Vec<f64> =
        (0..print.kpa.len()).map(|cell| frame.foot_from_grid(print.place(cell)).x).collect();
    let index_of = |span: std::ops::RangeInclusive<usize>| {
        let (mut medial, mut lateral) = (0.0, 0.0);
        for frame in span {
            for (cell, kpa) in recording.frame(frame).iter().enumerate() {
                match masks.regions[cell] {
                    Some(_) if xs[cell] < 0.0 => medial += f64::from(*kpa),
                    Some(_) => lateral += f64::from(*kpa),
                    None => {}
                }
            }
        }
        (medial + lateral > 0.0).then(|| (lateral - medial) / (lateral + medial))
    };
    let mut values: Vec<f64> =
        steps.iter().filter(|step| step.used).filter_map(|step| index_of(step.frames())).collect();
    if values.is_empty() && recording.frames() == 1 {
        values.extend(index_of(0..=0));
    }
    Spread::of(&values)
}

impl Analysis {
    /// Steps that count.
    pub fn used_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.used)
    }

    /// The mean peak pressure in the foot frame, kPa, on a grid `spacing` mm apart; `NaN` away from the
    /// foot. A left foot is mirrored, as everywhere in the foot frame.
    #[must_use]
    pub fn pressure_field(&self, spacing: f64) -> HeightField {
        let margin = 2.0 * spacing;
        let (mut low, mut high) = (
            Point2::new(f64::INFINITY, f64::INFINITY),
            Point2::new(f64::NEG_INFINITY, f64::NEG_INFINITY),
        );
        for cell in (0..self.print.kpa.len()).filter(|&cell| self.masks.regions[cell].is_some()) {
            let at = self.frame.foot_from_grid(self.print.place(cell));
            (low, high) = (low.inf(&at), high.sup(&at));
        }
        let grow = Vector2::new(margin, margin);
        let area = Rect { low: low - grow, high: high + grow };
        HeightField::from_fn(area, spacing, |at| {
            let in_grid = self.frame.grid_from_foot(at);
            if self.is_foot(in_grid) { self.print.sample(in_grid) } else { f64::NAN }
        })
    }

    /// Whether the cell in which a point of the grid lies belongs to a region.
    fn is_foot(&self, at: Point2) -> bool {
        let (column, row) = (at.x / self.print.cell_mm[1], -at.y / self.print.cell_mm[0]);
        let (column, row) = (column.round(), row.round());
        let inside = column >= 0.0
            && row >= 0.0
            && (column as usize) < self.print.columns
            && (row as usize) < self.print.rows;
        inside && self.masks.regions[row as usize * self.print.columns + column as usize].is_some()
    }

    fn say_found(&self, settings: &Settings, findings: &mut Findings) {
        for excess in &self.excessive {
            let code = match excess.kind {
                crate::ExcessKind::AboveNorm => "pressure-above-norm",
                crate::ExcessKind::AboveNeuropathicLimit => "pressure-above-neuropathic-limit",
            };
            findings.warn(STEP, code, excess.words.clone());
        }
        let limit = settings.neuropathic_limit_kpa;
        let over: Vec<&str> = self
            .regions
            .iter()
            .filter(|value| value.peak_kpa.mean > limit)
            .filter_map(|value| value.region.map(crate::Region::words))
            .collect();
        if !over.is_empty()
            && !self
                .excessive
                .iter()
                .any(|excess| excess.kind == crate::ExcessKind::AboveNeuropathicLimit)
        {
            let words = format!(
                "over {limit:.0} kPa, which matters for a foot without protective sensation: {}",
                over.join(", ")
            );
            findings.note(STEP, "over-neuropathic-limit", words);
        }
        if !self.masks.seen[0] {
            findings.note(
                STEP,
                "toe-line-assumed",
                "no valley between ball and toes; the toes are taken from 80 % of the length on",
            );
        }
        if self.sensor == recording::Sensor::Insole && self.arch.is_some() {
            let words = "an insole bulges into the arch: an arch index in the shoe reads lower-arched than barefoot";
            findings.note(STEP, "arch-index-in-shoe", words);
        }
    }
}
