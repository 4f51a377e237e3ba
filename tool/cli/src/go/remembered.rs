//! Remembers the preparation of a command as long as its inputs stay the same: a build that changes nothing then does not run
//! `go list`.
//!
//! The inputs are the command line, the go command, its variables and settings, and on the Go files, module files and rule
//! files of the user's modules, of which names, sizes and times are looked at, as the go command's own caches do.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use weave_gocmd::digest;

use super::runs::Prepared;
use super::state::{State, now, touch};

/// The remembered result of one command line.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// Folders whose files it stands on.
    folders: Vec<PathBuf>,
    /// Digest of these files.
    stamp: String,
    /// Files of ours that the build needs.
    kept: Vec<PathBuf>,
    prepared: Prepared,
}

/// The file in which one command line is remembered.
#[derive(Debug)]
pub(super) struct Memory {
    state: PathBuf,
    file: PathBuf,
    start: SystemTime,
}

impl Memory {
    /// The file for these arguments; `None` if we cannot know without the go command where its cache is.
    pub(super) fn of(arguments: &[String]) -> Option<Self> {
        let state = cache()?.join("goweave");
        let mut parts: Vec<String> = arguments.to_vec();
        let cwd = current_dir()?;
        parts.push(cwd.display().to_string());
        parts.extend(variables());
        let me = std::env::current_exe().ok()?;
        let go = in_path("go")?;
        let settings = settings()?;
        for file in [&me, &go, &settings] {
            parts.push(identity(file));
        }
        // A workspace or module file may appear above.
        for folder in cwd.ancestors() {
            for name in ["go.work", "go.work.sum", "go.mod", "go.sum"] {
                parts.push(identity(&folder.join(name)));
            }
        }
        let name = digest(parts.iter().map(String::as_bytes));
        Some(Self { file: state.join("plans").join(format!("{name}.json")), state, start: now() })
    }

    /// Returns what was prepared, if it still holds.
    pub(super) fn recall(&self) -> Option<Prepared> {
        let remembered: Remembered = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        let (stamp, _) = stamp(&remembered.folders)?;
        let holds =
            stamp == remembered.stamp && remembered.kept.iter().all(|k| touch(k)) && touch(&self.file);
        holds.then_some(remembered.prepared)
    }

    /// Remembers. That this fails is not a fault: the next build takes longer.
    pub(super) fn remember(&self, state: &State, folders: Vec<PathBuf>, prepared: Prepared) -> Prepared {
        if state.dir() != self.state {
            return prepared;
        }
        let Some((stamp, newest)) = stamp(&folders) else { return prepared };
        // A file that was written just now may be written again within the same tick of the clock.
        let coarse = newest.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|d| d.subsec_nanos() == 0);
        let tick = if coarse { Duration::from_secs(2) } else { Duration::from_millis(50) };
        if newest + tick > self.start {
            return prepared;
        }
        let remembered = Remembered { folders, stamp, kept: state.kept(), prepared };
        if let Ok(text) = serde_json::to_vec(&remembered) {
            let _ = state.replace(&self.file, &text);
        }
        remembered.prepared
    }
}

/// Digest of the names, sizes and times of all files that matter, and the newest time.
fn stamp(folders: &[PathBuf]) -> Option<(String, SystemTime)> {
    let mut parts = Vec::new();
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut todo: Vec<PathBuf> = folders.to_vec();
    while let Some(folder) = todo.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder).ok()?.filter_map(std::result::Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().ok()?.is_dir() {
                if !name.starts_with('.') && name != "node_modules" {
                    todo.push(entry.path());
                }
            } else if ENDINGS.iter().any(|e| name.ends_with(e)) || FILES.contains(&&*name) {
                let path = entry.path();
                let metadata = fs::metadata(&path).ok();
                newest = newest.max(metadata.as_ref().map_or(newest, changed));
                parts.push(format!("{} {}", path.display(), metadata.map_or(String::new(), |m| of(&m))));
            }
        }
    }
    Some((digest(parts.iter().map(String::as_bytes)), newest))
}

/// Extensions of the files that matter: Go files, and rule files of every tool, which may have any name.
const ENDINGS: [&str; 4] = [".go", ".yaml", ".yml", ".json"];

/// Other files that matter.
const FILES: &[&str] = &["go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt"];

fn identity(path: &Path) -> String {
    fs::metadata(path).map_or("none".to_owned(), |m| of(&m))
}

#[cfg(unix)]
fn of(m: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!(
        "{} {} {} {}.{} {}.{}",
        m.dev(),
        m.ino(),
        m.size(),
        m.mtime(),
        m.mtime_nsec(),
        m.ctime(),
        m.ctime_nsec()
    )
}

#[cfg(unix)]
fn changed(m: &Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt;
    let since = |seconds: i64, nanos: i64| {
        Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanos).unwrap_or(0))
    };
    SystemTime::UNIX_EPOCH + since(m.mtime(), m.mtime_nsec()).max(since(m.ctime(), m.ctime_nsec()))
}

#[cfg(not(unix))]
fn of(m: &Metadata) -> String {
    format!("{} {:?}", m.len(), m.modified().ok())
}

#[cfg(not(unix))]
fn changed(m: &Metadata) -> SystemTime {
    m.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The variables that the go command looks at when it lists packages, and ours.
fn variables() -> Vec<String> {
    const NAMES: &[&str] = &["PATH", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "PKG_CONFIG", "CC", "PWD"];
    let mut all: Vec<String> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| {
            name.starts_with("GO") || name.starts_with("CGO_") || NAMES.contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.sort();
    all
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// The build cache, as far as it can be known without the go command; where the user has set another one by
/// `go env -w`, nothing is remembered.
fn cache() -> Option<PathBuf> {
    if let Some(dir) = variable("GOCACHE") {
        return Some(dir);
    }
    if cfg!(target_os = "macos") {
        return Some(variable("HOME")?.join("Library/Caches/go-build"));
    }
    let base = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    Some(base.join("go-build"))
}

/// Returns what `go env -w` writes to.
fn settings() -> Option<PathBuf> {
    if let Some(file) = variable("GOENV") {
        return Some(file);
    }
    let base = match cfg!(target_os = "macos") {
        true => variable("HOME")?.join("Library/Application Support"),
        false => variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")))?,
    };
    Some(base.join("go/env"))
}

fn in_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&variable("PATH")?).map(|dir| dir.join(program)).find(|p| p.is_file())
}

#[expect(clippy::disallowed_methods, reason = "the go command works where the user is")]
fn current_dir() -> Option<PathBuf> {
    std::env::current_dir().ok()
}
