//! Hooks that are given a context, as those of otelc and of Alibaba's agent are.
//!
//! On the line of the opening brace of a function whose results have names, or may get some:
//!
//! ```go
//! { if weave_x__y != nil { var weaveValues = []interface{}{db, query, nil, nil};
//!   weaveExit, weaveSkip := weave_x__y("sql", "Query", 2, weaveValues, db, query);
//!   weaveLeave := func() { ...; weave_x__y__leave(weaveExit, rows, err); ... };
//!   if weaveSkip { weaveLeave(); return }; defer weaveLeave() };
//! ```
//!
//! In the standard library, where neither a closure nor a named result may come in, each `return` calls the hook for the
//! end as exits are called, and what is deferred is a function that calls it where no `return` did.
//!
//! Values go through `[]interface{}` only where a hook asks its context for them; what a hook is given as a parameter is
//! given as it is. Hooks are called by functions beside them, which [`adapter`] writes: those make the context, and hold
//! up a panic of the hook.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use weave_ir::{FuncType, GoType, HookPair, LoweredDeclare, PairUses, PairedHook, assumed_name};
use weave_syntax::{Node, TokenKind, Tree};

use crate::messages;
use crate::package::aliases::Aliases;
use crate::package::file::{File, Function};
use crate::package::slot::{Names, Slot};
use crate::refusal::{Refusal, Refused};

/// Hooks with a context that fit a function.
#[derive(Clone)]
pub(crate) struct Context<'r> {
    hooks: &'r HookPair,
    package: String,
    function: String,
    /// Receiver and parameters: names, and types as the body can write them.
    params: Vec<(String, String)>,
    /// Names of the results; `None` where they have no names.
    results: Option<Vec<String>>,
    result_count: usize,
    /// The arguments of the first hook behind the values.
    arguments: String,
}

/// A function, as hooks with a context see it.
pub(crate) struct Subject<'s, 'a> {
    pub function: &'s Function<'a>,
    pub ty: &'s FuncType,
    pub receiver: Option<&'s GoType>,
    pub package_name: &'s str,
    /// Whether the package is one of the standard library, whose export data must stay as they are.
    pub std: bool,
}

/// Result of fitting, besides the context.
pub(crate) struct FittedContext<'r> {
    pub context: Context<'r>,
    pub named: Vec<Slot>,
    pub passed: Vec<Slot>,
}

/// Matches hooks against the function that they are for. `written` gives the text of a parameter's type.
pub(crate) fn fit<'r>(
    hooks: &'r HookPair,
    subject: &Subject<'_, '_>,
    names: &Names<'_, '_>,
    aliases: &Aliases,
    written: &mut dyn FnMut(Slot, &GoType) -> Result<String, String>,
) -> Result<FittedContext<'r>, Refusal> {
    let Subject { function, ty, receiver, .. } = subject;
    let mut places: Vec<(Slot, GoType)> = receiver.iter().map(|t| (Slot::Receiver, (*t).clone())).collect();
    places.extend(ty.body_params().into_iter().enumerate().map(|(i, t)| (Slot::Param(i), t)));
    let results: Vec<GoType> = ty.results.clone();
    let mut given = 0;
    let mut variadic = false;
    if let Some(hook) = &hooks.before {
        let signature = check(hook, function, ty, aliases, &places, "parameter")?;
        given = signature.params.len();
        variadic = signature.variadic;
    }
    if let Some(hook) = &hooks.after {
        let all: Vec<(Slot, GoType)> =
            results.iter().cloned().enumerate().map(|(i, t)| (Slot::Result(i), t)).collect();
        check(hook, function, ty, aliases, &all, "result")?;
    }
    let mut named = Vec::new();
    let mut passed = Vec::new();
    let mut params = Vec::new();
    let uses = hooks.uses;
    if given > 0 || uses.values || uses.set_params {
        for (place, ty) in &places {
            let name = place.name(function, names, &mut named);
            let text = if uses.set_params {
                written(*place, ty).map_err(|m| messages::parameter_type(m).boxed())?
            } else {
                String::new()
            };
            params.push((name, text));
            passed.push(*place);
        }
    }
    let mut arguments: String = params.iter().take(given).map(|(name, _)| format!(", {name}")).collect();
    if variadic {
        arguments.push_str("...");
    }
    let results_named = (!subject.std && (hooks.after.is_some() || uses.skip)).then(|| {
        (0..results.len()).map(|i| Slot::Result(i).name(function, names, &mut named)).collect::<Vec<_>>()
    });
    let context = Context {
        hooks,
        package: subject.package_name.to_owned(),
        function: function.name.to_owned(),
        params,
        results: results_named,
        result_count: results.len(),
        arguments,
    };
    Ok(FittedContext { context, named, passed })
}

