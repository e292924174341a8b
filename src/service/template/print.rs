//! Go's `fmt`: `print`, `println` and `printf` for the values a template can have.

use super::quote::{can_backquote, is_print, quote_with, runes};
use super::value::Value;
use crate::float;

/// The longest text made here, and the largest precision; a hostname has at most 253 characters. Formatting panics
/// beyond 65535.
pub(super) const MAX_TEXT: usize = 60_000;

/// The largest width or precision that Go reads.
const MAX_WIDTH: i64 = 1_000_000;

/// What could not be printed.
pub(super) struct Unprintable(pub &'static str);

/// Joins values, with a space between two that are not text.
pub(super) fn print(values: &[Value], type_name: &str) -> Result<Vec<u8>, Unprintable> {
    let mut printer = Printer::new(type_name);
    let mut before_text = true;
    for value in values {
        let text = matches!(value, Value::Text(_));
        if !text && !before_text {
            printer.write(" ");
        }
        printer.value(value, 'v');
        before_text = text;
    }
    printer.finish()
}

/// Joins values with spaces and ends the line.
pub(super) fn println(values: &[Value], type_name: &str) -> Result<Vec<u8>, Unprintable> {
    let mut printer = Printer::new(type_name);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.write(" ");
        }
        printer.value(value, 'v');
    }
    printer.write("\n");
    printer.finish()
}

/// Formats values.
pub(super) fn printf(format: &[u8], values: &[Value], type_name: &str) -> Result<Vec<u8>, Unprintable> {
    let mut printer = Printer::new(type_name);
    printer.format(format, values);
    printer.finish()
}

#[derive(Clone, Copy, Default)]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v`: structs with field names.
    plus_v: bool,
    /// `%#v`: Go syntax.
    sharp_v: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Printer<'a> {
    out: Vec<u8>,
    flags: Flags,
    /// What Go calls the struct that a template gets as its dot.
    type_name: &'a str,
    failure: Option<Unprintable>,
}

impl<'a> Printer<'a> {
    fn new(type_name: &'a str) -> Self {
        Printer { out: Vec::new(), flags: Flags::default(), type_name, failure: None }
    }

