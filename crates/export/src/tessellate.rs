//! A closed triangle mesh of a slab, within a measured distance of its surfaces.
//!
//! Method: the borders become polylines; a graded quadtree fills the region between them
//! (sizes from [`crate::size_field`]), whose cells become triangles ([`crate::cells`]) but beside the borders, where a
//! constrained Delaunay triangulation (`spade`) joins them; one triangulation over the plane serves both surfaces; upright quads close the wall. The borders of a [`geometry::Relief`] are edges of the same triangulation: what
//! lies between them is set off from the bottom, and upright quads join the two, so that the mesh stays closed. The deviation of every triangle is then measured and
//! places over the tolerance are refined, until none is left.
//!
//! Because top and bottom share the triangulation and every vertex of the top lies above its partner,
//! the mesh cannot intersect itself. All coordinates are single-precision numbers, so that a binary
//! STL file holds this very mesh.
//!
//! Does not promise: good shapes of wall triangles where the wall is much taller than the border's steps.

use geometry::{BorderIndex, Point2, Point3, Rect, Relief, Slab, TriMesh, polygon};
use rayon::prelude::*;

use crate::cells::Region;
use crate::deviation::largest_at_middles;
use crate::plane_points::{BORDER_TO_INNER, border_line, relief_lines, single_number};
use crate::size_field::SizeField;
use crate::triangulation::{PlaneTriangles, triangulate};
use crate::trim::{TrimError, TrimLoop, bezier_point, trim_loops};

/// How fine a mesh is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeshSettings {
    /// Largest distance of the mesh from the surfaces and of the wall from the trim curves, mm.
    ///
    /// 0.001 to 1; the product's shapes agree within 0.02.
    pub tolerance_mm: f64,
    /// Longest leg of a triangle in the plane, mm; 0.2 to 50.
    pub longest_edge_mm: f64,
    /// Refuse to make more triangles than this.
    pub most_triangles: usize,
}

impl Default for MeshSettings {
    fn default() -> Self {
        Self { tolerance_mm: 0.02, longest_edge_mm: 4.0, most_triangles: 2_000_000 }
    }
}

/// Why a slab could not be meshed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TessellateError {
    /// A setting is out of its range.
    #[error("{name} is {value}, allowed is {low} to {high}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// Smallest allowed value.
        low: f64,
        /// Largest allowed value.
        high: f64,
    },
    /// The borders do not bound a region of the surfaces.
    #[error(transparent)]
    Trim(#[from] TrimError),
    /// A surface has no height somewhere.
    #[error("a surface has no finite height at x {x:.2}, y {y:.2} mm; fit it again")]
    NotFinite {
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// The bottom is not under the top.
    #[error(
        "the slab is {thickness_mm:.3} mm thick at x {x:.2}, y {y:.2} mm, less than \
         {THINNEST_MM} mm; lower the bottom or trim that place away"
    )]
    TooThin {
        /// Upright distance from bottom to top at the worst place.
        thickness_mm: f64,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// Two borders are so near to each other that their polylines meet.
    #[error("two borders touch at x {x:.2}, y {y:.2} mm; move the trim line there")]
    Touching {
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// The mark is not inside the borders, or its lines touch.
    #[error(
        "the mark touches itself or a border at x {x:.2}, y {y:.2} mm; move it or leave it out"
    )]
    Mark {
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// More triangles than allowed.
    #[error("the mesh needs over {limit} triangles; allow a larger deviation or more triangles")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Refinement ended above the tolerance.
    #[error(
        "the mesh stays {reached_mm:.4} mm from the surface at x {x:.2}, y {y:.2} mm, more than \
         {tolerance_mm} mm; smooth the surface there"
    )]
    Tolerance {
        /// Smallest deviation that was reached.
        reached_mm: f64,
        /// The wanted one.
        tolerance_mm: f64,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
}

/// Thinner slabs are refused, mm: single precision at 300 mm has a grain of 3e-5 mm, and no machine makes it.
const THINNEST_MM: f64 = 0.01;

/// Share of the tolerance that the middles of a triangle may be off: where curvature changes inside it, another place
/// is a little farther off.
const MEASURED_SHARE: f64 = 0.95;

