use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A picture of pixels with red, green, blue and opacity, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 4]>,
}

impl Raster {
    /// A transparent picture; at least one pixel in each direction.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self { width, height, pixels: vec![[0; 4]; width as usize * height as usize] }
    }

    /// A picture whose pixel (column, row) is what `color_at` says.
    #[must_use]
    pub fn from_fn(width: u32, height: u32, color_at: impl Fn(u32, u32) -> [u8; 4]) -> Self {
        let mut raster = Self::new(width, height);
        let columns = raster.width;
        for (index, pixel) in (0_u32..).zip(&mut raster.pixels) {
            *pixel = color_at(index % columns, index / columns);
        }
        raster
    }

    /// Number of columns.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[[u8; 4]] {
        &self.pixels
    }

    pub(crate) fn pixels_mut(&mut self) -> &mut [[u8; 4]] {
        &mut self.pixels
    }

    /// As a PNG file: with a palette where 256 colors are enough, else with 8-bit RGBA.
    ///
    /// # Panics
    /// Never: the sizes agree by construction and memory takes what is written.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        let data = match self.palette() {
            Some(palette) => {
                let (colors, opacities) = palette_chunks(&palette);
                encoder.set_color(png::ColorType::Indexed);
                encoder.set_filter(png::Filter::NoFilter);
                encoder.set_palette(colors);
                encoder.set_trns(opacities);
                self.indices(&palette)
            }
            None => {
                encoder.set_color(png::ColorType::Rgba);
                encoder.set_filter(png::Filter::Adaptive);
                self.pixels.concat()
            }
        };
        let mut writer = encoder.write_header().expect("a valid header");
        writer.write_image_data(&data).expect("as many bytes as the header says");
        writer.finish().expect("memory takes what is written");
        bytes
    }

    /// As a `data:` address that a page can show without loading anything.
    #[must_use]
    pub fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(self.png()))
    }

    /// The distinct colors, least opaque first; `None` if there are more than 256.
    fn palette(&self) -> Option<Vec<[u8; 4]>> {
        let mut found = BTreeSet::new();
        for &[r, g, b, opacity] in &self.pixels {
            found.insert([opacity, r, g, b]);
            if found.len() > 256 {
                return None;
            }
        }
        Some(found.into_iter().map(|[opacity, r, g, b]| [r, g, b, opacity]).collect())
    }

    fn indices(&self, palette: &[[u8; 4]]) -> Vec<u8> {
        let order = |&[r, g, b, opacity]: &[u8; 4]| [opacity, r, g, b];
        self.pixels
            .iter()
            .map(|pixel| palette.partition_point(|entry| order(entry) < order(pixel)) as u8)
            .collect()
    }
}

/// The PLTE and tRNS chunks; opaque entries at the end need no opacity.
fn palette_chunks(palette: &[[u8; 4]]) -> (Vec<u8>, Vec<u8>) {
    let colors = palette.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    let opacities =
        palette.iter().map(|entry| entry[3]).take_while(|&opacity| opacity < 255).collect();
    (colors, opacities)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        data.truncate(info.buffer_size());
        (info.width, info.height, data)
    }

    #[test]
    fn both_kinds_of_png_read_back_the_same_pixels() {
        let few = Raster::from_fn(7, 5, |x, y| [(x * 9) as u8, 3, (y % 2) as u8, (x * 40) as u8]);
        let many = Raster::from_fn(40, 30, |x, y| [(x * 6) as u8, (y * 8) as u8, 77, 255]);
        assert!(few.palette().is_some());
        assert!(many.palette().is_none(), "1200 colors");
        for raster in [few, many] {
            let (width, height, data) = decoded(&raster.png());
            assert_eq!((width, height), (raster.width, raster.height));
            assert_eq!(data, raster.pixels.concat());
        }
    }

    #[test]
    fn an_empty_picture_still_has_a_pixel() {
        assert!(Raster::new(0, 0).data_uri().starts_with("data:image/png;base64,"));
    }
}
