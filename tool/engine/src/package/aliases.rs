//! Types that have more than one name. Go compares what they stand for, and so does the weaver.
//!
//! Aliases of the package itself are read from its files; of other packages those of the standard library are known, and some
//! of modules. An alias that is not known makes types different, which is an error that names both.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use weave_ir::{FuncType, GoType};

/// Aliases of other packages, the standard library's and modules': a line has the alias and what it stands for, each as
/// `import/path.Name`. A test makes the standard library's from its sources.
const TABLES: [&str; 2] = [include_str!("std_aliases.txt"), include_str!("module_aliases.txt")];

/// Package and name of an alias, package and name that it stands for.
type Known = (&'static str, &'static str, &'static str, &'static str);

/// Entries of [`TABLES`].
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let entry = |line: &'static str| {
        let (alias, target) = line.split_once(' ')?;
        let ((package, name), (to, target)) = (alias.rsplit_once('.')?, target.rsplit_once('.')?);
        Some((package, name, to, target))
    };
    TABLES.iter().flat_map(|t| t.lines()).filter_map(entry).collect()
});

/// More steps from name to name than any type needs; an alias may stand for itself many times over.
const STEPS: u32 = 256;

/// Aliases of types.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aliases {
    package: String,
    /// Aliases of the package itself.
    own: BTreeMap<String, GoType>,
    /// Aliases of other packages.
    known: &'static [Known],
}

impl Aliases {
    /// The aliases of a package, and those that are known of others.
    pub(crate) fn new(package: &str, own: BTreeMap<String, GoType>) -> Self {
        Self { package: package.to_owned(), own, known: &KNOWN }
    }

    /// Returns those of the package alone: what it knows by another name of another package, others can name by that.
    pub(crate) fn own(self) -> Self {
        Self { known: &[], ..self }
    }

    /// Returns what a name stands for, one step further.
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
