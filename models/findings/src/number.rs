//! Numbers in digits, in English words and in Chinese numerals.

use hilum_concepts::{NUMBERS_BELOW_TWENTY, TENS};

use crate::token::{Token, TokenKind};

/// A number and where it stands in comparable text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// First byte, a sign or the word for one included.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// Its value.
    pub(crate) value: f64,
}

/// More digits than this are an identifier, not a number.
const MOST_DIGITS: usize = 12;

/// The numbers of a text, from left to right.
pub(crate) fn numbers(text: &str, tokens: &[Token]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let read = match tokens[at].kind {
            TokenKind::Digits => digits(text, tokens, at),
            TokenKind::Word => words(text, tokens, at),
            TokenKind::Ideograph => numerals(text, tokens, at),
            TokenKind::Sign => None,
        };
        let Some((value, after)) = read else {
            at += 1;
            continue;
        };
        let mut number = Number {
            start: tokens[at].start,
            end: tokens[after - 1].end,
            value,
        };
        if let Some(start) = minus_before(text, tokens, at) {
            number.start = start;
            number.value = -number.value;
        }
        if value.is_finite() {
            numbers.push(number);
        }
        at = after;
    }
    numbers
}

fn word<'t>(text: &'t str, token: &Token) -> &'t str {
    &text[token.start..token.end]
}

fn adjacent(tokens: &[Token], at: usize) -> bool {
    at + 1 < tokens.len() && tokens[at].end == tokens[at + 1].start
}

/// Where the minus before a number begins, when it has one.
fn minus_before(text: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let before = tokens[..at].last()?;
    match word(text, before) {
        "minus" | "negative" | "负" => Some(before.start),
        "-" if before.end == tokens[at].start => {
            // `3-4` and `3 -4` are ranges, `ca19-9` is a name.
            let head = text[..before.start].trim_end_matches(' ');
            let name =
                head.len() == before.start && head.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ')');
            (!name && !head.ends_with(|c: char| c.is_ascii_digit())).then_some(before.start)
        }
        _ => None,
    }
}

/// `14`, `1.4`, `1,200`, `1 point 4`, `1点4`.
fn digits(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let first = word(text, &tokens[at]);
    let goes_on = at >= 2
        && word(text, &tokens[at - 1]) == "."
        && tokens[at - 2].kind == TokenKind::Digits
        && adjacent(tokens, at - 1)
        && adjacent(tokens, at - 2);
    if first.len() > MOST_DIGITS || goes_on {
        return None;
    }
    let mut whole = first.to_owned();
    let mut after = at + 1;
    while whole.len() <= MOST_DIGITS
        && first.len() <= 3
        && adjacent(tokens, after - 1)
        && word(text, &tokens[after]) == ","
        && adjacent(tokens, after)
        && tokens[after + 1].kind == TokenKind::Digits
        && tokens[after + 1].end - tokens[after + 1].start == 3
    {
        whole.push_str(word(text, &tokens[after + 1]));
        after += 2;
    }
    let fraction = |point: usize| {
        let dot = matches!(word(text, tokens.get(point)?), "." | "点")
            && adjacent(tokens, point - 1)
            && adjacent(tokens, point);
        let spoken = word(text, tokens.get(point)?) == "point";
        let part = tokens
            .get(point + 1)
            .filter(|part| part.kind == TokenKind::Digits)?;
        ((dot || spoken) && part.end - part.start <= MOST_DIGITS).then(|| word(text, part))
    };
    if let Some(part) = fraction(after) {
        let more = fraction(after + 2).is_some();
        if more {
            // 2023.03.15 and 1.2.840 are no decimal numbers.
            return None;
        }
        whole = format!("{whole}.{part}");
        after += 2;
    }
    whole.parse().ok().map(|value| (value, after))
}

fn small_word(word: &str) -> Option<f64> {
    let value = NUMBERS_BELOW_TWENTY.iter().position(|name| *name == word)?;
    Some(value as f64)
}

fn tens_word(word: &str) -> Option<f64> {
    let tens = TENS.iter().position(|name| *name == word)?;
    Some((tens as f64 + 2.0) * 10.0)
}

/// Below a hundred: `seven`, `eighty seven`.
fn pair(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let first = word(text, tokens.get(at)?);
    if let Some(tens) = tens_word(first) {
        let unit = tokens.get(at + 1).and_then(|token| small_word(word(text, token)));
        return Some(match unit {
            Some(unit) if (1.0..10.0).contains(&unit) => (tens + unit, at + 2),
            _ => (tens, at + 1),
        });
    }
    small_word(first).map(|value| (value, at + 1))
}

