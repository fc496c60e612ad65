//! An instance is taken out, and put back.

use browser::Look;

use super::signed_in;
use crate::Named;
use crate::world::World;

pub(crate) const TESTS: &[Named] =
    &[("console::an_instance_is_taken_out_and_put_back", taken_out_and_put_back)];

fn taken_out_and_put_back(world: &mut World) {
    let browser = signed_in(world, &Look::PHONE, world.admin());
    browser.go(&world.at("/console/services"));
    browser.click("a[href^='/console/services/projector/']");
    browser.until_shown("main", "Lease");
    browser.click("details.act summary");
    browser.fill("#reason", "to see it go");
    browser.expect_accessible();
    browser.click("details.act button");
    browser.until_shown("main", "It is taken out");
    browser.until_shown("#instance", "OUT_OF_SERVICE");
    browser.expect_accessible();
    browser.click("form.stack button");
    browser.until_shown("main", "It is put back");
    browser.until_shown("#instance", "UP");
    browser.expect_no_complaints();
}
