//! The overview: what was made, and what to look at first.

use picture::escaped;
use vocabulary::{Severity, Side};

use super::words::{capitalized, fixed, signed};
use super::{Chapter, beside};
use crate::page::{FindingRow, Page, SideSection};

pub(super) fn chapter(page: &Page) -> Chapter {
    let warnings: Vec<&FindingRow> =
        page.findings.iter().filter(|row| row.severity == Severity::Warning).collect();
    let notes: Vec<&FindingRow> =
        page.findings.iter().filter(|row| row.severity == Severity::Note).collect();
    let first = if warnings.is_empty() {
        String::new()
    } else {
        format!(
            "<div class=\"attention\"><h3>Look at these first</h3>{}</div>",
            finding_list(&warnings)
        )
    };
    let made: String = page
        .summary
        .iter()
        .map(|line| format!("<li>{}{}</li>", tag(line.side), escaped(&line.text)))
        .collect();
    let made = if made.is_empty() { made } else { format!("<ul class=\"made\">{made}</ul>") };
    let minor = if notes.is_empty() {
        String::new()
    } else {
        format!(
            "<details><summary>{} for the record: what was inferred or repaired</summary>{}</details>",
            if notes.len() == 1 { "1 note".to_owned() } else { format!("{} notes", notes.len()) },
            finding_list(&notes)
        )
    };
    Chapter {
        id: "overview",
        short: "Overview",
        title: "What was made",
        lead: String::new(),
        body: format!("{first}{made}{}{minor}", beside(page, glance)),
    }
}

pub(super) fn finding_list(findings: &[&FindingRow]) -> String {
    let items: String = findings
        .iter()
        .map(|row| {
            format!(
                "<li>{}{} <small class=\"step\">{}</small></li>",
                tag(row.side),
                escaped(&row.message),
                escaped(&row.step)
            )
        })
        .collect();
    format!("<ul class=\"findings\">{items}</ul>")
}

fn tag(side: Option<Side>) -> String {
    side.map_or_else(String::new, |side| {
        format!("<span class=\"tag {0}\">{1}</span> ", side.name(), capitalized(side.name()))
    })
}

/// The few numbers of a side that a reader wants before all others.
fn glance(side: &SideSection) -> String {
    let mut tiles = String::new();
    let mut tile = |class: &str, value: &str, words: &str| {
        tiles.push_str(&format!(
            "<div class=\"tile {class}\"><b>{value}</b><span>{words}</span></div>"
        ));
    };
    if let Some(prediction) = &side.prediction {
        if prediction.declined.is_some() {
            tile("look", "Not recommended", "see the knee chapter");
        } else {
            tile(
                "",
                &format!("{}\u{a0}%", signed(prediction.expected_change_pct, 1)),
                &format!(
                    "predicted change, {}; 90\u{a0}% interval {} to {}\u{a0}%",
                    escaped(&prediction.quantity),
                    signed(prediction.low_pct, 0),
                    signed(prediction.high_pct, 0)
                ),
            );
        }
    }
    let within = side.doses.iter().filter(|dose| dose.within).count();
    if !side.doses.is_empty() {
        let class = if within == side.doses.len() { "good" } else { "look" };
        let count = format!("{within} of {}", side.doses.len());
        tile(class, &count, "corrections measured within tolerance on the finished surface");
    }
    let length = side.measurements.iter().find_map(|row| Some((row.value?, row)));
    if let Some((value, row)) = length {
        let words = format!("{}{}", fixed(value, row.decimals), super::words::unit(&row.unit));
        tile("", &words, &escaped(&row.name));
    }
    format!("<div class=\"tiles\">{tiles}</div>")
}
