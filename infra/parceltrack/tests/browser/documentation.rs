//! `/docs`: the page to read the API and try it.

use browser::{Browser, Look};

use crate::Named;
use crate::world::World;

pub(crate) const TESTS: &[Named] =
    &[("documentation::the_api_can_be_tried_in_a_browser", the_api_can_be_tried)];

fn the_api_can_be_tried(world: &mut World) {
    let browser = Browser::open(&Look { height: 1600, ..Look::DESKTOP });
    browser.go(&world.at("/docs"));
    browser.until_shown(".swagger-ui", "/api/v1/tracking/{number}");
    browser.click(".opblock-summary-path[data-path='/api/v1/tracking/{number}'] a");
    browser.until("document.querySelector('tr[data-param-name=number] input:enabled')");
    browser.fill("tr[data-param-name=number] input", "738488882438");
    browser.click(".execute");
    browser.until_shown(".live-responses-table", "delivered");
    browser.expect_no_complaints();

    browser.go(&world.at("/docs/errors/PT-1001"));
    assert!(browser.text("h1").starts_with("PT-1001"));
    browser.expect_no_complaints();
}
