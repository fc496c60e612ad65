//! The event store, followed.

use browser::Look;

use super::signed_in;
use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[("console::what_is_written_comes_onto_a_page_that_follows", followed)];

fn followed(world: &mut World) {
    let parcel = Parcel::register(world, "CONSOLE0003", 3);
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    browser.go(&world.at(&format!("/console/events/events?shipment={}", parcel.id)));
    browser.until_shown("tbody", "ShipmentRegistered");
    browser.click("a[href*='follow=1']");
    browser.until_shown("[data-following]", "Following.");
    browser.run("window.stayed = true", &[]);
    parcel.scan(world, "in_transit", "Hannover", 5);
    browser.until_shown("tbody[data-stream]", "ScanRecorded");
    // The page wasn't loaded anew.
    browser.until("window.stayed");
    assert_eq!(browser.count("tbody[data-stream] tr"), 2);
    browser.expect_accessible();
    browser.expect_no_complaints();
}
