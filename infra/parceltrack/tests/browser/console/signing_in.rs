//! Who comes in.

use browser::{Browser, Look};

use super::{sign_in, signed_in};
use crate::Named;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("console::who_isnt_signed_in_is_led_to_the_form_and_then_on", led_on),
    ("console::bad_credentials_are_refused_in_words", refused),
];

fn led_on(world: &mut World) {
    let browser = Browser::open(&Look::PHONE);
    browser.go(&world.at("/console/services"));
    browser.until("location.pathname === '/console/sign-in'");
    browser.expect_accessible();
    browser.expect_reached_by_keyboard();
    browser.expect_no_sideways_scrolling();
    browser.expect_no_complaints();
    sign_in(&browser, world.admin());
    browser.until("location.pathname === '/console/services'");
    // Scripts don't get at the cookie.
    assert_eq!(browser.run("return document.cookie", &[]), "");
    browser.click(".who form button");
    browser.until("location.pathname === '/console/sign-in'");
    browser.go(&world.at("/console"));
    browser.until("location.pathname === '/console/sign-in'");
    browser.expect_no_complaints();
}

fn refused(world: &mut World) {
    let reader = world.system.key(&["--name", "a reader", "--role", "reader", "--customer", "shop-7"]);
    let browser = Browser::open(&Look::DESKTOP);
    for (credential, status, said) in [
        ("nonsense", 401, "not good"),
        ("<script>alert(1)</script>", 401, "no key or token"),
        (reader.as_str(), 403, "Not for this role"),
    ] {
        browser.go(&world.at("/console/sign-in"));
        sign_in(&browser, credential);
        browser.until_shown("[role=alert]", said);
        browser.forgive(&format!("a status of {status}"));
        browser.expect_accessible();
    }
    // What came with a page isn't left in it.
    let shown = browser.run("return document.documentElement.outerHTML", &[]);
    assert!(!shown.as_str().unwrap().contains(&reader));
    drop(signed_in(world, &Look::DESKTOP, world.admin()));
}
