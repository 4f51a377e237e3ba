//! Types that have more than one name. Go compares what they stand for, and so does the weaver.
//!
//! Aliases of the package itself are read from its files; of other packages those are known that hooks and functions meet
//! under both names. An alias that is not known makes types different, which is an error that names both.

use std::cell::Cell;
use std::collections::BTreeMap;

use weave_ir::{FuncType, GoType};

/// Aliases of other packages: package, name, and the package and name that it stands for.
const KNOWN: [(&str, &str, &str, &str); 20] = [
    ("os", "FileMode", "io/fs", "FileMode"),
    ("os", "FileInfo", "io/fs", "FileInfo"),
    ("os", "DirEntry", "io/fs", "DirEntry"),
    ("os", "PathError", "io/fs", "PathError"),
    ("html/template", "FuncMap", "text/template", "FuncMap"),
    ("debug/buildinfo", "BuildInfo", "runtime/debug", "BuildInfo"),
    ("golang.org/x/net/context", "Context", "context", "Context"),
    ("golang.org/x/net/context", "CancelFunc", "context", "CancelFunc"),
    ("golang.org/x/sync/syncmap", "Map", "sync", "Map"),
    ("golang.org/x/sys/execabs", "Cmd", "os/exec", "Cmd"),
    ("golang.org/x/sys/execabs", "Error", "os/exec", "Error"),
    ("golang.org/x/sys/execabs", "ExitError", "os/exec", "ExitError"),
    ("golang.org/x/sys/unix", "Errno", "syscall", "Errno"),
    ("golang.org/x/sys/unix", "Signal", "syscall", "Signal"),
    ("golang.org/x/sys/unix", "SysProcAttr", "syscall", "SysProcAttr"),
    ("golang.org/x/sys/windows", "Errno", "syscall", "Errno"),
    ("golang.org/x/sys/windows", "Signal", "syscall", "Signal"),
    ("golang.org/x/sys/windows", "SysProcAttr", "syscall", "SysProcAttr"),
    (
        "google.golang.org/protobuf/proto",
        "Message",
        "google.golang.org/protobuf/reflect/protoreflect",
        "ProtoMessage",
    ),
    ("go.uber.org/zap", "Field", "go.uber.org/zap/zapcore", "Field"),
];

/// More steps from name to name than any type needs; an alias may stand for itself many times over.
const STEPS: u32 = 256;

/// What names of types stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases {
    package: String,
    /// Those of the package itself.
    own: BTreeMap<String, GoType>,
    /// Those of other packages.
    known: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

impl Aliases {
    /// The aliases of a package, and those that are known of others.
    pub(crate) fn new(package: &str, own: BTreeMap<String, GoType>) -> Self {
        Self { package: package.to_owned(), own, known: &KNOWN }
    }

    /// Those of the package alone: what it knows by another name of another package, others can name by that.
    pub(crate) fn own(self) -> Self {
        Self { known: &[], ..self }
    }

    /// What a name stands for, one step further.
    fn step(&self, package: &str, name: &str) -> Option<GoType> {
        if package == self.package
            && let Some(ty) = self.own.get(name)
        {
            return Some(ty.clone());
        }
        let (.., to, target) = self.known.iter().find(|(p, n, ..)| *p == package && *n == name)?;
        Some(GoType::Named { package: (*to).to_owned(), name: (*target).to_owned(), args: Vec::new() })
    }

    /// The type itself, whatever it is called.
    pub(crate) fn canonical(&self, ty: &GoType) -> GoType {
        self.within(ty, &Cell::new(STEPS))
    }

    fn within(&self, ty: &GoType, steps: &Cell<u32>) -> GoType {
        ty.map_named(&|t| match t {
            GoType::Named { package, name, args } if args.is_empty() => match self.step(package, name) {
                Some(further) if steps.get() > 0 => {
                    steps.set(steps.get() - 1);
                    self.within(&further, steps)
                }
                _ => t.clone(),
            },
            _ => t.clone(),
        })
    }

    /// The same for the type of a function.
    pub(crate) fn function(&self, f: &FuncType) -> FuncType {
        let all = |list: &[GoType]| list.iter().map(|t| self.canonical(t)).collect();
        FuncType { params: all(&f.params), variadic: f.variadic, results: all(&f.results) }
    }

    /// The names that a type has, its own one first; of a pointer those of what it points to.
    pub(crate) fn spellings(&self, ty: &GoType) -> Vec<GoType> {
        if let GoType::Pointer(base) = ty {
            return self.spellings(base).into_iter().map(|t| GoType::Pointer(Box::new(t))).collect();
        }
        let own = self.own.keys().map(|name| (self.package.as_str(), name.as_str()));
        let known = self.known.iter().map(|(package, name, ..)| (*package, *name));
        let mut all = vec![ty.clone()];
        // Most types have no other name.
        if !matches!(ty, GoType::Named { .. }) && self.own.is_empty() {
            return all;
        }
        for (package, name) in known.chain(own) {
            let alias =
                GoType::Named { package: package.to_owned(), name: name.to_owned(), args: Vec::new() };
            if alias != *ty && self.canonical(&alias) == *ty {
                all.push(alias);
            }
        }
        all
    }
}
