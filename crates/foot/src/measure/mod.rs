//! Measures a found foot: every length, height, girth, ratio and angle, each with its error.

mod angles;
mod arch_class;
mod catalog;
mod compare;
mod print;
mod section;

use geometry::Point2;
use vocabulary::Findings;

pub use arch_class::{ArchClass, ArchType};
pub use catalog::{MEASURES, Measure, MeasureName, Norm};
pub use compare::{Difference, compare};
pub use print::ContactPrint;

use crate::landmarks::medial_arch_line;
use crate::{Foot, WeightBearing};
use angles::HeelTilt;
pub(crate) use section::Section;

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Which measure.
    pub name: MeasureName,
    /// In the measure's unit; `None` if it could not be measured.
    pub value: Option<f64>,
    /// Standard error, in the measure's unit.
    pub deviation: f64,
    /// Why there is no value, or what makes it less sure.
    pub remark: Option<String>,
}

/// All measures of a foot.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureSheet {
    entries: Vec<Measured>,
    /// The contact print, if the sole was imaged.
    pub print: Option<ContactPrint>,
    /// Flat, normal or high-arched; `None` if nothing says so.
    pub arch: Option<ArchClass>,
}

impl MeasureSheet {
    /// All measures, in the order of [`MeasureName::ALL`].
    pub fn iter(&self) -> std::slice::Iter<'_, Measured> {
        self.entries.iter()
    }

    /// One measure.
    #[must_use]
    pub fn measured(&self, name: MeasureName) -> &Measured {
        &self.entries[name as usize]
    }

    /// The value of one measure, in its unit.
    #[must_use]
    pub fn value(&self, name: MeasureName) -> Option<f64> {
        self.measured(name).value
    }
}

/// A value with what was found about it on the way.
struct Reading {
    value: Result<f64, String>,
    /// Error beside that of the catalog, in the unit.
    more: f64,
    remark: Option<String>,
}

impl Reading {
    const fn sure(value: f64) -> Self {
        Self { value: Ok(value), more: 0.0, remark: None }
    }

    fn missing(reason: impl Into<String>) -> Self {
        Self { value: Err(reason.into()), more: 0.0, remark: None }
    }

    fn or_missing(value: Option<f64>, reason: &str) -> Self {
        value.map_or_else(|| Self::missing(reason), Self::sure)
    }
}

/// Measures a foot. `noise_mm` is the scan's noise (one standard deviation, from the quality gate): it
/// widens the errors and deepens the contact band. Missing measures are said in the findings.
#[must_use]
pub fn measure_foot(foot: &Foot, noise_mm: f64, findings: &mut Findings) -> MeasureSheet {
    let print = if foot.sole.imaged { print::contact_print(foot, noise_mm, 0.0) } else { None };
    let halfway = section_at_half(foot);
    let entries = MeasureName::ALL
        .iter()
        .map(|&name| {
            let reading = read(name, foot, noise_mm, print.as_ref(), &halfway);
            let entry = name.entry();
            let remark = reading.value.as_ref().err().cloned().or(reading.remark);
            Measured {
                name,
                value: reading.value.ok().filter(|value| value.is_finite()),
                deviation: entry.error.hypot(entry.error_per_noise * noise_mm).hypot(reading.more),
                remark,
            }
        })
        .collect();
    let mut sheet = MeasureSheet { entries, print, arch: None };
    sheet.arch = arch_class::classify(&sheet, foot.weight_bearing);
    report(&sheet, findings);
    sheet
}

fn report(sheet: &MeasureSheet, findings: &mut Findings) {
    let missing = sheet.iter().filter(|measured| measured.value.is_none());
    for measured in missing {
        let reason = measured.remark.as_deref().unwrap_or("its value is no finite number");
        findings.note(
            "foot",
            "not-measured",
            format!("{} was not measured: {reason}.", measured.name.entry().name),
        );
    }
}

const NO_SOLE: &str = "the sole was not imaged";
const NO_DORSUM: &str = "the scan does not show the dorsum there";
const NO_LEG: &str = "the scan does not show the leg";

