//! A software renderer: parallel projection, depth buffer, smooth shading.
//!
//! The image is drawn at twice its size and averaged down. Bands of rows are drawn in parallel; every
//! pixel belongs to one band and sees the triangles in their order, so the bytes do not depend on the
//! number of threads.

use geometry::{Point3, TriMesh, Vector3};
use rayon::prelude::*;

use crate::color::Rgb;
use crate::normals::corner_normals;
use crate::raster::Raster;
use crate::view::{Projection, View};

/// Samples per pixel along each direction.
const SUPERSAMPLING: u32 = 2;
/// Rows of samples that one task draws.
const BAND_ROWS: u32 = 64;
/// Largest picture along one direction, px: a broken mesh must not ask for endless memory.
const MOST_PIXELS: f64 = 4000.0;
/// Shades of an opaque pixel; with the half-covered border pixels they fit a palette of 256 colors.
const SHADES: f64 = 180.0;
/// Share of the light that inked triangles give back.
const INK: f64 = 0.35;
/// Shades of a pixel that the shape covers in part.
const BORDER_SHADES: f64 = 20.0;

/// How large a picture is. It is cut to the shape plus its margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PictureSize {
    /// As large as fits into this many drawing pixels.
    Within {
        /// Most columns.
        width: f64,
        /// Most rows.
        height: f64,
    },
    /// This many drawing pixels per mm, so that several pictures share a scale.
    PerMm(f64),
}

/// How a mesh is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShadeStyle {
    /// Color in full light.
    pub color: Rgb,
    /// What is seen beside the shape; `None` is transparent.
    pub background: Option<Rgb>,
    /// Space around the shape, drawing pixels.
    pub margin: f64,
    /// Image pixels per drawing pixel: 1 for print size, 2 for sharp screens.
    pub oversampling: u32,
}

impl ShadeStyle {
    /// The foot: a warm neutral.
    pub const FOOT: Self =
        Self { color: Rgb(0xe6, 0xc9, 0xb4), background: None, margin: 6.0, oversampling: 2 };
    /// The device: a cool neutral.
    pub const SHELL: Self =
        Self { color: Rgb(0xbf, 0xcd, 0xdb), background: None, margin: 6.0, oversampling: 2 };
}

/// A shaded picture with what is needed to mark points on it.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// The picture.
    pub raster: Raster,
    /// Where points of space stand in `raster`.
    pub projection: Projection,
    /// Pixels of `raster` per drawing pixel.
    pub oversampling: u32,
    /// Nearness to the eye of the nearest surface in each pixel, mm; -infinity where there is none.
    nearness: Vec<f32>,
}

impl Rendering {
    /// Whether the point is not hidden by more than `slack` mm of something nearer to the eye.
    #[must_use]
    pub fn sees(&self, point: &Point3, slack: f64) -> bool {
        let (x, y) = self.projection.pixel(point);
        let (columns, rows) = (self.raster.width(), self.raster.height());
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(columns) && y < f64::from(rows);
        if !inside {
            return true;
        }
        let surface = self.nearness[y as usize * columns as usize + x as usize];
        self.projection.nearness(point) >= f64::from(surface) - slack
    }
}

/// Draws a mesh as seen from `view`, lit from the upper left.
///
/// Triangles that are not finite or point nowhere are left out; a mesh without any gives an empty
/// picture. Both sides of an open surface are drawn, its inside darker.
#[must_use]
pub fn shaded(mesh: &TriMesh, view: View, size: PictureSize, style: &ShadeStyle) -> Rendering {
    Shape::new(mesh).shaded(view, size, style)
}

/// A mesh with what all its views share, for drawing it more than once.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    mesh: &'a TriMesh,
    normals: Vec<[Vector3; 3]>,
    /// Triangles that are drawn dark; none where the list ends.
    dark: &'a [bool],
}

