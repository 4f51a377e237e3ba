//! A build in lines, for a terminal.

use std::fmt::Write as _;

use weave_ir::Location;

use crate::{LibrarySummary, MainReport, Report, Summary};

impl Summary {
    /// For a terminal: what became of each rule in each package, and why.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.packages.iter().for_each(|p| package(&mut out, &p.report));
        for p in &self.programs {
            program(&mut out, &p.report);
            self.libraries
                .iter()
                .filter(|l| l.program == p.report.title())
                .for_each(|l| library(&mut out, l));
        }
        out
    }
}

fn package(out: &mut String, p: &Report) {
    let _ = writeln!(out, "{}: {}", p.title(), if p.woven { "woven" } else { "not woven" });
    for rule in &p.rules {
        let place = rule.at.as_ref().map_or(String::new(), |at| format!("  ({at})"));
        let _ = writeln!(out, "  {}/{} {}{place}", rule.instrumentation, rule.rule, rule.status.word());
        for m in &rule.matches {
            let _ = writeln!(out, "    woven: {}{}", m.what, at(m.at.as_ref()));
        }
        for s in &rule.skipped {
            let _ = writeln!(out, "    not {}{}: {}", s.what, at(s.at.as_ref()), s.reason);
        }
        if let Some(reason) = &rule.reason {
            let _ = writeln!(out, "    {}", reason.replace('\n', "\n    "));
        }
        for condition in &rule.conditions {
            let _ = writeln!(out, "      {condition}");
        }
    }
    for r in &p.rewriters {
        let _ = writeln!(out, "  rewriter {} {}", r.name, r.changes());
    }
    if p.rules.is_empty() && p.rewriters.is_empty() {
        out.push_str("  no rule is for it\n");
    }
}

fn library(out: &mut String, l: &LibrarySummary) {
    let version = l.library.version.as_ref().map_or(String::new(), |v| format!(" {v}"));
    let _ = writeln!(out, "  library {}{version}: {}: {}", l.library.library, l.state.words(), l.why);
    for package in &l.library.by_hand {
        let _ = writeln!(out, "    {package} instruments it by hand");
    }
}

fn program(out: &mut String, p: &MainReport) {
    let _ = writeln!(out, "program {}", p.title());
    if let Some(reason) = &p.reason {
        let _ = writeln!(out, "  has no hooks: {reason}");
    }
    for i in &p.instrumentations {
        let applies = if i.applies { "applies" } else { "does not apply" };
        let _ = writeln!(out, "  {} {applies}: {}", i.name, i.reason);
    }
}

fn at(place: Option<&Location>) -> String {
    place.map_or(String::new(), |at| format!(" at {at}"))
}
