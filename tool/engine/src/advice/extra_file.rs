//! The extra file of a woven package: hook variables, added declarations, aliases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::rc::Rc;

use weave_ir::{FuncType, GoType, assumed_name};
use weave_syntax::{Node, TokenKind, Tree};

use crate::messages;
use crate::package::aliases::Aliases;
use crate::package::file::{File, SourceFile, declared_names};
use crate::package::names::Identifiers;

/// Start of the comment that gives declarations the position that they have in the file of a person.
pub(crate) const LINE: &str = "//line ";

/// Collects what the extra file has, in order.
///
/// It imports nothing that the package does not import directly, unless a rule names the path as a dependency: a new
/// import is a new dependency edge, and it changes the package's export data.
pub(crate) struct ExtraFile<'a> {
    package: String,
    /// Imports of the package.
    available: BTreeSet<String>,
    /// Names that the package declares, which no import may have.
    declared: Rc<Identifiers<'a>>,
    /// Aliases of types.
    names: Rc<Aliases>,
    /// Import path to local name.
    imports: BTreeMap<String, String>,
    /// Imports for their effects alone.
    blank: BTreeSet<String>,
    variables: Vec<(String, String)>,
    aliases: Vec<(String, String)>,
    /// Functions that woven ones call: the name, and what follows it.
    functions: Vec<(String, String)>,
    declarations: Vec<String>,
}

impl<'a> ExtraFile<'a> {
    pub(crate) fn new(
        package: &str,
        available: BTreeSet<String>,
        declared: Rc<Identifiers<'a>>,
        names: Rc<Aliases>,
    ) -> Self {
        Self {
            names,
            package: package.to_owned(),
            available,
            declared,
            imports: BTreeMap::new(),
            blank: BTreeSet::new(),
            variables: Vec::new(),
            aliases: Vec::new(),
            functions: Vec::new(),
            declarations: Vec::new(),
        }
    }

    /// Returns how many things are in it.
    pub(crate) fn size(&self) -> usize {
        self.variables.len() + self.declarations.len() + self.blank.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.declarations.is_empty() && self.blank.is_empty()
    }

    /// Adds a hook variable.
    pub(crate) fn variable(&mut self, name: &str, ty: &Writable) {
        let text = self.write(ty);
        self.variables.push((name.to_owned(), text));
    }

    /// Adds an alias for a type.
    pub(crate) fn alias(&mut self, name: &str, ty: &Writable) {
        let text = self.write(ty);
        self.aliases.push((name.to_owned(), text));
    }

    /// Adds a function that woven ones call, unless there is the same already, and returns its name. `rest` follows the name.
    pub(crate) fn function(&mut self, base: &str, rest: String) -> String {
        if let Some((name, _)) = self.functions.iter().find(|(_, known)| *known == rest) {
            return name.clone();
        }
        let name = format!("{base}{}", self.functions.len());
        self.functions.push((name.clone(), rest));
        name
    }

    /// Returns whether the package imports a path anyway.
    pub(crate) fn imports_already(&self, path: &str) -> bool {
        self.available.contains(path)
    }

    /// Import a package for its effects.
    pub(crate) fn import_blank(&mut self, path: &str) {
        self.blank.insert(path.to_owned());
    }

    /// Adds declarations. What they change in the export data, as far as syntax tells, is given back.
    pub(crate) fn declare(&mut self, declarations: Declarations) -> Vec<String> {
        let Declarations { text, imports, uses, exported } = declarations;
        let mut renamed = BTreeMap::new();
        for (name, path) in &imports {
            // An import that only a directive needs is a blank one.
            if uses.iter().any(|(_, n)| n == name) {
                renamed.insert(name.as_str(), self.import(path, name));
            } else {
                self.imports.entry(path.clone()).or_insert_with(|| "_".to_owned());
            }
        }
        let mut out = String::new();
        let mut at = 0;
        for (span, name) in &uses {
            out.push_str(&text[at..span.start]);
            out.push_str(&renamed[name.as_str()]);
            at = span.end;
        }
        out.push_str(&text[at..]);
        self.declarations.push(out.trim_end().to_owned());
        exported
    }

    /// The name under which the file knows a package.
    fn import(&mut self, path: &str, wanted: &str) -> String {
        match self.imports.get(path) {
            Some(known) if known != "_" => return known.clone(),
            _ => {}
        }
        let mut name = wanted.to_owned();
        while self.declared.contains(name.as_str())
            || self.imports.iter().any(|(p, n)| *n == name && p != path)
        {
            name.push('_');
        }
        self.imports.insert(path.to_owned(), name.clone());
        name
    }

    /// Names that the file declares.
    pub(crate) fn declared_names(&self) -> BTreeSet<String> {
        let text = self.text("p");
        let source = SourceFile { path: "", source: text.as_bytes() };
        declared_names(&File::new(source, None, &|_| false))
            .into_iter()
            .filter(|n| !matches!(*n, "_" | "init"))
            .map(str::to_owned)
            .collect()
    }

    /// The type, with names that the package can write where there are some.
    pub(crate) fn nameable(&self, ty: &GoType) -> GoType {
        ty.map_named(&|t| {
            let GoType::Named { package, .. } = t else { return t.clone() };
            let knows = |path: &str| path == self.package || self.available.contains(path);
            if knows(package) {
                return t.clone();
            }
            let spelled = self.names.spellings(&self.names.canonical(t));
            let can = |t: &&GoType| matches!(t, GoType::Named { package, .. } if knows(package));
            spelled.iter().find(can).unwrap_or(t).clone()
        })
    }

