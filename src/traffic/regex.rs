//! Regular expressions as Envoy reads them, which is as RE2 reads them.
//!
//! The pattern is parsed here by RE2's rules and handed to a small engine in a form without any shorthand, so that
//! only literals, classes, groups, repetitions and anchors have to mean the same in both. What RE2 refuses is refused
//! with RE2's words (Kuma does not check patterns: Envoy then rejects the whole configuration). What RE2 takes but
//! this does not compute (Unicode groups, single bytes, very large patterns) says so.

use crate::collections::{sort, Gather};
use crate::unicode;

/// A pattern after reading.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// Usable.
    Ok(Regex),
    /// Envoy refuses it.
    Invalid {
        /// RE2's message, such as `missing ]: [a`.
        message: String,
    },
    /// Envoy takes it, or may take it; it is not computed here.
    NotEvaluated {
        /// What it is that is not computed.
        reason: String,
    },
}

/// A usable regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    pattern: String,
    /// The same without shorthand, for the engine.
    plain: String,
    whole: regex_lite::Regex,
    groups: usize,
    shape: Shape,
}

/// Which texts a regular expression matches as a whole, as far as that can be told without running it.
/// Texts are taken to have no newlines: paths and header values cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One text only.
    Exact(String),
    /// Every text that starts so: `/a.*`.
    StartsWith(String),
    /// This path and everything below it: `/a(/.*)?`.
    PathPrefix(String),
    /// Some texts, all of which start so.
    Other {
        /// May be empty.
        prefix: String,
    },
}

impl Regex {
    /// The pattern as written.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether the pattern matches all of the text, as Envoy's matchers want.
    pub fn full_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }

    /// What is known of the texts it matches.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Replaces every match in a text, as Envoy's regex rewrite does.
    ///
    /// # Errors
    /// RE2's message when the substitution refers to what is not there: Envoy rejects the configuration.
    pub fn replace(&self, text: &str, substitution: &str) -> Result<String, String> {
        let parts = substitution_parts(substitution, self.groups)?;
        let Ok(search) = engine(&self.plain) else { return Ok(text.into()) };
        let mut out = String::with_capacity(text.len());
        let mut rest = 0;
        for captures in search.captures_iter(text) {
            let Some(found) = captures.get(0) else { continue };
            out.push_str(text.get(rest..found.start()).unwrap_or(""));
            for part in &parts {
                match part {
                    Part::Text(c) => out.push(*c),
                    Part::Group(group) => out.push_str(captures.get(*group).map_or("", |group| group.as_str())),
                }
            }
            rest = found.end();
        }
        out.push_str(text.get(rest..).unwrap_or(""));
        Ok(out)
    }
}

enum Part {
    Text(char),
    Group(usize),
}

fn substitution_parts(substitution: &str, groups: usize) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut highest = 0;
    let mut chars = substitution.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            parts.push(Part::Text(c));
            continue;
        }
        match chars.next() {
            None => return Err("Rewrite schema error: '\\' not allowed at end.".into()),
            Some('\\') => parts.push(Part::Text('\\')),
            Some(c) => match c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()) {
                Some(group) => {
                    highest = highest.max(group);
                    parts.push(Part::Group(group));
                }
                None => return Err("Rewrite schema error: '\\' must be followed by a digit or '\\'.".into()),
            },
        }
    }
    if highest > groups {
        return Err(format!(
            "Rewrite schema requests {highest} matches, but the regexp only has {groups} parenthesized subexpressions."
        ));
    }
    Ok(parts)
}

/// Groups inside each other. RE2 allows a thousand.
const MAX_NESTING: usize = 100;

/// The largest counted repetition that RE2 allows, also for repetitions inside each other.
const MAX_REPEAT: u32 = 1000;

/// Characters of a pattern with its repetitions written out.
const MAX_SIZE: usize = 2000;

/// The longest pattern read.
const MAX_LENGTH: usize = 4096;

/// Reads a pattern.
pub fn compile(pattern: &str) -> Compiled {
    match read(pattern) {
        Ok(regex) => Compiled::Ok(regex),
        Err(Fault::Invalid(message)) => Compiled::Invalid { message },
        Err(Fault::NotEvaluated(reason)) => Compiled::NotEvaluated { reason: reason.into() },
    }
}

