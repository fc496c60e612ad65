//! What is the same on every page.

use super::*;
use crate::page::{away, start};

/// One page of each kind.
fn all(reader: &Reader) -> Vec<String> {
    let numbers = [NUMBER.to_owned()];
    let nothing = || Looked { number: "x".to_owned(), found: Found::Nothing };
    vec![
        start(reader).into_string(),
        away(&numbers, reader).into_string(),
        page_of(&[looked(vec![parcel(Status::AttemptFailed), parcel(Status::Delivered)])], reader),
        page_of(&[nothing()], reader),
        page_of(&[nothing(), looked(vec![parcel(Status::Customs)])], reader),
    ]
}

#[test]
fn every_page_is_in_one_language_with_one_heading_and_nothing_inline() {
    for language in Language::ALL {
        for page in all(&reader(language)) {
            let root = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.direction());
            assert!(page.contains(&root), "{page}");
            assert_eq!(page.matches("<h1").count(), 1, "{page}");
            assert_eq!(page.matches("<main").count(), 1, "{page}");
            for inline in ["style=", "onclick", "onload", "<style", "javascript:", "http://", "https://"] {
                assert!(!page.contains(inline), "{inline}: {page}");
            }
            assert_eq!(page.matches("<script").count(), 1);
            assert!(page.contains(" defer></script>"));
        }
    }
}

#[test]
fn each_language_is_a_link_to_the_same_page() {
    let looked =
        [looked(vec![parcel(Status::InTransit)]), Looked { number: "b c".into(), found: Found::Nothing }];
    let page = page_of(&looked, &reader(Language::French));
    for language in Language::ALL {
        let link = format!("href=\"/track?numbers={NUMBER}%2Cb+c&amp;lang={}\"", language.tag());
        assert!(page.contains(&link), "{link}: {page}");
    }
    assert_eq!(page.matches("aria-current=\"true\"").count(), 1);
    assert!(page.contains("hreflang=\"fr\" dir=\"ltr\" aria-current=\"true\">Français"), "{page}");
}

#[test]
fn a_language_that_was_chosen_stays() {
    let mut chosen = reader(Language::Spanish);
    assert!(!all(&chosen).concat().contains("name=\"lang\""));
    chosen.chosen = true;
    for page in all(&chosen) {
        assert!(page.contains(r#"<input type="hidden" name="lang" value="es">"#), "{page}");
        assert!(page.contains(r#"href="/track?lang=es""#), "{page}");
    }
}

#[test]
fn a_link_to_a_parcel_previews_where_it_is() {
    let mut reader = reader(Language::English);
    reader.origin = Some("https://track.example".to_owned());
    let page = page_of(&[looked(vec![parcel(Status::OutForDelivery)])], &reader);
    for tag in [
        "<title>Out for delivery · RR123456785DE</title>",
        r#"<meta property="og:title" content="Out for delivery · RR123456785DE">"#,
        r#"<meta property="og:description" content="The parcel is in the vehicle of the courier who delivers it. · Ulm, Germany · Promised for Thursday 5 March 2026">"#,
        r#"<meta property="og:url" content="https://track.example/track/RR123456785DE">"#,
        r#"<meta property="og:locale" content="en_GB">"#,
        r#"<meta property="og:locale:alternate" content="ar_AR">"#,
        r#"<meta name="robots" content="noindex">"#,
    ] {
        assert!(page.contains(tag), "{tag}: {page}");
    }
}
