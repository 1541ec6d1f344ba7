//! The knee prediction: expected change, interval, probabilities, and the price elsewhere.

use picture::{Interval, IntervalStyle, escaped, interval_plot};

use super::table::{Table, figure_html, figures};
use super::words::{fixed, probability, remark, signed, unit};
use super::{Chapter, beside};
use crate::page::{Figure, Page, Picture, Place, PredictionRow, PredictionView, Role, SideSection};

/// Change from which a lower load counts, %: the lowest threshold of the study that knee-model section
/// 2.6 follows (2023, doi 10.1186/s13047-023-00671-7).
const COUNTS_FROM_PCT: f64 = -2.0;

pub(super) fn chapter(page: &Page) -> Chapter {
    Chapter {
        id: "knee",
        short: "Knee",
        title: "What the knee is predicted to carry",
        lead: "Predicted change of load for this patient with this device, against walking without it. \
               People differ: the same device lowers the load in one and raises it in another, so the \
               interval matters more than the expected value. Not a treatment claim; measure again with \
               the device."
            .to_owned(),
        body: beside(page, |side| {
            let prediction = side.prediction.as_ref().map_or_else(
                || "<p>No prediction was asked for.</p>".to_owned(),
                |prediction| prediction_html(side, prediction),
            );
            format!("{prediction}{}", figures(side, Place::Knee))
        }),
    }
}

fn prediction_html(side: &SideSection, prediction: &PredictionView) -> String {
    let declined = prediction.declined.as_ref().map_or_else(String::new, |reason| {
        format!(
            "<div class=\"attention\"><h4>No recommendation</h4><p>{}</p></div>",
            escaped(reason)
        )
    });
    let headline = format!(
        "<p class=\"headline\"><b>{}\u{a0}%</b> <span>expected change, {}<br/>90\u{a0}% interval {} to \
         {}\u{a0}%</span></p>",
        signed(prediction.expected_change_pct, 1),
        escaped(&prediction.quantity),
        signed(prediction.low_pct, 0),
        signed(prediction.high_pct, 0)
    );
    let odds = format!(
        "<div class=\"tiles\"><div class=\"tile\"><b>{}</b><span>chance that the load falls by 2\u{a0}% or \
         more</span></div><div class=\"tile\"><b>{}</b><span>chance that the load rises</span></div></div>",
        probability(prediction.probability_of_benefit),
        probability(prediction.probability_of_harm)
    );
    let baseline = if prediction.baseline.is_empty() {
        String::new()
    } else {
        format!("<p><b>Starting gait.</b> {}</p>", escaped(&prediction.baseline))
    };
    let plot = figure_html(&interval_figure(side, prediction));
    format!(
        "{declined}{headline}{odds}<div class=\"figures\">{plot}</div>{}{baseline}",
        load_table(side, prediction)
    )
}

/// Expected values and intervals of the headline and of all knee loads with an interval in percent.
fn interval_figure(side: &SideSection, prediction: &PredictionView) -> Figure {
    let from_rows =
        prediction.rows.iter().filter(|row| row.role == Role::Knee && row.before.is_some());
    let mut intervals: Vec<Interval> = from_rows
        .filter_map(|row| {
            let (low, high) = row.interval?;
            Some(Interval { label: row.name.clone(), low, expected: row.change, high })
        })
        .collect();
    if intervals.is_empty() {
        intervals.push(Interval {
            label: prediction.quantity.clone(),
            low: prediction.low_pct,
            expected: prediction.expected_change_pct,
            high: prediction.high_pct,
        });
    }
    let alt = format!(
        "{} side: expected change of knee load with 90 % intervals: {}",
        side.side,
        intervals
            .iter()
            .map(|row| format!(
                "{} {} % ({} to {})",
                row.label,
                signed(row.expected, 1),
                signed(row.low, 0),
                signed(row.high, 0)
            ))
            .collect::<Vec<_>>()
            .join("; ")
    );
    let style = IntervalStyle {
        title: "change of load, %".to_owned(),
        threshold: Some((COUNTS_FROM_PCT, String::new())),
        sides: ["less load".to_owned(), "more load".to_owned()],
        decimals: 1,
        description: alt.clone(),
    };
    Figure {
        place: Place::Knee,
        title: "Expected change and 90 % interval".to_owned(),
        caption:
            "Nine in ten patients like this one are expected inside the bar. Dashed: −2 %, the \
                  smallest change that counts."
                .to_owned(),
        picture: Picture::Drawing(interval_plot(&intervals, &style)),
        wide: true,
        alt,
    }
}

fn load_table(side: &SideSection, prediction: &PredictionView) -> String {
    let caption =
        format!("Predicted loads, {} side: gain at the knee and cost elsewhere", side.side);
    let heads = ["Load", "Before", "With device", "Change"];
    let mut table = Table::new(caption, &heads).class("numbers");
    for (role, words) in
        [(Role::Knee, "At the knee"), (Role::Cost, "The price: ankle and pressure")]
    {
        let rows: Vec<&PredictionRow> =
            prediction.rows.iter().filter(|row| row.role == role).collect();
        if !rows.is_empty() {
            table.divider(words);
        }
        for row in rows {
            table.row(&load_cells(row));
        }
    }
    table.html()
}

fn load_cells(row: &PredictionRow) -> [String; 4] {
    let value = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| fixed(value, row.decimals))
    };
    let (change, change_unit) = match row.before {
        Some(_) => (signed(row.change, 1), "\u{a0}%".to_owned()),
        None => (signed(row.change, row.decimals), unit(&row.unit)),
    };
    let interval = row.interval.map_or_else(String::new, |(low, high)| {
        let places = if row.before.is_some() { 0 } else { row.decimals };
        format!("<small>{} to {}</small>", signed(low, places), signed(high, places))
    });
    let shown_unit = match row.unit.as_str() {
        "deg" => "°".to_owned(),
        other => escaped(other),
    };
    let name = if shown_unit.is_empty() {
        escaped(&row.name)
    } else {
        format!("{} <i>({shown_unit})</i>", escaped(&row.name))
    };
    [
        format!("{name}{}", remark(&row.note)),
        value(row.before),
        value(row.after),
        format!("{change}{change_unit}{interval}"),
    ]
}
