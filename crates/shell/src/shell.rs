use foot::Foot;
use geometry::{BorderIndex, GraphSurface, HeightField, OverGrid, Point2, Rect, Slab};
use vocabulary::Findings;

use crate::applied::{self, Applied};
use crate::foot_surface::{map_nodes, smooth_sole};
use crate::formula::{Formula, Node};
use crate::landing::Landing;
use crate::measure;
use crate::patch::Patch;
use crate::thickness::{self, Thinnest};
use crate::top_model::TopModel;
use crate::underside::{KeptBottom, Underside};
use crate::{Design, Doses, ShellError, ShellSettings, limits, tuning, underside};

/// The surfaces go on this far outside the trim line, mm.
const MARGIN: f64 = 7.0;
/// Spacing of the grid to which the surfaces are fitted, mm.
const GRID: f64 = 1.0;
/// Spacing at which the finished thickness is measured, mm.
const INSPECTION: f64 = 1.5;
/// Nearest points of top and bottom lie at most so far apart along the foot, mm.
const ZONE_REACH: f64 = 6.0;
/// Most times that a shell is built again so that its doses come out as ordered.
const TUNINGS: usize = 3;
/// Least thickness may stay this much under the order, mm (issue: "ordered thickness minus 0.05").
const THICKNESS_TOLERANCE: f64 = 0.05;

/// A finished shell with the record of what was ordered and what was realised.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Its shape, in the frame of a right foot; z = 0 is the floor of the shoe on which posts rest.
    pub slab: Slab,
    /// The top of the same shell without posts.
    pub neutral_top: GraphSurface,
    /// What it was built from.
    pub design: Design,
    /// Every correction in the order in which it is applied, with requested and realised dose.
    pub applied: Vec<Applied>,
    /// Contact face of the rearfoot post, if one was ordered (counter-clockwise polygon at z = 0).
    pub rearfoot_contact: Option<Vec<Point2>>,
    /// Contact face of the forefoot post, if one was ordered.
    pub forefoot_contact: Option<Vec<Point2>>,
    /// The thinnest place of the finished surfaces.
    pub thinnest: Thinnest,
    /// Thickness over the plane, mm; `NaN` off the shell.
    pub thickness: HeightField,
    /// The formula to which the top was fitted.
    pub top_model: TopModel,
    /// How much higher the shell stands than the formula says, so that its lowest point is on the floor, mm: the
    /// fit's rounding, and where a post's thin edge lies inside the shell what would else be under the floor.
    pub settled: f64,
}

/// Everything that measuring needs.
pub(crate) struct Finished<'a> {
    pub(crate) design: &'a Design,
    pub(crate) doses: &'a Doses,
    pub(crate) model: &'a TopModel,
    pub(crate) slab: &'a Slab,
    pub(crate) neutral_top: &'a GraphSurface,
    pub(crate) outline: &'a [Point2],
    pub(crate) landing: &'a Landing,
    pub(crate) grid: &'a Grid,
    pub(crate) foot: &'a Foot,
    /// What the whole shell was raised by after the fit, mm.
    pub(crate) settled: f64,
    pub(crate) thickness: &'a HeightField,
}

/// The formula's nodes over the area of the fit.
pub(crate) struct Grid {
    frame: HeightField,
    nodes: Vec<Node>,
}

impl Grid {
    fn new(model: &TopModel, area: Rect) -> Self {
        // Multiples of the knots' spacing: the nodes of the grid then lie on those of the plantar map, wherever it has
        // 1 mm too, and the knots of two designs coincide, so that what does not change in one stays to the bit.
        let step = model.settings.knot_spacing.max(GRID);
        let low = area.low.map(|place| (place / step).floor() * step);
        let high = area.high.map(|place| (place / step).ceil() * step);
        let frame = HeightField::from_fn(Rect { low, high }, GRID, |_| 0.0);
        let nodes = map_nodes(&frame, |column, row| model.node(frame.node(column, row)));
        Self { frame, nodes }
    }

    pub(crate) fn field(&self, height: impl Fn(&Node) -> f64 + Sync) -> HeightField {
        let heights = map_nodes(&self.frame, |column, row| {
            height(&self.nodes[row * self.frame.columns + column])
        });
        HeightField { heights, ..self.frame.clone() }
    }

