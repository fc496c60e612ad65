//! A page that stays open.

use browser::{Browser, Look};

use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("tracking::a_parcel_is_followed_to_its_door_without_a_reload", followed),
    ("tracking::a_page_that_lost_its_stream_catches_up", catches_up),
    ("tracking::a_page_that_lost_its_stream_while_it_fetched_listens_again", listens_again),
];

/// What a reload would wipe.
const MARK: &str = "window.marked = true";
const MARKED: &str = "return window.marked === true";

const NOW: &str = "[aria-current=step]";

fn followed(world: &mut World) {
    let parcel = Parcel::register(world, "FOLLOWED0001", 2);
    let browser = Browser::open(&Look::PHONE);
    browser.go(&parcel.page(world));
    browser.run(MARK, &[]);
    browser.until_shown(NOW, "Registered");
    browser.until_shown(".live", "Updates by itself");
    browser.expect_accessible();
    for (status, stage, city) in [
        ("picked_up", "Collected", "Hamburg"),
        ("in_transit", "On its way", "Hannover"),
        ("out_for_delivery", "Out for delivery", "Ulm"),
        ("delivered", "Delivered", "Neu-Ulm"),
    ] {
        parcel.scan(world, status, city, 1);
        browser.until_shown(NOW, stage);
        browser.until_shown("#parcels", city);
        browser.expect_accessible();
        browser.expect_no_sideways_scrolling();
    }
    // Nothing more will happen, so nothing more is waited for.
    browser.until("!document.querySelector('.live')");
    assert_eq!(browser.run(MARKED, &[]), true, "the page was loaded anew");
    assert!(browser.run("return document.title", &[]).as_str().unwrap().contains("Delivered"));
    browser.expect_no_complaints();
    // Names and numbers of people are nobody's business here.
    let shown = browser.run("return document.documentElement.outerHTML", &[]);
    for personal in ["Ada", "Lamp Shop", "4915112345678", "89073", "shop-7"] {
        assert!(!shown.as_str().unwrap().contains(personal), "{personal} is shown to everybody");
    }
}

fn catches_up(world: &mut World) {
    let parcel = Parcel::register(world, "CUTOFF0001", 2);
    let browser = Browser::open(&Look::DESKTOP);
    browser.go(&parcel.page(world));
    browser.run(MARK, &[]);
    browser.until_shown(".live", "Updates by itself");
    let down = world.without("query-api");
    browser.until("document.querySelector('.live.off')");
    browser.expect_accessible();
    parcel.scan(down.world(), "picked_up", "Hamburg", 1);
    drop(down);
    browser.until_shown(NOW, "Collected");
    browser.until_shown(".live", "Updates by itself");
    assert_eq!(browser.run(MARKED, &[]), true);
    browser.forgive_the_network();
}

fn listens_again(world: &mut World) {
    let parcel = Parcel::register(world, "HALFWAY0001", 2);
    let browser = Browser::open(&Look::DESKTOP);
    browser.go(&parcel.page(world));
    browser.run(MARK, &[]);
    browser.until_shown(".live", "Updates by itself");
    // An answer that doesn't come before the stream is lost, and then is none.
    let held = "const real = window.fetch;
        window.fetch = () => new Promise((_, fail) => {
            window.fail = () => { window.fetch = real; fail(new Error('lost')); };
        });";
    browser.run(held, &[]);
    parcel.scan(world, "picked_up", "Hamburg", 1);
    browser.until("window.fail");
    let down = world.without("query-api");
    browser.until("document.querySelector('.live.off')");
    browser.run("window.fail()", &[]);
    drop(down);
    browser.until_shown(NOW, "Collected");
    browser.until_shown(".live", "Updates by itself");
    assert_eq!(browser.run(MARKED, &[]), true);
    browser.forgive_the_network();
}
