//! Running a template. The order of every evaluation is Go's, since errors name the part that was being evaluated.

use crate::collections::Gather;
use std::fmt::Display;

use super::node::{Branch, Call, Command, Node, Operand, Pipe, Term};
use super::number::Constant;
use super::parse::Definitions;
use super::print::{print, printf, println, Unprintable, MAX_TEXT};
use super::quote::{is_print, quote};
use super::value::{Basic, Fields, Value};
use super::{ExecError, NotEvaluated};

/// Go's limit for templates inside templates.
const GO_MAX_DEPTH: usize = 100_000;

/// Evaluations in one rendering.
const MAX_STEPS: usize = 100_000;

/// Bytes made in one rendering, intermediate texts included.
const MAX_WORK: usize = 4 * 1024 * 1024;

/// Blocks, parentheses and templates inside each other while running.
const MAX_NESTING: usize = 200;

/// What a template is run with.
pub(super) struct Input<'i> {
    pub fields: Fields,
    /// What Go calls the type of the struct with the fields.
    pub type_name: &'static str,
    pub label: &'i dyn Fn(&[u8]) -> Option<Vec<u8>>,
}

pub(super) fn run(definitions: &Definitions, input: &Input<'_>) -> Result<Vec<u8>, ExecError> {
    let dot = Value::Data(input.fields.clone());
    let mut state = State {
        definitions,
        input,
        name: b"",
        variables: vec![("$", dot.clone())],
        at: At::Nowhere,
        calls: Vec::new(),
        out: Vec::new(),
        nesting: 0,
        steps: 0,
        work: 0,
    };
    state.list(&dot, definitions.get(&b""[..]).map_or(&[], Vec::as_slice))?;
    Ok(state.out)
}

/// The part that an error would be reported at.
#[derive(Clone, Copy)]
enum At<'t> {
    Nowhere,
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
    Call(&'t Call),
}

/// How a list of nodes ended.
enum Flow {
    Next,
    Break,
    Continue,
}

/// What the dot is inside of a condition.
enum Dot {
    /// The same as outside: `if`.
    Kept,
    /// The value of the condition: `with`.
    Value,
}

/// The type of a parameter.
#[derive(Clone, Copy, PartialEq)]
enum Parameter {
    /// Anything, nil included.
    Any,
    /// Go's `string`.
    Text,
}

/// A template being run inside another.
struct Frame<'t> {
    call: &'t Call,
    /// The template with the call in it.
    caller: &'t [u8],
    dot: Value,
}

struct State<'t, 'i> {
    definitions: &'t Definitions,
    input: &'i Input<'i>,
    /// The template being run.
    name: &'t [u8],
    variables: Vec<(&'t str, Value)>,
    at: At<'t>,
    calls: Vec<Frame<'t>>,
    out: Vec<u8>,
    nesting: usize,
    steps: usize,
    work: usize,
}

fn not_evaluated(reason: &str) -> ExecError {
    ExecError::NotEvaluated(NotEvaluated { reason: reason.into() })
}

impl From<Unprintable> for ExecError {
    fn from(what: Unprintable) -> Self {
        not_evaluated(what.0)
    }
}

impl<'t> State<'t, '_> {
    fn fail<T>(&self, message: impl Display) -> Result<T, ExecError> {
        let (pos, context) = match self.at {
            At::Nowhere => (0, String::new()),
            At::Pipe(pipe) => (pipe.pos, pipe.to_string()),
            At::Command(command) => (command.pos, command.to_string()),
            At::Operand(operand) => (operand.pos, operand.to_string()),
            At::Call(call) => (call.pos, call.to_string()),
        };
        Err(ExecError::Go { offset: pos, name: self.name.to_vec(), context, message: message.to_string() })
    }

