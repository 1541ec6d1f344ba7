//! The ways of finishing, on whole parts.

use geometry::{Point2, TriMesh};
use vocabulary::Findings;

use crate::finishing::level_scallop;
use crate::sample_parts::{bowl, button, dome, ellipse, order, plate, ring, shell, stl};
use crate::{Finishing, MillJob, MillOrder, OperationKind, plan};

/// A plate with a dome of 6 mm and a hole beside the middle.
fn holed() -> TriMesh {
    ring(&ellipse([0.0, 8.0], [9.0, 7.0]), &ellipse([0.0, 0.0], [20.0, 35.0]), |p| {
        6.0 * (-(p.x * p.x + (p.y + 12.0).powi(2)) / 60.0).exp() + 4.0
    })
}

/// Two parts on one blank.
fn pair() -> TriMesh {
    let mut both = button();
    let beside = button().translated([36.0, 3.0, 0.0].into());
    let first = both.vertices.len() as u32;
    both.vertices.extend(beside.vertices);
    both.triangles
        .extend(beside.triangles.iter().map(|corners| corners.map(|corner| corner + first)));
    both
}

fn made(part: &TriMesh, order: &MillOrder) -> MillJob {
    plan(part, order, &mut Findings::new()).unwrap().remove(0)
}

fn parts() -> [(&'static str, TriMesh); 7] {
    [
        ("plate", plate()),
        ("dome", dome()),
        ("bowl", bowl()),
        ("button", button()),
        ("hole", holed()),
        ("pair", pair()),
        ("shell", shell()),
    ]
}

#[test]
fn measure() {
    for (name, part) in parts() {
        for finishing in [Finishing::Parallel, Finishing::Spiral, Finishing::Waterline] {
            let order = MillOrder { finishing, left_limit_mm: 5.0, ..order() };
            let job = made(&part, &order);
            let found = &job.verification;
            let lifts = job
                .preview
                .iter()
                .filter(|line| line.operation == OperationKind::Finishing)
                .count();
            let finish =
                job.operations.iter().find(|o| o.kind == OperationKind::Finishing).unwrap();
            println!(
                "{name:7} {finishing:?} gouge {:.4} interior {:.4} p99 {:.4} rim {:.4} lifts {lifts} time {:.0} moves {} feed {:.0} pencil {}",
                found.gouge_mm.unwrap(),
                found.interior.as_ref().unwrap().worst_left_mm,
                found.interior.as_ref().unwrap().p99_left_mm,
                found.rim.as_ref().map_or(0.0, |r| r.worst_left_mm),
                finish.time_s,
                finish.moves,
                finish.feed_mm,
                job.moves_of(OperationKind::Pencil)
            );
            if let Ok(folder) = std::env::var("MILL_OUT") {
                std::fs::write(format!("{folder}/{name}-{}.nc", finishing.word()), &job.program)
                    .unwrap();
                std::fs::write(
                    format!("{folder}/{name}.stl"),
                    stl(&part.translated(job.placement.offset())),
                )
                .unwrap();
            }
        }
    }
    println!("theory {}", level_scallop(3.0, 0.5));
    let _ = Point2::origin();
}
