use serde::Serialize;

/// How much a finding matters to the person at the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something that was inferred or repaired, said for the record.
    Note,
    /// Something that a technician should look at before the part is made.
    Warning,
}

/// A fault, repair or inference that did not stop the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The step that found it: `"scan"`, `"foot"`, `"shell"`, …
    pub step: &'static str,
    /// A stable name in kebab case that tests and the web page can look for.
    pub code: &'static str,
    /// One sentence with place, numbers, and what to do.
    pub message: String,
}

/// The findings of one or several steps, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings {
    entries: Vec<Finding>,
}

impl Findings {
    /// No findings yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Records an inference or a repair.
    pub fn note(&mut self, step: &'static str, code: &'static str, message: impl Into<String>) {
        self.push(Severity::Note, step, code, message.into());
    }

    /// Records something that a technician should look at.
    pub fn warn(&mut self, step: &'static str, code: &'static str, message: impl Into<String>) {
        self.push(Severity::Warning, step, code, message.into());
    }

    /// Appends the findings of a later step.
    pub fn extend(&mut self, later: Self) {
        self.entries.extend(later.entries);
    }

    /// Appends what was found of several parts, each sentence after the name of its part; what is true of several is
    /// said once, after all their names.
    pub fn extend_of_parts(&mut self, parts: impl IntoIterator<Item = (String, Self)>) {
        let mut merged: Vec<(Vec<String>, Finding)> = Vec::new();
        for (name, findings) in parts {
            for finding in findings.entries {
                match merged.iter_mut().find(|(_, known)| *known == finding) {
                    Some((names, _)) if !names.contains(&name) => names.push(name.clone()),
                    Some(_) => {}
                    None => merged.push((vec![name.clone()], finding)),
                }
            }
        }
        for (names, mut finding) in merged {
            finding.message = format!("{}: {}", names.join(", "), finding.message);
            self.entries.push(finding);
        }
    }

    /// Whether a finding of this code was made.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.entries.iter().any(|finding| finding.code == code)
    }

    /// All findings, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.entries.iter()
    }

    fn push(
        &mut self,
        severity: Severity,
        step: &'static str,
        code: &'static str,
        message: String,
    ) {
        self.entries.push(Finding { severity, step, code, message });
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_sides_share_is_said_once() {
        let [mut left, mut right] = [Findings::new(), Findings::new()];
        for side in [&mut left, &mut right] {
            side.warn("gait", "norm", "No gait was measured.");
        }
        left.warn("scan", "coarse", "6.1 mm.");
        right.warn("scan", "coarse", "5.9 mm.");
        let mut all = Findings::new();
        all.extend_of_parts([("left".to_owned(), left), ("right".to_owned(), right)]);
        let said: Vec<&str> = all.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(said, ["left, right: No gait was measured.", "left: 6.1 mm.", "right: 5.9 mm."]);
    }
}
