//! One line of a mill program as a block: at most one code of each modal group, and values by letter.

use super::cycle::Cycle;
use super::{Arc, Controller, Dialect, Fault, FaultKind, Plane, Spindle};
use crate::word::{Line, Token, Word};

/// What a G or M code asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Code {
    Motion(Motion),
    Dwell,
    MachineCoordinates,
    /// G28 and G30: to the first or second reference position.
    Reference(usize),
    Plane(Plane),
    /// Millimeters in one unit of the program.
    Units(f64),
    Incremental(bool),
    ArcCenterAbsolute(bool),
    InverseTime(bool),
    WorkOffset(usize),
    LengthOffset(bool),
    CompensationOff,
    PathControl,
    /// G98 and G99: whether cycles return to where they began, or only to R.
    ReturnLevel(bool),
    Spindle(Spindle),
    Coolant,
    ToolChange,
    Pause,
    End,
}

/// The motion modes of group 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    Rapid,
    Feed,
    Arc { clockwise: bool },
    Cycle(Cycle),
    Cancelled,
}

const GROUPS: usize = 15;

impl Code {
    /// Modal group as an index; two codes of one group on a line contradict each other.
    const fn group(self) -> usize {
        match self {
            Self::Motion(_) => 0,
            Self::Dwell | Self::MachineCoordinates | Self::Reference(_) => 1,
            Self::Plane(_) => 2,
            Self::Units(_) => 3,
            Self::Incremental(_) => 4,
            Self::ArcCenterAbsolute(_) => 5,
            Self::InverseTime(_) => 6,
            Self::WorkOffset(_) => 7,
            Self::LengthOffset(_) => 8,
            Self::CompensationOff => 9,
            Self::PathControl => 10,
            Self::Spindle(_) => 11,
            Self::Coolant => 12,
            Self::ToolChange | Self::Pause | Self::End => 13,
            Self::ReturnLevel(_) => 14,
        }
    }
}

/// A readable line without contradictions.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) line: u32,
    codes: [Option<Code>; GROUPS],
    values: [Option<f64>; 26],
    used: u32,
}

impl Block {
    /// Reads a line. `None` where it holds nothing but comments.
    pub(super) fn read(line: Line<'_>, controller: &Controller) -> Result<Option<Self>, Fault> {
        let mut block =
            Self { line: line.number, codes: [None; GROUPS], values: [None; 26], used: 0 };
        let fault = |kind, message| Fault { line: line.number, kind, message };
        if line.text.len() > controller.dialect.line_limit() {
            let (length, limit) = (line.text.len(), controller.dialect.line_limit());
            let message = format!("the line has {length} bytes, the controller reads {limit}");
            return Err(fault(FaultKind::LineTooLong, message));
        }
        let mut empty = true;
        for token in line.tokens() {
            match token.map_err(|word| fault(FaultKind::Unreadable, word.to_string()))? {
                Token::Comment(_) | Token::BlockDelete => {}
                Token::Percent if controller.dialect.has_percent() => {}
                Token::Percent => {
                    let message = "`%` is not accepted by the controller".to_owned();
                    return Err(fault(FaultKind::Unsupported, message));
                }
                Token::Checksum(_) => {
                    let message = "checksums belong to printers".to_owned();
                    return Err(fault(FaultKind::Unsupported, message));
                }
                Token::Word(word) => {
                    empty = false;
                    let taken = block.take(word, controller);
                    taken.map_err(|(kind, message)| fault(kind, message))?;
                }
            }
        }
        Ok((!empty).then_some(block))
    }

