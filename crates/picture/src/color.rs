use std::f64::consts::PI;

/// A color of the screen (sRGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// As CSS and SVG write it: `#rrggbb`.
    #[must_use]
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This color with its light scaled by `factor` (0 black, 1 unchanged, above 1 lighter).
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let channel = |value: u8| (f64::from(value) * factor).round().clamp(0.0, 255.0) as u8;
        Self(channel(self.0), channel(self.1), channel(self.2))
    }
}

/// Colors for the lines of a chart: told apart with any common color blindness, and with a contrast
/// of at least 3 : 1 on white and on near-black paper (lightness about 0.6 in Oklab).
const SERIES: [Rgb; 6] = [
    Rgb(0x2a, 0x7f, 0xc9),
    Rgb(0xd0, 0x66, 0x1a),
    Rgb(0x1b, 0x93, 0x73),
    Rgb(0xb8, 0x5c, 0x9e),
    Rgb(0x8a, 0x7a, 0x1f),
    Rgb(0x77, 0x7f, 0x88),
];

/// The color of the series with this index; repeats after six.
#[must_use]
pub const fn series_color(index: usize) -> Rgb {
    SERIES[index % SERIES.len()]
}

/// How a value between 0 and 1 becomes a color.
///
/// All three run through Oklab (Ottosson 2020, "A perceptual color space for image processing") with
/// lightness linear in the value, so that equal steps look equal and a print in gray still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorMap {
    /// Low is dark violet, high is light yellow, through blue and green.
    Height,
    /// Low is dark violet, high is light yellow, through red and orange.
    Heat,
    /// 0 is blue, 0.5 is a light gray, 1 is a burnt orange.
    Difference,
}

impl ColorMap {
    /// The color at `value`, which is clamped to 0..=1.
    #[must_use]
    pub fn color(self, value: f64) -> Rgb {
        let t = value.clamp(0.0, 1.0);
        let bow = (PI * t).sin();
        match self {
            Self::Height => oklch(0.27 + 0.64 * t, 0.09 + 0.07 * bow, 305.0 - 197.0 * t),
            Self::Heat => oklch(0.27 + 0.64 * t, 0.10 + 0.09 * bow, -60.0 + 165.0 * t),
            Self::Difference => {
                let away = (2.0 * t - 1.0).abs();
                let hue = if t < 0.5 { 255.0 } else { 50.0 };
                oklch(0.92 - 0.44 * away, 0.15 * away, hue)
            }
        }
    }
}

/// Oklab lightness (0 to 1), chroma and hue (degrees) to sRGB; chroma is cut back into the gamut.
fn oklch(lightness: f64, chroma: f64, hue_deg: f64) -> Rgb {
    let (sin, cos) = hue_deg.to_radians().sin_cos();
    let mut kept = chroma;
    for _ in 0..24 {
        let linear = linear_srgb(lightness, kept * cos, kept * sin);
        if linear.iter().all(|channel| (-1e-4..=1.0001).contains(channel)) {
            break;
        }
        kept *= 0.94;
    }
    let [r, g, b] = linear_srgb(lightness, kept * cos, kept * sin).map(gamma_encoded);
    Rgb(r, g, b)
}

/// Matrices of Ottosson 2020.
fn linear_srgb(lightness: f64, a: f64, b: f64) -> [f64; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

/// The sRGB transfer curve (IEC 61966-2-1).
fn gamma_encoded(linear: f64) -> u8 {
    let value = linear.clamp(0.0, 1.0);
    let encoded =
        if value <= 0.003_130_8 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    (255.0 * encoded).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.1.
    fn luminance(color: Rgb) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.0) + 0.7152 * linear(color.1) + 0.0722 * linear(color.2)
    }

    #[test]
    fn sequential_maps_get_lighter_all_the_way() {
        for map in [ColorMap::Height, ColorMap::Heat] {
            let steps: Vec<f64> =
                (0..=40).map(|i| luminance(map.color(f64::from(i) / 40.0))).collect();
            assert!(steps.windows(2).all(|pair| pair[1] > pair[0]), "{map:?}: {steps:?}");
        }
    }

    #[test]
    fn difference_is_lightest_and_gray_in_the_middle() {
        let Rgb(r, g, b) = ColorMap::Difference.color(0.5);
        assert_eq!((r, g), (g, b), "no hue at zero");
        for end in [0.0, 1.0] {
            assert!(luminance(ColorMap::Difference.color(end)) < 0.5 * luminance(Rgb(r, g, b)));
        }
    }

    #[test]
    fn series_colors_read_on_white_and_on_dark_paper() {
        let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for color in SERIES {
            let own = luminance(color);
            assert!(contrast(own, 1.0) >= 3.0, "{} on white", color.hex());
            assert!(contrast(own, luminance(Rgb(0x14, 0x18, 0x1d))) >= 3.0, "{}", color.hex());
        }
    }

    #[test]
    fn white_and_black_survive_the_color_space() {
        assert_eq!(oklch(1.0, 0.0, 0.0), Rgb(255, 255, 255));
        assert_eq!(oklch(0.0, 0.0, 0.0), Rgb(0, 0, 0));
    }
}