impl<'a> Shape<'a> {
    /// Prepares a mesh.
    #[must_use]
    pub fn new(mesh: &'a TriMesh) -> Self {
        Self { mesh, normals: corner_normals(mesh), dark: &[] }
    }

    /// With some triangles drawn dark, as if inked: a pattern that lies even with what is around it shows no
    /// shade of its own.
    #[must_use]
    pub fn inked(self, dark: &'a [bool]) -> Self {
        Self { dark, ..self }
    }

    /// What [`shaded`] draws.
    #[must_use]
    pub fn shaded(&self, view: View, size: PictureSize, style: &ShadeStyle) -> Rendering {
        draw(self, view, size, style)
    }
}

fn draw(shape: &Shape<'_>, view: View, size: PictureSize, style: &ShadeStyle) -> Rendering {
    let axes = view.axes();
    let (projection, width, height) = layout(shape.mesh, axes, size, style);
    let facets: Vec<Facet> = shape
        .mesh
        .triangles
        .par_iter()
        .zip(&shape.normals)
        .enumerate()
        .filter_map(|(index, (triangle, normals))| {
            let facet = Facet::new(shape.mesh, triangle, normals, &projection)?;
            let is_dark = shape.dark.get(index).copied().unwrap_or(false);
            Some(if is_dark { facet.inked() } else { facet })
        })
        .collect();
    let bands = bands_of(&facets, height * SUPERSAMPLING);
    let drawn: Vec<Band> = bands
        .par_iter()
        .enumerate()
        .map(|(index, members)| {
            let first = index as u32 * BAND_ROWS;
            let rows = BAND_ROWS.min(height * SUPERSAMPLING - first);
            draw_band(&facets, members, first, [width * SUPERSAMPLING, rows])
        })
        .collect();
    resolve(&drawn, projection, [width, height], style)
}

/// The samples of some rows: nearness and light.
struct Band {
    nearness: Vec<f32>,
    light: Vec<f32>,
}

/// Chooses scale and borders so that the mesh fits.
fn layout(
    mesh: &TriMesh,
    axes: [Vector3; 3],
    size: PictureSize,
    style: &ShadeStyle,
) -> (Projection, u32, u32) {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for point in mesh.vertices.iter().filter(|p| p.coords.iter().all(|c| c.is_finite())) {
        for axis in 0..2 {
            let along = point.coords.dot(&axes[axis]);
            low[axis] = low[axis].min(along);
            high[axis] = high[axis].max(along);
        }
    }
    if low[0] > high[0] {
        (low, high) = ([0.0; 2], [1.0; 2]);
    }
    let extent = [0, 1].map(|axis| (high[axis] - low[axis]).max(1e-6));
    let margin = 2.0 * style.margin;
    let per_mm = match size {
        PictureSize::PerMm(scale) => scale,
        PictureSize::Within { width, height } => {
            ((width - margin).max(1.0) / extent[0]).min((height - margin).max(1.0) / extent[1])
        }
    };
    let oversampling = f64::from(style.oversampling.max(1));
    let longest = extent[0].max(extent[1]);
    let scale = (per_mm * oversampling).clamp(1e-9, MOST_PIXELS / longest);
    let border = style.margin * oversampling / scale;
    let pixels = |axis: usize| ((extent[axis] + 2.0 * border) * scale).ceil().max(1.0) as u32;
    let corner = [low[0] - border, high[1] + border];
    (Projection { axes, scale, corner }, pixels(0), pixels(1))
}

/// A triangle in sample coordinates, with light at its corners.
struct Facet {
    corners: [[f64; 2]; 3],
    nearness: [f64; 3],
    light: [f64; 3],
    inverse_area: f64,
    rows: [f64; 2],
}

