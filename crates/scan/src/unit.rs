use serde::{Deserialize, Serialize};

/// The unit of a file's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// 1000 mm.
    Meter,
    /// 10 mm.
    Centimeter,
    /// 1 mm.
    Millimeter,
    /// 25.4 mm.
    Inch,
}

impl Unit {
    /// All units, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self::Millimeter, Self::Meter, Self::Centimeter, Self::Inch];

    /// How many millimeters one of this unit is.
    #[must_use]
    pub const fn mm_per_unit(self) -> f64 {
        match self {
            Self::Meter => 1000.0,
            Self::Centimeter => 10.0,
            Self::Millimeter => 1.0,
            Self::Inch => 25.4,
        }
    }

    /// `"m"`, `"cm"`, `"mm"` or `"in"`, as case files and records write it.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Meter => "m",
            Self::Centimeter => "cm",
            Self::Millimeter => "mm",
            Self::Inch => "in",
        }
    }

    /// `"meter"`, `"centimeter"`, `"millimeter"` or `"inch"`, for sentences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meter => "meter",
            Self::Centimeter => "centimeter",
            Self::Millimeter => "millimeter",
            Self::Inch => "inch",
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Longest extent of a scan that can be a foot, mm: a foot of 80 mm without leg, up to one of 400 mm
/// with 500 mm of leg (√(400² + 500²) = 640).
pub(crate) const POSSIBLE_EXTENT_MM: std::ops::RangeInclusive<f64> = 80.0..=650.0;

/// Longest extent of a scan that is likely a foot, mm: from a small child's foot with its ankle to a
/// large foot with part of the calf. Decides where two units are possible (centimeters and inches
/// overlap between 8 and 25.6).
const LIKELY_EXTENT_MM: std::ops::RangeInclusive<f64> = 150.0..=400.0;

/// What the size of a scan says about its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Inference {
    /// Only this unit makes the scan as large as a foot.
    Certain(Unit),
    /// The first unit makes it as large as a usual foot, the second as large as a rare one.
    Likely(Unit, Unit),
    /// Both units are as good.
    Ambiguous(Unit, Unit),
    /// No unit makes it as large as a foot.
    None,
}

/// Infers the unit from the longest extent of a scan in the file's own numbers.
pub(crate) fn infer(longest_extent: f64) -> Inference {
    let fitting = |range: &std::ops::RangeInclusive<f64>| -> Vec<Unit> {
        Unit::ALL
            .into_iter()
            .filter(|unit| range.contains(&(longest_extent * unit.mm_per_unit())))
            .collect()
    };
    match (&fitting(&POSSIBLE_EXTENT_MM)[..], &fitting(&LIKELY_EXTENT_MM)[..]) {
        ([], _) => Inference::None,
        (&[only], _) => Inference::Certain(only),
        (&[first, second, ..], &[likely]) => {
            Inference::Likely(likely, if likely == first { second } else { first })
        }
        (&[first, second, ..], _) => Inference::Ambiguous(first, second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_tells_the_unit() {
        for (extent, expected) in [
            (0.29, Inference::Certain(Unit::Meter)),
            (290.0, Inference::Certain(Unit::Millimeter)),
            (29.0, Inference::Certain(Unit::Centimeter)),
            (4.0, Inference::Certain(Unit::Inch)),
            (10.5, Inference::Likely(Unit::Inch, Unit::Centimeter)),
            (20.0, Inference::Likely(Unit::Centimeter, Unit::Inch)),
            (15.4, Inference::Ambiguous(Unit::Centimeter, Unit::Inch)),
            (0.000_26, Inference::None),
            (1.5, Inference::None),
            (70.0, Inference::None),
            (3000.0, Inference::None),
            (0.0, Inference::None),
            (f64::NAN, Inference::None),
        ] {
            assert_eq!(infer(extent), expected, "{extent}");
        }
    }
}
