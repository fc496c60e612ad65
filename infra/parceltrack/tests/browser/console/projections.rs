//! The views are built anew and dropped again; what could not be read is tried again, and given up.

use std::io::Write;
use std::process::{Command, Stdio};

use browser::{Browser, Look};

use super::signed_in;
use crate::Named;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[
    ("console::the_views_are_built_anew_and_what_was_before_is_dropped", rebuilt),
    ("console::a_dead_letter_is_retried_and_another_discarded", letters),
];

fn rebuilt(world: &mut World) {
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    browser.go(&world.at("/console/projections"));
    browser.until_shown("#generations", "Generation 1");
    begin(&browser, "rebuild");
    // Seen without a reload, however long it takes.
    browser.until_shown("#works", "Done:");
    browser.until_shown("#generations", "Generation 2");
    browser.expect_accessible();
    let live = "[...document.querySelectorAll('#generations h2')].find(h => h.innerText.includes('live'))?.innerText";
    browser.until(&format!("{live}.includes('Generation 2')"));
    for (act, now) in
        [("flip-back", "Generation 1"), ("flip-back", "Generation 2"), ("drop-old", "Generation 2")]
    {
        browser.go(&world.at("/console/projections"));
        begin(&browser, act);
        browser.until(&format!("{live}.includes('{now}')"));
        browser.until_shown("#works", "Done:");
    }
    browser.until("!document.querySelector('#generations').innerText.includes('Generation 1')");
    browser.expect_accessible();
    browser.expect_no_complaints();
}

/// By its second click.
fn begin(browser: &Browser, act: &str) {
    browser.click(&format!("details:has(button[value={act}]) summary"));
    browser.click(&format!("button[value={act}]"));
    browser.until("location.pathname === '/console/projections'");
}

fn letters(world: &mut World) {
    const LETTERS: &str = "/console/projections/dead-letters";
    post_rubbish(world);
    let browser = signed_in(world, &Look::PHONE, world.admin());
    let listed = || {
        crate::system::eventually("the letter is listed", || {
            browser.go(&world.at(LETTERS));
            browser.count("tbody tr") == 1
        });
        browser.text("tbody th a")
    };
    let first = listed();
    browser.expect_accessible();
    browser.expect_no_sideways_scrolling();
    browser.click("tbody th a");
    browser.until_shown("h1", &first);
    browser.expect_accessible();
    browser.expect_no_sideways_scrolling();
    browser.click("button[value=retry]");
    browser.until_shown("main", "Retried");
    browser.expect_accessible();
    // It is as bad as before, so it is parked again, elsewhere.
    let second = listed();
    assert_ne!(first, second);
    browser.click("tbody th a");
    browser.until_shown("h1", &second);
    browser.click("details:has(button[value=discard]) summary");
    browser.fill("#reason", "only an example");
    browser.click("button[value=discard]");
    browser.until_shown("main", "Discarded");
    browser.until_shown("main", "No dead letters");
    browser.expect_accessible();
    browser.expect_no_complaints();
}

/// As somebody else's program may.
fn post_rubbish(world: &World) {
    let kafka = world.system.endpoints.kafka.as_deref().expect("Kafka's address");
    let topic = world.system.topic("shipment.commands.v1");
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-q", "-b", kafka, "-t", &topic, "-k", "nobody"]).stdin(Stdio::piped());
    let mut kcat = kcat.spawn().expect("kcat is installed (infra/scripts/prerequisites.sh test)");
    kcat.stdin.take().unwrap().write_all(b"not a command").unwrap();
    assert!(kcat.wait().unwrap().success());
}