fn read(
    name: MeasureName,
    foot: &Foot,
    noise_mm: f64,
    print: Option<&ContactPrint>,
    halfway: &Section,
) -> Reading {
    let (lengths, marks) = (&foot.measurements, &foot.landmarks);
    let back = marks.heel_back.position.y;
    match name {
        MeasureName::Length => Reading::sure(lengths.length_mm),
        MeasureName::BallWidth => Reading::sure(lengths.ball_width_mm),
        MeasureName::HeelWidth => Reading::sure(lengths.heel_width_mm),
        MeasureName::TruncatedLength => Reading::sure(lengths.truncated_length_mm),
        MeasureName::BallGirth => ball_girth(foot),
        MeasureName::InstepGirth => dorsum(halfway, lengths.length_mm, Section::girth),
        MeasureName::DorsumHeight => dorsum(halfway, lengths.length_mm, height),
        MeasureName::ArchHeight => Reading::or_missing(lengths.arch_height_mm, NO_SOLE),
        MeasureName::ArchHeightIndex => {
            let dorsum = dorsum(halfway, lengths.length_mm, height);
            Reading {
                value: dorsum.value.map(|height| height / lengths.truncated_length_mm),
                ..dorsum
            }
        }
        MeasureName::ArchIndex => arch_index(foot, noise_mm, print),
        MeasureName::NavicularHeight => Reading::or_missing(
            marks.navicular.map(|mark| mark.position.z),
            "the scan does not show the navicular's tuberosity",
        ),
        MeasureName::ForefootAngle => forefoot_angle(foot, noise_mm),
        MeasureName::RearfootAngle => {
            Reading::or_missing(angles::rearfoot(foot).map(vocabulary::Angle::deg), NO_LEG)
        }
        MeasureName::ArchLength => arch_length(foot, print),
        MeasureName::ArchApex => {
            let place = marks.arch_apex.position.y - back;
            Reading::or_missing(foot.sole.imaged.then_some(place), NO_SOLE)
        }
        MeasureName::FootAxis => Reading::or_missing(
            marks.toe_tips[1].map(|tip| tip.position.x.atan2(tip.position.y).to_degrees()),
            "the scan does not show the tip of the second toe",
        ),
    }
}

/// Farthest that a section reaches to each side, as a share of the length: no foot is as wide.
const SECTION_REACH_SHARE: f64 = 0.35;

/// The upright section across the axis at half the foot length.
pub(crate) fn section_at_half(foot: &Foot) -> Section {
    section_across(foot, 0.5)
}

/// The upright section across the axis at a share of the length from the most posterior heel.
fn section_across(foot: &Foot, share: f64) -> Section {
    sections_across(foot, &[share]).swap_remove(0)
}

/// The same at several shares of the length, in one pass over the mesh.
pub(crate) fn sections_across(foot: &Foot, shares: &[f64]) -> Vec<Section> {
    let length = foot.measurements.length_mm;
    let y = |share: &f64| foot.landmarks.heel_back.position.y + share * length;
    let ys: Vec<f64> = shares.iter().map(y).collect();
    Section::across(&foot.mesh, &ys, SECTION_REACH_SHARE * length)
}

/// The pieces of line in which the upright plane across the axis, at a share of the length from the
/// most posterior heel, cuts the skin: pairs of (x, z), mm. For pictures.
#[must_use]
pub fn section_lines(foot: &Foot, share: f64) -> Vec<[Point2; 2]> {
    section_across(foot, share).lines().collect()
}

/// Highest dorsum at half the length, as a share of the length: above it the section meets the leg of
/// a foot that points down.
const HIGHEST_DORSUM_SHARE: f64 = 0.45;

fn dorsum(section: &Section, length: f64, measure: impl Fn(&Section) -> f64) -> Reading {
    if !section.is_roofed() {
        return Reading::missing(NO_DORSUM);
    }
    if section.top().is_some_and(|top| top > HIGHEST_DORSUM_SHARE * length) {
        return Reading::missing("the leg stands over the middle of the foot");
    }
    Reading::sure(measure(section))
}

fn height(section: &Section) -> f64 {
    section.top().unwrap_or(f64::NAN)
}

