//! `orchestrion.tool.go`: a Go file whose imports are packages that have rules.

use crate::messages;
use weave_ir::{Diagnostic, Location};
use weave_syntax::Node;

/// The name of the file.
pub const TOOL_FILE: &str = "orchestrion.tool.go";

/// The name of the rule file of a folder.
pub const RULE_FILE: &str = "orchestrion.yml";

/// The import path of Orchestrion's command, which a tool file imports for its version and its built-in aspects.
pub const TOOL: &str = "github.com/DataDog/orchestrion";

/// The import paths in a tool file, in their order.
///
/// # Errors
///
/// Why it is not a Go file.
pub fn tool_imports(path: &str, text: &str) -> Result<Vec<String>, Box<Diagnostic>> {
    let (tree, errors) = weave_syntax::parse(text.as_bytes());
    if let Some(e) = errors.first() {
        let before = &text[..(e.offset as usize).min(text.len())];
        let line = before.matches('\n').count() + 1;
        let col = before.len() - before.rfind('\n').map_or(0, |i| i + 1) + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let at = Location::new(path, number(line), number(col));
        return Err(Box::new(messages::tool_file(&e.message).at(at)));
    }
    let mut out = Vec::new();
    for &decl in tree.decls() {
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            if let Node::ImportSpec(i) = tree.node(spec) {
                out.push(tree.node_text(i.path).trim_matches(['"', '`']).to_owned());
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::tool_imports;

    #[test]
    fn imports_are_listed() {
        let text = "//go:build tools\n\npackage tools\n\nimport (\n\t_ \"a/b\" // why\n\t_ \"c\"\n)\n";
        assert_eq!(
            tool_imports("t.go", text).map_err(|d| d.to_string()),
            Ok(vec!["a/b".to_owned(), "c".to_owned()])
        );
        let broken = tool_imports("t.go", "package\n").map_err(|d| d.to_string());
        assert!(broken.as_ref().is_err_and(|m| m.starts_with("t.go:2:1: expected")), "{broken:?}");
    }
}
