//! Addresses of pages. They lead nowhere but to this page.

use std::fmt::Write;

use form_urlencoded::Serializer;

use super::Language;

/// A page's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The page that asks for a number.
    Start,
    /// The page of one number.
    One(String),
    /// The page of several, or of one that no path can hold.
    Several(Vec<String>),
}

/// What of an address is the same on every page that it leads to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct With {
    /// The language that was chosen.
    pub(crate) language: Option<Language>,
    pub(crate) all_steps: bool,
}

impl Address {
    /// Of what was asked for.
    pub(crate) fn of(numbers: &[String]) -> Self {
        match numbers {
            [] => Self::Start,
            [one] if has_path(one) => Self::One(one.clone()),
            several => Self::Several(several.to_vec()),
        }
    }

    /// As a link has it.
    pub(crate) fn link(&self, with: With) -> String {
        let mut query = Serializer::new(String::new());
        let mut path = String::from("/track");
        match self {
            Self::Start => {}
            Self::One(number) => {
                path.push('/');
                escape(number, &mut path);
            }
            Self::Several(numbers) => {
                query.append_pair("numbers", &numbers.join(","));
            }
        }
        if let Some(language) = with.language {
            query.append_pair("lang", language.tag());
        }
        if with.all_steps {
            query.append_pair("steps", "all");
        }
        let query = query.finish();
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

/// Where a page of these numbers hears of changes.
pub(crate) fn live(numbers: &[&str]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(numbers.iter().map(|number| ("number", number)));
    format!("/track/live?{}", query.finish())
}

/// Whether a number can be a part of a path that everybody on the way reads alike, and that is no other address.
fn has_path(number: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
    number.chars().all(plain) && !number.eq_ignore_ascii_case("live")
}

fn escape(part: &str, path: &mut String) {
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[&str]) -> Address {
        Address::of(&numbers.iter().map(|&number| number.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn addresses_lead_to_the_page_only() {
        for (numbers, link) in [
            (&[][..], "/track"),
            (&["RR123456785DE"], "/track/RR123456785DE"),
            (&["RR 12-3"], "/track/RR%2012-3"),
            (&["ä"], "/track/%C3%A4"),
            (&["live"], "/track?numbers=live"),
            (&["//evil.example"], "/track?numbers=%2F%2Fevil.example"),
            (&[".."], "/track?numbers=.."),
            (&["a", "b&c"], "/track?numbers=a%2Cb%26c"),
        ] {
            assert_eq!(of(numbers).link(With::default()), link);
        }
        let with = With { language: Some(Language::Arabic), all_steps: true };
        assert_eq!(of(&["A1"]).link(with), "/track/A1?lang=ar&steps=all");
        assert_eq!(of(&["a", "b"]).link(with), "/track?numbers=a%2Cb&lang=ar&steps=all");
        assert_eq!(live(&["a,b", "c d"]), "/track/live?number=a%2Cb&number=c+d");
    }
}
