//! Durations as Go reads and prints them.

/// Why a text is no duration, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// Not of the form of a duration, or too long for one.
    Invalid(String),
    /// A number without a unit.
    MissingUnit(String),
    /// A unit that Go does not know.
    UnknownUnit {
        /// The unit.
        unit: String,
        /// The whole text.
        text: String,
    },
}

impl std::fmt::Display for DurationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DurationError::Invalid(text) => write!(f, "time: invalid duration {}", quote(text)),
            DurationError::MissingUnit(text) => write!(f, "time: missing unit in duration {}", quote(text)),
            DurationError::UnknownUnit { unit, text } => {
                write!(f, "time: unknown unit {} in duration {}", quote(unit), quote(text))
            }
        }
    }
}

/// Go's package `time` quotes by itself: quotes and backslashes escaped, other bytes in hexadecimal.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ => {
                let mut bytes = [0; 4];
                for b in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\x{b:02x}"));
                }
            }
        }
    }
    out.push('"');
    out
}

const NANOSECOND: u64 = 1;
const MICROSECOND: u64 = 1_000 * NANOSECOND;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The digits at the start of a text and the rest; digits and dots are ASCII, so both ends are character boundaries.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Reads a duration such as `1m30s` into nanoseconds.
///
/// # Errors
///
/// Those of Go's `time.ParseDuration`.
pub fn parse_duration(text: &str) -> Result<i64, DurationError> {
    let invalid = || DurationError::Invalid(text.to_owned());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => {
                let (fraction, after) = digits(after);
                if whole.is_empty() && fraction.is_empty() {
                    return Err(invalid());
                }
                (fraction, after)
            }
            None if whole.is_empty() => return Err(invalid()),
            None => ("", after),
        };
        let (unit, after) = after.split_at(after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len()));
        if unit.is_empty() {
            return Err(DurationError::MissingUnit(text.to_owned()));
        }
        let scale = match unit {
            "ns" => NANOSECOND,
            "us" | "µs" | "μs" => MICROSECOND,
            "ms" => MILLISECOND,
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            _ => return Err(DurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() }),
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let mut part = whole.checked_mul(scale).ok_or_else(invalid)?;
        if !fraction.is_empty() {
            let mut value = 0f64;
            let mut weight = 1f64;
            for digit in fraction.bytes().take(18) {
                value = value * 10.0 + f64::from(digit - b'0');
                weight *= 10.0;
            }
            part = part.checked_add((value * (scale as f64 / weight)) as u64).ok_or_else(invalid)?;
        }
        total = total.checked_add(part).filter(|t| *t <= 1 << 63).ok_or_else(invalid)?;
        rest = after;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// Prints nanoseconds as Go does: `1h0m0s`, `1.5s`, `25ms`, `0s`.
pub fn format_duration(nanoseconds: i64) -> String {
    let total = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    if total == 0 {
        return "0s".to_owned();
    }
    if total < SECOND {
        let (scale, unit) = match total {
            0..MICROSECOND => (NANOSECOND, "ns"),
            MICROSECOND..MILLISECOND => (MICROSECOND, "µs"),
            _ => (MILLISECOND, "ms"),
        };
        return format!("{sign}{}{unit}", decimal(total, scale));
    }
    let seconds = decimal(total % MINUTE, SECOND);
    let (hours, minutes) = (total / HOUR, total % HOUR / MINUTE);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// `value / scale` in decimal, without trailing zeros; `scale` is a power of ten.
fn decimal(value: u64, scale: u64) -> String {
    let (whole, mut fraction) = (value / scale, value % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let mut width = scale.ilog10() as usize;
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    format!("{whole}.{fraction:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_go_prints_them() {
        let shown = |text: &str| parse_duration(text).map(format_duration).map_err(|e| e.to_string());
        for (text, printed) in [
            ("1m", "1m0s"),
            ("0.5s", "500ms"),
            ("1h", "1h0m0s"),
            ("90s", "1m30s"),
            ("1.5h", "1h30m0s"),
            ("0", "0s"),
            ("-1s", "-1s"),
            ("1500us", "1.5ms"),
            ("1.25s", "1.25s"),
            (".5m", "30s"),
            ("25ms", "25ms"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(printed));
        }
    }

    #[test]
    fn errors_are_in_gos_words() {
        let error = |text: &str| parse_duration(text).map_err(|e| e.to_string()).err();
        assert_eq!(error("10").as_deref(), Some("time: missing unit in duration \"10\""));
        assert_eq!(error("1d").as_deref(), Some("time: unknown unit \"d\" in duration \"1d\""));
        assert_eq!(error("").as_deref(), Some("time: invalid duration \"\""));
        assert_eq!(error("s").as_deref(), Some("time: invalid duration \"s\""));
        assert_eq!(error("9223372036854775808ns").as_deref(), Some("time: invalid duration \"9223372036854775808ns\""));
    }
}