enum Fault {
    Invalid(String),
    NotEvaluated(&'static str),
}

fn read(pattern: &str) -> Result<Regex, Fault> {
    if pattern.len() > MAX_LENGTH {
        return Err(Fault::NotEvaluated("a regular expression of more than 4096 bytes"));
    }
    let mut parser = Parser { pattern, at: 0, flags: Flags::default(), groups: 0, depth: 0 };
    let ast = parser.alternation()?;
    if parser.peek().is_some() {
        return Err(Fault::Invalid(format!("unexpected ): {pattern}")));
    }
    if ast.size() > MAX_SIZE {
        return Err(Fault::NotEvaluated("a regular expression this large"));
    }
    let mut plain = String::new();
    ast.write(&mut plain);
    let Ok(whole) = engine(&format!("\\A(?:{plain})\\z")) else {
        return Err(Fault::NotEvaluated("a regular expression this large"));
    };
    Ok(Regex { pattern: pattern.into(), plain, whole, groups: parser.groups, shape: ast.shape() })
}

fn engine(plain: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::RegexBuilder::new(plain).nest_limit(1000).build()
}

/// Code points, as ranges with both ends.
type Ranges = Vec<(u32, u32)>;

#[derive(Clone, Debug, PartialEq)]
enum Ast {
    Set(Ranges),
    Assertion(&'static str),
    /// With parentheses that capture.
    Group(Box<Ast>),
    Sequence(Vec<Ast>),
    Choice(Vec<Ast>),
    Repeat {
        of: Box<Ast>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    },
}

const TEXT_START: &str = "\\A";
const TEXT_END: &str = "\\z";
const LAST: u32 = 0x10_ffff;

impl Ast {
    fn literal(&self) -> Option<char> {
        match self {
            Ast::Set(ranges) => match ranges.as_slice() {
                [(low, high)] if low == high => char::from_u32(*low),
                _ => None,
            },
            _ => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Ast::Set(ranges) => 1 + ranges.len() / 8,
            Ast::Assertion(_) => 1,
            Ast::Group(of) => of.size().saturating_add(1),
            Ast::Sequence(parts) | Ast::Choice(parts) => {
                parts.iter().fold(1, |size: usize, part| size.saturating_add(part.size()))
            }
            Ast::Repeat { of, min, max, .. } => {
                let times = usize::try_from(max.unwrap_or(*min).max(1)).unwrap_or(usize::MAX);
                of.size().saturating_mul(times).saturating_add(1)
            }
        }
    }

    /// What is left of the allowed repetitions inside of so many others; nothing if they are too many.
    fn allows(&self, repeat: u32) -> bool {
        match self {
            Ast::Set(_) | Ast::Assertion(_) => repeat > 0,
            Ast::Group(of) => of.allows(repeat),
            Ast::Sequence(parts) | Ast::Choice(parts) => repeat > 0 && parts.iter().all(|part| part.allows(repeat)),
            Ast::Repeat { of, min, max, .. } => of.allows(match max.unwrap_or(*min) {
                0 => repeat,
                times => repeat / times,
            }),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Ast::Set(ranges) => write_set(ranges, out),
            Ast::Assertion(text) => out.push_str(text),
            Ast::Group(of) => {
                out.push('(');
                of.write(out);
                out.push(')');
            }
            Ast::Sequence(parts) => parts.iter().for_each(|part| part.write(out)),
            Ast::Choice(parts) => {
                out.push_str("(?:");
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        out.push('|');
                    }
                    part.write(out);
                }
                out.push(')');
            }
            Ast::Repeat { of, min, max, greedy } => {
                out.push_str("(?:");
                of.write(out);
                out.push_str(&match (min, max) {
                    (0, None) => ")*".into(),
                    (1, None) => ")+".into(),
                    (0, Some(1)) => ")?".into(),
                    (min, None) => format!("){{{min},}}"),
                    (min, Some(max)) => format!("){{{min},{max}}}"),
                });
                if !greedy {
                    out.push('?');
                }
            }
        }
    }

