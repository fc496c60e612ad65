//! What a page was asked for by its address.

use super::Language;

/// The most numbers that one page shows.
pub(crate) const MOST: usize = 20;
/// Parts with blanks between them are numbers of their own when each has so many characters; shorter ones are a number as it is
/// printed, in groups.
const WHOLE: usize = 8;

/// The parts of a query string that mean something; others, such as those of campaigns, are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Numbers, each once, in the order asked; one more than [`MOST`] at most.
    pub(crate) numbers: Vec<String>,
    /// The language, where one was chosen.
    pub(crate) language: Option<Language>,
    /// Whether every step is wanted, however many there are.
    pub(crate) all_steps: bool,
}

impl Asked {
    /// Of a query string.
    pub(crate) fn of(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "numbers" => several(&value).for_each(|number| asked.add(number)),
                "number" => asked.add(value.trim().to_owned()),
                "lang" => asked.language = Language::of_tag(&value),
                "steps" => asked.all_steps = value == "all",
                _ => {}
            }
        }
        asked
    }

    fn add(&mut self, number: String) {
        if !number.is_empty() && self.numbers.len() <= MOST && !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }
}

/// The numbers in what somebody typed or pasted.
fn several(typed: &str) -> impl Iterator<Item = String> {
    let lines = typed.split([',', ';', '\n', '\r', '\t', '،', '؛']).map(str::trim);
    lines.flat_map(|line| {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let are_whole = parts.iter().all(|part| part.len() >= WHOLE);
        let numbers = if are_whole { parts } else { vec![line] };
        numbers.into_iter().map(with_plain_digits).collect::<Vec<_>>()
    })
}

/// Digits as an Arabic or Persian keyboard has them are the same digits.
fn with_plain_digits(number: &str) -> String {
    let plain = |c: char| match u32::from(c) {
        arabic @ 0x0660..=0x0669 => char::from_digit(arabic - 0x0660, 10).unwrap_or(c),
        persian @ 0x06f0..=0x06f9 => char::from_digit(persian - 0x06f0, 10).unwrap_or(c),
        _ => c,
    };
    number.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_as_people_write_them() {
        for (query, numbers) in [
            ("", vec![]),
            ("numbers=+", vec![]),
            ("numbers=RR123456785DE", vec!["RR123456785DE"]),
            ("numbers=RR+123+456+785+DE", vec!["RR 123 456 785 DE"]),
            ("numbers=RR123456785DE+738488882438", vec!["RR123456785DE", "738488882438"]),
            ("numbers=a1%0D%0Ab2%2C%20c3%3B%3Ba1", vec!["a1", "b2", "c3"]),
            ("numbers=a1&numbers=b2&number=c,3", vec!["a1", "b2", "c,3"]),
            ("numbers=%D9%A1%D9%A2%D9%A3%D8%8C%DB%B9", vec!["123", "9"]),
        ] {
            assert_eq!(Asked::of(query).numbers, numbers, "{query}");
        }
    }

    #[test]
    fn no_more_numbers_are_kept_than_tell_that_there_are_too_many() {
        let numbers: Vec<String> = (0..10_000).map(|n| format!("{n:x}")).collect();
        let asked = Asked::of(&format!("numbers={}", numbers.join(",")));
        assert_eq!(asked.numbers, numbers[..=MOST]);
    }

    #[test]
    fn what_the_page_does_not_know_is_passed_over() {
        let asked = Asked::of("utm_source=mail&lang=fr-CA&steps=all&x");
        assert_eq!(asked, Asked { numbers: vec![], language: Some(Language::French), all_steps: true });
        assert_eq!(Asked::of("lang=xx&steps=none"), Asked::default());
    }
}
