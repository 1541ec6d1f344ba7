use geometry::{HeightField, Point2};

use crate::chart::range_of;
use crate::color::{ColorMap, Rgb};
use crate::frame::{Axis, Frame, Scale, decimals, nice_step, ticks};
use crate::markup::{Anchor, BODY, Drawing, Lettering, Paint, Stroke, Svg, readable, text_width};
use crate::raster::Raster;

/// A named point on a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapMarker {
    /// Where, in the field's coordinates, mm.
    pub at: Point2,
    /// What is written beside it; may be empty.
    pub text: String,
}

/// A line on a map, such as a border or a path.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLine {
    /// Points in the field's coordinates, mm.
    pub points: Vec<Point2>,
    /// Color; a light rim sets it off from the map.
    pub color: Rgb,
    /// Width, px.
    pub width: f64,
    /// Whether it is dashed.
    pub dashed: bool,
}

/// How a field is shown.
#[derive(Clone, Debug)]
pub struct HeatMapStyle {
    /// Colors of low and high values.
    pub colors: ColorMap,
    /// Values at the ends of the color bar; `None` takes round numbers around the data (around zero
    /// for [`ColorMap::Difference`]).
    pub range: Option<(f64, f64)>,
    /// Quantity and unit, written over the color bar.
    pub quantity: String,
    /// Step between contour lines in the field's unit; `None` draws none. The first stands half a step
    /// over zero, so that flat ground at zero is not mottled by its rounding.
    pub contour_step: Option<f64>,
    /// Whether every node is a square of its own (sensor cells) instead of a smooth surface.
    pub cells: bool,
    /// Values that stand for classes, with their names: a legend takes the place of the color bar.
    pub classes: Vec<(f64, String)>,
    /// Whether x runs to the left, as for a left foot seen from above in the foot frame.
    pub mirrored: bool,
    /// Words under the left and the right border, such as "medial" and "lateral".
    pub borders: [String; 2],
    /// Most height of the map, drawing pixels.
    pub height: f64,
    /// Lines over the map, under the markers.
    pub lines: Vec<MapLine>,
    /// Points to mark.
    pub markers: Vec<MapMarker>,
    /// What a screen reader says.
    pub description: String,
}

impl Default for HeatMapStyle {
    fn default() -> Self {
        Self {
            colors: ColorMap::Height,
            range: None,
            quantity: "mm".to_owned(),
            contour_step: None,
            cells: false,
            classes: Vec::new(),
            mirrored: false,
            borders: [String::new(), String::new()],
            height: 400.0,
            lines: Vec::new(),
            markers: Vec::new(),
            description: String::new(),
        }
    }
}

/// Most width of the map, px.
const MOST_WIDTH: f64 = 230.0;
/// Room for the quantity over the color bar, px.
const BAR_ROOM: f64 = 70.0;
/// Image pixels per drawing pixel.
const FINENESS: f64 = 2.0;
/// Colors of a map: few enough for a palette, too many to see as steps.
const COLOR_STEPS: u32 = 120;

/// Draws a field as a map with axes in mm and a color bar; unknown nodes stay empty.
#[must_use]
pub fn heat_map(field: &HeightField, style: &HeatMapStyle) -> Svg {
    let colors = Colors::new(style, value_range(field, style));
    let half = field.spacing / 2.0;
    let area = field.area();
    let extent = [area.width() + field.spacing, area.height() + field.spacing];
    let per_mm = (MOST_WIDTH / extent[0]).min(style.height.max(40.0) / extent[1]);
    let (width, height) = (extent[0] * per_mm, extent[1] * per_mm);
    // A quantity too long for the room over the color bar stands over the map, which moves down.
    let is_long = style.classes.is_empty() && text_width(&style.quantity, BODY) > BAR_ROOM;
    let (left, top) = (Frame::BESIDE, if is_long { 26.0 } else { 8.0 });
    let (x_from, x_to) = if style.mirrored { (left + width, left) } else { (left, left + width) };
    let frame = Frame {
        x: Axis {
            scale: Scale {
                low: area.low.x - half,
                high: area.high.x + half,
                low_px: x_from,
                high_px: x_to,
            },
            title: "x, mm".to_owned(),
            pieces: (width / 27.0).max(2.0) as usize,
        },
        y: Axis {
            scale: Scale {
                low: area.low.y - half,
                high: area.high.y + half,
                low_px: top + height,
                high_px: top,
            },
            title: "y, mm".to_owned(),
            pieces: 8,
        },
    };
    let bar_left = left + width + 22.0;
    let names = style.classes.iter().map(|(_, name)| text_width(name, BODY) + 20.0);
    let total = bar_left + names.fold(74.0, f64::max);
    let mut drawing = Drawing::new(total.max(bar_left + 12.0), top + height + Frame::BELOW + 2.0);
    let image = if style.cells { cells(field, &colors) } else { smooth(field, &colors, per_mm) };
    frame.draw(&mut drawing);
    drawing.image(&image, (left, top), (width, height), style.cells);
    draw_borders(&mut drawing, style, left, left + width, top + height);
    draw_lines(&mut drawing, style, &frame);
    draw_markers(&mut drawing, style, &frame);
    if style.classes.is_empty() {
        let bar_top = if is_long { top } else { top + 24.0 };
        draw_bar(&mut drawing, &colors, [bar_left, bar_top], (height - 24.0).min(260.0));
    } else {
        draw_classes(&mut drawing, &colors, [bar_left, top + 8.0]);
    }
    drawing.finish(&style.description)
}

