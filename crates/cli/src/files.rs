//! Reading with a size limit, and writing so that nothing half-written is ever seen.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Refusal;

/// Largest scan file that is read into memory. Ten million binary STL triangles are 500 MB.
pub(crate) const LARGEST_SCAN: u64 = 600 << 20;
/// Largest file of a gait laboratory. An hour of 50 markers at 200 Hz takes 580 MB.
pub(crate) const LARGEST_TRIAL: u64 = 1 << 30;
/// Largest text file (case, profile) that is read.
pub(crate) const LARGEST_TEXT: u64 = 1 << 20;

/// Folder with half-written files; locked while finished files are moved into place.
static PART_FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

fn part_folder() -> MutexGuard<'static, Option<PathBuf>> {
    PART_FOLDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt removes half-written files and ends the program with code 130.
pub(crate) fn clean_up_when_interrupted() {
    let installed = ctrlc::set_handler(|| {
        // Holding the lock, this waits for a move of finished files that is under way.
        if let Some(folder) = part_folder().take() {
            let _ = fs::remove_dir_all(folder);
        }
        std::process::exit(130);
    });
    if installed.is_err() {
        eprintln!("note: an interrupt may leave a folder named .solewright-part behind");
    }
}

/// Reads a whole file of at most `limit` bytes. `place` says who names the file.
pub(crate) fn read(path: &Path, place: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
    let wrong = |reason: &dyn std::fmt::Display| {
        Refusal(format!("{place}: cannot read {}: {reason}", path.display()))
    };
    let file = fs::File::open(path).map_err(|error| wrong(&error))?;
    let size = file.metadata().map_err(|error| wrong(&error))?;
    if size.is_dir() {
        return Err(wrong(&"it is a folder, a file is wanted"));
    }
    if size.len() > limit {
        return Err(wrong(&format!("{} bytes is over the limit of {limit}", size.len())));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > limit {
        return Err(wrong(&format!("it goes on beyond the limit of {limit} bytes")));
    }
    Ok(bytes)
}

/// Refuses a path that is no file.
pub(crate) fn check_readable(path: &Path) -> Result<(), Refusal> {
    match fs::metadata(path) {
        Ok(facts) if facts.is_dir() => Err(Refusal(format!(
            "cannot read {}: it is a folder, a file is wanted",
            path.display()
        ))),
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal(format!("cannot read {}: {error}", path.display()))),
    }
}

/// Writes one file, or nothing: first under another name beside it, then renamed.
pub(crate) fn write_one(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(Refusal(format!("--out {}: name a file", path.display())));
    };
    if path.is_dir() {
        return Err(Refusal(format!(
            "--out {}: it is a folder; name a file in it",
            path.display()
        )));
    }
    write_all(folder, &[(name.to_owned(), bytes)])
}

/// Reads a text file of at most [`LARGEST_TEXT`] bytes.
pub(crate) fn read_text(path: &Path) -> Result<String, Refusal> {
    let bytes = read(path, "text file", LARGEST_TEXT)?;
    String::from_utf8(bytes)
        .map_err(|error| Refusal(format!("{}: not a text file (UTF-8): {error}", path.display())))
}

/// Refuses an output folder that cannot be one, before any work is done.
pub(crate) fn check_out(folder: &Path) -> Result<(), Refusal> {
    let existing = folder.ancestors().find(|path| path.exists() || path.as_os_str().is_empty());
    let Some(existing) = existing.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(());
    };
    let reason = match fs::metadata(existing) {
        Ok(facts) if !facts.is_dir() => "it is a file",
        Ok(facts) if facts.permissions().readonly() => "it cannot be written to",
        Ok(_) => return Ok(()),
        Err(_) => "it cannot be read",
    };
    Err(Refusal(format!(
        "--out {}: no folder can be made at {}: {reason}; name another folder",
        folder.display(),
        existing.display()
    )))
}

/// Writes all files under `folder`, or none: first into a hidden folder beside them, then renamed.
pub(crate) fn write_all(folder: &Path, files: &[(String, &[u8])]) -> Result<(), Refusal> {
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        Refusal(format!("cannot write {}: {error}", path.display()))
    };
    let part = folder.join(format!(".solewright-part-{}", std::process::id()));
    *part_folder() = Some(part.clone());
    let written = files.iter().try_for_each(|(name, bytes)| {
        let path = part.join(name);
        let parent = path.parent().unwrap_or(&part);
        fs::create_dir_all(parent).map_err(|error| wrong(parent, &error))?;
        fs::write(&path, bytes).map_err(|error| wrong(&path, &error))
    });
    let mut interrupt = part_folder();
    let moved = written.and_then(|()| {
        files.iter().try_for_each(|(name, _)| {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(|error| wrong(parent, &error))?;
            fs::rename(part.join(name), &path).map_err(|error| wrong(&path, &error))
        })
    });
    let _ = fs::remove_dir_all(&part);
    *interrupt = None;
    moved
}
