//! The names of the language itself.

/// Returns whether a name is a predeclared type.
pub(super) fn is_predeclared_type(name: &str) -> bool {
    matches!(
        name,
        "any"
            | "bool"
            | "byte"
            | "comparable"
            | "complex64"
            | "complex128"
            | "error"
            | "float32"
            | "float64"
            | "int"
            | "int8"
            | "int16"
            | "int32"
            | "int64"
            | "rune"
            | "string"
            | "uint"
            | "uint8"
            | "uint16"
            | "uint32"
            | "uint64"
            | "uintptr"
    )
}

/// Returns whether a name is predeclared: a type, constant or function of the language, or `nil`.
#[must_use]
pub fn is_predeclared(name: &str) -> bool {
    is_predeclared_type(name)
        || matches!(
            name,
            "true"
                | "false"
                | "iota"
                | "nil"
                | "append"
                | "cap"
                | "clear"
                | "close"
                | "complex"
                | "copy"
                | "delete"
                | "imag"
                | "len"
                | "make"
                | "max"
                | "min"
                | "new"
                | "panic"
                | "print"
                | "println"
                | "real"
                | "recover"
        )
}
