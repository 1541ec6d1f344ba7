//! Finishing along level lines where a part is steep, and by parallel passes elsewhere.
//!
//! Walls ([`crate::steep`]) are cut first, from the top down: a line is cut when all that lie above it are, the nearest of these
//! first, so that the tool never meets more than roughing's allowance. Closed lines are gone round with the wall on the right hand
//! (climb milling), each from where it comes nearest to the end of the one before; open ones to and fro. Then come parallel passes
//! over all else. What both leave too high along the seam between them, in less steep spots of walls and between two level lines
//! is found as at the rim ([`crate::rim_passes::missed`]) and cut along the passes that were left out, halfway between two level lines
//! or along the rim.

use rayon::prelude::*;
use vocabulary::Findings;

use crate::even_passes::{Evenness, even_passes_beside};
use crate::finishing::{Fills, SCALLOP_SHARE, finish_sampling, finishing, level_scallop};
use crate::ground::Ground;
use crate::level_lines::{Way, whole};
use crate::level_ways::{LevelWay, levels, lines_of, on_level, split};
use crate::linking::{Chain, Cut, Entry, nearest};
use crate::neighbors::Beside;
use crate::path::{Tip, ToolPath};
use crate::raster::{Pass, Sampling, chains, stretches};
use crate::rim_passes::{Miss, missed};
use crate::steep::{Steep, WALLS_BEGIN_RAD};
use crate::{Cutter, MillJob, MillOrder};

/// The finishing path of a part, seen with x and y exchanged if it `is_turned`, and how many walls it goes along level lines; that of
/// parallel passes where there are none. `rim` are rings of [`crate::rim_passes`].
pub(crate) fn waterline(
    ground: &Ground<'_>,
    order: &MillOrder,
    is_turned: bool,
    rim: &[Way],
) -> (ToolPath, usize) {
    let tool = &order.tool;
    let (corner, sampling) = (Cutter::of(tool).radius(), finish_sampling(order));
    let steep = Steep::of(ground, sampling, corner);
    if steep.count() == 0 {
        return (finishing(ground, order, rim), 0);
    }
    let scallop = level_scallop(corner, sampling.step_over);
    let evenness = Evenness { corner, scallop };
    let ((ways, halfway), (passes, left_out)) = rayon::join(
        || level_ways(ground, &steep, (sampling, evenness), is_turned),
        || {
            let is_left_out = |place| steep.leaves_out(place);
            let passes = even_passes_beside(ground, (sampling, evenness), is_left_out);
            let (kept, left_out) = beside_walls(passes, &steep);
            (stretches(ground, &kept, sampling), left_out)
        },
    );
    let fills = Fills { ground, sampling, corner, order, walls: Some(&steep) }.between(&passes);
    let most = SCALLOP_SHARE * scallop;
    let cut = || {
        let parallel = passes.iter().chain(fills.iter().flatten()).map(|stretch| &stretch.tips[..]);
        parallel.chain(ways.iter().map(|way| &way.tips[..]))
    };
    // Along the rim and between level lines first: pieces of passes across them are short.
    let miss = Miss::at_rim(corner, most, sampling.step_over);
    let mut others = missed(ground, rim, cut(), sampling, miss);
    let lines: Vec<Way> = halfway.into_iter().chain(left_out).collect();
    let miss = Miss::between_passes(corner, most, sampling.step_over);
    let all = cut().chain(others.iter().map(Vec::as_slice));
    let between = missed(ground, &lines, all, sampling, miss);
    others.extend(between);

    let mut cut = Cut { ground, tool, order, sampling, path: ToolPath::default(), at: None };
    down_walls(&mut cut, ways);
    let mut waiting = chains(passes);
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Roughed);
    }
    let mut waiting: Vec<Chain> = fills.into_iter().flat_map(chains).collect();
    waiting.extend(others.into_iter().map(|tips| vec![tips]));
    while let Some(chain) = nearest(&mut waiting, cut.at) {
        cut.chain(&chain, Entry::Finished);
    }
    (cut.path, steep.count())
}

