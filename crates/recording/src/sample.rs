//! C3D files with known content, for tests and benchmarks of readers.
//!
//! Writes every variant that the format knows of: three processors, integers and floats, continued labels, plates of all
//! types. It is no exporter: nothing is checked.

/// The processor whose numbers a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// Little-endian, IEEE floats.
    Intel,
    /// Little-endian, VAX F floats.
    Dec,
    /// Big-endian, IEEE floats.
    Mips,
}

impl Processor {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Intel, Self::Dec, Self::Mips];

    const fn code(self) -> u8 {
        match self {
            Self::Intel => 84,
            Self::Dec => 85,
            Self::Mips => 86,
        }
    }

    fn integer(self, value: u16) -> [u8; 2] {
        if self == Self::Mips { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn float(self, value: f32) -> [u8; 4] {
        match self {
            Self::Intel => value.to_le_bytes(),
            Self::Mips => value.to_be_bytes(),
            Self::Dec if value == 0.0 => [0; 4],
            Self::Dec => {
                // Exponent greater by 2, words exchanged.
                let [a, b, c, d] = (value.to_bits() + (2 << 23)).to_le_bytes();
                [c, d, a, b]
            }
        }
    }
}

/// The values of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Texts, all padded to the longest.
    Texts(Vec<String>),
    /// 16-bit integers with their sizes, the fastest first.
    Integers(Vec<u8>, Vec<i16>),
    /// Floats with their sizes.
    Floats(Vec<u8>, Vec<f32>),
}

/// One analog channel.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleChannel {
    /// Its label.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// Unit per number of an integer file, and `ANALOG:SCALE` of a float file.
    pub scale: f32,
    /// The number that means zero.
    pub offset: i16,
    /// Physical values, one per sample.
    pub values: Vec<f32>,
}

/// One point.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplePoint {
    /// Its label.
    pub label: String,
    /// Coordinates, `None` where not seen.
    pub positions: Vec<Option<[f32; 3]>>,
}

/// A C3D file to be.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleC3d {
    /// How numbers are written.
    pub processor: Processor,
    /// Scale of points in an integer file; `None` for floats.
    pub integer_scale: Option<f32>,
    /// Number of the first frame.
    pub first_frame: u16,
    /// Frames per second.
    pub rate_hz: f32,
    /// Points.
    pub points: Vec<SamplePoint>,
    /// Analog samples per frame.
    pub samples_per_frame: u16,
    /// Analog channels.
    pub channels: Vec<SampleChannel>,
    /// Further parameters: group, name, values.
    pub parameters: Vec<(String, String, Values)>,
}

impl SampleC3d {
    /// A person who stands and steps on two plates: `markers` markers for `seconds` at 200 Hz, plates at 2 kHz.
    #[must_use]
    pub fn walk(markers: usize, seconds: f32) -> Self {
        const RATE_HZ: f32 = 200.0;
        const SAMPLES_PER_FRAME: u16 = 10;
        let frames = (seconds * RATE_HZ) as usize;
        let point = |marker: usize| SamplePoint {
            label: match marker {
                0 => "RHEE".to_owned(),
                1 => "LHEE".to_owned(),
                2 => "RASI".to_owned(),
                3 => "LASI".to_owned(),
                _ => format!("M{marker:03}"),
            },
            positions: (0..frames)
                .map(|frame| {
                    let phase = frame as f32 / RATE_HZ * 6.0 + marker as f32;
                    let height = if marker < 2 { 40.0 } else { 900.0 };
                    let gap = marker % 7 == 6 && frame % 50 < 3;
                    (!gap).then(|| {
                        [
                            200.0 * phase.sin(),
                            90.0 * marker as f32 - 300.0,
                            height + 20.0 * phase.cos(),
                        ]
                    })
                })
                .collect(),
        };
        let samples = frames * usize::from(SAMPLES_PER_FRAME);
        let channel = |channel: usize| {
            let (component, plate) = (channel % 6, channel / 6);
            let size = [40.0, 60.0, -750.0, 30_000.0, 20_000.0, 3_000.0][component];
            SampleChannel {
                label: format!("C{}", channel + 1),
                unit: if component < 3 { "N" } else { "Nmm" }.to_owned(),
                scale: if component < 3 { 0.05 } else { 2.0 },
                offset: 0,
                values: (0..samples)
                    .map(|sample| {
                        let phase =
                            sample as f32 / 2000.0 * 3.0 + plate as f32 * std::f32::consts::PI;
                        size * phase.sin().max(0.0)
                    })
                    .collect(),
            }
        };
        let corners =
            |x: f32| [x, 400.0, 0.0, x, 0.0, 0.0, x + 600.0, 0.0, 0.0, x + 600.0, 400.0, 0.0];
        let group = "FORCE_PLATFORM";
        let parameter = |name: &str, values| (group.to_owned(), name.to_owned(), values);
        Self {
            processor: Processor::Intel,
            integer_scale: None,
            first_frame: 1,
            rate_hz: RATE_HZ,
            points: (0..markers).map(point).collect(),
            samples_per_frame: SAMPLES_PER_FRAME,
            channels: (0..12).map(channel).collect(),
            parameters: vec![
                parameter("USED", Values::Integers(vec![], vec![2])),
                parameter("TYPE", Values::Integers(vec![2], vec![2, 2])),
                parameter(
                    "CORNERS",
                    Values::Floats(vec![3, 4, 2], [corners(0.0), corners(700.0)].concat()),
                ),
                parameter(
                    "ORIGIN",
                    Values::Floats(vec![3, 2], vec![0.0, 0.0, -40.0, 0.0, 0.0, -40.0]),
                ),
                parameter("CHANNEL", Values::Integers(vec![6, 2], (1..=12).collect())),
                parameter("ZERO", Values::Integers(vec![2], vec![1, 0])),
            ],
        }
    }

