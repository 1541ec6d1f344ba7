//! What a filament printer does with a program, as data.
//!
//! Follows the modal state of Marlin 2 (its G-code index): `G90` and `G91` switch all axes and E,
//! `M82` and `M83` switch E alone afterwards. Like the mill's interpreter it trusts nothing: what a
//! printer would ignore or refuse is a fault with its line, and the program is followed to its end.
//! Arcs (G2, G3) and firmware retraction (G10, G11) are faults, because they are not followed.
//!
//! Positions are machine coordinates, mm; [`follow`] streams, and keeps at most [`MOST_FAULTS`].

use serde::Serialize;

use crate::word::{Line, Token, Word, WordFault, lines};

/// Faults beyond this many are only counted.
pub const MOST_FAULTS: usize = 100;

/// One motion of the head or of the filament.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move<'a> {
    /// Line of the program, from 1.
    pub line: u32,
    /// Where the nozzle was, mm.
    pub from: [f64; 3],
    /// Where it goes, mm.
    pub to: [f64; 3],
    /// Filament pushed out, mm; negative where it is pulled back.
    pub filament_mm: f64,
    /// Ordered speed along the line, mm/s.
    pub speed_mm_s: f64,
    /// Whether G0 made it.
    pub is_rapid: bool,
    /// Temperature that the nozzle has at least, °C: what was last waited for, or less.
    pub nozzle_c: f64,
    /// Temperature that the bed has at least, °C.
    pub bed_c: f64,
    /// Text of the last `;TYPE:` comment.
    pub kind: &'a str,
    /// `;LAYER:` comments so far.
    pub layers: usize,
}

/// A line that a printer would not do as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct Fault {
    /// Line of the program, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum FaultKind {
    /// The line cannot be read.
    #[error("{0}")]
    Unreadable(WordFault),
    /// A line with words but no command.
    #[error("no command")]
    NoCommand,
    /// Two commands on one line: Marlin reads the rest as arguments of the first.
    #[error("several commands on one line")]
    SeveralCommands,
    /// A command that is not followed here.
    #[error("{letter}{number} is not known to this reader")]
    UnknownCommand {
        /// G, M or T.
        letter: char,
        /// Its number, in tenths as text.
        number: String,
    },
    /// An argument without its number.
    #[error("{0} has no number")]
    NoNumber(char),
    /// A move before any `G28`.
    #[error("the head moves before it was homed")]
    NotHomed,
    /// A move before any feed.
    #[error("the move has no feed")]
    NoFeed,
    /// A coordinate that no printer has; the move is not made.
    #[error("{0} is out of range")]
    TooFar(char),
    /// A feed that is no speed.
    #[error("the feed is not over 0")]
    FeedNotPositive,
}

/// What a program leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// The first faults.
    pub faults: Vec<Fault>,
    /// All faults.
    pub fault_count: usize,
    /// `;LAYER:` comments.
    pub layers: usize,
    /// Ordered nozzle temperature at the end, °C.
    pub nozzle_target_c: f64,
    /// Ordered bed temperature at the end, °C.
    pub bed_target_c: f64,
    /// Fan at the end, 0 to 1.
    pub fan: f64,
    /// Whether the motors hold at the end.
    pub motors_on: bool,
}

/// Coordinates beyond this are faults, mm: sums stay finite and exact to a nanometer.
const FARTHEST_MM: f64 = 1e6;

/// Follows a program and hands every move to `visit`.
pub fn follow<'a>(program: &'a str, mut visit: impl FnMut(&Move<'a>)) -> Run {
    let mut state = State::default();
    for line in lines(program) {
        let outcome = match read_line(&line) {
            Ok(Some(block)) => state.obey(&block, line.number, &mut visit),
            Ok(None) => Ok(()),
            Err(kind) => Err(kind),
        };
        if let Err(kind) = outcome {
            state.run.fault_count += 1;
            if state.run.faults.len() < MOST_FAULTS {
                state.run.faults.push(Fault { line: line.number, kind });
            }
        }
        if let Some((_, comment)) = line.text.split_once(';') {
            state.note(comment);
        }
    }
    state.run
}

/// The command of a line and its arguments.
#[derive(Clone, Copy, Debug)]
struct Block {
    letter: char,
    tenths: u32,
    /// Arguments by letter from A on: absent, bare, or with a number.
    arguments: [Option<Option<f64>>; 26],
}

