//! The page of a build, which needs nothing else.

use std::fmt::Write as _;

use weave_ir::Location;

use crate::{
    LibraryState, LibrarySummary, MainReport, Report, RewriterReport, RuleFile, RuleReport, RuleSummary,
    Summary,
};

impl Summary {
    /// Returns one page that needs nothing else: first the libraries of each program, then the rules and the packages.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::from(HEAD);
        let woven = self.packages.iter().filter(|p| p.report.woven).count();
        let _ = write!(
            out,
            "<h1>What was woven</h1>\n<p class=d>{}; {woven} of {} that rules are for; {}; {}</p>\n",
            counted(self.programs.len(), "program"),
            counted(self.packages.len(), "package"),
            counted(self.rules.len(), "rule"),
            escape(&self.tool)
        );
        for p in &self.programs {
            program(&mut out, &p.report, &p.digest, &self.libraries);
        }
        if !self.rule_files.is_empty() {
            out.push_str("<h2>Rule files</h2>\n<details><summary>all that were found</summary>\n<div class=w><table>\n<tr><th>file<th>instrumentation<th>rules\n");
            self.rule_files.iter().for_each(|file| rule_file(&mut out, file));
            out.push_str("</table></div></details>\n");
        }
        if !self.rules.is_empty() {
            out.push_str("<h2>Rules</h2>\n<details><summary>where each is woven, and where not</summary>\n<div class=w><table>\n<tr><th>rule<th>woven into<th>not, and why\n");
            self.rules.iter().for_each(|rule| self::rule(&mut out, rule));
            out.push_str("</table></div></details>\n");
        }
        if !self.packages.is_empty() {
            out.push_str(
                "<h2>Packages</h2>\n<details><summary>what became of each rule, and the lines</summary>\n",
            );
            self.packages.iter().for_each(|p| package(&mut out, &p.report, &p.digest));
            out.push_str("</details>\n");
        }
        out.push_str("</body></html>\n");
        out
    }
}

/// A number of things.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn program(out: &mut String, p: &MainReport, digest: &str, libraries: &[LibrarySummary]) {
    let _ = writeln!(
        out,
        "<section><h2><b>{}</b> {}</h2>",
        escape(p.title()),
        match (p.woven, &p.reason) {
            (true, _) => "has hooks".to_owned(),
            (false, Some(reason)) => format!("has no hooks: {}", escape(reason)),
            (false, None) => "is the plain program".to_owned(),
        },
    );
    let own: Vec<&LibrarySummary> = libraries.iter().filter(|l| l.program == p.title()).collect();
    if !own.is_empty() {
        let states =
            [LibraryState::Woven, LibraryState::NotWoven, LibraryState::Itself, LibraryState::Uninstrumented];
        let counts = states.map(|s| (s, own.iter().filter(|l| l.state == s).count()));
        out.push_str("<p>");
        for (state, n) in counts.into_iter().filter(|(_, n)| *n > 0) {
            let _ = write!(out, "<span class=\"b b-{}\">{n} {}</span> ", class(state), state.words());
        }
        out.push_str("</p>\n<div class=w><table>\n<tr><th>library<th>version<th>state<th>spans, or why not<th>metrics\n");
        own.iter().for_each(|l| library(out, l));
        out.push_str("</table></div>\n");
    }
    out.push_str("<details><summary>instrumentations</summary>\n<div class=w><table>\n<tr><th>instrumentation<th>applies<th>why<th>packages\n");
    for i in &p.instrumentations {
        let uses: Vec<String> = i.uses.iter().map(|u| escape(u)).collect();
        let _ = writeln!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            escape(&i.name),
            if i.applies { "yes" } else { "no" },
            escape(&i.reason),
            uses.join("<br>")
        );
    }
    let _ = writeln!(out, "</table></div>\n<p class=d>digest {digest}</p></details></section>");
}

/// Returns what a state is called in the style sheet.
fn class(state: LibraryState) -> &'static str {
    match state {
        LibraryState::Woven => "woven",
        LibraryState::NotWoven => "not",
        LibraryState::Itself => "itself",
        LibraryState::Uninstrumented => "none",
    }
}

