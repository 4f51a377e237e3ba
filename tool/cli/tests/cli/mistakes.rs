//! `testdata/mistakes/NAME.yaml`: a rule file with a mistake, and in NAME.golden what goweave says of it, for the Go package
//! `p.go` and the hooks `hooks.go` beside it.
//!
//! `UPDATE_EXPECT=1 cargo test -p goweave --test cli mistakes` writes the goldens; read each message as somebody who does not
//! know what is wrong.

use std::fs;

use crate::support::{files, goweave, repository, run, scratch, text};

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that updates goldens is a variable")]
fn every_mistake_is_named_with_its_place() {
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let folder = repository().join("testdata/mistakes");
    let out = scratch("mistakes");
    let mut wrong = Vec::new();
    let cases = files(&folder, ".yaml");
    assert!(cases.len() > 20, "control");
    for case in cases {
        let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
        let mut command = goweave(&folder);
        command.args(["weave", "--importpath", "example.com/p", "--package-version", "v1.4.0"]);
        command.args(["--go-version", "1.26.8", "--goos", "linux", "--goarch", "amd64", "--out"]).arg(&out);
        command.args(["--rules", &name, "--hook-file", "hooks.go", "p.go"]);
        let result = run(&mut command);
        let got = text(&result.stderr);
        assert_eq!(result.status.code(), Some(1), "{name}: {got}");
        // Tools find the place in the first line.
        let (place, _) = got.split_once(": ").unwrap_or_default();
        let mut parts = place.rsplitn(3, ':');
        let numbers = [parts.next(), parts.next()].map(|n| n.and_then(|n| n.parse::<u32>().ok()));
        assert!(numbers.iter().all(Option::is_some), "{name}: {got}");
        let golden = case.with_extension("golden");
        if update {
            fs::write(&golden, &got).expect("a golden can be written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{}\n{got}", golden.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "these goldens differ; UPDATE_EXPECT=1 cargo test -p goweave --test cli mistakes writes them:\n{}",
        wrong.join("\n")
    );
}
