//! Tables of messages, which every crate below the command line has one of, in its `messages.rs`.

use std::fmt::{Debug, Display};

/// A value in a message.
pub trait Shown: Display + Debug {}

impl<T: Display + Debug + ?Sized> Shown for T {}

/// Makes a function of each row of a table of messages, and in tests `all`, which gives them all.
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
