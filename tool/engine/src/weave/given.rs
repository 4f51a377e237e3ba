//! Faults of the sources themselves, whatever the rules match.

use std::collections::BTreeSet;

use weave_ir::{Diagnostic, JoinPoint, LoweredRule, LoweredRules};

use crate::messages;
use crate::package::file::Mention;
use crate::package::names::{MARKER, is_ours};
use crate::package::{EXTRA_FILE, Package, directives};

/// Rules, each with the list that it is in.
type Rules<'r, 'a> = &'r [(&'a LoweredRules, &'a LoweredRule)];

impl Package<'_, '_> {
    /// Refuses files that are woven already: weaving twice would call every hook twice.
    pub(super) fn refuse_woven(&self, rules: Rules<'_, '_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let variables: BTreeSet<&str> = rules
            .iter()
            .filter_map(|(_, r)| r.hook().map(|h| h.variable.as_str()))
            .chain(rules.iter().filter_map(|(_, r)| r.hook_pair().map(|c| c.variable.as_str())))
            .collect();
        for file in self.files {
            let tree = &file.tree;
            let mentioned = file.mentions(Mention::Weave);
            let variable = if variables.is_empty() || !mentioned {
                None
            } else {
                let woven = |id| is_ours(tree.bytes(tree.span(id))) && variables.contains(tree.node_text(id));
                tree.idents().find(|&id| woven(id)).map(|id| tree.span(id).start)
            };
            let marker = || {
                let first = tree.comments().iter().find(|c| tree.bytes(**c) == MARKER.as_bytes());
                first.map(|c| c.start)
            };
            let at = variable.or_else(|| if mentioned { marker() } else { None });
            if at.is_some() || file.source.base_name() == EXTRA_FILE {
                findings.push(messages::woven_already().at(Some(file.at(at.unwrap_or(0)))).finding);
            }
        }
        findings
    }

    /// Refuses comments for the weaver that it would not understand: such a comment is a mistake, and not no comment.
    pub(super) fn refuse_comments(&self, rules: Rules<'_, '_>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let asked = |name: &str| {
            let mut found = false;
            for (_, rule) in rules {
                rule.join.walk(&mut |j| {
                    found |= matches!(j, JoinPoint::Directive(d) | JoinPoint::Annotated(d) if d == name);
                });
            }
            found
        };
        for file in self.files.iter().filter(|f| f.active() && f.mentions(Mention::Comment)) {
            let tree = &file.tree;
            let clause = tree.package_name().map_or(0, |n| n.start);
            for comment in tree.comments() {
                let mistake = directives::mistaken(tree.text(*comment), &asked, comment.start < clause);
                if let Some((message, help)) = mistake {
                    let d = messages::malformed(message).at(Some(file.at(comment.start))).finding;
                    findings.push(d.help(help));
                }
            }
        }
        findings
    }
}
