//! Hook advice: the text that calls a hook where a function is entered, and what the hook returned where it is left.
//!
//! On the line of the opening brace, for a hook that replaces `ctx`, has an exit and an end:
//!
//! ```go
//! { var weaveExit func(*Rows, error) (*Rows, error); if weave_x__y != nil { var weaveEnd func();
//!   ctx, weaveExit, weaveEnd = weave_x__y(db, ctx, query, args); if weaveEnd != nil { defer weaveEnd() } };
//! ```
//!
//! and each `return EXPRS` (`weaveResult0 ...` are declared where the function is entered):
//!
//! ```go
//! switch { default: goto weaveEval0; weaveReturn0:
//!   if weaveExit != nil { weaveResult0, weaveResult1 = weaveExit(weaveResult0, weaveResult1) };
//!   return weaveResult0, weaveResult1; weaveEval0: weaveResult0, weaveResult1 = EXPRS; goto weaveReturn0 }
//! ```
//!
//! What this keeps: every original token, in its order and on its line (the `return` keeps the line that deferred calls
//! see); the order of evaluation; the compiler's export data up to Go 1.27 (no closure, no named type, no address
//! taken). The `switch` ends the loop that escape analysis sees in a backward `goto`.
//!
//! An exit sees what the caller gets. Where the function defers calls, which may set its results, recover from a panic or
//! panic, the exit is deferred too, before them all, so that it runs after them:
//!
//! ```go
//! if weaveExit != nil && weaveLeave_x__y != nil { weaveLeave := weaveLeave_x__y(weaveExit, &rows, &err); defer weaveLeave() }
//! ```
//!
//! The variable is set to a function of package weaveruntime, which calls the exit with the results unless the function is
//! left by a panic or by `runtime.Goexit`. A result without a name has what its `return` gave, or else zero, in
//! `weaveResult0`. What an exit makes of the results reaches the caller through names; results get some for that, but in
//! the standard library, where such an exit is called by each `return` and once more after a recovered panic.
//!
//! So the results are on the heap, whether or not there is an exit. Where the package's export data change anyway, as by an adapter,
//! it has a function for that of its own, which shows the compiler that it keeps no result, and costs nothing without an exit:
//!
//! ```go
//! if weaveExit != nil && weaveLeave_x__y != nil { defer weaveLeft0(weaveLeave_x__y, weaveExit, &rows, &err) }
//! ```
//!
//! What it does not keep: where such an exit sees results by their names, deferred calls see the line of the closing brace
//! in place of that of the `return`, as in every function of which the compiler does not open-code the deferred calls.

use std::collections::BTreeSet;

use weave_ir::{FuncType, GoType, LoweredHook, did_you_mean, leave_variable};
use weave_syntax::{Event, Node, NodeKind};
use weave_text::Span;

use crate::advice::code::check_expression;
use crate::advice::edits::{Edits, Level, Rank};
use crate::advice::extra_file::ExtraFile;
use crate::dialect::hook_context::{Context, FittedContext, Inserted as ContextNames};
use crate::messages;
use crate::package::file::{File, Function, Param};
use crate::package::slot::{Names, Slot};
use crate::refusal::{Refusal, Refused};

/// A hook that a function gets.
pub(crate) struct HookUse<'r> {
    /// `instrumentation/rule`, for messages.
    pub owner: String,
    pub rank: Rank,
    pub hook: &'r LoweredHook,
    pub signature: FuncType,
}

/// A hook whose shape fits the function.
pub(crate) struct Fitted<'r> {
    owner: String,
    rank: Rank,
    variable: String,
    /// Text of the arguments.
    arguments: Vec<String>,
    /// Names of the parameters that are set.
    replaced: Vec<String>,
    skip: bool,
    exit: Exit,
    /// Whether the exit is given the last result, an error, and no other.
    last: bool,
    /// For each result that the exit is given, whether it takes it as a value of any type.
    any: Vec<bool>,
    end: bool,
    /// Places that must have a name.
    pub named: Vec<Slot>,
    /// Places whose values the hook is given.
    pub passed: Vec<Slot>,
    /// Reason why the package's export data changes, if it does.
    pub changes_export: Option<String>,
    /// Hooks that are given a context, in place of one that is not.
    context: Option<Context<'r>>,
}

