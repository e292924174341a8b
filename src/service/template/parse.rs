//! From tokens to nodes, with Go's messages where it refuses.

use crate::collections::{Gather, SortedMap};

use super::lex::{Kind, Lexer, Token};
use super::node::{is_blank, Branch, Call, Command, Node, Operand, Pipe, Term};
use super::number::{self, Fault};
use super::quote::{quote, unquote};
use super::{NotEvaluated, ParseError};

/// Templates by name; the one written outside of any definition has no name.
pub(super) type Definitions = SortedMap<Vec<u8>, Vec<Node>>;

/// Parentheses and blocks inside each other. Go allows thousands; no hostname needs a hundred.
const MAX_NESTING: usize = 100;

/// The longest template read.
const MAX_LENGTH: usize = 64 * 1024;

pub(super) const FUNCTIONS: [&str; 20] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "label", "le", "len", "lt", "ne", "not", "or", "print",
    "printf", "println", "slice", "urlquery",
];

pub(super) fn parse(text: &str) -> Result<Definitions, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(not_evaluated("a template of more than 64 KiB"));
    }
    let mut lexer = Lexer::new(text);
    let mut definitions = Definitions::new();
    let mut nesting = 0;
    let result = Tree::new(&mut lexer, &mut definitions, &mut nesting).root();
    if lexer.unknown_character {
        return Err(not_evaluated("a name with letters or digits outside of the common alphabets"));
    }
    result.map(|()| definitions)
}

fn not_evaluated(reason: &str) -> ParseError {
    ParseError::NotEvaluated(NotEvaluated { reason: reason.into() })
}

/// What ends a list of nodes.
enum Ending {
    End,
    /// `{{else}}`; an `if` or `with` right after it is still to be read.
    Else,
}

impl Ending {
    fn text(&self) -> &'static str {
        match self {
            Ending::End => "{{end}}",
            Ending::Else => "{{else}}",
        }
    }
}

enum Item {
    Node(Node),
    Ending(Ending),
}

/// The reader of one named template. Definitions inside it are read by another on the same tokens.
struct Tree<'a, 's> {
    lexer: &'a mut Lexer<'s>,
    definitions: &'a mut Definitions,
    nesting: &'a mut usize,
    /// Up to three tokens that were put back; the first is the latest read from the lexer.
    tokens: [Token<'s>; 3],
    ahead: usize,
    variables: Vec<String>,
    /// The line where the action being read started.
    action_line: Option<usize>,
    ranges: usize,
}

impl<'a, 's> Tree<'a, 's> {
    fn new(lexer: &'a mut Lexer<'s>, definitions: &'a mut Definitions, nesting: &'a mut usize) -> Self {
        Tree {
            lexer,
            definitions,
            nesting,
            tokens: [Token::nothing(), Token::nothing(), Token::nothing()],
            ahead: 0,
            variables: vec!["$".into()],
            action_line: None,
            ranges: 0,
        }
    }

    fn inner(&mut self) -> Tree<'_, 's> {
        Tree::new(self.lexer, self.definitions, self.nesting)
    }

    fn latest(&self) -> &Token<'s> {
        let [latest, ..] = &self.tokens;
        latest
    }