impl Facet {
    fn new(
        mesh: &TriMesh,
        triangle: &[u32; 3],
        normals: &[Vector3; 3],
        projection: &Projection,
    ) -> Option<Self> {
        let mut points = [Point3::origin(); 3];
        for (place, &index) in points.iter_mut().zip(triangle) {
            *place = *mesh.vertices.get(index as usize)?;
        }
        let samples = f64::from(SUPERSAMPLING);
        let corners = points.map(|point| {
            let (x, y) = projection.pixel(&point);
            [x * samples - 0.5, y * samples - 0.5]
        });
        let [a, b, c] = corners;
        let doubled = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if !doubled.is_finite() || doubled.abs() < 1e-12 {
            return None;
        }
        // Rows run down, so a triangle that faces the eye turns clockwise here.
        let inside = doubled > 0.0;
        let rows = [a[1].min(b[1]).min(c[1]), a[1].max(b[1]).max(c[1])];
        Some(Self {
            corners,
            nearness: points.map(|point| projection.nearness(&point)),
            light: normals.map(|normal| light_on(normal, &projection.axes, inside)),
            inverse_area: 1.0 / doubled,
            rows,
        })
    }

    fn inked(self) -> Self {
        Self { light: self.light.map(|light| INK * light), ..self }
    }
}

/// Share of the full light (0 to 1) on a surface element: a sky, a key light over the viewer's left
/// shoulder, a weak fill from the right, and a soft highlight.
fn light_on(normal: Vector3, axes: &[Vector3; 3], inside: bool) -> f64 {
    let sign = if inside { -1.0 } else { 1.0 };
    let seen = Vector3::from_fn(|axis, _| sign * normal.dot(&axes[axis]));
    let key_from = Vector3::new(-0.48, 0.62, 0.62).normalize();
    let fill_from = Vector3::new(0.80, -0.10, 0.59).normalize();
    let sky = 0.5 + 0.5 * seen.y;
    let key = seen.dot(&key_from).max(0.0);
    let fill = seen.dot(&fill_from).max(0.0);
    // Facing away from the eye darkens, as a soft light beside the camera would.
    let facing = seen.z.max(0.0);
    let half = (key_from + Vector3::z()).normalize();
    let highlight = seen.dot(&half).max(0.0).powi(24);
    let light = 0.22 + 0.10 * sky + 0.55 * key + 0.10 * fill + 0.20 * facing + 0.10 * highlight;
    if inside { 0.55 * light } else { light }
}

/// For each band of rows, the facets that touch it, in their order.
fn bands_of(facets: &[Facet], rows: u32) -> Vec<Vec<u32>> {
    let count = rows.div_ceil(BAND_ROWS) as usize;
    let mut bands = vec![Vec::new(); count];
    for (index, facet) in (0_u32..).zip(facets) {
        let band =
            |row: f64| ((row / f64::from(BAND_ROWS)).floor().max(0.0) as usize).min(count - 1);
        for members in &mut bands[band(facet.rows[0])..=band(facet.rows[1])] {
            members.push(index);
        }
    }
    bands
}

