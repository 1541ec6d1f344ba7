//! The pictures of a scan's sheet.

use foot::Foot;
use foot::measure::{MeasureName, MeasureSheet, section_lines};
use foot::quality::{self, Check, Verdict};
use geometry::{HeightField, Point2, Point3};
use picture::{
    ColorMap, Gauge, GaugeMark, HeatMapStyle, Label, MapMarker, PictureSize, Section, SectionStyle,
    ShadeStyle, Shape, Svg, ThicknessLabel, View, ViewNotes, annotated_view, cross_sections,
    gauges, heat_map, tiles,
};
use vocabulary::Side;

use crate::scan_sheet::checks_by_name;
use crate::{OutputFile, make};

/// Drawing pixels per mm of the views: a foot and its labels fit a page.
const SCALE: PictureSize = PictureSize::PerMm(1.6);

/// How far a landmark may lie under the drawn surface and still be marked, mm.
const SEEN_WITHIN_MM: f64 = 2.5;

/// Shares of the length at which the foot is cut, and what is there.
const CUTS: [(f64, &str); 5] = [
    (0.12, "heel, 12 % of the length"),
    (0.30, "behind the arch, 30 %"),
    (0.43, "arch, 43 %"),
    (0.50, "instep, 50 %"),
    (0.70, "ball, 70 %"),
];

/// Every picture, by file name.
pub(crate) fn all(foot: &Foot, measures: &MeasureSheet, checks: &[Check]) -> Vec<OutputFile> {
    let views = Views::of(foot);
    let drawings = [
        ("top.svg", views.draw(View::Top, "from above", true)),
        ("side.svg", views.draw(views.medial(), "from the medial side", true)),
        ("height-map.svg", height_map(foot)),
        ("cross-sections.svg", sections(foot)),
        ("landmarks.svg", landmarks(&views, foot.side)),
        ("quality.svg", quality_page(foot, measures, checks)),
    ];
    drawings
        .into_iter()
        .map(|(name, svg)| make::output(name.to_owned(), svg.as_str().as_bytes().to_vec()))
        .collect()
}

/// The foot as it is: a left one turned back.
struct Views {
    side: Side,
    mesh: geometry::TriMesh,
    labels: Vec<Label>,
}

impl Views {
    fn of(foot: &Foot) -> Self {
        let outward = if foot.side == Side::Left { -1.0 } else { 1.0 };
        let labels = foot.landmarks.named().map(|(name, mark)| Label {
            text: name.key().replace('_', " "),
            position: Point3::new(outward * mark.position.x, mark.position.y, mark.position.z),
        });
        let mesh = match foot.side {
            Side::Left => foot.mesh.mirrored_x(),
            Side::Right => foot.mesh.clone(),
        };
        Self { side: foot.side, mesh, labels: labels.collect() }
    }

    const fn medial(&self) -> View {
        match self.side {
            Side::Right => View::Left,
            Side::Left => View::Right,
        }
    }

    const fn lateral(&self) -> View {
        match self.side {
            Side::Right => View::Right,
            Side::Left => View::Left,
        }
    }

    fn draw(&self, view: View, words: &str, labelled: bool) -> Svg {
        let rendering = Shape::new(&self.mesh).shaded(view, SCALE, &ShadeStyle::FOOT);
        let seen = |label: &&Label| labelled && rendering.sees(&label.position, SEEN_WITHIN_MM);
        let notes = ViewNotes {
            labels: self.labels.iter().filter(seen).cloned().collect(),
            borders: borders(self.side, view),
            scale_bar_mm: 50.0,
            description: format!(
                "{} foot {words}, with its landmarks and a bar of 50 mm",
                self.side
            ),
        };
        annotated_view(&rendering, &notes)
    }
}

/// What lies at the left and right border of a view.
fn borders(side: Side, view: View) -> [String; 2] {
    let [inner, outer] = ["medial", "lateral"].map(str::to_owned);
    let [toes, heel] = ["toes", "heel"].map(str::to_owned);
    let right_of_above = side == Side::Right;
    match view {
        View::Left => [toes, heel],
        View::Right => [heel, toes],
        View::Bottom | View::Front if right_of_above => [outer, inner],
        View::Bottom | View::Front => [inner, outer],
        _ if right_of_above => [inner, outer],
        _ => [outer, inner],
    }
}

