//! Marker profiles as the marker sets that the analysis of trials takes.

use order::{OrderError, ProfileKind, ProfileStore, Values};
use trial::{HipRegression, JointCenters, MarkerSet, Role};

/// Every known marker set, by the names of the profiles.
///
/// # Errors
/// [`OrderError`] if a profile is wrong.
pub fn marker_sets(store: &ProfileStore) -> Result<Vec<MarkerSet>, OrderError> {
    store
        .names(ProfileKind::Markers)
        .into_iter()
        .map(|name| Ok(marker_set(&store.read(ProfileKind::Markers, name)?)))
        .collect()
}

fn marker_set(values: &Values) -> MarkerSet {
    MarkerSet {
        name: values.text("name").to_owned(),
        letters: [values.text("left").to_owned(), values.text("right").to_owned()],
        labels: Role::ALL.map(|role| (role, values.list(role.key()).to_vec())).to_vec(),
        thigh: values.list("thigh").to_vec(),
        shank: values.list("shank").to_vec(),
        foot: values.list("foot").to_vec(),
        rearfoot: values.list("rearfoot").to_vec(),
        joint_centers: match values.text("joint_centers") {
            "chord" => JointCenters::Chord,
            _ => JointCenters::Midpoint,
        },
        hip: match values.text("hip") {
            "bell" => HipRegression::Bell,
            "davis" => HipRegression::Davis,
            _ => HipRegression::Harrington,
        },
        marker_radius_mm: values.number("marker_radius_mm"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_set_names_heel_knee_and_ankle() {
        let sets = marker_sets(&ProfileStore::shipped()).unwrap();
        assert!(sets.len() >= 5);
        for set in sets {
            for role in [Role::Heel, Role::KneeLateral, Role::AnkleLateral] {
                let labels = set.labels.iter().find(|(other, _)| *other == role);
                assert!(
                    labels.is_some_and(|(_, labels)| !labels.is_empty()),
                    "{} {role:?}",
                    set.name
                );
            }
        }
    }

    /// A role that no profile key declares could never be marked.
    #[test]
    fn every_role_is_a_key_of_marker_profiles() {
        for role in Role::ALL {
            assert!(order::MARKERS.iter().any(|key| key.key == role.key()), "{role:?}");
        }
    }
}