impl<'r> Fitted<'r> {
    /// `instrumentation/rule`, for messages.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Hooks that are given a context.
    pub(crate) fn of_context(owner: String, rank: Rank, fitted: FittedContext<'r>) -> Self {
        let FittedContext { context, mut named, passed } = fitted;
        named.sort_unstable();
        named.dedup();
        Self {
            owner,
            rank,
            variable: String::new(),
            arguments: Vec::new(),
            replaced: Vec::new(),
            skip: context.skips(),
            exit: match (context.returns(), context.sets_results()) {
                (false, _) => Exit::None,
                (true, false) => Exit::Observe,
                (true, true) => Exit::Replace,
            },
            last: false,
            any: Vec::new(),
            end: false,
            changes_export: (!named.is_empty()).then(|| messages::unnamed_gets_name().to_owned()),
            named,
            passed,
            context: Some(context),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    None,
    Observe,
    Replace,
}

/// Possible effects of a function's deferred calls after a `return`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Deferred {
    /// There are some that may set results or panic.
    pub any: bool,
    /// Some may recover from a panic.
    pub recover: bool,
}

impl Deferred {
    /// Calls of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self { any: true, recover: true };

    /// Returns what the calls that a function defers can do.
    pub(crate) fn of(file: &File<'_>, function: &Function<'_>) -> Self {
        let tree = &file.tree;
        let mut found = Self::default();
        let Some(body) = function.body else { return found };
        let mut walk = tree.walk(body.block);
        while let Some(event) = walk.next() {
            let Event::Enter(id) = event else { continue };
            match tree.node(id) {
                Node::FuncLit(_) => walk.skip_children(),
                Node::Defer(d) => {
                    let Node::Call(call) = tree.node(d.call) else { continue };
                    // Locks do not know the function that they are in.
                    let unlocks = match tree.node(call.fun) {
                        Node::Selector(s) => matches!(tree.node_text(s.sel), "Unlock" | "RUnlock"),
                        _ => false,
                    };
                    if unlocks && call.args.is_empty() {
                        continue;
                    }
                    found.any = true;
                    // Only the deferred function itself can recover.
                    found.recover |= tree.kind(call.fun) != NodeKind::FuncLit
                        || tree.descendants(call.fun).any(|id| {
                            matches!(tree.node(id), Node::Ident) && tree.node_text(id) == "recover"
                        });
                }
                _ => {}
            }
        }
        found
    }
}

/// Form of the calls of a function's exits.
pub(crate) struct Leaving {
    /// Whether exits are deferred; those that are not are called by each `return`.
    deferred: bool,
    /// Whether exits that are called by each `return` are called after a recovered panic, too.
    recovered: bool,
    /// Whether the results get names for them.
    pub names_results: bool,
}

impl Leaving {
    /// Decides for the hooks of a function. `named` tells whether its results get names anyway.
    pub(crate) fn of(
        function: &Function<'_>,
        hooks: &[Fitted<'_>],
        mut deferred: Deferred,
        named: bool,
        std: bool,
    ) -> Self {
        let returns = Self { deferred: false, recovered: false, names_results: false };
        let plain = |h: &&Fitted<'_>| h.context.is_none() && h.exit != Exit::None;
        // What hooks with a context defer sets results.
        deferred.any |= hooks.iter().any(|h| h.context.as_ref().is_some_and(Context::defers));
        if !deferred.any || !hooks.iter().any(|h| plain(&h)) {
            return returns;
        }
        let set = hooks.iter().filter(plain).filter(|h| h.exit == Exit::Replace);
        let nameless = |h: &Fitted<'_>| given(h, &function.results).iter().any(|p| p.usable_name().is_none());
        if named || !set.clone().any(nameless) {
            return Self { deferred: true, ..returns };
        }
        if std {
            return Self { recovered: deferred.recover, ..returns };
        }
        // What has no name nothing but the end of a panic changes.
        if deferred.recover || function.results.iter().any(|p| p.usable_name().is_some()) {
            return Self { deferred: true, names_results: true, ..returns };
        }
        returns
    }

    /// Returns whether the exit of a hook is deferred.
    fn defers(&self, h: &Fitted<'_>) -> bool {
        self.deferred && h.context.is_none() && h.exit != Exit::None
    }
}

/// Matches a hook against the function that it is for. `function_type` and `receiver` are the types of the function.
pub(crate) fn fit<'r>(
    hook_use: HookUse<'_>,
    function: &Function<'_>,
    function_type: &FuncType,
    receiver: Option<&GoType>,
    names: &Names<'_, '_>,
) -> Result<Fitted<'r>, Refusal> {
    let HookUse { owner, rank, hook, signature } = hook_use;
    let misfit = |refused: Refused| {
        Box::new(
            refused
                .note(None, messages::function_is(function.display(), function_type))
                .note(hook.declared.clone(), messages::hook_is(&hook.function, &signature)),
        )
    };
    let mut named = Vec::new();
    let mut passed = Vec::new();
    let params = function_type.body_params();

