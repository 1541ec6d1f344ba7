//! The mark on the underside of a shell: what it says, where it went, and how it came out of the mesh.

use geometry::{HeightField, Point2, Point3, Slab, TriMesh};
use mark::{Mark, MarkOrder, Site};
use report::{MakingView, Row};
use serde_json::{Value, json};
use shell::Shell;
use vocabulary::{Findings, Side};

use crate::settings::Bench;
use crate::{Job, Refusal};

/// What is asked of a mark on one side; `None` if none is ordered.
fn ordered(job: &Job<'_>, bench: &Bench, side: Side) -> Option<MarkOrder> {
    let (choice, values) = (&job.case.mark, bench.mark.as_ref()?);
    let letter = match side {
        Side::Left => 'L',
        Side::Right => 'R',
    };
    let order = choice.order.as_ref().unwrap_or(&job.case.patient.code);
    let first = format!("{} {letter}", order.trim());
    let depth_mm = values.number("depth_mm");
    Some(MarkOrder {
        code: (values.text("code") != "none").then(|| first.clone()),
        lines: std::iter::once(first).chain(choice.line.clone()).collect(),
        depth_mm: if values.text("style") == "raised" { -depth_mm } else { depth_mm },
        text_height_mm: values.number("text_height_mm"),
        stroke_mm: values.number("stroke_mm"),
        cell_mm: values.number("code_cell_mm"),
        border_mm: values.number("border_mm"),
        steepest_slope: values.number("steepest_deg").to_radians().tan(),
        least_thickness_mm: values.number("least_thickness_mm"),
    })
}

/// Distance of the places at which the thickness under a mark is looked up, mm.
const THICKNESS_SPACING_MM: f64 = 0.5;

/// A mark in its place with what was ordered.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    order: MarkOrder,
    mark: Mark,
    /// Least thickness of the part under the mark, mm.
    thickness_left_mm: f64,
}

/// Finds the place of the ordered mark on a shell as it is made (`slab`: mirrored back for a left foot), and puts it
/// there.
pub(crate) fn place(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    shell: &Shell,
    slab: &mut Slab,
) -> Result<Option<Placed>, Refusal> {
    let Some(order) = ordered(job, bench, side) else { return Ok(None) };
    // The shell's own frame is that of a right foot.
    let turned = |point: Point2| match side {
        Side::Left => Point2::new(-point.x, point.y),
        Side::Right => point,
    };
    let contacts: Vec<Vec<Point2>> = [&shell.rearfoot_contact, &shell.forefoot_contact]
        .into_iter()
        .flatten()
        .map(|face| face.iter().map(|corner| turned(*corner)).collect())
        .collect();
    let thickness_mm = |point: Point2| shell.thickness.sample(turned(point)).unwrap_or(f64::NAN);
    let site = Site { slab, contacts: &contacts, thickness_mm: &thickness_mm };
    let mark = mark::mark(&order, &site).map_err(|error| Refusal::Step {
        side,
        place: "mark".to_owned(),
        reason: error.to_string(),
    })?;
    let area = mark.relief.area();
    let over = HeightField::from_fn(area, THICKNESS_SPACING_MM, thickness_mm);
    let thinnest = over.heights.into_iter().fold(f64::INFINITY, f64::min);
    let thickness_left_mm = thinnest - order.depth_mm.max(0.0);
    slab.relief = Some(mark.relief.clone());
    Ok(Some(Placed { order, mark, thickness_left_mm }))
}

/// A mark as it came out of the mesh.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    placed: Placed,
    /// Least, mean and largest depth along the normal over the pattern, mm; raised ones are negative.
    depth_mm: [f64; 3],
    /// What the code on the mesh says.
    read: Option<String>,
}

impl Placed {
    /// Measures the mark on the finished mesh: the depth of its face, and whether its code can be read.
    pub(crate) fn measured(self, slab: &Slab, mesh: &TriMesh) -> Marked {
        let relief = &self.mark.relief;
        // Triangles that look down under the mark, and how far each is sunk; the surface's own are not at all.
        let under: Vec<([Point2; 3], f64, f64)> = (0..mesh.triangles.len())
            .filter_map(|triangle| {
                let normal = mesh.scaled_normal(triangle);
                let corners = mesh.corners(triangle);
                let middle =
                    Point3::from((corners[0].coords + corners[1].coords + corners[2].coords) / 3.0);
                let upright = -normal.z / normal.norm();
                let here = upright > LEAST_UPRIGHT && relief.area().contains(middle.xy());
                let depth = (middle.z - slab.bottom.height(middle.xy())) * upright;
                here.then(|| (corners.map(|corner| corner.xy()), depth, normal.z.abs()))
            })
            .collect();
        let half = 0.5 * relief.depth_mm();
        let is_set_off = |depth: f64| depth.abs() > half.abs() && depth.signum() == half.signum();
        let set_off = under.iter().filter(|(_, depth, _)| is_set_off(*depth));
        let (mut least, mut most, mut sum, mut area) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0);
        for (_, depth, weight) in set_off {
            (least, most) = (least.min(*depth), most.max(*depth));
            (sum, area) = (sum + depth * weight, area + weight);
        }
        let read = self.mark.read_code(|place| {
            under
                .iter()
                .find(|(corners, ..)| geometry::polygon::contains(corners, place))
                .is_some_and(|(_, depth, _)| is_set_off(*depth))
        });
        Marked { placed: self, depth_mm: [least, sum / area, most], read }
    }
}

