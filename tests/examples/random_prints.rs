//! Any number of random shells, whole and damaged, printed in random orientations with random settings: each must end in a
//! program that its check accepts, or in a reason.
//!
//! `cargo run --release -p end-to-end --example random_prints -- 1000 [FIRST]`; with a count of 1 the shell is kept as `random-print.stl` in the folder for temporary files,
//! and its order printed.
//!
//! Shells are those of `random_prescriptions` of the crate `shell`. Every second one is damaged as meshes from elsewhere are:
//! holes, doubled and turned triangles, corners that fell together, parts that overlap, touch or have no
//! thickness, noise. Exit code 1 where one ends in neither.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, reason = "a command")]

#[path = "../../crates/shell/tests/prescriptions/mod.rs"]
mod prescriptions;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use geometry::{Point3, TriMesh, Vector3};
use nalgebra::{Rotation3, Unit};
use prescriptions::{Dice, design, feet, more_phantoms, solid};
use printing::{
    Checker, InfillPattern, Material, Orientation, PrintOrder, PrintSettings, Printer, SupportStyle,
};
use rayon::prelude::*;
use shell::ShellSettings;
use vocabulary::Findings;

/// What can be wrong with a mesh.
#[derive(Clone, Copy, Debug)]
enum Damage {
    None,
    Hole,
    Doubled,
    Turned,
    Collapsed,
    Overlapping,
    Touching,
    WithoutThickness,
    Noise,
}

const DAMAGES: [Damage; 8] = [
    Damage::Hole,
    Damage::Doubled,
    Damage::Turned,
    Damage::Collapsed,
    Damage::Overlapping,
    Damage::Touching,
    Damage::WithoutThickness,
    Damage::Noise,
];

fn damaged(mut mesh: TriMesh, damage: Damage, dice: &mut Dice) -> TriMesh {
    let count = mesh.triangles.len();
    let some = |dice: &mut Dice| ((dice.roll() * count as f64) as usize).min(count - 1);
    match damage {
        Damage::None => {}
        Damage::Hole => {
            let first = some(dice);
            mesh.triangles.drain(first..(first + 40).min(count));
        }
        Damage::Doubled => {
            for _ in 0..60 {
                mesh.triangles.push(mesh.triangles[some(dice)]);
            }
        }
        Damage::Turned => {
            for _ in 0..60 {
                mesh.triangles[some(dice)].swap(0, 1);
            }
        }
        Damage::Collapsed => {
            for _ in 0..60 {
                let [a, b, _] = mesh.triangles[some(dice)];
                mesh.vertices[b as usize] = mesh.vertices[a as usize];
            }
        }
        Damage::Overlapping => {
            let moved = Vector3::new(dice.between(-8.0, 8.0), dice.between(-8.0, 8.0), 0.7);
            append(&mut mesh, |point| point + moved);
        }
        Damage::Touching => {
            let height = mesh.bounds().map_or(0.0, |(low, high)| high.z - low.z);
            append(&mut mesh, |point| point + Vector3::new(0.0, 0.0, height));
        }
        Damage::WithoutThickness => {
            let level = dice.between(0.0, 1.0);
            for point in &mut mesh.vertices {
                point.z = if point.y < 60.0 { level } else { point.z };
            }
        }
        Damage::Noise => {
            for point in &mut mesh.vertices {
                *point += Vector3::from_fn(|_, _| dice.between(-0.2, 0.2));
            }
        }
    }
    mesh
}

fn append(mesh: &mut TriMesh, place: impl Fn(&Point3) -> Point3) {
    let first = mesh.vertices.len() as u32;
    let more: Vec<Point3> = mesh.vertices.iter().map(place).collect();
    let triangles: Vec<[u32; 3]> =
        mesh.triangles.iter().map(|corners| corners.map(|corner| corner + first)).collect();
    mesh.vertices.extend(more);
    mesh.triangles.extend(triangles);
}

/// As ordered, or first turned about any axis: a file says nothing of how its part is meant to lie.
fn turned(mesh: TriMesh, dice: &mut Dice) -> TriMesh {
    if dice.roll() < 0.5 {
        return mesh;
    }
    let axis = Vector3::from_fn(|_, _| dice.between(-1.0, 1.0));
    let turn = Rotation3::from_axis_angle(
        &Unit::new_normalize(axis),
        dice.between(0.0, std::f64::consts::TAU),
    );
    mesh.map_vertices(|point| turn * point)
}

