use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

/// A length in millimeters.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mm(pub f64);

/// An angle, kept in radians.
///
/// ```
/// use vocabulary::Angle;
/// assert!((Angle::from_deg(180.0).rad() - std::f64::consts::PI).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Angle {
    rad: f64,
}

impl Angle {
    /// No rotation.
    pub const ZERO: Self = Self { rad: 0.0 };

    /// From radians.
    #[must_use]
    pub const fn from_rad(rad: f64) -> Self {
        Self { rad }
    }

    /// From degrees, as files and screens write them.
    #[must_use]
    pub const fn from_deg(deg: f64) -> Self {
        Self { rad: deg.to_radians() }
    }

    /// In radians.
    #[must_use]
    pub const fn rad(self) -> f64 {
        self.rad
    }

    /// In degrees, for files and screens.
    #[must_use]
    pub const fn deg(self) -> f64 {
        self.rad.to_degrees()
    }

    /// The tangent: rise over run of a wedge of this angle.
    #[must_use]
    pub fn tan(self) -> f64 {
        self.rad.tan()
    }
}

/// A change for people: with its sign, and without one if it rounds to zero.
///
/// ```
/// assert_eq!(vocabulary::signed(-6.79, 1), "-6.8");
/// assert_eq!(vocabulary::signed(-0.04, 1), "0.0");
/// ```
#[must_use]
pub fn signed(change: f64, decimals: usize) -> String {
    let text = format!("{change:+.decimals$}");
    let is_zero = !text.contains(|digit: char| digit.is_ascii_digit() && digit != '0');
    if is_zero && change.is_finite() { text[1..].to_owned() } else { text }
}

macro_rules! additive {
    ($type:ident, $field:tt) => {
        impl Add for $type {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self { $field: self.$field + other.$field }
            }
        }
        impl Sub for $type {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self { $field: self.$field - other.$field }
            }
        }
        impl Neg for $type {
            type Output = Self;
            fn neg(self) -> Self {
                Self { $field: -self.$field }
            }
        }
    };
}

additive!(Mm, 0);
additive!(Angle, rad);