    // What the arguments are: expressions, and the type where an expression is a plain parameter.
    let written: Vec<String> = match &hook.arguments {
        Some(list) => list.clone(),
        None => default_arguments(function, &misfit)?,
    };
    if written.len() != signature.params.len() {
        let from =
            if hook.arguments.is_some() { messages::rule_gives() } else { messages::parameters_make() };
        let plural = if written.len() == 1 { "" } else { "s" };
        return Err(misfit(messages::argument_count(from, written.len(), plural, signature.params.len())));
    }
    let mut arguments = Vec::new();
    for (i, text) in written.iter().enumerate() {
        let slot = Slot::find(text, function);
        let (expr, ty) = match slot {
            Some(slot) => {
                passed.push(slot);
                let ty = match slot {
                    Slot::Receiver => receiver.cloned(),
                    Slot::Param(i) | Slot::Result(i) => params.get(i).cloned(),
                };
                (slot.name(function, names, &mut named), ty)
            }
            None if text.starts_with('$') => {
                return Err(Box::new(
                    misfit(messages::no_such_argument(text))
                        .help(messages::help_arguments(params.len().saturating_sub(1))),
                ));
            }
            None => {
                check_expression(text).map_err(|why| misfit(messages::bad_argument(text, &why)))?;
                (text.clone(), None)
            }
        };
        let expected = match signature.body_params().get(i) {
            Some(t) => t.clone(),
            None => break,
        };
        if let Some(ty) = ty
            && ty != expected
            && expected != GoType::any()
        {
            return Err(misfit(messages::argument_type(text, &ty, i + 1, &expected)));
        }
        arguments.push(expr);
    }
    if signature.variadic
        && let Some(last) = arguments.last_mut()
    {
        last.push_str("...");
    }

    let mut replaced = Vec::new();
    for (i, text) in hook.replace.iter().enumerate() {
        let Some(place) = Slot::find(text, function) else {
            let known: Vec<&str> = function.params.iter().filter_map(Param::usable_name).collect();
            let d = misfit(messages::no_such_parameter(text));
            return Err(match did_you_mean(text, known) {
                Some(help) => Box::new(d.help(help)),
                None => d,
            });
        };
        let ty = match place {
            Slot::Receiver => receiver.cloned(),
            Slot::Param(i) | Slot::Result(i) => params.get(i).cloned(),
        };
        match (signature.results.get(i), ty) {
            (Some(result), Some(ty)) if *result == ty => {}
            (Some(result), Some(ty)) => {
                return Err(misfit(messages::replace_type(i + 1, text, &ty, result)));
            }
            _ => {
                return Err(misfit(messages::replace_count(signature.results.len(), text)));
            }
        }
        replaced.push(place.name(function, names, &mut named));
    }

    let mut rest = &signature.results[hook.replace.len()..];
    if hook.skip {
        let shape = GoType::Func(Box::new(FuncType {
            results: function_type.results.clone(),
            ..FuncType::default()
        }));
        match rest.split_first() {
            Some((first, more)) if *first == shape => rest = more,
            first => {
                let is =
                    first.map_or(messages::there_is_none().to_owned(), |(t, _)| messages::this_is_type(t));
                return Err(misfit(messages::skip_shape(&shape, &is)));
            }
        }
    }
    let (exit, last, end) =
        exit_shape(rest, &function_type.results).map_err(|message| misfit(messages::exit_shape(message)))?;
    named.sort_unstable();
    named.dedup();
    let changes_export =
        if !named.is_empty() { Some(messages::unnamed_parameter_gets_name().to_owned()) } else { None };
    Ok(Fitted {
        owner,
        rank,
        variable: hook.variable.clone(),
        arguments,
        replaced,
        skip: hook.skip,
        exit,
        last,
        any: exit_params(rest).iter().map(|t| *t == GoType::any()).collect(),
        end,
        named,
        passed,
        changes_export,
        context: None,
    })
}