/// Ends of the color bar.
fn value_range(field: &HeightField, style: &HeatMapStyle) -> (f64, f64) {
    if let Some((low, high)) = style.range.filter(|(low, high)| low < high) {
        return (low, high);
    }
    let (low, high) = range_of(field.heights.iter().copied()).unwrap_or((0.0, 1.0));
    if style.colors == ColorMap::Difference {
        let most = low.abs().max(high.abs()).max(1e-9);
        let step = nice_step(most, 4);
        let end = (most / step).ceil() * step;
        return (-end, end);
    }
    let step = nice_step(high - low, 8);
    let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
    if high > low { (low, high) } else { (low, low + step) }
}

struct Colors<'a> {
    style: &'a HeatMapStyle,
    low: f64,
    high: f64,
    /// The colors of [`COLOR_STEPS`] equal steps: computing one costs more than drawing it.
    table: Vec<[u8; 4]>,
}

impl<'a> Colors<'a> {
    fn new(style: &'a HeatMapStyle, (low, high): (f64, f64)) -> Self {
        let color = |step: u32| {
            let Rgb(r, g, b) = style.colors.color(f64::from(step) / f64::from(COLOR_STEPS));
            [r, g, b, 255]
        };
        Self { style, low, high, table: (0..=COLOR_STEPS).map(color).collect() }
    }

    fn at(&self, value: f64) -> [u8; 4] {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.table[(share * f64::from(COLOR_STEPS)).round() as usize]
    }
}

/// One pixel per node.
fn cells(field: &HeightField, colors: &Colors<'_>) -> Raster {
    let (columns, rows) = (field.columns as u32, field.rows as u32);
    Raster::from_fn(columns, rows, |x, y| {
        let column = if colors.style.mirrored { columns - 1 - x } else { x };
        let value = field.at(column as usize, (rows - 1 - y) as usize);
        if value.is_finite() { colors.at(value) } else { [0; 4] }
    })
}

/// Bilinear values at a fixed fineness, with contour lines.
fn smooth(field: &HeightField, colors: &Colors<'_>, per_mm: f64) -> Raster {
    let scale = per_mm * FINENESS;
    let step = 1.0 / scale;
    let area = field.area();
    let pixels = |extent: f64| ((extent + field.spacing) * scale).round().max(1.0) as u32;
    let (width, height) = (pixels(area.width()), pixels(area.height()));
    let start = Point2::new(area.low.x - field.spacing / 2.0, area.high.y + field.spacing / 2.0);
    let value = |column: u32, row: u32| {
        let across = if colors.style.mirrored { width - 1 - column.min(width - 1) } else { column };
        let point = Point2::new(
            start.x + (f64::from(across) + 0.5) * step,
            start.y - (f64::from(row) + 0.5) * step,
        );
        let inside = Point2::new(
            point.x.clamp(area.low.x, area.high.x),
            point.y.clamp(area.low.y, area.high.y),
        );
        field.sample(inside).unwrap_or(f64::NAN)
    };
    let values: Vec<f64> = (0..height)
        .flat_map(|row| (0..width).map(move |column| (column, row)))
        .map(|(column, row)| value(column, row))
        .collect();
    let level = |at: Option<&f64>| {
        let contour = colors.style.contour_step?;
        at.filter(|value| value.is_finite()).map(|value| (value / contour - 0.5).floor())
    };
    Raster::from_fn(width, height, |column, row| {
        let at = (row * width + column) as usize;
        let here = values[at];
        if !here.is_finite() {
            return [0; 4];
        }
        let [r, g, b, opacity] = colors.at(here);
        let right = if column + 1 < width { level(values.get(at + 1)) } else { None };
        let below = level(values.get(at + width as usize));
        let own = level(Some(&here));
        let on_contour = [right, below].into_iter().flatten().any(|other| Some(other) != own);
        let shade = if on_contour { contour_shade([r, g, b]) } else { [r, g, b] };
        [shade[0], shade[1], shade[2], opacity]
    })
}

