//! Pictures of the print for the printer's screen: PNG as comments at the head of a program.
//!
//! Prusa's and Klipper's front ends (Mainsail, Fluidd, plug-ins of other hosts) read the same block: its first
//! line has the size in pixels and the number of letters of the picture in base 64, which follow in lines
//! of at most 78.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Letters of base 64 in a line: with `; ` no more than eighty.
const LINE_LETTERS: usize = 78;

/// A picture for a printer's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// Width and height, px.
    pub size_px: [u32; 2],
    /// The file.
    pub png: Vec<u8>,
}

impl Thumbnail {
    fn block(&self) -> String {
        let letters = STANDARD.encode(&self.png);
        let [width, height] = self.size_px;
        let mut block = format!("; thumbnail begin {width}x{height} {}\n", letters.len());
        let mut rest = letters.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE_LETTERS));
            let _ = writeln!(block, "; {line}");
            rest = after;
        }
        block.push_str("; thumbnail end\n");
        block
    }
}

/// The program with the pictures behind its first line, in their order.
pub(crate) fn with_thumbnails(program: &str, thumbnails: &[Thumbnail]) -> String {
    let head = program.find('\n').map_or(0, |end| end + 1);
    let blocks: String = thumbnails.iter().map(Thumbnail::block).collect();
    [&program[..head], &blocks, &program[head..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_from_its_comments() {
        let png: Vec<u8> = (0..400_u32).map(|byte| (byte * 7 % 256) as u8).collect();
        let thumbnail = Thumbnail { size_px: [32, 16], png: png.clone() };
        let program = with_thumbnails(";Generated\nG28\n", &[thumbnail]);
        let lines: Vec<&str> = program.lines().collect();
        assert_eq!((lines[0], lines[lines.len() - 1]), (";Generated", "G28"));
        let head: Vec<&str> = lines[1].split(' ').collect();
        assert_eq!(head[..4], [";", "thumbnail", "begin", "32x16"]);
        assert_eq!(lines[lines.len() - 2], "; thumbnail end");
        let letters: String =
            lines[2..lines.len() - 2].iter().map(|line| line.strip_prefix("; ").unwrap()).collect();
        assert_eq!(letters.len().to_string(), head[4]);
        assert!(lines.iter().all(|line| line.len() <= 80));
        assert_eq!(STANDARD.decode(letters).unwrap(), png);
        assert_eq!(with_thumbnails("G28\n", &[]), "G28\n");
    }
}