    /// Heights of patches alone would be exact only for a linear fit: this fits the top without one of them.
    pub(crate) fn top_without_patch(
        &self,
        model: &TopModel,
        doses: &Doses,
        patch: &Patch,
    ) -> Result<GraphSurface, ShellError> {
        let formula = Formula::of(model, doses);
        let heights = map_nodes(&self.frame, |column, row| {
            let index = row * self.frame.columns + column;
            formula.neutral(&self.nodes[index]) - patch.at(self.frame.node(column, row))
        });
        underside::fit(&HeightField { heights, ..self.frame.clone() }, &model.settings)
    }

    /// The fitted neutral top of another design over the same area.
    pub(crate) fn top_of(
        &self,
        model: &TopModel,
        doses: &Doses,
    ) -> Result<GraphSurface, ShellError> {
        Self::new(model, self.frame.area()).neutral_top(model, doses)
    }

    /// The fitted neutral top with other doses on the same rim.
    pub(crate) fn neutral_top(
        &self,
        model: &TopModel,
        doses: &Doses,
    ) -> Result<GraphSurface, ShellError> {
        let formula = Formula::of(model, doses);
        underside::fit(&self.field(|node| formula.neutral(node)), &model.settings)
    }
}

/// Builds the shell that a design orders for a foot.
///
/// # Errors
/// [`ShellError`] if a dose lies outside its hard limits, if the foot cannot carry a shell, or if the finished
/// surfaces are thinner than ordered.
pub fn build(
    foot: &Foot,
    design: &Design,
    settings: &ShellSettings,
    findings: &mut Findings,
) -> Result<Shell, ShellError> {
    limits::check(design, findings)?;
    let mut bench = Workbench::new(foot, *settings);
    let mut shell = once(&mut bench, design)?;
    let mut tuned = design.clone();
    for _ in 0..TUNINGS {
        let Some(mut next) = tuning::next(design, &tuned, &shell.applied) else { break };
        let mut tried = once(&mut bench, &next);
        if tried.is_err() {
            // What cannot be built so differently is tried half as far, or stays as it was ordered.
            next = tuning::halfway(&tuned, &next);
            tried = once(&mut bench, &next);
        }
        let Ok(better) = tried else { break };
        if tuning::miss(design, &next, &better.applied)
            >= tuning::miss(design, &tuned, &shell.applied)
        {
            break;
        }
        (shell, tuned) = (better, next);
    }
    tuning::answers(design, &tuned, &mut shell.applied);
    shell.design = design.clone();
    applied::report_missed(&shell.applied, findings);
    Ok(shell)
}

/// The surfaces of a design, before anything is measured on them.
struct Shape {
    doses: Doses,
    model: TopModel,
    outline: Vec<Point2>,
    grid: Grid,
    landing: Landing,
    slab: Slab,
    /// What the shell was lowered by, so that it stands on the floor.
    floor: f64,
}

impl Shape {
    /// With the bottom before, of which is kept what stays the same.
    fn of(
        design: &Design,
        settings: &ShellSettings,
        model: TopModel,
        kept: &mut Option<KeptBottom>,
    ) -> Result<Self, ShellError> {
        let doses = design.doses();
        let curve = model.rim.outline()?;
        let outline = curve.polyline(0.02, 2.0);
        let grid = Grid::new(&model, thickness::bounds(&outline, MARGIN));
        let formula = Formula::of(&model, &doses);
        let tilted = |node: &Node| formula.neutral(node) + formula.tilt(node);
        let top = underside::fit(&grid.field(tilted), settings)?;
        let landing = Landing::new(&model, &doses);
        // Pads are solid: the underside follows the top without them.
        let solid = model.additions.patches.iter().any(|patch| patch.height > 0.0);
        let lower = if solid {
            let height = |node: &Node| formula.solid(node) + formula.tilt(node);
            &underside::fit(&grid.field(height), settings)?
        } else {
            &top
        };
        let fitted = HeightField {
            heights: OverGrid::new(lower, &grid.frame).heights(),
            ..grid.frame.clone()
        };
        let border = BorderIndex::of(&outline);
        let fill = |point: Point2, shell: f64| landing.underside(&model, point, shell);
        let thick = |y: f64| model.thickness(&doses, y);
        let bottom = Underside {
            top: lower,
            grid: &fitted,
            outline: &outline,
            border: &border,
            thickness: &thick,
            settings,
            fill: &fill,
        }
        .bottom(kept)?;
        let floor = lowest(&bottom, &fitted, &border);
        let holes = model.trim.hole_curves(&model.regions, |point| model.rim.inside(point))?;
        let slab = Slab { top, bottom, outline: curve, holes, relief: None }.raised(-floor);
        Ok(Self { doses, model, outline, grid, landing, slab, floor })
    }
}

