//! One line of a print program: its command and its arguments.

use super::{FaultKind, Firmware};
use crate::word::{Line, Token, Word};

/// The command of a line and its arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) letter: char,
    /// The command's number in tenths: 10 for G1, 8623 for `M862.3`.
    pub(super) tenths: u32,
    /// Bit n: the n-th letter stands in the line.
    present: u32,
    /// Bit n: it has a number.
    numbered: u32,
    values: [f64; 26],
}

/// What a line asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked<'a> {
    /// Nothing: a blank line or a comment.
    Nothing,
    /// A command with a letter and a number.
    Command(Block),
    /// A command by name (Klipper), with the text after it.
    Named(&'a str, &'a str),
}

const fn place(letter: char) -> u32 {
    letter as u32 - 'A' as u32
}

impl Block {
    const fn new(letter: char, tenths: u32) -> Self {
        Self { letter, tenths, present: 0, numbered: 0, values: [0.0; 26] }
    }

    fn set(&mut self, word: &Word) {
        let bit = 1 << place(word.letter);
        self.present |= bit;
        if let Some(value) = word.value {
            self.numbered |= bit;
            self.values[place(word.letter) as usize] = value;
        }
    }

    /// Whether the letter stands in the line, with or without a number.
    pub(super) const fn has(&self, letter: char) -> bool {
        self.present & (1 << place(letter)) != 0
    }

    /// The number of an argument that needs one.
    pub(super) fn number(&self, letter: char) -> Result<Option<f64>, FaultKind> {
        let bit = 1 << place(letter);
        match (self.present & bit != 0, self.numbered & bit != 0) {
            (false, _) => Ok(None),
            (true, true) => Ok(Some(self.values[place(letter) as usize])),
            (true, false) => Err(FaultKind::NoNumber(letter)),
        }
    }
}

/// Commands whose arguments matter here; those of all others may be text of any form.
fn reads_arguments(letter: char, tenths: u32) -> bool {
    match letter {
        'G' => true,
        'M' => matches!(
            tenths,
            820 | 830
                | 840
                | 170
                | 180
                | 1040
                | 1090
                | 1060
                | 1070
                | 1400
                | 1900
                | 2040
                | 2200
                | 2210
                | 5680
                | 2070
                | 1160
        ),
        _ => false,
    }
}

/// Takes a line apart.
pub(super) fn read<'a>(line: &Line<'a>, firmware: Firmware) -> Result<Asked<'a>, FaultKind> {
    if firmware == Firmware::Klipper
        && let Some((name, rest)) = macro_name(line.text)
    {
        return Ok(Asked::Named(name, rest));
    }
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
                if !reads_arguments(started.letter, started.tenths) {
                    return Ok(Asked::Command(started));
                }
                block = Some(started);
            }
            Some(_) if matches!(word.letter, 'G' | 'M') => return Err(FaultKind::SeveralCommands),
            Some(block) => block.set(&word),
        }
    }
    Ok(block.map_or(Asked::Nothing, Asked::Command))
}

/// `START_PRINT BED=60`: at least two letters or underscores at the start of the line.
fn macro_name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let length =
        text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let name = text.get(..length)?;
    let mut bytes = name.bytes();
    let is_name = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    is_name.then(|| (name, text[length..].split(';').next().unwrap_or("")))
}

/// The number after `KEY=` in the text of a named command.
pub(super) fn parameter(text: &str, keys: &[&str]) -> Option<f64> {
    text.split_ascii_whitespace().find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let is_asked = keys.iter().any(|asked| key.eq_ignore_ascii_case(asked));
        is_asked.then(|| value.parse().ok()).flatten().filter(|value: &f64| value.is_finite())
    })
}

fn command(word: &Word) -> Result<Block, FaultKind> {
    match (word.letter, word.tenths()) {
        (letter @ ('G' | 'M' | 'T'), Some(tenths)) => Ok(Block::new(letter, tenths)),
        // `T` alone, `T?` and `Tx` ask the operator or the firmware.
        ('T', None) => Ok(Block::new('T', 0)),
        _ => Err(FaultKind::NoCommand),
    }
}
