//! The handbook of the prescription: every key with what it means, its limits and source, and a picture of a shell
//! made with it. Everything stands in the keys' own entries; the pictures are made by the program itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use export::MeshSettings;
use order::{
    CompatibilityRule, DRAWN, Kind, MARK, MARK_ORDER, PRESCRIPTION, Parameter, ProfileKind,
    ProfileStore, read_case,
};
use picture::{PictureSize, Raster, Rgb, ShadeStyle, Shape, View, escaped, shaded};
use rayon::prelude::*;
use shell::Spec;
use vocabulary::{Findings, Side};

use crate::fitting::{self, Reach};
use crate::make::output;
use crate::observer::{Stopwatch, Unobserved};
use crate::settings::Bench;
use crate::side::{self, Fitted};
use crate::{Job, OutputFile, Refusal, Robust, ScanFile, operations, part_zones};

/// Chapters, each from its first key on.
const CHAPTERS: [(&str, &str); 7] = [
    ("arch_height_mm", "The foot"),
    ("cover_mm", "Corrections of the positive"),
    ("medial_skive_mm", "The heel"),
    ("shell_length", "The trim"),
    ("metatarsal_pad_mm", "Pads and extensions"),
    ("fascia_groove_mm", "Reliefs"),
    ("rearfoot_post_deg", "Posts, wedges and the underside"),
];

/// What is ordered beside a key so that the picture shows it: the start of keys, and lines of a prescription.
const BESIDE: [(&str, &str); 24] = [
    ("medial_arch_", "medial_arch_raise_mm = 5"),
    ("lateral_arch_", "lateral_arch_raise_mm = 4"),
    ("skive_plane", "medial_skive_mm = 5"),
    ("heel_hole_", "heel_hole_mm = 24"),
    ("metatarsal_pad_", "metatarsal_pad_mm = 5"),
    ("metatarsal_bar_", "metatarsal_bar_mm = 4\nshell_length = \"sulcus\""),
    ("neuroma_pad_", "neuroma_pad_mm = 4"),
    ("morton_extension_", "morton_extension_mm = 4"),
    ("fascia_groove_", "fascia_groove_mm = 3"),
    ("navicular_relief_", "navicular_relief_mm = 3"),
    ("fifth_base_relief_", "fifth_base_relief_mm = 3"),
    ("heel_spur_pocket_", "heel_spur_pocket_mm = 4"),
    ("rearfoot_post_", "rearfoot_post_deg = -4"),
    ("rearfoot_post_motion", "rearfoot_post_grind_deg = 4"),
    ("forefoot_post_", "forefoot_post_deg = -4"),
    ("wedge_extent", "wedge_deg = 5"),
    ("heel_lift_taper", "heel_lift_mm = 8"),
    ("ribs_count", "ribs_mm = 3"),
    ("toe_", "shell_length = \"full\""),
    ("toe_filler_", "toe_filler_mm = 14\ntoe_filler_first = 3"),
    ("cluffy_", "shell_length = \"full\""),
    ("kinetic_", "shell_length = \"full\""),
    ("reverse_morton", "shell_length = \"full\""),
    ("inversion_", "heel_cup_depth_mm = 20"),
];

/// Values that show a key better than the end of its usual range.
const SHOWN: [(&str, &str); 9] = [
    ("arch_fraction", "1.0"),
    ("cast_fill_mm", "6.4"),
    ("cast_dressing", "\"maximum\""),
    ("heel_cup_depth_mm", "20"),
    ("toe_filler_mm", "14"),
    ("toe_filler_first", "3"),
    ("toe_filler_last", "4"),
    ("heel_lift_taper_mm", "90"),
    ("heel_hole_mm", "28"),
];

/// Keys that do not change the shape.
const WITHOUT_PICTURE: [&str; 2] = ["arch_height_mm", "rigidity"];

/// The case on whose foot everything is shown.
const CASE: &str = "[patient]\ncode = \"handbook\"\nmass_kg = 70\nheight_m = 1.72\n[scan]\nright = \"phantom.stl\"\n";

/// Doses of the plain shell.
const PLAIN: &str =
    "arch_fraction = 0.8\nheel_cup_depth_mm = 14\nrearfoot_post_deg = 0\nforefoot_post_deg = 0\n";

/// Side of one view, drawing pixels.
const VIEW: f64 = 260.0;

