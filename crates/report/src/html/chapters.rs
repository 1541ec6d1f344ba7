//! Foot, shell, corrections, making, files, record.

use picture::escaped;

use super::table::{Table, facts, figures};
use super::words::{fixed, remark, signed, size, unit};
use super::{Chapter, beside};
use crate::page::{DoseRow, FileRow, GaitTable, MakingView, Page, Place, Row, SideSection};

pub(super) fn foot(page: &Page) -> Chapter {
    Chapter {
        id: "foot",
        short: "Foot",
        title: "The foot as scanned",
        lead: String::new(),
        body: beside(page, |side| {
            format!("{}{}{}", figures(side, Place::Foot), measurements(side), facts(&side.scan))
        }),
    }
}

fn measurements(side: &SideSection) -> String {
    let caption = format!("Measurements of the {} foot", side.side);
    let mut table = Table::new(caption, &["Measurement", "Value", "Usual"]).class("numbers");
    for row in &side.measurements {
        let value = row.value.map_or_else(
            || "not measured".to_owned(),
            |value| format!("{}{}", fixed(value, row.decimals), unit(&row.unit)),
        );
        let name = format!("{}{}", escaped(&row.name), remark(&row.definition));
        table.row(&[name, value, escaped(&row.normal_range)]);
    }
    table.html()
}

pub(super) fn shell(page: &Page) -> Chapter {
    Chapter {
        id: "shell",
        short: "Shell",
        title: "The shell",
        lead: String::new(),
        body: beside(page, |side| figures(side, Place::Shell)),
    }
}

pub(super) fn doses(page: &Page) -> Chapter {
    Chapter {
        id: "doses",
        short: "Corrections",
        title: "Corrections: requested and measured",
        lead: "Measured on the finished surface. Posts and wedges: + lateral (valgus), − medial (varus)."
            .to_owned(),
        body: beside(page, |side| format!("{}{}", dose_table(side), reasons(side))),
    }
}

fn dose_table(side: &SideSection) -> String {
    let caption = format!("Corrections of the {} device", side.side);
    let heads = ["Correction", "Requested", "Measured", "Agrees", "Decided by"];
    let mut table = Table::new(caption, &heads).class("numbers doses");
    for dose in &side.doses {
        let amount = |value: Option<f64>, none: &str| {
            value.map_or_else(|| none.to_owned(), |value| dose_words(dose, value))
        };
        let (class, agrees) = if dose.within {
            ("", "<span class=\"yes\"><span aria-hidden=\"true\">✓</span> yes</span>")
        } else {
            ("off", "<span class=\"no\"><span aria-hidden=\"true\">✗</span> no</span>")
        };
        table.marked_row(
            class,
            &[
                format!("{}{}", escaped(&dose.name), remark(&dose.note)),
                amount(dose.requested, "none"),
                amount(dose.realised, "not measured"),
                agrees.to_owned(),
                dose.decided_by.words().to_owned(),
            ],
        );
    }
    table.html()
}

fn dose_words(dose: &DoseRow, value: f64) -> String {
    let words =
        if dose.signed { signed(value, dose.decimals) } else { fixed(value, dose.decimals) };
    format!("{words}{}", unit(&dose.unit))
}

fn reasons(side: &SideSection) -> String {
    if side.chosen_because.is_empty() {
        return String::new();
    }
    let items: String =
        side.chosen_because.iter().map(|reason| format!("<li>{}</li>", escaped(reason))).collect();
    let around: String = side.around_choice.iter().map(|table| gait_table(side, table)).collect();
    format!("<h4>Why this design</h4><ul>{items}</ul>{around}")
}

pub(super) fn gait(page: &Page) -> Chapter {
    Chapter {
        id: "gait",
        short: "Gait",
        title: "The gait: measured and assumed",
        lead: "What the prediction starts from. What is assumed is a norm that may be far from this person; measuring it sharpens \
               the prediction."
            .to_owned(),
        body: beside(page, |side| {
            let tables: String = side.gait.iter().map(|table| gait_table(side, table)).collect();
            format!("{tables}{}", figures(side, Place::Gait))
        }),
    }
}

fn gait_table(side: &SideSection, gait: &GaitTable) -> String {
    let caption = format!("{}, {} foot", gait.title, side.side);
    let mut table = Table::new(caption, &gait.heads).class("numbers");
    for row in &gait.rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        table.row(&cells);
    }
    let note = if gait.note.is_empty() {
        String::new()
    } else {
        format!("<p><small>{}</small></p>", escaped(&gait.note))
    };
    format!("<h4>{}</h4>{}{note}", escaped(&gait.title), table.html())
}

pub(super) fn care(page: &Page) -> Chapter {
    let body = page
        .care
        .iter()
        .map(|(title, rows)| format!("<h3>{}</h3>{}", escaped(title), facts(rows)))
        .collect();
    Chapter {
        id: "care",
        short: "Care",
        title: "What goes with the device",
        lead:
            "A proposal from the care profile, each entry with its source; the clinician decides."
                .to_owned(),
        body,
    }
}

pub(super) fn making(page: &Page) -> Chapter {
    Chapter {
        id: "making",
        short: "Making",
        title: "Making it",
        lead: String::new(),
        body: beside(page, |side| {
            let machines: String = side.making.iter().map(machine).collect();
            format!("{machines}{}", figures(side, Place::Making))
        }),
    }
}

fn machine(making: &MakingView) -> String {
    format!("<h4>{}</h4>{}", escaped(&making.title), facts(&making.rows))
}

pub(super) fn files(page: &Page) -> Chapter {
    let mut body = String::new();
    for (title, rows) in [("Written", &page.files), ("Read", &page.inputs)] {
        let table = file_table(title, rows);
        if !table.is_empty() {
            body.push_str(&format!("<h3>{title}</h3>{table}"));
        }
    }
    Chapter {
        id: "files",
        short: "Files",
        title: "Files",
        lead: "The SHA-256 fingerprint shows whether a file is still the one described here."
            .to_owned(),
        body,
    }
}

fn file_table(title: &str, rows: &[FileRow]) -> String {
    let caption = format!("Files: {}", title.to_lowercase());
    let mut table = Table::new(caption, &["File", "Size", "SHA-256"]).class("files");
    for row in rows {
        let hash = format!("<code>{}</code>", escaped(&row.sha256));
        table.row(&[escaped(&row.path), size(row.bytes), hash]);
    }
    table.html()
}

pub(super) fn record(page: &Page) -> Chapter {
    let mut rows = vec![
        Row::new("Case", page.patient_code.clone()),
        Row::new("Program", page.program_version.clone()),
    ];
    rows.extend(page.record.iter().cloned());
    Chapter {
        id: "record",
        short: "Record",
        title: "Record",
        lead: String::new(),
        body: format!("{}{}", facts(&rows), timings(page)),
    }
}

fn timings(page: &Page) -> String {
    let Some(timings) = &page.timings else { return String::new() };
    let total: f64 = timings.iter().map(|(_, seconds)| seconds).sum();
    let mut table = Table::new("Time of each step", &["Step", "Time"]).class("numbers short");
    for (step, seconds) in timings {
        table.row(&[escaped(step), format!("{}\u{a0}s", fixed(*seconds, 2))]);
    }
    table.marked_row(
        "total",
        &[
            "Sum of the steps; both feet run at the same time".to_owned(),
            format!("{}\u{a0}s", fixed(total, 2)),
        ],
    );
    table.html()
}
