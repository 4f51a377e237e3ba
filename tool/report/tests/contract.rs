//! The JSON that other programs may rely on: `contract/*.json` are what is written of values that have everything, and are read
//! with the types that wrote them.
//!
//! A value here names every field, so that a new one does not compile before it is in a file. `WRITE=1 cargo test -p weave_report`
//! writes the files; what it takes away or changes in them asks for another [`VERSION`].

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use weave_ir::{Diagnostic, Location, Places, RulePlace};
use weave_report::{
    ExportData, FileReport, FileStatus, LineReport, LinkedLibrary, MainInstrumentation, MainReport,
    MatchReport, Record, RecordEntry, Report, Reports, RewriterReport, RuleReport, SkipReport, Status,
    Summary, VERSION,
};

fn at(file: &str, line: u32, col: u32) -> Option<Location> {
    Some(Location::new(file, line, col))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&w| w.to_owned()).collect()
}

fn package() -> Report {
    let file = |path: &str, status, reason: Option<&str>, lines: &[(u32, &str, &str)]| FileReport {
        path: path.into(),
        status,
        reason: reason.map(str::to_owned),
        lines: lines
            .iter()
            .map(|&(line, before, after)| LineReport { line, before: before.into(), after: after.into() })
            .collect(),
    };
    let rule = |rule: &str, status, reason: Option<&str>| RuleReport {
        instrumentation: "orders".into(),
        rule: rule.into(),
        at: None,
        status,
        matches: Vec::new(),
        export_data: None,
        skipped: Vec::new(),
        reason: reason.map(str::to_owned),
        conditions: Vec::new(),
        doc: None,
        link: None,
    };
    let fault = Diagnostic::new("arguments", at("orders.yaml", 9, 7), "the hook takes 2 arguments")
        .note(at("hooks.go", 3, 6), "it is declared here")
        .note(None, "the rule gives 1")
        .help("give it another one");
    Report {
        weave: VERSION,
        package: "example.com/shop/orders".into(),
        version: Some("v1.2.0".into()),
        go: "1.26.8".into(),
        target: "linux/amd64".into(),
        woven: true,
        export_data_changes: words(&["Place: its body is inlined"]),
        export_data_may_change: words(&["Cancel: the compiler may inline it"]),
        added_imports: words(&["context"]),
        language: Some("1.18".into()),
        leave: [].into(),
        rules: vec![
            RuleReport {
                at: at("orders.yaml", 5, 12),
                matches: vec![
                    MatchReport { what: "Place".into(), at: at("orders/orders.go", 12, 6) },
                    MatchReport { what: "package orders".into(), at: None },
                ],
                export_data: Some(ExportData::Changes),
                skipped: vec![
                    SkipReport {
                        what: "(*Order).Ship".into(),
                        at: at("orders/ship.go", 4, 17),
                        reason: "it has no body".into(),
                    },
                    SkipReport { what: "init".into(), at: None, reason: "it is not called".into() },
                ],
                ..rule("place", Status::Woven, None)
            },
            RuleReport { export_data: Some(ExportData::MayChange), ..rule("cancel", Status::Woven, None) },
            RuleReport { export_data: Some(ExportData::Same), ..rule("ship", Status::Woven, None) },
            rule("again", Status::Unchanged, Some("nothing is other than it was")),
            rule("older", Status::NotApplicable, Some("it is for versions before v1.0.0")),
            RuleReport {
                conditions: words(&["function `Pay`: none of 3 functions"]),
                ..rule("pay", Status::Unmatched, Some("no function `Pay`"))
            },
            rule("refund", Status::Failed, Some("the hook takes 2 arguments")),
        ],
        rewriters: vec![RewriterReport {
            name: "naming".into(),
            applies: true,
            files: words(&["orders/orders.go"]),
        }],
        files: vec![
            file(
                "orders/orders.go",
                FileStatus::Woven,
                None,
                &[(12, "func Place() {", "func Place() { hook();")],
            ),
            file("orders/ship.go", FileStatus::Unchanged, None, &[]),
            file("orders/vendored.go", FileStatus::Vendored, None, &[]),
            file("orders/orders_windows.go", FileStatus::Excluded, Some("it is for windows"), &[]),
            file("orders/cgo.go", FileStatus::Blanked, None, &[]),
            file("orders/old.go", FileStatus::Replaced, Some("rule place adds new.go"), &[]),
            file("orders/broken.go", FileStatus::Unparsed, Some("expected `}`"), &[]),
        ],
        findings: vec![fault.clone()],
        warnings: vec![Diagnostic { help: None, notes: Vec::new(), at: None, ..fault }],
        extra: Some("package orders\n\nvar weave_orders__place func()\n".into()),
    }
}

