//! How a concept is meant: `NegEx` and `ConText` for English, their counterpart for Chinese.
//!
//! A trigger has a scope before or behind it. English scopes are counted in words, Chinese ones in characters, and both
//! end at a terminator. A list goes on over its commas as long as each entry begins with something that is known;
//! the Chinese comma ends a scope, because the next clause says anew what is not there (无咯血，无体重下降，轻度咳嗽).

use hilum_concepts::{Side, Slot, TriggerKind};

use crate::assertion::Context;
use crate::token::{Token, TokenKind};
use crate::view::{TriggerHit, View};

/// The scopes of all triggers of a sentence.
pub(crate) struct Scopes {
    scopes: Vec<Scope>,
}

struct Scope {
    kind: TriggerKind,
    start: usize,
    end: usize,
    /// The trigger itself: what overlaps it is not in its scope.
    trigger: (usize, usize),
}

impl Scopes {
    /// Measures the scopes of a sentence.
    pub(crate) fn new(view: &View) -> Self {
        let mut scopes = Vec::new();
        for hit in &view.triggers {
            let kind = hit.trigger.kind;
            if matches!(kind, TriggerKind::Terminator | TriggerKind::Pseudo) {
                continue;
            }
            let person = matches!(kind, TriggerKind::Family | TriggerKind::Other);
            let (start, end) = match (hit.trigger.side, person, hit.trigger.chinese) {
                (Side::None, ..) => continue,
                (Side::Before, true, _) => (hit.end, person_scope(view, hit)),
                (Side::Before, false, false) => (hit.end, words_after(view, hit)),
                (Side::Before, false, true) => (hit.end, characters_after(view, hit)),
                (Side::After, _, false) => (words_before(view, hit), hit.start),
                (Side::After, _, true) => (characters_before(view, hit), hit.start),
            };
            scopes.push(Scope {
                kind,
                start,
                end,
                trigger: (hit.start, hit.end),
            });
        }
        Self { scopes }
    }

    /// What applies to the words `start..end`.
    pub(crate) fn at(&self, start: usize, end: usize) -> Context {
        let mut context = Context::default();
        for scope in &self.scopes {
            let inside = scope.start <= start && start < scope.end;
            // `no history of malignancy`: the trigger and the words of the concept share `history of`.
            let (from, to) = scope.trigger;
            let shares = (from < start && start < to && to < end) || (start < from && from < end && end < to);
            let overlaps = start < to && from < end;
            if !(shares || inside && !overlaps) {
                continue;
            }
            match scope.kind {
                TriggerKind::Negation => context.negated = true,
                TriggerKind::Uncertain => context.uncertain = true,
                TriggerKind::Historical => context.historical = true,
                TriggerKind::Hypothetical => context.hypothetical = true,
                TriggerKind::Advice => context.advised = true,
                TriggerKind::Family => context.family = true,
                TriggerKind::Other => context.other = true,
                TriggerKind::Terminator | TriggerKind::Pseudo => {}
            }
        }
        context
    }
}

fn is_terminator(view: &View, at: usize) -> bool {
    let hit =
        |hit: &&TriggerHit| hit.start <= at && at < hit.end && hit.trigger.kind == TriggerKind::Terminator;
    view.triggers.iter().any(|t| hit(&t))
}

/// End of the concept or image feature that begins at this byte.
fn known_from(view: &View, at: usize) -> Option<usize> {
    let concept = view
        .concepts
        .iter()
        .find(|hit| hit.start == at)
        .map(|hit| hit.end);
    let feature = |slot| {
        matches!(
            slot,
            Slot::Head | Slot::Margin | Slot::Feature | Slot::Structure | Slot::Type
        )
    };
    let phrase = view
        .phrases
        .iter()
        .filter(|hit| hit.start == at && feature(hit.slot))
        .map(|hit| hit.end)
        .max();
    concept.max(phrase)
}