    /// The type as the package can write it.
    pub(crate) fn writable(&self, ty: &GoType) -> Result<Writable, String> {
        let ty = self.nameable(ty);
        let mut missing = None;
        let mut packages = BTreeSet::new();
        ty.each_name(&mut |package, name| {
            if package == self.package {
                return;
            }
            if self.available.contains(package) {
                packages.insert(package.to_owned());
            } else {
                missing.get_or_insert_with(|| format!("{package}.{name}"));
            }
        });
        match missing {
            Some(name) => Err(messages::type_without_name(&name, &self.package)),
            None => Ok(Writable { ty, packages }),
        }
    }

    /// The same of a function type.
    pub(crate) fn writable_function(&self, signature: &FuncType) -> Result<Writable, String> {
        self.writable(&GoType::Func(Box::new(signature.clone())))
    }

    /// A type as the file writes it.
    pub(crate) fn write(&mut self, Writable { ty, packages }: &Writable) -> String {
        for path in packages {
            self.import(path, &assumed_name(path));
        }
        ty.to_go(&|path| {
            if path == self.package {
                String::new()
            } else {
                self.imports.get(path).cloned().unwrap_or_default()
            }
        })
    }

    /// The file.
    pub(crate) fn text(&self, package_name: &str) -> String {
        let mut out = format!("// Code generated by goweave. DO NOT EDIT.\n\npackage {package_name}\n");
        let mut imports: BTreeMap<&String, &str> = self.blank.iter().map(|p| (p, "_")).collect();
        imports.extend(self.imports.iter().map(|(p, n)| (p, n.as_str())));
        if !imports.is_empty() {
            out.push_str("\nimport (\n");
            for (path, name) in imports {
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
        for (name, rest) in &self.functions {
            let _ = write!(out, "\n//weave:ignore\nfunc {name}{rest}\n");
        }
        // What follows declarations with lines of their own would have those lines, too.
        let (lined, plain): (Vec<_>, Vec<_>) = self.declarations.iter().partition(|t| t.starts_with(LINE));
        for text in plain.into_iter().chain(lined) {
            let _ = write!(out, "\n{text}\n");
        }
        out
    }
}

/// A type that the package can write.
#[derive(Clone)]
pub(crate) struct Writable {
    ty: GoType,
    /// Packages that it names.
    packages: BTreeSet<String>,
}

/// Declarations for the extra file that are Go.
pub(crate) struct Declarations {
    text: String,
    /// The packages that they name: the name in them, the import path.
    imports: BTreeMap<String, String>,
    /// Ranges that name a package, and the name.
    uses: Vec<(Range<usize>, String)>,
    /// Changes of the export data by them, as far as syntax tells.
    exported: Vec<String>,
}

impl Declarations {
    /// Reads declarations. `imports` are the packages that they name: the name in them, the import path.
    pub(crate) fn parse(text: &str, imports: BTreeMap<String, String>) -> Result<Self, String> {
        let clause = "package p\n";
        let probe = format!("{clause}{text}");
        let (tree, errors) = weave_syntax::parse(probe.as_bytes());
        if let Some(e) = errors.first() {
            let line = probe[..e.offset as usize].matches('\n').count();
            return Err(messages::declarations_are_not_go(line, &e.message));
        }
        let tokens = tree.tokens().significant();
        let mut uses = Vec::new();
        for (i, token) in tokens.iter().enumerate() {
            let name = tree.text(token.span());
            let qualifies = token.kind == TokenKind::Ident
                && tokens.get(i + 1).is_some_and(|t| t.kind == TokenKind::Dot)
                && (i == 0 || tokens[i - 1].kind != TokenKind::Dot);
            if qualifies && imports.contains_key(name) {
                let range = token.span().range();
                uses.push((range.start - clause.len()..range.end - clause.len(), name.to_owned()));
            }
        }
        Ok(Self { text: text.to_owned(), imports, uses, exported: exported_by(&tree) })
    }
}

/// Returns what of added declarations is part of the export data: functions that no directive links, methods, `init`, and
/// exported names.
fn exported_by(tree: &Tree<'_>) -> Vec<String> {
    let linked: BTreeSet<&str> = tree
        .directives()
        .into_iter()
        .filter(|d| d.namespace == "go" && d.name == "linkname")
        .filter_map(|d| d.args.split_whitespace().next())
        .collect();
    let mut out = Vec::new();
    for &decl in tree.decls() {
        match tree.node(decl) {
            Node::FuncDecl(f) => {
                let name = tree.node_text(f.name);
                if f.receiver.is_some() {
                    out.push(messages::gets_method(name));
                } else if !linked.contains(name) {
                    out.push(messages::gets_function(name));
                }
            }
            Node::GenDecl(g) => {
                for &spec in g.specs {
                    let names: Vec<&str> = match tree.node(spec) {
                        Node::ValueSpec(v) => v.names.iter().map(|&n| tree.node_text(n)).collect(),
                        Node::TypeSpec(t) => vec![tree.node_text(t.name)],
                        _ => Vec::new(),
                    };
                    for name in names.iter().filter(|n| n.starts_with(char::is_uppercase)) {
                        out.push(messages::gets_exported_name(name));
                    }
                    if let Node::ValueSpec(v) = tree.node(spec)
                        && v.values.iter().any(|&v| matches!(tree.node(v), Node::FuncLit(_)))
                    {
                        out.push(messages::set_to_literal(names.join("`, `")));
                    }
                }
            }
            _ => {}
        }
    }
    out
}
