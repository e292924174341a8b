//! Writes a source file anew so that every change to it is there, behind a switch.
//!
//! A change is a number; `crate::mutants::on(number)` says in the running program whether it is the one that is made.
//! What is written for a change stands between `/*<number*/` and `/*>*/`, so that a compiler's error can be laid to it.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::list::{Change, Genre};

/// What is put in front of the changed text of a change, with its number.
pub const OPEN: &str = "/*<";
/// What is put behind it.
pub const CLOSE: &str = "/*>*/";

/// A file with its changes behind switches.
pub struct Switched {
    /// The new text.
    pub text: String,
    /// For each change that has a switch, the code it concerns, on one line.
    pub code: BTreeMap<u32, String>,
    /// Changes that do not build: an arm left out of a match that has none for all the rest.
    pub refused: Vec<u32>,
}

/// Writes a file with the given changes behind switches. What it cannot switch (patterns, code in macros) it leaves out.
pub fn switch(text: &str, changes: &[&Change]) -> syn::Result<Switched> {
    let file = syn::parse_file(text)?;
    let mut finder =
        Finder { lines: Lines::of(text), changes, sites: Vec::new(), code: BTreeMap::new(), refused: Vec::new(), text };
    finder.visit_file(&file);
    let Finder { mut sites, code, refused, .. } = finder;
    sites.sort_by_key(|site| (site.range.start, usize::MAX - site.range.end));
    let writer = Writer { text, sites };
    Ok(Switched { text: writer.write(0..text.len(), 0).0, code, refused })
}

/// A place where the text is written anew.
struct Site {
    range: Range<usize>,
    what: What,
}

enum What {
    /// `a op b`.
    Binary { left: Range<usize>, op: String, right: Range<usize>, changes: Vec<(u32, String)> },
    /// `op a`.
    Unary { op: String, operand: Range<usize>, change: u32 },
    /// From the end of a pattern to the arrow.
    Guard { guard: Option<Range<usize>>, deleted: Option<u32>, always: Option<u32>, never: Option<u32> },
    /// Behind the opening brace of a function.
    Body { values: Vec<(u32, String)> },
    /// The value of a field in a struct expression with a base.
    Field { change: u32, name: String, of: String, base: Range<usize>, value: Range<usize>, short: bool },
    /// `const` of a function that holds a switch.
    Const,
}

/// Finds the places of changes.
struct Finder<'a> {
    text: &'a str,
    lines: Lines,
    changes: &'a [&'a Change],
    sites: Vec<Site>,
    code: BTreeMap<u32, String>,
    refused: Vec<u32>,
}

