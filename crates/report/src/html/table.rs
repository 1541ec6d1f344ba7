//! Tables and figures.

use picture::escaped;

use super::words::remark;
use crate::page::{Figure, Picture, Place, Row, SideSection};

/// A table whose cells are finished markup. The first cell of a row is its header.
pub(super) struct Table {
    caption: String,
    heads: Vec<&'static str>,
    rows: String,
    class: &'static str,
}

impl Table {
    /// `caption` is read by screen readers and not shown.
    pub(super) fn new(caption: impl Into<String>, heads: &[&'static str]) -> Self {
        Self { caption: caption.into(), heads: heads.to_vec(), rows: String::new(), class: "" }
    }

    pub(super) fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        self.marked_row("", cells);
    }

    /// A row with a class of its own.
    pub(super) fn marked_row(&mut self, class: &str, cells: &[String]) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let cells: String = cells
            .iter()
            .zip(&self.heads)
            .enumerate()
            .map(|(index, (cell, head))| match index {
                0 => format!("<th scope=\"row\">{cell}</th>"),
                // The head is repeated as data so that narrow screens can show it beside the value.
                _ => format!("<td data-head=\"{}\">{cell}</td>", escaped(head)),
            })
            .collect();
        self.rows.push_str(&format!("<tr{class}>{cells}</tr>"));
    }

    /// A line across the table that names what follows.
    pub(super) fn divider(&mut self, words: &str) {
        self.rows.push_str(&format!(
            "<tr class=\"divider\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>",
            self.heads.len(),
            escaped(words)
        ));
    }

    /// The table; nothing if it has no rows.
    pub(super) fn html(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let heads: String = self
            .heads
            .iter()
            .map(|head| format!("<th scope=\"col\">{}</th>", escaped(head)))
            .collect();
        format!(
            "<div class=\"table\"><table class=\"{}\"><caption>{}</caption><thead><tr>{heads}</tr></thead>\
             <tbody>{}</tbody></table></div>",
            self.class,
            escaped(&self.caption),
            self.rows
        )
    }
}

/// Names with their values.
pub(super) fn facts(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rows: String = rows
        .iter()
        .map(|row| {
            let (label, value) = (escaped(&row.label), escaped(&row.value));
            format!("<div><dt>{label}</dt><dd>{value}{}</dd></div>", remark(&row.note))
        })
        .collect();
    format!("<dl class=\"rows\">{rows}</dl>")
}

/// The figures of one chapter.
pub(super) fn figures(side: &SideSection, place: Place) -> String {
    let figures: String =
        side.pictures.iter().filter(|figure| figure.place == place).map(figure_html).collect();
    if figures.is_empty() { figures } else { format!("<div class=\"figures\">{figures}</div>") }
}

/// One figure.
pub(super) fn figure_html(figure: &Figure) -> String {
    let alt = escaped(&figure.alt);
    let picture = match &figure.picture {
        Picture::Drawing(svg) => {
            format!("<div role=\"img\" aria-label=\"{alt}\">{}</div>", svg.as_str())
        }
        Picture::Pixels(raster) => format!(
            "<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{alt}\"/>",
            raster.data_uri(),
            raster.width(),
            raster.height()
        ),
    };
    let caption = if figure.caption.is_empty() {
        String::new()
    } else {
        format!("<span>{}</span>", escaped(&figure.caption))
    };
    format!(
        "<figure{}>{picture}<figcaption><b>{}</b>{caption}</figcaption></figure>",
        if figure.wide { " class=\"wide\"" } else { "" },
        escaped(&figure.title)
    )
}
