//! Helpers for the tests of `goweave go`: modules on disk, commands, and a receiver of spans.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// A folder of one test: the user's files, a folder for results, and one for temporary files.
pub struct Place {
    pub user: PathBuf,
    pub out: PathBuf,
    pub tmp: PathBuf,
}

impl Drop for Place {
    /// Removes the folder, unless the test failed and somebody will look into it.
    fn drop(&mut self) {
        if let (false, Some(dir)) = (std::thread::panicking(), self.user.parent()) {
            let _ = fs::remove_dir_all(dir);
            let _ = dir.parent().map(fs::remove_dir);
        }
    }
}

impl Place {
    /// An empty one, whose name no other test has.
    pub fn empty(name: &str) -> Self {
        // Outside of the repository, whose go.mod is not the users'.
        let dir = std::env::temp_dir().join(format!("goweave-tests-{}", std::process::id())).join(name);
        assert!(!dir.exists(), "another test has a place called {name}");
        let place = Self { user: dir.join("user"), out: dir.join("out"), tmp: dir.join("tmp") };
        for folder in [&place.user, &place.out, &place.tmp] {
            fs::create_dir_all(folder).expect("a folder can be made");
        }
        place
    }

    /// One with the files of `e2e/gocmd/ARCHIVE.txtar`.
    pub fn of(archive: &str, name: &str) -> Self {
        let place = Self::empty(name);
        let path = repository().join(format!("e2e/gocmd/{archive}.txtar"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut file: Option<(String, String)> = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
                if let Some((name, text)) = file.replace((name.to_owned(), String::new())) {
                    place.write(&name, &text);
                }
            } else if let Some((_, text)) = &mut file {
                text.push_str(line);
                text.push('\n');
            }
        }
        if let Some((name, text)) = file {
            place.write(&name, &text);
        }
        place
    }

    /// Write a file of the user's.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.user.join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Change a file of the user's.
    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let old = fs::read_to_string(self.user.join(name)).expect("the file is there");
        assert!(old.contains(from), "{name} has {from}");
        self.write(name, &old.replace(from, to));
    }

    /// `goweave ARGUMENTS`
    pub fn goweave(&self, arguments: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_goweave"), arguments)
    }

    /// `goweave go ARGUMENTS`
    pub fn weave(&self, arguments: &[&str]) -> Command {
        self.goweave(&[&["go"], arguments].concat())
    }

    /// `go ARGUMENTS`
    pub fn go(&self, arguments: &[&str]) -> Command {
        self.command("go", arguments)
    }

    /// A command among the user's files.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut c = Command::new(program);
        c.args(arguments).current_dir(&self.user).env("TMPDIR", &self.tmp).env("GOTOOLCHAIN", "local");
        for name in ["GOFLAGS", "GOWORK", "GOWEAVE_MODULES", "GOENV"] {
            c.env_remove(name);
        }
        // What this machine sets for all is not what these tests are about.
        c.env("GOFLAGS", "-buildvcs=false");
        c
    }

    /// A name for a result.
    pub fn result(&self, name: &str) -> String {
        self.out.join(name).display().to_string()
    }

    /// Digest of every file of the user's, by name, with its time.
    pub fn tree(&self) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut tree = BTreeMap::new();
        let mut todo = vec![self.user.clone()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(&folder).expect("a folder can be listed") {
                let path = entry.expect("a folder can be listed").path();
                if path.is_dir() {
                    todo.push(path);
                } else {
                    let modified = fs::metadata(&path).and_then(|m| m.modified()).expect("a file has a time");
                    tree.insert(path.clone(), (fs::read(&path).expect("a file can be read"), modified));
                }
            }
        }
        tree
    }
}

/// A module proxy of one module, and a module cache of its own.
pub struct Proxy {
    proxies: String,
    cache: String,
}

impl Proxy {
    /// The module of a place's files, under a version.
    pub fn of(place: &Place, module: &str, version: &str) -> Self {
        let dir = place.out.join("proxy").join(module).join("@v");
        fs::create_dir_all(&dir).expect("a folder can be made");
        let file = |ending: &str| dir.join(format!("{version}.{ending}"));
        fs::copy(place.user.join("go.mod"), file("mod")).expect("the module has a go.mod");
        let info = serde_json::json!({"Version": version, "Time": "2026-01-01T00:00:00Z"});
        fs::write(file("info"), info.to_string()).expect("a file can be written");
        fs::write(dir.join("list"), format!("{version}\n")).expect("a file can be written");
        let mut zip = zip::ZipWriter::new(fs::File::create(file("zip")).expect("a file can be made"));
        for (path, (bytes, _)) in place.tree() {
            let name = path.strip_prefix(&place.user).expect("it is below").display().to_string();
            zip.start_file(format!("{module}@{version}/{name}"), zip::write::SimpleFileOptions::default())
                .expect("a file can be added");
            zip.write_all(&bytes).expect("a file can be added");
        }
        zip.finish().expect("it can be finished");
        // Everything else comes from the module cache of this machine.
        let known = good(&mut place.go(&["env", "GOMODCACHE"]));
        let proxies = format!(
            "file://{},file://{}/cache/download,{}",
            place.out.join("proxy").display(),
            known.trim(),
            good(&mut place.go(&["env", "GOPROXY"])).trim()
        );
        Self { proxies, cache: place.result("cache") }
    }

