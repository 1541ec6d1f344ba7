//! Writes the set-up sheet: what is on the machine, then one chapter for each program.

use picture::escaped;
use vocabulary::Severity;

use super::table::{Table, facts, figure_html};
use super::words::{remark, size};
use super::{Chapter, attention, document};
use crate::page::FindingRow;
use crate::setup_sheet::{OperationRow, ProgramSheet, SetupSheet};

/// Writes the sheet. Equal sheets give equal bytes.
#[must_use]
pub fn setup_html(sheet: &SetupSheet) -> String {
    let of = |severity: Severity| -> Vec<&FindingRow> {
        sheet.findings.iter().filter(|row| row.severity == severity).collect()
    };
    let (warnings, notes) = (of(Severity::Warning), of(Severity::Note));
    let status = match warnings.len() {
        0 => "<p class=\"status good\"><span aria-hidden=\"true\">✓</span> Simulated without faults</p>".to_owned(),
        count => format!(
            "<p class=\"status look\"><span aria-hidden=\"true\">!</span> Simulated without faults; {count} to look at first</p>"
        ),
    };
    let first = if warnings.is_empty() {
        String::new()
    } else {
        format!(
            "<div class=\"attention\"><h3>Look at these first</h3>{}</div>",
            attention::finding_list(&warnings)
        )
    };
    let minor = if notes.is_empty() {
        String::new()
    } else {
        format!("<h3>To know</h3>{}", attention::finding_list(&notes))
    };
    let overview = Chapter {
        id: "overview",
        short: "Overview",
        title: "On the machine",
        lead: String::new(),
        body: format!("{first}{}{minor}", facts(&sheet.facts)),
    };
    let programs: String = sheet
        .programs
        .iter()
        .enumerate()
        .map(|(index, program)| chapter(&format!("program-{}", index + 1), program))
        .collect();
    let header = format!(
        "<header><p class=\"brand\">Solewright <span>{}</span></p><h1>{}</h1><p class=\"code\">{}</p>{status}</header>",
        escaped(&sheet.program_version),
        escaped(&sheet.title),
        escaped(&sheet.label)
    );
    let limits: String =
        sheet.limits.iter().map(|limit| format!("<p>{}</p>", escaped(limit))).collect();
    document(
        &format!("{} – {}", sheet.label, sheet.title),
        &format!(
            "{header}<main>{}{programs}</main><footer><h2>What the check does not see</h2>{limits}</footer>",
            overview.html()
        ),
    )
}

fn chapter(id: &str, program: &ProgramSheet) -> String {
    let steps: String =
        program.steps.iter().map(|step| format!("<li>{}</li>", escaped(step))).collect();
    let figures: String = program.figures.iter().map(figure_html).collect();
    let file = &program.file;
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{}</h2>\
         <p class=\"lead\">{} · {} · SHA-256 <code>{}</code></p><ol>{steps}</ol>{}\
         <div class=\"figures\">{figures}</div><h3>Proof</h3>{}</section>",
        escaped(&program.title),
        escaped(&file.path),
        size(file.bytes),
        escaped(&file.sha256),
        operations(&program.operations),
        facts(&program.proof)
    )
}

fn operations(rows: &[OperationRow]) -> String {
    let heads = ["Operation", "Tool", "Spindle", "Feed", "Lowest", "Moves", "Time"];
    let mut table = Table::new("Operations in their order", &heads).class("numbers");
    for row in rows {
        let tool = format!("{}{}", escaped(&row.tool), remark(&row.tool_note));
        let rest = [&row.spindle, &row.feed, &row.lowest, &row.moves, &row.time];
        let mut cells = vec![escaped(&row.name), tool];
        cells.extend(rest.map(|words| escaped(words)));
        table.row(&cells);
    }
    table.html()
}

#[cfg(test)]
mod tests {
    use picture::check_well_formed;

    use super::*;
    use crate::page::{FileRow, Row};

    #[test]
    fn whatever_the_words_are_the_sheet_stays_well_formed() {
        let words = "<b>&\"Mill'd ]]> 12 µm";
        let text = || words.to_owned();
        let finding = |severity| FindingRow { severity, step: text(), side: None, message: text() };
        let sheet = SetupSheet {
            title: text(),
            label: text(),
            program_version: text(),
            facts: vec![Row::new(words, words).with_note(words)],
            findings: vec![finding(Severity::Note), finding(Severity::Warning)],
            programs: vec![ProgramSheet {
                title: text(),
                file: FileRow { path: text(), bytes: 1, sha256: text() },
                steps: vec![text()],
                operations: vec![OperationRow {
                    name: text(),
                    tool: text(),
                    tool_note: text(),
                    ..OperationRow::default()
                }],
                proof: vec![Row::new(words, words)],
                figures: Vec::new(),
            }],
            limits: vec![text()],
        };
        let page = setup_html(&sheet);
        let (_doctype, markup) = page.split_once('\n').unwrap();
        check_well_formed(markup).unwrap();
        assert!(!page.contains("<b>&") && page.contains("1 to look at first"));
    }
}