fn program() -> MainReport {
    MainReport {
        weave: VERSION,
        package: "example.com/shop/cmd".into(),
        label: None,
        woven: true,
        reason: None,
        packages: words(&["example.com/shop/orders", "net/http"]).into_iter().collect(),
        libraries: vec![
            LinkedLibrary {
                library: "gRPC".into(),
                module: "google.golang.org/grpc".into(),
                version: Some("v1.85.0".into()),
                by_hand: words(&[
                    "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
                ]),
            },
            LinkedLibrary {
                library: "ent".into(),
                module: "entgo.io/ent".into(),
                version: None,
                by_hand: Vec::new(),
            },
        ],
        instrumentations: vec![
            MainInstrumentation {
                name: "orders".into(),
                applies: true,
                uses: words(&["example.com/shop/orders"]),
                reason: "the program uses a package that it weaves".into(),
            },
            MainInstrumentation {
                name: "database/sql".into(),
                applies: false,
                uses: Vec::new(),
                reason: "the program uses no package that it weaves".into(),
            },
        ],
    }
}

fn places() -> Places {
    let place = RulePlace {
        at: Location::new("orders.yaml", 5, 12),
        keys: BTreeMap::from([("do.hook".to_owned(), (6, 9))]),
        doc: Some("orders are slow".into()),
        link: Some("https://example.com/ticket".into()),
    };
    Places {
        weave: VERSION,
        instrumentation: "orders".into(),
        rules: BTreeMap::from([("place".to_owned(), place)]),
    }
}

fn build() -> Summary {
    let mut reports = Reports::default();
    reports.package(package());
    reports.program(program());
    let test = MainReport {
        label: Some("//cmd:cmd_test".into()),
        reason: Some("it is a test".into()),
        ..MainReport { weave: VERSION, ..MainReport::default() }
    };
    reports.program(test);
    reports.places(&places());
    reports.summary("goweave 0.1.0")
}

fn record() -> Record {
    let entry = |name: &str, rules: &str| RecordEntry { name: name.into(), rules: rules.into() };
    Record {
        weave: VERSION,
        tool: "goweave 0.1.0".into(),
        engine: "0123456789abcdef0123456789abcdef".into(),
        instrumentations: vec![entry("orders", "00112233445566778899aabbccddeeff")],
        packages: vec![
            entry("example.com/shop/orders", ""),
            entry("net/http", "ffeeddccbbaa99887766554433221100"),
        ],
    }
}

fn holds<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract").join(name);
    let text = serde_json::to_string_pretty(value).expect("it can be written") + "\n";
    if std::env::var_os("WRITE").is_some() {
        std::fs::write(&path, &text).expect("the file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(text, golden, "{name}");
    let read: T = serde_json::from_str(&golden).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(read, *value, "{name}");
    let json: serde_json::Value = serde_json::from_str(&golden).expect("it is JSON");
    assert_eq!(json["weave"], VERSION, "{name}");
}

#[test]
fn the_report_of_a_package_is_the_contract() {
    holds("package.json", &package());
}

#[test]
fn the_report_of_a_program_is_the_contract() {
    holds("program.json", &program());
}

#[test]
fn places_of_rules_are_the_contract() {
    holds("places.json", &places());
}

#[test]
fn the_record_in_a_binary_is_the_contract() {
    holds("record.json", &record());
}

#[test]
fn the_report_of_a_build_is_the_contract() {
    holds("build.json", &build());
    assert_eq!(build().json(), serde_json::to_string_pretty(&build()).expect("it can be written") + "\n");
}