/// A contour is darker than a light ground and lighter than a dark one.
fn contour_shade(color: [u8; 3]) -> [u8; 3] {
    let light: u32 = color.iter().map(|&channel| u32::from(channel)).sum();
    color.map(
        |channel| {
            if light > 300 { (u32::from(channel) * 3 / 5) as u8 } else { 90 + channel / 3 * 2 }
        },
    )
}

fn draw_borders(drawing: &mut Drawing, style: &HeatMapStyle, left: f64, right: f64, bottom: f64) {
    let y = bottom + 2.0 * BODY + 9.0;
    drawing.text((left - 30.0, y), Lettering::new(Anchor::Start).ink(), &style.borders[0]);
    drawing.text((right + 30.0, y), Lettering::new(Anchor::End).ink(), &style.borders[1]);
}

fn draw_lines(drawing: &mut Drawing, style: &HeatMapStyle, frame: &Frame) {
    for line in &style.lines {
        let points: Vec<_> = line.points.iter().map(|at| frame.at(at.x, at.y)).collect();
        let rim = Paint::solid(Rgb(255, 255, 255)).with_opacity(0.75);
        drawing.polyline(&points, Stroke::new(rim, line.width + 1.6));
        let stroke = Stroke::new(Paint::solid(line.color), line.width);
        drawing.polyline(&points, if line.dashed { stroke.dashed() } else { stroke });
    }
}

fn draw_markers(drawing: &mut Drawing, style: &HeatMapStyle, frame: &Frame) {
    for marker in &style.markers {
        let (x, y) = frame.at(marker.at.x, marker.at.y);
        let ring = Stroke::new(Paint::solid(Rgb(255, 255, 255)), 1.5);
        drawing.circle((x, y), 3.6, Paint::solid(Rgb(0xc2, 0x3b, 0x22)), Some(ring));
        if !marker.text.is_empty() {
            // A label that would run into the color bar stands on the marker's other side.
            let right = frame.x.scale.low_px.max(frame.x.scale.high_px);
            let fits = x + 9.0 + text_width(&marker.text, 11.0) < right + 8.0;
            let (anchor, at) = if fits { (Anchor::Start, x + 9.0) } else { (Anchor::End, x - 9.0) };
            drawing.plated_text((at, y + 4.0), Lettering::new(anchor).sized(11.0), &marker.text);
        }
    }
}

/// A square of the color of every class, with its name.
fn draw_classes(drawing: &mut Drawing, colors: &Colors<'_>, [left, top]: [f64; 2]) {
    drawing.text((left, top + BODY), Lettering::new(Anchor::Start), &colors.style.quantity);
    for (index, (value, name)) in colors.style.classes.iter().enumerate() {
        let y = top + 12.0 + 20.0 * (index as f64 + 1.0);
        let [r, g, b, _] = colors.at(*value);
        drawing.rectangle((left, y - 11.0), (13.0, 13.0), Paint::solid(Rgb(r, g, b)));
        drawing.text((left + 19.0, y), Lettering::new(Anchor::Start).ink(), name);
    }
}

