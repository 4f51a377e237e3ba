//! Tables of messages, which every crate below the command line has one of, in its `messages.rs`.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

/// A value in a message.
pub trait Shown: Display + Debug {}

impl<T: Display + Debug + ?Sized> Shown for T {}

/// Faults of the form of messages, which are given by name: names that two have, texts that are sentences or begin in upper case, values
/// without a name, and next steps of several lines.
pub fn faults<'n>(all: impl IntoIterator<Item = (&'n str, String)>) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for (name, text) in all {
        let mut fault = |what: &str| found.push(format!("{name}: {what}: {text}"));
        let mut letters = text.trim_start_matches(['\n', ' ']).chars();
        // A name such as YAML is as it is.
        let upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
        if upper(letters.next()) && !upper(letters.next()) {
            fault("begins in upper case");
        }
        if text.trim().is_empty() || text.ends_with('.') && !text.ends_with("...") {
            fault("is empty, or ends with a full stop");
        }
        if text.split(". ").skip(1).any(|rest| rest.starts_with(char::is_uppercase)) {
            fault("has several sentences");
        }
        if text.replace("interface {}", "").contains("{}") {
            fault("has a value without a name");
        }
        if name.starts_with("help_") && text.contains('\n') {
            fault("is a next step of several lines");
        }
        if !names.insert(name) {
            fault("has the name of another one");
        }
    }
    found
}

/// Makes a function of each row of a table of messages, and in tests `all`, which gives them all, and a test of their form by [`faults`].
///
/// A row `name(values) = "text";` is a function that gives the text, as `format!` has it. In a row `name(values) makes of = "text";`, `makes` is
/// a function of the caller's, of `of` and the text, that gives a `Made`, a type of the caller's; `, help "text"` after its text is
/// given to the method `help` of that.
#[macro_export]
macro_rules! messages {
    ($($name:ident($($value:ident),*) $($makes:ident $of:tt)? = $text:literal $(, help $help:literal)?;)*) => {
        $($crate::messages!(@one $name [$($value)*] [$($makes $of)?] $text $($help)?);)*

        /// Every message, with the names of its values in their place.
        #[cfg(test)]
        fn all() -> Vec<(&'static str, String)> {
            vec![$((stringify!($name), $name($(stringify!($value)),*).to_string())),*]
        }

        #[cfg(test)]
        #[test]
        fn messages_have_their_form() {
            assert_eq!($crate::faults(all()), Vec::<String>::new());
        }
    };
    (@one $name:ident [] [] $text:literal) => {
        pub(crate) const fn $name() -> &'static str {
            $text
        }
    };
    (@one $name:ident [$($value:ident)+] [] $text:literal) => {
        pub(crate) fn $name($($value: impl $crate::Shown),+) -> String {
            format!($text)
        }
    };
    (@one $name:ident [$($value:ident)*] [$makes:ident $of:tt] $text:literal $($help:literal)?) => {
        pub(crate) fn $name($($value: impl $crate::Shown),*) -> Made {
            $makes($of, format!($text))$(.help(format!($help)))?
        }
    };
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn faults_of_messages_are_found() {
        let one = |name: &'static str, text: &str| faults([(name, text.to_owned())]).len();
        assert_eq!(one("a", "no type `T`: write `x.T`. see there\n    help: write ..."), 0);
        assert_eq!(one("a", "YAML has no such key"), 0);
        for (name, text) in [
            ("a", "No type"),
            ("a", "no type."),
            ("a", " "),
            ("a", "no type. Write one"),
            ("a", "no type {}"),
            ("help_a", "write\none"),
        ] {
            assert_eq!(one(name, text), 1, "{text}");
        }
        assert_eq!(faults([("a", "b".to_owned()), ("a", "c".to_owned())]).len(), 1);
    }
}
