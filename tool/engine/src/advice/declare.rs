//! Declarations, imports and files that a package gets.

use std::collections::BTreeMap;

use weave_ir::{Code, Language, LoweredDeclare, LoweredFile};
use weave_syntax::TokenKind;

use crate::advice::code::body_of;
use crate::advice::extra_file::{Declarations, LINE};
use crate::advice::patch::{Change, Patch};
use crate::advice::state::State;
use crate::advice::{Advisor, Work};
use crate::package::file::File;
use crate::package::sites::Candidate;
use crate::refusal::{Reason, Refusal, Refused, refuse};

impl<'a> Advisor<'a, '_, '_> {
    pub(super) fn declare(
        &self,
        text: &str,
        imports: &BTreeMap<String, String>,
        dependencies: &[String],
        state: &State<'a>,
        patch: &mut Patch<'a>,
    ) -> Result<(), Refusal> {
        let mut all = imports.clone();
        // A directive that only the compiler reads needs the import all the same.
        if text.lines().any(|l| l.starts_with("//go:linkname ")) {
            all.entry("unsafe".into()).or_insert_with(|| "unsafe".into());
        }
        for path in all.values() {
            if self.may_import(path, dependencies, state).is_err() {
                let message = format!(
                    "the added declarations import `{path}`, which {} does not import: that would be a new dependency",
                    self.package.input.package
                );
                return Err(Box::new(
                    Refused::new(Reason::NewImport, None, message)
                        .help(format!("if that is meant, write `dependencies: [{path}]` in the rule")),
                ));
            }
        }
        let paths: Vec<String> = all.values().cloned().collect();
        let declarations = Declarations::parse(text, all).map_err(|m| refuse(Reason::Declare, m))?;
        paths.into_iter().for_each(|path| patch.push(Change::Depend(path)));
        patch.push(Change::Declare(declarations));
        Ok(())
    }

    /// The declarations of a file become part of the extra file.
    pub(crate) fn add_file(
        &self,
        f: &LoweredFile,
        dependencies: &[String],
        state: &State<'a>,
        patch: &mut Patch<'a>,
    ) -> Result<(), Refusal> {
        let source = crate::package::file::SourceFile { path: &f.name, source: f.text.as_bytes() };
        let file = File::new(source, None, &|_| false);
        if let Some(e) = file.errors.first() {
            return Err(refuse(Reason::File, format!("{}: {}", file.at(e.offset), e.message)));
        }
        if let Some(d) = file.tree.directives().iter().find(|d| d.namespace == "go" && d.name == "embed") {
            let message = format!("{}: an added file cannot embed files", file.at(d.span.start));
            return Err(refuse(Reason::File, message));
        }
        let mut imports = BTreeMap::new();
        let mut blank = Vec::new();
        for import in &file.imports {
            match import.name.as_deref() {
                _ if import.written == "C" => {
                    return Err(refuse(
                        Reason::File,
                        format!("{}: an added file cannot use cgo", file.at(import.at)),
                    ));
                }
                Some(".") => {
                    let message = format!("{}: an added file cannot have dot imports", file.at(import.at));
                    return Err(refuse(Reason::File, message));
                }
                Some("_") => blank.push(import.path.clone()),
                _ => {
                    imports.insert(import.local_name(), import.path.clone());
                }
            }
        }
        for path in imports.values().chain(&blank) {
            self.may_import(path, dependencies, state)?;
        }
        if f.replaces {
            patch.push(Change::LeaveOut { file: self.left_out(f)?, name: f.name.clone() });
        }
        let body = body_of(&f.text);
        if f.adapter {
            let line = f.text[..f.text.len() - body.len()].matches('\n').count() + 1;
            self.declare(
                &format!("{LINE}{}:{line}:1\n{body}", f.name),
                &imports,
                dependencies,
                state,
                patch,
            )?;
        } else {
            self.declare(body, &imports, dependencies, state, patch)?;
        }
        for path in blank {
            patch.push(Change::Depend(path.clone()));
            patch.push(Change::ImportBlank(path));
        }
        Ok(())
    }

    /// The file that an added one is in place of.
    fn left_out(&self, f: &LoweredFile) -> Result<usize, Refusal> {
        let found =
            self.package.files.iter().position(|file| file.active() && file.source.base_name() == f.name);
        match found {
            Some(i) => Ok(i),
            None => {
                let message = format!("{} has no file {} to leave out", self.package.input.package, f.name);
                let names = self.package.files.iter().filter(|f| f.active()).map(|f| f.source.base_name());
                let mut d = Refused::new(Reason::NoFile, None, message);
                d.help = weave_ir::did_you_mean(&f.name, names);
                Err(Box::new(d))
            }
        }
    }

    /// The declarations of an advice for a candidate, and those of its imports that they name; none if there are none.
    pub(super) fn declared_text(
        &self,
        d: &LoweredDeclare,
        work: &Work<'_, 'a>,
        c: Candidate,
    ) -> Result<Option<Declared>, Refusal> {
        if d.language != Language::GoTemplate {
            return Ok(Some((d.text.clone(), d.imports.clone())));
        }
        let code = Code { text: d.text.clone(), language: d.language, ..Code::default() };
        let known: BTreeMap<String, String> =
            work.so_far.imports(c.file).flatten().map(|(path, name)| (path.clone(), name.clone())).collect();
        let printed = self
            .package
            .print(&code, &work.rule.join, c, false, None, &known)
            .map_err(|m| refuse(Reason::Template, m))?;
        if !printed.holes.is_empty() || !printed.named.is_empty() {
            return Err(refuse(
                Reason::Template,
                "declarations stand outside of the function, and cannot have its code",
            ));
        }
        if printed.text.trim().is_empty() {
            return Ok(None);
        }
        let (tokens, _) = weave_syntax::lex(printed.text.as_bytes());
        let list = tokens.significant();
        let named = |name: &str| {
            list.windows(2).any(|w| {
                w[1].kind == TokenKind::Dot && printed.text[w[0].start as usize..w[0].end as usize] == *name
            })
        };
        let imports = d.imports.iter().filter(|(name, _)| named(name)).map(|(n, p)| (n.clone(), p.clone()));
        let mut imports: BTreeMap<String, String> = imports.collect();
        if !d.links.is_empty() {
            imports.entry("unsafe".into()).or_insert_with(|| "unsafe".into());
        }
        Ok(Some((printed.text.clone(), imports)))
    }
}

/// Declarations, and the packages that they name: the name in them, the import path.
type Declared = (String, BTreeMap<String, String>);