fn order(dice: &mut Dice) -> PrintOrder {
    let patterns = [
        InfillPattern::Gyroid,
        InfillPattern::Grid,
        InfillPattern::Lines,
        InfillPattern::Concentric,
        InfillPattern::Triangles,
    ];
    let layer = dice.of(&[0.2, 0.24, 0.28, 0.32]);
    let mut settings = PrintSettings {
        layer_height_mm: layer,
        first_layer_height_mm: layer,
        walls: dice.of(&[1, 2, 3, 4]),
        infill_fraction: dice.of(&[0.0, 0.1, 0.2, 0.5, 1.0]),
        infill_pattern: dice.of(&patterns),
        brim_mm: dice.of(&[0.0, 3.0, 8.0]),
        orientation: dice.of(&Orientation::ALL),
        ..PrintSettings::default()
    };
    settings.finest_layer_mm = dice.of(&[layer, layer, 0.12]);
    settings.supports.enabled = dice.roll() < 0.7;
    settings.supports.style = dice.of(&SupportStyle::ALL);
    settings.supports.interface_layers = dice.of(&[0, 2, 3]);
    settings.raft_layers = dice.of(&[0, 0, 1, 3]);
    // Large enough for every shell in every orientation, so that few are refused for their size alone.
    let mut printer = Printer::marlin_generic();
    printer.bed_mm = [320.0, 320.0];
    printer.height_mm = 340.0;
    let material = if dice.roll() < 0.5 { Material::pla() } else { Material::tpu_95a() };
    PrintOrder { printer, material, settings }
}

/// What became of one print: a program, or why not.
enum Fate {
    Printed,
    Refused(String),
    Broken(String),
}

fn fate(mesh: &TriMesh, order: &PrintOrder) -> Fate {
    let planned = catch_unwind(AssertUnwindSafe(|| {
        printing::plan(mesh, order, &mut Findings::new()).map(|job| {
            let mut checker = Checker::new(&order.printer, &order.material);
            job.program.lines().for_each(|line| checker.line(line));
            let report = checker.finish();
            // Lines in the air where supports were ordered off are said by `print`, and are no fault of the program.
            let faults = report
                .faults
                .into_iter()
                .filter(|fault| order.settings.supports.enabled || fault.code != "floating-lines");
            faults.map(|fault| format!("{}: {}", fault.code, fault.message)).collect::<Vec<_>>()
        })
    }));
    match planned {
        Err(_) => Fate::Broken("a panic".to_owned()),
        Ok(Err(error)) => Fate::Refused(error.to_string()),
        Ok(Ok(faults)) if faults.is_empty() => Fate::Printed,
        Ok(Ok(faults)) => Fate::Broken(faults.join("; ")),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<u64> =
        std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (count, first) =
        (arguments.first().copied().unwrap_or(1000), arguments.get(1).copied().unwrap_or(0));
    let feet: Vec<_> = feet().into_iter().chain(more_phantoms()).collect();
    let fates: Vec<(u64, Damage, Fate)> = (first..first + count)
        .into_par_iter()
        .filter_map(|seed| {
            let mut dice = Dice::new(seed);
            let (_, foot) = &feet[seed as usize % feet.len()];
            // The next prescription that can be built.
            let mesh = (0..20).find_map(|_| {
                let design = design(&mut dice);
                let made =
                    shell::build(foot, &design, &ShellSettings::default(), &mut Findings::new());
                made.ok().and_then(|made| solid(&made.slab).ok())
            })?;
            let damage = if seed % 2 == 0 { Damage::None } else { dice.of(&DAMAGES) };
            let mesh = turned(damaged(mesh, damage, &mut dice), &mut dice);
            let order = order(&mut dice);
            // As a file, which is repaired as far as it can be when it is read.
            let bytes = export::stl_bytes(&mesh);
            let fate = match pipeline::read_part("shell.stl", &bytes, &mut Findings::new()) {
                Ok(part) => fate(&part.mesh, &order),
                Err(refusal) => Fate::Refused(refusal.to_string()),
            };
            if count == 1 {
                std::fs::write(std::env::temp_dir().join("random-print.stl"), bytes)
                    .expect("written");
                println!("{order:?}");
            }
            Some((seed, damage, fate))
        })
        .collect();
    let mut counts: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut broken = 0;
    for (seed, damage, fate) in &fates {
        let count = counts.entry(format!("{damage:?}")).or_default();
        match fate {
            Fate::Printed => count[0] += 1,
            Fate::Refused(reason) => {
                count[1] += 1;
                if fates.len() == 1 {
                    println!("{reason}");
                }
                // Like reasons differ in their numbers.
                let form: String =
                    reason.chars().filter(|letter| !letter.is_ascii_digit()).collect();
                reasons.entry(form).or_insert((0, *seed)).0 += 1;
            }
            Fate::Broken(fault) => {
                broken += 1;
                println!("BROKEN seed {seed}, {damage:?}: {fault}");
            }
        }
    }
    for (damage, [printed, refused]) in counts {
        println!("{damage}: {printed} printed, {refused} refused");
    }
    for (reason, (times, seed)) in reasons {
        println!("{times} refused (seed {seed}): {reason}");
    }
    println!("{} shells, {broken} broken", fates.len());
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
