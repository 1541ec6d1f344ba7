//! Draws every operation on a phantom foot: `cargo run -p shell --example operation_pictures -- FOLDER [NAME...]`.
//!
//! One PNG for each: from above, from below, from the medial side and from behind.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a command")]

#[path = "../tests/prescriptions/mod.rs"]
#[allow(dead_code, reason = "only the solid is needed")]
mod prescriptions;

use foot::FootRequest;
use geometry::TriMesh;
use phantom::PhantomSettings;
use picture::{PictureSize, Raster, ShadeStyle, View, shaded};
use shell::{
    Border, Construction, Design, Doses, Length, Operation, PadSize, PostFace, PostStyle,
    SKIVE_PLANE_DEG, ShellSettings, Station, WedgeExtent, Zone,
};
use vocabulary::{Angle, Findings, Mm, Side};

/// Side of one view, drawing pixels.
const VIEW: f64 = 300.0;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "operations".to_owned());
    let wanted: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let settings = PhantomSettings { resolution_mm: 2.0, ..PhantomSettings::default() };
    let phantom = phantom::generate(&settings).expect("settings in range");
    let request = FootRequest::new(Side::Right);
    let foot = foot::find_foot(&phantom.mesh, &request, &mut Findings::new()).expect("a foot");
    for (name, operations) in cases() {
        if !wanted.is_empty() && !wanted.iter().any(|one| one == name) {
            continue;
        }
        let keys: Vec<&str> = operations.iter().map(|one| one.spec().key).collect();
        let base = Doses {
            heel_cup_depth: Mm(16.0),
            rearfoot_post: Angle::from_deg(-3.0),
            ..Doses::default()
        };
        let kept = Design::from(base).operations().to_vec();
        let kept = kept.into_iter().filter(|one| !keys.contains(&one.spec().key));
        let design = Design::new(kept.chain(operations).collect());
        let built = shell::build(&foot, &design, &ShellSettings::default(), &mut Findings::new());
        let shell = match built {
            Ok(shell) => shell,
            Err(error) => {
                println!("{name}: refused: {error}");
                continue;
            }
        };
        for applied in shell.applied.iter().filter(|one| keys.contains(&one.name)) {
            println!("{name}: {}", applied.explain());
        }
        let mesh = prescriptions::solid(&shell.slab).expect("a solid");
        std::fs::write(format!("{folder}/{name}.png"), sheet(&mesh).png()).expect("written");
    }
}

/// Four views side by side.
fn sheet(mesh: &TriMesh) -> Raster {
    let style = ShadeStyle {
        background: Some(picture::Rgb(255, 255, 255)),
        oversampling: 1,
        ..ShadeStyle::SHELL
    };
    let size = PictureSize::Within { width: VIEW, height: VIEW };
    let eye = View::Iso { azimuth: -2.6, elevation: 0.5 };
    let views: Vec<Raster> = [View::Top, View::Bottom, View::Left, eye]
        .into_iter()
        .map(|view| shaded(mesh, view, size, &style).raster)
        .collect();
    let height = views.iter().map(Raster::height).max().unwrap_or(1);
    let width = views.iter().map(Raster::width).sum();
    let mut starts = vec![0];
    for view in &views {
        starts.push(starts.last().copied().unwrap_or(0) + view.width());
    }
    Raster::from_fn(width, height, |x, y| {
        let index = starts.iter().rposition(|start| *start <= x).unwrap_or(0).min(views.len() - 1);
        let view = &views[index];
        let column = x - starts[index];
        if y < view.height() && column < view.width() {
            view.pixels()[(y * view.width() + column) as usize]
        } else {
            [255; 4]
        }
    })
}

