//! Every rule file that Orchestrion and dd-trace-go ship, as the module proxy gives them, loads; and the table of
//! `docs/orchestrion.md` says what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use weave_dialects::{BuiltIn, Dialect, DraftAdvice, Read, Surroundings, dialect, read, read_yaml};
use weave_ir::LoweredAdvice;

/// How often each construct stands in files.
type Counts = BTreeMap<String, usize>;

/// Every construct of the schema of Orchestrion 1.15 and of its templates: what it is called, and what becomes of it.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("file: meta", "its form is checked; the name is that of the instrumentation in reports"),
    ("file: extends", "those files come first, each once"),
    ("file: aspects", "one rule for each; several where advice has an order of its own"),
    ("aspect: tracer-internal", "as it is, with Orchestrion's list of packages that are left alone"),
    ("join-point: all-of", "as it is"),
    ("join-point: one-of", "as it is"),
    ("join-point: not", "as it is"),
    ("join-point: import-path", "as it is; `main` is every main package"),
    ("join-point: package-name", "as it is"),
    ("join-point: package-filter", "as it is: `*`, `**`, `?`, classes"),
    ("package-filter: root: true", "the main module, which `goweave go` knows and `--root-module` gives"),
    ("package-filter: root: false", "as it is"),
    (
        "join-point: test-main",
        "`false` holds, `true` does not: the main package that `go test` makes is not woven",
    ),
    ("join-point: directive", "as it is, also on the statement whose value, callee or call something is"),
    ("join-point: function", "as it is; all conditions hold"),
    ("function: name", "as it is; `''` are function literals"),
    ("function: receiver", "as it is: a type, `true` or `false`"),
    ("function: signature", "as it is: `a, b T` counts as one, type arguments do not"),
    ("function: signature-contains", "as it is: one of the types is enough"),
    ("function: argument-implements", "by the type checker"),
    ("function: result-implements", "by the type checker"),
    ("function: final-result-implements", "by the type checker"),
    ("join-point: function-body", "as it is"),
    (
        "join-point: function-call",
        "as it is, whatever the file calls the package, and never a local name that hides it",
    ),
    (
        "join-point: method-call",
        "by the type checker: the static type of the receiver, in packages that import its package",
    ),
    ("method-call: match: any", "as it is"),
    ("method-call: match: value-only", "as it is"),
    ("method-call: match: pointer-only", "as it is"),
    ("join-point: struct-definition", "as it is"),
    ("join-point: struct-literal", "as it is: literals that state their type"),
    ("struct-literal: any", "as it is"),
    ("struct-literal: value-only", "as it is"),
    ("struct-literal: pointer-only", "as it is"),
    ("struct-literal: field", "as it is"),
    ("join-point: value-declaration", "as it is"),
    ("join-point: declaration-of", "as it is"),
    (
        "join-point: configuration",
        "what Orchestrion itself sets, `httpmode: wrap`, holds, and nothing else does; deprecated",
    ),
    ("advice: prepend-statements", "as it is, in a block of its own"),
    ("prepend-statements: order", "as it is, among all instrumentations"),
    ("prepend-statements: namespace", "as it is; advice without one is applied last"),
    ("advice: wrap-expression", "as it is; code that the template prints stays on its line"),
    ("advice: append-args", "as it is; `f(list...)` gets a longer list of its own"),
    ("advice: replace-function", "as it is"),
    ("advice: inject-declarations", "as it is, in the extra file of the package"),
    ("inject-declarations: links", "as it is: programs with the package link these"),
    ("advice: add-struct-field", "as it is"),
    ("advice: add-blank-import", "as it is"),
    ("advice: assign-value", "as it is"),
    ("template: with: imports", "the names that code has for packages; a file imports what its code uses"),
    (
        "template: with: lang",
        "the woven package is compiled as that version at least; refused where the Go release is older",
    ),
    ("template: AST", "the tree, by the names of `go/ast`"),
    ("template: Copy", "code, once more"),
    ("template: Function", "the innermost function, or the literal"),
    ("template: Receiver", "its name; one is given where there is none"),
    ("template: Argument", "its name; one is given where there is none"),
    ("template: ArgumentOfType", "its name, or nothing"),
    ("template: ArgumentThatImplements", "its name, or nothing; by the type checker"),
    ("template: Result", "its name; one is given where there is none"),
    ("template: ResultOfType", "its name, or nothing"),
    ("template: ResultThatImplements", "its name, or nothing; by the type checker"),
    ("template: LastResultThatImplements", "its name, or nothing; by the type checker"),
    ("template: FinalResultImplements", "whether it does; by the type checker"),
    ("template: DirectiveArgs", "as it is: words, `key:value`, quotes"),
];

/// Fields of the tree and of other things that templates of these files name.
const FIELDS: &[&str] = &["Args", "Elts", "Ellipsis", "Fun", "Key", "Name", "Type", "Value", "X"];