    fn step(&mut self) -> Result<(), ExecError> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(not_evaluated("a template that takes more than 100000 steps"));
        }
        Ok(())
    }

    fn made(&mut self, bytes: usize) -> Result<(), ExecError> {
        self.work += bytes;
        if bytes > MAX_TEXT || self.work > MAX_WORK {
            return Err(not_evaluated("a template that makes very long texts"));
        }
        Ok(())
    }

    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, ExecError>) -> Result<T, ExecError> {
        self.step()?;
        if self.nesting >= MAX_NESTING {
            return Err(not_evaluated("blocks, parentheses or templates nested more than 200 deep"));
        }
        self.nesting += 1;
        let result = run(self);
        self.nesting -= 1;
        result
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ExecError> {
        self.made(bytes.len())?;
        if self.out.len() + bytes.len() > MAX_TEXT {
            return Err(not_evaluated("a result of more than 60000 bytes"));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn list(&mut self, dot: &Value, list: &'t [Node]) -> Result<Flow, ExecError> {
        self.deeper(|state| {
            for node in list {
                match state.node(dot, node)? {
                    Flow::Next => {}
                    flow => return Ok(flow),
                }
            }
            Ok(Flow::Next)
        })
    }

    fn node(&mut self, dot: &Value, node: &'t Node) -> Result<Flow, ExecError> {
        match node {
            Node::Text(text) => self.write(text.as_bytes())?,
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    let text = match value {
                        Value::Nothing => b"<no value>".to_vec(),
                        value => print(&[value], self.input.type_name)?,
                    };
                    self.write(&text)?;
                }
            }
            Node::If(branch) => return self.condition(dot, branch, Dot::Kept),
            Node::With(branch) => return self.condition(dot, branch, Dot::Value),
            Node::Range(branch) => return self.range(dot, branch),
            Node::Template(call) => self.call(dot, call)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn condition(&mut self, dot: &Value, branch: &'t Branch, inside: Dot) -> Result<Flow, ExecError> {
        let scope = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let flow = match (value.truth(), &branch.otherwise) {
            (true, _) => match inside {
                Dot::Kept => self.list(dot, &branch.list)?,
                Dot::Value => self.list(&value, &branch.list)?,
            },
            (false, Some(otherwise)) => self.list(dot, otherwise)?,
            (false, None) => Flow::Next,
        };
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn range(&mut self, dot: &Value, branch: &'t Branch) -> Result<Flow, ExecError> {
        let outer = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let scope = self.variables.len();
        let count = match &value {
            Value::Nothing => 0,
            Value::Int(_) | Value::Byte(_) if branch.pipe.variables.len() > 1 => {
                let text = self.plain(&value)?;
                return self.fail(format_args!("can't use {text} to iterate over more than one variable"));
            }
            Value::Int(count) => *count,
            Value::Byte(count) => i64::from(*count),
            _ => {
                let text = self.plain(&value)?;
                return self.fail(format_args!("range can't iterate over {text}"));
            }
        };
        for index in 0..count {
            self.step()?;
            let element = match &value {
                Value::Byte(_) => Value::Byte(u8::try_from(index).unwrap_or(u8::MAX)),
                _ => Value::Int(index),
            };
            if let Some(name) = branch.pipe.variables.first() {
                if branch.pipe.assign {
                    self.assign(name, element.clone())?;
                } else if let Some((_, variable)) = self.variables.last_mut() {
                    *variable = element.clone();
                }
            }
            let flow = self.list(&element, &branch.list)?;
            self.variables.truncate(scope);
            if let Flow::Break = flow {
                break;
            }
        }
        let mut flow = Flow::Next;
        if let (true, Some(otherwise)) = (count <= 0, &branch.otherwise) {
            flow = self.list(dot, otherwise)?;
        }
        self.variables.truncate(outer);
        Ok(flow)
    }

    fn plain(&self, value: &Value) -> Result<String, ExecError> {
        let text = print(std::slice::from_ref(value), self.input.type_name)?;
        text_of(text)
    }

    fn call(&mut self, dot: &Value, call: &'t Call) -> Result<(), ExecError> {
        self.at = At::Call(call);
        let Some((name, list)) = self.definitions.get_key_value(&call.name) else {
            return self.fail(format_args!("template {} not defined", quote(&call.name)));
        };
        let value = match &call.pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nothing,
        };
        // The same template with the same dot inside itself never ends, for nothing else reaches it.
        if let Some(first) = self.calls.iter().position(|frame| frame.call.name == *name && frame.dot == value) {
            return self.endless(first, call);
        }
        self.calls.push(Frame { call, caller: self.name, dot: value.clone() });
        let at = self.at;
        let name_before = std::mem::replace(&mut self.name, name);
        let variables = std::mem::replace(&mut self.variables, vec![("$", value.clone())]);
        self.list(&value, list)?;
        self.variables = variables;
        self.name = name_before;
        self.at = at;
        self.calls.pop();
        Ok(())
    }

    /// Where Go gives up: the calls after the first go round in a circle until the limit.
    fn endless(&mut self, first: usize, last: &'t Call) -> Result<(), ExecError> {
        let round = self.calls.len() - first;
        let place = (GO_MAX_DEPTH - first - 1) % round;
        match self.calls.get(first + 1 + place) {
            Some(frame) => (self.at, self.name) = (At::Call(frame.call), frame.caller),
            None => self.at = At::Call(last),
        }
        self.fail(format_args!("exceeded maximum template depth ({GO_MAX_DEPTH})"))
    }

    fn assign(&mut self, name: &str, value: Value) -> Result<(), ExecError> {
        match self.variables.iter_mut().rev().find(|(there, _)| *there == name) {
            Some((_, variable)) => {
                *variable = value;
                Ok(())
            }
            None => self.fail(format_args!("undefined variable: {name}")),
        }
    }

    fn pipe(&mut self, dot: &Value, pipe: &'t Pipe) -> Result<Value, ExecError> {
        let value = self.deeper(|state| {
            state.at = At::Pipe(pipe);
            let mut value = None;
            for command in &pipe.commands {
                value = Some(state.command(dot, command, value)?);
            }
            Ok(value.unwrap_or(Value::Nothing))
        })?;
        for name in &pipe.variables {
            if pipe.assign {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    /// `last` is the value of the command before, which is the last argument of this one.
    fn command(&mut self, dot: &Value, command: &'t Command, last: Option<Value>) -> Result<Value, ExecError> {
        let first = &command.first;
        let extra = !command.arguments.is_empty() || last.is_some();
        match &first.term {
            Term::Field(names) => {
                self.at = At::Operand(first);
                self.fields(dot.clone(), names, extra)
            }
            Term::Chain(base, names) => self.chain(dot, first, base, names, extra),
            Term::Identifier(name) => {
                self.at = At::Operand(first);
                self.function(dot, name, At::Command(command), &command.arguments, last)
            }
            Term::Pipe(pipe) => {
                self.no_function(first, extra)?;
                self.pipe(dot, pipe)
            }
            Term::Variable(name, names) => self.variable(first, name, names, extra),
            _ => {
                self.at = At::Operand(first);
                self.no_function(first, extra)?;
                match &first.term {
                    Term::Nil => self.fail("nil is not a command"),
                    Term::Dot => Ok(dot.clone()),
                    _ => self.constant(first),
                }
            }
        }
    }

    fn no_function(&self, first: &Operand, extra: bool) -> Result<(), ExecError> {
        if extra {
            self.fail(format_args!("can't give argument to non-function {first}"))
        } else {
            Ok(())
        }
    }

    /// A literal where its own form decides the type.
    fn constant(&mut self, operand: &'t Operand) -> Result<Value, ExecError> {
        self.at = At::Operand(operand);
        match &operand.term {
            Term::Bool(value) => Ok(Value::Bool(*value)),
            Term::Text(_, value) => Ok(Value::Text(value.clone())),
            Term::Number(number) => match number.value {
                Constant::Int(value) => Ok(Value::Int(value)),
                Constant::Float(value) => Ok(Value::Float(value)),
                Constant::Complex(real, imaginary) => Ok(Value::Complex(real, imaginary)),
                Constant::Overflow => self.fail(format_args!("{} overflows int", number.text)),
            },
            _ => Ok(Value::Nothing),
        }
    }

    fn chain(
        &mut self,
        dot: &Value,
        operand: &'t Operand,
        base: &'t Operand,
        names: &[String],
        extra: bool,
    ) -> Result<Value, ExecError> {
        self.at = At::Operand(operand);
        let value = self.argument(dot, base, None)?;
        self.fields(value, names, extra)
    }

    fn variable(
        &mut self,
        operand: &'t Operand,
        name: &str,
        names: &[String],
        extra: bool,
    ) -> Result<Value, ExecError> {
        self.at = At::Operand(operand);
        let Some(value) = self.variables.iter().rev().find(|(there, _)| *there == name).map(|(_, value)| value.clone())
        else {
            return self.fail(format_args!("undefined variable: {name}"));
        };
        if names.is_empty() {
            self.no_function(operand, extra)?;
        }
        self.fields(value, names, extra)
    }

    fn fields(&mut self, mut value: Value, names: &[String], extra: bool) -> Result<Value, ExecError> {
        for (index, name) in names.iter().enumerate() {
            let found = match &value {
                Value::Nothing => Some(Value::Nothing),
                Value::Data(fields) => {
                    fields.iter().find(|(there, _)| there == name).map(|(_, text)| Value::Text(text.clone()))
                }
                _ => None,
            };
            let Some(found) = found else {
                return self.fail(format_args!(
                    "can't evaluate field {name} in type {}",
                    value.type_name(self.input.type_name)
                ));
            };
            if extra && index + 1 == names.len() && value != Value::Nothing {
                return self.fail(format_args!("{name} has arguments but cannot be invoked as function"));
            }
            value = found;
        }
        Ok(value)
    }

    /// An argument for a parameter; without one (the base of a chain) anything goes.
    fn argument(
        &mut self,
        dot: &Value,
        operand: &'t Operand,
        parameter: Option<Parameter>,
    ) -> Result<Value, ExecError> {
        self.at = At::Operand(operand);
        let value = match &operand.term {
            Term::Dot => dot.clone(),
            Term::Nil if parameter == Some(Parameter::Text) => return self.fail("cannot assign nil to string"),
            Term::Nil => return Ok(Value::Nothing),
            Term::Field(names) => self.fields(dot.clone(), names, false)?,
            Term::Variable(name, names) => self.variable(operand, name, names, false)?,
            Term::Pipe(pipe) => self.pipe(dot, pipe)?,
            Term::Identifier(name) => self.function(dot, name, At::Operand(operand), &[], None)?,
            Term::Chain(base, names) => self.chain(dot, operand, base, names, false)?,
            Term::Bool(_) | Term::Number(_) if parameter == Some(Parameter::Text) => {
                return self.fail(format_args!("expected string; found {operand}"));
            }
            Term::Bool(_) | Term::Number(_) | Term::Text(..) => return self.constant(operand),
        };
        self.fitting(value, parameter)
    }

    fn fitting(&self, value: Value, parameter: Option<Parameter>) -> Result<Value, ExecError> {
        match (&value, parameter) {
            (Value::Text(_), _) | (_, None | Some(Parameter::Any)) => Ok(value),
            (Value::Nothing, _) => self.fail("invalid value; expected string"),
            _ => self.fail(format_args!(
                "wrong type for value; expected string; got {}",
                value.type_name(self.input.type_name)
            )),
        }
    }

    fn function(
        &mut self,
        dot: &Value,
        name: &str,
        whole: At<'t>,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Result<Value, ExecError> {
        if let At::Operand(_) = whole {
            self.at = whole;
        }
        self.step()?;
        let given = arguments.len() + usize::from(last.is_some());
        // How many parameters, whether more may follow, and the type of the first.
        let (fixed, more, first) = match name {
            "label" => (1, false, Parameter::Text),
            "len" | "not" => (1, false, Parameter::Any),
            "ne" | "lt" | "le" | "gt" | "ge" => (2, false, Parameter::Any),
            "printf" => (1, true, Parameter::Text),
            "and" | "or" | "call" | "index" | "slice" | "eq" => (1, true, Parameter::Any),
            _ => (0, true, Parameter::Any),
        };
        if more && given < fixed {
            let count = arguments.len();
            return self.fail(format_args!("wrong number of args for {name}: want at least {fixed} got {count}"));
        }
        if !more && given != fixed {
            return self.fail(format_args!("wrong number of args for {name}: want {fixed} got {given}"));
        }
        if matches!(name, "and" | "or") {
            return self.shortest(dot, name, arguments, last);
        }
        let parameter = |index: usize| Some(if index == 0 { first } else { Parameter::Any });
        let mut values = Vec::with_capacity(given);
        for (index, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, argument, parameter(index))?);
        }
        if let Some(last) = last {
            values.push(self.fitting(last, parameter(arguments.len()))?);
        }
        let callee = || match arguments.first() {
            Some(operand) => operand.to_string().into_bytes(),
            None => match values.first() {
                Some(Value::Text(text)) => text.to_vec(),
                Some(Value::Nothing) | None => b"<invalid Value>".to_vec(),
                Some(value) => format!("<{} Value>", value.type_name(self.input.type_name)).into_bytes(),
            },
        };
        let result = match name {
            "call" => Err(match values.first() {
                Some(Value::Nothing) | None => "call of nil".into(),
                Some(value) => {
                    format!("non-function {} of type {}", text_of(callee())?, value.type_name(self.input.type_name))
                }
            }),
            _ => self.builtin(name, &values)?,
        };
        match result {
            Ok(value) => {
                if let Value::Text(text) = &value {
                    self.made(text.len())?;
                }
                Ok(value)
            }
            Err(message) => {
                self.at = whole;
                self.fail(format_args!("error calling {name}: {message}"))
            }
        }
    }

    /// `and` and `or` stop at the first argument that decides.
    fn shortest(
        &mut self,
        dot: &Value,
        name: &str,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Result<Value, ExecError> {
        let mut value = Value::Nothing;
        for argument in arguments {
            value = self.argument(dot, argument, Some(Parameter::Any))?;
            if value.truth() == (name == "or") {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// The outer error ends the rendering without Go's words, the inner one is Go's.
    fn builtin(&self, name: &str, values: &[Value]) -> Result<Result<Value, String>, ExecError> {
        let type_name = self.input.type_name;
        let (first, rest) = match values.split_first() {
            Some((first, rest)) => (first, rest),
            None => (&Value::Nothing, values),
        };
        let second = rest.first().unwrap_or(&Value::Nothing);
        Ok(match name {
            "label" => match first {
                Value::Text(key) => match (self.input.label)(key) {
                    Some(value) => Ok(Value::text(value)),
                    None => Err(format!("label {} not found", text_of(key.to_vec())?)),
                },
                _ => Ok(Value::Nothing),
            },
            "print" => Ok(Value::text(print(values, type_name)?)),
            "println" => Ok(Value::text(println(values, type_name)?)),
            "printf" => match first {
                Value::Text(format) => Ok(Value::text(printf(format, rest, type_name)?)),
                _ => Ok(Value::Nothing),
            },
            "html" => Ok(Value::text(html(&self.joined(values)?))),
            "js" => Ok(Value::text(js(&self.joined(values)?))),
            "urlquery" => Ok(Value::text(urlquery(&self.joined(values)?))),
            "len" => match first {
                Value::Text(text) => Ok(Value::Int(i64::try_from(text.len()).unwrap_or(i64::MAX))),
                Value::Nothing => Err("reflect: call of reflect.Value.Type on zero Value".into()),
                value => Err(format!("len of type {}", value.type_name(type_name))),
            },
            "not" => Ok(Value::Bool(!first.truth())),
            "index" => index(first, rest, type_name),
            "slice" => slice(first, rest, type_name),
            "eq" => equal(first, rest, type_name).map(Value::Bool),
            "ne" => equal(first, rest, type_name).map(|equal| Value::Bool(!equal)),
            "lt" => less(first, second, type_name).map(Value::Bool),
            "ge" => less(first, second, type_name).map(|less| Value::Bool(!less)),
            "le" => at_most(first, rest, type_name).map(Value::Bool),
            _ => at_most(first, rest, type_name).map(|at_most| Value::Bool(!at_most)),
        })
    }

    /// The text that the escaping functions escape.
    fn joined(&self, values: &[Value]) -> Result<Vec<u8>, ExecError> {
        let shown: Vec<Value> = values
            .iter()
            .map(|value| match value {
                Value::Nothing => Value::text(&b"<no value>"[..]),
                value => value.clone(),
            })
            .gather();
        Ok(print(&shown, self.input.type_name)?)
    }
}

fn text_of(bytes: Vec<u8>) -> Result<String, ExecError> {
    String::from_utf8(bytes).map_err(|_| not_evaluated("a message with bytes that are not UTF-8"))
}

/// The place that an index means, at most `limit`.
fn place(index: &Value, limit: usize, type_name: &str) -> Result<usize, String> {
    match index.integer() {
        Some(place) => {
            let found = usize::try_from(place).ok().filter(|found| *found <= limit);
            found.ok_or_else(|| format!("index out of range: {place}"))
        }
        None if *index == Value::Nothing => Err("cannot index slice/array with nil".into()),
        None => Err(format!("cannot index slice/array with type {}", index.type_name(type_name))),
    }
}

fn index(item: &Value, indexes: &[Value], type_name: &str) -> Result<Value, String> {
    if *item == Value::Nothing {
        return Err("index of untyped nil".into());
    }
    let mut item = item.clone();
    for index in indexes {
        let Value::Text(text) = &item else {
            return Err(format!("can't index item of type {}", item.type_name(type_name)));
        };
        let place = place(index, text.len(), type_name)?;
        // Go's own check lets the end through; then its runtime refuses.
        let byte = text.get(place).copied().ok_or("reflect: string index out of range")?;
        item = Value::Byte(byte);
    }
    Ok(item)
}

fn slice(item: &Value, indexes: &[Value], type_name: &str) -> Result<Value, String> {
    if *item == Value::Nothing {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let Value::Text(text) = item else { return Err(format!("can't slice item of type {}", item.type_name(type_name))) };
    if indexes.len() == 3 {
        return Err("cannot 3-index slice a string".into());
    }
    let mut bounds = [0, text.len()];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = place(index, text.len(), type_name)?;
    }
    let [from, to] = bounds;
    match text.get(from..to) {
        Some(part) => Ok(Value::text(part)),
        None => Err(format!("invalid slice index: {from} > {to}")),
    }
}

fn incompatible(a: &Value, b: &Value, type_name: &str) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(type_name), b.type_name(type_name))
}

fn equal(first: &Value, others: &[Value], type_name: &str) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        let equal = match (first.basic(), other.basic()) {
            (a, b) if a == b => first == other,
            (Basic::Int, Basic::Byte) | (Basic::Byte, Basic::Int) => first.integer() == other.integer(),
            _ if *first == Value::Nothing || *other == Value::Nothing => false,
            _ => return Err(incompatible(first, other, type_name)),
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn less(first: &Value, second: &Value, type_name: &str) -> Result<bool, String> {
    if first.basic() == Basic::None || second.basic() == Basic::None {
        return Err("invalid type for comparison".into());
    }
    match (first, second) {
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (Value::Text(a), Value::Text(b)) => Ok(a < b),
        _ => match (first.integer(), second.integer()) {
            (Some(a), Some(b)) => Ok(a < b),
            _ if first.basic() != second.basic() => Err(incompatible(first, second, type_name)),
            _ => Err("invalid type for comparison".into()),
        },
    }
}

fn at_most(first: &Value, rest: &[Value], type_name: &str) -> Result<bool, String> {
    let second = rest.first().unwrap_or(&Value::Nothing);
    Ok(less(first, second, type_name)? || equal(first, rest, type_name)?)
}

fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend("\u{fffd}".bytes()),
            b'"' => out.extend(b"&#34;"),
            b'\'' => out.extend(b"&#39;"),
            b'&' => out.extend(b"&amp;"),
            b'<' => out.extend(b"&lt;"),
            b'>' => out.extend(b"&gt;"),
            byte => out.push(*byte),
        }
    }
    out
}

fn js(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for rune in super::quote::runes(text) {
        match rune {
            Ok(c @ ('\\' | '\'' | '"')) => out.extend([b'\\', u8::try_from(c).unwrap_or(b'\\')]),
            Ok(c @ ('<' | '>' | '&' | '=' | '\0'..='\x1f')) => out.extend(format!("\\u{:04X}", u32::from(c)).bytes()),
            Ok(c) if c.is_ascii() || is_print(c) => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            Ok(c) => out.extend(format!("\\u{:04X}", u32::from(c)).bytes()),
            // Go takes the byte for the replacement character, which is printable, and writes the byte itself.
            Err(byte) => out.push(byte),
        }
    }
    out
}

fn urlquery(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => out.extend(format!("%{byte:02X}").bytes()),
        }
    }
    out
}
