//! Force plates: from analog channels to wrenches on the foot in laboratory axes.
//!
//! Plate axes after the C3D User Guide (section on force plates): x from corner 2 to corner 1, y from corner 4 to corner 1, z
//! into the floor; a loaded plate writes negative z forces, so that turned into the laboratory they push the foot up.
//!
//! | type | channels | what ORIGIN is |
//! | --- | --- | --- |
//! | 1 | forces, center of pressure on the top, free moment | not used |
//! | 2 | forces, moments about the sensor | from the sensor to the top's center, z negative |
//! | 3 | Fx12 Fx34 Fy14 Fy23 Fz1 Fz2 Fz3 Fz4 (Kistler) | distances a, b of the sensors and of the top (negative) |
//! | 4 | as 2, times `CAL_MATRIX` | as 2 |
//!
//! An ORIGIN with positive z points the other way round and is negated, as other readers do. A polynomial correction of
//! the center of pressure of type 3 (FPCOPPOLY) is not applied.

use geometry::{Point3, Vector3};

use super::frames::{Channel, samples};
use super::layout::Layout;
use super::number::Numbers;
use super::parameters::Parameters;
use crate::read::Report;
use crate::{Plate, Wrench};

/// Most plates of a file that are read.
const MOST_PLATES: usize = 64;

pub(crate) fn read(
    data: &[u8],
    layout: &Layout,
    parameters: &Parameters<'_>,
    numbers: Numbers,
    report: &mut Report<'_>,
) -> Vec<Plate> {
    let used = parameters.count("FORCE_PLATFORM", "USED").unwrap_or_default();
    if used > MOST_PLATES {
        report.warn(
            "plates-not-as-promised",
            &format!("FORCE_PLATFORM:USED promises {used} plates; {MOST_PLATES} were looked for."),
        );
    }
    let source = Source { data, layout, parameters, numbers };
    let mut plates = Vec::new();
    for plate in 0..used.min(MOST_PLATES) {
        match source.plate(plate, report) {
            Ok(plate) => plates.push(plate),
            Err(missing) => report
                .warn("plate-unreadable", &format!("Plate {} was left out: {missing}.", plate + 1)),
        }
    }
    plates
}

struct Source<'a> {
    data: &'a [u8],
    layout: &'a Layout,
    parameters: &'a Parameters<'a>,
    numbers: Numbers,
}

/// A plate's own axes and place, laboratory mm.
struct Seat {
    corners: [Point3; 4],
    center: Point3,
    axes: [Vector3; 3],
}

impl Seat {
    fn of(corners: [Point3; 4]) -> Option<Self> {
        let center =
            Point3::from(corners.iter().map(|corner| corner.coords).sum::<Vector3>() / 4.0);
        let along_x = corners[0] - corners[1];
        let along_z = along_x.cross(&(corners[0] - corners[3]));
        let (x, z) = (along_x.try_normalize(1e-6)?, along_z.try_normalize(1e-6)?);
        Some(Self { corners, center, axes: [x, z.cross(&x), z] })
    }

    fn in_laboratory(&self, vector: Vector3) -> Vector3 {
        vector.x * self.axes[0] + vector.y * self.axes[1] + vector.z * self.axes[2]
    }

    /// Force (N) and moment about the top's center (Nm), both in plate axes, as a wrench in the laboratory.
    fn wrench(&self, force: Vector3, moment: Vector3) -> Wrench {
        let wrench =
            Wrench::at_point(self.in_laboratory(force), self.center, self.in_laboratory(moment));
        if wrench.is_known() { wrench } else { Wrench::UNKNOWN }
    }
}