/// Says where level lines were ordered and no wall is worth them.
pub(crate) fn report_walls(jobs: &[MillJob], findings: &mut Findings) {
    for job in jobs.iter().filter(|job| job.walls == Some(0)) {
        let side = match job.side {
            0 => "The part",
            1 => "The top",
            _ => "The underside",
        };
        findings.note(
            "milling",
            "no-walls",
            format!(
                "{side} has no wall steeper than {:.0}° that is wide enough for level lines: it is finished by parallel passes",
                WALLS_BEGIN_RAD.to_degrees()
            ),
        );
    }
}

/// The level lines of all walls, from the top of each down, and the lines halfway between two of them seen from above.
fn level_ways(
    ground: &Ground<'_>,
    steep: &Steep,
    (sampling, evenness): (Sampling, Evenness),
    is_turned: bool,
) -> (Vec<LevelWay>, Vec<Way>) {
    let (mut ways, mut halfway) = (Vec::new(), Vec::new());
    for wall in 1..=steep.count() as u32 {
        let levels = levels(steep, wall, evenness);
        let found: Vec<Vec<LevelWay>> = lines_of(steep, wall, &levels)
            .into_par_iter()
            .map(|(level, line)| {
                let found = on_level(ground, &line, levels[level], sampling).into_iter();
                let turned = found.map(|mut tips| {
                    // Where x and y are exchanged right and left are too.
                    if is_turned {
                        tips.reverse();
                    }
                    LevelWay { level, wall, tips }
                });
                turned.collect()
            })
            .collect();
        ways.extend(found.into_iter().flatten());
        let between: Vec<f64> =
            levels.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
        halfway.extend(lines_of(steep, wall, &between).into_iter().map(|(_, line)| whole(line)));
    }
    (ways, halfway)
}

/// Passes where they are not left out, and the pieces that are.
fn beside_walls(passes: Vec<Pass>, steep: &Steep) -> (Vec<Pass>, Vec<Way>) {
    let (mut beside, mut left_out) = (Vec::new(), Vec::new());
    for Pass { number, places } in passes {
        let (kept, others) = split(&places, |place| !steep.leaves_out(place));
        beside.extend(kept.into_iter().map(|places| Pass { number, places }));
        left_out.extend(others);
    }
    (beside, left_out)
}

/// Cuts level lines, each after those above it.
fn down_walls(cut: &mut Cut<'_>, ways: Vec<LevelWay>) {
    let below = below(&ways);
    let mut waiting_for = vec![0_usize; ways.len()];
    for line in below.iter().flatten() {
        waiting_for[*line] += 1;
    }
    let mut ready: Vec<usize> = (0..ways.len()).filter(|line| waiting_for[*line] == 0).collect();
    while let Some((at, first)) = next_of(&ready, &ways, cut.at) {
        let line = ready.remove(at);
        let LevelWay { tips, .. } = &ways[line];
        let mut tips = tips.clone();
        if ways[line].is_closed() {
            tips.pop();
            tips.rotate_left(first);
            tips.extend(tips.first().copied());
        } else if first > 0 {
            tips.reverse();
        }
        cut.chain(&[tips], Entry::Roughed);
        if let Some(next) = below[line] {
            waiting_for[next] -= 1;
            if waiting_for[next] == 0 {
                ready.push(next);
            }
        }
    }
}

