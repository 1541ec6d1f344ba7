//! The quality gate on things that are no feet, on spoiled feet, and on real scans.

mod objects;

use foot::{FootError, FootRequest, find_foot, quality};
use geometry::{Point3, TriMesh};
use vocabulary::{Findings, Side};

/// Distance from feet up to which a shape counts as one, in spreads; the shipped profile's.
const NO_FOOT: f64 = 3.0;

/// Whether a shape is refused as no foot, and why.
fn refused(mesh: &TriMesh) -> Result<f64, FootError> {
    let sides = [Side::Left, Side::Right].map(|side| {
        let foot = find_foot(mesh, &FootRequest::new(side), &mut Findings::new())?;
        let evidence = quality::examine(&foot, &quality::Known::default());
        Ok(evidence.value(quality::CheckName::Object).unwrap_or(f64::INFINITY))
    });
    let [left, right] = sides;
    match (left, right) {
        (Ok(a), Ok(b)) => Ok(f64::min(a, b)),
        (Ok(a), Err(_)) | (Err(_), Ok(a)) => Ok(a),
        (Err(error), Err(_)) => Err(error),
    }
}

#[test]
fn what_is_no_foot_is_refused() {
    let mut things = objects::boxes();
    things.push(("ball", objects::turned(220.0, |s| 220.0 * (s * (1.0 - s)).max(0.0).sqrt())));
    things.push(("bottle", objects::bottle()));
    things.push(("hand", objects::hand()));
    things.push(("left hand", objects::hand().mirrored_x()));
    things.push(("calf", objects::calf()));
    things.push(("head", objects::head()));
    things.push(("large hand", objects::hand().map_vertices(|p| Point3::from(p.coords * 1.35))));
    for (name, mesh) in things {
        if let Ok(distance) = refused(&mesh) {
            assert!(distance > NO_FOOT, "{name} passes as a foot: {distance}");
        }
    }
}
