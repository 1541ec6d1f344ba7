//! Random prescriptions within the hard limits, and what must come of each.

use foot::{Foot, FootRequest};
use geometry::{Slab, TriMesh, check_closed};
use phantom::PhantomSettings;
use shell::{
    Border, Construction, Design, Length, Operation, PadSize, PostFace, PostStyle, PressureGrid,
    SKIVE_PLANE_DEG, ShellSettings, Station, WedgeExtent, Zone,
};
use vocabulary::{Findings, Side};

/// Equally likely numbers in [0, 1), the same in every run (Knuth's MMIX generator).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d);
        dice.roll();
        dice
    }

    pub(crate) fn roll(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.roll()
    }

    pub(crate) fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[((self.roll() * values.len() as f64) as usize).min(values.len() - 1)]
    }
}

/// The doses that every shell has.
fn always(dice: &mut Dice) -> Vec<Operation> {
    let posted = |post: f64| if post.abs() < 1.0 { 0.0 } else { post };
    let style = PostStyle {
        construction: dice.of(&[
            Construction::Extrinsic,
            Construction::Extrinsic,
            Construction::Intrinsic,
        ]),
        face: dice.of(&[PostFace::Full, PostFace::Full, PostFace::Strip, PostFace::Quarter]),
        grind_deg: dice.of(&[0.0, 0.0, 0.0, 4.0]),
        motion_deg: dice.of(&[0.0, 4.0]),
    };
    vec![
        Operation::ArchFraction { share: dice.roll() },
        Operation::CastFill { fill_mm: dice.of(&[0.0, 0.0, 3.2, 6.4, -1.5]) },
        Operation::HeelCup { depth_mm: dice.between(6.0, 20.0) },
        Operation::RearfootPost { angle_deg: posted(dice.between(-8.0, 8.0)), style },
        Operation::ForefootPost {
            angle_deg: posted(dice.between(-5.0, 6.0)),
            construction: dice.of(&[Construction::Extrinsic, Construction::Intrinsic]),
        },
        Operation::Thickness { shell_mm: dice.between(2.0, 6.0) },
        Operation::ShellLength {
            length: dice.of(&[Length::Mets, Length::Mets, Length::Sulcus, Length::Full]),
        },
    ]
}