impl Block {
    fn argument(&self, letter: char) -> Option<Option<f64>> {
        self.arguments[usize::from(letter as u8 - b'A')]
    }

    /// The number of an argument that needs one.
    fn number(&self, letter: char) -> Result<Option<f64>, FaultKind> {
        match self.argument(letter) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value)),
            Some(None) => Err(FaultKind::NoNumber(letter)),
        }
    }
}

/// `None` for a line without words.
fn read_line(line: &Line<'_>) -> Result<Option<Block>, FaultKind> {
    let mut block: Option<Block> = None;
    for token in line.tokens() {
        let word = match token.map_err(FaultKind::Unreadable)? {
            Token::Word(word) => word,
            Token::Comment(_) | Token::Checksum(_) => continue,
            Token::Percent | Token::BlockDelete => return Err(FaultKind::NoCommand),
        };
        match &mut block {
            None if word.letter == 'N' => {}
            None => {
                let started = command(&word)?;
                // The rest of a message to the display is text.
                if started.letter == 'M' && matches!(started.tenths, 1170 | 1180) {
                    return Ok(Some(started));
                }
                block = Some(started);
            }
            Some(_) if matches!(word.letter, 'G' | 'M') => return Err(FaultKind::SeveralCommands),
            Some(block) => {
                block.arguments[usize::from(word.letter as u8 - b'A')] = Some(word.value);
            }
        }
    }
    Ok(block)
}

fn command(word: &Word) -> Result<Block, FaultKind> {
    match (word.letter, word.tenths()) {
        (letter @ ('G' | 'M' | 'T'), Some(tenths)) => {
            Ok(Block { letter, tenths, arguments: [None; 26] })
        }
        _ => Err(FaultKind::NoCommand),
    }
}

#[derive(Clone, Debug)]
struct State<'a> {
    run: Run,
    /// Machine position, mm.
    position: [f64; 3],
    /// Logical position of E, mm.
    extruder: f64,
    /// What to add to a programmed position to get the machine's, mm.
    offset: [f64; 3],
    is_relative: bool,
    is_extruder_relative: bool,
    /// mm in a programmed unit.
    unit: f64,
    speed_mm_s: Option<f64>,
    is_homed: bool,
    nozzle_c: f64,
    bed_c: f64,
    kind: &'a str,
}

impl Default for State<'_> {
    fn default() -> Self {
        Self {
            run: Run { motors_on: true, ..Run::default() },
            position: [0.0; 3],
            extruder: 0.0,
            offset: [0.0; 3],
            is_relative: false,
            is_extruder_relative: false,
            unit: 1.0,
            speed_mm_s: None,
            is_homed: false,
            nozzle_c: 0.0,
            bed_c: 0.0,
            kind: "",
        }
    }
}

const AXES: [char; 3] = ['X', 'Y', 'Z'];

impl<'a> State<'a> {
    fn note(&mut self, comment: &'a str) {
        if let Some(kind) = comment.strip_prefix("TYPE:") {
            self.kind = kind.trim();
        } else if comment.starts_with("LAYER:") {
            self.run.layers += 1;
        }
    }