    fn take(&mut self, word: Word, controller: &Controller) -> Result<(), (FaultKind, String)> {
        let letter = word.letter;
        let Some(value) = word.value else {
            return Err((FaultKind::Unreadable, format!("{letter} has no number")));
        };
        if value.abs() > LARGEST_VALUE {
            return Err((FaultKind::BadValue, format!("{letter}{value:e} is out of any machine")));
        }
        if matches!(letter, 'G' | 'M') {
            let code = code(word, controller.dialect)?;
            let place = &mut self.codes[code.group()];
            if place.is_some() {
                let message = format!("{letter}{value} contradicts another code on the line");
                return Err((FaultKind::ModalConflict, message));
            }
            *place = Some(code);
            return Ok(());
        }
        if !controller.dialect.value_letters().contains(letter) {
            let message = format!("{letter} is not a word of this controller");
            return Err((FaultKind::Unsupported, message));
        }
        if "FNPSTH".contains(letter) && value < 0.0 {
            return Err((FaultKind::BadValue, format!("{letter}{value} is negative")));
        }
        if "NTHLO".contains(letter) && value.fract() != 0.0 {
            return Err((FaultKind::BadValue, format!("{letter}{value} is not a whole number")));
        }
        let place = &mut self.values[index(letter)];
        if place.is_some() {
            return Err((FaultKind::RepeatedWord, format!("{letter} appears twice on the line")));
        }
        *place = Some(value);
        Ok(())
    }

    /// The codes of the line, by group.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        self.codes.into_iter().flatten()
    }

    /// Whether the line has this very code.
    pub(super) fn has(&self, code: Code) -> bool {
        self.codes[code.group()] == Some(code)
    }

    /// The code that stands for its own line only.
    pub(super) const fn non_modal(&self) -> Option<Code> {
        self.codes[Code::Dwell.group()]
    }

    /// A value by its letter; asking marks it as used.
    pub(super) fn value(&mut self, letter: char) -> Option<f64> {
        self.used |= 1 << index(letter);
        self.values[index(letter)]
    }

    /// Whether one of the letters has a value, without using it.
    pub(super) fn has_any(&self, letters: &str) -> bool {
        letters.chars().any(|letter| self.values[index(letter)].is_some())
    }

    /// A letter whose value nothing on the line asked for.
    pub(super) fn unused(&self) -> Option<char> {
        ('A'..='Z').find(|letter| {
            let at = index(*letter);
            self.values[at].is_some() && self.used & (1 << at) == 0
        })
    }
}

/// Numbers beyond this are slips, and would overflow arc arithmetic: 10 km.
const LARGEST_VALUE: f64 = 1e7;

fn index(letter: char) -> usize {
    (letter as usize).wrapping_sub('A' as usize) % 26
}

/// The code of a G or M word, if the dialect has it and this interpreter follows it.
fn code(word: Word, dialect: Dialect) -> Result<Code, (FaultKind, String)> {
    let letter = word.letter;
    let name = || format!("{letter}{}", word.value.unwrap_or_default());
    let tenths = word.tenths();
    let Some(tenths) = tenths.filter(|tenths| dialect.accepts(letter, *tenths)) else {
        let message = format!("{} is not accepted by {}", name(), dialect.name());
        return Err((FaultKind::Unsupported, message));
    };
    meaning(letter, tenths).ok_or_else(|| {
        (FaultKind::NotFollowed, format!("{} is not followed by this interpreter", name()))
    })
}