/// Compares what a hook takes behind the context with what it is given; a hook that takes nothing else fits always.
pub(crate) fn check(
    hook: &PairedHook,
    function: &Function<'_>,
    ty: &FuncType,
    aliases: &Aliases,
    given: &[(Slot, GoType)],
    what: &str,
) -> Result<FuncType, Refusal> {
    let signature = FuncType::parse(&hook.signature).map_err(|e| {
        let message = messages::broken_signature(&hook.signature, &e);
        Box::new(message)
    })?;
    let misfit = |refused: Refused| {
        let types = given.iter().map(|(_, t)| t.to_string()).collect::<Vec<_>>().join(", ");
        Box::new(
            refused
                .note(None, messages::function_is(function.display(), ty))
                .note(hook.declared.clone(), messages::context_hook_takes(&hook.function, &signature))
                .help(messages::help_context_hook(if types.is_empty() { "nothing" } else { &types })),
        )
    };
    let taken = signature.body_params();
    if taken.is_empty() {
        return Ok(signature);
    }
    if taken.len() != given.len() {
        let plural = if given.len() == 1 { "" } else { "s" };
        return Err(misfit(messages::context_hook_count(
            if given.len() == 1 { "is" } else { "are" },
            given.len(),
            what,
            plural,
            if what == "parameter" && function.receiver.is_some() { ", the receiver included" } else { "" },
            &hook.function,
            taken.len(),
        )));
    }
    for (i, (takes, (place, is))) in taken.iter().zip(given).enumerate() {
        if aliases.canonical(takes) != *is && *takes != GoType::any() {
            let which = match place {
                Slot::Receiver => messages::the_receiver().to_owned(),
                Slot::Param(i) | Slot::Result(i) => messages::numbered(what, i + 1),
            };
            return Err(misfit(messages::context_hook_type(&which, is, i + 2, &hook.function, takes)));
        }
    }
    Ok(signature)
}

/// Names for one hook's part of a function.
pub(crate) struct Inserted<'t> {
    /// The context.
    pub exit: String,
    pub end: String,
    pub skip: String,
    pub values: String,
    pub value: String,
    pub ok: String,
    pub leave: String,
    /// Calls of the exits of hooks that were entered before, on the variables of the results.
    pub outer: String,
    /// Whether deferred exits see `results`.
    pub keeps: bool,
    /// Variables that exits see results in.
    pub results: &'t [String],
    /// Types of the results.
    pub types: &'t [String],
}

