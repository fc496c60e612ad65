//! Every page: with data, without, with what is behind it away; wide, narrow and dark; for eyes, ears and fingers.

use std::collections::BTreeSet;

use browser::Look;

use super::signed_in;
use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("console::pages_with_data_hinder_nobody", with_data),
    ("console::pages_with_nothing_to_show_say_so", empty),
    ("console::pages_whose_service_is_away_say_so", away),
];

/// Each page with something on it, and what shows that. `{id}` is a shipment's.
const PAGES: [(&str, &str); 13] = [
    ("/console", "#counts"),
    ("/console/shipments", "tbody tr"),
    ("/console/shipments/{id}", "h1"),
    ("/console/shipments/{id}/commands/scan", "form.stack"),
    ("/console/shipments/{id}/commands/amendment", "form.stack"),
    ("/console/events", "tbody tr"),
    ("/console/events/audit", "tbody tr"),
    ("/console/projections", "#generations .card"),
    ("/console/projections/dead-letters", ".empty"),
    ("/console/services", "tbody tr"),
    ("/console/config", "tbody tr"),
    ("/console/config/query_api.min_version_wait_ms", "form.stack"),
    ("/console/config-history", "main"),
];

/// Each page without, and what it says then.
const EMPTY: [(&str, &str); 5] = [
    ("/console/shipments?customer=nobody", "No shipments"),
    ("/console/events/events?shipment=00000000-0000-4000-8000-000000000000", "Nothing"),
    ("/console/projections/dead-letters", "No dead letters"),
    ("/console/config?q=nothing-is-called-so", "Nothing of that name"),
    ("/console/config-history?application=nobody", "Nothing was ever changed here"),
];

/// Each page, the role that it needs, and what it is answered with while that is away. Of a shipment the log knows enough for a page.
const BEHIND: [(&str, &str, u16); 4] = [
    ("/console/shipments", "query-api", 200),
    ("/console/shipments/{id}", "query-api", 200),
    ("/console/config", "config-service", 503),
    ("/console/config-history", "config-service", 503),
];

fn with_data(world: &mut World) {
    let parcel = Parcel::register(world, "EVERYPAGE0001", 3);
    parcel.scan(world, "in_transit", "Hannover", 5);
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    let mut found = BTreeSet::new();
    for (page, sign) in PAGES {
        let page = world.at(&page.replace("{id}", &parcel.id));
        for look in [Look::DESKTOP, Look::PHONE, Look { dark: true, ..Look::PHONE }] {
            browser.look(&look);
            browser.go(&page);
            browser.until(&format!("document.querySelector('{sign}')"));
            found.extend(browser.inaccessible().into_iter().map(|found| format!("{page}: {found}")));
            browser.expect_no_sideways_scrolling();
        }
        // What is live is exchanged every two seconds, and with it what the check has numbered.
        if browser.count("[data-pause]:not([hidden])") == 1 {
            browser.click("[data-pause]");
        }
        browser.expect_reached_by_keyboard();
        browser.expect_no_complaints();
    }
    // All at once: one often has the cause of another.
    assert!(found.is_empty(), "{found:#?}");
    // A record, whole: the newest stands above.
    browser.go(&world.at(&format!("/console/events/events?shipment={}", parcel.id)));
    browser.click("tbody th a, tbody td a");
    browser.until_shown("main", "ScanRecorded");
    browser.expect_accessible();
    browser.expect_no_sideways_scrolling();
    browser.expect_no_complaints();
}

fn empty(world: &mut World) {
    let browser = signed_in(world, &Look::PHONE, world.admin());
    for (page, said) in EMPTY {
        browser.go(&world.at(page));
        browser.until_shown("main", said);
        browser.expect_accessible();
        browser.expect_no_sideways_scrolling();
        browser.expect_no_complaints();
    }
    browser.go_to(&world.at("/console/nothing-here"), 404);
    browser.until_shown("main", "There is no such page");
    browser.expect_accessible();
}

fn away(world: &mut World) {
    let parcel = Parcel::register(world, "EVERYPAGE0002", 3);
    for (page, role, status) in BEHIND {
        let browser = signed_in(world, &Look::PHONE, world.admin());
        let down = world.without(role);
        let page = down.world().at(&page.replace("{id}", &parcel.id));
        browser.go_to(&page, status);
        browser.until("document.querySelector('main [role=alert]')");
        browser.expect_accessible();
        browser.expect_no_sideways_scrolling();
        drop(down);
        // It asks again by itself.
        browser.until("!document.querySelector('main [role=alert]')");
        browser.forgive_the_network();
    }
}
