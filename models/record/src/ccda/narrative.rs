//! The narrative block of a section as lines of text.

use roxmltree::Node;

/// Elements that stand on a line of their own.
const BLOCKS: [&str; 9] = [
    "paragraph",
    "list",
    "item",
    "table",
    "thead",
    "tbody",
    "tr",
    "caption",
    "br",
];

/// Where a walk meets an element.
#[derive(PartialEq)]
enum Edge {
    Start,
    End,
}

/// The words of a narrative block: cells of a row beside each other, rows, items and paragraphs below each other.
/// White space within a line counts as one blank, as in the block itself.
pub(super) fn plain(block: Node) -> String {
    let mut text = String::new();
    let break_line = |text: &mut String| {
        let kept = text.trim_end_matches(' ').len();
        text.truncate(kept);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    // A stack instead of recursion: nesting is the document's.
    let mut open = vec![(block, Edge::Start)];
    while let Some((node, edge)) = open.pop() {
        if node.is_text() {
            append(&mut text, node.text().unwrap_or_default());
            continue;
        }
        let name = node.tag_name().name();
        if BLOCKS.contains(&name) {
            break_line(&mut text);
        } else if matches!(name, "td" | "th") {
            blank(&mut text);
        }
        if edge == Edge::Start {
            open.push((node, Edge::End));
            open.extend(node.children().rev().map(|child| (child, Edge::Start)));
        }
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
    text
}

fn append(text: &mut String, words: &str) {
    for character in words.chars() {
        if character.is_whitespace() {
            blank(text);
        } else {
            text.push(character);
        }
    }
}

fn blank(text: &mut String) {
    if !text.is_empty() && !text.ends_with([' ', '\n']) {
        text.push(' ');
    }
}