impl Context<'_> {
    /// Returns whether returns call the hook for the end.
    pub(crate) fn returns(&self) -> bool {
        self.results.is_none() && self.hooks.after.is_some() && self.result_count > 0
    }

    /// Returns whether the hook for the end is deferred where it sets results.
    pub(crate) fn defers(&self) -> bool {
        self.results.is_some() && self.hooks.after.is_some() && self.sets_results()
    }

    /// Returns whether what the hooks set becomes the results.
    pub(crate) fn sets_results(&self) -> bool {
        self.hooks.uses.set_results
    }

    pub(crate) fn skips(&self) -> bool {
        self.hooks.uses.skip
    }

    fn has_values(&self) -> bool {
        let u = self.hooks.uses;
        u.values || u.set_params || u.set_results
    }

    /// Returns the code for the entry of the function.
    pub(crate) fn entry(&self, n: &Inserted<'_>) -> String {
        let mut out = String::new();
        let Inserted { exit, skip, values, .. } = n;
        let count = self.params.len();
        // What returns use is declared for the whole function.
        if self.returns() {
            let _ = write!(out, " var {exit} interface{{}};");
            if self.has_values() {
                let _ = write!(out, " var {values} []interface{{}};");
            }
        }
        let _ = write!(out, " if {} != nil {{ ", self.hooks.variable);
        let mut passed = "nil";
        if self.has_values() {
            let declare = if self.returns() { "" } else { "var " };
            let names = self.params.iter().map(|(name, _)| name.clone());
            let list: Vec<String> = names.chain((0..self.result_count).map(|_| "nil".to_owned())).collect();
            let _ = write!(out, "{declare}{values} = []interface{{}}{{{}}}; ", list.join(", "));
            passed = values;
        }
        let call = format!(
            "{}({:?}, {:?}, {count}, {passed}{})",
            self.hooks.variable, self.package, self.function, self.arguments
        );
        let keeps = self.hooks.after.is_some();
        match (keeps, self.skips(), self.returns()) {
            (_, true, true) => {
                let _ = write!(out, "var {skip} bool; {exit}, {skip} = {call}");
            }
            (_, false, true) => {
                let _ = write!(out, "{exit}, _ = {call}");
            }
            (true, true, false) => {
                let _ = write!(out, "{exit}, {skip} := {call}");
            }
            (true, false, false) => {
                let _ = write!(out, "{exit}, _ := {call}");
            }
            (false, true, false) => {
                let _ = write!(out, "_, {skip} := {call}");
            }
            (false, false, false) => out.push_str(&call),
        }
        if self.hooks.uses.set_params {
            for (i, (name, ty)) in self.params.iter().enumerate() {
                let what = format!("parameter {i}");
                let _ = write!(out, "; {}", self.take(n, i, name, ty, &what));
            }
        }
        match &self.results {
            Some(names) => self.leave_by_closure(&mut out, n, names),
            None => self.leave_by_returns(&mut out, n),
        }
        out.push_str(" };");
        out
    }

    fn leave_by_closure(&self, out: &mut String, n: &Inserted<'_>, names: &[String]) {
        let keeps = self.hooks.after.is_some();
        if keeps {
            let all: Vec<String> =
                self.params.iter().map(|(name, _)| name.clone()).chain(names.to_vec()).collect();
            let mut body = String::new();
            if self.has_values() && !all.is_empty() {
                let places: Vec<String> = (0..all.len()).map(|i| format!("{}[{i}]", n.values)).collect();
                let _ = write!(body, "{} = {}; ", places.join(", "), all.join(", "));
            }
            body.push_str(&self.leave(n, names));
            let _ = write!(out, "; {} := func() {{ {body} }}", n.leave);
        }
        if self.skips() {
            let _ = write!(out, "; if {} {{ ", n.skip);
            if self.sets_results() {
                for (i, name) in names.iter().enumerate() {
                    let at = self.params.len() + i;
                    let _ = write!(out, "{}; ", self.take(n, at, name, &n.types[i], &format!("result {i}")));
                }
            }
            if keeps {
                let _ = write!(out, "{}(); ", n.leave);
            }
            if n.outer.is_empty() || names.is_empty() {
                out.push_str("return }");
            } else {
                let temps = n.results.join(", ");
                let _ = write!(out, "{temps} = {}; {}return {temps} }}", names.join(", "), n.outer);
            }
        }
        if keeps {
            let _ = write!(out, "; defer {}()", n.leave);
        }
    }

    fn leave_by_returns(&self, out: &mut String, n: &Inserted<'_>) {
        if self.skips() {
            let _ = write!(out, "; if {} {{ ", n.skip);
            let names: Vec<String> = (0..self.result_count).map(|i| format!("{}{i}", n.skip)).collect();
            for (i, name) in names.iter().enumerate() {
                let _ = write!(out, "var {name} {}; ", n.types[i]);
                if self.sets_results() {
                    let at = self.params.len() + i;
                    let _ = write!(out, "{}; ", self.take(n, at, name, &n.types[i], &format!("result {i}")));
                }
            }
            if self.hooks.after.is_some() {
                let _ = write!(out, "{}; ", self.left(n, &names));
            }
            match (names.is_empty(), n.outer.is_empty()) {
                (true, _) => out.push_str("return }"),
                (false, true) if !n.keeps => {
                    let _ = write!(out, "return {} }}", names.join(", "));
                }
                (false, _) => {
                    let temps = n.results.join(", ");
                    let _ = write!(out, "{temps} = {}; {}return {temps} }}", names.join(", "), n.outer);
                }
            }
        }
        if self.hooks.after.is_some() {
            let _ = write!(out, "; {} := {}({}); defer {}()", n.end, self.hooks.end(), n.exit, n.end);
        }
    }

    /// The call of the hook for the end with the results that these variables have.
    pub(crate) fn exit_call(&self, n: &Inserted<'_>, names: &[String]) -> String {
        format!("if {} != nil {{ {} }}; ", n.exit, self.left(n, names))
    }

    fn left(&self, n: &Inserted<'_>, names: &[String]) -> String {
        let mut out = String::new();
        if self.has_values() && !names.is_empty() {
            let first = self.params.len();
            let places: Vec<String> =
                (0..names.len()).map(|i| format!("{}[{}]", n.values, first + i)).collect();
            let _ = write!(out, "{} = {}; ", places.join(", "), names.join(", "));
        }
        out.push_str(&self.leave(n, names));
        out
    }

    fn leave(&self, n: &Inserted<'_>, names: &[String]) -> String {
        let takes = self.hooks.after.as_ref().is_some_and(|h| {
            FuncType::parse(&h.signature).is_ok_and(|signature| !signature.params.is_empty())
        });
        let arguments: String = names.iter().filter(|_| takes).map(|name| format!(", {name}")).collect();
        let mut out = format!("{}({}{arguments})", self.hooks.leave(), n.exit);
        if self.sets_results() {
            for (i, name) in names.iter().enumerate() {
                let at = self.params.len() + i;
                let _ = write!(out, "; {}", self.take(n, at, name, &n.types[i], &format!("result {i}")));
            }
        }
        out
    }

    /// Takes one of the values back.
    pub(crate) fn take(&self, n: &Inserted<'_>, at: usize, name: &str, ty: &str, what: &str) -> String {
        let Inserted { values, value, ok, .. } = n;
        let complaint = messages::other_dynamic_type(&self.package, &self.function, what);
        format!(
            "if {value}, {ok} := {values}[{at}].({ty}); {ok} {{ {name} = {value} }} else if {values}[{at}] == nil \
             {{ var {value} {ty}; {name} = {value} }} else {{ println({complaint:?}) }}"
        )
    }
}