/// One of every other kind, its placement drawn; the dose follows from its limits.
fn others(dice: &mut Dice) -> Vec<Operation> {
    let border = dice.of(&[Border::Medial, Border::Lateral]);
    let head = dice.of(&[1_u8, 2, 3, 4]);
    let (x, y) = (dice.between(-25.0, 25.0), dice.between(0.0, 120.0));
    let toe = dice.of(&[1_u8, 2, 3, 4, 5]);
    let forward_mm = dice.between(-8.0, 8.0);
    let behind_mm = dice.between(5.0, 25.0);
    let kpa = (0..144).map(|_| 400.0 * dice.roll()).collect();
    vec![
        Operation::Cover { cover_mm: 1.0, cushion_mm: 0.0 },
        Operation::LateralExpansion { widening_mm: 1.0 },
        Operation::MedialArch { raise_mm: 1.0, apex_mm: forward_mm, extent_mm: 45.0 },
        Operation::LateralArch { raise_mm: 1.0, apex_mm: forward_mm, extent_mm: 35.0 },
        Operation::ArchApex { forward_mm: 1.0 },
        Operation::Inversion { angle_deg: 1.0 },
        Operation::MedialSkive { depth_mm: 1.0, plane_deg: SKIVE_PLANE_DEG },
        Operation::LateralSkive { depth_mm: 1.0, plane_deg: SKIVE_PLANE_DEG },
        Operation::CupRim { border, raise_mm: 1.0 },
        Operation::GrindWidth { wider_mm: 1.0 },
        Operation::Flange { border, raise_mm: 1.0 },
        Operation::LateralClip { raise_mm: 1.0 },
        Operation::RayCutout { border, depth_mm: 1.0 },
        Operation::GaitPlate { border, forward_mm: 1.0 },
        Operation::TrimHandle { station: Station::MedialArch, outward_mm: 1.0 },
        Operation::TrimHandle { station: Station::Posterior, outward_mm: 1.0 },
        Operation::HeelHole { diameter_mm: 20.0, forward_mm, horseshoe: dice.roll() < 0.3 },
        Operation::Morton { height_mm: 1.0, length_mm: 35.0 },
        Operation::ReverseMorton { height_mm: 1.0 },
        Operation::KineticWedge { height_mm: 1.0 },
        Operation::CluffyWedge { height_mm: 1.0 },
        Operation::ToeCrest { height_mm: 1.0 },
        Operation::ToeFiller { height_mm: 1.0, first: toe, last: 5 },
        Operation::MetatarsalPad {
            height_mm: 1.0,
            behind_mm,
            lateral_mm: 0.0,
            size: dice.of(&[PadSize::Small, PadSize::Medium, PadSize::Large]),
        },
        Operation::MetatarsalBar { height_mm: 1.0, behind_mm },
        Operation::NeuromaPad { height_mm: 1.0, between: [head, head + 1], behind_mm },
        Operation::FasciaGroove { depth_mm: 1.0, width_mm: 10.0, lateral_mm: 0.0 },
        Operation::NavicularRelief { depth_mm: 1.0, forward_mm, radius_mm: 8.0, blend_mm: 9.0 },
        Operation::FifthBaseRelief { depth_mm: 1.0, forward_mm, radius_mm: 8.0, blend_mm: 9.0 },
        Operation::HeelSpurPocket { depth_mm: 1.0, diameter_mm: 28.0, forward_mm, lateral_mm: 0.0 },
        Operation::Region {
            height_mm: 1.0,
            blend_mm: 9.0,
            corners_mm: vec![[x - 8.0, y - 8.0], [x + 8.0, y - 8.0], [x, y + 9.0]],
        },
        Operation::PressureRelief {
            deepest_mm: 1.0,
            table_kpa: vec![[100.0, 0.0], [400.0, 1.0]],
            map: PressureGrid { origin_mm: [-27.5, -27.5], spacing_mm: 5.0, columns: 12, kpa },
        },
        Operation::HeelLift { raise_mm: 1.0, taper_mm: (dice.roll() < 0.5).then_some(100.0) },
        Operation::Wedge {
            angle_deg: 1.0,
            extent: dice.of(&[WedgeExtent::Full, WedgeExtent::Heel, WedgeExtent::Forefoot]),
        },
        Operation::ThicknessZone {
            zone: dice.of(&[Zone::Heel, Zone::Arch, Zone::Forefoot]),
            change_mm: 1.0,
        },
        Operation::ArchFill { share: 1.0 },
        Operation::Ribs { height_mm: 1.0, count: 3 },
    ]
}

/// A prescription of a handful of operations, all within their hard limits, half of them within the usual ones.
pub(crate) fn design(dice: &mut Dice) -> Design {
    let mut operations = always(dice);
    let usual = dice.roll() < 0.5;
    for operation in others(dice) {
        if dice.roll() < 0.14 {
            let spec = operation.spec();
            let [low, high] = if usual { spec.usual } else { spec.hard };
            operations.push(operation.with_dose(dice.between(low, high)));
        }
    }
    Design::new(operations)
}

