//! End-to-end suites: what the program promises, tested from outside.
//!
//! The suites in `suites/` run the real binary on real files; their cases are data in `cases/`.

pub mod spoiled_phantoms;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The workspace's root folder.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// Real scans beside the checkout, if they are there; they are not part of the project.
#[must_use]
pub fn real_scans() -> Option<PathBuf> {
    let folder = root().join("../shared/data/scans");
    folder.is_dir().then_some(folder)
}

/// Real gait trials and pressure recordings beside the checkout, if they are there.
#[must_use]
pub fn real_gait() -> Option<PathBuf> {
    let folder = root().join("../shared/data/gait");
    folder.is_dir().then_some(folder)
}

/// The program, built by Cargo beside the running test of its package; it lies one folder above a test that is run by hand.
#[must_use]
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_solewright").map_or_else(
        || {
            let test = std::env::current_exe().unwrap_or_default();
            let profile = test.parent().and_then(Path::parent).unwrap_or_else(|| Path::new("."));
            profile.join(format!("solewright{}", std::env::consts::EXE_SUFFIX))
        },
        PathBuf::from,
    )
}

/// Runs the program with arguments.
///
/// # Panics
/// If it cannot be started.
#[must_use]
pub fn solewright(arguments: &[&str]) -> Output {
    let run = Command::new(program()).args(arguments).output();
    run.unwrap_or_else(|error| panic!("{} does not start: {error}", program().display()))
}

/// What the program printed on standard output.
#[must_use]
pub fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What the program printed on standard error.
#[must_use]
pub fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of its own for one test, empty at the start.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn scratch(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("solewright-{}-{test}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}
