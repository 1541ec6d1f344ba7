//! MOT and STO: OpenSim's tables of columns over time; force plates and curves.
//!
//! A head of keys ends with `endheader`; a line of labels and rows of numbers follow. Columns of a force, its point and its
//! free torque become plates; all others become curves. The head's unit of angles is checked against the numbers, because
//! files exist that say radians and hold some columns in degrees.

use geometry::{Point3, Vector3};

use crate::read::Report;
use crate::text::{Cell, Clock, cells, clock, lines, number, shown};
use crate::trc::list;
use crate::up::{Convention, find_up};
use crate::{Curve, Motion, MotionError, MotionLimits, Plate, Subject, Wrench};

/// How far into a file its head may reach, bytes.
const LONGEST_HEAD: usize = 1 << 16;

pub(crate) fn looks_like(text: &str) -> bool {
    let mut end = text.len().min(LONGEST_HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    lines(&text[..end]).any(|(_, line)| is_end_of_head(line))
}

fn is_end_of_head(line: &str) -> bool {
    line.trim().eq_ignore_ascii_case("endheader")
}

/// A table as read: one column per label, `None` where a cell is empty.
struct Table {
    angles_in_degrees: Option<bool>,
    labels: Vec<String>,
    lines: Vec<usize>,
    times: Vec<f64>,
    columns: Vec<Vec<Option<[f64; 1]>>>,
}

pub(crate) fn read(
    text: &str,
    limits: &MotionLimits,
    report: &mut Report<'_>,
) -> Result<Motion, MotionError> {
    let mut table = table(text, limits, report)?;
    if table.times.is_empty() {
        return Err(MotionError::NoPart {
            kind: "MOT",
            missing: "row of numbers below its labels",
        });
    }
    let clock = clock(&table.times, &table.lines, None)?;
    if clock.resampled.is_some() {
        report.warn(
            "uneven-time",
            &format!(
                "The rows are not evenly spaced in time; they were interpolated to {:.3} Hz.",
                clock.rate_hz
            ),
        );
    }
    for column in &mut table.columns {
        *column = clock.place(std::mem::take(column));
    }
    let groups = force_groups(&table.labels, report);
    let mut plates = plates(&table, &groups, &clock, report);
    let is_force =
        |column: usize| groups.iter().any(|group| group.columns().any(|at| at == column));
    let curves = curves(&table, &is_force, &clock, report);
    let up = find_up(&[], &mut plates, Convention::Y, report);
    Ok(Motion {
        rate_hz: 0.0,
        start_s: clock.start_s,
        up,
        markers: Vec::new(),
        plates,
        events: Vec::new(),
        subject: Subject::default(),
        curves,
    })
}

fn table(text: &str, limits: &MotionLimits, report: &mut Report<'_>) -> Result<Table, MotionError> {
    let mut lines = lines(text);
    let (mut degrees, mut promised_rows) = (None, None);
    for (_, line) in lines.by_ref().take_while(|(_, line)| !is_end_of_head(line)) {
        let (key, value) = line.trim().split_once(['=', ' ', '\t']).unwrap_or((line, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "indegrees" => degrees = Some(value.trim().eq_ignore_ascii_case("yes")),
            "nrows" | "datarows" => promised_rows = value.trim().parse::<u64>().ok(),
            _ => {}
        }
    }
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let (_, label_line) = lines
        .next()
        .ok_or(MotionError::NoPart { kind: "MOT", missing: "line of labels after its head" })?;
    let mut labels: Vec<String> = cells(label_line).map(str::to_owned).collect();
    while labels.last().is_some_and(String::is_empty) {
        labels.pop();
    }
    if !labels.first().is_some_and(|label| label.eq_ignore_ascii_case("time")) {
        return Err(MotionError::NoPart {
            kind: "MOT",
            missing: "column \"time\" in the first place",
        });
    }
    labels.remove(0);
    limits.check(labels.len(), 1)?;
    let columns = vec![Vec::new(); labels.len()];
    let mut table =
        Table { angles_in_degrees: degrees, labels, lines: Vec::new(), times: Vec::new(), columns };
    for (line, text) in lines {
        row(&mut table, line, text)?;
        limits.check(table.labels.len(), table.times.len())?;
    }
    if let Some(promised) = promised_rows
        && promised != table.times.len() as u64
    {
        report.warn(
            "rows-not-as-promised",
            &format!("The head promises {promised} rows and {} follow.", table.times.len()),
        );
    }
    Ok(table)
}

fn row(table: &mut Table, line: usize, text: &str) -> Result<(), MotionError> {
    let expected = table.labels.len() + 1;
    let mut row = cells(text);
    let Cell::Number(time) = number(row.next().unwrap_or_default()) else {
        return Err(MotionError::NoTime { line });
    };
    table.lines.push(line);
    table.times.push(time);
    for (at, column) in table.columns.iter_mut().enumerate() {
        let cell = row.next().ok_or(MotionError::NarrowRow { line, got: at + 1, expected })?;
        match number(cell) {
            Cell::Number(value) => column.push(Some([value])),
            Cell::Missing => column.push(None),
            Cell::Wrong => {
                return Err(MotionError::BadCell { line, column: at + 2, got: shown(cell) });
            }
        }
    }
    let surplus = row.filter(|cell| !cell.is_empty()).count();
    if surplus > 0 {
        return Err(MotionError::WideRow { line, got: expected + surplus, expected });
    }
    Ok(())
}

/// The columns of one plate.
#[derive(Debug, Default)]
struct ForceGroup {
    key: String,
    force: [Option<usize>; 3],
    point: [Option<usize>; 3],
    torque: [Option<usize>; 3],
}

impl ForceGroup {
    fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.force.iter().chain(&self.point).chain(&self.torque).filter_map(|column| *column)
    }

    fn is_complete(&self) -> bool {
        self.force.iter().chain(&self.point).all(Option::is_some)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Force,
    Point,
    Torque,
}

/// What a label of a force plate says: which plate, which part, which axis.
///
/// Known forms: `ground_force_vx`, `1_ground_force_px`, `ground_torque_x`, `ground_force_1_vx`, `ground_moment_r_mx`,
/// each also at the end of a path, and `f1_1`, `p1_1`, `m1_1` of tables that OpenSim makes from C3D files.
fn force_label(label: &str) -> Option<(String, Part, usize)> {
    let label = label.to_ascii_lowercase();
    let name_at = label.rfind(['/', '|']).map_or(0, |at| at + 1);
    let (path, name) = label.split_at(name_at);
    if let Some((head, axis)) = name.rsplit_once('_')
        && let Some(axis) = ["1", "2", "3"].iter().position(|digit| *digit == axis)
        && let Some(part) = head.chars().next().and_then(|letter| match letter {
            'f' => Some(Part::Force),
            'p' => Some(Part::Point),
            'm' => Some(Part::Torque),
            _ => None,
        })
        && head.len() > 1
        && head[1..].bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some((format!("{path}{}", &head[1..]), part, axis));
    }
    let axis = ["x", "y", "z"].iter().position(|letter| name.ends_with(letter))?;
    let stem = &name[..name.len() - 1];
    let (word, part, stem) = if name.contains("force") {
        match stem.as_bytes().last()? {
            b'v' | b'f' => ("force", Part::Force, &stem[..stem.len() - 1]),
            b'p' => ("force", Part::Point, &stem[..stem.len() - 1]),
            b'_' => ("force", Part::Force, stem),
            _ => return None,
        }
    } else {
        let word = ["torque", "moment"].into_iter().find(|word| name.contains(word))?;
        match stem.as_bytes().last()? {
            b'm' | b't' => (word, Part::Torque, &stem[..stem.len() - 1]),
            b'_' => (word, Part::Torque, stem),
            _ => return None,
        }
    };
    let key: Vec<&str> = stem.split('_').filter(|piece| !piece.is_empty()).collect();
    let key = key.join("_").replace(word, "");
    let key: Vec<&str> = key.split('_').filter(|piece| !piece.is_empty()).collect();
    Some((format!("{path}{}", key.join("_")), part, axis))
}

/// The complete plates of a table, in the order of their first column.
fn force_groups(labels: &[String], report: &mut Report<'_>) -> Vec<ForceGroup> {
    let mut groups: Vec<ForceGroup> = Vec::new();
    for (column, label) in labels.iter().enumerate() {
        let Some((key, part, axis)) = force_label(label) else { continue };
        let at = groups.iter().position(|group| group.key == key).unwrap_or_else(|| {
            groups.push(ForceGroup { key, ..ForceGroup::default() });
            groups.len() - 1
        });
        let place = match part {
            Part::Force => &mut groups[at].force[axis],
            Part::Point => &mut groups[at].point[axis],
            Part::Torque => &mut groups[at].torque[axis],
        };
        place.get_or_insert(column);
    }
    let incomplete: Vec<&str> = groups
        .iter()
        .filter(|group| !group.is_complete())
        .map(|group| group.key.as_str())
        .collect();
    if !incomplete.is_empty() {
        report.warn(
            "plate-incomplete",
            &format!(
                "The columns of {} are no plate, which needs three of force and three of its point; they stay curves.",
                list(&incomplete)
            ),
        );
    }
    groups.retain(ForceGroup::is_complete);
    groups
}

/// Force above which a foot is surely on a plate, N.
const LOADED_N: f64 = 50.0;

/// A center of pressure under load further out than this is written in mm: no laboratory has plates 30 m from its origin,
/// and none reads a whole step within 30 mm of it.
const LARGEST_METERS: f64 = 30.0;

/// A free torque under load above this is written in Nmm: walking makes 5 to 20 Nm, a hard turn not 100 Nm.
const LARGEST_NM: f64 = 300.0;

fn plates(
    table: &Table,
    groups: &[ForceGroup],
    clock: &Clock,
    report: &mut Report<'_>,
) -> Vec<Plate> {
    let rows = table.columns.first().map_or(0, Vec::len);
    let value =
        |column: Option<usize>, row: usize| table.columns[column?][row].map(|[value]| value);
    let vector = |columns: &[Option<usize>; 3], row: usize| {
        Some(Vector3::new(
            value(columns[0], row)?,
            value(columns[1], row)?,
            value(columns[2], row)?,
        ))
    };
    let largest_loaded = |part: fn(&ForceGroup) -> &[Option<usize>; 3]| {
        groups
            .iter()
            .flat_map(|group| (0..rows).map(move |row| (group, row)))
            .filter(|(group, row)| {
                vector(&group.force, *row).is_some_and(|force| force.norm() > LOADED_N)
            })
            .filter_map(|(group, row)| Some(vector(part(group), row)?.amax()))
            .fold(0.0, f64::max)
    };
    let (far, torque) =
        (largest_loaded(|group| &group.point), largest_loaded(|group| &group.torque));
    let mm_per_unit = if far > LARGEST_METERS { 1.0 } else { 1000.0 };
    let nm_per_unit = if torque > LARGEST_NM { 1e-3 } else { 1.0 };
    if !groups.is_empty() {
        say_plate_units([far, torque], [mm_per_unit, nm_per_unit], report);
    }
    let wrench = |group: &ForceGroup, row: usize| {
        let Some(force) = vector(&group.force, row) else { return Wrench::UNKNOWN };
        let torque = if group.torque.iter().all(Option::is_none) {
            Some(Vector3::zeros())
        } else {
            vector(&group.torque, row)
        };
        let point = vector(&group.point, row).map(|point| Point3::from(point * mm_per_unit));
        wrench_of(force, point, torque.map(|torque| torque * nm_per_unit))
    };
    groups
        .iter()
        .enumerate()
        .map(|(index, group)| {
            if group.torque.iter().all(Option::is_none) {
                report.warn(
                    "no-free-torque",
                    &format!(
                        "Plate {} has no columns of free torque, which counts as 0.",
                        index + 1
                    ),
                );
            }
            Plate {
                name: format!("plate {}", index + 1),
                rate_hz: clock.rate_hz,
                start_s: clock.start_s,
                corners: None,
                unloaded: None,
                wrenches: (0..rows).map(|row| wrench(group, row)).collect(),
            }
        })
        .collect()
}

fn say_plate_units(
    largest: [f64; 2],
    [mm_per_unit, nm_per_unit]: [f64; 2],
    report: &mut Report<'_>,
) {
    let length = if mm_per_unit < 10.0 { "mm" } else { "m" };
    let moment = if nm_per_unit < 0.5 { "Nmm" } else { "Nm" };
    report.note(
        "plate-units",
        &format!(
            "Forces are read as N on the foot, points as {length} (up to {:.4} under load), free torques as {moment} (up to {:.4}).",
            largest[0], largest[1]
        ),
    );
}

/// Below this force an unknown point or torque does not matter, N.
const NEGLIGIBLE_N: f64 = 1.0;

/// A wrench from a table's force, point (mm) and free torque (Nm); an unknown point does no harm where there is no force.
pub(crate) fn wrench_of(force: Vector3, point: Option<Point3>, torque: Option<Vector3>) -> Wrench {
    let is_negligible = force.norm() < NEGLIGIBLE_N;
    match (point, torque) {
        (Some(point), Some(torque)) => Wrench::at_point(force, point, torque),
        (None, torque) if is_negligible => {
            Wrench { force, moment: torque.unwrap_or_else(Vector3::zeros) }
        }
        (Some(point), None) if is_negligible => Wrench::at_point(force, point, Vector3::zeros()),
        _ => Wrench::UNKNOWN,
    }
}

/// The unit of a column of a table: of an angle, a moment or a force, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Angle,
    Moment,
    Other,
}