/// End of the concept or image feature that covers this byte.
fn known_at(view: &View, at: usize) -> bool {
    view.concepts.iter().any(|hit| hit.start <= at && at < hit.end)
        || view
            .phrases
            .iter()
            .any(|hit| hit.start <= at && at < hit.end && known_from(view, hit.start).is_some())
}

/// Words that may stand between a comma and the next entry of a list.
const LIST_WORDS: &[&str] = &[
    "or",
    "and",
    "nor",
    "any",
    "other",
    "significant",
    "new",
    "suspicious",
    "focal",
    "acute",
    "enlarged",
    "recent",
    "unexplained",
    "unintentional",
    "known",
    "further",
    "the",
    "a",
    "of",
    "pulmonary",
    "lung",
    "chest",
    "pleural",
    "mediastinal",
    "hilar",
    "no",
    "definite",
    "obvious",
    "personal",
    "occupational",
    "prior",
    "exposure",
    "to",
    "suspicious",
    "discrete",
    "evidence",
    "internal",
];

/// Words that say of the concept before them that it is there.
const PRESENT_WORDS: &[&str] = &[
    "present",
    "noted",
    "seen",
    "persists",
    "positive",
    "remains",
    "yes",
    "worsening",
];

/// How far a trigger before its concepts reaches, in English.
fn words_after(view: &View, hit: &TriggerHit) -> usize {
    let mut token = view.token_from(hit.end);
    let mut left = usize::from(hit.trigger.reach);
    let mut known_until = 0;
    while token < view.tokens.len() {
        let at = view.tokens[token].start;
        if at >= known_until && is_terminator(view, at) {
            return at;
        }
        let word = view.word(token);
        if matches!(word, ";" | "?" | "!") {
            return at;
        }
        if at >= known_until && matches!(word, "," | "and" | "or" | "nor" | "/" | "with") {
            match next_entry(view, token) {
                Some(entry) => {
                    token = entry;
                    left = usize::from(hit.trigger.reach);
                    continue;
                }
                None if word == "," || (word == "with" && known_until > 0) => return at,
                None if word == "and" && starts_clause(view, token + 1) => return at,
                None => {}
            }
        }
        if let Some(end) = known_from(view, at) {
            known_until = known_until.max(end);
            left = usize::from(hit.trigger.reach).max(left);
        } else if at >= known_until && view.tokens[token].kind != TokenKind::Sign {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        token += 1;
    }
    view.text().len()
}

/// The next entry of a list after a comma or conjunction, when what follows is one.
fn next_entry(view: &View, mut token: usize) -> Option<usize> {
    let is_with = view.word(token) == "with";
    token += 1;
    while LIST_WORDS.contains(&view.word(token)) || view.word(token) == "," {
        if known_from(view, view.tokens[token].start).is_some() {
            break;
        }
        token += 1;
    }
    if is_with {
        return None;
    }
    let mut end = known_from(view, view.tokens.get(token)?.start);
    if end.is_none() && matches!(view.word(token + 1), "," | "or" | "and") {
        // An entry that the lexicon does not know: `fever, chills, or night sweats`.
        token += 1;
        while LIST_WORDS.contains(&view.word(token)) || view.word(token) == "," {
            token += 1;
        }
        end = known_from(view, view.tokens.get(token)?.start);
    }
    let end = end?;
    let mut after = view.token_from(end);
    while matches!(view.word(after), "is" | "are" | "was" | "were" | "still") {
        after += 1;
    }
    let says_present = after > 0 && PRESENT_WORDS.contains(&view.word(after));
    let in_numbers = view.numbers.iter().any(|number| {
        number.start >= end
            && view.words_between(end, number.start) <= 1
            && !view.has_between(end, number.start, &[',', ';', '.'])
    });
    (!says_present && !in_numbers).then_some(token)
}

fn starts_clause(view: &View, token: usize) -> bool {
    let starts = [
        "there", "is", "has", "the", "a", "an", "patient", "he", "she", "it",
    ];
    starts.contains(&view.word(token))
        || view
            .tokens
            .get(token)
            .is_some_and(|token| token.kind == TokenKind::Digits)
}

/// Where the scope of an English trigger behind its concepts begins.
fn words_before(view: &View, hit: &TriggerHit) -> usize {
    let mut token = view.token_from(hit.start);
    let mut left = usize::from(hit.trigger.reach);
    let mut list = false;
    let mut start = hit.start;
    while token > 0 {
        token -= 1;
        let at = view.tokens[token].start;
        let word = view.word(token);
        if matches!(word, ";" | "?" | "!" | ":") && at + 1 != hit.start || is_terminator(view, at) {
            return start;
        }
        if word == "," {
            if !list {
                return start;
            }
        } else if matches!(word, "or" | "and" | "nor") {
            list = true;
        } else if !known_at(view, at) && view.tokens[token].kind != TokenKind::Sign {
            if left == 0 {
                return start;
            }
            left -= 1;
        }
        start = at;
    }
    start
}

/// Ideographs and signs that join the entries of a Chinese list.
const ZH_JOINTS: &[&str] = &["、", "及", "和", "或", "与", "/"];

/// How far a trigger before its concepts reaches, in Chinese.
fn characters_after(view: &View, hit: &TriggerHit) -> usize {
    let mut token = view.token_from(hit.end);
    let mut left = usize::from(hit.trigger.reach);
    let mut known_until = hit.end;
    let mut last_end = hit.end;
    while token < view.tokens.len() {
        let Token { start: at, end, .. } = view.tokens[token];
        let word = view.word(token);
        let gap = at > last_end && last_end > hit.end && view.tokens[token].kind == TokenKind::Ideograph;
        if matches!(word, "," | ";" | "。" | "?" | "!") || (at >= known_until && is_terminator(view, at)) {
            return at;
        }
        if gap && view.tokens[token - 1].kind == TokenKind::Ideograph {
            return at;
        }
        last_end = end;
        if at >= known_until && ZH_JOINTS.contains(&word) {
            left = usize::from(hit.trigger.reach);
        } else if let Some(end) = known_from(view, at) {
            known_until = known_until.max(end);
        } else if at >= known_until {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        token += 1;
    }
    view.text().len()
}

/// Where the scope of a Chinese trigger behind its concepts begins.
fn characters_before(view: &View, hit: &TriggerHit) -> usize {
    let mut token = view.token_from(hit.start);
    let mut left = usize::from(hit.trigger.reach);
    let mut start = hit.start;
    let mut list = true;
    while token > 0 {
        token -= 1;
        let at = view.tokens[token].start;
        let word = view.word(token);
        let stops =
            matches!(word, "," | ";" | "。" | "!") || (word == "?" && view.tokens[token].end != hit.start);
        if stops || (is_terminator(view, at) && !known_at(view, at)) {
            return start;
        }
        if ZH_JOINTS.contains(&word) && !known_at(view, at) {
            list = true;
        } else if !known_at(view, at) {
            if left == 0 {
                return start;
            }
            left -= 1;
        } else if !list {
            return start;
        }
        start = at;
    }
    start
}

/// How far a relative is spoken of: to the end of the sentence, or until the patient is; in Chinese to the comma unless
/// little was said before it (父亲，因肺癌去世).
fn person_scope(view: &View, hit: &TriggerHit) -> usize {
    const PATIENT: &[&str] = &["patient", "pt", "she", "he", "self", "患", "病", "本", "自"];
    for token in view.token_from(hit.end)..view.tokens.len() {
        let at = view.tokens[token].start;
        let word = view.word(token);
        if word == ";" || (PATIENT.contains(&word) && is_terminator(view, at)) {
            return at;
        }
        if hit.trigger.chinese && word == "," && view.words_between(hit.end, at) > 4 {
            return at;
        }
    }
    view.text().len()
}
