//! The parser against go/parser, whole: `./dev bench parser --full` runs it through bench/parser/run.sh.
//!
//! Without arguments: speed and peak memory on the standard library, both parsers measured in turn in one run.
//! `--full`: before that, every node of every file of the src and test folders of three Go releases and of the
//! modules in bench/parser/corpus.txt is compared, and the counts with testdata/syntax/corpus.golden
//! (`UPDATE_EXPECT=1` rewrites it). `--no-speed`: nothing but that. `--json`: the rows as JSON. Exit code 1 if
//! anything differs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints a report")]

#[expect(dead_code, reason = "sources that are no files are for the tests")]
#[path = "../tests/support/mod.rs"]
mod support;

#[path = "../tests/support/names.rs"]
mod names;

use names::compare_names;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use support::bench::{Row, ask, ask_go, cpu_time, print};
use support::{Oracle, Request, Status, compare, go_env, go_files, root};
use weave_syntax::{TokenKind, Tree, parse};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == "memory") {
        return memory();
    }
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let mut rows = Vec::new();
    let mut same = true;
    if has("--full") {
        same = full(&mut rows);
    }
    if !has("--no-speed") {
        speed(&mut rows);
    }
    print(&rows, has("--json"));
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

// ---- exactness

/// Counts of comparisons, by name.
type Counts = BTreeMap<&'static str, u64>;

/// The releases whose own go/parser is asked about their own sources. Where one is not installed the go command
/// fetches it.
const RELEASES: [&str; 3] = ["go1.24.0", "go1.26.8", "go1.27.3"];

/// The release that is asked about the modules.
const RELEASE: &str = RELEASES[1];

fn full(rows: &mut Vec<Row>) -> bool {
    let mut corpora = Vec::new();
    for release in RELEASES {
        let goroot = PathBuf::from(go_env(Some(release), "GOROOT"));
        corpora.push((format!("{release} src"), release, vec![goroot.join("src")]));
        // Releases that the go command fetches are without it.
        if goroot.join("test").is_dir() {
            corpora.push((format!("{release} test"), release, vec![goroot.join("test")]));
        }
    }
    corpora.push(("modules".to_owned(), RELEASE, modules()));
    let mut sections = Sections::new();
    let mut differences = 0;
    for (name, release, folders) in corpora {
        let files: Vec<PathBuf> = folders.iter().flat_map(|folder| go_files(folder)).collect();
        let (counts, different) = compare_files(release, &files);
        differences += different;
        sections.insert(name.clone(), counts.iter().map(|(what, count)| format!("{what} {count}")).collect());
        rows.push(Row {
            name: format!("files compared, {name}"),
            value: files.len() as f64,
            unit: "files",
            baseline: None,
        });
    }
    let (counts, different) = compare_packages(rows);
    differences += different;
    sections.insert(format!("{RELEASE} names"), counts);
    rows.push(Row {
        name: "files that differ".to_owned(),
        value: f64::from(differences),
        unit: "files",
        baseline: None,
    });
    check_golden(&sections) & (differences == 0)
}

/// The folders of the modules in corpus.txt, which the go command fetches if it has to.
fn modules() -> Vec<PathBuf> {
    let list = std::fs::read_to_string(root().join("bench/parser/corpus.txt")).expect("corpus.txt");
    let modules = list.lines().filter(|l| !l.starts_with('#')).map(|l| l.replace(' ', "@"));
    let out = Command::new("go")
        .args(["mod", "download", "-json"])
        .args(modules)
        .current_dir(root().join("bench/parser"))
        .env("GOWORK", "off")
        .stderr(Stdio::inherit())
        .output()
        .expect("the go command must be on PATH");
    assert!(out.status.success(), "go mod download has failed");
    let text = String::from_utf8_lossy(&out.stdout);
    let dirs = text.lines().filter_map(|l| l.trim().strip_prefix("\"Dir\": \""));
    dirs.filter_map(|l| l.strip_suffix("\",")).map(PathBuf::from).collect()
}

fn compare_files(release: &str, files: &[PathBuf]) -> (Counts, u32) {
    let mut oracle = Oracle::start(Some(release), "nodes");
    files.iter().cloned().for_each(|file| oracle.ask(Request::File(file)));
    let mut counts = Counts::new();
    let mut differences = 0;
    for file in files {
        let answer = oracle.answer();
        let src = std::fs::read(file).expect("a file just listed");
        if let Err(difference) = compare(&src, &answer) {
            differences += 1;
            eprintln!("{}: {difference}", file.display());
        }
        let mut add = |what, n: usize| *counts.entry(what).or_default() += n as u64;
        add("files", 1);
        add("bytes", src.len());
        let status = match answer.status {
            Status::Ok => "accepted",
            Status::Reject => "rejected",
            Status::Methods => "accepted but for type parameters of methods",
        };
        add(status, 1);
        if answer.status != Status::Reject {
            let (tree, _) = parse(&src);
            count(&tree, &mut add);
        }
    }
    (counts, differences)
}