    fn finish(self) -> Result<Vec<u8>, Unprintable> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.out),
        }
    }

    fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        if self.out.len() + bytes.len() > MAX_TEXT {
            self.failure = Some(Unprintable("a text of more than 60000 bytes"));
        } else {
            self.out.extend_from_slice(bytes);
        }
    }

    fn padding(&mut self, count: usize) {
        if count > MAX_TEXT {
            self.failure = Some(Unprintable("a text of more than 60000 bytes"));
            return;
        }
        let fill = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.write_bytes(&vec![fill; count]);
    }

    fn pad(&mut self, bytes: &[u8]) {
        let missing = self.flags.width.unwrap_or(0).saturating_sub(runes(bytes).count());
        if self.flags.minus {
            self.write_bytes(bytes);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.write_bytes(bytes);
        }
    }

    /// Pads with spaces, whatever the flags say about zeros.
    fn pad_with_spaces(&mut self, bytes: &[u8]) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(bytes);
        self.flags.zero = zero;
    }

    fn type_of(&self, value: &Value) -> String {
        value.type_name(self.type_name).to_owned()
    }

    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.write("%!");
        self.write(verb.encode_utf8(&mut [0; 4]));
        self.write("(");
        if matches!(value, Value::Nothing) {
            self.write("<nil>");
        } else {
            let name = self.type_of(value);
            self.write(&name);
            self.write("=");
            self.value(value, 'v');
        }
        self.write(")");
    }

    fn value(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nothing, 'T' | 'v') => self.pad(b"<nil>"),
            (_, 'T') => {
                let name = self.type_of(value);
                self.text(name.as_bytes());
            }
            (_, 'p') => self.bad_verb(value, verb),
            (Value::Bool(truth), 't' | 'v') => self.pad(if *truth { b"true" } else { b"false" }),
            (Value::Int(number), _) => self.integer(value, i128::from(*number), verb),
            (Value::Byte(number), _) => self.integer(value, i128::from(*number), verb),
            (Value::Float(number), 'v') => self.float(*number, 'g', None),
            (Value::Float(number), 'g' | 'G') => self.float(*number, verb, None),
            (Value::Float(number), 'f' | 'e' | 'E') => self.float(*number, verb, Some(6)),
            (Value::Float(number), 'F') => self.float(*number, 'f', Some(6)),
            (Value::Complex(real, imaginary), 'v' | 'g' | 'G' | 'f' | 'F' | 'e' | 'E') => {
                let plus = self.flags.plus;
                self.write("(");
                self.value(&Value::Float(*real), verb);
                self.flags.plus = true;
                self.value(&Value::Float(*imaginary), verb);
                self.write("i)");
                self.flags.plus = plus;
            }
            (Value::Float(_) | Value::Complex(..), 'b' | 'x' | 'X') => {
                self.failure = Some(Unprintable("printf of a float in binary or hexadecimal"));
            }
            (Value::Text(text), 'v') if self.flags.sharp_v => self.quoted(text),
            (Value::Text(text), 'v' | 's') => self.text(text),
            (Value::Text(text), 'x') => self.hexadecimal(text, b"0123456789abcdefx"),
            (Value::Text(text), 'X') => self.hexadecimal(text, b"0123456789ABCDEFX"),
            (Value::Text(text), 'q') => self.quoted(text),
            (Value::Data(_), 'w') => self.bad_verb(value, verb),
            (Value::Data(fields), _) => {
                if self.flags.sharp_v {
                    let name = self.type_of(value);
                    self.write(&name);
                }
                self.write("{");
                for (index, (name, field)) in fields.iter().enumerate() {
                    if index > 0 {
                        self.write(if self.flags.sharp_v { ", " } else { " " });
                    }
                    if self.flags.plus_v || self.flags.sharp_v {
                        self.write(name);
                        self.write(":");
                    }
                    self.value(&Value::Text(field.clone()), verb);
                }
                self.write("}");
            }
            _ => self.bad_verb(value, verb),
        }
    }

    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else { return text };
        let length = runes(text).take(precision).map(|rune| rune.map_or(1, char::len_utf8)).sum();
        text.get(..length).unwrap_or(text)
    }

    fn text(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        self.pad(text);
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        if self.flags.sharp && can_backquote(text) {
            self.pad(&[b"`", text, b"`"].concat());
        } else {
            self.pad(quote_with(text, '"', self.flags.plus).as_bytes());
        }
    }

    fn hexadecimal(&mut self, text: &[u8], digits: &[u8; 17]) {
        let [.., x] = *digits;
        let length = self.flags.precision.map_or(text.len(), |precision| precision.min(text.len()));
        let mut out = Vec::new();
        for (index, byte) in text.iter().take(length).enumerate() {
            if self.flags.space && index > 0 {
                out.push(b' ');
            }
            if self.flags.sharp && (index == 0 || self.flags.space) {
                out.extend([b'0', x]);
            }
            for half in [byte >> 4, byte & 15] {
                out.extend(digits.get(usize::from(half)));
            }
        }
        if out.is_empty() {
            self.padding(self.flags.width.unwrap_or(0));
        } else {
            self.pad(&out);
        }
    }

    fn integer(&mut self, value: &Value, number: i128, verb: char) {
        let unsigned = matches!(value, Value::Byte(_));
        match verb {
            'v' if self.flags.sharp_v && unsigned => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.digits(number, 16, 'x');
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.digits(number, 10, verb),
            'b' => self.digits(number, 2, verb),
            'o' | 'O' => self.digits(number, 8, verb),
            'x' | 'X' => self.digits(number, 16, verb),
            'c' | 'q' => {
                let c = u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                let text = if verb == 'c' {
                    c.to_string()
                } else {
                    quote_with(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', self.flags.plus)
                };
                self.pad(text.as_bytes());
            }
            'U' => self.code_point(number),
            _ => self.bad_verb(value, verb),
        }
    }

    fn code_point(&mut self, number: i128) {
        // A negative number is printed as the 64 bits it is made of.
        let bits = if number < 0 { number + (1 << 64) } else { number };
        let precision = self.flags.precision.unwrap_or(4).clamp(4, MAX_TEXT);
        let mut text = format!("U+{bits:0precision$X}");
        let shown = u32::try_from(bits).ok().and_then(char::from_u32).filter(|c| is_print(*c));
        if let (true, Some(c)) = (self.flags.sharp, shown) {
            text.push_str(&format!(" '{c}'"));
        }
        self.pad_with_spaces(text.as_bytes());
    }

    fn digits(&mut self, number: i128, radix: u32, verb: char) {
        let negative = number < 0;
        let magnitude = number.unsigned_abs();
        let mut precision = 0;
        if let Some(wanted) = self.flags.precision {
            precision = wanted;
            if wanted == 0 && number == 0 {
                let zero = std::mem::take(&mut self.flags.zero);
                self.padding(self.flags.width.unwrap_or(0));
                self.flags.zero = zero;
                return;
            }
        } else if let (true, false, Some(width)) = (self.flags.zero, self.flags.minus, self.flags.width) {
            let sign = negative || self.flags.plus || self.flags.space;
            precision = width.saturating_sub(usize::from(sign));
        }
        if precision > MAX_TEXT {
            self.failure = Some(Unprintable("a text of more than 60000 bytes"));
            return;
        }
        let mut digits = match radix {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        digits = "0".repeat(precision.saturating_sub(digits.len())) + &digits;
        let mut prefix = String::new();
        if negative {
            prefix.push('-');
        } else if self.flags.plus {
            prefix.push('+');
        } else if self.flags.space {
            prefix.push(' ');
        }
        if verb == 'O' {
            prefix.push_str("0o");
        }
        if self.flags.sharp {
            match radix {
                2 => prefix.push_str("0b"),
                8 if !digits.starts_with('0') => prefix.push('0'),
                16 => prefix.push_str(if verb == 'X' { "0X" } else { "0x" }),
                _ => {}
            }
        }
        self.pad_with_spaces((prefix + &digits).as_bytes());
    }

    fn float(&mut self, number: f64, verb: char, usual: Option<usize>) {
        let precision = self.flags.precision.or(usual);
        if precision.is_some_and(|precision| precision > MAX_TEXT) {
            self.failure = Some(Unprintable("a text of more than 60000 bytes"));
            return;
        }
        let negative = number.is_sign_negative();
        let mut digits = float_digits(number.abs(), verb, precision);
        if self.flags.sharp {
            digits = with_point(&digits, verb, precision);
        }
        let sign = match negative {
            true => "-",
            false if self.flags.plus => "+",
            false if self.flags.space => " ",
            false => "",
        };
        let width = self.flags.width.unwrap_or(0);
        // Zeros go between the sign and the digits.
        if !sign.is_empty() && self.flags.zero && !self.flags.minus {
            self.write(sign);
            self.padding(width.saturating_sub(sign.len() + digits.len()));
            self.write(&digits);
        } else {
            self.pad((sign.to_owned() + &digits).as_bytes());
        }
    }

    fn format(&mut self, format: &[u8], values: &[Value]) {
        let mut cursor = Cursor { format, at: 0 };
        let mut next = 0;
        let mut reordered = false;
        loop {
            let start = cursor.at;
            while cursor.peek().is_some_and(|byte| byte != b'%') {
                cursor.at += 1;
            }
            self.write_bytes(format.get(start..cursor.at).unwrap_or_default());
            if cursor.peek().is_none() {
                break;
            }
            cursor.at += 1;
            self.flags = Flags::default();
            let mut good = true;
            while let Some(flag) = cursor.peek() {
                match flag {
                    b'#' => self.flags.sharp = true,
                    b'0' => self.flags.zero = true,
                    b'+' => self.flags.plus = true,
                    b'-' => self.flags.minus = true,
                    b' ' => self.flags.space = true,
                    _ => break,
                }
                cursor.at += 1;
            }
            let mut after_index = false;
            cursor.index(&mut next, &mut reordered, &mut good, &mut after_index, values.len());
            if cursor.take(b'*') {
                let width = whole(values, &mut next);
                if width.is_none() {
                    self.write("%!(BADWIDTH)");
                }
                if width.is_some_and(i64::is_negative) {
                    (self.flags.minus, self.flags.zero) = (true, false);
                }
                self.flags.width = width.and_then(|width| usize::try_from(width.unsigned_abs()).ok());
                after_index = false;
            } else {
                self.flags.width = cursor.number();
                if after_index && self.flags.width.is_some() {
                    good = false;
                }
            }
            if cursor.peek() == Some(b'.') && cursor.at + 1 < format.len() {
                cursor.at += 1;
                if after_index {
                    good = false;
                }
                cursor.index(&mut next, &mut reordered, &mut good, &mut after_index, values.len());
                if cursor.take(b'*') {
                    let precision = whole(values, &mut next);
                    self.flags.precision = precision.and_then(|precision| usize::try_from(precision).ok());
                    if self.flags.precision.is_none() {
                        self.write("%!(BADPREC)");
                    }
                    after_index = false;
                } else {
                    self.flags.precision = Some(cursor.number().unwrap_or(0));
                }
            }
            if !after_index {
                cursor.index(&mut next, &mut reordered, &mut good, &mut after_index, values.len());
            }
            let Some(verb) = cursor.rune() else {
                self.write("%!(NOVERB)");
                break;
            };
            match (verb, values.get(next)) {
                ('%', _) => self.write("%"),
                (_, _) if !good => self.bad_argument(verb, "(BADINDEX)"),
                (_, None) => self.bad_argument(verb, "(MISSING)"),
                (_, Some(value)) => {
                    if matches!(verb, 'v' | 'w') {
                        self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                        self.flags.plus_v = std::mem::take(&mut self.flags.plus);
                    }
                    self.value(value, verb);
                    next += 1;
                }
            }
        }
        if reordered || next >= values.len() {
            return;
        }
        self.flags = Flags::default();
        self.write("%!(EXTRA ");
        for (index, value) in values.iter().skip(next).enumerate() {
            if index > 0 {
                self.write(", ");
            }
            if matches!(value, Value::Nothing) {
                self.write("<nil>");
            } else {
                let name = self.type_of(value);
                self.write(&name);
                self.write("=");
                self.value(value, 'v');
            }
        }
        self.write(")");
    }

    fn bad_argument(&mut self, verb: char, what: &str) {
        self.write("%!");
        self.write(verb.encode_utf8(&mut [0; 4]));
        self.write(what);
    }
}

/// A width or precision that is an argument.
fn whole(values: &[Value], next: &mut usize) -> Option<i64> {
    let value = values.get(*next)?;
    *next += 1;
    match value {
        Value::Int(number) if (-MAX_WIDTH..=MAX_WIDTH).contains(number) => Some(*number),
        Value::Byte(number) => Some(i64::from(*number)),
        _ => None,
    }
}

struct Cursor<'a> {
    format: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// The verb. A byte that is no UTF-8 counts as the replacement character.
    fn rune(&mut self) -> Option<char> {
        let rune = runes(self.format.get(self.at..)?).next()?;
        self.at += rune.map_or(1, char::len_utf8);
        Some(rune.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn number(&mut self) -> Option<usize> {
        let (number, end) = decimal(self.format, self.at, self.format.len());
        self.at = end;
        number
    }

    /// `[2]`: which argument comes next.
    fn index(&mut self, next: &mut usize, reordered: &mut bool, good: &mut bool, found: &mut bool, count: usize) {
        *found = false;
        if self.peek() != Some(b'[') {
            return;
        }
        *reordered = true;
        let rest = self.format.get(self.at..).unwrap_or_default();
        let close = if rest.len() < 3 { None } else { rest.iter().position(|byte| *byte == b']') };
        let Some(close) = close else {
            self.at += 1;
            *good = false;
            return;
        };
        let (number, end) = decimal(rest, 1, close);
        self.at += close + 1;
        let number = number.filter(|_| end == close);
        *found = number.is_some();
        match number.and_then(|number| number.checked_sub(1)).filter(|index| *index < count) {
            Some(index) => *next = index,
            None => *good = false,
        }
    }
}

/// Decimal digits between two places; a number of absurd size reads as none and takes everything.
fn decimal(format: &[u8], start: usize, end: usize) -> (Option<usize>, usize) {
    let mut number = None;
    let mut at = start;
    while let Some(digit) = format.get(at).filter(|byte| byte.is_ascii_digit()) {
        let so_far = number.unwrap_or(0usize);
        if so_far > 1_000_000 {
            return (None, end);
        }
        number = Some(so_far * 10 + usize::from(digit - b'0'));
        at += 1;
    }
    (number, at)
}

/// The digits of a number that is not negative, in the notation of the verb; no precision means as few as identify it.
fn float_digits(number: f64, verb: char, precision: Option<usize>) -> String {
    let upper = verb.is_ascii_uppercase();
    match (verb.to_ascii_lowercase(), precision) {
        ('f', Some(precision)) => float::fixed(number, precision),
        ('e', Some(precision)) => go_exponent(&float::scientific(number, Some(precision)), upper),
        (_, precision) => {
            let wanted = precision.map(|precision| precision.max(1));
            let exact = float::scientific(number, wanted.map(|wanted| wanted - 1));
            let (mantissa, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
            let digits = mantissa.replace('.', "");
            let digits = digits.trim_end_matches('0').len();
            let exponent: i64 = exponent.parse().unwrap_or(0);
            let point = if digits == 0 { 0 } else { exponent + 1 };
            let digits = i64::try_from(digits).unwrap_or(0);
            let wanted = wanted.map(|wanted| i64::try_from(wanted).unwrap_or(i64::MAX));
            let limit = wanted.unwrap_or(6);
            let exponent = point - 1;
            if exponent < -4 || exponent >= limit {
                let kept = wanted.map_or(digits, |wanted| wanted.min(digits));
                let decimals = usize::try_from(kept - 1).unwrap_or(0);
                go_exponent(&float::scientific(number, Some(decimals)), upper)
            } else {
                let decimals = usize::try_from(digits - point).unwrap_or(0);
                float::fixed(number, decimals)
            }
        }
    }
}

/// Go writes the exponent with a sign and at least two digits.
fn go_exponent(text: &str, upper: bool) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{}{sign}{:02}", if upper { 'E' } else { 'e' }, exponent.abs())
}

/// The `#` flag: always a decimal point, and trailing zeros for `%g`.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let at = text.find(['e', 'E']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(at).unwrap_or((text, ""));
    let mut mantissa = mantissa.to_owned();
    let mut wanted = match verb {
        'g' | 'G' => i64::try_from(precision.unwrap_or(6)).unwrap_or(0),
        _ => 0,
    };
    let significant = mantissa.chars().filter(|c| *c != '.').skip_while(|c| *c == '0').count();
    wanted -= i64::try_from(significant).unwrap_or(0);
    if !mantissa.contains('.') {
        if mantissa == "0" {
            wanted -= 1;
        }
        mantissa.push('.');
    }
    for _ in 0..wanted {
        mantissa.push('0');
    }
    mantissa + exponent
}
