#![allow(missing_docs, clippy::all)]
use std::io::Write;
fn main() {
    let a: Vec<f64> = std::env::args().skip(2).take(1).map(|s| s.parse().unwrap()).collect();
    let path = std::env::args().nth(1).unwrap();
    let mut s = phantom::PhantomSettings::default();
    if let Some(r) = a.first() {
        s.resolution_mm = *r;
    }
    let t = std::time::Instant::now();
    let foot = phantom::generate(&s).unwrap();
    println!(
        "{:?} tris {} check {:?}",
        t.elapsed(),
        foot.mesh.triangles.len(),
        geometry::check_closed(&foot.mesh)
    );
    let tr = &foot.truth;
    println!(
        "back {:?} tip {:?} m1 {:?} m5 {:?} apex {:?} L {} W {} H {} A {} trunc {}",
        tr.heel_back.coords.as_slice(),
        tr.toe_tip.coords.as_slice(),
        tr.first_metatarsal_head.coords.as_slice(),
        tr.fifth_metatarsal_head.coords.as_slice(),
        tr.arch_apex.coords.as_slice(),
        tr.length_mm,
        tr.ball_width_mm,
        tr.heel_width_mm,
        tr.arch_height_mm,
        tr.truncated_length_mm
    );
    let mut f = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    f.write_all(&[0u8; 80]).unwrap();
    f.write_all(&(foot.mesh.triangles.len() as u32).to_le_bytes()).unwrap();
    for c in foot.mesh.corner_points() {
        f.write_all(&[0u8; 12]).unwrap();
        for p in c {
            for v in p.iter() {
                f.write_all(&(*v as f32).to_le_bytes()).unwrap();
            }
        }
        f.write_all(&[0u8; 2]).unwrap();
    }
    if let Some(map) = std::env::args().nth(3) {
        let mut f = std::io::BufWriter::new(std::fs::File::create(map).unwrap());
        for j in -40..240 {
            for i in -60..66 {
                write!(
                    f,
                    "{:.2} ",
                    tr.plantar_height(geometry::Point2::new(i as f64, j as f64)).unwrap_or(-9.0)
                )
                .unwrap();
            }
            writeln!(f).unwrap();
        }
    }
}
