//! The command line of the go command, taken apart as the go command does it.

use super::known::{
    BUILD_SWITCHES, BUILD_VALUES, LIST_SWITCHES, LIST_VALUES, LOADING, RUN_VALUES, TEST_SWITCHES, TEST_VALUES,
};

/// Kind of a verb: how it treats weaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerbKind {
    /// `build`
    Build,
    /// `install`
    Install,
    /// `run`
    Run,
    /// `test`
    Test,
    /// `list` with `-deps`, `-export` or `-compiled`: what a build would see.
    List,
    /// It builds no program of the user: `mod`, `vet`, `env`, `tool` and so on.
    Plain,
}

/// One flag as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// The arguments that it was typed as.
    raw: Vec<String>,
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Kind of the verb.
    pub kind: VerbKind,
    /// The verb.
    pub verb: String,
    /// The value of `-C`.
    pub chdir: Option<String>,
    /// `-C` as it was typed, before or behind the verb.
    chdir_raw: Vec<String>,
    chdir_first: bool,
    /// Flags of the go command, without `-C`.
    pub flags: Vec<Flag>,
    /// Packages or Go files.
    pub packages: Vec<String>,
    /// Arguments of the program or of the test.
    pub rest: Vec<String>,
}

impl Command {
    /// Takes a command line apart; `arguments` do not include the name of the program.
    #[must_use]
    pub fn parse(arguments: &[String]) -> Self {
        let mut command = Self {
            kind: VerbKind::Plain,
            verb: String::new(),
            chdir: None,
            chdir_raw: Vec::new(),
            chdir_first: true,
            flags: Vec::new(),
            packages: Vec::new(),
            rest: Vec::new(),
        };
        let mut rest = command.take_chdir(arguments);
        let Some((verb, after)) = rest.split_first() else { return command };
        command.verb = verb.clone();
        rest = after;
        if command.chdir.is_none() {
            command.chdir_first = false;
            rest = command.take_chdir(rest);
        }
        command.kind = match verb.as_str() {
            "build" => VerbKind::Build,
            "install" => VerbKind::Install,
            "run" => VerbKind::Run,
            "test" => VerbKind::Test,
            "list" => VerbKind::List,
            _ => VerbKind::Plain,
        };
        match command.kind {
            VerbKind::Plain => command.rest = rest.to_vec(),
            VerbKind::Test => command.parse_test(rest),
            _ => command.parse_build(rest),
        }
        if command.kind == VerbKind::List {
            let wants = |name| command.switch(name);
            if wants("m") || !(wants("deps") || wants("export") || wants("compiled")) {
                command.kind = VerbKind::Plain;
            }
        }
        command
    }

