//! Where the frames lie and how many there are: header, parameters and length of the file made to agree.

use super::BLOCK;
use super::number::Numbers;
use super::parameters::Parameters;
use crate::MotionError;
use crate::read::Report;

/// How the frames of a file are laid out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// Points per frame.
    pub(crate) points: usize,
    /// Analog channels.
    pub(crate) channels: usize,
    /// Analog samples of every channel per frame.
    pub(crate) samples_per_frame: usize,
    /// Number of frames.
    pub(crate) frames: usize,
    /// Number of the first frame, from 1.
    pub(crate) first_frame: usize,
    /// Frames per second.
    pub(crate) rate_hz: f64,
    /// First byte of the first frame.
    pub(crate) data_start: usize,
    /// Scale of integer points; `None` if all data are floats.
    pub(crate) point_scale: Option<f64>,
}

impl Layout {
    /// Time of the first frame, s; frame 1 is 0 s.
    pub(crate) fn start_s(&self) -> f64 {
        (self.first_frame.max(1) - 1) as f64 / self.rate_hz
    }

    /// Samples of every channel per second.
    pub(crate) fn analog_rate_hz(&self) -> f64 {
        self.rate_hz * self.samples_per_frame as f64
    }

    /// Bytes of one number.
    pub(crate) const fn number_size(&self) -> usize {
        if self.point_scale.is_some() { 2 } else { 4 }
    }

    /// Bytes of one frame.
    pub(crate) const fn frame_size(&self) -> usize {
        (4 * self.points + self.channels * self.samples_per_frame) * self.number_size()
    }

    pub(crate) fn of(
        header: &[u8],
        parameters: &Parameters<'_>,
        numbers: Numbers,
        length: usize,
        report: &mut Report<'_>,
    ) -> Result<Self, MotionError> {
        let word = |number: usize| {
            usize::from(numbers.u16_at(header, 2 * (number - 1)).unwrap_or_default())
        };
        let rate_hz = rate(header, parameters, numbers, report)?;
        let point_scale = scale(header, parameters, numbers)?;
        let (samples_per_frame, channels) = analog(word(3), word(10), rate_hz, parameters, report)?;
        let block = [word(9), parameters.count("POINT", "DATA_START").unwrap_or_default()];
        let block = block.into_iter().find(|block| *block > 1);
        let block =
            block.ok_or(MotionError::NoPart { kind: "C3D", missing: "address of its data" })?;
        let mut layout = Self {
            points: word(2),
            channels,
            samples_per_frame,
            frames: 0,
            first_frame: word(4),
            rate_hz,
            data_start: (block - 1) * BLOCK,
            point_scale,
        };
        if let Some(used) = parameters.count("POINT", "USED")
            && used != layout.points
        {
            report.warn(
                "points-not-as-promised",
                &format!(
                    "The header has {} points per frame and POINT:USED {used}; the header counts.",
                    layout.points
                ),
            );
        }
        let claims = FrameClaims::of(parameters, word(4), word(5));
        layout.first_frame = claims.first;
        layout.frames = claims.choose(report);
        let needed = layout
            .frame_size()
            .checked_mul(layout.frames)
            .and_then(|data| data.checked_add(layout.data_start))
            .unwrap_or(usize::MAX);
        if needed > length {
            let frames = length.saturating_sub(layout.data_start) / layout.frame_size().max(1);
            return Err(MotionError::MissingFrames {
                promised: layout.frames,
                frame_bytes: layout.frame_size(),
                got: frames,
            });
        }
        if layout.frames == 0 || layout.frame_size() == 0 {
            return Err(MotionError::NoPart {
                kind: "C3D",
                missing: "frame with points or analog samples",
            });
        }
        Ok(layout)
    }
}

fn rate(
    header: &[u8],
    parameters: &Parameters<'_>,
    numbers: Numbers,
    report: &mut Report<'_>,
) -> Result<f64, MotionError> {
    let in_header = f64::from(numbers.f32_at(header, 20).unwrap_or_default());
    let in_parameters = parameters.number("POINT", "RATE").unwrap_or_default();
    let is_rate = |rate: &f64| rate.is_finite() && *rate > 0.1 && *rate < 1e5;
    let rate = [in_parameters, in_header].into_iter().find(is_rate);
    let rate = rate.ok_or(MotionError::BadRate { rate: in_parameters })?;
    if is_rate(&in_header) && (in_header / rate - 1.0).abs() > 1e-3 {
        report.warn(
            "rate-not-as-promised",
            &format!(
                "The header has {in_header} frames per second and POINT:RATE {rate}, which counts."
            ),
        );
    }
    Ok(rate)
}

