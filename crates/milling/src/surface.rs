//! Roughing and finishing of one side of a part: which tool takes what, in which order.
//!
//! Passes run where they are fewest: along a part, also where several lie side by side on a wide blank.

use geometry::{Point3, TriMesh};

use crate::clearing::Hand;
use crate::constant_engagement::{NARROWED_SHARE, constant_engagement};
use crate::finishing::finishing;
use crate::ground::{Ground, Limits, ROLLED_RADII};
use crate::outline::Borders;
use crate::path::ToolPath;
use crate::pencil::pencil;
use crate::plan_view::PlanView;
use crate::rest_roughing::{Rest, rest_roughing};
use crate::rim_passes::rings;
use crate::roughing::{roughing, widest_reach};
use crate::semi_finishing::semi_finishing;
use crate::spiral::spiral;
use crate::stock::{Block, STOCK_SPACING_MM, Stock};
use crate::waterline::waterline;
use crate::{Cutter, Finishing, MillOrder, OperationKind, Roughing, Spread};

/// The tip stays this far over the underside of the blank, mm: no cutting into the machine's bed.
pub(crate) const BED_CLEARANCE_MM: f64 = 1.0;
/// Grid on which the part is seen from above, mm.
pub(crate) const VIEW_SPACING_MM: f64 = 0.2;

/// The ways over a surface.
#[derive(Debug)]
pub(crate) struct SurfacePaths {
    /// In the order in which they are cut.
    pub(crate) paths: Vec<(OperationKind, ToolPath)>,
    /// Roughing with the finishing tool alone, where another has roughed: what it is compared with.
    pub(crate) rough_alone: Option<ToolPath>,
    /// Number of walls that are finished along level lines, where these were ordered.
    pub(crate) walls: Option<usize>,
}

/// A part from above, as far around it as any tool of an order goes.
pub(crate) fn plan_view(part: &TriMesh, order: &MillOrder) -> PlanView {
    let outline = order.outline_tool.as_ref().unwrap_or(&order.tool);
    let rolled = ROLLED_RADII * order.tool.radius_mm();
    let margin = widest_reach(order).max(rolled).max(outline.diameter_mm) + 2.0;
    PlanView::new(part, margin, VIEW_SPACING_MM)
}

/// Roughing and finishing of a part in program coordinates, seen from above in `view`.
pub(crate) fn surface_paths(
    part: &TriMesh,
    (view, borders): (&PlanView, &Borders),
    order: &MillOrder,
    (blank_mm, skirt): ([f64; 3], f64),
) -> SurfacePaths {
    let [along_x, along_y] = view.runs();
    let is_wide = along_x < along_y;
    let [width, length, height] = blank_mm;
    let turned;
    let (part, view, blank_mm) = if is_wide {
        let part = part.map_vertices(|point| Point3::new(point.y, point.x, point.z));
        turned = (part, view.turned());
        (&turned.0, &turned.1, [length, width, height])
    } else {
        (part, view, blank_mm)
    };
    let hand = if is_wide { Hand::Left } else { Hand::Right };
    let tool = &order.tool;
    let floor = BED_CLEARANCE_MM - height;
    let limits = Limits::for_rolling(&[tool], skirt, floor);
    let (((mut paths, mut rough_alone), semi), ((finish, walls), along_valleys)) = rayon::join(
        || {
            rayon::join(
                || rough_paths(part, (view, borders), order, (blank_mm, hand), (skirt, floor)),
                || semi_finishing(part, view, order, limits),
            )
        },
        || {
            let is_even = order.spread == Spread::EvenScallop && Cutter::of(tool).is_ball();
            let step = order.cutting.finishing_step_over_mm;
            let (rings, ground) = rayon::join(
                || {
                    if is_even {
                        rings((borders, is_wide), tool.radius_mm(), step)
                    } else {
                        Vec::new()
                    }
                },
                || Ground::new(part, view, tool, 0.0, limits),
            );
            let (finish, walls) = match order.finishing {
                Finishing::Spiral => (spiral(&ground, order, (borders, is_wide), &rings), None),
                Finishing::Waterline => {
                    let (finish, walls) = waterline(&ground, order, is_wide, &rings);
                    (finish, Some(walls))
                }
                Finishing::Parallel => (finishing(&ground, order, &rings), None),
            };
            let along_valleys =
                if is_even { pencil(&ground, order, &finish) } else { ToolPath::default() };
            ((finish, walls), along_valleys)
        },
    );
    paths.push((OperationKind::SemiFinishing, semi));
    paths.push((OperationKind::Finishing, finish));
    paths.push((OperationKind::Pencil, along_valleys));
    paths.retain(|(_, path)| !path.steps.is_empty());
    let laid = |mut path: ToolPath| {
        path.slow_down_descents();
        if is_wide { path.turned() } else { path }
    };
    let paths = paths.into_iter().map(|(kind, path)| (kind, laid(path))).collect();
    rough_alone = rough_alone.map(laid);
    SurfacePaths { paths, rough_alone, walls }
}

/// Roughing with the tool of an order, and the material that it leaves where that is known.
fn roughed(
    ground: &Ground<'_>,
    borders: &Borders,
    order: &MillOrder,
    blank: ([f64; 3], Hand),
) -> (ToolPath, Option<Stock>) {
    match order.roughing {
        Roughing::Parallel => (roughing(ground, order), None),
        Roughing::ConstantEngagement => {
            let (path, stock) = constant_engagement(ground, order, borders, blank);
            (path, Some(stock))
        }
    }
}

/// Roughing, and after another tool's what that has left; beside it roughing with the finishing tool alone.
fn rough_paths(
    part: &TriMesh,
    (view, borders): (&PlanView, &Borders),
    order: &MillOrder,
    (blank_mm, hand): ([f64; 3], Hand),
    (skirt, floor): (f64, f64),
) -> (Vec<(OperationKind, ToolPath)>, Option<ToolPath>) {
    let allowance = order.cutting.roughing_allowance_mm;
    let limits = Limits::for_rolling(&[&order.tool], skirt, floor);
    let ground = Ground::new(part, view, &order.tool, allowance, limits);
    let (alone, left) = roughed(&ground, borders, order, (blank_mm, hand));
    if order.rougher.is_none() {
        let mut paths = vec![(OperationKind::Roughing, alone)];
        // Parallel passes have nothing that they leave to others.
        if let Some(stock) = left {
            let inset = NARROWED_SHARE * order.cutting.roughing_step_over_mm;
            let rest = rest_roughing(&ground, order, stock, Rest::of_level(order, inset));
            paths.push((OperationKind::RestRoughing, rest));
        }
        return (paths, None);
    }
    let with = order.for_roughing();
    let allowance = with.cutting.roughing_allowance_mm;
    // As deep beside the part as the wide tool needs it: it then leaves nothing beside the rim.
    let limits = Limits::for_rolling(&[&order.tool, &with.tool], skirt, floor);
    let wide = Ground::new(part, view, &with.tool, allowance, limits);
    let (rough, left) = roughed(&wide, borders, &with, (blank_mm, hand));
    let stock = left.unwrap_or_else(|| {
        let mut stock = Stock::new(&Block::at_corner(blank_mm), STOCK_SPACING_MM);
        let chords = rough.chords(order.machine.safe_height_mm);
        stock.cut(&chords, &Cutter::of(&with.tool), f64::INFINITY);
        stock
    });
    let rest = rest_roughing(&ground, order, stock, Rest::after(&with, order));
    (vec![(OperationKind::Roughing, rough), (OperationKind::RestRoughing, rest)], Some(alone))
}