    fn take_chdir<'a>(&mut self, arguments: &'a [String]) -> &'a [String] {
        match arguments.first().map(String::as_str) {
            Some("-C" | "--C") if arguments.len() > 1 => {
                self.chdir = Some(arguments[1].clone());
                self.chdir_raw = arguments[..2].to_vec();
                &arguments[2..]
            }
            Some(a) if a.starts_with("-C=") || a.starts_with("--C=") => {
                self.chdir = a.split_once('=').map(|(_, dir)| dir.to_owned());
                self.chdir_raw = vec![a.to_owned()];
                &arguments[1..]
            }
            _ => arguments,
        }
    }

    /// Returns how many arguments the flag at the start takes; `None` if it is not a flag of this verb.
    fn flag(&self, arguments: &[String]) -> Option<(Flag, usize)> {
        let first = &arguments[0];
        let name = first.strip_prefix("--").or_else(|| first.strip_prefix('-'))?;
        if let Some((name, value)) = name.split_once('=') {
            let flag = Flag { name: self.name(name), value: Some(value.into()), raw: vec![first.clone()] };
            return self.knows(&flag.name).then_some((flag, 1));
        }
        let name = self.name(name);
        if !self.knows(&name) {
            return None;
        }
        if self.takes_value(&name) {
            let value = arguments.get(1)?;
            let flag = Flag { name, value: Some(value.clone()), raw: arguments[..2].to_vec() };
            return Some((flag, 2));
        }
        Some((Flag { name, value: None, raw: vec![first.clone()] }, 1))
    }

    /// `-test.run` is `-run` to `go test`.
    fn name(&self, name: &str) -> String {
        match name.strip_prefix("test.") {
            Some(short) if self.kind == VerbKind::Test => short.to_owned(),
            _ => name.to_owned(),
        }
    }

    fn takes_value(&self, name: &str) -> bool {
        let own: &[&str] = match self.kind {
            VerbKind::Run => RUN_VALUES,
            VerbKind::List => LIST_VALUES,
            VerbKind::Test => TEST_VALUES,
            _ => &[],
        };
        own.contains(&name) || BUILD_VALUES.contains(&name)
    }

    fn knows(&self, name: &str) -> bool {
        let own: &[&str] = match self.kind {
            VerbKind::List => LIST_SWITCHES,
            VerbKind::Test => TEST_SWITCHES,
            _ => &[],
        };
        self.takes_value(name) || own.contains(&name) || BUILD_SWITCHES.contains(&name)
    }

    fn parse_build(&mut self, mut rest: &[String]) {
        while let Some(first) = rest.first() {
            if first == "--" {
                rest = &rest[1..];
                break;
            }
            if !first.starts_with('-') || first == "-" {
                break;
            }
            match self.flag(rest) {
                Some((flag, used)) => {
                    self.flags.push(flag);
                    rest = &rest[used..];
                }
                None => {
                    // The go command has the last word on a flag that we do not know.
                    let flag = Flag {
                        name: first.trim_start_matches('-').to_owned(),
                        value: None,
                        raw: vec![first.clone()],
                    };
                    self.flags.push(flag);
                    rest = &rest[1..];
                }
            }
        }
        let packages = match self.kind {
            VerbKind::Run => {
                let files = rest.iter().take_while(|a| a.ends_with(".go")).count();
                let package = rest.first().is_some_and(|a| !a.starts_with('-'));
                if files > 0 { files } else { usize::from(package) }
            }
            _ => rest.len(),
        };
        self.packages = rest[..packages].to_vec();
        self.rest = rest[packages..].to_vec();
    }

    /// Parses as `testFlags` of the go command does: packages are the first arguments that are no flags; an unknown flag ends them.
    fn parse_test(&mut self, mut rest: &[String]) {
        let mut complete = false;
        let mut in_packages = false;
        while let Some(first) = rest.first() {
            if first == "--" {
                // To the go command, the dashes themselves are an argument of the test.
                self.rest.extend_from_slice(rest);
                return;
            }
            if !first.starts_with('-') || first == "-" {
                if !in_packages && complete {
                    self.rest.extend_from_slice(rest);
                    return;
                }
                in_packages = true;
                complete = true;
                self.packages.push(first.clone());
                rest = &rest[1..];
                continue;
            }
            in_packages = false;
            if first == "-args" || first == "--args" {
                self.rest.extend_from_slice(rest);
                return;
            }
            match self.flag(rest) {
                Some((flag, used)) => {
                    self.flags.push(flag);
                    rest = &rest[used..];
                }
                None => {
                    complete = true;
                    self.rest.push(first.clone());
                    rest = &rest[1..];
                }
            }
        }
    }

    /// The last value of a flag.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|f| f.name == name).map(|f| f.value.as_deref().unwrap_or("true"))
    }

    /// Returns whether a switch is on.
    #[must_use]
    pub fn switch(&self, name: &str) -> bool {
        self.value(name).is_some_and(|v| !matches!(v, "false" | "False" | "FALSE" | "f" | "F" | "0"))
    }

    /// All values of a flag, in order.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.flags.iter().filter(|f| f.name == name).filter_map(|f| f.value.clone()).collect()
    }

    /// Returns whether packages are given as Go files.
    #[must_use]
    pub fn files(&self) -> bool {
        self.packages.first().is_some_and(|p| p.ends_with(".go"))
    }

    /// The flags that `go list` needs to see the same packages, without those named in `not`.
    #[must_use]
    pub fn loading_flags(&self, not: &[&str]) -> Vec<String> {
        self.flags
            .iter()
            .filter(|f| LOADING.contains(&f.name.as_str()) && !not.contains(&f.name.as_str()))
            .flat_map(|f| f.raw.iter().cloned())
            .collect()
    }

    /// The command line again: `-C`, the flags that are not in `without`, `added`, `packages`, the rest.
    #[must_use]
    pub fn rebuild(&self, without: &[&str], added: &[String], packages: &[String]) -> Vec<String> {
        let mut out = Vec::new();
        if self.chdir_first {
            out.extend_from_slice(&self.chdir_raw);
        }
        out.push(self.verb.clone());
        if !self.chdir_first {
            out.extend_from_slice(&self.chdir_raw);
        }
        let kept = self.flags.iter().filter(|f| !without.contains(&f.name.as_str()));
        out.extend(kept.flat_map(|f| f.raw.iter().cloned()));
        out.extend_from_slice(added);
        out.extend_from_slice(packages);
        out.extend_from_slice(&self.rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Command {
        Command::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn packages_are_found_behind_the_flags() {
        for (line, kind, packages, rest) in [
            ("build", VerbKind::Build, "", ""),
            ("build -o x -v ./...", VerbKind::Build, "./...", ""),
            ("build -tags a,b --race -gcflags=all=-N a b", VerbKind::Build, "a b", ""),
            ("-C dir build ./x", VerbKind::Build, "./x", ""),
            ("build -C=dir -n -- -x", VerbKind::Build, "-x", ""),
            ("run . -v arg", VerbKind::Run, ".", "-v arg"),
            ("run -exec e a.go b.go c.txt d.go", VerbKind::Run, "a.go b.go", "c.txt d.go"),
            ("test", VerbKind::Test, "", ""),
            ("test -run X ./... -v", VerbKind::Test, "./...", ""),
            ("test a b -count=1 c", VerbKind::Test, "a b", "c"),
            ("test -unknown ./...", VerbKind::Test, "", "-unknown ./..."),
            ("test ./a -args -v b", VerbKind::Test, "./a", "-args -v b"),
            ("test -test.v a", VerbKind::Test, "a", ""),
            ("list -deps ./...", VerbKind::List, "./...", ""),
            ("list -json ./...", VerbKind::Plain, "./...", ""),
            ("list -m -deps all", VerbKind::Plain, "all", ""),
            ("vet ./...", VerbKind::Plain, "", "./..."),
            ("mod tidy", VerbKind::Plain, "", "tidy"),
            ("", VerbKind::Plain, "", ""),
        ] {
            let c = parse(line);
            assert_eq!(
                (c.kind, c.packages.join(" "), c.rest.join(" ")),
                (kind, packages.into(), rest.into()),
                "{line}"
            );
        }
        assert_eq!(parse("-C dir build").chdir.as_deref(), Some("dir"));
        assert_eq!(parse("build -C=dir").chdir.as_deref(), Some("dir"));
    }

    #[test]
    fn a_command_line_is_put_together_again() {
        for (line, want) in [
            ("build -C d -o x -overlay o ./...", "build -C d -o x -NEW ./..."),
            ("-C d test -overlay=o -unknown x -v", "-C d test -NEW -unknown x -v"),
            ("test a -run X -args -v", "test -run X -NEW a -args -v"),
            ("run -race . -overlay x", "run -race -NEW . -overlay x"),
        ] {
            let c = parse(line);
            let packages = c.packages.clone();
            assert_eq!(c.rebuild(&["overlay"], &["-NEW".into()], &packages).join(" "), want, "{line}");
        }
        let c = parse("build -v -tags x -mod mod -o y -race .");
        assert_eq!(c.loading_flags(&["mod"]), ["-tags", "x", "-race"]);
        assert_eq!((c.value("tags"), c.value("race"), c.value("a")), (Some("x"), Some("true"), None));
    }
}
