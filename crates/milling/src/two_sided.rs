//! Both sides of a part: its top, and then its underside with the blank turned over.

use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use crate::drilling;
use crate::outline::Depth;
use crate::placement::Placement;
use crate::plan::{SideCut, report_rougher, side};
use crate::plan_view::PlanView;
use crate::roughing::{reach, widest_reach};
use crate::surface::VIEW_SPACING_MM;
use crate::waterline::report_walls;
use crate::{Cutter, MillError, MillJob, MillOrder, Model, Separation};

/// Plans both sides of a part: first its top, then, with the blank turned over about the axis along y, its
/// underside and the outline.
///
/// The second side is `x → width − x`, `z → −height − z`. Without dowels the blank comes to lie against the same front
/// left corner stops on both sides, so that its true width decides where the second side is; with dowels their holes,
/// drilled through the blank into the board under it before anything else, do. Between the two sides a web as thick as the
/// rim less both trenches holds the part until the outline is cut.
///
/// # Errors
/// [`MillError`] as for [`crate::plan()`]; also where a rim is thinner than the web, where the blank has no place for dowels, and
/// where the mark lies beside the underside.
pub fn plan_two_sided(
    part: &TriMesh,
    order: &MillOrder,
    findings: &mut Findings,
) -> Result<Vec<MillJob>, MillError> {
    order.check()?;
    let (placement, holes) = placed(part, order)?;
    let [width, _, height] = placement.blank_mm;
    let top = Model::new(part.translated(placement.offset()));
    let under = Model::new(turned_over(top.mesh(), width, height));
    // What the second side's tool must not break through: the far side, seen from below.
    let below = under.mesh().map_vertices(|point| Point3::new(point.x, point.y, -point.z));
    let margin = widest_reach(order) + order.tool.diameter_mm;
    let far = PlanView::new(&below, margin, VIEW_SPACING_MM);
    let near = PlanView::new(under.mesh(), margin, VIEW_SPACING_MM);
    let rim = thinnest_rim(&near, &far);
    // The top rises towards its rim and the underside falls: it is there that the tool has to roll over.
    let skirts = [TOP_SKIRT_MM, rim - WEB_MM - TOP_SKIRT_MM];
    if skirts[1] < 0.0 {
        return Err(MillError::Part {
            reason: format!(
                "its rim is {rim:.2} mm thick; {:.1} mm are needed to hold it while it is milled on both sides",
                WEB_MM + TOP_SKIRT_MM
            ),
        });
    }
    let tool = order.outline_tool.as_ref().unwrap_or(&order.tool);
    let corner = Cutter::of(tool).height_within(tool.radius_mm());
    let outline = (order.separation != Separation::Stay).then_some(Depth::FarRim {
        far: &far,
        below: corner + OUTLINE_OVERCUT_MM,
        trench: skirts[0],
        floor: FAR_SKIN_MM - height,
    });
    let skin = order.blank.skin_above_mm.min(order.blank.skin_below_mm);
    if outline.is_some() && skin < corner + OUTLINE_OVERCUT_MM {
        findings.warn(
            "milling",
            "cove-at-the-rim",
            format!(
                "The blank has {skin:.1} mm over and under the part; the {} needs {:.1} mm to cut the rim through: trim \
                 what it leaves, take a thicker blank, or a flat end for the outline",
                tool.name,
                corner + OUTLINE_OVERCUT_MM
            ),
        );
    }
    let named =
        |side: &str| MillOrder { label: format!("{} {side}", order.label), ..order.clone() };
    let [x, y, _] = placement.blank_from_part;
    // The mark is on the underside, as it looks up on the second side.
    let engraving = order.engraving.as_ref();
    let engraving = engraving.map(|mark| mark.placed(|[a, b]| [width - (a + x), b + y]));
    let above = MillOrder { engraving: None, ..named("side 1 top") };
    let below = MillOrder { engraving, ..named("side 2 underside") };
    let first = SideCut { number: 1, skirt: skirts[0], outline: None, holes: &holes, drills: true };
    let second = SideCut { number: 2, skirt: skirts[1], outline, holes: &holes, drills: false };
    let (first, second) = rayon::join(
        || side(&top, &above, placement, &first),
        || side(&under, &below, turned_placement(&placement), &second),
    );
    findings.note("milling", "flip", flip_words(&holes, width));
    let mut jobs = first?;
    jobs.extend(second?);
    report_rougher(&jobs, order, findings);
    report_walls(&jobs, findings);
    Ok(jobs)
}