    fn shape(&self) -> Shape {
        let mut parts = Vec::new();
        self.flatten(&mut parts);
        let mut parts = parts.as_slice();
        while let [Ast::Assertion(TEXT_START), rest @ ..] = parts {
            parts = rest;
        }
        while let [rest @ .., Ast::Assertion(TEXT_END)] = parts {
            parts = rest;
        }
        let mut prefix = String::new();
        while let [first, rest @ ..] = parts {
            let Some(c) = first.literal() else { break };
            prefix.push(c);
            parts = rest;
        }
        match parts {
            [] => Shape::Exact(prefix),
            [rest] if rest.is_anything() => Shape::StartsWith(prefix),
            [rest] if rest.is_below_path() => Shape::PathPrefix(prefix),
            _ => Shape::Other { prefix },
        }
    }

    /// The parts of a sequence, those of sequences in parentheses included.
    fn flatten<'a>(&'a self, parts: &mut Vec<&'a Ast>) {
        match self {
            Ast::Sequence(inner) => inner.iter().for_each(|part| part.flatten(parts)),
            Ast::Group(of) => of.flatten(parts),
            part => parts.push(part),
        }
    }

    /// `.*`
    fn is_anything(&self) -> bool {
        let Ast::Repeat { of, min: 0, max: None, .. } = self else { return false };
        **of == Ast::Set(dot(false)) || **of == Ast::Set(dot(true))
    }

    /// `(/.*)?`
    fn is_below_path(&self) -> bool {
        let Ast::Repeat { of, min: 0, max: Some(1), .. } = self else { return false };
        let mut parts = Vec::new();
        of.flatten(&mut parts);
        matches!(parts.as_slice(), [slash, rest] if slash.literal() == Some('/') && rest.is_anything())
    }
}

fn write_set(ranges: &Ranges, out: &mut String) {
    // Surrogates are no characters: no text has them.
    let mut scalars = Vec::new();
    for (low, high) in ranges {
        for (low, high) in [(*low, (*high).min(0xd7ff)), ((*low).max(0xe000), *high)] {
            if low <= high {
                scalars.push((low, high));
            }
        }
    }
    match scalars.as_slice() {
        // Nothing matches: a character before the start of the text.
        [] => out.push_str("(?:a\\A)"),
        [(low, high)] if low == high => out.push_str(&format!("\\x{{{low:x}}}")),
        scalars => {
            out.push('[');
            for (low, high) in scalars {
                out.push_str(&format!("\\x{{{low:x}}}-\\x{{{high:x}}}"));
            }
            out.push(']');
        }
    }
}

fn dot(newlines: bool) -> Ranges {
    if newlines {
        vec![(0, LAST)]
    } else {
        vec![(0, 9), (11, LAST)]
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `(?i)`
    fold: bool,
    /// `(?m)`: `^` and `$` at lines.
    lines: bool,
    /// `(?s)`: a dot matches a newline too.
    dot_newline: bool,
    /// `(?U)`: repetitions are lazy unless marked.
    lazy: bool,
}

struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    flags: Flags,
    groups: usize,
    depth: usize,
}