/// Which of the lines that are ready comes nearest to where the tool is, and which of its tips.
fn next_of(ready: &[usize], ways: &[LevelWay], at: Option<Tip>) -> Option<(usize, usize)> {
    let away = |tip: &Tip| {
        at.map_or(-tip[2], |at| (0..3).map(|axis| (tip[axis] - at[axis]).powi(2)).sum::<f64>())
    };
    let nearest_of = |way: &LevelWay| {
        let last = way.tips.len() - 1;
        let step = if way.is_closed() { 1 } else { last.max(1) };
        let tips = (0..=last).step_by(step).map(|index| (index, away(&way.tips[index])));
        tips.min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let found = ready.iter().enumerate().filter_map(|(index, line)| {
        let (first, away) = nearest_of(&ways[*line])?;
        Some((index, first, away))
    });
    found.min_by(|a, b| a.2.total_cmp(&b.2)).map(|(index, first, _)| (index, first))
}

/// For each line the one that lies below it.
fn below(ways: &[LevelWay]) -> Vec<Option<usize>> {
    let places: Vec<Way> =
        ways.iter().map(|way| way.tips.iter().map(|[x, y, _]| [*x, *y]).collect()).collect();
    let mut below = vec![None; ways.len()];
    let mut from = 0;
    // Lines are in the order of walls and levels.
    while from < ways.len() {
        let (wall, level) = (ways[from].wall, ways[from].level);
        let end_of = |start: usize, level: usize| {
            let others = ways[start..].iter();
            start + others.take_while(|way| way.wall == wall && way.level == level).count()
        };
        let to = end_of(from, level);
        let next = end_of(to, level + 1);
        let beside = Beside::of(&places, to..next);
        for line in from..to {
            below[line] = beside.most_of(&places[line]).map(|(other, _)| other);
        }
        from = to;
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Limits;
    use crate::level_ways::cheapest;
    use crate::plan_view::PlanView;
    use crate::sample_parts::{order, part};
    use crate::triangle_cutter::LastContact;

    /// Level ways over a cone of 60° with a blunt point, and the scallops that theory has for level ground.
    fn on_cone(check: impl Fn(&Ground<'_>, &[LevelWay])) {
        let cone = part([16.0, 12.0], |p| {
            let away = 16.0 * (p.x / 16.0).hypot(p.y / 12.0);
            1.73 * (16.0 - away.max(5.0))
        });
        let order = order();
        let view = PlanView::new(&cone, 10.0, 0.2);
        let limits = Limits { skirt: f64::INFINITY, floor: -50.0 };
        let ground = Ground::new(&cone, &view, &order.tool, 0.0, limits);
        let sampling = finish_sampling(&order);
        let steep = Steep::of(&ground, sampling, 3.0);
        assert_eq!(steep.count(), 1);
        let evenness = Evenness { corner: 3.0, scallop: level_scallop(3.0, 0.5) };
        check(&ground, &level_ways(&ground, &steep, (sampling, evenness), false).0);
    }

    #[test]
    fn closed_level_lines_keep_their_height_and_the_wall_on_their_right_hand() {
        on_cone(|ground, ways| {
            let closed: Vec<&LevelWay> = ways.iter().filter(|way| way.is_closed()).collect();
            assert!(closed.len() > 25, "{}", closed.len());
            let last = LastContact::default();
            for way in &closed {
                let level = way.tips[0][2];
                for pair in way.tips.windows(2) {
                    assert!((pair[1][2] - level).abs() < 0.01, "{:?} {level}", pair[1]);
                    // Between two tips the ground is as high, within what sampling may be off its normal.
                    let [x, y] = [0, 1].map(|axis| f64::midpoint(pair[0][axis], pair[1][axis]));
                    let tip = ground.tip(x, y, 3.0, &last).unwrap();
                    assert!((tip - level).abs() < 0.02, "{x} {y} {tip} {level}");
                    // Clockwise around the part.
                    let turn = pair[0][0] * pair[1][1] - pair[0][1] * pair[1][0];
                    assert!(turn < 0.0, "{pair:?}");
                }
            }
        });
    }

    #[test]
    fn level_lines_lie_below_each_other_by_the_slope_of_the_wall() {
        on_cone(|_, ways| {
            // Of 66.6° along y and 60° along x; in between where passes lie 0.5 mm apart on it.
            let heights: Vec<f64> = ways.iter().map(|way| way.tips[0][2]).collect();
            for pair in heights[5..25].windows(2) {
                let below = pair[0] - pair[1];
                assert!((0.40..0.47).contains(&below), "{below}");
            }
            let below = below(ways);
            assert!((5..25).all(|line| below[line] == Some(line + 1)), "{below:?}");
        });
    }

    #[test]
    fn few_places_that_need_more_lines_get_them_in_between() {
        assert!((cheapest(vec![1.0; 10]) - 1.0).abs() < 1e-12);
        let mut needs = vec![1.0; 95];
        needs.extend([1.8; 5]);
        assert!((cheapest(needs) - 1.0).abs() < 1e-12);
        let mut needs = vec![1.0; 10];
        needs.extend([1.2; 90]);
        assert!((cheapest(needs) - 1.2).abs() < 1e-12);
        assert!(cheapest(Vec::new()).abs() < 1e-12);
    }
}