/// The type of a parameter or result as text for the function's body; `None` if a parameter hides a name in it, or it is
/// not on one line.
pub(crate) fn written_type(file: &File<'_>, function: &Function<'_>, place: Slot) -> Option<String> {
    let tree = &file.tree;
    let param = place.param(function)?;
    let (id, dots) = match tree.node(param.ty) {
        Node::Ellipsis(e) => (e.element?, true),
        _ => (param.ty, false),
    };
    let hidden: BTreeSet<&str> = function
        .params
        .iter()
        .chain(&function.results)
        .chain(function.receiver.iter().map(|r| &r.param))
        .filter_map(|p| p.name)
        .collect();
    let span = tree.span(id);
    let text = tree.text(span);
    let names_hidden = tree
        .descendants(id)
        .chain([id])
        .any(|n| matches!(tree.node(n), Node::Ident) && hidden.contains(tree.node_text(n)));
    let commented = tree.comments().iter().any(|c| span.covers(*c));
    (!names_hidden && !commented && !text.contains('\n'))
        .then(|| if dots { format!("[]{text}") } else { text.to_owned() })
}

/// The types of the variables of a rule, in the order of [`HookPair::variables`].
pub(crate) fn variable_types(hooks: &HookPair) -> Result<Vec<FuncType>, String> {
    let basic = |name: &str| GoType::Basic(name.to_owned());
    let behind = |hook: &Option<PairedHook>| -> Result<FuncType, String> {
        match hook {
            Some(h) => FuncType::parse(&h.signature).map_err(|e| format!("`{}`: {e}", h.signature)),
            None => Ok(FuncType::default()),
        }
    };
    let before = behind(&hooks.before)?;
    let mut params =
        vec![basic("string"), basic("string"), basic("int"), GoType::Slice(Box::new(GoType::any()))];
    params.extend(before.params);
    let mut out =
        vec![FuncType { params, variadic: before.variadic, results: vec![GoType::any(), basic("bool")] }];
    if hooks.after.is_some() {
        let after = behind(&hooks.after)?;
        let mut params = vec![GoType::any()];
        params.extend(after.params);
        out.push(FuncType { params, variadic: after.variadic, results: Vec::new() });
        let end = GoType::Func(Box::default());
        out.push(FuncType { params: vec![GoType::any()], variadic: false, results: vec![end] });
    }
    Ok(out)
}

