//! How near found feet come to the truth of random phantoms: `cargo run -p foot --example accuracy [COUNT [NOISE_MM]]`.
//!
//! Every phantom is turned at random and written in single precision before it is looked for. Printed
//! are the median, the 95th percentile and the greatest error of frame, landmarks and measures.

#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use foot::{FootRequest, Landmark, Landmarks, find_foot};
use geometry::Point3;
use nalgebra::{Rotation3, Translation3, Unit, Vector3};
use phantom::{PhantomSettings, Truth, generate};
use vocabulary::{Angle, Findings, Side};

/// Numbers between 0 and 1 from a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed: the sum of twelve, less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

fn settings(random: &mut Random) -> PhantomSettings {
    let length = random.within(200.0, 310.0);
    let side = if random.next() < 0.5 { Side::Left } else { Side::Right };
    PhantomSettings {
        side,
        length_mm: length,
        ball_width_mm: length * random.within(0.35, 0.41),
        heel_width_mm: length * random.within(0.24, 0.29),
        arch_height_mm: random.within(5.0, 0.1 * length),
        arch_apex_fraction: random.within(0.40, 0.47),
        forefoot_angle: Angle::from_deg(random.within(-6.0, 6.0)),
        leg_height_mm: length * random.within(0.33, 0.6),
        resolution_mm: 2.0,
        ..PhantomSettings::default()
    }
}

#[derive(Default)]
struct Table(Vec<(String, Vec<f64>)>);

impl Table {
    fn add(&mut self, name: &str, error: f64) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, errors)) => errors.push(error),
            None => self.0.push((name.to_owned(), vec![error])),
        }
    }

    fn print(&mut self) {
        println!(
            "{:32} {:>5} {:>8} {:>8} {:>8} {:>8}",
            "", "count", "mean", "|50 %|", "|95 %|", "|most|"
        );
        for (name, errors) in &mut self.0 {
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            let at = |share: f64| sizes[((sizes.len() - 1) as f64 * share).round() as usize];
            let [half, most, all] = [at(0.5), at(0.95), at(1.0)];
            println!("{name:32} {:5} {mean:8.3} {half:8.3} {most:8.3} {all:8.3}", sizes.len());
        }
    }
}

/// Every landmark as it was found and as it is; `None` where it is not there.
fn places(found: &Landmarks, truth: &Truth) -> Vec<(String, Option<Landmark>, Option<Point3>)> {
    let mut places: Vec<(String, Option<Landmark>, Option<Point3>)> = [
        ("heel seat", Some(found.heel_seat), Some(truth.heel_seat)),
        ("heel back", Some(found.heel_back), Some(truth.heel_back)),
        ("first head", Some(found.first_metatarsal_head), Some(truth.first_metatarsal_head)),
        ("fifth head", Some(found.fifth_metatarsal_head), Some(truth.fifth_metatarsal_head)),
        ("arch apex", Some(found.arch_apex), Some(truth.arch_apex)),
        ("navicular", found.navicular, Some(truth.navicular)),
        ("fifth base", found.fifth_metatarsal_base, Some(truth.fifth_metatarsal_base)),
        ("toe tip", Some(found.toe_tip), Some(truth.toe_tip)),
        ("medial malleolus", found.medial_malleolus, truth.medial_malleolus),
        ("lateral malleolus", found.lateral_malleolus, truth.lateral_malleolus),
        ("Achilles lower", found.achilles_line.map(|l| l[0]), truth.achilles_line.map(|l| l[0])),
        ("Achilles upper", found.achilles_line.map(|l| l[1]), truth.achilles_line.map(|l| l[1])),
    ]
    .into_iter()
    .map(|(name, found, truth)| (name.to_owned(), found, truth))
    .collect();
    for (toe, (found, truth)) in found.toe_tips.iter().zip(truth.toe_tips).enumerate() {
        places.push((format!("toe {}", toe + 1), *found, Some(truth)));
    }
    places
}

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(20);
    let noise = std::env::args().nth(2).and_then(|sigma| sigma.parse().ok()).unwrap_or(0.0);
    let mut random = Random(42);
    let mut table = Table::default();
    for _ in 0..count {
        let settings = settings(&mut random);
        let axis = Vector3::new(random.next() - 0.5, random.next() - 0.5, random.next() - 0.5);
        let turn = Rotation3::from_axis_angle(&Unit::new_normalize(axis), random.within(0.0, 6.0));
        let motion = Translation3::new(300.0, -200.0, 100.0) * turn;
        let phantom = match generate(&settings) {
            Ok(phantom) => phantom,
            Err(error) => {
                println!("no phantom: {error}");
                continue;
            }
        };
        let mut scan = phantom.mesh.map_vertices(|p| motion * p);
        for vertex in &mut scan.vertices {
            let shake = Vector3::from_fn(|_, _| noise * random.normal());
            *vertex = Point3::from((vertex.coords + shake).map(|c| f64::from(c as f32)));
        }
        let request = FootRequest::new(settings.side);
        let foot = match find_foot(&scan, &request, &mut Findings::new()) {
            Ok(foot) => foot,
            Err(error) => {
                println!("{settings:?}: {error}");
                table.add("refused", 1.0);
                continue;
            }
        };
        let truth = &phantom.truth;
        let outward = if settings.side == Side::Left { -1.0 } else { 1.0 };
        let right = |p: Point3| Point3::new(outward * p.x, p.y, p.z);
        // From the truth's frame to the found one: the identity if all is well.
        let placed = |p: Point3| foot.foot_from_scan.place(&(motion * right(p)));
        let origin = placed(Point3::origin());
        let [x, y, z] = [Vector3::x(), Vector3::y(), Vector3::z()]
            .map(|axis| placed(Point3::from(axis)) - origin);
        table.add("frame roll, deg", x.z.atan2(z.z).to_degrees());
        table.add("frame pitch, deg", y.z.atan2(y.y).to_degrees());
        table.add("frame yaw, deg", y.x.atan2(y.y).to_degrees());
        table.add("origin x", origin.x);
        table.add("origin y", origin.y);
        table.add("origin z", origin.z);
        let measured = &foot.measurements;
        table.add("length", measured.length_mm - truth.length_mm);
        table.add("ball width", measured.ball_width_mm - truth.ball_width_mm);
        table.add("heel width", measured.heel_width_mm - truth.heel_width_mm);
        if let Some(arch) = measured.arch_height_mm {
            table.add("arch height", arch - truth.arch_height_mm);
        }
        // Landmark errors are distances on the body, free of the frame's error.
        for (name, found, truth) in places(&foot.landmarks, truth) {
            let (Some(found), Some(truth)) = (found, truth) else {
                let which = if found.is_some() { "found, not there" } else { "missed" };
                if found.is_some() != truth.is_some() {
                    table.add(&format!("{name} {which}"), 1.0);
                }
                continue;
            };
            let apart = found.position - placed(right(truth));
            table.add(&name, apart.norm());
            for (axis, letter) in ["x", "y", "z"].iter().enumerate() {
                table.add(&format!("  {name} {letter}"), apart[axis]);
            }
        }
    }
    table.print();
}
