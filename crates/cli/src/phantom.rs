//! `solewright phantom`: sample feet with known truth.

use std::path::PathBuf;

use geometry::Point3;
use phantom::{PhantomSettings, Truth, generate};
use serde_json::{Value, json};
use vocabulary::{Angle, Side};

use crate::{Refusal, files};

/// Generate a pair of sample feet with known truth.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  solewright phantom --out scans/phantom --length-mm 260 --arch-height-mm 16\n\n\
Writes left_foot.stl, right_foot.stl (millimeters, sole down, toes along +y) and truth.json."
)]
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
    /// Forefoot against rearfoot: + lateral border raised (valgus), - medial border raised (varus).
    #[arg(long, value_name = "DEG", default_value_t = 0.0, allow_negative_numbers = true)]
    forefoot_deg: f64,
    /// Edge length of the mesh.
    #[arg(long, value_name = "MM", default_value_t = 2.0)]
    resolution_mm: f64,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
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
            forefoot_angle: Angle::from_deg(self.forefoot_deg),
            leg_height_mm: average.leg_height_mm * scale,
            resolution_mm: self.resolution_mm,
            ..average
        }
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    files::check_out(&arguments.out)?;
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut truths = serde_json::Map::new();
    for side in Side::BOTH {
        let foot = generate(&arguments.settings(side))?;
        outputs.push((format!("{side}_foot.stl"), export::stl_bytes(&foot.mesh)));
        truths.insert(side.name().to_owned(), truth(&foot.truth, foot.mesh.triangles.len()));
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

fn truth(truth: &Truth, triangles: usize) -> Value {
    // Micrometers are enough for a truth, and keep the file readable.
    let rounded = |value: f64| (value * 1e3).round() / 1e3;
    let place = |point: Point3| json!([rounded(point.x), rounded(point.y), rounded(point.z)]);
    json!({
        "triangles": triangles,
        "length_mm": rounded(truth.length_mm),
        "ball_width_mm": rounded(truth.ball_width_mm),
        "heel_width_mm": rounded(truth.heel_width_mm),
        "truncated_length_mm": rounded(truth.truncated_length_mm),
        "arch_height_mm": rounded(truth.arch_height_mm),
        "landmarks_mm": {
            "heel_seat": place(truth.heel_seat),
            "heel_back": place(truth.heel_back),
            "first_metatarsal_head": place(truth.first_metatarsal_head),
            "fifth_metatarsal_head": place(truth.fifth_metatarsal_head),
            "arch_apex": place(truth.arch_apex),
            "toe_tip": place(truth.toe_tip),
        },
    })
}
