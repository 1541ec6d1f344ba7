//! The part of `solewright check` that judges mill programs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use order::ProfileStore;
use pipeline::{FaultSeverity, Inspection, MillCheck, MillCheckRequest, MillChecker};
use serde_json::{Value, json};
use vocabulary::Findings;

use crate::{Refusal, files, mill};

/// Characters of a line that are kept; longer lines are faults.
const LONGEST_LINE: usize = 4096;

/// What a mill program is judged by.
#[derive(Debug, clap::Args)]
pub(crate) struct MillArguments {
    /// Machine profile to judge a mill program by; told from the program when not given.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Tool profiles; the shipped ones by their numbers when not given. May be repeated.
    #[arg(long, value_name = "NAME")]
    tool: Vec<String>,
    /// Cutting profile, for the plunge feed.
    #[arg(long, value_name = "NAME")]
    cutting: Option<String>,
    /// Size of the blank, mm; told from the program's comments when not given, else nothing is removed.
    #[arg(long, value_name = "LxWxH", value_parser = mill::size)]
    blank: Option<[f64; 3]>,
    /// Where X0 Y0 is on the blank.
    #[arg(long, value_name = "corner|middle", default_value = "corner", value_parser = ["corner", "middle"])]
    zero_xy: String,
    /// Where Z0 is.
    #[arg(long, value_name = "top|bed", default_value = "top", value_parser = ["top", "bed"])]
    zero_z: String,
    /// The designed part (STL, 3MF, OBJ, PLY): gouges and what is left are measured on it.
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// Where the model's zero is in the program; told from the program's comments when not given.
    #[arg(long, value_name = "X,Y,Z", value_parser = place, allow_hyphen_values = true)]
    at: Option<[f64; 3]>,
    /// A program that runs before this one on the same blank as it lies: its material is gone. May be repeated, in order.
    #[arg(long, value_name = "FILE")]
    after: Vec<PathBuf>,
    /// Accept this much material left on the model, mm; 0.1 where the tool reaches and 0.5 where it does not (with a warning) when not given.
    #[arg(long, value_name = "MM")]
    allow_left: Option<f64>,
}

fn place(text: &str) -> Result<[f64; 3], String> {
    let wrong = || "write x,y,z in mm, such as 10,20,-5".to_owned();
    let numbers: Vec<f64> = text
        .split(',')
        .map(|number| number.trim().parse::<f64>().map_err(|_not_a_number| wrong()))
        .collect::<Result<_, _>>()?;
    let place: [f64; 3] = numbers.try_into().map_err(|_too_many| wrong())?;
    if place.iter().all(|c| c.abs() < 1e4) { Ok(place) } else { Err(wrong()) }
}

impl MillArguments {
    /// Reads profiles and model; `head` is the beginning of the program.
    pub(crate) fn prepared(
        &self,
        profiles: &ProfileStore,
        head: &str,
    ) -> Result<MillCheck, Refusal> {
        let model = self.against.as_ref().map(|path| {
            let bytes = files::read(path, "--against", files::LARGEST_SCAN)?;
            pipeline::read_model(&path.display().to_string(), &bytes, &mut Findings::new())
                .map_err(Refusal::from)
        });
        let model = model.transpose()?;
        let request = MillCheckRequest {
            profiles,
            machine: self.machine.as_deref(),
            tools: &self.tool,
            cutting: self.cutting.as_deref(),
            blank_mm: self.blank,
            zero_is_middle: self.zero_xy == "middle",
            zero_is_bed: self.zero_z == "bed",
            against: model.as_ref(),
            at: self.at,
            allow_left_mm: self.allow_left,
        };
        Ok(MillCheck::new(&request, head)?)
    }
}

/// Whether a program says that it is for a mill: a spindle with a speed, or a mill's modes and words.
pub(crate) fn looks_like_mill(head: &str) -> bool {
    let code = head.lines().map(|line| line.split(['(', ';']).next().unwrap_or("").to_uppercase());
    code.filter(|line| !line.starts_with("M117")).any(|line| {
        let spindle = ["M3", "M03", "M4", "M04"].iter().any(|word| {
            line.match_indices(word)
                .any(|(at, _)| !line[at + word.len()..].starts_with(|c: char| c.is_ascii_digit()))
        });
        spindle || ["G43", "G54", "G94"].iter().any(|word| line.contains(word))
    })
}

