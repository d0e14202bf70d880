//! Dates, as precise as they were written.

use std::fmt;

use crate::number::Number;
use crate::token::{Token, TokenKind};

/// A date of which at least the year was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// Year.
    pub(crate) year: u16,
    /// Month, 1 to 12.
    pub(crate) month: Option<u8>,
    /// Day, 1 to 31.
    pub(crate) day: Option<u8>,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
            if let Some(day) = self.day {
                write!(f, "-{day:02}")?;
            }
        }
        Ok(())
    }
}

/// The dates of a text. A day and month whose order cannot be told (`03/04/2023`) leave the year alone.
pub(crate) fn dates(text: &str, tokens: &[Token], numbers: &[Number]) -> Vec<Date> {
    let mut dates: Vec<Date> = Vec::new();
    for at in 0..tokens.len() {
        if dates.last().is_some_and(|date| tokens[at].start < date.end) {
            continue;
        }
        let date = match tokens[at].kind {
            TokenKind::Word => named_month(text, tokens, at, numbers),
            TokenKind::Digits => {
                in_digits(text, tokens, at).or_else(|| chinese(text, tokens[at].start, numbers))
            }
            TokenKind::Ideograph => chinese(text, tokens[at].start, numbers),
            TokenKind::Sign => None,
        };
        dates.extend(date);
    }
    dates
}

fn month_of(word: &str) -> Option<u8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let whole =
        |name: &&str| **name == *word || (word.len() >= 3 && word.len() <= 4 && name.starts_with(word));
    NAMES.iter().position(whole).map(|at| at as u8 + 1)
}

fn year_of(value: f64) -> Option<u16> {
    ((1900.0..2100.0).contains(&value) && value.fract() == 0.0).then_some(value as u16)
}

fn part<T: TryFrom<u32>>(value: f64, most: f64) -> Option<T> {
    let fits = (1.0..=most).contains(&value) && value.fract() == 0.0;
    fits.then(|| T::try_from(value as u32).ok()).flatten()
}

fn number_at(numbers: &[Number], start: usize) -> Option<&Number> {
    let at = numbers.partition_point(|number| number.start < start);
    numbers.get(at).filter(|number| number.start == start)
}

fn is_sign(text: &str, token: Option<&Token>, signs: &[&str]) -> bool {
    token.is_some_and(|token| signs.contains(&&text[token.start..token.end]))
}

/// `March 2023`, `March 15, 2023`, `15 March 2023`, `Mar. 2023`.
fn named_month(text: &str, tokens: &[Token], at: usize, numbers: &[Number]) -> Option<Date> {
    let month = month_of(&text[tokens[at].start..tokens[at].end])?;
    let mut next = at + 1;
    if is_sign(text, tokens.get(next), &[".", ",", "-"]) || is_sign(text, tokens.get(next), &["of"]) {
        next += 1;
    }
    let first = number_at(numbers, tokens.get(next)?.start)?;
    if let Some(year) = year_of(first.value) {
        let before = tokens[..at]
            .last()
            .filter(|token| token.kind == TokenKind::Digits);
        let day = before.and_then(|token| text[token.start..token.end].parse().ok());
        let day: Option<u8> = day.filter(|day| (1..=31).contains(day));
        let start = if day.is_some() { before? } else { &tokens[at] }.start;
        return Some(Date {
            start,
            end: first.end,
            year,
            month: Some(month),
            day,
        });
    }
    let day = part(first.value, 31.0)?;
    let mut after = tokens.partition_point(|token| token.start < first.end);
    if is_sign(text, tokens.get(after), &["st", "nd", "rd", "th"]) {
        after += 1;
    }
    if is_sign(text, tokens.get(after), &[",", "of"]) {
        after += 1;
    }
    let last = number_at(numbers, tokens.get(after)?.start)?;
    Some(Date {
        start: tokens[at].start,
        end: last.end,
        year: year_of(last.value)?,
        month: Some(month),
        day: Some(day),
    })
}

