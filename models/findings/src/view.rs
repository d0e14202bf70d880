//! A sentence, read once: comparable text, tokens, words of the lexicon, numbers, quantities, dates.

use hilum_concepts::{
    ConceptId, Folded, Hit, Lexicon, Meaning, Phrase, Slot, Trigger, fold, leftmost_longest,
};

use crate::date::{Date, dates};
use crate::number::{Number, numbers};
use crate::quantity::{Quantity, quantities};
use crate::section::Section;
use crate::sentence::Sentence;
use crate::token::{Token, TokenKind, tokens};

/// A concept, by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConceptHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) id: ConceptId,
}

/// A trigger of assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TriggerHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) trigger: Trigger,
}

/// A phrase that fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhraseHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) slot: Slot,
    pub(crate) value: &'static str,
}

/// A sentence with everything that was found in it. Places are bytes of the comparable text.
pub(crate) struct View<'t> {
    pub(crate) sentence: Sentence<'t>,
    pub(crate) folded: Folded,
    pub(crate) tokens: Vec<Token>,
    /// Longest words first; none overlap.
    pub(crate) concepts: Vec<ConceptHit>,
    /// None overlap, but one place can mean two things.
    pub(crate) triggers: Vec<TriggerHit>,
    /// None of one slot overlap; blocked ones are left out.
    pub(crate) phrases: Vec<PhraseHit>,
    pub(crate) numbers: Vec<Number>,
    pub(crate) quantities: Vec<Quantity>,
    pub(crate) dates: Vec<Date>,
}

impl<'t> View<'t> {
    /// Reads a sentence.
    pub(crate) fn new(sentence: Sentence<'t>) -> Self {
        let folded = fold(sentence.text);
        let tokens = tokens(&folded.text);
        let mut hits = Vec::new();
        let lexicon = Lexicon::built_in();
        lexicon.matcher.scan(&folded, &mut hits);
        let concepts = concepts(&folded.text, &hits);
        let numbers = numbers(&folded.text, &tokens);
        let dates = dates(&folded.text, &tokens, &numbers);
        let taken = |number: &Number| {
            let inside = |start: usize, end: usize| start < number.end && number.start < end;
            dates.iter().any(|date| inside(date.start, date.end))
                || concepts
                    .iter()
                    .any(|hit| inside(hit.start, hit.end) && hit.start < number.start)
        };
        let quantities = quantities(&folded.text, &numbers, taken);
        Self {
            concepts,
            triggers: triggers(&hits),
            phrases: phrases(&hits, &lexicon.phrases),
            sentence,
            tokens,
            numbers,
            quantities,
            dates,
            folded,
        }
    }

    /// The comparable text.
    pub(crate) fn text(&self) -> &str {
        &self.folded.text
    }

    /// The part of the report.
    pub(crate) fn section(&self) -> Section {
        self.sentence.section
    }

    /// Code points of the whole text that these bytes stand for.
    pub(crate) fn span(&self, start: usize, end: usize) -> (u32, u32) {
        let (from, to) = self.folded.original(start, end);
        (self.sentence.start + from, self.sentence.start + to)
    }

    /// The words of the original that a span of [`View::span`] covers.
    pub(crate) fn cut(&self, span: (u32, u32)) -> String {
        let from = (span.0 - self.sentence.start) as usize;
        let length = (span.1 - span.0) as usize;
        self.sentence.text.chars().skip(from).take(length).collect()
    }

    /// Index of the first token that begins at or after a byte.
    pub(crate) fn token_from(&self, at: usize) -> usize {
        self.tokens.partition_point(|token| token.start < at)
    }

    /// The word of a token.
    pub(crate) fn word(&self, token: usize) -> &str {
        self.tokens
            .get(token)
            .map_or("", |token| &self.text()[token.start..token.end])
    }

