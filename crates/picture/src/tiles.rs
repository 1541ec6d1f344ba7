use std::fmt::Write as _;

use crate::markup::{Anchor, BODY, Drawing, Lettering, Svg};

/// Room between drawings, px.
const GAP: f64 = 18.0;
/// Room for a title over each, px.
const TITLE: f64 = 22.0;

/// Several drawings as one: rows of titled drawings, at the size that each has.
#[must_use]
pub fn tiles(rows: &[Vec<(String, Svg)>], description: &str) -> Svg {
    let width_of = |row: &Vec<(String, Svg)>| {
        row.iter().map(|(_, svg)| svg.size().0).sum::<f64>() + GAP * (row.len() as f64 + 1.0)
    };
    let height_of = |row: &Vec<(String, Svg)>| {
        row.iter().map(|(_, svg)| svg.size().1).fold(0.0, f64::max) + TITLE + GAP
    };
    let width = rows.iter().map(width_of).fold(0.0, f64::max);
    let height = rows.iter().map(height_of).sum::<f64>() + GAP / 2.0;
    let mut drawing = Drawing::new(width, height);
    let mut top = 0.0;
    for row in rows {
        let mut left = GAP;
        for (title, svg) in row {
            let look = Lettering::new(Anchor::Start).bold();
            drawing.text((left, top + BODY + 5.0), look, title);
            drawing.nested((left, top + TITLE), svg);
            left += svg.size().0 + GAP;
        }
        top += height_of(row);
    }
    drawing.finish(description)
}

impl Drawing {
    /// A finished drawing inside this one.
    fn nested(&mut self, at: (f64, f64), inner: &Svg) {
        let place = format!("<svg x=\"{:.0}\" y=\"{:.0}\" ", at.0, at.1);
        let rest = inner.as_str().strip_prefix("<svg ").unwrap_or_default();
        let _ = write!(self.body_mut(), "{place}{rest}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;

    #[test]
    fn drawings_keep_their_sizes() {
        let one = |width: f64, height: f64| Drawing::new(width, height).finish("one");
        let rows = vec![
            vec![("a <1>".to_owned(), one(100.0, 40.0)), ("b".to_owned(), one(50.0, 80.0))],
            vec![("c".to_owned(), one(30.0, 30.0))],
        ];
        let drawn = tiles(&rows, "all");
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert_eq!(drawn.size(), (150.0 + 3.0 * GAP, 110.0 + 2.0 * (TITLE + GAP) + GAP / 2.0));
        assert!(drawn.as_str().contains("a &lt;1&gt;"));
        assert_eq!(drawn.as_str().matches("<svg ").count(), 4);
    }
}
