//! Events: the EVENT group, or the older places in the header.

use vocabulary::Side;

use super::layout::Layout;
use super::number::Numbers;
use super::parameters::Parameters;
use crate::read::Report;
use crate::{Event, EventKind};

pub(crate) fn read(
    header: &[u8],
    layout: &Layout,
    parameters: &Parameters<'_>,
    numbers: Numbers,
    report: &mut Report<'_>,
) -> Vec<Event> {
    let mut events = from_group(parameters, report);
    if events.is_empty() {
        events = from_header(header, numbers);
    }
    on_clock(&mut events, layout, report);
    events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
    events
}

/// EVENT: times as minutes and seconds, contexts and labels as texts; the arrays may be of unequal length.
fn from_group(parameters: &Parameters<'_>, report: &mut Report<'_>) -> Vec<Event> {
    let used = parameters.count("EVENT", "USED").unwrap_or_default();
    let times = parameters.numbers("EVENT", "TIMES");
    let rows = parameters.sizes("EVENT", "TIMES").first().copied().unwrap_or_default();
    let contexts = parameters.texts("EVENT", "CONTEXTS");
    let labels = parameters.texts("EVENT", "LABELS");
    // One row: seconds alone.
    let seconds: Vec<f64> = if rows == 2 {
        times.chunks_exact(2).map(|pair| 60.0 * pair[0] + pair[1]).collect()
    } else {
        times
    };
    let complete = used.min(seconds.len()).min(labels.len());
    if complete < used {
        report.warn(
            "events-incomplete",
            &format!(
                "EVENT:USED promises {used} events, but there are {} times and {} labels; the first {complete} were read.",
                seconds.len(),
                labels.len()
            ),
        );
    }
    (0..complete)
        .filter(|event| seconds[*event].is_finite())
        .map(|event| {
            let context = contexts.get(event).map_or("", String::as_str);
            Event {
                time_s: seconds[event],
                side: side(context).or_else(|| side(&labels[event])),
                kind: kind(&labels[event]),
            }
        })
        .collect()
}

/// Marks that the header's labels have four characters; older ones have two and no meaning.
const FOUR_CHARACTERS: u16 = 12345;

/// Most events that fit the header.
const MOST_IN_HEADER: usize = 18;

fn from_header(header: &[u8], numbers: Numbers) -> Vec<Event> {
    if numbers.u16_at(header, 298) != Some(FOUR_CHARACTERS) {
        return Vec::new();
    }
    let count = usize::from(numbers.u16_at(header, 300).unwrap_or_default()).min(MOST_IN_HEADER);
    (0..count)
        .filter_map(|event| {
            let time_s = f64::from(numbers.f32_at(header, 304 + 4 * event)?);
            let label = header.get(396 + 4 * event..400 + 4 * event)?;
            let label = String::from_utf8_lossy(label);
            let label = label.trim_matches([' ', '\0']);
            time_s.is_finite().then(|| Event { time_s, side: side(label), kind: kind(label) })
        })
        .collect()
}

fn side(text: &str) -> Option<Side> {
    match text.trim().as_bytes().first()?.to_ascii_lowercase() {
        b'l' => Some(Side::Left),
        b'r' => Some(Side::Right),
        _ => None,
    }
}

/// `Foot Strike`, `RHS`, `L_FO`, `Toe Off`, ….
fn kind(label: &str) -> EventKind {
    let label = label.trim().to_ascii_lowercase();
    let short = label.trim_start_matches(['l', 'r']).trim_start_matches(['_', ' ', '-']);
    if label.contains("off") || ["to", "fo"].contains(&short) {
        EventKind::FootOff
    } else if ["strike", "contact", "foot on"].iter().any(|word| label.contains(word))
        || ["hs", "fs", "ic", "fc", "on"].contains(&short)
    {
        EventKind::FootStrike
    } else {
        EventKind::General
    }
}

/// Drops events outside the trial; times that count from the first frame instead of frame 1 are moved.
fn on_clock(events: &mut Vec<Event>, layout: &Layout, report: &mut Report<'_>) {
    if events.is_empty() {
        return;
    }
    let frame_s = 1.0 / layout.rate_hz;
    let (start, length) = (layout.start_s(), layout.frames as f64 * frame_s);
    let is_inside =
        |time: f64| time > start - 1.5 * frame_s && time < start + length + 0.5 * frame_s;
    let counts_from_start =
        events.iter().all(|event| !is_inside(event.time_s) && is_inside(event.time_s + start));
    if counts_from_start {
        for event in events.iter_mut() {
            event.time_s += start;
        }
        report.note(
            "events-moved",
            &format!(
                "The times of events count from the first frame; they were moved by {start:.3} s."
            ),
        );
    }
    let before = events.len();
    events.retain(|event| is_inside(event.time_s));
    if events.len() < before {
        report.warn(
            "events-outside",
            &format!(
                "{} of {before} events lie outside the trial ({start:.3} to {:.3} s) and were left out.",
                before - events.len(),
                start + length
            ),
        );
    }
}