    /// Number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.points.first().map_or_else(
            || {
                let samples = self.channels.first().map_or(0, |channel| channel.values.len());
                samples / usize::from(self.samples_per_frame.max(1))
            },
            |point| point.positions.len(),
        )
    }

    /// Replaces a parameter of [`Self::parameters`].
    pub fn set(&mut self, group: &str, name: &str, values: Values) {
        self.parameters.retain(|(in_group, its_name, _)| {
            (in_group.as_str(), its_name.as_str()) != (group, name)
        });
        self.parameters.push((group.to_owned(), name.to_owned(), values));
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let section = self.parameter_section();
        let data_block = 2 + section.len() / 512;
        let mut file = self.header(data_block);
        file.extend(section);
        for frame in 0..self.frames() {
            self.frame(frame, &mut file);
        }
        file.resize(file.len().next_multiple_of(512), 0);
        file
    }

    fn scale(&self) -> f32 {
        self.integer_scale.unwrap_or(-1.0)
    }

    fn header(&self, data_block: usize) -> Vec<u8> {
        let mut header = vec![2, 0x50];
        let last = usize::from(self.first_frame) + self.frames() - 1;
        let per_frame = self.channels.len() * usize::from(self.samples_per_frame);
        for word in
            [self.points.len(), per_frame, usize::from(self.first_frame), last.min(0xffff), 0]
        {
            header.extend(self.processor.integer(word as u16));
        }
        header.extend(self.processor.float(self.scale()));
        header.extend(self.processor.integer(data_block as u16));
        header.extend(self.processor.integer(self.samples_per_frame));
        header.extend(self.processor.float(self.rate_hz));
        header.resize(512, 0);
        header
    }

    fn parameter_section(&self) -> Vec<u8> {
        let count = |count: usize| Values::Integers(vec![], vec![count as u16 as i16]);
        let texts = |texts: Vec<String>| Values::Texts(texts);
        let channels =
            |value: fn(&SampleChannel) -> String| texts(self.channels.iter().map(value).collect());
        let per_channel = vec![self.channels.len().min(255) as u8];
        let mut all = vec![
            ("POINT".to_owned(), "USED".to_owned(), count(self.points.len())),
            ("POINT".to_owned(), "FRAMES".to_owned(), count(self.frames().min(0xffff))),
            ("POINT".to_owned(), "SCALE".to_owned(), Values::Floats(vec![], vec![self.scale()])),
            ("POINT".to_owned(), "RATE".to_owned(), Values::Floats(vec![], vec![self.rate_hz])),
            ("POINT".to_owned(), "UNITS".to_owned(), texts(vec!["mm".to_owned()])),
            ("ANALOG".to_owned(), "USED".to_owned(), count(self.channels.len())),
            ("ANALOG".to_owned(), "GEN_SCALE".to_owned(), Values::Floats(vec![], vec![1.0])),
            (
                "ANALOG".to_owned(),
                "SCALE".to_owned(),
                Values::Floats(
                    per_channel.clone(),
                    self.channels.iter().map(|channel| channel.scale).collect(),
                ),
            ),
            (
                "ANALOG".to_owned(),
                "OFFSET".to_owned(),
                Values::Integers(
                    per_channel,
                    self.channels.iter().map(|channel| channel.offset).collect(),
                ),
            ),
            ("ANALOG".to_owned(), "UNITS".to_owned(), channels(|channel| channel.unit.clone())),
            ("ANALOG".to_owned(), "LABELS".to_owned(), channels(|channel| channel.label.clone())),
            (
                "ANALOG".to_owned(),
                "RATE".to_owned(),
                Values::Floats(vec![], vec![self.rate_hz * f32::from(self.samples_per_frame)]),
            ),
        ];
        let labels: Vec<String> = self.points.iter().map(|point| point.label.clone()).collect();
        for (index, chunk) in labels.chunks(255).enumerate() {
            let name =
                if index == 0 { "LABELS".to_owned() } else { format!("LABELS{}", index + 1) };
            all.push(("POINT".to_owned(), name, texts(chunk.to_vec())));
        }
        // A later parameter of the same name replaces an earlier one.
        for parameter in &self.parameters {
            all.retain(|(group, name, _)| (group, name) != (&parameter.0, &parameter.1));
            all.push(parameter.clone());
        }
        self.section(&all)
    }

    fn section(&self, all: &[(String, String, Values)]) -> Vec<u8> {
        let mut groups: Vec<&str> = Vec::new();
        let mut section = vec![1, 0x50, 0, self.processor.code()];
        for (group, name, values) in all {
            let id = groups.iter().position(|known| known == group).unwrap_or_else(|| {
                groups.push(group);
                self.record(&mut section, -(groups.len() as i8), group, &[0]);
                groups.len() - 1
            });
            let mut body = self.values(values);
            body.push(0); // no description
            self.record(&mut section, id as i8 + 1, name, &body);
        }
        section.extend([0, 0]);
        section.resize(section.len().next_multiple_of(512), 0);
        section[2] = (section.len() / 512) as u8;
        section
    }

    fn record(&self, section: &mut Vec<u8>, id: i8, name: &str, body: &[u8]) {
        section.extend([name.len() as u8, id.cast_unsigned()]);
        section.extend(name.as_bytes());
        section.extend(self.processor.integer(body.len() as u16 + 2));
        section.extend(body);
    }

    fn values(&self, values: &Values) -> Vec<u8> {
        let mut bytes = Vec::new();
        match values {
            Values::Texts(texts) => {
                let length = texts.iter().map(String::len).max().unwrap_or(0);
                bytes.extend([0xff, 2, length as u8, texts.len() as u8]);
                for text in texts {
                    bytes.extend(text.bytes().chain(std::iter::repeat(b' ')).take(length));
                }
            }
            Values::Integers(sizes, values) => {
                bytes.extend([2, sizes.len() as u8]);
                bytes.extend(sizes);
                bytes.extend(
                    values.iter().flat_map(|value| self.processor.integer(value.cast_unsigned())),
                );
            }
            Values::Floats(sizes, values) => {
                bytes.extend([4, sizes.len() as u8]);
                bytes.extend(sizes);
                bytes.extend(values.iter().flat_map(|value| self.processor.float(*value)));
            }
        }
        bytes
    }

    fn frame(&self, frame: usize, file: &mut Vec<u8>) {
        let mut number = |value: f32| match self.integer_scale {
            Some(_) => file.extend(self.processor.integer((value.round() as i64) as u16)),
            None => file.extend(self.processor.float(value)),
        };
        let scale = self.integer_scale.unwrap_or(1.0);
        for point in &self.points {
            let position = point.positions[frame];
            for coordinate in position.unwrap_or_default() {
                number(coordinate / scale);
            }
            number(if position.is_some() { 0.0 } else { -1.0 });
        }
        let samples = usize::from(self.samples_per_frame);
        for sample in frame * samples..(frame + 1) * samples {
            for channel in &self.channels {
                number(channel.values[sample] / channel.scale + f32::from(channel.offset));
            }
        }
    }
}