/// `fourteen`, `one hundred and twelve`, `twelve point five`, `one and a half`, `twenty twenty three`, `half`.
fn words(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let is = |at: usize, want: &str| tokens.get(at).is_some_and(|token| word(text, token) == want);
    if is(at, "half") {
        return Some((0.5, at + 1));
    }
    let (mut value, mut after) = pair(text, tokens, at)?;
    if let Some((low, end)) = pair(text, tokens, after)
        && (19.0..=20.0).contains(&value)
        && low >= 10.0
    {
        return Some((value * 100.0 + low, end));
    }
    for (name, factor) in [("hundred", 100.0), ("thousand", 1000.0)] {
        if !is(after, name) {
            continue;
        }
        value *= factor;
        after += 1;
        let next = if is(after, "and") { after + 1 } else { after };
        if let Some((mut low, mut end)) = pair(text, tokens, next) {
            if factor > 100.0 && is(end, "hundred") {
                low *= 100.0;
                end += 1;
            }
            value += low;
            after = end;
        }
    }
    if is(after, "point") {
        let mut scale = 0.1;
        let mut end = after + 1;
        while let Some(digit) = tokens.get(end).and_then(|token| small_word(word(text, token))) {
            value += digit * scale;
            scale *= if digit < 10.0 { 0.1 } else { 0.01 };
            end += 1;
        }
        if end > after + 1 {
            return Some((rounded(value), end));
        }
    }
    if is(after, "and") && is(after + 1, "a") && is(after + 2, "half") {
        return Some((value + 0.5, after + 3));
    }
    Some((value, after))
}

fn numeral(c: &str) -> Option<f64> {
    Some(match c {
        "零" | "〇" => 0.0,
        "一" => 1.0,
        "二" | "两" => 2.0,
        "三" => 3.0,
        "四" => 4.0,
        "五" => 5.0,
        "六" => 6.0,
        "七" => 7.0,
        "八" => 8.0,
        "九" => 9.0,
        _ => return None,
    })
}

fn power(c: &str) -> Option<f64> {
    Some(match c {
        "十" => 10.0,
        "百" => 100.0,
        "千" => 1000.0,
        "万" => 10_000.0,
        _ => return None,
    })
}

/// `十四`, `六百五十`, `一点二`, `二零二三`, `半`.
fn numerals(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let get = |at: usize| tokens.get(at).map(|token| word(text, token)).unwrap_or_default();
    if get(at) == "半" {
        return Some((0.5, at + 1));
    }
    let mut after = at;
    let mut total = 0.0;
    let mut digit: Option<f64> = None;
    let mut row = 0.0;
    let mut powers = false;
    while after - at <= MOST_DIGITS {
        let c = get(after);
        if let Some(value) = numeral(c) {
            row = row * 10.0 + value;
            digit = Some(value);
        } else if let Some(power) = power(c) {
            powers = true;
            total = if power >= 10_000.0 {
                (total + digit.unwrap_or(0.0)) * power
            } else {
                total + digit.unwrap_or(1.0) * power
            };
            digit = None;
        } else {
            break;
        }
        after += 1;
    }
    if after == at {
        return None;
    }
    let mut value = if powers { total + digit.unwrap_or(0.0) } else { row };
    if get(after) == "点" && numeral(get(after + 1)).is_some() {
        let mut scale = 0.1;
        after += 1;
        while let Some(digit) = numeral(get(after)).filter(|_| scale > 1e-9) {
            value += digit * scale;
            scale *= 0.1;
            after += 1;
        }
        value = rounded(value);
    }
    Some((value, after))
}

/// Sums of decimal fractions come out a hair beside what was said.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use hilum_concepts::fold;

    use super::*;
    use crate::token::tokens;

    #[track_caller]
    fn check(original: &str, want: &[f64]) {
        let text = fold(original).text;
        let found: Vec<f64> = numbers(&text, &tokens(&text)).iter().map(|n| n.value).collect();
        assert_eq!(found, want, "{original:?}");
    }

    #[test]
    fn digits_words_and_numerals() {
        check("14 x 11.5 mm, 1,200 ml", &[14.0, 11.5, 1200.0]);
        check("fourteen by eleven, twelve point five", &[14.0, 11.0, 12.5]);
        check(
            "one hundred and twelve; twenty-three; two thousand twelve",
            &[112.0, 23.0, 2012.0],
        );
        check("March twenty twenty three", &[2023.0]);
        check("minus six hundred fifty HU", &[-650.0]);
        check("one and a half packs, half a pack", &[1.5, 0.5]);
        check("1 point 2 cm", &[1.2]);
        check(
            "负六百五十HU，十四毫米，一点二厘米，二十",
            &[-650.0, 14.0, 1.2, 20.0],
        );
        check(
            "二零二三年十二月，两年，半年，一百零五",
            &[2023.0, 12.0, 2.0, 0.5, 105.0],
        );
        check(
            "-650 HU, 3-4 mm, CA19-9, (-12)",
            &[-650.0, 3.0, 4.0, 19.0, 9.0, -12.0],
        );
        check("1.2.840 2023.03.15", &[]);
        check("1234567890123456 ＣＴ１２．５", &[12.5]);
    }
}
