//! Weaving leaves what other packages compile against as it was, byte for byte: shipped instrumentations, on the
//! standard library of the installed Go release, compiled by `go tool compile` itself.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, go, go_env, goweave, repository, run, scratch, stdout, text};

/// A package of the standard library and how to compile it.
pub(crate) struct Std {
    package: String,
    goroot: PathBuf,
    pub(crate) source: PathBuf,
    pub(crate) go_files: Vec<String>,
    dir: PathBuf,
}

impl Std {
    pub(crate) fn new(package: &str, dir: &Path) -> Self {
        let goroot = PathBuf::from(go_env("GOROOT"));
        let list = |template: &str| stdout(go(dir).args(["list", "-f", template, package]));
        let go_files =
            list("{{range .GoFiles}}{{.}}\n{{end}}").split_whitespace().map(str::to_owned).collect();
        let deps = stdout(go(dir).args([
            "list",
            "-export",
            "-deps",
            "-f",
            "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}",
            package,
        ]));
        let mut importcfg = deps.clone();
        for line in deps.lines() {
            if let Some((path, _)) = line.strip_prefix("packagefile vendor/").and_then(|r| r.split_once('='))
            {
                let _ = writeln!(importcfg, "importmap {path}=vendor/{path}");
            }
        }
        fs::write(dir.join("importcfg"), importcfg).expect("a file can be written");
        let std = Self {
            package: package.into(),
            source: goroot.join("src").join(package),
            goroot,
            go_files,
            dir: dir.to_owned(),
        };
        std.symbols(&list("{{range .SFiles}}{{.}}\n{{end}}"));
        std
    }

    /// Facts about the package's assembly that the compiler needs.
    fn symbols(&self, assembly: &str) {
        let mut symabis = String::new();
        if !assembly.trim().is_empty() {
            // Only constants would be in it, and symbols do not depend on them.
            fs::write(self.dir.join("go_asm.h"), "").expect("a file can be written");
            let mut asm = go(&self.dir);
            asm.args(["tool", "asm", "-p", &self.package, "-gensymabis", "-o", "symabis", "-I", ".", "-I"]);
            asm.arg(&self.source).arg("-I").arg(self.goroot.join("pkg/include"));
            for define in [format!("GOOS_{}", go_env("GOOS")), format!("GOARCH_{}", go_env("GOARCH"))] {
                asm.args(["-D", &define]);
            }
            stdout(asm.args(assembly.split_whitespace().map(|f| self.source.join(f))));
            symabis = fs::read_to_string(self.dir.join("symabis")).expect("the assembler wrote symbols");
        }
        fs::write(self.dir.join("symabis"), symabis).expect("a file can be written");
    }

    /// Compile the files of a directory; gives export data and object.
    fn compile(&self, sources: &Path, extra: Option<&Path>) -> (Vec<u8>, Vec<u8>) {
        let mut c = go(&self.dir);
        c.args([
            "tool",
            "compile",
            "-std",
            "-p",
            &self.package,
            "-importcfg",
            "importcfg",
            "-symabis",
            "symabis",
        ]);
        if self.package == "runtime" {
            c.arg("-+");
        }
        c.arg("-trimpath").arg(format!("{}=>{}", sources.display(), self.source.display()));
        c.args(["-o", "out.x", "-linkobj", "out.a"]);
        c.args(self.go_files.iter().map(|f| sources.join(f))).args(extra);
        stdout(&mut c);
        let read = |name| fs::read(self.dir.join(name)).expect("the compiler wrote it");
        (read("out.x"), read("out.a"))
    }

    pub(crate) fn weave(&self, rules: &[PathBuf]) -> PathBuf {
        self.weave_with(rules, &[])
    }

