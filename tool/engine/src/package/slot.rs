//! Parts of a function's head that have values, and names for what is inserted.

use crate::package::file::{File, Function, Mention, OURS, Param};

/// A receiver, parameter or result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Receiver,
    Param(usize),
    Result(usize),
}

impl Slot {
    /// The receiver and the parameters of a function.
    pub(crate) fn all(function: &Function<'_>) -> Vec<Self> {
        let receiver = function.receiver.iter().map(|_| Self::Receiver);
        receiver.chain((0..function.params.len()).map(Self::Param)).collect()
    }

    /// The receiver or parameter that `text` names: by its name, or as `$recv`, `$0`, `$1` ...
    pub(crate) fn find(text: &str, function: &Function<'_>) -> Option<Self> {
        if let Some(rest) = text.strip_prefix('$') {
            if rest == "recv" {
                return function.receiver.as_ref().map(|_| Self::Receiver);
            }
            return rest.parse().ok().filter(|&i: &usize| i < function.params.len()).map(Self::Param);
        }
        if function.receiver.as_ref().is_some_and(|r| r.param.usable_name() == Some(text)) {
            return Some(Self::Receiver);
        }
        function.params.iter().position(|p| p.usable_name() == Some(text)).map(Self::Param)
    }

    pub(crate) fn param<'p, 'a>(self, function: &'p Function<'a>) -> Option<&'p Param<'a>> {
        match self {
            Self::Receiver => function.receiver.as_ref().map(|r| &r.param),
            Self::Param(i) => function.params.get(i),
            Self::Result(i) => function.results.get(i),
        }
    }

    /// Its name in the body; a place without one is put on the list of those that get one.
    pub(crate) fn name(
        self,
        function: &Function<'_>,
        names: &Names<'_, '_>,
        named: &mut Vec<Slot>,
    ) -> String {
        match self.param(function).and_then(Param::usable_name) {
            Some(n) => n.to_owned(),
            None => {
                named.push(self);
                self.given_name(function, names)
            }
        }
    }

    /// The name that a place without a usable one gets. A blank `_` becomes `_weave...`: text is added, none removed.
    pub(crate) fn given_name(self, function: &Function<'_>, names: &Names<'_, '_>) -> String {
        let blank = if self.param(function).and_then(|p| p.name) == Some("_") { "_" } else { "" };
        match self {
            Self::Receiver => names.fresh(&format!("{blank}weaveReceiver")),
            Self::Param(i) => names.fresh(&format!("{blank}weaveParam{i}")),
            Self::Result(i) => names.fresh(&format!("{blank}weaveOut{i}")),
        }
    }
}

/// Names for what is inserted, distinct from every identifier of a file.
pub(crate) struct Names<'f, 'a> {
    file: &'f File<'a>,
}

impl<'f, 'a> Names<'f, 'a> {
    pub(crate) fn new(file: &'f File<'a>) -> Self {
        Self { file }
    }

    pub(crate) fn fresh(&self, base: &str) -> String {
        let mut name = base.to_owned();
        // A file that has no name like this at all need not be asked for each of its names.
        let free = base.contains(OURS) && !self.file.mentions(Mention::Weave);
        while !free && self.file.identifiers().contains(name.as_str()) {
            name.push('_');
        }
        name
    }
}