/// Rounds of refinement. The estimate is conservative and one round is the rule; each round at least
/// halves a deviation that is left.
const ROUNDS: usize = 6;

/// Makes the closed, outward-oriented mesh of a slab.
///
/// # Errors
/// [`TessellateError`] if the slab bounds no solid or the settings cannot be kept.
pub fn tessellate(slab: &Slab, settings: &MeshSettings) -> Result<TriMesh, TessellateError> {
    check_settings(settings)?;
    let loops = trim_loops(slab)?;
    let mut field = None;
    let mut worst = Miss { deviation: 0.0, low: Point2::origin(), high: Point2::origin() };
    for _ in 0..ROUNDS {
        let sizes = match field.take() {
            Some(sizes) => sizes,
            None => first_sizes(slab, &loops, settings),
        };
        let (plane, mut sizes) = fill(slab, &loops, sizes, settings)?;
        let lifted = Lifted::new(slab, &plane)?;
        let misses = lifted.misses(slab, &plane, settings.tolerance_mm);
        let Some(largest) = misses.iter().max_by(|a, b| a.deviation.total_cmp(&b.deviation)) else {
            return Ok(lifted.closed(&plane));
        };
        worst = largest.clone();
        refine(&mut sizes, &misses, settings.tolerance_mm);
        field = Some(sizes);
    }
    let place = nalgebra::center(&worst.low, &worst.high);
    Err(TessellateError::Tolerance {
        reached_mm: worst.deviation,
        tolerance_mm: settings.tolerance_mm,
        x: place.x,
        y: place.y,
    })
}

fn check_settings(settings: &MeshSettings) -> Result<(), TessellateError> {
    for (name, value, low, high) in [
        ("tolerance_mm", settings.tolerance_mm, 0.001, 1.0),
        ("longest_edge_mm", settings.longest_edge_mm, 0.2, 50.0),
    ] {
        if !(low..=high).contains(&value) {
            return Err(TessellateError::Setting { name, value, low, high });
        }
    }
    Ok(())
}

fn first_sizes(slab: &Slab, loops: &[TrimLoop], settings: &MeshSettings) -> SizeField {
    let coarse: Vec<Vec<Point2>> = loops
        .iter()
        .map(|border| {
            let points = |segment| (0..8).map(move |k| bezier_point(segment, f64::from(k) / 8.0));
            border.segments.iter().flat_map(points).collect()
        })
        .collect();
    let index = BorderIndex::new(coarse.iter().flat_map(|line| polygon::edges(line)));
    let area = around(coarse.iter().flatten());
    SizeField::new(slab, &index, area, settings.tolerance_mm, settings.longest_edge_mm)
}

/// The smallest rectangle around points.
fn around<'a>(points: impl Iterator<Item = &'a Point2>) -> Rect {
    let nothing = (Point2::from([f64::INFINITY; 2]), Point2::from([f64::NEG_INFINITY; 2]));
    let (low, high) = points.fold(nothing, |(low, high), point| (low.inf(point), high.sup(point)));
    Rect { low, high }
}

/// Triangulates the region with sizes that also respect the steps of the borders.
fn fill(
    slab: &Slab,
    loops: &[TrimLoop],
    mut sizes: SizeField,
    settings: &MeshSettings,
) -> Result<(PlaneTriangles, SizeField), TessellateError> {
    let limit = settings.most_triangles;
    // A region of n points has about 2 n triangles on the top and as many on the bottom.
    let most_points = limit / 4;
    let mut borders = Vec::with_capacity(loops.len());
    for border in loops {
        let line = border_line(slab, border, &sizes, settings);
        borders.push(line);
    }
    if borders.iter().map(Vec::len).sum::<usize>() > most_points {
        return Err(TessellateError::TooMany { limit });
    }
    let relief = slab.relief.as_ref().map_or_else(Vec::new, |relief| relief_lines(relief, &sizes));
    for (a, b) in borders.iter().chain(&relief).flat_map(|line| polygon::edges(line)) {
        sizes.limit(nalgebra::center(&a, &b), BORDER_TO_INNER * (b - a).norm());
    }
    sizes.grade();
    let index = BorderIndex::new(borders.iter().flat_map(|line| polygon::edges(line)));
    let lines = BorderIndex::new(relief.iter().flat_map(|line| polygon::edges(line)));
    let at_mark = |place: Point2| TessellateError::Mark { x: place.x, y: place.y };
    if let Some(place) = relief.iter().flatten().find(|place| !index.contains(**place)) {
        return Err(at_mark(*place));
    }
    let region = Region {
        slab,
        borders: &index,
        relief: &lines,
        area: around(borders.iter().flatten()),
        sizes: &sizes,
        longest: settings.longest_edge_mm,
        tolerance: settings.tolerance_mm,
        most: most_points,
    };
    let filling = region.fill().ok_or(TessellateError::TooMany { limit })?;
    let plane = triangulate(borders, relief, filling).map_err(|place| {
        if lines.distance(place, 0.0).is_some() {
            return at_mark(place);
        }
        TessellateError::Touching { x: place.x, y: place.y }
    })?;
    Ok((plane, sizes))
}