/// From above, from below, from both sides and from behind, each with the landmarks that it shows.
fn landmarks(views: &Views, side: Side) -> Svg {
    let of = |view: View, words: &str| (words.to_owned(), views.draw(view, words, true));
    let rows = vec![
        vec![of(View::Top, "From above"), of(View::Bottom, "Sole, from below")],
        vec![of(views.medial(), "Medial side"), of(View::Back, "From behind")],
        vec![of(views.lateral(), "Lateral side")],
    ];
    tiles(&rows, &format!("Landmarks of the {side} foot from five sides"))
}

fn height_map(foot: &Foot) -> Svg {
    let marks = &foot.landmarks;
    let marker = |text: &str, place: Point3| MapMarker { at: place.xy(), text: text.to_owned() };
    let mut markers = vec![
        marker("heel seat", marks.heel_seat.position),
        marker("first metatarsal head", marks.first_metatarsal_head.position),
        marker("fifth metatarsal head", marks.fifth_metatarsal_head.position),
    ];
    if foot.sole.imaged {
        let apex = marks.arch_apex.position;
        markers.push(marker(&format!("arch apex {:.1} mm", apex.z), apex));
    }
    heat_map(
        &foot.plantar.heights,
        &HeatMapStyle {
            quantity: "height, mm".to_owned(),
            range: Some((0.0, HIGHEST_MM)),
            contour_step: Some(2.0),
            mirrored: foot.side == Side::Left,
            borders: borders(foot.side, View::Top),
            height: 620.0,
            markers,
            description: format!(
                "Height of the sole of the {} foot over the ground, mm, seen from above; contour lines every 2 mm",
                foot.side
            ),
            ..HeatMapStyle::default()
        },
    )
}

/// Heights from here on look alike on the map, mm: above it are the walls of the foot, no sole.
const HIGHEST_MM: f64 = 30.0;

/// Steps of the cuts' outline across the foot, mm.
const CUT_STEP_MM: f64 = 0.5;

/// Height up to which a cut is drawn, as a share of the length: above it is the leg.
const CUT_TOP_SHARE: f64 = 0.32;

fn sections(foot: &Foot) -> Svg {
    let top = CUT_TOP_SHARE * foot.measurements.length_mm;
    let cut = |&(share, title): &(f64, &str)| {
        let pieces = outline(&section_lines(foot, share), top);
        let points = || pieces.iter().flatten().copied();
        let highest = points().reduce(|best, here| if here.2 > best.2 { here } else { best });
        let labels = highest
            .filter(|point| point.2 < top)
            .map(|(at, _, height)| ThicknessLabel { at, thickness: height });
        let section =
            Section { title: String::new(), pieces, labels: labels.into_iter().collect() };
        let style = SectionStyle {
            along: "mm across".to_owned(),
            ends: borders(foot.side, View::Back),
            mirrored: foot.side == Side::Left,
            description: format!("Upright section across the {} foot: {title}", foot.side),
        };
        (title.to_owned(), cross_sections(&[section], &style))
    };
    let cuts: Vec<_> = CUTS.iter().map(cut).collect();
    let rows: Vec<_> = cuts.chunks(2).map(<[_]>::to_vec).collect();
    let words =
        "Upright sections across the foot; the number over each is its height over the ground, mm";
    tiles(&rows, &format!("{words} ({} foot)", foot.side))
}

