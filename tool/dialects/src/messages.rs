//! Messages of this crate, one row each: the thing and the fault, then the next step. Nothing else in the crate makes one.
//!
//! A row `name(parameters) = "text";` is a function that gives the text. A row with `finds "code"` gives a finding of that kind;
//! `help` says what to do next. The caller adds the place: the key that it is about.

use weave_ir::Diagnostic;

type Made = Diagnostic;

fn finds(code: &str, text: String) -> Made {
    Diagnostic::new(code, None, text)
}

weave_text::messages! {
    // Findings whose text another message or a parser gives.
    bad_advice(text) finds "bad-advice" = "{text}";
    bad_function(text) finds "bad-function" = "{text}";
    bad_target(text) finds "bad-target" = "{text}";
    bad_value(what, text) finds "bad-value" = "{what}: {text}";
    bad_version(text) finds "bad-version" = "{text}";
    template(text) finds "template" = "{text}";
    tool_file(text) finds "tool-file" = "{text}";
    yaml(text) finds "yaml" = "{text}";

    // alibaba/mod.rs
    key_again(key) = "duplicate key `{key}`";
    no_import_path() finds "missing-key" = "the rule has no `ImportPath`", help "add the package that it is for";
    rule_without_subject() finds "missing-key" = "the rule names nothing to match", help "add `Function`, `StructType` or `FileName`";
    several_subjects() finds "two-advices" = "`Function`, `StructType` and `FileName` exclude each other", help "write a rule for each";
    no_path() finds "missing-key" = "the rule has no `Path`", help "add the import path of the package that has its hooks";
    help_range_end() = "write `[1.2.0,2.0.0)`, the second one excluded";
    no_range(text) finds "bad-version" = "invalid range of versions `{text}`", help "write `[1.2.0,2.0.0)`, `[1.2.0,)` or `[,2.0.0)`";
    neither_enter_nor_exit() finds "no-advice" = "the rule has neither `OnEnter` nor `OnExit`", help "name a hook";
    field_name_and_type() finds "missing-key" = "a rule with `StructType` needs `FieldName` and `FieldType`", help "add both";

    // orchestrion/rules.rs
    no_rules_at(place) finds "extends" = "there are no rules at {place}";
    cannot_read(place, why) finds "extends" = "cannot read {place}: {why}";
    no_aspects() finds "no-aspects" = "the file has neither `aspects` nor `extends`";
    aspect_does_nothing(id) finds "no-advice" = "aspect `{id}` does nothing";
    aspect_in_no_package(id, package) finds "dead-aspect" = "aspect `{id}` never matches: nothing is woven into {package}", help "add `tracer-internal: true` if that is meant";
    aspect_never_matches(id) finds "dead-aspect" = "aspect `{id}` never matches: its conditions contradict each other";
    no_identifier(name) finds "bad-name" = "invalid Go identifier `{name}`";
    no_type(text, why) finds "bad-type" = "invalid type `{text}`: {why}";
    type_without_path(text) finds "bad-type" = "`{text}` must be a type with its import path, not a pointer", help "write for example `net/http.Transport`";
    empty_join_point() finds "no-join-point" = "the join point is empty";
    two_join_points(one, two) finds "two-join-points" = "a join point has one key, and this one has `{one}` and `{two}`", help "use `all-of` or `one-of`";
    body_of_no_function() finds "no-function" = "`function-body` needs a join point that matches functions";
    help_no_directive_name() = "write what follows the slashes of the comment, as in `dd:span`";
    no_directive_name(text) finds "bad-directive" = "invalid directive name `{text}`";
    not_predeclared(text) finds "bad-type" = "`{text}` is not a predeclared type", help "write its import path before it";
    declaration_without_path() finds "bad-symbol" = "`declaration-of` needs the import path";
    no_main_module() finds "no-main-module" = "`root: true` requires the path of the main module", help "give its path with --root-module";
    no_filter_pattern() finds "no-pattern" = "`package-filter` needs a `pattern`";
    open_bracket_in(pattern) finds "bad-pattern" = "invalid pattern `{pattern}`: `[` is not closed";
    no_import_path_text(text, why) finds "bad-path" = "invalid import path `{text}`: {why}";
    short_path(text, package) finds "bad-path" = "`{text}` names the package `{package}`, and no package has that import path";
    help_full_path(path) = "write the import path in full, as `{path}`";
    pointer_literal(text) finds "bad-type" = "invalid literal type `{text}`: it is a pointer", help "use `match: pointer-only`";
    field_and_match() finds "field-and-match" = "`field` and `match` exclude each other";
    no_function_condition() finds "empty" = "`function` has no condition";
    several_keys_of_condition() finds "bad-function" = "each condition on a function has one key";
    two_receivers() finds "two-receivers" = "a function has one receiver";
    receiver_without_path(text) finds "bad-type" = "`{text}` needs its import path", help "write for example `*net/http.Client`";
    no_interface(text, why) finds "bad-interface" = "invalid interface name `{text}`: {why}";
    empty_advice() finds "no-advice" = "the advice is empty";
    several_keys_of_advice(one, two) finds "two-advices" = "an advice has one key, and this one has `{one}` and `{two}`", help "make a list of them";
    help_function_body() = "use `function-body` around the `function`";
    help_call_or_literal() = "use `function-call`, `method-call` or `struct-literal`";
    help_call() = "use `function-call` or `method-call`";
    help_struct_definition() = "use `struct-definition`";
    help_value_declaration() = "use `value-declaration`";
    advice_does_not_apply(advice) finds "wrong-place" = "`{advice}` does not apply to what the join point matches";
    argument_is_wrong(member, why) finds "bad-interface" = "the argument of `.{member}`: {why}";
    argument_is_no_string(member) finds "bad-interface" = "the argument of `.{member}` must be a string literal";
    no_language_version(text) finds "bad-lang" = "invalid language version `{text}`", help "write for example `go1.18`";

    // otelc/go.rs
    word_of_no_package(word) = "`{word}` does not name one package: write its import path";
    no_type_because(text, why) = "invalid type `{text}`: {why}";

    // otelc/rules.rs
    key_twice(key) finds "duplicate-key" = "duplicate key `{key}`";
    no_version_of_otelc(version) finds "bad-version" = "invalid otelc version `{version}`", help "write for example `version: v1.1.0`";
    no_rule(name) finds "wrong-type" = "`{name}` is not a rule: a rule is a mapping", help "give it `target`, `where` and `do`";
    help_condition_on_file(key) = "it is a condition on the file: write `where: {{ file: {{ {key}: ... }} }}`";
    key_of_earlier_releases(key) = "misplaced key `{key}`: only earlier releases of otelc read it here";
    key_beside_do(key) finds "misplaced-key" = "misplaced key `{key}` beside `do`", help "put selectors under `where`, and what is done under `do`";
    help_modifier() = "name a modifier under `do`";
    rule_does_nothing(id) finds "no-advice" = "rule `{id}` does nothing";
    help_do() = "add `do` with a modifier, as `do: [{inject_code: {raw: ...}}]`";
    import_without_path(import) finds "bad-value" = "the import `{import}` has no path";
    under_where_and_beside(key) finds "duplicate-key" = "duplicate key `{key}`, under `where` and beside it", help "keep the one under `where`";
    no_target(id) finds "missing-key" = "rule `{id}` has no `target`", help "add `target: import/path` beside `where`";
    target_names_no_package() finds "bad-target" = "the target names no package", help "write an import path, a pattern, `main` or `$root`";
    help_otelc_range() = "write `v1.2.0,v2.0.0`, the second one excluded, or one alone";
    no_range_of_otelc(text) finds "bad-version" = "invalid range of versions `{text}`";
    no_modifier() finds "no-advice" = "no modifier is named here", help "name one, as `inject_hooks`";
    several_modifiers() finds "two-advices" = "several modifiers in one entry", help "make a list of them under `do`";
    no_code() finds "empty" = "there is no code";
    no_placement(text) finds "bad-value" = "unknown placement `{text}`", help "write `before` or `after`";
    placement_alone() finds "placement-alone" = "`placement` needs `pattern`";
    wrap_call_without_advice() finds "no-advice" = "`wrap_call` needs `replace` or `append_args`", help "write for example `replace: \"f({{{{ . }}}})\"`";
    assign_value_without_advice() finds "no-advice" = "`assign_value` needs one of `replace` and `wrap`";
    field_without_value(name) finds "bad-advice" = "field `{name}` has neither `value` nor `wrap`";
    hooks_without_functions() finds "no-advice" = "`inject_hooks` needs `before` or `after`", help "name a function of the package that `path` names";
    path_without_package() finds "empty" = "`path` names no package", help "write the import path of the hooks";
    no_hole(key) finds "bad-advice" = "`{key}` has no `{{{{ . }}}}` for the matched code";
    receiver_without_function() finds "no-function" = "`recv` needs `func`";
    modifier_needs_selector(modifier, selector) finds "missing-selector" = "{modifier} needs `{selector}` under `where`";
    kind_without_value(kind) finds "bad-value" = "a {kind} has no value to assign", help "write `var` or `const`, or leave it out";
    no_kind(kind) finds "bad-value" = "unknown kind `{kind}`", help "write `var` or `const`, or leave it out";
    no_name(text) finds "bad-name" = "invalid name `{text}`";
    no_receiver(text) finds "bad-receiver" = "invalid receiver `{text}`", help "write `\"*T\"` or `T`, without a package";
    not_a_type(text) = "invalid type `{text}`";
    has_receiver_without_function() finds "no-function" = "`has_recv` needs `has_func`";
    nothing_of_the_file() finds "file-conditions" = "the condition on the file is empty", help "add `has_func`, `has_struct` or another condition";
    several_conditions() finds "file-conditions" = "several conditions in one mapping", help "make a list of them: `all-of: [{{...}}, {{...}}]`";

    // otelc/target.rs
    roots_unknown() = "`$root` requires the paths of the modules that are being worked on";
    help_roots_unknown() = "give their paths with `--root-module`, or name the packages: `target: example.com/app/**`";
    no_pattern(text, why) = "invalid pattern `{text}`: {why}";
    open_bracket() = "`[` is not closed";
    open_brace() = "`{` is not closed";

    // read.rs
    not_given(path) = "{path} is not given";
    lowered_rules() finds "lowered-rules" = "expected a rule file, found lowered rules", help "give the rule file that `goweave lower` made it of";

    // weave/advice.rs
    added_file_of(rule) = "the added file of rule `{rule}`";
    hook_without_function() finds "no-function" = "a hook needs `function` under `where`";
    advice_not_for(key, kind) finds "no-function" = "`{key}` does not apply to {kind}";
    help_advice_not_for(key, kinds) = "`{key}` applies to {kinds}";
    two_keys_of_advice(id, one, two) finds "two-advices" = "an advice of rule `{id}` has both `{one}` and `{two}`", help "make a list of them: `do: [{{...}}, {{...}}]`";
    help_empty_code() = "give it a value, or remove it";
    empty_key(key) finds "empty" = "`{key}` is empty";
    help_empty_list() = "list something in it, or remove it";
    no_field_name(text) finds "bad-name" = "invalid field name `{text}`";
    wrap_without_this() finds "bad-advice" = "`wrap` must have `$this`, the matched code, exactly once";
    wrap_of_value_without_this() finds "bad-advice" = "`wrap` must have `$this`, the initial value, exactly once";
    no_field_type(text, why) finds "bad-advice" = "invalid type `{text}`: {why}";
    variadic_alone() finds "variadic-alone" = "`variadic` belongs to `append-arguments`";
    imports_alone() finds "imports-alone" = "`imports` belongs to advice with code in it";
    no_hooks_package() finds "no-hooks-package" = "the file names no hooks package", help "add `hooks: import/path` at the top";
    hook_not_exported(text) finds "unexported-hook" = "the hook function `{text}` is not exported", help "main packages call it from outside: begin its name with a capital letter";

    // weave/format.rs
    layout_not_kept() = "the file has a layout that goweave cannot keep: look for scalars over several lines";
    several_documents() = "a rule file is one document";
    no_mapping() = "a rule file is a mapping";
    ends_early() = "the file ends too early";
    anchors_and_tags() = "anchors and tags cannot be formatted";
    aliases() = "aliases cannot be formatted";
    comments_in_braces() = "comments inside braces cannot be formatted";
    key_is_a_word() = "a key must be a word";

    // weave/join_point.rs
    not_what(text, what) = "invalid {what} `{text}`";
    not_what_because(text, what, why) = "invalid {what} `{text}`: {why}";
    help_directive_name() = "a directive comment is `//space:word`, both in small letters and digits: write `space:word`";
    says_nothing(key) finds "empty" = "`{key}` is empty";
    help_named_type() = "write `\"*database/sql.DB\"`, `io.Writer` or, for both T and *T, `\"[*]import/path.T\"`";
    help_where() = "add a condition, or remove it";
    versions_in_condition() finds "nested-version" = "versions belong to the rule as a whole", help "write `go` and `version` directly under `where`";
    help_signature() = "list types in it; a function without any is `signature: \"func()\"`";
    help_arguments() = "list arguments in it, or remove it";
    help_one_of() = "use `one-of`";
    two_callees() finds "contradiction" = "a call cannot be both of a function and of a method";
    form_without_literal() finds "no-literal" = "`form` needs `literal`";
    types_without_literal() finds "no-literal" = "`types` needs `literal`";
    value_type_without_value() finds "no-value" = "`value-type` needs `variable` or `constant`";
    key_without_function(key) finds "no-function" = "`{key}` needs `function`";
    help_promoted() = "add the type: `receiver: \"*T\"`";
    promoted_without_receiver() finds "no-receiver" = "`promoted` needs `receiver`";
    help_receiver() = "write `\"*T\"`, `T` or `\"[*]T\"`, without package and type parameters";
    help_no_method() = "add `name`, and `of`, the type that declares the method";
    no_method() finds "no-method" = "`method-call` names no method";
    argument_without_type() finds "no-type" = "an argument needs `type` or `implements`";
    help_file() = "add `name`, `imports`, `declares`, `directive` or `test`";
    help_declares() = "write the name of a function, type, variable or constant, or `T.Name` of a method";

    // weave/load.rs
    unknown_language(version) finds "language-version" = "unknown rule language {version}", help "this goweave reads `weave: 1`";
    no_instrumentation_name() finds "empty" = "the instrumentation has no name";
    empty() finds "empty" = "this is empty";
    no_path_pattern(text, why) finds "bad-path" = "invalid import path pattern `{text}`: {why}";
    no_id() finds "empty" = "the rule has no id";
    same_id(other) finds "duplicate-id" = "duplicate rule id `{other}`";
    ids_differ_in_punctuation(other, id) finds "duplicate-id" = "the ids `{other}` and `{id}` differ only in punctuation";
    help_ids() = "ids name variables, so letters and digits must differ";
    no_package(id) finds "no-package" = "rule `{id}` names no package", help "add `package: import/path` under `where`";
    nothing_is_all() finds "contradiction" = "the conditions contradict each other", help "a call, a literal, a statement, a type and a value are different things: use `one-of`";
    help_advice() = "add `hook`, `declare` or another advice under `do`";
    two_hooks(id) finds "two-hooks" = "rule `{id}` has two hooks", help "split it into two rules";

    // yaml.rs
    a_tag() = "a tag";
    an_anchor() = "an anchor to which nothing refers";
    taken_by_yaml(word, what) finds "yaml" = "`{word}` is {what} in YAML";
    no_value(key) finds "no-value" = "the key `{key}` has no value", help "give it one, or remove it";
    no_value_at_all() finds "no-value" = "there is no value", help "give it one, or remove it";
    help_single_quotes(text) = "write the value in quotes: `'{text}'`";
    help_double_quotes(text) = "write the value in quotes: `\"{text}\"`";
    tab() = "tab in the indentation of this line";
    help_tab() = "indent YAML with spaces, two for a tab";
    second_document() = "a second YAML document begins here: a rule file has only one";
    help_second_document() = "put its rules into the list of the first one, or into a file of its own";
    alias_without_anchor(word) = "`{word}` without quotes is an alias in YAML, and it has no anchor";
    unknown_key(key) finds "unknown-key" = "unknown key `{key}`";
    help_keys(keys) = "the keys here are {keys}";
    missing_key(key) finds "missing-key" = "the key `{key}` is missing", help "add `{key}:`; all keys of one mapping begin in one column";
    wrong_type(expected, unexpected) finds "wrong-type" = "expected {expected}, found {unexpected}";
    key_stands_twice(key) finds "duplicate-key" = "duplicate key {key}";
    help_values(values) = "the values here are {values}";
    unknown_value(value) finds "unknown-value" = "unknown value `{value}`";
}

/// A value of a `where` that cannot be read, as `what` names it; `help`, where there is one, says more than the reason.
pub(crate) fn bad_value_of(code: &str, text: &str, what: &str, why: &str, help: Option<&str>) -> Diagnostic {
    match help {
        Some(help) => Diagnostic::new(code, None, not_what(text, what)).help(help),
        None => Diagnostic::new(code, None, not_what_because(text, what, why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places() {
        let unknown = unknown_language("2").to_string();
        assert_eq!(unknown, "unknown rule language 2\n    help: this goweave reads `weave: 1`");
    }
}
