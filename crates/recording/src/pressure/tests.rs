//! Readers of pressure files: layouts as data, hostile files, real files where they are present.

use std::path::PathBuf;

use vocabulary::{Findings, Side};

use super::*;

fn read(text: &str, request: &PressureRequest) -> Result<(Vec<Pressure>, Findings), PressureError> {
    let mut findings = Findings::new();
    read_pressure(text.as_bytes(), request, &mut findings).map(|recordings| (recordings, findings))
}

fn plain(text: &str) -> (Pressure, Findings) {
    let (mut recordings, findings) = read(text, &PressureRequest::default()).unwrap();
    assert_eq!(recordings.len(), 1);
    (recordings.remove(0), findings)
}

const TEKSCAN: &str = "DATA_TYPE MOVIE\r\nFILENAME C:\\m\\walk_R.fsx\r\nSENSOR_TYPE FSCAN\r\nROWS 3\r\nCOLS 4\r\n\
    ROW_SPACING 5.08 mm\r\nCOL_SPACING 0.508 cm\r\nSECONDS_PER_FRAME 0.02\r\nSATURATION_PRESSURE 100 PSI\r\n\
    CALIBRATION_POINT_1 75.5 (Kgs) 4798 (Raw Sum)\r\nSTART_FRAME 1\r\nEND_FRAME 2\r\nUNITS PSI\r\nASCII_DATA @@\r\n\
    \r\nFrame 1\r\nB,0,1,B\r\n0,2,3,0\r\nB,4,5,B\r\n\r\nFrame 2\r\nB,10,0,B\r\n0,0,0,0\r\nB,0,0.5,B\r\n@@\r\n";

/// Two pages of a picture that is too wide for one, a second picture, and a summary.
const EMED: &str = "Page 1\nemed\nSensor size:  0.500 x 0.700 cm\nTime of one picture: 20.0 ms\nPressure in kPa\n\
    Pict-No.: 1  Time: 0 ms\n\n              11      12   Force\n      40      10           5.0\n      41              30   9.0\nForce      5       9\n\u{c}\n\
    Page 2\nPict-No.: 1  Time: 0 ms\n\n              13\n      40      70\nForce     9\n\u{c}\n\
    Page 3\nPict-No.: 2  Time: 20 ms\n\n              12   Force\n      42     100    50.0\nForce    50\n\u{c}\n\
    Page 4\nMPP\n\n              12   Force\n      42     999    50.0\nForce    50\n";

fn pedar(sensors: usize) -> String {
    let values: Vec<String> = (1..=sensors).map(|sensor| format!("{sensor}.0")).collect();
    let numbers = values.join(" ");
    format!(
        "file name: a.sol date/time 17.06.23\nsensor type: pedar insole XS\n\
         total time [secs]: 0.04 time per frame [secs]: 0.02 scanning rate [Hz]: 50\npressure values in kPa\n\n\
         time[secs] {numbers}\n0.00 {numbers}\n0.02 {numbers}\n"
    )
}

/// A grid of `rows` by `columns` in which one value stands at a place.
fn grid(rows: usize, columns: usize, at: (usize, usize), value: &str, separator: &str) -> String {
    let line = |row: usize| {
        let cells: Vec<&str> =
            (0..columns).map(|column| if (row, column) == at { value } else { "0" }).collect();
        cells.join(separator) + "\n"
    };
    (0..rows).map(line).collect()
}

#[test]
fn tekscan_keys_cells_and_units() {
    let (found, findings) = plain(TEKSCAN);
    assert_eq!((found.rows, found.columns, found.frames()), (3, 4, 2));
    assert_eq!(found.side, Some(Side::Right));
    assert!(findings.has("side-from-name"));
    assert_eq!((found.sensor, found.view), (Sensor::Insole, View::FromAbove));
    assert!((found.rate_hz - 50.0).abs() < 1e-9);
    assert!(found.cell_mm.iter().all(|size| (size - 5.08).abs() < 1e-9));
    assert_eq!(found.inside.iter().filter(|inside| !**inside).count(), 4);
    assert!((found.frame(1)[1] - 68.947_57).abs() < 1e-3, "10 psi");
    assert!((found.saturation_kpa.unwrap() - 689.4757).abs() < 1e-6);
    assert_eq!(found.calibration_mass_kg, Some(75.5));
}

#[test]
fn a_cut_tekscan_file_keeps_its_whole_frames() {
    let cut = &TEKSCAN[..TEKSCAN.len() - 20];
    let (found, findings) = plain(cut);
    assert_eq!(found.frames(), 1);
    assert!(findings.has("cut-frame") && findings.has("frame-count"));
}