    fn next(&mut self) -> Token<'s> {
        match self.ahead.checked_sub(1) {
            Some(ahead) => self.ahead = ahead,
            None => self.tokens[0] = self.lexer.next(),
        }
        self.tokens.get(self.ahead).cloned().unwrap_or_else(Token::nothing)
    }

    fn back(&mut self) {
        self.ahead += 1;
    }

    fn back_two(&mut self, before: Token<'s>) {
        self.tokens[1] = before;
        self.ahead = 2;
    }

    fn back_three(&mut self, before: Token<'s>, between: Token<'s>) {
        self.tokens[1] = between;
        self.tokens[2] = before;
        self.ahead = 3;
    }

    fn peek(&mut self) -> Token<'s> {
        let token = self.next();
        self.back();
        token
    }

    fn next_word(&mut self) -> Token<'s> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_word(&mut self) -> Token<'s> {
        let token = self.next_word();
        self.back();
        token
    }

    fn fail<T>(&self, message: impl std::fmt::Display) -> Result<T, ParseError> {
        let token = self.latest();
        Err(ParseError::Go { message: format!("template: :{}: {message}", token.line), offset: token.pos })
    }

    fn unexpected<T>(&self, token: &Token<'s>, context: &str) -> Result<T, ParseError> {
        if token.kind != Kind::Error {
            return self.fail(format_args!("unexpected {token} in {context}"));
        }
        match self.action_line {
            Some(line) if line != token.line => {
                let what = if token.text.ends_with(" action") { "" } else { " in action" };
                self.fail(format_args!("{token}{what} started at :{line}"))
            }
            _ => self.fail(token),
        }
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token<'s>, ParseError> {
        let token = self.next_word();
        if token.kind == kind {
            Ok(token)
        } else {
            self.unexpected(&token, context)
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        if *self.nesting >= MAX_NESTING {
            return Err(not_evaluated("blocks or parentheses nested more than 100 deep"));
        }
        *self.nesting += 1;
        let result = read(self);
        *self.nesting -= 1;
        result
    }

    fn define(&mut self, name: Vec<u8>, list: Vec<Node>) -> Result<(), ParseError> {
        match self.definitions.get(&name) {
            Some(there) if !is_blank(there) => {
                if is_blank(&list) {
                    return Ok(());
                }
                self.fail(format_args!("template: multiple definition of template {}", quote(&name)))
            }
            _ => {
                self.definitions.insert(name, list);
                Ok(())
            }
        }
    }

    fn root(mut self) -> Result<(), ParseError> {
        let mut list = Vec::new();
        loop {
            match self.peek().kind {
                Kind::Eof => return self.define(Vec::new(), list),
                Kind::LeftDelim => {
                    let delim = self.next();
                    if self.next_word().kind == Kind::Define {
                        self.inner().definition()?;
                        continue;
                    }
                    self.back_two(delim);
                }
                _ => {}
            }
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::Ending(ending) => return self.fail(format_args!("unexpected {}", ending.text())),
            }
        }
    }

    /// After `{{define`.
    fn definition(mut self) -> Result<(), ParseError> {
        const CONTEXT: &str = "define clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        match self.list()? {
            (list, Ending::End) => self.define(name, list),
            (_, ending) => self.fail(format_args!("unexpected {} in {CONTEXT}", ending.text())),
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, Ending), ParseError> {
        self.deeper(|tree| {
            let mut list = Vec::new();
            while tree.peek_word().kind != Kind::Eof {
                match tree.item()? {
                    Item::Node(node) => list.push(node),
                    Item::Ending(ending) => return Ok((list, ending)),
                }
            }
            tree.fail("unexpected EOF")
        })
    }

    fn item(&mut self) -> Result<Item, ParseError> {
        let token = self.next_word();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text.into_owned()))),
            Kind::LeftDelim => {
                self.action_line = Some(token.line);
                let item = self.action();
                self.action_line = None;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    /// After `{{`.
    fn action(&mut self) -> Result<Item, ParseError> {
        let token = self.next_word();
        Ok(Item::Node(match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => self.jump(Node::Break, "{{break}}")?,
            Kind::Continue => self.jump(Node::Continue, "{{continue}}")?,
            Kind::Else => {
                if !matches!(self.peek_word().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Item::Ending(Ending::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Kind::If => Node::If(self.branch("if")?),
            Kind::Range => Node::Range(self.branch("range")?),
            Kind::With => Node::With(self.branch("with")?),
            Kind::Template => self.call()?,
            _ => {
                self.back();
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        }))
    }

    fn jump(&mut self, node: Node, word: &str) -> Result<Node, ParseError> {
        let token = self.next_word();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, word);
        }
        if self.ranges == 0 {
            return self.fail(format_args!("{word} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn branch(&mut self, context: &str) -> Result<Branch, ParseError> {
        let scope = self.variables.len();
        let branch = self.deeper(|tree| tree.branch_parts(context));
        self.variables.truncate(scope);
        branch
    }

    fn branch_parts(&mut self, context: &str) -> Result<Branch, ParseError> {
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let range = usize::from(context == "range");
        self.ranges += range;
        let (list, ending) = self.list()?;
        self.ranges -= range;
        let otherwise = match ending {
            Ending::End => None,
            // `{{else if}}` is an else with an if inside whose end closes both; the same for with.
            Ending::Else if context == "if" && self.peek().kind == Kind::If => {
                self.next();
                Some(vec![Node::If(self.branch("if")?)])
            }
            Ending::Else if context == "with" && self.peek().kind == Kind::With => {
                self.next();
                Some(vec![Node::With(self.branch("with")?)])
            }
            Ending::Else => match self.list()? {
                (list, Ending::End) => Some(list),
                (_, ending) => return self.fail(format_args!("expected end; found {}", ending.text())),
            },
        };
        Ok(Branch { pipe, list, otherwise })
    }

    fn block(&mut self) -> Result<Node, ParseError> {
        const CONTEXT: &str = "block clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let mut inner = self.inner();
        match inner.list()? {
            (list, Ending::End) => inner.define(name.clone(), list)?,
            // Go reports this one at the line of the block, unlike the same in a definition.
            (_, ending) => return self.fail(format_args!("unexpected {} in {CONTEXT}", ending.text())),
        }
        Ok(Node::Template(Call { pos: token.pos, name, pipe: Some(pipe) }))
    }

    fn call(&mut self) -> Result<Node, ParseError> {
        const CONTEXT: &str = "template clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let mut pipe = None;
        if self.next_word().kind != Kind::RightDelim {
            self.back();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(Node::Template(Call { pos: token.pos, name, pipe }))
    }

    fn template_name(&mut self, token: &Token<'s>, context: &str) -> Result<Vec<u8>, ParseError> {
        match token.kind {
            Kind::String | Kind::RawString => self.literal(token),
            _ => self.unexpected(token, context),
        }
    }

    fn literal(&self, token: &Token<'s>) -> Result<Vec<u8>, ParseError> {
        match unquote(&token.text) {
            Some(value) => Ok(value),
            None => self.fail("invalid syntax"),
        }
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, ParseError> {
        let mut pipe = Pipe { pos: self.peek_word().pos, assign: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_word();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.back();
                    pipe.commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.fail(format_args!("missing value for {context}"));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(command.first.term, Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::Text(..)) {
                return self.fail(format_args!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(pipe)
    }

    /// `$x :=`, `$x =` or, for a range, `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), ParseError> {
        loop {
            let variable = self.peek_word();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let after = self.peek();
            let next = self.peek_word();
            if matches!(next.kind, Kind::Assign | Kind::Declare) {
                pipe.assign = next.kind == Kind::Assign;
                self.next_word();
                pipe.variables.push(variable.text.clone().into_owned());
                self.variables.push(variable.text.into_owned());
                return Ok(());
            }
            if next.kind == Kind::Char && next.text == "," {
                self.next_word();
                pipe.variables.push(variable.text.clone().into_owned());
                self.variables.push(variable.text.into_owned());
                if context == "range" && pipe.variables.len() < 2 {
                    match self.peek_word().kind {
                        Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                        _ => return self.fail("range can only initialize variables"),
                    }
                }
                return self.fail(format_args!("too many declarations in {context}"));
            }
            if after.kind == Kind::Space {
                self.back_three(variable, after);
            } else {
                self.back_two(variable);
            }
            return Ok(());
        }
    }

    fn command(&mut self) -> Result<Command, ParseError> {
        let pos = self.peek_word().pos;
        let mut operands = Vec::new();
        loop {
            self.peek_word();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.back(),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        let mut operands = operands.into_iter();
        match operands.next() {
            Some(first) => Ok(Command { pos, first, arguments: operands.gather() }),
            None => self.fail("empty command"),
        }
    }

    fn operand(&mut self) -> Result<Option<Operand>, ParseError> {
        let Some(operand) = self.term()? else { return Ok(None) };
        let first_field = self.peek();
        if first_field.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(field_name(&self.next()));
        }
        let term = match operand.term {
            Term::Field(mut names) => {
                names.append(&mut fields);
                Term::Field(names)
            }
            Term::Variable(name, mut names) => {
                names.append(&mut fields);
                Term::Variable(name, names)
            }
            Term::Bool(_) | Term::Text(..) | Term::Number(_) | Term::Nil | Term::Dot => {
                return self.fail(format_args!("unexpected . after term {}", quote(operand.to_string().as_bytes())));
            }
            _ => Term::Chain(Box::new(operand), fields),
        };
        Ok(Some(Operand { pos: first_field.pos, term }))
    }

    fn term(&mut self) -> Result<Option<Operand>, ParseError> {
        let token = self.next_word();
        let term = match token.kind {
            Kind::Identifier => {
                if !FUNCTIONS.contains(&token.text.as_ref()) {
                    return self.fail(format_args!("function {} not defined", quote(token.text.as_bytes())));
                }
                Term::Identifier(token.text.into_owned())
            }
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable => {
                let name = token.text.into_owned();
                if !self.variables.contains(&name) {
                    return self.fail(format_args!("undefined variable {}", quote(name.as_bytes())));
                }
                Term::Variable(name, Vec::new())
            }
            Kind::Field => Term::Field(vec![field_name(&token)]),
            Kind::Bool => Term::Bool(token.text == "true"),
            Kind::CharConstant => Term::Number(self.number(number::character(&token.text))?),
            Kind::Complex => Term::Number(self.number(number::complex(&token.text))?),
            Kind::Number => Term::Number(self.number(number::number(&token.text))?),
            Kind::LeftParen => {
                Term::Pipe(Box::new(self.deeper(|tree| tree.pipeline("parenthesized pipeline", Kind::RightParen))?))
            }
            Kind::String | Kind::RawString => {
                let value = self.literal(&token)?;
                Term::Text(token.text.into_owned(), value.into())
            }
            _ => {
                self.back();
                return Ok(None);
            }
        };
        Ok(Some(Operand { pos: token.pos, term }))
    }

    fn number(&self, read: Result<number::Number, Fault>) -> Result<number::Number, ParseError> {
        match read {
            Ok(number) => Ok(number),
            Err(Fault::Go(message)) => self.fail(message),
            Err(Fault::NotEvaluated(reason)) => Err(not_evaluated(reason)),
        }
    }
}

fn field_name(token: &Token<'_>) -> String {
    token.text.strip_prefix('.').unwrap_or(&token.text).to_owned()
}