fn default_arguments(
    function: &Function<'_>,
    misfit: &dyn Fn(Refused) -> Refusal,
) -> Result<Vec<String>, Refusal> {
    let unnamed = |what: String| misfit(messages::unnamed_parameter(&what));
    let mut out = Vec::new();
    if let Some(r) = &function.receiver {
        out.push(r.param.usable_name().ok_or_else(|| unnamed(messages::the_receiver().into()))?.to_owned());
    }
    for (i, p) in function.params.iter().enumerate() {
        out.push(p.usable_name().ok_or_else(|| unnamed(messages::parameter_number(i + 1)))?.to_owned());
    }
    Ok(out)
}

/// Returns what the exit among these results of a hook is given.
fn exit_params(rest: &[GoType]) -> &[GoType] {
    let exit = rest.iter().find_map(|t| match t {
        GoType::Func(f) if !f.params.is_empty() => Some(f.params.as_slice()),
        _ => None,
    });
    exit.unwrap_or_default()
}

/// Returns what the results of a hook after those that replace parameters are: an exit, an end, both or none.
fn exit_shape(rest: &[GoType], results: &[GoType]) -> Result<(Exit, bool, bool), String> {
    let is_end = |t: &GoType| matches!(t, GoType::Func(f) if f.params.is_empty() && f.results.is_empty() && !f.variadic);
    let error = [GoType::Basic("error".into())];
    let last = |f: &FuncType| results.len() > 1 && results.ends_with(&error) && f.params == error;
    let exit = |t: &GoType| -> Result<(Exit, bool), String> {
        let shown = results.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let expected = if results.is_empty() {
            messages::end_alone().to_owned()
        } else {
            let last =
                if results.len() > 1 && results.ends_with(&error) { messages::or_error_alone() } else { "" };
            messages::exit_and_end(&shown, last)
        };
        match t {
            // A value of any type is taken as it is, and so cannot be given back.
            GoType::Func(f)
                if f.results.is_empty()
                    && f.params.len() == results.len()
                    && !f.variadic
                    && f.params.iter().zip(results).all(|(p, r)| p == r || *p == GoType::any())
                    && !results.is_empty() =>
            {
                Ok((Exit::Observe, false))
            }
            GoType::Func(f) if !results.is_empty() && (f.params == results || last(f)) && !f.variadic => {
                if f.results.is_empty() {
                    Ok((Exit::Observe, last(f)))
                } else if f.results == f.params {
                    Ok((Exit::Replace, last(f)))
                } else {
                    Err(messages::exit_types(t, &expected))
                }
            }
            _ => Err(messages::no_exit_and_no_end(t, &expected)),
        }
    };
    match rest {
        [] => Ok((Exit::None, false, false)),
        [one] if is_end(one) => Ok((Exit::None, false, true)),
        [one] => exit(one).map(|(exit, last)| (exit, last, false)),
        [one, two] if is_end(two) => exit(one).map(|(exit, last)| (exit, last, true)),
        [_, two] => Err(messages::no_end(two)),
        more => Err(messages::many_hook_results(more.len())),
    }
}

/// Form in which result types can be written where the function is entered.
pub(crate) enum ResultTypes {
    /// Texts of the signature.
    Text(Vec<String>),
    /// A parameter hides a name in them, so the extra file must declare aliases.
    Aliases,
}

