//! Running a template.

use std::collections::BTreeMap;

use crate::constant::Constant;
use crate::messages;
use crate::parse::{Branch, Command, Node, Pipe, Word, WordKind};
use crate::{Error, Functions, Value, format, functions};

/// Depth to which templates may call each other: as Go on 32 bits, and less than the stack of a thread.
const DEPTH: usize = 500;

/// Runs a template.
pub(crate) fn execute<'a>(
    text: &str,
    root: &[Node],
    defined: &BTreeMap<String, Vec<Node>>,
    data: &Value<'a>,
    functions: &Functions<'a>,
) -> Result<String, Error> {
    let mut state = State {
        text,
        defined,
        functions,
        out: String::new(),
        variables: vec![("$".into(), data.clone())],
        depth: 0,
    };
    state.list(data, root)?;
    Ok(state.out)
}

/// Outcome of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct State<'t, 'a> {
    text: &'t str,
    defined: &'t BTreeMap<String, Vec<Node>>,
    functions: &'t Functions<'a>,
    out: String,
    variables: Vec<(String, Value<'a>)>,
    depth: usize,
}

impl<'t, 'a> State<'t, 'a> {
    fn fail<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::new(self.text, at, message))
    }

    fn list(&mut self, dot: &Value<'a>, list: &'t [Node]) -> Result<Flow, Error> {
        for node in list {
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::On
                }
                Node::Action(pipe) => {
                    let value = self.pipeline(dot, pipe)?;
                    if pipe.variables.is_empty() {
                        self.print(&value);
                    }
                    Flow::On
                }
                Node::If(branch) => self.branch(dot, branch, false)?,
                Node::With(branch) => self.branch(dot, branch, true)?,
                Node::Range(branch) => self.range(dot, branch)?,
                Node::Template { at, name, pipe } => {
                    self.template(dot, *at, name, pipe.as_ref())?;
                    Flow::On
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn print(&mut self, value: &Value<'a>) {
        match value {
            Value::Nil => self.out.push_str("<no value>"),
            value => self.out.push_str(&format::sprint(std::slice::from_ref(value))),
        }
    }

    fn branch(&mut self, dot: &Value<'a>, branch: &'t Branch, with: bool) -> Result<Flow, Error> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        let flow = match (value.truth(), &branch.other) {
            (true, _) => self.list(if with { &value } else { dot }, &branch.list),
            (false, Some(other)) => self.list(dot, other),
            (false, None) => Ok(Flow::On),
        }?;
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn range(&mut self, dot: &Value<'a>, branch: &'t Branch) -> Result<Flow, Error> {
        let outer = self.variables.len();
        // What a range declares gets its values below, one after the other.
        let value = self.commands(dot, &branch.pipe)?;
        for name in branch.pipe.variables.iter().filter(|_| !branch.pipe.assigns) {
            self.variables.push((name.clone(), value.clone()));
        }
        let mark = self.variables.len();
        let items: Vec<(Value<'a>, Value<'a>)> = match &value {
            Value::List(list) => list.iter().enumerate().map(|(i, v)| (number(i), v.clone())).collect(),
            Value::Map(map) => map.iter().map(|(k, v)| (Value::string(k), v.clone())).collect(),
            Value::Int(n) => {
                if branch.pipe.variables.len() > 1 {
                    return self.fail(branch.pipe.at, messages::iterates_over_one(n));
                }
                (0..*n).map(|i| (Value::Int(i), Value::Int(i))).collect()
            }
            // An empty value has nothing to range over.
            Value::Nil => Vec::new(),
            other => {
                let message = messages::not_iterable(format::sprint(std::slice::from_ref(other)));
                return self.fail(branch.pipe.at, message);
            }
        };
        let mut flow = Flow::On;
        if items.is_empty() {
            if let Some(other) = &branch.other {
                flow = self.list(dot, other)?;
            }
            self.variables.truncate(outer);
            return Ok(flow);
        }
        for (key, item) in items {
            match branch.pipe.variables.as_slice() {
                [] => {}
                [one] => self.loop_variable(branch, one, 1, item.clone())?,
                [first, second, ..] => {
                    self.loop_variable(branch, first, 2, key)?;
                    self.loop_variable(branch, second, 1, item.clone())?;
                }
            }
            let end = self.list(&item, &branch.list)?;
            self.variables.truncate(mark);
            if end == Flow::Break {
                break;
            }
        }
        self.variables.truncate(outer);
        Ok(Flow::On)
    }

    /// Setss a variable of a range; one that it declares is that many places from the top.
    fn loop_variable(
        &mut self,
        branch: &Branch,
        name: &str,
        from_top: usize,
        value: Value<'a>,
    ) -> Result<(), Error> {
        if branch.pipe.assigns {
            return self.assign(branch.pipe.at, name, value);
        }
        let at = self.variables.len() - from_top;
        self.variables[at].1 = value;
        Ok(())
    }

    fn assign(&mut self, at: usize, name: &str, value: Value<'a>) -> Result<(), Error> {
        match self.variables.iter_mut().rev().find(|(n, _)| n == name) {
            Some((_, old)) => {
                *old = value;
                Ok(())
            }
            None => self.fail(at, messages::undefined_variable(name)),
        }
    }

    fn template(
        &mut self,
        dot: &Value<'a>,
        at: usize,
        name: &str,
        pipe: Option<&'t Pipe>,
    ) -> Result<(), Error> {
        let Some(list) = self.defined.get(name) else {
            return self.fail(at, messages::template_not_defined(name));
        };
        if self.depth == DEPTH {
            return self.fail(at, messages::templates_too_deep(DEPTH));
        }
        let data = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Value::Nil,
        };
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), data.clone())]);
        self.depth += 1;
        self.list(&data, list)?;
        self.depth -= 1;
        self.variables = outer;
        Ok(())
    }

    /// The value of a pipeline; what it declares is declared, what it sets is set.
    fn pipeline(&mut self, dot: &Value<'a>, pipe: &'t Pipe) -> Result<Value<'a>, Error> {
        let value = self.commands(dot, pipe)?;
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(pipe.at, name, value.clone())?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn commands(&mut self, dot: &Value<'a>, pipe: &'t Pipe) -> Result<Value<'a>, Error> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(dot, command, last)?);
        }
        Ok(last.unwrap_or(Value::Nil))
    }

    fn command(
        &mut self,
        dot: &Value<'a>,
        command: &'t Command,
        last: Option<Value<'a>>,
    ) -> Result<Value<'a>, Error> {
        let Some((first, arguments)) = command.words.split_first() else { return Ok(Value::Nil) };
        match &first.kind {
            WordKind::Field(names) => {
                let arguments = self.arguments(dot, arguments, last)?;
                self.members(first.at, dot, names, &arguments, matches!(dot, Value::Nil))
            }
            WordKind::Variable(name, names) => {
                let value = self.variable(first.at, name)?;
                if names.is_empty() {
                    self.no_arguments(first, arguments, last.as_ref())?;
                    return Ok(value);
                }
                let arguments = self.arguments(dot, arguments, last)?;
                self.members(first.at, &value, names, &arguments, false)
            }
            WordKind::Chain(inner, names) => {
                let value = self.word(dot, inner)?;
                let arguments = self.arguments(dot, arguments, last)?;
                self.members(first.at, &value, names, &arguments, false)
            }
            WordKind::Function(name) => self.function(dot, first.at, name, arguments, last),
            WordKind::Pipe(pipe) => {
                self.no_arguments(first, arguments, last.as_ref())?;
                self.pipeline(dot, pipe)
            }
            WordKind::Nil => self.fail(first.at, messages::nil_command()),
            WordKind::Dot => {
                self.no_arguments(first, arguments, last.as_ref())?;
                Ok(dot.clone())
            }
            WordKind::Constant(value) => {
                self.no_arguments(first, arguments, last.as_ref())?;
                Ok(constant(value))
            }
        }
    }

    fn no_arguments(&self, word: &Word, arguments: &[Word], last: Option<&Value<'a>>) -> Result<(), Error> {
        if arguments.is_empty() && last.is_none() {
            return Ok(());
        }
        self.fail(word.at, messages::argument_to_no_function())
    }

    fn arguments(
        &mut self,
        dot: &Value<'a>,
        words: &'t [Word],
        last: Option<Value<'a>>,
    ) -> Result<Vec<Value<'a>>, Error> {
        let mut values = Vec::new();
        for word in words {
            values.push(self.word(dot, word)?);
        }
        values.extend(last);
        Ok(values)
    }

    /// The value of an argument.
    fn word(&mut self, dot: &Value<'a>, word: &'t Word) -> Result<Value<'a>, Error> {
        match &word.kind {
            WordKind::Dot => Ok(dot.clone()),
            WordKind::Nil => Ok(Value::Nil),
            WordKind::Constant(value) => Ok(constant(value)),
            WordKind::Field(names) => self.members(word.at, dot, names, &[], matches!(dot, Value::Nil)),
            WordKind::Variable(name, names) => {
                let value = self.variable(word.at, name)?;
                self.members(word.at, &value, names, &[], false)
            }
            WordKind::Function(name) => self.function(dot, word.at, name, &[], None),
            WordKind::Pipe(pipe) => self.pipeline(dot, pipe),
            WordKind::Chain(inner, names) => {
                if matches!(inner.kind, WordKind::Nil) {
                    return self.fail(word.at, messages::explicit_nil());
                }
                let value = self.word(dot, inner)?;
                self.members(word.at, &value, names, &[], false)
            }
        }
    }

    fn variable(&self, at: usize, name: &str) -> Result<Value<'a>, Error> {
        match self.variables.iter().rev().find(|(n, _)| n == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.fail(at, messages::undefined_variable(name)),
        }
    }

    /// Members of members; the last one is given the arguments. What is not there has every field, as nothing.
    fn members(
        &self,
        at: usize,
        value: &Value<'a>,
        names: &[String],
        arguments: &[Value<'a>],
        root: bool,
    ) -> Result<Value<'a>, Error> {
        let mut value = value.clone();
        // What is not there at all, as opposed to a null.
        let mut absent = root;
        for (i, name) in names.iter().enumerate() {
            let arguments = if i + 1 == names.len() { arguments } else { &[] };
            absent |= matches!(&value, Value::Map(map) if !map.contains_key(name));
            if absent && arguments.is_empty() {
                return Ok(Value::Nil);
            }
            value = self.member(at, &value, name, arguments)?;
        }
        Ok(value)
    }

    fn member(
        &self,
        at: usize,
        value: &Value<'a>,
        name: &str,
        arguments: &[Value<'a>],
    ) -> Result<Value<'a>, Error> {
        match value {
            Value::Nil => self.fail(at, messages::nil_pointer(name)),
            Value::Map(map) => {
                if !arguments.is_empty() {
                    return self.fail(at, messages::no_method(name));
                }
                Ok(map.get(name).cloned().unwrap_or(Value::Nil))
            }
            Value::Object(object) => match object.member(name, arguments) {
                Ok(Some(value)) => Ok(value),
                Ok(None) => self.fail(at, messages::no_field(name, object.type_name())),
                Err(message) => self.fail(at, messages::error_calling(name, &message)),
            },
            other => self.fail(at, messages::no_field(name, other.type_name())),
        }
    }

    fn function(
        &mut self,
        dot: &Value<'a>,
        at: usize,
        name: &str,
        words: &'t [Word],
        last: Option<Value<'a>>,
    ) -> Result<Value<'a>, Error> {
        if let Some(function) = self.functions.get(name).cloned() {
            let arguments = self.arguments(dot, words, last)?;
            return function(&arguments)
                .or_else(|message| self.fail(at, messages::error_calling(name, &message)));
        }
        // These two look at their arguments only as far as they need to.
        if matches!(name, "and" | "or") {
            let until = name == "or";
            let mut value = None;
            for word in words {
                let next = self.word(dot, word)?;
                if next.truth() == until {
                    return Ok(next);
                }
                value = Some(next);
            }
            return match last.or(value) {
                Some(value) => Ok(value),
                None => self.fail(at, messages::no_arguments_for(name)),
            };
        }
        let arguments = self.arguments(dot, words, last)?;
        functions::call(name, &arguments)
            .or_else(|message| self.fail(at, messages::error_calling(name, &message)))
    }
}

fn constant<'a>(constant: &Constant) -> Value<'a> {
    match constant {
        Constant::Bool(b) => Value::Bool(*b),
        Constant::Int(i) => Value::Int(*i),
        Constant::Str(s) => Value::string(s),
    }
}

fn number<'a>(i: usize) -> Value<'a> {
    Value::Int(i64::try_from(i).unwrap_or(i64::MAX))
}