/// A unit normal with less downward part belongs to a wall.
const LEAST_UPRIGHT: f64 = 1e-3;

impl Marked {
    /// Says where the mark went and how it came out.
    ///
    /// # Errors
    /// [`Refusal`] if the code that the mesh shows does not say what was ordered.
    pub(crate) fn report(&self, side: Side, findings: &mut Findings) -> Result<(), Refusal> {
        let Placed { order, mark, .. } = &self.placed;
        if self.read != order.code {
            return Err(Refusal::Step {
                side,
                place: "mark".to_owned(),
                reason: format!(
                    "the code on the mesh reads {:?} instead of {:?}; order larger code_cell_mm or code = \"none\"",
                    self.read, order.code
                ),
            });
        }
        findings.note("mark", "marked", self.sentence());
        if mark.text_height_mm < order.text_height_mm {
            findings.warn(
                "mark",
                "mark-smaller",
                format!(
                    "The mark was made smaller to find a place: letters {:.1} mm high instead of {:.1}.",
                    mark.text_height_mm, order.text_height_mm
                ),
            );
        }
        Ok(())
    }

    /// What the part shows and how it came out, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Placed { order, mark, .. } = &self.placed;
        let style = if order.depth_mm < 0.0 { "raised from" } else { "sunk into" };
        let code = mark.code.map_or_else(String::new, |(cell_mm, cells)| {
            format!(" and a Data Matrix of {cells} x {cells} cells of {cell_mm:.2} mm")
        });
        let [least, mean, most] = self.depth_mm.map(f64::abs);
        format!(
            "\"{}\"{code}, letters {:.1} mm high, {style} the underside at x {:.0}, y {:.0} mm by {mean:.3} mm ({:.3} to \
             {:.3}, ordered {:.2}), read from below; STEP files leave it out.",
            order.lines.join(" / "),
            mark.text_height_mm,
            mark.center.x,
            mark.center.y,
            least.min(most),
            least.max(most),
            order.depth_mm.abs(),
        )
    }

    /// For the report.
    pub(crate) fn view(&self) -> MakingView {
        let Placed { order, mark, thickness_left_mm } = &self.placed;
        let [least, mean, most] = self.depth_mm.map(f64::abs);
        let style = if order.depth_mm < 0.0 { "raised" } else { "sunk" };
        let rows = vec![
            Row::new("Text", order.lines.join(" / "))
                .with_note(format!("letters {:.1} mm high, read from below", mark.text_height_mm)),
            Row::new("Code", order.code.clone().unwrap_or_else(|| "none".to_owned())).with_note(
                mark.code.map_or_else(String::new, |(cell_mm, cells)| {
                    format!("Data Matrix, {cells} × {cells} cells of {cell_mm:.2} mm; read back from the mesh")
                }),
            ),
            Row::new("Depth", format!("{style} by {mean:.2} mm")).with_note(format!(
                "{:.3} to {:.3} mm, ordered {:.2}; {thickness_left_mm:.2} mm are left",
                least.min(most),
                least.max(most),
                order.depth_mm.abs()
            )),
            Row::new("Place", format!("x {:.0}, y {:.0} mm", mark.center.x, mark.center.y))
                .with_note("not in STEP files"),
        ];
        MakingView { title: "Mark on the underside".to_owned(), rows }
    }

    /// For the record.
    pub(crate) fn json(&self) -> Value {
        let Placed { order, mark, thickness_left_mm } = &self.placed;
        let [least, mean, most] = self.depth_mm;
        json!({
            "lines": order.lines,
            "code": order.code,
            "read": self.read,
            "style": if order.depth_mm < 0.0 { "raised" } else { "sunk" },
            "requested_depth_mm": order.depth_mm.abs(),
            "realised_depth_mm": {
                "least": least.abs().min(most.abs()),
                "mean": mean.abs(),
                "most": least.abs().max(most.abs()),
            },
            "thickness_left_mm": thickness_left_mm,
            "center_mm": [mark.center.x, mark.center.y],
            "reading": [mark.reading.x, mark.reading.y],
            "size_mm": mark.size_mm,
            "text_height_mm": mark.text_height_mm,
            "stroke_mm": mark.stroke_mm,
            "code_cell_mm": mark.code.map(|(cell_mm, _)| cell_mm),
            "code_cells": mark.code.map(|(_, cells)| cells),
            "slope_deg": mark.slope.atan().to_degrees(),
            "in_step_files": false,
        })
    }
}

impl Marked {
    /// What a mill engraves: the mark and its depth; `None` for a raised one.
    pub(crate) fn engraved(&self) -> Option<(&Mark, &MarkOrder)> {
        let Placed { order, mark, .. } = &self.placed;
        (order.depth_mm > 0.0).then_some((mark, order))
    }
}

/// Says that a mill leaves the mark of a part out.
pub(crate) fn say_not_milled(is_marked: bool, findings: &mut Findings) {
    if is_marked {
        findings.warn(
            "mill",
            "mark-not-milled",
            "The mill program leaves the mark out: no finishing tool reaches into it; engrave or label the part by hand.",
        );
    }
}