/// `2023-03-15`, `2023/03`, `2023.03.15`, `15/03/2023`, `03/2023`, and a year alone.
fn in_digits(text: &str, tokens: &[Token], at: usize) -> Option<Date> {
    let value = |token: &Token| {
        text[token.start..token.end]
            .parse::<f64>()
            .ok()
            .filter(|_| token.end - token.start <= 4)
    };
    let mut parts = vec![value(&tokens[at])?];
    let mut last = at;
    for _ in 0..2 {
        let separated = is_sign(text, tokens.get(last + 1), &["-", "/", "."])
            && tokens[last].end == tokens[last + 1].start
            && tokens
                .get(last + 2)
                .is_some_and(|next| next.kind == TokenKind::Digits && next.start == tokens[last + 1].end);
        if !separated {
            break;
        }
        parts.push(value(&tokens[last + 2])?);
        last += 2;
    }
    let date = |year: f64, month: Option<f64>, day: Option<f64>| {
        Some(Date {
            start: tokens[at].start,
            end: tokens[last].end,
            year: year_of(year)?,
            month: month.map_or(Some(None), |month| part(month, 12.0).map(Some))?,
            day: day.map_or(Some(None), |day| part(day, 31.0).map(Some))?,
        })
    };
    match parts[..] {
        [year] => {
            let four = tokens[at].end - tokens[at].start == 4;
            let apart = !text[tokens[at].end..].starts_with("年");
            (four && apart).then(|| date(year, None, None)).flatten()
        }
        [year, month] if year >= 1900.0 => date(year, Some(month), None),
        [month, year] => date(year, Some(month), None),
        [year, month, day] if year >= 1900.0 => date(year, Some(month), Some(day)),
        [a, b, year] if a > 12.0 => date(year, Some(b), Some(a)),
        [a, b, year] if b > 12.0 || a.to_bits() == b.to_bits() => date(year, Some(a), Some(b)),
        [_, _, year] => date(year, None, None),
        _ => None,
    }
}

/// `2023年3月15日`, `二零二三年三月`, `2023年`.
fn chinese(text: &str, start: usize, numbers: &[Number]) -> Option<Date> {
    let number = number_at(numbers, start)?;
    let after = |number: &Number, sign: &str| {
        text[number.end..]
            .starts_with(sign)
            .then_some(number.end + sign.len())
    };
    let mut date = Date {
        start,
        end: after(number, "年")?,
        year: year_of(number.value)?,
        month: None,
        day: None,
    };
    if let Some(month) = number_at(numbers, date.end)
        && let Some(end) = after(month, "月")
        && let Some(value) = part(month.value, 12.0)
    {
        date.month = Some(value);
        date.end = end;
        if let Some(day) = number_at(numbers, end)
            && let Some(end) = after(day, "日").or_else(|| after(day, "号"))
        {
            date.day = part(day.value, 31.0);
            date.end = end;
        }
    }
    Some(date)
}

#[cfg(test)]
mod tests {
    use hilum_concepts::fold;

    use super::*;
    use crate::{number::numbers, token::tokens};

    #[test]
    fn as_precise_as_written() {
        for (original, want) in [
            ("since March 2023", "2023-03"),
            ("of March 15, 2023", "2023-03-15"),
            ("15 Mar 2023", "2023-03-15"),
            ("March twenty twenty-three", "2023-03"),
            ("2023-03-15", "2023-03-15"),
            ("2023/3", "2023-03"),
            ("2023.03.15", "2023-03-15"),
            ("25/03/2023", "2023-03-25"),
            ("03/25/2023", "2023-03-25"),
            ("03/04/2023", "2023"),
            ("03/2023", "2023-03"),
            ("in 2012", "2012"),
            ("较2023年3月", "2023-03"),
            ("二零二三年三月五日", "2023-03-05"),
            ("2021年", "2021"),
        ] {
            let text = fold(original).text;
            let tokens = tokens(&text);
            let found = dates(&text, &tokens, &numbers(&text, &tokens));
            assert_eq!(
                found.iter().map(ToString::to_string).collect::<Vec<_>>(),
                [want],
                "{original:?}"
            );
        }
    }

    #[test]
    fn no_dates() {
        for original in ["40年", "2500 mm3", "20/30", "may be", "12-14 mm", "series 3/87"] {
            let text = fold(original).text;
            let tokens = tokens(&text);
            assert_eq!(
                dates(&text, &tokens, &numbers(&text, &tokens)),
                [],
                "{original:?}"
            );
        }
    }
}
