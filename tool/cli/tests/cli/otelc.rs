//! Rule files that others ship, as they are, on the sources that they are for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{files, go, go_env, goweave, scratch, stdout};

/// The folder of a module in the module cache.
fn downloaded(module: &str) -> PathBuf {
    let said = stdout(go(Path::new(env!("CARGO_TARGET_TMPDIR"))).args(["mod", "download", "-json", module]));
    let said: serde_json::Value = serde_json::from_str(&said).expect("the go command writes JSON");
    PathBuf::from(said["Dir"].as_str().expect("the module has a folder"))
}

/// The result of each rule that was woven into a package.
fn woven(dir: &Path) -> Vec<String> {
    let report = fs::read(dir.join("weave_report.json")).expect("there is a report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("it is JSON");
    let rules = report["rules"].as_array().expect("it has rules");
    let woven = rules.iter().filter(|r| r["status"] == "woven");
    woven.map(|r| r["rule"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_rules_of_dd_trace_go_weave_its_tracer_and_the_runtime() {
    let module = downloaded("github.com/DataDog/dd-trace-go/v2@v2.12.0");
    let tracer = module.join("ddtrace/tracer");
    let runtime = PathBuf::from(go_env("GOROOT")).join("src/runtime");
    for (package, sources, flags, want) in [
        (
            "github.com/DataDog/dd-trace-go/v2/ddtrace/tracer",
            &tracer,
            &["--cgo", "--package-version", "v2.12.0"][..],
            &[
                "span_gls_clear",
                "span_gls_context_with_span",
                "span_gls_fields",
                "span_gls_finish",
                "span_gls_span_from_context",
            ][..],
        ),
        (
            "runtime",
            &runtime,
            &["--std"],
            &["gls_goexit1_reset", "gls_runtime_accessors", "gls_runtime_field"],
        ),
    ] {
        let out = scratch(&format!("dd-{}", package.replace('/', "-")));
        let mut c = goweave(&out);
        c.args(["weave", "--importpath", package, "--go-version", &go_env("GOVERSION")]);
        c.args(["--goos", &go_env("GOOS"), "--goarch", &go_env("GOARCH")]).args(flags);
        c.arg("--rules").arg(tracer.join("otelc.yaml"));
        c.arg("--hook-file").arg(tracer.join("gls_accessors.go")).args(["--out", "out"]);
        stdout(c.args(files(sources, ".go").iter().filter(|f| !f.to_string_lossy().ends_with("_test.go"))));
        assert_eq!(woven(&out.join("out")), want, "{package}");
    }
}