/// Returns what a hook does with its context, as far as its own text tells. A context that is more than the receiver of calls
/// may be used in any way.
pub(crate) fn uses(tree: &Tree<'_>, name: Option<&str>, body: weave_syntax::NodeId) -> PairUses {
    let mut uses = PairUses::default();
    let Some(name) = name.filter(|n| *n != "_") else { return uses };
    let span = tree.span(body);
    let tokens = tree.tokens().significant();
    let from = tokens.partition_point(|t| t.start < span.start);
    let word = |i: usize| tokens.get(i).map_or("", |t| tree.text(t.span()));
    for (i, token) in tokens.iter().enumerate().skip(from).take_while(|(_, t)| t.start < span.end) {
        if token.kind != TokenKind::Ident || word(i) != name {
            continue;
        }
        // Another one's field or method of that name.
        if i > 0 && tokens[i - 1].kind == TokenKind::Dot {
            continue;
        }
        let called = tokens.get(i + 1).is_some_and(|t| t.kind == TokenKind::Dot) && word(i + 3) == "(";
        match word(i + 2) {
            "SetSkipCall" if called => uses.skip = true,
            "GetParam" | "GetParamCount" | "GetReturnVal" | "GetReturnValCount" if called => {
                uses.values = true
            }
            "SetParam" if called => uses.set_params = true,
            "SetReturnVal" if called => uses.set_results = true,
            "IsSkipCall" | "SetData" | "GetData" | "SetKeyData" | "GetKeyData" | "HasKeyData"
            | "GetFuncName" | "GetPackageName"
                if called => {}
            _ => return PairUses::ALL,
        }
    }
    uses
}

/// Returns what the hooks package gets: the context, and beside each hook a function that makes it and calls the hook.
pub(crate) fn adapter(
    instrumentation: &str,
    package: &str,
    taken: &dyn Fn(&str) -> bool,
    hooks: &[&HookPair],
) -> Result<LoweredDeclare, String> {
    let suffix = weave_ir::sanitize(instrumentation);
    let context = format!("weaveContext_{suffix}");
    let recovered = format!("weaveRecovered_{suffix}");
    // The name of each package that signatures name.
    let mut aliases: BTreeMap<String, String> = BTreeMap::new();
    let signatures = |h: &HookPair| -> Result<Vec<FuncType>, String> { variable_types(h) };
    for h in hooks {
        for signature in signatures(h)? {
            GoType::Func(Box::new(signature)).each_name(&mut |path, _| {
                if path == package || aliases.contains_key(path) {
                    return;
                }
                let mut name = assumed_name(path);
                while taken(&name) || aliases.values().any(|n| *n == name) {
                    name.push('_');
                }
                aliases.insert(path.to_owned(), name);
            });
        }
    }
    let go = |t: &GoType| t.to_go(&|path| aliases.get(path).cloned().unwrap_or_default());
    let mut out = CONTEXT.replace("weaveContext", &context).replace("weaveRecovered", &recovered);
    for h in hooks {
        let types = signatures(h)?;
        let parameters = |f: &FuncType, skip: usize| -> (String, String) {
            let last = f.params.len().wrapping_sub(1);
            let mut declared = String::new();
            let mut given = String::new();
            for (i, t) in f.params.iter().enumerate().skip(skip) {
                let dots = if f.variadic && i == last { "..." } else { "" };
                let _ = write!(declared, ", p{i} {dots}{}", go(t));
                let _ = write!(given, ", p{i}{dots}");
            }
            (declared, given)
        };
        let name = &h.function;
        let (declared, given) = parameters(&types[0], 4);
        let call = h.before.as_ref().map_or(String::new(), |b| {
            format!("\tdefer {recovered}({:?})\n\t{}(c{given})\n", b.function, b.function)
        });
        let _ = write!(
            out,
            "\n// WeaveEnter_{name} is called where a woven function is entered.\n\
             func WeaveEnter_{name}(pkg, function string, params int, values []interface{{}}{declared}) (context interface{{}}, skip bool) {{\n\
             \tc := &{context}{{pkg: pkg, function: function, params: params, values: values}}\n\
             \tcontext = c\n{call}\treturn c, c.skip\n}}\n",
        );
        let (Some(after), Some(leave)) = (&h.after, types.get(1)) else { continue };
        let (declared, given) = parameters(leave, 1);
        let _ = write!(
            out,
            "\n// WeaveLeave_{name} is called where a woven function is left.\n\
             func WeaveLeave_{name}(context interface{{}}{declared}) {{\n\
             \tc := context.(*{context})\n\tc.left = true\n\tdefer {recovered}({:?})\n\t{}(c{given})\n}}\n",
            after.function, after.function
        );
        let zeros: String = leave
            .params
            .iter()
            .enumerate()
            .skip(1)
            .map(|(i, t)| {
                let slice = if leave.variadic && i + 1 == leave.params.len() { "[]" } else { "" };
                format!("\t\tvar p{i} {slice}{}\n", go(t))
            })
            .collect();
        let _ = write!(
            out,
            "\n// WeaveEnd_{name} gives what is deferred in a woven function that may end without a return.\n\
             func WeaveEnd_{name}(context interface{{}}) func() {{\n\
             \treturn func() {{\n\t\tif context.(*{context}).left {{\n\t\t\treturn\n\t\t}}\n{zeros}\
             \t\tWeaveLeave_{name}(context{given})\n\t}}\n}}\n",
        );
    }
    let imports = aliases.into_iter().map(|(path, name)| (name, path)).collect();
    Ok(LoweredDeclare { text: out, imports, ..LoweredDeclare::default() })
}

