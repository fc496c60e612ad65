//! Parcels that were found, and numbers that weren't.

use super::*;
use crate::page::MOST;

#[test]
fn a_parcel_on_its_way_says_where_it_is_and_how_it_came_there() {
    let page = page(parcel(Status::OutForDelivery));
    let text = text(&page);
    for told in [
        "Parcel RR123456785DE",
        "Out for delivery Wednesday 4 March 2026, 09:30 UTC+1 Ulm, Germany",
        "The parcel is in the vehicle of the courier who delivers it.",
        "Registered, done Collected, done On its way, done Out for delivery, now Delivered, still to come",
        "Promised for Thursday 5 March 2026 tomorrow",
        "From Hamburg, Germany To Ulm, Germany Carrier DHL Paket",
        "Tuesday 3 March 2026 23:10 UTC+1 On its way Kassel, Germany",
        "Sunday 1 March 2026 10:00 UTC Registered",
        "As of Wednesday 4 March 2026, 12:00 UTC",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(page.contains(r#"<time datetime="2026-03-03T23:10:00+01:00">"#), "{page}");
    assert_eq!(page.matches("aria-current=\"step\"").count(), 1);
}

#[test]
fn every_status_is_told_in_every_language_with_what_to_do() {
    for status in Status::ALL {
        for language in Language::ALL {
            let page = page_of(&[looked(vec![parcel(status)])], &reader(language));
            let said = (language.texts().status)(status);
            let text = text(&page);
            assert!(page.contains(&format!("<h2>{}</h2>", said.name)), "{language:?} {status}");
            assert!(text.contains(said.means), "{language:?} {status}: {text}");
            let advised = said.advice.iter().all(|advice| text.contains(advice));
            assert!(advised, "{language:?} {status}: {text}");
            assert_eq!(text.contains(language.texts().advice), !said.advice.is_empty(), "{text}");
        }
    }
}

#[test]
fn a_promise_is_told_as_it_stands() {
    let told = |status, promised: &str| {
        let mut view = parcel(status);
        view.promised_delivery = Some(promised.to_owned());
        text(&page(view))
    };
    for (status, promised, expected) in [
        (Status::InTransit, "2026-03-04", "Wednesday 4 March 2026 today"),
        (Status::InTransit, "2026-03-07", "Saturday 7 March 2026 in 3 days"),
        (Status::InTransit, "2026-03-03", "Tuesday 3 March 2026 1 day late"),
        (Status::Delivered, "2026-03-04", "Wednesday 4 March 2026 delivered on time"),
        (Status::Delivered, "2026-03-02", "Monday 2 March 2026 delivered 2 days late"),
        (Status::Cancelled, "2026-03-02", "Promised for Monday 2 March 2026 From"),
    ] {
        let text = told(status, promised);
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let arabic = page_of(&[looked(vec![parcel(Status::InTransit)])], &reader(Language::Arabic));
    assert!(text(&arabic).contains("الخميس، 5 مارس 2026 غدًا"), "{arabic}");
}

#[test]
fn the_day_is_that_of_where_the_parcel_is() {
    // It is noon in Greenwich, and tomorrow in Auckland already.
    let mut view = TrackingView::sample(&[("2026-03-04T20:00:00+13:00", Status::InTransit, "Auckland")]);
    view.promised_delivery = Some("2026-03-04".to_owned());
    assert!(text(&page(view)).contains("1 day late"));
}

#[test]
fn a_page_listens_as_long_as_something_may_happen() {
    let open = page(parcel(Status::InTransit));
    assert!(open.contains(r#"data-version="4" data-live="/track/live?number=RR123456785DE""#), "{open}");
    assert!(!page(parcel(Status::Delivered)).contains("data-live"));
    let mut archived = parcel(Status::InTransit);
    archived.archived = true;
    let archived = page(archived);
    assert!(!archived.contains("data-live"));
    assert!(archived.contains("record is closed"));
}

#[test]
fn each_parcel_of_a_number_used_again_is_shown() {
    let both = looked(vec![parcel(Status::InTransit), parcel(Status::Returned)]);
    let page = page_of(&[both], &reader(Language::English));
    assert_eq!(page.matches("<article").count(), 2);
    let text = text(&page);
    assert!(text.contains("An earlier parcel with this number"), "{text}");
    assert!(text.find("On its way").unwrap() < text.find("Returned to the sender").unwrap(), "{text}");
    assert!(page.contains(r#"data-version="8""#));
}

#[test]
fn several_numbers_are_told_in_brief() {
    let mut second = parcel(Status::Delivered);
    second.tracking_number = Some("B 2".to_owned());
    let several = [
        looked(vec![parcel(Status::Lost)]),
        Looked { number: "b2".to_owned(), found: Found::Parcels(vec![second]) },
        Looked { number: "nobody".to_owned(), found: Found::Nothing },
    ];
    let (status, page) = found(&several, true, &reader(Language::English));
    let (page, shown) = (page.clone().into_string(), text(&page.into_string()));
    assert_eq!(status, StatusCode::OK);
    for told in
        ["3 tracking numbers", "RR123456785DE Not found", "B 2 Delivered", "nobody No parcel has this number"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(page.contains(r#"href="/track/b2""#), "{page}");
    assert!(shown.contains(&format!("first {MOST} numbers")));
    assert!(page.contains("number=RR123456785DE&amp;number=b2&amp;number=nobody"), "{page}");
    assert!(page.contains(r#"data-says="B 2: Delivered""#));
}

#[test]
fn a_number_that_no_parcel_has_may_be_corrected() {
    for (found_nothing, expected, title) in [
        (Found::Nothing, StatusCode::NOT_FOUND, "No parcel has this number"),
        (Found::Malformed, StatusCode::BAD_REQUEST, "That is not a tracking number"),
    ] {
        let looked = Looked { number: "<b>\"x\"</b>".to_owned(), found: found_nothing };
        let (status, page) = found(&[looked], false, &reader(Language::English));
        let page = page.into_string();
        assert_eq!(status, expected);
        assert!(page.contains(&format!("<h2>{title}</h2>")), "{page}");
        assert!(page.contains(r#"value="&lt;b&gt;&quot;x&quot;&lt;/b&gt;""#), "{page}");
        assert!(!page.contains("<b>\"") && !page.contains("data-live"), "{page}");
    }
}