fn draw_band(facets: &[Facet], members: &[u32], first_row: u32, [columns, rows]: [u32; 2]) -> Band {
    let samples = columns as usize * rows as usize;
    let mut band = Band { nearness: vec![f32::NEG_INFINITY; samples], light: vec![0.0; samples] };
    for &index in members {
        let facet = &facets[index as usize];
        let [a, b, c] = facet.corners;
        let low = facet.rows[0].ceil().max(f64::from(first_row)) as u32;
        let high = facet.rows[1].floor().min(f64::from(first_row + rows - 1));
        let left = a[0].min(b[0]).min(c[0]).ceil().max(0.0) as u32;
        let right = a[0].max(b[0]).max(c[0]).floor().min(f64::from(columns - 1));
        if high < 0.0 || right < 0.0 {
            continue;
        }
        for row in low..=high as u32 {
            for column in left..=right as u32 {
                let (x, y) = (f64::from(column), f64::from(row));
                let weight = |p: [f64; 2], q: [f64; 2]| {
                    ((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) * facet.inverse_area
                };
                let (u, v, w) = (weight(b, c), weight(c, a), weight(a, b));
                if u < 0.0 || v < 0.0 || w < 0.0 {
                    continue;
                }
                let mix = |values: [f64; 3]| (u * values[0] + v * values[1] + w * values[2]) as f32;
                let at = (row - first_row) as usize * columns as usize + column as usize;
                let nearness = mix(facet.nearness);
                if nearness > band.nearness[at] {
                    band.nearness[at] = nearness;
                    band.light[at] = mix(facet.light);
                }
            }
        }
    }
    band
}

/// Averages the samples of each pixel and paints them.
fn resolve(
    bands: &[Band],
    projection: Projection,
    [width, height]: [u32; 2],
    style: &ShadeStyle,
) -> Rendering {
    let mut raster = Raster::new(width, height);
    let mut nearness = vec![f32::NEG_INFINITY; raster.pixels().len()];
    let columns = (width * SUPERSAMPLING) as usize;
    let sample = |column: u32, row: u32| {
        let band = &bands[(row / BAND_ROWS) as usize];
        let at = (row % BAND_ROWS) as usize * columns + column as usize;
        (band.nearness[at], band.light[at])
    };
    for (index, (pixel, nearest)) in
        (0_u32..).zip(raster.pixels_mut().iter_mut().zip(&mut nearness))
    {
        let (column, row) = (index % width * SUPERSAMPLING, index / width * SUPERSAMPLING);
        let (mut covered, mut light) = (0_u32, 0.0);
        for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (near, lit) = sample(column + right, row + down);
            if near > f32::NEG_INFINITY {
                covered += 1;
                light += f64::from(lit);
                *nearest = nearest.max(near);
            }
        }
        *pixel = painted(light, covered, style);
    }
    Rendering { raster, projection, oversampling: style.oversampling.max(1), nearness }
}

