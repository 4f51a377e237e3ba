//! `testdata/weave/FEATURE/CASE.{go,yaml,golden}`: a file, rules, and what becomes of it. CASE.hooks.go has the hooks, and
//! CASE.facts.json what the types helper says where rules ask it.
//!
//! A golden has what the command prints, which the tests of `goweave` compare, and then what is compared here: the woven file, the
//! tokens of the original that rules take out of their places, the extra file and the report.
//!
//! `UPDATE_EXPECT=1 cargo test -p weave_engine --test goldens` writes the goldens; read the difference.

#[path = "weave/mutants.rs"]
mod mutants;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use self::mutants::{Numbers, mutate};
use weave_dialects::{Surroundings, read_one};
use weave_engine::{SourceFile, Target, TypeFacts, WeaveError, WeaveInput, Woven, lower, weave};
use weave_ir::{Diagnostic, Kind, LoweredAdvice, LoweredRules, PathPattern};
use weave_syntax::TokenKind;
use weave_text::LineIndex;

const PACKAGE: &str = "example.com/p";

fn listed(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be listed");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.retain(|p| p.to_string_lossy().ends_with(end));
    paths.sort();
    paths
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/weave");
    listed(&root, "").iter().filter(|f| f.is_dir()).flat_map(|f| listed(f, ".yaml")).collect()
}

fn name(path: &Path) -> String {
    path.file_name().expect("it has a name").to_string_lossy().into_owned()
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One case: its rules, lowered, or what is wrong with them.
struct Case {
    path: PathBuf,
    rules: Result<Vec<LoweredRules>, Vec<Diagnostic>>,
    target: Target,
    facts: Option<TypeFacts>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = String::from_utf8(bytes(path)).expect("rules are text");
        let cgo = match text.lines().next().and_then(|l| l.strip_prefix("# flags: ")) {
            None => false,
            Some("--cgo") => true,
            Some(other) => panic!("{}: flags {other} are not known here", path.display()),
        };
        let rules = lowered(path, &text).map(|mut all| {
            all.retain(|set| PathPattern::new(&set.package).matches(PACKAGE));
            all
        });
        let asks = rules.iter().flatten().any(|set| !set.types.is_empty());
        let facts = (asks && !text.starts_with("# without types")).then(|| {
            let facts = bytes(&path.with_extension("facts.json"));
            serde_json::from_slice(&facts).expect("the facts are what the helper says")
        });
        let target = Target::new("1.26.8", "linux", "amd64", cgo, &[]).expect("the version is good");
        Self { path: path.to_owned(), rules, target, facts }
    }

    /// Weaves a file with what the helper says of its types.
    fn weave(
        &self,
        rules: &[LoweredRules],
        source: &[u8],
        path: &str,
        types: Option<&TypeFacts>,
    ) -> Option<Woven<'static>> {
        let files = [SourceFile { path, source }];
        let input = WeaveInput {
            package: PACKAGE,
            version: Some("v1.4.0"),
            target: &self.target,
            std: false,
            files: &files,
            rules,
            types,
        };
        match weave(&input, None, &[]) {
            Ok(woven) => Some(woven.into_owned()),
            // Without a package clause there is no package.
            Err(WeaveError::PackageName(_)) => None,
            Err(e) => panic!("{}: {e}\n{}", self.path.display(), String::from_utf8_lossy(source)),
        }
    }
}