    fn weave_with(&self, rules: &[PathBuf], flags: &[&str]) -> PathBuf {
        let out = self.dir.join("woven");
        let mut c = goweave(&self.dir);
        c.args(["weave", "--std", "--importpath", &self.package, "--go-version", &go_env("GOVERSION")]);
        c.args(["--goos", &go_env("GOOS"), "--goarch", &go_env("GOARCH"), "--out"]).arg(&out);
        for r in rules {
            c.arg("--rules").arg(r);
        }
        c.args(flags);
        let result = run(c.args(self.go_files.iter().map(|f| self.source.join(f))));
        assert!(result.status.success(), "{}: {}", self.package, text(&result.stderr));
        out
    }
}

/// Every instrumentation of this repository that weaves packages of the standard library, and those packages.
pub(crate) fn shipped(dir: &Path) -> Vec<(String, Vec<PathBuf>)> {
    let mut packages: Vec<(String, Vec<PathBuf>)> = Vec::new();
    let root = repository().join("instrumentation");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("there are instrumentations")
        .map(|e| e.expect("it can be listed").path())
        .collect();
    folders.sort();
    for folder in folders.iter().filter(|f| f.join("weave.yaml").exists()) {
        let rules = fs::read_to_string(folder.join("weave.yaml")).expect("the rules can be read");
        let words = rules.split("package: ").skip(1).filter_map(|r| r.split([' ', ',', '\n', '}']).next());
        let mut targets: Vec<&str> = words.collect();
        targets.sort_unstable();
        targets.dedup();
        let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        let lowered = |target: &str| dir.join(format!("{name}.{}.json", target.replace('/', "_")));
        let mut c = goweave(dir);
        c.arg("lower").arg("--rules").arg(folder.join("weave.yaml"));
        for hooks in files(folder, ".go") {
            c.arg("--hook-file").arg(hooks);
        }
        for target in &targets {
            c.arg("--target").arg(format!("{target}={}", lowered(target).display()));
        }
        let result = run(&mut c);
        assert!(result.status.success(), "{name}: {}", text(&result.stderr));
        for target in targets.into_iter().filter(|t| !t.split('/').next().unwrap_or("").contains('.')) {
            match packages.iter_mut().find(|(p, _)| p == target) {
                Some((_, rules)) => rules.push(lowered(target)),
                None => packages.push((target.to_owned(), vec![lowered(target)])),
            }
        }
    }
    packages
}

#[test]
fn shipped_instrumentations_leave_export_data_as_it_was() {
    let dir = scratch("export-shipped");
    let packages = shipped(&dir);
    assert!(packages.len() >= 3, "{packages:?}");
    for (package, rules) in packages {
        let dir = dir.join(package.replace('/', "_"));
        fs::create_dir_all(&dir).expect("a directory can be made");
        let std = Std::new(&package, &dir);
        let woven = std.weave(&rules);
        let (plain_export, plain_object) = std.compile(&std.source, None);
        let (export, object) = std.compile(&woven, Some(&woven.join("zz_weave.go")));
        assert!(plain_export == export, "{package}: the export data differs");
        assert!(plain_object != object, "{package}: control: the object must differ");
    }
}

#[test]
fn a_rule_that_changes_export_data_is_noticed_by_this_test() {
    let dir = scratch("export-control");
    let std = Std::new("database/sql", &dir);
    fs::write(
        dir.join("control.yaml"),
        "weave: 1\nname: control\nrules:\n  - id: control\n    where: { package: database/sql }\n    do: { declare: \"func weaveControl() {}\" }\n",
    )
    .expect("a file can be written");
    let woven = std.weave(&[dir.join("control.yaml")]);
    let (plain, _) = std.compile(&std.source, None);
    let (export, _) = std.compile(&woven, Some(&woven.join("zz_weave.go")));
    assert!(plain != export);
}

#[test]
fn weaving_without_rules_leaves_the_object_as_it_was() {
    let dir = scratch("export-none");
    let std = Std::new("net/http", &dir);
    let woven = std.weave(&[]);
    let (plain_export, plain_object) = std.compile(&std.source, None);
    // Only vendored imports are written out.
    let (export, object) = std.compile(&woven, None);
    assert!(plain_export == export);
    assert!(plain_object == object);
}

