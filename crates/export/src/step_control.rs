//! What AP203 wants to know of a part besides its shape: who, when, approved or not, secret or not.

use std::fmt::Write as _;

use crate::step::{StepMetadata, quoted};

/// First entity; the shape's own numbers stay far under it.
const FIRST: u32 = 10_000_000;

/// The configuration control of the product in entities 5 to 7 (ISO 10303-203, clause 4.2; the set that readers
/// check): the part is not yet approved, and unclassified.
pub(crate) fn control(meta: &StepMetadata) -> String {
    let (author, lab) = (quoted(&meta.author), quoted(&meta.organisation));
    let [year, month, day, hour, minute] = moment(meta.timestamp.as_deref());
    let mut text = String::new();
    let mut next = FIRST;
    let mut add = |entity: String| {
        let id = next;
        next += 1;
        let _ = writeln!(text, "#{id} = {entity};");
        id
    };
    add("PRODUCT_RELATED_PRODUCT_CATEGORY('part',$,(#7))".to_owned());
    let person = add(format!("PERSON('1',{author},$,$,$,$)"));
    let organization = add(format!("ORGANIZATION('1',{lab},'')"));
    let who = add(format!("PERSON_AND_ORGANIZATION(#{person},#{organization})"));
    let level = add("SECURITY_CLASSIFICATION_LEVEL('unclassified')".to_owned());
    let secrecy = add(format!("SECURITY_CLASSIFICATION('','',#{level})"));
    add(format!("CC_DESIGN_SECURITY_CLASSIFICATION(#{secrecy},(#6))"));
    let secret = format!("#{secrecy}");
    for (role, of) in [
        ("creator", "#5,#6"),
        ("design_owner", "#7"),
        ("design_supplier", "#6"),
        ("classification_officer", secret.as_str()),
    ] {
        let role = add(format!("PERSON_AND_ORGANIZATION_ROLE('{role}')"));
        add(format!("CC_DESIGN_PERSON_AND_ORGANIZATION_ASSIGNMENT(#{who},#{role},({of}))"));
    }
    let zone = add("COORDINATED_UNIVERSAL_TIME_OFFSET(0,$,.AHEAD.)".to_owned());
    let date = add(format!("CALENDAR_DATE({year},{day},{month})"));
    let time = add(format!("LOCAL_TIME({hour},{minute},0.,#{zone})"));
    let when = add(format!("DATE_AND_TIME(#{date},#{time})"));
    for (role, of) in [("creation_date", "#5"), ("classification_date", secret.as_str())] {
        let role = add(format!("DATE_TIME_ROLE('{role}')"));
        add(format!("CC_DESIGN_DATE_AND_TIME_ASSIGNMENT(#{when},#{role},({of}))"));
    }
    let status = add("APPROVAL_STATUS('not_yet_approved')".to_owned());
    let approval = add(format!("APPROVAL(#{status},'')"));
    add(format!("CC_DESIGN_APPROVAL(#{approval},(#5,#6,#{secrecy}))"));
    let approver = add("APPROVAL_ROLE('approver')".to_owned());
    add(format!("APPROVAL_PERSON_ORGANIZATION(#{who},#{approval},#{approver})"));
    add(format!("APPROVAL_DATE_TIME(#{when},#{approval})"));
    text
}

/// Year, month, day, hour and minute of a time as in `"2026-11-22T10:43:00"`; the first day of 1970 where none is
/// given, so that the same design gives the same bytes.
fn moment(timestamp: Option<&str>) -> [u32; 5] {
    let digits = |range: std::ops::Range<usize>| timestamp?.get(range)?.parse::<u32>().ok();
    let number = |range, otherwise| digits(range).unwrap_or(otherwise);
    [number(0..4, 1970), number(5..7, 1), number(8..10, 1), number(11..13, 0), number(14..16, 0)]
}
