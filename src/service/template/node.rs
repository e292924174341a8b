//! The parts of a parsed template. `Display` writes them the way Go does when an error points at one.

use std::fmt;
use std::rc::Rc;

use super::number::Number;
use super::quote::quote;

/// One step of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(Call),
    Break,
    Continue,
}

/// Nothing but white space: such a definition does not replace another.
pub(super) fn is_blank(list: &[Node]) -> bool {
    list.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}

/// `if`, `with` or `range`.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub pipe: Pipe,
    pub list: Vec<Node>,
    pub otherwise: Option<Vec<Node>>,
}

/// `{{template "name" pipe}}`, also what a block leaves behind.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub pos: usize,
    pub name: Vec<u8>,
    pub pipe: Option<Pipe>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

/// Commands, each taking the value of the one before, and the variables that the last value goes to.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    pub pos: usize,
    /// `=` instead of `:=`.
    pub assign: bool,
    pub variables: Vec<String>,
    pub commands: Vec<Command>,
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            write!(f, "{} {} ", self.variables.join(", "), if self.assign { "=" } else { ":=" })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            write!(f, "{}{command}", if index > 0 { " | " } else { "" })?;
        }
        Ok(())
    }
}

/// A function or value with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub pos: usize,
    pub first: Operand,
    pub arguments: Vec<Operand>,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt_argument(f)?;
        for argument in &self.arguments {
            f.write_str(" ")?;
            argument.fmt_argument(f)?;
        }
        Ok(())
    }
}

/// One word of a command.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub pos: usize,
    pub term: Term,
}

/// What a word is.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    /// The literal as written, and its value.
    Text(String, Rc<[u8]>),
    /// A function.
    Identifier(String),
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A.B`: the variable with its `$`, then the fields.
    Variable(String, Vec<String>),
    /// Something else with fields, `(pipe).A`.
    Chain(Box<Operand>, Vec<String>),
    Pipe(Box<Pipe>),
}

impl Operand {
    /// A pipeline stands in parentheses among arguments, but not on its own.
    fn fmt_argument(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Pipe(pipe) => write!(f, "({pipe})"),
            _ => write!(f, "{self}"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields =
            |f: &mut fmt::Formatter<'_>, names: &[String]| names.iter().try_for_each(|name| write!(f, ".{name}"));
        match &self.term {
            Term::Dot => f.write_str("."),
            Term::Nil => f.write_str("nil"),
            Term::Bool(value) => write!(f, "{value}"),
            Term::Number(number) => f.write_str(&number.text),
            Term::Text(literal, _) => f.write_str(literal),
            Term::Identifier(name) => f.write_str(name),
            Term::Field(names) => fields(f, names),
            Term::Variable(name, names) => {
                f.write_str(name)?;
                fields(f, names)
            }
            Term::Chain(base, names) => {
                base.fmt_argument(f)?;
                fields(f, names)
            }
            Term::Pipe(pipe) => write!(f, "{pipe}"),
        }
    }
}