/// The gofmt of the same Go release takes the generated file of a main package as formatted.
#[test]
fn the_file_of_a_main_package_is_formatted() {
    let dir = scratch("main-formatted");
    let rules = r#"{"weave":1,"instrumentation":"a","hooks":"example.com/z","packages":[{"package":"fmt","variables":[{"variable":"weave_a__b","function":"B"}]}]}"#;
    fs::write(dir.join("rules.json"), rules).expect("a file can be written");
    fs::write(
        dir.join("std.json"),
        r#"{"weave":1,"go":"1.26.8","goos":"linux","goarch":"amd64","packages":{}}"#,
    )
    .expect("a file can be written");
    fs::write(dir.join("main.go"), "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n")
        .expect("a file can be written");
    stdout(goweave(&dir).args([
        "main",
        "--package-path",
        "example.com/cmd",
        "--go-version",
        "1.26.8",
        "--goos",
        "linux",
        "--goarch",
        "amd64",
        "--main-src",
        "main.go",
        "--std-graph",
        "std.json",
        "--main-rules",
        "rules.json",
        "--out",
        "weave_main.go",
    ]));
    let gofmt = Path::new(&go_env("GOROOT")).join("bin/gofmt");
    assert_eq!(stdout(Command::new(gofmt).current_dir(&dir).args(["-l", "weave_main.go"])), "");
}

/// A program without cgo is linked with it for its hooks: that is said, and nothing where it has cgo, where there is none, or where
/// hooks do not use the network.
#[test]
fn cgo_that_hooks_bring_is_told() {
    let dir = scratch("main-cgo");
    for (name, hooks) in [
        ("ours", "github.com/rules-go-weave/rules_go_weave/instrumentation/database_sql"),
        ("other", "example.com/z"),
    ] {
        let rules = format!(
            r#"{{"weave":1,"instrumentation":"a","hooks":"{hooks}","packages":[{{"package":"database/sql","variables":[{{"variable":"weave_a__b","function":"B"}}]}}]}}"#
        );
        fs::write(dir.join(format!("{name}.json")), rules).expect("a file can be written");
    }
    let std = r#"{"weave":1,"go":"1.26.8","goos":"linux","goarch":"amd64","packages":{"net":[],"net/http":["net"]}}"#;
    fs::write(dir.join("std.json"), std).expect("a file can be written");
    for (program, imports) in [("bare", "database/sql"), ("named", "database/sql\"; import _ \"net/http")] {
        let text = format!("package main; import _ \"{imports}\"\n\nfunc main() {{}}\n");
        fs::write(dir.join(format!("{program}.go")), text).expect("a file can be written");
    }
    let told = |program: &str, rules: &str, path: &str, more: &[&str]| {
        let (source, rules) = (format!("{program}.go"), format!("{rules}.json"));
        let arguments = [
            "main",
            "--package-path",
            path,
            "--go-version",
            "1.26.8",
            "--goos",
            "linux",
            "--goarch",
            "amd64",
            "--main-src",
            &source,
            "--std-graph",
            "std.json",
            "--main-rules",
            &rules,
            "--out",
            "out.go",
        ];
        let out = goweave(&dir).args(arguments).args(more).output().expect("goweave runs");
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stderr).expect("it is text")
    };
    let note = told("bare", "ours", "example.com/cmd", &["--cgo"]);
    assert!(note.starts_with("note: example.com/cmd has no cgo, and its hooks bring package net"), "{note}");
    assert!(note.contains("help: write pure = \"on\""), "{note}");
    for (program, rules, path, more) in [
        ("named", "ours", "example.com/cmd", &["--cgo"][..]),
        ("bare", "ours", "example.com/cmd", &[]),
        ("bare", "other", "example.com/cmd", &["--cgo"]),
        ("bare", "ours", "example.com/cmd", &["--cgo", "--c-library"]),
        ("bare", "ours", "testmain", &["--cgo"]),
    ] {
        assert_eq!(told(program, rules, path, more), "", "{program} {rules} {path}");
    }
}