fn draw_bar(drawing: &mut Drawing, colors: &Colors<'_>, [left, top]: [f64; 2], height: f64) {
    let bar = Raster::from_fn(1, 64, |_, row| {
        colors.at(colors.high - (f64::from(row) + 0.5) / 64.0 * (colors.high - colors.low))
    });
    drawing.image(&bar, (left, top), (12.0, height), false);
    let pieces = 5;
    let places = decimals(nice_step(colors.high - colors.low, pieces));
    let scale = Scale { low: colors.low, high: colors.high, low_px: top + height, high_px: top };
    for value in ticks(colors.low, colors.high, pieces) {
        let y = scale.px(value);
        drawing.line((left + 12.0, y), (left + 16.0, y), Stroke::new(Paint::MUTED, 1.0));
        let words = readable(value, places);
        drawing.text((left + 20.0, y + 4.0), Lettering::new(Anchor::Start), &words);
    }
    let right = left + BAR_ROOM;
    let start = (right - text_width(&colors.style.quantity, BODY)).min(left);
    drawing.text((start, top - 10.0), Lettering::new(Anchor::Start), &colors.style.quantity);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_well_formed;
    use geometry::Rect;

    fn bowl() -> HeightField {
        let area = Rect { low: Point2::new(-40.0, -20.0), high: Point2::new(40.0, 180.0) };
        HeightField::from_fn(area, 2.0, |p| {
            let height = p.x * p.x / 100.0 + 0.05 * p.y;
            if p.coords.norm() > 150.0 { f64::NAN } else { height }
        })
    }

    #[test]
    fn well_formed_with_axes_and_unit() {
        let style = HeatMapStyle {
            quantity: "height, mm".to_owned(),
            contour_step: Some(2.0),
            borders: ["medial".to_owned(), "lateral".to_owned()],
            markers: vec![MapMarker { at: Point2::origin(), text: "heel <seat>".to_owned() }],
            lines: vec![MapLine {
                points: vec![
                    Point2::new(0.0, 0.0),
                    Point2::new(5.0, f64::NAN),
                    Point2::new(9.0, 90.0),
                ],
                color: Rgb(0x10, 0x20, 0x30),
                width: 1.5,
                dashed: true,
            }],
            ..HeatMapStyle::default()
        };
        let drawn = heat_map(&bowl(), &style);
        assert!(drawn.as_str().contains("#102030"), "the line is drawn");
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        for words in ["x, mm", "height, mm", "lateral", "heel &lt;seat&gt;"] {
            assert!(drawn.as_str().contains(words), "{words} is missing");
        }
        assert!(drawn.as_str().len() < 60_000, "{} bytes", drawn.as_str().len());
    }

    #[test]
    fn colors_stand_where_the_values_are() {
        let field = bowl();
        let style = HeatMapStyle::default();
        let colors = Colors::new(&style, (0.0, 30.0));
        let image = smooth(&field, &colors, 2.0);
        let scale = 2.0 * FINENESS;
        for (x, y) in [(0.0, 0.0), (-30.0, 50.0), (31.0, 101.0)] {
            let (column, row) = (((x + 41.0) * scale) as u32, ((181.0 - y) * scale) as u32);
            let found = image.pixels()[(row * image.width() + column) as usize];
            let expected = colors.at(field.sample(Point2::new(x, y)).unwrap());
            let off = (0..3).map(|i| found[i].abs_diff(expected[i])).max().unwrap();
            assert!(off < 12, "({x}, {y}): {found:?}, expected {expected:?}");
        }
        let corner = image.pixels()[0];
        assert_eq!(corner[3], 0, "nothing is drawn where nothing is known");
    }

    #[test]
    fn mirroring_turns_the_picture_not_the_numbers() {
        let field = HeightField::from_fn(bowl().area(), 2.0, |p| p.x);
        let mirrored = HeatMapStyle { mirrored: true, cells: true, ..HeatMapStyle::default() };
        let colors = Colors::new(&mirrored, (-40.0, 40.0));
        let image = cells(&field, &colors);
        assert_eq!(image.pixels()[0], colors.at(40.0), "the lateral border stands at the left");
    }

    #[test]
    fn classes_are_named_in_place_of_the_bar() {
        let style = HeatMapStyle {
            classes: vec![(0.0, "seen <well>".to_owned()), (3.0, "not".to_owned())],
            range: Some((0.0, 3.0)),
            cells: true,
            ..HeatMapStyle::default()
        };
        let drawn = heat_map(&bowl(), &style);
        assert_eq!(check_well_formed(drawn.as_str()), Ok(()));
        assert!(drawn.as_str().contains("seen &lt;well&gt;"));
        assert_eq!(drawn.as_str().matches("<image").count(), 1, "no bar");
    }

    #[test]
    fn a_field_without_values_is_still_a_drawing() {
        let empty = HeightField::from_fn(bowl().area(), 10.0, |_| f64::NAN);
        let style = HeatMapStyle { colors: ColorMap::Difference, ..HeatMapStyle::default() };
        assert_eq!(check_well_formed(heat_map(&empty, &style).as_str()), Ok(()));
    }
}