/// Writes the handbook: `prescription.html` and a picture of every key. `scan` is a right foot, STL in mm.
///
/// # Errors
/// [`Refusal`] if the foot or a profile cannot be used.
pub fn handbook(scan: Vec<u8>, profiles: &ProfileStore) -> Result<Vec<OutputFile>, Refusal> {
    let case_text = format!("{CASE}[prescription]\n{PLAIN}");
    let case = read_case(&case_text, "handbook")?;
    let file = ScanFile { name: "phantom.stl".to_owned(), bytes: scan };
    let job = Job {
        case,
        case_text,
        case_name: "handbook".to_owned(),
        scans: BTreeMap::from([(Side::Right, file)]),
        trial: None,
        optimum: None,
        unused_optimum: None,
        pressure: None,
        refined: false,
        robust: Robust::default(),
        evaluations: None,
        profiles,
        reproducible: true,
    };
    let bench = Bench::read(&job)?;
    let mut watch = Stopwatch::new(&Unobserved, Side::Right);
    let reach = Reach::PostsAndArch;
    let fitted = side::fit(&job, &bench, reach, &mut watch, &mut Findings::new())?;
    let entries: Vec<Entry> =
        PRESCRIPTION.par_iter().map(|parameter| Entry::of(parameter, &bench, &fitted)).collect();
    let mark = marked_picture(&job, &fitted)?;
    let mut files = vec![
        output("prescription.html".to_owned(), html(&entries, &bench).into_bytes()),
        output(MARK_PICTURE.to_owned(), mark),
    ];
    for entry in entries {
        if let Some(png) = entry.picture {
            files.push(output(format!("pictures/{}.png", entry.parameter.key), png));
        }
    }
    Ok(files)
}

/// One key of the handbook.
struct Entry {
    parameter: &'static Parameter,
    /// The lines of a prescription that the picture shows.
    example: String,
    /// Limits of the operation that the key is the dose of.
    spec: Option<Spec>,
    /// What came out of the example.
    came_out: Option<String>,
    picture: Option<Vec<u8>>,
    /// Why there is no picture.
    refused: Option<String>,
}

impl Entry {
    fn of(parameter: &'static Parameter, bench: &Bench, fitted: &Fitted) -> Self {
        let example = example(parameter);
        let spec = operations::spec_of(parameter.key);
        let mut entry =
            Self { parameter, spec, came_out: None, picture: None, refused: None, example };
        if WITHOUT_PICTURE.contains(&parameter.key) {
            return entry;
        }
        match entry.build(bench, fitted) {
            Ok((came_out, png)) => (entry.came_out, entry.picture) = (came_out, Some(png)),
            Err(reason) => entry.refused = Some(reason),
        }
        entry
    }

    fn build(&self, bench: &Bench, fitted: &Fitted) -> Result<(Option<String>, Vec<u8>), String> {
        let text = format!("{CASE}[prescription]\n{}", self.example);
        let case = read_case(&text, "handbook").map_err(|error| error.to_string())?;
        let prescription = &case.prescription[&Side::Right];
        let mass_kg = case.patient.mass_kg;
        let doses = fitting::doses_without_optimizer(prescription, bench, mass_kg, 0.0);
        let design = operations::design(doses, prescription);
        let settings = bench.shell_settings(fitted.state);
        let shell = shell::build(&fitted.foot, &design, &settings, &mut Findings::new())
            .map_err(|error| error.to_string())?;
        let settings = MeshSettings { tolerance_mm: 0.1, ..MeshSettings::default() };
        let mesh = export::tessellate(&shell.slab, &settings).map_err(|error| error.to_string())?;
        let of = shell.applied.iter().find(|dose| dose.name == self.parameter.key);
        let came_out = of.map(|dose| {
            let unit = if dose.unit == "1" { "" } else { dose.unit };
            format!("{:.2} {unit}: {}", dose.realised, dose.note)
        });
        Ok((came_out, views(&mesh).png()))
    }
}

/// Path of the picture of a marked shell.
const MARK_PICTURE: &str = "pictures/mark.png";

/// What the picture of a marked shell shows.
const MARK_EXAMPLE: &str =
    "[mark]\nprofile = \"sunk\"\norder = \"2026-1187\"\nline = \"A.B. 11/26\"\n";

/// A marked shell from below.
fn marked_picture(job: &Job<'_>, fitted: &Fitted) -> Result<Vec<u8>, Refusal> {
    let case_text = format!("{CASE}{MARK_EXAMPLE}");
    let case = read_case(&case_text, "handbook")?;
    let job = Job { case, case_text, ..job.clone() };
    let bench = Bench::read(&job)?;
    let mut watch = Stopwatch::new(&Unobserved, Side::Right);
    let shaped = side::shape(&job, &bench, fitted, &[], (&mut watch, &mut Findings::new()))?;
    let style =
        ShadeStyle { background: Some(Rgb(255, 255, 255)), oversampling: 2, ..ShadeStyle::SHELL };
    let size = PictureSize::Within { width: 3.0 * VIEW, height: 3.0 * VIEW };
    let inked = part_zones::marked(&shaped.slab, &shaped.mesh);
    let shape = Shape::new(&shaped.mesh).inked(&inked);
    Ok(shape.shaded(View::Bottom, size, &style).raster.png())
}

