//! How far a transcript is from what was said.

/// Errors over a number of things said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Substitutions, insertions and deletions.
    pub errors: usize,
    /// Words or characters that were said.
    pub said: usize,
}

impl Rate {
    /// Adds another's errors.
    pub fn add(&mut self, other: Self) {
        self.errors += other.errors;
        self.said += other.said;
    }

    /// Errors by what was said; 0 where nothing was.
    pub fn share(&self) -> f64 {
        self.errors as f64 / self.said.max(1) as f64
    }
}

/// Wrong words, case and punctuation aside.
pub fn word_errors(said: &str, heard: &str) -> Rate {
    errors(&words(said), &words(heard))
}

/// Wrong characters, case, spaces and punctuation aside.
pub fn character_errors(said: &str, heard: &str) -> Rate {
    let characters = |text: &str| -> Vec<char> {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    errors(&characters(said), &characters(heard))
}

/// Whether all numbers and sides were heard as they were said, in their order.
pub fn numbers_and_sides_right(said: &str, heard: &str) -> bool {
    critical(said) == critical(heard)
}

/// Whether a text says a number or a side at all.
pub fn has_numbers_or_sides(text: &str) -> bool {
    !critical(text).is_empty()
}

const ENGLISH: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand point minus \
    right left bilateral first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth fifteenth \
    twentieth thirtieth";
const MANDARIN: &str = "零一二两三四五六七八九十百千点负半左右双";

/// Words and characters that a wrong one of would change a measurement, a place in the CT, or a side.
fn critical(text: &str) -> Vec<String> {
    let english: std::collections::HashSet<&str> = ENGLISH.split_whitespace().collect();
    words(text)
        .into_iter()
        .flat_map(|word| {
            if word.is_ascii() {
                vec![word]
            } else {
                word.chars().map(String::from).collect()
            }
        })
        .filter(|word| english.contains(word.as_str()) || MANDARIN.contains(word.as_str()))
        .collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Levenshtein's distance.
fn errors<T: PartialEq>(said: &[T], heard: &[T]) -> Rate {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, said) in said.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, heard) in heard.iter().enumerate() {
            let substituted = diagonal + usize::from(said != heard);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    Rate {
        errors: row[heard.len()],
        said: said.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted() {
        for (said, heard, errors, of) in [
            ("solid nodule, right.", "solid nodule right", 0, 3),
            ("solid nodule right", "solid right", 1, 3),
            ("solid nodule", "a solid Nodule here", 2, 2),
            ("", "noise", 1, 0),
        ] {
            assert_eq!(
                word_errors(said, heard),
                Rate { errors, said: of },
                "{said} / {heard}"
            );
        }
        assert_eq!(
            character_errors("右肺上叶，结节", "左肺上叶结节。"),
            Rate { errors: 1, said: 6 }
        );
    }

    #[test]
    fn a_wrong_number_or_side_is_seen() {
        assert!(numbers_and_sides_right(
            "six millimeters in the right lung",
            "six millimeter in right lung"
        ));
        assert!(!numbers_and_sides_right("six millimeters", "sixty millimeters"));
        assert!(!numbers_and_sides_right("右肺六毫米", "左肺六毫米"));
        assert!(!has_numbers_or_sides("no pleural effusion"));
    }
}