fn library(out: &mut String, l: &LibrarySummary) {
    let module = match l.library.module == l.library.library {
        true => String::new(),
        false => format!("<br><span class=n>{}</span>", escape(&l.library.module)),
    };
    let hands: Vec<String> =
        l.library.by_hand.iter().map(|p| format!("<br>by hand, too: <code>{}</code>", escape(p))).collect();
    let metrics: Vec<String> = l.metrics.iter().map(|m| format!("<code>{}</code>", escape(m))).collect();
    let _ = writeln!(
        out,
        "<tr><td>{}{module}<td>{}<td><span class=\"b b-{}\">{}</span><td>{}{}<td>{}",
        escape(&l.library.library),
        escape(l.library.version.as_deref().unwrap_or("")),
        class(l.state),
        l.state.words(),
        with_code(&l.why),
        hands.concat(),
        metrics.join("<br>")
    );
}

/// A text whose parts between backquotes are code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(i, part)| match i % 2 {
            1 => format!("<code>{}</code>", escape(part)),
            _ => escape(part),
        })
        .collect()
}

fn rule_file(out: &mut String, f: &RuleFile) {
    let names: Vec<String> = f.instrumentations.iter().map(|i| escape(i)).collect();
    let state = match &f.unread {
        Some(why) => format!("not read: {}", escape(why)),
        None => format!("{} of {} woven", f.woven, f.rules),
    };
    let _ = writeln!(out, "<tr><td>{}<td>{}<td>{state}", escape(&f.path), names.join("<br>"));
}

fn rule(out: &mut String, r: &RuleSummary) {
    let woven: Vec<String> =
        r.woven.iter().map(|p| format!("{} ({})", link(&p.package), p.matches)).collect();
    let mut not: Vec<String> = r
        .not
        .iter()
        .map(|p| {
            let reason = p.reason.as_ref().map_or(String::new(), |r| format!(": {}", escape(r)));
            format!("{} {}{reason}", link(&p.package), p.status.word())
        })
        .collect();
    if woven.is_empty() && not.is_empty() {
        not.push("it is for none of these packages".to_owned());
    }
    let known = &r.documentation;
    let title = rule_title(
        &r.instrumentation,
        &r.rule,
        known.at.as_ref(),
        known.doc.as_deref(),
        known.link.as_deref(),
    );
    let _ = writeln!(out, "<tr><td>{title}<td>{}<td>{}", woven.join("<br>"), not.join("<br>"));
}

fn package(out: &mut String, p: &Report, digest: &str) {
    let (open, state) = if p.woven { (" open", "woven") } else { ("", "not woven") };
    let _ = write!(
        out,
        "<details{open} id=\"{0}\"><summary><b>{0}</b> {state}</summary>\n<table>\n<tr><th>rule<th>became<th>where, or why not\n",
        escape(&p.title())
    );
    p.rules.iter().for_each(|rule| package_rule(out, rule));
    p.rewriters.iter().for_each(|rewriter| package_rewriter(out, rewriter));
    out.push_str("</table>\n");
    for (all, title) in [
        (&p.export_data_changes, "Export data changes"),
        (&p.export_data_may_change, "Export data may change"),
        (&p.added_imports, "New imports"),
    ] {
        let all: Vec<String> = all.iter().map(|v| escape(v)).collect();
        if !all.is_empty() {
            let _ = writeln!(out, "<p>{title}: {}</p>", all.join("; "));
        }
    }
    for f in &p.files {
        if f.lines.is_empty() {
            if let Some(reason) = &f.reason {
                let _ = writeln!(out, "<p>{}: {}</p>", escape(&f.path), escape(reason));
            }
            continue;
        }
        let _ = write!(out, "<p><code>{}</code></p>\n<pre>", escape(&f.path));
        for l in &f.lines {
            let _ = write!(
                out,
                "<span class=n>{:>5}</span> <del>- {}</del>\n      <ins>+ {}</ins>\n",
                l.line,
                escape(&l.before),
                escape(&l.after)
            );
        }
        out.push_str("</pre>\n");
    }
    if let Some(extra) = &p.extra {
        let _ = write!(out, "<p>the file that is added</p>\n<pre>{}</pre>\n", escape(extra));
    }
    let _ = writeln!(out, "<p class=d>digest {digest}</p></details>");
}

