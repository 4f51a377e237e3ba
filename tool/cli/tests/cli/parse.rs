//! `goweave parse`: the tree as JSON, errors beside it.

use std::fs;

use serde_json::Value;

use crate::support::{goweave, repository, run, scratch, text};

/// Kinds and texts in the order of the file; every node is inside its parent, behind its sisters.
fn flat(node: &Value, into: &mut Vec<String>) -> (u64, u64) {
    let number = |key: &str| node[key].as_u64().unwrap_or_else(|| panic!("{node} has no {key}"));
    let (start, end) = (number("start"), number("end"));
    let kind = node["kind"].as_str().expect("a node has a kind");
    into.push(node["text"].as_str().map_or(kind.to_owned(), |text| format!("{kind} {text}")));
    let mut at = start;
    for child in node["children"].as_array().into_iter().flatten() {
        let (from, to) = flat(child, into);
        assert!(at <= from && from <= to && to <= end, "{child} is not in its place in {kind} {start}-{end}");
        at = to;
    }
    (start, end)
}

#[test]
fn the_tree_of_a_file_is_printed() {
    let dir = scratch("parse");
    let parse = |source: &str| {
        fs::write(dir.join("a.go"), source).expect("a file can be written");
        let out = run(goweave(&dir).args(["parse", "a.go"]));
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let source = "package p\n\nfunc f(x int) string { return \"\u{e9}\" + g(x) } // end\n";
    let (code, json, errors) = parse(source);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let mut nodes = Vec::new();
    let tree = serde_json::from_str(&json).expect("the tree is JSON");
    flat(&tree, &mut nodes);
    for kind in ["File", "FuncDecl", "FuncType", "Block", "Return", "Binary", "Call"] {
        assert!(nodes.iter().any(|n| n == kind), "{kind}: {nodes:?}");
    }
    let words: Vec<&str> = nodes.iter().filter_map(|n| n.split_once(' ')).map(|(_, text)| text).collect();
    assert_eq!(words, ["p", "f", "x", "int", "string", "\"\u{e9}\"", "g", "x"]);

    // What does not parse has a tree, too.
    let (code, json, errors) = parse("package p\n\nfunc {\n\nvar x = 1\n");
    assert_eq!(code, Some(1));
    assert!(errors.starts_with("a.go:3:6: "), "{errors}");
    assert!(serde_json::from_str::<Value>(&json).is_ok_and(|tree| tree["kind"] == "File"), "{json}");

    // Nor does depth matter.
    let depth = 20_000;
    let (code, json, errors) =
        parse(&format!("package p\n\nvar x = {}1{}\n", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(json.matches("\"Paren\"").count(), depth);

    let out = run(goweave(&dir).args(["parse", "nowhere.go"]));
    assert_eq!((out.status.code(), text(&out.stdout).as_str()), (Some(2), ""));
    assert!(text(&out.stderr).contains("cannot read nowhere.go"), "{}", text(&out.stderr));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let out = run(goweave(&repository()).arg("schema").stdout(writer));
    assert!(out.status.success() && out.stderr.is_empty(), "{}", text(&out.stderr));
}