/// The result types of a function as text for its body.
pub(crate) fn result_types(file: &File<'_>, function: &Function<'_>) -> ResultTypes {
    let tree = &file.tree;
    let hidden: BTreeSet<&str> = function
        .params
        .iter()
        .chain(&function.results)
        .chain(function.receiver.iter().map(|r| &r.param))
        .filter_map(|p| p.name)
        .collect();
    let mut out = Vec::new();
    for r in &function.results {
        let span = tree.span(r.ty);
        let text = tree.text(span);
        let names_hidden = tree
            .descendants(r.ty)
            .chain([r.ty])
            .any(|n| matches!(tree.node(n), Node::Ident) && hidden.contains(tree.text(tree.span(n))));
        let commented = tree.comments().iter().any(|c| span.covers(*c));
        if names_hidden || commented || text.contains('\n') {
            return ResultTypes::Aliases;
        }
        out.push(text.to_owned());
    }
    ResultTypes::Text(out)
}

/// The type of the variables by which exits are deferred: given an exit, and where its results are.
pub(crate) fn leave_type() -> FuncType {
    let any = GoType::any();
    let params = vec![any.clone(), any];
    FuncType { params, variadic: true, results: vec![GoType::Func(Box::default())] }
}

/// A function whose hooks are inserted.
pub(crate) struct Hooked<'h> {
    pub function: &'h Function<'h>,
    /// The types of its results, as text.
    pub result_types: &'h [String],
    pub leaving: Leaving,
    /// Whether results without a name get one.
    pub named: bool,
    /// The functions of the package itself by which exits are deferred, one for each hook; empty where it has none.
    pub left: Vec<Option<String>>,
}