fn package_rule(out: &mut String, rule: &RuleReport) {
    let mut what: Vec<String> = Vec::new();
    for m in &rule.matches {
        what.push(format!("<code>{}</code>{}", escape(&m.what), at(m.at.as_ref())));
    }
    for s in &rule.skipped {
        let reason = escape(&s.reason);
        what.push(format!("not <code>{}</code>{}: {reason}", escape(&s.what), at(s.at.as_ref())));
    }
    what.extend(rule.reason.as_deref().map(escape));
    what.extend(rule.conditions.iter().map(|c| format!("&nbsp;&nbsp;{}", escape(c))));
    let title = rule_title(
        &rule.instrumentation,
        &rule.rule,
        rule.at.as_ref(),
        rule.doc.as_deref(),
        rule.link.as_deref(),
    );
    let status = rule.status.word();
    let _ = writeln!(out, "<tr><td>{title}<td class=s-{status}>{status}<td>{}", what.join("<br>"));
}

fn package_rewriter(out: &mut String, r: &RewriterReport) {
    let status = if r.applies { "woven" } else { "unmatched" };
    let _ = writeln!(
        out,
        "<tr><td>rewriter {}<td class=s-{status}>{status}<td>{}",
        escape(&r.name),
        escape(&r.changes())
    );
}

const HEAD: &str = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\n\
    <title>What was woven</title>\n<style>\n\
    :root{color-scheme:light dark;--ink:#1c2024;--faint:#5c6670;--line:#d8dde2;--page:#fff;--box:#f5f7f9;--good:#12703a;--bad:#b3261e;--warn:#8a5300;--blue:#1f5fbf}\n\
    @media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--faint:#9aa5b0;--line:#39424b;--page:#15191d;--box:#1e242a;--good:#6fd08f;--bad:#ff8a80;--warn:#f0b45c;--blue:#8ab8ff}}\n\
    body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:var(--ink);background:var(--page)}\n\
    h1{font-size:1.5em;margin:0}h2{font-size:1.1em;font-weight:normal;margin:1.2em 0 .4em}a{color:var(--blue)}\n\
    section{border:1px solid var(--line);border-radius:6px;padding:0 1em .6em;margin:1em 0}.w{overflow-x:auto}\n\
    table{border-collapse:collapse;margin:.5em 0;min-width:100%}td,th{text-align:left;vertical-align:top;padding:.3em .9em .3em 0;border-top:1px solid var(--line)}th{color:var(--faint);font-weight:normal;border-top:0}\n\
    details{border-left:3px solid var(--line);padding-left:1em;margin:.7em 0}summary{cursor:pointer}code{font-size:.9em}\n\
    pre{background:var(--box);padding:.6em;overflow:auto;font-size:13px}del{color:var(--bad);text-decoration:none}ins{color:var(--good);text-decoration:none}\n\
    .n,.d{color:var(--faint);font-size:12px}.s-failed{color:var(--bad);font-weight:bold}.s-woven{color:var(--good)}\n\
    .b{border:1px solid;border-radius:1em;padding:0 .6em;font-size:13px;white-space:nowrap}.b-woven{color:var(--good)}.b-not{color:var(--bad)}.b-itself{color:var(--blue)}.b-none{color:var(--warn)}\n\
    </style></head><body>\n";

/// A rule, where it stands, and what its file says of it.
fn rule_title(
    instrumentation: &str,
    rule: &str,
    place: Option<&Location>,
    doc: Option<&str>,
    link: Option<&str>,
) -> String {
    let doc = doc.map_or(String::new(), |d| format!("<br><i>{}</i>", escape(d)));
    let link = link.map_or(String::new(), |l| match l.starts_with("https://") || l.starts_with("http://") {
        true => format!("<br><a href=\"{0}\">{0}</a>", escape(l)),
        false => format!("<br>{}", escape(l)),
    });
    format!("{}/{}{}{doc}{link}", escape(instrumentation), escape(rule), at(place))
}

fn at(place: Option<&Location>) -> String {
    place.map_or(String::new(), |at| format!(" <span class=n>{}</span>", escape(&at.to_string())))
}

/// A link to a package of the page.
fn link(title: &str) -> String {
    format!("<a href=\"#{0}\">{0}</a>", escape(title))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