/// A triangle that is too far from a surface: how far, and its bounding box in the plane.
#[derive(Clone, Debug)]
struct Miss {
    deviation: f64,
    low: Point2,
    high: Point2,
}

fn refine(sizes: &mut SizeField, misses: &[Miss], tolerance: f64) {
    // Neighboring misses share nodes: each must be halved from the size that made the mesh, not from
    // what its neighbor has left, or a row of them shrinks a hundredfold.
    let wanted: Vec<f64> = misses
        .iter()
        .map(|miss| {
            // Deviation goes with the square of the size; 0.7 makes sure that the next halving is taken.
            // A triangle beside the border can be longer than the size allowed there, which then
            // must shrink all the same.
            let allowed = sizes.smallest(miss.low, miss.high);
            let longest = (miss.high - miss.low).amax().min(allowed);
            0.7 * longest * (tolerance / miss.deviation).sqrt()
        })
        .collect();
    for (miss, size) in misses.iter().zip(wanted) {
        sizes.limit_box(miss.low, miss.high, size);
    }
    sizes.grade();
}

/// Heights of both surfaces over the vertices of a plane triangulation.
struct Lifted {
    top: Vec<Point3>,
    bottom: Vec<Point3>,
    /// The face of the relief over the vertices of its borders, where `bottom` has the surface.
    face: Vec<Point3>,
}

impl Lifted {
    fn new(slab: &Slab, plane: &PlaneTriangles) -> Result<Self, TessellateError> {
        let (top, bottom) = plane
            .vertices
            .par_iter()
            .map(|&point| {
                let [top, bottom] = slab.heights(point);
                let at = |height| Point3::new(point.x, point.y, single_number(height));
                (at(top), at(bottom))
            })
            .unzip();
        let mut lifted = Self { top, bottom, face: Vec::new() };
        if let Some(relief) = &slab.relief {
            lifted.set_off(relief, slab, plane);
        }
        let of_relief = plane.relief_vertices.start as usize;
        let pairs = || {
            let faced = lifted.top.iter().skip(of_relief).zip(&lifted.face);
            lifted.top.iter().zip(&lifted.bottom).chain(faced)
        };
        if let Some((place, _)) = pairs().find(|(top, bottom)| !(top.z - bottom.z).is_finite()) {
            return Err(TessellateError::NotFinite { x: place.x, y: place.y });
        }
        let thinnest =
            pairs().map(|(top, bottom)| (top.z - bottom.z, top)).min_by(|a, b| a.0.total_cmp(&b.0));
        match thinnest {
            Some((thickness_mm, place)) if thickness_mm < THINNEST_MM => {
                Err(TessellateError::TooThin { thickness_mm, x: place.x, y: place.y })
            }
            _ => Ok(lifted),
        }
    }

