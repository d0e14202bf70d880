//! The one form in which text and patterns are compared.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A piece of text in comparable form, each byte of which knows the character that it came from.
///
/// Lower case; compatibility characters (full width, ligatures, squared units, superscripts, unusual spaces) taken
/// apart as by NFKD; accents, zero-width and direction marks dropped; every dash is `-`; a hyphen between two letters
/// is a space; spaces and control characters are single spaces, none between two ideographs where a line was wrapped.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The comparable form.
    pub text: String,
    /// For each byte of `text`: index of its character in the original piece, in code points.
    origin: Vec<u32>,
    /// For each byte of `text`: whether that character is an upper-case letter.
    upper: Vec<bool>,
}

impl Folded {
    /// Code points of the original piece that the bytes `start..end` of the comparable form stand for.
    pub fn original(&self, start: usize, end: usize) -> (u32, u32) {
        let last = |index: usize| {
            self.origin
                .get(index)
                .or(self.origin.last())
                .copied()
                .unwrap_or(0)
        };
        if end <= start {
            return (last(start), last(start));
        }
        (last(start), last(end - 1) + 1)
    }

    /// Whether every letter among these bytes was written in upper case.
    pub fn is_upper(&self, start: usize, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        (start..end.min(bytes.len())).all(|at| self.upper[at] || !bytes[at].is_ascii_lowercase())
    }

    fn push(&mut self, c: char, origin: u32, upper: bool) {
        self.text.push(c);
        self.origin.resize(self.text.len(), origin);
        self.upper.resize(self.text.len(), upper);
    }
}

/// Brings a piece of text into comparable form. Linear in its length.
pub fn fold(piece: &str) -> Folded {
    let mut folded = Folded::default();
    folded.text.reserve(piece.len());
    folded.origin.reserve(piece.len());
    folded.upper.reserve(piece.len());
    let mut last = ' ';
    let mut characters = piece.chars().enumerate().peekable();
    while let Some((index, c)) = characters.next() {
        let index = index as u32;
        if is_ideograph(c) {
            folded.push(c, index, false);
            last = c;
            continue;
        }
        if is_dropped(c) {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            let next = characters.peek().map_or(' ', |(_, next)| *next);
            let wrapped = matches!(c, '\n' | '\r') && is_ideograph(last) && is_ideograph(next);
            if last != ' ' && !wrapped {
                folded.push(' ', index, false);
                last = ' ';
            }
            continue;
        }
        if is_dash(c) {
            let next = characters.peek().map_or(' ', |(_, next)| *next);
            let joins = last.is_ascii_alphabetic() && next.is_ascii_alphabetic();
            last = if joins { ' ' } else { '-' };
            folded.push(last, index, false);
            continue;
        }
        if c.is_ascii() {
            last = c.to_ascii_lowercase();
            folded.push(last, index, c.is_ascii_uppercase());
            continue;
        }
        let upper = c.is_uppercase();
        decompose_compatible(plain(c), |part| {
            if is_combining_mark(part) || (part.is_whitespace() && last == ' ') {
                return;
            }
            let part = if part.is_whitespace() { ' ' } else { part };
            let upper = upper || part.is_uppercase();
            let lower = part.to_lowercase().next().unwrap_or(part);
            folded.push(lower, index, upper);
            last = lower;
        });
    }
    folded
}

/// Whether a character is a Chinese ideograph.
pub fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// Soft hyphens, zero-width characters, direction marks, variation selectors.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Punctuation that compatibility leaves apart.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => '\'',
        '\u{2215}' | '\u{2044}' => '/',
        '\u{2236}' | '\u{fe55}' => ':',
        '\u{30fb}' | '\u{2022}' | '\u{2027}' | '\u{22c5}' => '\u{b7}',
        '\u{2715}' | '\u{2716}' | '\u{2a2f}' => '\u{d7}',
        '\u{223c}' | '\u{301c}' => '~',
        '\u{2264}' | '\u{2a7d}' | '\u{2266}' => '\u{2264}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(original: &str, want: &str) {
        assert_eq!(fold(original).text, want, "{original:?}");
    }

    #[test]
    fn comparable_forms() {
        check("Ground-Glass", "ground glass");
        check("T\u{2011}SPOT.TB", "t spot.tb");
        check("14\u{a0}\u{d7}\u{3000}11 ㎜", "14 \u{d7} 11 mm");
        check("ＣＴ值：－６５０ＨＵ", "ct值:-650hu");
        check("3-4 mm³", "3-4 mm3");
        check("no\u{200f}dule", "nodule");
        check("naïve", "naive");
        check("a \t\u{7}\n b", "a b");
        check("右肺\n上叶", "右肺上叶");
        check("右肺 上叶", "右肺 上叶");
        check("İ", "i");
    }

    #[test]
    fn bytes_know_their_characters() {
        let original = "\u{200f}见\u{200b}Ｎodule ㎜.";
        let folded = fold(original);
        let characters: Vec<char> = original.chars().collect();
        for (word, want) in [("见", "见"), ("nodule", "Ｎodule"), ("mm", "㎜"), (".", ".")] {
            let start = folded.text.find(word).unwrap();
            let (from, to) = folded.original(start, start + word.len());
            let cut: String = characters[from as usize..to as usize].iter().collect();
            assert_eq!(cut, want);
        }
        assert!(fold("SOB mia").is_upper(0, 3));
        assert!(!fold("SOB mia").is_upper(4, 7));
        assert_eq!(fold("").original(0, 0), (0, 0));
    }
}