#[allow(clippy::too_many_lines, reason = "a flat list of like things")]
fn cases() -> Vec<(&'static str, Vec<Operation>)> {
    let full = Operation::ShellLength { length: Length::Full };
    let sulcus = Operation::ShellLength { length: Length::Sulcus };
    let post = |style| Operation::RearfootPost { angle_deg: -4.0, style };
    vec![
        ("plain", vec![]),
        ("cover", vec![Operation::Cover { cover_mm: 3.2, cushion_mm: 1.6 }]),
        (
            "medial-arch",
            vec![Operation::MedialArch { raise_mm: 5.0, apex_mm: 0.0, extent_mm: 45.0 }],
        ),
        (
            "lateral-arch",
            vec![Operation::LateralArch { raise_mm: 4.0, apex_mm: 0.0, extent_mm: 35.0 }],
        ),
        ("inversion", vec![Operation::Inversion { angle_deg: 8.0 }]),
        (
            "blake",
            vec![Operation::Inversion { angle_deg: 25.0 }, Operation::HeelCup { depth_mm: 20.0 }],
        ),
        (
            "medial-skive",
            vec![Operation::MedialSkive { depth_mm: 5.0, plane_deg: SKIVE_PLANE_DEG }],
        ),
        (
            "lateral-skive",
            vec![Operation::LateralSkive { depth_mm: 5.0, plane_deg: SKIVE_PLANE_DEG }],
        ),
        ("cup-rim", vec![Operation::CupRim { border: Border::Medial, raise_mm: 5.0 }]),
        ("sulcus", vec![sulcus.clone()]),
        ("full", vec![full.clone()]),
        ("grind-narrow", vec![Operation::GrindWidth { wider_mm: -3.2 }]),
        ("flange-medial", vec![Operation::Flange { border: Border::Medial, raise_mm: 8.0 }]),
        ("flange-lateral", vec![Operation::Flange { border: Border::Lateral, raise_mm: 8.0 }]),
        ("clip", vec![Operation::LateralClip { raise_mm: 8.0 }]),
        (
            "ucbl",
            vec![
                Operation::HeelCup { depth_mm: 24.0 },
                Operation::Flange { border: Border::Medial, raise_mm: 6.0 },
                Operation::Flange { border: Border::Lateral, raise_mm: 6.0 },
            ],
        ),
        ("first-ray", vec![Operation::RayCutout { border: Border::Medial, depth_mm: 20.0 }]),
        ("fifth-ray", vec![Operation::RayCutout { border: Border::Lateral, depth_mm: 15.0 }]),
        ("gait-plate", vec![Operation::GaitPlate { border: Border::Lateral, forward_mm: 25.0 }]),
        ("handle", vec![Operation::TrimHandle { station: Station::MedialArch, outward_mm: -5.0 }]),
        (
            "hole",
            vec![Operation::HeelHole { diameter_mm: 28.0, forward_mm: 0.0, horseshoe: false }],
        ),
        (
            "horseshoe",
            vec![Operation::HeelHole { diameter_mm: 24.0, forward_mm: 0.0, horseshoe: true }],
        ),
        ("morton", vec![Operation::Morton { height_mm: 3.0, length_mm: 40.0 }]),
        ("reverse-morton", vec![full.clone(), Operation::ReverseMorton { height_mm: 3.0 }]),
        ("kinetic", vec![full.clone(), Operation::KineticWedge { height_mm: 3.0 }]),
        ("cluffy", vec![full.clone(), Operation::CluffyWedge { height_mm: 4.0 }]),
        ("toe-crest", vec![full.clone(), Operation::ToeCrest { height_mm: 6.0 }]),
        ("toe-filler", vec![full, Operation::ToeFiller { height_mm: 14.0, first: 3, last: 5 }]),
        (
            "met-pad",
            vec![Operation::MetatarsalPad {
                height_mm: 5.0,
                behind_mm: 20.0,
                lateral_mm: 0.0,
                size: PadSize::Medium,
            }],
        ),
        ("met-bar", vec![sulcus, Operation::MetatarsalBar { height_mm: 4.0, behind_mm: 8.0 }]),
        (
            "neuroma",
            vec![Operation::NeuromaPad { height_mm: 4.0, between: [3, 4], behind_mm: 20.0 }],
        ),
        (
            "groove",
            vec![Operation::FasciaGroove { depth_mm: 3.0, width_mm: 10.0, lateral_mm: 0.0 }],
        ),
        (
            "navicular",
            vec![Operation::NavicularRelief {
                depth_mm: 3.0,
                forward_mm: 0.0,
                radius_mm: 8.0,
                blend_mm: 9.0,
            }],
        ),
        (
            "fifth-base",
            vec![Operation::FifthBaseRelief {
                depth_mm: 3.0,
                forward_mm: 0.0,
                radius_mm: 8.0,
                blend_mm: 9.0,
            }],
        ),
        (
            "spur-pocket",
            vec![Operation::HeelSpurPocket {
                depth_mm: 4.0,
                diameter_mm: 30.0,
                forward_mm: 0.0,
                lateral_mm: 0.0,
            }],
        ),
        ("heel-lift", vec![Operation::HeelLift { raise_mm: 8.0, taper_mm: None }]),
        ("post-strip", vec![post(PostStyle { face: PostFace::Strip, ..PostStyle::default() })]),
        ("post-quarter", vec![post(PostStyle { face: PostFace::Quarter, ..PostStyle::default() })]),
        (
            "post-4-4",
            vec![post(PostStyle { grind_deg: 4.0, motion_deg: 4.0, ..PostStyle::default() })],
        ),
        (
            "post-intrinsic",
            vec![post(PostStyle { construction: Construction::Intrinsic, ..PostStyle::default() })],
        ),
        (
            "forefoot-post",
            vec![Operation::ForefootPost {
                angle_deg: -5.0,
                construction: Construction::Extrinsic,
            }],
        ),
        ("wedge", vec![Operation::Wedge { angle_deg: 6.0, extent: WedgeExtent::Full }]),
        ("arch-fill", vec![Operation::ArchFill { share: 1.0 }]),
        ("thick-arch", vec![Operation::ThicknessZone { zone: Zone::Arch, change_mm: 1.5 }]),
        ("ribs", vec![Operation::Ribs { height_mm: 3.0, count: 3 }]),
    ]
}
