//! `goweave explain` and `goweave report` say what a build weaves.

use std::fs;

use crate::support::{Place, bad, good};

#[test]
fn explain_says_what_each_rule_found_and_why_not() {
    let place = Place::of("own", "explain");
    place.replace("hooks/weave.yaml", "function: Double\n    do:", "function: Dable\n    do:");
    let explained = good(&mut place.goweave(&[
        "explain",
        "example.com/own/lib",
        "example.com/own",
        "example.com/own/table",
        "text/tabwriter",
    ]));
    for want in [
        "example.com/own/lib, Go ",
        "  own/double unmatched  (hooks/weave.yaml:7:7)\n",
        "      function `Dable`: none of 1 functions\n",
        "  own/plus woven  (hooks/weave.yaml:13:7)\n    woven: plus at main.go:15:6\n",
        "  own/write woven  (hooks/weave.yaml:19:7)\n    woven: (*Writer).Write at ",
        "example.com/own/table: no rule is for it; ",
    ] {
        assert!(explained.contains(want), "{want:?} is in {explained}");
    }
    assert_eq!(explained.matches("no rule is for it").count(), 1, "nothing is said of tests: {explained}");
    // A package that nobody has is named.
    let (code, wrote) = bad(&mut place.goweave(&["explain", "example.com/own/nosuch"]));
    assert!(code == 2 && wrote.contains("example.com/own/nosuch"), "{code} {wrote}");
    let (code, wrote) = bad(&mut place.goweave(&["explain", "--report", "nosuch.json"]));
    assert!(code == 2 && wrote.contains("nosuch.json"), "{code} {wrote}");
}

#[test]
fn a_report_has_what_the_build_has() {
    let place = Place::of("own", "report");
    let (json, html) = (place.result("report.json"), place.result("report.html"));
    let before = place.tree();
    good(&mut place.goweave(&["report", "--json", &json, "--html", &html]));
    assert_eq!(place.tree(), before, "no file of the user's is touched");
    let text = fs::read_to_string(&json).expect("it was written");
    let report: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let names = |key: &str, of: &str| -> Vec<String> {
        let list = report[key].as_array().expect("it is a list");
        list.iter().map(|v| v[of].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("programs", "package"), ["example.com/own", "example.com/own/lib_test"]);
    let packages = names("packages", "package");
    for want in ["example.com/own", "example.com/own/lib", "text/tabwriter", "runtime"] {
        assert!(packages.iter().any(|p| p == want), "{want} is in {packages:?}");
    }
    assert!(!packages.iter().any(|p| p == "net/http"), "control: {packages:?}");
    let rules = report["rules"].as_array().expect("it is a list");
    let plus = rules.iter().find(|r| r["rule"] == "plus").expect("the rule is there");
    assert!(
        plus["woven"][0]["package"].as_str().is_some_and(|p| p.starts_with("example.com/own, Go ")),
        "{plus}"
    );
    let page = fs::read_to_string(&html).expect("it was written");
    for want in [
        "<del>- func plus(n int) int { return n + 1 }</del>",
        "own/plus <span class=n>hooks/weave.yaml:13:7</span>",
    ] {
        assert!(page.contains(want), "{want} is in the page");
    }
    // The same again, and from the JSON.
    let again = place.result("again.html");
    good(&mut place.goweave(&["report", "--html", &again, &json]));
    assert_eq!(fs::read_to_string(&again).expect("it was written"), page);
    assert!(good(&mut place.goweave(&["report"])).contains("  own/plus woven  (hooks/weave.yaml:13:7)\n"));
}

#[test]
fn a_report_fails_where_what_is_required_is_woven_nowhere() {
    let place = Place::of("own", "required");
    let (json, stamp) = (place.result("report.json"), place.result("stamp"));
    good(&mut place.goweave(&["report", "--json", &json, "--require", "own", "--stamp", &stamp]));
    assert!(fs::exists(&stamp).expect("it can be looked for"), "everything that is required is there");
    fs::remove_file(&stamp).expect("it is there");
    // Of the build here, and of what a build has written; the rest is done all the same.
    for of in [None, Some(json.as_str())] {
        let page = place.result("page.html");
        let required = ["--require", "own", "--require", "onw", "--require", "net/http"];
        let mut words = vec!["report", "--html", &page, "--stamp", &stamp];
        words.extend(required.into_iter().chain(of));
        let (code, wrote) = bad(&mut place.goweave(&words));
        assert_eq!(code, 1, "{wrote}");
        // What was written names only what there was a use for.
        let http = match of {
            None => {
                "required instrumentation `net/http` is not woven into any program\n    example.com/own: it has no package that the instrumentation is for\n"
            }
            Some(_) => "unknown required instrumentation `net/http`\n    this build has `",
        };
        for want in ["unknown required instrumentation `onw`\n", "help: did you mean `own`?", http] {
            assert!(wrote.contains(want), "{want:?} is in {wrote}");
        }
        assert!(!wrote.contains("required instrumentation `own`"), "{wrote}");
        fs::remove_file(&page).expect("the page is written");
        assert!(!fs::exists(&stamp).expect("it can be looked for"), "something is missing");
    }
}

#[test]
fn a_report_of_what_cannot_be_read_says_so() {
    let place = Place::of("own", "report_bad");
    place.write("broken/broken.go", "package broken\n\nimport \"example.com/nosuch\"\n\nvar _ = nosuch.X\n");
    place.replace("hooks/weave.yaml", "package: example.com/own/lib\n", "package: example.com/nosuch\n");
    // What is broken is not woven; the rest is.
    let wrote = good(place.goweave(&["report"]).env("GOPROXY", "off"));
    assert!(wrote.contains("own/plus woven"), "{wrote}");
    place.write("hooks/weave.yaml", "weave: 1\nname: own\nruels: []\n");
    let (code, wrote) = bad(&mut place.goweave(&["report"]));
    assert!(code == 2 && wrote.contains("hooks/weave.yaml:3:1: unknown key `ruels`"), "{code} {wrote}");
}