impl<'p> Parser<'p> {
    fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or("")
    }

    fn invalid<T>(&self, what: &str, start: usize) -> Result<T, Fault> {
        Err(Fault::Invalid(format!("{what}: {}", self.since(start))))
    }

    fn alternation(&mut self) -> Result<Ast, Fault> {
        if self.depth >= MAX_NESTING {
            return Err(Fault::NotEvaluated("groups nested more than 100 deep"));
        }
        self.depth += 1;
        let mut choices = vec![self.sequence()?];
        while self.take("|") {
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match <[Ast; 1]>::try_from(choices) {
            Ok([only]) => only,
            Err(choices) => Ast::Choice(choices),
        })
    }

    fn sequence(&mut self) -> Result<Ast, Fault> {
        let mut parts = Vec::new();
        // Where the repetition operator right before this place starts: two in a row are not allowed.
        let mut operator_before = None;
        while let Some(c) = self.peek() {
            let start = self.at;
            let operator = std::mem::take(&mut operator_before);
            match c {
                '|' | ')' => break,
                '(' => {
                    if let Some(group) = self.group()? {
                        parts.push(group);
                    }
                }
                '[' => parts.push(self.class()?),
                '\\' => self.escape(&mut parts)?,
                '*' | '+' | '?' => {
                    self.next();
                    let (min, max) = match c {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(&mut parts, start, operator, min, max)?;
                    operator_before = Some(start);
                }
                '{' => match self.counts() {
                    Some((min, max)) => {
                        self.repeat(&mut parts, start, operator, min, max)?;
                        operator_before = Some(start);
                    }
                    None => {
                        self.next();
                        parts.push(Ast::Set(vec![(u32::from('{'), u32::from('{'))]));
                    }
                },
                '^' | '$' => {
                    self.next();
                    parts.push(Ast::Assertion(match (c, self.flags.lines) {
                        ('^', true) => "(?m:^)",
                        ('^', false) => TEXT_START,
                        (_, true) => "(?m:$)",
                        (_, false) => TEXT_END,
                    }));
                }
                '.' => {
                    self.next();
                    parts.push(Ast::Set(dot(self.flags.dot_newline)));
                }
                c => {
                    self.next();
                    parts.push(self.literal(u32::from(c))?);
                }
            }
        }
        Ok(match <[Ast; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Ast::Sequence(parts),
        })
    }

    fn literal(&self, c: u32) -> Result<Ast, Fault> {
        let mut set = vec![(c, c)];
        if self.flags.fold {
            fold(&mut set)?;
        }
        Ok(Ast::Set(set))
    }

    /// `{2}`, `{2,}` or `{2,5}`; anything else is text.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let body = self.rest().strip_prefix('{')?;
        let end = body.find('}')?;
        let inner = body.get(..end)?;
        let counts = match inner.split_once(',') {
            None => {
                let count = count(inner)?;
                (count, Some(count))
            }
            Some((min, "")) => (count(min)?, None),
            Some((min, max)) => (count(min)?, Some(count(max)?)),
        };
        self.at += end + 2;
        Some(counts)
    }

    fn repeat(
        &mut self,
        parts: &mut Vec<Ast>,
        start: usize,
        operator_before: Option<usize>,
        min: u32,
        max: Option<u32>,
    ) -> Result<(), Fault> {
        let counted = self.since(start).starts_with('{');
        let lazy = self.take("?");
        if let Some(before) = operator_before {
            return self.invalid("bad repetition operator", before);
        }
        if counted && (max.is_some_and(|max| max < min) || min.max(max.unwrap_or(0)) > MAX_REPEAT) {
            return self.invalid("invalid repetition size", start);
        }
        let Some(of) = parts.pop() else { return self.invalid("no argument for repetition operator", start) };
        let repeat = Ast::Repeat { of: Box::new(of), min, max, greedy: lazy == self.flags.lazy };
        if min.max(max.unwrap_or(0)) >= 2 && !repeat.allows(MAX_REPEAT) {
            return self.invalid("invalid repetition size", start);
        }
        parts.push(repeat);
        Ok(())
    }

    /// At `(`. Flags alone, `(?i)`, give nothing.
    fn group(&mut self) -> Result<Option<Ast>, Fault> {
        let start = self.at;
        let outer = self.flags;
        let rest = self.rest();
        let mut capturing = true;
        if rest.starts_with("(?") {
            for look_around in ["(?=", "(?!", "(?<=", "(?<!"] {
                if self.take(look_around) {
                    return self.invalid("invalid perl operator", start);
                }
            }
            if self.take("(?P<") || self.take("(?<") {
                self.name(start)?;
            } else {
                self.at += 2;
                if self.inline_flags(start)? {
                    return Ok(None);
                }
                capturing = false;
            }
        } else {
            self.at += 1;
        }
        self.groups += usize::from(capturing);
        let inner = self.alternation()?;
        if !self.take(")") {
            return Err(Fault::Invalid(format!("missing ): {}", self.pattern)));
        }
        self.flags = outer;
        Ok(Some(if capturing { Ast::Group(Box::new(inner)) } else { Ast::Sequence(vec![inner]) }))
    }

    fn name(&mut self, start: usize) -> Result<(), Fault> {
        const WHAT: &str = "invalid named capture group";
        let Some(length) = self.rest().find('>') else {
            self.at = self.pattern.len();
            return self.invalid(WHAT, start);
        };
        let name = self.rest().get(..length).unwrap_or("");
        self.at += length + 1;
        if !name.is_ascii() {
            return Err(Fault::NotEvaluated("a group name with characters outside of ASCII"));
        }
        if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            return self.invalid(WHAT, start);
        }
        Ok(())
    }

    /// After `(?`. True if a `)` ended it.
    fn inline_flags(&mut self, start: usize) -> Result<bool, Fault> {
        let mut flags = self.flags;
        let mut value = true;
        let mut flags_follow = true;
        loop {
            match self.next() {
                Some('i') => flags.fold = value,
                Some('m') => flags.lines = value,
                Some('s') => flags.dot_newline = value,
                Some('U') => flags.lazy = value,
                Some('-') if value => {
                    (value, flags_follow) = (false, false);
                    continue;
                }
                Some(end @ (':' | ')')) if flags_follow => {
                    self.flags = flags;
                    return Ok(end == ')');
                }
                _ => return self.invalid("invalid perl operator", start),
            }
            flags_follow = true;
        }
    }

    /// At a backslash outside of a class.
    fn escape(&mut self, parts: &mut Vec<Ast>) -> Result<(), Fault> {
        for (text, assertion) in [("\\b", "\\b"), ("\\B", "\\B"), ("\\A", TEXT_START), ("\\z", TEXT_END)] {
            if self.take(text) {
                parts.push(Ast::Assertion(assertion));
                return Ok(());
            }
        }
        if self.take("\\C") {
            return Err(Fault::NotEvaluated("`\\C`, a single byte"));
        }
        if self.take("\\Q") {
            while !self.take("\\E") {
                let Some(c) = self.next() else { break };
                parts.push(self.literal(u32::from(c))?);
            }
            return Ok(());
        }
        if let Some(set) = self.perl_class()? {
            parts.push(Ast::Set(set));
            return Ok(());
        }
        let c = self.escaped()?;
        parts.push(self.literal(c)?);
        Ok(())
    }

    /// `\d`, `\W` and their like, in a class or outside.
    fn perl_class(&mut self) -> Result<Option<Ranges>, Fault> {
        let rest = self.rest();
        if rest.starts_with("\\p") || rest.starts_with("\\P") {
            if rest.len() == 2 {
                self.at += 2;
                return self.invalid("invalid character class range", self.at - 2);
            }
            return Err(Fault::NotEvaluated("a Unicode group such as `\\pL`"));
        }
        let Some(kind) = rest.strip_prefix('\\').and_then(|rest| rest.chars().next()) else { return Ok(None) };
        let name = match kind.to_ascii_lowercase() {
            'd' => "digit",
            's' => "perl space",
            'w' => "word",
            _ => return Ok(None),
        };
        self.at += 2;
        Ok(Some(self.named(name, kind.is_ascii_uppercase())?))
    }

    fn named(&self, name: &str, negated: bool) -> Result<Ranges, Fault> {
        let mut set = named_set(name).unwrap_or_default();
        if self.flags.fold {
            fold(&mut set)?;
        }
        Ok(if negated { complement(set) } else { set })
    }

    /// The code point that an escape stands for.
    fn escaped(&mut self) -> Result<u32, Fault> {
        const WHAT: &str = "invalid escape sequence";
        let start = self.at;
        self.next();
        let Some(c) = self.next() else { return Err(Fault::Invalid("trailing \\".into())) };
        let digit = |c: Option<char>, radix| c.and_then(|c| c.to_digit(radix));
        Ok(match c {
            'n' => 10,
            'r' => 13,
            't' => 9,
            'a' => 7,
            'f' => 12,
            'v' => 11,
            '0'..='7' => {
                let mut code = digit(Some(c), 8).unwrap_or(0);
                // One digit other than 0 would be a reference to a group.
                if c != '0' && digit(self.peek(), 8).is_none() {
                    return self.invalid(WHAT, start);
                }
                for _ in 0..2 {
                    let Some(next) = digit(self.peek(), 8) else { break };
                    self.next();
                    code = code * 8 + next;
                }
                code
            }
            // RE2 looks for a character where there is none.
            'x' if self.rest() == "{" => return Err(Fault::Invalid("invalid UTF-8".into())),
            'x' if self.take("{") => {
                let mut code = 0;
                let mut digits = 0;
                loop {
                    let c = self.next();
                    match digit(c, 16) {
                        Some(value) => (code, digits) = (code * 16 + value, digits + 1),
                        None if c == Some('}') && digits > 0 => break,
                        None => return self.invalid(WHAT, start),
                    }
                    if code > LAST {
                        return self.invalid(WHAT, start);
                    }
                }
                code
            }
            'x' => {
                let high = self.next();
                let low = if high.is_some() { self.next() } else { None };
                match (digit(high, 16), digit(low, 16)) {
                    (Some(high), Some(low)) => high * 16 + low,
                    _ => return self.invalid(WHAT, start),
                }
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
            _ => return self.invalid(WHAT, start),
        })
    }

    /// At `[`.
    fn class(&mut self) -> Result<Ast, Fault> {
        let start = self.at;
        self.next();
        let negated = self.take("^");
        let mut set = Ranges::new();
        let mut first = true;
        loop {
            match self.peek() {
                None => {
                    self.at = self.pattern.len();
                    return self.invalid("missing ]", start);
                }
                Some(']') if !first => break,
                Some(_) => first = false,
            }
            if let Some(named) = self.posix_class()? {
                set.extend(named);
            } else if let Some(named) = self.perl_class()? {
                set.extend(named);
            } else {
                let mut range = vec![self.range(start)?];
                if self.flags.fold {
                    fold(&mut range)?;
                }
                set.extend(range);
            }
        }
        self.next();
        Ok(Ast::Set(if negated { complement(set) } else { merged(set) }))
    }

    /// `[:alpha:]` inside of a class.
    fn posix_class(&mut self) -> Result<Option<Ranges>, Fault> {
        let start = self.at;
        let Some(body) = self.rest().strip_prefix("[:") else { return Ok(None) };
        let Some(length) = body.find(":]") else { return Ok(None) };
        let written = body.get(..length).unwrap_or("");
        self.at += length + 4;
        let name = written.strip_prefix('^').unwrap_or(written);
        if name.contains(' ') || named_set(name).is_none() {
            return self.invalid("invalid character class range", start);
        }
        Ok(Some(self.named(name, name != written)?))
    }

    fn range(&mut self, class: usize) -> Result<(u32, u32), Fault> {
        let start = self.at;
        let low = self.class_character(class)?;
        let rest = self.rest();
        if !rest.starts_with('-') || rest.starts_with("-]") {
            return Ok((low, low));
        }
        self.next();
        let high = self.class_character(class)?;
        if high < low {
            return self.invalid("invalid character class range", start);
        }
        Ok((low, high))
    }

    fn class_character(&mut self, class: usize) -> Result<u32, Fault> {
        match self.peek() {
            Some('\\') => self.escaped(),
            Some(c) => {
                self.next();
                Ok(u32::from(c))
            }
            None => self.invalid("missing ]", class),
        }
    }
}

