//! Text that no one writes: long, endless, without letters, with marks in every word.

use hilum_findings::{decode, read};

/// Entities, and bytes of their words.
fn size(text: &str) -> usize {
    read(text, None).entities.len()
}

#[test]
fn nothing_panics() {
    let mega = 200_000;
    for text in [
        "7".repeat(mega),
        "7 ".repeat(mega),
        "7.".repeat(mega),
        "7-".repeat(mega),
        "一".repeat(mega),
        "七毫米×".repeat(mega / 4),
        "no ".repeat(mega / 3),
        "nodule ".repeat(mega / 7),
        "nodule, 8 mm ".repeat(mega / 13),
        "结节、".repeat(mega / 3),
        "\u{200f}\u{202e}".repeat(mega / 2),
        "\0\u{1}\u{7f}".repeat(mega / 3),
        "\n".repeat(mega),
        "(((((".repeat(mega / 5),
        "IMPRESSION:".repeat(mega / 11),
        "1 x 1 x ".repeat(mega / 8),
        "two thousand ".repeat(mega / 13),
        "百千万".repeat(mega / 3),
        "smokes 1 ppd for 30 years ".repeat(mega / 26),
        "\u{fffd}".repeat(mega),
        "a\u{301}".repeat(mega / 2),
        "㍿".repeat(mega / 4),
    ] {
        size(&text);
    }
    size("");
}

#[test]
fn marks_inside_words_do_not_hide_them() {
    let text = "no\u{200f}dule in the ri\u{ad}ght upper\u{a0}lobe, １４\u{d7}１１ ㎜";
    let found = read(text, None);
    assert_eq!(found.nodules.len(), 1);
    assert_eq!(found.nodules[0].long_mm, Some(14.0));
    assert_eq!(found.entities[0].text, "no\u{200f}dule");
}

#[test]
fn ill_formed_bytes_keep_places_right() {
    let decoded = decode(b"\xff\xfe\xffCough. \xe7\xbb").map(|_| ());
    assert!(
        decoded.is_err(),
        "a byte order mark of UTF-16 is another encoding"
    );
    let decoded = decode(b"\xffCough \xed\xa0\x80 fever").unwrap();
    let found = read(&decoded.text, None);
    let places: Vec<_> = found
        .entities
        .iter()
        .map(|e| (e.text.as_str(), e.start, e.end))
        .collect();
    assert_eq!(places, [("Cough", 1, 6), ("fever", 11, 16)]);
    assert_eq!(decoded.replaced, 4);
}

/// Work grows with length: a text twice as long has twice the findings, also where no sentence ends.
#[test]
fn endless_text_is_read_whole() {
    let piece = "patient with emphysema and chronic cough and ";
    let found = size(&piece.repeat(2000));
    let twice = size(&piece.repeat(4000));
    assert!(
        found > 100 && twice.abs_diff(2 * found) <= 4,
        "{found} and {twice}"
    );
}
