//! What slicers call the lines of a print.

/// Words of `;TYPE:` and `; FEATURE:` comments, lower case, and the role that they name: those of this
/// program and of Cura, `PrusaSlicer`, `SuperSlicer`, `OrcaSlicer`, Bambu Studio and Kiri:Moto.
const NAMES: &[(&str, &str)] = &[
    ("wall-outer", "outer-wall"),
    ("external perimeter", "outer-wall"),
    ("outer wall", "outer-wall"),
    ("wall-inner", "inner-wall"),
    ("perimeter", "inner-wall"),
    ("internal perimeter", "inner-wall"),
    ("inner wall", "inner-wall"),
    ("shells", "inner-wall"),
    ("overhang perimeter", "overhang-wall"),
    ("overhang wall", "overhang-wall"),
    ("gap-fill", "thin-line"),
    ("gap fill", "thin-line"),
    ("gap infill", "thin-line"),
    ("thin wall", "thin-line"),
    ("skin", "skin"),
    ("solid infill", "skin"),
    ("internal solid infill", "skin"),
    ("top solid infill", "skin"),
    ("top surface", "skin"),
    ("bottom surface", "skin"),
    ("solid fill", "skin"),
    ("solid layer", "skin"),
    ("fill", "infill"),
    ("internal infill", "infill"),
    ("sparse infill", "infill"),
    ("infill", "infill"),
    ("bridge infill", "bridge"),
    ("internal bridge infill", "bridge"),
    ("bridge", "bridge"),
    ("internal bridge", "bridge"),
    ("ironing", "ironing"),
    ("brim", "brim"),
    ("skirt", "skirt"),
    ("skirt/brim", "skirt"),
    ("raft", "support"),
    ("support", "support"),
    ("support material", "support"),
    ("support transition", "support"),
    ("support-interface", "support-interface"),
    ("support material interface", "support-interface"),
    ("support interface", "support-interface"),
    ("prime", "prime"),
    ("prime-tower", "prime"),
    ("prime tower", "prime"),
    ("wipe tower", "prime"),
    ("purge tower", "prime"),
    ("custom", "custom"),
    ("flush", "custom"),
    ("undefined", "custom"),
    ("mixed", "mixed"),
    ("multiple", "mixed"),
    ("none", "custom"),
    ("skin-outer", "skin"),
    ("surface", "outer-wall"),
    ("", "unnamed"),
];

/// The role that a slicer's word names; `"unnamed"` for none and for words that are not known.
pub(super) fn role_of(word: &str) -> &'static str {
    let is_word = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(word);
    NAMES.iter().find(is_word).map_or("unnamed", |(_, role)| role)
}

/// Whether the role holds up what lies over it and is broken off later.
pub(super) fn is_support(role: &str) -> bool {
    role.starts_with("support")
}

/// Whether the role may be laid outside the part, on the bed or at its edge.
pub(super) fn is_beside_part(role: &str) -> bool {
    is_support(role) || matches!(role, "brim" | "skirt" | "prime" | "custom")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    #[test]
    fn every_own_role_is_known() {
        for role in Role::ALL {
            assert_ne!(role_of(role.name()), "unnamed", "{role:?}");
        }
        assert_eq!(role_of("External Perimeter"), "outer-wall");
        assert_eq!(role_of("a word of nobody"), "unnamed");
    }
}
