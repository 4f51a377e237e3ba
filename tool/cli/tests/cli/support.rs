//! Helpers for the tests of the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// An empty directory of this test alone.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("an old directory can be removed");
    }
    fs::create_dir_all(&dir).expect("a directory can be made");
    dir
}

/// goweave, to be run in `dir`.
pub fn goweave(dir: &Path) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_goweave"));
    c.current_dir(dir);
    c
}

/// The go command, to be run in `dir`, for the Go release that is installed.
pub fn go(dir: &Path) -> Command {
    let mut c = Command::new("go");
    c.current_dir(dir)
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=mod")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0");
    c
}

/// Output of a command that must succeed.
pub fn stdout(command: &mut Command) -> String {
    let out = run(command);
    assert!(out.status.success(), "{command:?}: {}\n{}", out.status, text(&out.stderr));
    text(&out.stdout)
}

/// Run a command.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("cannot run {command:?}: {e}"))
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One `go env` value.
pub fn go_env(name: &str) -> String {
    stdout(go(Path::new(env!("CARGO_TARGET_TMPDIR"))).args(["env", name])).trim().to_owned()
}

/// The files of a directory whose names end so, sorted.
pub fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("cannot list {}: {e}", dir.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|e| e.expect("the directory can be listed").path())
        .filter(|p| p.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}

/// The types helper, and where the export data of some packages of the standard library and all that they need are.
pub fn types_helper() -> &'static (PathBuf, PathBuf) {
    static BUILT: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    BUILT.get_or_init(|| {
        let dir = scratch("types");
        let helper = dir.join("types");
        stdout(go(&repository()).args(["build", "-o"]).arg(&helper).arg("./tool/types"));
        let format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
        let mut list = go(&repository());
        list.args(["list", "-deps", "-export", "-f", format, "net/http", "database/sql"]);
        let importcfg = dir.join("importcfg");
        fs::write(&importcfg, stdout(&mut list)).expect("a file can be written");
        (helper, importcfg)
    })
}