impl Finder<'_> {
    fn at(&self, span: Span, genre: Genre) -> Vec<&Change> {
        let LineColumn { line, column } = span.start();
        self.changes
            .iter()
            .copied()
            .filter(|c| c.genre == genre && c.span.start.line == line && c.span.start.column == column + 1)
            .collect()
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.lines.offset(span.start())..self.lines.offset(span.end())
    }

    fn note(&mut self, change: u32, range: &Range<usize>) {
        let code = self.text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        self.code.insert(change, code);
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let before = self.sites.len();
        let Some(first) = block.stmts.first() else { return };
        let found = self.at(first.span(), Genre::FnValue);
        // a function of `impl Iterator` has one type, which another iterator is not
        let other_type = |c: &&&Change| c.replacement.starts_with("::std::iter::");
        let values: Vec<(u32, String)> =
            found.iter().filter(|c| !other_type(c)).map(|c| (c.id, c.replacement.clone())).collect();
        if !values.is_empty() {
            for (id, _) in &values {
                self.code.insert(*id, String::new());
            }
            let start = self.range(block.brace_token.span.open()).end;
            self.sites.push(Site { range: start..start, what: What::Body { values } });
        }
        visit::visit_block(self, block);
        if let (Some(token), true) = (&signature.constness, self.sites.len() > before) {
            self.sites.push(Site { range: self.range(token.span), what: What::Const });
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    // constants are worked out by the compiler, which has no switches
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        let found = self.at(expr.op.span(), Genre::BinaryOperator);
        let changes: Vec<(u32, String)> = found.iter().map(|c| (c.id, c.replacement.clone())).collect();
        if !changes.is_empty() {
            let range = self.range(expr.span());
            for (id, _) in &changes {
                self.note(*id, &range);
            }
            let op = self.text[self.range(expr.op.span())].to_owned();
            let what =
                What::Binary { left: self.range(expr.left.span()), op, right: self.range(expr.right.span()), changes };
            self.sites.push(Site { range, what });
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        if let Some(change) = self.at(expr.op.span(), Genre::UnaryOperator).first().map(|c| c.id) {
            let range = self.range(expr.span());
            self.note(change, &range);
            let op = self.text[self.range(expr.op.span())].to_owned();
            let what = What::Unary { op, operand: self.range(expr.expr.span()), change };
            self.sites.push(Site { range, what });
        }
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let takes_rest = |arm: &syn::Arm| match &arm.pat {
            syn::Pat::Wild(_) => true,
            // a name that is no constant
            syn::Pat::Ident(name) => name.subpat.is_none() && !name.ident.to_string().starts_with(char::is_uppercase),
            _ => false,
        };
        if !expr.arms.iter().any(takes_rest) {
            let arms = expr.arms.iter().flat_map(|arm| self.at(arm.span(), Genre::MatchArm));
            let arms: Vec<u32> = arms.map(|c| c.id).collect();
            self.refused.extend(arms);
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let deleted =
            self.at(arm.span(), Genre::MatchArm).first().map(|c| c.id).filter(|id| !self.refused.contains(id));
        let (pattern, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&guarded.guard)),
            pattern => (pattern, None),
        };
        let guards = guard.map_or(Vec::new(), |guard| self.at(guard.span(), Genre::MatchArmGuard));
        let with = |value: &str| guards.iter().find(|c| c.replacement == value).map(|c| c.id);
        let (always, never) = (with("true"), with("false"));
        if deleted.or(always).or(never).is_some() {
            let pattern = self.range(pattern.span());
            let guard = guard.map(|guard| self.range(guard.span()));
            if let Some(id) = deleted {
                self.note(id, &pattern);
            }
            for id in [always, never].into_iter().flatten() {
                self.note(id, &guard.clone().unwrap_or_default());
            }
            let range = pattern.end..self.range(arm.fat_arrow_token.span()).start;
            self.sites.push(Site { range, what: What::Guard { guard, deleted, always, never } });
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        if let Some(base) = &expr.rest {
            for field in &expr.fields {
                let Some(change) = self.at(field.span(), Genre::StructField).first().map(|c| c.id) else { continue };
                let range = self.range(field.span());
                self.note(change, &range);
                let syn::Member::Named(name) = &field.member else { continue };
                let what = What::Field {
                    change,
                    name: name.to_string(),
                    of: self.text[self.range(expr.path.span())].to_owned(),
                    base: self.range(base.span()),
                    value: self.range(field.expr.span()),
                    short: field.colon_token.is_none(),
                };
                self.sites.push(Site { range: self.range(field.expr.span()), what });
            }
        }
        visit::visit_expr_struct(self, expr);
    }
}

/// Writes text with the places in it anew.
struct Writer<'a> {
    text: &'a str,
    sites: Vec<Site>,
}

impl Writer<'_> {
    /// The text of a range, from the given site on; and the first site behind it.
    fn write(&self, range: Range<usize>, mut next: usize) -> (String, usize) {
        let mut out = String::new();
        let mut at = range.start;
        while let Some(site) = self.sites.get(next) {
            if site.range.end > range.end || site.range.start >= range.end && !site.range.is_empty() {
                break;
            }
            out.push_str(&self.text[at..site.range.start]);
            let inner = |range: &Range<usize>| {
                let from = self.sites.partition_point(|s| s.range.start < range.start).max(next + 1);
                self.write(range.clone(), from).0
            };
            out.push_str(&site.what.write(inner));
            at = site.range.end;
            next += 1;
            while self.sites.get(next).is_some_and(|s| s.range.start < at) {
                next += 1;
            }
        }
        out.push_str(&self.text[at..range.end]);
        (out, next)
    }
}