/// The lines of a prescription that show a key, those of the plain shell first.
fn example(parameter: &Parameter) -> String {
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |text: &str| {
        for (key, value) in text.lines().filter_map(|line| line.split_once(" = ")) {
            lines.insert(key.to_owned(), value.to_owned());
        }
    };
    add(PLAIN);
    let key = parameter.key;
    BESIDE.iter().filter(|(start, _)| key.starts_with(start)).for_each(|(_, text)| add(text));
    let value = match (SHOWN.iter().find(|(name, _)| *name == key), parameter.kind) {
        (Some((_, shown)), _) => (*shown).to_owned(),
        (None, Kind::Choice { words }) => format!("\"{}\"", words[1 % words.len()]),
        (None, Kind::Count { high, .. }) => high.to_string(),
        (None, Kind::Number { low, high, .. }) => {
            let usual = operations::spec_of(key).map_or([low, 0.7 * high], |spec| spec.usual);
            let shown = if usual[1] > 0.0 { usual[1] } else { usual[0] };
            format!("{}", (shown * 10.0).round() / 10.0)
        }
        (None, Kind::Text | Kind::Texts { .. }) => String::new(),
    };
    add(&format!("{key} = {value}"));
    lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
}

/// From above, from below, from the medial side, and from behind, side by side.
fn views(mesh: &geometry::TriMesh) -> Raster {
    let style =
        ShadeStyle { background: Some(Rgb(255, 255, 255)), oversampling: 2, ..ShadeStyle::SHELL };
    let size = PictureSize::Within { width: VIEW, height: VIEW };
    let behind = View::Iso { azimuth: -2.6, elevation: 0.5 };
    let views: Vec<Raster> = [View::Top, View::Bottom, View::Left, behind]
        .into_iter()
        .map(|view| shaded(mesh, view, size, &style).raster)
        .collect();
    let height = views.iter().map(Raster::height).max().unwrap_or(1);
    let mut starts = vec![0];
    for view in &views {
        starts.push(starts.last().copied().unwrap_or(0) + view.width());
    }
    Raster::from_fn(views.iter().map(Raster::width).sum(), height, |x, y| {
        let index = starts.iter().rposition(|start| *start <= x).unwrap_or(0).min(views.len() - 1);
        let (view, column) = (&views[index], x - starts[index]);
        if y < view.height() && column < view.width() {
            view.pixels()[(y * view.width() + column) as usize]
        } else {
            [255; 4]
        }
    })
}

const STYLE: &str = "body{font:16px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2024}\
h1,h2{line-height:1.2}h2{margin-top:3rem;border-bottom:2px solid #d5dae0}h3{margin:2.2rem 0 .2rem;font-family:ui-monospace,monospace}\
img{max-width:100%;border:1px solid #d5dae0;border-radius:4px;margin:.4rem 0}.facts{color:#4a5560}\
table{border-collapse:collapse;font-size:.92rem}td,th{text-align:left;vertical-align:top;padding:.2rem .7rem .2rem 0;border-bottom:1px solid #e3e7eb}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#f3f5f7;padding:.5rem .8rem;border-radius:4px}\
nav a{margin-right:.8rem}.rule{border-left:3px solid #c9853c;padding-left:.7rem;margin:.3rem 0}";