fn meaning(letter: char, tenths: u32) -> Option<Code> {
    Some(match (letter, tenths) {
        ('G', 0) => Code::Motion(Motion::Rapid),
        ('G', 10) => Code::Motion(Motion::Feed),
        ('G', 20) => Code::Motion(Motion::Arc { clockwise: true }),
        ('G', 30) => Code::Motion(Motion::Arc { clockwise: false }),
        ('G', 40) => Code::Dwell,
        ('G', 170) => Code::Plane(Plane::Xy),
        ('G', 180) => Code::Plane(Plane::Zx),
        ('G', 190) => Code::Plane(Plane::Yz),
        ('G', 200 | 700) => Code::Units(25.4),
        ('G', 210 | 710) => Code::Units(1.0),
        ('G', 280) => Code::Reference(0),
        ('G', 300) => Code::Reference(1),
        ('G', 400) => Code::CompensationOff,
        ('G', 430) => Code::LengthOffset(true),
        ('G', 490) => Code::LengthOffset(false),
        ('G', 530) => Code::MachineCoordinates,
        ('G', 540..=590) if tenths.is_multiple_of(10) => {
            Code::WorkOffset((tenths as usize - 540) / 10)
        }
        ('G', 610 | 611 | 640) => Code::PathControl,
        ('G', 730) => Code::Motion(Motion::Cycle(Cycle::Peck { is_deep: false })),
        ('G', 810) => Code::Motion(Motion::Cycle(Cycle::Drill { dwells: false })),
        ('G', 820) => Code::Motion(Motion::Cycle(Cycle::Drill { dwells: true })),
        ('G', 830) => Code::Motion(Motion::Cycle(Cycle::Peck { is_deep: true })),
        ('G', 800) => Code::Motion(Motion::Cancelled),
        ('G', 900) => Code::Incremental(false),
        ('G', 910) => Code::Incremental(true),
        ('G', 901) => Code::ArcCenterAbsolute(true),
        ('G', 911) => Code::ArcCenterAbsolute(false),
        ('G', 930) => Code::InverseTime(true),
        ('G', 940) => Code::InverseTime(false),
        ('G', 980 | 990) => Code::ReturnLevel(tenths == 980),
        ('M', 0 | 10) => Code::Pause,
        ('M', 20 | 300) => Code::End,
        ('M', 30) => Code::Spindle(Spindle::Clockwise),
        ('M', 40) => Code::Spindle(Spindle::Counterclockwise),
        ('M', 50) => Code::Spindle(Spindle::Off),
        ('M', 60) => Code::ToolChange,
        ('M', 70 | 80 | 90) => Code::Coolant,
        _ => return None,
    })
}

/// Radii of one arc may differ by this share and this length before controllers refuse it
/// (GRBL 1.1 `gc_execute_line`, error 33; LinuxCNC is a little wider).
const ARC_RADIUS_SHARE: f64 = 0.001;
const ARC_RADIUS_LENGTH: f64 = 0.005;

/// An arc in its plane, before the third axis: `from` and `to` are plane coordinates, mm.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArcEnds {
    pub(super) from: [f64; 2],
    pub(super) to: [f64; 2],
    pub(super) clockwise: bool,
}

impl ArcEnds {
    /// The arc around a given center.
    pub(super) fn around(self, center: [f64; 2], plane: Plane) -> Result<Arc, String> {
        let radius = distance(self.from, center);
        let end_radius = distance(self.to, center);
        let error = (radius - end_radius).abs();
        if error > ARC_RADIUS_LENGTH && error > ARC_RADIUS_SHARE * radius || radius < 1e-6 {
            return Err(format!(
                "the arc starts {radius:.3} mm from its center and ends {end_radius:.3} mm from it"
            ));
        }
        let angle = |point: [f64; 2]| (point[1] - center[1]).atan2(point[0] - center[0]);
        let turn = std::f64::consts::TAU;
        // Start and end at the same place mean a full circle.
        let mut sweep = angle(self.to) - angle(self.from);
        if self.clockwise && sweep >= -1e-9 {
            sweep -= turn;
        } else if !self.clockwise && sweep <= 1e-9 {
            sweep += turn;
        }
        Ok(Arc { plane, center, sweep_rad: sweep })
    }

    /// The arc of a given radius; a negative radius asks for the longer way round.
    pub(super) fn with_radius(self, radius: f64, plane: Plane) -> Result<Arc, String> {
        let [dx, dy] = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let chord = dx.hypot(dy);
        if chord < 1e-9 {
            return Err("an arc by radius needs an end that differs from its start".to_owned());
        }
        let square = radius * radius - chord * chord / 4.0;
        if square < -ARC_RADIUS_LENGTH * radius.abs() {
            return Err(format!("radius {radius} mm cannot span a chord of {chord:.3} mm"));
        }
        let height = square.max(0.0).sqrt() / chord;
        let side = if self.clockwise == (radius > 0.0) { -1.0 } else { 1.0 };
        let center = [
            (self.from[0] + self.to[0]) / 2.0 - side * height * dy,
            (self.from[1] + self.to[1]) / 2.0 + side * height * dx,
        ];
        self.around(center, plane)
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