/// A program without cgo is linked without it where its hooks bring it, by archives of the Go that is there.
#[test]
fn cgo_that_hooks_bring_is_left_out() {
    let dir = scratch("main-without-cgo");
    let rules = r#"{"weave":1,"instrumentation":"a","hooks":"example.com/z","packages":[{"package":"database/sql","variables":[{"variable":"weave_a__b","function":"B"}]}]}"#;
    fs::write(dir.join("rules.json"), rules).expect("a file can be written");
    let std = r#"{"weave":1,"go":"1.26.8","goos":"linux","goarch":"amd64","packages":{"net":[],"net/http":["net"]}}"#;
    fs::write(dir.join("std.json"), std).expect("a file can be written");
    let programs = [
        ("bare", "database/sql"),
        ("named", "database/sql\"; import _ \"net/http"),
        ("own", "database/sql\"; import \"C"),
    ];
    for (program, imports) in programs {
        let text =
            format!("package main; import _ \"{imports}\"\n\nfunc weavenet() {{}}\n\nfunc main() {{}}\n");
        fs::write(dir.join(format!("{program}.go")), text).expect("a file can be written");
    }
    let packages = ["net", "os/user", "runtime/cgo"];
    let mut list = Command::new("go");
    list.args(["list", "-export", "-f", "{{.Export}}"]).args(packages).env("CGO_ENABLED", "1");
    let exports = stdout(&mut list);
    let plain: Vec<&str> = exports.lines().collect();
    let run = |program: &str, plain: &[&str], more: &[&str]| {
        let source = format!("{program}.go");
        let mut command = goweave(&dir);
        command.args([
            "main",
            "--package-path",
            "example.com/cmd",
            "--go-version",
            "1.26.8",
            "--goos",
            "linux",
        ]);
        command.args(["--goarch", "amd64", "--cgo", "--main-src", &source, "--std-graph", "std.json"]);
        command.args(["--main-rules", "rules.json", "--out", "weave_main.go"]).args(more);
        for (package, file) in packages.iter().zip(plain) {
            command.args(["--without-cgo", &format!("{package}={file}={}.a", package.replace('/', "_"))]);
        }
        let out = command.output().expect("goweave runs");
        assert!(out.status.success(), "{out:?}");
        (
            fs::read_to_string(dir.join("weave_main.go")).expect("the file is written"),
            packages.map(|p| fs::read(dir.join(format!("{}.a", p.replace('/', "_")))).expect("it is made")),
            String::from_utf8(out.stderr).expect("it is text"),
        )
    };
    let has = |archive: &[u8], text: &str| archive.windows(text.len()).any(|w| w == text.as_bytes());
    let same = |archives: &[Vec<u8>]| {
        archives.iter().zip(&plain).all(|(a, p)| *a == fs::read(p).expect("there is an archive"))
    };

    let (file, archives, said) = run("bare", &plain, &[]);
    assert_eq!(said, "");
    assert!(
        file.contains("//go:linkname weaveCall goweave.cgocall\n") && file.contains("\tweavenet_ \"net\"\n"),
        "{file}"
    );
    let gofmt = Path::new(&go_env("GOROOT")).join("bin/gofmt");
    assert_eq!(stdout(Command::new(gofmt).current_dir(&dir).args(["-l", "weave_main.go"])), "");
    for (archive, whole) in archives.iter().zip(&plain) {
        let whole = fs::read(whole).expect("there is an archive");
        assert!(has(&whole, "cgo_import_dynamic") && !has(archive, "cgo_import_dynamic"), "C is told of");
        assert!(has(&whole, "\x7fELF") && !has(archive, "\x7fELF"), "there is an object of C");
        let (before, after) =
            (weave_engine::export_fingerprint(&whole), weave_engine::export_fingerprint(archive));
        assert!(before.is_ok() && before == after, "{before:?} {after:?}");
    }

    // The program has it, or hooks have cgo of their own.
    for (program, more) in [("named", &[][..]), ("own", &[]), ("bare", &["--hooks-with-cgo", plain[1]][..])] {
        let (file, archives, _) = run(program, &plain, more);
        assert!(!file.contains("cgocall") && same(&archives), "{program} {more:?}\n{file}");
    }
    fs::write(dir.join("other.a"), "!<arch>\n").expect("a file can be written");
    let (file, _, said) = run("bare", &["other.a", plain[1], plain[2]], &[]);
    assert!(!file.contains("cgocall"), "{file}");
    assert_eq!(
        said,
        "note: cannot link net without cgo: it has not one object of the Go compiler: other.a\n"
    );
}

