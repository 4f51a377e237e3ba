//! The files of a crate import each other in one direction: no circle, so that each can be read after those that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules by path, each with those that its code names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The crates whose files are held to it.
const CRATES: [&str; 9] =
    ["cli", "dialects", "engine", "gocmd", "ir", "report", "syntax", "template", "text"];

/// The sources below a folder, by module path; `lib.rs` and `main.rs` are none.
fn sources(folder: &Path, module: &str, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("it can be listed").path();
        let stem = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let name = if module.is_empty() { stem.clone() } else { format!("{module}::{stem}") };
        if path.is_dir() {
            sources(&path, &name, out);
        } else if name != "lib" && name != "main" {
            let name = if stem == "mod" { module.to_owned() } else { name };
            out.insert(name, fs::read_to_string(&path).expect("it can be read"));
        }
    }
}

/// The code of a file, comments and tests left out, with the paths of `use` lists written out one by one.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().map(|l| l.split("//").next().unwrap_or_default().trim()).collect();
    let mut out = String::new();
    for statement in code.join(" ").split(';') {
        match statement
            .split_once("use ")
            .and_then(|(_, used)| used.split_once('{').map(|(p, l)| (p, l, used)))
        {
            // A list inside of a list names no file.
            Some((path, list, used)) if used.ends_with('}') => {
                let names = list.trim_end_matches('}').split(',');
                names.for_each(|name| out.push_str(&format!("{path}{} ;", name.trim())));
            }
            _ => out.push_str(&format!("{statement};")),
        }
    }
    out
}

/// The module that a name at the root of a crate is from: what `pub use module::{Name, ...}` in its `lib.rs` says.
fn at_root(lib: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for path in code(lib).split(';') {
        let path = path.trim();
        let path = path.rsplit_once(' ').map_or(path, |(_, path)| path);
        if let Some((module, name)) = path.rsplit_once("::") {
            names.insert(name.to_owned(), module.to_owned());
        }
    }
    names
}

/// What each module names by `crate::...` and `super::...`, and what it names of its own children. `lib` is the root of the crate.
fn graph(sources: &BTreeMap<String, String>, lib: &str) -> Graph {
    let mut graph = Graph::new();
    let at_root = at_root(lib);
    for (module, text) in sources {
        let code = code(text);
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let below = |base: &str, path: &str| match base {
            "" => path.to_owned(),
            base => format!("{base}::{path}"),
        };
        let named = |from: &str, base: &str| -> Vec<String> {
            code.split(from).skip(1).map(|path| below(base, path)).collect()
        };
        let mut paths = named("crate::", "");
        if module.contains("::") {
            paths.extend(named("super::", parent));
        }
        let children = sources.keys().filter_map(|m| m.strip_prefix(module)?.strip_prefix("::"));
        for child in children.filter(|child| !child.contains("::")) {
            let path = format!("{child}::");
            let uses = code.match_indices(&path);
            let own = uses
                .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)));
            paths.extend(own.map(|_| below(module, child)));
        }
        let found = paths.into_iter().filter_map(|path| {
            let word =
                |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            let path: Vec<String> = path.split("::").map(word).collect();
            let module =
                (1..=path.len()).rev().map(|n| path[..n].join("::")).find(|p| sources.contains_key(p));
            module.or_else(|| at_root.get(&path[0]).cloned())
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
fn no_files_of_a_crate_name_each_other_in_a_circle() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let graph_of = |name: &str| {
        let mut all = BTreeMap::new();
        sources(&tool.join(name).join("src"), "", &mut all);
        let lib = fs::read_to_string(tool.join(name).join("src/lib.rs")).unwrap_or_default();
        graph(&all, &lib)
    };
    let circles: Vec<_> = CRATES.iter().filter_map(|name| Some((name, circle(&graph_of(name))?))).collect();
    assert!(circles.is_empty(), "{circles:?}");
    let mut engine = graph_of("engine");
    assert!(engine["weave"].contains("advice"), "control: {:?}", engine["weave"]);
    engine.entry("package::file".into()).or_default().insert("weave".into());
    assert!(circle(&engine).is_some(), "control");
    let syntax = graph_of("syntax");
    assert!(syntax["resolve::types"].contains("tree"), "control: {:?}", syntax["resolve::types"]);
    let cli = graph_of("cli");
    for (module, named) in [
        ("go", "go::prepare"),
        ("go::prepare", "go::build"),
        ("go::show", "summary"),
        ("go::types", "go::state"),
    ] {
        assert!(cli[module].contains(named), "control: {module}: {:?}", cli[module]);
    }
}