/// Declares the functions by which the exits of one function's hooks are deferred in a package whose export data change anyway.
pub(crate) fn declare_left(
    hooks: &[Fitted<'_>],
    leaving: &Leaving,
    function: &Function<'_>,
    results: &[GoType],
    extra: &mut ExtraFile<'_>,
) -> Vec<Option<String>> {
    let of = |h: &Fitted<'_>| leaving.defers(h).then(|| left(h, function.generic, given(h, results), extra));
    hooks.iter().map(of).collect()
}

/// Declares a function that is deferred with an exit and with where its results are.
fn left(h: &Fitted<'_>, generic: bool, results: &[GoType], extra: &mut ExtraFile<'_>) -> String {
    let written: Option<Vec<String>> = match generic {
        true => None,
        false => {
            let types: Result<Vec<_>, _> = results.iter().map(|ty| extra.writable(ty)).collect();
            types.ok().map(|types| types.iter().map(|ty| extra.write(ty)).collect())
        }
    };
    // Types that only the function can name are parameters.
    let (parameters, types) = match written {
        Some(types) => (String::new(), types),
        None => {
            let names: Vec<String> = (0..results.len()).map(|i| format!("R{i}")).collect();
            (format!("[{} interface{{}}]", names.join(", ")), names)
        }
    };
    let exit_types = exit_types(h, &types);
    let list = |text: &dyn Fn(usize) -> String| (0..types.len()).map(text).collect::<Vec<_>>().join(", ");
    let values = list(&|i| format!("*r{i}"));
    let places = list(&|i| format!("r{i} *{}", types[i]));
    let (back, set) = match h.exit {
        Exit::Replace => (format!(" ({exit_types})"), format!("{values} = ")),
        _ => (String::new(), String::new()),
    };
    let leave = "func(interface{}, ...interface{}) func()";
    extra.function(
        "weaveLeft",
        format!(
            "{parameters}(leave {leave}, exit func({exit_types}){back}, {places}) {{\n\tif leave(nil) != nil {{\n\t\t{set}exit({values})\n\t}}\n}}"
        ),
    )
}

/// Inserts the calls of all hooks of one function, in the order of the rules: the first is entered first and left last.
/// Gives back the variables by which exits are deferred.
pub(crate) fn insert(
    file: &File<'_>,
    hooked: &Hooked<'_>,
    hooks: &[Fitted<'_>],
    names: &Names<'_, '_>,
    edits: &mut Edits,
) -> BTreeSet<String> {
    let Hooked { function, result_types, leaving, .. } = hooked;
    let mut variables = BTreeSet::new();
    let Some(body) = function.body else { return variables };
    let tree = &file.tree;
    let inside = Span::new(body.lbrace + 1, body.rbrace);
    let owner = hooks.iter().map(|h| h.owner.as_str()).collect::<Vec<_>>().join(" and ");

    // Exits that each `return` calls, and those that are deferred.
    let (late, exits): (Vec<_>, Vec<_>) =
        hooks.iter().enumerate().filter(|(_, h)| h.exit != Exit::None).partition(|(_, h)| leaving.defers(h));
    let returns: Vec<Returned> =
        tree.returns(body.block).map(|r| Returned { span: r.span, bare: r.results.is_empty() }).collect();
    let results: Vec<String> =
        (0..function.results.len()).map(|i| names.fresh(&format!("weaveResult{i}"))).collect();
    // What a bare return gives back: the named results; a blank one can only be zero.
    let named: Vec<String> = function
        .results
        .iter()
        .zip(&results)
        .map(|(p, temp)| p.usable_name().map_or_else(|| temp.clone(), str::to_owned))
        .collect();
    // Where a deferred exit finds the results.
    let kept: Vec<String> = (0..results.len())
        .map(|i| match hooked.named {
            true => Slot::Result(i).name(function, names, &mut Vec::new()),
            false => named[i].clone(),
        })
        .collect();
    let keeps = |h: &Fitted<'_>| given(h, &kept).iter().any(|name| results.contains(name));
    let keeps_results = late.iter().any(|(_, h)| keeps(h)) || leaving.recovered;
    // A hook that skips the rest of the function is a return, too.
    let skips = |i: usize| hooks[i + 1..].iter().any(|h| h.skip);
    let leaves = |list: &[(usize, &Fitted<'_>)]| {
        !list.is_empty() && (!returns.is_empty() || list.iter().any(|&(i, _)| skips(i)))
    };
    let woven_returns = leaves(&exits) || keeps_results && (leaves(&late) || leaving.recovered);

    if woven_returns || keeps_results {
        let mut declarations = String::new();
        for (i, ty) in result_types.iter().enumerate() {
            let used_by_bare = named[i] == results[i] && !exits.is_empty() && returns.iter().any(|r| r.bare);
            let used_by_skip = exits.iter().chain(&late).any(|&(i, _)| skips(i));
            let takes = |h: &Fitted<'_>| h.context.is_some() || given(h, &kept).contains(&results[i]);
            let used_by_exit = keeps_results && hooks.iter().any(|h| h.exit != Exit::None && takes(h));
            if used_by_bare || used_by_skip || used_by_exit || returns.iter().any(|r| !r.bare) {
                declarations.push_str(&format!(" var {} {ty};", results[i]));
            }
        }
        edits.open(inside, Level::Block, 0, declarations, &owner);
    }
    let exit_name = |i: usize| names.fresh(&numbered("weaveExit", i));
    let of_context = |i: usize, outer: String| ContextNames {
        exit: exit_name(i),
        end: names.fresh(&numbered("weaveEnd", i)),
        skip: names.fresh(&numbered("weaveSkip", i)),
        values: names.fresh(&numbered("weaveValues", i)),
        value: names.fresh("weaveValue"),
        ok: names.fresh("weaveOk"),
        leave: names.fresh(&numbered("weaveLeave", i)),
        outer,
        keeps: keeps_results,
        results: &results,
        types: result_types,
    };
    let one_exit = |i: usize, h: &Fitted<'_>, values: &[String]| match &h.context {
        Some(context) => context.exit_call(&of_context(i, String::new()), values),
        None => exit_call(&exit_name(i), h, values, leaving.recovered),
    };
    for (i, h) in hooks.iter().enumerate() {
        let outer: String = exits
            .iter()
            .rev()
            .filter(|(outer, _)| *outer < i)
            .map(|&(outer, h)| one_exit(outer, h, &results))
            .collect();
        if let Some(context) = &h.context {
            let entry = context.entry(&of_context(i, outer));
            edits.open(inside, Level::Block, h.rank, entry, &h.owner);
            continue;
        }
        let deferred = leaving.defers(h);
        let defers = h.exit != Exit::None && (deferred || leaving.recovered);
        let leave = defers.then(|| {
            let variable = leave_variable(&h.variable);
            variables.insert(variable.clone());
            let own = hooked.left.get(i).and_then(Option::as_deref);
            Leave { name: names.fresh(&numbered("weaveLeave", i)), variable, own, at: given(h, &kept) }
        });
        let inserted = Inserted {
            exit: exit_name(i),
            exit_is: match (h.exit, deferred || woven_returns && leaves(&exits)) {
                (Exit::None, _) => ExitIs::Nothing,
                (_, false) => ExitIs::Dropped,
                (_, true) if deferred => ExitIs::Deferred,
                (_, true) => ExitIs::Called,
            },
            end: names.fresh(&numbered("weaveEnd", i)),
            skip: names.fresh(&numbered("weaveSkip", i)),
            leave,
            outer,
            keeps: keeps_results,
            results: &results,
            types: result_types,
        };
        let entry = entry_text(h, &inserted);
        edits.open(inside, Level::Block, h.rank, entry, &h.owner);
    }

    if woven_returns {
        let call = |values: &[String]| -> String {
            exits.iter().rev().map(|&(i, h)| one_exit(i, h, values)).collect()
        };
        for (n, r) in returns.iter().enumerate() {
            if r.bare && exits.is_empty() {
                continue;
            }
            if r.bare {
                let values = named.join(", ");
                edits.open(r.span, Level::Return, 0, format!("{{ {}", call(&named)), &owner);
                // The keyword alone would give back zero for a blank result.
                let blank = named.iter().zip(&results).any(|(a, b)| a == b);
                let tail = if blank { format!(" {values} }}") } else { " }".to_owned() };
                edits.close(r.span, Level::Return, 0, tail, &owner);
            } else {
                let eval = names.fresh(&format!("weaveEval{n}"));
                let label = names.fresh(&format!("weaveReturn{n}"));
                let values = results.join(", ");
                let begin = format!("switch {{ default: goto {eval}; {label}: {}", call(&results));
                edits.open(r.span, Level::Return, 0, begin, &owner);
                let after_keyword = Span::new(r.span.start + 6, r.span.end);
                let middle = format!(" {values}; {eval}: {values} =");
                edits.open(after_keyword, Level::Return, 0, middle, &owner);
                edits.close(r.span, Level::Return, 0, format!("; goto {label} }}"), &owner);
            }
        }
    }
    variables
}

struct Returned {
    span: Span,
    bare: bool,
}

/// Parts of the entry for one hook.
struct Inserted<'t> {
    exit: String,
    exit_is: ExitIs,
    end: String,
    skip: String,
    leave: Option<Leave<'t>>,
    /// Calls of the exits of hooks that were entered before.
    outer: String,
    /// Whether deferred exits see `results`.
    keeps: bool,
    results: &'t [String],
    types: &'t [String],
}

/// Use of the exit that a hook returns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExitIs {
    /// It gives none.
    Nothing,
    /// The function never returns.
    Dropped,
    /// Each `return` calls it.
    Called,
    /// It is deferred.
    Deferred,
}

