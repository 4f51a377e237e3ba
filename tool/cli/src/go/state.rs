//! The folder of the tool below the build cache of Go.
//!
//! Files are named by their content and appear complete or not at all.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use weave_gocmd::digest;

/// The folder.
#[derive(Debug)]
pub(super) struct State {
    dir: PathBuf,
    /// Files that this build asked for.
    kept: RefCell<Vec<PathBuf>>,
}

/// Age at which a file is removed that no build asks for.
const KEEP: Duration = Duration::from_secs(60 * 24 * 3600);
/// Age at which a half-written file is removed: no build takes that long to write one.
const KEEP_PARTIAL: Duration = Duration::from_secs(24 * 3600);

static COUNT: AtomicU32 = AtomicU32::new(0);

impl State {
    /// The folder below this build cache.
    pub(super) fn below(gocache: &str) -> Result<Self> {
        let state = Self::at(Path::new(gocache).join("goweave"));
        for part in ["files", "rules", "sums", "modules", "plans", "partial"] {
            let dir = state.dir.join(part);
            fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        }
        state.trim();
        Ok(state)
    }

    /// The folder as it is named to the toolexec.
    pub(super) fn at(dir: PathBuf) -> Self {
        Self { dir, kept: RefCell::default() }
    }

    /// The folder itself.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file in one of the parts.
    pub(super) fn path(&self, part: &str, name: &str) -> PathBuf {
        self.dir.join(part).join(name)
    }

    /// Keeps some bytes under their digest.
    pub(super) fn keep(&self, bytes: &[u8], ending: &str) -> Result<PathBuf> {
        let path = self.path("files", &format!("{}.{ending}", digest([bytes])));
        self.write(&path, bytes)?;
        Ok(path)
    }

    /// Returns what this build asked for.
    pub(super) fn kept(&self) -> Vec<PathBuf> {
        self.kept.borrow().clone()
    }

    /// Returns whether a file is there whose name says what is in it; this build asks for it.
    pub(super) fn claim(&self, path: &Path) -> bool {
        self.kept.borrow_mut().push(path.to_path_buf());
        touch(path)
    }

    /// Writes a file whose name says what is in it: one that is there is right.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        if self.claim(path) { Ok(()) } else { self.replace(path, bytes) }
    }

    /// Writes a file, whether or not it is there.
    pub(super) fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let partial = self.partial();
        fs::write(&partial, bytes).with_context(|| format!("cannot write {}", partial.display()))?;
        fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Writes a program whose name says what is in it.
    pub(super) fn program(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        if self.claim(path) {
            return Ok(());
        }
        let partial = self.partial();
        fs::write(&partial, bytes).with_context(|| format!("cannot write {}", partial.display()))?;
        executable(&partial).with_context(|| format!("cannot make {} executable", partial.display()))?;
        fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Writes a folder whose name says what is in it, or those of its files that have been lost from it.
    pub(super) fn write_folder<'a>(
        &self,
        dir: &Path,
        files: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<()> {
        self.kept.borrow_mut().push(dir.to_path_buf());
        let there = touch(dir);
        let partial = self.partial();
        for (name, bytes) in files {
            let file = dir.join(name);
            if !there {
                crate::files::write(&partial.join(name), bytes)?;
            } else if !file.is_file() {
                if let Some(parent) = file.parent() {
                    fs::create_dir_all(parent)
                        .with_context(|| format!("cannot make {}", parent.display()))?;
                }
                self.replace(&file, bytes)?;
            }
            self.kept.borrow_mut().push(file);
        }
        if there {
            return Ok(());
        }
        match fs::rename(&partial, dir) {
            // Another build was faster.
            Err(_) if dir.is_dir() => {
                let _ = fs::remove_dir_all(&partial);
                Ok(())
            }
            done => done.with_context(|| format!("cannot write {}", dir.display())),
        }
    }

    /// A unique name.
    pub(super) fn partial(&self) -> PathBuf {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.path("partial", &format!("{}-{count}", process::id()))
    }

    /// Removes, once a day, what no build has asked for in a long time, and what killed builds left half-written.
    fn trim(&self) {
        let stamp = self.dir.join("trimmed");
        if age(&stamp).is_some_and(|a| a < Duration::from_secs(24 * 3600)) {
            return;
        }
        // Trimming is a courtesy: nothing depends on its success.
        let _ = fs::write(&stamp, b"");
        for (part, keep) in [
            ("files", KEEP),
            ("rules", KEEP),
            ("sums", KEEP),
            ("modules", KEEP),
            ("plans", KEEP),
            ("partial", KEEP_PARTIAL),
        ] {
            let Ok(entries) = fs::read_dir(self.dir.join(part)) else { continue };
            for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
                if age(&path).is_some_and(|a| a > keep) {
                    let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                }
            }
        }
    }
}

#[cfg(unix)]
fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Returns whether something is there; what is there becomes young again, at most once an hour.
pub(super) fn touch(path: &Path) -> bool {
    let Some(age) = age(path) else { return path.exists() };
    if age > Duration::from_secs(3600)
        && let Ok(file) = fs::File::open(path)
    {
        let _ = file.set_modified(now());
    }
    true
}

fn age(path: &Path) -> Option<Duration> {
    let modified = fs::metadata(path).and_then(|m| m.modified()).ok()?;
    Some(now().duration_since(modified).unwrap_or_default())
}

#[expect(clippy::disallowed_methods, reason = "the age of cached files; no output depends on it")]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}
