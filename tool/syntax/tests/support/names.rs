//! The meaning of identifiers, compared with go/types.
use crate::support::Answer;
use weave_syntax::resolve::{Binding, FileScope, Imports, PackageScope};
use weave_syntax::{NodeKind, Tree};

/// One file of an answer: its text, and what is said of the identifiers at some offsets.
struct File<'a> {
    path: &'a str,
    src: Vec<u8>,
    answers: Vec<(u32, &'a str)>,
}

/// Compares the bindings of a package with an answer to `resolve`: how many identifiers were compared, and what
/// differs.
pub fn compare_names(answer: &Answer) -> (usize, Vec<String>) {
    let mut files: Vec<File<'_>> = Vec::new();
    for line in answer.text.lines() {
        match line.split_once(' ') {
            Some(("F", path)) => {
                let src = std::fs::read(path).expect("a file just read");
                files.push(File { path, src, answers: Vec::new() });
            }
            Some((offset, what)) => {
                let file = files.last_mut().expect("a file comes first");
                file.answers.push((offset.parse().expect("an offset"), what));
            }
            None => {}
        }
    }
    let trees: Vec<Tree<'_>> = files.iter().map(|file| weave_syntax::parse(&file.src).0).collect();
    let package = PackageScope::new("p", &trees.iter().collect::<Vec<_>>());
    let mut count = 0;
    let mut differences = Vec::new();
    for (File { path, answers, .. }, tree) in files.iter().zip(&trees) {
        let imports = Imports::new(tree, |_| None);
        let scope = FileScope::new(tree, &imports, &package);
        let mut idents: Vec<_> =
            tree.descendants(tree.root()).filter(|&id| tree.kind(id) == NodeKind::Ident).collect();
        idents.sort_by_key(|&id| tree.span(id).start);
        for &(offset, want) in answers {
            let Ok(at) = idents.binary_search_by_key(&offset, |&id| tree.span(id).start) else {
                differences.push(format!("{path}:#{offset}: no identifier"));
                continue;
            };
            let ours = match scope.binding(idents[at]) {
                None => "N".to_owned(),
                Some(Binding::Declares) => "D".to_owned(),
                Some(Binding::Local(id)) => format!("L {}", tree.span(id).start),
                Some(Binding::Import(i)) => format!("I {}", imports.list()[i].path),
                Some(Binding::Package(_)) => "P".to_owned(),
                Some(Binding::Universe) => "U".to_owned(),
                Some(Binding::Unresolved) => "-".to_owned(),
            };
            count += 1;
            if ours != want {
                differences
                    .push(format!("{path}:#{offset}: {}: {ours}, not {want}", tree.node_text(idents[at])));
            }
        }
    }
    (count, differences)
}
