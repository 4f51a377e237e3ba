//! One compile command of a build, as the toolexec sees it.

use std::path::Path;

use weave_ir::GoVersion;

use crate::flags::pattern::clean;

/// A compile command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compile {
    flags: Vec<String>,
    /// The Go files.
    pub files: Vec<String>,
    /// Output, as `-o` names it.
    pub output: String,
}

impl Compile {
    /// Reads the arguments of a compiler; `None` if it compiles nothing (`-V=full`).
    #[must_use]
    pub fn parse(arguments: &[String]) -> Option<Self> {
        let go = arguments.iter().rev().take_while(|a| a.ends_with(".go") && !a.starts_with('-')).count();
        let (flags, files) = arguments.split_at(arguments.len() - go);
        let at = flags.iter().position(|a| a == "-o")?;
        let output = flags.get(at + 1)?.clone();
        (go > 0).then(|| Self { flags: flags.to_vec(), files: files.to_vec(), output })
    }

    /// The arguments that compile those files only for which `keep` holds.
    #[must_use]
    pub fn with_only(&self, keep: impl Fn(&str) -> bool) -> Vec<String> {
        self.flags.iter().chain(self.files.iter().filter(|f| keep(f))).cloned().collect()
    }

    /// The arguments that compile the files `names` of `folder` instead of the originals of that name, and new ones. Paths
    /// that the program shows and records stay as they were. `threads` is the number of threads to allow.
    #[must_use]
    pub fn with_files(
        &self,
        folder: &str,
        names: &[&str],
        paths: &Paths<'_>,
        threads: Option<usize>,
    ) -> Vec<String> {
        let mut trimpath = Vec::new();
        for file in &self.files {
            if names.contains(&base(file)) {
                trimpath.push(format!("{folder}/{}=>{}", base(file), paths.recorded(file)));
            }
        }
        // Relative names of //line directives, and new files.
        if let Some(first) = self.files.first() {
            let recorded = paths.recorded(first);
            trimpath.push(format!("{folder}=>{}", recorded.rsplit_once('/').map_or("", |(dir, _)| dir)));
        }
        let mut out = self.flags.clone();
        if let Some(at) = out.iter().position(|a| a == "-trimpath").filter(|at| at + 1 < out.len()) {
            trimpath.push(out[at + 1].clone());
            out[at + 1] = trimpath.join(";");
        } else {
            out.extend(["-trimpath".to_owned(), trimpath.join(";")]);
        }
        if let Some(n) = threads
            && !out.iter().any(|a| a.starts_with("-c="))
        {
            out.push(format!("-c={n}"));
        }
        // The order of files decides about the order of initialisation.
        let originals: Vec<&str> = self.files.iter().map(|f| base(f)).collect();
        out.extend(self.files.iter().map(|f| match names.contains(&base(f)) {
            true => format!("{folder}/{}", base(f)),
            false => f.clone(),
        }));
        let new = names.iter().filter(|name| !originals.contains(name));
        out.extend(new.map(|name| format!("{folder}/{name}")));
        out
    }

    /// Lets the package be compiled as this version of the language, `1.18`, if it would be as an older one.
    pub fn raise_language(&mut self, version: &str) {
        let flag = self.flags.iter_mut().rfind(|f| f.starts_with("-lang="));
        if let Some(flag) = flag
            && GoVersion::parse(flag["-lang=".len()..].trim_start_matches("go")) < GoVersion::parse(version)
        {
            *flag = format!("-lang=go{version}");
        }
    }

    /// The arguments as they are.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        [self.flags.as_slice(), &self.files].concat()
    }

    /// Returns how the compiler trimpath paths already.
    #[must_use]
    pub fn trimpath(&self) -> &str {
        self.value("-trimpath")
    }

    /// The file that says where the export data of imported packages are.
    #[must_use]
    pub fn importcfg(&self) -> &str {
        self.value("-importcfg")
    }

    fn value(&self, flag: &str) -> &str {
        let at = self.flags.iter().position(|a| a == flag);
        at.and_then(|at| self.flags.get(at + 1)).map_or("", String::as_str)
    }
}

fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The rewriting of paths by the compiler, from the given one to the recorded one, as `objabi.AbsFile` does it.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a> {
    /// Folder that the compiler runs in.
    pub cwd: &'a str,
    /// The variable `GOROOT`; empty if it is not set.
    pub goroot: &'a str,
    /// The value of `-trimpath`.
    pub trimpath: &'a str,
}

impl Paths<'_> {
    /// The path that the compiler records for a file.
    #[must_use]
    pub fn recorded(&self, file: &str) -> String {
        let path = clean(&Path::new(self.cwd).join(file)).display().to_string();
        for rewrite in self.trimpath.split(';') {
            let (prefix, replacement) = rewrite.rsplit_once("=>").unwrap_or((rewrite, ""));
            if prefix.is_empty() {
                continue;
            }
            if let Some(rest) = below(&path, prefix) {
                return if replacement.is_empty() && !rest.is_empty() {
                    rest[1..].to_owned()
                } else {
                    format!("{replacement}{rest}")
                };
            }
        }
        match below(&path, self.goroot) {
            Some(rest) if !self.goroot.is_empty() => format!("$GOROOT{rest}"),
            _ => path,
        }
    }
}

/// Returns what stands behind a prefix that ends where an element of the path does.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::work::take_weave_flag;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn paths_are_recorded_as_the_compiler_does() {
        let paths = Paths { cwd: "/go/src/net/http", goroot: "/go", trimpath: "/tmp/b1=>" };
        assert_eq!(paths.recorded("./server.go"), "$GOROOT/src/net/http/server.go");
        assert_eq!(paths.recorded("/tmp/b1/_cgo.go"), "_cgo.go");
        assert_eq!(paths.recorded("/tmp/b10/x.go"), "/tmp/b10/x.go");
        let trimmed = Paths { cwd: "/w/app", goroot: "", trimpath: "/tmp/b1=>;/w/app=>example.com/app" };
        assert_eq!(trimmed.recorded("./a.go"), "example.com/app/a.go");
    }

    #[test]
    fn a_woven_file_stands_in_for_its_original() {
        let given = words(
            "-o /tmp/b1/_pkg_.a -trimpath /tmp/b1=> -p net/http -std -weave=abc:net/http -pack ./a.go ./b.go",
        );
        let (arguments, said) = take_weave_flag(&given);
        assert_eq!(said, Some(("abc", "net/http")));
        let mut compile = Compile::parse(&arguments).expect("it compiles something");
        compile.files.insert(1, "/state/ours.go".into());
        let paths = Paths { cwd: "/go/src/net/http", goroot: "/go", trimpath: compile.trimpath() };
        assert_eq!(
            compile.with_files("/tmp/b1/weave", &["a.go", "b.go", "zz.go"], &paths, Some(4)),
            words(
                "-o /tmp/b1/_pkg_.a -trimpath /tmp/b1/weave/a.go=>$GOROOT/src/net/http/a.go;\
                 /tmp/b1/weave/b.go=>$GOROOT/src/net/http/b.go;/tmp/b1/weave=>$GOROOT/src/net/http;/tmp/b1=> \
                 -p net/http -std -pack -c=4 /tmp/b1/weave/a.go /state/ours.go /tmp/b1/weave/b.go /tmp/b1/weave/zz.go"
            )
        );
        assert_eq!(Compile::parse(&words("-V=full")), None);
    }

    #[test]
    fn the_language_is_raised_and_never_lowered() {
        for (given, version, want) in [
            ("-o x -lang=go1.20 a.go", "1.22", "-o x -lang=go1.22 a.go"),
            ("-o x -lang=go1.24 a.go", "1.22", "-o x -lang=go1.24 a.go"),
            ("-o x -lang=go1.9 a.go", "1.18", "-o x -lang=go1.18 a.go"),
            ("-o x a.go", "1.22", "-o x a.go"),
        ] {
            let mut compile = Compile::parse(&words(given)).expect("it compiles something");
            compile.raise_language(version);
            assert_eq!(compile.arguments(), words(want), "{given}");
        }
    }
}