/// The table of the documentation.
fn table(shipped: &Counts, tests: &Counts) -> String {
    let mut out = String::from("| construct | shipped | in tests | here |\n|---|---|---|---|\n");
    for (key, here) in CONSTRUCTS {
        let count = |counts: &Counts| counts.get(*key).copied().unwrap_or(0);
        let shown = match key.split_once(": ") {
            Some(("template", member)) if !member.contains(' ') => format!("`.{member}` in templates"),
            Some(("template", with)) => format!("`{}` of templates", with.trim_start_matches("with: ")),
            Some((of, key)) => format!("{of} `{}`", key.replace(": ", "` `")),
            None => (*key).to_owned(),
        };
        out.push_str(&format!("| {shown} | {} | {} | {here} |\n", count(shipped), count(tests)));
    }
    out
}

/// Compare a part of a document with what it must be; `UPDATE_EXPECT=1` writes it.
#[expect(clippy::disallowed_methods, reason = "the switch that updates the document is a variable")]
fn part_of_document(path: &Path, begin: &str, end: &str, wanted: &str) {
    let old = fs::read_to_string(path).expect("the document is there");
    let from = old.find(begin).expect("the document has the mark") + begin.len();
    let to = from + old[from..].find(end).expect("the document has the second mark");
    if old[from..to] == *wanted {
        return;
    }
    if std::env::var("UPDATE_EXPECT").is_ok() {
        return fs::write(path, format!("{}{wanted}{}", &old[..from], &old[to..]))
            .expect("it can be written");
    }
    panic!(
        "{} is stale: UPDATE_EXPECT=1 cargo test -p weave_dialects --test corpus writes it\n{wanted}",
        path.display()
    );
}

/// Modules with rule files. Of dd-trace-go's other contrib modules the proxy has none.
const MODULES: [&str; 5] = [
    "github.com/DataDog/orchestrion@v1.15.0",
    "github.com/DataDog/dd-trace-go/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/google.golang.org/grpc/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/log/slog/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/net/http/v2@v2.12.0",
];

/// What the files below a folder of this name have beside aspects: the input of Orchestrion's own tests.
const TEST_INPUTS: &str = "testdata";

fn download() -> Vec<PathBuf> {
    let folder = std::env::temp_dir().join(format!("weave-orchestrion-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    let out = Command::new("go")
        .args(["mod", "download", "-json"])
        .args(MODULES)
        .current_dir(&folder)
        .env("GOFLAGS", "-mod=mod")
        .output()
        .expect("go is there");
    let _ = fs::remove_dir_all(&folder);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let stream = serde_json::Deserializer::from_slice(&out.stdout).into_iter::<serde_json::Value>();
    let dirs = stream.map(|v| v.expect("it is JSON")["Dir"].as_str().expect("it has a folder").into());
    dirs.collect()
}

fn rule_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).expect("the folder can be read");
    let mut entries: Vec<PathBuf> = entries.map(|e| e.expect("the folder can be read").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rule_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml")
            && fs::read_to_string(&path)
                .is_ok_and(|text| dialect("orchestrion.yml", &text) == Dialect::Orchestrion)
        {
            out.push(path);
        }
    }
}

/// The aspects of a file of tests, without their inputs; as many lines.
fn without_inputs(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            inside = !["aspects:", "extends:", "meta:"].iter().any(|key| line.starts_with(key));
        }
        if !inside && !line.starts_with('%') {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// What is in a file.
fn text_of(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("the file can be read");
    if path.to_str().is_some_and(|p| p.contains(TEST_INPUTS)) { without_inputs(&text) } else { text }
}

fn load_file(path: &Path) -> Read {
    let shown = path.to_str().expect("the path is UTF-8").to_owned();
    let roots = vec!["example.com/main".to_owned()];
    let surroundings = Surroundings { roots, built_in: BuiltIn::WithOthers, ..Surroundings::default() };
    // What a file extends is loaded on its own, too.
    let mut extend = |path: &str| {
        let path = Path::new(path);
        let file = if path.is_dir() { path.join("orchestrion.yml") } else { path.to_path_buf() };
        fs::metadata(&file).map_err(|e| e.to_string())?;
        Ok(vec![(file.to_str().unwrap_or_default().to_owned(), "aspects: []".to_owned())])
    };
    read(&[(shown, text_of(path))], &surroundings, &mut extend)
}

/// Counts what stands in a file.
struct Counter<'c>(&'c mut Counts);

