//! `solewright phantom`: feet with known truth, and scans of them as bad scanners make them.

use std::path::PathBuf;

use geometry::Point3;
use phantom::file::{ScanFormat, scan_bytes};
use phantom::spoil::{SpoiledScan, Spoiler, spoil};
use phantom::{Load, PhantomFoot, PhantomSettings, ToePattern, ToePosture, Truth, generate};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vocabulary::{Angle, Side};

use crate::{Refusal, files};

/// Generate a pair of feet with known truth, clean or spoiled as scanners do.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder for the results; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// From the most posterior heel to the foremost toe.
    #[arg(long, value_name = "MM", default_value_t = 260.0)]
    length_mm: f64,
    /// From first to fifth metatarsal head; 0.377 of the length when not given.
    #[arg(long, value_name = "MM")]
    ball_width_mm: Option<f64>,
    /// Widest section of the heel; 0.269 of the length when not given.
    #[arg(long, value_name = "MM")]
    heel_width_mm: Option<f64>,
    /// Height of the sole over the ground at the arch apex.
    #[arg(long, value_name = "MM", default_value_t = 16.0)]
    arch_height_mm: f64,
    /// How much lower the arch of the left foot is than that of the right one.
    #[arg(long, value_name = "MM", default_value_t = 0.0, allow_negative_numbers = true)]
    left_arch_lower_mm: f64,
    /// Where the arch is highest, from the most posterior heel, as a fraction of the length.
    #[arg(long, value_name = "FRACTION", default_value_t = 0.43)]
    arch_apex_fraction: f64,
    /// Forefoot against rearfoot: + lateral border raised (valgus), - medial border raised (varus).
    #[arg(long, value_name = "DEG", default_value_t = 0.0, allow_negative_numbers = true)]
    forefoot_deg: f64,
    /// Heel and leg against the upright: + valgus, - varus.
    #[arg(long, value_name = "DEG", default_value_t = 0.0, allow_negative_numbers = true)]
    rearfoot_deg: f64,
    /// Which toes are the longest: egyptian, greek or square.
    #[arg(long, value_name = "PATTERN", default_value = "egyptian", value_parser = word::<ToePattern>)]
    toe_pattern: ToePattern,
    /// How the toes are held: resting, lifted or curled.
    #[arg(long, value_name = "POSTURE", default_value = "resting", value_parser = word::<ToePosture>)]
    toes: ToePosture,
    /// How much weight the foot bears: full, semi or unloaded.
    #[arg(long, value_name = "LOAD", default_value = "full", value_parser = word::<Load>)]
    load: Load,
    /// Height of folds and creases of the skin.
    #[arg(long, value_name = "MM", default_value_t = 0.0)]
    skin_detail_mm: f64,
    /// Height of the leg cut; half the length when not given.
    #[arg(long, value_name = "MM")]
    leg_height_mm: Option<f64>,
    /// Edge length of the mesh.
    #[arg(long, value_name = "MM", default_value_t = 2.0)]
    resolution_mm: f64,
    /// A fault of the scan: its name and numbers, as in the examples; may be given often.
    #[arg(long, value_name = "FAULT", value_parser = fault)]
    spoil: Vec<Spoiler>,
    /// Decides everything about the faults that is left to chance.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// stl-binary, stl-binary-lying, stl-text, obj, ply-text, ply-little-endian, ply-big-endian or xyz.
    #[arg(long, value_name = "FORMAT", default_value = "stl-binary", value_parser = word::<ScanFormat>)]
    format: ScanFormat,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

const AFTER_HELP: &str = "Examples:
  solewright phantom --out scans/phantom --length-mm 260 --arch-height-mm 16
  solewright phantom --out spoiled --spoil 'noise sigma_mm=0.3' --spoil 'holes count=3 radius_mm=8 \
region=sole' --spoil turned-any-way --spoil 'in-unit unit=m'

Writes left_foot and right_foot (millimeters, sole down, toes along +y, unless spoiled) and truth.json,
with the landmarks where the files have them.

