//! 3MF: a ZIP package with one or several XML models of objects, which a build list places.
//!
//! Read are meshes, components with their transforms, and the unit (3MF Core Specification 1.3),
//! and parts in other files of the package (3MF Production Extension 1.1, `p:path`), which common
//! slicers write. Materials, colors, supports and thumbnails are passed over.
//!
//! Parts are unpacked as a stream, so that a ZIP bomb meets a limit before it takes memory. The XML is
//! read by `quick-xml`, which expands no entities of the file's own. `threemf` is not used for
//! reading: it holds every part as text and as a tree, and follows no components.

mod model;
mod package;

use std::collections::BTreeMap;

use vocabulary::Findings;

use crate::error::Place;
use crate::raw::Indexed;
use crate::{ScanError, ScanLimits, Unit};

use model::{Content, Instance, Model, Transform};
use package::Package;

/// Most parts of one package that are read.
const MOST_PARTS: usize = 64;

/// Most placed objects, counting groups. Groups of groups can multiply to any number without a
/// single triangle.
const MOST_INSTANCES: usize = 10_000;

/// Reads all objects that the build list places; returns them with the unit of their numbers.
pub(crate) fn read(
    bytes: &[u8],
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<(Indexed, Unit), ScanError> {
    let mut package = Package::open(bytes, limits)?;
    let root = package.root_part()?;
    let mut models = BTreeMap::new();
    let mut waiting = vec![root.clone()];
    while let Some(part) = waiting.pop() {
        if models.contains_key(&part) {
            continue;
        }
        if models.len() == MOST_PARTS {
            return Err(ScanError::TooMuch {
                what: "parts in the 3MF file",
                limit: MOST_PARTS as u64,
            });
        }
        let model = package.model(&part)?;
        waiting.extend(model.other_parts().map(str::to_owned));
        models.insert(part, model);
    }
    let model = &models[&root];
    let mut scene = Scene { models: &models, limits, mesh: Indexed::default(), instances: 0 };
    if model.build.is_empty() {
        findings.note(
            "scan",
            "no-build-list",
            "The 3MF file places no object; all of its objects were read as they are.",
        );
        for (&id, object) in &model.objects {
            if matches!(object, Content::Mesh(_)) {
                let instance = Instance { part: None, object: id, transform: Transform::IDENTITY };
                scene.place(&root, &instance, &Transform::IDENTITY, 0)?;
            }
        }
    }
    for item in &model.build {
        scene.place(&root, item, &Transform::IDENTITY, 0)?;
    }
    let mut mesh = scene.mesh;
    let scale = model.unit.in_unit();
    if scale != 1.0 {
        for vertex in &mut mesh.vertices {
            *vertex = vertex.map(|c| c * scale);
        }
    }
    Ok((mesh, model.unit.unit()))
}

/// The placed objects of a package, as they are put together.
struct Scene<'a> {
    models: &'a BTreeMap<String, Model>,
    limits: &'a ScanLimits,
    mesh: Indexed,
    instances: usize,
}

impl Scene<'_> {
    fn place(
        &mut self,
        part: &str,
        instance: &Instance,
        outer: &Transform,
        depth: usize,
    ) -> Result<(), ScanError> {
        self.instances += 1;
        if self.instances > MOST_INSTANCES {
            let limit = MOST_INSTANCES as u64;
            return Err(ScanError::TooMuch { what: "placed objects in the 3MF file", limit });
        }
        if depth > self.limits.max_nesting {
            let limit = self.limits.max_nesting as u64;
            return Err(ScanError::TooMuch {
                what: "levels of 3MF objects inside each other",
                limit,
            });
        }
        let part = instance.part.as_deref().unwrap_or(part);
        let models = self.models;
        let object = models.get(part).and_then(|model| model.objects.get(&instance.object));
        let transform = instance.transform.then(outer);
        match object {
            None => Err(ScanError::BadPackage {
                problem: format!("object {} is placed but not there", instance.object),
            }),
            Some(Content::Group(instances)) => instances
                .iter()
                .try_for_each(|inner| self.place(part, inner, &transform, depth + 1)),
            Some(Content::Mesh(mesh)) => self.add(mesh, instance.object, &transform),
        }
    }

    fn add(&mut self, mesh: &Indexed, object: u32, transform: &Transform) -> Result<(), ScanError> {
        let first = self.mesh.vertices.len();
        self.limits.check_points(first + mesh.vertices.len())?;
        self.limits.check_triangles((self.mesh.triangles.len() + mesh.triangles.len()) as u64)?;
        self.mesh.vertices.extend(mesh.vertices.iter().map(|&vertex| transform.apply(vertex)));
        let mirrors = transform.determinant() < 0.0;
        for (index, &[a, b, c]) in mesh.triangles.iter().enumerate() {
            if let Some(wrong) =
                [a, b, c].into_iter().find(|&corner| corner as usize >= mesh.vertices.len())
            {
                return Err(ScanError::BadIndex {
                    format: crate::Format::ThreeMf,
                    place: Place::Triangle { object, triangle: index + 1 },
                    index: i64::from(wrong),
                    vertices: mesh.vertices.len(),
                });
            }
            let triangle = if mirrors { [a, c, b] } else { [a, b, c] };
            self.mesh.triangles.push(triangle.map(|corner| corner + first as u32));
        }
        Ok(())
    }
}