/// The context of hooks. It is what both peers' interfaces ask for, and imports nothing.
const CONTEXT: &str = r#"// weaveContext is what hooks of one call of a woven function share.
type weaveContext struct {
	pkg, function string
	// Receiver and parameters, then results; nil if no hook asks for them.
	values []interface{}
	params int
	data   interface{}
	keys   map[string]interface{}
	skip   bool
	left   bool
}

// SetSkipCall says whether the rest of the function is left out.
func (c *weaveContext) SetSkipCall(skip bool) { c.skip = skip }

// IsSkipCall tells what SetSkipCall said.
func (c *weaveContext) IsSkipCall() bool { return c.skip }

// SetData keeps a value for the hook that is called later.
func (c *weaveContext) SetData(data interface{}) {
	c.data = data
	if keys, ok := data.(map[string]interface{}); ok {
		c.keys = keys
	}
}

// GetData gives what was kept.
func (c *weaveContext) GetData() interface{} {
	if c.data == nil && c.keys != nil {
		return c.keys
	}
	return c.data
}

// SetKeyData keeps a value by a key.
func (c *weaveContext) SetKeyData(key string, val interface{}) {
	if c.keys == nil {
		c.keys = make(map[string]interface{})
	}
	c.keys[key] = val
}

// GetKeyData gives the value of a key.
func (c *weaveContext) GetKeyData(key string) interface{} { return c.keys[key] }

// HasKeyData tells whether a key has a value.
func (c *weaveContext) HasKeyData(key string) bool {
	_, ok := c.keys[key]
	return ok
}

// GetParamCount counts the parameters, the receiver included.
func (c *weaveContext) GetParamCount() int { return c.params }

// GetParam gives a parameter; a method's first one is its receiver.
func (c *weaveContext) GetParam(idx int) interface{} {
	if idx < 0 || idx >= c.params {
		return nil
	}
	return c.values[idx]
}

// SetParam sets a parameter.
func (c *weaveContext) SetParam(idx int, val interface{}) {
	if idx < 0 || idx >= c.params {
		panic("SetParam: " + c.pkg + "." + c.function + " has no such parameter")
	}
	c.values[idx] = val
}

// GetReturnValCount counts the results.
func (c *weaveContext) GetReturnValCount() int { return len(c.values) - c.params }

// GetReturnVal gives a result.
func (c *weaveContext) GetReturnVal(idx int) interface{} {
	if idx < 0 || c.params+idx >= len(c.values) {
		return nil
	}
	return c.values[c.params+idx]
}

// SetReturnVal sets a result.
func (c *weaveContext) SetReturnVal(idx int, val interface{}) {
	if idx < 0 || c.params+idx >= len(c.values) {
		panic("SetReturnVal: " + c.pkg + "." + c.function + " has no such result")
	}
	c.values[c.params+idx] = val
}

// GetFuncName names the woven function.
func (c *weaveContext) GetFuncName() string { return c.function }

// GetPackageName names the package of the woven function.
func (c *weaveContext) GetPackageName() string { return c.pkg }

// weaveRecovered keeps a panic of a hook from the program, and tells of it.
func weaveRecovered(hook string) {
	switch v := recover().(type) {
	case nil:
	case error:
		println("goweave: the hook", hook, "panicked:", v.Error())
	case interface{ String() string }:
		println("goweave: the hook", hook, "panicked:", v.String())
	case string:
		println("goweave: the hook", hook, "panicked:", v)
	default:
		println("goweave: the hook", hook, "panicked")
	}
}
"#;
