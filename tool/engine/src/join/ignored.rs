//! Code that no rule may weave: because of a comment, or because the runtime allows no call there.

use weave_ir::{Kind, Location, LoweredAdvice, LoweredRule};

use crate::messages;
use crate::package::file::Mention;
use crate::package::sites::Candidate;
use crate::package::{Package, directives};
use crate::refusal::Refusal;

impl Package<'_, '_> {
    /// Returns where a comment says that nothing in the package is to be woven.
    fn package_ignored(&self) -> Option<Location> {
        let find = || {
            self.files.iter().filter(|f| f.active() && f.mentions(Mention::Ignore)).find_map(|file| {
                let directives = file.tree.directives();
                let d = directives
                    .iter()
                    .find(|d| d.target == Some(file.tree.root()) && directives::ignores_package(d))?;
                Some(file.at(d.span.start))
            })
        };
        self.ignored.get_or_init(find).clone()
    }

    /// Returns why a candidate is not to be woven, whatever the advice.
    pub(crate) fn unwoven(&self, rule: &LoweredRule, c: Candidate) -> Option<Refusal> {
        if let Some(at) = self.package_ignored() {
            return Some(Box::new(messages::package_ignored().note(Some(at), messages::here())));
        }
        if c.kind == Kind::Package {
            return None;
        }
        let file = &self.files[c.file];
        let mut functions = Vec::new();
        let mut around = c.function;
        while let Some(i) = around {
            functions.push(self.function_candidate(i));
            around = self.functions[i].1.parent;
        }
        // Comments are looked at only where one of them could matter.
        if file.mentions(Mention::Ignore) {
            let ignored = |c: Candidate| self.directive_that(c, &directives::ignores);
            let root = file.tree.root();
            let whole_file =
                file.tree.directives().into_iter().find(|d| d.target == Some(root) && directives::ignores(d));
            let around = c.node.map(|n| self.ancestors(c.file, n)).unwrap_or_default();
            let noted = self.resolution.directives(c.file);
            let mut outside =
                around.iter().filter_map(|id| noted.get(id)).flatten().filter(|d| directives::ignores(d));
            let found =
                whole_file.map(|d| (" on the file", d)).or_else(|| outside.next().map(|d| ("", *d))).or_else(
                    || std::iter::once(c).chain(functions.iter().copied()).find_map(ignored).map(|d| ("", d)),
                );
            if let Some((on, d)) = found {
                let message = messages::ignored(d.namespace, d.name, on);
                return Some(Box::new(message.note(Some(file.at(d.span.start)), messages::here())));
            }
        }
        if rule.unsafe_functions || c.kind != Kind::Function || !file.mentions(Mention::Delicate) {
            return None;
        }
        let only_hooks_matter = |a: &LoweredAdvice| matches!(a, LoweredAdvice::Hook(_));
        if !rule.advice.iter().any(only_hooks_matter) {
            return None;
        }
        let pragma =
            DELICATE.iter().find_map(|name| functions.iter().find_map(|f| self.directive(*f, name)))?;
        Some(Box::new(
            messages::delicate(self.functions[c.index].1.display(), pragma.namespace, pragma.name)
                .note(Some(file.at(pragma.span.start)), messages::here()),
        ))
    }
}

/// Pragmas of functions in which the runtime cannot take a call that it does not know.
const DELICATE: [&str; 5] =
    ["go:nosplit", "go:nowritebarrier", "go:nowritebarrierrec", "go:systemstack", "go:uintptrkeepalive"];