fn lowered(path: &Path, text: &str) -> Result<Vec<LoweredRules>, Vec<Diagnostic>> {
    let shown = name(path);
    let hooks = path.with_extension("hooks.go");
    let beside = listed(path.parent().expect("a case has a folder"), ".go");
    let paths = if hooks.exists() { vec![hooks] } else { beside };
    let sources: Vec<(String, Vec<u8>)> = paths.iter().map(|p| (name(p), bytes(p))).collect();
    let sources: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    let mut all = Vec::new();
    for draft in read_one(&shown, text, &Surroundings::default())? {
        let sources: &[SourceFile<'_>] = if draft.needs_sources() { &sources } else { &[] };
        all.extend(lower(&draft, None, sources)?.packages);
    }
    Ok(all)
}

/// Tokens by line, those that stand for line ends left out.
fn tokens(source: &[u8]) -> Vec<(u32, String)> {
    let lines = LineIndex::new(source);
    let (tokens, _) = weave_syntax::lex(source);
    let written = tokens.significant().iter().filter(|t| t.kind != TokenKind::AutoSemi && t.start < t.end);
    written
        .map(|t| {
            let text = String::from_utf8_lossy(&source[t.span().range()]).into_owned();
            (lines.line_col(t.start).line, text)
        })
        .collect()
}

/// The tokens of an original that are not in the woven file, in their order and on their line.
fn replaced(original: &[u8], woven: &[u8]) -> Vec<(u32, String)> {
    let new = tokens(woven);
    let mut rest = new.as_slice();
    let mut out = Vec::new();
    for (line, token) in tokens(original) {
        // A blank parameter that gets a name grows, and so does an import that is written out.
        let same = |(l, t): &(u32, String)| *l == line && (*t == token || token == "_" && t.starts_with('_'));
        // What stands on a later line is no place for this one.
        let on_line = rest.partition_point(|(l, _)| *l <= line);
        match rest[..on_line].iter().position(same) {
            Some(i) => rest = &rest[i + 1..],
            None => out.push((line, token)),
        }
    }
    out
}

/// The part of a golden about a woven package.
fn shown(original: &[u8], woven: &Woven<'_>) -> String {
    let (_, bytes) = &woven.files[0];
    let mut out = match **bytes == *original {
        true => "-- unchanged --\n".to_owned(),
        false => format!("-- woven --\n{}", String::from_utf8_lossy(bytes)),
    };
    let gone = replaced(original, bytes);
    if !gone.is_empty() {
        out.push_str("-- replaced --\n");
        gone.iter().for_each(|(line, token)| writeln!(out, "{line}: {token}").expect("a text"));
    }
    let (_, extra) = woven.files.last().expect("there is the extra file");
    let _ = write!(out, "-- zz_weave.go --\n{}-- report --\n", String::from_utf8_lossy(extra));
    let report = serde_json::to_value(&woven.report).expect("a report is JSON");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    for (rule, value) in woven.report.rules.iter().zip(report["rules"].as_array().expect("a list")) {
        let _ = write!(out, "{}: {}", rule.rule, word(&value["status"]));
        let effect = word(&value["export_data"]);
        if !matches!(&*effect, "" | "same") {
            let _ = write!(out, ", export data {effect}");
        }
        if let Some(reason) = &rule.reason {
            let _ = write!(out, ": {reason}");
        }
        out.push('\n');
        for skip in &rule.skipped {
            let _ = writeln!(out, "  not {}: {}", skip.what, skip.reason);
        }
    }
    for (file, value) in woven.report.files.iter().zip(report["files"].as_array().expect("a list")) {
        if let Some(reason) = &file.reason {
            let _ = writeln!(out, "file {}: {reason}", word(&value["status"]));
        }
    }
    for change in &woven.report.export_data_changes {
        let _ = writeln!(out, "export data: {change}");
    }
    for doubt in &woven.report.export_data_may_change {
        let _ = writeln!(out, "export data, perhaps: {doubt}");
    }
    out
}

/// The first lines of findings, as the command prints them.
fn first_lines(findings: &[Diagnostic]) -> Vec<String> {
    let line = |d: &Diagnostic| d.to_string().lines().next().unwrap_or_default().to_owned();
    findings.iter().map(line).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that updates goldens is a variable")]
fn cases_match_their_goldens() {
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() > 50, "control: {} cases", cases.len());
    for path in cases {
        let case = Case::read(&path);
        let go_file = path.with_extension("go");
        let original = bytes(&go_file);
        let golden = path.with_extension("golden");
        let text = fs::read_to_string(&golden).unwrap_or_default();
        let ours = ["-- woven --\n", "-- unchanged --\n"].iter().find_map(|s| text.find(&format!("\n{s}")));
        let (printed, rest) = text.split_at(ours.map_or(text.len(), |at| at + 1));
        let (findings, got) = match &case.rules {
            Err(findings) => (findings.clone(), String::new()),
            Ok(rules) => {
                let woven = case.weave(rules, &original, &name(&go_file), case.facts.as_ref());
                let woven = woven.expect("the file has a package clause");
                check_twice(&case, rules, &original, &woven);
                assert_eq!(breaks(&original), breaks(&woven.files[0].1), "{}: lines", path.display());
                let got = shown(&original, &woven);
                for line in first_lines(&woven.report.warnings) {
                    assert!(
                        printed.contains(&line),
                        "{}: the warning is not there: {line}",
                        golden.display()
                    );
                }
                (woven.report.findings, got)
            }
        };
        for line in first_lines(&findings) {
            if !printed.lines().any(|l| l == line) {
                wrong.push(format!("{}: the golden does not have the finding\n{line}\n", golden.display()));
            }
        }
        let exit = if findings.is_empty() { "exit 0\n" } else { "exit 1\n" };
        let new = update && printed.is_empty();
        if !new && !printed.starts_with(exit) {
            wrong.push(format!("{}: it is {exit}", golden.display()));
        }
        if update {
            let printed = if printed.is_empty() { exit } else { printed };
            fs::write(&golden, format!("{printed}{got}")).expect("a golden can be written");
        } else if rest != got {
            wrong.push(format!("{}\n{got}", golden.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "these goldens differ; UPDATE_EXPECT=1 cargo test -p weave_engine --test goldens writes them:\n{}",
        wrong.join("\n")
    );
}

fn breaks(text: &[u8]) -> usize {
    text.iter().filter(|&&b| b == b'\n').count()
}

/// Nothing panics, files that are not woven keep their bytes, and what is woven keeps its lines.
#[test]
fn mutants_of_cases_are_woven_or_left_as_they_are() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut changed, mut kinds, mut keys) = (0, BTreeSet::new(), BTreeSet::new());
    for path in cases() {
        let case = Case::read(&path);
        let Ok(rules) = &case.rules else { continue };
        for rule in rules.iter().flat_map(|set| &set.rules) {
            kinds.extend(rule.join.kinds().unwrap_or_else(|| vec![Kind::Package]));
            keys.extend(rule.advice.iter().map(LoweredAdvice::key));
        }
        let original = String::from_utf8(bytes(&path.with_extension("go"))).expect("a case is text");
        for _ in 0..12 {
            let mutant = mutate(&original, &mut numbers);
            let Some(woven) = case.weave(rules, &mutant, "a.go", None) else { continue };
            let (_, text) = &woven.files[0];
            assert_eq!(breaks(text), breaks(&mutant), "{}", String::from_utf8_lossy(text));
            let (_, errors) = weave_syntax::parse(&mutant);
            let woven = **text != *mutant;
            assert!(!woven || errors.is_empty(), "a file that does not parse was changed");
            changed += u32::from(woven);
        }
    }
    assert!(changed > 20, "control: only {changed} mutants were Go");
    let missing: Vec<Kind> = Kind::ALL.into_iter().filter(|k| !kinds.contains(k)).collect();
    assert!(missing.is_empty(), "no case is for {missing:?}");
    let missing: Vec<&str> = LoweredAdvice::KEYS.into_iter().filter(|key| !keys.contains(key)).collect();
    assert!(missing.is_empty(), "no case has the advice {missing:?}");
}

/// A woven file is refused.
fn check_twice(case: &Case, rules: &[LoweredRules], original: &[u8], woven: &Woven<'_>) {
    let (file, bytes) = &woven.files[0];
    if **bytes == *original {
        return;
    }
    // What is known of types is about the original, and it is refused whatever is known of them.
    let again = case.weave(rules, bytes, file, None).expect("the file has a package clause");
    let said = first_lines(&again.report.findings);
    assert!(
        said.iter().any(|l| l.ends_with("this file is already woven")),
        "{}: {said:?}",
        case.path.display()
    );
}

#[test]
fn a_token_that_is_out_of_its_place_is_found() {
    let gone = |a: &str, b: &str| replaced(a.as_bytes(), b.as_bytes()).len();
    assert_eq!(gone("a b\nc", "x a y b\nc z"), 0);
    assert_eq!(gone("a b\nc", "a\nb c"), 1);
    assert_eq!(gone("a b", "b a"), 1);
    assert_eq!(gone("f(_ int)", "f(_1 int)"), 0);
    assert_eq!(gone("a.B(c)", "x.B(c)"), 1);
}