    /// Have a command take modules from here.
    pub fn serve<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("GOPROXY", &self.proxies).env("GOMODCACHE", &self.cache);
        command.env("GOSUMDB", "off").env("GOFLAGS", "-buildvcs=false -modcacherw")
    }
}

/// Everything that a command wrote; it must succeed.
pub fn good(command: &mut Command) -> String {
    let out = run(command);
    assert!(out.status.success(), "{command:?}: {}\n{}{}", out.status, text(&out.stdout), text(&out.stderr));
    text(&out.stdout) + &text(&out.stderr)
}

/// Output and exit code of a command that must fail.
pub fn bad(command: &mut Command) -> (i32, String) {
    let out = run(command);
    assert!(!out.status.success(), "{command:?} must fail");
    (out.status.code().unwrap_or(-1), text(&out.stdout) + &text(&out.stderr))
}

/// Run a command.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("cannot run {command:?}: {e}"))
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A receiver of OTLP over HTTP.
pub struct Receiver {
    pub endpoint: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

#[derive(Debug, Clone, Default)]
struct Span {
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
    kind: u64,
    /// The message of its status, if that is an error.
    failed: Option<String>,
}

impl Receiver {
    /// Listen.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let spans = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&spans);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let received = Arc::clone(&received);
                thread::spawn(move || serve(stream, &received));
            }
        });
        Self { endpoint: format!("http://{address}"), spans }
    }

    /// How many spans came.
    pub fn received(&self) -> usize {
        self.spans.lock().expect("no thread panics").len()
    }

    /// Run a command that sends its spans here; what it wrote, and its spans as trees, sorted.
    pub fn traced(&self, command: &mut Command) -> (String, String) {
        self.spans.lock().expect("no thread panics").clear();
        let wrote = good(command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &self.endpoint));
        // What was sent before the program ended may be read a moment later.
        thread::sleep(Duration::from_millis(100));
        let spans = self.spans.lock().expect("no thread panics").clone();
        let mut roots: Vec<String> = spans
            .iter()
            .filter(|s| !spans.iter().any(|p| p.id == s.parent))
            .map(|s| tree(s, &spans, 0))
            .collect();
        roots.sort();
        (wrote, roots.concat())
    }
}

fn tree(span: &Span, all: &[Span], depth: usize) -> String {
    let kind =
        ["", "internal", "server", "client", "producer", "consumer"].get(span.kind as usize).unwrap_or(&"?");
    let mut below: Vec<String> =
        all.iter().filter(|s| s.parent == span.id).map(|s| tree(s, all, depth + 1)).collect();
    below.sort();
    let failed = span.failed.as_ref().map_or_else(String::new, |message| format!(" failed: {message}"));
    format!("{:1$}{2} ({kind}){failed}\n{3}", "", 2 * depth, span.name, below.concat())
}

fn serve(mut stream: TcpStream, spans: &Mutex<Vec<Span>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 65536];
    loop {
        let Ok(n) = stream.read(&mut buffer) else { return };
        if n == 0 {
            return;
        }
        bytes.extend_from_slice(&buffer[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = text(&bytes[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length:"))
            .map_or(0, |l| l.trim().parse::<usize>().expect("a length is a number"));
        if bytes.len() < end + 4 + length {
            continue;
        }
        let body: Vec<u8> = bytes.drain(..end + 4 + length).skip(end + 4).collect();
        let mut found = Vec::new();
        // Metrics and logs come to other places.
        let resources = fields(&body).filter(|f| f.0 == 1 && head.starts_with("post /v1/traces "));
        for resource in resources {
            for scope in fields(resource.2).filter(|f| f.0 == 2) {
                found.extend(fields(scope.2).filter(|f| f.0 == 2).map(|f| span(f.2)));
            }
        }
        spans.lock().expect("no thread panics").extend(found);
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

fn span(message: &[u8]) -> Span {
    let mut span = Span::default();
    for (number, value, bytes) in fields(message) {
        match number {
            2 => span.id = bytes.to_vec(),
            4 => span.parent = bytes.to_vec(),
            5 => span.name = text(bytes),
            6 => span.kind = value,
            15 if fields(bytes).any(|(number, value, _)| (number, value) == (3, 2)) => {
                let message = fields(bytes).find(|(number, ..)| *number == 2);
                span.failed = Some(message.map_or_else(String::new, |(.., bytes)| text(bytes)));
            }
            _ => {}
        }
    }
    span
}

/// The fields of a protobuf message: number, value of a number, bytes of anything else.
fn fields(message: &[u8]) -> impl Iterator<Item = (u64, u64, &[u8])> {
    let mut rest = message;
    std::iter::from_fn(move || {
        let key = varint(&mut rest)?;
        let (value, length) = match key & 7 {
            0 => (varint(&mut rest)?, 0),
            1 => (0, 8),
            5 => (0, 4),
            _ => (0, usize::try_from(varint(&mut rest)?).ok()?),
        };
        let (bytes, after) = rest.split_at_checked(length)?;
        rest = after;
        Some((key >> 3, value, bytes))
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
