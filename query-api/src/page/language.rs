//! Which of the page's languages somebody reads.

use super::texts::{self, Texts};

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
    Spanish,
    Arabic,
}

impl Language {
    /// Each, in the order in which they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::English, Self::French, Self::Spanish, Self::Arabic];

    /// Its tag (BCP 47).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Arabic => "ar",
        }
    }

    /// What it is called by who speaks it.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Arabic => "العربية",
        }
    }

    /// How link previews name it.
    pub(crate) const fn locale(self) -> &'static str {
        match self {
            Self::English => "en_GB",
            Self::French => "fr_FR",
            Self::Spanish => "es_ES",
            Self::Arabic => "ar_AR",
        }
    }

    /// Where its lines begin, as `dir` has it.
    pub(crate) const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::French | Self::Spanish => "ltr",
        }
    }

    /// All that the page says in it.
    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &texts::ENGLISH,
            Self::French => &texts::FRENCH,
            Self::Spanish => &texts::SPANISH,
            Self::Arabic => &texts::ARABIC,
        }
    }

    /// The language of a tag, whatever its region: `fr-CA` is French.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The one that an `Accept-Language` (RFC 9110, 12.5.4) likes best; English where it names none of ours.
    pub(crate) fn preferred(accepted: &str) -> Self {
        let wish = |part: &str| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok());
            Some((Self::of_tag(tag)?, quality.filter(|quality| *quality > 0.0)?))
        };
        // Of several that are liked alike the first counts.
        let wishes = accepted.split(',').filter_map(wish);
        let best = wishes.reduce(|best, wish| if wish.1 > best.1 { wish } else { best });
        best.map_or(Self::English, |(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_that_there_is() {
        for (accepted, language) in [
            ("", Language::English),
            ("fr-CA,fr;q=0.9,en;q=0.8", Language::French),
            ("de-DE,de;q=0.9,es;q=0.5,en;q=0.4", Language::Spanish),
            ("en;q=0.2, AR-eg;q=0.9", Language::Arabic),
            ("fr;q=0, es;q=0.1", Language::Spanish),
            ("en,fr", Language::English),
            ("ja,*;q=0.1", Language::English),
            ("fr;q=much, ;;,", Language::English),
        ] {
            assert_eq!(Language::preferred(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn a_tag_of_another_language_is_none_of_ours() {
        assert_eq!(Language::of_tag("ES-419"), Some(Language::Spanish));
        assert_eq!(Language::of_tag("est"), None);
        assert_eq!(Language::of_tag(""), None);
    }

    #[test]
    fn languages_stand_in_the_order_of_their_numbers() {
        for (at, language) in Language::ALL.into_iter().enumerate() {
            assert_eq!(language as usize, at);
        }
    }
}
