//! Every word of the lexicon, in both languages, in carrier sentences: found at its place, and negated in a negated one.

use hilum_concepts::{Category, Hit, Lexicon, Meaning, Term, fold, leftmost_longest};
use hilum_findings::{Assertion, read};
use proptest::prelude::*;

/// Terms that a sentence can state: places and smoking have rules of their own, cancers change their name.
fn stated(term: &Term) -> bool {
    let concept = Lexicon::built_in().concept(term.concept);
    !matches!(
        concept.category,
        Category::Location
            | Category::Smoking
            | Category::Family
            | Category::Demographic
            | Category::Personal
    ) && !matches!(concept.name.as_str(), "lung cancer" | "asymptomatic")
        && !concept.name.contains("carcinoma")
}

/// Whether the words themselves deny, hedge, or are a history.
fn plain(term: &Term) -> bool {
    let words = [
        "no ",
        "not ",
        "without",
        "denies",
        "无",
        "未",
        "不",
        "没",
        "史",
        "陈旧",
        "既往",
        "history",
        "old",
        "prior",
        "previous",
        "healed",
        "inactive",
        "remote",
        "h/o",
        "非",
        "non",
        "unchanged",
        "除",
        "free",
        "new",
        "survey",
        "screening",
        "筛查",
    ];
    let text = term.text.to_lowercase();
    !words.iter().any(|word| text.contains(word))
}

#[test]
fn every_word_is_found_at_its_place() {
    let lexicon = Lexicon::built_in();
    assert!(lexicon.terms.len() > 900);
    let mut wrong = Vec::new();
    for term in &lexicon.terms {
        let carrier = if term.chinese {
            "患者有，甲，"
        } else {
            "Seen today: "
        };
        let text = format!("{carrier}{}.", term.text);
        let folded = fold(&text);
        let mut hits = Vec::new();
        lexicon.matcher.scan(&folded, &mut hits);
        hits.retain(|hit: &Hit| matches!(hit.meaning, Meaning::Concept(_)));
        let whole = (
            carrier.chars().count() as u32,
            (carrier.chars().count() + term.text.chars().count()) as u32,
        );
        let own = |hit: &Hit| {
            folded.original(hit.start, hit.end) == whole && hit.meaning == Meaning::Concept(term.concept)
        };
        let found = hits.iter().any(own);
        leftmost_longest(&mut hits);
        let first = hits.first().map(|hit| folded.original(hit.start, hit.end));
        if !found || first != Some(whole) {
            wrong.push(&term.text);
        }
    }
    assert!(wrong.is_empty(), "not found whole: {wrong:?}");
}

#[test]
fn every_word_is_stated_and_negated() {
    let lexicon = Lexicon::built_in();
    let mut wrong = Vec::new();
    for term in lexicon.terms.iter().filter(|term| stated(term)) {
        let name = lexicon.concept(term.concept).name.as_str();
        let carriers = if term.chinese {
            [("可见", Assertion::Affirmed), ("未见", Assertion::Negated)]
        } else {
            [
                ("There is ", Assertion::Affirmed),
                ("No evidence of ", Assertion::Negated),
            ]
        };
        for (carrier, assertion) in carriers {
            if !plain(term) {
                continue;
            }
            let text = format!("{carrier}{}.", term.text);
            let found = read(&text, None).entities;
            let entity = found.iter().find(|entity| entity.concept == name);
            if entity.is_none_or(|entity| entity.assertion != assertion || entity.text != term.text) {
                let found: Vec<_> = found.iter().map(|e| (e.concept, e.assertion, &e.text)).collect();
                wrong.push(format!("{text} ({name}) {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

proptest! {
    /// Whatever a text is, places cut out the words that are reported, in order, inside the text.
    #[test]
    fn places_cut_out_the_words(pieces in prop::collection::vec(piece(), 1..30)) {
        let text = pieces.concat();
        let characters: Vec<char> = text.chars().collect();
        let found = read(&text, None);
        for entity in &found.entities {
            let words: String = characters[entity.start as usize..entity.end as usize].iter().collect();
            prop_assert_eq!(&words, &entity.text);
        }
        for nodule in &found.nodules {
            prop_assert!(nodule.start <= nodule.end && nodule.end as usize <= characters.len());
        }
        for pair in found.entities.windows(2) {
            prop_assert!(pair[0].start <= pair[1].start);
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    let lexicon = Lexicon::built_in();
    let words: Vec<String> = lexicon.terms.iter().map(|term| term.text.clone()).collect();
    prop_oneof![
        4 => prop::sample::select(words),
        3 => prop::sample::select(vec![
            " ", ", ", ". ", "，", "。", "、", "\n", "no ", "未见", "likely ", "考虑", "右肺上叶", "left lower lobe ", " 8 mm ",
            "14×11mm", "nodule ", "结节", "IMPRESSION: ", "印象：", "\u{200f}", "\u{0}", "\u{fffd}", "㎜", "ＣＴ", "since March 2023",
            "负六百五十HU", "series 3 image 87", "20支/天", " for 30 years", "ｎｏ ", "İ", "ﬁ", "e\u{301}",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}
