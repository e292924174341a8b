//! The grammar: tokens to events, with a stack of its own instead of recursion.

use std::borrow::Cow;

use super::compose::Composer;
use super::events::{Event, Mark, Style};
use super::node::Span;
use super::problem::{Failure, Problem};
use super::scan::{Kind, Scanner, Token};

/// Where a collection was opened: byte offset and line.
type Place = (usize, usize);

/// What comes next when the value at hand is complete.
#[derive(Clone, Copy, Debug)]
enum State {
    BlockSeq(Place),
    /// A list at the column of its key.
    IndentlessSeq,
    BlockMapKey(Place),
    BlockMapValue(Place),
    FlowSeq {
        place: Place,
        first: bool,
    },
    /// The parts of `[key: value]`, a mapping without braces.
    PairValue,
    PairEnd,
    FlowMapKey {
        place: Place,
        first: bool,
    },
    FlowMapValue(Place),
    /// A key without `:` in braces.
    FlowMapNull(Place),
}

/// How the reading of a document ended.
#[derive(Debug)]
pub(super) enum End {
    /// All of it was read.
    Complete,
    /// The composer wanted no more.
    Stopped,
    /// Something follows that Kuma does not read: text after `...` or after the end of the value.
    Ignored { at: usize },
    /// It is not YAML.
    Failed(Failure),
}

/// Feeds the composer with the events of one document, which begins at `base` in its source.
pub(super) fn parse<'a>(text: &'a str, base: u32, composer: &mut Composer<'a, '_>) -> End {
    if let Some(failure) = control_character(text) {
        return End::Failed(failure);
    }
    let mut parser = Parser { scanner: Scanner::new(text), states: Vec::with_capacity(16), base, composer };
    match parser.document() {
        Ok(end) => end,
        Err(failure) => End::Failed(failure),
    }
}

/// The first character that YAML forbids anywhere.
fn control_character(text: &str) -> Option<Failure> {
    let plain = |b: u8| (0x20..0x7f).contains(&b) || matches!(b, b'\t' | b'\n' | b'\r');
    let allowed = |c: char| match c {
        '\0'..='\u{7f}' => plain(c as u8),
        '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => true,
        _ => false,
    };
    if text.bytes().all(plain) {
        return None;
    }
    let (at, _) = text.char_indices().find(|&(_, c)| !allowed(c))?;
    Some(Failure { problem: Problem::ControlCharacter, at, about: None, kuma_line: None })
}

struct Parser<'a, 'b, 'c> {
    scanner: Scanner<'a>,
    states: Vec<State>,
    base: u32,
    composer: &'c mut Composer<'a, 'b>,
}

/// Whether the composer wants more.
type Step = Result<bool, Failure>;

