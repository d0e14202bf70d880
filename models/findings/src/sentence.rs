//! Sentences of a text, with the section that they stand in.

use hilum_concepts::is_ideograph;

use crate::section::{Section, heading};

/// A sentence as a piece of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sentence<'t> {
    /// Its text.
    pub(crate) text: &'t str,
    /// Code points of the original before it.
    pub(crate) start: u32,
    /// Part of the report.
    pub(crate) section: Section,
    /// Whether an empty line or a heading stands before it.
    pub(crate) new_paragraph: bool,
}

/// Sentences are cut here at the latest, at a space or a comma where there is one nearby: a text without any full stop
/// is still read in time and memory that grow with its length alone.
const LONGEST: usize = 1200;

/// The sentences of a text in order. Empty ones are left out.
pub(crate) struct Sentences<'t> {
    text: &'t str,
    /// First byte that is not in a sentence yet.
    at: usize,
    /// Code points before it.
    points: u32,
    section: Section,
    new_paragraph: bool,
}

impl<'t> Sentences<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            points: 0,
            section: Section::Body,
            new_paragraph: true,
        }
    }

    fn skip(&mut self, bytes: usize) {
        let skipped = &self.text[self.at..self.at + bytes];
        self.points += skipped.chars().count() as u32;
        self.at += bytes;
    }
}

impl<'t> Iterator for Sentences<'t> {
    type Item = Sentence<'t>;

    fn next(&mut self) -> Option<Sentence<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let space = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_whitespace() || c.is_control())
                    .len();
            self.new_paragraph |= rest[..space].matches('\n').count() > 1;
            self.skip(space);
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return None;
            }
            if let Some((section, bytes)) = heading(rest) {
                self.section = section;
                self.new_paragraph = true;
                self.skip(bytes);
                continue;
            }
            let text = &rest[..end_of(rest)];
            let sentence = Sentence {
                text,
                start: self.points,
                section: self.section,
                new_paragraph: std::mem::take(&mut self.new_paragraph),
            };
            self.skip(text.len());
            return Some(sentence);
        }
    }
}

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "dr", "mr", "mrs", "ms", "prof", "st", "approx", "vs", "e.g", "i.e", "eg", "ie", "etc", "fig", "no",
    "im", "se", "ser", "img", "resp", "dept", "max", "min", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "nov", "dec", "ca", "yr", "yrs", "mo", "hx", "pt",
];

/// Length of the sentence that a text begins with, in bytes.
fn end_of(text: &str) -> usize {
    let mut count = 0;
    let mut soft = 0;
    let mut line = 0;
    let mut last = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let end = at + c.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        let ends = match c {
            '。' | '！' | '!' | '；' | ';' | '\u{2029}' => true,
            '.' | '．' => stop_ends(text, at, last, next),
            '?' | '？' => next.is_none_or(|next| !matches!(next, ',' | '，' | ')' | '）' | '?' | '？')),
            '\n' => !wraps(text, at, line, last),
            _ => false,
        };
        if ends {
            return end;
        }
        line = if c == '\n' { 0 } else { line + 1 };
        if !c.is_whitespace() {
            last = c;
        }
        count += 1;
        if c.is_whitespace() || matches!(c, ',' | '，' | '、') {
            soft = end;
        }
        if count >= LONGEST {
            return if soft * 2 > end { soft } else { end };
        }
    }
    text.len()
}

/// Whether the full stop at this byte ends a sentence.
fn stop_ends(text: &str, at: usize, last: char, next: Option<char>) -> bool {
    let Some(next) = next else {
        return true;
    };
    if next.is_ascii_digit() && last.is_ascii_digit() {
        return false;
    }
    let mut from = at.saturating_sub(8);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let head = &text[from..at];
    let word = head
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
        .next()
        .unwrap_or("");
    let is_number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    if is_number && (at == word.len() || text[..at - word.len()].trim_end_matches(' ').ends_with('\n')) {
        // `1.` before an entry of a list.
        return false;
    }
    if ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str())
        || (word.len() == 1 && last.is_ascii_uppercase())
    {
        return false;
    }
    next.is_whitespace()
        || (next.is_uppercase() && !last.is_uppercase())
        || is_ideograph(next)
        || matches!(next, '"' | '\'' | ')' | '”' | '【')
}

/// Whether a line break is only where the line was full: the next line goes on in lower case, or a long line of
/// ideographs without punctuation at its end.
fn wraps(text: &str, at: usize, line: usize, last: char) -> bool {
    let rest = &text[at + 1..];
    let Some(next) = rest.chars().next() else {
        return false;
    };
    if is_ideograph(last) && is_ideograph(next) {
        return line >= 24 && heading(rest).is_none();
    }
    if matches!(last, '.' | ':' | '：' | ';') || heading(rest).is_some() {
        return false;
    }
    let next = rest
        .trim_start_matches([' ', '\t'])
        .chars()
        .next()
        .unwrap_or('\n');
    let full = line >= 40;
    next.is_lowercase()
        || (full && (next.is_alphanumeric() || next == '(') && !is_ideograph(next))
        || matches!(last, ',' | '，' | '、')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[&str]) {
        let found: Vec<&str> = Sentences::new(text).map(|s| s.text.trim()).collect();
        assert_eq!(found, want);
        let characters: Vec<char> = text.chars().collect();
        for sentence in Sentences::new(text) {
            let cut: String = characters[sentence.start as usize..]
                .iter()
                .take(sentence.text.chars().count())
                .collect();
            assert_eq!(cut, sentence.text);
        }
    }

    #[test]
    fn ends_of_sentences() {
        check(
            "A 1.4 cm nodule. No effusion.",
            &["A 1.4 cm nodule.", "No effusion."],
        );
        check(
            "Seen by Dr. Smith vs. none. End",
            &["Seen by Dr. Smith vs. none.", "End"],
        );
        check(
            "右肺结节。未见积液；无咳嗽",
            &["右肺结节。", "未见积液；", "无咳嗽"],
        );
        check(
            "1. RUL nodule\n2. No effusion",
            &["1. RUL nodule", "2. No effusion"],
        );
        check(
            "nodule in the\nright upper lobe\n\nNext",
            &["nodule in the\nright upper lobe", "Next"],
        );
        check("", &[]);
    }

    #[test]
    fn sections() {
        let text = "FINDINGS: Nodule.\nIMPRESSION:\n1. Stable. 印象：结节。";
        let found: Vec<Section> = Sentences::new(text).map(|s| s.section).collect();
        assert_eq!(
            found,
            [Section::Findings, Section::Impression, Section::Impression]
        );
    }

    #[test]
    fn endless_text_is_cut() {
        let text = "abc ".repeat(5000);
        let pieces: Vec<_> = Sentences::new(&text).collect();
        assert!(pieces.len() > 10 && pieces.iter().all(|s| s.text.len() <= LONGEST));
        let digits = "7".repeat(100_000);
        assert!(Sentences::new(&digits).count() > 50);
    }
}