/// A foot on the bench: what does not change from one design to the next is kept.
#[derive(Debug)]
pub struct Workbench<'a> {
    foot: &'a Foot,
    settings: ShellSettings,
    /// The end up to which the sole was smoothed, and the sole.
    sole: Option<(f64, HeightField)>,
    bottom: Option<KeptBottom>,
}

impl<'a> Workbench<'a> {
    /// A foot with the lab's habits.
    #[must_use]
    pub const fn new(foot: &'a Foot, settings: ShellSettings) -> Self {
        Self { foot, settings, sole: None, bottom: None }
    }

    /// The surfaces of a design, for a display: as [`build`] makes them in its first try, without measuring doses and
    /// thickness.
    ///
    /// # Errors
    /// As [`build`], but for the thickness.
    pub fn surfaces(&mut self, design: &Design) -> Result<Slab, ShellError> {
        limits::check(design, &mut Findings::new())?;
        Ok(self.shape(design)?.slab)
    }

    fn shape(&mut self, design: &Design) -> Result<Shape, ShellError> {
        let (foot, settings) = (self.foot, self.settings);
        let kept = &mut self.sole;
        let model = TopModel::on_sole(foot, &settings, design, |end| {
            if let Some((_, sole)) = kept.as_ref().filter(|(of, _)| *of == end) {
                return Ok(sole.clone());
            }
            let sole = smooth_sole(foot, &settings, end)?;
            *kept = Some((end, sole.clone()));
            Ok(sole)
        })?;
        Shape::of(design, &settings, model, &mut self.bottom)
    }
}

/// Builds a design as it is.
fn once(bench: &mut Workbench<'_>, design: &Design) -> Result<Shell, ShellError> {
    let (foot, settings) = (bench.foot, bench.settings);
    let Shape { doses, model, outline, grid, landing, slab, floor } = bench.shape(design)?;
    let formula = Formula::of(&model, &doses);
    let neutral_top = underside::fit(&grid.field(|node| formula.neutral(node)), &settings)?;
    let neutral_top = neutral_top.raised(-floor);
    let thickness = thickness::thickness_map(&slab, INSPECTION);
    let thinnest = thickness::thinnest(&thickness);
    // Between two zones the nearest point of the other side may lie in the thinner one.
    let least = |p: Point2| {
        [-ZONE_REACH, 0.0, ZONE_REACH]
            .map(|ahead| model.thickness(&doses, p.y + ahead))
            .into_iter()
            .fold(f64::INFINITY, f64::min)
    };
    if let Some(thin) = thickness::thinner_than(&thickness, |p| least(p) - THICKNESS_TOLERANCE) {
        return Err(ShellError::Thin {
            found: thin.thickness,
            ordered: model.thickness(&doses, thin.place.y),
            x: thin.place.x,
            y: thin.place.y,
        });
    }
    let applied = measure::all(&Finished {
        design,
        doses: &doses,
        model: &model,
        slab: &slab,
        neutral_top: &neutral_top,
        outline: &outline,
        landing: &landing,
        grid: &grid,
        foot,
        settled: -floor,
        thickness: &thickness,
    })?;
    let rearfoot_contact = landing.heel_contact();
    let forefoot_contact = landing.forefoot_contact(&model.rim);
    Ok(Shell {
        slab,
        neutral_top,
        design: design.clone(),
        applied,
        rearfoot_contact,
        forefoot_contact,
        thinnest,
        thickness,
        top_model: model,
        settled: -floor,
    })
}

/// Lowest height of the bottom inside the trim.
fn lowest(bottom: &GraphSurface, grid: &HeightField, border: &BorderIndex) -> f64 {
    let over = OverGrid::new(bottom, grid);
    let heights = map_nodes(grid, |column, row| {
        if border.contains(grid.node(column, row)) {
            over.height(column, row)
        } else {
            f64::INFINITY
        }
    });
    heights.into_iter().fold(f64::INFINITY, f64::min)
}