/// The blank with the part in it, and the holes for dowels where they are ordered; a blank whose size is not given is as
/// long as they need.
fn placed(part: &TriMesh, order: &MillOrder) -> Result<(Placement, Vec<[f64; 2]>), MillError> {
    let placement = Placement::new(part, &order.blank)?;
    let Some(dowels) = &order.dowels else { return Ok((placement, Vec::new())) };
    let tool = &order.tool;
    let outline = order.outline_tool.as_ref().unwrap_or(tool);
    let away = (reach(tool, &order.cutting) + tool.radius_mm()).max(outline.diameter_mm);
    let rough = order.rougher.as_ref();
    let rough = rough.map_or(0.0, |by| reach(&by.tool, &by.cutting) + by.tool.radius_mm());
    let away = away.max(rough);
    let found = |placement: &Placement| {
        let parts = part.translated(placement.offset());
        let margin = away + dowels.tool.diameter_mm + order.blank.margin_mm;
        drilling::places(dowels, placement, &PlanView::new(&parts, margin, VIEW_SPACING_MM), away)
    };
    match found(&placement) {
        Err(MillError::NoPlaceForHoles { longer, .. }) if order.blank.size_mm.is_none() => {
            let [width, length, height] = placement.blank_mm;
            let size_mm = Some([width, length + longer, height]);
            let placement = Placement::new(part, &crate::Blank { size_mm, ..order.blank.clone() })?;
            found(&placement).map(|holes| (placement, holes))
        }
        other => other.map(|holes| (placement, holes)),
    }
}

/// How the blank is turned, for the person who does it.
fn flip_words(holes: &[[f64; 2]], width: f64) -> String {
    if holes.is_empty() {
        format!(
            "Side 2: turn the blank over about the axis along Y and push it against the same stops at the front left; \
             its width must be {width:.2} mm: every 0.1 mm of error moves the underside by 0.1 mm"
        )
    } else {
        format!(
            "Side 2: put dowels into the {} holes of the board, turn the blank over about the axis along Y and put it over \
             them; keep X0 Y0 where it was for side 1",
            holes.len()
        )
    }
}

/// Depth of the trench beside the rim on the first side, mm.
const TOP_SKIRT_MM: f64 = 0.3;
/// Material between the trenches of both sides, mm.
const WEB_MM: f64 = 1.0;
/// The outline leaves this much of the blank's far face, mm.
const FAR_SKIN_MM: f64 = 0.1;
/// How far the outline goes below what it must reach, mm.
const OUTLINE_OVERCUT_MM: f64 = 0.2;

/// The part as it lies after the blank was turned over about the axis along y.
fn turned_over(part: &TriMesh, width: f64, height: f64) -> TriMesh {
    part.map_vertices(|point| Point3::new(width - point.x, point.y, -height - point.z))
}

/// The placement as the second side's program states it: of the part turned over.
fn turned_placement(placement: &Placement) -> Placement {
    let [width, _, height] = placement.blank_mm;
    let [x, y, z] = placement.blank_from_part;
    Placement { blank_from_part: [width - x, y, -height - z], ..*placement }
}

/// Smallest thickness at the border, mm.
fn thinnest_rim(near: &PlanView, far: &PlanView) -> f64 {
    near.border()
        .filter_map(|[x, y, top]| far.outside(x, y).map(|(_, below)| top + below))
        .fold(f64::INFINITY, f64::min)
}
