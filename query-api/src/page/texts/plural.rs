//! Which form of a noun goes with a number. Rules after Unicode CLDR, for whole numbers.

/// A form of a noun. Languages use some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arabic {
    One,
    Two,
    /// 3 to 10 of each hundred.
    Few,
    /// 11 to 99 of each hundred.
    Many,
    /// None, and full hundreds with one or two.
    Other,
}

impl Arabic {
    pub(super) const fn of(n: u64) -> Self {
        match (n, n % 100) {
            (1, _) => Self::One,
            (2, _) => Self::Two,
            (_, 3..=10) => Self::Few,
            (_, 11..=99) => Self::Many,
            _ => Self::Other,
        }
    }
}

/// English and Spanish: one, and everything else.
pub(super) fn one_or_more(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// French: none is singular, too.
pub(super) fn up_to_one_or_more(n: u64, one: &str, more: &str) -> String {
    format!("{n}\u{a0}{}", if n < 2 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_nouns_follow_the_last_two_digits() {
        for (numbers, form) in [
            (vec![1], Arabic::One),
            (vec![2], Arabic::Two),
            (vec![3, 10, 103, 1_010], Arabic::Few),
            (vec![11, 26, 99, 111, 199], Arabic::Many),
            (vec![0, 100, 101, 102, 1_000], Arabic::Other),
        ] {
            for n in numbers {
                assert_eq!(Arabic::of(n), form, "{n}");
            }
        }
    }

    #[test]
    fn none_is_singular_in_french_only() {
        assert_eq!(up_to_one_or_more(0, "jour", "jours"), "0\u{a0}jour");
        assert_eq!(up_to_one_or_more(2, "jour", "jours"), "2\u{a0}jours");
        assert_eq!(one_or_more(0, "day", "days"), "0 days");
        assert_eq!(one_or_more(1, "día", "días"), "1 día");
    }
}