#[test]
fn emed_pages_make_pictures() {
    let (found, _) = plain(EMED);
    assert_eq!((found.rows, found.columns, found.frames()), (3, 3, 2));
    assert_eq!(found.cell_mm, [5.0, 7.0]);
    assert!((found.rate_hz - 50.0).abs() < 1e-9);
    assert_eq!(found.frame(0), [10.0, 0.0, 70.0, 0.0, 30.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(found.frame(1)[7], 100.0, "the summary picture does not count");
}

#[test]
fn pedar_insoles_lie_as_they_are_numbered() {
    let (both, findings) = read(&pedar(198), &PressureRequest::default()).unwrap();
    assert!(findings.has("insole-size-assumed"));
    let sides: Vec<_> = both.iter().map(|recording| recording.side).collect();
    assert_eq!(sides, [Some(Side::Left), Some(Side::Right)]);
    let [left, right] = both.as_slice() else { panic!("two insoles") };
    // Bottom row: the five sensors of the heel, the first medial. Right: medial is at the left.
    let row = |recording: &Pressure, row: usize| recording.frame(0)[row * 7..row * 7 + 7].to_vec();
    assert_eq!(row(right, 14), [0.0, 100.0, 101.0, 102.0, 103.0, 104.0, 0.0]);
    assert_eq!(row(left, 14), [0.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
    assert_eq!(row(right, 0), [0.0, 195.0, 196.0, 197.0, 198.0, 0.0, 0.0], "toes");
    assert_eq!(left.inside.iter().filter(|inside| **inside).count(), 99);
    let (single, _) =
        read(&pedar(99), &PressureRequest { side: Some(Side::Left), ..PressureRequest::default() })
            .unwrap();
    assert_eq!(
        (single.len(), single[0].side, single[0].view),
        (1, Some(Side::Left), View::Unknown)
    );
}

/// As `loadPedar` and `Biomechanical-Pandas` find it in real files: tabs, sensors listed in the head, the sensor named by its number.
#[test]
fn a_pedar_head_as_public_readers_expect_it() {
    let numbers = |from: usize| (from..from + 99).map(|n| n.to_string()).collect::<Vec<_>>();
    let values = [numbers(1), numbers(100)].concat().join(".0\t");
    let text = format!(
        "file name: P01_walk.sol\tdate/time 19.04.16 10.25\nsensor type: XS2073L, XS2073R\n\
         total time [secs]: 0.02\ttime per frame [secs]: 0.010\tscanning rate [Hz]: 100\npressure values in kPa\n\n\n\
         left sensors: {}\nright sensors: {}\n\ntime[secs]\t{values}\n0.000\t{values}.0\n0.010\t{values}.0\n",
        numbers(1).join(","),
        numbers(1).join(",")
    );
    assert!(is_pressure(text.as_bytes()));
    let (feet, _) = read(&text, &PressureRequest::default()).unwrap();
    assert_eq!(
        feet.iter().map(|foot| foot.side).collect::<Vec<_>>(),
        [Some(Side::Left), Some(Side::Right)]
    );
    assert!(feet.iter().all(|foot| foot.frames() == 2 && (foot.rate_hz - 100.0).abs() < 1e-9));
    let highest = |foot: &Pressure| foot.kpa.iter().copied().fold(0.0, f32::max);
    assert_eq!(feet.iter().map(highest).collect::<Vec<_>>(), [99.0, 198.0]);
}

#[test]
fn grids_of_numbers_in_their_dialects() {
    let body = grid(5, 6, (1, 2), "300", ",");
    let semicolons = grid(5, 6, (1, 2), "300,0", ";");
    let tabs = grid(5, 6, (1, 2), "300", "\t");
    let blanks = grid(5, 6, (1, 2), "300", "  ");
    for text in [&body, &semicolons, &tabs, &blanks] {
        let (found, findings) = plain(&format!("# cell_mm = 5 x 6, side = L\nunit: kPa\n{text}"));
        assert_eq!((found.rows, found.columns, found.frames()), (5, 6, 1), "{text}");
        assert_eq!((found.cell_mm, found.side), ([5.0, 6.0], Some(Side::Left)));
        assert_eq!(found.frame(0)[8], 300.0);
        assert_eq!(findings.iter().count(), 0, "nothing is inferred");
    }
    let by_blank_lines = format!("cell_mm,5\nrate_hz,100\nunit,kPa\n{body}\n{body}\n\n{body}");
    assert_eq!(plain(&by_blank_lines).0.frames(), 3);
    let by_words = format!("cell_mm=5\nrate_hz=100\nunit=N/cm2\nFrame 1\n{body}Frame 2\n{body}");
    let (found, _) = plain(&by_words);
    assert_eq!((found.frames(), found.frame(1)[8]), (2, 3000.0));
    let timed: String = [0.0, 0.02, 0.04]
        .iter()
        .flat_map(|time| body.lines().map(move |line| format!("{time},{line}\n")))
        .collect();
    let (found, _) = plain(&format!("# cell_mm=5, unit=kPa\ntime_s,c0,c1,c2,c3,c4,c5\n{timed}"));
    assert_eq!((found.frames(), found.columns), (3, 6));
    assert!((found.rate_hz - 50.0).abs() < 1e-6);
}

#[test]
fn what_a_grid_does_not_say_is_inferred_with_a_finding_or_refused() {
    // 52 rows from the first to the last loaded one: 260 mm at 5 mm.
    let mut rows = grid(52, 20, (0, 3), "300", ",");
    rows.push_str(&grid(1, 20, (0, 9), "200", ","));
    let (found, findings) = plain(&rows);
    assert_eq!(found.cell_mm, [5.0, 5.0]);
    assert!(findings.has("cell-size-assumed") && findings.has("unit-assumed"));
    let named =
        PressureRequest { file_name: Some("MUN104L.csv".to_owned()), ..PressureRequest::default() };
    let (recordings, findings) = read(&rows, &named).unwrap();
    assert_eq!(recordings[0].side, Some(Side::Left));
    assert!(findings.has("side-from-name"));
    let refused = |text: &str| read(text, &PressureRequest::default()).unwrap_err();
    assert!(matches!(
        refused(&grid(9, 9, (1, 1), "300", ",")),
        PressureError::CellSizeUnknown { .. }
    ));
    assert!(matches!(refused(&grid(9, 9, (1, 1), "3", ",")), PressureError::UnitUnknown { .. }));
    let two = format!("cell_mm=5\n{0}\n{0}", grid(9, 9, (1, 1), "300", ","));
    assert_eq!(refused(&two), PressureError::RateUnknown { frames: 2 });
}

#[test]
fn names_of_files_tell_the_side_only_where_they_mean_it() {
    for (name, side) in [
        ("walk_L.asf", Some(Side::Left)),
        ("C:\\x\\walk_R.fsx", Some(Side::Right)),
        ("MUN104R.csv", Some(Side::Right)),
        ("left foot 3.csv", Some(Side::Left)),
        ("trial_r_02.csv", Some(Side::Right)),
        ("barefoot normal.csv", None),
        ("Pressure.csv", None),
        ("left-right.csv", None),
        ("", None),
    ] {
        assert_eq!(read::side_in_name(name), side, "{name}");
    }
}

#[test]
fn pressure_files_are_told_from_others() {
    let body = grid(9, 9, (1, 1), "300", ",");
    for text in [TEKSCAN, EMED, &pedar(99), &body, &format!("# cell_mm = 5\nunit,kPa\n{body}")] {
        assert!(is_pressure(text.as_bytes()), "{}", &text[..40]);
    }
    let mot = format!(
        "walk\nversion=1\nnRows=9\nnColumns=9\nendheader\ntime a b c d e f g h\n{}",
        grid(9, 9, (1, 1), "3", "\t")
    );
    let sheet = "speed_m_s,1.2\ncadence,110\nkam,3.1\nkfm,2\n";
    for other in [mot.as_str(), sheet, "", "solid x\n", "1,2\n3,4\n5,6\n7,8\n"] {
        assert!(!is_pressure(other.as_bytes()), "{other}");
    }
    assert!(!is_pressure(&[2, 80, 0, 0, 1, 0, 0]), "C3D");
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let body = grid(5, 6, (1, 2), "300", ",");
    for (text, words) in [
        (String::new(), "no frame"),
        ("\u{1}\u{2}".to_owned(), "byte 0"),
        ("solid foot\nfacet normal 0 0 1\n".to_owned(), "no frame"),
        (TEKSCAN.replace("COLS 4", "COLS 400000000"), "limit"),
        (TEKSCAN.replace("ROWS 3", "ROWS 99999999999999999999999"), "ROWS"),
        (TEKSCAN.replace("ROWS 3", "ROWS 0"), "ROWS"),
        (TEKSCAN.replace("UNITS PSI", "UNITS RAW"), "calibrate"),
        (TEKSCAN.replace("ROW_SPACING 5.08 mm", "ROW_SPACING 5.08"), "ROW_SPACING"),
        (TEKSCAN.replace("ROW_SPACING 5.08 mm", "ROW_SPACING 5.08 m"), "cell size"),
        (TEKSCAN.replace("0,2,3,0", "0,2,3"), "line 18: 3 cells"),
        (TEKSCAN.replace("0,2,3,0", "0,2,nan,0"), "line 18: `nan`"),
        (TEKSCAN.replace("0,2,3,0\r\n", ""), "has 2 rows"),
        (EMED.replace("      41 ", "      4x "), "row"),
        (EMED.replace("      70", "    1e99"), "1e99"),
        (pedar(198).replace("0.02 1.0", "0.00 1.0"), "does not follow"),
        (pedar(100), "100 cells"),
        (format!("cell_mm=5\nunit=kPa\n{body}1,2\n"), "2 cells, but rows have 6"),
        (format!("cell_mm=5\nunit=furlong\n{body}"), "furlong"),
        (format!("cell_mm=5\nunit=kPa\nrate_hz=9\n{body}\n0,0,0,0,0,0\n"), "has 1 rows"),
        (format!("cell_mm=5\nunit=kPa\n{body}what\n"), "`what`"),
        (format!("{}\n", "1,".repeat(70_000)), "limit of 65536"),
    ] {
        let message = read(&text, &PressureRequest::default()).unwrap_err().to_string();
        assert!(message.contains(words), "expected `{words}` in: {message}");
    }
    let odd = PressureRequest { cell_mm: Some([0.0, 5.0]), ..PressureRequest::default() };
    assert!(matches!(read(TEKSCAN, &odd), Err(PressureError::OutOfRange { .. })));
}

/// Every small damage to every kind of file is read or refused; the proof is that nothing panics and
/// that what is read is consistent.
#[test]
fn damaged_files_are_read_or_refused() {
    let table =
        format!("# cell_mm=5, rate_hz=50\nunit,kPa\n{0}\n{0}", grid(6, 6, (1, 2), "300", ","));
    let mut state = 0x9e37_79b9_u64;
    let mut random = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let seeds = [TEKSCAN.to_owned(), EMED.to_owned(), pedar(198), table];
    for seed in &seeds {
        for _ in 0..1500 {
            let mut bytes = seed.clone().into_bytes();
            for _ in 0..=random(4) {
                let (at, other) = (random(bytes.len()), random(bytes.len()));
                match random(5) {
                    0 => bytes.truncate(at),
                    1 => bytes[at] = b" ,;\t\n-.0e9B#@xF"[random(15)],
                    2 => bytes[at] = random(256) as u8,
                    3 => bytes.copy_within(at.min(other)..at.max(other), 0),
                    _ => {
                        let piece = bytes[at.min(other)..at.max(other)].to_vec();
                        bytes.extend(piece);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let mut findings = Findings::new();
            if let Ok(found) = read_pressure(&bytes, &PressureRequest::default(), &mut findings) {
                for recording in found {
                    assert_eq!(recording.inside.len(), recording.cells());
                    assert_eq!(recording.kpa.len(), recording.cells() * recording.frames());
                    assert!(recording.frames() > 0);
                    assert!(recording.kpa.iter().all(|kpa| kpa.is_finite() && *kpa >= 0.0));
                }
            }
        }
    }
}

fn real(file: &str) -> Option<Vec<u8>> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/pressure").join(file);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("skipped: {} is not there", path.display());
    }
    bytes
}

#[test]
fn real_files_hold_what_their_folder_says() {
    for (file, side, size, frames, peak) in [
        ("fscan/walk_L.asf", Side::Left, (60, 21), 205, 760.0),
        ("fscan/walk_R.asf", Side::Right, (60, 21), 205, 447.0),
        ("mun104/MUN104L.csv", Side::Left, (63, 27), 1, 402.0),
        ("mun104/MUN104R.csv", Side::Right, (63, 27), 1, 392.0),
    ] {
        let Some(bytes) = real(file) else { continue };
        let request =
            PressureRequest { file_name: Some(file.to_owned()), ..PressureRequest::default() };
        assert!(is_pressure(&bytes), "{file}");
        let mut findings = Findings::new();
        let found = read_pressure(&bytes, &request, &mut findings).unwrap().remove(0);
        assert_eq!((found.rows, found.columns), size, "{file}");
        assert_eq!((found.frames(), found.side), (frames, Some(side)), "{file}");
        let highest = found.kpa.iter().copied().fold(0.0, f32::max);
        assert!((highest - peak).abs() < 0.5, "{file}: {highest}");
    }
}
