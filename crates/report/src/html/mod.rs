//! Writes the page: overview, then one chapter for each question, sides beside each other.

mod attention;
mod chapters;
mod knee;
mod setup;
mod table;
mod words;

use picture::escaped;
use vocabulary::Severity;

use crate::page::{Page, SideSection};
use words::capitalized;

pub use setup::setup_html;

/// The page's look: light, dark, narrow and print.
const STYLE: &str = include_str!("style.css");

/// Said on every page, whatever the caller adds.
const STANDING_LIMIT: &str = "The prediction is a change of load for this patient with this device, with \
    an interval; it is no claim that the device treats pain or disease. Measure again with the device \
    before relying on it. The clinician decides.";

/// Writes the page. Equal pages give equal bytes.
#[must_use]
pub fn html(page: &Page) -> String {
    let mut chapters = vec![
        attention::chapter(page),
        chapters::foot(page),
        chapters::shell(page),
        chapters::doses(page),
    ];
    if page.sides.iter().any(|side| !side.gait.is_empty()) {
        chapters.push(chapters::gait(page));
    }
    if page.sides.iter().any(|side| side.prediction.is_some() || has_knee_pictures(side)) {
        chapters.push(knee::chapter(page));
    }
    if !page.care.is_empty() {
        chapters.push(chapters::care(page));
    }
    chapters.extend([chapters::making(page), chapters::files(page), chapters::record(page)]);
    let links: String = chapters
        .iter()
        .map(|chapter| format!("<a href=\"#{}\">{}</a>", chapter.id, chapter.short))
        .collect();
    let body: String = chapters.iter().map(Chapter::html).collect();
    let title = format!("{} – {}", page.patient_code, page.title);
    document(
        &title,
        &format!(
            "{}<nav aria-label=\"Chapters\">{links}</nav><main>{body}</main>{}",
            header(page),
            footer(page)
        ),
    )
}

/// A page that loads nothing; `body` is finished markup.
fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/>\
         <meta name=\"referrer\" content=\"no-referrer\"/>\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        escaped(title)
    )
}

fn has_knee_pictures(side: &SideSection) -> bool {
    side.pictures.iter().any(|figure| figure.place == crate::Place::Knee)
}

/// A chapter of the page; `body` is finished markup.
struct Chapter {
    id: &'static str,
    /// Name in the navigation.
    short: &'static str,
    title: &'static str,
    /// One sentence under the title; finished markup, may be empty.
    lead: String,
    body: String,
}

impl Chapter {
    fn html(&self) -> String {
        let lead = if self.lead.is_empty() {
            String::new()
        } else {
            format!("<p class=\"lead\">{}</p>", self.lead)
        };
        format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{}</h2>{lead}{}</section>",
            self.title,
            self.body,
            id = self.id
        )
    }
}

/// The sides beside each other, each with what `content` gives for it.
fn beside(page: &Page, content: impl Fn(&SideSection) -> String) -> String {
    let columns: String = page
        .sides
        .iter()
        .map(|side| {
            let name = side.side.name();
            format!(
                "<div class=\"side\"><h3><span class=\"tag {name}\">{}</span></h3>{}</div>",
                capitalized(name),
                content(side)
            )
        })
        .collect();
    format!("<div class=\"sides count-{}\">{columns}</div>", page.sides.len())
}

fn header(page: &Page) -> String {
    let warnings = page.findings.iter().filter(|row| row.severity == Severity::Warning).count();
    let status = match warnings {
        0 => "<p class=\"status good\"><span aria-hidden=\"true\">✓</span> No warnings</p>".to_owned(),
        1 => "<p class=\"status look\"><span aria-hidden=\"true\">!</span> 1 warning: look at it before making</p>".to_owned(),
        more => format!(
            "<p class=\"status look\"><span aria-hidden=\"true\">!</span> {more} warnings: look at them before making</p>"
        ),
    };
    let facts: String = [("Indication", &page.indication), ("Activity", &page.activity)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.to_owned(), value.clone(), String::new()))
        .chain(
            page.patient.iter().map(|row| (row.label.clone(), row.value.clone(), row.note.clone())),
        )
        .map(|(label, value, note)| {
            let note = if note.is_empty() {
                String::new()
            } else {
                format!(" <small>{}</small>", escaped(&note))
            };
            format!("<div><dt>{}</dt><dd>{}{note}</dd></div>", escaped(&label), escaped(&value))
        })
        .collect();
    format!(
        "<header><p class=\"brand\">Solewright <span>{}</span></p><h1>{}</h1><p class=\"code\">Case {}</p>\
         {status}<dl class=\"facts\">{facts}</dl></header>",
        escaped(&page.program_version),
        escaped(&page.title),
        escaped(&page.patient_code)
    )
}

fn footer(page: &Page) -> String {
    let further: String =
        page.limits.iter().map(|limit| format!("<p>{}</p>", escaped(limit))).collect();
    format!("<footer><h2>What this page is not</h2><p>{STANDING_LIMIT}</p>{further}</footer>")
}

#[cfg(test)]
mod tests;
