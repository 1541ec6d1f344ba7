//! STEP (ISO 10303-21, schema AP214 or AP203) of a slab, by `truck-stepio`.
//!
//! The geometry and topology are written by truck-stepio. Header and product entities are our own:
//! its header names a schema that readers do not know and reads the clock, and its product has no name.

use std::fmt::Write as _;

use geometry::Slab;
use truck_stepio::out::StepModel;

use crate::solid::{SolidError, solid};
use crate::step_control::control;

/// The application protocol of a STEP file; geometry and topology are the same in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepSchema {
    /// ISO 10303-214, automotive design: what most programs write.
    #[default]
    Ap214,
    /// ISO 10303-203, configuration controlled design, for older programs.
    Ap203,
}

/// What a STEP file says about its part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepMetadata {
    /// Application protocol.
    pub schema: StepSchema,
    /// Name of the product and of the file, for instance `"P-0142 left shell"`.
    pub name: String,
    /// Who designed it; may be empty.
    pub author: String,
    /// The lab; may be empty.
    pub organisation: String,
    /// The program that wrote the file, with its version; may be empty.
    pub application: String,
    /// Time of writing as in `"2026-11-22T10:43:00"`; `None` leaves it empty, so that the same design
    /// gives the same bytes.
    pub timestamp: Option<String>,
}

/// Why a STEP file could not be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StepError {
    /// The slab bounds no solid.
    #[error(transparent)]
    Solid(#[from] SolidError),
    /// The writer's text has another layout than this module was written for.
    #[error("the STEP writer's text has no solid at entity 16; use truck-stepio 0.3")]
    Layout,
}

/// First entity that describes the solid in truck-stepio's text; the 15 before describe product and units.
const FIRST_SHAPE_ENTITY: &str = "\n#16 = MANIFOLD_SOLID_BREP(''";

/// Largest distance of edges from their faces that the file admits, mm.
const UNCERTAINTY: &str = "5.0E-5";

/// The slab as the text of a STEP file.
///
/// # Errors
/// [`StepError`] if the slab bounds no solid.
pub fn step_text(slab: &Slab, meta: &StepMetadata) -> Result<String, StepError> {
    let compressed = solid(slab)?.compress();
    let written = StepModel::from(&compressed).to_string();
    let at = written.find(FIRST_SHAPE_ENTITY).ok_or(StepError::Layout)?;
    // An advanced B-rep wants its faces under this name; the attributes are the same.
    let shape =
        written[at + FIRST_SHAPE_ENTITY.len()..].replace("= FACE_SURFACE(", "= ADVANCED_FACE(");
    let mut text = String::with_capacity(shape.len() + 4096);
    text.push_str(&header(meta));
    text.push_str(&product(&meta.name, meta.schema));
    let _ = write!(text, "#16 = MANIFOLD_SOLID_BREP({}", quoted(&meta.name));
    text.push_str(&shape);
    if meta.schema == StepSchema::Ap203 {
        text.push_str(&control(meta));
    }
    text.push_str("ENDSEC;\nEND-ISO-10303-21;\n");
    Ok(text)
}

fn header(meta: &StepMetadata) -> String {
    let StepMetadata { schema, name, author, organisation, application, timestamp } = meta;
    format!(
        "ISO-10303-21;\nHEADER;\n\
         FILE_DESCRIPTION(({description}),'2;1');\n\
         FILE_NAME({name},{time},({author}),({organisation}),'truck-stepio',{application},'');\n\
         FILE_SCHEMA(('{schema}'));\nENDSEC;\nDATA;\n",
        schema = match schema {
            StepSchema::Ap214 => "AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 }",
            StepSchema::Ap203 => "CONFIG_CONTROL_DESIGN",
        },
        description = quoted("Solid between two B-spline surfaces"),
        name = quoted(name),
        time = quoted(timestamp.as_deref().unwrap_or("")),
        author = quoted(author),
        organisation = quoted(organisation),
        application = quoted(application),
    )
}

/// Entities 1 to 15: the product, millimeters, radians, and the uncertainty.
fn product(name: &str, schema: StepSchema) -> String {
    let name = quoted(name);
    let [protocol, context] = match schema {
        StepSchema::Ap214 => {
            ["'automotive_design',2000", "core data for automotive mechanical design processes"]
        }
        StepSchema::Ap203 => [
            "'config_control_design',1994",
            "configuration controlled 3D designs of mechanical parts and assemblies",
        ],
    };
    let [formation, mechanical, design] = match schema {
        StepSchema::Ap214 => [
            "PRODUCT_DEFINITION_FORMATION('','',#7)",
            "PRODUCT_CONTEXT",
            "PRODUCT_DEFINITION_CONTEXT('part definition'",
        ],
        StepSchema::Ap203 => [
            "PRODUCT_DEFINITION_FORMATION_WITH_SPECIFIED_SOURCE('1','',#7,.MADE.)",
            "MECHANICAL_CONTEXT",
            "DESIGN_CONTEXT('part definition'",
        ],
    };
    format!(
        "#1 = APPLICATION_PROTOCOL_DEFINITION('international standard',{protocol},#2);\n\
         #2 = APPLICATION_CONTEXT('{context}');\n\
         #3 = SHAPE_DEFINITION_REPRESENTATION(#4,#10);\n\
         #4 = PRODUCT_DEFINITION_SHAPE('','',#5);\n\
         #5 = PRODUCT_DEFINITION('design','',#6,#9);\n\
         #6 = {formation};\n\
         #7 = PRODUCT({name},{name},'',(#8));\n\
         #8 = {mechanical}('',#2,'mechanical');\n\
         #9 = {design},#2,'design');\n\
         #10 = ADVANCED_BREP_SHAPE_REPRESENTATION({name},(#16),#11);\n\
         #11 = ( GEOMETRIC_REPRESENTATION_CONTEXT(3) GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#15)) \
         GLOBAL_UNIT_ASSIGNED_CONTEXT((#12,#13,#14)) REPRESENTATION_CONTEXT('','3D') );\n\
         #12 = ( LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.) );\n\
         #13 = ( NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.) );\n\
         #14 = ( NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT() );\n\
         #15 = UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE({UNCERTAINTY}),#12,\
         'distance_accuracy_value','edges to faces');\n"
    )
}

/// A string of ISO 10303-21: apostrophes and backslashes doubled, all but printable ASCII as `\X2\` or
/// `\X4\` code points.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '\'' | '\\' => quoted.extend([character; 2]),
            ' '..='~' => quoted.push(character),
            _ if code <= 0xFFFF => {
                let _ = write!(quoted, "\\X2\\{code:04X}\\X0\\");
            }
            _ => {
                let _ = write!(quoted, "\\X4\\{code:08X}\\X0\\");
            }
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_encoded() {
        for (plain, encoded) in [
            ("", "''"),
            ("P-1", "'P-1'"),
            ("O'Neil \\ co", "'O''Neil \\\\ co'"),
            ("Größe", "'Gr\\X2\\00F6\\X0\\\\X2\\00DF\\X0\\e'"),
            ("a\nb", "'a\\X2\\000A\\X0\\b'"),
            ("😀", "'\\X4\\0001F600\\X0\\'"),
        ] {
            assert_eq!(quoted(plain), encoded);
        }
    }
}
