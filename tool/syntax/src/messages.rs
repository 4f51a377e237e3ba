//! Messages of this crate, one row each, lower case and without a full stop. Nothing else in the crate makes one.
//!
//! They say what Go's own parser and scanner say where these say something.

weave_text::messages! {
    // build.rs
    too_complex_for_plus_build() = "expression too complex for // +build lines";
    end_of_expression() = "unexpected end of expression";
    unexpected_token(token) = "unexpected token {token}";
    expression_too_large() = "build expression too large";
    double_negation() = "double negation not allowed";
    missing_close_paren() = "missing close paren";
    invalid_syntax(c) = "invalid syntax at {c}";
    several_build_comments() = "multiple //go:build comments";

    // lexer.rs
    file_too_large() = "file of 4 GiB or more";
    illegal_nul() = "illegal character NUL";
    got_utf16() = "illegal UTF-8 encoding (got UTF-16)";
    illegal_encoding() = "illegal UTF-8 encoding";
    illegal_byte_order_mark() = "illegal byte order mark";
    open_raw_string() = "raw string literal not terminated";
    curly_quotation_mark(c) = "curly quotation mark {c:?} (use neutral '\"')";
    illegal_character(code) = "illegal character U+{code}";
    illegal_replacement_character() = "illegal character U+FFFD";
    invalid_radix_point(literal) = "invalid radix point in {literal}";
    no_digits(literal) = "{literal} has no digits";
    decimal_mantissa() = "'e' exponent requires decimal mantissa";
    hexadecimal_mantissa() = "'p' exponent requires hexadecimal mantissa";
    exponent_without_digits() = "exponent has no digits";
    exponent_missing() = "hexadecimal mantissa requires a 'p' exponent";
    invalid_digit(digit, literal) = "invalid digit '{digit}' in {literal}";
    separated_digits() = "'_' must separate successive digits";
    open_string() = "string literal not terminated";
    open_rune() = "rune literal not terminated";
    illegal_rune() = "illegal rune literal";
    open_escape() = "escape sequence not terminated";
    unknown_escape() = "unknown escape sequence";
    illegal_in_escape() = "illegal character in escape sequence";
    escape_of_no_code_point() = "escape sequence is invalid Unicode code point";
    open_comment() = "comment not terminated";
    invalid_line_number() = "invalid line number";
    invalid_column_number() = "invalid column number";

    // parser/decl.rs
    late_import() = "imports must appear before other declarations";
    import_path_is_no_string() = "import path must be a string";
    missing_import_path() = "missing import path";
    unexpected_before_brace() = "unexpected semicolon or newline before {";

    // parser/expr.rs
    expected_channel_type() = "expected channel type";
    expected_chan() = "expected 'chan'";
    type_in_parentheses() = "cannot parenthesize type in composite literal";
    middle_index() = "middle index required in 3-index slice";
    final_index() = "final index required in 3-index slice";

    // parser/mod.rs
    unexpected(expected, found) = "expected {expected}, found {found}";
    nested_too_deep() = "exceeded max nesting depth";

    // parser/stmt.rs
    at_most_two_expressions() = "expected at most 2 expressions";
    one_expression() = "expected 1 expression";
    illegal_label() = "illegal label declaration";
    deferred_in_parentheses(word) = "expression in {word} must not be parenthesized";
    deferred_is_no_call(word) = "expression in {word} must be function call";
    no_simple_statement(want, found) = "expected {want}, found {found} (missing parentheses around composite literal?)";
    missing_condition() = "missing condition in if statement";
    var_in_if() = "var declaration not allowed in if initializer";
    newline_after_if() = "unexpected newline, expecting { after if clause";
    assigned_channel() = "expected ':=', found '='";
    one_or_two_expressions() = "expected 1 or 2 expressions";

    // parser/types.rs
    missing_comma(newline, context) = "missing ','{newline} in {context}";
    unexpected_comma() = "unexpected comma; expecting ]";
    embedded_in_parentheses() = "cannot parenthesize embedded type";
    function_type_parameters() = "function type must have no type parameters";
    no_type_parameters() = "empty type parameter list";
    variadic_before_others() = "can only use ... with final parameter";
    invalid_dots() = "invalid use of '...'";
    missing_constraint() = "missing type constraint";
    missing_type_parameter(or_length) = "missing type parameter name{or_length}";
    missing_parameter_type() = "missing parameter type";
    missing_type_parameter_name() = "missing type parameter name";
    missing_parameter_name() = "missing parameter name";
    method_type_parameters() = "interface method must have no type parameters";

    // resolve/types.rs
    at_byte(message, offset) = "{message} at byte {offset}";
    expected_func() = "expected func";
    found(message, found) = "{message}, found {found}";
    expected(token) = "expected '{token}'";
    expected_end() = "expected the end";
    type_nested_too_deep() = "type nested too deep";
    expected_bracket() = "expected ']'";
    expected_word_chan() = "expected chan";
    expected_type() = "expected a type";
    expected_type_name() = "expected a type name after the import path";
    variadic_result() = "a result cannot be variadic";
    variadic_parameter() = "only the last parameter can be variadic";
    some_parameters_named() = "parameters with and without names";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places() {
        assert_eq!(unexpected("operand", "'}'"), "expected operand, found '}'");
    }
}
