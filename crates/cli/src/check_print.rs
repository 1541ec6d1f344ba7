//! The part of `solewright check` that judges print programs.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use order::{ProfileKind, ProfileStore};
use pipeline::{CheckReport, Checker, Dialect, PrintRequest};

use crate::Refusal;
use crate::print::hours;

/// Bytes at either end of a program that are searched for the firmware and the printer.
const ENDS: u64 = 64 << 10;

/// Characters of a line that are kept; longer lines are faults.
const LONGEST_LINE: usize = 8192;

/// What to judge a program by.
#[derive(Debug)]
pub(crate) struct PrintCheck<'a> {
    pub(crate) profiles: &'a ProfileStore,
    /// Name of a printer's profile; told from the program, or assumed, where it is not given.
    pub(crate) printer: Option<&'a str>,
    /// Name of a material's profile.
    pub(crate) material: Option<&'a str>,
    /// Keys of either profile with other values.
    pub(crate) overrules: &'a [(String, String)],
}

/// A judged program, and by which printer.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) report: CheckReport,
    pub(crate) printer: String,
    /// Whether neither the caller nor the program named the printer.
    pub(crate) is_assumed: bool,
}

/// Judges a print program, reading it line by line.
pub(crate) fn check_print(path: &Path, how: &PrintCheck<'_>) -> Result<Checked, Refusal> {
    let wrong = |error: std::io::Error| Refusal(format!("cannot read {}: {error}", path.display()));
    let mut file = std::fs::File::open(path).map_err(wrong)?;
    let (head, tail) = ends(&mut file).map_err(wrong)?;
    let (printer, is_assumed) = printer_of(how, &head);
    let material = how.material.unwrap_or("pla");
    let request = PrintRequest {
        profiles: how.profiles,
        printer: &printer,
        material,
        overrules: how.overrules,
    };
    let mut order = request.order()?;
    if let Some(dialect) = Dialect::named_in(&head, &tail).filter(|_| how.printer.is_none()) {
        order.printer.dialect = dialect;
    }
    let mut checker = pipeline::print_checker(&order);
    file.seek(SeekFrom::Start(0)).map_err(wrong)?;
    feed(BufReader::with_capacity(1 << 18, file), &mut checker).map_err(wrong)?;
    Ok(Checked { report: checker.finish(), printer, is_assumed })
}

/// Whether a file's first bytes look like a print program and not like one for a mill.
pub(crate) fn looks_like_print(head: &str) -> bool {
    let is_command = |line: &str, words: &[&str]| {
        words.iter().any(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let heats =
        ["M104", "M109", "M140", "M190", "M82", "M83", "START_PRINT", "PRINT_START", "M106"];
    head.lines().map(str::trim_start).any(|line| {
        is_command(line, &heats)
            || line.starts_with(";FLAVOR:")
            || line.starts_with(";LAYER")
            || (is_command(line, &["G1", "G0"]) && line.contains(" E"))
    })
}

/// The profile to judge by: the one that was named, the one that the program names, or an assumed one.
fn printer_of(how: &PrintCheck<'_>, head: &str) -> (String, bool) {
    if let Some(name) = how.printer {
        return (name.to_owned(), false);
    }
    let named = head.lines().find_map(|line| line.strip_prefix(";PRINTER:")).map(str::trim);
    let known = how.profiles.names(ProfileKind::Printer).into_iter().find(|name| {
        let profile = how.profiles.read(ProfileKind::Printer, name);
        profile.is_ok_and(|profile| Some(profile.text("name")) == named)
    });
    match known {
        Some(name) => (name.to_owned(), false),
        None => ("marlin-generic".to_owned(), true),
    }
}

fn ends(file: &mut std::fs::File) -> std::io::Result<(String, String)> {
    let mut read = |from: SeekFrom| {
        let mut bytes = Vec::new();
        file.seek(from)?;
        file.by_ref().take(ENDS).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let head = read(SeekFrom::Start(0))?;
    let length = file.metadata()?.len();
    let tail = {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(length.saturating_sub(ENDS)))?;
        file.by_ref().take(ENDS).read_to_end(&mut bytes)?;
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok((head, tail))
}

/// Hands a program over line by line; of a line without end only its beginning is kept.
fn feed(mut reader: impl BufRead, checker: &mut Checker) -> std::io::Result<()> {
    let mut line: Vec<u8> = Vec::new();
    let mut take = |line: &mut Vec<u8>| {
        match std::str::from_utf8(line) {
            Ok(text) => checker.line(text),
            Err(_) => checker.line(&String::from_utf8_lossy(line)),
        }
        line.clear();
    };
    let mut after_return = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let mut used = 0;
        if std::mem::take(&mut after_return) && buffer[0] == b'\n' {
            used = 1;
        }
        let rest = &buffer[used..];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let text = &rest[..end.unwrap_or(rest.len())];
        line.extend(&text[..text.len().min(LONGEST_LINE.saturating_sub(line.len()))]);
        used += text.len();
        if end.is_some() {
            after_return = rest[text.len()] == b'\r';
            used += 1;
            take(&mut line);
        }
        reader.consume(used);
    }
    if !line.is_empty() {
        take(&mut line);
    }
    Ok(())
}

/// The judgment as one JSON object.
pub(crate) fn json(path: &Path, checked: &Checked) -> serde_json::Value {
    let mut value = serde_json::json!(checked.report);
    if let Some(object) = value.as_object_mut() {
        object.insert("file".to_owned(), serde_json::json!(path));
        object.insert("kind".to_owned(), serde_json::json!("print-program"));
        object.insert("ok".to_owned(), serde_json::json!(checked.report.faults.is_empty()));
        object.insert("printer".to_owned(), serde_json::json!(checked.printer));
        object.insert("printer_assumed".to_owned(), serde_json::json!(checked.is_assumed));
    }
    value
}

/// The judgment in sentences.
pub(crate) fn say_checked(path: &Path, checked: &Checked) {
    let report = &checked.report;
    say!(
        "{}: print program for {}, judged by {}{}",
        path.display(),
        report.firmware,
        checked.printer,
        if checked.is_assumed { " (assumed; name yours with --printer)" } else { "" }
    );
    say!(
        "  {} layers, {}, {:.1} g of filament ({:.2} m){}, {:.1} m of travel, {} retractions",
        report.layers,
        hours(report.time_s),
        report.filament_g,
        report.filament_mm / 1000.0,
        report.cost.map_or_else(String::new, |cost| format!(", costs {cost:.2}")),
        report.travel_mm / 1000.0,
        report.retractions
    );
    if let Some(bounds) = &report.bounds {
        let place = |p: &[f64; 3]| format!("({:.2}, {:.2}, {:.2})", p[0], p[1], p[2]);
        say!("  from {} to {} mm", place(&bounds.low_mm), place(&bounds.high_mm));
    }
    let volumes: Vec<String> = report
        .volume_mm3
        .iter()
        .map(|(role, volume)| format!("{role} {:.2}", volume / 1000.0))
        .collect();
    say!("  cm³: {}", volumes.join(", "));
    for (word, list) in [("fault", &report.faults), ("warning", &report.warnings)] {
        for fault in list {
            let place =
                if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
            say!("{word}: {place}{} [{}]", fault.message, fault.code);
        }
    }
    say!("verdict: {}", report.verdict);
}
