//! `/console`: the pages for operators and admins.

mod config;
mod events;
mod pages;
mod projections;
mod services;
mod shipments;
mod signing_in;

use browser::{Browser, Look};

use crate::Named;
use crate::world::World;

pub(crate) const TESTS: &[&[Named]] = &[
    signing_in::TESTS,
    pages::TESTS,
    shipments::TESTS,
    events::TESTS,
    projections::TESTS,
    services::TESTS,
    config::TESTS,
];

/// A browser that is signed in, as whoever has these credentials.
pub(crate) fn signed_in(world: &World, look: &Look, credential: &str) -> Browser {
    let browser = Browser::open(look);
    browser.go(&world.at("/console/sign-in"));
    sign_in(&browser, credential);
    browser.until("location.pathname === '/console'");
    browser
}

/// Fills in the form that is shown.
fn sign_in(browser: &Browser, credential: &str) {
    browser.fill("#credential", credential);
    browser.click("form.stack button");
}
