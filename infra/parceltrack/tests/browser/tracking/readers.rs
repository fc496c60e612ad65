//! Who reads: in four languages, in the dark, without scripts, without a mouse.

use browser::{Browser, Look};

use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("tracking::it_speaks_four_languages", languages),
    ("tracking::it_is_dark_for_who_wants_it_dark", dark),
    ("tracking::it_works_without_scripts", without_scripts),
];

fn languages(world: &mut World) {
    let parcel = Parcel::register(world, "LANGUAGE0001", 3);
    parcel.scan(world, "delayed", "Kassel", 5);
    let browser = Browser::open(&Look::PHONE);
    let mut headings = Vec::new();
    for (asks_for, language, direction) in [
        ("en-GB,en", "en", "ltr"),
        ("fr-CA,fr", "fr", "ltr"),
        ("es-MX,es", "es", "ltr"),
        ("ar-EG,ar", "ar", "rtl"),
        ("ja", "en", "ltr"),
    ] {
        browser.look(&Look { language: asks_for, ..Look::PHONE });
        browser.go(&parcel.page(world));
        let document = "return [document.documentElement.lang, getComputedStyle(document.body).direction]";
        assert_eq!(browser.run(document, &[]), serde_json::json!([language, direction]), "{asks_for}");
        headings.push(browser.text("#parcels h2"));
        browser.expect_accessible();
        browser.expect_no_sideways_scrolling();
        browser.expect_no_complaints();
    }
    assert_eq!(headings[0], headings[4], "who reads none of them gets English");
    headings.sort();
    headings.dedup();
    assert_eq!(headings.len(), 4, "{headings:?}");
    // A choice holds against what the browser asks for, and on the pages that follow.
    browser.click("nav a[hreflang=ar]");
    browser.until("document.documentElement.lang === 'ar'");
    browser.fill("#numbers", &parcel.number);
    // The page that follows is the same, but for this.
    browser.run("window.marked = true", &[]);
    browser.click("form button");
    browser.until("!window.marked && document.documentElement.lang === 'ar'");
    browser.expect_reached_by_keyboard();
    browser.expect_no_complaints();
}

fn dark(world: &mut World) {
    const BRIGHTNESS: &str =
        "return getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3)
        .reduce((sum, part) => sum + Number(part), 0) / 3";
    let parcel = Parcel::register(world, "DARK0001", 3);
    parcel.scan(world, "attempt_failed", "Kassel", 5);
    let browser = Browser::open(&Look { dark: true, ..Look::PHONE });
    browser.go(&parcel.page(world));
    assert!(browser.run(BRIGHTNESS, &[]).as_f64().unwrap() < 64.0);
    browser.expect_accessible();
    browser.look(&Look::PHONE);
    browser.go(&parcel.page(world));
    assert!(browser.run(BRIGHTNESS, &[]).as_f64().unwrap() > 192.0);
    browser.expect_accessible();
    browser.expect_no_complaints();
}

fn without_scripts(world: &mut World) {
    let parcel = Parcel::register(world, "NOSCRIPT0001", 3);
    let browser = Browser::open(&Look { scripts: false, ..Look::PHONE });
    browser.go(&world.at("/track"));
    browser.fill("#numbers", &parcel.number);
    browser.click("form button");
    browser.until_shown("[aria-current=step]", "Registered");
    assert_eq!(browser.count(".live"), 0, "nothing is promised that only a script keeps");
    parcel.scan(world, "in_transit", "Kassel", 1);
    let read = format!("/api/v1/shipments/{}?min_version=2", parcel.id);
    assert_eq!(world.system.http.get(world.at(&read)).send().unwrap().status(), 200);
    browser.go(&parcel.page(world));
    assert!(browser.text("[aria-current=step]").starts_with("On its way"));
    browser.expect_no_complaints();
}
