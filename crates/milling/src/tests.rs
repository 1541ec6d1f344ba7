use vocabulary::Findings;

use crate::plan;
use crate::sample_parts::{bowl, dome, order, plate, shell};

#[test]
fn every_part_passes_its_check() {
    for (name, part) in [("plate", plate()), ("dome", dome()), ("bowl", bowl()), ("shell", shell())]
    {
        let job = plan(&part, &order(), &mut Findings::new()).unwrap();
        let found = &job.verification;
        assert!(found.worst_gouge_mm < 0.008, "{name}: {found:?}");
        assert!(found.worst_left_mm < 0.06, "{name}: {found:?}");
        if let Ok(folder) = std::env::var("MILL_OUT") {
            std::fs::write(format!("{folder}/{name}.nc"), &job.program).unwrap();
        }
    }
}
