//! The parts of a print as they lie on the bed: as a picture, and for the printer's screen.

use geometry::{Point3, TriMesh};
use picture::{PictureSize, Raster, ShadeStyle, Shape, View, ViewNotes, annotated_view};
use printing::{Placement, PrintJob, PrintOrder, Thumbnail};

/// Seen over the front left corner of the bed.
const VIEW: View = View::Iso { azimuth: -2.0, elevation: 0.6 };

/// Thickness of the drawn bed, mm.
const BED_MM: f64 = 2.0;

/// Size of the picture, px.
const PICTURE: PictureSize = PictureSize::Within { width: 760.0, height: 560.0 };

const SCALE_BAR_MM: f64 = 50.0;

/// The job with the pictures that its printer's screen shows of the meshes, which are those of its placements in
/// their order.
pub(crate) fn with_thumbnails(job: PrintJob, meshes: &[&TriMesh], order: &PrintOrder) -> PrintJob {
    let sizes = &order.printer.thumbnails_px;
    if sizes.is_empty() {
        return job;
    }
    let placed = placed(&job.placements, meshes);
    let shape = Shape::new(&placed);
    let thumbnails: Vec<Thumbnail> = sizes
        .iter()
        .map(|&size_px| Thumbnail { size_px, png: fitted(&shape, size_px).png() })
        .collect();
    job.with_thumbnails(&thumbnails)
}

/// A drawing of the bed with everything on it.
pub(crate) fn picture(job: &PrintJob, meshes: &[&TriMesh], order: &PrintOrder) -> String {
    let mut scene = placed(&job.placements, meshes);
    let parts = scene.triangles.len();
    let [width, depth] = order.printer.bed_mm;
    let bed = TriMesh::cuboid(Point3::new(0.0, 0.0, -BED_MM), Point3::new(width, depth, 0.0));
    append(&mut scene, &bed, |point| *point);
    let dark: Vec<bool> = (0..scene.triangles.len()).map(|triangle| triangle >= parts).collect();
    let shape = Shape::new(&scene).inked(&dark);
    let notes = ViewNotes {
        scale_bar_mm: SCALE_BAR_MM,
        description: format!("What lies on the bed of {}, without supports", order.printer.name),
        ..ViewNotes::default()
    };
    annotated_view(&shape.shaded(VIEW, PICTURE, &ShadeStyle::SHELL), &notes).as_str().to_owned()
}

/// All parts where they lie, in bed coordinates.
fn placed(placements: &[Placement], meshes: &[&TriMesh]) -> TriMesh {
    let mut all = TriMesh::default();
    for (placement, mesh) in placements.iter().zip(meshes) {
        append(&mut all, mesh, |point| placement.bed_from_part(point));
    }
    all
}

fn append(all: &mut TriMesh, mesh: &TriMesh, place: impl Fn(&Point3) -> Point3) {
    let first = all.vertices.len() as u32;
    all.vertices.extend(mesh.vertices.iter().map(place));
    all.triangles.extend(mesh.triangles.iter().map(|corners| corners.map(|corner| corner + first)));
}

/// A picture of exactly these sides, transparent around the shape.
fn fitted(shape: &Shape<'_>, [width, height]: [u32; 2]) -> Raster {
    let style = ShadeStyle { margin: 1.0, oversampling: 1, ..ShadeStyle::SHELL };
    let size = PictureSize::Within { width: f64::from(width), height: f64::from(height) };
    let drawn = shape.shaded(VIEW, size, &style).raster;
    let (columns, rows) = (drawn.width(), drawn.height());
    let shift = |room: u32, taken: u32| (i64::from(room) - i64::from(taken)).div_euclid(2);
    let (left, above) = (shift(width, columns), shift(height, rows));
    Raster::from_fn(width, height, |x, y| {
        let inside = |at: i64, count: u32| u32::try_from(at).ok().filter(|at| *at < count);
        let column = inside(i64::from(x) - left, columns);
        let row = inside(i64::from(y) - above, rows);
        match (column, row) {
            (Some(column), Some(row)) => {
                drawn.pixels()[row as usize * columns as usize + column as usize]
            }
            _ => [0; 4],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_exactly_the_size_that_the_screen_wants() {
        let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(90.0, 260.0, 30.0));
        let shape = Shape::new(&mesh);
        for size in [[32, 32], [400, 300], [16, 1000], [8, 8]] {
            let raster = fitted(&shape, size);
            assert_eq!([raster.width(), raster.height()], size);
            assert!(raster.pixels().iter().any(|pixel| pixel[3] > 0), "{size:?} is empty");
            assert!(raster.pixels().iter().any(|pixel| pixel[3] == 0), "{size:?} is full");
        }
    }
}