impl Source<'_> {
    fn plate(&self, plate: usize, report: &mut Report<'_>) -> Result<Plate, String> {
        let of_plate = |name: &str, per_plate: usize| {
            let all = self.parameters.numbers("FORCE_PLATFORM", name);
            all.get(per_plate * plate..per_plate * (plate + 1)).map(<[f64]>::to_vec)
        };
        let kind = of_plate("TYPE", 1).ok_or("FORCE_PLATFORM:TYPE is missing")?[0];
        let corners = of_plate("CORNERS", 12).ok_or("FORCE_PLATFORM:CORNERS is missing")?;
        let corner = |index: usize| {
            Point3::new(corners[3 * index], corners[3 * index + 1], corners[3 * index + 2])
        };
        let seat = Seat::of([0, 1, 2, 3].map(corner))
            .ok_or("its corners do not span a rectangle (FORCE_PLATFORM:CORNERS)")?;
        let mut origin = of_plate("ORIGIN", 3)
            .map_or_else(Vector3::zeros, |origin| Vector3::new(origin[0], origin[1], origin[2]));
        if origin.z > 0.0 {
            origin = -origin;
        }
        let unit_nm = self.moment_unit(plate, report);
        let wrenches: Vec<Wrench> = match kind as i64 {
            1 => {
                let channels = self.channels::<6>(plate, report)?;
                self.samples(channels)
                    .map(|[fx, fy, fz, px, py, free]| {
                        let force = Vector3::new(fx, fy, fz);
                        let point = Vector3::new(px, py, 0.0) * 1e-3;
                        seat.wrench(force, point.cross(&force) + Vector3::z() * free * unit_nm)
                    })
                    .collect()
            }
            2 => {
                let channels = self.channels::<6>(plate, report)?;
                self.samples(channels)
                    .map(|sample| six_components(sample, &seat, origin, unit_nm))
                    .collect()
            }
            3 => {
                let channels = self.channels::<8>(plate, report)?;
                self.samples(channels).map(|sample| kistler(sample, &seat, origin)).collect()
            }
            4 => {
                let channels = self.channels::<6>(plate, report)?;
                let matrix = of_plate("CAL_MATRIX", 36)
                    .ok_or("its type 4 needs FORCE_PLATFORM:CAL_MATRIX, which is missing")?;
                let calibrated = |raw: [f64; 6]| -> [f64; 6] {
                    std::array::from_fn(|row| {
                        (0..6).map(|column| matrix[row + 6 * column] * raw[column]).sum()
                    })
                };
                self.samples(channels)
                    .map(|raw| six_components(calibrated(raw), &seat, origin, unit_nm))
                    .collect()
            }
            _ => return Err(format!("plates of type {kind} are not read, only 1 to 4")),
        };
        Ok(Plate {
            name: format!("plate {}", plate + 1),
            rate_hz: self.layout.analog_rate_hz(),
            start_s: self.layout.start_s(),
            corners: Some(seat.corners),
            unloaded: self.unloaded(),
            wrenches,
        })
    }

    /// `FORCE_PLATFORM:ZERO`, first and last frame from 1, as samples; nothing if it says [1, 0] or [0, 0].
    fn unloaded(&self) -> Option<std::ops::Range<usize>> {
        let [first, last] = *self.parameters.numbers("FORCE_PLATFORM", "ZERO").first_chunk()?;
        let is_range = first >= 1.0 && last >= first && last <= self.layout.frames as f64;
        let samples = self.layout.samples_per_frame;
        is_range.then(|| (first as usize - 1) * samples..last as usize * samples)
    }

    fn samples<const N: usize>(&self, channels: [Channel; N]) -> impl Iterator<Item = [f64; N]> {
        samples(self.data, self.layout, self.numbers, channels)
    }

    /// Numbers (from 0) of a plate's channels.
    fn channel_numbers(&self, plate: usize) -> Vec<usize> {
        let sizes = self.parameters.sizes("FORCE_PLATFORM", "CHANNEL");
        let per_plate = sizes.first().copied().unwrap_or_default();
        let all = self.parameters.numbers("FORCE_PLATFORM", "CHANNEL");
        let numbers = all.get(per_plate * plate..per_plate * (plate + 1)).unwrap_or_default();
        numbers
            .iter()
            .map(|number| if *number >= 1.0 { *number as usize - 1 } else { usize::MAX })
            .collect()
    }

    fn channels<const N: usize>(
        &self,
        plate: usize,
        report: &mut Report<'_>,
    ) -> Result<[Channel; N], String> {
        let numbers = self.channel_numbers(plate);
        let Some(numbers) = numbers.first_chunk::<N>() else {
            return Err(format!(
                "FORCE_PLATFORM:CHANNEL names {} of its {N} channels",
                numbers.len()
            ));
        };
        if let Some(wrong) = numbers.iter().find(|number| **number >= self.layout.channels) {
            return Err(format!(
                "FORCE_PLATFORM:CHANNEL names channel {}, and there are {}",
                wrong.wrapping_add(1),
                self.layout.channels
            ));
        }
        let general = self.parameters.number("ANALOG", "GEN_SCALE").unwrap_or(1.0);
        let scales = self.parameters.numbers("ANALOG", "SCALE");
        let offsets = self.parameters.numbers("ANALOG", "OFFSET");
        let is_unsigned = self.parameters.text("ANALOG", "FORMAT").eq_ignore_ascii_case("UNSIGNED");
        if let Some(unscaled) = numbers.iter().find(|number| **number >= scales.len()) {
            report.warn(
                "channel-without-scale",
                &format!(
                    "Channel {} of plate {} has no ANALOG:SCALE; 1 is taken.",
                    unscaled + 1,
                    plate + 1
                ),
            );
        }
        Ok(numbers.map(|index| {
            let offset = offsets.get(index).copied().unwrap_or(0.0);
            let offset = if is_unsigned && offset < 0.0 { offset + 65_536.0 } else { offset };
            Channel {
                index,
                offset,
                scale: scales.get(index).copied().unwrap_or(1.0) * general,
                is_unsigned,
            }
        }))
    }

    /// Nm per unit of a plate's moments: as ANALOG:UNITS says of its last channel, Nmm if it does not.
    fn moment_unit(&self, plate: usize, report: &mut Report<'_>) -> f64 {
        let units = self.parameters.texts("ANALOG", "UNITS");
        let numbers = self.channel_numbers(plate);
        let unit = numbers.get(5).and_then(|number| units.get(*number)).map_or("", String::as_str);
        let plain: String = unit
            .to_ascii_lowercase()
            .chars()
            .filter(|letter| letter.is_ascii_alphabetic())
            .collect();
        match plain.as_str() {
            "nm" => 1.0,
            "nmm" | "" | "n" | "v" | "mv" => 1e-3,
            _ => {
                report.warn(
                    "moment-unit-assumed",
                    &format!(
                        "Moments of plate {} have the unit \"{}\"; Nmm is taken.",
                        plate + 1,
                        crate::text::shown(unit)
                    ),
                );
                1e-3
            }
        }
    }
}

/// Types 2 and 4: moments about the sensor, moved to the top's center.
fn six_components(sample: [f64; 6], seat: &Seat, origin_mm: Vector3, unit_nm: f64) -> Wrench {
    let [fx, fy, fz, mx, my, mz] = sample;
    let force = Vector3::new(fx, fy, fz);
    seat.wrench(force, Vector3::new(mx, my, mz) * unit_nm + force.cross(&(origin_mm * 1e-3)))
}

/// Type 3, after Kistler's formulas for its four three-component sensors at (+-a, +-b).
fn kistler(sample: [f64; 8], seat: &Seat, origin_mm: Vector3) -> Wrench {
    let [fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4] = sample;
    let (a, b) = (origin_mm.x * 1e-3, origin_mm.y * 1e-3);
    let force = Vector3::new(fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4);
    let about_sensors = Vector3::new(
        b * (fz1 + fz2 - fz3 - fz4),
        a * (fz2 + fz3 - fz1 - fz4),
        b * (fx34 - fx12) + a * (fy14 - fy23),
    );
    let top = Vector3::new(0.0, 0.0, origin_mm.z * 1e-3);
    seat.wrench(force, about_sensors + force.cross(&top))
}