fn ball_girth(foot: &Foot) -> Reading {
    let [first, fifth] = foot.landmarks.metatarsal_line();
    let (from, to) = (first.xy(), fifth.xy());
    let Some(along) = (to - from).try_normalize(1e-9) else { return Reading::missing(NO_DORSUM) };
    let length = foot.measurements.length_mm;
    let middle = from + (to - from) / 2.0;
    let section = Section::of(&foot.mesh, middle, along, SECTION_REACH_SHARE * length);
    dorsum(&section, length, Section::girth)
}

fn arch_index(foot: &Foot, noise_mm: f64, print: Option<&ContactPrint>) -> Reading {
    if !foot.sole.imaged {
        return Reading::missing(NO_SOLE);
    }
    let Some(index) = print.map(ContactPrint::arch_index) else {
        return Reading::missing("the sole has no print under heel and ball");
    };
    let off = print::band_error_mm(foot.weight_bearing);
    let at = |deeper: f64| print::contact_print(foot, noise_mm, deeper).map(|p| p.arch_index());
    let more = match (at(-off), at(off)) {
        (Some(less), Some(more)) => (more - less).abs() / 2.0,
        _ => off,
    };
    let remark = (foot.weight_bearing == WeightBearing::Unloaded).then(|| {
        "estimated: the sole was not loaded, so the print is what a band of 4 mm over the ground holds"
            .to_owned()
    });
    Reading { value: Ok(index), more, remark }
}

fn forefoot_angle(foot: &Foot, noise_mm: f64) -> Reading {
    if !foot.sole.imaged {
        return Reading::missing(NO_SOLE);
    }
    let (Some(forefoot), Some(heel)) =
        (angles::forefoot_tilt(foot), angles::heel_tilt(foot, noise_mm))
    else {
        return Reading::missing("the heel is round and the scan does not show the Achilles line");
    };
    let degrees = (forefoot - heel.angle()).deg();
    match heel {
        HeelTilt::Contact(_) => Reading {
            remark: (foot.weight_bearing == WeightBearing::Full)
                .then(|| "the ground levels a loaded foot; measure it without load".to_owned()),
            ..Reading::sure(degrees)
        },
        HeelTilt::Bisector(_) => Reading {
            more: MeasureName::RearfootAngle.entry().error,
            remark: Some("against the heel's bisector, as the heel is round".to_owned()),
            ..Reading::sure(degrees)
        },
    }
}

/// Steps along the arch, mm.
const ARCH_STEP_MM: f64 = 0.5;

/// The line of the arch height, from the heel seat on to beside the first metatarsal head.
fn whole_arch_line(foot: &Foot) -> Vec<Point2> {
    let part = medial_arch_line(&foot.landmarks);
    let Some(way) = part.last().and_then(|end| end.coords.try_normalize(1e-9)) else {
        return part;
    };
    let reach = foot.landmarks.first_metatarsal_head.position.y / way.y.max(0.1);
    let steps = (reach / ARCH_STEP_MM).max(0.0) as usize;
    (0..=steps).map(|step| Point2::from(way * (step as f64 * ARCH_STEP_MM))).collect()
}

/// Span of the medial arch line over the contact band around its highest place.
fn arch_length(foot: &Foot, print: Option<&ContactPrint>) -> Reading {
    let Some(print) = print.filter(|_| foot.sole.imaged) else { return Reading::missing(NO_SOLE) };
    let line = whole_arch_line(foot);
    let height = |p: &Point2| foot.plantar.heights.sample(*p).unwrap_or(f64::NEG_INFINITY);
    let limit = print.level_mm + print.band_mm;
    let apex = foot.landmarks.arch_apex.position.xy();
    let nearest = (0..line.len())
        .min_by(|&a, &b| (line[a] - apex).norm().total_cmp(&(line[b] - apex).norm()));
    let Some(top) = nearest.filter(|&top| height(&line[top]) > limit) else {
        return Reading::missing("the medial arch line lies in the contact band: there is no arch");
    };
    let clear = |index: &usize| height(&line[*index]) > limit;
    let from = (0..=top).rev().take_while(clear).last().unwrap_or(top);
    let to = (top..line.len()).take_while(clear).last().unwrap_or(top);
    Reading::sure((line[to] - line[from]).norm())
}
