//! Carriers by the names that people know.

/// Words that are not written with one capital letter in front.
const WRITTEN: [(&str, &str); 14] = [
    ("cdek", "CDEK"),
    ("cj", "CJ"),
    ("dhl", "DHL"),
    ("dpd", "DPD"),
    ("fedex", "FedEx"),
    ("gls", "GLS"),
    ("inpost", "InPost"),
    ("laposte", "La Poste"),
    ("ontrac", "OnTrac"),
    ("postnl", "PostNL"),
    ("tnt", "TNT"),
    ("ups", "UPS"),
    ("usps", "USPS"),
    ("yto", "YTO"),
];

/// A carrier's short name, as `royal-mail`, the way it is written on its vans. Whoever brought its scans, as in
/// `easypost:usps`, is left out.
pub(crate) fn name(short: &str) -> String {
    let own = short.rsplit(':').next().unwrap_or(short);
    let words = own.split(['-', '_', ' ']).filter(|part| !part.is_empty());
    words.map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    if let Some((_, written)) = WRITTEN.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
        return (*written).to_owned();
    }
    // A country, as in `post-at`.
    if word.len() == 2 {
        return word.to_ascii_uppercase();
    }
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn carriers_are_called_as_they_call_themselves() {
        for (short, called) in [
            ("dhl-paket", "DHL Paket"),
            ("easypost:usps", "USPS"),
            ("royal-mail", "Royal Mail"),
            ("post-at", "Post AT"),
            ("Ålandsposten", "Ålandsposten"),
            ("", ""),
        ] {
            assert_eq!(name(short), called);
        }
    }
}