Faults: noise sigma_mm; correlated-noise sigma_mm over_mm; spikes share height_mm; holes count radius_mm
region (sole, heel, ball, arch, instep, anywhere); open-top; sole-missing below_mm; sole-flat;
plantar-only below_mm; floor margin_mm fused (true, false); box-rim height_mm; background-board behind_mm;
support-stand; second-foot gap_mm; heel-cut-off by_mm; toes-cut-off by_mm; debris count radius_mm;
non-manifold-edges count; views count shift_mm turn_deg; motion-step at_fraction up_mm across_mm;
decimated cell_mm; subdivided; unwelded apart_mm; duplicated share; shuffled; inward-winding;
mixed-winding share; point-cloud; foam-imprint depth_mm rim_mm; positive-cast height_mm;
turned axis (x,y,z) degrees shift_mm (x,y,z); turned-any-way; mirrored; in-unit unit (mm, cm, m, in).";

/// Reads a word of one of the phantom's lists.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::from(text)).map_err(|error| error.to_string())
}

/// Reads a fault and its numbers: `"holes count=3 radius_mm=8 region=sole"`.
fn fault(text: &str) -> Result<Spoiler, String> {
    let mut words = text.split_whitespace();
    let mut table = serde_json::Map::new();
    table.insert("kind".to_owned(), Value::from(words.next().unwrap_or_default()));
    for setting in words {
        let (key, value) = setting.split_once('=').ok_or_else(|| {
            format!("\"{setting}\" should be a key and a value, like sigma_mm=0.3")
        })?;
        let value = if value.contains(',') {
            Value::Array(value.split(',').map(plain).collect())
        } else {
            plain(value)
        };
        table.insert(key.to_owned(), value);
    }
    serde_json::from_value(Value::Object(table)).map_err(|error| error.to_string())
}

/// A number, `true`, `false`, or a word.
fn plain(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

impl Arguments {
    fn settings(&self, side: Side) -> PhantomSettings {
        let average = PhantomSettings::default();
        let scale = self.length_mm / average.length_mm;
        let lower = if side == Side::Left { self.left_arch_lower_mm } else { 0.0 };
        PhantomSettings {
            side,
            length_mm: self.length_mm,
            ball_width_mm: self.ball_width_mm.unwrap_or(average.ball_width_mm * scale),
            heel_width_mm: self.heel_width_mm.unwrap_or(average.heel_width_mm * scale),
            arch_height_mm: self.arch_height_mm - lower,
            arch_apex_fraction: self.arch_apex_fraction,
            forefoot_angle: Angle::from_deg(self.forefoot_deg),
            rearfoot_angle: Angle::from_deg(self.rearfoot_deg),
            toe_pattern: self.toe_pattern,
            toe_posture: self.toes,
            load: self.load,
            skin_detail_mm: self.skin_detail_mm,
            leg_height_mm: self.leg_height_mm.unwrap_or(average.leg_height_mm * scale),
            resolution_mm: self.resolution_mm,
        }
    }

    /// The foot and its scan.
    fn scan(&self, side: Side) -> Result<(PhantomFoot, SpoiledScan), Refusal> {
        let foot = generate(&self.settings(side))?;
        let scan = spoil(&foot, &self.spoil, self.seed)?;
        Ok((foot, scan))
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    files::check_out(&arguments.out)?;
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut truths = serde_json::Map::new();
    for side in Side::BOTH {
        let (foot, scan) = arguments.scan(side)?;
        let name = format!("{side}_foot.{}", arguments.format.extension());
        let bytes = if arguments.spoil.is_empty() && arguments.format == ScanFormat::StlBinary {
            export::stl_bytes(&foot.mesh)
        } else {
            scan_bytes(&scan.mesh, arguments.format)
        };
        outputs.push((name, bytes));
        let mut truth = truth(&foot.truth, &scan);
        if !arguments.spoil.is_empty() {
            truth["scan"] = faults(arguments, &scan);
        }
        truths.insert(side.name().to_owned(), truth);
    }
    let text = format!("{:#}\n", Value::Object(truths.clone()));
    outputs.push(("truth.json".to_owned(), text.into_bytes()));
    let borrowed: Vec<(String, &[u8])> =
        outputs.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice())).collect();
    files::write_all(&arguments.out, &borrowed)?;
    if arguments.json {
        say!("{}", json!({ "ok": true, "out": arguments.out, "truth": truths }));
    } else {
        for (name, bytes) in &borrowed {
            say!("{} ({} bytes)", arguments.out.join(name).display(), bytes.len());
        }
    }
    Ok(())
}

