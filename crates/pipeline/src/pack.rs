//! A build box full of parts for a powder-bed machine.

use export::BuildPart;
use order::{OrderError, ProfileKind, ProfileStore};
use packing::{BuildVolume, PackPart, Packing};
use rayon::prelude::*;
use serde::Serialize;

use crate::Refusal;
use crate::print::PrintPart;

/// Colors of left, right and other parts on the screen.
const LEFT: [u8; 3] = [0x2E, 0x7D, 0xC8];
const RIGHT: [u8; 3] = [0xE0, 0x8A, 0x2B];
const OTHER: [u8; 3] = [0x8C, 0x8C, 0x8C];

/// A powder-bed machine as its profile says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PowderMachine {
    /// Name for sheets.
    pub name: String,
    /// Its powder.
    pub material: String,
    /// Build volume and what stays free in it.
    pub volume: BuildVolume,
    /// Factors that make up for shrinkage along x, y, z.
    pub scale: [f64; 3],
    /// Density of finished parts.
    pub density_g_cm3: f64,
}

impl PowderMachine {
    /// Reads a profile; `overrules` are its keys with their values as text.
    ///
    /// # Errors
    /// [`OrderError`] for an unknown profile or key, or a value out of range.
    pub fn read(
        store: &ProfileStore,
        name: &str,
        overrules: &[(String, String)],
    ) -> Result<Self, OrderError> {
        let profile = store.read_with(ProfileKind::Powder, name, overrules)?;
        let shrinkage = ["shrinkage_x_pct", "shrinkage_y_pct", "shrinkage_z_pct"];
        Ok(Self {
            name: profile.text("name").to_owned(),
            material: profile.text("material").to_owned(),
            volume: BuildVolume {
                size_mm: ["build_x_mm", "build_y_mm", "build_z_mm"].map(|key| profile.number(key)),
                spacing_mm: profile.number("spacing_mm"),
                wall_margin_mm: profile.number("wall_margin_mm"),
            },
            scale: shrinkage.map(|key| 1.0 / (1.0 - profile.number(key) / 100.0)),
            density_g_cm3: profile.number("density_g_per_cm3"),
        })
    }
}

/// A packed build and its file.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The 3MF package.
    pub bytes: Vec<u8>,
    /// Where everything is.
    pub packing: Packing,
    /// Names of the parts, in the order of `packing.placed`.
    pub names: Vec<String>,
    /// Volume of all parts as they will be, mm³.
    pub volume_mm3: f64,
    /// Their mass, g.
    pub mass_g: f64,
    /// Pairs of a left and a right part.
    pub pairs: usize,
}

/// Which pair a part belongs to: what its name says without its side.
fn pair_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let without = |text: String, word: &str| text.replace(word, "");
    ["left", "right"].into_iter().fold(lower, without)
}

fn color_of(name: &str) -> [u8; 3] {
    let lower = name.to_lowercase();
    match (lower.contains("left"), lower.contains("right")) {
        (true, false) => LEFT,
        (false, true) => RIGHT,
        _ => OTHER,
    }
}

/// Nests parts into a machine's build volume and writes the build as 3MF.
///
/// Parts whose names differ in the side only are pairs. `progress` hears of packed and written
/// parts: how many, of how many, and which of the two.
///
/// # Errors
/// [`Refusal::File`] with the packer's or the writer's reason.
pub fn pack_parts(
    parts: &[PrintPart],
    machine: &PowderMachine,
    progress: &(dyn Fn(usize, usize, &'static str) + Sync),
) -> Result<Packed, Refusal> {
    let refuse = |reason: String| Refusal::File { place: machine.name.clone(), reason };
    let [sx, sy, sz] = machine.scale;
    let scaled: Vec<geometry::TriMesh> = parts
        .par_iter()
        .map(|part| {
            let mut mesh =
                part.mesh.map_vertices(|p| geometry::Point3::new(p.x * sx, p.y * sy, p.z * sz));
            if mesh.volume() < 0.0 {
                mesh.flip();
            }
            mesh
        })
        .collect();
    let mut pair_names: Vec<String> = Vec::new();
    let packed: Vec<PackPart<'_>> = parts
        .iter()
        .zip(&scaled)
        .map(|(part, mesh)| {
            let name = pair_name(&part.name);
            let known = pair_names.iter().position(|other| *other == name);
            let pair = known.unwrap_or(pair_names.len());
            if known.is_none() {
                pair_names.push(name);
            }
            PackPart { name: &part.name, mesh, pair }
        })
        .collect();
    // Both parts of a pair one after the other, in the order in which the pairs were named.
    let mut order: Vec<usize> = (0..packed.len()).collect();
    order.sort_by_key(|&index| packed[index].pair);
    let ordered: Vec<PackPart<'_>> = order.iter().map(|&index| packed[index]).collect();
    let packing =
        packing::pack(&ordered, &machine.volume, &|done, all| progress(done, all, "pack"))
            .map_err(|error| refuse(error.to_string()))?;
    let build: Vec<BuildPart<'_>> = packing
        .placed
        .iter()
        .map(|placed| {
            let part = &ordered[placed.part];
            BuildPart {
                name: part.name,
                color: color_of(part.name),
                mesh: part.mesh,
                rotation: placed.rotation(),
                offset_mm: placed.offset_mm,
            }
        })
        .collect();
    let title = format!("{} parts for {}", parts.len(), machine.name);
    let application = concat!("solewright ", env!("CARGO_PKG_VERSION"));
    let bytes = export::threemf_build_bytes(&build, &title, application, &|done, all| {
        progress(done, all, "write");
    })
    .map_err(|error| refuse(error.to_string()))?;
    let volume_mm3 = scaled.iter().map(geometry::TriMesh::volume).sum();
    let pairs = (0..pair_names.len())
        .filter(|pair| packed.iter().filter(|part| part.pair == *pair).count() == 2)
        .count();
    Ok(Packed {
        bytes,
        names: ordered.iter().map(|part| part.name.to_owned()).collect(),
        packing,
        volume_mm3,
        mass_g: volume_mm3 / 1000.0 * machine.density_g_cm3,
        pairs,
    })
}

#[cfg(test)]
mod tests {
    use geometry::{Point3, TriMesh};
    use vocabulary::Findings;

    use super::*;

    #[test]
    fn sides_are_paired_and_shrinkage_is_made_up_for() {
        let store = ProfileStore::shipped();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let machine =
            PowderMachine::read(&store, "mjf-4200", &[pair("shrinkage_x_pct", "2")]).unwrap();
        let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(49.0, 30.0, 4.0));
        let part =
            |name: &str| PrintPart { name: name.to_owned(), mesh: mesh.clone(), zones: None };
        let parts = [part("P-1 left"), part("P-2 left"), part("P-1 right"), part("P-2 right")];
        let packed = pack_parts(&parts, &machine, &|_, _, _| {}).unwrap();
        assert_eq!(packed.pairs, 2);
        assert_eq!(packed.names, ["P-1 left", "P-1 right", "P-2 left", "P-2 right"]);
        assert!((packed.volume_mm3 - 4.0 * 50.0 * 30.0 * 4.0).abs() < 1e-6);
        let read = scan::read_model(
            &packed.bytes,
            None,
            &scan::ScanLimits::default(),
            &mut Findings::new(),
        )
        .unwrap();
        assert!((read.volume() - packed.volume_mm3).abs() < 1e-3);
    }
}
