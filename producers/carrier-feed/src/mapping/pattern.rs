//! Patterns over carriers' words.
//!
//! A pattern is words and `*`. It is found where its pieces follow each other in the text, each beginning at the
//! beginning of a word (so that `delivered` isn't found in `undelivered`, while `arriv` is found in `arrived`).
//! Letter case and punctuation don't count. `$` at the end asks for the end of the text, `^` at the front for its
//! beginning. Scripts that don't part words are searched anywhere.

use shipment_events::Status;

/// If any of these is found and none of those, it is this status.
#[derive(Debug)]
pub(super) struct TextRule {
    pub(super) status: Status,
    pub(super) any: Vec<Pattern>,
    pub(super) unless: Vec<Pattern>,
}

impl TextRule {
    /// Whether it applies to a normalised text.
    pub(super) fn matches(&self, words: &str) -> bool {
        !words.is_empty()
            && self.any.iter().any(|p| p.is_in(words))
            && !self.unless.iter().any(|p| p.is_in(words))
    }
}

/// One pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    pieces: Vec<String>,
    from_the_start: bool,
    to_the_end: bool,
}

impl Pattern {
    /// `None` when no word is in it.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let (from_the_start, text) = text.strip_prefix('^').map_or((false, text), |t| (true, t));
        let (to_the_end, text) = text.strip_suffix('$').map_or((false, text), |t| (true, t));
        let pieces: Vec<_> = text.split('*').map(normalised).filter(|p| !p.is_empty()).collect();
        (!pieces.is_empty()).then_some(Self { pieces, from_the_start, to_the_end })
    }

    fn is_in(&self, words: &str) -> bool {
        let mut from = 0;
        for (n, piece) in self.pieces.iter().enumerate() {
            let last = n + 1 == self.pieces.len();
            let hit = starts(words, piece, from).find(|at| {
                (n > 0 || !self.from_the_start || *at == 0)
                    && (!last || !self.to_the_end || at + piece.len() == words.len())
            });
            match hit {
                Some(at) => from = at + piece.len(),
                None => return false,
            }
        }
        true
    }
}

/// Where the piece begins a word, from this byte on.
fn starts<'a>(words: &'a str, piece: &'a str, from: usize) -> impl Iterator<Item = usize> + 'a {
    let anywhere = piece.chars().next().is_some_and(parts_no_words);
    words[from..].match_indices(piece).map(move |(at, _)| from + at).filter(move |at| {
        anywhere
            || words[..*at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric() || parts_no_words(before))
    })
}

/// Chinese, Japanese, Korean and Thai run on without blanks, or hang endings on.
fn parts_no_words(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3130}'..='\u{318F}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// Lower case, with one blank for everything that is neither letter nor digit.
pub(super) fn normalised(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        // Turkish İ becomes i and a dot that hangs above; the dot is no letter of its own.
        if c == '\u{307}' {
            continue;
        }
        if c.is_alphanumeric() {
            words.push(c);
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// `OutForDelivery` and `OUT_FOR_DELIVERY` as words.
pub(super) fn words_of_code(code: &str) -> String {
    let mut words = String::with_capacity(code.len() + 8);
    let mut before_is_lower = false;
    for c in code.chars() {
        if before_is_lower && c.is_uppercase() {
            words.push(' ');
        }
        words.push(c);
        before_is_lower = c.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().is_in(&normalised(text))
    }

    #[test]
    fn a_pattern_begins_at_the_beginning_of_a_word() {
        assert!(found("delivered", "Package DELIVERED, front door"));
        assert!(!found("delivered", "undelivered"));
        assert!(found("arriv", "Arrived at hub"));
        assert!(found("deliver* to sender", "Delivered, to the original: to sender"));
        assert!(!found("deliver* to sender", "to sender, deliver"));
        assert!(found("out for delivery", "OUT-FOR  DELIVERY: ETA 8pm"));
        assert!(found("签收", "快件已签收签收人"));
        assert!(found("배달완료", "상품이배달완료 되었습니다"));
        assert!(found("^depart$", "DEPART"));
        assert!(!found("^depart$", "Departed"));
        assert!(!found("^depart", "Has departed"));
        assert!(found("teslim edildi", "TESLİM EDİLDİ"));
    }

    #[test]
    fn codes_are_cut_into_words() {
        assert_eq!(normalised(&words_of_code("OutForDelivery")), "out for delivery");
        assert_eq!(normalised(&words_of_code("OUT_FOR-DELIVERY")), "out for delivery");
        assert_eq!(normalised(&words_of_code("EVENT_301")), "event 301");
    }

    #[test]
    fn a_pattern_of_nothing_is_none() {
        assert!(Pattern::new(" * ").is_none());
        assert!(Pattern::new("^$").is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(pattern in "\\PC{0,12}", text in "\\PC{0,40}") {
            if let Some(pattern) = Pattern::new(&pattern) {
                pattern.is_in(&normalised(&text));
            }
        }
    }
}