fn html(entries: &[Entry], bench: &Bench) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Prescription handbook</title><style>{STYLE}</style></head><body>\n\
         <h1>Prescription handbook</h1>\n<p>Every key of <code>[prescription]</code>, made by solewright {} from the keys' \
         own entries; each picture shows a shell of the same foot from above, below, the medial side and behind. \
         Lengths may be written as <code>4</code>, <code>\"4 mm\"</code> or <code>\"3/16 in\"</code>, not ordered as \
         <code>\"none\"</code>. Angles are + lateral (valgus), - medial (varus).</p>\n<nav>",
        env!("CARGO_PKG_VERSION")
    );
    for (index, (_, chapter)) in CHAPTERS.iter().enumerate() {
        let _ = write!(page, "<a href=\"#chapter-{index}\">{chapter}</a>");
    }
    page.push_str("<a href=\"#drawn\">Drawn areas</a><a href=\"#mark\">Mark</a><a href=\"#rules\">Rules</a><a href=\"#lab\">Lab profile</a></nav>\n");
    for entry in entries {
        let key = entry.parameter.key;
        if let Some(index) = CHAPTERS.iter().position(|(first, _)| *first == key) {
            let _ = writeln!(page, "<h2 id=\"chapter-{index}\">{}</h2>", CHAPTERS[index].1);
        }
        page.push_str(&section(entry, &bench.rules));
    }
    page.push_str("<h2 id=\"drawn\">Drawn areas</h2>\n");
    for drawn in DRAWN {
        let _ = writeln!(
            page,
            "<h3>[[prescription.{}]]</h3><p>{}</p><p class=\"facts\">keys: {}</p>",
            drawn.key,
            escaped(drawn.help),
            drawn.entries.join(", ")
        );
    }
    let _ = writeln!(
        page,
        "<h2 id=\"mark\">Mark</h2>\n<p>Text and a Data Matrix with order and side on the underside, read from below. \
         Keys of <code>[mark]</code> in a case; those of a mark profile may stand there too, and go before the profile's.</p>\n\
         <img src=\"{MARK_PICTURE}\" alt=\"a marked shell from below\" loading=\"lazy\"><pre>{}</pre>",
        escaped(MARK_EXAMPLE)
    );
    let keys = MARK_ORDER.iter().chain(MARK);
    page.push_str(&table(keys));
    page.push_str(&rules(&bench.rules));
    page.push_str("<h2 id=\"lab\">Lab profile</h2>\n");
    page.push_str(&table(ProfileKind::Lab.parameters().iter()));
    page.push_str("</body></html>\n");
    page
}

/// Keys that have no picture, one a row.
fn table<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> String {
    let mut text = "<table><tr><th>key</th><th>range</th><th>default</th><th>what it is</th><th>source</th></tr>\n".to_owned();
    for parameter in parameters {
        let [range, preset, help, source] =
            [&parameter.range_words(), &parameter.preset_words(), parameter.help, parameter.source]
                .map(escaped);
        let _ = writeln!(
            text,
            "<tr><td><code>{}</code></td><td>{range}</td><td>{preset}</td><td>{help}</td><td>{source}</td></tr>",
            parameter.key
        );
    }
    text.push_str("</table>\n");
    text
}

fn section(entry: &Entry, rules: &[CompatibilityRule]) -> String {
    let parameter = entry.parameter;
    let key = parameter.key;
    let mut text = format!("<h3 id=\"{key}\">{key}</h3>\n<p>{}</p>\n", escaped(parameter.help));
    let _ = write!(
        text,
        "<p class=\"facts\">{}; {}; source: {}",
        escaped(&parameter.range_words()),
        escaped(&parameter.preset_words()),
        escaped(parameter.source)
    );
    if let Some(spec) = entry.spec.filter(|spec| spec.usual != spec.hard) {
        let [low, high] = spec.usual;
        let _ = write!(text, ". Usually {low} to {high} {}: {}", spec.unit, escaped(spec.because));
    }
    text.push_str("</p>\n");
    for rule in rules.iter().filter(|rule| rule.asks_for(key)) {
        let _ = writeln!(text, "<p class=\"rule\">{}</p>", escaped(&rule.words()));
    }
    if entry.picture.is_some() {
        let _ = writeln!(
            text,
            "<img src=\"pictures/{key}.png\" alt=\"a shell with {key}\" loading=\"lazy\">"
        );
        let _ = writeln!(text, "<pre>{}</pre>", escaped(&entry.example));
    }
    if let Some(came_out) = &entry.came_out {
        let _ = writeln!(text, "<p class=\"facts\">came out as {}</p>", escaped(came_out));
    }
    if let Some(reason) = &entry.refused {
        let _ = writeln!(text, "<p class=\"rule\">no picture: {}</p>", escaped(reason));
    }
    text
}

fn rules(rules: &[CompatibilityRule]) -> String {
    let mut text = "<h2 id=\"rules\">Rules</h2>\n".to_owned();
    for rule in rules {
        let _ = writeln!(text, "<p class=\"rule\">{}</p>", escaped(&rule.words()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_an_example_that_the_order_form_takes() {
        for parameter in PRESCRIPTION {
            let text = format!("{CASE}[prescription]\n{}", example(parameter));
            let case = read_case(&text, "handbook");
            assert!(case.is_ok(), "{}: {case:?}", parameter.key);
            assert!(text.contains(&format!("{} = ", parameter.key)), "{text}");
        }
        for (first, _) in CHAPTERS {
            assert!(PRESCRIPTION.iter().any(|parameter| parameter.key == first), "{first}");
        }
    }
}