/// What a coordinate's label says; the last piece of a path such as `/jointset/hip_r/hip_flexion_r/value` is a kind.
fn quantity(label: &str) -> Quantity {
    let label = label.to_ascii_lowercase();
    let name = label.strip_suffix("/value").unwrap_or(&label);
    let name = name.rsplit('/').next().unwrap_or(name);
    if name.ends_with("_moment") {
        return Quantity::Moment;
    }
    let other = [
        "_tx",
        "_ty",
        "_tz",
        "force",
        "torque",
        "moment",
        "power",
        "activation",
        "length",
        "speed",
        "state",
    ];
    if other.iter().any(|word| name.contains(word)) { Quantity::Other } else { Quantity::Angle }
}

/// No joint of a walking person turns further than this, rad.
const LARGEST_RAD: f64 = std::f64::consts::TAU;

/// An angle of a walking person that stays below this is small even in radians, and surely not a column in degrees, if all do.
const LARGEST_IF_RADIANS: f64 = 2.0;

/// Movement that a column must show to tell anything about its unit.
const LEAST_MOVEMENT: f64 = 0.2;

fn curves(
    table: &Table,
    is_force: &dyn Fn(usize) -> bool,
    clock: &Clock,
    report: &mut Report<'_>,
) -> Vec<Curve> {
    let largest = |column: usize| {
        table.columns[column]
            .iter()
            .flatten()
            .fold(0.0_f64, |largest, [value]| largest.max(value.abs()))
    };
    let kept: Vec<usize> = (0..table.labels.len()).filter(|column| !is_force(*column)).collect();
    let angles: Vec<usize> = kept
        .iter()
        .copied()
        .filter(|column| quantity(&table.labels[*column]) == Quantity::Angle)
        .collect();
    let mut mislabeled: Vec<usize> = Vec::new();
    match table.angles_in_degrees {
        Some(false) => {
            mislabeled.extend(angles.iter().filter(|column| largest(**column) > LARGEST_RAD));
            if !mislabeled.is_empty() {
                let names: Vec<&str> =
                    mislabeled.iter().map(|at| table.labels[*at].as_str()).collect();
                report.warn(
                    "degrees-in-radian-file",
                    &format!(
                        "The head says radians, but {} turn further than a full circle; these columns are read as degrees.",
                        list(&names)
                    ),
                );
            }
        }
        Some(true) => {
            let span = angles.iter().map(|column| largest(*column)).fold(0.0, f64::max);
            if angles.len() > 2 && span < LARGEST_IF_RADIANS && span > LEAST_MOVEMENT {
                report.warn(
                    "degrees-are-doubtful",
                    &format!("The head says degrees, but no angle exceeds {span:.2}; check whether they are radians."),
                );
            }
        }
        None => {}
    }
    let unit = |column: usize| match (quantity(&table.labels[column]), table.angles_in_degrees) {
        (Quantity::Angle, Some(true)) => "deg",
        (Quantity::Angle, Some(false)) if mislabeled.contains(&column) => "deg",
        (Quantity::Angle, Some(false)) => "rad",
        (Quantity::Moment, _) => "Nm",
        _ => "",
    };
    kept.into_iter()
        .map(|column| Curve {
            label: table.labels[column].clone(),
            unit: unit(column).to_owned(),
            rate_hz: clock.rate_hz,
            start_s: clock.start_s,
            values: table.columns[column]
                .iter()
                .map(|cell| cell.map(|[value]| [value, 0.0, 0.0]))
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use vocabulary::Findings;

    use super::*;

    fn read_text(text: &str) -> (Result<Motion, MotionError>, Findings) {
        let mut findings = Findings::new();
        let mut report = Report { name: "walk.mot", findings: &mut findings };
        let motion = read(text, &MotionLimits::default(), &mut report);
        (motion, findings)
    }

    fn mot(degrees: &str, labels: &str, rows: &str) -> String {
        format!("walk\nversion=1\nnRows=2\ninDegrees={degrees}\nendheader\n{labels}\n{rows}")
    }

    #[test]
    fn labels_of_plates() {
        use Part::{Force, Point, Torque};
        for (label, expected) in [
            ("ground_force_vx", Some(("ground", Force, 0))),
            ("1_ground_force_py", Some(("1_ground", Point, 1))),
            ("1_ground_torque_z", Some(("1_ground", Torque, 2))),
            ("ground_force_1_vx", Some(("ground_1", Force, 0))),
            ("ground_torque_1_x", Some(("ground_1", Torque, 0))),
            ("ground_force_calcn_r_pz", Some(("ground_calcn_r", Point, 2))),
            ("ground_moment_calcn_r_mz", Some(("ground_calcn_r", Torque, 2))),
            ("/forceset/right/ground_force_vx", Some(("/forceset/right/ground", Force, 0))),
            ("f2_3", Some(("2", Force, 2))),
            ("m1_1", Some(("1", Torque, 0))),
            ("hip_flexion_r_moment", None),
            ("pelvis_ty_force", None),
            ("pelvis_tx", None),
            ("/jointset/hip_r/hip_flexion_r/value", None),
        ] {
            let got = force_label(label);
            let got = got.as_ref().map(|(key, part, axis)| (key.as_str(), *part, *axis));
            assert_eq!(got, expected, "{label}");
        }
    }

    const LABELS: &str = "time\tground_force_vx\tground_force_vy\tground_force_vz\tground_force_px\tground_force_py\tground_force_pz\t\
                          ground_torque_x\tground_torque_y\tground_torque_z\tknee_angle_r";

    #[test]
    fn force_point_and_torque_become_a_plate() {
        let rows =
            "0\t1\t700\t2\t0.5\t0\t0.1\t0\t4\t0\t10\n0.01\t0\t0\t0\tnan\tnan\tnan\t0\t0\t0\t20\n";
        let (motion, findings) = read_text(&mot("yes", LABELS, rows));
        let motion = motion.unwrap();
        let force = Vector3::new(1.0, 700.0, 2.0);
        let expected = Wrench::at_point(force, Point3::new(500.0, 0.0, 100.0), Vector3::y() * 4.0);
        assert_eq!(motion.plates[0].wrenches[0], expected);
        assert_eq!(motion.plates[0].wrenches[1].moment, Vector3::zeros());
        assert_eq!(motion.curves.len(), 1);
        assert_eq!(
            (motion.curves[0].unit.as_str(), motion.curves[0].values[1]),
            ("deg", Some([20.0, 0.0, 0.0]))
        );
        assert_eq!(motion.up, Vector3::y());
        assert!(findings.has("up-from-force"));
    }

    #[test]
    fn millimeters_are_told_from_the_numbers() {
        let rows =
            "0\t1\t700\t2\t500\t0\t100\t0\t4000\t0\t10\n0.01\t0\t0\t0\t0\t0\t0\t0\t0\t0\t20\n";
        let motion = read_text(&mot("yes", LABELS, rows)).0.unwrap();
        let force = Vector3::new(1.0, 700.0, 2.0);
        let expected = Wrench::at_point(force, Point3::new(500.0, 0.0, 100.0), Vector3::y() * 4.0);
        assert_eq!(motion.plates[0].wrenches[0], expected);
    }

    #[test]
    fn a_head_that_says_radians_with_two_columns_in_degrees() {
        let labels = "time\tpelvis_tx\t/jointset/hip_r/hip_flexion_r/value\tknee_angle_r\tankle_angle_r\tlumbar";
        let (motion, findings) =
            read_text(&mot("no", labels, "0\t0.5\t0.3\t5\t12\t0.1\n0.1\t9\t-0.3\t60\t-14\t0.1\n"));
        let units: Vec<String> =
            motion.unwrap().curves.into_iter().map(|curve| curve.unit).collect();
        assert_eq!(units, ["", "rad", "deg", "deg", "rad"]);
        assert!(findings.has("degrees-in-radian-file"));
        let (_, findings) =
            read_text(&mot("yes", "time\thip\tknee\tankle", "0\t0.3\t1.1\t0.2\n1\t0\t0\t0\n"));
        assert!(findings.has("degrees-are-doubtful"));
    }

    #[test]
    fn an_incomplete_plate_stays_curves() {
        let (motion, findings) =
            read_text(&mot("no", "time ground_force_vx ground_force_vy", "0 1 2\n0.1 1 2\n"));
        let motion = motion.unwrap();
        assert!(motion.plates.is_empty() && motion.curves.len() == 2);
        assert!(findings.has("plate-incomplete"));
    }

    #[test]
    fn refusals_name_place_and_numbers() {
        for (text, words) in [
            (mot("no", "a\tb", "0\t1\n"), "no column \"time\""),
            (mot("no", "time\tb", ""), "no row of numbers"),
            (mot("no", "time\tb\tc", "0\t1\t2\n1\t1\n"), "line 8 has 2 cells"),
            (mot("no", "time\tb", "0\t1\t2\n"), "line 7 has 3 cells"),
            (mot("no", "time\tb", "0\tx\n"), "line 7 has \"x\" in column 2"),
            (mot("no", "time\tb", "x\t1\n"), "line 7 has no time"),
            ("endheader".to_owned(), "no line of labels"),
        ] {
            let error = read_text(&text).0.unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