    /// Words between two places, punctuation not counted; an ideograph is a word.
    pub(crate) fn words_between(&self, from: usize, to: usize) -> usize {
        let range = self.token_from(from)..self.token_from(to).max(self.token_from(from));
        self.tokens[range]
            .iter()
            .filter(|token| token.kind != TokenKind::Sign)
            .count()
    }

    /// Whether any of these signs stands between two places.
    pub(crate) fn has_between(&self, from: usize, to: usize, signs: &[char]) -> bool {
        from < to
            && self
                .text()
                .get(from..to)
                .is_some_and(|between| between.contains(signs))
    }

    /// Phrases of a slot.
    pub(crate) fn of(&self, slot: Slot) -> impl DoubleEndedIterator<Item = &PhraseHit> {
        self.phrases.iter().filter(move |hit| hit.slot == slot)
    }

    /// Whether a phrase of this slot and value touches these bytes.
    pub(crate) fn phrase_in(&self, slot: Slot, value: &str, from: usize, to: usize) -> Option<&PhraseHit> {
        self.of(slot)
            .find(|hit| hit.value == value && hit.start >= from && hit.end <= to)
    }
}

fn concepts(text: &str, hits: &[Hit]) -> Vec<ConceptHit> {
    let is_concept = |hit: &&Hit| matches!(hit.meaning, Meaning::Concept(_));
    let mut chosen: Vec<Hit> = hits.iter().filter(is_concept).copied().collect();
    // 结节病史 is a history of nodules, not of sarcoidosis: 病 belongs to 史, where the shorter word is one.
    let before_history =
        |hit: &Hit| text[hit.start..hit.end].ends_with('病') && text[hit.end..].starts_with('史');
    let shorter: Vec<(usize, usize)> = chosen.iter().map(|hit| (hit.start, hit.end)).collect();
    chosen.retain(|hit| {
        let without = (hit.start, hit.end.saturating_sub('病'.len_utf8()));
        !(before_history(hit) && shorter.contains(&without))
    });
    leftmost_longest(&mut chosen);
    let hit = |hit: Hit| match hit.meaning {
        Meaning::Concept(id) => Some(ConceptHit {
            start: hit.start,
            end: hit.end,
            id,
        }),
        _ => None,
    };
    chosen.into_iter().filter_map(hit).collect()
}

fn triggers(hits: &[Hit]) -> Vec<TriggerHit> {
    let hit = |hit: &Hit| match hit.meaning {
        Meaning::Trigger(trigger) => Some(TriggerHit {
            start: hit.start,
            end: hit.end,
            trigger,
        }),
        _ => None,
    };
    let mut triggers: Vec<TriggerHit> = hits.iter().filter_map(hit).collect();
    triggers.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let (mut start, mut end) = (0, 0);
    triggers.retain(|hit| {
        let keep = hit.start >= end || (hit.start == start && hit.end == end);
        if keep {
            (start, end) = (hit.start, hit.end);
        }
        keep
    });
    triggers
}

fn phrases(hits: &[Hit], table: &'static [Phrase]) -> Vec<PhraseHit> {
    let hit = |hit: &Hit| match hit.meaning {
        Meaning::Phrase(index, slot) => Some(PhraseHit {
            start: hit.start,
            end: hit.end,
            slot,
            value: &table[usize::from(index)].value,
        }),
        _ => None,
    };
    let mut phrases: Vec<PhraseHit> = hits.iter().filter_map(hit).collect();
    phrases.sort_by(|a, b| {
        a.slot
            .cmp(&b.slot)
            .then(a.start.cmp(&b.start))
            .then(b.end.cmp(&a.end))
    });
    let mut last: Option<PhraseHit> = None;
    phrases.retain(|hit| {
        let keep = last.is_none_or(|last| last.slot != hit.slot || hit.start >= last.end);
        if keep {
            last = Some(*hit);
        }
        keep
    });
    phrases.retain(|hit| hit.value != Phrase::BLOCK);
    phrases.sort_by_key(|hit| (hit.start, hit.end));
    phrases
}