/// Judges a mill program, reading it and those that run before it line by line.
pub(crate) fn check_mill(
    path: &Path,
    arguments: &MillArguments,
    check: &MillCheck,
) -> Result<Inspection, Refusal> {
    let mut checker = check.start();
    for before in &arguments.after {
        read(before, &mut checker)?;
        checker = checker.begin_next();
    }
    read(path, &mut checker)?;
    Ok(checker.finish())
}

fn read(path: &Path, checker: &mut MillChecker<'_>) -> Result<(), Refusal> {
    let wrong = |error: std::io::Error| Refusal(format!("cannot read {}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(wrong)?;
    feed(BufReader::with_capacity(1 << 18, file), checker).map_err(wrong)
}

/// Hands a program over line by line; `\n`, `\r\n` and a lone `\r` end a line. Of a line without end only the
/// beginning is kept.
fn feed(mut reader: impl BufRead, checker: &mut MillChecker<'_>) -> std::io::Result<()> {
    let mut line: Vec<u8> = Vec::new();
    let mut after_return = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let mut used = usize::from(std::mem::take(&mut after_return) && buffer[0] == b'\n');
        let rest = &buffer[used..];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let text = &rest[..end.unwrap_or(rest.len())];
        line.extend(&text[..text.len().min((LONGEST_LINE + 1).saturating_sub(line.len()))]);
        used += text.len();
        if let Some(end) = end {
            after_return = rest[end] == b'\r';
            used += 1;
            take(&mut line, checker);
        }
        reader.consume(used);
    }
    if !line.is_empty() {
        take(&mut line, checker);
    }
    Ok(())
}

fn take(line: &mut Vec<u8>, checker: &mut MillChecker<'_>) {
    if line.len() > LONGEST_LINE {
        checker.unreadable("the line has no end");
    } else {
        match std::str::from_utf8(line) {
            Ok(text) => checker.line(text),
            // Comments in an old code page are no fault of the program.
            Err(_) => checker.line(&String::from_utf8_lossy(line)),
        }
    }
    line.clear();
}

/// The inspection as one JSON object.
pub(crate) fn json(path: &Path, check: &MillCheck, found: &Inspection) -> Value {
    let mut object = json!(found);
    let verdict = if found.accepted { "sound" } else { "faulty" };
    if let Value::Object(entries) = &mut object {
        entries.insert("file".to_owned(), json!(path));
        entries.insert("kind".to_owned(), json!("mill-program"));
        entries.insert("verdict".to_owned(), json!(verdict));
        entries.insert("assumptions".to_owned(), json!(check.assumptions));
    }
    object
}

/// The inspection in sentences.
pub(crate) fn say_found(path: &Path, check: &MillCheck, found: &Inspection) {
    let verdict = if found.accepted { "sound" } else { "FAULTY" };
    say!("{}: mill program, {verdict}", path.display());
    for assumption in &check.assumptions {
        say!("  assumed: {assumption}");
    }
    say!(
        "  {} lines, {} moves, {:.1} m at a feed ({:.1} m in air), {:.1} m rapid, {:.1} min",
        found.lines,
        found.moves,
        found.lengths.feed_mm / 1000.0,
        found.lengths.air_feed_mm / 1000.0,
        found.lengths.rapid_mm / 1000.0,
        found.time_s / 60.0
    );
    if let Some([low, high]) = found.bounds {
        say!(
            "  X {:.1} to {:.1}, Y {:.1} to {:.1}, Z {:.1} to {:.1} mm",
            low[0],
            high[0],
            low[1],
            high[1],
            low[2],
            high[2]
        );
    }
    if let (Some(gouge), Some(left)) = (found.gouge_mm, found.left_mm) {
        say!("  gouge at most {gouge:.3} mm, left at most {left:.3} mm");
    }
    for fault in &found.faults {
        let word = if fault.severity == FaultSeverity::Error { "error" } else { "warning" };
        let place = if fault.line > 0 { format!("line {}: ", fault.line) } else { String::new() };
        say!("  {word}: {place}{} [{}]", fault.message, fault.code);
    }
    let shown = found.faults.len();
    let all: usize = found.fault_counts.values().sum();
    if all > shown {
        say!("  and {} more of these kinds", all - shown);
    }
}