/// Lowest and highest place of a cut at every step across, in pieces without gaps, cut off at `top`.
fn outline(lines: &[[Point2; 2]], top: f64) -> Vec<Vec<(f64, f64, f64)>> {
    let reach = |pick: fn(f64, f64) -> f64| {
        lines.iter().flatten().map(|point| point.x).reduce(pick).unwrap_or(0.0)
    };
    let (low, high) = (reach(f64::min), reach(f64::max));
    let steps = ((high - low) / CUT_STEP_MM) as usize;
    let at = |step: usize| low + step as f64 * CUT_STEP_MM;
    let mut range: Vec<Option<[f64; 2]>> = vec![None; steps + 1];
    for [from, to] in lines {
        let (near, far) = if from.x <= to.x { (from, to) } else { (to, from) };
        let first = ((near.x - low) / CUT_STEP_MM).ceil().max(0.0) as usize;
        let last = (((far.x - low) / CUT_STEP_MM).floor().max(0.0) as usize).min(steps);
        for (step, entry) in range.iter_mut().enumerate().take(last + 1).skip(first) {
            let share = if far.x > near.x { (at(step) - near.x) / (far.x - near.x) } else { 0.0 };
            let z = near.y + share * (far.y - near.y);
            let [least, most] = entry.unwrap_or([z, z]);
            *entry = Some([least.min(z), most.max(z)]);
        }
    }
    let mut pieces: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new()];
    for (step, entry) in range.into_iter().enumerate() {
        match (entry, pieces.last_mut()) {
            (Some([least, most]), Some(piece)) if least < top => {
                piece.push((at(step), least, most.min(top)));
            }
            (_, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// What was seen of the sole, the print, and every check beside its limits.
fn quality_page(foot: &Foot, measures: &MeasureSheet, checks: &[Check]) -> Svg {
    let rows: Vec<Gauge> = checks_by_name(checks)
        .filter_map(|(name, check)| {
            let entry = name.entry();
            let (value, decimals) = (check.value?, entry.decimals);
            Some(Gauge {
                label: entry.name.to_owned(),
                words: format!("{value:.decimals$}{}", quality::unit_words(entry.unit)),
                value,
                good: check.limit?,
                bad: check.refused_limit,
                low_is_bad: entry.low_is_bad,
                mark: match check.verdict {
                    Verdict::Good => GaugeMark::Good,
                    Verdict::Usable => GaugeMark::Warning,
                    Verdict::Refused => GaugeMark::Bad,
                },
            })
        })
        .collect();
    let title = |words: &str| words.to_owned();
    let mut first = vec![(title("What was seen of the sole"), imaged(foot))];
    if measures.print.is_some() {
        first.push((title("Contact print and its thirds"), print(foot, measures)));
    }
    tiles(
        &[first, vec![(title("Checks"), gauges(&rows, "Checks of the scan beside their limits"))]],
        &format!("Quality of the scan of the {} foot", foot.side),
    )
}

/// The sole as a map of classes, each a value from 0 to 3 with its name.
fn class_map(
    foot: &Foot,
    quantity: &str,
    classes: &[(f64, &str)],
    class: impl Fn(usize) -> Option<f64>,
) -> Svg {
    let heights = (0..foot.plantar.heights.heights.len())
        .map(|index| class(index).unwrap_or(f64::NAN))
        .collect();
    let field = HeightField { heights, ..foot.plantar.heights.clone() };
    let names: Vec<&str> = classes.iter().map(|(_, name)| *name).collect();
    heat_map(
        &field,
        &HeatMapStyle {
            colors: ColorMap::Height,
            range: Some((0.0, 3.0)),
            quantity: quantity.to_owned(),
            cells: true,
            classes: classes.iter().map(|(value, name)| (*value, (*name).to_owned())).collect(),
            mirrored: foot.side == Side::Left,
            borders: borders(foot.side, View::Top),
            height: 420.0,
            description: format!(
                "Sole of the {} foot seen from above: {}",
                foot.side,
                names.join(", ")
            ),
            ..HeatMapStyle::default()
        },
    )
}

const SEEN: f64 = 2.2;
const NOT_SEEN: f64 = 0.3;

fn imaged(foot: &Foot) -> Svg {
    let classes = [(SEEN, "imaged"), (NOT_SEEN, "not imaged, or filled in")];
    class_map(foot, "sole", &classes, |index| {
        let known = !foot.plantar.heights.heights[index].is_nan();
        known.then(|| if foot.plantar.imaged[index] { SEEN } else { NOT_SEEN })
    })
}

const CLEAR: f64 = 2.8;
const TOES: f64 = 2.1;
const ENDS: f64 = 1.4;
const MIDDLE: f64 = 0.4;

fn print(foot: &Foot, measures: &MeasureSheet) -> Svg {
    let columns = foot.plantar.heights.columns;
    let index = measures
        .value(MeasureName::ArchIndex)
        .map_or_else(String::new, |index| format!("arch index {index:.3}"));
    let classes = [
        (ENDS, "front and back third"),
        (MIDDLE, "middle third"),
        (TOES, "toes, not counted"),
        (CLEAR, "clear of the ground"),
    ];
    class_map(foot, &index, &classes, |index| {
        let print = measures.print.as_ref()?;
        if foot.plantar.heights.heights[index].is_nan() {
            return None;
        }
        let y = foot.plantar.heights.node(0, index / columns).y;
        let middle = (print.thirds_y[1]..print.thirds_y[2]).contains(&y);
        Some(match (print.touches[index], print.toeless[index]) {
            (false, _) => CLEAR,
            (true, false) => TOES,
            (true, true) if middle => MIDDLE,
            (true, true) => ENDS,
        })
    })
}