/// A count without a leading zero.
fn count(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) || text.len() > 9 {
        return None;
    }
    text.parse().ok()
}

fn named_set(name: &str) -> Option<Ranges> {
    let ranges: &[(char, char)] = match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        "perl space" => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        _ => return None,
    };
    Some(ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))).gather())
}

/// Adds the other case of every letter. Of letters outside of ASCII only the two that fold into it are known.
fn fold(set: &mut Ranges) -> Result<(), Fault> {
    for (low, high) in set.clone() {
        if high > 0x7f {
            let caseless = low == high && char::from_u32(low).is_some_and(unicode::is_caseless);
            if !caseless {
                return Err(Fault::NotEvaluated("`(?i)` with letters outside of ASCII"));
            }
            continue;
        }
        for (first, last, other) in [('a', 'z', 'A'), ('A', 'Z', 'a')] {
            let (first, last, other) = (u32::from(first), u32::from(last), u32::from(other));
            let (from, to) = (low.max(first), high.min(last));
            if from <= to {
                set.push((from - first + other, to - first + other));
            }
        }
        for (letter, extra) in [('k', 0x212a), ('K', 0x212a), ('s', 0x17f), ('S', 0x17f)] {
            if (low..=high).contains(&u32::from(letter)) {
                set.push((extra, extra));
            }
        }
    }
    *set = merged(std::mem::take(set));
    Ok(())
}

/// In order, without overlaps.
fn merged(mut set: Ranges) -> Ranges {
    sort(&mut set);
    let mut out: Ranges = Vec::with_capacity(set.len());
    for (low, high) in set {
        match out.last_mut() {
            Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
            _ => out.push((low, high)),
        }
    }
    out
}

fn complement(set: Ranges) -> Ranges {
    let mut out = Vec::new();
    let mut next = 0;
    for (low, high) in merged(set) {
        if next < low {
            out.push((next, low - 1));
        }
        next = high + 1;
    }
    if next <= LAST {
        out.push((next, LAST));
    }
    out
}
