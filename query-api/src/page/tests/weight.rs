//! The page is light: all that a browser fetches for it, uncompressed.

use super::*;
use crate::page::{ASSETS, MOST};
use crate::view::PublicPlace;

const MOST_BYTES: usize = 50_000;

fn weight(page: &str) -> usize {
    page.len() + ASSETS.iter().map(http_api::html::Asset::len).sum::<usize>()
}

/// A parcel with more steps than any, at places with long names, each on a day of its own.
fn long() -> TrackingView {
    let local: Vec<String> = (0..900)
        .map(|n| format!("20{:02}-{:02}-{:02}T08:00:00+03:00", 40 - n / 336, 12 - n / 28 % 12, 28 - n % 28))
        .collect();
    let steps: Vec<_> = local
        .iter()
        .map(|local| {
            (
                local.as_str(),
                Status::AttemptFailed,
                "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
            )
        })
        .collect();
    let mut view = TrackingView::sample(&steps);
    for step in &mut view.events {
        let place =
            step.place.get_or_insert(PublicPlace { facility: None, city: None, region: None, country: None });
        place.facility = Some("International Parcel Distribution Centre North-East 7".to_owned());
    }
    view
}

#[test]
fn a_page_with_all_that_it_needs_is_below_50_kb() {
    for language in Language::ALL {
        let reader = reader(language);
        let ten = looked(vec![long(); 10]);
        let brief: Vec<Looked> = std::iter::repeat_with(|| looked(vec![long()])).take(MOST).collect();
        for (page, what) in [
            (page_of(&[looked(vec![parcel(Status::AttemptFailed)])], &reader), "usual"),
            (page_of(&[looked(vec![long()])], &reader), "a thousand steps"),
            (page_of(&brief, &reader), "as many numbers as there may be"),
            (page_of(&[ten], &reader), "ten parcels with one number"),
        ] {
            let weight = weight(&page);
            println!("{language:?}, {what}: {weight} bytes");
            assert!(weight < MOST_BYTES, "{language:?}, {what}: {weight} bytes");
        }
    }
}

#[test]
fn all_steps_are_there_for_who_asks_for_them() {
    let mut reader = reader(Language::English);
    let steps = |page: &str| page.matches("<time datetime=\"20").count();
    let page = page_of(&[looked(vec![long()])], &reader);
    assert!(page.contains(r#"href="/track/RR123456785DE?steps=all">Show all 900 steps"#), "{page}");
    assert!((40..50).contains(&steps(&page)));
    reader.all_steps = true;
    let all = page_of(&[looked(vec![long()])], &reader);
    assert!(steps(&all) >= 900 && !all.contains("Show all"));
}
