//! Messages of this crate, one row each: the thing and the fault, then the next step. Nothing else in the crate makes one.
//!
//! A row `name(parameters) = "text";` is a function that gives the text. A row with `refuses Reason` gives a refusal for that
//! reason, which has the keys of a rule that it is about (`refusal.rs`); `help` says what to do next. Places are
//! added where they are known: `messages::no_fields(kind).at(place)`.

use crate::refusal::Reason::{self, *};
use crate::refusal::Refused;

type Made = Refused;

fn refuses(reason: Reason, text: String) -> Made {
    Refused::new(reason, text)
}

weave_text::messages! {
    here() = "here";

    // Refusals whose text another message, a parser or a rewriter gives.
    bad_type(text) refuses BadType = "{text}";
    code(text) refuses Code = "{text}";
    declare(text) refuses Declare = "{text}";
    exit_shape(text) refuses ExitShape = "{text}";
    hook_context(text) refuses HookContext = "{text}";
    hook_source(text) refuses HookSource = "{text}";
    malformed(text) refuses Malformed = "{text}";
    no_interface(text) refuses NoInterface = "{text}";
    not_there(text) refuses Place = "{text}";
    parameter_type(text) refuses ParameterType = "{text}";
    result_type(text) refuses ResultType = "{text}";
    rewriter(text) refuses Rewriter = "{text}";
    rewriter_edits(text) refuses RewriterEdits = "{text}";
    rewriter_source(text) refuses RewriterSource = "{text}";
    template(text) refuses Template = "{text}";
    unwritable_hook(text) refuses HookType = "{text}";
    code_at(code, text) refuses Code = "`{code}`: {text}";
    added_file_is_not_go(at, text) refuses File = "{at}: {text}";
    unparsed(at, text) = "{at}: {text}";
    bad_signature(stated, text) refuses BadSignature = "`{stated}`: {text}";
    no_body(function) refuses NoBody = "{function} has no body here (it is assembly or linked by name)";
    near(site, ty) = "near: {site}{ty}";

    // advice/call.rs
    no_arguments(kind) refuses Place = "{kind} has no arguments";
    spread() refuses Spread = "the call passes a list with `...`", help "write `variadic: import/path.Type`, the element type, so that a longer list can be made";
    no_callee(kind) refuses Place = "{kind} has no callee";
    method_keeps_its_place() refuses Place = "the method has parentheses or type arguments, and no other function can take its place";
    promoted_by_field(field) refuses Place = "the method comes from the field `{field}`, which cannot be named here";

    // advice/code.rs
    placeholder_not_closed() = "`${` is not closed";
    no_placeholder(word) = "unknown placeholder `${word}`";
    bad_interface(name, why) = "invalid interface name `{name}`: {why}";
    code_in_string() = "the template prints code inside a string: print a name instead, as `.Name`";
    this_without_meaning() = "`$this` has no meaning here";
    this_once() = "`$this` must be in it exactly once";
    no_go_expression(expression, why) = "invalid Go expression `{expression}`: {why}";
    closing_brace() = "unmatched closing brace";
    no_go_statements(statements, why) = "invalid Go statements `{statements}`: {why}";
    code_is_not_go(why) = "the code is not Go: {why}";
    several_lines() = "it has more than one line";
    has_comment() = "it has a comment";
    several_calls() = "expected one expression";

    // advice/declare.rs
    declarations_import(path, package) refuses NewImport = "the added declarations import `{path}`, which {package} does not import: that would be a new dependency";
    help_dependencies(path) = "if that is meant, write `dependencies: [{path}]` in the rule";
    added_file_embeds(at) refuses File = "{at}: an added file cannot embed files";
    added_file_has_cgo(at) refuses File = "{at}: an added file cannot use cgo";
    added_file_has_dot_import(at) refuses File = "{at}: an added file cannot have dot imports";
    no_file_to_leave_out(package, file) refuses NoFile = "{package} has no file {file} to leave out";
    declarations_without_code() refuses Template = "declarations stand outside of the function, and cannot have its code";

    // advice/export_effects.rs
    generic_body(name) = "{name}: the body of a generic function is part of the export data";
    inlined_body(name) = "{name}: the compiler inlines it, so its body is part of the export data";
    inlined_body_if_reached(name) = "{name}: the compiler inlines it, and its body is part of the export data if anything exported reaches it";
    perhaps_inlined_body(name) = "{name}: the compiler may inline it, and then its body is part of the export data";
    parameter_may_escape(name, param) = "{name}: a hook is given `{param}`, which may not have left the function before";
    parameter_did_not_escape(name, param) = "{name}: a hook is given `{param}`, which did not leave the function as a whole";

    // advice/expression.rs
    called_later(keyword) refuses Place = "`{keyword}` calls it later, and code around it would run at once";
    help_called_later() = "use `call-instead` or `append-arguments`, or a hook in the callee";
    literal_without_type() refuses Place = "the literal leaves its type out, so it cannot be wrapped";
    no_expression(kind) refuses Place = "{kind} is not an expression";
    call_is_statement() refuses Place = "the call is a statement, and the code around it is not a call, so it cannot be one";

    // advice/extra_file.rs
    type_without_name(name, package) = "the type {name} cannot be named in {package}, which does not import its package";
    declarations_are_not_go(line, why) = "the added declarations are not Go: line {line}: {why}";
    gets_method(name) = "the package gets a method `{name}`";
    gets_function(name) = "the package gets a function `{name}` without a //go:linkname line";
    gets_exported_name(name) = "the package gets an exported name `{name}`";
    set_to_literal(names) = "`{names}` is set to a function literal";

    // advice/fields.rs
    no_fields(kind) refuses Place = "{kind} has no fields";
    fields_by_position() refuses Positional = "the literal gives its fields by position, and none can be added";
    field_taken(name, field) refuses FieldTaken = "{name} has a field `{field}` already";
    layout_changes(name) = "type {name} gets a field: if anything exported reaches it, its layout is part of the export data";
    literal_by_position(name) refuses Positional = "a literal gives the fields of {name} by position";

    // advice/fill.rs
    no_function_around() = "there is no function around it";
    perhaps_other_variable(name, at) = "`{name}` may be another variable there: it is declared again at {at}";
    no_type(text, e) = "invalid type `{text}`: {e}";
    no_parameter_of_number(function, i) = "{function} has no parameter ${i}";
    no_result_of_number(function, i) = "{function} has no result $result{i}";
    no_receiver(function) = "{function} has no receiver";
    no_parameter_of_type(function, text) = "{function} has no parameter of type {text}";
    no_result_of_type(function, text) = "{function} has no result of type {text}";
    none_implements(function, what, interface) = "{function} has no {what} that implements {interface}";
    no_directive() = "it has no directive comment";
    no_such_directive() = "it has no directive comment that the rule asks for";
    malformed_directive(namespace, name, text) refuses Malformed = "//{namespace}:{name}: {text}", help "write `key:value` or `key:\"a value\"`, separated by spaces; `$name` is the value of a parameter";
    no_parameter_of_such_type(ty) refuses Code = "there is no parameter of type {ty}";

    // advice/function.rs
    hook_without_function(kind) refuses HookPlace = "a hook belongs to a function, and this is {kind}";
    declared_here() = "declared here";
    function_declared_here() = "the function is declared here";
    hooks_without_function(kind) refuses HookPlace = "hooks belong to a function, and this is {kind}";
    parameter_hides_type(function, ty) = "a parameter of {function} hides a name in the type {ty}, so that no hook can set a value of it";
    hook_is(name, signature) = "the hook is {name} {signature}";
    help_hook_types() = "a hook may use types of the woven package, of packages that it imports, and predeclared ones";
    hook_takes(name, signature) = "the hook {name} takes {signature}";
    help_context_types() = "after its context a hook may take types of the woven package, of packages that it imports, and predeclared ones; `any` stands for each";
    broken_signature(signature, e) refuses BadLoweredRule = "the hook's signature `{signature}` is broken: {e}";

    // advice/hook.rs
    unnamed_gets_name() = "a parameter or result without a name gets one";
    function_is(name, signature) = "the function is {name} {signature}";
    rule_gives() = "the rule gives";
    parameters_make() = "receiver and parameters make";
    argument_count(from, given, plural, taken) refuses ArgumentCount = "{from} {given} argument{plural}, and the hook takes {taken}";
    no_such_argument(text) refuses NoSuchArgument = "unknown parameter `{text}`";
    help_arguments(last) = "parameters are `$0` to `${last}`, the receiver is `$recv`";
    bad_argument(text, why) refuses BadArgument = "invalid argument `{text}`: {why}";
    argument_type(text, ty, number, expected) refuses ArgumentType = "`{text}` is of type {ty}, and parameter {number} of the hook is of type {expected}";
    no_such_parameter(text) refuses NoSuchParameter = "unknown parameter `{text}` in `replace`";
    replace_type(number, text, ty, result) refuses ReplaceType = "result {number} of the hook replaces `{text}` of type {ty}, and is of type {result}";
    replace_count(count, text) refuses ReplaceCount = "the hook has {count} results, too few to replace `{text}`";
    there_is_none() = "there is none";
    this_is_type(ty) = "this is {ty}";
    skip_shape(shape, is) refuses SkipShape = "a hook with `skip` has a result of type {shape} after those of `replace`, and {is}";
    unnamed_parameter_gets_name() = "a parameter without a name gets one";
    unnamed_parameter(what) refuses UnnamedParameter = "{what} has no name that the hook could be given", help "list what the hook needs under `arguments`; `$0` is the first parameter, `$recv` the receiver (naming one changes the export data of the package)";
    the_receiver() = "the receiver";
    parameter_number(number) = "parameter {number}";
    end_alone() = "the function has no results, so the hook can only return an end `func()`";
    or_error_alone() = ", or is about the error alone";
    exit_and_end(shown, last) = "an exit is `func({shown})` or `func({shown}) ({shown})`{last}, an end is `func()`";
    exit_types(ty, expected) = "the exit {ty} returns other types than it is given; {expected}";
    no_exit_and_no_end(ty, expected) = "the hook's result {ty} is neither an exit nor an end; {expected}";
    no_end(ty) = "the hook's last result {ty} is not an end `func()`";
    many_hook_results(count) = "the hook has {count} results after those that replace parameters; only an exit and an end may follow them";

    // advice/mod.rs
    unnamed_in_function_gets_name(function) = "{function}: a parameter or result without a name gets one";
    code_imports(path, package) refuses NewImport = "the code imports `{path}`, which {package} does not import: that would be a new dependency";

    // advice/recompose.rs
    name_of_hole() refuses Code = "a name in the code is that of a hole";
    no_call_for_statement() refuses Place = "the call is a statement, and the template prints no call that could be one";

    // advice/state.rs
    rule_sets_name(other, name) refuses Conflict = "rule {other} also sets `{name}` there";
    help_limit_or_join() = "limit one of them with `not`, or make one rule of both";
    left_out_twice(name) refuses Conflict = "another rule also leaves out {name}";
    new_import(package, path) = "{package} imports {path}, which it did not";

    // advice/statement.rs
    no_function() refuses Place = "there is no function";
    no_statement() refuses Place = "it is not in a statement";
    goto_statement(label) refuses Place = "a `goto {label}` jumps to the statement, and code before its label would be skipped";
    end_not_reached() = "control does not reach the end of the statement";
    nothing_after(word) = "nothing runs after `{word}`";

    // advice/value.rs
    declared_without_value(name) refuses NoValue = "{name} is declared without a value";
    value_without_type(name) refuses NoValue = "{name} has no type";
    declared_beside_others(name) refuses NoValue = "{name} is declared without a value, beside others";
    one_expression_for_several(name) refuses OneValue = "one expression gives {name} and others their values";
    initial_value_changes(name) = "the initial value of {name} changes: a constant's value is part of the export data";

    // check.rs
    several_declarations() = "the declaration has become several";

    // dialect/aspects.rs
    in_rule(id, instrumentation, message) = "rule `{id}` of {instrumentation}: {message}";
    no_expression_here() refuses Place = "it is not an expression";
    call_changed_before() refuses Place = "templates of other aspects have already replaced the call";
    of_this_one() = "of this one";
    help_order_of_aspects() = "put this aspect before them: advice is applied in the order of the files and of the aspects in them";

    // dialect/go_template.rs
    in_template(e) = "the template: {e}";
    takes_no_arguments() = "wrong number of args: want 0";
    matched_thing() = "the thing that is matched";
    wants_no_arguments(given) = "wrong number of args: want 0 got {given}";
    wants_string(ty) = "wrong type for value; expected string; got {ty}";
    wants_one_argument(given) = "wrong number of args: want 1 got {given}";
    index_out_of_bounds(i) = "index out of bounds: {i}";
    wants_int(ty) = "wrong type for value; expected int; got {ty}";
    no_method() = "the function is not a method";
    index_out_of_items(i, count) = "index out of bounds: {i} (only {count} items)";
    implements_unknown() = "what a type implements is not known: the package was not type-checked (see `goweave types`)";

    // dialect/hook_context.rs
    context_hook_takes(name, signature) = "after the context, the hook {name} takes {signature}";
    help_context_hook(types) = "after the context it may take nothing, or these: {types}; `any` stands for each of them";
    context_hook_count(are, given, what, plural, included, name, taken) refuses ArgumentCount = "there {are} {given} {what}{plural}{included}, and the hook {name} takes {taken}";
    numbered(what, number) = "{what} {number}";
    context_hook_type(which, is, number, name, takes) refuses ArgumentType = "{which} is of type {is}, and parameter {number} of the hook {name} is of type {takes}";
    other_dynamic_type(package, function, what) = "goweave: a hook of {package}.{function} set {what} to a value that is not of its type; it stays as it is";

    // dialect/otelc_template.rs
    matched_code() = "the matched code";
    less_than_zero(i) = "{i} is less than 0";
    takes_number() = "it takes a number";
    takes_string() = "it takes a string";
    takes_nothing() = "it takes no arguments";
    out_of_range(n, what, i) = "there are {n} {what}, and {i} is asked for";
    directive_word() = "a word of the directive comment";
    no_template(line, why) = "invalid template: line {line}: {why}";
    unknown_member(member, near) = "unknown template member `.{member}`{near}";
    template_fails(line, why) = "the template fails: line {line}: {why}";

    // error.rs
    same_file_name(a, b) = "{a} and {b} would be written to one file";
    no_package_clause(p) = "no file of {p} that is in the build has a package clause";
    make_again(e) = "{e}: make them again";
    token_lost(path, token) = "{path}: `{token}` is lost in the woven text, which is a fault of goweave";
    woven_is_not_go(path, message, line) = "{path}: the woven text is not Go, which is a fault of goweave: {message}\n    {line}";

    // join/function.rs
    function_not_found(package, versions, display) refuses FunctionNotFound = "{package}{versions} has no function {display}";
    declared_elsewhere(why) = "a file that is not in this build declares it: {why}";
    declared_in_broken_file() = "a file that does not parse declares it";
    there_is(function) = "there is {function}";
    help_pointer_receiver() = "write `\"*T\"` or `\"[*]T\"`, as its receiver is a pointer";
    help_promoted() = "write `promoted: true`, or that receiver";
    embeds_method(outer, name, method, how) = "{outer} embeds {name}, which declares {method}: {how}";
    embeds_foreign_method(outer, star, package, name, method) = "{outer} embeds {star}{package}.{name}, which may declare {method}: a rule for that package weaves it for all who call it";
    signature_differs(function, package, versions) refuses SignatureDiffers = "{function} of {package}{versions} has another signature", help "change the rule and its hook, or limit the rule with `go` or `version`";
    signatures(stated, actual) = "- {stated} (the rule)\n+ {actual} (the function)";
    variadic_differs(is, says) = "\nthe function {is} variadic, and that of the rule {says}";
    count_differs(count, says) = "\nthe function has {count}, and the rule says {says}";
    type_differs(what, number, actual, stated) = "\n{what} {number} is {actual}, and the rule says {stated}";

    // join/ignored.rs
    package_ignored() refuses Ignored = "`//weave:ignore package` keeps the package as it is";
    ignored(namespace, name, on) refuses Ignored = "`//{namespace}:{name}{on}` keeps it as it is";
    delicate(function, namespace, name) refuses Delicate = "{function} is `//{namespace}:{name}`, where calling a hook may be impossible", help "write `unsafe-functions: true` in the rule if its hook keeps to the rules of such functions";

    // join/mod.rs
    several_statements(count) refuses Several = "{count} statements match, but `occurrence: only` allows one", help "describe the statement more precisely, or write `occurrence: first` or `last`";

    // join/why.rs
    of_kind(count, kind) = " of {count} {kind}";
    of_these(count) = " of these {count}";
    function_named(name) = "function `{name}`";
    without_receiver() = "no receiver";
    receiver_named(receiver) = "receiver `{receiver}`";
    no_kind(kind) = "no {kind}";
    nothing_found(package, what) refuses NothingFound = "{package} has {what} that the rule asks for";
    nothing_called(name) = "nothing is called `{name}`";

    // lower/contexts.rs
    no_file(package, name) refuses NoFile = "the package `{package}` has no file `{name}`";
    help_hook_file() = "give its sources with --hook-file";
    files_are(files) = "its files are {files}";

    // lower/hook_sources.rs
    help_context_hook_shape() = "a hook is `func(ctx HookContext, receiver, parameters...)` where the function is entered, and `func(ctx HookContext, results...)` where it is left; it returns nothing";
    no_context(name, other) = "the hook `{name}` takes {other} first, and not a context";
    no_parameters_for_context(name) = "the hook `{name}` takes no context";
    context_hook_returns(name) = "the hook `{name}` returns something, and a hook with a context does not";
    generic_hook(name) refuses GenericHook = "the hook function `{name}` has type parameters", help "a variable holds the hook, and no variable can hold a generic function; use `any`";
    hook_not_found(package, name) refuses HookNotFound = "the hooks package `{package}` has no function `{name}`";
    help_hook_not_found() = "give its sources: --hook-file FILE.go; `goweave go` looks for them by the import path";
    no_exported_function() = "its sources declare no exported function";
    exported_functions(names) = "its exported functions are {names}";
    own_type(name) = "its own type `{name}`";
    help_own_type() = "use types of the woven package, of packages that it imports, or predeclared ones";
    unknown_qualifier(qualifier, name) = "`{qualifier}.{name}`, and no import is called `{qualifier}`";
    help_unknown_qualifier() = "name the import: `import name \"path\"`";
    hook_type(name, what) refuses HookType = "the hook function `{name}` uses {what}";

    // lower/mod.rs
    other_hooks_package(own, given) refuses OtherHooksPackage = "the rules name the hooks package `{own}`, and the build gives `{given}`";
    help_other_hooks_package() = "make both the import path of the library that has the hook functions";
    help_callee() = "write what stands before the parentheses";
    no_go_text(text, what, why) refuses Statement = "invalid {what} `{text}`: {why}";
    bad_adapter(name) refuses Adapter = "invalid adapter `{name}`: not the name of a Go file beside the rules";
    help_bad_adapter() = "name a file of the same folder that is not a test";
    adapter_not_found(name) refuses Adapter = "there is no Go file `{name}` beside the rules";
    help_adapter_not_found(name) = "write it there; under Bazel also name it in `adapters` of the go_instrumentation: adapters = [\"{name}\"]";

    // package/directives.rs
    white_space(comment) = "`{comment}` has no effect: white space follows its slashes";
    help_write(directive) = "write `{directive}`";
    other_case(written) = "`//{written}` has no effect: directive comments are case-sensitive";
    ignored_package_place() = "`//weave:ignore package` has no effect: it is not above the package clause";
    help_ignored_package_place() = "put it there, or write `//weave:ignore` for what it stands before";
    ignored_arguments(args) = "unknown argument `{args}` of `//weave:ignore`";
    help_ignored_arguments() = "write `//weave:ignore package`, or `//weave:ignore` alone";
    unknown_directive(written) = "unknown directive `//{written}`";
    help_unknown_directive(name) = "did you mean `//weave:{name}`?";
    empty_name() = "the name is empty";
    key_in_quotes() = "a key belongs before `:` and a quoted value after it, as in `key:\"a value\"`";
    or_name(name, key) = ", or `\"{name} {key}\"` if both are the name";
    key_without_value(key, name) = "`{key}` has no value: write `{key}:VALUE`{name}";
    it_has_none() = "it has none";
    there_are(names) = "there are {names}";
    no_directive_parameter(name, near) = "unknown parameter `{name}`: {near}";
    no_level(value) = "unknown level `{value}`: write debug, info, warn or error";
    quote_inside_value() = "a quote begins inside a value: quote all of it";
    stray_backslash() = "a backslash must precede a quote or a backslash";
    quote_and_more() = "white space must follow a quoted value";
    quote_not_closed() = "the quote is not closed";

    // package/target.rs
    no_go_version(version) = "invalid Go version `{version}`: write for example `1.26.8`";
    external_test(name) = "it is of the external test package {name}";
    other_platform(platform) = "its name is for another platform than {platform}";
    constraint_fails(constraint, platform) = "its build constraint `{constraint}` does not hold for {platform}";

    // package/typefacts.rs
    facts_of_other_format(n) = "the type facts are of format {n}, and this goweave reads 1";
    facts_of_package(p) = "the type facts are about {p}";
    facts_without_file(path) = "the type facts say nothing of {path}";
    facts_of_other_content(path) = "the type facts are about another content of {path}";
    facts_without_answer() = "the type facts do not answer what the rules ask";

    // program/export_data.rs
    no_export_data(why) = "no Go export data: {why}";
    other_export_data(v, newest) = "export data of version {v}, and this goweave knows versions 0 to {newest}: it is older than the Go release";
    broken_export_data() = "the export data is broken";
    not_an_archive() = "not an archive";
    empty_archive() = "the archive is empty";
    other_first_member() = "its first member is not __.PKGDEF";
    no_binary_section() = "it has no binary section";
    not_unified() = "it is not in the unified format";
    debugging_marks() = "it has debugging marks (a compiler flag of the Go developers)";

    // program/linkage.rs
    member_without_header() = "a member has no header";
    member_without_size() = "a member has no size";
    member_ends_early() = "a member ends early";
    not_one_object() = "it has not one object of the Go compiler";
    object_without_header() = "its object has no header";
    open_directives() = "its directives do not end";
    other_object_format() = "its object has another format";
    calls_no_c() = "its object calls no C";
    calls_c_in_several_ways() = "its object calls C in more than one way";

    // program/main_file.rs
    program_uses_package() = "the program uses a package that it weaves";
    instrumentations_need_it() = "other instrumentations need it";
    program_uses_no_package() = "the program uses no package that it weaves";
    no_instrumentation_needs_it() = "no instrumentation needs it";

    // program/std_graph.rs
    outside_of_prefix(path, prefix) = "{path} is not below {prefix}";

    // rewriter.rs
    other_protocol(protocol, ours) refuses RewriterProtocol = "it answers in protocol {protocol}, and this goweave speaks {ours}";
    help_change_code(name) = "change the code, or leave out rewriter {name}";
    not_applicable_and_changed() refuses RewriterAnswer = "it says that it does not apply, and answers with changes all the same";
    changed_twice(file) refuses RewriterAnswer = "it changes {file} in two ways";
    bad_file_name(name) refuses RewriterAnswer = "invalid name `{name}` of an added Go file";
    changes_declarations(owner) = "{owner} changes declarations";
    build_without_file(package, name) refuses RewriterFile = "the build of {package} has no file `{name}`";
    line_would_be(line) = "the line would be: {line}";
    rewritten_is_not_go(why) refuses RewriterEdits = "what it makes is not Go: {why}";
    rewriter_imports(path, package) refuses NewImport = "it imports `{path}`, which {package} does not import: that would be a new dependency";
    help_rewriter_imports(path) = "the rewriter must answer \"imports\": [{path:?}] if that is meant";
    bad_edit(start, end, what) refuses RewriterEdits = "its edit of bytes {start} to {end} {what}";
    outside_of_file() = "is outside the file";
    inside_of_character() = "is inside a character";
    not_within_a_line() = "is not within one line";
    other_number_of_lines(new, old) = "its source has {new} lines, and the original has {old}";
    token_not_there(token_text) = "its source does not have `{token_text}` on this line";

    // weave/applicable.rs
    cannot_read(what) refuses BadVersion = "cannot read {what}";
    other_go(range, go) = "the rule is for Go {range}, and this is Go {go}";
    needs_language(language, go) refuses LanguageVersion = "its code needs Go {language}, and this is Go {go}";
    no_version(range, package) refuses NoVersion = "the rule is for version {range}, and the version of {package} is not known", help "give it with --package-version; under Bazel it is that of gazelle's package metadata, which packages of the repository itself do not have: take `version` out of the rule for these";
    the_version(version) = "the version `{version}`";
    other_version(range, version) = "the rule is for version {range}, and this is {version}";
    no_types() refuses NoTypes = "it asks for types, and none are given", help "`goweave types` says what is asked; give the answer of the types helper with `--types`; under Bazel name the package in `typed` of the go_instrumentation";

    // weave/ask.rs
    tests_alone() = "the rule is not for tests, and only they have what it asks for";
    in_rewriter(name, message) = "rewriter {name}: {message}";
    help_rewriter() = "this is a mistake of the rewriter: see docs/rewriters.md for what it may answer";

    // weave/given.rs
    woven_already() refuses WovenTwice = "this file is already woven", help "give goweave the original sources";

    // weave/output.rs
    parameter_hides_result_type() = "a parameter hides a name in the result types";
    name_taken(name) refuses NameTaken = "this file uses the name `{name}`, which the extra file declares";
    changes_left_out_file(owners) refuses Conflict = "{owners} would change a file that another rule leaves out";
    help_limit_by_file() = "limit one of them with `not`, or by the file";
    nothing_woven(why, package) refuses Syntax = "{why}; nothing is woven into {package}";
    package_has_findings() = "the package has findings";
    file_replaced() = "a rule adds a file in its place";
    rule_named(owner) = "rule {owner}";
    conflict(one, other) refuses Conflict = "{one} and {other} change the same code";
    one_is(owner) = "one of them is {owner}";
    other_is(owner) = "the other one is {owner}";

    // weave/read.rs
    cgo_is_off() = "it imports \"C\", and cgo is off";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_places() {
        let spread = spread().to_string();
        assert!(
            spread.starts_with("the call passes a list with `...`\n    help: write `variadic: "),
            "{spread}"
        );
    }
}
