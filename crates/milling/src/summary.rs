//! What each operation of a program does, for the sheet beside the machine.

use serde::Serialize;

use crate::duration::Planner;
use crate::path::Step;
use crate::program::Operation;
use crate::{MillOrder, OperationKind, Tool};

/// One operation of a program, in the order in which they run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperationSummary {
    /// What it does.
    pub kind: OperationKind,
    /// What it does it with.
    pub tool: Tool,
    /// Number of its moves.
    pub moves: usize,
    /// Time it takes by itself, s, with the machine's acceleration, from standstill to standstill.
    pub time_s: f64,
    /// Length of its way at a feed, mm.
    pub feed_mm: f64,
    /// Lowest position of the tip, program coordinates, mm.
    pub lowest_mm: f64,
}

/// The summary of an operation as it was planned.
pub(crate) fn summary(operation: &Operation<'_>, order: &MillOrder) -> OperationSummary {
    let (machine, cutting) = (&order.machine, order.cutting_of(operation.kind));
    let safe = machine.safe_height_mm;
    let mut clock = Planner::new(machine.acceleration_mm_per_s2, machine.junction_deviation_mm);
    let mut at = [0.0, 0.0, safe];
    let (mut feed_mm, mut lowest_mm) = (0.0, f64::INFINITY);
    for step in operation.path.plain_steps() {
        let (to, per_minute) = match step {
            Step::Retract => ([at[0], at[1], safe], machine.rapid_mm_per_min),
            Step::TraverseTo([x, y]) => ([x, y, safe], machine.rapid_mm_per_min),
            Step::FeedTo(tip, class) => {
                feed_mm += (0..3).map(|axis| (tip[axis] - at[axis]).powi(2)).sum::<f64>().sqrt();
                lowest_mm = lowest_mm.min(tip[2]);
                (tip, class.mm_per_min(machine, cutting))
            }
            Step::Drill(_) | Step::ArcTo(..) => continue,
        };
        clock.go(at, to, per_minute / 60.0, 0);
        at = to;
    }
    OperationSummary {
        kind: operation.kind,
        tool: operation.tool.clone(),
        moves: operation.path.moves(),
        time_s: clock.seconds().iter().sum(),
        feed_mm,
        lowest_mm: if lowest_mm.is_finite() { lowest_mm } else { safe },
    }
}
