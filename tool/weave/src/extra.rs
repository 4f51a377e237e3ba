//! The extra file of a woven package: hook variables, added declarations, aliases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use weave_rules::{FuncType, GoType};
use weave_syntax::TokenKind;

use crate::package::{File, SourceFile, declared_names};
use crate::types::assumed_name;

/// Collects what the extra file has, in order.
///
/// It imports nothing that the package does not import directly: a new import would be a new dependency edge, and it
/// would change the package's export data.
pub(crate) struct ExtraFile {
    package: String,
    /// What the package imports.
    available: BTreeSet<String>,
    /// What the package declares, which no import may be called.
    declared: BTreeSet<String>,
    /// Import path to local name.
    imports: BTreeMap<String, String>,
    variables: Vec<(String, String)>,
    aliases: Vec<(String, String)>,
    declarations: Vec<String>,
}

impl ExtraFile {
    pub(crate) fn new(package: &str, available: BTreeSet<String>, declared: BTreeSet<String>) -> Self {
        Self {
            package: package.to_owned(),
            available,
            declared,
            imports: BTreeMap::new(),
            variables: Vec::new(),
            aliases: Vec::new(),
            declarations: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.declarations.is_empty()
    }

    /// Add a hook variable.
    pub(crate) fn variable(&mut self, name: &str, signature: &FuncType) -> Result<(), String> {
        let text = self.render(&GoType::Func(Box::new(signature.clone())))?;
        self.variables.push((name.to_owned(), text));
        Ok(())
    }

    /// Add an alias for a type; gives its name back.
    pub(crate) fn alias(&mut self, name: &str, ty: &GoType) -> Result<String, String> {
        let text = self.render(ty)?;
        self.aliases.push((name.to_owned(), text));
        Ok(name.to_owned())
    }

    /// Add declarations as they are. `unsafe` is imported where a `//go:linkname` directive needs it.
    pub(crate) fn declare(&mut self, text: &str, imports: &[String]) -> Result<(), String> {
        let mut imports = imports.to_vec();
        if text.lines().any(|l| l.starts_with("//go:linkname ")) {
            imports.push("unsafe".to_owned());
        }
        for path in &imports {
            if !self.available.contains(path) {
                return Err(format!(
                    "the added declarations import `{path}`, which {} does not import: that would be a new dependency",
                    self.package
                ));
            }
        }
        let probe = format!("package p\n{text}");
        let (tree, errors) = weave_syntax::parse(probe.as_bytes());
        if let Some(e) = errors.first() {
            let line = probe[..e.offset as usize].matches('\n').count();
            return Err(format!("the added declarations are not Go: line {line}: {}", e.message));
        }
        // An import that only a directive needs is a blank one.
        let used: BTreeSet<&str> = tree
            .tokens()
            .significant()
            .iter()
            .filter(|t| t.kind == TokenKind::Ident)
            .map(|t| tree.text(t.span()))
            .collect();
        for path in &imports {
            let name = assumed_name(path);
            let local = if used.contains(name.as_str()) { name } else { "_".to_owned() };
            let known = self.imports.entry(path.to_owned()).or_insert_with(|| local.clone());
            if known == "_" {
                *known = local;
            }
        }
        self.declarations.push(text.trim_end().to_owned());
        Ok(())
    }

    /// Names that the file declares.
    pub(crate) fn declared_names(&self) -> BTreeSet<String> {
        let text = self.text("p");
        let source = SourceFile { path: "", source: text.as_bytes() };
        declared_names(&File::new(source, None, &|_| false))
            .into_iter()
            .filter(|n| n != "_" && n != "init")
            .collect()
    }

    fn render(&mut self, ty: &GoType) -> Result<String, String> {
        let mut missing = None;
        let mut packages = BTreeSet::new();
        ty.walk(&mut |t| {
            if let GoType::Named { package, name, .. } = t
                && *package != self.package
            {
                if self.available.contains(package) {
                    packages.insert(package.clone());
                } else {
                    missing.get_or_insert_with(|| format!("{package}.{name}"));
                }
            }
        });
        if let Some(name) = missing {
            return Err(format!(
                "the type {name} cannot be named in {}, which does not import its package",
                self.package
            ));
        }
        for path in packages {
            let mut name = assumed_name(&path);
            while self.declared.contains(&name) || self.imports.iter().any(|(p, n)| *n == name && *p != path)
            {
                name.push('_');
            }
            let known = self.imports.entry(path).or_insert_with(|| name.clone());
            if known == "_" {
                *known = name;
            }
        }
        Ok(ty.to_go(&|path| {
            if path == self.package {
                String::new()
            } else {
                self.imports.get(path).cloned().unwrap_or_default()
            }
        }))
    }

    /// The file.
    pub(crate) fn text(&self, package_name: &str) -> String {
        let mut out = format!("// Code generated by goweave. DO NOT EDIT.\n\npackage {package_name}\n");
        if !self.imports.is_empty() {
            out.push_str("\nimport (\n");
            for (path, name) in &self.imports {
                // Only packages of the standard library are known to be called what their path says.
                let std = !path.split('/').next().unwrap_or_default().contains('.');
                if std && path.rsplit('/').next() == Some(name) {
                    let _ = writeln!(out, "\t{path:?}");
                } else {
                    let _ = writeln!(out, "\t{name} {path:?}");
                }
            }
            out.push_str(")\n");
        }
        for (name, ty) in &self.aliases {
            let _ = write!(out, "\ntype {name} = {ty}\n");
        }
        for (name, ty) in &self.variables {
            let _ = write!(out, "\nvar {name} {ty}\n");
        }
        for text in &self.declarations {
            let _ = write!(out, "\n{text}\n");
        }
        out
    }
}
