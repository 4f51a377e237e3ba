//! Messages of this crate, one row each: why a text is not what it must be. Nothing else in the crate makes one.

weave_text::messages! {
    // go_type.rs
    expected(what) = "expected {what}";
    token(token) = "`{token}`";
    any_type() = "a type";
    function_type() = "`func(`";
    end_of_type() = "the end of the type";
    array_length() = "a number, or a constant with its import path, as in `crypto/sha256.Size`";
    after_variadic() = "`)` after the variadic parameter";
    types_alone() = "`,` or `)`: only types are written here, no parameter names,";
    braces(word) = "`{{...}}` after `{word}`";
    qualified_type() = "a type such as `net/http.Request`";
    import_path_of(word) = "expected the import path of `{word}`, as in `net/http.{word}`";

    // join_point.rs
    interface() = "write the import path and the name, as in `io.Writer`, or `error`";

    // pattern.rs
    empty() = "it is empty";
    empty_expression() = "the regular expression is empty";
    expression_slashes() = "write a regular expression between two slashes, as in `/Get.+/`";
    no_name_has(c, hint) = "a name cannot have the character `{c}`{hint}";
    name_alone() = ": write the name alone, the package and the receiver have keys of their own";
    without_parentheses() = ": write the name alone, without parentheses";
    without_type_parameters() = ": write the name without type parameters";
    expression_between_slashes() = ": write a regular expression between slashes, as in `/Get(One|All)/`";
    no_digit_first() = "a name cannot begin with a digit";
    base_name() = "write the base name of the file, without folders";
    go_file() = "the names of Go files end with `.go`";
    one_path() = "it is a pattern, and one import path is required";
    path_example() = "write an import path, or a pattern such as `example.com/...`";
    empty_path(help) = "it is empty; {help}";
    expression_as_path(help) = "regular expressions are for names, not for paths; {help}";
    slash_at_end(help) = "an import path neither begins nor ends with a slash; {help}";
    two_stars() = "write `...` instead of `**`: any text, slashes included";
    version_in_path() = "an import path has no version: write `version: ...` beside it";
    two_slashes() = "it has two slashes in a row";
    folder(element, help) = "`{element}` is a folder, not an element of an import path; {help}";
    open_class() = "`[` is not closed";
    two_patterns() = "write two patterns under `one-of`";
    no_path_has(c, help) = "an import path cannot have the character `{c}`; {help}";
    no_class(class) = "invalid character class `[{class}]`: write `[abc]`, `[a-c]`, or `[^a-c]` for any other";
    no_import_path(package, why) = "invalid import path `{package}`: {why}";
    no_symbol(text) = "expected an import path and a name, as in `net/http.{text}`";

    // suggest.rs
    did_you_mean(names) = "did you mean {names}?";

    // type_pattern.rs
    type_arguments() = "type arguments are not written, and only named types have methods";
    type_forms() = "a type is written `T`, `*T`, `import/path.T` or `*import/path.T`";
    called_type() = "write `Name`, `import/path.Name`, or either with `*`";

    // version.rs
    version_example(example) = "write for example `{example}`";
    version_in_full(next) = "{next}, or write the version in full";
    empty_comparison(text) = "`{text}` has an empty comparison";
    no_comparison(part, of) = "invalid {of} version `{part}`: it is not a comparison";
    one_version(part) = "`{part}` is one version, and would leave out those that follow it";
    no_version(text) = "no version is in the range `{text}`";
}