/// Micrometers are enough for a truth, and keep the file readable.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// Measures of the foot, and its landmarks where the file has them, in mm.
fn truth(truth: &Truth, scan: &SpoiledScan) -> Value {
    let mm = scan.placement.unit.mm();
    let place = |point: &Point3| json!([point.x, point.y, point.z].map(|c| rounded(c * mm)));
    let landmarks: serde_json::Map<String, Value> = scan
        .landmarks_in_file()
        .iter()
        .map(|(name, point)| ((*name).to_owned(), place(point)))
        .collect();
    json!({
        "triangles": scan.mesh.triangles.len(),
        "length_mm": rounded(truth.length_mm),
        "ball_width_mm": rounded(truth.ball_width_mm),
        "heel_width_mm": rounded(truth.heel_width_mm),
        "truncated_length_mm": rounded(truth.truncated_length_mm),
        "arch_height_mm": rounded(truth.arch_height_mm),
        "dorsum_height_mm": rounded(truth.dorsum_height_mm()),
        "navicular_height_mm": rounded(truth.navicular_height_mm()),
        "ball_girth_mm": rounded(truth.ball_girth_mm()),
        "instep_girth_mm": rounded(truth.instep_girth_mm()),
        "arch_height_index": rounded(truth.arch_height_index()),
        "arch_index": rounded(truth.arch_index()),
        "rearfoot_deg": rounded(truth.rearfoot_angle.deg()),
        "forefoot_to_rearfoot_deg": rounded(truth.forefoot_to_rearfoot.deg()),
        "landmarks_mm": landmarks,
    })
}

/// What was done to the scan, and what may be asked of a reader.
fn faults(arguments: &Arguments, scan: &SpoiledScan) -> Value {
    let placement = &scan.placement;
    let turn = placement.rotation.quaternion().coords;
    json!({
        "faults": arguments.spoil,
        "seed": arguments.seed,
        "unit": placement.unit,
        "shown_side": scan.shown_side,
        "mirrored": placement.mirrored,
        "rotation_xyzw": [turn.x, turn.y, turn.z, turn.w],
        "shift_mm": [placement.shift_mm.x, placement.shift_mm.y, placement.shift_mm.z],
        "expected": scan.expectation,
    })
}

#[cfg(test)]
mod tests {
    use phantom::spoil::Region;

    use super::*;

    #[test]
    fn faults_are_read_from_words() {
        let holes = Spoiler::Holes { count: 3, radius_mm: 8.0, region: Region::Sole };
        assert_eq!(fault("holes count=3 radius_mm=8 region=sole"), Ok(holes));
        assert_eq!(fault("mirrored"), Ok(Spoiler::Mirrored {}));
        let turned =
            Spoiler::Turned { axis: [0.0, 1.0, 0.0], degrees: -90.0, shift_mm: [1.0, 2.0, 3.5] };
        assert_eq!(fault("turned axis=0,1,0 degrees=-90 shift_mm=1,2,3.5"), Ok(turned));
        assert!(fault("noise").unwrap_err().contains("sigma_mm"), "what is missing is named");
        assert!(fault("noise sigma=1").unwrap_err().contains("sigma"));
        assert!(fault("noise 0.3").unwrap_err().contains("key and a value"));
        assert!(fault("rust").unwrap_err().contains("unknown variant"));
    }
}
