//! Reading of a grammar file.

use std::collections::HashMap;

use crate::DictationError;

/// A piece of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Alternatives, each a sequence.
    Choice(Vec<Vec<Piece>>),
    /// Words.
    Text { written: String, spoken: String },
    /// Another rule.
    Rule(String),
    /// A number from `low` to `high`.
    Number { kind: Kind, low: u32, high: u32 },
}

/// How a number is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Tenths,
    Digit,
}

/// Rules by name; every name that is used exists.
#[derive(Debug)]
pub(super) struct Rules(HashMap<String, Piece>);

impl Rules {
    /// Rules of a text; the first to be drawn is `dictation`.
    pub(super) fn parse(text: &str) -> Result<Self, DictationError> {
        let mut rules = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |what: &str| DictationError::Grammar {
                line: index + 1,
                what: what.to_owned(),
            };
            let (name, body) = line.split_once('=').ok_or_else(|| refuse("no ="))?;
            let mut rest = body.trim();
            let piece = choice(&mut rest, true).map_err(|what| refuse(&what))?;
            if !rest.is_empty() {
                return Err(refuse(&format!("{rest:?} is left over")));
            }
            rules.insert(name.trim().to_owned(), piece);
        }
        let rules = Self(rules);
        rules.rule("dictation")?;
        for piece in rules.0.values() {
            rules.check(piece)?;
        }
        Ok(rules)
    }

    /// A rule by its name.
    pub(super) fn rule(&self, name: &str) -> Result<&Piece, DictationError> {
        self.0.get(name).ok_or_else(|| DictationError::Grammar {
            line: 0,
            what: format!("no rule {name:?}"),
        })
    }

    /// The same for names that parsing has seen.
    pub(super) fn known(&self, name: &str) -> &Piece {
        &self.0[name]
    }

    fn check(&self, piece: &Piece) -> Result<(), DictationError> {
        match piece {
            Piece::Choice(alternatives) => alternatives.iter().flatten().try_for_each(|p| self.check(p)),
            Piece::Rule(name) => self.rule(name).map(|_| ()),
            Piece::Text { .. } | Piece::Number { .. } => Ok(()),
        }
    }
}

/// Alternatives up to the end, or up to the bracket that closes them; only at the top are they trimmed.
fn choice(rest: &mut &str, top: bool) -> Result<Piece, String> {
    let mut alternatives = Vec::new();
    loop {
        alternatives.push(sequence(rest, top)?);
        match rest.chars().next() {
            Some('|') => *rest = &rest[1..],
            Some(')') if !top => {
                *rest = &rest[1..];
                break;
            }
            None if top => break,
            _ => return Err(format!("{rest:?} where | or ) should stand")),
        }
    }
    Ok(Piece::Choice(alternatives))
}

fn sequence(rest: &mut &str, top: bool) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    if top {
        *rest = rest.trim_start();
    }
    loop {
        let literal = rest.find(['<', '(', '|', ')']).unwrap_or(rest.len());
        if literal > 0 {
            let (text, after) = rest.split_at(literal);
            *rest = after;
            let text = if top && (after.is_empty() || after.starts_with('|')) {
                text.trim_end()
            } else {
                text
            };
            let (written, spoken) = text.split_once('~').unwrap_or((text, text));
            pieces.push(Piece::Text {
                written: written.to_owned(),
                spoken: spoken.to_owned(),
            });
        }
        match rest.chars().next() {
            Some('(') => {
                *rest = &rest[1..];
                pieces.push(choice(rest, false)?);
            }
            Some('<') => {
                let end = rest.find('>').ok_or_else(|| format!("{rest:?} without >"))?;
                pieces.push(reference(&rest[1..end])?);
                *rest = &rest[end + 1..];
            }
            _ => return Ok(pieces),
        }
    }
}

fn reference(inner: &str) -> Result<Piece, String> {
    let words: Vec<&str> = inner.split(' ').collect();
    let [kind, low, high] = words[..] else {
        return Ok(Piece::Rule(inner.to_owned()));
    };
    let kind = match kind {
        "int" => Kind::Whole,
        "dec" => Kind::Tenths,
        "digits" => Kind::Digit,
        _ => return Err(format!("<{inner}> is no number")),
    };
    let bound = |text: &str| text.parse::<u32>().map_err(|_| format!("<{inner}> is no number"));
    let (low, high) = (bound(low)?, bound(high)?);
    if low > high || high > 9_999 || (kind == Kind::Digit && high > 9) {
        return Err(format!("<{inner}> is no range"));
    }
    Ok(Piece::Number { kind, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_grammar_is_refused() {
        for (text, what) in [
            ("dictation", "no ="),
            ("word = a", "no rule \"dictation\""),
            ("dictation = <word>", "no rule \"word\""),
            ("dictation = <word", "without >"),
            ("dictation = (a|b", "should stand"),
            ("dictation = a)", "should stand"),
            ("dictation = <int 5 2>", "no range"),
            ("dictation = <int a 2>", "no number"),
            ("dictation = <digits 1 12>", "no range"),
        ] {
            let error = Rules::parse(text).expect_err(text).to_string();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
