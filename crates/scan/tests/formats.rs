//! Reads one shape from every kind of file, in the many ways in which these are written.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use geometry::{Point3, TriMesh, check_closed};
use scan::{Format, ScanError, ScanLimits, ScanMesh, ScanRequest, Unit, UnitSource, read_scan};
use vocabulary::Findings;
use zip::write::SimpleFileOptions;

/// A foot-sized box, 100 × 250 × 80 mm.
fn shoe_box() -> TriMesh {
    TriMesh::cuboid(Point3::new(10.0, -50.0, 5.0), Point3::new(110.0, 200.0, 85.0))
}

/// Its six faces, outward.
const QUADS: [[u32; 4]; 6] =
    [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];

fn read_with(bytes: &[u8], limits: ScanLimits) -> (Result<ScanMesh, ScanError>, Findings) {
    let mut findings = Findings::new();
    let request = ScanRequest { unit: None, limits };
    let scan = read_scan(bytes, &request, &mut findings);
    (scan, findings)
}

fn read(bytes: &[u8]) -> (Result<ScanMesh, ScanError>, Findings) {
    read_with(bytes, ScanLimits::default())
}

#[track_caller]
fn assert_is_shoe_box(bytes: &[u8], format: Format, case: &str) -> ScanMesh {
    let scan = read(bytes).0.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(scan.format, format, "{case}");
    assert_eq!(check_closed(&scan.mesh), Ok(()), "{case}");
    assert_eq!((scan.mesh.vertices.len(), scan.mesh.triangles.len()), (8, 12), "{case}");
    let (low, high) = scan.mesh.bounds().expect("a scan has vertices");
    assert!((low - Point3::new(10.0, -50.0, 5.0)).norm() < 1e-3, "{case} {low}");
    assert!((high - Point3::new(110.0, 200.0, 85.0)).norm() < 1e-3, "{case} {high}");
    assert!((scan.mesh.volume() - 2e6).abs() < 10.0, "{case}");
    scan
}

#[track_caller]
fn assert_refused(bytes: &[u8], limits: ScanLimits, words: &str) {
    let message = read_with(bytes, limits).0.expect_err(words).to_string();
    assert!(message.contains(words), "expected \"{words}\" in \"{message}\"");
    assert!(!message.contains('\n') && message.len() < 300, "{message}");
}

fn obj(face: impl Fn(usize, [u32; 4]) -> String) -> String {
    let mut text = "# made by hand\nmtllib box.mtl\no box\n".to_owned();
    for p in shoe_box().vertices {
        writeln!(text, "v {} {} {}", p.x, p.y, p.z).expect("a string takes any text");
    }
    text += "vt 0 0\nvn 0 0 1\nusemtl M\u{fc}ller's leather\ns off\n";
    for (index, quad) in QUADS.into_iter().enumerate() {
        text += &face(index, quad);
    }
    text
}

