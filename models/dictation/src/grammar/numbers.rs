//! Numbers up to 9999 in words.

use hilum_concepts::{NUMBERS_BELOW_TWENTY, TENS};

const CHARACTERS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// English, without hyphens; `and` after hundreds as the British say it.
pub(super) fn english(number: u32, and: bool) -> String {
    let joined = |head: String, rest: u32| match (rest, and) {
        (0, _) => head,
        (rest, true) if rest < 100 => format!("{head} and {}", english(rest, and)),
        (rest, _) => format!("{head} {}", english(rest, and)),
    };
    match number {
        0..20 => NUMBERS_BELOW_TWENTY[number as usize].to_owned(),
        20..100 => match number % 10 {
            0 => TENS[number as usize / 10 - 2].to_owned(),
            one => format!(
                "{} {}",
                TENS[number as usize / 10 - 2],
                NUMBERS_BELOW_TWENTY[one as usize]
            ),
        },
        100..1000 => joined(
            format!("{} hundred", NUMBERS_BELOW_TWENTY[number as usize / 100]),
            number % 100,
        ),
        _ => joined(format!("{} thousand", english(number / 1000, and)), number % 1000),
    }
}

/// Mandarin in characters; `counting` says two as 两 where it stands alone or before hundreds.
pub(super) fn mandarin(number: u32, counting: bool) -> String {
    let two = |digit: u32| {
        if digit == 2 && counting {
            "两"
        } else {
            CHARACTERS[digit as usize]
        }
    };
    let rest = |head: String, rest: u32, unit: u32| match rest {
        0 => head,
        rest if rest < unit / 10 => format!("{head}零{}", below_hundred(rest, true)),
        rest if rest < 100 => format!("{head}{}", below_hundred(rest, true)),
        rest => format!("{head}{}", mandarin(rest, counting)),
    };
    match number {
        0..10 => two(number).to_owned(),
        10..100 => below_hundred(number, false),
        100..1000 => rest(format!("{}百", two(number / 100)), number % 100, 100),
        _ => rest(format!("{}千", two(number / 1000)), number % 1000, 1000),
    }
}

/// 十四, but 一百一十四.
fn below_hundred(number: u32, within: bool) -> String {
    let (ten, one) = (number / 10, number % 10);
    let tens = match ten {
        0 => String::new(),
        1 if !within => "十".to_owned(),
        _ => format!("{}十", CHARACTERS[ten as usize]),
    };
    if one == 0 && ten > 0 {
        tens
    } else {
        tens + CHARACTERS[one as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        for (number, words, british, characters) in [
            (0, "zero", "zero", "零"),
            (2, "two", "two", "两"),
            (14, "fourteen", "fourteen", "十四"),
            (20, "twenty", "twenty", "二十"),
            (87, "eighty seven", "eighty seven", "八十七"),
            (105, "one hundred five", "one hundred and five", "一百零五"),
            (210, "two hundred ten", "two hundred and ten", "两百一十"),
            (650, "six hundred fifty", "six hundred and fifty", "六百五十"),
            (
                2023,
                "two thousand twenty three",
                "two thousand and twenty three",
                "两千零二十三",
            ),
            (
                2123,
                "two thousand one hundred twenty three",
                "two thousand one hundred and twenty three",
                "两千一百二十三",
            ),
        ] {
            assert_eq!(english(number, false), words);
            assert_eq!(english(number, true), british);
            assert_eq!(mandarin(number, true), characters);
        }
        assert_eq!(mandarin(2, false), "二");
    }
}
