//! What the page shows of each parcel, and where there is none.

use browser::{Browser, Look};
use shipment_events::Status;

use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("tracking::every_status_is_told_and_hinders_nobody", every_status),
    ("tracking::a_number_that_nobody_has_is_said_to_be_none", nobody_has_it),
    ("tracking::several_numbers_are_asked_for_in_one_field", several),
    ("tracking::a_page_is_light_and_seen_at_once", light),
];

/// Delivered long ago; `make run` shows it off.
const SAMPLE: &str = "738488882438";

/// All that a page takes, in bytes.
const LIGHT: u64 = 50_000;

fn every_status(world: &mut World) {
    let browser = Browser::open(&Look::PHONE);
    for (n, status) in Status::ALL.into_iter().enumerate() {
        let parcel = Parcel::register(world, &format!("STATUS{n:06}"), -2);
        if status.can_be_scanned() {
            parcel.scan(world, status.as_str(), "Hannover", 5);
        }
        let read =
            format!("/api/v1/shipments/{}?min_version={}", parcel.id, 1 + i32::from(status.can_be_scanned()));
        assert_eq!(world.system.http.get(world.at(&read)).send().unwrap().status(), 200);
        browser.go(&parcel.page(world));
        assert!(!browser.text("#parcels h2").is_empty() && !browser.text(".means").is_empty(), "{status}");
        browser.expect_accessible();
        browser.expect_no_sideways_scrolling();
        browser.expect_no_complaints();
    }
    browser.expect_reached_by_keyboard();
}

fn nobody_has_it(world: &mut World) {
    let browser = Browser::open(&Look::PHONE);
    browser.go(&world.at("/track"));
    browser.expect_accessible();
    browser.expect_reached_by_keyboard();
    browser.fill("#numbers", "NOBODYHASIT1");
    browser.click("form button");
    browser.until_shown("h2", "No parcel has this number");
    browser.forgive("404");
    assert!(browser.address().contains("NOBODYHASIT1"), "{}", browser.address());
    browser.expect_accessible();
    browser.expect_no_sideways_scrolling();
    // Somebody else's mark-up is text.
    browser.go_to(&world.at("/track?numbers=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"), 404);
    browser.until_shown("main", "<img src=x onerror=alert(1)>");
    assert_eq!(browser.count("img"), 0);
    browser.go_to(&world.at(&format!("/track/{}", "A".repeat(65))), 400);
    browser.until_shown("h2", "That is not a tracking number");
    browser.expect_accessible();
    browser.expect_no_complaints();
}

fn several(world: &mut World) {
    let parcel = Parcel::register(world, "SEVERAL0001", 1);
    let browser = Browser::open(&Look::DESKTOP);
    browser.go(&world.at("/track"));
    browser.fill("#numbers", &format!("{SAMPLE}, {}, NOBODYHASIT2", parcel.number));
    browser.click("form button");
    browser.until("document.querySelectorAll('#parcels > *').length === 3");
    for shown in
        [SAMPLE, &parcel.number, "NOBODYHASIT2", "Delivered", "Registered", "No parcel has this number"]
    {
        browser.until_shown("#parcels", shown);
    }
    browser.expect_accessible();
    // Any of them may change.
    browser.until_shown(".live", "Updates by itself");
    parcel.scan(world, "in_transit", "Kassel", 1);
    browser.until_shown("#parcels", "Kassel");
    browser.expect_no_complaints();
}

fn light(world: &mut World) {
    let browser = Browser::open(&Look::PHONE);
    // The first page of a new process is another matter.
    browser.go(&world.at("/track"));
    browser.go(&world.at(&format!("/track/{SAMPLE}?steps=all")));
    let again = browser.load();
    let fresh = Browser::open(&Look::PHONE);
    fresh.go(&world.at(&format!("/track/{SAMPLE}?steps=all")));
    let load = fresh.load();
    eprintln!(
        "the tracking page: {} bytes in {} files, first paint after {:.0} ms; {} bytes and {:.0} ms with its files kept from before",
        load.bytes(),
        load.parts.len(),
        load.first_paint_ms,
        again.bytes(),
        again.first_paint_ms
    );
    assert!(load.bytes() < LIGHT, "{load:#?}");
    assert!(
        load.parts.len() >= 3 && load.parts.iter().all(|part| part.url.starts_with(&world.at("/"))),
        "{load:#?}"
    );
    // What is kept isn't fetched again.
    assert!(again.bytes() < load.bytes(), "{again:#?}");
    fresh.expect_no_complaints();
}