#[test]
fn obj_is_written_in_many_ways() {
    let quads = obj(|_, [a, b, c, d]| format!("f {} {} {} {}\n", a + 1, b + 1, c + 1, d + 1));
    let triangles = obj(|_, [a, b, c, d]| {
        let [a, b, c, d] = [a + 1, b + 1, c + 1, d + 1];
        format!("f {a}/1 {b}/1 {c}/1\nf {a}//1 {c}//1 {d}//1\n")
    });
    let negative = obj(|_, quad| {
        let [a, b, c, d] = quad.map(|i| i64::from(i) - 8);
        format!("f {a}/-1/-1 {b}/-1/-1 {c}/-1/-1 {d}/-1/-1\n")
    });
    let objects = obj(|index, [a, b, c, d]| {
        format!("o part{index}\ng side\nf {} {} {} {}\nl 1 2\np 3\n", a + 1, b + 1, c + 1, d + 1)
    });
    let mut not_utf8 = quads.clone().into_bytes();
    let at = not_utf8.windows(2).position(|pair| pair == "\u{fc}".as_bytes()).unwrap();
    not_utf8.splice(at..at + 2, [0xfc]);
    let colored: String = quads
        .lines()
        .map(|line| {
            if line.starts_with("v ") {
                format!("{line} 0.5 0.5 0.5\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let cases = [
        ("quads", quads.clone().into_bytes()),
        ("triangles with texture and normals", triangles.into_bytes()),
        ("negative indices", negative.into_bytes()),
        ("several objects", objects.into_bytes()),
        ("a material that is not UTF-8", not_utf8),
        ("colored vertices", colored.into_bytes()),
        ("carriage returns", quads.replace('\n', "\r\n").into_bytes()),
        ("continued lines", quads.replace("v 10 ", "v \\\n10 ").into_bytes()),
    ];
    for (case, bytes) in cases {
        assert_is_shoe_box(&bytes, Format::Obj, case);
    }
    // Every face with vertices of its own, as some programs write it.
    let mut unwelded = String::new();
    for quad in QUADS {
        for corner in quad.map(|index| shoe_box().vertices[index as usize]) {
            writeln!(unwelded, "v {} {} {}", corner.x, corner.y, corner.z).unwrap();
        }
        unwelded += "f -4 -3 -2 -1\n";
    }
    assert_is_shoe_box(unwelded.as_bytes(), Format::Obj, "unwelded");
}

#[test]
fn bad_obj_files_are_refused() {
    let good = obj(|_, [a, b, c, d]| format!("f {} {} {} {}\n", a + 1, b + 1, c + 1, d + 1));
    let few = ScanLimits { max_triangles: 11, max_points: 1000, ..ScanLimits::default() };
    let small = ScanLimits { max_points: 7, ..ScanLimits::default() };
    for (text, limits, words) in [
        (
            good.replace("f 1 3 4 2", "f 1 3 9 2"),
            few,
            "line 16 of the OBJ file names vertex 9, but only 8",
        ),
        (good.replace("f 1 3 4 2", "f 1 3 0 2"), few, "names vertex 0"),
        (good.replace("f 1 3 4 2", "f 1 3 -9 2"), few, "names vertex -9"),
        (good.replace("f 1 3 4 2", "f 1 x 4 2"), few, "has \"x\" where a vertex number"),
        (good.replace("v 10 -50 5", "v 10 -50"), few, "where three coordinates should stand"),
        (good.replace("v 10 -50 5", "v 10 -50 5,3"), few, "\"5,3\" where a number"),
        (good.clone(), few, "more than the limit of 11"),
        (good.clone(), small, "more than 7 points"),
    ] {
        assert_refused(text.as_bytes(), limits, words);
    }
}

/// How the numbers of a PLY body are written.
#[derive(Clone, Copy)]
enum Body {
    Ascii,
    Little,
    Big,
}

impl Body {
    const ALL: [(Self, &str); 3] = [
        (Self::Ascii, "ascii"),
        (Self::Little, "binary_little_endian"),
        (Self::Big, "binary_big_endian"),
    ];

    fn put(self, target: &mut Vec<u8>, kind: &str, value: f64) {
        if matches!(self, Self::Ascii) {
            target.extend_from_slice(format!("{value} ").as_bytes());
            return;
        }
        let mut bytes = match kind {
            "uchar" | "char" => vec![value as i64 as u8],
            "short" => (value as i16).to_le_bytes().to_vec(),
            "int" => (value as i32).to_le_bytes().to_vec(),
            "uint" => (value as u32).to_le_bytes().to_vec(),
            "float" => (value as f32).to_le_bytes().to_vec(),
            "double" => value.to_le_bytes().to_vec(),
            other => panic!("{other}"),
        };
        if matches!(self, Self::Big) {
            bytes.reverse();
        }
        target.extend_from_slice(&bytes);
    }

    fn end(self, target: &mut Vec<u8>) {
        if matches!(self, Self::Ascii) {
            target.push(b'\n');
        }
    }
}

/// A PLY file with colors, normals, an unknown element before the vertices and an unknown list.
fn rich_ply(body: Body, encoding: &str, strips: bool) -> Vec<u8> {
    let corners = if strips { "tristrips 1" } else { "face 6" };
    let mut bytes = format!(
        "ply\nformat {encoding} 1.0\ncomment unknown things abound\nobj_info none\n\
         element camera 2\nproperty double focus\nproperty list uchar short spots\n\
         element vertex 8\nproperty uchar red\nproperty double x\nproperty float nx\nproperty float ny\n\
         property float nz\nproperty double y\nproperty double z\nproperty list int float weights\n\
         element {corners}\nproperty uchar quality\nproperty list {} int vertex_indices\n\
         property float area\nend_header\n",
        if strips { "int" } else { "uchar" }
    )
    .into_bytes();
    for spots in [0, 3] {
        body.put(&mut bytes, "double", 0.5);
        body.put(&mut bytes, "uchar", f64::from(spots));
        (0..spots).for_each(|spot| body.put(&mut bytes, "short", f64::from(-spot)));
        body.end(&mut bytes);
    }
    for (index, p) in shoe_box().vertices.into_iter().enumerate() {
        body.put(&mut bytes, "uchar", 200.0);
        body.put(&mut bytes, "double", p.x);
        (0..3).for_each(|_| body.put(&mut bytes, "float", 0.25));
        body.put(&mut bytes, "double", p.y);
        body.put(&mut bytes, "double", p.z);
        body.put(&mut bytes, "int", (index % 3) as f64);
        (0..index % 3).for_each(|_| body.put(&mut bytes, "float", 7.0));
        body.end(&mut bytes);
    }
    let strip: Vec<f64> = QUADS
        .iter()
        .flat_map(|&[a, b, c, d]| [a, b, d, c].map(f64::from).into_iter().chain([-1.0]))
        .collect();
    let quads: Vec<Vec<f64>> = QUADS.iter().map(|quad| quad.map(f64::from).to_vec()).collect();
    for list in if strips { vec![strip] } else { quads } {
        body.put(&mut bytes, "uchar", 1.0);
        body.put(&mut bytes, if strips { "int" } else { "uchar" }, list.len() as f64);
        list.iter().for_each(|&index| body.put(&mut bytes, "int", index));
        body.put(&mut bytes, "float", 3.5);
        body.end(&mut bytes);
    }
    bytes
}

#[test]
fn ply_is_read_in_every_encoding() {
    for (body, encoding) in Body::ALL {
        for strips in [false, true] {
            let bytes = rich_ply(body, encoding, strips);
            assert_is_shoe_box(&bytes, Format::Ply, encoding);
            let mut longer = bytes.clone();
            longer.extend_from_slice(b"more");
            assert!(read(&longer).1.has("trailing-bytes"));
            // Cut anywhere, it is refused.
            for end in (400..bytes.len() - 3).step_by(17) {
                assert!(read(&bytes[..end]).0.is_err(), "{encoding} cut at {end}");
            }
        }
    }
    let ascii = String::from_utf8(rich_ply(Body::Ascii, "ascii", false)).unwrap();
    assert_is_shoe_box(ascii.replace('\n', "\r\n").as_bytes(), Format::Ply, "carriage returns");
}

#[test]
fn bad_ply_files_are_refused() {
    let head = |lines: &str| format!("ply\nformat ascii 1.0\n{lines}end_header\n");
    let vertex = "property float x\nproperty float y\nproperty float z\n";
    let limits = ScanLimits::default();
    for (text, words) in [
        ("ply\nformat ascii 1.0\n".to_owned(), "end_header is missing"),
        ("ply\nelement vertex 1\nend_header\n".to_owned(), "no format was named"),
        (
            "ply\nformat morse 1.0\nend_header\n".to_owned(),
            "line 2 of the PLY file's head names an unknown format",
        ),
        (head("element vertex many\n"), "has no number of elements"),
        (head("element vertex 99999999999999999999999\n"), "has no number of elements"),
        (head("property float x\n"), "before any element"),
        (head("element vertex 1\nproperty complex x\n"), "of an unknown type"),
        (head("element vertex 1\nproperty list float int x\n"), "of an unknown type"),
        (head("hello\n"), "nothing that a head may say"),
        (head("element vertex 1\nproperty float x\n") + "1\n", "without x, y and z"),
        (
            head(&format!("element vertex 4000000000\n{vertex}")) + "1 2 3\n",
            "promises 4000000000 vertices",
        ),
        (head(&format!("element vertex 18446744073709551615\n{vertex}")) + "1 2 3\n", "is cut off"),
        (
            head(&format!("element vertex 1\n{vertex}")) + "1 two 3\n",
            "line 8 of the PLY file has \"two\"",
        ),
        (
            head(&format!(
                "element vertex 3\n{vertex}element face 1\nproperty list int int vertex_indices\n"
            )) + "0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n",
            "line 13 of the PLY file names vertex 3, but only 3",
        ),
        (
            head(&format!(
                "element vertex 3\n{vertex}element face 1\nproperty list int int vertex_indices\n"
            )) + "0 0 0\n1 0 0\n0 1 0\n-3 0 1 2\n",
            "values in one list",
        ),
        (
            head(&format!(
                "element vertex 3\n{vertex}element face 1\nproperty list int int vertex_indices\n"
            )) + "0 0 0\n1 0 0\n0 1 0\n2000000000 0 1 2\n",
            "values in one list",
        ),
        // Elements of nothing take no time, however many there are.
        (head("element thing 18446744073709551615\n"), "holds no triangle"),
    ] {
        assert_refused(text.as_bytes(), limits, words);
    }
}

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a new name");
        zip.write_all(text.as_bytes()).expect("a vector takes any bytes");
    }
    zip.finish().expect("a vector takes any bytes").into_inner()
}

const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships><Relationship Id="r" Target="/3D/my foot.model"
    Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>"#;

fn object(id: u32, scale: f64) -> String {
    let mut text = format!(r#"<object id="{id}" type="model"><mesh><vertices>"#);
    for p in shoe_box().vertices {
        write!(text, r#"<vertex x="{}" y="{}" z="{}"/>"#, p.x * scale, p.y * scale, p.z * scale)
            .expect("a string takes any text");
    }
    text += "</vertices><triangles>";
    for [a, b, c] in shoe_box().triangles {
        write!(text, r#"<triangle v1="{a}" v2="{b}" v3="{c}" pid="1"/>"#)
            .expect("a string takes any text");
    }
    text + "</triangles></mesh></object>"
}

fn model(unit: &str, objects: &str, build: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><!-- made by hand --><model {unit}
        xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
        xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"><metadata name="a">&lt;b&gt;</metadata>
        <resources>{objects}</resources><build>{build}</build></model>"#
    )
}

#[test]
fn a_3mf_package_states_its_unit() {
    for (unit, scale, expected) in [
        ("", 1.0, Unit::Millimeter),
        (r#"unit="millimeter""#, 1.0, Unit::Millimeter),
        (r#"unit="micron""#, 1000.0, Unit::Millimeter),
        (r#"unit="centimeter""#, 0.1, Unit::Centimeter),
        (r#"unit="inch""#, 1.0 / 25.4, Unit::Inch),
        (r#"unit="foot""#, 1.0 / 304.8, Unit::Inch),
        (r#"unit="meter""#, 0.001, Unit::Meter),
    ] {
        let text = model(unit, &object(1, scale), r#"<item objectid="1"/>"#);
        for parts in [
            vec![
                ("[Content_Types].xml", "<a/>"),
                ("_rels/.rels", RELATIONS),
                ("3D/my foot.model", &text),
            ],
            vec![("3D/3dmodel.model", &text)],
            vec![("elsewhere/odd.model", &text)],
        ] {
            let scan = assert_is_shoe_box(&package(&parts), Format::ThreeMf, unit);
            assert_eq!((scan.unit.unit, scan.unit.source), (expected, UnitSource::File));
        }
    }
    // A unit that cannot be true is not believed.
    let text = model(r#"unit="millimeter""#, &object(1, 0.001), r#"<item objectid="1"/>"#);
    let scan = assert_is_shoe_box(&package(&[("3D/3dmodel.model", &text)]), Format::ThreeMf, "lie");
    assert_eq!((scan.unit.unit, scan.unit.source), (Unit::Meter, UnitSource::Size));
    let text = model("", &object(1, 1.0), "");
    assert_is_shoe_box(&package(&[("3D/3dmodel.model", &text)]), Format::ThreeMf, "no build list");
}

#[test]
fn components_are_placed_and_mirrored() {
    // A half-sized mirror image, scaled back by the group, beside the box itself in another part.
    let group = r#"<object id="2"><components>
        <component objectid="1" transform="-0.5 0 0 0 0.5 0 0 0 0.5 0 0 0"/></components></object>"#;
    let text = model(
        "",
        &(object(1, 1.0) + group),
        r#"<item objectid="2" transform="2 0 0 0 2 0 0 0 2 -40 0 0"/>
           <item objectid="7" p:path="/3D/other.model" transform="1 0 0 0 1 0 0 0 1 0 0 0"/>"#,
    );
    let other = model("", &object(7, 1.0), "");
    let bytes = package(&[("3D/3dmodel.model", &text), ("3D/other.model", &other)]);
    let scan = read(&bytes).0.unwrap();
    assert_eq!(scan.pieces.len(), 2);
    let lows: Vec<f64> = scan.pieces.iter().map(|piece| piece.low.x).collect();
    assert!((lows[0] - -150.0).abs() < 1e-9 && (lows[1] - 10.0).abs() < 1e-9, "{lows:?}");
    for index in 0..2 {
        let mesh = scan.piece_mesh(index);
        assert_eq!(check_closed(&mesh), Ok(()));
        assert!((mesh.volume() - 2e6).abs() < 1e-3);
    }
    assert!(!read(&bytes).1.has("inside-out"), "a mirror image is turned where it is placed");
}

/// Found by the fuzz target `three_mf_model`: the XML reader quotes the tag that it does not like, whole.
#[test]
fn an_error_quotes_a_damaged_part_in_one_short_line() {
    let text = model("", &object(1, 1.0), "")
        .replace("</mesh>", &format!("</me\nsh {}>", "x".repeat(5000)));
    assert_refused(
        &package(&[("3D/3dmodel.model", &text)]),
        ScanLimits::default(),
        "is damaged near byte",
    );
    let relations = "<Relationships>\n</Relation\n\nships>";
    let parts = [("_rels/.rels", relations), ("3D/3dmodel.model", text.as_str())];
    assert_refused(&package(&parts), ScanLimits::default(), "part \"_rels/.rels\" is damaged");
}

#[test]
fn hostile_3mf_packages_are_refused() {
    let limits = ScanLimits { max_unpacked_bytes: 4 << 20, ..ScanLimits::default() };
    let one = |text: &str| package(&[("3D/3dmodel.model", text)]);
    let good = object(1, 1.0);
    let item = r#"<item objectid="1"/>"#;
    let bomb = model("", &format!("{}{good}", "<metadata/>".repeat(500_000)), item);
    let long_tag = model("", &format!("<object id=\"1\" name=\"{}\"/>", "a".repeat(2 << 20)), item);
    let comment = model("", &format!("<!--{}-->{good}", "a".repeat(2 << 20)), item);
    let deep = model("", &("<a>".repeat(100) + &"</a>".repeat(100)), item);
    let entities = "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>".to_owned()
        + &model("", &good, item);
    let chain: String = (2..40)
        .map(|id| {
            format!(
                r#"<object id="{id}"><components><component objectid="{}"/></components></object>"#,
                id - 1
            )
        })
        .collect();
    let itself = r#"<object id="1"><components><component objectid="1"/></components></object>"#;
    // 10 levels of 10 components each: ten thousand million boxes.
    let tower: String = (2..12)
        .map(|id| {
            let inner = format!(r#"<component objectid="{}"/>"#, id - 1).repeat(10);
            format!(r#"<object id="{id}"><components>{inner}</components></object>"#)
        })
        .collect();
    for (bytes, words) in [
        (package(&[("readme.txt", "hello")]), "a ZIP archive without a 3D model"),
        (one(&bomb), "more than 4194304 unpacked bytes"),
        (one(&long_tag), "a tag of more than a megabyte"),
        (one(&comment), "a tag of more than a megabyte"),
        (one(&deep), "nested too deep"),
        (one(&entities), "document type, which 3MF forbids"),
        (one(&model("", &good, r#"<item objectid="5"/>"#)), "object 5 is placed but not there"),
        (
            one(&model("", &(good.clone() + &chain), r#"<item objectid="39"/>"#)),
            "levels of 3MF objects",
        ),
        (one(&model("", itself, item)), "levels of 3MF objects"),
        (one(&model("", &(good.clone() + &tower), r#"<item objectid="11"/>"#)), "placed objects"),
        (
            one(&model("", &good.replace("v1=\"0\"", "v1=\"8\""), item)),
            "of object 1 of the 3MF file names vertex 8",
        ),
        (one(&model("", &good.replace("v1=\"0\"", "v1=\"-1\""), item)), "no valid number in v1"),
        (
            one(&model("", &good, r#"<item objectid="1" transform="1 0 0"/>"#)),
            "is not twelve numbers",
        ),
        (one(&model("unit=\"ell\"", &good, item)), "unknown unit \"ell\""),
        (one(&model("", &good, item)[..700]), "is damaged near byte"),
        (
            one(&model("", &good, r#"<item objectid="1" p:path="/gone.model"/>"#)),
            "part \"gone.model\" is missing",
        ),
    ] {
        assert_refused(&bytes, limits, words);
    }
}