/// Statements and an expression in the runtime itself: a slot behind every `g`, whose layout stays.
#[test]
fn a_slot_for_every_goroutine_leaves_export_data_as_it_was() {
    let dir = scratch("export-slot");
    let std = Std::new("runtime", &dir);
    let slot = |g: &str| format!("*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer({g}), unsafe.Sizeof(*{g})))");
    let rules = format!(
        r#"weave: 1
name: slot
rules:
  - id: slot
    where: {{ package: runtime, function: malg, literal: runtime.g, form: new }}
    do: {{ replace: "&(new(struct {{ g g; weave unsafe.Pointer }})).g" }}
  - id: clear
    where: {{ package: runtime, function: gdestroy }}
    do: {{ before: "{} = nil" }}
  - id: inherit
    where: {{ package: runtime, function: newproc1, statement: {{ assigns: newg.gopc, occurrence: only }} }}
    do: {{ before: "{} = {}" }}
"#,
        slot("gp"),
        slot("newg"),
        slot("callergp")
    );
    fs::write(dir.join("slot.yaml"), rules).expect("a file can be written");
    let woven = std.weave(&[dir.join("slot.yaml")]);
    let (plain_export, plain_object) = std.compile(&std.source, None);
    let (export, object) = std.compile(&woven, None);
    assert!(plain_export == export, "the export data differs");
    assert!(plain_object != object, "control: the object must differ");
}

/// A woven package takes the place of the plain one where its export data are the same. Where the body of an inlined function is woven,
/// the rule is named, and not the one whose function is not inlined.
#[test]
fn a_package_whose_export_data_change_cannot_take_the_place_of_the_plain_one() {
    let dir = scratch("export-check");
    let std = Std::new("encoding/csv", &dir);
    let (plain, _) = std.compile(&std.source, None);
    fs::write(dir.join("plain.a"), plain).expect("a file can be written");
    let rule = |function: &str| {
        format!(
            "  - id: {function}\n    where: {{ package: encoding/csv, function: {function} }}\n    do: {{ before: \"println(1)\" }}\n"
        )
    };
    let not_inlined = "  - id: all\n    where: { package: encoding/csv, function: readRecord, receiver: \"*Reader\" }\n    do: { before: \"println(1)\" }\n";
    let check = |rules: &str| {
        fs::write(dir.join("r.yaml"), format!("weave: 1\nname: x\nrules:\n{rules}"))
            .expect("a file can be written");
        stdout(goweave(&dir).args([
            "lower",
            "--rules",
            "r.yaml",
            "--target",
            "encoding/csv=r.json",
            "--places",
            "places.json",
        ]));
        let woven = std.weave_with(&[dir.join("r.json")], &["--places", "places.json"]);
        std.compile(&woven, Some(&woven.join("zz_weave.go")));
        let mut c = goweave(&dir);
        c.args([
            "stdcheck",
            "--package",
            "encoding/csv=plain.a=plain.a=woven/weave_report.json",
            "encoding/csv=plain.a=out.x=woven/weave_report.json",
        ]);
        c.args(["--places", "places.json", "--unused-inputs", "unused", "--out", "checked"]);
        run(&mut c)
    };
    let out = check(not_inlined);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let read = |name: &str| fs::read(dir.join(name)).expect("a file can be read");
    assert_eq!(read("checked"), b"");
    assert_eq!(read("unused"), b"places.json\n");
    let out = check(&format!("{not_inlined}{}", rule("NewReader")));
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.starts_with("r.yaml:8:12: cannot weave encoding/csv: its export data change, "), "{said}");
    for part in [
        "most likely by rule NewReader of x\n",
        "NewReader: the compiler may inline it",
        "help: weave a function",
    ] {
        assert_eq!(said.matches(part).count(), 1, "{said}");
    }
}

