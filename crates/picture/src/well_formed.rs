//! A check that a drawing or a page is well-formed XML.

/// Where a text is not well-formed XML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {fault}")]
pub struct MarkupError {
    /// Position in the text, bytes from the start.
    pub at: usize,
    /// What is wrong there.
    pub fault: String,
}

/// Checks that elements nest, attributes are quoted and unique, and entities are known.
///
/// Enough XML for the drawings and pages that this program writes: no processing instructions,
/// comments or character data sections.
///
/// # Errors
/// [`MarkupError`] with the first place that is wrong.
pub fn check_well_formed(xml: &str) -> Result<(), MarkupError> {
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    let mut at = 0;
    while at < xml.len() {
        let rest = &xml[at..];
        let fault = |fault: String| MarkupError { at, fault };
        let text_end = rest.find('<').unwrap_or(rest.len());
        if text_end > 0 {
            check_text(&rest[..text_end]).map_err(fault)?;
            if open.is_empty() && !rest[..text_end].trim().is_empty() {
                return Err(fault("text outside the root element".to_owned()));
            }
            at += text_end;
            continue;
        }
        let end = tag_end(rest).ok_or_else(|| fault("a tag is not closed".to_owned()))?;
        let tag = &rest[1..end];
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop().unwrap_or("nothing");
            if opened != name.trim_end() {
                return Err(fault(format!("</{name}> closes <{opened}>")));
            }
        } else {
            let name = check_tag(tag.trim_end_matches('/')).map_err(fault)?;
            roots += usize::from(open.is_empty());
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        at += end + 1;
    }
    match open.last() {
        Some(name) => Err(MarkupError { at, fault: format!("<{name}> is never closed") }),
        None if roots == 1 => Ok(()),
        None => Err(MarkupError { at, fault: format!("{roots} root elements") }),
    }
}

/// Position of the `>` that ends the tag, skipping quoted values.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), closing) if open == closing => quote = None,
            _ => {}
        }
    }
    None
}

/// Checks the inside of a start tag and returns the element's name.
fn check_tag(tag: &str) -> Result<&str, String> {
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    check_name(name)?;
    let mut seen = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(name);
        }
        let (attribute, after) =
            rest.split_once('=').ok_or_else(|| format!("attribute without a value in <{name}>"))?;
        check_name(attribute)?;
        if seen.contains(&attribute) {
            return Err(format!("attribute {attribute} twice in <{name}>"));
        }
        seen.push(attribute);
        let value = after
            .strip_prefix('"')
            .ok_or_else(|| format!("value of {attribute} in <{name}> is not quoted"))?;
        let (value, after) = value
            .split_once('"')
            .ok_or_else(|| format!("value of {attribute} in <{name}> does not end"))?;
        if value.contains('<') {
            return Err(format!("value of {attribute} in <{name}> holds '<'"));
        }
        check_text(value)?;
        rest = after;
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c));
    if starts && goes_on { Ok(()) } else { Err(format!("{name:?} is not a name")) }
}

fn check_text(text: &str) -> Result<(), String> {
    if let Some(control) = text.chars().find(|c| c.is_control() && !"\n\t\r".contains(*c)) {
        return Err(format!("control character {control:?}"));
    }
    for entity in text.split('&').skip(1) {
        let name = entity.split(';').next().unwrap_or_default();
        let numeric = name.strip_prefix('#').is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        let ended = entity.len() > name.len();
        if !ended || !(numeric || ["amp", "lt", "gt", "quot", "apos"].contains(&name)) {
            return Err(format!("entity &{name} is not known or does not end"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, fault: Option<&str>) {
        let found = check_well_formed(xml).err().map(|error| error.fault);
        match (found, fault) {
            (None, None) => {}
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => panic!("{xml}: found {found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn well_formed() {
        check("<a b=\"1 &amp; 2 > 1\"><c/>text &#39;</a>", None);
    }

    #[test]
    fn malformed() {
        check("<a><b></a>", Some("</a> closes <b>"));
        check("<a>", Some("never closed"));
        check("<a/><b/>", Some("2 root"));
        check("<a b=1/>", Some("not quoted"));
        check("<a b=\"1\" b=\"2\"/>", Some("twice"));
        check("<a>&nbsp;</a>", Some("&nbsp"));
        check("<a>x & y</a>", Some("not known"));
        check("<a>1 < 2</a>", Some("not a name"));
        check("<a b=\"<\"/>", Some("holds '<'"));
        check("<a/>tail", Some("outside"));
    }
}
