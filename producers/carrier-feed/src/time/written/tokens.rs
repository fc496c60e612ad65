//! Cuts the text of a time into numbers, words and signs.

use std::fmt;

/// One piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// Digits.
    Number(String),
    /// Letters, in lower case; `a.m.` is the word `am`, and `America/New_York` is one word.
    Word(String),
    /// Anything else; white space is one blank.
    Sign(char),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(text) | Self::Word(text) => f.write_str(text),
            Self::Sign(sign) => write!(f, "{sign}"),
        }
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let text = text.to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            end(rest, |c| c.is_ascii_digit())
        } else if is_ideograph_sign(first).is_none() && first.is_alphabetic() {
            end(rest, |c| is_ideograph_sign(c).is_none() && (c.is_alphabetic() || c == '_' || c == '\''))
        } else {
            first.len_utf8()
        };
        let piece = &rest[..length];
        rest = &rest[length..];
        if first.is_ascii_digit() {
            tokens.push(Token::Number(piece.to_owned()));
        } else if let Some(sign) = is_ideograph_sign(first) {
            tokens.push(Token::Sign(sign));
        } else if first.is_alphabetic() {
            push_word(&mut tokens, piece);
        } else {
            let sign = if first.is_whitespace() { ' ' } else { first };
            if sign != ' ' || tokens.last() != Some(&Token::Sign(' ')) {
                tokens.push(Token::Sign(sign));
            }
        }
    }
    // The sign after the day in "2018年7月31日" leaves nothing to part.
    if tokens.last() == Some(&Token::Sign(' ')) {
        tokens.pop();
    }
    tokens
}

/// Joins `america`, `/`, `new_york` again: a slash between words belongs to a zone's name.
fn push_word(tokens: &mut Vec<Token>, word: &str) {
    if let [.., Token::Word(_), Token::Sign('/')] = tokens.as_slice() {
        tokens.pop();
        if let Some(Token::Word(before)) = tokens.last_mut() {
            before.push('/');
            before.push_str(word);
        }
    } else {
        tokens.push(Token::Word(word.to_owned()));
    }
}

fn is_ideograph_sign(c: char) -> Option<char> {
    match c {
        '年' | '月' | '년' | '월' => Some('-'),
        '日' | '일' => Some(' '),
        '時' | '时' | '시' | '：' => Some(':'),
        _ => None,
    }
}

fn end(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
