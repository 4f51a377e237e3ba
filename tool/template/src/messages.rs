//! Messages of this crate, one row each, lower case and without a full stop. Nothing else in the crate makes one.
//!
//! They say what `text/template` says, as far as that does not name types of Go's reflection.

weave_text::messages! {
    // exec.rs
    iterates_over_one(n) = "can't use {n} to iterate over more than one variable";
    not_iterable(value) = "range can't iterate over {value}";
    undefined_variable(name) = "undefined variable: {name}";
    template_not_defined(name) = "template {name:?} not defined";
    templates_too_deep(depth) = "exceeded maximum template depth ({depth})";
    nil_command() = "nil is not a command";
    argument_to_no_function() = "can't give argument to non-function";
    explicit_nil() = "indirection through explicit nil";
    nil_pointer(name) = "nil pointer evaluating interface {{}}.{name}";
    no_method(name) = "{name} is not a method but has arguments";
    no_field(name, ty) = "can't evaluate field {name} in type {ty}";
    error_calling(name, message) = "error calling {name}: {message}";
    no_arguments_for(name) = "wrong number of args for {name}: want at least 1 got 0";

    // format.rs
    unsupported_format(shown) = "`{shown}` of printf is not supported: write `%s`, `%q`, `%v` or `%d`";
    verbs_and_values(verbs, given) = "the format has {verbs} verbs, and {given} values are given";
    verb_of_other_type(verb, ty) = "`%{verb}` prints no value of type {ty}";

    // functions.rs
    number_of_arguments(n, given) = "wrong number of args: want {n} got {given}";
    no_arguments() = "wrong number of args: want at least 1 got 0";
    not_a_string(ty) = "wrong type for value; expected string; got {ty}";
    missing_argument() = "missing argument for comparison";
    no_such_function() = "no such function";
    length_of_nil() = "len of nil pointer";
    length_of(ty) = "len of type {ty}";
    index_out_of_range(index) = "index out of range: {index}";
    index_nil() = "cannot index slice/array with nil";
    index_type(ty) = "cannot index slice/array with type {ty}";
    index_of_untyped_nil() = "index of untyped nil";
    key_is_no_string(ty) = "value has type {ty}; should be string";
    index_of_nil() = "index of nil pointer";
    not_indexable(ty) = "can't index item of type {ty}";
    not_comparable(one, other) = "non-comparable types {one}, {other}";
    incompatible() = "incompatible types for comparison";

    // lex.rs
    open_comment() = "unclosed comment";
    comment_ends_early() = "comment ends before closing delimiter";
    open_paren() = "unclosed left paren";
    open_action() = "unclosed action";
    expected_declaration() = "expected :=";
    unexpected_paren() = "unexpected right paren";
    open_raw_string() = "unterminated raw quoted string";
    character_constant() = "character constants of Go's templates are not supported";
    unrecognized_character(c) = "unrecognized character in action: {c:?}";
    bad_character(c) = "bad character {c:?}";
    open_string() = "unterminated quoted string";
    invalid_escape() = "invalid escape in a quoted string";
    not_utf8() = "the string is not UTF-8";
    bad_number(shown) = "bad number syntax: {shown:?}";

    // parse.rs
    unexpected_else() = "unexpected {{else}}";
    unexpected_end() = "unexpected {{end}}";
    unexpected(token, context) = "unexpected {token} in {context}";
    unexpected_else_in(context) = "unexpected {{{{else}}}} in {context}";
    defined_twice(name) = "multiple definition of template {name:?}";
    unexpected_eof() = "unexpected EOF";
    outside_of_range(word) = "{{{{{word}}}}} outside {{{{range}}}}";
    unexpected_define() = "unexpected {{define}}";
    second_else() = "expected {{end}}; found a second {{else}}";
    missing_value(context) = "missing value for {context}";
    not_executable(stage) = "non executable command in pipeline stage {stage}";
    range_variables() = "range can only initialize variables";
    many_declarations(context) = "too many declarations in {context}";
    empty_command() = "empty command";
    dot_after_term() = "unexpected . after term";
    unsupported_function(name) = "function {name:?} of Go's templates is not supported";
    undefined_function(name) = "function {name:?} not defined";
    undefined_variable_in_template(name) = "undefined variable {name:?}";
    unsupported_number(text) = "the number `{text}` is not supported: write a decimal integer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places() {
        assert_eq!(unexpected("`)`", "command"), "unexpected `)` in command");
    }
}
