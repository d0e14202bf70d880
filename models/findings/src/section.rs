//! Parts of a report by their headings.

use std::collections::HashMap;
use std::sync::LazyLock;

use hilum_concepts::fold;
use serde::{Deserialize, Serialize};

/// Part of a report or note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// No heading said otherwise.
    #[default]
    Body,
    /// What the images show.
    Findings,
    /// The conclusion.
    Impression,
    /// Why the patient comes, present illness, indication.
    History,
    /// What the patient had before.
    PastHistory,
    /// What relatives have.
    FamilyHistory,
    /// Smoking, work, habits.
    SocialHistory,
    /// What is advised.
    Recommendation,
    /// How the images were made.
    Technique,
    /// What they are compared with.
    Comparison,
}

/// Headings in comparable form.
const HEADINGS: &[(Section, &str)] = &[
    (
        Section::Findings,
        "findings|finding|report|lungs|lung|lungs and airways|lungs/pleura|lungs and pleura|lung parenchyma|pleura|\
         mediastinum|heart and mediastinum|chest|chest findings|nodules|pulmonary nodules|lung nodules|upper abdomen|\
         bones|所见|影像所见|影像学所见|检查所见|影像表现|影像学表现|ct表现|ct所见|放射学表现|放射所见|表现|描述|检查描述",
    ),
    (
        Section::Impression,
        "impression|impressions|conclusion|conclusions|opinion|assessment|summary|diagnosis|diagnoses|\
         印象|影像诊断|影像学诊断|诊断|诊断意见|结论|ct诊断|放射学诊断|诊断印象|检查结论|影像印象|影像学印象|提示",
    ),
    (
        Section::History,
        "history|clinical history|clinical information|indication|indications|reason for exam|reason for study|\
         reason for examination|hpi|history of present illness|chief complaint|cc|clinical indication|present illness|\
         现病史|主诉|临床诊断|检查目的|病史|病史摘要|临床病史|临床资料|临床信息|检查原因",
    ),
    (
        Section::PastHistory,
        "past medical history|pmh|medical history|past history|past surgical history|psh|pmhx|surgical history|\
         既往史|既往病史|过去史|手术史|既往",
    ),
    (
        Section::FamilyHistory,
        "family history|fh|fhx|family hx|family medical history|家族史",
    ),
    (
        Section::SocialHistory,
        "social history|sh|smoking history|tobacco|tobacco use|tobacco history|smoking|smoking status|shx|\
         occupational history|exposures|exposure history|个人史|吸烟史|烟酒史|职业史",
    ),
    (
        Section::Recommendation,
        "recommendation|recommendations|plan|follow up|followup|management|建议|随访建议|处理意见|处理",
    ),
    (
        Section::Technique,
        "technique|procedure|protocol|exam|examination|study|检查技术|检查方法|扫描技术|技术|检查部位|检查项目",
    ),
    (
        Section::Comparison,
        "comparison|comparisons|prior|compared to|对比|比较|前片",
    ),
];

static BY_HEADING: LazyLock<HashMap<&'static str, Section>> = LazyLock::new(|| {
    let list = |(section, names): &'static (Section, &str)| names.split('|').map(|name| (name, *section));
    HEADINGS.iter().flat_map(list).collect()
});

/// More characters than this are no heading.
const LONGEST: usize = 40;

/// The heading that a text begins with: its section and the bytes that it takes, colon and brackets included.
pub(crate) fn heading(text: &str) -> Option<(Section, usize)> {
    let body = text.trim_start_matches(|c: char| c.is_whitespace() || "【[*#•·-<".contains(c));
    let before = text.len() - body.len();
    let bracketed = text[..before].ends_with(['【', '[', '<']);
    let mut name_end = None;
    for (count, (at, c)) in body.char_indices().enumerate() {
        if count > LONGEST {
            return None;
        }
        if matches!(c, ':' | '：' | '】' | ']' | '>' | '\n' | '\r') {
            name_end = Some((at, c));
            break;
        }
    }
    let (end, close) = name_end.unwrap_or((body.len(), '\n'));
    let name = &body[..end];
    let section = *BY_HEADING.get(fold(name).text.trim())?;
    match close {
        ':' | '：' => Some((section, before + end + close.len_utf8())),
        '】' | ']' | '>' if bracketed => {
            let rest = &body[end + close.len_utf8()..];
            let colon = rest
                .chars()
                .next()
                .filter(|c| matches!(c, ':' | '：'))
                .map_or(0, char::len_utf8);
            Some((section, before + end + close.len_utf8() + colon))
        }
        // A line that is a heading and nothing else: in capitals, or in Chinese.
        '\n' | '\r' => {
            let letters = name.chars().filter(|c| c.is_alphabetic());
            let shouts = letters.clone().count() > 1 && letters.clone().all(|c| !c.is_lowercase());
            (shouts && name_end.is_some()).then_some((section, before + end))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        for (text, want) in [
            ("IMPRESSION: no nodule", Some((Section::Impression, 11))),
            ("FINDINGS\nThe lungs", Some((Section::Findings, 8))),
            ("  Past Medical History : COPD", Some((Section::PastHistory, 24))),
            ("印象：右肺", Some((Section::Impression, 9))),
            ("【影像所见】双肺", Some((Section::Findings, 18))),
            ("既往史：无", Some((Section::PastHistory, 12))),
            ("Findings are stable", None),
            ("history of cancer: none", None),
            ("", None),
        ] {
            assert_eq!(heading(text), want, "{text:?}");
        }
    }
}
