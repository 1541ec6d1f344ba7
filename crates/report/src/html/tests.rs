use picture::{Raster, check_well_formed};
use vocabulary::{Severity, Side};

use super::html;
use crate::page::{
    DecidedBy, DoseRow, Figure, FileRow, FindingRow, GaitTable, MakingView, MeasurementRow, Page,
    Picture, Place, PredictionRow, PredictionView, Role, Row, SideSection, Statement,
};

/// A page in which every text is `words`.
fn page_of(words: &str) -> Page {
    let text = || words.to_owned();
    let row = || Row::new(words, words).with_note(words);
    Page {
        care: vec![(words.to_owned(), vec![Row::new(words, words)])],
        title: text(),
        patient_code: text(),
        program_version: text(),
        indication: text(),
        activity: text(),
        patient: vec![row()],
        summary: vec![Statement { side: Some(Side::Left), text: text() }],
        sides: Side::BOTH.map(|side| side_of(side, words)).to_vec(),
        findings: [Severity::Note, Severity::Warning]
            .map(|severity| FindingRow { severity, step: text(), side: None, message: text() })
            .to_vec(),
        inputs: vec![FileRow { path: text(), bytes: 10, sha256: text() }],
        files: vec![FileRow { path: text(), bytes: 10_000, sha256: text() }],
        timings: Some(vec![(text(), 0.5)]),
        record: vec![row()],
        limits: vec![text()],
    }
}

fn side_of(side: Side, words: &str) -> SideSection {
    let text = || words.to_owned();
    let row = || Row::new(words, words).with_note(words);
    SideSection {
        scan: vec![row()],
        pictures: [Place::Foot, Place::Shell, Place::Gait, Place::Knee, Place::Making]
            .map(|place| Figure {
                place,
                title: text(),
                caption: text(),
                picture: Picture::Pixels(Raster::new(2, 2)),
                wide: false,
                alt: text(),
            })
            .to_vec(),
        measurements: vec![MeasurementRow {
            name: text(),
            value: Some(254.3),
            decimals: 1,
            unit: text(),
            normal_range: text(),
            definition: text(),
        }],
        doses: vec![dose_of(words)],
        prediction: Some(prediction_of(words)),
        gait: vec![GaitTable {
            title: text(),
            heads: vec!["a", "b"],
            rows: vec![vec![text(), text()]],
            note: text(),
        }],
        making: vec![MakingView { title: text(), rows: vec![row()] }],
        chosen_because: vec![text()],
        ..SideSection::new(side)
    }
}

fn dose_of(words: &str) -> DoseRow {
    DoseRow {
        name: words.to_owned(),
        requested: Some(4.0),
        realised: Some(3.96),
        unit: words.to_owned(),
        decimals: 1,
        signed: true,
        within: false,
        decided_by: DecidedBy::Optimizer,
        note: words.to_owned(),
    }
}

fn prediction_of(words: &str) -> PredictionView {
    let text = || words.to_owned();
    let row = |role, before| PredictionRow {
        name: text(),
        unit: text(),
        before,
        after: Some(2.7),
        decimals: 2,
        change: -5.7,
        interval: Some((-17.0, 5.0)),
        role,
        note: text(),
    };
    PredictionView {
        quantity: text(),
        expected_change_pct: -5.7,
        low_pct: -17.0,
        high_pct: 5.0,
        probability_of_benefit: 0.71,
        probability_of_harm: 0.2,
        declined: Some(text()),
        baseline: text(),
        rows: vec![row(Role::Knee, Some(2.9)), row(Role::Cost, None)],
    }
}

/// The page after its document type, which is not XML.
#[track_caller]
fn check_page(page: &Page) -> String {
    let written = html(page);
    let xml = written.strip_prefix("<!doctype html>\n").unwrap();
    assert_eq!(check_well_formed(xml), Ok(()));
    written
}

#[test]
fn hostile_words_stay_words_everywhere() {
    let written = check_page(&page_of("\"><script>alert('1')</script><img src=x onerror=a>&"));
    assert!(!written.contains("<script"), "a script got through");
    assert!(!written.contains("<img src=x"));
    let places = written.matches("&lt;script&gt;alert(&#39;1&#39;)").count();
    assert!(places > 60, "every text is on the page, {places} times");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let written = check_page(&page_of("plain"));
    let own_names = written.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in ["http://", "https://", "url(", "@import", "<link", "<script", "src=\"/"] {
        assert!(!own_names.contains(outside), "{outside}");
    }
}

#[test]
fn an_empty_page_and_one_side_are_pages() {
    check_page(&Page::default());
    let page = Page { sides: vec![SideSection::new(Side::Left)], ..Page::default() };
    let written = check_page(&page);
    assert!(!written.contains("id=\"knee\""), "no prediction, no knee chapter");
    assert!(written.contains("No warnings"));
}

#[test]
fn same_page_same_bytes() {
    assert_eq!(html(&page_of("plain")), html(&page_of("plain")));
}

#[test]
fn the_prediction_is_honest() {
    let written = check_page(&page_of("plain"));
    for words in [
        "−5.7\u{a0}%",
        "−17 to +5\u{a0}%",
        "71\u{a0}%",
        "chance that the load rises",
        "The price: ankle and pressure",
        "No recommendation",
        "Not a treatment claim",
        "Starting gait",
    ] {
        assert!(written.contains(words), "{words} is missing");
    }
}

#[test]
fn doses_show_sign_unit_and_disagreement() {
    let mut page = page_of("plain");
    page.sides[0].doses = vec![DoseRow { unit: "deg".to_owned(), ..dose_of("rearfoot post") }];
    let written = check_page(&page);
    assert!(written.contains("+4.0°</td>") && written.contains("✗</span> no"));
    assert!(written.contains("0 of 1"), "the overview counts it");
}

#[test]
fn warnings_come_before_everything_else() {
    let mut page = page_of("plain");
    page.findings[1].message = "look here".to_owned();
    let written = check_page(&page);
    let at = |words: &str| written.find(words).unwrap();
    assert!(at("look here") < at("id=\"foot\"") && at("1 warning:") < at("look here"));
}