/// Form of a deferred exit.
struct Leave<'t> {
    name: String,
    variable: String,
    /// A function of the package that is deferred instead.
    own: Option<&'t str>,
    /// Variables with the results that it is given.
    at: &'t [String],
}

/// The types of what an exit takes of these results.
fn exit_types(h: &Fitted<'_>, results: &[String]) -> String {
    let takes = |(i, t): (usize, &String)| match h.any.get(i) {
        Some(true) => "interface{}".to_owned(),
        _ => t.clone(),
    };
    results.iter().enumerate().map(takes).collect::<Vec<_>>().join(", ")
}

/// Calls an exit with the results that these variables have.
fn exit_call(exit: &str, h: &Fitted<'_>, values: &[String], once: bool) -> String {
    let values = given(h, values).join(", ");
    let set = if h.exit == Exit::Replace { format!("{values} = ") } else { String::new() };
    let once = if once { format!("; {exit} = nil") } else { String::new() };
    format!("if {exit} != nil {{ {set}{exit}({values}){once} }}; ")
}

/// Returns what of the results an exit is given.
fn given<'v, T>(h: &Fitted<'_>, results: &'v [T]) -> &'v [T] {
    if h.last { &results[results.len().saturating_sub(1)..] } else { results }
}

fn entry_text(h: &Fitted<'_>, inserted: &Inserted<'_>) -> String {
    let Inserted { exit, exit_is, end, skip, leave, outer, keeps, results, types } = inserted;
    let exit_types = exit_types(h, given(h, types));
    let types = types.join(", ");
    let mut out = String::new();
    let mut set: Vec<String> = h.replaced.clone();
    if h.skip {
        set.push(skip.clone());
    }
    let back = if h.exit == Exit::Replace { format!(" ({exit_types})") } else { String::new() };
    let exit_type = format!("func({exit_types}){back}");
    match exit_is {
        ExitIs::Nothing => {}
        ExitIs::Dropped => set.push("_".into()),
        ExitIs::Called => {
            out.push_str(&format!(" var {exit} {exit_type};"));
            set.push(exit.clone());
        }
        ExitIs::Deferred => set.push(exit.clone()),
    }
    out.push_str(&format!(" if {} != nil {{ ", h.variable));
    if *exit_is == ExitIs::Deferred {
        out.push_str(&format!("var {exit} {exit_type}; "));
    }
    if h.skip {
        let back = if types.is_empty() { String::new() } else { format!(" ({types})") };
        out.push_str(&format!("var {skip} func(){back}; "));
    }
    if h.end {
        out.push_str(&format!("var {end} func(); "));
        set.push(end.clone());
    }
    if !set.is_empty() {
        out.push_str(&format!("{} = ", set.join(", ")));
    }
    out.push_str(&format!("{}({})", h.variable, h.arguments.join(", ")));
    if h.end {
        out.push_str(&format!("; if {end} != nil {{ defer {end}() }}"));
    }
    if h.skip {
        let values = results.join(", ");
        let body = match (types.is_empty(), outer.is_empty() && !keeps) {
            (true, _) => format!("{skip}(); return"),
            (false, true) => format!("return {skip}()"),
            // The hooks around this one see the results as if the function had returned them.
            (false, false) => format!("{values} = {skip}(); {outer}return {values}"),
        };
        out.push_str(&format!("; if {skip} != nil {{ {body} }}"));
    }
    if let Some(Leave { name, variable, own, at }) = leave {
        // One that a `return` has called is nil then.
        let (given, known) = match exit_is {
            ExitIs::Called => (format!("&{exit}"), exit),
            _ => (exit.clone(), exit),
        };
        let places: String = at.iter().map(|name| format!(", &{name}")).collect();
        let defer = match own {
            Some(own) => format!("defer {own}({variable}, {given}{places})"),
            None => format!("{name} := {variable}({given}{places}); defer {name}()"),
        };
        out.push_str(&format!("; if {known} != nil && {variable} != nil {{ {defer} }}"));
    }
    out.push_str(" };");
    out
}

