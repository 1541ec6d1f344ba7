//! Semi-finishing: passes between roughing and finishing, after which finishing meets the same everywhere.
//!
//! Roughing leaves its allowance, and on slopes and beside walls up to a level's depth more: a tool that finishes bends under
//! that here and not there, and hard plastics show it. Semi-finishing follows the surface as finishing does, farther apart, and
//! leaves a little on it:
//!
//! ```text
//!   most that finishing meets = a + R − √(R² − s²/4)      a  what semi-finishing leaves along the normal
//!                                                         s  distance of its passes, R  radius of the tool's corner
//! ```

use geometry::TriMesh;

use crate::finishing::finishing;
use crate::ground::{Ground, Limits};
use crate::path::ToolPath;
use crate::plan_view::PlanView;
use crate::{Cutting, MillOrder, SemiFinishing};

/// Chords may come this much of what is left nearer to the part.
const TOLERANCE_SHARE: f64 = 0.1;
/// Coarsest chords, mm: what is left between them counts too.
const COARSEST_MM: f64 = 0.05;

/// The way that leaves what `semi` says; nothing where that is not ordered.
pub(crate) fn semi_finishing(
    part: &TriMesh,
    view: &PlanView,
    order: &MillOrder,
    limits: Limits,
) -> ToolPath {
    let Some(SemiFinishing { allowance_mm, step_over_mm }) = order.cutting.semi_finishing else {
        return ToolPath::default();
    };
    let cutting = Cutting {
        finishing_step_over_mm: step_over_mm,
        tolerance_mm: (TOLERANCE_SHARE * allowance_mm).min(COARSEST_MM),
        ..order.cutting.clone()
    };
    let ground = Ground::new(part, view, &order.tool, allowance_mm, limits);
    finishing(&ground, &MillOrder { cutting, ..order.clone() }, &[])
}

#[cfg(test)]
mod tests {
    use vocabulary::Findings;

    use crate::finishing::level_scallop;
    use crate::sample_parts::{bowl, order, shell};
    use crate::{Cutting, MillError, MillOrder, Model, OperationKind, Placement, SemiFinishing};
    use crate::{inspect_on, plan, setup};

    fn with(semi: Option<SemiFinishing>) -> MillOrder {
        MillOrder { cutting: Cutting { semi_finishing: semi, ..order().cutting }, ..order() }
    }

    const SEMI: SemiFinishing = SemiFinishing { allowance_mm: 0.2, step_over_mm: 1.5 };

    #[test]
    fn finishing_meets_no_more_than_semi_finishing_leaves() {
        for part in [bowl(), shell()] {
            let bites = [None, Some(SEMI)].map(|semi| {
                let order = with(semi);
                let job = plan(&part, &order, &mut Findings::new()).unwrap().remove(0);
                let found = &job.verification;
                assert!(found.gouge_mm.unwrap() < 0.012 && found.left_mm.unwrap() < 0.06);
                // The program up to finishing, and then the rest of it on what that has left.
                let (head, finish) = job.program.split_once("(Finishing)").unwrap();
                let placement = Placement::new(&part, &order.blank).unwrap();
                let model = Model::new(part.translated(placement.offset()));
                let setup = setup(&order, &placement);
                let before = format!("{head}G0 Z8.000\nM5\nM30\n");
                let before = inspect_on(&before, &setup, Some(&model), None);
                let start = head.split("(Roughing)").next().unwrap();
                let finish = finish.split("(Pencil)").next().unwrap();
                let program = format!("{start}{finish}\nG0 Z8.000\nM5\nM30\n");
                let stock = &before.remains.as_ref().unwrap().stock;
                inspect_on(&program, &setup, Some(&model), Some(stock)).deepest_bite.depth_mm
            });
            // Bites are along z, and passes roll down a rim at up to 72°.
            let left = SEMI.allowance_mm + level_scallop(3.0, SEMI.step_over_mm);
            let most = left / 72.0_f64.to_radians().cos();
            assert!(bites[1] < most && bites[1] < 0.6 * bites[0], "{bites:?} {most}");
        }
    }

    #[test]
    fn it_runs_between_roughing_and_finishing_and_only_where_it_is_ordered() {
        let kinds = |order: &MillOrder| -> Vec<OperationKind> {
            let job = plan(&bowl(), order, &mut Findings::new()).unwrap().remove(0);
            job.operations.iter().map(|operation| operation.kind).collect()
        };
        let [rough, semi, finish] =
            [OperationKind::Roughing, OperationKind::SemiFinishing, OperationKind::Finishing];
        assert_eq!(kinds(&with(None)), [rough, finish]);
        assert_eq!(kinds(&with(Some(SEMI))), [rough, semi, finish]);
    }

    #[test]
    fn it_leaves_less_than_roughing() {
        for (allowance_mm, step_over_mm) in [(0.6, 1.5), (f64::NAN, 1.5), (0.2, 0.0), (0.2, 4.0)] {
            let order = with(Some(SemiFinishing { allowance_mm, step_over_mm }));
            let refused = plan(&bowl(), &order, &mut Findings::new()).unwrap_err();
            assert!(matches!(refused, MillError::Setting { .. }), "{refused}");
        }
    }
}