impl Counter<'_> {
    fn count(&mut self, what: &str, key: &str) {
        *self.0.entry(format!("{what}: {key}")).or_default() += 1;
    }

    fn file(&mut self, file: &Value) {
        for key in ["meta", "aspects"].into_iter().filter(|key| file.get(key).is_some()) {
            self.count("file", key);
        }
        list(file, "extends").for_each(|_| self.count("file", "extends"));
        for aspect in list(file, "aspects") {
            if aspect.get("tracer-internal").is_some() {
                self.count("aspect", "tracer-internal");
            }
            self.join(&aspect["join-point"]);
            match &aspect["advice"] {
                Value::Array(all) => all.iter().for_each(|a| self.advice(a)),
                one => self.advice(one),
            }
        }
    }

    fn join(&mut self, join: &Value) {
        let (key, value) = one_key(join);
        self.count("join-point", key);
        let form = || value["match"].as_str().unwrap_or("any");
        match key {
            "all-of" | "one-of" => list(join, key).for_each(|j| self.join(j)),
            "not" | "function-body" => self.join(value),
            "function" => list(join, key).for_each(|option| self.count("function", one_key(option).0)),
            "package-filter" => {
                let root = value["root"].as_bool() == Some(true);
                self.count("package-filter: root", if root { "true" } else { "false" });
            }
            "method-call" => self.count("method-call: match", form()),
            "struct-literal" if value.get("field").is_some() => self.count(key, "field"),
            "struct-literal" => self.count(key, form()),
            _ => {}
        }
    }

    fn advice(&mut self, advice: &Value) {
        let (key, value) = one_key(advice);
        self.count("advice", key);
        for more in ["order", "namespace"].into_iter().filter(|more| value.get(more).is_some()) {
            self.count(key, more);
        }
        if key == "inject-declarations" {
            list(value, "links").for_each(|_| self.count(key, "links"));
        }
        self.code(value);
        list(value, "values").for_each(|v| self.code(v));
    }

    fn code(&mut self, code: &Value) {
        let Some(text) = code["template"].as_str() else { return };
        let template = weave_template::Template::parse(text, &["Version"]).expect("the file is good");
        template.members().iter().for_each(|member| self.count("template", member));
        if code["imports"].as_object().is_some_and(|imports| !imports.is_empty()) {
            self.count("template: with", "imports");
        }
        if code.get("lang").is_some() {
            self.count("template: with", "lang");
        }
    }
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn one_key(value: &Value) -> (&str, &Value) {
    let entry = value.as_object().and_then(|map| map.iter().next()).expect("the file is good");
    (entry.0, entry.1)
}

#[test]
fn every_rule_file_of_the_peers_loads() {
    let mut files = Vec::new();
    for dir in download() {
        rule_files(&dir, &mut files);
    }
    assert!(files.len() > 40, "only {} files", files.len());
    let mut wrong = Vec::new();
    let mut shipped = Counts::new();
    let mut tests = Counts::new();
    let mut numbers = BTreeMap::new();
    for path in &files {
        let read = load_file(path);
        if !read.findings.is_empty() {
            let said: Vec<String> = read.findings.iter().map(ToString::to_string).collect();
            wrong.push(said.join("\n"));
            continue;
        }
        let test = path.to_str().is_some_and(|p| p.contains(TEST_INPUTS));
        let counts = if test { &mut tests } else { &mut shipped };
        *numbers.entry(test).or_insert(0usize) += 1;
        let file: Value = read_yaml("file", &text_of(path)).expect("it is YAML");
        Counter(counts).file(&file);
        let rules = read.drafts.iter().flat_map(|d| &d.rules);
        let advice: Vec<&DraftAdvice> = rules.flat_map(|r| &r.advice).map(|a| &a.value).collect();
        assert_eq!(advice.is_empty(), list(&file, "aspects").next().is_none(), "{}", path.display());
        let hook =
            |a: &&DraftAdvice| !matches!(a, DraftAdvice::Ready(a) if !matches!(a, LoweredAdvice::Hook(_)));
        assert!(!advice.iter().any(hook), "{}", path.display());
    }
    assert!(wrong.is_empty(), "{} of {} files do not load:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    let unknown: Vec<&String> = shipped
        .keys()
        .chain(tests.keys())
        .filter(|key| !CONSTRUCTS.iter().any(|(known, _)| known == key))
        .filter(|key| !FIELDS.iter().any(|field| **key == format!("template: {field}")))
        .collect();
    assert!(unknown.is_empty(), "constructs that the table does not have: {unknown:?}");
    let modules: String = MODULES.iter().map(|m| format!("- `{m}`\n")).collect();
    let wanted = format!(
        "\n{modules}\n{} files of these are shipped, {} are inputs of Orchestrion's own tests.\n\n{}",
        numbers.get(&false).copied().unwrap_or(0),
        numbers.get(&true).copied().unwrap_or(0),
        table(&shipped, &tests)
    );
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/orchestrion.md");
    part_of_document(&document, "<!-- table: begin -->\n", "<!-- table: end -->\n", &wanted);
}

#[test]
fn constructs_are_in_the_table_once() {
    let mut keys: Vec<&str> = CONSTRUCTS.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    let count = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), count);
}