/// Feet to try them on: phantoms of several builds, and the real ones that are present.
pub(crate) fn feet() -> Vec<(String, Foot)> {
    let usual = PhantomSettings { resolution_mm: 2.5, ..PhantomSettings::default() };
    let mut feet = Vec::new();
    let slender = PhantomSettings { length_mm: 235.0, ball_width_mm: 86.0, ..usual };
    for (name, settings) in [("phantom", usual), ("slender phantom", slender)] {
        let made = phantom::generate(&settings).expect("settings in range");
        let request = FootRequest::new(Side::Right);
        let foot = foot::find_foot(&made.mesh, &request, &mut Findings::new());
        feet.push((name.to_owned(), foot.expect("a phantom is a foot")));
    }
    // This file serves crates at two depths.
    let places = ["/../../../shared/data/scans/", "/../../shared/data/scans/"];
    let scans = places.map(|place| env!("CARGO_MANIFEST_DIR").to_owned() + place);
    let scans = scans.iter().find(|place| std::path::Path::new(place).is_dir());
    let scans = scans.map_or("shared/data/scans/", String::as_str);
    for (name, side) in [
        ("find/find_mean.stl", Side::Left),
        ("find/find_s1m3.stl", Side::Left),
        ("find/find_s2p3.stl", Side::Left),
        ("find/find_s3m3.stl", Side::Left),
        ("find/find_s_ppp2.stl", Side::Left),
        ("makehuman/right.stl", Side::Right),
        ("my-feet/left_foot.stl", Side::Left),
        ("my-feet/right_foot.stl", Side::Right),
    ] {
        let Ok(bytes) = std::fs::read(format!("{scans}{name}")) else {
            eprintln!("skipped {name}: not found under {scans}");
            continue;
        };
        let request = scan::ScanRequest { unit: None, limits: scan::ScanLimits::default() };
        let scanned = scan::read_scan(&bytes, &request, &mut Findings::new()).expect("a scan");
        let request = FootRequest::new(side);
        let found = foot::find_foot(&scanned.mesh, &request, &mut Findings::new()).expect("a foot");
        let found = if found.sole.imaged {
            found
        } else {
            let arch = 0.075 * found.measurements.length_mm;
            foot::with_assumed_arch(&found, arch)
        };
        feet.push((name.to_owned(), found));
    }
    feet
}

/// Ten more phantoms, short and long, slender and broad, flat and high-arched: with [`feet`] twenty.
#[allow(dead_code, reason = "for the command that tries thousands")]
pub(crate) fn more_phantoms() -> Vec<(String, Foot)> {
    let mut dice = Dice::new(20);
    (0..10)
        .map(|number| {
            let length_mm = dice.between(215.0, 300.0);
            let settings = PhantomSettings {
                length_mm,
                ball_width_mm: length_mm * dice.between(0.36, 0.41),
                heel_width_mm: length_mm * dice.between(0.235, 0.275),
                arch_height_mm: length_mm * dice.between(0.045, 0.10),
                resolution_mm: 2.5,
                ..PhantomSettings::default()
            };
            let made = phantom::generate(&settings).expect("settings in range");
            let request = FootRequest::new(Side::Right);
            let foot = foot::find_foot(&made.mesh, &request, &mut Findings::new());
            (format!("phantom {number}"), foot.expect("a phantom is a foot"))
        })
        .collect()
}

/// What became of one prescription.
#[allow(dead_code, reason = "for those who ask what becomes of a prescription")]
pub(crate) enum Fate {
    /// A closed solid of at least the ordered thickness.
    Made,
    /// A reason that a person can act on.
    Refused(String),
    /// Neither: a fault of the program.
    Broken(String),
}

/// Builds one prescription on one foot and judges what comes out.
#[allow(dead_code, reason = "for those who ask what becomes of a prescription")]
pub(crate) fn fate(foot: &Foot, design: &Design) -> Fate {
    match shell::build(foot, design, &ShellSettings::default(), &mut Findings::new()) {
        Err(error) => {
            let reason = error.to_string();
            if reason.len() > 20 { Fate::Refused(reason) } else { Fate::Broken(reason) }
        }
        Ok(shell) => match solid(&shell.slab) {
            Err(fault) => Fate::Broken(fault),
            Ok(_) if shell.thinnest.thickness < 1.4 => {
                Fate::Broken(format!("only {:?}", shell.thinnest))
            }
            Ok(_) => Fate::Made,
        },
    }
}

/// The closed mesh of a slab.
pub(crate) fn solid(slab: &Slab) -> Result<TriMesh, String> {
    let settings = export::MeshSettings { tolerance_mm: 0.1, ..export::MeshSettings::default() };
    let mesh = export::tessellate(slab, &settings).map_err(|error| error.to_string())?;
    check_closed(&mesh).map_err(|defect| defect.to_string())?;
    let exact = export::slab_volume(slab);
    if (mesh.volume() / exact - 1.0).abs() > 5e-3 {
        return Err(format!("the mesh has {} mm³, the surfaces {exact} mm³", mesh.volume()));
    }
    Ok(mesh)
}
