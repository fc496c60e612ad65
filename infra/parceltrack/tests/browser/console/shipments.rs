//! A shipment is found, its status explained, and a command sent after a second look.

use browser::Look;

use super::signed_in;
use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("console::a_shipment_is_found_and_cancelled_after_a_second_look", found_and_cancelled),
    ("console::operators_see_no_personal_data", no_personal_data),
];

fn found_and_cancelled(world: &mut World) {
    let parcel = Parcel::register(world, "CONSOLE0001", 3);
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    browser.go(&world.at("/console/shipments"));
    browser.fill("#q", &parcel.number);
    browser.click("form.search button");
    browser.until_shown("table", &parcel.number);
    browser.expect_accessible();
    browser.click("tbody th a");
    browser.until_shown("main", "Registered");
    browser.expect_accessible();
    browser.click("a[href$='/commands/cancellation']");
    browser.fill("#reason", "the customer called");
    browser.click("form.stack button");
    browser.until_shown("main", "Do this?");
    browser.expect_accessible();
    browser.click("form.row button");
    browser.until_shown("main", "Done");
    browser.until_shown("main", "Cancelled");
    browser.expect_accessible();
    browser.expect_no_complaints();
}

fn no_personal_data(world: &mut World) {
    let parcel = Parcel::register(world, "CONSOLE0002", 3);
    let operator = world.system.key(&["--name", "an operator", "--role", "operator"]);
    let browser = signed_in(world, &Look::DESKTOP, &operator);
    for page in [
        format!("/console/shipments/{}", parcel.id),
        format!("/console/events/events?shipment={}", parcel.id),
    ] {
        browser.go(&world.at(&page));
        let shown = browser.run("return document.documentElement.outerHTML", &[]);
        let shown = shown.as_str().unwrap();
        assert!(shown.contains("shop-7") || shown.contains("ShipmentRegistered"), "{page} shows nothing");
        for personal in ["Ada Example", "4915112345678"] {
            assert!(!shown.contains(personal), "{personal} on {page}");
        }
        browser.expect_no_complaints();
    }
}