    /// Moves the pattern of a relief off the bottom.
    fn set_off(&mut self, relief: &Relief, slab: &Slab, plane: &PlaneTriangles) {
        let face = |point: &Point3| {
            let height = relief.face_height(&slab.bottom, point.xy());
            Point3::new(point.x, point.y, single_number(height))
        };
        let of_relief = plane.relief_vertices.start as usize..plane.relief_vertices.end as usize;
        self.face = self.bottom[of_relief].iter().map(face).collect();
        let patterned = plane.triangles.iter().zip(&plane.patterned);
        let mut inside: Vec<u32> = patterned
            .filter(|(_, patterned)| **patterned)
            .flat_map(|(triangle, _)| *triangle)
            .filter(|vertex| !plane.relief_vertices.contains(vertex))
            .collect();
        inside.sort_unstable();
        inside.dedup();
        for vertex in inside {
            self.bottom[vertex as usize] = face(&self.bottom[vertex as usize]);
        }
    }

    /// The corner of a triangle of the underside.
    fn under(&self, plane: &PlaneTriangles, vertex: u32, patterned: bool) -> Point3 {
        if patterned && plane.relief_vertices.contains(&vertex) {
            return self.face[(vertex - plane.relief_vertices.start) as usize];
        }
        self.bottom[vertex as usize]
    }

    /// Triangles of either surface whose sampled deviation exceeds the tolerance.
    fn misses(&self, slab: &Slab, plane: &PlaneTriangles, tolerance: f64) -> Vec<Miss> {
        plane
            .triangles
            .par_iter()
            .zip(&plane.patterned)
            .filter_map(|(triangle, &patterned)| {
                let above = triangle.map(|vertex| self.top[vertex as usize]);
                let below = triangle.map(|vertex| self.under(plane, vertex, patterned));
                let relief = slab.relief.as_ref().filter(|_| patterned);
                // Away from borders an edge has a triangle on either side, and one of them asks.
                let [a, b, c] = *triangle;
                let edges = [[a, b], [b, c], [c, a]]
                    .map(|[from, to]| from < to || to < plane.relief_vertices.end);
                let deviation = largest_at_middles(&above, &below, edges, |point| {
                    let [top, bottom] = slab.heights(point);
                    [top, relief.map_or(bottom, |it| it.face_height(&slab.bottom, point))]
                });
                if deviation <= MEASURED_SHARE * tolerance {
                    return None;
                }
                let [a, b, c] = triangle.map(|vertex| plane.vertices[vertex as usize]);
                Some(Miss { deviation, low: a.inf(&b).inf(&c), high: a.sup(&b).sup(&c) })
            })
            .collect()
    }

    /// Top, bottom and walls as one mesh: vertices of the top first, then those of the bottom, then the face of the
    /// relief over its borders.
    fn closed(self, plane: &PlaneTriangles) -> TriMesh {
        let below = self.top.len() as u32;
        let mut triangles = Vec::with_capacity(
            2 * (plane.triangles.len() + plane.border_edges.len() + plane.relief_edges.len()),
        );
        triangles.extend(&plane.triangles);
        let on_face = |vertex: u32| vertex - plane.relief_vertices.start + 2 * below;
        for (&[a, b, c], &patterned) in plane.triangles.iter().zip(&plane.patterned) {
            triangles.push([a, c, b].map(|vertex| {
                let on_border = patterned && plane.relief_vertices.contains(&vertex);
                if on_border { on_face(vertex) } else { vertex + below }
            }));
        }
        for &[from, to] in &plane.relief_edges {
            let (face_from, face_to) = (on_face(from), on_face(to));
            triangles.push([face_from, face_to, to + below]);
            triangles.push([face_from, to + below, from + below]);
        }
        for &[from, to] in &plane.border_edges {
            let (low_from, low_to) = (from + below, to + below);
            let point = |index: u32| {
                let list = if index < below { &self.top } else { &self.bottom };
                list[(index % below) as usize]
            };
            // The shorter diagonal makes the rounder triangles.
            let rising = (point(to) - point(low_from)).norm();
            let falling = (point(from) - point(low_to)).norm();
            if rising <= falling {
                triangles.extend([[low_from, low_to, to], [low_from, to, from]]);
            } else {
                triangles.extend([[low_from, low_to, from], [low_to, to, from]]);
            }
        }
        let vertices = self.top.into_iter().chain(self.bottom).chain(self.face).collect();
        TriMesh { vertices, triangles }
    }
}
