//! The files of the engine import each other in one direction: no circle, so that each can be read after those that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules by path, each with those that its code names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The sources below a folder, by module path; `lib.rs` is none.
fn sources(folder: &Path, module: &str, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("it can be listed").path();
        let stem = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let name = if module.is_empty() { stem.clone() } else { format!("{module}::{stem}") };
        if path.is_dir() {
            sources(&path, &name, out);
        } else if name != "lib" {
            let name = if stem == "mod" { module.to_owned() } else { name };
            out.insert(name, fs::read_to_string(&path).expect("it can be read"));
        }
    }
}

/// What each module names by `crate::...`, comments and tests left out.
fn graph(sources: &BTreeMap<String, String>) -> Graph {
    let mut graph = Graph::new();
    for (module, text) in sources {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(|l| l.split("//").next().unwrap_or_default());
        let named = lines.flat_map(|l| l.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>());
        let found = named.filter_map(|path| {
            let path: Vec<&str> = path.split("::").collect();
            let word =
                |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            let path: Vec<String> = path.into_iter().map(word).collect();
            (1..=path.len()).rev().map(|n| path[..n].join("::")).find(|p| sources.contains_key(p))
        });
        graph.insert(module.clone(), found.filter(|m| m != module).collect());
    }
    graph
}

/// A way from a module back to itself, if there is one.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn walk(graph: &Graph, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = way.last().expect("it begins somewhere").clone();
        for next in graph.get(&here).into_iter().flatten() {
            let again = way.contains(next);
            if done.contains(next) && !again {
                continue;
            }
            way.push(next.clone());
            if again || walk(graph, way, done) {
                return true;
            }
            way.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        walk(graph, &mut way, &mut done).then_some(way)
    })
}

#[test]
fn no_files_of_the_engine_name_each_other_in_a_circle() {
    let mut all = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut all);
    let mut graph = graph(&all);
    assert_eq!(circle(&graph), None);
    assert!(graph["weave"].contains("join"), "control: {:?}", graph["weave"]);
    graph.entry("package::file".into()).or_default().insert("weave".into());
    assert!(circle(&graph).is_some(), "control");
}