    fn obey(
        &mut self,
        block: &Block,
        line: u32,
        visit: &mut impl FnMut(&Move<'a>),
    ) -> Result<(), FaultKind> {
        match (block.letter, block.tenths) {
            ('G', 0 | 10) => return self.go(block, line, visit),
            // Dwell, and bed leveling from a stored or a fresh probe.
            ('G', 40 | 290) => {}
            ('G', 200) => self.unit = 25.4,
            ('G', 210) => self.unit = 1.0,
            ('G', 280) => self.home(block),
            ('G', code @ (900 | 910)) => {
                self.is_relative = code == 910;
                self.is_extruder_relative = code == 910;
            }
            ('G', 920) => self.set_position(block)?,
            ('M', code @ (820 | 830)) => self.is_extruder_relative = code == 830,
            ('M', 840 | 180) => self.run.motors_on = false,
            ('M', 170) => self.run.motors_on = true,
            ('M', 1060) => self.run.fan = block.number('S')?.unwrap_or(255.0) / 255.0,
            ('M', 1070) => self.run.fan = 0.0,
            ('M', code @ (1040 | 1090)) => self.heat_nozzle(block, code == 1090)?,
            ('M', code @ (1400 | 1900)) => self.heat_bed(block, code == 1900)?,
            // Progress, reports, messages, waiting, limits, leveling and pressure advance: no motion.
            ('M', 730 | 1050 | 1140 | 1150 | 1170 | 1180 | 4000 | 4200 | 9000) => {}
            ('M', 2010 | 2030 | 2040 | 2050 | 2200 | 2210) => {}
            ('T', 0) => {}
            (letter, tenths) => {
                let number = (f64::from(tenths) / 10.0).to_string();
                return Err(FaultKind::UnknownCommand { letter, number });
            }
        }
        Ok(())
    }

    fn go(
        &mut self,
        block: &Block,
        line: u32,
        visit: &mut impl FnMut(&Move<'a>),
    ) -> Result<(), FaultKind> {
        if let Some(feed) = block.number('F')? {
            if feed <= 0.0 {
                return Err(FaultKind::FeedNotPositive);
            }
            self.speed_mm_s = Some(feed * self.unit / 60.0);
        }
        let from = self.position;
        let mut to = from;
        for (axis, letter) in AXES.into_iter().enumerate() {
            if let Some(value) = block.number(letter)? {
                let start = if self.is_relative { from[axis] } else { self.offset[axis] };
                to[axis] = start + value * self.unit;
                if to[axis].abs() > FARTHEST_MM {
                    return Err(FaultKind::TooFar(letter));
                }
            }
        }
        let mut filament_mm = 0.0;
        if let Some(value) = block.number('E')? {
            let start = if self.is_extruder_relative { 0.0 } else { self.extruder };
            filament_mm = value * self.unit - start;
            if filament_mm.abs() > FARTHEST_MM {
                return Err(FaultKind::TooFar('E'));
            }
            self.extruder += filament_mm;
        }
        self.position = to;
        if to == from && filament_mm.abs() <= 0.0 {
            return Ok(());
        }
        let speed_mm_s = self.speed_mm_s.ok_or(FaultKind::NoFeed)?;
        visit(&Move {
            line,
            from,
            to,
            filament_mm,
            speed_mm_s,
            is_rapid: block.tenths == 0,
            nozzle_c: self.nozzle_c,
            bed_c: self.bed_c,
            kind: self.kind,
            layers: self.run.layers,
        });
        if to != from && !self.is_homed { Err(FaultKind::NotHomed) } else { Ok(()) }
    }

    fn home(&mut self, block: &Block) {
        let is_named = |axis: usize| block.argument(AXES[axis]).is_some();
        let all = !(0..AXES.len()).any(is_named);
        for axis in 0..AXES.len() {
            if all || is_named(axis) {
                self.position[axis] = 0.0;
                self.offset[axis] = 0.0;
            }
        }
        self.is_homed |= all;
    }

    fn set_position(&mut self, block: &Block) -> Result<(), FaultKind> {
        for (axis, letter) in AXES.into_iter().enumerate() {
            if let Some(value) = within_reach(block, letter)? {
                self.offset[axis] = self.position[axis] - value * self.unit;
            }
        }
        if let Some(value) = within_reach(block, 'E')? {
            self.extruder = value * self.unit;
        }
        Ok(())
    }

    fn heat_nozzle(&mut self, block: &Block, waits: bool) -> Result<(), FaultKind> {
        let target = wanted(block)?;
        self.run.nozzle_target_c = target;
        self.nozzle_c = if waits { target } else { self.nozzle_c.min(target) };
        Ok(())
    }

    fn heat_bed(&mut self, block: &Block, waits: bool) -> Result<(), FaultKind> {
        let target = wanted(block)?;
        self.run.bed_target_c = target;
        self.bed_c = if waits { target } else { self.bed_c.min(target) };
        Ok(())
    }
}

fn within_reach(block: &Block, letter: char) -> Result<Option<f64>, FaultKind> {
    match block.number(letter)? {
        Some(value) if value.abs() > FARTHEST_MM => Err(FaultKind::TooFar(letter)),
        value => Ok(value),
    }
}

/// The temperature after S (wait while heating) or R (wait either way), °C.
fn wanted(block: &Block) -> Result<f64, FaultKind> {
    match (block.number('S')?, block.number('R')?) {
        (Some(target), _) | (None, Some(target)) => Ok(target),
        (None, None) => Err(FaultKind::NoNumber('S')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moves(program: &str) -> (Vec<Move<'_>>, Run) {
        let mut found = Vec::new();
        let run = follow(program, |step| found.push(*step));
        (found, run)
    }

    #[test]
    fn g90_switches_e_too() {
        let (found, run) = moves("G28\nM83\nG1 X1 E1 F600\nG90\nG1 X2 E1\nG1 X3 E1.5\n");
        assert_eq!(run.faults, []);
        let filament: Vec<f64> = found.iter().map(|step| step.filament_mm).collect();
        // After G90, E is absolute: it stands at 1 already, so `E1` pushes nothing.
        assert_eq!(filament, [1.0, 0.0, 0.5]);
        assert_eq!(found[2].from, [2.0, 0.0, 0.0]);
        assert!((found[2].speed_mm_s - 10.0).abs() < 1e-12);
    }

    #[test]
    fn origins_move() {
        let (found, _) =
            moves("G28\nG1 X10 Y5 F60\nG92 X0 E7\nG1 X1 E8\nG91\nG1 X1 E1\nG28 X\nG90\nG1 X3\n");
        let ends: Vec<(f64, f64)> =
            found.iter().map(|step| (step.to[0], step.filament_mm)).collect();
        assert_eq!(ends, [(10.0, 0.0), (11.0, 1.0), (12.0, 1.0), (3.0, 0.0)]);
    }

    #[test]
    fn only_awaited_heat_is_relied_on() {
        let program =
            "G28\nM83\nM104 S200\nG1 E1 F60\nM109 S200\nG1 E1\nM104 S210\nG1 E1\nM104 S0\nG1 E1";
        let (found, run) = moves(program);
        let heat: Vec<f64> = found.iter().map(|step| step.nozzle_c).collect();
        assert_eq!(heat, [0.0, 200.0, 200.0, 0.0]);
        assert!(run.nozzle_target_c.abs() < 1e-12);
    }

    #[test]
    fn kinds_and_layers_come_from_comments() {
        let (found, run) = moves("G28\n;LAYER:0\n;TYPE:Skin\nG1 X1 F60 ; note\n;LAYER:1\nG1 X2");
        assert_eq!((found[0].kind, found[0].layers), ("Skin", 1));
        assert_eq!((found[1].layers, run.layers), (2, 2));
    }

    #[test]
    fn faults_name_their_line() {
        let cases = [
            ("G1 X1 F60", FaultKind::NotHomed),
            ("G28\nG1 X1", FaultKind::NoFeed),
            ("G1 X F60", FaultKind::NoNumber('X')),
            ("G28\nG1 X1 F0", FaultKind::FeedNotPositive),
            ("G28\nG1 F60 X99999999", FaultKind::TooFar('X')),
            ("X1", FaultKind::NoCommand),
            ("G1 X1 M104 S5", FaultKind::SeveralCommands),
            ("M109", FaultKind::NoNumber('S')),
            ("G2 X1 I1", FaultKind::UnknownCommand { letter: 'G', number: "2".to_owned() }),
        ];
        for (program, kind) in cases {
            let (_, run) = moves(program);
            assert_eq!(run.faults.len(), 1, "{program}: {:?}", run.faults);
            assert_eq!(run.faults[0].kind, kind, "{program}");
            assert_eq!(run.faults[0].line as usize, program.lines().count());
        }
        let (_, run) = moves("G28\nG1 X1 F600 Y{machine_depth}");
        assert!(matches!(run.faults[0].kind, FaultKind::Unreadable(_)));
    }

    #[test]
    fn faults_beyond_the_limit_are_counted() {
        let (_, run) = moves(&"X1\n".repeat(150));
        assert_eq!((run.faults.len(), run.fault_count), (MOST_FAULTS, 150));
    }

    proptest! {
        #[test]
        fn any_text_is_followed_without_panic(text in "\\PC{0,200}") {
            follow(&text, |_| {});
        }

        #[test]
        fn damaged_programs_are_followed_with_finite_moves(
            lines in prop::collection::vec(
                "(G(0|1|28|90|91|92|20|21)|M(82|83|104|109|106))( ?[XYZEFS](-?[0-9]{0,9}\\.?[0-9]{0,3}))*",
                0..40,
            )
        ) {
            let program = lines.join("\n");
            follow(&program, |step| {
                assert!(step.to.iter().chain([&step.filament_mm]).all(|value| value.is_finite()));
                assert!(step.speed_mm_s > 0.0);
            });
        }
    }
}
