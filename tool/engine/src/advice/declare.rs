//! Declarations, imports and files that a package gets.

use std::collections::BTreeMap;

use weave_ir::{Code, Language, LoweredDeclare, LoweredFile};
use weave_syntax::TokenKind;

use crate::advice::code::body_of;
use crate::advice::extra_file::{Declarations, LINE};
use crate::advice::patch::{Change, Patch};
use crate::advice::state::State;
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::file::File;
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

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
                let message = messages::declarations_import(path, self.package.input.package);
                return Err(Box::new(message.help(messages::help_dependencies(path))));
            }
        }
        let paths: Vec<String> = all.values().cloned().collect();
        let declarations = Declarations::parse(text, all).map_err(|m| messages::declare(m).boxed())?;
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
            return Err(messages::added_file_is_not_go(file.at(e.offset), &e.message).boxed());
        }
        if let Some(d) = file.tree.directives().iter().find(|d| d.namespace == "go" && d.name == "embed") {
            let message = messages::added_file_embeds(file.at(d.span.start));
            return Err(message.boxed());
        }
        let mut imports = BTreeMap::new();
        let mut blank = Vec::new();
        for import in &file.imports {
            match import.name.as_deref() {
                _ if import.written == "C" => {
                    return Err(messages::added_file_has_cgo(file.at(import.at)).boxed());
                }
                Some(".") => {
                    let message = messages::added_file_has_dot_import(file.at(import.at));
                    return Err(message.boxed());
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
                let message = messages::no_file_to_leave_out(self.package.input.package, &f.name);
                let names = self.package.files.iter().filter(|f| f.active()).map(|f| f.source.base_name());
                let mut d = message;
                d.help = weave_ir::did_you_mean(&f.name, names);
                Err(Box::new(d))
            }
        }
    }

    /// The declarations of an advice for a candidate, and those of its imports that they name; `None` if there are none.
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
            .map_err(|m| messages::template(m).boxed())?;
        if !printed.holes.is_empty() || !printed.named.is_empty() {
            return Err(messages::declarations_without_code().boxed());
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
