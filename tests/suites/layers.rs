//! The table of allowed dependencies in ARCHITECTURE.md is the truth about every `Cargo.toml`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is not as expected, and says aloud what it skips"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Rows `| `name` | sentence | a, b |` of the code map.
fn documented() -> Arrows {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let map = text.split("## Code map").nth(1).unwrap().split("\n## ").next().unwrap();
    map.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
            let uses = cells[2].split(',').map(str::trim).filter(|name| !name.is_empty());
            Some((cells[0].trim_end_matches('`').to_owned(), uses.map(str::to_owned).collect()))
        })
        .collect()
}

/// Dependencies of every crate on other crates of the workspace; those for tests only do not count.
fn actual() -> Arrows {
    let mut crates: Vec<_> =
        std::fs::read_dir(root().join("crates")).unwrap().map(|e| e.unwrap().path()).collect();
    crates.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let names: BTreeSet<String> = crates.iter().map(|path| name(path)).collect();
    crates
        .iter()
        .map(|path| {
            let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
            let manifest: toml::Table = manifest.parse().unwrap();
            assert_eq!(
                manifest["package"]["name"].as_str(),
                Some(name(path).as_str()),
                "folder and crate name"
            );
            let dependencies = manifest["dependencies"].as_table().unwrap();
            (name(path), dependencies.keys().filter(|key| names.contains(*key)).cloned().collect())
        })
        .collect()
}

#[test]
fn the_table_of_dependencies_is_kept() {
    let (documented, actual) = (documented(), actual());
    assert!(documented.len() > 10, "the code map of ARCHITECTURE.md was not found");
    for (name, uses) in &actual {
        let allowed = documented
            .get(name)
            .unwrap_or_else(|| panic!("`{name}` is not in the code map of ARCHITECTURE.md"));
        assert_eq!(
            uses, allowed,
            "`{name}`: left is its Cargo.toml, right the code map of ARCHITECTURE.md"
        );
    }
    assert_eq!(documented.len(), actual.len(), "the code map names a crate that is not there");
}

#[test]
fn every_crate_opens_with_its_sentence() {
    for name in actual().keys() {
        let source = root().join("crates").join(name).join("src");
        let file = if name == "cli" { "main.rs" } else { "lib.rs" };
        let text = std::fs::read_to_string(source.join(file)).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") && first.len() > 24,
            "crates/{name}/src/{file} opens with `{first}`"
        );
    }
}
