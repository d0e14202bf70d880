//! Words, digits, ideographs and signs of comparable text.

use hilum_concepts::is_ideograph;

/// A piece of text that counts as one when scopes are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What it is made of.
    pub(crate) kind: TokenKind,
}

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters.
    Word,
    /// Decimal digits.
    Digits,
    /// One ideograph.
    Ideograph,
    /// One sign.
    Sign,
}

/// The tokens of comparable text; spaces are none.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4);
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        let kind = match c {
            ' ' => continue,
            '0'..='9' => TokenKind::Digits,
            c if is_ideograph(c) => TokenKind::Ideograph,
            c if c.is_alphabetic() => TokenKind::Word,
            _ => TokenKind::Sign,
        };
        if let Some(last) = tokens.last_mut()
            && last.end == start
            && last.kind == kind
            && matches!(kind, TokenKind::Word | TokenKind::Digits)
        {
            last.end = end;
        } else {
            tokens.push(Token { start, end, kind });
        }
    }
    tokens
}