/// The pixel for the summed light of its covered samples.
fn painted(light: f64, covered: u32, style: &ShadeStyle) -> [u8; 4] {
    let samples = SUPERSAMPLING * SUPERSAMPLING;
    if covered == 0 {
        return style.background.map_or([0; 4], |Rgb(r, g, b)| [r, g, b, 255]);
    }
    let steps = if covered == samples { SHADES } else { BORDER_SHADES };
    let mean = (light / f64::from(covered)).clamp(0.0, 1.2);
    let Rgb(r, g, b) = style.color.scaled((mean * steps).round() / steps);
    let share = f64::from(covered) / f64::from(samples);
    match style.background {
        None => [r, g, b, (255.0 * share).round() as u8],
        Some(Rgb(back_r, back_g, back_b)) => {
            let mix = |front: u8, back: u8| {
                (share * f64::from(front) + (1.0 - share) * f64::from(back)).round() as u8
            };
            [mix(r, back_r), mix(g, back_g), mix(b, back_b), 255]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(radius: f64) -> TriMesh {
        let (rings, sectors) = (24, 48);
        let mut mesh = TriMesh::default();
        for ring in 0..=rings {
            for sector in 0..sectors {
                let polar = std::f64::consts::PI * f64::from(ring) / f64::from(rings);
                let around = std::f64::consts::TAU * f64::from(sector) / f64::from(sectors);
                mesh.vertices.push(Point3::new(
                    radius * polar.sin() * around.cos(),
                    radius * polar.sin() * around.sin(),
                    radius * polar.cos(),
                ));
            }
        }
        for ring in 0..rings as u32 {
            for sector in 0..sectors as u32 {
                let next = (sector + 1) % sectors as u32;
                let at = |ring: u32, sector: u32| ring * sectors as u32 + sector;
                mesh.triangles.push([at(ring, sector), at(ring + 1, sector), at(ring + 1, next)]);
                mesh.triangles.push([at(ring, sector), at(ring + 1, next), at(ring, next)]);
            }
        }
        mesh
    }

    const PLAIN: ShadeStyle =
        ShadeStyle { color: Rgb(200, 200, 200), background: None, margin: 4.0, oversampling: 1 };

    #[test]
    fn a_ball_covers_its_disk() {
        let seen = shaded(&ball(20.0), View::Top, PictureSize::PerMm(4.0), &PLAIN);
        let covered: f64 =
            seen.raster.pixels().iter().map(|pixel| f64::from(pixel[3]) / 255.0).sum();
        let expected = std::f64::consts::PI * 80.0 * 80.0;
        assert!((covered / expected - 1.0).abs() < 0.01, "{covered} px, disk {expected} px");
        assert_eq!((seen.raster.width(), seen.raster.height()), (168, 168));
    }

    #[test]
    fn inked_triangles_are_dark_and_the_others_as_before() {
        let ball = ball(20.0);
        let dark: Vec<bool> = ball
            .corner_points()
            .map(|corners| corners.iter().map(|corner| corner.x).sum::<f64>() > 0.0)
            .collect();
        let draw = |dark: &[bool]| {
            Shape::new(&ball).inked(dark).shaded(View::Top, PictureSize::PerMm(4.0), &PLAIN).raster
        };
        let (plain, inked) = (draw(&[]), draw(&dark));
        let at = |raster: &Raster, x: usize| raster.pixels()[84 * 168 + x][0];
        assert_eq!(at(&plain, 60), at(&inked, 60));
        assert!(f64::from(at(&inked, 110)) < 0.5 * f64::from(at(&plain, 110)));
    }

    #[test]
    fn light_comes_from_the_upper_left_in_every_view() {
        for view in [View::Top, View::Bottom, View::Left, View::Back] {
            let seen = shaded(&ball(20.0), view, PictureSize::PerMm(4.0), &PLAIN);
            let light = |x: usize, y: usize| seen.raster.pixels()[y * 168 + x][0];
            assert!(light(50, 45) > light(118, 123) + 60, "{view:?}");
        }
    }

    #[test]
    fn projection_and_depth_agree_with_the_picture() {
        let seen = shaded(&ball(20.0), View::Right, PictureSize::PerMm(4.0), &PLAIN);
        let (x, y) = seen.projection.pixel(&Point3::new(20.0, 10.0, 5.0));
        assert!((x - (84.0 + 40.0)).abs() < 0.2 && (y - (84.0 - 20.0)).abs() < 0.2, "{x} {y}");
        assert!(seen.sees(&Point3::new(20.0, 0.0, 0.0), 0.5));
        assert!(!seen.sees(&Point3::new(-20.0, 0.0, 0.0), 0.5));
    }

    #[test]
    fn same_pixels_on_any_number_of_threads() {
        let draw = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let iso = View::Iso { azimuth: 0.6, elevation: 0.5 };
            let size = PictureSize::Within { width: 300.0, height: 200.0 };
            pool.install(|| shaded(&ball(20.0), iso, size, &ShadeStyle::FOOT).raster)
        };
        assert_eq!(draw(1), draw(2));
    }

    #[test]
    fn colors_fit_a_palette() {
        let size = PictureSize::Within { width: 300.0, height: 200.0 };
        let raster = shaded(&ball(20.0), View::Top, size, &ShadeStyle::SHELL).raster;
        let mut colors = raster.pixels().to_vec();
        colors.sort_unstable();
        colors.dedup();
        assert!(colors.len() <= 256, "{} colors", colors.len());
    }

    #[test]
    fn broken_meshes_give_small_pictures() {
        let size = PictureSize::PerMm(10.0);
        let empty = shaded(&TriMesh::default(), View::Top, size, &PLAIN);
        assert!(empty.raster.pixels().iter().all(|pixel| pixel[3] == 0));
        let mut huge = TriMesh::cuboid(Point3::origin(), Point3::new(1e9, 1.0, 1.0));
        huge.vertices[3].x = f64::NAN;
        huge.triangles.push([0, 1, 900]);
        assert!(shaded(&huge, View::Top, size, &PLAIN).raster.width() <= 4010);
    }
}