/// Every function of a package woven alone: the export data changes where the report says so beforehand, and nowhere else;
/// where syntax does not tell, the report says that it may.
#[test]
fn the_report_says_beforehand_whether_export_data_changes() {
    let dir = scratch("export-foretold");
    let std = Std::new("encoding/csv", &dir);
    let (plain, _) = std.compile(&std.source, None);
    let said = run(go(&dir).args(["build", "-gcflags=-m=2", "encoding/csv"]));
    fs::write(dir.join("notes"), said.stderr).expect("a file can be written");
    let mut seen = std::collections::BTreeMap::new();
    for file in &std.go_files {
        let source = fs::read(std.source.join(file)).expect("a source can be read");
        let (tree, _) = weave_syntax::parse(&source);
        for f in tree.funcs() {
            let receiver = f.receiver.as_ref().map_or(String::new(), |r| {
                format!(", receiver: \"{}{}\"", if r.pointer { "*" } else { "" }, tree.text(r.base))
            });
            let rule = format!(
                "weave: 1\nname: x\nhooks: example.com/h\nrules:\n  - id: f\n    where: {{ package: encoding/csv, function: {}{receiver} }}\n    do: {{ hook: {{ function: F, arguments: [] }} }}\n",
                tree.text(f.name)
            );
            fs::write(dir.join("rule.yaml"), rule).expect("a file can be written");
            fs::write(dir.join("hooks.go"), "package h\n\nfunc F() func() { return nil }\n")
                .expect("a file can be written");
            let mut words = Vec::new();
            for flags in
                [&["--hook-file", "hooks.go"][..], &["--hook-file", "hooks.go", "--compiler-notes", "notes"]]
            {
                let woven = std.weave_with(&[dir.join("rule.yaml")], flags);
                let report = fs::read(woven.join("weave_report.json")).expect("there is a report");
                let report: serde_json::Value = serde_json::from_slice(&report).expect("the report is JSON");
                let some = |key: &str| report[key].as_array().is_some_and(|a| !a.is_empty());
                words.push(match (some("export_data_changes"), some("export_data_may_change")) {
                    (true, _) => "changes",
                    (false, true) => "may",
                    (false, false) => "same",
                });
            }
            let woven = dir.join("woven");
            let (export, _) = std.compile(&woven, Some(&woven.join("zz_weave.go")));
            let changed = if export == plain { "same" } else { "changes" };
            for word in &words {
                let name = tree.text(f.name);
                assert!(*word == changed || *word == "may", "{name}: {word}, and it is {changed}");
            }
            *seen.entry((words[0], words[1], changed)).or_insert(0) += 1;
        }
    }
    assert!(seen.contains_key(&("may", "changes", "changes")), "{seen:?}");
    assert!(seen.contains_key(&("same", "same", "same")), "{seen:?}");
    assert!(seen.contains_key(&("may", "same", "same")), "{seen:?}");
}
