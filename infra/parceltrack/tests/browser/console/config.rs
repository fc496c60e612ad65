//! A setting is changed, is in force, and is taken back.

use browser::Look;

use super::signed_in;
use crate::Named;
use crate::system::eventually;
use crate::world::World;

pub(crate) const TESTS: &[Named] =
    &[("console::a_setting_is_changed_and_rolled_back", changed_and_rolled_back)];

const SETTING: &str = "query_api.min_version_wait_ms";

fn changed_and_rolled_back(world: &mut World) {
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    let page = world.at(&format!("/console/config/{SETTING}"));
    browser.go(&page);
    browser.fill("#value", "never");
    browser.fill("#reason", "a bad value");
    browser.click("button[value=check]");
    browser.until_shown("[role=alert]", "");
    assert!(
        browser.run("return document.querySelector('#value').value", &[]) == "never",
        "what was typed stays"
    );
    browser.expect_accessible();
    browser.complaints();

    for value in ["1234", "2345"] {
        browser.go(&page);
        browser.fill("#value", value);
        browser.fill("#reason", "to see it change");
        browser.click("button[value=check]");
        browser.until_shown(".review ins", value);
        browser.expect_accessible();
        browser.click("button[value=set]");
        browser.until_shown("main", "Done");
        browser.until_shown("#in-force", "in force everywhere");
        assert_eq!(world.setting(SETTING), value);
    }
    browser.expect_no_complaints();

    browser.go(&world.at("/console/config-history"));
    browser.expect_accessible();
    // Back to before the last change.
    browser.click("tbody tr:first-child a[href*='from=']");
    browser.until_shown("h1", "Back to version");
    browser.expect_accessible();
    browser.fill("#reason", "it was better before");
    browser.click("form.stack button");
    browser.until_shown("main", "It is as it was");
    eventually("the value before counts again", || world.setting(SETTING) == "1234");
    browser.expect_no_complaints();
}