/// What every identifier of the standard library and of the go command stands for, beside what go/types says.
fn compare_packages(rows: &mut Vec<Row>) -> (Vec<String>, u32) {
    let goroot = PathBuf::from(go_env(Some(RELEASE), "GOROOT")).join("src");
    let mut folders: Vec<PathBuf> =
        go_files(&goroot).iter().filter_map(|file| file.parent().map(Path::to_owned)).collect();
    folders.dedup();
    folders.retain(|folder| !folder.components().any(|part| part.as_os_str() == "testdata"));
    let mut oracle = Oracle::start(Some(RELEASE), "resolve");
    folders.iter().cloned().for_each(|folder| oracle.ask(Request::Package(folder)));
    let (mut packages, mut names, mut differences) = (0, 0, 0);
    for folder in &folders {
        let answer = oracle.answer();
        // A folder without files for this machine.
        if answer.status == Status::Reject {
            continue;
        }
        packages += 1;
        let (compared, different) = compare_names(&answer);
        names += compared;
        for difference in different {
            differences += 1;
            eprintln!("{}: {difference}", folder.display());
        }
    }
    rows.push(Row { name: "names compared".to_owned(), value: names as f64, unit: "names", baseline: None });
    (vec![format!("names {names}"), format!("packages {packages}")], differences)
}

fn count(tree: &Tree<'_>, add: &mut impl FnMut(&'static str, usize)) {
    for id in tree.descendants(tree.root()) {
        add(tree.kind(id).name(), 1);
    }
    add("comments", tree.comments().len());
    add("directives", tree.directives().len());
    let tokens = tree.tokens().significant();
    add("tokens", tokens.iter().filter(|t| !matches!(t.kind, TokenKind::AutoSemi | TokenKind::Eof)).count());
}

/// The lines of a golden file by the name of their section.
type Sections = BTreeMap<String, Vec<String>>;

/// Sections that are not there now, such as that of a folder which this release came without, stay as they are.
fn check_golden(ours: &Sections) -> bool {
    let path = root().join("testdata/syntax/corpus.golden");
    let mut golden = Sections::new();
    let mut section = String::new();
    for line in std::fs::read_to_string(&path).unwrap_or_default().lines() {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => name.clone_into(&mut section),
            None => golden.entry(section.clone()).or_default().push(line.to_owned()),
        }
    }
    let mut same = true;
    for (name, lines) in ours {
        let want = golden.insert(name.clone(), lines.clone()).unwrap_or_default();
        same &= want == *lines;
        for line in lines.iter().filter(|line| !want.contains(line)) {
            eprintln!("corpus.golden has another count in [{name}] than {line}");
        }
    }
    if same {
        return true;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text: String =
            golden.iter().map(|(name, lines)| format!("[{name}]\n{}\n", lines.join("\n"))).collect();
        std::fs::write(&path, text).expect("testdata is writable");
        return true;
    }
    eprintln!("help: UPDATE_EXPECT=1 bench/parser/run.sh --full rewrites testdata/syntax/corpus.golden");
    false
}

// ---- speed and memory

fn speed(rows: &mut Vec<Row>) {
    let std = go_files(&PathBuf::from(go_env(None, "GOROOT")).join("src"));
    let std: Vec<PathBuf> =
        std.into_iter().filter(|f| !f.components().any(|c| c.as_os_str() == "testdata")).collect();
    let size = |f: &PathBuf| f.metadata().map_or(0, |m| m.len());
    let between = |from, to| -> Vec<PathBuf> {
        std.iter().filter(|f| (from..to).contains(&size(f))).cloned().collect()
    };
    let sets = [
        ("std files under 4 kB", between(0, 4 << 10), 8),
        ("std files of 4 to 64 kB", between(4 << 10, 64 << 10), 4),
        ("std files over 200 kB", between(200 << 10, u64::MAX), 8),
        ("all of std", std.clone(), 4),
    ];
    for (name, files, passes) in sets {
        let sources: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).expect("a file of std")).collect();
        let bytes: usize = sources.iter().map(Vec::len).sum();
        // In turn, so that both see the machine in the same states.
        let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            ours = ours.min(cpu_time(passes, || {
                for src in &sources {
                    std::hint::black_box(parse(src));
                }
            }));
            let nanos = ask_go(&["time", &passes.to_string()], &files);
            theirs = theirs.min(Duration::from_nanos(nanos));
        }
        let rate = |d: Duration| bytes as f64 / 1e6 / d.as_secs_f64();
        rows.push(Row {
            name: format!("parse, {name}"),
            value: rate(ours),
            unit: "MB/s",
            baseline: Some(rate(theirs)),
        });
    }
    let ours = ask(Command::new(std::env::current_exe().expect("this program")).arg("memory"), &std);
    let theirs = ask_go(&["memory"], &std);
    rows.push(Row {
        name: "peak memory, all of std file by file".to_owned(),
        value: ours as f64 / 1e3,
        unit: "MB",
        baseline: Some(theirs as f64 / 1e3),
    });
}

/// `memory`: parses the files on stdin one after the other and prints the peak memory in kB.
fn memory() -> ExitCode {
    for file in std::io::stdin().lines().map_while(Result::ok) {
        let src = std::fs::read(Path::new(&file)).expect("a file of the list");
        std::hint::black_box(parse(&src));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    println!("{}", peak.split_whitespace().next().unwrap_or("0"));
    ExitCode::SUCCESS
}