impl<'a> Parser<'a, '_, '_> {
    fn document(&mut self) -> Result<End, Failure> {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Directive => return Err(failure(Problem::DocumentStart, token, None)),
            Kind::DocumentStart | Kind::DocumentEnd => return Err(failure(Problem::NodeContent, token, None)),
            Kind::End => {
                let at = token.start;
                return Ok(if self.nothing(at) { End::Complete } else { End::Stopped });
            }
            _ => {}
        }
        let mut going = self.node(true, false)?;
        while going {
            let Some(state) = self.states.pop() else { break };
            going = self.step(state)?;
        }
        if !going {
            return Ok(End::Stopped);
        }
        // The reader looks at one token more, and trips over it if it is none.
        let token = self.scanner.next()?;
        let at = match token.kind {
            Kind::End => return Ok(End::Complete),
            Kind::DocumentEnd => match self.scanner.peek() {
                Ok(Token { kind: Kind::End | Kind::DocumentEnd, .. }) => return Ok(End::Complete),
                Ok(token) => token.start,
                Err(failure) => failure.at,
            },
            _ => token.start,
        };
        Ok(End::Ignored { at })
    }

    fn step(&mut self, state: State) -> Step {
        match state {
            State::BlockSeq(place) => self.block_seq(place),
            State::IndentlessSeq => self.indentless_seq(),
            State::BlockMapKey(place) => self.block_map_key(place),
            State::BlockMapValue(place) => self.block_map_value(place),
            State::FlowSeq { place, first } => self.flow_seq(place, first),
            State::PairValue => self.pair_value(),
            State::PairEnd => {
                let at = self.scanner.peek()?.start;
                Ok(self.emit(Event::MapEnd, at, at))
            }
            State::FlowMapKey { place, first } => self.flow_map_key(place, first),
            State::FlowMapValue(place) => self.flow_map_value(place),
            State::FlowMapNull(place) => {
                let at = self.scanner.peek()?.start;
                self.states.push(State::FlowMapKey { place, first: false });
                Ok(self.nothing(at))
            }
        }
    }

    fn emit(&mut self, event: Event<'a>, start: usize, end: usize) -> bool {
        self.composer.take(event, Span::new(self.base + start as u32, self.base + end as u32))
    }

    /// A value that is not written.
    fn nothing(&mut self, at: usize) -> bool {
        self.scalar(Cow::Borrowed(""), Style::Plain, Mark::default(), at, at)
    }

    fn scalar(&mut self, text: Cow<'a, str>, style: Style, mark: Mark<'a>, start: usize, end: usize) -> bool {
        self.emit(Event::Scalar { text, style, mark }, start, end)
    }

    /// A value with its anchor and tag. `block` allows block collections, `indentless` a list at the column of its key.
    fn node(&mut self, block: bool, indentless: bool) -> Step {
        let mut mark = Mark::default();
        let mut properties: Option<Place> = None;
        let mut end = 0;
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Alias(name) if properties.is_none() => {
                    let (start, end) = (token.start, token.end);
                    self.scanner.next()?;
                    return Ok(self.emit(Event::Alias(name), start, end));
                }
                Kind::Anchor(name) if mark.anchor.is_none() => mark.anchor = Some(name),
                Kind::Tag(tag) if mark.tag.is_none() => mark.tag = Some(tag),
                _ => break,
            }
            properties = properties.or(Some((token.start, token.line)));
            end = token.end;
            self.scanner.next()?;
        }
        let token = self.scanner.peek()?;
        let place = (token.start, token.line);
        let opened = match token.kind {
            Kind::Scalar(..) => {
                let token = self.scanner.next()?;
                let Kind::Scalar(text, plain) = token.kind else { return Ok(true) };
                let style = if plain { Style::Plain } else { Style::Text };
                return Ok(self.scalar(text, style, mark, token.start, token.end));
            }
            Kind::BlockEntry if indentless => {
                self.states.push(State::IndentlessSeq);
                return Ok(self.emit(Event::SeqStart(mark), place.0, place.0));
            }
            Kind::FlowSeqStart => Some((State::FlowSeq { place, first: true }, Event::SeqStart(mark))),
            Kind::FlowMapStart => Some((State::FlowMapKey { place, first: true }, Event::MapStart(mark))),
            Kind::BlockSeqStart if block => Some((State::BlockSeq(place), Event::SeqStart(mark))),
            Kind::BlockMapStart if block => Some((State::BlockMapKey(place), Event::MapStart(mark))),
            _ => None,
        };
        if let Some((state, event)) = opened {
            let token = self.scanner.next()?;
            self.states.push(state);
            return Ok(self.emit(event, token.start, token.end));
        }
        if properties.is_some() {
            return Ok(self.scalar(Cow::Borrowed(""), Style::Plain, mark, end, end));
        }
        Err(failure(Problem::NodeContent, token, Some(place)))
    }

    fn block_seq(&mut self, place: Place) -> Step {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::BlockEntry => {
                let dash = self.scanner.next()?.end;
                self.states.push(State::BlockSeq(place));
                match self.scanner.peek()?.kind {
                    Kind::BlockEntry | Kind::BlockEnd => Ok(self.nothing(dash)),
                    _ => self.node(true, false),
                }
            }
            Kind::BlockEnd => {
                self.scanner.next()?;
                Ok(self.close(Event::SeqEnd))
            }
            _ => Err(failure(Problem::BlockSeqEntry, token, Some(place))),
        }
    }

    /// Ends a block collection: with its last value, not where the next token comes.
    fn close(&mut self, event: Event<'a>) -> bool {
        self.emit(event, 0, 0)
    }

    fn indentless_seq(&mut self) -> Step {
        if self.scanner.peek()?.kind != Kind::BlockEntry {
            return Ok(self.close(Event::SeqEnd));
        }
        let dash = self.scanner.next()?.end;
        self.states.push(State::IndentlessSeq);
        match self.scanner.peek()?.kind {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.nothing(dash)),
            _ => self.node(true, false),
        }
    }

    fn block_map_key(&mut self, place: Place) -> Step {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Key => {
                let at = self.scanner.next()?.end;
                self.states.push(State::BlockMapValue(place));
                match self.scanner.peek()?.kind {
                    Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.nothing(at)),
                    _ => self.node(true, true),
                }
            }
            Kind::BlockEnd => {
                self.scanner.next()?;
                Ok(self.close(Event::MapEnd))
            }
            _ => Err(failure(Problem::BlockMapKey, token, Some(place))),
        }
    }

    fn block_map_value(&mut self, place: Place) -> Step {
        self.states.push(State::BlockMapKey(place));
        let token = self.scanner.peek()?;
        if token.kind != Kind::Value {
            let at = token.start;
            return Ok(self.nothing(at));
        }
        let colon = self.scanner.next()?.end;
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.nothing(colon)),
            _ => self.node(true, true),
        }
    }

    fn flow_seq(&mut self, place: Place, first: bool) -> Step {
        if !first && self.scanner.peek()?.kind != Kind::FlowSeqEnd {
            let token = self.scanner.peek()?;
            if token.kind != Kind::FlowEntry {
                return Err(failure(Problem::FlowSeqEntry, token, Some(place)));
            }
            self.scanner.next()?;
        }
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::FlowSeqEnd => {
                self.scanner.next()?;
                Ok(self.emit(Event::SeqEnd, start, end))
            }
            Kind::Key => {
                self.scanner.next()?;
                self.states.push(State::FlowSeq { place, first: false });
                if !self.emit(Event::MapStart(Mark::default()), start, start) {
                    return Ok(false);
                }
                self.states.push(State::PairValue);
                let token = self.scanner.peek()?;
                let at = token.end;
                match token.kind {
                    Kind::Value | Kind::FlowEntry | Kind::FlowSeqEnd => {
                        self.scanner.next()?;
                        Ok(self.nothing(at))
                    }
                    _ => self.node(false, false),
                }
            }
            _ => {
                self.states.push(State::FlowSeq { place, first: false });
                self.node(false, false)
            }
        }
    }

    fn pair_value(&mut self) -> Step {
        self.states.push(State::PairEnd);
        self.flow_value(&Kind::FlowSeqEnd)
    }

    /// The value after `:` within brackets, up to a comma or `end`.
    fn flow_value(&mut self, end: &Kind<'a>) -> Step {
        let token = self.scanner.peek()?;
        let mut at = token.start;
        if token.kind == Kind::Value {
            self.scanner.next()?;
            let token = self.scanner.peek()?;
            if token.kind != Kind::FlowEntry && token.kind != *end {
                return self.node(false, false);
            }
            at = token.start;
        }
        Ok(self.nothing(at))
    }

    fn flow_map_key(&mut self, place: Place, first: bool) -> Step {
        if !first && self.scanner.peek()?.kind != Kind::FlowMapEnd {
            let token = self.scanner.peek()?;
            if token.kind != Kind::FlowEntry {
                return Err(failure(Problem::FlowMapEntry, token, Some(place)));
            }
            self.scanner.next()?;
        }
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::FlowMapEnd => {
                self.scanner.next()?;
                Ok(self.emit(Event::MapEnd, start, end))
            }
            Kind::Key => {
                self.scanner.next()?;
                self.states.push(State::FlowMapValue(place));
                let token = self.scanner.peek()?;
                let at = token.start;
                match token.kind {
                    Kind::Value | Kind::FlowEntry | Kind::FlowMapEnd => Ok(self.nothing(at)),
                    _ => self.node(false, false),
                }
            }
            _ => {
                self.states.push(State::FlowMapNull(place));
                self.node(false, false)
            }
        }
    }

    fn flow_map_value(&mut self, place: Place) -> Step {
        self.states.push(State::FlowMapKey { place, first: false });
        self.flow_value(&Kind::FlowMapEnd)
    }
}

fn failure(problem: Problem, token: &Token<'_>, about: Option<Place>) -> Failure {
    let failure = Failure::parser(problem, token.start, token.line);
    match about {
        Some((at, line)) => failure.about(at, line),
        None => failure,
    }
}
