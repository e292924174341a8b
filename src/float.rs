//! Decimal text to floating-point numbers and back, exactly, by whole-number arithmetic.
//!
//! The standard library does this several times faster, with 40 kB of tables and code that do not compress. Here numbers
//! are few: shares, percentages, and what somebody wrote with a point. Results are the standard library's, which the
//! tests compare.

use crate::collections::Gather;

/// Reads a number as [`str::parse`] does: `1`, `-.5`, `1e9`, `inf`, `NaN`. The nearest number; of two, the even one.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match () {
        () if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") => f64::INFINITY,
        () if unsigned.eq_ignore_ascii_case("nan") => f64::NAN,
        () => finite(unsigned)?,
    };
    Some(if negative { -value } else { value })
}

/// Of more digits than this, what follows only says that there is more: halfway between two numbers is told with 768.
const DIGITS: usize = 800;

fn finite(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.find(['e', 'E']).and_then(|at| text.split_at_checked(at)) {
        Some((mantissa, exponent)) => (mantissa, whole(exponent.get(1..)?)?),
        None => (text, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = || before.bytes().chain(after.bytes());
    if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut digits: Vec<u8> = all().skip_while(|b| *b == b'0').map(|b| b - b'0').gather();
    let mut power = exponent.saturating_sub(i64::try_from(after.len()).ok()?);
    if let Some(rest) = digits.get(DIGITS..) {
        let more = rest.iter().any(|d| *d != 0);
        power = power.saturating_add(i64::try_from(rest.len()).ok()?);
        digits.truncate(DIGITS);
        if more {
            digits.push(1);
            power -= 1;
        }
    }
    let magnitude = power.saturating_add(i64::try_from(digits.len()).ok()?);
    match digits.is_empty() || magnitude < -330 {
        true => Some(0.0),
        false if magnitude > 310 => Some(f64::INFINITY),
        false => Some(nearest(&digits, i32::try_from(power).ok()?)),
    }
}

/// The number after an `e`; numbers beyond every exponent stay beyond.
fn whole(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value =
        digits.bytes().fold(0i64, |sum, b| sum.saturating_mul(10).saturating_add(i64::from(b - b'0'))).min(1 << 40);
    Some(if negative { -value } else { value })
}

/// The number nearest to the digits times ten to this power.
fn nearest(digits: &[u8], power: i32) -> f64 {
    let small = digits.iter().take(16).fold(0u64, |sum, d| sum * 10 + u64::from(*d));
    if digits.len() <= 15 && power.unsigned_abs() <= 22 {
        // both are exact, so one operation rounds once
        let scale = (0..power.unsigned_abs()).fold(1.0, |scale, _| scale * 10.0);
        return if power < 0 { small as f64 / scale } else { small as f64 * scale };
    }
    let mut top = Big::default();
    digits.iter().for_each(|d| top.times_plus(10, u32::from(*d)));
    let mut bottom = Big::from(1);
    (0..power.unsigned_abs()).for_each(|_| if power < 0 { bottom.times_plus(10, 0) } else { top.times_plus(10, 0) });
    // scale by a power of two so that the quotient has 64 or 65 bits
    let shift = 65 - (top.bits() as i32 - bottom.bits() as i32);
    if shift > 0 {
        top.shift(shift.unsigned_abs());
    } else {
        bottom.shift(shift.unsigned_abs());
    }
    let (quotient, exact) = top.divide(&bottom);
    // the quotient has this many bits more than the number keeps
    let length = 128 - quotient.leading_zeros() as i32;
    let exponent = length - 1 - shift;
    let kept = if exponent < -1022 { 53 - (-1022 - exponent) } else { 53 };
    let drop = (length - kept).clamp(0, 127);
    let half = 1u128 << drop >> 1;
    let rest = quotient & ((1 << drop) - 1);
    let mut mantissa = (quotient >> drop) as u64;
    if rest > half || rest == half && half != 0 && (!exact || mantissa & 1 == 1) {
        mantissa += 1;
    }
    times_power_of_two(mantissa, drop - shift)
}

/// An exact product: the caller has left no more bits than fit.
fn times_power_of_two(mantissa: u64, mut exponent: i32) -> f64 {
    let mut value = mantissa as f64;
    while exponent > 0 && value.is_finite() {
        value *= 2.0;
        exponent -= 1;
    }
    // 53 bits and fewer halve without loss as long as the result is one that the caller has rounded for
    while exponent < 0 && value != 0.0 {
        value /= 2.0;
        exponent += 1;
    }
    value
}

/// Where a number halfway between two goes.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    /// To the one that ends in an even digit, as where digits are asked for.
    Even,
    /// To the greater one, as where the fewest digits are.
    Up,
}

/// The decimal digits of a positive number.
struct Decimal {
    /// Without zeros in front.
    digits: Vec<u8>,
    /// How many of them stand before the point; negative if zeros follow the point first.
    point: i32,
}

impl Decimal {
    /// All digits of a number that is finite and not negative.
    fn exact(number: f64) -> Self {
        let bits = number.to_bits();
        let (raw, fraction) = ((bits >> 52) as i32 & 0x7ff, bits & ((1 << 52) - 1));
        let (mantissa, exponent) = match raw {
            0 => (fraction, -1074),
            _ => (fraction | 1 << 52, raw - 1075),
        };
        let mut big = Big::from(mantissa);
        match exponent >= 0 {
            true => big.shift(exponent.unsigned_abs()),
            // m / 2^k = m * 5^k / 10^k
            false => (0..exponent.unsigned_abs()).for_each(|_| big.times_plus(5, 0)),
        }
        let digits = big.digits();
        let point = digits.len() as i32 + exponent.min(0);
        Decimal { digits, point }
    }

    /// Rounded to this many digits.
    fn rounded(&self, keep: i32, tie: Tie) -> Self {
        let mut point = self.point;
        let Some(keep) = usize::try_from(keep).ok() else { return Decimal { digits: Vec::new(), point: 0 } };
        let mut digits: Vec<u8> = self.digits.iter().copied().take(keep).gather();
        let rest = self.digits.get(keep..).unwrap_or_default();
        let odd = tie == Tie::Up || digits.last().is_some_and(|d| d % 2 == 1);
        let up = match rest.split_first() {
            Some((5, after)) => odd || after.iter().any(|d| *d != 0),
            Some((first, _)) => *first > 5,
            None => false,
        };
        if up {
            while digits.last() == Some(&9) {
                digits.pop();
            }
            match digits.last_mut() {
                Some(last) => *last += 1,
                None => {
                    digits.push(1);
                    point += 1;
                }
            }
        }
        // a zero has no place of its own
        let point = if digits.is_empty() { 0 } else { point };
        Decimal { digits, point }
    }

    /// The fewest digits that `back` takes for the number.
    fn shortest(&self, back: &dyn Fn(f64) -> bool) -> Self {
        let (mut low, mut high) = (1, 17);
        while low < high {
            let middle = (low + high) / 2;
            let tried = self.rounded(middle, Tie::Up);
            match back(nearest(&tried.digits, tried.point - tried.digits.len() as i32)) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        let mut found = self.rounded(low, Tie::Up);
        while found.digits.last() == Some(&0) {
            found.digits.pop();
        }
        found
    }

    /// With at least so many digits after the point.
    fn plain(&self, decimals: usize) -> String {
        let digit =
            |at: i32| usize::try_from(at).ok().and_then(|at| self.digits.get(at)).map_or('0', |d| char::from(b'0' + d));
        let mut out: String = (0..self.point).map(digit).gather();
        if self.point <= 0 {
            out = "0".into();
        }
        let after = i32::try_from(decimals).unwrap_or(i32::MAX).max(self.digits.len() as i32 - self.point);
        if after > 0 {
            out.push('.');
            out.extend((self.point..self.point.saturating_add(after)).map(digit));
        }
        out
    }

    /// One digit before the point and at least so many after it, then `e` and the exponent.
    fn scientific(&self, decimals: usize) -> String {
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let one = Decimal { digits: self.digits.clone(), point: i32::from(!self.digits.is_empty()) };
        format!("{}e{exponent}", one.plain(decimals))
    }
}

/// The number without exponent, in as few digits as tell it from every other; `inf`, `NaN`.
pub fn shortest(number: f64) -> String {
    written(number, |number| Decimal::exact(number).shortest(&|back| back == number).plain(0))
}

/// The same for a number of single precision.
pub fn shortest_single(number: f32) -> String {
    written(number.into(), |wide| Decimal::exact(wide).shortest(&|back| back as f32 == number.abs()).plain(0))
}

/// The number without exponent, with this many digits after the point.
pub fn fixed(number: f64, decimals: usize) -> String {
    written(number, |number| {
        let exact = Decimal::exact(number);
        let keep = i32::try_from(decimals).unwrap_or(i32::MAX).saturating_add(exact.point);
        exact.rounded(keep, Tie::Even).plain(decimals)
    })
}

/// The number with an exponent, such as `1.5e-7`, with this many digits after the point; without a wish, with as few as
/// tell it from every other.
pub fn scientific(number: f64, decimals: Option<usize>) -> String {
    written(number, |number| {
        let exact = Decimal::exact(number);
        match decimals {
            Some(decimals) => exact
                .rounded(i32::try_from(decimals).unwrap_or(i32::MAX).saturating_add(1), Tie::Even)
                .scientific(decimals),
            None => exact.shortest(&|back| back == number).scientific(0),
        }
    })
}

/// [`scientific`] for a number of single precision, with as few digits as tell it from every other.
pub fn scientific_single(number: f32) -> String {
    written(number.into(), |wide| Decimal::exact(wide).shortest(&|back| back as f32 == number.abs()).scientific(0))
}

/// The sign and what is no number are written alike in every notation.
fn written(number: f64, digits: impl FnOnce(f64) -> String) -> String {
    match number.is_finite() {
        false if number.is_nan() => "NaN".into(),
        false => if number > 0.0 { "inf" } else { "-inf" }.into(),
        true if number.is_sign_negative() => format!("-{}", digits(-number)),
        true => digits(number),
    }
}

/// A whole number of any size, least part first, without zeros at the end.
#[derive(Clone, Default)]
struct Big {
    parts: Vec<u32>,
}

impl From<u64> for Big {
    fn from(number: u64) -> Self {
        let mut big = Big { parts: vec![number as u32, (number >> 32) as u32] };
        big.trim();
        big
    }
}

impl Big {
    fn trim(&mut self) {
        while self.parts.last() == Some(&0) {
            self.parts.pop();
        }
    }

    fn bits(&self) -> usize {
        self.parts.last().map_or(0, |top| self.parts.len() * 32 - top.leading_zeros() as usize)
    }

    fn times_plus(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for part in &mut self.parts {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.parts.push(carry as u32);
        }
    }

    fn shift(&mut self, bits: u32) {
        self.times_plus(1 << (bits % 32), 0);
        if !self.parts.is_empty() {
            self.parts.splice(0..0, (0..bits / 32).map(|_| 0));
        }
    }

    /// True if this is less than the other.
    fn is_below(&self, other: &Big) -> bool {
        self.parts
            .len()
            .cmp(&other.parts.len())
            .then_with(|| self.parts.iter().rev().cmp(other.parts.iter().rev()))
            .is_lt()
    }

    /// The quotient, which fits, and whether it is exact. Bit by bit: there are 65.
    fn divide(mut self, by: &Big) -> (u128, bool) {
        let mut quotient = 0;
        for bit in (0..=66).rev() {
            let mut part = by.clone();
            part.shift(bit);
            if !self.is_below(&part) {
                self.subtract(&part);
                quotient |= 1 << bit;
            }
        }
        (quotient, self.parts.is_empty())
    }

    /// Takes away what is not greater.
    fn subtract(&mut self, other: &Big) {
        let mut borrow = false;
        for (part, take) in self.parts.iter_mut().zip(other.parts.iter().copied().chain(std::iter::repeat(0))) {
            let (less, first) = part.overflowing_sub(take);
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            (*part, borrow) = (less, first || second);
        }
        self.trim();
    }

    fn digits(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while !self.parts.is_empty() {
            let mut rest = 0u64;
            for part in self.parts.iter_mut().rev() {
                rest = rest << 32 | u64::from(*part);
                *part = (rest / 1_000_000_000) as u32;
                rest %= 1_000_000_000;
            }
            self.trim();
            for _ in 0..9 {
                out.push((rest % 10) as u8);
                rest /= 10;
            }
        }
        while out.last() == Some(&0) {
            out.pop();
        }
        out.reverse();
        out
    }
}