/// The scale of integer points, or `None` for floats: a negative scale means floats.
fn scale(
    header: &[u8],
    parameters: &Parameters<'_>,
    numbers: Numbers,
) -> Result<Option<f64>, MotionError> {
    let in_header = f64::from(numbers.f32_at(header, 12).unwrap_or_default());
    let in_parameters = parameters.number("POINT", "SCALE").unwrap_or_default();
    let is_scale = |scale: &f64| scale.is_finite() && *scale != 0.0;
    match [in_header, in_parameters].into_iter().find(is_scale) {
        None => {
            Err(MotionError::NoPart { kind: "C3D", missing: "scale of its points (POINT:SCALE)" })
        }
        Some(scale) if is_scale(&in_parameters) && in_parameters.signum() != scale.signum() => {
            Err(MotionError::Contradiction {
                header: in_header,
                parameter: in_parameters,
                name: "POINT:SCALE",
                meaning: "whether its numbers are integers (+) or floats (-)",
            })
        }
        Some(scale) if scale < 0.0 => Ok(None),
        Some(scale) => Ok(Some(if is_scale(&in_parameters) { in_parameters } else { scale })),
    }
}

/// Samples per frame and channels from the numbers per frame.
fn analog(
    per_frame: usize,
    samples: usize,
    rate_hz: f64,
    parameters: &Parameters<'_>,
    report: &mut Report<'_>,
) -> Result<(usize, usize), MotionError> {
    if per_frame == 0 {
        return Ok((0, 0));
    }
    let by_rate = parameters.number("ANALOG", "RATE").map_or(0.0, |rate| (rate / rate_hz).round());
    let by_used =
        parameters.count("ANALOG", "USED").filter(|used| *used > 0).map(|used| per_frame / used);
    let divides = |samples: &usize| *samples > 0 && per_frame.is_multiple_of(*samples);
    let candidates = [Some(samples), by_used, Some(by_rate.clamp(0.0, 1e6) as usize)];
    let Some(samples) = candidates.into_iter().flatten().find(divides) else {
        return Err(MotionError::Contradiction {
            header: per_frame as f64,
            parameter: samples as f64,
            name: "the header's samples per frame",
            meaning: "how many analog numbers a frame holds",
        });
    };
    let channels = per_frame / samples;
    if let Some(used) = parameters.count("ANALOG", "USED")
        && used != channels
    {
        report.warn(
            "channels-not-as-promised",
            &format!("The header has {channels} analog channels and ANALOG:USED {used}; the header counts."),
        );
    }
    Ok((samples, channels))
}

/// What the places that hold the number of frames say.
struct FrameClaims {
    first: usize,
    header: usize,
    actual: Option<usize>,
    long: Option<usize>,
    frames: Option<usize>,
    is_header_full: bool,
}

impl FrameClaims {
    fn of(parameters: &Parameters<'_>, first: usize, last: usize) -> Self {
        // Two words each, the low one first.
        let field = |name: &str| {
            let words = parameters.numbers("TRIAL", name);
            let [low, high] = *words.first_chunk()?;
            let unsigned = |word: f64| if word < 0.0 { word + 65_536.0 } else { word };
            let value = unsigned(low) + 65_536.0 * unsigned(high);
            ((1.0..4.3e9).contains(&value)).then_some(value as usize)
        };
        let (start, end) = (field("ACTUAL_START_FIELD"), field("ACTUAL_END_FIELD"));
        let actual = start.zip(end).and_then(|(start, end)| Some(end.checked_sub(start)? + 1));
        let is_header_full = last == 0xffff || last < first;
        Self {
            first: if is_header_full { start.unwrap_or(first) } else { first },
            header: (last + 1).saturating_sub(first),
            actual,
            long: parameters.count("POINT", "LONG_FRAMES").filter(|frames| *frames > 0),
            frames: parameters.count("POINT", "FRAMES").filter(|frames| *frames > 0),
            is_header_full,
        }
    }

    /// The header's count, unless it is full or POINT:FRAMES and another agree on a greater one.
    fn choose(&self, report: &mut Report<'_>) -> usize {
        let longest = [self.actual, self.long, self.frames].into_iter().flatten().max();
        let (Some(longest), true) = (longest, self.is_header_full || self.header == 0) else {
            if let Some(frames) = self.frames
                && frames != self.header
            {
                report.warn(
                    "frames-not-as-promised",
                    &format!(
                        "The header has {} frames and POINT:FRAMES {frames}; the header counts.",
                        self.header
                    ),
                );
            }
            return self.header;
        };
        longest
    }
}
