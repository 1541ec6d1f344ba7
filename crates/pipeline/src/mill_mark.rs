//! The mark of a shell as a mill engraves it into the underside, and what the engraved program shows.

use geometry::{GraphSurface, Point2, Vector3};
use mark::Mark;
use milling::{Cutter, Engraving, Machine, MillJob, OperationKind, Tool};
use vocabulary::Findings;

use crate::side::Shaped;

/// The mark of one part of a blank, in the part's own frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartMark {
    /// Name of the part.
    name: String,
    mark: Mark,
    depth_mm: f64,
    /// What is to be read from it.
    code: Option<String>,
    lines: Vec<String>,
    /// The surface that it is sunk into.
    underside: GraphSurface,
    /// From the part's own frame to where it lies beside the others.
    shift: Vector3,
}

impl PartMark {
    /// The mark of a shell, if it has one that is sunk: a raised one cannot be engraved.
    pub(crate) fn of(name: &str, shaped: &Shaped) -> Option<Self> {
        let (mark, order) = shaped.mark.as_ref()?.engraved()?;
        Some(Self {
            name: name.to_owned(),
            mark: mark.clone(),
            depth_mm: order.depth_mm,
            code: order.code.clone(),
            lines: order.lines.clone(),
            underside: shaped.slab.bottom.clone(),
            shift: Vector3::zeros(),
        })
    }

    /// The mark of a part that was moved.
    pub(crate) fn shifted(&self, shift: Vector3) -> Self {
        Self { shift, ..self.clone() }
    }

    fn placed(&self, point: &Point2) -> [f64; 2] {
        [point.x + self.shift.x, point.y + self.shift.y]
    }
}

/// What is engraved for marks, all as deep as the first.
pub(crate) fn engraving(marks: &[PartMark], tool: &Tool) -> Option<Engraving> {
    let depth_mm = marks.first()?.depth_mm;
    let groove = 2.0 * groove_radius(&Cutter::of(tool), depth_mm);
    let of_mark = |mark: &PartMark| -> Vec<Vec<[f64; 2]>> {
        let lines = mark.mark.engraved_lines(groove);
        lines.iter().map(|line| line.iter().map(|point| mark.placed(point)).collect()).collect()
    };
    let lines = marks.iter().flat_map(of_mark).collect();
    Some(Engraving { tool: tool.clone(), lines, depth_mm })
}

/// Half the width of a groove at the surface of level ground, mm.
fn groove_radius(cutter: &Cutter, depth: f64) -> f64 {
    let (mut low, mut high) = (0.0, cutter.radius());
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        let is_under = cutter.height(middle).is_some_and(|height| height <= depth);
        if is_under { low = middle } else { high = middle }
    }
    low
}

/// Says what was engraved, how deep it came out, and whether the code can be read from the program's own moves.
pub(crate) fn report(
    marks: &[PartMark],
    jobs: &[MillJob],
    (machine, tool): (&Machine, &Tool),
    findings: &mut Findings,
) {
    let has_mark = |job: &&MillJob| {
        job.operations.iter().any(|operation| operation.kind == OperationKind::Mark)
    };
    let Some(job) = jobs.iter().find(has_mark) else { return };
    let way = Way::of(job, machine, tool);
    for mark in marks {
        let text = mark.lines.join(" / ");
        findings.note(
            "mark",
            "mark-engraved",
            format!(
                "{}: \"{text}\" is engraved {:.2} mm deep into the underside with T{} {}, letters {:.1} mm high.",
                mark.name, mark.depth_mm, tool.number, tool.name, mark.mark.text_height_mm
            ),
        );
        let read = mark.mark.read_code(|point| way.depth(mark, job, &point) > 0.5 * mark.depth_mm);
        if read != mark.code {
            findings.warn(
                "mark",
                "mark-code-unread",
                format!(
                    "{}: the code as it is engraved reads {read:?} instead of {:?}; a finer tool, larger code_cell_mm, or code = \
                     \"none\" helps.",
                    mark.name, mark.code
                ),
            );
        }
    }
}

/// The way of the engraving tool as the written program has it.
struct Way {
    cutter: Cutter,
    /// Ends of its feed moves, program coordinates, mm.
    moves: Vec<[[f64; 3]; 2]>,
}

impl Way {
    fn of(job: &MillJob, machine: &Machine, tool: &Tool) -> Self {
        let controller = milling::controller(machine);
        let zero = controller.work_offsets_mm[0];
        let mut moves = Vec::new();
        gcode::mill::follow(&job.program, &controller, &mut |motion| {
            if motion.tool == tool.number && motion.kind != gcode::mill::MoveKind::Rapid {
                let ends = [motion.from, motion.to];
                moves.push(ends.map(|end| std::array::from_fn(|axis| end[axis] - zero[axis])));
            }
        });
        Self { cutter: Cutter::of(tool), moves }
    }

    /// How deep the surface is cut at a place of a mark's part, along z, mm; negative where it is not.
    fn depth(&self, mark: &PartMark, job: &MillJob, point: &Point2) -> f64 {
        // The program's part lies turned over: x and z run the other way.
        let [ox, oy, oz] = job.placement.blank_from_part;
        let [x, y] = mark.placed(point);
        let (x, y) = (ox - x, oy + y);
        let surface = oz - (mark.underside.height(*point) + mark.shift.z);
        let lowest = self.moves.iter().filter_map(|[from, to]| {
            let along = Point2::new(to[0] - from[0], to[1] - from[1]).coords;
            let length = along.norm_squared();
            let here = Point2::new(x - from[0], y - from[1]).coords;
            let share =
                if length > 0.0 { (here.dot(&along) / length).clamp(0.0, 1.0) } else { 0.0 };
            let away = (here - along * share).norm();
            let tip = from[2] + share * (to[2] - from[2]);
            self.cutter.height(away).map(|height| tip + height)
        });
        surface - lowest.fold(f64::INFINITY, f64::min)
    }
}
