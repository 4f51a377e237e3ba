//! Files, and whether a package is compiled with its tests.

use weave_ir::FilePattern;

use crate::package::Package;
use crate::package::sites::structs;

impl Package<'_, '_> {
    /// Returns whether the package is compiled with its tests, or is the package of the tests of another.
    pub(super) fn with_tests(&self) -> bool {
        let mut names = self.files.iter().filter(|f| f.excluded.is_none()).map(|f| f.source.base_name());
        self.name.ends_with("_test") || names.any(|n| n.ends_with("_test.go"))
    }

    pub(super) fn file_is(&self, index: usize, p: &FilePattern) -> bool {
        let file = &self.files[index];
        let tree = &file.tree;
        let base = file.source.base_name();
        let declares = |what: &str| match what.split_once('.') {
            Some((ty, method)) => file.functions().iter().any(|f| {
                f.name == method && f.receiver.as_ref().is_some_and(|r| r.base == ty.trim_start_matches('*'))
            }),
            None => crate::package::file::declared_names(file).contains(&what),
        };
        p.name.as_ref().is_none_or(|n| n.matches(base))
            && p.imports.as_ref().is_none_or(|i| file.imports.iter().any(|f| i.matches(&f.path)))
            && p.declares.as_ref().is_none_or(|d| declares(d))
            && p.directive
                .as_ref()
                .is_none_or(|d| tree.directives().iter().any(|x| format!("{}:{}", x.namespace, x.name) == *d))
            && p.test.is_none_or(|t| t == base.ends_with("_test.go"))
            && p.header.as_ref().is_none_or(|d| {
                let clause = tree.package_name().map_or(0, |n| n.start);
                let mut all = tree.directives().into_iter();
                all.any(|x| x.span.start < clause && format!("{}:{}", x.namespace, x.name) == *d)
            })
            && p.r#struct
                .as_ref()
                .is_none_or(|wanted| structs(file).iter().any(|s| tree.node_text(s.name) == wanted))
            && p.function.as_ref().is_none_or(|wanted| {
                let mut here = self.functions.iter().enumerate().filter(|(_, (i, _))| *i == index);
                here.any(|(i, _)| self.function_is(i, wanted))
            })
    }
}