impl What {
    fn write(&self, inner: impl Fn(&Range<usize>) -> String) -> String {
        let marked = |id: &u32, code: String| format!("{OPEN}{id}*/{code}{CLOSE}");
        let on = |id: &u32| format!("crate::mutants::on({id})");
        match self {
            What::Const => String::new(),
            What::Body { values } => values
                .iter()
                .map(|(id, value)| match value.as_str() {
                    "()" => marked(id, format!("if {} {{ return; }}", on(id))),
                    _ => marked(id, format!("if {} {{ return {value}; }}", on(id))),
                })
                .collect(),
            What::Unary { op, operand, change } if op == "!" => {
                marked(change, format!("(({}) == {})", inner(operand), on(change)))
            }
            What::Unary { op, operand, change } => {
                let operand = inner(operand);
                marked(change, format!("(if {} {{ {operand} }} else {{ {op}{operand} }})", on(change)))
            }
            What::Guard { guard, deleted, always, never } => {
                let mut kept = guard.as_ref().map_or(String::new(), |g| format!("({})", inner(g)));
                if let Some(id) = never {
                    kept = marked(id, format!("(!{} && {kept})", on(id)));
                }
                if let Some(id) = always {
                    kept = marked(id, format!("({} || {kept})", on(id)));
                }
                if let Some(id) = deleted {
                    let and = if kept.is_empty() { "" } else { " && " };
                    kept = marked(id, format!("!{}{and}{kept}", on(id)));
                }
                format!(" if {kept} ")
            }
            What::Field { change, name, of, base, value, short } => {
                let base = inner(base);
                let other = match base.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)) {
                    true => format!("{base}.{name}"),
                    false => format!("{{ let mutant_base: {of} = {base}; mutant_base.{name} }}"),
                };
                let label = if *short { format!("{name}: ") } else { String::new() };
                marked(change, format!("{label}if {} {{ {other} }} else {{ {} }}", on(change), inner(value)))
            }
            What::Binary { left, op, right, changes } => {
                let (left, right) = (inner(left), inner(right));
                match (op.as_str(), changes.as_slice()) {
                    ("==" | "!=", [(id, _)]) => marked(id, format!("((({left}) {op} ({right})) != {})", on(id))),
                    ("&&", [(id, _)]) => {
                        let off = format!("mutant_left == {}", on(id));
                        marked(id, lazily(&left, &off, &right))
                    }
                    ("||", [(id, _)]) => {
                        let off = format!("mutant_left != {}", on(id));
                        marked(id, lazily(&left, &off, &right))
                    }
                    _ => {
                        let assigns = op.ends_with('=') && !matches!(op.as_str(), "<=" | ">=" | "==" | "!=");
                        let left = if assigns { left } else { format!("({left})") };
                        let mut out = String::from("(");
                        for (id, other) in changes {
                            out += &marked(id, format!("if {} {{ {left} {other} ({right}) }} else ", on(id)));
                        }
                        out + &format!("{{ {left} {op} ({right}) }})")
                    }
                }
            }
        }
    }
}

/// Both sides of `&&` or `||`: the left one is the result where the condition on it holds.
fn lazily(left: &str, left_is_result: &str, right: &str) -> String {
    format!("({{ let mutant_left: bool = {left}; if {left_is_result} {{ mutant_left }} else {{ {right} }} }})")
}

/// Where each line starts and which characters it has.
struct Lines(Vec<(usize, String)>);

impl Lines {
    fn of(text: &str) -> Lines {
        let mut start = 0;
        Lines(
            text.split_inclusive('\n')
                .map(|line| {
                    let here = start;
                    start += line.len();
                    (here, line.to_owned())
                })
                .collect(),
        )
    }

    fn offset(&self, at: LineColumn) -> usize {
        let Some((start, line)) = self.0.get(at.line - 1) else { return self.0.last().map_or(0, |(s, l)| s + l.len()) };
        start + line.char_indices().nth(at.column).map_or(line.len(), |(i, _)| i)
    }
}