/// Gives names to places. In a list without names, every one gets a name.
pub(crate) fn name_places(
    file: &File<'_>,
    function: &Function<'_>,
    asked: &[Slot],
    names: &Names<'_, '_>,
    owner: &str,
    edits: &mut Edits,
) {
    let mut name = |place: Slot| {
        let Some(param) = place.param(function) else { return };
        let given = place.given_name(function, names);
        match param.name {
            // `_` stays and grows.
            Some(blank) => edits.insert(param.name_at, 0, &given[blank.len()..], owner),
            None => edits.insert(param.name_at, 0, format!("{given} "), owner),
        }
    };
    let mut all: BTreeSet<Slot> = asked.iter().copied().collect();
    for (list, of) in [
        (&function.params, Slot::Param as fn(usize) -> Slot),
        (&function.results, Slot::Result as fn(usize) -> Slot),
    ] {
        let unnamed = list.iter().all(|p| p.name.is_none());
        if unnamed && (0..list.len()).any(|i| all.contains(&of(i))) {
            all.extend((0..list.len()).map(of));
        }
    }
    all.iter().copied().for_each(&mut name);
    // One result without a name needs no parentheses, one with a name does.
    if all.iter().any(|p| matches!(p, Slot::Result(_)))
        && let Some(results) = function.results_node()
        && let Node::FieldList(list) = file.tree.node(results)
        && list.delimiter == weave_syntax::Delimiter::None
    {
        let span = file.tree.span(results);
        edits.open(span, Level::Statement, 0, "(", owner);
        edits.close(span, Level::Statement, 0, ")", owner);
    }
}

fn numbered(base: &str, i: usize) -> String {
    if i == 0 { base.to_owned() } else { format!("{base}{i}") }
}
